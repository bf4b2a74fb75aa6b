"""Runs that are killed, interrupted, crowded out, or find a spoilt folder: nothing is lost."""

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jaxent import curves
from jaxent.app.files import InUse, held, tidy, write_atomically

pytestmark = pytest.mark.usefixtures("quick_figure")

ROOT = Path(__file__).resolve().parents[2]
FILES = {"summary.json", "results.nc", "figure.png", "figure.pdf", "report.html"}
TWO = {"variants": {"filter on B": {}, "both filters": {"free": {"filters": {"a": {}}}}}}
# The number of runs that are killed at a random moment; each costs some seconds.
KILLS = int(os.environ.get("JAXENT_KILLS", "1"))


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def names(folder):
    return {path.name for path in folder.rglob("*") if path.is_file()}


# processes that are ended


@pytest.fixture(scope="module")
def ended():
    """What became of runs that were ended in mid-work; see ``tests.app.killing``."""
    if not hasattr(os, "fork"):
        pytest.skip("processes are forked")
    command = [sys.executable, "-m", "tests.app.killing", str(KILLS), str(max(KILLS, 3)), "1"]
    quick = {key: value for key, value in os.environ.items() if not key.startswith("JAX_")}
    outcome = subprocess.run(command, cwd=ROOT, env=quick, capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stderr
    return [json.loads(line) for line in outcome.stdout.splitlines()]


@pytest.mark.slow
@pytest.mark.timeout(900 + 60 * KILLS)
@pytest.mark.parametrize("mode", ["moment", "SIGKILL"])
def test_a_killed_run_is_resumed_to_the_same_bytes(mode, ended):
    found = [run for run in ended if run["mode"] == mode]
    assert found
    assert [run for run in found if not run["same"]] == []
    if mode == "SIGKILL":
        assert {run["code"] for run in found} == {-signal.SIGKILL}


@pytest.mark.slow
@pytest.mark.timeout(900 + 60 * KILLS)
def test_an_interrupted_run_says_so_in_one_line_and_is_resumed_to_the_same_bytes(ended):
    found = [run for run in ended if run["mode"] == "SIGINT"]
    assert found
    for run in found:
        assert run["same"], run
        assert run["code"] == 130, run
        assert run["told"].startswith("error: interrupted"), run
        assert run["told"].count("\n") == 1, run
        assert not [name for name in run["left"] if "unfinished" in name], run


# a full disk, and too little memory


@pytest.mark.parametrize("after", [0, 1, 4, 7, 10])
def test_a_full_disk_loses_nothing_and_leaves_nothing_by_half(
    after, jaxent, study_file, quick_solve, monkeypatch, tmp_path
):
    path = study_file(TWO)
    assert jaxent("run", path, "--out", "whole").code == 0
    real, calls = os.fsync, []

    def sync(descriptor):
        calls.append(descriptor)
        if len(calls) > after:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", sync)
    outcome = jaxent("run", path, "--out", "out")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("error: No space left on device; ")
    assert outcome.err.count("\n") == 1
    if after > 0:
        assert f"; jaxent run {path} --out out --resume continues\n" in outcome.err
        assert not [name for name in names(tmp_path / "out") if name.startswith(".")]
        assert "summary.json" not in names(tmp_path / "out")
    else:
        assert outcome.err.endswith("; nothing was stored yet\n")
        assert not (tmp_path / "out").exists()
    monkeypatch.setattr(os, "fsync", real)
    assert jaxent("run", path, "--out", "out", "--resume").code == 0
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 8589934592 bytes.\nBFC"),
    ],
    ids=["Python", "XLA"],
)
def test_too_little_memory_is_told_with_what_to_do(
    error, jaxent, study_file, quick_solve, monkeypatch, tmp_path
):
    working = curves.solve

    def solve(study, progress):
        if study.variant == "both filters":
            raise error
        return working(study, progress)

    monkeypatch.setattr(curves, "solve", solve)
    outcome = jaxent("run", study_file(TWO), "--out", "out")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("error: out of memory; allowed: fewer search.starts, ")
    assert outcome.err.endswith(" --out out --resume continues\n")
    assert names(tmp_path / "out") == {"0.json"}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_full_standard_output_is_told_in_one_line():
    command = [sys.executable, "-m", "jaxent_command", "machines", "--json"]
    with open("/dev/full", "w") as full:
        outcome = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True)
    assert outcome.returncode == 1
    assert re.fullmatch(r"error: [^\n]*No space left on device\n", outcome.stderr)


# folders


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_to_is_named(
    jaxent, study_file, quick_solve, tmp_path, one_line
):
    path = study_file()
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(0o555)
    one_line(jaxent("run", path, "--out", "locked"), "--out: locked/partial: Permission denied")
    one_line(jaxent("run", path, "--out", "locked/out"), "--out: locked/out: Permission denied")
    assert quick_solve == []


@pytest.mark.parametrize("name", ["summary.json", "results.nc", "figure.png", "partial/1.json"])
def test_what_would_be_in_the_way_of_a_result_is_told_before_the_work(
    name, jaxent, study_file, quick_solve, tmp_path, one_line
):
    (tmp_path / "out" / "partial" / name).mkdir(parents=True)
    (tmp_path / "out" / name).mkdir(parents=True, exist_ok=True)
    outcome = jaxent("run", study_file(), "--out", "out", "--resume")
    one_line(outcome, f"{name} is a folder; allowed: to move it away")
    assert quick_solve == []


def test_a_file_or_a_link_in_the_place_of_the_parts_is_told(
    jaxent, study_file, quick_solve, tmp_path, one_line
):
    out = tmp_path / "out"
    out.mkdir()
    (out / "partial").write_text("")
    told = "--out: out/partial is no folder; allowed: to move it away"
    one_line(jaxent("run", study_file(), "--out", "out", "--resume"), told)
    (out / "partial").unlink()
    (tmp_path / "elsewhere").mkdir()
    (out / "partial").symlink_to(tmp_path / "elsewhere")
    one_line(jaxent("run", study_file(), "--out", "out", "--resume"), told)
    assert quick_solve == []


def spoilt(text):
    """The ways in which a file of results can be damaged."""
    digits = re.search(r'"value": \d\.(\d+)', text).start(1)
    yield ""
    yield "\0\xff garbage"
    yield text[: len(text) // 2]
    yield "[" * 100_000
    yield "[]"
    yield text[:digits] + str((int(text[digits]) + 1) % 10) + text[digits + 1 :]
    yield text.replace('"points"', '"Points"')


def test_a_damaged_summary_is_told_and_left_alone(
    jaxent, study_file, quick_solve, tmp_path, one_line
):
    path = study_file()
    assert jaxent("run", path, "--out", "out").code == 0
    summary = tmp_path / "out" / "summary.json"
    for text in spoilt(summary.read_text()):
        summary.write_text(text, encoding="latin-1")
        before = contents(tmp_path / "out")
        outcome = jaxent("run", path, "--out", "out", "--resume")
        one_line(outcome, "out holds a finished run whose summary.json is damaged; allowed: ")
        assert contents(tmp_path / "out") == before


def test_a_damaged_part_is_solved_again(jaxent, study_file, quick_solve, monkeypatch, tmp_path):
    path = study_file(TWO)
    assert jaxent("run", path, "--out", "whole").code == 0
    working = curves.solve

    def solve(study, progress):
        if study.variant == "both filters":
            raise KeyboardInterrupt
        return working(study, progress)

    monkeypatch.setattr(curves, "solve", solve)
    jaxent("run", path, "--out", "out")
    part = (tmp_path / "out" / "partial" / "0.json").read_text()
    monkeypatch.setattr(curves, "solve", working)
    for text in spoilt(part):
        folder = tmp_path / "again" / "partial"
        folder.mkdir(parents=True)
        (folder / "0.json").write_text(text, encoding="latin-1")
        quick_solve.clear()
        assert jaxent("run", path, "--out", "again", "--resume").code == 0
        assert quick_solve == ["filter on B", "both filters"]
        assert contents(tmp_path / "again") == contents(tmp_path / "whole")
        shutil.rmtree(tmp_path / "again")


def test_what_others_put_beside_the_parts_is_left_alone(jaxent, study_file, quick_solve, tmp_path):
    parts = tmp_path / "out" / "partial"
    parts.mkdir(parents=True)
    mine = {name: name.encode() for name in ("notes.txt", "mine.json", "0.json.old", "0b.json")}
    for name, content in mine.items():
        (parts / name).write_bytes(content)
    (parts / "7.json").write_text("{}")  # of another study's run that was killed
    assert jaxent("run", study_file(), "--out", "out", "--resume").code == 0
    assert contents(parts) == mine
    assert names(tmp_path / "out") == {*FILES, *mine}


def test_two_runs_do_not_share_a_folder(jaxent, study_file, quick_solve, tmp_path, one_line):
    (tmp_path / "out" / "partial").mkdir(parents=True)
    lock = tmp_path / "out" / ".lock"
    with held(lock, "123"):
        outcome = jaxent("run", study_file(), "--out", "out", "--resume")
        one_line(outcome, "--out: process 123 is writing to out; allowed: ")
        lock.write_bytes(b"\xff")
        outcome = jaxent("run", study_file(), "--out", "out", "--resume")
        one_line(outcome, "--out: another process is writing to out; allowed: ")
        assert lock.exists()
    assert quick_solve == []


@pytest.mark.parametrize(
    "content", ["", "garbage", "9" * 99, str(os.getpid())], ids=["empty", "garbage", "long", "own"]
)
def test_the_lock_of_a_killed_run_holds_nobody_up(
    content, jaxent, study_file, quick_solve, tmp_path
):
    """Not even where another process bears its identifier by now."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".lock").write_text(content)
    assert jaxent("run", study_file(), "--out", "out").code == 0
    assert contents(tmp_path / "out").keys() == FILES


def test_a_lock_that_is_no_file_is_told_and_a_link_is_not_followed(
    jaxent, study_file, quick_solve, tmp_path, one_line
):
    lock = tmp_path / "out" / ".lock"
    lock.mkdir(parents=True)
    one_line(jaxent("run", study_file(), "--out", "out"), "--out: out/.lock: Is a directory")
    lock.rmdir()
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    lock.symlink_to(mine)
    one_line(jaxent("run", study_file(), "--out", "out"), "--out: out/.lock: Too many levels of")
    assert mine.read_text() == "mine"
    assert quick_solve == []


def test_what_a_killed_process_left_unfinished_is_removed(
    jaxent, study_file, quick_solve, tmp_path
):
    parts = tmp_path / "out" / "partial"
    parts.mkdir(parents=True)
    (tmp_path / "out" / ".summary.123.unfinished.json").write_text("{")
    (parts / ".0.123.unfinished.json").write_text("{")
    (tmp_path / "out" / ".mine").write_text("mine")
    assert jaxent("run", study_file(), "--out", "out", "--resume").code == 0
    assert contents(tmp_path / "out").keys() == {*FILES, ".mine"}


# files


def test_a_file_that_is_being_written_is_no_leftover(tmp_path):
    def write(path):
        tidy(tmp_path)
        path.write_text("whole")
        tidy(tmp_path)

    write_atomically(tmp_path / "a.json", write)
    assert contents(tmp_path) == {"a.json": b"whole"}


def test_a_failed_write_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("old")

    def write(unfinished):
        unfinished.write_text("half of the n")
        raise OSError(errno.EIO, "lost")

    with pytest.raises(OSError, match="lost"):
        write_atomically(path, write)
    assert contents(tmp_path) == {"a.json": b"old"}


def test_a_new_file_replaces_nothing(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("somebody else's")
    with pytest.raises(FileExistsError):
        write_atomically(path, lambda file: file.write_text("mine"), new=True)
    assert contents(tmp_path) == {"a.json": b"somebody else's"}


def test_a_held_file_is_held_by_one_and_gone_afterwards(tmp_path):
    path = tmp_path / "lock"
    with held(path, "first"):
        assert path.read_text() == "first"
        with pytest.raises(InUse, match="another process is writing it"), held(path):
            pass
        assert path.read_text() == "first"
    assert not path.exists()


def test_where_locks_are_unknown_files_are_written_and_none_is_taken_for_a_leftover(
    tmp_path, monkeypatch
):
    from jaxent.app import files

    def refuse(descriptor, operation):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(files.fcntl, "flock", refuse)
    (tmp_path / ".b.1.unfinished.json").write_text("of whom?")
    write_atomically(tmp_path / "a.json", lambda file: file.write_text("whole"))
    tidy(tmp_path)
    assert names(tmp_path) == {"a.json", ".b.1.unfinished.json"}
