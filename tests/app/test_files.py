"""Studies from plain data as from files, and runs as programs read them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

import jaxent as package
from jaxent.files import Run

VARIANTS = {
    "variants": {"filter on B": {}, "both filters": {"free": {"filters": {"a": {}, "b": {}}}}}
}


@pytest.fixture
def run(jaxent, quick_solve, study_file):
    """A finished run of two variants."""
    assert jaxent("run", study_file(VARIANTS), "--out", "there").code == 0
    return package.read_run("there")


@pytest.fixture
def axes():
    from matplotlib.figure import Figure

    return Figure().subplots()


def test_plain_data_are_the_same_study_as_their_file(study_file):
    path = study_file()
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert package.read_study(config) == package.read_study(path) == package.read_study(str(path))


def test_tuples_arrays_and_numbers_of_numpy_are_plain_data(study_file):
    config = yaml.safe_load(study_file().read_text(encoding="utf-8"))
    wanted = package.read_study(config)
    config["efficiency"] = {"values": np.array([0.05, 0.2])}
    config["constraints"] = tuple(config["constraints"])
    config["machine"]["bath_a"]["gamma"] = np.float64(1)
    assert package.read_study(config) == wanted


def test_zero_keeps_its_sign(study_file):
    config = yaml.safe_load(study_file().read_text(encoding="utf-8"))
    config["machine"]["bath_a"]["temperature"] = -0.0
    assert np.signbit(package.read_study(config).parameters["bath_a.temperature"])


def test_a_variant_is_chosen_by_its_name(study_file):
    path = study_file(VARIANTS)
    assert package.read_study(path, "both filters").filters == ("a", "b")
    for variant, given in ((None, "no variant"), ("neither", "'neither'")):
        with pytest.raises(ValueError, match=f"variant: {given} is given; allowed: 'fil"):
            package.read_study(path, variant)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"objective": "beauty"}, "study: objective: 'beauty' is given; allowed: chsh"),
        ({"machine": print}, "study: <built-in function print> is given; allowed: mappings"),
        ({1: 2}, "study: "),
    ],
    ids=["a value", "no data", "a key"],
)
def test_what_is_no_study_is_refused_in_one_line(study_file, change, message):
    config = yaml.safe_load(study_file().read_text(encoding="utf-8"))
    with pytest.raises(ValueError, match=message) as error:
        package.read_study(config | change)
    assert "\n" not in str(error.value)


def test_a_run_is_read_back_as_points_states_and_arrays(run):
    assert run.variants == ["filter on B", "both filters"]
    assert len(run.points) == len(run.states) == 4
    dataset = run.dataset()
    assert dict(dataset.sizes)["variant"] == 2
    here = {"variant": "both filters", "efficiency": 0.2}
    stored = dataset.sel(here)
    np.testing.assert_array_equal(run.states[3], stored.rho_re.data + 1j * stored.rho_im.data)
    assert float(stored.value) == run.points[3]["value"]
    assert dataset["g"].attrs["units"] == "energy"


def test_a_run_is_a_table_that_csv_keeps(run, tmp_path):
    table = run.table()
    assert list(table["efficiency"]) == [0.05, 0.2, 0.05, 0.2]
    assert list(table["chsh"]) == [point["value"] for point in run.points]
    assert list(table["filters.a[0]"])[:2] == [1.0, 1.0]
    assert set(table["in_regime"]) <= {True, False}
    path = tmp_path / "curve.csv"
    table.to_csv(path, index=False)
    again = pd.read_csv(path, keep_default_na=False)
    pd.testing.assert_frame_equal(again, table, check_dtype=False, rtol=1e-15)


def test_a_run_is_drawn_on_axes_in_their_own_style(run, axes):
    lines = run.draw(axes, color="red", linewidth=3, marker="")
    assert [line.get_label() for line in lines] == run.variants
    assert {line.get_color() for line in lines} == {"red"}
    assert {line.get_linewidth() for line in lines} == {3}
    assert axes.get_ylabel() == "CHSH"
    assert "efficiency" in axes.get_xlabel()


def test_any_quantity_of_some_variants_is_drawn(run, axes):
    [line] = run.draw(axes, lambda point: point["parameters"]["g"], ["both filters"], lw=0.5)
    values = [p["parameters"]["g"] for p in run.points if p["variant"] == "both filters"]
    hollow = axes.get_lines()[1]
    drawn = np.where(np.isnan(line.get_ydata()), hollow.get_ydata(), line.get_ydata())
    assert list(drawn) == values
    assert line.get_linewidth() == 0.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"quantity": "q"}, "quantity: 'q' is given; allowed: value, or a function of a point"),
        ({"variants": ["neither"]}, "variants: neither given; allowed: filter on B, both filters"),
    ],
    ids=["not certified", "no variant"],
)
def test_what_a_run_does_not_have_is_refused(run, axes, options, message):
    with pytest.raises(ValueError, match=message):
        run.draw(axes, **options)


def test_a_folder_without_a_run_is_refused(tmp_path):
    summary = tmp_path / "summary.json"
    for content, folder in (("[]", tmp_path), ("[" * 100_000, tmp_path), ("", tmp_path / "no")):
        summary.write_text(content, encoding="utf-8")
        with pytest.raises(ValueError, match="it holds no run; allowed: the folder of a finished"):
            package.read_run(folder)


def test_a_run_that_was_damaged_or_changed_is_refused(run):
    path = run.folder / "summary.json"
    whole = path.read_text(encoding="utf-8")
    changed = whole.replace('"efficiency": 0.05', '"efficiency": 0.06', 1)
    assert changed != whole
    path.write_text(changed, encoding="utf-8")
    with pytest.raises(ValueError, match=r"there: summary\.json is damaged; allowed: the folder"):
        package.read_run(run.folder)
    content = json.loads(whole)
    del content["checksum"]
    path.write_text(json.dumps(content), encoding="utf-8")
    assert package.read_run(run.folder).points == run.points


def test_a_parameter_called_like_another_column_hides_nothing():
    verified = {"trivial": False, "at_bound": [], "regimes": [], "residual": 1e-15}
    point = {
        "variant": None,
        "efficiency": 0.1,
        "value": 2.5,
        "parameters": {"g": 1.0, "q": 2.0, "residual": 3.0, "chsh": 4.0, "efficiency": 5.0},
        "filters": {},
        "steering": {"q": 0.2, "q_lower": 0.1, "q_upper": 0.3},
        "verified": verified | {"agreed": 1, "starts": 2},
    }
    about = {"variants": [], "objective": "chsh", "classical_bound": 2.0}
    [row] = Run(Path(), {**about, "points": [point]}).table().to_dict("records")
    assert (row["g"], row["q"], row["residual"]) == (1.0, 0.2, 1e-15)
    assert (row["chsh"], row["efficiency"]) == (2.5, 0.1)
    for name in ("q", "residual", "chsh", "efficiency"):
        assert row[f"machine.{name}"] == point["parameters"][name]


def test_a_certificate_says_what_it_proves_in_a_line():
    singlet = np.array([[0, 0, 0, 0], [0, 1, -1, 0], [0, -1, 1, 0], [0, 0, 0, 0]]) / 2
    text = str(package.certify_steering(singlet, "orthogonal"))
    assert text.startswith("0.42264973")
    assert text.endswith(" (orthogonal, a measures): steerable")
