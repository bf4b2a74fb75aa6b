"""Collective noise against local noise, at the couplings of longstaff2025's Fig. 3."""

from typing import Any

import jax
import numpy as np

import jaxent
from experiments.longstaff2025 import equations as paper
from experiments.longstaff2025.machines import (
    KINDS,
    Baths,
    bell,
    crossing,
    gammas,
    local,
    pair,
    qubits,
)
from experiments.studies import fixed

STUDY = "longstaff2025", "best_collective_noise"
OF_KINDS = dict(zip(KINDS, ("spins", "bosons"), strict=True))
"""The variants of that study."""
NOISY_CHI = tuple(fixed(*STUDY, "bath_1.chi", "bath_2.chi"))
T_2, GAMMA_L = fixed(*STUDY, "bath_2.temperature", "gamma_local_1")
ENDLESS = 1e7  # collective noise beyond which nothing changes


def baths_of(kinds: tuple[str, str], T_1: Any = T_2) -> Baths:
    """The baths of Fig. 3, of one temperature unless another T_1 is given."""
    return pair(kinds, NOISY_CHI, (T_1, T_2))


def noisy_bell(baths: Baths, gamma_c: Any, gamma_l: Any) -> np.ndarray:
    return bell(baths, gamma_collective=gamma_c, **local(gamma_l))


def turning_points(kinds: tuple[str, str], gamma_l: np.ndarray) -> dict[str, np.ndarray]:
    """Where B(gamma_c) is smallest, and where it is again what it is at gamma_c = 0.

    The second is nan where B never is. Both as solved, and by :func:`turning_points_by_29`.
    """
    baths = baths_of(kinds)

    @jax.jit
    @jax.grad
    def slope(log_gamma_c: Any, gamma_l: Any) -> Any:
        noise = {"gamma_collective": jax.numpy.exp(log_gamma_c), **local(gamma_l)}
        return jaxent.chsh(qubits(baths, **noise).state())

    lowest, even = [], []
    for rate in gamma_l:
        lowest.append(crossing(lambda c, rate=rate: float(slope(np.log(c), rate)), 1e-9, 1e2))
        before = noisy_bell(baths, 0.0, rate)

        def gain(c: float, rate: float = rate, before: Any = before) -> float:
            return float(noisy_bell(baths, c, rate) - before)

        even.append(crossing(gain, lowest[-1], ENDLESS) if gain(ENDLESS) > 0 else np.nan)
    return {"lowest": np.array(lowest), "even": np.array(even)}


def turning_points_by_29(kinds: tuple[str, str], gamma_l: np.ndarray) -> dict[str, np.ndarray]:
    """What follows from (29): no return for gamma_l >= (Gamma_1 + Gamma_2)/(4 sqrt 2)."""
    total = sum(gammas(baths_of(kinds)))
    p, q = 4 * gamma_l + total, 8 * gamma_l + total
    even = 8 * p * gamma_l**2 / (2 * p**2 - q**2)
    return {"lowest": 4 * gamma_l**2 / total, "even": np.where(2 * p**2 > q**2, even, np.nan)}


def endless_bell(baths: Baths, gamma_l: Any) -> np.ndarray:
    """(29) for gamma_c to infinity: its largest value, unless that at gamma_c = 0 is larger."""
    first, second = gammas(baths)
    return 2 * np.sqrt(2) * (first - second) / (first + second + 8 * gamma_l)


def largest_local_noise(kinds: tuple[str, str], T: float) -> tuple[float, float]:
    """The gamma_l up to which some collective noise gives B > 2, as solved and by (30)."""
    baths = pair(kinds, NOISY_CHI, (T, T))
    solved = crossing(lambda x: float(noisy_bell(baths, ENDLESS, x)) - 2, 1e-6, 1e-1)
    first, second = gammas(baths)
    return solved, float(paper.excess_30(first, second, 0.0) / (8 * (1 + np.sqrt(2))))


def largest_helped(kinds: tuple[str, str]) -> tuple[float, float]:
    """The gamma_l up to which collective noise can raise B at all, as solved and by (29)."""
    baths = baths_of(kinds)

    def gain(rate: float) -> float:
        return float(noisy_bell(baths, ENDLESS, rate) - noisy_bell(baths, 0.0, rate))

    return crossing(gain, 1e-4, 1e-1), float(sum(gammas(baths)) / (4 * np.sqrt(2)))


def hottest(kinds: tuple[str, str], gamma_c: float) -> float:
    """The T_1 up to which B > 2, with the local noise of Fig. 3; 0 where it never is."""

    def excess(T_1: float) -> float:
        return float(noisy_bell(baths_of(kinds, T_1), gamma_c, GAMMA_L)) - 2

    return crossing(excess, 0.05, 1e2) if excess(0.05) > 0 else 0.0


def hottest_by_30(kinds: tuple[str, str]) -> float:
    """The T_1 up to which (30) holds."""

    def excess(T_1: float) -> float:
        return float(paper.excess_30(*gammas(baths_of(kinds, T_1)), GAMMA_L))

    return crossing(excess, 0.05, 1e2)
