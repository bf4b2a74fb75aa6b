"""The trade-off curve: the best score at each heralding efficiency, or at each other level.

The curve cannot increase with the efficiency, since a filter can always be scaled down. Each
level is searched from random seeds, each of which is climbed twice, with large steps and
with small ones, as optima lie on narrow ridges. Then neighbours teach each other: every optimum is
carried over to the levels beside it and climbed again there, so that no point is left on a
trivial plateau or in a lesser optimum while its neighbour has found better. Further efficiencies
are searched along with the wanted ones, from 1e-4 or a tenth of the lowest upwards: a violation
that has become hard to find at 1 % is easy to find at 0.01 %, and to follow. Last, the best points
are polished, downwards and upwards along the curve.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from jaxent.baths import temperature
from jaxent.imports import importing
from jaxent.search.maximise import Climbed, SearchSettings, climb
from jaxent.search.polish import polish
from jaxent.search.problem import Problem

AGREEMENT = 1e-4
"""A start agrees with an optimum when its climb came within this of it, or, where that is less,
within a hundredth of what the optimum has above the classical bound."""

_SLOWER = 0.1
_REACH = 3
_JITTER = 0.03
_POLISHED = 3
_SAME = 1e-3
_NEAR = 0.01  # well within the jitter, so that climbs have been there
_GAIN = 1e-13
_GUIDED_FROM = 1e-4
_LOWEST = 1e-10
_GUIDES = 16

Progress = Callable[[str, float], None]
"""Called with what is being done and the fraction that is done."""


def silent(stage: str, fraction: float) -> None:
    """Report nothing."""


class NoNumber(ArithmeticError):
    """A search that never saw a number."""


class Unreachable(ValueError):
    """No machine of the search heralds so often."""


@dataclass(frozen=True)
class Optimum:
    """The best point found at one level.

    Attributes:
        level: the heralding efficiency, or the value of the swept parameter.
        point: where, in the coordinates of :class:`Problem`.
        score: the signed measure there.
        agreed: how many of the random starts came within ``agreement`` of it.
        failed: how many of the random starts never saw a finite score.
        agreement: see ``AGREEMENT``.
    """

    level: float
    point: np.ndarray
    score: float
    agreed: int
    failed: int
    agreement: float = AGREEMENT


def trace_curve(
    problem: Problem,
    levels: Sequence[float] | np.ndarray,
    settings: SearchSettings,
    progress: Progress = silent,
    reachable: bool = False,
) -> list[Optimum]:
    """Find the best point at each level.

    Args:
        problem: what is maximised.
        levels: efficiencies, ascending, in (0, 1], without filters only 1; or the values of the
            swept parameter, of a temperature the inverse ones, neighbours beside each other.
        settings: how hard to search.
        progress: told what goes on.
        reachable: whether levels at which the fixed filters let too little through are left out
            in place of being refused.

    Returns:
        One optimum for each level; with filters scores do not increase with the efficiency.

    Raises:
        NoNumber: no start at some level ever saw a number.
        Unreachable: no machine that was seen lets enough through the fixed filters.
    """
    wanted = np.asarray(levels, dtype=float)
    if problem.size == 0:
        return [_only(problem, p, settings) for p in wanted.tolist()]
    guided = problem.heralds and problem.swept is None
    levels = _with_guides(wanted) if guided else wanted
    with importing("scipy.optimize"):  # for the polish
        first, best = _climb_all(problem, levels, settings, progress)
    lost = levels[np.isneginf(best.scores).all(axis=1)]
    if len(lost):
        raise NoNumber(
            f"{_place(problem, float(lost[0]))}: no start ever saw a number; is the steady state "
            "unique?"
        )
    points, scores = _polish_all(problem, best, levels, progress)
    lost = [k for k, p in enumerate(levels) if p in wanted and np.isneginf(scores[k])]
    if lost and not reachable:
        raise _unreachable(problem, points[lost[0]], levels[lost[0]])
    bound = problem.measure.classical_bound
    optima = []
    for p, point, score, climbed in zip(levels, points, scores, first.scores, strict=True):
        near = min(AGREEMENT, 0.01 * (score - bound)) if score > bound else AGREEMENT
        agreed, failed = np.sum(climbed >= score - near), np.sum(np.isneginf(climbed))
        optima.append(Optimum(float(p), point, score, int(agreed), int(failed), near))
    found = (optimum for optimum in optima if optimum.level in wanted)
    return [optimum for optimum in found if np.isfinite(optimum.score)]


def _only(problem: Problem, level: float, settings: SearchSettings) -> Optimum:
    """The one point of a problem in which nothing is free."""
    point = np.zeros(0)
    if problem.slack_and_slope(point, level)[0] < 0:
        raise _unreachable(problem, point, level)
    score = float(problem.score_and_slope(point, level)[0])
    return Optimum(level, point, score, settings.starts, 0)


def _place(problem: Problem, level: float) -> str:
    """A level in words: the efficiency, or the swept parameter in its natural unit."""
    if problem.swept is None:
        return f"efficiency {level:g}"
    name = problem.swept.replace("inverse_temperature", "temperature")
    return f"{name} = {level if name == problem.swept else temperature(level):g}"


def _unreachable(problem: Problem, point: np.ndarray, level: float) -> Unreachable:
    efficiency = float(problem.efficiency_at(level))
    most = efficiency * float(np.exp(problem.slack_and_slope(point, level)[0]))
    where = "" if problem.swept is None else f" at {_place(problem, level)}"
    return Unreachable(
        f"efficiency: {efficiency:g} is demanded{where}, and the most that the search saw pass the "
        f"fixed filters is {most:.3g}; allowed: less, other bounds, or more starts and steps"
    )


def _with_guides(wanted: np.ndarray) -> np.ndarray:
    lowest = max(min(_GUIDED_FROM, wanted.min() / 10), _LOWEST)
    guides = np.geomspace(lowest, 1.0, _GUIDES)
    apart = np.abs(np.log(guides[:, None] / wanted)).min(axis=1) > np.log(guides[1] / guides[0]) / 2
    useful = apart & (guides < wanted.max())
    return np.sort(np.concatenate([wanted, guides[useful]]))


def _climb_all(
    problem: Problem, levels: np.ndarray, settings: SearchSettings, progress: Progress
) -> tuple[Climbed, Climbed]:
    """What the random starts found, and that together with what their neighbours taught them."""
    rng = np.random.default_rng(settings.seed)
    total = settings.rounds + 2
    progress("climbing", 0.0)
    seeds = problem.first_seeds(rng.uniform(size=(len(levels), settings.starts, problem.size)))
    first = climb(problem, settings, seeds, levels, led=1.0)
    progress("climbing", 1 / total)
    first = best = first.better(climb(problem, settings, first.seeds, levels, pace=_SLOWER))
    for done in range(2, total):
        progress("climbing", done / total)
        seeds = _from_neighbours(best, settings.starts, rng)
        best = _merge(best, climb(problem, settings, seeds, levels, pace=_SLOWER))
    return first, best


def _from_neighbours(best: Climbed, starts: int, rng: np.random.Generator) -> np.ndarray:
    levels, _, size = best.seeds.shape
    seeds = np.empty((levels, starts, size))
    for i in range(levels):
        near = range(max(0, i - _REACH), min(levels, i + _REACH + 1))
        ranked = [best.seeds[j, np.argsort(-best.scores[j])[:_POLISHED]] for j in near]
        pool = np.concatenate(ranked)
        picked = pool[np.arange(starts) % len(pool)]
        # The first time a seed of the pool is used it is used as it is.
        jitter = rng.normal(scale=_JITTER, size=picked.shape)
        jitter[: len(pool)] = 0.0
        seeds[i] = np.clip(picked + jitter, 0.0, 1.0)
    return seeds


def _merge(first: Climbed, second: Climbed) -> Climbed:
    return Climbed(
        np.concatenate([first.seeds, second.seeds], axis=1),
        np.concatenate([first.scores, second.scores], axis=1),
    )


def _polish_all(problem: Problem, best: Climbed, levels: np.ndarray, progress: Progress):
    progress("polishing", 0.0)
    count = len(levels)
    points: list[np.ndarray] = []
    scores: list[float] = []
    for i, p in enumerate(levels):
        tops = _different(best.seeds[i, np.argsort(-best.scores[i])[:_POLISHED]])
        found = [polish(problem, np.array(problem.from_seed(s)), p) for s in tops]
        point, score = max(found, key=lambda pair: pair[1])
        points.append(point)
        scores.append(score)
        progress("polishing", (i + 1) / (3 * count))
    sweeps = [(i, i + 1) for i in reversed(range(count - 1))]
    sweeps += [(i, i - 1) for i in range(1, count)]
    for done, (i, neighbour) in enumerate(sweeps):
        _learn(problem, levels, points, scores, i, neighbour)
        progress("polishing", (1 + 2 * (done + 1) / len(sweeps)) / 3)
    if problem.heralds and problem.swept is None:
        _carry_down(problem, levels, points, scores)
    return points, scores


def _different(seeds: np.ndarray) -> list[np.ndarray]:
    """Some seeds without those that are another one but for its last steps."""
    found: list[np.ndarray] = []
    for seed in seeds:
        if all(np.abs(seed - other).max() > _SAME for other in found):
            found.append(seed)
    return found


def _carry_down(problem, levels, points, scores) -> None:
    """Give each efficiency at least what the next higher one has, in place."""
    for i in reversed(range(len(levels) - 1)):
        if scores[i] < scores[i + 1]:
            points[i] = problem.carry_over(points[i + 1], levels[i + 1], levels[i])
            scores[i] = float(problem.score_and_slope(points[i], levels[i])[0])


def _learn(problem, levels, points, scores, i: int, neighbour: int) -> None:
    """Improve optimum ``i`` by what its neighbour has found, in place."""
    bound = problem.measure.classical_bound
    point = problem.carry_over(points[neighbour], levels[neighbour], levels[i])
    if scores[i] > bound and np.abs(point - points[i]).max() < _NEAR:
        return  # the slope that it would climb is the one that optimum i stands on
    if float(problem.score_and_slope(point, levels[i])[0]) <= bound < scores[neighbour]:
        # From below the classical bound the score leads to the nearest product state.
        point, _ = polish(problem, point, levels[i], problem.lead_and_slope)
    point, score = polish(problem, point, levels[i])
    if score > scores[i] + _GAIN:
        points[i], scores[i] = point, score
