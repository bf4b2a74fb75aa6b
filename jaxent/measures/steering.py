r"""Einstein-Podolsky-Rosen steering of two qubits by given projective measurements.

One party measures along the axes :math:`n_x`; with the Bloch vectors a (measuring) and b (steered)
and :math:`T_{ij} = \mathrm{tr}(\rho\,\sigma_i\otimes\sigma_j)`, white noise
:math:`p\rho + (1-p)\,1/4` leaves an assemblage of four-vectors that differs from the mixed one by p
times

.. math:: v_0 = (0, b/2),\qquad V_x = \tfrac12 (a\cdot n_x, T^{\mathsf T} n_x) .

:math:`p^*` is the largest p with a local-hidden-state model, and :math:`q = 1 - p^*` the
white-noise robustness. An optimal steering inequality Y says how q changes with the assemblage
(envelope theorem): :math:`\mathrm{d}q = -p^*\,\langle Y, \mathrm{d}v\rangle`.

:mod:`jaxent.certify` bounds the same q by another solver.

Reference: brask2022 Secs. III A, V C; Cavalcanti, Skrzypczyk, Rep. Prog. Phys. 80, 024001 (2016).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jax.core import Tracer
from jaxtyping import Array, Complex, Float

from jaxent.directions import (
    MAX_DIFFERENTIATED,
    demand_party,
    dodecahedron,
    refuse_more,
    unit_axes,
)
from jaxent.measures.lorentz import LorentzProgram, Symmetry
from jaxent.measures.spectral import RESOLUTION, TINY
from jaxent.quantum import PAULI, XState, root

CLASSICAL_BOUND = 0.0
"""The largest q of states that these measurements do not prove steerable."""

DODECAHEDRAL_MAXIMUM = (7 - 5**0.5) / 10
"""The q of the singlet for the dodecahedron, 0.476393."""

FREE_MAXIMUM = 0.5
"""What no measurements exceed: white noise of that share makes the singlet unsteerable by all."""

ACCURACY = 1e-8
"""How far q may be off; for states close to the maximally mixed one relative to p*."""

Axes = Float[Array, "m 3"] | npt.NDArray[np.float64]

_ONE_AND_PAULI = np.concatenate([np.eye(2)[None], PAULI])
_PAIRS = np.einsum("iab,jcd->ijacbd", _ONE_AND_PAULI, _ONE_AND_PAULI).reshape(4, 4, 4, 4)

# What leaves the table of a state of X form alone, where both parties' vectors are reflected.
_REFLECTIONS = np.array([[1, -1, -1, 1], [1, -1, 1, 1], [1, 1, -1, 1]])


def steering_robustness(
    rho: Complex[Array, "... 4 4"], directions: Any = None, measuring: str = "a"
) -> Float[Array, "..."]:
    r"""The signed white-noise robustness :math:`q = 1 - p^*` of two-qubit states.

    Positive, the measurements demonstrate steering; negative, -q is the distance to that, since
    p > 1 continues the assemblage beyond the state.

    Args:
        rho: two-qubit states, shape ``(..., 4, 4)``, Hermitian, positive and normalised. Since they
            may be traced, nothing is checked: what is no state gets a number without a meaning.
        directions: unit Bloch vectors of the measuring party, shape ``(m, 3)``, 1 ≤ m ≤ 12, the
            same for all states; the ten of the dodecahedron unless given. Traced ones are taken as
            they are.
        measuring: ``"a"`` (Alice, the first qubit, steers Bob) or ``"b"``.

    Returns:
        Shape ``(...)``, below 1, right to 1e-8 relative to max(1, p*); nan where the method does
        not converge. It is -inf, with zero gradient, where b = 0 and all :math:`V_x = 0`, as for
        the maximally mixed state. Once differentiable in states and directions, forwards and
        backwards; where several inequalities are optimal, as at product states or for symmetric
        states and axes, the gradient is that of one of them.

    Raises:
        ValueError: known directions of another shape or length, too many of them, or ``measuring``
            names no party.

    >>> from jaxent.quantum import PAULI
    >>> singlet = (np.eye(4) - sum(np.kron(s, s) for s in PAULI)) / 4
    >>> print(f"{steering_robustness(singlet):.7f}")
    0.4763932
    """
    axes = _axes(directions)
    return _robustness(_program(len(axes)), _deviation(_table(rho, measuring), axes))


def filtered_robustness(
    rho: Complex[Array, "... 4 4"], directions: Any = None, measuring: str = "a"
) -> Float[Array, "..."]:
    r"""The robustness of the state after the steered party's filter :math:`\rho_B^{-1/2}`.

    Filters of the steered party take models to models, so that this is positive if and only if the
    robustness is. It is as large for weakly entangled pure states as for the singlet, and product
    states form no plateau at zero. A violation that rounding errors could feign counts as none.

    Arguments and errors are those of :func:`steering_robustness`.
    """
    axes = _axes(directions)
    table = _table(rho, measuring)
    # The filter boosts four-vectors by (1, b) reversed.
    t, b = 1 + RESOLUTION, table[..., 0, 1:]
    length = jnp.sqrt(t**2 - jnp.minimum(jnp.sum(b**2, axis=-1), 1.0))[..., None]
    w = -b / length
    w0 = t / length
    in_time = table[..., 0] * w0 + jnp.einsum("...ij,...j->...i", table[..., 1:], w)
    along = (in_time + table[..., 0]) / (1 + w0)
    in_space = table[..., 1:] + along[..., None] * w[..., None, :]
    boosted = jnp.concatenate([in_time[..., None], in_space], axis=-1) / length[..., None]
    return _robustness(_program(len(axes)), _deviation(boosted, axes))


def x_steering_robustness(
    x: XState, directions: Any = None, measuring: str = "a"
) -> Float[Array, "..."]:
    r"""The robustness of a state of X form with real coherences :math:`u, v \ge 0`.

    Rotations of the steered party about z make one coherence real and leave q alone; of two
    coherences their relative phase matters. Known axes that mirror planes map onto each other, as
    those of the dodecahedron, make the program several times smaller.

    Args:
        x: its populations and coherences, each of shape ``(...)``; see
            :class:`~jaxent.quantum.XState`.
        directions: as in :func:`steering_robustness`.
        measuring: as there.

    Returns:
        Shape ``(...)``, as there.

    Raises:
        ValueError: as there.
    """
    axes = _axes(directions)
    return _robustness(x_program(axes), _deviation(_x_table(x, measuring), axes))


def x_filtered_robustness(
    x: XState, directions: Any = None, measuring: str = "a"
) -> Float[Array, "..."]:
    """As :func:`filtered_robustness`, of a state as in :func:`x_steering_robustness`.

    Args:
        x: its populations and coherences, each of shape ``(...)``.
        directions: as in :func:`steering_robustness`.
        measuring: as there.

    Raises:
        ValueError: as there.
    """
    axes = _axes(directions)
    x = x if measuring == "a" else x._replace(p01=x.p10, p10=x.p01)
    # Twice the steered party's populations.
    low, high = 2 * (x.p00 + x.p10) + TINY, 2 * (x.p01 + x.p11) + TINY
    both = root(low * high)
    filtered = XState(x.p00 / low, x.p01 / high, x.p10 / low, x.p11 / high, x.u / both, x.v / both)
    return _robustness(x_program(axes), _deviation(_x_table(filtered, "a"), axes))


def _axes(directions: Any) -> Axes:
    if directions is None:
        return dodecahedron()
    if not isinstance(directions, Tracer):
        directions = unit_axes(directions)
    elif directions.ndim != 2 or directions.shape[1] != 3:
        raise ValueError(f"directions: shape {directions.shape} given; allowed: (m, 3)")
    refuse_more(len(directions), MAX_DIFFERENTIATED)
    return directions


def _table(rho: Complex[Array, "... 4 4"], measuring: str) -> Float[Array, "... 4 4"]:
    """The numbers 1, b; a, T of a state, the measuring party's in rows."""
    demand_party(measuring)
    table = jnp.einsum("ijab,...ba->...ij", _PAIRS, rho).real
    return table if measuring == "a" else jnp.swapaxes(table, -1, -2)


def _x_table(x: XState, measuring: str) -> Float[Array, "... 4 4"]:
    demand_party(measuring)
    zero = jnp.zeros_like(x.u)
    first = x.p00 + x.p01 - x.p10 - x.p11
    second = x.p00 - x.p01 + x.p10 - x.p11
    a, b = (first, second) if measuring == "a" else (second, first)
    even, odd = x.p00 + x.p11, x.p01 + x.p10
    rows = [
        [even + odd, zero, zero, b],
        [zero, 2 * (x.u + x.v), zero, zero],
        [zero, zero, 2 * (x.u - x.v), zero],
        [a, zero, zero, even - odd],
    ]
    return jnp.stack([jnp.stack(row, axis=-1) for row in rows], axis=-2)


def _deviation(table: Float[Array, "... 4 4"], axes: Axes) -> Float[Array, "... rows 4"]:
    """The rows v0, V_1, …, V_m."""
    steered = table[..., :1, :] * np.array([0.0, 1.0, 1.0, 1.0])
    differences = jnp.einsum("xi,...ij->...xj", axes, table[..., 1:, :])
    return jnp.concatenate([steered, differences], axis=-2) / 2


# the program, and its derivative


def _robustness(program: LorentzProgram, v: Float[Array, "... rows 4"]) -> Float[Array, "..."]:
    flat = v.reshape(-1, *v.shape[-2:])
    return 1 - _visibilities(program)(flat).reshape(v.shape[:-2])


@lru_cache(maxsize=32)
def _visibilities(program: LorentzProgram) -> Callable[[Array], Array]:
    """The visibilities of many v, compiled once for each number of them."""
    return jax.jit(jax.vmap(partial(_visibility, program)))


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _visibility(program: LorentzProgram, v: Float[Array, "rows 4"]) -> Float[Array, ""]:
    """The largest visibility p* with a model."""
    return _solver(program)(v)[0]


@_visibility.defjvp
def _visibility_jvp(program, primals, tangents):
    visibility, slope = _solved(program, *primals)
    return visibility, jnp.sum(slope * tangents[0])


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _solved(program: LorentzProgram, v: Float[Array, "rows 4"]) -> tuple[Array, Array]:
    return _solver(program)(v)


@_solved.defjvp
def _solved_jvp(program, primals, tangents):
    raise NotImplementedError("steering robustness: only first derivatives are available")


@lru_cache(maxsize=32)
def _solver(program: LorentzProgram) -> Callable[[Array], tuple[Array, Array]]:
    """The visibility p* and its slope p* Y, one v after the other where JAX's default is a CPU."""

    def solve(v: Float[Array, "rows 4"]) -> tuple[Array, Array]:
        # Scaled, p* is of order one also for states close to the maximally mixed one.
        scale = 2 * jnp.max(jnp.abs(v))
        mixed = scale == 0
        found = program.solve(jnp.where(mixed, 0.5, v / jnp.where(mixed, 1.0, scale)))
        visibility = jnp.where(found.converged, found.p, jnp.nan) / scale
        slope = visibility * found.y / scale
        return jnp.where(mixed, jnp.inf, visibility), jnp.where(mixed, 0.0, slope)

    # Its matrices are a core's to factorise: a wide batch would be slower, and waits for the last.
    # Both give the same numbers: that a program runs elsewhere than where JAX would put it by
    # itself costs time alone, and a platform-dependent branch would compile the loop twice.
    on_cpu = jax.default_backend() == "cpu"
    return jax.custom_batching.sequential_vmap(solve) if on_cpu else solve


@lru_cache(maxsize=16)
def _program(m: int) -> LorentzProgram:
    return LorentzProgram(m)


def x_program(axes: Axes) -> LorentzProgram:
    """The program for states of X form: without what known axes make symmetric in it."""
    if isinstance(axes, Tracer):
        return _program(len(axes))
    return _symmetric_program(np.asarray(axes).tobytes())


@lru_cache(maxsize=16)
def _symmetric_program(axes: bytes) -> LorentzProgram:
    known = np.frombuffer(axes).reshape(-1, 3)
    symmetries = tuple(_symmetries(known))
    return LorentzProgram(len(known), symmetries) if symmetries else _program(len(known))


def _symmetries(axes: npt.NDArray[np.float64]) -> Iterator[Symmetry]:
    """The reflections of X states that map each axis to one of the axes, or to its opposite."""
    for reflection in _REFLECTIONS:
        cosines = (axes * reflection[1:]) @ axes.T
        places = np.argmax(np.abs(cosines), axis=1)
        signs = np.sign(cosines[np.arange(len(axes)), places])
        if np.allclose(axes * reflection[1:], signs[:, None] * axes[places], atol=1e-12):
            yield Symmetry(reflection, np.append(0, places + 1), np.append(1.0, signs))
