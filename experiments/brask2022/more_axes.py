"""Noise tolerance of the inverted machine beyond the dodecahedron: freer, more and all axes.

q of the state at g = 0.38 gamma_A, gamma_B = 1.9 gamma_A for more and more evenly spread axes, up
to all projective measurements of qubit A; and q of the machine and ten axes that are best together.
"""

from typing import Any

import numpy as np
import xarray as xr

from experiments.brask2022.machines import PLACES, at, state
from experiments.labels import labelled
from jaxent.app import style
from jaxent.app.claims import Claim, check, fact, new
from jaxent.app.work import Work
from jaxent.certify import certify_steering, noise_threshold

COUNTS = (2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 30, 36)


@labelled(
    q="certified bounds on q for evenly spread axes",
    dodecahedron="certified bounds on q for the dodecahedron",
    all="bounds on q for all projective measurements",
    free="certified bounds on q of the best machine with its best ten axes",
    count="number of axes",
    end="end of the interval",
)
def compute(work: Work) -> xr.Dataset:
    rho = state(*PLACES["inverted"])
    certificates = []
    for done, m in enumerate(COUNTS):
        work.progress(f"{m} axes", done / len(COUNTS))
        certificates.append(certify_steering(rho, m))
    ten = certify_steering(rho)
    every = noise_threshold(rho, width=1e-4)
    [free] = work.points("steering_free_axes")
    return xr.Dataset(
        {
            "q": (("count", "end"), [(c.q_lower, c.q_upper) for c in certificates]),
            "dodecahedron": ("end", [ten.q_lower, ten.q_upper]),
            "all": ("end", [every.lower, every.upper]),
            "free": ("end", [free["steering"]["q_lower"], free["steering"]["q_upper"]]),
        },
        {"count": list(COUNTS), "end": ["lower", "upper"]},
    )


def claims(data: xr.Dataset) -> list[Claim]:
    ten, every, free = (data[name].values for name in ("dodecahedron", "all", "free"))
    place, many = at("inverted"), COUNTS[-1]
    closest = data.q.sel(count=many).values
    bounded = bool(np.all(data.q.sel(end="lower") <= every[1]))
    return [
        new("Fig. 4", "largest q with ten free axes, machine and axes optimised together", free[0],
            f"{free[0] / ten[1] - 1:+.1%} on the dodecahedron {place}; certified lower bound, the "
            f"upper one being {free[1] - free[0]:.0e} above", exact=free[1], within=1e-6,
            holds=bool(free[0] > ten[1])),
        new("Fig. 4", f"q for {many} axes {place}", closest[0],
            f"{closest[0] / ten[1] - 1:+.1%} on the dodecahedron; certified lower bound, the upper "
            f"one being {closest[1] - closest[0]:.0e} above", exact=closest[1], within=1e-6,
            holds=bool(closest[0] > ten[1])),
        new("Fig. 4", f"q for all projective measurements {place}, at least", every[0],
            f"and at most {every[1]:.6g}: the ten axes of the dodecahedron reach "
            f"{ten[1] / every[0]:.0%} of it", exact=every[1], within=1e-3,
            holds=bool(every[0] > closest[1])),
        fact("Sec. VI B", "the dodecahedron is slightly suboptimal", ten[1] < every[0],
             f"{ten[1]:.5f} of {every[0]:.5f} {place}", "“small suboptimality”"),
        check("Sec. III A", "no axes bear more than all", bounded,
             f"up to {float(data.q.max()):.5f} of {every[1]:.5f}"),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(2.5)
    panel = figure.subplots()
    q = 100 * data.q.mean("end")
    panel.plot(data["count"], q, "o-", color=style.COLOURS[0], label="spread axes")
    panel.plot(10, 100 * data.dodecahedron.mean(), "s", color=style.COLOURS[1],
               label="dodecahedron")  # fmt: skip
    panel.plot(10, 100 * data.free.mean(), "k*", ms=6, label="ten free axes, best machine")
    low, high = 100 * data["all"].values
    panel.axhspan(low, high, color=style.COLOURS[2], label="all projective measurements")
    panel.set(xlabel="number of measurements", ylabel="noise tolerance $q$ (%)")
    panel.legend(loc="lower right")
    return figure
