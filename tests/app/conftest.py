"""Studies and states as files, and the command line run within the test's process."""

import copy
import os
import re
import sys
from typing import NamedTuple

import pytest
import yaml

STUDY = {
    "machine": {
        "kind": "two_qubit",
        "bath_a": {"statistics": "fermion", "gamma": 1, "temperature": -0.0},
        "bath_b": {"statistics": "fermion", "temperature": 0},
    },
    "free": {
        "g": {"low": 1e-3, "high": 1e2},
        "bath_b": {"gamma": {"low": 1e-2, "high": 1e2}},
        "filters": {"b": {}},
    },
    "objective": "chsh",
    "efficiency": {"values": [0.05, 0.2]},
    "constraints": ["g <= bath_a.gamma", "g <= bath_b.gamma"],
    "search": {"starts": 2, "steps": 5, "seed": 0, "rounds": 0},
}

STATE = {
    "machine": {
        "kind": "two_qubit",
        "g": 0.2,
        "bath_a": {"statistics": "fermion", "gamma": 1, "temperature": -0.0},
        "bath_b": {"statistics": "fermion", "gamma": 1, "temperature": 0},
    }
}


def changed(base: dict, changes: dict) -> dict:
    """The base with mappings merged and ``None`` as deletion."""
    result = copy.deepcopy(base)
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and value and isinstance(result.get(key), dict):
            result[key] = changed(result[key], value)
        else:
            result[key] = value
    return result


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def study_file(tmp_path):
    """Writes a study with changes and returns its path."""

    def write(changes=None, name="study.yaml"):
        path = tmp_path / name
        text = yaml.safe_dump(changed(STUDY, changes or {}), sort_keys=False)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def state_file(tmp_path):
    """Writes a state file with changes and returns its path."""

    def write(changes=None, name="state.yaml"):
        path = tmp_path / name
        path.write_text(yaml.safe_dump(changed(STATE, changes or {})), encoding="utf-8")
        return path

    return write


@pytest.fixture
def jaxent(capsys, monkeypatch, tmp_path):
    """Runs ``jaxent ...`` in an empty folder; returns exit code, output and error output."""
    from jaxent.app.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "_exit", sys.exit)  # how an interrupted run leaves at once

    def run(*words):
        with pytest.raises(SystemExit) as exit_:
            main([str(word) for word in words])
        return Outcome(exit_.value.code, *capsys.readouterr())

    return run


@pytest.fixture
def one_line():
    """Asserts that an outcome is a bad input, told in one line with the given words."""

    def check(outcome, *fragments):
        assert outcome.code == 2, outcome
        assert outcome.out == ""
        assert re.fullmatch(r"error: [^\n]+\n", outcome.err), outcome.err
        for fragment in fragments:
            assert fragment in outcome.err

    return check


@pytest.fixture
def quick_solve(monkeypatch):
    """Puts the middle of the search space, verified, in place of the optimum; counts the calls."""
    import numpy as np

    from jaxent import curves
    from jaxent.search.tradeoff import Optimum
    from jaxent.verification import verify

    solved = []

    def solve(study, progress):
        progress("climbing", 0.5)
        solved.append(study.variant)
        problem = study.problem
        point = np.array(problem.from_seed(np.full(problem.size, 0.5)))
        optima = [Optimum(p, point, 0.0, agreed=1, failed=0) for p in study.efficiencies]
        return [verify(study, optimum) for optimum in optima]

    monkeypatch.setattr(curves, "solve", solve)
    return solved
