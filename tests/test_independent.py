"""The independent recomputation: against QuTiP, and against what it is there to check."""

import ast
from pathlib import Path
from typing import ClassVar

import jax.numpy as jnp
import numpy as np
import pytest
import qutip

from jaxent import independent
from jaxent.baths import Bath
from jaxent.machines import AbstractMachine, Thermal, TwoQubit
from jaxent.measures import OBJECTIVES
from jaxent.terms import Hamiltonian
from tests.measures import textbook
from tests.measures.states import BELL, many, random_product, random_state, random_x_state

INF = np.inf


def two_qubits(g, hot, cold, **others):
    return TwoQubit(g, Bath(1.0, **hot), Bath(2.5, **cold), **others)


WARM, COLD = {"temperature": 3.0}, {"temperature": 0.4}
MACHINES = {
    "bosons": two_qubits(0.3, WARM | {"statistics": "boson"}, COLD | {"statistics": "boson"}),
    "fermions": two_qubits(0.3, WARM, COLD),
    "charged fermions": two_qubits(0.3, WARM, COLD, u=1.7),
    "charged fermions, u = inf": two_qubits(0.3, WARM, COLD, u=INF),
    "inverted fermions": two_qubits(0.3, {"temperature": -0.0}, {"temperature": 0.0}),
    "detuned fermions": two_qubits(0.3, WARM, COLD, E_a=1.3),
    "tunnelling fermions": two_qubits(0.3, WARM, COLD, E_a=1.3, kappa_a=0.2, kappa_b=-0.1),
    "tunnelling charged fermions": two_qubits(0.3, WARM, COLD, u=1.7, kappa_b=0.3),
}
every_machine = pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())


def in_qutip(machine):
    """The Liouvillian of the same terms, made by QuTiP."""
    hamiltonian, jumps = qutip.Qobj(np.zeros((4, 4))), []
    coefficients = np.asarray(machine.coefficients())
    for c, term in zip(coefficients, machine.generator.terms, strict=True):
        operator = qutip.Qobj(term.operator)
        if isinstance(term, Hamiltonian):
            hamiltonian += c * operator
        else:
            jumps.append(np.sqrt(c) * operator)
    return qutip.liouvillian(hamiltonian, jumps)


# steady states


@every_machine
def test_the_liouvillian_is_qutips(machine):
    # It stacks rows, QuTiP columns.
    found = independent.liouvillian(machine.generator, np.asarray(machine.coefficients()))
    columns = in_qutip(machine).full().reshape(4, 4, 4, 4).transpose(1, 0, 3, 2).reshape(16, 16)
    np.testing.assert_allclose(found.astype(complex), columns, rtol=0, atol=1e-14)


@every_machine
def test_the_steady_state_is_qutips_and_the_machines(machine):
    found = independent.steady_state(machine)
    expected = qutip.steadystate(in_qutip(machine), method="svd").full()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found, machine.state(), rtol=0, atol=1e-14)
    assert np.trace(found) == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize("g", [1e-5, 1e5])
@pytest.mark.parametrize("gamma", [1e-5, 1e5])
def test_rates_of_very_different_size_are_no_obstacle(g, gamma):
    machine = TwoQubit(g, Bath(1.0, temperature=-0.0), Bath(gamma, temperature=0.0), u=INF)
    found, expected = independent.steady_state(machine), np.asarray(machine.state())
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("temperature", [2.0, 0.3, INF, -1.5])
def test_a_thermal_state_is_the_exponential_of_its_hamiltonian(temperature):
    machine = Thermal(0.7, 1.2, temperature=temperature)
    n, raised = qutip.num(2), qutip.create(2)
    one = qutip.qeye(2)
    hamiltonian = 1.2 * (qutip.tensor(n, one) + qutip.tensor(one, n))
    hop = qutip.tensor(raised, raised.dag())
    expected = (-(hamiltonian + 0.7 * (hop + hop.dag())) / temperature).expm().unit().full()
    np.testing.assert_allclose(independent.steady_state(machine), expected, rtol=0, atol=1e-14)
    np.testing.assert_allclose(machine.state(), expected, rtol=0, atol=1e-14)


def test_at_zero_temperature_only_the_lowest_level_is_left():
    # E - g = 0.5 > 0: |00>; E - g < 0: (|01> - |10>)/√2; E = g: both, evenly.
    ground, singlet = np.diag([1.0, 0, 0, 0]), BELL["psi-"]
    for g, expected in ((0.5, ground), (1.5, singlet), (1.0, (ground + singlet) / 2)):
        machine = Thermal(g, 1.0, temperature=0.0)
        np.testing.assert_allclose(independent.steady_state(machine), expected, rtol=0, atol=1e-15)


class Unknown(AbstractMachine):
    kind: ClassVar[str] = "unknown"
    parameters: ClassVar[tuple] = ()
    dims: ClassVar[tuple[int, int]] = (2, 2)
    x_form = True

    @classmethod
    def from_parameters(cls, values):
        return cls()

    def state(self):
        return jnp.eye(4) / 4

    def diagnose(self, rho):
        raise NotImplementedError


def test_a_machine_it_cannot_solve_is_refused_not_believed():
    with pytest.raises(TypeError, match="'unknown'"):
        independent.steady_state(Unknown())


# heralding and measures


def test_heralding_is_that_of_kraus_operators():
    rng = np.random.default_rng(0)
    for rho in many(random_state, 10):
        a, b = rng.uniform(size=(2, 2))
        heralded, efficiency = independent.herald(rho, a, b)
        # brask2022 (26)
        squares = np.kron(np.diag(a**2), np.diag(b**2))
        assert efficiency == pytest.approx(np.trace(squares @ rho).real, rel=1e-14)
        weights = np.outer(np.kron(a, b), np.kron(a, b))
        np.testing.assert_allclose(heralded * efficiency, weights * rho, rtol=0, atol=1e-15)


def test_every_objective_has_an_independent_definition():
    assert set(independent.MEASURES) == set(OBJECTIVES)


STATES = np.concatenate(
    [
        many(random_state, 20),
        many(random_x_state, 20),
        many(random_product, 5),
        many(random_product, 5, 0, False),
        list(BELL.values()),
    ]
)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_both_definitions_agree(name):
    expected = np.asarray(OBJECTIVES[name].value(STATES))
    found = np.array([independent.MEASURES[name](rho) for rho in STATES])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize("rank", [1, 2, 4])
def test_its_measurements_and_its_target_are_the_best(rank):
    rho = random_state(np.random.default_rng(rank), rank)
    assert independent.chsh(rho) == pytest.approx(textbook.chsh(rho), abs=1e-12)
    found = independent.singlet_fraction(rho)
    assert found == pytest.approx(textbook.singlet_fraction(rho), abs=1e-12)


# independence


def test_it_shares_nothing_with_what_it_checks():
    # A machine's operators and rates are the model itself; all that follows is done anew.
    tree = ast.parse(Path(independent.__file__).read_text(encoding="utf-8"))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            imported.add(node.module)
        elif isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
    assert imported == {
        "__future__",
        "typing",
        "numpy",
        "scipy.sparse",
        "scipy.sparse.linalg",
        "jaxent.generator",
        "jaxent.machines",
        "jaxent.terms",
    }
