"""tavakoli2018 written out: its machines, and the paper's closed forms.

Symbols as in the paper. Where a printed formula fails, ``printed=True`` gives it as printed.
"""

import numpy as np

from experiments.master_equation import ket, liouvillian, reset, thermal

ALL_CHANNELS = ("01", "02", "12")


def level(d, a, b):
    """|a, b> of two systems of d levels each."""
    return np.kron(ket(d, a), ket(d, b))


def hops(levels, pairs):
    """The sum of strength (|to><from| + h.c.)."""
    return exchange(levels, levels, pairs)


def exchange(d_A, d_B, pairs):
    """The same for two systems of different sizes."""
    total = np.zeros((d_A * d_B, d_A * d_B))
    for strength, to, source in pairs:
        one_way = [np.kron(ket(d_A, a), ket(d_B, b)) for a, b in (to, source)]
        total = total + strength * (np.outer(*one_way) + np.outer(*one_way[::-1]))
    return total


def free(E_A, E_B):
    """H_A + H_B."""
    return np.diag(np.add.outer(np.asarray(E_A), np.asarray(E_B)).reshape(-1))


# the one-step machine, App. E


def one_step(g, p_A, p_B, gap=0.0):
    """(4) with (E1) put right, T_A = inf and T_B = 0; with the free Hamiltonian of equal gaps."""
    d = len(g) + 1
    steps = [(g[k], (k + 1, d - k - 2), (k, d - k - 1)) for k in range(d - 1)]
    ladder = gap * np.arange(d)
    H = hops(d, steps) + free(ladder, ladder)
    return _with_resets(H, p_A, np.full(d, 1 / d), p_B, ket(d, 0))


def one_step_as_printed(g, p_A, p_B):
    """(E1) as printed: |k+1, d-k-1><k, d-k|, as far as there are such levels."""
    d = len(g) + 1
    steps = [(g[k], (k + 1, d - k - 1), (k, d - k)) for k in range(1, d - 1)]
    return _with_resets(hops(d, steps), p_A, np.full(d, 1 / d), p_B, ket(d, 0))


def negativity_e10(d, g, *, printed=False):
    """(E10)."""
    if d == 3 and printed:
        return (3 - g) / (2 + 8 * g)
    if d == 3:
        return 3 * g / (2 + 8 * g**2)
    return g * (5 + 2 * g**2) / (3 + 13 * g**2 + 4 * g**4)


# the qudit machine, Secs. II and III, Apps. B and C


def qudits(g, p_A, p_B, temperature_a=np.inf, temperature_b=0.0, gaps=None):
    """(4), (9), (10), with the free Hamiltonian."""
    d = len(g)
    gaps = np.ones(d) if gaps is None else np.asarray(gaps)
    E_A, E_B = (np.concatenate([[0.0], np.cumsum(order)]) for order in (gaps, gaps[::-1]))
    steps = [(g[k - 1], (d, 0), (k - 1, d - k + 1)) for k in range(1, d + 1)]
    tau_A, tau_B = thermal(E_A, temperature_a), thermal(E_B, temperature_b)
    return _with_resets(hops(d + 1, steps) + free(E_A, E_B), p_A, tau_A, p_B, tau_B)


def _with_resets(hamiltonian, p_A, tau_A, p_B, tau_B):
    resets = [(p_A, reset("a", tau_A, len(tau_B))), (p_B, reset("b", tau_B, len(tau_A)))]
    return liouvillian(hamiltonian, resets=resets)


def coefficients_c3(d, g, p_A, p_B):
    """(C3): c_1, c_2, c_3 and N."""
    s = p_A + p_B
    c_1 = (d + 1) * p_A * p_B * s**2 + 2 * g**2 * (
        (d + 1) ** 2 * p_B**2 + 2 * d * (d + 1) * p_A * p_B
    )
    c_2 = p_A * ((d + 1) * p_B * s**2 + 2 * (d + 1) * g**2 * d * p_B)
    c_3 = 1j * (d + 1) * g * p_A * p_B * s
    N = (d + 1) ** 2 * (p_A * p_B * s**2 + 2 * g**2 * (p_A**2 + 2 * d * p_A * p_B + d * p_B**2))
    return c_1, c_2, c_3, N


def state_c2(d, g, p_A, p_B):
    """(C2), (C3): the steady state for g_k = g, the bare coupling."""
    c_1, c_2, c_3, N = coefficients_c3(d, g, p_A, p_B)
    coherent = 2 * (d + 1) * g**2 * p_A * p_B
    rho = 2 * g**2 * p_A**2 * np.eye((d + 1) ** 2, dtype=complex)
    rho += c_2 * _unit(d, (d, 0), (d, 0))
    for k in range(d):
        rho += c_1 * _unit(d, (k, 0), (k, 0)) + coherent * _unit(d, (k, d - k), (k, d - k))
        rho += _with_adjoint(c_3 * _unit(d, (d, 0), (k, d - k)))
    return (rho + coherent * _ladder_coherences(d)) / N


def dissipation_c6(d, g, p_A, p_B, *, printed=False):
    """(C6): what the resets do to (C2)."""
    _, _, c_3, N = coefficients_c3(d, g, p_A, p_B)
    coherent = 2 * (d + 1) * g**2 * p_A * p_B
    total = -d * coherent * _unit(d, (d, 0), (d, 0)) + 0j
    for k in range(d):
        total += coherent * _unit(d, (k, d - k), (k, d - k))
        total += _with_adjoint(c_3 * _unit(d, (d, 0), (k, d - k)))
    total += coherent * _ladder_coherences(d, printed=printed)
    return -(p_A + p_B) * total / N


def commutator_c7(d, g, p_A, p_B, *, printed=False):
    """(C7): [rho, H_int] of (C2)."""
    _, c_2, c_3, N = coefficients_c3(d, g, p_A, p_B)
    ladder = [level(d + 1, k, d - k) for k in range(d)]
    total = 2j * d * g * c_3.imag * _unit(d, (d, 0), (d, 0))
    total -= 2j * g * c_3.imag * np.outer(sum(ladder), sum(ladder))
    one_way = np.outer(level(d + 1, d, 0), sum(ladder))
    total += (c_2 * g - 2 * d * (d + 1) * g**3 * p_A * p_B) * (one_way - one_way.T)
    return total if printed else total / N


def _unit(d, to, source):
    return np.outer(level(d + 1, *to), level(d + 1, *source)).astype(complex)


def _ladder_coherences(d, *, printed=False):
    """The sums over k and l of (C2), and those of (C6) as printed."""
    last, shift = (d - 2, 0) if printed else (d - 1, 1)
    total = np.zeros(((d + 1) ** 2,) * 2, dtype=complex)
    for k in range(1, last + 1):
        for l in range(1, last - k + 2):
            pair = (k + l - 1, d - k - l + shift), (k - 1, d - k + shift)
            total += _with_adjoint(_unit(d, *pair))
    return total


def _with_adjoint(operator):
    return operator + operator.conj().T


def state_c11(d, g, p_A, p_B, *, printed=False):
    """(C11): the filtered state, g the bare coupling."""
    coherent = 2 * d * g**2 * p_A * p_B if printed else 2 * (d + 1) * g**2 * p_A * p_B
    ladder = [level(d + 1, k, d - k) for k in range(d)]
    inside = np.kron(np.diag(np.arange(d + 1) < d), np.diag(np.arange(d + 1) > 0))
    rho = 2 * g**2 * p_A**2 * inside.astype(complex)
    for j, one in enumerate(ladder):
        for k, other in enumerate(ladder):
            weight = 2 * (d + 1) * g**2 * p_A * p_B if j == k else coherent
            if printed and j != k and max(j, k) > d - 2:  # the printed summation limits
                continue
            rho += weight * np.outer(one, other)
    return rho / (2 * g**2 * p_A**2 * d**2 + 2 * d * (d + 1) * g**2 * p_A * p_B)


def efficiency_12(d, g, p_A, p_B, *, printed=False):
    """(12): the success probability for g_k = g / sqrt(2); its d is the number of levels."""
    n = d if printed else d + 1
    xi = 2 * (n - 1) * p_A * p_B + (n - 1) * p_B**2 + p_A**2
    below = n**2 * (g**2 * xi + p_A * p_B * (p_A + p_B) ** 2)
    return (n - 1) * g**2 * p_A * ((n - 1) * p_A + n * p_B) / below


# qutrits: g_1 = g cos(theta) and g_2 = g sin(theta) as printed, and the other way round put right


def qutrit_couplings(g, theta, *, printed=False):
    """(g_1, g_2) of |0,2><2,0| and |1,1><2,0|."""
    pair = g * np.sin(theta), g * np.cos(theta)
    return pair[::-1] if printed else pair


def filtered_qutrits(g, theta, p_A, p_B):
    """(B2)-(B6), on |0,1>, |0,2>, |1,1>, |1,2>."""
    s, c2, c4 = p_A + p_B, np.cos(2 * theta), np.cos(4 * theta)
    below = (2 * p_A + 3 * p_B) * (-(g**2) * p_A * c4 + g**2 * (p_A + 6 * p_B) + 6 * p_B * s**2)
    minus = -(g**2) * p_A * c2 + g**2 * (p_A + 3 * p_B) + 3 * p_B * s**2
    plus = g**2 * p_A * c2 + g**2 * (p_A + 3 * p_B) + 3 * p_B * s**2
    r_1 = 2 * p_A * np.cos(theta) ** 2 * minus / below
    r_2 = 2 * np.sin(theta) ** 2 * (p_A + 3 * p_B) * plus / below
    r_3 = 2 * np.cos(theta) ** 2 * (p_A + 3 * p_B) * minus / below
    t = 3 * p_B * np.sin(2 * theta) * (g**2 * (p_A + 3 * p_B) + 3 * p_B * s**2) / below
    rho = np.diag([r_1, r_2, r_3, 1 - r_1 - r_2 - r_3])
    rho[1, 2] = rho[2, 1] = t
    return rho


def efficiency_b7(g, theta, p_A, p_B):
    """(B7)-(B11)."""
    s, c4 = p_A + p_B, np.cos(4 * theta)
    A = g**4 * p_A * c4 * s * (p_A + 2 * p_B)
    B = g**4 * (p_A**3 + 11 * p_A**2 * p_B + 26 * p_A * p_B**2 + 12 * p_B**3)
    C = 2 * g**2 * p_B * s**2 * (4 * p_A**2 + 15 * p_A * p_B + 6 * p_B**2)
    D = 6 * p_A * p_B**2 * s**4
    above = 2 * g**2 * p_A * (2 * p_A + 3 * p_B)
    above *= g**2 * p_A * c4 - g**2 * (p_A + 6 * p_B) - 6 * p_B * s**2
    return above / (9 * A - 9 * (B + C + D))


def state_6(theta, mu):
    """(6), to first order in mu = p_A / p_B, for g << p_B."""
    c, s = np.cos(theta), np.sin(theta)
    rho = np.diag([mu * c**2 / 3, (1 - mu / 3) * s**2, (1 - mu / 3) * c**2, mu * s**2 / 3])
    rho[1, 2] = rho[2, 1] = (1 - 2 * mu / 3) * c * s
    return rho


# two qubits, and a qubit and a qutrit, App. G


def qubits(g, p_A, p_B, temperature_a, temperature_b):
    """(4) for two qubits of gap 1, App. G.1 and G.2."""
    H = exchange(2, 2, [(g, (0, 1), (1, 0))]) + free([0, 1], [0, 1])
    tau_A, tau_B = (thermal([0, 1], T) for T in (temperature_a, temperature_b))
    return _with_resets(H, p_A, tau_A, p_B, tau_B)


def qubit_qutrit(g_1, g_2, p_A, p_B, temperature_a, temperature_b):
    """(4) with (G5)."""
    pairs = [(g_1, (0, 1), (1, 0)), (g_2, (0, 2), (1, 1))]
    H = exchange(2, 3, pairs) + free([0, 1], [0, 1, 2])
    tau_A, tau_B = thermal([0, 1], temperature_a), thermal([0, 1, 2], temperature_b)
    return _with_resets(H, p_A, tau_A, p_B, tau_B)


def _two_qubits(populations, coherence, below):
    """The state with rho[01, 10] = i coherence, all over a common denominator."""
    rho = np.diag(populations).astype(complex)
    rho[1, 2], rho[2, 1] = 1j * coherence, -1j * coherence
    return rho / below


def state_g1(g, p_A, p_B):
    """(G1): T_A = inf, T_B = 0."""
    s, t = p_A + p_B, p_A + 2 * p_B
    diagonal = [
        p_A * p_B * s**2 + g**2 * t**2,
        g**2 * p_A * t,
        p_A * (p_B * s**2 + g**2 * t),
        g**2 * p_A**2,
    ]
    return _two_qubits(diagonal, -g * p_A * p_B * s, 2 * s**2 * (2 * g**2 + p_A * p_B))


def state_g3(g, p_A, p_B):
    """(G3): T_A = 0-, T_B = 0."""
    s = p_A + p_B
    diagonal = [
        2 * g**2 * p_B**2,
        2 * g**2 * p_A * p_B,
        p_A * p_B * (2 * g**2 + s**2),
        2 * g**2 * p_A**2,
    ]
    return _two_qubits(diagonal, -g * p_A * p_B * s, s**2 * (2 * g**2 + p_A * p_B))


def negativity_g4(g, p_B):
    """(G4): of (G3) with p_A = p_B."""
    return np.maximum(g * (p_B - g) / (2 * (2 * g**2 + p_B**2)), 0.0)


def state_g6(g_1, g_2, p_A):
    """(G6): T_A = 0, T_B = inf, the upper two levels of B, p_B -> 0."""
    diagonal = [
        2 * g_2**2 * (2 * g_1**2 + p_A**2),
        g_1**2 * (2 * g_2**2 + p_A**2),
        2 * g_1**2 * g_2**2,
        0,
    ]
    below = 2 * g_2**2 * p_A**2 + g_1**2 * (8 * g_2**2 + p_A**2)
    return _two_qubits(diagonal, g_1**2 * g_2 * p_A, below)


def state_g8(g_1, g_2, p_A):
    """(G8): T_A = 0-, T_B = 0, the lower two levels of B, p_B -> 0."""
    diagonal = [
        0,
        2 * g_1**2 * g_2**2,
        g_2**2 * (2 * g_1**2 + p_A**2),
        g_1**2 * (2 * g_2**2 + p_A**2),
    ]
    below = g_2**2 * p_A**2 + g_1**2 * (6 * g_2**2 + p_A**2)
    return _two_qubits(diagonal, -g_1 * g_2**2 * p_A, below)


def negativity_g9(g_1, g_2, p_A):
    """(G9): of (G8)."""
    occupied = g_1**2 * (2 * g_2**2 + p_A**2)
    root = np.sqrt(4 * g_1**2 * g_2**4 * p_A**2 + occupied**2)
    return (root - occupied) / (2 * (g_2**2 * p_A**2 + g_1**2 * (6 * g_2**2 + p_A**2)))


def negativity_g10(K):
    """(G10): of (G8) with p_A = K g_1 and g_1 -> 0."""
    return (np.sqrt(1 + K**2) - 1) / (6 + K**2)


def stationary_g10():
    """The K > 0 at which the slope of (G10) changes its sign."""
    grid = np.geomspace(1e-4, 1e4, 200_001)
    turns = np.flatnonzero(np.diff(np.sign(np.diff(negativity_g10(grid)))))
    return grid[turns + 1]


# fluxonium qutrits, App. F


def fluxonium(
    g, epsilon, Gamma_A, Gamma_B, gamma, temperature_a, temperature_b, channels_b=ALL_CHANNELS
):
    """(F6) with (A1), the couplings ``g = (g_1, g_2, g_3)``, and the free Hamiltonian."""
    pairs = zip(g, [(0, 2), (1, 1), (1, 1)], [(2, 0), (2, 0), (0, 2)], strict=True)
    E_A, E_B = [0, 1, 1 + epsilon], [0, epsilon, 1 + epsilon]
    one, jumps = np.eye(3), []
    for E, Gamma, T, channels, place in (
        (E_A, Gamma_A, temperature_a, ALL_CHANNELS, lambda jump: np.kron(jump, one)),
        (E_B, Gamma_B, temperature_b, channels_b, lambda jump: np.kron(one, jump)),
    ):
        for low, high in (map(int, channel) for channel in channels):
            n_B = 0.0 if T == 0 else 1 / np.expm1((E[high] - E[low]) / T)
            up = np.outer(ket(3, high), ket(3, low))
            jumps += [(Gamma * n_B, place(up)), (Gamma * (1 + n_B), place(up.T))]
        jumps += [(gamma, place(np.diag(ket(3, k)))) for k in (1, 2)]
    return liouvillian(exchange(3, 3, pairs) + free(E_A, E_B), jumps)
