"""From a study to verified results: its trade-off curve, and its thresholds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from jaxent.machines.parameters import list_name
from jaxent.search.threshold import Threshold, followed, thresholds
from jaxent.search.tradeoff import NoNumber, Progress, silent, trace_curve
from jaxent.study import Study
from jaxent.verification import Point, Unverified, several_steady_states, verify

_ROUNDING = 1e-9
_STEPS_BACK = (0.0, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4)


def solve(study: Study, progress: Progress = silent) -> list[Point]:
    """The verified and certified trade-off curve of a study.

    Args:
        study: what to solve.
        progress: told what goes on.

    Returns:
        One point for each efficiency, or for each value of what is swept, in their order.

    Raises:
        Unverified: a number did not survive its recomputation; nothing is returned then.
        NotUnique: the machine has several steady states.
        NoNumber: no start of the search ever saw a number.
        Unreachable: fixed filters let less through than an efficiency demands.
        OutsideModel: the model has no meaning at an optimum; before the search where nothing that
            is free decides about that.
    """
    _refuse_outside(study)
    try:
        optima = trace_curve(study.problem, study.levels, study.settings, progress)
    except NoNumber as error:
        raise _explained(study, error) from None
    points = []
    for done, optimum in enumerate(optima):
        progress("verifying", done / len(optima))
        points.append(verify(study, optimum))
    return points


def _refuse_outside(study: Study) -> None:
    """Refuse a study whose model has no meaning whatever a search would find.

    Args:
        study: one; where a free parameter decides, nothing is refused.

    Raises:
        OutsideModel: it has none at one of its levels.
    """
    problem = study.problem
    free = {*study.ranges, *(name for name, source in study.ties.items() if source in study.ranges)}
    deciding = {*study.machine_class.limited_by}
    if not deciding or deciding & {list_name(name) for name in free}:
        return
    if problem.heralds and not study.filters:
        return  # how much more than demanded the fixed filters let through is not known yet
    middle = np.full(problem.size, 0.5)
    for level in study.levels[:1] if study.sweep is None else study.levels:
        problem.machine(middle, level).refuse_state(float(problem.efficiency_at(level)))


def solve_thresholds(
    study: Study, progress: Progress = silent
) -> list[tuple[Threshold, Point | None]]:
    """The study's thresholds, each with the verified point just below it.

    Args:
        study: what to solve, with a filter and without a sweep.
        progress: told what goes on.

    Returns:
        The threshold at the classical bound itself, then those with margins; the point is ``None``
        where the bound is never beaten.

    Raises:
        Unverified, NotUnique, NoNumber: as :func:`solve`.
    """
    try:
        found = thresholds(study.problem, study.settings, progress=progress)
    except NoNumber as error:
        raise _explained(study, error) from None
    return [_confirmed(study, threshold) for threshold in found]


def _confirmed(study: Study, threshold: Threshold) -> tuple[Threshold, Point | None]:
    """A threshold as far up as its point, recomputed independently, exceeds the level.

    Where a violation vanishes as the threshold is approached, the last of it drowns in rounding.
    """
    if threshold.optimum is None:
        return threshold, None
    level = study.measure.classical_bound + threshold.margin
    value = float("nan")
    for step in _STEPS_BACK:
        efficiency = threshold.efficiency * (1 - step)
        optimum = threshold.optimum
        if step:
            optimum = followed(study.problem, optimum, efficiency)
        point = verify(study, optimum)
        value = point.verified.value
        if value >= level - _ROUNDING if threshold.margin else value > level:
            return replace(threshold, efficiency=efficiency, optimum=optimum), point
    raise Unverified(
        f"threshold at {threshold.efficiency:g}: the value is {value!r} just below it in the "
        f"independent recomputation; allowed: above {level:g}"
    )


def _explained(study: Study, error: NoNumber) -> Exception:
    middle = np.full(study.problem.size, 0.5)
    outcome = study.problem.outcome(middle, study.levels[-1])
    nullity = outcome.machine.diagnose(outcome.rho).nullity
    if nullity <= outcome.machine.steady_states:
        return error
    return several_steady_states(study, outcome, study.levels[-1], nullity)
