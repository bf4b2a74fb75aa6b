"""Terms: they are the master equation's, entry by entry, in complex and in real coordinates."""

import numpy as np
import pytest

from experiments.master_equation import dissipator, unitary
from jaxent.quantum import HermitianCoordinates, partial_trace
from jaxent.terms import Entries, Hamiltonian, Jump, Reset, real_entries, superoperator

rng = np.random.default_rng(1976)


def random_matrices(*shape):
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def random_hermitian(dimension):
    matrix = random_matrices(dimension, dimension)
    return matrix + matrix.conj().T


def applied(term, rho):
    return (superoperator(term) @ rho.reshape(-1)).reshape(rho.shape)


def test_a_hamiltonian_turns_states():
    """-i [H, rho], against the superoperator of explicit Kronecker products."""
    hamiltonian = random_hermitian(4)
    np.testing.assert_allclose(
        superoperator(Hamiltonian(hamiltonian)), unitary(hamiltonian), atol=1e-13
    )


def test_a_jump_dissipates():
    """J rho J^+ - {J^+ J, rho}/2, for a complex J."""
    jump = random_matrices(4, 4)
    np.testing.assert_allclose(superoperator(Jump(jump)), dissipator(jump), atol=1e-13)


@pytest.mark.parametrize(("party", "dims"), [("a", (2, 3)), ("b", (3, 2)), ("a", (3, 3))])
def test_a_reset_puts_one_party_into_its_state(party, dims):
    """tau (x) tr_A rho - rho and tr_B rho (x) tau - rho."""
    own, other = dims if party == "a" else dims[::-1]
    tau = rng.dirichlet(np.ones(own))
    rho = random_hermitian(own * other)
    kept = np.asarray(partial_trace(rho, dims, keep="b" if party == "a" else "a"))
    fresh = np.kron(np.diag(tau), kept) if party == "a" else np.kron(kept, np.diag(tau))
    np.testing.assert_allclose(applied(Reset(party, tau, other), rho), fresh - rho, atol=1e-13)


def test_a_reset_is_a_jump_from_each_level_to_each():
    """tau_l D[|l><m|], summed over all levels (tavakoli2018 (4) in Lindblad form)."""
    tau = np.array([0.5, 0.3, 0.2])
    total = np.zeros((36, 36), dtype=complex)
    for to in range(3):
        for source in range(3):
            jump = np.kron(np.eye(3)[:, [to]] @ np.eye(3)[[source]], np.eye(2))
            total += tau[to] * superoperator(Jump(jump))
    np.testing.assert_allclose(superoperator(Reset("a", tau, 2)), total, atol=1e-15)


TERMS = [
    Hamiltonian(random_hermitian(4)),
    Jump(random_matrices(4, 4)),
    Reset("a", rng.dirichlet(np.ones(2)), 2),
]


@pytest.mark.parametrize("term", TERMS, ids=lambda term: type(term).__name__)
def test_terms_keep_the_trace_and_hermiticity(term):
    rho = random_hermitian(4)
    change = applied(term, rho)
    assert abs(np.trace(change)) < 1e-13
    np.testing.assert_allclose(change, change.conj().T, atol=1e-13)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: type(term).__name__)
def test_real_coordinates_carry_the_same_map(term):
    coordinates, every = HermitianCoordinates(4), np.arange(16)
    rho = random_hermitian(4)
    to, source, value = real_entries(term, coordinates)
    change = np.zeros(16)
    np.add.at(change, to, value * np.asarray(coordinates.of(rho, every))[source])
    np.testing.assert_allclose(coordinates.matrix(change, every), applied(term, rho), atol=1e-13)


def test_entries_add_up_and_cancel():
    first = Entries(np.array([0, 1]), np.array([1, 1]), np.array([2.0, 1.0]))
    second = Entries(np.array([1, 0]), np.array([1, 0]), np.array([-1.0, 3.0]))
    to, source, value = Entries.total([first, second])
    np.testing.assert_array_equal(np.stack([to, source, value]), [[0, 0], [0, 1], [3, 2]])


def test_a_block_of_entries_is_renumbered():
    entries = Entries(np.array([2, 0, 3]), np.array([3, 3, 1]), np.array([1.0, 2.0, 3.0]))
    to, source, value = entries.among(np.array([2, 3]), 4)
    np.testing.assert_array_equal(np.stack([to, source, value]), [[0], [1], [1]])
