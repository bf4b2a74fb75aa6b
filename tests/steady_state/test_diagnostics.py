"""Diagnostics say what a steady state is worth: residual, uniqueness, positivity."""

import numpy as np
import pytest

from jaxent.baths import Bath
from jaxent.generator import Generator
from jaxent.machines import TwoQubit
from jaxent.steady_state import diagnose, nullity
from jaxent.terms import Hamiltonian, Jump, Reset
from tests.systems.two_qubit import KINDS, built, machines

INF = float("inf")
LOWER = np.array([[0, 1], [0, 0]], dtype=complex)


def diagnosed(machine):
    return machine.diagnose(machine.state())


def two_qubits(g, gamma_a, gamma_b, hot=2.0, cold=0.3, **rest):
    baths = Bath(gamma_a, temperature=hot), Bath(gamma_b, temperature=cold)
    return TwoQubit(g, *baths, **rest)


@pytest.mark.parametrize("kind", KINDS)
def test_random_machines_have_one_steady_state_and_it_is_found(kind):
    for machine in map(built, machines(kind, count=6, seed=40)):
        diagnostics = diagnosed(machine)
        assert diagnostics.nullity == 1
        assert diagnostics.residual < 1e-14
        assert diagnostics.min_eigenvalue > -1e-15
        assert diagnostics.sector_size == machine.generator.size


# residual


def test_the_residual_of_a_wrong_state_is_its_relative_change():
    """A decaying qubit in its excited state: d rho/dt has entries gamma, like the generator."""
    generator = Generator([Jump(LOWER)])
    excited, mixed = np.diag([0.0, 1.0]), np.eye(2) / 2
    assert diagnose(generator, np.array([3.0]), excited).residual == pytest.approx(1.0)
    assert diagnose(generator, np.array([3.0]), mixed).residual == pytest.approx(0.5)
    assert diagnose(generator, np.array([3.0]), np.diag([1.0, 0.0])).residual == 0.0


def test_the_residual_sees_what_lies_outside_the_sector():
    """A coherence |00><11| has no place in the sector of resonant qubits."""
    machine = two_qubits(0.5, 1.0, 0.7)
    rho = np.array(machine.state())
    rho[0, 3] = rho[3, 0] = 0.1
    assert machine.diagnose(rho).residual > 0.01


def test_the_residual_of_strongly_coupled_machines_is_small():
    """g/gamma up to 1e12: the coherence balances populations that differ in the last digits."""
    for g in (1e3, 1e6, 1e12):
        assert diagnosed(two_qubits(g, 1.0, 0.7)).residual < 1e-14


# uniqueness


@pytest.mark.parametrize("gap", [1.0, 1.3])
@pytest.mark.parametrize(
    ("g", "gamma_a", "gamma_b"), [(0.5, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (0, 0, 0)]
)
def test_without_dissipation_the_steady_state_is_not_unique(g, gamma_a, gamma_b, gap):
    """No bath at all, or a qubit that sees neither a bath nor its partner."""
    assert diagnosed(two_qubits(g, gamma_a, gamma_b, E_b=gap)).nullity > 1


def test_a_qubit_that_only_sees_its_partner_has_a_unique_steady_state():
    for gamma_a, gamma_b in ((1.0, 0.0), (0.0, 1.0)):
        assert diagnosed(two_qubits(0.5, gamma_a, gamma_b)).nullity == 1


@pytest.mark.parametrize("temperatures", [(2.0, 0.3), (INF, 0.0), (-0.0, 0.0)], ids=str)
@pytest.mark.parametrize(
    ("g", "gamma_a", "gamma_b"),
    [
        (1.0, 1.0, 1e-12),
        (1e-6, 1.0, 1e-12),
        (1e-12, 1.0, 1e-12),
        (1e-12, 1e-12, 1.0),
        (1.0, 1e12, 1.0),
        (1e-12, 1.0, 1.0),
        (1e12, 1.0, 1.0),
        (1e-9, 1.0, 0.0),
        (0.0, 1e-12, 1.0),
    ],
    ids=str,
)
def test_slow_is_not_the_same_as_never(g, gamma_a, gamma_b, temperatures):
    """Rates that differ by a factor 1e12 still leave one steady state."""
    assert diagnosed(two_qubits(g, gamma_a, gamma_b, *temperatures)).nullity == 1


def test_the_nullity_counts_the_steady_states():
    """Two levels that decay to two others, without a way between those: two populations stay.

    With the coherence between the two dark levels that is a 2 x 2 block of them.
    """
    decay = np.zeros((2, 4, 4), dtype=complex)
    decay[0, 0, 2] = decay[1, 1, 3] = 1.0
    generator = Generator([Jump(jump) for jump in decay])
    state = np.diag([1.0, 0, 0, 0])
    assert diagnose(generator, np.array([1.0, 2.0]), state).nullity == 4
    split = Generator([*generator.terms, Hamiltonian(np.diag([0, 0.5, 0, 0]).astype(complex))])
    assert diagnose(split, np.array([1.0, 2.0, 1.0]), state).nullity == 2


@pytest.mark.parametrize("angle", [0.1, 0.2, 0.3, 0.7, 1.0])
def test_a_dark_state_is_seen_through_rounded_products(angle):
    """One collective jump: |00> and an entangled state are dark, with their coherences 4."""
    a, b = np.kron(LOWER, np.eye(2)), np.kron(np.eye(2), LOWER)
    generator = Generator([Jump(np.cos(angle) * a + np.sin(angle) * b)])
    assert nullity(generator, [1.0]) == 4


@pytest.mark.parametrize("scale", [1.0, 3**-0.5])
def test_the_scale_of_an_operator_does_not_change_the_count(scale):
    """Three spins that jump together: total spin 3/2 once, 1/2 twice: 1 + 2 x 2 steady states."""
    sites = [np.kron(np.kron(*pair[:2]), pair[2]) for pair in _one_of_three()]
    generator = Generator([Jump(scale * sum(sites)), Jump(scale * sum(sites).T)])
    assert nullity(generator, [1.0, 0.3]) == 5


def _one_of_three():
    one = np.eye(2)
    return [(LOWER, one, one), (one, LOWER, one), (one, one, LOWER)]


def test_a_conserved_trace_leaves_at_least_one():
    """Thirds do not sum to one in binary fractions, and slow jumps beside fast turns."""
    thirds = Reset("a", np.full(3, 1 / 3), 3), Reset("b", np.full(3, 1 / 3), 3)
    assert nullity(Generator(thirds), [1.0, 2.0]) == 1
    rng = np.random.default_rng(0)
    hamiltonian, jump = rng.normal(size=(2, 3, 3))
    generator = Generator([Hamiltonian(hamiltonian + hamiltonian.T), Jump(jump)])
    assert nullity(generator, [1.0, 1e-10]) == 1


def test_two_classes_that_are_hidden_by_a_rotation_are_two():
    rng = np.random.default_rng(1)
    q, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    pairs = [(0, 1), (1, 0), (2, 3), (3, 2)]
    jumps = [np.outer(q[:, i], q[:, j]) for i, j in pairs]
    assert nullity(Generator([Jump(jump) for jump in jumps]), [1.0, 0.5, 0.3, 0.2]) == 2


def test_a_generator_that_vanishes_leaves_everything_as_it_is():
    diagnostics = diagnose(Generator([Jump(LOWER)]), np.array([0.0]), np.eye(2) / 2)
    assert diagnostics.nullity == 4
    assert diagnostics.residual == 0.0


# positivity


def test_the_smallest_eigenvalue_tells_an_unphysical_state():
    generator = Generator([Jump(LOWER)])
    rho = np.array([[0.5, 0.7], [0.7, 0.5]])
    assert diagnose(generator, np.array([1.0]), rho).min_eigenvalue == pytest.approx(-0.2)


def test_a_pure_steady_state_has_a_vanishing_eigenvalue():
    machine = two_qubits(0.5, 1.0, 0.7, 0.0, 0.0)
    assert abs(diagnosed(machine).min_eigenvalue) < 1e-80
