"""What a steady state is worth: residual, uniqueness, relaxation, positivity."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jaxent.generator import Coefficients, Generator
from jaxent.steady_state.linear import equilibrating
from jaxent.terms import Entries

# Products of two residues fit into 64 bits. A prime that divides a minor of full rank by chance
# would hide it; two of this size do so at once with a probability below 1e-15.
_PRIMES = (2**31 - 1, 2**31 - 19)

# Singular values above this, relative to the largest, are not zero.
_CERTAINLY_REGULAR = 1e-8

_ROUNDING = 1e-15
_SUBNORMAL = 1e-300
_RESOLVED = 1e-9


@dataclass(frozen=True)
class Diagnostics:
    r"""The quality of one steady state.

    Attributes:
        residual: :math:`\|\mathcal{L}\rho\| / \|\mathcal{L}\|` over all ``D**2`` coordinates,
            in the largest-entry norm.
        nullity: dimension of the kernel of the full generator; 1 where the steady state is
            unique.
        min_eigenvalue: the smallest eigenvalue of the state; negative means unphysical.
        sector_size: number of real coordinates that were solved for.
    """

    residual: float
    nullity: int
    min_eigenvalue: float
    sector_size: int


def diagnose(generator: Generator, coefficients: Coefficients, rho: np.ndarray) -> Diagnostics:
    """Check one state against the full generator, in NumPy.

    Args:
        generator: the structure.
        coefficients: ``K`` numbers.
        rho: the state, shape ``(D, D)``.
    """
    to, source, value = everywhere(generator, coefficients)
    x = generator.coordinates.of(np.asarray(rho), np.arange(generator.dimension**2))
    change = np.zeros_like(x)
    np.add.at(change, to, value * x[source])
    scale = np.abs(value).max(initial=0.0)
    return Diagnostics(
        residual=float(np.abs(change).max() / scale) if scale > 0 else 0.0,
        nullity=nullity(generator, coefficients),
        min_eigenvalue=min_eigenvalue(rho),
        sector_size=generator.size,
    )


def min_eigenvalue(rho: np.ndarray) -> float:
    """The smallest eigenvalue of a state, shape ``(D, D)``; not a number where the state is not."""
    rho = np.asarray(rho)
    if not np.all(np.isfinite(rho)):
        return float("nan")
    # Numbers without all their digits make an eigenvalue solver a hundred times slower.
    return float(np.linalg.eigvalsh(np.where(np.abs(rho) < _SUBNORMAL, 0.0, rho)).min())


def everywhere(generator: Generator, coefficients: Coefficients) -> Entries:
    r"""The entries of :math:`\sum_k c_k \mathcal{L}_k` in all coordinates, places repeated.

    Raises:
        ArithmeticError: a coefficient is not finite.
    """
    c = np.asarray(coefficients, dtype=float)
    if c.shape != (len(generator.terms),):
        raise ValueError(
            f"coefficients: of shape {c.shape}; allowed: {len(generator.terms)} numbers"
        )
    if not np.all(np.isfinite(c)):
        raise ArithmeticError(
            f"generator: a rate or an energy overflows, the largest is {np.max(c)}; "
            "allowed: finite ones"
        )
    scaled = [part.scaled(number) for part, number in zip(generator.everywhere, c, strict=True)]
    return Entries(*(np.concatenate(column) for column in zip(*scaled, strict=True)))


@dataclass(frozen=True)
class _Class:
    """Coordinates that reach each other: a diagonal block of the generator.

    Attributes:
        size: how many.
        to, source: the places of the block's entries, repeated ones add up, shape ``(m,)``.
        coefficient, value: whose products the entries are, shape ``(m,)``.
        trace: 1 for populations where nothing leads out of the block, so that the trace is
            conserved within it; else 0, shape ``(size,)``.
        exact: whether the values are free of rounding.
    """

    size: int
    to: np.ndarray
    source: np.ndarray
    coefficient: np.ndarray
    value: np.ndarray
    trace: np.ndarray
    exact: bool

    @property
    def conserves(self) -> bool:
        """Whether the trace is conserved within the block."""
        return bool(np.any(self.trace))

    @cached_property
    def matrix(self) -> np.ndarray:
        """The block, shape ``(size, size)``."""
        matrix = np.zeros((self.size, self.size))
        np.add.at(matrix, (self.to, self.source), self.coefficient * self.value)
        return matrix

    @cached_property
    def nullity(self) -> int:
        """The dimension of the block's kernel."""
        rows, columns = (np.asarray(scale) for scale in equilibrating(self.matrix))
        scaled = rows[:, None] * self.matrix * columns
        least = int(self.conserves)
        if _is_regular(_bordered(scaled, self.trace / rows, self.trace * columns)):
            return least
        singular = np.linalg.svd(scaled, compute_uv=False)
        if np.sum(singular <= _CERTAINLY_REGULAR * singular[0]) == least:
            return least
        if self.exact:
            return max(least, self.size - max(self.rank(prime) for prime in _PRIMES))
        return max(least, int(np.sum(singular <= _ROUNDING * self.size * singular[0])))

    def rank(self, prime: int) -> int:
        """The rank of the block modulo a prime."""
        matrix = np.zeros((self.size, self.size), dtype=np.int64)
        products = _modulo(self.coefficient, prime) * _modulo(self.value, prime) % prime
        np.add.at(matrix, (self.to, self.source), products)
        return _rank(matrix % prime, prime)


def nullity(
    generator: Generator, coefficients: Coefficients, among: np.ndarray | None = None
) -> int:
    r"""The dimension of the space of steady states, of all ``D**2`` coordinates.

    The eigenvalue zero of a Lindblad generator has no generalised eigenvectors, and so counts as
    often in the generator as in its diagonal blocks, those of the coordinates that reach each
    other. Where singular values leave no doubt they decide about a block, and a block within which
    the trace is conserved has at least one steady state. Else, where the terms' entries are exact
    (hops, levels, resets to one level), the nullity is the exact one for the coefficients as they
    are: numbers in floating point are fractions, and the rank is found in the arithmetic of
    integers modulo a prime. So a machine with rates 1e100 apart is not mistaken for one with
    several steady states. Where the entries are rounded, as products of square roots are, what
    cannot be told from a steady state within rounding counts as one: several are not overlooked
    for the rounding errors that connect them.

    Args:
        generator: the structure.
        coefficients: ``K`` numbers.
        among: the coordinates to count in, a set that the dynamics never leaves; all of them
            unless given.

    Returns:
        1 where the steady state is unique.

    Raises:
        ArithmeticError: a coefficient is not finite.
    """
    alone, blocks = _classes(generator, coefficients, among)
    return int(np.sum(alone == 0)) + sum(block.nullity for block in blocks)


def spectral_gap(generator: Generator, coefficients: Coefficients) -> float:
    r"""The slowest rate of relaxation, :math:`\min\{-\mathrm{Re}\,\lambda : \lambda \ne 0\}`.

    Zero where something oscillates for ever, and where the slowest rate is less than 1e-9 of the
    fastest, which the eigenvalues do not resolve.

    Args:
        generator: the structure.
        coefficients: ``K`` numbers.

    Returns:
        A rate, >= 0, in the unit of the coefficients.

    Raises:
        ArithmeticError: a coefficient is not finite.
    """
    alone, blocks = _classes(generator, coefficients)
    rates = [-alone[alone != 0]]
    for block in blocks:
        values = np.linalg.eigvals(block.matrix)
        rates.append(-values[np.argsort(np.abs(values))[block.nullity :]])
    decays = np.concatenate(rates)
    gap = float(np.min(np.real(decays), initial=np.inf))
    return gap if gap > _RESOLVED * np.max(np.abs(decays), initial=0.0) else 0.0


def _classes(
    generator: Generator, coefficients: Coefficients, among: np.ndarray | None = None
) -> tuple[np.ndarray, list[_Class]]:
    """The decay of each coordinate that forms a class alone, and the larger classes."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size, c = generator.dimension**2, np.asarray(coefficients, dtype=float)
    total = everywhere(generator, c)
    coefficient = np.repeat(c, [len(entries.value) for entries in generator.everywhere])
    value = np.concatenate([entries.value for entries in generator.everywhere])
    acts = coefficient != 0
    to, source = total.to[acts], total.source[acts]
    graph = coo_array((np.ones(len(to)), (to, source)), shape=(size, size)).tocsr()
    _, label = connected_components(graph, connection="strong")

    inside = label[to] == label[source]
    left = np.unique(label[source[~inside]])
    sizes = np.bincount(label)
    counted = np.isin(np.arange(size), np.arange(size) if among is None else among)
    kept = inside & (to == source) & (sizes[label[to]] == 1)
    rates = np.zeros(size)
    np.add.at(rates, to[kept], total.value[acts][kept])
    blocks = []
    for k in np.unique(label[counted & (sizes[label] > 1)]):
        members = np.flatnonzero(label == k)
        part = inside & (label[to] == k)
        blocks.append(
            _Class(
                size=len(members),
                to=np.searchsorted(members, to[part]),
                source=np.searchsorted(members, source[part]),
                coefficient=coefficient[acts][part],
                value=value[acts][part],
                trace=(members < generator.dimension) * float(k not in left),
                exact=generator.exact,
            )
        )
    return rates[counted & (sizes[label] == 1)], blocks


def _bordered(matrix: np.ndarray, column: np.ndarray, row: np.ndarray) -> np.ndarray:
    """A matrix with one more column and row, regular if its one null vector is not orthogonal."""
    if not np.any(column):
        return matrix
    column, row = column / np.linalg.norm(column), row / np.linalg.norm(row)
    return np.block([[matrix, column[:, None]], [row, np.zeros(1)]])


def _is_regular(matrix: np.ndarray) -> bool:
    """Whether LU, which takes a tenth of the time of singular values, leaves no doubt."""
    from scipy.linalg import get_lapack_funcs

    getrf, gecon = get_lapack_funcs(("getrf", "gecon"), (matrix,))
    factors, _, failed = getrf(matrix)
    if failed:
        return False
    reciprocal_condition, _ = gecon(factors, np.abs(matrix).sum(axis=0).max())
    return bool(reciprocal_condition > _CERTAINLY_REGULAR)


def _rank(matrix: np.ndarray, prime: int) -> int:
    """The rank of a square matrix of residues, by elimination in place."""
    rank = 0
    for column in range(matrix.shape[1]):
        candidates = np.flatnonzero(matrix[rank:, column])
        if not len(candidates):
            continue
        pivot = rank + candidates[0]
        matrix[[rank, pivot]] = matrix[[pivot, rank]]
        row = matrix[rank] * pow(int(matrix[rank, column]), -1, prime) % prime
        below = rank + 1 + np.flatnonzero(matrix[rank + 1 :, column])
        matrix[below] = (matrix[below] - matrix[below, column, None] * row % prime) % prime
        rank += 1
        if rank == len(matrix):
            break
    return rank


def _modulo(numbers: np.ndarray, prime: int) -> np.ndarray:
    """Floating-point numbers, which are fractions, as integers modulo a prime."""
    unique, where = np.unique(numbers, return_inverse=True)
    fractions = (number.as_integer_ratio() for number in unique.tolist())
    residues = [above * pow(below, -1, prime) % prime for above, below in fractions]
    return np.array(residues, dtype=np.int64)[where]
