"""The trade-off curves of Figs. 5 and 6 below what is proven of them.

At each efficiency of a curve no machine and filters reach more than the upper bound, there or at a
larger efficiency, and a machine in fractions reaches the lower one: a staircase that the curve
cannot pass. Each proof is checked in whole numbers against the master equation.
"""

from typing import Any

import numpy as np
import xarray as xr

from experiments.brask2022 import curves
from experiments.labels import labelled
from jaxent.app import style
from jaxent.app.claims import Claim, check, fact
from jaxent.app.work import Work

STUDIES = {
    "bosons F": "fig5_bosons_singlet_fraction",
    "charged F": "fig6_charged_singlet_fraction",
    "inverted F": "fig6_inverted_singlet_fraction",
    "bosons CHSH": "bosons_chsh",
    "charged CHSH": "charged_chsh",
    "charged CHSH, u = 20": "fig6_charged_chsh_u20",
    "inverted CHSH": "fig6_inverted_chsh",
    "inverted CHSH, 88 %": "fig6_inverted_chsh_088",
    "inverted CHSH, 75 %": "fig6_inverted_chsh_075",
}
WIDTH = 1e-4
ROUNDING = 1e-7
"""By how much a search may stay below a witness at the same machine."""


@labelled(
    value="largest value of the objective that a search finds",
    upper="proven upper bound on it",
    lower="what a machine in fractions reaches",
    classical="classical bound",
    p="heralding efficiency, p_suc",
    variant="variant of the study",
)
def compute(work: Work) -> xr.Dataset:
    parts = {}
    for name, study in STUDIES.items():
        found, proven = work.points(study), work.proven_values(study, width=WIDTH)
        variants = list(proven)
        own = {
            q: [[x[q] for x in proven[v]["points"]] for v in variants] for q in ("upper", "lower")
        }
        own["value"] = [[p["value"] for p in found if p["variant"] == v] for v in variants]
        parts |= {
            f"{quantity}, {name}": ((f"variant, {name}", f"p, {name}"), rows)
            for quantity, rows in own.items()
        }
        parts[f"variant, {name}"] = variants
        parts[f"p, {name}"] = [x["efficiency"] for x in proven[variants[0]]["points"]]
        parts[f"classical, {name}"] = proven[variants[0]]["classical_bound"]
    return xr.Dataset(parts).set_coords([n for n in parts if n.startswith(("variant", "p, "))])


def part(data: xr.Dataset, name: str) -> xr.Dataset:
    """The curves of one study."""
    return curves.part(data, name, "value", "upper", "lower", "classical")


def claims(data: xr.Dataset) -> list[Claim]:
    rows = []
    for name in STUDIES:
        own = part(data, name)
        width = own.upper - np.maximum(own.lower, own.classical)
        proven = width <= WIDTH * (1 + 1e-9)
        many = f"{own.sizes['variant']} curves of {own.sizes['efficiency']} efficiencies"
        shown = f"at {int(proven.sum())} of {proven.size} points proven within {WIDTH:g}"
        because = "" if proven.all() else _left_open(own, proven)
        rows.append(fact(
            "Figs. 5, 6", f"{name}, {many}: nothing better exists", bool(proven.all()), shown,
            "found by a search", because=because,
        ))  # fmt: skip
        local = own.sel(variant=[v for v in own.variant.values if "free" not in v])
        short = float((local.lower - local.value).max())
        free = float((own.lower - own.value).max())
        rows.append(check(
            "Figs. 5, 6", f"{name}: what a search finds is between the proven bounds",
            bool((own.value <= own.upper).all()) and short <= ROUNDING,
            f"where g ≤ γ at most {max(short, 0.0):.1e} below the witness; where g is free, but "
            f"not beyond the bounds of the search, {max(free, 0.0):.1e}",
        ))  # fmt: skip
    return rows


def _left_open(own: xr.Dataset, proven: xr.DataArray) -> str:
    """Which points are not settled."""
    left = [
        f"p = {float(own.efficiency[k]):.3g} ({own.variant.values[i]})"
        for i, k in np.argwhere(~proven.values).tolist()
    ]
    return f"the proof at {', '.join(left)} takes more work than a check may cost"


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(4.6, style.PAGE)
    for panel, (letter, name) in zip(
        figure.subplots(3, 3).flat, zip("abcdefghi", STUDIES, strict=True), strict=True
    ):
        own = part(data, name)
        for number, variant in enumerate(own.variant.values):
            line = own.sel(variant=variant)
            shown = line.where(line.value > line.classical + WIDTH)
            colour = style.COLOURS[number]
            panel.plot(
                line.efficiency, line.upper, drawstyle="steps-post", color=colour, lw=0.8,
                label=curves.LABELS.get(variant, variant.replace("<=", "≤")),
            )  # fmt: skip
            panel.plot(line.efficiency, shown.value, ls="none", marker=".", ms=2.5, color=colour)
        panel.axhline(float(own.classical), **style.BOUND)
        panel.set_xscale("log")
        panel.set_title(name)
        style.letter(panel, letter)
    for panel in figure.axes[6:]:
        panel.set_xlabel(r"heralding efficiency $p_{\mathrm{suc}}$")
    for panel, label in zip(figure.axes[::3], ("F", "CHSH", "CHSH"), strict=True):
        panel.set_ylabel(f"proven bound, {label}")
    figure.axes[2].legend(loc="lower left", fontsize=5.5)
    return figure
