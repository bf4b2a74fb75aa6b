"""Two qubits that conserve a parity: noise, two steady states, and longstaff2025 by equation."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments import master_equation as written_out
from experiments.longstaff2025 import equations as paper
from experiments.master_equation import steady_state
from jaxent import chsh, negativity
from jaxent.baths import Bath
from jaxent.machines import Thermal
from jaxent.machines.parity_qubits import INITIAL_STATES, ParityQubits
from jaxent.terms import superoperator
from tests.systems.stationary import observable, quickly, slopes

INF = float("inf")
NOISE = ("gamma_collective", "gamma_local_1", "gamma_local_2")
FERMIONS = {"statistics": "spin", "chi": 0.01, "temperature": 0.5}
SPIN, BOSON = paper.Bath("spin", 0.015, 0.7), paper.Bath("boson", 0.005, 0.4)


def built(bath):
    statistics = "boson" if bath.statistics == "boson" else "fermion"
    return Bath(bath.chi, temperature=bath.temperature, statistics=statistics)


def machine(baths=(SPIN, BOSON), g=1.0, **rest):
    return ParityQubits(g, built(baths[0]), built(baths[1]), **rest)


def full(qubits):
    """The machine's Liouvillian in the basis |a, b>."""
    pairs = zip(qubits.coefficients(), qubits.generator.terms, strict=True)
    inside = sum(float(c) * superoperator(term) for c, term in pairs)
    turn = np.kron(qubits.basis, qubits.basis.conj())
    return turn @ inside @ turn.conj().T


def random_machines(count, seed, noisy):
    """Machines of all kinds of baths, as (machine, its Liouvillian by the paper)."""
    rng = np.random.default_rng(seed)

    def bath():
        statistics, chi = str(rng.choice(["spin", "boson"])), 10 ** rng.uniform(-3, -0.5)
        hot = rng.uniform(0.2, 5.0)
        limits = [0.0, hot, hot] + ([-0.0, INF, -hot] if statistics == "spin" else [])
        return paper.Bath(statistics, chi, float(rng.choice(limits)))

    for _ in range(count):
        g, baths = rng.uniform(0.3, 3.0), (bath(), bath())
        noise = 10 ** rng.uniform(-3, 0, size=3) * rng.choice([0, 1], size=3) * noisy
        noise[0] += noisy * (not noise.any())
        shifts = rng.normal(size=(2, 2))
        rest = dict(zip(NOISE, noise.tolist(), strict=True))
        rest |= {f"lamb_shift_{b}": shifts[b - 1].tolist() for b in (1, 2)}
        start = {} if noisy else {"mu": rng.random()}
        generator = paper.liouvillian(g, baths, noise[0], noise[1:], shifts)
        yield machine(baths, g, **rest, **start), generator


BATHS = [
    (SPIN, BOSON),
    (BOSON, BOSON),
    (SPIN, paper.Bath("spin", 0.02, INF)),
    (paper.Bath("boson", 0.3, 0.0), SPIN),
    (paper.Bath("spin", 0.3, -0.0), paper.Bath("spin", 0.1, -2.0)),
]
UNDAMPED = {
    "first alone": (paper.Bath("spin", 0.03, 0.7), paper.Bath("spin", 0.0, 1.0)),
    "second alone": (paper.Bath("spin", 0.0, 0.7), paper.Bath("boson", 0.02, 1.0)),
    "frozen": (paper.Bath("spin", 0.03, 0.0), paper.Bath("boson", 0.05, 0.0)),
    "inverted": (paper.Bath("spin", 0.03, -0.0), paper.Bath("spin", 0.05, -0.0)),
}
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


def test_random_machines_with_noise_are_solved():
    for qubits, generator in random_machines(50, seed=1, noisy=True):
        np.testing.assert_allclose(qubits.state(), steady_state(generator), atol=1e-11)


def test_random_machines_without_noise_end_where_they_must():
    """The initial state of a weight, mu Pi_+/2 + (1 - mu) Pi_-/2, projected on the null space."""
    for qubits, generator in random_machines(50, seed=2, noisy=False):
        ended = paper.projected(generator, np.asarray(qubits.initial_state()))
        np.testing.assert_allclose(qubits.state(), ended, atol=1e-11)


def test_the_state_is_that_of_qutip():
    qutip = pytest.importorskip("qutip")
    falls = [
        np.sqrt(rate) * qutip.Qobj(paper.jump(beta, omega, 1.0))
        for beta, bath in enumerate((SPIN, BOSON))
        for omega, rate in zip((1.0, -1.0), paper.rates(bath, 1.0), strict=True)
    ]
    z_1, z_2 = map(qutip.Qobj, paper.on_both(written_out.SIGMA_Z))
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
    """Its limit is one point of the line (23), whatever the initial state; not a digit is lost."""
    rates = paper.gammas((SPIN, BOSON), 1.0)
    plus, minus = paper.steady_states(*rates)
    for faint in (1e-9, 1e-14, 1e-100):
        for noise in ({"gamma_collective": faint}, {"gamma_collective": faint, NOISE[1]: faint}):
            rho = np.asarray(machine(**noise).state())
            exact = paper.noisy_state(*rates, faint, noise.get(NOISE[1], 0.0) / 2)
            np.testing.assert_allclose(rho, exact, atol=1e-15)
            mu = np.trace(paper.PLUS @ rho).real
            on_the_line = mu * plus + (1 - mu) * minus
            np.testing.assert_allclose(rho, on_the_line, atol=1e-15 + 100 * faint)
    assert 0.55 < mu < 0.95


def test_a_temperature_gradient_only_degrades():
    """App. C for spins, for bosons and for both; with noise by (29), too (Sec. 5)."""
    rng = np.random.default_rng(3)
    for noise in ({"mu": 1.0}, {"gamma_collective": 0.01, "gamma_local_1": 1e-3}):
        for kinds in (("spin", "spin"), ("spin", "boson"), ("boson", "spin"), ("boson", "boson")):
            cold = rng.uniform(0.1, 0.5)
            for hot in (cold, 1.5 * cold, 4 * cold):
                baths = [
                    paper.Bath(kind, rng.uniform(0.005, 0.02), T)
                    for kind, T in zip(kinds, (hot, cold), strict=True)
                ]
                equal = (paper.Bath(kinds[0], baths[0].chi, cold), baths[1])
                hotter, even = (float(chsh(machine(b, **noise).state())) for b in (baths, equal))
                assert hotter < even or hot == cold


def test_equation_30_says_where_collective_noise_helps():
    """B > 2 for some gamma_c > 0 where (30) holds, and (44): up to gamma_l/gamma_c = R_+ (43)."""
    rng = np.random.default_rng(4)
    helped = 0
    for _ in range(40):
        baths = [paper.Bath("spin", 0.01, T) for T in rng.uniform(0.15, 1.0, size=2)]
        rates = paper.gammas(baths, 1.0)
        gamma_l = 10 ** rng.uniform(-4.5, -3)
        holds = paper.excess_30(*rates, gamma_l) > 0
        R = paper.largest_ratio(*rates, gamma_l)
        assert holds == (paper.excess_44(*rates, gamma_l) > 0) == (R > 0)
        helped += holds
        for ratio, nonlocal_state in ((0.99 * R, holds), (1.01 * R, False), (1e-6, holds)):
            if ratio > 0:
                noise = {"gamma_local_1": 2 * gamma_l, "gamma_collective": gamma_l / ratio}
                assert (float(chsh(machine(baths, **noise).state())) > 2) == nonlocal_state
    assert 5 < helped < 35


def test_equation_42_holds_with_gamma_l_alone():
    """Its gamma_L is gamma_l, the mean of both local rates: neither their sum nor another rate."""
    gamma_l, R = 2e-3, 0.4
    Gamma_1, Gamma_2 = paper.gammas((SPIN, BOSON), 1.0)
    noise = {"gamma_local_1": 2 * gamma_l, "gamma_collective": gamma_l / R}
    solved = float(chsh(machine(**noise).state()))
    values = [
        paper.bell_by_ratio(Gamma_1, Gamma_2, R, gamma_l, gamma_L)
        for gamma_L in (gamma_l, 2 * gamma_l, gamma_l / R, 0.0)
    ]
    assert values[0] == pytest.approx(solved, rel=1e-12)
    assert all(abs(value - solved) > 1e-2 for value in values[1:])


def test_equation_41():
    """The eigenvalues of T^T T, of which (29) takes the two largest."""
    noise = {"gamma_collective": 0.02, "gamma_local_1": 3e-3, "gamma_local_2": 1e-3}
    rho = np.asarray(machine(**noise).state())
    T = written_out.correlations(rho)
    phi_plus, psi_plus, phi_minus, psi_minus = (
        np.trace(paper.projector(ket) @ rho).real
        for ket in (paper.PHI_PLUS, paper.PSI_PLUS, paper.PHI_MINUS, paper.PSI_MINUS)
    )
    a, d = (phi_plus + phi_minus) / 2, (phi_plus - phi_minus) / 2
    b, c = (psi_plus + psi_minus) / 2, (psi_plus - psi_minus) / 2
    exact = sorted([4 * (c + d) ** 2, 4 * (c - d) ** 2, 4 * (a - b) ** 2])
    np.testing.assert_allclose(np.linalg.eigvalsh(T.T @ T), exact, atol=1e-14)
    assert exact[0] == 4 * (a - b) ** 2


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
    def counts(qubits):
        return qubits.steady_states, qubits.diagnose(np.eye(4) / 4).nullity

    assert counts(machine(lamb_shift_1=(0.3, 0.1))) == (2, 2)
    for noise in NOISES:
        assert counts(machine(**noise)) == (1, 1)
        # To the last bit: no rate is too slow to count.
        assert counts(machine(**{name: 1e-200 for name in noise})) == (1, 1)


STARTS = {
    "x_up_x_up": 1.0,
    "x_up_x_down": 0.0,
    "x_down_x_up": 0.0,
    "x_down_x_down": 1.0,
    "ground_ground": 0.5,
    "ground_excited": 0.5,
    "excited_ground": 0.5,
    "excited_excited": 0.5,
    "phi_plus": 1.0,
    "phi_minus": 0.0,
    "psi_plus": 1.0,
    "psi_minus": 0.0,
}


@pytest.mark.parametrize("baths", [*BATHS, *UNDAMPED.values()])
def test_every_initial_state_ends_where_its_parity_decides(baths):
    """(23) and (24), against a long evolution: also where something could oscillate for ever."""
    assert set(STARTS) == set(INITIAL_STATES)
    generator = paper.liouvillian(1.0, baths)
    rates = paper.gammas(baths, 1.0)
    plus, minus = paper.steady_states(*rates)
    for initial, mu in STARTS.items():
        qubits = machine(baths, initial=initial)
        assert qubits.weight == mu
        rho = np.asarray(qubits.state())
        np.testing.assert_allclose(rho, mu * plus + (1 - mu) * minus, atol=1e-15)
        ended = paper.evolved(generator, np.asarray(qubits.initial_state()))
        np.testing.assert_allclose(rho, ended, atol=1e-9)
        assert chsh(rho) == pytest.approx(paper.bell_noiseless(*rates, mu), abs=1e-14)
        assert qubits.diagnose(rho).residual < 1e-16


def test_equation_25_at_equal_temperatures():
    """B = 2 sqrt(tanh^2(g / 2T) + (2 mu - 1)^2), beyond 2 at any temperature for mu = 1."""
    for temperature in (0.3, 3.0, 300.0):
        for kinds in (("spin", "spin"), ("boson", "spin"), ("boson", "boson")):
            baths = [paper.Bath(kind, 0.01, temperature) for kind in kinds]
            for mu in (0.3, 1.0):
                found = chsh(machine(baths, mu=mu).state())
                assert found == pytest.approx(paper.bell_equal(1.0, temperature, mu), rel=1e-12)
                assert mu < 1 or found > 2


def test_equations_34_and_35_for_two_baths_of_spins():
    hot, cold, x = 0.8, 0.3, 0.02 / 0.015
    baths = paper.Bath("spin", 0.015, hot), paper.Bath("spin", 0.02, cold)
    exact = (np.tanh(1 / (2 * hot)) + x * np.tanh(1 / (2 * cold))) / (1 + x)
    # At mu = 1/2 the Bell parameter (24) is that ratio alone.
    assert chsh(machine(baths, mu=0.5).state()) == pytest.approx(2 * exact, rel=1e-13)


def test_the_thermal_state_is_local_above_its_critical_temperature():
    """App. B: (32), (33), and T = g / (2 ln(sqrt(2) + 1))."""
    g = 1.3
    critical = g / (2 * np.log(np.sqrt(2) + 1))
    for temperature in (0.4, critical, 2.0):
        exact = 2 * np.sqrt(2) * np.tanh(g / (2 * temperature))
        assert written_out.chsh(paper.thermal_state(g, temperature)) == pytest.approx(
            exact, rel=1e-12
        )
        assert chsh(Thermal(g, 0.0, temperature=temperature).state()) == pytest.approx(exact)
    for factor, violated in ((1 - 1e-9, True), (1 + 1e-9, False)):
        state = Thermal(g, 0.0, temperature=factor * critical).state()
        assert (float(chsh(state)) > 2) == violated
    # There the machine still violates the inequality, as in Fig. 1.
    baths = [paper.Bath("spin", 0.01, critical)] * 2
    assert chsh(machine(baths, g, mu=1.0).state()) > 2.4


# what oscillates for ever


@pytest.mark.parametrize("name", UNDAMPED)
def test_coherences_between_the_parities_can_last_for_ever(name):
    """Against "the non-zero eigenvalues all have negative real parts" below (22).

    Two of them are +-ig; those of all other decay. A state with such a coherence has no limit.
    """
    baths, g = UNDAMPED[name], 1.0
    generator = paper.liouvillian(g, baths, shifts=((0.3, 0.1), (0.0, 0.0)))
    values = np.linalg.eigvals(generator)
    lasting = values[np.abs(values.real) < 1e-12]
    assert np.sum(np.abs(lasting) < 1e-12) == 2
    np.testing.assert_allclose(sorted(lasting.imag)[:: len(lasting) - 1], [-g, g], atol=1e-12)
    assert len(lasting) == 4

    qubits = machine(baths, mu=0.3, lamb_shift_1=(0.3, 0.1))
    assert qubits.diagnose(qubits.state()).nullity == qubits.steady_states == 2
    assert qubits.spectral_gap() == 0
    assert [r.condition for r in qubits.regimes() if not r.holds] == [
        "undamped coherences between the parities <= 0"
    ]
    ket = (paper.PSI_PLUS + paper.PHI_MINUS) / np.sqrt(2)
    initial = np.outer(ket, ket)
    averaged = np.asarray(machine(baths, mu=0.5).state())
    np.testing.assert_allclose(paper.projected(generator, initial), averaged, atol=1e-12)
    assert np.abs(paper.evolved(generator, initial) - averaged).max() > 0.02


def test_everything_is_damped_elsewhere():
    for baths in BATHS:
        qubits = machine(baths, mu=0.3)
        values = np.linalg.eigvals(full(qubits))
        assert np.sum(np.abs(values.real) < 1e-12) == 2
        assert qubits.spectral_gap() > 0
        assert not any("undamped" in r.condition for r in qubits.regimes() if not r.holds)
    # With noise one steady state is left, and a state by name has no such coherence.
    for rest in ({"initial": "psi_plus"}, {"gamma_collective": 0.1}):
        conditions = [r.condition for r in machine(UNDAMPED["frozen"], **rest).regimes()]
        assert not any("undamped" in condition for condition in conditions)


@pytest.mark.parametrize(
    ("rest", "count"),
    [
        ({"mu": 0.3}, 6),
        ({"mu": 0.3, "lamb_shift_1": (0.3, 0.1)}, 4),
        ({"gamma_collective": 0.1}, 4),
        ({"gamma_local_1": 0.1}, 3),
    ],
)
def test_without_baths_there_is_no_number(rest, count):
    qubits = machine([paper.Bath("spin", 0.0, 1.0)] * 2, **rest)
    assert np.all(np.isnan(qubits.state()))
    found = qubits.diagnose(np.eye(4) / 4).nullity
    assert found == count == np.sum(np.abs(np.linalg.eigvals(full(qubits))) < 1e-12)


def test_traced_noise_that_vanishes_gives_no_number():
    """The structure with noise has no initial state, and without it none is the steady one."""
    solve = quickly(lambda rate: machine(gamma_collective=rate).state())
    assert np.all(np.isnan(solve(0.0)))
    assert np.all(np.isfinite(solve(1e-250)))


def test_a_search_of_noise_starts_above_zero():
    with pytest.raises(ValueError, match="gamma_local_1: the range starts at 0, where the parity"):
        ParityQubits.refuse_ranges({"gamma_collective": 0.0}, {"gamma_local_1": (0.0, 0.1)})
    ParityQubits.refuse_ranges({"gamma_collective": 0.1}, {"gamma_local_1": (0.0, 0.1)})
    ParityQubits.refuse_ranges(
        {}, {"gamma_local_1": (1e-3, 0.1), "gamma_local_2": (0.0, 0.1), "g": (0.1, 1.0)}
    )
    ParityQubits.refuse_ranges({"mu": 0.5}, {"g": (0.1, 1.0)})


def test_a_coupling_that_vanishes_leaves_the_ratio_of_the_rates():
    """g -> 0+ at fixed g/T, without noise; each rate is proportional to g."""
    baths = [replace(bath, temperature=1e-200 * bath.temperature) for bath in (SPIN, BOSON)]
    np.testing.assert_allclose(
        machine(baths, 1e-200, mu=0.3).state(), machine(mu=0.3).state(), atol=1e-15
    )


# initial states


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


def test_the_sector_is_the_populations_of_the_bell_states():
    for rest in ({}, {"lamb_shift_1": (0.2, 0.1)}, *NOISES):
        assert machine(**rest).generator.size == 4
        assert machine(**rest).generator.exact
        assert machine(**rest).x_form
    state, x_state = machine(mu=0.3).state(), machine(mu=0.3).x_state()
    np.testing.assert_allclose(x_state[:4], np.diag(state).real, atol=1e-16)
    assert (x_state.u, x_state.v) == (abs(state[1, 2]), abs(state[0, 3]))


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
    mu, chi = np.array([[0.0], [0.3], [1.0]]), np.array([0.01, 0.02])
    batch = np.asarray(machine((SPIN, replace(BOSON, chi=chi)), mu=mu).state())
    single = machine((SPIN, replace(BOSON, chi=0.02)), mu=0.3).state()
    np.testing.assert_allclose(batch[1, 1], single, atol=1e-16)


def test_a_config_names_the_parameters():
    values = {"g": 1.0, "gamma_collective": 0.1, "lamb_shift_1": [0.1, 0.2], "mu": 0.2}
    for b, bath in enumerate((SPIN, BOSON), start=1):
        values |= {f"bath_{b}.statistics": bath.statistics, f"bath_{b}.chi": bath.chi}
        values |= {f"bath_{b}.temperature": bath.temperature}
    qubits = ParityQubits.from_parameters(values)
    expected = machine(gamma_collective=0.1, lamb_shift_1=(0.1, 0.2))
    np.testing.assert_array_equal(qubits.state(), expected.state())
    one_by_one = {name: value for name, value in values.items() if name != "lamb_shift_1"}
    one_by_one |= {"lamb_shift_1[0]": 0.1, "lamb_shift_1[1]": 0.2}
    np.testing.assert_array_equal(
        ParityQubits.from_parameters(one_by_one).splitting, expected.splitting
    )
    with pytest.raises(ValueError, match="kappa: unknown to parity_qubits"):
        ParityQubits.from_parameters(values | {"kappa": 1.0})


def test_a_config_needs_an_initial_state_only_without_noise():
    values = {"g": 1.0, "gamma_collective": 0.1}
    values |= {f"bath_{b}.{name}": x for b in (1, 2) for name, x in FERMIONS.items()}
    ParityQubits.from_parameters(values)
    noiseless = values | {"gamma_collective": 0.0}
    ParityQubits.from_parameters(noiseless | {"initial": "phi_plus"})
    with pytest.raises(ValueError, match=r"initial: without noise .* allowed: initial or mu"):
        ParityQubits.from_parameters(noiseless)


def test_parameters_allow_what_the_machine_takes():
    shift, initial, mu = map(ParityQubits.parameter, ("lamb_shift_1", "initial", "mu"))
    assert shift.allows(0.1)
    assert shift.allows([0.1, -0.2])
    assert shift.allowed == "any finite number, or a list of 2 numbers, at g and at -g"
    assert initial.optional
    assert mu.optional
    assert all(map(initial.allows, INITIAL_STATES))


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


def qubits_and_baths(x):
    """The coupling of the qubits, a bath of spins and one of bosons."""
    spins = Bath(x[1], temperature=x[2])
    return x[0], spins, Bath(x[3], temperature=x[4], statistics="boson")


def test_gradients_are_the_slopes_of_the_plain_solve():
    """Of an observable and of two measures, with noise."""
    weight = observable(4)
    point = [1.3, 0.02, 0.2, 0.01, 0.3, 0.15, 5e-4, 1e-3]  # g, chi, T twice, noise

    def values(x):
        rho = ParityQubits(*qubits_and_baths(x), **dict(zip(NOISE, x[5:], strict=True))).state()
        return [jnp.einsum("ij,ji->", weight, rho).real, chsh(rho), negativity(rho)]

    def plain(x):
        baths = paper.Bath("spin", x[1], x[2]), paper.Bath("boson", x[3], x[4])
        rho = steady_state(paper.liouvillian(x[0], baths, x[5], x[6:]))
        return np.array(
            [np.trace(weight @ rho).real, written_out.chsh(rho), written_out.negativity(rho)]
        )

    found = quickly(jax.jacrev(values))(jnp.asarray(point))
    assert plain(point)[1] > 2
    for k, slope in enumerate(found):
        exact = slopes(lambda x, k=k: plain(x)[k], point, step=1e-3)
        np.testing.assert_allclose(slope, exact, rtol=1e-6, atol=1e-8)


def test_gradients_are_the_slopes_of_the_plain_projection_without_noise():
    point = [1.3, 0.02, 0.2, 0.01, 0.3, 0.8]  # g, chi, T twice, mu

    def values(x):
        rho = ParityQubits(*qubits_and_baths(x), mu=x[5]).state()
        return [chsh(rho), negativity(rho)]

    def plain(x):
        baths = paper.Bath("spin", x[1], x[2]), paper.Bath("boson", x[3], x[4])
        initial = (np.eye(4) + (2 * x[5] - 1) * paper.X) / 4
        rho = paper.projected(paper.liouvillian(x[0], baths), initial)
        return np.array([written_out.chsh(rho), written_out.negativity(rho)])

    found = quickly(jax.jacrev(values))(jnp.asarray(point))
    for k, slope in enumerate(found):
        exact = slopes(lambda x, k=k: plain(x)[k], point, step=1e-3)
        np.testing.assert_allclose(slope, exact, rtol=1e-6, atol=1e-8)
