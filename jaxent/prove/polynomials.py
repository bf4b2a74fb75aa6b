r"""Polynomials in several variables with exact coefficients, as arrays of Python numbers.

The entry ``[i, j, …]`` of an array is the coefficient of :math:`t_1^i t_2^j \cdots`; every array of
a problem has one axis for each of its variables. In the Bernstein basis over a box,

.. math:: f = \sum_i b_i \prod_k \binom{d_k}{i_k} s_k^{i_k} (1 - s_k)^{d_k - i_k},
          \qquad t_k = l_k + (h_k - l_k) s_k,

f lies between the least and the largest :math:`b_i`, and equals those at the corners there.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from math import comb, lcm

import numpy as np

Polynomial = np.ndarray
"""An array of ``int`` and ``Fraction``, one axis for each variable."""

Box = Sequence[tuple[Fraction, Fraction]]


def constant(value: int | Fraction, variables: int) -> Polynomial:
    """A number as a polynomial."""
    return np.full((1,) * variables, value, dtype=object)


def variable(axis: int, variables: int) -> Polynomial:
    """One of the variables as a polynomial."""
    shape = tuple(2 if k == axis else 1 for k in range(variables))
    return np.array([0, 1], dtype=object).reshape(shape)


def plus(*terms: Polynomial) -> Polynomial:
    """The sum of polynomials of any degrees."""
    shape = tuple(max(sizes) for sizes in zip(*(t.shape for t in terms), strict=True))
    total = np.zeros(shape, dtype=object)
    for term in terms:
        total[tuple(slice(n) for n in term.shape)] += term
    return total


def times(*factors: Polynomial | int | Fraction) -> Polynomial:
    """The product of polynomials and numbers."""
    arrays = [f for f in factors if isinstance(f, np.ndarray)]
    product = arrays[0]
    for factor in arrays[1:]:
        product = _product(product, factor)
    for factor in factors:
        if not isinstance(factor, np.ndarray):
            product = product * factor
    return product


def _product(one: Polynomial, other: Polynomial) -> Polynomial:
    if np.count_nonzero(one) > np.count_nonzero(other):
        one, other = other, one
    shape = tuple(m + n - 1 for m, n in zip(one.shape, other.shape, strict=True))
    product = np.zeros(shape, dtype=object)
    for place in np.argwhere(one != 0):
        window = tuple(slice(k, k + n) for k, n in zip(place, other.shape, strict=True))
        product[window] += one[tuple(place)] * other
    return product


def minus(one: Polynomial, other: Polynomial) -> Polynomial:
    """The difference of two polynomials."""
    return plus(one, -other)


def trimmed(f: Polynomial) -> Polynomial:
    """The same polynomial without vanishing highest powers."""
    for axis in range(f.ndim):
        while f.shape[axis] > 1 and not np.any(np.take(f, -1, axis)):
            f = np.delete(f, -1, axis)
    return f


def face_order(f: Polynomial, axis: int, end: int) -> int:
    """How often t (end 0) or 1 - t (end 1) divides a polynomial that is not zero."""
    order = 0
    while f.shape[axis] > 1 and not np.any(_on_face(f, axis, end)):
        f, order = divided(f, axis, end), order + 1
    return order


def _on_face(f: Polynomial, axis: int, end: int) -> Polynomial:
    return np.take(f, 0, axis) if end == 0 else f.sum(axis)


def divided(f: Polynomial, axis: int, end: int, times_over: int = 1) -> Polynomial:
    """The quotient by t (end 0) or 1 - t (end 1), which divides."""
    for _ in range(times_over):
        # (1 - t) Σ q_k t^k has the coefficients q_k - q_(k-1)
        f = np.delete(f, 0, axis) if end == 0 else np.delete(np.cumsum(f, axis), -1, axis)
    return f


def without_faces(f: Polynomial) -> Polynomial:
    """What is left of a polynomial when all factors t and 1 - t are taken out of it.

    None of them is negative on the unit cube, so that the sign stays, but for where they vanish.
    """
    f = trimmed(f)
    if np.any(f):
        for axis in range(f.ndim):
            for end in (0, 1):
                f = divided(f, axis, end, face_order(f, axis, end))
    return f


def along(matrix: np.ndarray, f: Polynomial, axis: int) -> Polynomial:
    """A matrix applied to one axis of an array."""
    return np.moveaxis(np.tensordot(matrix, f, (1, axis)), 0, axis)


def bernstein(f: Polynomial, box: Box, degrees: Sequence[int]) -> np.ndarray:
    """The Bernstein coefficients on a box, for degrees at least those of f, rounded to floats.

    All but the last rounding is exact.
    """
    denominator, f = whole(f)
    for axis, ((low, high), degree) in enumerate(zip(box, degrees, strict=True)):
        scale, matrix = to_bernstein(f.shape[axis] - 1, degree, low, high)
        f, denominator = along(matrix, f, axis), denominator * scale
    exponent = max(denominator.bit_length() - 64, 0)
    most = max((abs(c).bit_length() for c in f.flat), default=0)
    shift = max(most - 512, 0)  # floats end at 2^1024
    return _shifted(f, shift) / float(denominator >> exponent) * 2.0 ** (shift - exponent)


def _shifted(f: Polynomial, shift: int) -> np.ndarray:
    return (f if not shift else f >> shift).astype(float)


@cache
def to_bernstein(power: int, degree: int, low: Fraction, high: Fraction) -> tuple[int, np.ndarray]:
    """From powers of t to Bernstein coefficients on [low, high]: a scale, and it times the matrix.

    The power k has the coefficients Σ_m C(k, m) low^(k-m) (high - low)^m C(i, m)/C(d, m).
    """
    rows = [
        [
            sum(
                comb(k, m)
                * low ** (k - m)
                * (high - low) ** m
                * Fraction(comb(i, m), comb(degree, m))
                for m in range(min(i, k) + 1)
            )
            for k in range(power + 1)
        ]
        for i in range(degree + 1)
    ]
    scale = lcm(*(Fraction(entry).denominator for row in rows for entry in row))
    return scale, np.array([[int(entry * scale) for entry in row] for row in rows], dtype=object)


def whole(f: Polynomial) -> tuple[int, Polynomial]:
    """A common denominator of the coefficients, and the coefficients times it."""
    denominator = lcm(1, *(c.denominator for c in f.flat))
    return denominator, np.array([int(c * denominator) for c in f.flat], object).reshape(f.shape)


def value(f: Polynomial, point: Sequence[float | Fraction]):
    """The polynomial at a point."""
    for t in reversed(point):
        f = f @ np.array([t**k for k in range(f.shape[-1])], dtype=object)
    return f.item() if isinstance(f, np.ndarray) else f
