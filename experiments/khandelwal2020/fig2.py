"""Heat current and negativity of the entanglement engine against the detuning of its qubits.

T_c = 0.1, g = 1.6e-3, gamma_h = 1e-3, gamma_c = 1.1e-2, in units of the hot gap. T_h = 0.7 is of
the text, 0.5 and 1 are a choice; T_h = 20 shows where the rise with T_h has ended.
"""

from typing import Any

import numpy as np
import xarray as xr

import jaxent
from experiments.khandelwal2020.machines import (
    GAMMA_HOT,
    TEMPERATURES,
    G,
    engine,
    heat_current,
    negativity,
)
from experiments.labels import labelled
from jaxent.app import style
from jaxent.app.claims import Claim, fact, number
from jaxent.app.work import Work

HOTTEST = 20.0
DETUNINGS = np.linspace(-0.05, 0.05, 401)
# By which g, gamma_h and gamma_c are multiplied, for the order in them.
SCALES = np.array([0.99, 1.01])
SINGLET = np.outer([0, 1, -1, 0], [0, 1, -1, 0]) / 2


@labelled(
    current="heat current, J [eps_h^2]",
    negativity="negativity, N",
    order="order of J in the couplings, d ln J/d ln(g, gamma_h, gamma_c)",
    regime="condition's value over its limit",
    g_over_gamma_hot="g/gamma_h",
    of_a_singlet="negativity of a singlet",
    hot="hot temperature, T_h [eps_h]",
    detuning="detuning, delta [eps_h]",
    few="detuning, delta [eps_h]",
    condition="condition of the model",
)
def compute(work: Work) -> xr.Dataset:
    work.progress("states", 0.0)
    hot = np.array([*TEMPERATURES, HOTTEST])
    machines = engine(DETUNINGS, hot[:, None])
    few = np.array([0.0, 0.01, 0.05])
    scaled = heat_current(engine(few[:, None], scale=SCALES))
    regimes = engine(0.05).regimes()
    return xr.Dataset(
        {
            "current": (("hot", "detuning"), heat_current(machines)),
            "negativity": (("hot", "detuning"), negativity(machines)),
            "order": ("few", np.diff(np.log(scaled))[:, 0] / np.diff(np.log(SCALES))),
            "regime": ("condition", [regime.value / regime.limit for regime in regimes]),
            "g_over_gamma_hot": G / GAMMA_HOT,
            "of_a_singlet": jaxent.negativity(SINGLET),
        },
        {
            **{"hot": hot, "detuning": DETUNINGS, "few": few},
            "condition": [regime.condition for regime in regimes],
        },
    )


def claims(data: xr.Dataset) -> list[Claim]:
    shown = data.sel(hot=list(TEMPERATURES))
    left = shown / shown.sel(detuning=0.0)
    away = left.where(data.detuning != 0, drop=True)

    def remaining(quantity: str, detuning: float) -> str:
        kept = (
            left[quantity]
            .sel(detuning=[-detuning, detuning], method="nearest", tolerance=1e-9)
            .values
        )
        return f"{kept.min():.1%} to {kept.max():.1%}"

    rising = [shown[name].diff("hot").min().item() > 0 for name in ("current", "negativity")]
    order = data.order.values
    regimes = data.regime.to_series()
    violated = regimes[regimes > 1]
    return [
        fact("Fig. 2 (a)", "any detuning reduces J", bool((away.current < 1).all()),
             f"of J(0) is left: {remaining('current', 0.01)} at |δ| = 0.01, "
             f"{remaining('current', 0.05)} at 0.05", "J(δ) < J(0)"),
        fact("Fig. 2 (b)", "N is reduced even by 5 % of detuning",
             bool((away.negativity < 1).all()),
             f"of N(0) is left: {remaining('negativity', 0.01)} at |δ| = 0.01, "
             f"{remaining('negativity', 0.05)} at 0.05", "N(δ) < N(0)"),
        fact("Fig. 2", "J and N increase with T_h", all(rising),
             "at every δ shown, from T_h = " + " to ".join(f"{T:g}" for T in TEMPERATURES),
             "“increases with increase in T_h”",
             note=f"not for all T_h: see errata, and the line at T_h = {HOTTEST:g}"),
        fact("Sec. 3", "J is of first order in the couplings, for which δ ≪ ε is essential",
             abs(order[0] - 1) < 1e-3 and order[1] > 1.5,
             "d ln J/d ln(g, γ_h, γ_c) = " + ", ".join(
                 f"{n:.2f} at δ = {d:g}" for n, d in zip(order, data.few.values, strict=True)),
             "J ∝ g",
             note="essential, and not enough: δ must be small beside Γ, the rates' sum"),
        fact("Sec. 2", "Figs. 2 to 5 lie where the local master equation is justified",
             violated.empty, ", ".join(f"{name}: {value:.2g} of its limit"
                                       for name, value in regimes.items()), "g ≲ γ_j ≪ ε_j",
             because=f"violated: {', '.join(violated.index)}, g being "
             f"{float(data.g_over_gamma_hot):.2g} γ_h"),
        number("Eq. (14)", "N of a Bell state", "0.5", data.of_a_singlet.item()),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(4.2)
    upper, lower = figure.subplots(2, sharex=True)
    for i, hot in enumerate(data.hot.values):
        line = data.sel(hot=hot)
        looks = {"label": f"{hot:g}", **style.line(i)}
        if hot == HOTTEST:
            looks |= {
                "label": f"{hot:g} ($N = 0$)",
                "color": style.GREY,
                "ls": (0, (4, 2)),
                "lw": 0.8,
            }
        upper.plot(data.detuning, 1e4 * line.current, **looks)
        lower.plot(data.detuning, 1e3 * line.negativity, **looks)
    upper.set_ylabel(r"$J_\mathrm{ss}/\varepsilon_h$  ($10^{-4}$)")
    lower.set_ylabel(r"$N(\rho_\mathrm{ss})$  ($10^{-3}$)")
    lower.set_xlabel(r"detuning $\delta/\varepsilon_h$")
    upper.legend(title=r"$T_h/\varepsilon_h$")
    for panel, name in ((upper, "a"), (lower, "b")):
        style.letter(panel, name)
        panel.set_xlim(-0.05, 0.05)
        panel.set_ylim(0)
    return figure
