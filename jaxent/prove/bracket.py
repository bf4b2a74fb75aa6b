"""Two-sided intervals: a witness below, a proven claim above, as near each other as asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from jaxent.prove.ascent import Place, best_efficiency, best_value
from jaxent.prove.claims import Attempt, Problem
from jaxent.prove.comparisons import CLASSICAL, MOST
from jaxent.prove.witness import Heralded, Witness, decimals, heralded, let_through, witness_at

_ROUNDS = 40
_DIGITS = 8

Tell = Callable[[str, float], None]


@dataclass(frozen=True)
class Interval:
    """What is proven of the best value at one efficiency, or of the largest efficiency.

    Attributes:
        kind: ``"value"`` or ``"threshold"``.
        efficiency: that of a value; ``None`` where nothing filters, and for a threshold.
        upper: what none exceeds: a value at this efficiency or a higher one, an efficiency at which
            the classical bound is beaten; ``None`` where every efficiency may do.
        lower: what the witness reaches; ``None`` without one.
        trees: the proof of the upper bound; see :class:`~jaxent.prove.claims.Attempt`.
        witness: a machine, or ``None`` where none was found.
        place: where it lies.
        boxes: how many were judged.
        closed: whether the interval is as narrow as it was asked for.
    """

    kind: str
    efficiency: Fraction | None
    upper: Fraction | None
    lower: Fraction | None
    trees: tuple[str, ...]
    witness: Witness | None
    place: Place | None
    boxes: int
    closed: bool


class NotProven(RuntimeError):
    """A claim that could not be settled either way."""


@dataclass
class _Question:
    """Where between two bounds a number lies, and how either is moved.

    Attributes:
        witnessed: the number that a place shows, with its witness; ``None`` where it shows none.
        climbed: a place that shows more, from places to start at.
        attempt: tries to prove a level.
        lowest, highest: what needs no witness, and what needs no proof.
        sharp: whether the lowest level itself is worth a try.
    """

    witnessed: Callable[[Place], tuple[Fraction, Witness] | None]
    climbed: Callable[[list[Place]], Place | None]
    attempt: Callable[[Fraction], Attempt]
    lowest: Fraction
    highest: Fraction
    sharp: bool = False


@dataclass
class _Bounds:
    """What is known so far."""

    low: Fraction
    high: Fraction | None = None
    trees: tuple[str, ...] = ()
    place: Place | None = None
    witness: Witness | None = None
    boxes: int = 0

    def raise_low(self, question: _Question, place: Place | None) -> bool:
        """Take note of what a place shows; whether that is news."""
        shown = None if place is None else question.witnessed(place)
        if shown is None or (shown[0] <= self.low and self.witness is not None):
            return False
        if shown[0] < self.low:
            return False
        self.low, self.witness, self.place = *shown, place
        return True


def _bracketed(
    problem: Problem, question: _Question, width: Fraction, starts: list[Place]
) -> _Bounds:
    """Upwards in growing steps until a level is proven, then by bisection."""
    known = _Bounds(question.lowest)
    known.raise_low(question, question.climbed(starts))
    if starts:
        known.raise_low(question, question.climbed([]))
    if question.sharp and known.low == question.lowest:
        attempt = question.attempt(known.low)
        known.boxes += attempt.boxes
        if attempt.proven:
            known.high, known.trees = known.low, attempt.trees
            return known
    gap, floor, stuck = width * 9 / 10, known.low, Fraction(0)
    for _ in range(_ROUNDS):
        floor = max(floor, known.low)
        if known.high is None:
            level = min(decimals(floor + gap, _DIGITS), question.highest)
        elif known.high - known.low <= width or known.high - floor <= width / 4:
            break
        else:
            level = decimals((floor + known.high) / 2, _DIGITS)
        if level == question.highest:
            known.high, known.trees = level, ()
            continue
        if known.high is not None and not max(floor, stuck) < level < known.high:
            break
        attempt = question.attempt(level)
        known.boxes += attempt.boxes
        if attempt.proven:
            known.high, known.trees = level, attempt.trees
        elif attempt.refuted is not None:
            floor, gap = level, gap * 2
            start = _place(problem, *attempt.refuted)
            if not known.raise_low(question, question.climbed([start])):
                known.raise_low(question, start)
            if known.low > floor:
                gap = width * 9 / 10
        else:
            stuck, gap = level, gap * 4
            floor = max(floor, known.low)
            if known.high is not None:
                break
    return known


def value_interval(
    problem: Problem,
    efficiency: Fraction | None,
    width: Fraction,
    starts: list[Place] | None = None,
    tell: Tell = lambda stage, part: None,
) -> Interval:
    """The best value at an efficiency, between two bounds.

    Args:
        problem: objective and domain.
        efficiency: in (0, 1), or ``None`` without filters.
        width: how far apart the bounds may be.
        starts: where to look for a witness first.
        tell: told what is done, and how far it is.

    Raises:
        NotProven: no upper bound was found.
    """
    objective = problem.objective

    def witnessed(place: Place) -> tuple[Fraction, Witness] | None:
        witness, state = _witness(problem, place, efficiency)
        if witness is None or state is None or state.at_least(objective) < CLASSICAL[objective]:
            return None
        return state.at_least(objective), witness

    tell("climbing", 0.0)
    question = _Question(
        witnessed,
        lambda places: best_value(problem, efficiency, places),
        lambda level: problem.attempt(level, efficiency, lambda x: tell("proving", x)),
        CLASSICAL[objective],
        MOST[objective],
        sharp=efficiency is None,
    )
    known = _bracketed(problem, question, width, starts or [])
    if known.high is None or not known.trees:
        raise NotProven(
            f"no upper bound below {float(MOST[objective]):.6g} was proven; the best value is at "
            f"least {float(known.low):.9g}"
        )
    return _interval("value", efficiency, known, width)


def threshold_interval(
    problem: Problem,
    width: Fraction,
    starts: list[Place] | None = None,
    tell: Tell = lambda stage, part: None,
) -> Interval:
    """The largest efficiency at which the classical bound is beaten, between two bounds.

    Arguments and errors are those of :func:`value_interval`.
    """
    classical = CLASSICAL[problem.objective]

    def witnessed(place: Place) -> tuple[Fraction, Witness] | None:
        named = _named(problem, place)
        witness = witness_at(problem.domain, place.part, place.patch, named)
        state = heralded(problem.domain, witness)
        if not state.exceeds(problem.objective):
            return None
        return Fraction(state.efficiency * 10**_DIGITS // 1, 10**_DIGITS), witness

    tell("climbing", 0.0)
    question = _Question(
        witnessed,
        lambda places: best_efficiency(problem, places),
        lambda level: problem.attempt(classical, level, lambda x: tell("proving", x)),
        Fraction(0),
        Fraction(1),
    )
    known = _bracketed(problem, question, width, starts or [])
    if known.high is None or not (known.trees or known.witness):
        raise NotProven(f"no efficiency above {float(known.low):.9g} was proven to be too much")
    return _interval("threshold", None, known, width)


def _interval(kind: str, efficiency: Fraction | None, known: _Bounds, width: Fraction) -> Interval:
    assert known.high is not None
    return Interval(
        kind=kind,
        efficiency=efficiency,
        upper=known.high if known.trees else None,
        lower=None if known.witness is None else known.low,
        trees=known.trees,
        witness=known.witness,
        place=known.place,
        boxes=known.boxes,
        closed=known.high - known.low <= width,
    )


def _named(problem: Problem, place: Place) -> dict[str, float]:
    names = [n for n in problem.domain.variables if not (problem.in_strips and n == "c")]
    return dict(zip(names, place.point.tolist(), strict=True))


def _place(problem: Problem, part: int, patch: str, point: np.ndarray) -> Place:
    names = problem.domain.variables
    keep = [i for i, n in enumerate(names) if not (problem.in_strips and n == "c")]
    return Place(part, patch, point[keep])


def _witness(
    problem: Problem, place: Place, efficiency: Fraction | None
) -> tuple[Witness | None, Heralded | None]:
    """The machine at a place, if it can herald as often as it must, and its state."""
    witness = witness_at(problem.domain, place.part, place.patch, _named(problem, place))
    if efficiency is not None:
        opened = let_through(problem.domain, witness, efficiency)
        if opened is None:
            return None, None
        witness = opened
    return witness, heralded(problem.domain, witness)
