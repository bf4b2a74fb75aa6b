"""Maps of what all projective measurements of Alice prove about the states of a machine."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.colors import ListedColormap

from experiments.brask2022.machines import Machine, robustness, states
from jaxent.app import style
from jaxent.app.work import Work
from jaxent.certify import critical_radius

VERDICTS = ("unsteerable", "undetermined", "steerable")
LABELS = {
    "verdict": "0 unsteerable, 1 undetermined, 2 steerable by all projective measurements",
    "dodecahedron": "noise tolerance q for the dodecahedron",
    "machine": "machine",
    "g": "coupling, g [gamma_A]",
    "gamma_b": "rate of bath B, gamma_B [gamma_A]",
}
"""What the variables of :func:`verdicts` are."""
SEEN = 1e-8
"""The robustness q from which on ten measurements are said to steer."""
# Light to dark, apart in grey too.
_SHADES = ("#F0F0F0", style.COLOURS[4], style.COLOURS[0])
_LINE = {"color": "k", "lw": 1.2}


def verdicts(machines: dict[str, Machine], points: int, work: Work) -> xr.Dataset:
    """Verdicts, and q for the dodecahedron, over g and gamma_B in units of gamma_A.

    Args:
        machines: by name; all measurements are those of qubit A.
        points: along each axis.
        work: told what goes on.
    """
    g, gamma_b = np.geomspace(0.02, 2, points), np.geomspace(0.2, 50, points)
    found, ten = [], []
    for done, (name, machine) in enumerate(machines.items()):
        work.progress(name, done / len(machines))
        batch = states(machine, g, gamma_b).reshape(-1, 4, 4)
        radii = [critical_radius(rho, decide=True, width=1e-4) for rho in batch]
        found.append(np.reshape([VERDICTS.index(r.verdict) for r in radii], (points, points)))
        ten.append(robustness(machine, g, gamma_b))
    return xr.Dataset(
        {
            "verdict": (("machine", "gamma_b", "g"), found),
            "dodecahedron": (("machine", "gamma_b", "g"), ten),
        },
        {"machine": list(machines), "g": g, "gamma_b": gamma_b},
    )


def shares(data: xr.Dataset) -> str:
    """How much of the map of one machine each verdict has, in words."""
    found = [f"{float((data.verdict == k).mean()):.0%} {name}" for k, name in enumerate(VERDICTS)]
    return ", ".join(found)


def steerable(data: xr.Dataset) -> xr.DataArray:
    """Where a state is proven steerable."""
    return data.verdict == VERDICTS.index("steerable")


def contradictions(data: xr.Dataset) -> int:
    """How many states the dodecahedron steers that all measurements are not proven to steer."""
    return int(np.sum((data.dodecahedron > SEEN) & ~steerable(data)))


def panels(data: xr.Dataset, titles: list[str]) -> Any:
    """One panel for each machine; a line around what ten measurements prove.

    A dot is a state that was decided; the colour around it is its own.
    """
    figure = style.canvas(2.7, style.PAGE)
    axes = figure.subplots(1, data.sizes["machine"], sharex=True, sharey=True)
    colours = ListedColormap(_SHADES)
    for panel, name, title, letter in zip(axes, data.machine.values, titles, "abc", strict=True):
        own = data.sel(machine=name)
        look = {"cmap": colours, "vmin": 0, "vmax": 2, "rasterized": True}
        panel.pcolormesh(data.g, data.gamma_b, own.verdict, **look)
        if own.dodecahedron.max() > 0:
            line = {"levels": [0], "colors": _LINE["color"], "linewidths": _LINE["lw"]}
            panel.contour(data.g, data.gamma_b, own.dodecahedron, **line)
        panel.plot(*np.meshgrid(data.g, data.gamma_b), ".", color="0.6", ms=0.7)
        panel.set(title=title, xscale="log", yscale="log", xlabel=r"$g/\gamma_A$")
        style.letter(panel, letter)
    axes[0].set_ylabel(r"$\gamma_B/\gamma_A$")
    there = [k for k in range(len(VERDICTS)) if bool((data.verdict == k).any())]
    patches = [axes[0].fill([], [], fc=_SHADES[k], ec="0.4")[0] for k in there]
    ten = axes[0].plot([], [], **_LINE)
    names = [*(VERDICTS[k] for k in there), "edge of what the dodecahedron steers"]
    figure.legend([*patches, *ten], names, loc="outside lower center", ncols=4)
    return figure
