"""``jaxent certify``: states from every kind of file."""

import json
import math

import pytest

from jaxent.certify import certify_steering

SINGLET = {
    "re": [[0, 0, 0, 0], [0, 0.5, -0.5, 0], [0, -0.5, 0.5, 0], [0, 0, 0, 0]],
    "im": [[0] * 4] * 4,
}
# The coherence and the populations of a state that only b steers.
ONE_WAY = {
    "re": [[0.39, 0, 0, 0], [0, 0.45, 0.225, 0], [0, 0.225, 0.15, 0], [0, 0, 0, 0.01]],
    "im": [[0] * 4] * 4,
}
KEYS = {"q", "q_lower", "q_upper", "steerable", "measurements", "measuring"}


@pytest.fixture
def rho_file(tmp_path):
    def write(content, name="rho.json"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


def test_two_measurements_of_the_singlet_bear_the_noise_of_a_chsh_test(jaxent, rho_file):
    # Two axes at angle theta are steerable down to p = 1/sqrt(1 + |sin theta|); the program's
    # own axes need not be orthogonal, so the library is the reference for them.
    outcome = jaxent("certify", rho_file({"rho": SINGLET}), "--measurements", "2", "--json")
    found = json.loads(outcome.out)
    assert set(found) == KEYS
    assert found["q"] == pytest.approx(certify_steering(SINGLET["re"], 2).q, abs=1e-9)
    assert found["q_lower"] <= found["q"] <= found["q_upper"]
    assert found["steerable"] is True
    assert (found["measurements"], found["measuring"]) == ("spread-2", "a")


def test_a_machine_is_certified_from_its_state_file_and_from_its_json(jaxent, state_file, rho_file):
    path = state_file({"machine": {"g": 0.3}, "filters": {"a": [1, 0.2]}})
    report = jaxent("state", path, "--json").out
    words = ("--measurements", "3", "--measuring", "b", "--json")
    outcome = jaxent("certify", path, rho_file(report), *words)
    by_yaml, by_json = (json.loads(line) for line in outcome.out.splitlines())
    assert by_yaml == by_json
    assert by_yaml["measuring"] == "b"
    other = json.loads(jaxent("certify", path, "--measurements", "3", "--json").out)
    assert other["q"] != pytest.approx(by_yaml["q"], abs=1e-6), "the filter favours one party"


def test_json_lines_and_runs_give_one_line_for_each_state(jaxent, rho_file, state_file, tmp_path):
    two_lines = jaxent("state", state_file(), state_file(name="b.yaml"), "--json").out
    (tmp_path / "run").mkdir()
    rho_file({"points": [{"rho": SINGLET}] * 3}, "run/summary.json")
    words = ("--measurements", "2", "--json")
    lines = jaxent("certify", rho_file(two_lines), tmp_path / "run", *words).out.splitlines()
    assert len(lines) == 5
    assert [json.loads(line)["steerable"] for line in lines[2:]] == [True] * 3


def test_a_run_that_was_damaged_or_changed_is_refused(jaxent, rho_file, one_line):
    path = rho_file({"points": [{"rho": SINGLET}], "checksum": "of other points"}, "summary.json")
    one_line(jaxent("certify", path), "summary.json: checksum: not that of its points; allowed: ")


def test_people_get_a_table(jaxent, rho_file):
    outcome = jaxent("certify", rho_file({"rho": SINGLET}), "--measurements", "2")
    assert outcome.code == 0
    assert "yes" in outcome.out


def test_all_projective_measurements_add_the_radius_and_the_noise(jaxent, rho_file):
    words = ("--measurements", "2", "--all-projective", "--json")
    found = json.loads(jaxent("certify", rho_file({"rho": SINGLET}), *words).out)
    further = {"radius_lower", "radius_upper", "verdict", "noise_lower", "noise_upper"}
    assert set(found) == KEYS | further
    assert found["radius_lower"] <= 0.5 <= found["radius_upper"]
    assert found["noise_lower"] <= 0.5 <= found["noise_upper"]
    assert found["verdict"] == "steerable"


def test_both_parties_show_steering_one_way(jaxent, rho_file):
    words = ("--measurements", "2", "--measuring", "both", "--all-projective")
    path = rho_file({"rho": ONE_WAY})
    lines = jaxent("certify", path, *words, "--json").out.splitlines()
    verdicts = {(row := json.loads(line))["measuring"]: row["verdict"] for line in lines}
    assert verdicts == {"a": "unsteerable", "b": "steerable"}
    assert "one-way steerable, b steers a and not back" in jaxent("certify", path, *words).out


def entry(value):
    return {"re": [[value, 0, 0, 0], *SINGLET["re"][1:]], "im": SINGLET["im"]}


@pytest.mark.parametrize(
    ("content", "fragment"),
    [
        ({"rh": SINGLET}, "rho: missing; allowed: "),
        ([SINGLET], "rho: missing"),
        ({"rho": [[1]]}, "rho: [[1]] is given; allowed: "),
        ({"rho": {"re": SINGLET["re"]}}, "rho: {re: "),
        ({"rho": {"re": [[1]], "im": [[0]]}}, "rho.re: 1 rows given; allowed: 4 rows of 4"),
        ({"rho": entry("0")}, "rho.re[0][0]: '0' is given"),
        ({"rho": entry(True)}, "rho.re[0][0]: true is given"),
        ({"rho": entry(math.nan)}, "rho.re[0][0]: .nan is given"),
        ({"rho": entry(math.inf)}, "rho: an entry is nan or infinite"),
        ({"rho": entry(0.5)}, "rho: trace 1.5 given"),
        ({"points": 3}, "points: 3 is given"),
        ({"points": [{"rho": SINGLET}, {}]}, "points[1]: rho: missing"),
        ('{"rho": ', "rho.json: Expecting value"),
        ("[" * 100_000, "rho.json: "),
        ("", "rho.json: Expecting value"),
        ('{"rho": 1, "rho": 2}', "rho.json: a key is given twice; allowed: JSON"),
    ],
    ids=lambda x: str(x)[:40],
)
def test_what_holds_no_state_is_refused_in_one_line(content, fragment, jaxent, rho_file, one_line):
    words = ("--measurements", "2", "--json")
    one_line(jaxent("certify", rho_file(content), *words), "rho.json", fragment)


@pytest.mark.parametrize("number", ["1", "65", "-3", "3.5", "cube", "²"])
def test_measurements_out_of_range_are_refused(number, jaxent, rho_file, one_line):
    path = rho_file({"rho": SINGLET})
    outcome = jaxent("certify", path, f"--measurements={number}")
    one_line(outcome, f"--measurements: '{number}' is given; allowed: dodecahedron, or a number")


def test_a_third_party_cannot_measure(jaxent, rho_file, one_line):
    outcome = jaxent("certify", rho_file({"rho": SINGLET}), "--measuring", "c")
    one_line(outcome, "--measuring: 'c' is given; allowed: a, b, both")


def test_an_empty_folder_is_no_run(jaxent, tmp_path, one_line):
    one_line(jaxent("certify", tmp_path), "summary.json: No such file")


# exact certificates


def test_an_exact_certificate_is_written_and_verified(jaxent, rho_file, tmp_path):
    path = rho_file({"rho": SINGLET})
    out = tmp_path / "cert.json"
    words = ("--measurements", "3", "--measuring", "b")
    written = jaxent("certify", path, *words, "--out", out)
    assert written.code == 0
    statement = json.loads(out.read_text())["statement"]
    assert statement.startswith("With qubit b measured along 3 axes, ")
    assert f"cert.json: {statement}\n" in written.out
    assert sorted(found.name for found in tmp_path.iterdir()) == ["cert.json", "rho.json"]

    assert jaxent("verify", out) == (0, f"{statement}\n", "")
    outcome = jaxent("verify", out, "--json")
    found = json.loads(outcome.out)
    assert set(found) == {"verified", "q_lower", "q_upper", "verdict", "statement"}
    assert found["verified"] is True
    assert found["verdict"] == "steerable"
    assert found["q_lower"] <= 1 - 1 / math.sqrt(3) <= found["q_upper"] < found["q_lower"] + 1e-9

    plain = jaxent("certify", path, *words, "--json", "--out", tmp_path / "again.json")
    assert set(json.loads(plain.out)) == KEYS
    assert (tmp_path / "again.json").read_text() == out.read_text()


def test_a_false_certificate_fails_in_one_line(jaxent, rho_file, tmp_path):
    jaxent("certify", rho_file({"rho": SINGLET}), "--measurements", "3", "--out", "cert.json")
    text = (tmp_path / "cert.json").read_text()
    (tmp_path / "false.json").write_text(text.replace("steerable by", "not steerable by"))
    outcome = jaxent("verify", "false.json")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("error: false.json: refused: statement: ")
    assert outcome.err.count("\n") == 1
    outcome = jaxent("verify", "false.json", "--json")
    assert outcome.code == 1
    found = json.loads(outcome.out)
    assert found["verified"] is False
    assert found["reason"].startswith("statement: ")


def test_what_cannot_be_verified_is_a_bad_input(jaxent, tmp_path, one_line):
    one_line(jaxent("verify", tmp_path / "none.json"), "none.json: No such file")
    one_line(jaxent("verify", tmp_path), "Is a directory")
    one_line(jaxent("verify"), "Missing argument")


def test_an_exact_certificate_overwrites_nothing(jaxent, rho_file, tmp_path, one_line):
    path = rho_file({"rho": SINGLET})
    one_line(jaxent("certify", path, "--out", path), "--out: ", "exists; allowed: a new file")
    one_line(jaxent("certify", path, "--out", tmp_path / "no" / "c.json"), "no is no folder")
    assert json.loads(path.read_text()) == {"rho": SINGLET}


def test_an_exact_certificate_is_of_one_state_with_a_finite_robustness(
    jaxent, rho_file, one_line, monkeypatch
):
    path = rho_file({"rho": SINGLET})
    words = ("--measurements", "3", "--out", "cert.json")
    one_line(jaxent("certify", path, path, *words), "--out: 2 states are given; allowed: one")
    many = jaxent("certify", path, "--measurements", "13", "--out", "cert.json")
    one_line(many, "--measurements: 13 is given with --out; allowed: at most 12 in an exact")
    with monkeypatch.context() as patch:  # before anything is computed
        patch.setattr("jaxent.certify.certify_steering", None)
        assert jaxent("certify", path, path, *words).code == 2
        assert jaxent("certify", path, "--measurements", "64", "--out", "cert.json").code == 2
    quarter = [[0.25 * (i == j) for j in range(4)] for i in range(4)]
    mixed = rho_file({"rho": {"re": quarter, "im": SINGLET["im"]}}, "mixed.json")
    one_line(jaxent("certify", mixed, *words), "mixed.json: rho: ", "q = -inf")
