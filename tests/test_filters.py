"""Local filters: heralding, and the efficiency that they are made to meet."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.master_equation import filtered, steady_state
from experiments.tavakoli2018 import equations as tavakoli2018
from jaxent import measures
from jaxent.baths import Bath
from jaxent.filters import (
    SMALLEST_RATIO,
    Filters,
    FixedFilters,
    balanced_filter,
    filters_at,
    herald,
    herald_at,
    log_ratios,
    places,
    positions,
    ratio_interval,
    unit_filter,
)
from jaxent.machines import OneStepReset, QubitQutritReset, QubitReset, QuditReset, TwoQubit
from jaxent.machines.one_step_reset import weak_coupling
from jaxent.quantum import XState
from tests.measures.states import (
    BELL,
    many,
    pure,
    random_state,
    random_x_state,
    x_state,
)
from tests.systems.stationary import quickly

PARTIES = (("a",), ("b",), ("a", "b"))
EFFICIENCIES = (1e-4, 1e-3, 0.01, 0.1, 0.5, 0.9, 1.0)

# A ratio is kept as its logarithm, up to ln 1e12 = 28 in size: 28 x 1.1e-16, and some rounding.
ROUNDED = 5e-15

STATES = [
    *many(random_state, 10, 0, 2),
    *many(random_x_state, 10),
    # Some of these populations are zero, or next to it.
    np.diag([1.0, 0, 0, 0]),
    np.diag([0, 0, 0, 1.0]),
    np.diag([0.5, 0.5, 0, 0]),
    np.diag([0, 0.3, 0.7, 0]),
    x_state([0.2, 0.3, 0.5, 0], 0.3),
    x_state([0.5, 0.5 - 1e-12, 0, 1e-12]),
]

by_parties = pytest.mark.parametrize("parties", PARTIES, ids="".join)
by_efficiency = pytest.mark.parametrize("efficiency", EFFICIENCIES)


def random_filters(rng, count=20):
    return [Filters(*rng.uniform(0, 1, (2, 2))) for _ in range(count)]


def success_probability(rho, filters):
    """brask2022 (26), as it stands there."""
    squares = [np.diag(np.asarray(entries)) ** 2 for entries in filters]
    return np.trace(np.kron(*squares) @ rho).real


def populations(rho):
    return np.diag(rho).real


ratios_at = jax.jit(log_ratios)


def placed_at(rho, efficiency, position):
    found = ratios_at(jnp.asarray(rho, dtype=complex), efficiency, position)
    return {party: float(ratio) for party, ratio in found.items()}


# heralding


def test_heralding_applies_the_kraus_operators():
    # brask2022 (25), (26)
    rng = np.random.default_rng(0)
    for rho, filters in zip(many(random_state, 20), random_filters(rng), strict=True):
        kraus = np.kron(np.diag(filters.a), np.diag(filters.b))
        passed = kraus @ rho @ kraus.conj().T
        heralded, efficiency = herald(rho, filters)
        assert efficiency == pytest.approx(np.trace(passed).real, rel=1e-14)
        assert efficiency == pytest.approx(success_probability(rho, filters), rel=1e-14)
        np.testing.assert_allclose(heralded, passed / np.trace(passed), rtol=0, atol=1e-15)


def test_larger_systems_are_filtered_too():
    rng = np.random.default_rng(0)
    filters = Filters(rng.uniform(size=2), rng.uniform(size=3))
    factor = rng.normal(size=(6, 6))
    rho = factor @ factor.T / np.linalg.norm(factor) ** 2
    kraus = np.kron(np.diag(filters.a), np.diag(filters.b))
    heralded, efficiency = herald(rho, filters)
    passed = kraus @ rho @ kraus
    assert efficiency == pytest.approx(np.trace(passed), rel=1e-14)
    np.testing.assert_allclose(heralded, passed / np.trace(passed), rtol=0, atol=1e-15)


def test_without_filters_everything_passes():
    for rho in STATES:
        heralded, efficiency = herald(rho, Filters(np.ones(2), np.ones(2)))
        assert efficiency == pytest.approx(1, abs=1e-15)
        np.testing.assert_allclose(heralded, rho, rtol=1e-15, atol=0)


def test_scaling_a_filter_lowers_the_efficiency_and_nothing_else():
    rng = np.random.default_rng(1)
    for rho, filters in zip(many(random_state, 20), random_filters(rng), strict=True):
        state, efficiency = herald(rho, filters)
        for scaled in (Filters(0.3 * filters.a, filters.b), Filters(filters.a, 0.3 * filters.b)):
            again, lower = herald(rho, scaled)
            np.testing.assert_allclose(again, state, rtol=0, atol=1e-15)
            assert lower == pytest.approx(0.09 * float(efficiency), rel=1e-14)


def test_filters_that_nothing_passes_herald_no_state():
    heralded, efficiency = herald(np.diag([0, 1.0, 0, 0]), Filters(np.eye(2)[1], np.ones(2)))
    assert efficiency == 0
    assert np.all(np.isnan(np.diag(heralded)))


def test_batches_of_states_and_filters_are_heralded_one_by_one():
    rng = np.random.default_rng(2)
    states = many(random_state, 6).reshape(2, 3, 4, 4)
    filters = Filters(*rng.uniform(size=(2, 2, 3, 2)))
    heralded, efficiency = jax.jit(herald)(states, filters)
    assert efficiency.shape == (2, 3)
    for i in np.ndindex(2, 3):
        one, probability = herald(states[i], Filters(filters.a[i], filters.b[i]))
        np.testing.assert_allclose(heralded[i], one, rtol=0, atol=1e-15)
        assert efficiency[i] == pytest.approx(float(probability), rel=1e-14)


@pytest.mark.parametrize("weight", [0.01, 0.3, 0.5, 0.9])
def test_a_filter_on_one_side_turns_a_pure_entangled_state_into_a_bell_state(weight):
    # brask2022 Sec. VI B; the best probability of it is 2 min(w, 1-w) (Lo and Popescu 2001).
    rho = pure(0, np.sqrt(weight), np.sqrt(1 - weight), 0)
    efficiency = 2 * min(weight, 1 - weight)
    placed = {"b": np.log((1 - weight) / weight)}
    filters = filters_at(jnp.asarray(rho), efficiency, placed)
    heralded, probability = herald(rho, filters)
    np.testing.assert_allclose(heralded, BELL["psi+"], rtol=0, atol=1e-14)
    assert probability == pytest.approx(efficiency, rel=1e-14)
    assert max(filters.b) == pytest.approx(1, abs=1e-14)


def test_the_best_filters_of_an_x_state_balance_its_populations():
    # |α| and √(p00 p11) scale alike; the sum of √(p00 p11) and √(p01 p10) becomes half the trace,
    # its largest share, where p00 = p11 and p01 = p10.
    rng = np.random.default_rng(3)
    states = [
        rho
        for rho in many(random_x_state, 40, 3, outer=False)
        if abs(rho[1, 2]) ** 2 > (rho[0, 0] * rho[3, 3]).real
    ]
    assert len(states) > 5
    for rho in states:
        p, alpha = np.diag(rho).real, abs(rho[1, 2])
        even, odd = np.sqrt(p[0] * p[3]), np.sqrt(p[1] * p[2])
        product, quotient = np.log(p[0] / p[3]), np.log(p[1] / p[2])
        best = Filters(*map(balanced_filter, ((product + quotient) / 2, (product - quotient) / 2)))
        concurrence = measures.signed_concurrence(herald(rho, best)[0])
        assert concurrence == pytest.approx((alpha - even) / (even + odd), abs=1e-14)
        for filters in random_filters(rng):
            assert measures.signed_concurrence(herald(rho, filters)[0]) <= concurrence


# filters of a given ratio


def test_filters_are_told_by_their_ratio():
    for log_ratio in (-27.0, -1.0, 0.0, 0.3, 27.0):
        unit = np.asarray(unit_filter(jnp.asarray(log_ratio)))
        balanced = np.asarray(balanced_filter(jnp.asarray(log_ratio)))
        for entries in (unit, balanced):
            assert 2 * np.log(entries[1] / entries[0]) == pytest.approx(log_ratio, abs=1e-13)
        assert unit.max() == 1
        assert balanced.prod() == pytest.approx(1, abs=1e-14)


def test_unit_and_balanced_filters_herald_the_same_state():
    for rho in many(random_state, 5):
        ratios = np.array([-2.0, 3.0])
        one = herald(rho, Filters(*unit_filter(ratios)))[0]
        other = herald(rho, Filters(*balanced_filter(ratios)))[0]
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-15)


def test_the_ends_of_the_interval_are_where_the_open_filter_just_passes_enough():
    seen = np.array([0.3, 0.5])
    for efficiency in (0.35, 0.5, 0.6, 0.79):
        low, high = (float(end) for end in ratio_interval(*seen, efficiency))
        assert low <= 0 <= high
        for end in (low, high):
            passed = np.asarray(unit_filter(jnp.asarray(end))) ** 2 @ seen
            assert passed >= efficiency - 1e-15
            # A ratio beyond the end would pass less, unless the end is that of all ratios.
            if abs(end) < -np.log(SMALLEST_RATIO):
                assert passed == pytest.approx(efficiency, rel=ROUNDED)


# the efficiency constraint


@by_parties
@by_efficiency
def test_the_efficiency_is_met_wherever_the_filters_are_placed(parties, efficiency):
    rng = np.random.default_rng(4)
    for rho in STATES:
        for position in (*rng.uniform(size=(5, 2)), (0, 0), (0, 1), (1, 0), (1, 1)):
            placed = placed_at(rho, efficiency, dict(zip(parties, position, strict=False)))
            filters = filters_at(jnp.asarray(rho), efficiency, placed)
            assert success_probability(rho, filters) == pytest.approx(efficiency, rel=ROUNDED)
            entries = np.concatenate(filters)
            assert np.all(entries >= 0)
            assert np.all(entries <= 1)


@by_parties
def test_a_party_without_a_filter_is_left_alone(parties):
    for rho in STATES:
        placed = placed_at(rho, 0.1, dict.fromkeys(parties, 0.3))
        assert set(placed) == set(parties)
        filters = filters_at(jnp.asarray(rho), 0.1, placed)
        for party in set("ab") - set(parties):
            assert np.array_equal(getattr(filters, party), [1, 1])


@by_parties
def test_full_efficiency_leaves_the_identity(parties):
    rng = np.random.default_rng(5)
    for rho in STATES[:20]:
        position = dict(zip(parties, rng.uniform(size=2), strict=False))
        placed = placed_at(rho, 1.0, position)
        # ln r = ln[(1-P0)/P1]: 1e-16 over the smaller population.
        smallest = min(
            rho.reshape(2, 2, 2, 2).trace(axis1=k, axis2=k + 2).diagonal().real.min()
            for k in (0, 1)
        )
        for ratio in placed.values():
            assert ratio == pytest.approx(0, abs=2e-15 / smallest)
        heralded, _ = herald(rho, filters_at(jnp.asarray(rho), 1.0, placed))
        np.testing.assert_allclose(heralded, rho, rtol=0, atol=1e-14)


@by_parties
def test_every_feasible_pair_of_filters_has_its_place(parties):
    rng = np.random.default_rng(6)
    for rho in many(random_state, 30, 6):
        wanted = {party: rng.uniform(-6, 6) for party in parties}
        filters = Filters(*(unit_filter(jnp.asarray(wanted.get(k, 0.0))) for k in ("a", "b")))
        state, most = herald(rho, filters)
        for share in (1e-3, 0.5, 0.999):
            efficiency = share * float(most)
            position = positions(populations(rho), efficiency, wanted)
            assert all(0 <= place <= 1 for place in position.values())
            placed = placed_at(rho, efficiency, position)
            assert placed == pytest.approx(wanted, abs=1e-12)
            again, probability = herald(rho, filters_at(jnp.asarray(rho), efficiency, placed))
            np.testing.assert_allclose(again, state, rtol=0, atol=1e-13)
            assert probability == pytest.approx(efficiency, rel=ROUNDED)


@by_parties
def test_places_and_ratios_are_each_others_inverse(parties):
    rng = np.random.default_rng(7)
    for rho in many(random_state, 30, 7):
        position = dict(zip(parties, rng.uniform(size=2), strict=False))
        placed = placed_at(rho, 0.3, position)
        found = positions(populations(rho), 0.3, placed)
        assert found == pytest.approx(position, abs=1e-12)


def test_an_infeasible_ratio_goes_to_the_nearer_end():
    p = populations(random_state(np.random.default_rng(8)))
    for ratio, end in ((-20.0, 0.0), (20.0, 1.0)):
        assert positions(p, 0.9, {"a": ratio}) == {"a": end}
        assert positions(p, 0.9, {"b": ratio}) == {"b": end}
        assert positions(p, 0.9, {"a": ratio, "b": 0.0})["a"] == end


def test_the_efficiency_is_met_on_batches_under_jit():
    states = many(random_state, 20, 9)
    rng = np.random.default_rng(9)
    efficiency, position = (
        rng.uniform(0.05, 0.5, 20),
        dict(zip("ab", rng.random((2, 20)), strict=True)),
    )

    @jax.jit
    def passing(rho, p, place):
        placed = log_ratios(rho, p, place)
        return herald(rho, Filters(unit_filter(placed["a"]), unit_filter(placed["b"])))[1]

    found = np.asarray(passing(states, efficiency, position))
    assert np.all(found >= efficiency * (1 - ROUNDED))
    mapped = jax.vmap(passing)(states, efficiency, position)
    np.testing.assert_allclose(found, mapped, rtol=1e-14)


# gradients


@jax.jit
def ratios_of(populations, efficiency, position):
    rho = jnp.diag(populations)
    placed = log_ratios(rho, efficiency, dict(zip("ab", position, strict=True)))
    return jnp.stack([placed["a"], placed["b"]])


slopes_of = jax.jit(jax.jacrev(ratios_of, argnums=(0, 1, 2)))


def test_the_ratios_have_the_slopes_that_differences_give():
    rng = np.random.default_rng(10)
    for _ in range(20):
        arguments = [rng.dirichlet(np.ones(4)), rng.uniform(0.2, 0.9), rng.random(2)]
        for which, found in enumerate(slopes_of(*arguments)):
            expected = []
            for step in 1e-6 * np.eye(np.size(arguments[which])):
                step = step if which != 1 else step[0]
                up, down = (
                    ratios_of(*(x + s * step if k == which else x for k, x in enumerate(arguments)))
                    for s in (1, -1)
                )
                expected.append((up - down) / 2e-6)
            expected = np.array(expected).T.reshape(np.shape(found))
            np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


@by_efficiency
def test_slopes_are_finite_whatever_population_is_zero(efficiency):
    for rho in STATES:
        for position in ((0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.3, 0.6)):
            found = slopes_of(jnp.diag(rho).real, efficiency, jnp.array(position))
            assert all(np.all(np.isfinite(slope)) for slope in found)


# fixed filters

QUTRITS = QuditReset(2, [0.3, 0.5], 0.2, 0.9, temperature_a=2.0, temperature_b=0.3)
HOT, COLD = Bath(1.0, temperature=-0.0), Bath(0.7, temperature=0.0)
PROJECTORS = ([1, 1, 0], [0, 1, 1])

# The machine, the diagonals, and its steady state by the plain master equation of its paper.
FILTERED = {
    "qutrits behind projectors": (
        QUTRITS,
        PROJECTORS,
        tavakoli2018.qudits([0.3, 0.5], 0.2, 0.9, 2.0, 0.3),
    ),
    "qutrits behind uneven filters": (
        QUTRITS,
        ([0.9, 0.4, 0], [0, 0.2, 0.7]),
        tavakoli2018.qudits([0.3, 0.5], 0.2, 0.9, 2.0, 0.3),
    ),
    "qutrits, of which one is filtered": (
        QUTRITS,
        ([1, 1, 1], [0, 1, 0.5]),
        tavakoli2018.qudits([0.3, 0.5], 0.2, 0.9, 2.0, 0.3),
    ),
    "a qubit and a qutrit": (
        QubitQutritReset(0.4, 0.7, 0.3, 0.2, temperature_a=-0.0, temperature_b=0.5),
        ([0.6, 1], [1, 0.8, 0]),
        tavakoli2018.qubit_qutrit(0.4, 0.7, 0.3, 0.2, -0.0, 0.5),
    ),
    "qubits": (
        QubitReset(0.4, 0.3, 0.2, temperature_a=-0.0, temperature_b=0.5),
        ([0.6, 1], [1, 0.3]),
        tavakoli2018.qubits(0.4, 0.3, 0.2, -0.0, 0.5),
    ),
    "a ladder of graded populations": (
        OneStepReset([0.5, 0.3], 0.1, 1.0),
        ([1, 0.7, 0], [0, 1, 0.4]),
        tavakoli2018.one_step([0.5, 0.3], 0.1, 1.0),
    ),
}
every_filtered = pytest.mark.parametrize(
    ("machine", "diagonals", "full"), FILTERED.values(), ids=FILTERED.keys()
)


def fixed(diagonals):
    return FixedFilters(*(np.array(diagonal, dtype=float) for diagonal in diagonals))


@pytest.mark.parametrize(
    ("diagonals", "kept", "levels"),
    [
        # tavakoli2018 (B2): |0,1>, |0,2>, |1,1>, |1,2>
        (PROJECTORS, ([0, 1], [1, 2]), [1, 2, 4, 5]),
        (([0.3, 0, 0.2], [1, 1]), ([0, 2], [0, 1]), [0, 1, 4, 5]),
        (([1, 0.5], [1, 1, 1]), ([0, 1], [0, 1, 2]), range(6)),
        # One level is no system: all of them stay.
        (([0, 1, 0], [0, 1]), ([0, 1, 2], [0, 1]), range(6)),
    ],
    ids=str,
)
def test_levels_that_a_filter_blocks_are_left_out(diagonals, kept, levels):
    filters = fixed(diagonals)
    assert [party.tolist() for party in filters.kept] == list(kept)
    assert filters.dims == tuple(map(len, kept))
    assert filters.levels.tolist() == list(levels)
    square = np.arange(len(filters.amplitudes) ** 2).reshape(2 * (len(filters.amplitudes),))
    np.testing.assert_array_equal(filters.among_kept(square), square[np.ix_(levels, levels)])


@every_filtered
def test_a_fixed_filter_heralds_what_its_kraus_operators_do(machine, diagonals, full):
    passed, probability = filtered(steady_state(full), *diagonals)
    filters = fixed(diagonals)
    expected = filters.among_kept(passed)
    graded = isinstance(machine, OneStepReset)
    # What is unrolled takes longer to compile as a whole than step by step.
    herald_from = quickly(filters.herald) if graded else filters.herald
    heralded, log_efficiency = herald_from(machine)
    np.testing.assert_allclose(heralded, expected, rtol=0, atol=1e-12)
    assert np.exp(log_efficiency) == pytest.approx(probability, rel=1e-11)
    # Six numbers of it are enough where it is said to be of X form: wherever that is known of two
    # qubits, but of graded populations.
    assert filters.x_form(machine) == (filters.dims == (2, 2) and not graded)
    if filters.x_form(machine):
        state, log_efficiency = filters.x_herald(machine)
        np.testing.assert_allclose(state, XState.of(expected), rtol=0, atol=1e-12)
        assert np.exp(log_efficiency) == pytest.approx(probability, rel=1e-11)
        outside = np.fliplr(np.eye(4)) + np.eye(4) == 0
        assert np.abs(expected[outside]).max() < 1e-12


def test_an_idle_filter_leaves_the_machine_as_it_is():
    machine = TwoQubit(0.3, HOT, COLD)
    filters = FixedFilters.of(machine)
    assert filters.idle
    assert filters.x_form(machine)
    assert not filters.x_form(TwoQubit(0.3, HOT, COLD, kappa_a=0.1))
    for heralded, log_efficiency in (filters.herald(machine), filters.x_herald(machine)):
        assert log_efficiency == 0
        form = heralded if isinstance(heralded, XState) else XState.of(heralded)
        np.testing.assert_allclose(form, XState.of(machine.state()), rtol=0, atol=1e-16)


def test_an_efficiency_below_the_smallest_double_is_known_by_its_logarithm():
    # tavakoli2018 Fig. 6, d = 20: (E3) with p_suc -> w (1e-9)^36, the exact fractions of the limit.
    machine = OneStepReset([5e-4] + [1e-12] * 18, 1e-12, 1e-3)
    filters = FixedFilters.of(machine)
    assert filters.dims == (2, 2)
    heralded, log_efficiency = quickly(filters.herald)(machine)
    limit = weak_coupling(20)
    expected = np.diag([0, float(limit.bb), float(limit.aa), 0]).astype(complex)
    expected[2, 1], expected[1, 2] = 1j * float(limit.ab), -1j * float(limit.ab)
    np.testing.assert_allclose(heralded, expected, rtol=0, atol=1e-7)
    exact = np.log(float(limit.weight)) + 36 * np.log(1e-9)
    assert log_efficiency == pytest.approx(exact, abs=1e-6)
    assert exact / np.log(10) < -315


def test_a_filter_after_a_fixed_one_is_one_filter():
    rho = paper_state(QUTRITS)
    filters = fixed(([0.9, 0.4, 0], [0, 0.2, 0.7]))
    after = {"a": np.array([0.5, 1.0]), "b": np.array([1.0, 0.3])}
    both = [filters.extended(party, diagonal) for party, diagonal in after.items()]
    np.testing.assert_allclose(both[0], [0.45, 0.4, 0], rtol=1e-15)
    np.testing.assert_allclose(both[1], [0, 0.2, 0.21], rtol=1e-15)
    at_once, efficiency = filtered(rho, *both)
    first, passed = filtered(rho, filters.a, filters.b)
    second, further = filtered(filters.among_kept(first), after["a"], after["b"])
    assert efficiency == pytest.approx(passed * further, rel=1e-13)
    np.testing.assert_allclose(filters.among_kept(at_once), second, rtol=0, atol=1e-14)


def paper_state(machine):
    g, (p_A, p_B) = [float(g) for g in machine.g], (float(machine.p_a), float(machine.p_b))
    return steady_state(tavakoli2018.qudits(g, p_A, p_B, 2.0, 0.3))


# filters of more levels

LARGER = [(3, 2), (2, 3), (3, 3), (4, 3)]
by_dims = pytest.mark.parametrize("dims", LARGER, ids=str)


def larger_states(dims, seed=0):
    """Generic ones, and some of whose populations vanish."""
    rng, size = np.random.default_rng([*dims, seed]), dims[0] * dims[1]
    found = []
    for rank in (size, size, 2):
        root = rng.normal(size=(size, rank, 2)) @ [1, 1j]
        found.append(root @ root.conj().T / np.linalg.norm(root) ** 2)
    found += [np.diag(np.eye(size)[0]), np.diag(np.eye(size)[-1])]
    found.append(np.diag(rng.dirichlet(np.ones(size)) * (np.arange(size) % 2 == 0)))
    return [rho / np.trace(rho) for rho in found]


def position_from(numbers, parties, dims):
    """One number for a filter of two levels, a list of them for one of more."""
    numbers, position = iter(numbers), {}
    for party, levels in zip("ab", dims, strict=True):
        if party in parties:
            one = [float(next(numbers)) for _ in range(places(levels))]
            position[party] = one[0] if levels == 2 else one
    return position


def unit_filters(placed, dims):
    """The filters as they are placed, before any scaling."""
    found = []
    for party, levels in zip("ab", dims, strict=True):
        if party not in placed:
            found.append(np.ones(levels))
        elif levels == 2:
            found.append(np.asarray(unit_filter(jnp.asarray(placed[party]))))
        else:
            found.append(np.exp(np.array(placed[party], dtype=float) / 2))
    return found


larger_ratios_at = jax.jit(log_ratios, static_argnames="dims")


def larger_placed(rho, efficiency, position, dims):
    found = larger_ratios_at(jnp.asarray(rho, dtype=complex), efficiency, position, dims)
    return jax.tree.map(float, found)


@by_dims
@by_parties
def test_filters_of_more_levels_meet_the_efficiency_wherever_they_are_placed(dims, parties):
    rng, count = np.random.default_rng(11), sum(map(places, dims))
    ends = [np.zeros(count), np.ones(count), np.arange(count) % 2, np.arange(count) // 2 % 2]
    for rho in larger_states(dims):
        for efficiency in (1e-3, 0.3, 0.9, 1.0):
            for numbers in (*rng.uniform(size=(2, count)), *ends):
                position = position_from(numbers, parties, dims)
                placed = larger_placed(rho, efficiency, position, dims)
                unit = unit_filters(placed, dims)
                assert success_probability(rho, unit) >= efficiency * (1 - ROUNDED)
                filters = filters_at(jnp.asarray(rho), efficiency, placed, dims)
                assert success_probability(rho, filters) == pytest.approx(efficiency, rel=ROUNDED)
                entries = np.concatenate(filters)
                assert np.all((entries >= 0) & (entries <= 1))
                for party in set("ab") - set(parties):
                    assert np.all(getattr(filters, party) == 1)


@by_dims
def test_placed_filters_herald_what_they_are(dims):
    rng = np.random.default_rng(12)
    for rho in larger_states(dims)[:3]:
        position = position_from(rng.uniform(size=sum(map(places, dims))), "ab", dims)
        placed = larger_placed(rho, 0.3, position, dims)
        expected, _ = filtered(rho, *filters_at(jnp.asarray(rho), 0.3, placed, dims))
        found = herald_at(jnp.asarray(rho), placed, dims)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-14)


@by_dims
def test_places_and_weights_are_each_others_inverse(dims):
    rng = np.random.default_rng(13)
    for rho in larger_states(dims)[:2]:
        position = position_from(rng.uniform(size=sum(map(places, dims))), "ab", dims)
        placed = larger_placed(rho, 0.3, position, dims)
        found = positions(populations(rho), 0.3, placed, dims)
        assert flattened(found) == pytest.approx(flattened(position), abs=1e-11)


@by_dims
def test_every_feasible_pair_of_larger_filters_has_its_place(dims):
    """Filters drawn at random pass with some probability: at that and below it they are found."""
    rng = np.random.default_rng(14)
    for rho in larger_states(dims)[:2]:
        for _ in range(5):
            weights = [rng.uniform(0.01, 1.0, levels) for levels in dims]
            wanted = {
                party: float(np.log(w[1] / w[0])) if len(w) == 2 else np.log(w).tolist()
                for party, w in zip("ab", weights, strict=True)
            }
            unit = unit_filters(wanted, dims)
            state, most = filtered(rho, *unit)
            for share in (1e-3, 0.5, 0.999):
                position = positions(populations(rho), share * most, wanted, dims)
                assert all(0 <= place <= 1 for place in flattened(position))
                placed = larger_placed(rho, share * most, position, dims)
                assert flattened(placed) == pytest.approx(flattened(wanted), abs=1e-11)
                filters = filters_at(jnp.asarray(rho), share * most, placed, dims)
                again, probability = filtered(rho, *map(np.asarray, filters))
                np.testing.assert_allclose(again, state, rtol=0, atol=1e-13)
                assert probability == pytest.approx(share * most, rel=ROUNDED)


def test_weights_that_pass_too_little_go_to_the_nearer_end():
    # P = (1/2, 1/4, 1/4) of A: to pass 0.9 level 0 needs w >= (0.9 - 1/2) / (1/2) = 0.8, and once
    # it is at that, the others need all.
    p = np.repeat([0.5, 0.25, 0.25], 2) / 2
    position = positions(p, 0.9, {"a": [-5.0, -5.0, -5.0]}, (3, 2))
    assert position["a"][0] == 0
    placed = larger_placed(np.diag(p), 0.9, position, (3, 2))
    assert placed["a"] == pytest.approx([np.log(0.8), 0, 0], abs=1e-14)


def flattened(placed):
    return np.concatenate([np.atleast_1d(placed[party]) for party in sorted(placed)])


@jax.jit
def larger_ratios_of(populations, efficiency, position):
    placed = log_ratios(jnp.diag(populations), efficiency, {"a": list(position)}, (3, 2))
    return jnp.stack(placed["a"])


def test_slopes_of_weights_are_those_of_differences_and_finite_whatever_vanishes():
    slopes = jax.jit(jax.jacrev(larger_ratios_of, argnums=(0, 1, 2)))
    rng = np.random.default_rng(15)
    arguments = [rng.dirichlet(np.ones(6)), 0.6, rng.random(3)]
    for which, found in enumerate(slopes(*arguments)):
        expected = []
        for step in 1e-6 * np.eye(np.size(arguments[which])):
            step = step if which != 1 else step[0]
            up, down = (
                larger_ratios_of(
                    *(x + s * step if k == which else x for k, x in enumerate(arguments))
                )
                for s in (1, -1)
            )
            expected.append((up - down) / 2e-6)
        expected = np.array(expected).T.reshape(np.shape(found))
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)
    for rho in larger_states((3, 2)):
        for efficiency in (1e-3, 0.5, 1.0):
            for position in (np.zeros(3), np.ones(3), np.array([0.0, 1.0, 0.4])):
                found = slopes(populations(rho), efficiency, position)
                assert all(np.all(np.isfinite(slope)) for slope in found)
