"""The searches of brask2022 Sec. IV-VI, as studies, and as the independent search takes them."""

from contextlib import contextmanager
from dataclasses import replace

import jax
import numpy as np

from jaxent.search.maximise import SearchSettings
from jaxent.search.space import Constraint, Monomial, Range
from jaxent.study import Study

INF = np.inf
QUICK = SearchSettings(starts=16, steps=150, rounds=1)

BOSONS = {"statistics": "boson"}
FERMIONS = {"statistics": "fermion"}
CHARGED = {"statistics": "fermion", "u": INF}
INVERTED = {"statistics": "fermion", "temperature": -0.0}
"""Keywords of the two functions below; without a temperature that of bath A is free."""

RATES = {"g": (1e-4, 1e2), "bath_b.gamma": (1e-2, 1e2)}
WARM = (0.05, INF)


def study(
    objective,
    filters="",
    efficiencies=(1.0,),
    *,
    statistics="fermion",
    u=0.0,
    temperature=None,
    bounded=False,
    settings=QUICK,
):
    """gamma_A = 1, T_B = 0; `filters` names the filtered qubits, `bounded` asks for g <= gamma."""
    ranges = {name: Range(*ends, "log") for name, ends in RATES.items()}
    parameters = {
        "u": u,
        "bath_a.statistics": statistics,
        "bath_a.gamma": 1.0,
        "bath_b.statistics": statistics,
        "bath_b.temperature": 0.0,
    }
    if temperature is None:
        ranges["bath_a.temperature"] = Range(*WARM, "inverse")
    else:
        parameters["bath_a.temperature"] = temperature
    return Study(
        kind="two_qubit",
        parameters=parameters,
        ranges=ranges,
        filters=tuple(filters),
        objective=objective,
        efficiencies=tuple(efficiencies),
        constraints=LOCAL if bounded else (),
        settings=settings,
    )


def freeing(base, ranges):
    """The same study with further free parameters."""
    fixed = {name: value for name, value in base.parameters.items() if name not in ranges}
    return replace(base, parameters=fixed, ranges={**base.ranges, **ranges})


LOCAL = tuple(
    Constraint(Monomial(1.0, {"g": 1}), Monomial(1.0, {gamma: 1}), f"g <= {gamma}")
    for gamma in ("bath_a.gamma", "bath_b.gamma")
)


def file(objective, filters="", *, statistics="fermion", u=0.0, temperature=None, bounded=False):
    """The same, as a study file would say it."""
    free = {name: {"low": low, "high": high, "scale": "log"} for name, (low, high) in RATES.items()}
    if temperature is None:
        free["bath_a.temperature"] = dict(zip(("low", "high"), WARM, strict=True))
    hot = {"statistics": statistics, "gamma": 1, "temperature": temperature or -0.0}
    cold = {"statistics": statistics, "gamma": 1, "temperature": 0}
    return {
        "machine": {"kind": "two_qubit", "u": u, "bath_a": hot, "bath_b": cold},
        "free": free | {f"filters.{party}": {} for party in filters},
        "objective": objective,
        "constraints": [constraint.text for constraint in LOCAL] if bounded else [],
    }


@contextmanager
def compiled_quickly():
    """What runs briefly takes longer to compile than to run: XLA is asked to optimise little."""
    option = "jax_disable_most_optimizations"
    before = jax.config.values[option]
    jax.config.update(option, True)
    try:
        yield
    finally:
        jax.config.update(option, before)
