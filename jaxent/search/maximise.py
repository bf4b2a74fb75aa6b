r"""Many climbs at once.

``climb`` follows the exact gradient of the score with Adam (Optax) from many seeds at many
levels, in one compiled call on each core. Seeds live in the unit cube; a step that leaves it
is projected back, so optima at a bound are reached exactly.

Product states form plateaus (CHSH = 2, F = 1/2) on which a naive climb ends. So a first climb is
led away from them during its first half: every other seed by the negativity, which has no such
plateau, passing over to the score step by step; the others by the measure's own ``lead``, which
is positive exactly where the classical bound is beaten. Behind fixed filters climbs pay a
penalty where too little passes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

from jaxent.arrays import Numeric, namespace
from jaxent.search.problem import Problem

_STEEPEST = 100.0
_LEVELS_AT_ONCE = 4


@dataclass(frozen=True)
class SearchSettings:
    """How hard to search.

    Attributes:
        starts: seeds per level, >= 1.
        steps: Adam steps per climb, >= 1.
        seed: of the random numbers.
        learning_rate: first step of Adam in the unit cube; it decays along a cosine.
        rounds: how often each level is searched again from its neighbours' optima.
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
        scores: shape ``(...)``, less the penalty for an efficiency that is not met; minus infinity
            where a climb never saw a number.
    """

    seeds: Numeric
    scores: Numeric

    def better(self, other: Climbed) -> Climbed:
        """Climb by climb the one that saw more."""
        xp = namespace(self.scores, other.scores)
        improved = other.scores > self.scores
        return Climbed(
            xp.where(improved[..., None], other.seeds, self.seeds),
            xp.where(improved, other.scores, self.scores),
        )


def climb(
    problem: Problem,
    settings: SearchSettings,
    seeds: Float[np.ndarray, "levels starts k"],
    levels: Float[np.ndarray, " levels"],
    led: float = 0.0,
    pace: float = 1.0,
) -> Climbed:
    """Climb from every seed, at its level.

    Args:
        problem: what is maximised.
        settings: how hard.
        seeds: where the climbs start.
        levels: of the seeds.
        led: 1 for a first climb, which is led away from product states; 0 for a refinement.
        pace: the learning rate relative to that of the settings.
    """
    count = len(levels)
    workers = _workers(count)
    # A few numbers of levels are compiled for, not each: the last one is repeated.
    more = -count % (_LEVELS_AT_ONCE * workers)
    seeds = np.concatenate([seeds, np.repeat(seeds[-1:], more, axis=0)])
    levels = np.concatenate([levels, np.repeat(levels[-1:], more)])
    parts = zip(np.split(seeds, workers), np.split(levels, workers), strict=True)
    shape = (len(levels) // workers, *seeds.shape[1:])
    compiled_climb = _compiled_climb(problem, settings.steps, settings.learning_rate, shape)
    pool = ThreadPoolExecutor(workers)
    try:
        found = pool.map(lambda part: jax.device_get(compiled_climb(*part, led, pace)), parts)
        return Climbed(*(np.concatenate(part)[:count] for part in zip(*found, strict=True)))
    finally:
        pool.shutdown(wait=False)  # whoever interrupts does not want to wait for the end


def _workers(levels: int) -> int:
    # An accelerator works on all climbs at once by itself.
    if not _on_cpu():
        return 1
    return min(cores(), -(-levels // _LEVELS_AT_ONCE))


def cores() -> int:
    """How many this process may use."""
    affine = getattr(os, "sched_getaffinity", None)  # macOS has none
    return len(affine(0)) if affine else os.cpu_count() or 1


def _on_cpu() -> bool:
    return jax.default_backend() == "cpu"


@lru_cache(maxsize=8)
def _compiled_climb(
    problem: Problem, steps: int, learning_rate: float, shape: tuple[int, int, int]
) -> Callable[..., Climbed]:
    """The climb of so many levels and starts; it is kept for the next search with as many."""
    levels, starts, size = shape
    adam = optax.adam(optax.cosine_decay_schedule(learning_rate, steps, alpha=1e-4), b2=0.99)
    # A loop of one block is none to XLA.
    slopes_of = _in_blocks(problem, max(2, levels // _LEVELS_AT_ONCE) if _on_cpu() else 1)

    def climb(seeds, of_seeds, led, pace):
        # Coordinates in front: each is one array over all climbs.
        first = seeds.reshape(levels * starts, size).T
        level = jnp.repeat(of_seeds, starts)
        by_negativity = jnp.tile(jnp.arange(starts) % 2 == 0, levels)

        def step(carry, progress):
            seed, state, best = carry
            to_go = led * jnp.maximum(1 - 2 * progress, 0.0)
            score, slopes = slopes_of(seed, level, by_negativity, to_go)
            best = best.better(Climbed(seed.T, score))
            update, state = adam.update(_gentle(slopes), state)
            return (jnp.clip(seed + pace * update, 0.0, 1.0), state, best), None

        nothing = Climbed(first.T, jnp.full_like(level, -jnp.inf))
        start = (first, adam.init(first), nothing)
        (_, _, best), _ = jax.lax.scan(step, start, jnp.linspace(0.0, 1.0, steps))
        return Climbed(best.seeds.reshape(shape), best.scores.reshape(levels, starts))

    number = jax.ShapeDtypeStruct((), float)
    expected = (jax.ShapeDtypeStruct(shape, float), jax.ShapeDtypeStruct((levels,), float))
    return jax.jit(climb).lower(*expected, number, number).compile()


def _in_blocks(problem: Problem, blocks: int) -> Callable[..., tuple[Array, Array]]:
    """The scores of many climbs, and the slopes of what they descend, block by block.

    What a block needs stays in a core's cache. The blocks also keep XLA from fusing the slopes
    into each of their uses, which would compute them anew there. Where matrices are factorised, a
    block is climbed one by one: batched LAPACK is slower, and waits for XLA's own threads, which
    may be waiting for it.
    """
    one = jax.value_and_grad(partial(_loss, problem), has_aux=True)
    together = problem.structure.written_out or not _on_cpu()

    def slopes_of(seeds, level, by_negativity, to_go):
        def of_block(block):
            if together:
                (_, score), slopes = jax.vmap(one, (0, 0, 0, None))(*block, to_go)
            else:
                (_, score), slopes = jax.lax.map(lambda lane: one(*lane, to_go), block)
            return score, slopes

        parts = (tuple(seeds), level, by_negativity)
        split = jax.tree.map(lambda part: part.reshape(blocks, -1), parts)
        score, slopes = jax.lax.map(of_block, split)
        return score.reshape(-1), jnp.stack(slopes).reshape(len(seeds), -1)

    return slopes_of


def _gentle(slopes: Float[Array, "k n"]) -> Float[Array, "k n"]:
    """The slopes of all climbs, none of them so huge that it would outweigh all that follow."""
    slopes = jnp.where(jnp.isfinite(slopes), slopes, 0.0)
    steepness = jnp.sqrt(jnp.sum(slopes**2, axis=0))
    return slopes * (_STEEPEST / jnp.maximum(steepness, _STEEPEST))


def _loss(problem: Problem, seed, level, by_negativity, to_go):
    """What a climb descends, with the score that it is after."""
    measure = problem.measure
    point = problem.from_seed(seed)
    state, penalty = problem.climbed(point, level)
    axes = problem.axes(point)
    score = problem.evaluate(measure.signed, state, axes) - penalty
    negativity = problem.evaluate(problem.negativity.signed, state) - penalty
    span = measure.maximum - measure.classical_bound
    mixture = (1 - to_go) * score + to_go * span * negativity

    def lead() -> Array:
        return problem.evaluate(measure.lead, state, axes) - penalty

    if measure.accuracy:  # by a solver: too dear to be left aside
        led = jax.lax.cond(to_go > 0, lead, lambda: score)
    else:
        led = jnp.where(to_go > 0, lead(), score)
    return -jnp.where(by_negativity, mixture, led), score
