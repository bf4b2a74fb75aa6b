"""Thresholds: the largest heralding efficiency at which the classical bound is beaten."""

import numpy as np
import pytest

from jaxent.search.maximise import SearchSettings
from jaxent.search.threshold import thresholds
from tests.search.studies import BOSONS, CHARGED, INVERTED, file, study

# After studies, which puts its folder on the path.
import global_search  # isort: skip

SETTINGS = SearchSettings(starts=16, steps=100, rounds=1)
MARGIN = 1e-3

# objective, machine, and the strict threshold, which differential evolution of the inverse problem
# (experiments/brask2022/global_search.py) approaches as its margin goes to 0.
CASES = {
    "inverted fermions, CHSH": ("chsh", INVERTED, 0.261390),
    "bosons, g <= gamma, CHSH": ("chsh", BOSONS | {"bounded": True}, 0.0015728),
    "charged fermions, CHSH": ("chsh", CHARGED, 0.034976),
    "charged fermions, F": ("singlet_fraction", CHARGED, 0.5465),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_thresholds_are_those_of_the_inverse_problem(case):
    objective, keywords, expected = case
    problem = study(objective, "ab", **keywords).problem
    strict, with_margin = thresholds(problem, SETTINGS, margins=(MARGIN,))
    digits = len(str(expected)) - 2
    assert strict.margin == 0
    assert round(strict.efficiency, digits) == pytest.approx(expected, abs=1.1 * 10**-digits)
    assert with_margin.margin == MARGIN
    assert with_margin.efficiency < strict.efficiency
    independent = global_search.threshold(file(objective, "ab", **keywords), MARGIN, restarts=2)
    assert with_margin.efficiency == pytest.approx(independent.value, rel=1e-6)
    # Each comes with the machine that reaches it.
    for threshold in (strict, with_margin):
        score, _ = problem.score_and_slope(threshold.optimum.point, threshold.efficiency)
        level = problem.measure.classical_bound + threshold.margin
        assert score == pytest.approx(threshold.optimum.score, abs=1e-14)
        assert score == pytest.approx(level, abs=1e-8)
        assert threshold.optimum.efficiency == threshold.efficiency


def test_what_cannot_be_beaten_has_no_threshold():
    # The inverted machine's best CHSH value is at most 2 √2.
    problem = study("chsh", "b", **INVERTED).problem
    found = thresholds(problem, SETTINGS, margins=(0.83,))[-1]
    assert found.efficiency == 0
    assert found.optimum is None


def test_a_bound_that_is_beaten_without_filters_is_beaten_at_every_efficiency():
    # brask2022 Sec. V A: F = (3+√5)/8 at p = 1
    problem = study("singlet_fraction", "b", **INVERTED).problem
    strict, below, above = thresholds(problem, SETTINGS, margins=(0.15, 0.16))
    assert strict.efficiency == below.efficiency == 1
    assert (3 + np.sqrt(5)) / 8 - 0.5 < 0.16
    assert 0.5 < above.efficiency < 1
