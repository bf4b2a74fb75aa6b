"""What the terms of a master equation make of real coordinates, in decimal numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from jaxent.terms import Hamiltonian, Reset, Term

Coordinate = tuple[int, int]
"""A population or a part of a coherence, as in ``precise``."""

Vector = dict[Coordinate, Decimal]


class _Complex(NamedTuple):
    re: Decimal
    im: Decimal

    def times(self, other: _Complex) -> _Complex:
        return _Complex(
            self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re
        )

    @property
    def conjugate(self) -> _Complex:
        return _Complex(self.re, -self.im)


Action = Callable[[int, int], Iterator[tuple[Coordinate, _Complex]]]
"""What a term makes of a matrix unit ``|i><j|``: other matrix units and their amplitudes."""


def action_of(term: Term) -> Action:
    """A term as what it makes of matrix units."""
    if isinstance(term, Reset):
        return _reset(term)
    columns = _operator_columns(term.operator)
    if isinstance(term, Hamiltonian):
        return lambda i, j: _commutator(columns, i, j)
    return _dissipator(columns)


def _commutator(columns: list, i: int, j: int) -> Iterator[tuple[Coordinate, _Complex]]:
    # -i H |i><j| + i |i><j| H
    for k, h in columns[i].items():
        yield (k, j), _Complex(h.im, -h.re)
    for l, h in columns[j].items():
        yield (i, l), _Complex(h.im, h.re)


def _dissipator(columns: list[dict[int, _Complex]]) -> Action:
    nothing = _Complex(Decimal(0), Decimal(0))
    loss: list[dict[int, _Complex]] = []
    for column in columns:
        found: dict[int, _Complex] = {}
        for k, other in enumerate(columns):
            shared = [other[m].conjugate.times(column[m]) for m in column.keys() & other.keys()]
            if shared:
                total = _Complex(sum(s.re for s in shared), sum(s.im for s in shared))  # type: ignore[arg-type]
                if total != nothing:
                    found[k] = total
        loss.append(found)

    def action(i: int, j: int) -> Iterator[tuple[Coordinate, _Complex]]:
        for k, a in columns[i].items():
            for l, b in columns[j].items():
                yield (k, l), a.times(b.conjugate)
        for k, n in loss[i].items():
            yield (k, j), _Complex(-n.re / 2, -n.im / 2)
        for l, n in loss[j].items():
            yield (i, l), _Complex(-n.re / 2, n.im / 2)

    return action


def _reset(term: Reset) -> Action:
    levels = len(term.populations)
    weights = [Decimal(float(tau)) for tau in term.populations]
    # Of rounded fractions: exactly one in sum, or the reset would lose population.
    tau = {k: weight / sum(weights) for k, weight in enumerate(weights) if weight}
    zero, minus = Decimal(0), _Complex(Decimal(-1), Decimal(0))

    def split(i: int) -> tuple[int, int]:
        """The level of the party that is reset, and that of the other."""
        quotient, remainder = divmod(i, term.other if term.party == "a" else levels)
        return (quotient, remainder) if term.party == "a" else (remainder, quotient)

    def joined(own: int, other: int) -> int:
        return own * term.other + other if term.party == "a" else other * levels + own

    def action(i: int, j: int) -> Iterator[tuple[Coordinate, _Complex]]:
        (own, k), (same, l) = split(i), split(j)
        if own == same:
            for level, weight in tau.items():
                yield (joined(level, k), joined(level, l)), _Complex(weight, zero)
        yield (i, j), minus

    return action


def _operator_columns(operator: np.ndarray) -> list[dict[int, _Complex]]:
    return [
        {
            int(k): _Complex(Decimal(float(np.real(column[k]))), Decimal(float(np.imag(column[k]))))
            for k in np.flatnonzero(column)
        }
        for column in np.asarray(operator).T
    ]


def real_column(action: Action, place: Coordinate) -> Vector:
    """What a term makes of one real coordinate, in real coordinates."""
    i, j = place
    found: Vector = {}

    def add(units: Iterator[tuple[Coordinate, _Complex]], imaginary: bool) -> None:
        for (k, l), v in units:
            re, im = (-v.im, v.re) if imaginary else v
            # A Hermitian matrix is known by its entries above the diagonal.
            if k <= l and re:
                found[k, l] = found.get((k, l), Decimal(0)) + re
            if k < l and im:
                found[l, k] = found.get((l, k), Decimal(0)) + im

    if i <= j:
        add(action(i, j), imaginary=False)
        if i < j:
            add(action(j, i), imaginary=False)
    else:
        # rho_ji = i y and rho_ij = -i y
        add(action(j, i), imaginary=True)
        add(((to, _Complex(-v.re, -v.im)) for to, v in action(i, j)), imaginary=True)
    return found


def expectation(operator: np.ndarray) -> Vector:
    """The expectation of an observable as a function of the real coordinates."""
    found: Vector = {}
    for i in range(len(operator)):
        for j in range(i, len(operator)):
            below = operator[j, i]
            twice = 1 if i == j else 2
            found[i, j] = twice * Decimal(float(np.real(below)))
            if i < j:
                found[j, i] = -twice * Decimal(float(np.imag(below)))
    return found


def dot(one: Mapping[Coordinate, Decimal], other: Mapping[Coordinate, Decimal]) -> Decimal:
    """The sum of the products of what two vectors have in common; the first one has all places."""
    return sum((one[place] * x for place, x in other.items()), start=Decimal(0))
