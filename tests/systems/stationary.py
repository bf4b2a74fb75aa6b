"""Steady states of any Liouvillian, written out plainly: what machines of every size are held to.

Only NumPy, and the two superoperators of ``plain``; nothing of the package. vec(rho) stacks the
rows of rho.
"""

import jax
import numpy as np

from tests.systems.plain import dissipator, unitary


def ket(dimension, level):
    return np.eye(dimension)[level]


def thermal(energies, temperature):
    """The populations of a thermal state; T = 0.0 and -0.0 are limits, and so is infinity."""
    energies = np.asarray(energies, dtype=float)
    if temperature == 0:
        return ket(len(energies), -1 if np.signbit(temperature) else 0)
    exponents = -energies / temperature
    weights = np.exp(exponents - exponents.max())
    return weights / weights.sum()


def reset(party, populations, other):
    """rho -> tau (x) tr_A rho - rho, or tr_B rho (x) tau - rho, by its Kraus operators."""
    size = len(populations)
    full = -np.eye((size * other) ** 2)
    for level, weight in enumerate(populations):
        for fallen in range(size):
            hop = np.sqrt(weight) * np.outer(ket(size, level), ket(size, fallen))
            kraus = np.kron(hop, np.eye(other)) if party == "a" else np.kron(np.eye(other), hop)
            full = full + np.kron(kraus, kraus.conj())
    return full


def liouvillian(hamiltonian, jumps=(), resets=()):
    """-i[H, .] + sum of rate D[jump] + sum of rate (reset)."""
    total = unitary(hamiltonian)
    for rate, jump in jumps:
        total = total + rate * dissipator(jump)
    for rate, part in resets:
        total = total + rate * part
    return total


def steady_state(full):
    """The state with L rho = 0 and tr rho = 1, by least squares."""
    d = round(np.sqrt(len(full)))
    rows = np.abs(full).max(axis=1, keepdims=True)
    system = np.vstack([full / np.where(rows > 0, rows, 1.0), np.eye(d).reshape(1, d * d)])
    right = np.zeros(d * d + 1)
    right[-1] = 1.0
    rho = np.linalg.lstsq(system, right, rcond=None)[0].reshape(d, d)
    return (rho + rho.conj().T) / 2


def filtered(rho, filter_a, filter_b):
    """The filtered state and its probability, with explicit Kraus operators."""
    kraus = np.kron(np.diag(filter_a), np.diag(filter_b))
    passed = kraus @ rho @ kraus.conj().T
    probability = np.trace(passed).real
    return passed / probability, probability


def observable(dimension, seed=1):
    """A generic Hermitian matrix: no entry of a state goes untested."""
    entries = np.random.default_rng(seed).normal(size=(dimension, dimension, 2)) @ [1, 1j]
    return entries + entries.conj().T


def slopes(value, point, step=1e-5):
    """The derivatives of a function of a vector, by central differences of fourth order."""
    point = np.asarray(point, dtype=float)
    found = []
    for direction in np.eye(len(point)):
        shift = step * max(abs(direction @ point), 1e-3) * direction
        near = value(point + shift) - value(point - shift)
        far = value(point + 2 * shift) - value(point - 2 * shift)
        found.append((8 * near - far) / (12 * np.abs(shift).sum()))
    return np.array(found)


def quickly(function):
    """The function, compiled fast, for it is run a few times only."""
    return jax.jit(function, compiler_options={"xla_backend_optimization_level": "0"})
