"""Trade-off curves: their shape, and what a search by other means finds."""

from itertools import pairwise

import numpy as np
import pytest
from global_search import best

from jaxent.search.tradeoff import trace_curve
from jaxent.study import Study
from tests.search.studies import BOSONS, CHARGED, INVERTED, QUICK, file, study

BEST_WITHOUT_FILTERS = (3 + np.sqrt(5)) / 8
"""The singlet fraction of the inverted machine, brask2022 Sec. V A."""

# The independent search has no gradients: it stops at a flat optimum within this.
AGREEMENT = 1e-8


def curve(objective, filters, efficiencies, keywords):
    problem = study(objective, filters, efficiencies, **keywords).problem
    return [optimum.score for optimum in trace_curve(problem, efficiencies, QUICK)]


def expect_agreement(scores, objective, filters, efficiencies, keywords):
    for score, efficiency in zip(scores, efficiencies, strict=True):
        found = best(file(objective, filters, **keywords), efficiency, restarts=2)
        assert score == pytest.approx(found.value, abs=AGREEMENT)


def test_efficiency_costs_and_filters_help():
    efficiencies = (0.05, 0.3, 1.0)
    scores = {
        filters: np.array(curve("singlet_fraction", filters, efficiencies, INVERTED))
        for filters in ("b", "ab")
    }
    for filters, found in scores.items():
        expect_agreement(found, "singlet_fraction", filters, efficiencies, INVERTED)
        # A filter can be scaled down: what can be had at a higher efficiency, can at a lower.
        assert all(later < earlier for earlier, later in pairwise(found))
        # At full efficiency it must let everything pass.
        assert found[-1] == pytest.approx(BEST_WITHOUT_FILTERS, abs=1e-12)
        assert np.all(found[:-1] > BEST_WITHOUT_FILTERS + 0.05)
    # brask2022 Sec. VI B: filtering qubit A as well is of some use, but marginal.
    gain = scores["ab"] - scores["b"]
    assert np.all(gain >= -1e-12)
    assert 1e-4 < gain[0] < 0.02


def test_bosons_violate_a_bell_inequality_at_a_thousandth():
    # The violation is rare among machines and filters, and a search easily ends on |01>.
    scores = {}
    for bounded in (True, False):
        machine = BOSONS | {"bounded": bounded}
        (scores[bounded],) = curve("chsh", "ab", (1e-3,), machine)
        expect_agreement([scores[bounded]], "chsh", "ab", (1e-3,), machine)
    # By differential evolution over the closed form of the state, experiments/brask2022.
    assert scores[True] == pytest.approx(2.066893878, abs=1e-9)
    # Beyond g <= γ, where the model does not hold, it would be larger.
    assert scores[False] > scores[True] + 0.1


@pytest.mark.parametrize(
    ("objective", "filters", "efficiencies", "machine"),
    [
        ("chsh", "b", (0.02, 0.2), INVERTED),
        ("singlet_fraction", "ab", (0.03, 0.3), CHARGED),
        ("singlet_fraction", "ab", (0.1,), BOSONS),
        ("negativity", "a", (0.3,), CHARGED | {"bounded": True}),
    ],
    ids=["inverted fermions", "charged fermions", "bosons", "charged fermions, g <= gamma"],
)
def test_an_independent_search_finds_the_same(objective, filters, efficiencies, machine):
    scores = curve(objective, filters, efficiencies, machine)
    expect_agreement(scores, objective, filters, efficiencies, machine)


# less to choose


def of_one_machine(objective, filters, machine, **parameters):
    """A study of one machine, where only the filters are free."""
    base = study(objective, filters, **machine)
    fixed = {**base.parameters, **parameters}
    return Study(base.kind, fixed, {}, base.filters, objective, (1.0,), settings=QUICK)


def test_a_search_of_filters_alone_finds_those_that_are_known_to_be_best():
    # Of an X state: C = (|α| - √(p00 p11)) / (√(p00 p11) + √(p01 p10)), see tests/test_filters.py.
    warm = {"statistics": "fermion", "temperature": 2.0}
    problem = of_one_machine("concurrence", "ab", warm, g=0.4, **{"bath_b.gamma": 3.0}).problem
    rho = np.asarray(problem.machine(np.zeros(2), 1.0).state())
    p, alpha = np.diag(rho).real, abs(rho[1, 2])
    even, odd = np.sqrt(p[0] * p[3]), np.sqrt(p[1] * p[2])
    efficiencies, told = (1e-3, 2e-3, 1 / 300), []
    optima = trace_curve(problem, efficiencies, QUICK, lambda *news: told.append(news))
    assert [optimum.level for optimum in optima] == list(efficiencies)
    for optimum in optima:
        assert optimum.score == pytest.approx((alpha - even) / (even + odd), abs=1e-12)
        assert 1 <= optimum.agreed <= QUICK.starts
        assert optimum.failed == 0
    # And it tells how far it is.
    stages = [stage for stage, _ in told]
    assert stages == sorted(stages)
    assert set(stages) == {"climbing", "polishing"}
    for stage in set(stages):
        fractions = [fraction for name, fraction in told if name == stage]
        assert fractions == sorted(fractions)
        assert 0 <= fractions[0] <= fractions[-1] <= 1


def test_a_machine_without_anything_free_is_scored_as_it_is():
    g = (np.sqrt(5) - 1) / 4
    problem = of_one_machine("singlet_fraction", "", INVERTED, g=g, **{"bath_b.gamma": 1.0}).problem
    (optimum,) = trace_curve(problem, [1.0], QUICK)
    assert optimum.score == pytest.approx(BEST_WITHOUT_FILTERS, abs=1e-14)
