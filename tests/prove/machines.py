"""The domains that the tests are about."""

from fractions import Fraction

import numpy as np

import jaxent
from jaxent.prove.domain import HALF, Bath, Domain

COLD = Bath("fermion", Fraction(0), Fraction(0))
INVERTED = Bath("fermion", Fraction(1), Fraction(1))
WARM = Bath("fermion", Fraction(0), HALF)
ANY = Bath("fermion", Fraction(0), Fraction(1))
BOSONS = Bath("boson", Fraction(0), HALF)
COLD_BOSONS = Bath("boson", Fraction(0), Fraction(0))


def domain(a, b=COLD, **keywords):
    return Domain({"a": a, "b": b}, **keywords)


DOMAINS = {
    "inverted": domain(INVERTED, filters=("b",)),
    "inverted, g <= gamma": domain(INVERTED, bounded=True, filters=("a", "b")),
    "bosons": domain(BOSONS, BOSONS, filters=("a", "b")),
    "bosons, g <= gamma": domain(BOSONS, COLD_BOSONS, bounded=True, filters=("b",)),
    "u = inf": domain(WARM, charge="infinite", filters=("b",)),
    "u = inf, g <= gamma, warm B": domain(WARM, WARM, charge="infinite", bounded=True),
    "u = 20, n = 0.88": domain(
        Bath("fermion", Fraction(22, 25), Fraction(22, 25)), charge=Fraction(21), filters=("b",)
    ),
    "u = 4": domain(WARM, charge=Fraction(5), filters=("b",)),
}


def machine_of(where, witness):
    """The machine as the package builds it."""
    baths = {}
    for party in "ab":
        n = float(witness.occupation[party])
        statistics = where.baths[party].statistics
        n = n / (1 - 2 * n) if statistics == "boson" else n
        gamma = float(witness.gamma[party])
        baths[party] = jaxent.Bath(gamma, occupation=n, statistics=statistics)
    u = {"none": 0.0, "infinite": np.inf}.get(where.charge)
    u = float(where.charge - 1) if u is None else u
    return jaxent.TwoQubit(float(witness.g), baths["a"], baths["b"], u=u)
