"""Concurrence of two qubits in a cavity over pump and loss, and its maxima.

Equal qubits, resonant with the cavity; all rates are in units of their coupling g. The maps keep 10
photons and the search 6; both are compared with the paper's 15. The ranges are ours.
"""

from typing import Any

import numpy as np
import xarray as xr

from experiments.labels import labelled
from experiments.studies import one_of
from experiments.tacchino2018.machines import PRINTED, cavity
from jaxent.app import style
from jaxent.app.claims import Claim, check, fact, number
from jaxent.app.work import Work

RELAXATION = np.array(list(PRINTED))
POINTS, EVERY = 71, 5


@labelled(
    C="concurrence",
    last="population of the last photon number",
    off_few="largest difference with 10 photons",
    found="largest concurrence, by the search",
    largest="the same with 15 photons",
    off_search="difference of both",
    kappa_best="loss of the cavity at the maximum [g]",
    p_best="pump at the maximum [g]",
    at_printed="concurrence at the rates of the text",
    gamma="relaxation of each qubit [g]",
    kappa="loss of the cavity [g]",
    p="pump of each qubit [g]",
    relaxation="relaxation of each qubit [g]",
)
def compute(work: Work) -> xr.Dataset:
    study = work.points("best_concurrence")
    relaxation = [point["parameters"]["gamma"] for point in study]
    chosen = [one_of(study, gamma=gamma) for gamma in RELAXATION]
    p, kappa = np.geomspace(1e-5, 1e-1, POINTS), np.geomspace(1e-2, 1e3, POINTS)
    plane = {"pump": p, "kappa": kappa[:, None], "gamma": RELAXATION[:, None, None]}
    some = {"pump": p[::EVERY], "kappa": kappa[::EVERY, None], "gamma": plane["gamma"]}
    work.progress("the maps", 0.0)
    few = cavity(10, **plane)[0]
    work.progress("the maps with 15 photons", 0.5)
    C, last = cavity(**some)
    kappa_best, p_best = (
        np.array([point["parameters"][name] for point in chosen]) for name in ("kappa", "pump_1")
    )
    largest = cavity(kappa=kappa_best, pump=p_best, gamma=RELAXATION)[0]
    return xr.Dataset(
        {
            "C": (("gamma", "kappa", "p"), few),
            "last": (("gamma", "some_kappa", "some_p"), np.where(C > 0, last, 0.0)),
            "off_few": abs(few[:, ::EVERY, ::EVERY] - C).max(),
            "found": ("relaxation", [point["value"] for point in study]),
            "largest": ("gamma", largest),
            "off_search": abs(largest - [point["value"] for point in chosen]).max(),
            "kappa_best": ("gamma", kappa_best),
            "p_best": ("gamma", p_best),
            "at_printed": cavity(kappa=2.0, pump=5e-3, gamma=1e-3)[0],
        },
        {"gamma": RELAXATION, "kappa": kappa, "p": p, "relaxation": relaxation},
    )


def claims(data: xr.Dataset) -> list[Claim]:
    ratios, kappa = (data.p_best / data.gamma).values, data.kappa_best.values
    share = [one.mean().item() for one in data.C > 1 / 3]
    lowest = [
        data.p.where((one > 1 / 3).any("kappa")).min().item() / gamma
        for one, gamma in zip(data.C, RELAXATION, strict=True)
    ]
    maxima = [
        number("Fig. 3, App. C", f"largest C at γ = {name} g", printed, data.largest[i].item(),
               maximum=True, note=f"κ = {kappa[i]:.3f} g, p = {ratios[i]:.3f} γ")
        for i, (name, printed) in enumerate(zip(("10⁻³", "10⁻⁴"), PRINTED.values(), strict=True))
    ]  # fmt: skip
    falling = data.found.sortby("relaxation")
    return [
        *maxima,
        number("App. C", "p/γ of the maximum at γ = 10⁻³ g", "5", ratios[0]),
        number("App. C", "κ/g of the maximum at γ = 10⁻³ g", "2", kappa[0],
               note=f"C is {data.at_printed.item():.4f} at p = 5 γ, κ = 2 g"),
        fact("App. C", "the best region lies at p > γ", bool(ratios.min() > 1),
             "p = {:.1f} γ at γ = 10⁻³ g, {:.1f} γ at 10⁻⁴ g".format(*ratios), "p > γ"),
        fact("Fig. 3", "C exceeds 1/3 there, and only where p > γ", min(lowest) > 1,
             "on {:.0%} and {:.0%} of the maps, from p = {:.2f} and {:.2f} γ on".format(
                 *share, *lowest), "C > 1/3 for p > γ"),
        fact("Sec. Cavity QED", "C approaches 0.5 at smaller γ/g",
             bool(np.all(np.diff(falling) < 0) and 0.47 < falling[0] < 0.5),
             ", ".join(f"{C:.4f}" for C in falling.values[::2]) + " at γ/g = "
             + ", ".join(f"{gamma:.0e}" for gamma in falling.relaxation.values[::2]), "C → 0.5"),
        check("App. C", "15 photons suffice here too",
             data["last"].max().item() < 1e-12 and data.off_few.item() < 1e-9,
             f"the 15th has a population of {data['last'].max().item():.0e} at most where C > 0; "
             f"10 photons change C by {data.off_few.item():.0e} at most, and 6 the maxima by "
             f"{data.off_search.item():.0e}"),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(2.6, style.PAGE)
    panels = figure.subplots(1, 2, sharey=True)
    levels = np.arange(0, 0.46, 0.05)
    for gamma, panel, exponent in zip(RELAXATION, panels, (-3, -4), strict=True):
        one = data.sel(gamma=gamma)
        filled = panel.contourf(data.p, data.kappa, one.C, levels=levels)
        panel.contour(data.p, data.kappa, one.C, levels=[1 / 3], colors=style.WARM, linestyles="--")
        panel.axvline(gamma, color="w", ls="--", lw=0.9)
        panel.plot(one.p_best, one.kappa_best, "k+", ms=6)
        panel.set(xscale="log", yscale="log", xlabel="$p/g$")
        panel.set_title(rf"$\gamma = 10^{{{exponent}}}g$")
    panels[0].set(ylabel=r"$\kappa/g$")
    figure.colorbar(filled, ax=panels, label="concurrence $C_{SS}$", ticks=np.arange(0, 0.5, 0.1))
    return figure
