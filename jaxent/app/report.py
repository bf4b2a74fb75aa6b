"""The report of a run: one page that shows everything about it and asks nobody for anything.

It opens without a network, and without a script it still shows all there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaxent.app.chart import Look, chart_of, look_of, point_name
from jaxent.app.density import Density, density
from jaxent.app.files import write_atomically
from jaxent.app.machines import declared, meaning, validity
from jaxent.app.pages import page
from jaxent.app.results import heralding, level_words, remarks
from jaxent.app.symbols import outwards
from jaxent.machines import MACHINES
from jaxent.measures import OBJECTIVES

REPORT = "report.html"
"""The name of the file."""

_STUDY = "study.yaml"

_BOUNDS = {"low": "at its lower bound", "high": "at its upper bound"}


@dataclass(frozen=True)
class Fact:
    """A named number: its name with mathematics in ``$...$``, its meaning, its text.

    ``off`` where it should draw attention.
    """

    name: str
    text: str
    meaning: str = ""
    off: bool = False


@dataclass(frozen=True)
class Column:
    """One column of a table of all points: its name, and a number for each."""

    name: str
    texts: list[str]


@dataclass(frozen=True)
class PointView:
    """One point for reading; what its fields mean is what they are called in ``summary.json``."""

    number: int
    name: str
    variant: str | None
    look: Look
    trivial: bool
    level: str
    value: str
    proven: str
    remarks: list[str]
    parameters: list[Fact]
    filters: list[Fact]
    density: Density
    steering: list[Fact]
    verification: list[Fact]
    regimes: list[Fact]
    directions: list[Fact]


def write_report(folder: Path, summary: Mapping[str, Any], text: str) -> Path:
    """Write ``report.html``.

    Args:
        folder: where.
        summary: the content of ``summary.json``. A point in it may also have ``proven``, the
            ``lower`` and ``upper`` bound on the best value.
        text: the config as the user wrote it.

    Returns:
        The file.
    """
    path = folder / REPORT
    content = report(summary, text).encode("utf-8")
    write_atomically(path, lambda file: file.write_bytes(content))
    return path


def report(summary: Mapping[str, Any], text: str) -> str:
    """The page; the same whenever its arguments are the same."""
    points = summary["points"]
    return page(
        "report.html",
        "report.js",
        title=title_of(summary),
        facts=list(_facts(summary)),
        chart=chart_of(summary),
        points=[_view(summary, k, point) for k, point in enumerate(points, start=1)],
        several=bool(summary["variants"]),
        label=OBJECTIVES[summary["objective"]].label,
        along=_along(summary),
        notices=list(_notices(points).items()),
        columns=list(_columns(summary)),
        checks=list(_checks(points)),
        machines=[
            {"kind": kind, "meaning": meaning(MACHINES[kind]), "valid": validity(MACHINES[kind])}
            for kind in summary["kinds"]
        ],
        config=text,
        seed=summary["seed"],
        versions=summary["versions"],
        command=f"jaxent run {_STUDY} --out again",
        install=_install(summary["versions"]),
    )


def title_of(summary: Mapping[str, Any]) -> str:
    """The title of a run; what it is about where it has none."""
    about = f"The best {summary['objective'].replace('_', ' ')} of {', '.join(summary['kinds'])}"
    return summary["title"] or about


def _install(versions: Mapping[str, str]) -> str:
    libraries = [name for name in versions if name not in ("jaxent", "python")]
    return "pip install " + " ".join(f"{name}=={versions[name]}" for name in libraries)


def _facts(summary: Mapping[str, Any]) -> Iterable[str]:
    points, label = summary["points"], OBJECTIVES[summary["objective"]].label
    above = sum(not point["verified"]["trivial"] for point in points)
    machines = " and ".join(summary["kinds"])
    yield f"The best {label} of {machines}, at {_counted(len(points), 'point')}."
    beyond = "all" if above == len(points) else above or "none"
    yield f"Above the classical bound {summary['classical_bound']:g}: {beyond}."
    certified = [point["steering"] for point in points if point["steering"]]
    if certified:
        yield f"Steering proven: {sum(c['q_lower'] > 0 for c in certified)}."
    proven = sum("proven" in point for point in points)
    if proven:
        yield f"Best value proven from both sides: {proven}."


def _along(summary: Mapping[str, Any]) -> str:
    """What stands before the level of a point."""
    if summary["sweep"] is None:
        return "efficiency"
    parameter = declared(summary["kinds"], summary["sweep"])
    symbol = f"${parameter.symbol}$" if parameter and parameter.symbol else summary["sweep"]
    return f"{symbol} ="


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _view(summary: Mapping[str, Any], number: int, point: Mapping[str, Any]) -> PointView:
    variants = summary["variants"]
    place = variants.index(point["variant"]) if variants else 0
    return PointView(
        number=number,
        name=point_name(summary, point),
        variant=point["variant"],
        look=look_of(place),
        trivial=point["verified"]["trivial"],
        level=level_words(point, summary["sweep"]),
        value=f"{point['value']:.6f}",
        proven=_interval(point.get("proven")),
        remarks=remarks(point),
        parameters=_parameters(summary, point),
        filters=[
            Fact(f"$F_{party.upper()}$", _diagonal(diagonal))
            for party, diagonal in point["filters"].items()
        ],
        density=density(point["rho"], point["filters"]),
        steering=_steering(point["steering"]),
        verification=_verification(point),
        regimes=[
            Fact(r["condition"], f"{r['value']:.4g}, limit {r['limit']:.4g}", off=not r["holds"])
            for r in point["verified"]["regimes"]
        ],
        directions=[
            Fact(str(k), ", ".join(f"{x:.6f}" for x in axis))
            for k, axis in enumerate(point.get("directions", ()), start=1)
        ],
    )


def _parameters(summary: Mapping[str, Any], point: Mapping[str, Any]) -> list[Fact]:
    at_bound = dict(entry.rsplit("=", 1) for entry in point["verified"]["at_bound"] if "=" in entry)
    facts = []
    for name, value in point["parameters"].items():
        parameter = declared(summary["kinds"], name)
        words = "" if parameter is None else parameter.meaning.partition(";")[0]
        words = ", ".join(filter(None, (words, _BOUNDS.get(at_bound.get(name, ""), ""))))
        facts.append(Fact(name, f"{value:.8g}", words, name in at_bound))
    return facts


def _diagonal(entries: Sequence[float]) -> str:
    return f"diag({', '.join(f'{x:.6g}' for x in entries)})"


def _steering(certificate: Mapping[str, Any] | None) -> list[Fact]:
    if certificate is None:
        return []
    steers = certificate["q_lower"] > 0
    by = f"party {certificate['measuring'].upper()}, {certificate['measurements']}"
    return [
        Fact("$q$", f"{certificate['q']:z.9f}", "white noise that steering survives"),
        Fact("lower bound", f"{certificate['q_lower']:z.9f}", "from a steering inequality"),
        Fact("upper bound", f"{certificate['q_upper']:z.9f}", "from a local-hidden-state model"),
        Fact("measuring", by),
        Fact("steering", "proven" if steers else "not shown", off=not steers),
    ]


def _verification(point: Mapping[str, Any]) -> list[Fact]:
    return [Fact(check.name, check.texts[0]) for check in _checks([point])]


def _checks(points: Sequence[Mapping[str, Any]]) -> Iterable[Column]:
    """What the recomputation found, a column for each check."""

    def column(name: str, text: Callable[[Mapping[str, Any]], str]) -> Column:
        return Column(name, [text(point["verified"]) for point in points])

    yield column("steady state off by", lambda v: f"{v['residual']:.1e}")
    yield column("heralded state off by", lambda v: f"{v['difference']:.1e}")
    yield Column("efficiency again", [*map(_efficiency_again, points)])
    yield column("value again", lambda v: f"{v['value']:.9g}")
    yield column("smallest eigenvalue", lambda v: f"{v['min_eigenvalue']:.2e}")
    yield column("steady states", lambda v: f"{v['nullity']}")
    yield column("starts that agree", lambda v: f"{v['agreed']} of {v['starts']}")


def _efficiency_again(point: Mapping[str, Any]) -> str:
    demanded, found = point["efficiency"], f"{point['verified']['efficiency']:.9g}"
    return found if heralding(point) == demanded else f"{found} ≥ {demanded:g}"


def _columns(summary: Mapping[str, Any]) -> Iterable[Column]:
    """The numbers of all points, a column for each quantity."""
    points = summary["points"]
    efficiencies = [*map(level_words, points)]
    if summary["sweep"] is None or {*efficiencies} != {"1"}:
        yield Column("efficiency", efficiencies)
    yield Column(OBJECTIVES[summary["objective"]].label, [f"{p['value']:.6f}" for p in points])
    if any("proven" in p for p in points):
        yield Column("proven within", [_interval(p.get("proven")) for p in points])
    names = dict.fromkeys(name for p in points for name in p["parameters"])
    for name in names:
        given = (p["parameters"].get(name) for p in points)
        yield Column(name, ["" if x is None else f"{x:.6g}" for x in given])
    for party in ("a", "b"):
        diagonals = (p["filters"][party] for p in points)
        texts = [", ".join(f"{x:.4g}" for x in diagonal) for diagonal in diagonals]
        yield Column(f"$F_{party.upper()}$", texts)
    if any(p["steering"] for p in points):
        yield Column("$q$", [f"{p['steering']['q']:z.6f}" if p["steering"] else "" for p in points])


def _interval(proven: Mapping[str, float] | None) -> str:
    return f"[{', '.join(outwards(proven['lower'], proven['upper']))}]" if proven else ""


def _notices(points: Sequence[Mapping[str, Any]]) -> dict[str, list[int]]:
    """The remarks with the numbers of the points that they are about."""
    notices: dict[str, list[int]] = {}
    for number, point in enumerate(points, start=1):
        for remark in remarks(point):
            notices.setdefault(remark, []).append(number)
    return notices
