r"""Certified Einstein-Podolsky-Rosen steering of two-qubit states by projective measurements.

One party measures along m axes :math:`n_x` and so prepares the unnormalised states
:math:`\sigma_{\pm|x}` of the other. With white noise, :math:`p\rho + (1-p)\,1/4`, a local-hidden-
state model of these measurements exists if and only if the semidefinite program (6) of brask2022
is feasible. With :math:`t\,1 + r\cdot\sigma` written as the four-vector :math:`(t, r)`, positive
semidefinite means the Lorentz cone :math:`L_4` (:math:`t \ge |r|`). With the Bloch vectors a
(measuring) and b (steered), :math:`T_{ij} = \mathrm{tr}(\rho\,\sigma_i\otimes\sigma_j)` and

.. math:: u_0 = (\tfrac12, 0),\quad v_0 = (0, b/2),\quad V_x = \tfrac12 (a\cdot n_x, T^T n_x),

one hidden state :math:`S_\lambda` for each deterministic strategy :math:`\lambda \in \{\pm1\}^m`:

.. math::
    p^* &= \max p:\quad \sum_\lambda S_\lambda = u_0 + p\,v_0,\quad
           \sum_\lambda \lambda_x S_\lambda = p\,V_x,\quad S_\lambda \in L_4 \\
        &= \min \tfrac12 Y_{0,t}:\quad Y_0 + \sum_x \lambda_x Y_x \in L_4 \;\forall\lambda,\quad
           -\langle Y_0, v_0\rangle - \sum_x \langle Y_x, V_x\rangle = 1.

The white-noise robustness is :math:`q = 1 - p^*`. Positive, these measurements demonstrate
steering; negative, :math:`-q` is the distance to steerability (p > 1 continues the assemblage
beyond the state). It depends on who measures and on the orientation of the axes.

Reference: brask2022 Secs. III A, V C; Cavalcanti, Skrzypczyk, Rep. Prog. Phys. 80, 024001 (2016).
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from jaxent.certify.assemblage import (
    Party,
    Real,
    density_matrix,
    deviation,
    mixed_assemblage,
    nearest_state,
)
from jaxent.certify.directions import named_axes, unit_axes

MAX_MEASUREMENTS = 12
# A sum in the two repairs loses less than this per term to rounding: the bounds are widened by it.
_ROUNDING = 16 * np.finfo(float).eps

SOLVER_SETTINGS: dict[str, Any] = {
    **dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), 1e-11),
    # A point at which Clarabel stalls is still good for bounds.
    "accept_unknown": True,
    # Clarabel would keep the scaling of the first state, and a certificate depend on its history.
    "warm_start": False,
}


@dataclass(frozen=True, eq=False)
class SteeringCertificate:
    r"""A two-sided bound on the white-noise robustness of a state for one set of measurements.

    The inequality :math:`\langle Y_0, R\rangle + \sum_x \langle Y_x, D_x\rangle \ge 0` holds for
    every assemblage with a local-hidden-state model, with :math:`R = \sigma_{+|x} + \sigma_{-|x}`
    and :math:`D_x = \sigma_{+|x} - \sigma_{-|x}` as four-vectors. Mixed to the visibility p the
    state reaches :math:`(1 - q_{lower}) - p`, so that at p = 1 it violates it by q_lower.

    States with b = 0 and all :math:`V_x = 0`, such as the maximally mixed one, have
    :math:`p^* = \infty`: q and both bounds are -inf, and the inequality is the trivial Y = 0.

    Attributes:
        q: the solver's :math:`1 - p^*`, clipped into the bounds; below 1.
        q_lower: a bound on q, proven by the inequality.
        q_upper: a bound on q, proven by a local-hidden-state model. Both bounds hold whatever the
            solver did, with an allowance for rounding, and for the matrix as given as well as for
            the nearest state, where its smallest eigenvalue is a little negative.
        measurements: name of the set of axes.
        directions: the axes, shape ``(m, 3)``.
        measuring: the party who measures, ``"a"`` or ``"b"``.
        inequality: Y, shape ``(m + 1, 4)``.
    """

    q: float
    q_lower: float
    q_upper: float
    measurements: str
    directions: Real
    measuring: Party
    inequality: Real

    @property
    def gap(self) -> float:
        """``q_upper - q_lower``, zero where both are -inf."""
        return 0.0 if self.q_lower == self.q_upper else self.q_upper - self.q_lower

    @property
    def steerable(self) -> bool:
        """Whether these measurements prove the state steerable: ``q_lower > 0``."""
        return self.q_lower > 0


class SteeringProgram:
    """The cone program for one set of axes, built once and solved again for every state.

    Only the first solve compiles. A program holds the last state: threads must not share one.

    Args:
        directions: unit Bloch vectors of the measuring party, shape ``(m, 3)``, 1 ≤ m ≤ 12.
        name: what certificates call the set; ``"custom-m"`` unless given.

    Attributes:
        patterns: a row (1, λ_1, …, λ_m) for each strategy, shape ``(2^m, m + 1)``; bit x of its
            number is 0 where λ_x = 1.

    Raises:
        ValueError: axes of another shape or length, or more than 12 of them.
        ImportError: cvxpy is missing.
    """

    def __init__(self, directions: npt.ArrayLike, name: str | None = None):
        self.directions = unit_axes(directions)
        m = len(self.directions)
        refuse_too_many(m)
        self.name = f"custom-{m}" if name is None else name
        bits = (np.arange(2**m)[:, None] >> np.arange(m)) & 1
        self.patterns = np.concatenate([np.ones((2**m, 1)), 1.0 - 2.0 * bits], axis=1)
        self._build()

    def _build(self) -> None:
        import cvxpy as cp

        strategies, rows = self.patterns.shape
        self._models = cp.Variable((strategies, 4))
        self._visibility = cp.Variable()
        self._deviation = cp.Parameter((rows, 4))
        assemblage = mixed_assemblage(rows) + self._visibility * self._deviation
        self._response = self.patterns.T @ self._models == assemblage
        cones = cp.SOC(self._models[:, 0], self._models[:, 1:], axis=1)
        self._problem = cp.Problem(cp.Maximize(self._visibility), [self._response, cones])

    def certify(self, rho: npt.ArrayLike, measuring: Party = "a") -> SteeringCertificate:
        """Bound the white-noise robustness q of a state.

        Args:
            rho: density matrix, shape ``(4, 4)``, basis ``|a, b> -> 2a + b``.
            measuring: ``"a"`` (Alice, the first qubit, steers Bob) or ``"b"``.

        Raises:
            ValueError: ``rho`` is no two-qubit state, or ``measuring`` names no party.
            RuntimeError: the solver failed; the message names its status.
        """
        given = density_matrix(rho)
        state = deviation(nearest_state(given), measuring, self.directions)
        repaired = deviation(given, measuring, self.directions) - state
        # Scaled, p* is of order one also for states close to the maximally mixed one.
        scale = 2 * float(np.max(np.abs(state)))
        q = q_lower = q_upper = -math.inf
        inequality = np.zeros_like(state)
        if scale > 0:
            scaled = state / scale
            models, visibility, multipliers = self.solve(scaled)
            inequality = _valid_inequality(multipliers, scaled, self.patterns) / scale
            modelled = _modelled_visibility(models, visibility, scaled, self.patterns) / scale
            q_lower = 1 - _violated_beyond(inequality, repaired)
            q_upper = 1 - modelled / (1 + 4 * modelled * _length(repaired))
            q = min(max(1 - visibility / scale, q_lower), q_upper)
        inequality.flags.writeable = False
        return SteeringCertificate(
            q, q_lower, q_upper, self.name, self.directions, measuring, inequality
        )

    def solve(self, deviation: Real) -> tuple[Real, float, Real]:
        """The solver's S (2^m, 4), p* and Y (m+1, 4), each only as good as the solver.

        Args:
            deviation: the rows v0, V_1, …, V_m, shape ``(m + 1, 4)``, with entries of order one.

        Raises:
            RuntimeError: it found nothing; the message names its status.
        """
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
            models = np.asarray(self._models.value, dtype=float)
            multipliers = np.asarray(self._response.dual_value, dtype=float)
            if np.all(np.isfinite(models)) and np.sum(deviation * multipliers) < 0:
                return models, float(np.asarray(self._visibility.value)), multipliers
        raise RuntimeError(
            f"steering program for {self.name}: no solution; Clarabel's status is {status!r}"
        )


def certify_steering(
    rho: npt.ArrayLike,
    measurements: str | int | npt.ArrayLike = "dodecahedron",
    measuring: Party = "a",
) -> SteeringCertificate:
    """Bound the white-noise robustness q of a state; the program of each set of axes is kept.

    Args:
        rho: density matrix, shape ``(4, 4)``, basis ``|a, b> -> 2a + b``.
        measurements: ``"dodecahedron"``, ``"orthogonal"``, a number of axes for `spread`, or unit
            Bloch vectors of shape ``(m, 3)``; at most 12 axes.
        measuring: ``"a"`` (Alice, the first qubit, steers Bob) or ``"b"``.

    Raises:
        ValueError, RuntimeError: as `SteeringProgram` and its `certify`.

    The singlet under three orthogonal measurements bears the noise 1 - 1/√3:

    >>> singlet = [[0, 0, 0, 0], [0, 0.5, -0.5, 0], [0, -0.5, 0.5, 0], [0, 0, 0, 0]]
    >>> certificate = certify_steering(singlet, "orthogonal")
    >>> certificate.steerable, round(certificate.q, 6)
    (True, 0.42265)
    """
    if isinstance(measurements, (int, np.integer)):
        refuse_too_many(int(measurements))
    name, axes = named_axes(measurements)
    return program_of(name, axes.tobytes()).certify(rho, measuring)


@lru_cache(maxsize=16)
def program_of(name: str, axes: bytes) -> SteeringProgram:
    """The program for a set of axes, given as the bytes of their array."""
    return SteeringProgram(np.frombuffer(axes).reshape(-1, 3), name)


def refuse_too_many(m: int) -> None:
    """Refuse more than `MAX_MEASUREMENTS` axes with a ValueError."""
    if m > MAX_MEASUREMENTS:
        raise ValueError(
            f"directions: {m} axes given, which mean 2^{m} deterministic strategies with a cone "
            f"each; allowed: at most {MAX_MEASUREMENTS} axes, {2**MAX_MEASUREMENTS} strategies"
        )


def _worst_defect(points: Real) -> float:
    """The largest |r| - t of the points (t, r): negative inside the cone."""
    return float(np.max(np.linalg.norm(points[:, 1:], axis=1) - points[:, 0]))


def _valid_inequality(multipliers: Real, deviation: Real, patterns: Real) -> Real:
    """The dual repaired: a Y that satisfies every constraint, so that Y0_t/2 ≥ p*.

    Rescaled to the normalisation, then Y0_t, which the normalisation does not contain, is shifted
    by the worst defect over all strategies.
    """
    inequality = multipliers / -np.sum(deviation * multipliers)
    inequality[0, 0] += _worst_defect(patterns @ inequality)
    inequality[0, 0] *= 1 + len(inequality) ** 2 * _ROUNDING
    return inequality


def _violated_beyond(inequality: Real, repaired: Real) -> float:
    """The visibility beyond which the inequality is violated, with and without the repair."""
    slope = 1 - float(np.sum(inequality * repaired))
    bound = float(inequality[0, 0]) / 2
    return max(bound, bound / slope) if slope > 0 else math.inf


def _length(repaired: Real) -> float:
    """The sum of the lengths of all rows.

    Spread over all S_λ the repair moves each by at most √2 p/2^m times this; mixing with the share
    4 p/2^m times this of the model u0 makes up for it.
    """
    return float(np.sum(np.linalg.norm(repaired, axis=1)))


def _modelled_visibility(models: Real, visibility: float, deviation: Real, patterns: Real) -> float:
    """The primal repaired: a visibility ≤ p* for which a local-hidden-state model exists.

    Raises each S_λ into the cone. The sign patterns are orthogonal, so adding
    (R_0 + Σ_x λ_x R_x)/2^m to each then removes the residuals R. Mixing with the model u0/2^m of
    p = 0 makes up for the cone, where that left it.
    """
    strategies, rows = patterns.shape
    t, r = models[:, :1], models[:, 1:]
    raised = np.concatenate([np.maximum(t, np.linalg.norm(r, axis=1, keepdims=True)), r], axis=1)
    residual = mixed_assemblage(rows) + visibility * deviation - patterns.T @ raised
    defect = max(_worst_defect(raised + patterns @ residual / strategies), 0.0)
    return visibility * (1 - patterns.size * _ROUNDING) / (1 + 2 * strategies * defect)
