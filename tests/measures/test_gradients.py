"""Gradients of every figure of merit with respect to machine and filters, for each machine."""

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxent import measures
from jaxent.baths import Bath
from jaxent.filters import Filters, herald
from jaxent.machines import TwoQubit
from jaxent.quantum import XState
from tests.measures.compiling import compiled
from tests.measures.objectives import LOCALLY_INVARIANT

POINTS = 50
STEP = 1e-5
INF = np.inf

GENERAL = {
    **{name: measure.signed.general for name, measure in LOCALLY_INVARIANT.items()},
    "teleportation_fidelity": measures.teleportation_fidelity,
    "purity": measures.purity,
}
X = {
    f"{name}, closed form": lambda rho, form=measure.signed.x: form(XState.of(rho))
    for name, measure in LOCALLY_INVARIANT.items()
}


@dataclass(frozen=True)
class Kind:
    """A kind of machine: how it is made of parameters, and where these are drawn from."""

    make: Callable[[dict], TwoQubit]
    ranges: dict[str, tuple[float, float]]


COMMON = {"log_g": (-2, 1), "log_gamma_a": (-1, 1), "log_gamma_b": (-1, 1)}
FILTERS = {name: (0.2, 1) for name in ("a0", "a1", "b0", "b1")}


def two_qubit(x, statistics="fermion", beta_a=None, beta_b=None, **others):
    hot = Bath(jnp.exp(x["log_gamma_a"]), beta=x.get("beta_a", beta_a), statistics=statistics)
    cold = Bath(jnp.exp(x["log_gamma_b"]), beta=x.get("beta_b", beta_b), statistics=statistics)
    return TwoQubit(jnp.exp(x["log_g"]), hot, cold, **others)


def charged(x):
    return two_qubit(x, u=x["u"])


def far_charged(x):
    return two_qubit(x, u=INF)


def detuned(x):
    return two_qubit(x, E_a=x["E_a"], E_b=x["E_b"])


def tunnelling(x):
    return two_qubit(x, E_a=x["E_a"], E_b=x["E_b"], kappa_a=x["kappa_a"], kappa_b=x["kappa_b"])


WARM = {"beta_a": (0.1, 1), "beta_b": (1, 4)}
INVERTED = {"beta_a": (-4, -0.1), "beta_b": (1, 4)}
GAPS = {"E_a": (0.8, 1.2), "E_b": (0.8, 1.2)}
KINDS = {
    "bosons": Kind(lambda x: two_qubit(x, "boson"), COMMON | WARM),
    "fermions": Kind(two_qubit, COMMON | WARM),
    "charged fermions": Kind(charged, COMMON | WARM | {"u": (0.3, 5)}),
    "charged fermions, u = inf": Kind(far_charged, COMMON | WARM),
    "inverted charged fermions": Kind(charged, COMMON | INVERTED | {"u": (0.3, 5)}),
    "completely inverted fermions": Kind(
        lambda x: two_qubit(x, beta_a=-INF, beta_b=INF, u=INF), COMMON
    ),
    "detuned fermions": Kind(detuned, COMMON | WARM | GAPS),
    "tunnelling fermions": Kind(
        tunnelling, COMMON | WARM | GAPS | {"kappa_a": (-0.5, 0.5), "kappa_b": (-0.5, 0.5)}
    ),
}


def scores(kind, quantities):
    """All quantities of the heralded state and the log-efficiency, of one vector."""
    names = [*kind.ranges, *FILTERS]

    def of(vector):
        x = dict(zip(names, vector, strict=True))
        filters = Filters(jnp.stack([x["a0"], x["a1"]]), jnp.stack([x["b0"], x["b1"]]))
        rho, efficiency = herald(kind.make(x).state(), filters)
        return jnp.stack([*(q(rho) for q in quantities), jnp.log(efficiency)])

    return of


def random_points(kind):
    low, high = np.array([*kind.ranges.values(), *FILTERS.values()], dtype=float).T
    return np.random.default_rng(0).uniform(low, high, (POINTS, len(low)))


def differences(function, points):
    """Differences of fourth order, shape (points, quantities, parameters)."""
    size = points.shape[1]

    def at(steps):
        moved = points[:, None] + steps * STEP * np.eye(size)
        found = np.asarray(function(moved.reshape(-1, size)))
        return found.reshape(len(points), size, -1).swapaxes(1, 2)

    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * STEP)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_gradients_through_filters_and_steady_state_are_those_of_differences(kind):
    points = random_points(kind)
    machine = kind.make(dict(zip([*kind.ranges, *FILTERS], points[0], strict=True)))
    quantities = GENERAL | (X if machine.x_form else {})
    of = scores(kind, quantities.values())
    found = np.asarray(compiled(jax.vmap(jax.jacrev(of)))(points))
    expected = differences(compiled(jax.vmap(of)), points)
    # Relative to the whole gradient, since single entries may vanish; 1e-16 over the step is 1e-11.
    allowed = 1e-7 * np.abs(expected).max(axis=2) + 1e-10
    error = np.abs(found - expected).max(axis=2)
    worst = dict(zip([*quantities, "log p"], (error / allowed).max(axis=0), strict=True))
    assert {name: excess for name, excess in worst.items() if not excess < 1} == {}
