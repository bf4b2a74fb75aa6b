r"""The steady state of one machine in as many digits as it takes.

Rates that are far apart leave populations such as 1e-17 that the digits of a number in double
precision do not resolve, filters herald from just these, and heat currents are differences of rates
that nearly balance. Here the numbers of a machine are taken as the fractions that they are, and
:math:`\sum_k c_k \mathcal{L}_k \rho = 0` is solved in decimal arithmetic, of 50 digits at first
and of twice as many until two solutions agree. One machine takes milliseconds; for batches and
gradients there is ``steady_state``, with which this shares nothing but the terms' operators.

**Coordinates** are :math:`\rho_{ii}` at ``(i, i)`` and, for ``i < j``,
:math:`\mathrm{Re}\,\rho_{ij}` at ``(i, j)`` and :math:`\mathrm{Im}\,\rho_{ij}` at ``(j, i)``;
those count that the dynamics reaches from the populations. In each set of them that the dynamics
does not connect with the others, such as a parity, the likeliest population gives its equation away
and is the unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from contextlib import AbstractContextManager
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from decimal import localcontext as _local_context
from typing import NamedTuple

import numpy as np

from jaxent.generator import Generator
from jaxent.terms import Hamiltonian, Reset, Term

MOST_COORDINATES = 700
"""Larger systems would take minutes."""

_FEWEST_DIGITS = 50
_MOST_DIGITS = 3200
_AGREEMENT = Decimal("1e-25")
_ROUNDING = 2.0**-52

Coordinate = tuple[int, int]
Vector = dict[Coordinate, Decimal]


class _Complex(NamedTuple):
    re: Decimal
    im: Decimal

    def times(self, other: _Complex) -> _Complex:
        return _Complex(
            self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re
        )

    @property
    def conjugate(self) -> _Complex:
        return _Complex(self.re, -self.im)


class TooLarge(ValueError):
    """A system of more coordinates than can be solved in many digits."""


class NotUnique(ArithmeticError):
    """A system with more steady states than it is said to have."""


class _Singular(ArithmeticError):
    """A system without a solution, in the digits in which it is solved."""


class PreciseState:
    r"""The steady state of :math:`\sum_k c_k \mathcal{L}_k`.

    Args:
        generator: the structure.
        coefficients: ``K`` numbers.
        near: the state as another solver finds it, shape ``(D, D)``. It tells which population is
            the unit, and how much there is in each of several sets that nothing connects.
        steady_states: how many such sets there are.

    Attributes:
        digits: how many were needed.

    Raises:
        NotUnique: there are more steady states, or they differ by so little that no number of
            digits tells.
        TooLarge: the dynamics reaches more than ``MOST_COORDINATES`` coordinates.
    """

    digits: int

    def __init__(
        self,
        generator: Generator,
        coefficients: np.ndarray,
        near: np.ndarray,
        steady_states: int = 1,
    ):
        self._generator, self._coefficients = generator, np.asarray(coefficients, dtype=float)
        self._near, self._steady_states = np.real(np.diag(near)), steady_states
        self.digits, coarse = _FEWEST_DIGITS, None
        while True:
            try:
                fine = self._solved()
            except _Singular:
                fine = None
            if coarse and fine and self._agree(coarse, fine):
                self._x = fine
                return
            self.digits, coarse = 2 * self.digits, fine
            if self.digits > _MOST_DIGITS:
                raise NotUnique(f"{_MOST_DIGITS} digits tell no steady state from the others")

    def population(self, level: int) -> Decimal:
        """The population of a level."""
        return self._x[level, level]

    def geometric_mean(self, i: int, j: int) -> Decimal:
        r""":math:`\sqrt{p_i p_j}` of two populations."""
        with _digits(self.digits):
            return (self._x[i, i] * self._x[j, j]).sqrt()

    def matrix(self) -> np.ndarray:
        """The state in double precision, shape ``(D, D)``."""
        return self._weighted({})

    def herald(self, amplitudes: np.ndarray) -> tuple[np.ndarray, float]:
        r"""The state behind a diagonal filter, and :math:`\ln p` of its success probability.

        Args:
            amplitudes: the filter's diagonal, shape ``(D,)``.

        Raises:
            ZeroDivisionError: the filter never passes.
        """
        with _digits(self.digits):
            filters = [Decimal(float(f)) for f in amplitudes]
            passed = {(i, j): filters[i] * filters[j] * x for (i, j), x in self._x.items()}
            p = sum((passed[i, i] for i in range(len(filters))), start=Decimal(0))
            if p == 0:
                raise ZeroDivisionError("the filters never let the state pass")
            matrix = self._weighted({place: x / p for place, x in passed.items()})
        with _digits(self.digits // 2):
            return matrix, float((+p).ln())

    def flow(self, operator: np.ndarray, terms: Iterable[int]) -> tuple[float, float]:
        r"""What some terms add to an observable per time.

        .. math:: \sum_k c_k \mathrm{tr}[O \mathcal{L}_k\rho]

        Args:
            operator: the observable O, shape ``(D, D)``.
            terms: the numbers k of the terms.

        Returns:
            The flow, and by how much it changes at most when each coefficient changes by its
            rounding error: where a flow is smaller than that, it cannot be told from zero.
        """
        with _digits(self.digits):
            return self._flow(operator, set(terms))

    # the system

    def _solved(self) -> Vector:
        with _digits(self.digits):
            columns = self._columns()
            rows = _transposed(columns)
            roots = self._roots(columns)
            for root in roots:
                rows[root] = {root: Decimal(1)}
            x = _solve(rows, {root: Decimal(1) for root in roots})
            for places in roots.values():
                trace = sum(x[place] for place in places if place[0] == place[1])
                share = self._share(places) if len(roots) > 1 else Decimal(1)
                x.update({place: x[place] * share / trace for place in places})
            return x

    def _agree(self, coarse: Vector, fine: Vector) -> bool:
        with _digits(self.digits):
            size = {i: abs(x).sqrt() for (i, j), x in fine.items() if i == j}
            return all(
                abs(coarse[i, j] - x) <= _AGREEMENT * size[i] * size[j]
                for (i, j), x in fine.items()
            )

    def _weighted(self, values: Mapping[Coordinate, Decimal]) -> np.ndarray:
        found = np.zeros((self._generator.dimension,) * 2, dtype=complex)
        for (i, j), x in (values or self._x).items():
            low, high = min(i, j), max(i, j)
            found[low, high] += float(x) * (1 if i <= j else 1j)
        return np.triu(found) + np.triu(found, 1).conj().T

    def _columns(self) -> dict[Coordinate, Vector]:
        """The generator, one column for each coordinate that the populations reach."""
        if self._generator.dimension > MOST_COORDINATES:
            raise TooLarge(f"coordinates: more than {MOST_COORDINATES} are reached")
        parts = [(Decimal(float(c)), _action(t)) for c, t in self._terms() if c != 0]
        columns: dict[Coordinate, Vector] = {}
        new = {(i, i) for i in range(self._generator.dimension)}
        while new:
            for place in sorted(new):
                total: Vector = {}
                for c, action in parts:
                    for to, value in _real_column(action, place).items():
                        total[to] = total.get(to, Decimal(0)) + c * value
                columns[place] = {to: value for to, value in total.items() if value != 0}
            new = {to for place in new for to in columns[place]} - columns.keys()
            if len(columns) + len(new) > MOST_COORDINATES:
                raise TooLarge(f"coordinates: more than {MOST_COORDINATES} are reached")
        return columns

    def _terms(self) -> list[tuple[float, Term]]:
        return list(zip(self._coefficients, self._generator.terms, strict=True))

    def _roots(self, columns: Mapping[Coordinate, Vector]) -> dict[Coordinate, set[Coordinate]]:
        """The unit of each set of coordinates that nothing connects with the others."""
        likeliest = sorted(range(len(self._near)), key=lambda i: -self._near[i])
        neighbours: dict[Coordinate, set[Coordinate]] = {place: set() for place in columns}
        for place, column in columns.items():
            for to in column:
                neighbours[place].add(to)
                neighbours[to].add(place)
        roots, seen = {}, set()
        for i in likeliest:
            if (i, i) not in seen:
                roots[i, i] = _reached(neighbours, (i, i))
                seen |= roots[i, i]
        if len(roots) > self._steady_states:
            raise NotUnique(f"{len(roots)} sets of levels are not connected")
        return roots

    def _share(self, places: Set[Coordinate]) -> Decimal:
        own = sum((Decimal(float(self._near[i])) for i, j in places if i == j), Decimal(0))
        return own / sum((Decimal(float(p)) for p in self._near), Decimal(0))

    # flows

    def _flow(self, operator: np.ndarray, terms: Set[int]) -> tuple[float, float]:
        actions = [_action(term) if c != 0 else None for c, term in self._terms()]
        changes: list[Vector] = [
            self._change(c, action) for c, action in zip(self._coefficients, actions, strict=True)
        ]
        price = _expectation(operator, self._generator.dimension)
        value = [_dot(price, change) for change in changes]
        total = sum((value[k] for k in terms), start=Decimal(0))

        # The derivative along ln c_m: what the term itself adds, and by way of the state.
        columns = self._columns()
        own = [(Decimal(float(self._coefficients[k])), actions[k]) for k in terms]
        functional = {
            place: sum(
                (c * _dot(price, _real_column(action, place)) for c, action in own if action),
                start=Decimal(0),
            )
            for place in columns
        }
        roots = self._roots(columns)
        for root in roots:
            for column in columns.values():
                column.pop(root, None)
            columns[root] = {**columns[root], root: Decimal(1)}
        for places in roots.values():
            share = sum((self._x[p] for p in places if p[0] == p[1]), start=Decimal(0))
            inside = sum((functional[p] * self._x[p] for p in places), start=Decimal(0))
            for p in places:
                if p[0] == p[1] and share:
                    functional[p] -= inside / share
        adjoint = _solve(columns, functional)
        gross = sum((abs(price[p] * y) for k in terms for p, y in changes[k].items()), Decimal(0))
        error = gross.scaleb(-self.digits // 2)
        largest = max(abs(c) for c in self._coefficients)
        for m, change in enumerate(changes):
            if not self._coefficients[m]:
                continue
            moved = -sum((adjoint[p] * y for p, y in change.items() if p not in roots), Decimal(0))
            slope = abs(moved + (value[m] if m in terms else 0))
            # A rate that is tiny is an exponential, whose exponent was rounded.
            ulps = 4 + abs(float(np.log(abs(self._coefficients[m]) / largest)))
            error += slope * Decimal(ulps * _ROUNDING)
        return float(total), float(error)

    def _change(self, c: float, action: _Action | None) -> Vector:
        """What one term adds to the state per time."""
        found: Vector = {}
        if action is None:
            return found
        for place, x in self._x.items():
            if x:
                for to, value in _real_column(action, place).items():
                    found[to] = found.get(to, Decimal(0)) + Decimal(float(c)) * value * x
        return found


_Action = Callable[[int, int], Iterator[tuple[Coordinate, _Complex]]]
"""What a term makes of a matrix unit ``|i><j|``: other matrix units and their amplitudes."""


def _digits(digits: int) -> AbstractContextManager[Context]:
    return _local_context(prec=digits, Emax=MAX_EMAX, Emin=MIN_EMIN)


def _action(term: Term) -> _Action:
    if isinstance(term, Reset):
        return _reset(term)
    columns = _operator_columns(term.operator)
    if isinstance(term, Hamiltonian):
        return lambda i, j: _commutator(columns, i, j)
    return _dissipator(columns)


def _commutator(columns: list, i: int, j: int) -> Iterator[tuple[Coordinate, _Complex]]:
    # -i H |i><j| + i |i><j| H
    for k, h in columns[i].items():
        yield (k, j), _Complex(h.im, -h.re)
    for l, h in columns[j].items():
        yield (i, l), _Complex(h.im, h.re)


def _dissipator(columns: list[dict[int, _Complex]]) -> _Action:
    nothing = _Complex(Decimal(0), Decimal(0))
    loss: list[dict[int, _Complex]] = []
    for column in columns:
        found: dict[int, _Complex] = {}
        for k, other in enumerate(columns):
            shared = [other[m].conjugate.times(column[m]) for m in column.keys() & other.keys()]
            if shared:
                total = _Complex(sum(s.re for s in shared), sum(s.im for s in shared))  # type: ignore[arg-type]
                if total != nothing:
                    found[k] = total
        loss.append(found)

    def action(i: int, j: int) -> Iterator[tuple[Coordinate, _Complex]]:
        for k, a in columns[i].items():
            for l, b in columns[j].items():
                yield (k, l), a.times(b.conjugate)
        for k, n in loss[i].items():
            yield (k, j), _Complex(-n.re / 2, -n.im / 2)
        for l, n in loss[j].items():
            yield (i, l), _Complex(-n.re / 2, n.im / 2)

    return action


def _reset(term: Reset) -> _Action:
    levels = len(term.populations)
    weights = [Decimal(float(tau)) for tau in term.populations]
    # Of rounded fractions: exactly one in sum, or the reset would lose population.
    tau = {k: weight / sum(weights) for k, weight in enumerate(weights) if weight}
    zero, minus = Decimal(0), _Complex(Decimal(-1), Decimal(0))

    def split(i: int) -> tuple[int, int]:
        """The level of the party that is reset, and that of the other."""
        quotient, remainder = divmod(i, term.other if term.party == "a" else levels)
        return (quotient, remainder) if term.party == "a" else (remainder, quotient)

    def joined(own: int, other: int) -> int:
        return own * term.other + other if term.party == "a" else other * levels + own

    def action(i: int, j: int) -> Iterator[tuple[Coordinate, _Complex]]:
        (own, k), (same, l) = split(i), split(j)
        if own == same:
            for level, weight in tau.items():
                yield (joined(level, k), joined(level, l)), _Complex(weight, zero)
        yield (i, j), minus

    return action


def _operator_columns(operator: np.ndarray) -> list[dict[int, _Complex]]:
    return [
        {
            int(k): _Complex(Decimal(float(np.real(column[k]))), Decimal(float(np.imag(column[k]))))
            for k in np.flatnonzero(column)
        }
        for column in np.asarray(operator).T
    ]


def _real_column(action: _Action, place: Coordinate) -> Vector:
    """What a term makes of one real coordinate, in real coordinates."""
    i, j = place
    found: Vector = {}

    def add(units: Iterator[tuple[Coordinate, _Complex]], imaginary: bool) -> None:
        for (k, l), v in units:
            re, im = (-v.im, v.re) if imaginary else v
            # A Hermitian matrix is known by its entries above the diagonal.
            if k <= l and re:
                found[k, l] = found.get((k, l), Decimal(0)) + re
            if k < l and im:
                found[l, k] = found.get((l, k), Decimal(0)) + im

    if i <= j:
        add(action(i, j), imaginary=False)
        if i < j:
            add(action(j, i), imaginary=False)
    else:
        # rho_ji = i y and rho_ij = -i y
        add(action(j, i), imaginary=True)
        add(((to, _Complex(-v.re, -v.im)) for to, v in action(i, j)), imaginary=True)
    return found


def _expectation(operator: np.ndarray, dimension: int) -> Vector:
    """The expectation of an observable as a function of the real coordinates."""
    found: Vector = {}
    for i in range(dimension):
        for j in range(i, dimension):
            below = operator[j, i]
            twice = 1 if i == j else 2
            found[i, j] = twice * Decimal(float(np.real(below)))
            if i < j:
                found[j, i] = -twice * Decimal(float(np.imag(below)))
    return found


def _dot(one: Mapping[Coordinate, Decimal], other: Mapping[Coordinate, Decimal]) -> Decimal:
    return sum((one[place] * x for place, x in other.items()), start=Decimal(0))


# linear algebra


def _transposed(columns: Mapping[Coordinate, Vector]) -> dict[Coordinate, Vector]:
    rows: dict[Coordinate, Vector] = {place: {} for place in columns}
    for source, column in columns.items():
        for to, value in column.items():
            rows[to][source] = value
    return rows


def _reached(neighbours: Mapping[Coordinate, set[Coordinate]], start: Coordinate) -> set:
    inside, new = {start}, {start}
    while new:
        new = {to for place in new for to in neighbours[place]} - inside
        inside |= new
    return inside


def _solve(rows: dict[Coordinate, Vector], right: Mapping[Coordinate, Decimal]) -> Vector:
    """A sparse linear system by elimination in the order of least fill; the rows are used up."""
    b = {i: right.get(i, Decimal(0)) for i in rows}
    holders: dict[Coordinate, set[Coordinate]] = {i: set() for i in rows}
    for i, row in rows.items():
        for j in row:
            holders[j].add(i)
    left, order = set(rows), []

    def cost(k: Coordinate) -> tuple[bool, int, Coordinate]:
        # What only leaves by way of others has no pivot before these are gone.
        return not rows[k].get(k), (len(rows[k]) - 1) * (len(holders[k]) - 1), k

    while left:
        k = min(left, key=cost)
        pivot, below = rows[k], holders[k]
        if not pivot.get(k):
            raise _Singular
        left.remove(k)
        order.append(k)
        for j in pivot:
            holders[j].discard(k)
        inverse = 1 / pivot[k]
        for i in below & left:
            row = rows[i]
            factor = row.pop(k) * inverse
            for j, value in pivot.items():
                if j == k:
                    continue
                if j in row:
                    row[j] -= factor * value
                else:
                    row[j] = -factor * value
                    holders[j].add(i)
            b[i] -= factor * b[k]
    x: Vector = {}
    for k in reversed(order):
        rest = sum((value * x[j] for j, value in rows[k].items() if j != k), start=Decimal(0))
        x[k] = (b[k] - rest) / rows[k][k]
    return x
