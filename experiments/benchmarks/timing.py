"""Timing side by side, and what it was timed on.

Contenders take turns in one process: a machine that slows down for a while slows all of them down,
and ratios survive what absolute times do not. Before any is timed its result is compared with that
of the first contender, ours; one that disagrees is an error, not a row.
"""

import importlib.util
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

Progress = Callable[[str, float], None]

PEERS = ("qutip", "dynamiqs", "mpmath")
"""What need not be installed; see the extra ``bench``."""

_LIBRARIES = ("numpy", "scipy", "jax", "jaxlib", *PEERS)


class Disagreement(RuntimeError):
    """A contender's result is not ours."""


@dataclass(frozen=True)
class Contender:
    """One way to compute something.

    Attributes:
        name: in tables and figures.
        call: computes it, and returns it on the host.
        items: how many results, such as states, a call gives.
        seen: a result as an array that can be compared, the items along its first axis; ``None``
            for what has no result, such as the bare overhead of a call.
        tolerance: the largest difference from ours with which it still agrees.
        note: what a reader has to know to judge the figure.
    """

    name: str
    call: Callable[[], Any]
    items: int = 1
    seen: Callable[[Any], np.ndarray] | None = np.asarray
    tolerance: float = 1e-10
    note: str = ""


@dataclass(frozen=True)
class Plan:
    """How long to measure.

    Attributes:
        rounds: how often the contenders take their turn.
        sample: a turn repeats a call that is shorter than this many seconds.
        limit: a contender that has used this many seconds sits out the rest, after two turns.
    """

    rounds: int
    sample: float
    limit: float


FULL = Plan(rounds=11, sample=0.05, limit=6.0)
QUICK = Plan(rounds=2, sample=0.002, limit=0.2)


def plan(quick: bool) -> Plan:
    return QUICK if quick else FULL


def compare(
    task: str, size: int, contenders: Sequence[Contender], plan: Plan
) -> list[dict[str, Any]]:
    """One row for each contender, the first of which is the reference.

    Raises:
        Disagreement: a result differs from the reference by more than its tolerance.
    """
    differences = _differences(f"{task}, {size:,}", contenders)
    turns = alternate([contender.call for contender in contenders], plan)
    ours = turns[0].seconds / contenders[0].items
    rows = []
    for contender, difference, turn in zip(contenders, differences, turns, strict=True):
        each = turn.seconds / contender.items
        rows.append(
            {
                "task": task,
                "size": size,
                "contender": contender.name,
                "seconds": spread(each),
                # Turn by turn, so that what slows the machine down cancels.
                "ratio": spread(each / ours[: len(each)]),
                "turns": len(each),
                "cores": turn.cores,
                "items": contender.items,
                "difference": difference,
                "tolerance": contender.tolerance,
                "note": contender.note,
            }
        )
    return rows


def spread(samples: np.ndarray) -> dict[str, float]:
    """The median with the quartiles."""
    low, median, high = np.quantile(samples, (0.25, 0.5, 0.75))
    return {"median": float(median), "quartiles": [float(low), float(high)]}


@dataclass(frozen=True)
class Turns:
    """What the turns of one contender took.

    Attributes:
        seconds: of a call, one number for each turn, shape ``(turns,)``.
        cores: how many were busy on average: the process's CPU time over the time that passed.
    """

    seconds: np.ndarray
    cores: float


def alternate(calls: Sequence[Callable[[], Any]], plan: Plan) -> list[Turns]:
    """Time calls turn by turn.

    The first takes every turn, so that each other has a partner for its ratio. All must have been
    called before: what they compile or load the first time is not timed here.
    """
    repeats = [max(1, int(plan.sample / max(_timed(call, 1)[0], 1e-9))) for call in calls]
    passed, busy = np.zeros(len(calls)), np.zeros(len(calls))
    turns: list[list[float]] = [[] for _ in calls]
    for _ in range(plan.rounds):
        for k, call in enumerate(calls):
            if k > 0 and len(turns[k]) >= 2 and passed[k] > plan.limit:
                continue
            seconds, processor = _timed(call, repeats[k])
            passed[k] += seconds
            busy[k] += processor
            turns[k].append(seconds / repeats[k])
        if len(turns[0]) >= 2 and (passed > plan.limit).all():
            break
    return [
        Turns(np.array(samples), float(processor / seconds))
        for samples, processor, seconds in zip(turns, busy, passed, strict=True)
    ]


def _timed(call: Callable[[], Any], repeats: int) -> tuple[float, float]:
    """The seconds that passed, and those of the process's CPU time."""
    processor, start = time.process_time(), time.perf_counter()
    for _ in range(repeats):
        call()
    return time.perf_counter() - start, time.process_time() - processor


def _differences(where: str, contenders: Sequence[Contender]) -> list[float | None]:
    """How far each result is from that of the first contender, item by item."""
    first = contenders[0]
    reference = np.asarray(first.seen(first.call()) if first.seen else 0.0)
    found: list[float | None] = [0.0]
    for contender in contenders[1:]:
        result = contender.call()
        if contender.seen is None:
            found.append(None)
            continue
        result = contender.seen(result)
        found.append(agreed(f"{where}: {contender.name}", result, reference, contender.tolerance))
    return found


def agreed(what: str, result: np.ndarray, reference: np.ndarray, tolerance: float) -> float:
    """The largest difference of a result from the first items of a reference.

    Raises:
        Disagreement: it exceeds the tolerance, or is not a number.
    """
    result, reference = np.atleast_1d(result), np.atleast_1d(reference)
    difference = float(np.max(np.abs(result - reference[: len(result)])))
    if not difference <= tolerance:
        raise Disagreement(f"{what} differs by {difference:.2g}; allowed: {tolerance:g}")
    return difference


# what was compared, and where


def installed(name: str) -> bool:
    """Whether a peer can be imported."""
    return importlib.util.find_spec(name) is not None


def absent(*names: str) -> list[str]:
    """Those of the peers that are not installed, which a result reports."""
    return [name for name in names if not installed(name)]


def machine() -> dict[str, Any]:
    """The computer, its load, and the versions of what is compared."""
    import jax

    import jaxent

    versions = {name: version(name) for name in _LIBRARIES if installed(name)}
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memory_bytes": _memory(),
        "platform": platform.platform(),
        "device": str(jax.devices()[0].device_kind),
        "load_average": list(os.getloadavg()) if hasattr(os, "getloadavg") else None,
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "versions": {
            "python": platform.python_version(),
            "jaxent": jaxent.__version__,
            **versions,
        },
    }


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not a POSIX system
        return None
