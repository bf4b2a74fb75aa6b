"""Formulas that fail as printed, those that hold, and statements that hold in part of the range.

The formulas are compared with the states and heat flows of random machines: bosonic baths, either
of them the hotter one, detuning, g and rates over two decades. For what the text says of Figs. 2 to
4, T_c = 0.1, g = 1.6e-3, gamma_h = 1e-3, gamma_c = 1.1e-2 in units of the hot gap. What it says of
the thermal state is with Fig. 6.
"""

from typing import Any

import numpy as np
import xarray as xr
from scipy.optimize import brentq

import jaxent
from experiments.khandelwal2020 import equations as paper
from experiments.khandelwal2020.machines import (
    COLD,
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
from experiments.labels import labelled
from experiments.master_equation import dissipator, largest
from jaxent.app.claims import Claim, fact, misprint
from jaxent.app.work import Work

FEW, MANY = 200, 4000
LOG_HOT = np.linspace(np.log(0.11), np.log(50.0), 1201)
RISING = {"J": heat_current, "N": negativity, "J/J_c": over_critical}
# delta of what is said of T_h, and of kappa_max.
DETUNED = np.array([0.0, 0.01])
WIDE = np.array([0.01, 0.02, 0.05, 0.1])
UPHILL = -0.05, 0.103
"""delta, T_h."""


@labelled(
    off="largest difference from the solved master equation",
    misjudged="share of machines that a witness gets wrong",
    top="hot temperature up to which a quantity rises [eps_h]",
    recovered="share of the resonant value that the best tunnelling recovers",
    entangled_up_to="hot temperature at which entanglement ends [eps_h]",
    uphill_current="heat current against both gaps' bias [eps_h^2]",
    uphill_entropy="entropy production there [eps_h]",
    formula="formula of the paper",
    witness="witness of entanglement",
    rising="quantity that is said to rise",
    detuned="detuning, delta [eps_h]",
    wide="detuning, delta [eps_h]",
    quantity="heat current or negativity",
)
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
    uphill = jaxent.thermodynamics(engine(UPHILL[0], hot=UPHILL[1]))
    return xr.Dataset(
        {
            "off": ("formula", list(off.values())),
            "misjudged": ("witness", list(misjudged.values())),
            "top": (("rising", "detuned"), np.exp(tops)),
            "recovered": (("quantity", "wide"), recovered),
            "entangled_up_to": brentq(lambda T: float(signed_negativity(engine(hot=T))), 5.0, 20.0),
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
        "(7)": largest(populations - paper.populations(g, hot, cold, delta)),
        "(8)": largest(coherence - paper.coherence(g, hot, cold, delta)),
        "first law": largest(to_hot + to_cold),
        "first law, printed": largest(printed_hot + printed_cold),
        "(11)": largest(to_hot - to_cold - current),
        "(11), printed": largest(printed_hot - printed_cold - current),
        "(13)": largest(current * per_current - coherence),
        "(17)": largest(
            paper.explicit_negativity(g, hot, cold, delta) - signed_negativity(machine)
        ),
        **_drift(g, hot, cold, energies, rho),
    }


def _drift(
    g: Any, hot: paper.Rates, cold: paper.Rates, energies: Any, rho: Any
) -> dict[str, float]:
    """Of (28) and (30)."""
    off = []
    for k, own in enumerate(rho):
        of_hot, of_cold = (paper.Rates(bath.gain[k], bath.loss[k]) for bath in (hot, cold))
        full = paper.local_liouvillian(g[k], of_hot, of_cold, energies[0][k], energies[1][k])
        matrix, inhomogeneous = paper.drift(full)
        p = own[::-1, ::-1].reshape(16)[:15]
        off.append(-np.linalg.solve(matrix, inhomogeneous) - p)
    return {"(28), (30)": largest(np.array(off))}


def limits() -> dict[str, float]:
    """How far states without coupling are from thermal ones, and coherences from imaginary ones."""
    hot, cold = bosons(0.3, 0.7), bosons(1.1, 0.2)
    decoupled = state(jaxent.TwoQubit(0.0, hot, cold, E_b=1.2))
    qubits = [np.exp(-np.array([0.0, gap])) for gap in (1 / 0.7, 1.2 / 0.2)]
    product = np.diag(np.kron(*(weights / weights.sum() for weights in qubits)))
    resonant = state(jaxent.TwoQubit(np.geomspace(0.01, 10, 50), hot, cold))
    return {"g = 0": largest(decoupled - product), "δ = 0": largest(resonant[:, 1, 2].real)}


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
        "(23)": largest(populations - paper.global_populations(hot, cold)),
        "(24)": largest(rho[:, 2, 1] - paper.global_coherence(hot, cold)),
        "(25)": largest(np.array(flows[True]) - current),
        "(25), printed": largest(np.array(flows[False]) - current),
        "(26)": largest(negative),
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
    return {"(34)": largest(np.array(states)), "(35)": largest(np.array(values))}


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


def _share(said: np.ndarray, true: np.ndarray) -> float:
    return float(np.mean(said != true))


def claims(data: xr.Dataset) -> list[Claim]:
    off, wrong = data.off.to_series(), data.misjudged.to_series()
    top = data.top.to_pandas()
    recovered = data.recovered.to_pandas()

    def holds(source: str, what: str, *formulas: str) -> Claim:
        most = max(off[formula] for formula in formulas)
        return fact(source, what, most < 1e-12,
                    f"off by at most {most:.0e}, {FEW} random machines",
                    "as printed")  # fmt: skip

    def rises(source: str, name: str, because: str) -> Claim:
        until = top.loc[name]
        hottest = 0.98 * np.exp(LOG_HOT[-1])
        return fact(source, f"{name} increases with T_h", bool((until > hottest).all()),
                    "up to " + ", ".join(f"T_h = {T:.3f} at δ = {d:g}" for d, T in until.items()),
                    "a rise with T_h", because=because)  # fmt: skip

    end = float(data.entangled_up_to)
    over = recovered.loc["J"]
    under = recovered.loc["N"]

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
        holds("Eqs. (28), (30)", "the steady state is −M⁻¹b", "(28), (30)"),
        holds("Eqs. (6)–(9)", "populations and coherence", "(7)", "(8)"),
        holds("Eqs. (11)–(13)", "J, and coherence from J", "(11)", "(13)"),
        holds("Eqs. (16), (17)", "negativity from the rates", "(17)"),
        holds("Eqs. (22)–(24)", "populations and coherence of strong coupling", "(23)", "(24)"),
        holds("Eqs. (25), (26)", "J and N of strong coupling", "(25)", "(26)"),
        holds("Eqs. (34), (35)", "the thermal state and its negativity", "(34)", "(35)"),
        fact("Sec. 2", "without g the qubits are thermal and c = 0; without δ c is imaginary",
             max(off["g = 0"], off["δ = 0"]) < 1e-12,
             f"to {off['g = 0']:.0e} and {off['δ = 0']:.0e}", "c = 0; Re c = 0"),
        fact("Sec. 4.1, App. A.2", "r₂r₃ ≥ |c|²: one eigenvalue alone can be negative",
             off["r₂r₃ < |c|²"] == 0, f"at each of {FEW} random machines", "r₂r₃ ≥ |c|²"),
        rises("Sec. 3", "J", "beyond, the hot bath's rate Γ_h ∝ T_h overdamps the exchange: "
              "J falls as 1/T_h"),
        rises("Sec. 4", "N", f"beyond, it falls, and at δ = 0 vanishes at T_h = {end:.2f}"),
        rises("Sec. 4.1", "J/J_c", "beyond, it falls, "
              f"at δ = 0 to 1 at T_h = {end:.2f}"),
        fact("Sec. 5", "at κ_max J is what it is at δ = κ = 0", bool((abs(over - 1) < 0.01).all()),
             ", ".join(f"{share:.2%} at δ = {d:g}" for d, share in over.items()),
             "“the same values”"),
        fact("Sec. 5", "at κ_max N is what it is at δ = κ = 0",
             bool((abs(under - 1) < 0.01).all()),
             ", ".join(f"{share:.2%} at δ = {d:g}" for d, share in under.items()),
             "“the same values”",
             because=f"to 1 % at the δ = {WIDE[0]:g} of Fig. 4 alone; the loss grows about as δ, "
             f"from {1 - under.iloc[0]:.2%} to {1 - under.iloc[-1]:.2%} for "
             f"{WIDE[-1] / WIDE[0]:g} times the detuning"),
        fact("Sec. 3", "with T_h > T_c heat flows from the hot bath to the cold one",
             float(data.uphill_current) > 0,
             f"δ = {UPHILL[0]:g}, T_h = {UPHILL[1]:g}, T_c = {COLD:g}: J = "
             f"{float(data.uphill_current):.2g}, entropy "
             f"production {float(data.uphill_entropy):.2g}", "J > 0",
             because="it does where T_h/T_c > ε_h/ε_c; at less, the local master equation of "
             "detuned qubits violates the second law"),
    ]  # fmt: skip
