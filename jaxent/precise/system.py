"""The master equation of one machine as a sparse linear system in decimal numbers."""

from __future__ import annotations

from collections.abc import Mapping, Set
from decimal import Decimal

import numpy as np

from jaxent.generator import Generator
from jaxent.precise.coordinates import Coordinate, Vector, action_of, real_column
from jaxent.precise.elimination import reached, solve, transposed

MOST_COORDINATES = 700
"""Larger systems would take minutes."""


class TooLarge(ValueError):
    """A system of more coordinates than can be solved in many digits."""


def refuse_too_many(coordinates: int) -> None:
    """Refuse a system that would take minutes with :class:`TooLarge`."""
    if coordinates > MOST_COORDINATES:
        raise TooLarge(f"coordinates: more than {MOST_COORDINATES} are reached")


class NotUnique(ArithmeticError):
    """A system with more steady states than it is said to have."""


class System:
    r"""The equations :math:`\sum_k c_k \mathcal{L}_k \rho = 0`, in the digits of the context.

    Args:
        generator: the structure.
        coefficients: ``K`` numbers.
        near: the populations as another solver finds them, shape ``(D,)``.
        initial: the initial populations, where they matter, shape ``(D,)``.

    Attributes:
        coefficients: as decimal numbers.
        columns: the generator, one column for each coordinate that the populations reach.
        roots: the unit of each set of coordinates that nothing connects with the others, its
            likeliest population, and the set.

    Raises:
        NotUnique: there are several such sets and no initial state.
        TooLarge: there are more than ``MOST_COORDINATES`` coordinates.
    """

    def __init__(
        self,
        generator: Generator,
        coefficients: np.ndarray,
        near: np.ndarray,
        initial: np.ndarray | None,
    ):
        self._initial = initial
        self.coefficients = [Decimal(float(c)) for c in coefficients]
        self._actions = [
            action_of(term) if c else None
            for c, term in zip(self.coefficients, generator.terms, strict=True)
        ]
        self.columns = self._reached(generator.dimension)
        self.roots = self._units(near)

    def solve(self) -> Vector:
        """The steady state.

        Raises:
            Singular: the digits do not tell it from others.
        """
        rows = transposed(self.columns)
        for root in self.roots:
            rows[root] = {root: Decimal(1)}
        x = solve(rows, {root: Decimal(1) for root in self.roots})
        for places in self.roots.values():
            trace = sum(x[place] for place in populations(places))
            share = self._share(places)
            x.update({place: x[place] * share / trace for place in places})
        return x

    def adjoint(self, functional: Vector) -> Vector:
        """The solution of the transposed system, in which roots have no equation but their own."""
        columns = {
            place: {to: value for to, value in column.items() if to not in self.roots}
            for place, column in self.columns.items()
        }
        for root in self.roots:
            columns[root][root] = Decimal(1)
        return solve(columns, functional)

    def column(self, place: Coordinate, weights: Mapping[int, int] | None = None) -> Vector:
        """What all terms, or some of them with weights, make of one coordinate per time."""
        total: Vector = {}
        for k, (c, action) in enumerate(zip(self.coefficients, self._actions, strict=True)):
            weight = 1 if weights is None else weights.get(k, 0)
            if action is not None and weight:
                for to, value in real_column(action, place).items():
                    total[to] = total.get(to, Decimal(0)) + weight * c * value
        return {to: value for to, value in total.items() if value}

    def change(self, x: Vector, term: int) -> Vector:
        """What one term adds to a state per time."""
        found: Vector = {}
        for place, size in x.items():
            if size:
                for to, value in self.column(place, {term: 1}).items():
                    found[to] = found.get(to, Decimal(0)) + value * size
        return found

    def _reached(self, dimension: int) -> dict[Coordinate, Vector]:
        columns: dict[Coordinate, Vector] = {}
        new = {(i, i) for i in range(dimension)}
        while new:
            refuse_too_many(len(columns) + len(new))
            columns |= {place: self.column(place) for place in sorted(new)}
            new = {to for place in new for to in columns[place]} - columns.keys()
        return columns

    def _units(self, near: np.ndarray) -> dict[Coordinate, Set[Coordinate]]:
        neighbours: dict[Coordinate, set[Coordinate]] = {place: set() for place in self.columns}
        for place, column in self.columns.items():
            for to in column:
                neighbours[place].add(to)
                neighbours[to].add(place)
        roots: dict[Coordinate, Set[Coordinate]] = {}
        seen: set[Coordinate] = set()
        for i in map(int, np.argsort(-near, kind="stable")):
            if (i, i) not in seen:
                roots[i, i] = reached(neighbours, (i, i))
                seen |= roots[i, i]
        if len(roots) > 1 and self._initial is None:
            raise NotUnique(f"{len(roots)} sets of levels are not connected")
        return roots

    def _share(self, places: Set[Coordinate]) -> Decimal:
        """How much of the initial state there is in some coordinates."""
        if self._initial is None:
            return Decimal(1)
        weights = [Decimal(float(p)) for p in self._initial]
        own = sum((weights[i] for i, _ in populations(places)), start=Decimal(0))
        return own / sum(weights, start=Decimal(0))


def populations(places: Set[Coordinate] | Mapping[Coordinate, Decimal]) -> list[Coordinate]:
    """Those of some coordinates that are populations."""
    return [(i, j) for i, j in places if i == j]
