r"""Steady states whose populations differ by hundreds of orders of magnitude.

A machine that climbs a ladder by weak couplings, each step with a probability of 1e-18, has
populations such as 1e-316. A filter may herald from just these, and what it heralds is a state like
any other. So populations are carried by their logarithms here, and coherences relative to them:

.. math:: p_i = e^{\ell_i}, \qquad \rho_{ij} = r_{ij}\,e^{(\ell_i + \ell_j)/2},
          \qquad r_{ii} = 1, \quad |r_{ij}| \le 1 .

1. **Grades.** Without its coherences, which follow the populations (``elimination``), the machine
   is a rate equation with the rates :math:`W_{ij}`, and each population is at least what its
   strongest inflow gives it, :math:`p_i \sum_k W_{ki} \ge W_{ij} p_j`. The largest products of such
   ratios along a way from the likeliest state estimate the size of each population: the longest
   paths in the logarithms of the ratios. No cycle can gain, so they are finite.
2. In units of these estimates, a coherence in that of :math:`\sqrt{p_i p_j}`, the generator has
   entries of the order of 1, and its LU loses no digit of what is small. A coherence that climbs
   the whole ladder at once counts as much as one that climbs it step by step; so the grades alone
   may come from the rate equation, in which its rate would underflow, and the solution may not.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Complex, Float

from jaxent.generator import Coefficients, Coordinates, Generator
from jaxent.steady_state.linear import each

# Paths that differ by a rounding error are equally long.
_NO_GAIN = 1e-9
_LARGEST_EXPONENT = 1400.0


class GradedState(NamedTuple):
    r"""A state by its level's logarithmic populations and their correlations.

    Attributes:
        log_populations: :math:`\ell_i = \ln\rho_{ii}`, shape ``(..., D)``.
        correlations: :math:`r_{ij} = \rho_{ij}/\sqrt{\rho_{ii}\rho_{jj}}`, shape ``(..., D, D)``.
    """

    log_populations: Float[Array, "... D"]
    correlations: Complex[Array, "... D D"]

    def filtered(
        self, amplitudes: Float[Array, " D"]
    ) -> tuple[Complex[Array, "... D D"], Float[Array, "..."]]:
        r"""The state after a diagonal filter, and the logarithm of its success probability.

        .. math:: \rho' = F\rho F/p, \qquad \ln p = \ln\sum_i e^{\ell_i + 2\ln F_i}

        Args:
            amplitudes: the filter's diagonal :math:`F_i`, >= 0; ones leave the state as it is.
        """
        passed = self.log_populations + 2 * jnp.log(amplitudes)
        efficiency = jax.nn.logsumexp(passed, axis=-1)
        half = jnp.exp((passed - efficiency[..., None]) / 2)
        return half[..., :, None] * self.correlations * half[..., None, :], efficiency


def graded_state(generator: Generator, coefficients: Coefficients) -> GradedState:
    """The steady state of any generator, in graded form.

    A state that nothing populates has the logarithm minus infinity and no correlations; their
    derivatives are not defined there, and zero here.

    Args:
        generator: the structure.
        coefficients: of its terms, in any unit, ``K`` arrays of the batch's shape.

    Returns:
        The state, its populations by their logarithms: ``filtered`` heralds from it where
        populations underflow.
    """
    relative, grades = _solved(generator, coefficients)
    d, (i, j) = generator.dimension, _ends(generator)
    populated = relative[:d] > 0
    size = jnp.log(jnp.where(populated, relative[:d], 1.0))
    logs = jnp.where(populated, size + grades[:d], -jnp.inf)
    logs = jnp.where(relative[:d] >= 0, logs, jnp.nan)
    logs = logs - jax.nn.logsumexp(logs, axis=0)
    correlations = relative[d:] * jnp.exp(-(size[i] + size[j]) / 2)
    correlations = jnp.where(populated[i] & populated[j], correlations, 0.0)
    ones = jnp.ones_like(logs)
    matrix = generator.coordinates.matrix(jnp.concatenate([ones, correlations]), generator.sector)
    return GradedState(jnp.moveaxis(logs, 0, -1), matrix)


def by_grades(generator: Generator, coefficients: Coefficients) -> Coordinates:
    """The steady state's coordinates by way of the graded form, shape ``(n, ...)``."""
    relative, grades = _solved(generator, coefficients)
    x = relative * jnp.exp(grades - jnp.max(grades[: generator.dimension], axis=0))
    return x / jnp.sum(x[: generator.dimension], axis=0)


def _ends(generator: Generator) -> tuple[np.ndarray, np.ndarray]:
    """The two states that each coherence of the sector connects."""
    coherences = generator.sector[generator.dimension :]
    return generator.coordinates.rows[coherences], generator.coordinates.columns[coherences]


def _solved(generator: Generator, coefficients: Coefficients) -> tuple[Array, Array]:
    """The coordinates in their units, and the logarithms of the units, each ``(n, ...)``."""
    d, (i, j) = generator.dimension, _ends(generator)

    def one(matrix: Float[Array, "n n"]) -> Float[Array, "2 n"]:
        grades, root = _grades(*_rates(jax.lax.stop_gradient(matrix), d))
        grades = jnp.concatenate([grades, (grades[i] + grades[j]) / 2])
        return jnp.stack([_in_grades(matrix, grades, root), grades])

    found = each(one, generator.on_sector(coefficients), axes=2)
    relative, grades = jnp.moveaxis(found, (-2, -1), (0, 1))
    return relative, grades


def _in_grades(
    matrix: Float[Array, "n n"], grades: Float[Array, " n"], root: Array
) -> Float[Array, " n"]:
    """The steady state in the given units, relative to the population of the likeliest state."""
    n = len(matrix)
    own = jax.lax.stop_gradient(jnp.diagonal(matrix))
    unit = jnp.log(jnp.where(own != 0, jnp.abs(own), 1.0)) + grades
    # In two halves, of which neither overflows where their product with an entry does not.
    half = jnp.exp(jnp.minimum(grades - unit[:, None], _LARGEST_EXPONENT) / 2)
    # The likeliest state's own equation follows from the others.
    is_root = jnp.arange(n) == root
    system = jnp.where(is_root[:, None], np.eye(n), matrix * half * half)
    return jnp.linalg.solve(system, jnp.where(is_root, 1.0, 0.0))


def _rates(matrix: Float[Array, "n n"], d: int) -> tuple[Array, Array]:
    """The rate equation that the coherences leave: its rates, shape ``(d, d)``, and outflows."""
    follow = -jnp.linalg.solve(matrix[d:, d:], matrix[d:, :d])
    rates = matrix[:d, :d] + matrix[:d, d:] @ follow
    rates = jnp.where(np.eye(d, dtype=bool), 0.0, jnp.abs(rates))
    return rates, jnp.sum(rates, axis=0)


def _grades(rates: Float[Array, "d d"], outflow: Float[Array, " d"]) -> tuple[Array, Array]:
    """Estimates of the logarithmic populations relative to the likeliest state, and that state."""
    # What never leaves a state gains as much as a number can.
    leaves = jnp.maximum(outflow, jnp.finfo(float).tiny)[:, None]
    gains = jnp.where(rates > 0, jnp.log(rates) - jnp.log(leaves), -jnp.inf)

    def judged(root: Array) -> tuple[Array, Array, Array]:
        """A state, the grades relative to it, and one that is likelier for sure or the same."""
        grades = _longest_ways(gains, root)
        # From where there is no way back: what is there stays, and the root empties.
        traps = (grades > -jnp.inf) & ~_leading_to(rates > 0, root)
        likelier = jnp.where(jnp.max(grades) > _NO_GAIN, jnp.argmax(grades), root)
        return root, grades, jnp.where(jnp.any(traps), jnp.argmax(traps), likelier)

    def goes_on(state: tuple[Array, tuple[Array, Array, Array]]) -> Array:
        moves, (root, _, likelier) = state
        return (likelier != root) & (moves < len(rates))

    start = (jnp.asarray(0), judged(jnp.asarray(0)))
    move = lambda state: (state[0] + 1, judged(state[1][2]))  # noqa: E731
    _, (root, grades, _) = jax.lax.while_loop(goes_on, move, start)
    # What the likeliest state never reaches is empty, in any unit.
    return jnp.where(jnp.isfinite(grades), grades, 0.0), root


def _longest_ways(gains: Float[Array, "d d"], root: Array) -> Float[Array, " d"]:
    """The largest sum of gains along a way from the root to each state."""

    def lengthen(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        rounds, sums, _ = state
        longer = jnp.maximum(sums, jnp.max(gains + sums, axis=1))
        return rounds + 1, longer, jnp.any(longer > sums + _NO_GAIN)

    def goes_on(state: tuple[Array, Array, Array]) -> Array:
        return state[2] & (state[0] < len(gains))

    start = jnp.where(jnp.arange(len(gains)) == root, 0.0, -jnp.inf)
    return jax.lax.while_loop(goes_on, lengthen, (jnp.asarray(0), start, jnp.asarray(True)))[1]


def _leading_to(possible: Bool[Array, "d d"], root: Array) -> Bool[Array, " d"]:
    """The states from which there is a way to the root."""

    def widen(state: tuple[Array, Array]) -> tuple[Array, Array]:
        wider = state[0] | jnp.any(possible & state[0][:, None], axis=0)
        return wider, jnp.any(wider != state[0])

    start = jnp.arange(len(possible)) == root
    return jax.lax.while_loop(lambda state: state[1], widen, (start, jnp.asarray(True)))[0]
