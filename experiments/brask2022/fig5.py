"""Singlet fraction against heralding efficiency: bosons.

T_B -> 0+ and gamma_A = 1, u = 0 as everywhere for bosons; g, gamma_B, T_A and the filters are
optimised. The paper's curve is a search's lower bound.
"""

from typing import Any

import numpy as np
import xarray as xr

from experiments.brask2022 import curves
from jaxent.app import style
from jaxent.app.claims import Claim, fact
from jaxent.app.reproduce import Work

STUDY = "fig5_bosons_singlet_fraction"


def compute(work: Work) -> xr.Dataset:
    return curves.solved(work, STUDY)


def claims(data: xr.Dataset) -> list[Claim]:
    both = data.value.sel(variant=curves.BOTH)
    slopes = np.abs(np.diff(both)) / np.diff(both.efficiency)
    early, late = slopes[0], slopes[np.searchsorted(both.efficiency[1:], 0.1)]
    nontrivial = both.where(~data.trivial.sel(variant=curves.BOTH))
    last = float(nontrivial.efficiency.where(nontrivial.notnull()).max())
    return [
        fact("Sec. VI A", "bosons: a nontrivial singlet fraction up to about 45 %", last > 0.4,
             f"up to {last:.3f} on this grid; Fig. 1 has the threshold", "0.45"),
        fact("Sec. VI A", "F drops rapidly at first and flattens around 10 %", early > 10 * late,
             f"its slope is {early:.3g} near 0 and {late:.3g} at 10 %"),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(2.6)
    panel = figure.subplots()
    curves.lines(panel, data, "value")
    curves.axes(panel, "singlet fraction $F$", 0.5)
    panel.legend(loc="upper right")
    return figure
