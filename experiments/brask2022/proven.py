"""What is proven of the machines, with filters and without.

The table of the paper's Fig. 1 with two-sided, proven intervals for its efficiencies, where
g <= gamma_A, gamma_B and where g is free; the no-go theorems for all couplings, rates, temperatures
and charges; and the largest singlet fraction of an inverted machine without filters. Every proof is
checked in whole numbers against the master equation before it enters the table.
"""

from fractions import Fraction

import xarray as xr

from experiments.brask2022.fig1 import GOLDEN, TABLE
from jaxent.app.claims import Claim, fact, new
from jaxent.app.proofs import demand_verified
from jaxent.app.work import Work
from jaxent.prove.bracket import NotProven, value_interval
from jaxent.prove.claims import Problem
from jaxent.prove.comparisons import CLASSICAL
from jaxent.prove.domain import HALF, Bath, Domain
from jaxent.prove.proof import claim_json, proof, proof_file

REGIMES = {"g <= gamma": "both filters, g <= gamma", "g free": "both filters, g free"}
WIDTH = 1e-5
OBJECTIVES = ("singlet_fraction", "chsh")

_COLD = Bath("fermion", Fraction(0), Fraction(0))
_WARM = Bath("fermion", Fraction(0), HALF)
_BOSONS = Bath("boson", Fraction(0), HALF)
_INVERTED = Bath("fermion", HALF, Fraction(1))
_ANY = Bath("fermion", Fraction(0), Fraction(1))
_FULL = Bath("fermion", Fraction(1), Fraction(1))

WITHOUT_FILTERS = {
    # All temperatures of both baths; the paper's theorems are at T_B = 0.
    "bosons": (_BOSONS, _BOSONS, "none"),
    "fermions": (_WARM, _WARM, "none"),
    "charged fermions, any u": (_WARM, _WARM, "any"),
    "charged fermions, u = inf": (_WARM, _WARM, "infinite"),
}
INVERTED = {
    "fermions, any inversion": (_ANY, _ANY, "none"),
    "charged fermions, any u, A inverted": (_INVERTED, _WARM, "any"),
    "charged fermions, any u, B inverted": (_WARM, _INVERTED, "any"),
    "charged fermions, any u, both inverted": (_INVERTED, _INVERTED, "any"),
}


def compute(work: Work) -> xr.Dataset:
    bounds = []
    for _, study in TABLE.values():
        found = work.proven_thresholds(study, *REGIMES.values(), width=WIDTH)
        rows = [found[variant]["threshold"] for variant in REGIMES.values()]
        bounds.append([[row["lower"], row["upper"]] for row in rows])
    cases = [
        (objective, name, *case) for objective in OBJECTIVES for name, case in _cases(objective)
    ]
    proven = []
    for done, (objective, name, a, b, charge) in enumerate(cases):
        work.progress(f"without filters: {name}", done / len(cases))
        proven.append(never(objective, Domain({"a": a, "b": b}, charge)))
    golden = Problem(Domain({"a": _FULL, "b": _COLD}), "singlet_fraction")
    interval = value_interval(golden, None, Fraction(1, 10**7))
    demand_verified(proof_file([proof(golden, [claim_json(interval)])]))
    return xr.Dataset(
        {
            "threshold": (("entry", "regime", "bound"), bounds),
            "never": ("case", proven),
            "golden": ("bound", [float(interval.lower), float(interval.upper)]),
        },
        {
            "entry": [", ".join(entry) for entry in TABLE],
            "regime": list(REGIMES),
            "bound": ["lower", "upper"],
            "case": [f"{objective}: {name}" for objective, name, *_ in cases],
        },
    )


def _cases(objective: str):
    inverted = INVERTED if objective == "chsh" else {}
    return [*WITHOUT_FILTERS.items(), *inverted.items()]


def never(objective: str, domain: Domain) -> bool:
    """Whether it is proven that no machine of a domain beats the classical bound."""
    problem = Problem(domain, objective)
    try:
        interval = value_interval(problem, None, Fraction(1, 10**5))
    except NotProven:
        return False
    demand_verified(proof_file([proof(problem, [claim_json(interval)])]))
    return interval.upper == CLASSICAL[objective]


def claims(data: xr.Dataset) -> list[Claim]:
    rows = []
    for (machine, task), (printed, _) in TABLE.items():
        for regime in REGIMES:
            found = 100 * data.threshold.sel(entry=f"{machine}, {task}", regime=regime)
            lower, upper = (found.sel(bound=bound).item() for bound in ("lower", "upper"))
            what = f"{machine}, {regime}: largest efficiency for {task}, in %, with both filters"
            note = f"proven to be {upper:.6g} at most; printed: {printed}"
            proven = 0 <= upper - lower <= 100 * WIDTH
            rows.append(new("Fig. 1", what, lower, note, holds=proven))
    for case in data.case.values:
        objective, _, name = str(case).partition(": ")
        bound = "F ≤ 1/2" if objective == "singlet_fraction" else "CHSH ≤ 2"
        holds = bool(data.never.sel(case=case))
        shown = "proven for all g, γ_A, γ_B, T_A, T_B" if holds else "not proven"
        what = f"{name}, without filters: {bound}"
        because = "" if holds else "no proof was found"
        rows.append(fact("Sec. IV, V, Apps. A, B", what, holds, shown, bound, because=because))
    lower, upper = data.golden.values.tolist()
    what = "complete inversion without filters, u = 0, T_B = 0: the largest F is (3 + √5)/8"
    inside = lower <= GOLDEN <= upper
    rows.append(fact("Sec. V A", what, inside, f"between {lower:.9f} and {upper:.9f}", "0.6545"))
    return rows
