"""Heralded negativity of the shortest ladders against the coupling of the filtered levels.

T_A -> inf, T_B -> 0, all other rates -> 0. The paper's g is here the ratio of that coupling to p_B.
"""

from typing import Any

import jax
import numpy as np
import xarray as xr

from experiments.labels import labelled
from experiments.tavakoli2018 import equations
from experiments.tavakoli2018.machines import entanglement, ladder
from jaxent.app import style
from jaxent.app.claims import Claim, fact, new
from jaxent.app.work import Work
from jaxent.machines.one_step_reset import weak_coupling

LEVELS = (3, 4)
RATIOS = np.r_[np.linspace(0.0, 3.0, 121), 10.0, 100.0]


@labelled(
    exact="negativity, exact limit",
    solved="negativity of solved machines",
    corrected="negativity by (E10), corrected",
    printed="negativity by (E10) as printed, d = 3",
    best="best ratio, g_1/p_B",
    largest="largest negativity",
    free="negativity with every rate free",
    free_ratio="ratio g_1/p_B of that",
    free_p_a="rate p_A of that [p_B]",
    free_at_bound="which rates of that are at a bound",
    d="number of levels",
    g="ratio, g_1/p_B",
    positive="ratio, g_1/p_B",
)
def compute(work: Work) -> xr.Dataset:
    exact = [[float(weak_coupling(d, g).ab) for g in RATIOS] for d in LEVELS]
    solved = []
    for d in LEVELS:
        work.progress(f"{d} levels", (d - 3) / 2)
        solved.append(entanglement(ladder(d, RATIOS[1:]))[0])
    best = [_stationary(d) for d in LEVELS]
    largest = [float(weak_coupling(d, g).ab) for d, g in zip(LEVELS, best, strict=True)]
    free = work.points("fig7_free")[0]
    return xr.Dataset(
        {
            "exact": (("d", "g"), exact),
            "solved": (("d", "positive"), solved),
            "corrected": (("d", "g"), [equations.negativity_e10(d, RATIOS) for d in LEVELS]),
            "printed": ("g", equations.negativity_e10(3, RATIOS, printed=True)),
            "best": ("d", best),
            "largest": ("d", largest),
            "free": free["value"],
            "free_ratio": free["parameters"]["g[0]"],
            "free_p_a": free["parameters"]["p_a"],
            "free_at_bound": ", ".join(free["verified"]["at_bound"]) or "none",
        },
        {"d": list(LEVELS), "g": RATIOS, "positive": RATIOS[1:]},
    )


def _stationary(d: int) -> float:
    """Where (E10) is largest, by Newton's method."""
    slope = jax.grad(lambda g: equations.negativity_e10(d, g))
    g = 0.5
    for _ in range(30):
        g = g - float(slope(g) / jax.grad(slope)(g))
    return g


def claims(data: xr.Dataset) -> list[Claim]:
    off = abs(data.exact - data.corrected).max("g").values
    solved = float(abs(data.solved - data.exact.values[:, 1:]).max())
    return [
        fact("Eq. (E10)", "N(g) for d = 4, and for d = 3 put right", off.max() < 1e-12,
             f"off by {off.max():.0e} at most from the exact limit", "as printed for d = 4",
             note="for d = 3 it is 3g/(2 + 8g²)"),
        fact("Fig. 7", "entangled for any positive g", bool((data.solved > 0).all()),
             f"N ≥ {float(data.solved.min()):.1e} for g from {RATIOS[1]:g} to {RATIOS[-1]:g}; the "
             f"solved machines are off by {solved:.0e} from the limit", "N > 0"),
        fact("Fig. 7", "d = 4 above d = 3 for every g",
             bool((data.exact[1, 1:] > data.exact[0, 1:]).all()),
             "at all ratios computed: more levels, more entanglement", "the curves' order"),
        *(
            new("Fig. 7", f"largest N for d = {d}", float(data.largest[k]),
                f"at g = {float(data.best[k]):.6f}, where the derivative of (E10), corrected, "
                "vanishes; the paper has g = 1/2",
                exact=float(data.corrected[k].max()), within=1e-4,
                holds=bool((data.exact[k] <= data.largest[k] + 1e-12).all()))
            for k, d in enumerate(LEVELS)
        ),
        new("Fig. 7", "N for d = 4 with every rate free", float(data.free),
            f"the search ends near the weak limit, at g = {float(data.free_ratio):.4f}, p_A = "
            f"{float(data.free_p_a):.0e} p_B, at a bound {data.free_at_bound.item()}: "
            f"{float(data.free - data.largest[1]):+.0e} on the limit, which no finite rates of the "
            "search exceed", exact=float(data.largest[1]), within=1e-4,
            holds=bool(data.free < data.largest[1])),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(2.5)
    panel = figure.subplots()
    own = data.where(data.g <= 3, drop=True)
    for k, d in enumerate(LEVELS):
        look = style.line(k)
        panel.plot(own.g, own.exact[k], label=f"$d = {d}$", **look)
        panel.plot(data.best[k], data.largest[k], style.marker(k), color=look["color"])
    panel.plot(own.g, own.printed, color=style.GREY, lw=0.8, ls=style.DASHES[2],
               label="$d = 3$ as printed")  # fmt: skip
    panel.axvline(0.5, **style.BOUND)
    panel.set(xlabel=r"$g = g_1/p_B$", ylabel="negativity", xlim=(0, 3), ylim=(0, 0.5))
    panel.legend(loc="upper right")
    return figure
