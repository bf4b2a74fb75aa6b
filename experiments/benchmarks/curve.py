"""One whole trade-off curve, at equal quality.

    python experiments/benchmarks/curve.py [--json] [--out DIR] [--quick]

The study is `curve.yaml`: 50 efficiencies, 64 starts each. Ours is measured warm, in a fresh
process with and without JAX's persistent cache, and as the whole command `jaxent run`, which also
verifies and draws. Peers are SciPy's Nelder-Mead and SLSQP around NumPy, from as many starts, and
around QuTiP, from one start at a few efficiencies and multiplied up. What a curve is worth is its
shortfall from the best value that anyone found, so each contender also has the time in which it
would come within 1e-6 everywhere with 95 % certainty, from as many starts as that takes.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import report
import timing
from compile_time import STUDY, environment
from plain_search import Objective, Searched, by_lu, by_qutip, heralded

from jaxent.app.config import load_study
from jaxent.curves import solve
from jaxent.search.tradeoff import Optimum, trace_curve
from jaxent.study import Study

OURS = "jaxent, warm"
CLOSE = 1e-6
_CERTAINTY = 0.95
_SECONDS = 90.0  # of a peer, after which the rest is multiplied up
_WARM, _FRESH = 3, 3  # repetitions
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
        settings = replace(study.settings, starts=4, steps=50)
        study = replace(study, efficiencies=study.efficiencies[::25], settings=settings)
    efficiencies = np.array(study.efficiencies)
    progress("jaxent, compiling", 0.0)
    optima = trace_curve(study.problem, efficiencies, study.settings)
    _agree(study, optima)

    ours, searched = [], {}
    for name, search in _peers(study, quick).items():
        progress(name, 0.1 + 0.6 * len(searched) / 5)
        ours += [_seconds(lambda: trace_curve(study.problem, efficiencies, study.settings))]
        searched[name] = search()
    best = _best_known(optima, searched)
    rows = [_our_row(OURS, ours, [o.score for o in optima], best)]
    progress("jaxent, verified", 0.7)
    verified = [_seconds(lambda: solve(study)) for _ in range(1 if quick else _WARM)]
    rows.append(_our_row("jaxent, warm, verified", verified, [o.score for o in optima], best))
    if not quick:
        progress("jaxent, fresh processes", 0.8)
        rows += [_our_row(name, s, None, best) for name, s in _fresh_processes().items()]
    rows += [_peer_row(name, found, study, best) for name, found in searched.items()]
    for row in rows:
        row["ratio"] = row["seconds"]["median"] / rows[0]["seconds"]["median"]
    return {
        "study": STUDY.name,
        "efficiencies": efficiencies.tolist(),
        "starts": study.settings.starts,
        "best_known": best.tolist(),
        "rows": rows,
        "absent": timing.absent("qutip"),
        "targets": [] if quick else _targets(rows),
    }


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _agree(study: Study, optima: list[Optimum]) -> None:
    """The peers' objective at our optima is ours."""
    state = by_lu()
    for optimum in optima:
        told = study.problem.outcome(optimum.point, optimum.efficiency)
        p, c = state(float(told.machine.g), float(told.machine.bath_b.gamma))
        timing.agreed(
            f"curve, {optimum.efficiency:g}: the objective in NumPy",
            np.array(heralded(p, c, float(told.log_ratios["b"]))),
            np.array(optimum.score),
            _SAME,
        )


def _peers(study: Study, quick: bool) -> dict[str, Callable[[], Searched]]:
    efficiencies, settings = np.array(study.efficiencies), study.settings
    # In any order, so that a few are of the whole curve.
    spread = np.random.default_rng(0).permutation(efficiencies)

    def search(objective: Objective, method: str, which: np.ndarray, starts: int):
        return lambda: objective.search(which, starts, method, settings.seed, _SECONDS)

    found = {
        f"NumPy, {method}": search(Objective(study, by_lu()), method, efficiencies, settings.starts)
        for method in ("Nelder-Mead", "SLSQP")
    }
    if timing.installed("qutip"):
        for way, count in ({"svd": 1} if quick else _QUTIP).items():
            objective = Objective(study, by_qutip(way))
            found[f"QuTiP ({way}), Nelder-Mead"] = search(
                objective, "Nelder-Mead", spread[:count], 1
            )
    return found


def _best_known(optima: list[Optimum], searched: Mapping[str, Searched]) -> np.ndarray:
    best = np.array([optimum.score for optimum in optima])
    for name, found in searched.items():
        if name.startswith("NumPy"):
            reached = found.values.max(axis=1)
            best[: len(reached)] = np.maximum(best[: len(reached)], reached)
    return best


def _our_row(
    name: str, seconds: list[float], values: list[float] | None, best: np.ndarray
) -> dict[str, Any]:
    quality = None if values is None else _quality(np.array(values), best)
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
    levels, starts = found.values.shape
    done = levels * starts
    whole = len(study.efficiencies) * study.settings.starts
    row: dict[str, Any] = {
        "contender": name,
        "seconds": timing.spread(np.array([found.seconds * whole / done])),
        "turns": 1,
        "evaluations": found.evaluations,
        "searches_done": done,
        "searches": whole,
        "quality": None,
        "note": "" if done == whole else f"multiplied up from {done} of {whole} searches",
    }
    if name.startswith("NumPy"):
        row["quality"] = _quality(found.values.max(axis=1), best)
        needed = starts_needed(best[:levels, None] - found.values <= CLOSE)
        row["starts_for_equal_quality"] = needed
        if needed is not None:
            equal = found.seconds * whole / done * needed / study.settings.starts
            row["seconds_for_equal_quality"] = equal
    return row


def starts_needed(close: np.ndarray) -> int | None:
    """How many random starts are enough at every efficiency, with the wanted certainty.

    Args:
        close: which starts came close, shape ``(efficiencies, starts)``.

    Returns:
        ``None`` where no start came close at some efficiency.
    """
    missed = 1 - close.mean(axis=1)
    if np.any(missed == 1):
        return None
    count = 1
    while np.prod(1 - missed**count) < _CERTAINTY:
        count += 1
    return count


def _fresh_processes() -> dict[str, list[float]]:
    """The seconds of processes that trace the curve, cold and with a cache, taking turns."""
    command = [sys.executable, "-m", "jaxent.app.cli", "run", str(STUDY), "--json", "--out"]
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        filled = str(Path(folder) / "cache")
        for turn in range(_FRESH + 1):
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
    by = {row["contender"]: row for row in rows}

    def seconds(name: str) -> float:
        return by[name]["seconds"]["median"]

    simplex = by["NumPy, Nelder-Mead"]
    found = [
        report.target("seconds of a cold process", seconds("jaxent, a process, cold"), most=5),
        report.target("seconds with a cache", seconds("jaxent, a process, cached"), most=2.5),
        report.target("Nelder-Mead / jaxent, as many starts", simplex["ratio"], least=15),
    ]
    if "seconds_for_equal_quality" in simplex:
        equal = simplex["seconds_for_equal_quality"] / seconds(OURS)
        found.append(report.target("Nelder-Mead / jaxent, equal quality", equal, least=15))
    return found


def tables(result: Mapping[str, Any]) -> list[Any]:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    title = f"One curve: {len(result['efficiencies'])} efficiencies, {result['starts']} starts"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("contender", "time", "ratio", "largest shortfall", "mean", "within 1e-6"):
        table.add_column(name, justify="left" if name == "contender" else "right")
    table.add_column("starts, time for equal quality", justify="right")
    table.add_column("remarks")
    for row in result["rows"]:
        table.add_row(
            row["contender"],
            report.duration(row["seconds"]["median"]),
            f"{row['ratio']:,.3g}",
            *_shown_quality(row["quality"]),
            _shown_equal(row),
            row["note"],
        )
    return [table]


def _shown_quality(quality: Mapping[str, Any] | None) -> tuple[str, str, str]:
    if quality is None:
        return "", "", ""
    largest, mean = (f"{quality[key]:.0e}" for key in ("largest_shortfall", "mean_shortfall"))
    return largest, mean, f"{quality['within']}/{quality['of']}"


def _shown_equal(row: Mapping[str, Any]) -> str:
    if "starts_for_equal_quality" not in row:
        return ""
    if row["starts_for_equal_quality"] is None:
        return "more than it had"
    equal = report.duration(row["seconds_for_equal_quality"])
    return f"{row['starts_for_equal_quality']}, {equal}"


def draw(result: Mapping[str, Any]) -> Any:
    """The shortfall of each contender along the curve."""
    rows = [
        {"task": "", "contender": row["contender"], "size": p, "seconds": _no_spread(s)}
        for row in result["rows"]
        if row["quality"]
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
