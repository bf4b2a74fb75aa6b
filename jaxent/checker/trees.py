r"""Trees of boxes: that :math:`f_1 > 0` and :math:`f_2 \ge 0` exclude each other on a root.

A tree is read in preorder. At a leaf stands the multiplier λ ≥ 0 for which no coefficient of
:math:`f_1 + \lambda f_2` is positive: f_1 > 0 and f_2 ≥ 0 exclude each other there. A split, the
name of a variable, is followed by the trees of the two halves of its box, so that the leaves cover
the root whatever they are. Where there are strips (:mod:`jaxent.checker.strips`) each half of an
interval of ``a`` begins with its own, narrower one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import NamedTuple

from .boxes import Array, Table, excludes, halves, in_one_unit, room_for, side_by_side
from .reading import number
from .refusal import Unproven
from .strips import Strips

# Far above what proofs need, far below what a machine can bear.
_MAX_DEPTH = 150
_MAX_HALVINGS = 60
_MAX_WORK = 2**37  # bits of all arrays on all nodes of a tree
_MAX_MEMORY = 2**33  # of those that wait at the same time


class _Node(NamedTuple):
    """A word of a tree, and what follows it down to the leaves.

    ``to_leaf`` and ``to_strips`` spare arrays that nothing asks for, half of all work.

    Attributes:
        axis: of a split; ``None`` at a leaf.
        multiplier: of a leaf.
        needs_f2: whether a multiplier is not zero.
        to_leaf: whether a leaf is reached before the strips begin anew.
        to_strips: whether strips begin anew.
        growth: the bits that coefficients grow by, at most.
        halvings: of a, at most.
        depth: how many splits, at most.
    """

    axis: int | None
    multiplier: Fraction
    needs_f2: bool
    to_leaf: bool
    to_strips: bool
    growth: int
    halvings: int
    depth: int

    @classmethod
    def leaf(cls, multiplier: Fraction) -> _Node:
        """One without anything below."""
        return cls(
            axis=None,
            multiplier=multiplier,
            needs_f2=multiplier != 0,
            to_leaf=True,
            to_strips=False,
            growth=room_for(multiplier),
            halvings=0,
            depth=0,
        )


Arrays = Sequence[Array]
"""Of f1, and of f2 where it is needed."""


class _Box(NamedTuple):
    """What is left to be proven.

    Attributes:
        arrays: the coefficients on a box.
        powers: those that strips are made from, in powers of a and c.
        ends: the bounds of a.
    """

    arrays: Arrays
    powers: Arrays
    ends: tuple[Fraction, Fraction]


def demand_tree(
    words: str, names: Sequence[str], f1: Table, f2: Table, strips: Strips | None = None
) -> None:
    """Follow a tree over its root and prove each of its leaves.

    Args:
        words: the tree.
        names: the variables.
        f1: the coefficients of f1 on the root, or the powers of the first two variables where
            there are strips.
        f2: those of f2, of the same shape.
        strips: the strips of the root, or ``None``.

    Raises:
        Unproven: it is no tree, or a leaf proves nothing.
    """
    axes = {name: axis for axis, name in enumerate(names) if not (strips and name == "c")}
    nodes = _nodes(words.split(" "), axes, f1.shape, strips)
    first = nodes[0]
    room = first.growth + (strips.growth(first.halvings) if strips else 0)
    given = side_by_side(f1.shape, in_one_unit(f1, f2)[: 1 + first.needs_f2], room)
    shape = (*(d + 1 for d in strips.degrees), *f1.shape[2:]) if strips else f1.shape
    most = (4 if strips else 2) * prod(shape) * given[0].width
    if most * len(nodes) > _MAX_WORK or most * first.depth > _MAX_MEMORY:
        raise Unproven("the tree takes more time or memory than is allowed")
    whole = _Box(given, (), (Fraction(0), Fraction(1)))
    if strips:
        whole = _Box(strips.across(given, strips.ends), given, strips.ends)
    waiting = [whole]
    for place, node in enumerate(nodes):
        arrays, powers, ends = waiting.pop()
        if node.axis is None:
            if not excludes(node.multiplier, *arrays):
                raise Unproven(f"word {place + 1} of the tree: a coefficient is positive")
        elif strips and node.axis == 0:
            powers, middle = powers[: 1 + node.needs_f2], (ends[0] + ends[1]) / 2
            for half in ((middle, ends[1]), (ends[0], middle)):
                waiting.append(_Box(strips.across(powers, half), powers, half))
        else:
            arrays = arrays[: 1 + node.needs_f2] if node.to_leaf else ()
            powers = powers[: 1 + node.needs_f2] if node.to_strips else ()
            arrays = [halves(f, node.axis) for f in arrays]
            powers = [halves(f, node.axis) for f in powers]
            for half in (1, 0):
                waiting.append(_Box([f[half] for f in arrays], [f[half] for f in powers], ends))


def _nodes(
    tokens: Sequence[str], axes: Mapping[str, int], shape: Sequence[int], strips: Strips | None
) -> list[_Node]:
    """The words of a tree from the last to the first, then turned around."""
    found: list[_Node] = []
    below: list[_Node] = []
    for token in reversed(tokens):
        if token not in axes:
            node = _Node.leaf(_multiplier(token))
        else:
            if len(below) < 2:
                raise Unproven("the tree ends before its last leaf")
            children, axis = (below.pop(), below.pop()), axes[token]
            begins = strips is not None and axis == 0
            node = _Node(
                axis=axis,
                multiplier=Fraction(0),
                needs_f2=any(child.needs_f2 for child in children),
                to_leaf=not begins and any(child.to_leaf for child in children),
                to_strips=begins or any(child.to_strips for child in children),
                growth=max(c.growth for c in children) + (0 if begins else shape[axis] - 1),
                halvings=max(child.halvings for child in children) + begins,
                depth=max(child.depth for child in children) + 1,
            )
            if node.depth > _MAX_DEPTH or node.halvings > _MAX_HALVINGS:
                raise Unproven(f"the tree is deeper than {_MAX_DEPTH}, or {_MAX_HALVINGS} along a")
        found.append(node)
        below.append(node)
    if len(below) > 1:
        raise Unproven("the tree goes on after its last leaf")
    return found[::-1]


def _multiplier(token: str) -> Fraction:
    """The number at a leaf."""
    found = number(token, "a word of the tree that is no variable")
    if found < 0:
        raise Unproven("a multiplier is negative")
    return found
