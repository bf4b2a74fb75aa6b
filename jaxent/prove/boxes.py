r"""Boxes, many at a time, in JAX: Bernstein coefficients, the test with a multiplier, the split.

On a box with the Bernstein coefficients :math:`b_i` of :math:`f_1` and :math:`h_i` of :math:`f_2`,
a multiplier :math:`\lambda \ge 0` with :math:`b_i + \lambda h_i \le 0` for all i proves that
:math:`f_1 > 0` and :math:`f_2 \ge 0` exclude each other there. The multipliers that do form an
interval. Floats only search: each box that is accepted here is checked again in whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

ROUNDING = 1e-14
"""What rounding may add to a coefficient, in units of the same sum over sizes."""

_MOST = 1e6


class Verdicts(NamedTuple):
    """What is known of each box of a batch.

    Attributes:
        low, high: the multipliers that prove it; ``low > high`` where none does.
        axis: along which to split it.
        corner: the corner where f1 is largest among those with f2 ≥ 0, or 0.
        excess: f1 there, ``-inf`` without any.
    """

    low: Float[Array, " n"]
    high: Float[Array, " n"]
    axis: Int[Array, " n"]
    corner: Int[Array, " n"]
    excess: Float[Array, " n"]


@jax.jit
def judge(
    coefficients: Float[Array, "n 2 ..."],
    low: Float[Array, "n v"],
    width: Float[Array, "n v"],
    damping: float,
    into_strips: Float[Array, "n rows columns"] | None = None,
) -> Verdicts:
    """Test a batch of boxes.

    Args:
        coefficients: those of (f1, f2) on the root of each box.
        low: the boxes as parts of their roots: where they begin.
        width: and how wide they are.
        damping: of the score of an axis with each split along it.
        into_strips: where a strip takes the place of the first two axes, the maps into those
            (:class:`jaxent.prove.strips.Strips`); the second is never split then.
    """
    axes, n = low.shape[1], low.shape[0]
    b = jnp.moveaxis(coefficients, 0, -1)
    b = jnp.concatenate([b, jnp.abs(b)])
    for axis in range(0 if into_strips is None else 2, axes):
        matrix = _blossoms(b.shape[axis + 1] - 1, low[:, axis], low[:, axis] + width[:, axis])
        b = _apply(matrix, b, axis + 1)
    if into_strips is not None:
        b = _into_strips(jnp.moveaxis(into_strips, 0, -1), b)
    f1, f2, size1, size2 = (b[i].reshape(-1, n) for i in range(4))
    high1, high2 = f1 + ROUNDING * size1, f2 + ROUNDING * size2
    ratio = -high1 / jnp.where(high2 == 0, 1.0, high2)
    least = jnp.max(jnp.where(high2 < 0, ratio, 0.0), axis=0)
    most = jnp.min(jnp.where(high2 > 0, ratio, jnp.inf), axis=0)
    hopeless = jnp.any((high2 == 0) & (high1 > 0), axis=0)
    least, most = jnp.maximum(least, 0.0), jnp.where(hopeless, -1.0, most)

    middle = jnp.where(jnp.isinf(most), least, (least + jnp.maximum(most, 0.0)) / 2)
    both = b[0] + jnp.where(jnp.isfinite(middle), jnp.minimum(middle, _MOST), 0.0) * b[1]
    steps = [
        jnp.max(jnp.abs(jnp.diff(both, axis=k)).reshape(-1, n), axis=0, initial=0.0) * both.shape[k]
        for k in range(axes)
    ]
    if into_strips is not None:  # a strip half as wide is a quarter as high
        steps[:2] = [4 * jnp.maximum(*steps[:2]), jnp.full(n, -1.0)]
    score = jnp.stack(steps, axis=1) * damping ** -jnp.log2(width)
    at = jnp.asarray(corner_places(b.shape[1:-1]))
    heralded = f2[at] >= ROUNDING * size2[at]
    inside = jnp.where(heralded, f1[at] - ROUNDING * size1[at], -jnp.inf)
    return Verdicts(
        least, most, jnp.argmax(score, axis=1), jnp.argmax(inside, axis=0), jnp.max(inside, axis=0)
    )


def _blossoms(degree: int, low: Array, high: Array) -> Array:
    """Matrices from the coefficients on [0, 1] to those on [low, high], shape ``(d+1, d+1, n)``.

    Row i holds the coefficients of (1 - l + l X)^(d-i) (1 - h + h X)^i: the blossom at d - i
    times l and i times h. None is negative, so that rounding errors stay relative.
    """
    i = jnp.arange(degree + 1)[:, None, None]
    rows = jnp.zeros((degree + 1, degree + 1, low.shape[0])).at[:, 0].set(1.0)
    for step in range(degree):
        end = jnp.where(step < degree - i, low, high)
        rows = rows * (1 - end) + jnp.pad(rows, ((0, 0), (1, 0), (0, 0)))[:, :-1] * end
    return rows


def _apply(matrix: Array, b: Array, axis: int) -> Array:
    # Written out: XLA makes one loop over the batch of it.
    before, size = int(np.prod(b.shape[:axis])), b.shape[axis]
    c = b.reshape(before, size, -1, b.shape[-1])
    rows = [reduce(jnp.add, (row[j] * c[:, j] for j in range(size))) for row in matrix]
    return jnp.stack(rows, axis=1).reshape(*b.shape[:axis], len(rows), *b.shape[axis + 1 :])


def _into_strips(matrix: Array, b: Array) -> Array:
    """Maps of the shape ``(rows, columns, n)`` applied to the first two axes, and their sizes."""
    columns = b.shape[2]
    joined = b.reshape(4, -1, *b.shape[3:])
    values, sizes = _apply(matrix, joined[:2], 1), _apply(jnp.abs(matrix), joined[2:], 1)
    both = jnp.concatenate([values, sizes])
    return both.reshape(4, -1, columns, *b.shape[3:])


def corner_bits(shape: Sequence[int]) -> np.ndarray:
    """The corners of the unit cube in the same order, where an axis of size 1 has one end."""
    ends = np.unravel_index(corner_places(tuple(shape)), tuple(shape))
    return np.stack(ends, axis=1).clip(max=1).astype(float)


def corner_places(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The places of the corners of an array in its flattened form, the last axis fastest."""
    places = [0]
    for size in shape:
        places = [p * size + end for p in places for end in dict.fromkeys((0, size - 1))]
    return tuple(places)
