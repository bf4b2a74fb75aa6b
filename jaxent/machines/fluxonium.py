r"""Two fluxonium qutrits between bosonic baths: the qutrit machine as it could be built.

Paper: tavakoli2018 (Tavakoli, Haack, Huber, Brunner, Brask, Quantum 2, 73), Sec. IV and App. F,
Eqs. (F6)-(F12), with the interaction (A1).

::

           A (hot, Gamma_A, T_A)                    B (cold, Gamma_B, T_B)

      |2> ----- 1 + eps                          |2> ----- 1 + eps     .
            |                                          |               .  Pi_B
            | eps           g_1: |20> <-> |02>         | 1             .
            |               g_2: |20> <-> |11>   |1> ----- eps         .
      |1> ----- 1     .     g_3: |02> <-> |11>         |
            | 1       .  Pi_A                          | eps
      |0> ----- 0     .                          |0> ----- 0

.. math::
    H = g_1 |02\rangle\langle20| + g_2 |11\rangle\langle20| + g_3 |11\rangle\langle02|
        + \mathrm{h.c.}

    \dot\rho = -i[H, \rho] + \sum_{k = A, B}\; \sum_{i = 01, 02, 12}
        \Gamma_k n_B(E_i^k, T_k)\,\mathcal{D}[\sigma_i^+]\rho
        + \Gamma_k [1 + n_B(E_i^k, T_k)]\,\mathcal{D}[\sigma_i^-]\rho
        + \gamma \sum_{k = A, B}\; \sum_{l = 1, 2} \mathcal{D}[\sigma_z^{kl}]\rho

with :math:`\sigma_{ij}^+ = |j\rangle\langle i|`, the projectors :math:`\sigma_z^{kl} =
|l\rangle_k\langle l|` and :math:`n_B(E, T) = 1/(e^{E/T} - 1)`. The levels :math:`|20\rangle,
|02\rangle, |11\rangle` have one energy, :math:`1 + \epsilon`: the interaction commutes with
:math:`H_A + H_B`, which has nothing to add to the steady state and is left out.

========================  ==========================================  ================
parameter                 meaning                                     unit
========================  ==========================================  ================
g1, g2, g3                couplings :math:`g_1, g_2, g_3 \ge 0`       energy
epsilon                   gap :math:`\epsilon > 0`                    energy
gamma_a, gamma_b          couplings :math:`\Gamma_k` to the baths     energy
dephasing                 pure dephasing :math:`\gamma`               energy
temperature_a             :math:`T_A \ge 0`                           energy
temperature_b             :math:`T_B \ge 0`                           energy
channels_b                transitions of B that its bath drives       1
========================  ==========================================  ================

The lowest gap of A is the unit of energy, 1 GHz in the paper.

**What the figures show.** With all channels, as (F6) is printed, and the parameters of Fig. 5(b),
:math:`\Gamma_A = 10^{-4}, \Gamma_B = 5\cdot10^{-3}, \gamma = 3.5\cdot10^{-5}, g =
1.6\cdot10^{-3}, \epsilon = 3`, the heralded negativity stays below 0.241 for :math:`g_1 = g_2 = g`
and below 0.245 for :math:`g_1 = g_2 = g/\sqrt2`; the largest values are those of vanishing
temperatures. The contours of the figure, up to 0.48, appear without the channel 12 of B, which the
reset model lacks too (F4): it takes :math:`|02\rangle` to :math:`|01\rangle`, and both pass the
filters. App. F has :math:`\gamma = 5\cdot10^{-4}` instead.

Valid where dissipation is local, :math:`g_k \lesssim \Gamma_A, \Gamma_B`, and couplings and rates
are far below all gaps (App. F). The paper's figures leave the first: g is 16 times Gamma_A there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Complex, Float

from jaxent.baths import Bath, allowed, known, non_negative, positive
from jaxent.generator import Generator
from jaxent.machines.machine import AbstractLindbladMachine, Regime
from jaxent.machines.parameters import Parameter
from jaxent.machines.qudit_reset import heralded_ket
from jaxent.machines.resets import arguments
from jaxent.quantum import on_a, on_b, transition
from jaxent.terms import Hamiltonian, Jump

CHANNELS = ("01", "02", "12")
"""The transitions of a qutrit, by their lower and upper level."""

_SETS = {"all": CHANNELS, "without 12": ("01", "02")}


class Fluxonium(AbstractLindbladMachine):
    """Two fluxonium qutrits, each on its own bosonic bath (tavakoli2018 (A1), (F6)).

    Args:
        g1, g2, g3: the couplings of ``|02>`` and ``|20>``, ``|11>`` and ``|20>``, ``|11>`` and
            ``|02>``.
        epsilon: the upper gap of A and the lower one of B, > 0; the others are 1.
        gamma_a, gamma_b: the couplings of all transitions of a qutrit to its bath.
        dephasing: the pure dephasing of the levels 1 and 2 of each qutrit.
        temperature_a, temperature_b: >= 0. A bath that is known to be infinitely hot fills all
            levels evenly and freezes every coherence; a traced one is as in ``baths.Bath``.
        beta_a, beta_b: the inverse temperatures, in place of these.
        channels_b: some of ``"01"``, ``"02"``, ``"12"``, the transitions of B that its bath drives;
            or ``"all"``, or ``"without 12"``.

    The structure is chosen when a machine is built, and only numbers that are not traced can
    choose: a coupling g3 known to vanish leaves no term and no leaf.

    Traced values outside their range become not a number.

    Raises:
        ValueError: a parameter that is not traced is outside its range, not exactly one of a
            temperature and its inverse is given, or a channel is unknown or given twice.
    """

    kind: ClassVar[str] = "fluxonium"
    dims: ClassVar[tuple[int, int]] = (3, 3)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("g1", "coupling g_1 of |02> and |20>", symbol="g_1"),
        Parameter("g2", "coupling g_2 of |11> and |20>", symbol="g_2"),
        Parameter("g3", "coupling g_3 of |11> and |02>", default=0.0, symbol="g_3"),
        Parameter(
            "epsilon",
            "upper gap of A and lower gap of B; the others are 1",
            positive=True,
            symbol=r"\epsilon",
        ),
        Parameter("gamma_a", "coupling Gamma_A to the bath of A", symbol=r"\Gamma_A"),
        Parameter("gamma_b", "coupling Gamma_B to the bath of B", symbol=r"\Gamma_B"),
        Parameter("dephasing", "pure dephasing gamma of the levels 1 and 2", symbol=r"\gamma"),
        Parameter("temperature_a", "temperature T_A, not below 0", infinite=True, symbol="T_A"),
        Parameter("temperature_b", "temperature T_B, not below 0", infinite=True, symbol="T_B"),
        Parameter(
            "channels_b",
            "transitions of B that its bath drives",
            default="all",
            several=CHANNELS,
            unit="1",
        ),
    )

    g1: Float[Array, "..."]
    g2: Float[Array, "..."]
    free_g3: Float[Array, "..."] | None
    epsilon: Float[Array, "..."]
    bath_a: Bath
    bath_b: Bath
    dephasing: Float[Array, "..."]
    channels_b: tuple[str, ...] = eqx.field(static=True)

    def __init__(
        self,
        g1: ArrayLike,
        g2: ArrayLike,
        epsilon: ArrayLike,
        gamma_a: ArrayLike,
        gamma_b: ArrayLike,
        dephasing: ArrayLike,
        *,
        temperature_a: ArrayLike | None = None,
        temperature_b: ArrayLike | None = None,
        beta_a: ArrayLike | None = None,
        beta_b: ArrayLike | None = None,
        g3: ArrayLike = 0.0,
        channels_b: str | Sequence[str] = "all",
    ):
        # What has no leaf of its own keeps its batch axes.
        g1 = jnp.broadcast_to(g1, jnp.broadcast_shapes(jnp.shape(g1), jnp.shape(g3)))
        self.g1, self.g2 = non_negative("g1", g1), non_negative("g2", g2)
        self.free_g3 = None if known(g3, lambda g: g == 0) else non_negative("g3", g3)
        self.epsilon = positive("epsilon", epsilon)
        self.bath_a = _bath("a", gamma_a, temperature_a, beta_a)
        self.bath_b = _bath("b", gamma_b, temperature_b, beta_b)
        self.dephasing = non_negative("dephasing", dephasing)
        self.channels_b = _channels(channels_b)

    @classmethod
    def from_parameters(cls, values: Mapping[str, Any]) -> Fluxonium:
        cls.refuse_unknown(values)
        return cls(**arguments(values))

    @property
    def g3(self) -> Float[Array, "..."]:
        """The coupling of ``|11>`` and ``|02>``, 0 where the structure says so."""
        return jnp.zeros_like(self.g1) if self.free_g3 is None else self.free_g3

    @property
    def default_filters(self) -> tuple[np.ndarray, np.ndarray]:
        r"""The diagonals of :math:`\Pi_A`, without ``|2>``, and :math:`\Pi_B`, without ``|0>``."""
        return np.array([1.0, 1.0, 0.0]), np.array([0.0, 1.0, 1.0])

    @property
    def target(self) -> Complex[Array, "... 9"]:
        r""":math:`(g_1 |02\rangle + g_2 |11\rangle)/\sqrt{g_1^2 + g_2^2}`, (7) with (3).

        Not a number where both couplings vanish.
        """
        return heralded_ket([self.g1, self.g2])

    @property
    def generator(self) -> Generator:
        return _generator(self.free_g3 is not None, self.channels_b)

    def gaps(self, party: str) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
        """The lower and the upper gap of ``"a"`` or ``"b"``."""
        one = jnp.ones_like(self.epsilon)
        return (one, self.epsilon) if party == "a" else (self.epsilon, one)

    def rates(self, party: str) -> dict[str, tuple[Float[Array, "..."], Float[Array, "..."]]]:
        r"""The rates :math:`\Gamma n_B, \Gamma(1 + n_B)` of the channels of ``"a"`` or ``"b"``."""
        lower, upper = self.gaps(party)
        energies = {"01": lower, "02": lower + upper, "12": upper}
        bath = self.bath_a if party == "a" else self.bath_b
        channels = CHANNELS if party == "a" else self.channels_b
        if bath.infinitely_fast:
            return dict.fromkeys(channels, (bath.gamma, bath.gamma))
        return {channel: bath.rates(1.0, energies[channel]) for channel in channels}

    def coefficients(self) -> list[Float[Array, "..."]]:
        couplings = [self.g1, self.g2, *([] if self.free_g3 is None else [self.free_g3])]
        if self.bath_a.infinitely_fast or self.bath_b.infinitely_fast:
            couplings = [jnp.zeros_like(g) for g in couplings]
        pairs = [*self.rates("a").values(), *self.rates("b").values()]
        return jnp.broadcast_arrays(
            *couplings, *(rate for pair in pairs for rate in pair), *[self.dephasing] * 4
        )

    def energy(self) -> np.ndarray:
        r"""The free Hamiltonian :math:`H_A + H_B`, which interaction and dephasing conserve.

        So the first law is exact for its flow, :math:`\dot Q_A + \dot Q_B = 0`.
        """
        a, b = (np.diag(np.cumsum([0.0, *map(float, self.gaps(party))])) for party in ("a", "b"))
        return on_a(a, 3) + on_b(b, 3)

    def inverse_temperatures(self) -> Mapping[str, float]:
        return {"a": self.bath_a.beta_at(1.0), "b": self.bath_b.beta_at(1.0)}

    def regimes(self) -> list[Regime]:
        g = max(float(self.g1), float(self.g2), float(self.g3))
        gammas = {"Gamma_A": float(self.bath_a.gamma), "Gamma_B": float(self.bath_b.gamma)}
        gap = min(1.0, float(self.epsilon))
        local = [Regime(f"g_k <= {name}", g, gamma) for name, gamma in gammas.items()]
        small = {"g_k": g, **gammas}
        return local + [Regime(f"{name} << 1, eps", x, gap / 10) for name, x in small.items()]


def _bath(
    party: str, gamma: ArrayLike, temperature: ArrayLike | None, beta: ArrayLike | None
) -> Bath:
    if (temperature is None) == (beta is None):
        raise ValueError(f"temperature_{party}: allowed: exactly one of it and beta_{party}")
    words = "a number >= 0 and not -0.0: bosons have no inversion"
    for name, given in (("temperature", temperature), ("beta", beta)):
        if given is not None:
            allowed(f"{name}_{party}", given, words, lambda x: (x >= 0) & ~jnp.signbit(x))
    gamma = non_negative(f"gamma_{party}", gamma)
    return Bath(gamma, temperature=temperature, beta=beta, statistics="boson")


def _channels(given: str | Sequence[str]) -> tuple[str, ...]:
    chosen = _SETS.get(given, ()) if isinstance(given, str) else tuple(given)
    if not chosen or len({*chosen}) < len(chosen) or not {*chosen} <= {*CHANNELS}:
        words = "all, without 12, or a list of some of 01, 02, 12"
        raise ValueError(f"channels_b: {given!r} is given; allowed: {words}")
    return tuple(channel for channel in CHANNELS if channel in chosen)


@cache
def _generator(third: bool, channels_b: tuple[str, ...]) -> Generator:
    def level(a: int, b: int) -> int:
        return 3 * a + b

    def raised(channel: str) -> np.ndarray:
        lower, upper = map(int, channel)
        return transition(3, upper, lower)

    hops = [(level(0, 2), level(2, 0)), (level(1, 1), level(2, 0)), (level(1, 1), level(0, 2))]
    coherent = [transition(9, *hop) + transition(9, *hop).T for hop in hops[: 3 if third else 2]]
    raising = [("a", on_a(raised(channel), 3)) for channel in CHANNELS]
    raising += [("b", on_b(raised(channel), 3)) for channel in channels_b]
    thermal = [Jump(way, bath) for bath, jump in raising for way in (jump, jump.T)]
    projectors = [transition(3, k, k) for k in (1, 2)]
    dephasing = [*(on_a(sigma, 3) for sigma in projectors), *(on_b(s, 3) for s in projectors)]
    return Generator([*map(Hamiltonian, coherent), *thermal, *map(Jump, dephasing)])
