"""Runs a study in processes that are ended in mid-work, and resumes what they leave.

``python -m tests.app.killing MODE SIGNAL NUMBER SEED`` prints a JSON object: how the study's
uninterrupted run is told apart from what was resumed. Everything is imported once; each process
is a fork that has not touched JAX's devices yet, but for those that start anew.

Modes: ``moments`` ends real runs at random moments, every tenth of them in a process that starts
with the imports; ``writes`` ends runs with stored points before, or within, each of their writes.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from jaxent import curves
from jaxent.app import cli, runs

for name in (
    *("jaxent.app.cli", "jaxent.app.tables", "xarray", "h5netcdf"),
    *("matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_pdf"),
    *("scipy.optimize", "scipy.linalg"),
):
    import_module(name)

STUDY = """
machine: {kind: thermal, E: 1, temperature: 0.5}
free: {g: {low: 0.1, high: 3}}
objective: negativity
search: {starts: 1, steps: 2, seed: 0, rounds: 0}
variants: {cold: {machine: {temperature: 0.4}}, hot: {}}
"""
WORDS = ("run", "study.yaml", "--json", "--out")


def contents(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def start(words, prepare=lambda: None):
    """A fork that runs the command line; its output goes to files."""
    pid = os.fork()
    if pid:
        return pid
    for number, file in ((1, "out.txt"), (2, "err.txt")):
        os.dup2(os.open(file, os.O_CREAT | os.O_TRUNC | os.O_WRONLY), number)
    # A test runner may have told its children to ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        prepare()
        cli.main(words)
    except SystemExit as error:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(error.code or 0)
    finally:
        os._exit(99)


def start_anew(words):
    """A process that begins with the imports."""
    with open("out.txt", "wb") as out, open("err.txt", "wb") as err:
        program = "from jaxent.app.cli import main; main()"
        return subprocess.Popen([sys.executable, "-c", program, *words], stdout=out, stderr=err).pid


def end(pid):
    """The exit code of a process, or its signal as a negative number."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def resumed(out, whole):
    """Whether a run that is resumed ends as the whole one."""
    code = end(start([*WORDS, out, "--resume"]))
    error = Path("err.txt").read_text()
    return {"resumed": code, "error": error, "same": not code and contents(out) == whole}


def at_moments(number, kind, seed):
    rng = random.Random(seed)
    began = time.monotonic()
    assert end(start([*WORDS, "whole"])) == 0, Path("err.txt").read_text()
    took = time.monotonic() - began
    whole = contents("whole")
    for k in range(number):
        out = f"run{k}"
        anew = k % 10 == 9
        pid = (start_anew if anew else start)([*WORDS, out])
        moment = rng.uniform(0, 2 * took if anew else took)
        time.sleep(moment)
        os.kill(pid, kind)
        code = end(pid)
        told = Path("err.txt").read_text()
        left = sorted(str(p.relative_to(out)) for p in Path(out).rglob("*"))
        again = resumed(out, whole)
        yield {"moment": moment, "anew": anew, "code": code, "told": told, "left": left, **again}


def points_of(folder):
    found = json.loads((Path(folder) / "summary.json").read_text())["points"]
    return lambda study, progress: [p for p in found if p["variant"] == study.variant]


def at_writes(number, kind, seed):
    """Ends a process at ``number`` of the calls that change the disk, evenly spread over all."""
    assert end(start([*WORDS, "real"])) == 0, Path("err.txt").read_text()
    curves.solve = points_of("real")
    runs.point_json = lambda point, variant: point
    calls = ("open", "fsync", "replace", "unlink", "rmdir", "mkdir")

    def ending_at(last):
        count = 0

        def prepare():
            def ended(real):
                def call(*args, **options):
                    nonlocal count
                    count += 1
                    if count == last:
                        os.kill(os.getpid(), kind)
                    return real(*args, **options)

                return call

            for name in calls:
                setattr(os, name, ended(getattr(os, name)))
            if last is None:
                leave = os._exit
                os._exit = lambda code: (Path("count.txt").write_text(str(count)), leave(code))

        return prepare

    assert end(start([*WORDS, "whole"], ending_at(None))) == 0, Path("err.txt").read_text()
    whole = contents("whole")
    total = int(Path("count.txt").read_text())
    steps = sorted({1 + k * total // number for k in range(number)})
    for step in steps:
        out = f"run{step}"
        code = end(start([*WORDS, out], ending_at(step)))
        told = Path("err.txt").read_text()
        left = sorted(str(p.relative_to(out)) for p in Path(out).rglob("*"))
        again = resumed(out, whole)
        yield {"step": step, "of": total, "code": code, "told": told, "left": left, **again}


if __name__ == "__main__":
    mode, kind, number, seed = sys.argv[1:]
    modes = {"moments": at_moments, "writes": at_writes}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("study.yaml").write_text(STUDY)
        for found in modes[mode](int(number), signal.Signals[kind], int(seed)):
            print(json.dumps(found), flush=True)
        os.chdir("/")
