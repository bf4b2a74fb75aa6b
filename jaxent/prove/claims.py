"""Claims: that no machine of a domain heralds a value above a level, and their proofs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import frexp

import numpy as np

from jaxent.prove.branch import LEAF, Trees, cover
from jaxent.prove.comparisons import (
    BRANCHES,
    Combination,
    forms,
    heralded_above,
    patches,
    value_above,
)
from jaxent.prove.domain import Domain, Part, parts, raised
from jaxent.prove.polynomials import Polynomial, bernstein, plus, stripped, times, value
from jaxent.prove.stationary import Stationary, stationary
from jaxent.prove.strips import Strip, bernstein_on_strip, rounded, strip

BUDGET = 200_000
"""How many boxes a root may cost."""

FIRST_BUDGET, GROWTH, BUDGET_OF_STRIP = 40, 1.5, 2000
"""How many before a strip is cut in two."""

_CLEARLY = 1e-13

BUDGET_OF_STRIPS = 300_000
"""How many all strips together may cost."""


@dataclass(frozen=True)
class Root:
    """A box that a tree covers: a part of the domain, a patch of filters, one comparison.

    Attributes:
        part: the place in :func:`jaxent.prove.domain.parts`.
        patch: one of :func:`jaxent.prove.comparisons.patches`.
        branch: one of :data:`jaxent.prove.comparisons.BRANCHES`.
        strip: where the charge is finite and the temperature free.
    """

    part: int
    patch: str
    branch: str
    strip: Strip | None = None


@dataclass(frozen=True)
class Tree:
    """A root with its tree in words: see :mod:`jaxent.prove.proof`."""

    root: Root
    words: str


@dataclass(frozen=True)
class Attempt:
    """What came of trying to prove a claim.

    Attributes:
        trees: of every root, where it is proven; empty otherwise.
        degrees: in each variable that of the Bernstein coefficients; with higher ones than the
            polynomial's own they are nearer to it.
        refuted: a part, a patch and a point of the unit cube that refute the claim, or ``None``.
        open: a root that could not be settled, or ``None``.
        boxes: how many were judged.
    """

    trees: tuple[Tree, ...]
    degrees: tuple[int, ...]
    refuted: tuple[int, str, np.ndarray] | None
    open: Root | None
    boxes: int

    @property
    def proven(self) -> bool:
        """Whether it is proven, as far as floats can tell."""
        return self.refuted is None and self.open is None


class Problem:
    """One objective on one domain.

    Args:
        domain: the machines and filters.
        objective: ``"chsh"`` or ``"singlet_fraction"``.
    """

    def __init__(self, domain: Domain, objective: str):
        self.domain, self.objective = domain, objective
        self._products: dict[tuple[int, str], dict[str, Polynomial]] = {}
        self._rounded: dict[int, tuple[Polynomial, np.ndarray]] = {}

    @cached_property
    def parts(self) -> list[Part]:
        """The parts of the domain."""
        return parts(self.domain)

    @cached_property
    def states(self) -> list[Stationary]:
        """The steady state on each of them."""
        return [stationary(p.rates, p.coupling, p.one, p.unit) for p in self.parts]

    @property
    def in_strips(self) -> bool:
        """Whether a temperature decides over two occupations."""
        return isinstance(self.domain.charge, Fraction) and self.domain.baths["a"].free

    def combined(self, part: int, patch: str, combination: Combination) -> Polynomial:
        """A comparison as a polynomial of the domain's variables."""
        key = part, patch
        if key not in self._products:
            found = forms(self.domain, self.states[part], patch).products
            self._products[key] = dict(found)
        products = self._products[key]
        return plus(*(times(products[name], c) for name, c in combination.items() if c))

    def box(self, root: Root) -> list[tuple[Fraction, Fraction]]:
        """The bounds of the variables on a root."""
        bounds = dict(self.parts[root.part].box)
        if root.strip is not None:
            bounds["a"] = root.strip.low, root.strip.high
        whole = Fraction(0), Fraction(1)
        return [bounds.get(name, whole) for name in self.domain.variables]

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
        first = None
        if self.in_strips:
            low, high = self.domain.baths["a"].range()
            first = strip(low, high, Fraction(self.domain.charge))
        waiting = [
            Root(part, patch, branch, first)
            for part in range(len(self.parts))
            for patch in patches(self.domain)
            for branch in BRANCHES[self.objective]
        ]
        done: list[Tree] = []
        boxes, degrees = 0, (0,) * len(self.domain.variables)
        budget: float = FIRST_BUDGET if self.in_strips else BUDGET
        known: dict[tuple[int, str, str], tuple[Polynomial, Polynomial]] = {}
        self._rounded.clear()
        while waiting:
            for root in waiting:
                key = root.part, root.patch, root.branch
                if key not in known:
                    known[key] = self._pair(root, level, efficiency)
            pairs = [known[root.part, root.patch, root.branch] for root in waiting]
            degrees = self._common_degrees(degrees, pairs)
            coefficients, scales = self._coefficients(waiting, pairs, degrees)
            trees = cover(coefficients, int(budget), not self.in_strips, tell)
            boxes += trees.boxes
            if trees.refuted is not None:
                root = waiting[trees.refuted[0]]
                inside = zip(self.box(root), trees.refuted[1], strict=True)
                point = np.array([float(low + (high - low) * t) for (low, high), t in inside])
                return Attempt((), degrees, (root.part, root.patch, point), None, boxes)
            refuted = self._refuted(waiting, trees, level, efficiency)
            if refuted is not None:
                return Attempt((), degrees, refuted, None, boxes)
            names, again = self.domain.variables, []
            for i, root in enumerate(waiting):
                if i not in trees.failed:
                    done.append(Tree(root, _words(trees, i, names, scales[i])))
                    continue
                if root.strip is None or boxes > BUDGET_OF_STRIPS:
                    return Attempt((), degrees, None, root, boxes)
                again += self._halves(root)
            waiting, budget = again, min(GROWTH * budget, BUDGET_OF_STRIP)
        return Attempt(tuple(sorted(done, key=self._order)), degrees, None, None, boxes)

    def _refuted(
        self,
        roots: list[Root],
        trees: Trees,
        level: Fraction,
        efficiency: Fraction | None,
    ) -> tuple[int, str, np.ndarray] | None:
        """A machine that refutes the claim, near places of strips that seem to."""
        names = self.domain.variables
        for i in trees.failed & set(trees.suspects):
            root = roots[i]
            inside = zip(self.box(root), trees.suspects[i][1].tolist(), strict=True)
            point = [float(low + (high - low) * t) for (low, high), t in inside]
            n = Fraction(point[names.index("a")]) / 2
            point[names.index("c")] = float(raised(n, self.domain.charge))
            above = value_above(self.objective, root.branch, level)
            f1 = value(self.combined(root.part, root.patch, above), point)
            f2 = 0.0
            if efficiency is not None:
                f2 = value(self.combined(root.part, root.patch, heralded_above(efficiency)), point)
            if f1 > _CLEARLY and f2 >= 0:
                return root.part, root.patch, np.array(point)
        return None

    def _order(self, tree: Tree) -> tuple:
        root = tree.root
        return (
            root.part,
            patches(self.domain).index(root.patch),
            BRANCHES[self.objective].index(root.branch),
            root.strip.low if root.strip else 0,
        )

    def _halves(self, root: Root) -> list[Root]:
        assert root.strip is not None
        low, high = root.strip.low, root.strip.high
        middle, e = (low + high) / 2, Fraction(self.domain.charge)
        both = (strip(low, middle, e), strip(middle, high, e))
        return [Root(root.part, root.patch, root.branch, half) for half in both]

    def _pair(
        self, root: Root, level: Fraction, efficiency: Fraction | None
    ) -> tuple[Polynomial, Polynomial]:
        """The polynomials f1 and f2 on a root; f2 = 0 where every efficiency will do."""
        f1 = stripped(
            self.combined(root.part, root.patch, value_above(self.objective, root.branch, level))
        )
        f2 = np.zeros((1,) * f1.ndim, dtype=object)
        if efficiency is not None:
            f2 = self.combined(root.part, root.patch, heralded_above(efficiency))
        return f1, f2

    def _common_degrees(
        self, least: tuple[int, ...], pairs: list[tuple[Polynomial, Polynomial]]
    ) -> tuple[int, ...]:
        """Those that suffice for all polynomials; on a strip a power of c is one of a as well."""
        shapes = [list(f.shape) for pair in pairs for f in pair]
        if self.in_strips:
            at = self.domain.variables.index("a")
            for shape in shapes:
                shape[at] += shape[at + 1] - 1
        return tuple(max(d, *(n - 1 for n in ns)) for d, *ns in zip(least, *shapes, strict=True))

    def _on_root(self, f: Polynomial, root: Root, degrees: tuple[int, ...]) -> np.ndarray:
        """The Bernstein coefficients on a root."""
        if root.strip is None:
            return bernstein(f, self.box(root), degrees)
        if id(f) not in self._rounded:
            self._rounded[id(f)] = f, rounded(f)  # with f itself, so that its place stays taken
        long = self._rounded[id(f)][1]
        return bernstein_on_strip(long, self.domain.variables, root.strip, self.box(root), degrees)

    def _coefficients(
        self,
        roots: list[Root],
        pairs: list[tuple[Polynomial, Polynomial]],
        degrees: tuple[int, ...],
    ) -> tuple[np.ndarray, list[Fraction]]:
        """Those of all roots, scaled; and what multiplies a multiplier to undo the scales."""
        found = np.zeros((len(roots), 2, *(d + 1 for d in degrees)))
        scales = []
        for i, (root, pair) in enumerate(zip(roots, pairs, strict=True)):
            exponents = []
            for j, f in enumerate(pair):
                b = self._on_root(f, root, degrees)
                exponents.append(frexp(np.abs(b).max())[1])
                found[i, j] = np.ldexp(b, -exponents[-1])
            scales.append(Fraction(2) ** (exponents[0] - exponents[1]))
        return found, scales


def _words(trees: Trees, root: int, names: tuple[str, ...], scale: Fraction) -> str:
    """A tree in preorder: the variable of a split, or the multiplier of a leaf."""
    words, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        if trees.axis[node] == LEAF:
            words.append(str(trees.multiplier[node] * scale))
            continue
        words.append(names[trees.axis[node]])
        lower = trees.child[node]
        waiting += [lower + 1, lower]
    return " ".join(words)
