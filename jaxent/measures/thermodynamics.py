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

The local master equation can violate the second law slightly where the qubits are detuned:
:math:`\dot\sigma < 0` is then reported as it is.
"""

from __future__ import annotations

import numpy as np

from jaxent.machines import AbstractMachine, TwoQubit

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
    if not isinstance(machine, TwoQubit) or _populates_infinite_energy(machine, rho):
        return undefined
    hamiltonian = machine.hamiltonian()
    heat = {party: _heat_current(machine, party, hamiltonian, rho) for party in ("a", "b")}
    return undefined | {
        "heat_current_a": heat["a"],
        "heat_current_b": heat["b"],
        "entropy_production": _entropy_production(machine, heat),
        "heat_current": heat["a"] - heat["b"],
        "critical_heat_current": _critical_heat_current(machine, rho),
    }


def _populates_infinite_energy(machine: TwoQubit, rho: np.ndarray) -> bool:
    return machine.charge == "infinite" and rho[3, 3].real > 1e-80


def _heat_current(machine: TwoQubit, party: str, hamiltonian: np.ndarray, rho: np.ndarray) -> float:
    change = np.zeros_like(rho)
    for rate, jump in machine.jumps(party):
        loss = jump.conj().T @ jump
        change = change + rate * (jump @ rho @ jump.conj().T - (loss @ rho + rho @ loss) / 2)
    return float(np.trace(hamiltonian @ change).real)


def _entropy_production(machine: TwoQubit, heat: dict[str, float]) -> float | None:
    # What the solver's leak carries is no current: at zero temperature it would count infinitely.
    scale = max(float(rate) for party in heat for pair in machine.rates(party) for rate in pair)
    negligible = 1e-80 * scale * max(float(machine.E_a), float(machine.E_b))
    total = 0.0
    for party, current in heat.items():
        beta = machine.inverse_temperature(party)
        total -= beta * current if abs(current) > negligible else 0.0
    # Currents out of one bath at zero temperature and into another leave it undefined.
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
