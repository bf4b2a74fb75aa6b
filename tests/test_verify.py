"""The exact check: what is proven is accepted, and nothing else."""

import copy
import itertools
import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from jaxent import verify
from jaxent.certify import exact_certificate

hypothesis = pytest.importorskip("hypothesis")
st = hypothesis.strategies

FILE = Path(verify.__file__)


def certificate_of(seed, rank, m, party="a"):
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(4, rank)) + 1j * rng.normal(size=(4, rank))
    return exact_certificate(factor @ factor.conj().T / np.linalg.norm(factor) ** 2, m, party)


SINGLET = np.array([[0, 0, 0, 0], [0, 0.5, -0.5, 0], [0, -0.5, 0.5, 0], [0, 0, 0, 0]])


@pytest.fixture(scope="module")
def certificates():
    # Random states, and two with many zeros and axes that are exact.
    flip_flop = np.diag([0.1, 0.2, 0.6, 0.1]).astype(complex)
    flip_flop[1, 2], flip_flop[2, 1] = -0.3j, 0.3j
    return [
        certificate_of(0, 1, 3),
        certificate_of(1, 4, 2, "b"),
        exact_certificate(SINGLET, "orthogonal"),
        exact_certificate(flip_flop, "orthogonal", "b"),
    ]


def refused(certificate):
    with pytest.raises(verify.Refused) as reason:
        verify.check(certificate)
    message = str(reason.value)
    assert "\n" not in message
    assert len(message) < 300
    return message


# mutations


def places(value, path=()):
    """The paths to all values in a certificate."""
    yield path
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from places(entry, (*path, key))
    elif isinstance(value, list):
        for i, entry in enumerate(value):
            yield from places(entry, (*path, i))


def at(value, path):
    for step in path:
        value = value[step]
    return value


def mutants(value, rng):
    """What a value may be changed to; all are different from it."""
    if isinstance(value, dict):
        key = rng.choice(list(value))
        yield {k: v for k, v in value.items() if k != key}
        yield {**value, "further": value[key]}
        yield {(k + "_" if k == key else k): v for k, v in value.items()}
        yield list(value)
    elif isinstance(value, list):
        i, j = rng.randrange(len(value)), rng.randrange(len(value))
        yield value[:i] + value[i + 1 :]
        yield [*value, value[i]]
        yield [*value[:i], value[i], *value[i:]]
        if value[i] != value[j]:
            exchanged = list(value)
            exchanged[i], exchanged[j] = value[j], value[i]
            yield exchanged
        yield dict.fromkeys(map(str, value), 0)
    elif isinstance(value, str):
        i = rng.randrange(len(value))
        yield value[:i] + value[i + 1 :]
        yield value[:i] + chr(ord(value[i]) ^ 1) + value[i + 1 :]
        yield "-" + value
        yield value + "0"
        yield " " + value
        yield ""
    elif isinstance(value, float):
        yield np.nextafter(value, 2).item()
        yield np.nextafter(value, -2).item()
        yield value + 0.125
        yield 0.5 - value if value == 0 else -value
    else:
        yield value + 1
        yield value - 1
        yield value + rng.choice((-1, 1)) * 2 ** rng.randrange(1, 70)
        yield 2 * value + (value == 0)
        yield 1 - value if value == 0 else -value
        yield float(value)
    for foreign in (None, True, "1", [], {}, float("nan")):
        if not (isinstance(foreign, float) and isinstance(value, str)):
            yield foreign


def changed(value, path, mutant):
    """The value with another one at a path in it."""
    if not path:
        return mutant
    step, *rest = path
    copied = copy.copy(value)
    copied[step] = changed(value[step] if rest else None, rest, mutant)
    return copied


def all_mutants(certificate, rng):
    for path in places(certificate):
        for mutant in mutants(at(certificate, path), rng):
            yield path, changed(certificate, path, mutant)


def accepted(certificate):
    try:
        verify.check(json.dumps(certificate))
    except verify.Refused:
        return False
    return True


def test_every_single_change_is_refused(certificates):
    rng = random.Random(0)
    tried = 0
    for certificate in certificates:
        assert accepted(certificate)
        for path, mutant in all_mutants(certificate, rng):
            assert not accepted(mutant), path
            tried += 1
    assert tried > 3000


def test_without_the_digest_only_another_proof_of_the_same_is_accepted(certificates, monkeypatch):
    monkeypatch.setattr(verify, "_digest", lambda inequality, model: "any")
    rng = random.Random(1)
    refused_elsewhere = tried = let_pass = 0
    for certificate in certificates:
        unsigned = {**certificate, "digest": "any"}
        assert accepted(unsigned)
        for path, mutant in itertools.islice(all_mutants(unsigned, rng), 0, None, 3):
            tried += 1
            evidence = bool(path) and path[0] in ("inequality", "model")
            if accepted(mutant):
                let_pass += 1
                assert evidence, path
            elif not evidence:
                refused_elsewhere += 1
    # By mathematics alone.
    assert refused_elsewhere >= 1000
    assert let_pass < tried / 100


@pytest.mark.parametrize("seed", range(4))
def test_changes_to_a_large_certificate_are_refused(seed):
    certificate = certificate_of(seed, seed + 1, "dodecahedron", "ab"[seed % 2])
    rng = random.Random(seed)
    everywhere = list(places(certificate))
    for path in rng.sample(everywhere, 40):
        mutant = rng.choice(list(mutants(at(certificate, path), rng)))
        refused(json.dumps(changed(certificate, path, mutant)))


def test_true_but_weaker_claims_are_refused(certificates):
    for certificate in certificates:
        for key in ("q_lower", "given_q_lower", "q_upper", "given_q_upper"):
            claim = verify.Fraction(certificate[key])
            weaker = claim - 1 if "lower" in key else claim + 1
            message = refused({**certificate, key: str(weaker)})
            assert message.startswith(f"{key}: ")
        claim = verify.Fraction(certificate["q_lower"])
        unreduced = f"{2 * claim.numerator}/{2 * claim.denominator}"
        assert refused({**certificate, "q_lower": unreduced}).startswith("q_lower: ")
        assert refused({**certificate, "verdict": "undetermined"}).startswith("verdict: ")


def test_a_certificate_of_one_state_does_not_serve_another(certificates):
    keys = ("state", "inequality", "model", "axes", "measuring", "given_state", "wanted_axes")
    first, _, second, third = certificates
    for key in keys:
        for one, other in ((first, third), (third, first), (second, third), (third, second)):
            if one[key] != other[key]:
                refused({**one, key: other[key]})


# reasons


def edit(path, mutant):
    return lambda certificate: changed(certificate, path, mutant)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (edit(("format",), "another"), "format: 'another' is given; 'jaxent steering cert"),
        (edit(("version",), 2), "version: 2 is given; 1 follows"),
        (edit(("version",), True), "version: True is given"),
        (edit(("measuring",), "c"), "measuring: 'c', not 'a' or 'b'"),
        (edit(("measuring",), ["a"]), "measuring: ['a'], not"),
        (edit(("axes",), []), "axes: not a list of 1 to 12 axes"),
        (edit(("axes",), [[1, 0, 0, 1]] * 13), "axes: not a list of 1 to 12 axes"),
        (edit(("axes", 1), [1, 1, 0, 1]), "axes[1]: its length is not one"),
        (edit(("axes", 1), [0, 2, 0, 2]), "axes[1]: not in lowest terms"),
        (edit(("axes", 1), [0, 1, 0, -1]), "axes[1]: not in lowest terms with a positive"),
        (edit(("axes", 1), [0, 0, 0, 0]), "axes[1]: not in lowest terms"),
        (edit(("axes", 1, 0), 0.0), "axes[1][0]: not a whole number"),
        (edit(("axes", 1, 0), False), "axes[1][0]: not a whole number"),
        (edit(("state", "denominator"), 0), "state.denominator: not a positive whole number"),
        (edit(("state", "denominator"), -2), "state.denominator: not a positive"),
        (edit(("state", "denominator"), 3), "state: its trace is not one"),
        (edit(("state", "re", 0, 1), 1), "state: not Hermitian"),
        (edit(("state", "im", 0, 0), 1), "state: not Hermitian"),
        (edit(("state", "re", 1, 2), 1.0), "state.re[1][2]: not a whole number"),
        (
            edit(("state",), {"denominator": 2, "re": np.diag([3, -1, 0, 0]).tolist(), "im": []}),
            "state.im: not a list of 4 rows",
        ),
        (
            edit(
                ("state",),
                {
                    "denominator": 2,
                    "re": np.diag([3, -1, 0, 0]).tolist(),
                    "im": np.zeros((4, 4), int).tolist(),
                },
            ),
            "state: not positive semidefinite",
        ),
        (
            edit(
                ("state",),
                {
                    "denominator": 4,
                    "re": np.eye(4, dtype=int).tolist(),
                    "im": np.zeros((4, 4), int).tolist(),
                },
            ),
            "inequality: no amount of the state violates it",
        ),
        (edit(("inequality", 0, 0), 1), "inequality: a deterministic strategy violates it"),
        (edit(("inequality",), [[0] * 4] * 4), "inequality: not in lowest terms"),
        (edit(("inequality",), [[1] * 4] * 3), "inequality: not a list of 4 rows"),
        (edit(("model", "visibility"), 0), "model.visibility: not a positive"),
        (edit(("model", "hidden_states", 3, 0), -1), "model.hidden_states[3]: not positive"),
        (edit(("model", "hidden_states", 3, 0), 0), "model.hidden_states[3]: not positive"),
        (edit(("model", "hidden_states", 3), [1, 0, 0]), "hidden_states[3]: not a row of 4"),
        (edit(("given_state", "re", 0, 0), 0), "given_state.re[0][0]: not a decimal number"),
        (edit(("given_state", "re", 0, 0), 9e9), "given_state: so far from the state"),
        (edit(("given_state", "re", 0, 0), -0.0), "certificate: the number '-0.0'"),
        (edit(("given_state", "re", 0, 0), float("nan")), "certificate: NaN is no number"),
        (edit(("wanted_axes", 0, 0), float("inf")), "certificate: Infinity is no number"),
        (edit(("axes", 0, 0), 10**64), "certificate: the number '1000"),
        (edit(("q_lower",), 0), "q_lower: 0 is given; '"),
        (edit(("statement",), "It is steerable."), "statement: 'It is steerable.' is given"),
        (edit(("statement",), "\n\ud800" * 500), "statement: '\\n\\ud800"),
        (edit(("digest",), "0" * 64), "digest: '000"),
        (edit(("more",), 1), "certificate: 'more' is unknown"),
        (edit((), {}), "certificate: 'format' is missing"),
        (edit((), []), "certificate: not a JSON object"),
    ],
)
def test_reasons_are_told_in_one_line(change, reason, certificates):
    altered = change(certificates[2])
    message = refused(altered if isinstance(altered, dict) else json.dumps(altered))
    assert reason in message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "certificate: not JSON"),
        ("{", "certificate: not JSON"),
        ("null", "certificate: not a JSON object"),
        (b"\xff\xfe", "certificate: not JSON"),
        ("\ud800", "certificate: not JSON"),
        ("\ufeff{}", "certificate: not JSON"),
        ("[" * 200_000, "certificate: nested too deeply"),
        ('{"a":' * 100_000, "certificate: nested too deeply"),
        ('{"format": 1, "format": 2}', "certificate: a key is given twice"),
        ('{"model": {"a": 1, "a": 1}}', "certificate: a key is given twice"),
        ("[-0]", "certificate: the number '-0'"),
        ("[" + "9" * 5000 + "]", "certificate: the number"),
        ("[1e999999999]", "certificate: the number"),
        ("[1e-401]", "certificate: the number"),
        ("[0." + "0" * 70 + "1]", "certificate: the number"),
        (" " * verify.MAX_BYTES + "{}", "certificate: more than 1048576 bytes"),
        (b" " * verify.MAX_BYTES + b"{}", "certificate: more than 1048576 bytes"),
        ({1: 2}, "certificate: 'format' is missing"),
        ({(): 2}, "certificate: not JSON"),
        ({"format": object()}, "certificate: not JSON"),
        (3, "certificate: not JSON"),
        (None, "certificate: not JSON"),
    ],
    ids=lambda x: str(x)[:30],
)
def test_what_is_no_certificate_is_refused(text, reason):
    assert reason in refused(text)


def test_a_circle_is_refused():
    circle = {}
    circle["format"] = circle
    assert "certificate: " in refused(circle)


# anything at all

NUMBERS = st.integers() | st.floats() | st.booleans() | st.none() | st.text(max_size=5)
JSON = st.recursive(
    NUMBERS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=30,
)


@hypothesis.given(st.binary() | st.text() | JSON.map(json.dumps))
@hypothesis.settings(max_examples=200)
def test_nothing_else_than_a_refusal_comes_of_bytes(content):
    refused(content)


@pytest.fixture(scope="module")
def small(certificates):
    return certificates[2]


@hypothesis.given(st.data())
@hypothesis.settings(max_examples=200)
def test_nothing_else_than_a_refusal_comes_of_a_certificate_with_other_content(small, data):
    path = data.draw(st.sampled_from(list(places(small))))
    value = at(small, path)
    content = data.draw(JSON.filter(lambda x: type(x) is not type(value) or x != value))
    refused(json.dumps(changed(small, path, content)))


@hypothesis.given(st.integers(0, 10**6), st.binary(max_size=3), st.integers(0, 3))
@hypothesis.settings(max_examples=200)
def test_a_torn_file_is_refused(small, place, inserted, dropped):
    text = json.dumps(small).encode()
    place %= len(text)
    torn = text[:place] + inserted + text[place + dropped :]
    try:
        same = json.loads(torn) == small
    except ValueError:
        same = False
    if not same:
        refused(torn)


# mathematics


def test_the_elementary_polynomials_are_those_of_the_eigenvalues():
    rng = np.random.default_rng(0)
    for rank in (1, 3, 5):
        factor = rng.integers(-9, 9, size=(5, rank))
        matrix = factor @ factor.T
        found = list(verify._elementary(matrix.tolist()))
        np.testing.assert_allclose(found, np.poly(-matrix)[1:], rtol=1e-6, atol=1e-3)
        assert all(e == 0 for e in found[rank:])
        assert min(verify._elementary((matrix - 400 * np.eye(5, dtype=int)).tolist())) < 0


def test_the_correlations_are_traces_with_pauli_matrices():
    rng = np.random.default_rng(1)
    re, im = rng.integers(-99, 99, size=(2, 4, 4))
    re, im = re + re.T, im - im.T
    pauli = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    expected = [
        [np.trace((re + 1j * im) @ np.kron(pauli[i], pauli[j])).real for j in range(4)]
        for i in range(4)
    ]
    assert verify._correlations(re.tolist(), im.tolist()) == expected


# by itself


def run(*arguments):
    command = [sys.executable, "-I", str(FILE), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_file_runs_by_itself(tmp_path, small):
    path = tmp_path / "cert.json"
    path.write_text(json.dumps(small))
    outcome = run(path)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert outcome.stdout == small["statement"] + "\n"
    path.write_text(json.dumps({**small, "verdict": "unsteerable"}))
    outcome = run(path)
    assert (outcome.returncode, outcome.stdout) == (1, "")
    assert outcome.stderr.startswith("refused: verdict: 'unsteerable' is given")
    assert run().returncode == run(path, path).returncode == run(tmp_path / "none").returncode == 2


def test_the_file_imports_the_standard_library_alone():
    program = (
        f"import runpy, sys; before = set(sys.modules); runpy.run_path({str(FILE)!r}); "
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before}"
        " - sys.stdlib_module_names)"
    )
    outcome = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True)
    assert (outcome.stdout, outcome.stderr) == ("\n", "")
