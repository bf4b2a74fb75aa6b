"""A study: a machine, what is free in it, what is maximised, and at which efficiencies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Real
from typing import Any

import numpy as np

from jaxent.machines import MACHINES
from jaxent.measures import OBJECTIVES, Measure
from jaxent.search.maximise import SearchSettings
from jaxent.search.problem import Problem
from jaxent.search.space import Constraint, Range, Space


@dataclass(frozen=True)
class Study:
    """What a config describes.

    Attributes:
        kind: the machine, a key of ``MACHINES``.
        parameters: values of the parameters that are not free, by their flat names.
        ranges: the free parameters with bounds and scales.
        filters: the parties whose filter is free, a subset of ``("a", "b")``.
        objective: what is maximised, a key of ``OBJECTIVES``.
        efficiencies: ascending, in (0, 1].
        constraints: comparisons between parameters.
        settings: how hard to search.
        measurements: the measurements that certify steering, or ``None``.
        variant: the name of the variant of a study file, or ``None``.

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
    variant: str | None = None

    def __post_init__(self):
        _demand("kind", self.kind in MACHINES, self.kind, MACHINES)
        machine = MACHINES[self.kind]
        names = [parameter.name for parameter in machine.parameters]
        for name in (*self.parameters, *self.ranges):
            _demand("parameter", name in names, name, names)
        for name, r in self.ranges.items():
            hot = machine.parameter(name).is_temperature
            scales = ("inverse",) if hot else ("log", "linear")
            _demand(f"scale of {name}", r.scale in scales, r.scale, scales)
        _demand("objective", self.objective in OBJECTIVES, self.objective, OBJECTIVES)
        for party in self.filters:
            _demand("filter", party in ("a", "b"), party, ("a", "b"))
        wanted = np.asarray(self.efficiencies, dtype=float)
        proper = len(wanted) > 0 and wanted[0] > 0 and wanted[-1] <= 1
        proper = proper and bool(np.all(np.diff(wanted) > 0))
        _demand("efficiencies", proper, self.efficiencies, ["ascending numbers in (0, 1]"])
        if not self.filters:
            met = self.efficiencies == (1.0,)
            _demand("efficiencies", met, self.efficiencies, ["(1.0,) without a free filter"])
        machine.refuse_ranges(self.parameters, {name: r.low for name, r in self.ranges.items()})

    @property
    def measure(self) -> Measure:
        """The objective."""
        return OBJECTIVES[self.objective]

    @cached_property
    def problem(self) -> Problem:
        """The study as a search problem.

        Raises:
            Infeasible: the bounds and constraints leave no point.
            ValueError: a constrained parameter may be zero or negative.
        """
        numbers = {k: float(v) for k, v in self.parameters.items() if isinstance(v, Real)}
        space = Space(self.ranges, self.constraints, numbers)
        return Problem(MACHINES[self.kind], self.parameters, space, self.filters, self.measure)


def _demand(field: str, holds: bool, value: Any, allowed: Iterable[str]) -> None:
    if not holds:
        raise ValueError(f"{field}: {value!r} is given; allowed: {', '.join(allowed)}")
