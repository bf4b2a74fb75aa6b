"""Steering as what a study maximises: from a file to verified and certified results."""

import json

import numpy as np
import pytest
from scipy.optimize import brentq

from experiments.brask2022.equations import inverted_fermions
from jaxent.app.config import load_study
from jaxent.app.results import point_json
from jaxent.certify import certify_steering, dodecahedron
from jaxent.search import threshold
from jaxent.search.tradeoff import Optimum
from jaxent.verification import verify

STUDY = {
    "objective": "steering",
    "measurements": 3,
    "efficiency": {"values": [0.05]},
}


@pytest.mark.slow
def test_a_run_maximises_the_robustness_and_a_certificate_confirms_it(jaxent, study_file, tmp_path):
    changes = STUDY | {"search": {"starts": 2, "steps": 20}}
    outcome = jaxent("run", study_file(changes), "--out", "out", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    found = json.loads(outcome.out)
    assert (found["objective"], found["classical_bound"]) == ("steering", 0)
    assert found["maximum"] == pytest.approx(1 - 3**-0.5, abs=1e-9)
    (point,) = found["points"]
    certified = point["steering"]
    assert certified["q_lower"] - 1e-8 <= point["value"] <= certified["q_upper"] + 1e-8
    assert point["verified"]["value"] == pytest.approx(point["value"], abs=1e-8)
    assert point["value"] > 0
    assert not point["verified"]["trivial"]


def test_the_measurements_are_the_dodecahedrons_unless_given(study_file):
    (study,) = load_study(study_file({"objective": "steering"}))
    assert study.directions == study.certified == "dodecahedron"
    assert study.measure.maximum == pytest.approx((7 - 5**0.5) / 10, abs=1e-12)


def test_a_machine_of_one_coherence_is_searched_in_x_form_and_one_of_two_in_matrices(study_file):
    (study,) = load_study(study_file({"objective": "steering"}))
    assert study.problem.x_form
    parity = {
        "kind": "parity_qubits",
        "g": 0.1,
        "initial": "x_up_x_up",
        "bath_a": None,
        "bath_b": None,
        "bath_1": {"statistics": "boson", "chi": 0.01, "temperature": 0.1},
        "bath_2": {"statistics": "boson", "chi": 0.01, "temperature": 1},
    }
    changes = {"machine": parity, "free": None, "efficiency": None, "constraints": None}
    for objective, closed in (("chsh", True), ("steering", False)):
        (study,) = load_study(study_file({**changes, "objective": objective}))
        assert study.problem.x_form == closed


def test_the_value_is_that_of_a_certificate_of_the_same_measurements(study_file):
    (study,) = load_study(study_file(STUDY))
    outcome = study.problem.outcome([0.5, 0.5, 0.3], 0.05)
    certificate = certify_steering(outcome.heralded, 3)
    assert certificate.q_lower - 1e-8 <= outcome.value <= certificate.q_upper + 1e-8


@pytest.mark.slow
def test_the_threshold_is_where_a_certificate_of_the_filtered_state_changes_sign(
    jaxent, study_file, monkeypatch
):
    """Of a machine that only a filter on who measures makes steerable: one number decides."""
    monkeypatch.setattr(threshold, "_GRID", 6)
    monkeypatch.setattr(threshold, "_TOLERANCE", 1e-6)
    machine = {"g": 0.1, "bath_b": {"statistics": "fermion", "temperature": 0, "gamma": 0.5}}
    changes = STUDY | {
        "machine": machine,
        "free": {"g": None, "bath_b": None, "filters": {"b": None, "a": {}}},
        "constraints": None,
        "efficiency": None,
        "search": {"starts": 1, "steps": 3},
    }
    outcome = jaxent("threshold", study_file(changes), "--json")
    assert (outcome.code, outcome.err) == (0, "")
    found = json.loads(outcome.out)
    assert found["classical_bound"] == 0

    rho = inverted_fermions(0.1, 1, 0.5)

    def heralded(entry):
        whole = np.kron(np.diag([1, entry]), np.eye(2))
        filtered = whole @ rho @ whole
        return filtered, np.trace(filtered).real

    def robustness(entry, margin=0.0):
        filtered, efficiency = heralded(entry)
        return certify_steering(filtered / efficiency, 3).q - margin

    for margin, efficiency in {"0": found["threshold"], **found["with_margin"]}.items():
        edge = brentq(robustness, 0.2, 1, args=(float(margin),), xtol=1e-10)
        assert efficiency == pytest.approx(heralded(edge)[1], rel=1e-5)


@pytest.mark.slow
def test_free_measurements_become_better_than_the_dodecahedron(study_file):
    """One step along the slope, at known parameters of a fully inverted machine."""
    (study,) = load_study(study_file(STUDY | {"measurements": "free", "efficiency": None}))
    problem = study.problem
    point = np.full(problem.size, 0.5)
    first = problem.outcome(point, 1.0)
    np.testing.assert_allclose(first.axes, dodecahedron(), rtol=0, atol=1e-15)
    assert first.value == pytest.approx(certify_steering(first.heralded).q, abs=1e-8)
    _, slope = problem.score_and_slope(point, 1.0)
    point[-20:] += 0.01 * slope[-20:] / np.linalg.norm(slope[-20:])
    better = problem.outcome(point, 1.0)
    np.testing.assert_allclose(np.linalg.norm(better.axes, axis=1), 1, rtol=0, atol=1e-14)
    assert better.value > first.value + 1e-5
    # The certificate is of what was found.
    found = verify(study, Optimum(1.0, point, float(better.value), 1, 0))
    np.testing.assert_array_equal(found.directions, better.axes)
    assert found.steering.q == pytest.approx(float(better.value), abs=1e-8)
    assert point_json(found, None)["directions"] == better.axes.tolist()


def test_half_of_the_starts_know_the_dodecahedron(study_file):
    (study,) = load_study(study_file(STUDY | {"measurements": "free"}))
    problem = study.problem
    random = np.random.default_rng(0).uniform(size=(1, 8, problem.size))
    seeds = problem.first_seeds(random)
    known = [np.allclose(problem.axes(seed), dodecahedron(), atol=1e-15) for seed in seeds[0]]
    assert sum(known) == 4
    np.testing.assert_array_equal(seeds[..., :-20], random[..., :-20])


def test_other_objectives_have_no_measurements(jaxent, study_file, one_line):
    changes = {"objective": "chsh", "measurements": "free"}
    one_line(jaxent("run", study_file(changes)), "measurements: 'free' is given for the objective")
    changes = {"objective": "steering", "measurements": 13}
    one_line(jaxent("run", study_file(changes)), "measurements: 13 is given; allowed: free, ")
