r"""Strips: the occupation of the upper transition of a charged qubit between two lines.

At a charge u the upper transition of a bath of temperature T has the occupation

.. math:: h(n) = \frac{n^e}{n^e + (1-n)^e}, \qquad e = 1 + u/E,

which is no polynomial of low degree in the occupation n of the lower one. On [0, 1/2] it is convex:
:math:`h' = e\,h(1-h)/(n(1-n))` and
:math:`(\ln h')' = [e(1-2h) - (1-2n)]/(n(1-n)) \ge 0`, since :math:`h \le n \le 1/2` and
:math:`e \ge 1`. So it lies below each chord and above each tangent. Between two values of a = 2n,
with its place t in [0, 1] between the two lines as a further variable, every machine is a point of
a box; the box holds other points as well, the fewer the narrower the strip.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np

from jaxent.prove.domain import raised

Line = tuple[Fraction, Fraction]
"""By its values at both ends of a strip."""


def lines(low: Fraction, high: Fraction, exponent: Fraction) -> tuple[Line, Line]:
    """A line below h on a strip and one above it.

    They are the tangent in the middle, zero where that begins below zero, and the chord, rounded
    away from h to multiples of 2^-8 of the squared width.

    Args:
        low: where a strip begins on the axis of a.
        high: and where it ends.
        exponent: e.
    """
    digit = (high - low) ** 2 / 2**8
    n = (low + high) / 4
    h = raised(n, exponent)
    reach = exponent * h * (1 - h) / (n * (1 - n)) * (high - low) / 4
    below = (h - reach) // digit * digit, (h + reach) // digit * digit
    if below[0] < 0:
        below = Fraction(0), Fraction(0)
    ends = [raised(a / 2, exponent) for a in (low, high)]
    return below, (-(-ends[0] // digit) * digit, -(-ends[1] // digit) * digit)


class Strips:
    """Maps from the Bernstein coefficients on [low, high] × [0, 1] in (a, c) to those on strips.

    Args:
        low, high: the bounds of a on a root.
        exponent: e.
        degrees: in a and c.
    """

    def __init__(self, low: Fraction, high: Fraction, exponent: Fraction, degrees: tuple[int, int]):
        self.low, self.high, self.exponent, self.degrees = low, high, exponent, degrees
        self._known: dict[tuple[float, float], np.ndarray] = {}

    @property
    def shape(self) -> tuple[int, int]:
        """Of the coefficients on a strip: a power of c is one of a as well."""
        i, j = self.degrees
        return i + j + 1, j + 1

    def maps(self, low: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Those of several strips, shape ``(n, rows, columns)``.

        Args:
            low: where they begin, as a part of the root, shape ``(n,)``.
            width: how wide they are.
        """
        keys = list(zip(low.tolist(), width.tolist(), strict=True))
        for key in keys:
            if key not in self._known:
                self._known[key] = self._map(*map(Fraction, key))
        return np.stack([self._known[key] for key in keys])

    def _map(self, start: Fraction, width: Fraction) -> np.ndarray:
        whole = self.high - self.low
        low, high = self.low + start * whole, self.low + (start + width) * whole
        below, above = lines(low, high, self.exponent)
        a = np.array([[start], [start + width]], dtype=float)
        c = np.array([[below[0], above[0]], [below[1], above[1]]], dtype=float)
        i, j = self.degrees
        columns = [_times(f, h) for f in _basis(a, i) for h in _basis(c, j)]
        return np.stack([column.ravel() for column in columns], axis=1)


def _basis(t: np.ndarray, degree: int) -> list[np.ndarray]:
    """The Bernstein polynomials of a polynomial t, by de Casteljau's rule."""
    found = [np.ones((1, 1))]
    for _ in range(degree):
        fall = [_times(f, 1 - t) for f in found]
        rise = [_times(f, t) for f in found]
        inner = [x + y for x, y in zip(fall[1:], rise, strict=False)]
        found = [fall[0], *inner, rise[-1]]
    return found


def _times(f: np.ndarray, h: np.ndarray) -> np.ndarray:
    """The product of two polynomials of (s, t) by their Bernstein coefficients."""
    degrees = [(m - 1, n - 1) for m, n in zip(f.shape, h.shape, strict=True)]
    f, h = f * _binomials(f.shape), h * _binomials(h.shape)
    shape = tuple(m + n + 1 for m, n in degrees)
    product = np.zeros(shape)
    for (i, j), x in np.ndenumerate(f):
        product[i : i + h.shape[0], j : j + h.shape[1]] += x * h
    return product / _binomials(shape)


def _binomials(shape: tuple[int, ...]) -> np.ndarray:
    along = [[comb(size - 1, k) for k in range(size)] for size in shape]
    return np.multiply.outer(*map(np.array, along))
