"""Derivatives of the two-qubit machine, above all where its parameters are at their limits.

Reference: the differentiated master equation in 60 digits (``plain.precise_derivatives``),
one-sided at an end of a range, and zero at an infinite inverse temperature, which is approached as
e^{-|beta| E}.
"""

from dataclasses import replace
from functools import cache
from operator import attrgetter

import equinox as eqx
import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from jaxent.baths import Bath as jaxent_bath
from jaxent.machines import TwoQubit
from tests.systems import plain
from tests.systems.plain import Bath, Machine
from tests.systems.two_qubit import built, machines, parameters

INF = float("inf")

# A generic observable: no entry of the state goes untested.
OBSERVABLE = np.random.default_rng(1).normal(size=(4, 4, 2)) @ [1, 1j]
OBSERVABLE = OBSERVABLE + OBSERVABLE.conj().T


def expectation(rho):
    return jnp.einsum("ij,ji->", OBSERVABLE, rho).real


def split(machine, structural=()):
    """What is differentiated, and what is fixed: words, and u = 0, u = inf, kappa = 0."""
    values = parameters(machine)
    special = {"u": (0.0, INF), "kappa_a": (0.0,), "kappa_b": (0.0,)}
    fixed = {
        name: point
        for name, point in values.items()
        if isinstance(point, str) or point in special.get(name, ()) or name in structural
    }
    return {k: v for k, v in values.items() if k not in fixed}, tuple(fixed.items())


def value(free, fixed):
    return expectation(TwoQubit.from_parameters({**free, **dict(fixed)}).state())


@cache
def compiled(derivative, fixed):
    """The gradient or Hessian for one structure, compiled fast, for it is run a few times only."""
    fast = {"xla_backend_optimization_level": "0"}
    return jax.jit(lambda free: derivative(value)(free, fixed), compiler_options=fast)


def gradient(machine):
    free, fixed = split(machine)
    return compiled(jax.grad, fixed)(free)


def exact_gradient(machine):
    """Zero along what is infinite; ``plain`` for everything else."""
    values = split(machine)[0]
    finite = {n: sides(machine, n, point) for n, point in values.items() if abs(point) != INF}
    slopes = plain.precise_derivatives(off_the_pole(machine), finite)
    expectations = {name: np.trace(OBSERVABLE @ slope).real for name, slope in slopes.items()}
    return dict.fromkeys(values, 0.0) | expectations


def off_the_pole(machine):
    """Infinitely hot bosons, whose rates are infinite, at beta = 1e-12 instead."""
    for party in ("bath_a", "bath_b"):
        bath = getattr(machine, party)
        if bath.statistics == "boson" and bath.inverse_temperature == 0:
            machine = replace(machine, **{party: replace(bath, inverse_temperature=1e-12)})
    return machine


def sides(machine, name, point):
    """Where the difference quotient may step: occupations stay within their range."""
    if name.endswith("occupation") and point in (0, 1):
        return (0, 1) if point == 0 else (-1, 0)
    if name.endswith("inverse_temperature") and point == 0 and machine.u == INF:
        return (0, 1)  # at u = inf the state jumps where the bath becomes inverted
    return (-1, 1)


def wrong(computed, exact, tolerance):
    """The entries that differ by more than the tolerance, for the message of an assertion."""
    return {
        name: (float(computed[name]), slope)
        for name, slope in exact.items()
        if not abs(computed[name] - slope) <= tolerance * (1 + abs(slope))
    }


def at_limit(g, u, hot, cold, statistics="fermion"):
    """A machine from short words: ``beta=0`` is an infinite temperature, ``n=1`` full inversion."""

    def bath(gamma, given):
        name, point = given.split("=")
        name = {"beta": "inverse_temperature", "n": "occupation"}[name]
        return Bath(statistics, gamma, **{name: float(point)})

    return Machine(g, bath(1.0, hot), bath(0.7, cold), u=u)


TEMPERATURES = ["beta=0", "beta=inf", "beta=-inf", "beta=0.5", "beta=-0.5"]
OCCUPATIONS = ["n=0", "n=1", "n=0.3"]
CHARGES = [0.0, 0.7, INF]


# first derivatives


@pytest.mark.parametrize("hot", TEMPERATURES + OCCUPATIONS)
@pytest.mark.parametrize("u", CHARGES)
def test_gradients_of_fermions_are_right_at_every_limit(u, hot):
    """T_A = inf, 0+, 0-, occupations 0 and 1, T_B = 0+, u = 0, finite and infinite; g = 0 too."""
    for g, cold in ((0.0, "beta=inf"), (0.0, "beta=1.2"), (0.6, "beta=inf"), (0.6, "beta=1.2")):
        machine = at_limit(g, u, hot, cold)
        assert wrong(gradient(machine), exact_gradient(machine), 1e-12) == {}, (g, cold)


@pytest.mark.parametrize("hot", ["beta=inf", "beta=0.5", "n=0", "n=2"])
def test_gradients_of_bosons_are_right_at_every_limit(hot):
    for g, cold in ((0.0, "beta=inf"), (0.6, "beta=inf"), (0.6, "beta=1.2")):
        machine = at_limit(g, 0.0, hot, cold, statistics="boson")
        assert wrong(gradient(machine), exact_gradient(machine), 1e-12) == {}, (g, cold)


def test_gradients_of_bosons_at_infinite_temperature_are_right_to_1e_7():
    """A traced bath of T = inf is 1e8 times faster, not infinitely (``Bath.speed``)."""
    for g, cold in ((0.0, "beta=inf"), (0.6, "beta=inf"), (0.6, "beta=1.2")):
        machine = at_limit(g, 0.0, "beta=0", cold, statistics="boson")
        assert wrong(gradient(machine), exact_gradient(machine), 1e-7) == {}, (g, cold)


def test_a_machine_known_to_be_infinitely_hot_has_no_temperature_to_differentiate_along():
    """The limit is one of structure; a traced temperature has the derivative there."""
    machine = at_limit(0.6, 0.0, "beta=0", "beta=1.2", statistics="boson")
    leaves = jax.jit(jax.grad(lambda m: expectation(m.state())))(built(machine))
    assert leaves.bath_a.beta is None
    exact = exact_gradient(machine)
    assert leaves.bath_b.beta == pytest.approx(exact["bath_b.inverse_temperature"], abs=1e-12)


@pytest.mark.parametrize("name", ["g", "E_a", "bath_a.gamma", "bath_a.beta", "bath_b.occupation"])
def test_a_machine_with_one_leaf_replaced_is_the_machine_built_with_it(name):
    def machine(g=0.3, E_a=1.0, gamma=1.0, beta=0.5, occupation=0.2):
        hot = jaxent_bath(gamma, beta=beta, statistics="boson")
        cold = jaxent_bath(0.7, occupation=occupation, statistics="boson")
        return TwoQubit(g, hot, cold, E_a=E_a, E_b=1.3)

    where = attrgetter(name)
    replaced = eqx.tree_at(where, machine(), jnp.asarray(0.05))
    anew = machine(**{name.split(".")[-1]: 0.05})
    assert np.array_equal(replaced.state(), anew.state())


@pytest.mark.parametrize(
    "kind", ["bosonic", "fermionic", "charged", "infinitely_charged", "population_inverted"]
)
def test_gradients_are_right_at_random_parameters(kind):
    """g and gamma over four decades; the tolerance is relative to the largest slope."""
    for machine in map(by_inverse_temperature, machines(kind, count=5, seed=20)):
        exact = exact_gradient(machine)
        largest = max(abs(slope) for slope in exact.values())
        assert wrong(gradient(machine), exact, 1e-12 * (1 + largest)) == {}, machine


def by_inverse_temperature(machine):
    """The same machine with its baths given by inverse temperatures alone."""

    def bath(given):
        if given.temperature is not None:
            beta = float(plain.inverse(given.temperature))
        else:
            gain, loss = map(float, plain.gain_and_loss(given, 1.0, 1.0))
            beta = np.log(loss / gain) if gain * loss else float(np.copysign(INF, loss - gain))
        return replace(given, temperature=None, occupation=None, inverse_temperature=beta)

    return replace(machine, bath_a=bath(machine.bath_a), bath_b=bath(machine.bath_b))


@pytest.mark.parametrize("u", CHARGES)
def test_gradients_are_right_with_detuning_and_tunnelling(u):
    """All 16 coordinates (10 at u = inf), tunnelling amplitudes included, at T_A = inf."""
    machine = replace(at_limit(0.4, u, "beta=0", "beta=1.2"), E_b=1.3, kappa_a=0.2, kappa_b=-0.1)
    assert {"E_b", "kappa_a", "kappa_b"} <= set(exact_gradient(machine))
    assert wrong(gradient(machine), exact_gradient(machine), 1e-12) == {}


def test_a_resonant_machine_is_differentiated_along_resonance():
    """Built with E_a = E_b it has no detuning, and one leaf for the common gap."""
    machine = at_limit(0.6, 0.0, "beta=0.5", "beta=1.2")
    leaves = jax.jit(jax.grad(lambda m: expectation(m.state())))(built(machine))
    exact = exact_gradient(machine)
    assert leaves.E_a == pytest.approx(exact["E_a"] + exact["E_b"], abs=1e-12)


# second derivatives


@pytest.mark.parametrize(
    ("u", "hot"),
    [(0.0, TEMPERATURES), (INF, TEMPERATURES), (0.7, OCCUPATIONS)],
    ids=["u=0, temperatures", "u=inf, temperatures", "u=0.7, occupations"],
)
def test_second_derivatives_are_right_at_every_limit(u, hot):
    """All are finite, and those along g and gamma_B, which stay inside their range, right."""
    failures = {}
    for word in hot:
        for g, cold in ((0.0, "beta=inf"), (0.6, "beta=inf"), (0.6, "beta=1.2")):
            machine = at_limit(g, u, word, cold)
            free, fixed = split(machine, structural=("E_a", "E_b"))
            hessian = compiled(jax.hessian, fixed)(free)
            infinite = [
                (row, column)
                for row in hessian
                for column in hessian[row]
                if row <= column and not np.isfinite(hessian[row][column])
            ]
            exact = {name: exact_second_derivative(machine, name) for name in ("g", "bath_b.gamma")}
            diagonal = {name: hessian[name][name] for name in exact}
            if infinite or wrong(diagonal, exact, 1e-10):
                failures[word, g, cold] = infinite or wrong(diagonal, exact, 1e-10)
    assert failures == {}


def exact_second_derivative(machine, name):
    """By a central second difference of 1e-15 in 60 digits."""
    with mpmath.workdps(plain.DIGITS):
        below, here, above = (
            plain.precise_steady_state(plain.shifted(machine, name, step))
            for step in ("-1e-15", "0", "1e-15")
        )
        curvature = plain.as_state((above - 2 * here + below) * mpmath.mpf("1e30"))
    return np.trace(OBSERVABLE @ curvature).real
