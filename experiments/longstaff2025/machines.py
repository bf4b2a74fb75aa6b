"""The machines of longstaff2025 and their closed forms, in batches; energies in units of g."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import jax
import numpy as np
from scipy.optimize import brentq

import jaxent
from experiments.longstaff2025 import equations as paper
from experiments.studies import fixed

Baths = tuple[paper.Bath, paper.Bath]
"""Of qubits 1 and 2; arrays of couplings and temperatures make a batch."""

KINDS = ("spin", "boson")
EACH_KIND = list(product(KINDS, KINDS))
SAME = [(kind, kind) for kind in KINDS]
CHI = tuple(fixed("longstaff2025", "filtered", "bath_1.chi", "bath_2.chi"))
"""chi_1 and chi_2 of Figs. 1 and 2."""
NOISE = ("gamma_collective", "gamma_local_1", "gamma_local_2")


def pair(kinds: tuple[str, str], chi: Any, temperatures: Any) -> Baths:
    """Two baths, from two kinds, two couplings and two temperatures."""
    first, second = (paper.Bath(*given) for given in zip(kinds, chi, temperatures, strict=True))
    return first, second


def qubits(baths: Baths, **rest: Any) -> jaxent.ParityQubits:
    """The machine with g = 1."""
    built = [
        jaxent.Bath(
            bath.chi,
            temperature=bath.temperature,
            statistics="boson" if bath.statistics == "boson" else "fermion",
        )
        for bath in baths
    ]
    return jaxent.ParityQubits(1.0, *built, **rest)


def local(gamma_l: Any) -> dict[str, Any]:
    """Local noise of the same intensity on both qubits."""
    return dict.fromkeys(NOISE[1:], gamma_l)


def states(baths: Baths, **rest: Any) -> np.ndarray:
    """Steady states of a batch of machines, with a weight mu or with noise."""
    return _solved(baths, rest)[0]


def bell(baths: Baths, **rest: Any) -> np.ndarray:
    """The largest CHSH value B of each steady state."""
    return _solved(baths, rest)[1]


def thermal(temperature: Any) -> tuple[np.ndarray, np.ndarray]:
    """The thermal states (26) of the qubits alone, and B of each."""
    rho, value = in_batches(_thermal, temperature)
    # The flip-flop term of that machine has the other sign, a turn of qubit 1 about z.
    turn = np.array([1, 1, -1, -1])
    return rho * np.outer(turn, turn), value


def in_batches(function: Callable[..., Any], *numbers: Any) -> list[np.ndarray]:
    """The arrays that a function makes of numbers or arrays, compiled for few sizes of them."""
    leaves, form = jax.tree.flatten(numbers)
    arrays = np.broadcast_arrays(*leaves)
    shape, size = arrays[0].shape, arrays[0].size
    padded = 4 ** max(3, int(np.ceil(np.log(size) / np.log(4))))
    batch = [np.resize(array.astype(float), padded) for array in arrays]
    found = function(*jax.tree.unflatten(form, batch))
    return [np.asarray(x)[:size].reshape(shape + x.shape[1:]) for x in found]


def _solved(baths: Baths, rest: dict[str, Any]) -> list[np.ndarray]:
    if "mu" not in rest:
        rest = dict.fromkeys(NOISE, 0.0) | rest
    solve = partial(_steady, tuple(bath.statistics for bath in baths))
    return in_batches(solve, [b.chi for b in baths], [b.temperature for b in baths], rest)


@partial(jax.jit, static_argnums=0)
def _steady(kinds: Any, chi: Any, temperatures: Any, rest: Any) -> Any:
    rho = qubits(pair(kinds, chi, temperatures), **rest).state()
    return rho, jaxent.chsh(rho)


@jax.jit
def _thermal(temperature: Any) -> Any:
    rho = jaxent.Thermal(1.0, 0.0, temperature=temperature).state()
    return rho, jaxent.chsh(rho)


def gammas(baths: Baths) -> tuple[np.ndarray, np.ndarray]:
    """Gamma_1 and Gamma_2 (21), in batches."""

    def one(*numbers: float) -> tuple[float, float]:
        pairs = zip(baths, numbers[::2], numbers[1::2], strict=True)
        return paper.gammas([replace(b, chi=chi, temperature=T) for b, chi, T in pairs], 1.0)

    first, second = baths
    return np.vectorize(one)(first.chi, first.temperature, second.chi, second.temperature)


def samples(count: int, seed: int = 0) -> Iterator[tuple[Baths, dict[str, np.ndarray]]]:
    """Random batches of baths and of noise, one for each combination of kinds of baths."""
    rng = np.random.default_rng(seed)
    for kinds in EACH_KIND:
        chi, T = 10 ** rng.uniform(-3, -1.3, (2, count)), 10 ** rng.uniform(-0.8, 0.8, (2, count))
        noise = 10 ** rng.uniform([[-5], [-5], [-5]], -2, (3, count))
        yield pair(kinds, chi, T), dict(zip(NOISE, noise, strict=True))


def each(baths: Baths, **arrays: np.ndarray) -> Iterator[tuple[Baths, dict[str, float]]]:
    """The members of a batch."""
    for k in range(len(baths[0].chi)):
        one = [replace(b, chi=float(b.chi[k]), temperature=float(b.temperature[k])) for b in baths]
        yield (one[0], one[1]), {name: float(array[k]) for name, array in arrays.items()}


def mean_local(noise: dict[str, Any]) -> Any:
    """gamma_l, which (29) and (36)-(40) depend on."""
    return (noise["gamma_local_1"] + noise["gamma_local_2"]) / 2


def gain_of_a_gradient(plane: np.ndarray) -> float:
    """The largest B(T_1, T_2) - B(T, T), T the lower of both, over the last two axes."""
    k = np.arange(plane.shape[-1])
    both_cold = plane[..., k, k][..., np.minimum.outer(k, k)]
    return float((plane - both_cold)[..., np.not_equal.outer(k, k)].max())


def crossing(value: Callable[[float], float], low: float, high: float) -> float:
    """Where a function of a positive number changes sign, to full precision."""
    return float(np.exp(brentq(lambda x: value(np.exp(x)), *np.log([low, high]), xtol=1e-14)))
