"""Exact results of khandelwal2020 (Khandelwal, Palazzo, Brunner, Haack, NJP 22, 073039).

The paper's basis is |11>, |10>, |01>, |00> with the hot qubit first; states here are in the
package's order |00>, |01>, |10>, |11>. A bath is the pair of its rates (gain, loss), the paper's
gamma^+ and gamma^-.
"""

from typing import NamedTuple

import numpy as np

from experiments.master_equation import EXCITED, FLIP_FLOP, ONE, RAISE, liouvillian


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


def fermionic_rates(gamma, energy, temperature):
    """The same for fermions: n = 1 / (e^(energy / T) + 1); T < 0 is inversion."""
    n = 1 / (np.exp(energy / temperature) + 1)
    return Rates(gamma * n, gamma * (1 - n))


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


def critical_heat_current(g, hot, cold, energy_hot, energy_cold):
    """(18), to be compared with the modulus of (11)."""
    delta = energy_cold - energy_hot
    r1, _, _, r4 = populations(g, hot, cold, delta)
    weight = energy_hot * cold.total + energy_cold * hot.total
    damping = np.hypot(hot.total + cold.total, 2 * delta)
    return 4 * g * weight * np.sqrt(r1 * r4) / damping


def explicit_negativity(g, hot, cold, delta):
    """(17), whose gamma_j are gamma_j^- - gamma_j^+; before it is cut off at zero."""
    width = (hot.total + cold.total) ** 2 + 4 * delta**2
    bare_hot, bare_cold = hot.loss - hot.gain, cold.loss - cold.gain
    crossed = (hot.gain + cold.loss) * (hot.loss + cold.gain)
    a = bare_hot**2 + bare_cold**2 + 2 * crossed
    b = hot.loss * cold.loss + hot.gain * cold.gain
    c = (
        hot.gain * cold.gain * (hot.gain**2 + cold.gain**2)
        + hot.loss * cold.loss * (hot.loss**2 + cold.loss**2)
        + 2 * (hot.loss**2 + hot.gain**2) * (cold.loss**2 + cold.gain**2)
        - (hot.loss * hot.gain + cold.loss * cold.gain)
        * (hot.loss * cold.gain + hot.gain * cold.loss)
        - 8 * hot.loss * hot.gain * cold.loss * cold.gain
    )
    d = (hot.loss * cold.loss - hot.gain * cold.gain) ** 2
    first = 16 * g**4 * ((bare_hot + bare_cold) * (hot.total + cold.total)) ** 2
    root = np.sqrt(first + 8 * g**2 * c * width + d * width**2)
    return (root - 4 * g**2 * a - b * width) / (2 * chi(g, hot, cold, delta))


def local_liouvillian(g, hot, cold, energy_hot, energy_cold):
    """(3)."""
    free = energy_hot * np.kron(EXCITED, ONE) + energy_cold * np.kron(ONE, EXCITED)
    up = {"hot": np.kron(RAISE, ONE), "cold": np.kron(ONE, RAISE)}
    jumps = [
        jump
        for party, rates in (("hot", hot), ("cold", cold))
        for jump in ((rates.gain, up[party]), (rates.loss, up[party].T))
    ]
    return liouvillian(free + g * FLIP_FLOP, jumps)


def drift(full):
    """M and b of (28): rho[00, 00], the last entry in the paper's order, is left to the trace."""
    full = full[::-1, ::-1]  # the paper's order of the basis, for kets and bras alike
    last = full[:15, 15]
    matrix = full[:15, :15].copy()
    matrix[:, [0, 5, 10]] -= last[:, None]
    return matrix, last


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


# Sec. 6: strong coupling. A bath is the pair of its Rates at E - g and at E + g.


def eigenkets():
    """(33): |0>, |eps_->, |eps_+>, |2>, as columns."""
    minus, plus = np.array([0, 1, -1, 0]), np.array([0, 1, 1, 0])
    return np.column_stack([np.eye(4)[0], minus / np.sqrt(2), plus / np.sqrt(2), np.eye(4)[3]])


def global_lindblad_operators(party):
    """(20): the parts of sigma_- of one qubit that lower the energy by E - g and by E + g."""
    lower = np.kron(RAISE.T, ONE) if party == "hot" else np.kron(ONE, RAISE.T)
    zero, minus, plus, two = (np.outer(ket, ket) for ket in eigenkets().T)
    return [
        zero @ lower @ minus + plus @ lower @ two,
        zero @ lower @ plus + minus @ lower @ two,
    ]


def global_hamiltonian(g, energy):
    """H_S + H_int at resonance."""
    return energy * (np.kron(EXCITED, ONE) + np.kron(ONE, EXCITED)) + g * FLIP_FLOP


def global_jumps(party, rates):
    """[(rate, operator)] of one bath in (21)."""
    return [
        jump
        for L, at in zip(global_lindblad_operators(party), rates, strict=True)
        for jump in ((at.loss, L), (at.gain, L.T))
    ]


def global_liouvillian(g, energy, hot, cold):
    """(21)."""
    jumps = global_jumps("hot", hot) + global_jumps("cold", cold)
    return liouvillian(global_hamiltonian(g, energy), jumps)


def _sums(hot, cold):
    """Gamma^+ and Gamma^- at eps_- and at eps_+, below (24), and chi_gl."""
    gain = [h.gain + c.gain for h, c in zip(hot, cold, strict=True)]
    loss = [h.loss + c.loss for h, c in zip(hot, cold, strict=True)]
    return gain, loss, (gain[0] + loss[0]) * (gain[1] + loss[1])


def global_populations(hot, cold):
    """(23): s1, s2, s3, s4 of |11>, |10>, |01>, |00>."""
    gain, loss, chi_gl = _sums(hot, cold)
    one = (gain[0] * loss[1] + loss[0] * gain[1]) / 2
    return np.array([gain[0] * gain[1], one, one, loss[0] * loss[1]]) / chi_gl


def global_coherence(hot, cold):
    """(24): d = rho[10, 01]."""
    gain, loss, chi_gl = _sums(hot, cold)
    return (loss[0] * gain[1] - gain[0] * loss[1]) / (2 * chi_gl)


def global_heat_current(g, energy, hot, cold):
    """(25), with gamma_h gamma_c (n_h - n_c) = gamma_h^+ gamma_c^- - gamma_h^- gamma_c^+."""
    return _bracket_27(g, energy, hot, cold) / _sums(hot, cold)[2]


def global_negativity(hot, cold):
    """(26)."""
    return max(0.0, signed_global_negativity(hot, cold))


def signed_global_negativity(hot, cold):
    """(26), before it is cut off at zero."""
    s1, _, _, s4 = global_populations(hot, cold)
    root = np.sqrt(4 * global_coherence(hot, cold) ** 2 + (s1 - s4) ** 2)
    return (root - (s1 + s4)) / 2


def global_critical_heat_current(g, energy, hot, cold, *, printed=False):
    """(27), of which the denominator, and for reversed baths the current, needs a modulus."""
    s1, _, _, s4 = global_populations(hot, cold)
    gain, loss, _ = _sums(hot, cold)
    above, below = _bracket_27(g, energy, hot, cold), loss[0] * gain[1] - gain[0] * loss[1]
    ratio = 2 * above / below
    return (ratio if printed else abs(ratio)) * np.sqrt(s1 * s4)


def _bracket_27(g, energy, hot, cold):
    gain, loss, _ = _sums(hot, cold)
    total = [up + down for up, down in zip(gain, loss, strict=True)]
    bias = [h.gain * c.loss - h.loss * c.gain for h, c in zip(hot, cold, strict=True)]
    return (energy - g) * total[1] * bias[0] + (energy + g) * total[0] * bias[1]
