"""Heat currents and entropy production of two-qubit machines.

Reference: tr[H D_k rho] by the master equation in 60 digits (``plain``), which loses nothing where
two large rates nearly cancel, and khandelwal2020 (11).
"""

import mpmath
import numpy as np
import pytest

from jaxent.machines import Thermal, TwoQubit
from jaxent.measures.thermodynamics import QUANTITIES, second_law, thermodynamics
from tests.systems import khandelwal2020, plain
from tests.systems.plain import INF, Bath, Machine
from tests.systems.two_qubit import built, machines


def found(machine):
    machine = built(machine) if isinstance(machine, Machine) else machine
    return thermodynamics(machine, np.asarray(machine.state()))


def exact_heat_current(machine, party):
    """tr[H D_k rho] in 60 digits, of the bath of one party."""
    with mpmath.workdps(plain.DIGITS):
        rho = plain.precise_steady_state(machine)
        jumps = plain.jumps(machine)
        own = jumps[: len(jumps) // 2] if party == "a" else jumps[len(jumps) // 2 :]
        energy = sum(float(e) * operator for e, operator in plain.hamiltonian(machine))
        current = mpmath.mpf(0)
        for rate, jump in own:
            adjoint = energy.reshape(1, 16).conj() @ plain.dissipator(jump)
            row = [mpmath.mpmathify(entry) for entry in adjoint[0].tolist()]
            current += rate * mpmath.re(mpmath.fsum(x * y for x, y in zip(row, rho, strict=True)))
        return float(current)


KINDS = ["bosonic", "fermionic", "charged", "detuned", "tunnelling"]


@pytest.mark.parametrize("kind", KINDS)
def test_heat_currents_are_those_of_the_master_equation(kind):
    for machine in machines(kind, count=6, seed=31):
        exact = [exact_heat_current(machine, party) for party in ("a", "b")]
        # With tunnelling the state itself is accurate relative to its largest entry alone.
        rounding = 1e-12 if kind == "tunnelling" else 0.0
        computed = found(machine)
        assert computed["heat_current_a"] == pytest.approx(exact[0], rel=1e-9, abs=rounding)
        assert computed["heat_current_b"] == pytest.approx(exact[1], rel=1e-9, abs=rounding)


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
    rho = np.asarray(machine.state())
    sigma = thermodynamics(machine, rho)["entropy_production"]
    assert sigma < 0
    (law,) = second_law(machine, rho)
    assert not law.holds
    assert law.value == pytest.approx(-sigma)
    ordinary = built(Machine(0.1, warm, cool, E_a=1.05, E_b=1.0))
    assert all(law.holds for law in second_law(ordinary, np.asarray(ordinary.state())))


def test_resonant_machines_obey_the_second_law():
    for kind in ("bosonic", "fermionic"):
        for machine in machines(kind, count=10, seed=34):
            sigma = found(machine)["entropy_production"]
            assert sigma is None or sigma >= 0
            assert second_law(built(machine), np.asarray(built(machine).state())) == []


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
