"""What the terms of a master equation add to an observable, and how well that is known."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal

import numpy as np

from jaxent.precise.coordinates import Vector, dot, expectation
from jaxent.precise.system import System, populations

_ROUNDING = 2.0**-52


def flow(
    system: System,
    x: Vector,
    operator: np.ndarray,
    weights: Mapping[int, int],
    rounded_alike: Sequence[Hashable],
    lost: Decimal,
) -> tuple[Decimal, Decimal]:
    r"""The flow :math:`J = \sum_{k} w_k c_k \mathrm{tr}[O \mathcal{L}_k\rho]`, and its error.

    The derivative along :math:`\ln c_m` is what the term itself adds, :math:`J_m`, and what it adds
    by way of the state: with :math:`q(\rho) = J` and the adjoint
    :math:`\mathcal{L}^{\mathsf T}\lambda = q - J\,\mathrm{tr}`,

    .. math:: \frac{\partial J}{\partial \ln c_m} = J_m - \lambda(c_m\mathcal{L}_m\rho) .

    Args:
        system: the equations.
        x: their solution.
        operator: the observable O, shape ``(D, D)``.
        weights: :math:`w_k` of the terms that count.
        rounded_alike: a name for each term; the coefficients of terms of one name have one
            rounding error.
        lost: the relative error of the state, to which its gains and losses are known.
    """
    price = expectation(operator)
    coefficients = system.coefficients
    changes = [system.change(x, k) for k in range(len(coefficients))]
    functional = {place: dot(price, system.column(place, weights)) for place in x}
    for places in system.roots.values():
        levels = populations(places)
        share = sum((x[place] for place in levels), start=Decimal(0))
        if share:
            mean = sum((functional[place] * x[place] for place in places), Decimal(0)) / share
            functional |= {place: functional[place] - mean for place in levels}
    adjoint = system.adjoint(functional)

    total = gross = Decimal(0)
    slopes: dict[Hashable, Decimal] = {}
    for k, change in enumerate(changes):
        if not change:
            continue
        own = Decimal(weights.get(k, 0)) * dot(price, change)
        through_state = sum(
            (adjoint[place] * y for place, y in change.items() if place not in system.roots),
            start=Decimal(0),
        )
        total += own
        if k in weights:
            gross += sum((abs(price[place] * y) for place, y in change.items()), start=Decimal(0))
        slope = (own - through_state) * _relative_error(coefficients, k)
        slopes[rounded_alike[k]] = slopes.get(rounded_alike[k], Decimal(0)) + slope
    error = sum(map(abs, slopes.values()), start=Decimal(0))
    return total, error + gross * lost


def _relative_error(coefficients: list[Decimal], k: int) -> Decimal:
    # A rate that is tiny is an exponential, whose exponent was rounded.
    exponent = abs((abs(coefficients[k]) / max(map(abs, coefficients))).ln())
    return (4 + exponent) * Decimal(_ROUNDING)
