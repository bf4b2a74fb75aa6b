"""Bell nonlocality between a hot and a cold bath.

No noise; chi_1 = 0.015, chi_2 = 0.005, temperatures in units of g. In the first two panels the
weight of the initial state in parity +1 is mu = 1; in the third T_1 = 0.3 g.
"""

from typing import Any

import numpy as np
import xarray as xr

from experiments.labels import labelled
from experiments.longstaff2025 import equations as paper
from experiments.longstaff2025.machines import (
    CHI,
    EACH_KIND,
    KINDS,
    SAME,
    Baths,
    bell,
    gain_of_a_gradient,
    gammas,
    pair,
    qubits,
    samples,
)
from jaxent.app import style
from jaxent.app.claims import Claim, fact, new
from jaxent.app.work import Work

T_1, HOTTEST = 0.3, 3.0
WEIGHTS = (1.0, 0.9, 0.75, 0.5)
FAR = 1e6  # a temperature far above g


@labelled(
    plane="largest CHSH value, B",
    by_weight="largest CHSH value by initial weight",
    at_T_1="largest CHSH value at equal temperatures",
    heated="largest CHSH value with bath 2 much hotter",
    gain="largest gain of B by a gradient",
    slope="largest step of B along one temperature",
    fastest="fastest rate of the figure [g]",
    inverted="largest CHSH value with an inverted bath, and with an equal one",
    off_24="largest difference from (24)",
    off_34="largest difference from (34)",
    off_35="largest difference from (35)",
    kind="kind of both baths",
    T_1="temperature of bath 1 [g]",
    T_2="temperature of bath 2 [g]",
    T="temperature of bath 2 [g]",
    mu="weight of the initial state in parity +1",
    T_heated="temperature of bath 2 [g]",
    first="bath 1",
)
def compute(work: Work) -> xr.Dataset:
    T = np.linspace(0.0, HOTTEST, 61)
    first, second = np.meshgrid(T, T, indexing="ij")
    mu = np.array(WEIGHTS)[:, None]
    work.progress("maps", 0.0)
    maps = np.array([bell(pair(kinds, CHI, (first, second)), mu=1.0) for kinds in EACH_KIND])
    rates = qubits(pair(SAME[1], CHI, (HOTTEST, HOTTEST))).rates(1)
    inverted = [bell(pair(SAME[0], CHI, (first, HOTTEST)), mu=1.0) for first in (-0.0, HOTTEST)]
    return xr.Dataset(
        {
            "plane": (("kind", "T_1", "T_2"), maps[[0, -1]]),
            "by_weight": (("kind", "mu", "T"), [bell(pair(k, CHI, (T_1, T)), mu=mu) for k in SAME]),
            "at_T_1": (("kind", "mu"), [bell(pair(k, CHI, (T_1, T_1)), mu=mu[:, 0]) for k in SAME]),
            "heated": (("kind", "T_heated"), [heated(kinds) for kinds in SAME]),
            "gain": gain_of_a_gradient(maps),
            "slope": max(np.diff(maps, axis=axis).max() for axis in (1, 2)),
            "fastest": float(max(rates)),
            "inverted": ("first", inverted),
            **off_equations(),
        },
        {
            **{"kind": list(KINDS), "T_1": T, "T_2": T, "T": T, "mu": list(WEIGHTS)},
            **{"T_heated": [HOTTEST, FAR], "first": ["inverted", "equal"]},
        },
    )


def heated(kinds: tuple[str, str]) -> np.ndarray:
    """B with bath 1 at T_1 and bath 2 much hotter."""
    return bell(pair(kinds, CHI, (T_1, np.array([HOTTEST, FAR]))), mu=1.0)


def off_equations() -> dict[str, float]:
    """How far (24), (34) and (35) are from the solved machines."""
    off_24, off_34, off_35 = [], [], []
    for baths, _ in samples(40):
        mu = np.linspace(0, 1, 40)
        off_24.append(bell(baths, mu=mu) - paper.bell_noiseless(*gammas(baths), mu))
        # At mu = 1/2 the Bell parameter is twice the ratio of rates.
        ratio = bell(baths, mu=0.5) / 2
        off_34.append(ratio - ratio_34(baths))
        if baths[0].statistics == baths[1].statistics == "spin":
            tanh_1, tanh_2 = (np.tanh(1 / (2 * bath.temperature)) for bath in baths)
            x = baths[1].chi / baths[0].chi
            off_35.append(ratio - (tanh_1 + x * tanh_2) / (1 + x))
    named = {"off_24": off_24, "off_34": off_34, "off_35": off_35}
    return {name: np.abs(off).max() for name, off in named.items()}


def ratio_34(baths: Baths) -> np.ndarray:
    """The right-hand side of (34)."""
    over, under = 0.0, 0.0
    for bath in baths:
        xi = 1 if bath.statistics == "spin" else -1
        p = 1 / (np.exp(1 / bath.temperature) + xi)
        x = bath.chi / baths[0].chi
        over, under = over + x * (1 - (1 + xi) * p), under + x * (1 + (1 - xi) * p)
    return over / under


def claims(data: xr.Dataset) -> list[Claim]:
    spins, bosons = data.plane.values
    T = data["T"].values
    # Below, both are 2 sqrt(2) to rounding.
    warm = T > 0.09
    more = (spins - bosons)[np.ix_(warm, warm)]
    unequal = more[~np.eye(len(more), dtype=bool)]
    persistent, faded = data.heated.sel(T_heated=FAR).values
    at_3 = dict(zip(KINDS, data.heated.sel(T_heated=HOTTEST).values, strict=True))
    limit = 2 * np.hypot(1, CHI[0] * np.tanh(1 / (2 * T_1)) / sum(CHI))
    steps = np.diff(data.by_weight.values, axis=1)
    half = data.by_weight.sel(mu=0.5).max().item()
    inverted, equal = data.inverted.values
    exact = 2 * np.hypot(1, (CHI[1] * np.tanh(1 / (2 * HOTTEST)) - CHI[0]) / sum(CHI))
    return [
        fact("Eq. (24)", "B of the noiseless steady states: 160 random machines",
             data.off_24.item() < 1e-12, f"off by {data.off_24.item():.0e}", "as printed"),
        fact("Eqs. (34), (35)", "ratio of the rates: all kinds of baths, and two of spins",
             max(data.off_34, data.off_35) < 1e-12,
             f"off by {data.off_34.item():.0e} and {data.off_35.item():.0e}", "as printed"),
        fact("Sec. 4, App. C", "a gradient cannot boost B: spins, bosons, one of each",
             data.gain.item() < 0, f"largest B(T_1, T_2) − B(T, T), T the lower of both, is "
             f"{data.gain.item():.1e} for T from 0 to 3 g",
             "B(T_1, T_2) < B(T_2, T_2) for T_1 > T_2"),
        fact("Sec. 4", "raising the temperature of one bath only degrades B",
             data.slope.item() < 0, f"largest change for ΔT = 0.05 g is {data.slope.item():.1e}",
             "“can only degrade”"),
        fact("Fig. 2, left", "spin baths saturate, and B stays beyond 2 by a finite amount",
             abs(persistent - limit) < 1e-6, f"{persistent:.6f} at T_1 = 0.3 g, T_2 = 10⁶ g; "
             f"at T_2 = 3 g {at_3['spin']:.6f}", "“persistent Bell nonlocality”"),
        fact("Fig. 2, middle", "B falls more rapidly between two bosonic baths",
             unequal.min() > 0 and 0 < faded - 2 < 1e-9,
             f"at T_1 = 0.3 g, T_2 = 3 g {at_3['boson']:.6f}, at 10⁶ g B − 2 = {faded - 2:.0e}; "
             f"B of spins less that of bosons from {unequal.min():.0e} to {more.max():.3f}",
             "“more rapidly decreases”", note="wherever T_1 ≠ T_2, seen from 0.1 g on; at equal "
                                              "temperatures both agree "
             f"(to {np.abs(np.diagonal(more)).max():.0e}): the ratio in (24) is the arithmetic "
             "mean of tanh(g/2T_β), weighted by χ_β, for spins and the harmonic one for bosons"),
        fact("Fig. 2, right", "B grows with ∣2μ − 1∣, at each temperature and for both kinds",
             steps.max() < 0, f"largest difference of neighbouring weights is "
             f"{steps.max():.3f}; for μ = 1/2 B is at most {half:.6f}",
             "the curves' order"),
        fact("Fig. 2, right", "both kinds agree where T_2 = T_1 = 0.3 g",
             np.ptp(data.at_T_1.values, axis=0).max() < 1e-14,
             f"B = {data.at_T_1.values[0, 0]:.6f} for μ = 1 with either", "curves that meet"),
        fact("Sec. 2", "the fastest rate of the figure is far below g", data.fastest.item() < 0.1,
             f"γ_1(g) = {data.fastest.item():.4f} g, bosons at T_1 = 3 g", "g ≫ γ_β(ω)"),
        new("App. C", "B with T_1 → 0⁻ (spins, completely inverted) and T_2 = 3 g, μ = 1",
            inverted, f"{equal:.6f} with both at 3 g: that a gradient cannot help holds among "
            "positive temperatures; an inverted bath turns the sign of Γ_1 − Γ_2, which B does not "
            f"depend on. By (24), 2√(1 + ((χ_2 tanh(g/2T_2) − χ_1)/(χ_1 + χ_2))²) = {exact:.6f}",
            exact=exact, within=1e-12),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(2.35, style.PAGE)
    *maps, weighted = figure.subplots(1, 3, width_ratios=(1, 1, 1.1))
    levels = np.arange(2.0, 2.901, 0.1)
    for panel, values, name, title in zip(maps, data.plane, "ab", ("spins", "bosons"), strict=True):
        filled = panel.contourf(data.T_1, data.T_2, values.T, levels=levels)
        lines = panel.contour(data.T_1, data.T_2, values.T, levels=[2.05, 2.2, 2.4], colors="w",
                              linewidths=0.7)  # fmt: skip
        panel.clabel(lines, fmt="%.4g", fontsize=6.5)
        panel.axvline(T_1, color="w", lw=0.7, ls=":")
        panel.set(xlabel="$T_1/g$", ylabel="$T_2/g$", xticks=range(4), yticks=range(4))
        panel.set_title(f"({name}) two baths of {title}", loc="left")
    figure.colorbar(filled, ax=maps, label=r"$\mathcal{B}$", ticks=levels[::2], pad=0.02)
    looks = {"color": "k"}, {"color": style.COLOURS[1], "ls": style.DASHES[1]}
    for values, look in zip(data.by_weight, looks, strict=True):
        weighted.plot(data["T"], values.T, **look)
    for mu, values in zip(WEIGHTS, data.by_weight[0], strict=True):
        weighted.annotate(rf"$\mu = {mu:g}$", (HOTTEST, values[-1]), (3, 0), va="center",
                          textcoords="offset points", fontsize=7)  # fmt: skip
    weighted.axhline(2, **style.BOUND)
    weighted.set(xlabel="$T_2/g$", ylabel=r"$\mathcal{B}$", xlim=(0, HOTTEST), ylim=(0.5, 3))
    weighted.set_title("(c) $T_1 = 0.3\\,g$", loc="left")
    lines = weighted.get_lines()
    weighted.legend([lines[0], lines[len(WEIGHTS)]], ["spins", "bosons"], loc="lower left")
    return figure
