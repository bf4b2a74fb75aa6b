"""Trade-off curves: the best value, and the noise tolerance q, against the heralding efficiency."""

from typing import Any

import numpy as np
import xarray as xr

from jaxent.app import style
from jaxent.app.work import Work

B = "filter on B, g <= gamma"
BOTH = "both filters, g <= gamma"
BOTH_FREE = "both filters, g free"
LABELS = {
    B: r"filter on B, $g \leq \gamma$",
    BOTH: r"both filters, $g \leq \gamma$",
    BOTH_FREE: r"both filters, $g$ free",
}


def solved(work: Work, study: str, *variants: str) -> xr.Dataset:
    """The verified points of those variants of a study, or of all that are drawn.

    ``trivial`` marks values not above the classical bound, ``q`` is nan where none is asked for.
    """
    variants = variants or tuple(LABELS)
    points = work.points(study, *variants)
    efficiencies = sorted({p["efficiency"] for p in points})
    table = {name: np.full((len(variants), len(efficiencies)), np.nan) for name in ("value", "q")}
    trivial = np.zeros((len(variants), len(efficiencies)), dtype=bool)
    for point in points:
        at = variants.index(point["variant"]), efficiencies.index(point["efficiency"])
        table["value"][at] = point["value"]
        table["q"][at] = point["steering"]["q"] if point["steering"] else np.nan
        trivial[at] = point["verified"]["trivial"]
    dims = ("variant", "efficiency")
    return xr.Dataset(
        {**{name: (dims, values) for name, values in table.items()}, "trivial": (dims, trivial)},
        {"variant": list(variants), "efficiency": efficiencies},
    )


def part(data: xr.Dataset, name: str, *quantities: str) -> xr.Dataset:
    """The curves of one study among those of several, whose variables end with its name."""
    own = xr.Dataset({quantity: data[f"{quantity}, {name}"] for quantity in quantities})
    return own.rename({f"p, {name}": "efficiency", f"variant, {name}": "variant"})


def lines(panel: Any, data: xr.Dataset, quantity: str, factor: float = 1.0) -> None:
    """One line for each variant; faint where the value is not above the classical bound."""
    for name in data.variant.values:
        number, own = list(LABELS).index(name), data.sel(variant=name)
        y = factor * own[quantity]
        look = {**style.line(number), "marker": style.marker(number)}
        if name == BOTH:
            # Larger and hollow, since the next line often lies on it.
            look |= {"ms": 6.0, "mfc": "none", "mew": 0.9, "lw": 0.8}
        panel.plot(own.efficiency, y.where(~own.trivial), label=LABELS[name], **look)
        panel.plot(own.efficiency, y.where(own.trivial), **look | {"ls": "none", "alpha": 0.35})


def axes(panel: Any, label: str, bound: float) -> None:
    """The efficiency along a logarithmic axis, and a line at the classical bound."""
    panel.axhline(bound, **style.BOUND)
    panel.set_xscale("log")
    panel.set(xlabel=r"heralding efficiency $p_{\mathrm{suc}}$", ylabel=label)
