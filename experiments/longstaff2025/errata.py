"""What of longstaff2025 does not hold as printed, or not everywhere.

Rates are in units of g; the machines are random ones of all kinds of baths, or those of Fig. 3.
"""

from collections.abc import Iterable

import numpy as np
import xarray as xr

from experiments.labels import labelled
from experiments.longstaff2025 import equations as paper
from experiments.longstaff2025.machines import (
    KINDS,
    SAME,
    Baths,
    bell,
    each,
    gammas,
    mean_local,
    pair,
    qubits,
    samples,
)
from experiments.longstaff2025.noise import (
    GAMMA_L,
    T_2,
    baths_of,
    noisy_bell,
    turning_points,
    turning_points_by_29,
)
from experiments.master_equation import thermal
from jaxent.app.claims import Claim, fact, misprint, new
from jaxent.app.work import Work

LOCAL = np.array([1e-4, 2e-3, 5e-3])
UNDAMPED = {
    "bath 2 decoupled": pair(("spin", "spin"), (0.03, 0.0), (0.7, 1.0)),
    "both baths at T = 0": pair(("spin", "boson"), (0.03, 0.05), (0.0, 0.0)),
}


@labelled(
    lowest="collective noise of the smallest B, gamma_c [g]",
    even="collective noise at which B is back, gamma_c [g]",
    lowest_29="the first by (29) [g]",
    even_29="the second by (29) [g]",
    loss="largest loss of B, relative",
    off_9="difference from the rates' occupations",
    off_42="difference from the solved B",
    damped="real part of the slowest eigenvalue [g]",
    undamped="real and imaginary part of the slowest eigenvalue [g]",
    wandering="largest distance from (23)",
    kind="kind of both baths",
    gamma_l="local noise, gamma_l [g]",
    case="machine that is not damped",
    form="as printed or corrected",
    part="real or imaginary",
)
def compute(work: Work) -> xr.Dataset:
    work.progress("random machines", 0.0)
    turns = [turning_points(kinds, LOCAL) for kinds in SAME]
    by_29 = [turning_points_by_29(kinds, LOCAL) for kinds in SAME]
    before = np.array([noisy_bell(baths_of(kinds), 0.0, LOCAL) for kinds in SAME])
    smallest = [
        noisy_bell(baths_of(k), at["lowest"], LOCAL) for k, at in zip(SAME, turns, strict=True)
    ]
    found = {name: (("kind", "gamma_l"), [at[name] for at in turns]) for name in turns[0]}
    found |= {f"{name}_29": (("kind", "gamma_l"), [at[name] for at in by_29]) for name in by_29[0]}
    return xr.Dataset(
        found
        | {
            "loss": (("kind", "gamma_l"), 1 - np.array(smallest) / before),
            "off_9": ("form", occupations()),
            "off_42": ("form", ratios(samples(40))),
            "damped": (
                "machine",
                [not_zero(one)[0].real for baths, _ in samples(6) for one, _ in each(baths)],
            ),
            "undamped": (("case", "part"), [parts(baths) for baths in UNDAMPED.values()]),
            "wandering": ("case", [wandering(baths) for baths in UNDAMPED.values()]),
        },
        {
            **{"kind": list(KINDS), "gamma_l": LOCAL, "case": list(UNDAMPED)},
            **{"form": ["printed", "corrected"], "part": ["real", "imaginary"]},
        },
    )


def occupations() -> list[float]:
    """How far the state of one mode (9), with and without 1/T, is from the rates of the machine."""
    printed, corrected = [], []
    for kind in KINDS:
        for T in (0.3, 1.7):
            bath = paper.Bath(kind, 0.01, T)
            up = float(qubits((bath, bath), mu=1.0).rates(1)[1]) / bath.chi
            levels = np.arange(2 if kind == "spin" else 200)
            printed.append(thermal(levels, 1.0) @ levels - up)
            corrected.append(thermal(levels, T) @ levels - up)
    return [np.abs(printed).max(), np.abs(corrected).max()]


def ratios(machines: Iterable[tuple[Baths, dict[str, np.ndarray]]]) -> list[float]:
    """How far (42) is off with the likeliest other readings of gamma_L, and with gamma_l."""
    others, right = [], []
    for baths, noise in machines:
        gamma_l, gamma_c = mean_local(noise), noise["gamma_collective"]
        solved = bell(baths, **noise)
        for gamma_L in (2 * gamma_l, noise["gamma_local_1"], gamma_c, 0.0, gamma_l):
            value = paper.bell_by_ratio(*gammas(baths), gamma_l / gamma_c, gamma_l, gamma_L)
            (right if gamma_L is gamma_l else others).append(np.abs(value - solved).max())
    return [min(others), max(right)]


def not_zero(baths: Baths) -> np.ndarray:
    """The other eigenvalues of the noiseless Liouvillian, slowest first."""
    values = np.linalg.eigvals(paper.liouvillian(1.0, baths))
    values = values[np.abs(values) > 1e-9]
    return values[np.argsort(-values.real.round(12), kind="stable")]


def parts(baths: Baths) -> tuple[float, float]:
    """Minus the machine's gap, and the frequency of what decays slowest."""
    return 0.0 - qubits(baths, mu=0.5).spectral_gap(), abs(not_zero(baths)[0].imag)


def wandering(baths: Baths) -> float:
    """How far an initial state with a coherence between the parities stays from (23)."""
    ket = (paper.PSI_PLUS + paper.PHI_MINUS) / np.sqrt(2)
    full, start = paper.liouvillian(1.0, baths), paper.projector(ket)
    return float(np.abs(paper.evolved(full, start) - paper.projected(full, start)).max())


def claims(data: xr.Dataset) -> list[Claim]:
    loss, even = data.loss.values, data.even.values
    off_turn = max(
        np.nanmax(np.abs(data[name].values / data[f"{name}_29"].values - 1))
        for name in ("lowest", "even")
    )
    return [
        misprint("Eq. (9)", "occupation of a mode of the environment",
                 "exponents −H_Eβ/T_β, as (12) has them",
                 **dict(zip(("off_as_printed", "off_corrected"), data.off_9.values, strict=True))),
        misprint("Eq. (42)", "B by R = γ_l/γ_c; its γ_L is not defined", "γ_L = γ_l; as printed: "
                 "the closest of 2γ_l, γ_l1, γ_c, 0",
                 **dict(zip(("off_as_printed", "off_corrected"), data.off_42.values, strict=True))),
        fact("below Eq. (22)", "non-zero eigenvalues of the Liouvillian have negative real parts",
             bool(data.undamped.sel(part="real").max() < 0),
             f"largest real part {data.damped.values.max():.1e} g in {data.damped.size} random "
             "machines; " + "; ".join(
                 f"{real:.0f} ± {imaginary:.6f}i g with {case}"
                 for case, (real, imaginary) in zip(UNDAMPED, data.undamped.values, strict=True)),
             "Re λ_j < 0", because="±ig are eigenvalues where one bath is decoupled or both are "
                                   "at T = 0; from "
             f"(∣ψ_+⟩ + ∣φ_−⟩)/√2 the state then keeps turning, up to "
             f"{data.wandering.values.max():.2g} from (23), which is its average"),
        fact("Sec. 6", "collective noise alongside local noise boosts the largest B",
             bool(np.isfinite(even[0][0])),
             f"for two baths of {data.kind.values[0]}s at {T_2} g B exceeds its value without it "
             "from γ_c = " + ", ".join(
                 f"{x:.2e} g for γ_l = {rate:g} g" if np.isfinite(x) else f"none for {rate:g} g"
                 for rate, x in zip(data.gamma_l.values, even[0], strict=True)),
             "“boosts the maximum attainable CHSH value”",
             note="for γ_l < (Γ_1 + Γ_2)/(4√2); with more local noise no γ_c boosts B"),
        new("Sec. 6", "by how much a little collective noise lowers B first, largest share",
            float(loss.max()),
            "smallest at γ_c = 4γ_l²/(Γ_1 + Γ_2) and back at 8pγ_l²/(2p² − q²), "
            "p = 4γ_l + Γ_1 + Γ_2, q = p + 4γ_l (as solved, to "
            f"{off_turn:.0e}); in Fig. 3 (γ_l = {GAMMA_L:g} g) it is too small to be seen",
            holds=bool(loss.min() > 0)),
    ]  # fmt: skip
