"""The search space: bounds, scales, and constraints that every point of the cube meets."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import linprog

from jaxent.search.space import Constraint, Infeasible, Monomial, Range, Space

INF = np.inf


def at_most(lesser, greater, factor=1.0):
    """``lesser <= factor * greater``, each a product of parameters as ``{name: power}``."""
    text = f"{'*'.join(lesser) or 1} <= {factor:g} {'*'.join(greater)}"
    return Constraint(Monomial(1.0, lesser), Monomial(factor, greater), text)


def side(monomial, values):
    powers = (values[name] ** power for name, power in monomial.powers.items())
    return monomial.coefficient * np.prod([*powers, 1.0])


def parameters(space, box, fixed):
    """The natural values at a point of the box, temperatures in place of their inverses."""
    values = dict(fixed)
    for name, value in space.values(jnp.asarray(box)).items():
        inverse = "inverse_temperature" in name
        with np.errstate(divide="ignore"):
            natural = 1 / np.asarray(value) if inverse else np.asarray(value)
        values[name.replace("inverse_temperature", "temperature")] = float(natural)
    return values


G = Range(1e-3, 10, "log")
GAMMA = Range(1e-2, 1e2, "log")
HOT, COLD = "bath_a.temperature", "bath_b.temperature"
SLOWER_THAN_BOTH = (at_most({"g": 1}, {"gamma_a": 1}), at_most({"g": 1}, {"gamma_b": 1}))

# ranges, constraints, fixed parameters
CASES = {
    "free": ({"g": G, "gamma_b": GAMMA}, (), {}),
    "g <= gamma": ({"g": G, "gamma_b": GAMMA}, SLOWER_THAN_BOTH, {"gamma_a": 1.0}),
    "g <= gamma, in another order": (
        {"gamma_b": GAMMA, "gamma_a": GAMMA, "g": G},
        SLOWER_THAN_BOTH,
        {},
    ),
    "a chain": (
        {"g": G, "gamma_a": GAMMA, "gamma_b": GAMMA},
        (at_most({"g": 1}, {"gamma_a": 1}, 0.5), at_most({"gamma_a": 1}, {"gamma_b": 1}, 0.2)),
        {},
    ),
    "both ways": (
        {"g": G, "gamma_b": GAMMA},
        (at_most({"g": 1}, {"gamma_b": 1}, 2), at_most({"gamma_b": 1}, {"g": 1}, 3)),
        {},
    ),
    "products": (
        {"g": G, "gamma_a": GAMMA, "gamma_b": GAMMA},
        (
            at_most({"g": 2}, {"gamma_a": 1, "gamma_b": 1}, 0.3),
            at_most({"gamma_a": 1, "gamma_b": 1}, {}, 50.0),
            at_most({"gamma_b": 1}, {"gamma_a": 1, "g": 1}, 100.0),
        ),
        {},
    ),
    "linear": (
        {"u": Range(0.0, 20.0), "E_a": Range(0.5, 2.0), "g": G},
        (at_most({"g": 1}, {"E_a": 1}, 0.1), at_most({"E_a": 1}, {"u": 1})),
        {},
    ),
    "temperatures": (
        {HOT: Range(0.05, INF, "inverse"), COLD: Range(0.05, 5.0, "inverse")},
        (at_most({COLD: 1}, {HOT: 1}),),
        {},
    ),
    "temperatures, in another order": (
        {COLD: Range(0.05, INF, "inverse"), HOT: Range(0.5, INF, "inverse"), "E_a": Range(0.5, 2)},
        (at_most({COLD: 1}, {HOT: 1}, 0.5), at_most({COLD: 1}, {"E_a": 1}, 3.0)),
        {},
    ),
    "nothing to choose": ({"g": Range(0.3, 0.3), "gamma_b": Range(2, 2, "log")}, (), {}),
    "one value in a chain": (
        {"gamma_b": Range(1.0, 1.0, "log"), "g": G, "gamma_a": GAMMA},
        (at_most({"g": 1}, {"gamma_b": 1}), at_most({"gamma_a": 1}, {"g": 1})),
        {},
    ),
}
every_space = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


def cube_points(size, count=60):
    """The corners, and random points."""
    corners = np.stack(np.meshgrid(*[[0.0, 1.0]] * size), axis=-1).reshape(-1, size)
    return np.concatenate([corners, np.random.default_rng(0).uniform(size=(count, size))])


# the polytope


@every_space
def test_every_point_of_the_cube_meets_every_constraint(case):
    ranges, constraints, fixed = case
    space = Space(ranges, constraints, fixed)
    for cube in cube_points(space.size):
        box = np.asarray(space.from_cube(jnp.asarray(cube)))
        assert np.all(box >= -1e-12)
        assert np.all(box <= 1 + 1e-12)
        values = parameters(space, box, fixed)
        for name, r in ranges.items():
            assert r.low * (1 - 1e-12) <= values[name] <= r.high * (1 + 1e-12)
        for constraint in constraints:
            lesser, greater = side(constraint.lesser, values), side(constraint.greater, values)
            assert lesser <= greater * (1 + 1e-12)


@every_space
def test_every_point_of_the_polytope_has_its_place_in_the_cube(case):
    ranges, constraints, fixed = case
    space = Space(ranges, constraints, fixed)
    boxes = np.random.default_rng(1).uniform(size=(3000, space.size))
    meeting = [box for box in boxes if np.all(space.slack(box) >= 0)][:30]
    if not constraints:
        assert len(meeting) == 30
    widths = space.high - space.low
    for box in meeting:
        cube = space.to_cube(box)
        assert np.all((cube >= 0) & (cube <= 1))
        again = np.asarray(space.from_cube(jnp.asarray(cube)))
        np.testing.assert_allclose(again[widths > 0], box[widths > 0], rtol=0, atol=1e-12)


@every_space
def test_a_place_in_the_cube_is_found_again(case):
    ranges, constraints, fixed = case
    space = Space(ranges, constraints, fixed)
    for cube in np.random.default_rng(2).uniform(0.01, 0.99, size=(30, space.size)):
        box = space.from_cube(jnp.asarray(cube))
        free = space.high > space.low
        np.testing.assert_allclose(space.to_cube(box)[free], cube[free], rtol=0, atol=1e-9)


def test_the_polytope_is_not_all_of_the_box_where_constraints_bind():
    # What the two tests above show must not be shown of empty sets.
    for name, (ranges, constraints, fixed) in CASES.items():
        space = Space(ranges, constraints, fixed)
        boxes = np.random.default_rng(1).uniform(size=(3000, space.size))
        share = np.mean([np.all(space.slack(box) >= 0) for box in boxes])
        if constraints and name != "one value in a chain":
            assert 0.01 < share < 0.95, name


def test_a_point_outside_goes_to_the_boundary():
    space = Space({"g": G, "gamma_b": GAMMA}, SLOWER_THAN_BOTH, {"gamma_a": 1.0})
    box = space.from_cube(space.to_cube(np.array([1.0, 0.5])))
    values = parameters(space, box, {})
    assert values["g"] == pytest.approx(1, rel=1e-12)
    assert values["gamma_b"] == pytest.approx(1, rel=1e-12)


def test_the_bounds_are_reached_exactly():
    space = Space({"g": G, "E_a": Range(0.5, 2.0), HOT: Range(0.05, INF, "inverse")})
    low, high = (space.values(jnp.full(3, end)) for end in (0.0, 1.0))
    assert low["g"] == pytest.approx(1e-3, rel=1e-15)
    assert high["g"] == pytest.approx(10, rel=1e-15)
    assert (low["E_a"], high["E_a"]) == (0.5, 2.0)
    # Inverse temperatures ascend: the first end is the hottest.
    assert low["bath_a.inverse_temperature"] == 0
    assert high["bath_a.inverse_temperature"] == 20


def test_each_scale_is_uniform_in_what_it_says():
    space = Space({"g": Range(0.01, 1, "log"), "u": Range(1, 3), HOT: Range(0.5, 2, "inverse")})
    middle = parameters(space, np.full(3, 0.5), {})
    # Geometric, arithmetic and harmonic mean.
    assert middle == pytest.approx({"g": 0.1, "u": 2, HOT: 0.8}, rel=1e-14)


def test_negative_temperatures_are_searched_in_their_inverse():
    space = Space({HOT: Range(-INF, -0.25, "inverse")})
    betas = [float(space.values(jnp.array([x]))["bath_a.inverse_temperature"]) for x in (0, 0.5, 1)]
    assert betas == [-4, -2, 0]


@pytest.mark.parametrize(
    ("low", "high", "scale"),
    [
        # The inverse of zero is infinite, and across zero it is none of one sign.
        (0.0, 1.0, "inverse"),
        (0.0, INF, "inverse"),
        (-1.0, -0.0, "inverse"),
        (-1.0, 1.0, "inverse"),
        (0.0, 1.0, "log"),
        (-1.0, 1.0, "log"),
        (0.0, INF, "linear"),
        (1.0, INF, "log"),
        (2.0, 1.0, "linear"),
        (np.nan, 1.0, "linear"),
    ],
)
def test_bounds_that_make_no_finite_box_are_refused(low, high, scale):
    with pytest.raises(ValueError, match=f"on the {scale} scale; allowed: .*low"):
        Range(low, high, scale)


def test_without_free_parameters_there_is_one_point():
    space = Space({})
    assert space.size == 0
    assert space.from_cube(np.zeros(0)) == []
    assert space.to_cube(np.zeros(0)).shape == (0,)


def test_batches_of_cubes_are_mapped_one_by_one():
    ranges, constraints, fixed = CASES["products"]
    space = Space(ranges, constraints, fixed)
    cubes = np.random.default_rng(0).uniform(size=(3, 4, 5))
    boxes = np.array(jax.jit(space.from_cube)(cubes))
    for index in np.ndindex(4, 5):
        one = space.from_cube(cubes[:, *index])
        np.testing.assert_allclose(boxes[:, *index], one, rtol=0, atol=1e-14)


# what cannot be


@pytest.mark.parametrize(
    ("ranges", "constraints", "fixed"),
    [
        ({"g": Range(2, 3)}, (at_most({"g": 1}, {"gamma_a": 1}),), {"gamma_a": 1.0}),
        (
            {"g": Range(0.1, 1, "log"), "gamma_b": Range(0.01, 0.05, "log")},
            (at_most({"g": 1}, {"gamma_b": 1}),),
            {},
        ),
        # Each alone could be met.
        (
            {"g": G, "gamma_b": GAMMA},
            (at_most({"g": 1}, {"gamma_b": 1}, 0.5), at_most({"gamma_b": 1}, {"g": 1}, 0.5)),
            {},
        ),
        (
            {"x": Range(1, 2), "y": Range(1, 2), "z": Range(1, 2)},
            (
                at_most({"x": 1}, {"y": 1}, 0.7),
                at_most({"y": 1}, {"z": 1}, 0.7),
            ),
            {},
        ),
        (
            {HOT: Range(0.1, 1, "inverse"), COLD: Range(2, INF, "inverse")},
            (at_most({COLD: 1}, {HOT: 1}),),
            {},
        ),
        ({"E_a": Range(1, 2)}, (at_most({"g": 1}, {"gamma_a": 1}),), {"g": 2.0, "gamma_a": 1.0}),
    ],
    ids=["fixed bound", "bounds", "cycle", "chain", "temperatures", "fixed alone"],
)
def test_contradictory_constraints_are_infeasible(ranges, constraints, fixed):
    with pytest.raises(Infeasible, match="constraints"):
        Space(ranges, constraints, fixed)


def random_constraints(rng, names, count, least_offset):
    """Rows A ln x <= b with powers from -2 to 2, and the constraints that say so."""
    rows = rng.integers(-2, 3, (count, len(names)))
    offsets = rng.uniform(least_offset, 2, count)
    constraints = []
    for row, offset in zip(rows, offsets, strict=True):
        lesser = {name: int(power) for name, power in zip(names, row, strict=True) if power > 0}
        greater = {name: -int(power) for name, power in zip(names, row, strict=True) if power < 0}
        constraints.append(at_most(lesser, greater, float(np.exp(offset))))
    return rows, offsets, tuple(constraints)


@pytest.mark.parametrize("seed", range(40))
def test_what_is_feasible_is_what_linear_programming_says(seed):
    rng = np.random.default_rng(seed)
    size = rng.integers(2, 5)
    names = [f"x{k}" for k in range(size)]
    low = rng.uniform(-2, 0, size)
    high = low + rng.uniform(0.5, 3, size)
    rows, offsets, constraints = random_constraints(rng, names, rng.integers(1, 6), -2)
    # The largest slack that all constraints can have at once.
    program = linprog(
        np.append(np.zeros(size), -1),
        A_ub=np.column_stack([rows, np.ones(len(rows))]),
        b_ub=offsets,
        bounds=[*zip(low, high, strict=True), (None, 10)],
    )
    ranges = {
        name: Range(*np.exp(ends), scale)
        for name, scale, *ends in zip(
            names, rng.choice(["log", "linear"], size), low, high, strict=True
        )
    }
    if -program.fun < 0:
        with pytest.raises(Infeasible):
            Space(ranges, constraints)
        return
    space = Space(ranges, constraints)
    for cube in [*rng.integers(2, size=(3, size)).astype(float), *rng.uniform(size=(3, size))]:
        box = np.asarray(space.from_cube(jnp.asarray(cube)))
        assert min(box.min(), (1 - box).min(), space.slack(box).min()) >= -1e-12


def test_more_constraints_than_can_be_eliminated_are_refused():
    # Elimination may square the number of conditions with each parameter.
    names = [f"x{k}" for k in range(6)]
    _, _, constraints = random_constraints(np.random.default_rng(0), names, 12, 0.1)
    with pytest.raises(ValueError, match="more than 200 conditions"):
        Space({name: Range(0.01, 100, "log") for name in names}, constraints)


def test_constraints_that_leave_a_single_point_are_feasible():
    space = Space(
        {"g": Range(0.1, 1, "log"), "gamma_b": Range(1, 10, "log")},
        (at_most({"gamma_b": 1}, {"g": 1}),),
    )
    for cube in cube_points(2, 3):
        values = parameters(space, space.from_cube(jnp.asarray(cube)), {})
        assert values == pytest.approx({"g": 1, "gamma_b": 1}, rel=1e-12)


@pytest.mark.parametrize("value", [0.0, -1.0, INF])
def test_a_fixed_parameter_in_a_constraint_must_have_a_logarithm(value):
    constraint = at_most({"g": 1}, {"gamma_a": 1})
    with pytest.raises(ValueError, match=r"gamma_a.*positive"):
        Space({"g": G}, (constraint,), {"gamma_a": value})


@pytest.mark.parametrize("bounds", [Range(-1, 1), Range(-2, -1), Range(-INF, -1, "inverse")])
def test_a_free_parameter_in_a_constraint_must_be_positive(bounds):
    with pytest.raises(ValueError, match=r"kappa.*positive"):
        Space({"kappa": bounds, "g": G}, (at_most({"g": 1}, {"kappa": 1}),))


# slack


@every_space
def test_slack_is_the_logarithm_of_the_ratio_of_both_sides(case):
    ranges, constraints, fixed = case
    space = Space(ranges, constraints, fixed)
    for box in np.random.default_rng(3).uniform(0.01, 1, size=(20, space.size)):
        values = parameters(space, box, fixed)
        expected = [np.log(side(c.greater, values) / side(c.lesser, values)) for c in constraints]
        np.testing.assert_allclose(space.slack(box), expected, rtol=0, atol=1e-12)


@every_space
def test_the_gradient_of_slack_is_that_of_differences(case):
    ranges, constraints, fixed = case
    space = Space(ranges, constraints, fixed)
    for box in np.random.default_rng(4).uniform(0.05, 0.95, size=(10, space.size)):
        steps = 1e-6 * np.eye(space.size)
        expected = [(space.slack(box + s) - space.slack(box - s)) / 2e-6 for s in steps]
        found = space.slack_gradient(box)
        assert found.shape == (len(constraints), space.size)
        np.testing.assert_allclose(found, np.array(expected).T, rtol=1e-7, atol=1e-7)


@every_space
def test_the_map_from_the_cube_has_finite_slopes_everywhere(case):
    ranges, constraints, fixed = case
    space = Space(ranges, constraints, fixed)
    slopes = jax.jit(jax.jacrev(space.from_cube))
    for cube in cube_points(space.size, 5):
        assert np.all(np.isfinite(slopes(cube)))


def test_an_inverted_temperature_that_ends_at_minus_infinity_stays_inverted():
    """1/T = -0.0, not 0.0: at u = inf the two are different machines."""
    space = Space({"bath_a.temperature": Range(-np.inf, -0.5, "inverse")})
    for place, beta in ((0.0, -2.0), (0.5, -1.0), (1.0, -0.0)):
        (found,) = space.values(jnp.array([place])).values()
        assert found == beta
        assert np.signbit(found)
    slope = jax.grad(lambda place: space.values(place)["bath_a.inverse_temperature"].sum())
    assert slope(jnp.array([1.0])) == pytest.approx(2.0)
