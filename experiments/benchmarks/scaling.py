"""Larger machines: value and gradient against the size, beside QuTiP's direct method.

    python experiments/benchmarks/scaling.py [--json] [--out DIR] [--quick]

One machine at a time: two qudits with resets (tavakoli2018 (10)), two ladders with one-step
transitions (App. E), two qubits in a cavity (tacchino2018 (7), (8)). The value is the population of
what the machine is for: the filters' subspace, or the qubits' dark state. QuTiP's Liouvillians are
written from the papers, as sums of superoperators that are made beforehand, so that only a linear
combination and the solve are timed; it takes part as long as it is expected to finish within a time
limit. The last task is the one-step machine of tavakoli2018, Fig. 6, whose success probability of
1e-316 no solver in double precision resolves; there the reference is the exact limit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import report
import timing
from timing import Contender

from jaxent.machines import AbstractMachine
from jaxent.machines.cavity_qubits import CavityQubits
from jaxent.machines.one_step_reset import OneStepReset, eta
from jaxent.machines.qudit_reset import QuditReset
from jaxent.quantum import partial_transpose
from jaxent.steady_state import graded_state

OURS, QUTIP = "jaxent", "QuTiP, direct"
WEAK = "one-step, weak coupling"

_QUTIP_SECONDS = 20.0
_GROWTH = 5  # of QuTiP's time with the dimension of the Hilbert space; sparse LU fills in

_FIG_6 = {"p_B": 1e-3, "g": 1e-12}  # tavakoli2018, p_A = g and g_1 = p_B/2
_WEAKER = 1e-18


@dataclass(frozen=True)
class Family:
    """Machines of one kind and growing size.

    Attributes:
        name: in tables.
        sizes: all of them, and the quick ones.
        machine: the package's machine of a size.
        observable: whose mean is the value, on the machine's state.
        dimension: of the Hilbert space.
        reference: QuTiP's task for a size.
    """

    name: str
    sizes: Sequence[int]
    quick: Sequence[int]
    machine: Callable[[int], AbstractMachine]
    observable: Callable[[int], np.ndarray]
    dimension: Callable[[int], int]
    reference: Callable[[int], Callable[[], float]]


# ours


def _qudits(d: int) -> QuditReset:
    return QuditReset(d, 0.5, 0.1, 1.0)


def _one_step(d: int) -> OneStepReset:
    return OneStepReset([0.5] * (d - 1), 0.4, 1.0)


def _cavity(photons: int) -> CavityQubits:
    return CavityQubits(1.0, 1.0, 2.0, 0.05, 0.05, 0.01, photons=photons)


def _heralding(machine: Callable[[int], Any]) -> Callable[[int], np.ndarray]:
    """The projector onto what the machine's filters let through."""
    return lambda size: np.diag(np.kron(*machine(size).default_filters))


def _dark_state(photons: int) -> np.ndarray:
    singlet = np.array([0.0, 1.0, -1.0, 0.0]) / np.sqrt(2)
    return np.outer(singlet, singlet)


def _score(machine: AbstractMachine, observable: np.ndarray) -> jax.Array:
    entries = np.nonzero(observable)  # a few of the many that a large state has
    return jnp.sum(jnp.real(machine.state()[entries]) * observable[entries])


def _ours(family: Family, size: int) -> tuple[Callable, Callable]:
    """Value, and value and gradient, as compiled calls that end on the host."""
    machine = family.machine(size)
    score = partial(_score, observable=family.observable(size))
    value, both = jax.jit(score), jax.jit(jax.value_and_grad(score))
    return (
        lambda: np.asarray(value(machine)),
        lambda: jax.tree.map(np.asarray, both(machine)),
    )


# QuTiP


def _reset_terms(levels: int, party: str, populations: np.ndarray):
    """The superoperator of tau (x) tr rho - rho, by its jumps |k><j| at the rates tau_k."""
    import qutip

    unit = [qutip.basis(levels, k) for k in range(levels)]
    one, total = qutip.qeye(levels), 0
    for k in np.flatnonzero(populations):
        for j in range(levels):
            jump = unit[k] * unit[j].dag()
            pair = (jump, one) if party == "a" else (one, jump)
            total = total + populations[k] * qutip.lindblad_dissipator(qutip.tensor(*pair))
    return total


def _hops(levels: int, pairs: Sequence[tuple[tuple[int, int], tuple[int, int]]]):
    """The sum of |to><from| + h.c. over pairs of levels of the two parties."""
    import qutip

    total = 0
    for to, source in pairs:
        ket, bra = (qutip.tensor(*(qutip.basis(levels, k) for k in ends)) for ends in (to, source))
        hop = ket * bra.dag()
        total = total + hop + hop.dag()
    return total


def _resets(levels: int, pairs, g: float, p_a: float, p_b: float, observable: np.ndarray):
    """tavakoli2018 (4) with T_A = inf and T_B = 0, for an interaction of equal couplings."""
    import qutip

    ladder = qutip.num(levels)
    free = qutip.tensor(ladder, qutip.qeye(levels)) + qutip.tensor(qutip.qeye(levels), ladder)
    terms = [
        (1.0, qutip.liouvillian(free)),
        (g, qutip.liouvillian(_hops(levels, pairs))),
        (p_a, _reset_terms(levels, "a", np.full(levels, 1 / levels))),
        (p_b, _reset_terms(levels, "b", np.eye(levels)[0])),
    ]
    weights = np.diagonal(observable)

    def value() -> float:
        rho = qutip.steadystate(sum(number * term for number, term in terms), method="direct")
        return float(np.real(rho.diag()) @ weights)

    return value


def _qutip_qudits(d: int) -> Callable[[], float]:
    pairs = [((d, 0), (k - 1, d - k + 1)) for k in range(1, d + 1)]
    return _resets(d + 1, pairs, 0.5, 0.1, 1.0, _heralding(_qudits)(d))


def _qutip_one_step(d: int) -> Callable[[], float]:
    pairs = [((k + 1, d - k - 2), (k, d - k - 1)) for k in range(d - 1)]
    return _resets(d, pairs, 0.5, 0.4, 1.0, _heralding(_one_step)(d))


def _qutip_cavity(photons: int) -> Callable[[], float]:
    """tacchino2018 (7), (8) in the frame of the resonance."""
    import qutip

    one, mode = qutip.qeye(2), qutip.qeye(photons + 1)
    lower = qutip.basis(2, 0) * qutip.basis(2, 1).dag()
    c = [qutip.tensor(lower, one, mode), qutip.tensor(one, lower, mode)]
    a = qutip.tensor(one, one, qutip.destroy(photons + 1))
    swap = sum(c_i.dag() * a for c_i in c)
    terms = [(1.0, qutip.liouvillian(swap + swap.dag())), (2.0, qutip.lindblad_dissipator(a))]
    terms += [(0.05, qutip.lindblad_dissipator(c_i.dag())) for c_i in c]
    terms += [(0.01, qutip.lindblad_dissipator(c_i)) for c_i in c]
    observable = _dark_state(photons)

    def value() -> float:
        rho = qutip.steadystate(sum(number * term for number, term in terms), method="direct")
        return float(np.real(np.trace(rho.ptrace([0, 1]).full() @ observable)))

    return value


FAMILIES = (
    Family(
        "qudits with resets",
        (2, 3, 5, 8, 12, 16, 20),
        (2,),
        _qudits,
        _heralding(_qudits),
        lambda d: (d + 1) ** 2,
        _qutip_qudits,
    ),
    Family(
        "one-step transitions",
        (3, 5, 8, 12, 16, 20),
        (3,),
        _one_step,
        _heralding(_one_step),
        lambda d: d**2,
        _qutip_one_step,
    ),
    Family(
        "qubits in a cavity",
        (5, 10, 15, 20, 30),
        (1,),
        _cavity,
        _dark_state,
        lambda photons: 4 * (photons + 1),
        _qutip_cavity,
    ),
)


# the measurement


def measure(quick: bool, progress: timing.Progress) -> dict[str, Any]:
    """Time every family, and the machine that needs its populations by their logarithms."""
    rows, left_out = [], []
    for done, family in enumerate(FAMILIES):

        def tell(stage: str, fraction: float, done: int = done) -> None:
            progress(stage, (done + fraction) / (len(FAMILIES) + 1))

        found, missing = _family(family, quick, tell)
        rows += found
        left_out += missing
    progress("one-step transitions at weak coupling", 1 - 1 / (len(FAMILIES) + 1))
    rows += [_weak_coupling(d, timing.plan(quick)) for d in ((3,) if quick else (8, 20))]
    return {
        "rows": rows,
        "absent": timing.absent("qutip"),
        "remarks": left_out,
        "targets": [] if quick else _targets(rows),
    }


def _family(
    family: Family, quick: bool, progress: timing.Progress
) -> tuple[list[dict[str, Any]], list[str]]:
    sizes, plan = family.quick if quick else family.sizes, timing.plan(quick)
    rows, left_out = [], []
    expected, with_qutip = 0.0, timing.installed("qutip")
    for done, size in enumerate(sizes):
        progress(f"{family.name}, {size}", done / len(sizes))
        value, both = _ours(family, size)
        contenders = [Contender(OURS, value), Contender("jaxent, with gradient", both, seen=_value)]
        if with_qutip and expected < _QUTIP_SECONDS:
            contenders.append(Contender(QUTIP, family.reference(size), tolerance=1e-8))
        elif with_qutip:
            left_out.append(f"{family.name}, {size}: QuTiP would take about {expected:.0f} s")
        found = timing.compare(family.name, size, contenders, plan)
        rows += found
        if found[-1]["contender"] == QUTIP:
            expected = found[-1]["seconds"]["median"]
        if done + 1 < len(sizes):
            larger = family.dimension(sizes[done + 1]) / family.dimension(size)
            expected *= larger**_GROWTH
    return rows, left_out


def _value(result: tuple[np.ndarray, Any]) -> np.ndarray:
    """The value alone; its gradient is compared by the tests."""
    return np.asarray(result[0])


def _weak_coupling(d: int, plan: timing.Plan) -> dict[str, Any]:
    """The negativity of tavakoli2018, Fig. 6.

    At the figure's couplings its distance from the limit of weak coupling is of the order of
    g/p_B = 1e-9. So it is compared with the exact limit where that is far below rounding errors.
    """
    kept = np.ix_(*[[d - 2, d - 1, 2 * d - 2, 2 * d - 1]] * 2)

    @jax.jit
    def negativity(machine: OneStepReset) -> jax.Array:
        state = graded_state(machine.generator, machine.coefficients())
        rho, _ = state.filtered(np.kron(*machine.default_filters))
        return -jnp.linalg.eigvalsh(partial_transpose(rho[kept], (2, 2)))[0]

    def machine(g: float) -> OneStepReset:
        return OneStepReset([_FIG_6["p_B"] / 2, *[g] * (d - 2)], g, _FIG_6["p_B"])

    def call() -> np.ndarray:
        return np.asarray(negativity(machine_of_figure))

    machine_of_figure = machine(_FIG_6["g"])
    row = timing.compare(WEAK, d, [Contender(OURS, call, tolerance=1e-12)], plan)[0]
    row["difference"] = timing.agreed(
        f"{WEAK}, {d}: {OURS}",
        np.asarray(negativity(machine(_WEAKER))),
        np.asarray(float(eta(d))),
        row["tolerance"],
    )
    row["note"] = f"from the exact limit, at g = {_WEAKER:g}"
    return row


def _targets(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    def seconds(task: str, size: int, contender: str) -> float:
        row = report.row_of(rows, task, size, contender)
        return row["seconds"]["median"] if row else float("inf")

    cavity = FAMILIES[2].name
    value, both = seconds(cavity, 15, OURS), seconds(cavity, 15, "jaxent, with gradient")
    found = [
        report.target("cavity, 15 photons: value and gradient / value", both / value, most=2),
        report.target(
            "one-step at weak coupling, d = 20: seconds", seconds(WEAK, 20, OURS), most=0.05
        ),
    ]
    if report.row_of(rows, cavity, 15, QUTIP):
        ratio = report.row_of(rows, cavity, 15, QUTIP)["ratio"]["median"]
        found.append(report.target("cavity, 15 photons: QuTiP / jaxent", ratio, least=60))
    return found


def tables(result: Mapping[str, Any]) -> list[Any]:
    return [report.timing_table("Larger machines", result["rows"], "size", "state")]


def draw(result: Mapping[str, Any]) -> Any:
    families = {family.name for family in FAMILIES}
    rows = [row for row in result["rows"] if row["task"] in families]
    return report.timing_figure(rows, "size: levels d, or photons", "state", logarithmic=False)


if __name__ == "__main__":
    report.main("scaling")
