"""The machine with one-step transitions: the master equation, sizes, weak coupling (App. E)."""

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.master_equation import filtered, steady_state
from experiments.tavakoli2018 import equations as tavakoli2018
from jaxent.machines.one_step_reset import OneStepReset, eta, weak_coupling
from jaxent.steady_state import graded_state
from tests.systems.stationary import observable, quickly, slopes


def random_parameters(d, seed):
    rng = np.random.default_rng([2018, d, seed])
    g, (p_A, p_B) = 10 ** rng.uniform(-1.5, 0.5, size=d - 1), 10 ** rng.uniform(-1.5, 0.5, size=2)
    return tuple(g.tolist()), float(p_A), float(p_B)


POINTS = [random_parameters(d, seed) for d, seed in ((2, 0), (3, 0), (3, 1), (3, 2), (4, 0))]


def herald(machine):
    return filtered(np.asarray(machine.state()), *machine.default_filters)


def block(rho, d):
    """The filtered state on |0,d-2>, |0,d-1>, |1,d-2>, |1,d-1>, the order of (E3)."""
    kept = [d - 2, d - 1, 2 * d - 2, 2 * d - 1]
    return rho[np.ix_(kept, kept)]


# the master equation


@pytest.mark.parametrize("point", POINTS)
def test_the_state_solves_the_master_equation(point):
    rho = np.asarray(OneStepReset(*point).state())
    np.testing.assert_allclose(rho, steady_state(tavakoli2018.one_step(*point)), atol=1e-11)


@pytest.mark.parametrize("point", POINTS[:2])
def test_the_free_hamiltonian_has_nothing_to_add(point):
    full = tavakoli2018.one_step(*point, gap=3.7)
    np.testing.assert_allclose(OneStepReset(*point).state(), steady_state(full), atol=1e-11)


def test_the_state_is_that_of_qutip():
    qutip = pytest.importorskip("qutip")
    g, p_A, p_B = (0.4, 0.7), 0.2, 1.1
    units = [qutip.basis(3, k) for k in range(3)]
    one = qutip.qeye(3)
    hop = [
        g[k] * qutip.tensor(units[k + 1], units[1 - k]) * qutip.tensor(units[k], units[2 - k]).dag()
        for k in range(2)
    ]
    falls = [
        np.sqrt(p_A / 3) * qutip.tensor(to * source.dag(), one) for to in units for source in units
    ]
    falls += [np.sqrt(p_B) * qutip.tensor(one, units[0] * source.dag()) for source in units]
    rho = qutip.steadystate(sum(step + step.dag() for step in hop), falls)
    np.testing.assert_allclose(OneStepReset(g, p_A, p_B).state(), rho.full(), atol=1e-11)


def test_e1_as_printed_never_reaches_the_filters():
    """Its transitions conserve the sum of the levels at d, out of reach from |d-1, 0>."""
    full = tavakoli2018.one_step_as_printed((0.5, 0.3, 0.4), 0.2, 1.0)
    kept = np.kron(*OneStepReset((0.5, 0.3, 0.4), 0.2, 1.0).default_filters)
    assert np.abs(kept @ np.diag(steady_state(full))) < 1e-12
    assert herald(OneStepReset((0.5, 0.3, 0.4), 0.2, 1.0))[1] > 1e-3


# structure


@pytest.mark.parametrize("d", [2, 3, 4, 8, 20])
def test_the_sector_has_the_populations_and_half_of_the_chain(d):
    """2 d^2 - d complex entries; real and imaginary steps alternate along the chain."""
    machine = OneStepReset([0.1] * (d - 1), 0.1, 1.0)
    assert machine.generator.size == d**2 + d * (d - 1) // 2
    assert machine.dims == (d, d)
    assert len(machine.coefficients()) == len(machine.generator.terms) == d + 1
    if d == 20:
        assert machine.generator.size == 590


def test_the_generator_of_one_dimension_is_made_once():
    assert OneStepReset([1.0, 2.0], 0.1, 1.0).generator is OneStepReset([0, 0], 1, 1).generator


def test_without_the_cold_bath_everything_is_mixed():
    np.testing.assert_allclose(
        OneStepReset([0.3, 0.2], 0.1, 0.0).state(), np.eye(9) / 9, atol=1e-14
    )


def test_batches_and_the_compiled_machine_are_the_single_one():
    g, p_a, p_b = [0.3, jnp.array([0.1, 0.4])], jnp.array([[0.2], [0.5]]), 1.0
    batch = np.asarray(quickly(OneStepReset.state)(OneStepReset(g, p_a, p_b)))
    assert batch.shape == (2, 2, 9, 9)
    np.testing.assert_allclose(batch[0, 1], OneStepReset([0.3, 0.4], 0.2, 1.0).state(), atol=1e-14)


def test_of_an_array_the_first_axis_counts_the_couplings():
    rows = OneStepReset(np.array([[0.3, 0.3], [0.1, 0.4]]), 0.2, 1.0)
    assert rows.d == 3
    assert [c.tolist() for c in rows.coefficients()] == [
        [0.3] * 2,
        [0.1, 0.4],
        [0.2] * 2,
        [1.0] * 2,
    ]


def test_a_config_gives_the_couplings_as_a_list():
    machine = OneStepReset.from_parameters({"g": [0.5, 0.1], "p_a": 0.1, "p_b": 1})
    assert machine.d == 3
    np.testing.assert_array_equal(machine.state(), OneStepReset([0.5, 0.1], 0.1, 1).state())


@pytest.mark.parametrize(
    "couplings",
    [
        {"g": [0.5, 0.5], "d": 3},
        {"g": 0.5, "d": 3},
        {"g[0]": 0.5, "g[1]": 0.5, "d": 3},
        {"g[1]": 0.5, "g[0]": 0.5},
    ],
)
def test_a_config_gives_the_number_of_levels_or_of_couplings(couplings):
    machine = OneStepReset.from_parameters({"p_a": 0.1, "p_b": 1, **couplings})
    assert [float(g) for g in machine.g] == [0.5, 0.5]


def test_one_coupling_for_all_may_have_the_axes_of_a_batch():
    g = jnp.array([0.1, 0.2, 0.3])
    machine = OneStepReset.from_parameters({"d": 4, "g": g, "p_a": 0.1, "p_b": 1})
    assert machine.d == 4
    assert {c.shape for c in machine.coefficients()} == {(3,)}
    traced = jax.eval_shape(lambda g: OneStepReset(g, 0.1, 1.0, d=4).state(), 0.1)
    assert traced.shape == (16, 16)


def test_without_gaps_no_heat_is_defined():
    machine = OneStepReset([0.5, 0.1], 0.1, 1.0)
    assert machine.inverse_temperatures() == {}
    with pytest.raises(NotImplementedError, match="no heat is defined"):
        machine.energy()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.5, 0.1, 1.0), r"g: 0.5 is given; allowed: a list"),
        (([], 0.1, 1.0), "g: .* allowed: a list"),
        (([0.5, -1], 0.1, 1.0), r"g\[1\]: -1.0 is given; allowed: finite and >= 0"),
        (([0.5, 1], -0.1, 1.0), "p_a: "),
        (([0.5, 1], 0.1, np.inf), "p_b: "),
    ],
)
def test_what_is_not_allowed_is_refused(arguments, message):
    g, p_a, p_b = arguments
    with pytest.raises(ValueError, match=message):
        OneStepReset(np.asarray(g) if np.ndim(g) == 0 else g, p_a, p_b)


@pytest.mark.parametrize(
    ("g", "d", "message"),
    [
        ([0.5, 1.0], 4, "g: 2 numbers are given; allowed: one, or a list of 3"),
        ([0.5], 1, "d: 1 is given; allowed: an integer >= 2"),
        (0.5, 2.5, "d: 2.5"),
        (0.5, True, "d: True"),
    ],
)
def test_levels_that_do_not_go_with_the_couplings_are_refused(g, d, message):
    with pytest.raises(ValueError, match=message):
        OneStepReset(g, 0.1, 1.0, d=d)
    with pytest.raises(ValueError, match=message):
        OneStepReset.from_parameters({"g": g, "d": d, "p_a": 0.1, "p_b": 1.0})


def test_an_unknown_parameter_is_refused():
    with pytest.raises(ValueError, match="gamma: unknown to one_step_reset"):
        OneStepReset.from_parameters({"g": [1.0], "p_a": 1, "p_b": 1, "gamma": 1})


# derivatives


def test_the_gradient_is_the_slope_of_the_plain_solve():
    g, p_A, p_B = random_parameters(3, seed=9)
    weight = observable(9)

    def value(g, p_a, p_b):
        return jnp.einsum("ij,ji->", weight, OneStepReset(g, p_a, p_b).state()).real

    def plain(x):
        rho = steady_state(tavakoli2018.one_step(x[:-2], *x[-2:]))
        return np.trace(weight @ rho).real

    found = quickly(jax.grad(value, argnums=(0, 1, 2)))(jnp.asarray(g), p_A, p_B)
    exact = slopes(plain, [*g, p_A, p_B], step=1e-3)
    np.testing.assert_allclose(np.hstack(found), exact, atol=1e-8)


# weak coupling


E4_TO_E9 = ["3/8", "11/26", "89/199", "761/1651", "26931/57371", "243719/513029"]


@pytest.mark.parametrize(("d", "fraction"), list(enumerate(E4_TO_E9, start=3)))
def test_equations_e4_to_e9(d, fraction):
    assert eta(d) == Fraction(fraction)


@pytest.mark.parametrize("ratio", [Fraction(1, 7), Fraction(1, 2), Fraction(3)])
def test_equation_e10(ratio):
    for d in (3, 4):
        assert weak_coupling(d, ratio).ab == tavakoli2018.negativity_e10(d, ratio)
    assert weak_coupling(3, ratio).ab != (3 - ratio) / (2 + 8 * ratio)  # as printed


def test_at_twenty_levels_the_negativity_and_chsh_are_those_of_the_paper():
    """App. E: 0.4926 and 2.8075; singular values of T are 2 eta, 2 eta and 1."""
    largest = float(eta(20))
    assert abs(largest - 0.4926) < 5e-5
    assert abs(2 * np.sqrt(1 + 4 * largest**2) - 2.8075) < 5e-5


@pytest.mark.parametrize("d", [4, 20])
def test_e3_is_the_limit_of_the_machine(d):
    """With the numbers of Fig. 6: p_B = 1e-3 and g = 1e-12."""
    machine = OneStepReset([5e-4] + [1e-12] * (d - 2), 1e-12, 1e-3)
    state, log_efficiency = small_herald(machine)
    limit = float(eta(d))
    exact = np.diag([0, limit, 1 - limit, 0]).astype(complex)
    exact[1, 2], exact[2, 1] = -1j * limit, 1j * limit
    np.testing.assert_allclose(block(state, d), exact, atol=1e-7)
    expected = np.log(float(weak_coupling(d).weight)) + 2 * (d - 2) * np.log(1e-9)
    np.testing.assert_allclose(log_efficiency, expected, atol=1e-6)


@pytest.mark.parametrize(("d", "ratio"), [(3, 0.3), (4, 2.0)])
def test_the_limit_depends_on_one_ratio_alone(d, ratio):
    """The weak couplings, all different, leave the state and multiply the efficiency."""
    weak, p_A, p_B = 1e-9 * np.arange(1.0, d - 1), 3e-8, 2.0
    state, log_efficiency = small_herald(OneStepReset([ratio * p_B, *weak], p_A, p_B))
    limit = weak_coupling(d, ratio)
    exact = [0, float(limit.bb), float(limit.aa), 0]
    np.testing.assert_allclose(np.diag(block(state, d)).real, exact, atol=1e-6)
    np.testing.assert_allclose(block(state, d)[2, 1], 1j * float(limit.ab), atol=1e-6)
    weight = log_efficiency - 2 * np.log(weak / p_B).sum()
    np.testing.assert_allclose(weight, np.log(float(limit.weight)), atol=1e-6)


def small_herald(machine):
    """The filtered state and the logarithm of its probability, however small."""
    graded = graded_state(machine.generator, machine.coefficients())
    state, log_efficiency = graded.filtered(np.kron(*machine.default_filters))
    return np.asarray(state), float(log_efficiency)


@pytest.mark.parametrize(("d", "ratio"), [(2, 0.5), (4, -1)])
def test_the_limit_is_refused_where_there_is_none(d, ratio):
    with pytest.raises(ValueError, match="allowed"):
        weak_coupling(d, ratio)
