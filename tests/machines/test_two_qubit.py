"""The two-qubit machine against independent solves, its structure, its symmetries and its limits.

References: ``plain`` (the full 16 x 16 Liouvillian in NumPy and in 60 digits) and QuTiP.
"""

from dataclasses import replace

import jax
import numpy as np
import pytest

from experiments.brask2022 import equations as brask2022
from jaxent.baths import Bath
from jaxent.machines import TwoQubit
from tests.systems import plain
from tests.systems.two_qubit import KINDS, built, every_kind, machines

INF = float("inf")


def state(machine):
    return np.asarray(built(machine).state())


def distance(left, right):
    return np.abs(np.asarray(left) - np.asarray(right)).max()


# the whole master equation


@pytest.mark.parametrize("kind", KINDS)
def test_the_steady_state_is_that_of_the_full_liouvillian(kind):
    """25 random machines of each of 8 kinds: g and gamma over four decades, T of either sign."""
    for machine in machines(kind, count=25):
        assert distance(state(machine), plain.steady_state(machine)) < 1e-12, machine


def test_the_random_machines_meet_every_limit():
    """What the test above is made of: no kind of limit is left to chance."""
    baths = [bath for m in every_kind(25) for bath in (m.bath_a, m.bath_b)]
    temperatures = [str(float(b.temperature)) for b in baths if b.temperature is not None]
    assert {"0.0", "-0.0", "inf", "-inf"} <= set(temperatures)
    assert {0.0, 1.0} <= {b.occupation for b in baths}
    fermions = [b for b in baths if b.statistics == "fermion" and b.temperature is not None]
    assert any(-INF < b.temperature < 0 for b in fermions)
    assert any(m.g == 0 for m in every_kind(25))
    assert {0.0, INF} < {m.u for m in every_kind(25)}


def test_the_double_precision_reference_is_right_to_1e_13():
    """The NumPy solve against 60 digits, so that 1e-12 above means something."""
    for machine in every_kind(count=4):
        precise = plain.as_state(plain.precise_steady_state(machine))
        assert distance(plain.steady_state(machine), precise) < 1e-13, machine


@pytest.mark.parametrize("kind", KINDS)
def test_qutip_finds_the_same_steady_state(kind):
    """Another solver on the same operators: 200 machines in all."""
    qutip = pytest.importorskip("qutip")
    for machine in machines(kind, count=25, seed=1):
        hamiltonian = sum(float(energy) * h for energy, h in plain.hamiltonian(machine))
        jumps = [np.sqrt(float(rate)) * jump for rate, jump in plain.jumps(machine) if rate > 0]
        solved = qutip.steadystate(qutip.Qobj(hamiltonian), [qutip.Qobj(j) for j in jumps])
        assert distance(state(machine), solved.full()) < 1e-10, machine


def fermionic(g, gamma_a, gamma_b, **rest):
    """Two fermionic baths at T_A = 2, T_B = 0.3 unless said otherwise."""
    bath_a = plain.Bath("fermion", gamma_a, **rest.pop("a", {"temperature": 2.0}))
    bath_b = plain.Bath("fermion", gamma_b, **rest.pop("b", {"temperature": 0.3}))
    return plain.Machine(g, bath_a, bath_b, **rest)


INVERTED, COLD = {"a": {"temperature": -0.0}}, {"b": {"temperature": 0.0}}
HARD = {
    "g/Gamma = 1e-5": fermionic(1e-5, 1.0, 0.3),
    "g/Gamma = 1e-5, inverted": fermionic(1e-5, 1.0, 0.3, **INVERTED, **COLD),
    "g/Gamma = 1e-5, u = inf": fermionic(1e-5, 1.0, 0.3, u=INF),
    "g/Gamma = 1e5": fermionic(1e5, 1.0, 0.3),
    "g/Gamma = 1e5, inverted": fermionic(1e5, 1.0, 0.3, **INVERTED, **COLD),
    "g/Gamma = 1e5, u = inf": fermionic(1e5, 1.0, 0.3, u=INF),
    "g/Gamma = 1e5, detuned": fermionic(1e5, 1.0, 0.3, E_b=1.5),
    "gamma_A/gamma_B = 1e6": fermionic(0.7, 1e3, 1e-3),
    "gamma_B/gamma_A = 1e6, cold": fermionic(0.7, 1e-3, 1e3, **COLD),
    "gamma_B/gamma_A = 1e9": fermionic(0.7, 1e-6, 1e3),
    "gamma_A/gamma_B = 1e9, u = 0.5": fermionic(0.7, 1e3, 1e-6, u=0.5),
    "T = 1/300": fermionic(0.7, 1.0, 0.3, a={"temperature": 1 / 300}, b={"temperature": 1 / 200}),
    "T = -1/300": fermionic(0.7, 1.0, 0.3, a={"temperature": -1 / 300}, b={"temperature": 1 / 200}),
}


def entries(matrix, parts):
    """Real numbers, for componentwise comparison; what is exactly zero is left out."""
    pairs = [(i, i) for i in range(4)] if parts == "populations" else [(1, 2)]
    numbers = [part for i, j in pairs for part in (matrix[i][j].real, matrix[i][j].imag)]
    return np.array([float(number) for number in numbers])


@pytest.mark.parametrize("parts", ["populations", "coherence"])
@pytest.mark.parametrize("machine", HARD.values(), ids=HARD.keys())
def test_each_entry_is_accurate_relative_to_itself(machine, parts):
    """Without tunnelling 1e-13 is demanded of each entry, however small it is (60-digit origin).

    What is below 1e-45 of the trace is rounding of the reference or a leak; it has to be as small.
    """
    precise = plain.as_state(plain.precise_steady_state(machine))
    exact, computed = entries(precise, parts), entries(state(machine), parts)
    negligible = np.abs(exact) < 1e-45
    np.testing.assert_allclose(computed[~negligible], exact[~negligible], rtol=1e-13, atol=0)
    assert np.all(np.abs(computed[negligible]) < 1e-45)


def test_beyond_the_range_of_doubles_there_is_no_number():
    """Products of rates underflow: not a wrong state, none."""
    weak = [Bath(1e-160, temperature=T) for T in (2.0, 0.5)]
    assert np.all(np.isnan(TwoQubit(1.0, *weak).state()[0, 0]))
    strong = [Bath(1e-100, temperature=T) for T in (2.0, 0.5)]
    limit = [Bath(1e-10, temperature=T) for T in (2.0, 0.5)]
    assert distance(TwoQubit(1.0, *strong).state(), TwoQubit(1.0, *limit).state()) < 1e-9


def test_charged_bosons_at_infinite_temperature_are_close_to_very_hot_ones():
    """The rates of both transitions diverge in the ratio of their energies' inverses."""
    cold = Bath(0.7, temperature=0.5)

    def state_at(beta):
        return TwoQubit(0.3, Bath(1.0, beta=beta, statistics="boson"), cold, u=1.0).state()

    assert distance(state_at(0.0), state_at(1e-7)) < 1e-6
    slope = jax.jit(jax.jacfwd(state_at))
    np.testing.assert_allclose(slope(0.0), slope(1e-6), rtol=0, atol=1e-5)


def test_with_tunnelling_ill_conditioned_machines_are_accurate_to_1e_10():
    """g and gamma over eight decades.

    The rates that eliminated coherences leave behind can be negative here, so that accuracy is
    relative to the largest population and falls with the condition number, up to 1e7.
    """
    rng = np.random.default_rng(8)
    for machine in machines("tunnelling", 30, seed=2):
        g, gamma_a, gamma_b = 10 ** rng.uniform(-4, 4, size=3)
        harder = replace(
            machine,
            g=g,
            bath_a=replace(machine.bath_a, gamma=gamma_a),
            bath_b=replace(machine.bath_b, gamma=gamma_b),
        )
        precise = plain.as_state(plain.precise_steady_state(harder))
        assert distance(state(harder), precise) < 1e-10, harder


# structure


def fermions(gamma, temperature):
    return Bath(gamma, temperature=temperature)


STRUCTURES = [
    ({}, 5, True),
    ({"u": 2.0}, 5, True),
    ({"u": INF}, 5, True),
    ({"E_b": 1.2}, 6, True),
    ({"E_b": 1.2, "u": 2.0}, 6, True),
    ({"E_b": 1.2, "u": INF}, 6, True),
    ({"kappa_a": 0.1}, 16, False),
    ({"kappa_b": 0.1, "E_b": 1.2}, 16, False),
    ({"kappa_b": 0.1, "u": 2.0}, 16, False),
    ({"kappa_a": 0.1, "u": INF}, 10, False),
    ({"kappa_a": 0.1, "E_b": 1.2, "u": INF}, 10, False),
]


@pytest.mark.parametrize(("structure", "size", "x_form"), STRUCTURES, ids=str)
def test_only_reachable_coordinates_are_solved_for(structure, size, x_form):
    """5: four populations and Im rho[01, 10]; 6: with its real part; 16: everything.

    10 is everything but the coherences of |11>, which is infinitely detuned at u = inf.
    """
    machine = TwoQubit(0.5, fermions(1.0, 2.0), fermions(0.7, 0.3), **structure)
    assert machine.generator.size == size
    assert machine.x_form is x_form
    assert machine.diagnose(machine.state()).sector_size == size


def test_what_is_traced_is_allowed_for():
    """A traced detuning may be zero today and not tomorrow."""

    @jax.jit
    def size(gap):
        machine = TwoQubit(0.5, fermions(1.0, 2.0), fermions(0.7, 0.3), E_b=gap)
        assert machine.generator.size == 6
        return machine.state()

    resonant = TwoQubit(0.5, fermions(1.0, 2.0), fermions(0.7, 0.3)).state()
    assert distance(size(1.0), resonant) < 1e-15


# symmetries


@pytest.mark.parametrize("factor", [1e-8, 0.1, 7.0, 1e8])
def test_the_state_depends_on_ratios_of_couplings_alone(factor):
    """(g, gA, gB) -> c (g, gA, gB); brask2022 Sec. IV A. Detuning and tunnelling set a scale."""
    for name in ("bosonic", "fermionic", "charged", "infinitely_charged", "population_inverted"):
        for machine in machines(name, count=4, seed=3):
            scaled = replace(
                machine,
                g=machine.g * factor,
                bath_a=replace(machine.bath_a, gamma=machine.bath_a.gamma * factor),
                bath_b=replace(machine.bath_b, gamma=machine.bath_b.gamma * factor),
            )
            assert distance(state(scaled), state(machine)) < 1e-14, machine


def test_energies_and_temperatures_have_a_common_unit():
    """Multiplying every energy, rate and temperature by a factor changes nothing."""
    rng = np.random.default_rng(9)
    for _ in range(5):
        g, gamma_a, gamma_b, hot, cold, u, gap = 10 ** rng.uniform(-1, 0.5, size=7)
        states = [
            TwoQubit(
                c * g,
                fermions(c * gamma_a, c * hot),
                fermions(c * gamma_b, c * cold),
                u=c * u,
                E_a=c * gap,
                E_b=c * 1.1 * gap,
                kappa_a=c * 0.2,
            ).state()
            for c in (1.0, 3.7)
        ]
        assert distance(*states) < 1e-13


def test_a_bosonic_bath_is_a_faster_fermionic_one():
    """gamma' = gamma (1 + 2n), n' = n/(1 + 2n), u = 0: the same rates, hence the same state."""
    for name in ("bosonic", "detuned", "tunnelling"):
        for machine in machines(name, count=12, seed=4):
            if machine.bath_a.statistics == "boson":
                as_fermions = replace(
                    machine,
                    bath_a=equivalent_fermions(machine.bath_a, machine.E_a),
                    bath_b=equivalent_fermions(machine.bath_b, machine.E_b),
                )
                assert distance(state(machine), state(as_fermions)) < 1e-13, machine


def equivalent_fermions(bath, gap):
    n = bath.occupation
    if n is None:
        n = 0.0 if bath.temperature == 0 else 1 / np.expm1(gap / bath.temperature)
    return plain.Bath("fermion", bath.gamma * (1 + 2 * n), occupation=n / (1 + 2 * n))


def test_exchanging_the_qubits_exchanges_the_baths():
    swap = [0, 2, 1, 3]
    for machine in every_kind(count=3, seed=5):
        mirrored = replace(
            machine,
            bath_a=machine.bath_b,
            bath_b=machine.bath_a,
            E_a=machine.E_b,
            E_b=machine.E_a,
            kappa_a=machine.kappa_b,
            kappa_b=machine.kappa_a,
        )
        assert distance(state(mirrored)[np.ix_(swap, swap)], state(machine)) < 1e-12, machine


def test_inverting_both_baths_exchanges_ground_and_excited():
    """Particle-hole symmetry of uncharged fermions: T -> -T with |0> <-> |1>."""
    flip = [3, 2, 1, 0]
    for machine in machines("fermionic", count=12, seed=6):
        inverted = replace(
            machine, bath_a=particle_hole(machine.bath_a), bath_b=particle_hole(machine.bath_b)
        )
        assert distance(state(inverted)[np.ix_(flip, flip)], state(machine)) < 1e-13, machine


def particle_hole(bath):
    if bath.temperature is not None:
        return replace(bath, temperature=-bath.temperature)
    return replace(bath, occupation=1 - bath.occupation)


def test_equal_temperatures_leave_the_qubits_uncorrelated():
    """At equilibrium no heat flows: the local master equation has the product state."""
    for statistics in ("fermion", "boson"):
        for temperature in (0.2, 1.0, 5.0):
            baths = [Bath(c, temperature=temperature, statistics=statistics) for c in (0.4, 3.0)]
            p = 1 / (np.exp(1 / temperature) + 1)
            product = np.kron([1 - p, p], [1 - p, p])
            assert distance(TwoQubit(0.7, *baths).state(), np.diag(product)) < 1e-15


# limits: states are exact


POINTS = [(0.6, 1.0, 0.7), (1e-3, 1.0, 1e3), (40.0, 0.01, 2.0), (0.0, 1.0, 3.0)]


@pytest.mark.parametrize("point", POINTS)
def test_the_limits_of_temperature_and_charge_are_exact(point):
    """T_A = inf, T_A = 0-, T_B = 0+ and u = inf, against (15), (16)-(19) and (20) of brask2022."""
    g, gamma_a, gamma_b = point
    cold = fermions(gamma_b, 0.0)
    for exact, hot, u in [
        (brask2022.infinitely_hot_fermions, fermions(gamma_a, INF), 0.0),
        (brask2022.infinitely_charged_fermions, fermions(gamma_a, INF), INF),
        (brask2022.inverted_fermions, fermions(gamma_a, -0.0), 0.0),
        (brask2022.inverted_fermions, fermions(gamma_a, -0.0), 3.0),
        (brask2022.inverted_fermions, fermions(gamma_a, -0.0), INF),
    ]:
        assert distance(TwoQubit(g, hot, cold, u=u).state(), exact(*point)) < 1e-15


def test_occupations_zero_and_one_are_the_zero_temperatures():
    for u in (0.0, 1.5, INF):
        for occupation, temperature in ((0.0, 0.0), (1.0, -0.0), (0.5, INF)):
            by_occupation, by_temperature = (
                TwoQubit(0.6, Bath(1.0, **given), fermions(0.7, 0.4), u=u).state()
                for given in ({"occupation": occupation}, {"temperature": temperature})
            )
            # At n = 1/2 and u = inf the sign of T decides which comes first, T or u.
            if (u, occupation) != (INF, 0.5):
                assert distance(by_occupation, by_temperature) < 1e-15


@pytest.mark.parametrize("statistics", ["boson", "fermion"])
def test_uncoupled_qubits_take_the_temperature_of_their_baths(statistics):
    """g = 0: a product of Gibbs states, at every temperature."""
    hot = Bath(1.0, temperature=2.0, statistics=statistics)
    for temperature in (0.0, 0.1, 5.0):
        cold = Bath(3.0, temperature=temperature, statistics=statistics)
        a = np.array([1, np.exp(-1 / 2.0)]) / (1 + np.exp(-1 / 2.0))
        boltzmann = np.exp(-1 / temperature) if temperature else 0.0
        b = np.array([1, boltzmann]) / (1 + boltzmann)
        assert distance(TwoQubit(0.0, hot, cold).state(), np.diag(np.kron(a, b))) < 1e-15


def test_an_isolated_qubit_takes_the_temperature_of_its_partner():
    """gamma_B = 0: nothing flows, so both qubits end in the Gibbs state of bath A."""
    p = 1 / (np.exp(1 / 0.8) + 1)
    product = np.diag(np.kron([1 - p, p], [1 - p, p]))
    assert distance(TwoQubit(0.5, fermions(1.0, 0.8), fermions(0.0, 3.0)).state(), product) < 1e-15


def test_an_infinitely_hot_bosonic_bath_freezes_its_qubit():
    """The quantum Zeno limit: A is maximally mixed, and B sees its own bath alone. Exact."""
    hot = Bath(1.0, temperature=INF, statistics="boson")
    for g in (0.0, 0.5, 100.0):
        for temperature in (0.0, 0.7):
            cold = Bath(0.4, temperature=temperature, statistics="boson")
            boltzmann = np.exp(-1 / temperature) if temperature else 0.0
            b = np.array([1, boltzmann]) / (1 + boltzmann)
            product = np.diag(np.kron([0.5, 0.5], b))
            assert distance(TwoQubit(g, hot, cold).state(), product) < 1e-15
            mirrored = np.diag(np.kron(b, [0.5, 0.5]))
            assert distance(TwoQubit(g, cold, hot).state(), mirrored) < 1e-15


def test_an_infinitely_hot_bosonic_bath_freezes_its_qubit_despite_detuning_and_tunnelling():
    hot = Bath(1.0, temperature=INF, statistics="boson")
    cold = Bath(0.4, temperature=0.7, statistics="boson")
    rest = {"E_b": 1.3, "kappa_a": 0.4, "kappa_b": 0.2}
    exact = TwoQubit(0.5, hot, cold, **rest).state()
    near = plain.Machine(
        0.5,
        plain.Bath("boson", 1.0, inverse_temperature=1e-14),
        plain.Bath("boson", 0.4, temperature=0.7),
        **rest,
    )
    assert distance(exact, plain.as_state(plain.precise_steady_state(near))) < 1e-12


def test_a_traced_infinite_temperature_of_bosons_is_right_to_1e_8():
    """Where the structure cannot know, the bath is 1e8 times faster instead."""
    cold = Bath(0.4, temperature=0.7, statistics="boson")

    @jax.jit
    def at(beta):
        return TwoQubit(0.5, Bath(1.0, beta=beta, statistics="boson"), cold).state()

    exact = TwoQubit(0.5, Bath(1.0, beta=0.0, statistics="boson"), cold).state()
    assert 0 < distance(at(0.0), exact) < 1e-8


@pytest.mark.parametrize("u", [0.5, 2.0])
def test_an_infinitely_hot_bosonic_bath_averages_the_charge_over_its_qubit(u):
    """Charged bosons: B sees the mean of its rates at E and E + u. 1e-8 as in ``Bath.speed``."""
    cold = plain.Bath("boson", 0.4, temperature=0.7)
    near = plain.Machine(0.5, plain.Bath("boson", 1.0, inverse_temperature=1e-14), cold, u=u)
    limit = plain.as_state(plain.precise_steady_state(near))
    hot = Bath(1.0, temperature=INF, statistics="boson")
    machine = TwoQubit(0.5, hot, Bath(0.4, temperature=0.7, statistics="boson"), u=u)
    assert distance(machine.state(), limit) < 1e-8


# limits: how they are approached


def test_the_infinite_charge_is_the_limit_of_large_ones():
    """e^{-u/T} is 1e-24 at u = 50; with tunnelling |11> decouples as kappa/u."""
    for g, gamma_a, gamma_b in 10 ** np.random.default_rng(7).uniform(-2, 2, size=(8, 3)):
        warm = fermionic(
            g, gamma_a, gamma_b, a={"temperature": 0.9}, b={"temperature": -0.4}, u=INF
        )
        assert distance(state(replace(warm, u=50.0)), state(warm)) < 1e-14
    tunnelling = fermionic(0.5, 1.0, 0.3, kappa_a=0.2, kappa_b=0.1, E_b=1.1, u=INF)
    for u in (1e3, 1e5, 1e7):
        assert 0.01 / u < distance(state(replace(tunnelling, u=u)), state(tunnelling)) < 0.1 / u


def test_the_infinite_charge_comes_before_the_infinite_temperature():
    """u = inf, then T_A -> inf: |11> stays empty. At T_A = inf first, u has no effect at all."""
    cold = fermions(0.7, 0.0)
    limit = TwoQubit(0.6, fermions(1.0, INF), cold, u=INF).state()
    hot = TwoQubit(0.6, fermions(1.0, 1e9), cold, u=INF).state()
    assert distance(limit, hot) < 1e-8
    assert limit[3, 3].real < 1e-80
    other_order = TwoQubit(0.6, fermions(1.0, INF), cold, u=1e9).state()
    assert distance(other_order, TwoQubit(0.6, fermions(1.0, INF), cold).state()) < 1e-15
    assert distance(limit, other_order) > 0.02


def test_a_vanishing_charge_changes_nothing_without_tunnelling():
    """u -> 0+: the resolved jumps have the rates of the unresolved ones."""
    for machine in machines("fermionic", count=8, seed=8):
        assert distance(state(replace(machine, u=1e-13)), state(machine)) < 1e-12, machine


def test_a_vanishing_detuning_is_resonance():
    for machine in machines("fermionic", count=8, seed=9):
        nearly = replace(machine, E_b=machine.E_a * (1 + 1e-13))
        # g/gamma reaches 1e4, and the state follows delta as delta g/gamma^2.
        assert distance(state(nearly), state(machine)) < 1e-10, machine


def test_vanishing_tunnelling_leaves_the_x_form_at_first_order():
    """kappa -> 0 at u = 0: X entries move as kappa^2, the others as kappa."""
    machine = fermionic(0.5, 1.0, 0.3)
    x_form = np.eye(4, dtype=bool) | np.eye(4, dtype=bool)[::-1]
    for kappa in (1e-3, 1e-5):
        change = np.abs(state(replace(machine, kappa_a=kappa)) - state(machine))
        assert 0.01 * kappa**2 < change[x_form].max() < 10 * kappa**2
        assert 0.01 * kappa < change[~x_form].max() < 10 * kappa


# the physics


def test_every_steady_state_is_a_state():
    for machine in every_kind(count=5, seed=10):
        rho = state(machine)
        assert abs(np.trace(rho) - 1) < 1e-15
        assert np.array_equal(rho, rho.conj().T)
        assert np.linalg.eigvalsh(rho).min() > -1e-15


def test_heat_flows_from_hot_to_cold():
    """Through the flip-flop: Im rho[10, 01] has the sign of f_A - f_B (khandelwal2020 (13))."""
    for cold, hot in ((0.1, 0.5), (1.0, INF), (INF, -1.0), (-1.0, -0.0), (0.0, -0.0)):
        rho = TwoQubit(0.5, fermions(1.0, hot), fermions(0.7, cold)).state()
        assert rho[2, 1].imag > 1e-3
        back = TwoQubit(0.5, fermions(1.0, cold), fermions(0.7, hot)).state()
        assert back[2, 1].imag < -1e-3


def test_regimes_name_what_local_dissipation_needs():
    """brask2022 Sec. II: g <= gamma, and gamma << E once E sets a scale."""
    hot, cold = fermions(1.0, 2.0), fermions(0.7, 0.3)
    resonant = TwoQubit(0.8, hot, cold).regimes()
    assert [(regime.condition, regime.holds) for regime in resonant] == [
        ("g <= gamma_A", True),
        ("g <= gamma_B", False),
    ]
    detuned = TwoQubit(0.8, fermions(0.01, 2.0), fermions(0.7, 0.3), E_b=1.1).regimes()
    assert {regime.condition: regime.holds for regime in detuned} == {
        "g <= gamma_A": False,
        "g <= gamma_B": False,
        "gamma_A << E": True,
        "gamma_B << E": False,
    }


def test_every_parameter_can_be_given_by_the_name_a_config_uses():
    values = {
        "g": 0.5,
        "u": 0.3,
        "E_a": 1.1,
        "E_b": 0.9,
        "kappa_a": 0.2,
        "kappa_b": 0.1,
        "bath_a.statistics": "fermion",
        "bath_a.gamma": 1.0,
        "bath_a.temperature": -2.0,
        "bath_b.statistics": "boson",
        "bath_b.gamma": 0.7,
        "bath_b.occupation": 0.25,
    }
    either = {"bath_a.occupation", "bath_b.temperature"}
    assert set(values) | either == {parameter.name for parameter in TwoQubit.parameters}
    machine = TwoQubit.from_parameters(values)
    assert (machine.g, machine.u, machine.E_a) == (0.5, 0.3, 1.1)
    assert machine.E_b == pytest.approx(0.9, abs=1e-15)
    assert (machine.kappa_a, machine.kappa_b) == (0.2, 0.1)
    assert (machine.bath_a.gamma, machine.bath_a.beta) == (1.0, -0.5)
    assert (machine.bath_b.gamma, machine.bath_b.occupation) == (0.7, 0.25)
    assert (machine.bath_a.statistics, machine.bath_b.statistics) == ("fermion", "boson")
