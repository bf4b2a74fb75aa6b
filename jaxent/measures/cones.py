r"""Many Lorentz cones at once: the scaling that an interior-point method moves in.

The cone :math:`L_4` holds the four-vectors :math:`(t, r)` with :math:`t \ge |r|`;
:math:`J = \mathrm{diag}(1, -1, -1, -1)` is its metric.

Reference: L. Vandenberghe, "The CVXOPT linear and quadratic cone program solvers" (2010).
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

Vectors = Float[Array, "4 K"]
"""A four-vector for each cone."""

ROW, COLUMN = np.triu_indices(4)
"""Of each entry of a symmetric matrix on and above its diagonal."""

_METRIC = np.array([1.0, -1.0, -1.0, -1.0])[:, None]
_LEAST_CENTRING = 0.02
_EDGE = 1e-15


class Scaling(NamedTuple):
    r"""Nesterov and Todd's scaling at a primal x and a dual s, cone by cone.

    The symmetric :math:`R = \sqrt{H}` takes s to the point that :math:`R^{-1}` takes x to, with
    :math:`H = \eta\,(2 w w^T - J)`, :math:`\langle w, J w\rangle = 1`.

    Attributes:
        w: shape ``(4, K)``.
        eta: shape ``(K,)``.
        point: :math:`Rs = R^{-1}x`, shape ``(4, K)``.
        size: its Minkowski length.
    """

    w: Vectors
    eta: Float[Array, " K"]
    point: Vectors
    size: Float[Array, " K"]

    @classmethod
    def of(cls, x: Vectors, s: Vectors) -> Scaling:
        """The scaling at points inside the cones."""
        x_size, s_size = jnp.sqrt(_determinant(x)), jnp.sqrt(_determinant(s))
        x_unit, s_unit = x / x_size, s / s_size
        w: Array = (jnp.asarray(_METRIC) * s_unit + x_unit) / jnp.sqrt(
            2 * (1 + jnp.sum(x_unit * s_unit, axis=0))
        )
        eta = x_size / s_size
        return cls(w, eta, _root_of_hessian(w, eta, s), jnp.sqrt(x_size * s_size))

    def hessian(self) -> Float[Array, "10 K"]:
        """The entries of H on and above its diagonal."""
        metric = np.where(ROW == COLUMN, _METRIC[ROW, 0], 0.0)[:, None]
        return self.eta * (2 * self.w[ROW] * self.w[COLUMN] - metric)

    def applied(self, a: Vectors) -> Vectors:
        """R a."""
        return _root_of_hessian(self.w, self.eta, a)

    def longest(self, a: Vectors) -> Float[Array, ""]:
        """The longest step from the point along a that leaves no cone."""
        unit = self.point / self.size
        along = unit[0] * a[0] - jnp.sum(unit[1:] * a[1:], axis=0)
        across = a[1:] - unit[1:] * (along + a[0]) / (unit[0] + 1)
        return 1 / jnp.maximum(jnp.max((length(across) - along) / self.size), 1e-30)

    def corrected(self, primal: Vectors, dual: Vectors) -> Vectors:
        """What primal and dual step are to add up to, with Mehrotra's centring and correction."""
        reach = jnp.minimum(1.0, jnp.minimum(self.longest(primal), self.longest(dual)))
        centring = jnp.clip((1 - reach) ** 3, _LEAST_CENTRING, 1.0)
        mean = jnp.sum(self.point**2) / self.point.shape[1]
        t = jnp.sum(primal * dual, axis=0) - centring * mean
        r = dual[0] * primal[1:] + primal[0] * dual[1:]
        # Divided by the point in the Jordan algebra of the cone.
        point = self.point
        t = (point[0] * t - jnp.sum(point[1:] * r, axis=0)) / self.size**2
        return -point - jnp.concatenate([t[None], (r - t * point[1:]) / point[0]])


def _root_of_hessian(w: Vectors, eta: Array, a: Vectors) -> Vectors:
    inner = jnp.sum(w[1:] * a[1:], axis=0)
    t = w[0] * a[0] + inner
    r = a[1:] + w[1:] * (a[0] + inner / (1 + w[0]))
    return jnp.concatenate([t[None], r]) * jnp.sqrt(eta)


def length(r: Float[Array, "3 K"]) -> Float[Array, " K"]:
    """The length of each vector."""
    return jnp.sqrt(r[0] ** 2 + r[1] ** 2 + r[2] ** 2)


def _determinant(a: Vectors) -> Float[Array, " K"]:
    r = length(a[1:])
    # On the edge of the cone, rounding must not take it outside.
    return jnp.maximum(a[0] - r, _EDGE * a[0]) * (a[0] + r)
