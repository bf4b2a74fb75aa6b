r"""The steady state by elimination: coherences first, then populations.

In the sector of a generator the coordinates are populations ``p`` and coherences ``c``:

.. math:: \dot p = P p + Q c, \qquad \dot c = R p + S c .

1. The coherences follow the populations, :math:`c = -S^{-1} R p`.
2. What is left is a rate equation :math:`\dot p = W p` with :math:`W = P - Q S^{-1} R`, solved by
   elimination without subtraction (``rate_equation``).

Where few coherences are coupled to each other, they are eliminated one by one over the places that
can differ from zero, the one with the fewest neighbours first, each number an array of the batch's
shape. Dissipation makes the symmetric part of :math:`S` negative, and so every pivot. Where many
are coupled, LAPACK factorises :math:`S`.
"""

from __future__ import annotations

from functools import lru_cache

import jax
import jax.numpy as jnp
from jaxtyping import Array

from jaxent.generator import Coefficients, Coordinates, Generator
from jaxent.steady_state.rate_equation import by_elimination, distribution

_MOST_WRITTEN_OUT = 100
_MOST_COHERENCES = 60

Entry = dict[tuple[int, int], Array]


def by_coherences(generator: Generator, coefficients: Coefficients) -> Coordinates:
    """The steady state of any generator, best where it has few populations, shape ``(n, ...)``."""
    d, n = generator.dimension, generator.size
    few = n - d <= _MOST_COHERENCES
    order, updates = least_fill(generator) if few else ([], _MOST_WRITTEN_OUT + 1)
    if updates > _MOST_WRITTEN_OUT:
        return _by_blocks(generator.on_sector(coefficients), d)
    entry = generator.entries(coefficients)
    largest = jax.lax.stop_gradient(jnp.max(jnp.abs(jnp.stack([*entry.values()])), axis=0))
    unit = jnp.where(largest > 0, largest, 1.0)
    entry = {place: value / unit for place, value in entry.items()}
    if n == d:
        return _first(distribution(_matrix(entry, range(d), range(d)), generator.hops))
    follow = {c: _eliminate(entry, c) for c in order}
    x = dict(enumerate(_first(by_elimination(_matrix(entry, range(d), range(d))))))
    for c in reversed(order):
        x[c] = sum((share * x[j] for j, share in follow[c].items()), start=jnp.zeros_like(unit))
    return [x[m] for m in range(n)]


def _by_blocks(matrix: Array, d: int) -> Coordinates:
    largest = jax.lax.stop_gradient(jnp.max(jnp.abs(matrix), axis=(-2, -1), keepdims=True))
    matrix = matrix / jnp.where(largest > 0, largest, 1.0)
    follow = -jnp.linalg.solve(matrix[..., d:, d:], matrix[..., d:, :d])
    found = by_elimination(matrix[..., :d, :d] + matrix[..., :d, d:] @ follow)
    return _first(jnp.concatenate([found, jnp.einsum("...cp,...p->...c", follow, found)], axis=-1))


def _eliminate(entry: Entry, c: int) -> dict[int, Array]:
    """Take one coordinate out of the equations, in place, and say how it follows the others."""
    # What nothing damps has no pivot, and the steady state is no number.
    pivot = entry.pop((c, c), jnp.zeros(()))
    out = {i: entry.pop((i, k)) for i, k in list(entry) if k == c}
    follows = {j: -entry.pop((k, j)) / pivot for k, j in list(entry) if k == c}
    for i, rate in out.items():
        for j, share in follows.items():
            entry[i, j] = entry[i, j] + rate * share if (i, j) in entry else rate * share
    return follows


@lru_cache(maxsize=64)
def least_fill(generator: Generator) -> tuple[list[int], int]:
    """The coherences of a generator in the order of their elimination, and how much there is to do.

    Always the one with the fewest neighbours left; the second result is the number of products.
    """
    places, left = set(generator.places), set(range(generator.dimension, generator.size))
    order, updates = [], 0
    while left:
        found = {}
        for c in left:
            rows = {i for i, k in places if k == c and i != c}
            columns = {j for k, j in places if k == c and j != c}
            found[c] = rows, columns
        c = min(left, key=lambda c: (len(found[c][0]) * len(found[c][1]), c))
        rows, columns = found[c]
        updates += len(rows) * len(columns)
        places = {(i, j) for i, j in places if c not in (i, j)}
        places |= {(i, j) for i in rows for j in columns}
        left.remove(c)
        order.append(c)
    return order, updates


def _matrix(entry: Entry, rows: range, columns: range) -> Array:
    none = jnp.zeros_like(next(iter(entry.values())))
    whole = [jnp.stack([entry.get((i, j), none) for j in columns], axis=-1) for i in rows]
    return jnp.stack(whole, axis=-2)


def _first(batch: Array) -> Array:
    return jnp.moveaxis(batch, -1, 0)
