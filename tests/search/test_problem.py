"""The search problem, its climb and its polish."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxent.filters import herald
from jaxent.quantum import XState
from jaxent.search.maximise import SearchSettings, climb
from jaxent.search.polish import polish
from jaxent.search.space import Constraint, Monomial, Range
from jaxent.search.tradeoff import trace_curve
from tests.search.studies import BOSONS, CHARGED, INVERTED, QUICK, freeing, study

BEST_WITHOUT_FILTERS = (3 + np.sqrt(5)) / 8
"""The singlet fraction of the inverted machine, brask2022 Sec. V A."""

PROBLEMS = {
    "bosons": study("chsh", "ab", bounded=True, **BOSONS).problem,
    "charged fermions": study("singlet_fraction", "ab", **CHARGED).problem,
    "inverted fermions": study("concurrence", "b", **INVERTED).problem,
}
TUNNELLING = {"kappa_b": Range(-0.2, 0.2)}
every_problem = pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS.keys())


def inside(problem, count, seed=0):
    return np.random.default_rng(seed).uniform(0.1, 0.9, size=(count, problem.size))


# points and seeds


@every_problem
def test_a_point_is_what_its_filters_herald(problem):
    for seed in inside(problem, 3):
        point = np.array(problem.from_seed(seed))
        outcome = problem.outcome(point, 0.2)
        heralded, efficiency = herald(problem.machine(point, 0.2).state(), outcome.filters)
        assert efficiency == pytest.approx(0.2, rel=1e-14)
        np.testing.assert_allclose(outcome.heralded, heralded, rtol=0, atol=1e-14)
        followed = problem.heralded(jnp.asarray(point), 0.2)
        np.testing.assert_allclose(followed, XState.of(heralded), rtol=0, atol=1e-14)


@every_problem
def test_the_score_is_the_signed_measure_of_the_heralded_state(problem):
    assert problem.x_form
    for seed in inside(problem, 3):
        point = np.array(problem.from_seed(seed))
        expected = problem.measure.signed.general(problem.outcome(point, 0.2).heralded)
        assert problem.score(jnp.asarray(point), 0.2) == pytest.approx(float(expected), abs=1e-13)


@every_problem
def test_the_slopes_of_score_and_lead_are_those_of_differences(problem):
    for seed in inside(problem, 5, seed=1):
        point = np.array(problem.from_seed(seed))
        for climbed in (problem.score_and_slope, problem.lead_and_slope):
            steps = 1e-6 * np.eye(len(point))
            up, down = (
                np.array([climbed(point + sign * step, 0.2)[0] for step in steps])
                for sign in (1, -1)
            )
            _, slope = climbed(point, 0.2)
            np.testing.assert_allclose(slope, (up - down) / 2e-6, rtol=1e-6, atol=1e-8)


@every_problem
def test_points_and_seeds_are_each_others_inverse(problem):
    for seed in inside(problem, 3):
        point = np.array(problem.from_seed(seed))
        np.testing.assert_allclose(problem.to_seed(point), seed, rtol=0, atol=1e-12)


@every_problem
def test_a_point_carried_to_a_lower_efficiency_heralds_the_same_state(problem):
    for seed in inside(problem, 3):
        point = np.array(problem.from_seed(seed))
        carried = problem.carry_over(point, 0.2, 0.1)
        np.testing.assert_allclose(
            problem.heralded(carried, 0.1), problem.heralded(point, 0.2), rtol=0, atol=1e-13
        )
        # To a higher one it cannot always be: but its filters pass as much as is asked for.
        raised = problem.carry_over(point, 0.2, 0.9)
        state = problem.machine(jnp.asarray(raised), 0.9).state()
        _, efficiency = herald(state, problem.outcome(raised, 0.9).filters)
        assert efficiency == pytest.approx(0.9, rel=1e-14)


def test_tunnelling_is_known_to_break_the_x_form():
    problem = freeing(study("chsh", "b", **INVERTED), TUNNELLING).problem
    assert not problem.x_form
    point = jnp.asarray(inside(problem, 1)[0])
    expected = problem.measure.signed.general(problem.heralded(point, 0.2))
    assert problem.score(point, 0.2) == pytest.approx(float(expected), abs=1e-14)


# climbing


def test_a_climb_never_loses_what_it_started_from():
    problem = PROBLEMS["inverted fermions"]
    settings = dataclasses.replace(QUICK, starts=32, steps=20)
    seeds = np.random.default_rng(0).uniform(size=(2, 32, problem.size))
    levels = np.array([0.1, 0.5])
    climbed = climb(problem, settings, seeds, levels)
    score = jax.jit(jax.vmap(lambda s, p: problem.score(problem.from_seed(s), p), (0, None)))
    for level, start, end, best in zip(levels, seeds, climbed.seeds, climbed.scores, strict=True):
        assert np.all(best >= score(start, level))
        assert np.mean(best > score(start, level)) > 0.9
        # The scores are those of the seeds that are handed back, which stay in the cube.
        np.testing.assert_allclose(best, score(end, level), rtol=0, atol=1e-12)
        assert np.all((end >= 0) & (end <= 1))


def test_the_optimum_of_the_inverted_machine_is_found():
    # brask2022 Sec. V A: γA = γB, g = (√5-1)/4 γB
    problem = study("singlet_fraction", **INVERTED).problem
    (optimum,) = trace_curve(problem, [1.0], QUICK)
    assert optimum.score == pytest.approx(BEST_WITHOUT_FILTERS, abs=1e-14)
    machine = problem.machine(jnp.asarray(optimum.point), 1.0)
    # The optimum is flat: an error ε in the parameters costs ε² in the score.
    assert machine.bath_b.gamma == pytest.approx(1, abs=1e-6)
    assert machine.g == pytest.approx((np.sqrt(5) - 1) / 4, abs=1e-6)
    assert 1 <= optimum.agreed <= QUICK.starts
    assert optimum.failed == 0


def test_the_optimum_is_found_among_tunnelling_machines_too():
    problem = freeing(study("singlet_fraction", **INVERTED), TUNNELLING).problem
    settings = dataclasses.replace(QUICK, starts=8, steps=60)
    (optimum,) = trace_curve(problem, [1.0], settings)
    assert optimum.score >= BEST_WITHOUT_FILTERS - 1e-10


def test_a_climb_that_never_sees_a_number_says_so():
    base = study("singlet_fraction", **INVERTED)
    broken = dataclasses.replace(base, parameters={**base.parameters, "bath_a.gamma": np.nan})
    seeds = np.full((1, QUICK.starts, 2), 0.5)
    climbed = climb(broken.problem, QUICK, seeds, np.ones(1), led=1.0)
    assert np.all(np.isneginf(climbed.scores))
    assert np.array_equal(climbed.seeds, seeds)


@pytest.mark.parametrize("wrong", [{"starts": 0}, {"steps": 0}, {"seed": -1}, {"rounds": -1}])
def test_a_search_that_could_not_run_is_refused(wrong):
    with pytest.raises(ValueError, match=r"search: .* allowed: starts and steps >= 1"):
        SearchSettings(**wrong)


# polishing


@every_problem
def test_a_polish_improves_its_start_and_keeps_the_constraints(problem):
    n = problem.space.size
    for seed in inside(problem, 3, seed=2):
        start = np.array(problem.from_seed(seed))
        before = float(problem.score_and_slope(start, 0.1)[0])
        point, score = polish(problem, start, 0.1)
        assert score >= before
        assert score == float(problem.score_and_slope(point, 0.1)[0])
        assert np.all((point >= 0) & (point <= 1))
        assert np.all(problem.space.slack(point[:n]) >= 0)


def test_a_polish_reaches_an_optimum_on_the_edge():
    # With g <= γB/4 the inverted machine's best g is at that edge: (21) there, maximised over γB.
    base = study("singlet_fraction", **INVERTED)
    edge = Constraint(
        Monomial(1.0, {"g": 1}), Monomial(0.25, {"bath_b.gamma": 1}), "g <= 0.25*bath_b.gamma"
    )
    problem = dataclasses.replace(base, constraints=(edge,)).problem
    gamma = np.geomspace(0.5, 2, 200_001)
    g = gamma / 4
    t = 1 + gamma
    equation_21 = gamma * (8 * g**2 + 4 * g * t + t**2) / (2 * t**2 * (4 * g**2 + gamma))
    start = np.array(problem.from_seed(np.array([0.5, 0.5])))
    point, score = polish(problem, start, 1.0)
    assert score == pytest.approx(equation_21.max(), abs=1e-10)
    assert problem.space.slack(point) == pytest.approx(0, abs=1e-6)
