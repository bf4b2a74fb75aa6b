r"""What a solver found, made into bounds that hold whatever it did.

A dual that satisfies every constraint bounds :math:`p^*` from above, a primal that does bounds it
from below; both are repaired in closed form, with an allowance for rounding.
"""

from __future__ import annotations

import math

import numpy as np

from jaxent.certify import strategies
from jaxent.certify.assemblage import Real, defects, mixed_assemblage

# A sum in the two repairs loses less than this per term to rounding: the bounds are widened by it.
_ROUNDING = 16 * np.finfo(float).eps


def valid_inequality(multipliers: Real, deviation: Real) -> Real:
    """The dual repaired: a Y that satisfies every constraint, so that Y0_t/2 ≥ p*.

    Rescaled to the normalisation, then Y0_t, which the normalisation does not contain, is shifted
    by the worst defect over all strategies.
    """
    inequality = multipliers / -np.sum(deviation * multipliers)
    inequality[0, 0] += strategies.worst_violation(inequality)
    inequality[0, 0] *= 1 + len(inequality) ** 2 * _ROUNDING
    return inequality


def violated_beyond(inequality: Real, repaired: Real) -> float:
    """The visibility beyond which the inequality is violated, with and without the repair."""
    slope = 1 - float(np.sum(inequality * repaired))
    bound = float(inequality[0, 0]) / 2
    return max(bound, bound / slope) if slope > 0 else math.inf


def length(repaired: Real) -> float:
    """The sum of the lengths of all rows.

    Spread over k strategies, all of which count alike, the repair moves each S_λ by at most
    √2 p/k times this; mixing with the share 4 p/k times this of the model u0 makes up for it.
    """
    return float(np.sum(np.linalg.norm(repaired, axis=1)))


def modelled_visibility(models: Real, visibility: float, deviation: Real, patterns: Real) -> float:
    """The primal repaired: a visibility ≤ p* for which a local-hidden-state model exists.

    Raises each S_λ into the cone. With the k strategies as rows of a matrix P, adding the rows of
    P (P^T P)^-1 R to them then removes the residuals R; where P has all strategies, they are
    (R_0 + Σ_x λ_x R_x)/2^m. Mixing with the model u0/k of p = 0, which each strategy's opposite
    makes one of no correlations, makes up for the cone, where that left it.
    """
    count, rows = patterns.shape
    t, r = models[:, :1], models[:, 1:]
    raised = np.concatenate([np.maximum(t, np.linalg.norm(r, axis=1, keepdims=True)), r], axis=1)
    residual = mixed_assemblage(rows) + visibility * deviation - patterns.T @ raised
    defect = max(float(np.max(defects(raised + _spreading(patterns) @ residual))), 0.0)
    return visibility * (1 - patterns.size * _ROUNDING) / (1 + 2 * count * defect)


def _spreading(patterns: Real) -> Real:
    """P (P^T P)^-1."""
    return np.asarray(np.linalg.solve(patterns.T @ patterns, patterns.T).T, dtype=float)


def largest_share(patterns: Real) -> float:
    """How much more than 1/k of a residual one of k strategies bears: 1 where all take part."""
    return float(np.max(np.abs(_spreading(patterns)))) * len(patterns)
