"""``jaxent prove``: intervals, proof files, runs that gain a staircase, and what is refused."""

import json
import os
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from jaxent.app import devices, proofs, proven_runs, runs
from jaxent.app.files import InUse, held
from jaxent.app.proven_runs import with_proof
from jaxent.app.results import Failed
from tests.app.conftest import STUDY

WIDE = {"efficiency": {"values": [0.1, 0.2]}, "objective": "singlet_fraction", "constraints": []}


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(yaml.safe_dump(STUDY | WIDE))
    return path


def test_values_are_proven_written_and_verified(jaxent, study, tmp_path):
    out = tmp_path / "proof.json"
    found = jaxent("prove", study, "--width", "1e-4", "--out", out, "--json")
    assert found.code == 0, found.err
    points = json.loads(found.out)["points"]
    assert [point["efficiency"] for point in points] == [0.1, 0.2]
    for point in points:
        assert point["closed"]
        assert 0 < point["upper"] - point["lower"] <= 1.001e-4
    assert points[0]["upper"] > points[1]["upper"]
    assert not out.with_name("proof.json.partial").exists()
    checked = json.loads(jaxent("verify", out, "--json").out)
    assert checked["verified"]
    assert [claim["efficiency"] for claim in checked["claims"]] == [0.1, 0.2]

    again = jaxent("prove", study, "--out", out)
    assert again.code == 2
    assert "exists; allowed: a new file" in again.err

    text = out.read_text().replace('"upper":"', '"upper":"1', 1)
    out.write_text(text)
    refused = jaxent("verify", out)
    assert refused.code == 1
    assert "refused: digest" in refused.err


def test_what_an_interrupted_proof_has_kept_is_used(jaxent, study, tmp_path, monkeypatch):
    whole, out = tmp_path / "whole.json", tmp_path / "proof.json"
    words = ("prove", study, "--width", "1e-3")
    assert jaxent(*words, "--out", whole).code == 0
    right, asked = proofs.value_interval, []

    def interrupted(problem, efficiency, *rest):
        asked.append(float(efficiency))
        if len(asked) == 2:
            raise KeyboardInterrupt
        return right(problem, efficiency, *rest)

    monkeypatch.setattr(proofs, "value_interval", interrupted)
    stopped = jaxent(*words, "--out", out)
    assert stopped.code == 130
    assert "--resume continues" in stopped.err
    refused = jaxent(*words, "--out", out)
    assert refused.code == 2
    assert "--resume" in refused.err
    assert jaxent(*words, "--out", out, "--resume").code == 0
    assert asked == [0.1, 0.2, 0.2]
    assert out.read_bytes() == whole.read_bytes()


def test_a_proven_bound_is_above_every_point_of_a_run_and_is_shown():
    points = [
        {"variant": None, "efficiency": 0.1, "value": 0.8, "parameters": {}},
        {"variant": None, "efficiency": 0.2, "value": 0.7, "parameters": {}},
    ]
    bounds = [{"efficiency": 0.1, "lower": 0.8, "upper": 0.80001, "closed": True}]
    found = with_proof({"points": points}, [{"points": bounds}])
    assert found["points"][0]["proven"] == {"lower": 0.8, "upper": 0.80001}
    assert "proven" not in found["points"][1]
    below = [bounds[0] | {"lower": 0.80001, "upper": 0.80002}]
    found = with_proof({"points": points}, [{"points": below}])
    assert found["points"][0]["proven"]["beyond"] == 0.80001
    with pytest.raises(Failed, match="above the proven bound"):
        with_proof({"points": points}, [{"points": [bounds[0] | {"upper": 0.79}]}])


@pytest.fixture
def nothing_proven(monkeypatch):
    """Puts an empty proof in place of the work."""
    monkeypatch.setattr(proofs, "prove_study", lambda *arguments: ([], ""))


def test_what_others_put_beside_the_parts_of_a_proof_is_left_alone(jaxent, study):
    store = Path("proof.json.partial")
    words = ("prove", study, "--width", "1e-1", "--out", "proof.json", "--resume")
    store.mkdir()
    (store / "notes.txt").write_text("mine")
    assert jaxent(*words).code == 0
    assert [path.name for path in store.iterdir()] == ["notes.txt"]


def test_two_processes_do_not_write_the_same_proof(
    jaxent, study, nothing_proven, monkeypatch, one_line
):
    words = ("prove", study, "--out", "proof.json")
    store = Path("proof.json.partial")
    store.mkdir()
    with held(store / ".lock", "123"):
        for outcome in (jaxent(*words), jaxent(*words, "--resume")):
            one_line(outcome, "--out: process 123 is writing to proof.json.partial; allowed: ")

    @contextmanager
    def late(folder):
        Path("proof.json").write_text("of the other process")
        yield

    monkeypatch.setattr(proofs, "sole_folder", late)
    one_line(jaxent(*words), "--out: proof.json exists; allowed: a new file")


def test_a_proof_that_stored_nothing_leaves_nothing(jaxent, study, monkeypatch):
    def interrupt(*arguments):
        held_by.append(Path("proof.json.partial", ".lock").read_text())
        raise KeyboardInterrupt

    held_by = []
    monkeypatch.setattr(proofs, "value_interval", interrupt)
    outcome = jaxent("prove", study, "--out", "proof.json")
    assert (outcome.code, outcome.err) == (130, "error: interrupted; nothing was stored yet\n")
    assert held_by == [str(os.getpid())]
    assert [path.name for path in Path().iterdir()] == [study.name]


def test_the_run_that_gets_its_bounds_is_held_meanwhile(
    jaxent, study, quick_solve, quick_figure, nothing_proven, monkeypatch, one_line
):
    assert jaxent("run", study, "--out", "out").code == 0
    lock, written = Path("out", ".lock"), []
    with held(lock, "123"):
        outcome = jaxent("prove", study, "--run", "out")
        one_line(outcome, "--run: process 123 is writing to out; allowed: ")

    def write(*arguments, **options):
        with pytest.raises(InUse), held(lock):
            pass
        written.append(arguments)

    monkeypatch.setattr(runs, "write_results", write)
    assert jaxent("prove", study, "--run", "out").code == 0
    assert len(written) == 1
    assert not lock.exists()


def test_a_run_from_another_device_gets_its_bounds(
    jaxent, study, quick_solve, quick_figure, nothing_proven, monkeypatch
):
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(devices, "in_use", lambda: {"device": "abacus"})
        assert jaxent("run", study, "--out", "out").code == 0
    assert jaxent("prove", study, "--run", "out").code == 0
    assert json.loads(Path("out", "summary.json").read_text())["device"] == "abacus"


def test_bounds_are_those_of_the_run_that_is_there_once_it_is_held(
    jaxent, study, quick_solve, quick_figure, nothing_proven, monkeypatch, one_line
):
    assert jaxent("run", study, "--out", "out").code == 0

    @contextmanager
    def late(folder, option):
        Path(folder, "summary.json").unlink()
        yield

    monkeypatch.setattr(proven_runs, "sole_folder", late)
    one_line(jaxent("prove", study, "--run", "out"), "--run: out holds no finished run")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--width", "1"), "--width: 1 is given; allowed: from 1e-8 to 0.1"),
        (("--resume",), "--resume: given without --out"),
        (("--threshold", "--run", "somewhere"), "--run: a folder is given with --threshold"),
        (("--run", "nowhere"), "--run: nowhere holds no finished run"),
    ],
)
def test_options_that_make_no_sense_are_refused(jaxent, study, words, says):
    outcome = jaxent("prove", study, *words)
    assert outcome.code == 2
    assert says in outcome.err
