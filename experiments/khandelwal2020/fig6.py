"""Negativity of strongly coupled qubits, of their thermal state and of the local engine.

T_c = 0.01 and gamma_h = 0.01 in units of the gap: (a) against T_h with gamma_c optimised between
0.001 and 0.1, (b) against g with T_h optimised; g and gamma_c of the curves are a choice. Points
are optima of the studies, the lines through them maxima over a grid. The local engine, with gamma_h
the unit of its rates, has g and gamma_c optimised, with g up to the rates or free.
"""

from typing import Any

import numpy as np
import xarray as xr
from scipy.optimize import brentq

import jaxent
from experiments.khandelwal2020.machines import (
    coherence_ratio,
    curve,
    negativity,
    signed_negativity,
    state,
    strong,
)
from jaxent.app import style
from jaxent.app.claims import Claim, fact, new
from jaxent.app.reproduce import Work

LOCAL = ("g ≤ γ", "g free")
STRONG = (0.6, 0.9)
GAMMAS = (0.1, 0.01, 0.001)
STUDIED_GAMMA = 0.01
COUPLINGS = np.linspace(0.1, 0.99, 90)
TEMPERATURES = np.geomspace(0.02, 20.0, 301)
BETWEEN = np.geomspace(0.001, 0.1, 61)


def compute(work: Work) -> xr.Dataset:
    swept = "bath_a.temperature"
    local = work.points("best_negativity")
    local_hot, *local_curves = _curves(local, LOCAL, swept)
    by_hot = work.points("fig6a_global")
    studied_hot, *studied_a = _curves(by_hot, [f"g = {g}" for g in STRONG], swept)
    studied_g, studied_b = curve(work.points("fig6b"), None, "g")
    work.progress("grids", 0.9)
    g, hot = COUPLINGS[:, None], TEMPERATURES
    over_cold = [negativity(strong(one, hot, BETWEEN[:, None])).max(axis=0) for one in STRONG]
    over_hot = [negativity(strong(g, hot, gamma)).max(axis=1) for gamma in GAMMAS]
    slow = strong(0.9, 0.4, 1e-8, gamma_hot=1e-5)
    as_slow = [negativity(slow), negativity(strong(0.9, 0.4, 1e-5))]
    equal = strong(0.5, 0.2, 0.01, cold=0.2)
    flows = jaxent.thermodynamics(equal)
    return xr.Dataset(
        {
            "local": (("which", "local_hot"), local_curves),
            "studied_a": (("g", "studied_hot"), studied_a),
            "studied_b": ("studied_g", studied_b),
            "line_a": (("g", "hot"), over_cold),
            "line_b": (("gamma_cold", "coupling"), over_hot),
            "thermal": (("coupling", "hot"), negativity(jaxent.Thermal(g, temperature=hot))),
            "thermal_end": ("g", [thermal_end(one) for one in STRONG]),
            "at_the_gap": negativity(jaxent.Thermal(1 - 1e-9, temperature=1e-3)),
            "beyond_the_gap": negativity(jaxent.Thermal(1.2, temperature=0.0)),
            "excess": excess_over_thermal(5000),
            "as_slow": float(as_slow[0] / as_slow[1] - 1),
            "slow_regime": max(regime.value / regime.limit for regime in slow.regimes()),
            "at_any_temperature": always_entangled_from(),
            "current": flows["heat_current"],
            "critical": flows["critical_heat_current"],
            "in_equilibrium": negativity(equal),
        },
        {
            **{"which": list(LOCAL), "local_hot": local_hot},
            **{"g": list(STRONG), "studied_hot": studied_hot, "studied_g": studied_g},
            **{"coupling": COUPLINGS, "hot": TEMPERATURES, "gamma_cold": list(GAMMAS)},
        },
    )


def _curves(points: list[dict[str, Any]], variants: Any, swept: str) -> list[np.ndarray]:
    """The swept parameter, and N of each variant."""
    found = [curve(points, variant, swept) for variant in variants]
    return [found[0][0], *(values for _, values in found)]


def thermal_end(g: float) -> float:
    """The temperature at which the thermal state's negativity vanishes."""
    return brentq(
        lambda t: float(signed_negativity(jaxent.Thermal(g, temperature=t))),
        g / 2,
        2 * g,
        xtol=1e-12,
    )


def always_entangled_from() -> float:
    """The coupling from which on the machine is entangled at T_h → ∞ and n_h ≪ gamma_c/gamma_h."""
    return brentq(lambda g: float(coherence_ratio(strong(g, 1e6, 1e12))) - 1, 0.5, 0.9)


def excess_over_thermal(number: int, seed: int = 6) -> float:
    """By how much any machine is more entangled than a thermal state of the same g, at most.

    That of the temperature that fills the mode of energy 1 - g as much as the machine does.
    """
    rng = np.random.default_rng(seed)
    g = rng.uniform(0.02, 0.98, number)
    hot, cold = 10 ** rng.uniform(-1.7, 1.3, (2, number))
    machine = strong(g, hot, 10 ** rng.uniform(-5, 1, number), cold)
    rho = state(machine)
    filled = (rho[:, 1, 1] + rho[:, 2, 2]).real / 2 - rho[:, 1, 2].real + rho[:, 3, 3].real
    thermal = jaxent.Thermal(g, temperature=(1 - g) / np.log(1 / filled - 1))
    return float(np.max(signed_negativity(machine) - signed_negativity(thermal)))


def claims(data: xr.Dataset) -> list[Claim]:
    machine, thermal = data.line_a.max("hot"), data.thermal.max("hot")
    in_equilibrium = {g: float(thermal.interp(coupling=g)) for g in STRONG}
    best = {name: float(data.local.sel(which=name).max()) for name in LOCAL}
    beaten = {name: _first(thermal, value) for name, value in best.items()}
    most = float(data.line_b.max())
    end = data.thermal_end.to_series()
    beyond = float(data.line_a.sel(g=0.9).interp(hot=end[0.9]))
    grid = data.line_b.sel(gamma_cold=STUDIED_GAMMA).interp(coupling=data.studied_g)
    off = float(abs(grid - data.studied_b).max())
    missing = 1 - data.line_b.interp(coupling=0.9).values / in_equilibrium[0.9]
    narrow = {g: _width(data.hot, data.line_a.sel(g=g)) for g in STRONG}
    wide = _width(data.local_hot, data.local.sel(which=LOCAL[0]))
    return [
        fact("Fig. 6 (a)", "the machine's largest N is below the thermal state's",
             all(float(machine.sel(g=g)) < in_equilibrium[g] for g in STRONG),
             "; ".join(f"g = {g}: {float(machine.sel(g=g)):.4f} < {in_equilibrium[g]:.4f}"
                       for g in STRONG),
             remark="not at every T_h: at g = 0.9 the thermal state is separable from T = "
             f"{end[0.9]:.3f} on, where the machine has N = {beyond:.3f}"),
        fact("Fig. 6 (a)", "the thermal state's N falls to zero at sinh(g/T) = 1",
             all(abs(end[g] * np.arcsinh(1) / g - 1) < 1e-9 for g in STRONG),
             "T = " + ", ".join(f"{end[g]:.6f} at g = {g}" for g in STRONG),
             claimed="T = g/arcsinh 1"),
        fact("Fig. 6 (a)", "there is more entanglement than in the weak regime only with g "
             "comparable to the gap", min(beaten.values()) > 0.3,
             "; ".join(f"more than the local engine's {best[name]:.5f} ({name}) from g = "
                       f"{beaten[name]:.3f} on" for name in LOCAL)),
        fact("Abstract, Sec. 6.2", "even then the difference is not significant, and strong "
             "coupling has no clear advantage over weak", most < 2 * best[LOCAL[1]],
             f"N = {float(machine.sel(g=0.9)):.4f} at g = 0.9, {most:.4f} at 0.99, against "
             f"{best[LOCAL[0]]:.5f} ({LOCAL[0]}) and {best[LOCAL[1]]:.5f} ({LOCAL[1]}, T_h ≤ 20)",
             remark=f"a factor of {most / best[LOCAL[0]]:.0f} or {most / best[LOCAL[1]]:.1f}. N "
             "depends on γ_c/γ_h alone, and with both small enough the model holds at any g < ε: "
             f"γ_h = 1e-5 leaves N at g = 0.9 as it is, to {abs(data.as_slow):.0e}, with rates of "
             f"{float(data.slow_regime):.2g} of what the model bears"),
        fact("Fig. 6 (b)", "as γ_c is reduced, N approaches the thermal value",
             bool(np.all(np.diff(missing) < 0)) and missing[-1] < 0.03,
             "at g = 0.9 " + ", ".join(f"{m:.1%}" for m in missing)
             + " of it are missing at γ_c = 0.1, 0.01, 0.001",
             remark=f"grid and study differ by at most {off:.0e}"),
        fact("Sec. 6.2", "at the same g a thermal state has the most entanglement",
             float(data.excess) < 1e-12,
             "N of 5000 random machines exceeds that of a thermal state by at most "
             f"{data.excess:.0e}",
             remark="proven for any number of bosonic baths, each of one rate: a mode has "
             "n = m/(1 + 2m) with m the mean of the baths' n_B; n_B(ε₊) is a convex function of "
             "n_B(ε₋), so that for given m(ε₋) a single temperature has the least m(ε₊), and N "
             "grows as m(ε₊) falls"),
        fact("Sec. 6.2, 7", "a thermal state has more entanglement than any out-of-equilibrium "
             "situation", beaten[LOCAL[0]] < COUPLINGS[0],
             f"the local engine reaches {best[LOCAL[0]]:.5f}, the thermal state below g = "
             f"{beaten[LOCAL[0]]:.3f} less",
             remark="true at equal g of strongly coupled qubits (see above); at the local engine's "
             "g ≪ ε the thermal state has next to none"),
        fact("Sec. 6.2", "the entanglement of strong coupling is very sensitive to temperature",
             max(narrow.values()) < wide,
             "N is above half its maximum while T_h grows by a factor of "
             + ", ".join(f"{w:.1f} at g = {g}" for g, w in narrow.items())
             + f", and of {wide:.1f} for the local engine ({LOCAL[0]})",
             remark="more sensitive than the local engine at g = 0.6, less at 0.9"),
        fact("Sec. 6.2", "between equal baths J and J_c vanish, whatever the entanglement",
             data.current == data.critical == 0 < data.in_equilibrium,
             f"g = 0.5, T_h = T_c = 0.2: J = {data.current:g}, J_c = {data.critical:g}, "
             f"N = {data.in_equilibrium:.4f}"),
        fact("Sec. 6.2", "for g > ε the ground state is entangled",
             abs(data.beyond_the_gap - 0.5) < 1e-12,
             f"N = {data.beyond_the_gap:g} at g = 1.2, T = 0"),
        new("Sec. 6.2", "the supremum of N for g < ε, in equilibrium or not", data.at_the_gap,
            "(√2 − 1)/4, proven: modes that are at most half full, as without inversion, have "
            "N(n₋, n₊) ≤ N(1/2, 0); the thermal state approaches it for g → ε, T → 0 (here "
            "1 − g = 1e-9, T = 1e-3)"),
        new("Fig. 6 (a)", "g/ε from which on a machine is entangled at any T_h",
            data.at_any_temperature,
            "1/√2, where γ_c is not bounded: the modes' odds must differ by more than a factor of "
            "(1 + √2)², and for T_h → ∞, n_h ≪ γ_c/γ_h they do by (ε + g)/(ε − g); here T_h = 1e6"),
    ]  # fmt: skip


def _first(rising: xr.DataArray, value: float) -> float:
    """Where a curve over g passes a value."""
    return float(np.interp(value, rising.values, rising.coupling.values))


def _width(hot: xr.DataArray, values: xr.DataArray) -> float:
    """By what factor T_h grows while N is above half its maximum."""
    fine = np.geomspace(hot.values[0], hot.values[-1], 10001)
    inside = fine[np.interp(np.log(fine), np.log(hot), values) > values.values.max() / 2]
    return float(inside[-1] / inside[0])


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(3.0, style.PAGE)
    left, right = figure.subplots(1, 2, sharey=True)
    dashed = {"ls": style.DASHES[1], "lw": 0.9}
    for i, g in enumerate(STRONG):
        colour = style.COLOURS[i]
        left.plot(data.hot, data.line_a.sel(g=g), color=colour)
        left.plot(data.hot, data.thermal.interp(coupling=g), color=colour, **dashed)
        looks = {"color": colour, "marker": style.marker(i)}
        left.plot(data.studied_hot, data.studied_a.sel(g=g), ls="", **looks)
        left.plot([], [], **looks, label=f"$g = {g}$")
    left.plot([], [], color=style.GREY, **dashed, label="thermal state of this $g$")
    for i, (name, words) in enumerate(zip(LOCAL, (r"$g \leq \gamma_j$", "$g$ free"), strict=True)):
        looks = {"color": style.COLOURS[i + 2], "marker": style.marker(i + 2)}
        left.plot(data.local_hot, data.local.sel(which=name), **looks, label=f"local, {words}")
        largest = float(data.local.sel(which=name).max())
        right.axhline(largest, color=style.COLOURS[i + 2], lw=0.9, ls=style.DASHES[3])
    right.text(0.12, float(data.local.max()) + 1e-3, "local engine", color=style.GREY, fontsize=7)
    right.plot(data.coupling, data.thermal.max("hot"), color=style.GREY, **dashed, label="thermal")
    for gamma, colour in zip(GAMMAS[::-1], (4, 5, 6), strict=True):
        line = data.line_b.sel(gamma_cold=gamma)
        studied = {"marker": "o"} if gamma == STUDIED_GAMMA else {}
        colour = style.COLOURS[colour]
        right.plot(data.coupling, line, color=colour)
        right.plot([], [], color=colour, **studied, label=rf"$\gamma_c = {gamma}$")
        if studied:
            right.plot(data.studied_g, data.studied_b, "o", color=colour)
    ticks = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]
    left.set(xlabel=r"$T_h/\varepsilon$", ylabel="negativity $N$", xscale="log", xlim=(0.04, 20))
    left.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    left.set_ylim(0, 0.1)
    right.set(xlabel=r"$g/\varepsilon$", xlim=(0.1, 1))
    left.legend(loc="upper right")
    right.legend(loc="upper left")
    style.letter(left, "a")
    style.letter(right, "b")
    return figure
