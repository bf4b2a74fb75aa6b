"""Two-qubit machines: states, scores and gradients, from one machine to a million.

    python experiments/benchmarks/two_qubit.py [--json] [--out DIR] [--quick]

Ours, compiled, against NumPy's batched complex LU on the 16 x 16 Liouvillian, QuTiP's
`steadystate`, dynamiqs' evolution to stationarity, and the closed form of brask2022. Every call
starts from parameters and ends with its result on the host. Each contender is used as it is best:
LU as it is usually written, and tuned, with chunks that suit the cache; QuTiP also by the method
that is fastest for small systems, dynamiqs by its fastest evolution. Where a contender would take
minutes it solves fewer machines, as many as it says, and its time per state is theirs.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import other_two_qubit as other
import plain_two_qubit as plain
import report
import timing
from timing import Contender, Plan

import jaxent
from jaxent.measures import x_states

report.beside("brask2022")
import closed_form  # noqa: E402

TASKS = ("state", "X state", "CHSH", "CHSH and gradient")
BATCHES = (1, 100, 10_000, 1_000_000)
CHARGED_BATCH = 10_000
QUICK_BATCH, QUICK_CHARGED_BATCH = 1, 20

_CHUNKS = (64, 256, 1024, 4096)
_CACHED = 2000  # machines at once whose derivatives stay in a core's cache
# How many machines others solve at most; the time of each does not depend on it.
_BY_LU = 200_000
_BY_USUAL_LU = 50_000
_BY_QUTIP = {"svd": 200, "direct": 20}
_BY_DYNAMIQS = 100
_EVOLVED = 1e-6  # to what an evolution is stationary

REMARKS = (
    "dynamiqs takes no part in gradients of inverted machines: its jump operators are square roots "
    "of rates, which have no derivative where a rate vanishes",
)

OURS, CLOSED = "jaxent", "closed form, NumPy"
VALUE_ALONE = "jaxent, the value alone"
LU, USUAL_LU = "NumPy LU, tuned", "NumPy LU"


def parameters(batch: int, charged: bool, seed: int = 0) -> dict[str, np.ndarray]:
    """Random machines; with charge, their bath A is completely inverted."""
    rng = np.random.default_rng(seed)
    g, gamma_a, gamma_b = np.exp(rng.uniform(np.log(0.3), np.log(3.0), (3, batch)))
    beta_a, beta_b = rng.uniform(0.1, 3.0, (2, batch))
    p = {"g": g, "E": np.ones(batch), "gamma_a": gamma_a, "beta_a": beta_a}
    p |= {"gamma_b": gamma_b, "beta_b": beta_b}
    if charged:
        p |= {"u": rng.uniform(0.5, 2.0, batch), "beta_a": np.full(batch, -np.inf)}
    return p


def machine_of(p: Mapping[str, np.ndarray]) -> jaxent.TwoQubit:
    """The package's machines with these parameters, one leaf for each."""
    baths = (jaxent.Bath(p[f"gamma_{k}"], beta=p[f"beta_{k}"]) for k in "ab")
    return jaxent.TwoQubit(p["g"], *baths, E_a=p["E"], E_b=p["E"], u=p.get("u", 0.0))


# ours


def score(machine: jaxent.TwoQubit) -> Any:
    """The CHSH value of the steady states, by the form for X states."""
    return x_states.chsh(machine.x_state())


def slopes(machine: jaxent.TwoQubit) -> Any:
    """The CHSH values with their derivatives by every leaf of the machine."""
    values, back = jax.vjp(score, machine)
    return values, back(jnp.ones_like(values))[0]


def slopes_in_chunks(machines: jaxent.TwoQubit) -> Any:
    """The same for a large batch on a CPU, as the search does it: a chunk stays in the cache."""
    return jax.lax.map(slopes, machines, batch_size=_CACHED)


def on_host(function: Callable) -> Callable:
    """A function whose results are NumPy arrays."""
    return lambda *arguments: jax.tree.map(np.asarray, function(*arguments))


_COMPILED = {
    "state": jax.jit(lambda machine: machine.state()),
    "X state": jax.jit(lambda machine: machine.x_state()),
    "CHSH": jax.jit(score),
    "CHSH and gradient": jax.jit(slopes),
}
_EAGER = {
    "state": lambda machine: machine.state(),
    "X state": lambda machine: machine.x_state(),
    "CHSH": score,
    "CHSH and gradient": slopes,
}


# the same of all


def _seen_slopes(result: Any, charged: bool) -> np.ndarray:
    """Values and derivatives side by side, whoever they are from, shape ``(n, 1 + k)``."""
    values, by = result
    if not isinstance(by, dict):
        by = {"g": by.g, "E": by.E_a, "gamma_a": by.bath_a.gamma, "beta_a": by.bath_a.beta} | {
            "gamma_b": by.bath_b.gamma,
            "beta_b": by.bath_b.beta,
            **({"u": by.finite_u} if charged else {}),
        }
    return np.stack([values, *(by[name] for name in sorted(by))], axis=1)


def _seen_x(result: Any) -> np.ndarray:
    """Populations and the modulus of the inner coherence, the first five of a tuple, ``(n, 5)``."""
    return np.abs(np.stack(result[:5], axis=1))


def contenders(
    task: str, p: Mapping[str, np.ndarray], charged: bool, chunk: int, quick: bool
) -> list[Contender]:
    """Everyone who takes part in a task with these machines."""
    machine, batch = machine_of(p), len(p["g"])
    special = {"X state": _seen_x, "CHSH and gradient": partial(_seen_slopes, charged=charged)}
    seen: Callable[[Any], np.ndarray] = special.get(task, np.asarray)
    found = [_by_us(task, machine, batch, seen)]
    if task == "CHSH and gradient":
        value = partial(on_host(_COMPILED["CHSH"]), machine)
        found.append(Contender(VALUE_ALONE, value, batch, None))
    if jax.default_backend() != "cpu":
        found.append(_on_device(task, machine, batch))
    if batch == 1:
        found += _overheads(task, machine, found[0], quick)
    found.append(_by_lu(task, p, charged, chunk, seen))
    if task != "CHSH and gradient":
        found.append(_by_usual_lu(task, p, charged))
    if task in ("X state", "CHSH"):
        found.append(_by_closed_form(task, p, charged))
    return found + _by_peers(task, p, charged, quick, seen)


def _by_us(task: str, machine: jaxent.TwoQubit, batch: int, seen: Callable) -> Contender:
    compiled, note = _COMPILED[task], ""
    if task == "CHSH and gradient" and batch > _CACHED and jax.default_backend() == "cpu":
        compiled, note = jax.jit(slopes_in_chunks), f"in chunks of {_CACHED}"
    return Contender(OURS, partial(on_host(compiled), machine), batch, seen, note=note)


def _on_device(task: str, machine: jaxent.TwoQubit, batch: int) -> Contender:
    """The same without the way back to the host, for a search that goes on from there."""
    compiled = _COMPILED[task]

    def call() -> None:
        jax.block_until_ready(compiled(machine))

    return Contender("jaxent, left on the device", call, batch, None)


def _overheads(
    task: str, machine: jaxent.TwoQubit, ours: Contender, quick: bool
) -> list[Contender]:
    """What a single call from Python costs whatever it computes, and without being compiled."""
    nothing = partial(on_host(jax.jit(lambda machine: machine.g)), machine)
    found = [Contender("an empty call", nothing, 1, None, note="the overhead of any compiled call")]
    if not quick:  # every operation is compiled by itself
        eager = partial(on_host(_EAGER[task]), machine)
        found.append(Contender("jaxent, not compiled", eager, 1, ours.seen))
    return found


def _by_lu(task: str, p, charged: bool, chunk: int, seen: Callable) -> Contender:
    machines = plain.Machines(charged, chunk)
    ways = {
        "state": machines.states,
        "X state": lambda p: _x_entries(machines.states(p)),
        "CHSH": machines.chsh,
        "CHSH and gradient": machines.chsh_and_gradient,
    }
    some = _first(p, _BY_LU)
    items = len(some["g"])
    notes = [_so_many(items, p), f"in chunks of {chunk}" if items > chunk else ""]
    note = ", ".join(filter(None, notes))
    return Contender(LU, partial(ways[task], some), items, seen, 1e-9, note)


def _by_usual_lu(task: str, p, charged: bool) -> Contender:
    some = _first(p, _BY_USUAL_LU)
    items = len(some["g"])
    call = partial(plain.Machines(charged, items).states_of_all, some)
    return _scored(USUAL_LU, task, call, items, 1e-9, p)


def _x_entries(rho: np.ndarray) -> tuple[np.ndarray, ...]:
    populations = np.diagonal(rho, axis1=-2, axis2=-1).real.T
    return *np.ascontiguousarray(populations), np.abs(rho[:, 1, 2])


def _by_closed_form(task: str, p, charged: bool) -> Contender:
    def state():
        u = p["u"] if charged else 0.0
        a, b = (closed_form.rates("fermion", p[f"gamma_{k}"], p[f"beta_{k}"], u) for k in "ab")
        return closed_form.steady_state(p["g"], a, b)

    if task == "CHSH":
        return Contender(CLOSED, lambda: closed_form.chsh(state()), len(p["g"]))
    return Contender(CLOSED, state, len(p["g"]), _seen_x)


def _by_peers(task: str, p, charged: bool, quick: bool, seen: Callable) -> list[Contender]:
    """QuTiP and dynamiqs, with as many of the machines as they can do in a while."""
    found = []
    if timing.installed("qutip") and task in ("state", "CHSH"):
        for method, most in _BY_QUTIP.items():
            some = _first(p, 2 if quick else most)
            call = other.qutip_states(some, charged, method)
            found.append(_scored(f"QuTiP, {method}", task, call, len(some["g"]), 1e-9, p))
    if timing.installed("dynamiqs") and _by_evolution(task, charged, quick):
        some = _first(p, 2 if quick else _BY_DYNAMIQS)
        items = len(some["g"])
        if task == "CHSH and gradient":
            call = other.dynamiqs_slopes(some, charged, "Expm")
            note = _so_many(items, p)
            found.append(Contender("dynamiqs, Expm", call, items, seen, _EVOLVED, note))
        else:
            call = other.dynamiqs_states(some, charged, "Expm")
            found.append(_scored("dynamiqs, Expm", task, call, items, _EVOLVED, p))
    return found


def _by_evolution(task: str, charged: bool, quick: bool) -> bool:
    """Whether an evolution takes part; each size and task is compiled, which a quick run saves."""
    if task == "CHSH and gradient" and charged:
        return False  # see REMARKS
    return task != "X state" and (not quick or (task == "state" and charged))


def _first(p, most: int) -> dict[str, np.ndarray]:
    return {name: values[:most] for name, values in p.items()}


def _so_many(items: int, p) -> str:
    return f"{items:,} of them" if items < len(p["g"]) else ""


def _scored(name: str, task: str, call: Callable, items: int, tolerance: float, p) -> Contender:
    """A contender that computes states, and what the task wants of them."""
    wanted, seen = {
        "state": (lambda rho: rho, np.asarray),
        "X state": (_x_entries, _seen_x),
        "CHSH": (lambda rho: plain.chsh(rho.reshape(-1, 16))[0], np.asarray),
    }[task]
    return Contender(name, lambda: wanted(call()), items, seen, tolerance, _so_many(items, p))


# the measurement


def measure(quick: bool, progress: timing.Progress) -> dict[str, Any]:
    """Time every task at every size."""
    plan, rows = timing.plan(quick), []
    cases = _cases(quick)
    chunks = {task: _fastest_chunk(gradient=task == TASKS[-1]) for task in (TASKS[0], TASKS[-1])}
    for done, (task, charged, batch) in enumerate(cases):
        progress(f"{task} of {batch:,}", done / len(cases))
        p = parameters(batch, charged)
        rivals = contenders(task, p, charged, chunks.get(task, chunks[TASKS[0]]), quick)
        name = f"{task}, charged and inverted" if charged else task
        rows += timing.compare(name, batch, rivals, plan)
    return {
        "rows": rows,
        "absent": timing.absent("qutip", "dynamiqs"),
        "remarks": REMARKS,
        "targets": [] if quick else _targets(rows),
    }


def _cases(quick: bool) -> list[tuple[str, bool, int]]:
    """Task, whether with charge and inversion, and batch."""
    if quick:
        cases = [(task, False, QUICK_BATCH) for task in TASKS]
        return cases + [(task, True, QUICK_CHARGED_BATCH) for task in (TASKS[0], TASKS[-1])]
    sizes = [*((False, batch) for batch in BATCHES), (True, CHARGED_BATCH)]
    return [(task, *size) for task in TASKS for size in sizes]


def _fastest_chunk(gradient: bool) -> int:
    """How many matrices at once NumPy's LU is fastest with."""
    p, calls = parameters(max(_CHUNKS), charged=False), []
    for chunk in _CHUNKS:
        machines = plain.Machines(False, chunk)
        calls.append(partial(machines.chsh_and_gradient if gradient else machines.states, p))
    turns = timing.alternate(calls, Plan(rounds=5, sample=0.0, limit=1.0))
    return min(zip(_CHUNKS, turns, strict=True), key=lambda pair: np.median(pair[1].seconds))[0]


def _targets(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    batch = CHARGED_BATCH
    ratios = {
        task: report.row_of(rows, task, batch, USUAL_LU)["ratio"]["median"] for task in TASKS[:3]
    }
    # Turn by turn as well.
    alone = report.row_of(rows, "CHSH and gradient", batch, VALUE_ALONE)["ratio"]["median"]
    return [
        report.target(f"{task}: NumPy LU / jaxent at {batch:,}", ratio, least=300)
        for task, ratio in ratios.items()
    ] + [report.target(f"value and gradient / value at {batch:,}", 1 / alone, most=3.5)]


def tables(result: Mapping[str, Any]) -> list[Any]:
    return [report.timing_table("Two-qubit machines", result["rows"], "batch", "state")]


def draw(result: Mapping[str, Any]) -> Any:
    # What a single call costs besides is in the table.
    everywhere = {row["contender"] for row in result["rows"] if row["size"] > 1}
    rows = [r for r in result["rows"] if r["task"] in TASKS and r["contender"] in everywhere]
    return report.timing_figure(rows, "batch", "state")


if __name__ == "__main__":
    report.main("two_qubit")
