"""The steady state of a generator, and what it is worth."""

from jaxent.steady_state.diagnostics import Diagnostics, diagnose, min_eigenvalue
from jaxent.steady_state.elimination import stationary_coordinates

__all__ = ["Diagnostics", "diagnose", "min_eigenvalue", "stationary_coordinates"]
