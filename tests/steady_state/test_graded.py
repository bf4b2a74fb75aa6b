"""Graded states: right digits for populations of any size, against 50-digit arithmetic."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from jaxent.generator import Generator
from jaxent.machines.one_step_reset import OneStepReset, eta, weak_coupling
from jaxent.steady_state import graded_state, stationary_coordinates
from jaxent.terms import Jump
from tests.steady_state.test_kernels import SYSTEMS, random_coefficients
from tests.systems import precise
from tests.systems.stationary import quickly

rng = np.random.default_rng(1936)


def ladder(d, weak=1e-12, cold=1e-3):
    """tavakoli2018's Fig. 6: p_B = 1e-3, p_A = g = 1e-12 and one strong coupling p_B/2."""
    return OneStepReset([cold / 2] + [weak] * (d - 2), weak, cold)


def window(machine):
    a, b = machine.default_filters
    return np.outer(a, b).reshape(-1)


@quickly
def graded(machine):
    return graded_state(machine.generator, machine.coefficients())


def qubits(machine):
    """The heralded qubits (4, 4) and ln p_suc."""
    amplitudes = window(machine)
    state = graded_state(machine.generator, machine.coefficients())
    rho, log_efficiency = state.filtered(jnp.asarray(amplitudes))
    inside = np.flatnonzero(amplitudes)
    return rho[np.ix_(inside, inside)], log_efficiency


heralded = quickly(qubits)


def exactly(machine):
    """The same from the steady state in 50 digits."""
    rho = precise.steady_state(machine.generator, machine.numbers().tolist())
    inside = np.flatnonzero(window(machine)).tolist()
    efficiency = sum(mpmath.re(rho[i, i]) for i in inside)
    qubits = [[complex(rho.get((i, j), 0) / efficiency) for j in inside] for i in inside]
    return np.array(qubits), float(mpmath.log(efficiency)), rho


def negativity(rho):
    transposed = np.asarray(rho).reshape(2, 2, 2, 2).transpose(0, 3, 2, 1).reshape(4, 4)
    return -np.linalg.eigvalsh(transposed).min()


@pytest.mark.parametrize("d", [3, 5, 8])
def test_every_population_and_coherence_of_a_ladder(d):
    """Populations down to 1e-116, each right to 1e-12 of itself."""
    machine = ladder(d)
    state = graded(machine)
    *_, rho = exactly(machine)
    for (i, j), value in rho.items():
        root = mpmath.sqrt(mpmath.re(rho[i, i]) * mpmath.re(rho[j, j]))
        assert abs(state.correlations[i, j] - complex(value / root)) < 1e-12
    for i in range(d * d):
        expected = float(mpmath.log(mpmath.re(rho[i, i])))
        assert state.log_populations[i] == pytest.approx(expected, abs=1e-12)


def test_twenty_levels_are_heralded_at_1e_minus_316():
    """The state to 1e-12 and ln p_suc to 1e-6, which no solver in plain double precision has."""
    machine = ladder(20)
    found, log_efficiency = heralded(machine)
    expected, exact, _ = exactly(machine)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    assert log_efficiency == pytest.approx(exact, abs=1e-10)
    assert log_efficiency / np.log(10) == pytest.approx(-315.6, abs=0.1)
    assert negativity(found) == pytest.approx(0.4926, abs=5e-5)  # the paper's Fig. 6


@pytest.mark.parametrize("d", [3, 4, 6, 8, 20])
def test_the_limit_of_weak_coupling_is_the_exact_fraction(d):
    """eta_d of (E4)-(E9), approached linearly in g/p_B; here to 1e-12."""
    found, log_efficiency = heralded(ladder(d, weak=1e-20, cold=1e-3))
    assert negativity(found) == pytest.approx(float(eta(d)), abs=1e-12)
    weight = weak_coupling(d).weight
    expected = np.log(float(weight)) + 2 * (d - 2) * np.log(1e-17)
    assert log_efficiency == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("system", SYSTEMS)
def test_ordinary_states_are_graded_too(system):
    generator = SYSTEMS[system]
    coefficients = random_coefficients(generator)

    @quickly
    def states(c):
        everything = graded_state(generator, c).filtered(jnp.ones(generator.dimension))
        return everything, generator.matrix(stationary_coordinates(generator, c))

    (rho, log_efficiency), expected = states(coefficients)
    np.testing.assert_allclose(rho, expected, rtol=0, atol=1e-13)
    assert abs(log_efficiency) < 1e-13


def test_derivatives_are_relative():
    """d ln p_suc / d ln g_k = 2 for every weak coupling, at an efficiency of 1e-100."""

    def log_efficiency(log_g):
        machine = OneStepReset([5e-4, *jnp.exp(log_g)], 1e-20, 1e-3)
        return qubits(machine)[1]

    both = quickly(lambda x: (jax.grad(log_efficiency)(x), jax.jacfwd(log_efficiency)(x)))
    slope, again = both(jnp.log(jnp.full(5, 1e-20)))
    np.testing.assert_allclose(slope, 2.0, atol=1e-6)
    np.testing.assert_allclose(again, slope, rtol=1e-12)


def test_a_filter_that_passes_nothing_has_no_state():
    machine = ladder(4)
    state = graded(machine)
    rho, log_efficiency = state.filtered(jnp.zeros(16))
    assert log_efficiency == -np.inf
    assert np.all(np.isnan(rho))


def classical(rates):
    """Jumps between levels, {(to, source): rate}."""
    d = 1 + max(max(edge) for edge in rates)
    units = np.eye(d * d).reshape(d, d, d, d)
    return Generator([Jump(units[i, j]) for i, j in rates]), list(rates.values())


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ({(1, 0): 1e-3, (2, 1): 1.0, (1, 2): 1.0}, [0, 0.5, 0.5]),
        ({(1, 0): 1.0, (2, 1): 1.0}, [0, 0, 1]),
        ({(1, 2): 1.0, (0, 1): 1e-40, (1, 0): 1e-40}, [0.5, 0.5, 0]),
    ],
    ids=["a slow way in", "a sink", "a source"],
)
def test_states_that_empty_are_empty(rates, expected):
    """The likeliest state is looked for in what everything leads to."""
    generator, coefficients = classical(rates)
    found = stationary_coordinates(generator, coefficients, "graded")
    np.testing.assert_allclose(found, expected, atol=1e-15)
    state = quickly(lambda c: graded_state(generator, c))(coefficients)
    np.testing.assert_allclose(jnp.exp(state.log_populations), expected, atol=1e-14)
