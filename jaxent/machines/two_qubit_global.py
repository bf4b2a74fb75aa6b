r"""Two strongly coupled qubits between two baths, each of which acts on both of them.

Paper: khandelwal2020 (Khandelwal, Palazzo, Brunner, Haack, New J. Phys. 22, 073039), Sec. 6, Eqs.
(20)-(27), and App. B.

::

                    |2> = |11>                 2 E
           E - g   /          \   E + g
                 /              \
       |eps_+>, E + g            \             |eps_+-> = (|01> +- |10>) / sqrt(2)
                 \       |eps_->, E - g
           E + g   \          /   E - g        baths A (hot) and B (cold) drive all four
                    |0> = |00>                 0

.. math::
    H = E\,(n_A + n_B) + g\,(|01\rangle\langle10| + |10\rangle\langle01|), \qquad
    \varepsilon_\pm = E \pm g

    \dot\rho = -i[H, \rho] + \sum_{j \in \{A,B\}} \sum_{\alpha \in \{+,-\}}
        \gamma_j^-(\varepsilon_\alpha)\,\mathcal{D}[L_j(\varepsilon_\alpha)]\rho
        + \gamma_j^+(\varepsilon_\alpha)\,\mathcal{D}[L_j^\dagger(\varepsilon_\alpha)]\rho

    L_{A,B}(\varepsilon_+) = \big(|0\rangle\langle\varepsilon_+|
        \pm |\varepsilon_-\rangle\langle2|\big)/\sqrt2, \qquad
    L_{A,B}(\varepsilon_-) = \big(|\varepsilon_+\rangle\langle2|
        \mp |0\rangle\langle\varepsilon_-|\big)/\sqrt2

The jumps are those parts of :math:`\sigma_-^{(j)}` that lower the energy by
:math:`\varepsilon_\alpha`.

**A rate equation.** They turn populations of the four levels into populations alone, and :math:`H`,
which commutes with these, has nothing to add to the steady state. Each of the two modes
:math:`\varepsilon_\alpha` is filled by both baths, whatever the other mode does:
:math:`n_\alpha = \Gamma^+(\varepsilon_\alpha)/\Gamma(\varepsilon_\alpha)` with
:math:`\Gamma = \Gamma^+ + \Gamma^-` and :math:`\Gamma^\pm = \gamma_A^\pm + \gamma_B^\pm`.

========================  ==========================================  ================
parameter                 meaning                                     unit
========================  ==========================================  ================
g                         flip-flop coupling, 0 <= g < E              energy
E                         gap of both qubits, > 0                     energy
bath_x.gamma              coupling rate :math:`\gamma`                energy
bath_x.temperature        :math:`T`                                   energy
bath_x.occupation         :math:`n` at the gap ``E``, in place of     1
                          :math:`T`, which it fixes for both
                          transitions
========================  ==========================================  ================

Valid where the baths resolve the levels: the rates :math:`\Gamma_j(\varepsilon_-) =
\gamma_j^+ + \gamma_j^-`, for fermions :math:`\gamma_j`, are far below :math:`g` (secular
approximation) and below :math:`E - g`, the lower of the transition energies. An infinitely hot
bosonic bath, whose rates are infinite, has the state :math:`1/4` as its limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float

from jaxent.baths import Bath, allowed, known, positive
from jaxent.generator import Generator
from jaxent.machines.collective_qubits import COLLECTIVE_BASIS
from jaxent.machines.machine import AbstractLindbladMachine, Regime
from jaxent.machines.parameters import Parameter, bath_from, bath_parameters
from jaxent.precise import PreciseState
from jaxent.quantum import transition
from jaxent.terms import Jump

# Below it in units of E the rounding of E + g and E - g hides their difference in the coherence.
_RESOLVED = 1e-8

# sqrt(2) L_j, free of rounding, between |0>, |eps_->, |eps_+>, |2>: of A and then of B, each at
# E - g and at E + g.
_LOWER = [
    ("a", transition(4, 2, 3) - transition(4, 0, 1)),
    ("a", transition(4, 0, 2) + transition(4, 1, 3)),
    ("b", transition(4, 2, 3) + transition(4, 0, 1)),
    ("b", transition(4, 0, 2) - transition(4, 1, 3)),
]
_GENERATOR = Generator([Jump(way, bath) for bath, lower in _LOWER for way in (lower.T, lower)])


class TwoQubitGlobal(AbstractLindbladMachine):
    """Two qubits with baths that resolve their common levels (khandelwal2020 (20), (21)).

    Args:
        g: flip-flop coupling, 0 <= g < E.
        bath_a, bath_b: the baths; an ``occupation`` is that of the gap ``E``.
        E: gap of both qubits, > 0.

    Traced values outside their range become not a number.

    Raises:
        ValueError: a parameter that is not traced is outside its range.
    """

    kind: ClassVar[str] = "two_qubit_global"
    dims: ClassVar[tuple[int, int]] = (2, 2)
    basis: ClassVar[np.ndarray] = COLLECTIVE_BASIS
    generator: ClassVar[Generator] = _GENERATOR
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("g", "flip-flop coupling g, below E", symbol="g"),
        Parameter("E", "gap of both qubits", default=1.0, positive=True, symbol="E"),
        *bath_parameters("a"),
        *bath_parameters("b"),
    )

    g: Float[Array, "..."]
    E: Float[Array, "..."]
    bath_a: Bath
    bath_b: Bath

    def __init__(self, g: ArrayLike, bath_a: Bath, bath_b: Bath, *, E: ArrayLike = 1.0):
        self.bath_a, self.bath_b = bath_a, bath_b
        self.E = positive("E", E)
        # Beside a traced gap nothing is known of the coupling.
        gap_is_known = known(E, np.isfinite)
        gap = np.asarray(E) if gap_is_known else self.E
        g = g if gap_is_known else g + jnp.zeros_like(self.E)
        words = f"in [0, E) with E = {gap}, for both E - g and E + g to be energies > 0"
        self.g = allowed("g", g, words, lambda x: (x >= 0) & (x < gap))

    @classmethod
    def from_parameters(cls, values: Mapping[str, Any]) -> TwoQubitGlobal:
        cls.refuse_unknown(values)
        baths = [bath_from(values, party) for party in ("a", "b")]
        return cls(values["g"], *baths, E=values.get("E", 1.0))

    @classmethod
    def refuse_ranges(
        cls, fixed: Mapping[str, Any], free: Mapping[str, tuple[float, float]]
    ) -> None:
        largest = free["g"][1] if "g" in free else fixed.get("g", 0.0)
        smallest = free["E"][0] if "E" in free else fixed.get("E", 1.0)
        if ("g" in free or "E" in free) and not largest < smallest:
            raise ValueError(
                f"g: the range reaches {largest:g}, where E - g vanishes with E = {smallest:g}; "
                "allowed: high < E"
            )

    @property
    def x_form(self) -> bool:
        """Always: only ``|eps_+->`` are superpositions, of ``|01>`` and ``|10>``."""
        return True

    def transition_energies(self) -> list[Float[Array, "..."]]:
        r""":math:`\varepsilon_- = E - g` and :math:`\varepsilon_+ = E + g`."""
        return [self.E - self.g, self.E + self.g]

    def rates(self, party: str) -> list[tuple[Array, Array]]:
        r"""The rates :math:`(\gamma_j^+, \gamma_j^-)` of one bath, at :math:`\varepsilon_\mp`.

        Those of a bath that is ``infinitely_fast`` are equal, and the state is theirs alone.
        """
        bath = self.bath_a if party == "a" else self.bath_b
        pairs = [bath.rates(self.E, energy) for energy in self.transition_energies()]
        if not bath.infinitely_fast:
            return pairs
        both = [jnp.zeros_like(up) + bath.infinite_rate for up, _ in pairs]
        return [(rate, rate) for rate in both]

    def coefficients(self) -> list[Float[Array, "..."]]:
        r"""Half of each rate: the jump operators of the structure are :math:`\sqrt2\,L_j`."""
        pairs = [pair for party in ("a", "b") for pair in self.rates(party)]
        return jnp.broadcast_arrays(*(rate / 2 for pair in pairs for rate in pair))

    def energy(self) -> np.ndarray:
        r"""The eigenvalues :math:`0, \varepsilon_-, \varepsilon_+, 2E` of :math:`H`, diagonal."""
        lower, upper = map(float, self.transition_energies())
        return np.diag([0.0, lower, upper, 2 * float(self.E)])

    def inverse_temperatures(self) -> Mapping[str, float]:
        """Those of both baths; a given occupation counts as its inverse temperature."""
        return {"a": self.bath_a.beta_at(self.E), "b": self.bath_b.beta_at(self.E)}

    def critical_heat_current(self, state: PreciseState) -> float | None:
        r"""The heat current that must be exceeded for entanglement, khandelwal2020 (27).

        .. math::
            J = \sum_{\alpha} \varepsilon_\alpha\,
                \frac{\gamma_A^+\gamma_B^- - \gamma_A^-\gamma_B^+}{\Gamma}, \qquad
            J_c = \frac{2\,\Gamma(\varepsilon_-)\,\Gamma(\varepsilon_+)\,|J|\,\sqrt{s_1 s_4}}
                {|\Gamma^-(\varepsilon_-)\Gamma^+(\varepsilon_+)
                - \Gamma^+(\varepsilon_-)\Gamma^-(\varepsilon_+)|}
                = |J|\,\frac{\sqrt{s_1 s_4}}{|d|}

        with the populations :math:`s_1, s_4` of :math:`|11\rangle, |00\rangle` and the coherence
        :math:`d` of (24). The printed denominator has no modulus; it is negative unless a bath is
        inverted, and the printed witness then says nothing.

        Args:
            state: the steady state of a machine without batch axes.

        Returns:
            :math:`J_c \ge 0`, in the units of energy times rate: the state is entangled if and
            only if :math:`|J| > J_c`. Both vanish between baths of equal temperature, where the
            current tells nothing. ``None`` where :math:`d = 0`, as beside an
            infinitely fast bath, and where g is below 1e-8 E.
        """
        if self.bath_a.infinitely_fast or self.bath_b.infinitely_fast:
            return None
        if self.g < _RESOLVED * self.E:
            return None
        coherence = (state.population(2) - state.population(1)) / 2
        if coherence == 0:
            return None
        weights = dict.fromkeys(self.generator.of_bath("a"), 1)
        current, error = state.flow(self.energy(), weights)
        if abs(current) <= error:
            return 0.0
        return 2 * abs(current) * float(state.geometric_mean(0, 3) / abs(coherence))

    def regimes(self) -> list[Regime]:
        lower = float(self.transition_energies()[0])
        rates = {f"Gamma_{p.upper()}": float(sum(self.rates(p)[0])) for p in ("a", "b")}
        secular = [Regime(f"{name} << g", rate, float(self.g) / 10) for name, rate in rates.items()]
        weak = [Regime(f"{name} << E - g", rate, lower / 10) for name, rate in rates.items()]
        return secular + weak
