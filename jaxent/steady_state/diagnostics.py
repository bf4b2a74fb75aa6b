"""What a steady state is worth: residual, uniqueness, positivity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jaxent.generator import Generator

_NULL = 1e-12
"""Singular values below this fraction of the largest count as zero."""


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
        nullity=nullity(full),
        min_eigenvalue=float(np.linalg.eigvalsh(rho).min()),
        sector_size=generator.size,
    )


def nullity(generator: np.ndarray) -> int:
    r"""The dimension of the kernel of a generator, shape ``(N, N)``.

    Rows and columns are first brought to unit size, so that a machine with rates of very
    different size is not mistaken for one with several steady states.
    """
    size = np.abs(generator).max()
    if size == 0:
        return len(generator)
    # A coordinate that decays has a nonzero diagonal; scaling by it leaves slow and fast
    # processes alike in size, and the kernel's dimension as it is.
    rows = np.abs(generator).max(axis=1)
    scaled = generator / np.where(rows > 0, rows, 1.0)[:, None]
    columns = np.abs(scaled).max(axis=0)
    scaled = scaled / np.where(columns > 0, columns, 1.0)[None, :]
    singular = np.linalg.svd(scaled, compute_uv=False)
    return int(np.sum(singular <= _NULL * singular[0]))
