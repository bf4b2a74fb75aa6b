r"""Two-sided bounds for states with an axis: hidden states spread evenly over latitudes.

Let :math:`a = (0,0,a_z)`, :math:`T = \mathrm{diag}(t, \pm t, t_z)` and the moments along z. Then
:math:`e(C)=\mathrm{hypot}(t\,c_p,\ a_z c_0 + t_z c_z)`, with :math:`c_p = \mathrm{hypot}(c_x,c_y)`,
does not change when c turns about z. If :math:`\mu` is a model, so is its average over the turns
(the program is linear in :math:`\mu`): weights :math:`w_j` on latitudes :math:`z_j` suffice, with

.. math::
    H(C) &= \sum_j w_j K(C, z_j), \qquad
    K(C, z) = M\!\left(c_0 + c_z z,\ c_p\sqrt{1-z^2}\right), \\
    M(A, B) &= \frac1{2\pi}\int_0^{2\pi} |A + B\cos\varphi|\,d\varphi
        = \frac2\pi\left(|A|\arctan\frac{|A|}{s} + s\right),\quad s = \sqrt{\max(B^2 - A^2, 0)} .

In this form M keeps every digit at :math:`|A|\approx B` too. H is convex and of degree one.

**Lower bound.** Given w, :math:`\min H/e` over all C. With :math:`C\to-C` and
:math:`c_0+c_z=u, c_0-c_z=\pm v` all C are in two octants :math:`u, v, c_p \ge 0`, on each of which
the poles' part of H is linear. An octant is a triangle of directions. On a triangle of corners
:math:`C_i`, with the gradient g of H at its centre, for :math:`C=\sum_i\lambda_i C_i`,

.. math:: \frac{H(C)}{e(C)} \ge \frac{g\cdot C}{e(C)}
          \ge \frac{\sum_i\lambda_i\, g\cdot C_i}{\sum_i\lambda_i\, e(C_i)}
          \ge \min_i \frac{g\cdot C_i}{e(C_i)} ,

the first since H is convex and of degree one, the second since e is. Triangles whose bound is not
yet good enough are cut in four; the error of the rest falls as the square of their sides.

**Upper bound.** Given :math:`\nu`, the largest :math:`\sum_f\nu_fK(C_f,z) - Z_1z` over the
sphere. M is convex and even in B, so this is convex in the point :math:`(z,\varrho)`, and on the
half-circle :math:`z^2+\varrho^2=1` no larger than at the corners of a polygon around it.

The linear program proposes w and :math:`\nu`. Each round adds the planes and the latitudes at which
its proposals fail most.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from jaxent.certify.assemblage import Real
from jaxent.certify.projective import (
    ROUNDING,
    ProjectiveProgram,
    apart,
    blended,
    completed,
    excluded,
    size,
    solve,
)

_LATITUDES = 33
_PLANES = 8
# Corners so many that the polygon exceeds the half-circle by 1e-7, a hundredth of the least width.
_POLYGON = 3000
_MOST_ROUNDS = 40
_MOST_CUTS = 20
_MOST_TRIANGLES = 200_000
_NEW_PLANES = 25
# New planes are so far apart, in radians: first they fill the octants, then they close in.
_APART, _CLOSER, _COARSE_ROUNDS = 0.05, 0.02, 3
# The search is as fine as the bounds are close: of the gap between them, and of the width wanted.
_OF_GAP, _OF_WIDTH = 1 / 20, 1 / 8
# Before there is an upper bound the gap says nothing: a coarse search is enough.
_LARGEST_GAP = 0.4
# A proposal that fails by less than this share of the width need not be mended.
_TOLERATED = 1 / 10


def bounds(
    program: ProjectiveProgram, width: float, decisive: float | None = None
) -> tuple[float, float]:
    """Bounds on the largest p of a program with the axis z.

    Args:
        program: a and the moments along z, T diagonal with ``|T_xx| = |T_yy|``.
        width: of the bounds, relative; they are wider where the rounds run out.
        decisive: stop as soon as this is outside the bounds.

    Returns:
        The lower and the upper bound; both hold whatever the width.
    """
    low, high = 0.0, math.inf
    z, planes = _first_latitudes(), _first_planes()
    for turn in range(_MOST_ROUNDS):
        found = solve(
            _circle_means(planes, z, _radius(z)),
            program.reached(planes),
            np.stack([np.ones_like(z), z]),
            program.u0[[0, 3]],
            program.u1[[0, 3]],
        )
        if found is None:
            break
        used = found.nu > 0
        bound, excess = _upper(program, planes[used], found.nu[used], found.Z)
        high = min(high, bound)
        gap = min((high - low) / high, _LARGEST_GAP)
        weights = blended(found.weights, width)
        search = _ratio(program, z, weights, max(_OF_WIDTH * width, _OF_GAP * gap))
        total = np.array([np.sum(weights), 0.0, 0.0, weights @ z])
        low = max(low, completed(search.bound, total, program))
        decided = decisive is not None and not low < decisive <= high
        if decided or high - low <= width * low:
            break
        z = np.union1d(z, _peaks(excess, found.Z[0], width))
        planes = np.concatenate([planes, search.worst(found.p * (1 - _TOLERATED * width), turn)])
    return low, high


def _circle_means(planes: Real, z: Real, radius: Real) -> Real:
    """K of planes ``(f, 4)`` with c_y = 0 at circles of height z and radius, shape ``(f, n)``."""
    A = np.abs(planes[:, :1] + planes[:, 3:] * z)
    s, angle = _tangent(A, planes[:, 1:2] * radius)
    return (2 / math.pi) * (A * angle + s)


def _tangent(A: Real, B: Real) -> tuple[Real, Real]:
    s = np.sqrt(np.maximum((B - A) * (B + A), 0.0))
    return s, np.arctan2(A, s)


def _radius(z: Real) -> Real:
    return np.sqrt((1 - z) * (1 + z))


@lru_cache(maxsize=1)
def _first_latitudes() -> Real:
    z = np.cos(np.linspace(math.pi, 0, _LATITUDES))
    z[0], z[-1] = -1, 1
    return z


@lru_cache(maxsize=1)
def _first_planes() -> Real:
    steps = range(_PLANES + 1)
    corners = np.array([(i, j, _PLANES - i - j) for i in steps for j in steps if i + j <= _PLANES])
    corners = corners / _PLANES
    other = corners[corners[:, 1] > 0]
    signs = np.repeat([1.0, -1.0], [len(corners), len(other)])
    return _planes(np.concatenate([corners, other]), signs)


def _planes(octant: Real, side: Real) -> Real:
    """The planes (c0, c_p, 0, c_z) of points (u, v, c_p) of the octant on that side."""
    u, v, c_p = octant[..., 0], octant[..., 1] * side, octant[..., 2]
    return np.stack([(u + v) / 2, c_p, np.zeros_like(u), (u - v) / 2], axis=-1)


@lru_cache(maxsize=1)
def _polygon() -> tuple[Real, Real]:
    """Corners (z, radius) of a polygon around the half-circle; its mirror image closes it."""
    theta = (np.arange(_POLYGON) + 0.5) * math.pi / _POLYGON
    stretch = (1 + ROUNDING) / math.cos(math.pi / (2 * _POLYGON))
    return stretch * np.cos(theta), stretch * np.sin(theta)


def _upper(program: ProjectiveProgram, planes: Real, nu: Real, Z: Real) -> tuple[float, Real]:
    """The bound on p by these weights, and Σ ν K − Z_1 z at the polygon's corners."""
    z, radius = _polygon()
    excess = nu @ _circle_means(planes, z, radius) - Z[1] * z
    slope = np.array([0.0, 0.0, Z[1]])
    return excluded(program, planes, nu, slope, float(np.max(excess))), excess


def _peaks(excess: Real, allowed: float, width: float) -> Real:
    """The latitudes at which the planes' weights exceed what is allowed most."""
    around = np.concatenate([excess[:1], excess, excess[-1:]])
    top = (excess >= around[:-2]) & (excess >= around[2:])
    stretch = math.cos(math.pi / (2 * _POLYGON)) / (1 + ROUNDING)
    return stretch * _polygon()[0][top & (excess > allowed * (1 + _TOLERATED * width))]


@dataclass(frozen=True, eq=False)
class _Search:
    """A proven bound on H/e over all planes, and every plane looked at with its H/e."""

    bound: float
    ratios: Real
    planes: Real

    def worst(self, below: float, turn: int) -> Real:
        """The planes of the smallest ratios, apart from each other, ``(k, 4)``, k ≤ 25."""
        order = np.argsort(self.ratios)
        planes = self.planes[order[self.ratios[order] < below]]
        return planes[apart(planes, _APART if turn < _COARSE_ROUNDS else _CLOSER, _NEW_PLANES)]


def _ratio(program: ProjectiveProgram, z: Real, weights: Real, width: float) -> _Search:
    """Bound min H/e by cutting the triangles of both octants."""
    octants = np.broadcast_to(np.eye(3), (2, 3, 3))
    sides = np.array([1.0, -1.0])
    bound = smallest = math.inf
    ratios, looked_at = [], []
    for cut in range(_MOST_CUTS):
        centres, corners = _planes(octants.mean(axis=1), sides), _planes(octants, sides[:, None])
        gradient = _gradient(centres, sides, z, weights)
        allowance = ROUNDING * np.sum(weights)
        H = np.sum(gradient * centres, axis=1)
        ratio = H / program.at_most(centres)
        below = np.einsum("kj,kij->ki", gradient, corners) - allowance * size(corners)
        proven = np.min(below / program.at_most(corners), axis=1)
        ratios.append(ratio)
        looked_at.append(centres)
        smallest = min(smallest, float(np.min(ratio)))
        last = cut == _MOST_CUTS - 1 or 4 * len(sides) > _MOST_TRIANGLES
        open_ = (proven < smallest * (1 - width)) & (not last)
        bound = min(bound, float(np.min(proven[~open_], initial=math.inf)))
        if not np.any(open_):
            break
        octants, sides = _quartered(octants[open_]), np.tile(sides[open_], 4)
    return _Search(bound, np.concatenate(ratios), np.concatenate(looked_at))


def _quartered(triangles: Real) -> Real:
    a, b, c = (triangles[:, i] for i in range(3))
    ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
    parts = ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))
    return np.concatenate([np.stack(part, axis=1) for part in parts])


def _gradient(planes: Real, sides: Real, z: Real, weights: Real) -> Real:
    """A subgradient of H at each plane, on its octant the poles' own, shape ``(k, 4)``.

    At A = B = 0 also that of M: there it is any (M_A, M_B) with |M_A| ≤ 1, M_B = 0 is one.
    """
    inner, w, radius = z[1:-1], weights[1:-1], _radius(z[1:-1])
    A, B = planes[:, :1] + planes[:, 3:] * inner, planes[:, 1:2] * radius
    s, angle = _tangent(np.abs(A), B)
    M_A = (2 / math.pi) * np.sign(A) * angle
    M_B = (2 / math.pi) * np.divide(s, B, out=np.zeros_like(s), where=B > 0)
    south = weights[0] * sides
    return np.stack(
        [
            M_A @ w + weights[-1] + south,
            M_B @ (w * radius),
            np.zeros(len(planes)),
            M_A @ (w * inner) + weights[-1] - south,
        ],
        axis=1,
    )
