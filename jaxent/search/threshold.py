r"""Thresholds: the largest efficiency at which the score beats its classical bound.

The best score :math:`V(p)` does not increase with the efficiency, so the largest efficiency with
:math:`V(p) \ge` bound + margin is found by following the optimum upwards. At the bound itself the
question is degenerate: product states meet it at every efficiency. There the measure's ``lead``
decides, which is positive if and only if the bound is beaten, however slightly, and which product
states do not attract.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from jaxent.search.maximise import SearchSettings
from jaxent.search.polish import polish
from jaxent.search.problem import Problem
from jaxent.search.tradeoff import NoNumber, Optimum, Progress, silent, trace_curve

MARGINS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-6)
"""The margins that are reported beside the threshold."""

SMALLEST = 1e-6
"""Efficiencies below this are not searched."""

_GRID = 32
_TOLERANCE = 1e-9
_REFUTATIONS = 6
# The lead of a state that only just beats the bound has a rounding error of this size.
_STRICTLY = 1e-9


@dataclass(frozen=True)
class Threshold:
    """The largest efficiency at which a score exceeds a level.

    Attributes:
        margin: by how much it exceeds the classical bound; 0 stands for "strictly".
        efficiency: the largest efficiency found; 0 where there is none above ``SMALLEST``.
        optimum: the point just below the threshold, ``None`` where there is none.
    """

    margin: float
    efficiency: float
    optimum: Optimum | None


def thresholds(
    problem: Problem,
    settings: SearchSettings,
    margins: Sequence[float] = MARGINS,
    progress: Progress = silent,
) -> list[Threshold]:
    """Find the strict threshold, and that for each margin above the classical bound.

    A global search on a grid of efficiencies finds where to start; the optimum is then followed
    upwards to a relative step of 1e-9. Global searches above the thresholds try to refute them.

    Args:
        problem: what is maximised, with filters.
        settings: how hard to search.
        margins: see ``Threshold.margin``.
        progress: told what goes on.

    Raises:
        NoNumber: the search does not come to an end.
    """
    grid = np.geomspace(SMALLEST, 1.0, _GRID)
    curve = trace_curve(problem, grid, settings, progress, reachable=True)
    found = _settled(problem, curve, [0.0], settings, progress)
    if found[0].optimum is not None:
        curve.append(found[0].optimum)
    return found + _settled(problem, curve, list(margins), settings, progress)


def _settled(
    problem: Problem,
    curve: list[Optimum],
    margins: list[float],
    settings: SearchSettings,
    progress: Progress,
) -> list[Threshold]:
    """The thresholds that global searches above them, from other seeds, could not refute."""
    for attempt in range(_REFUTATIONS):
        progress("refuting", attempt / _REFUTATIONS)
        found = [_march(problem, curve, margin) for margin in margins]
        open_ones = [t.efficiency for t in found if 0 < t.efficiency < 1 / 1.0001]
        if not open_ones:
            return found
        above = np.geomspace(1.0001 * min(open_ones), 1.0, _GRID)
        other = replace(settings, seed=settings.seed + 1 + attempt)
        again = trace_curve(problem, above, other, silent, reachable=True)
        curve.extend(again)
        refuted = any(
            optimum.level > t.efficiency and _exceeds(problem, optimum, t.margin)
            for t in found
            for optimum in again
        )
        if not refuted:
            return found
    raise NoNumber(
        f"thresholds: searches above them found higher ones {_REFUTATIONS} times; allowed: more "
        "starts or steps"
    )


def _exceeds(problem: Problem, optimum: Optimum, margin: float) -> bool:
    if margin:
        return optimum.score >= problem.measure.classical_bound + margin
    return _beats(problem, optimum)


def _beats(problem: Problem, optimum: Optimum) -> bool:
    lead, _ = problem.lead_and_slope(optimum.point, optimum.level)
    return np.isfinite(optimum.score) and float(lead) > _STRICTLY


def _march(problem: Problem, curve: list[Optimum], margin: float) -> Threshold:
    # Not a bisection: where the best machine changes quickly with the efficiency, an optimum can
    # only be followed in small steps, and a failed large one says nothing.
    exceeds = partial(_exceeds, problem, margin=margin)
    above = [optimum for optimum in curve if exceeds(optimum)]
    if not above:
        return Threshold(margin, 0.0, None)
    known = max(above, key=lambda optimum: optimum.level)
    step = 0.1 * known.level
    while step > _TOLERANCE * known.level and known.level < 1:
        efficiency = min(1.0, known.level + step)
        found = next(filter(exceeds, _continued(problem, known, efficiency, bool(margin))), None)
        step = step / 2 if found is None else 1.5 * step
        known = found or known
    return Threshold(margin, known.level, known)


def followed(problem: Problem, known: Optimum, efficiency: float) -> Optimum:
    """The optimum at another efficiency that is most clearly above the classical bound."""
    return next(_continued(problem, known, efficiency, by_score=False))


def _continued(
    problem: Problem, known: Optimum, efficiency: float, by_score: bool
) -> Iterator[Optimum]:
    """Optima at another efficiency, reached from a known one by different ways, one at a time."""
    start = problem.carry_over(known.point, known.level, efficiency)
    ways = [[problem.lead_and_slope]]
    if by_score:
        ways = [[problem.score_and_slope], [problem.lead_and_slope, problem.score_and_slope]]
    for way in ways:
        point = start
        for climbed in way:
            point, _ = polish(problem, point, efficiency, climbed)
        met = problem.slack_and_slope(point, efficiency)[0] >= 0
        score = float(problem.score_and_slope(point, efficiency)[0]) if met else -np.inf
        # Followed from its neighbour, not found from random starts.
        yield Optimum(efficiency, point, score, agreed=0, failed=0)
