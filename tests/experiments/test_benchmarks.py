"""The benchmarks run, and whoever is compared agrees; how fast anyone is, no test says."""

import json
import sys

import numpy as np
import pytest

from jaxent.app import bench
from jaxent.app.cli import main
from jaxent.app.errors import InputError

report = bench.report_module()
timing = sys.modules["timing"]


def quietly(stage, fraction):
    assert 0 <= fraction <= 1


@pytest.mark.slow
@pytest.mark.parametrize("name", report.NAMES)
def test_every_benchmark_runs_and_its_contenders_agree(name, tmp_path):
    """A contender that disagrees is an error, not a row."""
    results = bench.run_benchmarks([name], quick=True, out=tmp_path, progress=quietly)
    result = results["benchmarks"][name]
    assert all(row["seconds"]["median"] > 0 for row in result.get("rows", ()))
    assert json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))["quick"]
    drawn = {path.suffix for path in tmp_path.glob(f"{name}.p*")}
    script = report.import_module(name)
    assert drawn == ({".png", ".pdf"} if hasattr(script, "draw") else set())
    assert script.tables(result)


# what the benchmarks stand on


def contender(name, result, seen=np.asarray):
    return timing.Contender(name, lambda: result, len(result), seen, tolerance=1e-3)


def test_who_disagrees_is_an_error_and_no_row():
    ours = contender("ours", np.array([1.0, 2.0]))
    with pytest.raises(timing.Disagreement, match=r"theirs differs by 0\.1; allowed: 0\.001"):
        timing.compare("task", 2, [ours, contender("theirs", np.array([1.0, 2.1]))], timing.QUICK)
    with pytest.raises(timing.Disagreement):
        timing.compare("task", 2, [ours, contender("none", np.array([np.nan]))], timing.QUICK)


def test_who_solves_fewer_is_compared_with_the_first_ones():
    rows = timing.compare(
        "task",
        3,
        [contender("ours", np.array([1.0, 2.0, 3.0])), contender("few", np.array([1.0]))],
        timing.QUICK,
    )
    assert [row["items"] for row in rows] == [3, 1]
    assert rows[0]["ratio"]["median"] == 1


def test_contenders_take_turns():
    order = []
    calls = [lambda: order.append("a"), lambda: order.append("b")]
    turns = timing.alternate(calls, timing.Plan(rounds=3, sample=0.0, limit=60.0))
    assert order == ["a", "b"] * 4  # the first round says how long a call takes
    assert [len(turn.seconds) for turn in turns] == [3, 3]


def test_a_peer_that_is_not_installed_is_reported(capsys):
    assert timing.absent("jaxent", "no_such_package") == ["no_such_package"]
    assert list(report.notes({"absent": ["no_such_package"]})) == [
        "absent, and so not compared: no_such_package"
    ]


def test_the_machine_is_described():
    computer = timing.machine()
    assert computer["cores"] >= 1
    assert {"python", "numpy", "jax", "jaxlib", "jaxent"} <= set(computer["versions"])


# the command


def test_where_there_are_no_benchmarks_the_command_says_so(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(bench, "_FOLDER", tmp_path)
    with pytest.raises(SystemExit) as end:
        main(["bench"])
    assert end.value.code == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "clone" in error


def test_an_unknown_benchmark_is_refused():
    with pytest.raises(InputError, match="allowed: two_qubit, "):
        bench.run_benchmarks(["speed"], quick=True, out=None, progress=quietly)
