"""Heralded negativity and success probability of fluxonium qutrits against T_A.

Parameters of Fig. 5(b), T_B = 0.1 (the paper names none), with the interaction (3) and with the
third term of (A1), g_3 = g; gamma = 3.5e-5 as in Fig. 5(b) and 5e-4 as in App. F. (F6) as printed,
with all channels of B, and without 12.
"""

from typing import Any

import jax.numpy as jnp
import numpy as np
import xarray as xr

from experiments.labels import labelled
from experiments.tavakoli2018 import equations
from experiments.tavakoli2018.fig5b import CONTOURS, MODELS
from experiments.tavakoli2018.machines import (
    DEPHASING,
    GAMMA_B,
    WITHOUT_12,
    G,
    entanglement,
    fluxonium,
    infidelity,
)
from jaxent.app import style
from jaxent.app.claims import Claim, fact, new, number
from jaxent.app.work import Work

T_A = np.geomspace(0.12, 60, 200)
T_B = 0.1
THIRD = (0.0, G)
DEPHASINGS = (DEPHASING, 5e-4)
INNERMOST = max(CONTOURS)
MODEL_DASHES = {WITHOUT_12: style.DASHES[:2], "all": style.DASHES[2:]}
"""Of g_3 = 0 and of g_3 = g."""
SLOW = np.array([1e-2, 1e-3, 1e-4])
"""Gamma_A/Gamma_B for the limit of App. F.2."""


@labelled(
    negativity="signed negativity of what is heralded",
    efficiency="heralding efficiency, p_suc",
    infidelity="infidelity with the target, 1 - F",
    printed_most="largest negativity of (F6) as printed",
    printed_bound="bound on it",
    off_a4="largest difference from (A4)",
    model="channels of the bath of B",
    dephasing="pure dephasing, gamma [lower gap of A]",
    g_3="third coupling, g_3 [lower gap of A]",
    temperature_a="temperature of bath A [lower gap of A]",
    ratio="ratio of the baths' couplings, Gamma_A/Gamma_B",
)
def compute(work: Work) -> xr.Dataset:
    found = []
    for done, channels in enumerate(MODELS):
        work.progress(f"channels of B: {channels}", done / len(MODELS))
        gamma, g_3, hot = np.meshgrid(DEPHASINGS, THIRD, T_A, indexing="ij")
        machine = fluxonium(hot, T_B, g3=g_3, dephasing=gamma, channels_b=channels)
        found.append(entanglement(machine))
    pure = [
        infidelity(fluxonium(0.3, 0.02, gamma_a=SLOW * GAMMA_B, dephasing=0.0, channels_b=channels))
        for channels in MODELS
    ]
    dims = ("model", "dephasing", "g_3", "temperature_a")
    return xr.Dataset(
        {
            "negativity": (dims, np.array([N for N, _ in found])),
            "efficiency": (dims, np.array([p for _, p in found])),
            "infidelity": (("model", "ratio"), pure),
            "printed_most": work.points("fluxonium_printed")[0]["value"],
            "printed_bound": _bound(),
            "off_a4": _commutator(),
        },
        {
            "model": list(MODELS),
            "dephasing": list(DEPHASINGS),
            "g_3": list(THIRD),
            "temperature_a": T_A,
            "ratio": SLOW,
        },
    )


def _bound() -> float:
    """The largest N of states with p_01 = p_02 = x, p_11 = 1 - 2x and a pure coherence."""
    x = jnp.linspace(0.0, 0.5, 200_001)
    return float(jnp.max(jnp.sqrt(x**2 / 4 + x * (1 - 2 * x)) - x / 2))


def _commutator() -> float:
    """How far (A4) is off."""
    g_1, g_2 = 0.3, 0.7
    first, second = (
        equations.exchange(3, 3, [pair]) for pair in ((g_1, (0, 2), (2, 0)), (g_2, (1, 1), (2, 0)))
    )
    hop = np.outer(equations.level(3, 0, 2), equations.level(3, 1, 1))
    return float(abs(first @ second - second @ first - g_1 * g_2 * (hop - hop.T)).max())


def claims(data: xr.Dataset) -> list[Claim]:
    own = data.isel(dephasing=0).sel(model=WITHOUT_12)
    two, three = own.isel(g_3=0), own.isel(g_3=1)
    most = two.isel(temperature_a=int(np.argmax(two.negativity.values)))
    lost = 1 - three.efficiency / two.efficiency
    change = {
        model: float(abs(change).max())
        for model, change in data.negativity.isel(dephasing=0).diff("g_3").groupby("model")
    }
    often = _efficiency(two, 0.2)
    printed = data.isel(dephasing=0, g_3=0).sel(model="all")
    noisy = data.negativity.isel(dephasing=1, g_3=0).sel(model=WITHOUT_12)
    close = data.infidelity.sel(model=WITHOUT_12).values
    far = data.infidelity.sel(model="all").values
    ratios = ", ".join(f"{x:g}" for x in SLOW)
    model = "without the channel 12 of B, T_B = 0.1"
    return [
        fact("Fig. 8", "the negativity is largest at a small temperature gradient",
             most.temperature_a < 1, f"N = {float(most.negativity):.4f} at T_A = "
             f"{float(most.temperature_a):.2f}, T_B = {T_B:g}; {model}",
             "“maximal for a small temperature gradient”"),
        fact("App. F.3", "there the success probability is very small",
             most.efficiency < 1e-3, f"p_suc = {100 * float(most.efficiency):.2g} %", "< 0.1 %"),
        number("App. F.3", "p_suc at N = 0.2, interaction (3)", "0.05", often,
               note=f"{model}; {100 * _efficiency(printed, 0.2):.2g} % from (F6) as printed"),
        fact("App. F.3", "N between 0.2 and 0.4 with p_suc of 3 to 5 %",
             0.2 < _negativity(two, 0.05) < _negativity(two, 0.03) < 0.4,
             f"N = {_negativity(two, 0.03):.3f} and {_negativity(two, 0.05):.3f} at 3 and 5 %",
             "0.2 to 0.4 at 3 and 5 %"),
        fact("App. F.3", "the third term lowers the success probability",
             bool(lost.min() > 0 and _lost_as_printed(data).min() > 0),
             f"at every T_A computed, by {100 * float(lost.max()):.2g} % at most; as printed by "
             f"{100 * float(_lost_as_printed(data).max()):.2g} %", "lower p_suc"),
        fact("App. F.3", "the third term leaves the negativity as it is",
             change[WITHOUT_12] < 5e-3,
             f"it changes by {change[WITHOUT_12]:.1e} at most, less than a line is wide", "the "
                                                                                          "same N",
             note=f"with all channels, as printed, by {change['all']:.1e}"),
        fact("App. F.2", "entanglement arbitrarily close to maximal", bool(close[-1] < 1e-3),
             f"1 − F = {', '.join(f'{x:.1e}' for x in close)} at Γ_A/Γ_B = {ratios}, without "
             "dephasing and the channel 12", "F → 1",
             note=f"not from (F6) as printed, where 1 − F tends to {far[-1]:.3f}"),
        new("App. F", "largest N of (F6) as printed", float(data.printed_most),
            "couplings and rates free, no dephasing, T_B → 0. The channel 12 fills |01⟩ at the "
            "rate at which it empties, p_01 = p_02 for Γ_A → 0, so that with |c|² ≤ p_02 p_11 "
            f"N ≤ (2√2 − 1)/7 = {float(data.printed_bound):.6f}",
            exact=float(data.printed_bound), within=1e-3,
            holds=bool(data.printed_most < data.printed_bound)),
        fact("App. F.3", "the pure dephasing rate of Fig. 5(b)", float(noisy.max()) > INNERMOST,
             f"N ≤ {float(noisy.max()):.3f} at T_B = {T_B:g} with γ = {DEPHASINGS[1]:g}, and "
             f"{float(two.negativity.max()):.3f} with {DEPHASING:g}", f"γ = {DEPHASINGS[1]:g}",
             because=f"the contour {INNERMOST:g} of Fig. 5(b) needs the γ = {DEPHASING:g} of its "
             "caption"),
        fact("Eq. (A4)", "commutator of both terms of the interaction", data.off_a4 < 1e-15,
             f"off by {float(data.off_a4):.0e}", "as printed"),
    ]  # fmt: skip


def _efficiency(curve: xr.Dataset, level: float) -> float:
    """p_suc where the negativity has come down to a level."""
    N = curve.negativity.values
    k = int(np.flatnonzero(level < N).max())
    share = (N[k] - level) / (N[k] - N[k + 1])
    return float(curve.efficiency[k] + share * (curve.efficiency[k + 1] - curve.efficiency[k]))


def _negativity(curve: xr.Dataset, efficiency: float) -> float:
    """The negativity where the success probability first comes up to a level."""
    k = int(np.argmax(curve.efficiency.values > efficiency))
    return float(np.interp(efficiency, curve.efficiency[k - 1 : k + 1],
                           curve.negativity[k - 1 : k + 1]))  # fmt: skip


def _lost_as_printed(data: xr.Dataset) -> xr.DataArray:
    """The share of success that the third term costs with all channels."""
    two, three = (data.efficiency.isel(dephasing=0, g_3=k).sel(model="all") for k in (0, 1))
    return 1 - three / two


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(4.2)
    above, below = figure.subplots(2, sharex=True)
    blue, green, red = (style.COLOURS[k] for k in (0, 2, 1))
    for model, dashes in MODEL_DASHES.items():
        own = data.isel(dephasing=0).sel(model=model)
        for k, colours in enumerate(((blue, green), (red, red))):
            curve = own.isel(g_3=k)
            N = curve.negativity.where(curve.negativity > -1e-3)
            above.plot(data.temperature_a, N, color=colours[0], ls=dashes[k])
            below.plot(data.temperature_a, 100 * curve.efficiency, color=colours[1], ls=dashes[k])
    for k, (colour, label) in enumerate(((blue, "$g_3 = 0$"), (red, "$g_3 = g$"))):
        above.plot([], [], color=colour, ls=MODEL_DASHES[WITHOUT_12][k], label=label)
    for k, colour in enumerate((blue, red)):
        label = ("$g_3 = 0$, all channels", "$g_3 = g$, all channels")[k]
        above.plot([], [], color=colour, ls=MODEL_DASHES["all"][k], label=label)
    above.legend(loc="lower left", bbox_to_anchor=(0.08, 0.0))
    above.set(ylabel="negativity", ylim=(0, 0.5))
    for k, (colour, label) in enumerate(((green, "$g_3 = 0$"), (red, "$g_3 = g$"))):
        below.plot([], [], color=colour, ls=MODEL_DASHES[WITHOUT_12][k], label=label)
    below.legend(loc="upper left")
    below.set(xlabel="temperature $T_A$", ylabel=r"success probability (%)")
    below.set(xlim=(T_A[0], T_A[-1]), ylim=(0, None))
    style.log_ticks(below, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
    for panel, letter in zip((above, below), "ab", strict=True):
        style.letter(panel, letter)
    return figure
