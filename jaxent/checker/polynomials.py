r"""Polynomials with exact coefficients, for :mod:`jaxent.checker.optimum`.

A polynomial is a dictionary from the exponents of its variables to its coefficients, none of them
zero: ``{(1, 0): 2, (0, 3): -1}`` is :math:`2x - y^3`. The standard library is all that is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import gcd, lcm

Number = int | Fraction
Polynomial = dict[tuple[int, ...], Number]


def constant(value: Number, variables: int) -> Polynomial:
    """A number."""
    return {(0,) * variables: value} if value else {}


def variable(place: int, variables: int) -> Polynomial:
    """The variable at a place."""
    return {tuple(int(i == place) for i in range(variables)): 1}


def add(*terms: Polynomial) -> Polynomial:
    """The sum."""
    total: Polynomial = {}
    for term in terms:
        for exponents, c in term.items():
            total[exponents] = total.get(exponents, 0) + c
    return {exponents: c for exponents, c in total.items() if c}


def scale(number: Number, f: Polynomial) -> Polynomial:
    """The product with a number."""
    return {exponents: number * c for exponents, c in f.items()} if number else {}


def subtract(f: Polynomial, h: Polynomial) -> Polynomial:
    """The difference."""
    return add(f, scale(-1, h))


def multiply(*factors: Polynomial) -> Polynomial:
    """The product."""
    product, *others = factors
    for factor in others:
        found: Polynomial = {}
        for e1, c1 in product.items():
            for e2, c2 in factor.items():
                key = tuple(map(int.__add__, e1, e2))
                found[key] = found.get(key, 0) + c1 * c2
        product = {exponents: c for exponents, c in found.items() if c}
    return product


def divide_by_face(f: Polynomial, place: int, end: int) -> Polynomial | None:
    """f/t (end 0) or f/(1 - t) (end 1) for one of the variables, or ``None`` if it is none."""
    if end == 0:
        if any(exponents[place] == 0 for exponents in f):
            return None
        return {_lowered(exponents, place, exponents[place] - 1): c for exponents, c in f.items()}
    # (1 - t) Σ q_k t^k has the coefficients q_k - q_(k-1), so that q_k is a sum of those up to k.
    lines: dict[tuple[int, ...], dict[int, Number]] = {}
    for exponents, c in f.items():
        lines.setdefault(_lowered(exponents, place, 0), {})[exponents[place]] = c
    quotient: Polynomial = {}
    for rest, line in lines.items():
        total: Number = 0
        for k in range(max(line) + 1):
            total += line.get(k, 0)
            if total:
                quotient[_lowered(rest, place, k)] = total
        if total:
            return None
    return quotient


def without_faces(f: Polynomial) -> Polynomial:
    """f without all factors t and 1 - t: where 0 < t < 1 these are positive, and the sign stays."""
    if not f:
        return f
    for place in range(len(next(iter(f)))):
        for end in (0, 1):
            while (divided := divide_by_face(f, place, end)) is not None:
                f = divided
    return f


def _lowered(exponents: tuple[int, ...], place: int, power: int) -> tuple[int, ...]:
    return (*exponents[:place], power, *exponents[place + 1 :])


def degrees(polynomials: Iterable[Polynomial], variables: int) -> tuple[int, ...]:
    """The largest power of each variable in any of several polynomials."""
    every = [exponents for f in polynomials for exponents in f]
    return tuple(max((e[i] for e in every), default=0) for i in range(variables))


def common_measure(polynomials: Sequence[Polynomial]) -> Fraction:
    """The positive number that makes all coefficients whole, without a common divisor."""
    entries = [Fraction(c) for f in polynomials for c in f.values()]
    divisor = gcd(*(c.numerator for c in entries))
    return Fraction(lcm(*(c.denominator for c in entries)), divisor)
