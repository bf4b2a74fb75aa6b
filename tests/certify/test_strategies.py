"""Strategies that decide about a steering inequality, and its validity: against all of them."""

import numpy as np
import pytest

from jaxent.certify import strategies, validity
from jaxent.directions import every_strategy, spread


def worst(patterns, inequality):
    points = patterns @ inequality
    return np.max(np.linalg.norm(points[:, 1:], axis=1) - points[:, 0])


def inequalities(m):
    """Circles of any size and place: great ones, small ones, parallel ones, equal ones, none."""
    rng = np.random.default_rng(m)
    for kind in range(60):
        Y = rng.normal(size=(m + 1, 4))
        if kind % 3 == 0:
            Y[1:, 0] = 0
        if kind % 3 == 1:
            Y[1:, 0] *= 0.1
        if kind % 4 == 3:
            Y[m] = Y[1]
        if kind % 5 == 4:
            Y[1:, 1:] = Y[1, 1:]
        if kind % 7 == 6:
            Y[m] = 0
        if kind % 11 == 10:
            Y[1:, 1:] *= 0.1
        yield Y


@pytest.mark.parametrize("m", [1, 2, 3, 5, 8, 10])
def test_they_decide_as_all_of_them_do(m):
    for Y in inequalities(m):
        few, every = strategies.deciding(Y), every_strategy(m)
        assert {tuple(p) for p in few.tolist()} <= {tuple(p) for p in every.tolist()}
        assert worst(few, Y) == pytest.approx(worst(every, Y), abs=1e-12)


@pytest.mark.parametrize("m", [1, 2, 3, 5, 8])
def test_triangles_find_the_worst_violation_and_no_less(m):
    for Y in inequalities(m):
        exact, scale = worst(every_strategy(m), Y), np.max(np.abs(Y))
        assert -1e-14 * scale <= validity.violation_by_triangles(Y) - exact <= 1e-11 * scale


def test_of_many_measurements_no_strategy_violates_more():
    """17, one more than are all tried: the axes' own inequality, and others."""
    rng = np.random.default_rng(0)
    own = np.concatenate([[[8.5, 0, 0, 0]], np.pad(spread(17), ((0, 0), (1, 0)))])
    for Y in (own, own + 0.1 * rng.normal(size=own.shape), rng.normal(size=own.shape)):
        excess = validity.worst_violation(Y) - worst(every_strategy(17), Y)
        assert -1e-13 <= excess <= 1e-11 * np.max(np.abs(Y))


def test_there_are_as_few_as_cells():
    """m (m - 1) + 2 for circles in general position, and of great circles opposites in pairs."""
    rng = np.random.default_rng(1)
    for m in (3, 6, 10, 24):
        Y = rng.normal(size=(m + 1, 4))
        Y[1:, 0] = 0
        assert len(strategies.deciding(Y)) == m * (m - 1) + 2


def test_with_each_strategy_comes_its_opposite():
    for Y in inequalities(6):
        few = strategies.deciding(Y)
        assert np.all(few[:, 0] == 1)
        np.testing.assert_array_equal(np.sum(few[:, 1:], axis=0), 0)


def test_circles_through_one_point_are_left_on_both_sides():
    """The axes of a dodecahedron: every great circle of them passes through corners of others."""
    from jaxent.certify import dodecahedron

    Y = np.pad(dodecahedron(), ((1, 0), (1, 0)))
    rng = np.random.default_rng(2)
    few = {tuple(p) for p in strategies.deciding(Y).tolist()}
    for n in rng.normal(size=(2000, 3)):
        signs = np.where(Y[1:, 1:] @ n > 0, -1.0, 1.0)
        assert (1.0, *signs.tolist()) in few
