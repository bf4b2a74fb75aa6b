"""One whole trade-off curve, at equal quality.

    python experiments/benchmarks/curve.py [--json] [--out DIR] [--quick]

The study is `curve.yaml`: 50 efficiencies, 64 starts each. Ours is measured warm, in a fresh
process with and without JAX's persistent cache, and as the whole command `jaxent run`, which also
verifies and draws. Peers are SciPy's Nelder-Mead and SLSQP around NumPy, which like ours also climb
from the best of neighbouring efficiencies, and Nelder-Mead around QuTiP, from one start at a few
efficiencies and multiplied up. What a curve is worth is its shortfall from the best value that
anyone found. Everyone is also measured with fewer starts: the time for equal quality is that of the
fewest with which every point is within 1e-6.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import report
import timing
from compile_time import STUDY, environment
from plain_search import METHODS, Objective, Searched, by_lu, by_qutip, heralded

from jaxent.app.config import load_study
from jaxent.curves import solve
from jaxent.search.tradeoff import Optimum, trace_curve
from jaxent.study import Study

STARTS = (4, 16, 64)
"""Numbers of starts; the last is the study's own."""

CLOSE = 1e-6
_SECONDS = 60.0  # of a search, after which the rest is multiplied up
_TURNS = 3
_QUTIP = {"svd": 8, "direct": 2}  # efficiencies, one start each
_SAME = 1e-9  # to what the objectives agree

_TRACE = """
from jaxent.app.config import load_study
from jaxent.search.tradeoff import trace_curve

(study,) = load_study({study!r})
trace_curve(study.problem, study.efficiencies, study.settings)
"""


def measure(quick: bool, progress: timing.Progress) -> dict[str, Any]:
    """Search the curve by every means."""
    (study,) = load_study(STUDY)
    if quick:
        settings = replace(study.settings, steps=50)
        study = replace(study, efficiencies=study.efficiencies[::25], settings=settings)
    ladder = STARTS[:1] if quick else STARTS
    ours = {ours_with(starts): _with_starts(study, starts) for starts in ladder}
    peers = _peers(study, ladder)

    progress("compiling", 0.0)
    optima = {name: _traced(one) for name, one in ours.items()}
    _agree(study, optima[ours_with(ladder[-1])])
    seconds: dict[str, list[float]] = {name: [] for name in ours}
    found: dict[str, Searched] = {}
    for name, search in peers.items():
        progress(name, 0.1 + 0.6 * len(found) / len(peers))
        # Ours between any two others, so that it sees the machine as they do.
        for own, one in ours.items():
            seconds[own].append(_seconds(lambda one=one: _traced(one)))
        found[name] = search()
    values = {name: np.array([o.score for o in optima[name]]) for name in ours}
    best = _best_known([*values.values(), *(one.values for one in _in_numpy(found).values())])
    rows = [_our_row(name, seconds[name], values[name], best) for name in reversed(ours)]

    progress("verified", 0.7)
    whole = ours_with(ladder[-1])
    verified = [_seconds(lambda: solve(ours[whole])) for _ in range(1 if quick else _TURNS)]
    rows.append(_our_row("jaxent, verified", verified, values[whole], best))
    if not quick:
        progress("fresh processes", 0.8)
        rows += [_our_row(name, s, None, best) for name, s in _fresh_processes().items()]
    rows += [_peer_row(name, one, study, best) for name, one in found.items()]
    for row in rows:
        row["ratio"] = row["seconds"]["median"] / rows[0]["seconds"]["median"]
    return {
        "study": STUDY.name,
        "efficiencies": list(study.efficiencies),
        "starts": ladder[-1],
        "best_known": best.tolist(),
        "rows": rows,
        "absent": timing.absent("qutip"),
        "targets": [] if quick else _targets(rows),
    }


def ours_with(starts: int) -> str:
    """The name of our row with so many starts."""
    return f"jaxent, {starts} starts"


def _with_starts(study: Study, starts: int) -> Study:
    return replace(study, settings=replace(study.settings, starts=starts))


def _traced(study: Study) -> list[Optimum]:
    return trace_curve(study.problem, study.efficiencies, study.settings)


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _agree(study: Study, optima: list[Optimum]) -> None:
    """The peers' objective at our optima is ours."""
    state = by_lu()
    for optimum in optima:
        told = study.problem.outcome(optimum.point, optimum.level)
        p, c = state(float(told.machine.g), float(told.machine.bath_b.gamma))
        timing.agreed(
            f"curve, {optimum.level:g}: the objective in NumPy",
            np.array(heralded(p, c, float(told.placed["b"]))),
            np.array(optimum.score),
            _SAME,
        )


def _peers(study: Study, ladder: Sequence[int]) -> dict[str, Callable[[], Searched]]:
    """The searches of all others."""
    seed, efficiencies = study.settings.seed, np.array(study.efficiencies)

    def search(objective: Objective, method: str, which: np.ndarray, starts: int):
        return lambda: objective.search(which, starts, method, seed, _SECONDS)

    found = {
        f"NumPy, {method}, {starts} starts": search(
            Objective(study, by_lu()), method, efficiencies, starts
        )
        for method in METHODS
        for starts in reversed(ladder)
    }
    if timing.installed("qutip"):
        # In any order, so that a few are of the whole curve.
        some = np.random.default_rng(seed).permutation(efficiencies)
        for way, count in _QUTIP.items() if len(ladder) > 1 else [("svd", 1)]:
            objective = Objective(study, by_qutip(way))
            found[f"QuTiP ({way}), Nelder-Mead"] = search(
                objective, "Nelder-Mead", np.sort(some[:count]), 1
            )
    return found


def _in_numpy(found: Mapping[str, Searched]) -> dict[str, Searched]:
    """The searches of the whole curve, or of its beginning."""
    return {name: one for name, one in found.items() if name.startswith("NumPy")}


def _best_known(values: Sequence[np.ndarray]) -> np.ndarray:
    longest = max(map(len, values))
    padded = [np.pad(v, (0, longest - len(v)), constant_values=-np.inf) for v in values]
    return np.max(padded, axis=0)


def _our_row(
    name: str, seconds: list[float], values: np.ndarray | None, best: np.ndarray
) -> dict[str, Any]:
    quality = None if values is None else _quality(values, best)
    return {
        "contender": name,
        "seconds": timing.spread(np.array(seconds)),
        "turns": len(seconds),
        "quality": quality,
        "note": "",
    }


def _quality(values: np.ndarray, best: np.ndarray) -> dict[str, Any]:
    shortfall = np.maximum(best[: len(values)] - values, 0.0)
    return {
        "largest_shortfall": float(shortfall.max()),
        "mean_shortfall": float(shortfall.mean()),
        "within": int(np.sum(shortfall <= CLOSE)),
        "of": len(values),
        "shortfall": shortfall.tolist(),
    }


def _peer_row(name: str, found: Searched, study: Study, best: np.ndarray) -> dict[str, Any]:
    """A peer's row, multiplied up where it did not do all climbs."""
    levels = len(study.efficiencies)
    alike = name.startswith("NumPy")
    starts = int(name.split()[-2]) if alike else study.settings.starts
    whole = levels * starts + 2 * (levels - 1)
    row: dict[str, Any] = {
        "contender": name,
        "seconds": timing.spread(np.array([found.seconds * whole / found.climbs])),
        "turns": 1,
        "evaluations": found.evaluations,
        "climbs_done": found.climbs,
        "climbs": whole,
        "quality": _quality(found.values, best) if alike else None,
        "note": "",
    }
    if found.climbs < whole:
        row["note"] = f"multiplied up from {found.climbs} of {whole} climbs"
    return row


def _fresh_processes() -> dict[str, list[float]]:
    """The seconds of processes that trace the curve, cold and with a cache, taking turns."""
    command = [sys.executable, "-m", "jaxent.app.cli", "run", str(STUDY), "--json", "--out"]
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        filled = str(Path(folder) / "cache")
        for turn in range(_TURNS + 1):
            for how, cache in (("cold", None), ("cached", filled)):
                out = str(Path(folder) / f"{how}{turn}")
                scripts = {
                    f"jaxent, a process, {how}": [
                        sys.executable,
                        "-c",
                        _TRACE.format(study=str(STUDY)),
                    ],
                    f"jaxent run, {how}": [*command, out],
                }
                for name, script in scripts.items():
                    seconds = _seconds(lambda s=script, c=cache: _run(s, c))
                    if turn:  # the first one fills the cache
                        found.setdefault(name, []).append(seconds)
    return found


def _run(command: list[str], cache: str | None) -> None:
    subprocess.run(command, env=environment(cache), check=True, stdout=subprocess.DEVNULL)


def _targets(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seconds = {row["contender"]: row["seconds"]["median"] for row in rows}
    most, simplex = STARTS[-1], "NumPy, Nelder-Mead"
    cold, cached = (seconds[f"jaxent, a process, {how}"] for how in ("cold", "cached"))
    equal = seconds[f"{simplex}, {most} starts"] / seconds[ours_with(most)]
    found = [
        report.target("seconds of a cold process", cold, most=5),
        report.target("seconds with a cache", cached, most=2.5),
        report.target(f"Nelder-Mead / jaxent, {most} starts each", equal, least=15),
    ]
    ours, theirs = (_seconds_for_quality(rows, name) for name in ("jaxent", simplex))
    what = "Nelder-Mead / jaxent, each with the fewest starts for equal quality"
    # One that never reaches the quality takes for ever.
    ratio = 0.0 if ours is None else float("inf") if theirs is None else theirs / ours
    return [*found, report.target(what, ratio, least=15)]


def _seconds_for_quality(rows: Sequence[Mapping[str, Any]], name: str) -> float | None:
    """The least time of those whose every point is within ``CLOSE``; ``None`` where none is."""
    good = (
        row["seconds"]["median"]
        for row in rows
        if row["contender"].startswith(name)
        and row["contender"].endswith("starts")
        and row["quality"]["within"] == len(row["quality"]["shortfall"])
        and not row["note"]
    )
    return min(good, default=None)


def tables(result: Mapping[str, Any]) -> list[Any]:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    title = f"One curve: {len(result['efficiencies'])} efficiencies, {result['starts']} starts"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("contender", "time", "ratio", "largest shortfall", "mean", "within 1e-6"):
        table.add_column(name, justify="left" if name == "contender" else "right")
    table.add_column("remarks")
    for row in result["rows"]:
        table.add_row(
            row["contender"],
            report.duration(row["seconds"]["median"]),
            f"{row['ratio']:,.3g}",
            *_shown_quality(row["quality"]),
            row["note"],
        )
    return [table]


def _shown_quality(quality: Mapping[str, Any] | None) -> tuple[str, str, str]:
    if quality is None:
        return "", "", ""
    largest, mean = (f"{quality[key]:.0e}" for key in ("largest_shortfall", "mean_shortfall"))
    return largest, mean, f"{quality['within']}/{quality['of']}"


def draw(result: Mapping[str, Any]) -> Any:
    """The shortfall of each contender along the curve."""
    rows = [
        {"task": "", "contender": row["contender"], "size": p, "seconds": _no_spread(s)}
        for row in result["rows"]
        if row["contender"].endswith(f"{result['starts']} starts")
        for p, s in zip(result["efficiencies"], row["quality"]["shortfall"], strict=False)
    ]
    figure = report.timing_figure(rows, r"heralding efficiency $p_{\mathrm{suc}}$", "state")
    figure.axes[0].set_ylabel("shortfall of CHSH")
    return figure


def _no_spread(shortfall: float) -> dict[str, Any]:
    least = max(shortfall, 1e-16)  # what a logarithmic axis can show
    return {"median": least, "quartiles": [least, least]}


if __name__ == "__main__":
    report.main("curve")
