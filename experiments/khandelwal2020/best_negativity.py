"""The largest negativity of the local engine over all its parameters.

Bosonic baths, equal gaps of 1, rates in units of gamma_h; T_c = 0.01 where it is not free. g is
optimised up to gamma_h and gamma_c, where the model holds, or without bounds. For g free the
supremum is that of fermions at T_h = inf and T_c = 0: what a hotter bosonic bath does is to run
faster, by 1 + 2n.
"""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import xarray as xr
from scipy.optimize import OptimizeResult, differential_evolution, minimize

import jaxent
from experiments.khandelwal2020 import equations as paper
from experiments.khandelwal2020.machines import (
    GAMMA_COLD,
    GAMMA_HOT,
    G,
    bosons,
    negativity,
)
from experiments.labels import labelled
from experiments.studies import fixed, one_of, swept, table
from jaxent.app import style
from jaxent.app.claims import Claim, new
from jaxent.app.work import Work
from jaxent.measures import x_states

STUDY = "khandelwal2020", "best_negativity"
[T_C] = fixed(*STUDY, "bath_b.temperature")
IN_REGIME, FREE = "g ≤ γ", "g free"
STUDIED_HOT = swept(*STUDY)
EVERY_HOT = np.geomspace(STUDIED_HOT[0], STUDIED_HOT[-1], 401)


@labelled(
    in_regime="largest negativity with g <= gamma_h, gamma_c",
    free="largest negativity with g free",
    best="place and height of the largest negativity in the regime",
    best_searched="the same height by differential evolution",
    limit="place and height of the supremum for T_h to infinity",
    limit_searched="the same height by differential evolution",
    of_the_figures="negativity at the couplings of Figs. 2 to 5",
    hot="hot temperature, T_h [eps]",
    every_hot="hot temperature, T_h [eps]",
    place="which number of the place",
    limit_place="which number of the place",
)
def compute(work: Work) -> xr.Dataset:
    points = work.points("best_negativity")
    hot, (in_regime, free) = table(points, [IN_REGIME, FREE], "bath_a.temperature", "value")
    work.progress("the largest of all", 0.7)
    top = {"bath_a.temperature": hot[int(np.argmax(in_regime))]}
    start = one_of(points, variant=IN_REGIME, **top)
    first = [start["parameters"][name] for name in ("bath_a.temperature", "bath_b.gamma")]
    best, limit = climbed(engine, first), climbed(infinitely_hot, [0.5, 2.5])
    work.progress("differential evolution", 0.8)
    printed = GAMMA_COLD / GAMMA_HOT
    return xr.Dataset(
        {
            "in_regime": ("hot", in_regime),
            "free": ("hot", free),
            "best": ("place", [*best.x, -best.fun]),
            "best_searched": -searched(bosons_in_regime, [(-6, 0), (0, 6), (-3, 4), (-3, 4)]).fun,
            "limit": ("limit_place", [*limit.x, -limit.fun]),
            "limit_searched": -searched(any_rates, [(-8, 8), (-8, 8), (0, 0.5), (0, 0.5)]).fun,
            "of_the_figures": (
                "every_hot",
                negativity(engine(EVERY_HOT, printed, g=G / GAMMA_HOT)),
            ),
        },
        {
            "hot": hot,
            "every_hot": EVERY_HOT,
            "place": ["T_h", "gamma_c", "N"],
            "limit_place": ["g", "gamma_c", "N"],
        },
    )


def engine(hot: Any, gamma_cold: Any, g: Any = 1.0) -> jaxent.TwoQubit:
    """The bosonic engine with gamma_h = 1, and g = gamma_h unless given."""
    return jaxent.TwoQubit(g, bosons(1.0, hot), bosons(gamma_cold, T_C))


def infinitely_hot(g: Any, gamma_cold: Any) -> jaxent.TwoQubit:
    """Fermions, Gamma_h = 1, T_h = inf, T_c = 0."""
    hot, cold = jaxent.Bath(1.0, temperature=np.inf), jaxent.Bath(gamma_cold, temperature=0.0)
    return jaxent.TwoQubit(g, hot, cold)


def climbed(machine: Callable[..., jaxent.TwoQubit], start: Any) -> OptimizeResult:
    """The largest N near a start, its sign reversed."""

    @jax.jit
    def lost(place):
        return -x_states.signed_negativity(machine(*place).x_state())

    options = {"xatol": 1e-9, "fatol": 1e-15, "maxiter": 2000}
    return minimize(lambda x: float(lost(x)), start, method="Nelder-Mead", options=options)


def searched(signed: Callable[[np.ndarray], np.ndarray], bounds: Any) -> OptimizeResult:
    """The largest N by differential evolution over the closed form, its sign reversed."""
    return differential_evolution(
        lambda x: -signed(x), bounds, rng=1, tol=1e-13, popsize=20, maxiter=2000,
        vectorized=True, updating="deferred", polish=False,
    )  # fmt: skip


def bosons_in_regime(x: np.ndarray) -> np.ndarray:
    """From ln g/min(gamma_h, gamma_c), ln gamma_c, ln T_h, ln T_c."""
    ratio, gamma_cold, hot, cold = np.exp(x)
    g = ratio * np.minimum(1.0, gamma_cold)
    return closed_form(
        g, paper.bosonic_rates(1.0, 1.0, hot), paper.bosonic_rates(gamma_cold, 1.0, cold)
    )


def any_rates(x: np.ndarray) -> np.ndarray:
    """From ln g/Gamma_h, ln Gamma_c/Gamma_h and the occupations, up to 1/2: bosons and fermions."""
    g, cold = np.exp(x[:2])
    hot = paper.Rates(x[2], 1 - x[2])
    return closed_form(g, hot, paper.Rates(cold * x[3], cold * (1 - x[3])))


def closed_form(g: Any, hot: paper.Rates, cold: paper.Rates) -> np.ndarray:
    """(16), before it is cut off at zero."""
    r1, _, _, r4 = paper.populations(g, hot, cold, 0.0)
    twice = 2 * abs(paper.coherence(g, hot, cold, 0.0))
    return (np.hypot(twice, r1 - r4) - (r1 + r4)) / 2


def claims(data: xr.Dataset) -> list[Claim]:
    best, limit = data.best.to_series(), data.limit.to_series()
    figures = float(data.of_the_figures.max())
    return [
        new("Sec. 4, Fig. 6 (a)", "the largest N with g ≤ γ_h, γ_c", best["N"],
            f"found at T_h = {best['T_h']:.4f}, γ_c = {best['gamma_c']:.4f} γ_h, g = γ_h; "
            "differential "
            "evolution over the closed form with g, γ_c, T_h and T_c free: "
            f"{float(data.best_searched):.6g}, {float(data.best_searched) - best['N']:+.0e}",
            exact=float(data.best_searched), within=1e-8),
        new("Sec. 4, Fig. 6 (a)", "the supremum of N with g free, T_h → ∞", limit["N"],
            f"g = {limit['g']:.5f} Γ_h, γ_c = {limit['gamma_c']:.5f} Γ_h; differential evolution "
            "over the closed form with any rates without inversion: "
            f"{float(data.limit_searched):.6g}, {float(data.limit_searched) - limit['N']:+.0e}; "
            f"{float(data.free[-1]) / limit['N']:.1%} of it at T_h = {data.hot.values[-1]:g}",
            exact=float(data.limit_searched), within=1e-12,
            holds=bool(np.all(data.free < limit["N"]))),
        new("Figs. 2 to 5", f"the largest N over T_h at their g/γ_h = {G / GAMMA_HOT:g}, γ_c/γ_h = "
            f"{GAMMA_COLD / GAMMA_HOT:g}", figures,
            f"{figures / best['N']:.2f} of the largest with g ≤ γ, which that g exceeds, and "
            f"{figures / limit['N']:.2f} of the supremum; T_c = {T_C}",
            holds=bool(figures < limit["N"] and G > GAMMA_HOT)),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(2.5)
    panel = figure.subplots()
    lines = [("free", "$g$ free"), ("in_regime", r"$g \leq \gamma_h, \gamma_c$")]
    for i, (name, label) in enumerate(lines):
        looks = {"color": style.COLOURS[i], "marker": style.marker(i)}
        panel.plot(data.hot, 1e3 * data[name], **looks, label=label)
    fixed = {"color": style.COLOURS[2], "ls": style.DASHES[1], "label": "as in Figs. 2 to 5"}
    panel.plot(data.every_hot, 1e3 * data.of_the_figures, **fixed)
    best, limit = data.best.to_series(), data.limit.to_series()
    panel.plot(best["T_h"], 1e3 * best["N"], "k+", ms=7)
    panel.axhline(1e3 * limit["N"], **style.BOUND)
    panel.text(
        1.05 * STUDIED_HOT[0],
        1e3 * limit["N"] + 0.25,
        r"$T_h \to \infty$",
        color=style.GREY,
        fontsize=7.5,
    )
    panel.set(xlim=(STUDIED_HOT[0], STUDIED_HOT[-1]), ylim=(0, 14))
    panel.set(xlabel=r"$T_h/\varepsilon$", ylabel=r"largest $N$  ($10^{-3}$)")
    style.log_ticks(panel, 0.2, 0.5, 1, 2, 5, 10, 20)
    panel.legend(loc="upper left", bbox_to_anchor=(0, 0.88))
    return figure
