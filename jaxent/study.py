"""A study: a machine, what is free in it, what is maximised, and at which efficiencies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

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
        numbers = {k: v for k, v in self.parameters.items() if isinstance(v, (int, float))}
        space = Space(self.ranges, self.constraints, numbers)
        return Problem(MACHINES[self.kind], self.parameters, space, self.filters, self.measure)
