"""The figures of tacchino2018, on tiny grids and at a few places."""

from pathlib import Path

import jax
import numpy as np
import pytest

import jaxent
from experiments.master_equation import chsh as plain_chsh
from experiments.tacchino2018 import equations, errata, fig1, machines, unequal_qubits
from jaxent.app.work import Work

WORK = Work("tacchino2018", Path("nowhere"), lambda stage, fraction: None)
BEST = {"kappa": 2.3321234, "pump": 5.4237537e-3, "gamma": 1e-3}
UNEQUAL = {"g1": 1.0, "g2": 0.5304, "kappa": 1.088, "pump_1": 0.0, "pump_2": 0.0225, "gamma": 1e-3}
NONLOCAL = UNEQUAL | {"g2": 0.3194, "kappa": 1.640, "pump_2": 0.0837}


def verdicts(claims):
    return {(claim.source, claim.statement): claim.verdict for claim in claims}


@pytest.fixture(scope="module")
def plane():
    """Fig. 1 with steps of 2.5."""
    patch = pytest.MonkeyPatch()
    patch.setattr(fig1, "STEP", 2.5)
    yield fig1.compute(WORK)
    patch.undo()


def test_only_the_order_of_the_abstract_fails_between_two_baths(plane):
    found = verdicts(fig1.claims(plane))
    failed = [place for place, verdict in found.items() if verdict != "reproduced"]
    assert failed == [("Abstract", "the more irreversible the process, the larger the concurrence")]


def test_no_baths_fill_a_bell_state_beyond_one_half(plane):
    """Stationarity makes p_A a mean of p_00 and p_11: C <= p_A <= 1/2."""
    p = plane.p
    assert np.all(p.sel(level="A") <= np.maximum(p.sel(level="00"), p.sel(level="11")) + 1e-15)
    assert plane.C.max() < 0.5


def test_the_batched_entropy_production_is_the_reported_one(plane):
    np.testing.assert_allclose(plane.batched, plane.precise, rtol=1e-10)


def test_every_misprint_fails_as_printed_and_holds_as_corrected(monkeypatch):
    monkeypatch.setattr(errata, "POINTS", errata.POINTS[:8])
    found = verdicts(errata.claims(errata.compute(WORK)))
    assert list(found.values()).count("misprint") == 5
    assert found["Sec. Optical pumping", next(s for _, s in found if "0.5" in s)] == (
        "not reproduced"
    )


def test_the_largest_concurrence_of_equal_qubits_is_the_printed_one():
    factors = np.array([[1, 1], [0.9, 1], [1.1, 1], [1, 0.9], [1, 1.1]]).T
    C, last = machines.cavity(
        6, kappa=BEST["kappa"] * factors[0], pump=BEST["pump"] * factors[1], gamma=BEST["gamma"]
    )
    assert abs(C[0] - float(machines.PRINTED[1e-3])) < 1e-4
    assert np.all(C[1:] < C[0])
    assert last.max() < 1e-12


def test_unequal_qubits_pass_one_half_and_violate_chsh_without_filters():
    """Against the written-out master equation, whose solver has nothing in common."""
    for place, measure, least in (
        (UNEQUAL, equations.concurrence, 0.6159),
        (NONLOCAL, plain_chsh, 2.096),
    ):
        plain = machines.plain_state(2, **place)
        np.testing.assert_allclose(machines.state(2, **place)[0], plain, atol=1e-11)
        assert measure(plain) > least
    found = float(jax.jit(jaxent.chsh)(jax.numpy.asarray(plain)))
    assert found == pytest.approx(plain_chsh(plain), abs=1e-12)


def test_the_closed_limits_are_those_of_the_full_model():
    ratios = np.array([0.25, 0.6459])
    for name, returned in unequal_qubits.LIMITS.items():
        full = unequal_qubits.near(ratios, unequal_qubits.LOSS[name])
        np.testing.assert_allclose(full, unequal_qubits.of_ratio(ratios, returned), atol=2e-5)
    assert unequal_qubits.top(equations.fast_return)[1] == pytest.approx(0.694673, abs=1e-6)
    s = 0.3
    closed = 2 * np.sqrt(s * (1 - s)) / (1 + 4 * s**2)
    state = equations.unequal_state(s, equations.fast_return(s))
    assert equations.concurrence(state) == pytest.approx(closed, abs=1e-14)
