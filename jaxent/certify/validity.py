r"""How far a steering inequality may be violated by a local-hidden-state model at most.

An inequality Y holds if, for every unit vector n,

.. math:: f(1, n) \ge 0,\qquad f(t, r) = Y_0\cdot(t, r) - \sum_x |Y_x\cdot(t, r)| ,

and :math:`-\min f` is the largest defect of a four-vector :math:`Y_0 + \sum_x\lambda_x Y_x`: see
:mod:`jaxent.certify.strategies`. Of up to 16 measurements every strategy is tried. Of more, the
sphere is cut into triangles, which needs no strategies: f is concave and of degree one. A point n
of the spherical triangle with the corners :math:`n_i` is :math:`\sum_i\mu_i n_i` with
:math:`\mu_i \ge 0`, and with :math:`s = \sum_i\mu_i`

.. math:: f(1, n) = f\Big(\sum_i\mu_i\,(\tfrac1s, n_i)\Big) \ge \sum_i\mu_i\,f(\tfrac1s, n_i)
          \ge s\,\min_i\min\{f(1, n_i), f(d, n_i)\} ,\qquad d \le \tfrac1s \le 1 ,

the last since f is concave in its first argument (where the minimum is positive, s may be left
out). The flat triangle's point :math:`n/s` has a length of at least :math:`d = \sqrt{1 - h^2/3}`, h
the longest side, because :math:`|\sum_i w_in_i|^2 = 1 - \sum_{i<j}w_iw_j|n_i-n_j|^2` for weights
of sum one. A triangle whose bound is not yet close to the smallest f seen is cut in four. What the
cut costs falls as the square of its sides, and f grows as the square of the distance from a
minimum: few are left open.
"""

from __future__ import annotations

import math

import numpy as np

from jaxent.certify.assemblage import Real, defects
from jaxent.directions import every_strategy

MOST_CHECKED = 16
"""So few measurements that all their strategies are checked one by one."""

# Of the largest entry of Y: far below the gap that a solver leaves.
_CLOSE = 1e-11
# After 20 cuts a side is 1e-6, and the squares of sides are below what is close.
_MOST_CUTS = 24
_MOST_TRIANGLES = 200_000


def worst_violation(inequality: Real) -> float:
    """The largest defect of Y0 + Σ λ_x Y_x over all strategies, or a little more than that."""
    m = len(inequality) - 1
    if m <= MOST_CHECKED:
        return float(np.max(defects(every_strategy(m) @ inequality)))
    return violation_by_triangles(inequality)


def violation_by_triangles(inequality: Real) -> float:
    """The same for any number of measurements, from above, up to rounding."""
    triangles = np.array([np.diag([x, y, z]) for x in (1, -1) for y in (1, -1) for z in (1.0, -1)])
    close = _CLOSE * float(np.max(np.abs(inequality)))
    bound = smallest = math.inf
    for cut in range(_MOST_CUTS):
        sides = triangles - np.roll(triangles, 1, axis=1)
        shortest = np.sqrt(1 - np.max(np.sum(sides**2, axis=2), axis=1) / 3)
        at_corners = _f(inequality, np.ones(len(triangles)), triangles)
        below = np.min(np.minimum(at_corners, _f(inequality, shortest, triangles)), axis=1)
        proven = np.minimum(below, below / shortest)
        smallest = min(smallest, float(np.min(at_corners)))
        last = cut == _MOST_CUTS - 1 or 4 * len(triangles) > _MOST_TRIANGLES
        open_ = (proven < smallest - close) & (not last)
        bound = min(bound, float(np.min(proven[~open_], initial=math.inf)))
        if not np.any(open_):
            break
        triangles = _quartered(triangles[open_])
    return -bound


def _f(inequality: Real, t: Real, points: Real) -> Real:
    """f(t, r) of the corners of triangles ``(k, 3, 3)``, each triangle with its t, ``(k, 3)``."""
    values = points @ inequality[:, 1:].T + t[:, None, None] * inequality[:, 0]
    return values[..., 0] - np.sum(np.abs(values[..., 1:]), axis=-1)


def _quartered(triangles: Real) -> Real:
    a, b, c = (triangles[:, i] for i in range(3))
    middles = (a + b, b + c, c + a)
    ab, bc, ca = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in middles)
    parts = ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))
    return np.concatenate([np.stack(part, axis=1) for part in parts])
