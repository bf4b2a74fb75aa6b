r"""Sets of projective qubit measurements, each an axis of the Bloch sphere.

A row :math:`n` of a set is the measurement with the projectors :math:`(1 \pm n\cdot\sigma)/2`. The
axes :math:`n` and :math:`-n` are the same measurement with its outcomes relabelled, so every set
lists one representative of each pair.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from jaxent.arrays import namespace

Axes = npt.NDArray[np.float64]

MAX_MEASUREMENTS = 64
"""Of which a certificate can be made."""

MAX_DIFFERENTIATED = 12
"""Of which the robustness has a derivative: all of their 2^m strategies take part."""

# How far the length of an axis may be from 1.
_TOLERANCE = 1e-9

# How close two axes are that count as one: a certificate loses no more than that for each of them.
_REPEATED = 1e-10

_REPULSION_STEPS = 600


def orthogonal() -> Axes:
    """The axes x, y and z: the measurements of the three Pauli operators.

    Returns:
        Unit vectors, shape ``(3, 3)``.
    """
    return np.eye(3)


def dodecahedron() -> Axes:
    r"""The ten axes through opposite vertices of the regular dodecahedron.

    With :math:`\varphi = (1+\sqrt5)/2` the twenty vertices are, up to the length :math:`\sqrt3`,

    .. math:: (\pm1, \pm1, \pm1),\quad (0, \pm1/\varphi, \pm\varphi),\quad
              (\pm\varphi, 0, \pm1/\varphi),\quad (\pm1/\varphi, \pm\varphi, 0).

    This fixes the orientation: x, y and z are two-fold axes (each passes through the midpoint of
    an edge) and (1, 1, 1) is a three-fold axis. Of each pair the vertex is listed whose last
    non-zero component is positive. The steering robustness of a generic state depends on the
    orientation, which brask2022 leaves open; this one is used throughout.

    Returns:
        Unit vectors, shape ``(10, 3)``.

    Reference: brask2022 Sec. III A; A. Tavakoli and N. Gisin, Quantum 4, 293 (2020).
    """
    golden = (1 + math.sqrt(5)) / 2
    vertices = [(x, y, 1.0) for x in (1.0, -1.0) for y in (1.0, -1.0)]
    for sign in (1.0, -1.0):
        vertices.append((0.0, sign / golden, golden))
        vertices.append((sign * golden, 0.0, 1 / golden))
        vertices.append((sign / golden, golden, 0.0))
    return np.array(vertices) / math.sqrt(3)


def spread(n: int | np.integer) -> Axes:
    r"""Evenly spread axes: charges at :math:`\pm n_x` that repel each other.

    Starts from a Fibonacci spiral on the half-sphere and descends the Coulomb energy

    .. math:: E = \sum_{x<y} \frac{1}{|n_x - n_y|} + \frac{1}{|n_x + n_y|}

    by a fixed number of steps and without random numbers, so that a given n always gives the same
    axes. Finds three orthogonal axes for n = 3 and the icosahedron's for n = 6, in an orientation
    of its own.

    Args:
        n: number of axes, at least 1.

    Returns:
        Unit vectors, shape ``(n, 3)``, each with z ≥ 0.

    Raises:
        ValueError: ``n`` is not a positive integer.
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
        raise ValueError(f"n: {n!r} axes asked for; allowed: a positive integer")
    axes = _fibonacci_half_sphere(int(n))
    # The energy's stiffness at nearest distance d is of order 1/d^3, and d^2 of order 2 pi/n.
    step = 0.1 * (2 * math.pi / n) ** 1.5
    for _ in range(_REPULSION_STEPS):
        axes = axes + step * _tangential_force(axes)
        axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    return np.where(axes[:, 2:] < 0, -axes, axes)


def demand_party(measuring: str) -> None:
    """A ValueError for what is not the name of a party, ``"a"`` or ``"b"``."""
    if measuring not in ("a", "b"):
        raise ValueError(f"measuring: {measuring!r} is not a party; allowed: 'a', 'b'")


def every_strategy(m: int) -> Axes:
    """The outcomes ±1 of m measurements in all combinations, ``(2**m, m + 1)``.

    Each row has a 1 in front, for the measurements' common normalisation; bit x of its number is 1
    where measurement x has the outcome -1.
    """
    bits = (np.arange(2**m)[:, None] >> np.arange(m)) & 1
    return np.concatenate([np.ones((2**m, 1)), 1.0 - 2.0 * bits], axis=1)


FREE = "free"
"""The name of ten axes that are searched for."""

FREE_AXES = 10


def displaced(places: Sequence[Any]) -> Any:
    r"""Ten axes by how far they are from those of the dodecahedron.

    .. math:: n_x \propto d_x + (2c_{x1} - 1)\,e_{x1} + (2c_{x2} - 1)\,e_{x2}

    with unit vectors :math:`e_{xi}` across :math:`d_x`: each axis stays within 45 to 55 degrees of
    its own. A set of which many axes lie close together is out of reach.

    Args:
        places: the twenty numbers :math:`c` in [0, 1], those of an axis one after the other; 1/2
            is the dodecahedron. They may be traced.

    Returns:
        Unit vectors, shape ``(10, 3)``.
    """
    xp = namespace(*places)
    own = dodecahedron()
    first = np.cross(own, np.eye(3)[np.argmin(np.abs(own), axis=1)])
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(own, first)
    c = 2 * xp.stack(list(places)).reshape(FREE_AXES, 2) - 1
    axes = own + c[:, :1] * first + c[:, 1:] * second
    return axes / xp.sqrt(xp.sum(axes**2, axis=1, keepdims=True))


def unit_axes(directions: npt.ArrayLike) -> Axes:
    """Measurement axes as a read-only array, renormalised to the last digit.

    Args:
        directions: Bloch vectors, shape ``(m, 3)``, m ≥ 1, of length 1 within 1e-9.

    Raises:
        ValueError: another shape, or an axis of another length.
    """
    axes = np.array(directions, dtype=float)
    if axes.ndim != 2 or axes.shape[1] != 3 or len(axes) == 0:
        raise ValueError(f"directions: shape {axes.shape} given; allowed: (m, 3) with m >= 1")
    lengths = np.linalg.norm(axes, axis=1)
    worst = lengths[np.argmax(np.abs(lengths - 1))]
    if not abs(worst - 1) <= _TOLERANCE:
        raise ValueError(f"directions: an axis has length {worst}; allowed: 1 within {_TOLERANCE}")
    axes /= lengths[:, None]
    axes.flags.writeable = False
    return axes


def distinct(axes: Axes) -> tuple[npt.NDArray[np.int64], Axes]:
    """The axes without those that repeat another one or its opposite, up to rounding.

    Returns:
        Which are left, shape ``(k,)``, and a matrix of 0 and ±1, shape ``(m, k)``, that makes all
        axes of these.
    """
    kept: list[int] = []
    rows = []
    for x, n in enumerate(axes):
        cosines = axes[kept] @ n
        signs = np.where(cosines < 0, -1.0, 1.0)
        apart = np.max(np.abs(signs[:, None] * axes[kept] - n), axis=1, initial=0.0)
        same = np.flatnonzero(apart <= _REPEATED)[:1]
        if not len(same):
            same, signs = np.array([len(kept)]), np.ones(len(kept) + 1)
            kept.append(x)
        rows.append((same[0], signs[same[0]]))
    repeated = np.zeros((len(axes), len(kept)))
    for x, (place, sign) in enumerate(rows):
        repeated[x, place] = sign
    return np.array(kept), repeated


def refuse_more(axes: int, most: int, where: str = "") -> None:
    """A ValueError for more axes than can be dealt with."""
    if axes > most:
        raise ValueError(f"directions: {axes} axes given; allowed: at most {most}{where}")


def named_axes(
    measurements: str | int | npt.ArrayLike, most: int, where: str = ""
) -> tuple[str, Axes]:
    """The name and the axes of a set of measurements.

    Args:
        measurements: ``"dodecahedron"``, ``"orthogonal"``, a number of axes for `spread`, or unit
            Bloch vectors of shape ``(m, 3)``.
        most: how many axes are allowed.
        where: what is said after the number allowed, as ``" in an exact certificate"``.

    Returns:
        The name (``"spread-m"`` and ``"custom-m"`` for the last two) and the axes, ``(m, 3)``.

    Raises:
        ValueError: an unknown name, or no axes, or too many.
    """
    if isinstance(measurements, str):
        known = {"dodecahedron": dodecahedron, "orthogonal": orthogonal}
        if measurements not in known:
            raise ValueError(
                f"measurements: {measurements!r} is unknown; allowed: 'dodecahedron', "
                "'orthogonal', a number of axes, an array of unit vectors"
            )
        return measurements, unit_axes(known[measurements]())
    if isinstance(measurements, (int, np.integer)):
        refuse_more(int(measurements), most, where)
        return f"spread-{measurements}", unit_axes(spread(measurements))
    axes = unit_axes(measurements)
    refuse_more(len(axes), most, where)
    return f"custom-{len(axes)}", axes


def _fibonacci_half_sphere(n: int) -> Axes:
    """Points of equal area and golden-angle longitude on the half-sphere z > 0, ``(n, 3)``."""
    z = 1 - (np.arange(n) + 0.5) / n
    longitude = math.pi * (3 - math.sqrt(5)) * np.arange(n)
    radius = np.sqrt(1 - z**2)
    return np.stack([radius * np.cos(longitude), radius * np.sin(longitude), z], axis=1)


def _tangential_force(axes: Axes) -> Axes:
    r""":math:`-\partial E/\partial n_x` of `spread` within the tangent planes, ``(n, 3)``."""
    force = np.zeros_like(axes)
    for sign in (1.0, -1.0):
        separation = axes[:, None] - sign * axes[None]
        distance = np.linalg.norm(separation, axis=2)
        # A charge and its own mirror image are rigidly tied: no force between them.
        np.fill_diagonal(distance, np.inf)
        force += np.sum(separation / distance[..., None] ** 3, axis=1)
    return force - np.sum(force * axes, axis=1, keepdims=True) * axes
