"""How many digits of a two-qubit state are right, component by component.

    python experiments/benchmarks/accuracy.py [--json] [--out DIR] [--quick]

Random machines over g/Gamma from 1e-6 to 1e6, ratios of rates up to 1e6, temperatures 0+, 0-,
finite, +inf and -inf, bosons and fermions, no, finite and infinite charge, resonant and detuned.
Every population, and the real and the imaginary part of the coherence, is compared with mpmath's to
a hundred digits, relative to itself; what vanishes exactly is compared with zero. Bosons have
finite and zero temperatures: an infinitely hot bosonic bath is another structure.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import jax
import numpy as np
import report
import timing
from precise_two_qubit import INF, Point, PreciseBath, steady_state

from jaxent.machines import TwoQubit

POINTS, QUICK_POINTS = 500, 10
WORST = 10
TARGET, ABSOLUTE_TARGET = 1e-13, 1e-15
VANISHES = 1e-70
"""Less than this is a rounding error of the reference: no entry of these machines is as small."""

QUICK_TOLERANCE = 1e-9
"""To what a quick run demands agreement; how far the target is met is what a full run measures."""

# The rates set the unit: their geometric mean is 1.
_RATIO = 6.0  # decades of gamma_B/gamma_A, both ways, and of g/Gamma
_FINITE = (0.1, 10.0)  # |T| in units of the gap, and of u in the same unit


def measure(quick: bool, progress: timing.Progress) -> dict[str, Any]:
    """Compare random machines and list the worst."""
    if not timing.installed("mpmath"):
        return {"absent": ["mpmath"], "points": 0, "worst": []}
    rng, found = np.random.default_rng(2022), []
    count = QUICK_POINTS if quick else POINTS
    for done in range(count):
        progress(f"point {done + 1} of {count}", done / count)
        point = random_point(rng)
        found.append({"point": _plain(point), **compare(point)})
    relative = np.array([one["relative"] for one in found])
    stray = max(one["stray"] for one in found)
    if quick:
        timing.agreed("accuracy: relative error", relative, np.zeros(count), QUICK_TOLERANCE)
    return {
        "points": count,
        "quantiles": {f"{q:g}": float(np.quantile(relative, q)) for q in (0.5, 0.9, 0.99, 1.0)},
        "within_target": int(np.sum(relative <= TARGET)),
        "largest_where_exactly_zero": stray,
        "worst": sorted(found, key=lambda one: -one["relative"])[:WORST],
        "targets": []
        if quick
        else [
            report.target("largest relative error of a component", relative.max(), most=TARGET),
            report.target("largest entry where the exact one is zero", stray, most=ABSOLUTE_TARGET),
        ],
    }


def random_point(rng: np.random.Generator) -> Point:
    """One machine, of any statistics, charge and detuning."""
    fermions = rng.random() < 0.7
    statistics = "fermion" if fermions else "boson"
    ratio = 10 ** rng.uniform(-_RATIO, _RATIO)
    baths = [
        PreciseBath(statistics, float(gamma), _temperature(rng, fermions))
        for gamma in (ratio**0.5, ratio**-0.5)
    ]
    charge = rng.choice(["none", "finite", "infinite"]) if fermions else "none"
    u = {"none": 0.0, "finite": _decades(rng, *_FINITE), "infinite": INF}[str(charge)]
    E_a, E_b = (1.0, 1.0) if rng.random() < 0.5 else rng.uniform(0.5, 2.0, 2).tolist()
    g = max(bath.gamma for bath in baths) * 10 ** rng.uniform(-_RATIO, _RATIO)
    return Point(float(g), *baths, u=u, E_a=E_a, E_b=E_b)


def _temperature(rng: np.random.Generator, fermions: bool) -> float:
    finite = _decades(rng, *_FINITE)
    values = [0.0, finite, -0.0, -finite, INF, -INF] if fermions else [0.0, finite]
    return values[rng.integers(len(values))]


def _decades(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def compare(point: Point) -> dict[str, Any]:
    """The largest relative error of a component, which one, and what should have vanished."""
    exact, rho = steady_state(point), np.asarray(_state(machine_of(point)))
    relative, stray = {}, 0.0
    for i, j in ((0, 0), (1, 1), (2, 2), (3, 3), (1, 2)):
        for part in ("real", "imag") if i != j else ("real",):
            wanted, got = (getattr(number, part) for number in (exact[i][j], rho[i, j]))
            if abs(wanted) < VANISHES:
                stray = max(stray, abs(float(got)))
            else:
                relative[f"{part} rho[{i}, {j}]"] = float(abs((got - wanted) / wanted))
    worst = max(relative, key=relative.__getitem__)
    return {"relative": relative[worst], "component": worst, "stray": stray}


_state = jax.jit(lambda machine: machine.state())


def machine_of(point: Point) -> TwoQubit:
    """The package's machine."""
    values: dict[str, Any] = {name: getattr(point, name) for name in ("g", "u", "E_a", "E_b")}
    for party in "ab":
        for name, value in asdict(getattr(point, f"bath_{party}")).items():
            values[f"bath_{party}.{name}"] = value
    return TwoQubit.from_parameters(values)


def _plain(point: Point) -> dict[str, Any]:
    """A point for JSON; a zero temperature keeps its sign in words."""
    values = asdict(point)
    for bath in ("bath_a", "bath_b"):
        if values[bath]["temperature"] == 0:
            values[bath]["temperature"] = "0-" if np.signbit(values[bath]["temperature"]) else "0+"
    return values


def tables(result: Mapping[str, Any]) -> list[Any]:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    title = f"The worst of {result['points']} two-qubit machines"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("relative error", "of", "statistics", "g", "gamma_A", "gamma_B", "T_A", "T_B"):
        table.add_column(name)
    for name in ("u", "E_A", "E_B"):
        table.add_column(name)
    for one in result["worst"]:
        point = one["point"]
        a, b = point["bath_a"], point["bath_b"]
        numbers = (point["g"], a["gamma"], b["gamma"], a["temperature"], b["temperature"])
        numbers += (point["u"], point["E_a"], point["E_b"])
        table.add_row(
            f"{one['relative']:.1e}", one["component"], a["statistics"], *map(_short, numbers)
        )
    return [table]


def _short(number: float | str) -> str:
    return number if isinstance(number, str) else f"{number:.3g}"


if __name__ == "__main__":
    report.main("accuracy")
