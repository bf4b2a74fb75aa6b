"""The qudit machine: the master equation, temperatures, and tavakoli2018 equation by equation.

The paper's g_1 = g cos(theta), g_2 = g sin(theta) are the wrong way round in its results for
qutrits; its d in (12) counts the levels; and App. C has bare couplings g_k = g.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.master_equation import filtered, steady_state, thermal
from experiments.tavakoli2018 import equations as paper
from jaxent.machines.qudit_reset import QuditReset
from jaxent.machines.resets import boltzmann
from tests.machines.heat import expect_the_two_laws, heat_currents
from tests.systems.stationary import observable, quickly, slopes

INF = float("inf")


def random_rates(count, seed):
    return (10 ** np.random.default_rng([1708, seed]).uniform(-1.5, 0.5, size=count)).tolist()


def herald(machine):
    return filtered(np.asarray(machine.state()), *machine.default_filters)


# the master equation

TEMPERATURES = [(INF, 0.0), (2.0, 0.3), (INF, 0.5), (-0.0, 0.0), (-1.5, 0.2), (3.0, 0.0)]


@pytest.mark.parametrize(("seed", "hot", "cold"), [(k, *T) for k, T in enumerate(TEMPERATURES)])
def test_the_state_of_qutrits_solves_the_master_equation(seed, hot, cold):
    """The reference has the free Hamiltonian (1), (2); the machine has none."""
    *g, p_A, p_B, gap = random_rates(5, seed)
    gaps = [1.0, gap]
    machine = QuditReset(2, g, p_A, p_B, temperature_a=hot, temperature_b=cold, gaps=gaps)
    exact = steady_state(paper.qudits(g, p_A, p_B, hot, cold, gaps))
    np.testing.assert_allclose(machine.state(), exact, atol=1e-11)


def test_the_state_of_ququarts_solves_the_master_equation():
    *g, p_A, p_B = random_rates(5, seed=9)
    gaps = [1.0, 0.7, 1.6]
    machine = QuditReset(3, g, p_A, p_B, temperature_a=4.0, temperature_b=0.4, gaps=gaps)
    exact = steady_state(paper.qudits(g, p_A, p_B, 4.0, 0.4, gaps))
    np.testing.assert_allclose(machine.state(), exact, atol=1e-11)


def test_the_state_is_that_of_qutip():
    qutip = pytest.importorskip("qutip")
    g_1, g_2, p_A, p_B = 0.3, 0.5, 0.2, 0.9
    unit, one = [qutip.basis(3, k) for k in range(3)], qutip.qeye(3)
    top = qutip.tensor(unit[2], unit[0])
    hop = g_1 * top * qutip.tensor(unit[0], unit[2]).dag()
    hop += g_2 * top * qutip.tensor(unit[1], unit[1]).dag()
    tau_A, tau_B = thermal([0, 1, 2], 2.0), thermal([0, 1, 2], 0.5)
    falls = [
        np.sqrt(p * tau[k]) * (qutip.tensor(hop, one) if party == "a" else qutip.tensor(one, hop))
        for party, p, tau in (("a", p_A, tau_A), ("b", p_B, tau_B))
        for k in range(3)
        for hop in (unit[k] * source.dag() for source in unit)
    ]
    machine = QuditReset(2, [g_1, g_2], p_A, p_B, temperature_a=2.0, temperature_b=0.5)
    rho = qutip.steadystate(hop + hop.dag(), falls)
    np.testing.assert_allclose(machine.state(), rho.full(), atol=1e-11)


# structure


@pytest.mark.parametrize("d", [2, 3, 5, 8])
def test_the_sector_has_the_populations_and_one_part_of_each_coherence(d):
    """(d+1)(2d+1) complex entries; coherences with |d,0> are imaginary, the others real."""
    for g in (0.3, [0.3] * d):
        machine = QuditReset(d, g, 0.1, 1.0)
        assert machine.generator.size == (d + 1) ** 2 + d * (d + 1) // 2
        assert len(machine.coefficients()) == len(machine.generator.terms)
    assert machine.dims == (d + 1, d + 1)
    assert QuditReset(2, 0.3, 0.1, 1.0).generator.size == 12


def test_a_temperature_at_a_limit_is_one_reset():
    counts = [
        len(QuditReset(2, 0.3, 0.1, 1.0, temperature_a=hot, temperature_b=cold).coefficients())
        for hot, cold in ((INF, 0.0), (-INF, -0.0), (2.0, 0.0), (INF, 1), (2.0, 1.0))
    ]
    assert counts == [3, 3, 5, 5, 7]


def test_equal_couplings_are_one_number_or_a_list():
    one, three = QuditReset(3, 0.3, 0.1, 1.0), QuditReset(3, [0.3] * 3, 0.1, 1.0)
    assert len(three.coefficients()) == len(one.coefficients()) + 2
    np.testing.assert_allclose(one.state(), three.state(), atol=1e-15)


def test_gaps_are_one_number_or_a_list():
    """E_k^A = sum of eps_1 .. eps_k and E_k^B = sum of eps_d .. eps_{d-k+1}, (9)."""
    machine = QuditReset(3, 0.3, 0.1, 1.0, gaps=[1.0, 2.0, 4.0])
    assert [float(E) for E in machine.energies("a")] == [0, 1, 3, 7]
    assert [float(E) for E in machine.energies("b")] == [0, 4, 6, 7]
    assert [float(E) for E in QuditReset(2, 1, 1, 1, gaps=1.5).energies("b")] == [0, 1.5, 3]


def test_batches_are_single_machines():
    g, p_a = jnp.array([0.3, 0.4]), jnp.array([[0.2], [0.5]])
    machine = QuditReset(2, g, p_a, 1.0, temperature_a=2.0)
    batch = np.asarray(quickly(QuditReset.state)(machine))
    assert batch.shape == (2, 2, 9, 9)
    single = QuditReset(2, 0.4, 0.2, 1.0, temperature_a=2.0).state()
    np.testing.assert_allclose(batch[0, 1], single, atol=1e-14)


def test_a_limit_without_a_leaf_keeps_its_batch_axes():
    machine = QuditReset(2, 0.3, 0.1, 1.0, temperature_b=np.zeros(4))
    assert machine.target_b == "lowest"
    assert {c.shape for c in machine.coefficients()} == {(4,)}


def test_a_config_names_the_parameters():
    values = {"g": [0.1, 0.2], "p_a": 0.3, "p_b": 1.0, "temperature_a": 2.0, "gaps": [1, 1.5]}
    machine = QuditReset.from_parameters(values)
    assert (machine.d, machine.target_a, machine.target_b) == (2, "thermal", "lowest")
    by_inverse = QuditReset.from_parameters(
        {"d": 2, "g": 0.1, "p_a": 1, "p_b": 1, "inverse_temperature_b": jnp.array(0.5)}
    )
    assert float(by_inverse.beta_b) == 0.5
    assert float(by_inverse.beta_a) == 0.0
    with pytest.raises(ValueError, match="gamma: unknown to qudit_reset"):
        QuditReset.from_parameters({"g": 0.1, "p_a": 1, "p_b": 1, "gamma": 1})


def test_a_config_names_the_entries_of_its_lists():
    """As a search does whose couplings are free."""
    rates = {"d": 3, "p_a": 0.2, "p_b": 1.0, "inverse_temperature_a": 0.5}
    entries = {
        "g[0]": 0.1,
        "g[1]": 0.2,
        "g[2]": 0.3,
        "gaps[2]": 1.5,
        "gaps[1]": 1.2,
        "gaps[0]": 1.0,
    }
    machine = QuditReset.from_parameters({**rates, **entries})
    assert [float(g) for g in machine.g] == [0.1, 0.2, 0.3]
    assert [float(gap) for gap in machine.gaps] == [1.0, 1.2, 1.5]
    batch = QuditReset.from_parameters({**rates, **entries, "g[1]": jnp.array([0.2, 0.4])})
    assert {c.shape for c in batch.coefficients()} == {(2,)}
    with pytest.raises(ValueError, match=r"p_a\[0\]: unknown to qudit_reset"):
        QuditReset.from_parameters({**rates, "p_a[0]": 1.0})
    with pytest.raises(ValueError, match="g: 2 numbers are given; allowed: one, or a list of 3"):
        QuditReset.from_parameters({**rates, "g[0]": 0.1, "g[1]": 0.2})


def test_the_parameters_tell_integers_and_lists():
    d, g, gaps = (QuditReset.parameter(name) for name in ("d", "g", "gaps"))
    assert d.allows(2)
    assert not any(d.allows(value) for value in (1, 2.0, [2], True))
    assert g.allows(0.0)
    assert g.allows([0.1, 0.2])
    assert not g.allows([0.1, -0.2])
    assert gaps.allows([1, 2])
    assert not gaps.allows([1.0, 0.0])
    assert [QuditReset.parameter(p.name).default for p in QuditReset.parameters] == [
        *(2, None, None, None),
        *(INF, 0.0, 1.0),
    ]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"d": 1}, "d: 1 is given; allowed: an integer >= 2"),
        ({"d": 2.5}, "d: 2.5"),
        ({"g": [0.1, 0.2, 0.3]}, "g: 3 numbers are given; allowed: one, or a list of 2"),
        ({"g": [0.1, -0.2]}, r"g\[1\]: -0.2"),
        ({"p_a": -1.0}, "p_a: "),
        ({"gaps": [1.0, 0.0]}, r"gaps\[1\]: 0.0 is given; allowed: finite and > 0"),
        ({"temperature_a": 1.0, "beta_a": 1.0}, "temperature_a: given twice"),
        ({"temperature_b": float("nan")}, "temperature_b: "),
    ],
)
def test_what_is_not_allowed_is_refused(changed, message):
    arguments = {"d": 2, "g": 0.1, "p_a": 0.2, "p_b": 1.0, **changed}
    with pytest.raises(ValueError, match=message):
        QuditReset(**arguments)


def test_regimes_compare_with_the_gaps_where_these_matter():
    assert QuditReset(2, 0.3, 0.1, 1.0).regimes() == []
    machine = QuditReset(2, 0.3, 0.01, 0.02, temperature_a=1.0, gaps=[1.0, 0.5])
    assert [regime.holds for regime in machine.regimes()] == [False, True, True]
    assert {regime.limit for regime in machine.regimes()} == {0.05}


# temperatures


def between(beta_a, beta_b):
    return QuditReset(2, 0.3, 0.2, 1.0, beta_a=beta_a, beta_b=beta_b, gaps=[1.0, 1.4]).state()


traced = quickly(between)  # where temperatures have a leaf, whatever they are


@pytest.mark.parametrize(("beta_a", "beta_b"), [(0.0, INF), (-INF, 0.0), (0.0, -INF)])
def test_limits_by_a_leaf_are_the_limits_by_structure(beta_a, beta_b):
    np.testing.assert_allclose(traced(beta_a, beta_b), between(beta_a, beta_b), atol=1e-14)


@pytest.mark.parametrize("temperature", [0.4, -2.0, 1e-3, -1e-3, 1e6])
def test_the_thermal_populations_are_boltzmanns(temperature):
    energies = [0.0, 1.0, 2.5]
    found = boltzmann(jnp.asarray(1 / temperature), [jnp.asarray(E) for E in energies])
    np.testing.assert_allclose(found, thermal(energies, temperature), atol=1e-15)


@pytest.mark.parametrize("beta", [0.0, 0.7, -0.7, INF, -INF])
def test_thermal_populations_are_smooth(beta):
    """d tau_k / d beta = tau_k (<E> - E_k), and 0 at both ends; at beta = 0 above all."""
    energies = jnp.array([0.0, 1.0, 2.5])

    def populations(beta):
        return jnp.stack(boltzmann(beta, list(energies)))

    tau = populations(beta)
    exact = tau * (tau @ energies - energies)
    np.testing.assert_allclose(jax.jacfwd(populations)(beta), exact, atol=1e-15)
    slope = jax.grad(lambda gap: boltzmann(jnp.asarray(beta), [0 * gap, gap])[0])(1.0)
    assert np.isfinite(slope)


def test_the_gradient_is_the_slope_of_the_plain_solve():
    weight = observable(9)
    point = [0.3, 0.5, 0.2, 0.9, 0.6, 1.8, 1.2, 0.7]

    def value(x):
        gaps, g = (x[6], x[7]), (x[0], x[1])
        machine = QuditReset(2, g, x[2], x[3], beta_a=x[4], beta_b=x[5], gaps=gaps)
        return jnp.einsum("ij,ji->", weight, machine.state()).real

    def plain(x):
        full = paper.qudits(x[:2], x[2], x[3], 1 / x[4], 1 / x[5], x[6:])
        return np.trace(weight @ steady_state(full)).real

    found = quickly(jax.grad(value))(jnp.asarray(point))
    np.testing.assert_allclose(found, slopes(plain, point, step=1e-3), atol=1e-8)


# heat


@pytest.mark.parametrize("temperature", [0.7, -0.4])
def test_between_baths_of_one_temperature_the_state_is_thermal(temperature):
    """exp(-(H_A + H_B)/T) commutes with the interaction, and both resets keep it."""
    temperatures = {"temperature_a": temperature, "temperature_b": temperature}
    machine = QuditReset(2, [0.8, 0.5], 0.2, 0.7, gaps=[1.0, 1.4], **temperatures)
    exact = np.kron(thermal([0, 1, 2.4], temperature), thermal([0, 1.4, 2.4], temperature))
    np.testing.assert_allclose(machine.state(), np.diag(exact), atol=1e-14)


@pytest.mark.parametrize("d", [2, 3])
def test_no_heat_is_lost_and_no_entropy(d):
    solve = quickly(QuditReset.state)
    rng = np.random.default_rng([1708, d])
    for *rates, hot, cold in (10 ** rng.uniform(-0.7, 0.7, size=(8, 2 * d + 4))).tolist():
        g, gaps, (p_a, p_b) = rates[:d], rates[d : 2 * d], rates[2 * d :]
        machine = QuditReset(d, g, p_a, p_b, temperature_a=hot, temperature_b=cold, gaps=gaps)
        heat = expect_the_two_laws(machine, np.asarray(solve(machine)))
        assert np.sign(heat["a"]) == np.sign(hot - cold)


def test_a_reset_brings_the_difference_of_two_energies():
    """Q_A = p_A (tr[H_A tau_A] - tr[H_A rho]), also at infinite temperature."""
    machine = QuditReset(2, [0.3, 0.5], 0.2, 0.9, gaps=[1.0, 1.4])
    rho = np.asarray(machine.state())
    energies = np.array([0, 1, 2.4])
    expected = 0.2 * (energies.mean() - np.repeat(energies, 3) @ np.diag(rho).real)
    heat = heat_currents(machine, rho)
    np.testing.assert_allclose([heat["a"], heat["b"]], [expected, -expected])
    assert machine.inverse_temperatures() == {"a": 0.0, "b": INF}


# the target


def fidelity(machine):
    rho, _ = herald(machine)
    target = np.asarray(machine.target)
    return (target.conj() @ rho @ target).real


@pytest.mark.parametrize("theta", [0.3, np.pi / 4, 1.2])
def test_the_qutrits_tend_to_their_target(theta):
    """(6) has 1 - F = (mu/3) (1 + 2 sin^2 cos^2) with |psi_theta> of (7)."""
    mu = 1e-4
    machine = QuditReset(2, list(paper.qutrit_couplings(1e-5, theta)), mu, 1.0)
    psi = np.sin(theta) * paper.level(3, 0, 2) + np.cos(theta) * paper.level(3, 1, 1)
    np.testing.assert_allclose(machine.target, psi, atol=1e-15)
    slope = (1 + 2 * np.sin(theta) ** 2 * np.cos(theta) ** 2) / 3
    np.testing.assert_allclose(1 - fidelity(machine), slope * mu, rtol=1e-3)


@pytest.mark.parametrize("d", [2, 3, 4])
def test_qudits_tend_to_the_maximally_entangled_state(d):
    """1 - F = (d^2 - 1) mu / (d^2 mu + d (d+1)) with |S_d> of (11), by (C11) at any g."""
    exact = sum(paper.level(d + 1, k - 1, d - k + 1) for k in range(1, d + 1)) / np.sqrt(d)
    for mu in (1.0, 1e-3, 1e-9):
        machine = QuditReset(d, 0.3, mu, 1.0)
        np.testing.assert_allclose(machine.target, exact, atol=1e-15)
        missing = (d**2 - 1) * mu / (d**2 * mu + d * (d + 1))
        np.testing.assert_allclose(1 - fidelity(machine), missing, rtol=1e-6, atol=1e-14)


def test_targets_come_in_batches():
    """And are not a number where no coupling is left."""
    machine = QuditReset(2, [np.array([3.0, 0.0, 0.0]), np.array([4.0, 1.0, 0.0])], 0.1, 1.0)
    found = np.asarray(machine.target)
    assert found.shape == (3, 9)
    np.testing.assert_allclose(found[0, [2, 4]], [0.6, 0.8], atol=1e-15)
    np.testing.assert_allclose(found[1, [2, 4]], [0.0, 1.0], atol=1e-15)
    assert np.isnan(found[2, [2, 4]]).all()


# App. B: qutrits

QUTRITS = [(0.2, 0.5, 0.1, 0.9), (1.3, 1.1, 0.4, 0.6), (0.05, 0.3, 2.0, 0.7)]


@pytest.mark.parametrize(("g", "theta", "p_A", "p_B"), QUTRITS)
def test_equations_b3_to_b7(g, theta, p_A, p_B):
    """With g_1 = g sin(theta), g_2 = g cos(theta); as printed only p_suc holds."""
    corrected = _herald_qutrits(g, theta, p_A, p_B)
    printed = _herald_qutrits(g, theta, p_A, p_B, printed=True)
    formula = paper.filtered_qutrits(g, theta, p_A, p_B)
    np.testing.assert_allclose(corrected[0], formula, atol=1e-11)
    assert np.abs(printed[0] - formula).max() > 1e-2
    for _, efficiency in (corrected, printed):
        np.testing.assert_allclose(efficiency, paper.efficiency_b7(g, theta, p_A, p_B), rtol=1e-11)


@pytest.mark.parametrize("theta", [0.3, 1.2])
def test_equations_6_and_7(theta):
    """To first order in mu; at mu = 0 it is |psi_theta> = sin |01> + cos |10>."""
    for mu in (1e-2, 1e-3):
        corrected, _ = _herald_qutrits(1e-5, theta, mu, 1.0)
        np.testing.assert_allclose(corrected, paper.state_6(theta, mu), atol=mu**2)
        printed, _ = _herald_qutrits(1e-5, theta, mu, 1.0, printed=True)
        assert np.abs(printed - paper.state_6(theta, mu)).max() > 0.1
    psi = np.array([0, np.sin(theta), np.cos(theta), 0])
    np.testing.assert_allclose(paper.state_6(theta, 0.0), np.outer(psi, psi), atol=1e-15)


def test_the_two_limits_of_equation_8_do_not_commute():
    """(8a) is mu -> 0 at fixed g, (8b) is g -> 0 at fixed mu."""
    g, p_B, theta = 0.3, 1.0, 0.7
    p_A = 1e-7
    first = _herald_qutrits(g, theta, p_A, p_B)[1]
    np.testing.assert_allclose(first, p_A / (3 * p_B), rtol=1e-5)
    g, p_A = 1e-5, 0.2
    second = _herald_qutrits(g, theta, p_A, p_B)[1]
    exact = 2 * (2 * p_A + 3 * p_B) / (9 * p_B * (p_A + p_B) ** 2) * g**2
    np.testing.assert_allclose(second, exact, rtol=1e-8)
    assert second < 1e-3 * p_A / (3 * p_B)


def _herald_qutrits(g, theta, p_A, p_B, *, printed=False):
    """The filtered state on |0,1>, |0,2>, |1,1>, |1,2> and its probability."""
    couplings = paper.qutrit_couplings(g, theta, printed=printed)
    rho, efficiency = herald(QuditReset(2, list(couplings), p_A, p_B))
    kept = [1, 2, 4, 5]
    return rho[np.ix_(kept, kept)], efficiency


# App. C: qudits

QUDITS = [(2, 0.3, 0.2, 0.9), (3, 0.7, 0.1, 0.5), (4, 0.2, 0.6, 1.1)]


@pytest.mark.parametrize(("d", "g", "p_A", "p_B"), QUDITS)
def test_equations_c2_and_c3(d, g, p_A, p_B):
    """For bare couplings g_k = g; with Sec. III's g_k = g / sqrt(2) they do not hold."""
    np.testing.assert_allclose(
        QuditReset(d, g, p_A, p_B).state(), paper.state_c2(d, g, p_A, p_B), atol=1e-11
    )
    weaker = np.asarray(QuditReset(d, g / np.sqrt(2), p_A, p_B).state())
    assert np.abs(weaker - paper.state_c2(d, g, p_A, p_B)).max() > 1e-3


@pytest.mark.parametrize(("d", "g", "p_A", "p_B"), QUDITS)
def test_equation_c7_needs_the_norm(d, g, p_A, p_B):
    """[rho, H] between |d,0> and |k,d-k> is (g c_2 - 2 d (d+1) g^3 p_A p_B) / N."""
    rho = paper.state_c2(d, g, p_A, p_B)
    hops = paper.hops(d + 1, [(g, (d, 0), (k - 1, d - k + 1)) for k in range(1, d + 1)])
    commutator = rho @ hops - hops @ rho
    s = p_A + p_B
    c_2 = p_A * ((d + 1) * p_B * s**2 + 2 * (d + 1) * g**2 * d * p_B)
    N = (d + 1) ** 2 * (p_A * p_B * s**2 + 2 * g**2 * (p_A**2 + 2 * d * p_A * p_B + d * p_B**2))
    above = g * c_2 - 2 * d * (d + 1) * g**3 * p_A * p_B
    top, first = paper.level(d + 1, d, 0), paper.level(d + 1, 0, d)
    np.testing.assert_allclose(top @ commutator @ first, above / N, atol=1e-14)
    assert abs(above - above / N) > 0.1 * abs(above)


@pytest.mark.parametrize(("d", "g", "p_A", "p_B"), QUDITS)
def test_equation_c11(d, g, p_A, p_B):
    """Its coherences are 2 (d+1) g^2 p_A p_B, between all pairs of the d levels."""
    state, _ = herald(QuditReset(d, g, p_A, p_B))
    np.testing.assert_allclose(state, paper.state_c11(d, g, p_A, p_B), atol=1e-11)
    printed = paper.state_c11(d, g, p_A, p_B, printed=True)
    assert np.abs(state - printed).max() > 1e-2


@pytest.mark.parametrize(("d", "g", "p_A", "p_B"), QUDITS)
def test_equation_12(d, g, p_A, p_B):
    """With g_k = g / sqrt(2); the printed d is the number of levels, d + 1 of Sec. III."""
    _, efficiency = herald(QuditReset(d, g / np.sqrt(2), p_A, p_B))
    np.testing.assert_allclose(efficiency, paper.efficiency_12(d, g, p_A, p_B), rtol=1e-11)
    printed = paper.efficiency_12(d, g, p_A, p_B, printed=True)
    assert abs(printed - efficiency) > 0.02 * efficiency


def test_equation_d3_any_pure_state_of_two_qutrits():
    """The Schmidt coefficients are the couplings, where p_A << p_B."""
    schmidt = np.array([0.3, 0.5, np.sqrt(1 - 0.34)])
    state, _ = herald(QuditReset(3, list(0.01 * schmidt), 1e-6, 1.0))
    psi = sum(weight * paper.level(4, k, 3 - k) for k, weight in enumerate(schmidt))
    np.testing.assert_allclose(state, np.outer(psi, psi), atol=1e-5)
