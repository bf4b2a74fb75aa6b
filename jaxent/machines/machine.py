"""What a machine is: parameters in, a two-party state out."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from jaxent.generator import Coordinates, Generator
from jaxent.machines.parameters import Parameter, list_name
from jaxent.precise import PreciseState, refuse_too_many
from jaxent.quantum import X_FORM, XState
from jaxent.steady_state import (
    Diagnostics,
    diagnose,
    is_written_out,
    solve,
    spectral_gap,
)


@dataclass(frozen=True)
class Regime:
    """One condition under which a machine's model holds, evaluated at its parameters.

    Attributes:
        condition: the condition in symbols, such as ``"g <= gamma_A"``.
        value: the number that should not exceed ``limit``.
        limit: the limit.
    """

    condition: str
    value: float
    limit: float

    @property
    def holds(self) -> bool:
        """Whether the condition is met, up to rounding."""
        return bool(self.value <= self.limit * (1 + 1e-9))


class OutsideModel(ValueError):
    """A machine at whose parameters its model has no meaning."""


class AbstractMachine(eqx.Module):
    """A thermal machine: differentiable parameters that determine a two-party state.

    Its leaves are its parameters; arrays with equal batch axes give batches of states.

    Attributes:
        kind: the name that configs use, of the class.
        parameters: what a config may give, of the class.
        limited_by: the names of all parameters that decide, with the efficiency, about
            ``refuse_state``.
    """

    kind: eqx.AbstractClassVar[str]
    parameters: eqx.AbstractClassVar[tuple[Parameter, ...]]
    limited_by: ClassVar[tuple[str, ...]] = ()

    @property
    @abc.abstractmethod
    def dims(self) -> tuple[int, int]:
        """The local dimensions of the state."""

    @property
    def default_filters(self) -> tuple[np.ndarray, np.ndarray]:
        """The diagonals of the filters that the machine is meant to be used with."""
        return np.ones(self.dims[0]), np.ones(self.dims[1])

    @property
    def target(self) -> Complex[Array, "... D"] | None:
        """The pure state that the machine is meant to herald, where its paper names one."""
        return None

    @property
    def steady_states(self) -> int:
        """How many independent steady states the model has, among which it chooses one."""
        return 1

    @classmethod
    def from_parameters(cls, values: Mapping[str, Any]) -> Self:
        """Build the machine from a flat mapping of parameter names to values.

        A value may be traced. A traced temperature is given by its inverse under the name with
        ``temperature`` replaced by ``inverse_temperature``.

        Without more, the names are taken as those of the constructor's arguments.

        Raises:
            ValueError: a name is unknown, or the machine refuses a value.
        """
        cls.refuse_unknown(values)
        return cls(**values)

    @classmethod
    def parameter(cls, name: str) -> Parameter:
        """The parameter of that name, of an entry ``g[0]`` that of the list."""
        name = list_name(name)
        return next(parameter for parameter in cls.parameters if parameter.name == name)

    @classmethod
    def refuse_ranges(
        cls, fixed: Mapping[str, Any], free: Mapping[str, tuple[float, float]]
    ) -> None:
        """Refuse a search of parameters in which the model jumps, or does not hold at all.

        Args:
            fixed: the values of the parameters that are not free.
            free: the bounds of those that are, or run along a curve.

        Raises:
            ValueError: the model jumps within the ranges, or has none there.
        """

    @classmethod
    def refuse_unknown(cls, values: Mapping[str, Any]) -> None:
        """Demand that all names are those of parameters, or of entries of those that are lists.

        Raises:
            ValueError: one is not.
        """
        names = [parameter.name for parameter in cls.parameters]
        lists = [parameter.name for parameter in cls.parameters if parameter.entries]
        for name in values:
            of_a_bath = name.replace("inverse_temperature", "temperature")
            if of_a_bath not in names and list_name(name) not in lists:
                raise ValueError(f"{name}: unknown to {cls.kind}; allowed: {', '.join(names)}")

    @property
    def written_out(self) -> bool:
        """Whether the state and its derivatives are arithmetic alone, without a factorisation."""
        return False

    @abc.abstractmethod
    def state(self) -> Complex[Array, "... D D"]:
        """The machine's (steady) state, normalised, shape ``(..., D, D)``.

        Where a machine is not ``written_out`` its linear systems are LAPACK's. On a CPU these are
        best mapped one by one (``jax.lax.map``): batched by ``vmap`` inside a compiled loop they
        may wait for threads of XLA that wait for them.
        """

    def x_state(self) -> XState:
        """The machine's state, which is of X form, as six numbers; see ``x_form``."""
        return XState.of(self.state())

    @property
    @abc.abstractmethod
    def x_form(self) -> bool:
        """Whether every state of this structure has entries on its two diagonals alone."""

    @abc.abstractmethod
    def diagnose(self, rho: Complex[Array | np.ndarray, "D D"]) -> Diagnostics:
        """Check a state of a machine without batch axes against the full generator."""

    def regimes(self) -> list[Regime]:
        """The conditions under which the model holds, with their numbers."""
        return []

    def truncation(self, efficiency: float) -> list[Regime]:
        """The conditions under which what the model leaves out does not matter.

        Args:
            efficiency: with which filters herald from the state; what is left out of it must be
                rare even among the states that pass.
        """
        return []

    def refuse_state(self, efficiency: float = 1.0) -> None:
        """Demand that the model has a meaning at all at the parameters of one machine.

        Args:
            efficiency: as for ``truncation``.

        Raises:
            OutsideModel: it has none.
        """


class AbstractLindbladMachine(AbstractMachine):
    """A machine whose state is the steady state of ``sum_k c_k L_k``.

    Attributes:
        kernel: the name of the kernel that suits the machine, where it is not the one that suits
            its structure (``steady_state``).
    """

    kernel: ClassVar[str | None] = None

    @property
    @abc.abstractmethod
    def generator(self) -> Generator:
        """The structure: constant terms, chosen by the machine's static fields."""

    @property
    def graded(self) -> bool:
        """Whether populations may be so small that only their logarithms are numbers."""
        return self.kernel == "graded"

    @property
    def basis(self) -> np.ndarray | None:
        """The kets in which the generator is written, as columns, where not ``|a, b>`` itself."""
        return None

    def initial_state(self) -> Complex[Array, "D D"] | None:
        """The initial state that decides among several ``steady_states``."""
        return None

    def energy(self) -> np.ndarray:
        """The operator whose flow counts as heat, in ``basis``, of a machine without batch axes.

        Only machines with ``inverse_temperatures`` have one.
        """
        raise NotImplementedError(f"{self.kind}: no heat is defined")

    def inverse_temperatures(self) -> Mapping[str, float]:
        """Those of the baths between which heat flows, ``"a"`` and ``"b"``, any number or infinite.

        The terms of a bath bear its name. None where no heat is defined.
        """
        return {}

    def critical_heat_current(self, state: PreciseState) -> float | None:
        """The heat current above which a state is entangled, where the paper has such a one.

        Args:
            state: the steady state of a machine without batch axes.
        """
        return None

    @property
    def obeys_second_law(self) -> bool:
        """Whether the model cannot violate the second law."""
        return True

    def precise_state(self) -> PreciseState:
        """The steady state of a machine without batch axes, in ``basis`` and in many digits.

        Raises:
            TooLarge: there are too many levels for that.
            NotUnique: there are more than ``steady_states``.
        """
        refuse_too_many(self.generator.dimension)
        near = np.asarray(self.generator.matrix(self.stationary()))
        near = near if np.all(np.isfinite(near)) else np.eye(len(near))
        initial = self.initial_state() if self.steady_states > 1 else None
        start = None if initial is None else self.inside(initial)
        return PreciseState(self.generator, self.numbers(), near, start)

    @abc.abstractmethod
    def coefficients(self) -> list[Float[Array, "..."]]:
        """The coefficients of the terms, in their order, each of the batch's shape."""

    @property
    def x_form(self) -> bool:
        four = self.dims == (2, 2) and self.generator.dimension == 4
        return four and self.basis is None and self.x_form_of(np.arange(4))

    def x_form_of(self, levels: np.ndarray, form: np.ndarray = X_FORM) -> bool:
        """Whether the state among four of the generator's levels is always of X form.

        Args:
            levels: the four.
            form: where entries are allowed, shape ``(4, 4)``.
        """
        rows, columns = (axis[self.generator.sector] for axis in self.generator.coordinates.places)
        inside = np.isin(rows, levels) & np.isin(columns, levels)
        rows, columns = (np.searchsorted(levels, axis[inside]) for axis in (rows, columns))
        return bool(np.all(form[rows, columns]))

    def state(self) -> Complex[Array, "... D D"]:
        inner, kets = self.generator.matrix(self.stationary()), self.basis
        return inner if kets is None else jnp.asarray(kets) @ inner @ jnp.asarray(kets.conj().T)

    @property
    def written_out(self) -> bool:
        return is_written_out(self.generator, self.kernel)

    def inside(self, rho: Complex[Array | np.ndarray, "D D"]) -> Complex[np.ndarray, "D D"]:
        """A state in the basis of the generator, as numbers."""
        rho, kets = np.asarray(rho), self.basis
        return rho if kets is None else kets.conj().T @ rho @ kets

    def x_state(self) -> XState:
        if self.generator.dimension != 4 or self.basis is not None:
            return XState.of(self.state())
        return self.x_state_of(np.arange(4))

    def x_state_of(self, levels: np.ndarray) -> XState:
        """The state among four of the generator's levels, of X form, not normalised."""
        # Straight from the coordinates: a matrix in between would hide from a compiler which of
        # its entries vanish.
        x, (p00, p01, p10, p11) = self.stationary(), levels.tolist()
        inner = self.generator.modulus(x, (p01, p10))
        outer = self.generator.modulus(x, (p00, p11))
        return XState(x[p00], x[p01], x[p10], x[p11], inner, outer)

    def stationary(self) -> Coordinates:
        """The coordinates of the steady state in the generator's sector."""
        return solve(self.generator, self.coefficients(), self.kernel)

    def diagnose(self, rho: Complex[Array | np.ndarray, "D D"]) -> Diagnostics:
        return diagnose(self.generator, self.numbers(), self.inside(rho))

    def spectral_gap(self) -> float:
        """The slowest rate of relaxation of a machine without batch axes."""
        return spectral_gap(self.generator, self.numbers())

    def numbers(self) -> Float[np.ndarray, " K"]:
        """The coefficients of a machine without batch axes, as numbers.

        Raises:
            ValueError: it has batch axes.
        """
        # Compiled: one by one, the operations of the rates would each be compiled.
        found = jax.device_get(jax.jit(type(self).coefficients)(self))
        if batch := np.broadcast_shapes(*map(np.shape, found)):
            raise ValueError(
                f"machine: {self.kind} with batch axes {batch} is given; allowed: one machine"
            )
        return np.array(found)
