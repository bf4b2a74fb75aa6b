"""What any local operations could herald, beside diagonal filters."""

import numpy as np
import pytest

from jaxent import Bath, TwoQubit
from jaxent.certify import filter_bounds

INVERTED = Bath(1.0, temperature=-0.0)


def test_diagonal_filters_are_the_best_for_an_inverted_machine():
    rho = np.asarray(TwoQubit(0.3, INVERTED, Bath(1.5, temperature=0.0)).state())
    for efficiency in (0.02, 0.3):  # at 2 % better filters herald more often, and are scaled down
        found = filter_bounds(rho, efficiency)
        assert -1e-9 <= found.gap < 1e-6
        f = np.sqrt(np.outer(*np.square(found.filters)).ravel())
        assert np.trace(rho * np.outer(f, f)).real == pytest.approx(efficiency, rel=1e-9)


def test_mixtures_of_strategies_beat_filters_where_these_herald_too_often():
    # Without entanglement left, 1/2 can be had from a product state, and from no filter.
    rho = np.diag([0.4, 0.2, 0.2, 0.2])
    found = filter_bounds(rho, 1.0)
    assert found.singlet_fraction < 0.5 - 1e-3
    assert found.bound == pytest.approx(0.5, abs=1e-7)


def test_the_singlet_is_as_good_as_it_gets():
    rho = np.array([[0, 0, 0, 0], [0, 0.5, -0.5, 0], [0, -0.5, 0.5, 0], [0, 0, 0, 0]])
    found = filter_bounds(rho, 1.0)
    assert found.singlet_fraction == pytest.approx(1, abs=1e-12)
    assert 1 <= found.bound < 1 + 1e-7


@pytest.mark.parametrize(
    ("rho", "efficiency", "allowed"),
    [(np.eye(4) / 4, 0.0, "in (0, 1]"), (np.eye(4), 0.5, "a density matrix of two qubits")],
)
def test_what_is_no_state_or_no_efficiency_is_refused(rho, efficiency, allowed):
    with pytest.raises(ValueError, match=allowed.replace("(", r"\(").replace("]", r"\]")):
        filter_bounds(rho, efficiency)
