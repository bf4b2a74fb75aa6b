r"""The cone program of steering among given strategies, through cvxpy.

With the strategies :math:`\lambda` of the given patterns alone, and the four-vectors of
:mod:`jaxent.certify.steering`,

.. math:: p^* = \max p:\quad \sum_\lambda S_\lambda = u_0 + p\,v_0,\quad
          \sum_\lambda \lambda_x S_\lambda = p\,V_x,\quad S_\lambda \in L_4 .

Its dual is the inequality Y, which then holds for these strategies. Fewer of them make p* smaller.

Reference: brask2022 (6); Cavalcanti, Skrzypczyk, Rep. Prog. Phys. 80, 024001 (2016).
"""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np

from jaxent.certify.assemblage import Real, mixed_assemblage

SOLVER_SETTINGS: dict[str, Any] = {
    **dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), 1e-11),
    # A point at which Clarabel stalls is still good for bounds.
    "accept_unknown": True,
    # Clarabel would keep the scaling of the first state, and a certificate depend on its history.
    "warm_start": False,
}


class Solution(NamedTuple):
    """S, shape ``(k, 4)``, p* and Y, ``(m + 1, 4)``, each only as good as the solver."""

    hidden_states: Real
    visibility: float
    multipliers: Real


class ConeProgram:
    """The program with the given strategies alone, shape ``(k, m + 1)``."""

    def __init__(self, patterns: Real, name: str):
        import cvxpy as cp

        self.patterns, self._name = patterns, name
        count, rows = patterns.shape
        self._hidden_states = cp.Variable((count, 4))
        self._visibility = cp.Variable()
        self._deviation = cp.Parameter((rows, 4))
        assemblage = mixed_assemblage(rows) + self._visibility * self._deviation
        self._response = patterns.T @ self._hidden_states == assemblage
        cones = cp.SOC(self._hidden_states[:, 0], self._hidden_states[:, 1:], axis=1)
        self._problem = cp.Problem(cp.Maximize(self._visibility), [self._response, cones])

    def solve(self, deviation: Real) -> Solution:
        """The solution for one state; a RuntimeError where there is none."""
        import cvxpy as cp

        self._deviation.value = deviation
        with warnings.catch_warnings():
            # The bounds are made from whatever comes back: inaccuracy shows in the gap.
            warnings.filterwarnings("ignore", message="Solution may be inaccurate")
            try:
                self._problem.solve(solver=cp.CLARABEL, **SOLVER_SETTINGS)
                status = self._problem.status
            except cp.SolverError:
                status = cp.SOLVER_ERROR
        if status in (cp.OPTIMAL, cp.OPTIMAL_INACCURATE):
            hidden_states = np.asarray(self._hidden_states.value, dtype=float)
            multipliers = np.asarray(self._response.dual_value, dtype=float)
            if np.all(np.isfinite(hidden_states)) and np.sum(deviation * multipliers) < 0:
                visibility = float(np.asarray(self._visibility.value))
                return Solution(hidden_states, visibility, multipliers)
        raise RuntimeError(
            f"steering program for {self._name}: no solution; Clarabel's status is {status!r}"
        )
