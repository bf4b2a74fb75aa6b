r"""Steady states that are not unique: where a state ends depends on where it began.

A generator with a strong symmetry, a part that no bath reaches, or dark states has ``m > 1``
independent steady states. With right and left null vectors, :math:`\mathcal{L} r_k = 0` and
:math:`l_k^{\mathsf T}\mathcal{L} = 0`, chosen so that :math:`l_k^{\mathsf T} r_{k'} =
\delta_{kk'}`, the state that :math:`\rho(0)` relaxes to is

.. math:: \rho_\infty = \Pi\rho(0) = \sum_k r_k\,\mathrm{tr}(l_k^\dagger\rho(0)) .

(Albert & Jiang, Phys. Rev. A 89, 022118, 2014.) What oscillates for ever does not relax; then this
is the average over time.

The derivative follows from :math:`\mathcal{L}\Pi = \Pi\mathcal{L} = 0` and
:math:`\Pi^2 = \Pi`: with the pseudoinverse :math:`S` that vanishes on steady states
(:math:`S\mathcal{L} = \mathcal{L}S = 1 - \Pi`),

.. math:: d\Pi = -\Pi\,d\mathcal{L}\,S - S\,d\mathcal{L}\,\Pi,
          \qquad S = (\mathcal{L} - \Pi)^{-1} + \Pi,

as long as the number of steady states stays what it is.
"""

from __future__ import annotations

from functools import lru_cache, partial

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Complex, Float

from jaxent.generator import Coefficients, Generator
from jaxent.quantum import populations
from jaxent.steady_state.diagnostics import nullity as nullity_of
from jaxent.steady_state.linear import each, equilibrating

_ROUNDING = 1e-15
_LOST = 1e-9


def project(
    generator: Generator,
    coefficients: Coefficients,
    initial: Complex[Array | np.ndarray, "D D"],
    nullity: int | None = None,
) -> Complex[Array, "... D D"]:
    r"""The state that an initial one relaxes to, with exact derivatives.

    Args:
        generator: the structure.
        coefficients: ``K`` arrays of the batch's shape.
        initial: :math:`\rho(0)`, a constant, shape ``(D, D)``.
        nullity: the number of independent steady states among the coordinates that ``initial``
            reaches (``steady_states_from``). It is found from the coefficients where they are
            numbers; traced ones and batches, in which it has to be the same, need it.

    Returns:
        The state, shape ``(..., D, D)``; not numbers where the number of steady states is another
        one, or processes are too slow to be told from none (about 1e-12 of the fastest).

    Raises:
        ValueError: ``initial`` is not a state, or ``nullity`` is needed.
    """
    reach = reach_of(generator, initial)
    if nullity is not None and not 1 <= nullity <= reach.size:
        raise ValueError(f"nullity: {nullity} is given; allowed: an integer from 1 to {reach.size}")
    if nullity is None:
        nullity = _counted(generator, coefficients, initial)
    x = reach.of(jnp.asarray(initial))
    matrix = reach.on_sector(coefficients)
    ended = each(lambda system: null_projection(system, nullity) @ x, matrix, axes=2)
    rho = reach.matrix(jnp.moveaxis(ended, -1, 0))
    # The trace is conserved, unless slow processes cannot be told from none.
    lost = jnp.abs(jnp.sum(populations(rho), axis=-1) - 1) > _LOST
    return jnp.where(lost[..., None, None], jnp.nan, rho)


def _counted(generator: Generator, coefficients: Coefficients, initial: Array | np.ndarray) -> int:
    if any(isinstance(c, Tracer) or jnp.ndim(c) for c in coefficients):
        raise ValueError(
            "nullity: not given; allowed: the number of steady states, where the coefficients are "
            "traced or a batch"
        )
    return steady_states_from(generator, coefficients, initial)


def steady_states_from(
    generator: Generator, coefficients: Coefficients, initial: Complex[Array | np.ndarray, "D D"]
) -> int:
    """The number of independent steady states among the coordinates that a state reaches.

    Raises:
        ValueError: ``initial`` is not a state.
        ArithmeticError: a coefficient is not finite.
    """
    return nullity_of(generator, coefficients, reach_of(generator, initial).sector)


def reach_of(generator: Generator, initial: Complex[Array | np.ndarray, "D D"]) -> Generator:
    """The generator in the coordinates that the dynamics reaches from a state.

    Raises:
        ValueError: ``initial`` is not a state.
    """
    rho, coordinates = _state(initial, generator.dimension), generator.coordinates
    real = coordinates.real(*np.nonzero(np.real(rho)))
    imaginary = coordinates.imaginary(*np.nonzero(np.triu(np.imag(rho), k=1)))
    return _from(generator, tuple(np.union1d(real, imaginary).tolist()))


@lru_cache(maxsize=64)
def _from(generator: Generator, start: tuple[int, ...]) -> Generator:
    return Generator(generator.terms, start=np.array(start))


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def null_projection(matrix: Float[Array, "n n"], nullity: int) -> Float[Array, "n n"]:
    r"""The projection :math:`\Pi` onto the kernel of a matrix along its range.

    Args:
        matrix: without generalised null vectors, as every Lindblad generator.
        nullity: the dimension of its kernel.

    Returns:
        Shape ``(n, n)``; not numbers where the kernel has another dimension.
    """
    if nullity == 0:
        return jnp.zeros_like(matrix)
    # Slow processes count as much as fast ones once rows and columns are in units of their own.
    rows, columns = equilibrating(matrix)
    left, values, right = jnp.linalg.svd(rows[:, None] * matrix * columns)
    left = rows[:, None] * left[:, -nullity:]
    right = columns[:, None] * right[-nullity:].T
    projection = right @ jnp.linalg.solve(left.T @ right, left.T)
    kernel = jnp.sum(values <= _ROUNDING * len(matrix) * values[0])
    return jnp.where(kernel == nullity, projection, jnp.nan)


@null_projection.defjvp
def _derivative(nullity, primals, tangents):
    (matrix,), (change,) = primals, tangents
    projection = null_projection(matrix, nullity)
    largest = jax.lax.stop_gradient(jnp.max(jnp.abs(matrix)))
    unit = jnp.where(largest > 0, largest, 1.0)
    pseudoinverse = jnp.linalg.inv(matrix - unit * projection) + projection / unit
    moved = projection @ change @ pseudoinverse + pseudoinverse @ change @ projection
    return projection, -moved


def _state(initial: Complex[Array | np.ndarray, "D D"], dimension: int) -> np.ndarray:
    rho = np.asarray(initial, dtype=complex)
    if rho.shape != (dimension, dimension):
        raise ValueError(
            f"initial: of shape {rho.shape}; allowed: a state of shape {(dimension, dimension)}"
        )
    if not np.allclose(rho, rho.conj().T, atol=1e-12) or abs(np.trace(rho) - 1) > 1e-12:
        raise ValueError("initial: no state; allowed: Hermitian matrices of trace 1")
    if np.linalg.eigvalsh(rho).min() < -1e-12:
        raise ValueError("initial: no state; allowed: matrices without negative eigenvalues")
    return rho
