"""Collective noise that makes a local steady state Bell nonlocal.

T_2 = 0.3 g, chi_1 = 0.005, chi_2 = 0.015, local noise gamma_l = 1e-4 g on each qubit. The paper's
text does not give the intensities of its curves: here gamma_c is 0, 1e-4, 3e-4, 1e-3 and 1e-2 g.
The second column, B against gamma_c at T_1 = 0.3 g, is not in the paper.
"""

from typing import Any

import numpy as np
import xarray as xr

from experiments.labels import labelled
from experiments.longstaff2025 import equations as paper
from experiments.longstaff2025.machines import (
    EACH_KIND,
    KINDS,
    SAME,
    bell,
    gain_of_a_gradient,
    gammas,
    mean_local,
    pair,
    samples,
    states,
)
from experiments.longstaff2025.noise import (
    ENDLESS,
    GAMMA_L,
    NOISY_CHI,
    OF_KINDS,
    T_2,
    baths_of,
    endless_bell,
    hottest,
    hottest_by_30,
    largest_helped,
    largest_local_noise,
    noisy_bell,
    turning_points,
    turning_points_by_29,
)
from experiments.master_equation import SIGMA_Z
from experiments.studies import table
from jaxent.app import style
from jaxent.app.claims import Claim, fact, new
from jaxent.app.work import Work

COLLECTIVE = (0.0, 1e-4, 3e-4, 1e-3, 1e-2)
LOCAL = np.array([1e-4, 5e-4, 2e-3, 5e-3])
NEAR = 1e-4  # how close below 2 the search must come, to have searched at all
NEARLY_ZERO = 1e-2  # as good as T = 0 here


@labelled(
    curves="largest CHSH value, B, against T_1",
    noise="largest CHSH value against collective noise",
    without="largest CHSH value without collective noise",
    hottest="temperature T_1 up to which B > 2 [g]",
    limits="ends up to which noise can be overcome [g]",
    gain="largest gain of B by a gradient",
    at_lowest="smallest CHSH value over collective noise",
    lowest="collective noise of the smallest B, gamma_c [g]",
    even="collective noise at which B is back, gamma_c [g]",
    lowest_29="the first by (29) [g]",
    even_29="the second by (29) [g]",
    off_29="largest difference from (29)",
    off_collective="largest difference from (29) with collective noise alone",
    idle="largest entry of what collective noise does to the state",
    alone="largest CHSH value of random machines under local noise alone",
    agreed="random machines on which (30), (43), (44) and the solution agree",
    helped="random machines in which collective noise gives B > 2",
    machines="number of random machines",
    off_43="largest distance of B from 2 at the root (43)",
    other_root="largest other root over the first",
    best="largest CHSH value over collective noise, by the search",
    best_gamma_c="collective noise of that, gamma_c [g]",
    by_29="the same value by (29)",
    endless="limit of B for endless collective noise",
    before="CHSH value without collective noise",
    at_1e_2="CHSH value at gamma_c = 0.01 g",
    local_alone="largest CHSH value of a search under local noise alone",
    kind="kind of both baths",
    T_1="temperature of bath 1 [g]",
    T_best="temperature of bath 1 [g]",
    c="collective noise, gamma_c [g]",
    gamma_l="local noise, gamma_l [g]",
    gamma_c="collective noise, gamma_c [g]",
    by="as solved or by an equation",
    limit="which end",
)
def compute(work: Work) -> xr.Dataset:
    T_1, gamma_c = np.linspace(0.05, 3.0, 119), np.geomspace(1e-7, 1e-1, 121)
    work.progress("states", 0.0)
    by_collective = np.array(COLLECTIVE)[:, None]
    T = np.linspace(0.1, 3.0, 30)
    planes = [pair(kinds, NOISY_CHI, np.meshgrid(T, T, indexing="ij")) for kinds in EACH_KIND]
    found = {
        "curves": (
            ("kind", "gamma_c", "T_1"),
            [noisy_bell(baths_of(kinds, T_1), by_collective, GAMMA_L) for kinds in SAME],
        ),
        "noise": (
            ("kind", "gamma_l", "c"),
            [noisy_bell(baths_of(kinds), gamma_c, LOCAL[:, None]) for kinds in SAME],
        ),
        "without": (("kind", "gamma_l"), [noisy_bell(baths_of(k), 0.0, LOCAL) for k in SAME]),
        "hottest": (
            ("kind", "gamma_c"),
            [[hottest(kinds, rate) for rate in COLLECTIVE] for kinds in SAME],
        ),
        "limits": (("kind", "limit", "by"), [limits(kinds) for kinds in SAME]),
        "gain": gain_of_a_gradient(np.array([noisy_bell(b, 1e-3, GAMMA_L) for b in planes])),
        **turns(),
        **off_equations(),
        **violations(),
    }
    return xr.Dataset(
        found | searched(work),
        {
            **{"kind": list(KINDS), "T_1": T_1, "c": gamma_c, "gamma_l": LOCAL},
            **{"gamma_c": list(COLLECTIVE), "by": ["solved", "equation"]},
            "limit": ["T_1", "gamma_l", "gamma_l of T = 0", "gamma_l of any gain"],
        },
    )


def limits(kinds: tuple[str, str]) -> list[tuple[float, float]]:
    """How far noise can be overcome, each as solved and by (29) and (30)."""
    hot = hottest(kinds, ENDLESS), hottest_by_30(kinds)
    noise = [largest_local_noise(kinds, T) for T in (T_2, NEARLY_ZERO)]
    return [hot, *noise, largest_helped(kinds)]


def turns() -> dict[str, Any]:
    """Where B(gamma_c) is smallest and where it is back, with B at the first."""
    solved = [turning_points(kinds, LOCAL) for kinds in SAME]
    exact = [turning_points_by_29(kinds, LOCAL) for kinds in SAME]
    pairs = list(zip(SAME, solved, strict=True))
    axes = ("kind", "gamma_l")
    return {
        "at_lowest": (axes, [noisy_bell(baths_of(k), at["lowest"], LOCAL) for k, at in pairs]),
        **{name: (axes, [at[name] for at in solved]) for name in ("lowest", "even")},
        **{f"{name}_29": (axes, [at[name] for at in exact]) for name in ("lowest", "even")},
    }


def searched(work: Work) -> dict[str, Any]:
    """The best collective noise by a search, and the best state under local noise alone."""
    points = work.points("best_collective_noise")
    names = [OF_KINDS[kind] for kind in KINDS]
    T, best = table(points, names, "bath_1.temperature", "value")
    _, chosen = table(points, names, "bath_1.temperature", _collective)
    baths = [baths_of(kinds, T) for kinds in SAME]
    axes = ("kind", "T_best")
    return {
        "best": (axes, best),
        "best_gamma_c": (axes, chosen),
        "by_29": (axes, [paper.bell_noisy(*gammas(b), chosen.max(), GAMMA_L) for b in baths]),
        "endless": (axes, [endless_bell(b, GAMMA_L) for b in baths]),
        "before": (axes, [noisy_bell(b, 0.0, GAMMA_L) for b in baths]),
        "at_1e-2": (axes, [noisy_bell(b, 1e-2, GAMMA_L) for b in baths]),
        "T_best": T,
        "local_alone": work.points("local_noise_alone")[0]["value"],
    }


def _collective(point: dict[str, Any]) -> float:
    return point["parameters"]["gamma_collective"]


def off_equations() -> dict[str, float]:
    """(29), and what it says where one kind of noise is alone; collective noise is idle there."""
    off_29, off_collective, idle, alone = [], [], [], []
    z = sum(paper.on_both(SIGMA_Z))
    for baths, noise in samples(40):
        first, second = gammas(baths)
        gamma_l, gamma_c = mean_local(noise), noise["gamma_collective"]
        off_29.append(bell(baths, **noise) - paper.bell_noisy(first, second, gamma_c, gamma_l))
        limit = 2 * np.sqrt(2) * (first - second) / (first + second)
        off_collective.append(bell(baths, gamma_collective=gamma_c) - limit)
        commutator = z @ (rho := states(baths, gamma_collective=gamma_c)) - rho @ z
        # D(Z) of a Hermitian Z is half a double commutator.
        idle.append((z @ commutator - commutator @ z) / 2)
        alone.append(bell(baths, **noise | {"gamma_collective": 0.0}))
    named = {"off_29": off_29, "off_collective": off_collective, "idle": idle}
    return {name: np.abs(off).max() for name, off in named.items()} | {"alone": np.max(alone)}


def violations() -> dict[str, Any]:
    """Whether B > 2 in random machines where (30), (43) and (44) say so, and the roots of (42)."""
    agreed, helped, off_43, other_root = [], [], 0.0, -np.inf
    for baths, noise in samples(40, seed=1):
        gamma_l = mean_local(noise) / 10
        first, second = gammas(baths)
        holds = paper.excess_30(first, second, gamma_l) > 0
        also = paper.excess_44(first, second, gamma_l) > 0
        R = paper.largest_ratio(first, second, gamma_l)
        solved = noisy_bell(baths, ENDLESS, gamma_l) > 2
        agreed.append((holds == also) & (holds == (R > 0)) & (holds == solved))
        helped.append(holds)
        at_root = noisy_bell(baths, gamma_l / np.where(holds, R, 1.0), gamma_l)[holds]
        off_43 = max(off_43, np.abs(at_root - 2).max())
        # Vieta's product of both roots of the quadratic that (42) makes of B = 2.
        p, q = 4 * gamma_l + first + second, 8 * gamma_l + first + second
        product = (2 * (first - second) ** 2 - q**2) / ((first - second) ** 2 - p**2)
        other_root = max(other_root, (product / R)[holds].max())
    return {
        "agreed": int(np.sum(agreed)),
        "helped": int(np.sum(helped)),
        "machines": int(np.size(helped)),
        "off_43": off_43,
        "other_root": other_root,
    }


def claims(data: xr.Dataset) -> list[Claim]:
    spins, bosons = data.hottest.values
    without, curves = data.curves.sel(gamma_c=0.0), data.curves.values
    limit = {str(name): data.limits.sel(limit=name).values for name in data["limit"].values}
    off_limit = max(np.abs(found[:, 0] / found[:, 1] - 1).max() for found in limit.values())
    lowest, even = data.lowest.values, data.even.values
    off_turn = max(
        np.nanmax(np.abs(lowest / data.lowest_29.values - 1)),
        np.nanmax(np.abs(even / data.even_29.values - 1)),
    )
    dip = 1 - data.at_lowest.values / data.without.values
    best, before, endless = data.best.values, data.before.values, data.endless.values
    share = (data["at_1e-2"].values - before) / (endless - before)
    coldest = float(data.T_best.min())
    found_best = (
        f"T_2 = {T_2} g, γ_l = {GAMMA_L:g} g; "
        "{:.6f} without collective noise, and {:.6f} for γ_c → ∞"
    )
    proof = (
        f"; the search, verified, ends at its bound, γ_c ≥ {data.best_gamma_c.min():.3g} g, where "
        f"(29) gives the same to {np.abs(best - data.by_29.values).max():.0e}: dB/dR of (42) has "
        "the sign of 4γ_l R − Γ_1 − Γ_2, so that B has no maximum at a finite γ_c"
    )
    return [
        fact("Eq. (29)", "B with both kinds of noise: 160 random machines",
             data.off_29.item() < 1e-11, f"off by {data.off_29.item():.0e}", "as printed"),
        fact("Abstract, Sec. 5", "local noise alone leaves the steady state Bell local",
             2 - NEAR < data.local_alone < 2 and data.alone < 2,
             "a search over γ_l ≥ 10⁻⁷ g, χ ≤ 0.05, T ≥ 0.05 g finds "
             f"{data.local_alone.item():.6f}; 160 random machines {data.alone.item():.4f}",
             "B ≤ 2",
             note="(29) is 2(Γ_1 − Γ_2)/(4γ_l + Γ_1 + Γ_2) there"),
        fact("Sec. 5", "with collective noise alone B does not depend on γ_c",
             data.off_collective.item() < 1e-11, f"off by {data.off_collective.item():.0e} for "
             "γ_c from 10⁻⁵ to 10⁻² g", "2√2 (Γ_1 − Γ_2)/(Γ_1 + Γ_2)"),
        fact("Sec. 5", "and does nothing to the steady state", data.idle.item() < 1e-13,
             f"largest entry {data.idle.item():.0e}", "D(σ_z1 + σ_z2)[ρ_∞] = 0"),
        fact("Sec. 5", "a gradient can only degrade B, also with noise", data.gain.item() < 0,
             f"largest B(T_1, T_2) − B(T, T), T the lower of both, is {data.gain.item():.1e} for "
             "γ_c = 10⁻³ g, γ_l = 10⁻⁴ g, T from 0.1 g to 3 g; spins, bosons, one of each",
             "“can only degrade”"),
        fact("Eqs. (30), (44)", "B > 2 for some γ_c where Γ_1 > (3 + 2√2)Γ_2 + 8(1 + √2)γ_l",
             data.agreed.item() == data.machines.item() and 0 < data.helped < data.machines,
             f"in all {data.machines.item()} random machines, in {data.helped.item()} of which "
             "it holds; so does (44)", "as printed"),
        fact("Eq. (43)", "B = 2 at γ_l/γ_c = R_+; the other root R_− is negative",
             data.off_43.item() < 1e-10 and data.other_root.item() < 0,
             f"B is off by {data.off_43.item():.0e}; largest R_− is {data.other_root.item():.2f}",
             "as printed"),
        fact("Sec. 5", "weak coupling constrains γ_l strongly", limit["gamma_l"].max() < 1e-3,
             "B > 2 needs γ_l < {:.2e} g (spins), {:.2e} g (bosons) at T_1 = 0.3 g, whatever "
             "γ_c".format(*limit["gamma_l"][:, 0]), "“strongly constrains”"),
        fact("Fig. 3", "without collective noise the steady state is Bell local at any T_1",
             float(without.max()) < 2, f"largest B is {float(without.max()):.4f}",
             "B < 2"),
        fact("Abstract, Fig. 3", "collective noise turns Bell local into Bell nonlocal",
             spins[0] == bosons[0] == 0 and min(*spins[1:], *bosons[1:]) > 0.3,
             "B > 2 up to T_1 = "
             + ", ".join(f"{s:.3f} g (spins), {b:.3f} g (bosons) at γ_c = {rate:.0e} g"
                         for rate, s, b in zip(COLLECTIVE[1:], spins[1:], bosons[1:], strict=True)),
             "B > 2", note="at γ_c = 0 nowhere"),
        fact("Fig. 3", "B grows along the arrow, at each T_1", np.diff(curves, axis=1).min() > 0,
             f"smallest step between γ_c of 0, 10⁻⁴, 3·10⁻⁴, 10⁻³ and 10⁻² g is "
             f"{np.diff(curves, axis=1).min():.1e}", "“can boost”",
             note=f"from γ_c = {even[0, 0]:.2e} g (spins at T_1 = 0.3 g) on: below that B is "
             f"smaller than without, by at most {dip[0, 0]:.1e} of it"),
        *(
            new("Fig. 3", f"largest B of {name} over γ_c ≤ 0.1 g, T_1 = {coldest:g} g", b[0],
                found_best.format(was[0], end[0]) + (proof if name == "spins" else ""),
                exact=by[0], within=1e-9, holds=bool(was[0] < b[0] < end[0]))
            for name, b, was, end, by in zip(OF_KINDS.values(), best, before, endless,
                                             data.by_29.values, strict=True)
        ),
        new("Fig. 3", "smallest share of the gain that γ_c = 0.01 g brings, over T_1",
            share.min(), "of the gain from γ_c = 0 to γ_c → ∞, where B → "
            "2√2 (Γ_1 − Γ_2)/(Γ_1 + Γ_2 + 8γ_l); 4(2γ_c + γ_l), which the baths must outrun "
            f"(28), is {8e-2 + 4 * GAMMA_L:.2f} g there, {0.8 + 4 * GAMMA_L:.1f} g at 0.1 g",
            holds=bool(0.9 < share.min() < 1), digits=4),
        *(
            new("Fig. 3", f"largest T_1/g of {name} at which any γ_c gives B > 2",
                limit["T_1"][k, 0], f"(30) says the same, to {off_limit:.0e}",
                exact=limit["T_1"][k, 1], within=1e-7)
            for k, name in enumerate(OF_KINDS.values())
        ),
        new("Sec. 5", "largest γ_l/(χ_1 + χ_2)g at which any γ_c gives B > 2, at T → 0",
            limit["gamma_l of T = 0"][0, 0] / sum(NOISY_CHI), "1/(8(1 + √2)) by (30), for spins "
                                                              "and "
            "bosons; no other T allows more, since Γ_1 − (3 + 2√2)Γ_2 ≤ Γ_1 − Γ_2 ≤ (χ_1 + χ_2)g",
            exact=1 / (8 * (1 + 2**0.5)), within=1e-7),
        new("Sec. 5", "γ_c/g from which collective noise helps spins, γ_l = 5·10⁻⁴ g, T_1 = 0.3 g",
            even[0, 1], "8pγ_l²/(2p² − q²), p = 4γ_l + Γ_1 + Γ_2, q = p + 4γ_l, by (29); "
            f"solved, it is that to {off_turn:.0e} for {LOCAL.size} γ_l and both kinds",
            exact=data.even_29.values[0, 1], within=1e-9),
        new("Sec. 5", "largest γ_l/g at which collective noise helps spins, T_1 = 0.3 g",
            limit["gamma_l of any gain"][0, 0], "(Γ_1 + Γ_2)/(4√2) by (29): beyond that "
            "2√2/(Γ_1 + Γ_2 + 8γ_l) < 2/(Γ_1 + Γ_2 + 4γ_l), and collective noise of any intensity "
            "lowers B", exact=limit["gamma_l of any gain"][0, 1], within=1e-9),
    ]  # fmt: skip


def draw(data: xr.Dataset) -> Any:
    figure = style.canvas(4.4, style.PAGE)
    panels = figure.subplots(2, 2, sharex="col")
    for row, (name, letters) in enumerate((("spins", "ab"), ("bosons", "cd"))):
        against_T, against_c = panels[row]
        for number, rate in enumerate(COLLECTIVE):
            against_T.plot(
                data.T_1, data.curves[row, number], label=power(rate), **style.line(number)
            )
        against_T.annotate("", (0.8, 2.4), (0.8, 1.35), arrowprops={"arrowstyle": "->", "lw": 0.8})
        against_T.text(0.84, 2.35, r"$\gamma_c$")
        against_T.set(xlim=(0, 3), ylim=(0, 2.8), ylabel=r"$\mathcal{B}$")
        against_T.set_title(f"({letters[0]}) two baths of {name}", loc="left")
        for number, rate in enumerate(LOCAL):
            line, = against_c.semilogx(data.c, data.noise[row, number], label=power(rate),
                                       **style.line(number))  # fmt: skip
            against_c.plot(data.lowest[row, number], data.at_lowest[row, number], "o",
                           color=line.get_color())  # fmt: skip
            against_c.plot(data.even[row, number], data.without[row, number], "o", mfc="w",
                           color=line.get_color())  # fmt: skip
        against_c.set(xlim=(1e-7, 1e-1), ylim=(0, 2.8))
        against_c.set_title(f"({letters[1]}) {name}, $T_1 = 0.3\\,g$", loc="left")
        for panel in panels[row]:
            panel.axhline(2, **style.BOUND)
    panels[0, 0].legend(title=r"$\gamma_c/g$", loc="lower left", ncols=2)
    panels[0, 1].legend(title=r"$\gamma_l/g$", loc="lower left", ncols=2)
    marks = {"smallest": "k", r"as at $\gamma_c = 0$": "w"}
    handles = [panels[1, 1].plot([], [], "ko", mfc=fill)[0] for fill in marks.values()]
    panels[1, 1].legend(handles, list(marks), loc="lower left")
    panels[1, 0].set_xlabel("$T_1/g$")
    panels[1, 1].set_xlabel(r"$\gamma_c/g$")
    return figure


def power(rate: float) -> str:
    """A rate as 5 x 10^-4."""
    if rate == 0:
        return "0"
    digit, exponent = f"{rate:.0e}".split("e")
    factor = "" if digit == "1" else rf"{digit}\times"
    return rf"${factor}10^{{{int(exponent)}}}$"
