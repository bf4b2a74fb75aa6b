"""The public names: ``jaxent.Bath`` and the like."""

from jaxent.baths import Bath
from jaxent.compilation import keep_compiled
from jaxent.curves import solve, solve_thresholds
from jaxent.filters import Filters, herald
from jaxent.generator import Generator
from jaxent.machines import MACHINES, Thermal, TwoQubit
from jaxent.measures import (
    chsh,
    concurrence,
    negativity,
    purity,
    singlet_fraction,
    teleportation_fidelity,
)
from jaxent.measures.thermodynamics import thermodynamics
from jaxent.search.maximise import SearchSettings
from jaxent.search.space import Constraint, Infeasible, Monomial, Range
from jaxent.search.tradeoff import NoNumber
from jaxent.steady_state import (
    graded_state,
    nullity,
    project,
    spectral_gap,
    stationary_coordinates,
)
from jaxent.study import Study
from jaxent.terms import Hamiltonian, Jump, Reset
from jaxent.verification import NotUnique, Point, Unverified

__all__ = [
    "MACHINES",
    "Bath",
    "Constraint",
    "Filters",
    "Generator",
    "Hamiltonian",
    "Infeasible",
    "Jump",
    "Monomial",
    "NoNumber",
    "NotUnique",
    "Point",
    "Range",
    "Reset",
    "SearchSettings",
    "Study",
    "Thermal",
    "TwoQubit",
    "Unverified",
    "chsh",
    "concurrence",
    "graded_state",
    "herald",
    "keep_compiled",
    "negativity",
    "nullity",
    "project",
    "purity",
    "singlet_fraction",
    "solve",
    "solve_thresholds",
    "spectral_gap",
    "stationary_coordinates",
    "teleportation_fidelity",
    "thermodynamics",
]
