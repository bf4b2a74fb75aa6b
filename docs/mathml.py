"""Formulas as MathML, which browsers show by themselves: no script, no font, no network."""

from __future__ import annotations

import html
import re

from latex2mathml.converter import convert

# As pymdownx.arithmatex leaves them.
_FORMULA = re.compile(r'<(span|div) class="arithmatex">\\([(\[])(.*?)\\[)\]]</\1>', re.DOTALL)


def with_mathml(page: str) -> str:
    """A page's HTML with its LaTeX formulas as MathML.

    Raises:
        ValueError: a formula is not understood.
    """
    return _FORMULA.sub(_formula, page)


def _formula(found: re.Match[str]) -> str:
    latex = html.unescape(found.group(3)).strip()
    display = "block" if found.group(2) == "[" else "inline"
    try:
        mathml = convert(latex, display=display)
    except Exception as error:
        raise ValueError(f"formula {latex!r}: {type(error).__name__} {error}") from None
    if unknown := re.search(r"<m(?:i|o|text)>\\(\w+)</m", mathml):
        raise ValueError(f"formula {latex!r}: \\{unknown.group(1)} is not understood")
    tag = found.group(1)
    return f'<{tag} class="formula">{mathml}</{tag}>'
