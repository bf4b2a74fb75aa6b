"""Random two-qubit machines of every kind, for ``plain`` and for the package alike."""

from dataclasses import asdict

import numpy as np

from jaxent.machines import TwoQubit
from tests.systems.plain import INF, Bath, Machine


def parameters(machine):
    """The flat mapping of parameter names that configs use."""
    values = {}
    for name, value in asdict(machine).items():
        if isinstance(value, dict):
            given = {key: entry for key, entry in value.items() if entry is not None}
            values.update({f"{name}.{key}": entry for key, entry in given.items()})
        else:
            values[name] = value
    return values


def built(machine):
    """The package's machine with the same parameter values."""
    return TwoQubit.from_parameters(parameters(machine))


# random machines

KINDS = {}


def kind(function):
    KINDS[function.__name__] = function
    return function


def machines(name, count, seed=0):
    """Repeatable random machines of one kind, each with a unique steady state."""
    rng = np.random.default_rng([seed, *name.encode()])
    return [KINDS[name](rng) for _ in range(count)]


def every_kind(count, seed=0):
    """``count`` machines of each kind."""
    return [machine for name in KINDS for machine in machines(name, count, seed)]


def decades(rng, low=-2.0, high=2.0):
    return float(10 ** rng.uniform(low, high))


def coupling(rng):
    return 0.0 if rng.random() < 0.1 else decades(rng)


def boson(rng):
    gamma = decades(rng)
    if rng.random() < 0.3:
        return Bath("boson", gamma, occupation=float(rng.choice([0.0, decades(rng)])))
    return Bath("boson", gamma, temperature=float(rng.choice([0.0, decades(rng, -1, 1)])))


def fermion(rng):
    gamma = decades(rng)
    if rng.random() < 0.3:
        return Bath("fermion", gamma, occupation=float(rng.choice([0.0, 1.0, rng.random()])))
    finite = decades(rng, -1, 1)
    temperature = rng.choice([0.0, -0.0, INF, -INF, finite, finite, -finite])
    return Bath("fermion", gamma, temperature=float(temperature))


def inverted(rng):
    gamma = decades(rng)
    if rng.random() < 0.3:
        return Bath("fermion", gamma, occupation=float(rng.choice([1.0, rng.uniform(0.5, 1)])))
    return Bath("fermion", gamma, temperature=float(rng.choice([-0.0, -decades(rng, -1, 1)])))


@kind
def bosonic(rng):
    return Machine(coupling(rng), boson(rng), boson(rng))


@kind
def fermionic(rng):
    return Machine(coupling(rng), fermion(rng), fermion(rng))


@kind
def charged(rng):
    return Machine(coupling(rng), fermion(rng), fermion(rng), u=decades(rng, -1, 1))


@kind
def infinitely_charged(rng):
    return Machine(coupling(rng), fermion(rng), fermion(rng), u=INF)


@kind
def population_inverted(rng):
    u = float(rng.choice([0.0, 1.0, INF]))
    return Machine(coupling(rng), inverted(rng), fermion(rng), u=u)


@kind
def detuned(rng):
    either = boson if rng.random() < 0.5 else fermion
    u = 0.0 if either is boson else float(rng.choice([0.0, 1.0, INF]))
    gaps = {"E_a": rng.uniform(0.5, 2), "E_b": rng.uniform(0.5, 2)}
    return Machine(coupling(rng), either(rng), either(rng), u=u, **gaps)


@kind
def tunnelling(rng):
    either = boson if rng.random() < 0.5 else fermion
    return Machine(coupling(rng), either(rng), either(rng), **amplitudes(rng))


@kind
def charged_detuned_and_tunnelling(rng):
    u = float(rng.choice([decades(rng, -1, 1), INF]))
    gaps = {"E_a": rng.uniform(0.5, 2), "E_b": rng.uniform(0.5, 2)}
    return Machine(coupling(rng), fermion(rng), fermion(rng), u=u, **gaps, **amplitudes(rng))


def amplitudes(rng):
    a, b = rng.choice([(1, 0), (0, 1), (1, 1)]) * rng.normal(scale=0.3, size=2)
    return {"kappa_a": float(a), "kappa_b": float(b)}
