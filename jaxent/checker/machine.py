r"""The master equation of two qubits, solved in symbols, for :mod:`jaxent.checker.optimum`.

Two qubits exchange excitations with the flip-flop coupling g, and each with its own bath
(brask2022 (1)-(3)). The transitions 00-01-11-10-00 form a ring with eight rates. In a frame that
turns with the common gap,

.. math:: \dot\rho = -i g[\,|01\rangle\langle10| + |10\rangle\langle01|, \rho\,]
          + \sum_{k \to l} \Gamma_{kl}\,\big(L\rho L^\dagger - \tfrac12\{L^\dagger L, \rho\}\big),
          \qquad L = |l\rangle\langle k| .

The charge energy of 11 gives a phase to coherences that vanish. Without charge the two jumps of a
bath in the same direction are one, :math:`L = \sigma_\pm \otimes 1`; what that adds to
:math:`\dot\rho` joins coherences that vanish as well.

**Claim.** With G half the sum of the four rates that leave 01 and 10, u_i the sum over the four
spanning trees of the ring that lead to i of the products of their rates, v_i the same for the chain
00, {01, 10}, 11 in which 01 and 10 are one level, and d = u_01 - u_10,

.. math:: \rho_{ii} = 2G\,u_i + 4g^2 v_i, \qquad \rho_{01,10} = 2i\,g\,d

is stationary. :func:`demand_stationary` proves this as an identity between polynomials in g and the
eight rates. The trace is a sum of products of rates.

**It is positive, and the state unique**, for positive total rates of both baths. Two closed sets of
levels of the ring cannot be neighbours, since one of the two rates between neighbours is positive.
So they would be opposite levels: 00 and 11, which takes a bath with n = 0 and h = 1 (n and h the
occupations of its lower and upper transition), or 01 and 10, which takes n = 1 and h = 0. At
every charge u ≥ 0 h = 0 where n = 0, and h = 1 where n = 1. To a level of the only closed set some
spanning tree leads. All other coherences decay: half of all rates that leave two neighbours is
positive, for 00 and 11 by the same argument, and the coupling mixes only what decays. Without
charge a jump of one bath hands coherences on between pairs of levels, and the other bath damps
these.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from .polynomials import (
    Polynomial,
    add,
    constant,
    multiply,
    scale,
    subtract,
    variable,
)
from .refusal import refuse

LEVELS = ("00", "01", "10", "11")

UPWARDS = {"a": (("00", "10"), ("01", "11")), "b": (("00", "01"), ("10", "11"))}
"""The transitions upwards of each bath: the upper one is where the other qubit is excited."""

Way = tuple[str, str]
Rates = Mapping[Way, Polynomial]
Matrix = dict[Way, tuple[Polynomial, Polynomial]]
"""Entries, each its real and its imaginary part; what is left out vanishes."""

_NEIGHBOURS = {"00": ("01", "10"), "01": ("11", "00"), "11": ("10", "01"), "10": ("00", "11")}


def spanning_trees(rates: Rates) -> dict[str, Polynomial]:
    """u: of the other levels in their order on the ring k lead to i one way, others the other."""
    found = {}
    for root, (right, left) in _NEIGHBOURS.items():
        far = next(level for level in LEVELS if level not in (root, right, left))
        one_way = [(right, root), (far, right), (left, far)]
        other_way = [(left, root), (far, left), (right, far)]
        products = []
        for k in range(4):
            ways = one_way[:k] + other_way[: 3 - k]
            products.append(multiply(*(rates[way] for way in ways)))
        found[root] = add(*products)
    return found


def merged_trees(rates: Rates) -> dict[str, Polynomial]:
    """v: the chain 00, {01, 10}, 11."""
    up = add(rates["00", "01"], rates["00", "10"])
    down = add(rates["01", "00"], rates["10", "00"])
    further_up = add(rates["01", "11"], rates["10", "11"])
    back = add(rates["11", "01"], rates["11", "10"])
    both = multiply(up, back)
    return {"00": multiply(down, back), "01": both, "10": both, "11": multiply(up, further_up)}


def stationary(
    rates: Rates, numerator: Polynomial, denominator: Polynomial
) -> tuple[dict[str, Polynomial], Polynomial]:
    """Populations times the denominator of g², and the squared coherence times its square."""
    u, v = spanning_trees(rates), merged_trees(rates)
    twice_g = damping(rates)
    populations = {
        i: add(multiply(twice_g, u[i], denominator), scale(4, multiply(numerator, v[i])))
        for i in LEVELS
    }
    d = subtract(u["01"], u["10"])
    return populations, scale(4, multiply(numerator, denominator, d, d))


def damping(rates: Rates) -> Polynomial:
    """2G."""
    return add(rates["01", "00"], rates["01", "11"], rates["10", "00"], rates["10", "11"])


def demand_stationary() -> None:
    """Prove the claim above, for charged and for uncharged qubits.

    Raises:
        Unproven: a coefficient of what should vanish does not.
    """
    ways = [way for pair in UPWARDS.values() for way in pair]
    ways += [(high, low) for low, high in ways]
    size = 9
    symbols = {way: variable(i + 1, size) for i, way in enumerate(ways)}
    # Without charge the upper transition has the rates of the lower one.
    uncharged = dict(symbols)
    for (low, high), (low_too, high_too) in UPWARDS.values():
        uncharged[low_too, high_too] = symbols[low, high]
        uncharged[high_too, low_too] = symbols[high, low]
    g = variable(0, size)
    for rates, together in ((symbols, False), (uncharged, True)):
        populations, _ = stationary(rates, multiply(g, g), constant(1, size))
        u = spanning_trees(rates)
        c = scale(2, multiply(g, subtract(u["01"], u["10"])))
        state: Matrix = {(i, i): (p, {}) for i, p in populations.items()}
        state |= {("01", "10"): ({}, c), ("10", "01"): ({}, scale(-1, c))}
        jumps = [({way}, rate) for way, rate in rates.items()]
        if together:
            jumps = []
            for lower, upper in UPWARDS.values():
                (a, b), (c, d) = lower, upper
                for way, also in ((lower, upper), ((b, a), (d, c))):
                    jumps.append(({way, also}, rates[way]))
        for entry in change(state, g, jumps).values():
            if any(entry):
                refuse("states", "the master equation does not hold")


def change(
    state: Matrix, g: Polynomial, jumps: list[tuple[set[Way], Polynomial]]
) -> dict[Way, tuple[Polynomial, Polynomial]]:
    """The right-hand side of the master equation.

    Args:
        state: ρ.
        g: the coupling.
        jumps: for each jump operator the pairs (from, to) of which it is the sum, and its rate.
    """
    partner = {"01": "10", "10": "01"}
    found: dict[Way, list[Polynomial]] = {(i, j): [{}, {}] for i in LEVELS for j in LEVELS}

    def give(i: str, j: str, re: Polynomial, im: Polynomial) -> None:
        found[i, j] = [add(found[i, j][0], re), add(found[i, j][1], im)]

    for (i, j), (re, im) in state.items():
        # -i (Hρ - ρH): H carries i to its partner; -i (x + iy) = y - ix
        if i in partner:
            give(partner[i], j, multiply(g, im), scale(-1, multiply(g, re)))
        if j in partner:
            give(i, partner[j], scale(-1, multiply(g, im)), multiply(g, re))
        for pairs, rate in jumps:
            to = dict(pairs)
            if i in to and j in to:
                give(to[i], to[j], multiply(rate, re), multiply(rate, im))
            for level in (i, j):
                if level in to:  # L†L is diagonal
                    half = scale(Fraction(-1, 2), rate)
                    give(i, j, multiply(half, re), multiply(half, im))
    return {place: (re, im) for place, (re, im) in found.items()}
