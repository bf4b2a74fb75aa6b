"""The steady state of two thermal qubits in closed form, on arrays, in NumPy alone.

Written for a check of jaxent's optima by other means: nothing here is shared with the package.

Model (brask2022 (1)-(3)), ħ = k_B = E = 1, basis |00>, |01>, |10>, |11>, party A first::

                 |11>                H = g (|01><10| + |10><01|) + u |11><11|
             B1 /    \\ A1
            |10> ~~g~~ |01>          A0, B0 exchange energy 1 with the bath, A1, B1 energy 1 + u;
             A0 \\    / B0           A0 stands for |00> <-> |10>, and so on
                 |00>

The only coherence is ρ[01,10] = i y.  With G half the sum of the four rates that leave |01> or
|10>, dρ/dt = 0 gives y = g (p01 - p10)/G, and eliminating it leaves a classical Markov chain on
the square above with a chord |01> <-> |10> of rate R = 2 g²/G in both directions.  By the
matrix-tree theorem p_i ∝ u_i + R v_i: sums over the spanning trees without and with the chord,
rooted at i.  Every term is positive, so populations are accurate relative to themselves for any
ratio of the rates.  Valid for resonant qubits without tunnelling, g <= γ << E for the physics.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

# An infinitely hot bosonic bath is infinitely fast; at this β it is so to all digits.
COLDEST_INFINITE_HEAT = 1e-40


class Rates(NamedTuple):
    """Rates of one bath: up and down at energy 1 (the other qubit in |0>) and at 1 + u."""

    up: np.ndarray
    down: np.ndarray
    up_charged: np.ndarray
    down_charged: np.ndarray


class XState(NamedTuple):
    """Populations and |ρ[01,10]| of a state of the form brask2022 (5), normalised or not."""

    p00: np.ndarray
    p01: np.ndarray
    p10: np.ndarray
    p11: np.ndarray
    coherence: np.ndarray


def inverse_temperature(temperature: float) -> float:
    """β = 1/T, with T = 0.0 meaning 0⁺ (β = inf) and T = -0.0 meaning 0⁻ (β = -inf)."""
    return float(np.copysign(np.inf, temperature)) if temperature == 0 else 1 / temperature


def inverse_temperature_of_occupation(occupation, statistics: str):
    """β = ln(1/n - 1) for fermions, ln(1/n + 1) for bosons."""
    with np.errstate(divide="ignore"):
        return np.log(1 / np.asarray(occupation) + (1 if statistics == "boson" else -1))


def rates(statistics: str, gamma, beta, u=0.0) -> Rates:
    """The rates of a bath, brask2022 Sec. II.

    Fermions: Γ⁺ = γ n, Γ⁻ = γ (1-n), n = 1/(1+e^{βε}), at ε = 1 and ε = 1+u.  At u = inf the
    charged channel has n = 0 for T > 0 and for T = inf, n = 1 for T < 0.
    Bosons: Γ⁺ = γ n, Γ⁻ = γ (1+n) are fermions' with γ coth(β/2) in place of γ; u = 0 only.
    """
    beta = np.asarray(beta, dtype=float)
    if statistics == "boson":
        if np.any(np.asarray(u) != 0) or np.any(beta < 0):
            raise ValueError("bosonic baths need u = 0 and T >= 0")
        beta = np.maximum(beta, COLDEST_INFINITE_HEAT)
        gamma = gamma / np.tanh(beta / 2)
    elif statistics != "fermion":
        raise ValueError(f"statistics is {statistics!r}; it is 'fermion' or 'boson'")
    with np.errstate(invalid="ignore"):
        charged = np.where(np.isinf(u) & (beta == 0), np.inf, beta * (1 + np.asarray(u)))
    return Rates(
        gamma * expit(-beta), gamma * expit(beta), gamma * expit(-charged), gamma * expit(charged)
    )


def steady_state(g, a: Rates, b: Rates) -> XState:
    """The steady state by the matrix-tree theorem; ``coherence`` is y of ρ[01,10] = iy, signed."""
    u00 = a.up_charged * b.down_charged * a.down + b.down * (
        b.down_charged * a.down + a.down_charged * a.down + b.up_charged * a.down_charged
    )
    u01 = a.down_charged * (a.up * b.up_charged + a.down * b.up + b.up * b.up_charged) + (
        b.down_charged * a.down * b.up
    )
    u10 = b.down_charged * (a.up_charged * a.up + b.down * a.up + b.up * a.up_charged) + (
        a.down_charged * b.down * a.up
    )
    u11 = b.up_charged * a.up * (a.up_charged + b.down) + b.up * a.up_charged * (
        a.down + b.up_charged
    )

    leave_00, leave_11 = a.up + b.up, a.down_charged + b.down_charged
    enter_00, enter_11 = a.down + b.down, a.up_charged + b.up_charged
    dephasing = (enter_00 + enter_11) / 2
    chord = 2 * np.square(g) / dephasing
    weights = (
        u00 + chord * leave_11 * enter_00,
        u01 + chord * leave_11 * leave_00,
        u10 + chord * leave_11 * leave_00,
        u11 + chord * leave_00 * enter_11,
    )
    total = sum(weights)
    # The chord's trees cancel in p01 - p10; leaving them out keeps y accurate at g >> Γ.
    y = g * (u01 - u10) / (dephasing * total)
    return XState(*(weight / total for weight in weights), y)


def filtered(state: XState, weights_a, weights_b) -> XState:
    """F ρ F† for F = diag(a0, a1) ⊗ diag(b0, b1), given (a0², a1²) and (b0², b1²); not normalised.

    Its trace is the heralding efficiency (26).
    """
    (a0, a1), (b0, b1) = weights_a, weights_b
    return XState(
        a0 * b0 * state.p00,
        a0 * b1 * state.p01,
        a1 * b0 * state.p10,
        a1 * b1 * state.p11,
        np.sqrt(a0 * a1 * b0 * b1) * np.abs(state.coherence),
    )


def efficiency(state: XState):
    """The trace of a filtered state, p_suc of (26)."""
    return state.p00 + state.p01 + state.p10 + state.p11


def chsh(state: XState):
    """CHSH = 2 √(sum of the two largest of 4α², 4α², (1-2Δ)²), brask2022 (12)."""
    total = efficiency(state)
    squared = 4 * np.square(state.coherence / total)
    imbalance = np.square((state.p00 + state.p11 - state.p01 - state.p10) / total)
    return 2 * np.sqrt(squared + np.maximum(squared, imbalance))


def singlet_fraction(state: XState):
    """F = max{α + Δ/2, (1-Δ)/2}: brask2022 (8), where its second case is needless."""
    odd, even = state.p01 + state.p10, state.p00 + state.p11
    return np.maximum(np.abs(state.coherence) + odd / 2, even / 2) / (odd + even)


def signed_concurrence(state: XState):
    """2 (|α| - √(p00 p11)); the concurrence is its positive part (above brask2022 (28))."""
    return 2 * (np.abs(state.coherence) - np.sqrt(state.p00 * state.p11)) / efficiency(state)


def signed_negativity(state: XState):
    """Minus the smallest eigenvalue of the partial transpose, whose block on |00>, |11> holds α."""
    mean, half = (state.p00 + state.p11) / 2, (state.p00 - state.p11) / 2
    return (np.hypot(half, state.coherence) - mean) / efficiency(state)


def chsh_violation(state: XState):
    """A number that exceeds 1 exactly where CHSH > 2, and tells product states apart.

    4α² + (1-2Δ)² > 1 is α² > Δ(1-Δ); the other branch is 8α² > 1.  As |00> or |01> is approached
    CHSH tends to 2 whatever the direction, this ratio to a limit that depends on it.
    """
    even, odd = state.p00 + state.p11, state.p01 + state.p10
    squared = np.square(state.coherence)
    return np.maximum(_ratio(squared, even * odd), 8 * squared / np.square(even + odd))


def singlet_violation(state: XState):
    """2α/(1-Δ), which exceeds 1 exactly where F > 1/2 (9)."""
    return _ratio(2 * np.abs(state.coherence), state.p00 + state.p11)


def _ratio(numerator, denominator):
    return numerator / np.maximum(denominator, np.finfo(float).tiny)
