"""Two strongly coupled qubits: the global master equation, and khandelwal2020 Sec. 6.

The hot qubit is party A. The printed (27) lacks a modulus.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxent
from experiments.khandelwal2020 import equations as paper
from experiments.master_equation import steady_state
from jaxent.baths import Bath
from jaxent.machines.two_qubit_global import TwoQubitGlobal
from jaxent.measures import signed_concurrence, signed_negativity
from tests.machines.heat import heat_currents
from tests.systems.stationary import quickly, slopes

INF = float("inf")
RATES = {"boson": paper.bosonic_rates, "fermion": paper.fermionic_rates}


class Point:
    """One machine, and the paper's rates of its baths at E - g and at E + g."""

    def __init__(self, seed, statistics=("boson", "boson"), inverted=False):
        rng = np.random.default_rng([2020, 6, seed])
        self.E = rng.uniform(0.5, 2)
        self.g = self.E * rng.uniform(0.02, 0.95)
        self.gammas = 10 ** rng.uniform(-2.5, 0, size=2)
        self.temperatures = rng.uniform(0.15, 3, size=2) * self.E * (-1 if inverted else 1)
        self.statistics = statistics
        self.energies = [self.E - self.g, self.E + self.g]
        self.hot, self.cold = (
            [RATES[kind](gamma, energy, T) for energy in self.energies]
            for kind, gamma, T in zip(statistics, self.gammas, self.temperatures, strict=True)
        )

    @property
    def symbols(self):
        return self.g, self.E, self.hot, self.cold

    @property
    def machine(self):
        baths = [
            Bath(gamma, temperature=T, statistics=kind)
            for kind, gamma, T in zip(self.statistics, self.gammas, self.temperatures, strict=True)
        ]
        return TwoQubitGlobal(self.g, *baths, E=self.E)


BOSONS = [Point(seed) for seed in range(30)]
FERMIONS = [Point(seed, ("fermion", "fermion"), inverted=seed % 2) for seed in range(30, 42)]
MIXED = [Point(seed, ("boson", "fermion")) for seed in range(42, 46)]
MIXED += [Point(seed, ("fermion", "boson")) for seed in range(46, 50)]
POINTS = BOSONS + FERMIONS + MIXED


def state(machine):
    return np.asarray(machine.state())


def bosonic(g, hot, cold, gammas=(0.01, 0.02), E=1.0):
    baths = [
        Bath(gamma, temperature=T, statistics="boson")
        for gamma, T in zip(gammas, (hot, cold), strict=True)
    ]
    return TwoQubitGlobal(g, *baths, E=E)


def heat(machine):
    """tr[H D_j rho] of both baths, from the jumps of the structure."""
    return heat_currents(machine, machine.inside(machine.state()))


def current(machine):
    """J = Q_h - Q_c."""
    found = heat(machine)
    return found["a"] - found["b"]


# the master equation


def test_the_state_solves_the_master_equation():
    """(21) with the jumps (20), as projections of sigma_-, at 50 machines."""
    assert len(POINTS) == 50
    for point in POINTS:
        exact = steady_state(paper.global_liouvillian(*point.symbols))
        np.testing.assert_allclose(state(point.machine), exact, atol=1e-11)


def test_the_state_is_that_of_qutip():
    qutip = pytest.importorskip("qutip")
    point = Point(7)
    hamiltonian = qutip.Qobj(paper.global_hamiltonian(point.g, point.E))
    jumps = paper.global_jumps("hot", point.hot) + paper.global_jumps("cold", point.cold)
    falls = [np.sqrt(rate) * qutip.Qobj(L) for rate, L in jumps]
    rho = qutip.steadystate(hamiltonian, falls).full()
    np.testing.assert_allclose(state(point.machine), rho, atol=1e-12)


def test_the_structure_is_a_rate_equation_without_rounding():
    """Its kets are those of (33); the jumps are sqrt(2) times those of (20)."""
    structure = TwoQubitGlobal.generator
    assert structure.size == 4
    assert structure.exact
    kets = TwoQubitGlobal.basis
    np.testing.assert_allclose(kets, paper.eigenkets(), atol=1e-16)
    lower = [L for party in ("hot", "cold") for L in paper.global_lindblad_operators(party)]
    for k, L in enumerate(lower):
        up, down = (structure.terms[2 * k + way].operator for way in (0, 1))
        np.testing.assert_allclose(np.sqrt(2) * kets.T @ L @ kets, down, atol=1e-15)
        np.testing.assert_array_equal(up, down.T)


# equations of Sec. 6


def test_equations_23_and_24():
    """s1 to s4 of |11>, |10>, |01>, |00>, and d = rho[10, 01], which is real."""
    for point in POINTS:
        rho = state(point.machine)
        exact = paper.global_populations(point.hot, point.cold)
        np.testing.assert_allclose(np.diag(rho)[::-1], exact, rtol=1e-12)
        np.testing.assert_allclose(
            rho[2, 1], paper.global_coherence(point.hot, point.cold), atol=1e-15
        )
        assert rho[2, 1].imag == 0


def test_equation_25():
    for point in POINTS:
        exact = paper.global_heat_current(*point.symbols)
        np.testing.assert_allclose(current(point.machine), exact, rtol=1e-10, atol=1e-15)


def test_equation_26():
    """The negativity, in the paper's words the sum of |negative eigenvalues|."""
    values = [paper.global_negativity(point.hot, point.cold) for point in POINTS]
    found = [float(jaxent.negativity(point.machine.state())) for point in POINTS]
    np.testing.assert_allclose(found, values, atol=1e-12)
    assert sum(value > 1e-3 for value in values) >= 5


def test_equation_27():
    """|J| > J_c if and only if the state is entangled, with J / J_c = |d| / sqrt(s1 s4)."""
    verdicts = []
    for point in POINTS:
        rho, J = state(point.machine), current(point.machine)
        critical = point.machine.critical_heat_current(point.machine.precise_state())
        exact = paper.global_critical_heat_current(*point.symbols)
        np.testing.assert_allclose(critical, exact, rtol=1e-10)
        witness = abs(rho[2, 1]) / np.sqrt((rho[0, 0] * rho[3, 3]).real)
        np.testing.assert_allclose(abs(J) / critical, witness, rtol=1e-9)
        verdicts.append(abs(J) > critical)
        assert verdicts[-1] == (paper.global_negativity(point.hot, point.cold) > 0)
    assert 5 < sum(verdicts) < 45


def test_equation_27_as_printed_calls_every_state_entangled():
    """Its denominator is negative without inversion, and a current from hot to cold positive."""
    separable = 0
    for point in BOSONS:
        if point.temperatures[0] > point.temperatures[1]:
            printed = paper.global_critical_heat_current(*point.symbols, printed=True)
            assert current(point.machine) > 0 > printed
            separable += paper.global_negativity(point.hot, point.cold) == 0
    assert separable > 5


@pytest.mark.parametrize(
    "machine",
    [
        bosonic(0.0, 1.0, 0.2),
        bosonic(0.4, 0.0, 0.0),
        bosonic(0.4, INF, 0.2),
        TwoQubitGlobal(0.4, Bath(0.01, temperature=INF), Bath(0.02, temperature=-INF)),
    ],
)
def test_without_coherence_there_is_no_critical_current(machine):
    assert state(machine)[1, 2] == 0
    assert machine.critical_heat_current(machine.precise_state()) is None


# thermodynamics


def test_first_and_second_law():
    """Q_A + Q_B = 0 and -sum of beta_k Q_k >= 0, also between inverted baths."""
    for point in POINTS:
        machine = point.machine
        flows, betas = heat(machine), machine.inverse_temperatures()
        np.testing.assert_allclose(flows["a"], -flows["b"], atol=1e-14)
        assert -sum(betas[party] * flow for party, flow in flows.items()) >= -1e-15


def test_heat_flows_from_hot_to_cold():
    """Hot is the smaller 1/T: an inverted bath is hotter than every other."""
    for point in POINTS:
        hotter = np.sign(1 / point.temperatures[1] - 1 / point.temperatures[0])
        assert np.sign(current(point.machine)) == hotter


@pytest.mark.parametrize("temperature", [0.2, 1.0, 5.0])
def test_baths_of_equal_temperature_leave_the_thermal_state(temperature):
    """(34), and J = J_c = 0, as below (25) and (27)."""
    machine = bosonic(0.6, temperature, temperature, gammas=(0.01, 0.3))
    thermal = jaxent.Thermal(0.6, 1.0, temperature=temperature)
    np.testing.assert_allclose(state(machine), thermal.state(), atol=1e-15)
    assert abs(current(machine)) < 1e-16
    assert machine.critical_heat_current(machine.precise_state()) == 0


def test_one_bath_alone_leaves_its_thermal_state():
    machine = bosonic(0.6, 0.7, 0.1, gammas=(0.01, 0.0))
    thermal = jaxent.Thermal(0.6, 1.0, temperature=0.7)
    np.testing.assert_allclose(state(machine), thermal.state(), atol=1e-15)


def test_an_occupation_is_a_temperature():
    """n at the gap E is 1/T = ln(1/n + 1) / E of bosons and ln(1/n - 1) / E of fermions."""
    for n, statistics, beta in (
        (0.3, "boson", np.log(1 / 0.3 + 1) / 2),
        (0.3, "fermion", np.log(1 / 0.3 - 1) / 2),
        (0.8, "fermion", np.log(1 / 0.8 - 1) / 2),
    ):
        by_occupation, by_beta = (
            TwoQubitGlobal(
                0.9, Bath(0.1, **given, statistics=statistics), Bath(0.2, temperature=0.3), E=2.0
            )
            for given in ({"occupation": n}, {"beta": beta})
        )
        np.testing.assert_allclose(state(by_occupation), state(by_beta), atol=1e-15)
        np.testing.assert_allclose(by_occupation.inverse_temperatures()["a"], beta, rtol=1e-14)


def test_over_all_temperatures_the_thermal_state_is_the_most_entangled():
    """Sec. 6.2, Fig. 6b: T_c = 0.01 E, gamma_h = 0.01 E; it is approached as gamma_c -> 0."""
    T, g = np.linspace(0.05, 5, 200), np.array([[[0.5]], [[0.9]]])
    gamma_c = np.array([[1e-6], [1e-3], [1e-2], [0.1]])

    def largest():
        cooled = bosonic(g, T, 0.01, gammas=(0.01, gamma_c)).state()
        thermal = jaxent.Thermal(g, 1.0, temperature=T).state()
        return jaxent.negativity(jnp.concatenate([thermal, cooled], axis=1)).max(axis=-1)

    found = quickly(largest)()
    np.testing.assert_allclose(found[:, 1], found[:, 0], rtol=1e-3)
    assert np.all(np.diff(found, axis=1) < 0)
    assert np.all(found > 0)


def test_a_cold_bath_entangles_where_the_thermal_state_of_the_hot_one_is_separable():
    """Against the prose of Sec. 6.2: at one and the same T_h the thermal state is not optimal."""
    machine = bosonic(0.5, 0.6, 0.01, gammas=(0.01, 0.03))
    assert all(regime.holds for regime in machine.regimes())
    assert jaxent.negativity(machine.state()) > 1e-3
    assert jaxent.negativity(jaxent.Thermal(0.5, 1.0, temperature=0.6).state()) == 0


# limits


def test_zero_temperature_is_the_lowest_and_the_highest_level():
    for temperature, level in ((0.0, 0), (-0.0, 3)):
        baths = [Bath(gamma, temperature=temperature) for gamma in (0.1, 0.2)]
        exact = np.outer(np.eye(4)[level], np.eye(4)[level])
        np.testing.assert_array_equal(state(TwoQubitGlobal(0.4, *baths)), exact)
    near = bosonic(0.4, 1e-3, 2e-3)
    np.testing.assert_allclose(state(near), state(bosonic(0.4, 0.0, 0.0)), atol=1e-15)


def test_without_coupling_both_baths_fill_both_qubits_alike():
    """g -> 0 is continuous, but no longer valid: each qubit would have a bath of its own."""
    machine = bosonic(0.0, 1.0, 0.2)
    (up_a, down_a), (up_b, down_b) = (machine.rates(party)[0] for party in ("a", "b"))
    n = (up_a + up_b) / (up_a + down_a + up_b + down_b)
    product = np.kron(np.diag([1 - n, n]), np.diag([1 - n, n]))
    np.testing.assert_allclose(state(machine), product, atol=1e-15)
    np.testing.assert_allclose(state(bosonic(1e-9, 1.0, 0.2)), product, atol=1e-8)
    assert not any(regime.holds for regime in machine.regimes()[:2])


@pytest.mark.parametrize("cold", [0.0, 0.2])
def test_an_infinitely_hot_bosonic_bath_leaves_nothing_to_the_other(cold):
    """The state is 1/4, and the cold bath takes what it can from it: tr[H D_c] / 4."""
    machine = bosonic(0.4, INF, cold)
    np.testing.assert_allclose(state(machine), np.eye(4) / 4, atol=1e-16)
    assert machine.diagnose(state(machine)).residual < 1e-15
    # At each of E -+ g both transitions have half the rate of (21); down exceeds up by gamma.
    np.testing.assert_allclose(heat(machine)["b"], -0.02 * 2.0 / 4, rtol=1e-12)
    np.testing.assert_allclose(heat(bosonic(0.4, 1e6, cold))["b"], -0.02 * 2.0 / 4, rtol=1e-5)
    assert machine.inverse_temperatures()["a"] == 0.0


def test_an_infinitely_hot_bosonic_bath_is_the_limit_of_hot_ones():
    for hot, error in ((1e3, 1e-2), (1e5, 1e-4), (1e7, 1e-6)):
        np.testing.assert_allclose(state(bosonic(0.4, hot, 0.1)), np.eye(4) / 4, atol=error)
    np.testing.assert_allclose(state(bosonic(0.4, INF, INF)), np.eye(4) / 4, atol=1e-16)


# derivatives

NAMES = ("g", "E", "gamma_a", "gamma_b", "beta_a", "beta_b")
INSIDE = np.array([0.7, 1.2, 0.02, 0.05, 0.9, 4.0])


def traced(x, statistics="boson"):
    g, E, gamma_a, gamma_b, beta_a, beta_b = x
    baths = [
        Bath(gamma, beta=beta, statistics=statistics)
        for gamma, beta in ((gamma_a, beta_a), (gamma_b, beta_b))
    ]
    return TwoQubitGlobal(g, *baths, E=E).state()


@pytest.mark.parametrize("measure", [signed_negativity, signed_concurrence])
def test_gradients_are_the_slopes_of_the_closed_forms(measure):
    def plain(x):
        g, E, gamma_a, gamma_b, beta_a, beta_b = x
        hot, cold = (
            [paper.bosonic_rates(gamma, energy, 1 / beta) for energy in (E - g, E + g)]
            for gamma, beta in ((gamma_a, beta_a), (gamma_b, beta_b))
        )
        s1, _, _, s4 = paper.global_populations(hot, cold)
        d = abs(paper.global_coherence(hot, cold))
        if measure is signed_concurrence:
            return 2 * (d - np.sqrt(s1 * s4))
        return (np.sqrt(4 * d**2 + (s1 - s4) ** 2) - s1 - s4) / 2

    points = jnp.stack([INSIDE, INSIDE * [0.5, 1, 3, 2, 0.5, 1.5]])
    found = quickly(jax.vmap(jax.grad(lambda x: measure(traced(x)))))(points)
    exact = [slopes(plain, point, step=1e-4) for point in np.asarray(points)]
    np.testing.assert_allclose(found, exact, rtol=1e-6, atol=1e-9)


def test_gradients_at_the_limits_are_finite():
    """T = 0+, 0-, +-inf of fermions, T = 0+ and a traced infinity of bosons, and g = 0."""
    gradients = {
        kind: quickly(jax.grad(lambda x, kind=kind: signed_negativity(traced(x, kind))))
        for kind in ("boson", "fermion")
    }
    for kind, beta_a, beta_b in (
        ("fermion", 0.0, INF),
        ("fermion", -INF, INF),
        ("fermion", INF, INF),
        ("boson", 0.0, INF),
        ("boson", INF, INF),
    ):
        for g in (0.0, 0.7):
            x = jnp.array([g, 1.2, 0.02, 0.05, beta_a, beta_b])
            assert np.all(np.isfinite(gradients[kind](x))), (kind, beta_a, beta_b, g)


# as a machine


def test_batches_are_single_machines():
    batch = bosonic(np.array([[0.2], [0.5]]), np.array([0.5, 1.0, 2.0]), 0.2)
    batch = np.asarray(quickly(TwoQubitGlobal.state)(batch))
    assert batch.shape == (2, 3, 4, 4)
    np.testing.assert_allclose(batch[1, 1], state(bosonic(0.5, 1.0, 0.2)), atol=1e-15)


def test_diagnostics_find_a_stationary_positive_state():
    machine = bosonic(0.5, 1.0, 0.2)
    found = machine.diagnose(machine.state())
    assert found.residual < 1e-15
    assert found.nullity == 1
    assert found.min_eigenvalue > 0
    assert machine.diagnose(np.eye(4) / 4).residual > 1e-3
    assert machine.x_form


def test_a_config_names_the_parameters():
    bath = {"statistics": "boson", "gamma": 0.1}
    values = {"g": 0.2, **{f"bath_{p}.{k}": v for p in "ab" for k, v in bath.items()}}
    values |= {"bath_a.temperature": 1.0, "bath_b.inverse_temperature": 5.0}
    machine = TwoQubitGlobal.from_parameters(values)
    assert (machine.E, machine.bath_b.beta) == (1.0, 5.0)
    assert TwoQubitGlobal.from_parameters(values | {"E": 3.0}).E == 3.0
    with pytest.raises(ValueError, match="E_a: unknown to two_qubit_global"):
        TwoQubitGlobal.from_parameters(values | {"E_a": 1.0})


@pytest.mark.parametrize(
    ("g", "E", "message"),
    [
        (1.0, 1.0, r"g: 1.0 is given; allowed: in \[0, E\) with E = 1.0"),
        (2.5, 2.0, "g: 2.5 is given"),
        (-0.1, 1.0, "g: -0.1 is given"),
        (0.1, 0.0, "E: 0.0 is given; allowed: finite and > 0"),
        (np.array([0.1, 0.3]), np.array([0.5, 0.2]), r"g: \[0.1 0.3\] is given"),
    ],
)
def test_a_coupling_beyond_the_gap_is_refused(g, E, message):
    with pytest.raises(ValueError, match=message):
        bosonic(g, 1.0, 0.2, E=E)


def test_a_traced_coupling_beyond_the_gap_is_no_number():
    def largest(g, E):
        return jnp.max(bosonic(g, 1.0, 0.2, E=E).state().real)

    jitted = quickly(largest)
    assert np.isnan(jitted(1.0, 1.0))
    assert np.isnan(quickly(lambda E: largest(0.5, E))(0.4))
    assert np.isfinite(jitted(0.9, 1.0))


def test_regimes_compare_the_rates_with_the_levels():
    """Fermions have the rate gamma, bosons gamma coth(x / 2) at E - g."""
    conditions = [regime.condition for regime in bosonic(0.4, 0.1, 0.1).regimes()]
    assert conditions == [f"Gamma_{p} << {e}" for e in ("g", "E - g") for p in ("A", "B")]
    assert all(regime.holds for regime in bosonic(0.4, 0.1, 0.1).regimes())
    hot = [regime.holds for regime in bosonic(0.4, 5.0, 0.1).regimes()]
    assert hot == [False, True, False, True]
    strong = [regime.holds for regime in bosonic(0.95, 0.01, 0.01).regimes()]
    assert strong == [True, True, False, False]
    fermions = TwoQubitGlobal(0.4, Bath(0.01, temperature=5.0), Bath(0.02, temperature=0.1))
    assert [regime.value for regime in fermions.regimes()] == pytest.approx([0.01, 0.02] * 2)
    assert not bosonic(0.4, INF, 0.1).regimes()[0].holds
