"""What a steady state is worth: residual, uniqueness, positivity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jaxent.generator import Generator

# Products of two residues fit into 64 bits. A prime that divides a minor of full rank by chance
# would hide it; two of this size do so at once with a probability below 1e-15.
_PRIMES = (2**31 - 1, 2**31 - 19)


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


def diagnose(generator: Generator, coefficients: np.ndarray, rho: np.ndarray) -> Diagnostics:
    """Check one state against the full generator, in NumPy.

    Args:
        generator: the structure.
        coefficients: shape ``(K,)``.
        rho: the state, shape ``(D, D)``.
    """
    full = generator.on_everything(np.asarray(coefficients))
    scale = np.abs(full).max()
    coordinates = np.einsum("nij,ji->n", generator.basis.duals, np.asarray(rho)).real
    residual = np.abs(full @ coordinates).max() / scale if scale > 0 else 0.0
    return Diagnostics(
        residual=float(residual),
        nullity=nullity(generator, coefficients),
        min_eigenvalue=min_eigenvalue(rho),
        sector_size=generator.size,
    )


def min_eigenvalue(rho: np.ndarray) -> float:
    """The smallest eigenvalue of a state, shape ``(D, D)``; not a number where the state is not."""
    rho = np.asarray(rho)
    return float(np.linalg.eigvalsh(rho).min()) if np.all(np.isfinite(rho)) else float("nan")


def nullity(generator: Generator, coefficients: np.ndarray) -> int:
    r"""The dimension of the space of steady states, of all ``D**2`` coordinates.

    It is the exact one for the coefficients as they are: numbers in floating point are fractions,
    and the rank is found in the arithmetic of integers modulo a prime. So a machine with rates
    1e100 apart is not mistaken for one with several steady states, and one that has several is not
    overlooked for rounding errors that connect them.

    Args:
        generator: the structure.
        coefficients: shape ``(K,)``.

    Raises:
        ArithmeticError: a coefficient is not finite.
    """
    coefficients = np.asarray(coefficients, dtype=float)
    if not np.all(np.isfinite(coefficients)):
        raise ArithmeticError(
            f"generator: a rate or an energy overflows, the largest is {np.max(coefficients)}; "
            "allowed: finite ones"
        )
    rank = max(_rank(generator, coefficients, prime) for prime in _PRIMES)
    return generator.dimension**2 - rank


def _rank(generator: Generator, coefficients: np.ndarray, prime: int) -> int:
    matrix = np.zeros((generator.dimension**2,) * 2, dtype=np.int64)
    for coefficient, term in zip(coefficients, generator.everywhere, strict=True):
        matrix += _modulo(np.asarray(coefficient), prime) * _modulo(term, prime) % prime
    # The trace is conserved: the first population's equation follows from the others, exactly so
    # only before rounding.
    matrix = matrix[1:] % prime
    rank = 0
    for column in range(matrix.shape[1]):
        candidates = np.flatnonzero(matrix[rank:, column])
        if not len(candidates):
            continue
        pivot = rank + candidates[0]
        matrix[[rank, pivot]] = matrix[[pivot, rank]]
        row = matrix[rank] * pow(int(matrix[rank, column]), -1, prime) % prime
        below = matrix[rank + 1 :]
        below[:] = (below - below[:, column, None] * row % prime) % prime
        rank += 1
        if rank == len(matrix):
            break
    return rank


def _modulo(numbers: np.ndarray, prime: int) -> np.ndarray:
    """Floating-point numbers, which are fractions, as integers modulo a prime."""
    residues = {
        number: numerator * pow(denominator, -1, prime) % prime
        for number in np.unique(numbers).tolist()
        for numerator, denominator in [number.as_integer_ratio()]
    }
    return np.vectorize(residues.__getitem__, otypes=[np.int64])(numbers)
