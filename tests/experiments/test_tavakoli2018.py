"""tavakoli2018's figures, on a few machines."""

from fractions import Fraction

import numpy as np
import pytest

from experiments.master_equation import filtered, steady_state
from experiments.tavakoli2018 import equations, errata, fig6, machines
from experiments.tavakoli2018.machines import (
    WITHOUT_12,
    entanglement,
    fluxonium,
    heralded,
    infidelity,
    ladder,
    qudits,
)
from jaxent.machines.one_step_reset import eta, weak_coupling
from tests.measures import textbook


def test_the_ends_of_figure_2_are_exact():
    """A Werner state of visibility 3/(3 + 2 mu); p_suc of (12) for g -> inf, and at g = sqrt 24."""
    nonlocal_up_to = 3 * (np.sqrt(2) - 1) / 2
    g, mu = np.array([[1e6, 3.0], [np.sqrt(24), 3.0], [1e6, nonlocal_up_to]]).T
    states, log_p = heralded(qudits((g, g), mu))
    np.testing.assert_allclose(2 * abs(states[:, 1, 2]), 3 / (3 + 2 * mu), atol=1e-12)
    exact = 4 * (2 - np.sqrt(2)) / (11 + 6 * np.sqrt(2))
    np.testing.assert_allclose(np.exp(log_p), [6 / 23, 0.25, exact], atol=1e-9)


def test_another_ratio_beats_the_ladder_of_figure_6():
    assert eta(4) == Fraction(fig6.PRINTED[4][0])
    ratio = Fraction(35, 68)
    largest = weak_coupling(4, ratio).ab
    assert largest > eta(4)
    N, _ = entanglement(ladder(4, np.array([0.5, float(ratio)])))
    np.testing.assert_allclose(N, [11 / 26, float(largest)], atol=1e-8)


def test_the_channel_12_of_b_costs_half_of_the_entanglement():
    """Fig. 5(b): (F6) as printed misses the contours 0.4 and 0.48."""
    reduced, _ = entanglement(fluxonium(0.4, 0.05, channels_b=WITHOUT_12))
    rates = (machines.EPSILON, machines.GAMMA_A, machines.GAMMA_B, machines.DEPHASING)
    full = equations.fluxonium((machines.G, machines.G, 0.0), *rates, 0.4, 0.05)
    rho, _ = filtered(steady_state(full), [1, 1, 0], [0, 1, 1])
    printed = textbook.negativity(rho, (3, 3))
    assert 0.23 < printed < 0.2403
    assert 0.48 < reduced < 0.49


def test_the_couplings_are_the_schmidt_coefficients():
    """(7) for p_A << p_B."""
    mu = np.array([1e-2, 1e-4, 1e-6])
    missing = infidelity(qudits((np.full(3, 0.18), np.full(3, 0.24)), mu))
    np.testing.assert_array_less(missing, mu)
    assert missing[1] == pytest.approx(100 * missing[2], rel=1e-2)


def test_equations_fail_as_printed_and_hold_corrected():
    pairs = {"(E10)": errata._ratio(), **errata._qudits(*errata.QUDITS[0])}
    for name, (printed, corrected) in pairs.items():
        assert corrected < 1e-9 < 1e-4 < printed, name
