"""The machines of tacchino2018, batched; the unit is Gamma^+ = omega_0 = 1, or a coupling g = 1."""

from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jaxent
from experiments.master_equation import steady_state
from experiments.studies import study
from experiments.tacchino2018 import equations
from jaxent.quantum import partial_trace, populations
from jaxent.terms import superoperator

PHOTONS = 15
"""The paper's n_max."""

PRINTED = {1e-3: "0.3869", 1e-4: "0.4479"}
"""The paper's largest concurrences of equal qubits in a cavity, by gamma/g (App. C)."""


def concurrence(beta_A: Any, beta_S: Any) -> np.ndarray:
    """(4) of a batch of machines."""
    return np.asarray(_of_baths(beta_A, beta_S)[0])


def level_populations(beta_A: Any, beta_S: Any) -> np.ndarray:
    """Of |00>, |A>, |S>, |11>, the levels first."""
    return np.asarray(_of_baths(beta_A, beta_S)[1])


@jax.jit
def _of_baths(beta_A: Any, beta_S: Any) -> tuple[Any, Any]:
    machine = jaxent.CollectiveQubits(beta_A, beta_S)
    return jaxent.concurrence(machine.state()), jnp.stack(list(machine.stationary()))


def entropy_production(beta_A: np.ndarray, beta_S: np.ndarray) -> np.ndarray:
    """(6) of a batch of machines, from the terms of bath A; the first law gives bath S."""
    one = jaxent.CollectiveQubits(0.0, 0.0)
    structure, levels = one.generator, np.eye(4)

    def heat(term: Any) -> np.ndarray:
        """tr[H_0 L rho] for each level rho."""
        change = [superoperator(term) @ np.diag(level).reshape(-1) for level in levels]
        return np.array([np.diag(one.energy()) @ np.diag(c.reshape(4, 4)).real for c in change])

    weights = {k: heat(structure.terms[k]) for k in structure.of_bath("a")}

    @jax.jit
    def of(beta_A: Any, beta_S: Any) -> Any:
        machine = jaxent.CollectiveQubits(beta_A, beta_S)
        rates, p = machine.coefficients(), jnp.stack(list(machine.stationary()))
        flow = sum(rates[k] * jnp.tensordot(weight, p, 1) for k, weight in weights.items())
        return (machine.beta_s - machine.beta_a) * flow

    return np.asarray(of(beta_A, beta_S))


def cavity(photons: int = PHOTONS, **parameters: Any) -> tuple[np.ndarray, np.ndarray]:
    """The concurrence of each cavity of a batch, and the population of its last photon number.

    Equal qubits unless given otherwise: ``pump`` is that of both, g1 = g2 = 1.
    """
    batch = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in parameters.values()))
    found = _cavities(photons, tuple(parameters))([values.ravel() for values in batch])
    C, last = (np.asarray(part).reshape(batch[0].shape) for part in found)
    return C, last


@cache
def _cavities(photons: int, names: tuple[str, ...]) -> Any:
    def one(values: Any) -> tuple[Any, Any]:
        rho, photon_numbers = state(photons, **dict(zip(names, values, strict=True)))
        return jaxent.concurrence(rho), photon_numbers[-1]

    # One by one, as the docstring of a machine's `state` says.
    return jax.jit(lambda batch: jax.lax.map(one, batch))


@partial(jax.jit, static_argnums=0)
def state(photons: int, **parameters: Any) -> tuple[Any, Any]:
    """The state of the qubits of one cavity, and the populations of its photon numbers."""
    full, sizes = machine(photons=photons, **parameters).full_state(), (4, photons + 1)
    return partial_trace(full, sizes, "a"), populations(partial_trace(full, sizes, "b"))


def machine(
    pump: Any = None, g1: Any = 1.0, g2: Any = 1.0, **parameters: Any
) -> jaxent.CavityQubits:
    """Two qubits in a cavity, equal unless given otherwise."""
    if pump is not None:
        parameters |= {"pump_1": pump, "pump_2": pump}
    return jaxent.CavityQubits(g1, g2, **parameters)


def rates(name: str, point: dict[str, Any]) -> dict[str, float]:
    """All rates of a point of a study: what is free, what is fixed, and what is tied."""
    of = study("tacchino2018", name, point["variant"] or "")
    found = {**of.parameters, **point["parameters"]}
    found |= {tied: found[source] for tied, source in of.ties.items()}
    wanted = ("g1", "g2", "kappa", "pump_1", "pump_2", "gamma")
    return {name: float(found[name]) for name in wanted}


def plain_state(photons: int = 4, **parameters: float) -> np.ndarray:
    """The state of the qubits by the master equation written out, without the package."""
    full = steady_state(equations.cavity(photons=photons, **parameters))
    return equations.reduced(full)
