"""Qutrits between baths of finite temperatures: the curves of Fig. 3, and climbs along them."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize

import jaxent
from experiments.studies import bounds, fixed, studies
from jaxent.filters import FixedFilters
from jaxent.measures import x_states

STUDY = "tavakoli2018", "fig3_temperatures"
CURVES = {
    name: tuple(fixed(*STUDY, "temperature_b", "gaps[1]", variant=name)) for name in studies(*STUDY)
}
"""T_B and epsilon of the curves, in units of A's lower gap, in the order of the caption."""

[P_B] = fixed(*STUDY, "p_b")
BOUNDS = np.log([bounds(*STUDY, name) for name in ("g[0]", "g[1]", "p_a")])
"""Of g_1, g_2, p_A."""

SCORES = {"off-diagonal element": lambda state: state.u, "negativity": x_states.signed_negativity}
"""Of the heralded state."""


def _state(logs: Any, beta_a: Any, beta_b: Any, epsilon: Any) -> Any:
    g_1, g_2, p_a = jnp.exp(logs)
    machine = jaxent.QuditReset(
        2, [g_1, g_2], p_a, P_B, beta_a=beta_a, beta_b=beta_b, gaps=[1.0, epsilon]
    )
    return FixedFilters.of(machine).x_herald(machine)[0]


@partial(jax.jit, static_argnums=0)
def _lost(score: str, logs: Any, *place: Any) -> Any:
    return jax.value_and_grad(lambda logs: -SCORES[score](_state(logs, *place)))(logs)


_negativity = jax.jit(lambda logs, *place: SCORES["negativity"](_state(logs, *place)))


def climbed(score: str, curve: str, temperature_a: float, starts: Any) -> float:
    """The signed negativity where a quasi-Newton climb of a score ends.

    Args:
        score: a key of ``SCORES``.
        curve: a key of ``CURVES``.
        temperature_a: T_A.
        starts: g_1, g_2, p_A of each start.
    """
    temperature_b, epsilon = CURVES[curve]
    place = (1 / temperature_a, 1 / temperature_b, epsilon)
    ends = [
        minimize(
            lambda logs: jax.device_get(_lost(score, logs, *place)),
            np.clip(np.log(start), *BOUNDS.T),
            jac=True,
            method="L-BFGS-B",
            bounds=BOUNDS,
            options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 200},
        )
        for start in starts
    ]
    return float(_negativity(min(ends, key=lambda end: end.fun).x, *place))
