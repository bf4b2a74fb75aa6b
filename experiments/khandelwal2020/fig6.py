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
    STRONG_GAMMA_HOT,
    coherence_ratio,
    negativity,
    signed_negativity,
    state,
    strong,
)
from experiments.labels import labelled
from experiments.studies import bounds, fixed, studies, table
from jaxent.app import style
from jaxent.app.claims import Claim, fact, new
from jaxent.app.work import Work

PAPER = "khandelwal2020"
LOCAL = ("g ≤ γ", "g free")
STRONG = {name: study.parameters["g"] for name, study in studies(PAPER, "fig6a_global").items()}
"""g of the curves of (a), by the variants of their study."""
SLOWEST, FASTEST = bounds(PAPER, "fig6a_global", "bath_b.gamma")
[STUDIED_GAMMA] = fixed(PAPER, "fig6b", "bath_b.gamma")
GAMMAS = (FASTEST, STUDIED_GAMMA, SLOWEST)
COUPLINGS = np.linspace(0.1, 0.99, 90)
TEMPERATURES = np.geomspace(0.02, 20.0, 301)
BETWEEN = np.geomspace(SLOWEST, FASTEST, 61)
SLOW_GAMMA = 1e-5
"""Of both baths, where the model's own condition holds at g = 0.9."""
CLOSE, CLOSE_T = 1e-9, 1e-3
"""1 - g and T of a thermal state near the supremum."""
HOTTEST = 1e6
"""T_h in place of infinity."""
PROOFS = "../docs/pages/theory.md#proofs"


@labelled(
    local="largest negativity of the local engine",
    studied_a="largest negativity over gamma_c, by the study",
    studied_b="largest negativity over T_h, by the study",
    line_a="largest negativity over gamma_c, on a grid",
    line_b="largest negativity over T_h, on a grid",
    thermal="negativity of the thermal state",
    thermal_end="temperature at which the thermal state is separable [eps]",
    at_the_gap="negativity of a thermal state near the supremum",
    beyond_the_gap="negativity of an entangled ground state",
    excess="largest excess over a thermal state of the same g",
    as_slow="relative change of N with slower baths",
    slow_regime="largest condition's value over its limit, with slower baths",
    at_any_temperature="coupling from which on T_h does not matter, g [eps]",
    current="heat current between equal baths [eps^2]",
    critical="critical heat current between equal baths [eps^2]",
    in_equilibrium="negativity between equal baths",
    which="variant of the study of the local engine",
    local_hot="hot temperature, T_h [eps]",
    g="coupling, g [eps]",
    studied_hot="hot temperature, T_h [eps]",
    studied_g="coupling, g [eps]",
    coupling="coupling, g [eps]",
    hot="hot temperature, T_h [eps]",
    gamma_cold="rate of the cold bath, gamma_c [eps]",
)
def compute(work: Work) -> xr.Dataset:
    swept = "bath_a.temperature"
    local_hot, local_curves = table(work.points("best_negativity"), [*LOCAL], swept, "value")
    by_hot = work.points("fig6a_global")
    studied_hot, studied_a = table(by_hot, [*STRONG], swept, "value")
    studied_g, [studied_b] = table(work.points("fig6b"), [None], "g", "value")
    work.progress("grids", 0.9)
    g, hot = COUPLINGS[:, None], TEMPERATURES
    over_cold = [
        negativity(strong(one, hot, BETWEEN[:, None])).max(axis=0) for one in STRONG.values()
    ]
    over_hot = [negativity(strong(g, hot, gamma)).max(axis=1) for gamma in GAMMAS]
    ratio = SLOW_GAMMA / STRONG_GAMMA_HOT
    slow = strong(0.9, 0.4, SLOW_GAMMA * ratio, gamma_hot=SLOW_GAMMA)
    as_slow = [negativity(slow), negativity(strong(0.9, 0.4, SLOW_GAMMA))]
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
            "thermal_end": ("g", [thermal_end(one) for one in STRONG.values()]),
            "at_the_gap": negativity(jaxent.Thermal(1 - CLOSE, temperature=CLOSE_T)),
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
            **{"g": list(STRONG.values()), "studied_hot": studied_hot, "studied_g": studied_g},
            **{"coupling": COUPLINGS, "hot": TEMPERATURES, "gamma_cold": list(GAMMAS)},
        },
    )


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
    return brentq(lambda g: float(coherence_ratio(strong(g, HOTTEST, HOTTEST**2))) - 1, 0.5, 0.9)


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
    couplings = [float(g) for g in data.g]
    in_equilibrium = {g: float(thermal.interp(coupling=g)) for g in couplings}
    best = {name: float(data.local.sel(which=name).max()) for name in LOCAL}
    beaten = {name: _first(thermal, value) for name, value in best.items()}
    most = float(data.line_b.max())
    end = data.thermal_end.to_series()
    most_g = max(couplings)
    beyond = float(data.line_a.sel(g=most_g).interp(hot=end[most_g]))
    grid = data.line_b.sel(gamma_cold=STUDIED_GAMMA).interp(coupling=data.studied_g)
    off = float(abs(grid - data.studied_b).max())
    missing = 1 - data.line_b.interp(coupling=most_g).values / in_equilibrium[most_g]
    narrow = {g: _width(data.hot, data.line_a.sel(g=g)) for g in couplings}
    wide = _width(data.local_hot, data.local.sel(which=LOCAL[0]))
    return [
        fact("Fig. 6 (a)", "the machine's largest N is below the thermal state's",
             all(float(machine.sel(g=g)) < in_equilibrium[g] for g in couplings),
             "; ".join(f"g = {g}: {float(machine.sel(g=g)):.4f} < {in_equilibrium[g]:.4f}"
                       for g in couplings), "below the dashed curves",
             note=f"not at every T_h: at g = {most_g} the thermal state is separable from T = "
             f"{end[most_g]:.3f} on, where the machine has N = {beyond:.3f}"),
        fact("Fig. 6 (a)", "the thermal state's N falls to zero at sinh(g/T) = 1",
             all(abs(end[g] * np.arcsinh(1) / g - 1) < 1e-9 for g in couplings),
             "T = " + ", ".join(f"{end[g]:.6f} at g = {g}" for g in couplings),
             "T = g/arcsinh 1"),
        fact("Fig. 6 (a)", "there is more entanglement than in the weak regime only with g "
             "comparable to the gap", min(beaten.values()) > 0.3,
             "; ".join(f"more than the local engine's {best[name]:.5f} ({name}) from g = "
                       f"{beaten[name]:.3f} on" for name in LOCAL),
             "“comparable to the energy gaps”"),
        fact("Abstract, Sec. 6.2", "even then the difference is not significant, and strong "
             "coupling has no clear advantage over weak", most < 2 * best[LOCAL[1]],
             f"N = {float(machine.sel(g=most_g)):.4f} at g = {most_g}, {most:.4f} at "
             f"{COUPLINGS[-1]:g}, against {best[LOCAL[0]]:.5f} ({LOCAL[0]}) and "
             f"{best[LOCAL[1]]:.5f} ({LOCAL[1]}, T_h ≤ {data.local_hot.values[-1]:g})",
             "“not significant”, “no clear advantage”",
             because=f"a factor of {most / best[LOCAL[0]]:.0f} or {most / best[LOCAL[1]]:.1f}. N "
             "depends on γ_c/γ_h alone, and with both small enough the model holds at any g < ε: "
             f"γ_h = {SLOW_GAMMA:g} leaves N at g = 0.9 as it is, to {abs(data.as_slow):.0e}, "
             "with rates of "
             f"{float(data.slow_regime):.2g} of what the model bears"),
        fact("Fig. 6 (b)", "as γ_c is reduced, N approaches the thermal value",
             bool(np.all(np.diff(missing) < 0)) and missing[-1] < 0.03,
             f"at g = {most_g} " + ", ".join(f"{m:.1%}" for m in missing)
             + f" of it are missing at γ_c = {', '.join(f'{x:g}' for x in data.gamma_cold.values)}",
             "N → N_th", note=f"grid and study differ by at most {off:.0e}"),
        fact("Sec. 6.2", "at the same g a thermal state has the most entanglement",
             float(data.excess) < 1e-12,
             "N of 5000 random machines exceeds that of a thermal state by at most "
             f"{data.excess:.0e}", "N ≤ N_th",
             note=f"for any number of bosonic baths by a [proof]({PROOFS})"),
        fact("Sec. 6.2, 7", "a thermal state has more entanglement than any out-of-equilibrium "
             "situation", float(thermal.min()) > best[LOCAL[0]],
             f"the local engine reaches {best[LOCAL[0]]:.5f}, the thermal state no more than "
             f"{float(thermal[0]):.1e} at g = {COUPLINGS[0]:g}, and less than the engine below g = "
             f"{beaten[LOCAL[0]]:.3f}", "N ≤ N_th",
             because="true at equal g of strongly coupled qubits (see above); the local engine's "
             "g ≪ ε entangles no thermal state of note"),
        fact("Sec. 6.2", "the entanglement of strong coupling is very sensitive to temperature",
             max(narrow.values()) < wide,
             "N is above half its maximum while T_h grows by a factor of "
             + ", ".join(f"{w:.1f} at g = {g}" for g, w in narrow.items())
             + f", and of {wide:.1f} for the local engine ({LOCAL[0]})", "“very sensitive”",
             because="; ".join(f"{'more' if w < wide else 'less'} sensitive than the local engine "
                               f"at g = {g}" for g, w in narrow.items())),
        fact("Sec. 6.2", "between equal baths J and J_c vanish, whatever the entanglement",
             data.current == data.critical == 0 < data.in_equilibrium,
             f"g = 0.5, T_h = T_c = 0.2: J = {data.current:g}, J_c = {data.critical:g}, "
             f"N = {data.in_equilibrium:.4f}", "J = J_c = 0"),
        fact("Sec. 6.2", "for g > ε the ground state is entangled",
             abs(data.beyond_the_gap - 0.5) < 1e-12,
             f"N = {data.beyond_the_gap:g} at g = 1.2, T = 0", "an entangled ground state"),
        new("Sec. 6.2", "the supremum of N for g < ε, in equilibrium or not", data.at_the_gap,
            f"(√2 − 1)/4 by a [proof]({PROOFS}); the thermal state approaches it for g → ε, T → 0 "
            f"(here 1 − g = {CLOSE:g}, T = {CLOSE_T:g})", exact=(2**0.5 - 1) / 4, within=1e-5),
        new("Fig. 6 (a)", "g/ε from which on a machine is entangled at any T_h",
            data.at_any_temperature,
            f"1/√2 by a [proof]({PROOFS}), where γ_c is not bounded; here T_h = {HOTTEST:g}",
            exact=0.5**0.5, within=1e-5),
    ]  # fmt: skip


def _first(rising: xr.DataArray, value: float) -> float:
    """Where a curve over g passes a value.

    Raises:
        ValueError: it does not.
    """
    if not float(rising[0]) < value < float(rising[-1]):
        raise ValueError(f"{value:.3g} is not between the ends of the curve")
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
    for i, g in enumerate(map(float, data.g)):
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
    left.set(xlabel=r"$T_h/\varepsilon$", ylabel="negativity $N$", xlim=(0.04, 20))
    style.log_ticks(left, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
    left.set_ylim(0, 0.1)
    right.set(xlabel=r"$g/\varepsilon$", xlim=(0.1, 1))
    left.legend(loc="upper right")
    right.legend(loc="upper left")
    style.letter(left, "a")
    style.letter(right, "b")
    return figure
