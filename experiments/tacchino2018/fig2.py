"""Concurrence of two pumped qubits in a cavity against its loss, beside the model of two baths.

Equal qubits, resonant with the cavity; all rates are in units of their coupling g, and g/omega_0,
which the rotating-wave model (7), (8) does not contain, is 0.001 in the paper. 15 photons.
The range of kappa is ours.
"""

from typing import Any

import jax
import numpy as np
import xarray as xr
from scipy.optimize import brentq, minimize_scalar

import jaxent
from experiments.labels import labelled
from experiments.tacchino2018 import equations
from experiments.tacchino2018.machines import cavity, machine
from jaxent.app import style
from jaxent.app.claims import Claim, fact, number
from jaxent.app.work import Work

# gamma and p of each curve.
CURVES = [(0.0, 2e-4), (1e-3, 2e-4), (1e-3, 1e-3), (1e-3, 5e-3)]
EFFECTIVE = (0, (1, 1))
SMALL = 0.01
"""A difference of concurrences that hardly shows in the figure."""

FEW = 6
"""Photons that are enough where kappa > g."""


@labelled(
    C="concurrence of the full model",
    effective="concurrence of the effective baths",
    last="population of the last photon number",
    gamma="relaxation of each qubit [g]",
    pump="pump of each qubit [g]",
    C_vanishing="concurrence at vanishing pumps",
    onset="least pump with C = 1/3, p/gamma",
    off_adiabatic="largest difference from (A2) with (9)",
    beta="difference of the effective baths' rates from (9) [g]",
    kappa="loss of the cavity [g]",
    vanishing="pump of each qubit [g]",
    relaxation="relaxation of each qubit [g]",
    beta_of="mode",
)
def compute(work: Work) -> xr.Dataset:
    kappa = np.geomspace(1e-3, 1e4, 169)
    gamma, pump = np.array(CURVES).T
    rates = {"pump": pump[:, None], "gamma": gamma[:, None]}
    work.progress("the curves", 0.0)
    C, last = cavity(kappa=kappa, **rates)
    work.progress("the pumps from which C > 1/3 on", 0.5)
    vanishing = np.geomspace(1e-12, 1e-4, 5)
    relaxation = np.array([1e-7, 1e-5, 1e-4, 1e-3])
    quick = [(k, p, g) for k in (0.5, 5.0, 50.0) for p in (2e-4, 5e-3) for g in (0.0, 1e-3)]
    closed = [equations.adiabatic(1.0, k, p, g) for k, p, g in quick]
    states = [np.asarray(machine(p, kappa=k, gamma=g).effective().state()) for k, p, g in quick]
    return xr.Dataset(
        {
            "C": (("curve", "kappa"), C),
            "effective": (("curve", "kappa"), effective(kappa, **rates)),
            "last": (("curve", "kappa"), last),
            "gamma": ("curve", gamma),
            "pump": ("curve", pump),
            "C_vanishing": ("vanishing", cavity(FEW, kappa=10.0, pump=vanishing, gamma=0.0)[0]),
            "onset": ("relaxation", [onset(gamma) for gamma in relaxation]),
            "off_adiabatic": abs(np.array(closed) - states).max(),
            "beta": (("beta_of", "place"), betas(quick)),
        },
        {"kappa": kappa, "vanishing": vanishing, "relaxation": relaxation, "beta_of": ["A", "S"]},
    )


def effective(kappa: np.ndarray, **rates: np.ndarray) -> np.ndarray:
    def of(kappa, rates):
        return jaxent.concurrence(machine(kappa=kappa, **rates).effective().state())

    return np.asarray(jax.jit(of)(kappa, rates))


def betas(places: list[tuple[float, float, float]]) -> list[list[float]]:
    """By how much the temperatures of the effective baths are off the ones below (9)."""
    off_A, off_S = [], []
    for kappa, pump, gamma in places:
        found = machine(pump, kappa=kappa, gamma=gamma).effective()
        weight = np.exp(np.array([found.beta_a, found.beta_s]))
        off_A.append(weight[0] * pump - gamma)
        off_S.append(weight[1] * pump - (gamma + 8 / kappa))
    return [off_A, off_S]


def onset(gamma: float) -> float:
    """The smallest p with which C reaches 1/3 at the best kappa, in units of gamma."""

    @jax.jit
    def separable(log_kappa, pump):
        rho = machine(pump, kappa=jax.numpy.exp(log_kappa), gamma=gamma, photons=FEW).state()
        return -jaxent.concurrence(rho)

    def above(log_pump):
        pump = gamma * np.exp(log_pump)
        best = minimize_scalar(
            lambda x: float(separable(x, pump)), bounds=np.log([0.5, 50]), method="bounded"
        )
        return -best.fun - 1 / 3

    return float(np.exp(brentq(above, 0.0, 2.0, xtol=1e-4)))


def window(C: xr.DataArray, above: float) -> tuple[float, float]:
    """Between which kappa a curve is above a value, interpolated."""
    kappa, over = np.log(C.kappa.values), C.values - above
    inside = np.flatnonzero(over > 0)
    found = []
    for i, j in ((inside[0] - 1, inside[0]), (inside[-1], inside[-1] + 1)):
        i, j = np.clip((i, j), 0, len(kappa) - 1)
        place = kappa[i] if i == j else np.interp(0, *zip(*sorted(
            [(over[i], kappa[i]), (over[j], kappa[j])]), strict=True))  # fmt: skip
        found.append(float(np.exp(place)))
    return found[0], found[1]


def claims(data: xr.Dataset) -> list[Claim]:
    C, ideal = data.C, data.C.isel(curve=0)
    off = abs(data.C - data.effective)
    at = [off[0].interp(kappa=kappa).item() for kappa in (0.1, 1, 10)]
    enough = [data.kappa.where(curve >= SMALL).max().item() for curve in off]
    finite = C.isel(curve=slice(1, None))
    spans = [window(curve, 0) for curve in finite]
    widths = [np.log10(high / low) for low, high in spans]
    largest = [curve.max().item() for curve in finite]
    best = finite.isel(curve=2)
    low, high = window(best, 1 / 3)
    per_gamma = [f"{p / gamma:g}" for gamma, p in CURVES[1:]]
    some, most = f"{', '.join(per_gamma[:-1])} and {per_gamma[-1]} γ", f"{per_gamma[-1]} γ"
    full = np.unravel_index(int(np.argmax(data["last"].values)), data["last"].shape)
    entangled = data["last"].where(C > 0).max().item()
    ratios = data.onset.to_series()
    steps = ", ".join(f"{ratio:.3f} γ at γ = {gamma:g} g" for gamma, ratio in ratios[::-1].items())
    return [
        fact("Eq. (9)", "the effective baths' β_A = log(γ/p), β_S = log((γ + 2Γ)/p)",
             abs(data.beta).max().item() < 1e-12,
             f"the rates are off by {abs(data.beta).max().item():.0e} at "
             f"{data.sizes['place']} places, the states by {data.off_adiabatic.item():.0e} from "
             "(A2) with (9)", "as printed"),
        number("Fig. 2b", "C at γ = 0 where p/Γ → 0", "0.5", data.C_vanishing[0].item(),
               within=1e-5, note=f"full model, p = {data.vanishing[0].item():g} g, κ = 10 g"),
        fact("Fig. 2b", "p/Γ → 0 at γ = 0: C rises towards it",
             bool(np.all(np.diff(data.C_vanishing) < 0)),
             ", ".join(f"{C:.6f}" for C in data.C_vanishing.values) + " at p/g = "
             + ", ".join(f"{p:g}" for p in data.vanishing.values), "C → 0.5"),
        fact("Fig. 2b", "the full model follows the effective one for κ/g > 1 alone",
             off[0].sel(kappa=slice(1, None)).max().item() < SMALL < off[0].max().item(),
             "C off by {:.3f} at κ = 0.1 g, {:.3f} at g, {:.4f} at 10 g".format(*at),
             "curves that part at κ/g = 1"),
        fact("Sec. Cavity QED", "eliminating the cavity is fully justified for κ/g > 1",
             bool(off.sel(kappa=slice(1, None)).max() < SMALL),
             f"C off by {off.sel(kappa=slice(1, None)).max().item():.3f} at most",
             "κ/g > 1",
             because=f"to within {SMALL} from κ = " + ", ".join(f"{k:.2g}" for k in enough)
                    + f" g on at γ = 0, p = {some}: a stronger pump takes a faster cavity"),
        fact("Fig. 2b, c", "C differs from zero only within a sector of κ/g",
             bool(C[:, 0].max() == 0) and window(ideal, 0)[1] < 1e4,
             "γ = 0: from {:.2g} to {:.3g}".format(*window(ideal, 0)) + "; γ = 10⁻³ g: "
             + "; ".join("{:.2g} to {:.3g}".format(*span) for span in spans),
             "“only when κ/g falls in the subradiant sector”"),
        fact("Fig. 2c", "that sector narrows in κ as p grows",
             bool(np.all(np.diff(widths) < 0)),
             ", ".join(f"{width:.2f}" for width in widths) + " decades at p = "
             + ", ".join(f"{p:g}" for p in data.pump.values[1:]) + " g",
             "“narrows in κ as p increases”"),
        number("Fig. 2c", "largest C", "0.4", largest[2],
               note=f"at p = {most}, κ = {best.kappa[int(best.argmax('kappa'))].item():.3g} g"),
        fact("App. E", "κ/g ≥ 1 is a region where C > 1/3 can be had", low <= 1 < high,
             f"p = {most}: from κ = {low:.3f} to {high:.1f} g", "κ/g ≥ 1",
             note="with g = 0.1 meV, as of quantum dots, κ from "
                    f"{0.1 * low:.3f} to {0.1 * high:.2f} meV"),
        fact("Fig. 2c", "C > 1/3 needs p > γ, an inverted dark state",
             bool(ratios.min() > 1) and max(largest[:2]) < 1 / 3,
             "largest C over κ: " + ", ".join(f"{x:.4f}" for x in largest)
             + f" at p = {some}", "p > γ"),
        fact("Fig. 2c", "C > 1/3 at proper κ as soon as p > γ", bool(ratios.max() < 1.05),
             f"from p = {ratios[1e-3]:.3f} γ on at γ = 10⁻³ g", "“as soon as p > γ”",
             because=f"true in the limit γ/g → 0 alone, as Γ must exceed p by far: from {steps}"),
        fact("App. C", "15 photons suffice", entangled < 1e-12,
             f"the 15th has a population of {entangled:.0e} at most where C > 0",
             "n_max ≤ 15, “largely sufficient”",
             note=f"and of {data['last'].max().item():.0e} at κ = "
                    f"{data.kappa[full[1]].item():.2g} g, p = {data.pump[full[0]].item():g} g, a "
                    "laser without entanglement"),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(4.2)
    panels = figure.subplots(2, sharex=True, sharey=True)
    for name, panel, curves in zip("bc", panels, ([0], [1, 2, 3]), strict=True):
        for line, curve in enumerate(curves):
            one, look = data.isel(curve=curve), {"color": style.COLOURS[line]}
            panel.semilogx(data.kappa, one.C, label=f"$p = {one.pump.item():g}g$", **look)
            panel.semilogx(data.kappa, one.effective, ls=EFFECTIVE, **look)
        panel.axhline(1 / 3, **style.BOUND)
        panel.axvline(1, color=style.GREY, lw=0.6, ls=":", ymax=0.72)
        panel.set(ylabel="concurrence $C_{SS}$", ylim=(0, 0.7), xlim=(1e-3, 1e4))
        panel.set_xticks(10.0 ** np.arange(-3, 5))
        style.letter(panel, name)
    top, bottom = panels
    top.text(1.3e-3, 1 / 3 - 0.05, "1/3", color=style.GREY, fontsize=7)
    top.plot([], [], "k", ls=EFFECTIVE, label="effective")
    top.legend(title=r"$\gamma = 0$", ncols=2, loc="upper center")
    bottom.legend(
        title=r"$\gamma = 10^{-3}g$",
        ncols=3,
        loc="upper center",
        handlelength=1.2,
        columnspacing=1.0,
        handletextpad=0.5,
    )
    panels[1].set(xlabel=r"$\kappa/g$")
    return figure
