r"""What a solver found, made into bounds that hold whatever it did.

A dual that satisfies every constraint bounds :math:`p^*` from above, a primal that does bounds it
from below; both are repaired in closed form, with an allowance for rounding.
"""

from __future__ import annotations

import math

import numpy as np

from jaxent.certify.assemblage import Real, defects, mixed_assemblage
from jaxent.certify.validity import worst_violation

# A sum in the two repairs loses less than this per term to rounding: the bounds are widened by it.
_ROUNDING = 16 * np.finfo(float).eps


def valid_inequality(multipliers: Real, deviation: Real) -> Real:
    """The dual repaired: a Y that satisfies every constraint, so that Y0_t/2 ≥ p*.

    Rescaled to the normalisation, then Y0_t, which the normalisation does not contain, is shifted
    by the worst defect over all strategies.
    """
    inequality = multipliers / -np.sum(deviation * multipliers)
    inequality[0, 0] += worst_violation(inequality)
    inequality[0, 0] *= 1 + len(inequality) ** 2 * _ROUNDING
    return inequality


def violated_beyond(inequality: Real, repaired: Real) -> float:
    """The visibility beyond which the inequality is violated, with and without the repair."""
    slope = 1 - float(np.sum(inequality * repaired))
    bound = float(inequality[0, 0]) / 2
    return max(bound, bound / slope) if slope > 0 else math.inf


def moved(missing: Real) -> float:
    """What the rows that are missing in an assemblage at p = 1 cost: p becomes p/(1 + p moved).

    A row p d is added by two hidden states, that differ by it and in their response to its
    measurement alone, or, to the first row, by one. They are in the cone with the trace
    p (|d_t| + |d|) of white noise in them, of which the assemblage then has too much.
    """
    lengths = np.abs(missing[:, 0]) + np.linalg.norm(missing[:, 1:], axis=1)
    return 2 * float(np.sum(lengths)) * (1 + len(missing) * _ROUNDING)


def modelled_visibility(
    hidden_states: Real, visibility: float, deviation: Real, patterns: Real
) -> float:
    """The primal repaired: a visibility ≤ p* for which a local-hidden-state model exists.

    Raises each S_λ into the cone. With the k strategies as rows of a matrix P, adding the rows of
    P (P^T P)^-1 R to them then removes the residuals R; where P has all strategies, they are
    (R_0 + Σ_x λ_x R_x)/2^m. Mixing with the model u0/k of p = 0, which each strategy's opposite
    makes one of no correlations, makes up for the cone, where that left it.
    """
    count, rows = patterns.shape
    t, r = hidden_states[:, :1], hidden_states[:, 1:]
    raised = np.concatenate([np.maximum(t, np.linalg.norm(r, axis=1, keepdims=True)), r], axis=1)
    residual = mixed_assemblage(rows) + visibility * deviation - patterns.T @ raised
    spread = patterns @ np.linalg.solve(patterns.T @ patterns, residual)
    defect = max(float(np.max(defects(raised + spread))), 0.0)
    return visibility * (1 - patterns.size * _ROUNDING) / (1 + 2 * count * defect)
