"""Singlet fraction against heralding efficiency: bosons.

T_B -> 0+ and gamma_A = 1, u = 0 as everywhere for bosons; g, gamma_B, T_A and the filters are
optimised. The paper's curve is a search's lower bound.
"""

from typing import Any

import numpy as np
import xarray as xr

from experiments.brask2022 import curves
from experiments.labels import labelled
from jaxent.app import style
from jaxent.app.claims import Claim, check, fact
from jaxent.app.work import Work

STUDY = "fig5_bosons_singlet_fraction"


@labelled(
    value="largest singlet fraction, F",
    q="noise tolerance q for the dodecahedron",
    trivial="whether the value is not above the classical bound",
    threshold="largest efficiency with F > 1/2",
    variant="variant of the study",
    efficiency="heralding efficiency, p_suc",
)
def compute(work: Work) -> xr.Dataset:
    found = work.thresholds(STUDY, curves.BOTH)
    return curves.solved(work, STUDY).assign(threshold=found[curves.BOTH]["threshold"])


def claims(data: xr.Dataset) -> list[Claim]:
    both = data.value.sel(variant=curves.BOTH)
    slopes = np.abs(np.diff(both)) / np.diff(both.efficiency)
    early, late = slopes[0], slopes[np.searchsorted(both.efficiency[1:], 0.1)]
    nontrivial = ~data.trivial.sel(variant=curves.BOTH).values
    p, threshold = both.efficiency.values, float(data.threshold)
    return [
        check("Fig. 5", "the curve is nontrivial up to the threshold that Fig. 1 has",
              bool(np.array_equal(nontrivial, p < threshold)),
              f"up to p = {p[nontrivial].max():.3f} of the grid, the threshold being "
              f"{threshold:.4f}"),
        fact("Sec. VI A", "F drops rapidly at first and flattens around 10 %", early > 10 * late,
             f"its slope is {early:.3g} at p = {p[0]:g} and {late:.3g} at 10 %",
             "“rapidly flattens around p ≈ 10 %”"),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(2.6)
    panel = figure.subplots()
    curves.lines(panel, data, "value")
    curves.axes(panel, "singlet fraction $F$", 0.5)
    panel.legend(loc="upper right")
    return figure
