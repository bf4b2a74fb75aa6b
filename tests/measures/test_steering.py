"""The steering robustness: against certificates, closed forms and differences; its limits."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxent.baths import Bath
from jaxent.certify import SteeringProgram
from jaxent.directions import dodecahedron, orthogonal
from jaxent.filters import Filters, herald
from jaxent.machines import TwoQubit
from jaxent.measures import OBJECTIVES, objective, steering_measure, steering_robustness
from jaxent.measures.lorentz import LorentzProgram
from jaxent.measures.steering import (
    DODECAHEDRAL_MAXIMUM,
    filtered_robustness,
    x_filtered_robustness,
    x_program,
    x_steering_robustness,
)
from jaxent.quantum import XState
from tests.measures.states import (
    BELL,
    DIRECTIONS,
    MAXIMALLY_MIXED,
    X_DIRECTIONS,
    many,
    product,
    random_product,
    random_state,
    random_unitary,
    random_x_state,
    turned,
    werner,
)

SINGLET = BELL["psi-"]
OF_RANK = {rank: many(random_state, 12, rank, rank) for rank in (1, 2, 3, 4)}
GENERIC_STATES = {"rank 2": OF_RANK[2][1], "rank 3": OF_RANK[3][0], "rank 4": OF_RANK[4][0]}
STATES = np.concatenate(
    [
        *OF_RANK.values(),
        many(random_x_state, 10),
        many(random_product, 5),
        many(random_product, 5, 1, False),
    ]
)
X_STATES = np.abs(many(random_x_state, 12))
ONE_COHERENCE = many(random_x_state, 6, 2, outer=False)


def each(function, states, *arguments):
    """One state after the other: each program is compiled once, whatever the number of states."""
    return np.array([float(function(rho, *arguments)) for rho in states])


def x_each(function, states, *arguments):
    return each(lambda rho: function(XState.of(rho), *arguments), states)


def turn(seed):
    """A generic rotation, of determinant 1."""
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    return q * np.sign(np.diag(r)) * np.linalg.det(q * np.sign(np.diag(r)))


GENERIC = dodecahedron() @ turn(0).T


# values


@pytest.fixture(scope="module")
def certificates():
    program = SteeringProgram(dodecahedron())
    return {
        "a": [program.certify(rho, "a") for rho in STATES],
        "b": [program.certify(rho, "b") for rho in STATES[::6]],
    }


@pytest.mark.slow
@pytest.mark.parametrize("measuring", ["a", "b"])
def test_it_lies_between_the_bounds_of_certificates(certificates, measuring):
    known = certificates[measuring]
    found = each(steering_robustness, STATES[:: 1 if measuring == "a" else 6], None, measuring)
    # For product states close to the maximally mixed one p* is large, and 1e-8 relative to it.
    room = 1e-8 * np.maximum(1.0, 1 - found)
    assert np.all(found >= [c.q_lower for c in known] - room)
    assert np.all(found <= [c.q_upper for c in known] + room)


@pytest.mark.parametrize(
    ("statistics", "hot", "g", "gamma_b"),
    [
        ("boson", 1.0, 0.028267526205250942, 2.267634349935156),
        ("boson", 3.0, 0.017617364754664022, 0.20029938770236602),
        ("fermion", -0.0, 0.004735092504130969, 0.2946493387257044),
        ("fermion", -0.0, 0.0018141912263725322, 0.2712633863104684),
    ],
)
def test_states_close_to_products_converge(statistics, hot, g, gamma_b):
    """The normal equations are nearly singular there: unrefined, the primal sums drift off."""
    first = Bath(1.0, temperature=hot, statistics=statistics)
    second = Bath(gamma_b, temperature=0.0, statistics=statistics)
    machine = TwoQubit(g, first, second)
    certificate = SteeringProgram(dodecahedron()).certify(machine.state())
    found = float(x_steering_robustness(machine.x_state()))
    assert certificate.q_lower - 1e-9 <= found <= certificate.q_upper + 1e-9


@pytest.mark.parametrize("name", BELL)
def test_maximally_entangled_states_bear_the_published_noise(name):
    # brask2022 Sec. III A: 47.6 % for the dodecahedron; (7 - √5)/10 in closed form.
    assert steering_robustness(BELL[name]) == pytest.approx(0.4763932, abs=1e-7)
    assert steering_robustness(BELL[name]) == pytest.approx(DODECAHEDRAL_MAXIMUM, abs=1e-10)


@pytest.mark.parametrize("m", [2, 3])
def test_orthogonal_measurements_of_the_singlet_leave_one_over_root_m(m):
    # Cavalcanti, Jones, Wiseman, Reid, PRA 80, 032112 (2009): steerable beyond 1/√m.
    assert steering_robustness(SINGLET, orthogonal()[:m]) == pytest.approx(1 - m**-0.5, abs=1e-10)


def test_werner_states_become_steerable_at_the_singlets_visibility():
    visibilities = np.array([0.1, 0.5, 0.5236068, 0.7, 1.0])
    found = each(steering_robustness, map(werner, visibilities))
    np.testing.assert_allclose(found, 1 - (1 - DODECAHEDRAL_MAXIMUM) / visibilities, atol=1e-9)
    assert found[2] == pytest.approx(0, abs=1e-7)


def test_of_pure_products_the_noise_is_none_and_of_mixed_ones_negative():
    pure = each(steering_robustness, many(random_product, 5))
    np.testing.assert_allclose(pure, 0, atol=1e-9)
    # σ_{±|x} are parallel to Bob's state: p b reaches the Bloch sphere at p = 1/|b|.
    mixed = product([0, 0, 0], [0, 0.6, 0])
    assert steering_robustness(mixed) == pytest.approx(1 - 1 / 0.6, abs=1e-9)


def test_the_smallest_deviation_from_the_mixed_state_counts():
    # q = 1 - p*: a thousandth of the deviation makes p* a thousand times larger.
    rho = GENERIC_STATES["rank 3"]
    near = MAXIMALLY_MIXED + 1e-3 * (rho - MAXIMALLY_MIXED)
    expected = 1e3 * float(1 - steering_robustness(rho))
    assert 1 - steering_robustness(near) == pytest.approx(expected, rel=1e-9)


def test_measured_by_bob_is_measured_by_alice_of_the_swapped_state():
    some = STATES[::8]
    swapped = some.reshape(-1, 2, 2, 2, 2).transpose(0, 2, 1, 4, 3).reshape(-1, 4, 4)
    found = each(steering_robustness, some, None, "b")
    np.testing.assert_allclose(found, each(steering_robustness, swapped), rtol=0, atol=1e-9)


def test_axes_turn_with_alice_and_bobs_rotations_leave_it_alone():
    rng = np.random.default_rng(3)
    unitary, rotation = random_unitary(rng), turn(4)
    rho = GENERIC_STATES["rank 3"]
    bob = turned(rho, np.kron(np.eye(2), unitary))
    expected = float(steering_robustness(rho))
    assert steering_robustness(bob) == pytest.approx(expected, abs=1e-10)
    expected = float(steering_robustness(rho, GENERIC @ rotation))
    flipped = steering_robustness(rho, -(GENERIC @ rotation))
    assert flipped == pytest.approx(expected, abs=1e-10)


# states of X form, and leads


@pytest.mark.parametrize(("axes", "measuring"), [(None, "a"), (orthogonal(), "b")])
def test_both_forms_agree(axes, measuring):
    def both(general, closed):
        expected = each(general, X_STATES, axes, measuring)
        found = x_each(closed, X_STATES, axes, measuring)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)

    both(steering_robustness, x_steering_robustness)
    both(filtered_robustness, x_filtered_robustness)


def test_of_one_coherence_the_phase_does_not_matter():
    found = x_each(x_steering_robustness, ONE_COHERENCE)
    expected = each(steering_robustness, ONE_COHERENCE)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


def test_mirror_planes_of_the_dodecahedron_shrink_the_program():
    everything, small = LorentzProgram(10), x_program(dodecahedron())
    assert (everything.strategies, everything.unknowns) == (1024, 44)
    assert (small.strategies, small.unknowns) == (288, 14)
    assert x_program(GENERIC) is x_program(GENERIC @ turn(1))


def test_the_lead_is_positive_exactly_where_the_state_is_steerable():
    lead = each(filtered_robustness, STATES)
    assert np.all((lead > 0) == (each(steering_robustness, STATES) > 1e-10))


def test_the_lead_of_products_is_negative_and_of_weak_entanglement_that_of_the_singlet():
    rng = np.random.default_rng(0)
    assert np.all(each(filtered_robustness, [random_product(rng) for _ in range(5)]) < -1e-3)
    ket = np.array([1, 0, 0, 1e-3])
    weak = np.outer(ket, ket) / (ket @ ket)
    assert filtered_robustness(weak) == pytest.approx(DODECAHEDRAL_MAXIMUM, abs=1e-6)


# derivatives


# Compiled once for all states and axes.
robustness = jax.jit(steering_robustness)
robustness_of_axes = jax.jit(jax.vmap(steering_robustness, (None, 0)))
slopes = jax.jit(jax.grad(steering_robustness, argnums=(0, 1)))


def differences(function, directions, step):
    at = [function(np.array([k * step * d for d in directions])) for k in (-2, -1, 1, 2)]
    return (8 * (at[2] - at[1]) - (at[3] - at[0])) / (12 * step)


@pytest.mark.parametrize("rho", [*GENERIC_STATES.values(), OF_RANK[1][0]])
def test_slopes_in_states_are_those_of_differences(rho):
    rho = 0.95 * rho + 0.05 * MAXIMALLY_MIXED
    found = np.einsum("ij,kij->k", slopes(rho, GENERIC)[0], DIRECTIONS).real
    expected = differences(lambda d: robustness(rho + d, GENERIC), DIRECTIONS, 1e-5)
    assert np.abs(found - expected).max() < 1e-6 * np.abs(expected).max()


@pytest.mark.parametrize("rho", GENERIC_STATES.values(), ids=GENERIC_STATES)
def test_slopes_in_the_axes_are_those_of_differences(rho):
    def moved(d):
        return robustness_of_axes(rho, GENERIC + d)

    found = slopes(rho, GENERIC)[1].reshape(-1)
    expected = differences(moved, np.eye(30).reshape(30, 10, 3), 1e-5)
    assert np.abs(found - expected).max() < 1e-6 * max(1, np.abs(expected).max())


def test_slopes_of_both_forms_agree_along_x_states():
    # Away from kinks: the dodecahedron's symmetric inequality is one of many for them.
    general = [slopes(rho, dodecahedron())[0] for rho in X_STATES]
    closed_slope = jax.jit(jax.grad(lambda rho: x_steering_robustness(XState.of(rho))))
    closed = [closed_slope(rho) for rho in X_STATES]
    along = DIRECTIONS[[k for k in X_DIRECTIONS if k < 10]]
    found, expected = (np.einsum("sij,kij->sk", np.array(g), along).real for g in (closed, general))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def test_forward_and_reverse_mode_agree():
    rho, tangent = GENERIC_STATES["rank 3"], DIRECTIONS[7]

    def of(rho):
        return steering_robustness(rho, orthogonal())

    _, forward = jax.jvp(of, (rho,), (tangent,))
    backward = jnp.sum(jax.grad(of)(rho) * tangent).real
    assert forward == pytest.approx(float(backward), abs=1e-12)


def test_second_derivatives_are_refused():
    with pytest.raises(NotImplementedError, match="first derivatives"):
        jax.hessian(lambda s: steering_robustness(werner(0.5) + s * DIRECTIONS[0]))(0.0)


@pytest.mark.parametrize(
    "axes", [GENERIC, orthogonal() @ turn(2).T], ids=["ten measurements", "three"]
)
def test_slopes_in_machine_and_filter_are_those_of_differences_of_certificates(axes):
    """The whole way, from g, gamma_B and the filter's entry to q, and another solver's q."""

    def heralded(parameters):
        g, gamma_b, entry = parameters
        machine = TwoQubit(g, Bath(1.0, temperature=-0.0), Bath(gamma_b, temperature=0.0))
        filters = Filters(a=jnp.ones(2), b=jnp.stack([entry, jnp.ones(())]))
        return herald(machine.state(), filters)[0]

    at, program, state = jnp.array([0.38, 1.9, 0.7]), SteeringProgram(axes), jax.jit(heralded)

    def certified(steps):
        return np.array([program.certify(state(at + step)).q for step in steps])

    found = jax.jit(jax.grad(lambda x: steering_robustness(heralded(x), axes)))(at)
    expected = differences(certified, np.eye(3), 1e-4)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
    assert np.all(np.abs(expected) > 1e-3)


# limits


def test_the_maximally_mixed_state_is_infinitely_far_from_steerable():
    assert robustness(MAXIMALLY_MIXED, GENERIC) == -np.inf
    assert all(np.all(np.asarray(slope) == 0) for slope in slopes(MAXIMALLY_MIXED, GENERIC))


SYMMETRIC = [*BELL.values(), *many(random_product, 3), *many(random_product, 3, 2, False)]
SYMMETRIC += [np.diag(np.eye(4, dtype=complex)[k]) for k in range(4)]
SYMMETRIC += [np.diag([0.5, 0, 0, 0.5]).astype(complex), MAXIMALLY_MIXED, werner(1 / 3)]


@pytest.mark.parametrize("form", ["general", "x"])
@pytest.mark.parametrize("which", ["signed", "lead"])
def test_no_slope_is_not_a_number_at_states_of_high_symmetry(which, form):
    chosen = getattr(OBJECTIVES["steering"], which)
    of = chosen.general if form == "general" else lambda rho: chosen.x(XState.of(rho))
    value, slope = jax.jit(jax.vmap(jax.value_and_grad(of)))(np.array(SYMMETRIC))
    assert not np.any(np.isnan(value))
    assert np.all(np.isfinite(slope))


def test_batches_and_transformations_give_the_same_numbers():
    def of(rho):
        return steering_robustness(rho, orthogonal())

    one_by_one = [of(rho) for rho in OF_RANK[2][:4]]
    shaped = OF_RANK[2][:4].reshape(2, 2, 4, 4)
    for found in (of(shaped), jax.vmap(of)(shaped)):
        assert found.shape == (2, 2)
        np.testing.assert_allclose(np.ravel(found), one_by_one, rtol=0, atol=1e-10)
    assert of(STATES[:0]).shape == (0,)


# as an objective


def test_other_measurements_can_be_chosen():
    three = objective("steering", measurements=3)
    assert three.maximum == pytest.approx(1 - 3**-0.5, abs=1e-9)
    assert three.value(SINGLET) == pytest.approx(three.maximum, abs=1e-12)
    assert objective("steering") is OBJECTIVES["steering"]
    assert steering_measure(orthogonal()).maximum == pytest.approx(three.maximum, abs=1e-9)


def test_it_is_a_measure_of_two_qubits():
    with pytest.raises(ValueError, match="steering needs two qubits"):
        objective("steering", (3, 3))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((SINGLET, [[0, 0, 2.0]]), "an axis has length 2"),
        ((SINGLET, np.ones(3)), r"shape \(3,\) given"),
        ((SINGLET, np.tile([0, 0, 1.0], (13, 1))), "13 axes given; allowed: at most 12"),
        ((SINGLET, None, "c"), "'c' is not a party"),
    ],
)
def test_what_is_wrong_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        steering_robustness(*arguments)


def test_too_many_measurements_are_refused():
    with pytest.raises(ValueError, match="13 axes given"):
        steering_measure(13)
