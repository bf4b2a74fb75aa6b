r"""Two (d+1)-level systems, reset by a hot and a cold bath: entanglement in any dimension.

Paper: tavakoli2018 (Tavakoli, Haack, Huber, Brunner, Brask, Quantum 2, 73), Eqs. (4), (9), (10)
and (D4); d = 2 is the two-qutrit machine of Eqs. (1)-(8).

::

      A: reset to tau_A at rate p_A (hot)            B: reset to tau_B at rate p_B (cold)

      |d>   -----                                     |d>   -----  .
      |d-1> -----  .  eps_d                           |d-1> -----  . eps_1
        :          .                                    :          .
      |1>   -----  . Pi_A                             |1>   -----  . Pi_B
      |0>   -----  .  eps_1                           |0>   -----    eps_d

      |d,0> -- g_k -- |k-1,d-k+1>,  k = 1, ..., d

.. math::
    H = \sum_{k=1}^{d} g_k\,\big(|d, 0\rangle\langle k{-}1, d{-}k{+}1| + \mathrm{h.c.}\big)

    \dot\rho = -i[H, \rho] + p_A(\tau_A \otimes \mathrm{tr}_A\rho - \rho)
        + p_B(\mathrm{tr}_B\rho \otimes \tau_B - \rho), \qquad
    \tau_X \propto e^{-H_X/T_X}

    E_k^A = \sum_{l=1}^{k} \epsilon_l, \qquad E_k^B = \sum_{l=1}^{k} \epsilon_{d-l+1}

The levels :math:`|d, 0\rangle` and :math:`|k{-}1, d{-}k{+}1\rangle` have the energy
:math:`\sum_l \epsilon_l` in common, whatever the gaps: the interaction commutes with
:math:`H_A + H_B`, and the free Hamiltonian is left out (``resets``).

========================  ==========================================  ================
parameter                 meaning                                     unit
========================  ==========================================  ================
g                         bare couplings :math:`g_k \ge 0`            energy
p_a, p_b                  reset rates :math:`p_A, p_B`                energy
temperature_a             :math:`T_A`: any real number, 0+-, +-inf    energy
temperature_b             :math:`T_B`: the same                       energy
gaps                      :math:`\epsilon_l > 0`                      energy
========================  ==========================================  ================

The paper writes :math:`g_1 = g\sin\theta, g_2 = g\cos\theta` for qutrits and
:math:`g_k = g/\sqrt2` in Sec. III. Where :math:`p_A \ll p_B`, the filters herald

.. math::
    |\psi\rangle = \sum_{k=1}^{d} \lambda_k\, |k{-}1, d{-}k{+}1\rangle, \qquad
    \lambda_k = \frac{g_k}{\sqrt{\sum_l g_l^2}},

with positive amplitudes, which is (7), (11) and, up to the order of B's levels, (D5).

Valid where couplings and rates are far below all gaps. Where both temperatures are at a limit the
state depends on ratios of couplings and rates alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Complex, Float

from jaxent.baths import non_negative, positive
from jaxent.machines.parameters import Parameter, entry_name, temperature_parameters
from jaxent.machines.resets import (
    AbstractResetMachine,
    Energy,
    Exchange,
    ThermalReset,
    arguments,
    dimension,
)


class QuditReset(AbstractResetMachine):
    """Two (d+1)-level systems, each reset to a thermal state (tavakoli2018 (9), (10)).

    Args:
        d: the dimension that is heralded, >= 2; each system has d + 1 levels.
        g: the coupling, one for all ``k``, or a list of d.
        p_a, p_b: the reset rates.
        temperature_a, temperature_b: any real number; ``0.0`` is T = 0+, ``-0.0`` is T = 0-.
            Infinite and zero, unless given.
        beta_a, beta_b: the inverse temperatures, in place of these.
        gaps: the gap, one for all ``l``, or a list of d.

    The structure is chosen when a machine is built, and only numbers that are not traced can
    choose: equal couplings given as one number are one term, and a temperature known to be at a
    limit leaves a single reset and no leaf.

    Traced values outside their range become not a number.

    Raises:
        ValueError: a parameter that is not traced is outside its range, there are not d couplings
            or gaps, or a temperature is given twice.
    """

    kind: ClassVar[str] = "qudit_reset"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "d",
            "dimension d of the heralded state",
            low=2,
            default=2,
            high=64,
            integer=True,
            unit="1",
        ),
        Parameter("g", "couplings g_1, ..., g_d, or one for all", entries="d numbers", symbol="g"),
        Parameter("p_a", "reset rate p_A", symbol="p_A"),
        Parameter("p_b", "reset rate p_B", symbol="p_B"),
        *temperature_parameters(default_a=np.inf, default_b=0.0),
        Parameter(
            "gaps",
            "gaps eps_1, ..., eps_d, or one for all",
            default=1.0,
            positive=True,
            entries="d numbers",
        ),
    )

    g: tuple[Float[Array, "..."], ...]
    gaps: tuple[Float[Array, "..."], ...]
    reset_a: ThermalReset
    reset_b: ThermalReset
    d: int = eqx.field(static=True)

    def __init__(
        self,
        d: int,
        g: ArrayLike | list[ArrayLike] | tuple[ArrayLike, ...],
        p_a: ArrayLike,
        p_b: ArrayLike,
        *,
        temperature_a: ArrayLike | None = None,
        temperature_b: ArrayLike | None = None,
        beta_a: ArrayLike | None = None,
        beta_b: ArrayLike | None = None,
        gaps: ArrayLike | list[ArrayLike] | tuple[ArrayLike, ...] = 1.0,
    ):
        self.d = dimension(d)
        self.g = tuple(non_negative(name, g_k) for name, g_k in _each("g", g, self.d))
        self.gaps = tuple(positive(name, gap) for name, gap in _each("gaps", gaps, self.d))
        self.reset_a = ThermalReset("a", p_a, temperature_a, beta_a, default=np.inf)
        self.reset_b = ThermalReset("b", p_b, temperature_b, beta_b, default=0.0)

    @classmethod
    def from_parameters(cls, values: Mapping[str, Any]) -> QuditReset:
        cls.refuse_unknown(values)
        return cls(**{"d": 2, **arguments(values)})

    @property
    def dims(self) -> tuple[int, int]:
        return self.d + 1, self.d + 1

    @property
    def default_filters(self) -> tuple[np.ndarray, np.ndarray]:
        r"""The diagonals of :math:`\Pi_A`, without ``|d>``, and :math:`\Pi_B`, without ``|0>``."""
        level = np.arange(self.d + 1)
        return (level < self.d).astype(float), (level > 0).astype(float)

    @property
    def target(self) -> Complex[Array, "... D"]:
        """The state that is heralded where p_A << p_B; see :func:`heralded_ket`."""
        return heralded_ket(_all(self.g, self.d))

    @property
    def couplings(self) -> Mapping[str, Float[Array, "..."]]:
        if len(self.g) == 1:
            return {"g": self.g[0]}
        return {f"g_{k}": g_k for k, g_k in enumerate(self.g, start=1)}

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        pairs = tuple(((self.d, 0), (k - 1, self.d - k + 1)) for k in range(1, self.d + 1))
        return (pairs,) if len(self.g) == 1 else tuple((pair,) for pair in pairs)

    def energies(self, party: str) -> list[Energy]:
        gaps = _all(self.gaps, self.d)
        return [0.0, *accumulate(gaps if party == "a" else gaps[::-1])]


def heralded_ket(g: Sequence[Float[Array, "..."]]) -> Complex[Array, "... D"]:
    r"""The ket :math:`\sum_k \lambda_k |k{-}1, d{-}k{+}1\rangle` of d couplings.

    Args:
        g: the couplings :math:`g_1, \dots, g_d`, to which the amplitudes are proportional.

    Returns:
        In the space of both (d+1)-level systems, ``D = (d+1)**2``; not a number where all
        couplings vanish.
    """
    d = len(g)
    amplitudes = jnp.stack(jnp.broadcast_arrays(*g), axis=-1)
    amplitudes = amplitudes / jnp.linalg.norm(amplitudes, axis=-1, keepdims=True)
    places = [(k - 1) * (d + 1) + d - k + 1 for k in range(1, d + 1)]
    nothing = jnp.zeros((*amplitudes.shape[:-1], (d + 1) ** 2), dtype=complex)
    return nothing.at[..., places].set(amplitudes)


def _each(name: str, value: Any, d: int) -> list[tuple[str, Any]]:
    """One value for all, or one for each of d, with names for messages."""
    if not isinstance(value, (list, tuple)):
        return [(name, value)]
    if len(value) != d:
        raise ValueError(f"{name}: {len(value)} numbers are given; allowed: one, or a list of {d}")
    return [(entry_name(name, k), entry) for k, entry in enumerate(value)]


def _all(values: tuple[Array, ...], d: int) -> tuple[Array, ...]:
    """The d values that :func:`_each` was given."""
    return values * d if len(values) == 1 else values
