"""What the benchmarks print, write and draw; and how one of them runs by itself."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import timing

import jaxent.api  # noqa: F401 - all of the package, before anything is timed

NAMES = ("two_qubit", "kernels", "scaling", "curve", "compile_time", "accuracy", "steering")
"""The benchmarks, in the order in which they run."""

Finished = Callable[[str, Mapping[str, Any]], None]


def run(
    names: Sequence[str],
    quick: bool,
    out: Path | None,
    progress: timing.Progress,
    finished: Finished = lambda name, result: None,
) -> dict[str, Any]:
    """Run benchmarks one after the other.

    Args:
        names: some of ``NAMES``.
        quick: whether to see only that everything runs and agrees.
        out: a folder for the JSON and the figure of each, as soon as it is there, or ``None``.
        progress: told what goes on.
        finished: told each result.
    """
    computer, results = timing.machine(), {}
    for done, name in enumerate(names):

        def tell(stage: str, fraction: float, name: str = name, done: int = done) -> None:
            progress(f"{name}: {stage}", (done + fraction) / len(names))

        benchmark = import_module(name)
        result = {"benchmark": name, "quick": quick, **benchmark.measure(quick, tell)}
        results[name] = result
        if out is not None:
            write(out, benchmark, {"machine": computer, **result})
        finished(name, result)
    return {"machine": computer, "benchmarks": results}


def main(name: str, arguments: Sequence[str] | None = None) -> None:
    """The command line of one benchmark."""
    from jaxent.app.tables import progress_bar

    parser = argparse.ArgumentParser(description=import_module(name).__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON in place of a table")
    parser.add_argument("--out", type=Path, help="folder of the JSON and the figure")
    parser.add_argument("--quick", action="store_true", help="see only that it runs and agrees")
    given = parser.parse_args(arguments)
    with progress_bar() as progress:
        report = run([name], given.quick, given.out, progress)
    print(json.dumps(report)) if given.json else show(report)


# tables


def show(report: Mapping[str, Any]) -> None:
    """Print a report as tables."""
    from jaxent.app.tables import console

    shown = console()
    shown.print(described(report["machine"]))
    for name, result in report["benchmarks"].items():
        for table in import_module(name).tables(result):
            shown.print(table)
        for note in notes(result):
            shown.print(note, markup=False)


def described(computer: Mapping[str, Any]) -> str:
    """The machine in two lines."""
    versions = ", ".join(f"{name} {number}" for name, number in computer["versions"].items())
    memory = computer["memory_bytes"]
    size = f", {memory / 2**30:.0f} GiB" if memory else ""
    load = computer["load_average"]
    busy = f", load {load[0]:.2f} at the start" if load else ""
    return f"{computer['processor']}, {computer['cores']} cores{size}{busy}\n{versions}"


def notes(result: Mapping[str, Any]) -> Iterable[str]:
    """What a result says in words: who is absent, and which targets were met."""
    if result.get("absent"):
        yield f"absent, and so not compared: {', '.join(result['absent'])}"
    yield from result.get("remarks", ())
    for target in result.get("targets", ()):
        verdict = "met" if target["met"] else "missed"
        yield f"{verdict}: {target['what']}: {target['value']:.3g} (target {target['target']})"


def target(what: str, value: float, least: float | None = None, most: float | None = None) -> dict:
    """One target and whether it was met; a value has to be at least or at most something."""
    met = value >= least if least is not None else value <= most
    bound = f">= {least:g}" if least is not None else f"<= {most:g}"
    return {"what": what, "value": float(value), "target": bound, "met": bool(met)}


def timing_table(title: str, rows: Sequence[Mapping[str, Any]], size: str, item: str) -> Any:
    """The rows of :func:`timing.compare` as a table.

    Args:
        title: above the table.
        rows: what was measured.
        size: what the sizes are, such as ``"batch"``.
        item: what one result is, such as ``"state"``.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("task", size, "contender", f"time per {item}", "quartiles", "ratio", "cores"):
        table.add_column(name, justify="left" if name in ("task", "contender") else "right")
    table.add_column("differs by", justify="right")
    table.add_column("remarks")
    last = None
    for row in rows:
        group = row["task"], row["size"]
        if last is not None and group != last:
            table.add_section()
        last = group
        low, high = row["seconds"]["quartiles"]
        table.add_row(
            row["task"],
            f"{row['size']:,}",
            row["contender"],
            duration(row["seconds"]["median"]),
            f"{duration(low)} to {duration(high)}",
            f"{row['ratio']['median']:,.3g}",
            f"{row['cores']:.1f}" if "cores" in row else "",
            f"{row['difference']:.0e}" if row["difference"] else "",
            row["note"],
        )
    return table


def duration(seconds: float) -> str:
    """Seconds with three digits in a unit that suits them."""
    for unit, factor in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= factor:
            return f"{seconds / factor:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def row_of(rows: Iterable[Mapping[str, Any]], task: str, size: float, contender: str) -> Any:
    """The row of one task, size and contender; ``None`` where it was not measured."""
    key = (task, size, contender)
    same = (r for r in rows if (r["task"], r["size"], r["contender"]) == key)
    return next(same, None)


# files


def write(out: Path, benchmark: Any, result: Mapping[str, Any]) -> None:
    """Write a result as JSON, and as a figure (PNG and PDF) where its benchmark draws one."""
    import matplotlib

    from jaxent.app import style
    from jaxent.app.files import write_atomically
    from jaxent.app.results import to_json

    out.mkdir(parents=True, exist_ok=True)
    text = to_json(result, indent=1) + "\n"
    path = out / f"{result['benchmark']}.json"
    write_atomically(path, lambda file: file.write_text(text, encoding="utf-8"))
    if not hasattr(benchmark, "draw"):
        return
    with matplotlib.rc_context(style.STYLE):
        style.write(benchmark.draw(result), out / result["benchmark"])


def timing_figure(
    rows: Sequence[Mapping[str, Any]], size: str, item: str, logarithmic: bool = True
) -> Any:
    """Time per item against size, one panel for each task and one line for each contender."""
    from matplotlib.ticker import MaxNLocator

    from jaxent.app.style import canvas

    tasks = list(dict.fromkeys(row["task"] for row in rows))
    names = list(dict.fromkeys(row["contender"] for row in rows))
    legend_rows = -(-len(names) // 2)
    height = 1.5 * len(tasks) + 0.4 + 0.17 * legend_rows
    figure = canvas(height)
    panels = figure.subplots(len(tasks), 1, squeeze=False, sharex=logarithmic)[:, 0]
    drawn: dict[str, Any] = {}
    for panel, task in zip(panels, tasks, strict=True):
        for number, name in enumerate(names):
            mine = [r for r in rows if (r["task"], r["contender"]) == (task, name)]
            if mine:
                drawn[name] = _line(panel, mine, number)
        panel.set_title(task, loc="left")
        panel.set_yscale("log")
        if logarithmic:
            panel.set_xscale("log")
        else:
            panel.xaxis.set_major_locator(MaxNLocator(integer=True))
        panel.set_ylabel(f"s per {item}")
    panels[-1].set_xlabel(size)
    figure.legend(drawn.values(), drawn, loc="outside upper center", ncols=2, columnspacing=1.0)
    return figure


def _line(panel: Any, rows: Sequence[Mapping[str, Any]], number: int) -> Any:
    from jaxent.app.style import colour_and_dashes, marker

    middle = [row["seconds"]["median"] for row in rows]
    ends = [row["seconds"]["quartiles"] for row in rows]
    below = [m - low for m, (low, _) in zip(middle, ends, strict=True)]
    above = [high - m for m, (_, high) in zip(middle, ends, strict=True)]
    return panel.errorbar(
        [row["size"] for row in rows],
        middle,
        yerr=(below, above),
        marker=marker(number),
        elinewidth=0.7,
        **colour_and_dashes(number),
    )


def beside(folder: str) -> None:
    """Let the modules of another folder of experiments be imported, after all others."""
    path = str(Path(__file__).resolve().parents[1] / folder)
    if path not in sys.path:
        sys.path.append(path)
