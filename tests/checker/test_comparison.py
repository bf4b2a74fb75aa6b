"""The polynomials that a proof is about have the signs that random machines have."""

from fractions import Fraction

import numpy as np
import pytest

import jaxent
from jaxent.checker.comparison import BRANCHES, CLASSICAL, Comparison
from jaxent.checker.domain import Bath, Domain, upper_occupation
from jaxent.filters import Filters, herald
from tests.prove.machines import DOMAINS, machine_of

MEASURES = {"chsh": jaxent.chsh, "singlet_fraction": jaxent.singlet_fraction}
HALF = Fraction(1, 2)


def checked(where):
    """A domain of the prover as the checker has it."""
    baths = {
        party: Bath(bath.statistics, bath.low, bath.high) for party, bath in where.baths.items()
    }
    return Domain(baths, where.charge, where.bounded, "".join(where.filters))


class Drawn:
    """A random machine of a domain with filters, in fractions."""

    def __init__(self, domain, random):
        def fraction(x):
            return Fraction(round(float(x) * 2**20), 2**20)

        self.occupation = {}
        for party, bath in domain.baths.items():
            t = fraction(random.uniform(0.05, 0.95))
            self.occupation[party] = bath.low + t * (bath.high - bath.low)
        self.gamma = {party: fraction(10 ** random.uniform(-1.5, 1.5)) for party in "ab"}
        slowest = min(self.gamma.values())
        strength = random.uniform(0.1, 0.99) if domain.bounded else 10 ** random.uniform(-1.5, 1.5)
        self.g = slowest * fraction(strength)
        self.filters = {party: (Fraction(1), Fraction(1)) for party in "ab"}
        self.patch = ""
        for party in "ab":
            choice = "-"
            if party in domain.filters:
                choice = str(random.choice(["0", "1"]))
                weak = fraction(10 ** random.uniform(-1.5, 0))
                one = Fraction(1)
                self.filters[party] = (weak, one) if choice == "0" else (one, weak)
            self.patch += choice

    def place(self, domain):
        """The part that it lies in, and its variables there, from their definitions."""
        n, gamma = self.occupation, self.gamma
        total = {
            party: gamma[party] / (1 - 2 * n[party])
            if domain.baths[party].statistics == "boson"
            else gamma[party]
            for party in "ab"
        }
        found = {"s": total["b"] / (total["a"] + total["b"])}
        for party, lower in zip("ab", "ab", strict=True):
            bath = domain.baths[party]
            found[lower] = n[party]
            if bath.high <= HALF:
                found[lower] = 2 * n[party]
            elif bath.low >= HALF:
                found[lower] = 2 - 2 * n[party]
            upper = "c" if party == "a" else "d"
            if isinstance(domain.charge, Fraction):
                found[upper] = upper_occupation(n[party], domain.charge)
        for party, name in zip("ab", "xy", strict=True):
            found[name] = min(self.filters[party]) ** 2
        if not domain.bounded:
            ratio = 4 * self.g**2 / (total["a"] * total["b"])
            return 0, found | {"k": ratio / (1 + ratio)}
        found["k"] = self.g**2 / min(gamma.values()) ** 2
        if domain.baths["a"].statistics == "fermion":
            return (0 if found["s"] >= HALF else 1), found
        if gamma["b"] <= gamma["a"]:
            return 0, found | {"a": 1 - 2 * n["a"], "s": gamma["b"] / gamma["a"]}
        if found["s"] >= HALF:
            return 1, found | {"a": 1 - 2 * n["a"]}
        return 2, found | {"a": gamma["a"] / gamma["b"]}


def value(f, point):
    terms = (
        c * np.prod([x**e for x, e in zip(point, exponents, strict=True)], initial=Fraction(1))
        for exponents, c in f.items()
    )
    return sum(terms, start=Fraction(0))


@pytest.mark.parametrize("objective", MEASURES)
@pytest.mark.parametrize("name", DOMAINS)
def test_a_machine_is_above_a_level_where_its_polynomials_are_positive(name, objective):
    domain, random = checked(DOMAINS[name]), np.random.default_rng(5)
    comparison = Comparison(domain, objective)
    names = comparison.names
    bounds, above = comparison.bounds(), 0
    for _ in range(25):
        drawn = Drawn(domain, random)
        part, found = drawn.place(domain)
        point = [found[name] for name in names]
        inside = zip(point, bounds[part], strict=True)
        assert all(low <= x <= high for x, (low, high) in inside), (part, found)
        filters = Filters(*(np.array(drawn.filters[party], dtype=float) for party in "ab"))
        rho, p = herald(machine_of(DOMAINS[name], drawn).state(), filters)
        reached = float(MEASURES[objective](rho))
        levels = [CLASSICAL[objective] * Fraction(x) for x in ("1", "1.05", "1.2")]
        if reached > CLASSICAL[objective]:
            levels += [Fraction(reached - 1e-7), Fraction(reached + 1e-7)]
        for level in levels:
            roots = [(part, drawn.patch, branch) for branch in BRANCHES[objective]]
            positive = any(
                value(comparison.pair(root, level, None)[0], point) > 0 for root in roots
            )
            if abs(reached - level) > 1e-9:
                assert positive == (reached > level)
            above += positive
        for shift in (-1e-7, 1e-7):
            _, f2 = comparison.pair(roots[0], levels[0], Fraction(float(p) * (1 + shift)))
            if domain.filters:
                assert (value(f2, point) >= 0) == (shift < 0)
    if name in ("inverted", "inverted, g <= gamma", "u = 20, n = 0.88"):
        assert above, "no machine of the draw is above any level"
