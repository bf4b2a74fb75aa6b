"""The domains that the checker takes: each that is proven somewhere, and no other one."""

import re
from fractions import Fraction

import pytest

from jaxent.checker import optimum
from jaxent.checker.domain import Bath, Domain, domain_of
from jaxent.checker.refusal import Unproven
from jaxent.prove.bracket import value_interval
from jaxent.prove.claims import Problem
from jaxent.prove.proof import claim_json, proof, proof_file
from tests.prove.machines import DOMAINS, WARM, domain


def bath(low, high, statistics="fermion"):
    return {"statistics": statistics, "occupation": [low, high]}


COLD, WARM_BATH, FILLED = bath("0", "0"), bath("0", "1/2"), bath("1", "1")
GIVEN, ACROSS = bath("1/3", "1/3"), bath("1/4", "3/4")
COLD_BOSONS, BOSONS = bath("0", "0", "boson"), bath("0", "1/2", "boson")
PLAIN = {"bath_a": FILLED, "bath_b": COLD, "charge": "none", "coupling": "free", "filters": "b"}


def test_a_domain_is_read():
    found = domain_of(PLAIN | {"bath_a": GIVEN, "charge": "3", "coupling": "bounded"}, "domain")
    third, nothing = Fraction(1, 3), Fraction(0)
    baths = {"a": Bath("fermion", third, third), "b": Bath("fermion", nothing, nothing)}
    assert found == Domain(baths, Fraction(3), True, "b")


KEYS = "domain: not an object with the keys bath_a, bath_b, charge, coupling, filters"
BATH_KEYS = "domain.bath_a: not an object with the keys statistics, occupation"
TWO_BOUNDS = "domain.bath_a: its occupation has no two bounds"
NO_SUCH_BATH = "domain.bath_a: an occupation that no such bath has"
FRACTION = "not a fraction in a string of up to 100 digits"
CHARGE = "domain.charge: neither none, infinite, any nor a whole number"
COUPLING = "domain.coupling: neither free nor bounded"
UNREADABLE = {
    "a list": ([], KEYS),
    "a key less": ({k: v for k, v in PLAIN.items() if k != "filters"}, KEYS),
    "a key more": (PLAIN | {"sweep": 1}, KEYS),
    "no bath": (PLAIN | {"bath_a": None}, BATH_KEYS),
    "anyons": (
        PLAIN | {"bath_a": bath("0", "0", "anyon")},
        "domain.bath_a: neither bosons nor fermions",
    ),
    "one bound": (PLAIN | {"bath_a": {"statistics": "boson", "occupation": ["0"]}}, TWO_BOUNDS),
    "a word": (PLAIN | {"bath_a": {"statistics": "boson", "occupation": "01"}}, TWO_BOUNDS),
    "a bound in a float": (PLAIN | {"bath_a": bath(0.5, "1")}, f"domain.bath_a: {FRACTION}"),
    "negative": (PLAIN | {"bath_a": bath("-1/2", "1")}, NO_SUCH_BATH),
    "above one": (PLAIN | {"bath_a": bath("0", "3/2")}, NO_SUCH_BATH),
    "the wrong way around": (PLAIN | {"bath_a": bath("1", "0")}, NO_SUCH_BATH),
    "inverted bosons": (PLAIN | {"bath_a": bath("0", "2/3", "boson")}, NO_SUCH_BATH),
    "a charge in words": (PLAIN | {"charge": "some"}, f"domain.charge: {FRACTION}"),
    "half a charge": (PLAIN | {"charge": "3/2"}, CHARGE),
    "a charge of one": (PLAIN | {"charge": "1"}, CHARGE),
    "a thousand": (PLAIN | {"charge": "1000"}, CHARGE),
    "another coupling": (PLAIN | {"coupling": "strong"}, COUPLING),
    "other filters": (PLAIN | {"filters": "ba"}, "domain.filters: not some of a and b"),
}

FREE_AT_A_CHARGE = "a free temperature at a charge, but not that of A without inversion"
BOUNDED_BOSONS = "bosons with a bounded coupling, but not at T_B = 0 and any T_A"
BOTH_SIDES = "an infinite charge, and a bath on both sides of inversion"
GIVEN_OCCUPATION = "any charge, and a given occupation"
UNCOVERED = {
    "charged bosons A": ({"bath_a": BOSONS, "charge": "2"}, "charged bosons"),
    "charged bosons B": ({"bath_b": COLD_BOSONS, "charge": "any"}, "charged bosons"),
    "bosons A and fermions B": ({"bath_a": BOSONS}, BOUNDED_BOSONS),
    "fermions A and bosons B": ({"bath_a": WARM_BATH, "bath_b": COLD_BOSONS}, BOUNDED_BOSONS),
    "bosons A at one T": ({"bath_a": COLD_BOSONS, "bath_b": COLD_BOSONS}, BOUNDED_BOSONS),
    "bosons B at any T": ({"bath_a": BOSONS, "bath_b": BOSONS}, BOUNDED_BOSONS),
    "a charge, B free": ({"bath_b": WARM_BATH, "charge": "2"}, FREE_AT_A_CHARGE),
    "a charge, A inverted": ({"bath_a": bath("1/2", "1"), "charge": "2"}, FREE_AT_A_CHARGE),
    "infinite, A across": ({"bath_a": ACROSS, "charge": "infinite"}, BOTH_SIDES),
    "infinite, B across": ({"bath_b": ACROSS, "charge": "infinite"}, BOTH_SIDES),
    "any, A given": ({"bath_a": GIVEN, "charge": "any"}, GIVEN_OCCUPATION),
    "any, B given": ({"bath_b": GIVEN, "charge": "any"}, GIVEN_OCCUPATION),
}
REFUSED = UNREADABLE | {
    name: (PLAIN | {"coupling": "bounded"} | changes, f"domain: {reason}")
    for name, (changes, reason) in UNCOVERED.items()
}


@pytest.mark.parametrize(("given", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_domain_or_not_covered_is_refused(given, message):
    with pytest.raises(Unproven, match=f"^{re.escape(message)}$"):
        domain_of(given, "domain")


PROVEN = DOMAINS | {"any u": domain(WARM, charge="any")}


@pytest.mark.parametrize("where", PROVEN.values(), ids=PROVEN)
def test_what_is_proven_of_each_domain_is_accepted(where):
    simple = where.baths["a"].statistics == "fermion" and where.charge != "any"
    problem = Problem(where, "chsh" if simple else "singlet_fraction")  # the quicker one
    efficiency = Fraction(1, 2) if where.filters else None
    found = value_interval(problem, efficiency, Fraction(1, 10))
    [proven] = optimum.check(proof_file([proof(problem, [claim_json(found)])]).encode())
    [claim] = proven.claims
    assert (claim.upper, claim.lower) == (found.upper, found.lower)
    halved = any("a" in tree.split() for tree in found.trees)
    assert halved or not problem.in_strips, "no strip is halved"
