"""Two qubits in a cavity: the master equation, truncation, and the numbers of tacchino2018."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.master_equation import steady_state
from experiments.tacchino2018 import equations as tacchino2018
from jaxent.machines import OutsideModel
from jaxent.machines.cavity_qubits import CavityQubits
from jaxent.quantum import SPIN_FLIP
from jaxent.steady_state import nullity
from jaxent.terms import superoperator
from tests.systems.stationary import observable, quickly, slopes

RNG = np.random.default_rng(2018)
NAMES = ("g1", "g2", "kappa", "pump_1", "pump_2", "gamma")
INF = float("inf")


def random_parameters(*optional):
    values = dict(zip(NAMES, 10 ** RNG.uniform(-1, 0.3, size=6), strict=True))
    return {name: float(x) for name, x in values.items()} | {
        name: float(RNG.uniform(0.1, 1)) for name in optional
    }


POINTS = [
    random_parameters(*optional)
    for optional in (
        (),
        (),
        ("dephasing",),
        ("detuning",),
        ("cavity_pump",),
        ("dephasing", "detuning", "cavity_pump"),
    )
]


# the master equation


@pytest.mark.parametrize("point", POINTS)
def test_the_state_solves_the_master_equation(point):
    machine = CavityQubits(**point, photons=3)
    full = steady_state(tacchino2018.cavity(**point, photons=3))
    np.testing.assert_allclose(machine.full_state(), full, atol=1e-11)
    np.testing.assert_allclose(machine.state(), tacchino2018.reduced(full), atol=1e-11)
    photons = full.reshape(4, 4, 4, 4).trace(axis1=0, axis2=2).diagonal().real
    np.testing.assert_allclose(machine.photon_populations(), photons, atol=1e-11)


def test_the_state_is_that_of_qutip_at_fifteen_photons():
    qutip = pytest.importorskip("qutip")
    g1, g2, kappa, pump_1, pump_2, gamma = 1.0, 0.7, 2.0, 0.05, 0.02, 0.01
    one, mode, lower = qutip.qeye(2), qutip.qeye(16), qutip.basis(2, 0) * qutip.basis(2, 1).dag()
    c_1, c_2 = qutip.tensor(lower, one, mode), qutip.tensor(one, lower, mode)
    a = qutip.tensor(one, one, qutip.destroy(16))
    hop = (g1 * c_1 + g2 * c_2) * a.dag()
    rates = {pump_1: c_1.dag(), pump_2: c_2.dag(), kappa: a}
    falls = [np.sqrt(rate) * jump for rate, jump in rates.items()]
    falls += [np.sqrt(gamma) * c for c in (c_1, c_2)]
    rho = qutip.steadystate(hop + hop.dag(), falls).ptrace([0, 1]).full()
    machine = CavityQubits(g1, g2, kappa, pump_1, pump_2, gamma)
    np.testing.assert_allclose(machine.state(), rho, atol=1e-11)


def test_what_the_pumps_put_in_leaks_out():
    """d<N>/dt = 0 with sqrt(kappa) a; a loss of kappa / 2 would leave an imbalance."""
    machine = CavityQubits(1.0, 0.6, 2.0, 0.3, 0.1, 0.05, photons=12)
    excited = np.diag(machine.state()).real @ np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    photons = np.asarray(machine.photon_populations()) @ np.arange(13)
    gain = np.array([0.3, 0.1]) @ (1 - excited) - 0.05 * excited.sum()
    np.testing.assert_allclose(gain, 2.0 * photons, rtol=1e-9)
    assert abs(gain - 2.0 / 2 * photons) > 0.4 * gain


# structure


@pytest.mark.parametrize("photons", [1, 3, 15])
def test_the_sector_grows_linearly(photons):
    """16 n + 4 complex entries; without detuning half of each coherence stays."""
    resonant = CavityQubits(1, 0.7, 2, 0.1, 0.1, 0.1, photons=photons)
    detuned = CavityQubits(1, 0.7, 2, 0.1, 0.1, 0.1, detuning=0.1, photons=photons)
    assert resonant.generator.size == 10 * photons + 4
    assert detuned.generator.size == 16 * photons + 4
    assert resonant.generator.dimension == 4 * (photons + 1)


@pytest.mark.parametrize("point", POINTS)
def test_what_vanishes_has_no_term(point):
    machine = CavityQubits(**point)
    assert len(machine.coefficients()) == len(machine.generator.terms)
    both = "dephasing" in point  # one jump for each qubit
    assert len(machine.generator.terms) == len(point) + 1 + both
    leaves = jax.tree.leaves(machine)
    assert sorted(map(float, leaves)) == sorted(point.values())
    for name in ("dephasing", "detuning", "cavity_pump"):
        assert getattr(machine, name) == point.get(name, 0.0)


def test_a_traced_zero_is_the_structural_one():
    machine = CavityQubits(1, 0.7, 2, 0.1, 0.2, 0.1, photons=2)

    def traced(zero):
        rest = {"dephasing": zero, "detuning": zero, "cavity_pump": zero}
        return CavityQubits(1, 0.7, 2, 0.1, 0.2, 0.1, photons=2, **rest).state()

    np.testing.assert_allclose(quickly(traced)(0.0), machine.state(), atol=1e-14)


def test_batches_are_single_machines():
    machine = CavityQubits(
        1, np.array([0.7, 0.8]), 2, np.array([[0.1], [0.3]]), 0.2, 0.1, photons=2
    )
    batch = np.asarray(machine.state())
    assert batch.shape == (2, 2, 4, 4)
    single = CavityQubits(1, 0.8, 2, 0.1, 0.2, 0.1, photons=2).state()
    np.testing.assert_allclose(batch[0, 1], single, atol=1e-14)
    limited = CavityQubits(1, 0.7, 2, 0.1, 0.2, 0.1, detuning=np.zeros(5), photons=2)
    assert {c.shape for c in limited.coefficients()} == {(5,)}


def test_a_config_names_the_parameters():
    values = dict.fromkeys(NAMES, 0.5) | {"photons": 4, "dephasing": 0.1}
    machine = CavityQubits.from_parameters(values)
    assert machine.photons == 4
    assert machine.dims == (2, 2)
    assert machine.x_form
    with pytest.raises(ValueError, match="g: unknown to cavity_qubits"):
        CavityQubits.from_parameters(values | {"g": 1.0})


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"photons": 0}, "photons: 0 is given; allowed: an integer >= 1"),
        ({"photons": 2.5}, "photons: 2.5"),
        ({"kappa": -1.0}, "kappa: -1.0 is given; allowed: finite and >= 0"),
        ({"dephasing": -1.0}, "dephasing: "),
        ({"detuning": INF}, "detuning: inf is given; allowed: finite"),
    ],
)
def test_what_is_not_allowed_is_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        CavityQubits(**(dict.fromkeys(NAMES, 0.5) | changed))


# what a state is worth


def test_the_truncation_shows():
    """Few photons where the pumps are weak; a laser needs more than three."""
    weak = CavityQubits(1, 1, 2, 0.005, 0.005, 0.001)
    assert weak.photon_populations()[-1] < 1e-30
    assert all(condition.holds for condition in weak.truncation(1.0))
    strong = CavityQubits(1, 1, 0.1, 1.0, 1.0, 0.001, photons=3)
    assert not all(condition.holds for condition in strong.truncation(1.0))


def test_what_is_left_out_is_judged_by_the_efficiency():
    """What is rare among all states need not be rare among those that pass the filters."""
    machine = CavityQubits(1.0, 1.0, 3.0, 0.05, 0.05, 0.001, photons=6)
    highest = float(machine.photon_populations()[-1])
    assert 1e-14 < highest < 1e-9
    assert all(condition.holds for condition in machine.truncation(1.0))
    (condition,) = machine.truncation(highest * 1e6)
    assert not condition.holds
    assert condition.value == highest
    machine.refuse_state(highest * 1e5)
    with pytest.raises(OutsideModel, match=r"photons: 6 is given.* of the efficiency"):
        machine.refuse_state(highest * 1e3)


def test_diagnosis_is_of_the_full_state():
    machine = CavityQubits(1, 0.7, 2, 0.1, 0.2, 0.1, photons=2)
    found = machine.diagnose(machine.state())
    assert found.residual < 1e-14
    assert found.nullity == 1
    assert found.min_eigenvalue > 0
    assert found.sector_size == machine.generator.size
    assert machine.diagnose(jnp.eye(4) / 4).residual > 1e-2


def test_two_states_are_dark_without_pump_and_relaxation():
    """|00> and g_2 |10> - g_1 |01> without photons, with coherences; a detuning keeps one."""
    dark = CavityQubits(1.0, 0.7, 2.0, 0.0, 0.0, 0.0, photons=2)
    coefficients = np.asarray(dark.coefficients())
    assert nullity(dark.generator, coefficients) == 4
    pair = zip(coefficients, dark.generator.terms, strict=True)
    full = sum(c * superoperator(term) for c, term in pair if c)
    vacuum = np.eye(3)[0]
    for qubits in ([1.0, 0, 0, 0], np.array([0, -1.0, 0.7, 0]) / np.sqrt(1.49)):
        ket = np.kron(qubits, vacuum)
        np.testing.assert_allclose(full @ np.outer(ket, ket).reshape(-1), 0, atol=1e-15)
    detuned = CavityQubits(1.0, 0.7, 2.0, 0.0, 0.0, 0.0, detuning=0.1, photons=2)
    assert nullity(detuned.generator, np.asarray(detuned.coefficients())) == 1


# derivatives


def test_the_gradient_is_the_slope_of_the_plain_solve():
    weight = observable(4)
    names = (*NAMES, "dephasing", "detuning", "cavity_pump")
    point = [1.0, 0.7, 1.5, 0.3, 0.2, 0.1, 0.05, 0.2, 0.08]

    def value(x):
        machine = CavityQubits(**dict(zip(names, x, strict=True)), photons=2)
        return jnp.einsum("ij,ji->", weight, machine.state()).real

    def plain(x):
        full = steady_state(tacchino2018.cavity(*x, photons=2))
        return np.trace(weight @ tacchino2018.reduced(full)).real

    found = quickly(jax.grad(value))(jnp.asarray(point))
    np.testing.assert_allclose(found, slopes(plain, point, step=1e-3), atol=1e-8)


# the paper


@pytest.mark.parametrize("gamma", [0.0, 1e-4])
def test_a_fast_cavity_only_cools_the_symmetric_state(gamma):
    """(9): Gamma^+ = p / 2, Gamma_A^- = gamma / 2, Gamma_S^- = 4 g^2 / kappa + gamma / 2."""
    pump = 2e-4
    for kappa in (30.0, 100.0):
        machine = CavityQubits(1, 1, kappa, pump, pump, gamma, photons=3)
        limit = tacchino2018.adiabatic(1.0, kappa, pump, gamma)
        np.testing.assert_allclose(machine.state(), limit, atol=2 / kappa**2)
        np.testing.assert_allclose(machine.effective().state(), limit, atol=1e-12)


def test_the_effective_baths_have_the_temperatures_below_equation_9():
    """beta_A = log(gamma / p), beta_S = log((gamma + 2 Gamma) / p) with Gamma = 4 g^2 / kappa."""
    found = CavityQubits(0.7, 0.7, 2.0, 0.3, 0.3, 0.1).effective()
    np.testing.assert_allclose(found.beta_a, np.log(0.1 / 0.3))
    np.testing.assert_allclose(found.beta_s, np.log((0.1 + 8 * 0.49 / 2) / 0.3))
    assert found.pump == 0.15
    assert CavityQubits(0.7, 0.7, 2.0, 0.3, 0.3, 0.0).effective().beta_a == -INF


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"g2": 0.7}, "g2 - g1: 0.19.* is given; allowed: 0: the effective model is of equal"),
        ({"pump_2": 0.6}, "pump_2 - pump_1: "),
        ({"dephasing": 0.1}, "dephasing: 0.1 is given; allowed: 0: the effective model has pumps"),
        ({"detuning": -0.1}, "detuning: -0.1"),
        ({"cavity_pump": 0.1}, "cavity_pump: 0.1"),
        ({"kappa": 0.0}, "kappa: 0.0 is given; allowed: > 0 for the effective model"),
        ({"pump_1": 0.0, "pump_2": 0.0}, "pump_1: 0.0"),
    ],
)
def test_only_equal_qubits_in_a_cavity_have_the_effective_model(changed, message):
    with pytest.raises(ValueError, match=message):
        CavityQubits(**(dict.fromkeys(NAMES, 0.5) | changed)).effective()


def test_the_effective_model_of_traced_unequal_qubits_is_no_number():
    def largest(g2):
        return jnp.max(CavityQubits(0.5, g2, 1.0, 0.3, 0.3, 0.1).effective().state().real)

    assert np.isfinite(quickly(largest)(0.5))
    assert np.isnan(quickly(largest)(0.6))


def test_the_pumps_fill_the_dark_state():
    """The cavity cannot empty g_2 |10> - g_1 |01>: the singlet of equal qubits (Fig. 2)."""
    machine = CavityQubits(1.0, 0.6, 2.0, 5e-3, 5e-3, 1e-3, photons=6)
    dark = np.asarray(machine.target)
    np.testing.assert_allclose(dark, np.array([0, -1.0, 0.6, 0]) / np.sqrt(1.36), atol=1e-16)
    lowering = 1.0 * tacchino2018.C_1 + 0.6 * tacchino2018.C_2
    np.testing.assert_allclose(lowering @ dark, 0, atol=1e-16)
    bright = np.array([0, 0.6, 1.0, 0]) / np.sqrt(1.36)
    rho = np.asarray(machine.state())
    assert (dark.conj() @ rho @ dark).real > 10 * (bright @ rho @ bright).real
    batch = CavityQubits(np.array([1.0, 0.0]), 1.0, 2.0, 0.1, 0.1, 0.1)
    np.testing.assert_allclose(batch.target[1], [0, 0, 1, 0])
    assert CavityQubits(0.0, 0.0, 2.0, 0.1, 0.1, 0.1).target is None


@pytest.mark.parametrize(
    ("gamma", "kappa", "pump", "largest"),
    [(1e-3, 2.332, 5.424e-3, 0.3869), (1e-4, 2.248, 1.316e-3, 0.4479)],
)
def test_the_largest_concurrences_of_the_paper(gamma, kappa, pump, largest):
    """App. C, Fig. 3: found by a search over kappa and p, and no neighbour is better."""

    def value(kappa, pump):
        machine = CavityQubits(1, 1, kappa, pump, pump, gamma, photons=15)
        return tacchino2018.concurrence(np.asarray(machine.state()))

    found = value(kappa, pump)
    assert abs(found - largest) < 1e-4
    neighbours = [(kappa * f, pump * h) for f, h in ((1.1, 1), (0.9, 1), (1, 1.1), (1, 0.9))]
    assert all(value(*neighbour) < found for neighbour in neighbours)


OPTIMUM = {"kappa": 2.332, "pump_1": 5.424e-3, "pump_2": 5.424e-3, "gamma": 1e-3}


@pytest.mark.parametrize(
    ("noise", "harmless", "harmful"),
    [("dephasing", 1e-5, 1e-2), ("detuning", 1e-3, 0.2), ("cavity_pump", 1e-4, 0.5)],
)
def test_noise_lowers_the_concurrence(noise, harmless, harmful):
    """App. D, Fig. 4: from the optimum at gamma = 1e-3 g, on logarithmic scales."""
    strengths = np.concatenate([[0.0], np.geomspace(harmless, harmful, 5)])
    machine = CavityQubits(1.0, 1.0, **OPTIMUM, **{noise: strengths}, photons=10)
    states = np.asarray(quickly(CavityQubits.state)(machine))
    found = np.array([tacchino2018.concurrence(rho) for rho in states])
    assert np.all(np.diff(found) < 0)
    assert found[1] > 0.99 * found[0]
    assert found[-1] < found[0] / 2


def test_dephasing_as_strong_as_relaxation_and_pump_leaves_entanglement():
    """App. D: "a still significant amount"."""
    for dephasing, least in ((1e-3, 0.32), (5e-3, 0.18)):
        machine = CavityQubits(1.0, 1.0, **OPTIMUM, dephasing=dephasing, photons=8)
        assert tacchino2018.concurrence(np.asarray(machine.state())) > least


def test_a_hermitian_eigensolver_gives_another_concurrence():
    """Before (A5): rho rho~ is not Hermitian where rho_01 and rho_10 differ."""
    rho = np.asarray(CavityQubits(1.0, 0.5, 2.0, 0.0, 6e-3, 1e-3, photons=6).state())
    flipped = rho @ SPIN_FLIP @ rho.conj() @ SPIN_FLIP
    assert np.abs(flipped - flipped.conj().T).max() > 1e-3

    def wootters(eigenvalues):
        roots = np.sort(np.sqrt(np.abs(eigenvalues.real)))
        return roots[3] - roots[:3].sum()

    exact = tacchino2018.concurrence(rho)
    np.testing.assert_allclose(wootters(np.linalg.eigvals(flipped)), exact, atol=1e-10)
    assert abs(wootters(np.linalg.eigvalsh(flipped)) - exact) > 1e-2


def test_one_half_is_no_limit_of_unequal_qubits():
    """Pumping one qubit alone, coupled half as strongly to the cavity, passes C = 0.5."""
    machine = CavityQubits(1.0, 0.524, 1.838, 0.0, 5.88e-3, 1e-4, photons=6)
    rho = np.asarray(machine.state())
    assert tacchino2018.concurrence(rho) > 0.66
    assert np.linalg.eigvalsh(rho).min() > -1e-12
