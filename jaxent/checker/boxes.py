r"""Polynomials on boxes, in whole numbers.

On a box, with variables s that run from 0 to 1 across it, a polynomial is

.. math:: f = \sum_i b_i \prod_k \binom{d_k}{i_k} s_k^{i_k}(1 - s_k)^{d_k - i_k} .

The products are never negative: where no b_i is positive, f is nowhere. Halving a box along one
axis gives the coefficients on both halves by de Casteljau's rule: from b_0, …, b_d one forms the
means of neighbours, then of these, and so on; the first of each row belong to the lower half, the
last ones to the upper half. Everything is multiplied by 2^d to stay whole.

All coefficients of a polynomial stand side by side in one whole number, each in a field of so many
bits, so that one addition adds them all. A field holds its coefficient b plus 2^bits, and
|b| < 2^bits: it is never negative, and never reaches its neighbour.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from functools import lru_cache
from math import comb, gcd, lcm, prod
from typing import NamedTuple

from .polynomials import Polynomial
from .refusal import Unproven

Box = Sequence[tuple[Fraction, Fraction]]


class Table(NamedTuple):
    """Coefficients as a list.

    Attributes:
        shape: one more than the degree in each variable.
        entries: whole numbers, the last variable's index running fastest.
        unit: what they are multiplied with, positive.
    """

    shape: tuple[int, ...]
    entries: list[int]
    unit: int


class Array(NamedTuple):
    """Coefficients side by side in one whole number.

    Attributes:
        shape: one more than the degree in each variable.
        fields: the sum of (b + 2^bits) 2^(width i) over all of them.
        bits: those of the largest coefficient, |b| < 2^bits.
        width: the bits of a field, at least bits + 1.
    """

    shape: tuple[int, ...]
    fields: int
    bits: int
    width: int


def on_box(f: Polynomial, box: Box, degrees: Sequence[int], powers: Collection[int] = ()) -> Table:
    """The coefficients of f on a box.

    Args:
        f: the polynomial.
        box: the bounds of its variables.
        degrees: at least those of f.
        powers: the places of variables that are left as powers.
    """
    shape = [d + 1 for d in degrees]
    strides = [prod(shape[i + 1 :]) for i in range(len(shape))]
    unit = lcm(*(c.denominator for c in f.values()))
    entries = [0] * prod(shape)
    for exponents, c in f.items():
        entries[sum(map(int.__mul__, exponents, strides))] = int(c * unit)
    for axis, ((low, high), degree) in enumerate(zip(box, degrees, strict=True)):
        if axis not in powers:
            rows, multiple = from_powers(degree, low, high)
            entries = _applied(rows, entries, shape, axis)
            unit *= multiple
    return Table(tuple(shape), entries, unit)


def from_powers(degree: int, low: Fraction, high: Fraction) -> tuple[list[list[int]], int]:
    """Rows that turn coefficients of powers of t into those on [low, high], times a number.

    t^k = (low + w s)^k = Σ_m C(k, m) low^(k-m) w^m s^m, and s^m = Σ_i C(i, m)/C(d, m) B_i(s).
    """
    w = high - low
    rows = []
    for i in range(degree + 1):
        row = []
        for k in range(degree + 1):
            terms = (
                Fraction(comb(k, m) * comb(i, m), comb(degree, m)) * low ** (k - m) * w**m
                for m in range(min(i, k) + 1)
            )
            row.append(sum(terms, start=Fraction(0)))
        rows.append(row)
    return _whole(rows)


def _whole(rows: list[list[Fraction]]) -> tuple[list[list[int]], int]:
    """A matrix times the number that makes it whole, and that number."""
    multiple = lcm(*(x.denominator for row in rows for x in row))
    return [[int(x * multiple) for x in row] for row in rows], multiple


def _applied(
    rows: list[list[int]], entries: list[int], shape: Sequence[int], axis: int
) -> list[int]:
    size, after = shape[axis], prod(shape[axis + 1 :])
    block = size * after
    found: list[int] = []
    for start in range(0, len(entries), block):
        lines = [entries[start + k * after : start + (k + 1) * after] for k in range(size)]
        for row in rows:
            total = [0] * after
            for factor, line in zip(row, lines, strict=True):
                if factor:
                    total = [t + factor * x for t, x in zip(total, line, strict=True)]
            found += total
    return found


def in_one_unit(one: Table, two: Table) -> tuple[list[int], list[int]]:
    """The entries of two tables, multiplied with the same positive number, without a divisor."""
    unit = lcm(one.unit, two.unit)
    first, second = ([x * (unit // t.unit) for x in t.entries] for t in (one, two))
    divisor = gcd(*first, *second) or 1
    return [x // divisor for x in first], [x // divisor for x in second]


def side_by_side(shape: Sequence[int], entries: Sequence[list[int]], room: int) -> list[Array]:
    """Several lists of coefficients, each in one number, with room for so many bits more."""
    bits = max((x.bit_length() for every in entries for x in every), default=0)
    size = (bits + room) // 8 + 1
    found = []
    for every in entries:
        raised = b"".join((x + (1 << bits)).to_bytes(size, "little") for x in every)
        found.append(Array(tuple(shape), int.from_bytes(raised, "little"), bits, 8 * size))
    return found


def applied(matrix: Sequence[Sequence[int]], array: Array, shape: Sequence[int]) -> Array:
    """A matrix applied to the first axes of an array, taken as one axis.

    Args:
        matrix: whole numbers; as many columns as these axes have entries.
        array: the coefficients.
        shape: that of the outcome.
    """
    _, fields, bits, width = array
    many = prod(array.shape) // len(matrix[0])  # fields in a slab
    slab = many * width
    slabs = [fields >> slab * j & _full(slab) for j in range(len(matrix[0]))]
    more = max(sum(map(abs, row)) for row in matrix).bit_length()
    _demand_room(array, more)
    found = 0
    for i, row in enumerate(matrix):
        total = sum(m * x for m, x in zip(row, slabs, strict=True) if m)
        bias = (1 << bits + more) - (sum(row) << bits)
        found += total + bias * _ones(many, width) << slab * i
    return Array(tuple(shape), found, bits + more, width)


def halves(array: Array, axis: int) -> tuple[Array, Array]:
    """The coefficients on the lower and on the upper half along one axis, times 2^degree."""
    shape, row, bits, width = array
    degree, after = shape[axis] - 1, prod(shape[axis + 1 :])
    _demand_room(array, degree)
    line = after * width
    places = _masks(prod(shape[:axis]), degree, line)
    lower = upper = 0
    for step, place in enumerate(reversed(places)):
        rest = degree - step
        lower |= (row & places[0]) << (step * line + rest)
        upper |= (row & place) << rest
        if rest:
            row += row >> line  # sums of neighbours, of which the last of each row is nothing
    found = Array(shape, lower, bits + degree, width)
    return found, found._replace(fields=upper)


def excludes(multiplier: Fraction, f1: Array, f2: Array | None = None) -> bool:
    """Whether no coefficient of f1 + λ f2, in one unit, is positive; f2 is needed for λ > 0."""
    fields, bias = f1.fields, 1 << f1.bits
    if multiplier and f2 is not None:
        q, p = multiplier.denominator, multiplier.numerator
        fields, bias = q * fields + p * f2.fields, q * bias + (p << f2.bits)
        _demand_room(f2, room_for(multiplier))
    _demand_room(f1, room_for(multiplier))
    top = _ones(prod(f1.shape), f1.width) << (f1.width - 1)
    # 2^(width - 1) - b in each field: the top bit is there where b ≤ 0
    below = top + _ones(prod(f1.shape), f1.width) * bias - fields
    return below & top == top


def room_for(multiplier: Fraction) -> int:
    """The bits that :func:`excludes` needs beyond those of the coefficients."""
    return max(multiplier.numerator, multiplier.denominator).bit_length() + 3


def _demand_room(array: Array, bits: int) -> None:
    """Refuse what would spill from one field into the next."""
    if array.bits + bits >= array.width:
        raise Unproven("the numbers are too large")


@lru_cache(maxsize=64)
def _masks(before: int, degree: int, line: int) -> list[int]:
    """The fields of each index of an axis that so many numbers of fields stand before."""
    first = _full(line) * _ones(before, (degree + 1) * line)
    return [first << line * k for k in range(degree + 1)]


@lru_cache(maxsize=64)
def _ones(count: int, distance: int) -> int:
    """The sum of 2^(distance i) for i below count."""
    return _full(count * distance) // _full(distance)


def _full(bits: int) -> int:
    return (1 << bits) - 1
