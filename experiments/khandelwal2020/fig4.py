"""Heat current and negativity of detuned qubits against the tunnelling of the hot one.

delta = 0.01, kappa_c = 0, T_c = 0.1, g = 1.6e-3, gamma_h = 1e-3, gamma_c = 1.1e-2, in units of the
hot gap. Tunnelling widens the hot gap to sqrt(1 + 4 kappa_h^2), which is that of the cold qubit at
kappa_h = sqrt(delta (2 + delta))/2.
"""

from typing import Any

import numpy as np
import xarray as xr

from experiments.khandelwal2020.machines import (
    HOT,
    TEMPERATURES,
    engine,
    equal_gaps,
    heat_current,
    negativity,
    peak,
)
from experiments.labels import labelled
from jaxent.app import style
from jaxent.app.claims import Claim, fact, new
from jaxent.app.work import Work

DETUNING = 0.01
TUNNELLINGS = np.linspace(0.0, 0.15, 601)
WIDER = (0.3, *TEMPERATURES, 2.0)
QUANTITIES = {"current": heat_current, "negativity": negativity}


@labelled(
    current="heat current, J [eps_h^2]",
    resonant_current="heat current at resonance [eps_h^2]",
    best_current="place and height of the largest heat current",
    negativity="negativity, N",
    resonant_negativity="negativity at resonance",
    best_negativity="place and height of the largest negativity",
    hot="hot temperature, T_h [eps_h]",
    tunnelling="tunnelling of the hot qubit, kappa_h [eps_h]",
    of="place or height",
)
def compute(work: Work) -> xr.Dataset:
    work.progress("states", 0.0)
    hot = np.array(WIDER)
    tunnelling, resonant = engine(DETUNING, hot[:, None], TUNNELLINGS), engine(0.0, hot)
    found = xr.Dataset(coords={"hot": hot, "tunnelling": TUNNELLINGS, "of": ["place", "value"]})
    for name, quantity in QUANTITIES.items():
        curves = quantity(tunnelling)
        found[name] = ("hot", "tunnelling"), curves
        found[f"resonant_{name}"] = "hot", quantity(resonant)
        found[f"best_{name}"] = ("hot", "of"), [peak(TUNNELLINGS, curve) for curve in curves]
    return found


def claims(data: xr.Dataset) -> list[Claim]:
    shown = data.sel(hot=list(TEMPERATURES))
    places = {name: data[f"best_{name}"].sel(of="place") for name in QUANTITIES}
    exact = equal_gaps(DETUNING)
    apart = abs(places["current"] - places["negativity"]).sel(hot=list(TEMPERATURES))
    spread = {name: f"{float(p.min()):.4f} to {float(p.max()):.4f}" for name, p in places.items()}
    off = max(
        float(abs(places[name] / exact - 1).sel(hot=slice(HOT, None)).max()) for name in places
    )
    return [
        fact("Fig. 4", "J and N rise with κ_h up to κ_max and fall monotonically beyond",
             all(_one_hump(curve) for name in QUANTITIES for curve in shown[name].values),
             f"at every T_h shown, up to κ_h = {TUNNELLINGS[-1]:g}", "one maximum"),
        fact("Fig. 4", "κ_max is approximately the same for J and for N",
             float(apart.max()) < 0.02 * exact,
             f"they differ by at most {float(apart.max()):.4f} at T_h ≥ {TEMPERATURES[0]}",
             "“approximately the same”", note="by {:.4f} at T_h = {}".format(
                 float(abs(places["current"] - places["negativity"]).sel(hot=WIDER[0])), WIDER[0])),
        fact("Fig. 4", "κ_max varies little with T_h",
             all(float(p.max() / p.min()) < 1.1 for p in places.values()),
             f"at T_h = {WIDER[0]} to {WIDER[-1]:g}: {spread['current']} for J, "
             f"{spread['negativity']} for N", "“little variation”"),
        new("Fig. 4", "κ_max where both gaps are equal, √(δ(2 + δ))/2", exact,
            f"closed form: tunnelling widens the hot gap to √(1 + 4κ²); at T_h ≥ {HOT} within "
            f"{off:.1%} of the computed κ_max of J and N", holds=off < 0.01),
    ]  # fmt: skip


def _one_hump(curve: np.ndarray) -> bool:
    top, steps = int(np.argmax(curve)), np.diff(curve)
    return bool(np.all(steps[:top] > 0) and np.all(steps[top:] < 0))


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(4.2)
    panels = figure.subplots(2, sharex=True)
    for panel, name, unit in zip(panels, QUANTITIES, (1e4, 1e3), strict=True):
        for i, hot in enumerate(TEMPERATURES):
            line = data.sel(hot=hot)
            looks = {"color": style.COLOURS[i], "ls": style.DASHES[i], "label": f"{hot:g}"}
            panel.plot(data.tunnelling, unit * line[name], **looks)
            panel.axhline(unit * line[f"resonant_{name}"], **style.BOUND)
        panel.axvline(equal_gaps(DETUNING), color=style.GREY, lw=0.5, ls=":")
        panel.set_ylim(0)
    upper, lower = panels
    upper.set_ylabel(r"$J_\mathrm{ss}/\varepsilon_h$  ($10^{-4}$)")
    lower.set_ylabel(r"$N(\rho_\mathrm{ss})$  ($10^{-3}$)")
    lower.set(xlabel=r"tunnelling $\kappa_h/\varepsilon_h$", xlim=(0, TUNNELLINGS[-1]))
    lower.legend(title=r"$T_h/\varepsilon_h$", loc="upper right", bbox_to_anchor=(1, 0.95))
    return figure
