r"""Assemblages of two-qubit states: what measurements of one qubit prepare of the other.

A measurement along the axis :math:`n_x` prepares the unnormalised states :math:`\sigma_{\pm|x}`.
With :math:`t\,1 + r\cdot\sigma` written as the four-vector :math:`(t, r)`, their sum and their
differences are, at the visibility p,

.. math:: u_0 + p\,v_0,\quad p\,V_x, \qquad
          u_0 = (\tfrac12, 0),\quad v_0 = (0, b/2),\quad V_x = \tfrac12 (a\cdot n_x, T^T n_x) .
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from jaxent.directions import demand_party

Party = Literal["a", "b"]
Indices = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]

TOLERANCE = 1e-9
"""How far a state may be from Hermiticity, unit trace and positivity."""

ONE_AND_PAULI = np.array(
    [[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=complex
)
"""The matrices 1, σ_x, σ_y and σ_z, shape ``(4, 2, 2)``."""


def density_matrix(rho: npt.ArrayLike) -> Complex:
    """A density matrix made exactly Hermitian and normalised; a ValueError for others.

    Eigenvalues down to ``-TOLERANCE`` are let pass: see :func:`nearest_state`.
    """
    matrix = np.array(rho, dtype=complex)
    if matrix.shape != (4, 4):
        raise ValueError(f"rho: shape {matrix.shape} given; allowed: (4, 4), two qubits")
    if not np.all(np.isfinite(matrix)):
        raise ValueError("rho: an entry is nan or infinite; allowed: finite entries")
    with np.errstate(over="ignore"):  # what is that large is refused
        skew = np.max(np.abs(matrix - matrix.conj().T))
    if skew > TOLERANCE:
        raise ValueError(f"rho: differs from its adjoint by {skew:.3g}; allowed: {TOLERANCE}")
    trace = np.trace(matrix).real
    if abs(trace - 1) > TOLERANCE:
        raise ValueError(f"rho: trace {trace:.12g} given; allowed: 1 within {TOLERANCE}")
    matrix = (matrix + matrix.conj().T) / (2 * trace)
    smallest = np.linalg.eigvalsh(matrix)[0]
    if smallest < -TOLERANCE:
        raise ValueError(f"rho: smallest eigenvalue {smallest:.3g}; allowed: >= {-TOLERANCE}")
    return matrix


def nearest_state(matrix: Complex) -> Complex:
    """The matrix without its negative eigenvalues, normalised; itself where it has none.

    A negative eigenvalue, however small, makes a product state look steerable.
    """
    weights, kets = np.linalg.eigh(matrix)
    if weights[0] >= 0:
        return matrix
    weights = np.maximum(weights, 0.0)
    return (kets * (weights / np.sum(weights))) @ kets.conj().T


def mixed_assemblage(rows: int) -> Real:
    """The rows u0, 0, …, 0: the assemblage of the maximally mixed state, ``(m + 1, 4)``."""
    return np.pad([[0.5]], ((0, rows - 1), (0, 3)))


def correlations(rho: Complex) -> Real:
    r"""The table :math:`\mathrm{tr}(\rho\,\sigma_i\otimes\sigma_j)`, shape ``(4, 4)``.

    With :math:`\sigma_0 = 1` it has b as first row and a as first column.
    """
    return np.einsum("abcd,ica,jdb->ij", rho.reshape(2, 2, 2, 2), ONE_AND_PAULI, ONE_AND_PAULI).real


def defects(points: Real) -> Real:
    """How far four-vectors (t, r) are outside the cone, |r| - t, by row; inside it is negative."""
    return np.linalg.norm(points[:, 1:], axis=1) - points[:, 0]


def deviation(rho: Complex, measuring: str, axes: Real) -> Real:
    """The rows v0, V_1, …, V_m: how the assemblage differs from the mixed one, ``(m + 1, 4)``."""
    demand_party(measuring)
    bloch = correlations(rho)
    bloch = bloch if measuring == "a" else bloch.T
    v0 = np.concatenate([[0.0], bloch[0, 1:]])
    return np.concatenate([v0[None], axes @ bloch[1:]]) / 2
