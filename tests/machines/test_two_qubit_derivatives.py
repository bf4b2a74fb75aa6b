"""Derivatives of the two-qubit machine, above all where its parameters are at their limits.

Reference: steps of 1e-20 in 60 digits (``plain.precise_derivative``), one-sided at an end of a
range, and zero at an infinite inverse temperature, which is approached as e^{-|beta| E}.
"""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxent.machines import TwoQubit
from tests.systems import plain
from tests.systems.plain import Bath, Machine
from tests.systems.two_qubit import built, machines, parameters

INF = float("inf")
SHORT = {"beta": "inverse_temperature", "n": "occupation"}

# A generic observable: no entry of the state goes untested.
OBSERVABLE = np.random.default_rng(1).normal(size=(4, 4, 2)) @ [1, 1j]
OBSERVABLE = OBSERVABLE + OBSERVABLE.conj().T


def expectation(rho):
    return jnp.einsum("ij,ji->", OBSERVABLE, rho).real


def split(machine):
    """What is differentiated, and what is fixed: words, and u = 0 and u = inf, are structure."""
    values = parameters(machine)
    fixed = {k: v for k, v in values.items() if isinstance(v, str) or k.startswith("kappa")}
    if values["u"] in (0, INF):
        fixed["u"] = values["u"]
    return {k: v for k, v in values.items() if k not in fixed}, tuple(fixed.items())


@cache
def differentiated(order, fixed):
    """The compiled gradient or Hessian of the expectation for one structure."""

    def value(free):
        return expectation(TwoQubit.from_parameters({**free, **dict(fixed)}).state())

    return jax.jit({1: jax.grad(value), 2: jax.hessian(value)}[order])


def exact_gradient(machine):
    return {
        name: exact_derivative(machine, name, parameters(machine)[name])
        for name in split(machine)[0]
    }


def exact_derivative(machine, name, value):
    if abs(value) == INF:
        return 0.0
    slope = plain.precise_derivative(machine, *name.split("."), sides=sides(machine, name, value))
    return np.trace(OBSERVABLE @ slope).real


def sides(machine, name, value):
    """Where the difference quotient may step: occupations stay within their range."""
    if name.endswith("occupation") and value in (0, 1):
        return (0, 1) if value == 0 else (-1, 0)
    hottest = name.endswith("inverse_temperature") and value == 0
    bosonic = any(bath.statistics == "boson" for bath in (machine.bath_a, machine.bath_b))
    # Bosons have no negative temperature; at u = inf the state jumps there.
    if hottest and (bosonic or machine.u == INF):
        return (0, 1)
    return (-1, 1)


def assert_gradient(machine, tolerance=1e-12):
    free, fixed = split(machine)
    gradient, exact = differentiated(1, fixed)(free), exact_gradient(machine)
    for name, slope in exact.items():
        assert abs(gradient[name] - slope) < tolerance * (1 + abs(slope)), (
            f"d/d {name}: {gradient[name]} is not {slope}"
        )


def at_limit(g, u, hot, cold, statistics="fermion"):
    """A machine from short words: ``beta=0`` is an infinite temperature, ``n=1`` full inversion."""

    def bath(gamma, given):
        name, value = given.split("=")
        return Bath(statistics, gamma, **{SHORT[name]: float(value)})

    return Machine(g, bath(1.0, hot), bath(0.7, cold), u=u)


LIMITS = ["beta=0", "beta=inf", "beta=-inf", "beta=0.5", "n=0", "n=1", "n=0.3"]
CHARGES = [0.0, 0.7, INF]


@pytest.mark.parametrize("cold", ["beta=inf", "beta=1.2"])
@pytest.mark.parametrize("hot", LIMITS)
@pytest.mark.parametrize("u", CHARGES)
def test_gradients_of_fermions_are_right_at_every_limit(u, hot, cold):
    """T_A = inf, 0+, 0-, occupations 0 and 1, T_B = 0+, u = 0, finite and infinite; g = 0 too."""
    for g in (0.0, 0.6):
        assert_gradient(at_limit(g, u, hot, cold))


@pytest.mark.parametrize("cold", ["beta=inf", "beta=1.2"])
@pytest.mark.parametrize("hot", ["beta=inf", "beta=0.5", "n=0", "n=2"])
def test_gradients_of_bosons_are_right_at_every_limit(hot, cold):
    for g in (0.0, 0.6):
        assert_gradient(at_limit(g, 0.0, hot, cold, statistics="boson"))


@pytest.mark.parametrize("cold", ["beta=inf", "beta=1.2"])
def test_gradients_of_bosons_at_infinite_temperature_are_right_to_1e_7(cold):
    """A traced bath of T = inf is 1e8 times faster, not infinitely (``Bath.speed``)."""
    for g in (0.0, 0.6):
        assert_gradient(at_limit(g, 0.0, "beta=0", cold, statistics="boson"), tolerance=1e-7)


def test_the_derivative_of_a_machine_known_to_be_infinitely_hot_is_right():
    """Differentiating the leaves of a machine that was built at T_A = inf (bosons)."""
    machine = at_limit(0.6, 0.0, "beta=0", "beta=1.2", statistics="boson")
    gradient = jax.grad(lambda m: expectation(m.state()))(built(machine))
    exact = exact_derivative(machine, "bath_a.inverse_temperature", 0.0)
    assert gradient.bath_a.beta == pytest.approx(exact, abs=1e-7)


@pytest.mark.parametrize(
    "kind", ["bosonic", "fermionic", "charged", "infinitely_charged", "population_inverted"]
)
def test_gradients_are_right_at_random_parameters(kind):
    """Five machines of a kind; the tolerance is relative to the largest slope."""
    for machine in machines(kind, count=5, seed=20):
        free, fixed = split(with_inverse_temperatures(machine))
        gradient = differentiated(1, fixed)(free)
        exact = exact_gradient(with_inverse_temperatures(machine))
        largest = max(abs(slope) for slope in exact.values())
        for name, slope in exact.items():
            assert abs(gradient[name] - slope) < 1e-11 * (1 + largest), (machine, name)


def with_inverse_temperatures(machine):
    def bath(given):
        if given.temperature is None:
            return given
        beta = float(plain.inverse(given.temperature))
        return Bath(given.statistics, given.gamma, inverse_temperature=beta)

    return Machine(machine.g, bath(machine.bath_a), bath(machine.bath_b), u=machine.u)


@pytest.mark.parametrize("structure", [{}, {"u": 0.7}, {"u": INF}], ids=str)
def test_gradients_are_right_with_detuning_and_tunnelling(structure):
    """All 16 coordinates (10 at u = inf), tunnelling amplitudes included."""
    machine = Machine(
        0.4,
        Bath("fermion", 1.0, inverse_temperature=0.0),
        Bath("fermion", 0.7, inverse_temperature=1.2),
        E_b=1.3,
        kappa_a=0.2,
        kappa_b=-0.1,
        **structure,
    )

    def value(kappas):
        rest = {k: v for k, v in parameters(machine).items() if k not in kappas}
        return expectation(TwoQubit.from_parameters({**rest, **kappas}).state())

    gradient = jax.grad(value)({"kappa_a": 0.2, "kappa_b": -0.1})
    for name in gradient:
        exact = exact_derivative(machine, name, getattr(machine, name))
        assert abs(gradient[name] - exact) < 1e-12
    assert_gradient(machine)


def test_a_resonant_machine_is_differentiated_along_resonance():
    """Built with E_a = E_b it has no detuning: only the common gap can be varied."""
    machine = at_limit(0.6, 0.0, "beta=0.5", "beta=1.2")
    gradient = jax.grad(lambda m: expectation(m.state()))(built(machine))
    exact = exact_gradient(machine)
    assert gradient.E_a + gradient.E_b == pytest.approx(exact["E_a"] + exact["E_b"], abs=1e-12)


# second derivatives


@pytest.mark.parametrize("hot", LIMITS)
@pytest.mark.parametrize("u", CHARGES)
def test_second_derivatives_are_right_at_every_limit(u, hot):
    """Finite, and those along g and gamma right: the ones that a Newton step starts from."""
    for g, cold in ((0.0, "beta=inf"), (0.6, "beta=inf"), (0.6, "beta=1.2")):
        machine = at_limit(g, u, hot, cold)
        free, fixed = split(machine)
        hessian = differentiated(2, fixed)(free)
        for row in hessian:
            for column in hessian[row]:
                assert np.isfinite(hessian[row][column]), f"d2/d {row} d {column}"
        for name in ("g", "bath_b.gamma"):
            exact = exact_second_derivative(machine, name)
            assert hessian[name][name] == pytest.approx(exact, rel=1e-10, abs=1e-10), name


def exact_second_derivative(machine, name):
    """By a central second difference of 1e-15 in 60 digits."""
    moved = [
        plain.precise_steady_state(plain.shifted(machine, name.split("."), step))
        for step in ("-1e-15", "0", "1e-15")
    ]
    return np.trace(OBSERVABLE @ plain.as_state((moved[0] - 2 * moved[1] + moved[2]) * 1e30)).real
