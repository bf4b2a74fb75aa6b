"""Sparse linear systems in decimal arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext

from jaxent.precise.coordinates import Coordinate, Vector


class Singular(ArithmeticError):
    """A system without a solution, in the digits in which it is solved."""


def digits(number: int) -> AbstractContextManager[Context]:
    """Decimal arithmetic in so many digits, with exponents as good as unbounded."""
    return localcontext(prec=number, Emax=MAX_EMAX, Emin=MIN_EMIN)


def transposed(columns: Mapping[Coordinate, Vector]) -> dict[Coordinate, Vector]:
    """The rows of a matrix that is given by its columns."""
    rows: dict[Coordinate, Vector] = {place: {} for place in columns}
    for source, column in columns.items():
        for to, value in column.items():
            rows[to][source] = value
    return rows


def reached(neighbours: Mapping[Coordinate, set[Coordinate]], start: Coordinate) -> set[Coordinate]:
    """The coordinates that are connected with one, directly or not."""
    inside, new = {start}, {start}
    while new:
        new = {to for place in new for to in neighbours[place]} - inside
        inside |= new
    return inside


def solve(rows: dict[Coordinate, Vector], right: Mapping[Coordinate, Decimal]) -> Vector:
    """A sparse linear system by elimination in the order of least fill; the rows are used up.

    Raises:
        Singular: there is no solution, or not only one.
    """
    b = {i: right.get(i, Decimal(0)) for i in rows}
    holders: dict[Coordinate, set[Coordinate]] = {i: set() for i in rows}
    for i, row in rows.items():
        for j in row:
            holders[j].add(i)
    left, order = set(rows), []

    def cost(k: Coordinate) -> tuple[bool, bool, int, Coordinate]:
        # Coherences first: damped, they have pivots that never cancel, and what leads from one
        # population to another by way of them is there before these are compared.
        fill = (len(rows[k]) - 1) * (len(holders[k]) - 1)
        return not rows[k].get(k), k[0] == k[1], fill, k

    while left:
        k = min(left, key=cost)
        pivot, below = rows[k], holders[k]
        if not pivot.get(k):
            raise Singular
        left.remove(k)
        order.append(k)
        for j in pivot:
            holders[j].discard(k)
        inverse = 1 / pivot[k]
        for i in below & left:
            row = rows[i]
            factor = row.pop(k) * inverse
            for j, value in pivot.items():
                if j == k:
                    continue
                if j in row:
                    row[j] -= factor * value
                else:
                    row[j] = -factor * value
                    holders[j].add(i)
            b[i] -= factor * b[k]
    x: Vector = {}
    for k in reversed(order):
        rest = sum((value * x[j] for j, value in rows[k].items() if j != k), start=Decimal(0))
        x[k] = (b[k] - rest) / rows[k][k]
    return x
