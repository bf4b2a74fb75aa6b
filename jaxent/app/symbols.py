r"""Mathematics as plain text and as HTML: what papers write :math:`\gamma_A` is γ_A on a screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Context
from fractions import Fraction
from math import inf, nextafter
from typing import NamedTuple

_SYMBOLS = {
    r"\lesssim": "≲", r"\ll": "≪", r"\le": "≤", r"\ge": "≥", r"\to": "→", r"\pm": "±",
    r"\infty": "∞", r"\rangle": "⟩", r"\langle": "⟨", r"\times": "×", r"\cdot": "·",
    r"\alpha": "α", r"\beta": "β", r"\gamma": "γ", r"\Gamma": "Γ", r"\delta": "δ",
    r"\Delta": "Δ", r"\epsilon": "ε", r"\varepsilon": "ε", r"\eta": "η", r"\theta": "θ",
    r"\kappa": "κ", r"\lambda": "λ", r"\mu": "μ", r"\nu": "ν", r"\rho": "ρ", r"\sigma": "σ",
    r"\tau": "τ", r"\phi": "φ", r"\varphi": "φ", r"\chi": "χ", r"\psi": "ψ", r"\omega": "ω",
    r"\Omega": "Ω",
}  # fmt: skip

_COMMAND = re.compile("|".join(re.escape(c) for c in sorted(_SYMBOLS, key=len, reverse=True)))
_DIGITS = 9
_FORMULA = re.compile(r"\$([^$]*)\$")
_RAISED = re.compile(r"([_^])(\{(?:[^{}]|\{[^{}]*\})*\}|\\[A-Za-z]+|[^\s{}])")


class Piece(NamedTuple):
    """A stretch of text on one level: ``"base"``, ``"sub"`` or ``"sup"``."""

    text: str
    level: str


def spelled(text: str) -> str:
    r"""The text with the commands of mathematics that have a symbol in its place.

    >>> spelled(r"g \lesssim \gamma_A")
    'g ≲ γ_A'
    """
    return _COMMAND.sub(lambda match: _SYMBOLS[match.group()], text)


def pieces(text: str) -> Iterator[Piece]:
    r"""A text in which ``$...$`` is mathematics, as stretches to be set on their levels.

    Whatever is not understood is left as it stands.

    >>> list(pieces(r"rate $\gamma_A$"))
    [Piece(text='rate ', level='base'), Piece(text='γ', level='base'), Piece(text='A', level='sub')]
    """
    end = 0
    for formula in _FORMULA.finditer(text):
        yield from _stretch(text[end : formula.start()])
        yield from _formula(formula.group(1))
        end = formula.end()
    yield from _stretch(text[end:])


def _formula(text: str) -> Iterator[Piece]:
    end = 0
    for raised in _RAISED.finditer(text):
        yield from _stretch(spelled(text[end : raised.start()]))
        inner = spelled(raised.group(2).replace(r"\mathrm", ""))
        level = "sub" if raised.group(1) == "_" else "sup"
        yield Piece(re.sub("[{}_]", "", inner), level)
        end = raised.end()
    yield from _stretch(spelled(text[end:]))


def _stretch(text: str) -> Iterator[Piece]:
    if text:
        yield Piece(text, "base")


def plain(text: str) -> str:
    """A text in which ``$...$`` is mathematics, without any markup.

    >>> plain("$T_B = 0.1$, both filters")
    'T_B = 0.1, both filters'
    """
    marks = {"base": "", "sub": "_", "sup": "^"}
    return "".join(marks[piece.level] + piece.text for piece in pieces(text))


def down(x: Fraction) -> float:
    """The largest float that is not above a fraction."""
    number = float(x)
    return number if Fraction(number) <= x else nextafter(number, -inf)


def up(x: Fraction) -> float:
    """The least float that is not below a fraction."""
    return -down(-x)


def outwards(low: float, high: float) -> tuple[str, str]:
    """The ends of an interval in nine digits, rounded so that nothing of it is lost.

    >>> outwards(0.5, 2.2892128824)
    ('0.5', '2.28921289')
    """
    return _rounded(low, ROUND_FLOOR), _rounded(high, ROUND_CEILING)


def _rounded(x: float, direction: str) -> str:
    digits = Context(prec=_DIGITS, rounding=direction).create_decimal_from_float(x)
    return f"{float(digits):.{_DIGITS}g}"
