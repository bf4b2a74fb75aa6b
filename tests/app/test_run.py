"""What a run leaves behind, and how it is resumed."""

import json
import math
from dataclasses import replace
from typing import ClassVar

import jax
import numpy as np
import pytest
import xarray as xr
import yaml

from jaxent import curves
from jaxent.app import devices
from jaxent.app.config import load_study
from jaxent.app.netcdf import OTHERS, as_dataset
from jaxent.machines import MACHINES, Parameter, TwoQubit
from jaxent.verification import Unverified
from tests.app.configs import dumped

FILES = {"summary.json", "results.nc", "figure.png", "figure.pdf", "report.html"}
POINT = {
    "variant",
    "efficiency",
    "value",
    "parameters",
    "filters",
    "rho",
    "verified",
    "steering",
}
VERIFIED = {
    "residual",
    "difference",
    "efficiency",
    "value",
    "min_eigenvalue",
    "at_bound",
    "regimes",
    "trivial",
    "agreed",
    "starts",
    "failed",
    "agreement",
    "nullity",
}
TWO = {
    "variants": {
        "filter on B": {},
        "both filters": {"free": {"filters": {"a": {}}}, "efficiency": {"values": [0.2, 0.5]}},
    }
}


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def summary(folder):
    return json.loads((folder / "summary.json").read_text())


def test_a_real_run_finds_verifies_and_certifies_the_golden_optimum(jaxent, study_file, tmp_path):
    # Full inversion without filters, gamma_A = gamma_B = 1: the singlet fraction is largest,
    # (3 + sqrt(5)) / 8, at g = (sqrt(5) - 1) / 4.
    changes = {
        "machine": {"bath_b": {"gamma": 1}},
        "free": {"bath_b": None, "filters": None},
        "objective": "singlet_fraction",
        "efficiency": None,
        "certify": {"steering": 2},
    }
    outcome = jaxent("run", study_file(changes), "--out", "out", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    found = summary(tmp_path / "out")
    assert json.loads(outcome.out) == found
    (point,) = found["points"]
    assert point["value"] == pytest.approx((3 + math.sqrt(5)) / 8, abs=1e-9)
    assert point["parameters"]["g"] == pytest.approx((math.sqrt(5) - 1) / 4, abs=1e-4)
    assert point["verified"]["value"] == pytest.approx(point["value"], abs=1e-9)
    assert point["verified"]["efficiency"] == pytest.approx(1, rel=1e-9)
    steering = point["steering"]
    assert steering["q_lower"] <= steering["q"] <= steering["q_upper"]
    assert contents(tmp_path / "out").keys() == FILES


def test_the_summary_has_the_promised_keys(jaxent, study_file, quick_solve, tmp_path):
    path = study_file({**TWO, "title": "Two curves", "certify": {"steering": 2}})
    assert jaxent("run", path).code == 0
    found = summary(tmp_path / "runs" / "study")
    assert set(found) == {
        "title",
        "kinds",
        "objective",
        "classical_bound",
        "maximum",
        "versions",
        "code",
        "device",
        "efficiency_scale",
        "sweep",
        "sweep_scale",
        "seed",
        "config",
        "variants",
        "checksum",
        "points",
    }
    assert (found["title"], found["objective"], found["seed"]) == ("Two curves", "chsh", 0)
    assert found["classical_bound"] == 2.0
    assert {"jaxent", "jax", "numpy", "python"} <= set(found["versions"])
    assert found["code"] == {}
    assert found["device"] == jax.default_backend()
    assert found["variants"] == ["filter on B", "both filters"]
    assert math.copysign(1, found["config"]["machine"]["bath_a"]["temperature"]) == -1
    places = [(p["variant"], p["efficiency"]) for p in found["points"]]
    assert places == [
        ("filter on B", 0.05),
        ("filter on B", 0.2),
        ("both filters", 0.2),
        ("both filters", 0.5),
    ]
    for point in found["points"]:
        assert set(point) == POINT
        assert set(point["verified"]) == VERIFIED
        assert set(point["parameters"]) == {"g", "bath_b.gamma"}
        assert set(point["filters"]) == {"a", "b"}
        assert set(point["steering"]) == {"q", "q_lower", "q_upper", "measurements", "measuring"}
        assert {"condition", "value", "limit", "holds"} == set(point["verified"]["regimes"][0])
        assert np.trace(point["rho"]["re"]) == pytest.approx(1)


def test_results_open_with_plain_xarray_and_say_what_they_are(
    jaxent, study_file, quick_solve, tmp_path
):
    path = study_file({**TWO, "title": "Two curves", "certify": {"steering": 2}})
    jaxent("run", path, "--out", "out")
    points = summary(tmp_path / "out")["points"]
    with xr.open_dataset(tmp_path / "out" / "results.nc") as results:
        results.load()
    assert dict(results.sizes) == {
        "variant": 2,
        "efficiency": 3,
        "entry": 2,
        "row": 4,
        "column": 4,
    }
    for point in points:
        here = results.sel(variant=point["variant"], efficiency=point["efficiency"])
        assert here.value == point["value"]
        assert here["bath_b.gamma"] == point["parameters"]["bath_b.gamma"]
        assert here.filter_b.values.tolist() == point["filters"]["b"]
        assert here.rho_im.values.tolist() == point["rho"]["im"]
        assert here.rho_re.sel(row="10", column="10") == point["rho"]["re"][2][2]
        assert here.trivial == point["verified"]["trivial"]
        assert here.at_bound == ", ".join(point["verified"]["at_bound"])
        assert here.q_lower == point["steering"]["q_lower"]
    gap = results.sel(variant="filter on B", efficiency=0.5)
    assert np.isnan(gap.value)
    assert gap.at_bound == ""
    for name, variable in results.data_vars.items():
        assert variable.attrs["long_name"], name
        assert name == "at_bound" or variable.attrs["units"] in ("1", "energy"), name
    assert results.g.attrs["units"] == "energy"
    assert results.g.attrs["long_name"].startswith("flip-flop coupling g")
    assert results.attrs["title"] == "Two curves"
    assert results.attrs["config"] == path.read_text()
    assert (results.attrs["seed"], results.attrs["objective"]) == (0, "chsh")
    assert results.attrs["jax_version"] == summary(tmp_path / "out")["versions"]["jax"]


def test_a_long_config_is_stored_whole(jaxent, study_file, quick_solve, tmp_path):
    path = study_file()
    path.write_text(path.read_text() + "# γ\n" * 100_000)
    assert jaxent("run", path, "--out", "out").code == 0
    with xr.open_dataset(tmp_path / "out" / "results.nc") as results:
        assert results.attrs["config"] == path.read_text()


def test_without_variants_results_have_one_axis(jaxent, study_file, quick_solve, tmp_path):
    jaxent("run", study_file(), "--out", "out")
    with xr.open_dataset(tmp_path / "out" / "results.nc") as results:
        assert results.value.dims == ("efficiency",)
        assert results.efficiency.values.tolist() == [0.05, 0.2]
        assert results.starts.dtype.kind == results.trivial.dtype.kind == "i"
        assert "q" not in results


def test_the_same_run_gives_the_same_bytes(jaxent, study_file, quick_solve, tmp_path):
    path = study_file(TWO)
    for out in ("one", "two"):
        assert jaxent("run", path, "--out", out).code == 0
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_resumed_run_ends_byte_identical(jaxent, study_file, interrupted, quick_solve, tmp_path):
    path = study_file(TWO)
    jaxent("run", path, "--out", "whole")
    repair = interrupted(KeyboardInterrupt())
    outcome = jaxent("run", path, "--out", "out")
    assert outcome.code == 130
    assert outcome.err == f"error: interrupted; jaxent run {path} --out out --resume continues\n"
    assert [p.name for p in (tmp_path / "out" / "partial").iterdir()] == ["0.json"]
    repair()
    quick_solve.clear()
    assert jaxent("run", path, "--out", "out", "--resume").code == 0
    assert quick_solve == ["both filters"]
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


@pytest.mark.parametrize(
    "change",
    [
        {"search": {"seed": 1}},
        {"machine": {"bath_b": {"temperature": -0.0}}},
        {"free": {"g": {"low": 1e-4}}},
    ],
    ids=str,
)
def test_what_came_from_another_config_is_solved_again(
    change, jaxent, study_file, interrupted, quick_solve
):
    repair = interrupted(KeyboardInterrupt())
    jaxent("run", study_file(TWO), "--out", "out")
    repair()
    quick_solve.clear()
    path = study_file({**TWO, **change})
    jaxent("run", path, "--out", "out", "--resume")
    assert quick_solve == ["filter on B", "both filters"]


@pytest.fixture
def elsewhere(monkeypatch):
    """Makes JAX compute on another device, as far as anybody is told."""
    there = {"device": "cpu" if devices.in_use()["device"] == "gpu" else "gpu"}
    return lambda: monkeypatch.setattr(devices, "in_use", lambda: there)


def test_what_came_from_another_device_is_solved_again(
    jaxent, study_file, interrupted, quick_solve, elsewhere, monkeypatch
):
    monkeypatch.setattr(devices, "use", lambda device: None)  # the choice would outlive the test
    repair = interrupted(KeyboardInterrupt())
    outcome = jaxent("run", study_file(TWO), "--out", "out", "--device", "cpu")
    assert outcome.err.endswith(" --out out --device cpu --resume continues\n")
    repair()
    elsewhere()
    quick_solve.clear()
    assert jaxent("run", study_file(TWO), "--out", "out", "--resume").code == 0
    assert quick_solve == ["filter on B", "both filters"]


def test_a_finished_run_of_another_device_is_told(
    jaxent, study_file, quick_solve, quick_figure, elsewhere, one_line
):
    assert jaxent("run", study_file(), "--out", "out").code == 0
    elsewhere()
    outcome = jaxent("run", study_file(), "--out", "out", "--resume")
    one_line(outcome, "--resume: out holds a finished run with another device; allowed: ")


def test_a_renamed_variant_is_solved_again(jaxent, study_file, interrupted, quick_solve, tmp_path):
    repair = interrupted(KeyboardInterrupt())
    jaxent("run", study_file(TWO), "--out", "out")
    repair()
    jaxent("run", study_file({"variants": {"B": {}}}), "--out", "out", "--resume")
    assert [p["variant"] for p in summary(tmp_path / "out")["points"]] == ["B", "B"]


def test_a_spoilt_store_is_solved_again(jaxent, study_file, interrupted, quick_solve, tmp_path):
    repair = interrupted(KeyboardInterrupt())
    jaxent("run", study_file(TWO), "--out", "out")
    store = tmp_path / "out" / "partial" / "0.json"
    store.write_text(store.read_text()[:-10])
    repair()
    quick_solve.clear()
    assert jaxent("run", study_file(TWO), "--out", "out", "--resume").code == 0
    assert quick_solve == ["filter on B", "both filters"]


def test_resuming_a_finished_run_solves_nothing(jaxent, study_file, quick_solve, tmp_path):
    jaxent("run", study_file(TWO), "--out", "out")
    before = contents(tmp_path / "out")
    quick_solve.clear()
    assert jaxent("run", study_file(TWO), "--out", "out", "--resume").code == 0
    assert quick_solve == []
    assert contents(tmp_path / "out") == before


def test_an_unverified_optimum_fails_the_run(jaxent, study_file, interrupted, tmp_path):
    interrupted(Unverified("efficiency 0.2: the value is off"))
    outcome = jaxent("run", study_file(TWO), "--out", "out")
    assert outcome.code == 1
    assert outcome.err == "error: efficiency 0.2: the value is off\n"
    assert outcome.out == ""
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["partial"]


def test_what_is_not_a_number_is_not_written(
    jaxent, study_file, quick_solve, monkeypatch, tmp_path
):
    working = curves.solve

    def solve(study, progress):
        first, *others = working(study, progress)
        return [replace(first, value=math.nan), *others]

    monkeypatch.setattr(curves, "solve", solve)
    outcome = jaxent("run", study_file(), "--out", "out")
    assert outcome.code == 1
    assert outcome.err == "error: result.points[0].value: came out as not a number\n"
    assert not (tmp_path / "out").exists()


def test_a_machine_with_several_steady_states_is_refused(jaxent, study_file, tmp_path, one_line):
    """g = 0 and a qubit without a bath."""
    apart = {"machine": {"g": 0, "bath_b": {"gamma": 0}}, "constraints": None}
    file = study_file(apart | {"free": {"g": None, "bath_b": None}})
    outcome = jaxent("run", file, "--out", "runs/out")
    one_line(
        outcome, "machine (two_qubit): the steady state is not unique, 4 independent ones exist"
    )
    assert not (tmp_path / "runs").exists()


PUMPED = {"kind": "cavity_qubits", "g1": 1, "g2": 1, "kappa": 0.1, "gamma": 1e-3, "photons": 2}
COLD = {"kind": "collective_qubits", "beta_a": math.inf, "beta_s": 1}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"machine": PUMPED | {"pump_1": 1, "pump_2": 1}}, "photons: 2 is given, and the popul"),
        (
            {"machine": PUMPED | {"pump_2": "pump_1"}, "sweep": {"pump_1": {"values": [1e-9, 1]}}},
            "photons: 2 is given",
        ),
        (
            {
                "machine": COLD,
                "free": {"pump": {"low": 1, "high": 2}, "filters": {"a": {}}},
                "efficiency": {"values": [1e-300]},
            },
            "beta: a bath beyond ",
        ),
    ],
    ids=["photons", "photons along a sweep", "cold"],
)
def test_a_model_without_a_meaning_is_told_before_the_search(
    changes, told, jaxent, study_file, monkeypatch, tmp_path, one_line
):
    def search(*arguments):
        raise AssertionError("the search began")

    monkeypatch.setattr(curves, "trace_curve", search)
    fixed = {"filters": {"a": {}, "b": {}}}
    efficiency = None if "sweep" in changes else {"values": [1e-3]}
    common = {"free": fixed, "constraints": None, "efficiency": efficiency}
    base = study_file()
    config = yaml.safe_load(base.read_text()) | common | changes
    base.write_text(dumped({k: v for k, v in config.items() if v is not None}))
    one_line(jaxent("run", base, "--out", "out"), told)
    assert not (tmp_path / "out").exists()


def test_a_model_that_a_free_parameter_may_save_is_searched(study_file, monkeypatch):
    machine = PUMPED | {"pump_1": 1, "pump_2": 1}
    free = {"kappa": {"low": 0.1, "high": 100}, "filters": {"a": {}}}
    path = study_file()
    config = yaml.safe_load(path.read_text())
    del config["constraints"]
    path.write_text(dumped(config | {"machine": machine, "free": free}))
    [study] = load_study(path)
    monkeypatch.setattr(curves, "trace_curve", lambda *arguments: [])
    assert curves.solve(study) == []


def test_a_folder_in_use_is_refused(jaxent, study_file, quick_solve, tmp_path, one_line):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    one_line(
        jaxent("run", study_file(), "--out", "out"),
        "--out: out is not empty; allowed: a new or empty folder, or --resume to continue",
    )
    one_line(
        jaxent("run", study_file(), "--out", "out", "--resume"),
        "--resume: out holds other files and no run",
    )
    one_line(
        jaxent("run", study_file(), "--out", "out/notes.txt"), "--out: out/notes.txt is a file"
    )
    one_line(jaxent("run", study_file(), "--out", "out/notes.txt/below"), "--out: out/notes.txt")
    assert contents(tmp_path / "out") == {"notes.txt": b"mine"}
    assert quick_solve == []


@pytest.mark.parametrize("change", [{"search": {"seed": 1}}, {"objective": "negativity"}], ids=str)
def test_a_finished_run_of_another_study_is_not_replaced(
    change, jaxent, study_file, quick_solve, tmp_path, one_line
):
    assert jaxent("run", study_file(), "--out", "out").code == 0
    before = contents(tmp_path / "out")
    outcome = jaxent("run", study_file(change), "--out", "out", "--resume")
    one_line(outcome, "--resume: out holds a finished run with another config; allowed: ")
    assert contents(tmp_path / "out") == before


def test_an_interrupted_run_that_stored_nothing_says_so(jaxent, study_file, monkeypatch, tmp_path):
    def interrupt(study, progress):
        raise KeyboardInterrupt

    monkeypatch.setattr(curves, "solve", interrupt)
    outcome = jaxent("run", study_file(), "--out", "out")
    assert (outcome.code, outcome.err) == (130, "error: interrupted; nothing was stored yet\n")
    assert not (tmp_path / "out").exists()


def test_an_empty_folder_is_used(jaxent, study_file, quick_solve, tmp_path):
    (tmp_path / "out").mkdir()
    assert jaxent("run", study_file(), "--out", "out").code == 0
    assert contents(tmp_path / "out").keys() == FILES


def test_people_get_a_table(jaxent, study_file, quick_solve):
    outcome = jaxent("run", study_file({**TWO, "certify": {"steering": 2}}))
    assert outcome.code == 0
    for word in ("both filters", "bath b", " q ", "1/2", "classical bound 2", "runs/study"):
        assert word in outcome.out
    assert outcome.err == ""


def state_of(a, b, **others):
    """A point behind filters that keep some levels, with a state that tells its entries apart."""
    size = max(sum(map(bool, a)), 2) * max(sum(map(bool, b)), 2)
    verified = {"residual": 0.0, "efficiency": 1e-4, "value": 0.4, "min_eigenvalue": 0.0}
    verified |= {"trivial": False, "agreed": 1, "starts": 1, "failed": 0, "at_bound": []}
    return {
        "efficiency": 1e-4,
        "value": 0.4,
        "parameters": {},
        "filters": {"a": a, "b": b},
        "rho": {"re": np.arange(size**2).reshape(size, size).tolist(), "im": np.zeros((size,) * 2)},
        "verified": verified,
        "steering": None,
        **others,
    }


def dataset(points, variants, **others):
    fields = {"title": None, "kinds": ["qudit_reset"], "objective": "negativity", "seed": 0}
    fields |= {"classical_bound": 0.0, "maximum": 1.0, "versions": {}, "sweep": None}
    return as_dataset({**fields, "variants": variants, "points": points, **others}, "")


def test_the_rows_of_a_state_are_named_by_the_levels_that_pass():
    # tavakoli2018 (B2): |0,1>, |0,2>, |1,1>, |1,2>
    results = dataset([state_of([1, 1, 0], [0, 0.5, 1], variant=None)], [])
    assert results.row.values.tolist() == ["01", "02", "11", "12"]
    assert results.entry.values.tolist() == [0, 1, 2]
    assert results.filter_b.values.tolist() == [[0, 0.5, 1]]
    assert results.rho_re.sel(row="02", column="12").item() == 7


def test_variants_of_different_dimensions_share_one_file():
    qutrits = state_of([1, 1, 0], [0, 1, 1], variant="qutrits")
    ququarts = state_of([1, 1, 1, 0], [0, 1, 1, 1], variant="ququarts")
    results = dataset([qutrits, ququarts], ["qutrits", "ququarts"])
    assert (results.sizes["row"], results.sizes["entry"]) == (9, 4)
    for point, size, levels in ((qutrits, 4, 3), (ququarts, 9, 4)):
        here = results.sel(variant=point["variant"], efficiency=1e-4)
        assert here.rho_re.values[:size, :size].tolist() == point["rho"]["re"]
        assert np.isnan(here.rho_re.values[size:]).all()
        assert np.isnan(here.rho_re.values[:, size:]).all()
        assert here.filter_b.values[:levels].tolist() == point["filters"]["b"]
        assert np.isnan(here.filter_b.values[levels:]).all()


CALLED = ("residual", "row", "efficiency", "q", "g")


@pytest.fixture
def oddly_called(monkeypatch):
    """A machine with parameters that are called like other quantities of a run."""

    class Odd(TwoQubit):
        kind: ClassVar = "odd"
        parameters: ClassVar = tuple(
            Parameter(name, f"the {name} of the machine") for name in CALLED
        )

    monkeypatch.setattr(MACHINES, "_registered", {"odd": Odd})


@pytest.mark.parametrize("sweep", [None, "efficiency", "row"])
def test_a_parameter_called_like_another_quantity_hides_nothing(oddly_called, sweep):
    parameters = {name: float(k) for k, name in enumerate(CALLED, start=1)}
    steering = {"q": 0.2, "q_lower": 0.1, "q_upper": 0.3}
    axes = [[0.0, 0.0, 1.0]]
    point = state_of([1, 1], [1, 1], variant="odd", steering=steering, directions=axes)
    point["parameters"] = parameters
    results = dataset([point], ["odd"], kinds=["odd"], sweep=sweep)
    for name in CALLED:
        called = name if name == "g" else f"machine.{name}"
        assert results[called].item() == parameters[name]
        assert results[called].attrs["long_name"].startswith(f"the {name} of the machine")
    assert (results.residual.item(), results.q.item()) == (0.0, 0.2)
    assert results.efficiency.item() == 1e-4
    others = {*results.variables, *results.dims}
    assert others - {"g", *(f"machine.{name}" for name in CALLED)} <= OTHERS


def test_free_measurements_stand_beside_the_points_that_have_them():
    axes = [[0.0, 0.0, 1.0], [0.6, 0.0, 0.8]]
    free = state_of([0.5, 1], [1, 1], variant="free", directions=axes)
    fixed = state_of([0.5, 1], [1, 1], variant="fixed")
    results = dataset([free, fixed], ["free", "fixed"])
    assert results.directions.dims == ("variant", "efficiency", "measurement", "xyz")
    assert results.directions.sel(variant="free").values[0].tolist() == axes
    assert np.isnan(results.directions.sel(variant="fixed")).all()
    assert "directions" not in dataset([fixed], ["fixed"])
