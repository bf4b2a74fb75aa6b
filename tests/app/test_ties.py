"""Parameters given by the name of another one, and the entries of lists."""

import copy
import json
import math

import numpy as np
import pytest

from jaxent.app.config import load_study
from jaxent.search.space import Range
from tests.app.configs import dumped

INF = math.inf
CAVITY = {
    "machine": {
        "kind": "cavity_qubits",
        "g1": 1,
        "g2": 1,
        "kappa": 3,
        "pump_1": 1e-3,
        "pump_2": "pump_1",
        "gamma": 1e-3,
        "photons": 2,
    }
}
QUTRITS = {"machine": {"kind": "qudit_reset", "g": [0.1, 0.2], "p_a": 0.1, "p_b": 1}}
QUBITS = {
    "machine": {
        "kind": "two_qubit",
        "g": 0.3,
        "bath_a": {"statistics": "fermion", "gamma": 1, "temperature": 2},
        "bath_b": {"statistics": "fermion", "gamma": 1, "temperature": "bath_a.temperature"},
    }
}
STUDY = {"objective": "negativity", "search": {"starts": 1, "steps": 1, "rounds": 0}}
WIDE = {"low": 1e-4, "high": 1e-2}


def merged(base, changes):
    result = copy.deepcopy(base)
    for key, value in changes.items():
        inner = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if inner else copy.deepcopy(value)
    return result


@pytest.fixture
def write(tmp_path):
    def written(base, **changes):
        path = tmp_path / "config.yaml"
        path.write_text(dumped(merged(base, changes)))
        return path

    return written


@pytest.fixture
def study(write):
    def loaded(base, **changes):
        (one,) = load_study(write(STUDY | base, **changes))
        return one

    return loaded


def middle(study, level=1.0):
    """The machine in the middle of a study's space."""
    return study.problem.machine(np.full(study.problem.size, 0.5), level)


# ties


def test_a_tied_parameter_has_the_value_of_the_other_one(jaxent, write):
    tied = json.loads(jaxent("state", write(CAVITY), "--json").out)
    both = json.loads(jaxent("state", write(CAVITY, machine={"pump_2": 1e-3}), "--json").out)
    assert tied == both
    assert tied["machine"]["pump_2"] == 1e-3
    again = json.loads(jaxent("state", write(CAVITY), "--json", "--set", "pump_1=2e-3").out)
    assert again["machine"]["pump_2"] == again["machine"]["pump_1"] == 2e-3
    assert again["rho"] != tied["rho"]


def test_a_parameter_tied_to_a_free_one_follows_it(study):
    one = study(CAVITY, free={"pump_1": WIDE})
    assert set(one.ranges) == {"pump_1"}
    machine = middle(one)
    assert machine.pump_1 == machine.pump_2 == pytest.approx(1e-3, rel=1e-14)


def test_a_temperature_tied_to_a_free_one_follows_it(study):
    one = study(QUBITS, free={"bath_a.temperature": {"low": 0.5, "high": INF}})
    machine = middle(one)
    assert machine.bath_a.beta == machine.bath_b.beta == pytest.approx(1, rel=1e-14)


def test_a_parameter_tied_to_a_swept_one_follows_it(study):
    one = study(QUBITS, sweep={"bath_a.temperature": {"values": [0.5, 4]}})
    for level, temperature in zip(one.levels, (0.5, 4), strict=True):
        machine = middle(one, level)
        assert machine.bath_a.beta == machine.bath_b.beta == 1 / temperature


def test_what_is_free_is_free_whatever_the_machine_ties_it_to(study):
    for tied in ("pump_1", "gamma", "pump_2"):
        one = study(CAVITY, machine={"pump_2": tied}, free={"pump_2": WIDE})
        assert set(one.ranges) == {"pump_2"}
        machine = middle(one)
        assert (machine.pump_1, machine.pump_2) == (1e-3, pytest.approx(1e-3, rel=1e-14))
        highest = one.problem.machine(one.problem.from_seed(np.ones(1)), 1.0)
        assert (highest.pump_1, highest.pump_2) == (1e-3, pytest.approx(1e-2, rel=1e-14))


def test_what_is_swept_is_swept_whatever_the_machine_ties_it_to(study):
    one = study(QUBITS, sweep={"bath_b.temperature": {"values": [0.5, 4]}})
    machine = middle(one, one.levels[0])
    assert (machine.bath_a.beta, machine.bath_b.beta) == (0.5, 2)


@pytest.mark.parametrize("limits", ["pump_2 <= 0.5*gamma", "pump_1 <= 0.5*gamma"])
def test_a_constraint_on_a_tied_parameter_holds_for_the_other_one(limits, study):
    one = study(CAVITY, free={"pump_1": WIDE}, constraints=[limits])
    (constraint,) = one.constraints
    assert constraint.text == limits
    highest = one.problem.machine(one.problem.from_seed(np.ones(1)), 1.0)
    assert highest.pump_1 == highest.pump_2 == pytest.approx(5e-4, rel=1e-12)


LIKE = "or the name of a like parameter that has a value or is free"

BAD_TIES = [
    (CAVITY, {"pump_2": "pump_3"}, {}, "machine.pump_2: 'pump_3' is given; allowed: a finite num"),
    (CAVITY, {"pump_2": "pump_2"}, {}, f"machine.pump_2: 'pump_2' is given; {{}}, {LIKE}"),
    (CAVITY, {"pump_1": "pump_2"}, {}, f"machine.pump_1: 'pump_2' is given; {{}}, {LIKE}"),
    # A chain to one that is free.
    (
        CAVITY,
        {"pump_1": "kappa"},
        {"free": {"kappa": {"low": 1, "high": 10}}},
        f"machine.pump_2: 'pump_1' is given; {{}}, {LIKE}",
    ),
    # Unlike kinds.
    (CAVITY, {"pump_2": "photons"}, {}, f"machine.pump_2: 'photons' is given; {{}}, {LIKE}"),
    (CAVITY, {"photons": "g1"}, {}, "machine.photons: 'g1' is given; allowed: an integer >= 1"),
    (
        QUBITS,
        {"bath_b": {"gamma": "bath_a.temperature"}},
        {},
        f"machine.bath_b.gamma: 'bath_a.temperature' is given; {{}}, {LIKE}",
    ),
    (
        QUBITS,
        {"bath_b": {"temperature": "g"}},
        {},
        "machine.bath_b.temperature: 'g' is given; allowed: any real number",
    ),
    # What the other one has, or may have, is not allowed here.
    (CAVITY, {"pump_2": "detuning", "detuning": -1}, {}, "machine.pump_2: -1 is given; {}"),
    (
        CAVITY,
        {"pump_2": "detuning"},
        {"free": {"detuning": {"low": -1, "high": -0.5}}},
        "pump_2: ",
    ),
    (
        QUBITS,
        {"bath_a": {"temperature": -1}, "bath_b": {"statistics": "boson"}},
        {},
        "machine.bath_b.temperature: -1 is given; allowed: a bosonic bath has no inverted",
    ),
    (
        QUBITS,
        {"bath_b": {"statistics": "boson"}},
        {"free": {"bath_a.temperature": {"low": -2, "high": -1}}},
        "bath_b.temperature: ",
    ),
    # A list that is free entry by entry has no value of its own.
    (
        QUTRITS,
        {"p_b": "g"},
        {"free": {"g": [{"low": 0.1, "high": 1}, 0.2]}},
        "machine.p_b: 'g' is given; allowed: ",
    ),
    # The tied one is swept as well.
    (
        CAVITY,
        {},
        {
            "free": {"kappa": {"low": 1, "high": 10}},
            "sweep": {"pump_1": {"values": [1e-3, 2e-3]}},
            "constraints": ["pump_2 <= kappa"],
        },
        "constraints[0]: 'pump_2 <= kappa' uses pump_2, which is swept",
    ),
]


@pytest.mark.parametrize(
    ("base", "machine", "others", "fragment"), BAD_TIES, ids=lambda x: str(x)[:60]
)
def test_a_bad_tie_is_refused_in_one_line(base, machine, others, fragment, write, jaxent, one_line):
    path = write(STUDY | base, machine=machine, **others)
    parts = fragment.format("allowed: a finite number >= 0")
    one_line(jaxent("run", path), "config.yaml: ", parts)


def test_a_chain_means_the_same_in_whatever_order_it_is_written(jaxent, write):
    """gamma is as pump_2, which is as pump_1: allowed or not, but not by the order of the lines."""
    parameters = {"pump_1": 1e-3, "pump_2": "pump_1", "gamma": "pump_2"}
    rest = {k: v for k, v in CAVITY["machine"].items() if k not in parameters}
    codes = set()
    for order in (parameters, dict(reversed(parameters.items()))):
        path = write({"machine": {**rest, **order}})
        codes.add(jaxent("state", path, "--json").code)
    assert len(codes) == 1, codes


# lists


def test_the_entries_of_a_list_are_free_one_by_one(study):
    freed = [{"low": 0.1, "high": 10}, {"low": 1, "high": 2, "scale": "linear"}]
    one = study(QUTRITS, free={"g": freed}, efficiency={"values": [1e-3]})
    assert one.ranges == {"g[0]": Range(0.1, 10, "log"), "g[1]": Range(1, 2, "linear")}
    assert [float(g) for g in middle(one).g] == pytest.approx([1.0, 1.5], rel=1e-14)


def test_numbers_in_a_free_list_are_fixed(study):
    one = study(QUTRITS, free={"g": [0.3, {"low": 0.1, "high": 10}]}, efficiency={"values": [1e-3]})
    assert set(one.ranges) == {"g[1]"}
    assert one.parameters["g[0]"] == 0.3
    assert [float(g) for g in middle(one).g] == pytest.approx([0.3, 1.0], rel=1e-14)


def test_entries_of_fixed_and_of_free_lists_are_compared(study):
    one = study(
        QUTRITS,
        machine={"gaps": [1, 1.5]},
        free={"g": [{"low": 0.01, "high": 10}, 0.3], "p_a": {"low": 0.2, "high": 0.4}},
        efficiency={"values": [1e-3]},
        constraints=["g[0] <= p_a", "p_a <= g[1]", "g[0] <= 0.1*gaps[1]"],
    )
    highest = one.problem.machine(one.problem.from_seed(np.ones(2)), 1e-3)
    assert [float(g) for g in highest.g] == pytest.approx([0.15, 0.3], rel=1e-12)
    assert highest.p_a == pytest.approx(0.3, rel=1e-12)


FREE = {"low": 0.1, "high": 1}
BAD_LISTS = [
    ({"free": {"g": []}}, "free.g: [] is given; allowed: a list of d numbers"),
    ({"free": {"g": [FREE]}}, "g: 1 numbers are given; allowed: one, or a list of 2"),
    ({"free": {"g": [FREE, FREE, 0.1]}}, "g: 3 numbers are given; allowed: one, or a list of 2"),
    ({"free": {"g": [FREE, -0.1]}}, "free.g[1]: -0.1 is given; allowed: a finite number >= 0"),
    ({"free": {"g": [FREE, "x"]}}, "free.g[1]: 'x' is given; allowed: a finite number >= 0"),
    ({"free": {"g": [{"low": 2, "high": 1}, 0.1]}}, "free.g[0].low: 2.0 is above free.g[0].high"),
    ({"free": {"p_a": [FREE]}}, "free.p_a: [{low: 0.1, high: 1}] is given; allowed: a mapping of"),
    (
        {"free": {"g": [FREE, 0.1]}, "constraints": ["g <= p_a"]},
        "constraints[0]: 'g <= p_a' uses g, which has no value here; allowed: ",
    ),
    (
        {"free": {"g": [FREE, 0.1]}, "constraints": ["g[2] <= p_a"]},
        "constraints[0]: 'g[2]' in 'g[2] <= p_a' is unknown; allowed: ",
    ),
    (
        {"free": {"p_a": FREE}, "constraints": ["g[1] <= 0.1*p_a"]},
        "constraints: 'g[1] <= 0.1*p_a' leave no point with p_a from 0.1 to 1",
    ),
]


@pytest.mark.parametrize(("changes", "fragment"), BAD_LISTS, ids=lambda x: str(x)[:60])
def test_a_bad_list_is_refused_in_one_line(changes, fragment, write, jaxent, one_line):
    path = write(STUDY | QUTRITS, efficiency={"values": [1e-3]}, **changes)
    one_line(jaxent("run", path), "config.yaml: ", fragment)
