"""The command line as a whole: commands, exit codes."""

import errno
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from jaxent import __version__, curves
from jaxent.app.cli import main
from jaxent.machines import MACHINES
from jaxent.search.threshold import MARGINS, Threshold


def test_help_names_the_commands(jaxent):
    outcome = jaxent("--help")
    assert outcome.code == 0
    for command in ("run", "state", "threshold", "certify", "verify", "explore", "machines"):
        assert command in outcome.out


def test_help_is_quick():
    # Nothing heavy is imported before a command needs it.
    heavy = ["cvxpy", "xarray", "matplotlib", "pydantic", "h5netcdf"]
    code = f"""
import sys
from jaxent.app.cli import main
try:
    main(["--help"])
except SystemExit:
    print([name for name in {heavy} if name in sys.modules])
"""
    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert outcome.stdout.splitlines()[-1] == "[]", outcome.stderr


VERSION = """
import sys
import jaxent_command
sys.argv[1:] = ["--version"]
jaxent_command.main()
print("jax" in sys.modules, file=sys.stderr)
"""


def test_the_version_is_told_without_importing_jax(jaxent):
    outcome = subprocess.run([sys.executable, "-c", VERSION], capture_output=True, text=True)
    assert (outcome.stdout, outcome.stderr) == (f"{__version__}\n", "False\n")
    assert jaxent("--version") == (0, f"{__version__}\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_version_that_cannot_be_written_is_a_failure():
    with Path("/dev/full").open("w") as full:
        process = [sys.executable, "-c", VERSION]
        outcome = subprocess.run(process, stdout=full, stderr=subprocess.PIPE, text=True)
    assert outcome.returncode == 1
    assert outcome.stderr == "error: standard output: No space left on device\n"


def test_an_output_that_is_no_file_may_fail_as_well(monkeypatch):
    class Notebook(io.StringIO):
        def write(self, text):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Notebook())
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 1
    assert sys.stderr.getvalue() == "error: standard output: No space left on device\n"


@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        ((), "Missing command"),
        (("fly",), "No such command 'fly'"),
        (("run",), "Missing argument"),
        (("run", "study.yaml", "--fast"), "No such option: --fast"),
        (("run", "absent.yaml"), "absent.yaml: No such file or directory"),
        (("threshold", "absent.yaml"), "absent.yaml: No such file or directory"),
        (("state", "absent.yaml"), "absent.yaml: No such file or directory"),
        (("certify", "absent.json"), "absent.json: No such file or directory"),
        (("reproduce", "brask2022.fgi6"), "jaxent reproduce lists; did you mean brask2022.fig6?"),
        (("bench", "--only", "curv"), "; did you mean curve?"),
    ],
)
def test_a_wrong_command_line_is_told_in_one_line(words, fragment, jaxent, one_line, tmp_path):
    one_line(jaxent(*words), fragment)
    assert list(tmp_path.iterdir()) == []


def test_a_file_over_a_mebibyte_is_refused(jaxent, tmp_path, one_line):
    path = tmp_path / "large.yaml"
    path.write_text("#" * (2**20 + 1))
    for command in ("run", "threshold", "state", "certify"):
        one_line(jaxent(command, path), "large.yaml: the file is too large; allowed: at most 104")
    runs = tmp_path / "large.json"
    with runs.open("wb") as file:
        file.truncate(2**25 + 1)
    one_line(jaxent("certify", runs), "too large; allowed: at most 33554432 bytes (32 MiB)")


def test_the_machines_are_listed_with_what_they_take(jaxent):
    outcome = jaxent("machines", "--json")
    assert outcome.code == 0
    machines = {machine["kind"]: machine for machine in json.loads(outcome.out)}
    assert set(machines) == set(MACHINES)
    two_qubit = machines["two_qubit"]
    assert two_qubit["valid"].startswith("Valid where dissipation is local: g ≲ γ_A")
    parameters = {p["name"]: p for p in two_qubit["parameters"]}
    assert parameters["bath_a.statistics"]["choices"] == ["boson", "fermion"]
    assert parameters["bath_a.temperature"]["instead_of"] == "bath_a.occupation"
    assert parameters["E_a"] == {
        "name": "E_a",
        "meaning": "gap of qubit A",
        "allowed": "a finite number > 0",
        "default": 1.0,
        "low": 0.0,
        "high": float("inf"),
        "integer": False,
        "choices": [],
        "several": [],
        "entries": "",
        "instead_of": None,
    }
    table = jaxent("machines")
    assert table.code == 0
    for kind, machine in MACHINES.items():
        assert f"{kind}: " in table.out
        assert all(p.name in table.out for p in machine.parameters)


@pytest.fixture
def quick_thresholds(monkeypatch):
    """Stands in for the search: thresholds that shrink with the margin, without points."""

    def solve_thresholds(study, progress):
        progress("climbing", 0.5)
        margins = (0.0, *MARGINS)
        return [(Threshold(m, 0.25 / (1 + m) if m < 0.05 else 0.0, None), None) for m in margins]

    monkeypatch.setattr(curves, "solve_thresholds", solve_thresholds)


def test_thresholds_are_told_with_their_margins(jaxent, study_file, quick_thresholds):
    outcome = jaxent("threshold", study_file(), "--json")
    assert outcome.code == 0
    found = json.loads(outcome.out)
    assert set(found) == {"threshold", "classical_bound", "with_margin", "at_bound"}
    assert found["threshold"] == pytest.approx(0.25)
    assert found["classical_bound"] == 2.0
    assert list(found["with_margin"]) == ["1e-1", "1e-2", "1e-3", "1e-4", "1e-6"]
    assert found["with_margin"]["1e-2"] == pytest.approx(0.25 / 1.01)
    assert found["with_margin"]["1e-1"] == 0.0
    assert found["at_bound"] == []


def test_thresholds_of_variants_come_one_a_line(jaxent, study_file, quick_thresholds):
    path = study_file({"variants": {"one": {}, "two": {}}})
    lines = jaxent("threshold", path, "--json").out.splitlines()
    assert [json.loads(line)["variant"] for line in lines] == ["one", "two"]
    table = jaxent("threshold", path)
    assert table.code == 0
    assert "none found from 1e-06 upwards" in table.out


def test_a_threshold_needs_a_free_filter(jaxent, study_file, quick_thresholds, one_line):
    path = study_file({"free": {"filters": None}, "efficiency": None})
    one_line(jaxent("threshold", path), "filters: nothing filters; allowed: free: {filters.a: {}}")


def test_a_failed_solver_is_exit_code_1(jaxent, study_file, monkeypatch):
    def solve_thresholds(study, progress):
        raise RuntimeError("steering program for spread-2:\nno solution")

    monkeypatch.setattr(curves, "solve_thresholds", solve_thresholds)
    outcome = jaxent("threshold", study_file(), "--json")
    assert outcome == (1, "", "error: steering program for spread-2: no solution\n")
