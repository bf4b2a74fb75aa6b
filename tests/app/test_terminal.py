"""What people meet on a terminal: help with examples, completion, progress, tables, hints."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import jax
import pytest
import typer
import yaml

from jaxent.app import cli
from jaxent.app.config import load_study_file
from jaxent.app.progress import Remaining, whole
from jaxent.app.tables import progress_bar

ROOT = Path(__file__).resolve().parents[2]
GROUP = typer.main.get_command(cli.app)
COMMANDS = sorted(GROUP.commands)
LONG = ("run", "threshold", "reproduce", "bench")


def examples(command):
    """The examples at the end of a command's help."""
    epilog = GROUP.commands[command].epilog or ""
    return [line.strip() for line in epilog.splitlines()[2:]]


@pytest.fixture
def terminal(monkeypatch):
    """Makes both outputs of the test a terminal of 80 columns without colours."""

    def make():
        for stream in (sys.stdout, sys.stderr):
            monkeypatch.setattr(stream, "isatty", lambda: True)

    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    return make


# help


@pytest.mark.parametrize("command", COMMANDS)
def test_help_ends_with_examples_that_are_commands(command, jaxent):
    shown = jaxent(command, "--help")
    assert shown.code == 0
    assert max(len(line) for line in shown.out.splitlines()) <= 80
    found = examples(command)
    assert 1 <= len(found) <= 3
    assert shown.out.rstrip().endswith(found[-1])
    for example in found:
        program, *words = shlex.split(example)
        if program == "jaxent":
            assert words[0] == command
            # It takes the words apart, and refuses unknown options, without running anything.
            GROUP.commands[command].make_context(command, words[1:])
        else:
            assert (program, words[0]) == ("python", "jaxent/verify.py")
            assert (ROOT / words[0]).is_file()


def test_the_study_in_the_help_of_run_is_one(jaxent, tmp_path):
    lines = jaxent("run", "--help").out.splitlines()
    study = [line for line in lines if re.match(r" {4,8}\w+: ?|\s+bath_", line)]
    path = tmp_path / "study.yaml"
    path.write_text("\n".join(study))
    assert yaml.safe_load(path.read_text())["machine"]["kind"] == "two_qubit"
    [found] = load_study_file(path).studies
    assert len(found.constraints) == 2
    assert found.parameters["bath_b.gamma"] == 1


@pytest.mark.parametrize("command", [c for c in COMMANDS if c != "explore"])  # which is a page
def test_every_command_speaks_json(command, jaxent):
    assert "--json" in jaxent(command, "--help").out


@pytest.mark.parametrize("command", LONG)
def test_every_long_command_can_be_quiet_and_told_where_to_compute(command, jaxent):
    shown = jaxent(command, "--help").out
    assert "--quiet" in shown
    assert "--device cpu|gpu" in shown


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("jaxent thr", "threshold"), ("jaxent run --res", "--resume")],
)
def test_a_shell_completes_commands_and_options(typed, offered):
    number = str(len(typed.split()) - 1)
    asked = {"_JAXENT_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": number}
    outcome = subprocess.run(
        [sys.executable, "-m", "jaxent_command"],
        cwd=ROOT,
        env=os.environ | asked,
        capture_output=True,
        text=True,
    )
    assert (outcome.stdout.split(), outcome.stderr) == ([offered], "")


# where to compute


@pytest.mark.parametrize("command", ["run", "threshold"])
def test_a_missing_gpu_is_told_with_how_to_get_one(
    command, jaxent, study_file, monkeypatch, one_line, tmp_path
):
    monkeypatch.setattr(jax, "default_backend", lambda: "cpu")
    before = jax.config.jax_platforms
    told = "--device: gpu is given, and JAX sees none; allowed: cpu, or a GPU with its driver and "
    path = study_file()
    try:
        one_line(jaxent(command, path, "--device", "gpu"), told, "pip install 'jaxent[cuda]'")
        one_line(jaxent(command, path, "--device", "tpu"), "'tpu' is given; allowed: cpu, gpu")
    finally:
        jax.config.update("jax_platforms", before)
    assert [found.name for found in tmp_path.iterdir()] == ["study.yaml"]


def test_the_cpu_is_always_there(jaxent, study_file, quick_solve):
    before = jax.config.jax_platforms
    try:
        assert jaxent("run", study_file(), "--device", "cpu", "--json").code == 0
        assert jax.config.jax_platforms == "cpu"
    finally:
        jax.config.update("jax_platforms", before)


# progress


class Clock:
    """A clock that is moved by hand."""

    now = 0.0

    def __call__(self):
        return self.now


def test_the_remaining_time_follows_from_the_pace():
    clock = Clock()
    left = Remaining(clock)
    assert str(left) == ""
    clock.now = 60.0
    left.update(0.25)
    assert str(left) == "about 3 min left"
    clock.now = 200.0
    assert str(left) == "about 40 s left"
    clock.now = 260.0
    assert str(left) == "soon done"
    left.update(1.0)
    assert str(left) == ""


def test_where_something_new_begins_its_time_is_estimated_alone():
    clock = Clock()
    left = Remaining(clock)
    clock.now = 1000.0
    left.update(1.0)
    left.update(0.0)
    assert str(left) == ""
    clock.now = 1010.0
    left.update(0.5)
    assert str(left) == "about 10 s left"


def test_the_stages_of_a_search_make_one_whole():
    told = [("climbing", 0.0), ("climbing", 1.0), ("polishing", 0.5), ("verifying", 1.0)]
    fractions = [whole("curve", *stage) for stage in told]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, pytest.approx(1.0))
    assert whole("threshold", "refuting", 1.0) == pytest.approx(1.0)
    assert whole("curve", "something else", 0.3) == 0.3


def test_progress_is_shown_to_people_alone(terminal, capsys):
    with progress_bar() as tell:
        tell("climbing", 0.5)
    assert capsys.readouterr() == ("", "")
    terminal()
    with progress_bar(quiet=True) as tell:
        tell("climbing", 0.5)
    assert capsys.readouterr() == ("", "")
    with progress_bar() as tell:
        tell("climbing [0.5]\x1b[2J", 0.5)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "climbing [0.5]\\x1b" in shown.err
    assert not re.search(r"\x1b\[[0-9;]*(3|4)[0-9]m", shown.err), "colours in spite of NO_COLOR"


# tables and hints


def plain(shown):
    """What is shown without the marks of bold and slanted letters; colours there are none."""
    text = re.sub(r"\x1b\[[013]m", "", shown)
    assert "\x1b" not in text, "colours in spite of NO_COLOR"
    return text


MANY = {
    "machine": {"bath_a": {"gamma": None}},
    "free": {
        "filters": {"a": {}},
        "bath_a.gamma": {"low": 0.5, "high": 1},
        "E_a": {"low": 0.5, "high": 1},
        "kappa_a": {"low": 0.5, "high": 1},
        "u": {"low": 0.5, "high": 1},
    },
    "certify": {"steering": 2},
}


@pytest.mark.parametrize("changes", [{}, MANY], ids=["few columns", "many columns"])
def test_tables_are_as_narrow_as_the_terminal(changes, jaxent, study_file, quick_solve, terminal):
    terminal()
    shown = plain(jaxent("run", study_file(changes), "--quiet").out)
    assert max(map(len, shown.splitlines())) <= 80
    assert "…" not in shown
    for word in ("efficiency", "chsh", "gamma", "filter A", "agree", "notes", "0.05", "0.2"):
        assert word in shown


def test_a_file_gets_whole_rows(jaxent, study_file, quick_solve):
    lines = jaxent("run", study_file(MANY)).out.splitlines()
    [head] = [line for line in lines if "efficiency" in line and "chsh" in line]
    assert "filter B" in head
    assert "notes" in head


@pytest.mark.parametrize("command", ["machines", "state"])
def test_other_tables_are_as_narrow_as_the_terminal(command, jaxent, state_file, terminal):
    words = (command, state_file()) if command == "state" else (command,)
    terminal()
    assert max(map(len, plain(jaxent(*words).out).splitlines())) <= 80


def test_a_run_says_what_may_come_next_where_somebody_sees_it(
    jaxent, study_file, quick_solve, terminal
):
    path = study_file()
    assert jaxent("run", path).err == ""
    terminal()
    shown = jaxent("run", path, "--out", "out", "--json")
    assert "jaxent certify out certifies the steering of its states\n" in shown.err
    json.loads(shown.out)
    assert "certif" not in jaxent("run", path, "--out", "other", "--quiet").err
