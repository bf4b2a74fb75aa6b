r"""The elimination of the efficiency constraint.

Scaling a filter down changes :math:`p_{\mathrm{suc}}` and nothing else, so the state that filters
of two levels herald depends on the ratios :math:`r_A = a_1^2/a_0^2`, :math:`r_B = b_1^2/b_0^2`
alone, and every :math:`p \le p_{\max}(r_A, r_B)` can be had with them, where :math:`p_{\max}` is
reached when the larger entry of each filter is 1. For one filter that sees the populations
:math:`(P_0, P_1)`,

.. math::
    p_{\max}(r) = \frac{P_0 + r P_1}{\max(1, r)} \ge p \quad\Longleftrightarrow\quad
    \frac{p - P_0}{P_1} \le r \le \frac{P_0}{p - P_1},

an interval around :math:`r = 1`. A filter of more levels, which sees :math:`P_0, P_1, \dots`, has
the weights :math:`w_k = f_k^2 \in [0, 1]`, and passes with at least :math:`p` if and only if, one
level after the other,

.. math::
    \frac{p - \sum_{l<k} w_l P_l - \sum_{l>k} P_l}{P_k} \le w_k \le 1 .

With two filters the intervals of A are those of filter A alone, and those of B follow with the
populations that filter A lets through. So a search that places the logarithms by numbers in
[0, 1] within their intervals meets every feasible pair of filters, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Complex, Float

from jaxent.arrays import Numeric, namespace
from jaxent.filters.heralding import Filters, State, herald
from jaxent.quantum import XState, populations

SMALLEST_RATIO = 1e-12
"""Filter ratios :math:`r` are kept within [1e-12, 1e12]: a search has to be bounded, and an
entry of 1e-6 next to 1 is as good as a projector to within rounding of the measures. The weights
of filters of more levels are kept above 1e-12."""

Placed = Any
"""What a search knows of a filter: the logarithm of the ratio of one of two levels, or a list of
the logarithmic weights of one of more."""

_NOTHING = 1e-30
_TWO_LEVELS = 2


def places(levels: int) -> int:
    """How many numbers place a filter of so many levels."""
    return 1 if levels == _TWO_LEVELS else levels


def herald_at(state: State, placed: Mapping[str, Placed], dims: tuple[int, int] = (2, 2)) -> State:
    r"""The state that placed filters herald, which depends on nothing else about them.

    Args:
        state: the state to be filtered.
        placed: of each filter that is used (``"a"``, ``"b"``), from :func:`log_ratios`.
        dims: the local dimensions.

    Returns:
        The heralded, normalised state.
    """
    if isinstance(state, XState):
        return _herald_x(state, placed)
    a, b = (
        _balanced(placed[party]) if party in placed else jnp.ones(levels)
        for party, levels in zip(("a", "b"), dims, strict=True)
    )
    return herald(state, Filters(a, b))[0]


def _balanced(placed: Placed) -> Array:
    """A filter as it is placed, smooth in that, of any scale."""
    if isinstance(placed, (list, tuple)):
        return jnp.exp(jnp.stack(placed, axis=-1) / 2)
    return balanced_filter(placed)


def _herald_x(state: XState, log_ratio: Mapping[str, Placed]) -> XState:
    # Filters whose entries have product 1 leave the coherences as they are.
    p00, p01, p10, p11, u, v = state
    if "a" in log_ratio:
        more = jnp.exp(log_ratio["a"] / 2)
        less = 1 / more
        p00, p01, p10, p11 = less * p00, less * p01, more * p10, more * p11
    if "b" in log_ratio:
        more = jnp.exp(log_ratio["b"] / 2)
        less = 1 / more
        p00, p01, p10, p11 = less * p00, more * p01, less * p10, more * p11
    scale = 1 / (p00 + p01 + p10 + p11)
    return XState(p00 * scale, p01 * scale, p10 * scale, p11 * scale, u * scale, v * scale)


def ratio_interval(p0: Numeric, p1: Numeric, efficiency: Numeric) -> tuple[Numeric, Numeric]:
    r"""The interval of :math:`\ln r` in which one filter can pass with at least ``efficiency``.

    Args:
        p0: the population :math:`P_0` that the filter sees.
        p1: the population :math:`P_1`; their sum may be below 1.
        efficiency: the demanded success probability, at most :math:`P_0 + P_1`.

    Returns:
        Lower (<= 0) and upper (>= 0) end.
    """
    return _log_ratio(efficiency - p0, p1), -_log_ratio(efficiency - p1, p0)


def _log_ratio(needed: Numeric, available: Numeric) -> Numeric:
    # With nothing available nothing more is needed: what vanishes here keeps the slopes finite.
    xp = namespace(needed, available)
    return xp.log(xp.clip(needed / (available + _NOTHING), SMALLEST_RATIO, 1.0))


def population_list(state: State) -> tuple[Float[Array, "..."], ...]:
    r"""The populations :math:`p_{00}, p_{01}, \dots` of a state, one by one."""
    return state[:4] if isinstance(state, XState) else jnp.unstack(populations(state), axis=-1)


def log_ratios(
    state: State,
    efficiency: Float[Array, "..."],
    position: Mapping[str, Placed],
    dims: tuple[int, int] = (2, 2),
) -> dict[str, Placed]:
    r"""Place the filters within what the efficiency allows.

    Args:
        state: the state to be filtered.
        efficiency: the demanded success probability, in (0, 1].
        position: for each filter that is used (``"a"``, ``"b"``), a number in [0, 1] from the
            lower to the upper end of its interval, or a list of them, one for each level.
        dims: the local dimensions.

    Returns:
        The logarithm of each used filter's ratio, or the list of its logarithmic weights.
    """
    p = _table(population_list(state), dims)
    placed: dict[str, Placed] = {}
    if "a" in position:
        placed["a"] = _place([_total(row) for row in p], efficiency, position["a"])
        p = _through_a(placed["a"], p)
    if "b" in position:
        seen = [_total(column) for column in zip(*p, strict=True)]
        placed["b"] = _place(seen, efficiency, position["b"])
    return placed


def _table(p: Sequence[Numeric], dims: tuple[int, int]) -> list[Sequence[Numeric]]:
    """Populations as rows of A's levels and columns of B's."""
    return [p[a * dims[1] : (a + 1) * dims[1]] for a in range(dims[0])]


def _total(terms: Sequence[Numeric]) -> Numeric:
    """The sum of at least one array."""
    return sum(terms[1:], start=terms[0])


def _place(seen: Sequence[Numeric], efficiency: Numeric, position: Placed) -> Placed:
    if not isinstance(position, (list, tuple)):
        low, high = ratio_interval(seen[0], seen[1], efficiency)
        return low + position * (high - low)
    weights, still = [], efficiency
    for k, place in enumerate(position):
        low = _lowest_weight(seen, k, still)
        weights.append((1 - place) * low)
        still = still - namespace(low).exp(weights[-1]) * seen[k]
    return weights


def _lowest_weight(seen: Sequence[Numeric], k: int, still: Numeric) -> Numeric:
    """The logarithm of the least weight of level ``k`` with which ``still`` can be passed."""
    after = _total(seen[k + 1 :]) if k + 1 < len(seen) else 0.0
    return _log_ratio(still - after, seen[k])


def _through_a(placed: Placed, p: Sequence[Sequence[Numeric]]) -> list[list[Numeric]]:
    """What the unit filter on A lets through of the populations."""
    if isinstance(placed, (list, tuple)):
        passed = [namespace(weight).exp(weight) for weight in placed]
    else:
        xp = namespace(placed)
        passed = [xp.exp(xp.minimum(-placed, 0.0)), xp.exp(xp.minimum(placed, 0.0))]
    return [[share * entry for entry in row] for share, row in zip(passed, p, strict=True)]


def positions(
    p: Float[np.ndarray, " D"],
    efficiency: float,
    placed: Mapping[str, Any],
    dims: tuple[int, int] = (2, 2),
) -> dict[str, Any]:
    """The inverse of :func:`log_ratios`, in NumPy.

    Args:
        p: the populations of the state to be filtered.
        efficiency: the demanded success probability.
        placed: the logarithm of each used filter's ratio, or the list of its logarithmic weights;
            one outside its interval goes to the nearer end.
        dims: the local dimensions.
    """
    table = _table(list(p), dims)
    found = {}
    if "a" in placed:
        seen = [float(np.sum(row)) for row in table]
        found["a"], nearest = _position(seen, efficiency, placed["a"])
        table = _through_a(nearest, table)
    if "b" in placed:
        seen = [float(np.sum(column)) for column in zip(*table, strict=True)]
        found["b"], _ = _position(seen, efficiency, placed["b"])
    return found


def _position(seen: Sequence[float], efficiency: float, wanted: Any) -> tuple[Any, Any]:
    """The place of a filter in its interval, and what is there."""
    if not isinstance(wanted, (list, tuple)):
        low, high = map(float, ratio_interval(seen[0], seen[1], efficiency))
        width = high - low
        place = float(np.clip((wanted - low) / width, 0, 1)) if width > 0 else 0.5
        return place, low + place * width
    at, weights, still = [], [], efficiency
    for k, weight in enumerate(wanted):
        low = float(_lowest_weight(seen, k, still))
        at.append(float(np.clip(1 - weight / low, 0, 1)) if low < 0 else 0.5)
        weights.append((1 - at[-1]) * low)
        still = still - np.exp(weights[-1]) * seen[k]
    return at, weights


def unit_filter(log_ratio: Float[Array, "..."]) -> Float[Array, "... 2"]:
    """The filter of the given ratio whose larger entry is 1, shape ``(..., 2)``."""
    half = log_ratio / 2
    return jnp.exp(jnp.stack([jnp.minimum(-half, 0.0), jnp.minimum(half, 0.0)], axis=-1))


def balanced_filter(log_ratio: Float[Array, "..."]) -> Float[Array, "... 2"]:
    """The filter of the given ratio whose entries have product 1, smooth in the ratio.

    Its entries may exceed 1: it serves to find the heralded state, not the efficiency.
    """
    quarter = log_ratio / 4
    return jnp.exp(jnp.stack([-quarter, quarter], axis=-1))


def filters_at(
    rho: Complex[Array, "... D D"],
    efficiency: Float[ArrayLike, "..."],
    placed: Mapping[str, Placed],
    dims: tuple[int, int] = (2, 2),
) -> Filters:
    r"""The placed filters, so that they pass with exactly the given efficiency.

    Args:
        rho: the state to be filtered.
        efficiency: the demanded success probability.
        placed: of each used filter, from :func:`log_ratios`.
        dims: the local dimensions.

    Returns:
        Filters with entries in [0, 1]. A filter that is not used is the identity; the last used
        one is scaled down where more would be let through than demanded.
    """
    unit = {
        party: _unit(placed[party]) if party in placed else jnp.ones(levels)
        for party, levels in zip(("a", "b"), dims, strict=True)
    }
    if placed:
        _, most = herald(rho, Filters(unit["a"], unit["b"]))
        last = max(placed)
        unit[last] = unit[last] * jnp.minimum(1.0, jnp.sqrt(efficiency / most))[..., None]
    return Filters(unit["a"], unit["b"])


def _unit(placed: Placed) -> Array:
    if isinstance(placed, (list, tuple)):
        return _balanced(placed)
    return unit_filter(jnp.asarray(placed))
