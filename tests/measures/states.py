"""Two-qubit states to score: known ones, and random ones of every rank and form."""

import numpy as np

from jaxent.quantum import HermitianCoordinates

DIRECTIONS = np.asarray(HermitianCoordinates(4).matrix(np.eye(16), np.arange(16)))
"""Sixteen Hermitian matrices: populations, then Re and then Im of the six coherences."""

# In that order the coherences are (00,01), (00,10), (00,11), (01,10), (01,11), (10,11).
POPULATIONS = [0, 1, 2, 3]
INNER = [7, 13]
OUTER = [6, 12]
X_DIRECTIONS = POPULATIONS + INNER + OUTER


def pure(*amplitudes):
    ket = np.array(amplitudes, dtype=complex)
    ket /= np.linalg.norm(ket)
    return np.outer(ket, ket.conj())


BELL = {
    "psi-": pure(0, 1, -1, 0),
    "psi+": pure(0, 1, 1, 0),
    "phi-": pure(1, 0, 0, -1),
    "phi+": pure(1, 0, 0, 1),
}
MAXIMALLY_MIXED = np.eye(4, dtype=complex) / 4


def werner(visibility):
    return visibility * BELL["psi-"] + (1 - visibility) * MAXIMALLY_MIXED


def product(bloch_a, bloch_b):
    return np.kron(qubit(bloch_a), qubit(bloch_b))


def qubit(bloch):
    x, y, z = bloch
    return np.array([[1 + z, x - 1j * y], [x + 1j * y, 1 - z]]) / 2


def x_state(populations, inner=0.0, outer=0.0):
    """X form with `inner` at |01><10| and `outer` at |00><11|."""
    rho = np.diag(np.array(populations, dtype=complex))
    rho[1, 2], rho[2, 1] = inner, np.conj(inner)
    rho[0, 3], rho[3, 0] = outer, np.conj(outer)
    return rho


def swapped(rho):
    """The state with its qubits exchanged."""
    return rho.reshape(2, 2, 2, 2).transpose(1, 0, 3, 2).reshape(4, 4)


# at random


def random_state(rng, rank=4, dimension=4):
    shape = (dimension, rank)
    factor = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    return factor @ factor.conj().T / np.linalg.norm(factor) ** 2


def random_unitary(rng):
    q, r = np.linalg.qr(rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2)))
    return q * (np.diag(r) / abs(np.diag(r)))


def random_local_unitary(rng):
    return np.kron(random_unitary(rng), random_unitary(rng))


def turned(rho, unitary):
    return unitary @ rho @ unitary.conj().T


def random_x_state(rng, outer=True):
    """Coherences of random size and phase; `outer=False` gives the form (4) of brask2022."""
    p = rng.dirichlet(np.ones(4))
    sizes, phases = rng.random(2), np.exp(2j * np.pi * rng.random(2))
    return x_state(
        p,
        sizes[0] * phases[0] * np.sqrt(p[1] * p[2]),
        sizes[1] * phases[1] * np.sqrt(p[0] * p[3]) if outer else 0.0,
    )


def random_product(rng, pure=True):
    bloch = rng.normal(size=(2, 3))
    bloch /= np.linalg.norm(bloch, axis=1, keepdims=True)
    return product(*(bloch if pure else bloch * rng.random((2, 1))))


def many(make, count, seed=0, *arguments, **keywords):
    """`count` of them in one array, from a fixed seed."""
    rng = np.random.default_rng(seed)
    return np.array([make(rng, *arguments, **keywords) for _ in range(count)])
