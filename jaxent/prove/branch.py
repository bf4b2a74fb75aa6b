"""Branch and bound: a tree of boxes on each root, each leaf with the multiplier that proves it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import jax
import numpy as np

from jaxent.prove.boxes import corner_places, judge

COEFFICIENTS_AT_ONCE = 2**17
"""How many coefficients a processor's caches hold."""

COEFFICIENTS_OF_ACCELERATOR = 2**24
"""How many keep an accelerator busy."""

LEAF, OPEN = -1, -2

_THINNEST = 2.0**-60


@dataclass
class Trees:
    """The trees of all roots; the first nodes are the roots themselves.

    Attributes:
        axis: of each node the axis that it is split along, ``LEAF`` or ``OPEN``.
        child: of each node the lower of its two children, which follow each other.
        multiplier: of each leaf, for the coefficients as they were given.
        failed: the roots that could not be covered within what is allowed.
        refuted: a root and the place in its unit cube of a point with f1 > 0 and f2 ≥ 0.
        suspects: such places of roots whose points need not be machines, with the largest f1.
        boxes: how many were judged.
    """

    axis: list[int]
    child: list[int]
    multiplier: list[Fraction]
    failed: set[int] = field(default_factory=set)
    refuted: tuple[int, np.ndarray] | None = None
    suspects: dict[int, tuple[float, np.ndarray]] = field(default_factory=dict)
    boxes: int = 0

    @property
    def proven(self) -> bool:
        """Whether every root is covered."""
        return not self.failed and self.refuted is None


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
    refutable: bool = True,
    tell: Callable[[float], None] = lambda settled: None,
) -> Trees:
    """Cover the unit cubes of all roots with boxes on which f1 > 0 and f2 ≥ 0 exclude each other.

    Args:
        coefficients: the Bernstein coefficients of (f1, f2) of each root, shape ``(m, 2, …)``,
            scaled so that the largest are about 1.
        budget: how many boxes of each root are judged at most.
        refutable: whether every point of a root is a machine, so that it may refute the claim.
        tell: told which part of all volumes is settled.
    """
    roots, axes = len(coefficients), coefficients.ndim - 2
    corners = corner_places(coefficients.shape[2:])
    bits = _corner_bits(coefficients.shape[2:])
    batch = _batch(int(np.prod(coefficients.shape[2:])))
    near = coefficients if jax.default_backend() == "cpu" else jax.device_put(coefficients)
    trees = Trees([OPEN] * roots, [-1] * roots, [Fraction(0)] * roots)
    spent, settled = np.zeros(roots, dtype=int), 0.0
    everything = np.arange(roots)
    frontier = _Frontier(everything, everything, np.zeros((roots, axes)), np.ones((roots, axes)))
    while len(frontier.node):
        frontier, now = frontier.last(batch)
        count = len(now.node)
        fill = np.resize(np.arange(count), batch)
        verdicts = judge(near[now.root[fill]], now.low[fill], now.width[fill], corners)
        least, most, axis, corner, excess = (np.asarray(v)[:count] for v in verdicts)
        trees.boxes += count
        np.add.at(spent, now.root, 1)
        for i in np.flatnonzero(excess > 0).tolist():
            place, root = now.low[i] + now.width[i] * bits[corner[i]], int(now.root[i])
            if refutable:
                trees.refuted = root, place
                return trees
            if excess[i] > trees.suspects.get(root, (0.0, place))[0]:
                trees.suspects[root] = float(excess[i]), place
        proven = least <= most
        for i in np.flatnonzero(proven):
            trees.axis[now.node[i]] = LEAF
            trees.multiplier[now.node[i]] = short_between(least[i], most[i])
        settled += float(np.prod(now.width[proven], axis=1).sum())
        tell(settled / roots)
        halves = _split(trees, now.kept(~proven), axis[~proven])
        late = (spent[halves.root] > budget) | (halves.width.min(axis=1, initial=1) < _THINNEST)
        trees.failed |= set(halves.root[late].tolist())
        frontier = frontier.joined(halves)
        if trees.failed:
            frontier = frontier.kept(~np.isin(frontier.root, list(trees.failed)))
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
    trees.multiplier += [Fraction(0)] * (2 * count)
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


def _corner_bits(shape: Sequence[int]) -> np.ndarray:
    bits: list[tuple[float, ...]] = [()]
    for size in shape:
        bits = [(*b, float(end > 0)) for b in bits for end in dict.fromkeys((0, size - 1))]
    return np.array(bits).reshape(len(bits), len(shape))


def short_between(low: float, high: float) -> Fraction:
    """A number between two others with few binary digits; 0 where that is one.

    >>> short_between(0.0, 1.0), short_between(0.3, 0.4), short_between(2.0, float("inf"))
    (Fraction(0, 1), Fraction(3, 8), Fraction(4, 1))
    """
    if low <= 0:
        return Fraction(0)
    if high == np.inf:
        return Fraction(2) ** (int(np.ceil(np.log2(low))) + 1)
    middle = Fraction((low + high) / 2)
    exponent = int(np.floor(np.log2(high)))
    slack = Fraction(high - low) / 8
    for digits in range(54):
        unit = Fraction(2) ** (exponent - digits)
        number = round(middle / unit) * unit
        if low + slack <= number <= high - slack:
            return number
    return middle
