"""What starts take: importing, tracing and compiling, with and without JAX's persistent cache.

    python experiments/benchmarks/compile_time.py [--json] [--out DIR] [--quick]

Everything is measured in fresh processes, which take turns. "Cold" has no cache of compiled
programs to look into, "cached" one that an earlier process has filled. Tracing is what
`jit(f).lower` takes, compiling what follows; a climb is traced and compiled by its first call, from
which the time of the second one is taken off. `import jaxent` is compared with `import jax`.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import report
import timing

STUDY = Path(__file__).with_name("curve.yaml")

_MOST_IMPORT = 1.2
_ROUNDS = {"import": (9, 1), "compile": (5, 1)}  # in full and quick

_IMPORT = """
import time
start = time.perf_counter()
import {module}
print('{{"import": %r}}' % (time.perf_counter() - start))
"""

_COMPILE = """
import json, time
import jax, numpy as np
import jaxent
from jaxent.measures import x_states

baths = jaxent.Bath(np.ones(100), beta=0.3), jaxent.Bath(np.full(100, 2.0), beta=3.0)
machine = jaxent.TwoQubit(np.full(100, 0.5), *baths)

def chsh(machine):
    return x_states.chsh(machine.x_state()).sum()

functions = {
    "state": lambda machine: machine.state(),
    "CHSH and gradient": jax.value_and_grad(chsh),
}
found = {}
for name, function in functions.items():
    start = time.perf_counter()
    lowered = jax.jit(function).lower(machine)
    traced = time.perf_counter()
    lowered.compile()
    found[f"{name}: tracing"] = traced - start
    found[f"{name}: compiling"] = time.perf_counter() - traced
"""

_CLIMB = """
from dataclasses import replace
from jaxent.app.config import load_study
from jaxent.search.maximise import climb

(study,) = load_study(STUDY)
settings = replace(study.settings, steps=2)
seeds = np.full((len(study.efficiencies), settings.starts, study.problem.size), 0.5)
times = []
for _ in range(2):
    start = time.perf_counter()
    climb(study.problem, settings, seeds, np.array(study.efficiencies))
    times.append(time.perf_counter() - start)
found["climb"] = times[0] - times[1]
"""

_PRINT = "print(json.dumps(found))"


def measure(quick: bool, progress: timing.Progress) -> dict[str, Any]:
    """Start processes and collect what they say about themselves."""
    progress("importing", 0.0)
    imports = {
        f"import {module}": lambda module=module: _process(_IMPORT.format(module=module))
        for module in ("jax", "jaxent")
    }
    rows = _rows(imports, _ROUNDS["import"][quick])
    script = _COMPILE + (f"STUDY = {str(STUDY)!r}\n{_CLIMB}" if not quick else "") + _PRINT
    with tempfile.TemporaryDirectory() as filled:
        progress("filling a cache", 0.3)
        _process(script, filled)
        progress("compiling", 0.4)
        ways = {
            "cold": lambda: _process(script),
            "cached": lambda: _process(script, filled),
        }
        rows += _rows(ways, _ROUNDS["compile"][quick])
    return {"rows": rows, "targets": [] if quick else _targets(rows)}


def environment(cache: str | None) -> dict[str, str]:
    """The variables of a process with a persistent cache of everything, or with none."""
    own = {name: v for name, v in os.environ.items() if name != "JAX_COMPILATION_CACHE_DIR"}
    if cache is None:
        return own | {"JAX_ENABLE_COMPILATION_CACHE": "false"}
    return own | {
        "JAX_ENABLE_COMPILATION_CACHE": "true",
        "JAX_COMPILATION_CACHE_DIR": cache,
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }


def _process(script: str, cache: str | None = None) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(cache),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _rows(ways: Mapping[str, Any], rounds: int) -> list[dict[str, Any]]:
    """One row for each task and way, the ways taking turns; the first is the reference."""
    turns: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            turns[name].append(way())
    first = next(iter(turns))
    return [
        _row(task, name, samples, [turn[task] for turn in turns[first]])
        for task in turns[first][0]
        for name, samples in ((name, [turn[task] for turn in turns[name]]) for name in turns)
    ]


def _row(
    task: str, name: str, samples: Sequence[float], reference: Sequence[float]
) -> dict[str, Any]:
    return {
        "task": task,
        "size": 1,
        "contender": name,
        "seconds": timing.spread(np.array(samples)),
        "ratio": timing.spread(np.array(samples) / np.array(reference)),
        "turns": len(samples),
        "items": 1,
        "difference": None,
        "note": "",
    }


def _targets(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    row = report.row_of(rows, "import", 1, "import jaxent")
    ratio = row["ratio"]["median"]
    return [report.target("import jaxent / import jax", ratio, most=_MOST_IMPORT)]


def tables(result: Mapping[str, Any]) -> list[Any]:
    return [report.timing_table("Starts", result["rows"], "", "start")]


if __name__ == "__main__":
    report.main("compile_time")
