r"""What a proof compares: the value of a heralded state with a level, as polynomials.

Behind filters with the squared entries :math:`\alpha_i`, :math:`\beta_j` the weights are
:math:`q_{ij} = \alpha_i\beta_j W_{ij}`, and the squared coherence is
:math:`C = \alpha_0\alpha_1\beta_0\beta_1|\rho_{01,10}|^2`. With

.. math:: D = q_{01} + q_{10},\quad E = q_{00} + q_{11},\quad T = D + E,\quad N = \sum W,

an X state with this one coherence has a value above S if and only if (brask2022 (6)–(8), (13))

========================  =================================================================
CHSH, ``plane``           :math:`8C - (S/2)^2 T^2 > 0`
CHSH, ``axis``            :math:`4C - 4DE + (1 - (S/2)^2)T^2 > 0`, or the one above
singlet fraction          :math:`C - (ST - D/2)^2 > 0`, for :math:`S \ge 1/2`
========================  =================================================================

It is heralded with an efficiency of at least p if and only if :math:`N(T - pN) \ge 0`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from jaxent.prove.domain import Domain
from jaxent.prove.polynomials import Polynomial, constant, plus, times, variable
from jaxent.prove.stationary import LEVELS, Stationary

BRANCHES = {"chsh": ("plane", "axis"), "singlet_fraction": ("alpha",)}
"""The comparisons of each objective: its value is above S where one of them holds."""

CLASSICAL = {"chsh": Fraction(2), "singlet_fraction": Fraction(1, 2)}
"""The classical bounds, below which no S is compared."""

MOST = {"chsh": Fraction(2829, 1000), "singlet_fraction": Fraction(1)}
"""What no state exceeds: 2√2, and 1."""

Combination = Mapping[str, Fraction]
"""A sum of what :func:`products` forms, by the names."""


def patches(domain: Domain) -> list[str]:
    """The choices of the filter entries that are 1: such as ``"01"``, x for |0> and y for |1>."""
    options = ["01" if party in domain.filters else "-" for party in "ab"]
    return [i + j for i in options[0] for j in options[1]]


def products(domain: Domain, state: Stationary, patch: str) -> dict[str, Polynomial]:
    """``C``, and the products ``DE``, ``DT``, ``DD``, ``TT``, ``NT`` and ``NN`` of one patch."""
    names = domain.variables
    size = len(names)

    def entries(choice: str, name: str) -> list[Polynomial]:
        one = constant(1, size)
        if choice == "-":
            return [one, one]
        weakened = variable(names.index(name), size)
        return [weakened, one] if choice == "0" else [one, weakened]

    alpha, beta = entries(patch[0], "x"), entries(patch[1], "y")
    q = {
        level: times(alpha[int(level[0])], beta[int(level[1])], weight)
        for level, weight in zip(LEVELS, state.weights, strict=True)
    }
    d, e = plus(q["01"], q["10"]), plus(q["00"], q["11"])
    t, n = plus(d, e), plus(*state.weights)
    pairs = {"DE": (d, e), "DT": (d, t), "DD": (d, d), "TT": (t, t)}
    pairs |= {"NT": (n, t), "NN": (n, n)}
    found = {name: times(*pair) for name, pair in pairs.items()}
    return found | {"C": times(*alpha, *beta, state.coherence)}


def value_above(objective: str, branch: str, level: Fraction) -> Combination:
    """The comparison with a level as a combination of products."""
    if objective == "singlet_fraction":
        return {"C": Fraction(1), "TT": -(level**2), "DT": level, "DD": Fraction(-1, 4)}
    square = (level / 2) ** 2
    if branch == "plane":
        return {"C": Fraction(8), "TT": -square}
    return {"C": Fraction(4), "DE": Fraction(-4), "TT": 1 - square}


def heralded_above(efficiency: Fraction) -> Combination:
    """That of the efficiency."""
    return {"NT": Fraction(1), "NN": -efficiency}
