r"""Heat currents between a machine and its baths.

A heat current is positive when it flows from the bath into the machine (khandelwal2020 (10)):

.. math:: \dot Q_k = \mathrm{tr}\big[H\,\mathcal{D}_k\rho\big], \qquad
          \mathcal{D}_k = \sum_{i \in k} c_i \mathcal{L}_i ,

where the terms :math:`i` are those of bath :math:`k`, and the energy :math:`H` is the one whose
flow counts as heat. In the steady state it does not change, :math:`\mathrm{tr}[H\mathcal{L}\rho] =
0`. Where nothing but the baths exchanges energy with the machine that is the first law,
:math:`\dot Q_A + \dot Q_B = 0`; where further terms do, as dephasing can,
:math:`-(\dot Q_A + \dot Q_B)` is the power that flows in by them.

A current is the small difference of large gains and losses, often by ten orders of magnitude, and
so both state and current are computed in many digits (``precise``): what is reported is exact for
the rates as they are. These are rounded themselves, and a current that their rounding errors could
have made is zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from jaxent.machines import AbstractLindbladMachine
from jaxent.precise import PreciseState


class HeatCurrent(NamedTuple):
    r"""The heat that flows from one bath into a machine.

    Attributes:
        value: :math:`\dot Q_k`, energy per time; zero where it is not above ``error``.
        error: by how much the rounding of the rates may have moved it.
        beta: the bath's inverse temperature, any number or infinite.
    """

    value: float
    error: float
    beta: float


def heat_currents(machine: AbstractLindbladMachine, state: PreciseState) -> dict[str, HeatCurrent]:
    """The heat currents of a machine without batch axes.

    Args:
        machine: the machine.
        state: its steady state (before any filter), ``machine.precise_state()``.

    Returns:
        Those of bath ``"a"`` and of bath ``"b"``; none where the model does not define them.
    """
    found = {}
    for party, beta in machine.inverse_temperatures().items():
        value, error = state.flow(machine.energy(), _weights(machine, **{party: 1}))
        found[party] = HeatCurrent(value, error, beta)
    unclear = [party for party, own in found.items() if abs(own.value) <= own.error]
    if len(found) == 2 and len(unclear) == 1 and _conserved(machine, state, tuple(found)):
        # The first law says what rounding hides of one of them.
        [hidden], [other] = unclear, set(found) - set(unclear)
        found[hidden] = found[other]._replace(value=-found[other].value, beta=found[hidden].beta)
    return {
        party: own if abs(own.value) > own.error else own._replace(value=0.0)
        for party, own in found.items()
    }


def _conserved(
    machine: AbstractLindbladMachine, state: PreciseState, parties: tuple[str, ...]
) -> bool:
    """Whether the baths exchange energy with each other alone, as far as rounding tells."""
    power, error = state.flow(machine.energy(), _weights(machine, **dict.fromkeys(parties, 1)))
    return abs(power) <= error


def net_heat_current(heat: Mapping[str, HeatCurrent]) -> float:
    r"""The difference :math:`J = \dot Q_A - \dot Q_B`, khandelwal2020 (11).

    Args:
        heat: the currents from baths ``"a"`` and ``"b"``.

    Returns:
        Zero where rounding alone could have made it.
    """
    a, b = heat["a"], heat["b"]
    net = a.value - b.value
    return net if abs(net) > a.error + b.error else 0.0


def _weights(machine: AbstractLindbladMachine, **of_bath: int) -> dict[int, int]:
    return {k: weight for bath, weight in of_bath.items() for k in machine.generator.of_bath(bath)}
