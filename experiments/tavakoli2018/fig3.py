"""Heralded negativity of two qutrits against the temperature of the hot bath.

Temperatures and epsilon in units of A's lower gap; p_B = 1e-4, g_1, g_2 <= 100 p_B and p_A free,
however rarely the state is heralded. Lines are drawn through the computed points.
"""

from typing import Any

import numpy as np
import xarray as xr
from scipy.interpolate import PchipInterpolator

from experiments.labels import labelled
from experiments.studies import one_of, table
from experiments.tavakoli2018.climbs import CURVES, climbed
from jaxent.app import style
from jaxent.app.claims import Claim, fact, new
from jaxent.app.work import Work

NEEDED = 0.01
"""The negativity by which curves are compared at their low ends."""


@labelled(
    negativity="largest negativity",
    efficiency="heralding efficiency there",
    off_diagonal="negativity of the largest off-diagonal element",
    curve="temperature of bath B and gap",
    temperature_a="temperature of bath A [lower gap of A]",
)
def compute(work: Work) -> xr.Dataset:
    points = work.points("fig3_temperatures")
    names = list(CURVES)
    hot, negativity = table(points, names, "temperature_a", "value")
    _, efficiency = table(points, names, "temperature_a", _efficiency)
    off_diagonal = np.zeros_like(negativity)
    for row, curve in enumerate(names):
        work.progress("largest off-diagonal elements", row / len(names))
        for column, T in enumerate(hot):
            if negativity[row, column] > 0:
                found = one_of(points, variant=curve, temperature_a=T)["parameters"]
                start = [found["g[0]"], found["g[1]"], found["p_a"]]
                other = climbed("off-diagonal element", curve, T, [start])
                off_diagonal[row, column] = max(other, 0.0)
    dims = ("curve", "temperature_a")
    return xr.Dataset(
        {
            "negativity": (dims, negativity),
            "efficiency": (dims, efficiency),
            "off_diagonal": (dims, off_diagonal),
        },
        {"curve": names, "temperature_a": hot},
    )


def _efficiency(point: dict[str, Any]) -> float:
    return point["verified"]["efficiency"]


def claims(data: xr.Dataset) -> list[Claim]:
    N, hot = data.negativity, data.temperature_a.values
    ordered = (N.diff("curve") < 0).all("curve").values
    entangled = N > 0
    rising = N.diff("temperature_a").where(entangled.isel(temperature_a=slice(1, None)))
    ends = N.isel(temperature_a=-1).values
    rare = data.efficiency.isel(temperature_a=-1).values
    needed = [_needed(hot, values) for values in N.values]
    gain = (N - data.off_diagonal).values
    curve, place = np.unravel_index(gain.argmax(), gain.shape)
    named = ["({:g}, {:g})".format(*CURVES[name]) for name in N.curve.values]
    listed = ", ".join(f"{x:.4f}" for x in ends)
    swapped = hot[~ordered & (N[1] > 0).values & (N[2] > 0).values]
    below = f"; up to {swapped.max():g} the second is below the third" if swapped.size else ""
    return [
        fact("Fig. 3", "the curves from top to bottom", bool(ordered[-1]),
             f"N = {listed} at T_A = {hot[-1]:g}", ", ".join(named),
             note=f"so from T_A = {hot[ordered].min():g} on{below}"),
        fact("Sec. II", "the hotter bath A, the better", bool(rising.min() > 0),
             f"N rises from each point to the next, by {float(rising.min()):.2g} or more",
             "“as large as possible”"),
        fact("Sec. II", "a warmer bath B, or a smaller gap ε, demands a hotter bath A",
             needed[0] < needed[1] < needed[3] and needed[0] < needed[2] < needed[3],
             f"N = {NEEDED:g} takes T_A = " + ", ".join(f"{x:.2f}" for x in needed)
             + ", in the order of the caption", "T_A required “increases”"),
        fact("Sec. II", "a warmer bath B, or a smaller gap ε, leaves less entanglement",
             ends[0] > ends[1] > ends[3] and ends[0] > ends[2] > ends[3],
             f"N = {listed} at T_A = {hot[-1]:g}, in the order of the caption", "“decreases”"),
        fact("Sec. II", "p_suc decreases with growing ε", rare[0] < rare[2] and rare[1] < rare[3],
             f"p_suc = {rare[2]:.3f} → {rare[0]:.5f} at T_B = 0.1, {rare[3]:.3f} → {rare[1]:.4f} "
             f"at T_B = 0.2, for ε = 0.5 → 1.5 at T_A = {hot[-1]:g}",
             "“decreases with increasing ϵ”"),
        new("Fig. 3", "gain in N over machines of the largest off-diagonal element, at most",
            gain.max(), "what the paper maximises, and so its lower bounds, within the same "
            f"limits; (T_B, ε) = {named[curve]}, T_A = {hot[place]:g}. Every optimum is solved "
            "again in decimal arithmetic", holds=bool(gain.min() > -1e-9), digits=3),
    ]  # fmt: skip


def _needed(hot: np.ndarray, values: np.ndarray) -> float:
    """T_A from which on a curve is above NEEDED.

    Raises:
        ValueError: it always is, or never.
    """
    k = int(np.argmax(values > NEEDED))
    if k == 0:
        raise ValueError(f"the curve does not come up to N = {NEEDED:g} between its ends")
    with np.errstate(divide="ignore"):
        logs = np.maximum(np.log(values[k - 1 : k + 1]), -30.0)
    return float(np.exp(np.interp(np.log(NEEDED), logs, np.log(hot[k - 1 : k + 1]))))


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(2.9)
    panel = figure.subplots()
    hot = data.temperature_a
    fine = np.geomspace(hot[0], hot[-1], 300)
    for number, name in enumerate(CURVES):
        own = data.sel(curve=name)
        look = {"color": style.COLOURS[number], "marker": style.marker(number)}
        between = PchipInterpolator(np.log(hot), own.negativity)
        panel.plot(fine, between(np.log(fine)), color=look["color"])
        panel.plot(hot, own.negativity, ls="none", label=name, **look)
        lower = own.off_diagonal.where(own.negativity > 0)
        panel.plot(hot, lower, "x", color="k", ms=3.5, mew=0.6, zorder=4,
                   label="lower bound as in the paper" if number == 3 else None)  # fmt: skip
    panel.set(xlabel="temperature $T_A$", ylabel="negativity", ylim=(-0.01, 0.52))
    style.log_ticks(panel, 0.2, 0.5, 1, 2, 5, 10, 20)
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1.2)
    return figure
