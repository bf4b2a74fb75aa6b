"""Heat current over its critical value, and negativity, against detuning and hot temperature.

T_c = 0.1, g = 1.6e-3, gamma_h = 1e-3, gamma_c = 1.1e-2, in units of the hot gap; T_h in (a) and
delta in (b) are a choice. J is from the heat flows of the steady state, J_c from (18).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from scipy.optimize import brentq

from experiments.khandelwal2020.machines import (
    COLD,
    HOT,
    coherence_ratio,
    engine,
    heat_current,
    negativity,
    over_critical,
    peak,
    random_engines,
    signed_negativity,
)
from experiments.labels import labelled
from jaxent.app import style
from jaxent.app.claims import Claim, check, fact, new
from jaxent.app.work import Work

COOLER = 0.3
CURVES = (COOLER, HOT)
DETUNED = (0.0, 0.01)
# (a) shows those up to 0.1; beyond, the model is used where it is not meant to be.
DETUNINGS = np.linspace(-0.1, 0.4, 2001)
SHOWN = 0.1
TEMPERATURES = np.geomspace(0.11, 20.0, 601)


@labelled(
    ratio_a="J/J_c against detuning",
    negativity_a="negativity against detuning",
    ratio_b="J/J_c against hot temperature",
    negativity_b="negativity against hot temperature",
    end="place where entanglement ends [eps_h]",
    ratio="J/J_c of random machines",
    coherence_ratio="|c|/sqrt(r_1 r_4) of random machines",
    signed_negativity="negativity of random machines before it is cut off at zero",
    current_without_entanglement="heat current of a separable state [eps_h^2]",
    hot="hot temperature, T_h [eps_h]",
    detuning="detuning, delta [eps_h]",
    detuned="detuning, delta [eps_h]",
    temperature="hot temperature, T_h [eps_h]",
    of="which end",
    by="criterion",
)
def compute(work: Work) -> xr.Dataset:
    work.progress("states", 0.0)
    by_detuning = engine(DETUNINGS, np.array(CURVES)[:, None])
    by_temperature = engine(np.array(DETUNED)[:, None], TEMPERATURES)
    work.progress("where entanglement ends", 0.5)
    ends = {
        f"δ < 0 at T_h = {COOLER}": _ends(lambda x: engine(x, COOLER), -0.1, 0.0),
        f"δ > 0 at T_h = {COOLER}": _ends(lambda x: engine(x, COOLER), 0.0, 0.1),
        f"δ < 0 at T_h = {HOT}": _ends(lambda x: engine(x, HOT), -0.1, 0.0),
        "least T_h at δ = 0": _ends(lambda x: engine(0.0, x), 0.12, 1.0),
        "largest T_h at δ = 0": _ends(lambda x: engine(0.0, x), 5.0, 20.0),
        "least T_h at δ = 0.01": _ends(lambda x: engine(0.01, x), 0.12, 1.0),
        f"largest T_c at T_h = {HOT}": _ends(lambda x: engine(0.0, HOT, cold=x), 0.1, 0.6),
    }
    anywhere = random_engines(4000)
    return xr.Dataset(
        {
            "ratio_a": (("hot", "detuning"), over_critical(by_detuning)),
            "negativity_a": (("hot", "detuning"), negativity(by_detuning)),
            "ratio_b": (("detuned", "temperature"), over_critical(by_temperature)),
            "negativity_b": (("detuned", "temperature"), negativity(by_temperature)),
            "end": (("of", "by"), list(ends.values())),
            "ratio": ("machine", over_critical(anywhere)),
            "coherence_ratio": ("machine", coherence_ratio(anywhere)),
            "signed_negativity": ("machine", signed_negativity(anywhere)),
            "current_without_entanglement": heat_current(engine(0.0, TEMPERATURES[-1])),
        },
        {
            **{"hot": list(CURVES), "detuning": DETUNINGS},
            **{"detuned": list(DETUNED), "temperature": TEMPERATURES},
            **{"of": list(ends), "by": ["J = J_c", "N = 0"]},
        },
    )


def _ends(machine: Callable[[float], Any], low: float, high: float) -> tuple[float, float]:
    """Where J passes J_c, and where the negativity vanishes."""
    return (
        brentq(lambda x: float(over_critical(machine(x))) - 1, low, high, xtol=1e-10),
        brentq(lambda x: float(signed_negativity(machine(x))), low, high, xtol=1e-10),
    )


def claims(data: xr.Dataset) -> list[Claim]:
    ratio, entangled = abs(data.ratio), data.signed_negativity > 0
    off = float(abs(ratio - data.coherence_ratio).max())
    misjudged = int(((ratio > 1) != entangled).sum())
    apart = float(abs(data.end.diff("by")).max())
    end = data.end.sel(by="N = 0").to_series()
    coldest = end[f"largest T_c at T_h = {HOT}"]
    behind = data.ratio_a.sel(hot=HOT, detuning=slice(0, None))
    top, most = peak(behind.detuning.values, behind.values)
    falling = behind.sel(detuning=slice(top + 1e-3, None))
    least = falling.detuning.values[int(np.argmin(falling.values))]
    before = behind.sel(detuning=slice(0, top - 1e-3))
    falls = bool((falling.sel(detuning=slice(None, SHOWN)).diff("detuning") < 0).all())
    return [
        check("Eq. (18)", "corrected to |J|/J_c > 1, it tells entangled states from others",
              misjudged == 0, f"{misjudged} of {ratio.size} random machines misjudged, "
              f"{int(entangled.sum())} are entangled"),
        fact("Sec. 4.1", "it is the Peres-Horodecki criterion |c|² > r₁r₄", off < 1e-9,
             f"|J|/J_c − |c|/√(r₁r₄) is at most {off:.0e}", "|c|² > r₁r₄",
             note="J/J_c = |c|/√(r₁r₄) identically: from (13), |c| = |J| √(Γ² + 4δ²) / 4g(…)"),
        fact("Sec. 4.1", "a heat current is necessary for entanglement, and not sufficient",
             bool((ratio.where(entangled) > 1).sum() == entangled.sum())
             and float(data.negativity_b[0, -1]) == 0 < float(data.current_without_entanglement),
             f"N = 0 beside J = {float(data.current_without_entanglement):.2g} at T_h = "
             f"{data.temperature.values[-1]:g}", "“a necessary but not a sufficient condition”"),
        fact("Fig. 3 (a)", "J/J_c increases a little with δ, then falls monotonically",
             bool((before.diff("detuning") > 0).all()) and falls,
             f"T_h = {HOT}: from {behind.values[0]:.4g} to {most:.4g} at δ = {top:.4f}, then down "
             "to "
             f"{float(falling.sel(detuning=SHOWN, method='nearest', tolerance=1e-9)):.3g} at "
             f"δ = {SHOWN}", "“a small increase and then a monotonic decrease”",
             note=f"it rises again from δ = {least:.3f} on, beyond δ ≪ ε: r₁ falls with "
             "exp(−ε_c/T_c), faster than |c|²"),
        fact("Fig. 3 (a)", "N vanishes at the detuning at which J = J_c",
             apart < 1e-6,
             "; ".join(f"{name}: {end[name]:.4f}" for name in end.index[:3])
             + f"; both agree to {apart:.0e}", "N = 0 where J = J_c",
             note=f"at T_h = {HOT} and δ > 0 J/J_c stays above "
             f"{float(falling.min()):.3g}: there is no such detuning"),
        fact("Fig. 3 (b)", "there is a least T_h for entanglement, at J = J_c", apart < 1e-6,
             "; ".join(f"{name.removeprefix('least ')}: {end[name]:.4f}" for name in
                       ("least T_h at δ = 0", "least T_h at δ = 0.01")), "N = 0 where J = J_c"),
        new("Fig. 3 (b)", "the largest T_h for entanglement at δ = 0",
            end["largest T_h at δ = 0"],
            "the paper has the lower end alone; found from N = 0, and to "
            f"{apart:.0e} the same from J = J_c",
            exact=float(data.end.sel(of="largest T_h at δ = 0", by="J = J_c")), within=1e-6),
        fact("Sec. 7", "the temperatures must differ enough, and the cold bath must be cold",
             end["least T_h at δ = 0"] > COLD and coldest < HOT,
             f"at T_c = {COLD} T_h ≥ {end['least T_h at δ = 0']:.4f}; at T_h = {HOT} "
             f"T_c ≤ {coldest:.4f}", "“sufficient” and “rather low”"),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(3.6, style.PAGE)
    (upper_a, upper_b), (lower_a, lower_b) = figure.subplots(2, 2, sharex="col", sharey="row")
    for i, hot in enumerate(CURVES):
        line = data.sel(hot=hot, detuning=slice(-SHOWN, SHOWN))
        looks = {"color": style.COLOURS[i], "ls": style.DASHES[i], "label": f"{hot:g}"}
        upper_a.plot(line.detuning, line.ratio_a, **looks)
        lower_a.plot(line.detuning, _to_zero(line.negativity_a), **looks)
    for i, detuned in enumerate(DETUNED):
        line = data.sel(detuned=detuned)
        looks = {"color": style.COLOURS[i + 2], "ls": style.DASHES[i], "label": f"{detuned:g}"}
        upper_b.plot(data.temperature, line.ratio_b, **looks)
        lower_b.plot(data.temperature, _to_zero(line.negativity_b), **looks)
        top = np.argmax(line.ratio_b.values)
        upper_b.plot(data.temperature[top], line.ratio_b[top], "v", color=style.COLOURS[i + 2])
    for name, end in data.end.sel(by="N = 0").to_series().items():
        if name.startswith("largest T_c"):
            continue
        for panel in (upper_a, lower_a) if name.startswith("δ") else (upper_b, lower_b):
            panel.axvline(end, color=style.GREY, lw=0.5, ls=":")
    for panel in (upper_a, upper_b):
        panel.axhline(1, **style.BOUND)
    upper_a.set(ylabel=r"$J_\mathrm{ss}/J_c$", ylim=(0, 2.8), xlim=(-SHOWN, SHOWN))
    lower_a.set(ylabel=r"$N(\rho_\mathrm{ss})$", xlabel=r"detuning $\delta/\varepsilon_h$")
    lower_a.set(yscale="log", ylim=(1e-7, 2e-2), xticks=[-0.1, -0.05, 0, 0.05, 0.1])
    lower_b.set(xlabel=r"$T_h/\varepsilon_h$", xlim=(TEMPERATURES[0], TEMPERATURES[-1]))
    style.log_ticks(lower_b, 0.2, 0.5, 1, 2, 5, 10, 20)
    lower_a.legend(title=r"$T_h/\varepsilon_h$", loc="lower center")
    lower_b.legend(title=r"$\delta/\varepsilon_h$", loc="lower center")
    style.letter(upper_a, "a")
    style.letter(upper_b, "b")
    return figure


def _to_zero(values: xr.DataArray) -> xr.DataArray:
    """For a logarithmic axis."""
    return np.maximum(values, 1e-20)
