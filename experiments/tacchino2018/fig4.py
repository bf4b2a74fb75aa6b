"""Concurrence of two qubits in a cavity under dephasing, detuning and a warm cavity.

From the largest concurrence of equal qubits at gamma = 1e-3 g, where one of these is added: pure
dephasing gamma_z of each qubit, qubits at +-delta from the cavity, or a pump p_c of the cavity.
All rates are in units of the coupling g. 15 photons. The ranges are ours.
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

GAMMA = max(PRINTED)
NOISE = {"dephasing": r"$\gamma_z/g$", "detuning": r"$\delta/g$", "cavity_pump": r"$p_c/g$"}


@labelled(
    off_photons="largest difference with 20 photons",
    C="concurrence",
    last="population of the last photon number",
    undisturbed="concurrence without noise",
    C_dephased="concurrence where the dephasing equals another rate",
    place="loss and pump of the undisturbed machine [g]",
    noise="kind of noise",
    strength="intensity of the noise [g]",
    like="the other rate",
)
def compute(work: Work) -> xr.Dataset:
    best = one_of(work.points("best_concurrence"), gamma=GAMMA)["parameters"]
    pump = best["pump_1"]
    place = {"kappa": best["kappa"], "pump": pump, "gamma": GAMMA}
    strength = np.geomspace(1e-5, 1, 151)
    curves = []
    for name in NOISE:
        work.progress(f"against {name}", len(curves) / len(NOISE))
        curves.append(cavity(**place, **{name: strength}))
    C, last = np.moveaxis(curves, 0, 1)
    more = cavity(20, **place, cavity_pump=strength[::15])[0]
    return xr.Dataset(
        {
            "off_photons": abs(more - C[-1, ::15]).max(),
            "C": (("noise", "strength"), C),
            "last": (("noise", "strength"), last),
            "undisturbed": cavity(**place)[0],
            "C_dephased": ("like", cavity(**place, dephasing=np.array([GAMMA, pump]))[0]),
            "place": ("rate", [best["kappa"], pump]),
        },
        {"noise": list(NOISE), "strength": strength, "like": ["gamma", "p"]},
    )


def strength_at(data: xr.Dataset, noise: str, share: float) -> float:
    """Where a share of the undisturbed concurrence is left."""
    left = (data.C.sel(noise=noise) / data.undisturbed).values
    falling = np.arange(np.argmax(left <= share) + 1)[::-1]
    return float(np.exp(np.interp(share, left[falling], np.log(data.strength.values[falling]))))


def claims(data: xr.Dataset) -> list[Claim]:
    kappa = data.place.values[0]
    half = {noise: strength_at(data, noise, 0.5) for noise in NOISE}
    decades = {
        noise: np.log10(strength_at(data, noise, 0.1) / strength_at(data, noise, 0.9))
        for noise in NOISE
    }
    like_gamma, like_pump = data.C_dephased.values
    rates = 4 / kappa, 1 / kappa
    last = data["last"].where(data.C > 0).max().item()
    return [
        fact("Fig. 4", "all three noises lower the concurrence",
             bool((data.C.diff("strength") <= 1e-12).all()),
             f"half of {data.undisturbed.item():.4f} at γ_z = {half['dephasing']:.4f} g, "
             f"δ = {half['detuning']:.4f} g, p_c = {half['cavity_pump']:.4f} g", "falling curves"),
        fact("App. D", "significant entanglement where γ_z equals γ, and the pump p",
             like_pump > 0.1,
             f"C = {like_gamma:.4f} at γ_z = γ, {like_pump:.4f} at γ_z = p: "
             f"{like_gamma / data.undisturbed.item():.0%} and "
             f"{like_pump / data.undisturbed.item():.0%} of the undisturbed C",
             "“a still significant amount”"),
        fact("App. D", "more robust to a cavity pump than to dephasing",
             half["cavity_pump"] > half["dephasing"],
             f"half of C is left at p_c = {half['cavity_pump']:.4f} g, "
             f"γ_z = {half['dephasing']:.4f} g", "“even more robust”"),
        fact("App. D", "with a sharper transition", decades["cavity_pump"] < decades["dephasing"],
             f"C falls from 90 % to 10 % within {decades['cavity_pump']:.2f} decades of p_c, "
             f"{decades['dephasing']:.2f} of γ_z, {decades['detuning']:.2f} of δ",
             "“a sharper transition”"),
        fact("App. D", "detunings are tolerated up to the order of 10⁻¹ g",
             10**-1.5 < half["detuning"] < 10**-0.5,
             f"half of C is left at δ = {half['detuning']:.4f} g, none at "
             f"{strength_at(data, 'detuning', 0.0):.3f} g", "“within an order of magnitude” of "
                                                            "0.1"),
        number("App. D", "cavity-induced broadening Γ/g of the qubits", "1e-1", rates[0],
               because=f"Γ/g is 4g/κ (9), {rates[0]:.2f} at the κ = {kappa:.2f} g of the figure, "
                      f"where g/κ is {rates[1]:.2f}"),
        check("App. C", "15 photons suffice here too", data.off_photons.item() < 1e-6,
             f"20 photons change C by {data.off_photons.item():.0e} at most",
             note=f"the 15th has a population of {last:.0e} at most where C > 0, and of "
                    f"{data['last'].max().item():.0e} at p_c = g"),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(2.2, style.PAGE)
    panels = figure.subplots(1, 3, sharey=True)
    kappa, pump = data.place.values
    guides = ({r"$\gamma$": GAMMA, "$p$": pump}, {r"$g^2/\kappa$": 1 / kappa}, {})
    for name, panel, noise, marks in zip("abc", panels, NOISE, guides, strict=True):
        panel.semilogx(data.strength, data.C.sel(noise=noise), color=style.COLOURS[0])
        for label, place in marks.items():
            panel.axvline(place, **style.BOUND)
            panel.text(place * 0.85, 0.415, label, ha="right", color=style.GREY, fontsize=7.5)
        panel.set(xlabel=NOISE[noise], ylim=(0, 0.46), xlim=(1e-5, 1))
        panel.set_xticks(10.0 ** np.arange(-5, 1))
        style.letter(panel, name)
    panels[0].set(ylabel="concurrence $C_{SS}$")
    return figure
