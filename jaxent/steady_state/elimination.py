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
difference would have no right digits left. In the weights of the tree theorem,
:math:`p_i = w_i / \sum_k w_k`, the exchange adds the same to both: with the weights :math:`u` of
the classical rates alone,

.. math:: w_i = u_i + K v, \qquad w_j = u_j + K v, \qquad d = (u_i - u_j) / \sum_k w_k .

Such a sector is small, and its solution is written out entry by entry: each is an array of the
batch's shape, and a compiler fuses them all into one loop over the batch.
"""

from __future__ import annotations

from functools import reduce

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxent.generator import Generator
from jaxent.steady_state.rate_equation import by_elimination, distribution, trees

_MOST_COHERENCES = 2


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
    coherences = generator.size - generator.dimension
    if generator.exchange is not None and coherences <= _MOST_COHERENCES:
        return _by_exchange(generator, coefficients)
    return _by_elimination(generator, coefficients)


def _by_elimination(generator: Generator, coefficients: Array) -> Array:
    largest = jax.lax.stop_gradient(jnp.max(jnp.abs(coefficients), axis=-1, keepdims=True))
    matrix = generator.on_sector(coefficients / jnp.where(largest > 0, largest, 1.0))
    d = generator.dimension
    classical = matrix[..., :d, :d]
    if generator.size == d:
        return distribution(classical, generator.hops)
    follow = -jnp.linalg.solve(matrix[..., d:, d:], matrix[..., d:, :d])
    p = by_elimination(classical + matrix[..., :d, d:] @ follow)
    return jnp.concatenate([p, jnp.einsum("...cp,...p->...c", follow, p)], axis=-1)


def _by_exchange(generator: Generator, coefficients: Array) -> Array:
    i, j = generator.exchange or (0, 0)
    d, n = generator.dimension, generator.size
    entry = generator.entries(coefficients)
    none = jnp.zeros_like(coefficients[..., 0])
    # In units of the largest classical rate: with a unit of the coherent amplitudes the products
    # of rates in a machine of weak baths would underflow, here they overflow into no number.
    edges = [(m, k) for m, k in entry if m != k and max(m, k) < d]
    largest = jax.lax.stop_gradient(reduce(jnp.maximum, (entry[edge] for edge in edges), none))
    unit = jnp.where(largest > 0, largest, 1.0)
    entry = {place: value / unit for place, value in entry.items()}
    classical = {edge: entry[edge] for edge in edges}

    damping = [[entry.get((c, e), none) for e in range(d, n)] for c in range(d, n)]
    per_difference = _solve(damping, [-entry.get((c, i), none) for c in range(d, n)])
    carried = (
        entry.get((i, d + c), none) * coherence for c, coherence in enumerate(per_difference)
    )
    exchange = -sum(carried, start=none)

    both = {(i, j): exchange, (j, i): exchange}
    rates = {
        edge: classical.get(edge, none) + both.get(edge, 0.0) for edge in {**classical, **both}
    }
    weights = trees(rates, range(d))
    total = sum(weights, start=none)
    without_i, without_j = trees(classical, (i, j), d)
    difference = (without_i - without_j) / total
    coordinates = [weight / total for weight in weights]
    return jnp.stack([*coordinates, *(c * difference for c in per_difference)], axis=-1)


def _solve(matrix: list[list[Array]], right: list[Array]) -> list[Array]:
    """One or two linear equations, entry by entry; a coherence nothing damps or drives stays 0."""
    if len(right) == 1:
        return [right[0] / _or_one(matrix[0][0])]
    (a, b), (c, d) = matrix
    determinant = _or_one(a * d - b * c)
    x, y = right
    return [(d * x - b * y) / determinant, (a * y - c * x) / determinant]


def _or_one(pivot: Array) -> Array:
    return jnp.where(pivot == 0, 1.0, pivot)
