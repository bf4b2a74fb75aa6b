"""A qubit and a qutrit with resets: the master equation, and tavakoli2018 App. G.3 and G.4."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.master_equation import filtered, steady_state, thermal
from experiments.tavakoli2018 import equations as paper
from jaxent.machines.qubit_qutrit_reset import QubitQutritReset
from jaxent.measures import negativity, purity
from tests.machines.heat import expect_the_two_laws, heat_currents
from tests.measures import textbook
from tests.systems.stationary import quickly, slopes

INF = float("inf")
LIMITS = [INF, -INF, 0.0, -0.0]
COUPLINGS = [(0.3, 0.5, 0.7), (1.4, 0.2, 0.1), (0.05, 0.6, 1.1)]  # g_1, g_2, p_A

UPPER, LOWER = [0, 1, 1], [1, 1, 0]
"""The filters on B of App. G.3 and of App. G.4."""

state = quickly(QubitQutritReset.state)


def random_points(count, seed=2018):
    """Rates over two orders of magnitude; temperatures of both signs, now and then at a limit."""
    rng = np.random.default_rng(seed)
    rates = 10 ** rng.uniform(-1.5, 0.5, size=(4, count))
    temperatures = rng.choice([-1, 1], size=(2, count)) * 10 ** rng.uniform(-1, 1, size=(2, count))
    limited = rng.random(size=(2, count)) < 0.2
    limits = rng.choice(LIMITS, size=(2, count))
    return np.vstack([rates, np.where(limited, limits, temperatures)])


def heralded(machine, filter_b):
    """The two-qubit state of the qubit and the levels of the qutrit that pass."""
    rho, _ = filtered(np.asarray(state(machine)), [1, 1], filter_b)
    kept = np.flatnonzero(np.kron([1, 1], filter_b))
    return rho[np.ix_(kept, kept)]


# the master equation


def test_the_state_solves_the_master_equation():
    """The reference has the free Hamiltonian; the machine has none."""
    points = random_points(50)
    *rates, hot, cold = points
    found = state(QubitQutritReset(*rates, temperature_a=hot, temperature_b=cold))
    exact = [steady_state(paper.qubit_qutrit(*point)) for point in points.T.tolist()]
    np.testing.assert_allclose(found, exact, atol=1e-11)


def test_the_state_has_eight_coordinates():
    """Six populations, and the imaginary parts of the two coherences that H makes."""
    machine = QubitQutritReset(0.3, 0.5, 0.2, 0.7, temperature_a=2.0, temperature_b=0.5)
    assert machine.dims == (2, 3)
    assert machine.generator.size == 8
    assert len(machine.coefficients()) == len(machine.generator.terms) == 7
    limit = QubitQutritReset(0.3, 0.5, 0.2, 0.7, temperature_a=0.0, temperature_b=INF)
    assert len(limit.coefficients()) == len(limit.generator.terms) == len(jax.tree.leaves(limit))
    assert [filter_x.tolist() for filter_x in machine.default_filters] == [[1, 1], [1, 1, 1]]


def test_limits_by_structure_are_limits_by_a_leaf():
    """Those of App. G.3 and of App. G.4."""
    rates, hot, cold = (0.3, 0.5, 0.2, 0.7), np.array([0.0, -0.0]), np.array([INF, 0.0])
    batch = state(QubitQutritReset(*rates, temperature_a=hot, temperature_b=cold))
    for found, T_A, T_B in zip(batch, hot, cold, strict=True):
        machine = QubitQutritReset(*rates, temperature_a=T_A, temperature_b=T_B)
        np.testing.assert_allclose(found, state(machine), atol=1e-14)


@pytest.mark.parametrize("temperature", [0.7, -0.4])
def test_between_baths_of_one_temperature_the_state_is_thermal(temperature):
    """exp(-(H_A + H_B)/T) commutes with the interaction, and both resets keep it."""
    machine = QubitQutritReset(
        0.8, 0.5, 0.2, 0.7, temperature_a=temperature, temperature_b=temperature
    )
    exact = np.kron(thermal([0, 1], temperature), thermal([0, 1, 2], temperature))
    np.testing.assert_allclose(state(machine), np.diag(exact), atol=1e-14)


def test_uncoupled_systems_are_thermal():
    machine = QubitQutritReset(0.0, 0.0, 0.2, 0.7, temperature_a=2.0, temperature_b=0.3)
    exact = np.diag(np.kron(thermal([0, 1], 2.0), thermal([0, 1, 2], 0.3)))
    np.testing.assert_allclose(state(machine), exact, atol=1e-14)


def test_with_one_coupling_the_top_level_is_reset_alone():
    """Without g_2 nothing but bath B reaches |2>: its population is thermal."""
    machine = QubitQutritReset(0.8, 0.0, 0.2, 0.7, temperature_a=2.0, temperature_b=0.5)
    tops = np.diag(state(machine)).real[[2, 5]]
    np.testing.assert_allclose(tops.sum(), thermal([0, 1, 2], 0.5)[2], atol=1e-14)


def test_batches_are_single_machines():
    """By axes of the parameters and by vmap."""
    temperatures = {"temperature_a": INF, "temperature_b": 0.5}
    p_a = np.array([0.2, 0.5])
    found = quickly(jax.vmap(lambda g: QubitQutritReset(g, 0.5, p_a, 0.7, **temperatures).state()))(
        jnp.array([0.3, 0.4])
    )
    assert found.shape == (2, 2, 6, 6)
    single = QubitQutritReset(0.4, 0.5, 0.2, 0.7, **temperatures)
    np.testing.assert_allclose(found[1, 0], state(single), atol=1e-14)


# derivatives


def test_gradients_are_the_slopes_of_the_plain_solve():
    """Of an entangled state with population inversion."""
    point = [0.5, 0.7, 0.8, 0.6, -4.0, 5.0]  # g_1, g_2, p_A, p_B, beta_A, beta_B

    def value(x):
        rho = QubitQutritReset(x[0], x[1], x[2], x[3], beta_a=x[4], beta_b=x[5]).state()
        return jnp.stack([negativity(rho, (2, 3)), purity(rho)])

    def plain(x):
        rho = steady_state(paper.qubit_qutrit(*x[:4], 1 / x[4], 1 / x[5]))
        return np.array([textbook.negativity(rho, (2, 3)), np.trace(rho @ rho).real])

    assert plain(point)[0] > 1e-3
    found = quickly(jax.jacrev(value))(jnp.asarray(point))
    exact = slopes(plain, point, step=1e-3)
    np.testing.assert_allclose(found, np.transpose(exact), atol=1e-8)


# heat


def test_no_heat_is_lost_and_no_entropy():
    points = 10 ** np.random.default_rng(1).uniform(-0.7, 0.7, size=(12, 6))
    for *rates, hot, cold in points.tolist():
        machine = QubitQutritReset(*rates, temperature_a=hot, temperature_b=cold)
        heat = expect_the_two_laws(machine, np.asarray(state(machine)))
        assert np.sign(heat["a"]) == np.sign(hot - cold)


def test_a_reset_brings_the_difference_of_two_energies():
    """Q_B = p_B (tr[H_B tau_B] - tr[H_B rho]) with the energies 0, 1, 2 of the qutrit."""
    machine = QubitQutritReset(0.3, 0.5, 0.2, 0.7, temperature_a=-1.0, temperature_b=0.4)
    rho = np.asarray(state(machine))
    energy = np.tile([0, 1, 2], 2) @ np.diag(rho).real
    expected = 0.7 * (thermal([0, 1, 2], 0.4) @ [0, 1, 2] - energy)
    np.testing.assert_allclose(heat_currents(machine, rho)["b"], expected)
    assert machine.inverse_temperatures() == {"a": -1.0, "b": 2.5}
    limits = with_inverted_qubit(0.3, 0.5, 0.2, 0.7)
    assert limits.inverse_temperatures() == {"a": -INF, "b": INF}
    assert [limits.generator.of_bath(bath) for bath in ("a", "b")] == [[2], [3]]


# tavakoli2018 App. G.3: T_A = 0, T_B = inf, the upper two levels of the qutrit, p_B -> 0


def with_hot_qutrit(g_1, g_2, p_A, p_B):
    return QubitQutritReset(g_1, g_2, p_A, p_B, temperature_a=0.0, temperature_b=INF)


@pytest.mark.parametrize("point", COUPLINGS)
def test_equation_g6(point):
    """The limit of small p_B; what is left is of first order in it."""
    for p_B in (1e-7, 1e-8):
        rho = heralded(with_hot_qutrit(*point, p_B), UPPER)
        np.testing.assert_allclose(rho, paper.state_g6(*point), atol=100 * p_B)


def test_negativity_0_092_with_a_hot_qutrit():
    """p_A as printed below (G6), then g_2 -> 0: purity 17/32 and (sqrt(3) - 1)/8."""
    g_1, g_2 = 1.0, 1e-4
    p_A = 2 * np.sqrt(2) * g_1 * g_2 / np.sqrt(g_1**2 + 2 * g_2**2)
    rho = heralded(with_hot_qutrit(g_1, g_2, p_A, 1e-11), UPPER)
    np.testing.assert_allclose(textbook.negativity(rho), (np.sqrt(3) - 1) / 8, atol=1e-6)
    np.testing.assert_allclose(np.trace(rho @ rho).real, 17 / 32, atol=1e-6)


def test_equation_g7():
    """Negativity 0.104 and purity 0.6875 = 11/16: the limit g_2 -> 0 of the printed point.

    The largest negativity of (G6) is (sqrt(2) - 1)/4, at p_A = sqrt(8 + 8 sqrt 2) g_2.
    """
    printed = (9.2e-3, 4.8e-7, 2.1e-6)
    assert round(textbook.negativity(paper.state_g6(*printed)), 3) == 0.104
    largest = (np.sqrt(2) - 1) / 4
    assert round(largest, 3) == 0.104
    ratio = np.sqrt(8 + 8 * np.sqrt(2))
    np.testing.assert_allclose(printed[2] / printed[1], ratio, rtol=0.01)
    rho = heralded(with_hot_qutrit(1.0, 1e-4, ratio * 1e-4, 1e-11), UPPER)
    np.testing.assert_allclose(textbook.negativity(rho), largest, atol=1e-6)
    np.testing.assert_allclose(np.trace(rho @ rho).real, 11 / 16, atol=1e-6)
    others = 10 ** np.random.default_rng(0).uniform(-3, 3, size=(500, 2))
    assert all(
        textbook.negativity(paper.state_g6(1.0, g_2, p_A)) < largest for g_2, p_A in others.tolist()
    )


# tavakoli2018 App. G.4: T_A = 0-, T_B = 0, the lower two levels of the qutrit, p_B -> 0


def with_inverted_qubit(g_1, g_2, p_A, p_B, temperature_b=0.0):
    return QubitQutritReset(g_1, g_2, p_A, p_B, temperature_a=-0.0, temperature_b=temperature_b)


@pytest.mark.parametrize("point", COUPLINGS)
def test_equation_g8(point):
    """With the temperatures of its text: a hot qutrit gives another state, and so do its levels."""
    exact = paper.state_g8(*point)
    for p_B in (1e-7, 1e-8):
        rho = heralded(with_inverted_qubit(*point, p_B), LOWER)
        np.testing.assert_allclose(rho, exact, atol=100 * p_B)
    hot = heralded(with_inverted_qubit(*point, 1e-7, temperature_b=INF), LOWER)
    upper = heralded(with_inverted_qubit(*point, 1e-7), UPPER)
    assert min(np.abs(hot - exact).max(), np.abs(upper - exact).max()) > 0.01


@pytest.mark.parametrize("point", COUPLINGS)
def test_equation_g9(point):
    rho = heralded(with_inverted_qubit(*point, 1e-9), LOWER)
    np.testing.assert_allclose(textbook.negativity(rho), paper.negativity_g9(*point), atol=1e-7)


@pytest.mark.parametrize("K", [0.5, 3.3, 20.0])
def test_equation_g10(K):
    """p_A = K g_1 and g_1 -> 0."""
    rho = heralded(with_inverted_qubit(1e-4, 1.0, K * 1e-4, 1e-11), LOWER)
    np.testing.assert_allclose(textbook.negativity(rho), paper.negativity_g10(K), atol=1e-6)


def test_equation_g11_has_one_solution():
    """With u = sqrt(1 + K^2), dN/dK = 0 is u^2 - 2u - 5 = 0: u = 1 + sqrt(6), the other below 1."""
    K = np.sqrt(6 + 2 * np.sqrt(6))
    np.testing.assert_allclose(paper.negativity_g10(K), 1 / (2 + 2 * np.sqrt(6)), rtol=1e-15)
    assert round(paper.negativity_g10(K), 3) == 0.145
    possible = [u for u in np.roots([1, -2, -5]) if u > 1]
    np.testing.assert_allclose(possible, [np.sqrt(1 + K**2)])
    grid = np.geomspace(1e-3, 1e3, 10_001)
    turns = np.diff(np.sign(np.diff(paper.negativity_g10(grid))))
    assert np.count_nonzero(turns) == 1
    np.testing.assert_allclose(grid[1:-1][turns != 0], K, rtol=2e-3)


def test_nothing_in_g8_beats_g11():
    largest = 1 / (2 + 2 * np.sqrt(6))
    others = 10 ** np.random.default_rng(0).uniform(-3, 3, size=(500, 2))
    assert np.all(paper.negativity_g9(others[:, 0], 1.0, others[:, 1]) < largest)


# configs


def test_a_config_names_the_parameters():
    values = {"g1": 0.1, "g2": 0.2, "p_a": 0.3, "p_b": 1.0, "temperature_a": 0.0}
    machine = QubitQutritReset.from_parameters({**values, "temperature_b": INF})
    assert (machine.target_a, machine.target_b) == ("lowest", "even")
    free = {**values, "inverse_temperature_b": jnp.array(-0.5)}
    assert float(QubitQutritReset.from_parameters(free).beta_b) == -0.5
    assert [p.name for p in QubitQutritReset.parameters if p.default is None] == [
        *values,
        "temperature_b",
    ]
    with pytest.raises(ValueError, match="g: unknown to qubit_qutrit_reset"):
        QubitQutritReset.from_parameters({"g": 0.1})


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"g1": -0.1}, "g1: -0.1 is given; allowed: finite and >= 0"),
        ({"g2": INF}, "g2: inf"),
        ({"p_a": -1.0}, "p_a: -1"),
        ({"temperature_b": None}, "temperature_b: missing"),
    ],
)
def test_what_is_not_allowed_is_refused(changed, message):
    arguments = {"g1": 1, "g2": 1, "p_a": 1, "p_b": 1, "temperature_a": 1, "temperature_b": 0}
    with pytest.raises(ValueError, match=message):
        QubitQutritReset(**{**arguments, **changed})


def test_regimes_compare_with_the_gaps_where_these_matter():
    assert with_hot_qutrit(0.3, 0.5, 0.2, 0.7).regimes() == []
    regimes = with_inverted_qubit(0.05, 0.5, 0.2, 0.07, temperature_b=1.0).regimes()
    holding = {regime.condition: regime.holds for regime in regimes}
    assert holding == {
        "g_1 << gaps": True,
        "g_2 << gaps": False,
        "p_A << gaps": False,
        "p_B << gaps": True,
    }
