r"""The steady state of two qubits as polynomials, by the matrix-tree theorem.

The levels :math:`|00\rangle, |01\rangle, |11\rangle, |10\rangle` form a ring of incoherent
transitions, and the flip-flop coupling carries population between :math:`|01\rangle` and
:math:`|10\rangle` at the rate :math:`R = 2g^2/G`, where G is half the sum of the four rates that
leave these two levels. So, up to a common factor (brask2022 (2), (3)),

.. math:: p_i \propto W_i = 2G\,u_i + 4g^2 v_i, \qquad
          |\rho_{01,10}|^2 \propto 4g^2 d^2, \qquad d = u_{01} - u_{10},

with :math:`u_i` the spanning trees of the ring that lead to i, and :math:`v_i` those of the machine
in which :math:`|01\rangle` and :math:`|10\rangle` are one level. All are polynomials with
non-negative coefficients in the eight rates. The coupling enters by its square alone, a quotient of
polynomials with k in [0, 1]:

- free: :math:`g^2 = \tfrac14\Gamma_A\Gamma_B\, k/(1-k)`; for qubits without charge k is the part
  of the exchange in the populations;
- bounded: :math:`g^2 = k\,m^2` with m the smaller of both rates γ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import gcd, lcm

import numpy as np

from jaxent.prove.polynomials import Polynomial, divided, face_order, minus, plus, times, trimmed

LEVELS = ("00", "01", "10", "11")

Rates = Mapping[str, Polynomial]
"""Of the transitions, by the levels ``"from>to"``; those of qubit A change the first digit."""

_RING = ("00", "01", "11", "10")


@dataclass(frozen=True)
class Stationary:
    r"""The steady state up to a factor that is positive inside the domain.

    Attributes:
        weights: of ``LEVELS``, the populations times the factor.
        coherence: the squared modulus of :math:`\rho_{01,10}` times the square of the factor.
    """

    weights: tuple[Polynomial, ...]
    coherence: Polynomial


def spanning_trees(rates: Rates) -> dict[str, Polynomial]:
    """The weights u of the ring: each of its four edges left out in turn, the others led to i."""
    found = {}
    for place, root in enumerate(_RING):
        ring = _RING[place:] + _RING[:place]  # the root first
        terms = []
        for cut in range(4):  # the edge between ring[cut] and its successor is left out
            forward = [rates[f"{ring[k]}>{ring[k - 1]}"] for k in range(1, cut + 1)]
            backward = [rates[f"{ring[k]}>{ring[(k + 1) % 4]}"] for k in range(cut + 1, 4)]
            terms.append(times(*forward, *backward))
        found[root] = plus(*terms)
    return found


def merged_trees(rates: Rates) -> dict[str, Polynomial]:
    """The weights v: a chain 00, {01, 10}, 11."""
    fill = plus(rates["00>01"], rates["00>10"])
    empty = plus(rates["01>00"], rates["10>00"])
    fill_both = plus(rates["01>11"], rates["10>11"])
    empty_one = plus(rates["11>01"], rates["11>10"])
    middle = times(fill, empty_one)
    return {
        "00": times(empty, empty_one),
        "01": middle,
        "10": middle,
        "11": times(fill, fill_both),
    }


def damping(rates: Rates) -> Polynomial:
    """Twice G: the four rates that leave 01 and 10."""
    return plus(rates["01>00"], rates["01>11"], rates["10>00"], rates["10>11"])


def stationary(rates: Rates, numerator: Polynomial, denominator: Polynomial) -> Stationary:
    """The steady state, populations times the denominator of g², coherence times its square.

    Args:
        rates: polynomials, not negative in the domain.
        numerator: of the squared coupling g².
        denominator: of the same.
    """
    u, v, twice_g = spanning_trees(rates), merged_trees(rates), damping(rates)
    weights = [plus(times(twice_g, u[i], denominator), times(4, numerator, v[i])) for i in LEVELS]
    d = minus(u["01"], u["10"])
    coherence = times(4, numerator, denominator, d, d)
    return _reduced([trimmed(w) for w in weights], trimmed(coherence))


def _reduced(weights: list[Polynomial], coherence: Polynomial) -> Stationary:
    """Without the factors t and 1 - t that all weights share, and a common number."""
    for axis, end in product(range(coherence.ndim), (0, 1)):
        orders = [face_order(w, axis, end) for w in weights if np.any(w)]
        if np.any(coherence):
            orders.append(face_order(coherence, axis, end) // 2)
        order = min(orders)
        weights = [divided(w, axis, end, order) if np.any(w) else w for w in weights]
        if np.any(coherence):
            coherence = divided(coherence, axis, end, 2 * order)
    scale = _content(weights)
    return Stationary(tuple(_integers(w * scale) for w in weights), _integers(coherence * scale**2))


def _content(weights: list[Polynomial]) -> Fraction:
    """The number that makes the coefficients whole, and without a common divisor."""
    entries = [Fraction(c) for w in weights for c in w.flat if c]
    divisor = gcd(*(c.numerator for c in entries))
    return Fraction(lcm(*(c.denominator for c in entries)), divisor)


def _integers(f: Polynomial) -> Polynomial:
    """Whole coefficients as such; those of a squared coherence need not be."""
    entries = [int(c) if Fraction(c).denominator == 1 else c for c in f.flat]
    return np.array(entries, dtype=object).reshape(f.shape)
