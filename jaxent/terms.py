r"""The terms of a master equation, as sparse maps of real coordinates.

A term is a constant superoperator :math:`\mathcal{L}_k` that keeps Hermiticity and the trace: a
Hamiltonian, a jump, or a reset. It is known by its **entries**: which coordinate of a state
changes with which, and how much. They are worked out once, in NumPy, from the operator's own few
entries, so that a term costs what it contains and not what a matrix of
:math:`D^2 \times D^2` numbers would.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jaxent.quantum import HermitianCoordinates

# What is left of numbers that cancel, relative to them.
_ROUNDING = 1e-15

_EXACT_BITS = 24


class Entries(NamedTuple):
    """A sparse matrix: ``value`` in the row ``to`` and the column ``source``, each shape ``(m,)``.

    Places that occur more than once add up.
    """

    to: np.ndarray
    source: np.ndarray
    value: NDArray[Any]

    def scaled(self, factor: complex) -> Entries:
        """The matrix times a number."""
        return self._replace(value=factor * self.value)

    def among(self, coordinates: np.ndarray, size: int) -> Entries:
        """The block of the given rows and columns, renumbered, of a matrix of ``size`` rows."""
        place = np.full(size, -1)
        place[coordinates] = np.arange(len(coordinates))
        kept = (place[self.to] >= 0) & (place[self.source] >= 0)
        return Entries(place[self.to[kept]], place[self.source[kept]], self.value[kept])

    @classmethod
    def total(cls, parts: Iterable[Entries]) -> Entries:
        """The sum of several matrices, each place once, without what cancels."""
        to, source, value = (np.concatenate(column) for column in zip(*parts, strict=True))
        columns = source.max(initial=0) + 1
        places, where = np.unique(to * columns + source, return_inverse=True)
        added, size = np.zeros(len(places), dtype=value.dtype), np.zeros(len(places))
        np.add.at(added, where, value)
        np.add.at(size, where, np.abs(value))
        kept = np.abs(added) > _ROUNDING * size
        return cls(*np.divmod(places[kept], columns), added[kept])


@dataclass(frozen=True, eq=False)
class Hamiltonian:
    r"""The term :math:`\mathcal{L}\rho = -i[H, \rho]` with a constant Hermitian ``operator``.

    Args:
        operator: H, shape ``(D, D)``, without a unit: the coefficient carries the energy.

    Raises:
        ValueError: the operator is not a Hermitian matrix.
    """

    operator: np.ndarray

    def __post_init__(self):
        object.__setattr__(self, "operator", _square("Hamiltonian", self.operator))
        if not np.allclose(self.operator, np.conj(self.operator).T, rtol=1e-13, atol=0.0):
            raise ValueError("Hamiltonian: the operator is not Hermitian; allowed: H = H^dagger")

    @property
    def dimension(self) -> int:
        """``D``."""
        return len(self.operator)

    def entries(self) -> Entries:
        """The superoperator on matrix units."""
        one = np.eye(self.dimension)
        return Entries.total(
            [
                _sandwich(self.operator, one).scaled(-1j),
                _sandwich(one, self.operator).scaled(1j),
            ]
        )


@dataclass(frozen=True, eq=False)
class Jump:
    r"""The dissipator :math:`\mathcal{D}[J]\rho = J\rho J^\dagger - \{J^\dagger J, \rho\}/2`.

    Args:
        operator: the jump operator J.
        bath: the name of the heat bath whose jump it is, if it is one's.

    Raises:
        ValueError: the operator is not a square matrix.
    """

    operator: np.ndarray
    bath: str | None = None

    def __post_init__(self):
        object.__setattr__(self, "operator", _square("Jump", self.operator))

    @property
    def dimension(self) -> int:
        """``D``."""
        return len(self.operator)

    def entries(self) -> Entries:
        """The superoperator on matrix units."""
        one, adjoint = np.eye(self.dimension), self.operator.conj().T
        loss = adjoint @ self.operator
        return Entries.total(
            [
                _sandwich(self.operator, adjoint),
                _sandwich(loss, one).scaled(-0.5),
                _sandwich(one, loss).scaled(-0.5),
            ]
        )


@dataclass(frozen=True, eq=False)
class Reset:
    r"""The reset of one party, :math:`\mathcal{L}\rho = \tau \otimes \mathrm{tr}_X\rho - \rho`.

    Args:
        party: ``"a"`` or ``"b"``, the party that is reset.
        populations: of the diagonal state :math:`\tau`, shape ``(d,)``.
        other: the dimension of the other party.
        bath: the name of the heat bath that resets it, if it is one.

    Raises:
        ValueError: there is no such party, or the populations are not those of a state.
    """

    party: str
    populations: np.ndarray
    other: int
    bath: str | None = None

    def __post_init__(self):
        if self.party not in ("a", "b"):
            raise ValueError(f"Reset: {self.party!r} is not a party; allowed: 'a', 'b'")
        tau = np.asarray(self.populations, dtype=float)
        object.__setattr__(self, "populations", tau)
        if tau.ndim != 1 or not np.all(tau >= 0) or not abs(np.sum(tau) - 1) < 1e-12:
            raise ValueError(f"Reset: populations {tau} are given; allowed: numbers >= 0 of sum 1")

    @property
    def dimension(self) -> int:
        """``D``."""
        return len(self.populations) * self.other

    def entries(self) -> Entries:
        """The superoperator on matrix units."""
        d, tau = len(self.populations), self.populations
        level, fallen, k, l = np.ix_(
            np.flatnonzero(tau), np.arange(d), np.arange(self.other), np.arange(self.other)
        )

        def unit(level: np.ndarray) -> np.ndarray:
            """The number of the matrix unit with both sides at one level of the reset party."""
            if self.party == "a":
                row, column = level * self.other + k, level * self.other + l
            else:
                row, column = k * d + level, l * d + level
            return row * self.dimension + column

        parts = np.broadcast_arrays(unit(level), unit(fallen), tau[level].astype(complex))
        every = np.arange(self.dimension**2)
        lost = Entries(every, every, np.full(len(every), -1 + 0j))
        return Entries.total([Entries(*(part.reshape(-1) for part in parts)), lost])


Term = Hamiltonian | Jump | Reset


def superoperator(term: Term) -> np.ndarray:
    """A term as a matrix on row-stacked states, shape ``(D**2, D**2)``."""
    to, source, value = term.entries()
    matrix = np.zeros((term.dimension**2,) * 2, dtype=complex)
    matrix[to, source] = value
    return matrix


def real_entries(term: Term, coordinates: HermitianCoordinates) -> Entries:
    r"""A term as a map of the real coordinates of Hermitian matrices.

    With :math:`\rho_{ij} = x + iy` for :math:`i < j`, and :math:`x - iy` for the transposed entry,
    an entry ``v`` from :math:`\rho_{ij}` to :math:`\rho_{kl}` takes ``Re v`` from ``x`` to the real
    part and from ``y`` to the imaginary one, and ``Im v`` from ``x`` to the imaginary and, with a
    minus, from ``y`` to the real part.
    """
    to, source, v = term.entries()
    d = coordinates.dimension
    (k, l), (i, j) = np.divmod(to, d), np.divmod(source, d)
    above = k <= l
    k, l, i, j, v = k[above], l[above], i[above], j[above], v[above]
    re_to, im_to = coordinates.real(k, l), coordinates.imaginary(k, l)
    re, im = coordinates.real(i, j), coordinates.imaginary(i, j)
    turned = np.where(i > j, -1.0, 1.0)
    off_to, off = k < l, i != j
    both = off_to & off
    return Entries.total(
        [
            Entries(re_to, re, np.real(v)),
            Entries(re_to[off], im[off], -(turned * np.imag(v))[off]),
            Entries(im_to[off_to], re[off_to], np.imag(v)[off_to]),
            Entries(im_to[both], im[both], (turned * np.real(v))[both]),
        ]
    )


def is_exact(term: Term) -> bool:
    """Whether all products of a term's numbers are exact in floating point.

    So they are for numbers such as 1, 1/2 or 3, and not for 1/3 or a square root. Then the term's
    entries are those of the operator that was meant, and conserve the trace to the last bit.
    """
    numbers = term.populations if isinstance(term, Reset) else term.operator
    parts = np.concatenate([np.real(numbers).reshape(-1), np.imag(numbers).reshape(-1)])
    mantissas = np.frexp(parts)[0] * 2.0**_EXACT_BITS
    whole = bool(np.all(mantissas == np.round(mantissas)))
    return whole and (not isinstance(term, Reset) or float(np.sum(term.populations)) == 1.0)


def _square(what: str, operator: np.ndarray) -> np.ndarray:
    matrix = np.asarray(operator)
    shape = matrix.shape
    if len(shape) != 2 or shape[0] != shape[1] or not np.all(np.isfinite(matrix)):
        raise ValueError(f"{what}: an operator of shape {shape}; allowed: finite square matrices")
    return matrix


def _sandwich(left: np.ndarray, right: np.ndarray) -> Entries:
    r"""The map :math:`\rho \mapsto A\rho B` of matrix units; ``|i><j|`` has number ``i D + j``."""
    d = len(left)
    (k, i), (j, l) = np.nonzero(left), np.nonzero(right)
    value = left[k, i][:, None] * right[j, l]
    to, source = k[:, None] * d + l, i[:, None] * d + j
    return Entries(to.reshape(-1), source.reshape(-1), value.reshape(-1).astype(complex))
