"""Operators and coordinates against loops over indices and textbook identities."""

import itertools

import numpy as np
import pytest

from jaxent.quantum import (
    MAGIC_BASIS,
    PAULI,
    SPIN_FLIP,
    X_FORM,
    HermitianCoordinates,
    on_a,
    on_b,
    partial_trace,
    partial_transpose,
    populations,
    transition,
)

rng = np.random.default_rng(1932)
DIMENSIONS = [(2, 2), (2, 3), (3, 2), (4, 3)]


def random_matrices(*shape):
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def random_hermitian(dimension, batch=()):
    matrix = random_matrices(*batch, dimension, dimension)
    return matrix + np.swapaxes(matrix.conj(), -1, -2)


# operators


def test_a_transition_takes_its_source_to_its_target():
    """|2><0| on three levels."""
    for source in range(3):
        image = transition(3, to=2, source=0) @ np.eye(3)[source]
        np.testing.assert_array_equal(image, np.eye(3)[2] if source == 0 else np.zeros(3))


@pytest.mark.parametrize(("dim_a", "dim_b"), DIMENSIONS)
def test_operators_on_one_party_act_on_its_index_alone(dim_a, dim_b):
    """|a, b> is the basis vector a * d_B + b."""
    of_a, of_b = random_matrices(dim_a, dim_a), random_matrices(dim_b, dim_b)
    indices = list(itertools.product(range(dim_a), range(dim_b)))
    for (a, b), (c, d) in itertools.product(indices, indices):
        row, column = a * dim_b + b, c * dim_b + d
        assert on_a(of_a, dim_b)[row, column] == of_a[a, c] * (b == d)
        assert on_b(of_b, dim_a)[row, column] == of_b[b, d] * (a == c)


def test_the_pauli_matrices_multiply_as_they_should():
    """sigma_i sigma_j = delta_ij + i eps_ijk sigma_k."""
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        np.testing.assert_array_equal(PAULI[i] @ PAULI[i], np.eye(2))
        np.testing.assert_array_equal(PAULI[i] @ PAULI[j], 1j * PAULI[k])
        np.testing.assert_array_equal(PAULI[j] @ PAULI[i], -1j * PAULI[k])


def test_the_spin_flip_reverses_both_spins():
    """(sy x sy) (s_i x 1)* (sy x sy) = -(s_i x 1), and the same for the other party."""
    for sigma in PAULI:
        for spin in (np.kron(sigma, np.eye(2)), np.kron(np.eye(2), sigma)):
            np.testing.assert_array_equal(SPIN_FLIP @ spin.conj() @ SPIN_FLIP, -spin)


def test_the_x_form_is_the_two_diagonals():
    for i, j in itertools.product(range(4), range(4)):
        assert X_FORM[i, j] == (i in (j, 3 - j))


# the magic basis


def concurrence(psi):
    """|<psi| sy x sy |psi*>|: 1 for maximally entangled vectors, 0 for products (Wootters)."""
    return abs(psi @ SPIN_FLIP @ psi)


def test_the_magic_basis_is_orthonormal_and_maximally_entangled():
    np.testing.assert_allclose(MAGIC_BASIS.conj().T @ MAGIC_BASIS, np.eye(4), atol=1e-15)
    for column in MAGIC_BASIS.T:
        assert concurrence(column) == pytest.approx(1.0, abs=1e-15)


def test_real_coefficients_in_the_magic_basis_are_maximal_entanglement():
    """C = |sum c_k^2| (Hill and Wootters): 1 if and only if all c_k have one phase."""
    for _ in range(20):
        coefficients = random_matrices(4)
        coefficients /= np.linalg.norm(coefficients)
        psi = MAGIC_BASIS @ coefficients
        assert concurrence(psi) == pytest.approx(abs(np.sum(coefficients**2)), abs=1e-14)
        real = MAGIC_BASIS @ (coefficients.real / np.linalg.norm(coefficients.real))
        assert concurrence(np.exp(0.7j) * real) == pytest.approx(1.0, abs=1e-14)


def test_local_unitaries_are_real_rotations_of_the_magic_basis():
    """SU(2) x SU(2) is SO(4)."""
    unitaries = [np.linalg.qr(random_matrices(2, 2))[0] for _ in range(2)]
    special = [unitary / np.sqrt(np.linalg.det(unitary)) for unitary in unitaries]
    rotation = MAGIC_BASIS.conj().T @ np.kron(*special) @ MAGIC_BASIS
    np.testing.assert_allclose(rotation.imag, 0, atol=1e-15)
    np.testing.assert_allclose(rotation.real @ rotation.real.T, np.eye(4), atol=1e-14)


# partial trace and partial transpose


@pytest.mark.parametrize("dims", DIMENSIONS)
def test_the_partial_transpose_transposes_party_b(dims):
    rho = random_matrices(dims[0] * dims[1], dims[0] * dims[1])
    expected = np.zeros_like(rho)
    for a, c in itertools.product(range(dims[0]), repeat=2):
        for b, d in itertools.product(range(dims[1]), repeat=2):
            expected[a * dims[1] + b, c * dims[1] + d] = rho[a * dims[1] + d, c * dims[1] + b]
    np.testing.assert_array_equal(partial_transpose(rho, dims), expected)
    np.testing.assert_array_equal(partial_transpose(expected, dims), rho)


def test_the_partial_transpose_of_a_product_is_the_product_with_a_transpose():
    a, b = random_matrices(2, 2), random_matrices(3, 3)
    np.testing.assert_allclose(partial_transpose(np.kron(a, b), (2, 3)), np.kron(a, b.T))


@pytest.mark.parametrize("dims", DIMENSIONS)
def test_the_partial_trace_sums_over_the_other_party(dims):
    rho = random_matrices(dims[0] * dims[1], dims[0] * dims[1])
    of_a, of_b = np.zeros((dims[0],) * 2, complex), np.zeros((dims[1],) * 2, complex)
    for a, c in itertools.product(range(dims[0]), repeat=2):
        of_a[a, c] = sum(rho[a * dims[1] + b, c * dims[1] + b] for b in range(dims[1]))
    for b, d in itertools.product(range(dims[1]), repeat=2):
        of_b[b, d] = sum(rho[a * dims[1] + b, a * dims[1] + d] for a in range(dims[0]))
    np.testing.assert_allclose(partial_trace(rho, dims, keep="a"), of_a, atol=1e-14)
    np.testing.assert_allclose(partial_trace(rho, dims, keep="b"), of_b, atol=1e-14)


def test_partial_operations_have_batch_axes_in_front():
    rho = random_matrices(2, 5, 6, 6)
    transposed, reduced = partial_transpose(rho, (2, 3)), partial_trace(rho, (2, 3), keep="b")
    assert transposed.shape == (2, 5, 6, 6)
    assert reduced.shape == (2, 5, 3, 3)
    np.testing.assert_array_equal(transposed[1, 4], partial_transpose(rho[1, 4], (2, 3)))
    np.testing.assert_allclose(reduced[1, 4], partial_trace(rho[1, 4], (2, 3), keep="b"))


@pytest.mark.parametrize("keep", ["c", "A", ""])
def test_a_party_is_a_or_b(keep):
    with pytest.raises(ValueError, match="is not a party; allowed: 'a', 'b'"):
        partial_trace(np.eye(4), (2, 2), keep=keep)


def test_populations_are_the_real_diagonal():
    rho = random_hermitian(3, batch=(2,))
    expected = np.array([np.diag(matrix).real for matrix in rho])
    assert populations(rho).dtype == np.float64
    np.testing.assert_array_equal(populations(rho), expected)


# real coordinates


@pytest.mark.parametrize("dimension", [1, 2, 3, 4])
def test_hermitian_matrices_have_real_coordinates(dimension):
    """x = (populations, real parts, imaginary parts of the upper triangle), and back."""
    coordinates, every = HermitianCoordinates(dimension), np.arange(dimension**2)
    rho = random_hermitian(dimension)
    upper = rho[np.triu_indices(dimension, k=1)]
    expected = np.concatenate([np.diag(rho).real, upper.real, upper.imag])
    np.testing.assert_allclose(coordinates.of(rho, every), expected, atol=1e-15)
    np.testing.assert_allclose(coordinates.matrix(expected, every), rho, atol=1e-15)


@pytest.mark.parametrize("dimension", [2, 3, 5])
def test_coordinates_are_found_by_their_entry(dimension):
    coordinates = HermitianCoordinates(dimension)
    i, j = np.triu_indices(dimension, k=1)
    rho = random_hermitian(dimension)
    for rows, columns in ((i, j), (j, i)):
        real, imaginary = coordinates.real(rows, columns), coordinates.imaginary(rows, columns)
        np.testing.assert_array_equal(coordinates.of(rho, real), rho[i, j].real)
        np.testing.assert_array_equal(coordinates.of(rho, imaginary), rho[i, j].imag)
    diagonal = np.arange(dimension)
    np.testing.assert_array_equal(coordinates.real(diagonal, diagonal), diagonal)


def test_some_coordinates_of_a_batch():
    """The coordinates come first, the batch behind; matrices have the batch in front."""
    coordinates, some = HermitianCoordinates(3), np.array([0, 2, 4, 8])
    rho = random_hermitian(3, batch=(2, 5))
    x = coordinates.of(rho, some)
    assert x.shape == (4, 2, 5)
    rebuilt = coordinates.matrix(x, some)
    assert rebuilt.shape == (2, 5, 3, 3)
    np.testing.assert_allclose(coordinates.of(rebuilt, some), x, atol=1e-15)
