"""The steering figures of brask2022: Figs. 2 and 3 (maps), Fig. 4 (robustness), and more settings.

    python experiments/brask2022/steering.py maps --out runs/steering
    python experiments/brask2022/steering.py robustness --out runs/steering
    python experiments/brask2022/steering.py settings --out runs/steering

Each writes its data (JSON) and a figure (PNG, PDF), and prints its numbers. In all of them
gamma_A = 1, T_B = 0, Alice measures qubit A, and the dodecahedron stands as in
`jaxent.certify.dodecahedron`: x, y and z are two-fold axes.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jax
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap

import jaxent
from jaxent.certify import certify_steering, critical_radius, noise_threshold
from jaxent.measures.steering import x_steering_robustness

STYLE = {"font.size": 8, "axes.labelsize": 9, "pdf.fonttype": 42, "xtick.direction": "in"}
VERDICTS = ("unsteerable", "undetermined", "steerable")
# Light to dark, apart in grey too.
COLOURS = ListedColormap(["#F0F0F0", "#E69F00", "#0072B2"])


def two_qubits(g: Any, gamma_b: Any, hot: Any, statistics: Any = "fermion", **others: Any):
    """The machine between a bath at the given temperature and one at T = 0+."""
    first = jaxent.Bath(1.0, temperature=hot, statistics=statistics)
    second = jaxent.Bath(gamma_b, temperature=0.0, statistics=statistics)
    return jaxent.TwoQubit(g, first, second, **others)


MACHINES: dict[str, Callable[..., Any]] = {
    "bosons, $T_A = 1$": partial(two_qubits, hot=1.0, statistics="boson"),
    "bosons, $T_A = 3$": partial(two_qubits, hot=3.0, statistics="boson"),
    r"fermions, $T_A \to \infty$": partial(two_qubits, hot=np.inf),
    "fermions, inverted": partial(two_qubits, hot=-0.0),
    r"charged fermions, $u \to \infty$": partial(two_qubits, hot=np.inf, u=np.inf),
}
INVERTED = MACHINES["fermions, inverted"]

# Machines, the place in the plane and the q that the paper prints, if it does.
PAPER = {
    "inverted, (0.38, 1.9)": (INVERTED, 0.38, 1.9, 0.109),
    "fermions, (0.6, 8.5)": (MACHINES[r"fermions, $T_A \to \infty$"], 0.6, 8.5, 0.0023),
    "charged, (0.3, 2.1)": (MACHINES[r"charged fermions, $u \to \infty$"], 0.3, 2.1, 0.0075),
    "charged, (0.3, 2.1), T_A = 100": (partial(two_qubits, hot=1e2, u=np.inf), 0.3, 2.1, None),
    "charged, (0.3, 2.1), T_A = 30": (partial(two_qubits, hot=30.0, u=np.inf), 0.3, 2.1, None),
}


def state(machine: Callable[..., Any], g: float, gamma_b: float) -> np.ndarray:
    """The steady state of a machine at one place of the plane."""
    return np.asarray(machine(g, gamma_b).state())


# maps


def maps(points: int) -> dict[str, Any]:
    """Which states all projective measurements, and which ten of them, prove steerable."""
    g, gamma_b = np.geomspace(0.02, 2, points), np.geomspace(0.2, 50, points)
    found: dict[str, Any] = {"g": g.tolist(), "gamma_b": gamma_b.tolist(), "maps": {}}
    for name, machine in MACHINES.items():
        states = batch(machine, g, gamma_b)
        radii = [critical_radius(rho, decide=True, width=1e-4) for rho in states.reshape(-1, 4, 4)]
        verdicts = [VERDICTS.index(radius.verdict) for radius in radii]
        found["maps"][name] = {
            "verdict": np.reshape(verdicts, (points, points)).tolist(),
            "dodecahedron": robustness_map(machine, g, gamma_b).tolist(),
        }
        shares = [f"{verdicts.count(k) / len(verdicts):.1%} {v}" for k, v in enumerate(VERDICTS)]
        ten = np.mean(np.array(found["maps"][name]["dodecahedron"]) > 0)
        print(f"{name}: {', '.join(shares)}; {ten:.1%} by the dodecahedron", file=sys.stderr)
    return found


def batch(machine: Callable[..., Any], g: np.ndarray, gamma_b: np.ndarray) -> np.ndarray:
    """The states on a grid, shape ``(len(gamma_b), len(g), 4, 4)``."""
    return np.asarray(jax.jit(lambda g, gb: machine(g, gb).state())(*np.meshgrid(g, gamma_b)))


def robustness_map(machine: Callable[..., Any], g: np.ndarray, gamma_b: np.ndarray) -> np.ndarray:
    """The robustness q for the dodecahedron on a grid, shape ``(len(gamma_b), len(g))``."""
    q = jax.jit(lambda g, gb: x_steering_robustness(machine(g, gb).x_state()))
    return np.asarray(q(*np.meshgrid(g, gamma_b)))


def draw_maps(found: dict[str, Any]) -> Any:
    """One panel for each machine; a line around what ten measurements prove."""
    figure, axes = plt.subplots(2, 3, figsize=(7, 4.4), sharex=True, sharey=True)
    g, gamma_b = found["g"], found["gamma_b"]
    for panel, (name, map_) in zip(axes.flat, found["maps"].items(), strict=False):
        verdict = np.array(map_["verdict"])
        panel.pcolormesh(g, gamma_b, verdict, cmap=COLOURS, vmin=0, vmax=2, rasterized=True)
        q = np.array(map_["dodecahedron"])
        if q.min() < 0 < q.max():
            panel.contour(g, gamma_b, q, levels=[0], colors="white", linewidths=1.2)
        panel.set(title=name, xscale="log", yscale="log")
        panel.title.set_fontsize(8)
    legend = axes.flat[-1]
    legend.axis("off")
    patches = [plt.Rectangle((0, 0), 1, 1, fc=COLOURS(k), ec="0.4") for k in range(3)]
    line = plt.Line2D([], [], color="0.6", lw=1.2)
    names = [*VERDICTS, "by the dodecahedron,\nabove the white line"]
    legend.legend([*patches, line], names, frameon=False, loc="center", fontsize=8)
    figure.supxlabel(r"$g/\gamma_A$", fontsize=9)
    figure.supylabel(r"$\gamma_B/\gamma_A$", fontsize=9)
    return figure


# robustness


def robustness(points: int) -> dict[str, Any]:
    """Fig. 4: q over the plane of the inverted machine, and the points that the paper names."""
    g, gamma_b = np.linspace(0.02, 1.5, points), np.linspace(0.1, 6, points)
    start = time.perf_counter()
    q = robustness_map(INVERTED, g, gamma_b)
    print(f"{q.size} states in {time.perf_counter() - start:.1f} s", file=sys.stderr)
    j, i = np.unravel_index(np.argmax(q), q.shape)
    print(f"best grid point: q = {q[j, i]:.6f} at g = {g[i]:.4f}, gamma_B = {gamma_b[j]:.4f}")
    for name, (machine, at, and_at, printed) in PAPER.items():
        certificate = certify_steering(state(machine, at, and_at))
        beside = f", printed {printed}" if printed else ""
        print(f"{name}: q = {certificate.q:.6f} +- {certificate.gap:.0e}{beside}")
    golden = certify_steering(teleporting())
    print(f"the best machine for teleportation: q = {golden.q:.6f}, printed 0.081")
    return {"g": g.tolist(), "gamma_b": gamma_b.tolist(), "q": q.tolist()}


def teleporting() -> np.ndarray:
    """The inverted machine's state of the largest singlet fraction, (3 + sqrt 5)/8."""
    # By symmetry gamma_B = gamma_A there, brask2022 (22).
    places = np.linspace(0.2, 2.0, 20001)
    states = batch(INVERTED, places, np.ones(1))[0]
    best = int(np.argmax(jax.vmap(jaxent.singlet_fraction)(states)))
    return states[best]


def draw_robustness(found: dict[str, Any]) -> Any:
    """The robustness where it is positive."""
    figure, panel = plt.subplots(figsize=(3.4, 2.7))
    q = 100 * np.array(found["q"])
    filled = panel.contourf(found["g"], found["gamma_b"], q, levels=np.arange(0, 11.1, 1))
    figure.colorbar(filled, label=r"noise tolerance $q$ (%)")
    panel.set(xlabel=r"$g/\gamma_A$", ylabel=r"$\gamma_B/\gamma_A$")
    return figure


# settings


def settings(points: int) -> dict[str, Any]:
    """The robustness of the state at (0.38, 1.9) for more and more spread measurements."""
    rho = state(INVERTED, 0.38, 1.9)
    limit = noise_threshold(rho)
    counts = [m for m in (2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 30, 36) if m <= points]
    rows = []
    for m in counts:
        certificate = certify_steering(rho, m)
        rows.append((m, certificate.q))
        print(f"{m} spread axes: q = {certificate.q:.6f} +- {certificate.gap:.0e}")
    print(f"all projective measurements: {limit.lower:.6f} <= q <= {limit.upper:.6f}")
    return {"settings": rows, "all": [limit.lower, limit.upper]}


def draw_settings(found: dict[str, Any]) -> Any:
    """The robustness against the number of settings, and its limit."""
    figure, panel = plt.subplots(figsize=(3.4, 2.5))
    m, q = np.array(found["settings"]).T
    panel.plot(m, 100 * q, "o-", ms=3.5, lw=1, color="#0072B2", label="spread axes")
    low, high = found["all"]
    panel.axhspan(100 * low, 100 * high, color="#D55E00", label="all projective")
    panel.set(xlabel="settings $m$", ylabel="noise tolerance $q$ (%)")
    panel.legend(frameon=False, loc="lower right")
    return figure


FIGURES = {
    "maps": (maps, draw_maps, 24),
    "robustness": (robustness, draw_robustness, 40),
    "settings": (settings, draw_settings, 36),
}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    parser.add_argument("figure", choices=FIGURES)
    parser.add_argument("--out", type=Path, default=Path("runs/steering"))
    parser.add_argument("--points", type=int, help="along each axis of a grid, or most settings")
    given = parser.parse_args(arguments)
    compute, draw, usual = FIGURES[given.figure]
    found = compute(given.points or usual)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / f"{given.figure}.json").write_text(json.dumps(found), encoding="utf-8")
    with mpl.rc_context(STYLE):
        figure = draw(found)
        figure.tight_layout()
        for kind in ("png", "pdf"):
            figure.savefig(given.out / f"{given.figure}.{kind}", dpi=300)


if __name__ == "__main__":
    main()
