r"""Heat currents and entropy production of a machine between two baths.

A heat current is positive when it flows from the bath into the machine (khandelwal2020 (10),
with :math:`H = H_S + H_{\mathrm{int}}`, for which the first law
:math:`\dot Q_A + \dot Q_B = 0` is exact in the steady state):

.. math::
    \dot Q_k = \mathrm{tr}\big[H\,\mathcal{D}_k\rho\big], \qquad
    J = \dot Q_A - \dot Q_B, \qquad
    \dot\sigma = -\beta_A \dot Q_A - \beta_B \dot Q_B .

:math:`J` is the current of khandelwal2020 (11), twice the heat that passes. The critical current

.. math::
    J_c = 4g\,(E_a\Gamma_B + E_b\Gamma_A)\sqrt{\frac{p_{00}p_{11}}{\Gamma^2 + 4\delta^2}}

(khandelwal2020 (18), with :math:`\Gamma_k = \Gamma_k^+ + \Gamma_k^-`,
:math:`\Gamma = \Gamma_A + \Gamma_B`, :math:`\delta = E_b - E_a`) is the one that must be exceeded,
:math:`|J| > J_c`, for the state to be entangled; it is defined without charge and tunnelling.

The first law gives one current from the other; the one of the slower bath is computed.

The local master equation can violate the second law slightly where the qubits are detuned or
tunnel: :math:`\dot\sigma < 0` is then reported as it is, and ``second_law`` says so.
"""

from __future__ import annotations

import numpy as np

from jaxent.machines import AbstractMachine, Regime, TwoQubit
from jaxent.machines.two_qubit import BOTH, N_A, N_B

QUANTITIES = (
    "heat_current_a",
    "heat_current_b",
    "entropy_production",
    "heat_current",
    "critical_heat_current",
)
"""What :func:`thermodynamics` reports."""


def thermodynamics(machine: AbstractMachine, rho: np.ndarray) -> dict[str, float | None]:
    """The thermodynamic quantities of a machine without batch axes in its steady state.

    Args:
        machine: the machine.
        rho: its steady state (before any filter).

    Returns:
        ``heat_current_a``, ``heat_current_b`` (energy per time), ``entropy_production``,
        ``heat_current`` (:math:`J`) and ``critical_heat_current`` (:math:`J_c`); ``None`` where
        the model does not define one. The entropy production is infinite where heat flows into a
        bath at zero temperature.
    """
    undefined: dict[str, float | None] = dict.fromkeys(QUANTITIES)
    if not isinstance(machine, TwoQubit):
        return undefined
    if machine.charge == "infinite" and rho[3, 3].real > 0:
        return undefined  # an inverted bath pays an infinite energy for |11>
    slower = min("a", "b", key=lambda party: max(rate for rate, _ in machine.jumps(party)))
    current = _heat_current(machine, slower, rho)
    heat = {"a": current, "b": -current} if slower == "a" else {"a": -current, "b": current}
    return undefined | {
        "heat_current_a": heat["a"],
        "heat_current_b": heat["b"],
        "entropy_production": _entropy_production(machine, heat),
        "heat_current": heat["a"] - heat["b"],
        "critical_heat_current": _critical_heat_current(machine, rho),
    }


def second_law(machine: AbstractMachine, rho: np.ndarray) -> list[Regime]:
    """The second law as a condition of the model, where the model can violate it.

    Args:
        machine: a machine without batch axes.
        rho: its steady state.
    """
    if not isinstance(machine, TwoQubit) or not (machine.detuned or machine.tunnelling):
        return []
    found = thermodynamics(machine, rho)
    sigma, heat = found["entropy_production"], found["heat_current"]
    if sigma is None or heat is None:
        return []
    # The entropy's rounding error is that of the heat, weighed with the temperatures.
    coldest = max(abs(machine.inverse_temperature(k)) for k in ("a", "b"))
    rounding = 1e-12 * coldest * abs(heat) if np.isfinite(coldest) else 0.0
    return [Regime("-(entropy production) <= 0", max(0.0, -sigma - rounding), 0.0)]


def _heat_current(machine: TwoQubit, party: str, rho: np.ndarray) -> float:
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


def _entropy_production(machine: TwoQubit, heat: dict[str, float]) -> float | None:
    flows = [-machine.inverse_temperature(k) * current for k, current in heat.items() if current]
    # Currents out of one bath at zero temperature and into another leave it undefined.
    total = float(sum(flows))
    return None if np.isnan(total) else total


def _critical_heat_current(machine: TwoQubit, rho: np.ndarray) -> float | None:
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
