"""Formulas and statements on pumped qubits that do not follow from the master equations.

Two collective baths at random inverse temperatures from -4 to 4, and two qubits in a cavity, whose
couplings are in units of the larger one.
"""

import numpy as np
import xarray as xr

from experiments.labels import labelled
from experiments.master_equation import steady_state, wootters
from experiments.tacchino2018 import equations
from experiments.tacchino2018.machines import PHOTONS, concurrence, plain_state, state
from jaxent.app.claims import Claim, fact, misprint
from jaxent.app.work import Work

POINTS = np.random.default_rng(1707).uniform(-4, 4, size=(40, 2))
COLD = 30.0
UNEQUAL = {"g1": 1.0, "g2": 0.5, "kappa": 2.0, "pump_1": 0.0, "pump_2": 6e-3, "gamma": 1e-3}
LEAKY = {"g1": 1.0, "g2": 0.6, "kappa": 2.0, "pump_1": 0.3, "pump_2": 0.1, "gamma": 0.05}


@labelled(
    off="largest difference from the solved master equation",
    asymmetry="largest entry of the anti-Hermitian part of rho rho~",
    unequal="concurrence of unequal qubits",
    unequal_plain="the same by the master equation written out",
    gain_and_loss="what pumps put in, and photons lost, per time [g]",
    formula="formula of the paper",
    way="as printed or corrected",
)
def compute(work: Work) -> xr.Dataset:
    work.progress("the formulas", 0.0)
    found = concurrence(*np.vstack([POINTS, (0.0, COLD)]).T)
    C, cold = found[:-1], found[-1]
    anticommuting = [equations.concurrence(equations.fermionic(*betas)) for betas in POINTS]
    rates = np.exp(POINTS)
    printed, corrected = (
        [equations.from_parts(*equations.parts_of_a10(x, y, printed=way)) for x, y in rates]
        for way in (True, False)
    )
    limits = [equations.thermal_limit(COLD, printed=way) for way in (True, False)]
    reversals = [reversal(beta, printed=way) for way in (True, False) for beta in POINTS[:, 0]]
    rho = np.asarray(state(PHOTONS, **UNEQUAL)[0])
    flipped = equations.spin_flipped(rho)
    eigenvalues = np.linalg.eigvalsh(flipped), np.linalg.eigvals(flipped)
    exact = equations.concurrence(rho)
    off = {
        "operators": (anticommuting - C, [equations.concurrence(rho) for rho in plain()] - C),
        "A10": (printed - C, corrected - C),
        "A13": tuple((limit - cold) / np.exp(-COLD / 2) for limit in limits),
        "B3": tuple(np.reshape(reversals, (2, -1))),
        "Hermitian": tuple(wootters(squares) - exact for squares in eigenvalues),
    }
    return xr.Dataset(
        {
            "off": (("formula", "way"), [[abs(x).max() for x in pair] for pair in off.values()]),
            "asymmetry": abs(flipped - flipped.conj().T).max(),
            "unequal": exact,
            "unequal_plain": equations.concurrence(plain_state(3, **UNEQUAL)),
            "gain_and_loss": ("balance", list(balance())),
        },
        {"formula": list(off), "way": ["printed", "corrected"]},
    )


def plain() -> list[np.ndarray]:
    """The states of two-level lowering operators, which commute between the qubits."""
    return [steady_state(equations.thermal_collective(*betas)) for betas in POINTS]


def reversal(beta: float, *, printed: bool) -> float:
    """How far the reversed emission is from the absorption, relative to it."""
    J = equations.MODES["A"]
    return float(abs(equations.reversed_emission(beta, J, printed=printed) - J.T).max())


def balance() -> tuple[float, float]:
    """What pumps and relaxation put into the qubits, and kappa times the photons."""
    rho, photons = map(np.asarray, state(PHOTONS, **LEAKY))
    occupied = np.diag(rho).real @ np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    pumps = np.array([LEAKY["pump_1"], LEAKY["pump_2"]])
    gain = pumps @ (1 - occupied) - LEAKY["gamma"] * occupied.sum()
    return gain, LEAKY["kappa"] * photons @ np.arange(len(photons))


def claims(data: xr.Dataset) -> list[Claim]:
    printed, corrected = ({**data.off.sel(way=way).to_series()} for way in ("printed", "corrected"))
    gain, loss = data.gain_and_loss.values

    def off(formula: str) -> dict[str, float]:
        return {"off_as_printed": printed[formula], "off_corrected": corrected[formula]}

    return [
        misprint("below Eq. (2)", "the operators c_i obey {c_i, c_j†} = δ_ij: C of (4)",
                 "two-level lowering operators, which commute between the qubits; true fermions "
                 "have another concurrence", **off("operators")),
        misprint("Eq. (A10)", "C by the rates, x, y = Γ_i⁻/Γ⁺",
                 "N₁ = |(x − y)(x + y − 2)|/2, N₂ = √((x + y + 2)(x²y + xy² + x² + y²)), and y² "
                 "once in d, as in (A12)", **off("A10")),
        misprint("Eq. (A13)", "C at β_A = 0, β_S → ∞, in units of e^(−β_S/2)",
                 f"C ≃ (2/3)(1/2 − √2 e^(−β_S/2)); compared at β_S = {COLD:g}, where the next "
                 f"order is {np.exp(-COLD / 2):.0e}", allowed=2e-6, **off("A13")),
        misprint("Eq. (B3)", "the reversed jump of an emission is an absorption",
                 "√ρ∞ (K^±)† √ρ∞⁻¹ = K^∓; with K^∓ in place of (K^±)† detailed balance counts "
                 "twice", **off("B3")),
        misprint("before Eq. (A5)", "ρρ̃ is Hermitian: C from its eigenvalues",
                 "it is not unless ρ₀₁ = ρ₁₀ (off by "
                 f"{data.asymmetry.item():.2g} for unequal qubits): a solver for Hermitian "
                 "matrices is silently wrong, a general one is right", **off("Hermitian")),
        fact("below Eq. (2)", "(κ/2) 𝒟_a loses photons at the rate κ",
             abs(gain / loss - 1) < 1e-8,
             f"gain of the qubits {gain:.8f}, κ⟨a†a⟩ {loss:.8f}", "(κ/2) 𝒟_a",
             note="𝒟_o has 2oρo†, so that the jump operator is √κ a"),
        fact("Sec. Optical pumping", "without feedback C = 0.5 is the theoretical limiting value",
             data.unequal.item() <= 0.5, f"C = {data.unequal.item():.4f} at γ = "
                                         f"{UNEQUAL['gamma']:g} g",
             "≤ 0.5",
             because="true of two collective baths (Fig. 1) and approached by equal qubits in a "
                    "cavity; one pump on the more weakly coupled of two unequal qubits has more "
                    "(g₂ = {g2:g} g, κ = {kappa:g} g, p₂ = {pump_2:g} g; ".format(**UNEQUAL)
                    + f"{data.unequal_plain.item():.4f} by the written-out master equation)"),
    ]  # fmt: skip
