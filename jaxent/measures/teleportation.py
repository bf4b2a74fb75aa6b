"""Usefulness for teleportation: singlet fraction and teleportation fidelity."""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Complex, Float

from jaxent.measures.bell import correlation_matrix
from jaxent.measures.spectral import RESOLUTION, TINY, ky_fan
from jaxent.quantum import MAGIC_BASIS, root

CLASSICAL_BOUND = 0.5
"""The largest singlet fraction of a state that is useless for teleportation."""


def singlet_fraction(rho: Complex[Array, "... 4 4"]) -> Float[Array, "..."]:
    r"""The fully entangled fraction of a two-qubit state.

    .. math:: F = \max_{\psi\ \text{maximally entangled}} \langle\psi|\rho|\psi\rangle
              = \lambda_{\max}\big(\mathrm{Re}\,\rho_{\text{magic}}\big)

    (brask2022 (7)): vectors with real coefficients in the magic basis are the maximally entangled
    ones, so the maximum is an eigenvalue, exact for every state.

    Args:
        rho: two-qubit states, shape ``(..., 4, 4)``, normalised.

    Returns:
        Shape ``(...)``, in :math:`[1/4, 1]`; above 1/2 the state is useful for teleportation.
    """
    magic = jnp.einsum("ai,...ab,bj->...ij", MAGIC_BASIS.conj(), rho, MAGIC_BASIS)
    return ky_fan(magic.real, 1)


def teleportation_fidelity(rho: Complex[Array, "... 4 4"]) -> Float[Array, "..."]:
    r"""The fidelity of standard teleportation, :math:`f = (1 + 2F)/3` (brask2022 Sec. III B).

    Args:
        rho: two-qubit states, shape ``(..., 4, 4)``, normalised.

    Returns:
        Shape ``(...)``, in :math:`[1/2, 1]`; above 2/3 it exceeds every classical protocol.
    """
    return (1 + 2 * singlet_fraction(rho)) / 3


def log_teleportation_advantage(rho: Complex[Array, "... 4 4"]) -> Float[Array, "..."]:
    r"""How strongly a state beats classical teleportation, on a scale without a plateau.

    .. math:: \ln \frac{4F - 1 - t_1}{1 - t_1}

    with the largest singular value :math:`t_1` of the correlation matrix. The numerator is the
    sum of the two other (signed) singular values; the ratio exceeds 1 if and only if F > 1/2.
    Product states, for which F = 1/2, are no local maxima of it. An advantage that rounding errors
    could feign, below 1e-13, counts as none.
    """
    t = correlation_matrix(rho)
    first = root(ky_fan(jnp.einsum("...ki,...kj->...ij", t, t), 1))
    others = jnp.maximum(4 * singlet_fraction(rho) - 1 - first, 0.0)
    return jnp.log(others / (jnp.abs(1 - first) + RESOLUTION) + TINY)
