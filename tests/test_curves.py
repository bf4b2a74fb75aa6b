"""Studies: what is reported of an optimum, that it survives being recomputed, and what does not."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import brentq

from jaxent import curves, independent, study
from jaxent.baths import Bath
from jaxent.curves import solve, solve_thresholds
from jaxent.filters import Filters, filters_at
from jaxent.machines import TwoQubit
from jaxent.search.maximise import SearchSettings
from jaxent.search.problem import Problem
from jaxent.search.space import Range
from jaxent.search.tradeoff import Optimum
from jaxent.study import Sweep
from jaxent.verification import NotUnique, Unverified, verify
from tests.measures import textbook
from tests.search.studies import BOSONS, CHARGED, INF, INVERTED
from tests.search.studies import study as two_qubits

SETTINGS = SearchSettings(starts=12, steps=80, rounds=1)
BEST = np.array([(np.sqrt(5) - 1) / 4, 1.0])
"""g and gamma_B of the inverted machine that teleports best, brask2022 Sec. V A, at gamma_A = 1."""


def place(base, **values):
    """The box coordinates of the free parameters at these natural values."""
    coordinates = []
    for name, r in base.ranges.items():
        low, high = r.ends()
        value = values[name.replace(".", "_")]
        on_scale = {"log": np.log, "linear": lambda x: x, "inverse": lambda t: 1 / t}[r.scale]
        coordinates.append((on_scale(value) - low) / (high - low))
    return coordinates


def at(base, efficiency, filter_places=(), **values):
    """An optimum as a search would hand it over."""
    point = np.array([*place(base, **values), *filter_places])
    score, _ = base.problem.score_and_slope(point, efficiency)
    return Optimum(efficiency, point, float(score), agreed=5, failed=1)


@pytest.fixture(scope="module")
def inverted():
    return two_qubits("singlet_fraction", "b", settings=SETTINGS, **INVERTED)


@pytest.fixture
def optimum(inverted):
    return at(inverted, 0.3, [0.98], g=0.4, bath_b_gamma=2.0)


# what is reported


def test_a_point_can_be_rebuilt_from_what_is_reported(inverted, optimum):
    point = verify(inverted, optimum)
    assert point.parameters == pytest.approx({"g": 0.4, "bath_b.gamma": 2.0}, rel=1e-14)
    hot = Bath(1.0, temperature=-0.0)
    cold = Bath(point.parameters["bath_b.gamma"], temperature=0.0)
    rho = np.asarray(TwoQubit(point.parameters["g"], hot, cold).state())
    kraus = np.kron(np.diag(point.filters.a), np.diag(point.filters.b))
    passed = kraus @ rho @ kraus.conj().T
    assert np.trace(passed).real == pytest.approx(0.3, rel=1e-14)
    np.testing.assert_allclose(point.rho, passed / np.trace(passed), rtol=0, atol=1e-14)
    assert point.value == pytest.approx(textbook.singlet_fraction(point.rho), abs=1e-12)
    assert point.value == pytest.approx(optimum.score, abs=1e-14)
    assert point.efficiency == optimum.level
    assert point.steering is None


def test_the_verification_says_what_the_point_is_worth(inverted, optimum):
    point = verify(inverted, optimum)
    verified = point.verified
    assert verified.residual < 1e-14
    assert verified.efficiency == pytest.approx(0.3, rel=1e-13)
    assert verified.value == pytest.approx(point.value, abs=1e-13)
    assert verified.min_eigenvalue == pytest.approx(np.linalg.eigvalsh(point.rho)[0], abs=1e-14)
    assert verified.min_eigenvalue > 0
    assert verified.nullity == 1
    assert verified.at_bound == ()
    assert not verified.trivial
    assert (verified.agreed, verified.failed, verified.starts) == (5, 1, SETTINGS.starts)
    assert verified.agreement == 1e-4


def test_the_validity_of_the_model_is_listed(inverted):
    # brask2022 Sec. II: g <= γA, γB
    point = verify(inverted, at(inverted, 0.3, [0.2], g=2.0, bath_b_gamma=3.0))
    first, second = point.verified.regimes
    assert (first.condition, first.value, first.limit) == ("g <= gamma_A", pytest.approx(2), 1)
    assert (second.condition, second.limit) == ("g <= gamma_B", pytest.approx(3))
    assert not first.holds
    assert second.holds


def test_an_infinite_temperature_is_at_its_bound():
    base = two_qubits("singlet_fraction", "ab", **CHARGED)
    values = {"g": 0.3, "bath_b_gamma": 3.0, "bath_a_temperature": INF}
    point = verify(base, at(base, 0.3, [0.2, 0.8], **values))
    assert point.parameters["bath_a.temperature"] == INF
    assert point.verified.at_bound == ("bath_a.temperature=high",)


def test_whatever_sits_at_a_bound_is_named():
    base = two_qubits("chsh", "ab", bounded=True, **BOSONS)
    cases = {
        ("g=low",): {"g": 1e-4, "bath_b_gamma": 1, "bath_a_temperature": 1},
        ("bath_b.gamma=high", "g <= bath_a.gamma"): {
            "g": 1,
            "bath_b_gamma": 100,
            "bath_a_temperature": 1,
        },
        ("bath_a.temperature=low", "g <= bath_b.gamma"): {
            "g": 0.5,
            "bath_b_gamma": 0.5,
            "bath_a_temperature": 0.05,
        },
    }
    for expected, values in cases.items():
        point = verify(base, at(base, 0.9, [0.5, 0.5], **values))
        assert set(point.verified.at_bound) == set(expected)


def test_a_filter_that_has_become_a_projector_is_at_its_bound(inverted):
    # Its ratio may not leave [1e-12, 1e12].
    for end, where in ((0.0, "low"), (1.0, "high")):
        point = verify(inverted, at(inverted, 1e-4, [end], g=0.4, bath_b_gamma=2.0))
        assert point.verified.at_bound == (f"filters.b={where}",)
        assert min(point.filters.b) < 1e-5


def test_what_does_not_beat_the_classical_bound_is_called_trivial(inverted):
    # brask2022 Sec. V B: no filter, no violation.
    base = two_qubits("chsh", **INVERTED)
    point = verify(base, at(base, 1.0, g=BEST[0], bath_b_gamma=BEST[1]))
    assert point.value < 2
    assert point.verified.trivial
    point = verify(inverted, at(inverted, 1.0, [0.5], g=BEST[0], bath_b_gamma=BEST[1]))
    assert point.value == pytest.approx((3 + np.sqrt(5)) / 8, abs=1e-15)
    assert not point.verified.trivial


@pytest.mark.parametrize("g", [1e-3, 1e-6, 1e-9])
def test_a_small_advantage_is_an_advantage(g):
    # At γA = γB = 1 a weakly coupled inverted machine has |01,10> coherence 2g to first order.
    base = two_qubits("singlet_fraction", **INVERTED)
    base = dataclasses.replace(base, ranges={**base.ranges, "g": Range(1e-10, 1.0, "log")})
    point = verify(base, at(base, 1.0, g=g, bath_b_gamma=1.0))
    assert point.value - 0.5 == pytest.approx(g, rel=1e-2)
    assert not point.verified.trivial


def test_the_concurrence_is_verified_where_one_population_vanishes():
    # At u = inf p11 = 0: an error ε there would move √(p00 p11) by √ε, and an efficiency of 1e-4
    # magnifies ε.
    base = two_qubits("concurrence", "ab", **CHARGED)
    for efficiency in np.geomspace(1e-4, 0.5, 15):
        values = {"g": 0.3, "bath_b_gamma": 3.0, "bath_a_temperature": 20.0}
        point = verify(base, at(base, float(efficiency), [0.3, 0.8], **values))
        assert point.verified.value == pytest.approx(point.value, abs=1e-9)


def test_steering_is_certified_where_it_is_asked_for():
    # brask2022 Sec. V C: the state best for teleportation tolerates q ≈ 8.1 % of noise.
    base = two_qubits("singlet_fraction", **INVERTED)
    base = dataclasses.replace(base, measurements="dodecahedron")
    point = verify(base, at(base, 1.0, g=BEST[0], bath_b_gamma=BEST[1]))
    assert point.steering.q_lower <= point.steering.q <= point.steering.q_upper
    assert point.steering.q == pytest.approx(0.081, abs=1e-3)


# solving


def test_a_curve_is_verified_and_the_same_seed_gives_the_same_numbers():
    base = two_qubits("singlet_fraction", "ab", (0.3, 0.5), settings=SETTINGS, **CHARGED)
    told = []
    first = solve(base, lambda stage, fraction: told.append((stage, fraction)))
    again = solve(base)
    assert [point.efficiency for point in first] == [0.3, 0.5]
    assert first[0].value > first[1].value > 0.5
    assert ("verifying", 0.0) in told
    assert ("verifying", 0.5) in told
    for point in first:
        # brask2022 Sec. VI A: the hotter the better.
        assert "bath_a.temperature=high" in point.verified.at_bound
        assert point.verified.value == pytest.approx(point.value, abs=1e-12)
    for one, other in zip(first, again, strict=True):
        assert one.verified == other.verified
        assert (one.value, one.parameters) == (other.value, other.parameters)
        assert np.array_equal(one.rho, other.rho)
        assert all(np.array_equal(*pair) for pair in zip(one.filters, other.filters, strict=True))


def test_thresholds_come_with_the_verified_point_below_them():
    base = two_qubits("chsh", "b", settings=SETTINGS, **INVERTED)
    fixed = {**base.parameters, "g": 0.2, "bath_b.gamma": 3.0}
    base = dataclasses.replace(base, parameters=fixed, ranges={})
    found = solve_thresholds(base)
    strict, point = found[0]
    assert strict.margin == 0
    assert point.efficiency == strict.efficiency
    assert strict.efficiency == pytest.approx(_largest_efficiency(0.2, 3.0), abs=1e-8)
    for threshold, point in found:
        assert point.efficiency == threshold.efficiency <= strict.efficiency
        assert point.value == pytest.approx(2 + threshold.margin, abs=1e-7)
        assert point.verified.value == pytest.approx(point.value, abs=1e-12)


def _largest_efficiency(g, gamma):
    """The largest p at which diag(√w, 1) on B, with the state (20), gives CHSH > 2 by (12)."""
    t, four = 1 + gamma, 4 * g**2
    p = np.array([four * gamma**2, four * gamma, gamma * (four + t**2), four])
    trace = p.sum()
    assert trace == pytest.approx(t**2 * (four + gamma))
    alpha = 2 * t * g * gamma / trace
    p = p / trace

    def efficiency(weight):
        return (p[0] + p[2]) * weight + p[1] + p[3]

    def above(weight):
        delta = (p[1] + p[2] * weight) / efficiency(weight)
        return textbook.printed_chsh(alpha * np.sqrt(weight) / efficiency(weight), delta) - 2

    weights = np.geomspace(1e-6, 1, 2000)
    last = np.flatnonzero(above(weights) > 0).max()
    return efficiency(brentq(above, weights[last], weights[last + 1], xtol=1e-14))


# what does not survive


def test_a_wrong_steady_state_is_not_reported(inverted, optimum, monkeypatch):
    right = TwoQubit.state
    noise = jnp.eye(4) / 4
    monkeypatch.setattr(TwoQubit, "state", lambda self: (1 - 1e-6) * right(self) + 1e-6 * noise)
    with pytest.raises(Unverified, match=r"efficiency 0\.3: the steady state is off by .*e-07"):
        # A study of its own, which has not compiled the right state yet.
        verify(dataclasses.replace(inverted), optimum)


def test_a_wrong_efficiency_is_not_reported(inverted, optimum, monkeypatch):
    def too_tight(rho, efficiency, placed, dims):
        a, b = filters_at(rho, efficiency, placed, dims)
        return Filters(a, 0.99999 * b)

    monkeypatch.setattr("jaxent.search.problem.filters_at", too_tight)
    with pytest.raises(Unverified, match=r"the efficiency is off by 2\.0e-05"):
        verify(dataclasses.replace(inverted), optimum)


def test_a_wrong_value_is_not_reported(inverted, optimum, monkeypatch):
    measure = inverted.measure
    wrong = dataclasses.replace(measure, value=lambda rho: measure.value(rho) + 1e-6)
    monkeypatch.setitem(study.OBJECTIVES, measure.name, wrong)
    with pytest.raises(Unverified, match=r"the value is off by 1\.0e-06"):
        verify(dataclasses.replace(inverted), optimum)


def test_a_value_that_is_not_a_number_is_not_reported(inverted, optimum, monkeypatch):
    measure = inverted.measure
    wrong = dataclasses.replace(measure, value=lambda rho: jnp.nan)
    monkeypatch.setitem(study.OBJECTIVES, measure.name, wrong)
    with pytest.raises(Unverified, match="the value is off by nan"):
        verify(dataclasses.replace(inverted), optimum)


def test_a_state_with_a_negative_eigenvalue_is_not_reported(optimum, monkeypatch):
    # As α > √(a2 a3) in brask2022 (4) would give, in both computations.
    unphysical = np.diag([0.25, 0.25, 0.25, 0.25]).astype(complex)
    unphysical[1, 2] = unphysical[2, 1] = 0.26
    monkeypatch.setattr(TwoQubit, "state", lambda self: jnp.asarray(unphysical))
    solve = independent.Solution.__init__

    def unphysically(self, machine):
        solve(self, machine)
        self.state, self.precise = unphysical, None

    monkeypatch.setattr(independent.Solution, "__init__", unphysically)
    afresh = two_qubits("singlet_fraction", "b", **INVERTED)
    # The middle place is that of an even filter here, which hides nothing.
    middle = dataclasses.replace(optimum, point=np.array([*optimum.point[:2], 0.5]))
    with pytest.raises(Unverified, match="positivity is off by"):
        verify(afresh, middle)


def test_a_steady_state_that_is_one_of_many_is_not_reported(inverted, optimum, monkeypatch):
    diagnose = TwoQubit.diagnose
    monkeypatch.setattr(
        TwoQubit,
        "diagnose",
        lambda self, rho: dataclasses.replace(diagnose(self, rho), nullity=2),
    )
    with pytest.raises(NotUnique, match="not unique, 2 independent ones exist at g = "):
        verify(inverted, optimum)


def test_one_wrong_point_withholds_the_whole_curve(inverted, monkeypatch):
    def found(problem, efficiencies, settings, progress):
        return [at(inverted, p, [0.5], g=0.4, bath_b_gamma=2.0) for p in efficiencies]

    right = Problem.outcome

    def sometimes_wrong(self, point, efficiency):
        outcome = right(self, point, efficiency)
        a, b = outcome.filters
        return outcome._replace(filters=Filters(a, b * (0.999 if efficiency == 0.6 else 1)))

    monkeypatch.setattr(curves, "trace_curve", found)
    assert len(solve(dataclasses.replace(inverted, efficiencies=(0.2, 0.6)))) == 2
    monkeypatch.setattr(Problem, "outcome", sometimes_wrong)
    assert len(solve(dataclasses.replace(inverted, efficiencies=(0.2, 0.5)))) == 2
    with pytest.raises(Unverified, match=r"efficiency 0\.6"):
        solve(dataclasses.replace(inverted, efficiencies=(0.2, 0.6)))


# what is no study


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "qutrit"}, r"kind: 'qutrit' is given; allowed: two_qubit"),
        ({"parameters": {"kapa_a": 0.3}}, r"parameter: 'kapa_a' is given; allowed: g, u"),
        ({"ranges": {"bath_b.gama": Range(0.1, 1)}}, r"parameter: 'bath_b.gama' is given"),
        ({"ranges": {"g": Range(0.1, 1, "inverse")}}, r"scale of g: 'inverse' is given"),
        ({"objective": "bell"}, r"objective: 'bell' is given; allowed: chsh"),
        ({"filters": ("c",)}, r"filter: 'c' is given; allowed: a, b"),
        ({"efficiencies": (0.5, 0.2)}, r"efficiencies: \(0.5, 0.2\) is given; allowed: ascending"),
        ({"efficiencies": (0.0, 0.2)}, r"efficiencies: \(0.0, 0.2\) is given; allowed: ascending"),
        ({"efficiencies": (1.5,)}, r"efficiencies: \(1.5,\) is given; allowed: ascending"),
        (
            {"filters": (), "efficiencies": (0.5,)},
            "efficiency: 0.5 cannot be met without a filter; allowed: 1",
        ),
        ({"projected": {"c": (1, 0)}}, r"filter: 'c' is given; allowed: a, b"),
        ({"projected": {"a": (1, 1.5)}}, r"projected.a: \(1, 1.5\) is given; allowed: numbers in"),
        ({"projected": {"a": (0, 0)}}, r"projected.a: \(0, 0\) is given; allowed: numbers in"),
        ({"sweep": Sweep("h", (1.0,))}, "parameter: 'h' is given; allowed: g, u"),
        ({"sweep": Sweep("u", ())}, r"sweep: \(\) is given; allowed: values"),
        (
            {"sweep": Sweep("bath_a.statistics", (1.0,))},
            "free: 'bath_a.statistics' is given; allowed: numbers, no integers",
        ),
        (
            {"sweep": Sweep("u", (1.0,)), "efficiencies": (0.2, 0.5)},
            r"efficiencies: \(0.2, 0.5\) is given; allowed: a single one along a sweep",
        ),
        ({"ties": {"E_a": "E_c"}}, "parameter: 'E_c' is given; allowed: g, u"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_is_no_study_is_refused(changes, message, inverted):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(inverted, **changes)


def test_a_fixed_filter_needs_an_entry_for_each_level(inverted):
    with pytest.raises(ValueError, match=r"filters\.a: 3 entries are given; allowed: 2"):
        _ = dataclasses.replace(inverted, projected={"a": (1, 1, 0)}).measure


@pytest.mark.parametrize("twice", [{"sweep": Sweep("g", (0.1, 0.2))}, {"ties": {"g": "E_a"}}])
def test_a_parameter_that_is_searched_has_no_other_value(twice, inverted):
    """Or what is reported of it would not be what the state is of."""
    with pytest.raises(ValueError, match=r"\bg\b"):
        dataclasses.replace(inverted, efficiencies=(0.5,), **twice)


# curves along a parameter, ties and fixed filters


def test_a_swept_study_is_at_each_value_the_study_with_that_value(inverted):
    """Of the gap of B, with a filter on B, at p = 0.3; at resonance alone nothing is detuned."""
    values = (1.0, 1.1, 1.5)
    along = dataclasses.replace(inverted, sweep=Sweep("E_b", values), efficiencies=(0.3,))
    assert along.levels == values
    place_of_all = np.array([0.6, 0.55, 0.8])
    for gap in values:
        one = dataclasses.replace(along, parameters={**along.parameters, "E_b": gap}, sweep=None)
        expected = verify(one, Optimum(0.3, place_of_all, 0.0, 1, 0))
        found = verify(along, Optimum(gap, place_of_all, 0.0, 1, 0))
        assert found.parameters == {"E_b": gap, **expected.parameters}
        assert found.efficiency == expected.efficiency == 0.3
        assert found.value == pytest.approx(expected.value, abs=1e-14)
        np.testing.assert_allclose(found.rho, expected.rho, rtol=0, atol=1e-13)


def test_a_fixed_filter_of_a_study_comes_before_its_free_one(inverted):
    """Both together are one filter, by explicit Kraus operators."""
    base = dataclasses.replace(inverted, projected={"a": (1.0, 0.6), "b": (0.5, 1.0)})
    point = verify(base, at(base, 0.1, [0.9], g=0.4, bath_b_gamma=2.0))
    rho = np.asarray(TwoQubit(0.4, Bath(1.0, temperature=-0.0), Bath(2.0, temperature=0.0)).state())
    assert point.filters.a == pytest.approx([1.0, 0.6], rel=1e-14)
    assert point.filters.b[0] <= 0.5
    kraus = np.kron(np.diag(point.filters.a), np.diag(point.filters.b))
    passed = kraus @ rho @ kraus
    assert np.trace(passed).real == pytest.approx(0.1, rel=1e-12)
    np.testing.assert_allclose(point.rho, passed / np.trace(passed), rtol=0, atol=1e-13)


def test_a_range_needs_a_known_scale():
    with pytest.raises(ValueError, match="scale 'logarithmic' is given; allowed: log, linear"):
        Range(1, 2, "logarithmic")


# the structure that is searched is the structure that is verified


@pytest.mark.parametrize("corner", [0.0, 1.0])
@pytest.mark.parametrize("statistics", ["fermion", "boson"])
def test_corners_of_the_space_are_verified_like_its_inside(statistics, corner):
    """u = 0, g = 0, T = inf of freed parameters: terms that vanish there are still terms."""
    base = two_qubits("singlet_fraction", "b", statistics=statistics)
    ranges = {"g": Range(0.0, 1.0), "bath_a.temperature": Range(0.05, INF, "inverse")}
    ranges["E_b"] = Range(1.0, 2.0)
    if statistics == "fermion":
        ranges["u"] = Range(0.0, 10.0)
    parameters = {k: v for k, v in base.parameters.items() if k != "u"} | {"bath_b.gamma": 0.7}
    base = dataclasses.replace(base, ranges=ranges, parameters=parameters)
    for efficiency in (1.0, 0.3):
        where = np.full(base.problem.size, corner)
        point = verify(base, Optimum(efficiency, where, 0.0, 1, 0))
        assert point.verified.residual < 1e-12


def test_a_fixed_infinite_temperature_of_bosons_is_taken_exactly():
    """Also inside the compiled search: the state is 1/2 of A times the ground state of B."""
    base = two_qubits("negativity", statistics="boson", temperature=INF)
    point = verify(base, at(base, 1.0, g=0.5, bath_b_gamma=2.0))
    assert point.rho == pytest.approx(np.diag([0.5, 0, 0.5, 0]), abs=1e-16)
    assert point.verified.trivial


def test_a_charge_may_not_be_searched_down_to_zero_where_qubits_tunnel(inverted):
    ranges = {**inverted.ranges, "u": Range(0.0, 1.0)}
    parameters = {k: v for k, v in inverted.parameters.items() if k != "u"}
    with pytest.raises(ValueError, match="u: the range starts at 0, where"):
        dataclasses.replace(inverted, ranges=ranges, parameters=parameters | {"kappa_a": 0.1})


@pytest.mark.parametrize("efficiency", [1e-1, 1e-3, 1e-4])
def test_the_concurrence_of_tunnelling_machines_survives_strong_filters(efficiency):
    base = two_qubits("concurrence", "ab", **INVERTED)
    base = dataclasses.replace(base, parameters=base.parameters | {"kappa_a": 0.3})
    for places in ([0.1, 0.9], [0.3, 0.3], [0.9, 0.2]):
        point = verify(base, at(base, efficiency, places, g=0.4, bath_b_gamma=2.0))
        assert point.verified.value == pytest.approx(point.value, abs=1e-10)
