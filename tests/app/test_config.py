"""Which configs are understood, and what is said about those that are not."""

import math
from pathlib import Path

import pytest

from jaxent.app.config import load_state, load_study
from jaxent.app.yaml import read_yaml
from jaxent.search.space import Range

INF = math.inf
NAN = math.nan


# changes to a study


def bath(**values):
    return {"machine": {"bath_a": values}}


def free(**values):
    return {"free": values}


def hot(**values):
    return {"free": {"bath_a": {"temperature": values}}}


# what is understood


def test_a_study_is_read_as_it_is_written(study_file):
    (study,) = load_study(study_file({"certify": {"steering": "dodecahedron"}}))
    assert study.kind == "two_qubit"
    assert study.parameters["bath_a.gamma"] == 1
    assert study.parameters["E_a"] == 1.0  # a default
    assert study.ranges == {
        "g": Range(1e-3, 1e2, "log"),
        "bath_b.gamma": Range(1e-2, 1e2, "log"),
    }
    assert study.filters == ("b",)
    assert study.objective == "chsh"
    assert study.efficiencies == (0.05, 0.2)
    assert [c.text for c in study.constraints] == ["g <= bath_a.gamma", "g <= bath_b.gamma"]
    assert (study.settings.starts, study.settings.steps, study.settings.rounds) == (2, 5, 0)
    assert study.settings.learning_rate == 0.05
    assert study.measurements == "dodecahedron"
    assert study.variant is None


def test_the_sign_of_zero_temperature_survives(study_file):
    (study,) = load_study(study_file())
    assert math.copysign(1, study.parameters["bath_a.temperature"]) == -1
    assert math.copysign(1, study.parameters["bath_b.temperature"]) == 1


def test_dots_and_nesting_mean_the_same(study_file):
    dotted = {
        "free": {"bath_b": None, "filters": None, "bath_b.gamma": {"low": 1e-2, "high": 1e2}}
        | {"filters.b": {}}
    }
    assert load_study(study_file(dotted)) == load_study(study_file(name="nested.yaml"))


def test_a_free_parameter_wins_over_its_value(study_file):
    (study,) = load_study(study_file({"machine": {"g": 0.3}}))
    assert "g" not in study.parameters
    assert "g" in study.ranges


@pytest.mark.parametrize(
    ("bounds", "scale"),
    [
        ({"low": 1, "high": 10}, "log"),
        ({"low": 1, "high": 9}, "linear"),
        ({"low": 0, "high": 100}, "linear"),
        ({"low": 1, "high": 100, "scale": "linear"}, "linear"),
        ({"low": 1, "high": 1}, "linear"),
        ({"low": 1, "high": 1, "scale": "log"}, "log"),
    ],
)
def test_the_scale_follows_the_span(study_file, bounds, scale):
    (study,) = load_study(study_file({"constraints": None, "free": {"g": None} | {"u": bounds},
                                      "machine": {"g": 0.1}}))  # fmt: skip
    assert study.ranges["u"] == Range(bounds["low"], bounds["high"], scale)


@pytest.mark.parametrize(("low", "high"), [(0.05, INF), (-INF, -0.5), (0.1, 0.1), (INF, INF)])
def test_a_free_temperature_is_searched_by_its_inverse(study_file, low, high):
    (study,) = load_study(
        study_file({"free": {"bath_a": {"temperature": {"low": low, "high": high}}}})
    )
    assert study.ranges["bath_a.temperature"] == Range(low, high, "inverse")
    assert "bath_a.temperature" not in study.parameters


@pytest.mark.parametrize(
    ("block", "efficiencies"),
    [
        ({"values": [0.3, 0.1, 1]}, (0.1, 0.3, 1.0)),
        ({"values": None, "from": 0.1, "to": 0.2, "points": 3}, (0.1, 0.15, 0.2)),
        ({"values": None, "from": 0.01, "to": 1, "points": 3}, (0.01, 0.1, 1.0)),
        (
            {"values": None, "from": 0.2, "to": 1, "points": 3, "scale": "linear"},
            (0.2, 0.6, 1.0),
        ),
        ({"values": None, "from": 0.1, "to": 0.4, "points": 3, "scale": "log"}, (0.1, 0.2, 0.4)),
        ({"values": None, "from": 0.1, "to": 0.1, "points": 1}, (0.1,)),
        (None, (1.0,)),
    ],
)
def test_efficiencies_are_ascending(study_file, block, efficiencies):
    (study,) = load_study(study_file({"efficiency": block}))
    assert study.efficiencies == pytest.approx(efficiencies, rel=1e-14)
    assert (study.efficiencies[0], study.efficiencies[-1]) == (efficiencies[0], efficiencies[-1])


def test_without_filters_the_efficiency_is_one(study_file):
    (study,) = load_study(study_file({"free": {"filters": None}, "efficiency": None}))
    assert study.efficiencies == (1.0,)
    assert study.filters == ()


def test_a_study_may_free_filters_alone(study_file):
    fixed = {"machine": {"g": 0.1, "bath_b": {"gamma": 1}}, "free": {"g": None, "bath_b": None}}
    (study,) = load_study(study_file({**fixed, "constraints": None}))
    assert study.problem.size == 1


def test_variants_merge_delete_and_replace(study_file):
    variants = {
        "as it is": {},
        "nothing": None,
        "both filters": {"free": {"filters.a": {}}},
        "fixed": {"free": {"g": None}, "machine": {"g": 0.3}, "constraints": None},
        "narrower": {"free": {"g": {"high": 1}}, "efficiency": {"values": [0.5]}},
    }
    path = study_file()
    path.write_text(path.read_text() + _variants(variants))
    same, nothing, both, fixed, narrower = load_study(path)
    assert [s.variant for s in (same, nothing, both, fixed, narrower)] == list(variants)
    assert same.ranges == nothing.ranges
    assert both.filters == ("a", "b")
    assert "g" not in fixed.ranges
    assert fixed.parameters["g"] == 0.3
    assert fixed.constraints == ()
    assert narrower.ranges["g"] == Range(1e-3, 1, "log")
    assert narrower.efficiencies == (0.5,)
    assert same.efficiencies == (0.05, 0.2)


def _variants(variants):
    import yaml

    return yaml.safe_dump({"variants": variants}, sort_keys=False)


def test_a_state_file_is_read_with_its_overrides(state_file):
    path = state_file({"filters": {"a": [1, 0.5]}})
    request = load_state(path, ["g=1e-3", "bath_b.gamma=2", "filters.b=[0.5,1]"])
    assert request.kind == "two_qubit"
    assert request.parameters["g"] == 1e-3
    assert request.parameters["bath_b.gamma"] == 2
    assert (request.filter_a, request.filter_b) == ((1.0, 0.5), (0.5, 1.0))


def test_null_overrides_exchange_temperature_for_occupation(state_file):
    request = load_state(state_file(), ["bath_a.temperature=null", "machine.bath_a.occupation=0.2"])
    assert "bath_a.temperature" not in request.parameters
    assert request.parameters["bath_a.occupation"] == 0.2


def test_bosons_may_be_cold_or_infinitely_hot(state_file):
    for temperature in (0, INF, 2):
        baths = {"bath_a": {"statistics": "boson", "temperature": temperature}}
        request = load_state(state_file({"machine": baths}))
        assert request.parameters["bath_a.temperature"] == temperature


CONFIGS = sorted(Path(__file__).parents[2].joinpath("configs").rglob("*.yaml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_every_config_of_the_repository_is_understood(path):
    if "objective" in read_yaml(path):
        assert load_study(path)
    else:
        assert load_state(path)


# what is not

BATH = "machine.bath_a"

BAD_MACHINES = [
    ({"machine": {"kind": "three_qubit"}}, "machine.kind: 'three_qubit' is given; allowed: two_qu"),
    (
        {"machine": {"kind": None}},
        "machine.kind: missing; allowed: two_qubit, two_qubit_global, thermal",
    ),
    ({"machine": None}, "machine: missing"),
    ({"machine": 3}, "machine: 3 is given; allowed: a mapping"),
    ({"machine": {"h": 1}}, "machine.h: unknown; allowed: g, u, E_a"),
    (bath(speed=1), f"{BATH}.speed: unknown; allowed: g, u, E_a"),
    ({"machine": {"bath_a": 3}}, f"{BATH}: 3 is given; allowed: a mapping of statistics, gamma"),
    (bath(gamma=None), f"{BATH}.gamma: missing; allowed: a finite number >= 0"),
    (bath(statistics=None), f"{BATH}.statistics: missing; allowed: boson or fermion"),
    (bath(statistics="anyon"), f"{BATH}.statistics: 'anyon' is given; allowed: boson or fermion"),
    (bath(gamma=-1), f"{BATH}.gamma: -1 is given; allowed: a finite number >= 0"),
    (bath(gamma=True), f"{BATH}.gamma: true is given; allowed: a finite number >= 0"),
    (bath(gamma=NAN), f"{BATH}.gamma: .nan is given; allowed: a finite number >= 0"),
    (bath(gamma="1"), f"{BATH}.gamma: '1' is given; allowed: a finite number >= 0"),
    (bath(gamma=[1]), f"{BATH}.gamma: [1] is given; allowed: a finite number >= 0"),
    (bath(gamma=INF), f"{BATH}.gamma: .inf is given; allowed: a finite number >= 0"),
    (bath(temperature="inf"), "infinity is written .inf"),
    (bath(temperature="-Infinity"), "infinity is written -.inf"),
    (bath(temperature=NAN), f"{BATH}.temperature: .nan is given"),
    (bath(occupation=0.5), f"{BATH}: both bath_a.temperature and bath_a.occupation are given"),
    (bath(temperature=None), f"{BATH}: neither bath_a.temperature nor bath_a.occupation"),
    (bath(statistics="boson"), f"{BATH}.temperature: -0.0 is given; allowed: a bosonic bath"),
    (bath(statistics="boson", temperature=-1), f"{BATH}.temperature: -1 is given; allowed: a bos"),
    (bath(statistics="boson", temperature=-INF), f"{BATH}.temperature: -.inf is given"),
    (
        bath(temperature=None, occupation=1.5),
        f"{BATH}.occupation: 1.5 is given; allowed: a number in",
    ),
    (bath(temperature=None, occupation=-0.5), f"{BATH}.occupation: -0.5 is given"),
    (
        bath(statistics="boson", temperature=None, occupation=INF),
        f"{BATH}.occupation: .inf is given; allowed: a finite number >= 0",
    ),
    ({"machine": {"E_a": 0}}, "machine.E_a: 0 is given; allowed: a finite number > 0"),
    ({"machine": {"bath_a.gamma": 2}}, "machine.bath_a.gamma: given twice"),
    ({"machine": {"a.b.c.d.e": 2}}, "machine: 'a.b.c.d.e' is unknown"),
]

BAD_STUDIES = [
    ({"colour": 1}, "colour: unknown key; allowed: title, machine, free, filters, objective"),
    ({"title": 3}, "title: 3 is given; allowed: one line of printable"),
    ({"title": "a\0b"}, "title: 'a\\x00b' is given; allowed: one line of printable"),
    ({"filters": {"a": [1, 0, 1]}}, "filters.a: 3 entries are given; allowed: 2"),
    ({"filters": {"c": [1, 0]}}, "filters.c: unknown; allowed: a, b"),
    ({"free": 3}, "free: 3 is given; allowed: a mapping"),
    (free(h={"low": 1, "high": 2}), "free.h: unknown; allowed: g, u"),
    (free(g=1), "free.g: 1 is given; allowed: a mapping of low, high, scale"),
    (free(g={"low": None}), "free.g.low: missing; allowed: a finite number >= 0"),
    (free(g={"high": None}), "free.g.high: missing"),
    (free(g={"step": 1}), "free.g.step: unknown; allowed: low, high, scale"),
    (
        free(g={"low": 2, "high": 1}),
        "free.g.low: 2.0 is above free.g.high = 1.0; allowed: low <= high",
    ),
    (free(g={"low": -1}), "free.g.low: -1 is given; allowed: a finite number >= 0"),
    (free(g={"low": True}), "free.g.low: true is given"),
    (free(g={"low": NAN}), "free.g.low: .nan is given"),
    (free(g={"high": INF}), "free.g.high: .inf is given"),
    (free(g={"high": "inf"}), "infinity is written .inf"),
    (free(g={"scale": "cubic"}), "free.g.scale: 'cubic' is given; allowed: log, linear"),
    (
        free(g={"low": 0, "scale": "log"}),
        "free.g.low: 0.0 is given; allowed: a number > 0 on a",
    ),
    (free(u={"low": 1, "high": INF}), "free.u.high: .inf is given; allowed: a finite number"),
    (
        free(kappa_a={"low": -1e308, "high": 1e308}),
        "free.kappa_a: -1e+308 to 1e+308 is too wide",
    ),
    (
        free(bath_a={"statistics": {"low": 0, "high": 1}}),
        "free.bath_a.statistics: a word cannot be free",
    ),
    (hot(low=0, high=1), "free.bath_a.temperature.low: 0.0 is given; allowed: a nonzero temperat"),
    (hot(low=-1, high=-0.0), "free.bath_a.temperature.high: -0.0 is given; allowed: a nonzero"),
    (hot(low=1e-310, high=1), "free.bath_a.temperature.low: 1e-310 is given; allowed: a nonzero"),
    (hot(low=-1, high=1), "free.bath_a.temperature: -1.0 to 1.0 changes sign"),
    (hot(low=1, high=2, scale="log"), "free.bath_a.temperature.scale: unknown (a temperature is"),
    (
        {**bath(statistics="boson", temperature=1), **hot(low=-2, high=-1)},
        "free.bath_a.temperature.low: -2 is given; allowed: a bosonic bath",
    ),
    (
        {**bath(temperature=None), **free(bath_a={"occupation": {"low": 0, "high": 2}})},
        "free.bath_a.occupation.high: 2 is given; allowed: a number in [0, 1]",
    ),
    (
        free(bath_a={"occupation": {"low": 0, "high": 1}}),
        "machine.bath_a: both bath_a.temperature and bath_a.occupation",
    ),
    (free(filters=[]), "free.filters: [] is given; allowed: {a: {}}"),
    (free(filters={"c": {}}), "free.filters.c: unknown; allowed: filters.a, filters.b"),
    (free(filters={"a": {"low": 0}}), "free.filters.a: {low: 0} is given; allowed: {}"),
    (free(filters={"a": [1, 0]}), "free.filters.a: [1, 0] is given; allowed: {}"),
    ({"objective": None}, "objective: missing"),
    ({"objective": "fidelity"}, "objective: 'fidelity' is given; allowed: chsh, singlet_fraction"),
    ({"objective": "bell"}, "objective: 'bell' is given; allowed: chsh,"),
    ({"measurements": 4}, "measurements: 4 is given for the objective"),
    (
        {"objective": "steering", "measurements": 13},
        "measurements: 13 is given; allowed: free, dodec",
    ),
    ({"objective": ["chsh"]}, "objective: ['chsh'] is given"),
    ({"efficiency": {"values": []}}, "efficiency.values: [] is given; allowed: a list"),
    (
        {"efficiency": {"values": [0.1, 0]}},
        "efficiency.values[1]: 0 is given; allowed: a list, each",
    ),
    ({"efficiency": {"values": [1.1]}}, "efficiency.values[0]: 1.1 is given"),
    ({"efficiency": {"values": [NAN]}}, "efficiency.values[0]: .nan is given"),
    ({"efficiency": {"values": [True]}}, "efficiency.values[0]: true is given"),
    ({"efficiency": {"values": ["0.1"]}}, "efficiency.values[0]: '0.1' is given"),
    ({"efficiency": {"values": [0.1, 0.2, 0.1]}}, "efficiency.values: 0.1 is given twice"),
    ({"efficiency": {"values": 0.1}}, "efficiency.values: 0.1 is given; allowed: a list"),
    ({"efficiency": {"points": 3}}, "efficiency: values, points are given; allowed: values, or"),
    ({"efficiency": {"steps": 3}}, "efficiency.steps: unknown key; allowed: values, from, to"),
    ({"efficiency": 0.5}, "efficiency: 0.5 is given; allowed: {values"),
    ({"efficiency": [0.5]}, "efficiency: [0.5] is given; allowed: {values"),
    *(
        ({"efficiency": {"values": None, "from": 0.1, "to": 0.2, "points": 3} | block}, fragment)
        for block, fragment in [
            ({"from": None}, "efficiency.from: missing"),
            ({"points": None}, "efficiency.points: missing"),
            ({"points": 0}, "efficiency.points: 0 is given; allowed: an integer from 1 to 10000"),
            ({"points": 10_001}, "efficiency.points: 10001 is given"),
            ({"points": 2.5}, "efficiency.points: 2.5 is given"),
            ({"points": 1}, "efficiency: 1 points from 0.1 to 0.2 are given; allowed: from < to"),
            ({"to": 0.1}, "efficiency: 3 points from 0.1 to 0.1 are given"),
            ({"to": 0.05}, "efficiency: 3 points from 0.1 to 0.05 are given"),
            ({"to": 1.5}, "efficiency.to: 1.5 is given; allowed: a number in [1e-300, 1]"),
            ({"scale": "cubic"}, "efficiency.scale: 'cubic' is given; allowed: log, linear"),
            (
                {"to": 0.1 + 2e-17},
                "efficiency.points: 3 points from 0.1 to 0.10000000000000002 co",
            ),
        ]
    ),
    ({"free": {"filters": None}}, "efficiency: 0.05, 0.2 cannot be met without a filter"),
    ({"constraints": "g <= 1"}, "constraints: 'g <= 1' is given; allowed: a list of comparisons"),
    ({"constraints": ["g <= h"]}, "constraints[0]: 'h' in 'g <= h' is unknown; allowed: g, u"),
    ({"constraints": ["g"]}, "constraints[0]: 'g' has 0 comparisons"),
    (
        {"constraints": ["g <= bath_a.occupation"]},
        "constraints[0]: 'g <= bath_a.occupation' uses bath_a.occupation, which has no value",
    ),
    ({"constraints": ["bath_a.statistics <= g"]}, "'bath_a.statistics' in"),
    (
        {"constraints": ["g <= bath_b.temperature"]},
        "takes bath_b.temperature = 0; allowed: posi",
    ),
    ({"constraints": ["g >= 1000*bath_a.gamma"]}, "leave no point with g from 0.001 to 100"),
    ({"search": {"starts": 0}}, "search.starts: 0 is given; allowed: an integer from 1 to 100000"),
    ({"search": {"starts": 100_001}}, "search.starts: 100001 is given"),
    ({"search": {"steps": 1.5}}, "search.steps: 1.5 is given; allowed: an integer from 1"),
    ({"search": {"steps": True}}, "search.steps: true is given"),
    ({"search": {"seed": -1}}, "search.seed: -1 is given; allowed: an integer from 0"),
    ({"search": {"seed": 2**63}}, "search.seed: 9223372036854775808 is given"),
    ({"search": {"rounds": 21}}, "search.rounds: 21 is given; allowed: an integer from 0 to 20"),
    ({"search": {"learning_rate": 0}}, "search.learning_rate: 0 is given; allowed: a number in (0"),
    ({"search": {"tries": 1}}, "search.tries: unknown key; allowed: starts, steps, seed"),
    ({"search": 3}, "search: 3 is given; allowed: a mapping"),
    ({"certify": {"steering": "cube"}}, "certify.steering: 'cube' is given; allowed: dodecahedron"),
    ({"certify": {"steering": 1}}, "certify.steering: 1 is given; allowed: dodecahedron, or"),
    ({"certify": {"steering": 65}}, "certify.steering: 65 is given"),
    ({"certify": {"steering": True}}, "certify.steering: true is given"),
    ({"certify": {}}, "certify.steering: missing; allowed: dodecahedron"),
    ({"certify": {"bell": 1}}, "certify.bell: unknown key; allowed: steering"),
    ({"variants": {}}, "variants: 0 of them are given; allowed: a mapping of 1 to 64 names"),
    ({"variants": [1]}, "variants: [1] given; allowed: a mapping of 1 to 64 names"),
    ({"variants": {" ": {}}}, "variants: ' ' is given; allowed: names that are not empty"),
    ({"variants": {"a\0": {}}}, "variants: 'a\\x00' is given; allowed: names that are"),
    ({"variants": {f"v{i}": {} for i in range(65)}}, "variants: 65 of them are given"),
    (
        {"free": {"g": {"low": NAN}}, "variants": {"x": {"free": {"g": {"low": 1}}}}},
        "free.g.low: .nan is given; allowed: numbers",
    ),
    ({"variants": {1: {}}}, "key 1 is not a string"),
    ({"variants": {"x": 3}}, "variant 'x': 3 is given; allowed: a mapping of overrides"),
    ({"variants": {"x": {"title": "y"}}}, "variant 'x': title and variants cannot vary"),
    (
        {"variants": {"x": {"free": {"g": {"low": 200}}}}},
        "variant 'x': free.g.low: 200.0 is above free.g.high = 100.0",
    ),
    (
        {"variants": {"x": {}, "y": {"objective": "concurrence"}}},
        "variants: they differ in obj",
    ),
]


@pytest.mark.parametrize(
    ("changes", "fragment"), BAD_MACHINES + BAD_STUDIES, ids=lambda x: str(x)[:60]
)
def test_a_bad_study_is_refused_in_one_line(
    changes, fragment, study_file, jaxent, one_line, tmp_path
):
    one_line(jaxent("run", study_file(changes)), "study.yaml: ", fragment)
    assert [path.name for path in tmp_path.iterdir()] == ["study.yaml"], "something was written"


BAD_FILTERS = [
    ([1, 0, 0], "filters.a: [1, 0, 0] is given; allowed: 2 numbers in [0, 1], not all zero"),
    ([1], "filters.a: [1] is given"),
    ([0, 0.0], "filters.a: [0, 0.0] is given; allowed: 2 numbers in [0, 1], not all zero"),
    ([1, 1.5], "filters.a[1]: 1.5 is given; allowed: a number in [0, 1]"),
    ([-0.1, 1], "filters.a[0]: -0.1 is given"),
    ([True, 1], "filters.a[0]: true is given"),
    ([NAN, 1], "filters.a[0]: .nan is given"),
    (["inf", 1], "filters.a[0]: 'inf' is given; allowed: 2 numbers in [0, 1], not all zero; infin"),
    (1, "filters.a: 1 is given"),
    ({}, "filters.a: {} is given"),
]


@pytest.mark.parametrize(
    ("changes", "fragment"),
    BAD_MACHINES
    + [({"filters": {"a": entries}}, fragment) for entries, fragment in BAD_FILTERS]
    + [
        ({"filters": {"c": [1, 0]}}, "filters.c: unknown; allowed: a, b"),
        ({"filters": [1, 0]}, "filters: [1, 0] is given; allowed: a mapping"),
        (
            {"objective": "chsh"},
            "objective: this is a study; allowed in a state file: machine, filters",
        ),
        ({"machine": {"g": None}}, "machine.g: missing; allowed: a finite number >= 0"),
    ],
    ids=lambda x: str(x)[:60],
)
def test_a_bad_state_is_refused_in_one_line(changes, fragment, state_file, jaxent, one_line):
    one_line(jaxent("state", state_file(changes), "--json"), "state.yaml: ", fragment)


@pytest.mark.parametrize(
    ("override", "fragment"),
    [
        ("g", "--set: 'g' is given; allowed: key=value"),
        ("=1", "--set: '=1' is given"),
        ("gg=1", "state.yaml: machine.gg: unknown"),
        ("gg=1", "; did you mean g?"),
        ("g=true", "machine.g: true is given"),
        ("bath_a.occupation=1", "machine.bath_a: both bath_a.temperature and bath_a.occupation"),
        ("bath_a={gama: 1}", "machine.bath_a.gama: unknown"),
        ("g=inf", "infinity is written .inf"),
        ("g=[", "--set g: line 1"),
        ("filters.b=[0,0]", "filters.b: [0, 0] is given"),
        ("kind=cavity", "machine.kind: 'cavity' is given"),
    ],
)
def test_a_bad_override_is_refused_in_one_line(override, fragment, state_file, jaxent, one_line):
    one_line(jaxent("state", state_file(), "--set", override), "error: --set", fragment)


def test_what_is_wrong_in_the_file_is_not_blamed_on_the_option(state_file, jaxent, one_line):
    path = state_file({"machine": {"g": -1}})
    one_line(jaxent("state", path, "--set", "E_a=2"), f"error: {path}: machine.g: -1 is given")


@pytest.mark.parametrize(
    ("changes", "meant"),
    [
        ({"machine": {"kind": "two_qbit"}}, "two_qubit"),
        (bath(gama=1), "bath_a.gamma"),
        (bath(statistics="bosom"), "boson"),
        ({"machine": {"e_a": 1}}, "E_a"),
        ({"fre": {}}, "free"),
        ({"search": {"start": 2}}, "starts"),
        ({"efficiency": {"valeus": [0.1]}}, "values"),
        ({"free": {"g": {"low": 1, "hihg": 2}}}, "high"),
        ({"free": {"kapa_a": {"low": 1, "high": 2}}}, "kappa_a"),
        ({"objective": "chhs"}, "chsh"),
        ({"constraints": ["g <= bath_a.gama"]}, "bath_a.gamma"),
        ({"sweep": {"E_aa": {"values": [1]}}}, "E_a"),
        ({"variants": {"one": {"serach": {}}}}, "search"),
    ],
    ids=str,
)
def test_a_misspelt_name_is_told_with_the_one_that_was_meant(
    changes, meant, study_file, jaxent, one_line
):
    one_line(jaxent("run", study_file(changes)), f"; did you mean {meant}?\n")


@pytest.mark.parametrize("value", ["50 mK", "50mK", "0.05 K", "5e9 Hz", "-4.3 µeV", "0.1 E"])
def test_a_unit_is_not_accepted_and_it_is_said_what_the_numbers_are(
    value, study_file, state_file, jaxent, one_line
):
    told = "no unit is accepted: temperatures, rates and couplings are numbers in units of E"
    one_line(jaxent("state", state_file(bath(temperature=value))), f"{value!r} is given", told)
    one_line(jaxent("run", study_file(free(g={"low": value, "high": 1}))), "free.g.low: ", told)
    assert told not in jaxent("state", state_file(bath(temperature="hot"))).err


@pytest.mark.parametrize("text", ["", "3", "[1]", "a: &x 1", "a: [", "{" * 30])
@pytest.mark.parametrize("command", ["run", "threshold", "state", "certify"])
def test_a_file_that_is_no_config_is_refused_in_one_line(command, text, tmp_path, jaxent, one_line):
    path = tmp_path / "odd.yaml"
    path.write_text(text)
    one_line(jaxent(command, path), "odd.yaml: ", "" if text[1:] else "allowed: a mapping")
