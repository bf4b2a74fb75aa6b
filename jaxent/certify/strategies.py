r"""Deterministic strategies: which outcome a hidden state tells each measurement to give.

There are :math:`2^m` strategies :math:`\lambda \in \{\pm1\}^m` for m measurements, and few of them
matter. A steering inequality :math:`Y` has to satisfy

.. math:: Y_0 + \sum_x \lambda_x Y_x \in L_4 \;\forall\lambda \quad\Longleftrightarrow\quad
          f(n) = Y_0\cdot(1, n) - \sum_x |Y_x\cdot(1, n)| \ge 0 \;\forall\, |n| = 1,

since a four-vector is in the Lorentz cone if its product with every :math:`(1, n)` is positive. In
f the strategy is :math:`\lambda_x = -\mathrm{sign}(Y_x\cdot(1, n))`. It changes where n crosses one
of the m circles :math:`Y_x\cdot(1, n) = 0`, and these cut the sphere into at most
:math:`m(m-1) + 2` cells: so many strategies decide about an inequality, 92 of 1024 for ten
measurements, 1262 of 7e10 for 36.

A cell of several circles has a corner at which two of them meet, and is found from there. Circles
that pass so close to a corner that rounding hides on which side it lies are taken to leave it on
both. The strategies only choose what a program is made of: whether an inequality holds for all of
them is not taken from here, but proven in :mod:`jaxent.certify.validity`.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from jaxent.certify.assemblage import Real
from jaxent.directions import every_strategy

MOST_ENUMERATED = 4
"""So few measurements that all strategies are no more than those that decide."""

_CLOSE = 1e-11
# Of more circles than that through one point some are left on one side alone.
_MOST_TOGETHER = 6


def deciding(inequality: Real) -> Real:
    """The strategies that decide whether an inequality holds, one for each cell and its opposite.

    Args:
        inequality: Y, shape ``(m + 1, 4)``.

    Returns:
        Shape ``(k, m + 1)``, with a 1 in front; with each strategy its opposite.
    """
    circles = inequality[1:] / max(float(np.max(np.abs(inequality[1:]))), 1e-300)
    corners = np.concatenate([_corners(circles), _points_on(circles), np.eye(3), -np.eye(3)])
    sides = circles[:, 0] + corners @ circles[:, 1:].T
    found: set[tuple[int, ...]] = set()
    for side in sides:
        near = np.flatnonzero(np.abs(side) <= _CLOSE)[:_MOST_TOGETHER]
        signs = np.where(side > 0, -1, 1)
        for choice in product((-1, 1), repeat=len(near)):
            signs[near] = choice
            found.add(tuple(signs.tolist()))
    both = sorted(found | {tuple(-s for s in signs) for signs in found})
    return np.concatenate([np.ones((len(both), 1)), np.array(both, dtype=float)], axis=1)


def relevant(inequality: Real) -> Real:
    """The strategies to look at: all, where there are few measurements, else those that decide."""
    m = len(inequality) - 1
    return every_strategy(m) if m <= MOST_ENUMERATED else deciding(inequality)


def of_axes(axes: Real) -> Real:
    """Those that decide about axes alone: by them all rows of an assemblage can be corrected.

    That takes as many independent ones as there are rows. Axes so close to each other that no cell
    between them is found leave fewer; then strategies that differ in one outcome are added.
    """
    patterns = relevant(np.pad(axes, ((1, 0), (1, 0))))
    if np.linalg.matrix_rank(patterns) == patterns.shape[1]:
        return patterns
    single = np.concatenate([np.ones((1, len(axes))), 1 - 2 * np.eye(len(axes))])
    both = np.pad(np.concatenate([single, -single]), ((0, 0), (1, 0)), constant_values=1)
    return np.unique(np.concatenate([patterns, both]), axis=0)


def _corners(circles: Real) -> Real:
    """The points at which two circles meet, shape ``(k, 3)``."""
    first, second = np.triu_indices(len(circles), 1)
    (t, n), (s, k) = ((circles[pair][:, 0], circles[pair][:, 1:]) for pair in (first, second))
    along = np.cross(n, k)
    square = np.sum(along**2, axis=1)
    meets = square > _CLOSE**2
    t, n, s, k = t[meets], n[meets], s[meets], k[meets]
    along, square = along[meets], square[meets]
    # The nearest point of the line in which both planes meet, and from there to the sphere.
    middle = (np.cross(along, k) * t[:, None] - np.cross(along, n) * s[:, None]) / square[:, None]
    beyond = 1 - np.sum(middle**2, axis=1)
    real = beyond >= -_CLOSE
    step = along[real] * np.sqrt(np.maximum(beyond[real], 0.0) / square[real])[:, None]
    return np.concatenate([middle[real] + step, middle[real] - step])


def _points_on(circles: Real) -> Real:
    """A point on each circle: some meet no other."""
    length = np.linalg.norm(circles[:, 1:], axis=1)
    there = length > np.abs(circles[:, 0])
    t, n, length = circles[there, 0], circles[there, 1:], length[there]
    if not len(n):
        return np.empty((0, 3))
    axis = n / length[:, None]
    height = -t / length
    aside = np.cross(axis, np.eye(3)[np.argmin(np.abs(axis), axis=1)])
    aside /= np.linalg.norm(aside, axis=1)[:, None]
    return height[:, None] * axis + np.sqrt(1 - height**2)[:, None] * aside
