r"""Every measure in closed form for states of X form.

.. math::
    \rho = \begin{pmatrix} p_{00} & & & v \\ & p_{01} & u & \\
                           & u^* & p_{10} & \\ v^* & & & p_{11} \end{pmatrix}

The steady states of machines whose only coherent process is the exchange of an excitation are
of this form (brask2022 (4)), and diagonal filters keep it. The general definitions hold for them
too; these are what a search over such machines differentiates, because they are a few
operations, without an eigenvalue solver.

All functions take states of shape ``(..., 4, 4)``, read the entries above alone, and return
shape ``(...)``.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Bool, Complex, Float

from jaxent.measures.spectral import TINY, root
from jaxent.quantum import X_FORM, populations


def has_x_form(rho: Complex[Array, "... 4 4"]) -> Bool[Array, "..."]:
    """Whether every entry off the two diagonals is exactly zero."""
    return jnp.all(jnp.where(X_FORM, 0.0, jnp.abs(rho)) == 0, axis=(-2, -1))


def modulus(z: Complex[Array, "..."]) -> Float[Array, "..."]:
    r""":math:`|z|` with derivative zero at ``z = 0``."""
    return root(z.real**2 + z.imag**2)


def _entries(rho: Array) -> tuple[Array, Array, Array]:
    return populations(rho), modulus(rho[..., 1, 2]), modulus(rho[..., 0, 3])


def chsh(rho: Complex[Array, "... 4 4"]) -> Float[Array, "..."]:
    r"""The largest CHSH value; brask2022 (12) is the case ``v = 0``.

    The singular values of the correlation matrix are :math:`2(|u|+|v|)`, :math:`2||u|-|v||` and
    :math:`|p_{00} - p_{01} - p_{10} + p_{11}|`; the two largest count.
    """
    p, u, v = _entries(rho)
    larger, smaller = 4 * (u + v) ** 2, 4 * (u - v) ** 2
    parity = (p[..., 0] - p[..., 1] - p[..., 2] + p[..., 3]) ** 2
    return 2 * root(larger + jnp.maximum(smaller, parity))


def log_chsh_violation(rho: Complex[Array, "... 4 4"]) -> Float[Array, "..."]:
    r""":math:`\ln\,[t_2^2/(1 - t_1^2)]` with the two largest singular values of ``T``.

    Positive if and only if CHSH > 2. See :func:`jaxent.measures.bell.log_chsh_violation`.
    """
    p, u, v = _entries(rho)
    odd, even = p[..., 1] + p[..., 2], p[..., 0] + p[..., 3]
    mixed = (u + v) ** 2 / (odd * even + TINY)
    return jnp.log(jnp.maximum(mixed, 8 * (u**2 + v**2)) + TINY)


def singlet_fraction(rho: Complex[Array, "... 4 4"]) -> Float[Array, "..."]:
    r"""The fully entangled fraction; brask2022 (8), simplified, is the case ``v = 0``.

    .. math:: F = \max\{(p_{01}+p_{10})/2 + |u|,\ (p_{00}+p_{11})/2 + |v|\}
    """
    p, u, v = _entries(rho)
    return jnp.maximum((p[..., 1] + p[..., 2]) / 2 + u, (p[..., 0] + p[..., 3]) / 2 + v)


def log_teleportation_advantage(rho: Complex[Array, "... 4 4"]) -> Float[Array, "..."]:
    r""":math:`\ln\max\{2|u|/(p_{00}+p_{11}),\ 2|v|/(p_{01}+p_{10})\}`.

    Positive if and only if F > 1/2.
    See :func:`jaxent.measures.teleportation.log_teleportation_advantage`.
    """
    p, u, v = _entries(rho)
    inner = 2 * u / (p[..., 0] + p[..., 3] + TINY)
    outer = 2 * v / (p[..., 1] + p[..., 2] + TINY)
    return jnp.log(jnp.maximum(inner, outer) + TINY)


def signed_concurrence(rho: Complex[Array, "... 4 4"]) -> Float[Array, "..."]:
    r""":math:`2\max\{|u| - \sqrt{p_{00}p_{11}},\ |v| - \sqrt{p_{01}p_{10}}\}`."""
    p, u, v = _entries(rho)
    inner = u - root(p[..., 0] * p[..., 3])
    outer = v - root(p[..., 1] * p[..., 2])
    return 2 * jnp.maximum(inner, outer)


def signed_negativity(rho: Complex[Array, "... 4 4"]) -> Float[Array, "..."]:
    r"""Minus the smallest eigenvalue of the partial transpose.

    It has the blocks :math:`\{p_{00}, p_{11}, u\}` and :math:`\{p_{01}, p_{10}, v\}`.
    """
    p, u, v = _entries(rho)
    return jnp.maximum(
        _minus_smallest(p[..., 0], p[..., 3], u), _minus_smallest(p[..., 1], p[..., 2], v)
    )


def log_entanglement(rho: Complex[Array, "... 4 4"]) -> Float[Array, "..."]:
    r""":math:`\ln\max\{|u|^2/(p_{00}p_{11}),\ |v|^2/(p_{01}p_{10})\}`.

    Positive if and only if the state is entangled.
    See :func:`jaxent.measures.entanglement.log_entanglement`.
    """
    p, u, v = _entries(rho)
    inner = u**2 / (p[..., 0] * p[..., 3] + TINY)
    outer = v**2 / (p[..., 1] * p[..., 2] + TINY)
    return jnp.log(jnp.maximum(inner, outer) + TINY)


def _minus_smallest(a: Array, b: Array, c: Array) -> Array:
    # The smaller eigenvalue as determinant over larger one: small entries keep their digits.
    return 2 * (c**2 - a * b) / (root((a - b) ** 2 + 4 * c**2) + a + b + TINY)
