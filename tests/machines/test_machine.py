"""What a parameter allows, what a regime says, and which machines there are."""

import jax
import numpy as np
import pytest

from jaxent.baths import Bath
from jaxent.machines import MACHINES, AbstractLindbladMachine, Parameter, Regime, TwoQubit
from jaxent.machines.parameters import entry_name, gathered, list_name
from jaxent.terms import Hamiltonian, superoperator

INF = float("inf")


@pytest.mark.parametrize(
    ("parameter", "allowed", "forbidden"),
    [
        (Parameter("g", ""), [0, 0.0, 2, 1e300], [-1e-9, INF, float("nan"), "1", None, True]),
        (Parameter("E", "", positive=True), [1e-9, 3], [0.0, -1.0, INF]),
        (Parameter("u", "", infinite=True), [0.0, INF], [-INF, -1.0]),
        (Parameter("T", "", low=-INF, infinite=True), [-INF, -0.0, INF, -2], [float("nan")]),
        (Parameter("a", "", high=1.0), [0, 0.5, 1.0], [1.0000001, -0.1, INF]),
        (Parameter("s", "", choices=("boson", "fermion")), ["boson"], ["anyon", 1.0, ""]),
    ],
    ids=lambda value: value.name if isinstance(value, Parameter) else None,
)
def test_a_parameter_allows_its_range_and_nothing_else(parameter, allowed, forbidden):
    assert all(parameter.allows(value) for value in allowed)
    assert not any(parameter.allows(value) for value in forbidden)


@pytest.mark.parametrize(
    ("parameter", "words"),
    [
        (Parameter("g", ""), "a finite number >= 0"),
        (Parameter("E", "", positive=True), "a finite number > 0"),
        (Parameter("u", "", infinite=True), "a number >= 0 or .inf"),
        (Parameter("a", "", high=1.0), "a number in [0, 1]"),
        (Parameter("s", "", choices=("boson", "fermion")), "boson or fermion"),
    ],
    ids=lambda value: value.name if isinstance(value, Parameter) else None,
)
def test_a_parameter_says_what_it_allows(parameter, words):
    assert parameter.allowed == words


def test_a_regime_holds_up_to_rounding():
    assert Regime("g <= gamma", 0.3, 0.1 + 0.2).holds
    assert Regime("g <= gamma", 0.1 + 0.2, 0.3).holds
    assert not Regime("g <= gamma", 0.3001, 0.3).holds


def test_machines_are_found_by_their_kind():
    assert MACHINES["two_qubit"] is TwoQubit
    for kind, machine in MACHINES.items():
        assert machine.kind == kind


def test_every_lindblad_machine_has_a_coefficient_for_each_term():
    """Whatever its structure: terms and coefficients are written in two places."""
    hot, cold = Bath(1.0, temperature=2.0), Bath(0.7, temperature=0.3)
    for u in (0.0, 1.5, INF):
        for gap in (1.0, 1.2):
            for kappa in (0.0, 0.1):
                machine = TwoQubit(0.5, hot, cold, u=u, E_b=gap, kappa_a=kappa)
                assert isinstance(machine, AbstractLindbladMachine)
                assert len(machine.coefficients()) == len(machine.generator.terms)


def test_the_generator_of_one_structure_is_made_once():
    hot, cold = Bath(1.0, temperature=2.0), Bath(0.7, temperature=0.3)
    assert TwoQubit(0.5, hot, cold).generator is TwoQubit(0.1, cold, hot).generator


def test_the_generator_times_its_coefficients_is_the_master_equation():
    """The terms, summed, against a state's time derivative written out: resonant, u = 0."""
    rng = np.random.default_rng(5)
    rho = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    machine = TwoQubit(0.5, Bath(1.0, occupation=0.2), Bath(0.7, occupation=0.9))
    pairs = zip(machine.coefficients(), machine.generator.terms, strict=True)
    change = sum(float(c) * superoperator(term) for c, term in pairs) @ rho.reshape(16)
    raise_a = np.kron([[0, 0], [1, 0]], np.eye(2))
    raise_b = np.kron(np.eye(2), [[0, 0], [1, 0]])
    flip = raise_a @ raise_b.T + raise_b @ raise_a.T
    expected = -0.5j * (flip @ rho - rho @ flip)
    for jump, rate in (
        (raise_a, 0.2),
        (raise_a.T, 0.8),
        (raise_b, 0.7 * 0.9),
        (raise_b.T, 0.7 * 0.1),
    ):
        loss = jump.T @ jump
        expected = expected + rate * (jump @ rho @ jump.T - (loss @ rho + rho @ loss) / 2)
    np.testing.assert_allclose(change.reshape(4, 4), expected, atol=1e-15)


# parameters that are integers, lists, sets of words, or left out


@pytest.mark.parametrize(
    ("parameter", "allowed", "forbidden"),
    [
        (Parameter("d", "", low=2, integer=True), [2, 5], [1, 2.0, 2.5, True, [2], "2", INF]),
        (
            Parameter("g", "", entries="d numbers"),
            [0.1, [0.1], [0.1, 0, 3]],
            [[], [0.1, -1], [0.1, "x"], [[0.1]], [True], [INF], -1],
        ),
        (Parameter("gaps", "", positive=True, entries="d numbers"), [1, [1, 2]], [0, [1, 0.0]]),
        (
            Parameter("c", "", several=("01", "02", "12")),
            [["01"], ["12", "01"]],
            [[], ["01", "01"], ["03"], "01", "all", 1, [1], None],
        ),
        (
            Parameter("temperature", "", infinite=True),
            [0, INF, 2],
            [-1, -INF],
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Parameter) else None,
)
def test_integers_lists_and_sets_of_words_allow_these_and_nothing_else(
    parameter, allowed, forbidden
):
    assert all(parameter.allows(value) for value in allowed)
    assert not any(parameter.allows(value) for value in forbidden)


@pytest.mark.parametrize(
    ("parameter", "words"),
    [
        (Parameter("d", "", low=2, integer=True), "an integer >= 2"),
        (
            Parameter("g", "", entries="d numbers"),
            "a finite number >= 0, or a list of d numbers",
        ),
        (Parameter("c", "", several=("01", "12")), "all, or a list of some of 01, 12"),
        (Parameter("temperature_a", "", infinite=True), "a number > 0, 0 (0+) or .inf"),
        (
            Parameter("bath_a.temperature", "", low=-INF, infinite=True),
            "any real number, .inf, -.inf, 0 (0+) or -0.0 (0-)",
        ),
        (Parameter("detuning", "", low=-INF), "any finite number"),
    ],
    ids=lambda value: value.name if isinstance(value, Parameter) else None,
)
def test_integers_lists_sets_and_temperatures_say_what_they_allow(parameter, words):
    assert parameter.allowed == words


def test_only_temperatures_are_searched_by_their_inverse():
    hot = ("temperature", "temperature_a", "bath_b.temperature")
    assert all(Parameter(name, "").is_temperature for name in hot)
    others = ("beta_a", "bath_a.occupation", "temperate", "inverse_temperature", "temperature.g")
    assert not any(Parameter(name, "").is_temperature for name in others)


def test_what_is_no_number_is_said_to_be_none():
    assert Parameter("g", "", entries="d numbers").is_number
    assert not Parameter("s", "", choices=("boson",)).is_number
    assert not Parameter("c", "", several=("01",)).is_number


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("all", ["01", "02", "12"]),
        ("without 12", ["01", "02"]),
        ("without 12 01", ["02"]),
        ([1, 12], ["01", "12"]),
        (["02", 1], ["02", "01"]),
        # What is not understood is left as it is, to be refused in the user's own words.
        ("without 03", "without 03"),
        ("without 01 02 12", "without 01 02 12"),
        ("without", "without"),
        ("some", "some"),
        ([True], [True]),
    ],
    ids=str,
)
def test_several_words_may_be_written_in_words_and_in_digits(written, read):
    assert Parameter("c", "", several=("01", "02", "12")).read(written) == read


def test_values_of_other_parameters_are_read_as_they_are():
    for value in (1, "all", [1, 2], "without 12"):
        assert Parameter("g", "").read(value) is value


def test_entries_of_lists_have_names_and_go_back_into_lists():
    assert entry_name("g", 3) == "g[3]"
    assert list_name("g[12]") == list_name("g") == "g"
    assert list_name("bath_a.gamma") == "bath_a.gamma"
    values = {"d": 3, "g[2]": 0.3, "g[0]": 0.1, "p_a": 1, "g[1]": 0.2}
    assert gathered(values) == {"d": 3, "p_a": 1, "g": [0.1, 0.2, 0.3]}
    with pytest.raises(ValueError, match=r"g: g\[0\], g\[2\] are given; allowed: g\[0\], g\[1\]"):
        gathered({"g[0]": 0.1, "g[2]": 0.3})


# every machine

HOT, COLD = ({"statistics": "boson", "gamma": 1e-3, "temperature": T} for T in (2.0, 0.3))


def of_baths(first, second, names=("bath_a", "bath_b")):
    return {
        f"{bath}.{key}": value
        for bath, values in zip(names, (first, second), strict=True)
        for key, value in values.items()
    }


SPINS = [{"statistics": "spin", "chi": 5e-3, "temperature": T} for T in (2.0, 0.3)]
FINITE = {"temperature_a": 2.0, "temperature_b": 0.3}
EXAMPLES = {
    "two_qubit": {"g": 0.1, **of_baths(HOT, COLD)},
    "two_qubit_global": {"g": 0.5, **of_baths(HOT, COLD)},
    "thermal": {"g": 1.5, "temperature": 0.3},
    "parity_qubits": {"g": 1.0, "mu": 0.3, **of_baths(*SPINS, ("bath_1", "bath_2"))},
    "qudit_reset": {"d": 2, "g": 0.1, "p_a": 0.01, "p_b": 1.0, **FINITE},
    "one_step_reset": {"g[0]": 0.5, "g[1]": 0.1, "p_a": 0.1, "p_b": 1.0},
    "qubit_reset": {"g": 0.1, "p_a": 0.3, "p_b": 0.4, **FINITE},
    "qubit_qutrit_reset": {"g1": 0.1, "g2": 1.0, "p_a": 0.3, "p_b": 0.1, **FINITE},
    "fluxonium": {
        **{"g1": 1e-3, "g2": 2e-3, "epsilon": 3.0, "gamma_a": 1e-4, "gamma_b": 5e-3},
        **{"dephasing": 3e-5, "channels_b": ["01", "02"], **FINITE},
    },
    "collective_qubits": {"beta_a": -1.0, "beta_s": 3.0},
    "cavity_qubits": {
        **{"g1": 1.0, "g2": 0.8, "kappa": 3.0, "pump_1": 1e-3, "pump_2": 2e-3},
        **{"gamma": 1e-3, "photons": 2},
    },
}
every_kind = pytest.mark.parametrize("kind", MACHINES)


def build(kind, **changes):
    return MACHINES[kind].from_parameters(EXAMPLES[kind] | changes)


@every_kind
def test_a_kind_declares_its_parameters_once_and_keeps_to_what_it_declares(kind):
    parameters = MACHINES[kind].parameters
    names = [parameter.name for parameter in parameters]
    assert len({*names}) == len(names)
    for parameter in parameters:
        assert parameter.meaning
        assert parameter.unit in ("energy", "1")
        if parameter.default is not None:
            assert parameter.allows(parameter.read(parameter.default)), parameter.name
        if parameter.either:
            (other,) = (one for one in parameters if one.name == parameter.either)
            assert other.either == parameter.name
        given = gathered(EXAMPLES[kind]).get(parameter.name)
        assert given is None or parameter.allows(parameter.read(given)), parameter.name
    # What it needs is in the example, all else has a default or may be left out.
    for parameter in parameters:
        needed = parameter.default is None and not parameter.optional and not parameter.either
        assert not needed or parameter.name in gathered(EXAMPLES[kind])


@every_kind
def test_what_a_machine_tells_of_itself_fits_its_state(kind):
    machine = build(kind)
    a, b = machine.default_filters
    assert machine.dims == (len(a), len(b))
    assert {*a, *b} <= {0.0, 1.0}
    if machine.target is not None:
        target = np.asarray(machine.target)
        assert target.shape == (len(a) * len(b),)
        assert np.linalg.norm(target) == pytest.approx(1, abs=1e-14)
        # It is what is heralded that is compared with it.
        assert not np.any(target[np.kron(a, b) == 0])
    if not isinstance(machine, AbstractLindbladMachine):
        return
    assert len(machine.coefficients()) == len(machine.generator.terms)
    assert np.all(machine.numbers()[_dissipative(machine)] >= 0)
    baths = machine.inverse_temperatures()
    assert set(baths) in (set(), {"a", "b"})
    places = [place for bath in baths for place in machine.generator.of_bath(bath)]
    assert len({*places}) == len(places)
    assert {*places} <= {*_dissipative(machine)}
    assert all(machine.generator.of_bath(bath) for bath in baths)


def _dissipative(machine):
    """The places of the terms that are no Hamiltonian."""
    terms = machine.generator.terms
    return [k for k, term in enumerate(terms) if not isinstance(term, Hamiltonian)]


@every_kind
def test_a_machine_is_told_a_temperature_or_its_inverse(kind):
    """A search has the inverse, traced, under the name that says so."""
    machine = build(kind)
    names = [p.name for p in machine.parameters if p.is_temperature]
    hot = [name for name in names if name in EXAMPLES[kind]]
    if not hot:
        assert kind in ("one_step_reset", "collective_qubits", "cavity_qubits")
        return
    rest = {name: value for name, value in EXAMPLES[kind].items() if name not in hot}
    inverse = {
        name.replace("temperature", "inverse_temperature"): 1 / EXAMPLES[kind][name] for name in hot
    }
    again = MACHINES[kind].from_parameters(rest | inverse)
    np.testing.assert_allclose(leaves(again), leaves(machine), rtol=1e-15)


def leaves(machine):
    return np.array([float(leaf) for leaf in jax.tree.leaves(machine)])


@every_kind
def test_a_machine_refuses_what_it_does_not_know(kind):
    with pytest.raises(ValueError, match=f"colour: unknown to {kind}; allowed: "):
        build(kind, colour=1.0)
    not_a_list = next(p.name for p in MACHINES[kind].parameters if not p.entries)
    with pytest.raises(ValueError, match=f"unknown to {kind}"):
        build(kind, **{f"{not_a_list}[0]": 1.0})


def test_a_machine_knows_the_parameter_that_an_entry_belongs_to():
    couplings = MACHINES["qudit_reset"].parameter("g")
    assert MACHINES["qudit_reset"].parameter("g[1]") is couplings
    assert couplings.entries == "d numbers"
