r"""A qubit and a qutrit reset by two baths, with and without population inversion.

Paper: tavakoli2018 (Tavakoli, Haack, Huber, Brunner, Brask, Quantum 2, 73), App. G.3 and G.4,
Eq. (4) with the interaction (G5).

::

    A: reset to tau_A at rate p_A             B: reset to tau_B at rate p_B

                                                |2> ----- 2
                              g_2                         |
      |1> ----- 1        |11> <-> |02>          |1> ----- 1
          |                   g_1                         |
      |0> ----- 0        |10> <-> |01>          |0> ----- 0

.. math::
    H = g_1\,(|01\rangle\langle10| + |10\rangle\langle01|)
        + g_2\,(|02\rangle\langle11| + |11\rangle\langle02|)

    \dot\rho = -i[H, \rho] + p_A(\tau_A \otimes \mathrm{tr}_A\rho - \rho)
        + p_B(\mathrm{tr}_B\rho \otimes \tau_B - \rho), \qquad
    \tau_X \propto e^{-H_X/T_X}

The gap of the qubit, and each of the qutrit's, is the unit of energy. The interaction commutes with
:math:`H_A + H_B`, which is left out (``resets``).

========================  ==========================================  ================
parameter                 meaning                                     unit
========================  ==========================================  ================
g1, g2                    couplings :math:`g_1, g_2 \ge 0`            energy
p_a, p_b                  reset rates :math:`p_A, p_B`                energy
temperature_a             :math:`T_A`: any real number, 0+-, +-inf    energy
temperature_b             :math:`T_B`: the same                       energy
========================  ==========================================  ================

The paper filters B and lets :math:`p_B \to 0`, in two settings:

===========================  ==============  =======  ==================================
temperatures                 levels kept     state    largest negativity
===========================  ==============  =======  ==================================
T_A = 0+, T_B = +-inf        1, 2 of B       (G6)     :math:`(\sqrt2-1)/4 \approx 0.104`
T_A = 0-, T_B = 0+           0, 1 of B       (G8)     :math:`1/(2+2\sqrt6) \approx 0.145`
===========================  ==============  =======  ==================================

The first is approached for :math:`g_2 \ll g_1` with :math:`p_A = \sqrt{8 + 8\sqrt2}\,g_2`, the
second for :math:`g_1 \ll g_2` with :math:`p_A = \sqrt{6 + 2\sqrt6}\,g_1` (G11), the only stationary
point of (G10) at positive :math:`K = p_A/g_1`; the text before (G11) speaks of two. Both are
heralded with a probability that vanishes with :math:`p_B`.

Valid where couplings and rates are far below the gaps, g_1, g_2, p_A, p_B << 1. Where both
temperatures are at a limit the state depends on ratios of these alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from jaxtyping import Array, ArrayLike, Float

from jaxent.baths import non_negative
from jaxent.machines.parameters import Parameter, temperature_parameters
from jaxent.machines.resets import (
    AbstractResetMachine,
    Energy,
    Exchange,
    ThermalReset,
    arguments,
)


class QubitQutritReset(AbstractResetMachine):
    """A qubit coupled to a qutrit, each reset to a thermal state (tavakoli2018 App. G.3, G.4).

    Args:
        g1: the coupling of ``|01>`` and ``|10>``.
        g2: the coupling of ``|02>`` and ``|11>``.
        p_a, p_b: the reset rates.
        temperature_a, temperature_b: any real number, in units of the gap; ``0.0`` is T = 0+,
            ``-0.0`` is T = 0-.
        beta_a, beta_b: the inverse temperatures, in place of these.

    A temperature that is known to be at a limit when a machine is built, and not traced, leaves no
    leaf. Traced values outside their range become not a number.

    Raises:
        ValueError: a parameter that is not traced is outside its range, or not exactly one of
            temperature and inverse temperature is given.
    """

    kind: ClassVar[str] = "qubit_qutrit_reset"
    dims: ClassVar[tuple[int, int]] = (2, 3)
    exchanges: ClassVar[tuple[Exchange, ...]] = ((((0, 1), (1, 0)),), (((0, 2), (1, 1)),))
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("g1", "coupling g_1 of |01> and |10>", symbol="g_1"),
        Parameter("g2", "coupling g_2 of |02> and |11>", symbol="g_2"),
        Parameter("p_a", "reset rate p_A of the qubit", symbol="p_A"),
        Parameter("p_b", "reset rate p_B of the qutrit", symbol="p_B"),
        *temperature_parameters(),
    )

    g1: Float[Array, "..."]
    g2: Float[Array, "..."]
    reset_a: ThermalReset
    reset_b: ThermalReset

    def __init__(
        self,
        g1: ArrayLike,
        g2: ArrayLike,
        p_a: ArrayLike,
        p_b: ArrayLike,
        *,
        temperature_a: ArrayLike | None = None,
        temperature_b: ArrayLike | None = None,
        beta_a: ArrayLike | None = None,
        beta_b: ArrayLike | None = None,
    ):
        self.g1, self.g2 = non_negative("g1", g1), non_negative("g2", g2)
        self.reset_a = ThermalReset("a", p_a, temperature_a, beta_a)
        self.reset_b = ThermalReset("b", p_b, temperature_b, beta_b)

    @classmethod
    def from_parameters(cls, values: Mapping[str, Any]) -> QubitQutritReset:
        cls.refuse_unknown(values)
        return cls(**arguments(values))

    @property
    def couplings(self) -> Mapping[str, Float[Array, "..."]]:
        return {"g_1": self.g1, "g_2": self.g2}

    def energies(self, party: str) -> list[Energy]:
        return [0.0, 1.0] if party == "a" else [0.0, 1.0, 2.0]
