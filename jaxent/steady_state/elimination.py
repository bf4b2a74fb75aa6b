r"""The steady state by elimination: coherences first, then populations.

In the sector of a generator the coordinates are populations ``p`` and coherences ``c``:

.. math:: \dot p = P p + Q c, \qquad \dot c = R p + S c .

1. The coherences follow the populations, :math:`c = -S^{-1} R p`.
2. What is left is a rate equation :math:`\dot p = W p` with :math:`W = P - Q S^{-1} R`
   (``rate_equation``).

**One exchange.** Where the only coherent process exchanges two states ``i`` and ``j``, the
coherences follow the difference :math:`d = p_i - p_j` alone, :math:`c = c_1 d`, and carry
population from one to the other at the rate :math:`K = -Q_i c_1`, such as :math:`2g^2/\Gamma` for
resonant qubits. A strong exchange makes :math:`p_i` and :math:`p_j` nearly equal, and their
difference would have no right digits left. The balance of the flux through both states,

.. math:: p_i\,o_i = I_i - K d, \qquad p_j\,o_j = I_j + K d,

with their classical inflows I and outflow rates o, has them:

.. math:: d = \frac{I_i\,o_j - I_j\,o_i}{o_i o_j + K (o_i + o_j)} .

All of it is plain arithmetic on arrays of any batch shape; derivatives are taken through it.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxent.generator import Generator
from jaxent.steady_state.rate_equation import by_elimination, stationary_distribution


def stationary_coordinates(
    generator: Generator, coefficients: Float[Array, "... K"]
) -> Float[Array, "... n"]:
    r"""Solve :math:`\mathcal{L} x = 0` with unit trace.

    Args:
        generator: the structure.
        coefficients: of its terms, in any unit.

    Returns:
        The steady state's coordinates in the generator's sector, shape ``(..., n)``; not numbers
        where the steady state is not unique.
    """
    matrix = generator.on_sector(coefficients)
    scale = jax.lax.stop_gradient(jnp.max(jnp.abs(matrix), axis=(-2, -1), keepdims=True))
    matrix = matrix / jnp.where(scale > 0, scale, 1.0)
    d = generator.dimension
    classical = matrix[..., :d, :d]
    if generator.size == d:
        return stationary_distribution(classical, generator.hops)
    follow = -_solve(matrix[..., d:, d:], matrix[..., d:, :d])
    rates = classical + matrix[..., :d, d:] @ follow
    if generator.exchange is None:
        p = by_elimination(rates)
        c = jnp.einsum("...cp,...p->...c", follow, p)
    else:
        i, j = generator.exchange
        p = stationary_distribution(rates, generator.hops)
        per_difference = follow[..., i]
        exchange = -jnp.sum(matrix[..., i, d:] * per_difference, axis=-1)
        c = per_difference * _difference(classical, exchange, p, i, j)[..., None]
    return jnp.concatenate([p, c], axis=-1)


def _difference(classical: Array, exchange: Array, p: Array, i: int, j: int) -> Array:
    """The difference ``p_i - p_j`` by the balance of the flux through both states."""
    d = p.shape[-1]

    def inflow(k: int) -> Array:
        return sum(classical[..., k, m] * p[..., m] for m in range(d) if m != k)

    def outflow(k: int) -> Array:
        return sum(classical[..., m, k] for m in range(d) if m != k)

    balance = inflow(i) * outflow(j) - inflow(j) * outflow(i)
    pace = outflow(i) * outflow(j) + exchange * (outflow(i) + outflow(j))
    # Two states that nothing leaves: one absorbs everything, or the exchange makes them equal.
    closed = pace == 0
    return jnp.where(closed, p[..., i] - p[..., j], balance / jnp.where(closed, 1.0, pace))


def _solve(matrix: Float[Array, "... m m"], right: Float[Array, "... m k"]) -> Array:
    # One and two coherences (the resonant and the detuned flip-flop) are written out: a LAPACK
    # call for each tiny matrix of a batch costs far more than its arithmetic.
    size = matrix.shape[-1]
    if size > 2:
        return jnp.linalg.solve(matrix, right)
    if size == 1:
        return right / _or_one(matrix)
    (a, b), (c, d) = (
        (matrix[..., 0, 0], matrix[..., 0, 1]),
        (matrix[..., 1, 0], matrix[..., 1, 1]),
    )
    adjugate = jnp.stack([jnp.stack([d, -b], -1), jnp.stack([-c, a], -1)], -2)
    return adjugate @ right / _or_one(a * d - b * c)[..., None, None]


def _or_one(pivot: Array) -> Array:
    # A coherence that nothing damps and nothing drives stays zero.
    return jnp.where(pivot == 0, 1.0, pivot)
