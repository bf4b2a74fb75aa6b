r"""Two qubits reset by two baths: the smallest machine, with and without population inversion.

Paper: tavakoli2018 (Tavakoli, Haack, Huber, Brunner, Brask, Quantum 2, 73), App. G.1 and G.2,
Eq. (4) with :math:`H_{\mathrm{int}}` of (G1).

::

    A: reset to tau_A at rate p_A             B: reset to tau_B at rate p_B

      |1> ----- 1               g               |1> ----- 1
                       <----------------->
      |0> ----- 0         |01> <-> |10>         |0> ----- 0

.. math::
    H = g\,(|01\rangle\langle10| + |10\rangle\langle01|)

    \dot\rho = -i[H, \rho] + p_A(\tau_A \otimes \mathrm{tr}_A\rho - \rho)
        + p_B(\mathrm{tr}_B\rho \otimes \tau_B - \rho), \qquad
    \tau_X \propto e^{-H_X/T_X}

The gap of both qubits is the unit of energy. The interaction commutes with :math:`H_A + H_B`, which
is left out (``resets``).

========================  ==========================================  ================
parameter                 meaning                                     unit
========================  ==========================================  ================
g                         coupling :math:`g \ge 0`                    energy
p_a, p_b                  reset rates :math:`p_A, p_B`                energy
temperature_a             :math:`T_A`: any real number, 0+-, +-inf    energy
temperature_b             :math:`T_B`: the same                       energy
========================  ==========================================  ================

At :math:`T_A = \infty, T_B = 0^+` the state is (G1) and has a negativity of at most 0.004 (G2); at
:math:`T_A = 0^-, T_B = 0^+` it is (G3), whose negativity is at most
:math:`(\sqrt3 - 1)/8 \approx 0.092`, for :math:`p_A = p_B = (1 + \sqrt3)\,g`.

Valid where coupling and rates are far below the gap, g, p_A, p_B << 1. Where both temperatures are
at a limit the state depends on ratios of these alone.
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


class QubitReset(AbstractResetMachine):
    """Two flip-flop-coupled qubits, each reset to a thermal state (tavakoli2018 App. G.1, G.2).

    Args:
        g: the coupling.
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

    kind: ClassVar[str] = "qubit_reset"
    dims: ClassVar[tuple[int, int]] = (2, 2)
    exchanges: ClassVar[tuple[Exchange, ...]] = ((((0, 1), (1, 0)),),)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("g", "flip-flop coupling g", symbol="g"),
        Parameter("p_a", "reset rate p_A", symbol="p_A"),
        Parameter("p_b", "reset rate p_B", symbol="p_B"),
        *temperature_parameters(),
    )

    g: Float[Array, "..."]
    reset_a: ThermalReset
    reset_b: ThermalReset

    def __init__(
        self,
        g: ArrayLike,
        p_a: ArrayLike,
        p_b: ArrayLike,
        *,
        temperature_a: ArrayLike | None = None,
        temperature_b: ArrayLike | None = None,
        beta_a: ArrayLike | None = None,
        beta_b: ArrayLike | None = None,
    ):
        self.g = non_negative("g", g)
        self.reset_a = ThermalReset("a", p_a, temperature_a, beta_a)
        self.reset_b = ThermalReset("b", p_b, temperature_b, beta_b)

    @classmethod
    def from_parameters(cls, values: Mapping[str, Any]) -> QubitReset:
        cls.refuse_unknown(values)
        return cls(**arguments(values))

    @property
    def couplings(self) -> Mapping[str, Float[Array, "..."]]:
        return {"g": self.g}

    def energies(self, party: str) -> list[Energy]:
        return [0.0, 1.0]
