"""The public names: ``jaxent.Bath`` and the like."""

from jaxent.baths import Bath
from jaxent.compilation import keep_compiled
from jaxent.curves import solve, solve_thresholds
from jaxent.filters import Filters, herald, heralded
from jaxent.generator import Generator
from jaxent.machines import (
    MACHINES,
    CavityQubits,
    CollectiveQubits,
    Fluxonium,
    OneStepReset,
    OutsideModel,
    ParityQubits,
    QubitQutritReset,
    QubitReset,
    QuditReset,
    Thermal,
    TwoQubit,
    TwoQubitGlobal,
)
from jaxent.measures import (
    chsh,
    concurrence,
    negativity,
    purity,
    singlet_fraction,
    steering_robustness,
    teleportation_fidelity,
)
from jaxent.measures.thermodynamics import thermodynamics
from jaxent.search.maximise import SearchSettings
from jaxent.search.space import Constraint, Infeasible, Monomial, Range
from jaxent.search.tradeoff import NoNumber, Unreachable
from jaxent.steady_state import (
    graded_state,
    nullity,
    project,
    spectral_gap,
    stationary_coordinates,
)
from jaxent.study import Study, Sweep
from jaxent.terms import Hamiltonian, Jump, Reset
from jaxent.verification import NotUnique, Point, Unverified

__all__ = [
    "MACHINES",
    "Bath",
    "CavityQubits",
    "CollectiveQubits",
    "Constraint",
    "Filters",
    "Fluxonium",
    "Generator",
    "Hamiltonian",
    "Infeasible",
    "Jump",
    "Monomial",
    "NoNumber",
    "NotUnique",
    "OneStepReset",
    "OutsideModel",
    "ParityQubits",
    "Point",
    "QubitQutritReset",
    "QubitReset",
    "QuditReset",
    "Range",
    "Reset",
    "SearchSettings",
    "Study",
    "Sweep",
    "Thermal",
    "TwoQubit",
    "TwoQubitGlobal",
    "Unreachable",
    "Unverified",
    "chsh",
    "concurrence",
    "graded_state",
    "herald",
    "heralded",
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
    "steering_robustness",
    "teleportation_fidelity",
    "thermodynamics",
]
