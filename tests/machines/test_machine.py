"""What a parameter allows, what a regime says, and which machines there are."""

import numpy as np
import pytest

from jaxent.baths import Bath
from jaxent.machines import MACHINES, AbstractLindbladMachine, Parameter, Regime, TwoQubit
from jaxent.terms import superoperator

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
