"""tacchino2018 written out: two qubits in a cavity, and what is left when the cavity follows.

Basis: qubit 1, qubit 2, cavity; |1> is excited.
"""

import numpy as np

from tests.systems.plain import ONE, RAISE
from tests.systems.stationary import liouvillian, steady_state

LOWER = RAISE.T


def factors(*operators):
    total = np.eye(1)
    for operator in operators:
        total = np.kron(total, operator)
    return total


def cavity(
    g1, g2, kappa, pump_1, pump_2, gamma, dephasing=0.0, detuning=0.0, cavity_pump=0.0, photons=3
):
    """(7), (8) and App. D, with (kappa / 2) D_a read as the collapse operator sqrt(kappa) a."""
    a = np.diag(np.sqrt(np.arange(1, photons + 1)), 1)
    one = np.eye(photons + 1)
    sigma_z = np.diag([1.0, -1.0])
    hamiltonian, jumps = 0, []
    for place, g, pump, delta in ((0, g1, pump_1, detuning), (1, g2, pump_2, -detuning)):

        def qubit(operator, mode=one, place=place):
            pair = (operator, ONE) if place == 0 else (ONE, operator)
            return factors(*pair, mode)

        hamiltonian = hamiltonian + g * (qubit(RAISE, a) + qubit(LOWER, a.T))
        hamiltonian = hamiltonian + delta * qubit(RAISE @ LOWER)
        jumps += [(pump, qubit(RAISE)), (gamma, qubit(LOWER)), (dephasing, qubit(sigma_z))]
    jumps += [(kappa, factors(ONE, ONE, a)), (cavity_pump, factors(ONE, ONE, a.T))]
    return liouvillian(hamiltonian, jumps)


def reduced(full):
    """The state of the qubits."""
    size = len(full) // 4
    return full.reshape(4, size, 4, size).trace(axis1=1, axis2=3)


def adiabatic(g, kappa, pump, gamma):
    """(2) with the rates (9), the cavity eliminated: D_o = 2 o rho o^+ - {o^+ o, rho}."""
    c_1, c_2 = factors(LOWER, ONE), factors(ONE, LOWER)
    cooling = 4 * g**2 / kappa
    jumps = []
    for J, loss in ((c_1 + c_2, cooling + gamma / 2), (c_1 - c_2, gamma / 2)):
        jumps += [(pump / 2, J.T), (loss, J)]
    return steady_state(liouvillian(np.zeros((4, 4)), jumps))


def concurrence(rho):
    """(A8)."""
    return 2 * max(0.0, abs(rho[1, 2]) - np.sqrt((rho[0, 0] * rho[3, 3]).real))
