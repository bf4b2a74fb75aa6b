"""Negativity of the smaller machines: two qubits, and a qubit and a qutrit.

G.1: T_A = inf, T_B = 0; G.2: T_A = 0-, T_B = 0; G.3: T_A = 0, T_B = inf and the upper two levels
of the qutrit; G.4: T_A = 0-, T_B = 0 and the lower two, both for p_B -> 0. Only ratios of couplings
and rates matter.
"""

from typing import Any

import numpy as np
import xarray as xr
from scipy.optimize import minimize_scalar

import jaxent
from experiments.labels import labelled
from experiments.studies import one_of
from experiments.tavakoli2018 import equations
from jaxent.app.claims import Claim, fact, new, number, quotient
from jaxent.app.work import Work

UPPER, LOWER = np.array([0, 1.0, 1]), np.array([1.0, 1, 0])
RATES = [(0.3, 0.2, 0.7), (1.4, 0.5, 0.1), (0.02, 0.6, 1.1)]
"""g, p_A, p_B, and g_1, g_2, p_A, at which closed forms are compared."""
SLOW = 1e-9
"""p_B in place of p_B -> 0."""
PRINTED_G2, PRINTED_G7 = ("2.2e-3", "2.3e-3", "9.5e-3"), ("9.2e-3", "4.8e-7", "2.1e-6")
"""g, p_A, p_B and g_1, g_2, p_A."""
TWO, INVERTED, UPPER_TWO, LOWER_TWO = (
    "two qubits", "two qubits, inversion", "qubit and qutrit", "qubit and qutrit, inversion"
)  # fmt: skip
"""The variants of the study."""
HALF = (3**0.5 - 1) / 8
INVERTED_G = 1 / (1 + 3**0.5)
K = (6 + 2 * 6**0.5) ** 0.5


def two_qubits(g: Any, p_a: Any, p_b: Any, hot: float = np.inf) -> jaxent.QubitReset:
    """T_B = 0."""
    return jaxent.QubitReset(g, p_a, p_b, temperature_a=hot, temperature_b=0.0)


def with_qutrit(g_1: Any, g_2: Any, p_a: Any, inverted: bool, p_b: Any = SLOW) -> np.ndarray:
    """The heralded two-qubit state of G.4 (inverted) or G.3."""
    hot, cold = (-0.0, 0.0) if inverted else (0.0, np.inf)
    machine = jaxent.QubitQutritReset(g_1, g_2, p_a, p_b, temperature_a=hot, temperature_b=cold)
    filters = jaxent.Filters(np.ones(2), LOWER if inverted else UPPER)
    return np.asarray(jaxent.heralded(machine, filters)[0])


@labelled(
    off_G1="difference from (G1)",
    off_G3="difference from (G3)",
    off_G4="difference from (G4)",
    off_G6="difference from (G6)",
    off_G8="difference from (G8)",
    off_G9="difference from (G9)",
    off_G10="difference from (G10)",
    best="largest negativity",
    purity="purity of the best state",
    qubits="rates of the best two qubits [p_B]",
    concurrent="rates of the best two qubits for the concurrence [p_B]",
    concurrence="concurrence of both",
    printed_G2="negativity at the rates of (G2)",
    inverted="negativity with inversion at 1/(1 + sqrt 3)",
    inverted_purity="its purity",
    G7_ratio="ratio p_A/g_2 of the best state",
    beyond="largest negativity for g >= p_B",
    below="least negativity for g < p_B",
    best_G4="ratio g/p_B of the largest (G4)",
    best_p_A="best p_A over the printed one",
    G6_negativity="negativity of that state for g_2 to 0",
    G6_purity="its purity",
    G7_negativity="negativity at the rates of (G7)",
    G7_limit="largest negativity for g_2 to 0",
    G11_K="stationary point of (G10), K",
    G11_negativity="negativity there",
    machine="variant of the study",
    rate="which rate",
    optimum="what was maximised",
)
def compute(work: Work) -> xr.Dataset:
    points = work.points("appendix_g")
    best = {name: one_of(points, variant=name) for name in (TWO, INVERTED, UPPER_TWO, LOWER_TWO)}
    work.progress("closed forms", 0.8)
    concurrent = work.points("appendix_g_concurrence")[0]
    qubits = best[TWO]
    printed = np.asarray(two_qubits(*map(float, PRINTED_G2)).state())
    strong = np.asarray(two_qubits(INVERTED_G, 1.0, 1.0, -0.0).state())
    off_diagonal, at_g7, at_g11 = _g6_of_largest_coherence(), _g7(), _g11()
    return xr.Dataset(
        {
            **{f"off {name}": value for name, value in _closed_forms().items()},
            "best": ("machine", [p["value"] for p in best.values()]),
            "purity": ("machine", [_purity(_rho(p)) for p in best.values()]),
            "qubits": ("rate", [qubits["parameters"]["g"], qubits["parameters"]["p_a"]]),
            "concurrent": ("rate", [concurrent["parameters"][name] for name in ("g", "p_a")]),
            "concurrence": (
                "optimum",
                [float(jaxent.concurrence(_rho(qubits))), concurrent["value"]],
            ),
            "printed G2": float(jaxent.negativity(printed)),
            "inverted": float(jaxent.negativity(strong)),
            "inverted purity": _purity(strong),
            "G7 ratio": _ratio(best[UPPER_TWO], "p_a", "g2"),
            "beyond": float(np.max(jaxent.negativity(_equal_rates(np.geomspace(1.0, 100, 50))))),
            "below": float(np.min(jaxent.negativity(_equal_rates(np.geomspace(1e-3, 0.999, 50))))),
            "best G4": minimize_scalar(lambda g: -equations.negativity_g4(g, 1.0), (0.1, 0.5)).x,
            **off_diagonal,
            **at_g7,
            **at_g11,
        },
        {"machine": list(best), "rate": ["g", "p_a"], "optimum": ["negativity", "concurrence"]},
    )  # fmt: skip


def _rho(point: dict[str, Any]) -> np.ndarray:
    return np.array(point["rho"]["re"]) + 1j * np.array(point["rho"]["im"])


def _ratio(point: dict[str, Any], one: str, other: str) -> float:
    return point["parameters"][one] / point["parameters"][other]


def _purity(rho: np.ndarray) -> float:
    return float(np.trace(rho @ rho).real)


def _equal_rates(g: np.ndarray) -> Any:
    """G.2 with p_A = p_B = 1."""
    return two_qubits(g, 1.0, 1.0, -0.0).state()


def _closed_forms() -> dict[str, float]:
    """How far each closed form is off at most."""
    off: dict[str, list[float]] = {}
    for a, b, c in RATES:
        hot, inverted = two_qubits(a, b, c).state(), two_qubits(a, b, c, -0.0).state()
        upper, lower = with_qutrit(a, b, c, False), with_qutrit(a, b, c, True)
        equal = float(jaxent.negativity(two_qubits(a, c, c, -0.0).state()))
        pairs = {
            "G1": (hot, equations.state_g1(a, b, c)),
            "G3": (inverted, equations.state_g3(a, b, c)),
            "G4": (equal, equations.negativity_g4(a, c)),
            "G6": (upper, equations.state_g6(a, b, c)),
            "G8": (lower, equations.state_g8(a, b, c)),
            "G9": (float(jaxent.negativity(lower)), equations.negativity_g9(a, b, c)),
        }
        for name, (found, exact) in pairs.items():
            off.setdefault(name, []).append(float(np.abs(np.asarray(found) - exact).max()))
    weak = [with_qutrit(1e-4, 1.0, k * 1e-4, True, 1e-11) for k in (0.5, 3.3, 20.0)]
    forms = [equations.negativity_g10(k) for k in (0.5, 3.3, 20.0)]
    found = np.asarray(jaxent.negativity(np.array(weak)))
    return {name: max(values) for name, values in off.items()} | {
        "G10": float(abs(found - forms).max())
    }


def _g6_of_largest_coherence() -> dict[str, float]:
    """p_A below (G6) against the best one, and its state for g_2 -> 0."""
    g_1, g_2 = 0.8, 0.3
    printed = 2 * 2**0.5 * g_1 * g_2 / np.hypot(g_1, 2**0.5 * g_2)

    def coherence(log: float) -> float:
        return abs(equations.state_g6(g_1, g_2, np.exp(log))[1, 2])

    found = np.exp(minimize_scalar(lambda log: -coherence(log), (-2.0, 0.0), tol=1e-12).x)
    rho = with_qutrit(1.0, 1e-4, 2 * 2**0.5 * 1e-4, False, 1e-11)
    return {
        "best p_A": found / printed,
        "G6 negativity": float(jaxent.negativity(rho)),
        "G6 purity": _purity(rho),
    }


def _g7() -> dict[str, float]:
    """(G6) at the printed rates, and where its negativity is the largest for g_2 -> 0."""
    rho = equations.state_g6(*map(float, PRINTED_G7))
    exact = with_qutrit(1.0, 1e-5, (8 + 8 * 2**0.5) ** 0.5 * 1e-5, False, 1e-13)
    return {
        "G7 negativity": float(jaxent.negativity(rho)),
        "G7 limit": float(jaxent.negativity(exact)),
    }


def _g11() -> dict[str, float]:
    """The first stationary point of (G10) for K > 0."""
    return {
        "G11 K": float(equations.stationary_g10()[0]),
        "G11 negativity": float(equations.negativity_g10(K)),
    }


def claims(data: xr.Dataset) -> list[Claim]:
    two, inverted, upper, lower = (
        float(data.best.sel(machine=name)) for name in (TWO, INVERTED, UPPER_TWO, LOWER_TWO)
    )
    pure_upper = float(data.purity.sel(machine=UPPER_TWO))
    g, p_a = data.qubits.values
    off = {str(name)[4:]: float(data[name]) for name in data if str(name).startswith("off ")}
    other = data.concurrent.values
    C = data.concurrence.values
    printed_g, printed_p_A, printed_p_B = PRINTED_G2
    _, printed_g_2, printed_p = PRINTED_G7
    root, seventeen = float(data["G6 negativity"]), float(data["G6 purity"])
    limit = "as p_B and the smaller coupling vanish"
    return [
        fact("Eq. (G1)", "steady state of two qubits", off["G1"] < 1e-12,
             f"off by {off['G1']:.0e}", "as printed"),
        number("Eq. (G2)", "largest negativity of two qubits", "0.004", two),
        number("Eq. (G2)", "negativity at the printed rates", "0.004", float(data["printed G2"])),
        quotient("Eq. (G2)", "g/p_B there", printed_g, printed_p_B, g),
        quotient("Eq. (G2)", "p_A/p_B there", printed_p_A, printed_p_B, p_a),
        fact("App. G.1", "the best state for the concurrence is another one",
             C[0] < C[1] - 1e-4 and abs(other[0] - g) > 0.01,
             f"concurrence {C[1]:.5f} at (g, p_A)/p_B = ({other[0]:.4f}, {other[1]:.4f}), "
             f"{C[0]:.5f} at ({g:.4f}, {p_a:.4f}), the best for the negativity",
             "other values"),
        fact("Eq. (G3)", "steady state with inversion", off["G3"] < 1e-12,
             f"off by {off['G3']:.0e}", "as printed"),
        fact("Eq. (G4)", "its negativity for p_A = p_B", off["G4"] < 1e-12,
             f"off by {off['G4']:.0e}", "as printed"),
        fact("App. G.2", "entangled for g < p_B = p_A alone",
             bool(data.beyond < 1e-15 < data.below),
             f"N ≥ {float(data.below):.1e} for g/p_B from 0.001 to 0.999, "
             f"≤ {float(data.beyond):.0e} from 1 to 100", "g < p_B"),
        fact("App. G.2", "g/p_B of the largest (G4)",
             abs(float(data["best G4"]) - INVERTED_G) < 1e-6,
             f"{float(data['best G4']):.6f}, {float(data['best G4']) - INVERTED_G:+.0e} on it",
             "1/(1 + √3)"),
        number("App. G.2", "largest negativity with inversion", "0.092", inverted),
        fact("App. G.2", "negativity there, p_A = p_B", abs(float(data["inverted"]) - HALF) < 1e-12,
             f"{float(data['inverted']):.9f}", "(√3 − 1)/8"),
        number("App. G.2", "its purity", "0.758", float(data["inverted purity"])),
        fact("App. G.2", "the search over all rates ends at p_A = p_B", abs(inverted - HALF) < 1e-9,
             f"N differs from (√3 − 1)/8 by {abs(inverted - HALF):.0e}", "p_A = p_B"),
        fact("App. G.2", "a significant improvement by inversion", inverted > 10 * two,
             f"{inverted / two:.1f} times the negativity without", "“significant”"),
        fact("Eq. (G6)", "state of a qubit and a hot qutrit", off["G6"] < 1e-6,
             f"off by {off['G6']:.0e} at p_B = {SLOW:g}", "as printed"),
        fact("App. G.3", "the p_A of the largest coherence",
             abs(float(data["best p_A"]) - 1) < 1e-6,
             f"{float(data['best p_A']) - 1:+.0e} of it on the printed one", "as printed"),
        number("App. G.3", "negativity there for g_2 → 0", "0.092", root,
               note=f"(√3 − 1)/8 to {abs(root - HALF):.0e}"),
        fact("App. G.3", "its purity", abs(seventeen - 17 / 32) < 1e-6, f"{seventeen:.6f}",
             "17/32"),
        fact("App. G.3", "the same negativity as with two qubits, much more mixed",
             abs(float(data["G6 negativity"]) - inverted) < 1e-6
             and float(data["G6 purity"]) < float(data["inverted purity"]) - 0.2,
             f"purity {float(data['G6 purity']):.4f} and {float(data['inverted purity']):.4f}",
             "the same N"),
        number("Eq. (G7)", "largest negativity", "0.104", upper, note=limit),
        number("Eq. (G7)", "negativity at the printed rates", "0.104",
               float(data["G7 negativity"])),
        quotient("Eq. (G7)", "p_A/g_2 there", printed_p, printed_g_2, float(data["G7 ratio"])),
        number("Eq. (G7)", "purity of the best state", "0.6875", pure_upper, note=limit),
        new("Eq. (G7)", "largest negativity, exactly (√2 − 1)/4", float(data["G7 limit"]),
            "(G6) at p_A = √(8 + 8√2) g_2, g_2 → 0, where its derivative vanishes; the search over "
            f"all rates finds {upper - float(data['G7 limit']):+.0e} on it",
            exact=(2**0.5 - 1) / 4, within=1e-8, holds=upper < (2**0.5 - 1) / 4 + 1e-9, digits=8),
        fact("Eq. (G8)", "state of an inverted qubit and a cold qutrit, T_A = 0−, T_B = 0",
             off["G8"] < 1e-6, f"off by {off['G8']:.0e} at p_B = {SLOW:g}", "as printed"),
        fact("Eq. (G9)", "its negativity", off["G9"] < 1e-6, f"off by {off['G9']:.0e}",
             "as printed"),
        fact("Eq. (G10)", "its negativity for p_A = K g_1, g_1 → 0", off["G10"] < 1e-6,
             f"off by {off['G10']:.0e} at g_1 = 1e-4 g_2", "as printed"),
        fact("before (G11)", "the best K", abs(float(data["G11 K"]) / K - 1) < 1e-3,
             f"{float(data['G11 K']):.4f} on a grid, √(6 + 2√6) = {K:.4f}", "√(6 + 2√6)"),
        number("Eq. (G11)", "1/(2 + 2√6)", "0.145", float(data["G11 negativity"])),
        number("App. G.4", "largest negativity of (G8)", "0.145", lower, note=limit),
    ]  # fmt: skip
