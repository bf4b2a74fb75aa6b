"""Heralded negativity of two qutrits against the temperature of the hot bath.

Temperatures and epsilon in units of A's lower gap; p_B = 1e-4, g_1, g_2 <= 100 p_B and p_A free,
however rarely the state is heralded. Lines are drawn through the computed points.
"""

from typing import Any

import numpy as np
import xarray as xr
from scipy.interpolate import PchipInterpolator

from experiments.tavakoli2018.temperatures import CURVES, climbed
from jaxent.app import style
from jaxent.app.claims import Claim, fact, new
from jaxent.app.reproduce import Work

NEEDED = 0.01
"""The negativity by which curves are compared at their low ends."""


def compute(work: Work) -> xr.Dataset:
    points = work.points("fig3_temperatures")
    temperatures = sorted({p["parameters"]["temperature_a"] for p in points})
    names = ("negativity", "efficiency", "off_diagonal")
    table = {name: np.zeros((len(CURVES), len(temperatures))) for name in names}
    for done, point in enumerate(points):
        work.progress("largest off-diagonal elements", done / len(points))
        found = point["parameters"]
        at = list(CURVES).index(point["variant"]), temperatures.index(found["temperature_a"])
        table["negativity"][at] = point["value"]
        table["efficiency"][at] = point["verified"]["efficiency"]
        if point["value"] > 0:
            start = [found["g[0]"], found["g[1]"], found["p_a"]]
            other = climbed("off-diagonal element", point["variant"], found["temperature_a"],
                            [start])  # fmt: skip
            table["off_diagonal"][at] = max(other, 0.0)
    dims = ("curve", "temperature_a")
    return xr.Dataset(
        {name: (dims, values) for name, values in table.items()},
        {"curve": list(CURVES), "temperature_a": temperatures},
    )


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
    label = "(T_B, ε) = ({:g}, {:g})".format(*list(CURVES.values())[curve])
    listed = ", ".join(f"{x:.4f}" for x in ends)
    crossing = hot[~ordered & (N[1] > 0).values & (N[2] > 0).values].max()
    return [
        fact("Fig. 3", "the curves from top to bottom", bool(ordered[-1]),
             f"N = {listed} at T_A = {hot[-1]:g}", "(0.1, 1.5), (0.2, 1.5), (0.1, 0.5), (0.2, 0.5)",
             f"so from T_A = {hot[ordered].min():g} on; up to {crossing:g} the second is below the "
             "third"),
        fact("Sec. II", "the hotter bath A, the better", bool(rising.min() > 0),
             f"N rises from each point to the next, by {float(rising.min()):.2g} or more"),
        fact("Sec. II", "a warmer bath B, or a smaller gap ε, demands a hotter bath A",
             needed[0] < needed[1] < needed[3] and needed[0] < needed[2] < needed[3],
             f"N = {NEEDED:g} takes T_A = " + ", ".join(f"{x:.2f}" for x in needed)
             + ", in the order of the caption"),
        fact("Sec. II", "a warmer bath B, or a smaller gap ε, leaves less entanglement",
             ends[0] > ends[1] > ends[3] and ends[0] > ends[2] > ends[3],
             f"N = {listed} at T_A = {hot[-1]:g}, in the order of the caption"),
        fact("Sec. II", "p_suc decreases with growing ε", rare[0] < rare[2] and rare[1] < rare[3],
             f"p_suc = {rare[2]:.3f} → {rare[0]:.5f} at T_B = 0.1, {rare[3]:.3f} → {rare[1]:.4f} "
             f"at T_B = 0.2, for ε = 0.5 → 1.5 at T_A = {hot[-1]:g}"),
        new("Fig. 3", "gain in N over machines of the largest off-diagonal element, at most",
            gain.max(), "what the paper maximises, and so its lower bounds, within the same "
            f"limits; {label}, T_A = {hot[place]:g}. Every optimum is solved again in decimal "
            "arithmetic", digits=3),
    ]  # fmt: skip


def _needed(hot: np.ndarray, values: np.ndarray) -> float:
    """T_A from which on a curve is above NEEDED."""
    k = int(np.argmax(values > NEEDED))
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
    panel.set(xscale="log", xlabel="temperature $T_A$", ylabel="negativity", ylim=(-0.01, 0.52))
    panel.set_xticks([0.2, 0.5, 1, 2, 5, 10, 20], ["0.2", "0.5", "1", "2", "5", "10", "20"])
    panel.minorticks_off()
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1.2)
    return figure
