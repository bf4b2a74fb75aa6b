r"""The steady state by elimination: coherences first, then populations.

In the sector of a generator the coordinates are populations ``p`` and coherences ``c``:

.. math:: \dot p = P p + Q c, \qquad \dot c = R p + S c .

1. The coherences follow the populations, :math:`c = -S^{-1} R p`.
2. What is left is a rate equation :math:`\dot p = W p` with :math:`W = P - Q S^{-1} R`. For qubits
   that exchange an excitation, :math:`W` has the classical rates of the baths and, between
   :math:`|01\rangle` and :math:`|10\rangle`, the rate :math:`2g^2/\Gamma` that the coherence
   carries.
3. Its stationary distribution is found by the elimination of Grassmann, Taksar and Heyman
   (Oper. Res. 33, 1107, 1985): a state's outflow is the *sum* of its rates to the other states,
   never a difference, so that each population is accurate relative to itself, however small.

All of it is plain arithmetic on arrays of any batch shape; first and second derivatives are taken
through it.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

# A rate this small, relative to the largest, from every state to every other makes the chain
# irreducible when a bath at T = 0+ or 0- switches all ways out of a state off.  It is far below
# rounding and far above what would overflow in second derivatives.
_LEAK = 1e-90


def stationary_coordinates(
    generator: Float[Array, "... n n"], dimension: int
) -> Float[Array, "... n"]:
    r"""Solve :math:`\mathcal{L} x = 0` with unit trace.

    Args:
        generator: the generator on its sector; the first ``dimension`` coordinates are the
            populations.
        dimension: ``D``.

    Returns:
        The steady state's coordinates, shape ``(..., n)``. Where the steady state is not unique
        the result is one of many: ask ``diagnose`` for the nullity.
    """
    scale = jax.lax.stop_gradient(jnp.max(jnp.abs(generator), axis=(-2, -1), keepdims=True))
    generator = generator / jnp.where(scale > 0, scale, 1.0)
    d = dimension
    if generator.shape[-1] == d:
        return stationary_distribution(generator)
    follow = -_solve(generator[..., d:, d:], generator[..., d:, :d])
    rates = generator[..., :d, :d] + generator[..., :d, d:] @ follow
    p = stationary_distribution(rates)
    c = jnp.einsum("...cp,...p->...c", follow, p)
    return jnp.concatenate([p, c], axis=-1)


def _solve(matrix: Float[Array, "... m m"], right: Float[Array, "... m k"]) -> Array:
    # One and two coherences (the resonant and the detuned flip-flop) are written out: a LAPACK
    # call for each tiny matrix of a batch costs far more than its arithmetic.
    size = matrix.shape[-1]
    if size > 2:
        return jnp.linalg.solve(matrix, right)
    if size == 1:
        return right / _or_one(matrix)
    (a, b), (c, d) = (
        (matrix[..., 0, 0], matrix[..., 0, 1]),
        (matrix[..., 1, 0], matrix[..., 1, 1]),
    )
    adjugate = jnp.stack([jnp.stack([d, -b], -1), jnp.stack([-c, a], -1)], -2)
    return adjugate @ right / _or_one(a * d - b * c)[..., None, None]


def _or_one(pivot: Array) -> Array:
    # A coherence that nothing damps and nothing drives stays zero.
    return jnp.where(pivot == 0, 1.0, pivot)


def stationary_distribution(rates: Float[Array, "... n n"]) -> Float[Array, "... n"]:
    r"""The stationary distribution of a rate matrix, :math:`W\pi = 0`, :math:`\sum_i\pi_i = 1`.

    Args:
        rates: ``rates[..., i, j]`` is the rate from state ``j`` to state ``i``; the diagonal is
            not read.

    Returns:
        Shape ``(..., n)``. For rates :math:`\ge 0` every entry is accurate to a few rounding
        errors relative to itself.
    """
    n = rates.shape[-1]
    largest = jax.lax.stop_gradient(jnp.max(jnp.abs(rates), axis=(-2, -1)))
    leak = _LEAK * jnp.where(largest > 0, largest, 1.0)
    rate = {(i, j): rates[..., i, j] + leak for i in range(n) for j in range(n) if i != j}
    outflow = {}
    for k in reversed(range(1, n)):
        outflow[k] = sum((rate[i, k] for i in range(k)), start=jnp.zeros_like(rate[0, 1]))
        for j in range(k):
            share = rate[k, j] / outflow[k]
            for i in range(k):
                if i != j:
                    rate[i, j] = rate[i, j] + rate[i, k] * share
    weights = [jnp.ones_like(rates[..., 0, 0])]
    for k in range(1, n):
        inflow = sum(rate[k, j] * weights[j] for j in range(k))
        weights.append(inflow / outflow[k])
    stacked = jnp.stack(weights, axis=-1)
    return stacked / jnp.sum(stacked, axis=-1, keepdims=True)
