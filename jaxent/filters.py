r"""Local filters, heralding, and the elimination of the efficiency constraint.

Each party may filter its qubit in the energy basis, :math:`F_A = \mathrm{diag}(a_0, a_1)`,
:math:`F_B = \mathrm{diag}(b_0, b_1)` with entries in [0, 1]. Both filters pass with probability
:math:`p_{\mathrm{suc}}` and leave the heralded state (brask2022 (25), (26))

.. math::
    p_{\mathrm{suc}} = \mathrm{tr}\big(F_A^\dagger F_A \otimes F_B^\dagger F_B\,\rho\big)
                     = \sum_{ij} a_i^2 b_j^2\,p_{ij}, \qquad
    \rho_{\mathrm{herald}} = \frac{(F_A \otimes F_B)\,\rho\,(F_A \otimes F_B)^\dagger}
                                  {p_{\mathrm{suc}}} .

**The efficiency constraint.** Scaling a filter down changes :math:`p_{\mathrm{suc}}` and nothing
else, so the heralded state depends on the ratios :math:`r_A = a_1^2/a_0^2`,
:math:`r_B = b_1^2/b_0^2` alone, and every :math:`p \le p_{\max}(r_A, r_B)` can be had with them,
where :math:`p_{\max}` is reached when the larger entry of each filter is 1. For one filter that
sees the populations :math:`(P_0, P_1)`,

.. math::
    p_{\max}(r) = \frac{P_0 + r P_1}{\max(1, r)} \ge p \quad\Longleftrightarrow\quad
    \frac{p - P_0}{P_1} \le r \le \frac{P_0}{p - P_1},

an interval around :math:`r = 1`. With two filters the interval of :math:`r_A` is that of filter A
alone, and the one of :math:`r_B` follows with the populations that filter A lets through. So a
search that places :math:`\ln r_A` and :math:`\ln r_B` by numbers in [0, 1] within their intervals
meets every feasible pair of filters, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Complex, Float

from jaxent.arrays import Numeric, namespace
from jaxent.quantum import XState, populations

State = Complex[Array, "... 4 4"] | XState
"""A two-qubit state, as a matrix of shape ``(..., 4, 4)`` or in X form."""

SMALLEST_RATIO = 1e-12
"""Filter ratios :math:`r` are kept within [1e-12, 1e12]: a search has to be bounded, and an
entry of 1e-6 next to 1 is as good as a projector to within rounding of the measures."""

_NOTHING = 1e-30


class Filters(NamedTuple):
    """The diagonals of two local filters.

    Attributes:
        a: diagonal of :math:`F_A`, shape ``(..., d_A)``, entries in [0, 1].
        b: diagonal of :math:`F_B`, shape ``(..., d_B)``, entries in [0, 1].
    """

    a: Float[Array | np.ndarray, "... d_A"]
    b: Float[Array | np.ndarray, "... d_B"]


def herald(
    rho: Complex[Array, "... D D"], filters: Filters
) -> tuple[Complex[Array, "... D D"], Float[Array, "..."]]:
    """Apply two local filters to a state.

    Args:
        rho: the state, shape ``(..., D, D)``.
        filters: the diagonals of the filters; their scale is free.

    Returns:
        The heralded, normalised state and the success probability. Where that is zero there is
        no heralded state, and the first result is not a number.
    """
    amplitudes = jnp.einsum("...i,...j->...ij", filters.a, filters.b)
    amplitudes = amplitudes.reshape(*amplitudes.shape[:-2], rho.shape[-1])
    passed = amplitudes[..., :, None] * rho * amplitudes[..., None, :]
    efficiency = jnp.sum(populations(passed), axis=-1)
    return passed / efficiency[..., None, None], efficiency


def herald_at(state: State, log_ratio: Mapping[str, Float[Array, "..."]]) -> State:
    r"""The state that filters of given ratios herald, which is all that it depends on.

    Args:
        state: the state to be filtered.
        log_ratio: :math:`\ln r` of each filter that is used (``"a"``, ``"b"``).

    Returns:
        The heralded, normalised state.
    """
    if isinstance(state, XState):
        return _herald_x(state, log_ratio)
    a, b = (balanced_filter(log_ratio.get(party, jnp.zeros(()))) for party in ("a", "b"))
    return herald(state, Filters(a, b))[0]


def _herald_x(state: XState, log_ratio: Mapping[str, Array]) -> XState:
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
    """The populations :math:`p_{00}, p_{01}, p_{10}, p_{11}` of a two-qubit state."""
    return state[:4] if isinstance(state, XState) else jnp.unstack(populations(state), axis=-1)


def log_ratios(
    state: State,
    efficiency: Float[Array, "..."],
    position: Mapping[str, Float[Array, "..."]],
) -> dict[str, Float[Array, "..."]]:
    r"""Place :math:`\ln r_A` and :math:`\ln r_B` within what the efficiency allows.

    Args:
        state: the two-qubit state to be filtered.
        efficiency: the demanded success probability, in (0, 1].
        position: for each filter that is used (``"a"``, ``"b"``), a number in [0, 1] from the
            lower to the upper end of its interval.

    Returns:
        The logarithm of each used filter's ratio.
    """
    p00, p01, p10, p11 = population_list(state)
    placed = {}
    if "a" in position:
        low, high = ratio_interval(p00 + p01, p10 + p11, efficiency)
        placed["a"] = low + position["a"] * (high - low)
        p00, p01, p10, p11 = _through_a(placed["a"], (p00, p01, p10, p11))
    if "b" in position:
        low, high = ratio_interval(p00 + p10, p01 + p11, efficiency)
        placed["b"] = low + position["b"] * (high - low)
    return placed


def _through_a(log_ratio: Numeric, p: Numeric) -> tuple[Numeric, ...]:
    """What the unit filter of a ratio on A lets through of the populations."""
    xp = namespace(log_ratio)
    passed_0 = xp.exp(xp.minimum(-log_ratio, 0.0))
    passed_1 = xp.exp(xp.minimum(log_ratio, 0.0))
    return passed_0 * p[0], passed_0 * p[1], passed_1 * p[2], passed_1 * p[3]


def positions(
    p: Float[np.ndarray, "4"], efficiency: float, placed: Mapping[str, float]
) -> dict[str, float]:
    """The inverse of :func:`log_ratios`, in NumPy.

    Args:
        p: the populations of the state to be filtered.
        efficiency: the demanded success probability.
        placed: the logarithm of each used filter's ratio; one outside its interval goes to the
            nearer end.
    """
    found = {}
    if "a" in placed:
        found["a"], ratio = _position(p[0] + p[1], p[2] + p[3], efficiency, placed["a"])
        p = np.array(_through_a(ratio, p))
    if "b" in placed:
        found["b"], _ = _position(p[0] + p[2], p[1] + p[3], efficiency, placed["b"])
    return found


def _position(p0: float, p1: float, efficiency: float, wanted: float) -> tuple[float, float]:
    """The place of a ratio in its interval, and the ratio there."""
    low, high = map(float, ratio_interval(p0, p1, efficiency))
    width = high - low
    place = float(np.clip((wanted - low) / width, 0, 1)) if width > 0 else 0.5
    return place, low + place * width


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
    rho: Complex[Array, "... 4 4"],
    efficiency: Float[ArrayLike, "..."],
    placed: Mapping[str, Float[ArrayLike, "..."]],
) -> Filters:
    r"""The filters of the given ratios that pass with exactly the given efficiency.

    Args:
        rho: the state to be filtered.
        efficiency: the demanded success probability.
        placed: the logarithm of each used filter's ratio, from :func:`log_ratios`.

    Returns:
        Filters with entries in [0, 1]. A filter that is not used is the identity; the last used
        one is scaled down where the ratios would let more through than demanded.
    """
    unit = {k: unit_filter(jnp.asarray(placed.get(k, 0.0))) for k in ("a", "b")}
    if placed:
        _, most = herald(rho, Filters(unit["a"], unit["b"]))
        last = max(placed)
        unit[last] = unit[last] * jnp.minimum(1.0, jnp.sqrt(efficiency / most))[..., None]
    return Filters(unit["a"], unit["b"])
