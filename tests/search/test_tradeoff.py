"""Trade-off curves: their shape, and what a search by other means finds."""

import numpy as np
import pytest

from jaxent.search.tradeoff import trace_curve
from tests.search.studies import BOSONS, CHARGED, FERMIONS, INVERTED, QUICK, file, study

# After studies, which puts its folder on the path.
from global_search import best  # isort: skip

# objective, machine, efficiencies, and the filters whose curves are compared, ascending
FAMILIES = {
    "inverted fermions, CHSH": ("chsh", INVERTED, (0.02, 0.1, 0.2, 1.0), ("", "b", "ab")),
    "charged fermions, F": ("singlet_fraction", CHARGED, (0.03, 0.3, 0.6), ("b", "ab")),
}

# The independent search has no gradients: it stops at a flat optimum within this.
AGREEMENT = 1e-8


def curve(objective, filters, efficiencies, keywords):
    levels = efficiencies if filters else (1.0,)
    return trace_curve(study(objective, filters, levels, **keywords).problem, levels, QUICK)


def independent(objective, filters, efficiency, keywords):
    return best(file(objective, filters, **keywords), efficiency, restarts=2).value


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES.keys())
def test_efficiency_costs_filters_help_and_an_independent_search_agrees(family):
    objective, keywords, efficiencies, filters = family
    scores = {}
    for used in filters:
        optima = curve(objective, used, efficiencies, keywords)
        scores[used] = np.array([optimum.score for optimum in optima])
        for optimum in optima:
            expected = independent(objective, used, optimum.efficiency, keywords)
            assert optimum.score == pytest.approx(expected, abs=AGREEMENT)
        # A filter can be scaled down: what can be had at a higher efficiency, can at a lower.
        assert np.all(np.diff(scores[used]) <= 1e-12)
    for fewer, more in zip(filters, filters[1:], strict=False):
        assert np.all(scores[more] >= scores[fewer] - 1e-12)
        assert scores[more][0] > scores[fewer][0] + 1e-3


def test_at_full_efficiency_a_filter_is_of_no_use():
    with_filter = curve("singlet_fraction", "b", (0.5, 1.0), INVERTED)
    assert with_filter[0].score > with_filter[1].score + 0.01
    assert with_filter[1].score == pytest.approx((3 + np.sqrt(5)) / 8, abs=1e-12)


def test_bosons_violate_a_bell_inequality_at_a_thousandth():
    # The violation is rare among machines and filters, and a search easily ends on |01>.
    bounded, free = (
        curve("chsh", "ab", (1e-3,), BOSONS | {"bounded": bounded})[0].score
        for bounded in (True, False)
    )
    # By differential evolution over the closed form of the state, experiments/brask2022.
    assert bounded == pytest.approx(2.066893878, abs=1e-9)
    assert bounded == pytest.approx(
        independent("chsh", "ab", 1e-3, BOSONS | {"bounded": True}), abs=AGREEMENT
    )
    # Beyond g <= γ, where the model does not hold, it would be larger.
    assert free > bounded + 0.1
    assert free == pytest.approx(independent("chsh", "ab", 1e-3, BOSONS), abs=AGREEMENT)


@pytest.mark.parametrize(
    ("objective", "filters", "efficiency", "keywords"),
    [
        ("singlet_fraction", "ab", 0.1, BOSONS),
        ("singlet_fraction", "ab", 0.1, FERMIONS | {"bounded": True}),
        ("chsh", "ab", 0.01, CHARGED),
        ("negativity", "a", 0.3, CHARGED | {"bounded": True}),
        ("concurrence", "ab", 0.1, BOSONS),
    ],
    ids=str,
)
def test_an_independent_search_finds_the_same(objective, filters, efficiency, keywords):
    (optimum,) = curve(objective, filters, (efficiency,), keywords)
    expected = independent(objective, filters, efficiency, keywords)
    assert optimum.score == pytest.approx(expected, abs=AGREEMENT)


def test_a_search_of_filters_alone_finds_those_that_are_known_to_be_best():
    # Of an X state: C = (|α| - √(p00 p11)) / (√(p00 p11) + √(p01 p10)), see tests/test_filters.py.
    base = study("concurrence", "ab", temperature=2.0)
    fixed = {**base.parameters, "g": 0.4, "bath_b.gamma": 3.0}
    problem = type(base)(
        base.kind, fixed, {}, base.filters, base.objective, (1e-3,), settings=QUICK
    ).problem
    assert problem.size == 2
    (optimum,) = trace_curve(problem, [1e-3], QUICK)
    rho = np.asarray(problem.machine(optimum.point).state())
    p, alpha = np.diag(rho).real, abs(rho[1, 2])
    even, odd = np.sqrt(p[0] * p[3]), np.sqrt(p[1] * p[2])
    assert optimum.score == pytest.approx((alpha - even) / (even + odd), abs=1e-12)


def test_a_machine_without_anything_free_is_scored_as_it_is():
    base = study("singlet_fraction", temperature=-0.0)
    fixed = {**base.parameters, "g": (np.sqrt(5) - 1) / 4, "bath_b.gamma": 1.0}
    problem = type(base)(base.kind, fixed, {}, (), base.objective, (1.0,)).problem
    (optimum,) = trace_curve(problem, [1.0], QUICK)
    assert optimum.score == pytest.approx((3 + np.sqrt(5)) / 8, abs=1e-14)


def test_optima_come_at_the_efficiencies_asked_for_and_progress_is_told():
    told = []
    efficiencies = (0.1, 0.2, 1 / 3)
    problem = study("singlet_fraction", "b", efficiencies, **INVERTED).problem
    optima = trace_curve(problem, efficiencies, QUICK, lambda *news: told.append(news))
    assert [optimum.efficiency for optimum in optima] == list(efficiencies)
    assert all(0 <= optimum.agreed <= QUICK.starts for optimum in optima)
    assert {stage for stage, _ in told} == {"climbing", "polishing"}
    for stage in ("climbing", "polishing"):
        fractions = [fraction for name, fraction in told if name == stage]
        assert fractions == sorted(fractions)
        assert 0 <= fractions[0] <= fractions[-1] <= 1
