"""The steering robustness of many states: ours, and convex optimisation state by state.

    python experiments/benchmarks/steering.py [--json] [--out DIR] [--quick]

For the ten measurements of the dodecahedron. CVXPY solves one program whose data is a parameter
(DPP), compiled once, anew for each state with Clarabel; a certificate adds what makes its bounds
rigorous. The states in X form have one coherence, and are solved by ours in both forms.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import numpy as np
import report
import timing
from timing import Contender

from jaxent.certify import SteeringProgram, dodecahedron
from jaxent.certify.assemblage import deviation
from jaxent.certify.program import ConeProgram
from jaxent.directions import every_strategy
from jaxent.measures import steering_robustness
from jaxent.measures.steering import x_steering_robustness
from jaxent.quantum import XState

STATES, QUICK_STATES = 64, 2
PEERS_STATES = 8
TARGET = 25.0
_TOLERANCE = 1e-8

Solver = Callable[[np.ndarray], float]


def measure(quick: bool, progress: timing.Progress) -> dict[str, Any]:
    """Time the value, and the value with its gradient, of states of either form."""
    count = QUICK_STATES if quick else STATES
    program = SteeringProgram(dodecahedron(), "dodecahedron")
    rows = []
    for done, (name, make, x_form) in enumerate(
        (("any state", _state, False), ("X form", _x_state, True))
    ):
        progress(name, done / 2)
        rng = np.random.default_rng(0)
        states = np.array([make(rng) for _ in range(count)])
        ours = _ours(states, x_form)
        rows += timing.compare(
            f"{name}: value", count, [*ours, *_peers(program, states)], timing.plan(quick)
        )
        slopes = _slopes(states, x_form)
        rows += timing.compare(f"{name}: value and gradient", count, slopes, timing.plan(quick))
    slower = next(r for r in rows if r["contender"].startswith("CVXPY"))["ratio"]["median"]
    targets = [report.target("CVXPY's time over ours, any state", slower, least=TARGET)]
    return {"rows": rows, "targets": [] if quick else targets}


def _state(rng: np.random.Generator) -> np.ndarray:
    factor = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    factor = factor[:, : rng.integers(1, 5)]
    return factor @ factor.conj().T / np.linalg.norm(factor) ** 2


def _x_state(rng: np.random.Generator) -> np.ndarray:
    rho = np.diag(rng.dirichlet(np.ones(4))).astype(complex)
    rho[1, 2] = rho[2, 1] = rng.random() * np.sqrt(rho[1, 1] * rho[2, 2])
    return rho


def _of_x(rho: jax.Array) -> jax.Array:
    return x_steering_robustness(XState.of(rho))


def _ours(states: np.ndarray, x_form: bool) -> list[Contender]:
    forms = {"jaxent, X form": _of_x} if x_form else {}
    forms["jaxent"] = steering_robustness
    return [
        Contender(name, partial(_on_host, jax.jit(form), states), len(states), tolerance=_TOLERANCE)
        for name, form in forms.items()
    ]


def _slopes(states: np.ndarray, x_form: bool) -> list[Contender]:
    form = _of_x if x_form else steering_robustness
    both = jax.jit(jax.vmap(jax.value_and_grad(form)))
    name = "jaxent, X form" if x_form else "jaxent"
    return [Contender(name, lambda: np.asarray(both(states)[0]), len(states))]


def _on_host(compiled: Callable, states: np.ndarray) -> np.ndarray:
    return np.asarray(compiled(states))


def _peers(program: SteeringProgram, states: np.ndarray) -> list[Contender]:
    few = states[:PEERS_STATES]
    every = ConeProgram(every_strategy(len(program.directions)), program.name)
    solvers: dict[str, Solver] = {
        "CVXPY, all strategies": partial(_solved, every, program.directions),
        "certificate": lambda rho: program.certify(rho).q,
    }
    note = f"{len(few)} of them" if len(few) < len(states) else ""
    return [
        Contender(
            name, partial(_one_by_one, solver, few), len(few), tolerance=_TOLERANCE, note=note
        )
        for name, solver in solvers.items()
    ]


def _one_by_one(solver: Solver, states: np.ndarray) -> np.ndarray:
    return np.array([solver(rho) for rho in states])


def _solved(program: ConeProgram, directions: np.ndarray, rho: np.ndarray) -> float:
    """The solver's p* of a program with parameters, compiled once, without repair."""
    return 1 - program.solve(deviation(rho, "a", directions)).visibility


def tables(result: Mapping[str, Any]) -> list[Any]:
    return [report.timing_table("Steering robustness", result["rows"], "states", "state")]


def draw(result: Mapping[str, Any]) -> Any:
    rows = [row for row in result["rows"] if row["task"].endswith(": value")]
    return report.timing_figure(rows, "states", "state")


if __name__ == "__main__":
    report.main("steering")
