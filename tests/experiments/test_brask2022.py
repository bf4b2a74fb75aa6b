"""A sample of the claims about brask2022, computed again from a few states."""

import numpy as np
import pytest
import xarray as xr

from experiments.brask2022 import errata, fig4, maps, proven
from experiments.brask2022.machines import INVERTED, PLACES, bosons, charged, state
from jaxent.certify import certify_steering
from jaxent.prove.bracket import NotProven
from tests.prove.machines import INVERTED as FILLED
from tests.prove.machines import WARM, domain


@pytest.mark.parametrize(
    ("name", "printed", "within"),
    [
        # Secs. V C, IV B and IV C. 10.9 % is rounded up, and 0.75 % is not that of T_A -> inf.
        ("inverted", 0.109, 1e-3),
        ("fermions", 0.0023, 5e-5),
        ("charged", 0.0075, 5e-4),
        ("charged, T_A = 100", 0.0075, 5e-5),
    ],
)
def test_the_places_of_the_text_bear_their_noise(name, printed, within):
    certificate = certify_steering(state(*PLACES[name]))
    assert certificate.q == pytest.approx(printed, abs=within)
    assert certificate.gap < 1e-8


def test_the_best_state_for_teleportation_is_the_golden_one():
    rho = fig4.teleporting()
    assert certify_steering(rho).q == pytest.approx(0.080821, abs=1e-6)
    g = (np.sqrt(5) - 1) / 4
    np.testing.assert_allclose(rho, state(INVERTED, g, 1.0), atol=1e-4)


def test_maps_tell_steerable_states_from_others():
    class Silent:
        progress = staticmethod(lambda stage, fraction: None)

    data = maps.verdicts({"inverted": INVERTED, "charged": charged(), "bosons": bosons(1.0)}, 3,
                         Silent())  # fmt: skip
    assert data.verdict.shape == data.dodecahedron.shape == (3, 3, 3)
    assert maps.contradictions(data) == 0
    assert bool(maps.steerable(data.sel(machine="charged")).all())
    assert int((data.sel(machine="inverted").dodecahedron > 0).sum()) > 0
    # One that ten measurements steer and the verdict does not would be found.
    wrong = data.assign(verdict=xr.zeros_like(data.verdict))
    assert maps.contradictions(wrong) > 0


def test_misprints_are_those_and_their_corrections_hold():
    for find in (errata._bosons, errata._coupling_23, errata._fraction_b4):
        printed, corrected = find()
        assert printed > 1e-3
        assert corrected < 1e-12
    assert errata._largest_coherence() == pytest.approx(0.129410, abs=1e-6)


def test_what_is_not_proven_is_a_claim_that_does_not_hold(monkeypatch):
    assert proven.never("singlet_fraction", domain(WARM))
    assert not proven.never("singlet_fraction", domain(FILLED))  # it reaches (3 + √5)/8

    def settles_nothing(*arguments):
        raise NotProven("no upper bound was proven")

    monkeypatch.setattr(proven, "value_interval", settles_nothing)
    assert not proven.never("singlet_fraction", domain(WARM))
