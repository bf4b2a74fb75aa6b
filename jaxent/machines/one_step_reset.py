r"""Two ladders whose excitations hop one step at a time, each reset by its own bath.

Paper: tavakoli2018 (Tavakoli, Haack, Huber, Brunner, Brask, Quantum 2, 73), App. E, Eq. (4) with
the interaction (E1) and the filters (E2).

::

      A: reset to 1/d at rate p_A (T_A -> inf)       B: reset to |0> at rate p_B (T_B -> 0)

      |d-1> -----                                     |d-1> -----  .
        :                                               :          . Pi_B
      |2>   -----                                     |d-2> -----  .
                                                        :
      |1>   -----  .                                  |1>   -----
                   . Pi_A
      |0>   -----  .                                  |0>   -----

      |d-1,0> -- g_{d-2} -- |d-2,1> -- ... -- g_1 -- |1,d-2> -- g_0 -- |0,d-1>

.. math::
    H = \sum_{k=0}^{d-2} g_k\,\big(|k{+}1, d{-}k{-}2\rangle\langle k, d{-}k{-}1|
        + \mathrm{h.c.}\big)

    \dot\rho = -i[H, \rho] + p_A\big(\tfrac{1}{d} \otimes \mathrm{tr}_A\rho - \rho\big)
        + p_B\big(\mathrm{tr}_B\rho \otimes |0\rangle\langle0| - \rho\big)

This is (E1) with its indices put right; ``g[0]`` is the coupling that the paper calls
:math:`g_1`, of the two filtered levels. All levels of the chain have one energy and every coherence
of the steady state is between them, so that it commutes with the free Hamiltonian, which is left
out.

========================  ==========================================  ================
parameter                 meaning                                     unit
========================  ==========================================  ================
d                         number of levels of each ladder, >= 2       1
g                         d - 1 couplings :math:`g_k \ge 0`           energy
p_a, p_b                  reset rates :math:`p_A, p_B`                energy
========================  ==========================================  ================

Valid where couplings and rates are far below the levels' gaps, to which the state is indifferent:
only ratios of the parameters matter. Without gaps no heat is defined.

**The limit of weak coupling**, :math:`g_k \to 0` for :math:`k \ge 1` and :math:`p_A \to 0` at a
fixed :math:`G = g_0/p_B`, is exact. To leading order bath A does no more than refill
:math:`|d{-}1, 0\rangle`, and every other entry of the chain's density matrix dies at the rate
:math:`p_B`. With :math:`p_B = 1`, without the factors :math:`g_k`, which all paths share, and with
phases :math:`-i` for each step, the entry between the levels ``j`` and ``k`` steps down is
:math:`\binom{j+k}{k}` up to :math:`n = d - 3`; those between ``j`` steps down and
:math:`a = |1, d{-}2\rangle`, :math:`b = |0, d{-}1\rangle` are :math:`U_j, V_j` with

.. math::
    U_j + G V_j = \tbinom{n+j}{n} + U_{j-1}, \qquad V_j - G U_j = V_{j-1}, \qquad
    U_{-1} = V_{-1} = 0,

and with :math:`U = U_n, V = V_n` the filtered block is

.. math::
    P_{ab} = \frac{V + 2GU}{1 + 4G^2}, \qquad P_{bb} = 2G P_{ab}, \qquad
    P_{aa} = 2(U - G P_{ab}) .
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import comb
from typing import Any, ClassVar, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float

from jaxent.baths import non_negative
from jaxent.generator import Generator
from jaxent.machines.machine import AbstractLindbladMachine
from jaxent.machines.parameters import Parameter, entry_name
from jaxent.machines.resets import arguments, dimension, reset_generator


class OneStepReset(AbstractLindbladMachine):
    """Two d-level ladders with one-step transitions, reset at T_A = inf and T_B = 0.

    Args:
        g: the d - 1 couplings, at least one, each a number or an array of the batch's shape; of an
            array the first axis counts them. One number for all, where ``d`` is given.
        p_a, p_b: the reset rates.
        d: the number of levels; that of the couplings and one, unless given.

    Its baths are at the limits of temperature and its levels have no gaps, so that heat is
    undefined: there are no ``inverse_temperatures``.

    Traced values outside their range become not a number.

    Raises:
        ValueError: there is no coupling, there are not d - 1, or a parameter that is not traced is
            outside its range.
    """

    kind: ClassVar[str] = "one_step_reset"
    kernel: ClassVar[str | None] = "graded"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "d",
            "number d of levels; needed where g is one number",
            low=2,
            high=64,
            integer=True,
            optional=True,
            unit="1",
        ),
        Parameter(
            "g",
            "couplings g_0, ..., g_{d-2}, or one for all; g_0 is that of the filtered levels",
            entries="d - 1 numbers",
            symbol="g",
        ),
        Parameter("p_a", "reset rate p_A of the hot ladder", symbol="p_A"),
        Parameter("p_b", "reset rate p_B of the cold ladder", symbol="p_B"),
    )

    g: tuple[Float[Array, "..."], ...]
    p_a: Float[Array, "..."]
    p_b: Float[Array, "..."]

    def __init__(
        self,
        g: ArrayLike | Sequence[ArrayLike],
        p_a: ArrayLike,
        p_b: ArrayLike,
        *,
        d: int | None = None,
    ):
        each = enumerate(_couplings(g, d))
        self.g = tuple(non_negative(entry_name("g", k), g_k) for k, g_k in each)
        self.p_a, self.p_b = non_negative("p_a", p_a), non_negative("p_b", p_b)

    @property
    def d(self) -> int:
        """The number of levels of each ladder."""
        return len(self.g) + 1

    @property
    def dims(self) -> tuple[int, int]:
        return self.d, self.d

    @property
    def default_filters(self) -> tuple[np.ndarray, np.ndarray]:
        r"""The diagonals of :math:`\Pi_A` and :math:`\Pi_B` of (E2), each of shape ``(d,)``."""
        level = np.arange(self.d)
        return (level < 2).astype(float), (level >= self.d - 2).astype(float)

    @classmethod
    def from_parameters(cls, values: Mapping[str, Any]) -> OneStepReset:
        cls.refuse_unknown(values)
        given = arguments(values)
        if "d" in given and not isinstance(given["g"], list):
            # One for all, whose axes are those of a batch.
            given["g"] = [given["g"]] * (dimension(given["d"]) - 1)
        return cls(**given)

    @property
    def generator(self) -> Generator:
        steps = tuple((((k + 1, self.d - k - 2), (k, self.d - k - 1)),) for k in range(self.d - 1))
        return reset_generator(self.dims, steps, "even", "lowest")

    def coefficients(self) -> list[Float[Array, "..."]]:
        return jnp.broadcast_arrays(*self.g, self.p_a, self.p_b)


def _couplings(g: Any, d: int | None) -> Sequence[Any]:
    """The couplings one by one, as many as the levels demand, if their number is given."""
    steps = None if d is None else dimension(d) - 1
    one_for_all = not isinstance(g, Sequence) and np.ndim(g) == 0
    couplings = [g] * (steps or 0) if one_for_all else g
    if len(couplings) == 0:
        raise ValueError(f"g: {g} is given; allowed: a list of d - 1 >= 1 couplings")
    if steps not in (None, len(couplings)):
        given = f"{len(couplings)} numbers are given"
        raise ValueError(f"g: {given}; allowed: one, or a list of {steps}")
    return couplings


class WeakCoupling(NamedTuple):
    r"""The filtered state of :class:`OneStepReset` at weak coupling, exactly.

    The state is :math:`P_{aa}|a\rangle\langle a| + P_{bb}|b\rangle\langle b|
    + i P_{ab}(|a\rangle\langle b| - |b\rangle\langle a|)` with :math:`a = |1, d{-}2\rangle`,
    :math:`b = |0, d{-}1\rangle`.

    Attributes:
        aa, bb: the populations, normalised.
        ab: the coherence, normalised, and the state's negativity.
        weight: :math:`w` in :math:`p_{\mathrm{suc}} \to w\,\prod_{k \ge 1} (g_k/p_B)^2`, which
            holds where also :math:`g_{d-2}^2 \ll p_A p_B`.
    """

    aa: Fraction
    bb: Fraction
    ab: Fraction
    weight: Fraction


def weak_coupling(d: int, ratio: Fraction | float = Fraction(1, 2)) -> WeakCoupling:
    r"""The limit :math:`g_{k \ge 1}, p_A \to 0` of the filtered state (module's docstring).

    Args:
        d: the number of levels, >= 3.
        ratio: :math:`G = g_0/p_B \ge 0`, fixed in the limit; (E3) has 1/2. A floating-point number
            is taken as the fraction it is.

    Raises:
        ValueError: ``d`` or ``ratio`` is outside its range.

    Example:
        >>> weak_coupling(3, Fraction(1, 4)).ab == Fraction(3, 10)  # 3G / (2 + 8G^2)
        True
    """
    if d < 3:
        raise ValueError(f"d: {d} is given; allowed: an integer >= 3")
    G = Fraction(ratio)
    if G < 0:
        raise ValueError(f"ratio: {ratio} is given; allowed: a number >= 0")
    n = d - 3
    U = V = Fraction(0)
    for j in range(n + 1):
        source = comb(n + j, n) + U
        U = (source - G * V) / (1 + G * G)
        V = V + G * U
    coherence = (V + 2 * G * U) / (1 + 4 * G * G)
    # The two populations sum to 2U, whatever G.
    ab = coherence / (2 * U)
    return WeakCoupling(aa=1 - 2 * G * ab, bb=2 * G * ab, ab=ab, weight=2 * U / d)


def eta(d: int) -> Fraction:
    r""":math:`\eta_d`, the largest negativity of (E3) for ``d`` levels: (E4)-(E9) and Fig. 6.

    Args:
        d: the number of levels, >= 3.

    Example:
        >>> eta(3), eta(8)
        (Fraction(3, 8), Fraction(243719, 513029))
    """
    return weak_coupling(d).ab
