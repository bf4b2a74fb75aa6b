"""Derivatives of the figures of merit: against differences, and finite where symmetry is high."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxent import measures
from jaxent.quantum import XState
from tests.measures.compiling import compiled
from tests.measures.objectives import LOCALLY_INVARIANT
from tests.measures.states import (
    BELL,
    DIRECTIONS,
    INNER,
    MAXIMALLY_MIXED,
    OUTER,
    POPULATIONS,
    X_DIRECTIONS,
    many,
    pure,
    random_local_unitary,
    random_product,
    random_state,
    turned,
    werner,
    x_state,
)

EVERY_DIRECTION = range(16)
STEP = 1e-4
BATCH = 64
TURN = random_local_unitary(np.random.default_rng(0))


@cache
def of_matrices(closed_form):
    """A closed form as a function of matrices of X form."""
    return lambda rho: closed_form(XState.of(rho))


GENERAL = {name: measure.signed.general for name, measure in LOCALLY_INVARIANT.items()} | {
    "purity": measures.purity,
    "teleportation_fidelity": measures.teleportation_fidelity,
}
X = {name: of_matrices(measure.signed.x) for name, measure in LOCALLY_INVARIANT.items()}
LEADS = {
    f"{name}, {form}": quantity
    for name in ("chsh", "singlet_fraction")
    for form, quantity in (
        ("general", LOCALLY_INVARIANT[name].lead.general),
        ("x", of_matrices(LOCALLY_INVARIANT[name].lead.x)),
    )
}
every_quantity = pytest.mark.parametrize("quantity", GENERAL.values(), ids=GENERAL.keys())
every_closed_form = pytest.mark.parametrize("quantity", X.values(), ids=X.keys())


@cache
def of_batches(quantity, derivative):
    """A derivative along the sixteen directions, of a batch of BATCH states."""

    def moved(coordinates, rho):
        return quantity(rho + jnp.einsum("k,kij->ij", coordinates, DIRECTIONS))

    return compiled(jax.vmap(lambda rho: derivative(moved)(jnp.zeros(16), rho)))


def evaluated(quantity, derivative, states):
    """In batches of one size, so that each derivative is compiled once."""
    padded = np.resize(states, (-(-len(states) // BATCH) * BATCH, 4, 4))
    function = of_batches(quantity, derivative)
    found = [function(batch) for batch in padded.reshape(-1, BATCH, 4, 4)]
    return np.concatenate(found)[: len(states)]


def of_itself(function):
    return function


def value(quantity, states):
    return evaluated(quantity, of_itself, states)


def gradient(quantity, states):
    return evaluated(quantity, jax.grad, states)


def hessian(quantity, states):
    return evaluated(quantity, jax.hessian, states)


def differences(function, quantity, states, directions):
    """Differences of fourth order of a function of states, shape (states, directions, ...)."""
    moves = STEP * DIRECTIONS[list(directions)]

    def at(steps):
        moved = (states[:, None] + steps * moves).reshape(-1, 4, 4)
        found = function(quantity, moved)
        return found.reshape(len(states), len(moves), *found.shape[1:])

    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * STEP)


def expect_slopes(quantity, states, directions, tolerance=1e-8):
    found = gradient(quantity, states)[:, list(directions)]
    expected = differences(value, quantity, states, directions)
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


def expect_curvatures(quantity, states, directions, tolerance=1e-6):
    directions = list(directions)
    found = hessian(quantity, states)[:, directions][:, :, directions]
    expected = differences(gradient, quantity, states, directions)[:, :, directions]
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


# Of full rank, and without eigenvalues so close or so small that a difference would mix them up.
GENERIC = 0.9 * many(random_state, 4) + 0.1 * MAXIMALLY_MIXED
X_STATES = np.array(
    [
        x_state([0.4, 0.3, 0.2, 0.1], inner=0.15j, outer=0.08),
        x_state([0.1, 0.35, 0.4, 0.15], inner=0.3 - 0.1j, outer=-0.05j),
        x_state([0.45, 0.1, 0.08, 0.37], inner=0.04, outer=0.3 + 0.1j),
        x_state([0.2, 0.25, 0.32, 0.23], inner=-0.07, outer=0.03j),
    ]
)

# TᵀT = diag(4α², 4α², (1-2Δ)²): in these the pair is on top, in those the single eigenvalue.
PAIR_ON_TOP = np.array([x_state([0.25, 0.25, 0.3, 0.2], 0.2), x_state([0.2, 0.3, 0.2, 0.3], 0.18j)])
PAIR_BELOW = np.array([x_state([0.1, 0.5, 0.3, 0.1], 0.2j), x_state([0.6, 0.1, 0.15, 0.15], -0.1)])


# first derivatives


@every_quantity
def test_slopes_are_right_at_generic_states(quantity):
    expect_slopes(quantity, GENERIC, EVERY_DIRECTION)


@every_quantity
def test_slopes_are_right_at_x_states_along_every_direction(quantity):
    expect_slopes(quantity, X_STATES, EVERY_DIRECTION)


@every_closed_form
def test_slopes_of_the_closed_forms_are_right_along_x_states(quantity):
    expect_slopes(quantity, X_STATES, X_DIRECTIONS)


@pytest.mark.parametrize("name", LOCALLY_INVARIANT)
def test_both_forms_have_the_same_slope_along_x_states(name):
    measure = LOCALLY_INVARIANT[name]
    for states in (X_STATES, PAIR_ON_TOP, PAIR_BELOW):
        general, closed = (gradient(f, states) for f in (measure.signed.general, X[name]))
        along = [*POPULATIONS, *INNER] if states is PAIR_BELOW else X_DIRECTIONS
        np.testing.assert_allclose(general[:, along], closed[:, along], rtol=0, atol=1e-13)


@pytest.mark.parametrize("lead", LEADS.values(), ids=LEADS.keys())
def test_leads_have_the_right_slope(lead):
    # Their logarithms are steep: the error of the differences is relative to that.
    if lead in [of_matrices(LOCALLY_INVARIANT[name].lead.x) for name in LOCALLY_INVARIANT]:
        expect_slopes(lead, X_STATES, X_DIRECTIONS, 1e-6)
    else:
        expect_slopes(lead, GENERIC, EVERY_DIRECTION, 1e-6)


@every_quantity
def test_slopes_survive_the_double_eigenvalue_of_flip_flop_states(quantity):
    expect_slopes(quantity, PAIR_ON_TOP, EVERY_DIRECTION)
    # Here CHSH has a kink where a coherence |00><11| appears: one of the pair counts, the larger.
    # So have concurrence and negativity where they are decided by |00><11|, not here.
    smooth = [k for k in EVERY_DIRECTION if k not in OUTER]
    expect_slopes(quantity, PAIR_BELOW, smooth)


def test_chsh_has_a_kink_where_the_double_eigenvalue_is_split():
    rho, coherence = PAIR_BELOW[0], DIRECTIONS[OUTER[0]]
    steps = np.array([-1e-6, 0, 1e-6])[:, None, None]
    down, here, up = np.asarray(measures.chsh(rho + steps * coherence))
    assert up - here == pytest.approx(down - here, rel=1e-3)
    assert up - here > 1e-7
    # Of the slopes to both sides the derivative is the mean.
    assert gradient(measures.chsh, PAIR_BELOW)[0, OUTER[0]] == pytest.approx(0, abs=1e-14)


@pytest.mark.parametrize("unitary", [np.eye(4), TURN], ids=["", "turned"])
@pytest.mark.parametrize("name", ["singlet_fraction", "concurrence", "negativity"])
def test_slopes_are_right_at_werner_states_along_every_direction(name, unitary):
    # Their spectra are threefold degenerate, and the sums taken from them are smooth all the same.
    states = turned(np.array([werner(v) for v in (0.2, 0.5, 0.8)]), unitary)
    expect_slopes(GENERAL[name], states, EVERY_DIRECTION)


@cache
def slope_along(quantity):
    return compiled(lambda rho, tangent: jax.jvp(quantity, (rho,), (tangent,))[1])


def test_chsh_of_a_werner_state_falls_as_noise_comes_in():
    # All three eigenvalues of TᵀT coincide: the derivative exists along few directions.
    for visibility in (0.2, 0.8, 1.0):
        rho = werner(visibility)
        noise = MAXIMALLY_MIXED - rho
        expected = pytest.approx(-np.sqrt(8) * visibility, abs=1e-14)
        assert slope_along(X["chsh"])(rho, noise) == expected
        assert slope_along(GENERAL["chsh"])(rho, noise) == expected
        assert slope_along(GENERAL["chsh"])(turned(rho, TURN), turned(noise, TURN)) == expected


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_the_concurrence_has_the_right_slope_along_states_of_its_rank(rank):
    # ρ(s) = (1+sX) ρ (1+sX)† / tr reaches all neighbours of equal rank (X any matrix).
    rng = np.random.default_rng(rank)
    for rho in many(random_state, 5, rank, rank):
        x = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))

        def path(s, rho=rho, x=x):
            moved = (np.eye(4) + s * x) @ rho @ (np.eye(4) + s * x).conj().T
            return moved / np.trace(moved).real

        first_order = x @ rho + rho @ x.conj().T
        tangent = first_order - np.trace(first_order).real * rho
        states = np.array([path(s * STEP) for s in (-2, -1, 1, 2)])
        values = value(measures.signed_concurrence, states)
        expected = values @ [1, -8, 8, -1] / (12 * STEP)
        slope = slope_along(measures.signed_concurrence)(rho, tangent)
        assert slope == pytest.approx(expected, rel=1e-7, abs=1e-7)


# second derivatives


@every_quantity
def test_curvatures_are_right_at_generic_states(quantity):
    expect_curvatures(quantity, GENERIC, EVERY_DIRECTION)


@pytest.mark.parametrize("name", [name for name in GENERAL if name != "concurrence"])
def test_curvatures_are_right_at_x_states_along_every_direction(name):
    expect_curvatures(GENERAL[name], X_STATES, EVERY_DIRECTION)


def test_the_concurrence_has_the_right_curvature_along_x_states():
    expect_curvatures(measures.signed_concurrence, X_STATES, X_DIRECTIONS)


@every_closed_form
def test_curvatures_of_the_closed_forms_are_right_along_x_states(quantity):
    expect_curvatures(quantity, X_STATES, X_DIRECTIONS)


@every_quantity
def test_curvatures_survive_the_double_eigenvalue_of_flip_flop_states(quantity):
    along = [*POPULATIONS, *INNER]
    expect_curvatures(quantity, PAIR_ON_TOP, along)
    expect_curvatures(quantity, PAIR_BELOW, along)


def test_the_curvature_of_chsh_is_right_in_every_direction_where_the_pair_is_on_top():
    expect_curvatures(measures.chsh, PAIR_ON_TOP, EVERY_DIRECTION)


# nothing is ever not a number

SYMMETRIC = {
    "maximally mixed": MAXIMALLY_MIXED,
    **BELL,
    **{f"|{k:02b}>": np.diag(np.eye(4, dtype=complex)[k]) for k in range(4)},
    "|+0>": pure(1, 0, 1, 0),
    "|+->": pure(1, -1, 1, -1),
    "pure product": random_product(np.random.default_rng(1)),
    "mixed product": random_product(np.random.default_rng(1), pure=False),
    "one qubit mixed": np.diag([0.5, 0, 0.5, 0]).astype(complex),
    "classically correlated": np.diag([0.5, 0, 0, 0.5]).astype(complex),
    "Werner": werner(0.6),
    "separable Werner": werner(1 / 3),
    "turned Werner": turned(werner(0.6), TURN),
    "pure": random_state(np.random.default_rng(2), 1),
    "rank 2": random_state(np.random.default_rng(2), 2),
    "rank 3": random_state(np.random.default_rng(2), 3),
}
EVERYTHING = (
    GENERAL
    | {f"{name}, reported": measure.value for name, measure in LOCALLY_INVARIANT.items()}
    | {f"{name}, closed form": form for name, form in X.items()}
    | LEADS
)


@pytest.mark.parametrize("order", ["value", "gradient", "Hessian"])
@pytest.mark.parametrize("quantity", EVERYTHING.values(), ids=EVERYTHING.keys())
def test_nothing_is_not_a_number_at_states_of_high_symmetry(quantity, order):
    of_order = {"value": value, "gradient": gradient, "Hessian": hessian}[order]
    found = of_order(quantity, np.array(list(SYMMETRIC.values())))
    finite = np.isfinite(found).reshape(len(SYMMETRIC), -1).all(axis=1)
    guilty = [name for name, is_finite in zip(SYMMETRIC, finite, strict=True) if not is_finite]
    assert not guilty
