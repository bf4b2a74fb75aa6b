"""Bell violation of two unequal qubits in a cavity without any filter.

Rates are in units of the larger coupling g = g_1; qubit 2 alone is pumped. The search keeps 6
photons; its optima are recomputed with 4 by the master equation written out. q is the white noise
that steering by the ten axes of a dodecahedron survives.
"""

from typing import Any

import numpy as np
import xarray as xr

from experiments.master_equation import chsh
from experiments.tacchino2018 import equations
from experiments.tacchino2018.machines import plain_state, rates
from jaxent.app import style
from jaxent.app.claims import Claim, new
from jaxent.app.reproduce import Work


def compute(work: Work) -> xr.Dataset:
    points = work.points("unheralded_chsh")
    places = [rates(point["parameters"], pump_1=0.0) for point in points]
    work.progress("written out", 0.5)
    s = np.linspace(1e-3, 0.5, 1000)
    limit = [chsh(equations.unequal_state(x, equations.fast_return(x))) for x in s]
    return xr.Dataset(
        {
            "chsh": ("gamma", [point["value"] for point in points]),
            "q": ("gamma", [point["steering"]["q_lower"] for point in points]),
            "plain": ("gamma", [chsh(plain_state(**place)) for place in places]),
            "place": (("gamma", "parameter"), [list(place.values()) for place in places]),
            "limit": max(limit),
        },
        {"gamma": [place["gamma"] for place in places], "parameter": list(places[0])},
    )


def claims(data: xr.Dataset) -> list[Claim]:
    same = abs(data.chsh - data.plain).max().item()
    rows = []
    for gamma, name in ((1e-3, "10⁻³"), (1e-4, "10⁻⁴"), (1e-6, "10⁻⁶")):
        one = data.sel(gamma=gamma, method="nearest")
        at = one.place.to_series()
        rows.append(new(
            "Fig. 3", f"largest CHSH without filters at γ = {name} g", one.chsh.item(),
            f"no heralding; g₂ = {at['g2']:.3f} g₁, κ = {at['kappa']:.3f}, p₁ = 0, p₂ = "
            f"{at['pump_2']:.3g}; q ≥ {one.q.item():.4f}; written out, the same to {same:.0e}",
        ))  # fmt: skip
    above = data.gamma[data.chsh > 2].max().item()
    return [
        *rows,
        new("Fig. 3", "largest γ/g found with CHSH > 2 without filters", above,
            f"{data.chsh.sel(gamma=above).item():.5f} there", digits=2),
        new("Eq. (9)", "limit of CHSH for γ ≪ p ≪ g²/κ, κ ≫ g, one pump", data.limit.item(),
            "closed form of the three levels; a cavity with κ ≃ 2 g, which is not fast, is better"),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(2.5)
    panel = figure.subplots()
    panel.semilogx(data.gamma, data.chsh, marker=style.marker(0), color=style.COLOURS[0])
    panel.axhline(2, **style.BOUND)
    panel.axhline(data.limit, color=style.COLOURS[1], ls=style.DASHES[2])
    panel.text(6e-3, data.limit.item() + 0.008, r"$\gamma \ll p_2 \ll g^2/\kappa \ll g$",
               ha="right", color=style.COLOURS[1])  # fmt: skip
    panel.text(1.1e-6, 2.008, "local", color=style.GREY)
    panel.set(xlabel=r"$\gamma/g$", ylabel="CHSH, no filter", ylim=(1.95, 2.25))
    return figure
