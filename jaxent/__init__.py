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
from importlib import import_module as _import_module
from importlib.util import find_spec as _find_spec
from typing import TYPE_CHECKING as _TYPE_CHECKING

_EIGEN = "--xla_cpu_multi_thread_eigen"
if _EIGEN not in _os.environ.get("XLA_FLAGS", ""):
    _os.environ["XLA_FLAGS"] = f"{_os.environ.get('XLA_FLAGS', '')} {_EIGEN}=false".strip()

import jax as _jax  # noqa: E402

_jax.config.update("jax_enable_x64", True)

if _TYPE_CHECKING:
    from jaxent.api import *  # noqa: F403

__version__ = "0.1.0"


def __getattr__(name: str):
    # Loaded when first used, so that importing jaxent takes no longer than importing JAX. A module
    # is asked for here first, too: Python then imports it.
    if _find_spec(f"{__name__}.{name}") is None:
        api = _import_module("jaxent.api")
        if name == "__all__" or name in api.__all__:
            return getattr(api, name)
    raise AttributeError(f"module 'jaxent' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*_import_module("jaxent.api").__all__, "__version__"]
