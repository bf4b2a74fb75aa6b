"""What the terms of a master equation add to an observable, and how well that is known."""

from __future__ import annotations

from collections.abc import Set
from decimal import Decimal

import numpy as np

from jaxent.precise.coordinates import Vector, dot, expectation
from jaxent.precise.system import System, populations

_ROUNDING = 2.0**-52


def flow(
    system: System, x: Vector, operator: np.ndarray, coefficients: np.ndarray, terms: Set[int]
) -> tuple[Decimal, Decimal]:
    r"""The flow :math:`J = \sum_{k} c_k \mathrm{tr}[O \mathcal{L}_k\rho]`, and its error.

    The derivative along :math:`\ln c_m` is what the term itself adds, :math:`J_m` where it is one
    of those that count, and what it adds by way of the state: with :math:`q(\rho) = J` and the
    adjoint :math:`\mathcal{L}^{\mathsf T}\lambda = q - J\,\mathrm{tr}`,

    .. math:: \frac{\partial J}{\partial \ln c_m} = J_m - \lambda(c_m\mathcal{L}_m\rho) .

    Args:
        system: the equations.
        x: their solution.
        operator: the observable O, shape ``(D, D)``.
        coefficients: those of the system.
        terms: the numbers k of the terms that count.
    """
    price = expectation(operator)
    changes = [system.change(x, k) for k in range(len(coefficients))]
    functional = {place: dot(price, system.column(place, terms)) for place in x}
    for places in system.roots.values():
        levels = populations(places)
        share = sum((x[place] for place in levels), start=Decimal(0))
        if share:
            mean = sum((functional[place] * x[place] for place in places), Decimal(0)) / share
            functional |= {place: functional[place] - mean for place in levels}
    adjoint = system.adjoint(functional)

    total = error = Decimal(0)
    for k, change in enumerate(changes):
        if not change:
            continue
        own = dot(price, change) if k in terms else Decimal(0)
        through_state = sum(
            (adjoint[place] * y for place, y in change.items() if place not in system.roots),
            start=Decimal(0),
        )
        total += own
        error += abs(own - through_state) * _relative_error(coefficients, k)
    return total, error


def _relative_error(coefficients: np.ndarray, k: int) -> Decimal:
    # A rate that is tiny is an exponential, whose exponent was rounded.
    exponent = abs(np.log(abs(coefficients[k]) / np.abs(coefficients).max()))
    return Decimal(float((4 + exponent) * _ROUNDING))
