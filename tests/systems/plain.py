"""The master equation of two qubits between two baths, written out once more.

brask2022 (1)-(3) and khandelwal2020 (3), (19) term by term, on the full 16 x 16 Liouvillian:

- ``steady_state`` solves it in NumPy,
- ``precise_steady_state`` in 60-digit arithmetic, for what double precision cannot decide,
- ``precise_derivatives`` differentiates that.

Only parameter values are shared with the package under test. Basis |a, b> -> 2a + b, party A
first, excitation |1>; vec(rho) stacks the rows of rho, so vec(X rho Y) = (X (x) Y^T) vec(rho).
"""

from dataclasses import dataclass, replace

import mpmath
import numpy as np

from experiments.master_equation import (
    EXCITED,
    FLIP_FLOP,
    GROUND,
    ONE,
    RAISE,
    SIGMA_X,
    dissipator,
    unitary,
)

DIGITS = 60
INF = float("inf")


@dataclass(frozen=True)
class Bath:
    """One bath, by its temperature, inverse temperature or occupation n of the qubit's gap."""

    statistics: str
    gamma: float
    temperature: float | None = None
    inverse_temperature: float | None = None
    occupation: float | None = None


@dataclass(frozen=True)
class Machine:
    """The parameters of brask2022 Sec. II, with detuning and khandelwal2020's tunnelling."""

    g: float
    bath_a: Bath
    bath_b: Bath
    u: float = 0.0
    E_a: float = 1.0
    E_b: float = 1.0
    kappa_a: float = 0.0
    kappa_b: float = 0.0


# the baths


def gain_and_loss(bath, gap, energy):
    """(n, 1 - n) of fermions, (n, 1 + n) of bosons, at an energy that may be infinite."""
    if bath.occupation is not None:
        return _from_occupation(bath, energy / gap)
    beta = bath.inverse_temperature
    if beta is None:
        beta = inverse(bath.temperature)
    if abs(beta) == INF or energy == INF:
        # An infinite energy comes before an infinite temperature: the level is out of reach, and
        # full at T = -inf, the end of inversion.
        return (1, 0) if beta < 0 or bath.temperature == -INF else (0, 1)
    x = mpmath.mpf(beta) * energy
    if bath.statistics == "fermion":
        return 1 / (mpmath.exp(x) + 1), 1 / (mpmath.exp(-x) + 1)
    return 1 / mpmath.expm1(x), -1 / mpmath.expm1(-x)


def inverse(temperature):
    """1/T, with T = 0.0 and -0.0 read as the limits from above and from below."""
    if temperature == 0:
        return float(np.copysign(INF, temperature))
    return 1 / mpmath.mpf(temperature)


def _from_occupation(bath, ratio):
    n = mpmath.mpf(bath.occupation)
    lost = 1 - n if bath.statistics == "fermion" else 1 + n
    if n == 0 or lost == 0:
        return (0, 1) if n == 0 else (1, 0)
    if ratio == INF:
        return (1, 0) if n > lost else (0, 1)
    boltzmann = (n / lost) ** ratio
    sign = 1 if bath.statistics == "fermion" else -1
    return boltzmann / (1 + sign * boltzmann), 1 / (1 + sign * boltzmann)


# the master equation

NOT_BOTH = np.diag([1.0, 1.0, 1.0, 0.0])


def hamiltonian(machine):
    """[(energy, operator)]: khandelwal2020 (19) and brask2022 (1).

    At u = inf the level |11> is infinitely detuned and leaves the Hamiltonian.
    """
    terms = [
        (machine.E_a, np.kron(EXCITED, ONE)),
        (machine.E_b, np.kron(ONE, EXCITED)),
        (machine.g, FLIP_FLOP),
        (machine.kappa_a, np.kron(SIGMA_X, ONE)),
        (machine.kappa_b, np.kron(ONE, SIGMA_X)),
    ]
    if machine.u == INF:
        return [(energy, NOT_BOTH @ operator @ NOT_BOTH) for energy, operator in terms]
    return [*terms, (machine.u, np.kron(EXCITED, EXCITED))]


def jumps(machine):
    """[(rate, operator)] of both baths, upwards and downwards: brask2022 (2) and (3)."""
    result = []
    for bath, gap, place in (
        (machine.bath_a, machine.E_a, lambda jump, other: np.kron(jump, other)),
        (machine.bath_b, machine.E_b, lambda jump, other: np.kron(other, jump)),
    ):
        resolved = [(gap, GROUND), (gap + machine.u, EXCITED)]
        for energy, other in [(gap, ONE)] if machine.u == 0 else resolved:
            gain, loss = gain_and_loss(bath, gap, energy)
            result.append((bath.gamma * gain, place(RAISE, other)))
            result.append((bath.gamma * loss, place(RAISE.T, other)))
    return result


def terms(machine):
    """[(coefficient, superoperator)] whose sum is the Liouvillian."""
    coherent = [(energy, unitary(operator)) for energy, operator in hamiltonian(machine)]
    return coherent + [(rate, dissipator(jump)) for rate, jump in jumps(machine)]


def liouvillian(machine):
    """The 16 x 16 Liouvillian, each rate rounded once."""
    with mpmath.workdps(DIGITS):
        return sum(float(coefficient) * term for coefficient, term in terms(machine))


# its steady state


def steady_state(machine):
    """The state with L rho = 0 and tr rho = 1, by least squares, in double precision."""
    full = liouvillian(machine)
    # Rows of unit size: a fast process does not hide the error of a slow one.
    rows = np.abs(full).max(axis=1, keepdims=True)
    system = np.vstack([full / np.where(rows > 0, rows, 1.0), np.eye(4).reshape(1, 16)])
    right = np.zeros(17)
    right[-1] = 1.0
    rho = np.linalg.lstsq(system, right, rcond=None)[0].reshape(4, 4)
    return (rho + rho.conj().T) / 2


def precise_steady_state(machine):
    """The same in 60-digit arithmetic, an mpmath vector."""
    with mpmath.workdps(DIGITS):
        return _solver(machine)(_trace())


def precise_derivatives(machine, sides):
    """The derivatives of the steady state along fields such as ``"bath_a.gamma"``, as a dict.

    L rho' = -L' rho and tr rho' = 0, where L' is a difference quotient with steps of 1e-20.
    ``sides`` has, for each name, (-1, 1) for a central one, (0, 1) or (-1, 0) at an end of the
    range.
    """
    with mpmath.workdps(DIGITS):
        step = mpmath.mpf("1e-20")
        solve = _solver(machine)
        rho = solve(_trace())
        derivatives = {}
        for name, (low, high) in sides.items():
            below, above = (_matrix(shifted(machine, name, side * step)) for side in (low, high))
            change = -((above - below) / (step * (high - low)) * rho)
            change[0] = 0
            derivatives[name] = as_state(solve(change))
        return derivatives


def shifted(machine, name, by):
    """The machine with one field moved, in 60 digits."""
    with mpmath.workdps(DIGITS):
        first, _, rest = name.partition(".")
        value = getattr(machine, first)
        moved = shifted(value, rest, by) if rest else mpmath.mpf(value) + mpmath.mpf(by)
        return replace(machine, **{first: moved})


def as_state(vector):
    """An mpmath vector, rounded to a (4, 4) NumPy matrix."""
    return np.array([complex(entry) for entry in vector]).reshape(4, 4)


def _matrix(machine):
    full = mpmath.zeros(16)
    for coefficient, term in terms(machine):
        for i, j in np.argwhere(term).tolist():
            full[i, j] += coefficient * mpmath.mpmathify(term[i, j])
    return full


def _trace():
    trace = mpmath.zeros(16, 1)
    trace[0] = 1
    return trace


def _solver(machine):
    full = _matrix(machine)
    # The equations of the four populations sum to zero: the trace replaces the first.
    for j in range(16):
        full[0, j] = 1 if j % 5 == 0 else 0
    factors, order = mpmath.mp.LU_decomp(full)
    return lambda right: mpmath.mp.U_solve(factors, mpmath.mp.L_solve(factors, right, order))
