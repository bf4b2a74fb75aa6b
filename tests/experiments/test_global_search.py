"""The check by other means is itself checked: its closed form, its known optima, its command."""

import itertools
import json
from pathlib import Path

import closed_form
import global_search
import numpy as np
import pytest
import study_space
from global_search import best, threshold

FOLDER = Path(__file__).resolve().parents[2] / "experiments" / "brask2022"

INF = float("inf")


# the closed form against the master equation


def occupation(statistics, energy, beta):
    """n of brask2022 Sec. II, limits by hand."""
    if np.isinf(energy) and beta == 0:
        return 0.0
    exponent = np.exp(np.clip(beta * energy, -800, 700))
    return 1 / (exponent + 1) if statistics == "fermion" else 1 / (exponent - 1)


def steady_state_16(g, u, baths):
    """The null vector of the whole Liouvillian, ρ ↦ vec(ρ) by rows."""
    ground, up = np.diag([1.0, 0.0]), np.array([[0.0, 0.0], [1.0, 0.0]])
    excited, one = np.diag([0.0, 1.0]), np.eye(2)
    flip = np.kron(up.T, up)
    hamiltonian = g * (flip + flip.T) + np.diag([0, 1, 1, 2 + (u if np.isfinite(u) else 0)])
    liouvillian = -1j * (np.kron(hamiltonian, np.eye(4)) - np.kron(np.eye(4), hamiltonian.T))
    jumps = {
        (0, "A"): np.kron(up, ground),
        (1, "A"): np.kron(up, excited),
        (0, "B"): np.kron(ground, up),
        (1, "B"): np.kron(excited, up),
    }
    if u == 0:
        jumps = {(0, "A"): np.kron(up, one), (0, "B"): np.kron(one, up)}
    for (charged, party), jump in jumps.items():
        statistics, gamma, beta = baths[party]
        n = occupation(statistics, 1 + u if charged else 1.0, beta)
        down = 1 + n if statistics == "boson" else 1 - n
        for rate, operator in ((gamma * n, jump), (gamma * down, jump.T)):
            absorbed = operator.T @ operator
            liouvillian = liouvillian + rate * (
                np.kron(operator, operator)
                - 0.5 * (np.kron(absorbed, np.eye(4)) + np.kron(np.eye(4), absorbed.T))
            )
    rho = np.linalg.svd(liouvillian)[2][-1].conj().reshape(4, 4)
    return rho / np.trace(rho)


BETAS = (0.3, 3.0, INF)
CASES = [
    *((s, 0.0, a, b) for s, a, b in itertools.product(("boson",), BETAS, BETAS)),
    *(
        ("fermion", u, a, b)
        for u, a, b in itertools.product(
            (0.0, 0.7, 20.0, INF), (-INF, -2.0, 0.0, 0.5, INF), (-0.4, 0.0, 1.0, INF)
        )
    ),
]


@pytest.mark.parametrize(("statistics", "u", "beta_a", "beta_b"), CASES)
def test_the_closed_form_solves_the_master_equation(statistics, u, beta_a, beta_b):
    rng = np.random.default_rng(CASES.index((statistics, u, beta_a, beta_b)))
    for g, gamma_a, gamma_b in np.exp(rng.uniform(-2, 2, (4, 3))):
        rho = steady_state_16(
            g, u, {"A": (statistics, gamma_a, beta_a), "B": (statistics, gamma_b, beta_b)}
        )
        state = closed_form.steady_state(
            g,
            closed_form.rates(statistics, gamma_a, beta_a, u),
            closed_form.rates(statistics, gamma_b, beta_b, u),
        )
        expected = np.diag(state[:4]).astype(complex)
        expected[1, 2], expected[2, 1] = 1j * state.coherence, -1j * state.coherence
        np.testing.assert_allclose(rho, expected, rtol=0, atol=1e-12)


def test_an_infinitely_hot_bosonic_bath_leaves_a_product_state():
    # Bath A is infinitely fast, so that qubit B sees its own bath alone: n_B/(1+2n_B) excited.
    hot = closed_form.rates("boson", 1.0, 0.0)
    state = closed_form.steady_state(0.5, hot, closed_form.rates("boson", 2.0, 1.0))
    excited = 1 / (1 + np.e)
    assert np.allclose(state, (0.5 - excited / 2, excited / 2) * 2 + (0,), rtol=1e-14, atol=1e-30)


def test_the_inverted_machine_is_the_papers():
    # brask2022 (20)
    g, a, b = 0.3, 1.0, 1.7
    state = closed_form.steady_state(
        g, closed_form.rates("fermion", a, -INF, INF), closed_form.rates("fermion", b, INF, INF)
    )
    t, four = a + b, 4 * g**2
    weights = np.array([four * b**2, four * a * b, a * b * (four + t**2), four * a**2])
    total = t**2 * (four + a * b)
    assert np.allclose(state[:4], weights / total, rtol=1e-14)
    assert np.isclose(abs(state.coherence), 2 * t * g * a * b / total, rtol=1e-14)


def random_states(count=200):
    rng = np.random.default_rng(3)
    p = rng.dirichlet(np.ones(4) / 2, count).T
    return closed_form.XState(*p, np.sqrt(p[1] * p[2]) * rng.random(count))


def test_measures_follow_their_definitions():
    states = random_states()
    paulis = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    bell = np.array([[0, 1, -1, 0], [0, 1, 1, 0], [1, 0, 0, 1], [1, 0, 0, -1]]) / np.sqrt(2)
    flip = np.kron(paulis[1], paulis[1])
    for index, (p00, p01, p10, p11, c) in enumerate(np.transpose(states)):
        rho = np.diag([p00, p01, p10, p11]).astype(complex)
        rho[1, 2] = rho[2, 1] = -c
        correlations = [[np.trace(rho @ np.kron(i, j)).real for j in paulis] for i in paulis]
        two_largest = np.sort(np.linalg.svd(correlations)[1])[1:]
        assert np.isclose(closed_form.chsh(states)[index], 2 * np.hypot(*two_largest))
        overlaps = np.einsum("ki,ij,kj->k", bell, rho, bell).real
        assert np.isclose(closed_form.singlet_fraction(states)[index], overlaps.max())
        roots = np.sort(np.sqrt(np.abs(np.linalg.eigvals(rho @ flip @ rho.conj() @ flip))))
        concurrence = max(0.0, roots[3] - roots[:3].sum())
        assert np.isclose(max(closed_form.signed_concurrence(states)[index], 0), concurrence)
        transposed = rho.reshape(2, 2, 2, 2).transpose(0, 3, 2, 1).reshape(4, 4)
        smallest = np.linalg.eigvalsh(transposed)[0]
        assert np.isclose(max(closed_form.signed_negativity(states)[index], 0), max(-smallest, 0))


def test_the_violation_ratios_say_where_the_classical_bound_is_exceeded():
    states = random_states(2000)
    assert np.all((closed_form.chsh_violation(states) > 1) == (closed_form.chsh(states) > 2))
    teleports = closed_form.singlet_fraction(states) > 0.5
    odd = states.p01 + states.p10 > 0.5
    assert np.all((closed_form.singlet_violation(states) > 1) == (teleports & odd))


# optima


def study(objective, *filters, statistics="fermion", temperature=None, u=INF, bounded=False):
    free = {
        "g": {"low": 1e-4, "high": 1e2, "scale": "log"},
        "bath_b.gamma": {"low": 1e-2, "high": 1e2, "scale": "log"},
    }
    if temperature is None:
        free["bath_a.temperature"] = {"low": 0.05, "high": INF}
    hot = {"statistics": statistics, "gamma": 1, "temperature": temperature or -0.0}
    cold = {"statistics": statistics, "gamma": 1, "temperature": 0}
    return {
        "machine": {"kind": "two_qubit", "u": u, "bath_a": hot, "bath_b": cold},
        "free": free | {f"filters.{k}": {} for k in filters},
        "objective": objective,
        "constraints": ["g <= bath_a.gamma", "g <= bath_b.gamma"] if bounded else [],
    }


def test_inversion_gives_the_papers_singlet_fraction():
    # brask2022 Sec. V A: (3+√5)/8 at γA = γB, g = (√5-1)/4 γB
    found = best(study("singlet_fraction", temperature=-0.0), 1.0)
    assert found.value == pytest.approx((3 + np.sqrt(5)) / 8, abs=1e-12)
    assert found.parameters["bath_b.gamma"] == pytest.approx(1, abs=1e-5)
    assert found.parameters["g"] == pytest.approx((np.sqrt(5) - 1) / 4, abs=1e-5)


@pytest.mark.parametrize("objective", ["chsh", "singlet_fraction"])
@pytest.mark.parametrize(
    "machine",
    [{"statistics": "boson", "u": 0.0}, {"u": 0.0}, {"u": INF}],
    ids=["bosons", "fermions", "charged fermions"],
)
def test_without_filters_nothing_beats_the_classical_bound(objective, machine):
    # brask2022 App. A, B and Sec. IV B
    bound = global_search.OBJECTIVES[objective][1]
    found = best(study(objective, **machine), 1.0, restarts=2)
    assert found.value <= bound + 1e-12


def test_inversion_alone_does_not_violate_chsh():
    # brask2022 Sec. V B
    assert best(study("chsh", temperature=-0.0), 1.0).value <= 2 + 1e-12


def test_inversion_approaches_a_singlet_as_the_efficiency_vanishes():
    # brask2022 Sec. VI B, where the filter is on B alone
    values = [best(study("chsh", "b", temperature=-0.0), p).value for p in (1e-2, 1e-3, 1e-4)]
    assert values == sorted(values)
    assert 0 < 2 * np.sqrt(2) - values[-1] < 0.03


def test_more_filters_never_hurt_and_an_efficiency_asked_for_is_delivered():
    values = [
        best(study("chsh", *filters, temperature=-0.0), 0.2).value
        for filters in ("", "a", "b", "ab")
    ]
    assert values[0] <= 2 < min(values[1], values[2]) <= values[3]


@pytest.mark.parametrize("filters", ["a", "b", "ab"])
def test_an_optimum_can_be_rebuilt_from_what_is_reported(filters):
    problem = study("singlet_fraction", *filters, bounded=True)
    found = best(problem, 0.3)
    beta = closed_form.inverse_temperature(found.parameters["bath_a.temperature"])
    g, gamma = found.parameters["g"], found.parameters["bath_b.gamma"]
    rho = steady_state_16(g, INF, {"A": ("fermion", 1, beta), "B": ("fermion", gamma, INF)})
    entries = [np.diag(found.filters.get(k, (1, 1))) for k in "ab"]
    assert all(0 <= e <= 1 for entry in entries for e in np.diag(entry))
    kraus = np.kron(*entries)
    heralded = kraus @ rho @ kraus
    assert np.trace(heralded).real >= 0.3 - 1e-12
    overlap = (abs(heralded[1, 2]) + (heralded[1, 1] + heralded[2, 2]).real / 2).real
    assert found.value == pytest.approx(overlap / np.trace(heralded).real, abs=1e-12)
    assert g <= min(1, gamma)


def test_of_a_given_state_the_best_filters_are_the_known_ones():
    # The largest concurrence of a filtered X state: 2 (|α| - √(p00 p11)) scales with the product
    # of all entries, the trace is least where p00 = p11 and p01 = p10 after filtering.
    problem = study("concurrence", "a", "b", temperature=2.0, u=0.0)
    problem["machine"]["g"], problem["machine"]["bath_b"]["gamma"] = 0.4, 3.0
    problem["free"] = {"filters.a": {}, "filters.b": {}}
    cold, hot = closed_form.rates("fermion", 3.0, INF), closed_form.rates("fermion", 1.0, 0.5)
    p00, p01, p10, p11, y = closed_form.steady_state(0.4, hot, cold)
    even, odd = np.sqrt(p00 * p11), np.sqrt(p01 * p10)
    assert best(problem, 1e-9).value == pytest.approx((abs(y) - even) / (even + odd), abs=1e-9)


def test_two_seeds_agree():
    problem = study("chsh", "a", "b")
    assert best(problem, 0.02, 1).value == pytest.approx(best(problem, 0.02, 2).value, abs=1e-9)


@pytest.mark.parametrize(
    ("objective", "filters", "machine"),
    [
        ("chsh", "b", {"temperature": -0.0}),
        ("chsh", "a", {"temperature": -0.0}),
        ("chsh", "ab", {}),
        ("singlet_fraction", "ab", {"statistics": "boson", "u": 0.0, "bounded": True}),
    ],
    ids=str,
)
def test_the_inverse_problem_inverts_the_direct_one(objective, filters, machine):
    problem, margin = study(objective, *filters, **machine), 1e-2
    at = threshold(problem, margin).value
    bound = global_search.OBJECTIVES[objective][1]
    assert 0 < at < 1
    assert best(problem, at).value == pytest.approx(bound + margin, abs=1e-7)


def test_what_no_filter_can_do_has_threshold_zero():
    assert threshold(study("chsh", "b", temperature=-0.0), 0.83).value == 0


# study files

FILE = """
machine: {kind: two_qubit, u: .inf, bath_a: {statistics: fermion, gamma: 1, temperature: -0.0},
          bath_b: {statistics: fermion, gamma: 1, temperature: 0}}
free:
  g: {low: 1e-4, high: 1e2, scale: log}
  bath_b.gamma: {low: 1e-2, high: 1e2, scale: log}
  filters.a: {}
  filters.b: {}
objective: chsh
efficiency: {from: 0.1, to: 0.2, points: 3, scale: linear}
constraints: [g <= bath_a.gamma, g <= bath_b.gamma]
variants:
  filter on B: {free: {filters.a: null}}
  colder: {machine: {bath_a: {temperature: -2}}, efficiency: {values: [0.05]}, constraints: []}
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_variants_merge_delete_and_replace(file):
    named = study_space.variants(study_space.load(file))
    only_b, colder = named["filter on B"], named["colder"]
    assert study_space.space_of(only_b).filters == ("b",)
    assert study_space.space_of(only_b).fixed["bath_a.temperature"] == -INF
    assert study_space.space_of(colder).fixed["bath_a.temperature"] == -0.5
    assert study_space.space_of(colder).ceilings == []
    assert list(study_space.efficiencies(only_b)) == pytest.approx([0.1, 0.15, 0.2])
    assert only_b["free"]["g"]["low"] == 1e-4


def test_a_freed_occupation_or_negative_temperature_stays_in_its_box():
    problem = study("chsh", "b")
    problem["free"]["bath_a.temperature"] = {"low": -1, "high": -0.0}
    found = best(problem, 0.2, restarts=2)
    assert found.parameters["bath_a.temperature"] == 0
    assert np.signbit(found.parameters["bath_a.temperature"])
    del problem["free"]["bath_a.temperature"]
    problem["free"]["bath_a.occupation"] = {"low": 0.6, "high": 1.0}
    assert best(problem, 0.2, restarts=2).parameters["bath_a.occupation"] == 1


@pytest.mark.parametrize(
    "change",
    [
        {"constraints": ["g >= bath_a.gamma"]},
        {"machine": {"kind": "qudit_reset"}},
        {"machine": {"E_a": 2}},
        {"constraints": ["g <= 1e-5 * bath_a.gamma"]},
        {"free": {"g": {"low": 0}}},
    ],
    ids=str,
)
def test_what_the_check_does_not_cover_is_refused(change):
    with pytest.raises(ValueError, match=r"\w+"):
        study_space.space_of(study_space.merged(study("chsh", "b"), change))


def test_the_command_compares_with_a_run(file, tmp_path, capsys):
    named = study_space.variants(study_space.load(file))
    points = [
        {
            "variant": "filter on B",
            "efficiency": 0.2,
            "value": best(named["filter on B"], 0.2).value,
        },
        {"variant": "colder", "efficiency": 0.05, "value": best(named["colder"], 0.05).value},
    ]
    summary = tmp_path / "summary.json"
    summary.write_text(json.dumps({"points": points}), encoding="utf-8")
    assert global_search.main([str(file), "--against", str(tmp_path)]) == 0
    points[0]["value"] += 1e-5
    summary.write_text(json.dumps({"points": points}), encoding="utf-8")
    assert global_search.main([str(file), "--against", str(tmp_path)]) == 1
    assert "1 differ" in capsys.readouterr().out
    assert global_search.main([str(file), "--variant", "colder", "--threshold", "1e-3"]) == 0
    assert "threshold 0." in capsys.readouterr().out
