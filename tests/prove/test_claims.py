"""What is true is proven, what is false is refuted, and intervals hold the known numbers."""

from fractions import Fraction

import numpy as np
import pytest

from jaxent.prove.bracket import threshold_interval, value_interval
from jaxent.prove.claims import Problem
from jaxent.prove.domain import HALF
from jaxent.prove.witness import heralded, let_through, witness_at
from tests.prove.machines import ANY, BOSONS, INVERTED, WARM, domain

INVERTED_B = domain(INVERTED, filters=("b",))
GOLDEN = (3 + 5**0.5) / 8
WIDTH = Fraction(1, 10**5)

NO_GO = {
    "bosons": domain(BOSONS, BOSONS),
    "fermions": domain(WARM, WARM),
    "charged fermions": domain(WARM, WARM, charge="any"),
    "charged fermions, u = inf": domain(WARM, WARM, charge="infinite"),
}


@pytest.mark.parametrize("where", NO_GO.values(), ids=NO_GO.keys())
@pytest.mark.parametrize(("objective", "bound"), [("singlet_fraction", HALF), ("chsh", 2)])
def test_without_filters_and_inversion_nothing_classical_is_beaten(where, objective, bound):
    # brask2022 Apps. A 1, B 1, B 2, there at T_B = 0: here at all temperatures, one box each.
    attempt = Problem(where, objective).attempt(Fraction(bound), None)
    assert attempt.proven
    assert all(tree == "0" for tree in attempt.trees)


def test_inversion_alone_violates_no_bell_inequality():
    # brask2022 Sec. V B
    assert Problem(domain(ANY, ANY), "chsh").attempt(Fraction(2), None).proven


def test_the_largest_singlet_fraction_without_filters_is_golden():
    # brask2022 Sec. V A: (3 + √5)/8 for complete inversion at T_B = 0
    found = value_interval(Problem(domain(INVERTED), "singlet_fraction"), None, WIDTH)
    assert found.closed
    assert found.lower <= GOLDEN <= found.upper


def test_a_quarter_is_the_supremum_with_one_filter_and_is_not_attained():
    # Exact algebra: the violation with a filter on B vanishes at 25 %.
    found = threshold_interval(Problem(INVERTED_B, "chsh"), WIDTH)
    assert found.closed
    assert found.lower < Fraction(1, 4) < found.upper
    assert found.witness is not None


def test_a_false_claim_is_refuted_by_a_machine():
    level, efficiency = Fraction("2.26"), Fraction(1, 10)
    attempt = Problem(INVERTED_B, "chsh").attempt(level, efficiency)
    assert not attempt.proven
    part, patch, point = attempt.refuted
    named = dict(zip(INVERTED_B.variables, point.tolist(), strict=True))
    witness = let_through(INVERTED_B, witness_at(INVERTED_B, part, patch, named), efficiency)
    state = heralded(INVERTED_B, witness)
    assert state.efficiency >= efficiency
    assert state.at_least("chsh") > level


def test_what_no_budget_suffices_for_is_left_open(monkeypatch):
    monkeypatch.setattr("jaxent.prove.claims.TRIES", ((0.95, 3),))
    attempt = Problem(INVERTED_B, "chsh").attempt(Fraction("2.2695"), Fraction(1, 10))
    assert not attempt.proven
    assert attempt.refuted is None
    assert attempt.trees == ()


def test_strips_hold_the_occupations_that_belong_together():
    from jaxent.prove.domain import raised
    from jaxent.prove.strips import lines

    exponent = Fraction(21)
    for low, high in ((Fraction(0), Fraction(1, 32)), (Fraction(3, 4), Fraction(13, 16))):
        below, above = lines(low, high, exponent)
        for part in np.linspace(0, 1, 9):
            t = Fraction(float(part))
            h = raised((low + t * (high - low)) / 2, exponent)
            upper, lower = (ends[0] + t * (ends[1] - ends[0]) for ends in (above, below))
            assert 0 <= lower <= h <= upper
