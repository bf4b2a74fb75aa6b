"""Baths: occupations and rates against their formulas in 60 digits, limits, derivatives, errors."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from jaxent.baths import Bath, fermi, inverse_temperature, known, temperature
from tests.systems import plain

INF = float("inf")
STATISTICS = ["boson", "fermion"]


def rates(bath, gap=1.0, energy=None):
    found = bath.rates_at_gap(gap) if energy is None else bath.rates(gap, energy)
    return tuple(float(rate) for rate in found)


def exact_rates(statistics, gamma, gap=1.0, energy=None, **given):
    """Gamma^+ = gamma n, Gamma^- = gamma (1 -+ n), brask2022 Sec. II."""
    with mpmath.workdps(plain.DIGITS):
        bath = plain.Bath(statistics, gamma, **given)
        pair = plain.gain_and_loss(bath, gap, gap if energy is None else energy)
        return tuple(float(gamma * part) for part in pair)


# rates at finite temperature


@pytest.mark.parametrize("statistics", STATISTICS)
def test_rates_are_accurate_relative_to_themselves(statistics):
    """200 temperatures and energies, with x = E/T from 1e-7 to 300; below, bosons are capped."""
    rng = np.random.default_rng(3)
    for x, energy in zip(
        10 ** rng.uniform(-7, np.log10(300), 200), rng.uniform(0.5, 2, 200), strict=True
    ):
        for sign in (1,) if statistics == "boson" else (1, -1):
            given = {"temperature": sign * energy / x}
            bath = Bath(0.7, statistics=statistics, **given)
            exact = exact_rates(statistics, 0.7, gap=energy, **given)
            # x itself carries two rounding errors, and e^{-x} turns them into x times as many.
            tolerance = 1e-15 * (1 + x)
            np.testing.assert_allclose(rates(bath, gap=energy), exact, rtol=tolerance, atol=0)


@pytest.mark.parametrize("statistics", STATISTICS)
def test_rates_obey_detailed_balance(statistics):
    """Gamma^+/Gamma^- = e^{-E/T}: Kubo, Martin and Schwinger."""
    for temp in (0.1, 1.0, 30.0):
        up, down = rates(Bath(0.7, temperature=temp, statistics=statistics), energy=1.7)
        assert up / down == pytest.approx(np.exp(-1.7 / temp), rel=1e-14)


def test_fermions_exchange_at_gamma_and_bosons_at_gamma_times_1_plus_2n():
    for temp in (0.1, 1.0, 30.0):
        assert sum(rates(Bath(0.7, temperature=temp))) == pytest.approx(0.7, rel=1e-15)
        n = 1 / np.expm1(1 / temp)
        bosons = Bath(0.7, temperature=temp, statistics="boson")
        assert sum(rates(bosons)) == pytest.approx(0.7 * (1 + 2 * n), rel=1e-14)


def test_a_bosonic_bath_has_the_rates_of_a_faster_fermionic_one():
    """gamma' = gamma (1 + 2n), n' = n/(1 + 2n), exact algebra."""
    for n in (0.0, 1e-6, 0.3, 1.0, 50.0):
        bosons = Bath(0.7, occupation=n, statistics="boson")
        fermions = Bath(0.7 * (1 + 2 * n), occupation=n / (1 + 2 * n))
        np.testing.assert_allclose(rates(bosons), rates(fermions), rtol=1e-14, atol=1e-290)


@pytest.mark.parametrize("statistics", STATISTICS)
def test_nothing_overflows_at_tiny_temperatures(statistics):
    """E/T = 1e5 and 1e300."""
    for temp in (1e-5, 1e-300):
        assert rates(Bath(0.7, temperature=temp, statistics=statistics)) == (0.0, 0.7)
    assert rates(Bath(0.7, temperature=-1e-5)) == (0.7, 0.0)


# limits


@pytest.mark.parametrize(
    ("temp", "up", "down"),
    [(0.0, 0.0, 0.7), (-0.0, 0.7, 0.0), (INF, 0.35, 0.35), (-INF, 0.35, 0.35)],
)
def test_the_limits_of_fermions_are_exact(temp, up, down):
    """0+ empties, 0- fills, an infinite temperature does both alike, at every energy."""
    for energy in (0.3, 1.0, 2.5):
        assert rates(Bath(0.7, temperature=temp), energy=energy) == (up, down)


def test_cold_bosons_only_emit():
    assert rates(Bath(0.7, temperature=0.0, statistics="boson")) == (0.0, 0.7)


def test_infinitely_hot_bosons_are_recognised_when_they_are_known():
    """So that a machine can take the limit exactly."""
    for known_hot in ({"temperature": INF}, {"beta": 0.0}, {"beta": np.zeros(3)}):
        assert Bath(0.7, statistics="boson", **known_hot).infinitely_fast
    for other in (
        Bath(0.7, temperature=INF),
        Bath(0.7, temperature=1e9, statistics="boson"),
        Bath(0.7, occupation=0.0, statistics="boson"),
        Bath(0.7, beta=np.array([0.0, 1.0]), statistics="boson"),
    ):
        assert not other.infinitely_fast
    # Its batch axes stay.
    assert Bath(0.7, beta=np.zeros(3), statistics="boson").rates_at_gap(1.0)[0].shape == (3,)


def test_hotter_bosons_are_never_slower():
    speed = Bath(1.0, beta=jnp.array([1.0]), statistics="boson").speed
    beta = np.array([0.0, 1e-300, 1e-12, 1e-8, 3e-8, 1e-4, 1.0, 10.0, np.inf])
    assert np.all(np.diff(speed(beta)) <= 0)


def test_infinitely_hot_bosons_are_1e8_times_faster():
    """In place of infinitely fast, whether traced or batched."""
    rates_at = jax.jit(lambda beta: Bath(1.0, beta=beta, statistics="boson").rates(1.0, 1.0))
    up, down = rates_at(0.0)
    assert (up, down) == pytest.approx((0.5e8, 0.5e8))
    up, down = rates_at(jnp.array([0.0, 1.0]))
    assert (up[0], down[0]) == pytest.approx((0.5e8, 0.5e8))
    assert up[1] == pytest.approx(1 / np.expm1(1.0))


def test_hot_bosons_approach_gamma_over_x():
    """n -> T/E - 1/2 + E/(12 T)."""
    up, down = rates(Bath(1.0, beta=1e-4, statistics="boson"))
    assert up == pytest.approx(1e4 - 0.5 + 1e-4 / 12, rel=1e-13)
    assert down - up == pytest.approx(1.0, abs=1e-11)


def test_an_infinitely_high_level_is_emptied_unless_the_bath_is_inverted():
    """u -> inf before T -> inf: the bath at T = inf still empties the level."""
    gap = 1.0
    for given in ({"temperature": 2.0}, {"temperature": 0.0}, {"beta": 0.0}, {"occupation": 0.4}):
        assert tuple(map(float, Bath(0.7, **given).rates_far_above(gap))) == (0.0, 0.7)
    for given in ({"temperature": -2.0}, {"temperature": -0.0}, {"occupation": 0.6}):
        assert tuple(map(float, Bath(0.7, **given).rates_far_above(gap))) == (0.7, 0.0)
    for temp in (3.0, -3.0):
        bath = Bath(0.7, temperature=temp)
        np.testing.assert_allclose(bath.rates_far_above(gap), bath.rates(gap, 1e4), atol=1e-15)


def test_a_bath_is_inverted_where_its_upper_level_is_fuller():
    for given in (
        {"temperature": -1.0},
        {"temperature": -0.0},
        {"occupation": 0.51},
        {"beta": -INF},
    ):
        assert Bath(1.0, **given).inverted(1.0)
    for given in ({"temperature": 1.0}, {"temperature": INF}, {"occupation": 0.49}, {"beta": INF}):
        assert not Bath(1.0, **given).inverted(1.0)
    assert not Bath(1.0, occupation=50.0, statistics="boson").inverted(1.0)


# occupations


@pytest.mark.parametrize("occupation", [0.0, 1e-12, 0.2, 0.5, 0.9, 1.0])
def test_an_occupation_is_that_of_the_gap(occupation):
    up, down = rates(Bath(0.7, occupation=occupation), gap=1.3)
    assert up == pytest.approx(0.7 * occupation, rel=1e-13, abs=1e-290)
    assert down == pytest.approx(0.7 * (1 - occupation), rel=1e-13, abs=1e-290)


@pytest.mark.parametrize("occupation", [0.0, 1e-12, 0.2, 1.0, 1e6])
def test_a_bosonic_occupation_is_that_of_the_gap(occupation):
    up, down = rates(Bath(0.7, occupation=occupation, statistics="boson"), gap=1.3)
    assert up == pytest.approx(0.7 * occupation, rel=1e-13, abs=1e-290)
    assert down == pytest.approx(0.7 * (1 + occupation), rel=1e-13)


@pytest.mark.parametrize(
    ("statistics", "occupation"),
    [("fermion", n) for n in (0.0, 1e-9, 0.2, 0.5, 0.9, 1.0)]
    + [("boson", n) for n in (0.0, 0.2, 7.0)],
)
def test_an_occupation_fixes_the_rates_at_every_other_energy(statistics, occupation):
    """By its temperature: at E + u the Boltzmann factor is (n/(1 -+ n))^((E + u)/E)."""
    bath = Bath(0.7, occupation=occupation, statistics=statistics)
    for energy in (0.4, 1.3, 3.0):
        exact = exact_rates(statistics, 0.7, gap=1.3, energy=energy, occupation=occupation)
        np.testing.assert_allclose(rates(bath, 1.3, energy), exact, rtol=1e-12, atol=0)


@pytest.mark.parametrize("statistics", STATISTICS)
def test_temperature_and_occupation_describe_the_same_bath(statistics):
    for temp in (0.2, 1.0, 8.0):
        x = 1.3 / temp
        n = 1 / (np.exp(x) + (1 if statistics == "fermion" else -1))
        by_temperature = Bath(0.7, temperature=temp, statistics=statistics)
        by_occupation = Bath(0.7, occupation=n, statistics=statistics)
        for energy in (1.3, 2.0):
            left, right = rates(by_temperature, 1.3, energy), rates(by_occupation, 1.3, energy)
            np.testing.assert_allclose(left, right, rtol=1e-13)


# temperatures


def test_the_inverse_temperature_keeps_the_sign_of_zero():
    assert inverse_temperature(0.0) == INF
    assert inverse_temperature(-0.0) == -INF
    assert inverse_temperature(INF) == 0.0
    assert inverse_temperature(-4.0) == -0.25
    assert inverse_temperature(0) == INF
    values = inverse_temperature(np.array([0.0, -0.0, 2.0, -INF]))
    np.testing.assert_array_equal(values, [INF, -INF, 0.5, 0.0])


@pytest.mark.parametrize("temp", [0.0, -0.0, 0.3, -7.0, INF])
def test_temperature_inverts_the_inverse_temperature(temp):
    back = temperature(float(inverse_temperature(temp)))
    assert back == temp
    assert np.signbit(back) == np.signbit(temp)


def test_the_derivative_along_a_finite_or_infinite_temperature_is_finite():
    """d(1/T)/dT = -1/T^2, which is 0 at T = inf."""
    slope = jax.grad(inverse_temperature)
    assert slope(2.0) == -0.25
    assert slope(INF) == 0.0


# derivatives


def test_the_fermi_function_is_accurate_relative_to_itself():
    x = np.linspace(-700, 700, 281)
    with mpmath.workdps(plain.DIGITS):
        exact = [float(1 / (mpmath.exp(value) + 1)) for value in x]
        slopes = [float(-1 / (4 * mpmath.cosh(mpmath.mpf(value) / 2) ** 2)) for value in x]
    for part, sign in enumerate((1, -1)):
        found, slope = jax.vmap(jax.value_and_grad(lambda x, part=part: fermi(x)[part]))(sign * x)
        np.testing.assert_allclose(found, exact, rtol=1e-14)
        np.testing.assert_allclose(slope, sign * np.array(slopes), rtol=1e-14)


def test_the_fermi_function_is_flat_at_infinity():
    for x, value in ((INF, 0.0), (-INF, 1.0)):
        assert fermi(x) == (value, 1 - value)
        filled = lambda x: fermi(x)[0]  # noqa: E731
        assert jax.grad(filled)(x) == 0.0
        assert jax.grad(jax.grad(filled))(x) == 0.0


@pytest.mark.parametrize("beta", [0.0, 0.7, -0.7, 40.0, INF, -INF])
def test_derivatives_of_fermionic_rates_are_finite_and_right_everywhere(beta):
    """dn/dbeta = -E n (1 - n), dn/dE = -beta n (1 - n)."""
    energy = 1.3
    with mpmath.workdps(plain.DIGITS):
        bath = plain.Bath("fermion", 1.0, inverse_temperature=beta)
        n, hole = map(float, plain.gain_and_loss(bath, 1.0, energy))
    up = lambda beta, energy: Bath(0.7, beta=beta).rates(1.0, energy)[0]  # noqa: E731
    along_beta, along_energy = jax.grad(up, argnums=(0, 1))(beta, energy)
    assert along_beta == pytest.approx(-0.7 * energy * n * hole, rel=1e-13)
    expected = 0.0 if np.isinf(beta) else -0.7 * beta * n * hole
    assert along_energy == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(
    ("statistics", "occupation"),
    [("fermion", n) for n in (0.0, 0.2, 0.5, 1.0)] + [("boson", n) for n in (0.0, 0.2, 7.0)],
)
def test_rates_are_linear_in_the_occupation(statistics, occupation):
    """dGamma^+/dn = gamma, dGamma^-/dn = -+gamma, at the ends of the range too; no curvature."""
    loss = -0.7 if statistics == "fermion" else 0.7
    for index, slope in ((0, 0.7), (1, loss)):
        rate = lambda n: Bath(0.7, occupation=n, statistics=statistics).rates_at_gap(1.0)[index]  # noqa: B023, E731
        assert jax.grad(rate)(occupation) == pytest.approx(slope, rel=1e-12)
        assert jax.grad(jax.grad(rate))(occupation) == pytest.approx(0.0, abs=1e-9)


def test_the_derivative_of_infinitely_hot_bosons_survives():
    """Traced at beta = 0: d(Gamma^+/Gamma^-)/dbeta = -E, from the right."""

    def ratio(beta):
        up, down = Bath(1.0, beta=beta, statistics="boson").rates(1.0, 1.3)
        return up / down

    assert jax.grad(ratio)(0.0) == pytest.approx(-1.3, rel=1e-7)


# as objects


def test_baths_have_batch_axes():
    gamma, beta = np.array([[0.5], [2.0]]), np.array([0.0, 1.0, INF])
    up, down = Bath(gamma, beta=beta).rates(1.0, 1.3)
    assert up.shape == down.shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        assert (up[i, j], down[i, j]) == rates(Bath(gamma[i, 0], beta=beta[j]), energy=1.3)


def test_the_leaves_of_a_bath_are_its_numbers():
    assert jax.tree.leaves(Bath(0.7, temperature=2.0)) == [0.7, 0.5]
    assert jax.tree.leaves(Bath(0.7, occupation=0.2, statistics="boson")) == [0.7, 0.2]


def test_what_is_traced_is_not_known():
    assert known(0.0, lambda value: value == 0)
    assert known(jnp.zeros(3), lambda value: value == 0)
    assert not known(np.array([0.0, 1.0]), lambda value: value == 0)

    @jax.jit
    def traced(value):
        assert not known(value, lambda value: value == 0)
        return value

    traced(0.0)


@pytest.mark.parametrize(
    "given", [{}, {"beta": 1.0, "temperature": 1.0}, {"temperature": 1.0, "occupation": 0.1}]
)
def test_a_bath_needs_exactly_one_of_beta_temperature_and_occupation(given):
    with pytest.raises(ValueError, match="exactly one of beta, temperature and occupation"):
        Bath(1.0, **given)


def test_unknown_statistics_are_named():
    with pytest.raises(ValueError, match="'anyon' is unknown; allowed: 'boson', 'fermion'"):
        Bath(1.0, temperature=1.0, statistics="anyon")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"gamma": -0.1, "temperature": 1.0}, "gamma"),
        ({"gamma": INF, "temperature": 1.0}, "gamma"),
        ({"gamma": float("nan"), "temperature": 1.0}, "gamma"),
        ({"gamma": 1.0, "temperature": float("nan")}, "temperature"),
        ({"gamma": 1.0, "temperature": -1.0, "statistics": "boson"}, "temperature"),
        ({"gamma": 1.0, "temperature": -0.0, "statistics": "boson"}, "temperature"),
        ({"gamma": 1.0, "occupation": 1.1}, "occupation"),
        ({"gamma": 1.0, "occupation": -0.1}, "occupation"),
        ({"gamma": 1.0, "occupation": -0.1, "statistics": "boson"}, "occupation"),
        ({"gamma": 1.0, "occupation": np.array([0.1, 1.1])}, "occupation"),
    ],
    ids=str,
)
def test_values_outside_their_range_are_refused_by_name(given, name):
    """Bosons have no inversion; a batch is refused for any of its values."""
    with pytest.raises(ValueError, match=f"bath {name}: .* is given; allowed: "):
        Bath(**given)


# what is traced cannot be refused


@pytest.mark.parametrize(
    ("statistics", "given"),
    [
        ("fermion", {"occupation": 1.5}),
        ("fermion", {"occupation": -0.1}),
        ("boson", {"beta": -1.0}),
        ("boson", {"occupation": -0.1}),
        ("boson", {"occupation": INF}),
    ],
    ids=str,
)
def test_a_traced_value_outside_its_range_gives_no_number(statistics, given):
    ((name, value),) = given.items()
    with pytest.raises(ValueError, match=f"bath {name}: .* allowed: "):
        Bath(1.0, statistics=statistics, **given)
    traced = jax.jit(lambda x: Bath(1.0, statistics=statistics, **{name: x}).rates(1.0, 1.0))
    assert np.all(np.isnan(traced(value)))
