"""Figures of merit: their definitions, closed forms, ranges and symmetries."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import qutip

from jaxent import measures
from jaxent.measures import x_states
from jaxent.quantum import XState, has_x_form, partial_transpose
from tests.measures import textbook
from tests.measures.objectives import LOCALLY_INVARIANT
from tests.measures.states import (
    BELL,
    MAXIMALLY_MIXED,
    many,
    pure,
    random_local_unitary,
    random_product,
    random_state,
    random_x_state,
    turned,
    werner,
    x_state,
)

RANKS = (1, 2, 3, 4)
MANY = 200
TURN = random_local_unitary(np.random.default_rng(0))

# At states of rank 2 or 3 the concurrence can change with the square root of a perturbation, as
# |α| - √(p00 p11) does at p11 = 0: rounding of the state's own entries moves it by √1e-16.
ROUNDED = 1e-7


@pytest.fixture(params=LOCALLY_INVARIANT.values(), ids=LOCALLY_INVARIANT.keys(), scope="module")
def measure(request):
    return request.param


def each(function, states):
    return np.array([function(rho) for rho in states])


# definitions

SPECIAL = {
    "X form": random_x_state(np.random.default_rng(1)),
    "Bell": BELL["phi-"],
    "pure product": random_product(np.random.default_rng(1)),
    "mixed product": random_product(np.random.default_rng(1), pure=False),
    "maximally mixed": MAXIMALLY_MIXED,
} | {f"rank {rank}": random_state(np.random.default_rng(rank), rank) for rank in RANKS}


@pytest.mark.parametrize("rho", SPECIAL.values(), ids=SPECIAL.keys())
def test_chsh_is_the_largest_value_over_all_measurements(rho):
    # brask2022 (11)
    assert measures.chsh(rho) == pytest.approx(textbook.chsh(rho), abs=1e-12)


@pytest.mark.parametrize("rho", SPECIAL.values(), ids=SPECIAL.keys())
def test_the_singlet_fraction_is_the_largest_overlap_with_a_turned_singlet(rho):
    # brask2022 (7); what a unitary on A can do, one on B can do.
    found = measures.singlet_fraction(rho)
    assert found == pytest.approx(textbook.singlet_fraction(rho), abs=1e-12)
    assert found == pytest.approx(textbook.singlet_fraction_by_both(rho), abs=1e-12)


@pytest.mark.parametrize("rho", SPECIAL.values(), ids=SPECIAL.keys())
def test_the_teleportation_fidelity_is_that_of_the_standard_protocol(rho):
    # brask2022 Sec. III B
    found = measures.teleportation_fidelity(rho)
    assert found == pytest.approx(textbook.teleportation_fidelity(rho), abs=1e-12)


@pytest.mark.parametrize("rank", RANKS)
def test_concurrence_and_negativity_follow_their_definitions(rank):
    states = many(random_state, MANY, rank, rank)
    tolerance = 1e-12 if rank == 4 else ROUNDED
    expected = each(textbook.signed_concurrence, states)
    assert measures.signed_concurrence(states) == pytest.approx(expected, abs=tolerance)
    assert measures.concurrence(states) == pytest.approx(np.maximum(expected, 0), abs=tolerance)
    expected = each(textbook.signed_negativity, states)
    assert measures.signed_negativity(states) == pytest.approx(expected, abs=1e-14)
    expected = each(textbook.negativity, states)
    assert measures.negativity(states) == pytest.approx(expected, abs=1e-14)


def test_a_hermitian_eigensolver_would_give_another_concurrence():
    # ρρ~ is not Hermitian; such a solver reads one triangle of it and says nothing.
    states = many(random_state, MANY)
    right = each(textbook.signed_concurrence, states)
    wrong = [textbook.signed_concurrence(rho, np.linalg.eigvalsh) for rho in states]
    assert np.median(np.abs(wrong - right)) > 0.01
    # The root of a small eigenvalue λ magnifies its rounding by 1/(2√λ).
    assert measures.signed_concurrence(states) == pytest.approx(right, abs=1e-12)


@pytest.mark.parametrize("rank", RANKS)
def test_qutip_finds_the_same_entanglement(rank):
    states = many(random_state, MANY, rank, rank)
    quantum_objects = [qutip.Qobj(rho, dims=[[2, 2], [2, 2]]) for rho in states]
    expected = each(qutip.concurrence, quantum_objects)
    assert measures.concurrence(states) == pytest.approx(expected, abs=ROUNDED)
    expected = [qutip.negativity(rho, 0, method="tracenorm") for rho in quantum_objects]
    assert measures.negativity(states) == pytest.approx(expected, abs=1e-13)
    expected = [rho.purity() for rho in quantum_objects]
    assert measures.purity(states) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("dims", [(2, 3), (3, 2), (3, 3)], ids=str)
def test_the_negativity_of_larger_systems_is_half_the_excess_of_the_trace_norm(dims):
    rng = np.random.default_rng(0)
    size = dims[0] * dims[1]
    factor = rng.normal(size=(10, size, 2)) + 1j * rng.normal(size=(10, size, 2))
    states = factor @ factor.conj().swapaxes(1, 2)
    states /= np.trace(states, axis1=1, axis2=2)[:, None, None]
    expected = each(lambda rho: textbook.negativity(rho, dims), states)
    assert expected.min() > 0.1
    assert measures.negativity(states, dims) == pytest.approx(expected, abs=1e-14)


def test_maximally_entangled_qudits_have_negativity_half_of_d_minus_1():
    for d in (2, 3, 4):
        ket = np.eye(d).reshape(-1) / np.sqrt(d)
        assert measures.negativity(np.outer(ket, ket), (d, d)) == pytest.approx((d - 1) / 2)


# states with known values


@pytest.mark.parametrize("rho", BELL.values(), ids=BELL.keys())
@pytest.mark.parametrize("unitary", [np.eye(4), TURN], ids=["", "turned"])
def test_bell_states_reach_every_maximum(rho, unitary):
    rho = turned(rho, unitary)
    for measure in LOCALLY_INVARIANT.values():
        assert measure.value(rho) == pytest.approx(measure.maximum, abs=1e-14)
    assert measures.teleportation_fidelity(rho) == pytest.approx(1, abs=1e-14)
    assert measures.purity(rho) == pytest.approx(1, abs=1e-14)


@pytest.mark.parametrize("unitary", [np.eye(4), TURN], ids=["", "turned"])
def test_the_maximally_mixed_state_is_furthest_from_entanglement(unitary):
    rho = turned(MAXIMALLY_MIXED, unitary)
    assert measures.chsh(rho) == pytest.approx(0, abs=1e-15)
    assert measures.singlet_fraction(rho) == pytest.approx(1 / 4, abs=1e-15)
    assert measures.teleportation_fidelity(rho) == pytest.approx(1 / 2, abs=1e-15)
    assert measures.signed_concurrence(rho) == pytest.approx(-1 / 2, abs=1e-15)
    assert measures.signed_negativity(rho) == pytest.approx(-1 / 4, abs=1e-15)
    assert measures.concurrence(rho) == measures.negativity(rho) == 0
    assert measures.purity(rho) == pytest.approx(1 / 4, abs=1e-15)


@pytest.mark.parametrize("visibility", [0, 0.2, 1 / 3, 0.5, 1 / np.sqrt(2), 0.9, 1])
@pytest.mark.parametrize("unitary", [np.eye(4), TURN], ids=["", "turned"])
def test_werner_states_have_the_textbook_values(visibility, unitary):
    rho = turned(werner(visibility), unitary)
    assert measures.chsh(rho) == pytest.approx(visibility * np.sqrt(8), abs=1e-14)
    assert measures.singlet_fraction(rho) == pytest.approx((1 + 3 * visibility) / 4, abs=1e-14)
    assert measures.signed_concurrence(rho) == pytest.approx((3 * visibility - 1) / 2, abs=1e-14)
    assert measures.signed_negativity(rho) == pytest.approx((3 * visibility - 1) / 4, abs=1e-14)
    assert measures.purity(rho) == pytest.approx((1 + 3 * visibility**2) / 4, abs=1e-14)


@pytest.mark.parametrize("weight", [0, 1e-6, 0.1, 0.5, 0.8])
def test_every_pure_entangled_state_is_nonlocal(weight):
    # brask2022 footnote 1: C = √(4w(1-w)) may be arbitrarily small; CHSH = 2 √(1 + C²).
    rho = turned(pure(np.sqrt(weight), 0, 0, np.sqrt(1 - weight)), TURN)
    concurrence = np.sqrt(4 * weight * (1 - weight))
    assert measures.signed_concurrence(rho) == pytest.approx(concurrence, abs=1e-14)
    assert measures.chsh(rho) == pytest.approx(2 * np.sqrt(1 + concurrence**2), abs=1e-14)
    assert measures.singlet_fraction(rho) == pytest.approx((1 + concurrence) / 2, abs=1e-14)
    assert measures.signed_negativity(rho) == pytest.approx(concurrence / 2, abs=1e-14)


def test_the_concurrence_of_pure_states_is_exact_although_three_eigenvalues_vanish():
    states = many(random_state, MANY, 1, 1)
    kets = np.linalg.eigh(states)[1][..., -1]
    expected = np.abs(np.einsum("ki,ij,kj->k", kets, textbook.SPIN_FLIP, kets))
    assert measures.signed_concurrence(states) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("is_pure", [True, False], ids=["pure", "mixed"])
def test_product_states_have_no_quantum_property(measure, is_pure):
    states = many(random_product, MANY, 0, is_pure)
    above = measure.signed.general(states) - measure.classical_bound
    assert np.max(above) < 1e-14
    if is_pure:
        # They lie on the plateau at the bound itself.
        assert above == pytest.approx(0, abs=1e-14)


# closed forms for X states


def x_states_of_every_kind():
    rng = np.random.default_rng(0)
    with_edges = []
    for _ in range(MANY - 125):
        p = rng.dirichlet(np.ones(4)) * rng.integers(2, size=4)
        p = p / p.sum() if p.sum() else np.array([1.0, 0, 0, 0])
        # Coherences of the largest modulus: the blocks are pure.
        with_edges.append(x_state(p, np.sqrt(p[1] * p[2]), 1j * np.sqrt(p[0] * p[3])))
    return np.concatenate(
        [
            many(random_x_state, 50, 1),
            many(random_x_state, 50, 2, outer=False),
            np.array(with_edges),
            np.array([werner(v) for v in np.linspace(0, 1, 21)]),
            np.array(list(BELL.values())),
        ]
    )


def test_the_closed_forms_equal_the_general_definitions_at_x_states(measure):
    states = x_states_of_every_kind()
    expected = np.asarray(measure.signed.general(states))
    assert measure.signed.x(XState.of(states)) == pytest.approx(expected, abs=1e-13)


def test_the_closed_forms_equal_the_general_definitions_at_turned_x_states(measure):
    # Turned, a state is not of X form, and nothing of its closed form is used.
    states = many(random_x_state, MANY, 1)
    turned_states = turned(states, TURN)
    assert not np.any(has_x_form(turned_states))
    expected = np.asarray(measure.signed.x(XState.of(states)))
    assert measure.signed.general(turned_states) == pytest.approx(expected, abs=1e-13)


def test_the_closed_forms_equal_the_definitions_from_the_literature():
    states = many(random_x_state, MANY, 3)
    expected = each(textbook.signed_concurrence, states)
    assert x_states.signed_concurrence(XState.of(states)) == pytest.approx(expected, abs=1e-12)
    expected = each(textbook.signed_negativity, states)
    assert x_states.signed_negativity(XState.of(states)) == pytest.approx(expected, abs=1e-14)


def test_x_form_is_told_from_what_is_nearly_so():
    rho = random_x_state(np.random.default_rng(0))
    nearly = rho.copy()
    nearly[0, 1] = nearly[1, 0] = 1e-300
    assert has_x_form(np.array([rho, nearly])).tolist() == [True, False]


# brask2022 Sec. III, states of the form (5)


def form_5():
    states = many(random_x_state, MANY, 4, outer=False)
    return states, np.abs(states[:, 1, 2]), (states[:, 1, 1] + states[:, 2, 2]).real


def test_equation_8_is_simply_a_maximum():
    states, alpha, delta = form_5()
    simplified = np.maximum(alpha + delta / 2, (1 - delta) / 2)
    assert measures.singlet_fraction(states) == pytest.approx(simplified, abs=1e-14)
    printed = textbook.printed_singlet_fraction(alpha, delta)
    assert printed == pytest.approx(simplified, abs=1e-16)


def test_equation_12_holds():
    states, alpha, delta = form_5()
    expected = textbook.printed_chsh(alpha, delta)
    assert measures.chsh(states) == pytest.approx(expected, abs=1e-14)


def test_conditions_9_10_13_and_14_hold():
    states, alpha, delta = form_5()
    f, chsh = measures.singlet_fraction(states), measures.chsh(states)
    assert np.array_equal(f > 0.5, alpha + delta / 2 > 0.5)
    assert np.all(f[delta <= 0.5] <= 0.5 + 1e-15)
    assert np.all(chsh[delta <= 0.5] <= 2 + 1e-15)
    assert np.all(chsh[8 * alpha**2 + (2 * delta - 1) ** 2 <= 1] <= 2 + 1e-15)


def test_the_concurrence_above_equation_28_is_cut_off_at_zero():
    states, alpha, _ = form_5()
    printed = 2 * (alpha - np.sqrt(states[:, 0, 0] * states[:, 3, 3]).real)
    assert printed.min() < -0.1
    assert measures.concurrence(states) == pytest.approx(np.maximum(printed, 0), abs=1e-14)


# ranges and symmetries

RANDOM = np.concatenate(
    [many(random_state, 30, rank, rank) for rank in RANKS]
    + [many(random_x_state, 60, 9), many(random_product, 10), many(random_product, 10, 0, False)]
)


def test_values_stay_in_their_ranges(measure):
    values = measure.value(RANDOM)
    assert np.all(values <= measure.maximum + 1e-14)
    lowest = {"chsh": 0, "singlet_fraction": 1 / 4, "concurrence": 0, "negativity": 0}
    assert np.all(values >= lowest[measure.name] - 1e-14)
    signed = measure.signed.general(RANDOM)
    lowest |= {"concurrence": -1 / 2, "negativity": -1 / 4}
    assert np.all(signed >= lowest[measure.name] - 1e-14)


def test_the_signed_value_is_the_value_where_that_is_nonclassical(measure):
    value, signed = map(np.asarray, (measure.value(RANDOM), measure.signed.general(RANDOM)))
    nonclassical = value > measure.classical_bound + 1e-12
    assert 10 < np.sum(nonclassical) < len(RANDOM) - 10
    assert signed[nonclassical] == pytest.approx(value[nonclassical], abs=1e-14)
    assert np.all(signed[~nonclassical] <= measure.classical_bound + 2e-12)


def test_concurrence_and_negativity_agree_on_what_is_entangled():
    concurrence, negativity = measures.concurrence(RANDOM), measures.negativity(RANDOM)
    clear = np.abs(measures.signed_negativity(RANDOM)) > 1e-9
    assert np.array_equal((concurrence > 0)[clear], (negativity > 0)[clear])
    # Verstraete et al. (2001): √((1-C)² + C²) - (1-C) <= 2N <= C
    lower = np.sqrt((1 - concurrence) ** 2 + concurrence**2) - (1 - concurrence)
    assert np.all(lower <= 2 * negativity + ROUNDED)
    assert np.all(2 * negativity <= concurrence + ROUNDED)


def test_nonlocal_states_are_useful_for_teleportation_and_those_are_entangled():
    # M. Horodecki et al., Phys. Lett. A 222, 21 (1996)
    nonlocal_states = measures.chsh(RANDOM) > 2 + 1e-12
    useful = measures.singlet_fraction(RANDOM) > 0.5 + 1e-12
    entangled = measures.negativity(RANDOM) > 1e-14
    assert np.sum(nonlocal_states) > 10
    assert np.all(useful[nonlocal_states])
    assert np.all(entangled[useful])


@pytest.mark.parametrize("rank", RANKS)
def test_local_unitaries_change_nothing(measure, rank):
    rng = np.random.default_rng(rank)
    states = many(random_state, MANY, rank, rank)
    others = np.array([turned(rho, random_local_unitary(rng)) for rho in states])
    tolerance = ROUNDED if measure.name == "concurrence" and rank in (2, 3) else 1e-13
    for quantity in (measure.value, measure.signed.general, measures.purity):
        assert quantity(others) == pytest.approx(np.asarray(quantity(states)), abs=tolerance)


def test_exchanging_the_parties_changes_nothing(measure):
    states = many(random_state, MANY)
    exchanged = states.reshape(-1, 2, 2, 2, 2).transpose(0, 2, 1, 4, 3).reshape(-1, 4, 4)
    assert measure.value(exchanged) == pytest.approx(np.asarray(measure.value(states)), abs=1e-13)


def test_the_negativity_of_a_nearly_empty_state_keeps_its_digits():
    """-det / larger eigenvalue of the block {p00, p11, u}: 2e-16 beside eigenvalues of order 1."""
    p11, u = 1e-15, 2e-8
    rho = np.diag([1 - 2e-7 - p11, 1e-7, 1e-7, p11]).astype(complex)
    rho[1, 2] = rho[2, 1] = u
    p00 = rho[0, 0].real
    exact = 2 * (u**2 - p00 * p11) / (np.sqrt((p00 - p11) ** 2 + 4 * u**2) + p00 + p11)
    assert u**2 < p00 * p11
    assert measures.negativity(rho) == 0
    assert measures.signed_negativity(rho) == pytest.approx(exact, abs=1e-15)
    rho[3, 3], rho[0, 0] = 1e-17, p00 + p11 - 1e-17
    exact = 2 * (u**2 - p00 * 1e-17) / (np.sqrt(p00**2 + 4 * u**2) + p00)
    assert measures.negativity(rho) == pytest.approx(exact, rel=1e-6)


# leads


def in_form(quantity, form):
    """One form of a quantity, as a function of matrices."""
    return quantity.general if form == "general" else lambda rho: quantity.x(XState.of(rho))


@pytest.mark.parametrize("form", ["general", "x"])
def test_a_lead_is_positive_exactly_where_the_classical_bound_is_beaten(measure, form):
    states = many(random_x_state, MANY, 6)
    if form == "general":
        states[: MANY // 2] = RANDOM[: MANY // 2]
    value = measure.value(states)
    # States at the bound itself, such as products, are there only up to rounding.
    clear = np.abs(measure.signed.general(states) - measure.classical_bound) > 1e-12
    beaten = value > measure.classical_bound
    assert 10 < np.sum(beaten & clear) < MANY - 10
    lead = in_form(measure.lead, form)(states)
    assert np.array_equal((lead > 0)[clear], beaten[clear])


@pytest.mark.parametrize("form", ["general", "x"])
def test_the_lead_rises_where_chsh_first_falls(form):
    # From |01> towards a noisy singlet: CHSH leaves its plateau downwards, then exceeds 2.
    shares = np.array([0, 1e-4, 1e-3, 0.01, 0.05, 0.1, 0.2, 0.4, 0.8, 1])[:, None, None]
    states = (1 - shares) * pure(0, 1, 0, 0) + shares * werner(0.95)
    chsh = measures.chsh(states)
    assert chsh[0] == pytest.approx(2, abs=1e-15)
    assert np.all(np.diff(chsh[:5]) < 0)
    assert chsh[-1] > 2
    lead = in_form(LOCALLY_INVARIANT["chsh"].lead, form)(states)
    assert np.all(np.diff(lead) > 0)


@pytest.mark.parametrize("turn", [np.eye(4), TURN], ids=["", "turned"])
def test_product_states_lead_nowhere(measure, turn):
    basis = [np.diag(np.eye(4, dtype=complex)[k]) for k in range(4)]
    states = turned(np.array([*basis, np.diag([0.3, 0, 0, 0.7])]), turn)
    names = ["general"] + (["x"] if turn is not TURN else [])
    forms = [in_form(measure.lead, name) for name in names]
    for lead in forms:
        assert np.all(np.isfinite(lead(states)))
        assert np.all(lead(states) <= 1e-9)


def test_no_product_state_passes_for_a_violation(measure):
    states = many(random_product, MANY)
    assert np.sum(measure.lead.general(states) > 1e-9) == 0


# what is no state has no value


@pytest.mark.parametrize("form", ["value", "general", "x"])
def test_what_is_not_a_number_has_no_value(measure, form):
    quantity = measure.value if form == "value" else in_form(measure.signed, form)
    assert np.isnan(quantity(np.full((4, 4), np.nan + 0j)))


# batches


def test_batches_are_scored_state_by_state(measure):
    states = many(random_x_state, 6).reshape(2, 3, 4, 4)
    quantities = (
        measure.value,
        *(in_form(measure.signed, form) for form in ("general", "x")),
        *(in_form(measure.lead, form) for form in ("general", "x")),
        measures.purity,
        measures.teleportation_fidelity,
    )

    def all_of_them(rho):
        return jnp.stack([quantity(rho) for quantity in quantities], axis=-1)

    one_by_one = np.array([[all_of_them(rho) for rho in row] for row in states])
    assert one_by_one.shape == (2, 3, len(quantities))
    assert jax.jit(all_of_them)(states) == pytest.approx(one_by_one, abs=1e-13)
    mapped = jax.jit(jax.vmap(jax.vmap(all_of_them)))
    assert mapped(states) == pytest.approx(one_by_one, abs=1e-13)


def test_the_partial_transpose_of_a_batch_is_that_of_each_state():
    states = many(random_state, 6).reshape(2, 3, 4, 4)
    expected = [[textbook.transposed_on_b(rho) for rho in row] for row in states]
    assert np.array_equal(partial_transpose(states, (2, 2)), expected)
