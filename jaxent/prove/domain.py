r"""Domains: all machines and filters that a proof is about, as boxes of a unit cube.

The variables, each in [0, 1]:

========  ==============================================================================
a, b      the occupation of the lower transition of qubit A and B: n = a/2 without
          inversion, n = 1 - a/2 with, n = a where both are allowed
c, d      with charge that of the upper one; for any charge u ≥ 0 what it is of the lower one, or
          of an inverted bath the empty part of the empty part of that
k         the coupling, see :mod:`jaxent.prove.stationary`
s         :math:`\Gamma_B/(\Gamma_A + \Gamma_B)`, where :math:`\Gamma = \gamma` for fermions and
          :math:`\gamma/(1 - 2n)` for bosons
x, y      :math:`F_A = \mathrm{diag}(\sqrt x, 1)` or :math:`\mathrm{diag}(1, \sqrt x)`, and
          :math:`F_B` so with y: the larger entry of a filter is 1 without loss
========  ==============================================================================

A bosonic bath (γ, n) acts as a fermionic one of rate :math:`\Gamma = \gamma(1 + 2n)` and occupation
:math:`n/(1 + 2n)`; what is called the occupation here is always the fermionic one.

Where :math:`g \le \gamma_A, \gamma_B`, the domain has a part for each of the two that is the
smaller. With bosons :math:`\gamma_A = e\Gamma_A` with the contrast e = 1 - 2n, and a machine whose
bath A is hot and slow or fast would sit at a corner where every rate vanishes. Three charts take
the corner apart:

- :math:`\gamma_B \le \gamma_A`: a = e and :math:`s = \gamma_B/\gamma_A`,
  with :math:`\Gamma_A = 1, \Gamma_B = as`;
- :math:`\Gamma_A \le \Gamma_B`: a = e and s as above, at least 1/2;
- :math:`\gamma_A \le \gamma_B, \Gamma_B \le \Gamma_A`: :math:`a = \gamma_A/\gamma_B` and s as
  above, at most 1/2, so that :math:`e\Gamma_A = as`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from jaxent.prove.polynomials import Polynomial, constant, minus, plus, times, variable

VARIABLES = ("a", "c", "b", "d", "k", "s", "x", "y")

HALF = Fraction(1, 2)

WAYS = {"a": ("00>10", "01>11"), "b": ("00>01", "10>11")}
"""The transitions upwards of each party: the lower and the upper one."""


@dataclass(frozen=True)
class Bath:
    """What is known of one bath.

    Attributes:
        statistics: ``"boson"`` or ``"fermion"``.
        low, high: bounds on the fermionic occupation of the gap; equal where it is given.
    """

    statistics: str
    low: Fraction
    high: Fraction

    @property
    def free(self) -> bool:
        """Whether the occupation is a variable."""
        return self.low < self.high

    def occupation(self, t: Polynomial) -> Polynomial:
        """n as a polynomial of its variable."""
        if not self.free:
            return constant(self.low, t.ndim)
        if self.high <= HALF:
            return times(HALF, t)
        return plus(constant(1, t.ndim), times(-HALF, t)) if self.low >= HALF else t

    def place(self, n: Fraction) -> Fraction:
        """The variable at an occupation."""
        if self.high <= HALF:
            return 2 * n
        return 2 - 2 * n if self.low >= HALF else n

    def range(self) -> tuple[Fraction, Fraction]:
        """The bounds of the variable."""
        ends = sorted((self.place(self.low), self.place(self.high)))
        return ends[0], ends[1]

    def as_json(self) -> dict[str, Any]:
        """The bath as a proof states it."""
        return {"statistics": self.statistics, "occupation": [str(self.low), str(self.high)]}


@dataclass(frozen=True)
class Domain:
    r"""All machines and filters of one proof.

    Attributes:
        baths: those of A and B.
        charge: ``"none"``, ``"infinite"``, ``"any"`` (every u ≥ 0), or 1 + u/E as a number.
        bounded: whether :math:`g \le \gamma_A, \gamma_B`; otherwise g is free.
        filters: the parties that have one.
    """

    baths: Mapping[str, Bath]
    charge: str | Fraction = "none"
    bounded: bool = False
    filters: tuple[str, ...] = ()

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables, a subset of ``VARIABLES``."""
        upper = isinstance(self.charge, Fraction) or self.charge == "any"
        kept = {"k", "s"}
        for party, lower_name, upper_name, filter_name in (("a", *"acx"), ("b", *"bdy")):
            free = self.baths[party].free
            kept |= {lower_name} if free else set()
            kept |= {upper_name} if upper and free else set()
            kept |= {filter_name} if party in self.filters else set()
        return tuple(name for name in VARIABLES if name in kept)

    def upper(self, party: str, n: Fraction) -> Fraction:
        """The occupation of a bath's upper transition, at u = 0 where any charge is meant."""
        if self.charge == "infinite":
            bath = self.baths[party]  # n = 1/2 counts as the limit of the others of the domain
            return Fraction(int(bath.low >= HALF and bath.high > HALF))
        return raised(n, self.charge) if isinstance(self.charge, Fraction) else n

    def as_json(self) -> dict[str, Any]:
        """The domain as a proof states it."""
        return {
            "bath_a": self.baths["a"].as_json(),
            "bath_b": self.baths["b"].as_json(),
            "charge": str(self.charge),
            "coupling": "bounded" if self.bounded else "free",
            "filters": "".join(self.filters),
        }


@dataclass(frozen=True)
class Part:
    """One part of a domain, with the rates on it.

    Attributes:
        rates: as :func:`jaxent.prove.stationary.spanning_trees` takes them.
        numerator, denominator: of the squared coupling.
        box: the bounds of those variables that do not run from 0 to 1.
    """

    rates: Mapping[str, Polynomial]
    numerator: Polynomial
    denominator: Polynomial
    box: Mapping[str, tuple[Fraction, Fraction]]


def parts(domain: Domain) -> list[Part]:
    """The parts: one, or one for each chart where the coupling is bounded."""
    names = domain.variables
    size = len(names)
    one = constant(1, size)

    def named(name: str) -> Polynomial:
        return variable(names.index(name), size) if name in names else constant(0, size)

    k, s, a = named("k"), named("s"), named("a")
    share_a = minus(one, s)
    lower = {p: domain.baths[p].occupation(named(p)) for p in "ab"}
    upper = {p: _upper(domain, p, lower[p], named("c" if p == "a" else "d")) for p in "ab"}
    ranges = {p: domain.baths[p].range() for p in "ab" if domain.baths[p].free}
    share_low, share_high = {"s": (Fraction(0), HALF)}, {"s": (HALF, Fraction(1))}
    if not domain.bounded:
        square = times(Fraction(1, 4), share_a, s, k)
        return [Part(_rates((share_a, s), lower, upper), square, minus(one, k), ranges)]
    if domain.baths["a"].statistics == "fermion":
        rates = _rates((share_a, s), lower, upper)
        return [
            Part(rates, times(k, share_a, share_a), one, ranges | share_high),
            Part(rates, times(k, s, s), one, ranges | share_low),
        ]
    product = times(a, s)
    slow = _bosons(one, a, product)
    fast = _bosons(share_a, times(share_a, a), s)
    hot = _bosons(share_a, product, s)
    gamma = times(share_a, a)
    return [
        Part(slow, times(k, product, product), one, {}),
        Part(fast, times(k, gamma, gamma), one, share_high),
        Part(hot, times(k, product, product), one, share_low),
    ]


def _rates(
    total: tuple[Polynomial, Polynomial],
    lower: Mapping[str, Polynomial],
    upper: Mapping[str, Polynomial],
) -> dict[str, Polynomial]:
    """Those of all transitions, from the rates and the occupations of both baths."""
    rates = {}
    for party, rate in zip("ab", total, strict=True):
        for way, n in zip(WAYS[party], (lower[party], upper[party]), strict=True):
            rates[way] = times(rate, n)
            rates[_back(way)] = minus(rate, rates[way])
    return rates


def _bosons(rate: Polynomial, gamma: Polynomial, cold: Polynomial) -> dict[str, Polynomial]:
    """Those of a bosonic bath A with Γ and γ = eΓ, and a bath B at T = 0."""
    up, down = times(HALF, minus(rate, gamma)), times(HALF, plus(rate, gamma))
    nothing = times(0, cold)
    rates = {}
    for party, (fill, empty) in {"a": (up, down), "b": (nothing, cold)}.items():
        for way in WAYS[party]:
            rates |= {way: fill, _back(way): empty}
    return rates


def _back(way: str) -> str:
    return ">".join(reversed(way.split(">")))


def _upper(domain: Domain, party: str, lower: Polynomial, t: Polynomial) -> Polynomial:
    """The occupation of the upper transition."""
    bath, one = domain.baths[party], constant(1, t.ndim)
    if domain.charge == "none":
        return lower
    if not bath.free or domain.charge == "infinite":
        return times(domain.upper(party, bath.low), one)
    if domain.charge == "any" and bath.high <= HALF:
        return times(lower, t)
    if domain.charge == "any" and bath.low >= HALF:
        return minus(one, times(minus(one, lower), t))
    return t


def raised(n: Fraction, exponent: Fraction) -> Fraction:
    r"""The occupation at another energy: :math:`h/(1 - h) = (n/(1 - n))^e`, e a whole number."""
    filled, empty = n**exponent.numerator, (1 - n) ** exponent.numerator
    return filled / (filled + empty)
