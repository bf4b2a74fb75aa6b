r"""The steady state as one linear system: dense and sparse LU.

The equations of the populations sum to zero, since the trace is conserved. So one of them, the
first, gives way to the normalisation:

.. math:: \mathcal{L}' x = e_1, \qquad \mathcal{L}'_{1j} = [j \text{ is a population}],
          \qquad \mathcal{L}'_{ij} = \mathcal{L}_{ij} \quad (i > 1) .

Errors are relative to the largest coordinate: a population of 1e-20 has no right digit here.

Derivatives are those of the system, not of its solution: :math:`\mathcal{L}'\,dx =
-d\mathcal{L}\,x`, with the same matrix in forward mode and its transpose in reverse mode. The
dense factors are kept for that, and a gradient costs two more triangular solves; the sparse ones
stay on the host and are made anew.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxent.arrays import namespace
from jaxent.generator import Coefficients, Coordinates, Generator

_TOGETHER = 4096
_SWEEPS = 10


def by_lu(generator: Generator, coefficients: Coefficients) -> Coordinates:
    """The steady state by dense LU with partial pivoting, shape ``(n, ...)``."""
    rows = generator.on_sector(_in_units(generator, coefficients))
    system = rows.at[..., 0, :].set(_trace(generator))
    right = jnp.asarray(_first(generator))
    x = each(lambda matrix: jnp.linalg.solve(matrix, right), system, axes=2)
    return jnp.moveaxis(x, -1, 0)


def by_sparse_lu(generator: Generator, coefficients: Coefficients) -> Coordinates:
    """The steady state by SciPy's sparse LU on the host, shape ``(n, ...)``.

    For sectors too large for a dense matrix, and as another opinion about smaller ones.
    """
    stacked = jnp.stack(jnp.broadcast_arrays(*_in_units(generator, coefficients)), axis=-1)
    x = each(lambda c: _sparse(generator, c), stacked, axes=1)
    return jnp.moveaxis(x, -1, 0)


def each(function: Callable[[Array], Array], batch: Array, axes: int) -> Array:
    """Map over all but the last ``axes`` axes.

    On a CPU one after the other: LAPACK on one matrix that stays in the cache is several times
    faster than in a batch, and memory is bounded.
    """
    shape = batch.shape[: batch.ndim - axes]
    if not shape:
        return function(batch)
    flat = batch.reshape(-1, *batch.shape[len(shape) :])
    if jax.default_backend() == "cpu":
        mapped = jax.lax.map(function, flat)
    else:
        mapped = jax.lax.map(function, flat, batch_size=_TOGETHER)
    return mapped.reshape(*shape, *mapped.shape[1:])


def equilibrating(matrix: Array | np.ndarray) -> tuple[Array, Array]:
    """Scales of rows and columns that give a matrix entries of at most 1, in all rows about 1."""
    xp = namespace(matrix)
    rows = columns = xp.ones_like(matrix[..., 0])
    for _ in range(_SWEEPS):
        scaled = xp.abs(rows[..., :, None] * matrix * columns[..., None, :])
        most = scaled.max(axis=-1)
        rows = rows / xp.sqrt(xp.where(most > 0, most, 1.0))
        scaled = xp.abs(rows[..., :, None] * matrix * columns[..., None, :])
        most = scaled.max(axis=-2)
        columns = columns / xp.sqrt(xp.where(most > 0, most, 1.0))
    return rows, columns


def _in_units(generator: Generator, coefficients: Coefficients) -> list[Array]:
    """The coefficients in units of the largest, so that the trace is one equation among others."""
    c = jnp.broadcast_arrays(*coefficients)
    largest = jax.lax.stop_gradient(jnp.max(jnp.abs(jnp.stack(c)), axis=0))
    unit = jnp.where(largest > 0, largest, 1.0)
    return [coefficient / unit for coefficient in c]


def _trace(generator: Generator) -> np.ndarray:
    return np.where(np.arange(generator.size) < generator.dimension, 1.0, 0.0)


def _first(generator: Generator) -> np.ndarray:
    return np.where(np.arange(generator.size) == 0, 1.0, 0.0)


def _sparse(generator: Generator, c: Float[Array, " K"]) -> Float[Array, " n"]:
    """One state: the system's entries below the first row, and the trace in it."""
    rows, columns, weights = generator.sparse
    below = rows > 0
    places = (
        np.concatenate([rows[below], np.zeros(generator.dimension, dtype=int)]),
        np.concatenate([columns[below], np.arange(generator.dimension)]),
    )
    values = jnp.concatenate([weights[below] @ c, jnp.ones(generator.dimension)])
    right = jnp.asarray(_first(generator))

    def multiply(x: Array) -> Array:
        return jnp.zeros(generator.size).at[places[0]].add(values * x[places[1]])

    def on_host(transposed: bool) -> Callable[[Callable, Array], Array]:
        def solve(values: np.ndarray, b: np.ndarray) -> np.ndarray:
            from scipy.sparse import csc_array
            from scipy.sparse.linalg import splu

            shape = (generator.size, generator.size)
            matrix = csc_array((np.asarray(values), places), shape=shape)
            try:
                return splu(matrix).solve(np.asarray(b), "T" if transposed else "N")
            except RuntimeError:  # singular: the steady state is not unique
                return np.full_like(b, np.nan)

        fixed = jax.lax.stop_gradient(values)
        shape = jax.ShapeDtypeStruct(right.shape, right.dtype)
        return lambda _, b: jax.pure_callback(solve, shape, fixed, b, vmap_method="sequential")

    return jax.lax.custom_linear_solve(multiply, right, on_host(False), on_host(True))
