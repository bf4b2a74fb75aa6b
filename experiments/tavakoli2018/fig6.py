"""Heralded negativity of ladders with one-step transitions against their number of levels.

T_A -> inf, T_B -> 0. Solved at p_B = 1e-3, all other rates g = 1e-12 and the coupling of the
filtered levels p_B/2, as in the paper, and exactly for g -> 0 with any ratio G of that coupling to
p_B.
"""

from fractions import Fraction
from typing import Any

import numpy as np
import xarray as xr
from scipy.optimize import minimize_scalar

import jaxent
from experiments.labels import labelled
from experiments.tavakoli2018.machines import WEAK_COUPLING, heralded, ladder
from jaxent.app import style
from jaxent.app.claims import Claim, fact, new, number
from jaxent.app.work import Work
from jaxent.machines.one_step_reset import eta, weak_coupling
from jaxent.measures import negativity

LEVELS = range(3, 21)
UNITS = (1e-3, 1.0)
"""p_B: the paper's, and another one."""
PROOFS = "../docs/pages/theory.md#proofs"
LONG = (20, 40, 80, 160)
PRINTED = {
    3: ("3/8", "0.375"),
    4: ("11/26", "0.423"),
    5: ("89/199", "0.447"),
    6: ("761/1651", "0.461"),
    7: ("26931/57371", "0.469"),
    8: ("243719/513029", "0.475"),
}
"""(E4) to (E9)."""


@labelled(
    exact="negativity, exact limit with the paper's ratio",
    fraction="the same as a fraction",
    solved="negativity of the solved machine",
    other_unit="the same with another p_B",
    chsh="CHSH value of the solved machine",
    off_e3="largest difference from (E3)",
    log10_efficiency="decimal logarithm of p_suc",
    ratio="best ratio, g_1/p_B, as a fraction",
    largest="negativity with the best ratio, exact limit",
    larger="whether that is larger, by exact fractions",
    gain="by how much",
    largest_fraction="the same negativity as a fraction",
    largest_solved="negativity of the solved machine with the best ratio",
    largest_chsh="CHSH value of that machine",
    precise_log10="decimal logarithm of p_suc of the longest ladder, in decimal arithmetic",
    long="negativity of long ladders, exact limit",
    d="number of levels",
    levels="number of levels",
)
def compute(work: Work) -> xr.Dataset:
    parts: dict[str, list[Any]] = {}
    for d in LEVELS:
        work.progress(f"{d} levels", (d - 3) / len(LEVELS))
        for name, value in _ladder(d).items():
            parts.setdefault(name, []).append(value)
    return xr.Dataset(
        {name: ("d", values) for name, values in parts.items()}
        | {"precise_log10": _precise_log10(LEVELS[-1])}
        | {"long": ("levels", [float(eta(d)) for d in LONG])},
        {"d": list(LEVELS), "levels": list(LONG)},
    )


def _ladder(d: int) -> dict[str, Any]:
    """One ladder with the paper's ratio, exactly and solved, and with the best one."""
    limit = eta(d)
    best = minimize_scalar(lambda G: -float(weak_coupling(d, G).ab), (0.4, 0.5, 0.6), tol=1e-10)
    ratio = Fraction(best.x).limit_denominator(100)
    exact = weak_coupling(d, ratio).ab
    # The paper's ratio in both units; then the best ratio.
    p_b = np.array([*UNITS, UNITS[0]])
    machines = ladder(d, np.array([0.5, 0.5, float(ratio)]), p_b)
    rho, log_efficiency = heralded(machines)
    N, chsh = np.asarray(negativity(rho)), np.asarray(jaxent.chsh(rho))
    form = np.zeros((4, 4), dtype=complex)
    form[1, 1], form[2, 2] = float(limit), 1 - float(limit)
    form[1, 2], form[2, 1] = -1j * float(limit), 1j * float(limit)
    return {
        "exact": float(limit),
        "fraction": str(limit),
        "solved": N[0],
        "other_unit": N[1],
        "chsh": chsh[0],
        "off_e3": abs(rho[0] - form).max(),
        "log10_efficiency": log_efficiency[0] / np.log(10),
        "ratio": str(ratio),
        "largest": float(exact),
        "larger": exact > limit,
        "gain": float(exact - limit),
        "largest_fraction": str(exact),
        "largest_solved": N[2],
        "largest_chsh": chsh[2],
    }


def _precise_log10(d: int) -> float:
    """log10 of p_suc with the paper's ratio, in decimal arithmetic."""
    machine = ladder(d, 0.5, UNITS[0])
    _, log_efficiency = machine.precise_state().herald(np.kron(*machine.default_filters))
    return log_efficiency / np.log(10)


def claims(data: xr.Dataset) -> list[Claim]:
    longest, four = data.sel(d=20), data.sel(d=4)
    off = float(abs(data.solved - data.exact).max())
    inverse = 1 / (np.array(LONG) - 3)
    scaled = ", ".join(f"{x:.4f}" for x in (0.5 - data.long.values) / inverse)
    extrapolated = np.polynomial.Polynomial.fit(inverse, data.long.values, len(LONG) - 1)(0.0)
    rows = [
        number(f"Eq. (E{d + 1})", f"η_{d} = {fraction}, by solving the machine", decimal,
               float(data.solved.sel(d=d)))
        for d, (fraction, decimal) in PRINTED.items()
    ]  # fmt: skip
    exactly = all(str(data.fraction.sel(d=d).values) == PRINTED[d][0] for d in PRINTED)
    rows += [
        fact("Eqs. (E4)–(E9)", "the six fractions, exactly", exactly,
             "; ".join(str(data.fraction.sel(d=d).values) for d in PRINTED),
             "; ".join(fraction for fraction, _ in PRINTED.values())),
        number("Fig. 6", "N at d = 20", "0.4926", float(longest.solved)),
        number("App. E", "CHSH at d = 20", "2.8075", float(longest.chsh)),
        fact("Fig. 6", "N increases with d", bool((data.solved.diff("d") > 0).all()),
             f"from each of d = {LEVELS[0]}, …, {LEVELS[-1]} to the next",
             "“increases with d”"),
        fact("Eq. (E3)", "form of the filtered state for d = 3, …, 20", data.off_e3.max() < 1e-6,
             f"off by {float(data.off_e3.max()):.0e} at most; N by {off:.0e} from the exact limit "
             "η_d", "as printed"),
        fact("App. E", "the limit does not depend on p_B",
             abs(data.other_unit - data.solved).max() < 1e-9,
             f"N changes by {float(abs(data.other_unit - data.solved).max()):.0e} at most from "
             f"p_B = {UNITS[0]:g} to {UNITS[1]:g} (g/p_B = 1e{WEAK_COUPLING})", "η_d alone"),
        new("App. E", "N in the limit of many levels, conjectured to be 1/2", float(extrapolated),
            f"extrapolated; 1/2 by a [proof]({PROOFS}). (1/2 − η_d)(d − 3) = {scaled} at d = "
            f"{', '.join(map(str, LONG))}",
            exact=0.5, within=1e-6, digits=9),
        new("Fig. 6", "log10 of p_suc at d = 20", float(longest.log10_efficiency),
            f"at the paper's p_B = {UNITS[0]:g} and g = {UNITS[0] * 10.0**WEAK_COUPLING:g}, below "
            "what double precision holds; solved in logarithms of the populations, and the same in "
            "decimal arithmetic", exact=float(data.precise_log10), within=1e-6),
    ]  # fmt: skip
    for d in (4, 6, 8, 20):
        own = data.sel(d=d)
        proof = f"= {own.largest_fraction.values} exactly" if d < 8 else "exact fractions compared"
        rows.append(
            new("Fig. 6", f"N at d = {d} with g_1 = ({own.ratio.values}) p_B",
                float(own.largest),
                f"larger than η_{d} by {float(own.gain):.2g} ({proof}); solving the machine gives "
                f"{float(own.largest_solved):.6f}",
                exact=float(own.largest_solved), within=1e-6, holds=bool(own.larger))
        )  # fmt: skip
    better = data.where(data.d > 3, drop=True)
    chsh = f"{float(longest.largest_chsh):.6f} in place of {float(longest.chsh):.6f}"
    rows += [
        fact("Fig. 6", "the curve is a lower bound", bool(better.larger.all()),
             f"for each of d = 4, …, 20 another g_1/p_B, {four.ratio.values} to "
             f"{longest.ratio.values}, is better, by exact fractions; at d = 20 CHSH is "
             f"{chsh}", "“lower bounds”",
             note="at d = 3 the paper's ratio is the best"),
    ]  # fmt: skip
    return rows


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(3.6)
    above, below = figure.subplots(2, sharex=True, height_ratios=(2, 1))
    look = {"color": style.COLOURS[0], "marker": style.MARKERS[0], "ls": "none"}
    above.plot(data.d, data.solved, label=f"$g_1 = p_B/2$, $g = 10^{{{WEAK_COUPLING}}} p_B$",
               **look)  # fmt: skip
    above.plot(data.d, data.largest, "+", color=style.COLOURS[1], label="best $g_1$, exact limit")
    above.axhline(0.5, **style.BOUND)
    above.set(ylabel="negativity", ylim=(0.36, 0.51))
    above.legend(loc="lower right")
    gain = data.where(data.d > 3, drop=True)
    below.plot(gain.d, gain.gain, "+", color=style.COLOURS[1])
    below.set(
        xlabel="dimension $d$", ylabel=r"gain in $N$", ylim=(0, 4.5e-4), xticks=range(4, 21, 2)
    )
    below.ticklabel_format(axis="y", scilimits=(0, 0))
    return figure
