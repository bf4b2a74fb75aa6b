"""The independent recomputation: against QuTiP, and against what it is there to check."""

import ast
from pathlib import Path
from typing import ClassVar

import jax.numpy as jnp
import numpy as np
import pytest
import qutip

import jaxent.precise.system
from experiments.longstaff2025 import equations as longstaff2025
from experiments.master_equation import filtered, steady_state
from experiments.tacchino2018 import equations as tacchino2018
from experiments.tavakoli2018 import equations as tavakoli2018
from jaxent import independent
from jaxent.baths import Bath
from jaxent.machines import (
    AbstractMachine,
    CavityQubits,
    OneStepReset,
    ParityQubits,
    QuditReset,
    Thermal,
    TwoQubit,
)
from jaxent.machines.one_step_reset import weak_coupling
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


def independent_state(machine):
    return independent.Solution(machine).state


@every_machine
def test_the_liouvillian_is_qutips(machine):
    # It stacks rows, QuTiP columns.
    found = independent.sparse_liouvillian(machine.generator, machine.numbers()).toarray()
    columns = in_qutip(machine).full().reshape(4, 4, 4, 4).transpose(1, 0, 3, 2).reshape(16, 16)
    np.testing.assert_allclose(found, columns, rtol=0, atol=1e-14)


@every_machine
def test_the_steady_state_is_qutips_and_the_machines(machine):
    found = independent_state(machine)
    expected = qutip.steadystate(in_qutip(machine), method="svd").full()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found, machine.state(), rtol=0, atol=1e-14)
    assert np.trace(found) == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize("g", [1e-5, 1e5])
@pytest.mark.parametrize("gamma", [1e-5, 1e5])
def test_rates_of_very_different_size_are_no_obstacle(g, gamma):
    machine = TwoQubit(g, Bath(1.0, temperature=-0.0), Bath(gamma, temperature=0.0), u=INF)
    found, expected = independent_state(machine), np.asarray(machine.state())
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("temperature", [2.0, 0.3, INF, -1.5])
def test_a_thermal_state_is_the_exponential_of_its_hamiltonian(temperature):
    machine = Thermal(0.7, 1.2, temperature=temperature)
    n, raised = qutip.num(2), qutip.create(2)
    one = qutip.qeye(2)
    hamiltonian = 1.2 * (qutip.tensor(n, one) + qutip.tensor(one, n))
    hop = qutip.tensor(raised, raised.dag())
    expected = (-(hamiltonian + 0.7 * (hop + hop.dag())) / temperature).expm().unit().full()
    np.testing.assert_allclose(independent_state(machine), expected, rtol=0, atol=1e-14)
    np.testing.assert_allclose(machine.state(), expected, rtol=0, atol=1e-14)


def test_at_zero_temperature_only_the_lowest_level_is_left():
    # E - g = 0.5 > 0: |00>; E - g < 0: (|01> - |10>)/√2; E = g: both, evenly.
    ground, singlet = np.diag([1.0, 0, 0, 0]), BELL["psi-"]
    for g, expected in ((0.5, ground), (1.5, singlet), (1.0, (ground + singlet) / 2)):
        machine = Thermal(g, 1.0, temperature=0.0)
        np.testing.assert_allclose(independent_state(machine), expected, rtol=0, atol=1e-15)


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
        independent_state(Unknown())


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
    measure = OBJECTIVES[name]
    states = STATES[::5] if name == "steering" else STATES  # a certificate takes its time
    expected = np.asarray(measure.value(states))
    found = np.array([independent.MEASURES[name](rho) for rho in states])
    np.testing.assert_allclose(found, expected, rtol=0, atol=max(1e-14, measure.accuracy))


@pytest.mark.parametrize("rank", [1, 2, 4])
def test_its_measurements_and_its_target_are_the_best(rank):
    rho = random_state(np.random.default_rng(rank), rank)
    assert independent.chsh(rho) == pytest.approx(textbook.chsh(rho), abs=1e-12)
    found = independent.singlet_fraction(rho)
    assert found == pytest.approx(textbook.singlet_fraction(rho), abs=1e-12)


# solvers

RESETS = QuditReset(2, [0.3, 0.5], 0.2, 0.9, temperature_a=2.0, temperature_b=0.3)
CAVITY = CavityQubits(1.0, 0.8, 3.0, 0.02, 0.01, 0.03, dephasing=0.01, photons=2)
LARGER = {
    "tunnelling charged fermions": (MACHINES["tunnelling charged fermions"], None),
    "qutrits with resets": (
        RESETS,
        tavakoli2018.qudits([0.3, 0.5], 0.2, 0.9, 2.0, 0.3),
    ),
    "qubits in a cavity": (
        CAVITY,
        tacchino2018.cavity(1.0, 0.8, 3.0, 0.02, 0.01, 0.03, dephasing=0.01, photons=2),
    ),
    "a ladder": (
        OneStepReset([0.5, 0.3], 0.1, 1.0),
        tavakoli2018.one_step([0.5, 0.3], 0.1, 1.0),
    ),
}
every_larger = pytest.mark.parametrize(("machine", "full"), LARGER.values(), ids=LARGER.keys())


@every_larger
def test_precise_and_sparse_solvers_agree(machine, full, monkeypatch):
    precise = independent.Solution(machine)
    monkeypatch.setattr(jaxent.precise.system, "MOST_COORDINATES", 0)
    sparse = independent.Solution(machine)
    assert precise.precise
    assert not sparse.precise
    np.testing.assert_allclose(sparse.state, precise.state, rtol=0, atol=1e-14)
    assert np.trace(sparse.state) == pytest.approx(1, abs=1e-14)
    if full is not None:
        # By least squares of the paper's master equation; what is beside the qubits traced out.
        expected = steady_state(full)
        if machine is CAVITY:
            expected = tacchino2018.reduced(expected)
        np.testing.assert_allclose(precise.state, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("most", [700, 0], ids=["precise", "sparse"])
def test_a_steady_state_that_is_one_of_many_is_no_answer(most, monkeypatch):
    """Without any bath and coupling of the second qubit, its state is what it was."""
    monkeypatch.setattr(jaxent.precise.system, "MOST_COORDINATES", most)
    alone = TwoQubit(0.0, Bath(1.0, temperature=3.0), Bath(0.0, temperature=1.0))
    with pytest.raises(np.linalg.LinAlgError):
        independent_state(alone)


BATHS = [longstaff2025.Bath("spin", 5e-3, 2.0), longstaff2025.Bath("boson", 1.5e-2, 0.3)]


def parity(**others):
    first, second = (
        Bath(b.chi, temperature=b.temperature, statistics=statistics)
        for b, statistics in zip(BATHS, ("fermion", "boson"), strict=True)
    )
    return ParityQubits(1.0, first, second, **others)


@pytest.mark.parametrize(
    ("initial", "mu"),
    [("x_up_x_up", 1.0), ("x_up_x_down", 0.0), ("ground_excited", 0.5), (None, 0.3)],
)
def test_where_there_are_two_steady_states_the_initial_one_is_projected(initial, mu):
    # longstaff2025 (19), (20), (23)
    machine = parity(initial=initial) if initial else parity(mu=mu)
    found = independent_state(machine)
    plus, minus = longstaff2025.steady_states(*longstaff2025.gammas(BATHS, 1.0))
    np.testing.assert_allclose(found, mu * plus + (1 - mu) * minus, rtol=0, atol=1e-12)
    start = np.asarray(machine.initial_state())
    evolved = longstaff2025.evolved(longstaff2025.liouvillian(1.0, BATHS), start)
    np.testing.assert_allclose(found, evolved, rtol=0, atol=1e-11)


def test_with_noise_the_initial_state_is_forgotten():
    noisy = parity(initial="x_up_x_up", gamma_collective=1e-3)
    full = longstaff2025.liouvillian(1.0, BATHS, 1e-3)
    np.testing.assert_allclose(independent_state(noisy), steady_state(full), rtol=0, atol=1e-12)


# graded populations


def block(rho, d):
    """On |0,d-2>, |0,d-1>, |1,d-2>, |1,d-1>, the order of tavakoli2018 (E3)."""
    kept = [d - 2, d - 1, 2 * d - 2, 2 * d - 1]
    return rho[np.ix_(kept, kept)]


def test_a_graded_state_is_that_of_the_exact_fractions():
    """d = 5 at weak coupling, behind its projectors: probabilities below 1e-50."""
    machine = OneStepReset([0.3 * 2.0, 1e-9, 2e-9, 3e-9], 1e-8, 2.0)
    heralded, log_efficiency = independent.Solution(machine).herald(*machine.default_filters)
    limit = weak_coupling(5, 0.3)
    expected = np.diag([0, float(limit.bb), float(limit.aa), 0]).astype(complex)
    expected[2, 1], expected[1, 2] = 1j * float(limit.ab), -1j * float(limit.ab)
    np.testing.assert_allclose(block(heralded, 5), expected, rtol=0, atol=1e-7)
    assert np.trace(heralded) == pytest.approx(1, abs=1e-14)
    exact = np.log(float(limit.weight)) + 2 * np.log(np.array([1e-9, 2e-9, 3e-9]) / 2.0).sum()
    assert log_efficiency == pytest.approx(exact, abs=1e-6)
    assert exact < np.log(1e-50)


def test_populations_of_ordinary_size_are_graded_too():
    machine, a, b = OneStepReset([0.5, 0.3], 0.1, 1.0), [1, 0.7, 0], [0.2, 1, 0.4]
    full = steady_state(tavakoli2018.one_step([0.5, 0.3], 0.1, 1.0))
    expected, efficiency = filtered(full, a, b)
    heralded, log_efficiency = independent.Solution(machine).herald(a, b)
    np.testing.assert_allclose(heralded, expected, rtol=0, atol=1e-12)
    assert np.exp(log_efficiency) == pytest.approx(efficiency, rel=1e-11)


def test_filters_that_never_pass_herald_nothing():
    frozen = two_qubits(0.3, {"temperature": 0.0}, {"temperature": 0.0})
    with pytest.raises(ZeroDivisionError, match="never let the state pass"):
        independent.Solution(frozen).herald(np.array([0, 1]), np.array([0, 1]))


# beyond two qubits


@pytest.mark.parametrize("dims", [(2, 2), (2, 3), (3, 3), (4, 3)], ids=str)
def test_the_negativity_of_any_dimensions_is_known_where_it_is_largest(dims):
    d = min(dims)
    ket = np.eye(*dims).reshape(-1) / np.sqrt(d)
    assert independent.value_of("negativity", np.outer(ket, ket), dims) == pytest.approx(
        (d - 1) / 2, abs=1e-14
    )
    mixed = np.eye(len(ket)) / len(ket)
    assert independent.value_of("negativity", mixed, dims) == pytest.approx(0, abs=1e-14)


def test_what_two_qubits_alone_have_larger_systems_have_not():
    with pytest.raises(ValueError, match=r"chsh of dimensions \(3, 3\); allowed: two qubits"):
        independent.value_of("chsh", np.eye(9) / 9, (3, 3))


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
        "jaxent.certify",
        "jaxent.generator",
        "jaxent.machines",
        "jaxent.precise",
        "jaxent.terms",
    }
