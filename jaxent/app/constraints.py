"""Comparisons of parameters, such as ``2*g <= bath_a.gamma``: parsed, never evaluated as code.

::

    constraint = product ("<=" | "<" | ">=" | ">") product
    product    = factor {"*" factor}
    factor     = parameter | positive number

The set of admissible points is closed, so ``<`` means ``<=``.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection

from jaxent.app.errors import InputError, one_of, show
from jaxent.search.space import Constraint, Monomial

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?![\w.])"
    r"|(?P<name>[A-Za-z_]\w*(?:\.\w+)*(?:\[\d+\])?)"
    r"|(?P<comparison><=|>=|<|>)"
    r"|(?P<times>\*))"
)
_ALLOWED = "two products of parameters and positive numbers, compared by <= or >="


def parse_constraint(
    text: object, names: Collection[str], field: str = "constraints"
) -> Constraint:
    """A comparison of two products.

    Args:
        text: what the config says.
        names: the numeric parameters of the machine.
        field: where it stands in the config, for error messages.

    Raises:
        InputError: it is no such comparison, or names something unknown.

    >>> parse_constraint("2*g < bath_a.gamma", ["g", "bath_a.gamma"]).lesser
    Monomial(coefficient=2.0, powers={'g': 1})
    """
    if not isinstance(text, str):
        raise InputError(f"{field}: {show(text)} is given; allowed: {_ALLOWED}")
    tokens = _tokens(text, field)
    places = [i for i, (kind, _) in enumerate(tokens) if kind == "comparison"]
    if len(places) != 1:
        raise InputError(
            f"{field}: {show(text)} has {len(places)} comparisons; allowed: {_ALLOWED}"
        )
    sides = tokens[: places[0]], tokens[places[0] + 1 :]
    left, right = (_product(side, text, names, field) for side in sides)
    if tokens[places[0]][1].startswith(">"):
        left, right = right, left
    return Constraint(left, right, " ".join(text.split()))


def _tokens(text: str, field: str) -> list[tuple[str, str]]:
    found, place = [], 0
    end = len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            rest = text[place:].strip()
            raise InputError(f"{field}: {show(text)} stops making sense at {show(rest)}; "
                             f"allowed: {_ALLOWED}")  # fmt: skip
        kind = match.lastgroup or ""
        found.append((kind, match.group(kind)))
        place = match.end()
    return found


def _product(
    tokens: list[tuple[str, str]], text: str, names: Collection[str], field: str
) -> Monomial:
    factors, between = tokens[::2], tokens[1::2]
    complete = len(tokens) % 2 == 1 and all(kind == "times" for kind, _ in between)
    if not complete or any(kind not in ("name", "number") for kind, _ in factors):
        raise InputError(f"{field}: {show(text)} is incomplete; allowed: {_ALLOWED}")
    coefficient, powers = 1.0, Counter[str]()
    for kind, word in factors:
        if kind == "number":
            coefficient *= float(word)
        elif word in names:
            powers[word] += 1
        else:
            raise InputError(
                f"{field}: {show(word)} in {show(text)} is unknown; allowed: {one_of(names, word)}"
            )
    if not 0 < coefficient < math.inf:
        raise InputError(
            f"{field}: {show(text)} has the factor {coefficient:g}; allowed: positive numbers"
        )
    return Monomial(coefficient, dict(powers))
