"""A strong symmetry with two steady states, and noise that leaves one.

Random machines of all kinds of baths in units of g: chi from 1e-3 to 5e-2, T from 0.16 to 6.3,
noise from 1e-5 to 1e-2, and Lamb shifts of the order of g. Their states, which know of no Lamb
shift, are compared with the master equations (13) and (28) written out.
"""

from typing import Any

import numpy as np
import xarray as xr
from scipy.linalg import expm

import jaxent
from experiments.labels import labelled
from experiments.longstaff2025 import equations as paper
from experiments.longstaff2025.machines import (
    EACH_KIND,
    Baths,
    bell,
    each,
    gammas,
    mean_local,
    pair,
    qubits,
    samples,
    states,
)
from experiments.master_equation import (
    SIGMA_Z,
    correlations,
    dissipator,
    largest,
    steady_state,
)
from experiments.studies import fixed
from jaxent.app.claims import Claim, fact
from jaxent.app.work import Work

COUNT = 6
FILTERS = 300
SHIFTS = ((0.3, 0.1), (-0.2, 0.25))
BATHS = [f"bath_{k}.{what}" for k in (1, 2) for what in ("statistics", "chi", "temperature")]
*FIRST, MU = fixed("longstaff2025", "filtered", *BATHS, "mu")
FILTERED = pair(*((one, other) for one, other in zip(FIRST[:3], FIRST[3:], strict=True)))
"""The machine that filters are tried on, and its weight MU."""


@labelled(
    off_steady="largest entry of L applied to (19)",
    off_conserved="largest entry of the projectors' change",
    off_strong="largest entry of the commutator with the strong symmetry",
    zeros="number of zero eigenvalues",
    off_23="largest difference from (23)",
    off_noisy="largest difference from the master equation with noise",
    off_36="largest difference from (36) to (40)",
    off_41="largest difference from (41)",
    off_weak="largest entry of the commutator with the weak symmetry",
    broken="commutator with the strong symmetry over the fastest dephasing",
    off_15="largest difference from (15)",
    off_16="largest difference from (16)",
    off_jumps="largest entry of the jumps' commutators with the parity",
    off_17="largest difference from (17) [g]",
    off_18="largest difference from (18)",
    off_28="largest difference between the averaged noise and (28)",
    gain_of_filters="largest gain of B by random filters",
    nullity="number of steady states",
    off_filtered="largest difference of a filtered B from the unfiltered one",
    filtered="CHSH value of the unfiltered state",
    efficiency="heralding efficiency",
    noise="none or some",
)
def compute(work: Work) -> xr.Dataset:
    work.progress("random machines", 0.0)
    rng = np.random.default_rng(0)
    rows, gains = [], []
    for baths, noise in samples(COUNT):
        starts = random_states(rng, COUNT)
        mu = np.trace(paper.PLUS @ starts, axis1=-2, axis2=-1).real
        ended, noisy = states(baths, mu=mu), states(baths, **noise)
        for k, (one, given) in enumerate(each(baths, **noise)):
            rows.append(without_noise(one, starts[k], ended[k]) | with_noise(one, given, noisy[k]))
        gains += [gain_of_filters(rho, rng) for rho in (*ended, *noisy)]
    work.progress("structure", 0.1)
    points = work.points("filtered")
    return xr.Dataset(
        {name: ("machine", [row[name] for row in rows]) for name in rows[0]}
        | structure()
        | {
            "gain_of_filters": max(gains),
            "nullity": ("noise", [nullity(mu=0.3), nullity(gamma_local_2=1e-4)]),
            "off_filtered": max(abs(p["value"] - float(bell(FILTERED, mu=MU))) for p in points),
            "filtered": float(bell(FILTERED, mu=MU)),
        },
        {"efficiency": [point["efficiency"] for point in points], "noise": ["none", "some"]},
    )


def random_states(rng: np.random.Generator, count: int) -> np.ndarray:
    """Two-qubit states, mixed and without any symmetry."""
    roots = rng.normal(size=(count, 4, 4)) + 1j * rng.normal(size=(count, 4, 4))
    rho = roots @ roots.conj().swapaxes(-1, -2)
    return rho / np.trace(rho, axis1=-2, axis2=-1)[:, None, None]


def commutator(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return one @ other - other @ one


def without_noise(baths: Baths, start: np.ndarray, ended: np.ndarray) -> dict[str, float]:
    """(18)-(23) for one machine and one initial state."""
    full = paper.liouvillian(1.0, baths, shifts=SHIFTS)
    plus, minus = paper.steady_states(*paper.gammas(baths, 1.0))
    values = np.linalg.eigvals(full)
    zero = np.abs(values) < 1e-13
    return {
        "off_steady": largest(full @ plus.reshape(16), full @ minus.reshape(16)),
        "off_conserved": largest(*(P.reshape(16) @ full for P in (paper.PLUS, paper.MINUS))),
        "off_strong": largest(commutator(full, np.kron(paper.X, np.eye(4)))),
        "zeros": int(zero.sum()),
        "off_23": largest(paper.projected(full, start) - ended),
    }


def with_noise(baths: Baths, noise: dict[str, float], rho: np.ndarray) -> dict[str, float]:
    """(28) and (36)-(41) for one machine."""
    gamma_c, gamma_l = noise["gamma_collective"], mean_local(noise)
    local = noise["gamma_local_1"], noise["gamma_local_2"]
    full = paper.liouvillian(1.0, baths, gamma_c, local, SHIFTS)
    exact = paper.noisy_state(*gammas(baths), gamma_c, gamma_l)
    kets = paper.PHI_PLUS, paper.PSI_PLUS, paper.PHI_MINUS, paper.PSI_MINUS
    up_a, up_b, down_a, down_b = (ket @ rho.real @ ket for ket in kets)
    a, d, b, c = (up_a + down_a) / 2, (up_a - down_a) / 2, (up_b + down_b) / 2, (up_b - down_b) / 2
    printed = 4 * np.array([(a - b) ** 2, *sorted([(c + d) ** 2, (c - d) ** 2])])
    T = correlations(rho)
    return {
        "off_noisy": largest(rho - steady_state(full)),
        "off_36": largest(rho - exact),
        "off_41": largest(np.linalg.eigvalsh(T.T @ T) - printed),
        "off_weak": largest(commutator(full, np.kron(paper.X, paper.X))),
        "broken": largest(commutator(full, np.kron(paper.X, np.eye(4)))) / max(gamma_c, *local),
    }


def gain_of_filters(rho: np.ndarray, rng: np.random.Generator) -> float:
    """By how much random local filters bring B beyond the larger of 2 and what it was."""
    count = FILTERS
    size = 10 ** rng.uniform(-2, 1, (2, count, 1, 1))
    noise = rng.normal(size=(2, count, 2, 2)) + 1j * rng.normal(size=(2, count, 2, 2))
    A, B = np.eye(2) + size * noise
    both = np.einsum("kab,kcd->kacbd", A, B).reshape(count, 4, 4)
    passed = both @ rho @ both.conj().swapaxes(-1, -2)
    passed = passed / np.trace(passed, axis1=-2, axis2=-1)[:, None, None]
    return float(np.max(jaxent.chsh(passed)) - max(2.0, jaxent.chsh(rho)))


def nullity(**rest: Any) -> int:
    """How many steady states a machine has, counted exactly."""
    machine = qubits(pair(("spin", "boson"), (0.01, 0.02), (0.3, 0.7)), **rest)
    return machine.diagnose(np.eye(4) / 4).nullity


def structure() -> dict[str, float]:
    """What holds whatever the rates: (15)-(18), (28), (31)."""
    down = np.outer(paper.PSI_PLUS, paper.PHI_PLUS), np.outer(paper.PHI_MINUS, paper.PSI_MINUS)
    jumps = [paper.jump(beta, 1.0, 1.0) for beta in (0, 1)]
    signs = {1: (paper.PHI_PLUS, paper.PSI_PLUS), -1: (paper.PHI_MINUS, paper.PSI_MINUS)}
    odd = [paper.X @ ket - sign * ket for sign, kets in signs.items() for ket in kets]
    off_17 = []
    for kinds in EACH_KIND:
        baths = pair(kinds, (0.01, 0.02), (0.3, 1.7))
        for beta, bath in enumerate(baths, start=1):
            rates = np.array(qubits(baths, mu=1.0).rates(beta))
            off_17.append(rates - paper.rates(bath, 1.0))
    z_1, z_2 = paper.on_both(SIGMA_Z)
    return {
        "off_15": largest(jumps[0] - (down[0] - down[1])),
        "off_16": largest(jumps[1] - (down[0] + down[1])),
        "off_jumps": largest(*(commutator(paper.X, A) for jump in jumps for A in (jump, jump.T))),
        "off_17": largest(*off_17),
        "off_18": largest(*odd),
        "off_28": largest(*(averaged(z) - expm(0.3 * dissipator(z)) for z in (z_1 + z_2, z_2))),
    }


def averaged(z: np.ndarray) -> np.ndarray:
    """The map of the noise eta(t) z in (27), averaged, where gamma t = 0.3."""
    # The integral of white noise over the time t is Gaussian with variance gamma t.
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    turns = [expm(-1j * np.sqrt(0.3) * node * z) for node in nodes]
    maps = [np.kron(turn, turn.conj()) for turn in turns]
    return np.einsum("k,kij->ij", weights / weights.sum(), maps)


def claims(data: xr.Dataset) -> list[Claim]:
    most = {name: float(np.max(data[name])) for name in data.data_vars}
    machines = data.sizes["machine"]

    def exact(source: str, statement: str, names: str, claimed: str = "as printed") -> Claim:
        off = [most[name] for name in names.split()]
        computed = "off by " + " and ".join(f"{value:.0e}" for value in off)
        return fact(source, statement, max(off) < 1e-11, computed, claimed)

    return [
        exact("Eqs. (15), (16), (31)", "jump operators, from their definition", "off_15 off_16"),
        exact("Eq. (17)", "rates of baths of spins and of bosons", "off_17"),
        exact("Eq. (18)", "parities of the Bell states", "off_18",
              "X∣φ_±⟩ = ±∣φ_±⟩, X∣ψ_±⟩ = ±∣ψ_±⟩"),
        exact("Sec. 3", "the parity commutes with each jump, and the Liouvillian with X from the "
              f"left, in {machines} machines with Lamb shifts", "off_jumps off_strong",
              "[X, A_β(ω)] = 0"),
        exact("Eqs. (19)-(21)", "both steady states", "off_steady", "L[r_±] = 0"),
        exact("Sec. 3", "the projectors on the parities are conserved", "off_conserved",
              "L†[Π_±] = 0"),
        fact("Sec. 3", "without noise there are two steady states, with noise one",
             list(data.nullity.values) == [2, 1] and set(data.zeros.values) == {2},
             f"{data.nullity.values[0]} and {data.nullity.values[1]}, counted exactly; two zero "
             f"eigenvalues in each of {machines} machines", "r_+ and r_−; ρ_∞"),
        exact("Eq. (23)", "where random initial states end", "off_23", "μ r_+ + (1 − μ) r_−"),
        exact("Sec. 2", "Lamb shifts do not matter: states without them against the master "
              "equation with them, noiseless and noisy", "off_23 off_noisy",
              "[X, H_LS] = 0"),
        exact("Eqs. (27), (28)", "the average over white noise is the dissipator, collective and "
              "local", "off_28"),
        fact("Sec. 5", "noise breaks the strong symmetry and leaves the weak one",
             most["off_weak"] < 1e-13 and data.broken.values.min() > 0.1,
             f"[L, X·X] is {most['off_weak']:.0e}; [L, X·] is at least "
             f"{data.broken.values.min():.2g} of the fastest dephasing",
             "a weak symmetry in place of a strong one"),
        exact("Eqs. (36)-(40)", "the steady state with noise", "off_36"),
        exact("Eq. (41)", "eigenvalues of TᵀT, λ_3 being the smallest", "off_41"),
        fact("Sec. 6", "local filters do not improve the Bell nonlocality",
             max(most["gain_of_filters"], most["off_filtered"]) < 1e-9,
             "at efficiencies of " + ", ".join(f"{p:g}" for p in data.efficiency.values)
             + f" a search finds {most['filtered']:.6f}, the unfiltered B, to "
             f"{most['off_filtered']:.0e}; {FILTERS} random filters on each of {2 * machines} "
             "states: B beyond max(2, unfiltered B) by at most "
             f"{most['gain_of_filters']:.0e}", "“could not be improved”",
             note="a state with B < 2 can be filtered to a product state, with B = 2"),
    ]  # fmt: skip
