r"""One exchange of excitations: the steady state written out entry by entry.

Where the only coherent process exchanges two states ``i`` and ``j``, the coherences follow the
difference :math:`d = p_i - p_j` alone, :math:`c = c_1 d`, and carry population from one to the
other at the rate :math:`K = -Q_i c_1`, such as :math:`2g^2/\Gamma` for resonant qubits. A strong
exchange makes :math:`p_i` and :math:`p_j` nearly equal, and their difference would have no right
digits left. In the weights of the tree theorem, :math:`p_i = w_i / \sum_k w_k`, the exchange adds
the same to both. With the weights :math:`u` of the classical rates alone, and those, :math:`v`, of
the machine in which ``i`` and ``j`` are one state,

.. math:: w_k = u_k + K v_k, \qquad v_i = v_j, \qquad d = (u_i - u_j) / \sum_k w_k .

Each number here is an array of the batch's shape, and a compiler fuses them all into one loop over
the batch. The unit of the rates is the largest classical one: with a unit of the coherent
amplitudes the products of rates in a machine of weak baths would underflow, here they overflow
into no number.
"""

from __future__ import annotations

from functools import reduce

import jax
import jax.numpy as jnp
from jaxtyping import Array

from jaxent.generator import Coefficients, Coordinates, Generator
from jaxent.steady_state.rate_equation import SMALLEST, merged, trees

_MOST_COHERENCES = 2
_MOST_STATES = 4


def applies(generator: Generator) -> bool:
    """Whether a generator has one exchange, few enough states, and baths."""
    d, coherences = generator.dimension, generator.size - generator.dimension
    if d > _MOST_STATES or coherences > _MOST_COHERENCES or generator.exchange is None:
        return False
    (i, _), places = generator.exchange, generator.places
    returns = any((i, d + c) in places for c in range(coherences))
    return returns and any(to != source and max(to, source) < d for to, source in places)


def by_exchange(generator: Generator, coefficients: Coefficients) -> Coordinates:
    """The steady state of a generator with one exchange, one array for each coordinate.

    Raises:
        ValueError: the generator is not of this kind.
    """
    if not applies(generator) or generator.exchange is None:
        raise ValueError("exchange: the coherences do more than exchange two of four states")
    (i, j), d, n = generator.exchange, generator.dimension, generator.size
    entry = generator.entries(coefficients)
    edges = [(to, source) for to, source in entry if to != source and max(to, source) < d]
    unit = _or_one(reduce(jnp.maximum, (jax.lax.stop_gradient(entry[edge]) for edge in edges)))
    entry = generator.entries([_per(c, unit) for c in generator.batch(coefficients)])
    none = jnp.zeros_like(unit)

    damping = [[entry.get((c, e), none) for e in range(d, n)] for c in range(d, n)]
    per_difference = _solve(damping, [-entry.get((c, i), none) for c in range(d, n)])
    carried = [entry[i, d + c] * x for c, x in enumerate(per_difference) if (i, d + c) in entry]
    exchange = -reduce(jnp.add, carried)

    classical = {edge: entry[edge] for edge in edges}
    apart = trees(classical, range(d), range(d))
    others = [k for k in range(d) if k != j]
    joined = dict(zip(others, trees(merged(classical, j, i), others, others), strict=True))
    joined[j] = joined[i]
    weights = [apart[k] + exchange * joined[k] for k in range(d)]
    populations, difference = _shares(weights, apart[i] - apart[j])
    return [*populations, *(c * difference for c in per_difference)]


@jax.custom_jvp
def _shares(weights: list[Array], difference: Array) -> tuple[list[Array], Array]:
    """Weights, and a difference of theirs, as parts of the whole.

    In reverse mode the derivatives by the weights, which all parameters behind them share, are
    quotients: a compiler forms these once, and products again wherever they are used.
    """
    total = reduce(jnp.add, weights)
    share = jnp.where(total > SMALLEST, 1 / total, jnp.nan)
    return [weight * share for weight in weights], difference * share


@_shares.defjvp
def _derivatives_of_shares(primals, tangents):
    (weights, difference), (by_weights, by_difference) = primals, tangents
    total = reduce(jnp.add, weights)
    shares, gap = _shares(weights, difference)
    parts = [by / total for by in by_weights]
    whole = reduce(jnp.add, parts)
    slopes = [part - share * whole for part, share in zip(parts, shares, strict=True)]
    return (shares, gap), (slopes, by_difference / total - gap * whole)


@jax.custom_jvp
def _per(number: Array, unit: Array) -> Array:
    """The quotient with a constant.

    As a product it is cheap enough for a compiler to form it again wherever it is used. Its
    derivative is a true quotient, formed once: in reverse mode that of a coefficient, which all
    parameters behind it share.
    """
    return number * (1 / unit)


@_per.defjvp
def _derivative(primals, tangents):
    number, unit = primals
    return _per(number, unit), tangents[0] / unit


def _solve(matrix: list[list[Array]], right: list[Array]) -> list[Array]:
    """One or two linear equations, entry by entry; a coherence nothing damps or drives stays 0."""
    if len(right) == 1:
        return [_quotient(right[0], _or_one(matrix[0][0]))]
    everything = [*matrix[0], *matrix[1], *right]
    unit = _or_one(reduce(jnp.maximum, (jnp.abs(jax.lax.stop_gradient(x)) for x in everything)))
    a, b, c, d, x, y = (number / unit for number in everything)
    determinant = a * d - b * c
    # Zero without a number in the equations, or the products of those there are have underflowed.
    idle = reduce(jnp.add, map(jnp.abs, (a, b, c, d))) == 0
    determinant = jnp.where(determinant == 0, jnp.where(idle, 1.0, jnp.nan), determinant)
    return [(d * x - b * y) / determinant, (a * y - c * x) / determinant]


@jax.custom_jvp
def _quotient(number: Array, divisor: Array) -> Array:
    return number / divisor


@_quotient.defjvp
def _derivative_of_quotient(primals, tangents):
    (number, divisor), (by_number, by_divisor) = primals, tangents
    quotient = _quotient(number, divisor)
    # One division for both; JAX's own rule has products with 1/divisor².
    return quotient, (by_number - quotient * by_divisor) / divisor


def _or_one(pivot: Array) -> Array:
    return jnp.where(pivot == 0, 1.0, pivot)
