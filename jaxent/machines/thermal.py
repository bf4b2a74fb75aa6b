r"""Two coupled qubits in thermal equilibrium: what a machine has to beat.

Papers: khandelwal2020 (34); longstaff2025 (26) is the case ``E = 0``, with one qubit turned by σ_z.

::

    |11> ----- 2E
                          |+> ----- E + g      |+-> = (|01> +- |10>) / sqrt(2)
                          |-> ----- E - g
    |00> ----- 0

.. math:: \rho = e^{-H/T} / \mathrm{tr}\, e^{-H/T}, \qquad
          H = E\,(n_A + n_B) + g\,(|01\rangle\langle10| + |10\rangle\langle01|)

========================  ==========================================  ================
parameter                 meaning                                     unit
========================  ==========================================  ================
g                         flip-flop coupling                          energy
E                         gap of both qubits, >= 0                    energy
temperature               :math:`T`: any real number, 0+-, +-inf      energy
========================  ==========================================  ================

Valid at any parameters: it is an equilibrium, whatever brought it about.

At :math:`T = 0^{\pm}` the state is the even mixture of the lowest (highest) levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Complex, Float

from jaxent.baths import allowed, inverse_temperature, non_negative
from jaxent.machines.machine import AbstractMachine
from jaxent.machines.parameters import Parameter
from jaxent.steady_state import Diagnostics, min_eigenvalue

_LEVELS = np.array(
    [[1, 0, 0, 0], [0, 1, 1, 0], [0, 1, -1, 0], [0, 0, 0, 1]], dtype=complex
) / np.sqrt([[1], [2], [2], [1]])
_PROJECTORS = np.einsum("ki,kj->kij", _LEVELS, _LEVELS.conj())


def _is_number(x: Array) -> Array:
    return x == x


class Thermal(AbstractMachine):
    """Two flip-flop-coupled qubits at one temperature (khandelwal2020 (34)).

    Args:
        g: flip-flop coupling.
        E: gap of both qubits.
        beta, temperature: exactly one of the inverse temperature and the temperature.

    Raises:
        ValueError: not exactly one of ``beta`` and ``temperature`` is given, or a value that is
            not traced is outside its range.
    """

    kind: ClassVar[str] = "thermal"
    dims: ClassVar[tuple[int, int]] = (2, 2)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("g", "flip-flop coupling g", symbol="g"),
        Parameter("E", "gap of both qubits", default=1.0, symbol="E"),
        Parameter("temperature", "temperature T", low=-np.inf, infinite=True, symbol="T"),
    )

    g: Float[Array, "..."]
    E: Float[Array, "..."]
    beta: Float[Array, "..."]

    def __init__(
        self,
        g: ArrayLike,
        E: ArrayLike = 1.0,
        *,
        beta: ArrayLike | None = None,
        temperature: ArrayLike | None = None,
    ):
        if (beta is None) == (temperature is None):
            raise ValueError("thermal: give exactly one of beta and temperature")
        self.g = non_negative("g", g)
        self.E = non_negative("E", E)
        if temperature is not None:
            beta = inverse_temperature(allowed("temperature", temperature, "a number", _is_number))
        self.beta = allowed("beta", jnp.asarray(beta, dtype=float), "a number", _is_number)

    @classmethod
    def from_parameters(cls, values: Mapping[str, Any]) -> Thermal:
        cls.refuse_unknown(values)
        return cls(
            values["g"],
            values.get("E", 1.0),
            beta=values.get("inverse_temperature"),
            temperature=values.get("temperature"),
        )

    @property
    def x_form(self) -> bool:
        return True

    @property
    def written_out(self) -> bool:
        return True

    def levels(self) -> Float[Array, "... 4"]:
        r"""The energies of :math:`|00\rangle, |+\rangle, |-\rangle, |11\rangle`."""
        energies = jnp.broadcast_arrays(0 * self.E, self.E + self.g, self.E - self.g, 2 * self.E)
        return jnp.stack(energies, axis=-1)

    def weights(self) -> Float[Array, "... 4"]:
        """The populations of the levels."""
        beta, levels = jnp.broadcast_arrays(self.beta[..., None], self.levels())
        sign = jnp.where(beta < 0, -1.0, 1.0)
        above = sign * levels - jnp.min(sign * levels, axis=-1, keepdims=True)
        frozen = jnp.isinf(beta)
        rate = jnp.where(frozen, 0.0, jnp.abs(beta))
        boltzmann = jnp.where(frozen, jnp.where(above == 0, 1.0, 0.0), jnp.exp(-rate * above))
        return boltzmann / jnp.sum(boltzmann, axis=-1, keepdims=True)

    def state(self) -> Complex[Array, "... 4 4"]:
        return jnp.einsum("...k,kij->...ij", self.weights(), _PROJECTORS)

    def diagnose(self, rho: Complex[Array, "4 4"]) -> Diagnostics:
        state = np.asarray(rho)
        hamiltonian = np.einsum("k,kij->ij", np.asarray(self.levels()), _PROJECTORS)
        commutator = hamiltonian @ state - state @ hamiltonian
        scale = np.abs(hamiltonian).max() or 1.0
        return Diagnostics(
            residual=float(np.abs(commutator).max() / scale),
            nullity=1,
            min_eigenvalue=min_eigenvalue(state),
            sector_size=5,
        )
