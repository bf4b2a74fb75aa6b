"""Steerability of the bosonic machine by all projective measurements, at three temperatures.

T_B -> 0+, gamma_A = 1, Alice measures qubit A. The paper does not print its temperatures: here
T_A = 1, 3 and 10. A verdict follows from two-sided bounds on the critical radius.
"""

from itertools import pairwise
from typing import Any

import numpy as np
import xarray as xr

from experiments.brask2022 import maps
from experiments.brask2022.machines import bosons, state
from experiments.labels import labelled
from jaxent.app.claims import Claim, check, fact, new
from jaxent.app.work import Work
from jaxent.certify import certify_steering

TEMPERATURES = (1, 3, 10)
POINTS = 20
# A machine in the regime g <= gamma that ten measurements steer: T_A, g, gamma_B.
BEYOND = (1 / np.log(1.5), 1.0, 30.0)


@labelled(**maps.LABELS, certified="certified bounds on q beyond the map")
def compute(work: Work) -> xr.Dataset:
    data = maps.verdicts({f"T_A = {t}": bosons(t) for t in TEMPERATURES}, POINTS, work)
    hot, *place = BEYOND
    certificate = certify_steering(state(bosons(hot), *place))
    return data.assign(certified=("end", [certificate.q_lower, certificate.q_upper]))


def claims(data: xr.Dataset) -> list[Claim]:
    rows = []
    for name in data.machine.values:
        own = data.sel(machine=name)
        found = maps.steerable(own).any()
        rows.append(fact("Fig. 2", f"bosons at {name} steer", bool(found), maps.shares(own),
                         "a steerable region"))  # fmt: skip
    steered = [maps.steerable(data.sel(machine=name)) for name in data.machine.values]
    apart = [int((one != other).sum()) for one, other in pairwise(steered)]
    what = "other temperatures steer in other regions"
    shown = f"of {data.g.size**2} states {apart[0]} and {apart[1]} change from panel to panel"
    rows.append(fact("Fig. 2", what, min(apart) > 0, shown,
                     "“different parameter regions”"))  # fmt: skip
    low, high = data.certified.values
    ten = (data.dodecahedron > maps.SEEN).any(["machine", "g"])
    least = data.gamma_b.where(ten).min().item()
    hot, g, gamma_b = BEYOND
    where = f"at T_A = {hot:.4f}, g = {g:g} γ_A, γ_B = {gamma_b:g} γ_A"
    return [
        *rows,
        fact("Sec. IV A", "the dodecahedron detects no steering of bosons", low <= 0,
             f"{low:.6f} ≤ q ≤ {high:.6f} {where}", "q ≤ 0",
             because=f"of the states of the maps it steers some from γ_B = {least:.3g} γ_A on"),
        check("Sec. III A", "all measurements steer whatever ten of them do",
             maps.contradictions(data) == 0, f"{maps.contradictions(data)} contradictions"),
        new("Sec. IV A", "noise that the dodecahedron bears for bosons", low, where,
            exact=high, within=1e-6),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    return maps.panels(data, [rf"bosons, $T_A = {t}$" for t in TEMPERATURES])
