"""The polynomials of a proof are the steady states of the machines themselves."""

from fractions import Fraction

import numpy as np
import pytest

from jaxent.checker import witness as exact
from jaxent.checker.domain import upper_occupation
from jaxent.prove.claims import Problem
from jaxent.prove.comparisons import patches
from jaxent.prove.polynomials import value
from jaxent.prove.witness import heralded, let_through, witness_at
from tests.prove.machines import DOMAINS, INVERTED, domain, machine_of


@pytest.mark.parametrize("where", DOMAINS.values(), ids=DOMAINS.keys())
def test_every_point_of_a_domain_is_the_state_of_its_machine(where):
    random = np.random.default_rng(1)
    problem = Problem(where, "chsh")
    names = where.variables
    for number, (part, state) in enumerate(zip(problem.parts, problem.states, strict=True)):
        bounds = np.array([part.box.get(name, (0, 1)) for name in names], dtype=float)
        point = bounds[:, 0] + random.uniform(0.1, 0.9, len(names)) * np.ptp(bounds, axis=1)
        named = dict(zip(names, point.tolist(), strict=True))
        witness = witness_at(where, number, patches(where)[0], named)
        if "c" in named:
            named["c"] = float(upper_occupation(witness.occupation["a"], where.charge))
        at = list(named.values())
        weights = np.array([value(w, at) for w in state.weights])
        rho = np.asarray(machine_of(where, witness).state())
        assert np.allclose(np.diag(rho).real, weights / weights.sum(), atol=1e-11)
        coherence = value(state.coherence, at) ** 0.5 / weights.sum()
        assert abs(rho[1, 2]) == pytest.approx(coherence, abs=1e-11)


def test_two_exact_solutions_of_a_witness_agree():
    where = domain(INVERTED, filters=("a", "b"))
    point = {"k": 0.3, "s": 0.6, "x": 0.4, "y": 0.2}
    witness = let_through(where, witness_at(where, 0, "01", point), Fraction(1, 10))
    found = heralded(where, witness)
    gamma_a, gamma_b = witness.gamma["a"], witness.gamma["b"]
    jumps = [(gamma_a, [(0, 2), (1, 3)]), (gamma_b, [(1, 0), (3, 2)])]
    gaps = (Fraction(0), Fraction(1), Fraction(1), Fraction(2))
    solved = exact.heralded(witness.g, gaps, jumps, witness.filters)
    assert solved.efficiency == found.efficiency >= Fraction(1, 10)
    assert solved.d == found.d / (found.d + found.e)
    assert solved.square == (found.c / (found.d + found.e)) ** 2
