r"""Two coupled qubits between two baths: the minimal autonomous thermal machine.

Papers: brask2022 (Brask, Clivaz, Haack, Tavakoli, Quantum 6, 672), Eqs. (1)-(3);
khandelwal2020 (Khandelwal, Palazzo, Brunner, Haack, New J. Phys. 22, 073039), Eqs. (3), (19).

::

    bath A (hot, gamma_A, T_A)            bath B (cold, gamma_B, T_B)
          |                                     |
      |1> ----- E_a         g               |1> ----- E_b
          |         <------------------->       |
      |0> ----- 0    |01> <-> |10>          |0> ----- 0
                     |11> at E_a + E_b + u

.. math::
    H = E_a n_A + E_b n_B + g\,(|01\rangle\langle10| + |10\rangle\langle01|)
        + u\,|11\rangle\langle11| + \kappa_a \sigma_x^A + \kappa_b \sigma_x^B

    \dot\rho = -i[H, \rho] + \sum_{k \in \{A,B\}}
        \Gamma_k^+ \mathcal{D}[\sigma_+^k]\rho + \Gamma_k^- \mathcal{D}[\sigma_-^k]\rho
    \qquad (u = 0)

For :math:`u \ne 0` the bath of one qubit resolves the state of the other: the jumps are
:math:`|10\rangle\langle00|` and :math:`|01\rangle\langle00|` at energy :math:`E`, and
:math:`|11\rangle\langle01|` and :math:`|11\rangle\langle10|` at :math:`E + u`, each with its own
rates (brask2022 (3)). For :math:`u = \infty` the upper transitions have the rates of an infinite
energy, and :math:`|11\rangle`, infinitely detuned, takes no part in the Hamiltonian; this limit
comes before :math:`T \to \infty`.

========================  ==========================================  ================
parameter                 meaning                                     unit
========================  ==========================================  ================
g                         flip-flop coupling, >= 0                    energy
u                         energy of double excitation, [0, inf]       energy
E_a, E_b                  gaps                                        energy
kappa_a, kappa_b          local tunnelling                            energy
bath_x.gamma              coupling rate :math:`\gamma`                energy
bath_x.temperature        :math:`T` (or ``occupation`` at the gap)    energy
========================  ==========================================  ================

Valid where dissipation is local: :math:`g \lesssim \gamma_A, \gamma_B \ll E, u`
(brask2022 Sec. II). The state depends on ratios of :math:`g, \gamma_A, \gamma_B` alone when there
is no detuning and no tunnelling; :math:`\gamma \ll E` is then a matter of units and is not checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Literal

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float

from jaxent.baths import Bath, allowed, known, non_negative, positive
from jaxent.generator import Generator
from jaxent.machines.machine import AbstractLindbladMachine, Regime
from jaxent.machines.parameters import Parameter, bath_from, bath_parameters
from jaxent.precise import PreciseState
from jaxent.quantum import on_a, on_b, transition
from jaxent.terms import Hamiltonian, Jump

Charge = Literal["none", "finite", "infinite"]

LARGEST_CHARGE = 1e12
"""Beyond it u is as good as infinite, and nothing but infinity itself says so exactly."""

_EXCITED = transition(2, 1, 1)
_RAISE = transition(2, 1, 0)
N_A, N_B = on_a(_EXCITED, 2), on_b(_EXCITED, 2)
BOTH = N_A @ N_B
FLIP_FLOP = transition(4, 1, 2) + transition(4, 2, 1)
SIGMA_X_A = on_a(_RAISE + _RAISE.T, 2)
SIGMA_X_B = on_b(_RAISE + _RAISE.T, 2)
_NOT_BOTH = np.eye(4) - BOTH


class TwoQubit(AbstractLindbladMachine):
    """Two qubits with flip-flop coupling, each on its own bath (brask2022 (2), (3)).

    Args:
        g: flip-flop coupling.
        bath_a, bath_b: the baths.
        u: charge energy of ``|11>``; ``inf`` is the structural limit.
        E_a, E_b: gaps, > 0.
        kappa_a, kappa_b: local tunnelling amplitudes (khandelwal2020 (19)).
        charge: ``"none"`` for u = 0, ``"finite"`` where the baths resolve the charge,
            ``"infinite"`` for u = inf. Taken from ``u`` unless given: a traced one is taken as
            finite.

    The structure is chosen when a machine is built, and only numbers that are not traced can
    choose: gaps that are equal leave no detuning (and one leaf for both), amplitudes that vanish no
    tunnelling. Build a machine anew to change what has no leaf.

    Traced values outside their range become not a number.

    Raises:
        ValueError: a parameter that is not traced is outside its range, or does not go with
            ``charge``.
    """

    kind: ClassVar[str] = "two_qubit"
    dims: ClassVar[tuple[int, int]] = (2, 2)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("g", "flip-flop coupling g", symbol="g"),
        Parameter(
            "u",
            "charge energy u of |11>",
            high=LARGEST_CHARGE,
            default=0.0,
            infinite=True,
            symbol="u",
        ),
        Parameter("E_a", "gap of qubit A", default=1.0, positive=True, symbol="E_A"),
        Parameter("E_b", "gap of qubit B", default=1.0, positive=True, symbol="E_B"),
        Parameter("kappa_a", "tunnelling of qubit A", low=-np.inf, default=0.0, symbol=r"\kappa_A"),
        Parameter("kappa_b", "tunnelling of qubit B", low=-np.inf, default=0.0, symbol=r"\kappa_B"),
        *bath_parameters("a"),
        *bath_parameters("b"),
    )

    g: Float[Array, "..."]
    E_a: Float[Array, "..."]
    bath_a: Bath
    bath_b: Bath
    finite_u: Float[Array, "..."] | None
    detuned_E_b: Float[Array, "..."] | None
    tunnelling_a: Float[Array, "..."] | None
    tunnelling_b: Float[Array, "..."] | None
    charge: Charge = eqx.field(static=True)

    def __init__(
        self,
        g: ArrayLike,
        bath_a: Bath,
        bath_b: Bath,
        *,
        u: ArrayLike = 0.0,
        E_a: ArrayLike = 1.0,
        E_b: ArrayLike = 1.0,
        kappa_a: ArrayLike = 0.0,
        kappa_b: ArrayLike = 0.0,
        charge: Charge | None = None,
    ):
        self.bath_a, self.bath_b = bath_a, bath_b
        # What has no leaf of its own keeps its batch axes.
        g = jnp.broadcast_to(
            g, jnp.broadcast_shapes(*map(jnp.shape, (g, u, E_b, kappa_a, kappa_b)))
        )
        self.g = non_negative("g", g)
        self.E_a = positive("E_a", E_a)
        self.charge = _charge(u) if charge is None else charge
        self.finite_u = _finite_charge(u) if self.charge == "finite" else None
        resonant = known(E_a, np.isfinite) and known(E_b, lambda e: e == np.asarray(E_a))
        gap_b = positive("E_b", E_b)
        self.detuned_E_b = None if resonant else gap_b
        amplitudes = {"kappa_a": kappa_a, "kappa_b": kappa_b}
        untunnelled = all(known(k, lambda k: k == 0) for k in amplitudes.values())
        self.tunnelling_a, self.tunnelling_b = (
            None if untunnelled else allowed(name, k, "finite", lambda x: abs(x) < np.inf)
            for name, k in amplitudes.items()
        )

    @property
    def u(self) -> Float[Array, "..."]:
        """The charge energy, 0 or infinite where the structure says so."""
        if self.finite_u is not None:
            return self.finite_u
        return jnp.full_like(self.g, 0.0 if self.charge == "none" else jnp.inf)

    @property
    def E_b(self) -> Float[Array, "..."]:
        """The gap of qubit B, that of qubit A where the structure says so."""
        return self.E_a if self.detuned_E_b is None else self.detuned_E_b

    @property
    def kappa_a(self) -> Float[Array, "..."]:
        """The tunnelling amplitude of qubit A, 0 where the structure says so."""
        return jnp.zeros_like(self.g) if self.tunnelling_a is None else self.tunnelling_a

    @property
    def kappa_b(self) -> Float[Array, "..."]:
        """The tunnelling amplitude of qubit B, 0 where the structure says so."""
        return jnp.zeros_like(self.g) if self.tunnelling_b is None else self.tunnelling_b

    @property
    def detuned(self) -> bool:
        """Whether the structure allows for a detuning."""
        return self.detuned_E_b is not None

    @property
    def tunnelling(self) -> bool:
        """Whether the structure allows for tunnelling."""
        return self.tunnelling_a is not None

    @classmethod
    def from_parameters(cls, values: Mapping[str, Any]) -> TwoQubit:
        cls.refuse_unknown(values)
        optional = ("u", "E_a", "E_b", "kappa_a", "kappa_b")
        return cls(
            values["g"],
            bath_from(values, "a"),
            bath_from(values, "b"),
            **{name: values[name] for name in optional if name in values},
        )

    @classmethod
    def refuse_ranges(
        cls, fixed: Mapping[str, Any], free: Mapping[str, tuple[float, float]]
    ) -> None:
        tunnelling = any(name in free or fixed.get(name) for name in ("kappa_a", "kappa_b"))
        if tunnelling and "u" in free and free["u"][0] == 0:
            raise ValueError(
                "u: the range starts at 0, where a bath no longer resolves the other qubit and the "
                "state of tunnelling qubits jumps; allowed: low > 0, or u: 0"
            )

    @property
    def generator(self) -> Generator:
        return _generator(self.charge, self.detuned, self.tunnelling)

    @property
    def frozen(self) -> tuple[bool, bool]:
        """Which qubits are known to have an infinitely fast bath, which freezes their coherence.

        With charge the other qubit's rates still depend on the frozen one's level, and the limit
        is left to a bath of finite speed.
        """
        if self.charge != "none":
            return False, False
        return self.bath_a.infinitely_fast, self.bath_b.infinitely_fast

    def coefficients(self) -> list[Float[Array, "..."]]:
        frozen_a, frozen_b = self.frozen
        energies = self._energies()
        stopped = {"g": frozen_a or frozen_b, "kappa_a": frozen_a, "kappa_b": frozen_b}
        coherent = [
            jnp.zeros_like(energies[name]) if stopped.get(name) else energies[name]
            for name in _coherent(self.charge, self.detuned, self.tunnelling)
        ]
        a = [_even(self.bath_a)] if frozen_a else self.rates("a")
        b = [_even(self.bath_b)] if frozen_b else self.rates("b")
        if self.charge == "none":
            a, b = a[:1], b[:1]
        return jnp.broadcast_arrays(*coherent, *(rate for pair in a + b for rate in pair))

    def _energies(self) -> dict[str, Array]:
        """The energies that belong to :func:`_operators`."""
        return {
            "g": self.g,
            "detuning": (self.E_a - self.E_b) / 2,
            "gap": (self.E_a + self.E_b) / 2,
            "kappa_a": self.kappa_a,
            "kappa_b": self.kappa_b,
            "u": jnp.zeros(()) if self.finite_u is None else self.finite_u,
        }

    def rates(self, party: str) -> list[tuple[Array, Array]]:
        r"""The rates :math:`(\Gamma_{kl}^+, \Gamma_{kl}^-)` of one bath, for ``l = 0, 1``.

        The first pair is at the qubit's gap, the second at the gap plus ``u``.
        """
        bath, gap = (self.bath_a, self.E_a) if party == "a" else (self.bath_b, self.E_b)
        lower = bath.rates_at_gap(gap)
        if self.charge == "none":
            return [lower, lower]
        if self.charge == "infinite":
            return [lower, bath.rates_far_above(gap)]
        return [lower, bath.rates(gap, gap + self.u)]

    def hamiltonian(self) -> np.ndarray:
        r"""The Hamiltonian, shape ``(4, 4)``, of a machine without batch axes.

        For ``u = inf`` the level :math:`|11\rangle`, infinitely detuned, is left out.
        """
        energies = self._energies()
        return sum(
            (
                float(energies[name]) * operator
                for name, operator in _operators(self.charge).items()
            ),
            start=np.zeros((4, 4), dtype=complex),
        )

    def energy(self) -> np.ndarray:
        """The whole Hamiltonian.

        With the free one alone, as khandelwal2020 (10) is printed, the first law fails where the
        qubits are detuned.
        """
        return self.hamiltonian()

    def inverse_temperatures(self) -> Mapping[str, float]:
        """Those of both baths; a given occupation counts as its inverse temperature.

        None where an inverted bath pays an infinite charge energy.
        """
        inverted = self.bath_a.inverted(self.E_a) or self.bath_b.inverted(self.E_b)
        if self.charge == "infinite" and inverted:
            return {}
        return {"a": self.bath_a.beta_at(self.E_a), "b": self.bath_b.beta_at(self.E_b)}

    def critical_heat_current(self, state: PreciseState) -> float | None:
        r"""The current of qubits without charge and tunnelling, khandelwal2020 (18).

        .. math::
            J_c = 4g\,(E_a\Gamma_B + E_b\Gamma_A)\sqrt{\frac{p_{00}p_{11}}{\Gamma^2 + 4\delta^2}}

        with :math:`\Gamma_k = \Gamma_k^+ + \Gamma_k^-`, :math:`\Gamma = \Gamma_A + \Gamma_B` and
        :math:`\delta = E_b - E_a`: the state is entangled if and only if :math:`|J| > J_c`.
        """
        if self.charge != "none" or self.tunnelling or any(self.frozen):
            return None
        gamma_a, gamma_b = (sum(map(float, self.rates(party)[0])) for party in ("a", "b"))
        e_a, e_b = float(self.E_a), float(self.E_b)
        damping = np.hypot(gamma_a + gamma_b, 2 * (e_b - e_a))
        if damping == 0:
            return None
        coupling = 4 * float(self.g) * (e_a * (gamma_b / damping) + e_b * (gamma_a / damping))
        return float(coupling * float(state.geometric_mean(0, 3)))

    @property
    def obeys_second_law(self) -> bool:
        """Local baths of detuned or tunnelling qubits need not (khandelwal2020 Sec. V)."""
        return not (self.detuned or self.tunnelling)

    def regimes(self) -> list[Regime]:
        g = float(self.g)
        gammas = {"gamma_A": float(self.bath_a.gamma), "gamma_B": float(self.bath_b.gamma)}
        local = [Regime(f"g <= {name}", g, gamma) for name, gamma in gammas.items()]
        gap = min(float(self.E_a), float(self.E_b))
        weak = [
            Regime(f"{gamma}{bath.stimulation} << E", bath.total_rate(own), gap / 10)
            for gamma, bath, own in zip(
                gammas, (self.bath_a, self.bath_b), (self.E_a, self.E_b), strict=True
            )
        ]
        if not self.tunnelling:
            return local + (weak if self.detuned else [])
        tunnelling = {"kappa_a": float(self.kappa_a), "kappa_b": float(self.kappa_b)}
        weak += [Regime(f"|{name}| << E", abs(k), gap / 10) for name, k in tunnelling.items()]
        if self.finite_u is not None:
            u = float(self.finite_u)
            weak += [Regime(f"{name} << u", gamma, u / 10) for name, gamma in gammas.items()]
        return local + weak


def _charge(u: ArrayLike) -> Charge:
    if known(u, lambda u: u == 0):
        return "none"
    return "infinite" if known(u, np.isposinf) else "finite"


def _finite_charge(u: ArrayLike) -> Array:
    words = f"in [0, {LARGEST_CHARGE:g}], or inf for all"
    return allowed("u", u, words, lambda x: (x >= 0) & (x <= LARGEST_CHARGE))


def _even(bath: Bath) -> tuple[Array, Array]:
    # How fast a frozen qubit is mixed does not matter any more, only that it is.
    return bath.gamma / 2, bath.gamma / 2


@cache
def _operators(charge: Charge) -> dict[str, np.ndarray]:
    """The operators of the Hamiltonian by the names of their energies."""
    inside = _NOT_BOTH if charge == "infinite" else np.eye(4)
    operators = {
        "g": FLIP_FLOP,
        "detuning": N_A - N_B,
        "gap": N_A + N_B,
        "kappa_a": SIGMA_X_A,
        "kappa_b": SIGMA_X_B,
        "u": BOTH,
    }
    return {name: inside @ operator @ inside for name, operator in operators.items()}


def _coherent(charge: Charge, detuned: bool, tunnelling: bool) -> list[str]:
    """The energies that act on the steady state: without tunnelling only differences of levels."""
    names = ["g", *(["detuning"] if detuned else [])]
    if tunnelling:
        names += ["gap", "kappa_a", "kappa_b", *(["u"] if charge == "finite" else [])]
    return names


@cache
def _generator(charge: Charge, detuned: bool, tunnelling: bool) -> Generator:
    operators, raising = _operators(charge), _raising(charge)
    coherent = [Hamiltonian(operators[name]) for name in _coherent(charge, detuned, tunnelling)]
    both = [
        Jump(way, bath)
        for bath, upwards in raising.items()
        for raised in upwards
        for way in (raised, raised.T)
    ]
    return Generator([*coherent, *both])


def _raising(charge: Charge) -> dict[str, list[np.ndarray]]:
    """The upward jumps of each party: with charge one for each level of the other qubit."""
    if charge == "none":
        return {"a": [on_a(_RAISE, 2)], "b": [on_b(_RAISE, 2)]}
    return {
        "a": [transition(4, 2, 0), transition(4, 3, 1)],
        "b": [transition(4, 1, 0), transition(4, 3, 2)],
    }
