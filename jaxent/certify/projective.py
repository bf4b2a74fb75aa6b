r"""Hidden-state models of all projective measurements: the program that they all solve.

One party measures along every axis :math:`n` and prepares :math:`\tfrac12(u \pm A n)`, written as
four-vectors :math:`(t, r)` for :math:`(t\,1 + r\cdot\sigma)/2`: :math:`u` is the steered party's
own state, :math:`A n = (a\cdot n, T^T n)`. Hidden states are pure (a mixed one is several pure
ones), so a model is a measure :math:`\mu` on the Bloch sphere with :math:`\int(1,m)\,d\mu = u`.
What responses :math:`0\le g(m)\le1` make of it, :math:`\int g\,(1,m)\,d\mu`, is a closed convex
set, with the support function :math:`\int \max(C\cdot(1,m), 0)\,d\mu`. It holds
:math:`\tfrac12(u \pm A n)` for every :math:`n` if and only if, for every :math:`C=(c_0,c)`,

.. math:: e(C) \le H_\mu(C), \qquad e(C) = |c_0 a + T c|,\quad
          H_\mu(C) = \int |c_0 + c\cdot m|\,d\mu(m) .

Every question here is the largest p of one linear program, for given :math:`u_0, u_1`:

.. math:: \max p:\quad p\,e(C) \le H_\mu(C)\;\forall C, \qquad
          \int (1,m)\,d\mu = u_0 + p\,u_1, \qquad \mu \ge 0 .

The critical radius has :math:`u_0 = u, u_1 = 0`; white noise :math:`p\rho+(1-p)/4` has
:math:`u_0` the noise's and :math:`u_0 + u_1` the state's.

**Every p from below.** If some measure of total :math:`s=\int(1,m)\,d\mu'` has
:math:`H_{\mu'} \ge r\,e`, then :math:`\mu = (p/r)\,\mu'` plus an atom is a model at p as soon as
:math:`u_0 + p\,(u_1 - s/r)` is in the cone :math:`t\ge|r|`, since atoms only raise H
(:func:`completed`).

**Every p from above.** For weights :math:`\nu_f\ge0` of planes :math:`C_f` and a four-vector Z with
:math:`\sum_f\nu_f|C_f\cdot(1,m)| \le Z\cdot(1,m)` on the whole sphere,

.. math:: p\sum_f\nu_f e(C_f) \le \int\sum_f\nu_f|C_f\cdot(1,m)|\,d\mu \le Z\cdot(u_0 + p\,u_1) ,

which bounds p where :math:`\sum_f\nu_f e(C_f) > Z\cdot u_1` (:func:`excluded`).

Neither asks how :math:`\mu', \nu, Z` were found: a solver's weights are made non-negative, and the
two inequalities evaluated again. Their coefficients are known up to ``slack``, an allowance for
rounding that also takes up what a program was symmetrised by.

Reference: Nguyen, Nguyen, Gühne, Phys. Rev. Lett. 122, 240401 (2019).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from jaxent.certify.assemblage import Indices, Real

ROUNDING = 64 * float(np.finfo(float).eps)
"""What the sums here lose to rounding, in units of the largest term, with room to spare."""

# What bounds the variable p of programs whose coefficients are of order one.
_LARGEST = 1e6
# Any interval of floats is halved to nothing before.
_HALVINGS = 200
_LARGEST_P = 1e12
# Of the width that is asked for, what making H large at every plane may cost.
_BLEND = 1 / 50


@dataclass(frozen=True, eq=False)
class ProjectiveProgram:
    """One program: its coefficients in some frame of both qubits.

    Attributes:
        a: the measuring party's Bloch vector after the frame's filter, shape ``(3,)``.
        T: the correlations, measuring party first, shape ``(3, 3)``.
        u0: the constant moments, shape ``(4,)``, inside the cone t > |r|.
        u1: the moments' slope in p, shape ``(4,)``.
        slack: by how much ``e(C)/(|c0|+|c|)`` and each component of u0 and u1 may be off.
    """

    a: Real
    T: Real
    u0: Real
    u1: Real
    slack: float = ROUNDING

    @property
    def scale(self) -> float:
        """The largest coefficient of e: zero for states without correlations or Bloch vector."""
        return float(max(np.max(np.abs(self.a)), np.max(np.abs(self.T))))

    def scaled(self, factor: float) -> ProjectiveProgram:
        """The same program for ``p * factor``."""
        return replace(
            self,
            a=self.a / factor,
            T=self.T / factor,
            u1=self.u1 / factor,
            slack=max(self.slack / factor, self.slack),
        )

    def reached(self, planes: Real) -> Real:
        """e(C) of planes of shape ``(..., 4)``."""
        return np.linalg.norm(planes[..., :1] * self.a + planes[..., 1:] @ self.T.T, axis=-1)

    def at_most(self, planes: Real) -> Real:
        """e(C), no less than it is."""
        return self.reached(planes) + self.slack * size(planes)

    def at_least(self, planes: Real) -> Real:
        """e(C), no more than it is."""
        return self.reached(planes) - self.slack * size(planes)


def size(planes: Real) -> Real:
    """The most that C·(1, m) can be: the modulus of c0 and the length of c."""
    return np.abs(planes[..., 0]) + np.linalg.norm(planes[..., 1:], axis=-1)


@dataclass(frozen=True, eq=False)
class Proposal:
    """What the linear program of some hidden states and some planes gave: nothing is proven by it.

    Attributes:
        p: its value.
        weights: of the hidden states, non-negative, shape ``(n,)``.
        nu: of the planes, non-negative, shape ``(f,)``.
        Z: of the moments' components, shape ``(d,)``.
    """

    p: float
    weights: Real
    nu: Real
    Z: Real


def solve(H: Real, e: Real, moments: Real, u0: Real, u1: Real) -> Proposal | None:
    """Solve the program for n hidden states and f planes by HiGHS; None where that fails.

    Where the simplex method loses its way, the interior-point method is asked.

    Args:
        H: each plane's H of each hidden state, shape ``(f, n)``.
        e: of the planes, shape ``(f,)``.
        moments: of the hidden states, shape ``(d, n)``.
        u0: shape ``(d,)``.
        u1: shape ``(d,)``.
    """
    from scipy.optimize import linprog

    n = H.shape[1]
    for method in ("highs-ds", "highs-ipm"):
        found = linprog(
            np.append(np.zeros(n), -1.0),
            A_ub=np.column_stack([-H, e]),
            b_ub=np.zeros(len(e)),
            A_eq=np.column_stack([moments, -u1]),
            b_eq=u0,
            bounds=[(0, None)] * n + [(0, _LARGEST)],
            method=method,
        )
        if found.x is not None and np.all(np.isfinite(found.x)):
            weights, nu = np.maximum(found.x[:-1], 0), np.maximum(-found.ineqlin.marginals, 0)
            return Proposal(float(found.x[-1]), weights, nu, -found.eqlin.marginals)
    return None


def blended(weights: Real, width: float) -> Real:
    """The weights with a little of every hidden state: H is far above rounding at every plane.

    Otherwise a bound on H/e fails where H and e vanish together, as they do for product states.
    """
    return weights + np.mean(weights) * width * _BLEND


def completed(ratio: float, total: Real, program: ProjectiveProgram) -> float:
    """A p for which a model exists, given a measure of moments `total` with H ≥ ratio·e.

    Halves the interval of p: the cone is convex and holds u0, so that the p allowed are an
    interval from 0. Infinite where the slope itself is in the cone, with room for its errors.
    """
    if ratio <= 0:
        return 0.0
    slope = program.u1 - total / ratio

    def inside(point: Real, slack: float, terms: float) -> bool:
        """The moments' errors, and an atom for each of them, leave it in the cone."""
        t, *r = point
        return t - math.hypot(*r) >= 4 * slack + ROUNDING * (abs(t) + terms)

    def allowed(p: float) -> bool:
        terms = p * float(np.sum(np.abs(slope)))
        return inside(program.u0 + p * slope, (1 + p) * program.slack, terms)

    if allowed(0.0) and inside(slope, program.slack, float(np.sum(np.abs(slope)))):
        return math.inf
    low, high = 0.0, min(ratio, 1.0)
    while high < _LARGEST_P and allowed(high):
        low, high = high, 2 * high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if allowed(middle) else (low, middle)
    return low


def excluded(
    program: ProjectiveProgram, planes: Real, nu: Real, slope: Real, excess: float
) -> float:
    """The p above which no model exists; infinite where the inequality says nothing.

    Args:
        program: gives e, u0 and u1.
        planes: shape ``(f, 4)``.
        nu: their weights, shape ``(f,)``.
        slope: Z without its first component, shape ``(3,)``.
        excess: the largest Σ ν |C·(1, m)| − slope·m at points whose convex hull holds the sphere.
    """
    weight = float(nu @ size(planes)) + float(np.sum(np.abs(slope)))
    Z = np.append(excess + ROUNDING * weight, slope)
    reached = float(nu @ program.at_least(planes)) - ROUNDING * weight
    length = float(np.sum(np.abs(Z)))
    allowance = 2 * program.slack + ROUNDING * float(np.sum(np.abs(program.u1)))
    gained = reached - float(Z @ program.u1) - length * allowance
    constant = float(Z @ program.u0)
    constant += length * (2 * program.slack + ROUNDING * float(np.sum(np.abs(program.u0))))
    return max(constant, 0.0) / gained if gained > 0 else math.inf


def apart(planes: Real, angle: float, most: int) -> Indices:
    """The first planes, at least so far apart in direction from those chosen before, up to most."""
    unit = planes / np.linalg.norm(planes, axis=1, keepdims=True)
    left, chosen = np.ones(len(unit), bool), []
    while np.any(left) and len(chosen) < most:
        k = int(np.argmax(left))
        chosen.append(k)
        left &= np.abs(unit @ unit[k]) < math.cos(angle)
        left[k] = False
    return np.array(chosen, dtype=int)
