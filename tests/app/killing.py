"""Runs a study in processes that are ended in mid-work, and resumes what they leave.

``python -m tests.app.killing MOMENTS WRITES SEED`` prints a JSON object for each process that was
ended: where, how it left, and whether the resumed run has the bytes of an uninterrupted one.

- MOMENTS real runs are killed at random moments, every tenth of them in a process that begins with
  the imports; the others are forks of one that has imported everything.
- WRITES runs with stored points are killed, and as many interrupted, right before one of their
  calls that change the disk, evenly spread over all.
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


def ended(pid, out, whole, **where):
    """How a process left, and what becomes of its folder when it is resumed."""
    code = end(pid)
    told = Path("err.txt").read_text()
    left = sorted(str(path.relative_to(out)) for path in Path(out).rglob("*"))
    again = end(start([*WORDS, out, "--resume"]))
    same = again == 0 and contents(out) == whole
    error = Path("err.txt").read_text()
    return {**where, "code": code, "told": told, "left": left, "error": error, "same": same}


def killed_at_moments(number, seed):
    rng = random.Random(seed)
    whole = contents("real")
    # The time of the next run, with all compiled that is kept.
    began = time.monotonic()
    assert end(start([*WORDS, "again"])) == 0, Path("err.txt").read_text()
    took = time.monotonic() - began
    for k in range(number):
        out = f"moment{k}"
        anew = k % 10 == 9
        pid = (start_anew if anew else start)([*WORDS, out])
        moment = rng.uniform(0, 2 * took if anew else took)
        time.sleep(moment)
        os.kill(pid, signal.SIGKILL)
        yield ended(pid, out, whole, mode="moment", at=moment, anew=anew)


def points_of(folder):
    found = json.loads((Path(folder) / "summary.json").read_text())["points"]
    return lambda study, progress: [p for p in found if p["variant"] == study.variant]


def ending_at(last, kind):
    """Makes a process end itself right before one of its calls; counts them where ``last`` is 0."""
    count = 0

    def counted(real):
        def call(*args, **options):
            nonlocal count
            count += 1
            if count == last:
                os.kill(os.getpid(), kind)
            return real(*args, **options)

        return call

    def prepare():
        leave = os._exit
        for name in ("open", "fsync", "replace", "unlink", "rmdir", "mkdir"):
            setattr(os, name, counted(getattr(os, name)))
        if not last:
            os._exit = lambda code: (Path("count.txt").write_text(str(count)), leave(code))

    return prepare


def ended_at_writes(number):
    curves.solve = points_of("real")
    runs.point_json = lambda point, variant: point
    assert end(start([*WORDS, "whole"], ending_at(0, None))) == 0, Path("err.txt").read_text()
    whole = contents("whole")
    assert whole == contents("real")
    total = int(Path("count.txt").read_text())
    for kind in (signal.SIGKILL, signal.SIGINT):
        for step in sorted({total - k * total // number for k in range(number)}):
            out = f"{kind.name}{step}"
            pid = start([*WORDS, out], ending_at(step, kind))
            yield ended(pid, out, whole, mode=kind.name, at=step, of=total)


if __name__ == "__main__":
    moments, writes, seed = map(int, sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ |= {"JAX_ENABLE_COMPILATION_CACHE": "true", "XDG_CACHE_HOME": folder}
        Path("study.yaml").write_text(STUDY)
        assert end(start_anew([*WORDS, "real"])) == 0, Path("err.txt").read_text()
        for found in (*killed_at_moments(moments, seed), *ended_at_writes(writes)):
            print(json.dumps(found), flush=True)
        os.chdir("/")
