"""Entanglement monotones and purity.

``signed_concurrence`` and ``signed_negativity`` go on below zero where the state is separable,
so that a search can climb towards entanglement from the classical side.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from jaxent.measures import x_states
from jaxent.measures.spectral import ky_fan
from jaxent.quantum import SPIN_FLIP, partial_transpose

CLASSICAL_BOUND = 0.0
"""Concurrence and negativity of separable two-qubit states."""

_GENERIC = np.diag([0.4, 0.3, 0.2, 0.1]).astype(complex)
_RANK = 1e-13


def concurrence(rho: Complex[Array, "... 4 4"]) -> Float[Array, "..."]:
    """Wootters' concurrence of a two-qubit state, ``max(0, signed_concurrence)``, in [0, 1]."""
    return jnp.maximum(signed_concurrence(rho), 0.0)


def signed_concurrence(rho: Complex[Array, "... 4 4"]) -> Float[Array, "..."]:
    r"""The concurrence before it is cut off at zero.

    .. math:: \lambda_1 - \lambda_2 - \lambda_3 - \lambda_4

    with the square roots :math:`\lambda_i` of the eigenvalues of :math:`\rho\tilde\rho`,
    :math:`\tilde\rho = (\sigma_y\otimes\sigma_y)\rho^*(\sigma_y\otimes\sigma_y)`, in descending
    order (Wootters, PRL 80, 2245). For states of X form it is

    .. math:: 2\max\{|\rho_{01,10}| - \sqrt{\rho_{00,00}\rho_{11,11}},\
                     |\rho_{00,11}| - \sqrt{\rho_{01,01}\rho_{10,10}}\}.

    Args:
        rho: two-qubit states, shape ``(..., 4, 4)``, normalised.

    Returns:
        Shape ``(...)``, in [-1/2, 1]; positive if and only if the state is entangled. First
        derivatives are exact at states of full rank and at all X states; at other states of
        deficient rank they are those along states of the same rank. At X states second
        derivatives hold along X states.
    """
    x_form = x_states.has_x_form(rho)
    generic = jnp.where(x_form[..., None, None], _GENERIC, rho)
    return jnp.where(x_form, x_states.signed_concurrence(rho), _wootters(generic))


@jax.custom_jvp
def _wootters(rho: Array) -> Array:
    values, _, _ = _wootters_values(rho)
    return 2 * values[..., 0] - jnp.sum(values, axis=-1)


def _wootters_values(rho: Array):
    # With rho = B B^+ the lambdas are the singular values of B^T (sy x sy) B, a symmetric matrix.
    weights, vectors = jnp.linalg.eigh(rho)
    factor = vectors * jnp.sqrt(jnp.maximum(weights, 0.0))[..., None, :]
    flip = jnp.swapaxes(factor, -1, -2) @ SPIN_FLIP @ factor
    left, values, right = jnp.linalg.svd(flip)
    return values, factor, (left, right, weights, vectors)


@_wootters.defjvp
def _wootters_jvp(primals, tangents):
    (rho,), (tangent,) = primals, tangents
    values, factor, (left, right, weights, vectors) = _wootters_values(rho)
    inside = weights > _RANK
    inverse = jnp.where(inside, 1 / jnp.sqrt(jnp.where(inside, weights, 1.0)), 0.0)
    kernel = (vectors * ~inside[..., None, :]) @ jnp.swapaxes(vectors, -1, -2).conj()
    # dB = (1 - P/2) drho (B^+)^-1, with P the projector on the support, gives d(B B^+) = drho
    # along states of constant rank.
    d_factor = (0.5 * (jnp.eye(4) + kernel)) @ tangent @ (vectors * inverse[..., None, :])
    half = jnp.swapaxes(factor, -1, -2) @ SPIN_FLIP @ d_factor
    d_flip = half + jnp.swapaxes(half, -1, -2)
    d_values = jnp.einsum("...ai,...ab,...ib->...i", left.conj(), d_flip, right.conj()).real
    value = 2 * values[..., 0] - jnp.sum(values, axis=-1)
    return value, 2 * d_values[..., 0] - jnp.sum(d_values, axis=-1)


def negativity(
    rho: Complex[Array, "... D D"], dims: tuple[int, int] = (2, 2)
) -> Float[Array, "..."]:
    r"""The negativity :math:`N = \sum_{\lambda_i < 0} |\lambda_i|` of the partial transpose.

    (Vidal and Werner; khandelwal2020 (14).)

    Args:
        rho: bipartite states, shape ``(..., D, D)``, normalised.
        dims: local dimensions.

    Returns:
        Shape ``(...)``, in ``[0, (d-1)/2]`` for two systems of dimension ``d``.
    """
    values = jnp.linalg.eigvalsh(partial_transpose(rho, dims))
    return jnp.sum(jnp.maximum(-values, 0.0), axis=-1)


def signed_negativity(rho: Complex[Array, "... 4 4"]) -> Float[Array, "..."]:
    r"""Minus the smallest eigenvalue of the partial transpose of a two-qubit state.

    Positive values are the negativity (a two-qubit state has at most one negative eigenvalue
    there); negative ones say how far the state is from entanglement.

    Args:
        rho: two-qubit states, shape ``(..., 4, 4)``, normalised.

    Returns:
        Shape ``(...)``, in [-1/4, 1/2].
    """
    return ky_fan(-partial_transpose(rho, (2, 2)), 1)


def purity(rho: Complex[Array, "... D D"]) -> Float[Array, "..."]:
    r"""The purity :math:`\mathrm{tr}\,\rho^2`, in ``[1/D, 1]``."""
    return jnp.sum(jnp.abs(rho) ** 2, axis=(-2, -1))
