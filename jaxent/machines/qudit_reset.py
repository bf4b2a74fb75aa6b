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

**No free Hamiltonian.** The levels :math:`|d, 0\rangle` and :math:`|k{-}1, d{-}k{+}1\rangle` have
the energy :math:`\sum_l \epsilon_l` in common, whatever the gaps, and resets to diagonal states
turn populations into populations: every coherence of the steady state is between these d + 1
levels. So it commutes with :math:`H_A + H_B`, which has nothing to add; the gaps act through the
thermal states alone.

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
:math:`g_k = g/\sqrt2` in Sec. III.

Valid where couplings and rates are far below all gaps. Where neither temperature is between its
limits the state depends on ratios of couplings and rates alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import accumulate
from typing import Any, ClassVar, Literal

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float

from jaxent.baths import allowed, inverse_temperature, known
from jaxent.generator import Generator
from jaxent.machines.machine import AbstractLindbladMachine, Regime
from jaxent.machines.parameters import Parameter
from jaxent.quantum import transition
from jaxent.terms import Hamiltonian, Reset

Target = Literal["even", "lowest", "highest", "thermal"]
"""What a bath resets to: the limits T = +-inf, 0+ and 0-, or a thermal state between them."""

_LIMITS: dict[Target, float] = {"even": 0.0, "lowest": np.inf, "highest": -np.inf}


class QuditReset(AbstractLindbladMachine):
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
        Parameter("d", "dimension d of the heralded state", default=2, low=2, unit="1"),
        Parameter("g", "couplings g_1, ..., g_d, or one number for all"),
        Parameter("p_a", "reset rate p_A"),
        Parameter("p_b", "reset rate p_B"),
        Parameter("temperature_a", "temperature T_A", low=-np.inf, default=np.inf, infinite=True),
        Parameter("temperature_b", "temperature T_B", low=-np.inf, default=0.0, infinite=True),
        Parameter("gaps", "gaps eps_1, ..., eps_d, or one for all", default=1.0, positive=True),
    )

    g: tuple[Float[Array, "..."], ...]
    p_a: Float[Array, "..."]
    p_b: Float[Array, "..."]
    finite_beta_a: Float[Array, "..."] | None
    finite_beta_b: Float[Array, "..."] | None
    gaps: tuple[Float[Array, "..."], ...]
    d: int = eqx.field(static=True)
    target_a: Target = eqx.field(static=True)
    target_b: Target = eqx.field(static=True)

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
        if isinstance(d, bool) or d != int(d) or d < 2:
            raise ValueError(f"d: {d} is given; allowed: an integer >= 2")
        self.d = int(d)
        self.g = tuple(_rate(name, g_k) for name, g_k in _each("g", g, self.d))
        self.gaps = tuple(_gap(name, gap) for name, gap in _each("gaps", gaps, self.d))
        self.target_a, self.finite_beta_a = _bath("a", temperature_a, beta_a, np.inf)
        self.target_b, self.finite_beta_b = _bath("b", temperature_b, beta_b, 0.0)
        # What has no leaf of its own keeps its batch axes.
        limits = [temperature_a, temperature_b, beta_a, beta_b]
        shapes = [jnp.shape(p_a), *(jnp.shape(limit) for limit in limits if limit is not None)]
        self.p_a = _rate("p_a", jnp.broadcast_to(p_a, jnp.broadcast_shapes(*shapes)))
        self.p_b = _rate("p_b", p_b)

    @property
    def dims(self) -> tuple[int, int]:
        return self.d + 1, self.d + 1

    @property
    def beta_a(self) -> Float[Array, "..."]:
        """The inverse temperature of bath A, at a limit where the structure says so."""
        return self._beta(self.target_a, self.finite_beta_a)

    @property
    def beta_b(self) -> Float[Array, "..."]:
        """The inverse temperature of bath B, at a limit where the structure says so."""
        return self._beta(self.target_b, self.finite_beta_b)

    def _beta(self, target: Target, finite: Array | None) -> Array:
        return jnp.full_like(self.p_a, _LIMITS[target]) if finite is None else finite

    def energies(self, party: str) -> list[Float[Array, "..."]]:
        """The energies of the d + 1 levels of ``"a"`` or ``"b"``, from 0 up."""
        gaps = self.gaps * self.d if len(self.gaps) == 1 else self.gaps
        gaps = gaps if party == "a" else gaps[::-1]
        return [jnp.zeros(()), *accumulate(gaps)]

    @property
    def default_filters(self) -> tuple[np.ndarray, np.ndarray]:
        r"""The diagonals of :math:`\Pi_A`, without ``|d>``, and :math:`\Pi_B`, without ``|0>``."""
        level = np.arange(self.d + 1)
        return (level < self.d).astype(float), (level > 0).astype(float)

    @classmethod
    def from_parameters(cls, values: Mapping[str, Any]) -> QuditReset:
        cls.refuse_unknown(values)
        names = {"inverse_temperature_a": "beta_a", "inverse_temperature_b": "beta_b"}
        given = {names.get(name, name): value for name, value in values.items()}
        required = [given.pop("d", 2), *(given.pop(name) for name in ("g", "p_a", "p_b"))]
        return cls(*required, **given)

    @property
    def generator(self) -> Generator:
        return _generator(self.d, len(self.g), self.target_a, self.target_b)

    def coefficients(self) -> list[Float[Array, "..."]]:
        resets = []
        for party, target, p in (("a", self.target_a, self.p_a), ("b", self.target_b, self.p_b)):
            if target == "thermal":
                beta = self.beta_a if party == "a" else self.beta_b
                resets += [p * tau for tau in boltzmann(beta, self.energies(party))]
            else:
                resets.append(p)
        return jnp.broadcast_arrays(*self.g, *resets)

    def regimes(self) -> list[Regime]:
        if "thermal" not in (self.target_a, self.target_b):
            return []
        rates = {f"g_{k}": g_k for k, g_k in enumerate(self.g, start=1)}
        if len(self.g) == 1:
            rates = {"g": self.g[0]}
        rates |= {"p_A": self.p_a, "p_B": self.p_b}
        gap = min(float(gap) for gap in self.gaps)
        return [Regime(f"{name} << eps", float(x), gap / 10) for name, x in rates.items()]


def boltzmann(
    beta: Float[Array, "..."], energies: list[Float[Array, "..."]]
) -> list[Float[Array, "..."]]:
    r"""The thermal populations :math:`\tau_k \propto e^{-\beta E_k}` of a ladder.

    Args:
        beta: the inverse temperature, any number or :math:`\pm\infty`, where all is in the lowest
            or in the highest level and derivatives vanish.
        energies: the energies, ascending without degeneracies.
    """
    infinite = jnp.isinf(beta)
    rate = jnp.where(infinite, 0.0, beta)
    # From the end that is populated most, where no exponential overflows.
    ends = jnp.where(beta < 0, energies[-1], energies[0])
    finite = [jnp.exp(-rate * (energy - ends)) for energy in energies]
    levels = range(len(energies))
    frozen = [jnp.where(beta < 0, k == levels[-1], k == 0) for k in levels]
    weights = [
        jnp.where(infinite, full, weight) for full, weight in zip(frozen, finite, strict=True)
    ]
    total = sum(weights[1:], start=weights[0])
    return [weight / total for weight in weights]


def _each(name: str, value: Any, d: int) -> list[tuple[str, Any]]:
    """One value for all, or one for each of d, with names for messages."""
    if not isinstance(value, (list, tuple)):
        return [(name, value)]
    if len(value) != d:
        raise ValueError(f"{name}: {len(value)} numbers are given; allowed: one, or a list of {d}")
    return [(f"{name}[{k}]", entry) for k, entry in enumerate(value)]


def _rate(name: str, value: ArrayLike) -> Array:
    return allowed(name, value, "finite and >= 0", lambda x: (x >= 0) & (x < np.inf))


def _gap(name: str, value: ArrayLike) -> Array:
    return allowed(name, value, "finite and > 0", lambda x: (x > 0) & (x < np.inf))


def _bath(
    party: str, temperature: ArrayLike | None, beta: ArrayLike | None, default: float
) -> tuple[Target, Array | None]:
    """What a bath resets to, and its inverse temperature unless that is at a limit."""
    if beta is None:
        given = default if temperature is None else temperature
        value = inverse_temperature(allowed(f"temperature_{party}", given, "a number", _is_number))
    elif temperature is None:
        given, value = beta, allowed(f"beta_{party}", beta, "a number", _is_number)
    else:
        raise ValueError(f"temperature_{party}: given twice; allowed: it or beta_{party}")

    def at(limit: float) -> bool:
        # Asked of what was given: inside a compiled function all that is computed is traced.
        with np.errstate(divide="ignore"):
            return known(given, lambda x: (1 / x if beta is None else x) == limit)

    found: list[Target] = [target for target, limit in _LIMITS.items() if at(limit)]
    return (found[0], None) if found else ("thermal", value)


def _is_number(x: Any) -> Any:
    return x == x


@cache
def _generator(d: int, couplings: int, target_a: Target, target_b: Target) -> Generator:
    levels = d + 1
    top = d * levels
    hops = [transition(levels**2, top, (k - 1) * levels + d - k + 1) for k in range(1, levels)]
    hops = [np.sum(hops, axis=0)] if couplings == 1 else hops
    resets = [Reset("a", tau, levels) for tau in _populations(target_a, levels)]
    resets += [Reset("b", tau, levels) for tau in _populations(target_b, levels)]
    return Generator([*(Hamiltonian(hop + hop.T) for hop in hops), *resets])


def _populations(target: Target, levels: int) -> list[np.ndarray]:
    """The states that a bath resets to: the levels one by one where their weights can change."""
    one = np.eye(levels)
    return {
        "even": [np.full(levels, 1 / levels)],
        "lowest": [one[0]],
        "highest": [one[-1]],
        "thermal": list(one),
    }[target]
