"""Heralded negativity of two fluxonium qutrits over the temperatures of their baths.

Parameters of Fig. 5(b): Gamma_A = 1e-4, Gamma_B = 5e-3, gamma = 3.5e-5, g_1 = g_2 = g = 1.6e-3,
epsilon = 3, in units of A's lower gap. (F6) as printed, with all channels of B, and without 12.
"""

from itertools import compress
from typing import Any

import numpy as np
import xarray as xr

from experiments.labels import labelled
from experiments.tavakoli2018.machines import GAMMA_A, WITHOUT_12, G, entanglement, fluxonium
from jaxent.app import style
from jaxent.app.claims import Claim, check, fact, new
from jaxent.app.work import Work

CONTOURS = (1e-5, 0.2, 0.4, 0.48)
"""Of the caption."""

MODELS = ("all", WITHOUT_12)
COUPLINGS = (G, G / np.sqrt(2))
T_A, T_B = np.geomspace(0.1, 20, 60), np.linspace(0.0, 1.0, 121)


@labelled(
    negativity="signed negativity of what is heralded",
    violated="condition of the model that is violated",
    model="channels of the bath of B",
    g="coupling, g [lower gap of A]",
    temperature_b="temperature of bath B [lower gap of A]",
    temperature_a="temperature of bath A [lower gap of A]",
)
def compute(work: Work) -> xr.Dataset:
    found = []
    for done, channels in enumerate(MODELS):
        work.progress(f"channels of B: {channels}", done / len(MODELS))
        g, cold, hot = np.meshgrid(COUPLINGS, T_B, T_A, indexing="ij")
        found.append(entanglement(fluxonium(hot, cold, g, channels_b=channels))[0])
    dims = ("model", "g", "temperature_b", "temperature_a")
    regimes = fluxonium(1.0, 0.1).regimes()
    return xr.Dataset(
        {
            "negativity": (dims, np.array(found)),
            "violated": ("condition", [r.condition for r in regimes if not r.holds]),
        },
        {"model": list(MODELS), "g": list(COUPLINGS), "temperature_b": T_B, "temperature_a": T_A},
    )


def claims(data: xr.Dataset) -> list[Claim]:
    N = data.negativity.isel(g=0)
    printed, reduced = (float(N.sel(model=model).max()) for model in MODELS)
    weaker = data.negativity.sel(model="all").isel(g=1)
    place = weaker[np.unravel_index(np.argmax(weaker.values), weaker.shape)]
    shown = [level for level in CONTOURS if printed > level]
    warm = N.sel(model=WITHOUT_12)
    cold = ", ".join(
        f"{float(warm.temperature_b[(warm > level).any('temperature_a')].max()):.2f}"
        for level in CONTOURS
    )
    ratio = G / GAMMA_A
    every = ", ".join(f"{level:g}" for level in CONTOURS)
    return [
        fact("Fig. 5(b)", f"contours {every}, from (F6) as printed", printed > CONTOURS[-1],
             f"N ≤ {printed:.4f}: contours {', '.join(f'{x:g}' for x in shown)} alone",
             f"N > {CONTOURS[-1]:g}",
             because="the channel 12 of B takes |02⟩ to |01⟩, and both pass the filters; without "
                     "it the "
             "contours appear (next row)"),
        check("Fig. 5(b)", "without the channel 12 of B the same contours appear",
              reduced > CONTOURS[-1],
              f"N up to {reduced:.4f}; the contours reach T_B = {cold}"),
        new("Fig. 5(b)", "largest N of (F6) as printed with g_1 = g_2 = g/√2", float(place),
            f"g_1 = g cos θ and g_2 = g sin θ at θ = π/4, as in Sec. II: below {CONTOURS[-1]:g} as "
            "well; "
            f"at T_A = {float(place.temperature_a):.2g}, T_B = {float(place.temperature_b):g}, "
            f"and no larger at any of the {weaker.size} pairs of temperatures",
            holds=float(place) < CONTOURS[-1]),
        fact("Sec. IV", "strong entanglement in spite of dephasing", reduced > 0.4,
             f"N = {reduced:.4f} without the channel 12, {printed:.4f} as printed", "N > 0.4"),
        fact("Sec. IV", "MHz couplings ensure the validity of the local master equation",
             data.violated.size == 0, f"g = {ratio:.3g} Γ_A", "g not much above Γ",
             because=f"violated: {', '.join(data.violated.values)}; App. F.3 itself asks for "
                     "couplings not much stronger than those to the baths; those "
             "far below the gaps do hold"),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(2.7, style.PAGE)
    panels = figure.subplots(1, 2, sharey=True)
    titles = ("all channels of B, as printed", "without the channel 12 of B")
    filled = None
    for panel, model, title, letter in zip(panels, MODELS, titles, "ab", strict=True):
        N = data.negativity.isel(g=0).sel(model=model)
        # Between contours a map falls below zero as it should.
        filled = panel.contourf(data.temperature_a, data.temperature_b, np.maximum(N, 0.0),
                                levels=np.linspace(0, 0.5, 26))  # fmt: skip
        lines = panel.contour(data.temperature_a, data.temperature_b, N, levels=CONTOURS,
                              colors="w", linewidths=0.9, linestyles=style.DASHES)  # fmt: skip
        names = ["$10^{-5}$", *(f"{level:g}" for level in CONTOURS[1:])]
        there = [float(N.max()) > level for level in CONTOURS]
        handles, names = (list(compress(of, there)) for of in (lines.legend_elements()[0], names))
        panel.legend(handles, names, loc="upper left", labelcolor="w")
        panel.set(xlabel="$T_A$", title=title)
        style.log_ticks(panel, 0.1, 0.3, 1, 3, 10)
        style.letter(panel, letter)
    panels[0].set_ylabel("$T_B$")
    figure.colorbar(filled, ax=list(panels), label="negativity", ticks=np.linspace(0, 0.5, 6))
    return figure
