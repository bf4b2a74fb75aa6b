r"""The machines that a proof is about, in the variables of its boxes.

Every machine of the domain is a point of one of its parts, with each variable in [0, 1] or between
the bounds that the part names:

- ``k``, the coupling: :math:`g^2 = \tfrac14\Gamma_A\Gamma_B\,k/(1-k)` where g is free, and
  :math:`g^2 = k\min(\gamma_A, \gamma_B)^2` where it is bounded by both;
- ``s``, the share of bath B, :math:`\Gamma_A = 1 - s` and :math:`\Gamma_B = s`: a common factor of
  g and all rates changes no state. A bosonic bath (γ, n) is a fermionic one with
  :math:`\Gamma = \gamma/(1 - 2n)` at the occupation that is called n here;
- ``a``, ``b``, the occupations of the lower transitions of A and B: n = a/2 up to 1/2,
  n = 1 - a/2 from there, n = a where both sides are allowed;
- ``c``, ``d``, those of the upper ones where a charge tells them apart. For any charge u ≥ 0 the
  upper one is between zero and the lower, for an inverted bath between that and one;
- ``x``, ``y``, the squares of the smaller entries of the filters; the larger is 1, since the factor
  between is lost on the efficiency alone.

With bosons and :math:`g \le \gamma_A, \gamma_B`, e = 1 - 2n the contrast of bath A and B at T = 0,
three charts cover all machines: ``a`` = e and ``s`` = γ_B/γ_A ≤ 1 with Γ_A = 1, Γ_B = e s;
``a`` = e and ``s`` ≥ 1/2 as above, where γ_A = e(1-s) ≤ s; and for s ≤ 1/2 with γ_A ≤ γ_B = s the
ratio ``a`` = γ_A/γ_B, so that e Γ_A = a s.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from .machine import UPWARDS, Rates
from .polynomials import (
    Polynomial,
    add,
    constant,
    multiply,
    scale,
    subtract,
    variable,
)
from .reading import demand_keys, number
from .refusal import refuse

HALF = Fraction(1, 2)

Bounds = tuple[Fraction, Fraction]

_MAX_POWER = 10_000  # digits


class Bath(NamedTuple):
    """A bath: its statistics, and the bounds of its occupation."""

    statistics: str
    low: Fraction
    high: Fraction

    @property
    def free(self) -> bool:
        """Whether its occupation is a variable."""
        return self.low < self.high


class Domain(NamedTuple):
    """All machines and filters of a proof; a charge that is a number is 1 + u/E."""

    baths: Mapping[str, Bath]
    charge: str | Fraction
    bounded: bool
    filters: str


class Part(NamedTuple):
    """One part: its rates, :math:`g^2` as a quotient, and the bounds of its variables."""

    rates: Rates
    numerator: Polynomial
    denominator: Polynomial
    bounds: dict[str, Bounds]


def variables(domain: Domain) -> list[str]:
    """The names of the variables in their order."""
    a, b = domain.baths["a"].free, domain.baths["b"].free
    resolved = domain.charge == "any" or isinstance(domain.charge, Fraction)
    present = {"a": a, "c": a and resolved, "b": b, "d": b and resolved, "k": True, "s": True}
    present |= {"x": "a" in domain.filters, "y": "b" in domain.filters}
    return [name for name, there in present.items() if there]


def upper_occupation(n: Fraction, exponent: Fraction) -> Fraction:
    """h with h/(1 - h) = (n/(1 - n))^e for a whole number e."""
    filled, empty = n**exponent.numerator, (1 - n) ** exponent.numerator
    return filled / (filled + empty)


def parts(domain: Domain) -> list[Part]:
    """The parts, which together hold every machine."""
    names = variables(domain)
    size = len(names)
    one = constant(1, size)

    def symbol(name: str) -> Polynomial:
        return variable(names.index(name), size) if name in names else {}

    k, s, a = symbol("k"), symbol("s"), symbol("a")
    rest = subtract(one, s)
    bounds: dict[str, Bounds] = {}
    lower, upper = {}, {}
    for party, further in (("a", "c"), ("b", "d")):
        bath = domain.baths[party]
        if bath.free:
            lower[party], bounds[party] = _lower(bath, symbol(party), one)
        else:
            lower[party] = constant(bath.low, size)
        upper[party] = _upper(domain, bath, lower[party], symbol(further), one)
    low_share, high_share = {"s": (Fraction(0), HALF)}, {"s": (HALF, Fraction(1))}
    if not domain.bounded:
        square = scale(Fraction(1, 4), multiply(rest, s, k))
        return [Part(_rates(rest, s, lower, upper), square, subtract(one, k), bounds)]
    if domain.baths["a"].statistics == "fermion":
        rates = _rates(rest, s, lower, upper)
        return [
            Part(rates, multiply(k, rest, rest), one, bounds | high_share),
            Part(rates, multiply(k, s, s), one, bounds | low_share),
        ]
    slow, fast = multiply(a, s), multiply(a, rest)
    return [
        Part(_hot(one, a, slow), multiply(k, slow, slow), one, {}),
        Part(_hot(rest, fast, s), multiply(k, fast, fast), one, high_share),
        Part(_hot(rest, slow, s), multiply(k, slow, slow), one, low_share),
    ]


def _lower(bath: Bath, t: Polynomial, one: Polynomial) -> tuple[Polynomial, Bounds]:
    """The occupation as a polynomial, and the bounds of its variable."""
    if bath.high <= HALF:
        return scale(HALF, t), (2 * bath.low, 2 * bath.high)
    if bath.low >= HALF:
        return subtract(one, scale(HALF, t)), (2 - 2 * bath.high, 2 - 2 * bath.low)
    return t, (bath.low, bath.high)


def above(domain: Domain, bath: Bath, n: Fraction) -> Fraction:
    """The occupation of a bath's upper transition where that of the lower one is n.

    For any charge it is that at u = 0, one of the charges. At an infinite one an inverted bath
    fills the level and another empties it; n = 1/2 counts as the limit of the others of the domain.
    """
    if domain.charge == "infinite":
        return Fraction(int(bath.low >= HALF and bath.high > HALF))
    return upper_occupation(n, domain.charge) if isinstance(domain.charge, Fraction) else n


def _upper(
    domain: Domain, bath: Bath, lower: Polynomial, t: Polynomial, one: Polynomial
) -> Polynomial:
    """The occupation of the upper transition."""
    if domain.charge == "none":
        return lower
    if not bath.free or domain.charge == "infinite":  # given and any charge: zero, a half or one
        return scale(above(domain, bath, bath.low), one)
    if domain.charge == "any" and bath.high <= HALF:
        return multiply(lower, t)
    if domain.charge == "any" and bath.low >= HALF:
        return subtract(one, multiply(subtract(one, lower), t))
    return t


def _rates(
    rate_a: Polynomial,
    rate_b: Polynomial,
    lower: Mapping[str, Polynomial],
    upper: Mapping[str, Polynomial],
) -> Rates:
    """Γ n upwards and Γ (1 - n) downwards."""
    rates = {}
    for party, rate in (("a", rate_a), ("b", rate_b)):
        for way, n in zip(UPWARDS[party], (lower[party], upper[party]), strict=True):
            rates[way] = multiply(rate, n)
            rates[way[::-1]] = subtract(rate, rates[way])
    return rates


def _hot(rate: Polynomial, gamma: Polynomial, cold: Polynomial) -> Rates:
    """Bath A with Γ and γ = eΓ: Γ n = (Γ - γ)/2; bath B with Γ_B at T = 0."""
    rates = {}
    for way in UPWARDS["a"]:
        rates[way] = scale(HALF, subtract(rate, gamma))
        rates[way[::-1]] = scale(HALF, add(rate, gamma))
    for way in UPWARDS["b"]:
        rates[way], rates[way[::-1]] = {}, cold
    return rates


# Domains as a proof states them


def domain_of(given: Any, where: str) -> Domain:
    """The domain that an object describes."""
    demand_keys(given, ("bath_a", "bath_b", "charge", "coupling", "filters"), where)
    baths = {}
    for party in "ab":
        place = f"{where}.bath_{party}"
        bath = given[f"bath_{party}"]
        demand_keys(bath, ("statistics", "occupation"), place)
        bounds = bath["occupation"]
        if bath["statistics"] not in ("boson", "fermion"):
            refuse(place, "neither bosons nor fermions")
        if not isinstance(bounds, list) or len(bounds) != 2:
            refuse(place, "its occupation has no two bounds")
        low, high = (number(x, place) for x in bounds)
        hottest = bath["statistics"] == "boson" and (high > HALF or low == HALF)
        if not 0 <= low <= high <= 1 or hottest:
            refuse(place, "an occupation that no such bath has")
        baths[party] = Bath(bath["statistics"], low, high)
    charge = given["charge"]
    if charge not in ("none", "infinite", "any"):
        charge = number(charge, f"{where}.charge")
        if charge.denominator != 1 or not 1 < charge < 1000:
            refuse(f"{where}.charge", "neither none, infinite, any nor a whole number")
        longest = max(len(str(x)) for bath in baths.values() for x in (bath.low, bath.high))
        if longest * charge > _MAX_POWER:
            refuse(f"{where}.charge", "too high a power of an occupation of so many digits")
    if given["coupling"] not in ("free", "bounded"):
        refuse(f"{where}.coupling", "neither free nor bounded")
    if given["filters"] not in ("", "a", "b", "ab"):
        refuse(f"{where}.filters", "not some of a and b")
    domain = Domain(baths, charge, given["coupling"] == "bounded", given["filters"])
    _demand_covered(domain)
    return domain


def _demand_covered(domain: Domain) -> None:
    """Only domains that the parts of :mod:`jaxent.checker.domain` cover."""
    a, b = domain.baths["a"], domain.baths["b"]
    if domain.charge != "none" and "boson" in (a.statistics, b.statistics):
        refuse("domain", "charged bosons")
    if domain.bounded and "boson" in (a.statistics, b.statistics):
        whole = (a.low, a.high) == (0, HALF) and a.statistics == b.statistics
        if not whole or (b.low, b.high) != (0, 0):
            refuse("domain", "bosons with a bounded coupling, but not at T_B = 0 and any T_A")
    if isinstance(domain.charge, Fraction) and (b.free or (a.free and a.high > HALF)):
        refuse("domain", "a free temperature at a charge, but not that of A without inversion")
    for bath in (a, b):
        across = bath.low < HALF < bath.high
        if domain.charge == "infinite" and across:
            refuse("domain", "an infinite charge, and a bath on both sides of inversion")
        if domain.charge == "any" and not bath.free and bath.low not in (0, HALF, 1):
            refuse("domain", "any charge, and a given occupation")
