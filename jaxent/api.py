"""The public names: ``jaxent.Bath`` and the like."""

from jaxent.baths import Bath
from jaxent.certify import (
    NoiseBounds,
    RadiusBounds,
    SteeringCertificate,
    certify_steering,
    critical_radius,
    exact_certificate,
    noise_threshold,
)
from jaxent.compilation import keep_compiled
from jaxent.curves import solve, solve_thresholds
from jaxent.files import Run, read_run, read_study
from jaxent.filters import Filters, herald, heralded
from jaxent.generator import Generator
from jaxent.machines import (
    MACHINES,
    AbstractLindbladMachine,
    AbstractMachine,
    CavityQubits,
    CollectiveQubits,
    Fluxonium,
    OneStepReset,
    OutsideModel,
    Parameter,
    ParityQubits,
    QubitQutritReset,
    QubitReset,
    QuditReset,
    Regime,
    Thermal,
    TwoQubit,
    TwoQubitGlobal,
    register,
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
from jaxent.peers import (
    as_generator,
    as_state,
    lindblad_form,
    machine_to_dynamiqs,
    machine_to_qutip,
    to_dynamiqs,
    to_qutip,
)
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
from jaxent.verification import NotUnique, Point, Unverified, Verification

__all__ = [
    "MACHINES",
    "AbstractLindbladMachine",
    "AbstractMachine",
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
    "NoiseBounds",
    "NotUnique",
    "OneStepReset",
    "OutsideModel",
    "Parameter",
    "ParityQubits",
    "Point",
    "QubitQutritReset",
    "QubitReset",
    "QuditReset",
    "RadiusBounds",
    "Range",
    "Regime",
    "Reset",
    "Run",
    "SearchSettings",
    "SteeringCertificate",
    "Study",
    "Sweep",
    "Thermal",
    "TwoQubit",
    "TwoQubitGlobal",
    "Unreachable",
    "Unverified",
    "Verification",
    "as_generator",
    "as_state",
    "certify_steering",
    "chsh",
    "concurrence",
    "critical_radius",
    "exact_certificate",
    "graded_state",
    "herald",
    "heralded",
    "keep_compiled",
    "lindblad_form",
    "machine_to_dynamiqs",
    "machine_to_qutip",
    "negativity",
    "noise_threshold",
    "nullity",
    "project",
    "purity",
    "read_run",
    "read_study",
    "register",
    "singlet_fraction",
    "solve",
    "solve_thresholds",
    "spectral_gap",
    "stationary_coordinates",
    "steering_robustness",
    "teleportation_fidelity",
    "thermodynamics",
    "to_dynamiqs",
    "to_qutip",
]
