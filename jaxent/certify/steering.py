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
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from jaxent.certify import strategies
from jaxent.certify.assemblage import (
    Party,
    Real,
    defects,
    density_matrix,
    deviation,
    nearest_state,
)
from jaxent.certify.program import ConeProgram, Solution
from jaxent.certify.repair import (
    modelled_visibility,
    moved,
    valid_inequality,
    violated_beyond,
)
from jaxent.directions import MAX_MEASUREMENTS, distinct, named_axes, refuse_more, unit_axes

_MOST_ROUNDS = 6
_SATISFIED = 1e-9


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
        inequality: Y, shape ``(m + 1, 4)``; zero for an axis that another one repeats.
    """

    q: float
    q_lower: float
    q_upper: float
    measurements: str
    directions: Real
    measuring: Party
    inequality: Real

    def __str__(self):
        verdict = "steerable" if self.steerable else "not proven steerable"
        return (
            f"{self.q_lower:.9f} <= q <= {self.q_upper:.9f} ({self.measurements}, "
            f"{self.measuring} measures): {verdict}"
        )

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

    Of up to four measurements all strategies take part. Of more, those do that would decide about
    axes alone, and for each state those further ones that the inequality found so far violates
    (``strategies``), until there are none. Only the first solve compiles the program that all
    states have in common. A program holds the last state: threads must not share one. An axis that
    repeats another one, or its opposite, takes no part: its outcomes are the other one's.

    Args:
        directions: unit Bloch vectors of the measuring party, shape ``(m, 3)``, 1 ≤ m ≤ 64.
        name: what certificates call the set; ``"custom-m"`` unless given.

    Raises:
        ValueError: axes of another shape or length, or more than 64 of them.
        ImportError: cvxpy is missing.
    """

    def __init__(self, directions: npt.ArrayLike, name: str | None = None):
        self.directions = unit_axes(directions)
        m = len(self.directions)
        refuse_more(m, MAX_MEASUREMENTS)
        self.name = f"custom-{m}" if name is None else name
        self._kept, self._repeated = distinct(self.directions)
        patterns = strategies.of_axes(self.directions[self._kept])
        self._program = ConeProgram(patterns, self.name)

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
        all_rows = deviation(given, measuring, self.directions)
        nearest = deviation(nearest_state(given), measuring, self.directions)
        rows = np.append(0, self._kept + 1)
        state = nearest[rows]
        # What is modelled is the nearest state, and of axes that are as good as one, that one.
        missing = all_rows - np.concatenate([state[:1], self._repeated @ state[1:]])
        # Scaled, p* is of order one also for states close to the maximally mixed one.
        scale = 2 * float(np.max(np.abs(state)))
        q = q_lower = -math.inf
        # Models of any visibility, all alike, as far as what is missing leaves them so.
        cost = moved(missing)
        q_upper = 1 - 1 / cost if cost else -math.inf
        inequality = np.zeros_like(all_rows)
        if scale > 0:
            scaled = state / scale
            patterns, (hidden_states, visibility, multipliers) = self._solve(scaled)
            inequality[rows] = valid_inequality(multipliers, scaled) / scale
            modelled = modelled_visibility(hidden_states, visibility, scaled, patterns) / scale
            q_lower = 1 - violated_beyond(inequality, all_rows - nearest)
            q_upper = 1 - modelled / (1 + modelled * cost)
            q = min(max(1 - visibility / scale, q_lower), q_upper)
        inequality.flags.writeable = False
        return SteeringCertificate(
            float(q),
            float(q_lower),
            float(q_upper),
            self.name,
            self.directions,
            measuring,
            inequality,
        )

    def _solve(self, deviation: Real) -> tuple[Real, Solution]:
        """The strategies that took part, and the solution among them."""
        program = self._program
        for _ in range(_MOST_ROUNDS):
            found = program.solve(deviation)
            missing = _violated(found.multipliers, program.patterns)
            if not len(missing):
                break
            program = ConeProgram(np.concatenate([program.patterns, missing]), self.name)
        return program.patterns, found


def certify_steering(
    rho: npt.ArrayLike,
    measurements: str | int | npt.ArrayLike = "dodecahedron",
    measuring: Party = "a",
) -> SteeringCertificate:
    """Bound the white-noise robustness q of a state; the program of each set of axes is kept.

    Args:
        rho: density matrix, shape ``(4, 4)``, basis ``|a, b> -> 2a + b``.
        measurements: ``"dodecahedron"``, ``"orthogonal"``, a number of axes for `spread`, or unit
            Bloch vectors of shape ``(m, 3)``; at most 64 axes.
        measuring: ``"a"`` (Alice, the first qubit, steers Bob) or ``"b"``.

    Returns:
        Bounds on q from both sides, with the inequality that proves the lower one.

    Raises:
        ValueError, RuntimeError: as `SteeringProgram` and its `certify`.

    The singlet under three orthogonal measurements bears the noise 1 - 1/√3:

    >>> singlet = [[0, 0, 0, 0], [0, 0.5, -0.5, 0], [0, -0.5, 0.5, 0], [0, 0, 0, 0]]
    >>> certificate = certify_steering(singlet, "orthogonal")
    >>> certificate.steerable, round(certificate.q, 6)
    (True, 0.42265)
    """
    name, axes = named_axes(measurements, MAX_MEASUREMENTS)
    return _program(name, axes.tobytes()).certify(rho, measuring)


@lru_cache(maxsize=16)
def _program(name: str, axes: bytes) -> SteeringProgram:
    return SteeringProgram(np.frombuffer(axes).reshape(-1, 3), name)


def _violated(inequality: Real, patterns: Real) -> Real:
    """The strategies, with their opposites, that violate an inequality and are not among those."""
    found = strategies.relevant(inequality)
    wrong = found[defects(found @ inequality) > _SATISFIED * np.max(np.abs(inequality))]
    opposite = np.concatenate([wrong[:, :1], -wrong[:, 1:]], axis=1)
    known = set(map(tuple, patterns.tolist()))
    new = sorted({*map(tuple, wrong.tolist()), *map(tuple, opposite.tolist())} - known)
    return np.array(new).reshape(-1, patterns.shape[1])
