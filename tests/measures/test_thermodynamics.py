"""Heat currents and entropy production of two-qubit machines, and of any other.

Reference: tr[H D_k rho] by the master equation, for two qubits in 60 digits (``plain``), which
loses nothing where two large rates nearly cancel; khandelwal2020 (11).
"""

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from experiments.khandelwal2020 import equations as khandelwal2020
from experiments.longstaff2025 import equations as longstaff2025
from experiments.master_equation import dissipator, reset
from jaxent import baths
from jaxent.generator import Generator
from jaxent.machines import AbstractLindbladMachine, Thermal, TwoQubit
from jaxent.machines.parity_qubits import ParityQubits
from jaxent.measures.thermodynamics import QUANTITIES, second_law, thermodynamics
from jaxent.terms import Hamiltonian, Jump, Reset
from tests.systems import plain
from tests.systems.plain import INF, Bath, Machine
from tests.systems.two_qubit import built, machines


def found(machine):
    machine = built(machine) if isinstance(machine, Machine) else machine
    return thermodynamics(machine)


def exact_heat_current(machine, party):
    """tr[H D_k rho] in 60 digits, of the bath of one party."""
    with mpmath.workdps(plain.DIGITS):
        rho = plain.precise_steady_state(machine)
        jumps = plain.jumps(machine)
        own = jumps[: len(jumps) // 2] if party == "a" else jumps[len(jumps) // 2 :]
        energy = sum(float(e) * operator for e, operator in plain.hamiltonian(machine))
        current = mpmath.mpf(0)
        for rate, jump in own:
            adjoint = energy.reshape(1, 16).conj() @ dissipator(jump)
            row = [mpmath.mpmathify(entry) for entry in adjoint[0].tolist()]
            current += rate * mpmath.re(mpmath.fsum(x * y for x, y in zip(row, rho, strict=True)))
        return float(current)


KINDS = ["bosonic", "fermionic", "charged", "detuned", "tunnelling"]


@pytest.mark.parametrize("kind", KINDS)
def test_heat_currents_are_those_of_the_master_equation(kind):
    for machine in machines(kind, count=6, seed=31):
        exact = [exact_heat_current(machine, party) for party in ("a", "b")]
        computed = found(machine)
        assert computed["heat_current_a"] == pytest.approx(exact[0], rel=1e-9)
        assert computed["heat_current_b"] == pytest.approx(exact[1], rel=1e-9)


@pytest.mark.parametrize("temperature", [1e3, 1e6])
@pytest.mark.parametrize("g", [1.0, 1e-4, 1e-8])
def test_currents_from_hot_bosons_and_through_weak_couplings_keep_their_digits(g, temperature):
    """Excitations come and go 1e6 times faster than they pass, or 1e22 times."""
    machine = Machine(
        g, Bath("boson", 1.0, temperature=temperature), Bath("boson", 0.7, temperature=0.4)
    )
    assert found(machine)["heat_current_a"] == pytest.approx(
        exact_heat_current(machine, "a"), rel=1e-11
    )


@pytest.mark.parametrize("temperature", [-1.0, -INF, 2.0])
@pytest.mark.parametrize(("g", "gamma"), [(1e-6, 1e3), (1e-4, 1e3), (1e-6, 1.0), (1e-2, 1e3)])
def test_currents_of_charged_machines_keep_their_digits_under_inversion(g, gamma, temperature):
    """Qubits that are nearly always excited: jumps to |11> and from it nearly balance."""
    baths = (Bath("fermion", gamma, temperature=T) for T in (-0.0, temperature))
    machine = Machine(g, *baths, u=0.5)
    assert found(machine)["heat_current_a"] == pytest.approx(
        exact_heat_current(machine, "a"), rel=1e-10
    )


def test_the_current_is_that_of_khandelwal2020_11():
    for energy_cold in (1.0, 1.2):
        hot = khandelwal2020.bosonic_rates(0.3, 1.0, 2.0)
        cold = khandelwal2020.bosonic_rates(0.5, energy_cold, 0.6)
        baths = Bath("boson", 0.3, temperature=2.0), Bath("boson", 0.5, temperature=0.6)
        computed = found(Machine(0.2, *baths, E_b=energy_cold))["heat_current"]
        exact = khandelwal2020.heat_current(0.2, hot, cold, 1.0, energy_cold)
        assert computed == pytest.approx(exact, rel=1e-12)


def test_the_first_law_holds():
    for machine in machines("charged", count=5, seed=32):
        computed = found(machine)
        assert computed["heat_current_a"] + computed["heat_current_b"] == 0


def test_heat_flows_from_hot_to_cold_and_produces_entropy():
    computed = found(
        Machine(0.2, Bath("fermion", 1.0, temperature=2.0), Bath("fermion", 0.7, temperature=0.5))
    )
    current = computed["heat_current_a"]
    assert current > 0
    assert computed["heat_current"] == pytest.approx(2 * current)
    assert computed["entropy_production"] == pytest.approx(current * (1 / 0.5 - 1 / 2.0))


def test_in_equilibrium_nothing_flows():
    for statistics in ("boson", "fermion"):
        baths = (Bath(statistics, gamma, temperature=0.8) for gamma in (1.0, 0.3))
        computed = found(Machine(0.4, *baths))
        assert abs(computed["heat_current_a"]) < 1e-16
        assert abs(computed["entropy_production"]) < 1e-16


@pytest.mark.parametrize("empty", [{"temperature": 0.0}, {"occupation": 0.0}], ids=str)
def test_heat_into_a_bath_at_absolute_zero_produces_infinite_entropy(empty):
    hot = Bath("fermion", 1.0, temperature=2.0)
    assert found(Machine(0.3, hot, Bath("fermion", 0.5, **empty)))["entropy_production"] == INF
    # Without a coupling none flows.
    assert found(Machine(0.0, hot, Bath("fermion", 0.5, **empty)))["entropy_production"] == 0


def test_between_two_baths_at_absolute_zero_nothing_flows():
    cold = Bath("boson", 1.0, temperature=0.0)
    computed = found(Machine(0.3, cold, cold))
    assert computed["heat_current_a"] == 0
    assert computed["entropy_production"] == 0


def test_the_current_exceeds_the_critical_one_exactly_where_the_state_is_entangled():
    """khandelwal2020 (18): |J|/J_c = |c|/sqrt(p00 p11), the criterion of Peres and Horodecki."""
    for machine in machines("bosonic", count=8, seed=33):
        computed, rho = found(machine), np.asarray(built(machine).state())
        if computed["critical_heat_current"] == 0:
            continue
        ratio = abs(computed["heat_current"]) / computed["critical_heat_current"]
        ppt = abs(rho[1, 2]) / np.sqrt(rho[0, 0].real * rho[3, 3].real)
        assert ratio == pytest.approx(ppt, rel=1e-10)


# where it ends


def test_the_detuned_local_model_can_violate_the_second_law_and_says_so():
    """With E_a n_a < E_b n_b heat runs from cold to hot (khandelwal2020 Sec. V: a local model)."""
    warm, cool = Bath("fermion", 0.1, temperature=1.1), Bath("fermion", 0.1, temperature=1.0)
    machine = built(Machine(0.1, warm, cool, E_a=1.3, E_b=1.0))
    sigma = thermodynamics(machine)["entropy_production"]
    assert sigma < 0
    (law,) = second_law(machine)
    assert not law.holds
    assert law.value == pytest.approx(-sigma)
    ordinary = built(Machine(0.1, warm, cool, E_a=1.05, E_b=1.0))
    assert all(law.holds for law in second_law(ordinary))


def test_resonant_machines_obey_the_second_law():
    for kind in ("bosonic", "fermionic"):
        for machine in machines(kind, count=10, seed=34):
            sigma = found(machine)["entropy_production"]
            assert sigma is None or sigma >= 0
            assert second_law(built(machine)) == []


def test_what_the_model_does_not_define_is_absent():
    assert found(Thermal(0.1, temperature=1.0)) == dict.fromkeys(QUANTITIES)
    charged = Machine(
        0.2, Bath("fermion", 1.0, temperature=2.0), Bath("fermion", 0.7, temperature=0.5), u=0.5
    )
    assert found(charged)["critical_heat_current"] is None
    filled = TwoQubit(
        0.2,
        *(built(charged).bath_a, built(charged).bath_b),
        u=INF,
    )
    assert found(filled)["heat_current_a"] is not None
    inverted = Machine(
        0.2, Bath("fermion", 1.0, temperature=-2.0), Bath("fermion", 0.7, temperature=0.5), u=INF
    )
    assert found(inverted) == dict.fromkeys(QUANTITIES)


# any machine


class Custom(AbstractLindbladMachine):
    """A qubit and a qutrit by their terms and coefficients, with two baths of two terms each."""

    kind: ClassVar[str] = "custom"
    kernel: ClassVar[str] = "dense"
    dims: ClassVar[tuple[int, int]] = (2, 3)
    parameters: ClassVar[tuple] = ()

    rates: tuple
    structure: Generator = eqx.field(static=True)
    counted: Hamiltonian = eqx.field(static=True)

    @classmethod
    def from_parameters(cls, values):
        raise NotImplementedError

    @property
    def generator(self):
        return self.structure

    def coefficients(self):
        return [jnp.asarray(rate) for rate in self.rates]

    def energy(self):
        return self.counted.operator

    def inverse_temperatures(self):
        return {"a": 0.5, "b": 2.0}


class Entangling(Custom):
    """Knows its critical current."""

    def critical_heat_current(self, state):
        return 3 * float(state.population(0))


class Isolated(Custom):
    """Has no baths."""

    def inverse_temperatures(self):
        return {}


def custom(rng, kind=Custom):
    """Complex and dense operators, an energy that is not the Hamiltonian, a jump of no bath."""

    def operator():
        return rng.normal(size=(6, 6, 2)) @ [1, 1j]

    jumps, tau = [operator() for _ in range(4)], np.array([0.7, 0.3])
    hamiltonian, energy = (m + m.conj().T for m in (operator(), operator()))
    rates = rng.uniform(0.1, 1.0, size=6).tolist()
    owners = ("a", "a", "b", None)
    terms = [Hamiltonian(hamiltonian), *map(Jump, jumps, owners), Reset("a", tau, 3, bath="b")]
    parts = [*map(dissipator, jumps), reset("a", tau, 3)]
    machine = kind(tuple(rates), Generator(terms), Hamiltonian(energy))
    return machine, [rate * part for rate, part in zip(rates[1:], parts, strict=True)]


def test_heat_is_what_a_bath_adds_to_the_energy():
    """tr[H D_k rho] of dense operators, with a jump besides the baths that exchanges energy too."""
    rng = np.random.default_rng(10)
    for _ in range(3):
        machine, (a_1, a_2, b_1, _, b_2) = custom(rng)
        rho = np.asarray(machine.state())
        exact = [
            np.trace(machine.energy() @ (part @ rho.reshape(-1)).reshape(6, 6)).real
            for part in (a_1 + a_2, b_1 + b_2)
        ]
        computed = found(machine)
        assert computed["heat_current_a"] == pytest.approx(exact[0], rel=1e-11)
        assert computed["heat_current_b"] == pytest.approx(exact[1], rel=1e-11)
        assert abs(exact[0] + exact[1]) > 0.1
        assert computed["heat_current"] == pytest.approx(exact[0] - exact[1], rel=1e-11)
        sigma = -0.5 * exact[0] - 2.0 * exact[1]
        assert computed["entropy_production"] == pytest.approx(sigma, rel=1e-11)
        assert computed["critical_heat_current"] is None
        assert second_law(machine) == []


def test_a_machine_may_know_its_critical_current():
    machine, _ = custom(np.random.default_rng(11), Entangling)
    rho = np.asarray(machine.state())
    assert found(machine)["critical_heat_current"] == pytest.approx(3 * rho[0, 0].real, rel=1e-12)


def test_without_baths_no_heat_is_defined():
    machine, _ = custom(np.random.default_rng(12), Isolated)
    assert found(machine) == dict.fromkeys(QUANTITIES)


# qubits that conserve a parity

COLD, HOT = longstaff2025.Bath("spin", 0.02, 0.4), longstaff2025.Bath("boson", 0.01, 1.5)


def parity(first, second, g=1.0, **rest):
    pair = (
        baths.Bath(
            bath.chi,
            temperature=bath.temperature,
            statistics="boson" if bath.statistics == "boson" else "fermion",
        )
        for bath in (first, second)
    )
    return ParityQubits(g, *pair, **rest)


def random_parity_qubits(rng, limits, noise):
    def bath():
        statistics = str(rng.choice(["spin", "boson"]))
        T = float(rng.choice([t for t in limits if statistics == "spin" or 0 < t < INF]))
        return longstaff2025.Bath(statistics, 10 ** rng.uniform(-3, -1), T)

    pair, g = (bath(), bath()), rng.uniform(0.3, 3.0)
    names = ("gamma_collective", "gamma_local_1", "gamma_local_2")
    rates = dict(zip(names, (noise * rng.uniform(0.01, 0.2, size=3)).tolist(), strict=True))
    start = {} if noise else {"mu": rng.random()}
    return g, pair, parity(*pair, g, lamb_shift_1=[0.2, 0.1], **rates, **start)


@pytest.mark.parametrize("noise", [False, True])
def test_heat_of_parity_qubits_is_that_of_the_master_equation(noise):
    rng = np.random.default_rng([13, noise])
    for _ in range(10):
        g, pair, machine = random_parity_qubits(rng, (0.3, 0.8, 2.0, 7.0), noise)
        exact = longstaff2025.heat_currents(g, pair, np.asarray(machine.state()))
        computed = found(machine)
        for q, value in zip(exact, ("heat_current_a", "heat_current_b"), strict=True):
            assert computed[value] == pytest.approx(q, rel=1e-10, abs=1e-15)


def test_heat_of_parity_qubits_flows_from_hot_to_cold():
    """Without noise Q_1 = g [gamma_1(-g) gamma_2(g) - gamma_1(g) gamma_2(-g)] / (their sum)."""
    computed = found(parity(HOT, COLD, mu=0.3))
    (down_1, up_1), (down_2, up_2) = (longstaff2025.rates(bath, 1.0) for bath in (HOT, COLD))
    exact = (up_1 * down_2 - down_1 * up_2) / (up_1 + down_1 + up_2 + down_2)
    assert computed["heat_current_a"] == pytest.approx(exact, rel=1e-13)
    assert computed["heat_current_b"] == pytest.approx(-exact, rel=1e-13)
    assert exact > 0
    assert computed["entropy_production"] == pytest.approx(exact * (1 / 0.4 - 1 / 1.5), rel=1e-12)
    assert found(parity(HOT, COLD, initial="psi_minus"))["heat_current_a"] == pytest.approx(exact)


def test_dephasing_heats_both_baths():
    """The first law is Q_1 + Q_2 + (the dephasing's power) = 0, and that power is > 0 here."""
    noise = {"gamma_collective": 0.01, "gamma_local_1": 0.02}
    machine = parity(COLD, COLD, **noise)
    computed, rho = found(machine), np.asarray(machine.state())
    change = longstaff2025.liouvillian(1.0, (), 0.01, (0.02, 0.0)) @ rho.reshape(16)
    upper, lower = map(longstaff2025.projector, (longstaff2025.PSI_MINUS, longstaff2025.PSI_PLUS))
    power = np.trace((upper - lower) @ change.reshape(4, 4)).real
    assert power > 0
    total = computed["heat_current_a"] + computed["heat_current_b"]
    assert total == pytest.approx(-power, rel=1e-12)
    assert computed["heat_current_a"] < 0
    assert computed["entropy_production"] == pytest.approx(power / 0.4, rel=1e-12)


def test_parity_qubits_obey_the_second_law_with_noise_and_without():
    rng = np.random.default_rng(14)
    limits = (0.3, 0.8, 2.0, 0.8, -1.0, -0.4, 0.0, -0.0, INF)
    infinite = 0
    for noise in (False, True):
        for _ in range(40):
            _, _, machine = random_parity_qubits(rng, limits, noise)
            sigma = found(machine)["entropy_production"]
            assert sigma is not None
            assert sigma >= 0
            infinite += sigma == INF
            assert second_law(machine) == []
    assert 10 < infinite < 70


def test_parity_qubits_in_equilibrium_exchange_nothing():
    """Exactly: what rounding leaves of gains and losses is not a current."""
    for temperature in (0.3, 1.1, 40.0, -0.7, INF, 0.0, -0.0):
        pair = [longstaff2025.Bath("spin", chi, temperature) for chi in (0.013, 0.029)]
        computed = found(parity(*pair, 1.3, mu=0.3))
        assert computed["heat_current_a"] == computed["heat_current_b"] == 0
        assert computed["entropy_production"] == 0
    alone = found(parity(HOT, longstaff2025.Bath("spin", 0.0, 0.0), mu=0.3))
    assert alone["heat_current_b"] == alone["entropy_production"] == 0


def test_however_little_flows_into_absolute_zero_the_entropy_is_infinite():
    frozen = longstaff2025.Bath("spin", 0.01, 0.0)
    for chi in (1e-6, 1e-10, 1e-25):
        computed = found(parity(longstaff2025.Bath("spin", chi, 1.0), frozen, mu=0.3))
        assert computed["heat_current_a"] > 0 > computed["heat_current_b"]
        assert computed["entropy_production"] == INF
    # Dephasing heats the first bath; the second one, at T = 0, is decoupled.
    noisy = found(parity(HOT, longstaff2025.Bath("spin", 0.0, 0.0), gamma_local_1=0.1))
    assert noisy["heat_current_b"] == 0
    assert noisy["heat_current_a"] < 0
    assert noisy["entropy_production"] == pytest.approx(-noisy["heat_current_a"] / 1.5)


def test_the_first_law_says_what_rounding_hides():
    """Where one of two currents is below the rounding of its rates, it is minus the other."""
    hot = baths.Bath(0.2, temperature=0.05, statistics="fermion")
    cold = baths.Bath(0.0257, temperature=0.5, statistics="fermion")
    found = thermodynamics(TwoQubit(2.53e-8, hot, cold, kappa_a=0.5))
    a, b = found["heat_current_a"], found["heat_current_b"]
    assert a == -b != 0
    assert found["heat_current"] == 2 * a
    assert found["entropy_production"] == pytest.approx(-a / 0.05 - b / 0.5, rel=1e-12)


def test_no_entropy_production_is_told_between_baths_at_zero_temperature():
    frozen = [baths.Bath(1.0, temperature=0.0, statistics="fermion") for _ in "ab"]
    found = thermodynamics(TwoQubit(1.5e-8, *frozen, kappa_a=0.5, E_b=1.02))
    assert found["heat_current_a"] != 0
    assert found["entropy_production"] is None


def test_bosons_are_as_fast_as_their_heat():
    """The condition of weak damping is about γ(1 + 2n)."""
    hot = baths.Bath(1e-3, temperature=1e6, statistics="boson")
    cold = baths.Bath(1e-3, temperature=0.1, statistics="boson")
    regimes = {r.condition: r for r in TwoQubit(1e-3, hot, cold, kappa_a=0.01).regimes()}
    assert regimes["gamma_A (1 + 2n) << E"].value == pytest.approx(2e3, rel=1e-6)
    assert not regimes["gamma_A (1 + 2n) << E"].holds
    assert regimes["gamma_B (1 + 2n) << E"].holds
