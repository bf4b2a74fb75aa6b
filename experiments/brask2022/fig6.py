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
from experiments.labels import labelled
from jaxent.app import style
from jaxent.app.claims import Claim, fact, improved, number
from jaxent.app.work import Work
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
# Drawn faintly: both filters alone; only they and the first of each kind have thresholds here.
FAINT = ("charged CHSH, u = 20", "inverted CHSH, 88 %", "inverted CHSH, 75 %")


@labelled(
    value="largest value of the objective",
    q="noise tolerance q for the dodecahedron",
    trivial="whether the value is not above the classical bound",
    threshold="largest efficiency at which the classical bound is beaten",
    best_q="certified lower bound on the largest q",
    usual_q="certified upper bound on q of the best machine for teleportation",
    best_p="heralding efficiency, p_suc",
    p="heralding efficiency, p_suc",
    variant="variant of the study",
)
def compute(work: Work) -> xr.Dataset:
    parts = {}
    for name, study in STUDIES.items():
        variants = (curves.BOTH,) if name in FAINT else ()
        own = curves.solved(work, study, *variants).rename(
            efficiency=f"p, {name}", variant=f"variant, {name}"
        )
        parts |= {f"{quantity}, {name}": own[quantity] for quantity in own}
    for name in (*FAINT, "charged CHSH", "inverted CHSH"):
        found = work.thresholds(STUDIES[name], curves.B, curves.BOTH) if name not in FAINT else (
            work.thresholds(STUDIES[name], curves.BOTH))  # fmt: skip
        for variant, report in found.items():
            parts[f"threshold, {name}, {variant}"] = report["threshold"]
    bosons = curves.solved(work, "fig5_bosons_singlet_fraction", curves.B, curves.BOTH).rename(
        efficiency="p, bosons F", variant="variant, bosons F"
    )
    parts |= {f"{quantity}, bosons F": bosons[quantity] for quantity in bosons}
    best, usual = work.points("steering_inverted"), work.points("teleporting_inverted")
    efficiency = [p["efficiency"] for p in best]
    if efficiency != [p["efficiency"] for p in usual]:
        raise ValueError("steering_inverted and teleporting_inverted differ in efficiency")
    parts["best q"] = ("best p", [p["steering"]["q_lower"] for p in best])
    parts["usual q"] = ("best p", [p["steering"]["q_upper"] for p in usual])
    return xr.Dataset(parts, {"best p": efficiency})


def part(data: xr.Dataset, name: str) -> xr.Dataset:
    """The curves of one study."""
    return curves.part(data, name, "value", "q", "trivial")


def claims(data: xr.Dataset) -> list[Claim]:
    charged, inverted, bosons = (
        part(data, f"{kind} F") for kind in ("charged", "inverted", "bosons")
    )
    one = inverted.sel(variant=curves.B, efficiency=1.0)
    rare = inverted.sel(variant=curves.B).isel(efficiency=0)
    both = inverted.value.sel(variant=curves.BOTH)
    marginal = float((both - inverted.value.sel(variant=curves.B)).max())

    def limit(name: str, variant: str = curves.BOTH) -> float:
        return 100 * float(data[f"threshold, {name}, {variant}"])

    one_filter = limit("inverted CHSH", curves.B)
    shares = [limit(f"inverted CHSH{share}") for share in ("", ", 88 %", ", 75 %")]
    at_20, at_infinity = limit("charged CHSH, u = 20"), limit("charged CHSH")
    gain = (charged.value - bosons.value).where(~charged.trivial)
    least = {name: float(gain.sel(variant=name).min()) for name in (curves.B, curves.BOTH)}
    return [
        number("Sec. V A, Fig. 6", "inverted: F without loss, p = 1", "0.65", float(one.value)),
        fact("Sec. VI B", "inverted: nearly optimal steering for p → 0",
             bool(rare.q > 0.9 * DODECAHEDRAL_MAXIMUM),
             f"q = {float(rare.q):.4f} at p = {float(rare.efficiency):g}; the singlet's is "
             f"{DODECAHEDRAL_MAXIMUM:.4f}", "“nearly optimal steering”"),
        fact("Sec. VI B", "F and q decrease gradually", _falls(inverted),
             "both fall from each point of the curve to the next",
             "“both decrease gradually”"),
        fact("Sec. VI B", "a filter on A improves only marginally",
             marginal < 0.01 and shares[0] < 1.1 * one_filter,
             f"F by {marginal:.3g} at most, where g ≤ γ; CHSH's largest efficiency rises from "
             f"{one_filter:.4g} to {shares[0]:.4g} %", "“only yields a marginal improvement”"),
        number("Fig. 6", "charged, u = 20: largest efficiency with CHSH > 2, in %", "3.5", at_20,
               because=f"3.5 % belongs to u → ∞, where it is {at_infinity:.3g} % with both "
               "filters; at the caption's u = 20 less is reached, also with both"),
        fact("Sec. VI B", "less inversion, less efficiency", shares[0] > shares[1] > shares[2],
             "largest efficiency with CHSH > 2: {:.4g}, {:.4g} and {:.4g} % of 100, 88 and 75 % "
             "inverted".format(*shares), "“gradually decreases”"),
        fact("Sec. VI A", "charged fermions bear more efficiency than bosons (F)",
             min(least.values()) > 0,
             "wherever theirs is above 1/2, F of charged fermions exceeds that of bosons by "
             f"{least[curves.B]:.2g} or more with a filter on B, by {least[curves.BOTH]:.2g} with "
             "both", "“more pronounced than in the case of bosons”"),
        _better_steering(data),
    ]  # fmt: skip


def _falls(inverted: xr.Dataset) -> bool:
    own = inverted.sel(variant=curves.B)
    return bool((own.value.diff("efficiency") < 0).all() & (own.q.diff("efficiency") < 0).all())


def _better_steering(data: xr.Dataset) -> Claim:
    p, q, usual = (data[name].values for name in ("best p", "best q", "usual q"))
    k = int(np.argmax(q - usual))
    return improved(
        "Fig. 6", "the machine best for teleportation is taken for steering", usual[k], q[k],
        bool((q > usual).all()),
        f"optimised for steering itself, also with a filter on B and g ≤ γ, q is larger at each of "
        f"p = {', '.join(f'{x:g}' for x in p)}, by {100 * (q / usual - 1).min():.2g} % or more and "
        f"most so at p = {p[k]:g}, by {100 * (q[k] / usual[k] - 1):.2g} %: certified bounds, the "
        "lower one against the upper",
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
