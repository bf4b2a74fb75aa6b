"""What the commands print for people: tables on standard output, progress on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from jaxent.app.claims import counted
from jaxent.app.errors import one_line, show
from jaxent.app.machines import machines_report
from jaxent.app.progress import Progress, Remaining, silent
from jaxent.app.results import bound_words, remarks
from jaxent.search.threshold import SMALLEST

_WIDE = 160
_BETWEEN = 3  # characters between the columns of a table without lines


def console() -> Console:
    """Standard output; wide where it is no terminal, so that a file or a pipe gets whole rows."""
    terminal = sys.stdout.isatty()
    return Console(file=sys.stdout, width=None if terminal else _WIDE, highlight=False)


@contextmanager
def progress_bar(quiet: bool = False) -> Iterator[Progress]:
    """A bar on standard error with what is being done and how much longer it takes.

    Args:
        quiet: show nothing, as where standard error is no terminal.
    """
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich import progress as shown
    from rich.table import Column

    stages = shown.TextColumn("{task.description}", table_column=Column(no_wrap=True, ratio=1))
    left = shown.TextColumn("{task.fields[left]}", table_column=Column(no_wrap=True))
    columns = (stages, shown.BarColumn(bar_width=20), shown.TimeElapsedColumn(), left)
    there = Console(stderr=True)
    with shown.Progress(*columns, console=there, transient=True, expand=True) as bar:
        remaining = Remaining()
        task = bar.add_task("starting", total=1.0, left=remaining)

        def tell(stage: str, fraction: float) -> None:
            remaining.update(fraction)
            bar.update(task, description=escape(one_line(stage)), completed=fraction)

        yield tell


def print_run(summary: Mapping[str, Any], out: object) -> None:
    """The points of a run: a table for each variant, and below what is to be said about them."""
    shown = console()
    notes: dict[str, int] = {}
    shown.print(escape(summary["title"] or ""))
    for variant in summary["variants"] or [None]:
        points = [point for point in summary["points"] if point["variant"] == variant]
        title = escape(variant or "")
        for table in _side_by_side(*_curve(points, summary["objective"], notes), shown):
            table.title = title
            shown.print(table)
            title = ""
    for note, number in notes.items():
        shown.print(f"{number:>3}  {escape(note)}")
    shown.print(f"classical bound {summary['classical_bound']:g}; results in {escape(str(out))}")


def _curve(
    points: Sequence[Mapping[str, Any]], objective: str, notes: dict[str, int]
) -> tuple[list[str], list[list[str]]]:
    """The heads and rows of the points of one curve; their notes are numbered in ``notes``."""
    names = list(dict.fromkeys(name for p in points for name in p["parameters"]))
    certified = any(p["steering"] for p in points)
    certainty = (["q"] if certified else []) + ["agree", "notes"]
    heads = ["efficiency", objective, *names, "filter A", "filter B", *certainty]
    rows = []
    for p in points:
        row = [f"{p['efficiency']:.4g}", f"{p['value']:.6f}"]
        row += [f"{p['parameters'][n]:.4g}" if n in p["parameters"] else "" for n in names]
        row += [_diagonal(p["filters"][party]) for party in ("a", "b")]
        if certified:
            row.append(f"{p['steering']['q']:z.6f}" if p["steering"] else "")
        row.append(f"{p['verified']['agreed']}/{p['verified']['starts']}")
        row.append(" ".join(str(notes.setdefault(r, len(notes) + 1)) for r in remarks(p)))
        rows.append(row)
    return [head.replace("_", " ").replace(".", "\n") for head in heads], rows


def _side_by_side(
    heads: Sequence[str], rows: Sequence[Sequence[str]], shown: Console
) -> Iterator[Table]:
    """One table of unbroken cells, or several of them, each beginning with the first column.

    On a terminal each is as narrow as that; elsewhere all of it is one table, however wide.
    """
    columns = [[head, *cells] for head, *cells in zip(heads, *rows, strict=True)]
    widths = [max(cell_len(x) for text in column for x in text.split("\n")) for column in columns]
    room = shown.width if shown.is_terminal else sum(widths) + _BETWEEN * len(widths)
    shown.width = max(shown.width, room)
    first, *rest = range(len(columns))
    while rest:
        used = widths[first] + _BETWEEN
        count = 0
        while count < len(rest) and (not count or used + _BETWEEN + widths[rest[count]] <= room):
            used += _BETWEEN + widths[rest[count]]
            count += 1
        table = Table(title_justify="left", box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
        for k in (first, *rest[:count]):
            right = "left" if heads[k] == "notes" else "right"
            table.add_column(escape(heads[k]), justify=right, no_wrap=True)
        for row in rows:
            table.add_row(*(escape(row[k]) for k in (first, *rest[:count])))
        yield table
        rest = rest[count:]


def _diagonal(entries: list[float]) -> str:
    return ", ".join(f"{x:.3g}" for x in entries)


def print_state(name: str, report: Mapping[str, Any]) -> None:
    """One state with its measures."""
    table = Table(title=escape(name), title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_row("machine", escape(report["machine"]["kind"]))
    table.add_row("efficiency", f"{report['efficiency']:.10g}")
    blocks = (report["measures"], report["thermodynamics"])
    for quantity, value in ((k, v) for block in blocks for k, v in block.items()):
        table.add_row(quantity.replace("_", " "), "–" if value is None else f"{value:.10g}")
    for i, (re_row, im_row) in enumerate(zip(*report["rho"].values(), strict=True)):
        cells = "  ".join(f"{complex(x, y):.6g}" for x, y in zip(re_row, im_row, strict=True))
        table.add_row(f"rho, row {i}", cells)
    table.add_row("residual", f"{report['diagnostics']['residual']:.1e}")
    for warning in report["diagnostics"]["warnings"]:
        table.add_row("warning", escape(warning))
    console().print(table)


def print_threshold(report: Mapping[str, Any]) -> None:
    """The thresholds of a study."""
    name = report.get("variant") or ""
    table = Table(title=escape(name), title_justify="left")
    table.add_column("above the classical bound by")
    table.add_column("up to the efficiency", justify="right")
    for margin, efficiency in {"any margin": report["threshold"], **report["with_margin"]}.items():
        found = f"{efficiency:.9g}" if efficiency > 0 else f"none found from {SMALLEST:g} upwards"
        table.add_row(margin, found)
    shown = console()
    shown.print(table)
    if report["at_bound"]:
        bounds = "; ".join(map(bound_words, report["at_bound"]))
        shown.print(f"at the bound of the search, at the threshold: {escape(bounds)}")


def print_certificates(rows: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Steering certificates, each with the name of its state."""
    table = Table()
    for name in ("state", "q", "q lower", "q upper", "steerable", "measurements", "measuring"):
        table.add_column(name)
    for name, c in rows:
        numbers = [f"{c[key]:.9f}" for key in ("q", "q_lower", "q_upper")]
        verdict = "yes" if c["steerable"] else "not shown"
        table.add_row(escape(name), *numbers, verdict, c["measurements"], c["measuring"])
    console().print(table)


def print_radii(rows: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """What is proven for all projective measurements; where only one party steers, that."""
    shown = console()
    table = Table(title="all projective measurements", title_justify="left")
    for name in ("state", "R lower", "R upper", "noise lower", "noise upper", "steerable"):
        table.add_column(name)
    table.add_column("measuring")
    verdicts = {"steerable": "yes", "unsteerable": "no", "undetermined": "undetermined"}
    for name, c in rows:
        keys = ("radius_lower", "radius_upper", "noise_lower", "noise_upper")
        numbers = [f"{c[key]:.6f}" for key in keys]
        table.add_row(escape(name), *numbers, verdicts[c["verdict"]], c["measuring"])
    shown.print(table)
    for (name, one), (_, other) in pairwise(rows):
        if one["measuring"] == "a" and other["measuring"] == "b":
            steers = {row["verdict"]: row["measuring"] for row in (one, other)}
            if set(steers) == {"steerable", "unsteerable"}:
                winner, loser = steers["steerable"], steers["unsteerable"]
                shown.print(
                    f"{escape(name)}: one-way steerable, {winner} steers {loser} and not back"
                )


def print_targets(listing: Sequence[Mapping[str, Any]]) -> None:
    """What can be reproduced."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("jaxent reproduce")
    table.add_column("what")
    for target in listing:
        table.add_row(escape(target["target"]), escape(target["title"]))
    console().print(table)


def print_reproduced(results: Sequence[Mapping[str, Any]], out: object) -> None:
    """The claims of what was reproduced, and how many came to which verdict."""
    shown = console()
    for result in results:
        title = f"{result['target']}: {result['title']}"
        table = Table(title=escape(title), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
        for name in ("where", "what"):
            table.add_column(name)
        for name in ("claimed", "computed"):
            table.add_column(name, justify="right")
        table.add_column("verdict")
        for claim in result["claims"]:
            cells = (claim[key] for key in ("source", "statement", "claimed", "computed"))
            verdict = f"{claim['verdict']}: {claim['remark']}".removesuffix(": ")
            table.add_row(*map(escape, cells), escape(verdict))
        shown.print(table)
    total = counted(claim for result in results for claim in result["claims"])
    shown.print(", ".join(f"{n} {verdict}" for verdict, n in total.items() if n))
    shown.print(escape(f"figures, data and CLAIMS.md in {out}"))


def print_machines() -> None:
    """The machines with their parameters."""
    shown = console()
    for machine in machines_report():
        if "broken" in machine:
            shown.print(escape(f"{machine['kind']}: broken: {machine['broken']}\n"))
            continue
        title = f"{machine['kind']}: {machine['meaning']}"
        table = Table(title=escape(title), title_justify="left")
        for name in ("parameter", "meaning", "allowed", "default"):
            table.add_column(name)
        for p in machine["parameters"]:
            either = f" (or {p['instead_of'].split('.')[-1]})" if p["instead_of"] else ""
            default = "" if p["default"] is None else show(p["default"])
            table.add_row(
                *(escape(c) for c in (p["name"], p["meaning"], p["allowed"] + either)), default
            )
        shown.print(table)
        shown.print(escape(machine["valid"]) + "\n" if machine["valid"] else "")


def print_intervals(rows: Sequence[tuple[str, str, str, str, str]]) -> None:
    """What ``jaxent prove`` found: both bounds for each point."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    heads = ("variant", "efficiency", "at least", "at most", "remark")
    named = any(row[0] for row in rows)
    noted = any(row[4] for row in rows)
    kept = [k for k in range(5) if (named or k > 0) and (noted or k < 4)]
    for k in kept:
        table.add_column(heads[k], justify="left" if k in (0, 4) else "right")
    for row in rows:
        table.add_row(*(escape(row[k]) for k in kept))
    console().print(table)


def print_filters(rows: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """What filters make of states, each with its name."""
    table = Table(title="singlet fraction behind filters", title_justify="left")
    for name in ("state", "efficiency", "diagonal filters", "no local operation above"):
        table.add_column(name)
    for name, row in rows:
        numbers = (f"{row[key]:.9f}" for key in ("singlet_fraction", "singlet_fraction_bound"))
        table.add_row(escape(name), f"{row['efficiency']:g}", *numbers)
    console().print(table)
