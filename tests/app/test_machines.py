"""Every kind of machine, from a YAML file to a state and to an optimum, against its paper."""

import json
import math
import shutil

import numpy as np
import pytest
import xarray as xr
import yaml
from scipy.optimize import minimize_scalar

from experiments.khandelwal2020 import equations as khandelwal2020
from experiments.longstaff2025 import equations as longstaff2025
from experiments.master_equation import filtered, steady_state
from experiments.tacchino2018 import equations as tacchino2018
from experiments.tavakoli2018 import equations as tavakoli2018
from jaxent import independent
from jaxent.machines import MACHINES
from tests.app.configs import dumped
from tests.measures import textbook
from tests.search.studies import compiled_quickly

INF = math.inf

# What a state file says of each kind, and the same state by the master equation of its paper.


def two_qubit():
    hot, cold = (khandelwal2020.bosonic_rates(1.0, 1.0, T) for T in (2.0, 0.3))
    return khandelwal2020.steady_state(0.2, hot, cold, 0.0)


def two_qubit_global():
    hot, cold = (
        [khandelwal2020.bosonic_rates(1e-3, energy, T) for energy in (0.5, 1.5)] for T in (2.0, 0.3)
    )
    return steady_state(khandelwal2020.global_liouvillian(0.5, 1.0, hot, cold))


def parity_qubits():
    baths = [longstaff2025.Bath("spin", 5e-3, 2.0), longstaff2025.Bath("spin", 1.5e-2, 0.3)]
    return steady_state(longstaff2025.liouvillian(1.0, baths, 1e-3, (1e-4, 1e-4)))


def without_12():
    g, Gamma_A, Gamma_B = (1.6e-3, 1.6e-3, 0.0), 1e-4, 5e-3
    return tavakoli2018.fluxonium(g, 3.0, Gamma_A, Gamma_B, 3.5e-5, 1.0, 0.1, ("01", "02"))


FLUXONIUM = {
    "g1": 1.6e-3,
    "g2": 1.6e-3,
    "epsilon": 3,
    "gamma_a": 1e-4,
    "gamma_b": 5e-3,
    "dephasing": 3.5e-5,
    "temperature_a": 1,
    "temperature_b": 0.1,
    "channels_b": "without 12",
}
CAVITY = {"g1": 1, "g2": 1, "kappa": 3, "pump_1": 1e-3, "pump_2": 1e-3, "gamma": 1e-3, "photons": 3}

STATES = {
    "two_qubit": (
        {
            "g": 0.2,
            "bath_a": {"statistics": "boson", "gamma": 1, "temperature": 2},
            "bath_b": {"statistics": "boson", "gamma": 1, "temperature": 0.3},
        },
        two_qubit,
    ),
    "two_qubit_global": (
        {
            "g": 0.5,
            "bath_a": {"statistics": "boson", "gamma": 1e-3, "temperature": 2},
            "bath_b": {"statistics": "boson", "gamma": 1e-3, "temperature": 0.3},
        },
        two_qubit_global,
    ),
    "thermal": (
        {"g": 1.5, "temperature": 0.3},
        lambda: khandelwal2020.thermal_state(1.5, 1.0, 0.3),
    ),
    "parity_qubits": (
        {
            "g": 1,
            "bath_1": {"statistics": "spin", "chi": 5e-3, "temperature": 2},
            "bath_2": {"statistics": "spin", "chi": 1.5e-2, "temperature": 0.3},
            "gamma_collective": 1e-3,
            "gamma_local_1": 1e-4,
            "gamma_local_2": 1e-4,
        },
        parity_qubits,
    ),
    "qudit_reset": (
        {"g": 0.1, "p_a": 0.01, "p_b": 1},
        lambda: steady_state(tavakoli2018.qudits([0.1, 0.1], 0.01, 1.0)),
    ),
    "one_step_reset": (
        {"d": 3, "g": [0.5, 0.1], "p_a": 0.1, "p_b": 1},
        lambda: steady_state(tavakoli2018.one_step([0.5, 0.1], 0.1, 1.0)),
    ),
    "qubit_reset": (
        {"g": 0.1, "p_a": 0.3, "p_b": 0.4, "temperature_a": -0.0, "temperature_b": 0},
        lambda: tavakoli2018.state_g3(0.1, 0.3, 0.4),
    ),
    "qubit_qutrit_reset": (
        {"g1": 0.1, "g2": 1, "p_a": 0.3, "p_b": 0.1, "temperature_a": -0.0, "temperature_b": 0},
        lambda: steady_state(tavakoli2018.qubit_qutrit(0.1, 1.0, 0.3, 0.1, -0.0, 0.0)),
    ),
    "fluxonium": (FLUXONIUM, lambda: steady_state(without_12())),
    "collective_qubits": (
        {"beta_a": -1, "beta_s": 3},
        lambda: steady_state(tacchino2018.thermal_collective(-1, 3)),
    ),
    "cavity_qubits": (
        CAVITY,
        lambda: tacchino2018.reduced(
            steady_state(tacchino2018.cavity(1, 1, 3, 1e-3, 1e-3, 1e-3, photons=3))
        ),
    ),
}

PROJECTORS = {
    "qudit_reset": ([1, 1, 0], [0, 1, 1]),
    "one_step_reset": ([1, 1, 0], [0, 1, 1]),
    "fluxonium": ([1, 1, 0], [0, 1, 1]),
}
"""Of d = 2, of d = 3 and of fluxonium: tavakoli2018 (5), (E2), App. F."""

TARGETS = {
    # (|02> + |11>)/sqrt(2) among |01>, |02>, |11>, |12>, (7); the dark state of (8)
    "qudit_reset": [0, 1, 1, 0],
    "fluxonium": [0, 1, 1, 0],
    "cavity_qubits": [0, -1, 1, 0],
}

KEYS = {
    "machine",
    "dims",
    "rho",
    "efficiency",
    "log_efficiency",
    "measures",
    "thermodynamics",
    "filters",
    "diagnostics",
}
TWO_QUBITS = {"chsh", "singlet_fraction", "teleportation_fidelity", "concurrence"}
HEAT = {"heat_current_a", "heat_current_b", "entropy_production", "heat_current"}
WITHOUT_HEAT = {"thermal", "one_step_reset", "cavity_qubits"}
CRITICAL = {"two_qubit", "two_qubit_global"}


@pytest.fixture(scope="module", autouse=True)
def _briefly():
    with compiled_quickly():
        yield


@pytest.fixture
def state(jaxent, tmp_path):
    """What ``jaxent state --json`` says of a machine."""

    def report(kind, machine, **others):
        path = tmp_path / f"{kind}.yaml"
        path.write_text(dumped({"machine": {"kind": kind, **machine}, **others}))
        return jaxent("state", path, "--json")

    return report


@pytest.fixture
def run(jaxent, tmp_path, monkeypatch):
    """``jaxent run --json`` of a brief search, without the figure, which takes as long."""
    monkeypatch.setattr("jaxent.app.runs.write_figure", lambda folder, summary: [])

    def solve(kind, machine, objective="negativity", **others):
        search = {"starts": 4, "steps": 20, "seed": 0, "rounds": 0}
        config = {"machine": {"kind": kind, **machine}, "objective": objective, "search": search}
        path = tmp_path / f"{kind}.yaml"
        path.write_text(dumped(config | others))
        return jaxent("run", path, "--json")

    return solve


@pytest.fixture
def optimum(run):
    """The one point of a run, which is verified."""

    def found(*study, **others):
        outcome = run(*study, **others)
        assert (outcome.code, outcome.err) == (0, "")
        (point,) = json.loads(outcome.out)["points"]
        verified = point["verified"]
        assert verified["residual"] < 1e-10
        assert verified["nullity"] == 1 or study[0] == "parity_qubits"
        assert verified["value"] == pytest.approx(point["value"], abs=1e-9)
        assert verified["efficiency"] >= point["efficiency"] * (1 - 1e-9)
        return point

    return found


def matrix(rho):
    return np.array(rho["re"]) + 1j * np.array(rho["im"])


def log(low, high):
    return {"low": low, "high": high, "scale": "log"}


# states


def test_every_kind_of_machine_is_here():
    assert set(STATES) == set(MACHINES)


@pytest.mark.parametrize("kind", STATES)
def test_the_state_of_every_kind_is_that_of_its_paper(kind, state):
    machine, reference = STATES[kind]
    outcome = state(kind, machine)
    assert (outcome.code, outcome.err) == (0, "")
    report = json.loads(outcome.out)
    assert set(report) == KEYS
    a, b = PROJECTORS.get(kind, (np.ones(2), np.ones(3 if kind == "qubit_qutrit_reset" else 2)))
    expected, efficiency = filtered(reference(), a, b)
    kept = np.flatnonzero(np.kron(a, b))
    assert report["dims"] == [sum(map(bool, a)), sum(map(bool, b))]
    rho = matrix(report["rho"])
    np.testing.assert_allclose(rho, expected[np.ix_(kept, kept)], rtol=0, atol=1e-10)
    assert report["efficiency"] == pytest.approx(efficiency, rel=1e-9)
    assert report["log_efficiency"] == pytest.approx(math.log(report["efficiency"]), abs=1e-14)

    measures = report["measures"]
    two_qubits = report["dims"] == [2, 2]
    assert set(measures) - {"fidelity_target"} == TWO_QUBITS | {"negativity", "purity"}
    assert all((measures[name] is not None) == two_qubits for name in TWO_QUBITS)
    assert measures["purity"] == pytest.approx(np.trace(rho @ rho).real, abs=1e-12)
    if two_qubits:
        assert measures["negativity"] == pytest.approx(textbook.negativity(rho), abs=1e-9)
        assert measures["chsh"] == pytest.approx(textbook.chsh(rho), abs=1e-9)
    assert ("fidelity_target" in measures) == (kind in TARGETS)
    if kind in TARGETS:
        target = np.array(TARGETS[kind]) / np.sqrt(2)
        fidelity = (target @ rho @ target).real
        assert measures["fidelity_target"] == pytest.approx(fidelity, abs=1e-12)

    heat = report["thermodynamics"]
    assert set(heat) == HEAT | {"critical_heat_current"}
    assert all((heat[name] is None) == (kind in WITHOUT_HEAT) for name in HEAT)
    assert (heat["critical_heat_current"] is not None) == (kind in CRITICAL)
    if kind not in WITHOUT_HEAT:
        assert heat["entropy_production"] > 0
        difference = heat["heat_current_a"] - heat["heat_current_b"]
        assert heat["heat_current"] == pytest.approx(difference, rel=1e-12)
    assert report["diagnostics"]["residual"] < 1e-12
    assert report["diagnostics"]["nullity"] == 1


def test_a_target_that_is_undefined_is_null(state):
    """Without a coupling there is no state that the machine is meant to herald."""
    outcome = state("qudit_reset", {"g": 0, "p_a": 0.1, "p_b": 1}, filters={"b": [1, 1, 1]})
    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out)["measures"]["fidelity_target"] is None


ALL, WITHOUT = ["01", "02", "12"], ["01", "02"]


@pytest.mark.parametrize(
    ("spelling", "channels"),
    [
        ("all", ALL),
        ("without 12", WITHOUT),
        (["01", "02"], WITHOUT),
        ([1, 2], WITHOUT),  # how YAML reads [01, 02]
        (["01", 12], ["01", "12"]),
    ],
    ids=str,
)
def test_the_channels_of_a_bath_may_be_spelt_in_words_and_in_digits(spelling, channels, tmp_path):
    from jaxent.app.config import load_state

    path = tmp_path / "state.yaml"
    path.write_text(yaml.safe_dump({"machine": FLUXONIUM | {"kind": "fluxonium"}}))
    request = load_state(path, [f"channels_b={yaml.safe_dump(spelling, default_flow_style=True)}"])
    assert request.parameters["channels_b"] in (channels, spelling)
    assert list(request.machine.channels_b) == channels


BATHS = {
    "bath_1": {"statistics": "spin", "chi": 5e-3, "temperature": 2},
    "bath_2": {"statistics": "spin", "chi": 1.5e-2, "temperature": 0.3},
}
NOISELESS = {"g": 1, **BATHS}
GLOBAL = STATES["two_qubit_global"][0]
QUDITS = {"g": 0.1, "p_a": 0.01, "p_b": 1}
INVERTED_BOSONS = {"statistics": "boson", "gamma": 1e-3, "temperature": -1}
NO_INVERSION = "temperature: -1 is given; allowed: a bosonic bath has no inverted populations"

BAD_STATES = [
    ("fluxonium", FLUXONIUM, {"channels_b": []}, "machine.channels_b: [] is given; allowed: all"),
    ("fluxonium", FLUXONIUM, {"channels_b": ["01", "01"]}, "machine.channels_b: ['01', '01']"),
    ("fluxonium", FLUXONIUM, {"channels_b": "without"}, "machine.channels_b: 'without' is given"),
    ("fluxonium", FLUXONIUM, {"channels_b": "without 03"}, "machine.channels_b: 'without 03'"),
    ("fluxonium", FLUXONIUM, {"temperature_a": -1}, "machine.temperature_a: -1 is given"),
    ("fluxonium", FLUXONIUM, {"temperature_b": -0.0}, "temperature_b: -0.0 is given; allowed: a"),
    ("two_qubit_global", GLOBAL, {"bath_a": INVERTED_BOSONS}, f"machine.bath_a.{NO_INVERSION}"),
    ("two_qubit_global", GLOBAL, {"g": 1}, "g: 1.0 is given; allowed: in [0, E) with E = 1.0"),
    ("parity_qubits", NOISELESS, {}, "initial: without noise the steady state depends on the ini"),
    (
        "parity_qubits",
        NOISELESS,
        {"bath_1": {"statistics": "boson", "chi": 1e-3, "temperature": -1}},
        f"machine.bath_1.{NO_INVERSION}",
    ),
    (
        "parity_qubits",
        NOISELESS,
        {"initial": "x_up_x_up", "mu": 0.5},
        "machine: both initial and mu are given; allowed: at most one of initial and mu",
    ),
    ("parity_qubits", NOISELESS, {"initial": "up"}, "machine.initial: 'up' is given; allowed: x_"),
    ("parity_qubits", NOISELESS, {"mu": 1.5}, "machine.mu: 1.5 is given; allowed: a number in [0"),
    ("cavity_qubits", CAVITY, {"photons": 2.5}, "machine.photons: 2.5 is given; allowed: an int"),
    ("qudit_reset", QUDITS, {"d": 1}, "machine.d: 1 is given; allowed: an integer >= 2"),
    (
        "qudit_reset",
        QUDITS,
        {"g": [1, 1, 1]},
        "g: 3 numbers are given; allowed: one, or a list of 2",
    ),
    ("one_step_reset", QUDITS, {}, "g: 0.1 is given; allowed: a list of d - 1"),
    ("collective_qubits", {"beta_a": 1, "beta_s": 2}, {"pump": 0}, "machine.pump: 0 is given"),
]


@pytest.mark.parametrize(
    ("kind", "machine", "change", "fragment"), BAD_STATES, ids=lambda x: str(x)[:60]
)
def test_what_a_machine_does_not_allow_is_refused_in_one_line(
    kind, machine, change, fragment, state, one_line
):
    one_line(state(kind, machine | change), f"{kind}.yaml: ", fragment)


def test_too_few_photons_are_refused_with_the_population_that_says_so(state, one_line):
    machine = CAVITY | {"kappa": 0.5, "pump_1": 0.3, "pump_2": 0.3}
    full = steady_state(tacchino2018.cavity(1, 1, 0.5, 0.3, 0.3, 1e-3, photons=3))
    highest = np.trace(full.reshape(4, 4, 4, 4)[:, 3, :, 3]).real
    assert highest > 1e-4
    one_line(state("cavity_qubits", machine), f"highest level is {highest:.2g}; allowed: so many")


# optima


def test_two_qubits_in_equilibrium_are_most_entangled_when_coldest(optimum):
    # khandelwal2020 (35)
    free = {"temperature": {"low": 0.1, "high": 10}}
    point = optimum("thermal", {"g": 1.5}, free=free)
    assert point["value"] == pytest.approx(
        khandelwal2020.thermal_negativity(1.5, 1.0, 0.1), abs=1e-12
    )
    assert point["parameters"] == {"temperature": pytest.approx(0.1, rel=1e-12)}
    assert point["verified"]["at_bound"] == ["temperature=low"]


def test_the_best_hot_bath_of_strongly_coupled_qubits(optimum):
    # khandelwal2020 (26), maximised by SciPy
    def of(temperature):
        hot, cold = (
            [khandelwal2020.bosonic_rates(1e-3, energy, T) for energy in (0.2, 1.8)]
            for T in (temperature, 0.05)
        )
        return khandelwal2020.global_negativity(hot, cold)

    best = minimize_scalar(lambda T: -of(T), bounds=(0.1, 1), options={"xatol": 1e-9})
    bath = {"statistics": "boson", "gamma": 1e-3}
    machine = {"g": 0.8, "bath_a": bath, "bath_b": bath | {"temperature": 0.05}}
    point = optimum(
        "two_qubit_global", machine, free={"bath_a.temperature": {"low": 0.1, "high": 10}}
    )
    assert point["value"] == pytest.approx(-best.fun, abs=1e-9)
    assert point["parameters"]["bath_a.temperature"] == pytest.approx(best.x, rel=1e-3)


def test_the_best_collective_noise_of_parity_qubits(optimum):
    # longstaff2025 (29), maximised by SciPy
    baths = [longstaff2025.Bath("spin", 5e-3, 2.0), longstaff2025.Bath("spin", 1.5e-2, 0.3)]
    Gammas = longstaff2025.gammas(baths, 1.0)
    best = minimize_scalar(
        lambda x: -longstaff2025.bell_noisy(*Gammas, np.exp(x), 1e-4),
        bounds=np.log([1e-6, 1e-1]),
        options={"xatol": 1e-9},
    )
    machine = {"g": 1, **BATHS, "gamma_local_1": 1e-4, "gamma_local_2": 1e-4}
    point = optimum("parity_qubits", machine, "chsh", free={"gamma_collective": log(1e-6, 1e-1)})
    assert point["value"] == pytest.approx(-best.fun, abs=1e-9)
    assert point["verified"]["nullity"] == 1


def test_without_noise_the_initial_state_is_kept_in_mind(optimum):
    # longstaff2025 (24): of two x_up spins, mu = 1, the coldest bath is best.
    cold = [longstaff2025.Bath("spin", 5e-3, 0.1), longstaff2025.Bath("spin", 1.5e-2, 0.3)]
    machine = {
        "g": 1,
        "initial": "x_up_x_up",
        **BATHS,
        "bath_1": {"statistics": "spin", "chi": 5e-3},
    }
    point = optimum(
        "parity_qubits", machine, "chsh", free={"bath_1.temperature": {"low": 0.1, "high": 10}}
    )
    expected = longstaff2025.bell_noiseless(*longstaff2025.gammas(cold, 1.0), 1.0)
    assert point["value"] == pytest.approx(expected, abs=1e-12)
    assert point["verified"]["nullity"] == 2


def test_the_smallest_reset_machine_reaches_the_papers_largest_negativity(optimum):
    # tavakoli2018 App. G.2: (sqrt(3) - 1)/8 for p_A = p_B = (1 + sqrt(3)) g
    machine = {"p_b": 1, "temperature_a": -0.0, "temperature_b": 0}
    point = optimum("qubit_reset", machine, free={"g": log(1e-3, 1e2), "p_a": log(1e-3, 1e2)})
    assert point["value"] == pytest.approx((np.sqrt(3) - 1) / 8, abs=1e-12)
    assert point["parameters"]["g"] == pytest.approx(1 / (1 + np.sqrt(3)), rel=1e-3)
    assert point["parameters"]["p_a"] == pytest.approx(1, rel=1e-3)


def test_a_fixed_filter_of_the_study_heralds_the_upper_levels_of_a_qutrit(optimum):
    # tavakoli2018 App. G.3: levels 1, 2 of B at T_A = 0, T_B = inf; (sqrt(2) - 1)/4 in a limit.
    def of(p_a):
        full = tavakoli2018.qubit_qutrit(30.0, 1.0, p_a, 1e-3, 0.0, INF)
        rho, _ = filtered(steady_state(full), [1, 1], [0, 1, 1])
        return textbook.negativity(rho[np.ix_([1, 2, 4, 5], [1, 2, 4, 5])])

    best = minimize_scalar(lambda x: -of(np.exp(x)), bounds=np.log([0.5, 50]), method="bounded")
    machine = {"g1": 30, "g2": 1, "p_b": 1e-3, "temperature_a": 0, "temperature_b": INF}
    point = optimum(
        "qubit_qutrit_reset",
        machine,
        free={"p_a": log(1e-2, 1e2)},
        filters={"b": [0, 1, 1]},
        efficiency={"values": [1e-4]},
    )
    assert point["value"] == pytest.approx(-best.fun, abs=1e-8)
    assert point["value"] == pytest.approx((np.sqrt(2) - 1) / 4, rel=0.02)
    assert point["filters"] == {"a": [1, 1], "b": [0, 1, 1]}
    assert np.shape(point["rho"]["re"]) == (4, 4)


def test_one_machine_is_verified_without_anything_free(optimum):
    # tavakoli2018 Fig. 5 (b), without the channel 12 of B
    rho, passed = filtered(steady_state(without_12()), *PROJECTORS["fluxonium"])
    point = optimum("fluxonium", FLUXONIUM, efficiency={"values": [1e-4]})
    kept = [1, 2, 4, 5]
    assert point["value"] == pytest.approx(textbook.negativity(rho[np.ix_(kept, kept)]), abs=1e-9)
    assert point["verified"]["efficiency"] == pytest.approx(passed, rel=1e-9)
    assert point["efficiency"] == 1e-4 < passed


def test_projectors_onto_ququarts_herald_more_than_two_qubits_can_hold(optimum, run, one_line):
    # tavakoli2018 (C11), (12) at d = 3
    d, g, p_a = 3, 0.1, 1e-3
    rho = tavakoli2018.state_c11(d, g, p_a, 1.0)
    passed = tavakoli2018.efficiency_12(d, np.sqrt(2) * g, p_a, 1.0)
    machine = {"d": d, "g": g, "p_a": p_a, "p_b": 1}
    point = optimum("qudit_reset", machine, efficiency={"values": [1e-6]})
    assert point["value"] == pytest.approx(independent.negativity(rho, (d + 1, d + 1)), abs=1e-9)
    assert point["value"] > 0.9
    assert point["filters"] == {"a": [1, 1, 1, 0], "b": [0, 1, 1, 1]}
    assert np.shape(point["rho"]["re"]) == (d**2, d**2)
    assert point["verified"]["efficiency"] == pytest.approx(passed, rel=1e-9)
    shutil.rmtree("runs")
    outcome = run("qudit_reset", machine, efficiency={"values": [0.5]})
    one_line(outcome, "efficiency: 0.5 is demanded", f"fixed filters is {passed:.3g}; allowed: ")


def test_entries_of_a_list_are_free_fixed_and_compared_by_their_names(optimum, jaxent):
    # tavakoli2018 (E10) at d = 4, g_0 = G p_B, is the limit of weak further couplings.
    free = {"g": [log(1e-2, 1), log(1e-6, 1), 1e-4]}
    point = optimum(
        "one_step_reset",
        {"d": 4, "p_a": 1e-5, "p_b": 1},
        free=free,
        efficiency={"values": [1e-15]},
        constraints=["g[1] <= 10*g[2]", "g[2] <= g[0]"],
    )
    assert set(point["parameters"]) == {"g[0]", "g[1]"}
    assert point["parameters"]["g[1]"] <= 1e-3 * (1 + 1e-12)
    best = minimize_scalar(lambda G: -tavakoli2018.negativity_e10(4, G), bounds=(0.1, 1))
    assert 0.999 * -best.fun < point["value"] < -best.fun
    assert point["parameters"]["g[0]"] == pytest.approx(best.x, rel=0.05)
    with xr.open_dataset("runs/one_step_reset/results.nc") as results:
        assert results["g[0]"].item() == point["parameters"]["g[0]"]
        assert results["g[1]"].attrs["units"] == "energy"
        assert results.row.values.tolist() == ["02", "03", "12", "13"]
        assert results.filter_b.values[0].tolist() == [0, 0, 1, 1]
    table = jaxent("run", "one_step_reset.yaml", "--resume").out
    for word in ("g[0]", "g[1]", "0, 0, 1, 1"):
        assert word in table


def test_collective_baths_entangle_most_at_the_largest_difference(optimum):
    # tacchino2018 (5)
    free = {"beta_s": {"low": 0, "high": 20}}
    point = optimum("collective_qubits", {"beta_a": -1}, "concurrence", free=free)
    parts = tacchino2018.parts_of_5(-1, 20)
    assert point["value"] == pytest.approx(tacchino2018.from_parts(*parts), abs=1e-9)
    assert point["verified"]["at_bound"] == ["beta_s=high"]


def test_tied_pumps_of_a_cavity_are_one_parameter(optimum):
    # Against the master equation with two equal pumps: its value there, and no better beside it.
    def of(pump):
        full = tacchino2018.cavity(1, 1, 3, pump, pump, 1e-3, photons=3)
        return tacchino2018.concurrence(tacchino2018.reduced(steady_state(full)))

    machine = CAVITY | {"pump_2": "pump_1"}
    point = optimum("cavity_qubits", machine, "concurrence", free={"pump_1": log(1e-4, 2e-2)})
    assert set(point["parameters"]) == {"pump_1"}
    pump = point["parameters"]["pump_1"]
    assert point["value"] == pytest.approx(of(pump), abs=1e-8)
    assert of(pump) > max(of(0.98 * pump), of(1.02 * pump))


BAD_STUDIES = [
    ("qudit_reset", QUDITS | {"d": 3}, {"objective": "chsh"},
     "objective: chsh needs two qubits, the heralded state has dimensions (3, 3)"),
    ("qudit_reset", QUDITS | {"d": 3}, {"certify": {"steering": 2}},
     "certify.steering: the heralded state has dimensions (3, 3)"),
    ("qudit_reset", QUDITS, {"free": {"d": {"low": 2, "high": 3}}},
     "free.d: an integer cannot be free; allowed: numeric parameters"),
    ("cavity_qubits", CAVITY, {"free": {"photons": {"low": 2, "high": 3}}},
     "free.photons: an integer cannot be free"),
    ("fluxonium", FLUXONIUM, {"free": {"channels_b": {"low": 0, "high": 1}}},
     "free.channels_b: a word cannot be free"),
    ("parity_qubits", NOISELESS, {"free": {"gamma_collective": {"low": 0, "high": 1}}},
     "gamma_collective: the range starts at 0, where the parity is conserved"),
    ("two_qubit_global", GLOBAL,
     {"free": {"g": {"low": 0.1, "high": 1}}}, "g: the range reaches 1, where E - g vanishes"),
    ("qubit_qutrit_reset", STATES["qubit_qutrit_reset"][0], {"filters": {"b": [1, 0]}},
     "filters.b: 2 entries are given; allowed: 3"),
    ("qubit_qutrit_reset", STATES["qubit_qutrit_reset"][0], {"filters": {"b": [0, 0, 0]}},
     "filters.b: [0, 0, 0] is given; allowed: numbers in [0, 1], not all zero"),
    ("qubit_qutrit_reset", STATES["qubit_qutrit_reset"][0], {"filters": {"b": [0, 1.5, 0]}},
     "filters.b[1]: 1.5 is given; allowed: a number in [0, 1]"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "machine", "others", "fragment"), BAD_STUDIES, ids=lambda x: str(x)[:60]
)
def test_what_cannot_be_searched_is_refused_in_one_line(
    kind, machine, others, fragment, run, one_line
):
    one_line(run(kind, machine, **others), f"{kind}.yaml: ", fragment)
