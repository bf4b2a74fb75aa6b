"""Operators, states and real coordinates of finite quantum systems.

A state is a plain array of shape ``(..., D, D)``, complex128, with any batch axes in front.
A bipartite system of local dimensions ``(d_A, d_B)`` uses the basis
``|a, b> -> a * d_B + b`` with party A first, and an excitation is ``|1>``.

Constant operators are NumPy arrays, made once; everything that acts on a state uses ``jax.numpy``.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Complex, Float

from jaxent.arrays import namespace


def transition(dimension: int, to: int, source: int) -> np.ndarray:
    """The operator ``|to><source|`` on a space of the given dimension, shape ``(D, D)``."""
    operator = np.zeros((dimension, dimension), dtype=complex)
    operator[to, source] = 1.0
    return operator


def on_a(operator: np.ndarray, dim_b: int) -> np.ndarray:
    """``X -> X (x) 1``: an operator of party A on the joint space."""
    return np.kron(operator, np.eye(dim_b))


def on_b(operator: np.ndarray, dim_a: int) -> np.ndarray:
    """``X -> 1 (x) X``: an operator of party B on the joint space."""
    return np.kron(np.eye(dim_a), operator)


PAULI = np.array(
    [[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]],
    dtype=complex,
)
r"""The Pauli matrices :math:`\sigma_x, \sigma_y, \sigma_z`, shape ``(3, 2, 2)``."""

SPIN_FLIP = np.kron(PAULI[1], PAULI[1]).real
r""":math:`\sigma_y \otimes \sigma_y`, real, shape ``(4, 4)``."""

X_FORM = np.eye(4, dtype=bool) | np.eye(4, dtype=bool)[::-1]
"""Where a two-qubit state of X form may have entries, shape ``(4, 4)``."""

MAGIC_BASIS = np.array(
    [[1, 0, 0, 1], [1j, 0, 0, -1j], [0, 1j, 1j, 0], [0, 1, -1, 0]], dtype=complex
).T / np.sqrt(2)
"""Columns: the magic basis of Hill and Wootters (1997).

A vector is maximally entangled if and only if its coefficients in this basis are real, up to a
common phase.
"""


def partial_transpose(
    rho: Complex[Array, "... D D"], dims: tuple[int, int]
) -> Complex[Array, "... D D"]:
    r"""Transpose party B, :math:`\langle ab|\rho^\Gamma|a'b'\rangle = \langle ab'|\rho|a'b\rangle`.

    Args:
        rho: operator of shape ``(..., D, D)`` with ``D = dims[0] * dims[1]``.
        dims: local dimensions ``(d_A, d_B)``.
    """
    batch, (dim_a, dim_b) = rho.shape[:-2], dims
    split = rho.reshape(*batch, dim_a, dim_b, dim_a, dim_b)
    return jnp.swapaxes(split, -3, -1).reshape(rho.shape)


def partial_trace(
    rho: Complex[Array, "... D D"], dims: tuple[int, int], keep: str
) -> Complex[Array, "... d d"]:
    r"""The reduced state of one party, :math:`\rho_A = \mathrm{tr}_B\,\rho` or the converse.

    Args:
        rho: operator of shape ``(..., D, D)`` with ``D = dims[0] * dims[1]``.
        dims: local dimensions ``(d_A, d_B)``.
        keep: ``"a"`` or ``"b"``.

    Raises:
        ValueError: ``keep`` names no party.
    """
    if keep not in ("a", "b"):
        raise ValueError(f"keep: {keep!r} is not a party; allowed: 'a', 'b'")
    batch, (dim_a, dim_b) = rho.shape[:-2], dims
    split = rho.reshape(*batch, dim_a, dim_b, dim_a, dim_b)
    return jnp.einsum("...ikjk->...ij" if keep == "a" else "...kikj->...ij", split)


def has_x_form(rho: Complex[Array, "... 4 4"]) -> Bool[Array, "..."]:
    """Whether every entry off the two diagonals of a two-qubit state is exactly zero."""
    return jnp.all(jnp.where(X_FORM, 0.0, jnp.abs(rho)) == 0, axis=(-2, -1))


EXCHANGE_FORM = X_FORM & ~np.eye(4, dtype=bool)[::-1] | (np.diag([0, 1, 1, 0])[::-1] == 1)
"""Where one of X form may have entries whose only coherence is that of 01 and 10."""

PAIR_FORM = X_FORM & ~(np.diag([0, 1, 1, 0])[::-1] == 1)
"""The same for that of 00 and 11."""


class XState(NamedTuple):
    r"""A two-qubit state of X form, up to local rotations about z.

    .. math::
        \rho = \begin{pmatrix} p_{00} & & & v \\ & p_{01} & u & \\
                               & u & p_{10} & \\ v & & & p_{11} \end{pmatrix}

    The rotations take the phases of the two coherences away, and change no measure. Six real
    numbers are left, which a search follows faster than a complex matrix.

    Attributes:
        p00, p01, p10, p11: the populations, each of shape ``(...)``.
        u: :math:`|\rho_{01,10}|`.
        v: :math:`|\rho_{00,11}|`.
    """

    p00: Float[Array, "..."]
    p01: Float[Array, "..."]
    p10: Float[Array, "..."]
    p11: Float[Array, "..."]
    u: Float[Array, "..."]
    v: Float[Array, "..."]

    @classmethod
    def of(cls, rho: Complex[Array, "... 4 4"]) -> XState:
        """That of a matrix, of which the other entries are not read."""
        p00, p01, p10, p11 = (rho[..., k, k].real for k in range(4))
        inner, outer = modulus(rho[..., 1, 2]), modulus(rho[..., 0, 3])
        return cls(p00, p01, p10, p11, inner, outer)


def modulus(z: Complex[Array, "..."]) -> Float[Array, "..."]:
    r""":math:`|z|` with derivative zero at ``z = 0``."""
    return root(z.real**2 + z.imag**2)


def root(x: Float[Array, "..."]) -> Float[Array, "..."]:
    r""":math:`\sqrt{\max(x, 0)}` with derivative zero at and below ``x = 0``."""
    positive = x > 0
    return jnp.where(positive, jnp.sqrt(jnp.where(positive, x, 1.0)), 0.0 * x)


def populations(rho: Complex[Array, "... D D"]) -> Float[Array, "... D"]:
    """The diagonal of a state, real, shape ``(..., D)``."""
    return jnp.diagonal(rho, axis1=-2, axis2=-1).real


class HermitianCoordinates:
    r"""Real coordinates of a Hermitian matrix.

    The ``D**2`` coordinates of :math:`\rho` are its populations :math:`\rho_{ii}`, then
    :math:`\mathrm{Re}\,\rho_{ij}` for ``i < j``, then :math:`\mathrm{Im}\,\rho_{ij}` for ``i < j``.
    The trace is the sum of the first ``D`` of them.

    Attributes:
        dimension: ``D``.
        rows, columns: the entry ``(i, j)`` that each coordinate belongs to, shape ``(D**2,)``.
        imaginary_part: whether a coordinate is an imaginary part, shape ``(D**2,)``.
    """

    def __init__(self, dimension: int):
        self.dimension = dimension
        diagonal = np.arange(dimension)
        rows, columns = np.triu_indices(dimension, k=1)
        self.rows = np.concatenate([diagonal, rows, rows])
        self.columns = np.concatenate([diagonal, columns, columns])
        self.imaginary_part = np.arange(dimension**2) >= dimension + len(rows)

    @property
    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """The entry that each coordinate belongs to."""
        return self.rows, self.columns

    def real(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """The coordinates of the real parts of the entries ``(i, j)``."""
        low, high = np.minimum(i, j), np.maximum(i, j)
        pair = low * self.dimension - low * (low + 1) // 2 + high - low - 1
        return np.where(low == high, low, self.dimension + pair)

    def imaginary(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """The coordinates of the imaginary parts of the entries ``(i, j)``, ``i != j``."""
        return self.real(i, j) + self.dimension * (self.dimension - 1) // 2

    def of(
        self, rho: Complex[Array | np.ndarray, "... D D"], which: np.ndarray
    ) -> Float[Array, "n ..."]:
        """The coordinates of the given numbers, in front of the batch axes."""
        xp = namespace(rho)
        entries = xp.moveaxis(rho[..., self.rows[which], self.columns[which]], -1, 0)
        imaginary = self.imaginary_part[which].reshape(-1, *[1] * (rho.ndim - 2))
        return xp.where(imaginary, entries.imag, entries.real)

    def matrix(self, x: Float[Array, "n ..."], which: np.ndarray) -> Complex[Array, "... D D"]:
        """The Hermitian matrix whose coordinates of the given numbers are ``x``, and no others."""
        i, j, imaginary = self.rows[which], self.columns[which], self.imaginary_part[which]
        x = jnp.moveaxis(jnp.asarray(x), 0, -1)
        above = jnp.where(imaginary, 1j * x, x)
        empty = jnp.zeros((*x.shape[:-1], self.dimension, self.dimension), dtype=complex)
        upper = empty.at[..., i, j].add(jnp.where(i == j, 0.5, 1.0) * above)
        return upper + jnp.conj(jnp.swapaxes(upper, -1, -2))
