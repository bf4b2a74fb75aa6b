r"""Heat currents between a machine and its baths.

A heat current is positive when it flows from the bath into the machine (khandelwal2020 (10)):

.. math:: \dot Q_k = \mathrm{tr}\big[H\,\mathcal{D}_k\rho\big], \qquad
          \mathcal{D}_k = \sum_{i \in k} c_i \mathcal{L}_i ,

where the terms :math:`i` are those of bath :math:`k`, and the energy :math:`H` is the one whose
flow counts as heat. In the steady state it does not change, :math:`\mathrm{tr}[H\mathcal{L}\rho] =
0`. Where nothing but the baths exchanges energy with the machine that is the first law,
:math:`\dot Q_A + \dot Q_B = 0`; where further terms do, as dephasing can,
:math:`-(\dot Q_A + \dot Q_B)` is the power that flows in by them.

**Any machine** has its ``energy`` and its ``contacts``. A current is what its gains and losses
leave of each other; where the first law holds that of the slower bath is computed, which gives the
other one. It is zero where it cannot be told from zero: below their rounding errors, and below
twice the bath's share in what the balance of the energy, :math:`\mathrm{tr}[H\mathcal{L}\rho]`, is
off by: that of its rates in the fastest ones.

**Two qubits**, each with a bath of its own, have the whole Hamiltonian for energy: with the free
one alone, as (10) is printed, the first law fails where they are detuned. It gives one current from
the other; the one of the slower bath is computed, from what the coherences carry away and not from
the difference of two large rates.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch
from typing import NamedTuple

import numpy as np

from jaxent.machines import AbstractLindbladMachine, AbstractMachine, Contact, TwoQubit
from jaxent.machines.two_qubit import BOTH, N_A, N_B

# The error of a current: of its gains and losses together, and of two qubits' own.
_ROUNDING = 1e-14
_TWO_QUBIT_ROUNDING = 1e-12


class HeatCurrent(NamedTuple):
    r"""The heat that flows from one bath into a machine.

    Attributes:
        value: :math:`\dot Q_k`, energy per time.
        error: by how much rounding may have moved it.
        beta: the bath's inverse temperature, any number or infinite.
    """

    value: float
    error: float
    beta: float


@singledispatch
def heat_currents(machine: AbstractMachine, rho: np.ndarray) -> dict[str, HeatCurrent]:
    """The heat currents of a machine without batch axes.

    Args:
        machine: the machine.
        rho: its steady state (before any filter).

    Returns:
        Those of bath ``"a"`` and of bath ``"b"``; none where the model does not define them.
    """
    return {}


@singledispatch
def critical_heat_current(machine: AbstractMachine, rho: np.ndarray) -> float | None:
    r"""The current :math:`J_c` above which :math:`|J|` means entanglement, if there is such a one.

    For two qubits without charge and tunnelling it is khandelwal2020 (18),

    .. math::
        J_c = 4g\,(E_a\Gamma_B + E_b\Gamma_A)\sqrt{\frac{p_{00}p_{11}}{\Gamma^2 + 4\delta^2}}

    with :math:`\Gamma_k = \Gamma_k^+ + \Gamma_k^-`, :math:`\Gamma = \Gamma_A + \Gamma_B` and
    :math:`\delta = E_b - E_a`; another machine has a method of this name.

    Args:
        machine: a machine without batch axes.
        rho: its steady state.
    """
    own = getattr(machine, "critical_heat_current", None)
    return None if own is None else own(rho)


# any machine


@heat_currents.register
def _heat_currents(machine: AbstractLindbladMachine, rho: np.ndarray) -> dict[str, HeatCurrent]:
    contacts = machine.contacts()
    if not contacts:
        return {}
    generator = machine.generator
    x = generator.coordinates.of(machine.inside(rho), np.arange(generator.dimension**2))
    prices = _energy_prices(machine)
    imbalance = abs(float(sum(price @ x for price in prices)))
    dearest = max(float(np.abs(price).max()) for price in prices) or 1.0
    found, sizes = {}, {}
    for party, contact in contacts.items():
        own = [prices[k] for k in contact.terms]
        sizes[party] = sum(float(np.abs(price * x).sum()) for price in own)
        share = max(float(np.abs(price).max()) for price in own) / dearest
        error = max(_ROUNDING * sizes[party], 2 * imbalance * share)
        found[party] = HeatCurrent(float(sum(price @ x for price in own)), error, contact.beta)
    if _first_law_holds(prices, contacts):
        slower = min(sizes, key=sizes.__getitem__)
        value, error, _ = found[slower]
        found = {
            party: current._replace(value=value if party == slower else -value, error=error)
            for party, current in found.items()
        }
    return {
        party: current._replace(value=0.0) if abs(current.value) <= current.error else current
        for party, current in found.items()
    }


def _energy_prices(machine: AbstractLindbladMachine) -> list[np.ndarray]:
    r"""The energy per time that each term adds for each real coordinate of the state.

    The trace :math:`\mathrm{tr}[HX]` is the sum of the products of both their coordinates, twice
    where these are off the diagonal.
    """
    generator, numbers = machine.generator, machine.numbers()
    d, every = generator.dimension, np.arange(generator.dimension**2)
    energy = generator.coordinates.of(machine.energy(), every) * np.where(every < d, 1.0, 2.0)
    return [
        rate * np.bincount(entries.source, energy[entries.to] * entries.value, d**2)
        for rate, entries in zip(numbers, generator.everywhere, strict=True)
    ]


def _first_law_holds(prices: list[np.ndarray], contacts: Mapping[str, Contact]) -> bool:
    """Whether nothing but the baths exchanges energy with a machine."""
    bath = {k for contact in contacts.values() for k in contact.terms}
    others = [np.abs(price).max() for k, price in enumerate(prices) if k not in bath]
    largest = max(np.abs(price).max() for price in prices)
    return max(others, default=0.0) <= _ROUNDING * largest


# two qubits


@heat_currents.register
def _heat_currents_of_two_qubits(machine: TwoQubit, rho: np.ndarray) -> dict[str, HeatCurrent]:
    if machine.charge == "infinite" and rho[3, 3].real > 0:
        return {}  # an inverted bath pays an infinite energy for |11>
    slower = min("a", "b", key=lambda party: max(rate for rate, _ in machine.jumps(party)))
    current = _heat_current_from_coherences(machine, slower, rho)
    error = _TWO_QUBIT_ROUNDING * abs(current)
    heat = {"a": current, "b": -current} if slower == "a" else {"a": -current, "b": current}
    return {k: HeatCurrent(q, error, machine.inverse_temperature(k)) for k, q in heat.items()}


def _heat_current_from_coherences(machine: TwoQubit, party: str, rho: np.ndarray) -> float:
    r"""The heat from the bath of ``party`` without the difference of its two large rates.

    No other process than its own bath and the Hamiltonian changes the excitation :math:`n_k` of
    a qubit, so that in the steady state

    .. math:: E_k\,\mathrm{tr}[n_k \mathcal{D}_k\rho] = i E_k\,\mathrm{tr}\big([n_k, H]\,\rho\big)

    is what the coherences carry away. Only the interactions are left to the rates.
    """
    hamiltonian = machine.hamiltonian()
    gap = machine.E_a if party == "a" else machine.E_b
    local = float(machine.E_a) * N_A + float(machine.E_b) * N_B
    total = float(gap) * _carried(machine, party, rho)
    if machine.finite_u is not None and not machine.tunnelling:
        total += float(machine.finite_u) * _to_the_top(machine, party, rho)
        hamiltonian = hamiltonian - float(machine.finite_u) * BOTH
    change = np.zeros_like(rho)
    for rate, jump in machine.jumps(party):
        loss = jump.conj().T @ jump
        change = change + rate * (jump @ rho @ jump.conj().T - (loss @ rho + rho @ loss) / 2)
    return float(total + np.trace((hamiltonian - local) @ change).real)


def _carried(machine: TwoQubit, party: str, rho: np.ndarray) -> float:
    """The excitations per time that the coherences carry away from a qubit."""
    number, hamiltonian = N_A if party == "a" else N_B, machine.hamiltonian()
    return float((1j * np.trace((number @ hamiltonian - hamiltonian @ number) @ rho)).real)


def _to_the_top(machine: TwoQubit, party: str, rho: np.ndarray) -> float:
    """The jumps per time that a bath makes to ``|11>``, less those that it makes from there.

    The population of ``|11>`` is stationary, and so is each qubit's excitation: there are four ways
    to tell this flow, each a difference, and the one of the smallest terms is the most accurate.
    """
    p = np.real(np.diag(rho))
    ways = {"a": ((0, 2), (1, 3)), "b": ((0, 1), (2, 3))}
    found = []
    for k, sign in (("a", 1.0), ("b", -1.0)):
        (up, down), (up_charged, down_charged) = (map(float, pair) for pair in machine.rates(k))
        (low, middle), (other, top) = ways[k]
        found.append((sign, 0.0, up_charged * p[other], down_charged * p[top]))
        found.append((-sign, sign * _carried(machine, k, rho), up * p[low], down * p[middle]))
    sign, offset, gain, loss = min(found, key=lambda way: abs(way[1]) + way[2] + way[3])
    flow = offset + sign * (gain - loss)
    return flow if party == "a" else -flow


@critical_heat_current.register
def _critical_heat_current_of_two_qubits(machine: TwoQubit, rho: np.ndarray) -> float | None:
    if machine.charge != "none" or machine.tunnelling:
        return None
    gamma_a, gamma_b = (sum(float(r) for r in machine.rates(party)[0]) for party in ("a", "b"))
    e_a, e_b = float(machine.E_a), float(machine.E_b)
    p = np.maximum(np.real(np.diag(rho)), 0.0)
    damping = np.hypot(gamma_a + gamma_b, 2 * (e_b - e_a))
    if damping == 0:
        return None
    coupling = 4 * float(machine.g) * (e_a * gamma_b + e_b * gamma_a)
    return float(coupling * np.sqrt(p[0] * p[3]) / damping)
