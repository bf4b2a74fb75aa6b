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
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

from jaxent.measures import OBJECTIVES
from jaxent.search.problem import Problem

_STEEPEST = 100.0


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


def climber(problem: Problem, settings: SearchSettings):
    """The compiled climb of a problem.

    Returns:
        A function of ``seeds`` (shape ``(efficiencies, starts, k)``), ``efficiencies`` (shape
        ``(efficiencies,)``), ``led`` (1 for a first climb, 0 for a refinement) and ``pace`` (the
        learning rate relative to that of the settings), that returns :class:`Climbed`.
    """
    schedule = optax.cosine_decay_schedule(settings.learning_rate, settings.steps, alpha=1e-4)
    # Without the clip one huge slope, at the edge of a plateau, would outweigh all that follow.
    adam = optax.chain(optax.clip_by_global_norm(_STEEPEST), optax.adam(schedule, b2=0.99))
    measure = problem.measure
    span = measure.maximum - measure.classical_bound

    def loss(seed, efficiency, by_negativity, to_go):
        rho = problem.heralded(problem.from_seed(seed), efficiency)
        score = problem.evaluate(measure.signed, rho)
        negativity = problem.evaluate(OBJECTIVES["negativity"].signed, rho)
        mixture = (1 - to_go) * score + to_go * span * negativity
        led = jnp.where(to_go > 0, problem.evaluate(measure.lead, rho), score)
        return -jnp.where(by_negativity, mixture, led), score

    def one(seed, efficiency, by_negativity, led, pace):
        def step(carry, progress):
            seed, state, best = carry
            to_go = led * jnp.maximum(1 - 2 * progress, 0.0)
            (_, score), slope = jax.value_and_grad(loss, has_aux=True)(
                seed, efficiency, by_negativity, to_go
            )
            better = score > best.scores
            best = Climbed(
                jnp.where(better, seed, best.seeds), jnp.where(better, score, best.scores)
            )
            slope = jnp.where(jnp.isfinite(slope), slope, 0.0)
            update, state = adam.update(slope, state)
            seed = jnp.clip(seed + pace * update, 0.0, 1.0)
            return (seed, state, best), None

        start = (seed, adam.init(seed), Climbed(seed, jnp.asarray(-jnp.inf)))
        (_, _, best), _ = jax.lax.scan(step, start, jnp.linspace(0.0, 1.0, settings.steps))
        return best

    by_negativity = jnp.arange(settings.starts) % 2 == 0
    many = jax.vmap(jax.vmap(one, (0, None, 0, None, None)), (0, 0, None, None, None))

    def climb(seeds, efficiencies, led, pace):
        return many(seeds, efficiencies, by_negativity, led, pace)

    return jax.jit(climb)


def polish(
    problem: Problem,
    point: np.ndarray,
    efficiency: float,
    climbed: Callable | None = None,
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
    climbed = climbed or problem.score_and_slope
    # It takes as long to import as the rest of the package, and only a polish needs it.
    from scipy.optimize import minimize

    n, space = problem.space.size, problem.space
    value, slope = climbed(point, efficiency)
    best = [point, float(value)]
    # SLSQP takes steps of unit gradient and stops at an absolute gain.
    steepness = float(np.linalg.norm(np.nan_to_num(np.asarray(slope)))) or 1.0

    def loss(x):
        inside = np.clip(x, 0.0, 1.0)
        value, slope = climbed(inside, efficiency)
        if value > best[1] and np.all(space.slack(inside[:n]) >= 0):
            best[:] = [inside, float(value)]
        return -float(value) / steepness, -np.nan_to_num(np.asarray(slope)) / steepness

    def gradient(x):
        jacobian = np.zeros((len(space.offsets), len(x)))
        jacobian[:, :n] = space.slack_gradient(x[:n])
        return jacobian

    slack = {"type": "ineq", "fun": lambda x: space.slack(x[:n]), "jac": gradient}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        minimize(
            loss,
            point,
            jac=True,
            method="SLSQP",
            bounds=[(0.0, 1.0)] * len(point),
            constraints=[slack] if len(space.offsets) else [],
            options={"maxiter": iterations, "ftol": 1e-15},
        )
    return best[0], best[1]
