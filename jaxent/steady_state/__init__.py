"""The steady state of a generator, and what it is worth."""

from jaxent.generator import Coefficients, Coordinates, Generator
from jaxent.steady_state.diagnostics import Diagnostics, diagnose, min_eigenvalue
from jaxent.steady_state.elimination import by_coherences
from jaxent.steady_state.exchange import applies, by_exchange

__all__ = ["Diagnostics", "diagnose", "min_eigenvalue", "stationary_coordinates"]


def stationary_coordinates(generator: Generator, coefficients: Coefficients) -> Coordinates:
    r"""Solve :math:`\mathcal{L} x = 0` with unit trace."""
    kernel = by_exchange if applies(generator) else by_coherences
    return kernel(generator, coefficients)
