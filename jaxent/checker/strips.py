r"""Strips: the upper occupation of a charged qubit between two lines.

Where a finite charge u and a free temperature decide over two occupations, n = a/2 and h(n) with
:math:`h/(1-h) = (n/(1-n))^e`, e = 1 + u/E, the latter is no polynomial of low degree. On [0, 1/2]
it is convex, since :math:`(\ln h')' = [e(1 - 2h) - (1 - 2n)]/(n(1 - n)) \ge 0`. So between two
values of a it is below the line through both ends, and above its tangent in the middle. With t, the
place between these two lines, as a variable every machine is a point of a box; the others there are
no machines, and what is proven of them does no harm. The narrower a strip, the fewer they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import comb, lcm, prod

from . import boxes
from . import polynomials as algebra
from .domain import upper_occupation
from .polynomials import Polynomial

UNIT = Fraction(0), Fraction(1)

Matrix = list[list[int]]


class Strips:
    """Those of one root.

    Args:
        exponent: e.
        ends: the bounds of a.
        degrees: of the polynomials in a and c, the first two variables.
    """

    def __init__(self, exponent: Fraction, ends: tuple[Fraction, Fraction], degrees: Sequence[int]):
        self.exponent, self.ends = exponent, ends
        self.of_a, self.of_c = degrees
        self.degrees = self.of_a + self.of_c, self.of_c
        self._known: dict[tuple[Fraction, Fraction], tuple[Matrix, Matrix]] = {}

    def growth(self, halvings: int) -> int:
        """The bits that coefficients grow by at most, on strips of so many halvings."""
        low, high = self.ends
        width = (high - low) / 2**halvings
        a_unit, c_unit = lcm(low.denominator, width.denominator), _digit(width).denominator
        scales = (max(map(max, boxes.from_powers(d, *UNIT)[0])) for d in (self.of_a, *self.degrees))
        of_a, of_c = a_unit**self.of_a * (self.of_a + 1), c_unit**self.of_c * (self.of_c + 1)
        return (prod(scales) * of_a * of_c).bit_length() + 2

    def across(
        self, powers: Sequence[boxes.Array], ends: tuple[Fraction, Fraction]
    ) -> list[boxes.Array]:
        """The coefficients on the strip between two values of a.

        Args:
            powers: arrays of powers of a and c, and of coefficients in the other variables.
            ends: the two values.
        """
        if ends not in self._known:
            self._known[ends] = self._between(*ends)
        of_a, of_c = self._known[ends]
        sizes = [d + 1 for d in self.degrees]
        found = []
        for array in powers:
            along_a = boxes.applied(of_a, array, array.shape)
            found.append(boxes.applied(of_c, along_a, (*sizes, *array.shape[2:])))
        return found

    def _between(self, low: Fraction, high: Fraction) -> tuple[Matrix, Matrix]:
        """Two matrices, each times a positive number.

        From powers of a to coefficients in s, and from products of Bernstein polynomials of s with
        powers of c to coefficients in s and t.
        """
        i, j = self.of_a, self.of_c
        below, above = lines(low, high, self.exponent)
        c, unit = _whole((below[0], above[0]), (below[1], above[1]))
        columns = []
        for p in range(i + 1):
            # C(i, p) s^p (1 - s)^(i - p)
            of_s = {(k, 0): (-1) ** (k - p) * comb(i, k) * comb(k, p) for k in range(p, i + 1)}
            for q in range(j + 1):
                f = algebra.scale(unit ** (j - q), algebra.multiply(of_s, *[c] * q))
                columns.append(boxes.on_box(f, (UNIT, UNIT), self.degrees).entries)
        of_c = [list(row) for row in zip(*columns, strict=True)]
        return boxes.from_powers(i, low, high)[0], of_c


def lines(
    low: Fraction, high: Fraction, exponent: Fraction
) -> tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]:
    """A line that h is not below, and one that it is not above, by their values at both ends.

    They are the tangent in the middle, zero where that begins below zero, and the chord, rounded
    away from h to multiples of 2^-8 (high - low)².
    """
    digit = _digit(high - low)
    n = (low + high) / 4
    h = upper_occupation(n, exponent)
    rise = exponent * h * (1 - h) / (n * (1 - n)) * (high - low) / 4
    below = ((h - rise) // digit * digit, (h + rise) // digit * digit)
    if h < rise:
        below = (Fraction(0), Fraction(0))
    ends = (upper_occupation(a / 2, exponent) for a in (low, high))
    first, second = (-(-end // digit) * digit for end in ends)
    return below, (first, second)


def _digit(width: Fraction) -> Fraction:
    return width**2 / 2**8


def _whole(
    low: tuple[Fraction, Fraction], high: tuple[Fraction, Fraction]
) -> tuple[Polynomial, int]:
    """The bilinear function with these values at s = 0 and s = 1, times a number; and that."""
    unit = lcm(*(x.denominator for x in (*low, *high)))
    (p, u), (q, v) = ((int(x * unit) for x in pair) for pair in (low, high))
    f = {(0, 0): p, (1, 0): q - p, (0, 1): u - p, (1, 1): v - u - q + p}
    return {powers: x for powers, x in f.items() if x}, unit
