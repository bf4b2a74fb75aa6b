r"""The stationary distribution of a rate equation.

.. math:: \dot p_i = \sum_{j \ne i} (W_{ij}\,p_j - W_{ji}\,p_i) = 0, \qquad \sum_i p_i = 1 .

Both methods add, multiply and divide rates and never subtract, so that for rates >= 0 each
probability is accurate relative to itself: one of 1e-90 has as many right digits as one of 1/2.

- Up to four states, the **Markov chain tree theorem**: :math:`p_i` is proportional to the sum,
  over the spanning trees in which all ways lead to ``i``, of the products of their rates
  (Kirchhoff; Hill, J. Theor. Biol. 10, 442, 1966). It divides once, by the sum of all weights,
  which vanishes only where the distribution is not unique. So derivatives of any order are exact
  where baths at T = 0+ or 0- leave a state without a way out.
- Beyond, the **elimination of Grassmann, Taksar and Heyman** (Oper. Res. 33, 1107, 1985), one
  state after the other, with the likeliest state kept to the end: every other has a way to it, and
  nothing is divided by zero. It is also the stabler one where coherences make effective rates
  negative, of which trees would multiply the cancellations.

Where the distribution is not unique the result is not a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from functools import reduce

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

MOST_STATES_WITH_TREES = 4
"""Beyond it there are too many trees."""

SMALLEST = 1e-280
"""A sum of trees below it, in units of the largest rate, is no number: some of them may have
underflowed while others have not."""

# Beyond it each step is an operation on whole matrices: more to do, and less to compile.
_MOST_WRITTEN_OUT = 4

# A rate from every state to every other, relative to the largest, that makes any chain
# irreducible. It serves to find the likeliest state, and enters no result.
_LEAK = 1e-90

Edge = tuple[int, int]
Rates = Mapping[Edge, Array]
"""The rate of each edge ``(to, source)``, >= 0, of any batch shape; absent ones vanish."""


def distribution(
    rates: Float[Array, "... n n"], possible: Bool[np.ndarray, "n n"] | None = None
) -> Float[Array, "... n"]:
    r"""The distribution :math:`p` with :math:`\dot p = 0` and :math:`\sum_i p_i = 1`.

    Args:
        rates: ``rates[..., i, j]`` is the rate from state ``j`` to state ``i``, >= 0; the
            diagonal is not read.
        possible: which rates may differ from zero; all of them unless given.

    Returns:
        Shape ``(..., n)``; not a number where it is not unique.
    """
    n = rates.shape[-1]
    if n > MOST_STATES_WITH_TREES:
        return by_elimination(rates)
    rates = _rescaled(rates)
    possible = np.ones((n, n), dtype=bool) if possible is None else possible
    edges = [(i, j) for i in range(n) for j in range(n) if i != j and possible[i, j]]
    weights = trees({(i, j): rates[..., i, j] for i, j in edges}, range(n), range(n))
    stacked = jnp.stack(jnp.broadcast_arrays(*weights), axis=-1)
    total = jnp.sum(stacked, axis=-1, keepdims=True)
    return stacked / jnp.where(total > SMALLEST, total, jnp.nan)


def trees(rates: Rates, roots: Iterable[int], states: Iterable[int]) -> list[Array]:
    """The weights of the Markov chain tree theorem.

    Args:
        rates: neither huge nor tiny, since products of ``n - 1`` of them are formed.
        roots: the states whose weights are wanted.
        states: all ``n`` states.
    """
    states = set(states)
    return [_trees_to(root, states, rates) for root in roots]


def merged(rates: Rates, one: int, into: int) -> dict[Edge, Array]:
    """The rates once a state is one with another."""
    found: dict[Edge, Array] = {}
    for edge, rate in rates.items():
        i, j = (into if state == one else state for state in edge)
        if i != j:
            found[i, j] = found[i, j] + rate if (i, j) in found else rate
    return found


def _trees_to(root: int, states: Set[int], rates: Rates) -> Array:
    # Each spanning tree has one way out of every state but the root. Once that of one state is
    # chosen, to m say, the state and m are as one for the rest of the tree.
    if states == {root}:
        return jnp.ones(())
    chosen = max(states - {root})
    rest = states - {chosen}
    ways = {edge: rate for edge, rate in rates.items() if edge[1] != chosen}
    grown = []
    for to in sorted(rest):
        if (to, chosen) in rates:
            branch = rates[to, chosen]
            further = merged(ways, chosen, to)
            grown.append(branch if rest == {root} else branch * _trees_to(root, rest, further))
    return reduce(jnp.add, grown) if grown else jnp.zeros(())


@jax.custom_jvp
def by_elimination(rates: Float[Array, "... n n"]) -> Float[Array, "... n"]:
    r"""The distribution by elimination, for any number of states and rates of any sign.

    Its derivative solves :math:`W\,dp = -dW\,p` with :math:`\sum_i dp_i = 0`, in units of ``p``.

    Args:
        rates: as for ``distribution``.
    """
    n = rates.shape[-1]
    rates = _rescaled(rates)
    likeliest = jnp.argmax(_eliminated(rates + _LEAK), axis=-1)
    order = (likeliest[..., None] + jnp.arange(n)) % n
    rows = jnp.take_along_axis(rates, order[..., :, None], axis=-2)
    first = _eliminated(jnp.take_along_axis(rows, order[..., None, :], axis=-1))
    back = (jnp.arange(n) - likeliest[..., None]) % n
    return jnp.take_along_axis(first, back, axis=-1)


@by_elimination.defjvp
def _derivative(primals, tangents):
    (rates,), (change,) = primals, tangents
    p = by_elimination(rates)
    own = np.eye(rates.shape[-1], dtype=bool)
    rates, change = jnp.where(own, 0.0, rates), jnp.where(own, 0.0, change)
    inflow = jnp.einsum("...ij,...j->...i", change, p) - jnp.sum(change, axis=-2) * p

    # Row i in units of what leaves state i, column j in units of its population.
    unit = jax.lax.stop_gradient(jnp.where(p > 0, p, 1.0))
    outflow = jnp.sum(rates, axis=-2)
    leaves = jax.lax.stop_gradient(jnp.where(outflow == 0, 1.0, outflow) * unit)[..., None]
    flows = (rates - jnp.where(own, outflow[..., None], 0.0)) * unit[..., None, :] / leaves
    # The likeliest state's own equation follows from the others.
    root = jnp.arange(p.shape[-1]) == jnp.argmax(p, axis=-1)[..., None]
    system = jnp.where(root[..., :, None], own, flows)
    right = jnp.where(root, 0.0, -inflow / leaves[..., 0])
    moved = unit * jnp.linalg.solve(system, right[..., None])[..., 0]
    return p, moved - p * jnp.sum(moved, axis=-1, keepdims=True)


def _rescaled(rates: Float[Array, "... n n"]) -> Float[Array, "... n n"]:
    off_diagonal = jnp.where(np.eye(rates.shape[-1], dtype=bool), 0.0, rates)
    largest = jax.lax.stop_gradient(jnp.max(jnp.abs(off_diagonal), axis=(-2, -1), keepdims=True))
    return off_diagonal / jnp.where(largest > 0, largest, 1.0)


def _eliminated(rates: Float[Array, "... n n"]) -> Float[Array, "... n"]:
    n = rates.shape[-1]
    if n > _MOST_WRITTEN_OUT:
        return _eliminated_in_loops(rates)
    rate = {(i, j): rates[..., i, j] for i in range(n) for j in range(n) if i != j}
    outflow = {}
    for k in reversed(range(1, n)):
        outflow[k] = sum(rate[i, k] for i in range(k))
        for j in range(k):
            share = rate[k, j] / outflow[k]
            for i in range(k):
                if i != j:
                    rate[i, j] = rate[i, j] + rate[i, k] * share
    weights = [jnp.ones_like(rates[..., 0, 0])]
    for k in range(1, n):
        weights.append(sum(rate[k, j] * weights[j] for j in range(k)) / outflow[k])
    stacked = jnp.stack(weights, axis=-1)
    return stacked / jnp.sum(stacked, axis=-1, keepdims=True)


def _eliminated_in_loops(rates: Float[Array, "... n n"]) -> Float[Array, "... n"]:
    n, states = rates.shape[-1], np.arange(rates.shape[-1])

    def eliminate(step: Array, state: tuple[Array, Array]) -> tuple[Array, Array]:
        rate, outflow = state
        k = n - 1 - step
        left = states < k
        ways_out = jnp.where(left, jax.lax.dynamic_index_in_dim(rate, k, -1, keepdims=False), 0.0)
        ways_in = jnp.where(left, jax.lax.dynamic_index_in_dim(rate, k, -2, keepdims=False), 0.0)
        total = jnp.sum(ways_out, axis=-1, keepdims=True)
        rate = rate + ways_out[..., :, None] * (ways_in / total)[..., None, :]
        return rate, jnp.where(states == k, total, outflow)

    def weigh(k: Array, weights: Array) -> Array:
        ways_in = jax.lax.dynamic_index_in_dim(rate, k, -2, keepdims=False)
        inflow = jnp.sum(jnp.where(states < k, ways_in * weights, 0.0), axis=-1, keepdims=True)
        return jnp.where(states == k, inflow / outflow, weights)

    start = jnp.broadcast_to(jnp.where(states == 0, 1.0, 0.0), rates.shape[:-1])
    rate, outflow = jax.lax.fori_loop(0, n - 1, eliminate, (rates, jnp.ones_like(start)))
    weights = jax.lax.fori_loop(1, n, weigh, start)
    return weights / jnp.sum(weights, axis=-1, keepdims=True)
