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

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Complex, Float

from jaxent.quantum import populations

SMALLEST_RATIO = 1e-12
"""Filter ratios :math:`r` are kept within [1e-12, 1e12]: a search has to be bounded, and an
entry of 1e-6 next to 1 is as good as a projector to within rounding of the measures."""


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


def ratio_interval(
    seen: Float[Array, "... 2"], efficiency: Float[ArrayLike, "..."]
) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
    r"""The interval of :math:`\ln r` in which one filter can pass with at least ``efficiency``.

    Args:
        seen: the populations :math:`(P_0, P_1)` that the filter sees; their sum may be below 1.
        efficiency: the demanded success probability, at most :math:`P_0 + P_1`.

    Returns:
        Lower (<= 0) and upper (>= 0) end.
    """
    p0, p1 = seen[..., 0], seen[..., 1]
    return _log_ratio(efficiency - p0, p1), -_log_ratio(efficiency - p1, p0)


def _log_ratio(needed: ArrayLike, available: Array) -> Array:
    positive = available > 0
    ratio = jnp.where(positive, needed / jnp.where(positive, available, 1.0), 0.0)
    return jnp.log(jnp.clip(ratio, SMALLEST_RATIO, 1.0))


def log_ratios(
    rho: Complex[Array, "... 4 4"],
    efficiency: Float[Array, "..."],
    position: dict[str, Float[Array, "..."]],
) -> dict[str, Float[Array, "..."]]:
    r"""Place :math:`\ln r_A` and :math:`\ln r_B` within what the efficiency allows.

    Args:
        rho: the state to be filtered.
        efficiency: the demanded success probability, in (0, 1].
        position: for each filter that is used (``"a"``, ``"b"``), a number in [0, 1] from the
            lower to the upper end of its interval.

    Returns:
        The logarithm of each used filter's ratio.
    """
    p = populations(rho).reshape(*rho.shape[:-2], 2, 2)
    placed = {}
    if "a" in position:
        low, high = ratio_interval(jnp.sum(p, axis=-1), efficiency)
        placed["a"] = low + position["a"] * (high - low)
        p = unit_filter(placed["a"])[..., :, None] ** 2 * p
    if "b" in position:
        low, high = ratio_interval(jnp.sum(p, axis=-2), efficiency)
        placed["b"] = low + position["b"] * (high - low)
    return placed


def positions(
    rho: Complex[Array, "4 4"], efficiency: float, placed: dict[str, float]
) -> dict[str, float]:
    """The inverse of :func:`log_ratios`; ratios outside their interval go to its nearer end."""
    p = np.asarray(populations(rho)).reshape(2, 2)
    found = {}
    for party, axis in (("a", 1), ("b", 0)):
        if party not in placed:
            continue
        low, high = (float(end) for end in ratio_interval(jnp.asarray(p.sum(axis)), efficiency))
        width = high - low
        found[party] = float(np.clip((placed[party] - low) / width, 0, 1)) if width > 0 else 0.5
        if party == "a":
            ratio = low + found[party] * width
            p = np.asarray(unit_filter(jnp.asarray(ratio)))[:, None] ** 2 * p
    return found


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


def filters_at(rho: Complex[Array, "4 4"], efficiency: float, placed: dict[str, float]) -> Filters:
    r"""The filters of the given ratios that pass with exactly the given efficiency.

    Args:
        rho: the state to be filtered.
        efficiency: the demanded success probability.
        placed: the logarithm of each used filter's ratio, from :func:`log_ratios`.

    Returns:
        Filters with entries in [0, 1]. A filter that is not used is the identity; the last used
        one is scaled down where the ratios would let more through than demanded.
    """
    unit = {k: np.asarray(unit_filter(jnp.asarray(placed.get(k, 0.0)))) for k in ("a", "b")}
    if placed:
        _, most = herald(rho, Filters(unit["a"], unit["b"]))
        last = max(placed)
        unit[last] = unit[last] * min(1.0, float(np.sqrt(efficiency / most)))
    return Filters(unit["a"], unit["b"])
