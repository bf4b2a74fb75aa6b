"""Heat current and negativity over the tunnelling of the hot qubit and the detuning.

kappa_c = 0, T_h = 0.7, T_c = 0.1, g = 1.6e-3, gamma_h = 1e-3, gamma_c = 1.1e-2, in units of the hot
gap. The best tunnelling for N is that of the study fig5_tunnelling, for J that of the map.
"""

from typing import Any

import numpy as np
import xarray as xr

from experiments.khandelwal2020.fig4 import DETUNING as OF_FIG_4
from experiments.khandelwal2020.machines import engine, equal_gaps, heat_current, negativity, peak
from experiments.labels import labelled
from jaxent.app import style
from jaxent.app.claims import Claim, check, fact
from jaxent.app.work import Work

TUNNELLINGS = np.linspace(0.0, 0.2, 161)
DETUNINGS = np.linspace(-0.02, 0.05, 71)


@labelled(
    current="heat current, J [eps_h^2]",
    negativity="negativity, N",
    best_current="tunnelling and height of the largest heat current",
    best_negativity="tunnelling and height of the largest negativity",
    resonant_current="heat current at resonance [eps_h^2]",
    resonant_negativity="negativity at resonance",
    detuning="detuning, delta [eps_h]",
    tunnelling="tunnelling of the hot qubit, kappa_h [eps_h]",
    of="place or height",
    studied="detuning of the study, delta [eps_h]",
)
def compute(work: Work) -> xr.Dataset:
    points = work.points("fig5_tunnelling")
    best = [(point["parameters"]["kappa_a"], point["value"]) for point in points]
    work.progress("the map", 0.7)
    rows = [engine(detuning, tunnelling=TUNNELLINGS) for detuning in DETUNINGS]
    current = np.array([heat_current(row) for row in rows])
    resonant = engine()
    return xr.Dataset(
        {
            "current": (("detuning", "tunnelling"), current),
            "negativity": (("detuning", "tunnelling"), [negativity(row) for row in rows]),
            "best_current": (("detuning", "of"), [peak(TUNNELLINGS, row) for row in current]),
            "best_negativity": (("studied", "of"), best),
            "resonant_current": heat_current(resonant),
            "resonant_negativity": negativity(resonant),
        },
        {
            **{"detuning": DETUNINGS, "tunnelling": TUNNELLINGS, "of": ["place", "value"]},
            "studied": [point["parameters"]["E_b"] - 1 for point in points],
        },
    )


def claims(data: xr.Dataset) -> list[Claim]:
    above = data.sel(detuning=slice(1e-9, None), studied=slice(1e-9, None))
    below = data.sel(detuning=slice(None, -1e-9), studied=slice(None, -1e-9))
    ridges = [above.best_current.sel(of="place"), above.best_negativity.sel(of="place")]
    exact = [equal_gaps(above.detuning), equal_gaps(above.studied)]
    off = max(float(abs(ridge / e - 1).max()) for ridge, e in zip(ridges, exact, strict=True))
    few = ridges[0].sel(detuning=[0.02, 0.04], method="nearest", tolerance=1e-9)
    doubled = float(few[1] / few[0])
    entangled = data.negativity > 0
    unhelped = max(float(data_.max()) for data_ in (
        below.best_current.sel(of="place"), below.best_negativity.sel(of="place")))  # fmt: skip
    return [
        fact("Fig. 5", "κ_max increases monotonically and not linearly with δ",
             all(bool((np.diff(ridge) > 0).all()) for ridge in ridges) and doubled < 1.5,
             f"for J and for N, up to δ = {DETUNINGS[-1]:g}; from δ = 0.02 to 0.04 by a factor of "
             f"{doubled:.3f}", "“a non-linear but monotonic increase”",
             note=f"κ_max = √(δ(2 + δ))/2 to {off:.1%}: twice δ takes √2 times as much"),
        fact("Fig. 5", "the machine is an entanglement engine for a large range of parameters",
             float(entangled.mean()) > 0.5,
             f"N > 0 in {float(entangled.mean()):.0%} of the map, κ_h ≤ {TUNNELLINGS[-1]:g} and "
             f"{DETUNINGS[0]:g} ≤ δ ≤ {DETUNINGS[-1]:g}", "“a large range of parameters”"),
        check("Fig. 5", "where the cold gap is the smaller one, δ < 0, no tunnelling is best: it "
              "only widens the hot gap", unhelped < 1e-9,
              f"κ_max ≤ {unhelped:.0e}, by the map and by the study"),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(2.7, style.PAGE)
    panels = figure.subplots(1, 2, sharey=True)
    parts = [
        ("current", 1e4, r"$J_\mathrm{ss}/\varepsilon_h$  ($10^{-4}$)", np.arange(0, 2.01, 0.2)),
        ("negativity", 1e3, r"$N(\rho_\mathrm{ss})$  ($10^{-3}$)", np.arange(0, 0.91, 0.1)),
    ]
    ridge = np.linspace(0, DETUNINGS[-1], 200)
    for letter, panel, (name, unit, label, levels) in zip("ab", panels, parts, strict=True):
        filled = panel.contourf(data.tunnelling, data.detuning, unit * data[name], levels=levels)
        figure.colorbar(filled, label=label)
        panel.plot(equal_gaps(ridge), ridge, color=style.COLOURS[1], label="equal gaps")
        panel.axhline(OF_FIG_4, color="white", lw=0.9, ls=(0, (4, 2)), label="Fig. 4")
        panel.set_xlabel(r"tunnelling $\kappa_h/\varepsilon_h$")
        style.letter(panel, letter)
    best = data.best_negativity.sel(of="place", studied=slice(1e-9, None))
    panels[1].plot(best, best.studied, "wo", mec="k", mew=0.5, label="largest $N$", clip_on=False)
    panels[0].set_ylabel(r"detuning $\delta/\varepsilon_h$")
    for panel in panels:
        panel.legend(loc="lower right", labelcolor="white")
    return figure
