"""The knobs of a study: everything that can be turned, and the state that this makes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxent.app.config import StateRequest
from jaxent.app.errors import InputError, refused
from jaxent.app.results import matrix_json
from jaxent.app.sliders import Slider, of_filter, written
from jaxent.app.state import all_measures, state_report
from jaxent.baths import inverse_temperature
from jaxent.directions import FREE
from jaxent.filters import Filters, FixedFilters, herald
from jaxent.machines.parameters import gathered
from jaxent.search.space import Monomial, searched_name
from jaxent.study import Study

_ROUNDING = 1e-9
_PARTIES = ("a", "b")

_DIGITS = 10
"""Of where a point is: as many as a person may want to read."""


@dataclass(frozen=True)
class Shown:
    """A state with its measures.

    Attributes:
        rho: the heralded state as JSON has it.
        filters: the diagonals that herald it, of all levels.
        efficiency: with which it is heralded.
        measures: by name.
        value: the objective, where the study's measurements are known.
        thermodynamics: by name; ``None`` while they are not known.
        warnings: what to keep in mind.
        precise: whether this is what ``jaxent state`` says.
    """

    rho: Mapping[str, Any]
    filters: Mapping[str, Sequence[float]]
    efficiency: float
    measures: Mapping[str, float | None]
    value: float | None
    thermodynamics: Mapping[str, float | None] | None
    warnings: list[str]
    precise: bool


class Knobs:
    """One variant of a study, with everything that can be changed about it.

    Args:
        study: the variant.
    """

    def __init__(self, study: Study):
        self.study = study
        self.fixed_filters = study.problem.fixed_filters
        self.seconds = math.inf

    @cached_property
    def sliders(self) -> dict[str, Slider]:
        """What can be changed, by name."""
        sweep, machine = self.study.sweep, self.study.machine_class
        found = []
        if sweep is not None:
            words = machine.parameter(sweep.parameter).meaning
            found.append(Slider(sweep.parameter, words, None, sweep.values))
        for name, bounds in self.study.ranges.items():
            found.append(Slider(name, machine.parameter(name).meaning, bounds))
        for party, kept in zip(_PARTIES, self.fixed_filters.kept, strict=True):
            if party in self.study.filters:
                found += of_filter(party, kept.tolist())
        return {slider.name: slider for slider in found}

    @property
    def fixed(self) -> dict[str, str]:
        """What cannot be changed, as text."""
        ties = {name: f"as {source}" for name, source in self.study.ties.items()}
        return {name: _text(value) for name, value in self.study.parameters.items()} | ties

    def start(self) -> dict[str, float]:
        """The middle of everything, with filters that let everything pass."""
        return {
            name: 1.0 if _is_of_filter(name) else slider.at(0.5)
            for name, slider in self.sliders.items()
        }

    def at_point(self, point: Mapping[str, Any]) -> dict[str, float]:
        """Where a point of a run is."""
        found = dict(point["parameters"])
        for party in self.study.filters:
            own = getattr(self.fixed_filters, party)
            found |= {
                f"filters.{party}[{k}]": min(float(entry / own[k]), 1.0)
                for k, entry in enumerate(point["filters"][party])
                if own[k]
            }
        return {
            name: slider.read({"text": written(float(f"{found[name]:.{_DIGITS}g}"))})
            for name, slider in self.sliders.items()
        }

    def read(self, controls: Any) -> dict[str, float]:
        """The values that are asked for.

        Args:
            controls: for each slider what :meth:`Slider.read` takes.

        Raises:
            InputError: one is unknown, missing, or not allowed.
        """
        if not isinstance(controls, dict):
            raise refused("controls", controls, "a mapping")
        if {*controls} != {*self.sliders}:
            wrong = sorted({*controls} ^ {*self.sliders})[0]
            names = ", ".join(self.sliders)
            raise InputError(f"controls: {wrong!r} is unknown or missing; allowed: {names}")
        return {name: slider.read(controls[name]) for name, slider in self.sliders.items()}

    def request(self, values: Mapping[str, float]) -> StateRequest:
        """What ``jaxent state`` would be asked for."""
        free = {k: x for k, x in values.items() if not _is_of_filter(k)}
        tied = {k: free[source] for k, source in self.study.ties.items() if source in free}
        known = {**self.study.parameters, **free, **tied}
        order = [parameter.name for parameter in self.study.machine_class.parameters]
        every = gathered(known)
        parameters = {name: every[name] for name in order if name in every}
        return StateRequest(self.study.kind, parameters, *self._diagonals(values))

    def _diagonals(self, values: Mapping[str, float]) -> list[tuple[float, ...] | None]:
        """The filters of all levels; none where nothing filters beyond what the machine says."""
        found = []
        for party, diagonal in zip(_PARTIES, self._entries(values), strict=True):
            if not any(diagonal):
                raise refused(f"filters.{party}", diagonal, "numbers in [0, 1], not all zero")
            whole = self.fixed_filters.extended(party, np.array(diagonal)).tolist()
            given = party in self.study.filters or party in self.study.projected
            found.append(tuple(whole) if given else None)
        return found

    def _entries(self, values: Mapping[str, float]) -> list[list[float]]:
        """The free filters, on the levels that reach them."""
        return [
            [values.get(f"filters.{party}[{k}]", 1.0) for k in kept.tolist()]
            for party, kept in zip(_PARTIES, self.fixed_filters.kept, strict=True)
        ]

    def precise(self, values: Mapping[str, float]) -> Shown:
        """The state as ``jaxent state`` finds it."""
        request = self.request(values)
        begin = perf_counter()
        report = state_report(request)
        # The first time it is compiled as well.
        self.seconds = min(self.seconds, perf_counter() - begin)
        rho = np.asarray(report["rho"]["re"]) + 1j * np.asarray(report["rho"]["im"])
        return Shown(
            report["rho"],
            self._filters(request),
            report["efficiency"],
            report["measures"],
            self._objective(rho, report["measures"]),
            report["thermodynamics"],
            [*self.broken(values), *report["diagnostics"]["warnings"]],
            True,
        )

    def quick(self, values: Mapping[str, float]) -> Shown:
        """The state as a search sees it, in double precision."""
        request = self.request(values)
        a, b = (np.array(entries) for entries in self._entries(values))
        passing = FixedFilters(np.where(a > 0, 1.0, 0.0), np.where(b > 0, 1.0, 0.0))
        rho, log_efficiency = self._herald(self._searched(values), a, b)
        rho = np.asarray(passing.among_kept(rho))
        if not np.all(np.isfinite(rho)):
            raise InputError("no state passes here; allowed: filters with an efficiency > 0")
        found = all_measures(passing.dims)(rho)
        measures = {name: float(x) for name, x in found.items()}
        efficiency, machine = math.exp(float(log_efficiency)), request.machine
        conditions = [
            f"{r.condition} does not hold: {r.value:.6g} > {r.limit:.6g}"
            for r in (*machine.regimes(), *machine.truncation(efficiency))
            if not r.holds
        ]
        return Shown(
            matrix_json(rho),
            self._filters(request),
            efficiency,
            measures,
            self._objective(rho, measures),
            None,
            [*self.broken(values), *conditions],
            False,
        )

    def _filters(self, request: StateRequest) -> dict[str, Sequence[float]]:
        own = (self.fixed_filters.a.tolist(), self.fixed_filters.b.tolist())
        given = (request.filter_a, request.filter_b)
        return {
            party: default if diagonal is None else diagonal
            for party, diagonal, default in zip(_PARTIES, given, own, strict=True)
        }

    def _searched(self, values: Mapping[str, float]) -> dict[str, float]:
        """The machine's parameters that change, as a search names them."""
        machine, found = self.study.machine_class, {}
        for name, value in values.items():
            if not _is_of_filter(name):
                hot = machine.parameter(name).is_temperature
                number = float(inverse_temperature(value)) if hot else value
                found[searched_name(name, hot)] = number
        return found

    @cached_property
    def _herald(self) -> Callable[..., Any]:
        machine, fixed, ties = self.study.machine_class, self.study.parameters, self.study.ties

        def named(name: str) -> str:
            return searched_name(name, machine.parameter(name).is_temperature)

        def heralded(free: Mapping[str, Any], a: Any, b: Any) -> Any:
            tied = {named(k): free[named(s)] for k, s in ties.items() if named(s) in free}
            built = machine.from_parameters({**fixed, **free, **tied})
            rho, log_passed = self.fixed_filters.herald(built)
            rho, efficiency = herald(rho, Filters(a, b))
            return rho, log_passed + jnp.log(efficiency)

        return jax.jit(heralded)

    def _objective(self, rho: np.ndarray, measures: Mapping[str, float | None]) -> float | None:
        if self.study.objective in measures:
            return measures[self.study.objective]
        if self.study.directions == FREE or rho.shape != (4, 4):
            return None
        return float(self._value(rho))

    @cached_property
    def _value(self) -> Callable[[Any], Any]:
        return jax.jit(self.study.measure.value)

    def broken(self, values: Mapping[str, float]) -> list[str]:
        """The study's constraints that do not hold."""
        numbers = {**self.study.parameters, **values}

        def size(side: Monomial) -> float:
            return side.coefficient * math.prod(
                numbers[name] ** power for name, power in side.powers.items()
            )

        return [
            f"the study's constraint {c.text} does not hold"
            for c in self.study.constraints
            if not size(c.lesser) <= size(c.greater) * (1 + _ROUNDING)
        ]


def _is_of_filter(name: str) -> bool:
    return name.startswith("filters.")


def _text(value: Any) -> str:
    return written(float(value)) if isinstance(value, (int, float)) else str(value)
