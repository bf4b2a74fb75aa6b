r"""Generators: fixed structure with traced coefficients.

The generator of every machine here is a sum of constant superoperators with coefficients that
depend on the machine's parameters,

.. math:: \dot\rho = \mathcal{L}\rho = \sum_k c_k \mathcal{L}_k \rho .

A :class:`Generator` is made once, in NumPy, from the terms :math:`\mathcal{L}_k`. It writes them
in real coordinates (populations, real parts, imaginary parts; ``quantum.HermitianBasis``) and
keeps only the coordinates that the dynamics reaches from the populations: the *sector*.
A steady state that is unique lies in it, because the evolution of a diagonal state never leaves
it. No symmetry has to be declared: two resonant qubits keep 5 of 16 coordinates, detuned ones 6,
and a tunnelling term, which breaks the symmetry, simply leaves more of them.

Only the coefficients are traced by JAX.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from jaxent.quantum import HermitianBasis

_MOST_WRITTEN_OUT = 8


@dataclass(frozen=True)
class Hamiltonian:
    r"""The term :math:`\mathcal{L}\rho = -i[H, \rho]` with a constant Hermitian ``operator``."""

    operator: np.ndarray

    def apply(self, rho: np.ndarray) -> np.ndarray:
        """The superoperator applied to matrices of shape ``(..., D, D)``."""
        return -1j * (self.operator @ rho - rho @ self.operator)


@dataclass(frozen=True)
class Jump:
    r"""The dissipator :math:`\mathcal{D}[J]\rho = J\rho J^\dagger - \{J^\dagger J, \rho\}/2`."""

    operator: np.ndarray

    def apply(self, rho: np.ndarray) -> np.ndarray:
        """The superoperator applied to matrices of shape ``(..., D, D)``."""
        adjoint = self.operator.conj().T
        loss = adjoint @ self.operator
        return self.operator @ rho @ adjoint - (loss @ rho + rho @ loss) / 2


Term = Hamiltonian | Jump


class Generator:
    """The structure of a generator: constant terms, their sector, and its coordinates.

    Args:
        terms: the constant terms, in the order of the coefficients.

    Attributes:
        dimension: ``D``, the dimension of the Hilbert space.
        terms: as given.
        sector: indices of the reached coordinates in ``HermitianBasis``, shape ``(n,)``; the
            first ``D`` are the populations.
        matrices: the terms on the sector, shape ``(K, n, n)``.
        hops: which effective rates from population to population can differ from zero, directly
            or by way of coherences, shape ``(D, D)``.
        exchange: the two states ``(i, j)`` that the coherences connect where they do nothing but
            exchange these, and ``None`` elsewhere.
        basis: the real coordinates.
        everywhere: the terms in all coordinates, shape ``(K, D**2, D**2)``.
    """

    def __init__(self, terms: Sequence[Term]):
        self.terms = tuple(terms)
        self.dimension = terms[0].operator.shape[0]
        basis = HermitianBasis(self.dimension)
        full = np.array([basis.superoperator(term.apply(basis.matrices)) for term in terms])
        self.sector = reached(full, start=self.dimension)
        self.matrices = full[:, self.sector[:, None], self.sector]
        self.hops = _hops(self.matrices, self.dimension)
        self.exchange = _exchange(self.matrices, self.dimension)
        self.basis = basis
        self.everywhere = full

    @property
    def size(self) -> int:
        """The number ``n`` of real coordinates in the sector."""
        return len(self.sector)

    def on_sector(self, coefficients: Float[Array, "... K"]) -> Float[Array, "... n n"]:
        r""":math:`\sum_k c_k \mathcal{L}_k` in the sector's coordinates."""
        return jnp.einsum("...k,kij->...ij", coefficients, self.matrices)

    def entries(
        self, coefficients: Float[Array, "... K"]
    ) -> dict[tuple[int, int], Float[Array, "..."]]:
        """The entries of ``on_sector`` that can differ from zero, one by one."""
        found, c = {}, jnp.unstack(coefficients, axis=-1)
        for i, j in np.argwhere(np.any(self.matrices != 0, axis=0)).tolist():
            terms = np.flatnonzero(self.matrices[:, i, j]).tolist()
            found[i, j] = sum(self.matrices[k, i, j] * c[k] for k in terms)
        return found

    def on_everything(self, coefficients: np.ndarray) -> np.ndarray:
        r""":math:`\sum_k c_k \mathcal{L}_k` in all ``D**2`` coordinates, in NumPy."""
        return np.einsum("...k,kij->...ij", np.asarray(coefficients), self.everywhere)

    def matrix(self, coordinates: Float[Array, "... n"]) -> Complex[Array, "... D D"]:
        """The Hermitian matrix with the given sector coordinates."""
        matrices = self.basis.matrices[self.sector]
        if self.size > _MOST_WRITTEN_OUT:
            return jnp.einsum("...n,nij->...ij", coordinates, matrices)
        # Entry by entry, for a compiler to see which ones vanish.
        x = jnp.unstack(coordinates, axis=-1)
        none = jnp.zeros(coordinates.shape[:-1], dtype=complex)
        entries = [
            sum((matrices[n, i, j] * x[n] for n in np.flatnonzero(matrices[:, i, j])), start=none)
            for i in range(self.dimension)
            for j in range(self.dimension)
        ]
        return jnp.stack(entries, axis=-1).reshape(*none.shape, self.dimension, self.dimension)

    def coordinates(self, rho: Complex[Array, "... D D"]) -> Float[Array, "... n"]:
        """The sector coordinates of a Hermitian matrix."""
        return jnp.einsum("nij,...ji->...n", self.basis.duals[self.sector], rho).real


def _hops(matrices: np.ndarray, dimension: int) -> np.ndarray:
    populations, coherences = slice(None, dimension), slice(dimension, None)
    directly, driven, back = (
        np.any(matrices[:, rows, columns] != 0, axis=0)
        for rows, columns in (
            (populations, populations),
            (coherences, populations),
            (populations, coherences),
        )
    )
    return directly | np.outer(back.any(axis=1), driven.any(axis=0))


def _exchange(matrices: np.ndarray, dimension: int) -> tuple[int, int] | None:
    driven = matrices[:, dimension:, :dimension].reshape(-1, dimension)
    back = matrices[:, :dimension, dimension:].swapaxes(1, 2).reshape(-1, dimension)
    connected = np.concatenate([driven, back])
    involved = np.flatnonzero(connected.any(axis=0))
    if len(involved) != 2 or np.any(connected.sum(axis=1) != 0):
        return None
    return int(involved[0]), int(involved[1])


def reached(superoperators: np.ndarray, start: int) -> np.ndarray:
    """The coordinates that the dynamics reaches from the first ``start`` of them.

    Args:
        superoperators: shape ``(K, N, N)``; only their sparsity matters.
        start: how many leading coordinates to start from.

    Returns:
        Sorted indices, shape ``(n,)``; the span of these coordinates is invariant under every
        superoperator.
    """
    couples = np.any(superoperators != 0, axis=0)
    inside = np.arange(len(couples)) < start
    while True:
        grown = inside | couples[:, inside].any(axis=1)
        if (grown == inside).all():
            return np.flatnonzero(inside)
        inside = grown
