"""Bell nonlocality at any temperature, and the thermal state.

Both baths have the temperature T, in units of g; mu is the weight of the initial state in parity
+1. At equal temperatures neither the kinds of the baths nor their couplings matter. B is
labelled at 1 to 4 times the critical temperature, which is a choice.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from experiments.labels import labelled
from experiments.longstaff2025 import equations as paper
from experiments.longstaff2025.machines import (
    CHI,
    EACH_KIND,
    KINDS,
    Baths,
    bell,
    crossing,
    pair,
    qubits,
    states,
    thermal,
)
from jaxent.app import style
from jaxent.app.claims import Claim, check, fact, new
from jaxent.app.work import Work
from jaxent.machines.parity_qubits import INITIAL_STATES

MULTIPLES = np.arange(1, 5)
ASIDE = 1e-6  # how far from a threshold both sides of it are looked at
WEIGHTS = (0.499, 0.501, 0.6, 0.9)
HOT = (1.0, 10.0, 100.0)
LOCAL = ("ground_ground", "ground_excited", "excited_ground", "excited_excited")


def equal(T: Any, kinds: tuple[str, str] = ("spin", "spin")) -> Baths:
    """Two baths of one temperature."""
    return pair(kinds, CHI, (T, T))


def critical(value: Callable[[float], Any]) -> float:
    """The temperature at which a CHSH value falls to 2."""
    return crossing(lambda T: float(value(T)) - 2, 0.1, 3.0)


@labelled(
    ness="largest CHSH value, B, of the steady state with mu = 1",
    thermal="largest CHSH value of the thermal state",
    off_labels="largest difference from (25) at the labels",
    labelled="largest CHSH value at the labels",
    anywhere="largest CHSH value up to high temperatures",
    started="largest CHSH value by initial state",
    cold="largest CHSH value at a low temperature",
    rate="fastest rate over the coupling of the bath [g]",
    tau="critical temperature of the thermal state [g]",
    tau_with_noise="critical temperature with collective noise alone [g]",
    off_25="largest difference from (25)",
    off_thermal="largest difference from the thermal state, with collective noise",
    off_mixed="largest difference from the maximally mixed state",
    least_polarised="least 2 mu - 1 beyond which B > 2",
    beside_mu_thermal="B less that of the thermal state on both sides of mu_th",
    off_mu_thermal="largest difference from the formula of mu_th",
    off_32="largest difference from (32)",
    off_33="largest difference from (33)",
    T="temperature [g]",
    multiple="temperature in units of the critical one",
    wide="temperature [g]",
    initial="initial state",
    weight="weight of the initial state in parity +1, mu",
    kind="kind of both baths",
    hot="temperature [g]",
)
def compute(work: Work) -> xr.Dataset:
    T, wide = np.linspace(0.01, 3.0, 300), np.geomspace(0.05, 1e4, 60)
    work.progress("states", 0.0)
    tau = critical(lambda T: thermal(T)[1])
    mu = np.linspace(0.0, 1.0, 41)[:, None]
    by_kinds = np.array([bell(equal(wide, kinds), mu=mu) for kinds in EACH_KIND])
    noises = np.array([[1e-9], [1e-3], [1.0]])
    noisy = np.array([states(equal(wide, kinds), gamma_collective=noises) for kinds in EACH_KIND])
    rates = [np.max(qubits(equal(wide, (kind, kind))).rates(1), axis=0) for kind in KINDS]
    starts = list(INITIAL_STATES)[:8]
    weights = [float(qubits(equal(1.0), initial=name).weight) for name in starts]
    return xr.Dataset(
        {
            "ness": ("T", bell(equal(T), mu=1.0)),
            "thermal": ("T", thermal(T)[1]),
            "off_labels": np.abs(
                bell(equal(tau * MULTIPLES), mu=1.0) - paper.bell_equal(1.0, tau * MULTIPLES, 1.0)
            ).max(),
            "labelled": ("multiple", bell(equal(tau * MULTIPLES), mu=1.0)),
            "anywhere": ("wide", bell(equal(wide), mu=1.0)),
            "started": (("initial", "wide"), bell(equal(wide), mu=np.array(weights)[:, None])),
            "cold": ("weight", bell(equal(0.02), mu=np.array(WEIGHTS))),
            "rate": (("kind", "wide"), np.array(rates) / CHI[0]),
            "tau": tau,
            "tau_with_noise": critical(lambda T: bell(equal(T), gamma_collective=1e-9)),
            "off_25": np.abs(by_kinds - paper.bell_equal(1.0, wide, mu)).max(),
            "off_thermal": np.abs(noisy - thermal(wide)[0]).max(),
            "off_mixed": np.abs(thermal(1e6)[0] - np.eye(4) / 4).max(),
            "least_polarised": ("hot", [least_polarised(T) for T in HOT]),
            **thermal_states(np.geomspace(0.1, 20.0, 30)),
        },
        {
            **{"T": T, "multiple": MULTIPLES, "wide": wide, "initial": starts},
            **{"weight": list(WEIGHTS), "kind": list(KINDS), "hot": list(HOT)},
        },
    )


def least_polarised(T: float) -> float:
    """The least 2 mu - 1 > 0 beyond which B > 2."""
    return crossing(lambda p: float(bell(equal(T), mu=(1 + p) / 2)) - 2, 1e-3, 1.0)


def thermal_states(T: np.ndarray) -> dict[str, Any]:
    """Eqs. (32), (33), and mu_th, with the machine's B on both sides of it."""
    rho, value = thermal(T)
    mu = np.trace(paper.PLUS @ rho, axis1=-2, axis2=-1).real
    above, below = (bell(equal(T), mu=mu + aside) - value for aside in (ASIDE, -ASIDE))
    printed = np.array([paper.thermal_state(1.0, t) for t in T])
    return {
        "beside_mu_thermal": ("side", [above.min(), below.max()]),
        "off_mu_thermal": np.abs(mu - 1 / (np.exp(-1 / T) + 1)).max(),
        "off_32": np.abs(rho - printed).max(),
        "off_33": np.abs(value - 2 * np.sqrt(2) * np.tanh(1 / (2 * T))).max(),
    }


def claims(data: xr.Dataset) -> list[Claim]:
    tau, tau_with_noise = data.tau.item(), data.tau_with_noise.item()
    off_tau = abs(tau - 1 / (2 * np.log(np.sqrt(2) + 1)))
    named = [f"{k}τ g".removeprefix("1") for k in data.multiple.values]
    labels = dict(zip(named, data.labelled.values, strict=True))
    hottest, excess = data.wide.values[-1], data.anywhere.values - 2
    of_limit = excess[-1] * (2 * hottest) ** 2
    up = data.started.sel(initial="x_up_x_up").min().item()
    local = data.started.sel(initial=list(LOCAL)).max().item()
    least, sech = data.least_polarised.values, 1 / np.cosh(1 / (2 * data.hot.values))
    spin, boson = data.rate.values
    more, less = data.beside_mu_thermal.values
    return [
        fact("Sec. 4, App. B", "critical temperature of the thermal state", off_tau < 1e-12,
             f"{tau:.9f} g, where B = 2 of the thermal state; off by {off_tau:.0e}",
             "τ g, τ = 1/(2 ln(√2 + 1))"),
        fact("Fig. 1", "the NESS with μ = 1 violates the inequality significantly there",
             abs(labels["τ g"] - 6**0.5) < 1e-12, f"B = {labels['τ g']:.6f} = √6", "> 2"),
        check("Fig. 1", "B of the NESS at the labels is (25)", data.off_labels.item() < 1e-12,
              ", ".join(f"{b:.4f} at {T}" for T, b in labels.items())),
        fact("Abstract, Fig. 1", "the NESS is Bell nonlocal at arbitrarily high temperatures",
             bool(np.all(excess > 0)) and abs(of_limit - 1) < 1e-6,
             f"B > 2 up to T = {hottest:.0e} g, where B − 2 = {excess[-1]:.2e}: "
             f"{of_limit:.6f} of (g/2T)²", "B > 2 for all T/g"),
        fact("Eq. (25)", "B at equal temperatures: spins, bosons, one of each; 41 weights",
             data.off_25.item() < 1e-12, f"off by {data.off_25.item():.0e}", "as printed"),
        fact("Sec. 4", "the inequality is violated where |2μ − 1| > sech(g/2T)",
             np.allclose(least, sech, atol=1e-9), "least |2μ − 1| " + ", ".join(
                 f"{p:.6f} at T = {T:.0f} g" for T, p in zip(data.hot.values, least, strict=True)),
             "|2μ − 1| > sech(g/2T)",
             note="at high temperatures only μ = 0 and μ = 1 are left, as the paper says"),
        fact("Sec. 4", "initial states with both spins up along x end Bell nonlocal",
             up > 2, f"smallest B − 2 is {up - 2:.1e}, at T = {hottest:.0e} g", "B > 2"),
        fact("Sec. 4", "∣00⟩, ∣01⟩, ∣10⟩ and ∣11⟩ (μ = 1/2) end Bell local", local <= 2,
             f"largest B is {local:.9f}, at T = 0.05 g", "B ≤ 2"),
        fact("Sec. 4", "for any μ ≠ 1/2 some temperatures give a Bell-nonlocal state",
             bool(np.all(data.cold > 2)), "at T = 0.02 g B − 2 is " + ", ".join(
                 f"{b:.1e} at μ = {mu}" for mu, b in zip(WEIGHTS, data.cold.values - 2, strict=True)
             ), "B > 2"),
        fact("Eqs. (26), (32), (33)", "the thermal state and its B",
             max(data.off_32, data.off_33) < 1e-12,
             f"off by {data.off_32.item():.0e} and {data.off_33.item():.0e}", "as printed"),
        fact("Sec. 4", "the thermal state tends to the maximally mixed one",
             data.off_mixed.item() < 1e-6, f"off by {data.off_mixed.item():.1e} at T = 10⁶ g",
             "ρ_th → 1/4"),
        fact("Sec. 4", "weight of the thermal state in parity +1",
             data.off_mu_thermal.item() < 1e-12, f"off by {data.off_mu_thermal.item():.0e}",
             "μ_th = 1/(e^(−g/T) + 1)"),
        fact("Sec. 4", "the NESS violates more strongly than the thermal state where "
             "|2μ − 1| > |2μ_th − 1|", more > 0 > less,
             f"B less that of the thermal state is ≥ {more:.0e} at μ_th + 10⁻⁶ and ≤ {less:.0e} at "
             "μ_th − 10⁻⁶, for T from 0.1 g to 20 g", "B(NESS) > B(th)"),
        fact("Sec. 4", "rates of spin baths saturate, those of bosons grow in proportion to T",
             spin.max() <= 1 and abs(boson[-1] / hottest - 1) < 1e-3,
             f"largest γ/(χ g): spins {spin.max():.4f}; bosons {boson[-1] / hottest:.5f} T/g "
             f"at T = {hottest:.0e} g", "1/χ ≫ T/g for bosons alone"),
        new("Fig. 1", "critical temperature of the machine with collective noise alone, in g",
            tau_with_noise, f"that of the thermal state, off by {abs(tau_with_noise - tau):.0e}: "
            "without local noise but with any γ_c > 0, (36)–(40) are (32) at equal temperatures, "
            f"and the solved states differ from it by {data.off_thermal.item():.0e} for γ_c of "
            "10⁻⁹, 10⁻³ and 1 g; noise, however faint, ends what is nonlocal above τ g",
            exact=tau, within=1e-12, holds=data.off_thermal.item() < 1e-12),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(2.5)
    panel = figure.subplots()
    tau = data.tau.item()
    panel.axhline(2, **style.BOUND)
    panel.plot(data.T, data.ness, "k", label=r"NESS, $\mu = 1$")
    panel.plot(data.T, data.thermal, **style.line(0) | {"ls": style.DASHES[1]},
               label="thermal state, or NESS with\ncollective noise alone")  # fmt: skip
    panel.plot(tau * data.multiple, data.labelled, "ko")
    for multiple, value in zip(data.multiple.values, data.labelled.values, strict=True):
        panel.annotate(f"{value:.3f}", (tau * multiple, value), (3, 4), textcoords="offset points")
    panel.set_xticks(tau * np.arange(6), ["0", r"$\tau$", *(rf"${n}\tau$" for n in range(2, 6))])
    panel.set(
        xlabel=rf"$T/g$  ($\tau = {tau:.3f}$)", ylabel=r"$\mathcal{B}$", xlim=(0, 3), ylim=(0, 3)
    )
    panel.legend(loc="upper right", bbox_to_anchor=(1.0, 0.62))
    return figure
