"""A solver's inequality and model, made exact in whole numbers.

Nothing here is a bound by itself: `jaxent.verify` says what the inequality and the model prove.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from jaxent.certify.assemblage import Real

Exact = npt.NDArray[Any]
"""An array of Python's integers or fractions, which do not overflow."""

_INEQUALITY_BITS = 50
_MODEL_BITS = 64


def exact_inequality(multipliers: Real, patterns: Real) -> Exact:
    """The dual rounded, and Y0_t raised by the worst defect over all strategies.

    Args:
        multipliers: the solver's Y, shape ``(m + 1, 4)``, with entries of order one.
        patterns: the rows (1, λ_1, …, λ_m), shape ``(2^m, m + 1)``.
    """
    rows = rounded(multipliers * 2.0**_INEQUALITY_BITS)
    rows[0, 0] += np.max(_defects(integers(patterns) @ rows))
    return rows // math.gcd(*rows.flat)


def exact_model(
    hidden_states: Real, visibility: float, deviation: Exact, patterns: Real
) -> tuple[Exact, int]:
    """The primal repaired: hidden states and visibility, as whole numbers of one unit.

    The residuals of the rounded S_λ are spread over all of them, which the sign patterns, being
    orthogonal, allow. Mixing with the model u0/2^m of p = 0 makes up for the cone.

    Args:
        hidden_states: the solver's S_λ, shape ``(2^m, 4)``.
        visibility: its p.
        deviation: the rows v0, V_1, …, V_m as fractions, shape ``(m + 1, 4)``.
        patterns: the rows (1, λ_1, …, λ_m), shape ``(2^m, m + 1)``.
    """
    one = 2**_MODEL_BITS
    signs = integers(patterns)
    strategies = len(signs)
    hidden = rounded(hidden_states * float(one))
    hidden[:, 0] += np.maximum(_defects(hidden), 0)
    p = int(visibility * one)
    hidden = hidden + signs @ _residuals(hidden, p, deviation, signs, one) // strategies
    # Both divisions round by less than 1, and what that does to the sums falls on few of the S_λ.
    slack = 4 * signs.size
    raised = max(0, np.max(_defects(hidden))) + slack
    hidden[:, 0] += raised
    share = one + 2 * strategies * raised
    hidden, p = hidden * one // share, p * one // share
    _settle(hidden, _residuals(hidden, p, deviation, signs, one))
    common = math.gcd(p, *hidden.flat)
    return hidden // common, p // common


def _residuals(hidden: Exact, p: int, deviation: Exact, signs: Exact, one: int) -> Exact:
    """What is missing in the sums of the S_λ, to the next integers."""
    wanted = p * deviation
    wanted[0, 0] += Fraction(one, 2)
    missing = wanted - signs.T @ hidden
    # The sums over λ_x = ±1 are integers: all rows are even or all are odd.
    rows = np.array([[round(x) for x in missing[0]]] * len(missing), dtype=object)
    for x in range(1, len(missing)):
        rows[x] += 2 * np.array([round(d) for d in (missing[x] - rows[0]) / 2], dtype=object)
    return rows


def _settle(hidden: Exact, residuals: Exact) -> None:
    """Put the last residuals right with the strategies that have at most one λ_x = 1."""
    last = len(hidden) - 1  # all λ_x = -1
    hidden[last] += residuals[0]
    for x, row in enumerate(residuals[1:]):
        half = (row + residuals[0]) // 2
        hidden[last ^ (1 << x)] += half
        hidden[last] -= half


def integers(values: npt.NDArray[Any]) -> Exact:
    """Floats that are whole, as Python's integers."""
    return values.astype(int).astype(object)


def rounded(values: Real) -> Exact:
    """Floats rounded to Python's integers."""
    flat = [round(x) for x in values.ravel().tolist()]
    return np.array(flat, dtype=object).reshape(values.shape)


def _defects(points: Exact) -> Exact:
    """The smallest integers d for which (t + d, r) lies in the cone, by row."""
    return np.array([_root_above(x * x + y * y + z * z) - t for t, x, y, z in points], dtype=object)


def _root_above(n: int) -> int:
    root = math.isqrt(n)
    return root + (root * root < n)


def is_semidefinite(matrix: Exact) -> bool:
    """Whether a symmetric matrix of integers is positive, by exact elimination."""
    rest = matrix * Fraction(1)
    while len(rest):
        pivot, column = rest[0, 0], rest[1:, 0]
        if pivot < 0 or (pivot == 0 and np.any(column != 0)):
            return False
        rest = rest[1:, 1:] - (np.outer(column, column) / pivot if pivot else 0)
    return True
