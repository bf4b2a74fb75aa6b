"""Thresholds: the largest heralding efficiency at which the classical bound is beaten."""

import global_search
import numpy as np
import pytest

from jaxent.search.maximise import SearchSettings
from jaxent.search.space import Range
from jaxent.search.threshold import thresholds
from jaxent.study import Study
from tests.search.studies import BOSONS, CHARGED, INVERTED, file, study

SETTINGS = SearchSettings(starts=16, steps=100, rounds=1)
MARGIN = 1e-3
UNREACHABLE = 0.83
"""Neither 2 + 0.83 for CHSH nor 1/2 + 0.83 for the singlet fraction can be had."""

# objective, machine, and the strict threshold with its rounding, which differential evolution of
# the inverse problem (experiments/brask2022/global_search.py) approaches as the margin goes to 0.
CASES = {
    "inverted fermions, CHSH": ("chsh", INVERTED, 0.261390, 1e-6),
    "bosons, g <= gamma, CHSH": ("chsh", BOSONS | {"bounded": True}, 0.0015728, 1e-7),
    "charged fermions, CHSH": ("chsh", CHARGED, 0.034976, 1e-6),
    "charged fermions, F": ("singlet_fraction", CHARGED, 0.5465, 1e-4),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_thresholds_are_those_of_the_inverse_problem(case):
    objective, machine, expected, last_digit = case
    problem = study(objective, "ab", **machine).problem
    strict, with_margin, never = thresholds(problem, SETTINGS, margins=(MARGIN, UNREACHABLE))
    assert [found.margin for found in (strict, with_margin, never)] == [0, MARGIN, UNREACHABLE]
    assert strict.efficiency == pytest.approx(expected, abs=last_digit)
    assert with_margin.efficiency < strict.efficiency
    independent = global_search.threshold(file(objective, "ab", **machine), MARGIN, restarts=2)
    assert with_margin.efficiency == pytest.approx(independent.value, rel=1e-6)
    assert never.efficiency == 0
    assert never.optimum is None
    # Each comes with the machine that reaches it.
    for found in (strict, with_margin):
        level = problem.measure.classical_bound + found.margin
        score, _ = problem.score_and_slope(found.optimum.point, found.efficiency)
        assert found.optimum.level == found.efficiency
        assert score == pytest.approx(found.optimum.score, abs=1e-14)
        assert score == pytest.approx(level, abs=1e-8)


def test_a_bound_that_is_beaten_without_filters_is_beaten_at_every_efficiency():
    # brask2022 Sec. V A: F = (3+√5)/8 at p = 1, of one machine with a filter on B
    base = study("singlet_fraction", "b", **INVERTED)
    fixed = {**base.parameters, "g": (np.sqrt(5) - 1) / 4, "bath_b.gamma": 1.0}
    problem = Study(base.kind, fixed, {}, base.filters, base.objective, (1.0,)).problem
    strict, below, above = thresholds(problem, SETTINGS, margins=(0.15, 0.16))
    assert strict.efficiency == below.efficiency == 1
    assert 0.5 < above.efficiency < 1


@pytest.mark.parametrize("objective", ["concurrence", "negativity"])
def test_weak_entanglement_is_entanglement(objective):
    """n_A = 1e-6: entangled without a filter, with a concurrence of 1e-7 (to first order in n)."""
    base = study(objective, "b", statistics="fermion")
    parameters = base.parameters | {"bath_a.occupation": 1e-6, "bath_b.gamma": 5.0}
    problem = Study(
        base.kind, parameters, {"g": Range(0.1, 1.0)}, base.filters, objective, (1.0,)
    ).problem
    strict, with_margin = thresholds(problem, SETTINGS, margins=(1e-6,))
    assert strict.efficiency == 1
    assert with_margin.efficiency < 1
