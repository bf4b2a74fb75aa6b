"""The engine of khandelwal2020 at the parameters of Figs. 2 to 5, its heat current and its peaks.

The unit of energy is the gap of the hot qubit, which is party A.
"""

from typing import Any

import jax
import numpy as np

import jaxent
from experiments.khandelwal2020 import equations as paper
from experiments.master_equation import EXCITED, FLIP_FLOP, ONE, RAISE, SIGMA_X, dissipator
from experiments.studies import fixed
from jaxent.measures import entanglement, x_states
from jaxent.quantum import XState

G, GAMMA_HOT, GAMMA_COLD, HOT, COLD = fixed(
    "khandelwal2020", "fig5_tunnelling", "g", "bath_a.gamma", "bath_b.gamma",
    "bath_a.temperature", "bath_b.temperature",
)  # fmt: skip
"""g, gamma_h, gamma_c, T_h and T_c."""

TEMPERATURES = (0.5, HOT, 1.0)
"""T_h of the curves: the text names 0.7 alone, the others are a choice."""

STRONG_GAMMA_HOT, STRONG_COLD = fixed(
    "khandelwal2020", "fig6a_global", "bath_a.gamma", "bath_b.temperature"
)
"""gamma_h and T_c of Fig. 6."""


def bosons(gamma: Any, temperature: Any) -> jaxent.Bath:
    """A bath of the paper."""
    return jaxent.Bath(gamma, temperature=temperature, statistics="boson")


def engine(
    detuning: Any = 0.0, hot: Any = HOT, tunnelling: Any = 0.0, cold: Any = COLD, scale: Any = 1.0
) -> jaxent.TwoQubit:
    """The machine at eps_c - eps_h, T_h, kappa_h and T_c; arrays make a batch.

    Args:
        detuning: eps_c - eps_h.
        hot: T_h.
        tunnelling: kappa_h.
        cold: T_c.
        scale: by which all of g, gamma_h and gamma_c are multiplied.
    """
    baths = bosons(scale * GAMMA_HOT, hot), bosons(scale * GAMMA_COLD, cold)
    return jaxent.TwoQubit(scale * G, *baths, E_b=1 + np.asarray(detuning), kappa_a=tunnelling)


def state(machine: Any) -> np.ndarray:
    """The states of a batch."""
    return np.asarray(_state(machine))


def signed_negativity(machine: Any) -> np.ndarray:
    """Minus the smallest eigenvalue of the partial transpose, of a batch."""
    measure = _of_x_form if machine.x_form else _of_any_form
    return np.asarray(measure(_state(machine)))


@jax.jit
def _state(machine: Any) -> jax.Array:
    return machine.state()


@jax.jit
def _of_x_form(rho: jax.Array) -> jax.Array:
    return x_states.signed_negativity(XState.of(rho))


_of_any_form = jax.jit(entanglement.signed_negativity)


@jax.jit
def _rates(machine: jaxent.TwoQubit) -> list[tuple[jax.Array, jax.Array]]:
    return [machine.rates(party)[0] for party in "ab"]


def negativity(machine: Any) -> np.ndarray:
    """N of a batch."""
    return np.maximum(signed_negativity(machine), 0.0)


def heat_current(machine: jaxent.TwoQubit) -> np.ndarray:
    """J = Q_h - Q_c of a batch; (10) with H_S + H_int.

    ``jaxent.thermodynamics`` has it in many digits, for one machine at a time.
    """
    flows = heat_flows(machine)
    return flows[0] - flows[1]


def heat_flows(machine: jaxent.TwoQubit, interaction: bool = True) -> list[np.ndarray]:
    """Q_h and Q_c of a batch; as (10) is printed, without the interaction's energy."""
    energies = [
        (machine.g * interaction, FLIP_FLOP),
        (machine.E_a, np.kron(EXCITED, ONE)),
        (machine.E_b, np.kron(ONE, EXCITED)),
        (machine.kappa_a, np.kron(SIGMA_X, ONE)),
        (machine.kappa_b, np.kron(ONE, SIGMA_X)),
    ]
    energy = sum(np.asarray(value)[..., None, None] * operator for value, operator in energies)
    rho = state(machine)
    vector = rho.reshape(*rho.shape[:-2], 16)
    flows = []
    for bath, raising in zip(
        rates(machine), (np.kron(RAISE, ONE), np.kron(ONE, RAISE)), strict=True
    ):
        change = sum(
            rate[..., None] * (vector @ dissipator(jump).T)
            for rate, jump in ((bath.gain, raising), (bath.loss, raising.T))
        )
        flows.append(np.einsum("...ij,...ji->...", energy, change.reshape(rho.shape)).real)
    return flows


def rates(machine: jaxent.TwoQubit) -> tuple[paper.Rates, paper.Rates]:
    """The rates of the hot and the cold bath of a batch."""
    hot, cold = (paper.Rates(*map(np.asarray, pair)) for pair in _rates(machine))
    return hot, cold


def over_critical(machine: jaxent.TwoQubit) -> np.ndarray:
    """J/J_c of a batch without tunnelling, with (18)."""
    energies = np.asarray(machine.E_a), np.asarray(machine.E_b)
    critical = paper.critical_heat_current(np.asarray(machine.g), *rates(machine), *energies)
    return heat_current(machine) / critical


def coherence_ratio(machine: Any) -> np.ndarray:
    """|c|/sqrt(r1 r4) of a batch, above 1 where the partial transpose has a negative eigenvalue."""
    rho = state(machine)
    return np.abs(rho[..., 1, 2]) / np.sqrt(rho[..., 0, 0].real * rho[..., 3, 3].real)


def peak(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Where a curve on an even grid is largest, and how large: by the parabola of its top."""
    k = int(np.argmax(y))
    if k in (0, len(x) - 1):
        return float(x[k]), float(y[k])
    below, top, above = y[k - 1 : k + 2]
    shift = (below - above) / (2 * (below - 2 * top + above))
    return float(x[k] + shift * (x[1] - x[0])), float(top - (below - above) * shift / 4)


def random_engines(number: int, seed: int = 2020) -> jaxent.TwoQubit:
    """A batch all over the parameters, with either bath the hotter one and any detuning."""
    rng = np.random.default_rng(seed)
    g, gamma_hot, gamma_cold = 10 ** rng.uniform(-1.5, 0.5, (3, number))
    hot, cold = 10 ** rng.uniform(-1, 1, (2, number))
    gaps = rng.uniform(0.5, 1.5, (2, number))
    baths = bosons(gamma_hot, hot), bosons(gamma_cold, cold)
    return jaxent.TwoQubit(g, *baths, E_a=gaps[0], E_b=gaps[1])


def equal_gaps(detuning: Any) -> Any:
    """The tunnelling that widens the hot qubit's gap to that of the cold one."""
    return np.sqrt(detuning * (2 + detuning)) / 2


def strong(
    g: Any,
    hot: Any,
    gamma_cold: Any,
    cold: Any = STRONG_COLD,
    gamma_hot: Any = STRONG_GAMMA_HOT,
) -> jaxent.TwoQubitGlobal:
    """The strongly coupled machine of Fig. 6 in units of its gap; arrays make a batch."""
    return jaxent.TwoQubitGlobal(g, bosons(gamma_hot, hot), bosons(gamma_cold, cold))
