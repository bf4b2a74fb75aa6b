r"""Many climbs at once, then a polish.

``climber`` follows the exact gradient of the score with Adam (Optax) from many seeds at many
efficiencies, all in one compiled call. Seeds live in the unit cube; a step that leaves it is
projected back, so optima at a bound are reached exactly.

Product states form plateaus (CHSH = 2, F = 1/2) on which a naive climb ends. So a first climb is
led away from them during its first half: every other seed by the negativity, which has no such
plateau, passing over to the score step by step; the others by the measure's own ``lead``, which
is positive exactly where the classical bound is beaten.

``polish`` takes one point to the nearest optimum with SciPy's SLSQP, which treats the
constraints themselves, not their image in the cube: there a machine at the edge ``g = gamma_A =
gamma_B`` sits on a crease where gradient steps would crawl.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

from jaxent.measures import OBJECTIVES
from jaxent.search.problem import Problem

_STEEPEST = 100.0
_CLOSE = 1e-3

Slope = Callable[[np.ndarray, float], tuple[Any, Any]]
"""A value and its gradient at a point and an efficiency."""


@dataclass(frozen=True)
class SearchSettings:
    """How hard to search.

    Attributes:
        starts: seeds per efficiency, >= 1.
        steps: Adam steps per climb, >= 1.
        seed: of the random numbers.
        learning_rate: first step of Adam in the unit cube; it decays along a cosine.
        rounds: how often each efficiency is searched again from its neighbours' optima.
    """

    starts: int = 64
    steps: int = 300
    seed: int = 0
    learning_rate: float = 0.05
    rounds: int = 2

    def __post_init__(self):
        if min(self.starts, self.steps) < 1 or min(self.seed, self.rounds) < 0:
            raise ValueError(
                f"search: {self} is given; allowed: starts and steps >= 1, seed and rounds >= 0"
            )


class Climbed(NamedTuple):
    """The best that each climb saw.

    Attributes:
        seeds: shape ``(..., k)``, in the unit cube.
        scores: shape ``(...)``; minus infinity where a climb never saw a number.
    """

    seeds: Float[Array, "... k"] | Float[np.ndarray, "... k"]
    scores: Float[Array, "..."] | Float[np.ndarray, "..."]

    def better(self, other: Climbed) -> Climbed:
        """Climb by climb the one that saw more."""
        improved = jnp.asarray(other.scores > self.scores)
        return Climbed(
            jnp.where(improved[..., None], other.seeds, self.seeds),
            jnp.where(improved, other.scores, self.scores),
        )


Climb = Callable[..., Climbed]
"""Takes ``seeds`` (shape ``(efficiencies, starts, k)``), ``efficiencies`` (shape
``(efficiencies,)``), ``led`` (1 for a first climb, 0 for a refinement) and ``pace`` (the learning
rate relative to that of the settings)."""


def climber(problem: Problem, settings: SearchSettings) -> Climb:
    """The compiled climb of a problem; it is kept for the next search with as many steps."""
    return _climber(problem, settings.steps, settings.learning_rate)


@lru_cache(maxsize=8)
def _climber(problem: Problem, steps: int, learning_rate: float) -> Climb:
    adam = _adam(steps, learning_rate)
    slope_of = jax.value_and_grad(partial(_loss, problem), has_aux=True)

    def one(seed, efficiency, by_negativity, led, pace):
        def step(carry, progress):
            seed, state, best = carry
            to_go = led * jnp.maximum(1 - 2 * progress, 0.0)
            (_, score), slope = slope_of(seed, efficiency, by_negativity, to_go)
            best = best.better(Climbed(seed, score))
            slope = jnp.where(jnp.isfinite(slope), slope, 0.0)
            update, state = adam.update(slope, state)
            return (jnp.clip(seed + pace * update, 0.0, 1.0), state, best), None

        start = (seed, adam.init(seed), Climbed(seed, jnp.asarray(-jnp.inf)))
        (_, _, best), _ = jax.lax.scan(step, start, jnp.linspace(0.0, 1.0, steps))
        return best

    many = jax.vmap(jax.vmap(one, (0, None, 0, None, None)), (0, 0, None, None, None))

    def climb(seeds, efficiencies, led, pace):
        by_negativity = jnp.arange(seeds.shape[1]) % 2 == 0
        return many(seeds, efficiencies, by_negativity, led, pace)

    return jax.jit(climb)


def _adam(steps: int, learning_rate: float) -> optax.GradientTransformation:
    schedule = optax.cosine_decay_schedule(learning_rate, steps, alpha=1e-4)
    # Without the clip one huge slope, at the edge of a plateau, would outweigh all that follow.
    return optax.chain(optax.clip_by_global_norm(_STEEPEST), optax.adam(schedule, b2=0.99))


def _loss(problem: Problem, seed, efficiency, by_negativity, to_go):
    """What a climb descends, with the score that it is after."""
    measure = problem.measure
    rho = problem.heralded(problem.from_seed(seed), efficiency)
    score = problem.evaluate(measure.signed, rho)
    negativity = problem.evaluate(OBJECTIVES["negativity"].signed, rho)
    span = measure.maximum - measure.classical_bound
    mixture = (1 - to_go) * score + to_go * span * negativity
    led = jnp.where(to_go > 0, problem.evaluate(measure.lead, rho), score)
    return -jnp.where(by_negativity, mixture, led), score


class _Ascent:
    """What SLSQP minimises, and the best point that it has seen.

    Args:
        problem: what is maximised.
        point: where it starts.
        efficiency: the heralding efficiency.
        climbed: value and gradient of what is maximised.
    """

    def __init__(self, problem: Problem, point: np.ndarray, efficiency: float, climbed: Slope):
        self.space, self.efficiency, self.climbed = problem.space, efficiency, climbed
        value, slope = climbed(point, efficiency)
        self.point, self.value = point, float(value)
        # SLSQP takes steps of unit gradient and stops at an absolute gain.
        self.steepness = float(np.linalg.norm(np.nan_to_num(np.asarray(slope)))) or 1.0

    def loss(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = self.visit(np.clip(x, 0.0, 1.0))
        return -value / self.steepness, -np.nan_to_num(slope) / self.steepness

    def visit(self, x: np.ndarray, equal: bool = False) -> tuple[float, np.ndarray]:
        value, slope = self.climbed(x, self.efficiency)
        value = float(value)
        higher = value >= self.value if equal else value > self.value
        if higher and np.all(self.slack(x) >= 0):
            self.point, self.value = x, value
        return value, np.asarray(slope)

    def slack(self, x: np.ndarray) -> np.ndarray:
        return self.space.slack(x[: self.space.size])

    def slack_gradient(self, x: np.ndarray) -> np.ndarray:
        jacobian = np.zeros((len(self.space.offsets), len(x)))
        jacobian[:, : self.space.size] = self.space.slack_gradient(x[: self.space.size])
        return jacobian

    def settle(self) -> None:
        """Move what is close to a bound onto it, where that costs nothing."""
        for k, place in enumerate(self.point):
            end = round(float(place))
            if 0 < abs(place - end) < _CLOSE:
                self.visit(np.where(np.arange(len(self.point)) == k, end, self.point), equal=True)


def polish(
    problem: Problem,
    point: np.ndarray,
    efficiency: float,
    climbed: Slope | None = None,
    iterations: int = 200,
) -> tuple[np.ndarray, float]:
    """Take a point to the nearest optimum.

    Args:
        problem: what is maximised.
        point: where to start; it meets the constraints.
        efficiency: the heralding efficiency.
        climbed: value and gradient of what is maximised; the problem's score unless given.
        iterations: at most so many of SLSQP.

    Returns:
        The best point seen that meets every constraint, never worse than the start, and the
        value there.
    """
    # It takes as long to import as the rest of the package, and only a polish needs it.
    from scipy.optimize import minimize

    ascent = _Ascent(problem, point, efficiency, climbed or problem.score_and_slope)
    slack = {"type": "ineq", "fun": ascent.slack, "jac": ascent.slack_gradient}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        minimize(
            ascent.loss,
            point,
            jac=True,
            method="SLSQP",
            bounds=[(0.0, 1.0)] * len(point),
            constraints=[slack] if len(problem.space.offsets) else [],
            options={"maxiter": iterations, "ftol": 1e-15},
        )
    ascent.settle()
    return ascent.point, ascent.value
