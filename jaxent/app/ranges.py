"""The ``free``, ``efficiency`` and ``sweep`` blocks of a study."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from jaxent.app.blocks import SweepBlock, validated
from jaxent.app.errors import InputError, listed, one_of, refused, show
from jaxent.app.parameters import (
    check_statistics,
    checked,
    entry_by_entry,
    flat,
    machine_parameters,
    plain_number,
    with_sign,
)
from jaxent.machines import AbstractMachine, Parameter
from jaxent.machines.parameters import entry_name
from jaxent.search.space import Range
from jaxent.study import Sweep

PARTIES = ("a", "b")

_DECADE = 10.0


def natural_scale(low: float, high: float) -> Literal["log", "linear"]:
    """The scale of an interval for which none is given: ``log`` where it spans a factor of 10."""
    return "log" if 0 < low < math.inf and high >= _DECADE * low else "linear"


@dataclass(frozen=True)
class Freedom:
    """What a study searches over, and what stays fixed.

    Attributes:
        ranges: the free parameters, in the order in which the machine declares them.
        filters: the parties whose filter is free.
        fixed: the fixed parameters, lists entry by entry.
        ties: parameters that take the value of another one.
        sweep: what the curve runs over, where it is not the efficiency.
    """

    ranges: dict[str, Range]
    filters: tuple[str, ...]
    fixed: dict[str, Any]
    ties: dict[str, str]
    sweep: Sweep | None


def freedom(
    machine: type[AbstractMachine],
    free: Mapping[str, Any],
    block: Mapping[str, Any],
    sweep: Mapping[str, Any] | None,
) -> Freedom:
    """What a study searches over, and what stays fixed.

    Args:
        machine: the machine's class.
        free: the nested ``free`` block.
        block: the nested ``machine`` block; a parameter in both is free.
        sweep: the nested ``sweep`` block, or ``None``.
    """
    parties = _free_filters(free.get("filters", {}))
    declared = {parameter.name: parameter for parameter in machine.parameters}
    bounds = {key: value for key, value in free.items() if key != "filters"}
    given = flat(bounds, [*declared, "filters.a", "filters.b"], "free")
    swept = {} if sweep is None else flat(sweep, declared, "sweep")
    if sweep is not None and len(swept) != 1:
        raise InputError(f"sweep: {listed(swept)} given; allowed: one parameter")
    for name in swept:
        if name in given:
            raise InputError(f"sweep.{name}: it is free; allowed: a parameter that is not")
    fixed, ties = machine_parameters(machine, block, [*given, *swept])
    for name, source in ties.items():
        _check_tie(declared[name], source, {**given, **swept}[source], fixed)
    ranges: dict[str, Range] = {}
    for name, parameter in declared.items():
        if name in given and isinstance(given[name], list) and parameter.entries:
            _free_entries(parameter, given[name], ranges, fixed)
        elif name in given:
            ranges[name] = _range(parameter, given[name], fixed)
    along = next((_sweep(declared[name], b, fixed) for name, b in swept.items()), None)
    return Freedom(ranges, parties, entry_by_entry(fixed), ties, along)


def _check_tie(parameter: Parameter, source: str, bounds: Any, fixed: Mapping[str, Any]) -> None:
    """Demand that a parameter may take all values of the one that it is tied to."""
    field = f"machine.{parameter.name}"
    if isinstance(bounds, list):
        raise refused(field, source, f"{parameter.allowed}, or a parameter that is one number")
    values = bounds.values() if isinstance(bounds, Mapping) else ()
    numbers = [x for entry in values for x in (entry if isinstance(entry, list) else [entry])]
    for value in numbers if "points" not in (bounds or {}) else [bounds["from"], bounds["to"]]:
        if isinstance(value, (int, float)):
            checked(parameter.single, value, field)
            check_statistics(parameter, value, fixed, field)


def _free_entries(
    parameter: Parameter, entries: list[Any], ranges: dict[str, Range], fixed: dict[str, Any]
) -> None:
    """The entries of a list: those with bounds are free, numbers are fixed."""
    if not entries:
        raise refused(f"free.{parameter.name}", entries, f"a list of {parameter.entries}")
    for k, entry in enumerate(entries):
        name = entry_name(parameter.name, k)
        if isinstance(entry, Mapping):
            ranges[name] = _range(replace(parameter.single, name=name), entry, fixed)
        else:
            fixed[name] = checked(parameter.single, entry, f"free.{name}")


def _sweep(parameter: Parameter, block: Any, fixed: Mapping[str, Any]) -> Sweep:
    field = f"sweep.{parameter.name}"
    if not parameter.is_number or parameter.integer:
        raise InputError(f"{field}: it cannot be swept; allowed: numeric parameters")
    given = validated(SweepBlock, block, field).model_dump(by_alias=True, exclude_none=True)
    values = _levels(given, field, with_sign if parameter.is_temperature else float)
    for k, value in enumerate(values):
        checked(parameter.single, value, f"{field}.values[{k}]")
        if math.isinf(value) and not parameter.is_temperature and parameter.low == 0:
            raise refused(
                f"{field}.values[{k}]", value, "finite numbers; infinity is another model"
            )
        check_statistics(parameter, value, fixed, f"{field}.values[{k}]")
    return Sweep(parameter.name, values)


def _free_filters(block: Any) -> tuple[str, ...]:
    if not isinstance(block, Mapping):
        raise refused("free.filters", block, "{a: {}}, {b: {}} or both")
    for party, value in block.items():
        if party not in PARTIES:
            raise InputError(f"free.filters.{party}: unknown; allowed: filters.a, filters.b")
        if value != {}:
            raise refused(f"free.filters.{party}", value, "{} (all its entries in [0, 1])")
    return tuple(party for party in PARTIES if party in block)


def _range(parameter: Parameter, bounds: Any, fixed: Mapping[str, Any]) -> Range:
    field = f"free.{parameter.name}"
    if not parameter.is_number:
        raise InputError(f"{field}: a word cannot be free; allowed: numeric parameters")
    if parameter.integer:
        raise InputError(f"{field}: an integer cannot be free; allowed: numeric parameters")
    hot = parameter.is_temperature
    keys = ("low", "high") if hot else ("low", "high", "scale")
    if not isinstance(bounds, Mapping):
        raise refused(field, bounds, f"a mapping of {listed(keys)}")
    for key in bounds:
        if key not in keys:
            why = " (a temperature is searched by its inverse)" if hot and key == "scale" else ""
            raise InputError(f"{field}.{key}: unknown{why}; allowed: {one_of(keys, key)}")
    low, high = (_bound(parameter, bounds, key, fixed) for key in ("low", "high"))
    if low > high:
        raise InputError(
            f"{field}.low: {show(low)} is above {field}.high = {show(high)}; allowed: low <= high"
        )
    if hot:
        return _temperature_range(low, high, field)
    return Range(low, high, _scale(bounds.get("scale"), low, high, field))


def _bound(
    parameter: Parameter, bounds: Mapping[str, Any], key: str, fixed: Mapping[str, Any]
) -> float:
    field = f"free.{parameter.name}.{key}"
    if key not in bounds:
        raise InputError(f"{field}: missing; allowed: {parameter.allowed}")
    value = checked(parameter.single, bounds[key], field)
    check_statistics(parameter, value, fixed, field)
    if math.isinf(value) and not parameter.is_temperature:
        raise refused(field, value, "a finite number, since a search needs finite bounds")
    return float(value)


def _temperature_range(low: float, high: float, field: str) -> Range:
    for key, value in (("low", low), ("high", high)):
        if value == 0 or math.isinf(1 / value):
            raise refused(
                f"{field}.{key}",
                value,
                "a nonzero temperature; the search is over 1/T, which has to stay finite",
            )
    if low < 0 < high:
        raise InputError(
            f"{field}: {show(low)} to {show(high)} changes sign; allowed: bounds of one sign "
            "(1/T would pass through infinity)"
        )
    return Range(low, high, "inverse")


def _scale(scale: Any, low: float, high: float, field: str) -> Literal["log", "linear"]:
    if math.isinf(high - low):
        raise InputError(
            f"{field}: {show(low)} to {show(high)} is too wide; allowed: a finite width"
        )
    if scale is None:
        return natural_scale(low, high)
    if scale not in ("log", "linear"):
        raise refused(f"{field}.scale", scale, "log, linear")
    if scale == "log" and low <= 0:
        raise refused(f"{field}.low", low, "a number > 0 on a log scale")
    return scale


def efficiency_levels(block: Mapping[str, Any] | None) -> tuple[float, ...]:
    """The efficiencies of a study, ascending.

    Args:
        block: the checked ``efficiency`` block without absent keys, or ``None`` for 1.
    """
    return _levels(block, "efficiency") if block else (1.0,)


def _levels(
    block: Mapping[str, Any], field: str, key: Callable[[float], Any] = float
) -> tuple[float, ...]:
    """The values of a list or an interval, ascending; listed ones with the same key are one."""
    given = listed(block)
    if "values" in block:
        if len(block) > 1:
            raise InputError(f"{field}: {given} are given; allowed: values, or from, to, points")
        return _listed_levels(block["values"], field, key)
    missing = [key for key in ("from", "to", "points") if key not in block]
    if missing:
        raise InputError(f"{field}.{missing[0]}: missing; allowed: values, or from, to, points")
    low, high, points = block["from"], block["to"], block["points"]
    if low > high or (low == high) != (points == 1) or math.isinf(high - low):
        raise InputError(
            f"{field}: {points} points from {show(low)} to {show(high)} are given; allowed: "
            "from < to, or one point with from = to"
        )
    scale = efficiency_scale(block)
    if scale == "log" and low <= 0:
        raise refused(f"{field}.from", low, "a number > 0 on a log scale")
    space = np.geomspace if scale == "log" else np.linspace
    levels = tuple(float(p) for p in space(low, high, points))
    if any(p >= q for p, q in pairwise(levels)):
        raise InputError(
            f"{field}.points: {points} points from {show(low)} to {show(high)} coincide to "
            "within rounding; allowed: fewer points"
        )
    return levels


def _listed_levels(
    values: list[float], field: str, key: Callable[[float], Any]
) -> tuple[float, ...]:
    levels = sorted(values, key=key)
    for p, q in pairwise(levels):
        if key(p) == key(q):
            raise InputError(f"{field}.values: {show(p)} is given twice; allowed: once")
    return tuple(float(p) for p in levels)


def efficiency_scale(block: Mapping[str, Any] | None) -> Literal["log", "linear"]:
    """The scale on which efficiencies, or values of a sweep, are spaced, or should be drawn."""
    if not block:
        return "linear"
    if "values" in block:
        return natural_scale(min(block["values"]), max(block["values"]))
    return block.get("scale") or natural_scale(block["from"], block["to"])


def sweep_scale(block: Mapping[str, Any] | None) -> Literal["log", "linear"] | None:
    """The scale of a nested ``sweep`` block of one parameter, ``None`` where there is no sweep."""
    while block and not {"values", "from"} & {*block}:
        block = next(iter(block.values()))
    return efficiency_scale(block) if block else None


def filter_entries(entries: Any, size: int | None, field: str) -> tuple[float, ...]:
    """The diagonal of a filter: as many numbers in [0, 1] as there are levels, not all zero."""
    allowed = f"{'' if size is None else size} numbers in [0, 1], not all zero".strip()
    if not isinstance(entries, list) or (size is not None and len(entries) != size):
        raise refused(field, entries, allowed)
    numbers = tuple(plain_number(x, f"{field}[{i}]", allowed) for i, x in enumerate(entries))
    for i, x in enumerate(numbers):
        if not 0 <= x <= 1:
            raise refused(f"{field}[{i}]", x, "a number in [0, 1]")
    if not any(numbers):
        raise refused(field, entries, allowed)
    return tuple(abs(x) for x in numbers)
