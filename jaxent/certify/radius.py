r"""Steering by all projective measurements of one qubit: the critical radius and the white noise.

With the Bloch vector a of the measuring and b of the steered party, and T their correlations, the
critical radius of a state is

.. math:: R = \max_\mu \min_{(c_0,c)} \frac{\int|c_0+c\cdot m|\,d\mu(m)}{|c_0a+Tc|},\qquad
          \int d\mu = 1,\quad \int m\,d\mu = b ,

and the state is unsteerable by projective measurements if and only if :math:`R \ge 1`: then one
measure of hidden states serves all measurements (:mod:`jaxent.certify.projective` derives it, and
both bounds). The white-noise threshold :math:`q = 1 - p^*` is that of
:class:`~jaxent.certify.SteeringCertificate` for all axes in place of a few: :math:`p\rho+(1-p)/4`
is unsteerable for :math:`p \le p^*`, since models of two states mix; q is positive exactly where
the state is steerable.

**Bounds, not estimates.** Whatever the solver did, an interval from `lower` to `upper` holds the
number, with an allowance for rounding: states with an axis (:mod:`jaxent.certify.latitudes`) get
as close as asked for, others (:mod:`jaxent.certify.polytope`) about 0.02. A verdict is drawn from
bounds only; where 1 lies between them there is none.

**A pure steered qubit** makes the state a product, :math:`T = a\,b^T`. Its only measure is the
point b, so that :math:`R = 1/|a|`, as for all products: unsteerable.

**States that touch the sphere.** Let a product vector be in the kernel, say
:math:`\rho|11\rangle=0`, and :math:`\alpha=\langle01|\rho|10\rangle\ne0`. Then :math:`R < 1`, for
either party. Proof: filter to b = 0, and let :math:`C=(1, \epsilon x - z)` for a unit x across z.
The kernel says that the row :math:`|11\rangle` of :math:`\rho` vanishes: if the steered qubit is
found in 1, with probability 1/2 after the filter, the other is in 0, so :math:`a - Tz = z`; and
:math:`b_x - (Tx)_z = 4\,\mathrm{Re}\langle10|\rho|11\rangle = 0` for x along the x axis, alike for
others, so :math:`(Tx)_z = 0`. With :math:`\tau` the length of Tx, not zero for some x since
:math:`\alpha\ne0`, :math:`e(C)=\sqrt{1+\epsilon^2\tau^2}`: it grows by
:math:`\epsilon^2\tau^2/2`. For any measure, with b = 0,

.. math:: H(C) = 1 + 2\int\max(m_z - 1 - \epsilon\,x\cdot m, 0)\,d\mu
          \le 1 + \epsilon^2\,\mu(0 < \vartheta < 2\epsilon) ,

since the integrand is positive only at angles :math:`\vartheta` from z with
:math:`\tan(\vartheta/2)<\epsilon`, there at most :math:`\sqrt{1+\epsilon^2}-1`, and zero at the
pole itself. As :math:`\epsilon\to0` the punctured cap's measure vanishes: H grows less than e, and
no measure reaches 1. The maximum over measures is attained (they are compact, and
:math:`\mu\mapsto\min H/e` upper semicontinuous), so R itself is below 1, however little. X states
with an empty population and the coherence beside it are such states. They are recognised where the
row's entries are exactly zero.

**Separable states**, which have models for all measurements, are recognised where the matrix and
its partial transpose are positive exactly, in fractions (Peres and Horodecki's criterion).

Reference: brask2022 Sec. III A; Nguyen, Nguyen, Gühne, Phys. Rev. Lett. 122, 240401 (2019).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
import numpy.typing as npt

from jaxent.certify import latitudes, polytope
from jaxent.certify.assemblage import TOLERANCE, Complex, Party, density_matrix, nearest_state
from jaxent.certify.frames import (
    along_axis,
    bloch_vector,
    noise_program,
    radius_program,
    swapped,
)
from jaxent.certify.projective import ROUNDING, ProjectiveProgram
from jaxent.certify.whole_numbers import Exact, is_semidefinite
from jaxent.directions import demand_party

Verdict = Literal["steerable", "unsteerable", "undetermined"]

# The vectors beside a product vector in the kernel whose coherence proves steering.
_BESIDE = {0: (1, 2), 3: (1, 2), 1: (0, 3), 2: (0, 3)}
# Eigenvalues below zero by rounding alone are no reason to replace the matrix by another.
_EPSILON = 1e-14


@dataclass(frozen=True)
class RadiusBounds:
    """Two-sided bounds on the critical radius R of a state.

    Attributes:
        lower: R is at least this; 0 says nothing.
        upper: R is at most this. Infinite says nothing where `lower` is finite; where `lower` is
            infinite too, R itself is: nothing of the state depends on the measurements.
        measuring: the party who measures, ``"a"`` or ``"b"``.
        touching: a product vector is exactly in the kernel, next to a coherence: R < 1.
        separable: matrix and partial transpose are exactly positive: R ≥ 1.
    """

    lower: float
    upper: float
    measuring: Party
    touching: bool = False
    separable: bool = False

    @property
    def width(self) -> float:
        """``upper - lower``, zero where both are infinite."""
        return 0.0 if self.lower == self.upper else self.upper - self.lower

    @property
    def verdict(self) -> Verdict:
        """What is proven of all projective measurements of that party."""
        if self.touching or self.upper < 1:
            return "steerable"
        return "unsteerable" if self.lower >= 1 else "undetermined"


@dataclass(frozen=True)
class NoiseBounds:
    r"""Two-sided bounds on the white-noise threshold :math:`q = 1 - p^*` of all measurements.

    With more noise than `upper` the state is unsteerable, with less than `lower` steerable;
    negative, they are distances to steerability, p > 1 (-inf for the maximally mixed state).

    Attributes:
        lower: q is at least this.
        upper: q is at most this.
        measuring: the party who measures, ``"a"`` or ``"b"``.
    """

    lower: float
    upper: float
    measuring: Party


def critical_radius(
    rho: npt.ArrayLike, measuring: Party = "a", width: float = 1e-3, decide: bool = False
) -> RadiusBounds:
    """Bound the critical radius of a state for all projective measurements of one party.

    Args:
        rho: density matrix, shape ``(4, 4)``, basis ``|a, b> -> 2a + b``. Eigenvalues down to
            -1e-9 are let pass; the bounds then hold for all states that are no farther from the
            nearest one than the matrix is.
        measuring: ``"a"`` (Alice, the first qubit, steers Bob) or ``"b"``.
        width: of the bounds of a state with an axis, relative; 1e-5 to 1.
        decide: stop as soon as the verdict is known, however wide the bounds still are.

    Returns:
        Bounds on R from both sides, and the verdict that follows from them.

    Raises:
        ValueError: no two-qubit state, no party, or a width out of range.

    Werner states are unsteerable up to the visibility 1/2:

    >>> import numpy as np
    >>> singlet = np.array([[0, 0, 0, 0], [0, 1, -1, 0], [0, -1, 1, 0], [0, 0, 0, 0]]) / 2
    >>> [critical_radius(v * singlet + (1 - v) * np.eye(4) / 4).verdict for v in (0.49, 0.51)]
    ['unsteerable', 'steerable']
    """
    state, off = _measured(rho, measuring, width)
    touching, separable = not off and _touches(state), not off and _is_separable(state)
    if separable and decide:
        return RadiusBounds(1.0, math.inf, measuring, separable=True)
    program = radius_program(state, off)
    if program is None:
        if not (separable and _is_product(state)):
            # A qubit so nearly pure that rounding hides what it is correlated by.
            least = 1.0 if separable else 0.0
            return RadiusBounds(least, math.inf, measuring, touching, separable)
        length = math.hypot(*bloch_vector(state))
        lower = max(1.0, (1 - ROUNDING) / length) if length else math.inf
        upper = max(lower, (1 + ROUNDING) / length) if length else math.inf
        return RadiusBounds(lower, upper, measuring, separable=separable)
    lower, upper = _bounds(program, width, 1.0 if decide else None)
    if separable:
        lower, upper = max(lower, 1.0), max(upper, 1.0)
    upper = min(upper, 1.0) if touching else upper
    return RadiusBounds(lower, upper, measuring, touching, separable)


def noise_threshold(rho: npt.ArrayLike, measuring: Party = "a", width: float = 1e-3) -> NoiseBounds:
    """Bound the white noise that makes a state unsteerable for all projective measurements.

    Not by halving: p is the variable of one linear program, as the radius is.

    Args:
        rho: density matrix, shape ``(4, 4)``, basis ``|a, b> -> 2a + b``.
        measuring: ``"a"`` (Alice, the first qubit, steers Bob) or ``"b"``.
        width: of the bounds on p of a state with an axis, relative; 1e-5 to 1.

    Returns:
        Bounds on q = 1 - p from both sides.

    Raises:
        ValueError: as `critical_radius`.
    """
    state, off = _measured(rho, measuring, width)
    lower, upper = _bounds(noise_program(state, off), width, None)
    least, most = 1 - upper, 1 - lower
    if not off and _is_separable(state):
        least, most = min(least, 0.0), min(most, 0.0)
    touching = not off and _touches(state)
    return NoiseBounds(max(least, 0.0) if touching else least, most, measuring)


def _measured(rho: npt.ArrayLike, measuring: str, width: float) -> tuple[Complex, float]:
    """The state with the measuring party first, and how far it is from what was given."""
    demand_party(measuring)
    if not 1e-5 <= width <= 1:
        raise ValueError(f"width: {width!r} given; allowed: 1e-5 to 1")
    given = state = density_matrix(rho)
    if np.linalg.eigvalsh(state)[0] < -_EPSILON:
        state = nearest_state(state)
    off = float(np.sum(np.abs(np.linalg.eigvalsh(state - given)))) if state is not given else 0.0
    populations = np.diag(state).real
    np.fill_diagonal(state, np.maximum(populations, 0.0))
    return state if measuring == "a" else swapped(state), off


def _touches(state: Complex) -> bool:
    """Whether a product vector is in the kernel of a positive matrix, next to a coherence.

    Positive up to the rounding of each entry, which leaves zeros what they are.
    """
    found = any(
        not np.any(state[empty]) and abs(state[j, k]) > TOLERANCE
        for empty, (j, k) in _BESIDE.items()
    )
    populations = np.diag(state).real
    if not found or np.any(state[populations == 0]):
        return False
    scale = 1 / np.sqrt(np.where(populations > 0, populations, 1.0))
    return bool(np.linalg.eigvalsh(scale[:, None] * state * scale)[0] > -_EPSILON)


def _is_separable(state: Complex) -> bool:
    """Whether the matrix and its partial transpose are positive, exactly."""
    transposed = state.reshape(2, 2, 2, 2).swapaxes(1, 3).reshape(4, 4)
    # In floats first: most states are decided far from the edge.
    if np.linalg.eigvalsh(transposed)[0] < -_EPSILON:
        return False
    return all(is_semidefinite(_as_real(matrix)) for matrix in (state, transposed))


def _is_product(state: Complex) -> bool:
    r"""Whether :math:`\rho\,\mathrm{tr}\rho = \rho_A\otimes\rho_B`, exactly."""
    blocks = [matrix.reshape(2, 2, 2, 2) for matrix in _fractions(state)]
    (re_a, im_a), (re_b, im_b) = (
        [np.trace(block, axis1=axis, axis2=axis + 2) for block in blocks] for axis in (1, 0)
    )
    product = np.kron(re_a, re_b) - np.kron(im_a, im_b), np.kron(re_a, im_b) + np.kron(im_a, re_b)
    trace = np.trace(re_a)
    parts = zip(_fractions(state), product, strict=True)
    return all(np.all(part * trace == whole) for part, whole in parts)


def _fractions(matrix: Complex) -> tuple[Exact, Exact]:
    """Real and imaginary part of a Hermitian matrix, from its upper triangle."""
    re, im = (np.vectorize(Fraction, otypes=[object])(part) for part in (matrix.real, matrix.imag))
    return np.triu(re) + np.triu(re, 1).T, np.triu(im, 1) - np.triu(im, 1).T


def _as_real(matrix: Complex) -> Exact:
    """A Hermitian matrix as a symmetric one of fractions."""
    re, im = _fractions(matrix)
    return np.block([[re, -im], [im, re]])


def _bounds(
    program: ProjectiveProgram, width: float, decisive: float | None
) -> tuple[float, float]:
    """Bounds on the largest p of a program, solved for coefficients of order one."""
    scale = program.scale
    if scale == 0 and not np.any(program.u1):
        return math.inf, math.inf
    scale = scale or float(np.max(np.abs(program.u1)))
    scaled = program.scaled(scale)
    turned = along_axis(scaled)
    method, solved = (polytope.bounds, scaled) if turned is None else (latitudes.bounds, turned)
    lower, upper = method(solved, width, None if decisive is None else decisive * scale)
    return float(lower / scale * (1 - ROUNDING)), float(upper / scale * (1 + ROUNDING))
