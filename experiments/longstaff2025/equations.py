"""longstaff2025 written out: the jumps from their definition (31), and the paper's closed forms."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import expm

from experiments.master_equation import ONE, SIGMA_X, SIGMA_Z, dissipator, unitary

X = np.kron(SIGMA_X, SIGMA_X)
PHI_PLUS, PHI_MINUS, PSI_PLUS, PSI_MINUS = np.array(
    [[1, 0, 0, 1], [1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0]]
) / np.sqrt(2)
PLUS, MINUS = (np.eye(4) + X) / 2, (np.eye(4) - X) / 2


def on_both(operator):
    return np.kron(operator, ONE), np.kron(ONE, operator)


def projector(ket):
    return np.outer(ket, ket)


@dataclass(frozen=True)
class Bath:
    statistics: str
    chi: float
    temperature: float


def rates(bath, g):
    """gamma(g), gamma(-g): (12), (17) with J = chi omega."""
    xi = -1 if bath.statistics == "boson" else 1
    if bath.temperature == 0:
        p = 1.0 if np.signbit(bath.temperature) else 0.0
    else:
        p = 1 / (np.exp(g / bath.temperature) + xi)
    return bath.chi * g * (1 - xi * p), bath.chi * g * p


def gammas(baths, g):
    """(21)."""
    pairs = [rates(bath, g) for bath in baths]
    return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)


def jump(beta, omega, g):
    """(31): the part of sigma_x on one qubit that lowers the energy by omega."""
    levels = [(0.0, projector(PHI_PLUS) + projector(PHI_MINUS))]
    levels += [(g, projector(PSI_MINUS)), (-g, projector(PSI_PLUS))]
    sigma_x = on_both(SIGMA_X)[beta]
    return sum(
        final @ sigma_x @ initial
        for lower, final in levels
        for higher, initial in levels
        if higher - lower == omega
    )


def liouvillian(g, baths, collective=0.0, local=(0.0, 0.0), shifts=((0, 0), (0, 0))):
    """(13), (28) with the Lamb shifts (S(g), S(-g)) of each bath."""
    hamiltonian = g * (projector(PSI_MINUS) - projector(PSI_PLUS))
    total = 0
    for beta, bath in enumerate(baths):
        for omega, rate, shift in zip((g, -g), rates(bath, g), shifts[beta], strict=True):
            A = jump(beta, omega, g)
            hamiltonian = hamiltonian + shift * A.T @ A
            total = total + rate * dissipator(A)
    z_1, z_2 = on_both(SIGMA_Z)
    total = total + collective * dissipator(z_1 + z_2)
    total = total + local[0] * dissipator(z_1) + local[1] * dissipator(z_2)
    return total + unitary(hamiltonian)


def projected(full, initial):
    """Where an initial state ends, by the null vectors of its Liouvillian; else its average."""
    left, values, right = np.linalg.svd(full)
    kernel = values < 1e-12 * values[0]
    left, right = left[:, kernel].conj().T, right[kernel].conj().T
    return (right @ np.linalg.solve(left @ right, left @ initial.reshape(16))).reshape(4, 4)


def evolved(full, initial):
    """The state after a time in which all that decays has decayed."""
    decays = -np.linalg.eigvals(full).real
    time = 40 / decays[decays > 1e-11].min()
    return (expm(time * full) @ initial.reshape(16)).reshape(4, 4)


def steady_states(Gamma_1, Gamma_2):
    """(19), (20): r_+ and r_-."""
    a = Gamma_1 / (Gamma_1 + Gamma_2)
    plus = a * projector(PSI_PLUS) + (1 - a) * projector(PHI_PLUS)
    return plus, a * projector(PHI_MINUS) + (1 - a) * projector(PSI_MINUS)


def noisy_state(Gamma_1, Gamma_2, gamma_c, gamma_l):
    """(36)-(40)."""
    N = 4 * gamma_l**2 + 8 * gamma_c * gamma_l + (gamma_c + gamma_l) * (Gamma_1 + Gamma_2)
    excess = gamma_c / (4 * N) * (Gamma_1 - Gamma_2) ** 2 / (Gamma_1 + Gamma_2)
    a, b = 1 / 4 - excess, 1 / 4 + excess
    c = (2 * gamma_c + gamma_l) / (4 * N) * (Gamma_1 - Gamma_2)
    d = -gamma_l / (4 * N) * (Gamma_1 - Gamma_2)
    return (
        (a + d) * projector(PHI_PLUS)
        + (b + c) * projector(PSI_PLUS)
        + (a - d) * projector(PHI_MINUS)
        + (b - c) * projector(PSI_MINUS)
    )


def bell_noiseless(Gamma_1, Gamma_2, mu):
    """(24)."""
    return 2 * np.hypot((Gamma_1 - Gamma_2) / (Gamma_1 + Gamma_2), 2 * mu - 1)


def bell_equal(g, temperature, mu):
    """(25)."""
    return 2 * np.hypot(np.tanh(g / (2 * temperature)), 2 * mu - 1)


def bell_noisy(Gamma_1, Gamma_2, gamma_c, gamma_l):
    """(29)."""
    N = 4 * gamma_l**2 + 8 * gamma_c * gamma_l + (gamma_c + gamma_l) * (Gamma_1 + Gamma_2)
    return 2 * np.hypot(gamma_c, gamma_c + gamma_l) * (Gamma_1 - Gamma_2) / N


def bell_by_ratio(Gamma_1, Gamma_2, R, gamma_l, gamma_L):
    """(42), with its gamma_L, which the paper does not define."""
    total = Gamma_1 + Gamma_2
    below = (4 * gamma_L + total) * R + 8 * gamma_l + total
    return 2 * np.sqrt(R**2 + 2 * R + 2) * (Gamma_1 - Gamma_2) / below


def largest_ratio(Gamma_1, Gamma_2, gamma_l):
    """(43): R_+, below which B > 2."""
    total, product = Gamma_1 + Gamma_2, Gamma_1 * Gamma_2
    D = product + 2 * gamma_l * total + 4 * gamma_l**2
    root = np.sqrt(product + 2 * gamma_l * total + 8 * gamma_l**2)
    return ((Gamma_1 - Gamma_2) * root / 2 - (product + 3 * gamma_l * total + 8 * gamma_l**2)) / D


def excess_44(Gamma_1, Gamma_2, gamma_l):
    """The left-hand side of (44)."""
    return (Gamma_1 + Gamma_2 - 8 * gamma_l) ** 2 - 8 * Gamma_1 * Gamma_2 - 128 * gamma_l**2


def excess_30(Gamma_1, Gamma_2, gamma_l):
    """The left-hand side of (30) less its right-hand side."""
    return Gamma_1 - (3 + 2 * np.sqrt(2)) * Gamma_2 - 8 * (1 + np.sqrt(2)) * gamma_l


def thermal_state(g, temperature):
    """(32)."""
    weights = np.array([1.0, np.exp(g / temperature), 1.0, np.exp(-g / temperature)])
    projectors = map(projector, (PHI_PLUS, PSI_PLUS, PHI_MINUS, PSI_MINUS))
    scale = 1 / (4 * np.cosh(g / (2 * temperature)) ** 2)
    return scale * sum(w * p for w, p in zip(weights, projectors, strict=True))


def heat_currents(g, baths, rho):
    """tr[H_S D_beta rho] of both baths."""
    hamiltonian = g * (projector(PSI_MINUS) - projector(PSI_PLUS))
    found = []
    for beta, bath in enumerate(baths):
        parts = zip((g, -g), rates(bath, g), strict=True)
        change = sum(rate * dissipator(jump(beta, omega, g)) for omega, rate in parts)
        found.append(np.trace(hamiltonian @ (change @ rho.reshape(16)).reshape(4, 4)).real)
    return found
