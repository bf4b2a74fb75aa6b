"""Singlet fraction, CHSH and steering against heralding efficiency: fermions, and inversion.

T_B -> 0+, gamma_A = 1. Left: charged fermions, T_A > 0 optimised; right: inverted ones. Top: the
singlet fraction for u -> inf. Middle: CHSH; left u = 20 as the caption says, and u -> inf; right
u = 20 with 100, 88 and 75 % of the bath's levels excited. Bottom: noise tolerance q of the state
that is best for teleportation, for the dodecahedron, Alice measuring qubit A; right also that of
the machine and filter that are best for steering itself.
"""

from typing import Any

import numpy as np
import xarray as xr

from experiments.brask2022 import curves
from jaxent.app import style
from jaxent.app.claims import Claim, fact, number
from jaxent.app.reproduce import Work
from jaxent.measures.steering import DODECAHEDRAL_MAXIMUM

STUDIES = {
    "charged F": "fig6_charged_singlet_fraction",
    "charged CHSH": "charged_chsh",
    "charged CHSH, u = 20": "fig6_charged_chsh_u20",
    "inverted F": "fig6_inverted_singlet_fraction",
    "inverted CHSH": "fig6_inverted_chsh",
    "inverted CHSH, 88 %": "fig6_inverted_chsh_088",
    "inverted CHSH, 75 %": "fig6_inverted_chsh_075",
}
# Drawn faintly: both filters alone; only here are their thresholds.
GREY = ("charged CHSH, u = 20", "inverted CHSH, 88 %", "inverted CHSH, 75 %")


def compute(work: Work) -> xr.Dataset:
    parts = {}
    for name, study in STUDIES.items():
        variants = (curves.BOTH,) if name in GREY else ()
        own = curves.solved(work, study, *variants).rename(
            efficiency=f"p, {name}", variant=f"variant, {name}"
        )
        parts |= {f"{quantity}, {name}": own[quantity] for quantity in own}
    for name in GREY:
        found = work.thresholds(STUDIES[name], curves.BOTH)
        parts[f"threshold, {name}"] = found[curves.BOTH]["threshold"]
    best = work.points("steering_inverted")
    efficiency = [p["efficiency"] for p in best]
    parts["best q"] = ("best p", [p["steering"]["q_lower"] for p in best])
    return xr.Dataset(parts, {"best p": efficiency})


def part(data: xr.Dataset, name: str) -> xr.Dataset:
    """The curves of one study."""
    own = {q: data[f"{q}, {name}"] for q in ("value", "q", "trivial")}
    return xr.Dataset(own).rename({f"p, {name}": "efficiency", f"variant, {name}": "variant"})


def claims(data: xr.Dataset) -> list[Claim]:
    charged, inverted = part(data, "charged F"), part(data, "inverted F")
    one = inverted.sel(variant=curves.B, efficiency=1.0)
    rare = inverted.sel(variant=curves.B).isel(efficiency=0)
    both = inverted.value.sel(variant=curves.BOTH)
    marginal = float((both - inverted.value.sel(variant=curves.B)).max())
    limits = {name: float(data[f"threshold, {name}"]) for name in GREY}
    shares = [limits[f"inverted CHSH, {share}"] for share in ("88 %", "75 %")]
    shown = "largest efficiency with CHSH > 2: {:.4g} % and {:.4g} % of 88 and 75 % inverted"
    shown = shown.format(*(100 * x for x in shares))
    close = DODECAHEDRAL_MAXIMUM
    return [
        number("Fig. 6", "inverted: F without loss, p = 1", "0.65", float(one.value)),
        number("Fig. 6", "inverted: q of that state", "0.081", float(one.q)),
        fact("Sec. VI B", "inverted: nearly optimal steering for p → 0", rare.q > 0.9 * close,
             f"q = {float(rare.q):.4f} at p = {float(rare.efficiency):g}; the singlet's is "
             f"{close:.4f}"),
        fact("Sec. VI B", "F and q decrease gradually", _falls(inverted),
             "both fall from each point of the curve to the next"),
        fact("Sec. VI B", "a filter on A improves only marginally", marginal < 0.01,
             f"F by {marginal:.3g} at most, where g ≤ γ; CHSH's largest efficiency rises from "
             "25 to 26.14 % (Fig. 1)"),
        number("Fig. 6", "charged, u = 20: largest efficiency with CHSH > 2, in %", "3.5",
               100 * limits["charged CHSH, u = 20"],
               remark="3.5 % belongs to u → ∞ with both filters (Fig. 1); at the caption's "
               "u = 20 less is reached, also with both filters"),
        fact("Sec. VI B", "less inversion, less efficiency", shares[0] > shares[1], shown),
        fact("Sec. VI A", "charged fermions bear more efficiency than bosons (F)",
             bool((charged.value.sel(variant=curves.BOTH) > 0.5)[charged.efficiency < 0.5].all()),
             "F > 1/2 at all points below p = 0.5"),
        _better_steering(data, inverted),
    ]  # fmt: skip


def _falls(inverted: xr.Dataset) -> bool:
    own = inverted.sel(variant=curves.B)
    return bool((own.value.diff("efficiency") < 0).all() & (own.q.diff("efficiency") < 0).all())


def _better_steering(data: xr.Dataset, inverted: xr.Dataset) -> Claim:
    p, q = data["best p"].values, data["best q"].values
    curve = inverted.q.sel(variant=curves.B)
    usual = np.interp(np.log(p), np.log(curve.efficiency), curve)
    k = int(np.argmax(q - usual))
    return Claim(
        "Fig. 6", "the machine best for teleportation is taken for steering", f"{usual[k]:.4f}",
        f"{q[k]:.6g}", q[k] / usual[k] - 1, "better",
        f"optimised for steering itself q is larger at every efficiency, most so at p = {p[k]:g}: "
        f"by {100 * (q[k] / usual[k] - 1):.2g} % (certified lower bound)",
    )  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(6.3, style.PAGE)
    axes = figure.subplots(3, 2, sharey="row")
    for column, kind in enumerate(("charged", "inverted")):
        own = part(data, f"{kind} F")
        curves.lines(axes[0, column], own, "value")
        curves.axes(axes[0, column], "singlet fraction $F$", 0.5)
        curves.lines(axes[2, column], own.assign(trivial=own.q <= 0), "q", 100.0)
        curves.axes(axes[2, column], "noise tolerance $q$ (%)", 0.0)
    (stars,) = axes[2, 1].plot(data["best p"], 100 * data["best q"], "k*", ms=6)
    axes[2, 1].legend([stars], ["best for steering itself"], loc="upper right")
    curves.lines(axes[1, 0], part(data, "charged CHSH"), "value")
    _note(axes[1, 0], r"$u \to \infty$; grey: $u = 20$")
    _faint(axes[1, 0], part(data, "charged CHSH, u = 20"), "-")
    curves.lines(axes[1, 1], part(data, "inverted CHSH"), "value")
    for share, dashes in (("88 %", "--"), ("75 %", ":")):
        _faint(axes[1, 1], part(data, f"inverted CHSH, {share}"), dashes)
    _note(axes[1, 1], "grey: 88 % (dashed), 75 % inverted")
    for column in range(2):
        curves.axes(axes[1, column], "CHSH", 2.0)
    for panel, letter in zip(axes.flat, "abcdef", strict=True):
        style.letter(panel, letter)
        panel.label_outer()
        panel.tick_params(labelbottom=True)
    axes[0, 0].legend(loc="upper right")
    axes[0, 0].set_title("charged fermions")
    axes[0, 1].set_title("inverted fermions")
    return figure


def _note(panel: Any, text: str) -> None:
    panel.text(0.97, 0.95, text, transform=panel.transAxes, ha="right", va="top")


def _faint(panel: Any, data: xr.Dataset, dashes: str) -> None:
    own = data.sel(variant=curves.BOTH)
    panel.plot(own.efficiency, own.value.where(own.value >= 2), color=style.GREY, ls=dashes, lw=0.9)
