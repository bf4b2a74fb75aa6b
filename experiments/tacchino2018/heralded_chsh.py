"""Bell violation that local filters herald from two qubits in a cavity.

Relaxation gamma = 1e-3 g, g being the larger coupling. Both filters, the pumps and the cavity's
loss are free; of unequal qubits also g_2/g_1, and qubit 2 alone is pumped. The search keeps 4
photons; its optima are recomputed by the master equation written out. q is the white noise that
steering by the ten axes of a dodecahedron survives.
"""

from typing import Any

import numpy as np
import xarray as xr

from experiments.labels import labelled
from experiments.master_equation import chsh, filtered
from experiments.tacchino2018.machines import plain_state, rates
from jaxent.app import style
from jaxent.app.claims import Claim, new
from jaxent.app.work import Work

STUDY = "heralded_chsh"
EQUAL, UNEQUAL = "equal qubits", "one pump, unequal couplings"
SHOWN = {EQUAL: (0.01, 0.1), UNEQUAL: (0.01, 0.2, 0.6, 1.0)}
"""The efficiencies that have a row."""


@labelled(
    chsh="largest CHSH value",
    q="noise tolerance q for the dodecahedron",
    trivial="whether the value is not above the classical bound",
    plain="CHSH value and efficiency by the master equation written out",
    kappa="loss of the cavity [g_1]",
    ratio="ratio of the couplings, g_2/g_1",
    limit="largest efficiency with CHSH > 2",
    limit_of_more="largest efficiency with CHSH of at least 2.001",
    variant="variant of the study",
    efficiency="heralding efficiency, p_suc",
    what="CHSH value or efficiency",
)
def compute(work: Work) -> xr.Dataset:
    points = work.points(STUDY)
    places = [rates(STUDY, point) for point in points]
    limit = work.thresholds(STUDY, EQUAL)[EQUAL]
    work.progress("written out", 0.5)
    plain = []
    for point, place in zip(points, places, strict=True):
        rho = plain_state(**place)
        passed, probability = filtered(rho, *point["filters"].values())
        plain.append((chsh(passed), probability))
    return xr.Dataset(
        {
            "chsh": ("point", [point["value"] for point in points]),
            "q": ("point", [point["steering"]["q"] for point in points]),
            "trivial": ("point", [point["verified"]["trivial"] for point in points]),
            "plain": (("point", "what"), plain),
            "kappa": ("point", [place["kappa"] for place in places]),
            "ratio": ("point", [place["g2"] / place["g1"] for place in places]),
            "limit": limit["threshold"],
            "limit_of_more": limit["with_margin"]["1e-3"],
        },
        {
            "variant": ("point", [point["variant"] for point in points]),
            "efficiency": ("point", [point["efficiency"] for point in points]),
            "what": ["chsh", "efficiency"],
        },
    )


def of(data: xr.Dataset, variant: str) -> xr.Dataset:
    """The points of a variant by their efficiency, without those that are not above 2."""
    chosen = (data.variant == variant) & ~data.trivial
    return data.isel(point=np.flatnonzero(chosen)).swap_dims(point="efficiency")


def claims(data: xr.Dataset) -> list[Claim]:
    rows = []
    for variant, efficiencies in SHOWN.items():
        for efficiency in efficiencies:
            one = of(data, variant).sel(efficiency=efficiency, method="nearest", tolerance=1e-9)
            written_out = one.plain.sel(what="chsh").item()
            away = abs(one.plain.sel(what="efficiency").item() - efficiency)
            rows.append(new(
                "Fig. 2c", f"{variant}: largest CHSH found at an efficiency of {efficiency:.0%}",
                one.chsh.item(), f"κ = {one.kappa.item():.3f} g, g₂ = {one.ratio.item():.3f} g₁; "
                f"q = {one.q.item():.4f}; written out, the same to "
                f"{abs(one.chsh.item() - written_out):.0e}",
                exact=written_out, within=1e-8, holds=away < 1e-8))  # fmt: skip
    beaten = of(data, EQUAL).efficiency.max().item()
    lost = data.efficiency[(data.variant == EQUAL) & data.trivial].min().item()
    limit = data.limit.item()
    return [
        *rows,
        new("Fig. 2c", f"{EQUAL}: largest efficiency found with CHSH > 2", limit,
            f"with CHSH ≥ 2.001 up to {data.limit_of_more.item():.4g}; of the efficiencies of the "
            f"curve {beaten:g} is below and {lost:g} above", digits=4,
            holds=beaten < limit < lost and data.limit_of_more.item() < limit),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(3.9)
    panels = figure.subplots(2, sharex=True)
    for line, variant in enumerate((EQUAL, UNEQUAL)):
        one = of(data, variant)
        look = style.line(line) | {"marker": style.marker(line), "label": variant}
        for panel, values in zip(panels, (one.chsh, one.q), strict=True):
            panel.semilogx(one.efficiency, values, **look)
    for name, panel, bound, label in zip("ab", panels, (2, 0), ("CHSH", "$q$"), strict=True):
        panel.axhline(bound, **style.BOUND)
        panel.set(ylabel=label)
        style.letter(panel, name)
    panels[0].set(ylim=(1.7, 2 * np.sqrt(2)))
    panels[1].set(xlabel=r"efficiency $p_{\mathrm{suc}}$", ylim=(-0.02, 0.6))
    panels[0].legend(loc="lower left")
    return figure
