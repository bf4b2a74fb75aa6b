r"""Polynomials on boxes, in whole numbers, for :mod:`jaxent.verify_optimum`.

On a box, with variables s that run from 0 to 1 across it, a polynomial is

.. math:: f = \sum_i b_i \prod_k \binom{d_k}{i_k} s_k^{i_k}(1 - s_k)^{d_k - i_k} .

The products are never negative: where no b_i is positive, f is nowhere. Halving a box along one
axis gives the coefficients on both halves by de Casteljau's rule: from b_0, …, b_d one forms the
means of neighbours, then of these, and so on; the first of each row belong to the lower half, the
last ones to the upper half. Everything is multiplied by 2^d to stay whole.

A tree is read in preorder. At a leaf stands the multiplier λ ≥ 0 for which no coefficient of
:math:`f_1 + \lambda f_2` is positive: f_1 > 0 and f_2 ≥ 0 exclude each other there. A split is
followed by the trees of its two halves, so that the leaves cover the box whatever they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from math import comb, gcd, lcm, prod
from operator import add
from typing import NamedTuple

if __package__:
    from jaxent.verify_polynomials import Polynomial
else:
    from verify_polynomials import Polynomial  # type: ignore

Box = Sequence[tuple[Fraction, Fraction]]


class Array(NamedTuple):
    """Bernstein coefficients times a unit.

    Attributes:
        shape: one more than the degree in each variable.
        entries: whole numbers, the last variable's index running fastest.
        unit: what they are multiplied with, positive.
    """

    shape: tuple[int, ...]
    entries: list[int]
    unit: Fraction


class Unproven(ValueError):
    """A tree that does not prove what it should; the message says where."""


def dense(f: Polynomial, shape: Sequence[int]) -> Array:
    """The coefficients of the powers, as an array of a given shape."""
    strides = [prod(shape[i + 1 :]) for i in range(len(shape))]
    denominator = lcm(1, *(c.denominator for c in f.values()))
    entries = [0] * prod(shape)
    for exponents, c in f.items():
        entries[sum(map(int.__mul__, exponents, strides))] = int(c * denominator)
    return Array(tuple(shape), entries, Fraction(denominator))


def on_box(
    f: Polynomial, box: Box, degrees: Sequence[int], left: Mapping[int, int] | None = None
) -> Array:
    """The coefficients of f on a box.

    Args:
        f: the polynomial.
        box: the bounds of its variables.
        degrees: at least those of f.
        left: variables that are left as powers, with how many of these.
    """
    left = left or {}
    shape = [left.get(axis, d + 1) for axis, d in enumerate(degrees)]
    _, entries, unit = dense(f, shape)
    for axis, ((low, high), degree) in enumerate(zip(box, degrees, strict=True)):
        if axis not in left:
            rows, multiple = _from_powers(degree, low, high)
            entries = _applied(rows, entries, shape, axis)
            unit *= multiple
    return Array(tuple(shape), *_lowest(entries, unit))


def into_strip(
    array: Array,
    axis: int,
    degrees: Sequence[int],
    position: Sequence[Fraction],
    below: Sequence[Fraction],
    above: Sequence[Fraction],
) -> Array:
    """An array of powers of a and c along two axes, as coefficients on a strip.

    Across it a runs from one end to the other with s, and c = (1 - t)·below + t·above with t.

    Args:
        array: of powers along ``axis``, a, and the one that follows, c.
        axis: that of a.
        degrees: in a and t, at least the sum of the powers of a and c, and those of c.
        position: a at both ends.
        below: the lower line there.
        above: the upper line there.
    """
    shape = array.shape
    sizes = shape[axis : axis + 2]
    columns = []
    for i in range(sizes[0]):
        for j in range(sizes[1]):
            power: dict[tuple[int, int], Fraction] = {(0, 0): Fraction(1)}
            for _ in range(i):
                power = _times_bilinear(power, (position, position), False)
            for _ in range(j):
                power = _times_bilinear(power, (below, above), True)
            columns.append(_raised(power, degrees))
    rows = [list(row) for row in zip(*columns, strict=True)]
    multiple = lcm(*(x.denominator for row in rows for x in row))
    whole = [[int(x * multiple) for x in row] for row in rows]
    joined = (*shape[:axis], sizes[0] * sizes[1], *shape[axis + 2 :])
    entries = _applied(whole, array.entries, joined, axis)
    new = (*shape[:axis], degrees[0] + 1, degrees[1] + 1, *shape[axis + 2 :])
    return Array(new, *_lowest(entries, array.unit * multiple))


def _times_bilinear(
    f: dict[tuple[int, int], Fraction],
    ends: tuple[Sequence[Fraction], Sequence[Fraction]],
    both: bool,
) -> dict[tuple[int, int], Fraction]:
    """A polynomial of s and t in powers, times the one with these values at the four corners."""
    (p, q), (u, v) = ends
    factor = {(0, 0): p, (1, 0): q - p}
    if both:
        factor |= {(0, 1): u - p, (1, 1): v - u - q + p}
    found: dict[tuple[int, int], Fraction] = {}
    for (i, j), c in f.items():
        for (k, m), d in factor.items():
            found[i + k, j + m] = found.get((i + k, j + m), Fraction(0)) + c * d
    return found


def _raised(f: dict[tuple[int, int], Fraction], degrees: Sequence[int]) -> list[Fraction]:
    """The Bernstein coefficients on the unit square, of higher degrees."""
    da, dc = degrees
    found = []
    for k in range(da + 1):
        for m in range(dc + 1):
            total = Fraction(0)
            for (p, q), c in f.items():
                if p <= k and q <= m:
                    total += c * Fraction(comb(k, p) * comb(m, q), comb(da, p) * comb(dc, q))
            found.append(total)
    return found


def _lowest(entries: list[int], unit: Fraction) -> tuple[list[int], Fraction]:
    divisor = gcd(*entries) or 1
    return [x // divisor for x in entries], unit / divisor


def _from_powers(degree: int, low: Fraction, high: Fraction) -> tuple[list[list[int]], int]:
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
    multiple = lcm(*(x.denominator for row in rows for x in row))
    return [[int(x * multiple) for x in row] for row in rows], multiple


def _applied(rows: list[list[int]], entries: list[int], shape: Sequence[int], axis: int):
    size, after = shape[axis], prod(shape[axis + 1 :])
    block = size * after
    found: list[int] = []
    for start in range(0, len(entries), block):
        lines = [entries[start + k * after : start + (k + 1) * after] for k in range(size)]
        for row in rows:  # there may be more of them than there were lines
            total = [0] * after
            for factor, line in zip(row, lines, strict=True):
                if factor:
                    total = [t + factor * x for t, x in zip(total, line, strict=True)]
            found += total
    return found


def halves(array: Array, axis: int) -> tuple[Array, Array]:
    """The coefficients on the lower and on the upper half along one axis."""
    shape, entries, unit = array
    size, after = shape[axis], prod(shape[axis + 1 :])
    block, degree = size * after, size - 1
    lower: list[int] = []
    upper: list[int] = []
    for start in range(0, len(entries), block):
        row = [entries[start + k * after : start + (k + 1) * after] for k in range(size)]
        last = []
        for step in range(size):
            shift = degree - step
            lower += [x << shift for x in row[0]] if shift else row[0]
            last.append([x << shift for x in row[-1]] if shift else row[-1])
            row = [list(map(add, x, y)) for x, y in pairwise(row)]
        for line in reversed(last):
            upper += line
    unit *= 2**degree
    return Array(shape, lower, unit), Array(shape, upper, unit)


def needs_f2(words: str) -> bool:
    """Whether a multiplier of a tree is not zero."""
    return any(word[0].isdigit() and word != "0" for word in words.split(" ") if word)


def demand_tree(words: str, names: Sequence[str], f1: Array, f2: Array | None) -> None:
    """Follow a tree over a box and prove each of its leaves.

    Args:
        words: the tree in preorder.
        names: the variables.
        f1: the coefficients of f1 on the box.
        f2: those of f2, of the same shape; ``None`` where no multiplier needs it.

    Raises:
        Unproven: it is no tree, or a leaf proves nothing.
    """
    axes = {name: axis for axis, name in enumerate(names)}
    tokens = words.split(" ")
    needed = _needs_f2(tokens, axes)
    waiting: list[tuple[Array, Array | None]] = [(f1, f2)]
    for place, (token, needs) in enumerate(zip(tokens, needed, strict=True)):
        if not waiting:
            raise Unproven("the tree goes on after its last leaf")
        one, two = waiting.pop()
        if token in axes:
            below, above = halves(one, axes[token])
            two_below, two_above = halves(two, axes[token]) if needs and two else (None, None)
            waiting += [(above, two_above), (below, two_below)]
        elif not _excluded(multiplier(token), one, two):
            raise Unproven(f"leaf {place}: a coefficient is positive")
    if waiting:
        raise Unproven("the tree ends before its last leaf")


def multiplier(token: str) -> Fraction:
    """The number at a leaf.

    Raises:
        Unproven: it is none, or negative.
    """
    top, slash, bottom = token.partition("/")
    digits = all(part.isascii() and part.isdigit() for part in (top, bottom or "1"))
    if not digits or len(token) > 400 or (slash and not int(bottom or 0)):
        raise Unproven("the tree has a word that is neither a variable nor a multiplier")
    return Fraction(int(top), int(bottom or 1))


def _needs_f2(tokens: Sequence[str], axes: Mapping[str, int]) -> list[bool]:
    """For each node, whether a multiplier below it is not zero: f2 is of no use elsewhere."""
    needed = [False] * len(tokens)
    below: list[bool] = []
    for place in reversed(range(len(tokens))):
        if tokens[place] in axes:
            if len(below) < 2:
                raise Unproven("the tree ends before its last leaf")
            one, other = below.pop(), below.pop()
            needed[place] = one or other
        else:
            needed[place] = tokens[place] != "0"
        below.append(needed[place])
    return needed


def _excluded(number: Fraction, f1: Array, f2: Array | None) -> bool:
    """Whether no coefficient of f1 + λ f2 is positive."""
    if not number:
        return max(f1.entries) <= 0
    if f2 is None:
        return False
    # f1.entries/f1.unit + λ f2.entries/f2.unit
    ratio = number * f1.unit / f2.unit
    p, q = ratio.numerator, ratio.denominator
    return all(q * x + p * y <= 0 for x, y in zip(f1.entries, f2.entries, strict=True))
