"""Steering certificates: published and closed-form robustness, symmetries, rigour of the bounds."""

import itertools
import math
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import cvxpy as cp
import numpy as np
import pytest

from experiments.brask2022.equations import (
    infinitely_charged_fermions,
    infinitely_hot_fermions,
    inverted_fermions,
)
from jaxent.certify import (
    SteeringProgram,
    certify_steering,
    dodecahedron,
    exact_certificate,
    orthogonal,
    program,
    spread,
    strategies,
)
from jaxent.directions import every_strategy
from jaxent.measures import steering_robustness
from tests.certify import textbook
from tests.measures.states import BELL, pure, random_state, random_unitary, swapped, werner
from tests.measures.states import MAXIMALLY_MIXED as MIXED

ROOT = Path(__file__).resolve().parents[2]
SINGLET = BELL["psi-"]
GOLDEN = (1 + math.sqrt(5)) / 2


# states


RANDOM = [
    pytest.param(random_state(np.random.default_rng(10 * rank + k), rank), id=f"rank{rank}-{k}")
    for rank in (1, 2, 3, 4)
    for k in range(3)
]


@pytest.fixture(scope="module")
def decagon():
    """One program with the ten dodecahedral axes, for all states of this module."""
    return SteeringProgram(dodecahedron(), "dodecahedron")


@pytest.fixture(scope="module")
def triad():
    return SteeringProgram(orthogonal(), "orthogonal")


# the axes


def test_dodecahedral_axes_are_the_vertices_of_a_regular_dodecahedron():
    axes = dodecahedron()
    assert axes.shape == (10, 3)
    np.testing.assert_allclose(np.linalg.norm(axes, axis=1), 1, atol=1e-15)
    vertices = np.concatenate([axes, -axes])
    cosines = np.sort(vertices @ vertices.T, axis=1)[:, ::-1]
    # Each vertex sees itself, then 3, 6, 6, 3 others at these cosines, then its opposite.
    seen = np.repeat(
        [1, math.sqrt(5) / 3, 1 / 3, -1 / 3, -math.sqrt(5) / 3, -1], [1, 3, 6, 6, 3, 1]
    )
    np.testing.assert_allclose(cosines, np.broadcast_to(seen, (20, 20)), atol=1e-14)


def test_the_dodecahedron_stands_on_an_edge():
    axes = dodecahedron() * math.sqrt(3)
    highest = axes[axes[:, 2] > 1.5]
    np.testing.assert_allclose(highest[np.argsort(highest[:, 1])][:, 1], [-1 / GOLDEN, 1 / GOLDEN])
    np.testing.assert_allclose(highest[:, [0, 2]], [[0, GOLDEN]] * 2, atol=1e-14)


@pytest.mark.parametrize(("n", "cosine"), [(2, 0), (3, 0), (4, 1 / 3), (6, 1 / math.sqrt(5))])
def test_few_spread_axes_are_the_platonic_ones(n, cosine):
    axes = spread(n)
    overlaps = np.abs(axes @ axes.T)[np.triu_indices(n, 1)]
    np.testing.assert_allclose(overlaps, cosine, atol=1e-9)


@pytest.mark.parametrize("n", [5, 8, 12, 30])
def test_spread_axes_are_repeatable_upper_and_well_apart(n):
    axes = spread(n)
    np.testing.assert_array_equal(axes, spread(n))
    np.testing.assert_allclose(np.linalg.norm(axes, axis=1), 1, atol=1e-14)
    assert np.all(axes[:, 2] >= 0)
    closest = np.max(np.abs(axes @ axes.T) - np.eye(n))
    # A cap of this angle around each of 2n points covers 3/5 of the sphere.
    assert np.arccos(np.clip(closest, 0, 1)) > 2 * math.acos(1 - 0.6 / n)


# robustness known beforehand


@pytest.mark.parametrize("bell", [(0, 1, -1, 0), (0, 1, 1, 0), (1, 0, 0, 1), (1, 0, 0, -1)])
def test_bell_states_bear_the_closed_form_noise(bell, decagon, triad):
    # Werner visibilities max_λ |Σ_x λ_x n_x|/m: (3+√5)/10 = 0.5236068 and 1/√3.
    assert decagon.certify(pure(*bell)).q == pytest.approx((7 - math.sqrt(5)) / 10, abs=1e-9)
    assert triad.certify(pure(*bell)).q == pytest.approx(1 - 1 / math.sqrt(3), abs=1e-9)


def test_white_noise_rescales_the_visibility_even_next_to_the_maximally_mixed_state(decagon):
    threshold = (3 + math.sqrt(5)) / 10
    for visibility in (0.9, 0.5, 1e-3, 1e-7):
        certificate = decagon.certify(werner(visibility))
        assert 1 - certificate.q == pytest.approx(threshold / visibility, rel=1e-8)
        assert certificate.steerable == (visibility > threshold)


@pytest.mark.parametrize(
    ("rho", "published", "q"),
    [
        # Published: brask2022, to the digits printed there. q: for the axes used here, where the
        # bounds prove all the digits given; other orientations change the last one.
        pytest.param(inverted_fermions(0.38, 1, 1.9), 0.109, 0.10846, id="inverted, V C"),
        pytest.param(
            inverted_fermions((math.sqrt(5) - 1) / 4, 1, 1), 0.081, 0.08081, id="teleporting, V C"
        ),
        pytest.param(infinitely_hot_fermions(0.6, 1, 8.5), 0.0023, 0.002298, id="uncharged, IV B"),
    ],
)
def test_published_robustness_of_machines(rho, published, q, decagon):
    certificate = decagon.certify(rho)
    assert certificate.q == pytest.approx(published, rel=6e-3)
    assert certificate.q == pytest.approx(q, rel=2e-4)
    assert certificate.gap < 5e-9
    assert certificate.steerable


def test_charged_fermions_bear_slightly_more_noise_than_published(decagon):
    certificate = decagon.certify(infinitely_charged_fermions(0.3, 1, 2.1))
    assert certificate.steerable
    assert 0.0077 < certificate.q < 0.0078  # published: 0.75 %


def test_the_printed_coherence_of_charged_fermions_belongs_to_no_state(decagon):
    printed = infinitely_charged_fermions(0.3, 1, 2.1)
    # (19) is printed with a factor t.
    printed[[1, 2], [2, 1]] *= 1 + 2.1
    with pytest.raises(ValueError, match="smallest eigenvalue"):
        decagon.certify(printed)


@pytest.mark.parametrize("angle", [0.5, 0.1, 1e-2, 1e-3])
def test_pure_states_are_steerable_however_weakly_entangled(angle, decagon):
    certificate = decagon.certify(pure(math.cos(angle), 0, 0, math.sin(angle)))
    assert certificate.steerable
    assert certificate.q < angle  # it vanishes with the entanglement


@pytest.mark.parametrize("seed", range(4))
def test_four_ways_to_the_robustness_agree_to_a_hundred_millionth(seed):
    """The textbook's semidefinite program, the certificate, JAX, and the bracket of fractions."""
    rng = np.random.default_rng(seed)
    axes = rng.normal(size=(3, 3))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    rho = random_state(rng, rank=seed + 1)
    certificate, exact = certify_steering(rho, axes), exact_certificate(rho, axes)
    low, high = (float(Fraction(exact[key])) for key in ("given_q_lower", "given_q_upper"))
    assert high - low <= 4e-9
    assert certificate.gap <= 4e-9
    for q in (certificate.q, float(steering_robustness(rho, axes))):
        assert low - 1e-9 <= q <= high + 1e-9
    # Of the four only this one knows no bound on its error: 1e-8 is what its solver reaches.
    assert 1 - textbook.visibility(rho, axes) == pytest.approx(certificate.q, abs=1e-8)


# what cannot be steered


@pytest.mark.parametrize("measuring", ["a", "b"])
def test_product_states_are_unsteerable(measuring, decagon):
    rng = np.random.default_rng(5)
    for rank in (1, 1, 2, 2):
        rho = np.kron(random_state(rng, rank, 2), random_state(rng, rank, 2))
        certificate = decagon.certify(rho, measuring)
        assert not certificate.steerable
        assert certificate.q_lower <= 0
        # A pure product state has b of length one: no noise can be taken away from it.
        assert certificate.q == pytest.approx(0, abs=1e-8) if rank == 1 else certificate.q < -1e-3


def test_an_unphysical_remainder_does_not_make_a_product_state_steerable(decagon):
    certificate = decagon.certify(np.diag([1 + 5e-10, -5e-10, 0, 0]))
    assert not certificate.steerable
    assert certificate.q == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("remainder", [0.0, 1e-15, 1e-11, 5e-10])
def test_the_inequality_is_violated_by_q_lower_also_by_the_matrix_as_given(remainder, triad):
    """With its negative eigenvalue, which the nearest state does not have."""
    singlet = np.array([[0, 0, 0, 0], [0, 0.5, -0.5, 0], [0, -0.5, 0.5, 0], [0, 0, 0, 0]])
    product = np.diag([1.0, -1.0, -1.0, 1.0]) * remainder / 2
    given = 0.9 * singlet + 0.1 * np.diag([0, 0.5, 0.5, 0]) - product
    certificate = triad.certify(given)
    # Mixed to the visibility p the value falls from that of the noise, 1 - q_lower, in a line.
    rows = textbook.responses(given, certificate.directions)
    noise = certificate.inequality[0, 0] / 2
    at_one = np.sum(certificate.inequality * rows)
    assert noise / (noise - at_one) <= 1 - certificate.q_lower + 1e-15
    assert 0 <= certificate.gap <= 1e-8
    narrow = triad.certify(0.9 * singlet + 0.1 * np.diag([0, 0.5, 0.5, 0]))
    assert abs(certificate.q - narrow.q) <= 1e-8 + 10 * remainder


def test_one_measurement_steers_nothing():
    for state in RANDOM:
        assert certify_steering(state.values[0], [[0.6, 0.0, 0.8]]).q_lower <= 0


def test_no_noise_ever_makes_the_maximally_mixed_state_steerable(decagon):
    certificate = decagon.certify(MIXED)
    assert certificate.q == certificate.q_lower == certificate.q_upper == -math.inf
    assert certificate.gap == 0
    assert not certificate.steerable
    assert not np.any(certificate.inequality)


def test_the_smallest_deviation_from_the_maximally_mixed_state_counts(triad):
    """p* of the deviation d is that of 1e9 d, times 1e9; b = 0 and V are linear in it."""

    def nearly_mixed(coherence):
        rho = MIXED.astype(complex)
        rho[1, 2] = rho[2, 1] = coherence
        return rho

    small, large = triad.certify(nearly_mixed(-5e-18)), triad.certify(nearly_mixed(-5e-9))
    for one, other in ((small.q_lower, large.q_lower), (small.q_upper, large.q_upper)):
        assert 1 - one == pytest.approx(1e9 * (1 - other), rel=1e-8)


# symmetries


def test_what_bob_does_to_his_qubit_does_not_matter(decagon):
    rng = np.random.default_rng(1)
    for rank in (1, 2, 4):
        rho = random_state(rng, rank)
        local = np.kron(np.eye(2), random_unitary(rng))
        turned = decagon.certify(local @ rho @ local.conj().T)
        assert turned.q == pytest.approx(decagon.certify(rho).q, abs=1e-8)


def test_flip_flop_states_look_the_same_however_alice_is_turned_about_z(decagon):
    # They commute with U(φ)⊗U(φ); Bob's share of it changes nothing, so neither does Alice's.
    local = np.kron(np.diag([1, np.exp(0.7j)]), np.eye(2))
    for rho in (inverted_fermions(0.38, 1, 1.9), infinitely_hot_fermions(0.6, 1, 8.5)):
        turned = decagon.certify(local @ rho @ local.conj().T)
        assert turned.q == pytest.approx(decagon.certify(rho).q, abs=1e-8)
    generic = random_state(np.random.default_rng(2), 2)
    turned = decagon.certify(local @ generic @ local.conj().T)
    assert abs(turned.q - decagon.certify(generic).q) > 1e-4


def test_steering_has_a_direction(decagon):
    rho = inverted_fermions(0.38, 1, 1.9)
    by_alice, by_bob = decagon.certify(rho), decagon.certify(rho, measuring="b")
    assert by_alice.q > 5 * by_bob.q
    assert (by_alice.measuring, by_bob.measuring) == ("a", "b")
    assert by_bob.q == pytest.approx(decagon.certify(swapped(rho)).q, abs=1e-9)


def test_more_measurements_never_hurt():
    rho = inverted_fermions(0.38, 1, 1.9)
    axes = dodecahedron()
    robustness = [certify_steering(rho, axes[:m]) for m in (2, 4, 6, 8)]
    for fewer, more in itertools.pairwise(robustness):
        assert more.q_upper >= fewer.q_lower
    assert robustness[-1].q > robustness[0].q + 0.01


# the bounds


@pytest.mark.parametrize("rho", RANDOM)
def test_the_bracket_is_narrow_and_in_order(rho, decagon):
    for measuring in ("a", "b"):
        certificate = decagon.certify(rho, measuring)
        assert certificate.q_lower <= certificate.q <= certificate.q_upper
        assert 0 <= certificate.gap <= 1e-8


@pytest.mark.parametrize("m", [4, 7])
@pytest.mark.parametrize("rho", RANDOM[1::3])
def test_the_bounds_do_not_take_the_solvers_word(rho, m, monkeypatch):
    program = SteeringProgram(spread(m))
    exact = program.certify(rho)
    solve = program._solve
    for seed, error in ((0, 1e-2), (1, 1e-4), (2, 1e-6)):
        rng = np.random.default_rng(seed)

        def wrong(deviation, rng=rng, error=error):
            patterns, (hidden_states, visibility, multipliers) = solve(deviation)
            return patterns, (
                hidden_states + error * rng.normal(size=hidden_states.shape),
                visibility * (1 + error * rng.normal()),
                multipliers + error * rng.normal(size=multipliers.shape),
            )

        monkeypatch.setattr(program, "_solve", wrong)
        sloppy = program.certify(rho)
        assert sloppy.q_lower <= exact.q_upper
        assert exact.q_lower <= sloppy.q_upper
        assert sloppy.q_lower <= sloppy.q <= sloppy.q_upper
        assert sloppy.gap > 100 * exact.gap


@pytest.mark.parametrize("rho", [*RANDOM[::5], inverted_fermions(0.38, 1, 1.9)])
def test_the_inequality_holds_for_all_models_and_the_state_violates_it_by_q(rho, triad):
    certificate = triad.certify(rho)
    t, r = certificate.inequality[:, 0], certificate.inequality[:, 1:]
    operators = t[:, None, None] * np.eye(2) + np.einsum("xi,ijk->xjk", r, textbook.PAULI)

    # Every model responds by strategies with a positive hidden state each.
    for strategy in np.ndindex(2, 2, 2):
        response = np.array([1, *(1 - 2 * np.array(strategy))])
        value = np.einsum("x,xij->ij", response, operators)
        assert np.linalg.eigvalsh(value)[0] >= -1e-13

    for p in (1.0, 0.9, 0.3):
        # <Y, S> of four-vectors is tr/2 of the matrices.
        sigma = textbook.assemblage(p * rho + (1 - p) * MIXED, certificate.directions)
        value = np.trace(operators[0] @ (sigma[0][0] + sigma[0][1])).real / 2
        value += sum(
            np.trace(operator @ (plus - minus)).real / 2
            for operator, (plus, minus) in zip(operators[1:], sigma, strict=True)
        )
        assert value == pytest.approx(1 - certificate.q_lower - p, abs=1e-11)


def test_a_certificate_does_not_depend_on_what_was_certified_before(decagon):
    rho = RANDOM[4].values[0]
    decagon.certify(RANDOM[7].values[0])
    later, first = decagon.certify(rho), SteeringProgram(dodecahedron()).certify(rho)
    assert (first.q, first.q_lower, first.q_upper) == (later.q, later.q_lower, later.q_upper)
    np.testing.assert_array_equal(first.inequality, later.inequality)


# use and misuse


def test_sets_of_measurements_can_be_named_counted_or_given():
    rho = inverted_fermions(0.38, 1, 1.9)
    named = certify_steering(rho, "orthogonal")
    given = certify_steering(rho, np.eye(3))
    counted = certify_steering(rho, 4)
    assert (named.measurements, given.measurements) == ("orthogonal", "custom-3")
    assert named.q == given.q
    assert counted.measurements == "spread-4"
    np.testing.assert_allclose(counted.directions, spread(4), atol=1e-15)
    assert certify_steering(rho).measurements == "dodecahedron"


@pytest.mark.parametrize(
    ("rho", "message"),
    [
        (np.eye(3) / 3, r"rho: shape \(3, 3\)"),
        (np.full((4, 4), np.nan), "rho: .* nan"),
        (MIXED + 0.1 * np.eye(4, k=1), "rho: differs from its adjoint by 0.1"),
        (np.eye(4) / 2, "rho: trace 2 given"),
        (np.diag([0.6, 0.5, 0.0, -0.1]), "rho: smallest eigenvalue -0.1"),
    ],
)
def test_what_is_no_state_is_refused(rho, message, triad):
    with pytest.raises(ValueError, match=message):
        triad.certify(rho)


@pytest.mark.parametrize(
    ("measurements", "message"),
    [
        ("icosahedron", "measurements: 'icosahedron' is unknown; allowed"),
        (0, "n: 0 axes"),
        (True, "n: True axes"),
        (10**9, "1000000000 axes given; allowed: at most 64"),
        (np.tile(np.eye(3), (22, 1))[:65], "65 axes given; allowed: at most 64"),
        ([[1.0, 0.0]], r"directions: shape \(1, 2\)"),
        ([], r"directions: shape \(0,\)"),
        ([[0.0, 0.0, 1.1]], "an axis has length 1.1"),
        ([[0.0, 0.0, math.nan]], "an axis has length nan"),
    ],
)
def test_what_is_no_set_of_measurements_is_refused(measurements, message):
    with pytest.raises(ValueError, match=message):
        certify_steering(SINGLET, measurements)


def test_only_a_party_measures(triad):
    with pytest.raises(ValueError, match="measuring: 'c' is not a party"):
        triad.certify(SINGLET, measuring="c")


def test_a_failing_solver_is_named_with_its_status(monkeypatch):
    triad = SteeringProgram(orthogonal(), "orthogonal")
    monkeypatch.setitem(program.SOLVER_SETTINGS, "max_iter", 1)
    with pytest.raises(RuntimeError, match=r"orthogonal: no solution; .* 'user_limit'"):
        triad.certify(SINGLET)

    def give_up(**settings):
        raise cp.SolverError

    monkeypatch.setattr(triad._program._problem, "solve", give_up)
    with pytest.raises(RuntimeError, match="'solver_error'"):
        triad.certify(SINGLET)


@pytest.fixture(scope="module", params=["dodecahedron", "spread-7"])
def few_and_every(request):
    """The program with the strategies that decide, and the one with all, for either set of axes."""
    axes = dodecahedron() if request.param == "dodecahedron" else spread(7)
    with pytest.MonkeyPatch.context() as patch:
        few = SteeringProgram(axes)
        patch.setattr(strategies, "MOST_ENUMERATED", 12)
        every = SteeringProgram(axes)
    assert len(every._program.patterns) == 2 ** len(axes) > 2 * len(few._program.patterns)
    return few, every


@pytest.mark.parametrize("rho", [*RANDOM[::4], SINGLET, inverted_fermions(0.38, 1, 1.9)])
def test_the_strategies_that_decide_are_enough(rho, few_and_every):
    """Bounds by cells alone, with further ones where an inequality violates them, and by all."""
    few, every = (program.certify(rho) for program in few_and_every)
    assert few.gap < 1e-8
    assert few.q_lower <= every.q_upper
    assert every.q_lower <= few.q_upper
    points = every_strategy(len(few.directions)) @ few.inequality
    assert np.all(points[:, 0] - np.linalg.norm(points[:, 1:], axis=1) > -1e-12)


@pytest.mark.parametrize("copies", [2, 3, 6, 8, 12, 20])
def test_axes_that_are_repeated_change_nothing(copies, triad):
    """Up to 60 of them, as they are and reversed."""
    rho = RANDOM[4].values[0]
    signs = np.where(np.arange(3 * copies) % 5 == 3, -1.0, 1.0)
    once = triad.certify(rho)
    again = certify_steering(rho, np.tile(orthogonal(), (copies, 1)) * signs[:, None])
    assert again.q == pytest.approx(once.q, abs=1e-12)
    assert again.gap < 1e-8
    assert again.inequality.shape == (3 * copies + 1, 4)
    assert not np.any(again.inequality[4:])


@pytest.mark.parametrize("apart", [1e-15, 1e-11, 1e-9, 1e-7])
def test_axes_that_are_nearly_repeated_cost_little(apart):
    """Where they count as one axis, the model answers for both; where not, strategies suffice."""
    rng, rho = np.random.default_rng(0), RANDOM[4].values[0]
    axes = np.tile(spread(5), (3, 1)) + apart * rng.normal(size=(15, 3))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    many, once = certify_steering(rho, axes), certify_steering(rho, axes[:5])
    # What the solver leaves is corrected by the few strategies that tell the axes from each other.
    assert many.gap < 1e-8 + 10 * apart
    assert once.q_lower <= many.q_upper
    assert abs(many.q - once.q) < 1e-8 + 100 * apart


def test_many_measurements_approach_the_limit_of_all():
    """Of a Werner state all projective measurements prove steering above a visibility of 1/2."""
    robustness = [certify_steering(SINGLET, m) for m in (10, 16, 24)]
    assert all(certificate.gap < 1e-8 for certificate in robustness)
    q = [certificate.q for certificate in robustness]
    assert 0.47 < q[0] < q[1] < q[2] < 0.5
    # Sets of spread axes are not nested; that of 24 comes within a few percent of the limit.
    assert 0.5 - q[2] < 0.02


def test_the_module_imports_without_cvxpy():
    script = """
import sys
sys.modules["cvxpy"] = None
import jaxent.certify as certify
print(len(certify.dodecahedron()))
certify.SteeringProgram(certify.orthogonal())
"""
    outcome = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True
    )
    assert outcome.stdout.strip() == "10", outcome.stderr
    assert "ModuleNotFoundError: import of cvxpy" in outcome.stderr
