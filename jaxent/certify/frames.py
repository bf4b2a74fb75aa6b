r"""Frames in which a two-qubit state's hidden-state program is easiest.

An invertible filter :math:`1\otimes F` of the steered qubit maps models to models: it acts on the
four-vectors of its operators as a Lorentz transformation (up to scale), on u, on :math:`A n` and
on hidden states alike, and contragrediently on C. The program's p does not change. The filter
:math:`F = (2S)^{-1/2}` with :math:`S=\rho_B` makes the steered qubit's own state maximally mixed.
So do rotations of either qubit, which also turn C or n.

A state that :math:`U(\varphi)\otimes U(\pm\varphi)` leaves alone has an axis: with
:math:`U(\varphi)=e^{-i\varphi\sigma_z/2}` the entry :math:`|ij\rangle\langle kl|` takes the phase
:math:`\varphi\,[(i-k) \pm (j-l)]`, so that all states with populations and *one* coherence,
:math:`|01\rangle\langle10|` (+) or :math:`|00\rangle\langle11|` (−), have the axis z. The phase of
the coherence is a turn of one qubit about z, and the sign a reflection, of which e knows nothing:
:math:`T=\mathrm{diag}(t,t,t_z)`, t twice the coherence's modulus. Any state may have an axis after
rotations of both qubits; what it lacks to one, up to 1e-9, becomes the program's slack.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from jaxent.certify.assemblage import ONE_AND_PAULI, Complex, Real, correlations
from jaxent.certify.projective import ROUNDING, ProjectiveProgram

# What a state may lack to an axis: far above rounding, far below the width of the bounds.
_SYMMETRIC = 1e-9
# In noise the frame only has to be good, and even a pure qubit gets one; more makes bounds wider.
_NOISE_IN_FRAME = 0.02


def swapped(rho: Complex) -> Complex:
    """The state with its qubits exchanged."""
    return rho.reshape(2, 2, 2, 2).transpose(1, 0, 3, 2).reshape(4, 4)


def steered(rho: Complex) -> Complex:
    """The second qubit's own state, ``(2, 2)``."""
    return np.einsum("abac->bc", rho.reshape(2, 2, 2, 2))


def bloch_vector(rho: Complex) -> Real:
    """The first qubit's Bloch vector, ``(3,)``."""
    own = np.einsum("abcb->ac", rho.reshape(2, 2, 2, 2))
    return np.einsum("kab,ba->k", ONE_AND_PAULI[1:], own).real


def radius_program(rho: Complex, off: float = 0.0) -> ProjectiveProgram | None:
    """The program of the critical radius; None where the second qubit is pure.

    It is pure where it has a population of 0 and no coherence, or, in another basis, an eigenvalue
    below what rounding leaves of 0.

    Args:
        rho: the state.
        off: how far it may be, in trace norm, from the one that is meant.
    """
    filtered, _, slack = _filtered(rho, 0.0, off)
    if filtered is None:
        return None
    a, T = _correlations(filtered)
    return ProjectiveProgram(a, T, np.array([1.0, 0, 0, 0]), np.zeros(4), slack)


def noise_program(rho: Complex, off: float = 0.0) -> ProjectiveProgram:
    """The program of the visibility of a state in white noise; for ``off`` see the radius's."""
    filtered, squares, slack = _filtered(rho, _NOISE_IN_FRAME, off)
    assert filtered is not None, "noise leaves no pure qubit"
    assert squares is not None, "a filter has entries"
    a, T = _correlations(filtered)
    north, south = np.diag(steered(filtered)).real
    state = np.array([north + south, 0, 0, north - south])
    noise = np.array([squares[0] + squares[1], 0, 0, squares[0] - squares[1]]) / 2
    return ProjectiveProgram(a, T, noise, state - noise, slack)


def _filtered(rho: Complex, noise: float, off: float) -> tuple[Complex | None, Real | None, float]:
    """The state behind (2S)^{-1/2}, S the second qubit's in that much noise; with S diagonal.

    Returns:
        The matrix, the squares of the filter's entries, and the slack: a diagonal filter keeps
        every digit of every entry, another one loses those that its smallest eigenvalue costs.
        What the filter makes of an eigenvalue that is negative, however little, is part of it, so
        that a positive matrix is among those that the program stands for. So is what it makes of
        a matrix whose trace norm is ``off``.
    """
    own = (1 - noise) * steered(rho) + noise * np.eye(2) / 2
    diagonal = own[0, 1] == 0
    populations, basis = (np.diag(own).real, np.eye(2)) if diagonal else np.linalg.eigh(own)
    smallest = float(np.min(populations))
    if smallest < (np.finfo(float).tiny if diagonal else 4 * np.finfo(float).eps):
        return None, None, 0.0
    squares = 1 / (2 * populations)
    whole = np.kron(np.eye(2), np.sqrt(squares)[:, None] * basis.conj().T)
    filtered = whole @ rho @ whole.conj().T
    # Without them a, T and the moments move by no more than their sum, the trace norm.
    negative = -float(np.sum(np.minimum(np.linalg.eigvalsh(filtered), 0)))
    slack = ROUNDING if diagonal else ROUNDING / smallest
    return filtered, squares, slack + negative + off * float(np.max(squares))


def _correlations(rho: Complex) -> tuple[Real, Real]:
    """The first qubit's vector a and the correlations T of a matrix of any trace."""
    theta = correlations(rho)
    return theta[1:, 0], theta[1:, 1:]


def along_axis(program: ProjectiveProgram) -> ProjectiveProgram | None:
    """The program turned so that it has the axis z; None where it has none.

    Tries as axes of the steered qubit z, the right singular vectors of T and the image of a.
    """
    left, _, right = np.linalg.svd(program.T)
    pairs = [(program.T[:, 2], np.array([0, 0, 1.0])), (program.a, program.T.T @ program.a)]
    pairs += [(program.a, np.array([0, 0, 1.0])), (np.array([0, 0, 1.0]), np.array([0, 0, 1.0]))]
    pairs += list(zip(left.T, right, strict=True))
    turned = [_turned(program, k, l) for k, l in pairs if np.any(k) and np.any(l)]
    best = min(turned, key=lambda candidate: candidate.slack)
    return best if best.slack <= program.slack + _SYMMETRIC else None


def _turned(program: ProjectiveProgram, k: Real, l: Real) -> ProjectiveProgram:
    """With k and l as the qubits' z axes, and made symmetric about them at the cost of slack."""
    first, second = _basis(k), _basis(l)
    a, T = first @ program.a, first @ program.T @ second.T
    values = np.linalg.svd(T[:2, :2], compute_uv=False)
    t = float(np.mean(values))
    moments = [np.append(u[0], second @ u[1:]) for u in (program.u0, program.u1)]
    lacking = [a[:2], T[:2, 2], T[2, :2], values - t, moments[0][1:3], moments[1][1:3]]
    lack = float(sum(np.linalg.norm(part) for part in lacking))
    u0, u1 = (np.array([u[0], 0, 0, u[3]]) for u in moments)
    return replace(
        program,
        a=np.array([0, 0, a[2]]),
        T=np.diag([t, t, T[2, 2]]),
        u0=u0,
        u1=u1,
        slack=program.slack + 2 * lack,
    )


def _basis(axis: Real) -> Real:
    """A rotation's rows, the last one along the axis, ``(3, 3)``; exact for z."""
    z = axis / math.hypot(*axis)
    if abs(z[2]) == 1:
        return np.diag([1.0, 1.0, z[2]])
    x = np.array([-z[1], z[0], 0.0])
    x /= math.hypot(*x)
    return np.stack([x, np.cross(z, x), z])
