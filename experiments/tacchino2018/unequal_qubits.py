"""Concurrence of two qubits in a cavity that are pumped or coupled unequally.

Rates are in units of the larger coupling g = g_1. The searches keep 6 photons; their optima are
recomputed with 15, and with 4 by the master equation written out. Where gamma << p << g, kappa and
qubit 2 alone is pumped, three levels decide: see the end of equations.py.
"""

from typing import Any

import numpy as np
import xarray as xr
from scipy.optimize import minimize_scalar

from experiments.labels import labelled
from experiments.studies import swept, table
from experiments.tacchino2018 import equations
from experiments.tacchino2018.machines import PRINTED, cavity, plain_state, rates
from jaxent.app import style
from jaxent.app.claims import Claim, new
from jaxent.app.work import Work

LIMITS = {"fast": equations.fast_return, "slow": equations.slow_return}
LOSS = {"fast": 1e3, "slow": 1e-3}
EQUAL, PUMPS, COUPLINGS, BOTH = (
    "equal qubits", "unequal pumps", "unequal couplings", "unequal pumps and couplings"
)  # fmt: skip


@labelled(
    C="largest concurrence, by the search",
    C_15="the same with 15 photons",
    C_plain="the same by the master equation written out",
    place="rates of the optimum [g_1]",
    C_limit="concurrence in a limit, closed form",
    full="concurrence of the full model near a limit",
    off_limit="largest difference of both",
    top="best ratio of couplings, and its concurrence",
    variant="variant of the study",
    gamma="relaxation of each qubit [g_1]",
    ratio="ratio of the couplings, g_2/g_1",
    some="ratio of the couplings, g_2/g_1",
    limit="fast or slow cavity",
    what="ratio or concurrence",
    parameter="which rate",
)
def compute(work: Work) -> xr.Dataset:
    variants = [EQUAL, PUMPS, COUPLINGS, BOTH]
    wanted = swept("tacchino2018", "unequal_qubits")
    points = [
        point | {"variant": point["variant"] or EQUAL, "rates": rates(name, point)}
        for name in ("best_concurrence", "unequal_qubits")
        for point in work.points(name)
        if np.isclose(point["parameters"]["gamma"], wanted, rtol=1e-9).any()
    ]
    gamma, found = table(points, variants, "gamma", "value")
    _, places = table(points, variants, "gamma", "rates")
    work.progress("15 photons", 0.0)
    batch = {name: np.array([one[name] for one in places.flat]) for name in places.flat[0]}
    shape = places.shape
    plain = [equations.concurrence(plain_state(**one)) for one in places.flat]
    work.progress("the limits", 0.5)
    ratio, some = np.linspace(0.02, 0.999, 99), np.linspace(0.15, 0.95, 9)
    closed = [of_ratio(some, returned) for returned in LIMITS.values()]
    full = [near(some, LOSS[name]) for name in LIMITS]
    return xr.Dataset(
        {
            "C": (("variant", "gamma"), found),
            "C_15": (("variant", "gamma"), cavity(**batch)[0].reshape(shape)),
            "C_plain": (("variant", "gamma"), np.reshape(plain, shape)),
            "place": (
                ("parameter", "variant", "gamma"),
                np.array([batch[name].reshape(shape) for name in batch]),
            ),
            "C_limit": (("limit", "ratio"), [of_ratio(ratio, way) for way in LIMITS.values()]),
            "full": (("limit", "some"), full),
            "off_limit": ("limit", abs(np.subtract(full, closed)).max(axis=1)),
            "top": (("limit", "what"), [top(returned) for returned in LIMITS.values()]),
        },
        {
            **{"variant": variants, "gamma": gamma, "ratio": ratio, "some": some},
            **{"limit": list(LIMITS), "what": ["ratio", "C"], "parameter": list(batch)},
        },
    )


def share(ratio: Any) -> Any:
    """s of equations.py, from g_2/g_1."""
    return ratio**2 / (1 + ratio**2)


def of_ratio(ratios: np.ndarray, returned: Any) -> list[float]:
    states = [equations.unequal_state(s, returned(s)) for s in share(ratios)]
    return [equations.concurrence(rho) for rho in states]


def top(returned: Any) -> list[float]:
    """The best g_2/g_1 of a limit, and its concurrence."""
    found = minimize_scalar(
        lambda ratio: -of_ratio(np.array([ratio]), returned)[0],
        bounds=(0.1, 1),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return [found.x, -found.fun]


def near(ratios: np.ndarray, kappa: float) -> np.ndarray:
    """The full model close to a limit."""
    pump = 1e-10 * min(kappa, 1 / kappa)
    return cavity(4, g2=ratios, kappa=kappa, pump_1=0.0, pump_2=pump, gamma=0.0)[0]


def closed_form(ratio: float) -> float:
    """C of a fast cavity, from g_2/g_1."""
    s = share(ratio)
    return 2 * np.sqrt(s * (1 - s)) / (1 + 4 * s**2)


def claims(data: xr.Dataset) -> list[Claim]:
    C = data.C_15
    same = max(abs(C - data.C).max().item(), abs(C - data.C_plain).max().item())
    checked = f"the same with 6, 15 and, written out, 4 photons to {same:.0e}"
    rows = []
    for gamma, name in ((1e-3, "10⁻³"), (1e-4, "10⁻⁴"), (1e-5, "10⁻⁵")):
        equal = C.sel(variant=EQUAL).sel(gamma=gamma, method="nearest", tolerance=1e-9).item()
        for variant in (PUMPS, COUPLINGS, BOTH):
            one = data.sel(variant=variant).sel(gamma=gamma, method="nearest", tolerance=1e-9)
            at = dict(zip(data.parameter.values, one.place.values.round(12), strict=True))
            rows.append(new(
                "Fig. 3", f"largest C of {variant} at γ = {name} g", one.C_15.item(),
                f"{one.C_15.item() / equal - 1:+.2%} on equal ones, {equal:.6f}; g₂ = "
                f"{at['g2']:.3f} g₁, κ = {at['kappa']:.3f}, p₁ = {at['pump_1']:.3g}, p₂ = "
                f"{at['pump_2']:.3g}; {checked}", exact=one.C_plain.item(), within=1e-7,
                holds=one.C_15.item() > equal))  # fmt: skip
    off, peak = data.off_limit.to_series(), data.top.to_pandas()
    return [
        *rows,
        new("Eq. (9)", "limit of C for γ ≪ p ≪ g²/κ, κ ≫ g, one pump", peak.loc["fast", "C"],
            "beyond 1/2; closed form 2√(s(1 − s))/(1 + 4s²), s = g₂²/(g₁² + g₂²), best at g₂ = "
            f"{peak.loc['fast', 'ratio']:.4f} g₁; the full model at κ = {LOSS['fast']:g} g differs "
            f"by {off['fast']:.0e}", exact=closed_form(peak.loc["fast", "ratio"]), within=1e-12,
            holds=off["fast"] < 1e-4),
        new("Sec. Cavity QED", "limit of C for γ ≪ p ≪ κ ≪ g, one pump", peak.loc["slow", "C"],
            f"beyond 1/2; best at g₂ = {peak.loc['slow', 'ratio']:.4f} g₁, by three levels and the "
            "dressed states of two quanta that return to the dark one; the full model at κ = "
            f"{LOSS['slow']:g} g differs by {off['slow']:.0e}", holds=off["slow"] < 1e-4),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(5.0)
    upper, lower = figure.subplots(2)
    for line, variant in enumerate(data.variant.values):
        look = style.line(line) | {"marker": style.marker(line), "label": variant}
        look |= {"ms": 6, "mfc": "w"} if variant == EQUAL else {}
        upper.semilogx(data.gamma, data.C_15.sel(variant=variant), **look)
    upper.plot(list(PRINTED), list(map(float, PRINTED.values())), "k+", label="paper")
    upper.set(xlabel=r"$\gamma/g$", ylabel="largest concurrence", ylim=(0.2, 1.15))
    for line, (limit, condition) in enumerate({"fast": r"\gg", "slow": r"\ll"}.items()):
        one, look = data.sel(limit=limit), style.line(line)
        lower.plot(data.ratio, one.C_limit, label=rf"$\kappa {condition} g$", **look)
        lower.plot(data.some, one.full, style.marker(line), color=look["color"], mfc="w")
        lower.plot(*one.top, "*", color=look["color"], ms=7)
    lower.set(xlabel="$g_2/g_1$", ylabel="concurrence $C_{SS}$", xlim=(0, 1), ylim=(0, 0.85))
    lower.legend(title=r"$\gamma \ll p_2$, $p_1 = 0$", loc="lower right")
    upper.legend(loc="upper right")
    for name, panel in (("a", upper), ("b", lower)):
        panel.axhline(1 / 2, **style.BOUND)
        style.letter(panel, name)
    return figure
