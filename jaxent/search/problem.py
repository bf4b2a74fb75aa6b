"""The problem that a search solves: the best score of a heralded state at a given efficiency."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from jaxent.arrays import Numeric
from jaxent.filters import (
    Filters,
    State,
    filters_at,
    herald,
    herald_at,
    log_ratios,
    population_list,
    positions,
)
from jaxent.machines import AbstractMachine
from jaxent.measures import Form, Measure
from jaxent.quantum import XState
from jaxent.search.space import Coordinates, Space


class Outcome(NamedTuple):
    """What a point of a problem stands for, as a user can be told.

    Attributes:
        machine: with terms for all that could be free. Built from numbers it would leave out what
            happens to vanish at this point, such as ``u = 0``, and another machine would be
            verified than was optimised.
        parameters: the free ones in their order, of temperatures the inverse.
        rho: the steady state, before any filter, shape ``(4, 4)``.
        log_ratios: the logarithm of each used filter's ratio.
        filters: those that pass with exactly the demanded efficiency.
        heralded: the state that they herald, shape ``(4, 4)``.
        value: the measure of that by its general definition.
    """

    machine: AbstractMachine
    parameters: list[Float[np.ndarray, ""]]
    rho: Complex[np.ndarray, "4 4"]
    log_ratios: dict[str, Float[np.ndarray, ""]]
    filters: Filters
    heralded: Complex[np.ndarray, "4 4"]
    value: Float[np.ndarray, ""]


class Problem:
    r"""Maximise a measure over machine and filter parameters at fixed heralding efficiency.

    A *point* is a sequence of ``n + m`` numbers in [0, 1], an array or a list: the box coordinates
    of the ``n`` free parameters, then the place of each of the ``m`` used filters within what the
    efficiency allows. A *seed* is the same with cube coordinates, which meet the constraints.

    Args:
        machine: the machine's class.
        fixed: values of the parameters that are not free.
        space: the free parameters.
        filters: the parties whose filter is free, a subset of ``("a", "b")``.
        measure: the score.
    """

    def __init__(
        self,
        machine: type[AbstractMachine],
        fixed: Mapping[str, Any],
        space: Space,
        filters: tuple[str, ...],
        measure: Measure,
    ):
        self.machine_class = machine
        self.fixed = dict(fixed)
        self.space = space
        self.filters = filters
        self.measure = measure

    @property
    def size(self) -> int:
        """The dimension of a point."""
        return self.space.size + len(self.filters)

    def machine(self, point: Coordinates) -> AbstractMachine:
        """The machine at a point."""
        free = self.space.values(point[: self.space.size])
        return self.machine_class.from_parameters({**self.fixed, **free})

    @cached_property
    def x_form(self) -> bool:
        """Whether all states of this problem are of X form, known from the machine's structure."""
        shape = jax.ShapeDtypeStruct((self.size,), float)
        found = []
        jax.eval_shape(lambda point: found.append(self.machine(point).x_form), shape)
        return found[0]

    def state(self, point: Coordinates) -> State:
        """The steady state at a point, before any filter; in X form, if it is, as six numbers."""
        machine = self.machine(point)
        return machine.x_state() if self.x_form else machine.state()

    def log_ratios(
        self, state: State, point: Coordinates, efficiency: Float[Array, ""]
    ) -> dict[str, Array]:
        """The logarithmic filter ratios at a point."""
        places = [point[k] for k in range(self.space.size, self.size)]
        return log_ratios(state, efficiency, dict(zip(self.filters, places, strict=True)))

    def heralded(self, point: Coordinates, efficiency: Float[Array, ""]) -> State:
        """The heralded state at a point."""
        state = self.state(point)
        return herald_at(state, self.log_ratios(state, point, efficiency))

    def evaluate(self, form: Form, state: State) -> Float[Array, ""]:
        """A quantity of a state, in closed form where that is of X form."""
        return form.x(state) if isinstance(state, XState) else form.general(state)

    def score(self, point: Coordinates, efficiency: Float[Array, ""]) -> Float[Array, ""]:
        """What the search climbs: the signed measure of the heralded state."""
        return self.evaluate(self.measure.signed, self.heralded(point, efficiency))

    def from_seed(self, seed: Coordinates) -> list[Numeric]:
        """The point that a seed stands for."""
        n = self.space.size
        return [*self.space.from_cube(seed[:n]), *seed[n:]]

    def to_seed(self, point: np.ndarray) -> np.ndarray:
        """The seed of a point."""
        n = self.space.size
        return np.concatenate([self.space.to_cube(point[:n]), point[n:]])

    def score_and_slope(self, point: np.ndarray, efficiency: float) -> tuple[Array, Array]:
        """The score and its gradient at one point, compiled."""
        return self._followed(point, efficiency, False)[:2]

    def lead_and_slope(self, point: np.ndarray, efficiency: float) -> tuple[Array, Array]:
        """The measure's ``lead`` and its gradient at one point, compiled."""
        return self._followed(point, efficiency, True)[:2]

    def carry_over(self, point: np.ndarray, efficiency: float, to: float) -> np.ndarray:
        """The point with the same machine and, as far as possible, the same filter ratios.

        Args:
            point: a point of this problem at ``efficiency``.
            efficiency: where it comes from.
            to: the efficiency at which it is wanted.
        """
        if not self.filters or efficiency == to:
            return point
        _, _, populations, placed = jax.device_get(self._followed(point, efficiency, False))
        found = positions(populations, to, placed)
        return np.concatenate([point[: self.space.size], [found[f] for f in self.filters]])

    @cached_property
    def _followed(self):
        """Score or lead with its slope, and what a point takes along to another efficiency."""

        def value(point, efficiency, by_lead):
            state = self.state(point)
            placed = self.log_ratios(state, point, efficiency)
            lead, score = (
                partial(self.evaluate, form) for form in (self.measure.lead, self.measure.signed)
            )
            found = jax.lax.cond(by_lead, lead, score, herald_at(state, placed))
            return found, (jnp.stack(population_list(state)), placed)

        def followed(point, efficiency, by_lead):
            of_point = jax.value_and_grad(value, has_aux=True)
            (found, (populations, placed)), slope = of_point(point, efficiency, by_lead)
            return found, slope, populations, placed

        return _at_one_point(followed)

    def outcome(self, point: np.ndarray, efficiency: float) -> Outcome:
        """What a point stands for, compiled."""
        return Outcome(*jax.tree.map(np.asarray, self._outcome(point, efficiency)))

    @cached_property
    def _outcome(self):
        def outcome(point, efficiency):
            machine = self.machine(point)
            rho = machine.state()
            placed = self.log_ratios(rho, point, efficiency)
            filters = filters_at(rho, efficiency, placed)
            heralded, _ = herald(rho, filters)
            parameters = [*self.space.values(point[: self.space.size]).values()]
            value = self.measure.value(heralded)
            return machine, parameters, rho, placed, filters, heralded, value

        return _at_one_point(outcome)


def _at_one_point(function: Callable) -> Callable:
    """A function of a point and an efficiency, compiled once for all kinds of numbers."""
    compiled = jax.jit(function)
    return lambda point, efficiency, *further: compiled(
        np.asarray(point, dtype=float), np.asarray(efficiency, dtype=float), *further
    )
