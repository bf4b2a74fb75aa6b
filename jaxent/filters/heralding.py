r"""Local filters, and the states that they herald.

Each party may filter its system in the energy basis, :math:`F_A = \mathrm{diag}(a_0, a_1, \dots)`
and :math:`F_B = \mathrm{diag}(b_0, b_1, \dots)` with entries in [0, 1]. Both filters pass with
probability :math:`p_{\mathrm{suc}}` and leave the heralded state (brask2022 (25), (26); with
projectors tavakoli2018 (5))

.. math::
    p_{\mathrm{suc}} = \mathrm{tr}\big(F_A^\dagger F_A \otimes F_B^\dagger F_B\,\rho\big)
                     = \sum_{ij} a_i^2 b_j^2\,p_{ij}, \qquad
    \rho_{\mathrm{herald}} = \frac{(F_A \otimes F_B)\,\rho\,(F_A \otimes F_B)^\dagger}
                                  {p_{\mathrm{suc}}} .

Levels that a filter blocks are left out of the heralded state: two qutrits behind projectors onto
two levels each are two qubits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from jaxent.arrays import Numeric
from jaxent.machines import AbstractLindbladMachine, AbstractMachine
from jaxent.quantum import EXCHANGE_FORM, PAIR_FORM, XState, populations
from jaxent.steady_state import graded_state

State = Complex[Array, "... D D"] | XState
"""A two-party state, as a matrix of shape ``(..., D, D)``; one of two qubits also in X form."""

_FEWEST_LEVELS = 2


class Filters(NamedTuple):
    """The diagonals of two local filters.

    Attributes:
        a: diagonal of :math:`F_A`, shape ``(..., d_A)``, entries in [0, 1].
        b: diagonal of :math:`F_B`, shape ``(..., d_B)``, entries in [0, 1].
    """

    a: Float[Array | np.ndarray, "... d_A"]
    b: Float[Array | np.ndarray, "... d_B"]


def herald(
    rho: Complex[Array, "... D D"], filters: Filters
) -> tuple[Complex[Array, "... D D"], Float[Array, "..."]]:
    """Apply two local filters to a state.

    Args:
        rho: the state, shape ``(..., D, D)``.
        filters: the diagonals of the filters; their scale is free.

    Returns:
        The heralded, normalised state and the success probability. Where that is zero there is
        no heralded state, and the first result is not a number.
    """
    amplitudes = jnp.einsum("...i,...j->...ij", filters.a, filters.b)
    amplitudes = amplitudes.reshape(*amplitudes.shape[:-2], rho.shape[-1])
    passed = amplitudes[..., :, None] * rho * amplitudes[..., None, :]
    efficiency = jnp.sum(populations(passed), axis=-1)
    return passed / efficiency[..., None, None], efficiency


def heralded(
    machine: AbstractMachine, filters: Filters | None = None
) -> tuple[Complex[Array, "... d d"], Float[Array, "..."]]:
    r"""What a machine heralds, among the levels that its filters let pass.

    Args:
        machine: the machine.
        filters: known diagonals, one for each level; the machine's own unless given.

    Returns:
        The heralded, normalised state and :math:`\ln p_{\mathrm{suc}}`.

    Example:
        >>> import jaxent
        >>> qutrits = jaxent.QuditReset(2, g=1e-3, p_a=1e-5, p_b=1e-2)
        >>> state, log_efficiency = jaxent.heralded(qutrits)
        >>> state.shape, f"{jaxent.negativity(state):.4f}"
        ((4, 4), '0.4995')
    """
    if filters is None:
        return FixedFilters.of(machine).herald(machine)
    return FixedFilters(*(np.asarray(diagonal, dtype=float) for diagonal in filters)).herald(
        machine
    )


@dataclass(frozen=True, eq=False)
class FixedFilters:
    """Two filters of known diagonals, and the levels that they let pass.

    Attributes:
        a, b: the diagonals, shapes ``(d_A,)`` and ``(d_B,)``, entries in [0, 1].
    """

    a: np.ndarray
    b: np.ndarray

    @classmethod
    def of(cls, machine: AbstractMachine) -> FixedFilters:
        """Those that a machine is meant to be used with."""
        return cls(*(np.asarray(diagonal, dtype=float) for diagonal in machine.default_filters))

    @cached_property
    def kept(self) -> tuple[np.ndarray, np.ndarray]:
        """The levels of A and of B that pass; all, where fewer than two of a party do."""
        return passing(self.a), passing(self.b)

    @property
    def dims(self) -> tuple[int, int]:
        """The local dimensions of the heralded state."""
        return len(self.kept[0]), len(self.kept[1])

    @cached_property
    def levels(self) -> np.ndarray:
        """The numbers of the basis states ``|a, b>`` that are kept, ascending."""
        return (self.kept[0][:, None] * len(self.b) + self.kept[1]).reshape(-1)

    @cached_property
    def amplitudes(self) -> np.ndarray:
        """The diagonal of both filters together, shape ``(D,)``."""
        return np.outer(self.a, self.b).reshape(-1)

    @property
    def idle(self) -> bool:
        """Whether they let everything pass as it is."""
        return bool(np.all(self.amplitudes == 1))

    def x_form(self, machine: AbstractMachine) -> bool:
        """Whether all states that machines of this structure herald are of X form."""
        if self.dims != (2, 2):
            return False
        if self.idle:
            return machine.x_form
        return (
            isinstance(machine, AbstractLindbladMachine)
            and _in_own_basis(machine)
            and machine.x_form_of(self.levels)
        )

    def one_coherence(self, machine: AbstractMachine) -> bool:
        """Whether all these states of X form are known to have at most one coherence, the same.

        Its phase is one of the basis; of two coherences a relative phase would be left.
        """
        return (
            isinstance(machine, AbstractLindbladMachine)
            and _in_own_basis(machine)
            and any(machine.x_form_of(self.levels, f) for f in (EXCHANGE_FORM, PAIR_FORM))
        )

    def herald(
        self, machine: AbstractMachine
    ) -> tuple[Complex[Array, "... d d"], Float[Array, "..."]]:
        r"""The heralded state of a machine among the kept levels, and :math:`\ln p_{\mathrm{suc}}`.

        A machine whose populations differ by hundreds of orders of magnitude is filtered by their
        logarithms, so that the efficiency may be as small as 1e-1000.
        """
        if isinstance(machine, AbstractLindbladMachine) and machine.graded:
            graded = graded_state(machine.generator, machine.coefficients())
            heralded, log_efficiency = graded.filtered(jnp.asarray(self.amplitudes))
        else:
            rho = machine.state()
            if self.idle:
                return rho, jnp.zeros(rho.shape[:-2])
            heralded, efficiency = herald(rho, Filters(jnp.asarray(self.a), jnp.asarray(self.b)))
            log_efficiency = jnp.log(efficiency)
        return self.among_kept(heralded), log_efficiency

    def x_herald(self, machine: AbstractMachine) -> tuple[XState, Float[Array, "..."]]:
        """The same for heralded states of X form, as six numbers."""
        if self.idle:
            state = machine.x_state()
            return state, jnp.zeros_like(state.p00)
        assert isinstance(machine, AbstractLindbladMachine)
        state, weights = machine.x_state_of(self.levels), self.amplitudes[self.levels]
        passed = [p * w**2 for p, w in zip(state[:4], weights, strict=True)]
        inner, outer = state.u * weights[1] * weights[2], state.v * weights[0] * weights[3]
        efficiency = passed[0] + passed[1] + passed[2] + passed[3]
        return (
            XState(*(entry / efficiency for entry in (*passed, inner, outer))),
            jnp.log(efficiency),
        )

    def among_kept(self, matrix: Numeric) -> Numeric:
        """The rows and columns of a matrix that are kept."""
        return matrix[..., self.levels[:, None], self.levels]

    def extended(self, party: str, diagonal: np.ndarray) -> np.ndarray:
        """A diagonal on a party's kept levels, as one on all, after the fixed filter."""
        place = 0 if party == "a" else 1
        whole = np.zeros(len(self.a if party == "a" else self.b))
        whole[self.kept[place]] = diagonal
        return whole * (self.a if party == "a" else self.b)


def passing(diagonal: Sequence[float] | np.ndarray) -> np.ndarray:
    """The levels that a filter lets pass; all, where fewer than two do."""
    levels = np.flatnonzero(diagonal)
    return levels if len(levels) >= _FEWEST_LEVELS else np.arange(len(diagonal))


def _in_own_basis(machine: AbstractLindbladMachine) -> bool:
    """Whether the coordinates of a machine's generator are those of its state."""
    return (
        not machine.graded
        and machine.basis is None
        and machine.generator.dimension == machine.dims[0] * machine.dims[1]
    )
