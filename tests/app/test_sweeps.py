"""Curves along a parameter: what ``sweep`` means, what a run of it leaves, and its errors."""

import json
import math

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import minimize_scalar

from experiments.khandelwal2020 import equations as khandelwal2020
from jaxent.app.config import load_study
from jaxent.app.plots import draw
from jaxent.app.state_files import two_qubit_states
from jaxent.search.tradeoff import Optimum
from jaxent.verification import verify
from tests.app.configs import dumped
from tests.measures import textbook
from tests.search.studies import compiled_quickly

INF = math.inf
HOT = "bath_a.temperature"


@pytest.fixture(scope="module", autouse=True)
def _briefly():
    with compiled_quickly():
        yield


def along(values, parameter=HOT, **others):
    """Two fermionic qubits with gamma = 1 and T_B = 0.1 whose coupling g alone is free."""
    return {
        "machine": {
            "bath_a": {"temperature": None if parameter == HOT else 1},
            "bath_b": {"gamma": 1, "temperature": 0.1},
        },
        "free": {"g": {"low": 1e-2, "high": 1e1}, "bath_b": None, "filters": None},
        "objective": "negativity",
        "efficiency": None,
        "constraints": None,
        "sweep": {parameter: {"values": values}},
        "search": {"starts": 4, "steps": 20, "seed": 0, "rounds": 0},
        **others,
    }


def fixed(values, parameter=HOT, g=0.4, **others):
    """The same with nothing free."""
    changes = along(values, parameter, **others)
    changes["free"] = {"g": None, "bath_b": None, "filters": None}
    changes["machine"] = {**changes["machine"], "g": g}
    return changes


def bosonic(values):
    """Of bosons in bath A."""
    changes = along(values)
    changes["machine"]["bath_a"] = {"statistics": "boson", "temperature": None}
    return changes


def negativity(g, temperature):
    """khandelwal2020 (6) with fermionic rates."""
    hot, cold = (khandelwal2020.fermionic_rates(1.0, 1.0, T) for T in (temperature, 0.1))
    return textbook.negativity(khandelwal2020.steady_state(g, hot, cold, 0.0))


def largest_negativity(temperature):
    found = minimize_scalar(
        lambda x: -negativity(np.exp(x), temperature),
        bounds=np.log([1e-2, 1e1]),
        options={"xatol": 1e-9},
    )
    return -found.fun


# a run


@pytest.fixture
def swept(jaxent, study_file, tmp_path):
    outcome = jaxent("run", study_file(along([INF, 0.5, -2.0])), "--out", "out", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    return json.loads(outcome.out), tmp_path / "out"


def test_a_sweep_is_the_optimum_at_each_value_of_its_parameter(swept, study_file):
    summary, folder = swept
    assert (summary["sweep"], summary["sweep_scale"]) == (HOT, "linear")
    assert summary["efficiency_scale"] == "linear"
    points = summary["points"]
    # In ascending order, and exactly as given; along a sweep nothing has to fall.
    temperatures = [-2.0, 0.5, INF]
    assert [point["parameters"][HOT] for point in points] == temperatures
    for point, temperature in zip(points, temperatures, strict=True):
        assert set(point["parameters"]) == {HOT, "g"}
        assert point["efficiency"] == 1
        assert point["value"] == pytest.approx(largest_negativity(temperature), abs=1e-9)
        assert point["verified"]["value"] == pytest.approx(point["value"], abs=1e-12)
        assert point["verified"]["residual"] < 1e-12
    # A study with the value fixed has the same problem there.
    changes = along([1])
    changes["machine"] = {**changes["machine"], "bath_a": {"temperature": 0.5}}
    (alone,) = load_study(study_file({**changes, "sweep": None}, "alone.yaml"))
    (along_it,) = load_study(study_file(along([0.5])))
    place = np.array([0.37])
    expected, slope = alone.problem.score_and_slope(place, 1.0)
    found, same = along_it.problem.score_and_slope(place, along_it.levels[0])
    assert found == pytest.approx(float(expected), abs=1e-15)
    assert same == pytest.approx(np.asarray(slope), abs=1e-14)

    with xr.open_dataset(folder / "results.nc") as results:
        assert results.value.dims == (HOT,)
        assert results[HOT].values.tolist() == temperatures
        assert results[HOT].attrs["long_name"].startswith("temperature T_A")
        assert results[HOT].attrs["units"] == "energy"
        assert results.value.values.tolist() == [point["value"] for point in points]
        assert results.efficiency.dims == (HOT,)
        assert results.efficiency.values.tolist() == [1, 1, 1]
        assert results.rho_re.sel({HOT: 0.5, "row": "10", "column": "10"}) == pytest.approx(
            points[1]["rho"]["re"][2][2]
        )

    (panel,) = draw(summary).axes
    assert panel.get_xlabel() == "$T_A$"
    lines = [line for line in panel.get_lines() if len(line.get_xdata()) == 3]
    assert all(list(line.get_xdata()) == temperatures for line in lines)


def test_states_of_a_sweep_are_told_apart_when_they_are_certified(tmp_path):
    rho = {"re": (np.eye(4) / 4).tolist(), "im": np.zeros((4, 4)).tolist()}
    points = [
        {"variant": None, "efficiency": 1.0, "parameters": {"g": 0.1, HOT: T}, "rho": rho}
        for T in (0.5, 2.0)
    ]
    path = tmp_path / "summary.json"
    path.write_text(json.dumps({"sweep": HOT, "points": points}))
    first, second = (name for name, _ in two_qubit_states(path))
    assert first != second


def test_both_infinite_temperatures_are_told_apart(jaxent, study_file):
    """They are one state, but as values of a sweep they are two."""
    outcome = jaxent("run", study_file(fixed([-INF, -1, 1, INF])), "--out", "out", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    points = json.loads(outcome.out)["points"]
    assert [point["parameters"] for point in points] == [{HOT: T} for T in (-INF, -1, 1, INF)]
    for point in points:
        expected = negativity(0.4, point["parameters"][HOT])
        assert point["value"] == pytest.approx(expected, abs=1e-12)
    with xr.open_dataset("out/results.nc") as results:
        assert results[HOT].values.tolist() == [-INF, -1, 1, INF]


def test_both_zeros_of_a_temperature_are_two_values(jaxent, study_file):
    outcome = jaxent("run", study_file(fixed([1, 0.0, -0.0])), "--out", "out", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    values = [point["value"] for point in json.loads(outcome.out)["points"]]
    assert values[0] == pytest.approx(negativity(0.4, -1e-3), abs=1e-12) != values[1]
    with xr.open_dataset("out/results.nc") as results:
        assert np.signbit(results[HOT].values).tolist() == [True, False, False]
        assert results.value.values.tolist() == values


def test_people_see_the_swept_parameter(jaxent, study_file):
    changes = fixed([0.5, 2], variants={"weak": {"machine": {"g": 0.1}}, "strong": {}})
    table = jaxent("run", study_file(changes)).out
    for word in ("bath a", "temperature", "0.5", "2", "weak", "strong"):
        assert word in table
    with xr.open_dataset("runs/study/results.nc") as results:
        assert results.value.dims == ("variant", HOT)
        for variant, g in (("weak", 0.1), ("strong", 0.4)):
            for temperature in (0.5, 2):
                here = results.value.sel({"variant": variant, HOT: temperature})
                assert here == pytest.approx(negativity(g, temperature), abs=1e-12)


def test_along_a_sweep_filters_herald_at_the_one_efficiency(study_file):
    changes = fixed([0.5, -1.0], efficiency={"values": [0.3]})
    changes["free"] = {"g": None, "bath_b": None, "filters": {"a": {}, "b": {}}}
    (study,) = load_study(study_file(changes))
    assert study.efficiencies == (0.3,)
    for level, temperature in zip(study.levels, (-1.0, 0.5), strict=True):
        point = verify(study, Optimum(level, np.array([0.2, 0.9]), 0.0, agreed=1, failed=0))
        assert point.parameters == {HOT: temperature}
        assert point.efficiency == 0.3
        assert point.verified.efficiency == pytest.approx(0.3, rel=1e-12)
    # The same filters serve at another temperature, as far as they pass enough there.
    carried = study.problem.carry_over(np.array([0.45, 0.55]), study.levels[0], study.levels[1])
    before = study.problem.outcome(np.array([0.45, 0.55]), study.levels[0]).placed
    after = study.problem.outcome(carried, study.levels[1]).placed
    assert after == {party: pytest.approx(before[party], abs=1e-12) for party in ("a", "b")}


# what is understood


@pytest.mark.parametrize(
    ("block", "values"),
    [
        ({"values": [2, 0.5]}, (0.5, 2.0)),
        ({"from": 1, "to": 100, "points": 3}, (1.0, 10.0, 100.0)),
        ({"from": 1, "to": 100, "points": 3, "scale": "linear"}, (1.0, 50.5, 100.0)),
        ({"from": -2, "to": -1, "points": 3}, (-2.0, -1.5, -1.0)),
    ],
)
def test_a_sweep_is_a_list_or_an_interval(block, values, study_file):
    (study,) = load_study(study_file(along([1]) | {"sweep": {"bath_a": {"temperature": block}}}))
    assert study.sweep.parameter == HOT
    assert study.sweep.values == pytest.approx(values, rel=1e-14)
    # Temperatures are searched by their inverse.
    assert study.levels == pytest.approx([1 / T for T in values], rel=1e-14)


def test_other_parameters_are_swept_as_they_are(study_file):
    changes = along([0.3, 0.1], "g", free={"g": None, "bath_b": None, "filters": None})
    (study,) = load_study(study_file(changes))
    assert (study.sweep.values, study.levels) == ((0.1, 0.3), (0.1, 0.3))


# what is not

BAD_SWEEPS = [
    (along([0.1, 0.2], "g"), "sweep.g: it is free; allowed: a parameter that is not"),
    (
        {"sweep": {HOT: {"values": [1]}, "u": {"values": [1]}}},
        "sweep: bath_a.temperature, u given; allowed: one parameter",
    ),
    ({"sweep": {}}, "sweep: none given; allowed: one parameter"),
    ({"sweep": 3}, "sweep: 3 is given; allowed: a mapping"),
    ({"sweep": {HOT: 3}}, "sweep.bath_a.temperature: 3 is given; allowed: a mapping with"),
    ({"sweep": {HOT: {"value": [1]}}}, "sweep.bath_a.temperature.value: unknown key; allowed: val"),
    ({"sweep": {"h": {"values": [1]}}}, "sweep.h: unknown; allowed: g, u"),
    (
        along([1], "bath_a.statistics"),
        "sweep.bath_a.statistics: it cannot be swept; allowed: numeric parameters",
    ),
    (along([]), "sweep.bath_a.temperature.values: [] is given; allowed: a list of numbers"),
    (along([1, 1]), "sweep.bath_a.temperature.values: 1.0 is given twice; allowed: once"),
    (along([0.0, -0.0], "kappa_a"), "sweep.kappa_a.values: 0.0 is given twice; allowed: once"),
    (along([-0.5], "u"), "sweep.u.values[0]: -0.5 is given; allowed: a number"),
    (along([math.nan], "kappa_a"), "sweep.kappa_a.values[0]: .nan is given; allowed: any finite"),
    (
        bosonic([-1.0, 1.0]),
        "sweep.bath_a.temperature.values[0]: -1.0 is given; allowed: a bosonic bath has no",
    ),
    (
        {"sweep": {HOT: {"from": 1, "to": INF, "points": 3}}},
        "sweep.bath_a.temperature: 3 points from 1.0 to .inf are given; allowed: from < to",
    ),
    (
        along([1, 2], efficiency={"values": [0.1, 0.2]}, free={"filters": {"a": {}}}),
        "efficiency: 2 values are given beside a sweep; allowed: a single one",
    ),
    (along([1, 2], efficiency={"values": [0.1]}), "efficiency: 0.1 cannot be met without a filter"),
    (
        along([1, 2], constraints=["g <= bath_a.temperature"]),
        "constraints[0]: 'g <= bath_a.temperature' uses bath_a.temperature, which is swept",
    ),
    (
        along([1], "u", variants={"u": {}, "g": {"sweep": {"u": None, "E_a": {"values": [1]}}}}),
        "variants: they differ in what is swept; allowed: one axis for all",
    ),
    # Infinite charge is another machine: no curve leads there.
    (along([0, 1, INF], "u"), "sweep.u"),
]


@pytest.mark.parametrize(("changes", "fragment"), BAD_SWEEPS, ids=lambda x: str(x)[:70])
def test_a_bad_sweep_is_refused_in_one_line(changes, fragment, study_file, jaxent, one_line):
    one_line(jaxent("run", study_file({**along([1]), **changes})), "study.yaml: ", fragment)


def test_an_integer_is_not_swept(tmp_path, jaxent, one_line):
    config = {
        "machine": {"kind": "qudit_reset", "g": 0.1, "p_a": 0.1, "p_b": 1},
        "objective": "negativity",
        "sweep": {"d": {"values": [2, 3]}},
    }
    path = tmp_path / "study.yaml"
    path.write_text(dumped(config))
    one_line(jaxent("run", path), "sweep.d: it cannot be swept; allowed: numeric parameters")


def test_a_sweep_has_no_threshold(study_file, jaxent, one_line):
    outcome = jaxent("threshold", study_file(along([1, 2])))
    one_line(outcome, "sweep: bath_a.temperature given; allowed: no sweep")


def test_where_too_little_is_heralded_is_told_in_the_parameter_that_is_swept(
    tmp_path, jaxent, one_line
):
    config = {
        "machine": {"kind": "qudit_reset", "g": 0.1, "p_a": 0.1, "p_b": 1},
        "objective": "negativity",
        "sweep": {"temperature_a": {"values": [0.5, 2]}},
        "efficiency": {"values": [0.9]},
    }
    path = tmp_path / "study.yaml"
    path.write_text(dumped(config))
    outcome = jaxent("run", path)
    one_line(outcome, "efficiency: 0.9 is demanded at temperature_a = ")
    assert "inverse" not in outcome.err
