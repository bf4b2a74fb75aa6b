"""What ``jaxent state`` says, against closed forms."""

import json
import math

import numpy as np
import pytest
import yaml

# Full inversion, T_A = 0- and T_B = 0+, with gamma_A = gamma_B = 1: the populations are
# (s, s, 1 - 3s, s) with s = g^2 / (1 + 4 g^2), the coherence is s / g, and the singlet fraction
# 1/2 + (g - g^2) / (1 + 4 g^2) is largest at g = (sqrt(5) - 1) / 4.
GOLDEN = (math.sqrt(5) - 1) / 4
LARGEST_SINGLET_FRACTION = (3 + math.sqrt(5)) / 8

KEYS = {
    "machine",
    "filters",
    "dims",
    "rho",
    "efficiency",
    "log_efficiency",
    "measures",
    "thermodynamics",
    "diagnostics",
}
MEASURES = {
    "chsh",
    "singlet_fraction",
    "teleportation_fidelity",
    "concurrence",
    "negativity",
    "purity",
}
THERMODYNAMICS = {
    "heat_current_a",
    "heat_current_b",
    "entropy_production",
    "heat_current",
    "critical_heat_current",
}
DIAGNOSTICS = {
    "residual",
    "nullity",
    "min_eigenvalue",
    "sector_size",
    "spectral_gap",
    "warnings",
}


@pytest.fixture
def state(jaxent, state_file):
    def report(changes=None, *words):
        outcome = jaxent("state", state_file(changes), "--json", *words)
        assert (outcome.code, outcome.err) == (0, "")
        return json.loads(outcome.out)

    return report


def test_the_report_has_the_promised_keys(state):
    report = state()
    assert set(report) == KEYS
    assert set(report["measures"]) == MEASURES
    assert set(report["thermodynamics"]) == THERMODYNAMICS
    assert set(report["diagnostics"]) == DIAGNOSTICS
    assert report["dims"] == [2, 2]
    assert np.shape(report["rho"]["re"]) == np.shape(report["rho"]["im"]) == (4, 4)


def test_the_filters_in_the_report_are_those_of_the_file_or_the_machines_own(state):
    assert state()["filters"] == {"a": [1, 1], "b": [1, 1]}
    assert state({"filters": {"a": [1, 0.25]}})["filters"] == {"a": [1, 0.25], "b": [1, 1]}
    assert state({}, "--set", "filters.b=[0, 0.5]")["filters"] == {"a": [1, 1], "b": [0, 0.5]}


def test_full_inversion_reaches_the_golden_singlet_fraction(state):
    report = state({"machine": {"g": GOLDEN}})
    measures = report["measures"]
    fraction = LARGEST_SINGLET_FRACTION
    assert measures["singlet_fraction"] == pytest.approx(fraction, abs=1e-12)
    assert measures["teleportation_fidelity"] == pytest.approx((1 + 2 * fraction) / 3, abs=1e-12)
    assert measures["concurrence"] == pytest.approx(2 * fraction - 1, abs=1e-12)
    assert measures["negativity"] == pytest.approx(fraction - 0.5, abs=1e-12)
    assert (report["efficiency"], report["log_efficiency"]) == (1.0, 0.0)
    assert report["diagnostics"]["nullity"] == 1
    assert report["diagnostics"]["residual"] < 1e-15
    assert report["diagnostics"]["warnings"] == []


def test_the_machine_in_the_report_is_a_config_again(state, jaxent, tmp_path):
    report = state({"machine": {"bath_b": {"temperature": math.inf}}})
    machine = report["machine"]
    assert machine["kind"] == "two_qubit"
    assert machine["E_a"] == 1.0  # a default
    assert math.copysign(1, machine["bath_a"]["temperature"]) == -1
    assert machine["bath_b"]["temperature"] == math.inf
    path = tmp_path / "again.yaml"
    path.write_text(yaml.safe_dump({"machine": machine}))
    again = jaxent("state", path, "--json")
    assert json.loads(again.out) == report


def test_filters_herald_a_state_with_its_efficiency(state):
    plain = np.array(state()["rho"]["re"])
    report = state({"filters": {"a": [1, 0.5], "b": [0.3, 1]}})
    kraus = np.kron([1, 0.5], [0.3, 1])
    passed = kraus**2 @ np.diag(plain)
    assert report["efficiency"] == pytest.approx(passed, rel=1e-12)
    assert report["log_efficiency"] == pytest.approx(math.log(passed), rel=1e-12)
    assert np.diag(report["rho"]["re"]) == pytest.approx(kraus**2 * np.diag(plain) / passed)


def test_the_scale_of_a_filter_changes_the_efficiency_alone(state):
    one = state({"filters": {"b": [0.3, 1]}})
    tiny = state({"filters": {"b": [3e-201, 1e-200]}})
    assert tiny["rho"] == {
        part: [pytest.approx(row, abs=1e-14) for row in rows] for part, rows in one["rho"].items()
    }
    assert tiny["efficiency"] == 0.0  # below every double; its logarithm is not
    assert tiny["log_efficiency"] == pytest.approx(
        one["log_efficiency"] - 400 * math.log(10), rel=1e-12
    )


def test_a_broken_regime_is_warned_about_with_its_numbers(state):
    warnings = state({}, "--set", "g=2")["diagnostics"]["warnings"]
    assert warnings == [
        "g <= gamma_A does not hold: 2 > 1",
        "g <= gamma_B does not hold: 2 > 1",
    ]


def test_a_state_that_another_solver_does_not_confirm_is_warned_about(state):
    """Tunnelling 1e11 times faster than what decides the populations."""
    fast = [word for x in ("g=1e-4", "bath_b.gamma=1e-5", "kappa_a=1e6") for word in ("--set", x)]
    warnings = state({}, *fast)["diagnostics"]["warnings"]
    start = "ill-conditioned: in double precision the heralded state is off by"
    assert any(w.startswith(start) for w in warnings)
    assert any(w.startswith("|kappa_a| << E does not hold") for w in warnings)
    slow = [word for x in ("kappa_a=0.05", "bath_b.gamma=1e-2") for word in ("--set", x)]
    assert not any("ill-conditioned" in w for w in state({}, *slow)["diagnostics"]["warnings"])


def test_a_state_that_is_not_unique_is_not_printed(jaxent, state_file, one_line):
    path = state_file({"machine": {"g": 0, "bath_a": {"gamma": 0}}})
    outcome = jaxent("state", path, "--json")
    one_line(outcome, "machine (two_qubit): the steady state is not unique, 4 independent ones")
    assert "g = 0, bath_a.gamma = 0" in outcome.err
    assert "kappa" not in outcome.err  # off unless somebody asks for it


def test_filters_that_never_pass_are_refused(jaxent, state_file, one_line):
    # Uncoupled, the inverted qubit A is always excited.
    path = state_file({"machine": {"g": 0}, "filters": {"a": [1, 0]}})
    one_line(jaxent("state", path, "--json"), "filters: a = [1.0, 0.0]", "never let")


def test_several_files_give_one_line_each_in_order(jaxent, state_file):
    files = [state_file({"machine": {"g": g}}, f"{g}.yaml") for g in (0.3, 0.1, 0.2)]
    outcome = jaxent("state", *files, "--json", "--set", "bath_b.gamma=2")
    reports = [json.loads(line) for line in outcome.out.splitlines()]
    assert [report["machine"]["g"] for report in reports] == [0.3, 0.1, 0.2]
    assert {report["machine"]["bath_b"]["gamma"] for report in reports} == {2}


def test_one_bad_file_among_several_is_named_and_nothing_printed(jaxent, state_file, one_line):
    good, bad = state_file(name="good.yaml"), state_file({"machine": {"g": 0}}, name="bad.yaml")
    bad.write_text(bad.read_text().replace("gamma: 1", "gamma: 0"))
    one_line(jaxent("state", good, bad, "--json"), "bad.yaml: machine (two_qubit)")


def test_people_get_a_table(jaxent, state_file):
    outcome = jaxent("state", state_file({"machine": {"g": GOLDEN}}))
    assert outcome.code == 0
    assert f"{LARGEST_SINGLET_FRACTION:.6f}" in outcome.out
    assert "entropy production" in outcome.out
