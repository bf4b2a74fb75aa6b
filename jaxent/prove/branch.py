"""Branch and bound: a tree of boxes on each root, each leaf with the multiplier that proves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import frexp, inf, ldexp

import jax
import numpy as np

from jaxent.prove.boxes import corner_bits, judge
from jaxent.prove.strips import Strips

COEFFICIENTS_AT_ONCE = 2**17
"""How many coefficients a processor's caches hold."""

COEFFICIENTS_OF_ACCELERATOR = 2**24
"""How many keep an accelerator busy."""

LEAF, OPEN = -1, -2

_THINNEST, _DEEPEST = 2.0**-60, 150

_NOTHING = 0.0, 0.0


@dataclass
class Trees:
    """The trees of all roots; the first nodes are the roots themselves.

    Attributes:
        axis: of each node the axis that it is split along, ``LEAF`` or ``OPEN``.
        child: of each node the lower of its two children, which follow each other.
        multipliers: of each leaf the least and the largest that prove it, for the coefficients as
            they were given.
        failed: a root that could not be covered within what is allowed, or ``None``.
        refuted: a root and the place in its unit cube of a point with f1 > 0 and f2 ≥ 0.
        boxes: how many were judged.
    """

    axis: list[int]
    child: list[int]
    multipliers: list[tuple[float, float]]
    failed: int | None = None
    refuted: tuple[int, np.ndarray] | None = None
    boxes: int = 0


@dataclass
class _Frontier:
    """The boxes that are still to be judged."""

    node: np.ndarray
    root: np.ndarray
    low: np.ndarray
    width: np.ndarray

    def last(self, count: int) -> tuple[_Frontier, _Frontier]:
        """All but the last ones, and those."""
        columns = (self.node, self.root, self.low, self.width)
        first = max(0, len(self.node) - count)
        return _Frontier(*(c[:first] for c in columns)), _Frontier(*(c[first:] for c in columns))

    def kept(self, which: np.ndarray) -> _Frontier:
        return _Frontier(*(c[which] for c in (self.node, self.root, self.low, self.width)))

    def joined(self, other: _Frontier) -> _Frontier:
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return _Frontier(*(np.concatenate(pair) for pair in pairs))


def cover(
    coefficients: np.ndarray,
    budget: int,
    damping: float,
    strips: Strips | None,
    refutes: Callable[[int, np.ndarray], bool],
    tell: Callable[[float], None],
) -> Trees:
    """Cover the unit cubes of all roots with boxes on which f1 > 0 and f2 ≥ 0 exclude each other.

    Args:
        coefficients: the Bernstein coefficients of (f1, f2) of each root, shape ``(m, 2, …)``,
            scaled so that the largest are about 1.
        budget: how many boxes of each root are judged at most.
        damping: of the score of an axis with each split along it. The nearer to 1 the fewer boxes,
            where none is split along one axis for ever.
        strips: where they take the place of the first two axes.
        refutes: whether the machine at a place of a root refutes the claim, where a point of a box
            does that need not be one.
        tell: told which part of all volumes is settled.
    """
    roots, axes = len(coefficients), coefficients.ndim - 2
    shape = coefficients.shape[2:]
    if strips is not None:
        shape = (*strips.shape, *shape[2:])
    bits = corner_bits(shape)
    batch = _batch(int(np.prod(shape)))
    near = coefficients if jax.default_backend() == "cpu" else jax.device_put(coefficients)
    trees = Trees([OPEN] * roots, [-1] * roots, [_NOTHING] * roots)
    spent, settled = np.zeros(roots, dtype=int), 0.0
    everything = np.arange(roots)
    frontier = _Frontier(everything, everything, np.zeros((roots, axes)), np.ones((roots, axes)))
    while len(frontier.node):
        frontier, now = frontier.last(batch)
        count = len(now.node)
        fill = np.resize(np.arange(count), batch)
        low, width = now.low[fill], now.width[fill]
        maps = None if strips is None else strips.maps(low[:, 0], width[:, 0])
        verdicts = judge(near[now.root[fill]], low, width, damping, maps)
        least, most, axis, corner, excess = (np.asarray(v)[:count] for v in verdicts)
        trees.boxes += count
        np.add.at(spent, now.root, 1)
        i = int(np.argmax(excess))
        if excess[i] > 0:
            root, place = int(now.root[i]), now.low[i] + now.width[i] * bits[corner[i]]
            if refutes(root, place):
                trees.refuted = root, place
                return trees
        proven = least <= most
        for i in np.flatnonzero(proven):
            trees.axis[now.node[i]] = LEAF
            trees.multipliers[now.node[i]] = float(least[i]), float(most[i])
        settled += float(np.prod(now.width[proven], axis=1).sum())
        tell(settled / roots)
        halves = _split(trees, now.kept(~proven), axis[~proven])
        deep = np.log2(halves.width).sum(axis=1) < -_DEEPEST
        late = (
            (spent[halves.root] > budget) | (halves.width.min(axis=1, initial=1) < _THINNEST) | deep
        )
        if late.any():
            trees.failed = int(halves.root[np.argmax(late)])
            return trees
        frontier = frontier.joined(halves)
    return trees


def _batch(size: int) -> int:
    """How many boxes of so many coefficients are judged at once: a power of two."""
    several = COEFFICIENTS_AT_ONCE
    if jax.default_backend() != "cpu":
        several = COEFFICIENTS_OF_ACCELERATOR
    return 2 ** min(max(int(np.log2(several / size)), 4), 13)


def _split(trees: Trees, boxes: _Frontier, axis: np.ndarray) -> _Frontier:
    """Both halves of each box, and what the trees say of it."""
    count = len(axis)
    child = len(trees.axis) + 2 * np.arange(count)
    for node, along, lower in zip(boxes.node, axis.tolist(), child.tolist(), strict=True):
        trees.axis[node], trees.child[node] = along, lower
    trees.axis += [OPEN] * (2 * count)
    trees.child += [-1] * (2 * count)
    trees.multipliers += [_NOTHING] * (2 * count)
    width, upper = boxes.width.copy(), boxes.low.copy()
    rows = np.arange(count)
    width[rows, axis] /= 2
    upper[rows, axis] += width[rows, axis]
    low = np.stack([boxes.low, upper], 1).reshape(2 * count, boxes.low.shape[1])
    return _Frontier(
        np.stack([child, child + 1], 1).ravel(),
        np.repeat(boxes.root, 2),
        low,
        np.repeat(width, 2, axis=0),
    )


def short_between(low: float, high: float) -> Fraction:
    """A number between two others with few binary digits; 0 where that is one.

    >>> short_between(0.0, 1.0), short_between(0.3, 0.4), short_between(2.0, float("inf"))
    (Fraction(0, 1), Fraction(3, 8), Fraction(8, 1))
    """
    if low <= 0:
        return Fraction(0)
    if high == inf:
        return Fraction(2) ** (frexp(low)[1] + 1)
    middle, slack, exponent = (low + high) / 2, (high - low) / 8, frexp(high)[1] - 1
    for digits in range(54):
        unit = ldexp(1.0, exponent - digits)  # a power of two: the numbers below are exact
        number = round(middle / unit) * unit
        if low + slack <= number <= high - slack:
            return Fraction(number)
    return Fraction(middle)
