"""Generators: their terms are the master equation's, and their sector is invariant."""

import numpy as np
import pytest

from jaxent.generator import Generator, Hamiltonian, Jump, reached
from tests.systems import plain

rng = np.random.default_rng(1976)


def random_matrices(*shape):
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def random_hermitian(dimension):
    matrix = random_matrices(dimension, dimension)
    return matrix + matrix.conj().T


def flip_flop_with_decay():
    """Resonant qubits, coherently coupled; A decays, B is driven."""
    return Generator(
        [
            Hamiltonian(plain.FLIP_FLOP.astype(complex)),
            Jump(np.kron(plain.RAISE.T, plain.ONE)),
            Jump(np.kron(plain.ONE, plain.RAISE)),
        ]
    )


# terms


def test_a_hamiltonian_turns_states():
    """-i [H, rho], against the superoperator of explicit Kronecker products."""
    hamiltonian, rho = random_hermitian(4), random_hermitian(4)
    expected = (plain.unitary(hamiltonian) @ rho.reshape(16)).reshape(4, 4)
    np.testing.assert_allclose(Hamiltonian(hamiltonian).apply(rho), expected, atol=1e-13)


def test_a_jump_dissipates():
    """J rho J^+ - {J^+ J, rho}/2, for a complex J."""
    jump, rho = random_matrices(4, 4), random_hermitian(4)
    expected = (plain.dissipator(jump) @ rho.reshape(16)).reshape(4, 4)
    np.testing.assert_allclose(Jump(jump).apply(rho), expected, atol=1e-13)


@pytest.mark.parametrize("term", [Hamiltonian(random_hermitian(3)), Jump(random_matrices(3, 3))])
def test_terms_keep_the_trace_and_hermiticity_of_a_batch(term):
    rho = np.array([random_hermitian(3) for _ in range(5)])
    change = term.apply(rho)
    np.testing.assert_allclose(np.trace(change, axis1=1, axis2=2), 0, atol=1e-13)
    np.testing.assert_allclose(change, np.swapaxes(change.conj(), 1, 2), atol=1e-13)
    np.testing.assert_allclose(change[3], term.apply(rho[3]), atol=1e-14)


# coordinates


def test_all_coordinates_together_are_the_master_equation():
    generator = Generator([Hamiltonian(random_hermitian(3)), Jump(random_matrices(3, 3))])
    coefficients, rho = np.array([0.7, 1.9]), random_hermitian(3)
    vector = np.einsum("kij,ji->k", generator.basis.duals, rho).real
    change = generator.on_everything(coefficients) @ vector
    pairs = zip(coefficients, generator.terms, strict=True)
    expected = sum(c * term.apply(rho) for c, term in pairs)
    image = np.einsum("k,kij->ij", change, generator.basis.matrices)
    np.testing.assert_allclose(image, expected, atol=1e-13)


def test_sector_coordinates_go_both_ways():
    generator = flip_flop_with_decay()
    coordinates = rng.normal(size=(2, 3, generator.size))
    matrices = generator.matrix(coordinates)
    assert matrices.shape == (2, 3, 4, 4)
    np.testing.assert_allclose(generator.coordinates(matrices), coordinates, atol=1e-15)
    populations = np.diagonal(matrices, axis1=-2, axis2=-1)
    np.testing.assert_allclose(populations, coordinates[..., :4])


def test_coefficients_have_batch_axes_in_front():
    generator = flip_flop_with_decay()
    coefficients = rng.uniform(size=(2, 5, 3))
    batch = generator.on_sector(coefficients)
    assert batch.shape == (2, 5, generator.size, generator.size)
    np.testing.assert_allclose(batch[1, 4], generator.on_sector(coefficients[1, 4]), atol=1e-15)
    np.testing.assert_allclose(
        generator.on_everything(coefficients)[1, 4],
        generator.on_everything(coefficients[1, 4]),
        atol=1e-15,
    )


# the sector


def test_the_sector_of_a_flip_flop_is_five_coordinates():
    """Four populations and Im rho[01, 10], which the exchange of an excitation creates."""
    generator = flip_flop_with_decay()
    assert generator.size == 5
    support = np.any(generator.basis.matrices[generator.sector] != 0, axis=0)
    expected = np.eye(4, dtype=bool)
    expected[1, 2] = expected[2, 1] = True
    np.testing.assert_array_equal(support, expected)
    coherence = generator.basis.matrices[generator.sector[-1]]
    assert np.all(coherence.real == 0)


@pytest.mark.parametrize(
    "terms",
    [
        flip_flop_with_decay().terms,
        [Hamiltonian(np.diag([0, 1, -1, 0]).astype(complex)), *flip_flop_with_decay().terms],
        [Hamiltonian(np.kron(plain.SIGMA_X, plain.ONE)), Jump(np.kron(plain.RAISE, plain.ONE))],
        [Jump(np.eye(3)[[1, 2, 0]].astype(complex))],
    ],
    ids=["resonant", "detuned", "driven", "permuted"],
)
def test_the_dynamics_never_leaves_the_sector(terms):
    """Nothing outside changes when something inside does, whatever the coefficients."""
    generator = Generator(terms)
    outside = np.setdiff1d(np.arange(generator.dimension**2), generator.sector)
    coefficients = rng.uniform(0.5, 2, size=len(terms))
    full = generator.on_everything(coefficients)
    assert np.all(full[np.ix_(outside, generator.sector)] == 0)
    inside = full[np.ix_(generator.sector, generator.sector)]
    np.testing.assert_allclose(generator.on_sector(coefficients), inside, atol=1e-15)
    assert list(generator.sector[: generator.dimension]) == list(range(generator.dimension))


def test_the_sector_is_no_larger_than_it_has_to_be():
    """Each of its coordinates does change, some time after a diagonal start."""
    generator = flip_flop_with_decay()
    full = generator.on_everything(rng.uniform(0.5, 2, size=3))
    moved = np.abs(np.linalg.matrix_power(np.eye(16) + 0.1 * full, 16)[:, :4]).max(axis=1)
    np.testing.assert_array_equal(np.flatnonzero(moved), generator.sector)


def test_reaching_follows_every_superoperator():
    """0 -> 2 by the first, 2 -> 3 by the second; 1 leads in but is not reached."""
    maps = np.zeros((2, 4, 4))
    maps[0, 2, 0] = 0.5
    maps[1, 3, 2] = -1.0
    maps[1, 0, 1] = 7.0
    np.testing.assert_array_equal(reached(maps, start=1), [0, 2, 3])
    np.testing.assert_array_equal(reached(maps, start=2), [0, 1, 2, 3])
    np.testing.assert_array_equal(reached(maps[:1], start=1), [0, 2])


# exchange


def test_resonant_and_detuned_qubits_do_nothing_but_exchange():
    detuned = [Hamiltonian(np.diag([0, 1, -1, 0]).astype(complex)), *flip_flop_with_decay().terms]
    for generator in (flip_flop_with_decay(), Generator(detuned)):
        assert generator.exchange == (1, 2)
        # Jumps: |1> -> |0> of A, |0> -> |1> of B; and the exchange, both ways.
        ways = {(0, 2), (1, 3), (1, 0), (3, 2), (1, 2), (2, 1)}
        found = {(i, j) for i, j in np.argwhere(generator.hops).tolist() if i != j}
        assert found == ways


@pytest.mark.parametrize(
    "terms",
    [
        [Hamiltonian(plain.FLIP_FLOP + np.kron(plain.SIGMA_X, plain.ONE))],
        [Hamiltonian(plain.FLIP_FLOP + np.eye(4)[::-1])],
        [Hamiltonian(random_hermitian(3)), Jump(random_matrices(3, 3))],
        [Jump(np.eye(3)[[1, 2, 0]].astype(complex))],
    ],
    ids=["tunnelling", "two exchanges", "no structure", "classical"],
)
def test_other_machines_do_more_or_nothing_coherent(terms):
    assert Generator(terms).exchange is None


def test_the_entries_are_those_of_the_matrix():
    generator, coefficients = flip_flop_with_decay(), rng.uniform(size=(5, 3))
    entries = generator.entries(coefficients)
    dense = generator.on_sector(coefficients)
    for i, j in np.ndindex(5, 5):
        np.testing.assert_allclose(entries.get((i, j), 0.0), dense[:, i, j], atol=1e-16)
