"""All projective measurements: closed forms, symmetries, other methods, rigour of the bounds."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import linprog

from jaxent.certify import (
    certify_steering,
    critical_radius,
    latitudes,
    noise_threshold,
    polytope,
    projective,
)
from jaxent.certify.frames import along_axis, radius_program
from jaxent.certify.radius import _is_separable
from tests.measures.states import BELL, pure, random_state, random_unitary, swapped, werner
from tests.measures.states import MAXIMALLY_MIXED as MIXED

SINGLET = BELL["psi-"]
PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


def x_state(populations, coherence, between=(1, 2)):
    rho = np.diag(np.array(populations, dtype=complex))
    j, k = between
    rho[j, k], rho[k, j] = coherence, np.conj(coherence)
    return rho


def random_x_state(rng):
    populations = rng.dirichlet([0.5] * 4)
    j, k = between = (1, 2) if rng.random() < 0.7 else (0, 3)
    modulus = math.sqrt(populations[j] * populations[k]) * rng.uniform(0.3, 1)
    return x_state(populations, modulus * np.exp(1j * rng.uniform(0, 6)), between)


X_STATES = [random_x_state(np.random.default_rng(seed)) for seed in range(24)]


@cache
def radius(k, measuring="a"):
    """The bounds of X_STATES[k]: several statements are about the same ones."""
    return critical_radius(X_STATES[k], measuring)


# Populations and coherence of a state that b steers and a does not, with room on either side.
ONE_WAY = x_state([0.39, 0.45, 0.15, 0.01], 0.225)


def t_state(t1, t2, t3):
    terms = zip((t1, t2, t3), PAULI, strict=True)
    return (np.eye(4) + sum(t * np.kron(s, s) for t, s in terms)) / 4


def partial_transpose(rho):
    return rho.reshape(2, 2, 2, 2).swapaxes(1, 3).reshape(4, 4)


def overlap(one, other):
    return one.lower <= other.upper and other.lower <= one.upper


# closed forms


@pytest.mark.parametrize("visibility", [0.1, 0.3, 0.5, 0.7, 1])
def test_werner_states_have_the_radius_one_over_twice_the_visibility(visibility):
    # Wiseman, Jones, Doherty, PRL 98, 140402 (2007): unsteerable up to the visibility 1/2.
    found, noise = critical_radius(werner(visibility)), noise_threshold(werner(visibility))
    assert found.lower <= 1 / (2 * visibility) <= found.upper
    assert found.width <= 1e-3 * found.upper
    assert noise.lower <= 1 - 1 / (2 * visibility) <= noise.upper


def test_the_werner_threshold_is_one_half():
    verdicts = [critical_radius(werner(v), width=1e-4).verdict for v in (0.4999, 0.5, 0.5001)]
    assert verdicts == ["unsteerable", "undetermined", "steerable"]


def t_state_radius(t1, t2, t3):
    r"""2π N |det T|, 1/N = ∫ (n·T⁻²n)⁻² dΩ: Jevtic et al., J. Opt. Soc. Am. B 32, A40 (2015).

    With m = Tk/|Tk|, dm = |det T| dk/|Tk|³: the density N (m·T⁻²m)⁻² gives
    ∫|c·m| = N |det T| ∫|c·Tk| dk = 2π N |det T| |Tc|, the same multiple of e(C) for every c.
    """
    squares = np.array([t1, t2, t3]) ** 2
    z, weight = np.polynomial.legendre.leggauss(200)
    phi = (np.arange(400) + 0.5) * 2 * math.pi / 400
    x2, y2 = np.outer(1 - z**2, np.cos(phi) ** 2), np.outer(1 - z**2, np.sin(phi) ** 2)
    inverse = x2 / squares[0] + y2 / squares[1] + (z**2)[:, None] / squares[2]
    integral = float(weight @ np.sum(inverse**-2, axis=1)) * 2 * math.pi / 400
    return 2 * math.pi * abs(t1 * t2 * t3) / integral


@pytest.mark.parametrize("t", [(-0.7, -0.7, -0.4), (0.4, 0.4, -0.9), (-0.9, -0.15, -0.15)])
def test_t_states_with_an_axis_have_their_closed_form(t):
    found = critical_radius(t_state(*t), width=2e-4)
    assert found.lower <= t_state_radius(*t) <= found.upper
    assert found.width <= 2e-4 * found.upper


AXIS_FREE = (-0.8, -0.5, -0.35)


def filtered_t_state(weak, seed=0):
    """A T-state without an axis, both qubits rotated, and the steered one filtered to `weak`."""
    rng = np.random.default_rng(seed)
    filter_b = random_unitary(rng) @ np.diag([1, weak]) @ random_unitary(rng)
    whole = np.kron(random_unitary(rng), filter_b)
    rho = whole @ t_state(*AXIS_FREE) @ whole.conj().T
    return rho / np.trace(rho).real


@pytest.mark.parametrize("weak", [1, 0.3, 1e-3])
def test_t_states_without_an_axis_have_their_closed_form_behind_any_filter(weak):
    """In a frame that is not diagonal, and with a slack that grows with the filter."""
    rho = filtered_t_state(weak)
    assert along_axis(radius_program(rho)) is None
    found = critical_radius(rho)
    assert found.lower <= t_state_radius(*AXIS_FREE) <= found.upper
    assert found.width < 0.03


@pytest.mark.parametrize("small", [1, 0.3, 1e-2, 1e-5])
def test_entangled_pure_states_have_the_singlets_radius(small):
    # A filter of the steered qubit makes them singlets.
    found = critical_radius(pure(1, 0, 0, small))
    assert found.lower <= 0.5 <= found.upper
    assert found.verdict == "steerable"
    assert noise_threshold(pure(1, 0, 0, small)).lower >= 0


def test_products_have_the_inverse_length_of_the_measuring_partys_vector():
    for steered in (np.diag([1, 0]), np.diag([0.8, 0.2]), pure(1, 1j)):
        found = critical_radius(np.kron(np.diag([0.7, 0.3]), steered))
        assert found.lower <= 2.5 <= found.upper
        assert found.verdict == "unsteerable"
    assert critical_radius(MIXED).lower == critical_radius(MIXED).upper == math.inf
    assert noise_threshold(MIXED).lower == noise_threshold(MIXED).upper == -math.inf
    assert critical_radius(MIXED).width == 0


# X states


def test_bounds_of_x_states_are_close():
    found = [radius(k, measuring) for k in range(len(X_STATES)) for measuring in ("a", "b")]
    assert all(0 < bounds.width <= 1e-3 * bounds.upper for bounds in found)


@pytest.mark.parametrize("measuring", ["a", "b"])
def test_ten_measurements_never_contradict_all_measurements(measuring):
    seen = set()
    for k, rho in enumerate(X_STATES):
        all_of_them = radius(k, measuring)
        noise = noise_threshold(rho, measuring)
        ten = certify_steering(rho, measuring=measuring)
        if ten.q_lower > 0:
            assert all_of_them.upper < 1
        if all_of_them.lower >= 1:
            assert ten.q_upper <= 0
        assert ten.q_lower <= noise.upper
        seen.add((all_of_them.verdict, ten.steerable))
    assert {("steerable", True), ("unsteerable", False)} <= seen


@pytest.mark.parametrize("rho", X_STATES[:10])
def test_the_radius_changes_sides_at_the_noise_threshold(rho):
    noise = noise_threshold(rho)
    for q, verdict in ((noise.lower - 1e-3, "steerable"), (noise.upper + 1e-3, "unsteerable")):
        p = 1 - q
        mixture = p * rho + q * MIXED
        if np.linalg.eigvalsh(mixture)[0] >= 0:
            assert critical_radius(mixture, width=2e-4).verdict == verdict


@pytest.mark.parametrize("k", range(6))
def test_filters_of_the_steered_qubit_and_rotations_leave_the_radius_alone(k):
    rng, rho = np.random.default_rng(1), X_STATES[k]
    rotated = np.kron(random_unitary(rng), random_unitary(rng))
    filter_b = np.kron(np.eye(2), random_unitary(rng) @ np.diag([1, 0.3]) @ random_unitary(rng))
    for whole in (rotated, filter_b):
        other = whole @ rho @ whole.conj().T
        other /= np.trace(other).real
        found = critical_radius(other)
        assert overlap(radius(k), found)
        assert found.width <= 1e-3 * found.upper
    assert overlap(noise_threshold(rho), noise_threshold(rotated @ rho @ rotated.conj().T))


def test_the_other_party_measures_the_swapped_state():
    for k, rho in enumerate(X_STATES[:3]):
        by_b, swap = radius(k, "b"), critical_radius(swapped(rho))
        assert (by_b.lower, by_b.upper) == pytest.approx((swap.lower, swap.upper), rel=1e-9)


def test_steering_may_go_one_way():
    assert critical_radius(ONE_WAY, "a").verdict == "unsteerable"
    assert critical_radius(ONE_WAY, "b").verdict == "steerable"
    assert noise_threshold(ONE_WAY, "a").upper < 0 < noise_threshold(ONE_WAY, "b").lower


@pytest.mark.parametrize("measuring", ["a", "b"])
@pytest.mark.parametrize(("empty", "between"), [(3, (1, 2)), (0, (1, 2)), (1, (0, 3)), (2, (0, 3))])
@pytest.mark.parametrize("coherence", [0.3, 0.03, 1e-6])
def test_an_empty_population_beside_a_coherence_is_steerable(empty, between, coherence, measuring):
    populations = np.full(4, 1 / 3)
    populations[empty] = 0
    found = critical_radius(x_state(populations, coherence, between), measuring, width=0.01)
    assert found.verdict == "steerable"
    assert found.touching
    assert found.lower <= found.upper <= 1


def test_close_to_an_empty_population_the_bounds_decide():
    found = critical_radius(x_state([0.1, 0.5, 0.4 - 1e-6, 1e-6], 0.1))
    assert not found.touching
    assert found.upper < 1
    assert critical_radius(x_state([0.1, 0.5, 0.3, 0.1], 0.1)).verdict == "unsteerable"


def test_a_coherence_that_rounding_may_have_left_proves_nothing():
    assert not critical_radius(x_state([0.3, 0.4, 0.3, 0], 1e-17), width=0.01).touching


@pytest.mark.parametrize("measuring", ["a", "b"])
def test_separable_states_are_never_undetermined(measuring):
    """Of states without an axis the bounds alone would leave some so, on either side of R = 1."""
    rng = np.random.default_rng(5)
    states = [random_state(rng, 4) for _ in range(16)]
    separable = [np.linalg.eigvalsh(partial_transpose(rho))[0] > 0 for rho in states]
    assert [_is_separable(rho) for rho in states] == separable
    assert 2 <= sum(separable) < len(states)
    for k in np.flatnonzero(separable):
        found = critical_radius(states[k], measuring, decide=True)
        assert found.separable
        assert found.verdict == "unsteerable"
    assert noise_threshold(states[k], measuring).upper <= 0


def test_at_the_edge_of_separability_fractions_decide():
    """sqrt(p00 p11) = |c| to the last bit, and one bit beyond."""
    edge = x_state([0.25, 0.5, 0.125, 0.125], 0.125)
    edge[0, 0], edge[1, 1] = 0.125, 0.625
    assert critical_radius(edge).separable
    edge[1, 2] = edge[2, 1] = math.nextafter(0.125, 1)
    assert not critical_radius(edge).separable


# other states, other methods


@pytest.mark.parametrize("k", range(3))
def test_polytopes_agree_with_latitudes(k):
    program = radius_program(X_STATES[k])
    low, high = polytope.bounds(program, 1e-3)
    closer = radius(k)
    assert low <= closer.upper
    assert closer.lower <= high
    assert high - low < 0.04 * high


def crude_radius(rho, points=150, axes=14):
    """The largest r with responses for a few axes, ∫ g (1, m) dμ = ½(u + r A n), on a grid.

    The definition itself, on the state as it is: no support functions, no filter, no symmetry.
    """

    def spiral(n):
        z = 1 - (2 * np.arange(n) + 1) / n
        phi = math.pi * (3 - math.sqrt(5)) * np.arange(n)
        return np.stack([np.sqrt(1 - z**2) * np.cos(phi), np.sqrt(1 - z**2) * np.sin(phi), z], 1)

    four = np.array([np.eye(2), *PAULI])
    theta = np.array([[np.trace(rho @ np.kron(s, t)).real for t in four] for s in four])
    hidden = np.concatenate([np.ones((1, points)), spiral(points).T])
    settings = spiral(2 * axes)[:axes]
    # Variables: μ, then μ g_x for each axis, then r.
    size = points * (axes + 1) + 1
    equal, right = np.zeros((4 * (axes + 1), size)), np.zeros(4 * (axes + 1))
    equal[:4, :points], right[:4] = hidden, theta[0]
    below = np.zeros((points * axes, size))
    for x, n in enumerate(settings):
        rows = slice(4 * (x + 1), 4 * (x + 2))
        own = slice(points * (x + 1), points * (x + 2))
        equal[rows, own], right[rows] = hidden, theta[0] / 2
        equal[rows, -1] = -(n @ theta[1:]) / 2
        below[points * x : points * (x + 1), :points] = -np.eye(points)
        below[points * x : points * (x + 1), own] = np.eye(points)
    objective = np.zeros(size)
    objective[-1] = -1
    found = linprog(objective, below, np.zeros(len(below)), equal, right, method="highs-ipm")
    return found.x[-1]


@pytest.mark.parametrize(
    "rho", [werner(0.6), x_state([0.25, 0.45, 0.25, 0.05], 0.28j)], ids=["werner", "x"]
)
def test_responses_on_a_grid_find_about_the_same_radius(rho):
    found = critical_radius(rho)
    # Too few axes raise it by up to 0.1, too few hidden states lower it by up to 0.02.
    assert found.lower - 0.02 <= crude_radius(rho) <= found.upper + 0.1


# rigour


def test_circle_means_are_the_integrals():
    planes = np.array([[0.3, 0.8, 0, -0.2], [0.5, 0.1, 0, 0.2], [0, 1, 0, 0], [0.6, 0.8, 0, 0]])
    z = np.array([-0.9, 0, 0.4])
    means = latitudes._circle_means(planes, z, np.sqrt(1 - z**2))
    for plane, row in zip(planes, means, strict=True):
        for height, mean in zip(z, row, strict=True):
            A, B = plane[0] + plane[3] * height, plane[1] * math.sqrt(1 - height**2)
            breaks = [math.acos(-A / B)] if abs(A) < abs(B) else None
            integral, _ = quad(
                lambda f, A=A, B=B: abs(A + B * math.cos(f)), 0, math.pi, points=breaks
            )
            assert mean == pytest.approx(integral / math.pi, abs=1e-12)


# Each method has states of no more symmetry than it takes up, with b not zero.
ASYMMETRIC = {latitudes: ONE_WAY, polytope: filtered_t_state(0.3)}


@pytest.mark.parametrize("method", ASYMMETRIC)
@pytest.mark.parametrize("error", [1e-6, 1e-2, 0.3])
def test_the_bounds_hold_whatever_the_solver_says(method, error, monkeypatch):
    rho = ASYMMETRIC[method]
    program, exact = radius_program(rho), t_state_radius(*AXIS_FREE)
    if method is latitudes:
        program, undisturbed = along_axis(program), critical_radius(rho, width=1e-4)
    rng = np.random.default_rng(3)

    def disturbed(*args):
        found = projective.solve(*args)
        p, weights, nu, Z = found.p, found.weights, found.nu, found.Z
        return replace(
            found,
            p=p * (1 + error),
            weights=weights * (1 + error * rng.uniform(-1, 1, weights.shape)),
            nu=nu * (1 + error * rng.uniform(-1, 1, nu.shape)),
            Z=Z + error * rng.uniform(-1, 1, Z.shape),
        )

    monkeypatch.setattr(method, "solve", disturbed)
    monkeypatch.setattr(method, "_MOST_ROUNDS", 4)
    low, high = method.bounds(program, 1e-3)
    least, most = (undisturbed.lower, undisturbed.upper) if method is latitudes else (exact, exact)
    assert 0.3 * least < low <= most
    assert least <= high < 3 * most


def test_a_solver_that_gives_nothing_leaves_no_verdict(monkeypatch):
    monkeypatch.setattr(latitudes, "solve", lambda *args: None)
    found = critical_radius(werner(0.8))
    assert (found.lower, found.upper, found.verdict) == (0, math.inf, "undetermined")


def test_the_polytope_holds_the_ball():
    around, rng = polytope._around(), np.random.default_rng(0)
    directions = rng.normal(size=(2000, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    assert np.min(np.max(directions @ around.T, axis=1)) >= 1
    assert len(polytope._icosphere(3)[0]) == 92


def test_each_state_of_a_batch_stands_alone():
    there = [radius(k) for k in range(6)]
    assert [critical_radius(rho) for rho in X_STATES[5::-1]] == there[::-1]


def test_a_decision_agrees_with_the_bounds():
    decided = [critical_radius(rho, "b", decide=True) for rho in X_STATES]
    bounds = [radius(k, "b") for k in range(len(X_STATES))]
    assert [d.verdict for d in decided] == [b.verdict for b in bounds]


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        ((np.eye(3),), "shape"),
        ((MIXED, "c"), "measuring: 'c' is not a party"),
        ((MIXED, "a", 0), "width: 0 given"),
        ((MIXED, "a", math.nan), "width: nan given"),
        ((2 * MIXED,), "trace"),
    ],
)
def test_what_has_no_radius_is_refused(arguments, fragment):
    for function in (critical_radius, noise_threshold):
        with pytest.raises(ValueError, match=fragment):
            function(*arguments)


@pytest.mark.parametrize("angle", [1e-8, 2e-8, 2.9e-8, 5e-8])
def test_hardly_entangled_pure_states_are_never_called_unsteerable(angle):
    """In a basis in which the steered qubit's rare level drowns in rounding."""
    rng = np.random.default_rng(3)
    ket = np.diag([np.cos(angle), np.sin(angle)])
    rotation = np.linalg.qr(rng.normal(size=(2, 2, 2)) @ [1, 1j])[0]
    ket = (ket @ rotation.T).reshape(-1)
    assert critical_radius(np.outer(ket, ket.conj())).verdict != "unsteerable"
    product = np.outer(np.eye(2)[0], rotation[:, 0]).reshape(-1)
    assert critical_radius(np.outer(product, product.conj())).verdict != "steerable"


@pytest.mark.parametrize("measuring", ["a", "b"])
@pytest.mark.parametrize("power", [40, 50, 57, 70, 200])
def test_a_pure_state_that_rounding_takes_for_a_product_is_never_called_unsteerable(
    power, measuring
):
    """(1, e, 0, e): every entry is exact, the concurrence 2 e and R = 1/2, as of the singlet."""
    e = 2.0**-power
    ket = np.array([1, e, 0, e])
    assert critical_radius(np.outer(ket, ket), measuring).verdict != "unsteerable"


@pytest.mark.parametrize("measuring", ["a", "b"])
@pytest.mark.parametrize(("first", "last"), [(1e-32, 4e-30), (1e-32, 2.2e-30), (1e-32, 1e-29)])
def test_a_negative_eigenvalue_proves_nothing_however_small(first, last, measuring):
    """Next to them are separable states: behind the filter their coherence is too large by far."""
    rho = x_state([0.5, first, 0.5, last], 1e-15)
    assert critical_radius(rho, measuring).verdict == "undetermined"
    assert noise_threshold(rho, measuring).lower <= 0


def test_next_to_them_fractions_still_prove_a_state_separable():
    found = critical_radius(x_state([0.5, 2.0000001e-30, 0.5, 4e-30], 1e-15))
    assert (found.separable, found.verdict) == (True, "unsteerable")
    assert found.lower <= 1.4587 <= found.upper < 1.46


def test_noise_is_unbounded_only_where_every_visibility_has_a_model():
    """Up to p = 1e12 the moments (1, 1e-13 p) are in the cone, and beyond 1e13 they are not."""
    total = np.array([1.0, 0, 0, 0])
    program = radius_program(werner(0.5))
    for leaning, least, most in ((1e-13, 1e11, 1e13), (1e-5, 9.9e4, 1e5)):
        leaned = replace(program, u1=total + np.array([0, leaning, 0, 0]))
        assert least < projective.completed(1.0, total, leaned) <= most
    deep = replace(program, u1=1.1 * total)
    assert projective.completed(1.0, total, deep) == math.inf


@pytest.mark.parametrize("measuring", ["a", "b"])
@pytest.mark.parametrize("coherence", [2e-5, 1.1e-9])
def test_populations_rounded_to_zero_beside_a_coherence_prove_nothing(coherence, measuring):
    """No state, if only by 1e-9 or less; next to it are separable ones, whose radius exceeds 1."""
    rho = x_state([0.5, 0.5, 0, 0], coherence)
    assert critical_radius(rho, measuring).verdict == "undetermined"
    assert noise_threshold(rho, measuring).lower <= 0
    least = 4 * coherence**2
    exact = x_state([0.5 - least, 0.5 - least, least, least], coherence)
    assert critical_radius(exact, measuring).verdict == "unsteerable"


def test_a_population_below_the_smallest_normal_number_decides_nothing_by_itself():
    rho = x_state([1, 1e-310, 1e-310, 0], 1e-310)
    assert critical_radius(rho).verdict == "undetermined"
