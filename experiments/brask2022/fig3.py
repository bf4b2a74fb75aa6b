"""Steerability of fermionic machines by all projective measurements.

T_B -> 0+, gamma_A = 1, Alice measures qubit A; (a) T_A -> inf without charge, (b) complete
inversion, (c) T_A -> inf, u -> inf. A verdict follows from two-sided bounds on the critical
radius.
"""

from typing import Any

import xarray as xr

from experiments.brask2022 import maps
from experiments.brask2022.machines import FERMIONS, INVERTED, bosons, charged
from experiments.labels import labelled
from jaxent.app.claims import Claim, check, fact
from jaxent.app.work import Work

MACHINES = {
    "fermions": FERMIONS,
    "inverted": INVERTED,
    "charged": charged(),
    "bosons, T_A = 1": bosons(1.0),
}
TITLES = (
    r"fermions, $T_A \to \infty$",
    r"inverted, $T_A \to 0^-$",
    r"charged, $u, T_A \to \infty$",
)
POINTS = 20


@labelled(**maps.LABELS)
def compute(work: Work) -> xr.Dataset:
    return maps.verdicts(MACHINES, POINTS, work)


def claims(data: xr.Dataset) -> list[Claim]:
    steered = {name: maps.steerable(data.sel(machine=name)) for name in data.machine.values}
    rows = [
        fact(
            "Fig. 3",
            f"{name} steer",
            bool(found.any()),
            maps.shares(data.sel(machine=name)),
            "a steerable region",
        )
        for name, found in steered.items()
        if name in ("fermions", "inverted", "charged")
    ]
    least = {
        name: float(data.gamma_b.where(found.any("g")).min()) for name, found in steered.items()
    }
    shown = (
        f"from γ_B = {least['fermions']:.2g} γ_A on, bosons at T_A = 1 from "
        f"{least['bosons, T_A = 1']:.2g} γ_A on"
    )
    count = {name: int(found.sum()) for name, found in steered.items()}
    smaller = least["fermions"] < least["bosons, T_A = 1"] / 2
    larger = count["charged"] > count["fermions"]
    beaten_by = [name for name in count if count[name] > count["inverted"]]
    of = f"of {data.g.size**2} states"
    return [
        *rows,
        fact("Sec. IV B", "fermions steer at a much smaller γ_B/γ_A than bosons", smaller, shown,
             "“much smaller value of γ_B/γ_A”"),
        fact("Sec. IV C", "the charge enlarges the region", larger,
             f"{count['fermions']} to {count['charged']} {of}", "a larger region"),
        fact("Sec. V C", "inversion has the largest region", not beaten_by,
             ", ".join(f"{number} with {name}" for name, number in count.items()) + f" {of}",
             "“larger than in the previous cases”",
             because=f"{' and '.join(beaten_by)} steer in a larger one"),
        check("Fig. 3c", "every state of the charged machine is steerable",
              count["charged"] == data.g.size**2, f"{count['charged']} {of}",
              note="an empty |11⟩ beside a coherence proves steering by all projective "
              "measurements, although ever finer ones may be needed (jaxent.certify.radius has the "
              "proof)"),
        check("Sec. III A", "all measurements steer whatever ten of them do",
             maps.contradictions(data) == 0, f"{maps.contradictions(data)} contradictions"),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    return maps.panels(data.sel(machine=["fermions", "inverted", "charged"]), list(TITLES))
