r"""Two-sided bounds for any two-qubit state: hidden states at the vertices of a polytope.

**Lower bound.** For weights :math:`w_j` at N points :math:`m_j` of the sphere,
:math:`H(C)=\sum_j w_j|C\cdot(1,m_j)|` is linear on each cell into which the N hyperplanes
:math:`C\cdot(1,m_j)=0` cut the space of C. The cells are pointed cones, since the
:math:`(1,m_j)` span the space, and their edges lie in three of the hyperplanes: they are the planes
through three of the points. With :math:`C=\sum_i\lambda_iC_i` over the edges of its cell,

.. math:: \frac{H(C)}{e(C)} \ge \frac{\sum_i\lambda_iH(C_i)}{\sum_i\lambda_ie(C_i)}
          \ge \min_i\frac{H(C_i)}{e(C_i)},

so that the planes through triples decide. There are 125 580 of them for 92 points.

**Upper bound.** :math:`\sum_f\nu_f|C_f\cdot(1,m)| - Z\cdot(1,m)` is convex in m, and on the sphere
no larger than at the vertices of a polytope around it; this one has 16 002 vertices, the planes are
those of the triples, and the solver's own hidden states a finer set than for the lower bound.

The width is that of the points' distances squared, about 0.02: see :mod:`jaxent.certify.latitudes`
for states with an axis.

Reference: Nguyen, Nguyen, Gühne, Phys. Rev. Lett. 122, 240401 (2019).
"""

from __future__ import annotations

import itertools
import math
from functools import lru_cache

import numpy as np

from jaxent.certify.assemblage import Indices, Real
from jaxent.certify.projective import (
    ROUNDING,
    ProjectiveProgram,
    Proposal,
    apart,
    blended,
    completed,
    excluded,
    size,
    solve,
)

_POINTS = 3  # parts of an icosahedron's edge: 10 n² + 2 points
_FINER = 8
_AROUND = 40
_MOST_ROUNDS = 12
_FIRST_PLANES = 99
_NEW_PLANES = 40
# They are sought among so many of the smallest ratios, and so far apart, in radians.
_CANDIDATES, _APART = 2000, 0.05
# A round that would gain less than this share of the width is the last.
_GAIN = 1 / 4
_CHUNK = 500  # so few planes at a time that the products stay in a core's cache


def bounds(
    program: ProjectiveProgram, width: float, decisive: float | None = None
) -> tuple[float, float]:
    """Bounds on the largest p of a program.

    Args:
        program: any; the more evenly its frame treats both qubits, the closer the bounds.
        width: what one more round would have to gain, relative; not what they reach.
        decisive: stop as soon as this is outside the bounds.

    Returns:
        The lower and the upper bound; both hold whatever the width.
    """
    low, planes = _lower(program, width, decisive)
    if decisive is not None and low >= decisive:
        return low, math.inf
    return low, _upper(program, planes, width, decisive)


def _lower(program: ProjectiveProgram, width: float, decisive: float | None) -> tuple[float, Real]:
    """The lower bound, and the planes that bind it."""
    points, triples = _icosphere(_POINTS)[0], _planes_through_triples()
    reached, most = program.reached(triples), program.at_most(triples)
    chosen = np.arange(0, len(triples), len(triples) // _FIRST_PLANES)
    low = 0.0
    for _ in range(_MOST_ROUNDS):
        found = _solve(program, triples[chosen], reached[chosen], points)
        if found is None:
            break
        weights = blended(found.weights, width)
        H = _H(triples, points, weights) - ROUNDING * np.sum(weights) * size(triples)
        ratios = H / most
        total = np.append(np.sum(weights), weights @ points)
        low = max(low, completed(float(np.min(ratios)), total, program))
        decided = decisive is not None and low >= decisive
        if decided or found.p - low <= _GAIN * width * low:
            break
        chosen = np.union1d(chosen, _worst(triples, ratios, found.p))
    return low, triples[chosen]


def _upper(program: ProjectiveProgram, planes: Real, width: float, decisive: float | None) -> float:
    points, triples = _icosphere(_FINER)[0], _planes_through_triples()
    high, last = math.inf, math.inf
    for _ in range(_MOST_ROUNDS):
        found = _solve(program, planes, program.reached(planes), points)
        if found is None:
            break
        used = found.nu > 0
        high = min(high, _excluded(program, planes[used], found.nu[used], found.Z))
        decided = decisive is not None and high < decisive
        if decided or last - found.p <= _GAIN * width * found.p:
            break
        last = found.p
        held = found.weights > 0
        H = _H(triples, points[held], found.weights[held])
        worst = _worst(triples, H / program.at_most(triples), found.p)
        planes = np.concatenate([planes[used], triples[worst]])
    return high


def _solve(
    program: ProjectiveProgram, planes: Real, reached: Real, points: Real
) -> Proposal | None:
    moments = np.concatenate([np.ones((1, len(points))), points.T])
    H = np.abs(planes[:, :1] + planes[:, 1:] @ points.T)
    return solve(H, reached, moments, program.u0, program.u1)


def _excluded(program: ProjectiveProgram, planes: Real, nu: Real, Z: Real) -> float:
    around = _around()
    excess = nu @ np.abs(planes[:, :1] + planes[:, 1:] @ around.T) - around @ Z[1:]
    return excluded(program, planes, nu, Z[1:], float(np.max(excess)))


def _H(planes: Real, points: Real, weights: Real) -> Real:
    parts = (planes[i : i + _CHUNK] for i in range(0, len(planes), _CHUNK))
    return np.concatenate([np.abs(p[:, :1] + p[:, 1:] @ points.T) @ weights for p in parts])


def _worst(planes: Real, ratios: Real, below: float) -> Indices:
    """Where the smallest ratios are, apart from each other."""
    order = np.argpartition(ratios, _CANDIDATES)[:_CANDIDATES]
    order = order[np.argsort(ratios[order])]
    order = order[ratios[order] < below]
    return order[apart(planes[order], _APART, _NEW_PLANES)]


@lru_cache(maxsize=1)
def _planes_through_triples() -> Real:
    """All planes through three points, as unit four-vectors, shape ``(n, 4)``."""
    points = _icosphere(_POINTS)[0]
    triples = np.array(list(itertools.combinations(range(len(points)), 3)))
    a, b, c = (points[corner] for corner in triples.T)
    normal = np.cross(b - a, c - a)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    planes = np.column_stack([-np.sum(normal * a, axis=1), normal])
    return planes / np.linalg.norm(planes, axis=1, keepdims=True)


@lru_cache(maxsize=1)
def _around() -> Real:
    """The vertices of a polytope that holds the unit ball, shape ``(16002, 3)``."""
    points, inside = _icosphere(_AROUND)
    return points * ((1 + ROUNDING) / inside)


@lru_cache
def _icosphere(parts: int) -> tuple[Real, float]:
    """An icosahedron's faces divided and put on the sphere; a vertex points along z.

    Returns:
        The points, shape ``(10 parts² + 2, 3)``, and the smallest distance of a face's plane from
        the centre: the ball of that radius is inside their convex hull.
    """
    corners = np.array([_icosahedron()[list(face)] for face in _icosahedron_faces()])
    steps = [(i, j) for i in range(parts + 1) for j in range(parts + 1 - i)]
    share = np.array([(i, j, parts - i - j) for i, j in steps]) / parts
    points = np.einsum("sk,fkx->fsx", share, corners)
    points /= np.linalg.norm(points, axis=2, keepdims=True)
    number = {step: k for k, step in enumerate(steps)}
    faces = [(number[i, j], number[i + 1, j], number[i, j + 1]) for i, j in steps if i + j < parts]
    faces += [
        (number[i + 1, j + 1], number[i + 1, j], number[i, j + 1])
        for i, j in steps
        if i + j < parts - 1
    ]
    a, b, c = (points[:, [face[k] for face in faces]] for k in range(3))
    normal = np.cross(b - a, c - a)
    distance = np.abs(np.sum(normal * a, axis=2)) / np.linalg.norm(normal, axis=2)
    _, first = np.unique(np.round(points.reshape(-1, 3), 9) + 0.0, axis=0, return_index=True)
    return points.reshape(-1, 3)[np.sort(first)], float(np.min(distance))


def _icosahedron() -> Real:
    height, radius = 1 / math.sqrt(5), 2 / math.sqrt(5)
    turns = np.arange(5) * 2 * math.pi / 5
    upper = np.stack([radius * np.cos(turns), radius * np.sin(turns), np.full(5, height)], axis=1)
    return np.concatenate([[[0, 0, 1.0]], upper, -upper, [[0, 0, -1.0]]])


def _icosahedron_faces() -> list[tuple[int, int, int]]:
    """The triples of vertices at an edge's distance of each other."""
    vertices = _icosahedron()
    near = vertices @ vertices.T > 0.4
    return [f for f in itertools.combinations(range(12), 3) if near[np.ix_(f, f)].all()]
