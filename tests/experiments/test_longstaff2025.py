"""The numbers of longstaff2025's figures, on a few machines."""

import numpy as np
import pytest

from experiments.longstaff2025 import equations as paper
from experiments.longstaff2025 import errata, fig1, fig2, noise, symmetry
from experiments.longstaff2025.machines import (
    CHI,
    SAME,
    bell,
    crossing,
    each,
    gain_of_a_gradient,
    gammas,
    pair,
    samples,
    states,
    thermal,
)

TAU = 1 / (2 * np.log(np.sqrt(2) + 1))


def test_the_thermal_state_is_that_of_the_paper_s_hamiltonian():
    """(26) has the ground state psi_+; the machine of the package the other sign of g."""
    for T in (0.3, 2.0):
        np.testing.assert_allclose(thermal(T)[0], paper.thermal_state(1.0, T), atol=1e-15)
    assert fig1.critical(lambda T: thermal(T)[1]) == pytest.approx(TAU, rel=1e-12)


def test_the_ness_is_nonlocal_where_the_thermal_state_is_not():
    """Fig. 1, and what collective noise leaves of it."""
    assert bell(fig1.equal(TAU), mu=1.0) == pytest.approx(np.sqrt(6), rel=1e-12)
    assert bell(fig1.equal(50.0), mu=1.0) > 2 > bell(fig1.equal(50.0), mu=0.99)
    assert fig1.least_polarised(1.0) == pytest.approx(1 / np.cosh(0.5), rel=1e-9)
    noisy = states(fig1.equal(0.8), gamma_collective=1e-9)
    np.testing.assert_allclose(noisy, thermal(0.8)[0], atol=1e-13)


def test_a_gradient_helps_only_an_inverted_bath():
    """App. C; the plane is over T_1 and T_2."""
    T = np.array([0.2, 0.5, 2.0])
    plane = bell(pair(SAME[0], CHI, np.meshgrid(T, T)), mu=1.0)
    assert gain_of_a_gradient(plane) < 0
    inverted, equal = (bell(pair(SAME[0], CHI, (T, 3.0)), mu=1.0) for T in (-0.0, 3.0))
    assert inverted == pytest.approx(2.451348, abs=1e-6)
    assert equal == pytest.approx(2.027088, abs=1e-6)


def test_a_gain_is_found_where_there_is_one():
    plane = np.array([[2.0, 1.0], [2.5, 2.0]])
    assert gain_of_a_gradient(plane) == 0.5
    assert crossing(lambda x: x**2 - 2, 0.1, 10.0) == pytest.approx(np.sqrt(2), rel=1e-14)


def test_batches_are_the_solved_master_equation():
    baths, noises = of_both_kinds(2)
    assert fig2.ratio_34(baths) == pytest.approx(bell(baths, mu=0.5) / 2, rel=1e-12)
    rho = states(baths, **noises)
    start = symmetry.random_states(np.random.default_rng(0), 2)
    mu = np.trace(paper.PLUS @ start, axis1=-2, axis2=-1).real
    ended = states(baths, mu=mu)
    for k, (one, given) in enumerate(each(baths, **noises)):
        found = symmetry.with_noise(one, given, rho[k])
        found |= symmetry.without_noise(one, start[k], ended[k])
        assert max(value for name, value in found.items() if name.startswith("off")) < 1e-11
        assert found["broken"] > 0.1
        assert found["zeros"] == 2


def of_both_kinds(count):
    """A bath of spins and one of bosons."""
    return next(sample for sample in samples(count) if sample[0][1].statistics == "boson")


def test_collective_noise_first_costs_and_then_helps():
    """Fig. 3 and its limits, as solved and by (29), (30)."""
    kinds = SAME[0]
    intensities = np.array([5e-4, 5e-3])
    solved, exact = (
        points(kinds, intensities) for points in (noise.turning_points, noise.turning_points_by_29)
    )
    for name, values in solved.items():
        np.testing.assert_allclose(values, exact[name], rtol=1e-8)
    assert list(np.isnan(solved["even"])) == [False, True]
    total = sum(gammas(noise.baths_of(kinds)))
    assert solved["lowest"][0] == pytest.approx(4 * intensities[0] ** 2 / total, rel=1e-8)
    for found in (noise.largest_local_noise(kinds, 0.3), noise.largest_helped(kinds)):
        assert found[0] == pytest.approx(found[1], rel=1e-8)
    assert noise.hottest(kinds, noise.ENDLESS) == pytest.approx(3.34816, abs=1e-5)
    assert noise.hottest(kinds, 0.0) == 0


def test_what_is_printed_fails_where_the_correction_holds():
    for printed, corrected in (errata.occupations(), errata.ratios([of_both_kinds(20)])):
        assert corrected < 1e-12 < 0.1 < printed
    for baths in errata.UNDAMPED.values():
        gap, frequency = errata.parts(baths)
        assert (gap, frequency) == (0, pytest.approx(1.0, abs=1e-12))
        assert errata.wandering(baths) > 0.02
