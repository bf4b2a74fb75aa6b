"""The how-to's machine, in every command, without a line in the package that knows of it."""

import importlib.util
import json
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
import yaml

from jaxent.machines import MACHINES
from jaxent.machines.registry import GROUP

HOW_TO = Path(__file__).parents[2] / "docs" / "pages" / "how-to" / "shared_loss.py"

STATE = {"machine": {"kind": "shared_loss", "g": 1, "pump": 1, "shared": 2}}
STUDY = {
    "machine": {"kind": "shared_loss", "pump": 1.0, "shared": 0.1},
    "free": {"g": {"low": 0.1, "high": 10}, "filters.b": {}},
    "objective": "concurrence",
    "efficiency": {"values": [0.3]},
    "search": {"starts": 4, "steps": 20, "rounds": 0},
}


@pytest.fixture
def shared_loss(monkeypatch):
    """The how-to's module, run as a script would run it."""
    monkeypatch.setattr(MACHINES, "_registered", {})
    spec = importlib.util.spec_from_file_location("shared_loss", HOW_TO)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def written(tmp_path):
    def write(content):
        path = tmp_path / "file.yaml"
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return path

    return write


@pytest.fixture
def offered(monkeypatch, tmp_path):
    """Offers machines as installed packages do, each by the text of its module."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(MACHINES, "_registered", {})

    def offer(**modules):
        points = {}
        for kind, text in modules.items():
            (tmp_path / f"of_{kind}.py").write_text(text, encoding="utf-8")
            points[kind] = [EntryPoint(kind, f"of_{kind}:Mine", GROUP)]
            monkeypatch.delitem(sys.modules, f"of_{kind}", raising=False)
        monkeypatch.setitem(vars(MACHINES), "_offered", points)

    return offer


def textbook_state(g, pump, loss, shared):
    """The null vector of the Liouvillian on column-stacked states."""
    lower, one = np.array([[0, 1], [0, 0]]), np.eye(2)
    a, b = np.kron(lower, one), np.kron(one, lower)
    h = g * (a.T @ b + b.T @ a)
    eye = np.eye(4)
    total = -1j * (np.kron(eye, h) - np.kron(h.T, eye))
    for rate, jump in ((pump, a.T), (loss, b), (shared, a + b)):
        gone = jump.T @ jump / 2
        total += rate * (np.kron(jump, jump) - np.kron(eye, gone) - np.kron(gone.T, eye))
    rho = np.linalg.svd(total)[2][-1].conj().reshape(4, 4).T
    return rho / np.trace(rho)


def test_the_how_to_takes_about_thirty_lines():
    lines = [line for line in HOW_TO.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(lines) <= 35


def test_a_machine_of_ones_own_has_its_state(shared_loss, jaxent, written):
    outcome = jaxent("state", written(STATE), "--json")
    assert outcome.code == 0, outcome
    report = json.loads(outcome.out)
    rho = np.array(report["rho"]["re"]) + 1j * np.array(report["rho"]["im"])
    np.testing.assert_allclose(rho, textbook_state(1, 1, 1, 2), atol=1e-12)
    assert report["machine"] == {**STATE["machine"], "loss": 1.0}


def test_a_machine_of_ones_own_is_listed_with_its_parameters(shared_loss, jaxent):
    listed = {entry["kind"]: entry for entry in json.loads(jaxent("machines", "--json").out)}
    names = [parameter["name"] for parameter in listed["shared_loss"]["parameters"]]
    assert names == ["g", "pump", "loss", "shared"]


def test_what_it_does_not_allow_is_refused(shared_loss, jaxent, one_line, written):
    wrong = {"machine": {**STATE["machine"], "shared": -1}}
    one_line(jaxent("state", written(wrong)), "machine.shared: -1 is given; allowed: a finite")


def test_a_machine_of_ones_own_is_verified_and_stored(shared_loss, jaxent, written, quick_solve):
    outcome = jaxent("run", written(STUDY), "--out", "run", "--json")
    assert outcome.code == 0, outcome
    [point] = json.loads(outcome.out)["points"]
    assert point["verified"]["residual"] < 1e-12
    assert point["verified"]["value"] == pytest.approx(point["value"], abs=1e-9)


@pytest.mark.slow
def test_a_machine_of_ones_own_is_searched(shared_loss, jaxent, written):
    outcome = jaxent("threshold", written(STUDY), "--json")
    assert outcome.code == 0, outcome
    assert json.loads(outcome.out)["threshold"] > 0.3


# machines that fail


FAULTS = {
    "KeyError: 'rate'": lambda self: {}["rate"],
    "ZeroDivisionError: division by zero": lambda self: [self.g, 1 / 0],
    "ValueError: coefficients: 3 are given": lambda self: [self.g, self.pump, self.loss],
}


@pytest.mark.parametrize("reason", FAULTS)
def test_a_fault_of_a_machine_is_not_called_one_of_jaxent(
    reason, shared_loss, jaxent, written, monkeypatch
):
    monkeypatch.setattr(shared_loss.SharedLoss, "coefficients", FAULTS[reason])
    outcome = jaxent("state", written(STATE))
    assert outcome.code == 1
    told = f"error: machine shared_loss (shared_loss.SharedLoss) fails ({reason}"
    assert outcome.err.startswith(told)
    assert outcome.err.endswith("; JAXENT_DEBUG=1 shows where\n")
    assert outcome.err.count("\n") == 1


def test_what_a_machine_itself_refuses_bears_its_name(
    shared_loss, jaxent, one_line, written, monkeypatch
):
    def refuse(cls, fixed, free):
        raise ValueError("shared: 0.1 is given; allowed: more than g")

    monkeypatch.setattr(shared_loss.SharedLoss, "refuse_ranges", classmethod(refuse))
    outcome = jaxent("run", written(STUDY), "--out", "run")
    one_line(outcome, "machine shared_loss (shared_loss.SharedLoss): shared: 0.1 is given; allowed")


# packages that are broken


BROKEN = {
    "raising": ("1 / 0", "ZeroDivisionError: division by zero"),
    "leaving": ("import sys; sys.exit('no licence')", "SystemExit: no licence"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_package_is_listed_with_its_reason_among_the_others(kind, offered, jaxent):
    text, reason = BROKEN[kind]
    offered(**{kind: text})
    report = {entry["kind"]: entry for entry in json.loads(jaxent("machines", "--json").out)}
    told = f"machine {kind}: of_{kind}:Mine cannot be imported: {reason}"
    assert report[kind] == {"kind": kind, "broken": told}
    assert report["two_qubit"]["parameters"]
    outcome = jaxent("machines")
    assert outcome.code == 0
    assert f"{kind}: broken: {told}" in outcome.out
    assert "two_qubit: " in outcome.out


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_package_stops_those_alone_who_ask_for_it(kind, offered, jaxent, written):
    text, reason = BROKEN[kind]
    offered(**{kind: text})
    outcome = jaxent("state", written({"machine": {"kind": kind}}))
    told = f"error: machine {kind}: of_{kind}:Mine cannot be imported: {reason}\n"
    assert outcome == (1, "", told)
    thermal = {"machine": {"kind": "thermal", "g": 1, "temperature": 1}}
    assert jaxent("state", written(thermal)).code == 0


def test_the_sites_reference_lists_the_packages_own_machines_alone(offered, shared_loss):
    import reference

    offered(raising="1 / 0")
    text = reference.machines()
    assert "## `two_qubit`" in text
    assert not any(kind in text for kind in ("raising", "shared_loss"))
