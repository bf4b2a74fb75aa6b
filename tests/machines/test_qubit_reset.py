"""Two qubits with resets: the master equation, temperatures, and tavakoli2018 App. G.1 and G.2."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.master_equation import steady_state, thermal
from experiments.tavakoli2018 import equations as paper
from jaxent.machines.qubit_reset import QubitReset
from jaxent.measures import negativity, purity
from tests.machines.heat import expect_the_two_laws, heat_currents
from tests.measures import textbook
from tests.systems.stationary import quickly, slopes

INF = float("inf")
LIMITS = [INF, -INF, 0.0, -0.0]
RATES = [(0.3, 0.2, 0.7), (1.4, 0.5, 0.1), (0.02, 0.6, 1.1)]

state = quickly(QubitReset.state)


def random_points(count, seed=2018):
    """Rates over two orders of magnitude; temperatures of both signs, now and then at a limit."""
    rng = np.random.default_rng(seed)
    rates = 10 ** rng.uniform(-1.5, 0.5, size=(3, count))
    temperatures = rng.choice([-1, 1], size=(2, count)) * 10 ** rng.uniform(-1, 1, size=(2, count))
    limited = rng.random(size=(2, count)) < 0.2
    limits = rng.choice(LIMITS, size=(2, count))
    return np.vstack([rates, np.where(limited, limits, temperatures)])


# the master equation


def test_the_state_solves_the_master_equation():
    """The reference has the free Hamiltonian; the machine has none."""
    points = random_points(50)
    *rates, hot, cold = points
    found = state(QubitReset(*rates, temperature_a=hot, temperature_b=cold))
    exact = [steady_state(paper.qubits(*point)) for point in points.T.tolist()]
    np.testing.assert_allclose(found, exact, atol=1e-11)


def test_the_state_has_five_coordinates_and_x_form():
    """The populations and the imaginary part of one coherence."""
    machine = QubitReset(0.3, 0.2, 0.7, temperature_a=2.0, temperature_b=0.5)
    assert machine.generator.size == 5
    assert machine.x_form
    assert len(machine.coefficients()) == len(machine.generator.terms) == 5
    limit = QubitReset(0.3, 0.2, 0.7, temperature_a=INF, temperature_b=0.0)
    assert len(limit.coefficients()) == len(limit.generator.terms) == 3
    assert len(jax.tree.leaves(limit)) == 3


@pytest.mark.parametrize(
    ("hot", "cold"), [(INF, 0.0), (-0.0, 0.0), (-INF, -0.0), (2.0, 0.0), (INF, 0.5)]
)
def test_limits_by_structure_are_limits_by_a_leaf(hot, cold):
    """And thermal states tend to them."""
    by_structure = QubitReset(0.3, 0.2, 0.7, temperature_a=hot, temperature_b=cold)
    batch = QubitReset(
        0.3, 0.2, 0.7, temperature_a=np.array([hot, 1.0]), temperature_b=np.array([cold, 1.0])
    )
    exact = state(by_structure)
    np.testing.assert_allclose(state(batch)[0], exact, atol=1e-14)
    near = {0.0: np.copysign(1e-2, cold), INF: 1e9, -INF: -1e9}
    near_hot = np.copysign(1e-2, hot) if hot == 0 else near.get(hot, hot)
    tending = QubitReset(0.3, 0.2, 0.7, temperature_a=near_hot, temperature_b=near.get(cold, cold))
    np.testing.assert_allclose(state(tending), exact, atol=1e-8)


@pytest.mark.parametrize("temperature", [0.7, -0.4, INF])
def test_between_baths_of_one_temperature_the_state_is_thermal(temperature):
    """exp(-(H_A + H_B)/T) commutes with the interaction, and both resets keep it."""
    tau = thermal([0, 1], temperature)
    machine = QubitReset(0.8, 0.2, 0.7, temperature_a=temperature, temperature_b=temperature)
    np.testing.assert_allclose(state(machine), np.diag(np.kron(tau, tau)), atol=1e-14)


def test_uncoupled_qubits_are_thermal():
    machine = QubitReset(0.0, 0.2, 0.7, temperature_a=2.0, temperature_b=0.3)
    exact = np.diag(np.kron(thermal([0, 1], 2.0), thermal([0, 1], 0.3)))
    np.testing.assert_allclose(state(machine), exact, atol=1e-14)


def test_batches_are_single_machines():
    """By axes of the parameters and by vmap."""
    temperatures = {"temperature_a": INF, "temperature_b": 0.5}
    p_a = np.array([0.2, 0.5])
    found = quickly(jax.vmap(lambda g: QubitReset(g, p_a, 0.7, **temperatures).state()))(
        jnp.array([0.3, 0.4])
    )
    assert found.shape == (2, 2, 4, 4)
    single = QubitReset(0.4, 0.2, 0.7, **temperatures)
    np.testing.assert_allclose(found[1, 0], state(single), atol=1e-14)


# derivatives


def test_gradients_are_the_slopes_of_the_plain_solve():
    """Of an entangled state with population inversion."""
    point = [0.4, 0.9, 1.1, -3.0, 4.0]  # g, p_A, p_B, beta_A, beta_B

    def value(x):
        rho = QubitReset(x[0], x[1], x[2], beta_a=x[3], beta_b=x[4]).state()
        return jnp.stack([negativity(rho), purity(rho)])

    def plain(x):
        rho = steady_state(paper.qubits(*x[:3], 1 / x[3], 1 / x[4]))
        return np.array([textbook.negativity(rho), np.trace(rho @ rho).real])

    assert plain(point)[0] > 0.01
    found = quickly(jax.jacrev(value))(jnp.asarray(point))
    exact = slopes(plain, point, step=1e-3)
    np.testing.assert_allclose(found, np.transpose(exact), atol=1e-8)


# heat


def test_no_heat_is_lost_and_no_entropy():
    points = 10 ** np.random.default_rng(1).uniform(-0.7, 0.7, size=(12, 5))
    for g, p_A, p_B, hot, cold in points.tolist():
        machine = QubitReset(g, p_A, p_B, temperature_a=hot, temperature_b=cold)
        heat = expect_the_two_laws(machine, np.asarray(state(machine)))
        assert np.sign(heat["a"]) == np.sign(hot - cold)


def test_a_reset_brings_the_difference_of_two_energies():
    """Q_A = p_A (tr[H_A tau_A] - tr[H_A rho]), whatever the temperatures."""
    for hot, cold in ((2.0, 0.3), (-0.0, 0.0), (INF, -0.5)):
        machine = QubitReset(0.3, 0.2, 0.7, temperature_a=hot, temperature_b=cold)
        rho = np.asarray(state(machine))
        excited = np.array([[0, 0, 1, 1], [0, 1, 0, 1]]) @ np.diag(rho).real
        heat = heat_currents(machine, rho)
        np.testing.assert_allclose(heat["a"], 0.2 * (thermal([0, 1], hot)[1] - excited[0]))
        np.testing.assert_allclose(heat["b"], 0.7 * (thermal([0, 1], cold)[1] - excited[1]))
        betas = [*machine.inverse_temperatures().values()]
        with np.errstate(divide="ignore"):
            assert betas == [1 / np.float64(hot), 1 / np.float64(cold)]


# tavakoli2018 App. G.1: T_A = inf, T_B = 0


@pytest.mark.parametrize("point", RATES)
def test_equation_g1(point):
    machine = QubitReset(*point, temperature_a=INF, temperature_b=0.0)
    np.testing.assert_allclose(state(machine), paper.state_g1(*point), atol=1e-14)


def test_equation_g2():
    """Negativity 0.004 at the printed rates, and nowhere more; only their ratios matter."""
    printed = paper.state_g1(2.2e-3, 2.3e-3, 9.5e-3)
    assert round(textbook.negativity(printed), 3) == 0.004
    g, p_a = 10 ** np.array(np.meshgrid(np.linspace(-2, 1, 121), np.linspace(-2, 1, 121)))
    machine = QubitReset(g, p_a, 1.0, temperature_a=INF, temperature_b=0.0)
    most = np.asarray(quickly(lambda m: negativity(m.state()))(machine))
    assert round(most.max(), 3) == 0.004
    place = np.unravel_index(most.argmax(), most.shape)
    np.testing.assert_allclose([g[place], p_a[place]], [2.2 / 9.5, 2.3 / 9.5], rtol=0.06)


# tavakoli2018 App. G.2: T_A = 0-, T_B = 0


def inverted(g, p_A, p_B):
    return QubitReset(g, p_A, p_B, temperature_a=-0.0, temperature_b=0.0)


@pytest.mark.parametrize("point", RATES)
def test_equation_g3(point):
    np.testing.assert_allclose(state(inverted(*point)), paper.state_g3(*point), atol=1e-14)


def test_equation_g4():
    """Entangled for g < p_A = p_B alone."""
    g = np.array([0.01, 0.2, 0.5, 0.99, 1.0, 1.5, 4.0]) * 0.7
    rho = np.asarray(state(inverted(g, 0.7, 0.7)))
    found = [textbook.negativity(one) for one in rho]
    np.testing.assert_allclose(found, paper.negativity_g4(g, 0.7), atol=1e-14)


def test_the_largest_negativity_with_inversion():
    """(sqrt(3) - 1)/8 with purity 0.758 at p_A = p_B = (1 + sqrt 3) g, and nowhere more."""
    best = np.asarray(state(inverted(1 / (1 + np.sqrt(3)), 1.0, 1.0)))
    largest = (np.sqrt(3) - 1) / 8
    np.testing.assert_allclose(textbook.negativity(best), largest, atol=1e-14)
    assert round(largest, 3) == 0.092
    assert round(np.trace(best @ best).real, 3) == 0.758
    g, p_a = 10 ** np.array(np.meshgrid(np.linspace(-2, 1, 121), np.linspace(-1.5, 1.5, 121)))
    most = np.asarray(quickly(lambda m: negativity(m.state()))(inverted(g, p_a, 1.0)))
    assert largest - 1e-3 < most.max() <= largest


# configs


def test_a_config_names_the_parameters():
    rates = {"g": 0.1, "p_a": 0.2, "p_b": 1.0}
    machine = QubitReset.from_parameters({**rates, "temperature_a": -0.0, "temperature_b": 2.0})
    assert (machine.target_a, machine.target_b) == ("highest", "thermal")
    free = {"inverse_temperature_a": jnp.array(0.5), "temperature_b": 0.0}
    assert float(QubitReset.from_parameters({**rates, **free}).beta_a) == 0.5
    assert [p.name for p in QubitReset.parameters if p.default is None] == [
        *rates,
        "temperature_a",
        "temperature_b",
    ]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"g": -0.1}, "g: -0.1 is given; allowed: finite and >= 0"),
        ({"p_a": INF}, "p_a: inf"),
        ({"p_b": -1.0}, "p_b: -1"),
        ({"temperature_a": float("nan")}, "temperature_a: nan"),
        ({"temperature_a": None}, "temperature_a: missing; allowed: it or beta_a"),
        ({"beta_b": 1.0}, "temperature_b: given twice; allowed: it or beta_b"),
    ],
)
def test_what_is_not_allowed_is_refused(changed, message):
    arguments = {"g": 0.1, "p_a": 0.2, "p_b": 1.0, "temperature_a": 1.0, "temperature_b": 0.0}
    with pytest.raises(ValueError, match=message):
        QubitReset(**{**arguments, **changed})


def test_an_unknown_parameter_is_refused():
    with pytest.raises(ValueError, match="gaps: unknown to qubit_reset"):
        QubitReset.from_parameters({"g": 0.1, "gaps": 1.0})
    with pytest.raises(ValueError, match=r"g\[0\]: unknown to qubit_reset"):
        QubitReset.from_parameters({"g[0]": 0.1})


def test_regimes_compare_with_the_gap_where_it_matters():
    limits = QubitReset(0.3, 0.05, 0.2, temperature_a=INF, temperature_b=0.0)
    assert limits.regimes() == []
    regimes = QubitReset(0.3, 0.05, 0.2, temperature_a=2.0, temperature_b=0.0).regimes()
    assert [(r.condition, r.holds) for r in regimes] == [
        ("g << gaps", False),
        ("p_A << gaps", True),
        ("p_B << gaps", False),
    ]
