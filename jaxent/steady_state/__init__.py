"""The steady state of a generator, and what it is worth."""

from jaxent.steady_state.diagnostics import Diagnostics, diagnose
from jaxent.steady_state.elimination import stationary_coordinates
from jaxent.steady_state.rate_equation import stationary_distribution

__all__ = ["Diagnostics", "diagnose", "stationary_coordinates", "stationary_distribution"]
