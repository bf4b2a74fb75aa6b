"""The curve of a run as shapes on a page: axes, lines and marks, in the units of an SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from math import isfinite, log10
from typing import Any

from jaxent.app.machines import declared
from jaxent.app.results import level_words, place_of
from jaxent.app.style import colour_and_dashes, marker
from jaxent.app.symbols import plain
from jaxent.measures import OBJECTIVES

WIDTH = 480.0
"""Of the whole chart."""

LEFT, RIGHT = 62.0, 470.0
"""The sides of its panels."""

_TOP, _HEIGHT, _SMALLER, _GAP, _BELOW = 12.0, 250.0, 150.0, 18.0, 46.0
_ROOM = 0.06
"""Between points and frame, as a share of the axis."""

_NARROW = 100.0
"""Logarithmic axes that span a smaller factor have ticks at 1, 2 and 5."""

_BELOW_BOUND = 0.12
_WIDTH_OF_LINES = 1.6

_DIAMOND = "M0,-5L5,0L0,5L-5,0Z"
_CROSS = "M-5,-2H-2V-5H2V-2H5V2H2V5H-2V2H-5Z"
_OUTLINES = {
    "o": "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0Z",
    "s": "M-3.6,-3.6H3.6V3.6H-3.6Z",
    "^": "M0,-5L4.6,3.6H-4.6Z",
    "D": _DIAMOND,
    "v": "M0,5L4.6,-3.6H-4.6Z",
    "P": _CROSS,
    "X": "M-4.9,-2.1L-2.1,-4.9L0,-2.8L2.1,-4.9L4.9,-2.1L2.8,0L4.9,2.1L2.1,4.9L0,2.8L-2.1,4.9"
    "L-4.9,2.1L-2.8,0Z",
}


@dataclass(frozen=True)
class Look:
    """How one variant is told from others.

    Attributes:
        colour: its colour, safe for every kind of colour vision.
        dashes: its line, as SVG writes it.
        outline: its mark, as the path of an SVG around the origin.
    """

    colour: str
    dashes: str
    outline: str


@dataclass(frozen=True)
class Axis:
    """Numbers on a line of the page.

    Attributes:
        low, high: the numbers at its ends.
        start, end: where these are.
        log: whether it is logarithmic.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def place(self, x: float) -> float:
        """Where a number is."""
        low, high, x = (log10(v) if self.log else v for v in (self.low, self.high, x))
        return round(self.start + (x - low) / (high - low) * (self.end - self.start), 2)

    def contains(self, x: float) -> bool:
        """Whether a number is on the axis."""
        return isfinite(x) and self.low <= x <= self.high

    def nearest(self, x: float) -> float:
        """The number on the axis that is nearest to another one."""
        return min(max(x, self.low), self.high)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Places and labels of its ticks."""
        inside = [x for x in self._tick_values() if self.contains(x)]
        return [(self.place(x), f"{x:g}") for x in inside]

    def _tick_values(self) -> Sequence[float]:
        from matplotlib.ticker import LogLocator, MaxNLocator

        if self.log:
            subs = (1, 2, 5) if self.high / self.low < _NARROW else (1,)
            ticks = LogLocator(subs=subs, numticks=8).tick_values(self.low, self.high)
            if sum(self.contains(x) for x in ticks) > 1:
                return [float(f"{x:.3g}") for x in ticks]
        ticks = MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]).tick_values(self.low, self.high)
        return [float(f"{x:.12g}") for x in ticks]


@dataclass(frozen=True)
class Mark:
    """One point of a curve on the page.

    Attributes:
        x, y: where.
        number: of the point in the run, from 1.
        name: what it is, in words.
        variant: the number of its variant, from 0.
        look: how that looks.
        hollow: whether its value is not above the classical bound.
    """

    x: float
    y: float
    number: int
    name: str
    variant: int
    look: Look
    hollow: bool


@dataclass(frozen=True)
class Panel:
    """One quantity along the levels.

    Attributes:
        y: its axis, from below to above.
        label: what the quantity is, its symbol in ``$...$``.
        bound: where the bound is.
        bound_text: what is written at it.
        lines: the lines, each with its look and the points it connects, as SVG writes them.
        marks: the points.
        stairs: what is proven from above, likewise.
    """

    y: Axis
    label: str
    bound: float
    bound_text: str
    lines: list[tuple[Look, str]]
    marks: list[Mark]
    stairs: list[tuple[Look, str]]


@dataclass(frozen=True)
class Chart:
    """The curve of a run.

    Attributes:
        x: the axis of the levels.
        label: what the levels are, their symbol in ``$...$``.
        panels: the objective, and steering where it was certified.
        legend: the variants with their looks.
        hollow: whether there are points that are not above the classical bound.
        height: of the whole.
        left_out: the numbers and names of the points that are on no axis, such as at infinity.
    """

    x: Axis
    label: str
    panels: list[Panel]
    legend: list[tuple[str, Look]]
    hollow: bool
    height: float
    left_out: list[tuple[int, str]]

    width: float = WIDTH

    @property
    def hollow_look(self) -> Look:
        """How a point that is not above the classical bound is shown in the legend."""
        return Look("#595959", "", _OUTLINES["o"])


Quantity = Callable[[Mapping[str, Any]], float]


def look_of(number: int) -> Look:
    """The look of the variant of that number, which is that of the figures."""
    line = colour_and_dashes(number)
    dashes = (
        "" if line["ls"] == "-" else " ".join(f"{_WIDTH_OF_LINES * x:g}" for x in line["ls"][1])
    )
    return Look(line["color"], dashes, _OUTLINES[marker(number)])


def chart_of(
    summary: Mapping[str, Any],
    levels: Sequence[float] = (),
    values: Sequence[float] = (),
    steering: bool = True,
) -> Chart:
    """The curve of a run.

    Args:
        summary: the content of ``summary.json``.
        levels: what the axis of levels should reach as well.
        values: what that of the objective should.
        steering: whether to add a panel of the steering robustness, where that was certified.
    """
    points = summary["points"]
    x = _level_axis(summary, [*(place_of(p, summary["sweep"]) for p in points), *levels])
    wanted = [_value_panel(summary, x, values)]
    if steering and any(point["steering"] for point in points):
        wanted.append(_steering_panel(summary, x))
    hollow = any(point["verified"]["trivial"] for point in points)
    height = wanted[-1].y.start + _BELOW
    legend = [(name, look_of(i)) for i, name in enumerate(summary["variants"])]
    drawn = {mark.number for mark in wanted[0].marks}
    left_out = [
        (number, point_name(summary, point))
        for number, point in enumerate(points, start=1)
        if number not in drawn
    ]
    return Chart(x, level_label(summary), wanted, legend, hollow, height, left_out)


def level_label(summary: Mapping[str, Any]) -> str:
    """What a curve runs over, its symbol in ``$...$``."""
    if summary["sweep"] is None:
        return r"heralding efficiency $p_{\mathrm{suc}}$"
    parameter = declared(summary["kinds"], summary["sweep"])
    if parameter is None:
        return summary["sweep"]
    meaning = parameter.meaning.partition(";")[0]
    return f"${parameter.symbol}$" if parameter.symbol else meaning


def value_of(point: Mapping[str, Any]) -> float:
    """The objective at a point."""
    return point["value"]


def robustness_of(point: Mapping[str, Any]) -> float:
    """The steering robustness at a point in per cent; not a number where it is not certified."""
    return 100 * point["steering"]["q"] if point["steering"] else float("nan")


def _value_panel(summary: Mapping[str, Any], x: Axis, values: Sequence[float]) -> Panel:
    bound = summary["classical_bound"]
    shown = [*map(value_of, summary["points"]), *values, bound]
    y = _linear_axis(shown, _TOP + _HEIGHT, _TOP)
    # What is written below the bound needs room there.
    y = replace(y, low=min(y.low, bound - _BELOW_BOUND * (y.high - bound)))
    label = OBJECTIVES[summary["objective"]].label
    return _panel(summary, x, y, value_of, label, bound, f"classical bound {bound:g}")


def _steering_panel(summary: Mapping[str, Any], x: Axis) -> Panel:
    top = _TOP + _HEIGHT + _GAP
    y = _linear_axis([*map(robustness_of, summary["points"]), 0.0], top + _SMALLER, top)
    return _panel(summary, x, y, robustness_of, "steering $q$ (%)", 0.0, "")


def _panel(
    summary: Mapping[str, Any],
    x: Axis,
    y: Axis,
    quantity: Quantity,
    label: str,
    bound: float,
    bound_text: str,
) -> Panel:
    lines, marks = [], []
    numbered = list(enumerate(summary["points"], start=1))
    for number, variant in enumerate(summary["variants"] or [None]):
        own = [(k, point) for k, point in numbered if point["variant"] == variant]
        drawn = list(_marks(summary, own, x, y, quantity, number))
        lines += [(look_of(number), line) for line in _lines(drawn)]
        marks += drawn
    stairs = list(_stairs(summary, x, y)) if quantity is value_of else []
    return Panel(y, label, y.place(bound), bound_text, lines, marks, stairs)


def _stairs(summary: Mapping[str, Any], x: Axis, y: Axis) -> Iterator[tuple[Look, str]]:
    """The proven upper bounds: each holds at all higher efficiencies."""
    for number, variant in enumerate(summary["variants"] or [None]):
        points = [p for p in summary["points"] if p["variant"] == variant and "proven" in p]
        places = [
            (x.place(place_of(p, summary["sweep"])), y.place(y.nearest(p["proven"]["upper"])))
            for p in points
        ]
        if places:
            first, steps = places[0], []
            for (_, height), (right, lower) in pairwise(places):
                steps += [(right, height), (right, lower)]
            yield look_of(number), " ".join(f"{a:g},{b:g}" for a, b in (first, *steps))


def _marks(
    summary: Mapping[str, Any],
    points: Sequence[tuple[int, Mapping[str, Any]]],
    x: Axis,
    y: Axis,
    quantity: Quantity,
    variant: int,
) -> Iterator[Mark]:
    look = look_of(variant)
    for number, point in points:
        level, value = place_of(point, summary["sweep"]), quantity(point)
        if x.contains(level) and y.contains(value):
            name = point_name(summary, point)
            hollow = point["verified"]["trivial"]
            yield Mark(x.place(level), y.place(value), number, name, variant, look, hollow)


def point_name(summary: Mapping[str, Any], point: Mapping[str, Any]) -> str:
    """A point in one line of plain words."""
    along, level = summary["sweep"] or "efficiency", level_words(point, summary["sweep"], 4)
    label = plain(OBJECTIVES[summary["objective"]].label)
    name = f"{label} {point['value']:.6g} at {along} {level}"
    return name if point["variant"] is None else f"{point['variant']}: {name}"


def _lines(marks: Sequence[Mark]) -> Iterator[str]:
    # No line to points at the classical bound: any product state is as good as the one found.
    for hollow, stretch in groupby(marks, key=lambda mark: mark.hollow):
        places = [f"{mark.x:g},{mark.y:g}" for mark in stretch]
        if not hollow and len(places) > 1:
            yield " ".join(places)


def _level_axis(summary: Mapping[str, Any], levels: Sequence[float]) -> Axis:
    scale = summary["efficiency_scale"] if summary["sweep"] is None else summary["sweep_scale"]
    finite = [x for x in levels if isfinite(x)] or [1.0]
    low, high = min(finite), max(finite)
    if scale == "log" and 0 < low < high:
        factor = (high / low) ** (_ROOM / 2)
        return Axis(low / factor, high * factor, LEFT, RIGHT, log=True)
    return _linear_axis(finite, LEFT, RIGHT, _ROOM / 2)


def _linear_axis(numbers: Sequence[float], start: float, end: float, room: float = _ROOM) -> Axis:
    finite = [x for x in numbers if isfinite(x)]
    low, high = min(finite), max(finite)
    margin = room * (high - low) or 0.05 * max(abs(low), 1.0)
    return Axis(low - margin, high + margin, start, end)
