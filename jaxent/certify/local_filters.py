r"""How well any local operations can herald a state for teleportation, beside diagonal filters.

Let an operation by local means and classical communication, of success probability p on a state ρ,
end in the singlet fraction F with respect to :math:`\Phi`. Twirled by :math:`U \otimes U^*`, which
changes neither, it turns ρ into
:math:`\mathrm{tr}(A\rho)\,\Phi + \mathrm{tr}(B\rho)(1-\Phi)/3` with :math:`A, B \ge 0` and
:math:`A + B \le 1`. What it does preserves the positivity of partial transposes, and so does
failing:

.. math:: 3A^\Gamma + B^\Gamma \ge 0, \qquad B^\Gamma - A^\Gamma \ge 0, \qquad
          (1 - A - B)^\Gamma \ge 0 .

So :math:`F \le \max \mathrm{tr}(A\rho)/p` over all these with :math:`\mathrm{tr}((A+B)\rho) = p`, a
semidefinite program. Every feasible point of its dual is a bound: for X, Y, Z, W ≥ 0 and any μ with

.. math:: Z \ge \rho/p + 3X^\Gamma - Y^\Gamma - W^\Gamma - \mu\rho, \qquad
          Z \ge X^\Gamma + Y^\Gamma - W^\Gamma - \mu\rho,

F is at most :math:`\mathrm{tr} Z + \mathrm{tr} W + \mu p`. What the solver returns is made feasible
before it is used. With p = 1 this is the program of Verstraete and Verschelde, Phys. Rev. Lett. 90,
097901 (2003).
"""

from __future__ import annotations

import contextlib
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from jaxent.certify.program import SOLVER_SETTINGS
from jaxent.measures import singlet_fraction

Complex = np.ndarray
Diagonal = tuple[float, tuple[tuple[float, float], tuple[float, float]]]

_GRID = 65
_ROUNDS = 5
_ROUNDING = 1e-13


@dataclass(frozen=True)
class FilterBounds:
    """What filters make of a state.

    Attributes:
        efficiency: the probability with which they herald.
        singlet_fraction: that behind the best diagonal filters that were found.
        filters: their diagonals, of A and of B.
        bound: what no local operations exceed that herald as often or more often.
    """

    efficiency: float
    singlet_fraction: float
    filters: tuple[tuple[float, float], tuple[float, float]]
    bound: float

    @property
    def gap(self) -> float:
        """How much better anything else could be."""
        return self.bound - self.singlet_fraction


def filter_bounds(rho: Complex, efficiency: float) -> FilterBounds:
    """The best diagonal filters for the singlet fraction of a state, and a bound on all operations.

    Args:
        rho: a two-qubit state, shape ``(4, 4)``.
        efficiency: in (0, 1].

    Raises:
        ValueError: it is no state, or the efficiency is outside its range.
        RuntimeError: the solver failed.
    """
    rho = np.asarray(rho, dtype=complex)
    if not 0 < efficiency <= 1:
        raise ValueError(f"efficiency: {efficiency:g} is given; allowed: in (0, 1]")
    off = np.abs(rho - rho.conj().T).max() if rho.shape == (4, 4) else np.inf
    if not (off < 1e-9 and abs(np.trace(rho) - 1) < 1e-9 and np.linalg.eigvalsh(rho)[0] > -1e-9):
        raise ValueError("rho: no state is given; allowed: a density matrix of two qubits")
    value, filters = _diagonal(rho, efficiency)
    return FilterBounds(efficiency, value, filters, local_bound(rho, efficiency))


def local_bound(rho: Complex, efficiency: float) -> float:
    """What the singlet fraction does not exceed behind local operations that herald so often.

    Arguments and errors are those of :func:`filter_bounds`.
    """
    x, y, z, w, mu = _dual(rho, efficiency)
    x, y, w = (_positive(m) for m in (x, y, w))
    both = -_transposed(w) - mu * rho
    missing = max(
        np.linalg.eigvalsh(m - z)[-1]
        for m in (
            rho / efficiency + 3 * _transposed(x) - _transposed(y) + both,
            _transposed(x) + _transposed(y) + both,
            np.zeros((4, 4)),
        )
    )
    z = z + max(missing, 0.0) * np.eye(4)
    return float(np.trace(z + w).real + mu * efficiency) + _ROUNDING


def _dual(rho: Complex, efficiency: float) -> tuple[Complex, Complex, Complex, Complex, float]:
    import cvxpy as cp

    variables = [cp.Variable((4, 4), hermitian=True) for _ in range(4)]
    x, y, z, w = variables
    mu = cp.Variable()

    def transposed(m: Any) -> Any:
        return cp.partial_transpose(m, (2, 2), 1)

    both = -transposed(w) - mu * rho
    constraints = [
        *(m >> 0 for m in (x, y, z, w)),
        z - rho / efficiency - 3 * transposed(x) + transposed(y) - both >> 0,
        z - transposed(x) - transposed(y) - both >> 0,
    ]
    cost = cp.real(cp.trace(z + w)) + mu * efficiency
    problem = cp.Problem(cp.Minimize(cost), constraints)
    with warnings.catch_warnings(), contextlib.suppress(cp.SolverError):
        # The bound is made from whatever comes back: inaccuracy shows in the gap.
        warnings.filterwarnings("ignore", message="Solution may be inaccurate")
        problem.solve(solver=cp.CLARABEL, **SOLVER_SETTINGS)
    values: list[Any] = [m.value for m in (*variables, mu)]
    if any(v is None for v in values):
        raise RuntimeError(f"program of local operations: Clarabel's status is {problem.status!r}")
    x, y, z, w = ((m + m.conj().T) / 2 for m in values[:4])
    return x, y, z, w, float(values[4])


def _transposed(m: Complex) -> Complex:
    """The partial transpose of the second qubit."""
    return m.reshape(2, 2, 2, 2).transpose(0, 3, 2, 1).reshape(4, 4)


def _positive(m: Complex) -> Complex:
    values, vectors = np.linalg.eigh(m)
    return (vectors * np.maximum(values, 0.0)) @ vectors.conj().T


def _diagonal(rho: Complex, efficiency: float) -> Diagonal:
    """The best of the filters that herald so often, or more often and are scaled down."""
    from scipy.optimize import minimize_scalar

    found = [_heralding(rho, efficiency)]
    if efficiency < 1:
        more: Any = minimize_scalar(
            lambda t: -_heralding(rho, efficiency**t)[0], bounds=(0, 1), method="bounded"
        )
        often = float(efficiency**more.x)
        value, (a, b) = _heralding(rho, often)
        weaker = (efficiency / often) ** 0.5
        found.append((value, ((a[0] * weaker, a[1] * weaker), b)))
    return max(found)


def _heralding(rho: Complex, efficiency: float) -> Diagonal:
    """The best of a grid, refined around it: x of one filter, y from the efficiency."""
    populations = np.real(np.diag(rho)).reshape(2, 2)
    best: tuple[float, Any] = (-np.inf, None)
    for weak_a in (0, 1):
        for weak_b in (0, 1):
            low, high = 0.0, 1.0
            for _ in range(_ROUNDS):
                x = np.linspace(low, high, _GRID)
                alpha = np.ones((_GRID, 2))
                alpha[:, weak_a] = x
                passed = alpha @ populations
                y = (efficiency - passed[:, 1 - weak_b]) / np.maximum(passed[:, weak_b], 1e-300)
                beta = np.ones((_GRID, 2))
                beta[:, weak_b] = np.clip(y, 0.0, 1.0)
                possible = y <= 1 + 1e-12
                if not np.any(possible):
                    break
                f = np.sqrt(np.einsum("na,nb->nab", alpha, beta)).reshape(-1, 4)
                states = f[:, :, None] * rho * f[:, None, :]
                p = np.trace(states, axis1=1, axis2=2).real
                values = np.asarray(singlet_fraction(states / np.maximum(p, 1e-300)[:, None, None]))
                values = np.where(possible & (p > 0), values, -np.inf)
                k = int(np.argmax(values))
                if values[k] > best[0]:
                    root = np.sqrt(np.stack([alpha[k], beta[k]]))
                    best = float(values[k]), (tuple(root[0].tolist()), tuple(root[1].tolist()))
                low, high = x[max(k - 1, 0)], x[min(k + 1, _GRID - 1)]
    return best
