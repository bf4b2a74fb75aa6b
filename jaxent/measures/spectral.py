r"""Sums of eigenvalues, with derivatives that survive degeneracy.

The sum of the ``k`` largest eigenvalues of a Hermitian matrix (its Ky Fan sum),

.. math:: s_k(X) = \max_{P = P^2,\ \mathrm{tr}P = k} \mathrm{tr}(P X),

is convex. Its derivative is the maximising projector :math:`P`; where the ``k``-th eigenvalue is
degenerate the maximiser is not unique and the projector is averaged over the degenerate
subspace. That average is the derivative along every direction in which :math:`s_k` has one. It is
what states of X form need: for them ``T^T T`` is always doubly degenerate. The sum of the negative
eigenvalues is treated alike.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Inexact

# Eigenvalues closer than this, relative to the largest magnitude, count as equal.
_DEGENERATE = 1e-12

# One that is not below minus this, relative to the largest magnitude, counts as not negative.
_ROUNDING = 1e-15

TINY = 1e-30
"""Keeps ratios finite at product states, where numerator and denominator vanish together."""

RESOLUTION = 1e-13
"""Differences of eigenvalues below this are rounding errors."""


def ky_fan(matrix: Inexact[Array, "... n n"], k: int) -> Float[Array, "..."]:
    """The sum of the ``k`` largest eigenvalues of a Hermitian matrix.

    Args:
        matrix: real symmetric or complex Hermitian, shape ``(..., n, n)``.
        k: how many eigenvalues, from 1 to ``n - 1``.

    Returns:
        Shape ``(...)``. Twice differentiable, finite at any degeneracy.
    """
    return _weighted_sum(matrix, partial(_largest, k=k))


def negative_part(matrix: Inexact[Array, "... n n"]) -> Float[Array, "..."]:
    """The sum of ``max(-eigenvalue, 0)`` of a Hermitian matrix, shape ``(...)``.

    Twice differentiable, finite at any degeneracy; an eigenvalue 0 counts as not negative.
    """
    return -_weighted_sum(matrix, _negative)


Weights = Callable[[Float[Array, "... n"]], Float[Array, "... n"]]


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def _weighted_sum(matrix: Array, weights: Weights) -> Array:
    values = jnp.linalg.eigvalsh(matrix)
    return jnp.sum(weights(values) * values, axis=-1)


@_weighted_sum.defjvp
def _weighted_sum_jvp(weights, primals, tangents):
    (matrix,), (tangent,) = primals, tangents
    projector = _projector(matrix, weights)
    value = jnp.einsum("...ij,...ji->...", projector, matrix).real
    return value, jnp.einsum("...ij,...ji->...", projector, tangent).real


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def _projector(matrix: Array, weights: Weights) -> Array:
    values, vectors = jnp.linalg.eigh(matrix)
    return jnp.einsum("...ia,...a,...ja->...ij", vectors, weights(values), vectors.conj())


@_projector.defjvp
def _projector_jvp(weights, primals, tangents):
    (matrix,), (tangent,) = primals, tangents
    values, vectors = jnp.linalg.eigh(matrix)
    weight = weights(values)
    projector = jnp.einsum("...ia,...a,...ja->...ij", vectors, weight, vectors.conj())
    gaps = values[..., :, None] - values[..., None, :]
    steps = weight[..., :, None] - weight[..., None, :]
    apart = steps != 0
    quotient = jnp.where(apart, steps / jnp.where(apart, gaps, 1.0), 0.0)
    inner = jnp.einsum("...ia,...ij,...jb->...ab", vectors.conj(), tangent, vectors)
    return projector, jnp.einsum(
        "...ia,...ab,...jb->...ij", vectors, quotient * inner, vectors.conj()
    )


def _largest(values: Float[Array, "... n"], k: int) -> Float[Array, "... n"]:
    # Eigenvalues come in ascending order; those equal to the k-th largest share its weight.
    n = values.shape[-1]
    edge = values[..., n - k, None]
    scale = jnp.max(jnp.abs(values), axis=-1, keepdims=True)
    tied = jnp.abs(values - edge) <= _DEGENERATE * scale
    above = (values > edge) & ~tied
    left = k - jnp.sum(above, axis=-1, keepdims=True)
    share = left / jnp.sum(tied, axis=-1, keepdims=True)
    return jnp.where(above, 1.0, jnp.where(tied, share, 0.0))


def _negative(values: Float[Array, "... n"]) -> Float[Array, "... n"]:
    scale = jnp.max(jnp.abs(values), axis=-1, keepdims=True)
    return jnp.where(values < -_ROUNDING * scale, 1.0, 0.0)
