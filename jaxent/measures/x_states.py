r"""Every measure in closed form for states of X form.

.. math::
    \rho = \begin{pmatrix} p_{00} & & & v \\ & p_{01} & u & \\
                           & u^* & p_{10} & \\ v^* & & & p_{11} \end{pmatrix}

The steady states of machines whose only coherent process is the exchange of an excitation are
of this form (brask2022 (4)), and diagonal filters keep it. The general definitions hold for them
too; these are what a search over such machines differentiates, because they are a few
operations on real numbers, without an eigenvalue solver.

All functions take an :class:`~jaxent.quantum.XState`, which holds the moduli of ``u`` and ``v``,
and return the shape of its entries.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxent.measures.spectral import TINY
from jaxent.quantum import XState, root


def chsh(x: XState) -> Float[Array, "..."]:
    r"""The largest CHSH value; brask2022 (12) is the case ``v = 0``.

    The singular values of the correlation matrix are :math:`2(|u|+|v|)`, :math:`2||u|-|v||` and
    :math:`|p_{00} - p_{01} - p_{10} + p_{11}|`; the two largest count.
    """
    larger, smaller = 4 * (x.u + x.v) ** 2, 4 * (x.u - x.v) ** 2
    parity = (x.p00 - x.p01 - x.p10 + x.p11) ** 2
    return 2 * root(larger + jnp.maximum(smaller, parity))


def log_chsh_violation(x: XState) -> Float[Array, "..."]:
    r""":math:`\ln\,[t_2^2/(1 - t_1^2)]` with the two largest singular values of ``T``.

    Positive if and only if CHSH > 2. See :func:`jaxent.measures.bell.log_chsh_violation`.
    """
    mixed = (x.u + x.v) ** 2 / (_odd(x) * _even(x) + TINY)
    return jnp.log(jnp.maximum(mixed, 8 * (x.u**2 + x.v**2)) + TINY)


def singlet_fraction(x: XState) -> Float[Array, "..."]:
    r"""The fully entangled fraction; brask2022 (8), simplified, is the case ``v = 0``.

    .. math:: F = \max\{(p_{01}+p_{10})/2 + |u|,\ (p_{00}+p_{11})/2 + |v|\}
    """
    return jnp.maximum(_odd(x) / 2 + x.u, _even(x) / 2 + x.v)


def log_teleportation_advantage(x: XState) -> Float[Array, "..."]:
    r""":math:`\ln\max\{2|u|/(p_{00}+p_{11}),\ 2|v|/(p_{01}+p_{10})\}`.

    Positive if and only if F > 1/2.
    See :func:`jaxent.measures.teleportation.log_teleportation_advantage`.
    """
    inner, outer = 2 * x.u / (_even(x) + TINY), 2 * x.v / (_odd(x) + TINY)
    return jnp.log(jnp.maximum(inner, outer) + TINY)


def signed_concurrence(x: XState) -> Float[Array, "..."]:
    r""":math:`2\max\{|u| - \sqrt{p_{00}p_{11}},\ |v| - \sqrt{p_{01}p_{10}}\}`."""
    return 2 * jnp.maximum(x.u - root(x.p00 * x.p11), x.v - root(x.p01 * x.p10))


def signed_negativity(x: XState) -> Float[Array, "..."]:
    r"""Minus the smallest eigenvalue of the partial transpose.

    It has the blocks :math:`\{p_{00}, p_{11}, u\}` and :math:`\{p_{01}, p_{10}, v\}`.
    """
    return jnp.maximum(_minus_smallest(x.p00, x.p11, x.u), _minus_smallest(x.p01, x.p10, x.v))


def log_entanglement(x: XState) -> Float[Array, "..."]:
    r""":math:`\ln\max\{|u|^2/(p_{00}p_{11}),\ |v|^2/(p_{01}p_{10})\}`.

    Positive if and only if the state is entangled.
    See :func:`jaxent.measures.entanglement.log_entanglement`.
    """
    inner, outer = x.u**2 / (x.p00 * x.p11 + TINY), x.v**2 / (x.p01 * x.p10 + TINY)
    return jnp.log(jnp.maximum(inner, outer) + TINY)


def _odd(x: XState) -> Array:
    return x.p01 + x.p10


def _even(x: XState) -> Array:
    return x.p00 + x.p11


def _minus_smallest(a: Array, b: Array, c: Array) -> Array:
    # The smaller eigenvalue as determinant over larger one: small entries keep their digits.
    return 2 * (c**2 - a * b) / (root((a - b) ** 2 + 4 * c**2) + a + b + TINY)
