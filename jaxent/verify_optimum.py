r"""Checks a proof of optimality exactly: whole numbers and fractions, no solver, no float.

These files, ``verify_*.py``, need Python's standard library alone and share no code with what
searches for proofs. Nothing in a proof is taken on trust:

1. The steady state of the machine is derived from its master equation as polynomials in the
   variables of the domain (:mod:`jaxent.verify_machine`, :mod:`jaxent.verify_domain`). Those in
   the file must be the same, coefficient by coefficient.
2. Behind filters, with D and E the populations of {01, 10} and of {00, 11}, T = D + E, C the
   squared coherence and N the populations before the filters, a state has a value above S if and
   only if

   - CHSH: :math:`8C > (S/2)^2T^2` or :math:`4C - 4DE + (1 - (S/2)^2)T^2 > 0` (Horodecki),
   - singlet fraction, for S ≥ 1/2: :math:`C > (ST - D/2)^2`; for S = 1/2 it is :math:`C > E^2/4`,

   and an efficiency of at least p if and only if :math:`N(T - pN) \ge 0`. So the claim is that
   :math:`f_1 > 0` and :math:`f_2 \ge 0` exclude each other, for each of these f_1, each part of the
   domain and each choice of the entries of the filters that are 1.
3. A factor t or 1 - t of f_1 is positive inside the domain, and is left out. Where it vanishes
   there is no coherence, hence no value above the classical bound, or the machine has lost a bath.
4. For each of these pairs a tree of boxes proves the claim (:mod:`jaxent.verify_boxes`).
5. Where a finite charge u and a free temperature decide over two occupations, n and h(n) with
   :math:`h/(1-h) = (n/(1-n))^e`, e = 1 + u/E, the proof names strips of n and two lines. On
   [0, 1/2] h is convex, since (ln h')' = [e(1 - 2h) - (1 - 2n)]/(n(1 - n)) ≥ 0. So it is below a
   line that it is not above at both ends of the strip, and above one that its tangent in the
   middle is not below there. The strips must follow each other without a gap.
6. The witness, a machine in fractions, is solved exactly (:mod:`jaxent.verify_witness`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple, NoReturn

if __package__:
    from jaxent import verify_boxes, verify_machine, verify_witness
    from jaxent import verify_polynomials as algebra
    from jaxent.verify_boxes import Unproven
    from jaxent.verify_domain import (
        HALF,
        Bath,
        Domain,
        Part,
        filled_at_infinite_charge,
        parts,
        upper_occupation,
        variables,
    )
else:
    import verify_boxes  # type: ignore
    import verify_machine  # type: ignore
    import verify_polynomials as algebra  # type: ignore
    import verify_witness  # type: ignore
    from verify_boxes import Unproven  # type: ignore
    from verify_domain import (  # type: ignore
        HALF,
        Bath,
        Domain,
        Part,
        filled_at_infinite_charge,
        parts,
        upper_occupation,
        variables,
    )

FORMAT = "jaxent proof of optimality"
VERSION = 1

MAX_BYTES = 2**26
"""The largest proof that is read."""

BRANCHES = {"chsh": ("plane", "axis"), "singlet_fraction": ("alpha",)}
CLASSICAL = {"chsh": Fraction(2), "singlet_fraction": HALF}

_FILE = ("format", "version", "digest", "proofs")
_KEYS = ("name", "domain", "objective", "variables", "states", "claims")
_CLAIM = ("efficiency", "upper", "lower", "strict", "reached", "witness", "degrees", "trees")
_MACHINE = ("g", "gamma_a", "gamma_b", "occupation_a", "occupation_b", "filter_a", "filter_b")
_MAX_DIGITS = 4000
_MAX_DEGREE = 40

Polynomial = algebra.Polynomial


class Claim(NamedTuple):
    """What is proven: see :class:`Optimum`; without ``upper`` only what is reached."""

    efficiency: Fraction | None
    upper: Fraction | None
    lower: Fraction | None
    reached: Fraction | None
    strict: bool


class Optimum(NamedTuple):
    """What a proof proves.

    Attributes:
        name: of the variant of a study, or ``None``.
        domain: the machines and filters it is about.
        objective: ``"chsh"`` or ``"singlet_fraction"``.
        claims: no value above ``upper`` is heralded with at least ``efficiency``, and one of at
            least ``lower``, or where ``strict`` above it, is with ``reached``.
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
    content = _read(text)
    _demand_keys(content, _FILE, "proof")
    if content["format"] != FORMAT or content["version"] != VERSION:
        _refuse("format", f"not a {FORMAT} of version {VERSION}")
    proofs = content["proofs"]
    if not isinstance(proofs, list) or not proofs:
        _refuse("proofs", "not a list of proofs")
    written = json.dumps(proofs, sort_keys=True, separators=(",", ":"))
    if content["digest"] != hashlib.sha256(written.encode()).hexdigest():
        _refuse("digest", "it belongs to other proofs")
    verify_machine.demand_stationary()
    return tuple(_proof(proof, f"proofs[{i}]") for i, proof in enumerate(proofs))


def _proof(content: Any, place: str) -> Optimum:
    """One of them."""
    _demand_keys(content, _KEYS, place)
    name = content["name"]
    if name is not None and not (isinstance(name, str) and name.isprintable() and len(name) < 200):
        _refuse(f"{place}.name", "not a name")
    domain = _domain(content["domain"], f"{place}.domain")
    objective = content["objective"]
    if not isinstance(objective, str) or objective not in BRANCHES:
        _refuse(f"{place}.objective", f"not one of {', '.join(BRANCHES)}")
    names = variables(domain)
    if content["variables"] != names:
        _refuse(f"{place}.variables", f"not {names}")
    every = parts(domain)
    states = [_steady_state(part, len(names)) for part in every]
    _demand_states(content["states"], states, f"{place}.states")
    comparison = _Comparison(domain, objective, names, every, states)
    if not isinstance(content["claims"], list) or not content["claims"]:
        _refuse(f"{place}.claims", "not a list of claims")
    claims = tuple(
        _claim(claim, comparison, f"{place}.claims[{i}]")
        for i, claim in enumerate(content["claims"])
    )
    return Optimum(name, domain, objective, claims, in_words(name, domain, objective, claims))


# The steady state

State = tuple[dict[str, Polynomial], Polynomial]


def _steady_state(part: Part, size: int) -> State:
    """The populations and the squared coherence, without the factors that they share."""
    weights, coherence = verify_machine.steady_state(part.rates, part.square, part.unit)
    for place, end in product(range(size), (0, 1)):
        while True:
            fewer = {i: algebra.divide_by_face(f, place, end) for i, f in weights.items()}
            once = algebra.divide_by_face(coherence, place, end)
            twice = algebra.divide_by_face(once, place, end) if once else once
            if twice is None or any(f is None for f in fewer.values()):
                break
            weights, coherence = {i: f or {} for i, f in fewer.items()}, twice
    measure = algebra.common_measure(list(weights.values()))
    weights = {i: algebra.scale(measure, f) for i, f in weights.items()}
    return weights, algebra.scale(measure**2, coherence)


def _demand_states(given: Any, states: Sequence[State], where: str) -> None:
    if not isinstance(given, list) or len(given) != len(states):
        _refuse(where, f"not a list of {len(states)}")
    for i, (entry, (weights, coherence)) in enumerate(zip(given, states, strict=True)):
        place = f"{where}[{i}]"
        _demand_keys(entry, ("weights", "coherence"), place)
        _demand_keys(entry["weights"], verify_machine.LEVELS, f"{place}.weights")
        pairs = {f"weights.{level}": (entry["weights"][level], f) for level, f in weights.items()}
        pairs["coherence"] = entry["coherence"], coherence
        for name, (terms, f) in pairs.items():
            if _polynomial(terms, f"{place}.{name}") != f:
                _refuse(f"{place}.{name}", "not what the master equation gives")


def _polynomial(terms: Any, place: str) -> Polynomial:
    if not isinstance(terms, list):
        _refuse(place, "not a list of terms")
    found: Polynomial = {}
    for term in terms:
        if not isinstance(term, list) or len(term) != 2 or not isinstance(term[1], list):
            _refuse(place, "not a list of coefficients and exponents")
        exponents = tuple(term[1])
        if any(type(e) is not int or e < 0 for e in exponents) or exponents in found:
            _refuse(place, "exponents that are no whole numbers, or given twice")
        found[exponents] = _number(term[0], place)
    return found


# The comparisons


class _Comparison:
    """The polynomials f1 and f2 of each root, formed once for all claims."""

    def __init__(
        self,
        domain: Domain,
        objective: str,
        names: list[str],
        every: list[Part],
        states: list[State],
    ):
        self.domain, self.objective, self.names = domain, objective, names
        self.parts, self.states = every, states
        self._products: dict[tuple[int, str], dict[str, Polynomial]] = {}

    def roots(self) -> list[tuple[int, str, str]]:
        """Part, patch and branch: the patch says which entry of each filter is weakened."""
        choices = ["01" if party in self.domain.filters else "-" for party in "ab"]
        patches = ["".join(choice) for choice in product(*choices)]
        branches = BRANCHES[self.objective]
        return [
            (part, patch, branch)
            for part in range(len(self.parts))
            for patch in patches
            for branch in branches
        ]

    def value_above(self, part: int, patch: str, branch: str, level: Fraction) -> Polynomial:
        """f1."""
        found = self._of(part, patch)
        c, tt = found["C"], found["TT"]
        if self.objective == "singlet_fraction":
            if level == HALF:
                return algebra.add(c, algebra.scale(Fraction(-1, 4), found["EE"]))
            square = algebra.add(
                algebra.scale(level**2, tt),
                algebra.scale(-level, found["TD"]),
                algebra.scale(Fraction(1, 4), found["DD"]),
            )
            return algebra.subtract(c, square)
        part_of_all = algebra.scale(-((level / 2) ** 2), tt)
        if branch == "plane":
            return algebra.add(algebra.scale(8, c), part_of_all)
        four = algebra.scale(4, algebra.subtract(c, found["DE"]))
        return algebra.add(four, tt, part_of_all)

    def heralded(self, part: int, patch: str, efficiency: Fraction) -> Polynomial:
        """f2."""
        found = self._of(part, patch)
        return algebra.subtract(found["NT"], algebra.scale(efficiency, found["NN"]))

    def _of(self, part: int, patch: str) -> dict[str, Polynomial]:
        if (part, patch) not in self._products:
            self._products[part, patch] = self._formed(part, patch)
        return self._products[part, patch]

    def _formed(self, part: int, patch: str) -> dict[str, Polynomial]:
        weights, coherence = self.states[part]
        size = len(self.names)
        one = algebra.constant(1, size)
        entries = []
        for choice, name in zip(patch, "xy", strict=True):
            weak = one if choice == "-" else algebra.variable(self.names.index(name), size)
            entries.append((weak, one) if choice == "0" else (one, weak))
        (a0, a1), (b0, b1) = entries
        multiply, add = algebra.multiply, algebra.add
        d = add(multiply(a0, b1, weights["01"]), multiply(a1, b0, weights["10"]))
        e = add(multiply(a0, b0, weights["00"]), multiply(a1, b1, weights["11"]))
        t, n = add(d, e), add(*weights.values())
        found = {"C": multiply(a0, a1, b0, b1, coherence), "TT": multiply(t, t)}
        found |= {"NT": multiply(n, t), "NN": multiply(n, n)}
        if self.objective == "chsh":
            return found | {"DE": multiply(d, e)}
        return found | {"EE": multiply(e, e), "TD": multiply(t, d), "DD": multiply(d, d)}


# A claim


def _claim(claim: Any, comparison: _Comparison, place: str) -> Claim:
    _demand_keys(claim, _CLAIM, place)
    efficiency = _optional(claim["efficiency"], f"{place}.efficiency")
    upper = _number(claim["upper"], f"{place}.upper")
    lower = _number(claim["lower"], f"{place}.lower")
    reached = _optional(claim["reached"], f"{place}.reached")
    if type(claim["strict"]) is not bool:
        _refuse(f"{place}.strict", "neither true nor false")
    for p in (efficiency, reached):
        if p is not None and not 0 <= p <= 1:
            _refuse(f"{place}.efficiency", "not in [0, 1]")
    classical = CLASSICAL[comparison.objective]
    if upper < classical or lower < classical:
        _refuse(f"{place}.upper", f"below the classical bound {classical}")
    if claim["strict"] and not lower == upper == classical:
        _refuse(f"{place}.strict", "an interval of efficiencies at another value than the bound")
    if not claim["strict"] and (lower > upper or reached != efficiency):
        _refuse(f"{place}.reached", "not the interval of a value at one efficiency")
    only_reached = claim["trees"] == [] and claim["strict"] and efficiency == 1
    if not only_reached:
        degrees = _degrees(claim["degrees"], len(comparison.names), f"{place}.degrees")
        _demand_trees(claim["trees"], degrees, comparison, upper, efficiency, f"{place}.trees")
    if claim["witness"] is None:
        if only_reached:
            _refuse(place, "neither trees nor a witness")
        return Claim(efficiency, upper, None, None, claim["strict"])
    _demand_witness(
        claim["witness"], comparison, lower, reached, claim["strict"], f"{place}.witness"
    )
    if only_reached:
        return Claim(None, None, lower, reached, True)
    return Claim(efficiency, upper, lower, reached, claim["strict"])


def _degrees(given: Any, variables: int, place: str) -> list[int]:
    if not isinstance(given, list) or len(given) != variables:
        _refuse(place, "not one for each variable")
    if any(type(d) is not int or not 0 <= d <= _MAX_DEGREE for d in given):
        _refuse(place, f"not whole numbers up to {_MAX_DEGREE}")
    return given


def _demand_trees(
    trees: Any,
    degrees: Sequence[int],
    comparison: _Comparison,
    level: Fraction,
    efficiency: Fraction | None,
    place: str,
) -> None:
    """Every root in its order, and on each the strips without a gap."""
    if not isinstance(trees, list):
        _refuse(place, "not a list")
    names, size = comparison.names, len(comparison.names)
    in_strips = isinstance(comparison.domain.charge, Fraction) and "c" in names
    following = iter(enumerate(trees))
    for part, patch, branch in comparison.roots():
        f1 = algebra.without_faces(comparison.value_above(part, patch, branch, level))
        f2 = {} if efficiency is None else comparison.heralded(part, patch, efficiency)
        bounds = comparison.parts[part].bounds
        box = [bounds.get(name, (Fraction(0), Fraction(1))) for name in names]
        own = algebra.degrees((f1, f2), size)
        left = {}
        if in_strips:
            at = names.index("a")
            left = {at: own[at] + 1, at + 1: own[at + 1] + 1}
            own = (*own[:at], own[at] + own[at + 1], *own[at + 1 :])
        if any(d < least for d, least in zip(degrees, own, strict=True)):
            _refuse(place, "its polynomials have higher degrees than are given")
        one, two = (verify_boxes.on_box(f, box, degrees, left) for f in (f1, f2))
        start, end = bounds["a"] if in_strips else (Fraction(0), Fraction(0))
        while True:
            i, entry = next(following, (len(trees), None))
            where = f"{place}[{i}]"
            if not isinstance(entry, list) or len(entry) != 2 or not isinstance(entry[1], str):
                _refuse(where, "not a strip and a tree")
            arrays = [one, two if verify_boxes.needs_f2(entry[1]) else None]
            if in_strips:
                low, high, above, below = _strip(entry[0], comparison.domain.charge, where)
                if low != start or not low < high <= end:
                    _refuse(where, "not the strip that follows")
                arrays = [
                    array
                    and verify_boxes.into_strip(
                        array, at, degrees[at : at + 2], (low, high), below, above
                    )
                    for array in arrays
                ]
                start = high
            elif entry[0] is not None:
                _refuse(where, "a strip where there are none")
            try:
                verify_boxes.demand_tree(entry[1], names, arrays[0], arrays[1])
            except Unproven as reason:
                raise Unproven(f"{where}: {reason}") from None
            if start == end:
                break
    if next(following, None) is not None:
        _refuse(place, "more trees than roots")


def _strip(
    given: Any, exponent: str | Fraction, place: str
) -> tuple[Fraction, Fraction, list[Fraction], list[Fraction]]:
    """The bounds of a strip and its two lines, by their values at these."""
    if not isinstance(given, list) or len(given) != 6:
        _refuse(place, "not a strip of six numbers")
    low, high, *ends = (_number(x, place) for x in given)
    above, below = ends[:2], ends[2:]
    e = Fraction(exponent)
    if not 0 <= low < high <= 1:
        _refuse(place, "not a strip in [0, 1]")
    if any(upper_occupation(t / 2, e) > line for t, line in zip((low, high), above, strict=True)):
        _refuse(place, "the upper line is not above")
    n = (low + high) / 4
    h = upper_occupation(n, e)
    rise = e * h * (1 - h) / (n * (1 - n)) * (high - low) / 4
    if h - rise < below[0] or h + rise < below[1]:
        _refuse(place, "the lower line is not below")
    return low, high, above, below


# The witness


def _demand_witness(
    given: Any,
    comparison: _Comparison,
    lower: Fraction,
    reached: Fraction | None,
    strict: bool,
    place: str,
) -> None:
    """A machine of the domain that herald what is claimed."""
    domain, objective = comparison.domain, comparison.objective
    _demand_keys(given, _MACHINE, place)
    g, gamma_a, gamma_b, n_a, n_b = (_number(given[key], f"{place}.{key}") for key in _MACHINE[:5])
    filters = {}
    for party in "ab":
        diagonal = given[f"filter_{party}"]
        if not isinstance(diagonal, list) or len(diagonal) != 2:
            _refuse(f"{place}.filter_{party}", "not two numbers")
        filters[party] = [_number(f, f"{place}.filter_{party}") for f in diagonal]
        if not all(0 <= f <= 1 for f in filters[party]):
            _refuse(f"{place}.filter_{party}", "not in [0, 1]")
        if party not in domain.filters and filters[party] != [1, 1]:
            _refuse(f"{place}.filter_{party}", "no filter is allowed")
    if not (g >= 0 and gamma_a > 0 and gamma_b > 0):
        _refuse(place, "a rate or a coupling that is not positive")
    if domain.bounded and g > min(gamma_a, gamma_b):
        _refuse(f"{place}.g", "above a rate")
    jumps: list[verify_witness.Jump] = []
    for party, gamma, n in (("a", gamma_a, n_a), ("b", gamma_b, n_b)):
        bath = domain.baths[party]
        if not bath.low <= n <= bath.high or (bath.statistics == "boson" and n >= HALF):
            _refuse(f"{place}.occupation_{party}", "outside the domain")
        jumps += _jumps(domain, party, gamma, n)
    u = domain.charge - 1 if isinstance(domain.charge, Fraction) else Fraction(0)
    one = Fraction(1)
    found = verify_witness.heralded(g, (Fraction(0), one, one, 2 + u), jumps, filters)
    if found is None:
        _refuse(place, "its state is not unique, not of this kind, or never heralded")
    if reached is not None and found.efficiency < reached:
        _refuse(place, f"heralded with {float(found.efficiency)!r} only")
    if not _beats(objective, lower, strict, found):
        _refuse(place, "its value is lower")


def _beats(objective: str, level: Fraction, strict: bool, found: verify_witness.Heralded) -> bool:
    if objective == "singlet_fraction":
        excess = found.square - (level - found.d / 2) ** 2
        return excess > 0 or (excess == 0 and not strict)
    square = max(8 * found.square, 4 * found.square + (found.d - found.e) ** 2)
    return square > (level / 2) ** 2 or (square == (level / 2) ** 2 and not strict)


def _jumps(domain: Domain, party: str, gamma: Fraction, n: Fraction) -> list[verify_witness.Jump]:
    """The dissipators of one bath; without charge one for each direction."""
    rate = gamma / (1 - 2 * n) if domain.baths[party].statistics == "boson" else gamma
    lower, upper = ((0, 2), (1, 3)) if party == "a" else ((0, 1), (2, 3))
    back, upper_back = (lower[1], lower[0]), (upper[1], upper[0])
    if domain.charge == "none":
        return [(rate * n, [lower, upper]), (rate * (1 - n), [back, upper_back])]
    if domain.charge == "infinite":
        above = Fraction(int(filled_at_infinite_charge(domain.baths[party])))
    elif isinstance(domain.charge, Fraction):
        above = upper_occupation(n, domain.charge)
    else:
        above = n  # u = 0 is one of the charges
    return [
        *((rate * n, [lower]), (rate * (1 - n), [back])),
        *((rate * above, [upper]), (rate * (1 - above), [upper_back])),
    ]


# Words


def in_words(name: str | None, domain: Domain, objective: str, claims: Sequence[Claim]) -> str:
    """The claims as sentences."""
    charge = {"none": "without charge", "infinite": "with u = ∞", "any": "with any charge u ≥ 0"}
    charged = charge.get(str(domain.charge)) or f"with u = {Fraction(domain.charge) - 1} E"
    baths = " and ".join(
        f"a {bath.statistics}ic bath {party.upper()} with "
        + (f"n in [{bath.low}, {bath.high}]" if bath.free else f"n = {bath.low}")
        for party, bath in domain.baths.items()
    )
    coupling = "g ≤ γ_A, γ_B" if domain.bounded else "any g"
    filters = {"": "no filter", "ab": "diagonal filters on both"}
    filters |= {party: f"a diagonal filter on {party.upper()}" for party in "ab"}
    measure = {"chsh": "CHSH", "singlet_fraction": "singlet fraction"}[objective]
    lines = [
        ("" if name is None else f"variant {name!r}: ")
        + f"two resonant qubits {charged}, {baths} (n of the equivalent fermions), "
        f"any γ_A and γ_B, {coupling}, {filters[domain.filters]}:"
    ]
    for claim in claims:
        at = (
            ""
            if claim.efficiency is None
            else f" at efficiencies of {_plain(claim.efficiency)} or more"
        )
        if claim.upper is None:
            reached = claim.reached or Fraction(0)
            text = f"{measure} exceeds {CLASSICAL[objective]} up to {_plain(reached)} at least"
        elif claim.strict:
            text = f"{measure} never exceeds {_plain(claim.upper)}{at}"
            if claim.reached is not None:
                text += f", and does at {_plain(claim.reached)}"
        else:
            text = f"the best {measure}{at} is at most {_plain(claim.upper)}"
            if claim.lower is not None:
                text += f" and at least {_plain(claim.lower)}"
        lines.append(text + ".")
    return "\n".join(lines)


def _plain(x: Fraction) -> str:
    """A decimal number where it is one."""
    for digits in range(13):
        scaled = x * 10**digits
        if scaled.denominator == 1:
            figures = str(abs(int(scaled))).rjust(digits + 1, "0")
            whole, rest = figures[: len(figures) - digits], figures[len(figures) - digits :]
            return ("-" if x < 0 else "") + whole + (f".{rest}" if rest else "")
    return str(x)


# The file


def _domain(given: Any, where: str) -> Domain:
    _demand_keys(given, ("bath_a", "bath_b", "charge", "coupling", "filters"), where)
    baths = {}
    for party in "ab":
        place = f"{where}.bath_{party}"
        bath = given[f"bath_{party}"]
        _demand_keys(bath, ("statistics", "occupation"), place)
        bounds = bath["occupation"]
        if bath["statistics"] not in ("boson", "fermion"):
            _refuse(place, "neither bosons nor fermions")
        if not isinstance(bounds, list) or len(bounds) != 2:
            _refuse(place, "its occupation has no two bounds")
        low, high = (_number(x, place) for x in bounds)
        if not 0 <= low <= high <= 1 or (bath["statistics"] == "boson" and high > HALF):
            _refuse(place, "an occupation that no such bath has")
        baths[party] = Bath(bath["statistics"], low, high)
    charge = given["charge"]
    if charge not in ("none", "infinite", "any"):
        charge = _number(charge, f"{where}.charge")
        if charge.denominator != 1 or not 1 < charge < 1000:
            _refuse(f"{where}.charge", "neither none, infinite, any nor a whole number")
    if given["coupling"] not in ("free", "bounded"):
        _refuse(f"{where}.coupling", "neither free nor bounded")
    if given["filters"] not in ("", "a", "b", "ab"):
        _refuse(f"{where}.filters", "not some of a and b")
    domain = Domain(baths, charge, given["coupling"] == "bounded", given["filters"])
    _demand_covered(domain)
    return domain


def _demand_covered(domain: Domain) -> None:
    """Only domains that the parts of :mod:`jaxent.verify_domain` cover."""
    a, b = domain.baths["a"], domain.baths["b"]
    if domain.charge != "none" and "boson" in (a.statistics, b.statistics):
        _refuse("domain", "charged bosons")
    if domain.bounded and "boson" in (a.statistics, b.statistics):
        whole = (a.low, a.high) == (0, HALF) and a.statistics == b.statistics
        if not whole or (b.low, b.high) != (0, 0):
            _refuse("domain", "bosons with a bounded coupling, but not at T_B = 0 and any T_A")
    if isinstance(domain.charge, Fraction) and (b.free or (a.free and a.high > HALF)):
        _refuse("domain", "a free temperature at a charge, but not that of A without inversion")
    for bath in (a, b):
        across = bath.low < HALF < bath.high
        if domain.charge == "infinite" and across:
            _refuse("domain", "an infinite charge, and a bath on both sides of inversion")
        if domain.charge == "any" and not bath.free and bath.low not in (0, HALF, 1):
            _refuse("domain", "any charge, and a given occupation")


def _read(text: bytes) -> Any:
    """The JSON object; all numbers in it but the version and exponents are in strings."""
    if len(text) > MAX_BYTES:
        _refuse("proof", f"more than {MAX_BYTES} bytes")
    try:
        return json.loads(
            text.decode(),
            parse_float=lambda number: _refuse("proof", "a number that is not whole"),
            parse_constant=lambda number: _refuse("proof", "what is no number"),
            object_pairs_hook=_without_repetition,
        )
    except Unproven:
        raise
    except RecursionError:
        _refuse("proof", "nested too deeply")
    except ValueError as error:
        _refuse("proof", f"not JSON: {error}")


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        _refuse("proof", "a key is given twice")
    return content


def _optional(value: Any, place: str) -> Fraction | None:
    return None if value is None else _number(value, place)


def _number(value: Any, place: str) -> Fraction:
    """A fraction in its one form."""
    if not isinstance(value, str) or len(value) > _MAX_DIGITS:
        _refuse(place, "not a fraction in a string")
    top, slash, bottom = value.removeprefix("-").partition("/")
    if not all(x.isascii() and x.isdigit() for x in (top, bottom or "1")):
        _refuse(place, "not a fraction in a string")
    if slash and not int(bottom or 0):
        _refuse(place, "not a fraction in a string")
    number = Fraction(value)
    if str(number) != value:
        _refuse(place, "not a fraction in its lowest terms")
    return number


def _demand_keys(value: Any, keys: Sequence[str], place: str) -> None:
    if not isinstance(value, Mapping) or set(value) != set(keys):
        _refuse(place, f"not an object with the keys {', '.join(keys)}")


def _refuse(place: str, reason: str) -> NoReturn:
    raise Unproven(f"{place}: {reason}")
