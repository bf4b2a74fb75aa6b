r"""Witnesses: one machine with its filters in fractions, and what it reaches, exactly.

Its coupling and the entries of its filters are fractions themselves, and so are all populations and
the modulus of its coherence; nothing about it is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import frexp, isqrt
from typing import Any

from jaxent.prove.domain import HALF, WAYS, Domain
from jaxent.prove.polynomials import constant
from jaxent.prove.stationary import LEVELS, damping, merged_trees, spanning_trees

_BITS = 40
_DIGITS = 10**10
_SMALLEST = 1e-15
_COOLER = Fraction(1, 2**40)


@dataclass(frozen=True)
class Witness:
    """A machine and its filters.

    Attributes:
        g: the coupling.
        gamma: the rates of the baths of A and B.
        occupation: the fermionic occupations of the lower transitions.
        filters: the diagonals of both filters.
    """

    g: Fraction
    gamma: Mapping[str, Fraction]
    occupation: Mapping[str, Fraction]
    filters: Mapping[str, tuple[Fraction, Fraction]]

    def as_json(self) -> dict[str, Any]:
        """The witness as a proof states it."""
        return {
            "g": str(self.g),
            "gamma_a": str(self.gamma["a"]),
            "gamma_b": str(self.gamma["b"]),
            "occupation_a": str(self.occupation["a"]),
            "occupation_b": str(self.occupation["b"]),
            "filter_a": [str(f) for f in self.filters["a"]],
            "filter_b": [str(f) for f in self.filters["b"]],
        }


@dataclass(frozen=True)
class Heralded:
    """What a witness heralds, but for the unit of the populations.

    Attributes:
        d, e: the populations of {01, 10} and of {00, 11} behind the filters.
        c: the modulus of the coherence there.
        total: all populations before the filters.
    """

    d: Fraction
    e: Fraction
    c: Fraction
    total: Fraction

    @property
    def efficiency(self) -> Fraction:
        """The probability of heralding."""
        return (self.d + self.e) / self.total

    def exceeds(self, objective: str) -> bool:
        """Whether the classical bound is beaten."""
        if objective == "singlet_fraction":
            return 2 * self.c > self.e
        return self.c**2 > self.d * self.e or 8 * self.c**2 > (self.d + self.e) ** 2

    def at_least(self, objective: str) -> Fraction:
        """A decimal number that the value is not below, by less than 1e-10."""
        t = self.d + self.e
        if objective == "singlet_fraction":
            return Fraction((self.c + self.d / 2) / t * _DIGITS // 1, _DIGITS)
        square = max(8 * self.c**2, 4 * self.c**2 + (self.d - self.e) ** 2) / t**2
        return Fraction(isqrt(4 * square * _DIGITS**2 // 1), _DIGITS)


def heralded(domain: Domain, witness: Witness) -> Heralded:
    """The state that a witness heralds."""
    rates = {}
    for party in "ab":
        n = witness.occupation[party]
        upper = domain.upper(party, n)
        speed = witness.gamma[party]
        if domain.baths[party].statistics == "boson":
            speed /= 1 - 2 * n
        for way, filled in zip(WAYS[party], (n, upper), strict=True):
            low, high = way.split(">")
            rates[f"{low}>{high}"] = constant(speed * filled, 1)
            rates[f"{high}>{low}"] = constant(speed * (1 - filled), 1)
    u, v = spanning_trees(rates), merged_trees(rates)
    square = witness.g**2
    weight = {i: (damping(rates) * u[i] + 4 * square * v[i]).item() for i in LEVELS}
    a, b = witness.filters["a"], witness.filters["b"]
    q = {i: a[int(i[0])] ** 2 * b[int(i[1])] ** 2 * weight[i] for i in LEVELS}
    c = 2 * witness.g * abs((u["01"] - u["10"]).item()) * a[0] * a[1] * b[0] * b[1]
    return Heralded(q["01"] + q["10"], q["00"] + q["11"], c, sum(weight.values(), Fraction(0)))


def witness_at(domain: Domain, part: int, patch: str, point: Mapping[str, float]) -> Witness:
    """The machine near a point of a part of a domain, in fractions.

    Args:
        domain: the domain.
        part: the place in :func:`jaxent.prove.domain.parts`.
        patch: which entries of the filters are 1.
        point: the variables by their names.
    """
    inside = {name: min(max(t, _SMALLEST), 1 - _SMALLEST) for name, t in point.items()}
    k, s = inside["k"], inside["s"]
    occupation = {p: _occupation(domain, p, inside) for p in "ab"}
    total = {"a": 1 - s, "b": s}
    if domain.bounded and domain.baths["a"].statistics == "boson":
        contrast = inside["a"] if part < 2 else min(inside["a"] * s / (1 - s), 1.0)
        total = {"a": 1.0, "b": inside["a"] * s} if part == 0 else total
        occupation["a"] = min(short((1 - contrast) / 2), HALF - _COOLER)
    gamma = {
        p: short(total[p]) * (1 - 2 * occupation[p] if domain.baths[p].statistics == "boson" else 1)
        for p in "ab"
    }
    smallest = min(gamma.values())
    if domain.bounded:
        g = min(short(float(smallest) * k**0.5), smallest)
    else:
        g = short((total["a"] * total["b"] * k / (1 - k)) ** 0.5 / 2)
    filters = {}
    for party, choice, name in zip("ab", patch, "xy", strict=True):
        weak = Fraction(1) if choice == "-" else short(max(point[name], 0.0) ** 0.5)
        filters[party] = (weak, Fraction(1)) if choice == "0" else (Fraction(1), weak)
    return Witness(g, gamma, occupation, filters)


def let_through(domain: Domain, witness: Witness, efficiency: Fraction) -> Witness | None:
    """The same with filters that let a little more through, until it is enough."""
    for bits in (None, *range(_BITS, 9, -1)):
        step = Fraction(0) if bits is None else Fraction(1, 2**bits)
        filters = {
            party: tuple(min(f + step, Fraction(1)) for f in diagonal)
            for party, diagonal in witness.filters.items()
        }
        opened = replace(witness, filters=filters)
        if heralded(domain, opened).efficiency >= efficiency:
            return opened
    return None


def _occupation(domain: Domain, party: str, inside: Mapping[str, float]) -> Fraction:
    bath = domain.baths[party]
    if not bath.free:
        return bath.low
    t = short(inside[party])
    n = t / 2 if bath.high <= HALF else 1 - t / 2 if bath.low >= HALF else t
    hottest = HALF - _COOLER if bath.statistics == "boson" else bath.high  # bosons: T < inf
    return min(max(n, bath.low), bath.high, hottest)


def short(x: float) -> Fraction:
    """A fraction within 2^-40 of a number, relative to it, with a denominator of few digits."""
    mantissa, exponent = frexp(x)
    return Fraction(round(mantissa * 2**_BITS), 2**_BITS) * Fraction(2) ** exponent


def decimals(x: Fraction, digits: int) -> Fraction:
    """The least number of so many decimal digits that is not smaller."""
    unit = 10**digits
    return Fraction(-(-x * unit // 1), unit)
