r"""Two pumped qubits in a leaky cavity, which fills their dark state.

Paper: tacchino2018 (Tacchino, Auffeves, Santos, Gerace, Phys. Rev. Lett. 120, 063604), Eqs. (7)
and (8), with dephasing, detuning and cavity pump of App. D.

::

        pump_1 |  ^ gamma           cavity               pump_2 |  ^ gamma
               v  |           |n> ~~~~~~~~~~ kappa              v  |
      |1> ----- +delta         :      |                 |1> ----- -delta
                  <-- g_1 -->         v    <-- g_2 -->
      |0> -----              |1> -----                  |0> -----
        qubit 1              |0> -----                    qubit 2

.. math::
    H = \sum_{i=1}^{2} g_i\,(\sigma_i^+ a + \sigma_i^- a^\dagger)
        + \delta\,(\sigma_1^+\sigma_1^- - \sigma_2^+\sigma_2^-)

    \dot\rho = -i[H, \rho] + \sum_i \big(p_i \mathcal{D}[\sigma_i^+]
        + \gamma\,\mathcal{D}[\sigma_i^-] + \gamma_z \mathcal{D}[\sigma_i^z]\big)\rho
        + \kappa\,\mathcal{D}[a]\rho + p_c \mathcal{D}[a^\dagger]\rho, \qquad
    \mathcal{D}[o]\rho = o\rho o^\dagger - \tfrac12\{o^\dagger o, \rho\}

in the frame that rotates at the frequency :math:`\omega_0 = \omega_{\mathrm{cav}}`, which all
terms conserve. The paper's :math:`\tfrac{\kappa}{2}\mathcal{D}_o` with :math:`\mathcal{D}_o(\rho)
= 2o\rho o^\dagger - \{o^\dagger o, \rho\}` is :math:`\kappa\,\mathcal{D}[o]` here.

========================  ==========================================  ================
parameter                 meaning                                     unit
========================  ==========================================  ================
g1, g2                    couplings :math:`g_i` to the cavity, >= 0   energy
kappa                     loss of the cavity :math:`\kappa`           energy
pump_1, pump_2            incoherent pumps :math:`p_i`                energy
gamma                     relaxation :math:`\gamma` of each qubit     energy
dephasing                 pure dephasing :math:`\gamma_z` of each     energy
detuning                  :math:`\delta`: qubit 1 up, qubit 2 down    energy
cavity_pump               incoherent pump :math:`p_c` of the cavity   energy
photons                   the largest number of photons, >= 1         1
========================  ==========================================  ================

**The dark state.** The pumps fill :math:`g_2|10\rangle - g_1|01\rangle`, which the cavity cannot
empty. Around equal qubits a cavity that is fast, :math:`\kappa \gg g, p, \gamma`, follows them and
only cools their symmetric state: what is left is the machine of two collective baths with (9),

.. math:: \Gamma^+ = \frac p2, \qquad \Gamma_A^- = \frac\gamma2, \qquad
          \Gamma_S^- = \frac{4g^2}{\kappa} + \frac\gamma2 .

The joint basis is qubit 1, qubit 2, cavity: :math:`|a, b, n\rangle` has the number
``(2 a + b) * (photons + 1) + n``. Qubit 1 is party A.

Valid where the couplings are far below :math:`\omega_0` (rotating waves) and the highest number of
photons that is kept is hardly ever reached. Without pumps, relaxation, dephasing and detuning,
:math:`|00\rangle` and :math:`g_2|10\rangle - g_1|01\rangle` without photons are both dark and there
is no unique steady state.
"""

from __future__ import annotations

from functools import cache
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Complex, Float

from jaxent.baths import allowed, known, non_negative
from jaxent.generator import Generator
from jaxent.machines.collective_qubits import CollectiveQubits
from jaxent.machines.machine import AbstractLindbladMachine, OutsideModel, Regime
from jaxent.machines.parameters import Parameter
from jaxent.quantum import PAULI, partial_trace, populations, transition
from jaxent.steady_state import Diagnostics, diagnose, min_eigenvalue
from jaxent.terms import Hamiltonian, Jump, Term

LARGEST_LEFT_OUT = 1e-8
"""The population of the highest number of photons above which the truncation is warned about."""

LARGEST_MEANINGFUL = 1e-4
"""The population of the highest number of photons above which the truncated model is refused."""

_RAISE = transition(2, 1, 0)


class CavityQubits(AbstractLindbladMachine):
    """Two incoherently pumped qubits in one lossy cavity mode (tacchino2018 (7), (8)).

    The machine's state is that of the qubits, the cavity traced out.

    Args:
        g1, g2: couplings to the cavity.
        kappa: loss of the cavity.
        pump_1, pump_2: incoherent pumps of the qubits.
        gamma: relaxation of each qubit.
        dephasing: pure dephasing of each qubit.
        detuning: of qubit 1 above and of qubit 2 below the cavity.
        cavity_pump: incoherent pump of the cavity.
        photons: the largest number of photons.

    The structure is chosen when a machine is built, and only numbers that are not traced can
    choose: a dephasing, detuning or cavity pump known to vanish leaves no term and no leaf.

    Traced values outside their range become not a number.

    Raises:
        ValueError: a parameter that is not traced is outside its range.
    """

    kind: ClassVar[str] = "cavity_qubits"
    dims: ClassVar[tuple[int, int]] = (2, 2)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("g1", "coupling g_1 of qubit 1 to the cavity", symbol="g_1"),
        Parameter("g2", "coupling g_2 of qubit 2 to the cavity", symbol="g_2"),
        Parameter("kappa", "loss kappa of the cavity", symbol=r"\kappa"),
        Parameter("pump_1", "incoherent pump p_1 of qubit 1", symbol="p_1"),
        Parameter("pump_2", "incoherent pump p_2 of qubit 2", symbol="p_2"),
        Parameter("gamma", "relaxation gamma of each qubit", symbol=r"\gamma"),
        Parameter(
            "dephasing", "pure dephasing gamma_z of each qubit", default=0.0, symbol=r"\gamma_z"
        ),
        Parameter(
            "detuning", "detuning +-delta of the qubits", low=-np.inf, default=0.0, symbol=r"\delta"
        ),
        Parameter("cavity_pump", "incoherent pump p_c of the cavity", default=0.0, symbol="p_c"),
        Parameter(
            "photons",
            "largest number of photons",
            low=1,
            default=15,
            high=200,
            integer=True,
            unit="1",
        ),
    )
    limited_by: ClassVar[tuple[str, ...]] = tuple(parameter.name for parameter in parameters)

    g1: Float[Array, "..."]
    g2: Float[Array, "..."]
    kappa: Float[Array, "..."]
    pump_1: Float[Array, "..."]
    pump_2: Float[Array, "..."]
    gamma: Float[Array, "..."]
    free_dephasing: Float[Array, "..."] | None
    free_detuning: Float[Array, "..."] | None
    free_cavity_pump: Float[Array, "..."] | None
    photons: int = eqx.field(static=True)

    def __init__(
        self,
        g1: ArrayLike,
        g2: ArrayLike,
        kappa: ArrayLike,
        pump_1: ArrayLike,
        pump_2: ArrayLike,
        gamma: ArrayLike,
        *,
        dephasing: ArrayLike = 0.0,
        detuning: ArrayLike = 0.0,
        cavity_pump: ArrayLike = 0.0,
        photons: int = 15,
    ):
        if isinstance(photons, bool) or photons != int(photons) or photons < 1:
            raise ValueError(f"photons: {photons} is given; allowed: an integer >= 1")
        self.photons = int(photons)
        # What has no leaf of its own keeps its batch axes.
        optional = (g1, dephasing, detuning, cavity_pump)
        g1 = jnp.broadcast_to(g1, jnp.broadcast_shapes(*map(jnp.shape, optional)))
        self.g1, self.g2 = non_negative("g1", g1), non_negative("g2", g2)
        self.kappa = non_negative("kappa", kappa)
        self.pump_1, self.pump_2 = non_negative("pump_1", pump_1), non_negative("pump_2", pump_2)
        self.gamma = non_negative("gamma", gamma)
        self.free_dephasing = None if _absent(dephasing) else non_negative("dephasing", dephasing)
        self.free_cavity_pump = (
            None if _absent(cavity_pump) else non_negative("cavity_pump", cavity_pump)
        )
        self.free_detuning = (
            None
            if _absent(detuning)
            else allowed("detuning", detuning, "finite", lambda x: abs(x) < np.inf)
        )

    @property
    def dephasing(self) -> Float[Array, "..."]:
        """The pure dephasing of each qubit, 0 where the structure says so."""
        return jnp.zeros_like(self.g1) if self.free_dephasing is None else self.free_dephasing

    @property
    def detuning(self) -> Float[Array, "..."]:
        """The detuning of the qubits, 0 where the structure says so."""
        return jnp.zeros_like(self.g1) if self.free_detuning is None else self.free_detuning

    @property
    def cavity_pump(self) -> Float[Array, "..."]:
        """The incoherent pump of the cavity, 0 where the structure says so."""
        return jnp.zeros_like(self.g1) if self.free_cavity_pump is None else self.free_cavity_pump

    @property
    def generator(self) -> Generator:
        return _generator(
            self.photons,
            dephased=self.free_dephasing is not None,
            detuned=self.free_detuning is not None,
            cavity_pumped=self.free_cavity_pump is not None,
        )

    def coefficients(self) -> list[Float[Array, "..."]]:
        further = [self.free_dephasing, self.free_dephasing]
        further += [self.free_detuning, self.free_cavity_pump]
        return jnp.broadcast_arrays(
            *(self.g1, self.g2, self.kappa, self.pump_1, self.pump_2, self.gamma, self.gamma),
            *(coefficient for coefficient in further if coefficient is not None),
        )

    def full_state(self) -> Complex[Array, "... D D"]:
        """The steady state of qubits and cavity, ``D = 4 (photons + 1)``."""
        return self.generator.matrix(self.stationary())

    def state(self) -> Complex[Array, "... 4 4"]:
        return self._of_qubits(self.full_state())

    def _of_qubits(self, full: Complex[Array, "... D D"]) -> Complex[Array, "... 4 4"]:
        return partial_trace(full, (4, self.photons + 1), "a")

    def photon_populations(self) -> Float[Array, "... N"]:
        """The steady state's distribution of the number of photons, ``N = photons + 1``.

        The last entry must be small for the truncation to hold.
        """
        return populations(partial_trace(self.full_state(), (4, self.photons + 1), "b"))

    @property
    def x_form(self) -> bool:
        """Always: nothing but the cavity connects numbers of excitations, and it is traced out."""
        return True

    @property
    def target(self) -> Complex[Array, "... 4"] | None:
        r"""The dark state :math:`(g_2|10\rangle - g_1|01\rangle)/\sqrt{g_1^2 + g_2^2}`.

        None where the cavity is known to couple to neither qubit, and all states are dark.
        """
        if known(self.g1, lambda g: g == 0) and known(self.g2, lambda g: g == 0):
            return None
        g1, g2 = jnp.broadcast_arrays(self.g1, self.g2)
        ket = jnp.stack([jnp.zeros_like(g1), -g1, g2, jnp.zeros_like(g1)], axis=-1)
        return (ket / jnp.hypot(g1, g2)[..., None]).astype(complex)

    def effective(self) -> CollectiveQubits:
        r"""The machine that is left when the cavity follows the qubits, tacchino2018 (9).

        .. math:: e^{\beta_A} = \gamma/p, \qquad e^{\beta_S} = (\gamma + 8g^2/\kappa)/p, \qquad
                  \Gamma^+ = p/2

        Returns:
            Two qubits with the rates (9) and the gap 1; not a number where traced qubits are
            unequal.

        Raises:
            ValueError: couplings or pumps are unequal, there is a dephasing, a detuning or a cavity
                pump, or the cavity has no loss or the qubits no pump.
        """
        alike = "0: the effective model is of equal qubits"
        alone = "0: the effective model has pumps, relaxation and the cavity's loss alone"
        zeros = [
            allowed(name, value, words, lambda x: x == 0)
            for name, value, words in (
                ("g2 - g1", self.g2 - self.g1, alike),
                ("pump_2 - pump_1", self.pump_2 - self.pump_1, alike),
                ("dephasing", self.dephasing, alone),
                ("detuning", self.detuning, alone),
                ("cavity_pump", self.cavity_pump, alone),
            )
        ]
        kappa = allowed("kappa", self.kappa, "> 0 for the effective model", lambda x: x > 0)
        pump = allowed("pump_1", self.pump_1, "> 0 for the effective model", lambda x: x > 0)
        pump = sum(zeros, start=pump)
        cooling = 8 * self.g1**2 / kappa
        return CollectiveQubits(
            beta_a=jnp.log(self.gamma / pump),
            beta_s=jnp.log((self.gamma + cooling) / pump),
            pump=pump / 2,
        )

    def diagnose(self, rho: Complex[Array, "4 4"]) -> Diagnostics:
        """Check a state of the qubits of a machine without batch axes.

        The full state is solved for again and checked; the residual also covers the difference of
        its qubits from ``rho``.
        """
        full = np.asarray(self.full_state())
        found = diagnose(self.generator, np.asarray(self.coefficients()), full)
        difference = np.abs(np.asarray(self._of_qubits(jnp.asarray(full))) - np.asarray(rho)).max()
        return Diagnostics(
            residual=max(found.residual, float(difference)),
            nullity=found.nullity,
            min_eigenvalue=min(found.min_eigenvalue, min_eigenvalue(np.asarray(rho))),
            sector_size=found.sector_size,
        )

    def truncation(self, efficiency: float) -> list[Regime]:
        highest = float(self.photon_populations()[-1])
        limit = LARGEST_LEFT_OUT * efficiency
        return [Regime(f"p(n = {self.photons}) << efficiency", highest, limit)]

    def refuse_state(self, efficiency: float = 1.0) -> None:
        highest = float(self.photon_populations()[-1])
        limit = LARGEST_MEANINGFUL * efficiency
        if highest > limit:
            raise OutsideModel(
                f"photons: {self.photons} is given, and the population of the highest level is "
                f"{highest:.2g}; allowed: so many that it is below {limit:.2g}, "
                f"{LARGEST_MEANINGFUL:g} of the efficiency"
            )


def _absent(value: ArrayLike) -> bool:
    return known(value, lambda x: x == 0)


@cache
def _generator(photons: int, *, dephased: bool, detuned: bool, cavity_pumped: bool) -> Generator:
    one, mode = np.eye(2), np.eye(photons + 1)

    def on_qubits(operator: np.ndarray) -> list[np.ndarray]:
        """The operator on qubit 1 and on qubit 2."""
        pairs = (operator, one), (one, operator)
        return [np.kron(np.kron(first, second), mode) for first, second in pairs]

    annihilate = np.kron(np.eye(4), np.diag(np.sqrt(np.arange(1.0, photons + 1)), k=1))
    raising = on_qubits(_RAISE)
    exchange = [raised @ annihilate for raised in raising]
    terms: list[Term] = [Hamiltonian(swap + swap.conj().T) for swap in exchange]
    terms += [Jump(annihilate), *map(Jump, raising), *(Jump(raised.T) for raised in raising)]
    if dephased:
        terms += map(Jump, on_qubits(PAULI[2]))
    if detuned:
        first, second = on_qubits(_RAISE @ _RAISE.T)
        terms.append(Hamiltonian(first - second))
    if cavity_pumped:
        terms.append(Jump(annihilate.T))
    return Generator(terms)
