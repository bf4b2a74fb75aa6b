"""Steady states in many digits: against mpmath and closed forms, where doubles lose all digits."""

import mpmath
import numpy as np
import pytest

import jaxent.precise.system
from jaxent.baths import Bath
from jaxent.generator import Generator
from jaxent.machines import (
    CavityQubits,
    CollectiveQubits,
    Fluxonium,
    OneStepReset,
    ParityQubits,
    QuditReset,
    TwoQubit,
)
from jaxent.measures.thermodynamics import thermodynamics
from jaxent.precise import NotUnique, PreciseState, TooLarge
from jaxent.terms import Hamiltonian, Jump, Reset
from tests.systems import precise as oracle

INF = np.inf


def two_qubits(g=0.3, **others):
    return TwoQubit(g, Bath(1.0, temperature=2.0), Bath(0.5, temperature=0.4), **others)


MACHINES = {
    "two qubits": two_qubits(),
    "tunnelling qubits": two_qubits(E_a=1.3, kappa_a=0.2, kappa_b=-0.1, u=1.7),
    "slow tunnelling": two_qubits(1e-9, kappa_a=1e-7, kappa_b=1e6),
    "qutrits": QuditReset(2, [0.3, 1e-6], 1e-5, 0.9, temperature_a=-2.0, temperature_b=0.3),
    "a rare state": QuditReset(3, 1e-8, 1, 1, temperature_a=INF, temperature_b=-0.0),
    "fast resets": QuditReset(4, 1e-4, 1e4, 1e-2, temperature_a=5, temperature_b=-1.0),
    "a ladder": OneStepReset([0.6, 1e-9, 2e-9, 3e-9], 1e-8, 2.0),
    "a cavity": CavityQubits(1.0, 0.8, 3.0, 0.02, 0.01, 0.03, dephasing=0.01, photons=2),
    "fluxonium": Fluxonium(
        *(2.6e5, 8.73e-6, 4.45, 1.98e-6, 7.66e-6, 0.0042),
        g3=4.75e4,
        temperature_a=0.101,
        temperature_b=0.0889,
        channels_b="without 12",
    ),
    "collective baths": CollectiveQubits(72.0, -3.0),
}
every_machine = pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())


def exact_matrix(machine):
    exact = oracle.steady_state(machine.generator, machine.numbers())
    matrix = np.zeros((machine.generator.dimension,) * 2, dtype=complex)
    for place, value in exact.items():
        matrix[place] = complex(value)
    return matrix


@every_machine
def test_every_entry_has_all_digits(machine):
    """Relative to the populations that a coherence connects, down to 1e-57."""
    found, exact = machine.precise_state().matrix(), exact_matrix(machine)
    size = np.sqrt(np.outer(np.diag(exact).real, np.diag(exact).real))
    assert np.max(np.abs(found - exact) / size) < 1e-13


@every_machine
def test_a_herald_has_them_too(machine):
    rng = np.random.default_rng(0)
    amplitudes = rng.uniform(size=machine.generator.dimension) ** 20
    exact = oracle.steady_state(machine.generator, machine.numbers())
    p = sum(exact[i, i].real * mpmath.mpf(float(f)) ** 2 for i, f in enumerate(amplitudes))
    heralded, log_efficiency = machine.precise_state().herald(amplitudes)
    assert log_efficiency == pytest.approx(float(mpmath.log(p)), rel=1e-12, abs=1e-12)
    for (i, j), x in exact.items():
        wanted = complex(
            x * mpmath.mpf(float(amplitudes[i])) * mpmath.mpf(float(amplitudes[j])) / p
        )
        assert heralded[i, j] == pytest.approx(wanted, rel=1e-12, abs=1e-300)


def test_digits_are_added_until_they_are_enough():
    """Two parities that are mixed once in 1e60 relaxation times."""
    baths = Bath(0.02, temperature=0.4), Bath(0.01, temperature=1.5)
    assert ParityQubits(1.0, *baths, gamma_collective=1e-3).precise_state().digits == 100
    slowly = ParityQubits(1.0, *baths, gamma_collective=1e-60).precise_state()
    assert slowly.digits > 100
    # In the long run as many go from phi_+ to phi_- as back.
    assert float(slowly.population(0)) == pytest.approx(float(slowly.population(1)), rel=1e-15)
    assert abs(float(slowly.population(2) - slowly.population(3))) > 0.1


def test_a_level_that_is_never_populated_is_no_unit():
    """Both baths at T = 0-: only |11> is, and nothing is known about the state."""
    full = TwoQubit(0.3, Bath(1.0, temperature=-0.0), Bath(0.5, temperature=-0.0))
    state = PreciseState(full.generator, full.numbers(), np.eye(4))
    np.testing.assert_array_equal(state.matrix(), np.diag([0, 0, 0, 1.0]))


def test_a_complex_operator_is_no_obstacle():
    rng = np.random.default_rng(1)
    first, second, third = rng.normal(size=(3, 4, 4, 2)) @ [1, 1j]
    generator = Generator(
        [Hamiltonian(first + first.conj().T), Jump(second), Jump(third), Reset("b", [0.3, 0.7], 2)]
    )
    coefficients = np.array([0.3, 0.2, 1.1, 0.4])
    found = PreciseState(generator, coefficients, np.eye(4)).matrix()
    exact = oracle.steady_state(generator, coefficients)
    for place, value in exact.items():
        assert found[place] == pytest.approx(complex(value), abs=1e-14)


# flows


def test_the_error_of_a_flow_is_what_rounding_the_rates_does():
    """Perturb each rate by its rounding error: a flow moves by less than the error, if not much."""
    rng = np.random.default_rng(2)
    for machine in (MACHINES["qutrits"], MACHINES["fast resets"], MACHINES["two qubits"]):
        generator, numbers = machine.generator, machine.numbers()
        near, energy = np.eye(generator.dimension), machine.energy()
        terms = dict.fromkeys(generator.of_bath("a"), 1)
        flow, error = PreciseState(generator, numbers, near).flow(energy, terms)
        moved = []
        for _ in range(10):
            # 2^20 rounding errors, so that the difference shows in double precision
            noisy = numbers * (1 + 2.0**-32 * rng.choice([-1, 1], size=len(numbers)))
            again, _ = PreciseState(generator, noisy, near).flow(energy, terms)
            moved.append(abs(again - flow) * 2.0**-20)
        assert 0.01 * error < max(moved) < error


def test_equal_temperatures_let_nothing_flow():
    for machine in (
        QuditReset(3, [0.1, 0.2, 0.3], 1e-3, 0.2, temperature_a=0.7, temperature_b=0.7),
        Fluxonium(0.1, 0.2, 2.0, 1e-3, 0.3, 0.1, temperature_a=0.4, temperature_b=0.4),
    ):
        found = thermodynamics(machine)
        assert found["heat_current_a"] == found["heat_current_b"] == 0
        assert found["entropy_production"] == 0


def test_a_current_below_the_digits_of_its_rates_is_still_one():
    """Large gains and losses of 1e4 leave 1e-12; into a bath at T = 0 it makes infinite entropy."""
    machine = MACHINES["fast resets"]
    found = thermodynamics(machine)
    assert 0 < -found["heat_current_a"] < 1e-11
    assert found["heat_current_b"] == -found["heat_current_a"]
    assert found["entropy_production"] > 0
    rare = thermodynamics(MACHINES["a rare state"])
    assert rare["heat_current_a"] == pytest.approx(-7.5e-17, rel=1e-9)
    assert rare["entropy_production"] == INF
    # One coupling is zero, and the level that is filled is decoupled: nothing flows at all.
    dark = QuditReset(3, [0, 1, 1], 1, 0.01, temperature_a=INF, temperature_b=-0.0)
    still = thermodynamics(dark)
    assert still["heat_current_a"] == still["entropy_production"] == 0


@pytest.mark.parametrize("beta", [5.0, 39.0, 72.0, 100.0])
def test_collective_baths_exchange_heat_however_rare_their_excitations(beta):
    """tacchino2018 (6): with beta_S -> -inf two thirds of all pumps of A end in the other bath."""
    found = thermodynamics(CollectiveQubits(beta, -INF))
    assert found["heat_current_a"] == pytest.approx(-found["heat_current_b"], rel=1e-12)
    assert found["heat_current_a"] < 0
    assert found["entropy_production"] > 0


# what cannot be solved


def test_too_many_levels_are_refused(monkeypatch):
    with pytest.raises(TooLarge, match="more than 700"):
        QuditReset(40, 1e-3, 1e-5, 1e-2).precise_state()
    monkeypatch.setattr(jaxent.precise.system, "MOST_COORDINATES", 20)
    with pytest.raises(TooLarge, match="more than 20"):
        QuditReset(3, 1e-3, 1e-5, 1e-2).precise_state()
    assert set(thermodynamics(QuditReset(3, 1e-3, 1e-5, 1e-2)).values()) == {None}


def test_several_steady_states_are_refused():
    alone = TwoQubit(0.0, Bath(1.0, temperature=3.0), Bath(0.0, temperature=1.0))
    with pytest.raises(NotUnique):
        alone.precise_state()
    # Connected by g alone, however weakly
    weak = TwoQubit(1e-200, Bath(1.0, temperature=3.0), Bath(0.0, temperature=1.0))
    p = weak.precise_state().population(3)
    assert float(p) == pytest.approx(1 / (1 + np.exp(1 / 3.0)) ** 2, rel=1e-12)
