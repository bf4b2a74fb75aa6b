"""From a study to the domain of a proof, or to one line that says why there can be none."""

from __future__ import annotations

import math
from fractions import Fraction

from jaxent.app.errors import InputError, listed, show
from jaxent.machines import MACHINES
from jaxent.prove.domain import HALF, Bath, Domain
from jaxent.search.space import Constraint
from jaxent.study import Study

_OBJECTIVES = ("chsh", "singlet_fraction")
_BOTH = ({"bath_a.gamma": 1}, {"bath_b.gamma": 1})


def domain_of(study: Study) -> Domain:
    """The domain that a study searches.

    The study's bounds on occupations of fermions hold, and those on a temperature by their sign.
    Of coupling, rates, charge and occupations of bosons, where they are free, it is about all.

    Args:
        study: one about ``two_qubit``.

    Raises:
        InputError: it is not of the kind whose optima can be proven.
    """
    where = f"variant {show(study.variant)}: " if study.variant else ""
    try:
        return _domain(study)
    except _Unfit as reason:
        raise InputError(f"{where}{reason}") from None


class _Unfit(ValueError):
    def __init__(self, field: str, value: object, allowed: str):
        super().__init__(f"{field}: {value} is given; allowed for a proof: {allowed}")


def _domain(study: Study) -> Domain:
    if study.kind != "two_qubit":
        raise _Unfit("machine.kind", show(study.kind), "two_qubit")
    if study.objective not in _OBJECTIVES:
        raise _Unfit("objective", show(study.objective), listed(_OBJECTIVES))
    if study.sweep is not None:
        raise _Unfit("sweep", study.sweep.parameter, "no sweep")
    for name, source in study.ties.items():
        raise _Unfit(name, source, "no tie to a free parameter")
    if any(set(entries) != {1.0} for entries in study.projected.values()):
        raise _Unfit("filters", "a fixed one", "free ones, or none")
    for name in ("kappa_a", "kappa_b"):
        if name in study.ranges or _fixed(study, name):
            raise _Unfit(name, _said(study, name), "0")
    for name in ("E_a", "E_b"):
        if name in study.ranges:
            raise _Unfit(name, "a range", "a number")
    gaps = _fixed(study, "E_a"), _fixed(study, "E_b")
    if gaps[0] != gaps[1]:
        raise _Unfit("E_b", f"{gaps[1]:g} with E_a {gaps[0]:g}", "the same gap")
    if "g" not in study.ranges:
        raise _Unfit("g", _said(study, "g"), "free")
    if not {"bath_a.gamma", "bath_b.gamma"} & study.ranges.keys():
        raise _Unfit("bath_b.gamma", _said(study, "bath_b.gamma"), "free")
    charge = _charge(study, float(gaps[0]))
    domain = Domain(
        {party: _bath(study, party, charge) for party in "ab"},
        charge,
        _bounded(study.constraints),
        study.filters,
    )
    _demand_covered(domain)
    return domain


def _fixed(study: Study, name: str) -> float:
    default = MACHINES[study.kind].parameter(name).default
    value = study.parameters.get(name, default)
    return float(value) if value is not None else 0.0


def _said(study: Study, name: str) -> str:
    if name in study.ranges:
        return "a range"
    return show(study.parameters.get(name))


def _charge(study: Study, gap: float) -> str | Fraction:
    if "u" in study.ranges:
        return "any"
    u = _fixed(study, "u")
    if u == 0:
        return "none"
    if math.isinf(u):
        return "infinite"
    exponent = 1 + Fraction(str(u)) / Fraction(str(gap))
    if exponent.denominator != 1 or exponent >= 1000:
        raise _Unfit("u", f"{u:g}", "0, .inf, a whole number of gaps below 999, or a free one")
    return exponent


def _bath(study: Study, party: str, charge: str | Fraction) -> Bath:
    name = f"bath_{party}"
    statistics = str(study.parameters.get(f"{name}.statistics"))
    low, high = _occupation(study, name)
    if statistics == "boson" and high == HALF and low == high:
        raise _Unfit(f"{name}.temperature", "inf", "0, or a free one")
    if charge == "infinite":
        # At n = 1/2 it decides over the upper occupation whether T is inf or -inf.
        if study.parameters.get(f"{name}.temperature") == -math.inf:
            raise _Unfit(f"{name}.temperature", "-inf", "a range of one sign, 0, -0.0 or .inf")
        if f"{name}.occupation" in study.ranges and low == HALF < high:
            raise _Unfit(f"{name}.occupation", "a range from 0.5", "one up to 0.5, or above it")
    if charge == "any" and low == high and low not in (0, HALF, 1):
        raise _Unfit("u", "a range", f"a number, where {name}.occupation is given")
    return Bath(statistics, low, high)


def _occupation(study: Study, name: str) -> tuple[Fraction, Fraction]:
    """The bounds of the occupation of the equivalent fermions."""
    boson = study.parameters.get(f"{name}.statistics") == "boson"
    for key in (f"{name}.temperature", f"{name}.occupation"):
        if key in study.ranges:
            r = study.ranges[key]
            if key.endswith("temperature"):
                cold, hot = r.high > 0, r.low < 0
                return (Fraction(0) if cold else HALF), (Fraction(1) if hot else HALF)
            if boson:
                return Fraction(0), HALF
            return Fraction(str(r.low)), Fraction(str(r.high))
    given = study.parameters.get(f"{name}.occupation")
    if given is not None:
        n = Fraction(str(given))
        n = n / (1 + 2 * n) if boson else n
        return n, n
    temperature = float(study.parameters[f"{name}.temperature"])
    if temperature == 0:
        n = Fraction(int(math.copysign(1, temperature) < 0))
    elif math.isinf(temperature):
        n = HALF
    else:
        raise _Unfit(f"{name}.temperature", f"{temperature:g}",
                     "0, -0.0, .inf, a free one, or an occupation")  # fmt: skip
    return n, n


def _bounded(constraints: tuple[Constraint, ...]) -> bool:
    if not constraints:
        return False
    greater = []
    for constraint in constraints:
        lesser = constraint.lesser
        unit = lesser.coefficient == constraint.greater.coefficient
        if lesser.powers != {"g": 1} or constraint.greater.powers not in _BOTH or not unit:
            raise _Unfit("constraints", show(constraint.text),
                         "g <= bath_a.gamma and g <= bath_b.gamma")  # fmt: skip
        greater.append(constraint.greater.powers)
    if len(greater) != 2 or greater[0] == greater[1]:
        raise _Unfit("constraints", show(constraints[0].text),
                     "g <= bath_a.gamma and g <= bath_b.gamma, both or none")  # fmt: skip
    return True


def _demand_covered(domain: Domain) -> None:
    a, b = domain.baths["a"], domain.baths["b"]
    bosons = "boson" in (a.statistics, b.statistics)
    if domain.charge != "none" and bosons:
        raise _Unfit("u", "a charge", "0 for bosons")
    if domain.bounded and bosons:
        whole = (a.low, a.high) == (0, HALF) and a.statistics == b.statistics
        if not whole or (b.low, b.high) != (0, 0):
            raise _Unfit("constraints", "g <= gamma", "with bosons: bath_a.temperature free, "
                         "bath_b.temperature 0")  # fmt: skip
    if isinstance(domain.charge, Fraction) and (b.free or (a.free and a.high > HALF)):
        raise _Unfit("u", f"{domain.charge - 1} gaps", "0 or .inf with these free temperatures")
    for party, bath in domain.baths.items():
        if domain.charge == "infinite" and bath.low < HALF < bath.high:
            raise _Unfit(f"bath_{party}.temperature", "a range of both signs",
                         "one sign with u: .inf")  # fmt: skip
