"""On an accelerator the same numbers come out as on the CPU."""

import jax
import numpy as np
import pytest

from jaxent.baths import Bath
from jaxent.machines import TwoQubit
from jaxent.measures import OBJECTIVES

rng = np.random.default_rng(7)
POINTS = 10 ** rng.uniform(-2, 2, size=(1000, 5))


def value(measure, x):
    machine = TwoQubit(x[0], Bath(x[1], beta=-x[2]), Bath(x[3], beta=x[4]))
    return measure.signed.x(machine.state())


@pytest.mark.gpu
@pytest.mark.parametrize("measure", OBJECTIVES.values(), ids=OBJECTIVES.keys())
def test_values_and_slopes_are_those_of_the_cpu(measure):
    both = jax.jit(jax.vmap(jax.value_and_grad(lambda x: value(measure, x))))
    here = both(POINTS)
    with jax.default_device(jax.devices("cpu")[0]):
        there = both(POINTS)
    for one, other in zip(here, there, strict=True):
        accuracy = measure.accuracy and 1e-6  # of slopes, of which values are the squares
        np.testing.assert_allclose(one, other, rtol=max(1e-11, accuracy), atol=max(1e-13, accuracy))
