"""Generators: their terms are the master equation's, and their sector is invariant."""

import numpy as np
import pytest

from experiments.master_equation import FLIP_FLOP, ONE, RAISE, SIGMA_X
from jaxent.generator import Generator, reached
from jaxent.quantum import HermitianCoordinates
from jaxent.steady_state.diagnostics import everywhere
from jaxent.terms import Entries, Hamiltonian, Jump, superoperator

rng = np.random.default_rng(1976)


def random_matrices(*shape):
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def random_hermitian(dimension):
    matrix = random_matrices(dimension, dimension)
    return matrix + matrix.conj().T


def dense(entries, size):
    matrix = np.zeros((size, size))
    np.add.at(matrix, (entries.to, entries.source), entries.value)
    return matrix


def flip_flop_with_decay():
    """Resonant qubits, coherently coupled; A decays, B is driven."""
    return Generator(
        [
            Hamiltonian(FLIP_FLOP.astype(complex)),
            Jump(np.kron(RAISE.T, ONE)),
            Jump(np.kron(ONE, RAISE)),
        ]
    )


# coordinates


def test_all_coordinates_together_are_the_master_equation():
    generator = Generator([Hamiltonian(random_hermitian(3)), Jump(random_matrices(3, 3))])
    coefficients, rho = np.array([0.7, 1.9]), random_hermitian(3)
    vector = np.asarray(generator.coordinates.of(rho, np.arange(9)))
    change = dense(everywhere(generator, coefficients), 9) @ vector
    pairs = zip(coefficients, generator.terms, strict=True)
    expected = sum(c * superoperator(term) for c, term in pairs) @ rho.reshape(9)
    image = generator.coordinates.matrix(change, np.arange(9))
    np.testing.assert_allclose(image, expected.reshape(3, 3), atol=1e-13)


def test_sector_coordinates_go_both_ways():
    """The index of the coordinates first, then the batch; matrices have the batch in front."""
    generator = flip_flop_with_decay()
    coordinates = rng.normal(size=(generator.size, 2, 3))
    matrices = generator.matrix(coordinates)
    assert matrices.shape == (2, 3, 4, 4)
    np.testing.assert_allclose(generator.of(matrices), coordinates, atol=1e-15)
    populations = np.diagonal(matrices, axis1=-2, axis2=-1)
    np.testing.assert_allclose(np.moveaxis(populations, -1, 0), coordinates[:4])


def test_coefficients_are_arrays_of_the_batch():
    generator = flip_flop_with_decay()
    coefficients = rng.uniform(size=(3, 2, 5))
    batch = generator.on_sector(coefficients)
    assert batch.shape == (2, 5, generator.size, generator.size)
    np.testing.assert_allclose(batch[1, 4], generator.on_sector(coefficients[:, 1, 4]), atol=1e-15)
    for (i, j), entry in generator.entries(list(coefficients)).items():
        np.testing.assert_allclose(entry, batch[..., i, j], atol=1e-15)


# the sector


def test_the_sector_of_a_flip_flop_is_five_coordinates():
    """Four populations and Im rho[01, 10], which the exchange of an excitation creates."""
    generator = flip_flop_with_decay()
    assert generator.size == 5
    support = generator.matrix(np.ones(5))
    expected = np.eye(4, dtype=complex)
    expected[1, 2], expected[2, 1] = 1j, -1j
    np.testing.assert_array_equal(support, expected)


@pytest.mark.parametrize(
    "terms",
    [
        flip_flop_with_decay().terms,
        [Hamiltonian(np.diag([0, 1, -1, 0]).astype(complex)), *flip_flop_with_decay().terms],
        [Hamiltonian(np.kron(SIGMA_X, ONE)), Jump(np.kron(RAISE, ONE))],
        [Jump(np.eye(3)[[1, 2, 0]].astype(complex))],
    ],
    ids=["resonant", "detuned", "driven", "permuted"],
)
def test_the_dynamics_never_leaves_the_sector(terms):
    """Nothing outside changes when something inside does, whatever the coefficients."""
    generator = Generator(terms)
    outside = np.setdiff1d(np.arange(generator.dimension**2), generator.sector)
    coefficients = rng.uniform(0.5, 2, size=len(terms))
    full = dense(everywhere(generator, coefficients), generator.dimension**2)
    assert np.all(full[np.ix_(outside, generator.sector)] == 0)
    inside = full[np.ix_(generator.sector, generator.sector)]
    np.testing.assert_allclose(generator.on_sector(coefficients), inside, atol=1e-15)
    assert list(generator.sector[: generator.dimension]) == list(range(generator.dimension))


def test_the_sector_is_no_larger_than_it_has_to_be():
    """Each of its coordinates does change, some time after a diagonal start."""
    generator = flip_flop_with_decay()
    full = dense(everywhere(generator, rng.uniform(0.5, 2, size=3)), 16)
    moved = np.abs(np.linalg.matrix_power(np.eye(16) + 0.1 * full, 16)[:, :4]).max(axis=1)
    np.testing.assert_array_equal(np.flatnonzero(moved), generator.sector)


def test_reaching_follows_every_superoperator():
    """0 -> 2 by the first, 2 -> 3 by the second; 1 leads in but is not reached."""
    first = Entries(np.array([2]), np.array([0]), np.array([0.5]))
    second = Entries(np.array([3, 0]), np.array([2, 1]), np.array([-1.0, 7.0]))
    np.testing.assert_array_equal(reached([first, second], np.array([0]), 4), [0, 2, 3])
    np.testing.assert_array_equal(reached([first, second], np.array([0, 1]), 4), [0, 1, 2, 3])
    np.testing.assert_array_equal(reached([first], np.array([0]), 4), [0, 2])


def test_a_sector_can_be_reached_from_coherences_too():
    """From Re |00><11| on, which nothing couples to anything: it decays alone."""
    terms = flip_flop_with_decay().terms
    real = HermitianCoordinates(4).real(np.array([0]), np.array([3]))
    np.testing.assert_array_equal(Generator(terms, start=real).sector, real)
