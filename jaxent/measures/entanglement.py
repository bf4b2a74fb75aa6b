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
from jaxent.measures.spectral import TINY, ky_fan, negative_part
from jaxent.quantum import SPIN_FLIP, XState, has_x_form, partial_transpose

CLASSICAL_BOUND = 0.0
"""Concurrence and negativity of separable two-qubit states."""

_GENERIC = np.diag([0.4, 0.3, 0.2, 0.1]).astype(complex)
_RANK = 1e-13
_UNRESOLVED = 1e-7


def concurrence(rho: Complex[Array, "... 4 4"]) -> Float[Array, "..."]:
    r"""Wootters' concurrence of a two-qubit state.

    .. math:: C = \max(0, \lambda_1 - \lambda_2 - \lambda_3 - \lambda_4)

    with the descending square roots of the eigenvalues of :math:`\rho\tilde\rho`, where
    :math:`\tilde\rho = (\sigma_y\otimes\sigma_y)\,\rho^*\,(\sigma_y\otimes\sigma_y)` (Wootters,
    Phys. Rev. Lett. 80, 2245, 1998).

    Args:
        rho: two-qubit states, shape ``(..., 4, 4)``, normalised.

    Returns:
        Shape ``(...)``, in ``[0, 1]``; zero if and only if the state is separable.
    """
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
    x_form = has_x_form(rho)
    generic = jnp.where(x_form[..., None, None], _GENERIC, rho)
    largest, total = _wootters(generic)
    return jnp.where(x_form, x_states.signed_concurrence(XState.of(rho)), 2 * largest - total)


def log_entanglement(rho: Complex[Array, "... 4 4"]) -> Float[Array, "..."]:
    r"""How entangled a state is, relative to its own entries.

    .. math:: \ln \frac{\lambda_1}{\lambda_2 + \lambda_3 + \lambda_4}

    with the :math:`\lambda_i` of :func:`signed_concurrence`. Positive if and only if the state is
    entangled, up to what rounding errors could feign, a concurrence of 1e-7.
    """
    largest, total = _wootters(rho)
    return jnp.log((largest + TINY) / (total - largest + _UNRESOLVED))


def _wootters(rho: Array) -> tuple[Array, Array]:
    """The largest of Wootters' lambdas, and their sum."""
    # With rho = B B^+ the lambdas are the singular values of F = B^T (sy x sy) B: the eigenvalues
    # of [[0, F], [F^+, 0]] are +-lambda.
    factor, _, _ = _factors(rho)
    flip = jnp.swapaxes(factor, -1, -2) @ SPIN_FLIP @ factor
    zero = jnp.zeros_like(flip)
    adjoint = jnp.swapaxes(flip, -1, -2).conj()
    both = jnp.block([[zero, flip], [adjoint, zero]])
    return ky_fan(both, 1), ky_fan(both, 4)


@jax.custom_jvp
def _factors(rho: Array) -> tuple[Array, Array, Array]:
    """``B`` with ``rho = B B^+``, its pseudo-inverse's adjoint ``A``, the kernel's projector ``P``.

    Derivatives are those along states of the same rank; their formulas contain no eigenvectors, so
    that those of any order survive degenerate eigenvalues.
    """
    weights, vectors = jnp.linalg.eigh(rho)
    inside = weights > _RANK
    inverse_roots = jnp.where(inside, 1 / jnp.sqrt(jnp.where(inside, weights, 1.0)), 0.0)
    factor = vectors * jnp.sqrt(jnp.maximum(weights, 0.0))[..., None, :]
    inverse = vectors * inverse_roots[..., None, :]
    outside = vectors * jnp.where(inside, 0.0, 1.0)[..., None, :]
    return factor, inverse, outside @ jnp.swapaxes(vectors, -1, -2).conj()


@_factors.defjvp
def _factors_jvp(primals, tangents):
    (rho,), (change,) = primals, tangents
    factor, inverse, kernel = _factors(rho)
    pseudo = inverse @ jnp.swapaxes(inverse, -1, -2).conj()
    # d(B B^+) = d rho, up to the block in the kernel that a change of rank would have.
    d_factor = (change + kernel @ change) @ inverse / 2
    leaving = kernel @ change @ pseudo
    returning = pseudo @ change @ kernel
    d_pseudo = pseudo @ returning + leaving @ pseudo - pseudo @ change @ pseudo
    d_inverse = d_pseudo @ factor + pseudo @ d_factor
    return (factor, inverse, kernel), (d_factor, d_inverse, -leaving - returning)


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
    found = negative_part(partial_transpose(rho, dims))
    if tuple(dims) != (2, 2):
        return found
    # Relative to its own entries, however small, where there is a closed form.
    exact = jnp.maximum(x_states.signed_negativity(XState.of(rho)), 0.0)
    more = jnp.where(has_x_form(rho), exact - found, 0.0)
    return found + jax.lax.stop_gradient(more)


def signed_negativity(
    rho: Complex[Array, "... D D"], dims: tuple[int, int] = (2, 2)
) -> Float[Array, "..."]:
    r"""The negativity, and below it minus the smallest eigenvalue of the partial transpose.

    Positive values are the negativity (a two-qubit state has at most one negative eigenvalue
    there); negative ones say how far the partial transpose is from a negative eigenvalue.

    Args:
        rho: bipartite states, shape ``(..., D, D)``, normalised.
        dims: local dimensions.

    Returns:
        Shape ``(...)``, in [-1/4, 1/2] for two qubits.
    """
    transposed = partial_transpose(rho, dims)
    depth = ky_fan(-transposed, 1)
    if tuple(dims) == (2, 2):
        return depth
    return jnp.where(depth > 0, negative_part(transposed), depth)


def purity(rho: Complex[Array, "... D D"]) -> Float[Array, "..."]:
    r"""The purity :math:`\mathrm{tr}\,\rho^2`.

    Args:
        rho: states, shape ``(..., D, D)``, normalised.

    Returns:
        Shape ``(...)``, in ``[1/D, 1]``; one if and only if the state is pure.
    """
    return jnp.sum(rho.real**2 + rho.imag**2, axis=(-2, -1))
