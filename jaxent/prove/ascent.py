"""Local search for good witnesses: the value, or the efficiency, climbed in floats."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from jaxent.prove.claims import Problem
from jaxent.prove.comparisons import patches

_SAMPLES = 16_000
_STARTS = 3
_STARTS_IN_ALL = 10
_LEAD = 1e-8

Function = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Place:
    """A point of a domain.

    Attributes:
        part, patch: where it lies.
        point: the variables, without those that others decide.
    """

    part: int
    patch: str
    point: np.ndarray


class Landscape:
    """Value and efficiency as functions on one part and patch, in floats.

    Args:
        problem: the objective and the domain.
        part, patch: where.
    """

    def __init__(self, problem: Problem, part: int, patch: str):
        self.problem, self.part, self.patch = problem, part, patch
        self.names = problem.domain.variables
        self.free = problem.free(range(len(self.names)))
        state = problem.states[part]
        self._weights = [np.asarray(w, dtype=float) for w in state.weights]
        self._coherence = np.asarray(state.coherence, dtype=float)
        bounds = problem.parts[part].box
        self.bounds = [tuple(map(float, bounds.get(self.names[i], (0, 1)))) for i in self.free]

    def whole(self, point: np.ndarray) -> np.ndarray:
        """All variables, of the shape ``(n, v)``."""
        full = np.zeros((len(point), len(self.names)))
        full[:, self.free] = point
        if self.problem.in_strips:
            n, e = full[:, 0] / 2, float(self.problem.domain.charge)
            with np.errstate(divide="ignore", over="ignore"):
                full[:, 1] = 1 / (1 + ((1 - n) / n) ** e)
        return full

    def numbers(self, point: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """(D, E, C, N) behind the filters."""
        full = self.whole(np.atleast_2d(point))
        w = [_evaluated(f, full) for f in self._weights]
        filters = []
        for choice, name in zip(self.patch, "xy", strict=True):
            weak = full[:, self.names.index(name)] if name in self.names else np.ones(len(full))
            one = np.ones(len(full))
            filters.append((weak, one) if choice == "0" else (one, weak))
        (a0, a1), (b0, b1) = filters
        d, e = a0 * b1 * w[1] + a1 * b0 * w[2], a0 * b0 * w[0] + a1 * b1 * w[3]
        c = a0 * a1 * b0 * b1 * _evaluated(self._coherence, full)
        return d, e, np.maximum(c, 0.0), np.sum(w, axis=0)

    def efficiency(self, point: np.ndarray) -> np.ndarray:
        """The probability of heralding."""
        d, e, _, n = self.numbers(point)
        return (d + e) / np.maximum(n, 1e-300)

    def value(self, point: np.ndarray) -> np.ndarray:
        """The objective."""
        d, e, c, _ = self.numbers(point)
        t = np.maximum(d + e, 1e-150)
        if self.problem.objective == "singlet_fraction":
            return (np.sqrt(c) + d / 2) / t
        return 2 * np.sqrt(np.maximum(8 * c, 4 * c + (d - e) ** 2)) / t

    def lead(self, point: np.ndarray) -> np.ndarray:
        """Positive where the classical bound is beaten, and of the order of by how much."""
        d, e, c, _ = self.numbers(point)
        t = np.maximum(d + e, 1e-150)
        if self.problem.objective == "singlet_fraction":
            return (np.sqrt(c) - e / 2) / t
        return np.maximum(np.sqrt(c) - np.sqrt(np.maximum(d * e, 0.0)), np.sqrt(8 * c) - t) / t

    def held(self, p: float, threshold: bool) -> Function:
        """What must not be negative: the lead beyond a little, or the efficiency beyond p."""
        if threshold:
            return lambda z: self.lead(z) - _LEAD
        return lambda z: self.efficiency(z) / max(p, 1e-300) - 1


def _evaluated(f: np.ndarray, points: np.ndarray) -> np.ndarray:
    total = np.broadcast_to(f[..., None], (*f.shape, len(points)))
    for axis in reversed(range(points.shape[1])):
        powers = points[:, axis] ** np.arange(f.shape[axis])[:, None]
        total = np.sum(total * powers, axis=axis)
    return total


def landscapes(problem: Problem) -> list[Landscape]:
    """Those of all parts and patches."""
    return [
        Landscape(problem, part, patch)
        for part in range(len(problem.parts))
        for patch in patches(problem.domain)
    ]


def best_value(problem: Problem, efficiency: Fraction | None, starts: list[Place]) -> Place | None:
    """A good local maximum of the value at a fixed efficiency."""
    return _climbed(problem, efficiency, starts)


def best_efficiency(problem: Problem, starts: list[Place]) -> Place | None:
    """The largest efficiency at which the classical bound is beaten, by a little."""
    return _climbed(problem, None, starts, threshold=True)


def _climbed(
    problem: Problem,
    efficiency: Fraction | None,
    starts: list[Place],
    threshold: bool = False,
) -> Place | None:
    from scipy.optimize import minimize

    random = np.random.default_rng(0)
    p = 0.0 if efficiency is None else float(efficiency)
    needs = threshold or efficiency is not None
    lands = {(land.part, land.patch): land for land in landscapes(problem)}
    if not starts:
        starts = _samples(lands.values(), p, threshold, random)
    elif threshold:
        starts = [*starts, *_samples(lands.values(), p, threshold, random)]
    best, highest = None, -np.inf
    for start in starts:
        land = lands[start.part, start.patch]
        climbed = land.efficiency if threshold else land.value

        kept = land.held(p, threshold)

        def held(z: np.ndarray, kept: Function = kept) -> float:
            return float(kept(z)[0])

        def cost(z: np.ndarray, climbed: Function = climbed) -> float:
            return -float(climbed(z)[0])

        outcome = minimize(
            cost,
            start.point,
            jac=lambda z, f=climbed: -_slope(f, z),
            bounds=land.bounds,
            constraints=[{"type": "ineq", "fun": held, "jac": lambda z, f=kept: _slope(f, z)}]
            if needs
            else [],
            method="SLSQP",
            options={"maxiter": 200, "ftol": 1e-13},
        )
        for z in (outcome.x, start.point):
            z = np.clip(z, *np.transpose(land.bounds))
            score = -cost(z)
            if score > highest and (not needs or held(z) > -1e-9):
                best, highest = Place(land.part, land.patch, z), score
    return best


def _slope(f: Function, z: np.ndarray) -> np.ndarray:
    """Central differences, all at once."""
    step = 1e-7
    away = step * np.eye(len(z))
    values = f(np.concatenate([z + away, z - away]))
    return (values[: len(z)] - values[len(z) :]) / (2 * step)


def _samples(
    lands: Iterable[Landscape], p: float, threshold: bool, random: np.random.Generator
) -> list[Place]:
    """The most promising of many random points, no more than a few of each part and patch."""
    found: list[tuple[float, Place]] = []
    for land in lands:
        low, high = np.transpose(land.bounds)
        t = random.random((_SAMPLES, len(low)))
        t[::2] = t[::2] ** 4
        points = low + (high - low) * t
        held = land.held(p, threshold)(points) >= 0
        score = np.where(held, land.efficiency(points) if threshold else land.value(points), -1.0)
        order = np.argsort(-score)[:_STARTS]
        found += [
            (float(score[i]), Place(land.part, land.patch, points[i])) for i in order if held[i]
        ]
    found.sort(key=lambda pair: -pair[0])
    return [place for _, place in found[:_STARTS_IN_ALL]]
