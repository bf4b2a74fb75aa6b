"""The exact check of proofs: what is proven is accepted, and nothing else."""

import hashlib
import json
import math
import os
import random
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from jaxent import verify
from jaxent.checker import boxes, machine, optimum, reading, strips, trees
from jaxent.checker.domain import domain_of, upper_occupation
from jaxent.checker.refusal import Unproven
from jaxent.prove.bracket import threshold_interval, value_interval
from jaxent.prove.claims import Problem
from jaxent.prove.proof import claim_json, proof, proof_file
from tests.prove.machines import INVERTED, WARM, domain

# How many mutations of each kind; with a number of one's own, others every time.
MUTATIONS = int(os.environ.get("JAXENT_FUZZ", "0"))
WIDTH = Fraction(1, 10**4)


@pytest.fixture(scope="module")
def text():
    where = domain(INVERTED, filters=("b",))
    values, thresholds = Problem(where, "singlet_fraction"), Problem(where, "chsh")
    return proof_file(
        [
            proof(values, [claim_json(value_interval(values, Fraction(1, 10), WIDTH))], "values"),
            proof(thresholds, [claim_json(threshold_interval(thresholds, WIDTH))]),
        ]
    )


@pytest.fixture(scope="module")
def charged():
    """A proof about two occupations that hang together, in strips."""
    problem = Problem(domain(WARM, charge=Fraction(5), filters=("b",)), "singlet_fraction")
    found = value_interval(problem, Fraction(1, 10), 100 * WIDTH)
    return proof_file([proof(problem, [claim_json(found)])])


def mended(content):
    """The file with the digest that belongs to it."""
    written = json.dumps(content["proofs"], sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(written.encode()).hexdigest()
    return json.dumps(content | {"digest": digest}).encode()


def refused(content):
    given = content if isinstance(content, bytes) else json.dumps(content).encode()
    with pytest.raises(Unproven) as reason:
        optimum.check(given)
    message = str(reason.value)
    assert "\n" not in message
    assert len(message) < 300
    return message


def test_what_is_proven_is_said_in_words(text):
    values, thresholds = optimum.check(text.encode())
    [value], [threshold] = values.claims, thresholds.claims
    assert value.upper - value.lower <= WIDTH
    assert "variant 'values': two resonant qubits" in values.statement
    assert "a diagonal filter in [0, 1] on" in values.statement
    assert "at efficiencies of 0.1 or more is at most" in values.statement
    assert threshold.lower < Fraction(1, 4) < threshold.upper
    assert "CHSH never exceeds 2 at efficiencies of" in thresholds.statement


def test_what_no_tree_and_no_witness_shows_is_refused(text):
    """At an efficiency of 1 a machine without filters may still exceed the bound."""
    content = json.loads(text)
    claim = content["proofs"][1]["claims"][0]
    nothing = {"upper": None, "trees": [], "witness": None, "lower": None}
    content["proofs"][1]["claims"] = [claim | nothing]
    assert "neither trees nor a witness" in refused(mended(content))
    witnessed = {key: claim[key] for key in ("witness", "lower")}
    content["proofs"][1]["claims"] = [claim | nothing | witnessed]
    [only] = optimum.check(mended(content))[1].claims
    assert (only.upper, only.lower) == (None, Fraction(claim["lower"]))


def test_a_sceptic_runs_it_without_the_package(text, tmp_path):
    path = tmp_path / "proof.json"
    path.write_text(text)
    command = [sys.executable, "-I", "-S", str(Path(verify.__file__)), str(path)]
    outcome = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.strip() == verify.in_words(text.encode())
    path.write_text(text.replace('"version":2', '"version":1'))
    outcome = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert outcome.returncode == 1
    assert outcome.stderr.startswith("refused: ")


def test_the_master_equation_is_solved_as_an_identity():
    machine.demand_stationary()


def test_another_solution_of_the_master_equation_is_none(monkeypatch):
    right = machine.damping
    monkeypatch.setattr(machine, "damping", lambda rates: {**right(rates), (2,) + (0,) * 8: 1})
    with pytest.raises(Unproven, match="master equation"):
        machine.demand_stationary()


# Mutations whose digest is mended: each is refused for what it breaks.


def claim_of(content, number=0):
    return content["proofs"][number]["claims"][0]


def without_a_leaf(claim):
    claim["trees"][0] = claim["trees"][0].rpartition(" ")[0]


def with_a_leaf_more(claim):
    claim["trees"][0] += " 0"


def cut(claim):
    claim["trees"][0] = "0"


def without_multipliers(claim):
    every = (tree.split(" ") for tree in claim["trees"])
    claim["trees"] = [" ".join(w if w.isalpha() else "0" for w in words) for words in every]


def with_a_negative_multiplier(claim):
    claim["trees"][0] = claim["trees"][0].rpartition(" ")[0] + " -1"


def with_another_variable(claim):
    claim["trees"][0] = "z" + claim["trees"][0][1:]


def without_a_root(claim):
    claim["trees"].pop()


def with_a_root_more(claim):
    claim["trees"].append("0")


def with_no_tree(claim):
    claim["trees"][0] = ["0"]


def of_a_lower_level(claim):
    claim["upper"] = str(Fraction(claim["lower"]) - Fraction(1, 10**5))
    claim["lower"] = str(Fraction(claim["upper"]) - Fraction(1, 10**5))


def of_a_higher_witness(claim):
    claim["lower"] = claim["upper"]


def of_a_lower_efficiency(claim):
    claim["efficiency"] = "9/100"


def of_another_witness(claim):
    claim["witness"]["g"] = str(Fraction(claim["witness"]["g"]) * 2)


def of_no_machine(claim):
    claim["witness"]["gamma_a"] = "0"


def of_another_occupation(claim):
    claim["witness"]["occupation_a"] = "1/2"


def of_a_wider_filter(claim):
    claim["witness"]["filter_b"] = ["2", "1"]


def of_another_filter(claim):
    claim["witness"]["filter_a"] = ["1/2", "1"]


BROKEN = {
    without_a_leaf: "tree ends",
    with_a_leaf_more: "goes on",
    cut: "positive",
    without_multipliers: "positive",
    with_a_negative_multiplier: "negative",
    with_another_variable: "no variable: not a fraction",
    without_a_root: "not a list of",
    with_a_root_more: "not a list of",
    with_no_tree: "not a tree",
    of_a_lower_level: "positive",
    of_a_higher_witness: "value is lower",
    of_a_lower_efficiency: "positive",
    of_another_witness: "lower|heralded with",
    of_no_machine: "not positive",
    of_another_occupation: "outside the domain",
    of_a_wider_filter: r"not in \[0, 1\]",
    of_another_filter: "no filter is allowed",
}


@pytest.mark.parametrize("mutate", BROKEN, ids=lambda mutate: mutate.__name__)
def test_each_part_of_a_proof_is_needed(text, mutate):
    content = json.loads(text)
    mutate(claim_of(content))
    message = refused(mended(content))
    assert re.search(BROKEN[mutate], message), message


def test_other_polynomials_than_those_of_the_machine_are_refused(text):
    content = json.loads(text)
    terms = content["proofs"][0]["states"][0]["weights"]["01"]
    terms[0][0] = str(Fraction(terms[0][0]) + 1)
    assert "not what the master equation gives" in refused(mended(content))


def test_domains_that_are_not_covered_are_refused(text):
    content = json.loads(text)
    content["proofs"][0]["domain"]["charge"] = "3/2"
    assert "whole number" in refused(mended(content))


@pytest.mark.parametrize(
    "given",
    [b"", b"[]", b"{}", b"nonsense", b"[" * 10**5, b'{"format": 1e400}', b"\xff"],
    ids=["empty", "list", "object", "words", "deep", "huge", "bytes"],
)
def test_what_is_no_proof_is_refused(given):
    refused(given)


def mutated(text, seed):
    """A proof with one thing changed: a leaf, multiplier, tree, coefficient, digit or bound."""
    draw = random.Random(seed)
    content = json.loads(text)
    case = draw.choice(content["proofs"])
    claim = draw.choice(case["claims"])
    kind = seed % 6
    if kind < 3 and claim["trees"]:
        place = draw.randrange(len(claim["trees"]))
        words = claim["trees"][place].split(" ")
        at = draw.randrange(len(words))
        if kind == 0:
            words[at] = draw.choice([w for w in ("0", "1", "k", "s", "y", "7/8") if w != words[at]])
        elif kind == 1:
            leaves = [i for i, word in enumerate(words) if not word.isalpha()]
            at = draw.choice(leaves)
            words[at] = str(
                Fraction(words[at]) * draw.randint(2, 9) + Fraction(1, draw.randint(2, 99))
            )
        else:
            words = words[:at] + words[at + draw.randint(1, 4) :]
        claim["trees"][place] = " ".join(words)
    elif kind == 3:
        state = draw.choice(case["states"])
        term = draw.choice(
            draw.choice([*state["weights"].values(), state["coherence"]]) or [["0", []]]
        )
        term[0] = str(Fraction(term[0]) + draw.randint(1, 9))
    elif kind == 4 and claim["witness"]:
        key = draw.choice(["g", "gamma_a", "gamma_b", "occupation_a", "occupation_b"])
        claim["witness"][key] = str(
            Fraction(claim["witness"][key]) + Fraction(1, draw.randint(2, 10**6))
        )
    else:
        key = draw.choice([key for key in ("upper", "lower", "efficiency") if key in claim])
        claim[key] = str(
            Fraction(claim[key]) + Fraction(draw.choice([-1, 1]), draw.randint(2, 10**6))
        )
    return content


def still_accepted(text, seeds):
    """How many mutations with their own digest are proofs, each of no more than is true.

    Another leaf or witness that proves the same, or a weaker claim, is a proof as well.
    """
    right = [proven.claims[0] for proven in optimum.check(text.encode())]
    accepted = 0
    for seed in seeds:
        content = mutated(text, seed)
        assert "digest" in refused(content)
        try:
            found = [proven.claims[0] for proven in optimum.check(mended(content))]
        except Unproven:
            continue
        accepted += 1
        assert all(one.upper >= other.lower for one, other in zip(found, right, strict=True))
    return accepted


def test_a_mutation_is_refused_or_proves_no_more(text):
    assert still_accepted(text, range(60)) < 20


def test_a_mutation_of_strips_proves_no_more(charged):
    assert " a " in f" {json.loads(charged)['proofs'][0]['claims'][0]['trees'][0]} "
    assert still_accepted(charged, range(24)) < 12


@pytest.mark.slow
@pytest.mark.skipif(not MUTATIONS, reason="JAXENT_FUZZ says how many")
def test_many_mutations_are_refused_or_prove_no_more(text):
    assert still_accepted(text, range(MUTATIONS)) < MUTATIONS / 3


# The arithmetic of the check


def entries(array):
    """The coefficients of an array one by one."""
    fields = (array.fields >> array.width * i for i in range(math.prod(array.shape)))
    return [(field & (1 << array.width) - 1) - (1 << array.bits) for field in fields]


def test_halves_agree_with_the_polynomial():
    # In two variables, so that rows of fields lie inside others
    f = {(0, 0): 1, (1, 0): -3, (2, 1): 5, (0, 2): -7, (1, 1): Fraction(1, 3)}
    unit, degrees = (Fraction(0), Fraction(1)), (2, 3)
    table = boxes.on_box(f, [unit, unit], degrees)
    [array] = boxes.side_by_side(table.shape, [table.entries], 20)
    for axis in (0, 1):
        both = boxes.halves(array, axis)
        middle = Fraction(1, 2)
        for half, ends in zip(both, ((unit[0], middle), (middle, unit[1])), strict=True):
            box = [ends if k == axis else unit for k in (0, 1)]
            again = boxes.on_box(f, box, degrees)
            scale = table.unit * 2 ** degrees[axis]
            ours = [Fraction(x) / scale for x in entries(half)]
            assert ours == [Fraction(x) / again.unit for x in again.entries]


@pytest.mark.parametrize("multiplier", [Fraction(0), Fraction(3, 7), Fraction(10**20, 3)])
def test_what_is_positive_anywhere_is_not_excluded(multiplier):
    draw = random.Random(3)
    for _ in range(300):
        f1, f2 = ([draw.randint(-3, 3) * 10 ** draw.randint(0, 9) for _ in range(6)] for _ in "12")
        room = boxes.room_for(multiplier)
        one, two = boxes.side_by_side((2, 3), [f1, f2], room)
        holds = all(x + multiplier * y <= 0 for x, y in zip(f1, f2, strict=True))
        assert boxes.excludes(multiplier, one, two) == holds
        shifted = [-abs(x) for x in f1]
        [below] = boxes.side_by_side((2, 3), [shifted], room)
        assert boxes.excludes(Fraction(0), below)


def test_no_field_spills_into_the_next():
    [array] = boxes.side_by_side((3,), [[1, -1, 1]], 2)
    while array.bits + 2 < array.width:
        array, _ = boxes.halves(array, 0)
    with pytest.raises(Unproven, match="too large"):
        boxes.halves(array, 0)


def test_a_strip_holds_every_machine():
    exponent = Fraction(21)
    for low, high in (("0", "1"), ("0", "1/64"), ("3/4", "13/16"), ("63/64", "1")):
        low, high = Fraction(low), Fraction(high)
        below, above = strips.lines(low, high, exponent)
        for k in range(33):
            t = Fraction(k, 32)
            h = upper_occupation((low + t * (high - low)) / 2, exponent)
            assert (
                0
                <= below[0] + t * (below[1] - below[0])
                <= h
                <= above[0] + t * (above[1] - above[0])
            )


def test_coefficients_on_a_strip_are_those_of_the_polynomial():
    # f = a² c - 3 c² x + 2 a on a strip, at points of it
    f = {(2, 1, 0): Fraction(1), (0, 2, 1): Fraction(-3), (1, 0, 0): Fraction(2)}
    unit, ends = (Fraction(0), Fraction(1)), (Fraction(3, 4), Fraction(7, 8))
    table = boxes.on_box(f, [unit] * 3, (2, 2, 1), (0, 1))
    strip = strips.Strips(Fraction(5), unit, (2, 2))
    [array] = boxes.side_by_side(table.shape, [table.entries], strip.growth(3))
    [across] = strip.across([array], ends)
    assert across.shape == (5, 3, 2)
    below, above = strips.lines(*ends, Fraction(5))
    ratios = set()
    for s, t, x in ((0, 0, 0), (1, 0, 0), (0, 1, 1), (1, 1, 1)):
        a = ends[s]
        c = (above if t else below)[s]
        place = (s * 4 * 3 + t * 2) * 2 + x
        ratios.add(entries(across)[place] / (a * a * c - 3 * c * c * x + 2 * a))
    [scale] = ratios
    assert scale > 0


def test_deep_trees_and_long_numbers_are_refused():
    table = boxes.Table((2,), [-1, -1], Fraction(1))
    deep = " ".join(["k"] * 200 + ["0"] * 201)
    for words, reason in ((deep, "deeper"), ("1" * 200, "up to 100 digits")):
        with pytest.raises(Unproven, match=reason):
            trees.demand_tree(words, ["k"], table, table)


def test_a_version_is_a_number(text):
    with pytest.raises(Unproven, match="version"):
        reading.proofs_in(text.replace('"version":2', '"version":true').encode())


def test_what_would_take_too_long_or_too_much_is_refused(monkeypatch):
    table = boxes.Table((2,), [-1, -1], 1)
    halved = "k 0 0"
    trees.demand_tree(halved, ["k"], table, table)
    for limit in ("_MAX_WORK", "_MAX_MEMORY"):
        with monkeypatch.context() as patch:
            patch.setattr(trees, limit, 10)
            with pytest.raises(Unproven, match="more time or memory"):
                trees.demand_tree(halved, ["k"], table, table)
    given = {"statistics": "fermion", "occupation": ["1/3" + "7" * 20] * 2}
    domain = {"bath_a": given, "bath_b": given, "charge": "999", "coupling": "free", "filters": ""}
    with pytest.raises(Unproven, match="too high a power"):
        domain_of(domain, "domain")
