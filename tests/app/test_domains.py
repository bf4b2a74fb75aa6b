"""From a study to the domain of a proof: it is about the machines that the study searches."""

import re
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from math import inf

import pytest
import yaml

from jaxent.app.config import parse_study_file
from jaxent.app.domains import domain_of
from jaxent.app.errors import InputError
from jaxent.prove.domain import Bath, Domain
from tests.app.conftest import STUDY, changed
from tests.prove.machines import ANY, BOSONS, COLD, COLD_BOSONS, INVERTED, WARM

FREE_G = {"constraints": []}
BOTH = {"constraints": ["bath_b.gamma >= g", "2*g < 2*bath_a.gamma"]}
POSITIVE, NEGATIVE = {"low": 0.5, "high": 3}, {"low": -3, "high": -0.5}
ACROSS = {"low": 0.2, "high": 0.9}
FREE_U = {"free": {"u": {"low": 0, "high": 3}}}


def study_with(*changes):
    text = yaml.safe_dump(reduce(changed, changes, STUDY), sort_keys=False)
    [study] = parse_study_file(text, "study.yaml").studies
    return study


def domain_with(*changes):
    return domain_of(study_with(*changes))


def bath(name, value, party="a", statistics="fermion"):
    """A bath whose temperature or occupation is a number, or free in a range."""
    free = isinstance(value, dict)
    given = {"statistics": statistics, "temperature": None, name: None if free else value}
    block = {f"bath_{party}": {name: value}}
    return {"machine": {f"bath_{party}": given}, **({"free": block} if free else {})}


def bosons(name, value, party="a"):
    return bath(name, value, party, "boson")


def charge(u, gap=1):
    return {"machine": {"u": u, "E_a": gap, "E_b": gap}}


def fermions(low, high):
    return Bath("fermion", Fraction(low), Fraction(high))


HOT, DOWN = fermions("1/2", "1/2"), fermions("1/2", 1)
BATHS = {
    "T = 0": (bath("temperature", 0), COLD),
    "T = -0": (bath("temperature", -0.0), INVERTED),
    "T = inf": (bath("temperature", inf), HOT),
    "T = -inf": (bath("temperature", -inf), HOT),
    "T > 0": (bath("temperature", POSITIVE), WARM),
    "T < 0": (bath("temperature", NEGATIVE), DOWN),
    "n = 0.1": (bath("occupation", 0.1), fermions("1/10", "1/10")),
    "n in [0, 1]": (bath("occupation", {"low": 0, "high": 1}), ANY),
    "n in [0.2, 0.9]": (bath("occupation", ACROSS), fermions("1/5", "9/10")),
    "bosons, T = 0": (bosons("temperature", 0), COLD_BOSONS),
    "bosons, T > 0": (bosons("temperature", POSITIVE), BOSONS),
    "bosons, n = 2": (bosons("occupation", 2), Bath("boson", Fraction(2, 5), Fraction(2, 5))),
    "bosons, n in [0.2, 3]": (bosons("occupation", {"low": 0.2, "high": 3}), BOSONS),
}


@pytest.mark.parametrize(("changes", "expected"), BATHS.values(), ids=BATHS)
def test_a_bath_has_its_fermionic_occupations(changes, expected):
    found = domain_with(FREE_G, changes)
    assert found == Domain({"a": expected, "b": COLD}, filters=("b",))


def test_each_bath_has_its_own():
    found = domain_with(bath("occupation", ACROSS, party="b"))
    assert found.baths == {"a": INVERTED, "b": fermions("1/5", "9/10")}


CHARGES = {
    "u = 0": ([charge(0)], INVERTED, "none"),
    "u = 4": ([charge(4)], INVERTED, Fraction(5)),
    "u = 0.3, E = 0.1": ([charge(0.3, 0.1)], INVERTED, Fraction(4)),
    "u = 4, T > 0": ([charge(4), bath("temperature", POSITIVE)], WARM, Fraction(5)),
    "u = inf": ([charge(inf)], INVERTED, "infinite"),
    "u = inf, T = inf": ([charge(inf), bath("temperature", inf)], HOT, "infinite"),
    "u = inf, T < 0": ([charge(inf), bath("temperature", NEGATIVE)], DOWN, "infinite"),
    "u free": ([FREE_U], INVERTED, "any"),
}


@pytest.mark.parametrize(("changes", "a", "expected"), CHARGES.values(), ids=CHARGES)
def test_a_charge_counts_in_gaps_from_one(changes, a, expected):
    found = domain_with(FREE_G, *changes)
    assert found == Domain({"a": a, "b": COLD}, expected, filters=("b",))


NO_FILTERS = {"free": {"filters": None}, "efficiency": None}
OTHERS = {
    "as it is": ([], True, ("b",)),
    "bounds in other words": ([BOTH], True, ("b",)),
    "g free": ([FREE_G], False, ("b",)),
    "both filters": ([{"free": {"filters": {"a": {}}}}], True, ("a", "b")),
    "a filter that is none": ([{"filters": {"a": [1, 1]}}], True, ("b",)),
    "no filters": ([FREE_G, NO_FILTERS], False, ()),
    "other ranges": ([{"free": {"g": {"low": 0.5, "high": 0.6}}}], True, ("b",)),
}


@pytest.mark.parametrize(("changes", "bounded", "filters"), OTHERS.values(), ids=OTHERS)
def test_the_coupling_is_bounded_by_both_rates_or_free(changes, bounded, filters):
    expected = Domain({"a": INVERTED, "b": COLD}, "none", bounded, filters)
    assert domain_with(*changes) == expected


def test_bosons_with_a_bounded_coupling_are_covered():
    found = domain_with(bosons("temperature", POSITIVE), bosons("temperature", 0, "b"))
    assert found == Domain({"a": BOSONS, "b": COLD_BOSONS}, bounded=True, filters=("b",))


def machine(**changes):
    return {"machine": changes}


SWEEP = {"sweep": {"bath_b": {"temperature": {"values": [0.1, 0.2]}}}, "efficiency": None}
THERMAL = {
    "machine": {"kind": "thermal", "E": 1, "temperature": 0.1}
    | dict.fromkeys(("bath_a", "bath_b")),
    "free": {"bath_b": None},
    "constraints": None,
}
REFUSED = {
    "another machine": ([THERMAL], "machine.kind", "two_qubit"),
    "another objective": ([{"objective": "concurrence"}], "objective", "chsh"),
    "a sweep": ([machine(bath_b={"temperature": None}), SWEEP], "sweep", "no sweep"),
    "a fixed filter": ([{"filters": {"a": [1, 0.5]}}], "filters", "free ones, or none"),
    "tunnelling": ([machine(kappa_a=0.1)], "kappa_a", "0"),
    "free tunnelling": ([{"free": {"kappa_b": {"low": 0, "high": 1}}}], "kappa_b", "0"),
    "a free gap": ([{"free": {"E_a": {"low": 1, "high": 2}}}], "E_a", "a number"),
    "other gaps": ([machine(E_b=2)], "E_b", "the same gap"),
    "a fixed coupling": ([FREE_G, machine(g=1), {"free": {"g": None}}], "g", "free"),
    "fixed rates": (
        [FREE_G, machine(bath_b={"gamma": 1}), {"free": {"bath_b": None}}],
        "bath_b.gamma",
        "free",
    ),
    "a tied charge": ([machine(u="g")], "u", "no tie"),
    "tied tunnelling": ([machine(kappa_a="g")], "kappa_a", "no tie"),
    "tied gaps": ([machine(E_a="g", E_b="g")], "E_a", "no tie"),
    "tied rates": ([machine(bath_a={"gamma": "bath_b.gamma"})], "bath_a.gamma", "no tie"),
    "tied temperatures": (
        [bath("temperature", POSITIVE), machine(bath_b={"temperature": "bath_a.temperature"})],
        "bath_b.temperature",
        "no tie",
    ),
    "half a gap": ([charge(0.5)], "u", "a whole number of gaps"),
    "a thousand gaps": ([charge(999)], "u", "a whole number of gaps"),
    "charged bosons": ([FREE_G, charge(1), bosons("temperature", 0)], "u", "0 for bosons"),
    "a charge and a warm B": (
        [charge(1), bath("temperature", POSITIVE, "b")],
        "u",
        "0 or .inf with these free temperatures",
    ),
    "a charge and an inverted A": (
        [charge(1), bath("temperature", NEGATIVE)],
        "u",
        "0 or .inf with these free temperatures",
    ),
    "any charge and an occupation": (
        [FREE_U, bath("occupation", 0.8)],
        "u",
        "a number, where bath_a.occupation is given",
    ),
    "u = inf and both signs": (
        [charge(inf), bath("occupation", ACROSS)],
        "bath_a.temperature",
        "one sign",
    ),
    "u = inf and T = -inf": (
        [charge(inf), bath("temperature", -inf)],
        "bath_a.temperature",
        "a range",
    ),
    "u = inf and n from a half": (
        [charge(inf), bath("occupation", {"low": 0.5, "high": 1})],
        "bath_a.occupation",
        "above",
    ),
    "a temperature": ([bath("temperature", 2)], "bath_a.temperature", "an occupation"),
    "bosons at T = inf": ([bosons("temperature", inf)], "bath_a.temperature", "0, or a free one"),
    "one constraint": ([{"constraints": ["g <= bath_a.gamma"]}], "constraints", "both or none"),
    "a narrower bound": (
        [{"constraints": ["2*g <= bath_a.gamma"]}],
        "constraints",
        "g <= bath_a.gamma",
    ),
    "bounded bosons at a warm B": (
        [bosons("temperature", POSITIVE), bosons("temperature", POSITIVE, "b")],
        "constraints",
        "bath_b.temperature 0",
    ),
}


@pytest.mark.parametrize(("changes", "field", "allowed"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_proven_is_refused_in_one_line(changes, field, allowed):
    with pytest.raises(InputError) as reason:
        domain_with(*changes)
    message = rf"{re.escape(field)}: .+ is given; allowed for a proof: .*{re.escape(allowed)}.*"
    assert re.fullmatch(message, str(reason.value)), reason.value


def test_a_refusal_names_the_variant():
    study = replace(study_with({"objective": "concurrence"}), variant="cold")
    with pytest.raises(InputError, match=r"^variant 'cold': objective: "):
        domain_of(study)
