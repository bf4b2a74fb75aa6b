"""Samples of what is claimed of khandelwal2020, from small computations."""

import numpy as np
import pytest

from experiments.khandelwal2020 import best_negativity, errata, fig6
from experiments.khandelwal2020 import equations as paper
from experiments.khandelwal2020 import machines as engines

# Batches of one size share what is compiled.
THREE = np.array([0.0, 0.01, -0.04])


def test_the_heat_current_is_that_of_the_closed_form():
    machine = engines.engine(THREE, np.full(3, 0.7))
    exact = [
        paper.heat_current(
            engines.G,
            paper.bosonic_rates(engines.GAMMA_HOT, 1.0, 0.7),
            paper.bosonic_rates(engines.GAMMA_COLD, 1 + detuning, engines.COLD),
            1.0,
            1 + detuning,
        )
        for detuning in THREE
    ]
    np.testing.assert_allclose(engines.heat_current(machine), exact, rtol=1e-9)
    assert exact[0] == pytest.approx(1.9948e-4, rel=1e-4)


def test_tunnelling_makes_up_for_detuning():
    """Best where it makes the gaps equal; N is then 99.2 % of that at resonance, J 99.98 %."""
    near = engines.equal_gaps(0.01) * np.array([0.95, 1.0, 1.05])
    machine, resonant = engines.engine(0.01, tunnelling=near), engines.engine()
    hot, cold = engines.heat_flows(machine)
    np.testing.assert_allclose(hot, -cold, rtol=1e-9)
    for quantity, share in ((engines.heat_current, 0.9998), (engines.negativity, 0.992)):
        below, best, above = quantity(machine) / quantity(resonant)
        assert best > max(below, above)
        assert best == pytest.approx(share, abs=5e-4)


def test_the_heat_current_witness_is_the_partial_transpose():
    machine = engines.random_engines(errata.FEW)
    ratio = engines.over_critical(machine)
    np.testing.assert_allclose(abs(ratio), engines.coherence_ratio(machine), atol=1e-10)
    entangled = engines.signed_negativity(machine) > 0
    assert np.array_equal(abs(ratio) > 1, entangled)
    assert np.any(entangled & (ratio < -1)), "no reversed current that (18) as printed misses"


def test_formulas_hold_as_corrected_and_fail_as_printed():
    off = errata.weak_coupling()
    assert max(value for name, value in off.items() if "printed" not in name) < 1e-12
    assert min(value for name, value in off.items() if "printed" in name) > 1e-3


def test_the_rise_with_the_hot_temperature_ends():
    """J up to T_h = 6.650, N up to 2.807, J/J_c up to 0.525, at delta = 0.01."""
    for quantity, top in zip(errata.RISING.values(), (6.650, 2.807, 0.525), strict=True):
        machine = engines.engine(np.full(3, 0.01), top * np.array([0.97, 1.0, 1.03]))
        below, highest, above = quantity(machine)
        assert highest > max(below, above)


def test_no_machine_of_strong_coupling_beats_the_thermal_state():
    assert fig6.excess_over_thermal(300) < 1e-12


def test_the_supremum_of_the_local_engine():
    limit = best_negativity.climbed(best_negativity.infinitely_hot, [0.5, 2.5])
    assert -limit.fun == pytest.approx(0.0124000560, abs=1e-10)
    hot = best_negativity.engine(1e4, 2.42912 * 2e4, g=0.55343 * 2e4)
    assert engines.negativity(hot) == pytest.approx(0.0124000560, rel=1e-3)
