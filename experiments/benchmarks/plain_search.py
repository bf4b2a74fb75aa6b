"""The search for one curve by SciPy around NumPy, or around QuTiP.

For the inverted machine of brask2022, Sec. V, with a filter on B. Coordinates are the unit cube:
gamma_B and g on logarithmic scales, g up to what the constraints allow, and the filter's place
within what the efficiency allows, so that the constraint is eliminated as it is by the package.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from plain_two_qubit import FLIP_FLOP, GROUND, ONE, POPULATIONS, RAISE, dissipator, unitary
from scipy.optimize import minimize

from jaxent.study import Study

State = Callable[[float, float], tuple[np.ndarray, float]]
"""Takes ``g`` and ``gamma_B``; gives the populations, shape ``(4,)``, and |rho[01, 10]|."""

_SMALLEST_RATIO = 1e-12
_RAISED = (np.kron(RAISE, GROUND), np.kron(RAISE, ONE - GROUND))
_LOWERED = (np.kron(GROUND, RAISE.T), np.kron(ONE - GROUND, RAISE.T))

METHODS = {
    "Nelder-Mead": {"xatol": 1e-6, "fatol": 1e-9, "maxiter": 1000},
    "SLSQP": {"ftol": 1e-11, "maxiter": 200},
}
"""SciPy's methods, with tolerances that suit an accuracy of 1e-6 of the value."""


def by_lu() -> State:
    """The state by LU on the 16 x 16 Liouvillian, assembled from three constant terms."""
    hot, cold = (sum(map(dissipator, jumps)) for jumps in (_RAISED, _LOWERED))
    terms = np.stack([unitary(FLIP_FLOP), cold, hot])
    terms[:, 0] = 0
    # The equations of the four populations sum to zero: the trace replaces the first.
    terms[2, 0, POPULATIONS] = 1
    flat = terms.reshape(3, 256).view(float)
    right = np.zeros(16, dtype=complex)
    right[0] = 1
    places = list(POPULATIONS)

    def state(g: float, gamma: float) -> tuple[np.ndarray, float]:
        matrix = (np.array([g, gamma, 1.0]) @ flat).view(complex).reshape(16, 16)
        x = np.linalg.solve(matrix, right)
        return x[places].real, abs(x[6])

    return state


def by_qutip(method: str) -> State:
    """The state by ``qutip.steadystate``."""
    import qutip

    def quantum_object(operator: np.ndarray):
        return qutip.Qobj(operator, dims=[[2, 2], [2, 2]])

    swap = quantum_object(FLIP_FLOP)
    raised, lowered = (list(map(quantum_object, jumps)) for jumps in (_RAISED, _LOWERED))

    def state(g: float, gamma: float) -> tuple[np.ndarray, float]:
        collapses = [*raised, *(np.sqrt(gamma) * jump for jump in lowered)]
        rho = qutip.steadystate(g * swap, collapses, method=method).full()
        return rho.diagonal().real, abs(rho[1, 2])

    return state


@dataclass(frozen=True)
class Searched:
    """What a search found.

    Attributes:
        values: the best at each efficiency that was come to.
        climbs: how many there were.
        seconds: that they took.
        evaluations: of the objective.
    """

    values: np.ndarray
    climbs: int
    seconds: float
    evaluations: int


class Objective:
    """The CHSH value of the heralded state at points of the unit cube."""

    def __init__(self, study: Study, state: State):
        self.gamma = np.log([study.ranges["bath_b.gamma"].low, study.ranges["bath_b.gamma"].high])
        self.g = np.log([study.ranges["g"].low, study.ranges["g"].high])
        self.state = state
        self.evaluations = 0

    def value(self, x: np.ndarray, efficiency: float) -> float:
        """CHSH at ``(gamma_B, g, filter)``, each from 0 to 1."""
        log_gamma = self.gamma[0] + x[0] * (self.gamma[1] - self.gamma[0])
        highest = min(self.g[1], 0.0, log_gamma)  # g <= gamma_A = 1, g <= gamma_B
        g, gamma = np.exp(self.g[0] + x[1] * (highest - self.g[0])), np.exp(log_gamma)
        p, c = self.state(g, gamma)
        low = _log_ratio(efficiency - p[0] - p[2], p[1] + p[3])
        high = -_log_ratio(efficiency - p[1] - p[3], p[0] + p[2])
        self.evaluations += 1
        return heralded(p, c, low + x[2] * (high - low))

    def search(
        self, efficiencies: np.ndarray, starts: int, method: str, seed: int, seconds: float
    ) -> Searched:
        """Climb from random starts at each efficiency, and from the best of its neighbours.

        Args:
            efficiencies: where.
            starts: at each.
            method: a name from ``METHODS``.
            seed: of the starts.
            seconds: after which no further efficiency is begun.
        """
        rng, best, begun = np.random.default_rng(seed), [], time.perf_counter()
        self.evaluations = 0
        for efficiency in efficiencies:
            found = (self._climb(rng.random(3), efficiency, method) for _ in range(starts))
            best.append(max(found, key=lambda one: one[0]))
            if time.perf_counter() - begun > seconds:
                break
        count = len(best)
        sweeps = [(i, i + 1) for i in reversed(range(count - 1))]
        sweeps += [(i, i - 1) for i in range(1, count)]
        for i, neighbour in sweeps:
            again = self._climb(best[neighbour][1], efficiencies[i], method)
            best[i] = max(best[i], again, key=lambda one: one[0])
        taken = time.perf_counter() - begun
        values = np.array([value for value, _ in best])
        return Searched(values, count * starts + len(sweeps), taken, self.evaluations)

    def _climb(self, start: np.ndarray, efficiency: float, method: str) -> tuple[float, np.ndarray]:
        def loss(x: np.ndarray) -> float:
            return -self.value(np.clip(x, 0.0, 1.0), efficiency)

        box = [(0.0, 1.0)] * 3
        found = minimize(loss, start, method=method, bounds=box, options=METHODS[method])
        return -float(found.fun), found.x


def heralded(p: np.ndarray, c: float, log_ratio: float) -> float:
    """CHSH (brask2022 (12)) behind a filter on B with entries in the ratio e^(log_ratio / 2)."""
    r = np.exp(log_ratio)
    p00, p01, p10, p11 = p[0], r * p[1], p[2], r * p[3]
    total = p00 + p01 + p10 + p11
    squared = 4 * r * (c / total) ** 2
    parity = ((p00 - p01 - p10 + p11) / total) ** 2
    return 2 * np.sqrt(squared + max(squared, parity))


def _log_ratio(needed: float, available: float) -> float:
    return np.log(min(max(needed / max(available, 1e-300), _SMALLEST_RATIO), 1.0))
