"""Exact steady states of brask2022 (Brask, Clivaz, Haack, Tavakoli, Quantum 6, 672).

Each function returns the (4, 4) state in the basis |00>, |01>, |10>, |11>, at E = 1, T_B = 0+.
Where the printed equation does not hold, the corrected form stands here; ``test_brask2022.py``
compares each with the machine and shows what is wrong as printed.
"""

import numpy as np

INF = float("inf")


def x_state(p00, p01, p10, p11, coherence):
    """The form (4): populations, and the coherence rho[01, 10] alone."""
    rho = np.diag([p00, p01, p10, p11]).astype(complex)
    rho[1, 2], rho[2, 1] = coherence, np.conj(coherence)
    return rho


def infinitely_hot_fermions(g, gamma_a, gamma_b):
    """(15): uncharged fermions, T_A = inf."""
    t, s = gamma_a + gamma_b, gamma_a + 2 * gamma_b
    n = t**2 * (4 * g**2 + gamma_a * gamma_b)
    matrix = x_state(
        gamma_a * gamma_b * t**2 + 2 * g**2 * s**2,
        2 * g**2 * gamma_a * s,
        gamma_a * (gamma_b * t**2 + 2 * g**2 * s),
        2 * g**2 * gamma_a**2,
        -2j * g * t * gamma_a * gamma_b,
    )
    return matrix / (2 * n)


def infinitely_charged_fermions(g, gamma_a, gamma_b, temperature_a=INF):
    """(16)-(19): charged fermions, u = inf. (19) is printed with a factor t too many."""
    t, e = gamma_a + gamma_b, np.exp(1 / temperature_a)
    d = 4 * g**2 * (gamma_a * (2 + e) + gamma_b * (1 + e)) + gamma_a * gamma_b * (gamma_b + t * e)
    a1 = (4 * g**2 * (1 + e) + gamma_a * gamma_b * e) * (gamma_b + t * e) / ((1 + e) * d)
    a2 = 4 * g**2 * gamma_a / d
    alpha = 2j * g * gamma_a * gamma_b / d
    return x_state(a1, a2, 1 - a1 - a2, 0.0, -alpha)


def inverted_fermions(g, gamma_a, gamma_b):
    """(20): T_A = 0-, the same for every charge u."""
    numerator, n = _inverted(g, gamma_a, gamma_b)
    return numerator / n


def inverted_fermions_dg(g, gamma_a, gamma_b):
    """The derivative of (20) with respect to g."""
    t = gamma_a + gamma_b
    numerator, n = _inverted(g, gamma_a, gamma_b)
    d_numerator = x_state(
        8 * g * gamma_b**2,
        8 * g * gamma_a * gamma_b,
        8 * g * gamma_a * gamma_b,
        8 * g * gamma_a**2,
        -2j * t * gamma_a * gamma_b,
    )
    return (d_numerator - numerator / n * 8 * g * t**2) / n


def _inverted(g, gamma_a, gamma_b):
    t = gamma_a + gamma_b
    numerator = x_state(
        4 * g**2 * gamma_b**2,
        4 * g**2 * gamma_a * gamma_b,
        gamma_a * gamma_b * (4 * g**2 + t**2),
        4 * g**2 * gamma_a**2,
        -2j * t * g * gamma_a * gamma_b,
    )
    return numerator, t**2 * (4 * g**2 + gamma_a * gamma_b)


def bosons(g, gamma_a, gamma_b, temperature_a):
    """(A1): bosons. Its a1, a2, a3 and alpha are printed in the reversed order of the basis."""
    a1, a2, a3, alpha = printed_a1(g, gamma_a, gamma_b, temperature_a)
    return x_state(1 - a1 - a2 - a3, a3, a2, a1, alpha)


def printed_a1(g, gamma_a, gamma_b, temperature_a):
    """(a1, a2, a3, alpha) as (A1) prints them."""
    t, s = gamma_a + gamma_b, gamma_a + 2 * gamma_b
    e = np.exp(1 / temperature_a)
    coth = (e + 1) / (e - 1)
    last = gamma_a - gamma_b + t * e
    d = 4 * g**2 * (e - 1) + gamma_a * gamma_b * (1 + e)
    a1 = 4 * g**2 * gamma_a**2 / (last**2 * (4 * g**2 + gamma_a * gamma_b * coth))
    a2 = (4 * g**2 + (gamma_a - gamma_b) ** 2) * gamma_b
    a2 += t * e**2 * (4 * g**2 + gamma_b * t)
    a2 -= 2 * e * (-(gamma_a**2) * gamma_b + gamma_b**3 + 2 * g**2 * s)
    a2 *= gamma_a / (d * last**2)
    a3 = 4 * g**2 * gamma_a * (t + gamma_a / (e - 1)) / (d * (gamma_b + gamma_a * coth) ** 2)
    alpha = -2j * g * gamma_a * gamma_b * (e - 1) / (d * last)
    return a1, a2, a3, alpha


def coupling_23(gamma_a, gamma_b, *, printed=False):
    """(23): the coupling at which S is stationary. Printed gamma_A^3/gamma_A for its first term."""
    t = gamma_a + gamma_b
    first = gamma_a**3 / (gamma_a if printed else gamma_b)
    radicand = first + gamma_b**3 / gamma_a - 4 * t**2 + 6 * gamma_a * gamma_b
    return abs(gamma_a**2 - gamma_b**2) / (2 * np.sqrt(radicand))


def coupling_b3(gamma_a, gamma_b):
    """(B3): the coupling of largest F of charged fermions."""
    t, s = gamma_a + gamma_b, gamma_a + 2 * gamma_b
    cubic = gamma_a**3 + 46 * gamma_a**2 * gamma_b + 28 * gamma_a * gamma_b**2 + 8 * gamma_b**3
    return (gamma_a**2 - 4 * gamma_b**2 + np.sqrt(s * cubic)) / (8 * (2 * t + gamma_a))


def fraction_b4(gamma_b, *, printed=False):
    """(B4): F at (B3), gamma_A = 1. A nested bracket is lost in print."""
    x = gamma_b
    if printed:
        radicand = (2 * x + 1) * (2 * x * (2 * x + 7) + 23) + 1
    else:
        radicand = (2 * x + 1) * (2 * x * (2 * x * (2 * x + 7) + 23) + 1)
    return (7 + 4 * x * (x + 4) + np.sqrt(radicand)) / (8 * (4 * x * (x + 2) + 3))


def largest_coherence_b10():
    """(B10): the largest |alpha| of charged fermions."""
    return np.sqrt(2 - np.sqrt(3)) / 4
