r"""Steady states: :math:`\mathcal{L}\rho = 0`, :math:`\mathrm{tr}\,\rho = 1`.

**From a master equation to numbers.** A machine is :math:`\dot\rho = \sum_k c_k\mathcal{L}_k\rho`
with constant terms (``terms``) and coefficients that are differentiated. In real coordinates, the
populations ``p`` and the real and imaginary parts of the coherences ``c``, it reads

.. math:: \dot p = P p + Q c, \qquad \dot c = R p + S c,

with real matrices, and only the coordinates reached from the populations take part (``generator``).
All of that is worked out once, in NumPy. What depends on the parameters is one small linear
system, which the kernels below solve, each in the way that suits a kind of system:

===============  ==================================================================  =============
kernel           method                                                              module
===============  ==================================================================  =============
``exchange``     one coherent exchange between two of at most four states: the       exchange
                 Markov chain tree theorem, written out entry by entry; no
                 subtraction, every coordinate right to 1e-13 of itself
``elimination``  coherences first, then populations without subtraction; slow rates  elimination
                 keep their digits, coherences lose theirs where couplings are
                 1e5 times faster than baths
``dense``        LU of the whole system; errors of 1e-16 of the largest coordinate,  linear
                 times the ratio of the fastest rate to the slowest relaxation
``graded``       LU in units of the coordinates' estimated sizes, populations by     graded
                 their logarithms: for machines with populations of 1e-300 that
                 relax about as fast as their likely states change
``sparse``       SciPy's sparse LU on the host: the other opinion, and for sectors   linear
                 of thousands of coordinates
===============  ==================================================================  =============

``stationary_coordinates`` chooses: ``exchange`` where it applies, ``elimination`` up to nine
states, ``dense`` beyond; ask by name for any other. Every kernel works under ``jit`` and ``vmap``,
takes batches and has derivatives of any order in both modes, by the implicit function theorem
where a system is factorised, by the formula itself where it is written out. A batch whose matrices
would fill the memory is solved in parts; of what ``vmap`` adds it cannot know, so large batches
are best given as axes of the coefficients.

No kernel is the best everywhere: where two of them differ, a machine has processes whose rates are
further apart than double precision resolves, and ``spectral_gap`` tells how slowly it relaxes.

**Uniqueness.** A steady state that is not unique never appears as if it were: the kernels give no
number or, where rounding hides it, a number that ``diagnose`` contradicts; it counts the steady
states exactly. ``project`` then finds the one that an initial state leads to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxent.generator import Coefficients, Coordinates, Generator
from jaxent.steady_state.diagnostics import (
    Diagnostics,
    diagnose,
    min_eigenvalue,
    nullity,
    spectral_gap,
)
from jaxent.steady_state.elimination import by_coherences
from jaxent.steady_state.exchange import applies as _is_one_exchange
from jaxent.steady_state.exchange import by_exchange
from jaxent.steady_state.graded import GradedState, by_grades, graded_state
from jaxent.steady_state.linear import by_lu, by_sparse_lu
from jaxent.steady_state.projection import project, steady_states_from
from jaxent.steady_state.rate_equation import MOST_STATES_WITH_TREES

__all__ = [
    "KERNELS",
    "Diagnostics",
    "GradedState",
    "choose",
    "diagnose",
    "graded_state",
    "is_written_out",
    "min_eigenvalue",
    "nullity",
    "project",
    "solve",
    "spectral_gap",
    "stationary_coordinates",
    "steady_states_from",
]

KERNELS: Mapping[str, Callable[[Generator, Coefficients], Coordinates]] = {
    "exchange": by_exchange,
    "elimination": by_coherences,
    "dense": by_lu,
    "graded": by_grades,
    "sparse": by_sparse_lu,
}
"""The kernels by name."""

_MOST_ELIMINATED = 9

_LARGEST_BATCH = 2**28
"""Bytes that the matrices of a batch may take; larger batches are solved in parts."""


def choose(generator: Generator) -> str:
    """The name of the kernel that suits a generator."""
    if _is_one_exchange(generator):
        return "exchange"
    return "elimination" if generator.dimension <= _MOST_ELIMINATED else "dense"


def is_written_out(generator: Generator, kernel: str | None = None) -> bool:
    """Whether a steady state and its derivatives are arithmetic alone, without a factorisation.

    Then a compiler fuses whole batches of them.
    """
    rate_equation = generator.size == generator.dimension <= MOST_STATES_WITH_TREES
    name = choose(generator) if kernel is None else kernel
    return name == "exchange" or (name == "elimination" and rate_equation)


def stationary_coordinates(
    generator: Generator, coefficients: Coefficients, kernel: str | None = None
) -> Float[Array, "n ..."]:
    r"""Solve :math:`\mathcal{L} x = 0` with unit trace.

    Args:
        generator: the structure.
        coefficients: of its terms, in any unit, ``K`` arrays of the batch's shape.
        kernel: a name from ``KERNELS``; the one that ``choose`` finds unless given.

    Returns:
        The steady state's coordinates in the generator's sector, shape ``(n, ...)``; not numbers
        where the steady state is not unique, as far as a kernel can tell. ``generator.matrix``
        makes the state of them.

    Raises:
        ValueError: there is no such kernel, it does not apply to the generator, or there is not one
            coefficient for each term.
    """
    return jnp.asarray(solve(generator, coefficients, kernel))


def solve(
    generator: Generator, coefficients: Coefficients, kernel: str | None = None
) -> Coordinates:
    """The same as a kernel gives it: one array for each coordinate where it is written out.

    A compiler fuses these with what is computed from them, as it does not across one array.
    """
    name = choose(generator) if kernel is None else kernel
    if name not in KERNELS:
        raise ValueError(f"kernel: {name!r} is given; allowed: {', '.join(KERNELS)}")
    batch = generator.batch(coefficients)
    if not generator.places:
        return jnp.full((generator.size, *batch[0].shape), jnp.nan)
    most = max(1, _LARGEST_BATCH // (8 * generator.size**2))
    if name == "exchange" or batch[0].size <= most:
        return _compiled(name)(generator, batch)
    return _in_parts(lambda part: jnp.asarray(_compiled(name)(generator, part)), batch, most)


@cache
def _compiled(kernel: str) -> Callable[[Generator, list[Array]], Coordinates]:
    return jax.jit(KERNELS[kernel], static_argnums=0)


def _in_parts(solve: Callable[[list[Array]], Array], batch: list[Array], most: int) -> Array:
    """Solve a batch part by part, in bounded memory, also of its derivatives."""
    shape, count = batch[0].shape, batch[0].size
    # The last part is filled up with the last lane.
    filled = [jnp.pad(c.reshape(-1), (0, -count % most), mode="edge") for c in batch]
    parts = jax.lax.map(jax.checkpoint(solve), [c.reshape(-1, most) for c in filled])
    whole = jnp.moveaxis(parts, 0, 1).reshape(parts.shape[1], -1)
    return whole[:, :count].reshape(-1, *shape)
