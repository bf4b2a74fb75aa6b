"""brask2022 equation by equation: each printed result against the machine, 1e-10.

Where the text does not hold as printed, the corrected form is asserted and the printed one is
shown to fail. E = 1 and T_B = 0+ throughout, as in the paper.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.brask2022 import equations as brask2022
from jaxent.baths import Bath
from jaxent.machines import TwoQubit
from tests.systems import plain, two_qubit

INF = float("inf")
AGREEMENT = 1e-10

rng = np.random.default_rng(2022)
POINTS = 10 ** rng.uniform([-1, -1, -1, -0.5], [1, 1, 1, 1], size=(20, 4))
POINTS_AT_FIXED_TEMPERATURE = POINTS[:, :3]
BALANCED = [p for p in POINTS_AT_FIXED_TEMPERATURE if (p[1] + p[2]) ** 2 < 100 * p[1] * p[2]][:6]
RATIOS = 10 ** rng.uniform(-1.5, 1.5, size=20)


@partial(jax.jit, static_argnames=("statistics", "u"))
def machine_state(g, gamma_a, gamma_b, temperature_a, statistics="fermion", u=0.0):
    hot = Bath(gamma_a, temperature=temperature_a, statistics=statistics)
    cold = Bath(gamma_b, temperature=0.0, statistics=statistics)
    return TwoQubit(g, hot, cold, u=u).state()


def inverted(g, gamma_a, gamma_b):
    return machine_state(g, gamma_a, gamma_b, -0.0)


def charged(g, gamma_a, gamma_b, temperature_a=INF):
    return machine_state(g, gamma_a, gamma_b, temperature_a, u=INF)


def bosonic(g, gamma_a, gamma_b, temperature_a):
    return machine_state(g, gamma_a, gamma_b, temperature_a, statistics="boson")


def alpha(rho):
    """|alpha| of the form (5)."""
    return jnp.abs(rho[1, 2])


def delta(rho):
    """Delta = a2 + a3."""
    return (rho[1, 1] + rho[2, 2]).real


def nontrivial_singlet_fraction(rho):
    """alpha + Delta/2, which is F wherever F > 1/2 (below (8))."""
    return alpha(rho) + delta(rho) / 2


def bell_quantity(rho):
    """S of Sec. V B; (13): S <= 1 implies CHSH <= 2."""
    return 8 * alpha(rho) ** 2 + (2 * delta(rho) - 1) ** 2


def singlet_fraction(rho):
    """(7) by brute force: the overlap with (1 x U) psi- over a grid of unitaries, from below."""
    singlet = np.array([0, 1, -1, 0]) / np.sqrt(2)
    best = 0.0
    for phase in np.exp(1j * np.linspace(0, 2 * np.pi, 361)):
        for unitary in (np.diag([1, phase]), np.array([[0, 1], [phase, 0]])):
            psi = np.kron(np.eye(2), unitary.conj().T) @ singlet
            best = max(best, (psi.conj() @ rho @ psi).real)
    return best


def assert_agrees(computed, exact, agreement=AGREEMENT):
    np.testing.assert_allclose(computed, exact, rtol=0, atol=agreement)


# Sec. II and III: the form of the state


def test_equation_4_only_the_flip_flop_coherence_survives():
    """(4): one coherence, |alpha|^2 <= a2 a3, unit trace; without detuning it is imaginary."""
    resonant = [name for name in two_qubit.KINDS if "detuned" not in name and "tunn" not in name]
    for name in resonant:
        for machine in two_qubit.machines(name, count=5, seed=4):
            rho = np.array(two_qubit.built(machine).state())
            assert rho[1, 2].real == 0
            assert rho[2, 1] == np.conj(rho[1, 2])
            assert abs(rho[1, 2]) ** 2 <= (rho[1, 1] * rho[2, 2]).real * (1 + AGREEMENT)
            assert_agrees(np.trace(rho), 1.0)
            rho[1, 2] = rho[2, 1] = 0
            assert np.array_equal(rho, np.diag(np.diag(rho)))


# Sec. IV: the simplest machine


@pytest.mark.parametrize("point", POINTS_AT_FIXED_TEMPERATURE)
def test_equation_15(point):
    """(15), uncharged fermions at T_A = inf."""
    assert_agrees(machine_state(*point, INF), brask2022.infinitely_hot_fermions(*point))


def charged_pair(point):
    """The machine's state and (16)-(19) at one point."""
    return np.asarray(charged(*point)), brask2022.infinitely_charged_fermions(*point)


@pytest.mark.parametrize("point", POINTS)
def test_equation_16(point):
    """(16): a1, the population of |00>, of charged fermions at u = inf."""
    rho, exact = charged_pair(point)
    assert_agrees(rho[0, 0], exact[0, 0])


@pytest.mark.parametrize("point", POINTS)
def test_equation_17(point):
    """(17): a2, the population of |01>."""
    rho, exact = charged_pair(point)
    assert_agrees(rho[1, 1], exact[1, 1])


@pytest.mark.parametrize("point", POINTS)
def test_equation_18(point):
    """(18): a3 = 1 - a1 - a2, so that |11> is empty."""
    rho, exact = charged_pair(point)
    assert_agrees(rho[2, 2], exact[2, 2])
    assert_agrees(rho[3, 3], 0.0)


@pytest.mark.parametrize("point", POINTS)
def test_equation_19(point):
    """(19): alpha = 2i g gA gB / D, in place of the printed 2i g t gA gB / D."""
    rho, exact = charged_pair(point)
    assert_agrees(rho[1, 2], exact[1, 2])


@pytest.mark.parametrize("point", [(0.3, 1.0, 2.1, 1.0), (0.05, 0.2, 0.1, 3.0)])
def test_equation_19_as_printed_has_a_factor_t_too_many(point):
    rho, exact = charged_pair(point)
    printed = exact[1, 2] * (point[1] + point[2])
    assert abs(printed - rho[1, 2]) > 0.5 * abs(rho[1, 2])


def test_equation_19_as_printed_is_not_even_scale_invariant():
    """The state depends on ratios of (g, gA, gB) alone; a factor t does not."""
    exact = brask2022.infinitely_charged_fermions
    once, tenfold = exact(0.3, 1.0, 2.1, 1.0)[1, 2], exact(3.0, 10.0, 21.0, 1.0)[1, 2]
    assert_agrees(once, tenfold)
    assert abs(31 * tenfold) > 9 * abs(3.1 * once)


# Sec. V: population inversion


@pytest.mark.parametrize("u", [0.0, 1.0, INF])
@pytest.mark.parametrize("point", POINTS_AT_FIXED_TEMPERATURE[:10])
def test_equation_20_for_every_charge(point, u):
    """(20): full inversion makes the state independent of u."""
    assert_agrees(machine_state(*point, -0.0, u=u), brask2022.inverted_fermions(*point))


@pytest.mark.parametrize("point", POINTS_AT_FIXED_TEMPERATURE[:10])
def test_the_derivative_of_equation_20(point):
    """d(20)/dg, by hand, against forward differentiation of the machine."""
    _, slope = jax.jvp(lambda g: inverted(g, *point[1:]), (point[0],), (1.0,))
    assert_agrees(slope, brask2022.inverted_fermions_dg(*point))


def test_equation_21():
    """(21): F of the inverted machine wherever it is nontrivial."""
    nontrivial = 0
    for g, gamma_a, gamma_b in [*POINTS_AT_FIXED_TEMPERATURE, (0.3, 1.0, 1.0), (0.4, 1.0, 1.5)]:
        t = gamma_a + gamma_b
        exact = gamma_a * gamma_b * (8 * g**2 + 4 * g * t + t**2)
        exact /= 2 * t**2 * (4 * g**2 + gamma_a * gamma_b)
        rho = inverted(g, gamma_a, gamma_b)
        assert_agrees(nontrivial_singlet_fraction(rho), exact)
        if exact > 0.5:
            nontrivial += 1
            # The grid contains the optimal phase i exactly.
            assert_agrees(singlet_fraction(np.asarray(rho)), exact)
    assert nontrivial >= 3


@pytest.mark.parametrize("gamma_b", RATIOS)
def test_equation_22(gamma_b):
    """(22): the coupling of largest F at gA = 1."""
    root = np.sqrt(1 + 4 * gamma_b + 10 * gamma_b**2 + 4 * gamma_b**3 + gamma_b**4)
    g = (root - 1 - gamma_b**2) / (4 * (1 + gamma_b))
    fraction = lambda g: nontrivial_singlet_fraction(inverted(g, 1.0, gamma_b))  # noqa: E731
    assert_agrees(jax.grad(fraction)(g), 0.0)
    assert max(fraction(c * g) for c in np.logspace(-3, 3, 31)) <= fraction(g) + 1e-15


def test_equation_22_returns_the_optimal_teleportation():
    """Sec. V A: gA = gB, g = (sqrt(5) - 1)/4 gB has F = (3 + sqrt(5))/8."""
    rho = np.asarray(inverted((np.sqrt(5) - 1) / 4, 1.0, 1.0))
    assert_agrees(singlet_fraction(rho), (3 + np.sqrt(5)) / 8)


def bell_slope(g, gamma_a, gamma_b):
    """dS/d ln g of the inverted machine."""
    return g * jax.grad(lambda g: bell_quantity(inverted(g, gamma_a, gamma_b)))(g)


@pytest.mark.parametrize(("gamma_a", "gamma_b"), [(1, 6), (1, 20), (0.7, 9), (6, 1), (30, 2)])
def test_equation_23(gamma_a, gamma_b):
    """(23): the stationary point of S. Printed gA^3/gA for the first term; it is gA^3/gB."""
    g = brask2022.coupling_23(gamma_a, gamma_b)
    assert_agrees(bell_slope(g, gamma_a, gamma_b), 0.0)


@pytest.mark.parametrize(("gamma_a", "gamma_b"), [(1, 6), (0.7, 9), (2, 13)])
def test_equation_23_as_printed_is_no_stationary_point(gamma_a, gamma_b):
    g = brask2022.coupling_23(gamma_a, gamma_b, printed=True)
    assert abs(bell_slope(g, gamma_a, gamma_b)) > 1e-4


@pytest.mark.parametrize("gamma_b", [0.02, 0.1, 0.2, 5.0, 12.0, 80.0])
def test_equation_24(gamma_b):
    """(24): S at the stationary point (23), gA = 1; it stays below 1."""
    g = brask2022.coupling_23(1.0, gamma_b)
    x = gamma_b
    exact = 2 * x * (1 - 4 * x + x**2) / (1 - 2 * x - 2 * x**2 - 2 * x**3 + x**4)
    assert_agrees(bell_quantity(inverted(g, 1.0, x)), exact)
    assert exact <= 1


# Sec. VI: weak coupling


def purity(g, gamma_a, gamma_b):
    rho = inverted(g, gamma_a, gamma_b)
    return jnp.sum((rho * rho.conj()).real)


def second_order_of_27(gamma_a, gamma_b):
    return -8 * (gamma_a**2 + gamma_b**2) / (gamma_a * gamma_b * (gamma_a + gamma_b) ** 2)


@pytest.mark.parametrize("point", BALANCED)
def test_equation_27(point):
    """(27): the purity to second order in g, here at g = 1e-4 t.

    The fourth order is below 1e-10 where t^2 < 100 gA gB; the second is above 1e-7.
    """
    _, gamma_a, gamma_b = point
    g = 1e-4 * (gamma_a + gamma_b)
    exact = 1 + second_order_of_27(gamma_a, gamma_b) * g**2
    assert_agrees(purity(g, gamma_a, gamma_b), exact)


curvature_of_purity = jax.jit(jax.jacfwd(jax.grad(purity)))


@pytest.mark.parametrize("point", BALANCED)
def test_equation_27_as_a_second_derivative_at_no_coupling(point):
    """The same, exactly, by differentiating the machine twice at g = 0."""
    _, gamma_a, gamma_b = point
    second = curvature_of_purity(0.0, gamma_a, gamma_b)
    # Relative, because the coefficient reaches 1e2.
    np.testing.assert_allclose(second, 2 * second_order_of_27(gamma_a, gamma_b), rtol=AGREEMENT)


def concurrence_before_the_cut(rho):
    """The expression above (28), without max(0, .)."""
    outer = max((rho[0, 0] * rho[3, 3]).real, 0.0)
    return 2 * (abs(rho[1, 2]) - np.sqrt(outer))


@pytest.mark.parametrize("point", BALANCED)
def test_equation_28(point):
    """(28): the concurrence to second order in g, here at g = 1e-5 t.

    The third order is below 2e-12 where t^2 < 100 gA gB; the second is 8e-10.
    """
    _, gamma_a, gamma_b = point
    rho = np.asarray(inverted(1e-5 * (gamma_a + gamma_b), gamma_a, gamma_b))
    assert_agrees(concurrence_before_the_cut(rho), 4e-5 - 8e-10, 2e-12)


def test_the_concurrence_above_equation_28_needs_a_maximum_with_zero():
    """Printed without max(0, .): at strong coupling it is negative, a concurrence is not."""
    rho = np.asarray(inverted(3.0, 1.0, 1.0))
    assert concurrence_before_the_cut(rho) < -0.1
    transposed = rho.reshape(2, 2, 2, 2).transpose(0, 3, 2, 1).reshape(4, 4)
    assert np.linalg.eigvalsh(transposed).min() > 0.05, "the state is separable"


# Appendix A: bosons


@pytest.mark.parametrize("point", POINTS)
def test_equation_a1(point):
    """(A1): written in the reversed basis order, a1 = rho[11, 11], ..., rho[01, 10] = +alpha."""
    rho = bosonic(*point)
    assert_agrees(rho, brask2022.bosons(*point))


@pytest.mark.parametrize("point", [(0.5, 1.0, 1.0, 1.0), (1.6, 1.0, 11.0, 3.0)])
def test_equation_a1_as_printed_puts_the_double_excitation_first(point):
    """Read "on the form (4)", as the text says, a1 would be the population of |00>."""
    a1, a2, a3, coherence = brask2022.printed_a1(*point)
    printed = brask2022.x_state(a1, a2, a3, 1 - a1 - a2 - a3, -coherence)
    rho = np.asarray(bosonic(*point))
    assert abs(printed[0, 0] - rho[0, 0]) > 0.3
    assert abs(printed[1, 2] - rho[1, 2]) > 1.9 * abs(rho[1, 2])


def printed_a2(g, gamma_a, gamma_b, temperature_a):
    t, s, e = gamma_a + gamma_b, gamma_a + 2 * gamma_b, np.exp(1 / temperature_a)
    numerator = (8 * g**2 + (gamma_a - gamma_b) ** 2) * gamma_b
    numerator += t * e**2 * (8 * g**2 + gamma_b * t)
    numerator -= 2 * e * (-(gamma_a**2) * gamma_b + gamma_b**3 + 4 * g**2 * s)
    d = 4 * g**2 * (e - 1) + gamma_a * gamma_b * (1 + e)
    return gamma_a * numerator / (d * (gamma_a - gamma_b + t * e) ** 2)


@pytest.mark.parametrize("point", POINTS)
def test_equation_a2(point):
    """(A2): Delta, and the claim Delta <= 1/2."""
    rho = bosonic(*point)
    assert_agrees(delta(rho), printed_a2(*point))
    assert delta(rho) <= 0.5


@pytest.mark.parametrize("gamma_b", RATIOS[:8])
def test_equation_a3(gamma_b):
    """(A3): Delta at g -> inf, gA = 1; corrections are of order (gamma/g)^2."""
    temperature = 0.8
    e = np.exp(1 / temperature)
    exact = (2 * e * (1 + gamma_b) - 2 * gamma_b) / (1 - gamma_b + e * (1 + gamma_b)) ** 2
    assert_agrees(delta(bosonic(1e8, 1.0, gamma_b, temperature)), exact)


# Appendix B: charged fermions


@pytest.mark.parametrize("point", POINTS)
def test_equation_b1(point):
    """(B1): F = alpha + Delta/2."""
    g, gamma_a, gamma_b, temperature = point
    t, e = gamma_a + gamma_b, np.exp(1 / temperature)
    numerator = 8 * g**2 * (e + 1) + 4 * g * (e + 1) * gamma_b + gamma_b * (t * e + gamma_b)
    d = 4 * g**2 * ((e + 1) * gamma_b + (e + 2) * gamma_a) + gamma_b * gamma_a * (t * e + gamma_b)
    exact = gamma_a * numerator / (2 * (e + 1) * d)
    assert_agrees(nontrivial_singlet_fraction(charged(*point)), exact)
    assert exact <= 0.5


@pytest.mark.parametrize("point", POINTS_AT_FIXED_TEMPERATURE)
def test_equation_b2(point):
    """(B2): F at T_A = inf."""
    g, gamma_a, gamma_b = point
    t, s = gamma_a + gamma_b, gamma_a + 2 * gamma_b
    exact = gamma_a * (16 * g**2 + 8 * g * gamma_b + gamma_b * s)
    exact /= 4 * (4 * g**2 * (2 * t + gamma_a) + gamma_a * gamma_b * s)
    assert_agrees(nontrivial_singlet_fraction(charged(*point)), exact)


@pytest.mark.parametrize("point", POINTS_AT_FIXED_TEMPERATURE)
def test_equation_b3(point):
    """(B3): the coupling of largest F."""
    _, gamma_a, gamma_b = point
    g = brask2022.coupling_b3(gamma_a, gamma_b)
    fraction = lambda g: nontrivial_singlet_fraction(charged(g, gamma_a, gamma_b))  # noqa: E731
    assert_agrees(g * jax.grad(fraction)(g), 0.0)
    assert fraction(g) > max(fraction(0.5 * g), fraction(2 * g))


@pytest.mark.parametrize("gamma_b", RATIOS)
def test_equation_b4(gamma_b):
    """(B4): F at (B3), gA = 1. Printed (2x+1)(2x(2x+7)+23)+1; a nested bracket is lost."""
    x = gamma_b
    fraction = nontrivial_singlet_fraction(charged(brask2022.coupling_b3(1.0, x), 1.0, x))
    assert_agrees(fraction, brask2022.fraction_b4(x))
    assert abs(fraction - brask2022.fraction_b4(x, printed=True)) > 1e-3


def test_equation_b4_is_largest_where_the_paper_says():
    """Below (B4): gB = 0.300 and F <= 0.3788."""
    x = np.linspace(0.01, 3, 3000)
    best = brask2022.fraction_b4(x)
    assert x[best.argmax()] == pytest.approx(0.300, abs=1.5e-3)
    assert best.max() == pytest.approx(0.3788, abs=5e-5)


@pytest.mark.parametrize("point", POINTS)
def test_equation_b5(point):
    """(B5): S <= 8 alpha^2 + (1 - 4 alpha)^2 <= 1, by F <= 1/2 and positivity."""
    rho = charged(*point)
    bound = 8 * alpha(rho) ** 2 + (1 - 4 * alpha(rho)) ** 2
    if delta(rho) >= 0.5:
        assert bell_quantity(rho) <= bound + 1e-15
    assert bound <= 1
    assert alpha(rho) <= 1 / 3
    assert bell_quantity(rho) <= 1


@pytest.mark.parametrize("point", POINTS)
def test_equation_b6(point):
    """(B6): |alpha|, the right form of (19)."""
    g, gamma_a, gamma_b, temperature = point
    t, e = gamma_a + gamma_b, np.exp(1 / temperature)
    d = 4 * g**2 * (gamma_a * (e + 2) + gamma_b * (e + 1)) + gamma_a * gamma_b * (gamma_b + t * e)
    assert_agrees(alpha(charged(*point)), 2 * gamma_a * gamma_b * g / d)


@pytest.mark.parametrize("point", POINTS_AT_FIXED_TEMPERATURE)
def test_equation_b7(point):
    """(B7): |alpha| at T_A = inf."""
    g, gamma_a, gamma_b = point
    s = gamma_a + 2 * gamma_b
    d = gamma_a * gamma_b * s + 4 * g**2 * (3 * gamma_a + 2 * gamma_b)
    assert_agrees(alpha(charged(*point)), 2 * g * gamma_a * gamma_b / d)


def coupling_b8(gamma_a, gamma_b):
    s = gamma_a + 2 * gamma_b
    return np.sqrt(gamma_a * gamma_b * s / (3 * gamma_a + 2 * gamma_b)) / 2


@pytest.mark.parametrize("point", POINTS_AT_FIXED_TEMPERATURE)
def test_equation_b8(point):
    """(B8): the coupling of largest |alpha|."""
    _, gamma_a, gamma_b = point
    g = coupling_b8(gamma_a, gamma_b)
    slope = jax.grad(lambda g: alpha(charged(g, gamma_a, gamma_b)))(g)
    assert_agrees(g * slope, 0.0)
    best = alpha(charged(g, gamma_a, gamma_b))
    assert best > max(alpha(charged(c * g, gamma_a, gamma_b)) for c in (0.5, 2))


@pytest.mark.parametrize("point", POINTS_AT_FIXED_TEMPERATURE)
def test_equation_b9(point):
    """(B9): |alpha| at (B8)."""
    _, gamma_a, gamma_b = point
    d = 3 * gamma_a**2 + 8 * gamma_a * gamma_b + 4 * gamma_b**2
    rho = charged(coupling_b8(gamma_a, gamma_b), gamma_a, gamma_b)
    assert_agrees(alpha(rho), np.sqrt(gamma_a * gamma_b / d) / 2)


def test_equation_b10():
    """(B10): the largest |alpha| of all, at gA = 2 gB/sqrt(3)."""
    gamma_a = 2 / np.sqrt(3)
    best = alpha(charged(coupling_b8(gamma_a, 1.0), gamma_a, 1.0))
    assert_agrees(best, np.sqrt(2 - np.sqrt(3)) / 4)
    for _, other_a, other_b in POINTS_AT_FIXED_TEMPERATURE:
        assert alpha(charged(coupling_b8(other_a, other_b), other_a, other_b)) <= best


# this file against the master equation


def test_the_exact_states_solve_the_master_equation():
    """Independent of the package: each closed form against the plain solve."""
    for g, gamma_a, gamma_b, temperature in POINTS[:5]:
        cases = [
            (brask2022.infinitely_hot_fermions(g, gamma_a, gamma_b), "fermion", INF, 0.0),
            (brask2022.inverted_fermions(g, gamma_a, gamma_b), "fermion", -0.0, 0.0),
            (brask2022.bosons(g, gamma_a, gamma_b, temperature), "boson", temperature, 0.0),
            (
                brask2022.infinitely_charged_fermions(g, gamma_a, gamma_b, temperature),
                "fermion",
                temperature,
                INF,
            ),
        ]
        for exact, statistics, hot, u in cases:
            bath_a = plain.Bath(statistics, gamma_a, temperature=hot)
            bath_b = plain.Bath(statistics, gamma_b, temperature=0.0)
            assert_agrees(plain.steady_state(plain.Machine(g, bath_a, bath_b, u=u)), exact, 1e-12)
