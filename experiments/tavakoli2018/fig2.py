"""Heralded negativity and CHSH value of two qutrits against the success probability.

T_A -> inf, T_B -> 0, g_1 = g_2 = g (bare couplings), p_B the unit. The search is bounded by
g <= 100 p_B, where both curves end up.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from scipy.optimize import brentq

import jaxent
from experiments.labels import labelled
from experiments.studies import bounds, one_of
from experiments.tavakoli2018.machines import entanglement, heralded, qudits
from jaxent.app import style
from jaxent.app.claims import Claim, check, fact, new, number
from jaxent.app.work import Work

STRONG = 1e6
"""In place of g -> inf."""
_, LARGEST = bounds("tavakoli2018", "fig2_negativity", "g")
WEAK = 1.0
MU = np.r_[1e-4, np.linspace(0.01, 3.0, 300)]
"""p_A/p_B."""


@labelled(
    negativity="largest negativity",
    chsh="largest CHSH value",
    gain="gain in N by unequal couplings and filters",
    found="largest efficiency with entanglement or violation, by the search",
    g_at_bound="whether the search ended at its largest coupling",
    steady="largest negativity of both qutrits before filtering",
    failed="largest negativity where a filter fails",
    off_werner="largest difference from Werner states",
    line="negativity and CHSH value at fixed coupling",
    line_efficiency="heralding efficiency at fixed coupling",
    last="largest efficiency with entanglement or violation",
    g_for_quarter="coupling from which on p_suc = 0.25 bears entanglement [p_B]",
    rare="negativity and CHSH value for a small mu",
    p_of_negativity="heralding efficiency, p_suc",
    p_of_chsh="heralding efficiency, p_suc",
    mu="ratio of the reset rates, p_A/p_B",
    measure="negativity or CHSH",
    coupling="bare coupling, g [p_B]",
    compared="heralding efficiency, p_suc",
)
def compute(work: Work) -> xr.Dataset:
    curves = {name: work.points(f"fig2_{name}") for name in ("negativity", "chsh")}
    parts: dict[str, Any] = {}
    for name, points in curves.items():
        parts[name] = (f"p of {name}", [p["value"] for p in points])
    unequal = work.points("fig2_unequal")
    gain = [
        p["value"] - one_of(curves["negativity"], efficiency=p["efficiency"])["value"]
        for p in unequal
    ]
    found = {name: work.thresholds(f"fig2_{name}")[""] for name in curves}
    work.progress("closed forms", 0.9)
    return xr.Dataset(
        {
            **parts,
            "gain": ("compared", gain),
            "found": ("measure", [found[name]["threshold"] for name in curves]),
            "g_at_bound": ("measure", ["g" in found[name]["at_bound"] for name in curves]),
            "steady": max(_steady(p["parameters"]) for p in curves["negativity"]),
            "failed": max(_failed(p["parameters"]) for p in curves["negativity"]),
            "off_werner": _off_werner(),
            "line": (("coupling", "measure", "mu"), [
                [entanglement(_equal(g, MU))[0], _chsh(g, MU)] for g in (WEAK, LARGEST)]),
            "line_efficiency": (("coupling", "mu"), [
                entanglement(_equal(g, MU))[1] for g in (WEAK, LARGEST)]),
            "last": ("measure", [_last(_negativity), _last(lambda g, mu: _chsh(g, mu) - 2)]),
            "g_for_quarter": _coupling(0.25),
            "rare": ("measure", [float(_negativity(WEAK, 1e-6)), float(_chsh(WEAK, 1e-6))]),
        },
        {f"p of {name}": [p["efficiency"] for p in points] for name, points in curves.items()}
        | {"mu": MU, "measure": ["negativity", "chsh"], "coupling": [WEAK, LARGEST]}
        | {"compared": [p["efficiency"] for p in unequal]},
    )  # fmt: skip


def _equal(g: Any, mu: Any) -> jaxent.QuditReset:
    return qudits((g, g), mu)


def _negativity(g: Any, mu: Any) -> np.ndarray:
    return entanglement(_equal(g, mu))[0]


def _chsh(g: Any, mu: Any) -> np.ndarray:
    return np.asarray(jaxent.chsh(heralded(_equal(g, mu))[0]))


def _off_werner() -> float:
    """How far the heralded states are from Werner states of visibility 3/(3 + 2 mu)."""
    g, mu = np.meshgrid(np.geomspace(1e-2, 1e2, 9), np.geomspace(1e-3, 10, 9))
    v = 3 / (3 + 2 * mu)
    target = np.array([0, 1, 1, 0]) / np.sqrt(2)
    werner = np.multiply.outer(v, np.outer(target, target))
    werner = werner + np.multiply.outer((1 - v) / 4, np.eye(4))
    return float(abs(heralded(_equal(g, mu))[0] - werner).max())


def _last(excess: Callable[[float, float], np.ndarray]) -> float:
    """p_suc where a measure comes down to its classical bound, for g -> inf."""
    mu = brentq(lambda mu: float(excess(STRONG, mu)), 0.1, 10.0, xtol=1e-14)
    return float(entanglement(_equal(STRONG, mu))[1])


def _coupling(efficiency: float) -> float:
    """g at which the last of the entanglement, mu = 3, is heralded that often."""
    return brentq(lambda g: float(entanglement(_equal(g, 3.0))[1]) - efficiency, 0.1, 100.0)


def _state(parameters: dict[str, float]) -> np.ndarray:
    return np.asarray(_equal(parameters["g"], parameters["p_a"]).state())


def _steady(parameters: dict[str, float]) -> float:
    """The negativity of both qutrits before filtering."""
    return float(jaxent.negativity(_state(parameters), (3, 3)))


def _failed(parameters: dict[str, float]) -> float:
    """The largest negativity that is left where one of the filters, or both, fail."""
    rho, top, bottom = _state(parameters), np.array([0, 0, 1.0]), np.array([1.0, 0, 0])
    left = [(1 - top, bottom), (top, 1 - bottom), (top, bottom)]
    states = [jaxent.herald(rho, jaxent.Filters(a, b))[0] for a, b in left]
    return max(0.0, *(float(jaxent.negativity(state, (3, 3))) for state in states))


def claims(data: xr.Dataset) -> list[Claim]:
    last = data["last"].to_series()
    curve, bell = data.negativity, data.chsh
    falling = bool((np.diff(curve) < 0).all() and (np.diff(bell) < 0).all())
    werner = "equal couplings herald a Werner state of visibility 3/(3 + 2μ), μ = p_A/p_B, at any g"
    checked = f"checked to {float(data.off_werner):.0e} at 81 machines"
    rising = "p_suc = 2μ(3 + 2μ)/[9(μ² + 4μ + 2) + 9μ(1 + μ)²p_B²/2g²] grows with g, then with μ"
    found = {
        str(name): f"a search with g ≤ {LARGEST:g} p_B ends at {value:.6f}"
        + (", g at that bound" if at_bound else "")
        for name, value, at_bound in zip(
            data.measure.values, data.found.values, data.g_at_bound.values, strict=True
        )
    }
    of_werner = float(data.off_werner) < 1e-9
    below = bool(
        (data.found < (1 + 1e-6) * data["last"]).all() and (data.found > 0.995 * data["last"]).all()
    )
    rare = data["rare"].to_series()
    return [
        number("Sec. II", "heralded entanglement up to p_suc", "0.25", last["negativity"],
               maximum=True, note="the paper's value is read off its curve"),
        number("Sec. II", "heralded nonlocality up to p_suc", "0.12", last["chsh"]),
        fact("Sec. II", "a larger success probability costs overlap with the target", falling,
             "negativity and CHSH fall from each point of the curves to the next",
             "“a smaller overlap”"),
        fact("Sec. II", "maximal entanglement for μ → 0", rare["negativity"] > 0.499999,
             f"N = {rare['negativity']:.7f}, CHSH = {rare['chsh']:.6f} at μ = 1e-6",
             "N = 1/2, CHSH = 2√2"),
        fact("Sec. I", "the steady state before filtering is weakly entangled",
             data["steady"] < 0.05,
             f"its negativity is {float(data['steady']):.4f} at most at the optima of the curve",
             "“weakly entangled”"),
        fact("Sec. II", "a filter that fails leaves a product state", data["failed"] < 1e-12,
             f"negativity {float(data['failed']):.0e} after each of the three failures", "N = 0"),
        new("Fig. 2", "largest p_suc with entanglement, 6/23", last["negativity"],
            f"{werner}, N = (3 − μ)/(6 + 4μ) ({checked}); {rising}, so that the supremum is at "
            f"g → ∞, μ = 3; {found['negativity']}", exact=6 / 23, within=1e-9,
            holds=of_werner and below),
        new("Fig. 2", "largest p_suc with CHSH > 2, 4(2 − √2)/(11 + 6√2)", last["chsh"],
            "the same Werner state: CHSH = 2√2 · 3/(3 + 2μ) exceeds 2 below μ = 3(√2 − 1)/2; "
            + found["chsh"], exact=4 * (2 - 2**0.5) / (11 + 6 * 2**0.5), within=1e-9),
        new("Fig. 2", "bare coupling g/p_B from which on p_suc = 0.25 bears entanglement",
            float(data.g_for_quarter),
            "2√6 by the same formula: the ends of both curves are those of couplings far above the "
            "bath rates", exact=2 * 6**0.5, within=1e-6),
        check("Fig. 2", "unequal couplings, and filters behind the projectors, add nothing to N",
              float(data.gain.max()) < 1e-8,
              f"at most {float(data.gain.max()):.0e} at p_suc = "
              + ", ".join(f"{p:g}" for p in data.compared.values)),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(2.5)
    left = figure.subplots()
    right = left.twinx()
    panels = {"negativity": (left, 0.0), "chsh": (right, 2.0)}
    for number_, (name, (panel, bound)) in enumerate(panels.items()):
        look = style.line(number_)
        for g, width in ((LARGEST, 1.3), (WEAK, 0.6)):
            line = data.sel(coupling=g)
            often, value = line.line_efficiency, line.line.sel(measure=name)
            # Beyond the most often heralded state there is a better one.
            drawn = (value >= bound) & (data.mu <= MU[int(np.argmax(often.values))])
            panel.plot(often, value.where(drawn), **look | {"lw": width})
        p, value = data[f"p of {name}"].values, data[name].values
        above = value > bound
        marks = {"marker": style.marker(number_), "ls": "none", "color": look["color"]}
        panel.plot(p[above], value[above], **marks)
        end = float(data["last"].sel(measure=name))
        panel.plot(end, bound, **marks, mfc="w", clip_on=False, zorder=5)
    left.set(xlabel=r"success probability $p_{\mathrm{suc}}$", xlim=(0, 0.28), ylim=(0, 0.5))
    left.set_ylabel("negativity (solid)", color=style.COLOURS[0])
    right.set(ylim=(2, 8**0.5))
    right.set_ylabel("CHSH (dashed)", color=style.COLOURS[1])
    left.tick_params(right=False)
    right.plot([0.25, 0.12], [2, 2], "x", color="k", ms=5, clip_on=False, zorder=6)
    left.text(0.97, 0.95, f"thick: $g = {LARGEST:g}\\,p_B$\nthin: $g = p_B$\n"
              "filled: search\nhollow: supremum\n×: as printed", ha="right", va="top",
              transform=left.transAxes, fontsize=7)  # fmt: skip
    return figure
