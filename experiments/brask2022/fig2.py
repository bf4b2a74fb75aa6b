"""Steerability of the bosonic machine by all projective measurements, at three temperatures.

T_B -> 0+, gamma_A = 1, Alice measures qubit A. The paper does not print its temperatures: here
T_A = 1, 3 and 10. A verdict follows from two-sided bounds on the critical radius.
"""

from itertools import pairwise
from typing import Any

import xarray as xr

from experiments.brask2022 import maps
from experiments.brask2022.machines import bosons, state
from jaxent.app.claims import Claim, fact, new
from jaxent.app.reproduce import Work
from jaxent.certify import certify_steering

TEMPERATURES = (1, 3, 10)
POINTS = 20
# A machine in the regime g <= gamma that ten measurements steer: exp(1/T_A) = 3/2.
BEYOND = (2.4663, 1.0, 30.0)


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
        rows.append(fact("Fig. 2", f"bosons at {name} steer", bool(found), maps.shares(own)))
    steered = [maps.steerable(data.sel(machine=name)) for name in data.machine.values]
    apart = [int((one != other).sum()) for one, other in pairwise(steered)]
    what = "other temperatures steer in other regions"
    shown = f"of {data.g.size**2} states {apart[0]} and {apart[1]} change from panel to panel"
    rows.append(fact("Sec. IV A", what, min(apart) > 0, shown))
    low, high = data.certified.values
    hot, g, gamma_b = BEYOND
    where = f"at T_A = {hot}, g = {g:g} γ_A, γ_B = {gamma_b:g} γ_A"
    return [
        *rows,
        fact("Sec. IV A", "the dodecahedron detects no steering of bosons", low <= 0,
             f"{low:.6f} ≤ q ≤ {high:.6f} {where}", "q ≤ 0",
             remark="it does where γ_B is some twenty times γ_A or more, "
             f"which the search did not reach; certified {where}"),
        fact("Sec. III A", "all measurements steer whatever ten of them do",
             maps.contradictions(data) == 0, f"{maps.contradictions(data)} contradictions"),
        new("Sec. IV A", "noise that the dodecahedron bears for bosons", low, where),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    return maps.panels(data, [rf"bosons, $T_A = {t}$" for t in TEMPERATURES])
