"""A study: a machine, what is free in it, what is maximised, and along which levels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Real
from typing import Any

import numpy as np

from jaxent.baths import inverse_temperature
from jaxent.machines import MACHINES, AbstractMachine
from jaxent.machines.parameters import list_name
from jaxent.measures import OBJECTIVES, Measure
from jaxent.search.maximise import SearchSettings
from jaxent.search.problem import Problem
from jaxent.search.space import Constraint, Range, Space, searched_name

SMALLEST_EFFICIENCY = 1e-300
"""Below it numbers in double precision lose their digits."""


@dataclass(frozen=True)
class Sweep:
    """One parameter whose values a curve runs over, in place of the efficiency.

    Attributes:
        parameter: its name.
        values: its values, neighbours beside each other.
    """

    parameter: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Study:
    """What a config describes.

    Attributes:
        kind: the machine, a key of ``MACHINES``.
        parameters: values of the parameters that are not free, by their flat names.
        ranges: the free parameters with bounds and scales.
        filters: the parties whose filter is free, a subset of ``("a", "b")``.
        objective: what is maximised, a key of ``OBJECTIVES``.
        efficiencies: ascending, in [1e-300, 1]; a single one where a parameter is swept.
        constraints: comparisons between parameters.
        settings: how hard to search.
        measurements: the measurements that certify steering, or ``None``; see ``certified``.
        directions: the measurements of the objective ``steering``, a name or a number.
        variant: the name of the variant of a study file, or ``None``.
        projected: the diagonals of filters that are fixed, by party; the machine's own elsewhere.
        sweep: what the curve runs over, where it is not the efficiency.
        ties: parameters that take the value of another one, which is free or fixed.

    Raises:
        ValueError: a name is unknown, or the efficiencies are not as said.
    """

    kind: str
    parameters: Mapping[str, Any]
    ranges: Mapping[str, Range]
    filters: tuple[str, ...]
    objective: str
    efficiencies: tuple[float, ...]
    constraints: tuple[Constraint, ...] = ()
    settings: SearchSettings = field(default_factory=SearchSettings)
    measurements: str | int | None = None
    directions: str | int = "dodecahedron"
    variant: str | None = None
    projected: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    sweep: Sweep | None = None
    ties: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self):
        _demand("kind", self.kind in MACHINES, self.kind, MACHINES)
        machine = self.machine_class
        names = [parameter.name for parameter in machine.parameters]
        swept = () if self.sweep is None else (self.sweep.parameter,)
        for name in (*self.parameters, *self.ranges, *swept, *self.ties, *self.ties.values()):
            _demand("parameter", list_name(name) in names, name, names)
        for name in (*swept, *self.ties):
            _demand("parameter", name not in self.ranges, name, ["one that is not free as well"])
        for name, r in self.ranges.items():
            hot = machine.parameter(name).is_temperature
            scales = ("inverse",) if hot else ("log", "linear")
            _demand(f"scale of {name}", r.scale in scales, r.scale, scales)
        _demand("objective", self.objective in OBJECTIVES, self.objective, OBJECTIVES)
        for party in (*self.filters, *self.projected):
            _demand("filter", party in ("a", "b"), party, ("a", "b"))
        for party, entries in self.projected.items():
            proper = all(0 <= entry <= 1 for entry in entries) and any(entries)
            _demand(f"projected.{party}", proper, entries, ["numbers in [0, 1], not all zero"])
        for name in (*self.ranges, *swept, *self.ties, *self.ties.values()):
            number = machine.parameter(name)
            _demand("free", number.is_number and not number.integer, name, ["numbers, no integers"])
        wanted = np.asarray(self.efficiencies, dtype=float)
        proper = len(wanted) > 0 and wanted[0] >= SMALLEST_EFFICIENCY and wanted[-1] <= 1
        proper = proper and bool(np.all(np.diff(wanted) > 0))
        _demand(
            "efficiencies",
            proper,
            self.efficiencies,
            [f"ascending numbers in [{SMALLEST_EFFICIENCY:g}, 1]"],
        )
        if self.sweep is not None:
            one = len(wanted) == 1
            _demand("efficiencies", one, self.efficiencies, ["a single one along a sweep"])
            _demand("sweep", len(self.sweep.values) > 0, self.sweep.values, ["values"])
        bounds = {name: (r.low, r.high) for name, r in self.ranges.items()}
        if self.sweep is not None:
            bounds[self.sweep.parameter] = (min(self.sweep.values), max(self.sweep.values))
        bounds |= {name: bounds[source] for name, source in self.ties.items() if source in bounds}
        machine.refuse_ranges(self.parameters, bounds)
        if tuple(wanted) != (1.0,) and not self.problem.heralds:
            given = ", ".join(f"{p:g}" for p in self.efficiencies[:3])
            raise ValueError(
                f"efficiency: {given} cannot be met without a filter; allowed: 1, or "
                "free: {filters.a: {}}"
            )

    @property
    def machine_class(self) -> type[AbstractMachine]:
        """The machine."""
        return MACHINES[self.kind]

    @property
    def measure(self) -> Measure:
        """The objective."""
        return self.problem.measure

    @property
    def certified(self) -> str | int | None:
        """The measurements that each point's steering is certified for, or ``None``.

        Where steering is the objective those that it is about, unless others are asked for.
        """
        if self.measurements is None and self.objective == "steering":
            return self.directions
        return self.measurements

    @property
    def levels(self) -> tuple[float, ...]:
        """What the curve runs over: efficiencies, or values as the search takes them."""
        if self.sweep is None:
            return self.efficiencies
        if self.machine_class.parameter(self.sweep.parameter).is_temperature:
            return tuple(float(inverse_temperature(T)) for T in self.sweep.values)
        return self.sweep.values

    @cached_property
    def problem(self) -> Problem:
        """The study as a search problem.

        Raises:
            Infeasible: the bounds and constraints leave no point.
            ValueError: a constrained parameter may be zero or negative, or what is asked for does
                not suit the machine.
        """
        numbers = {k: float(v) for k, v in self.parameters.items() if isinstance(v, Real)}
        space = Space(self.ranges, self.constraints, numbers)
        swept = None if self.sweep is None else self.sweep.parameter
        return Problem(
            self.machine_class,
            self.parameters,
            space,
            self.filters,
            self.objective,
            projected=self.projected,
            swept=None if swept is None else self._searched(swept),
            efficiency=self.efficiencies[0],
            ties=self._ties,
            measurements=self.directions,
        )

    @property
    def _ties(self) -> dict[str, str]:
        """The ties between parameters as a search names them."""
        free = [*self.ranges, *(() if self.sweep is None else (self.sweep.parameter,))]
        return {
            self._searched(name) if source in free else name: (
                self._searched(source) if source in free else source
            )
            for name, source in self.ties.items()
        }

    def _searched(self, name: str) -> str:
        return searched_name(name, self.machine_class.parameter(name).is_temperature)


def _demand(field: str, holds: bool, value: Any, allowed: Iterable[str]) -> None:
    if not holds:
        raise ValueError(f"{field}: {value!r} is given; allowed: {', '.join(allowed)}")
