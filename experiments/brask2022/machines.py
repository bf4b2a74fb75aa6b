"""The machines of brask2022 in the limits of its figures: gamma_A = 1, T_B -> 0+."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import numpy as np

import jaxent
from jaxent.measures.steering import x_steering_robustness

Machine = Callable[..., jaxent.TwoQubit]
"""From g and gamma_B; arrays of them make a batch."""


def two_qubits(
    g: Any, gamma_b: Any, hot: float, statistics: Any = "fermion", u: float = 0.0
) -> jaxent.TwoQubit:
    """The machine between a bath at the given temperature and one at T = 0+."""
    first = jaxent.Bath(1.0, temperature=hot, statistics=statistics)
    second = jaxent.Bath(gamma_b, temperature=0.0, statistics=statistics)
    return jaxent.TwoQubit(g, first, second, u=u)


def bosons(hot: float) -> Machine:
    """Bosonic baths, T_A as given."""
    return partial(two_qubits, hot=hot, statistics="boson")


def charged(hot: float = np.inf) -> Machine:
    """Charged fermions, u -> inf; T_A -> inf unless given."""
    return partial(two_qubits, hot=hot, u=np.inf)


FERMIONS: Machine = partial(two_qubits, hot=np.inf)
"""Fermions without charge, T_A -> inf."""

INVERTED: Machine = partial(two_qubits, hot=-0.0)
"""Fermions with complete inversion, T_A -> 0-."""


PLACES: dict[str, tuple[Machine, float, float]] = {
    "bosons": (bosons(1.0), 0.4, 30.0),
    "fermions": (FERMIONS, 0.6, 8.5),
    "charged": (charged(), 0.3, 2.1),
    "charged, T_A = 100": (charged(1e2), 0.3, 2.1),
    "inverted": (INVERTED, 0.38, 1.9),
}
"""Machine, g and gamma_B that steer: those of the text, and one of bosons, which is a choice."""


def at(name: str) -> str:
    """One of ``PLACES`` in words: "at (0.38, 1.9)", in units of gamma_A."""
    _, *place = PLACES[name]
    return "at ({:g}, {:g})".format(*place)


def state(machine: Machine, g: float, gamma_b: float) -> np.ndarray:
    """The steady state of a machine at one place of the plane."""
    return np.asarray(machine(g, gamma_b).state())


def states(machine: Machine, g: np.ndarray, gamma_b: np.ndarray) -> np.ndarray:
    """The states on a grid, shape ``(len(gamma_b), len(g), 4, 4)``."""
    return np.asarray(jax.jit(lambda g, gb: machine(g, gb).state())(*np.meshgrid(g, gamma_b)))


def robustness(machine: Machine, g: np.ndarray, gamma_b: np.ndarray) -> np.ndarray:
    """The robustness q for the dodecahedron on a grid, shape ``(len(gamma_b), len(g))``."""
    q = jax.jit(lambda g, gb: x_steering_robustness(machine(g, gb).x_state()))
    return np.asarray(q(*np.meshgrid(g, gamma_b)))
