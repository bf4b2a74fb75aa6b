r"""An interior-point method for steering: one Lorentz cone for each deterministic strategy.

With the cone :math:`L_4` of four-vectors :math:`(t, r)`, :math:`t \ge |r|`, sign patterns
:math:`s_k = (1, \lambda_k)` and :math:`u = (\tfrac12, 0, 0, 0)` in the first of m + 1 rows,

.. math::
    p^* &= \max p:\quad \sum_k s_k \otimes S_k = u + p\,v,\quad S_k \in L_4 \\
        &= \min \langle u, Y\rangle:\quad s_k^T Y \in L_4,\quad -\langle v, Y\rangle = 1.

Primal-dual steps with Nesterov and Todd's scaling and Mehrotra's predictor: in each the Schur
complement, of 4(m + 1) unknowns, is factorised once. Symmetries of v shrink it: then Y is sought
among what they leave alone, and of the patterns one of each orbit is enough.

Reference: Y. Nesterov, M. Todd, SIAM J. Optim. 8, 324 (1998); S. Mehrotra, ibid. 2, 575 (1992);
scaling and step lengths as in L. Vandenberghe, "The CVXOPT linear and quadratic cone program
solvers" (2010).
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.lax.linalg import triangular_solve
from jaxtyping import Array, Bool, Float

from jaxent.directions import every_strategy
from jaxent.measures.cones import COLUMN, ROW, Scaling, Vectors, length

_ITERATIONS = 60
# The dual point, and with it the slope of p, is right to about the square root of the gap: it is
# brought down further as long as rounding allows.
_GAP = 1e-10
_LEAST_GAP = 1e-13
# Where rounding stops the method early, a gap up to this is still good.
_WORST_GAP = 1e-9
# How far the primal sums may then be off: the dual's value is a bound whatever they are, and their
# residual enters its distance from the optimum squared.
_WORST_RESIDUAL = 1e-6
_STEP = 0.99
# Keeps the Jacobi-scaled normal matrix positive; it moves the steps, not the solution.
_REGULARISATION = 1e-13
# The start lies so much deeper in the dual cone than it must: far from the cone's surface, where
# steps are short, and not so far that only the first ones are spent on coming back.
_DEPTH = 10.0

_ENTRY = np.zeros((4, 4), dtype=int)
_ENTRY[ROW, COLUMN] = _ENTRY[COLUMN, ROW] = np.arange(10)


class Symmetry(NamedTuple):
    """A reflection of Bob's vectors under which v stays what it is as rows change places.

    Row x of an invariant v, its vector reflected and times ``signs[x]``, is row ``places[x]``.

    Attributes:
        reflection: the signs of (t, r), shape ``(4,)``.
        places: where each of the m + 1 rows goes.
        signs: of each row, the first being 1.
    """

    reflection: np.ndarray
    places: np.ndarray
    signs: np.ndarray

    def matrix(self) -> np.ndarray:
        """How it acts on all rows, one after the other."""
        moved = np.zeros((len(self.places),) * 2)
        moved[self.places, np.arange(len(self.places))] = self.signs
        return np.kron(moved, np.diag(self.reflection))

    def moved(self, patterns: np.ndarray) -> np.ndarray:
        """The patterns of which a reflected slack is the slack."""
        found = np.empty_like(patterns)
        found[:, self.places] = patterns * self.signs
        return found


class Solution(NamedTuple):
    """Where the method ends.

    Attributes:
        p: the dual's value, an upper bound on :math:`p^*` up to rounding.
        y: the dual point, shape ``(m + 1, 4)``, normalised.
        converged: whether p is less than 1e-9 above :math:`p^*`.
    """

    p: Float[Array, ""]
    y: Float[Array, "rows 4"]
    converged: Bool[Array, ""]


class _Iterate(NamedTuple):
    """A primal and a dual point; primal is x, p, dual is z, in the basis of the program."""

    x: Vectors
    p: Float[Array, ""]
    z: Float[Array, " n"]
    gap: Float[Array, ""]
    residual: Float[Array, ""]
    count: Array


class LorentzProgram:
    """The program for m measurements, whatever v is.

    Args:
        m: the number of measurements.
        symmetries: a group without its identity, under which every v of this program is invariant.
    """

    def __init__(self, m: int, symmetries: tuple[Symmetry, ...] = ()):
        patterns = every_strategy(m)
        self.rows = m + 1
        self._basis = _invariant(symmetries) if symmetries else None
        kept, sizes = _orbits(patterns, symmetries)
        self._patterns, self._weights = patterns[kept], sizes / 2.0**m
        self._transposed = np.ascontiguousarray(self._patterns.T)
        x, y = np.triu_indices(self.rows)
        products = self._patterns[:, x] * self._patterns[:, y]
        # All squares are 1: one product serves the whole diagonal.
        self._products, which = np.unique(products, axis=1, return_inverse=True)
        pair = np.zeros((self.rows, self.rows), dtype=int)
        pair[x, y] = pair[y, x] = which
        # Of entry (4x + i, 4y + j) of the normal matrix its place in a (4·4, pairs) table.
        table = _ENTRY[None, :, None, :] * self._products.shape[1] + pair[:, None, :, None]
        self._place = table.reshape(4 * self.rows, 4 * self.rows)

    @property
    def strategies(self) -> int:
        """How many cones there are."""
        return len(self._patterns)

    @property
    def unknowns(self) -> int:
        """How many numbers Y consists of."""
        return 4 * self.rows if self._basis is None else self._basis.shape[1]

    def solve(self, v: Float[Array, "rows 4"]) -> Solution:
        """Solve for one v, whose largest entry should be of order one, and ``v[0, 0] = 0``."""
        v = self._down(v)
        found = jax.lax.while_loop(_unfinished, lambda here: self._step(here, v), self._start(v))
        good = (found.gap < _WORST_GAP) & (found.residual < _WORST_RESIDUAL)
        return Solution(jnp.dot(self._u, found.z), self._up(found.z), good)

    @property
    def _u(self) -> Array:
        u = np.zeros((self.rows, 4))
        u[0, 0] = 0.5
        return self._down(jnp.asarray(u))

    def _down(self, rows: Float[Array, "rows 4"]) -> Float[Array, " n"]:
        return rows.reshape(-1) if self._basis is None else rows.reshape(-1) @ self._basis

    def _up(self, z: Float[Array, " n"]) -> Float[Array, "rows 4"]:
        return (z if self._basis is None else jnp.asarray(self._basis) @ z).reshape(self.rows, 4)

    def _slack(self, z: Float[Array, " n"]) -> Vectors:
        return self._up(z).T @ self._transposed

    def _sum(self, x: Vectors) -> Float[Array, " n"]:
        return self._down((x @ self._patterns).T)

    def _start(self, v: Float[Array, " n"]) -> _Iterate:
        """Both points inside: p = 0 with all models alike, and Y along -v, deep in the cone."""
        z = -v / jnp.dot(v, v)
        slack = self._slack(z)
        defect = jnp.max(length(slack[1:]) - slack[0])
        z = z + _DEPTH * defect * 2 * self._u
        x = jnp.zeros_like(slack).at[0].set(0.5 * self._weights)
        zero = jnp.zeros(())
        return _Iterate(x, zero, z, zero + jnp.inf, zero, jnp.zeros((), dtype=int))

    def _normal_factor(self, scaling: Scaling) -> tuple[Array, Array, Array]:
        """The normal matrix, its Cholesky factor scaled to a unit diagonal, and the scale."""
        normal = (scaling.hessian() @ self._products).reshape(-1)[self._place]
        # Before symmetric directions are taken, whose sums may cancel down to rounding.
        raised = normal + _REGULARISATION * jnp.diag(jnp.diagonal(normal))
        if self._basis is not None:
            normal = self._basis.T @ normal @ self._basis
            raised = self._basis.T @ raised @ self._basis
        scale = 1 / jnp.sqrt(jnp.diagonal(raised))
        normal = jnp.asarray(normal)
        return normal, jnp.linalg.cholesky(raised * scale[:, None] * scale), scale

    def _step(self, here: _Iterate, v: Float[Array, " n"]) -> _Iterate:
        slack = self._slack(here.z)
        scaling = Scaling.of(here.x, slack)
        normal, factor, scale = self._normal_factor(scaling)

        def solved(right: Float[Array, "n k"]) -> Float[Array, "n k"]:
            first = roughly(right)
            # Refined once, against the regularisation and rounding.
            return first + roughly(right - normal @ first)

        def roughly(right: Float[Array, "n k"]) -> Float[Array, "n k"]:
            lower = triangular_solve(factor, scale[:, None] * right, left_side=True, lower=True)
            both = triangular_solve(factor, lower, left_side=True, lower=True, transpose_a=True)
            return scale[:, None] * both

        total = self._sum(here.x)
        primal_residual = total - self._u - here.p * v
        dual_residual = 1 + jnp.dot(v, here.z)
        predicted, along = solved(jnp.stack([primal_residual - total, v], axis=1)).T

        def direction(right: Array) -> tuple[Array, Array, Vectors]:
            p = (jnp.dot(v, right) + dual_residual) / jnp.dot(v, along)
            z = right - p * along
            return z, p, scaling.applied(self._slack(z))

        _, _, dual = direction(predicted)
        wanted = scaling.corrected(-scaling.point - dual, dual)
        right = solved((self._sum(scaling.applied(wanted)) + primal_residual)[:, None])[:, 0]
        z, p, dual = direction(right)
        primal = wanted - dual
        x_step = jnp.minimum(1.0, _STEP * scaling.longest(primal))
        z_step = jnp.minimum(1.0, _STEP * scaling.longest(dual))
        return self._moved(here, v, x_step * scaling.applied(primal), x_step * p, z_step * z)

    def _moved(self, here: _Iterate, v: Array, x: Vectors, p: Array, z: Array) -> _Iterate:
        x, p, z = here.x + x, here.p + p, here.z + z
        residual = jnp.max(jnp.abs(self._sum(x) - self._u - p * v))
        gap = jnp.sum(x * self._slack(z))
        there = _Iterate(x, p, z, gap, residual, here.count + 1)
        # A step that rounding has spoilt ends it where it was.
        good = jnp.isfinite(gap) & jnp.all(jnp.isfinite(z))
        good &= (here.gap > _GAP) | ((gap < 0.5 * here.gap) & (residual < _WORST_RESIDUAL))
        stay = here._replace(count=jnp.full_like(here.count, _ITERATIONS))
        return jax.tree.map(lambda a, b: jnp.where(good, a, b), there, stay)


def _unfinished(here: _Iterate) -> Bool[Array, ""]:
    return (here.count < _ITERATIONS) & (here.gap > _LEAST_GAP)


def _invariant(symmetries: tuple[Symmetry, ...]) -> np.ndarray:
    """Orthonormal columns that span what all symmetries leave alone.

    Each is the sum of an orbit of signed unit vectors: others would mix numbers of all sizes.
    """
    mean = np.mean([np.eye(len(symmetries[0].matrix())), *(s.matrix() for s in symmetries)], axis=0)
    first = np.argmax(mean != 0, axis=0)
    columns = mean[:, (first == np.arange(len(mean))) & np.any(mean != 0, axis=0)]
    return columns / np.linalg.norm(columns, axis=0)


def _orbits(
    patterns: np.ndarray, symmetries: tuple[Symmetry, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """One pattern of each orbit of the symmetries, and the sizes of these orbits."""
    place = 2.0 ** np.arange(patterns.shape[1] - 1)

    def number(of: np.ndarray) -> np.ndarray:
        return (((1 - of[:, 1:]) / 2) @ place).astype(int)

    images = [number(symmetry.moved(patterns)) for symmetry in symmetries]
    first = np.min([number(patterns), *images], axis=0)
    return np.unique(first, return_counts=True)
