"""Exact steering certificates: width, agreement with the solver, states near and far."""

import json
import math
from fractions import Fraction

import numpy as np
import pytest

from jaxent import verify
from jaxent.certify import certify_steering, exact, exact_certificate, spread, whole_numbers
from jaxent.certify.program import ConeProgram
from tests.certify import textbook
from tests.measures.states import MAXIMALLY_MIXED as MIXED
from tests.measures.states import random_state

SINGLET = np.array([[0, 0, 0, 0], [0, 0.5, -0.5, 0], [0, -0.5, 0.5, 0], [0, 0, 0, 0]])


def bracket(certificate):
    return Fraction(certificate["q_lower"]), Fraction(certificate["q_upper"])


def given_bracket(certificate):
    return Fraction(certificate["given_q_lower"]), Fraction(certificate["given_q_upper"])


CASES = [
    *((m, rank, party) for m in (2, 3, 4, 5, 6) for rank in (1, 2, 3, 4) for party in "ab"),
    *((10, rank, party) for rank in (1, 2, 3, 4) for party in "ab"),
    (7, 2, "a"),
    (12, 3, "b"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_fifty_states_have_narrow_brackets_that_a_sceptic_confirms(case):
    m, rank, party = case
    rho = random_state(np.random.default_rng(CASES.index(case)), rank)
    axes = "dodecahedron" if m == 10 else m
    certificate = exact_certificate(rho, axes, party)
    text = json.dumps(certificate)
    proven = verify.check(text)
    assert (proven.q_lower, proven.q_upper) == bracket(certificate)
    assert proven.given_q_lower <= proven.q_lower <= proven.q_upper <= proven.given_q_upper
    assert proven.given_q_upper - proven.given_q_lower <= 4e-9
    assert len(text) < verify.MAX_BYTES / 4
    # The solver's q is as good as its own bracket is narrow; the true one is in both brackets.
    solved = certify_steering(rho, axes, party)
    assert solved.q_lower <= proven.given_q_upper + 1e-13
    assert solved.q_upper >= proven.given_q_lower - 1e-13
    assert proven.given_q_lower - solved.gap <= solved.q <= proven.given_q_upper + solved.gap
    assert proven.verdict == ("steerable" if solved.q > 0 else "unsteerable")


def test_the_singlet_stays_the_singlet():
    certificate = exact_certificate(SINGLET, "orthogonal")
    assert certificate["state"] == {
        "denominator": 2,
        "re": [[0, 0, 0, 0], [0, 1, -1, 0], [0, -1, 1, 0], [0, 0, 0, 0]],
        "im": [[0] * 4] * 4,
    }
    assert certificate["axes"] == [[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 1]]
    assert certificate["state_distance"] == certificate["axes_distance"] == "0"
    assert bracket(certificate) == given_bracket(certificate)
    lower, upper = bracket(certificate)
    assert lower <= 1 - 1 / math.sqrt(3) <= upper


@pytest.mark.parametrize("visibility", [0.9, 1e-2, 1e-5])
def test_white_noise_rescales_both_bounds(visibility):
    lower, upper = bracket(exact_certificate(visibility * SINGLET + (1 - visibility) * MIXED, 3))
    threshold = 1 / math.sqrt(3) / visibility
    assert 1 - upper <= threshold * (1 + 1e-9)
    assert 1 - lower >= threshold * (1 - 1e-9)
    assert upper - lower <= 1e-9 * threshold


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(0.95 * SINGLET + 0.05 * MIXED, id="steerable"),
        pytest.param(random_state(np.random.default_rng(3), 1), id="pure"),
        pytest.param(random_state(np.random.default_rng(4), 2), id="of rank two"),
        pytest.param(random_state(np.random.default_rng(5), 4), id="of full rank"),
    ],
)
def test_a_coarse_state_still_bounds_the_given_one(given, monkeypatch):
    fine = bracket(exact_certificate(given, 4))
    monkeypatch.setattr(exact, "_STATE_BITS", 14)
    certificate = exact_certificate(given, 4)
    lower, upper = bracket(certificate)
    given_lower, given_upper = given_bracket(certificate)
    distance = Fraction(certificate["state_distance"])
    assert 1e-6 < distance < 1e-2
    assert given_lower <= fine[0] <= fine[1] <= given_upper
    assert given_upper - given_lower > upper - lower
    assert given_upper - given_lower < 100 * distance
    # The distance is that of traces, or more.
    state = certificate["state"]
    rho = (np.array(state["re"]) + 1j * np.array(state["im"])) / state["denominator"]
    assert np.sum(np.abs(np.linalg.eigvalsh(rho - given))) / 2 <= distance * (1 + 1e-12)


def test_bounds_also_hold_for_every_other_state_as_close(monkeypatch):
    monkeypatch.setattr(exact, "_STATE_BITS", 10)
    certificate = exact_certificate(random_state(np.random.default_rng(6), 4), 3)
    lower, upper = given_bracket(certificate)
    state = certificate["state"]
    rho = (np.array(state["re"]) + 1j * np.array(state["im"])) / state["denominator"]
    rng = np.random.default_rng(7)
    for _ in range(5):
        other = random_state(rng, 1)
        apart = np.sum(np.abs(np.linalg.eigvalsh(other - rho))) / 2
        share = float(Fraction(certificate["state_distance"])) / apart
        q = certify_steering((1 - share) * rho + share * other, 3).q
        assert lower <= q <= upper


def test_the_axes_are_exactly_of_length_one_and_where_they_were_wanted():
    wanted = [*spread(7).tolist(), [0, 0, -1], [0.6, 0, -0.8], [-1, 0, 0]]
    certificate = exact_certificate(SINGLET, np.array(wanted))
    assert Fraction(certificate["axes_distance"]) < 1e-14
    for (x, y, z, w), n in zip(certificate["axes"], wanted, strict=True):
        assert x**2 + y**2 + z**2 == w**2
        np.testing.assert_allclose([x / w, y / w, z / w], n, rtol=0, atol=1e-14)


def test_the_inequality_and_the_assemblage_are_those_of_the_textbook():
    rho = random_state(np.random.default_rng(8), 2)
    certificate = exact_certificate(rho, "orthogonal")
    y = np.array(certificate["inequality"], dtype=float)
    rows = textbook.responses(rho, np.eye(3))
    noise = y[0, 0] / 2
    violated_from = noise / (noise - np.sum(y * rows))
    assert violated_from == pytest.approx(float(1 - bracket(certificate)[0]), abs=1e-12)
    assert violated_from == pytest.approx(textbook.visibility(rho, np.eye(3)), abs=1e-8)


def test_what_the_solver_gets_wrong_widens_the_bracket_and_no_more(monkeypatch):
    rho = random_state(np.random.default_rng(9), 3)
    right = bracket(exact_certificate(rho, 4))
    solve = ConeProgram.solve
    for seed, error in ((0, 1e-2), (1, 1e-4), (2, 1e-6)):
        rng = np.random.default_rng(seed)

        def wrong(self, deviation, rng=rng, error=error):
            hidden_states, visibility, multipliers = solve(self, deviation)
            return (
                hidden_states + error * rng.normal(size=hidden_states.shape),
                visibility * (1 + error * rng.normal()),
                multipliers + error * rng.normal(size=multipliers.shape),
            )

        monkeypatch.setattr(ConeProgram, "solve", wrong)
        lower, upper = bracket(exact_certificate(rho, 4))
        assert lower <= right[1]
        assert right[0] <= upper
        assert upper - lower > 100 * (right[1] - right[0])


def test_a_solver_that_finds_nothing_leaves_no_certificate(monkeypatch):
    def useless(self, deviation):
        return np.zeros((8, 4)), 0.0, np.ones((4, 4))

    monkeypatch.setattr(ConeProgram, "solve", useless)
    with pytest.raises(RuntimeError, match="the certificate does not hold: "):
        exact_certificate(SINGLET, 3)


def test_product_states_are_not_steerable_but_where_they_are_pure_that_is_a_limit():
    mixed = np.kron(np.diag([0.75, 0.25]), np.diag([0.5, 0.5]))
    assert exact_certificate(mixed, 3)["verdict"] == "unsteerable"
    pure = exact_certificate(np.diag([1.0, 0, 0, 0]), 3)
    lower, upper = bracket(pure)
    assert -1e-9 < lower <= 0 <= upper < 1e-9
    assert pure["verdict"] == "undetermined"


@pytest.mark.parametrize(
    ("rho", "fragment"),
    [
        (MIXED, "q = -inf"),
        (MIXED + 1e-16 * (random_state(np.random.default_rng(0), 1) - MIXED), "too close"),
        (np.eye(3) / 3, "two qubits"),
        (np.diag([1.5, -0.5, 0, 0]), "smallest eigenvalue"),
    ],
    ids=["mixed", "nearly mixed", "qutrit", "negative"],
)
def test_states_without_a_certificate_are_refused(rho, fragment):
    with pytest.raises(ValueError, match=fragment):
        exact_certificate(rho, 3)


def test_measured_across_its_bloch_vector_a_local_state_looks_mixed():
    rho = np.kron(np.diag([0.75, 0.25]), np.eye(2) / 2)
    assert exact_certificate(rho, np.eye(3))["verdict"] == "unsteerable"
    with pytest.raises(ValueError, match="q = -inf"):
        exact_certificate(rho, np.eye(3)[:2])


def test_misuse_is_refused():
    with pytest.raises(ValueError, match="at most 12 in an exact certificate"):
        exact_certificate(SINGLET, 13)
    with pytest.raises(ValueError, match="allowed: 'a', 'b'"):
        exact_certificate(SINGLET, 3, "c")


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 2**104 - 1, 2**104, 2**104 + 1])
def test_the_root_is_rounded_up(n):
    root = whole_numbers._root_above(n)
    assert root**2 >= n
    assert n == 0 or (root - 1) ** 2 < n
