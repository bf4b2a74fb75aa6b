"""The steering figures of brask2022, on tiny grids."""

import json

import numpy as np
import pytest

from experiments.brask2022 import steering


@pytest.fixture
def run(tmp_path):
    def figure(name, points):
        steering.main([name, "--points", str(points), "--out", str(tmp_path)])
        assert (tmp_path / f"{name}.png").exists()
        assert (tmp_path / f"{name}.pdf").exists()
        return json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))

    return figure


def test_ten_measurements_prove_no_more_than_all(run):
    found = run("maps", 3)
    assert len(found["maps"]) == len(steering.MACHINES)
    for map_ in found["maps"].values():
        verdict, q = np.array(map_["verdict"]), np.array(map_["dodecahedron"])
        assert verdict.shape == q.shape == (3, 3)
        assert np.all(verdict[q > 1e-8] == steering.VERDICTS.index("steerable"))
    assert np.any(np.array(found["maps"]["fermions, inverted"]["dodecahedron"]) > 1e-8)
    charged = found["maps"][r"charged fermions, $u \to \infty$"]
    assert np.all(np.array(charged["verdict"]) == steering.VERDICTS.index("steerable"))


def test_the_paper_s_points_have_the_paper_s_robustness(run, capsys):
    run("robustness", 3)
    printed = capsys.readouterr().out
    for number in ("q = 0.108459", "q = 0.002298", "q = 0.007776", "q = 0.007537", "q = 0.080821"):
        assert number in printed


def test_more_settings_come_closer_to_all(run):
    found = run("settings", 6)
    low, high = found["all"]
    q = [value for _, value in found["settings"]]
    assert q == sorted(q)
    assert q[-1] < low < high < low + 1e-3
