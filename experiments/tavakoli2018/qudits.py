"""Pure entangled states of any dimension, and how often they are heralded.

T_A -> inf, T_B -> 0; p_B is the unit, mu = p_A/p_B, couplings bare. d is the dimension of the
heralded state, of levels d + 1; the d of (12) counts the levels.
"""

from typing import Any

import numpy as np
import xarray as xr

import jaxent
from experiments.labels import labelled
from experiments.tavakoli2018 import equations
from experiments.tavakoli2018.machines import entanglement, heralded, infidelity, qudits
from jaxent.app import style
from jaxent.app.claims import Claim, fact, new
from jaxent.app.work import Work

DIMENSIONS = (2, 3, 4, 5, 6)
MU = np.geomspace(1e-6, 10.0, 43)
G = 0.3
"""The root of the sum of g_k^2 of all machines that are solved."""
RARE = np.array([1e-3, 1e-5, 1e-7])
"""mu at which states of random Schmidt coefficients are heralded."""
RANDOM = 20
MANY = (10, 100, 1000, 10_000)
"""Levels at which the scaling of (12) is read off."""


@labelled(
    infidelity="infidelity with the target, 1 - F",
    purity="purity of what is heralded",
    often="heralding efficiency at mu = 0.1",
    entanglement="negativity over its largest value",
    random="largest infidelity of random targets",
    least="least advantage of direct generation",
    most="largest advantage of direct generation",
    biased="largest infidelity of biased filters",
    formula="heralding efficiency by (12)",
    formula_weak="heralding efficiency by (12), g ~ 1/sqrt(d)",
    spread="variation of p_suc with theta, relative",
    off_8="difference from (8), relative",
    d="local dimension of the heralded state",
    mu="ratio of the reset rates, p_A/p_B",
    rare="ratio of the reset rates, p_A/p_B",
    levels="number of levels",
    case="which rates are small",
    limit="which limit",
)
def compute(work: Work) -> xr.Dataset:
    parts: dict[str, list[Any]] = {}
    for done, d in enumerate(DIMENSIONS):
        work.progress(f"d = {d}", done / len(DIMENSIONS))
        for name, value in _dimension(d).items():
            parts.setdefault(name, []).append(value)
    spread, off = _qutrits()
    levels = np.array(MANY)
    dims = {"infidelity": ("d", "mu"), "purity": ("d", "mu"), "random": ("d", "rare")}
    return xr.Dataset(
        {name: (dims.get(name, "d"), values) for name, values in parts.items()}
        | {
            "formula": ("levels", _formula(levels, G)),
            "formula_weak": ("levels", _formula(levels, G / np.sqrt(levels - 1))),
            "spread": ("case", spread),
            "off_8": ("limit", off),
        },
        {
            "d": list(DIMENSIONS),
            "mu": MU,
            "rare": RARE,
            "levels": levels,
            "case": ["small p_A", "small g", "neither"],
            "limit": ["mu", "g"],
        },
    )


def _formula(levels: Any, g: Any) -> Any:
    """(12) with the bare coupling g and mu = 0.1."""
    return equations.efficiency_12(levels - 1, np.sqrt(2) * g, 0.1, 1.0)


def _dimension(d: int) -> dict[str, Any]:
    """What machines of d + 1 levels herald, all solved in one batch."""
    schmidt = np.sqrt(np.random.default_rng([2018, d]).dirichlet(np.ones(d), size=RANDOM))
    equal = np.full(d, d**-0.5)
    weights = [np.tile(equal, (len(MU) + len(RARE), 1)), np.tile(schmidt, (len(RARE), 1))]
    mu = np.concatenate([MU, RARE, np.repeat(RARE, RANDOM)])
    machine = qudits(G * np.concatenate(weights).T, mu)
    states, logs = heralded(machine)
    missing, p = infidelity(machine, states), np.exp(logs)
    own, alone = slice(0, len(MU)), slice(len(MU), len(MU) + len(RARE))
    others = missing[alone.stop :].reshape(len(RARE), RANDOM)
    direct = p[alone.stop : alone.stop + RANDOM]
    # Filters on A make any state of |S_d>, where they pass.
    passing = 1 / (d * schmidt.max(axis=1) ** 2)
    advantage = direct / (p[len(MU)] * passing)
    return {
        "infidelity": missing[own],
        "purity": np.einsum("nij,nji->n", states[own], states[own]).real,
        "often": p[np.argmin(abs(np.log(MU / 0.1)))],
        "entanglement": float(jaxent.negativity(states[0], (d, d))) / ((d - 1) / 2),
        "random": others.max(axis=1),
        "least": advantage.min(),
        "most": advantage.max(),
        "biased": max(_biased(states[alone.stop - 1], weight) for weight in schmidt),
    }


def _biased(rho: np.ndarray, schmidt: np.ndarray) -> float:
    """What a filter on A lacks to make the state of other Schmidt coefficients of |S_d>."""
    d = len(schmidt)
    state, _ = jaxent.herald(rho, jaxent.Filters(schmidt / schmidt.max(), np.ones(d)))
    # |k-1, d-k+1> among the kept levels.
    psi = np.diag(schmidt)[:, ::-1].reshape(-1)
    return float(1 - (psi @ np.asarray(state) @ psi).real)


def _qutrits() -> tuple[list[float], list[float]]:
    """How p_suc varies with theta, relative to its mean, and how far (8) is off, relatively."""
    cases = ((G, 1e-3), (1e-3, 0.3), (1.0, 1.0))
    limits = ((G, 1e-7), (1e-5, 0.2))
    theta = np.linspace(0.0, np.pi / 2, 91)
    g, mu = np.array([*np.repeat(cases, len(theta), axis=0), *limits]).T
    angles = np.r_[np.tile(theta, len(cases)), 0.7, 0.7]
    _, p = entanglement(qudits(equations.qutrit_couplings(g, angles), mu))
    own = p[: -len(limits)].reshape(len(cases), -1)
    exact = [limits[0][1] / 3, 2 * (2 * 0.2 + 3) / (9 * 1.2**2) * limits[1][0] ** 2]
    return list(np.ptp(own, axis=1) / own.mean(axis=1)), list(abs(p[-2:] / exact - 1))


def claims(data: xr.Dataset) -> list[Claim]:
    rare = data.isel(mu=0)
    falling = bool((data.purity.sel(d=2).where(data.mu <= 1, drop=True).diff("mu") < 0).all())
    two, three = data.random.sel(d=2).values, data.random.sel(d=3).values
    more = data.random.where(data.d > 3, drop=True)
    slope = more / data.rare
    spread = data.spread.to_series()
    powers = {name: _power(data[name]) for name in ("formula", "formula_weak")}
    dims = f"d = {', '.join(map(str, DIMENSIONS))}"
    rarely = ", ".join(f"{mu:g}" for mu in RARE)
    at = f"1 − F = {{:.1e}}, {{:.1e}}, {{:.1e}} at μ = {rarely}, at most of {RANDOM} random states"
    proof = (
        "proven: to leading order in p_A all that passes starts from |d, 0⟩, which H takes to "
        "Σ λ_k |k−1, d−k+1⟩ alone, and a reset of B leaves the filtered block; so that is pure, "
        "whatever d, g and λ"
    )
    return [
        fact("Sec. III", "maximal entanglement in any dimension for p_A ≪ p_B",
             bool(rare.infidelity.max() < 1e-5),
             f"1 − F ≤ {float(rare.infidelity.max()):.0e} and N ≥ "
             f"{float(data.entanglement.min()):.6f} (d − 1)/2 at μ = {MU[0]:g} for {dims}",
             "F → 1"),
        fact("Sec. II", "the smaller μ, the purer", falling,
             "the purity of qutrits falls with μ between all points up to 1", "purer for μ → 0"),
        fact("Eq. (7)", "any pure two-qubit state for p_A ≪ p_B", two[-1] < 1e-6,
             at.format(*two), "F → 1"),
        fact("Eq. (D3)", "any pure state of two qutrits", three[-1] < 1e-6, at.format(*three),
             "F → 1"),
        new("App. D, Conjecture", "largest (1 − F)/μ of random pure states, d = 4, 5, 6",
            float(slope.max()), f"(D5) holds: {proof}. 1 − F ≤ {float(more.max('d')[-1]):.0e} at "
            f"μ = {RARE[-1]:g}, {RANDOM} states each",
            holds=float(more.max()) < 1e-2 and bool((more[..., -1] < 1e-6).all()), digits=3),
        fact("Sec. III", "any pure state from |S_d⟩ by biased filters", data.biased.max() < 1e-6,
             f"1 − F ≤ {float(data.biased.max()):.0e} for {RANDOM} states each at μ = "
             f"{RARE[-1]:g}", "F → 1"),
        fact("Sec. III", "direct generation succeeds more often", data.least.min() > 1,
             f"by a factor of {float(data.least.min()):.2f} to {float(data.most.max()):.2f} for "
             f"{RANDOM} states each at μ = 1e-3, beside filters on |S_d⟩ at the same Σ g_k²",
             "a larger p_suc"),
        fact("Eq. (8)", "p_suc for μ → 0 at fixed g, and for g → 0 at fixed μ",
             bool(data.off_8.max() < 1e-5),
             "off by {:.0e} at μ = 1e-7, g = 0.3 p_B, by {:.0e} at g = 1e-5 p_B, μ = 0.2 "
             "(relative)".format(*data.off_8.values), "as printed"),
        fact("App. B", "p_suc depends only weakly on θ for small p_A or g",
             max(spread["small p_A"], spread["small g"]) < 0.01,
             f"varies by {100 * spread['small p_A']:.2g} % at (g, p_A)/p_B = (0.3, 1e-3), by "
             f"{100 * spread['small g']:.1g} % at (1e-3, 0.3), by {100 * spread['neither']:.2g} % "
             "at (1, 1)", "“depends only weakly on θ”"),
        fact("Sec. III", "p_suc scales like 1/d for large d", abs(powers["formula"] + 1) < 0.01,
             f"as d^{powers['formula']:.4f} between {MANY[-2]} and {MANY[-1]} levels, "
             "from (12)", "d⁻¹"),
        fact("Sec. III", "unless g ~ 1/√d", abs(powers["formula_weak"] + 1) > 0.1,
             f"as d^{powers['formula_weak']:.4f} with g = {G} p_B/√d", "another power",
             because="g²ξ, of order d g², is then like p_A p_B (p_A + p_B)² of order 1, and the "
                     "numerator, "
             "of order d² g², falls to d: over d² that is 1/d again, with a smaller factor"),
    ]  # fmt: skip


def _power(curve: xr.DataArray) -> float:
    last = np.log(curve.values[-2:])
    return float(np.diff(last)[0] / np.diff(np.log(curve.levels.values[-2:]))[0])


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(4.6)
    above, below = figure.subplots(2)
    for number, d in enumerate(DIMENSIONS):
        look = {"color": style.COLOURS[number], "ls": style.DASHES[number % len(style.DASHES)]}
        above.semilogx(data.mu, data.infidelity.sel(d=d) / data.mu, label=f"$d = {d}$", **look)
    above.set(xlabel=r"$\mu = p_A/p_B$", ylabel=r"infidelity $(1 - F)/\mu$", ylim=(0, 0.95))
    above.legend(loc="lower left", ncols=2)
    levels = np.geomspace(3, 1000, 100)
    weak = G / np.sqrt(levels - 1)
    below.loglog(levels, _formula(levels, G), color=style.COLOURS[0], label="$g = 0.3\\,p_B$")
    below.loglog(levels, _formula(levels, weak), color=style.COLOURS[1], ls=style.DASHES[1],
                 label=r"$g = 0.3\,p_B/\sqrt{d}$")  # fmt: skip
    below.loglog(data.d + 1, data.often, "ko", label="machines")
    guide = levels[levels > 100]
    below.loglog(guide, 2 / guide, color=style.GREY, lw=0.8)
    below.text(300, 9e-3, r"$\propto 1/d$", color=style.GREY)
    below.set(xlabel="levels of each system", ylabel=r"$p_{\mathrm{suc}}$ at $\mu = 0.1$")
    below.legend(loc="lower left")
    for panel, letter in zip((above, below), "ab", strict=True):
        style.letter(panel, letter)
    return figure
