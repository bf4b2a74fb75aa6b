"""jaxent: entanglement from autonomous quantum thermal machines.

A machine is fixed structure with differentiable coefficients; its steady state is a linear
solve; filters herald a state from it; a measure scores that state; a search climbs the score at a
fixed heralding efficiency; a curve sweeps the efficiency; a certificate proves what the curve
claims.

Importing jaxent switches JAX to double precision (``jax_enable_x64``): everything here is
float64 and complex128. It also asks XLA for a single-threaded Eigen on the CPU, unless
``XLA_FLAGS`` decides otherwise: XLA's thread pool can wait for itself forever when a compiled
loop calls LAPACK.

>>> import jaxent
>>> inverted = jaxent.Bath(1.0, temperature=-0.0)
>>> cold = jaxent.Bath(1.0, temperature=0.0)
>>> machine = jaxent.TwoQubit(g=(5**0.5 - 1) / 4, bath_a=inverted, bath_b=cold)
>>> print(f"{jaxent.singlet_fraction(machine.state()):.9f}")
0.654508497
"""

import os as _os

_EIGEN = "--xla_cpu_multi_thread_eigen"
if _EIGEN not in _os.environ.get("XLA_FLAGS", ""):
    _os.environ["XLA_FLAGS"] = f"{_os.environ.get('XLA_FLAGS', '')} {_EIGEN}=false".strip()

import jax as _jax  # noqa: E402

_jax.config.update("jax_enable_x64", True)

from jaxent.baths import Bath  # noqa: E402
from jaxent.curves import solve, solve_thresholds  # noqa: E402
from jaxent.filters import Filters, herald  # noqa: E402
from jaxent.machines import MACHINES, Thermal, TwoQubit  # noqa: E402
from jaxent.measures import (  # noqa: E402
    chsh,
    concurrence,
    negativity,
    purity,
    singlet_fraction,
    teleportation_fidelity,
)
from jaxent.measures.thermodynamics import thermodynamics  # noqa: E402
from jaxent.search.maximise import SearchSettings  # noqa: E402
from jaxent.search.space import Range  # noqa: E402
from jaxent.study import Study  # noqa: E402
from jaxent.verification import NotUnique, Point, Unverified  # noqa: E402

__version__ = "0.1.0"

__all__ = [
    "MACHINES",
    "Bath",
    "Filters",
    "NotUnique",
    "Point",
    "Range",
    "SearchSettings",
    "Study",
    "Thermal",
    "TwoQubit",
    "Unverified",
    "chsh",
    "concurrence",
    "herald",
    "negativity",
    "purity",
    "singlet_fraction",
    "solve",
    "solve_thresholds",
    "teleportation_fidelity",
    "thermodynamics",
]
