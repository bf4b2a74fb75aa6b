"""Exact results of khandelwal2020 (Khandelwal, Palazzo, Brunner, Haack, NJP 22, 073039).

The paper's basis is |11>, |10>, |01>, |00> with the hot qubit first; states here are in the
package's order |00>, |01>, |10>, |11>. A bath is the pair of its rates (gain, loss), the paper's
gamma^+ and gamma^-.
"""

from typing import NamedTuple

import numpy as np


class Rates(NamedTuple):
    """gamma^+ and gamma^- of one bath; their sum is the paper's Gamma_j."""

    gain: float
    loss: float

    @property
    def total(self):
        return self.gain + self.loss


def bose_einstein(energy, temperature):
    """The occupation n_B below (4)."""
    return 1 / np.expm1(energy / temperature)


def bosonic_rates(gamma, energy, temperature):
    """(4)."""
    n = bose_einstein(energy, temperature)
    return Rates(gamma * n, gamma * (1 + n))


def chi(g, hot, cold, delta):
    """(9)."""
    width = hot.total + cold.total
    return (4 * g**2 + hot.total * cold.total) * width**2 + 4 * delta**2 * hot.total * cold.total


def populations(g, hot, cold, delta):
    """(7): r1, r2, r3, r4 of |11>, |10>, |01>, |00>; delta is the cold gap less the hot one."""
    width = (hot.total + cold.total) ** 2 + 4 * delta**2
    gain, loss = hot.gain + cold.gain, hot.loss + cold.loss
    numerators = [
        4 * g**2 * gain**2 + hot.gain * cold.gain * width,
        4 * g**2 * loss * gain + hot.gain * cold.loss * width,
        4 * g**2 * loss * gain + hot.loss * cold.gain * width,
        4 * g**2 * loss**2 + hot.loss * cold.loss * width,
    ]
    return np.array(numerators) / chi(g, hot, cold, delta)


def coherence(g, hot, cold, delta):
    """(8): c = rho[10, 01]."""
    bias = hot.gain * cold.loss - hot.loss * cold.gain
    width = hot.total + cold.total
    return 2 * g * bias * (1j * width - 2 * delta) / chi(g, hot, cold, delta)


def steady_state(g, hot, cold, delta):
    """(6)."""
    r1, r2, r3, r4 = populations(g, hot, cold, delta)
    rho = np.diag([r4, r3, r2, r1]).astype(complex)
    rho[2, 1] = coherence(g, hot, cold, delta)
    rho[1, 2] = np.conj(rho[2, 1])
    return rho


def heat_current(g, hot, cold, energy_hot, energy_cold):
    """(11), where the heat flow (10) is that of H_S + H_int."""
    bias = hot.gain * cold.loss - hot.loss * cold.gain
    weight = energy_hot * cold.total + energy_cold * hot.total
    return 8 * g**2 * bias * weight / chi(g, hot, cold, energy_cold - energy_hot)


def thermal_state(g, energy, temperature):
    """(34): the thermal state of H_S + H_int."""
    x, y = energy / temperature, g / temperature
    rho = np.diag([np.exp(x), np.cosh(y), np.cosh(y), np.exp(-x)]).astype(complex)
    rho[1, 2] = rho[2, 1] = -np.sinh(y)
    return rho / (2 * (np.cosh(x) + np.cosh(y)))


def thermal_negativity(g, energy, temperature):
    """(35)."""
    x, y = energy / temperature, g / temperature
    root = np.sqrt(np.cosh(x) ** 2 + np.sinh(y) ** 2 - 1)
    return max(0.0, (root - np.cosh(x)) / (2 * (np.cosh(x) + np.cosh(y))))
