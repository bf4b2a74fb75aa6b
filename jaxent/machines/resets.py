r"""Resets of a party by its bath, and what machines that are made of them share.

A bath resets its party to a thermal state at random times, at the rate ``p`` (tavakoli2018 (4)):

.. math::
    \dot\rho = p\,(\tau \otimes \mathrm{tr}_X\,\rho - \rho)
             = \sum_k p\,\tau_k\,\big(|k\rangle\langle k| \otimes \mathrm{tr}_X\,\rho - \rho\big),
    \qquad \tau_k = \frac{e^{-\beta E_k}}{\sum_l e^{-\beta E_l}} .

The second form has constant terms, one for each level, whose coefficients :math:`p\,\tau_k` can be
differentiated along the temperature. At a limit, :math:`T = \pm\infty` or :math:`T = 0^\pm`, the
state is constant and one term is left.

**No free Hamiltonian.** The interactions here exchange levels of equal energy, :math:`[H, H_A +
H_B] = 0`, and resets to diagonal states turn populations into populations: every coherence of the
steady state is between levels of one energy. So it commutes with :math:`H_A + H_B`, which has
nothing to add; the levels act through the thermal states alone.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Literal

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float

from jaxent.baths import allowed, inverse_temperature, known, non_negative
from jaxent.generator import Generator
from jaxent.machines.machine import AbstractLindbladMachine, Regime
from jaxent.machines.parameters import gathered
from jaxent.quantum import on_a, on_b, transition
from jaxent.terms import Hamiltonian, Reset

Target = Literal["even", "lowest", "highest", "thermal"]
"""What a bath resets to: the limits T = +-inf, 0+ and 0-, or a thermal state between them."""

_LIMITS: dict[Target, float] = {"even": 0.0, "lowest": np.inf, "highest": -np.inf}

Level = tuple[int, int]
"""The numbers (a, b) of a level ``|a, b>``."""

Energy = Float[Array, "..."] | float
"""The energy of a level, constant where it is the unit of energy."""

Exchange = tuple[tuple[Level, Level], ...]
"""Pairs of levels that one coupling exchanges, ``sum |to><from| + h.c.``."""


class ThermalReset(eqx.Module):
    r"""The resets of one party to the thermal state of its bath.

    Args:
        party: ``"a"`` or ``"b"``, for messages.
        rate: the rate :math:`p \ge 0` of resets.
        temperature: any real number; ``0.0`` is T = 0+, ``-0.0`` is T = 0-.
        beta: the inverse temperature, in place of it.
        default: the temperature where neither is given.

    A temperature known to be at a limit leaves no leaf. Traced values outside their range become
    not a number.

    Attributes:
        rate: :math:`p`.
        finite_beta: the inverse temperature, ``None`` where the structure says that it is at a
            limit.
        target: the kind of state that is reset to.

    Raises:
        ValueError: a value that is not traced is outside its range, or not exactly one of
            temperature and inverse temperature is given.
    """

    rate: Float[Array, "..."]
    finite_beta: Float[Array, "..."] | None
    target: Target = eqx.field(static=True)

    def __init__(
        self,
        party: str,
        rate: ArrayLike,
        temperature: ArrayLike | None = None,
        beta: ArrayLike | None = None,
        *,
        default: float | None = None,
    ):
        if temperature is not None and beta is not None:
            raise ValueError(f"temperature_{party}: given twice; allowed: it or beta_{party}")
        if beta is None:
            given = default if temperature is None else temperature
            if given is None:
                raise ValueError(f"temperature_{party}: missing; allowed: it or beta_{party}")
            value = inverse_temperature(allowed(f"temperature_{party}", given, *_A_NUMBER))
        else:
            given, value = beta, allowed(f"beta_{party}", beta, *_A_NUMBER)

        def at(limit: float) -> bool:
            # Asked of what was given: inside a compiled function all that is computed is traced.
            with np.errstate(divide="ignore"):
                return known(given, lambda x: (1 / x if beta is None else x) == limit)

        found: list[Target] = [target for target, limit in _LIMITS.items() if at(limit)]
        self.target = found[0] if found else "thermal"
        self.finite_beta = None if found else value
        # What has no leaf of its own keeps its batch axes.
        shape = jnp.broadcast_shapes(jnp.shape(rate), jnp.shape(given))
        self.rate = non_negative(f"p_{party}", jnp.broadcast_to(rate, shape))

    @property
    def beta(self) -> Float[Array, "..."]:
        """The inverse temperature, at a limit where the structure says so."""
        if self.finite_beta is not None:
            return self.finite_beta
        return jnp.full_like(self.rate, _LIMITS[self.target])

    def coefficients(self, energies: list[Energy]) -> list[Float[Array, "..."]]:
        """The coefficients of the reset's terms, for the energies of the party's levels."""
        if self.target != "thermal":
            return [self.rate]
        return [self.rate * tau for tau in boltzmann(self.beta, energies)]


class AbstractResetMachine(AbstractLindbladMachine):
    """Two coupled systems, each reset to a thermal state by its own bath (tavakoli2018 (4)).

    Attributes:
        reset_a, reset_b: what the baths do.
    """

    # Filters herald from levels as rare as (g/p)^2 and more, whose digits only this one keeps.
    kernel: ClassVar[str | None] = "elimination"

    reset_a: eqx.AbstractVar[ThermalReset]
    reset_b: eqx.AbstractVar[ThermalReset]

    @property
    @abc.abstractmethod
    def couplings(self) -> Mapping[str, Float[Array, "..."]]:
        """The couplings by their symbols."""

    @property
    @abc.abstractmethod
    def exchanges(self) -> tuple[Exchange, ...]:
        """What each coupling exchanges."""

    @abc.abstractmethod
    def energies(self, party: str) -> list[Energy]:
        """The energies of the levels of ``"a"`` or ``"b"``, ascending from 0."""

    @property
    def p_a(self) -> Float[Array, "..."]:
        """The reset rate of A."""
        return self.reset_a.rate

    @property
    def p_b(self) -> Float[Array, "..."]:
        """The reset rate of B."""
        return self.reset_b.rate

    @property
    def beta_a(self) -> Float[Array, "..."]:
        """The inverse temperature of bath A."""
        return self.reset_a.beta

    @property
    def beta_b(self) -> Float[Array, "..."]:
        """The inverse temperature of bath B."""
        return self.reset_b.beta

    @property
    def target_a(self) -> Target:
        """What A is reset to."""
        return self.reset_a.target

    @property
    def target_b(self) -> Target:
        """What B is reset to."""
        return self.reset_b.target

    @property
    def generator(self) -> Generator:
        return reset_generator(self.dims, self.exchanges, self.target_a, self.target_b)

    def coefficients(self) -> list[Float[Array, "..."]]:
        a = self.reset_a.coefficients(self.energies("a"))
        b = self.reset_b.coefficients(self.energies("b"))
        return jnp.broadcast_arrays(*self.couplings.values(), *a, *b)

    def energy(self) -> np.ndarray:
        r"""The free Hamiltonian :math:`H_A + H_B`, which the interaction conserves.

        So the first law is exact for its flow, :math:`\dot Q_A + \dot Q_B = 0`.
        """
        a, b = (np.diag([float(E) for E in self.energies(party)]) for party in ("a", "b"))
        return on_a(a, self.dims[1]) + on_b(b, self.dims[0])

    def inverse_temperatures(self) -> Mapping[str, float]:
        return {"a": float(self.beta_a), "b": float(self.beta_b)}

    def regimes(self) -> list[Regime]:
        """Couplings and rates far below the gaps, where a temperature compares with these."""
        if "thermal" not in (self.target_a, self.target_b):
            return []
        rates = {**self.couplings, "p_A": self.p_a, "p_B": self.p_b}
        levels = [np.array([float(E) for E in self.energies(party)]) for party in ("a", "b")]
        gap = min(float(np.diff(energies).min()) for energies in levels)
        return [Regime(f"{name} << gaps", float(x), gap / 10) for name, x in rates.items()]


def boltzmann(beta: Float[Array, "..."], energies: list[Energy]) -> list[Float[Array, "..."]]:
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


@cache
def reset_generator(
    dims: tuple[int, int], exchanges: tuple[Exchange, ...], target_a: Target, target_b: Target
) -> Generator:
    """The terms of two coupled systems with resets: the exchanges, the resets of A, those of B."""
    d_a, d_b = dims

    def coherent(exchange: Exchange) -> Hamiltonian:
        pairs = [(a * d_b + b, k * d_b + l) for (a, b), (k, l) in exchange]
        one_way = np.sum([transition(d_a * d_b, *pair) for pair in pairs], axis=0)
        return Hamiltonian(one_way + one_way.T)

    resets = [Reset("a", tau, d_b, bath="a") for tau in _states(target_a, d_a)]
    resets += [Reset("b", tau, d_a, bath="b") for tau in _states(target_b, d_b)]
    return Generator([*map(coherent, exchanges), *resets])


def arguments(values: Mapping[str, Any]) -> dict[str, Any]:
    """A machine's parameters as its constructor names them.

    >>> arguments({"g[0]": 0.1, "g[1]": 0.2, "inverse_temperature_a": 0.5})
    {'beta_a': 0.5, 'g': [0.1, 0.2]}
    """
    given = gathered(values)
    return {name.replace("inverse_temperature", "beta"): given[name] for name in given}


def dimension(d: int) -> int:
    """A dimension d, an integer of at least 2.

    Raises:
        ValueError: it is not.
    """
    if isinstance(d, bool) or d != int(d) or d < 2:
        raise ValueError(f"d: {d} is given; allowed: an integer >= 2")
    return int(d)


_A_NUMBER = ("a number", lambda x: x == x)


def _states(target: Target, levels: int) -> list[np.ndarray]:
    """The states that a bath resets to: the levels one by one where their weights can change."""
    one = np.eye(levels)
    return {
        "even": [np.full(levels, 1 / levels)],
        "lowest": [one[0]],
        "highest": [one[-1]],
        "thermal": list(one),
    }[target]
