"""Concurrence and entropy production between two collective baths, inverted ones included.

The antisymmetric and the symmetric mode of two qubits have a bath each, at inverse temperatures
beta_A and beta_S in units of 1/omega_0; both pump at the rate Gamma^+. Entropy production is in
units of omega_0 Gamma^+. The range of beta is ours.
"""

from typing import Any

import numpy as np
import xarray as xr

import jaxent
from experiments.labels import labelled
from experiments.tacchino2018 import equations
from experiments.tacchino2018.machines import concurrence, entropy_production, level_populations
from jaxent.app import style
from jaxent.app.claims import Claim, fact, number
from jaxent.app.work import Work

LOW, HIGH, STEP = -5.0, 10.0, 0.25
# Of the text, at limits and near them: beta_A and beta_S.
PLACES = {
    "thermal": (0.0, np.inf),
    "inverted": (-np.inf, np.inf),
    "moderate": (-4.0, 8.0),
    "exchanged": (8.0, -4.0),
}


@labelled(
    C="concurrence",
    closed="concurrence by (4) and (5)",
    entropy="entropy production [omega_0 Gamma^+]",
    p="population of a level",
    C_place="concurrence at a place of the text",
    p_place="population of a level at a place of the text",
    A14="concurrence by (A14)",
    first_law="sum of both heat currents [omega_0 Gamma^+]",
    precise="entropy production in decimal arithmetic [omega_0 Gamma^+]",
    batched="entropy production of a batch [omega_0 Gamma^+]",
    beta_A="inverse temperature of the antisymmetric mode's bath [1/omega_0]",
    beta_S="inverse temperature of the symmetric mode's bath [1/omega_0]",
    level="level",
    place="place of the text",
)
def compute(work: Work) -> xr.Dataset:
    beta = np.arange(LOW, HIGH + STEP / 2, STEP)
    beta_A, beta_S = np.meshgrid(beta, beta)
    levels = ["00", "A", "S", "11"]
    plane = ("beta_S", "beta_A")
    work.progress("the plane", 0.0)
    closed = [
        equations.from_parts(*equations.parts_of_5(*point))
        for point in zip(beta_A.flat, beta_S.flat, strict=True)
    ]
    places = np.array(list(PLACES.values())).T
    exact = [-12.0, -5.0, -4.0, 0.0, 5.0]
    betas_of_exact = np.array([(a, s) for a in exact for s in (-3.0, 2.0, 6.0)])
    pairs = [jaxent.CollectiveQubits(*betas) for betas in betas_of_exact]
    currents = [jaxent.thermodynamics(machine) for machine in pairs]
    return xr.Dataset(
        {
            "C": (plane, concurrence(beta_A, beta_S)),
            "closed": (plane, np.reshape(closed, beta_A.shape)),
            "entropy": (plane, entropy_production(beta_A, beta_S)),
            "p": (("level", *plane), level_populations(beta_A, beta_S)),
            "C_place": ("place", concurrence(*places)),
            "p_place": (("level", "place"), level_populations(*places)),
            "A14": equations.inverted_limit(PLACES["moderate"][1]),
            "first_law": ("pair", [c["heat_current_a"] + c["heat_current_b"] for c in currents]),
            "precise": ("pair", [c["entropy_production"] for c in currents]),
            "batched": ("pair", entropy_production(*betas_of_exact.T)),
        },
        {"beta_A": beta, "beta_S": beta, "level": levels, "place": list(PLACES)},
    )


def claims(data: xr.Dataset) -> list[Claim]:
    C, p = data.C, data.p
    places, levels = data.C_place.to_series(), data.p_place.to_pandas()
    both_inverted = C.sel(beta_A=slice(None, -STEP), beta_S=slice(None, -STEP))
    thermal = C.sel(beta_A=slice(0, None), beta_S=slice(0, None))
    balanced = np.diag(C)
    crowd = np.diag(p.sel(level="00") + p.sel(level="11"))
    uneven = abs(np.diag(p.sel(level="A") - p.sel(level="S"))).max()
    apart = abs(data.beta_S - data.beta_A)
    beyond = xr.where(C > 1 / 3, np.minimum(data.beta_A, data.beta_S), -np.inf)
    place_C, place_S = corner(C), corner(data.entropy)
    thermal_levels = ", ".join(f"{levels.thermal[name]:.6f}" for name in ("00", "A", "S", "11"))
    inverted_levels = ", ".join(f"{levels.inverted[name]:.6f}" for name in ("00", "A", "S", "11"))
    stationary = "stationarity makes p_A a mean of p_00 and p_11, with weights Γ⁺ and Γ_A⁻"
    second, first = data.entropy.min().item(), abs(data.first_law).max().item()
    return [
        fact("Eqs. (4), (5)", "the steady-state concurrence on the plane of Fig. 1b",
             abs(C - data.closed).max().item() < 1e-12,
             f"closed form and solution differ by {abs(C - data.closed).max().item():.0e} at most",
             "as printed"),
        fact("Fig. 1b", "C = 0 between balanced baths, β_S ≃ β_A", bool(np.all(balanced == 0)),
             f"0 on the diagonal, and wherever |β_S − β_A| < {apart.where(C > 0).min():.3g}",
             "C = 0"),
        fact("Sec. Optical pumping", "balanced: most of the population is in |G⟩ or |E⟩",
             bool(np.all(crowd[data.beta_A.values != 0] > 0.5)),
             f"{crowd.min():.3g} of it at β = 0, {crowd.max():.6f} at β = {HIGH:g}", "most",
             note="half of it at β = 0 exactly, more at all other β of the plane"),
        fact("Sec. Optical pumping", "balanced: the rest is an equal mixture of |A⟩ and |S⟩",
             uneven < 1e-14, f"|p_A − p_S| < {uneven + 1e-16:.0e}", "p_A = p_S"),
        fact("Fig. 1b, App. A", "limit of C between baths at positive temperatures",
             abs(places.thermal - 1 / 3) < 1e-12 and thermal.max() < 1 / 3,
             f"{places.thermal:.9f} at β_A = 0, β_S = ∞; less at all {thermal.size} thermal "
             "points of the plane", "1/3",
             note=f"also proven: {stationary}, so that C ≤ p_A ≤ 1 − p_00 and, as Γ_A⁻ ≥ Γ⁺ and "
             "p_11 ≤ p_00, C ≤ p_00/2"),
        fact("Sec. Optical pumping", "there, 1/3 of the weight is in |A⟩ and 2/3 in |G⟩",
             np.allclose(levels.thermal, [2 / 3, 1 / 3, 0, 0], rtol=0, atol=1e-14),
             f"p_00, p_A, p_S, p_11 = {thermal_levels}", "1/3, 2/3"),
        number("Fig. 1b, abstract", "limit of C with an inverted bath", "0.5", places.inverted,
               within=1e-12,
               note=f"no rates of the two baths give more: {stationary}, so that "
                      "C ≤ p_A ≤ 1/2; unequal couplings to one cavity do (errata)"),
        number("Sec. Optical pumping", "there, population of the state coupled to the inverted "
               "bath", "0.5", levels.inverted["A"], within=1e-12,
               note=f"p_00, p_A, p_S, p_11 = {inverted_levels}"),
        number("Sec. Optical pumping", "and of the other Bell state", "0", levels.inverted["S"],
               within=1e-12),
        fact("Fig. 1b", "C is largest where the hot bath is inverted, the cold one near T = 0⁺",
             place_C == (LOW, HIGH),
             f"largest on the plane, {C.max().item():.4f}, at {named(place_C)}", "β_A < 0, β_S → "
                                                                                 "∞"),
        fact("Fig. 1b", "all C > 1/3 lie outside the thermal region", bool(beyond.max() < 0),
             f"the smaller β is at most {beyond.max().item():g} there", "β_A or β_S < 0"),
        fact("Fig. 1b", "C = 0 where both baths are inverted", bool(both_inverted.max() == 0),
             f"largest of {both_inverted.size} points: {both_inverted.max().item():g}", "0"),
        fact("App. A", "1/2 is approached at moderately negative β_A, also with |β_A| < β_S",
             places.moderate > 0.47,
             f"{places.moderate:.4f} at β_A = −4, β_S = 8, where (A14) has {data.A14.item():.4f}",
             "C → 1/2"),
        fact("App. A", "the two temperatures are alike in C",
             abs(places.moderate - places.exchanged) + abs(C - C.values.T).max() < 1e-14,
             f"C(β_A, β_S) and C(β_S, β_A) differ by {abs(C - C.values.T).max().item():.0e}",
             "C(β_A, β_S) = C(β_S, β_A)"),
        fact("Eq. (6)", "the heat currents of the two baths add up to zero", first < 1e-12,
             f"|Q_A + Q_S| ≤ {first:.2g} ω₀Γ⁺ at {data.sizes['pair']} pairs", "0"),
        fact("Eq. (6), App. B", "no entropy is destroyed, inverted baths included", second > -1e-12,
             f"smallest of the plane {abs(second):.2g}; in many digits at {data.sizes['pair']} "
             f"pairs the same to {disagreement(data):.0e}", "≥ 0"),
        *correlation(data, place_C == place_S, place_S),
    ]  # fmt: skip


def correlation(data: xr.Dataset, same_corner: bool, place: tuple[float, float]) -> list[Claim]:
    """How far entropy production and concurrence go together, where the cold bath is S."""
    upper = (data.beta_S > data.beta_A).values
    steps = [upward_together(data, name, upper) for name in ("beta_A", "beta_S")]
    alike, count = np.sum(steps, axis=0)
    less, more = reversed_pair(data)
    C, sigma = (values.values[upper & (data.C > 0)] for values in (data.C, data.entropy))
    ranks = np.corrcoef(*(np.argsort(np.argsort(values)) for values in (C, sigma)))[0, 1]
    told = ("C = {C:.3f}, Ṡ = {sigma:.2f} at {named}".format(**place) for place in (less, more))
    return [
        fact("Fig. 1c, abstract", "C and entropy production are largest for the same baths",
             same_corner, f"of the plane both at {named(place)}", "one place"),
        fact("Fig. 1c, abstract", "driving either bath harder makes more of both, where C > 0",
             alike == count, f"in {alike} of {count} steps of {STEP} in β_A or β_S", "both grow"),
        fact("Abstract", "the more irreversible the process, the larger the concurrence",
             less["C"] <= more["C"], f"rank correlation {ranks:.3f} where C > 0", "C grows with Ṡ",
             because="true along β_A and along β_S, not between all pairs of baths: {}, "
                    "but {}".format(*told)),
    ]  # fmt: skip


def reversed_pair(data: xr.Dataset) -> tuple[dict[str, Any], dict[str, Any]]:
    """The baths that are more irreversible, second, and yet lose most of the concurrence."""
    stacked = data[["C", "entropy"]].stack(point=["beta_S", "beta_A"])
    inside = stacked.where((stacked.C > 0) & (stacked.beta_S > stacked.beta_A), drop=True)
    rising = inside.sortby("entropy")
    C = rising.C.values
    last = np.argmax(np.maximum.accumulate(C) - C)
    found = (rising.isel(point=i) for i in (np.argmax(C[: last + 1]), last))
    places = [(p, (p.beta_A.item(), p.beta_S.item())) for p in found]
    less, more = (
        {"place": at, "named": named(at), "C": p.C.item(), "sigma": p.entropy.item()}
        for p, at in places
    )
    return less, more


def upward_together(data: xr.Dataset, along: str, upper: np.ndarray) -> tuple[int, int]:
    """In how many steps along an axis both grow or both fall, of how many between entangled."""
    inside = data.C.where(data.C > 0).where(upper)
    both = inside.diff(along) * data.entropy.diff(along)
    return int((both > 0).sum()), int(both.notnull().sum())


def disagreement(data: xr.Dataset) -> float:
    return (abs(data.precise - data.batched) / data.precise).max().item()


def corner(values: xr.DataArray) -> tuple[float, float]:
    """Where a quantity of the plane is largest: beta_A and beta_S, A being the hot bath."""
    stacked = values.where(values.beta_A < values.beta_S, -1).stack(point=["beta_A", "beta_S"])
    return tuple(map(float, stacked[stacked.argmax("point")].point.item()))


def named(place: tuple[float, float]) -> str:
    return "β_A = {:g}, β_S = {:g}".format(*place).replace("-", "−")


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(4.9)
    top, bottom = figure.subplots(2, sharex=True)
    filled = top.contourf(data.beta_A, data.beta_S, data.C, levels=np.arange(0, 0.51, 0.05))
    figure.colorbar(filled, ax=top, label="concurrence $C_{SS}$", ticks=np.arange(0, 0.51, 0.1))
    red = {"colors": style.WARM, "linestyles": "--", "linewidths": 1.2}
    top.contour(data.beta_A, data.beta_S, data.C, levels=[1 / 3], **red)
    filled = bottom.contourf(data.beta_A, data.beta_S, data.entropy, levels=np.arange(0, 31, 3))
    figure.colorbar(
        filled, ax=bottom, label=r"$\dot S_{\mathrm{irr}}/\omega_0\Gamma^+$", ticks=range(0, 31, 6)
    )
    for name, panel in (("b", top), ("c", bottom)):
        panel.plot([0, 0, HIGH], [HIGH, 0, 0], "w--", lw=0.9)
        panel.set(ylabel=r"$\beta_S$", aspect="equal", xticks=range(-5, 11, 5))
        panel.set(yticks=range(-5, 11, 5))
        style.letter(panel, name)
    white = {"mfc": "w", "mec": "k", "mew": 0.7, "ms": 4}
    for place, kind in zip(reversed_pair(data), "os", strict=True):
        for panel in (top, bottom):
            panel.plot(*place["place"], kind, clip_on=False, zorder=9, **white)
    top.text(9.5, 0.4, "thermal", color="w", ha="right", fontsize=7.5)
    bottom.set(xlabel=r"$\beta_A$")
    return figure
