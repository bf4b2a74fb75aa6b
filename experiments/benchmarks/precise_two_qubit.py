"""Two qubits between two baths in arithmetic of a hundred digits, by mpmath.

brask2022 (1)-(3), with detuning, on the full 16 x 16 Liouvillian, written out once more and solved
by LU with the trace in place of one equation. With a hundred digits even populations of 1e-50 keep
forty of their own. Basis |a, b> -> 2a + b, excitation |1>; vec(rho) stacks the rows of rho.
"""

from __future__ import annotations

from dataclasses import dataclass

try:
    import mpmath
except ImportError:  # a peer that need not be installed; reported as absent
    mpmath = None
import numpy as np
from plain_two_qubit import BOTH, EXCITED, FLIP_FLOP, ONE, RAISE, dissipator, unitary

DIGITS = 100
INF = float("inf")


@dataclass(frozen=True)
class PreciseBath:
    """A bath as a user states it: T = 0.0 is 0+, -0.0 is 0-."""

    statistics: str
    gamma: float
    temperature: float


@dataclass(frozen=True)
class Point:
    """One machine; ``u`` may be infinite."""

    g: float
    bath_a: PreciseBath
    bath_b: PreciseBath
    u: float = 0.0
    E_a: float = 1.0
    E_b: float = 1.0


def steady_state(point: Point) -> list[list[mpmath.mpc]]:
    """The steady state's 4 x 4 entries."""
    with mpmath.workdps(DIGITS):
        full = mpmath.zeros(16)
        for coefficient, term in _terms(point):
            for i, j in np.argwhere(term).tolist():
                full[i, j] += coefficient * mpmath.mpmathify(complex(term[i, j]))
        right = mpmath.zeros(16, 1)
        right[0] = 1
        # The equations of the four populations sum to zero: the trace replaces the first.
        for j in range(16):
            full[0, j] = 1 if j % 5 == 0 else 0
        x = mpmath.lu_solve(full, right)
        return [[x[4 * i + j] for j in range(4)] for i in range(4)]


def _terms(point: Point):
    inside = np.diag([1.0, 1.0, 1.0, 0.0]) if point.u == INF else np.eye(4)
    energies = [
        (point.E_a, np.kron(EXCITED, ONE)),
        (point.E_b, np.kron(ONE, EXCITED)),
        (point.g, FLIP_FLOP),
        (0 if point.u == INF else point.u, BOTH),
    ]
    for energy, operator in energies:
        # At u = inf the level |11> is infinitely detuned and leaves the Hamiltonian.
        yield mpmath.mpf(energy), unitary(inside @ operator @ inside)
    for bath, gap, party in ((point.bath_a, point.E_a, "a"), (point.bath_b, point.E_b, "b")):
        levels = [(0, ONE)] if point.u == 0 else [(0, np.diag([1.0, 0])), (point.u, EXCITED)]
        for charge, other in levels:
            raised = np.kron(RAISE, other) if party == "a" else np.kron(other, RAISE)
            gain, loss = _gain_and_loss(bath, mpmath.mpf(gap) + charge)
            yield mpmath.mpf(bath.gamma) * gain, dissipator(raised)
            yield mpmath.mpf(bath.gamma) * loss, dissipator(raised.T)


def _gain_and_loss(bath: PreciseBath, energy):
    """(n, 1 - n) of fermions, (n, 1 + n) of bosons, at an energy that may be infinite."""
    t = bath.temperature
    if t == 0 or energy == INF:
        # An infinite energy comes before an infinite temperature.
        return (1, 0) if np.signbit(t) else (0, 1)
    x = mpmath.mpf(0) if abs(t) == INF else energy / mpmath.mpf(t)
    if bath.statistics == "fermion":
        return 1 / (mpmath.exp(x) + 1), 1 / (mpmath.exp(-x) + 1)
    return 1 / mpmath.expm1(x), -1 / mpmath.expm1(-x)
