"""A global maximiser without gradients: differential evolution, then Nelder-Mead.

Both work on the unit cube with its faces, where optima often are.  A merit takes points
(..., dimension) and branches (..., labels), discrete choices that differ from population to
population, and returns (...).
"""

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize

Merit = Callable[[np.ndarray, np.ndarray], np.ndarray]


def evolve(merit: Merit, branches: np.ndarray, dimension: int, rng, generations: int, size: int):
    """Differential evolution of one population for each row of ``branches``, all at once.

    Every other population is drawn to its best (fast), the rest move at random (thorough).  Steps
    that leave the cube stop at its face.

    Returns the best point (runs, dimension) of each population and its merit (runs,).

    Reference: Storn and Price, J. Global Optim. 11, 341 (1997).
    """
    runs = len(branches)
    shape = (runs, size, dimension)
    labels = np.broadcast_to(branches[:, None, :], (runs, size, branches.shape[1]))
    population, faces = rng.random(shape), rng.random(shape)
    population = np.where(faces < 0.1, 0.0, np.where(faces > 0.9, 1.0, population))
    merits = merit(population, labels)
    rows = np.arange(runs)[:, None]
    drawn_to_best = (np.arange(runs) % 2 == 0)[:, None, None]
    for _ in range(generations):
        one, two, three = rng.integers(size, size=(3, runs, size))
        leader = population[rows, np.argmax(merits, axis=1)[:, None]]
        base = np.where(drawn_to_best, (population + leader) / 2, population[rows, three])
        scale = rng.uniform(0.3, 0.9, (runs, size, 1))
        mutant = base + scale * (population[rows, one] - population[rows, two])
        crossed = rng.random(shape) < rng.uniform(0.5, 1.0, (runs, size, 1))
        crossed |= np.arange(dimension) == rng.integers(dimension, size=(runs, size, 1))
        trial = np.clip(np.where(crossed, mutant, population), 0, 1)
        trial_merits = merit(trial, labels)
        better = trial_merits >= merits
        population = np.where(better[..., None], trial, population)
        merits = np.where(better, trial_merits, merits)
    winners = np.argmax(merits, axis=1)
    return population[np.arange(runs), winners], merits[np.arange(runs), winners]


def polish(merit: Merit, x: np.ndarray, branch: np.ndarray) -> tuple[np.ndarray, float]:
    """Nelder-Mead from x over all coordinates, then over those that are not at a face.

    Snapping a coordinate to the face it crept up to is kept only where it does no harm.
    """
    best, best_merit = x, float(merit(x, branch))
    for near, step in ((0.0, 1e-2), (1e-4, 1e-2), (1e-6, 1e-3), (1e-6, 1e-4)):
        start = np.where(best <= near, 0.0, np.where(best >= 1 - near, 1.0, best))
        free = np.full(len(start), True) if near == 0 else (start > 0) & (start < 1)
        candidate = _simplex(merit, start, free, branch, step)
        candidate_merit = float(merit(candidate, branch))
        if candidate_merit >= best_merit:
            best, best_merit = candidate, candidate_merit
    return best, best_merit


def _simplex(merit: Merit, start, free, branch, step: float) -> np.ndarray:
    """Nelder-Mead over the coordinates ``free`` of ``start``, the simplex towards the centre."""
    if not free.any():
        return start

    def point(inner):
        x = start.copy()
        x[free] = np.clip(inner, 0, 1)
        return x

    inner = start[free]
    simplex = np.vstack([inner, inner + np.diag(np.where(inner < 0.5, step, -step))])
    options = {"initial_simplex": simplex, "xatol": 1e-11, "fatol": 1e-15, "maxfev": 1500}
    outcome = minimize(
        lambda inner: -float(merit(point(inner), branch)),
        inner,
        method="Nelder-Mead",
        options=options,
    )
    return point(outcome.x)


def maximise(
    merit: Merit, branches: np.ndarray, dimension: int, seed: int, restarts: int, polished: int = 3
) -> tuple[np.ndarray, np.ndarray, float]:
    """The best point, its branch and its merit over ``restarts`` populations for each branch."""
    if dimension == 0:
        merits = [float(merit(np.zeros(0), branch)) for branch in branches]
        return np.zeros(0), branches[int(np.argmax(merits))], max(merits)
    rows = np.repeat(branches, restarts, axis=0)
    generations, size = 60 + 60 * dimension, 24 + 8 * dimension
    rng = np.random.default_rng(seed)
    points, merits = evolve(merit, rows, dimension, rng, generations, size)
    leaders = np.argsort(-merits)[:polished]
    finals = [(*polish(merit, points[i], rows[i]), rows[i]) for i in leaders]
    x, value, branch = max(finals, key=lambda final: final[1])
    return x, branch, value
