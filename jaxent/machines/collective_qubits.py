r"""Two qubits between two collective baths, which may be inverted: entanglement by pumping.

Paper: tacchino2018 (Tacchino, Auffeves, Santos, Gerace, Phys. Rev. Lett. 120, 063604), Eqs.
(1)-(6), App. A and B.

::

                     |11>                      2 omega
            A       /    \       S
                  /        \
     |A> = (|01> - |10>)   |S> = (|01> + |10>)   omega      (both over sqrt(2))
                  \        /
            A       \    /       S             bath i: upwards   2 pump
                     |00>                      0       downwards 2 pump exp(beta_i)

.. math::
    H_0 = \omega\,(c_1^\dagger c_1 + c_2^\dagger c_2), \qquad J_A = c_1 - c_2, \quad J_S = c_1 + c_2

    \dot\rho = -i[H_0, \rho] + \sum_{i \in \{A,S\}} \big(\Gamma^+ \mathcal{D}[J_i^\dagger]
        + \Gamma_i^- \mathcal{D}[J_i]\big)\rho, \qquad \Gamma_i^- = \Gamma^+ e^{\beta_i}, \qquad
    \mathcal{D}[o]\rho = o\rho o^\dagger - \tfrac12\{o^\dagger o, \rho\}

The paper's :math:`\tfrac{\Gamma}{2}\mathcal{D}_o` with :math:`\mathcal{D}_o(\rho)
= 2o\rho o^\dagger - \{o^\dagger o, \rho\}` is :math:`\Gamma\,\mathcal{D}[o]` here. The
:math:`c_i` are the lowering operators of two-level systems, which commute between qubits.

**A rate equation.** Between :math:`|00\rangle, |A\rangle, |S\rangle, |11\rangle`

.. math::
    J_A = \sqrt2\,(|A\rangle\langle11| - |00\rangle\langle A|), \qquad
    J_S = \sqrt2\,(|S\rangle\langle11| + |00\rangle\langle S|),

so that populations of these levels turn into populations alone, and :math:`H_0`, which commutes
with them, has nothing to add to the steady state.

========================  ==========================================  ================
parameter                 meaning                                     unit
========================  ==========================================  ================
beta_a, beta_s            :math:`\beta_i = \omega / T_i`, the         1
                          inverse temperatures: any real number,
                          :math:`\pm\infty` is :math:`T_i = 0^\pm`
omega                     gap :math:`\omega` of both qubits, > 0      energy
pump                      :math:`\Gamma^+`, common to both, > 0       energy
========================  ==========================================  ================

Party A is qubit 1: :math:`|0\rangle_1|1\rangle_2 = |01\rangle`. The baths A and S belong to modes,
not to parties. The state depends on :math:`\beta_A` and :math:`\beta_S` alone; ``pump`` is the unit
of the rates and ``omega`` that of the heat.

Valid where each collective mode has a bath of its own and all rates are far below :math:`\omega`,
which is a matter of units and is not checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float

from jaxent.baths import allowed, positive
from jaxent.generator import Generator
from jaxent.machines.machine import AbstractLindbladMachine, OutsideModel, Regime
from jaxent.machines.parameters import Parameter
from jaxent.quantum import transition
from jaxent.terms import Jump

LARGEST_EXPONENT = 300.0
r"""The :math:`\beta` beyond which a bath's rates are those of :math:`\beta = \infty`.

With :math:`\Gamma_i^- = e^{300}\,\Gamma^+` populations differ from their limits by 1e-130, and
products of three rates do not underflow.
"""

COLLECTIVE_BASIS = np.array(
    [[1, 0, 0, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 0, 0, 1]], dtype=complex
) / np.sqrt([1, 2, 2, 1])
r"""Columns: :math:`|00\rangle, |A\rangle, |S\rangle, |11\rangle`."""

# J_i / sqrt(2), free of rounding.
_LOWER_A = transition(4, 1, 3) - transition(4, 0, 1)
_LOWER_S = transition(4, 2, 3) + transition(4, 0, 2)
_LOWERING = {"a": _LOWER_A, "b": _LOWER_S}
_GENERATOR = Generator(
    [Jump(way, bath) for bath, lower in _LOWERING.items() for way in (lower.T, lower)]
)


class CollectiveQubits(AbstractLindbladMachine):
    """Two qubits whose collective modes have a bath each (tacchino2018 (1)-(3)).

    Args:
        beta_a, beta_s: the inverse temperatures of the antisymmetric and of the symmetric mode, in
            units of 1/omega: any real number, or infinite.
        omega: the gap of both qubits, > 0.
        pump: the rate of both modes upwards, > 0.

    Traced values outside their range become not a number.

    Raises:
        ValueError: a parameter that is not traced is outside its range.
    """

    kind: ClassVar[str] = "collective_qubits"
    dims: ClassVar[tuple[int, int]] = (2, 2)
    basis: ClassVar[np.ndarray] = COLLECTIVE_BASIS
    generator: ClassVar[Generator] = _GENERATOR
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "beta_a",
            "inverse temperature beta_A",
            low=-np.inf,
            infinite=True,
            unit="1",
            symbol=r"\beta_A",
        ),
        Parameter(
            "beta_s",
            "inverse temperature beta_S",
            low=-np.inf,
            infinite=True,
            unit="1",
            symbol=r"\beta_S",
        ),
        Parameter(
            "omega", "gap omega of both qubits", default=1.0, positive=True, symbol=r"\omega"
        ),
        Parameter(
            "pump",
            "rate Gamma^+ of both modes upwards",
            default=1.0,
            positive=True,
            symbol=r"\Gamma^+",
        ),
    )
    limited_by: ClassVar[tuple[str, ...]] = ("beta_a", "beta_s")

    beta_a: Float[Array, "..."]
    beta_s: Float[Array, "..."]
    omega: Float[Array, "..."]
    pump: Float[Array, "..."]

    def __init__(
        self,
        beta_a: ArrayLike,
        beta_s: ArrayLike,
        omega: ArrayLike = 1.0,
        pump: ArrayLike = 1.0,
    ):
        self.beta_a = allowed("beta_a", beta_a, "a number", lambda x: x == x)
        self.beta_s = allowed("beta_s", beta_s, "a number", lambda x: x == x)
        self.omega = positive("omega", omega)
        self.pump = positive("pump", pump)

    @property
    def x_form(self) -> bool:
        """Always: only ``|A>`` and ``|S>`` are superpositions, of ``|01>`` and ``|10>``."""
        return True

    def coefficients(self) -> list[Float[Array, "..."]]:
        r""":math:`2\Gamma^+, 2\Gamma_A^-, 2\Gamma^+, 2\Gamma_S^-`.

        They are the physical rates, also where a bath is at :math:`T = 0^-` and has no way down;
        at :math:`T = 0^+` the way down is ``exp(LARGEST_EXPONENT)`` times as fast as the pump.
        """
        upwards = 2 * self.pump
        down_a, down_s = (
            upwards * jnp.exp(jnp.minimum(beta, LARGEST_EXPONENT))
            for beta in (self.beta_a, self.beta_s)
        )
        # A batch of gaps is one of states, though they do not depend on it.
        return jnp.broadcast_arrays(upwards, down_a, upwards, down_s, self.omega)[:-1]

    def energy(self) -> np.ndarray:
        r""":math:`H_0 = \omega\,(n_1 + n_2)`."""
        return np.diag([0.0, 1.0, 1.0, 2.0]) * float(self.omega)

    def truncation(self, efficiency: float) -> list[Regime]:
        largest = max(float(self.beta_a), float(self.beta_s))
        if largest <= LARGEST_EXPONENT:
            return []
        rare = float(np.exp(-LARGEST_EXPONENT))
        condition = f"exp(-{LARGEST_EXPONENT:g}), where colder baths end, << efficiency"
        return [Regime(condition, rare, 1e-9 * efficiency)]

    def refuse_state(self, efficiency: float = 1.0) -> None:
        if any(not condition.holds for condition in self.truncation(efficiency)):
            raise OutsideModel(
                f"beta: a bath beyond {LARGEST_EXPONENT:g} is given, and filters pass with a "
                f"probability of {efficiency:.2g}, which that of its excitations decides; "
                f"allowed: beta <= {LARGEST_EXPONENT:g}, or other filters"
            )

    def inverse_temperatures(self) -> Mapping[str, float]:
        r"""Bath A as ``"a"`` and bath S as ``"b"``, at :math:`1/T_i = \beta_i/\omega`."""
        return {"a": float(self.beta_a / self.omega), "b": float(self.beta_s / self.omega)}
