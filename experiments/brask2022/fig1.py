"""Which machines steer, teleport and violate the CHSH inequality, with and without filters.

Without filters the best value over all couplings, rates, temperatures and charges, from a search
with 64 starts; with filters the largest efficiency at which the classical bound is beaten, for
g <= gamma_A, gamma_B, where the model holds. The paper's efficiencies are lower bounds from a
search.
"""

from typing import Any

import numpy as np
import xarray as xr

from experiments.brask2022.curves import BOTH, BOTH_FREE, B
from experiments.brask2022.machines import PLACES, state
from experiments.labels import labelled
from jaxent.app.claims import Claim, fact, new, number
from jaxent.app.work import Work
from jaxent.certify import critical_radius

STEERABLE = {
    "bosons": PLACES["bosons"],
    "fermions": PLACES["fermions"],
    "charged fermions": PLACES["charged"],
    "inverted fermions": PLACES["inverted"],
}
TABLE = {
    # Row, task: what is printed, the study that decides.
    ("bosons", "teleportation"): ("45", "fig5_bosons_singlet_fraction"),
    ("bosons", "CHSH"): ("0.2", "bosons_chsh"),
    ("charged fermions", "teleportation"): ("55", "fig6_charged_singlet_fraction"),
    ("charged fermions", "CHSH"): ("3.5", "charged_chsh"),
    ("inverted fermions", "teleportation"): ("100", "fig6_inverted_singlet_fraction"),
    ("inverted fermions", "CHSH"): ("20.0", "fig6_inverted_chsh"),
}
GOLDEN = (3 + 5**0.5) / 8
VARIANTS = (B, BOTH, BOTH_FREE)
NEAR = 1e-6
"""How close below a classical bound a search must come, to have searched at all."""


@labelled(
    radius_upper="upper bound on the critical radius for all projective measurements",
    touching="whether the state of |11> is empty beside a coherence",
    best="largest value of the objective without filters",
    from_a_product="largest entry of the difference from the product of the parts",
    threshold="largest efficiency at which the classical bound is beaten",
    steerable="machine that steers",
    objective="what was maximised",
    machine="variant of the study",
    entry="row and task of the table",
    filters="variant of the study",
)
def compute(work: Work) -> xr.Dataset:
    radii = [critical_radius(state(*place), width=1e-4) for place in STEERABLE.values()]
    best, entangled = {}, {}
    for task in ("singlet_fraction", "chsh"):
        found = work.points(f"no_go_{task}")
        best[task] = {point["variant"]: point["value"] for point in found}
        entangled[task] = {point["variant"]: _from_a_product(point["rho"]) for point in found}
    machines = list(best["chsh"])
    rows = []
    for _, study in TABLE.values():
        found = work.thresholds(study, *VARIANTS)
        rows.append([found[variant]["threshold"] for variant in VARIANTS])
    return xr.Dataset(
        {
            "radius_upper": ("steerable", [radius.upper for radius in radii]),
            "touching": ("steerable", [radius.touching for radius in radii]),
            "best": (
                ("objective", "machine"),
                [[best[task][name] for name in machines] for task in best],
            ),
            "from_a_product": (
                ("objective", "machine"),
                [[entangled[task][name] for name in machines] for task in best],
            ),
            "threshold": (("entry", "filters"), rows),
        },
        {
            "steerable": list(STEERABLE),
            "objective": list(best),
            "machine": machines,
            "entry": [", ".join(entry) for entry in TABLE],
            "filters": list(VARIANTS),
        },
    )


def _from_a_product(rho: dict[str, Any]) -> float:
    """How far a state is from the product of its parts, by its largest entry."""
    whole = (np.array(rho["re"]) + 1j * np.array(rho["im"])).reshape(2, 2, 2, 2)
    a, b = np.einsum("ikjk->ij", whole), np.einsum("kikj->ij", whole)
    return float(np.abs(whole - np.einsum("ij,kl->ikjl", a, b)).max())


def claims(data: xr.Dataset) -> list[Claim]:
    return [*_without_filters(data), *_with_filters(data)]


def _without_filters(data: xr.Dataset) -> list[Claim]:
    rows = []
    for name, (_, g, gamma_b) in STEERABLE.items():
        radius = data.radius_upper.sel(steerable=name).item()
        touches = bool(data.touching.sel(steerable=name))
        shown = f"critical radius ≤ {radius:.5f} at g = {g:g} γ_A, γ_B = {gamma_b:g} γ_A"
        shown += ", and below 1 since no state |11⟩ is populated" if touches else ""
        rows.append(fact("Fig. 1", f"{name} steer", radius < 1 or touches, shown, "✓"))
    limits = {"singlet_fraction": ("teleport (F > 1/2)", 0.5), "chsh": ("violate CHSH ≤ 2", 2.0)}
    for objective, (task, bound) in limits.items():
        for name in data.machine.values:
            best = data.best.sel(objective=objective, machine=name).item()
            shown = f"largest value {best:.9g}"
            inverted = objective == "singlet_fraction" and name.startswith("inverted")
            if inverted and name.endswith("charge"):
                rows.append(new("Fig. 1", f"{name}: largest F, at u ≤ 100 and any T_B", best,
                                f"{best / GOLDEN - 1:+.1%} on (3 + √5)/8, what the same search "
                                "finds without charge: a warm bath B fills qubit B only while A is "
                                "empty", holds=best > GOLDEN + 1e-3))  # fmt: skip
            elif inverted:
                shown += f", (3 + √5)/8 up to {abs(best - GOLDEN):.0e}"
                rows.append(fact("Fig. 1", f"{name} {task}", abs(best - GOLDEN) < 1e-9, shown, "✓"))
            else:
                holds = bound - NEAR < best <= bound + 1e-9
                away = data.from_a_product.sel(objective=objective, machine=name).item()
                shown += f" without filters, by a state that is a product to {away:.0e}"
                rows.append(fact("Fig. 1", f"{name} do not {task}", holds, shown, "✗"))
    return rows


def _with_filters(data: xr.Dataset) -> list[Claim]:
    rows = []
    for (machine, task), (printed, _) in TABLE.items():
        found = 100 * data.threshold.sel(entry=f"{machine}, {task}")
        one, both, free = (found.sel(filters=name).item() for name in VARIANTS)
        note = f"filter on B alone {one:.6g} %; with g free and both filters {free:.6g} %"
        what = f"{machine}: largest efficiency for {task}, in %"
        rows.append(number("Fig. 1", what, printed, both, maximum=True, note=note))
    return rows
