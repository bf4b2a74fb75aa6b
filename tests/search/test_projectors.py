"""Searches behind fixed filters: there the efficiency is a condition on the machine.

The two-qutrit machine of tavakoli2018 at T_A = inf, T_B = 0, p_B = 1 and equal couplings, whose
heralded state and efficiency are known in closed form, (B2)-(B11) with theta = pi/4.
"""

import re
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import brentq, minimize

from experiments.master_equation import filtered, steady_state
from experiments.tavakoli2018 import equations as tavakoli2018
from jaxent import independent
from jaxent.quantum import XState
from jaxent.search import threshold, tradeoff
from jaxent.search.maximise import SearchSettings
from jaxent.search.polish import polish
from jaxent.search.space import Range
from jaxent.search.threshold import thresholds
from jaxent.search.tradeoff import Optimum, Unreachable, trace_curve
from jaxent.study import Study
from jaxent.verification import verify
from tests.search.studies import compiled_quickly
from tests.systems.stationary import slopes

SETTINGS = SearchSettings(starts=4, steps=20, rounds=0)
G, P_A = (1e-3, 1e2), (1e-6, 1e2)
DEMANDED = 0.1


@pytest.fixture(scope="module", autouse=True)
def _briefly():
    """Small searches, without the further efficiencies that guide large ones."""
    with compiled_quickly(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(tradeoff, "_GUIDES", 2)
        patch.setattr(threshold, "_GRID", 4)
        yield


def qutrits(objective, filters="", **fixed):
    ranges = {"g": Range(*G, "log"), "p_a": Range(*P_A, "log")}
    return Study(
        kind="qudit_reset",
        parameters={"d": 2, "p_b": 1.0, **fixed},
        ranges={name: r for name, r in ranges.items() if name not in fixed},
        filters=tuple(filters),
        objective=objective,
        efficiencies=(DEMANDED,),
        settings=SETTINGS,
    )


@pytest.fixture(scope="module")
def study():
    return qutrits("chsh")


@pytest.fixture(scope="module")
def problem(study):
    return study.problem


# the closed forms, in g and p_A, and in the coordinates of the search


def state(g, p_a):
    return tavakoli2018.filtered_qutrits(np.sqrt(2) * g, np.pi / 4, p_a, 1.0)


def efficiency(g, p_a):
    return tavakoli2018.efficiency_b7(np.sqrt(2) * g, np.pi / 4, p_a, 1.0)


def natural(point):
    low, high = np.log(G[0]), np.log(G[1])
    first, last = np.log(P_A[0]), np.log(P_A[1])
    return np.exp(low + point[0] * (high - low)), np.exp(first + point[1] * (last - first))


def place(g, p_a):
    return np.array(
        [np.log(x / low) / np.log(high / low) for x, (low, high) in ((g, G), (p_a, P_A))]
    )


def best_of_the_closed_forms(measure, demanded):
    """The largest value within the bounds among machines that herald often enough, by SLSQP."""
    found = []
    for start in ([0.5, 0.5], [0.8, 0.7], [1.0, 0.6]):
        for start_measure in (lambda rho: -rho[0, 0].real, measure):
            # From the other side of a plateau of CHSH = 2, too: first the fewest |0,1>.
            outcome = minimize(
                lambda x, m=start_measure: -m(state(*natural(x))),
                start,
                bounds=[(0, 1)] * 2,
                constraints={
                    "type": "ineq",
                    "fun": lambda x: np.log(efficiency(*natural(x)) / demanded),
                },
                options={"ftol": 1e-15, "maxiter": 500},
            )
            start = np.clip(outcome.x, 0, 1)
        if efficiency(*natural(start)) >= demanded * (1 - 1e-9):
            found.append((measure(state(*natural(start))), start))
    return max(found, key=lambda pair: pair[0])


def inside(count, seed=0):
    return np.random.default_rng(seed).uniform(0.2, 0.95, size=(count, 2))


# a problem behind projectors


def test_behind_projectors_qutrits_are_two_qubits(problem):
    assert problem.dims == (2, 2)
    assert problem.heralds
    assert problem.x_form
    assert problem.size == 2


def test_the_score_is_that_of_the_closed_form_whatever_the_efficiency(problem):
    for point in inside(5, seed=1):
        for level in (1e-3, 0.4):
            score, slope = problem.score_and_slope(point, level)
            assert score == pytest.approx(independent.chsh(state(*natural(point))), abs=1e-12)
            expected = slopes(lambda x: independent.chsh(state(*natural(x))), point)
            np.testing.assert_allclose(slope, expected, rtol=1e-6, atol=1e-8)


def test_the_slack_says_how_much_more_than_demanded_passes(problem):
    for point in inside(5, seed=2):
        for level in (1e-3, 0.4):
            slack, slope = problem.slack_and_slope(point, level)
            assert slack == pytest.approx(np.log(efficiency(*natural(point)) / level), abs=1e-11)
            expected = slopes(lambda x: np.log(efficiency(*natural(x))), point)
            np.testing.assert_allclose(slope, expected, rtol=1e-6, atol=1e-8)


def test_a_climb_pays_for_what_is_missing_and_for_nothing_else(problem):
    # So much that all of CHSH beyond 2 is not worth a quarter of the efficiency.
    span = 2 * np.sqrt(2) - 2
    assert 4 * span * np.log(4 / 3) > span
    for g, p_a in ((3.0, 0.5), (0.1, 1e-3)):
        missing = np.log(DEMANDED / efficiency(g, p_a))
        heralded, penalty = problem.climbed(place(g, p_a), DEMANDED)
        assert penalty == pytest.approx(4 * span * max(missing, 0.0), rel=1e-11)
        np.testing.assert_allclose(heralded, XState.of(state(g, p_a)), rtol=0, atol=1e-13)
    assert efficiency(3.0, 0.5) > DEMANDED > efficiency(0.1, 1e-3)


def test_what_is_reported_of_a_point_are_the_projectors_and_what_they_herald(study, problem):
    point = place(3.0, 0.5)
    outcome = problem.outcome(point, DEMANDED)
    assert [list(diagonal) for diagonal in outcome.filters] == [[1, 1, 0], [0, 1, 1]]
    assert outcome.placed == {}
    np.testing.assert_allclose(outcome.heralded, state(3.0, 0.5), rtol=0, atol=1e-13)
    reported = verify(study, Optimum(DEMANDED, point, 0.0, agreed=1, failed=0))
    assert reported.parameters == pytest.approx({"g": 3.0, "p_a": 0.5}, rel=1e-13)
    assert reported.efficiency == DEMANDED
    # They let more through than was asked for, and that is said.
    assert reported.verified.efficiency == pytest.approx(efficiency(3.0, 0.5), rel=1e-11)
    assert reported.verified.value == pytest.approx(independent.chsh(state(3.0, 0.5)), abs=1e-12)
    assert reported.verified.residual < 1e-14


# polishing


@pytest.mark.parametrize("start", [(3.0, 0.5), (20.0, 1.0), (0.1, 1e-3), (1.0, 0.1)], ids=str)
def test_a_polished_point_heralds_often_enough_and_is_no_worse(problem, start):
    start = place(*start)
    before = float(problem.score_and_slope(start, DEMANDED)[0])
    point, score = polish(problem, start, DEMANDED)
    assert efficiency(*natural(point)) >= DEMANDED * (1 - 1e-9)
    assert np.all((point >= 0) & (point <= 1))
    assert score == pytest.approx(independent.chsh(state(*natural(point))), abs=1e-12)
    if efficiency(*natural(start)) >= DEMANDED:
        assert score >= before


def test_a_polish_that_finds_no_machine_that_heralds_often_enough_claims_nothing(problem):
    start = place(3.0, 0.5)
    point, score = polish(problem, start, 0.9)
    assert score == -np.inf
    assert np.array_equal(point, start)


def test_the_optimum_is_that_of_the_closed_forms(problem):
    value, best = best_of_the_closed_forms(independent.chsh, DEMANDED)
    assert natural(best)[0] == pytest.approx(G[1], rel=1e-6)
    point, score = polish(problem, place(20.0, 0.5), DEMANDED)
    assert score == pytest.approx(value, abs=1e-9)
    np.testing.assert_allclose(point, best, rtol=0, atol=1e-6)
    # At the bound of g the condition alone fixes p_A.
    p_a = brentq(lambda x: efficiency(G[1], x) - DEMANDED, 0.01, 1.0, xtol=1e-15)
    assert score == pytest.approx(independent.chsh(state(G[1], p_a)), abs=1e-9)
    assert score == pytest.approx(2.156253, abs=1e-6)


# curves


def test_a_curve_behind_projectors_falls_and_is_that_of_the_closed_forms(problem):
    # At the last efficiency there is none: the most is let through with p_A at its bound.
    levels = (0.05, DEMANDED, 0.2, 0.9)
    assert efficiency(G[1], P_A[1]) < 0.9
    found = trace_curve(problem, levels, SETTINGS, reachable=True)
    assert [optimum.level for optimum in found] == list(levels[:-1])
    for optimum in found:
        value, _ = best_of_the_closed_forms(independent.chsh, optimum.level)
        assert optimum.score == pytest.approx(value, abs=1e-8)
        passed = efficiency(*natural(optimum.point))
        assert passed >= optimum.level * (1 - 1e-9)
    assert all(later.score <= earlier.score for earlier, later in pairwise(found))


def test_more_than_any_machine_lets_through_is_refused(problem):
    with pytest.raises(Unreachable, match=r"efficiency: 0\.9 is demanded") as refusal:
        trace_curve(problem, [0.9], SETTINGS)
    # It names what it has seen pass, which some machine does let through.
    seen = float(re.search(r"fixed filters is ([\d.e-]+);", str(refusal.value)).group(1))
    assert 0.1 < seen <= efficiency(G[1], P_A[1]) + 5e-4


def test_the_threshold_is_where_the_closed_form_stops_violating(problem):
    # CHSH = 2 at p_A / p_B = 3 (sqrt(2) - 1) / 2 whatever g, and the efficiency there grows with g.
    (strict,) = thresholds(problem, SETTINGS, margins=())
    p_a = 3 * (np.sqrt(2) - 1) / 2
    for g in (1.0, 30.0, G[1]):
        assert independent.chsh(state(g, p_a)) == pytest.approx(2, abs=1e-12)
    assert efficiency(99.0, p_a) < efficiency(G[1], p_a)
    assert strict.efficiency == pytest.approx(efficiency(G[1], p_a), rel=1e-7)
    assert strict.efficiency == pytest.approx(0.12025007, abs=1e-8)
    assert efficiency(*natural(strict.optimum.point)) >= strict.efficiency * (1 - 1e-9)
    assert independent.chsh(state(*natural(strict.optimum.point))) > 2


# free filters behind projectors


WEIGHTS = np.array([3.0, 1.0, 2.0])


@cache
def filtering(d):
    """A machine whose filter on B alone is free, its state behind the projectors, and p of them.

    p_A << p_B and unequal couplings: the projectors herald amplitudes g_k / |g|, (11). The
    reference is by least squares.
    """
    p_a, p_b = 1e-3, 1.0
    g = (0.01 * WEIGHTS[:d]).tolist()
    study = Study(
        kind="qudit_reset",
        parameters={"d": d, "g": g, "p_a": p_a, "p_b": p_b},
        ranges={},
        filters=("b",),
        objective="negativity",
        efficiencies=(1e-5,),
        settings=SETTINGS,
    )
    full = tavakoli2018.qudits(g, p_a, p_b)
    rho, passed = filtered(steady_state(full), [1] * d + [0], [0] + [1] * d)
    kept = [a * (d + 1) + b for a in range(d) for b in range(1, d + 1)]
    return study, rho[np.ix_(kept, kept)], passed


@pytest.mark.parametrize("d", [2, 3])
def test_a_free_filter_behind_projectors_meets_the_efficiency_of_both(d):
    study, rho, passed = filtering(d)
    problem, demanded = study.problem, 0.4 * passed
    assert problem.dims == (d, d)
    assert problem.size == (1 if d == 2 else d)  # a ratio, or weights
    for point in np.random.default_rng(d).uniform(0.1, 0.9, size=(3, problem.size)):
        outcome = problem.outcome(point, demanded)
        a, b = outcome.filters
        assert list(a) == [1] * d + [0]
        assert b[0] == 0
        heralded, further = filtered(rho, np.ones(d), b[1:])
        assert passed * further == pytest.approx(demanded, rel=1e-9)
        np.testing.assert_allclose(outcome.heralded, heralded, rtol=0, atol=1e-9)
        score, slope = problem.score_and_slope(point, demanded)
        assert score == pytest.approx(independent.negativity(heralded, (d, d)), abs=1e-8)
        differences = [
            problem.score_and_slope(point + step, demanded)[0]
            - problem.score_and_slope(point - step, demanded)[0]
            for step in 1e-6 * np.eye(problem.size)
        ]
        np.testing.assert_allclose(slope, np.array(differences) / 2e-6, rtol=1e-5, atol=1e-7)


def test_a_filter_makes_even_amplitudes_of_uneven_ones():
    """Of three levels, with d min g_k^2 / |g|^2 of the probability; SciPy finds the same filter."""
    d = 3
    study, rho, passed = filtering(d)
    share = d * (WEIGHTS**2).min() / (WEIGHTS**2).sum()
    levels = (0.7 * share * passed, 0.7 * passed)
    low, high = trace_curve(study.problem, levels, SETTINGS)
    for optimum in (low, high):
        best = best_filter(rho, d, optimum.level / passed)
        assert optimum.score == pytest.approx(best, abs=1e-6)
        point = verify(study, optimum)
        assert point.verified.efficiency == pytest.approx(optimum.level, rel=1e-9)
        assert point.verified.value == pytest.approx(point.value, abs=1e-9)
        assert point.rho.shape == (d**2, d**2)
    largest = (d - 1) / 2
    assert high.score < low.score < largest
    assert low.score == pytest.approx(largest, rel=0.01)


def best_filter(rho, d, demanded):
    """The largest negativity behind a filter on B that passes with at least ``demanded``."""
    one = np.ones(d)
    enough = {"type": "ineq", "fun": lambda f: np.log(filtered(rho, one, f)[1] / demanded)}
    found = [
        minimize(
            lambda f: -independent.negativity(filtered(rho, one, f)[0], (d, d)),
            start,
            bounds=[(1e-3, 1)] * d,
            constraints=enough,
            options={"ftol": 1e-12},
        )
        for start in (one, 1 / WEIGHTS[:d], np.linspace(1, 0.5, d))
    ]
    return -min(outcome.fun for outcome in found)
