"""Every kernel of the steady state on the same generators.

    python experiments/benchmarks/kernels.py [--json] [--out DIR] [--quick]

`stationary_coordinates` chooses a kernel by the generator's structure; here each one is asked for
by name, on generators from 5 to some hundred coordinates, one by one and in batches, for the value
and for the value with the gradient of a fixed combination of coordinates by all coefficients. The
first contender is what is chosen; a kernel that does not apply to a generator does not take part.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import report
import timing
from timing import Contender

from jaxent import steady_state
from jaxent.baths import Bath
from jaxent.generator import Generator
from jaxent.machines import AbstractLindbladMachine, TwoQubit
from jaxent.machines.cavity_qubits import CavityQubits
from jaxent.machines.one_step_reset import OneStepReset
from jaxent.machines.qudit_reset import QuditReset

_SPREAD = 0.5  # of the logarithms of the coefficients in a batch
_TOLERANCE = 1e-9
_MOST_NUMBERS = 5e6  # of a batch: its size times the coordinates squared
_MOST_STATES = 9
_MOST_ONE_BY_ONE = 100  # states of a batch, by a kernel that solves them one by one


def _baths() -> tuple[Bath, Bath]:
    return Bath(1.0, beta=0.3), Bath(1.7, beta=2.0)


MACHINES: dict[str, Callable[[], AbstractLindbladMachine]] = {
    "resonant qubits": lambda: TwoQubit(0.5, *_baths()),
    "detuned qubits": lambda: TwoQubit(0.5, *_baths(), E_b=1.2),
    "tunnelling qubits": lambda: TwoQubit(0.5, *_baths(), u=1.0, kappa_a=0.2, kappa_b=0.1),
    "qutrits": lambda: QuditReset(2, 0.5, 0.1, 1.0),
    "ladders, d = 8": lambda: OneStepReset([0.5] * 7, 0.4, 1.0),
    "cavity, 15 photons": lambda: CavityQubits(1.0, 1.0, 2.0, 0.05, 0.05, 0.01, photons=15),
}
QUICK = ("resonant qubits",)
BATCHES, QUICK_BATCHES = (1, 10_000), (2,)

REMARKS = (
    f"batches with more than {_MOST_NUMBERS:.0e} matrix entries are left out",
    f"elimination, which is written out, is left out beyond {_MOST_STATES} states, where compiling "
    "it takes minutes",
)


def measure(quick: bool, progress: timing.Progress) -> dict[str, Any]:
    """Time every kernel on every generator."""
    names, batches = (QUICK, QUICK_BATCHES) if quick else (tuple(MACHINES), BATCHES)
    rows, sizes = [], {}
    for done, name in enumerate(names):
        machine = MACHINES[name]()
        generator = machine.generator
        sizes[name] = generator.size
        for batch in batches:
            progress(
                f"{name}, {batch:,}", (done + batches.index(batch) / len(batches)) / len(names)
            )
            if batch > 1 and batch * generator.size**2 > _MOST_NUMBERS:
                continue
            coefficients = _coefficients(machine, batch)
            for task, function in (("value", _value), ("value and gradient", _slopes)):
                contenders = _contenders(function, generator, coefficients, batch)
                rows += timing.compare(f"{name}: {task}", batch, contenders, timing.plan(quick))
    return {
        "rows": rows,
        "coordinates": sizes,
        "remarks": REMARKS,
    }


def _coefficients(machine: AbstractLindbladMachine, batch: int) -> list[np.ndarray]:
    """The machine's coefficients, in a batch each times a random factor."""
    rng = np.random.default_rng(0)
    own = np.array([np.asarray(c, dtype=float) for c in machine.coefficients()])
    factors = np.exp(rng.uniform(-_SPREAD, _SPREAD, (len(own), batch)))
    return list(own[:, None] * (factors if batch > 1 else 1.0))


def _value(generator: Generator, kernel: str | None, coefficients: list) -> jax.Array:
    x = steady_state.stationary_coordinates(generator, coefficients, kernel)
    return jnp.stack(jnp.broadcast_arrays(*x), axis=-1)


def _slopes(generator: Generator, kernel: str | None, coefficients: list) -> jax.Array:
    """A score of each state, and its derivatives by all coefficients, shape ``(..., 1 + K)``."""
    weights = np.cos(np.arange(generator.size))

    def score(coefficients: list) -> jax.Array:
        x = steady_state.stationary_coordinates(generator, coefficients, kernel)
        return sum(weight * value for weight, value in zip(weights, x, strict=True))

    values, back = jax.vjp(score, coefficients)
    return jnp.stack([values, *back(jnp.ones_like(values))[0]], axis=-1)


def _contenders(
    function: Callable, generator: Generator, coefficients: list, batch: int
) -> list[Contender]:
    chosen = steady_state.choose(generator)
    found = []
    for kernel in (chosen, *(name for name in steady_state.KERNELS if name != chosen)):
        if kernel == "elimination" and generator.dimension > _MOST_STATES:
            continue
        compiled = jax.jit(partial(function, generator, kernel))
        items = min(batch, _MOST_ONE_BY_ONE) if kernel == "sparse" else batch
        call = partial(_on_host, compiled, [jnp.asarray(c[:items]) for c in coefficients])
        try:
            jax.eval_shape(compiled, coefficients)
        except ValueError:  # it does not apply to this generator
            continue
        note = "chosen" if kernel == chosen else f"{items} of them" if items < batch else ""
        found.append(Contender(kernel, call, items, tolerance=_TOLERANCE, note=note))
    return found


def _on_host(compiled: Callable, coefficients: list) -> np.ndarray:
    return np.asarray(compiled(coefficients))


def tables(result: Mapping[str, Any]) -> list[Any]:
    return [report.timing_table("Kernels", result["rows"], "batch", "state")]


def draw(result: Mapping[str, Any]) -> Any:
    values = [row for row in result["rows"] if row["task"].endswith(": value")]
    batched = {row["task"] for row in values if row["size"] > 1}
    rows = [row for row in values if row["task"] in batched]
    return report.timing_figure(rows, "batch", "state")


if __name__ == "__main__":
    report.main("kernels")
