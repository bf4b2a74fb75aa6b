"""What diagonal filters behind the projectors add at finite temperatures.

Temperatures and epsilon as in Fig. 3, p_B = 1e-4, g_1, g_2 <= 100 p_B and p_A free. With filters
the state is heralded with p_suc >= 1e-4; without, where it is the most entangled.
"""

from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from experiments.labels import labelled
from experiments.studies import table
from experiments.tavakoli2018.climbs import BOUNDS, CURVES, P_B, climbed
from jaxent.app import style
from jaxent.app.claims import Claim, new
from jaxent.app.work import Work

STRONGEST = np.exp(BOUNDS[0, 1])
STARTS = [[STRONGEST, 0.8 * STRONGEST, ratio * P_B] for ratio in (2e-3, 3e-2, 0.4)]
"""Of the climbs without filters, which have one optimum each: that of Fig. 3."""


@labelled(
    filtered="largest negativity with filters behind the projectors",
    projected="largest negativity with projectors alone",
    efficiency="heralding efficiency of the first",
    difference="largest difference from a second solution",
    curve="temperature of bath B and gap",
    temperature_a="temperature of bath A [lower gap of A]",
)
def compute(work: Work) -> xr.Dataset:
    points = work.points("fig3_filters")
    names = list(CURVES)
    hot, filtered = table(points, names, "temperature_a", "value")
    checks = {
        name: table(points, names, "temperature_a", partial(_verified, name=name))[1]
        for name in ("efficiency", "difference")
    }
    projected = np.zeros_like(filtered)
    for row, curve in enumerate(CURVES):
        work.progress("projectors alone", row / len(CURVES))
        projected[row] = [climbed("negativity", curve, T, STARTS) for T in hot]
    dims = ("curve", "temperature_a")
    return xr.Dataset(
        {"filtered": (dims, filtered), "projected": (dims, projected)}
        | {name: (dims, values) for name, values in checks.items()},
        {"curve": names, "temperature_a": hot},
    )


def _verified(point: dict[str, Any], name: str) -> float:
    return point["verified"][name]


def claims(data: xr.Dataset) -> list[Claim]:
    hottest = data.isel(temperature_a=-1)
    T = float(hottest.temperature_a)
    least = (data.filtered - data.projected).min("temperature_a")
    listed = ", ".join(f"{x:g}" for x in data.temperature_a.values)
    rows = []
    for name, (temperature_b, epsilon) in CURVES.items():
        own = hottest.sel(curve=name)
        bare, value = float(own.projected), float(own.filtered)
        rows.append(
            new("Fig. 3", f"N with filters, (T_B, ε) = ({temperature_b:g}, {epsilon:g})", value,
                f"projectors alone reach {bare:.6f}; at T_A = {T:g}, heralded with p_suc = "
                f"{float(own.efficiency):.6g}. The state of a second solve in decimal arithmetic "
                f"differs by {float(data.difference.sel(curve=name).max()):.0e}; the gain is "
                f"{float(least.sel(curve=name)):.2g} or more at T_A = {listed}",
                holds=bool(least.sel(curve=name) > 0 and own.difference < 1e-9))
        )  # fmt: skip
    return rows


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(2.9)
    panel = figure.subplots()
    hot = data.temperature_a
    for number, name in enumerate(CURVES):
        own = data.sel(curve=name)
        look = {"color": style.COLOURS[number], "marker": style.marker(number)}
        panel.plot(hot, own.filtered, label=name, **look)
        panel.plot(hot, own.projected, mfc="white", ls=style.DASHES[1], **look)
    panel.set(xlabel="temperature $T_A$", ylabel="negativity", ylim=(0, 0.52))
    style.log_ticks(panel, 1, 2, 5, 10, 20)
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1.2,
                  title="full: filters; hollow: projectors alone")  # fmt: skip
    return figure
