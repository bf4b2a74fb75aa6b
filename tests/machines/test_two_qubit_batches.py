"""Arrays of parameters give arrays of states: batches, jit, vmap and grad agree with a loop."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxent.baths import Bath
from jaxent.machines import TwoQubit

INF = float("inf")
SHAPE = (2, 3)
STRUCTURES = {
    "resonant": {},
    "charged": {"u": 1.5},
    "infinitely charged": {"u": INF},
    "detuned": {"E_b": 1.2},
    "tunnelling": {"kappa_a": 0.3},
    "all": {"u": 1.5, "E_b": 1.2, "kappa_a": 0.3, "kappa_b": -0.2},
}


def parameters(shape):
    rng = np.random.default_rng(31)
    return {
        "g": 10 ** rng.uniform(-1, 1, shape),
        "bath_a.gamma": 10 ** rng.uniform(-1, 1, shape),
        "bath_b.gamma": 10 ** rng.uniform(-1, 1, shape),
        "bath_a.temperature": rng.choice([INF, -0.0, 0.4, -2.0, 3.0], shape),
        "bath_b.occupation": rng.uniform(0, 1, shape),
    }


STATISTICS = {"bath_a.statistics": "fermion", "bath_b.statistics": "fermion"}


def build(values, structure):
    return TwoQubit.from_parameters({**STATISTICS, **values, **structure})


def each(values):
    """The scalar parameters at each index of the batch."""
    for index in np.ndindex(SHAPE):
        yield index, {name: array[index] for name, array in values.items()}


@pytest.mark.parametrize("structure", STRUCTURES.values(), ids=STRUCTURES.keys())
def test_a_batch_of_machines_is_a_loop_over_them(structure):
    values = parameters(SHAPE)
    batch = build(values, structure).state()
    assert batch.shape == (*SHAPE, 4, 4)
    assert batch.dtype == jnp.complex128
    for index, scalars in each(values):
        np.testing.assert_allclose(batch[index], build(scalars, structure).state(), atol=1e-14)


def test_structural_parameters_may_be_batches_too():
    """As long as none of their values is the one that changes the structure."""
    values = parameters(SHAPE)
    spread = {k: v * np.linspace(0.5, 1, 3) for k, v in STRUCTURES["all"].items()}
    batch = build(values, spread).state()
    for index, scalars in each(values):
        one = {name: array[index[-1]] for name, array in spread.items()}
        np.testing.assert_allclose(batch[index], build(scalars, one).state(), atol=1e-14)


def test_scalars_broadcast_against_batches():
    hot, cold = Bath(np.array([0.5, 1.0, 2.0]), temperature=2.0), Bath(0.7, temperature=0.3)
    couplings = np.array([[0.1], [0.9]])
    batch = TwoQubit(couplings, hot, cold).state()
    assert batch.shape == (2, 3, 4, 4)
    one = TwoQubit(0.9, Bath(2.0, temperature=2.0), cold).state()
    np.testing.assert_allclose(batch[1, 2], one, atol=1e-15)


@pytest.mark.parametrize("name", ["resonant", "tunnelling"])
def test_jit_and_vmap_agree_with_a_loop(name):
    structure, values = STRUCTURES[name], parameters(SHAPE)
    batch = build(values, structure).state()
    state = lambda values: build(values, structure).state()  # noqa: E731
    np.testing.assert_allclose(jax.jit(state)(values), batch, atol=1e-14)
    by_columns = jax.jit(jax.vmap(state, in_axes=1, out_axes=1))
    np.testing.assert_allclose(by_columns(values), batch, atol=1e-14)
    one_by_one = jax.jit(jax.vmap(jax.vmap(state)))
    np.testing.assert_allclose(one_by_one(values), batch, atol=1e-14)


@pytest.mark.parametrize("name", ["resonant", "tunnelling"])
def test_the_gradient_of_a_batch_is_a_loop_over_gradients(name):
    structure, values = STRUCTURES[name], parameters(SHAPE)
    values["bath_a.inverse_temperature"] = 1 / values.pop("bath_a.temperature")
    weights = np.random.default_rng(1).normal(size=(4, 4))

    @jax.jit
    @jax.grad
    def gradient(values):
        rho = build(values, structure).state()
        return jnp.sum(weights * (rho.real + rho.imag))

    batch = gradient(values)
    for index, scalars in each(values):
        for slope, one in zip(batch.values(), gradient(scalars).values(), strict=True):
            np.testing.assert_allclose(slope[index], one, rtol=1e-11, atol=1e-13)


def test_forward_and_reverse_derivatives_agree():
    values = {k: v[0, 0] for k, v in parameters(SHAPE).items() if "temperature" not in k}
    population = lambda v: build(v, {"bath_a.temperature": 2.0}).state()[2, 2].real  # noqa: E731
    forward = jax.jit(jax.jacfwd(population))(values)
    reverse = jax.jit(jax.jacrev(population))(values)
    for name in values:
        np.testing.assert_allclose(forward[name], reverse[name], rtol=1e-12)


# machines as pytrees


def leaves(machine):
    return sorted(float(leaf) for leaf in jax.tree.leaves(machine))


def test_the_leaves_of_a_machine_are_its_parameters():
    hot, cold = Bath(1.0, temperature=-2.0), Bath(0.7, occupation=0.25)
    machine = TwoQubit(0.5, hot, cold, u=0.3, E_a=1.1, E_b=0.875, kappa_a=0.2, kappa_b=0.1)
    # the temperature of bath A by its inverse
    assert leaves(machine) == pytest.approx(
        sorted([0.5, 1.0, -0.5, 0.7, 0.25, 0.3, 1.1, 0.875, 0.2, 0.1]), abs=1e-15
    )


def test_what_is_known_to_vanish_is_no_leaf():
    """So that no derivative is taken along what the structure lacks."""
    hot, cold = Bath(1.0, temperature=-2.0), Bath(0.7, occupation=0.25)
    for u in (0.0, INF):
        assert leaves(TwoQubit(0.5, hot, cold, u=u, E_a=1.1, E_b=1.1)) == sorted(
            [0.5, 1.0, -0.5, 0.7, 0.25, 1.1]
        )


@pytest.mark.parametrize("structure", STRUCTURES.values(), ids=STRUCTURES.keys())
def test_a_machine_survives_the_round_trip_through_its_leaves(structure):
    machine = build({k: v[0, 1] for k, v in parameters(SHAPE).items()}, structure)
    leaves, tree = jax.tree.flatten(machine)
    again = jax.tree.unflatten(tree, leaves)
    assert jax.tree.structure(again) == tree
    assert (again.charge, again.detuned, again.tunnelling) == (
        machine.charge,
        machine.detuned,
        machine.tunnelling,
    )
    assert np.array_equal(again.state(), machine.state())


def test_machines_pass_through_jit_and_vmap():
    machines = [TwoQubit(g, Bath(1.0, temperature=2.0), Bath(0.7, beta=INF)) for g in (0.1, 0.5)]
    state = lambda machine: machine.state()  # noqa: E731
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *machines)
    batch = jax.vmap(state)(stacked)
    for one, machine in zip(batch, machines, strict=True):
        np.testing.assert_allclose(one, machine.state(), atol=1e-15)
        np.testing.assert_allclose(jax.jit(state)(machine), machine.state(), atol=1e-15)


def test_a_machine_of_integers_computes_in_double_precision():
    integers = TwoQubit(1, Bath(1, temperature=2), Bath(2, temperature=0)).state()
    floats = TwoQubit(1.0, Bath(1.0, temperature=2.0), Bath(2.0, temperature=0.0)).state()
    assert integers.dtype == jnp.complex128
    assert np.array_equal(integers, floats)
