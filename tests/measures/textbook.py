"""The figures of merit by their definitions, in NumPy and SciPy: oracles for tests."""

import numpy as np
from scipy.optimize import minimize

PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
SINGLET = np.array([0, 1, -1, 0]) / np.sqrt(2)
SPIN_FLIP = np.kron(PAULI[1], PAULI[1])


def _best(value, size, starts=8, seed=0):
    """The largest of many local maxima."""
    rng = np.random.default_rng(seed)
    runs = [minimize(lambda x: -value(x), rng.normal(size=size), tol=1e-12) for _ in range(starts)]
    return max(-run.fun for run in runs)


_BIT = np.array([0, 1])
_CHSH_SIGNS = (-1.0) ** (
    _BIT[:, None, None, None] * _BIT[:, None, None]  # x y
    + _BIT[:, None]  # a
    + _BIT  # b
)


def chsh(rho):
    """brask2022 (11): sum of (-1)^(a+b+xy) p(a,b|x,y), maximised over both parties' settings."""
    split = rho.reshape(2, 2, 2, 2)

    def value(angles):
        theta, phi = angles.reshape(2, 4)
        axes = np.array([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])
        spins = np.einsum("ix,ijk->xjk", axes, PAULI)
        outcomes = (np.eye(2) + np.array([1, -1])[:, None, None] * spins[:, None]) / 2
        alice, bob = outcomes[:2], outcomes[2:]
        p = np.einsum("xaij,ybkl,jlik->xyab", alice, bob, split).real
        return np.sum(_CHSH_SIGNS * p)

    return _best(value, 8)


def _rotation(quaternion):
    w, *xyz = quaternion / np.linalg.norm(quaternion)
    return w * np.eye(2) - 1j * np.tensordot(xyz, PAULI, 1)


def singlet_fraction(rho):
    """brask2022 (7): the overlap with the singlet after the best unitary on qubit B."""

    def value(quaternion):
        turn = np.kron(np.eye(2), _rotation(quaternion))
        return (SINGLET @ turn @ rho @ turn.conj().T @ SINGLET).real

    return _best(value, 4)


def singlet_fraction_by_both(rho):
    """The same where both parties may turn their qubit."""

    def value(quaternions):
        turn = np.kron(_rotation(quaternions[:4]), _rotation(quaternions[4:]))
        return (SINGLET @ turn @ rho @ turn.conj().T @ SINGLET).real

    return _best(value, 8)


_SIX_STATES = np.array([np.linalg.eigh(axis)[1][:, k] for axis in PAULI for k in (0, 1)])
_CORRECTIONS = np.array([np.eye(2), *PAULI])
# Outcome k of A's joint measurement is σ_k ⊗ 1 applied to the singlet; Bob undoes σ_k.
_OUTCOMES = (_CORRECTIONS @ SINGLET.reshape(2, 2)).conj()


def teleportation_fidelity(rho):
    """The mean fidelity of the standard protocol, after the best unitary on qubit B.

    Six inputs form a spherical design: their mean is that over all inputs.
    """

    def value(quaternion):
        turn = np.kron(np.eye(2), _rotation(quaternion))
        shared = (turn @ rho @ turn.conj().T).reshape(2, 2, 2, 2)
        # Indices: i the input, k the outcome; c the teleported qubit, a and b the shared ones.
        kraus = np.einsum("kca,ic->ika", _OUTCOMES, _SIX_STATES)
        received = np.einsum("ika,abAB,ikA->ikbB", kraus, shared, kraus.conj())
        expected = np.einsum("kbB,iB->ikb", _CORRECTIONS, _SIX_STATES)
        overlaps = np.einsum("ikb,ikbB,ikB->i", expected.conj(), received, expected)
        return overlaps.real.mean()

    return _best(value, 4)


def concurrence_roots(rho, eigenvalues=np.linalg.eigvals):
    """Roots of the eigenvalues of rho rho~, ascending (Wootters 1998)."""
    spectrum = eigenvalues(rho @ SPIN_FLIP @ rho.conj() @ SPIN_FLIP)
    return np.sort(np.sqrt(np.maximum(np.real(spectrum), 0)))


def signed_concurrence(rho, eigenvalues=np.linalg.eigvals):
    roots = concurrence_roots(rho, eigenvalues)
    return roots[3] - roots[:3].sum()


def transposed_on_b(rho, dims=(2, 2)):
    return rho.reshape(*dims, *dims).transpose(0, 3, 2, 1).reshape(rho.shape)


def negativity(rho, dims=(2, 2)):
    """Half of what the trace norm of the partial transpose exceeds 1 by."""
    return (np.linalg.norm(transposed_on_b(rho, dims), "nuc") - 1) / 2


def signed_negativity(rho):
    return -np.linalg.eigvalsh(transposed_on_b(rho))[0]


# brask2022, for states of its form (5)


def printed_singlet_fraction(alpha, delta):
    """(8) as it is printed, by cases."""
    inner = alpha + delta / 2
    return np.where(1 + 2 * alpha - 2 * delta <= 0, inner, np.maximum(inner, (1 - delta) / 2))


def printed_chsh(alpha, delta):
    """(12) as it is printed."""
    transverse, parallel = 4 * alpha**2, (2 * delta - 1) ** 2
    return 2 * np.sqrt(8 * alpha**2 + parallel - np.minimum(transverse, parallel))
