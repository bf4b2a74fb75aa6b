r"""Strips: the occupation of the upper transition of a charged qubit between two lines.

At a charge u the upper transition of a bath of temperature T has the occupation

.. math:: h(n) = \frac{n^e}{n^e + (1-n)^e}, \qquad e = 1 + u/E,

which is no polynomial of low degree in the occupation n of the lower one. On [0, 1/2] it is convex:
:math:`h' = e\,h(1-h)/(n(1-n))` and
:math:`(\ln h')' = [e(1-2h) - (1-2n)]/(n(1-n)) \ge 0`, since :math:`h \le n \le 1/2` and
:math:`e \ge 1`. So it lies below each chord and above each tangent. On a strip of n, with its place
c in [0, 1] between the two lines as a further variable, every machine is a point of a box; the
box holds other points as well, the fewer the narrower the strip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from jaxent.prove.domain import raised
from jaxent.prove.polynomials import Box, Polynomial, along, constant, times, to_bernstein

_DIGITS = 2**44
_NOISE = 1e-17


@dataclass(frozen=True)
class Strip:
    """One strip; n = a/2.

    Attributes:
        low, high: the bounds of the variable a.
        above: a line that h is not above, by its values at both ends.
        below: a line that h is not below, likewise.
    """

    low: Fraction
    high: Fraction
    above: tuple[Fraction, Fraction]
    below: tuple[Fraction, Fraction]


def strip(low: Fraction, high: Fraction, exponent: Fraction) -> Strip:
    """A strip with its chord and the tangent in its middle, both rounded away from h."""
    ends = [raised(a / 2, exponent) for a in (low, high)]
    n = (low + high) / 4
    h = raised(n, exponent)
    slope = exponent * h * (1 - h) / (n * (1 - n)) / 2  # along a
    reach = slope * (high - low) / 2
    above = tuple(Fraction(-(-end * _DIGITS // 1), _DIGITS) for end in ends)
    below = tuple(Fraction(end * _DIGITS // 1, _DIGITS) for end in (h - reach, h + reach))
    return Strip(low, high, (above[0], above[1]), (below[0], below[1]))


def rounded(f: Polynomial) -> np.ndarray:
    """The coefficients in extended precision."""
    return np.array([np.longdouble(str(x.numerator)) / np.longdouble(str(x.denominator))
                     for x in f.flat]).reshape(f.shape)  # fmt: skip


def bernstein_on_strip(
    f: np.ndarray, names: tuple[str, ...], where: Strip, box: Box, degrees: Sequence[int]
) -> np.ndarray:
    """The Bernstein coefficients in a strip, where c is the place between its lines.

    Args:
        f: a polynomial of a and of the upper occupation c, from :func:`rounded`.
        names: the variables.
        where: the strip.
        box: the bounds of all variables but c.
        degrees: at least those of f in a strip.
    """
    at = names.index("a")  # c follows
    i, j = f.shape[at : at + 2]
    matrix = _into_strip(where, i - 1, j - 1, degrees[at], degrees[at + 1])
    both = np.moveaxis(f, (at, at + 1), (0, 1)).reshape(i * j, -1)
    rest = [*f.shape[:at], *f.shape[at + 2 :]]
    b = (matrix @ both).reshape(degrees[at] + 1, degrees[at + 1] + 1, *rest)
    b = np.moveaxis(b, (0, 1), (at, at + 1))
    for axis, ((low, high), degree) in enumerate(zip(box, degrees, strict=True)):
        if axis not in (at, at + 1):
            scale, rows = to_bernstein(b.shape[axis] - 1, degree, low, high)
            b = along(rounded(rows) / scale, b, axis)
    b = np.where(np.abs(b) < _NOISE * np.abs(b).max(), 0.0, b)
    return b.astype(float)


def _into_strip(where: Strip, i: int, j: int, da: int, dc: int) -> np.ndarray:
    """From the powers a^i c^j to Bernstein coefficients on the strip."""
    position = np.array([[where.low], [where.high - where.low]], dtype=object)  # of s across it
    lower, rise = where.below[0], where.below[1] - where.below[0]
    gap = where.above[0] - lower
    line = np.array([[lower, gap], [rise, where.above[1] - where.below[1] - gap]], dtype=object)
    unit = (Fraction(0), Fraction(1))
    columns = []
    for power_a in range(i + 1):
        for power_c in range(j + 1):
            f = constant(1, 2)
            for _ in range(power_a):
                f = times(f, position)
            for _ in range(power_c):
                f = times(f, line)
            for axis, degree in enumerate((da, dc)):
                scale, rows = to_bernstein(f.shape[axis] - 1, degree, *unit)
                f = times(along(rows, f, axis), Fraction(1, scale))
            columns.append(rounded(f).ravel())
    return np.stack(columns, axis=1)
