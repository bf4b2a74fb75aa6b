"""Two qubits that conserve a parity: noise, two steady states, and longstaff2025 by equation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxent import chsh
from jaxent.baths import Bath
from jaxent.machines.parity_qubits import INITIAL_STATES, ParityQubits
from jaxent.steady_state import nullity, project
from jaxent.terms import superoperator
from tests.systems import longstaff2025 as paper
from tests.systems.stationary import observable, quickly, slopes, steady_state

INF = float("inf")
SPIN, BOSON = paper.Bath("spin", 0.015, 0.7), paper.Bath("boson", 0.005, 0.4)


def built(bath):
    statistics = "boson" if bath.statistics == "boson" else "fermion"
    return Bath(bath.chi, temperature=bath.temperature, statistics=statistics)


def machine(baths=(SPIN, BOSON), g=1.0, **rest):
    return ParityQubits(g, built(baths[0]), built(baths[1]), **rest)


def full(qubits):
    """The machine's Liouvillian."""
    pairs = zip(qubits.coefficients(), qubits.generator.terms, strict=True)
    return sum(float(c) * superoperator(term) for c, term in pairs)


BATHS = [
    (SPIN, BOSON),
    (BOSON, BOSON),
    (SPIN, paper.Bath("spin", 0.02, INF)),
    (paper.Bath("boson", 0.3, 0.0), SPIN),
    (paper.Bath("spin", 0.3, -0.0), paper.Bath("spin", 0.1, -2.0)),
]
NOISES = [
    {"gamma_collective": 0.3},
    {"gamma_local_1": 0.2, "gamma_local_2": 0.05},
    {"gamma_local_2": 0.1},
    {"gamma_collective": 0.02, "gamma_local_1": 0.3, "gamma_local_2": 0.01},
]


# the master equation


@pytest.mark.parametrize("baths", BATHS)
@pytest.mark.parametrize("noise", NOISES[::3])
def test_the_liouvillian_is_that_of_the_paper(baths, noise):
    """Its jumps are from their definition (31), not from (15) and (16)."""
    shifts = ((0.3, 0.1), (-0.2, 0.25))
    qubits = machine(baths, 1.3, lamb_shift_1=shifts[0], lamb_shift_2=shifts[1], **noise)
    collective, *local = (
        noise.get(f"gamma_{k}", 0.0) for k in ("collective", "local_1", "local_2")
    )
    exact = paper.liouvillian(1.3, baths, collective, local, shifts)
    np.testing.assert_allclose(full(qubits), exact, atol=1e-14)


@pytest.mark.parametrize("baths", BATHS)
@pytest.mark.parametrize("noise", NOISES)
def test_equations_36_to_40(baths, noise):
    """The steady state with noise; the two local rates count by their mean."""
    Gamma_1, Gamma_2 = paper.gammas(baths, 1.0)
    gamma_l = (noise.get("gamma_local_1", 0.0) + noise.get("gamma_local_2", 0.0)) / 2
    exact = paper.noisy_state(Gamma_1, Gamma_2, noise.get("gamma_collective", 0.0), gamma_l)
    rho = np.asarray(machine(baths, **noise).state())
    np.testing.assert_allclose(rho, exact, atol=1e-11)
    solved = steady_state(full(machine(baths, **noise)))
    np.testing.assert_allclose(rho, solved, atol=1e-11)


def test_the_state_is_that_of_qutip():
    qutip = pytest.importorskip("qutip")
    falls = [
        np.sqrt(rate) * qutip.Qobj(paper.jump(beta, omega, 1.0))
        for beta, bath in enumerate((SPIN, BOSON))
        for omega, rate in zip((1.0, -1.0), paper.rates(bath, 1.0), strict=True)
    ]
    z_1, z_2 = map(qutip.Qobj, paper.on_both(paper.SIGMA_Z))
    falls += [np.sqrt(0.1) * (z_1 + z_2), np.sqrt(0.03) * z_1, np.sqrt(0.01) * z_2]
    flip = qutip.Qobj(paper.projector(paper.PSI_MINUS) - paper.projector(paper.PSI_PLUS))
    noise = {"gamma_collective": 0.1, "gamma_local_1": 0.03, "gamma_local_2": 0.01}
    rho = qutip.steadystate(flip, falls).full()
    np.testing.assert_allclose(machine(**noise).state(), rho, atol=1e-11)


@pytest.mark.parametrize("bath", [SPIN, BOSON])
def test_rates_obey_detailed_balance(bath):
    """(17): gamma(-g) / gamma(g) = e^{-g/T}, with J = chi omega."""
    down, up = machine((bath, SPIN), 1.3).rates(1)
    np.testing.assert_allclose(up / down, np.exp(-1.3 / bath.temperature), rtol=1e-14)
    np.testing.assert_allclose((down, up), paper.rates(bath, 1.3), rtol=1e-14)


# with noise


@pytest.mark.parametrize("noise", NOISES)
def test_equation_29(noise):
    Gamma_1, Gamma_2 = paper.gammas((SPIN, BOSON), 1.0)
    gamma_l = (noise.get("gamma_local_1", 0.0) + noise.get("gamma_local_2", 0.0)) / 2
    exact = paper.bell_noisy(Gamma_1, Gamma_2, noise.get("gamma_collective", 0.0), gamma_l)
    np.testing.assert_allclose(chsh(machine(**noise).state()), exact, atol=1e-11)


def test_local_noise_alone_leaves_nothing_and_collective_noise_alone_all():
    """Sec. 5: Bell local; and 2 sqrt(2) (Gamma_1 - Gamma_2) / (Gamma_1 + Gamma_2)."""
    cold = (paper.Bath("spin", 0.015, 0.1), paper.Bath("spin", 0.005, 0.1))
    Gamma_1, Gamma_2 = paper.gammas(cold, 1.0)
    assert chsh(machine(cold, gamma_local_1=1e-4, gamma_local_2=1e-4).state()) <= 2
    for gamma_c in (1e-6, 1.0):
        value = chsh(machine(cold, gamma_collective=gamma_c).state())
        exact = 2 * np.sqrt(2) * (Gamma_1 - Gamma_2) / (Gamma_1 + Gamma_2)
        np.testing.assert_allclose(value, exact, rtol=1e-8)
        assert value > 2


def test_collective_noise_does_not_boost_monotonically():
    """At a fixed gamma_l, B first falls, to gamma_c = 4 gamma_l^2 / (Gamma_1 + Gamma_2)."""
    gamma_l = 5e-3
    lowest = 4 * gamma_l**2 / sum(paper.gammas((SPIN, BOSON), 1.0))

    def value(gamma_c):
        noise = {"gamma_local_1": gamma_l, "gamma_local_2": gamma_l}
        return chsh(machine(gamma_collective=gamma_c, **noise).state())

    slope = quickly(jax.grad(value))
    assert slope(0.5 * lowest) < 0 < slope(2 * lowest)
    assert abs(slope(lowest)) < 1e-9 * slope(2 * lowest) + 1e-10


def test_noise_that_vanishes_does_not_lead_to_the_machine_without_noise():
    """Its limit is one point of the line (23), whatever the initial state."""
    plus, minus = paper.steady_states(*paper.gammas((SPIN, BOSON), 1.0))
    faint = np.asarray(machine(gamma_collective=1e-9).state())
    mu = np.trace(paper.PLUS @ faint).real
    np.testing.assert_allclose(faint, mu * plus + (1 - mu) * minus, atol=1e-7)
    assert 0.55 < mu < 0.95


# without noise


@pytest.mark.parametrize("baths", BATHS)
def test_equations_19_and_20(baths):
    """One steady state for each parity, and the conserved quantities 1 and X."""
    generator = full(machine(baths, lamb_shift_1=(0.2, 0.1)))
    for state in paper.steady_states(*paper.gammas(baths, 1.0)):
        np.testing.assert_allclose(generator @ state.reshape(16), 0, atol=1e-15)
    for conserved in (np.eye(4), paper.X):
        np.testing.assert_allclose(conserved.reshape(16) @ generator, 0, atol=1e-15)


def test_there_are_two_steady_states_without_noise_and_one_with_any():
    def count(qubits):
        return nullity(qubits.generator, np.asarray(qubits.coefficients()))

    assert count(machine()) == 2
    assert not machine().noisy
    for noise in NOISES:
        assert machine(**noise).noisy
        assert count(machine(**noise)) == 1


def test_more_survives_without_a_bath_or_heat():
    """Against "all other eigenvalues have a negative real part": more of them vanish there."""
    lone = (SPIN, paper.Bath("spin", 0.0, 1.0))
    frozen = (paper.Bath("spin", 0.1, 0.0), paper.Bath("boson", 0.2, 0.0))
    values = [np.linalg.eigvals(full(machine(baths))) for baths in (lone, frozen)]
    assert all(np.sum(np.abs(value.real) < 1e-12) > 2 for value in values)
    assert np.sum(np.abs(np.linalg.eigvals(full(machine())).real) < 1e-12) == 2


@pytest.mark.parametrize(
    ("initial", "mu"),
    {
        "x_up_x_up": 1.0,
        "x_up_x_down": 0.0,
        "x_down_x_down": 1.0,
        "ground_ground": 0.5,
        "excited_ground": 0.5,
        "phi_plus": 1.0,
        "phi_minus": 0.0,
        "psi_plus": 1.0,
        "psi_minus": 0.0,
    }.items(),
)
def test_the_initial_state_decides_by_its_parity(initial, mu):
    """(23) and (24), by the projection onto the steady states."""
    qubits = machine(initial=initial)
    rho = np.asarray(qubits.initial_state())
    np.testing.assert_allclose(np.trace(paper.PLUS @ rho), mu, atol=1e-15)
    assert abs(np.trace(rho) - 1) < 1e-15
    Gamma_1, Gamma_2 = paper.gammas((SPIN, BOSON), 1.0)
    plus, minus = paper.steady_states(Gamma_1, Gamma_2)
    ended = np.asarray(project(qubits.generator, np.asarray(qubits.coefficients()), rho))
    np.testing.assert_allclose(ended, mu * plus + (1 - mu) * minus, atol=1e-11)
    np.testing.assert_allclose(
        paper.chsh(ended), paper.bell_noiseless(Gamma_1, Gamma_2, mu), atol=1e-11
    )


def test_equation_25_at_equal_temperatures():
    """B = 2 sqrt(tanh^2(g / 2T) + (2 mu - 1)^2), beyond 2 at any temperature for mu = 1."""
    for temperature in (0.3, 3.0):
        baths = (paper.Bath("spin", 0.01, temperature), paper.Bath("spin", 0.02, temperature))
        for mu in (0.3, 1.0):
            exact = 2 * np.hypot(np.tanh(1 / (2 * temperature)), 2 * mu - 1)
            found = paper.bell_noiseless(*paper.gammas(baths, 1.0), mu)
            np.testing.assert_allclose(found, exact, rtol=1e-12)


def test_a_weight_is_an_initial_state():
    rho = np.asarray(machine(mu=np.array([0.0, 0.3, 1.0])).initial_state())
    assert rho.shape == (3, 4, 4)
    weights = np.trace(paper.PLUS @ rho, axis1=-2, axis2=-1)
    np.testing.assert_allclose(weights, [0.0, 0.3, 1.0], atol=1e-15)
    assert np.linalg.eigvalsh(rho).min() > -1e-15
    with pytest.raises(ValueError, match=r"initial: without noise .* allowed: initial or mu"):
        machine().initial_state()


@pytest.mark.parametrize("ket", INITIAL_STATES.values(), ids=INITIAL_STATES)
def test_initial_states_are_normalised(ket):
    assert abs(np.vdot(ket, ket) - 1) < 1e-15


# structure


def test_the_sector_is_that_of_the_x_form():
    """Populations, Re of both coherences, Im of that within the coupled pair."""
    assert machine().generator.size == 7
    assert machine(gamma_local_1=0.1).generator.size == 7
    assert machine(lamb_shift_1=(0.2, 0.1)).generator.size == 8
    assert machine().x_form


def test_what_has_no_effect_has_no_term():
    """Equal Lamb shifts are a multiple of the identity."""
    for rest, terms in (
        ({}, 5),
        ({"lamb_shift_1": 0.3, "lamb_shift_2": (0.1, 0.1)}, 5),
        ({"lamb_shift_2": (0.1, 0.2)}, 6),
        ({"gamma_collective": 0.1, "gamma_local_2": 0.2}, 7),
    ):
        qubits = machine(**rest)
        assert len(qubits.generator.terms) == len(qubits.coefficients()) == terms


def test_lamb_shifts_leave_the_state():
    shifted = machine(gamma_local_1=0.1, lamb_shift_1=(0.5, -0.2), lamb_shift_2=(0.1, 0.9))
    np.testing.assert_allclose(shifted.state(), machine(gamma_local_1=0.1).state(), atol=1e-14)


def test_batches_are_single_machines():
    g, noise = jnp.array([1.0, 2.0]), jnp.array([[0.1], [0.2], [0.3]])
    batch = np.asarray(machine(g=g, gamma_collective=noise, gamma_local_1=0.1).state())
    assert batch.shape == (3, 2, 4, 4)
    single = machine(g=2.0, gamma_collective=0.3, gamma_local_1=0.1).state()
    np.testing.assert_allclose(batch[2, 1], single, atol=1e-14)
    assert machine(gamma_local_1=np.zeros(5)).g.shape == (5,)


def test_a_config_names_the_parameters():
    values = {"g": 1.0, "gamma_collective": 0.1, "lamb_shift_1": [0.1, 0.2], "mu": 0.2}
    for b, bath in enumerate((SPIN, BOSON), start=1):
        values |= {f"bath_{b}.statistics": bath.statistics, f"bath_{b}.chi": bath.chi}
        values |= {f"bath_{b}.temperature": bath.temperature}
    qubits = ParityQubits.from_parameters(values)
    expected = machine(gamma_collective=0.1, lamb_shift_1=(0.1, 0.2))
    np.testing.assert_array_equal(qubits.state(), expected.state())
    with pytest.raises(ValueError, match="kappa: unknown to parity_qubits"):
        ParityQubits.from_parameters(values | {"kappa": 1.0})


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"g": 0.0}, "g: 0.0 is given; allowed: finite and > 0"),
        ({"gamma_collective": -0.1}, "gamma_collective: "),
        ({"lamb_shift_1": (0.1, 0.2, 0.3)}, "lamb_shift_1: .* or a pair"),
        ({"lamb_shift_2": (0.1, INF)}, "lamb_shift_2: inf is given; allowed: finite"),
        ({"initial": "x_up"}, "initial: 'x_up' is unknown; allowed: x_up_x_up"),
        ({"initial": "phi_plus", "mu": 0.5}, "initial: given twice"),
        ({"mu": 1.5}, r"mu: 1.5 is given; allowed: in \[0, 1\]"),
    ],
)
def test_what_is_not_allowed_is_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        machine(**changed)


def test_regimes_hold_where_the_baths_are_weak():
    assert all(regime.holds for regime in machine().regimes())
    strong = machine((paper.Bath("spin", 0.5, 1.0), BOSON))
    assert not all(regime.holds for regime in strong.regimes())


def test_the_gradient_is_the_slope_of_the_plain_solve():
    weight = observable(4)
    point = [1.3, 0.2, 0.8, 0.1, 0.5, 0.15, 0.05, 0.1]  # g, chi, T twice, noise

    def value(x):
        spins = Bath(x[1], temperature=x[2])
        bosons = Bath(x[3], temperature=x[4], statistics="boson")
        noise = dict(
            zip(("gamma_collective", "gamma_local_1", "gamma_local_2"), x[5:], strict=True)
        )
        rho = ParityQubits(x[0], spins, bosons, **noise).state()
        return jnp.einsum("ij,ji->", weight, rho).real

    def plain(x):
        baths = paper.Bath("spin", x[1], x[2]), paper.Bath("boson", x[3], x[4])
        rho = steady_state(paper.liouvillian(x[0], baths, x[5], x[6:]))
        return np.trace(weight @ rho).real

    found = quickly(jax.grad(value))(jnp.asarray(point))
    np.testing.assert_allclose(found, slopes(plain, point, step=1e-3), atol=1e-8)
