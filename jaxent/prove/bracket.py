"""Two-sided intervals: a witness below, a proven claim above, as near each other as asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

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
        closed: whether the interval is as narrow as it was asked for, the part of it that is not
            below the classical bound.
    """

    kind: str
    efficiency: Fraction | None
    upper: Fraction | None
    lower: Fraction | None
    trees: tuple[str, ...]
    witness: Witness | None
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
    """What is known so far; ``low`` is the lowest level, or what a witness reaches above it."""

    low: Fraction
    high: Fraction | None = None
    trees: tuple[str, ...] = ()
    reached: Fraction | None = None
    witness: Witness | None = None

    def raise_low(self, question: _Question, place: Place | None) -> bool:
        """Take note of what a place shows; whether that is news."""
        shown = None if place is None else question.witnessed(place)
        if shown is None or (self.reached is not None and shown[0] <= self.reached):
            return False
        self.reached, self.witness = shown
        self.low = max(self.low, self.reached)
        return True


def _bracketed(problem: Problem, question: _Question, width: Fraction) -> _Bounds:
    """Upwards in growing steps until a level is proven, then by bisection.

    The first step is nine tenths of the width: the best machine is known to many digits, and a
    proof is the shorter the further its level is from that. A level that is refuted, by a machine
    that need not make a witness, is a floor for those that are tried; above one that could not be
    settled nothing smaller is tried.
    """
    known = _Bounds(question.lowest)
    known.raise_low(question, question.climbed([]))
    if question.sharp and known.low == question.lowest:
        attempt = question.attempt(known.low)
        if attempt.proven:
            known.high, known.trees = known.low, attempt.trees
            return known
    first = width * 9 / 10
    gap, floor, unsettled = first, known.low, Fraction(0)
    for _ in range(_ROUNDS):
        if known.high is None:
            level = min(decimals(floor + gap, _DIGITS), question.highest)
        elif known.high - known.low <= width or known.high - floor <= width / 4:
            break
        else:
            level = decimals((floor + known.high) / 2, _DIGITS)
            if not max(floor, unsettled) < level < known.high:
                break
        if level == question.highest:  # nothing to prove
            known.high = level
            continue
        attempt = question.attempt(level)
        if attempt.proven:
            known.high, known.trees = level, attempt.trees
        elif attempt.refuted is not None:
            floor, gap = level, gap * 2
            start = Place(*attempt.refuted)
            if not known.raise_low(question, question.climbed([start])):
                known.raise_low(question, start)
            if known.low > floor:
                floor, gap = known.low, first
        elif known.high is None:
            unsettled, gap = level, gap * 4
        else:
            break
    return known


def value_interval(
    problem: Problem,
    efficiency: Fraction | None,
    width: Fraction,
    tell: Tell = lambda stage, part: None,
) -> Interval:
    """The best value at an efficiency, between two bounds.

    Args:
        problem: objective and domain.
        efficiency: in (0, 1), or ``None`` without filters.
        width: how far apart the bounds may be.
        tell: told what is done, and how far it is.

    Raises:
        NotProven: no upper bound was found.
    """
    objective = problem.objective

    def witnessed(place: Place) -> tuple[Fraction, Witness] | None:
        witness, state = _witness(problem, place, efficiency)
        if witness is None or state is None:
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
    known = _bracketed(problem, question, width)
    if known.high is None or not known.trees:
        raise NotProven(
            f"no upper bound below {float(MOST[objective]):.6g} was proven; the best value is at "
            f"least {float(known.low):.9g}"
        )
    return _interval("value", efficiency, known, width)


def threshold_interval(
    problem: Problem,
    width: Fraction,
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
    known = _bracketed(problem, question, width)
    if known.high is None or not (known.trees or known.witness):
        raise NotProven(f"no efficiency above {float(known.low):.9g} was proven to be too much")
    return _interval("threshold", None, known, width)


def _interval(kind: str, efficiency: Fraction | None, known: _Bounds, width: Fraction) -> Interval:
    assert known.high is not None
    return Interval(
        kind=kind,
        efficiency=efficiency,
        upper=known.high if known.trees else None,
        lower=known.reached,
        trees=known.trees,
        witness=known.witness,
        closed=known.high - known.low <= width,
    )


def _named(problem: Problem, place: Place) -> dict[str, float]:
    names = problem.free(problem.domain.variables)
    return dict(zip(names, place.point.tolist(), strict=True))


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
