r"""The steady state by elimination: coherences first, then populations.

In the sector of a generator the coordinates are populations ``p`` and coherences ``c``:

.. math:: \dot p = P p + Q c, \qquad \dot c = R p + S c .

1. The coherences follow the populations, :math:`c = -S^{-1} R p`.
2. What is left is a rate equation :math:`\dot p = W p` with :math:`W = P - Q S^{-1} R`, solved by
   elimination without subtraction (``rate_equation``).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from jaxent.generator import Coefficients, Coordinates, Generator
from jaxent.steady_state.rate_equation import by_elimination, distribution


def by_coherences(generator: Generator, coefficients: Coefficients) -> Coordinates:
    """The steady state of any generator, best where it has few populations, shape ``(n, ...)``."""
    matrix = generator.on_sector(coefficients)
    largest = jax.lax.stop_gradient(jnp.max(jnp.abs(matrix), axis=(-2, -1), keepdims=True))
    matrix = matrix / jnp.where(largest > 0, largest, 1.0)
    d = generator.dimension
    classical = matrix[..., :d, :d]
    if generator.size == d:
        return jnp.moveaxis(distribution(classical, generator.hops), -1, 0)
    follow = -jnp.linalg.solve(matrix[..., d:, d:], matrix[..., d:, :d])
    p = by_elimination(classical + matrix[..., :d, d:] @ follow)
    x = jnp.concatenate([p, jnp.einsum("...cp,...p->...c", follow, p)], axis=-1)
    return jnp.moveaxis(x, -1, 0)
