"""Bell violation of two unequal qubits in a cavity without any filter.

Rates are in units of the larger coupling g = g_1; qubit 2 alone is pumped. The search keeps 6
photons; its optima are recomputed with 4 by the master equation written out. q is the white noise
that steering by the ten axes of a dodecahedron survives.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from scipy.optimize import brentq, minimize, minimize_scalar

import jaxent
from experiments.labels import labelled
from experiments.master_equation import chsh
from experiments.tacchino2018 import equations
from experiments.tacchino2018.machines import plain_state, rates, state
from jaxent.app import style
from jaxent.app.claims import Claim, new
from jaxent.app.work import Work

STUDY = "unheralded_chsh"
FAST = 1e3
"""kappa in place of infinity."""


@labelled(
    chsh="largest CHSH value without filters",
    q="certified lower bound on q for the dodecahedron",
    plain="CHSH value by the master equation written out",
    place="rates of the optimum [g_1]",
    limit="CHSH value for a fast cavity, closed form",
    near_the_limit="the same of the full model",
    last="relaxation at which the largest CHSH value is 2 [g_1]",
    gamma="relaxation of each qubit [g_1]",
    parameter="which rate",
)
def compute(work: Work) -> xr.Dataset:
    points = work.points(STUDY)
    places = [rates(STUDY, point) for point in points]
    work.progress("written out", 0.5)
    limit = minimize_scalar(lambda s: -fast(s), bounds=(1e-3, 0.5), method="bounded")
    work.progress("the largest relaxation", 0.8)
    last = [place for place, point in zip(places, points, strict=True) if point["value"] > 2][-1]
    return xr.Dataset(
        {
            "chsh": ("gamma", [point["value"] for point in points]),
            "q": ("gamma", [point["steering"]["q_lower"] for point in points]),
            "plain": ("gamma", [chsh(plain_state(**place)) for place in places]),
            "place": (("gamma", "parameter"), [list(place.values()) for place in places]),
            "limit": -limit.fun,
            "near_the_limit": near(np.sqrt(limit.x / (1 - limit.x))),
            "last": largest_relaxation(last),
        },
        {"gamma": [place["gamma"] for place in places], "parameter": list(places[0])},
    )


def fast(s: float) -> float:
    """CHSH of the closed form for a fast cavity."""
    return float(chsh(equations.unequal_state(s, equations.fast_return(s))))


def near(ratio: float) -> float:
    """CHSH of the full model close to that limit, at g_2/g_1."""
    rates = {"kappa": FAST, "pump_1": 0.0, "pump_2": 1e-10 / FAST, "gamma": 0.0}
    return float(chsh(np.asarray(state(4, g1=1.0, g2=ratio, **rates)[0])))


@jax.jit
def _lost(logs: jax.Array, gamma: float) -> jax.Array:
    g2, kappa, pump = jnp.exp(logs)
    rates = {"g1": 1.0, "g2": g2, "kappa": kappa, "pump_1": 0.0, "pump_2": pump, "gamma": gamma}
    return 2 - jaxent.chsh(state(4, **rates)[0])


def largest_relaxation(start: dict[str, float]) -> float:
    """The gamma at which the largest CHSH comes down to 2, by climbs from its neighbours."""
    logs = np.log([start[name] for name in ("g2", "kappa", "pump_2")])

    def lost(gamma: float) -> float:
        nonlocal logs
        options = {"xatol": 1e-5, "fatol": 1e-10}
        found = minimize(lambda x: float(_lost(x, gamma)), logs, method="Nelder-Mead",
                         options=options)  # fmt: skip
        logs = found.x
        return found.fun

    return brentq(lost, start["gamma"], 1.3 * start["gamma"], xtol=1e-7)


def claims(data: xr.Dataset) -> list[Claim]:
    rows = []
    for gamma, name in ((1e-3, "10⁻³"), (1e-4, "10⁻⁴"), (1e-6, "10⁻⁶")):
        one = data.sel(gamma=gamma, method="nearest", tolerance=1e-9)
        at = one.place.to_series()
        rows.append(new(
            "Fig. 3", f"largest CHSH without filters at γ = {name} g", one.chsh.item(),
            f"no heralding; g₂ = {at['g2']:.3f} g₁, κ = {at['kappa']:.3f}, p₁ = 0, p₂ = "
            f"{at['pump_2']:.3g}; q ≥ {one.q.item():.4f}; written out, the same to "
            f"{abs(one.chsh - one.plain).item():.0e}", exact=one.plain.item(), within=1e-8,
        ))  # fmt: skip
    beaten, lost = data.gamma[data.chsh > 2].max().item(), data.gamma[data.chsh <= 2].min().item()
    last, near_it = data["last"].item(), data.near_the_limit.item()
    return [
        *rows,
        new("Fig. 3", "largest γ/g found with CHSH > 2 without filters", last,
            f"where climbs from the curve's last optimum come down to 2; of the curve {beaten:g} "
            f"is below and {lost:g} above", holds=beaten < last < lost, digits=4),
        new("Eq. (9)", "limit of CHSH for γ ≪ p ≪ g²/κ, κ ≫ g, one pump", data.limit.item(),
            "closed form of the three levels; a cavity with κ ≃ 2 g, which is not fast, is "
            "better; the "
            f"full model at κ = {FAST:g} g differs by {abs(near_it - data.limit.item()):.0e}",
            exact=near_it, within=1e-4, holds=bool(data.chsh[0] > data.limit)),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(2.5)
    panel = figure.subplots()
    panel.semilogx(data.gamma, data.chsh, marker=style.marker(0), color=style.COLOURS[0])
    panel.axhline(2, **style.BOUND)
    panel.axhline(data.limit, color=style.COLOURS[1], ls=style.DASHES[2])
    panel.text(6e-3, data.limit.item() + 0.008, r"$\gamma \ll p_2 \ll g^2/\kappa \ll g$",
               ha="right", color=style.COLOURS[1])  # fmt: skip
    panel.text(1.1e-6, 2.008, "local", color=style.GREY)
    panel.set(xlabel=r"$\gamma/g$", ylabel="CHSH, no filter", ylim=(1.95, 2.25))
    return figure
