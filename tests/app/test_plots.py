"""The figure of a run: what a reader must be able to see in it."""

import pytest

from jaxent.app.plots import draw, write_figure
from jaxent.app.ranges import efficiency_scale


def point(efficiency, value, variant=None, trivial=False, q=None):
    steering = None if q is None else {"q": q}
    return {
        "variant": variant,
        "efficiency": efficiency,
        "value": value,
        "verified": {"efficiency": efficiency, "trivial": trivial},
        "steering": steering,
    }


def run(points, variants=(), scale="linear"):
    return {
        "objective": "chsh",
        "classical_bound": 2.0,
        "variants": list(variants),
        "efficiency_scale": scale,
        "sweep": None,
        "points": points,
    }


CURVE = [point(0.01, 2.6), point(0.1, 2.3), point(0.4, 2.0, trivial=True)]
LOG = {"from": 0.01, "to": 0.4, "points": 3, "scale": "log"}


def texts(panel):
    return [text.get_text() for text in panel.texts]


def finite(line):
    return [(x, y) for x, y in zip(*line.get_data(), strict=True) if y == y]


def test_values_are_drawn_against_efficiency_and_trivial_ones_are_hollow():
    (panel,) = draw(run(CURVE)).axes
    filled, hollow = panel.get_lines()[:2]
    assert finite(filled) == [(0.01, 2.6), (0.1, 2.3)]
    assert finite(hollow) == [(0.4, 2.0)]
    assert (hollow.get_markerfacecolor(), hollow.get_linestyle()) == ("white", "None")
    assert "efficiency" in panel.get_xlabel()
    assert panel.get_ylabel() == "CHSH"


def test_a_curve_along_a_parameter_is_drawn_against_it():
    swept = {"kinds": ["qudit_reset"], "sweep": "temperature_a", "sweep_scale": "log"}
    points = [
        point(1.0, value) | {"parameters": {"temperature_a": T}}
        for T, value in ((2.0, 2.6), (20.0, 2.3))
    ]
    (panel,) = draw(run(points) | swept).axes
    assert finite(panel.get_lines()[0]) == [(2.0, 2.6), (20.0, 2.3)]
    assert panel.get_xlabel() == "$T_A$"
    assert panel.get_xscale() == "log"


def test_the_classical_bound_is_a_labelled_dashed_line():
    (panel,) = draw(run(CURVE)).axes
    bounds = [line for line in panel.get_lines() if list(line.get_ydata()) == [2.0, 2.0]]
    assert len(bounds) == 1
    assert bounds[0].get_linestyle() == "--"
    assert "classical bound 2" in texts(panel)


@pytest.mark.parametrize(
    ("efficiency", "scale"),
    [
        (LOG, "log"),
        ({**LOG, "scale": "linear"}, "linear"),
        ({"values": [0.01, 0.1, 0.4]}, "log"),
        ({"values": [0.1, 0.2, 0.4]}, "linear"),
    ],
)
def test_the_axis_is_logarithmic_where_the_efficiencies_are(efficiency, scale):
    (panel,) = draw(run(CURVE, scale=efficiency_scale(efficiency))).axes
    assert panel.get_xscale() == scale


def test_steering_has_a_panel_of_its_own_in_per_cent():
    points = [point(0.1, 2.5, q=0.3), point(0.2, 2.4, q=0.2)]
    value, steering = draw(run(points)).axes
    assert finite(steering.get_lines()[0]) == [(0.1, 30.0), (0.2, 20.0)]
    assert "(%)" in steering.get_ylabel()
    assert texts(value)[-1] == "(a)"
    assert texts(steering) == ["(b)"]


def test_variants_are_told_apart_without_colour():
    variants = [f"variant {i}" for i in range(9)]
    points = [point(p, 2.5, v) for v in variants for p in (0.1, 0.2)]
    figure = draw(run(points, variants))
    lines = [line for line in figure.axes[0].get_lines() if line.get_label() in variants]
    assert len({(line.get_marker(), line.get_linestyle()) for line in lines}) == 9
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == variants


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["$u = 0$", "5 $ per filter", "_hidden", r"$\nonsense$"])
def test_any_name_of_a_variant_can_be_drawn(name, tmp_path):
    infinite = point(0.2, 0.0, name, trivial=True, q=float("-inf"))  # the maximally mixed state
    summary = run([point(0.1, 2.5, name, q=0.1), infinite], [name])
    paths = write_figure(tmp_path, summary)
    assert [path.name for path in paths] == ["figure.png", "figure.pdf"]
    assert paths[0].read_bytes().startswith(b"\x89PNG")
    assert paths[1].read_bytes().startswith(b"%PDF")
    legend = draw(summary).axes[0].get_legend()
    assert name.strip("_$\\") in legend.get_texts()[0].get_text().replace("\\$", "$")
