"""tacchino2018 written out: two collective baths, two qubits in a cavity, and the way between them.

Basis: qubit 1, qubit 2, cavity; |1> is excited.
"""

import numpy as np

from experiments.master_equation import ONE, RAISE, liouvillian, steady_state

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


C_1, C_2 = factors(LOWER, ONE), factors(ONE, LOWER)
MODES = {"A": C_1 - C_2, "S": C_1 + C_2}
EXCITATIONS = C_1.T @ C_1 + C_2.T @ C_2


def collective(pump, loss_A, loss_S, omega=0.0):
    """(1), (2): each bath by its rates Gamma^+ and Gamma_i^-; (Gamma / 2) D_o is Gamma D[o]."""
    jumps = []
    for J, loss in ((MODES["A"], loss_A), (MODES["S"], loss_S)):
        jumps += [(pump, J.T), (loss, J)]
    return liouvillian(omega * EXCITATIONS, jumps)


def adiabatic(g, kappa, pump, gamma):
    """(2) with the rates (9), the cavity eliminated."""
    cooling = 4 * g**2 / kappa
    return steady_state(collective(pump / 2, gamma / 2, cooling + gamma / 2))


def thermal_collective(beta_A, beta_S, omega=0.0, pump=1.0):
    """(1)-(3)."""
    return collective(pump, pump * np.exp(beta_A), pump * np.exp(beta_S), omega)


def parts_of_5(beta_A, beta_S):
    """(5), (A12): N_1, N_2, d."""
    S, A = np.exp(beta_A) + np.exp(beta_S), np.exp(beta_A) - np.exp(beta_S)
    P = np.exp(beta_A + beta_S)
    N_1 = abs(A * (S / 2 - 1))
    N_2 = np.sqrt((S / 2 + 1) * (2 * S**2 + 2 * P * (S - 2)))
    return N_1, N_2, 1 + S**2 + S * (P + 3) / 2 - P


def parts_of_a10(x, y, *, printed=False):
    """(A10), with x, y = Gamma_i^- / Gamma^+."""
    if printed:
        N_1 = abs((x - y) * (x + y - 2))
        N_2 = np.sqrt((x + y + 2) * (x**2 * y + x**2 + y**2 * x))
        squares = x**2 + 2 * y**2
    else:
        N_1 = abs((x - y) * (x + y - 2)) / 2
        N_2 = np.sqrt((x + y + 2) * (x**2 * y + x * y**2 + x**2 + y**2))
        squares = x**2 + y**2
    return N_1, N_2, 1 + squares + x * y + 3 / 2 * (x + y) + (x + y) * x * y / 2


def from_parts(N_1, N_2, d):
    """(4), (A9)."""
    return max(0.0, (N_1 - N_2) / d)


def thermal_limit(beta_S, *, printed=False):
    """(A13): C where beta_A = 0 and beta_S is large."""
    return 2 / 3 * (1 / 2 - (1 if printed else np.sqrt(2)) * np.exp(-beta_S / 2))


def inverted_limit(beta_S):
    """(A14): C where beta_A -> -inf."""
    x = np.exp(beta_S)
    return (x**2 / 2 - x - x * np.sqrt(x + 2)) / (1 + x**2 + 3 / 2 * x)


def concurrence(rho):
    """(A8)."""
    return 2 * max(0.0, abs(rho[1, 2]) - np.sqrt((rho[0, 0] * rho[3, 3]).real))


def spin_flipped(rho):
    """rho rho~, before (A5)."""
    flip = np.diag([-1.0, 1.0, 1.0, -1.0])[::-1]
    return rho @ flip @ rho.conj() @ flip


def fermionic(beta_A, beta_S):
    """(1)-(3) with operators that anticommute between the qubits, by a Jordan-Wigner string."""
    C_2 = factors(np.diag([1.0, -1.0]), LOWER)
    jumps = []
    for J, beta in ((C_1 - C_2, beta_A), (C_1 + C_2, beta_S)):
        jumps += [(1.0, J.T), (np.exp(beta), J)]
    return steady_state(liouvillian(EXCITATIONS, jumps))


def reversed_emission(beta, J, *, printed=False):
    """(B3): the reversed jump of K = e^(beta / 2) J, which is to be the absorption J^+."""
    emission = np.exp(beta / 2) * J
    weights = np.exp(-beta * np.diag(EXCITATIONS))
    jump = J.T if printed else emission.T
    return np.sqrt(weights)[:, None] * jump / np.sqrt(weights)


# Unequal couplings, one pump on qubit 2, gamma << p << g, kappa, with s = g_2^2 / (g_1^2 + g_2^2):
# |00> --(1 - s) p--> dark state --s p--> |11>, which decays to the dark state with a probability
# f(s), or else to |00>.


def fast_return(s):
    """f where kappa >> g: the amplitude of J |11> in the dark state, J = g_1 c_1 + g_2 c_2."""
    return (1 - 2 * s) ** 2


def slow_return(s):
    """f where p << kappa << g: each of the four levels that hold two quanta leaks by itself."""
    g1, g2 = np.sqrt(1 - s), np.sqrt(s)
    hops = np.diag([g2**2 - g1**2, 0, np.sqrt(2)], 1) + np.diag([2 * g1 * g2, 0], 2)
    # |11, 0>, |dark, 1>, |bright, 1>, |00, 2>
    _, levels = np.linalg.eigh(hops + hops.T)
    photons = np.array([0, 1, 1, 2]) @ levels**2
    return np.sum(levels[0] ** 2 * levels[1] ** 2 / photons)


def dark_population(s, returned):
    """The rest is |00>."""
    return (1 - s) / (1 - s + s * (1 - returned))


def unequal_state(s, returned):
    dark, p = np.array([0, -np.sqrt(1 - s), np.sqrt(s), 0]), dark_population(s, returned)
    return p * np.outer(dark, dark) + (1 - p) * np.diag([1.0, 0, 0, 0])
