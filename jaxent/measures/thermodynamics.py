r"""Heat currents and entropy production of a machine between two baths.

With :math:`\dot Q_k` the heat that flows from bath :math:`k` into the machine (``heat``),

.. math::
    J = \dot Q_A - \dot Q_B, \qquad
    \dot\sigma = -\beta_A \dot Q_A - \beta_B \dot Q_B .

Where the first law is :math:`\dot Q_A + \dot Q_B = 0`, :math:`J` (khandelwal2020 (11)) is twice the
heat that passes. Dephasing is a reservoir at infinite temperature, whose share of
:math:`\dot\sigma` is zero whatever energy it exchanges.

Baths with :math:`\mathcal{D}_k e^{-\beta_k H} = 0` obey the second law, :math:`\dot\sigma \ge 0`
(Spohn, J. Math. Phys. 19, 1227, 1978). A local master equation can violate it slightly where the
qubits are detuned or tunnel: :math:`\dot\sigma < 0` is then reported as it is, and ``second_law``
says so.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from jaxent.machines import AbstractLindbladMachine, AbstractMachine, Regime
from jaxent.measures.heat import HeatCurrent, heat_currents, net_heat_current
from jaxent.precise import PreciseState, TooLarge

QUANTITIES: tuple[str, ...] = (
    "heat_current_a",
    "heat_current_b",
    "entropy_production",
    "heat_current",
    "critical_heat_current",
)
"""What :func:`thermodynamics` reports."""


def thermodynamics(
    machine: AbstractMachine, state: PreciseState | None = None
) -> dict[str, float | None]:
    """The thermodynamic quantities of a machine without batch axes in its steady state.

    Args:
        machine: the machine.
        state: its steady state, ``machine.precise_state()``; solved for unless given.

    Returns:
        ``heat_current_a``, ``heat_current_b`` (energy per time), ``entropy_production``,
        ``heat_current`` (:math:`J`) and ``critical_heat_current`` (:math:`J_c`, above which
        :math:`|J|` means entanglement); ``None`` where the model does not define one, and for
        machines with too many levels for ``precise``. The entropy production is infinite where
        heat flows into a bath at zero temperature.
    """
    nothing = dict.fromkeys(QUANTITIES)
    if not isinstance(machine, AbstractLindbladMachine) or not machine.inverse_temperatures():
        return nothing
    try:
        state = state or machine.precise_state()
    except TooLarge:
        return nothing
    heat = heat_currents(machine, state)
    a, b = heat["a"], heat["b"]
    return {
        "heat_current_a": a.value,
        "heat_current_b": b.value,
        "entropy_production": entropy_production(heat.values()),
        "heat_current": net_heat_current(heat),
        "critical_heat_current": machine.critical_heat_current(state),
    }


def entropy_production(heat: Collection[HeatCurrent]) -> float | None:
    r"""The entropy production :math:`\dot\sigma = -\sum_k \beta_k\dot Q_k` per time, k_B = 1.

    Args:
        heat: the currents from all baths.

    Returns:
        Zero where rounding alone could have made it; infinite where heat flows into a bath at zero
        temperature; ``None`` where it flows out of one such bath and into another.
    """
    total = float(sum(-current.beta * current.value for current in heat if current.value))
    error = sum(abs(current.beta) * current.error for current in heat if current.error)
    if np.isnan(total):
        return None
    return 0.0 if np.isfinite(total) and abs(total) <= error else total


def second_law(machine: AbstractMachine, state: PreciseState | None = None) -> list[Regime]:
    """The second law as a condition of the model, where the model can violate it.

    Args:
        machine: a machine without batch axes.
        state: as for :func:`thermodynamics`.
    """
    if not isinstance(machine, AbstractLindbladMachine) or machine.obeys_second_law:
        return []
    sigma = thermodynamics(machine, state)["entropy_production"]
    return [] if sigma is None else [Regime("-(entropy production) <= 0", max(0.0, -sigma), 0.0)]
