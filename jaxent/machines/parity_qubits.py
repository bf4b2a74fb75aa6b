r"""Two qubits without gaps whose baths conserve a parity: entanglement at any temperature.

Paper: longstaff2025 (Longstaff, Steady-state Bell nonlocality in an autonomous quantum thermal
machine), Eqs. (1), (13)-(17) and, with noise, (28).

::

          parity +1                     parity -1           (of X = sigma_x (x) sigma_x)

                                    |psi_-> ----- +g
                                       | ^
      |phi_+> ----- 0                  v |
         | ^                        |phi_-> -----  0
         v |
      |psi_+> ----- -g

      both baths: down at gamma_beta(g), up at gamma_beta(-g);   dephasing mixes the parities

.. math::
    H_S = g\,(|\psi_-\rangle\langle\psi_-| - |\psi_+\rangle\langle\psi_+|)

    \dot\rho = -i[H_S + H_{LS}, \rho] + \sum_{\beta = 1, 2} \sum_{\omega = \pm g}
        \gamma_\beta(\omega)\,\mathcal{D}[A_\beta(\omega)]\rho
        + \gamma_c \mathcal{D}[\sigma_{z1} + \sigma_{z2}]\rho
        + \gamma_{l_1} \mathcal{D}[\sigma_{z1}]\rho + \gamma_{l_2} \mathcal{D}[\sigma_{z2}]\rho

    A_{1,2}(g) = |\psi_+\rangle\langle\phi_+| \mp |\phi_-\rangle\langle\psi_-|, \qquad
    A_\beta(-g) = A_\beta(g)^\dagger

    \gamma_\beta(g) = \chi_\beta g\,[1 - \xi_\beta p_\beta(g)], \qquad
    \gamma_\beta(-g) = \chi_\beta g\,p_\beta(g), \qquad
    p_\beta(g) = \frac{1}{e^{g/T_\beta} + \xi_\beta}

with :math:`\xi = 1` for spins and :math:`\xi = -1` for bosons, whose spectral density is
:math:`J(\omega) = \chi\omega`. The Lamb shift
:math:`H_{LS} = \sum_{\beta\omega} S_\beta(\omega) A_\beta^\dagger(\omega) A_\beta(\omega)` is
:math:`\sum_\beta [S_\beta(g) - S_\beta(-g)]\,\Pi` up to a multiple of the identity, with
:math:`\Pi = |\phi_+\rangle\langle\phi_+| + |\psi_-\rangle\langle\psi_-|`: equal shifts do nothing.

========================  ==========================================  ================
parameter                 meaning                                     unit
========================  ==========================================  ================
g                         coupling of the qubits, > 0                 energy
bath_b.statistics         ``spin`` or ``boson``                       1
bath_b.chi                coupling :math:`\chi_\beta`                 1
bath_b.temperature        :math:`T_\beta`                             energy
gamma_collective          collective dephasing :math:`\gamma_c`       energy
gamma_local_b             local dephasing :math:`\gamma_{l_\beta}`    energy
lamb_shift_b              :math:`S_\beta(g), S_\beta(-g)`             energy
initial, mu               initial state, or its weight in parity +1   1
========================  ==========================================  ================

**Without noise** the parity is a strong symmetry and there are two steady states, one of each
parity (19), (20); the initial state decides by its weight :math:`\mu = \mathrm{tr}(\Pi_+ \rho(0))`.
With any noise there is one, which tends to a mixture of the two as the noise vanishes: one that
the noise decides, not the initial state.

**What oscillates for ever.** Without noise a combination of the coherences
:math:`|\phi_+\rangle\langle\psi_-|` and :math:`|\psi_+\rangle\langle\phi_-|` between the parities
turns at the frequency :math:`g` undamped where :math:`\gamma_1(g)\gamma_2(-g) =
\gamma_1(-g)\gamma_2(g) = 0`: one bath is decoupled, or both are at :math:`T = 0^+`, or both at
:math:`0^-`. The steady states are two all the same, but an initial state with such a coherence has
no limit, and (23) is its average over time. The initial states by name have none, nor has the one
that stands for a weight :math:`\mu`: while a bath is left, they end in (23).

Valid where :math:`g` is far above all :math:`\gamma_\beta(\omega)` (secular approximation).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, reduce
from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Complex, Float

from jaxent.baths import Bath, allowed, known, non_negative, positive
from jaxent.generator import Coordinates, Generator
from jaxent.machines.machine import AbstractLindbladMachine, Regime
from jaxent.machines.parameters import Parameter, gathered
from jaxent.quantum import PAULI, transition
from jaxent.terms import Hamiltonian, Jump, Term

BELL_STATES = np.array(
    [[1, 0, 0, 1], [1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0]], dtype=complex
).T / np.sqrt(2)
r"""The kets :math:`|\phi_+\rangle, |\phi_-\rangle, |\psi_+\rangle, |\psi_-\rangle` as columns."""

_PHI_PLUS, _PHI_MINUS, _PSI_PLUS, _PSI_MINUS = range(4)
_ENERGIES = np.array([0, 0, -1, 1])  # in units of g
_X = {"x_up": np.array([1, 1]) / np.sqrt(2), "x_down": np.array([1, -1]) / np.sqrt(2)}
_Z = {"ground": np.array([1, 0]), "excited": np.array([0, 1])}

INITIAL_STATES: dict[str, np.ndarray] = {
    **{f"{j}_{k}": np.kron(_X[j], _X[k]).astype(complex) for j in _X for k in _X},
    **{f"{j}_{k}": np.kron(_Z[j], _Z[k]).astype(complex) for j in _Z for k in _Z},
    **dict(zip(("phi_plus", "phi_minus", "psi_plus", "psi_minus"), BELL_STATES.T, strict=True)),
}
"""Initial states by name, as kets of shape ``(4,)``; parity +1 have those with equal x spins."""

PARITY = np.kron(PAULI[0], PAULI[0])
r"""The parity :math:`X = \sigma_x \otimes \sigma_x`, conserved without noise (18)."""

_NOISES = ("gamma_collective", "gamma_local_1", "gamma_local_2")
_PAIR = "2 numbers, at g and at -g"


class ParityQubits(AbstractLindbladMachine):
    r"""Two gapless qubits between Ohmic baths of spins or bosons (longstaff2025 (13), (28)).

    Args:
        g: coupling of the qubits, > 0.
        bath_1, bath_2: the baths. Their ``gamma`` is here the number :math:`\chi`, with
            :math:`J(\omega) = \chi\omega`; a bath of spins has the statistics of fermions.
        gamma_collective, gamma_local_1, gamma_local_2: dephasing, >= 0.
        lamb_shift_1, lamb_shift_2: :math:`S_\beta`, one number for both frequencies, or the pair
            :math:`S_\beta(g), S_\beta(-g)`.
        initial: the name of the initial state, one of ``INITIAL_STATES``.
        mu: the weight of the initial state in parity +1, in [0, 1], in place of its name.

    The structure is chosen when a machine is built, and only numbers that are not traced can
    choose: noise and Lamb shifts that are known to have no effect leave no term and no leaf.

    Traced values outside their range become not a number.

    Raises:
        ValueError: a parameter that is not traced is outside its range, or the initial state is
            unknown or given twice.
    """

    kind: ClassVar[str] = "parity_qubits"
    dims: ClassVar[tuple[int, int]] = (2, 2)
    basis: ClassVar[np.ndarray] = BELL_STATES
    x_form: ClassVar[bool] = True
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("g", "coupling g of the qubits", positive=True, symbol="g"),
        *(
            parameter
            for b in (1, 2)
            for parameter in (
                Parameter(f"bath_{b}.statistics", "kind of particles", choices=("boson", "spin")),
                Parameter(
                    f"bath_{b}.chi", f"coupling chi_{b} to the bath", symbol=rf"\chi_{b}", unit="1"
                ),
                Parameter(
                    f"bath_{b}.temperature",
                    f"temperature T_{b}; of bosons not below 0",
                    low=-np.inf,
                    infinite=True,
                    symbol=f"T_{b}",
                ),
            )
        ),
        Parameter(
            "gamma_collective", "collective dephasing gamma_c", default=0.0, symbol=r"\gamma_c"
        ),
        Parameter("gamma_local_1", "local dephasing gamma_l1", default=0.0, symbol=r"\gamma_{l_1}"),
        Parameter("gamma_local_2", "local dephasing gamma_l2", default=0.0, symbol=r"\gamma_{l_2}"),
        Parameter(
            "lamb_shift_1", "Lamb shift S_1", low=-np.inf, default=0.0, entries=_PAIR, symbol="S_1"
        ),
        Parameter(
            "lamb_shift_2", "Lamb shift S_2", low=-np.inf, default=0.0, entries=_PAIR, symbol="S_2"
        ),
        Parameter("initial", "initial ket", choices=(*INITIAL_STATES,), either="mu", optional=True),
        Parameter(
            "mu",
            "its weight in parity +1",
            high=1.0,
            either="initial",
            optional=True,
            unit="1",
            symbol=r"\mu",
        ),
    )

    g: Float[Array, "..."]
    bath_1: Bath
    bath_2: Bath
    gamma_collective: Float[Array, "..."] | None
    gamma_local_1: Float[Array, "..."] | None
    gamma_local_2: Float[Array, "..."] | None
    splitting: Float[Array, "..."] | None
    mu: Float[Array, "..."] | None
    initial: str | None = eqx.field(static=True)

    def __init__(
        self,
        g: ArrayLike,
        bath_1: Bath,
        bath_2: Bath,
        *,
        gamma_collective: ArrayLike = 0.0,
        gamma_local_1: ArrayLike = 0.0,
        gamma_local_2: ArrayLike = 0.0,
        lamb_shift_1: ArrayLike | Sequence[ArrayLike] = 0.0,
        lamb_shift_2: ArrayLike | Sequence[ArrayLike] = 0.0,
        initial: str | None = None,
        mu: ArrayLike | None = None,
    ):
        if initial is not None and mu is not None:
            raise ValueError("initial: given twice; allowed: it or mu")
        if initial is not None and initial not in INITIAL_STATES:
            raise ValueError(
                f"initial: {initial!r} is unknown; allowed: {', '.join(INITIAL_STATES)}"
            )
        self.bath_1, self.bath_2, self.initial = bath_1, bath_2, initial
        # What has no leaf of its own keeps its batch axes.
        noise = (gamma_collective, gamma_local_1, gamma_local_2)
        g = jnp.broadcast_to(g, jnp.broadcast_shapes(*map(jnp.shape, (g, *noise))))
        self.g = positive("g", g)
        self.gamma_collective = _noise("gamma_collective", gamma_collective)
        self.gamma_local_1 = _noise("gamma_local_1", gamma_local_1)
        self.gamma_local_2 = _noise("gamma_local_2", gamma_local_2)
        shifts = _splitting("lamb_shift_1", lamb_shift_1), _splitting("lamb_shift_2", lamb_shift_2)
        split = [shift for shift in shifts if shift is not None]
        self.splitting = reduce(jnp.add, split) if split else None
        self.mu = (
            None if mu is None else allowed("mu", mu, "in [0, 1]", lambda x: (x >= 0) & (x <= 1))
        )

    @classmethod
    def from_parameters(cls, values: Mapping[str, Any]) -> ParityQubits:
        cls.refuse_unknown(values)
        given = {name: value for name, value in gathered(values).items() if "." not in name}
        baths = [_bath_from(values, f"bath_{b}.") for b in (1, 2)]
        qubits = cls(given.pop("g"), *baths, **given)
        if not qubits.noisy:
            _ = qubits.weight  # refuses an unknown initial state
        return qubits

    @classmethod
    def refuse_ranges(
        cls, fixed: Mapping[str, Any], free: Mapping[str, tuple[float, float]]
    ) -> None:
        noise = [name for name in _NOISES if name in free]
        lowest = {name: free[name][0] for name in noise}
        if noise and not any(lowest.get(name, fixed.get(name, 0.0)) for name in _NOISES):
            raise ValueError(
                f"{noise[0]}: the range starts at 0, where the parity is conserved and the steady "
                "state jumps; allowed: low > 0, or another noise > 0"
            )

    @property
    def noises(self) -> dict[str, Float[Array, "..."]]:
        """The dephasing rates that have a term, by name."""
        rates = {name: getattr(self, name) for name in _NOISES}
        return {name: rate for name, rate in rates.items() if rate is not None}

    @property
    def noisy(self) -> bool:
        """Whether the structure has noise, so that the steady state is unique."""
        return bool(self.noises)

    @property
    def steady_states(self) -> int:
        return 1 if self.noisy else 2

    @property
    def generator(self) -> Generator:
        return _generator(self.splitting is not None, tuple(self.noises))

    def rates(self, bath: int) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
        r"""The rates :math:`\gamma_\beta(g), \gamma_\beta(-g)` (17) of bath 1 or 2."""
        up, down = (self.bath_1 if bath == 1 else self.bath_2).rates_at_gap(self.g)
        return self.g * down, self.g * up

    def coefficients(self) -> list[Float[Array, "..."]]:
        shift = [] if self.splitting is None else [self.splitting]
        rates = (*self.rates(1), *self.rates(2))
        return jnp.broadcast_arrays(self.g, *shift, *rates, *self.noises.values())

    def energy(self) -> np.ndarray:
        """H_S (1), with which the rates obey detailed balance: no Lamb shift counts as heat."""
        return float(self.g) * np.diag(_ENERGIES)

    def inverse_temperatures(self) -> Mapping[str, float]:
        """Bath 1 as ``"a"`` and bath 2 as ``"b"``."""
        return {"a": self.bath_1.beta_at(self.g), "b": self.bath_2.beta_at(self.g)}

    def initial_state(self) -> Complex[Array, "... 4 4"]:
        r"""The initial state; for a weight, :math:`\mu\,\Pi_+/2 + (1 - \mu)\,\Pi_-/2`.

        Raises:
            ValueError: neither a state nor a weight was given.
        """
        if self.initial is not None:
            ket = INITIAL_STATES[self.initial]
            return jnp.asarray(np.outer(ket, ket.conj()))
        polarisation = (2 * self.weight - 1)[..., None, None]
        return (jnp.eye(4) + polarisation * PARITY) / 4

    @property
    def weight(self) -> Float[Array, "..."]:
        r"""The weight :math:`\mu = \mathrm{tr}(\Pi_+\rho(0))` of the initial state in parity +1.

        Raises:
            ValueError: neither a state nor a weight was given.
        """
        if self.initial is not None:
            # Exactly 0, 1/2 or 1: rounding would leave a negative population.
            ket = INITIAL_STATES[self.initial]
            return jnp.asarray((1 + round((ket.conj() @ PARITY @ ket).real)) / 2)
        if self.mu is None:
            raise ValueError(
                "initial: without noise the steady state depends on the initial one; "
                "allowed: initial or mu"
            )
        return self.mu

    def stationary(self) -> Coordinates:
        r"""The populations of the Bell states, the only coordinates of the sector.

        Without noise those of :math:`\mu\hat r_+ + (1 - \mu)\hat r_-` (19), (20), (23), which are
        no numbers where both baths are decoupled.

        Raises:
            ValueError: there is no noise, and neither an initial state nor a weight was given.
        """
        if self.noisy:
            return super().stationary()
        mu = self.weight
        down_1, up_1, down_2, up_2 = self.coefficients()[-4:]
        down, up = down_1 + down_2, up_1 + up_2
        lower, upper = down / (down + up), up / (down + up)
        return jnp.broadcast_arrays(mu * upper, (1 - mu) * lower, mu * lower, (1 - mu) * upper)

    def regimes(self) -> list[Regime]:
        g = float(self.g)
        secular = [
            Regime(f"gamma_{b}({sign}g) << g", float(rate), g / 10)
            for b in (1, 2)
            for sign, rate in zip(("", "-"), self.rates(b), strict=True)
        ]
        if self.noisy or self.mu is None or float(self.mu) in (0.0, 1.0):
            return secular
        # A weight is that of many initial states, and some of them have other coherences.
        (down_1, up_1), (down_2, up_2) = self.rates(1), self.rates(2)
        undamped = float((down_1 == 0 or up_2 == 0) and (up_1 == 0 or down_2 == 0))
        return [*secular, Regime("undamped coherences between the parities <= 0", undamped, 0.0)]


def _noise(name: str, rate: ArrayLike) -> Array | None:
    if known(rate, lambda x: x == 0):
        return None
    return non_negative(name, rate)


def _splitting(name: str, shift: Any) -> Array | None:
    """The difference S(g) - S(-g) of one bath, unless it is known to vanish."""
    pair = shift if isinstance(shift, (list, tuple)) else (shift, shift)
    if len(pair) != 2:
        raise ValueError(f"{name}: {shift} is given; allowed: a number, or a pair of them")
    above, below = (allowed(name, s, "finite", lambda x: abs(x) < np.inf) for s in pair)
    equal = known(pair[0], np.isfinite) and known(pair[1], lambda x: x == np.asarray(pair[0]))
    return None if pair[0] is pair[1] or equal else above - below


def _bath_from(values: Mapping[str, Any], prefix: str) -> Bath:
    given = {k.removeprefix(prefix): v for k, v in values.items() if k.startswith(prefix)}
    return Bath(
        given["chi"],
        beta=given.get("inverse_temperature"),
        temperature=given.get("temperature"),
        statistics="boson" if given["statistics"] == "boson" else "fermion",
    )


@cache
def _generator(shifted: bool, noises: tuple[str, ...]) -> Generator:
    """The terms in the Bell states, where their entries are whole numbers."""
    down_plus = transition(4, _PSI_PLUS, _PHI_PLUS)
    down_minus = transition(4, _PHI_MINUS, _PSI_MINUS)
    terms: list[Term] = [Hamiltonian(np.diag(_ENERGIES))]
    if shifted:
        terms.append(Hamiltonian(np.diag([1, 0, 0, 1])))
    for bath, jump in (("a", down_plus - down_minus), ("b", down_plus + down_minus)):
        terms += [Jump(jump, bath), Jump(jump.T, bath)]
    # Dephasing swaps the signs of phi and psi, by which the kets are ordered.
    z1, z2 = np.kron(np.eye(2), PAULI[0]), np.kron(PAULI[2], PAULI[0])
    dephasing: dict[str, np.ndarray] = dict(zip(_NOISES, (z1 + z2, z1, z2), strict=True))
    return Generator([*terms, *(Jump(dephasing[name]) for name in noises)])
