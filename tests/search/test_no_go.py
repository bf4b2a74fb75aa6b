"""The no-go theorems of brask2022, as searches that must fail: no start of any climb gets past."""

import numpy as np
import pytest

from jaxent.search.maximise import SearchSettings, climb
from jaxent.search.space import Range
from tests.search.studies import BOSONS, CHARGED, FERMIONS, INF, freeing, study

SETTINGS = SearchSettings(starts=48, steps=150)
FINITE_CHARGE = {"u": Range(0.01, 100.0, "log")}
COLD = {"bath_b.temperature": Range(0.05, INF, "inverse")}
INVERTED_BATH = {"bath_a.temperature": Range(-INF, -0.05, "inverse")}

# The theorems set T_B = 0; here T_B is free as well.
MACHINES = {
    "bosons": (BOSONS, COLD),
    "fermions": (FERMIONS, COLD),
    "charged fermions": (FERMIONS, COLD | FINITE_CHARGE),
    "charged fermions, u = inf": (CHARGED, COLD),
}
INVERTED_MACHINES = {
    "inverted charged fermions": (FERMIONS, COLD | INVERTED_BATH | FINITE_CHARGE),
}


def best_of_every_start(objective, machine):
    keywords, freed = machine
    problem = freeing(study(objective, **keywords), freed).problem
    seeds = np.random.default_rng(0).uniform(size=(1, SETTINGS.starts, problem.size))
    return climb(problem, SETTINGS, seeds, np.ones(1), led=1.0).scores


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())
def test_without_filters_and_inversion_no_machine_teleports(machine):
    # brask2022 App. A 1, Sec. IV B, App. B 1
    found = best_of_every_start("singlet_fraction", machine)
    assert np.all(found <= 1 / 2 + 1e-9)
    # The bound is approached: the climbs do climb.
    assert found.max() > 0.499


ALL = MACHINES | INVERTED_MACHINES


@pytest.mark.parametrize("machine", ALL.values(), ids=ALL.keys())
def test_without_filters_no_machine_violates_a_bell_inequality(machine):
    # brask2022 App. A 1, Sec. IV B, App. B 2, Sec. V B
    found = best_of_every_start("chsh", machine)
    assert np.all(found <= 2 + 1e-9)
    assert found.max() > 1.99
