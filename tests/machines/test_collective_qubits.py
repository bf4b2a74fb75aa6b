"""Two qubits between two collective baths: tacchino2018 (1)-(6), App. A and B.

As printed, (A10) and (A13) have slips, (B3) counts detailed balance twice, and the c_i of (2) would
be fermions.
"""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from scipy.linalg import expm

import jaxent
from experiments.master_equation import ONE, dissipator, liouvillian, steady_state
from experiments.tacchino2018 import equations as paper
from jaxent.machines.collective_qubits import LARGEST_EXPONENT, CollectiveQubits
from jaxent.measures import signed_concurrence, signed_negativity
from tests.machines.heat import heat_currents
from tests.systems.stationary import observable, quickly, slopes

INF = float("inf")
POINTS = np.random.default_rng(1707).uniform(-4, 4, size=(50, 2)).tolist()


def state(*arguments):
    return np.asarray(CollectiveQubits(*arguments).state())


def populations(beta_a, beta_s):
    """Of |00>, |A>, |S>, |11>."""
    return np.array(CollectiveQubits(beta_a, beta_s).stationary())


def heat(machine):
    """tr[H_0 L_i rho] of both baths (6), from the jumps of the structure."""
    return heat_currents(machine, machine.inside(machine.state()))


def entropy_production(machine):
    """(6)."""
    betas = machine.inverse_temperatures()
    return -sum(betas[party] * flow for party, flow in heat(machine).items())


# the master equation


def test_the_state_solves_the_master_equation():
    """(1)-(3) at 50 pairs of temperatures, with H_0."""
    for beta_A, beta_S in POINTS:
        exact = steady_state(paper.thermal_collective(beta_A, beta_S, omega=1.3, pump=0.4))
        np.testing.assert_allclose(state(beta_A, beta_S, 1.3, 0.4), exact, atol=1e-11)


def test_the_convention_of_the_paper_is_a_rate_of_one_half():
    """(Gamma / 2) (2 o rho o^+ - {o^+ o, rho}) is Gamma D[o]."""
    rho, o = observable(4), paper.MODES["A"]
    printed = (2 * o @ rho @ o.T - o.T @ o @ rho - rho @ o.T @ o) / 2
    np.testing.assert_allclose((dissipator(o) @ rho.reshape(-1)).reshape(4, 4), printed, atol=1e-14)


def test_the_state_is_that_of_qutip():
    qutip = pytest.importorskip("qutip")
    lower, one = qutip.basis(2, 0) * qutip.basis(2, 1).dag(), qutip.qeye(2)
    c_1, c_2 = qutip.tensor(lower, one), qutip.tensor(one, lower)
    falls = [c_1.dag() - c_2.dag(), c_1.dag() + c_2.dag()]
    falls += [np.exp(-2.0 / 2) * (c_1 - c_2), np.exp(3.0 / 2) * (c_1 + c_2)]
    rho = qutip.steadystate(c_1.dag() * c_1 + c_2.dag() * c_2, falls).full()
    np.testing.assert_allclose(state(-2.0, 3.0), rho, atol=1e-12)


def test_the_structure_is_a_rate_equation_without_rounding():
    """Its kets are |00>, |A>, |S>, |11>; the jumps are J_i / sqrt(2)."""
    structure, kets = CollectiveQubits.generator, CollectiveQubits.basis
    assert structure.size == 4
    assert structure.exact
    A = np.array([0, 1, -1, 0]) / np.sqrt(2)  # sqrt(2) |A> = |0>_1 |1>_2 - |1>_1 |0>_2
    np.testing.assert_allclose(kets[:, 1], A, atol=1e-16)
    for k, J in ((0, paper.MODES["A"]), (2, paper.MODES["S"])):
        down = structure.terms[k + 1].operator
        np.testing.assert_allclose(kets.T @ J @ kets, np.sqrt(2) * down, atol=1e-15)
        np.testing.assert_array_equal(structure.terms[k].operator, down.T)


def test_anticommuting_c_i_would_be_another_model():
    """{c_i, c_j^+} = delta_ij below (2), by a Jordan-Wigner string, breaks (4)."""
    beta_A, beta_S = -2.0, 3.0
    c_2 = np.kron(np.diag([1.0, -1.0]), ONE) @ paper.C_2
    np.testing.assert_allclose(paper.C_1 @ c_2 + c_2 @ paper.C_1, 0)
    jumps = []
    for J, beta in ((paper.C_1 - c_2, beta_A), (paper.C_1 + c_2, beta_S)):
        jumps += [(1.0, J.T), (np.exp(beta), J)]
    fermions = steady_state(liouvillian(paper.EXCITATIONS, jumps))
    closed = paper.from_parts(*paper.parts_of_5(beta_A, beta_S))
    assert abs(paper.concurrence(fermions) - closed) > 0.05
    np.testing.assert_allclose(paper.concurrence(state(beta_A, beta_S)), closed, atol=1e-12)


# concurrence


def test_equations_4_and_5():
    """The same as (A12); jaxent's concurrence is Wootters'."""
    closed = [paper.from_parts(*paper.parts_of_5(*point)) for point in POINTS]
    found = [float(jaxent.concurrence(jnp.asarray(state(*point)))) for point in POINTS]
    np.testing.assert_allclose(found, closed, atol=1e-12)
    assert sum(value > 0.1 for value in closed) >= 5


def test_equation_a10_corrected():
    """N_1 is halved, N_2 gains y^2, and d loses a second y^2; x and y are Gamma_i^- / Gamma^+."""
    for point in POINTS:
        x, y = np.exp(point)
        np.testing.assert_allclose(paper.parts_of_a10(x, y), paper.parts_of_5(*point), rtol=1e-12)
        printed = np.array(paper.parts_of_a10(x, y, printed=True))
        ratio = printed / paper.parts_of_5(*point)
        np.testing.assert_allclose(ratio[0], 2.0, rtol=1e-12)
        assert ratio[1] < 1 < ratio[2]
    values = [
        paper.from_parts(*paper.parts_of_a10(*np.exp(point), printed=True)) for point in POINTS
    ]
    found = [paper.concurrence(state(*point)) for point in POINTS]
    assert np.abs(np.subtract(values, found)).max() > 0.3


def test_equation_a13_corrected():
    """C = 2/3 (1/2 - sqrt(2) e^(-beta_S / 2)) + O(e^-beta_S) at beta_A = 0."""
    for beta_S in (8.0, 12.0, 16.0):
        found, small = paper.concurrence(state(0.0, beta_S)), np.exp(-beta_S)
        assert abs(found - paper.thermal_limit(beta_S)) < 2 * small
        assert abs(found - paper.thermal_limit(beta_S, printed=True)) > 0.2 * np.sqrt(small)


def test_equation_a14():
    """At beta_A = -inf it is exact, and tends to 1/2."""
    for beta_S in (3.0, 6.0, 20.0):
        found = paper.concurrence(state(-INF, beta_S))
        np.testing.assert_allclose(found, paper.inverted_limit(beta_S), rtol=1e-12)
    np.testing.assert_allclose(paper.concurrence(state(-INF, INF)), 0.5, atol=1e-15)
    np.testing.assert_allclose(paper.concurrence(state(-20.0, 40.0)), 0.5, atol=1e-7)


def test_thermal_baths_reach_one_third_and_inverted_ones_one_half():
    """Fig. 1b: one third of |A> beside |00> between infinite and zero temperature."""
    beta = np.concatenate([np.linspace(0, 12, 25), [50.0, INF]])
    grid = quickly(lambda a, s: jaxent.concurrence(CollectiveQubits(a, s).state()))
    thermal = np.asarray(grid(beta[:, None], beta))
    assert thermal.max() <= 1 / 3 + 1e-15
    np.testing.assert_allclose(thermal[0, -1], 1 / 3, atol=1e-15)
    np.testing.assert_allclose(populations(0.0, INF), [2 / 3, 1 / 3, 0, 0], atol=1e-15)
    pumped = np.asarray(grid(-beta[:, None], beta))
    assert 0.49 < pumped.max() <= 0.5 + 1e-15
    assert np.asarray(grid(-beta[:, None], -beta)).max() == 0.0


def test_the_two_baths_are_alike():
    """Their exchange takes |A> for |S>, which is sigma_z of one qubit."""
    sigma_z = np.diag([1, -1, 1, -1])
    for beta_A, beta_S in POINTS[:10]:
        exchanged = sigma_z @ state(beta_S, beta_A) @ sigma_z
        np.testing.assert_allclose(state(beta_A, beta_S), exchanged, atol=1e-15)


@pytest.mark.parametrize("beta", [-3.0, 0.0, 2.0])
def test_equal_temperatures_are_two_local_baths(beta):
    """Below (A12): the collective dissipators decouple, and each qubit is thermal by itself."""
    local = [(2.0, c.T) for c in (paper.C_1, paper.C_2)]
    local += [(2 * np.exp(beta), c) for c in (paper.C_1, paper.C_2)]
    collective = paper.thermal_collective(beta, beta, omega=1.0)
    np.testing.assert_allclose(collective, liouvillian(paper.EXCITATIONS, local), atol=1e-12)
    qubit = np.diag(np.exp([0, -beta])) / (1 + np.exp(-beta))
    np.testing.assert_allclose(state(beta, beta), np.kron(qubit, qubit), atol=1e-15)
    assert jaxent.concurrence(CollectiveQubits(beta, beta).state()) == 0
    np.testing.assert_allclose(list(heat(CollectiveQubits(beta, beta)).values()), 0, atol=1e-14)


# entropy production


def test_equation_6_first_and_second_law():
    for beta_A, beta_S in POINTS:
        machine = CollectiveQubits(beta_A, beta_S, 1.7, 0.3)
        flows = heat(machine)
        np.testing.assert_allclose(flows["a"], -flows["b"], rtol=1e-11, atol=1e-14)
        assert entropy_production(machine) > 0


def test_equation_6_is_that_of_the_jumps():
    """App. B: the flux of each jump times ln(its rate / that of its reverse), without omega."""
    edges = [(0, 1, 0), (1, 3, 0), (0, 2, 2), (2, 3, 2)]  # from, to, term upwards
    for beta_A, beta_S in POINTS[:10]:
        machine = CollectiveQubits(beta_A, beta_S, 1.7, 0.3)
        p, rates = np.array(machine.stationary()), machine.numbers()
        total = 0.0
        for low, high, up in edges:
            flux = rates[up] * p[low] - rates[up + 1] * p[high]
            total += flux * np.log(rates[up] / rates[up + 1])
        np.testing.assert_allclose(entropy_production(machine), total, rtol=1e-10)


def test_equation_b3_corrected():
    """sqrt(rho) (K^+-)^+ / sqrt(rho) is K^-+; with K^-+ in place of (K^+-)^+ it is not."""
    for beta, J in ((-1.5, paper.MODES["A"]), (0.8, paper.MODES["S"])):
        absorption, emission = J.T, np.exp(beta / 2) * J
        root, inverse = (expm(sign * beta / 2 * paper.EXCITATIONS) for sign in (-1, 1))
        np.testing.assert_allclose(root @ absorption.T @ inverse, emission, atol=1e-14)
        np.testing.assert_allclose(root @ emission.T @ inverse, absorption, atol=1e-14)
        printed = root @ emission @ inverse
        np.testing.assert_allclose(printed, np.exp(beta / 2) * emission, atol=1e-14)


def test_the_more_irreversible_the_more_entangled():
    """Figs. 1b and 1c, where one bath is inverted as much as the other one is cold."""
    machines = [CollectiveQubits(-b, b) for b in (3.0, 4.0, 6.0, 8.0)]
    assert np.all(np.diff([paper.concurrence(np.asarray(m.state())) for m in machines]) > 0)
    assert np.all(np.diff([entropy_production(m) for m in machines]) > 0)


def test_the_units_are_those_of_the_pump_and_the_gap():
    one, other = CollectiveQubits(-1.0, 2.0), CollectiveQubits(-1.0, 2.0, 3.0, 0.5)
    np.testing.assert_allclose(one.state(), other.state(), atol=1e-16)
    np.testing.assert_allclose(heat(other)["a"], 1.5 * heat(one)["a"], rtol=1e-13)
    betas = [*other.inverse_temperatures().values()]
    np.testing.assert_allclose(betas, [-1 / 3, 2 / 3])
    np.testing.assert_allclose(entropy_production(other), 0.5 * entropy_production(one), rtol=1e-13)


# extreme temperatures


@pytest.mark.parametrize("beta_A", [-290.0, -40.0, 0.0, 40.0, 290.0])
@pytest.mark.parametrize("beta_S", [-150.0, 1.0, 290.0])
def test_each_population_is_right_relative_to_itself(beta_A, beta_S):
    """Against the four rate equations in arithmetic of 600 digits."""
    with mpmath.workdps(600):
        a, s = mpmath.exp(beta_A), mpmath.exp(beta_S)
        rates = mpmath.matrix(4)
        for low, mode, high, loss in ((0, 1, 3, a), (0, 2, 3, s)):
            for to, source, rate in ((mode, low, 1), (high, mode, 1), (low, mode, loss)):
                rates[to, source] += rate
                rates[source, source] -= rate
            rates[mode, high] += loss
            rates[high, high] -= loss
        for column in range(4):
            rates[0, column] = 1
        p = mpmath.lu_solve(rates, mpmath.matrix([1, 0, 0, 0]))
        exact = np.array([float(entry) for entry in p])
    np.testing.assert_allclose(populations(beta_A, beta_S), exact, rtol=1e-13)


@pytest.mark.parametrize(
    ("beta_A", "beta_S", "exact"),
    [
        (0.0, INF, [2 / 3, 1 / 3, 0, 0]),
        (INF, 0.0, [2 / 3, 0, 1 / 3, 0]),
        (-INF, INF, [1 / 2, 1 / 2, 0, 0]),
        (INF, INF, [1, 0, 0, 0]),
        (-INF, -INF, [0, 0, 0, 1]),
        (-INF, 0.0, [1 / 7, 1 / 7, 2 / 7, 3 / 7]),
        (-INF, 1.0, None),
    ],
)
def test_infinite_inverse_temperatures_are_the_limits_of_finite_ones(beta_A, beta_S, exact):
    """In |00>, |A>, |S>, |11>, from the four rate equations by hand."""
    finite = populations(*(float(np.clip(beta, -700, 700)) for beta in (beta_A, beta_S)))
    exact = finite if exact is None else exact
    np.testing.assert_allclose([populations(beta_A, beta_S), finite], [exact] * 2, 0, 1e-15)
    machine = CollectiveQubits(beta_A, beta_S)
    found = machine.diagnose(machine.state())
    assert found.residual < 1e-15
    assert found.nullity == 1


def test_the_heat_of_the_slower_bath_is_right_beside_one_at_zero_temperature():
    """Half of |00> and half of |A> absorb 2 Gamma^+ each from a bath that is all inverted."""
    machine = CollectiveQubits(-INF, INF, 1.7, 0.3)
    np.testing.assert_allclose(heat(machine)["a"], 1.7 * 2 * 0.3, rtol=1e-12)
    cold = CollectiveQubits(-40.0, 2 * LARGEST_EXPONENT, 1.7, 0.3)
    np.testing.assert_allclose(heat(cold)["a"], 1.7 * 2 * 0.3, rtol=1e-12)
    assert [*machine.inverse_temperatures().values()] == [-INF, INF]


# derivatives


@pytest.mark.parametrize("measure", [signed_concurrence, signed_negativity])
def test_gradients_are_the_slopes_of_the_closed_forms(measure):
    """(4) goes on below zero; the negativity is that of (A4) with the plain solve."""

    def plain(point):
        if measure is signed_concurrence:
            N_1, N_2, d = paper.parts_of_5(*point)
            return (N_1 - N_2) / d
        rho = steady_state(paper.thermal_collective(*point))
        transposed = rho.reshape(2, 2, 2, 2).transpose(0, 3, 2, 1).reshape(4, 4)
        return -np.linalg.eigvalsh(transposed)[0]

    points = np.array([[-1.5, 2.5], [3.0, -0.5], [0.4, 1.0]])
    value = quickly(jax.vmap(jax.grad(lambda x: measure(CollectiveQubits(*x).state()))))
    exact = [slopes(plain, point, step=1e-3) for point in points]
    np.testing.assert_allclose(value(points), exact, atol=1e-8)


def test_gradients_vanish_at_zero_temperatures():
    gradient = quickly(jax.grad(lambda x: signed_negativity(CollectiveQubits(*x).state())))
    for beta_A, beta_S in ((-INF, INF), (INF, -INF), (-700.0, 700.0)):
        np.testing.assert_allclose(gradient(jnp.array([beta_A, beta_S])), 0, atol=1e-15)
    for beta_A, beta_S in ((0.0, INF), (-INF, -INF), (INF, INF)):
        assert np.all(np.isfinite(gradient(jnp.array([beta_A, beta_S]))))
    # d/d beta_A of p_A = 1 / (e^beta_A + 2), half of which is the negativity's coherence.
    slope = jax.grad(lambda b: CollectiveQubits(b, INF).state()[1, 2].real)(0.0)
    np.testing.assert_allclose(slope, 1 / 18, rtol=1e-12)


# as a machine


def test_batches_are_single_machines():
    batch = CollectiveQubits(np.array([-1.0, 0.5, 2.0]), np.array([[1.0], [INF]]))
    found = np.asarray(quickly(CollectiveQubits.state)(batch))
    assert found.shape == (2, 3, 4, 4)
    np.testing.assert_allclose(found[1, 0], state(-1.0, INF), atol=1e-15)
    gaps = CollectiveQubits(-1.0, 1.0, omega=np.ones(5))
    assert {c.shape for c in gaps.coefficients()} == {(5,)}


def test_a_config_names_the_parameters():
    machine = CollectiveQubits.from_parameters({"beta_a": -1.0, "beta_s": INF, "omega": 2.0})
    assert (machine.beta_a, machine.beta_s, machine.omega, machine.pump) == (-1.0, INF, 2.0, 1.0)
    assert machine.x_form
    names = {parameter.name for parameter in CollectiveQubits.parameters}
    assert names == {"beta_a", "beta_s", "omega", "pump"}
    assert all(CollectiveQubits.parameter("beta_a").allows(x) for x in (-INF, -3.0, 0, INF))
    with pytest.raises(ValueError, match="temperature_a: unknown to collective_qubits"):
        CollectiveQubits.from_parameters({"beta_a": 1.0, "beta_s": 1.0, "temperature_a": 1.0})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((float("nan"), 1.0), "beta_a: nan is given; allowed: a number"),
        ((1.0, 1.0, 0.0), "omega: 0.0 is given; allowed: finite and > 0"),
        ((1.0, 1.0, 1.0, -2.0), "pump: -2.0 is given; allowed: finite and > 0"),
        ((1.0, 1.0, 1.0, INF), "pump: inf is given"),
    ],
)
def test_what_is_not_allowed_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        CollectiveQubits(*arguments)
