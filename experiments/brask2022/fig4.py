"""Steering of the inverted machine by ten measurements, over coupling and rates.

Alice measures the inverted qubit A along the axes of the dodecahedron, of which x, y and z are
two-fold axes; gamma_A = 1.
"""

from typing import Any

import jax
import numpy as np
import xarray as xr
from scipy.optimize import minimize

import jaxent
from experiments.brask2022.machines import INVERTED, PLACES, at, robustness, state, states
from experiments.labels import labelled
from jaxent.app import style
from jaxent.app.claims import Claim, check, new, number
from jaxent.app.work import Work
from jaxent.certify import certify_steering

POINTS = 40
G, GAMMA_B = np.linspace(0.02, 1.5, POINTS), np.linspace(0.1, 6, POINTS)
OF_THE_TEXT = ("inverted", "fermions", "charged", "charged, T_A = 100")


@labelled(
    q="noise tolerance q for the dodecahedron",
    certified="certified bounds on q",
    best="coupling and rate of the largest q [gamma_A]",
    g="coupling, g [gamma_A]",
    gamma_b="rate of bath B, gamma_B [gamma_A]",
    state="machine at a place of the text, or an optimum",
    end="end of the interval",
    parameter="g or gamma_B",
)
def compute(work: Work) -> xr.Dataset:
    g, gamma_b = G, GAMMA_B
    work.progress("the map", 0.0)
    q = robustness(INVERTED, g, gamma_b)
    work.progress("certificates", 0.8)
    best = largest(g, gamma_b, q)
    rhos = {name: state(*PLACES[name]) for name in OF_THE_TEXT}
    rhos |= {"teleporting": teleporting(), "largest": state(INVERTED, *best)}
    certificates = [certify_steering(rho) for rho in rhos.values()]
    return xr.Dataset(
        {
            "q": (("gamma_b", "g"), q),
            "certified": (("state", "end"), [(c.q_lower, c.q_upper) for c in certificates]),
            "best": ("parameter", best),
        },
        {
            **{"g": g, "gamma_b": gamma_b, "state": list(rhos), "end": ["lower", "upper"]},
            "parameter": ["g", "gamma_b"],
        },
    )


def largest(g: np.ndarray, gamma_b: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Where q is largest, from the best point of the grid on."""
    j, i = np.unravel_index(np.argmax(q), q.shape)

    @jax.jit
    def lost(place):
        return -jaxent.steering_robustness(INVERTED(*place).state())

    found = minimize(lost, [g[i], gamma_b[j]], method="Nelder-Mead", options={"xatol": 1e-6})
    return found.x


def teleporting() -> np.ndarray:
    """The inverted machine's state of the largest singlet fraction, (3 + sqrt 5)/8."""
    # By symmetry gamma_B = gamma_A there, (22).
    batch = states(INVERTED, np.linspace(0.2, 2.0, 20001), np.ones(1))[0]
    return batch[int(np.argmax(jax.vmap(jaxent.singlet_fraction)(batch)))]


def claims(data: xr.Dataset) -> list[Claim]:
    q = data.certified.mean("end").to_series()
    g, gamma_b = data.best.values
    hot = "q is the printed 0.75 % at T_A = 100, {:.3%}, and grows on"
    rounded = "the print is rounded up: even the largest q is {:.3%}, less than 10.85 %"
    rounded = rounded.format(q["largest"])
    top = float(data.q.max())
    return [
        number("Sec. V C", f"q of the inverted machine {at('inverted')}", "0.109", q["inverted"],
               because=rounded),
        new("Fig. 4", "largest q of the inverted machine", q["largest"],
            f"at g = {g:.3f} γ_A, γ_B = {gamma_b:.3f} γ_A; at most {top:.6f} at {data.q.size} "
            "points of the figure", holds=top <= q["largest"] + 1e-9),
        number("Sec. V C", "q of its best state for teleportation", "0.081", q["teleporting"]),
        number("Sec. IV B", f"q of fermions {at('fermions')}", "0.0023", q["fermions"]),
        number("Sec. IV C", f"q of charged fermions {at('charged')}, T_A → ∞", "0.0075",
               q["charged"], because=hot.format(q["charged, T_A = 100"])),
        check("Sec. IV C", "the same at T_A = 100 is as printed",
              abs(q["charged, T_A = 100"] - 0.0075) < 5e-5, f"q = {q['charged, T_A = 100']:.6g}"),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(2.7)
    panel = figure.subplots()
    levels = np.arange(0, 11.1, 1)
    filled = panel.contourf(data.g, data.gamma_b, 100 * data.q, levels=levels)
    panel.plot(*data.best.values, "k+", ms=6)
    figure.colorbar(filled, label="noise tolerance $q$ (%)")
    panel.set(xlabel=r"$g/\gamma_A$", ylabel=r"$\gamma_B/\gamma_A$")
    return figure
