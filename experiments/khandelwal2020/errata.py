"""Formulas that fail as printed, those that hold, and statements that hold in part of the range.

The formulas are compared with the states and heat flows of random machines: bosonic baths, either
of them the hotter one, detuning, g and rates over two decades. For what the text says of Figs. 2 to
4, T_c = 0.1, g = 1.6e-3, gamma_h = 1e-3, gamma_c = 1.1e-2 in units of the hot gap. What it says of
the thermal state is with Fig. 6.
"""

from typing import Any

import numpy as np
import xarray as xr

import jaxent
from experiments.khandelwal2020 import equations as paper
from experiments.khandelwal2020.machines import (
    bosons,
    engine,
    heat_current,
    heat_flows,
    negativity,
    over_critical,
    peak,
    random_engines,
    rates,
    signed_negativity,
    state,
    strong,
)
from experiments.master_equation import dissipator
from jaxent.app.claims import Claim, fact, misprint
from jaxent.app.reproduce import Work

FEW, MANY = 200, 4000
LOG_HOT = np.linspace(np.log(0.11), np.log(50.0), 1201)
RISING = {"J": heat_current, "N": negativity, "J/J_c": over_critical}
# delta of what is said of T_h, and of kappa_max.
DETUNED = np.array([0.0, 0.01])
WIDE = np.array([0.01, 0.02, 0.05, 0.1])


def compute(work: Work) -> xr.Dataset:
    work.progress("formulas", 0.0)
    off = weak_coupling() | strong_coupling() | equilibrium() | limits()
    work.progress("witnesses", 0.4)
    misjudged = local_witness() | global_witness()
    work.progress("statements", 0.6)
    by_hot = engine(DETUNED[:, None], np.exp(LOG_HOT))
    tops = [[peak(LOG_HOT, row)[0] for row in quantity(by_hot)] for quantity in RISING.values()]
    tunnelling = np.linspace(0.0, 0.3, 601)
    tunnelled = engine(WIDE[:, None], tunnelling=tunnelling)
    recovered = [
        [peak(tunnelling, row)[1] / float(quantity(engine())) for row in quantity(tunnelled)]
        for quantity in (heat_current, negativity)
    ]
    # T_h above T_c, and eps_h/T_h above eps_c/T_c.
    uphill = jaxent.thermodynamics(engine(-0.05, hot=0.103))
    return xr.Dataset(
        {
            "off": ("formula", list(off.values())),
            "misjudged": ("witness", list(misjudged.values())),
            "top": (("rising", "detuned"), np.exp(tops)),
            "recovered": (("quantity", "wide"), recovered),
            "uphill_current": uphill["heat_current"],
            "uphill_entropy": uphill["entropy_production"],
        },
        {
            **{"formula": list(off), "witness": list(misjudged), "rising": list(RISING)},
            **{"detuned": DETUNED, "wide": WIDE, "quantity": ["J", "N"]},
        },
    )


def weak_coupling() -> dict[str, float]:
    """How far formulas of Secs. 2 to 4 and App. A are from what random machines do."""
    machine = random_engines(FEW)
    rho, (hot, cold) = state(machine), rates(machine)
    g, *energies = (np.asarray(x) for x in (machine.g, machine.E_a, machine.E_b))
    delta = energies[1] - energies[0]
    to_hot, to_cold = heat_flows(machine)
    printed_hot, printed_cold = heat_flows(machine, interaction=False)
    current, coherence = paper.heat_current(g, hot, cold, *energies), rho[:, 2, 1]
    weight = energies[0] * cold.total + energies[1] * hot.total
    per_current = (1j * (hot.total + cold.total) - 2 * delta) / (4 * g * weight)
    populations = np.einsum("nii->in", rho).real[::-1]
    inner = populations[1] * populations[2] - abs(coherence) ** 2
    return {
        "r₂r₃ < |c|²": float(np.mean(inner < 0)),
        "(7)": _largest(populations - paper.populations(g, hot, cold, delta)),
        "(8)": _largest(coherence - paper.coherence(g, hot, cold, delta)),
        "first law": _largest(to_hot + to_cold),
        "first law, printed": _largest(printed_hot + printed_cold),
        "(11)": _largest(to_hot - to_cold - current),
        "(11), printed": _largest(printed_hot - printed_cold - current),
        "(13)": _largest(current * per_current - coherence),
        "(17)": _largest(
            paper.explicit_negativity(g, hot, cold, delta) - signed_negativity(machine)
        ),
        **_drift(g, hot, cold, energies, rho),
    }


def _drift(
    g: Any, hot: paper.Rates, cold: paper.Rates, energies: Any, rho: Any
) -> dict[str, float]:
    """Of (29) and (30)."""
    solutions, rows, printed = [], [], []
    for k, own in enumerate(rho):
        of_hot, of_cold = (paper.Rates(bath.gain[k], bath.loss[k]) for bath in (hot, cold))
        full = paper.local_liouvillian(g[k], of_hot, of_cold, energies[0][k], energies[1][k])
        matrix, inhomogeneous = paper.drift(full)
        p = own[::-1, ::-1].reshape(16)[:15]
        solutions.append(-np.linalg.solve(matrix, inhomogeneous) - p)
        row = paper.printed_drift_row(g[k], of_hot, of_cold)
        shifted = np.concatenate([row[:1], [0], row[1:-1]])
        rows.append(matrix[5] - shifted)
        printed.append((row @ p + of_hot.gain) / np.abs(row).max())
        rows.append((shifted @ p + of_hot.gain) / np.abs(row).max())
    return {
        "(28), (30)": _largest(np.array(solutions)),
        "(29)": max(_largest(part) for part in rows),
        "(29), printed": _largest(np.array(printed)),
    }


def limits() -> dict[str, float]:
    """How far states without coupling are from thermal ones, and coherences from imaginary ones."""
    hot, cold = bosons(0.3, 0.7), bosons(1.1, 0.2)
    decoupled = state(jaxent.TwoQubit(0.0, hot, cold, E_b=1.2))
    qubits = [np.exp(-np.array([0.0, gap])) for gap in (1 / 0.7, 1.2 / 0.2)]
    product = np.diag(np.kron(*(weights / weights.sum() for weights in qubits)))
    resonant = state(jaxent.TwoQubit(np.geomspace(0.01, 10, 50), hot, cold))
    return {"g = 0": _largest(decoupled - product), "δ = 0": _largest(resonant[:, 1, 2].real)}


def random_strong(number: int, seed: int = 2025) -> jaxent.TwoQubitGlobal:
    """Strongly coupled machines all over the parameters, with either bath the hotter one."""
    rng = np.random.default_rng(seed)
    hot, cold = 10 ** rng.uniform(-1, 0.7, (2, number))
    return strong(rng.uniform(0.05, 0.95, number), hot, 10 ** rng.uniform(-4, 0, number), cold)


def strong_rates(machine: jaxent.TwoQubitGlobal) -> list[list[paper.Rates]]:
    """Those of the hot and of the cold bath, at E - g and at E + g."""
    return [
        [paper.Rates(*map(np.asarray, pair)) for pair in machine.rates(party)] for party in "ab"
    ]


def strong_coupling() -> dict[str, float]:
    """How far formulas of Sec. 6 are from what random machines do."""
    machine = random_strong(FEW)
    rho, g, (hot, cold) = state(machine), np.asarray(machine.g), strong_rates(machine)
    negative = paper.signed_global_negativity(hot, cold) - signed_negativity(machine)
    flows = {True: [], False: []}
    for k in range(FEW):
        own = [[paper.Rates(at.gain[k], at.loss[k]) for at in bath] for bath in (hot, cold)]
        for interaction, found in flows.items():
            energy = paper.global_hamiltonian(g[k] * interaction, 1.0)
            through = [
                sum(
                    rate * np.trace(energy @ (dissipator(jump) @ rho[k].reshape(16)).reshape(4, 4))
                    for rate, jump in paper.global_jumps(party, bath)
                ).real
                for party, bath in zip(("hot", "cold"), own, strict=True)
            ]
            found.append(through[0] - through[1])
    current = paper.global_heat_current(g, 1.0, hot, cold)
    populations = np.einsum("nii->in", rho).real[::-1]
    return {
        "(23)": _largest(populations - paper.global_populations(hot, cold)),
        "(24)": _largest(rho[:, 2, 1] - paper.global_coherence(hot, cold)),
        "(25)": _largest(np.array(flows[True]) - current),
        "(25), printed": _largest(np.array(flows[False]) - current),
        "(26)": _largest(negative),
    }


def equilibrium() -> dict[str, float]:
    """How far (34) and (35) are from the thermal state."""
    rng = np.random.default_rng(34)
    points = np.column_stack([rng.uniform(0.05, 2.0, FEW), 10 ** rng.uniform(-0.7, 1, FEW)])
    states, values = [], []
    for g, temperature in points:
        machine = jaxent.Thermal(g, temperature=temperature)
        states.append(state(machine) - paper.thermal_state(g, 1.0, temperature))
        values.append(negativity(machine) - paper.thermal_negativity(g, 1.0, temperature))
    return {"(34)": _largest(np.array(states)), "(35)": _largest(np.array(values))}


def local_witness() -> dict[str, float]:
    """The share of machines whose entanglement (18) gets wrong, as printed and with |J|."""
    machine = random_engines(MANY)
    ratio, entangled = over_critical(machine), signed_negativity(machine) > 0
    reversed_ = (ratio < 0) & entangled
    return {
        "(18)": _share(abs(ratio) > 1, entangled),
        "(18), printed, entangled by a reversed current": _share(
            ratio[reversed_] > 1, entangled[reversed_]
        ),
    }


def global_witness() -> dict[str, float]:
    """The same of (27): by its sign, and with a modulus in its denominator alone."""
    machine = random_strong(MANY)
    baths, g = strong_rates(machine), np.asarray(machine.g)
    entangled = signed_negativity(machine) > 0
    current = paper.global_heat_current(g, 1.0, *baths)
    critical = paper.global_critical_heat_current(g, 1.0, *baths)
    printed = paper.global_critical_heat_current(g, 1.0, *baths, printed=True)
    onwards = current > 0
    return {
        "(27)": _share(abs(current) > critical, entangled),
        "(27), printed": _share(current[onwards] > printed[onwards], entangled[onwards]),
        "(27), J without modulus": _share(
            current[~onwards] > critical[~onwards], entangled[~onwards]
        ),
    }


def _largest(difference: np.ndarray) -> float:
    return float(np.max(np.abs(difference)))


def _share(said: np.ndarray, true: np.ndarray) -> float:
    return float(np.mean(said != true))


def claims(data: xr.Dataset) -> list[Claim]:
    off, wrong = data.off.to_series(), data.misjudged.to_series()
    top = data.top.to_pandas()
    recovered = data.recovered.to_pandas()

    def holds(source: str, what: str, *formulas: str) -> Claim:
        largest = max(off[formula] for formula in formulas)
        return fact(source, what, largest < 1e-12,
                    f"off by at most {largest:.0e}, {FEW} random machines")  # fmt: skip

    def rises(source: str, name: str, remark: str) -> Claim:
        until = top.loc[name]
        return fact(source, f"{name} increases with T_h", bool((until > 49).all()),
                    f"up to T_h = {until[0.0]:.3f} at δ = 0, {until[0.01]:.3f} at δ = 0.01",
                    remark=remark)  # fmt: skip

    return [
        misprint("Eq. (10)", "heat flows, and the first law Q_h + Q_c = 0",
                 "H_S + H_int in place of H_S: with H_S alone the law fails by δ times the flux",
                 off_as_printed=off["first law, printed"], off_corrected=off["first law"]),
        misprint("Eqs. (10), (11)", "J = Q_h − Q_c, from which (12) and (13) follow",
                 "with H_S + H_int; (11) itself is right",
                 off_as_printed=off["(11), printed"], off_corrected=off["(11)"]),
        misprint("Eqs. (10), (25)", "J of strong coupling",
                 "with H_S + H_int; (25) itself is right",
                 off_as_printed=off["(25), printed"], off_corrected=off["(25)"]),
        misprint("Eq. (18)", "share of machines entangled by a reversed current that it misses",
                 "|J| > J_c, which is |c| > √(r₁r₄) identically",
                 off_as_printed=wrong["(18), printed, entangled by a reversed current"],
                 off_corrected=wrong["(18)"]),
        misprint("Eq. (27)", "share of machines with J > 0 that the witness gets wrong",
                 "the modulus of its denominator, which is negative: as printed J_c < 0 < J always",
                 off_as_printed=wrong["(27), printed"], off_corrected=wrong["(27)"]),
        misprint("Eq. (27)", "the same with that modulus alone, for machines with J < 0",
                 "|J| > J_c, with the modulus of the current within J_c too",
                 off_as_printed=wrong["(27), J without modulus"], off_corrected=wrong["(27)"]),
        misprint("Eq. (29)", "the row of ρ(10, 10), times the steady state",
                 "in the text as recognised all but the row's first entry are a column too far to "
                 "the left, and there is a row too many; M is L with ρ(00, 00) replaced by the "
                 "trace",
                 off_as_printed=off["(29), printed"], off_corrected=off["(29)"]),
        holds("Eqs. (28), (30)", "the steady state is −M⁻¹b", "(28), (30)"),
        holds("Eqs. (6)–(9)", "populations and coherence", "(7)", "(8)"),
        holds("Eqs. (11)–(13)", "J, and coherence from J", "(11)", "(13)"),
        holds("Eqs. (16), (17)", "negativity from the rates", "(17)"),
        holds("Eqs. (22)–(24)", "populations and coherence of strong coupling", "(23)", "(24)"),
        holds("Eqs. (25), (26)", "J and N of strong coupling", "(25)", "(26)"),
        holds("Eqs. (34), (35)", "the thermal state and its negativity", "(34)", "(35)"),
        fact("Sec. 2", "without g the qubits are thermal and c = 0; without δ c is imaginary",
             max(off["g = 0"], off["δ = 0"]) < 1e-12,
             f"to {off['g = 0']:.0e} and {off['δ = 0']:.0e}"),
        fact("Sec. 4.1, App. A.2", "r₂r₃ ≥ |c|²: one eigenvalue alone can be negative",
             off["r₂r₃ < |c|²"] == 0, f"at each of {FEW} random machines"),
        rises("Sec. 3", "J", "beyond, the hot bath's rate Γ_h ∝ T_h overdamps the exchange: "
              "J falls as 1/T_h"),
        rises("Sec. 4", "N", "beyond, it falls, and vanishes at T_h ≈ 10: see Fig. 3"),
        rises("Sec. 4.1", "J/J_c", "monotonically up to there; beyond, it falls, to 1 at T_h ≈ 10"),
        fact("Sec. 5", "at κ_max J and N are what they are at δ = κ = 0",
             bool((abs(recovered - 1) < 0.01).all().all()),
             "; ".join(f"{name}: " + ", ".join(f"{recovered.loc[name, d]:.2%} at δ = {d:g}"
                                              for d in WIDE) for name in recovered.index),
             remark="to 1 % at the δ = 0.01 of Fig. 4; the loss of N grows about as δ"),
        fact("Sec. 3", "with T_h > T_c heat flows from the hot bath to the cold one",
             float(data.uphill_current) > 0,
             f"δ = −0.05, T_h = 0.103, T_c = 0.1: J = {float(data.uphill_current):.2g}, entropy "
             f"production {float(data.uphill_entropy):.2g}",
             remark="it does where T_h/T_c > ε_h/ε_c; at less, the local master equation of "
             "detuned qubits violates the second law"),
    ]  # fmt: skip
