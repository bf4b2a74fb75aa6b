"""The problem that a search solves: the best score of a heralded state at each level.

A *level* is what a curve runs over: the heralding efficiency or, at a fixed efficiency, the value
of one parameter of the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from jaxent.arrays import Numeric, namespace
from jaxent.directions import FREE, FREE_AXES, displaced
from jaxent.filters import (
    Filters,
    FixedFilters,
    Placed,
    State,
    filters_at,
    herald,
    herald_at,
    log_ratios,
    places,
    population_list,
    positions,
)
from jaxent.machines import AbstractMachine
from jaxent.measures import Form, Measure, objective
from jaxent.quantum import XState
from jaxent.search.space import Coordinates, Space

_PENALTY = 4.0
"""Of an efficiency too small by a factor e, in units of the measure's span."""


class Outcome(NamedTuple):
    """What a point of a problem stands for, as a user can be told.

    Attributes:
        machine: with terms for all that could be free. Built from numbers it would leave out what
            happens to vanish at this point, such as ``u = 0``, and another machine would be
            verified than was optimised.
        parameters: the free ones in their order, of temperatures the inverse.
        rho: the steady state, before any filter, shape ``(D, D)``.
        placed: of each free filter the logarithm of its ratio, or of its weights.
        filters: those that herald the state, of all levels.
        heralded: the state that they herald among the levels they let pass, shape ``(d, d)``.
        value: the measure of that by its general definition.
        axes: the measurements that were found, where they are free.
    """

    machine: AbstractMachine
    parameters: list[Float[np.ndarray, ""]]
    rho: Complex[np.ndarray, "D D"]
    placed: dict[str, Any]
    filters: Filters
    heralded: Complex[np.ndarray, "d d"]
    value: Float[np.ndarray, ""]
    axes: Float[np.ndarray, "m 3"] | None = None


class Structure(NamedTuple):
    """What is the same for all machines of a problem.

    Attributes:
        fixed_filters: the filters that every state passes first.
        x_form: whether all heralded states are of X form, which is all that the measure must know.
        written_out: whether scores and their slopes are arithmetic alone, without a factorisation
            of a matrix.
    """

    fixed_filters: FixedFilters
    x_form: bool
    written_out: bool


class Problem:
    r"""Maximise a measure over machine and filter parameters at each level.

    A *point* is a sequence of numbers in [0, 1], an array or a list: the box coordinates of the
    free parameters, then the places of the free filters within what the efficiency allows, one for
    a filter of two levels, else one for each level, then those of the measurements where these are
    free. A *seed* is the same with cube coordinates,
    which meet the constraints.

    Fixed filters, such as projectors, come first, and free ones act on the levels they let pass.
    What the fixed ones alone let through depends on the machine: there the efficiency is a
    condition on the machine, and ``slack`` says how far it is met.

    Args:
        machine: the machine's class.
        fixed: values of the parameters that are not free.
        space: the free parameters.
        filters: the parties whose filter is free, a subset of ``("a", "b")``.
        measure: the name of the score.
        projected: the diagonals of the fixed filters of each party; the machine's own for parties
            that are not in it.
        swept: the parameter that the level is the value of, of a temperature the inverse; the
            level is the efficiency where there is none.
        efficiency: the heralding efficiency of all levels where a parameter is swept.
        ties: parameters that take the value of another one.
        measurements: those of the measure, where that is steering.
    """

    def __init__(
        self,
        machine: type[AbstractMachine],
        fixed: Mapping[str, Any],
        space: Space,
        filters: tuple[str, ...],
        measure: str,
        *,
        projected: Mapping[str, Any] | None = None,
        swept: str | None = None,
        efficiency: float = 1.0,
        ties: Mapping[str, str] | None = None,
        measurements: str | int = "dodecahedron",
    ):
        self.machine_class = machine
        self.fixed = dict(fixed)
        self.space = space
        self.filters = filters
        self.measure_name = measure
        self.projected = dict(projected or {})
        self.swept = swept
        self.efficiency = efficiency
        self.ties = dict(ties or {})
        self.measurements = measurements

    @cached_property
    def structure(self) -> Structure:
        """What all machines of the problem have in common, without solving for any."""
        found = []

        def look(point: Array, level: Array) -> None:
            machine = self.machine(point, level)
            own = FixedFilters.of(machine)
            filters = FixedFilters(*(self._projector(k, getattr(own, k)) for k in ("a", "b")))
            x_form = filters.x_form(machine)
            if objective(self.measure_name).phases:
                x_form = x_form and filters.one_coherence(machine)
            found.append(Structure(filters, x_form, x_form and machine.written_out))

        number = jax.ShapeDtypeStruct((), float)
        jax.eval_shape(look, jax.ShapeDtypeStruct((self.space.size,), float), number)
        return found[0]

    def _projector(self, party: str, own: np.ndarray) -> np.ndarray:
        given = self.projected.get(party)
        if given is None:
            return own
        if len(given) != len(own):
            raise ValueError(
                f"filters.{party}: {len(given)} entries are given; allowed: {len(own)}"
            )
        return np.asarray(given, dtype=float)

    @property
    def fixed_filters(self) -> FixedFilters:
        """The filters that every state passes first."""
        return self.structure.fixed_filters

    @property
    def dims(self) -> tuple[int, int]:
        """The local dimensions of the heralded states."""
        return self.fixed_filters.dims

    @property
    def x_form(self) -> bool:
        """Whether all heralded states are of X form, known from the machine's structure."""
        return self.structure.x_form

    @property
    def heralds(self) -> bool:
        """Whether anything filters."""
        return bool(self.filters) or not self.fixed_filters.idle

    @cached_property
    def measure(self) -> Measure:
        """The score."""
        return objective(self.measure_name, self.dims, self.measurements)

    @cached_property
    def negativity(self) -> Measure:
        """What leads climbs away from product states."""
        return objective("negativity", self.dims)

    @property
    def _places(self) -> list[int]:
        return [places(self.dims[("a", "b").index(party)]) for party in self.filters]

    @cached_property
    def size(self) -> int:
        """The dimension of a point."""
        return self.space.size + sum(self._places) + self._of_axes

    @property
    def _of_axes(self) -> int:
        return 2 * FREE_AXES if self.measurements == FREE else 0

    def axes(self, point: Coordinates) -> Numeric | None:
        """The measurements at a point, where they are free."""
        if not self._of_axes:
            return None
        return displaced([point[self.size - self._of_axes + i] for i in range(self._of_axes)])

    def first_seeds(self, random: np.ndarray) -> np.ndarray:
        """Random seeds to start from, half of them at known measurements where these are free."""
        seeds = random.copy()
        if self._of_axes:
            known = np.arange(seeds.shape[-2]) % 4 < 2
            seeds[..., known, self.size - self._of_axes :] = 0.5
        return seeds

    def machine(self, point: Coordinates, level: Numeric) -> AbstractMachine:
        """The machine at a point of a level."""
        values = {**self.fixed, **self.space.values(point[: self.space.size])}
        if self.swept is not None:
            values[self.swept] = level
        values |= {name: values[source] for name, source in self.ties.items()}
        return self.machine_class.from_parameters(values)

    def efficiency_at(self, level: Numeric) -> Numeric:
        """The heralding efficiency of a level."""
        return level if self.swept is None else self.efficiency

    def state(self, point: Coordinates, level: Numeric) -> tuple[State, Numeric]:
        r"""The state behind the fixed filters, and :math:`\ln p` of passing them.

        One of X form as six numbers.
        """
        machine, filters = self.machine(point, level), self.fixed_filters
        return filters.x_herald(machine) if self.x_form else filters.herald(machine)

    def _placed(
        self, state: State, log_passed: Numeric, point: Coordinates, level: Numeric
    ) -> dict[str, Placed]:
        """The free filters at a point: what they may block is what the fixed ones leave."""
        position, k = {}, self.space.size
        for party, count in zip(self.filters, self._places, strict=True):
            entries = [point[k + i] for i in range(count)]
            position[party] = entries[0] if count == 1 else entries
            k += count
        return log_ratios(state, self._left(log_passed, level), position, self.dims)

    def _left(self, log_passed: Numeric, level: Numeric) -> Numeric:
        """The efficiency that free filters are to have behind the fixed ones."""
        demanded = self.efficiency_at(level)
        if self.fixed_filters.idle:
            return demanded
        xp = namespace(log_passed)
        return xp.minimum(demanded * xp.exp(-log_passed), 1.0)

    def heralded(self, point: Coordinates, level: Numeric) -> State:
        """The heralded state at a point."""
        return self.climbed(point, level)[0]

    def evaluate(self, form: Form, state: State, axes: Numeric | None = None) -> Float[Array, ""]:
        """A quantity of a state, in closed form where that is of X form."""
        function: Callable[..., Array] = form.x if isinstance(state, XState) else form.general
        return function(state) if axes is None else function(state, axes)

    def score(self, point: Coordinates, level: Numeric) -> Float[Array, ""]:
        """What the search climbs: the signed measure of the heralded state."""
        return self.evaluate(self.measure.signed, self.heralded(point, level), self.axes(point))

    def climbed(self, point: Coordinates, level: Numeric) -> tuple[State, Numeric]:
        """The heralded state at a point, and what its score is worth less for being too rare.

        The penalty is zero where the fixed filters let enough through, and so steep that an
        optimum has enough.
        """
        state, log_passed = self.state(point, level)
        heralded = herald_at(state, self._placed(state, log_passed, point, level), self.dims)
        if self.fixed_filters.idle:
            return heralded, 0.0
        span = self.measure.maximum - self.measure.classical_bound
        missing = jnp.log(self.efficiency_at(level)) - log_passed
        return heralded, _PENALTY * span * jnp.maximum(missing, 0.0)

    def from_seed(self, seed: Coordinates) -> list[Numeric]:
        """The point that a seed stands for."""
        n = self.space.size
        return [*self.space.from_cube(seed[:n]), *seed[n:]]

    def to_seed(self, point: np.ndarray) -> np.ndarray:
        """The seed of a point."""
        n = self.space.size
        return np.concatenate([self.space.to_cube(point[:n]), point[n:]])

    def score_and_slope(self, point: np.ndarray, level: float) -> tuple[Array, Array]:
        """The score and its gradient at one point, compiled."""
        return self._followed(point, level, False)[:2]

    def lead_and_slope(self, point: np.ndarray, level: float) -> tuple[Array, Array]:
        """The measure's ``lead`` and its gradient at one point, compiled."""
        return self._followed(point, level, True)[:2]

    def slack_and_slope(self, point: np.ndarray, level: float) -> tuple[float, np.ndarray]:
        r"""How much more than demanded the fixed filters let through, and its gradient, compiled.

        As :math:`\ln(p_{\mathrm{passed}}/p)`; infinite where there are none.
        """
        if self.fixed_filters.idle:
            return np.inf, np.zeros(self.size)
        found, slope = self._slack(point, level)
        return float(found), np.asarray(slope)

    def carry_over(self, point: np.ndarray, level: float, to: float) -> np.ndarray:
        """The point with the same free parameters and, as far as possible, the same filters.

        Args:
            point: a point of this problem at ``level``.
            level: where it comes from.
            to: the level at which it is wanted.
        """
        if not self.filters or level == to:
            return point
        _, _, _, placed = jax.device_get(self._followed(point, level, False))
        _, _, (populations, log_passed), _ = jax.device_get(self._followed(point, to, False))
        found = positions(populations, float(self._left(log_passed, to)), placed, self.dims)
        rest = point[self.size - self._of_axes :]
        return np.concatenate([point[: self.space.size], *map(np.atleast_1d, found.values()), rest])

    @cached_property
    def _followed(self):
        """Score or lead with its slope, and what a point takes along to another level."""

        def value(point, level, by_lead):
            state, log_passed = self.state(point, level)
            placed = self._placed(state, log_passed, point, level)
            lead, score = (
                partial(self.evaluate, form, axes=self.axes(point))
                for form in (self.measure.lead, self.measure.signed)
            )
            found = jax.lax.cond(by_lead, lead, score, herald_at(state, placed, self.dims))
            return found, ((jnp.stack(population_list(state)), log_passed), placed)

        def followed(point, level, by_lead):
            of_point = jax.value_and_grad(value, has_aux=True)
            (found, (seen, placed)), slope = of_point(point, level, by_lead)
            return found, slope, seen, placed

        return _at_one_point(followed)

    @cached_property
    def _slack(self):
        def slack(point, level):
            return self.state(point, level)[1] - jnp.log(self.efficiency_at(level))

        return _at_one_point(jax.value_and_grad(slack))

    def outcome(self, point: np.ndarray, level: float) -> Outcome:
        """What a point stands for, compiled."""
        found = Outcome(*jax.tree.map(np.asarray, self._outcome(point, level)))
        if self.fixed_filters.idle:
            return found
        whole = (self.fixed_filters.extended(k, getattr(found.filters, k)) for k in ("a", "b"))
        return found._replace(filters=Filters(*whole))

    @cached_property
    def _outcome(self):
        def outcome(point, level):
            machine = self.machine(point, level)
            rho, log_passed = self.fixed_filters.herald(machine)
            placed = self._placed(rho, log_passed, point, level)
            filters = filters_at(rho, self._left(log_passed, level), placed, self.dims)
            heralded, _ = herald(rho, filters)
            parameters = [*self.space.values(point[: self.space.size]).values()]
            axes = self.axes(point)
            value = self.measure.value(*([heralded] if axes is None else [heralded, axes]))
            return machine, parameters, machine.state(), placed, filters, heralded, value, axes

        return _at_one_point(outcome)


def _at_one_point(function: Callable) -> Callable:
    """A function of a point and a level, compiled once for all kinds of numbers."""
    compiled = jax.jit(function)
    return lambda point, level, *further: compiled(
        np.asarray(point, dtype=float), np.asarray(level, dtype=float), *further
    )
