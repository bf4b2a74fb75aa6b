"""What tests of steady states need: an observable, derivatives, fast compilation."""

import jax
import numpy as np


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
