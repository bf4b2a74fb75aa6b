"""Equations of the paper against the solved master equation, as printed and corrected.

T_A -> inf, T_B -> 0 in the formulas of Secs. II, III and Apps. B, C, E.
"""

from typing import Any

import jax
import numpy as np
import xarray as xr

from experiments.labels import labelled
from experiments.master_equation import largest, steady_state
from experiments.tavakoli2018 import equations
from experiments.tavakoli2018.machines import heralded, qudits
from jaxent.app.claims import Claim, fact, misprint, number
from jaxent.app.work import Work
from jaxent.machines.one_step_reset import OneStepReset, weak_coupling
from jaxent.machines.qudit_reset import QuditReset

QUTRITS = ((0.2, 0.5, 0.1, 0.9), (1.3, 1.1, 0.4, 0.6), (0.05, 0.3, 2.0, 0.7))
"""g, theta, p_A, p_B."""
QUDITS = ((2, 0.3, 0.2, 0.9), (3, 0.7, 0.1, 0.5), (4, 0.2, 0.6, 1.1))
"""d, g, p_A, p_B."""
LADDER = ((0.5, 0.3, 0.4), 0.2, 1.0)
"""g_1, g_2, g_3; p_A, p_B."""


@labelled(
    off="largest difference from the solved master equation",
    order_of_limits="p_suc over (8a) in both orders of the limits",
    solutions="number of positive stationary points of (G10)",
    equation="equation of the paper",
    form="as printed or corrected",
    order="order of the limits",
)
def compute(work: Work) -> xr.Dataset:
    off = {"(B3)-(B5)": _qutrits()}
    off["(6)"], off["(7)"] = _first_order()
    work.progress("qudits", 0.3)
    for point in QUDITS:
        for name, pair in _qudits(*point).items():
            off[name] = tuple(np.maximum(off.get(name, (0.0, 0.0)), pair))
    work.progress("ladders", 0.8)
    off["(E1)"] = _one_step()
    off["(E10)"] = _ratio()
    return xr.Dataset(
        {
            "off": (("equation", "form"), [[float(x) for x in pair] for pair in off.values()]),
            "order_of_limits": ("order", _order_of_limits()),
            "solutions": len(equations.stationary_g10()),
        },
        {
            "equation": list(off),
            "form": ["printed", "corrected"],
            "order": ["mu first", "g first"],
        },
    )


_states = jax.jit(QuditReset.state)


def _filtered(g: float, theta: float, p_A: float, p_B: float, printed: bool) -> np.ndarray:
    couplings = equations.qutrit_couplings(g, theta, printed=printed)
    return heralded(qudits(couplings, p_A, p_B))[0]


def _qutrits() -> tuple[float, float]:
    printed, corrected = (
        max(
            largest(_filtered(*point, form) - equations.filtered_qutrits(*point))
            for point in QUTRITS
        )
        for form in (True, False)
    )
    return printed, corrected


def _first_order() -> list[tuple[float, float]]:
    """(6) at mu = 1e-3 and (7) at mu = 1e-9."""
    pairs = []
    for mu, formula in ((1e-3, 1e-3), (1e-9, 0.0)):
        exact = equations.state_6(1.1, formula)
        printed, corrected = (
            largest(_filtered(1e-4, 1.1, mu, 1.0, form) - exact) for form in (True, False)
        )
        pairs.append((printed, corrected))
    return pairs


def _qudits(d: int, g: float, p_A: float, p_B: float) -> dict[str, tuple[float, float]]:
    """(C2), (C6), (C7), (C11) and (12), which are all of the same machine."""
    point = (d, g, p_A, p_B)
    machine = qudits([np.array([g, g / np.sqrt(2)])] * d, p_A, p_B)
    rho, weaker = np.asarray(_states(machine))
    steps = [(g, (d, 0), (k - 1, d - k + 1)) for k in range(1, d + 1)]
    hops = equations.hops(d + 1, steps)
    commutator = rho @ hops - hops @ rho
    kept = np.flatnonzero(np.kron(*machine.default_filters))
    filtered = np.ix_(kept, kept)
    efficiency = np.trace(rho[filtered]).real

    def pair(formula: Any, exact: Any) -> tuple[float, float]:
        return largest(formula(printed=True) - exact), largest(formula(printed=False) - exact)

    return {
        "(C2), (C3)": (
            largest(weaker - equations.state_c2(*point)),
            largest(rho - equations.state_c2(*point)),
        ),
        # In the steady state resets undo what the Hamiltonian does, i [rho, H].
        "(C6)": pair(lambda **form: equations.dissipation_c6(*point, **form), -1j * commutator),
        "(C7)": pair(lambda **form: equations.commutator_c7(*point, **form), commutator),
        "(C11)": pair(
            lambda **form: equations.state_c11(*point, **form)[filtered], rho[filtered] / efficiency
        ),
        "(12)": pair(
            lambda **form: equations.efficiency_12(d, np.sqrt(2) * g, p_A, p_B, **form),
            efficiency,
        ),
    }


def _one_step() -> tuple[float, float]:
    """The probability that the filters pass, by the interaction as printed and put right."""
    machine = OneStepReset(*LADDER)
    exact = np.exp(float(heralded(machine)[1]))
    chances = []
    for full in (equations.one_step_as_printed(*LADDER), equations.one_step(*LADDER)):
        rho = steady_state(full)
        passing = np.kron(*machine.default_filters) > 0
        chances.append(np.diag(rho).real[passing].sum())
    return abs(chances[0] - exact), abs(chances[1] - exact)


def _ratio() -> tuple[float, float]:
    ratios = (0.1, 0.5, 2.0)
    exact = [float(weak_coupling(3, ratio).ab) for ratio in ratios]
    forms = (
        [equations.negativity_e10(3, ratio, printed=printed) for ratio in ratios]
        for printed in (True, False)
    )
    printed, corrected = (largest(np.subtract(form, exact)) for form in forms)
    return printed, corrected


def _order_of_limits() -> list[float]:
    """p_suc over (8a) at mu = 1e-7, g = 0.3, and at g = 1e-6, mu = 1e-3."""
    ratios = []
    for g, mu in ((0.3, 1e-7), (1e-6, 1e-3)):
        _, log_efficiency = heralded(qudits(equations.qutrit_couplings(g, 0.7), mu))
        ratios.append(np.exp(float(log_efficiency)) / (mu / 3))
    return ratios


def claims(data: xr.Dataset) -> list[Claim]:
    off = {
        str(name): pair.values for name, pair in zip(data.equation.values, data.off, strict=True)
    }

    def wrong(name: str, source: str, statement: str, correct: str, allowed: float = 1e-9) -> Claim:
        printed, corrected = off[name]
        return misprint(
            source, statement, correct, off_as_printed=printed, off_corrected=corrected,
            allowed=allowed,
        )  # fmt: skip

    first, second = data.order_of_limits.values
    swapped = "g_1 = g sin θ on |0,2⟩ ↔ |2,0⟩ and g_2 = g cos θ: they are swapped"
    return [
        wrong("(6)", "Eq. (6)", "filtered qutrits to first order in μ (μ = 1e-3)", swapped, 1e-6),
        wrong("(7)", "Eq. (7)", "the pure state for μ → 0 (μ = 1e-9)", swapped, 1e-7),
        wrong("(B3)-(B5)", "Eqs. (B3)–(B5)", "filtered qutrits", swapped),
        fact("Eq. (8)", "p_suc ≈ p_A/3p_B for μ → 0 at fixed g",
             abs(first - 1) < 1e-5 and second < 1e-3,
             f"p_suc is {first:.6f} of that at μ = 1e-7, g = 0.3 p_B", "p_A/3p_B",
             note="the two limits of (8) do not commute: it is not for g → 0 first, as at "
             f"μ = 1e-3, g = 1e-6 p_B, where p_suc is {second:.0e} of it"),
        wrong("(12)", "Eq. (12)", "success probability of qudits, g_k = g/√2",
              "d → d + 1 everywhere, also in ξ: its d is the number of levels"),
        wrong("(C2), (C3)", "Eqs. (C2), (C3)", "steady state of qudits, g_k = g/√2 of Sec. III",
              "g there is the bare coupling, g_k = g"),
        wrong("(C6)", "Eq. (C6)", "what the resets do to it",
              "Σ_{k=1}^{d−1} Σ_{l=1}^{d−k} |k+l−1, d−k−l+1⟩⟨k−1, d−k+1| + h.c., as in (C2)"),
        wrong("(C7)", "Eq. (C7)", "its commutator with H_int", "1/N is missing"),
        wrong("(C11)", "Eq. (C11)", "filtered qudits",
              "the sums of (C2), and the coefficient 2(d + 1)g² p_A p_B"),
        wrong("(E1)", "Eq. (E1)", "interaction of ladders: p_suc of four levels",
              "g_k |k+1, d−k−2⟩⟨k, d−k−1| + h.c., k = 0, …, d − 2, and the strong coupling p_B/2 "
              "is that of |0, d−1⟩ and |1, d−2⟩; as printed nothing passes the filters"),
        wrong("(E10)", "Eq. (E10)", "N(g) for d = 3", "3g/(2 + 8g²)"),
        number("before (G11)", "positive solutions of ∂N/∂K = 0", "2", float(data.solutions),
               within=0.0, because="K = √(6 + 2√6) is the only one: with u = √(1 + K²) the "
               "condition is u² − 2u − 5 = 0, of which 1 − √6 is negative"),
    ]  # fmt: skip
