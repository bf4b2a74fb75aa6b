"""A polish: one point to the nearest optimum.

SciPy's SLSQP treats the constraints themselves, not their image in the cube in which climbs live:
there a machine at the edge ``g = gamma_A = gamma_B`` sits on a crease where gradient steps would
crawl. That fixed filters let enough through is one more constraint.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from jaxent.search.problem import Problem

_CLOSE = 1e-3
_REPAIRS = 20

Slope = Callable[[np.ndarray, float], tuple[Any, Any]]
"""A value and its gradient at a point and a level."""


class _Ascent:
    """What SLSQP minimises, and the best point that it has seen.

    Args:
        problem: what is maximised.
        point: where it starts.
        level: the level.
        climbed: value and gradient of what is maximised.
    """

    def __init__(self, problem: Problem, point: np.ndarray, level: float, climbed: Slope):
        self.problem, self.space, self.level, self.climbed = problem, problem.space, level, climbed
        self.asked: np.ndarray | None = None
        value, slope = climbed(point, level)
        # SLSQP takes steps of unit gradient and stops at an absolute gain.
        self.steepness = float(np.linalg.norm(np.nan_to_num(np.asarray(slope)))) or 1.0
        self.point, self.value = point, float(value)
        if not problem.fixed_filters.idle:
            self.value = -np.inf
            self.visit(point)

    def loss(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = self.visit(np.clip(x, 0.0, 1.0))
        return -value / self.steepness, -np.nan_to_num(slope) / self.steepness

    def visit(self, x: np.ndarray, equal: bool = False) -> tuple[float, np.ndarray]:
        value, slope = self.climbed(x, self.level)
        value = float(value)
        met = self.meets_efficiency(x)
        if met is x:
            self.keep(x, value, equal)
        elif met is not None:
            self.keep(met, float(self.climbed(met, self.level)[0]))
        return value, np.asarray(slope)

    def keep(self, x: np.ndarray, value: float, equal: bool = False) -> None:
        higher = value >= self.value if equal else value > self.value
        if higher and np.all(self.slack(x) >= 0):
            self.point, self.value = x, value

    def meets_efficiency(self, x: np.ndarray) -> np.ndarray | None:
        """The point itself where its fixed filters let enough through, else one nearby."""
        for _ in range(_REPAIRS):
            missing, slope = self.efficiency(x)
            if missing >= 0:
                return x
            inwards = np.where((x <= 0) & (slope < 0) | (x >= 1) & (slope > 0), 0.0, slope)
            steepness = float(inwards @ inwards)
            if not steepness > 0 or not np.isfinite(missing):
                return None
            x = np.clip(x + inwards * (1e-13 - missing) / steepness, 0.0, 1.0)
        return None

    def efficiency(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        # SLSQP asks for value and slope one after the other, and each visit has asked before.
        x = np.clip(x, 0.0, 1.0)
        if self.asked is None or not np.array_equal(x, self.asked):
            self.asked, self.answer = x, self.problem.slack_and_slope(x, self.level)
        return self.answer

    def slack(self, x: np.ndarray) -> np.ndarray:
        return self.space.slack(x[: self.space.size])

    def slack_gradient(self, x: np.ndarray) -> np.ndarray:
        jacobian = np.zeros((len(self.space.offsets), len(x)))
        jacobian[:, : self.space.size] = self.space.slack_gradient(x[: self.space.size])
        return jacobian

    def constraints(self) -> list[dict[str, Any]]:
        """The conditions as SLSQP takes them."""
        found = []
        if len(self.space.offsets):
            found.append({"type": "ineq", "fun": self.slack, "jac": self.slack_gradient})
        if not self.problem.fixed_filters.idle:
            efficiency = {
                "fun": lambda x: self.efficiency(x)[0],
                "jac": lambda x: np.nan_to_num(self.efficiency(x)[1]),
            }
            found.append({"type": "ineq", **efficiency})
        return found

    def settle(self) -> None:
        """Move what is close to a bound onto it, where that costs nothing."""
        for k, place in enumerate(self.point):
            end = round(float(place))
            if 0 < abs(place - end) < _CLOSE:
                self.visit(np.where(np.arange(len(self.point)) == k, end, self.point), equal=True)


def polish(
    problem: Problem,
    point: np.ndarray,
    level: float,
    climbed: Slope | None = None,
    iterations: int = 200,
) -> tuple[np.ndarray, float]:
    """Take a point to the nearest optimum.

    Args:
        problem: what is maximised.
        point: where to start; it meets the constraints.
        level: the level.
        climbed: value and gradient of what is maximised; the problem's score unless given.
        iterations: at most so many of SLSQP.

    Returns:
        The best point seen that meets every constraint, never worse than the start, and the
        value there; minus infinity where none was seen whose fixed filters let enough through.
    """
    # It takes as long to import as the rest of the package, and only a polish needs it.
    from scipy.optimize import minimize

    ascent = _Ascent(problem, point, level, climbed or problem.score_and_slope)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        minimize(
            ascent.loss,
            point,
            jac=True,
            method="SLSQP",
            bounds=[(0.0, 1.0)] * len(point),
            constraints=ascent.constraints(),
            options={"maxiter": iterations, "ftol": 1e-15},
        )
    ascent.settle()
    return ascent.point, ascent.value
