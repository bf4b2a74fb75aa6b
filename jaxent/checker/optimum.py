r"""Checks a proof of optimality.

Nothing in it is taken on trust:

1. The steady state of the machine is derived from its master equation as polynomials in the
   variables of the domain (:mod:`~jaxent.checker.machine`, :mod:`~jaxent.checker.domain`). Those in
   the file, there for its readers, must be the same, coefficient by coefficient.
2. A state has a value above S, and is heralded with an efficiency of at least p, if and only if
   polynomials :math:`f_1 > 0` and :math:`f_2 \ge 0` (:mod:`~jaxent.checker.comparison`). So the
   claim is that these exclude each other, for each f_1, each part of the domain and each choice of
   the entries of the filters that are 1.
3. A factor t or 1 - t of f_1 is nowhere negative, and is left out: where f_1 is positive, so are
   the factor and the rest. One that all populations share (and the coherence twice) is left out of
   the state. It vanishes where a coupling or a rate is zero or infinite, at no machine, since there
   the populations do not all vanish (:mod:`~jaxent.checker.machine`).
4. For each of these pairs a tree of boxes proves the claim (:mod:`~jaxent.checker.trees`), where a
   charge is finite with strips on them (:mod:`~jaxent.checker.strips`).
5. The witness, a machine in fractions, is solved exactly (:mod:`~jaxent.checker.witness`).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from . import boxes, machine, witness
from . import polynomials as algebra
from .comparison import BRANCHES, CLASSICAL, Comparison, State
from .domain import (
    HALF,
    Domain,
    above,
    domain_of,
)
from .polynomials import Polynomial
from .reading import MANY_DIGITS, demand_keys, number, optional, proofs_in
from .refusal import Unproven, refuse
from .statement import Claim, in_words
from .strips import Strips
from .trees import demand_tree

_KEYS = ("name", "domain", "objective", "variables", "states", "claims")
_CLAIM = {
    "value": ("kind", "efficiency", "upper", "lower", "witness", "trees"),
    "threshold": ("kind", "upper", "lower", "witness", "trees"),
}
_MACHINE = ("g", "gamma_a", "gamma_b", "occupation_a", "occupation_b", "filter_a", "filter_b")


class Optimum(NamedTuple):
    """What a proof proves.

    Attributes:
        name: of the variant of a study, or ``None``.
        domain: the machines and filters it is about.
        objective: ``"chsh"`` or ``"singlet_fraction"``.
        claims: one by one.
        statement: the same in words.
    """

    name: str | None
    domain: Domain
    objective: str
    claims: tuple[Claim, ...]
    statement: str


def check(text: bytes) -> tuple[Optimum, ...]:
    """Prove what the proofs in a file claim.

    Args:
        text: the file's content.

    Raises:
        Unproven: it is no such file of this version, or something in it does not hold.
    """
    proofs = proofs_in(text)
    machine.demand_stationary()
    return tuple(_proof(proof, f"proofs[{i}]") for i, proof in enumerate(proofs))


def _proof(content: Any, place: str) -> Optimum:
    """One of them."""
    demand_keys(content, _KEYS, place)
    name = content["name"]
    if name is not None and not (isinstance(name, str) and name.isprintable() and len(name) < 200):
        refuse(f"{place}.name", "not a name")
    domain = domain_of(content["domain"], f"{place}.domain")
    objective = content["objective"]
    if not isinstance(objective, str) or objective not in BRANCHES:
        refuse(f"{place}.objective", f"not one of {', '.join(BRANCHES)}")
    comparison = Comparison(domain, objective)
    if content["variables"] != comparison.names:
        refuse(f"{place}.variables", f"not {comparison.names}")
    _demand_states(content["states"], comparison.states, f"{place}.states")
    if not isinstance(content["claims"], list) or not content["claims"]:
        refuse(f"{place}.claims", "not a list of claims")
    claims = tuple(
        _claim(claim, comparison, f"{place}.claims[{i}]")
        for i, claim in enumerate(content["claims"])
    )
    return Optimum(name, domain, objective, claims, in_words(name, domain, objective, claims))


def _demand_states(given: Any, states: Sequence[State], where: str) -> None:
    if not isinstance(given, list) or len(given) != len(states):
        refuse(where, f"not a list of {len(states)}")
    for i, (entry, (weights, coherence)) in enumerate(zip(given, states, strict=True)):
        place = f"{where}[{i}]"
        demand_keys(entry, ("weights", "coherence"), place)
        demand_keys(entry["weights"], machine.LEVELS, f"{place}.weights")
        pairs = {f"weights.{level}": (entry["weights"][level], f) for level, f in weights.items()}
        pairs["coherence"] = entry["coherence"], coherence
        for name, (terms, f) in pairs.items():
            if _polynomial(terms, f"{place}.{name}") != f:
                refuse(f"{place}.{name}", "not what the master equation gives")


def _polynomial(terms: Any, place: str) -> Polynomial:
    if not isinstance(terms, list):
        refuse(place, "not a list of terms")
    found: Polynomial = {}
    for term in terms:
        if not isinstance(term, list) or len(term) != 2 or not isinstance(term[1], list):
            refuse(place, "not a list of coefficients and exponents")
        exponents = tuple(term[1])
        if any(type(e) is not int or e < 0 for e in exponents) or exponents in found:
            refuse(place, "exponents that are no whole numbers, or given twice")
        found[exponents] = number(term[0], place, MANY_DIGITS)
    return found


def _claim(claim: Any, comparison: Comparison, place: str) -> Claim:
    kind = claim.get("kind") if isinstance(claim, dict) else None
    if not isinstance(kind, str) or kind not in _CLAIM:
        refuse(place, f"its kind is not one of {', '.join(_CLAIM)}")
    demand_keys(claim, _CLAIM[kind], place)
    return (_value if kind == "value" else _threshold)(claim, comparison, place)


def _value(claim: Any, comparison: Comparison, place: str) -> Claim:
    """No value above ``upper`` at an efficiency or a larger one; a witness with ``lower``."""
    efficiency = _efficiency(claim, "efficiency", place)
    upper = number(claim["upper"], f"{place}.upper")
    lower = optional(claim["lower"], f"{place}.lower")
    classical = CLASSICAL[comparison.objective]
    if upper < classical or (lower is not None and lower > upper):
        refuse(f"{place}.upper", f"below the classical bound {classical}, or the lower one")
    if (efficiency is None) != (comparison.domain.filters == ""):
        refuse(f"{place}.efficiency", "given without filters, or not given with them")
    _demand_trees(claim["trees"], comparison, upper, efficiency, f"{place}.trees")
    _demand_witness(claim, comparison, lower, efficiency, False, place)
    return Claim("value", efficiency, upper, lower)


def _threshold(claim: Any, comparison: Comparison, place: str) -> Claim:
    """Nothing classical is beaten at the efficiency ``upper`` or beyond; a witness at ``lower``."""
    if not comparison.domain.filters:
        refuse(place, "a threshold without filters")
    upper, lower = (_efficiency(claim, key, place) for key in ("upper", "lower"))
    if upper is not None and lower is not None and lower > upper:
        refuse(f"{place}.upper", "less than the lower bound")
    classical = CLASSICAL[comparison.objective]
    if upper is not None:
        _demand_trees(claim["trees"], comparison, classical, upper, f"{place}.trees")
    elif claim["trees"] != []:
        refuse(f"{place}.trees", "trees that prove no bound")
    if upper is None and lower is None:
        refuse(place, "neither trees nor a witness")
    _demand_witness(claim, comparison, None if lower is None else classical, lower, True, place)
    return Claim("threshold", None, upper, lower)


def _efficiency(claim: Any, key: str, place: str) -> Fraction | None:
    p = optional(claim[key], f"{place}.{key}")
    if p is not None and not 0 <= p <= 1:
        refuse(f"{place}.{key}", "not in [0, 1]")
    return p


# Trees


def _demand_trees(
    trees: Any, comparison: Comparison, level: Fraction, efficiency: Fraction | None, place: str
) -> None:
    """One tree for each root, in their order."""
    roots = comparison.roots()
    if not isinstance(trees, list) or len(trees) != len(roots):
        refuse(place, f"not a list of {len(roots)}")
    names, exponent = comparison.names, comparison.domain.charge
    in_strips = isinstance(exponent, Fraction) and "c" in names
    for part, bounds in enumerate(comparison.bounds()):
        pairs = {
            i: comparison.pair(root, level, efficiency)
            for i, root in enumerate(roots)
            if root[0] == part
        }
        # Each variable has its largest degree in all of them.
        degrees = algebra.degrees((f for pair in pairs.values() for f in pair), len(names))
        powers, strips = (), None
        if in_strips:
            powers, strips = (0, 1), Strips(Fraction(exponent), bounds[0], degrees[:2])
        for i, pair in pairs.items():
            where = f"{place}[{i}]"
            if not isinstance(trees[i], str):
                refuse(where, "not a tree")
            f1, f2 = (boxes.on_box(f, bounds, degrees, powers) for f in pair)
            try:
                demand_tree(trees[i], names, f1, f2, strips)
            except Unproven as reason:
                raise Unproven(f"{where}: {reason}") from None


# The witness


def _demand_witness(
    claim: Any,
    comparison: Comparison,
    level: Fraction | None,
    efficiency: Fraction | None,
    strictly: bool,
    place: str,
) -> None:
    """That the witness has a value of at least a level, or above it, and is heralded as often."""
    place = f"{place}.witness"
    if (claim["witness"] is None) != (level is None):
        refuse(place, "a lower bound without a witness, or a witness for none")
    if level is None:
        return
    found = _witness(claim["witness"], comparison.domain, place)
    if efficiency is not None and found.efficiency < efficiency:
        refuse(place, f"heralded with {float(found.efficiency)!r} only")
    excess = _compared(comparison.objective, level, found)
    if excess < 0 or (strictly and excess == 0):
        refuse(place, "its value is lower")


def _witness(given: Any, domain: Domain, place: str) -> witness.Heralded:
    """What a machine of the domain heralds."""
    demand_keys(given, _MACHINE, place)
    g, gamma_a, gamma_b, n_a, n_b = (number(given[key], f"{place}.{key}") for key in _MACHINE[:5])
    filters = {}
    for party in "ab":
        diagonal = given[f"filter_{party}"]
        if not isinstance(diagonal, list) or len(diagonal) != 2:
            refuse(f"{place}.filter_{party}", "not two numbers")
        filters[party] = [number(f, f"{place}.filter_{party}") for f in diagonal]
        if not all(0 <= f <= 1 for f in filters[party]):
            refuse(f"{place}.filter_{party}", "not in [0, 1]")
        if party not in domain.filters and filters[party] != [1, 1]:
            refuse(f"{place}.filter_{party}", "no filter is allowed")
    if not (g >= 0 and gamma_a > 0 and gamma_b > 0):
        refuse(place, "a rate or a coupling that is not positive")
    if domain.bounded and g > min(gamma_a, gamma_b):
        refuse(f"{place}.g", "above a rate")
    jumps: list[witness.Jump] = []
    for party, gamma, n in (("a", gamma_a, n_a), ("b", gamma_b, n_b)):
        bath = domain.baths[party]
        if not bath.low <= n <= bath.high or (bath.statistics == "boson" and n >= HALF):
            refuse(f"{place}.occupation_{party}", "outside the domain")
        jumps += _jumps(domain, party, gamma, n)
    u = domain.charge - 1 if isinstance(domain.charge, Fraction) else Fraction(0)
    one = Fraction(1)
    found = witness.heralded(g, (Fraction(0), one, one, 2 + u), jumps, filters)
    if found is None:
        refuse(place, "its state is not unique, not of this kind, or never heralded")
    return found


def _compared(objective: str, level: Fraction, found: witness.Heralded) -> Fraction:
    """A number that is not negative, or positive, only where value minus level is."""
    if objective == "singlet_fraction":
        rest = level - found.d / 2
        return found.square - rest**2 if rest >= 0 else -rest
    square = max(8 * found.square, 4 * found.square + (found.d - found.e) ** 2)
    return square - (level / 2) ** 2


def _jumps(domain: Domain, party: str, gamma: Fraction, n: Fraction) -> list[witness.Jump]:
    """The dissipators of one bath; without charge one for each direction."""
    rate = gamma / (1 - 2 * n) if domain.baths[party].statistics == "boson" else gamma
    lower, upper = ((0, 2), (1, 3)) if party == "a" else ((0, 1), (2, 3))
    back, upper_back = (lower[1], lower[0]), (upper[1], upper[0])
    if domain.charge == "none":
        return [(rate * n, [lower, upper]), (rate * (1 - n), [back, upper_back])]
    h = above(domain, domain.baths[party], n)
    return [
        *((rate * n, [lower]), (rate * (1 - n), [back])),
        *((rate * h, [upper]), (rate * (1 - h), [upper_back])),
    ]
