"""Claims: that no machine of a domain heralds a value above a level, and their proofs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import frexp
from typing import NamedTuple, TypeVar

import numpy as np

from jaxent.prove.branch import LEAF, Trees, cover, short_between
from jaxent.prove.comparisons import (
    BRANCHES,
    Combination,
    heralded_above,
    patches,
    products,
    value_above,
)
from jaxent.prove.domain import Domain, Part, parts, raised
from jaxent.prove.polynomials import (
    Box,
    Polynomial,
    bernstein,
    plus,
    times,
    trimmed,
    value,
    without_faces,
)
from jaxent.prove.stationary import Stationary, stationary
from jaxent.prove.strips import Strips

T = TypeVar("T")

TRIES = ((0.95, 20_000), (0.85, 200_000), (0.95, 200_000))
"""How to choose what is split, and how many boxes a root may cost then: see ``cover``."""


class Root(NamedTuple):
    """A box that a tree covers: a part of the domain, a patch of filters, one comparison.

    Attributes:
        part: the place in :func:`jaxent.prove.domain.parts`.
        patch: one of :func:`jaxent.prove.comparisons.patches`.
        branch: one of :data:`jaxent.prove.comparisons.BRANCHES`.
    """

    part: int
    patch: str
    branch: str


@dataclass(frozen=True)
class Attempt:
    """What came of trying to prove a claim.

    Attributes:
        trees: of every root, as a text (:mod:`jaxent.prove.proof`), where it is proven; empty
            otherwise.
        refuted: a part, a patch and the free variables of a machine that refutes the claim, or
            ``None``. Where there are neither trees nor this, it could not be settled.
        boxes: how many were judged.
    """

    trees: tuple[str, ...]
    refuted: tuple[int, str, np.ndarray] | None
    boxes: int

    @property
    def proven(self) -> bool:
        """Whether it is proven, as far as floats can tell."""
        return bool(self.trees)


class Problem:
    """One objective on one domain.

    Args:
        domain: the machines and filters.
        objective: ``"chsh"`` or ``"singlet_fraction"``.
    """

    def __init__(self, domain: Domain, objective: str):
        self.domain, self.objective = domain, objective
        self._products: dict[tuple[int, str], dict[str, Polynomial]] = {}

    @cached_property
    def parts(self) -> list[Part]:
        """The parts of the domain."""
        return parts(self.domain)

    @cached_property
    def states(self) -> list[Stationary]:
        """The steady state on each of them."""
        return [stationary(p.rates, p.numerator, p.denominator) for p in self.parts]

    @property
    def in_strips(self) -> bool:
        """Whether a temperature decides over two occupations."""
        return isinstance(self.domain.charge, Fraction) and self.domain.baths["a"].free

    def combined(self, part: int, patch: str, combination: Combination) -> Polynomial:
        """A comparison as a polynomial of the domain's variables."""
        key = part, patch
        if key not in self._products:
            self._products[key] = products(self.domain, self.states[part], patch)
        found = self._products[key]
        return plus(*(times(found[name], c) for name, c in combination.items() if c))

    def roots(self, part: int) -> list[Root]:
        """Those of a part."""
        return [
            Root(part, patch, branch)
            for patch in patches(self.domain)
            for branch in BRANCHES[self.objective]
        ]

    def box(self, part: int) -> list[tuple[Fraction, Fraction]]:
        """The bounds of the variables on a part."""
        whole = Fraction(0), Fraction(1)
        return [self.parts[part].box.get(name, whole) for name in self.domain.variables]

    def attempt(
        self,
        level: Fraction,
        efficiency: Fraction | None,
        tell: Callable[[float], None] = lambda settled: None,
    ) -> Attempt:
        """Try to prove that no value above the level is heralded as often.

        Args:
            level: at least the classical bound.
            efficiency: in (0, 1), or ``None`` for the machine without filters.
            tell: told how much is settled.
        """
        done: list[str] = []
        boxes, several = 0, len(self.parts)
        for part in range(several):

            def told(settled: float, part: int = part) -> None:
                tell((part + settled) / several)

            found = self._attempt_part(part, level, efficiency, told)
            boxes += found.boxes
            if not found.proven:
                return replace(found, boxes=boxes)
            done += found.trees
        return Attempt(tuple(done), None, boxes)

    def _attempt_part(
        self, part: int, level: Fraction, efficiency: Fraction | None, tell: Callable[[float], None]
    ) -> Attempt:
        roots, box = self.roots(part), self.box(part)
        pairs = [self._pair(root, level, efficiency) for root in roots]
        coefficients, scales, strips = self._coefficients(pairs, box)

        def point(place: np.ndarray) -> list[Fraction]:
            inside = zip(box, map(Fraction, place.tolist()), strict=True)
            return self.whole([low + (high - low) * t for (low, high), t in inside])

        def refutes(root: int, place: np.ndarray) -> bool:
            if strips is None:
                return True
            f1, f2 = (value(f, point(place)) for f in pairs[root])
            return f1 > 0 and f2 >= 0

        boxes = 0
        for damping, budget in TRIES:
            trees = cover(coefficients, budget, damping, strips, refutes, tell)
            boxes += trees.boxes
            if trees.failed is None:
                break
        if trees.refuted is not None:
            root, place = trees.refuted
            where = np.array(self.free(point(place)), dtype=float)
            return Attempt((), (part, roots[root].patch, where), boxes)
        if trees.failed is not None:
            return Attempt((), None, boxes)
        names = self.domain.variables
        words = (_words(trees, i, names, scale) for i, scale in enumerate(scales))
        return Attempt(tuple(words), None, boxes)

    def whole(self, point: Sequence[Fraction]) -> list[Fraction]:
        """The same point, with the upper occupation that ``a`` decides."""
        if not self.in_strips:
            return list(point)
        return [point[0], raised(point[0] / 2, Fraction(self.domain.charge)), *point[2:]]

    def free(self, variables: Sequence[T]) -> list[T]:
        """Those variables, or what belongs to them, that nothing else decides."""
        return list(variables) if not self.in_strips else [variables[0], *variables[2:]]

    def _pair(
        self, root: Root, level: Fraction, efficiency: Fraction | None
    ) -> tuple[Polynomial, Polynomial]:
        """The polynomials f1 and f2 on a root; f2 = 0 where every efficiency will do."""
        above = value_above(self.objective, root.branch, level)
        f1 = without_faces(self.combined(root.part, root.patch, above))
        f2 = np.zeros((1,) * f1.ndim, dtype=object)
        if efficiency is not None:
            f2 = self.combined(root.part, root.patch, heralded_above(efficiency))
        return f1, f2

    def _coefficients(
        self, pairs: list[tuple[Polynomial, Polynomial]], box: Box
    ) -> tuple[np.ndarray, list[Fraction], Strips | None]:
        """Those of all roots of a part, scaled, each variable with its largest degree in all.

        Returns:
            The coefficients; what multiplies a multiplier to undo the scales; and the strips.
        """
        shapes = [trimmed(f).shape for pair in pairs for f in pair]
        degrees = [max(sizes) - 1 for sizes in zip(*shapes, strict=True)]
        strips = None
        if self.in_strips:
            (low, high), *_ = box
            strips = Strips(low, high, Fraction(self.domain.charge), (degrees[0], degrees[1]))
        found = np.zeros((len(pairs), 2, *(d + 1 for d in degrees)))
        scales = []
        for i, pair in enumerate(pairs):
            exponents = []
            for j, f in enumerate(pair):
                b = bernstein(trimmed(f), box, degrees)
                exponents.append(frexp(np.abs(b).max())[1])
                found[i, j] = np.ldexp(b, -exponents[-1])
            scales.append(Fraction(2) ** (exponents[0] - exponents[1]))
        return found, scales, strips


def _words(trees: Trees, root: int, names: tuple[str, ...], scale: Fraction) -> str:
    """A tree in preorder: the variable of a split, or the multiplier of a leaf."""
    words, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        if trees.axis[node] == LEAF:
            words.append(str(short_between(*trees.multipliers[node]) * scale))
            continue
        words.append(names[trees.axis[node]])
        lower = trees.child[node]
        waiting += [lower + 1, lower]
    return " ".join(words)
