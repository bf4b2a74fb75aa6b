r"""Heat baths: what a two-level transition sees of them.

A bath of inverse temperature :math:`\beta` and coupling :math:`\gamma` drives a transition of
energy :math:`\varepsilon` upwards at the rate :math:`\Gamma^+` and downwards at :math:`\Gamma^-`
(brask2022 Sec. II, khandelwal2020 (4)), with :math:`x = \beta\varepsilon`:

===========  =========================  =================  =====================
statistics   occupation                 :math:`\Gamma^+`   :math:`\Gamma^-`
===========  =========================  =================  =====================
``fermion``  :math:`n = 1/(e^{x}+1)`    :math:`\gamma n`   :math:`\gamma(1-n)`
``boson``    :math:`n = 1/(e^{x}-1)`    :math:`\gamma n`   :math:`\gamma(1+n)`
===========  =========================  =================  =====================

Both are one formula. With the Fermi function :math:`f(x) = 1/(e^x+1)`,

.. math:: \Gamma^{\pm} = \gamma\, s(x)\, f(\pm x), \qquad
          s = 1 \text{ (fermions)}, \quad s = \coth(x/2) \text{ (bosons)},

so a bosonic bath is a fermionic one that runs :math:`s = 1+2n` times faster.

The inverse temperature is the natural coordinate: :math:`\beta = 0` is :math:`T = \infty`,
:math:`\beta = +\infty` is :math:`T = 0^+`, :math:`\beta = -\infty` is :math:`T = 0^-`, and
:math:`\beta < 0` is population inversion (fermions only).  All of them are allowed values, and
first derivatives there are finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, ArrayLike, Float

Statistics = Literal["boson", "fermion"]

# Beside the rates of an infinitely hot bosonic bath those of others are below rounding, and still
# right for the heat that they take.
_INFINITELY_FAST = 1e30

# The smallest x of a bosonic bath at its gap where x is traced and may be zero. Its speed 2/x
# enters the state as g/(gamma * speed), and the derivative's rounding error grows with it: this
# balances the two.
_HOTTEST = 2e-8


def known(value: ArrayLike, holds: Callable[[np.ndarray], np.ndarray]) -> bool:
    """Whether a parameter is a concrete number, not traced, for which ``holds`` is true.

    Structure is chosen by what is known when an object is built: a detuning that is zero leaves
    no term behind, a traced one must be allowed for.
    """
    return not isinstance(value, Tracer) and bool(np.all(holds(np.asarray(value))))


def inverse_temperature(temperature: ArrayLike) -> Float[Array, "..."]:
    r"""The inverse temperature :math:`\beta = 1/T`, with the sign of zero kept.

    Args:
        temperature: any real number; ``0.0`` is :math:`T=0^+`, ``-0.0`` is :math:`T=0^-` and
            ``inf`` gives :math:`\beta = 0`.
    """
    temperature = jnp.asarray(temperature, dtype=float)
    zero = temperature == 0
    return jnp.where(
        zero, jnp.copysign(jnp.inf, temperature), 1 / jnp.where(zero, 1.0, temperature)
    )


def temperature(beta: float) -> float:
    r"""The temperature :math:`T = 1/\beta` of a number :math:`\beta`; the inverse of the above."""
    if beta == 0:
        return float(np.copysign(np.inf, beta))
    return float(np.copysign(0.0, beta)) if np.isinf(beta) else 1 / beta


def _times(beta: Array, energy: ArrayLike) -> Array:
    # inf * energy is right, but its derivative with respect to the energy would be inf * 0.
    infinite = jnp.isinf(beta)
    return jnp.where(infinite, beta, jnp.where(infinite, 0.0, beta) * energy)


def allowed(name: str, value: ArrayLike, words: str, holds: Callable[[Any], Any]) -> Array:
    """A parameter as an array of floats, known to be one of the allowed values.

    Args:
        name: for the message.
        value: the parameter.
        words: what is allowed.
        holds: where a value is allowed.

    Returns:
        The array; not a number where a traced value is not allowed, which no error could tell.

    Raises:
        ValueError: a value that is not traced is not allowed.
    """
    array = jnp.asarray(value, dtype=float)
    if isinstance(array, Tracer):
        return jnp.where(holds(array), array, jnp.nan)
    if not np.all(holds(np.asarray(array))):
        raise ValueError(f"{name}: {np.asarray(array)} is given; allowed: {words}")
    return array


def non_negative(name: str, value: ArrayLike) -> Array:
    """A coupling or a rate, finite and at least 0; see :func:`allowed`."""
    return allowed(name, value, "finite and >= 0", lambda x: (x >= 0) & (x < np.inf))


def positive(name: str, value: ArrayLike) -> Array:
    """A gap or a unit, finite and above 0; see :func:`allowed`."""
    return allowed(name, value, "finite and > 0", lambda x: (x > 0) & (x < np.inf))


def _upright(name: str, value: ArrayLike, boson: bool) -> Array:
    if boson:
        words = "a number >= 0 and not -0.0: bosons have no inversion"
        return allowed(name, value, words, lambda x: (x >= 0) & ~jnp.signbit(x))
    return allowed(name, value, "a number", lambda x: x == x)


def _occupation(n: ArrayLike, boson: bool) -> Array:
    if boson:
        return non_negative("bath occupation", n)
    return allowed("bath occupation", n, "in [0, 1]", lambda x: (x >= 0) & (x <= 1))


@jax.custom_jvp
def fermi(x: Float[Array, "..."]) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
    r"""The Fermi function :math:`f(x) = 1/(e^x + 1)` and :math:`1 - f(x) = f(-x)`.

    Both relative to themselves to full precision, and exact at :math:`x = \pm\infty`; so is the
    derivative, :math:`-f(x) f(-x)`.
    """
    x = jnp.asarray(x)
    boltzmann = jnp.exp(-jnp.abs(x))
    likely = 1 / (1 + boltzmann)
    unlikely = boltzmann * likely
    return jnp.where(x > 0, unlikely, likely), jnp.where(x > 0, likely, unlikely)


@fermi.defjvp
def _fermi_jvp(primals, tangents):
    (x,), (dx,) = primals, tangents
    filled, empty = fermi(x)
    change = filled * empty * dx
    return (filled, empty), (-change, change)


class Bath(eqx.Module):
    r"""A heat bath, by its inverse temperature or by its occupation of the qubit's gap.

    Attributes:
        gamma: coupling rate :math:`\gamma \ge 0`, in units of energy.
        beta: inverse temperature :math:`\beta`, any real number or :math:`\pm\infty` for fermions,
            :math:`\ge 0` for bosons; ``None`` where the occupation is given.
        occupation: :math:`n` at the gap, in :math:`[0, 1]` for fermions, :math:`\ge 0` for
            bosons; ``None`` where the temperature is given.
        statistics: ``"boson"`` or ``"fermion"``.
        finitely_hot: whether the temperature is known to be finite.

    A bosonic bath that is known to be infinitely hot when it is built has neither (and so no
    derivative along its temperature): it is ``infinitely_fast``.

    Build one from a temperature with ``Bath(1.0, temperature=2.0, statistics="boson")``.

    Values outside their range become not a number where they are traced.

    Raises:
        ValueError: not exactly one of ``beta``, ``temperature`` and ``occupation`` is given, the
            statistics is unknown, or a value that is not traced is outside its range.
    """

    gamma: Float[Array, "..."]
    beta: Float[Array, "..."] | None
    occupation: Float[Array, "..."] | None
    statistics: Statistics = eqx.field(static=True)
    finitely_hot: bool = eqx.field(static=True)

    def __init__(
        self,
        gamma: ArrayLike,
        *,
        beta: ArrayLike | None = None,
        temperature: ArrayLike | None = None,
        occupation: ArrayLike | None = None,
        statistics: Statistics = "fermion",
    ):
        if sum(given is not None for given in (beta, temperature, occupation)) != 1:
            raise ValueError("bath: give exactly one of beta, temperature and occupation")
        if statistics not in ("boson", "fermion"):
            raise ValueError(
                f"bath statistics: {statistics!r} is unknown; allowed: 'boson', 'fermion'"
            )
        boson = statistics == "boson"
        # Asked of what was given: inside a compiled function all that is computed is traced.
        decoupled = known(gamma, lambda x: x == 0)
        hot = (
            boson
            and not decoupled
            and (
                (beta is not None and known(beta, lambda x: (x == 0) & ~np.signbit(x)))
                or (temperature is not None and known(temperature, np.isposinf))
            )
        )
        if beta is not None:
            beta = _upright("bath beta", beta, boson)
        if temperature is not None:
            beta = inverse_temperature(_upright("bath temperature", temperature, boson))
        self.finitely_hot = beta is not None and known(beta, lambda x: x > 0)
        if hot:
            shapes = (jnp.shape(x) for x in (gamma, beta) if x is not None)
            gamma = jnp.broadcast_to(gamma, jnp.broadcast_shapes(*shapes))
            beta = None
        self.statistics = statistics
        self.gamma = non_negative("bath gamma", gamma)
        self.beta = beta
        self.occupation = None if occupation is None else _occupation(occupation, boson)

    @property
    def infinitely_fast(self) -> bool:
        """Whether the bath is known to be bosonic and infinitely hot.

        It then pins its qubit to the maximally mixed state and freezes every coherence (the
        quantum Zeno limit), so that a machine can drop the qubit's coupling.
        """
        return self.beta is None and self.occupation is None

    @property
    def infinite_rate(self) -> Float[Array, "..."]:
        """What stands for the rate of an ``infinitely_fast`` bath, upwards and downwards."""
        return _INFINITELY_FAST * self.gamma

    def exponent(self, gap: ArrayLike, energy: ArrayLike) -> Float[Array, "..."]:
        r"""The Boltzmann exponent :math:`x = \beta\varepsilon` of a transition.

        Args:
            gap: the energy at which ``occupation`` is meant, > 0.
            energy: the energy :math:`\varepsilon` of the transition, > 0.

        Returns:
            At least 2e-8 at the gap of a bosonic bath whose temperature is traced, which is then
            1e8 times as fast as :math:`\gamma` (a known infinite one is 1e30 times as fast):
            states and first derivatives at infinite temperature are right to about 1e-8
            (with tunnelling derivatives to a few digits only), unless the machine takes the limit
            exactly (``infinitely_fast``).
            Infinite, with derivative zero, for an empty and for a full level: what that means
            above the gap, :math:`n' \propto n^{\varepsilon/\mathrm{gap}}`, has none there.
        """
        if self.infinitely_fast:
            return jnp.zeros_like(self.gamma) + jnp.asarray(energy) / gap / _INFINITELY_FAST
        if self.beta is not None:
            if self.statistics == "fermion" or self.finitely_hot:
                return _times(self.beta, energy)
            # Added, not clipped: the derivative at infinite temperature must survive.
            missing = jax.lax.stop_gradient(jnp.maximum(_HOTTEST / gap - self.beta, 0.0))
            return _times(self.beta + missing, energy)
        n = jnp.asarray(self.occupation)
        empty, full = n == 0, (n == 1) & (self.statistics == "fermion")
        inside = jnp.where(empty | full, 0.5, n)
        if self.statistics == "boson":
            at_gap = jnp.log1p(1 / inside)
        else:
            at_gap = jnp.where(full, -jnp.inf, jnp.log(1 - inside) - jnp.log(inside))
        return _times(jnp.where(empty, jnp.inf, at_gap), jnp.asarray(energy) / gap)

    def beta_at(self, gap: ArrayLike) -> float:
        r"""The inverse temperature :math:`\beta` as a number; that of an occupation of the gap."""
        return 0.0 if self.infinitely_fast else float(self.exponent(gap, gap) / gap)

    def inverted(self, gap: ArrayLike) -> Array:
        r"""Whether the bath is inverted, :math:`\beta < 0` or :math:`\beta = -0` (T = -inf)."""
        return jnp.signbit(self.exponent(gap, gap))

    def speed(self, exponent: ArrayLike) -> Float[Array, "..."]:
        r"""The factor :math:`s`: 1 for fermions, :math:`\coth(x/2) = 1+2n` for bosons."""
        if self.statistics == "fermion":
            return jnp.ones_like(jnp.asarray(exponent))
        return 1 / jnp.tanh(jnp.asarray(exponent) / 2)

    def rates_at_gap(self, gap: ArrayLike) -> tuple[Array, Array]:
        r"""The rates :math:`(\Gamma^+, \Gamma^-)` of the transition at the gap itself.

        Args:
            gap: the qubit's gap, > 0.
        """
        if self.occupation is None:
            return self.rates(gap, gap)
        n = self.occupation
        back = 1 - n if self.statistics == "fermion" else 1 + n
        return self.gamma * n, self.gamma * back

    def total_rate(self, gap: ArrayLike) -> float:
        r"""The rate up and down at the gap, :math:`\gamma` or :math:`\gamma(1 + 2n)`, a number."""
        return math.inf if self.infinitely_fast else float(sum(self.rates_at_gap(gap)))

    @property
    def stimulation(self) -> str:
        """The factor beside γ in that, in the words of a condition."""
        return "" if self.statistics == "fermion" else " (1 + 2n)"

    def rates(self, gap: ArrayLike, energy: ArrayLike) -> tuple[Array, Array]:
        r"""The rates :math:`(\Gamma^+, \Gamma^-)` of a transition of another energy.

        Args:
            gap: the energy at which ``occupation`` is meant, > 0.
            energy: the transition's energy, > 0.
        """
        x = self.exponent(gap, energy)
        rate = self.gamma * self.speed(x)
        filled, empty = fermi(x)
        return rate * filled, rate * empty

    def rates_far_above(self, gap: ArrayLike) -> tuple[Array, Array]:
        r"""The rates :math:`(\Gamma^+, \Gamma^-)` at :math:`\varepsilon\to\infty`.

        The limit is taken before :math:`T\to\infty`: a bath without inversion only empties the
        level, :math:`(0, \gamma)`, and an inverted one only fills it, :math:`(\gamma, 0)`.
        """
        inverted = self.inverted(gap)
        return jnp.where(inverted, self.gamma, 0.0), jnp.where(inverted, 0.0, self.gamma)
