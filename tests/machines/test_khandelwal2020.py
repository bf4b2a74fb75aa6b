"""khandelwal2020 equation by equation: each printed result against the machine, 1e-10.

The hot qubit is party A; delta = E_b - E_a. (34) and (35), the thermal state, are in
``test_thermal.py``.
"""

from functools import cached_property

import numpy as np
import pytest

from experiments.khandelwal2020.equations import (
    bose_einstein,
    bosonic_rates,
    chi,
    coherence,
    heat_current,
    populations,
    steady_state,
)
from experiments.master_equation import EXCITED, FLIP_FLOP, ONE, RAISE, dissipator
from jaxent.baths import Bath
from jaxent.machines import TwoQubit
from tests.systems import plain

AGREEMENT = 1e-10


class Point:
    """One machine and the paper's symbols for it."""

    def __init__(self, seed, delta=None):
        rng = np.random.default_rng([2020, seed])
        self.g, self.gamma_h, self.gamma_c = 10 ** rng.uniform(-1.5, 0.5, size=3)
        self.energy_h = rng.uniform(0.5, 1.5)
        delta = rng.uniform(-0.4, 0.4) if delta is None else delta
        self.energy_c = self.energy_h + delta
        self.temperature_h, self.temperature_c = rng.uniform(0.1, 3, size=2)
        self.hot = bosonic_rates(self.gamma_h, self.energy_h, self.temperature_h)
        self.cold = bosonic_rates(self.gamma_c, self.energy_c, self.temperature_c)

    @property
    def delta(self):
        return self.energy_c - self.energy_h

    @property
    def symbols(self):
        return self.g, self.hot, self.cold, self.delta

    @cached_property
    def rho(self):
        """The machine's steady state, in the package's basis order."""
        hot = Bath(self.gamma_h, temperature=self.temperature_h, statistics="boson")
        cold = Bath(self.gamma_c, temperature=self.temperature_c, statistics="boson")
        machine = TwoQubit(self.g, hot, cold, E_a=self.energy_h, E_b=self.energy_c)
        return np.asarray(machine.state())

    def heat_flow(self, party, *, interaction):
        """(10): tr(H D_j rho), with H = H_S, or H_S + H_int, from explicit dissipators."""
        hamiltonian = self.energy_h * np.kron(EXCITED, ONE)
        hamiltonian = hamiltonian + self.energy_c * np.kron(ONE, EXCITED)
        if interaction:
            hamiltonian = hamiltonian + self.g * FLIP_FLOP
        rates = self.hot if party == "hot" else self.cold
        upwards = (RAISE, ONE) if party == "hot" else (ONE, RAISE)
        jump = np.kron(*upwards)
        exchange = rates.gain * dissipator(jump) + rates.loss * dissipator(jump.T)
        change = (exchange @ self.rho.reshape(16)).reshape(4, 4)
        return np.trace(hamiltonian @ change).real

    def current(self, *, interaction=True):
        """J = Q_h - Q_c."""
        flows = [self.heat_flow(party, interaction=interaction) for party in ("hot", "cold")]
        return flows[0] - flows[1]


POINTS = [Point(seed) for seed in range(20)] + [Point(seed, delta=0.0) for seed in range(20, 30)]


def assert_agrees(computed, exact, agreement=AGREEMENT):
    np.testing.assert_allclose(computed, exact, rtol=0, atol=agreement)


@pytest.mark.parametrize("point", POINTS)
def test_equation_7(point):
    """(7): the populations r1, r2, r3, r4 of |11>, |10>, |01>, |00>."""
    assert_agrees(np.diag(point.rho)[::-1], populations(*point.symbols))


@pytest.mark.parametrize("point", POINTS)
def test_equation_8(point):
    """(8): c = rho[10, 01]; it is imaginary without detuning."""
    assert_agrees(point.rho[2, 1], coherence(*point.symbols))
    if point.delta == 0:
        assert point.rho[2, 1].real == 0


@pytest.mark.parametrize("point", POINTS)
def test_equation_9(point):
    """(9): chi normalises the state, and its parts are the decay rate and the detuning."""
    assert_agrees(sum(populations(*point.symbols)), 1.0)
    width = point.hot.total + point.cold.total
    g, hot, cold, delta = point.symbols
    # The flux 2 g Im c through the flip-flop, times chi, is 4 g^2 Gamma (bias).
    bias = hot.gain * cold.loss - hot.loss * cold.gain
    assert_agrees(2 * g * point.rho[2, 1].imag * chi(g, hot, cold, delta), 4 * g**2 * width * bias)


@pytest.mark.parametrize("point", POINTS)
def test_equations_6_to_9_solve_the_master_equation(point):
    """Independent of the package: the closed form against the plain solve."""
    hot = plain.Bath("boson", point.gamma_h, temperature=point.temperature_h)
    cold = plain.Bath("boson", point.gamma_c, temperature=point.temperature_c)
    gaps = {"E_a": point.energy_h, "E_b": point.energy_c}
    solved = plain.steady_state(plain.Machine(point.g, hot, cold, **gaps))
    assert_agrees(solved, steady_state(*point.symbols), 1e-12)


@pytest.mark.parametrize("point", POINTS)
def test_equation_10(point):
    """(10), with H_S + H_int: the heat flows obey the first law."""
    assert_agrees(
        point.heat_flow("hot", interaction=True), -point.heat_flow("cold", interaction=True)
    )


@pytest.mark.parametrize("point", POINTS)
def test_equation_10_as_printed_breaks_the_first_law_by_the_detuning(point):
    """(10), with H_S alone: Q_h + Q_c = -(the power delta puts into the flip-flop)."""
    imbalance = sum(point.heat_flow(party, interaction=False) for party in ("hot", "cold"))
    flux = 2 * point.g * point.rho[2, 1].imag
    assert_agrees(imbalance, -point.delta * flux)
    if point.delta != 0:
        assert abs(imbalance) > 0.2 * abs(point.delta * point.current())


@pytest.mark.parametrize("point", POINTS)
def test_equation_11(point):
    """(11): J from the rates."""
    exact = heat_current(point.g, point.hot, point.cold, point.energy_h, point.energy_c)
    assert_agrees(point.current(), exact)


def test_equation_11_does_not_follow_from_equation_10_as_printed():
    point = Point(seed=3, delta=0.4)
    exact = heat_current(point.g, point.hot, point.cold, point.energy_h, point.energy_c)
    assert abs(point.current(interaction=False) - exact) > 1e-2 * abs(exact)


@pytest.mark.parametrize("point", POINTS)
def test_equation_12(point):
    """(12): J is proportional to the difference of the two occupations."""
    occupations = bose_einstein(point.energy_h, point.temperature_h)
    occupations -= bose_einstein(point.energy_c, point.temperature_c)
    g, hot, cold, delta = point.symbols
    weight = point.energy_h * cold.total + point.energy_c * hot.total
    exact = 8 * g**2 * point.gamma_h * point.gamma_c * weight * occupations
    assert_agrees(point.current(), exact / chi(g, hot, cold, delta))


@pytest.mark.parametrize("point", POINTS)
def test_equation_13(point):
    """(13): the coherence is the heat current, up to structure."""
    g, hot, cold, delta = point.symbols
    weight = point.energy_h * cold.total + point.energy_c * hot.total
    per_current = (1j * (hot.total + cold.total) - 2 * delta) / (4 * g * weight)
    assert_agrees(point.rho[2, 1], point.current() * per_current)


def test_equation_13_does_not_hold_for_equation_10_as_printed():
    point = Point(seed=3, delta=0.4)
    g, hot, cold, delta = point.symbols
    weight = point.energy_h * cold.total + point.energy_c * hot.total
    per_current = (1j * (hot.total + cold.total) - 2 * delta) / (4 * g * weight)
    printed = point.current(interaction=False) * per_current
    assert abs(printed - point.rho[2, 1]) > 1e-2 * abs(point.rho[2, 1])
