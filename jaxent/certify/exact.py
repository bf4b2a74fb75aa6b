r"""Exact steering certificates: bounds on the robustness q that whole numbers alone prove.

The solver of `jaxent.certify.steering` finds an inequality Y and a model S_λ to within its
tolerance. Here everything becomes a fraction, and then exact: the axes lie on the unit sphere
because they are projected onto it from a plane of fractions, the state is positive, Y holds for
every deterministic strategy, and every S_λ is positive. `jaxent.verify` states the proof and
checks it with Python's standard library alone.

Reference: brask2022 Sec. III A.
"""

from __future__ import annotations

import hashlib
import json
import math
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from jaxent import verify
from jaxent.certify.assemblage import (
    ONE_AND_PAULI,
    Complex,
    Party,
    Real,
    density_matrix,
    nearest_state,
)
from jaxent.certify.program import ConeProgram
from jaxent.certify.whole_numbers import (
    Exact,
    exact_inequality,
    exact_model,
    integers,
    is_semidefinite,
    rounded,
)
from jaxent.directions import demand_party, every_strategy, named_axes

_AXIS_BITS = 50
_STATE_BITS = 56
_MOST_DECIMALS = 400


def exact_certificate(
    rho: npt.ArrayLike,
    measurements: str | int | npt.ArrayLike = "dodecahedron",
    measuring: Party = "a",
) -> dict[str, Any]:
    r"""A certificate that bounds the white-noise robustness q of a state from both sides.

    It holds, as plain data for JSON:

    - ``format``, ``version``, ``measuring`` (``"a"`` or ``"b"``);
    - ``axes``, rows (x, y, z, w) of whole numbers: the axis (x, y, z)/w, of length exactly one;
      ``wanted_axes``, what was asked for, and ``axes_distance``, a bound on how far off they are;
    - ``state``: ``re``, ``im`` and ``denominator`` of a density matrix; ``given_state``, the
      matrix given, and ``state_distance``, a bound on the trace distance of the two;
    - ``inequality``: Y, of shape ``(m + 1, 4)``;
    - ``model``: ``hidden_states`` :math:`S_\lambda`, ``(2^m, 4)``, and the ``visibility``, in the
      unit in which their traces sum to 1; bit x of a row's number is 0 where
      :math:`\lambda_x = 1`;
    - ``q_lower`` and ``q_upper`` of ``state``; ``given_q_lower`` and ``given_q_upper``, which hold
      for every state within ``state_distance`` of it; ``verdict`` and ``statement`` for these;
    - ``digest``, of ``inequality`` and ``model``: others may prove the same.

    Fractions are strings ``"p/q"``. The bounds are about ``axes``, not about ``wanted_axes``.

    Args:
        rho: density matrix, shape ``(4, 4)``, basis ``|a, b> -> 2a + b``.
        measurements: as in `certify_steering`; at most 12 axes.
        measuring: ``"a"`` (Alice, the first qubit, steers Bob) or ``"b"``.

    Returns:
        The certificate, already checked; ``json.dumps`` writes it, ``jaxent.verify.check`` checks
        it again.

    Raises:
        ValueError: ``rho`` is no two-qubit state; it has no finite q, as the maximally mixed one,
            or comes too close to that; too many axes; ``measuring`` names no party.
        RuntimeError: the solver failed.

    >>> singlet = [[0, 0, 0, 0], [0, 0.5, -0.5, 0], [0, -0.5, 0.5, 0], [0, 0, 0, 0]]
    >>> certificate = exact_certificate(singlet, "orthogonal")
    >>> certificate["state"]["denominator"], certificate["state"]["re"][1]
    (2, [0, 1, -1, 0])
    >>> certificate["verdict"]
    'steerable'
    """
    _, wanted = named_axes(measurements, verify.MAX_AXES, " in an exact certificate")
    given: Complex = np.array(rho, dtype=complex)
    state = _exact_state(density_matrix(given))
    axes = np.array([_exact_axis(*n) for n in wanted.tolist()], dtype=object)
    deviation = _deviation(state, measuring, axes)
    # The solver sees a deviation of order one also for states close to the maximally mixed one.
    scale = 2 * float(np.max(np.abs(deviation)))
    if scale == 0:
        raise ValueError(
            "rho: in the certificate's digits these measurements prepare of it what they prepare "
            "of the maximally mixed state, which no noise can make less steerable (q = -inf); "
            "allowed: a state with a finite q"
        )
    program = _program(len(axes))
    hidden_states, visibility, multipliers = program.solve(deviation.astype(float) / scale)
    inequality = exact_inequality(multipliers, program.patterns)
    hidden, p = exact_model(hidden_states, visibility / scale, deviation, program.patterns)
    evidence = {
        "measuring": measuring,
        "axes": axes.tolist(),
        "wanted_axes": (wanted + 0.0).tolist(),  # no negative zeros
        "state": state,
        "given_state": {"re": (given.real + 0.0).tolist(), "im": (given.imag + 0.0).tolist()},
        "inequality": inequality.tolist(),
        "model": {"visibility": p, "hidden_states": hidden.tolist()},
    }
    claims = _claims(evidence, deviation, program.patterns)
    certificate = {"format": verify.FORMAT, "version": verify.VERSION, **claims, **evidence}
    try:
        verify.check(certificate)
    except verify.Refused as reason:
        raise RuntimeError(f"the certificate does not hold: {reason}") from None
    return certificate


@lru_cache(maxsize=4)
def _program(m: int) -> ConeProgram:
    return ConeProgram(every_strategy(m), f"{m} axes")


# The state and the axes


def _exact_axis(x: float, y: float, z: float) -> tuple[int, int, int, int]:
    """The axis (x, y, z)/w, exactly of length one: projected from a plane through the equator.

    The point (u, v) of the plane goes to (2u, 2v, 1 - u² - v²)/(1 + u² + v²), seen from the pole
    of the other half-sphere.
    """
    one = 2**_AXIS_BITS
    u, v = (round(c / (1 + abs(z)) * one) for c in (x, y))
    n = [2 * u * one, 2 * v * one, one**2 - u**2 - v**2, one**2 + u**2 + v**2]
    if z < 0:
        n[2] = -n[2]
    common = math.gcd(*n)
    return n[0] // common, n[1] // common, n[2] // common, n[3] // common


def _exact_state(rho: Complex) -> dict[str, Any]:
    """The density matrix rounded, with as much white noise as makes it positive."""
    one = 2**_STATE_BITS
    nearest = nearest_state(rho)
    noises = (2.0**-k for k in range(_STATE_BITS, 0, -1))
    noisy = ((1 - noise) * nearest + noise * np.eye(4) / 4 for noise in noises)
    for candidate in (rho, nearest, *noisy):
        re, im = rounded(candidate.real * one), rounded(candidate.imag * one)
        re, im = np.triu(re) + np.triu(re, 1).T, np.triu(im, 1) - np.triu(im, 1).T
        largest = int(np.argmax(np.diag(re)))
        re[largest, largest] += one - np.trace(re)
        if is_semidefinite(np.block([[re, -im], [im, re]])):
            common = math.gcd(one, *re.flat, *im.flat)
            return {
                "denominator": one // common,
                "re": (re // common).tolist(),
                "im": (im // common).tolist(),
            }
    raise RuntimeError("rho: no fractional state was found next to it")


def _deviation(state: dict[str, Any], measuring: str, axes: Exact) -> Exact:
    """The rows v0, V_1, …, V_m of `assemblage.deviation` as fractions, ``(m + 1, 4)``."""
    demand_party(measuring)
    re, im = (np.array(state[part], dtype=object) for part in ("re", "im"))
    bloch = np.zeros((4, 4), dtype=object)
    for i, j in np.ndindex(4, 4):
        turned = np.kron(ONE_AND_PAULI[i], ONE_AND_PAULI[j]).T
        bloch[i, j] = np.sum(re * integers(np.real(turned)) - im * integers(np.imag(turned)))
    bloch = bloch if measuring == "a" else bloch.T
    bloch = bloch * Fraction(1, 2 * state["denominator"])
    v0 = [Fraction(0), *bloch[0, 1:]]
    lengths = axes[:, 3:] * Fraction(1)
    return np.concatenate([[v0], (axes[:, :3] / lengths) @ bloch[1:]])


# What follows


def _claims(evidence: dict[str, Any], deviation: Exact, patterns: Real) -> dict[str, str]:
    """The bounds and what they mean, as `jaxent.verify` derives them."""
    m = len(evidence["axes"])
    y = np.array(evidence["inequality"], dtype=object)
    slope, bound = -np.sum(y * deviation), Fraction(y[0, 0], 2)
    model = evidence["model"]
    sums = integers(patterns).T @ np.array(model["hidden_states"], dtype=object)
    unit = Fraction(1, 2 * sums[0, 0])
    p = model["visibility"] * unit
    wanted = p * deviation
    wanted[0, 0] += Fraction(1, 2)
    missing = np.sum(abs(wanted - sums * unit))

    state, given = evidence["state"], evidence["given_state"]
    distance = Fraction(0)
    for part in ("re", "im"):
        exact = np.array(state[part], dtype=object) * Fraction(1, state["denominator"])
        distance += np.sum(abs(_decimals(given[part]) - exact)) / 2
    axes = np.array(evidence["axes"], dtype=object) * Fraction(1)
    off = abs(_decimals(evidence["wanted_axes"]) - axes[:, :3] / axes[:, 3:])
    lost = distance * (np.sum(abs(y)) - abs(y[0, 0]))
    if lost >= slope:
        raise ValueError(
            "rho: too close to the maximally mixed state for an exact certificate; allowed: a "
            "state whose correlations stand out from the rounding of its entries"
        )
    lower = 1 - bound / (slope - lost)
    upper = 1 - p / (1 + 2 * missing + 4 * p * distance * (1 + m))
    verdict, ending = _verdict(lower, upper)
    proofs = json.dumps([evidence["inequality"], model], sort_keys=True)
    return {
        "statement": f"With qubit {evidence['measuring']} measured along {m} axes, each within "
        f"{_power_of_ten(np.sum(off))} of the one asked for, the white-noise robustness q of every "
        f"state within {_power_of_ten(distance)} of the certified one, as the matrix given is if "
        f"it is a state, is between {_decimal(lower, math.floor)} and "
        f"{_decimal(upper, math.ceil)}: {ending}.",
        "verdict": verdict,
        "digest": hashlib.sha256(proofs.encode()).hexdigest(),
        "axes_distance": str(np.sum(off)),
        "state_distance": str(distance),
        "q_lower": str(1 - bound / slope),
        "q_upper": str(1 - p / (1 + 2 * missing)),
        "given_q_lower": str(lower),
        "given_q_upper": str(upper),
    }


def _verdict(lower: Fraction, upper: Fraction) -> tuple[str, str]:
    if lower > 0:
        return "steerable", "steerable by these measurements"
    if upper <= 0:
        return "unsteerable", "not steerable by these measurements"
    return "undetermined", "whether these measurements steer is not decided"


def _power_of_ten(x: Fraction) -> str:
    powers = (f"1e{k}" for k in range(-_MOST_DECIMALS, _MOST_DECIMALS))
    return next(power for power in powers if Fraction(power) >= x) if x else "0"


def _decimal(q: Fraction, towards: Any) -> str:
    digits = str(abs(towards(q * 10**12))).zfill(13)
    return f"{'-' if towards(q * 10**12) < 0 else ''}{digits[:-12]}.{digits[-12:]}"


def _decimals(rows: list[list[float]]) -> Exact:
    """Floats as the decimals that JSON writes."""
    return np.array([[Fraction(repr(x)) for x in row] for row in rows], dtype=object)
