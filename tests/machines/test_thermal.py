"""The thermal machine against the matrix exponential and khandelwal2020 (34), (35)."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg

from experiments.khandelwal2020 import equations as khandelwal2020
from experiments.master_equation import EXCITED, FLIP_FLOP, ONE
from jaxent.machines import Thermal

INF = float("inf")
rng = np.random.default_rng(34)
POINTS = np.column_stack(
    [10 ** rng.uniform(-1.5, 1, 100), rng.uniform(0, 2, 100), 10 ** rng.uniform(-0.7, 1.5, 100)]
)


def hamiltonian(g, energy):
    excitations = np.kron(EXCITED, ONE) + np.kron(ONE, EXCITED)
    return energy * excitations + g * FLIP_FLOP


def gibbs(g, energy, temperature):
    """e^{-H/T}/tr; H is shifted by its extreme level, so that nothing overflows."""
    h = hamiltonian(g, energy)
    extreme = np.linalg.eigvalsh(h)[0 if temperature > 0 else -1]
    weight = scipy.linalg.expm(-(h - extreme * np.eye(4)) / temperature)
    return weight / np.trace(weight)


def distance(left, right):
    return np.abs(np.asarray(left) - np.asarray(right)).max()


@pytest.mark.parametrize("sign", [1, -1])
def test_the_state_is_the_gibbs_state(sign):
    """100 machines at each sign of the temperature against scipy.linalg.expm."""
    batch = Thermal(POINTS[:, 0], POINTS[:, 1], temperature=sign * POINTS[:, 2]).state()
    for rho, (g, energy, temperature) in zip(batch, POINTS, strict=True):
        assert distance(rho, gibbs(g, energy, sign * temperature)) < 1e-13


def test_equation_34():
    """khandelwal2020 (34), in the package's basis order."""
    for point in POINTS[:40]:
        g, energy, temperature = point
        rho = Thermal(g, energy, temperature=temperature).state()
        assert distance(rho, khandelwal2020.thermal_state(*point)) < 1e-13


def negativity(rho):
    transposed = np.asarray(rho).reshape(2, 2, 2, 2).transpose(0, 3, 2, 1).reshape(4, 4)
    return (np.abs(np.linalg.eigvalsh(transposed)).sum() - 1) / 2


def test_equation_35():
    """khandelwal2020 (35): the negativity of the thermal state."""
    exact = [khandelwal2020.thermal_negativity(*point) for point in POINTS[:40]]
    states = [Thermal(g, energy, temperature=t).state() for g, energy, t in POINTS[:40]]
    np.testing.assert_allclose([negativity(rho) for rho in states], exact, rtol=0, atol=1e-10)
    assert sum(value > 0.01 for value in exact) >= 5


@pytest.mark.parametrize("energy", [0.0, 0.3, 1.0, 3.0])
def test_entangled_if_and_only_if_colder_than_g_over_arsinh_1(energy):
    """khandelwal2020 Sec. 6 and longstaff2025 (26): sinh(g/T) > 1, whatever the gap E."""
    for g in (0.1, 0.7, 2.0):
        critical = g / np.arcsinh(1)
        # |c|^2 - r1 r4 changes sign; scaled by r1 r4 it is sinh^2 - 1, free of E.
        for temperature, entangled in (
            (critical * (1 - 1e-9), True),
            (critical * (1 + 1e-9), False),
        ):
            rho = np.asarray(Thermal(g, energy, temperature=temperature).state())
            excess = abs(rho[1, 2]) ** 2 / (rho[0, 0] * rho[3, 3]).real - 1
            assert (excess > 0) == entangled
            assert abs(excess) < 1e-8


# limits


def test_infinite_temperature_is_the_maximally_mixed_state():
    for temperature in (INF, -INF):
        rho = Thermal(0.4, 1.0, temperature=temperature).state()
        assert distance(rho, np.eye(4) / 4) < 1e-16


SINGLET = np.array([0, 1, -1, 0]) / np.sqrt(2)
TRIPLET = np.array([0, 1, 1, 0]) / np.sqrt(2)
GROUND, DOUBLE = np.eye(4)[0], np.eye(4)[3]


@pytest.mark.parametrize(
    ("g", "energy", "coldest", "hottest"),
    [
        (0.4, 1.0, [GROUND], [DOUBLE]),
        (1.5, 1.0, [SINGLET], [TRIPLET]),
        (0.5, 0.0, [SINGLET], [TRIPLET]),
        (1.0, 1.0, [GROUND, SINGLET], [DOUBLE, TRIPLET]),
        (0.0, 0.0, [GROUND, SINGLET, TRIPLET, DOUBLE], [GROUND, SINGLET, TRIPLET, DOUBLE]),
    ],
)
def test_zero_temperature_fills_the_extreme_levels_evenly(g, energy, coldest, hottest):
    """0+ the lowest, 0- the highest; at g = E two levels are degenerate."""
    for temperature, levels in ((0.0, coldest), (-0.0, hottest)):
        mixture = sum(np.outer(level, level) for level in levels) / len(levels)
        assert distance(Thermal(g, energy, temperature=temperature).state(), mixture) < 1e-15


def test_tiny_temperatures_do_not_overflow():
    """E/T = 1e6: the ground state, and the highest one at a negative temperature."""
    for temperature, exact in ((1e-6, GROUND), (-1e-6, DOUBLE)):
        rho = Thermal(0.4, 1.0, temperature=temperature).state()
        assert distance(rho, np.outer(exact, exact)) < 1e-15


# derivatives


@pytest.mark.parametrize("beta", [0.0, 0.7, -0.7, 5.0, INF, -INF])
def test_the_derivative_along_beta_is_the_energy_fluctuation(beta):
    """d rho/d beta = -(H - <H>) rho, and zero at |beta| = inf; right at T = inf too."""
    g, energy = 0.4, 1.0
    _, slope = jax.jvp(lambda beta: Thermal(g, energy, beta=beta).state(), (beta,), (1.0,))
    exact = np.zeros((4, 4))
    if np.isfinite(beta):
        rho = gibbs(g, energy, 1 / beta) if beta else np.eye(4) / 4
        h = hamiltonian(g, energy)
        exact = -(h - np.trace(h @ rho) * np.eye(4)) @ rho
    assert distance(slope, exact) < 1e-14


def test_second_derivatives_are_finite_at_every_limit():
    def coherence(x):
        return Thermal(x[0], x[1], beta=x[2]).state()[1, 2].real

    hessian = jax.jit(jax.hessian(coherence))
    for beta in (0.0, 0.7, -0.7, INF, -INF):
        assert np.all(np.isfinite(hessian(jnp.array([0.4, 1.0, beta])))), beta


def test_the_derivative_along_the_coupling_is_right():
    """d rho[01, 10]/dg of (34), by hand at E = 0: c = -tanh(y/2)/2 with y = g/T."""
    temperature, g = 0.8, 0.5
    slope = jax.grad(lambda g: Thermal(g, 0.0, temperature=temperature).state()[1, 2].real)(g)
    assert slope == pytest.approx(-1 / (4 * temperature * np.cosh(g / temperature / 2) ** 2))


# as a machine


def test_batches_broadcast():
    batch = Thermal(np.array([[0.1], [0.9]]), 1.0, beta=np.array([0.0, 1.0, INF])).state()
    assert batch.shape == (2, 3, 4, 4)
    for i, g in enumerate((0.1, 0.9)):
        for j, beta in enumerate((0.0, 1.0, INF)):
            assert distance(batch[i, j], Thermal(g, 1.0, beta=beta).state()) < 1e-16


def test_its_leaves_are_its_parameters():
    leaves = [float(leaf) for leaf in jax.tree.leaves(Thermal(0.4, 1.2, temperature=2.0))]
    assert leaves == [0.4, 1.2, 0.5]


def test_diagnostics_find_a_stationary_positive_state():
    for temperature in (INF, 0.0, 0.3, -2.0):
        machine = Thermal(0.4, 1.0, temperature=temperature)
        diagnostics = machine.diagnose(machine.state())
        assert diagnostics.residual < 1e-15
        assert diagnostics.nullity == 1
        assert diagnostics.min_eigenvalue > -1e-15
        assert machine.x_form


def test_it_can_be_built_by_the_names_a_config_uses():
    values = {"g": 0.4, "E": 1.2, "temperature": 2.0}
    assert set(values) == {parameter.name for parameter in Thermal.parameters}
    machine = Thermal.from_parameters(values)
    assert (machine.g, machine.E, machine.beta) == (0.4, 1.2, 0.5)
    traced = Thermal.from_parameters({"g": 0.4, "inverse_temperature": 0.5})
    assert (traced.E, traced.beta) == (1.0, 0.5)


@pytest.mark.parametrize("given", [{}, {"beta": 1.0, "temperature": 1.0}])
def test_exactly_one_temperature_must_be_given(given):
    with pytest.raises(ValueError, match="exactly one of beta and temperature"):
        Thermal(0.4, 1.0, **given)
