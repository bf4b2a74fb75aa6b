"""The problem that a search solves: the best score of a heralded state at a given efficiency."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from jaxent.filters import (
    Filters,
    balanced_filter,
    filters_at,
    herald,
    log_ratios,
    positions,
)
from jaxent.machines import AbstractMachine
from jaxent.measures import Form, Measure
from jaxent.search.space import Space


class Problem:
    r"""Maximise a measure over machine and filter parameters at fixed heralding efficiency.

    A *point* is a vector in :math:`[0, 1]^{n+m}`: the box coordinates of the ``n`` free
    parameters, then the place of each of the ``m`` used filters within what the efficiency
    allows. A *seed* is the same with cube coordinates, which meet the constraints.

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

    def machine(self, point: Float[Array, " k"]) -> AbstractMachine:
        """The machine at a point."""
        free = self.space.values(point[: self.space.size])
        return self.machine_class.from_parameters({**self.fixed, **free})

    def log_ratios(
        self, rho: Complex[Array, "4 4"], point: Float[Array, " k"], efficiency: Float[Array, ""]
    ) -> dict[str, Array]:
        """The logarithmic filter ratios at a point."""
        places = point[self.space.size :]
        return log_ratios(rho, efficiency, dict(zip(self.filters, places, strict=True)))

    def heralded(
        self, point: Float[Array, " k"], efficiency: Float[Array, ""]
    ) -> Complex[Array, "4 4"]:
        """The heralded state at a point."""
        rho = self.machine(point).state()
        placed = self.log_ratios(rho, point, efficiency)
        filters = (balanced_filter(placed.get(party, jnp.zeros(()))) for party in ("a", "b"))
        return herald(rho, Filters(*filters))[0]

    @cached_property
    def x_form(self) -> bool:
        """Whether all states of this problem are of X form, known from the machine's structure."""
        shape = jax.ShapeDtypeStruct((self.size,), float)
        found = []
        jax.eval_shape(lambda point: found.append(self.machine(point).x_form), shape)
        return found[0]

    def evaluate(self, form: Form, rho: Complex[Array, "4 4"]) -> Float[Array, ""]:
        """A quantity of a heralded state, in closed form where its structure allows."""
        return form.x(rho) if self.x_form else form.general(rho)

    def score(self, point: Float[Array, " k"], efficiency: Float[Array, ""]) -> Float[Array, ""]:
        """What the search climbs: the signed measure of the heralded state."""
        return self.evaluate(self.measure.signed, self.heralded(point, efficiency))

    def from_seed(self, seed: Float[Array, "... k"]) -> Float[Array, "... k"]:
        """The point that a seed stands for."""
        n = self.space.size
        return jnp.concatenate([self.space.from_cube(seed[..., :n]), seed[..., n:]], axis=-1)

    def to_seed(self, point: np.ndarray) -> np.ndarray:
        """The seed of a point."""
        n = self.space.size
        return np.concatenate([self.space.to_cube(point[:n]), point[n:]])

    def carry_over(self, point: np.ndarray, efficiency: float, to: float) -> np.ndarray:
        """The point with the same machine and, as far as possible, the same filter ratios.

        Args:
            point: a point of this problem at ``efficiency``.
            efficiency: where it comes from.
            to: the efficiency at which it is wanted.
        """
        if not self.filters or efficiency == to:
            return point
        rho, placed = self._state_and_ratios(point, efficiency)
        found = positions(rho, to, placed)
        return np.concatenate([point[: self.space.size], [found[f] for f in self.filters]])

    def machine_at(self, point: np.ndarray) -> AbstractMachine:
        """The machine at a point as the search sees it: with terms for all that could be free.

        Built from numbers a machine would leave out what happens to vanish at this point, such as
        ``u = 0``, and another machine would be verified than was optimised.
        """
        return self._machine(np.asarray(point, dtype=float))

    @cached_property
    def _machine(self):
        return jax.jit(self.machine)

    def state_at(self, point: np.ndarray) -> np.ndarray:
        """The steady state at a point, before any filter, compiled."""
        return np.asarray(self._state_and_ratios(point, 1.0)[0])

    def filters_at(self, point: np.ndarray, efficiency: float) -> Filters:
        """The filters at a point, scaled so that they pass with exactly ``efficiency``."""
        rho, placed = self._state_and_ratios(point, efficiency)
        return filters_at(rho, efficiency, placed)

    def ratios_at(self, point: np.ndarray, efficiency: float) -> dict[str, float]:
        """The logarithmic ratio of each used filter at a point."""
        return self._state_and_ratios(point, efficiency)[1]

    def _state_and_ratios(self, point: np.ndarray, efficiency: float):
        rho, placed = self._place(point, efficiency)
        return rho, {party: float(ratio) for party, ratio in placed.items()}

    @cached_property
    def _place(self):
        def place(point, efficiency):
            rho = self.machine(point).state()
            return rho, self.log_ratios(rho, point, efficiency)

        return _compiled(place)

    @cached_property
    def score_and_slope(self):
        """The score and its gradient at one point, compiled."""
        return _compiled(jax.value_and_grad(self.score))

    @cached_property
    def lead_and_slope(self):
        """The measure's ``lead`` and its gradient at one point, compiled."""

        def lead(point, efficiency):
            return self.evaluate(self.measure.lead, self.heralded(point, efficiency))

        return _compiled(jax.value_and_grad(lead))


def _compiled(function):
    # A Python number and a NumPy one would each be compiled for.
    compiled = jax.jit(function)
    return lambda point, efficiency: compiled(
        np.asarray(point, dtype=float), np.asarray(efficiency, dtype=float)
    )
