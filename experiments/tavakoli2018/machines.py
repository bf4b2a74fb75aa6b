"""The machines of tavakoli2018 in the limits of its figures, and what they herald."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jaxent
from experiments.studies import fixed
from jaxent.filters import FixedFilters
from jaxent.machines import AbstractMachine
from jaxent.measures import signed_negativity

[EPSILON] = fixed("tavakoli2018", "fluxonium_printed", "epsilon")
G, GAMMA_A, GAMMA_B, DEPHASING = 1.6e-3, 1e-4, 5e-3, 3.5e-5
"""Those of Fig. 5(b), in units of A's lower gap, 1 GHz."""

WITHOUT_12 = "without 12"
"""The bath of B drives the channels 01 and 02 alone."""


WEAK_COUPLING = -9
"""log10 of g/p_B of Fig. 6."""


def ladder(d: int, ratio: Any, p_b: Any = 1e-3) -> jaxent.OneStepReset:
    """d levels with g_1 = ratio p_B, all other rates weak."""
    weak = 10.0**WEAK_COUPLING * p_b
    return jaxent.OneStepReset([ratio * p_b] + [weak] * (d - 2), weak, p_b)


def qudits(g: Any, p_a: Any, p_b: Any = 1.0, **more: Any) -> jaxent.QuditReset:
    """As many levels as the bare couplings g demand; T_A = inf and T_B = 0 unless given."""
    return jaxent.QuditReset(len(g), list(g), p_a, p_b, **more)


def fluxonium(temperature_a: Any, temperature_b: Any, g: Any = G, **more: Any) -> jaxent.Fluxonium:
    """The fluxonium qutrits of Fig. 5(b) with g_1 = g_2 = g."""
    rates = {"epsilon": EPSILON, "gamma_a": GAMMA_A, "gamma_b": GAMMA_B, "dephasing": DEPHASING}
    temperatures = {"temperature_a": temperature_a, "temperature_b": temperature_b}
    return jaxent.Fluxonium(g, g, **{**rates, **temperatures, **more})


_heralded = jax.jit(jaxent.heralded)


def heralded(machine: AbstractMachine) -> tuple[np.ndarray, np.ndarray]:
    """The states behind the machine's own projectors, among their levels, and ln p_suc."""
    return jax.device_get(_heralded(machine))


@jax.jit
def _entanglement(machine: AbstractMachine) -> tuple[jax.Array, jax.Array]:
    state, log_efficiency = jaxent.heralded(machine)
    return signed_negativity(state, FixedFilters.of(machine).dims), jnp.exp(log_efficiency)


def entanglement(machine: AbstractMachine) -> tuple[np.ndarray, np.ndarray]:
    """The signed negativity (below zero: how far from entangled) behind the projectors, p_suc."""
    return jax.device_get(_entanglement(machine))


def infidelity(machine: AbstractMachine, states: np.ndarray | None = None) -> np.ndarray:
    """1 - F with the machine's target of what it heralds, which may be given."""
    target = machine.target
    assert target is not None
    kept = np.asarray(target)[..., FixedFilters.of(machine).levels]
    found = heralded(machine)[0] if states is None else states
    return 1 - np.einsum("...i,...ij,...j->...", kept.conj(), found, kept).real
