"""The figure of a run: the objective, and steering where it was certified, along its levels."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaxent.app.errors import listed
from jaxent.app.results import place_of
from jaxent.app.style import BOUND, GREY, STYLE, canvas, colour_and_dashes, marker, write
from jaxent.machines import MACHINES
from jaxent.measures import OBJECTIVES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

_INSIDE = 4  # longer legends go above the panels

Quantity = Callable[[Mapping[str, Any]], float]


def write_figure(folder: Path, summary: Mapping[str, Any]) -> list[Path]:
    """Write ``figure.png`` (300 dpi) and ``figure.pdf``.

    Args:
        folder: where.
        summary: the content of ``summary.json``.

    Returns:
        The files.
    """
    import matplotlib

    with matplotlib.rc_context(STYLE):
        return write(draw(summary), folder / "figure")


def draw(summary: Mapping[str, Any]) -> Figure:
    """The figure, one line for each variant."""
    steering = summary["objective"] != "steering"  # a second panel would show the same again
    steering = steering and any(point["steering"] for point in summary["points"])
    figure = canvas(4.0 if steering else 2.5)
    panels = figure.subplots(2 if steering else 1, 1, sharex=True, squeeze=False)[:, 0]
    for panel, quantity in zip(panels, (_value, _robustness), strict=False):
        _lines(panel, summary, quantity)
    _staircases(panels[0], summary)
    _value_panel(panels[0], figure, summary)
    if steering:
        panels[1].set_ylabel("steering robustness $q$ (%)")
        panels[1].axhline(0, **BOUND)
    _level_axis(panels[-1], summary)
    for panel, letter in zip(panels, "ab", strict=False):
        if steering:
            panel.text(-0.17, 1.0, f"({letter})", transform=panel.transAxes, va="top", ha="right")
    return figure


def draw_curves(
    panel: Axes,
    summary: Mapping[str, Any],
    quantity: str | Quantity = "value",
    variants: Collection[str] | None = None,
    style: Mapping[str, Any] | None = None,
) -> list[Line2D]:
    """Draw a run's curves on axes of any figure; see :meth:`jaxent.Run.draw`.

    Args:
        panel: the axes.
        summary: the content of ``summary.json``.
        quantity: ``"value"``, ``"q"`` or a function of a point.
        variants: the names of those that are drawn; all unless given.
        style: of the lines, as ``Axes.plot`` takes it.

    Returns:
        The lines, one for each variant.

    Raises:
        ValueError: the run has no such quantity, or no variant of that name.
    """
    certified = any(point["steering"] for point in summary["points"])
    labels = {"value": OBJECTIVES[summary["objective"]].label}
    labels |= {"q": "steering robustness $q$"} if certified else {}
    if not callable(quantity) and quantity not in labels:
        raise ValueError(
            f"quantity: {quantity!r} is given; allowed: {listed(labels)}, or a function of a point"
        )
    unknown = [name for name in variants or () if name not in summary["variants"]]
    if unknown:
        raise ValueError(
            f"variants: {listed(unknown)} given; allowed: {listed(summary['variants'])}"
        )
    of = quantity if callable(quantity) else {"value": _value, "q": _q}[quantity]
    lines = _lines(panel, summary, of, variants, style or {})
    if not callable(quantity):
        panel.set_ylabel(labels[quantity])
    _level_axis(panel, summary)
    return lines


def _lines(
    panel: Axes,
    summary: Mapping[str, Any],
    quantity: Quantity,
    variants: Collection[str] | None = None,
    style: Mapping[str, Any] | None = None,
) -> list[Line2D]:
    lines = []
    for number, variant in enumerate(summary["variants"] or [None]):
        if variants is not None and variant not in variants:
            continue
        points = [p for p in summary["points"] if p["variant"] == variant]
        x = [place_of(p, summary["sweep"]) for p in points]
        lines.append(_line(panel, x, points, quantity, number, variant, style or {}))
    return lines


def _staircases(panel: Axes, summary: Mapping[str, Any]) -> None:
    """What is proven from above: a bound at one efficiency holds at all higher ones."""
    drawn = False
    for number, variant in enumerate(summary["variants"] or [None]):
        points = [p for p in summary["points"] if p["variant"] == variant and "proven" in p]
        x = [place_of(p, summary["sweep"]) for p in points]
        y = [p["proven"]["upper"] for p in points]
        if y:
            colour = colour_and_dashes(number)["color"]
            panel.step(x, y, where="post", color=colour, lw=0.6, alpha=0.7, zorder=2)
            drawn = True
    if drawn:
        panel.plot([], [], color=GREY, lw=0.6, label="proven upper bound")


def _value(point: Mapping[str, Any]) -> float:
    return point["value"]


def _q(point: Mapping[str, Any]) -> float:
    return point["steering"]["q"] if point["steering"] else float("nan")


def _robustness(point: Mapping[str, Any]) -> float:
    return 100 * _q(point)


def _label(name: str | None) -> str | None:
    """A variant's name as matplotlib shows it: as mathematics only where it is valid."""
    from matplotlib.mathtext import MathTextParser

    if name is None:
        return None
    try:
        MathTextParser("agg").parse(name)
    except ValueError:
        name = name.replace("$", r"\$")
    return f" {name}" if name.startswith("_") else name  # those with "_" are left out of legends


def _line(
    panel: Axes,
    x: list[float],
    points: list,
    quantity: Quantity,
    number: int,
    label: str | None,
    style: Mapping[str, Any],
) -> Line2D:
    y = [quantity(p) for p in points]
    trivial = [p["verified"]["trivial"] for p in points]
    # No line to points at the classical bound: any product state is as good as the one found.
    beyond = [float("nan") if t else v for t, v in zip(trivial, y, strict=True)]
    look = {**colour_and_dashes(number), "marker": marker(number), "mew": 0.8, "zorder": 3}
    (line,) = panel.plot(x, beyond, label=_label(label), **_one_spelling(look, style))
    hollow = [v if t else float("nan") for t, v in zip(trivial, y, strict=True)]
    (rest,) = panel.plot(x, hollow)
    rest.update_from(line)
    rest.set(linestyle="none", markerfacecolor="white", zorder=line.get_zorder() + 1, label="_")
    return line


def _one_spelling(look: Mapping[str, Any], style: Mapping[str, Any]) -> dict[str, Any]:
    """A look with what a style changes, whose keys may be matplotlib's short or long ones."""
    from matplotlib.cbook import normalize_kwargs
    from matplotlib.lines import Line2D

    return normalize_kwargs(dict(look), Line2D) | normalize_kwargs(dict(style), Line2D)


def _value_panel(panel: Axes, figure: Figure, summary: Mapping[str, Any]) -> None:
    measure = OBJECTIVES[summary["objective"]]
    bound = summary["classical_bound"]
    panel.set_ylabel(measure.label)
    panel.axhline(bound, **BOUND)
    low, high = panel.get_ylim()
    room = 0.12 * (high - low)
    panel.set_ylim(min(low, bound - room), high)
    panel.annotate(
        f"classical bound {bound:g}",
        (0.02, bound),
        xycoords=("axes fraction", "data"),
        xytext=(0, -2),
        textcoords="offset points",
        va="top",
        color=GREY,
        fontsize=7,
    )
    if any(p["verified"]["trivial"] for p in summary["points"]):
        hollow = {"ls": "none", "marker": "o", "mew": 0.8, "mfc": "white"}
        panel.plot([], [], color=GREY, label="not above the bound", **hollow)
    # Curves never rise with the efficiency: there this corner is free, unless proofs pass it.
    free = summary["sweep"] is None and not any("proven" in p for p in summary["points"])
    _legend(panel, figure, "upper right" if free else "best")


def _legend(panel: Axes, figure: Figure, corner: Any) -> None:
    entries = len(panel.get_legend_handles_labels()[1])
    if 0 < entries <= _INSIDE:
        panel.legend(loc=corner)
    elif entries:
        figure.set_figheight(figure.get_figheight() + 0.15 * -(-entries // 2))
        handles = panel.get_legend_handles_labels()
        figure.legend(*handles, loc="outside upper center", ncols=2, columnspacing=1.2)


def _level_axis(panel: Axes, summary: Mapping[str, Any]) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    places = {place_of(p, summary["sweep"]) for p in summary["points"]}
    levels = sorted(x for x in places if isfinite(x))
    if summary["sweep"] is None:
        panel.set_xlabel(r"heralding efficiency $p_{\mathrm{suc}}$")
        scale = summary["efficiency_scale"]
    else:
        panel.set_xlabel(_meaning(summary))
        scale = summary["sweep_scale"]
    if len(levels) < 2 or scale != "log":
        return
    panel.set_xscale("log")
    narrow = levels[-1] / levels[0] < 100
    panel.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if narrow else (1,)))
    panel.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    panel.xaxis.set_minor_formatter(NullFormatter())


def _meaning(summary: Mapping[str, Any]) -> str:
    """The swept parameter, by its symbol where it has one."""
    parameter = MACHINES[summary["kinds"][0]].parameter(summary["sweep"])
    return f"${parameter.symbol}$" if parameter.symbol else parameter.meaning.split(";")[0]
