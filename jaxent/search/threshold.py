r"""Thresholds: the largest efficiency at which the score beats its classical bound.

The best score :math:`V(p)` does not increase with the efficiency, so the largest efficiency with
:math:`V(p) \ge` bound + margin is found by bisection. At the bound itself the question is
degenerate: product states meet it at every efficiency, and the strict inequality is what counts.
It is asked for with a margin far below what any experiment resolves, and again with margins that
one might.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jaxent.search.maximise import SearchSettings, polish
from jaxent.search.problem import Problem
from jaxent.search.tradeoff import Optimum, Progress, silent, trace_curve

STRICT = 1e-11
"""The margin that stands for "strictly above the classical bound" """

MARGINS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-6)
"""The margins that are reported beside the threshold."""

_GRID = 24
_SMALLEST = 1e-4
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Threshold:
    """The largest efficiency at which a score exceeds a level.

    Attributes:
        margin: by how much it exceeds the classical bound.
        efficiency: the largest efficiency found; 0 where none was.
        optimum: the point just below the threshold, ``None`` where there is none.
    """

    margin: float
    efficiency: float
    optimum: Optimum | None


def thresholds(
    problem: Problem,
    settings: SearchSettings,
    margins: Sequence[float] = (STRICT, *MARGINS),
    progress: Progress = silent,
) -> list[Threshold]:
    """Find the threshold for each margin above the classical bound.

    A global search on a grid of efficiencies from 1e-4 to 1 brackets each threshold; bisection,
    following the optimum by continuation, narrows it to 1e-9. A global search just above each
    strict threshold then tries to refute it.

    Args:
        problem: what is maximised, with at least one free filter.
        settings: how hard to search.
        margins: see ``Threshold.margin``.
        progress: told what goes on.
    """
    grid = np.geomspace(_SMALLEST, 1.0, _GRID)
    curve = trace_curve(problem, grid, settings, progress)
    found = [_bisect(problem, curve, margin) for margin in margins]
    for _ in range(3):
        above = np.geomspace(1.0001 * found[0].efficiency, 1.0, _GRID)
        if found[0].optimum is None or above[0] >= 1:
            break
        progress("refuting", 0.0)
        again = trace_curve(problem, above, settings, silent)
        level = problem.measure.classical_bound + margins[0]
        if all(optimum.score < level for optimum in again):
            break
        curve = sorted([*curve, *again], key=lambda optimum: optimum.efficiency)
        found = [_bisect(problem, curve, margin) for margin in margins]
    return found


def _bisect(problem: Problem, curve: list[Optimum], margin: float) -> Threshold:
    level = problem.measure.classical_bound + margin
    above = [optimum for optimum in curve if optimum.score >= level]
    if not above:
        return Threshold(margin, 0.0, None)
    inside = max(above, key=lambda optimum: optimum.efficiency)
    higher = [o.efficiency for o in curve if o.efficiency > inside.efficiency]
    outside = min(higher, default=inside.efficiency)
    while outside - inside.efficiency > _TOLERANCE * outside:
        middle = (inside.efficiency + outside) / 2
        start = problem.carry_over(inside.point, inside.efficiency, middle)
        point, score = polish(problem, start, middle)
        if score >= level:
            inside = Optimum(middle, point, score, inside.agreed, inside.failed)
        else:
            outside = middle
    return Threshold(margin, inside.efficiency, inside)
