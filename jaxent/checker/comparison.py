r"""The comparison of a heralded value with a level, as polynomials.

Behind filters, with D and E the populations of {01, 10} and of {00, 11}, T = D + E, C the squared
coherence and N the populations before the filters, a state has a value above S if and only if

- CHSH: :math:`8C > (S/2)^2T^2` or :math:`4C - 4DE + (1 - (S/2)^2)T^2 > 0` (Horodecki),
- singlet fraction, for S ≥ 1/2: :math:`C > (ST - D/2)^2`,

and an efficiency of at least p if and only if :math:`N(T - pN) \ge 0`.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from . import machine
from . import polynomials as algebra
from .domain import HALF, Domain, Part, parts, variables
from .polynomials import Polynomial
from .refusal import refuse

BRANCHES = {"chsh": ("plane", "axis"), "singlet_fraction": ("alpha",)}
CLASSICAL = {"chsh": Fraction(2), "singlet_fraction": HALF}

State = tuple[dict[str, Polynomial], Polynomial]


def reduced(part: Part, size: int) -> State:
    """Populations and squared coherence on a part, without the factors that they share."""
    weights, coherence = machine.stationary(part.rates, part.numerator, part.denominator)
    if not any(weights.values()):
        refuse("domain", "nothing connects the levels")
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


class Comparison:
    """The polynomials f1 and f2 of each root, formed once for all claims."""

    def __init__(self, domain: Domain, objective: str):
        self.domain, self.objective = domain, objective
        self.names, self.parts = variables(domain), parts(domain)
        self.states = [reduced(part, len(self.names)) for part in self.parts]
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

    def bounds(self) -> list[list[tuple[Fraction, Fraction]]]:
        """Those of all variables, for each part."""
        whole = Fraction(0), Fraction(1)
        return [[part.bounds.get(name, whole) for name in self.names] for part in self.parts]

    def pair(
        self, root: tuple[int, str, str], level: Fraction, efficiency: Fraction | None
    ) -> tuple[Polynomial, Polynomial]:
        """f1, without the factors that are positive inside, and f2: 0 without filters."""
        part, patch, branch = root
        f1 = algebra.without_faces(self.value_above(part, patch, branch, level))
        return f1, {} if efficiency is None else self.heralded(part, patch, efficiency)

    def value_above(self, part: int, patch: str, branch: str, level: Fraction) -> Polynomial:
        """f1."""
        found = self._of(part, patch)
        c, tt = found["C"], found["TT"]
        if self.objective == "singlet_fraction":
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
        return found | {"TD": multiply(t, d), "DD": multiply(d, d)}
