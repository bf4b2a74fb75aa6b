"""The elimination: stationary distributions to the last digit, and whole generators."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from jaxent.generator import Generator
from jaxent.steady_state import rate_equation, stationary_coordinates
from jaxent.terms import Hamiltonian, Jump, superoperator
from tests.systems.stationary import quickly

rng = np.random.default_rng(1985)

distribution = quickly(rate_equation.distribution)


def exact_distribution(rates):
    """W pi = 0, sum pi = 1 in 400 digits: more than the rates of 24 decades can cancel."""
    n = len(rates)
    with mpmath.workdps(400):
        matrix = mpmath.zeros(n)
        for i in range(n):
            for j in range(n):
                if i != j:
                    matrix[i, j] += mpmath.mpf(rates[i, j])
                    matrix[j, j] -= mpmath.mpf(rates[i, j])
        right = mpmath.zeros(n, 1)
        right[0] = 1
        for j in range(n):
            matrix[0, j] = 1
        return np.array([float(p) for p in mpmath.lu_solve(matrix, right)])


# rate equations


@pytest.mark.parametrize("n", [2, 3, 4, 6, 9])
def test_each_probability_is_accurate_relative_to_itself(n):
    """Rates over 24 decades, 12 chains of each size; probabilities get as small as 1e-90."""
    rates = 10 ** rng.uniform(-12, 12, size=(12, n, n))
    computed = distribution(rates)
    for chain, found in zip(rates, computed, strict=True):
        np.testing.assert_allclose(found, exact_distribution(chain), rtol=1e-13)


def test_sparse_chains_are_as_accurate():
    """A ring in one direction: each probability is the reciprocal of its outflow."""
    rates = np.zeros((6, 6))
    outflow = 10 ** rng.uniform(-12, 12, size=6)
    for j in range(6):
        rates[(j + 1) % 6, j] = outflow[j]
    exact = (1 / outflow) / np.sum(1 / outflow)
    np.testing.assert_allclose(distribution(rates), exact, rtol=1e-13)


def test_detailed_balance_gives_boltzmann_weights():
    energies = np.array([0.0, 3.0, 40.0, 100.0])
    symmetric = 10 ** rng.uniform(-3, 3, size=(4, 4))
    symmetric = symmetric + symmetric.T
    rates = symmetric * np.exp(-energies)[:, None]
    exact = np.exp(-energies) / np.exp(-energies).sum()
    np.testing.assert_allclose(distribution(rates), exact, rtol=1e-13)


@pytest.mark.parametrize("absorbing", range(4))
def test_an_absorbing_state_takes_everything(absorbing):
    """Zero rates out of one state, as a bath at T = 0 has."""
    rates = 10 ** rng.uniform(-6, 6, size=(4, 4))
    rates[:, absorbing] = 0.0
    computed = distribution(rates)
    assert np.all(np.delete(computed, absorbing) < 1e-80)
    assert abs(computed[absorbing] - 1) < 1e-15


def test_a_transient_state_is_empty():
    rates = np.ones((4, 4))
    rates[2, :] = 0.0
    np.testing.assert_allclose(distribution(rates), [1 / 3, 1 / 3, 0, 1 / 3], atol=1e-15)


def test_the_diagonal_is_not_read():
    rates = rng.uniform(size=(4, 4))
    assert np.array_equal(
        distribution(rates),
        distribution(rates + np.diag([np.nan, np.inf, -3, 1e300])),
    )


def test_only_ratios_of_rates_matter():
    rates = rng.uniform(size=(5, 5))
    for factor in (1e-60, 1e60):
        scaled = distribution(factor * rates)
        np.testing.assert_allclose(scaled, distribution(rates), rtol=1e-13)


def test_distributions_have_batch_axes_in_front():
    rates = 10 ** rng.uniform(-3, 3, size=(2, 3, 4, 4))
    batch = distribution(rates)
    assert batch.shape == (2, 3, 4)
    np.testing.assert_allclose(batch[1, 2], distribution(rates[1, 2]), rtol=1e-15)
    np.testing.assert_allclose(batch.sum(axis=-1), 1.0, rtol=1e-15)


def excited(rates):
    """The population of the upper of two states, from the rates (up, down)."""
    matrix = jnp.zeros((2, 2)).at[1, 0].set(rates[0]).at[0, 1].set(rates[1])
    return rate_equation.distribution(matrix)[1]


slopes, curvatures = quickly(jax.grad(excited)), quickly(jax.hessian(excited))


@pytest.mark.parametrize(("up", "down"), [(0.3, 2.0), (0.0, 2.0), (0.3, 0.0), (1e-9, 1e3)])
def test_derivatives_of_two_states_are_right_even_where_a_rate_vanishes(up, down):
    """p1 = up/(up + down), by hand, to second order."""
    rates, total = jnp.array([up, down]), up + down
    first = np.array([down, -up]) / total**2
    mixed = (up - down) / total**3
    second = np.array([[-2 * down / total**3, mixed], [mixed, 2 * up / total**3]])
    for computed, exact in ((slopes(rates), first), (curvatures(rates), second)):
        scale = np.abs(exact).max()
        np.testing.assert_allclose(computed, exact, rtol=1e-12, atol=1e-15 * scale)


@pytest.mark.parametrize("absorbing", range(4))
def test_derivatives_are_right_where_one_state_absorbs_everything(absorbing):
    """Opening a way i <- a out of the absorbing state a: dp_i = the time spent in i before a."""
    rates = 10 ** rng.uniform(-1, 1, size=(4, 4))
    rates[:, absorbing] = 0.0
    others = [i for i in range(4) if i != absorbing]
    way_out = others[0]
    direction = np.zeros((4, 4))
    direction[way_out, absorbing] = 1.0
    _, slope = jax.jvp(rate_equation.distribution, (rates,), (direction,))
    outflow = np.diag(rates.sum(axis=0) - np.diag(rates))
    transient = (rates - np.diag(np.diag(rates)) - outflow)[np.ix_(others, others)]
    sojourn = -np.linalg.inv(transient)[:, 0]
    expected = np.zeros(4)
    expected[others] = sojourn
    expected[absorbing] = -sojourn.sum()
    np.testing.assert_allclose(slope, expected, rtol=1e-12)


# whole generators


def random_generator(dimension, jumps):
    """A Hamiltonian and jumps without any structure: every coordinate is reached."""
    matrices = rng.normal(size=(jumps + 1, dimension, dimension, 2)) @ [1, 1j]
    hamiltonian = Hamiltonian(matrices[0] + matrices[0].conj().T)
    return Generator([hamiltonian, *(Jump(matrix) for matrix in matrices[1:])])


def full_steady_state(generator, coefficients):
    """The null vector of the complex Liouvillian."""
    d = generator.dimension
    pairs = zip(coefficients, generator.terms, strict=True)
    full = sum(c * superoperator(term) for c, term in pairs)
    system = np.vstack([full, np.eye(d).reshape(1, -1)])
    right = np.zeros(d * d + 1)
    right[-1] = 1
    return np.linalg.lstsq(system, right, rcond=None)[0].reshape(d, d)


@pytest.mark.parametrize(("dimension", "jumps"), [(2, 1), (3, 2), (4, 2)])
def test_generators_without_structure_are_solved(dimension, jumps):
    """Effective rates may be negative here; the steady state is right all the same."""
    for _ in range(5):
        generator = random_generator(dimension, jumps)
        coefficients = 10 ** rng.uniform(-1, 1, size=jumps + 1)
        assert generator.size == dimension**2
        state = quickly(lambda c, g=generator: g.matrix(stationary_coordinates(g, c)))
        rho = state(coefficients)
        expected = full_steady_state(generator, coefficients)
        np.testing.assert_allclose(rho, expected, rtol=0, atol=1e-11)


def test_without_coherences_the_generator_is_a_rate_equation():
    """Jumps between three levels: a classical chain."""
    rates = 10 ** rng.uniform(-3, 3, size=(3, 3))
    units = np.eye(9).reshape(3, 3, 3, 3)
    ways = [(i, j) for i in range(3) for j in range(3) if i != j]
    generator = Generator([Jump(units[i, j]) for i, j in ways])
    assert generator.size == 3
    solved = stationary_coordinates(generator, np.array([rates[way] for way in ways]))
    np.testing.assert_allclose(solved, exact_distribution(rates), rtol=1e-13)


@pytest.mark.parametrize("scale", [1e-200, 1e-12, 1e12, 1e200])
def test_the_unit_of_time_does_not_matter(scale):
    generator = random_generator(3, 2)
    coefficients = np.array([0.7, 1.0, 0.4])
    solved = stationary_coordinates(generator, scale * coefficients)
    expected = stationary_coordinates(generator, coefficients)
    np.testing.assert_allclose(solved, expected, rtol=0, atol=1e-14)
