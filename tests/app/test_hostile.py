"""Files from strangers: whatever they hold, a reader takes them or says in one line why not."""

import json
import math
import os
import pickle
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from jaxent import verify
from jaxent.app.config import load_state, load_study_file
from jaxent.app.constraints import parse_constraint
from jaxent.app.errors import InputError, as_input_errors, show
from jaxent.app.folders import read_json
from jaxent.app.runs import different
from jaxent.app.state_files import two_qubit_states
from jaxent.certify.assemblage import density_matrix
from tests.app.conftest import STATE, STUDY

hypothesis = pytest.importorskip("hypothesis")
st = hypothesis.strategies

# How many inputs each reader is given; with a number of one's own, others every time.
INPUTS = int(os.environ.get("JAXENT_FUZZ", "0"))
LONGEST = 5.0  # seconds of the processor for one input

several = hypothesis.settings(
    max_examples=INPUTS or 150,
    derandomize=not INPUTS,
    suppress_health_check=list(hypothesis.HealthCheck),
)


class Raw(str):
    """A piece of a file as it stands there."""


def written(value, nan=".nan", infinity=".inf"):
    """A value as YAML, or with other words as JSON."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        entries = (f"{written(k)}: {written(v, nan, infinity)}" for k, v in value.items())
        return "{" + ", ".join(entries) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(written(entry, nan, infinity) for entry in value) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return nan if math.isnan(value) else f"{'-' * (value < 0)}{infinity}"
    return json.dumps(value)


NUMBERS = (
    st.integers(-3, 40)
    | st.floats()
    | st.sampled_from([10**308, -(10**309), 10**400, 10**4000, 2**63, 1e308, 5e-324, -0.0])
)
WORDS = st.text(max_size=5) | st.sampled_from(
    [
        *("", "\0", "\x1b[2J", "\u202e", "\ud800", "a" * 3000, "__class__", "..", "a.b.c.d.e.f"),
        *("g", "bath_a.gamma", "g <= bath_a.gamma", "g*g*g <= 0", "__import__('os')", "kind"),
        *("two_qubit", "parity_qubits", "cavity_qubits", "qudit_reset", "filters", "free", "rho"),
        *("chsh", "steering", "boson", "fermion", ".inf", "nan", "points", "sweep", "variants"),
    ]
)
PIECES = st.sampled_from(
    [
        *("&a [1]", "*a", "<<: 1", "!!python/object/apply:os.system ['true']", "!!float x", "!x y"),
        *("1e999", "1e-999", "9" * 5000, "-" * 9, "[" * 30, "]", "{", "? ", "'", '"', "NaN", "# "),
        *("Infinity", "-Infinity", "\t", "\n", "---", "...", "%YAML 9.9\n---", "0x1", "1_0", "~"),
    ]
).map(Raw)
VALUES = st.recursive(
    NUMBERS | WORDS | PIECES | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


def places(value, path=()):
    yield path
    entries = value.items() if isinstance(value, dict) else ()
    for key, entry in enumerate(value) if isinstance(value, list) else entries:
        yield from places(entry, (*path, key))


def changed(value, path, change):
    """A copy with one entry changed; ``change`` returns the new ones in its place."""
    key, *rest = path
    inside = (lambda entry: [changed(entry, rest, change)]) if rest else change
    if isinstance(value, list):
        return [*value[:key], *inside(value[key]), *value[key + 1 :]]
    found = {}
    for name, entry in value.items():
        if name != key:
            found[name] = entry
            continue
        new = inside(entry)
        # Raw keys are unlike others, so that a key can be there twice.
        names = [name, Raw(json.dumps(name)), Raw(json.dumps(f"{name}x"))]
        found.update(zip(names, new, strict=False))
    return found


@st.composite
def like(draw, *valid):
    """A valid file with some of its entries changed, and perhaps some of its bytes."""
    value = draw(st.sampled_from(valid))
    json_words = draw(st.booleans())
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(places(value))))
        if not path:
            continue
        kind = draw(st.sampled_from(["replace", "remove", "repeat", "wrap", "nudge"]))
        new = draw(VALUES)
        changes = {
            "replace": lambda entry, new=new: [new],
            "remove": lambda entry: [],
            "repeat": lambda entry: [entry, entry],
            "wrap": lambda entry: [[entry]],
            "nudge": lambda entry: [entry * 2 if isinstance(entry, (int, float)) else {"a": entry}],
        }
        value = changed(value, path, changes[kind])
    words = ("NaN", "Infinity") if json_words else (".nan", ".inf")
    text = written(value, *words).encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 3)) == 0:
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(st.binary(max_size=3)) + text[place + draw(st.integers(0, 3)) :]
    return text


def anything(*valid):
    return like(*valid) | st.binary(max_size=200)


def taken_or_told(read, content, folder, name):
    """Whatever a reader makes of a file, unless it is told in one line what is wrong."""
    alone = folder / f"of {name}"
    alone.mkdir(exist_ok=True)
    path = alone / name
    path.write_bytes(content)
    began = time.process_time()
    try:
        return read(path)
    except InputError as error:
        told = str(error)
        assert told, content
        assert told.isprintable(), content
        return None
    finally:
        assert time.process_time() - began < LONGEST, content
        assert [found.name for found in alone.iterdir()] == [name]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile")


VARIANTS = STUDY | {
    "title": "A title",
    "measurements": 3,
    "certify": {"steering": 2},
    "variants": {"one": {}, "other": {"filters": {"a": [0.5, 1]}, "search": {"starts": 1}}},
}
QUTRITS = {
    "machine": {
        "kind": "qudit_reset",
        "g": [0.1, 0.2],
        "p_a": 0.1,
        "p_b": "p_a",
        "temperature_a": math.inf,
    },
    "free": {"g": [{"low": 0.1, "high": 1, "scale": "log"}, 0.1]},
    "sweep": {"temperature_b": {"from": 0.1, "to": 2, "points": 3, "scale": "log"}},
    "objective": "negativity",
    "filters": {"b": [0, 1, 1]},
    "constraints": ["2*g[0] <= p_a", "1e-3 <= p_b"],
}


@several
@hypothesis.given(content=anything(STUDY, VARIANTS, QUTRITS))
def test_a_study_is_taken_or_told(content, folder):
    found = taken_or_told(load_study_file, content, folder, "study.yaml")
    assert found is None or found.studies


FILTERED = STATE | {"filters": {"a": [1, 0.5], "b.0": 1}}


@several
@hypothesis.example(
    content=written({"machine": QUTRITS["machine"] | {"g": [10**305, 1]}}).encode(), override=None
)
@hypothesis.given(
    content=anything(STATE, FILTERED, {"machine": QUTRITS["machine"]}),
    override=st.none() | WORDS | st.builds("{}={}".format, WORDS, VALUES.map(written)),
)
def test_a_state_file_is_taken_or_told(content, override, folder):
    overrides = () if override is None else (override,)
    taken_or_told(lambda path: load_state(path, overrides), content, folder, "state.yaml")


SINGLET = {
    "re": [[0, 0, 0, 0], [0, 0.5, -0.5, 0], [0, -0.5, 0.5, 0], [0, 0, 0, 0]],
    "im": [[0] * 4] * 4,
}
POINT = {"variant": "both", "efficiency": 0.1, "parameters": {"g": 1.0}, "rho": SINGLET}


@several
@hypothesis.given(
    content=anything({"rho": SINGLET}, {"sweep": "g", "points": [POINT, POINT]}, POINT),
    lines=st.booleans(),
)
def test_states_in_json_are_taken_or_told(content, lines, folder):
    def read(path):
        for name, rho in two_qubit_states(path):
            assert name.isprintable()
            # What is demanded of a state is told as well; its certificate is another test's.
            with as_input_errors():
                density_matrix(rho)

    content = content + b"\n" + content if lines else content
    taken_or_told(read, content, folder, "rho.json")


@several
@hypothesis.given(content=anything({"config": STUDY, "points": [POINT]}))
def test_a_summary_of_another_run_never_passes_for_ones_own(content, folder, study_of_summaries):
    def read(path):
        found = read_json(path)
        assert different(found, study_of_summaries)

    taken_or_told(read, content, folder, "summary.json")


@pytest.fixture(scope="module")
def study_of_summaries(tmp_path_factory):
    path = tmp_path_factory.mktemp("own") / "study.yaml"
    path.write_text(written(STUDY))
    return load_study_file(path)


@pytest.fixture(scope="module")
def certificate():
    from jaxent.certify import exact_certificate

    return exact_certificate([[complex(x) for x in row] for row in SINGLET["re"]], 2, "a")


@several
@hypothesis.given(data=st.data())
def test_a_certificate_is_taken_or_told(data, certificate, folder):
    content = data.draw(anything(certificate))

    def read(path):
        try:
            verify.check(verify.read_file(str(path)))
        except verify.Refused as error:
            raise InputError(str(error)) from None

    taken_or_told(read, content, folder, "cert.json")


@several
@hypothesis.given(text=VALUES.map(written) | st.text("g*<=>.0123456789eE+- ()[]_ab", max_size=30))
def test_a_constraint_is_parsed_and_never_evaluated(text):
    told = "."
    try:
        parse_constraint(text, ["g", "a.b", "g[0]"])
    except InputError as error:
        told = str(error)
    assert told.isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true') <= g",
        "g <= (lambda: 1)()",
        "g <= 2**9999999999",
        "g <= g.__class__",
        "g <= 9e999",
        "g*" * 100_000 + "g <= g",
        "<=" * 100_000,
    ],
    ids=lambda text: text[:20],
)
def test_a_constraint_is_no_program(text):
    with pytest.raises(InputError, match="constraints: "):
        parse_constraint(text, ["a"])


# large, deep, and no files at all

MEBIBYTE = 2**20
SLOW = {
    "a list": "[" + "1," * MEBIBYTE,
    "keys": "\n".join(f"k{n}: 1" for n in range(MEBIBYTE // 8)),
    "levels": "[" * MEBIBYTE,
    "blocks": "".join(" " * n + "a:\n" for n in range(1400)),
    "lines": "a\n" * MEBIBYTE,
    "a string": 'a: "' + "\\n" * MEBIBYTE,
    "questions": "? " * MEBIBYTE,
    "laughs": "a: &a [l]\n" + "\n".join(f"{b}: &{b} [*{a},*{a}]" for a, b in ("ab", "bc", "cd")),
    "numbers": "a: " + "9" * (MEBIBYTE - 9),
    "nothing": "\0" * MEBIBYTE,
    "another encoding": "a: 1".encode("utf-16").decode("latin-1"),
}


@pytest.mark.parametrize("name", SLOW)
@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_what_is_made_to_take_long_is_refused_soon(name, suffix, folder):
    content = SLOW[name].encode("latin-1")[:MEBIBYTE]
    read = load_state if suffix == "yaml" else two_qubit_states
    assert taken_or_told(read, content, folder, f"slow.{suffix}") is None


@pytest.mark.parametrize("command", ["run", "state", "threshold", "certify", "verify"])
def test_what_is_no_file_is_refused_at_once(command, jaxent, tmp_path, one_line):
    """A pipe that nobody writes to, a link to itself, a device without an end."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    outcome = jaxent(command, "pipe")
    assert outcome.code in (1, 2), outcome
    assert outcome.out == ""
    assert outcome.err.count("\n") == 1
    one_line(jaxent(command, "loop"), "loop: Too many levels of symbolic links; allowed: ")
    one_line(jaxent(command, "/dev/zero"), "/dev/zero: neither a file nor a pipe; allowed: ")
    one_line(jaxent(command, tmp_path), "Is a directory" if command != "certify" else "summary.js")


def test_a_pipe_that_somebody_writes_to_is_read(tmp_path):
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as file:
        json.dump({"rho": SINGLET}, file)
    try:
        [(_, rho)] = two_qubit_states(Path(f"/dev/fd/{reading}"))
    finally:
        os.close(reading)
    assert rho.tolist() == [[complex(x) for x in row] for row in SINGLET["re"]]


def test_a_hundred_megabytes_are_refused_with_the_limit(jaxent, tmp_path, one_line):
    for name in ("large.yaml", "large.json"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(10**8)
    for command in ("run", "state", "threshold", "certify"):
        one_line(jaxent(command, "large.yaml"), "allowed: at most 1048576 bytes (1 MiB)")
    one_line(jaxent("certify", "large.json"), "allowed: at most 33554432 bytes (32 MiB)")
    outcome = jaxent("verify", "large.json")
    assert (outcome.code, outcome.out) == (1, "")
    assert "more than 1048576 bytes" in outcome.err


def test_nothing_reaches_a_terminal_that_could_command_it(jaxent, tmp_path):
    (tmp_path / "a.yaml").write_text('{"machine": {"kind": "\\e[2J"}, "\\e[31m": 1}')
    (tmp_path / "b.json").write_text(json.dumps({"points": [{**POINT, "variant": "\x1b[2J"}] * 2}))
    for words in (("state", "a.yaml"), ("run", "a.yaml"), ("certify", "b.json")):
        outcome = jaxent(*words, *(("--measurements", "2") if words[0] == "certify" else ()))
        for printed in (outcome.out, outcome.err):
            assert "\x1b" not in printed, words


def test_a_value_is_shown_however_deep_it_is():
    deep = []
    for _ in range(5000):
        deep = [deep]
    assert len(show(deep)) < 70
    assert show({"a": [1, {"b": [2]}]}) == "{a: [1, {b: [2]}]}"


def test_no_reader_starts_or_unpickles_anything():
    program = """
import sys
from jaxent.app.state_files import two_qubit_states
from jaxent.app.config import load_state
from jaxent.app.errors import InputError

def refuse(event, arguments):
    if event in ("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "pickle.find_class"):
        print("started", event)

sys.addaudithook(refuse)
for read in (load_state, two_qubit_states):
    for name in sys.argv[1:]:
        try:
            read(__import__("pathlib").Path(name))
        except InputError as error:
            print(error)
"""
    attacks = {
        "a.yaml": b"machine: !!python/object/apply:os.system ['true']",
        "a.json": pickle.dumps(os.getcwd),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, attack in attacks.items():
            Path(folder, name).write_bytes(attack)
        command = [sys.executable, "-c", program, *attacks]
        outcome = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert outcome.stderr == ""
    told = outcome.stdout.splitlines()
    assert len(told) == 4
    assert "the tag 'tag:yaml.org,2002:python/object/apply:os.system' is not allowed" in told[0]
    assert not [line for line in told if line.startswith("started")]
