"""The semidefinite program (6) of brask2022, written as it stands there: an oracle for tests.

One positive semidefinite 2x2 variable for each deterministic strategy, one matrix equation for
each outcome of each setting, and the visibility of the state as objective (brask2022 Sec. V C).
"""

import itertools
import warnings

import cvxpy as cp
import numpy as np

PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


def assemblage(rho, axes):
    """sigma[x][k] = tr_A((A_{k|x} ⊗ 1) ρ) for outcome k = 0 (+) and 1 (-) of each axis."""
    result = []
    for axis in axes:
        spin = np.einsum("i,ijk->jk", axis, PAULI)
        projectors = [(np.eye(2) + sign * spin) / 2 for sign in (1, -1)]
        weighted = [(np.kron(projector, np.eye(2)) @ rho) for projector in projectors]
        result.append([np.einsum("abac->bc", w.reshape(2, 2, 2, 2)) for w in weighted])
    return result


def visibility(rho, axes):
    """The largest p for which p ρ + (1-p) 1/4 has a local-hidden-state model, A measuring."""
    strategies = list(itertools.product((0, 1), repeat=len(axes)))
    hidden = {strategy: cp.Variable((2, 2), hermitian=True) for strategy in strategies}
    p = cp.Variable()
    constraints = [state >> 0 for state in hidden.values()]
    pairs = zip(assemblage(rho, axes), assemblage(np.eye(4) / 4, axes), strict=True)
    for x, (of_state, of_noise) in enumerate(pairs):
        for outcome in (0, 1):
            responding = [hidden[strategy] for strategy in strategies if strategy[x] == outcome]
            noisy = p * of_state[outcome] + (1 - p) * of_noise[outcome]
            constraints.append(cp.sum(responding) == noisy)
    problem = cp.Problem(cp.Maximize(p), constraints)
    with warnings.catch_warnings():
        # At its default tolerances the solver is off by up to 2e-8. These it may not reach.
        warnings.filterwarnings("ignore", message="Solution may be inaccurate")
        tolerances = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), 1e-11)
        return problem.solve(solver=cp.CLARABEL, **tolerances)


def responses(rho, axes):
    """The four-vectors of R = sum of both outcomes and of D_x = their difference, (m + 1, 4)."""

    def vector(matrix):
        return [np.trace(matrix).real / 2, *(np.trace(matrix @ s).real / 2 for s in PAULI)]

    pairs = assemblage(rho, axes)
    rows = [vector(sum(pairs[0]))] + [vector(plus - minus) for plus, minus in pairs]
    return np.array(rows)
