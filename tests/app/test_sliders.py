"""Sliders: places that stand for values, on the scale of the search."""

import math

import pytest

from jaxent.app.errors import InputError
from jaxent.app.sliders import Slider, of_filter, written
from jaxent.search.space import Range

INFINITE = math.inf


def slider(low, high, scale="linear"):
    return Slider("x", "", Range(low, high, scale))


@pytest.mark.parametrize(
    ("ends", "middle"),
    [
        ((1e-4, 1e2, "log"), 0.1),
        ((-1.0, 3.0, "linear"), 1.0),
        # The inverse of the middle of 1/T: between 2 and 0 it is 1, between 2 and 1 it is 1.5.
        ((0.5, INFINITE, "inverse"), 1.0),
        ((0.5, 1.0, "inverse"), 0.6667),
        ((-1.0, -0.5, "inverse"), -0.6667),
    ],
    ids=str,
)
def test_the_middle_is_that_of_the_scale(ends, middle):
    assert slider(*ends).at(0.5) == pytest.approx(middle, rel=1e-12)


@pytest.mark.parametrize(
    "ends", [(1e-4, 1e3, "log"), (0.1, 0.3, "linear"), (0.05, INFINITE, "inverse")], ids=str
)
def test_its_ends_are_the_bounds_themselves(ends):
    found = {slider(*ends).at(0.0), slider(*ends).at(1.0)}
    assert found == {ends[0], ends[1]}
    assert set(slider(*ends).ends) == {written(ends[0]), written(ends[1])}


@pytest.mark.parametrize("place", [0.0, 0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize(
    "ends",
    [
        (1e-4, 1e3, "log"),
        (-2.0, 5.0, "linear"),
        (0.05, INFINITE, "inverse"),
        (-3.0, -1.0, "inverse"),
    ],
    ids=str,
)
def test_a_value_is_at_its_place(ends, place):
    one = slider(*ends)
    assert one.place(one.at(place)) == pytest.approx(place, abs=2e-3)


def test_what_is_shown_is_what_is_used():
    one = slider(1e-3, 10.0, "log")
    for k in range(101):
        value = one.at(k / 100)
        assert one.read({"text": written(value)}) == value


def test_a_sweep_has_its_values_and_no_others():
    one = Slider("T", "", None, (0.5, 2.0, INFINITE))
    assert [one.at(place) for place in (0.0, 0.5, 1.0)] == [0.5, 2.0, INFINITE]
    assert [one.place(value) for value in (0.5, 2.0, INFINITE)] == [0.0, 0.5, 1.0]
    assert one.read({"text": ".inf"}) == INFINITE
    with pytest.raises(InputError, match=r"T: 1\.0 is given; allowed: one of 0\.5, 2, \.inf"):
        one.read({"text": "1"})


def test_a_value_of_a_sweep_is_found_by_what_is_written_of_it():
    third = Slider("g", "", None, (0.1, 0.1 + 0.2, 1.0))
    assert third.text(0.1 + 0.2) == "0.3"
    assert third.read({"text": "0.3"}) == 0.1 + 0.2


def test_both_zeros_are_temperatures_of_their_own():
    one = Slider("T", "", None, (-0.0, 0.0))
    for zero in (-0.0, 0.0):
        read = one.read({"text": written(zero)})
        assert math.copysign(1, read) == math.copysign(1, zero)


def test_rounding_beyond_a_bound_is_forgiven():
    assert slider(0.0, 1.0).read({"text": "1.0000000000000002"}) == 1.0


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"place": 2}, "x.place: 2.0 is given; allowed: a number in [0, 1]"),
        ({"place": float("nan")}, "x.place: .nan is given"),
        ({"place": "0.5"}, "x.place: '0.5' is given"),
        ({"place": True}, "x.place: true is given"),
        ({"text": "20"}, "x: 20.0 is given; allowed: a number from 0.1 to 10"),
        ({"text": "inf"}, "infinity is written .inf"),
        ({"text": ".inf"}, "x: .inf is given"),
        ({"text": "many"}, "x: 'many' is given"),
        ({"text": ""}, "x: null is given"),
        ({"text": "[1"}, "x: line 1"),
        ({"text": "!!python/object:os.system 1"}, "x:"),
        ({"text": 1}, "x: 1 is given; allowed: a text"),
        ({"place": 0.5, "text": "1"}, "allowed: a place or a text"),
        ({}, "allowed: a place or a text"),
        (0.5, "allowed: a place or a text"),
        (None, "allowed: a place or a text"),
    ],
    ids=str,
)
def test_bad_values_are_refused_in_one_line(given, told):
    with pytest.raises(InputError) as refusal:
        slider(0.1, 10.0, "log").read(given)
    assert told in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_filter_has_a_slider_for_each_level_that_reaches_it():
    names = [one.name for one in of_filter("b", [1, 2])]
    assert names == ["filters.b[1]", "filters.b[2]"]
    assert of_filter("a", [0])[0].range == Range(0.0, 1.0, "linear")
