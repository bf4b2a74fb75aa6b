r"""Generators: fixed structure with traced coefficients.

The generator of every machine here is a sum of constant superoperators with coefficients that
depend on the machine's parameters,

.. math:: \dot\rho = \mathcal{L}\rho = \sum_k c_k \mathcal{L}_k \rho .

A :class:`Generator` is made once, in NumPy, from the terms :math:`\mathcal{L}_k`. It writes them
in real coordinates (populations, real parts, imaginary parts) and keeps only the coordinates that
the dynamics reaches from the populations: the *sector*. A steady state that is unique lies in it,
because the evolution of a diagonal state never leaves it. No symmetry has to be declared: two
resonant qubits keep 5 of 16 coordinates, detuned ones 6, and a tunnelling term, which breaks the
symmetry, simply leaves more of them.

Only the coefficients are traced by JAX. Everywhere below a steady state, the index of a sum comes
first and the batch axes behind it: ``K`` coefficients, ``n`` coordinates, each an array of the
batch's shape, which is what a compiler can fuse into one loop over the batch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property, reduce

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from jaxent.quantum import HermitianCoordinates, root
from jaxent.terms import Entries, Term, is_exact, real_entries

_MOST_WRITTEN_OUT = 8
_MOST_DENSE = 64  # beyond it the zeros of the terms take longer than their places

Coefficients = Sequence[Array] | Array | np.ndarray
"""One array of the batch's shape for each term; also an array with the terms along its first
axis."""

Coordinates = Sequence[Array] | Array
"""One array of the batch's shape for each coordinate of a sector, or all of them in one array."""


class Generator:
    """The structure of a generator: constant terms, their sector, and its coordinates.

    Args:
        terms: the constant terms, in the order of the coefficients.
        start: the coordinates from which the sector is reached, by their numbers in
            ``HermitianCoordinates``; the populations unless given.

    Attributes:
        terms: as given.
        dimension: ``D``, the dimension of the Hilbert space.
        coordinates: the real coordinates of all matrices.
        sector: the numbers of the reached coordinates, shape ``(n,)``, ascending; reached from the
            populations, its first ``D`` are these.
        everywhere: the entries of each term in all ``D**2`` coordinates.
        inside: the entries of each term in the sector.

    Raises:
        ValueError: there is no term, or they have different dimensions.
    """

    def __init__(self, terms: Sequence[Term], start: np.ndarray | None = None):
        self.terms = tuple(terms)
        dimensions = {term.dimension for term in self.terms}
        if len(dimensions) != 1:
            raise ValueError(
                f"generator: terms of dimensions {sorted(dimensions)}; allowed: at least one term, "
                "all of one dimension"
            )
        self.dimension = self.terms[0].dimension
        self.coordinates = HermitianCoordinates(self.dimension)
        self.everywhere = [real_entries(term, self.coordinates) for term in self.terms]
        start = np.arange(self.dimension) if start is None else start
        self.sector = reached(self.everywhere, start, self.dimension**2)
        self.inside = [entries.among(self.sector, self.dimension**2) for entries in self.everywhere]

    @cached_property
    def exact(self) -> bool:
        """Whether the entries of all terms are free of rounding."""
        return all(is_exact(term) for term in self.terms)

    def of_bath(self, name: str) -> list[int]:
        """The numbers of the terms of one bath."""
        return [k for k, term in enumerate(self.terms) if getattr(term, "bath", None) == name]

    @property
    def size(self) -> int:
        """The number ``n`` of real coordinates in the sector."""
        return len(self.sector)

    def batch(self, coefficients: Coefficients) -> list[Array]:
        """The coefficients as one array of the batch's shape for each term.

        Raises:
            ValueError: there are more or fewer than terms.
        """
        given = list(coefficients)
        if len(given) != len(self.terms):
            raise ValueError(
                f"coefficients: {len(given)} are given; allowed: {len(self.terms)}, one number or "
                "array for each term, the index of the terms first"
            )
        return jnp.broadcast_arrays(*given)

    @cached_property
    def places(self) -> dict[tuple[int, int], list[tuple[int, float]]]:
        """What makes up each entry of the sector's matrix: the terms and their values there."""
        found: dict[tuple[int, int], list[tuple[int, float]]] = {}
        for k, entries in enumerate(self.inside):
            rows, columns, values = (part.tolist() for part in entries)
            for place, value in zip(zip(rows, columns, strict=True), values, strict=True):
                found.setdefault(place, []).append((k, value))
        return dict(sorted(found.items()))

    @cached_property
    def hops(self) -> np.ndarray:
        """Which effective rates from population to population can differ from zero.

        Directly, or by way of coherences; shape ``(D, D)``.
        """
        d = self.dimension
        coupled = np.zeros((self.size, self.size), dtype=bool)
        coupled[tuple(zip(*self.places, strict=True))] = True
        by_coherences = np.outer(coupled[:d, d:].any(axis=1), coupled[d:, :d].any(axis=0))
        return coupled[:d, :d] | by_coherences

    @cached_property
    def exchange(self) -> tuple[int, int] | None:
        """The two states that the coherences connect where they do nothing but exchange these."""
        d = self.dimension
        states, sums = set(), defaultdict(float)
        for (i, j), parts in self.places.items():
            if (i < d) == (j < d):
                continue
            states.add(min(i, j))
            for k, value in parts:
                sums[k, max(i, j), i < j] += value
        if len(states) != 2 or any(sums.values()):
            return None
        first, second = sorted(states)
        return first, second

    def entries(self, coefficients: Coefficients) -> dict[tuple[int, int], Float[Array, "..."]]:
        """The entries of ``on_sector`` that can differ from zero, one by one."""
        c = self.batch(coefficients)
        return {
            place: reduce(jnp.add, (c[k] if v == 1 else v * c[k] for k, v in parts))
            for place, parts in self.places.items()
        }

    @cached_property
    def sparse(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows and columns of the sector's entries, shape ``(m,)``, and of what they are made.

        The third is the weight of each coefficient in each entry, shape ``(m, K)``.
        """
        rows, columns = np.array(list(self.places), dtype=int).reshape(-1, 2).T
        weights = np.zeros((len(rows), len(self.terms)))
        for place, parts in enumerate(self.places.values()):
            for k, value in parts:
                weights[place, k] = value
        return rows, columns, weights

    def on_sector(self, coefficients: Coefficients) -> Float[Array, "... n n"]:
        r""":math:`\sum_k c_k \mathcal{L}_k` in the sector's coordinates."""
        c = jnp.stack(self.batch(coefficients), axis=-1)
        rows, columns, weights = self.sparse
        if self.size <= _MOST_DENSE:
            dense = np.zeros((len(self.terms), self.size, self.size))
            dense[:, rows, columns] = weights.T
            return jnp.tensordot(c, dense, axes=1)
        empty = jnp.zeros((*c.shape[:-1], self.size, self.size))
        return empty.at[..., rows, columns].set(c @ weights.T)

    def matrix(self, x: Coordinates) -> Complex[Array, "... D D"]:
        """The Hermitian matrix with the given sector coordinates."""
        if self.size > _MOST_WRITTEN_OUT:
            return self.coordinates.matrix(jnp.asarray(x), self.sector)
        # Entry by entry, for a compiler to see which ones vanish.
        none = jnp.zeros_like(x[0])
        found = {}
        for value, n in zip(x, self.sector, strict=True):
            place = int(self.coordinates.rows[n]), int(self.coordinates.columns[n])
            re, im = found.get(place, (none, none))
            found[place] = (re, value) if self.coordinates.imaginary_part[n] else (value, im)
        above = {place: jax.lax.complex(*parts) for place, parts in found.items()}
        below = {(j, i): jnp.conj(entry) for (i, j), entry in above.items() if i != j}
        entries = {**above, **below}
        empty, d = none.astype(complex), range(self.dimension)
        rows = [jnp.stack([entries.get((i, j), empty) for j in d], axis=-1) for i in d]
        return jnp.stack(rows, axis=-2)

    def modulus(self, x: Coordinates, place: tuple[int, int]) -> Float[Array, "..."]:
        """The modulus of one entry of the matrix with the given sector coordinates."""
        i, j = (axis[self.sector] for axis in self.coordinates.places)
        parts = [x[n] for n in np.flatnonzero((i == place[0]) & (j == place[1])).tolist()]
        if not parts:
            return jnp.zeros_like(x[0])
        return jnp.abs(parts[0]) if len(parts) == 1 else root(parts[0] ** 2 + parts[1] ** 2)

    def of(self, rho: Complex[Array, "... D D"]) -> Float[Array, "n ..."]:
        """The sector coordinates of a Hermitian matrix."""
        return self.coordinates.of(rho, self.sector)


def reached(superoperators: Sequence[Entries], start: np.ndarray, size: int) -> np.ndarray:
    """The coordinates that the dynamics reaches from some of them.

    Args:
        superoperators: only the places of their entries matter.
        start: where to start from.
        size: the number of all coordinates.

    Returns:
        Ascending numbers, shape ``(n,)``; the span of these coordinates is invariant under every
        superoperator.
    """
    to = np.concatenate([entries.to for entries in superoperators])
    source = np.concatenate([entries.source for entries in superoperators])
    inside = np.isin(np.arange(size), start)
    while True:
        grown = inside.copy()
        grown[to[inside[source]]] = True
        if (grown == inside).all():
            return np.flatnonzero(inside)
        inside = grown
