"""The ``free`` block and the ``efficiency`` block of a study."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from jaxent.app.errors import InputError, listed, refused, show
from jaxent.app.parameters import (
    check_statistics,
    checked,
    flat,
    machine_parameters,
    plain_number,
)
from jaxent.machines import AbstractMachine, Parameter
from jaxent.search.space import Range

PARTIES = ("a", "b")

_DECADE = 10.0


def natural_scale(low: float, high: float) -> Literal["log", "linear"]:
    """The scale of an interval for which none is given: ``log`` where it spans a factor of 10."""
    return "log" if 0 < low < math.inf and high >= _DECADE * low else "linear"


def free_block(
    machine: type[AbstractMachine], free: Mapping[str, Any], block: Mapping[str, Any]
) -> tuple[dict[str, Range], tuple[str, ...], dict[str, Any]]:
    """What a study searches over, and what stays fixed.

    Args:
        machine: the machine's class.
        free: the nested ``free`` block.
        block: the nested ``machine`` block; a parameter in both is free.

    Returns:
        The ranges in the order in which the machine declares its parameters, the parties whose
        filter is free, and the fixed parameters.
    """
    parties = _free_filters(free.get("filters", {}))
    declared = {parameter.name: parameter for parameter in machine.parameters}
    bounds = {key: value for key, value in free.items() if key != "filters"}
    given = flat(bounds, [*declared, "filters.a", "filters.b"], "free")
    fixed = machine_parameters(machine, block, given)
    ranges = {
        name: _range(parameter, given[name], fixed)
        for name, parameter in declared.items()
        if name in given
    }
    return ranges, parties, fixed


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
    if parameter.choices:
        raise InputError(f"{field}: a word cannot be free; allowed: numeric parameters")
    hot = parameter.is_temperature
    keys = ("low", "high") if hot else ("low", "high", "scale")
    if not isinstance(bounds, Mapping):
        raise refused(field, bounds, f"a mapping of {listed(keys)}")
    for key in bounds:
        if key not in keys:
            why = " (a temperature is searched by its inverse)" if hot and key == "scale" else ""
            raise InputError(f"{field}.{key}: unknown{why}; allowed: {listed(keys)}")
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
    value = checked(parameter, bounds[key], field)
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
    if not block:
        return (1.0,)
    given = listed(block)
    if "values" in block:
        if len(block) > 1:
            raise InputError(f"efficiency: {given} are given; allowed: values, or from, to, points")
        return _listed_levels(block["values"])
    missing = [key for key in ("from", "to", "points") if key not in block]
    if missing:
        raise InputError(f"efficiency.{missing[0]}: missing; allowed: values, or from, to, points")
    low, high, points = block["from"], block["to"], block["points"]
    if low > high or (low == high) != (points == 1):
        raise InputError(
            f"efficiency: {points} points from {show(low)} to {show(high)} are given; allowed: "
            "from < to, or one point with from = to"
        )
    space = np.geomspace if efficiency_scale(block) == "log" else np.linspace
    levels = tuple(float(p) for p in space(low, high, points))
    if any(p >= q for p, q in pairwise(levels)):
        raise InputError(
            f"efficiency.points: {points} points from {show(low)} to {show(high)} coincide to "
            "within rounding; allowed: fewer points"
        )
    return levels


def _listed_levels(values: list[float]) -> tuple[float, ...]:
    levels = sorted(values)
    for p, q in pairwise(levels):
        if p == q:
            raise InputError(f"efficiency.values: {show(p)} is given twice; allowed: once")
    return tuple(float(p) for p in levels)


def efficiency_scale(block: Mapping[str, Any] | None) -> Literal["log", "linear"]:
    """The scale on which the efficiencies are spaced, or should be drawn."""
    if not block:
        return "linear"
    if "values" in block:
        return natural_scale(min(block["values"]), max(block["values"]))
    return block.get("scale") or natural_scale(block["from"], block["to"])


def filter_entries(entries: Any, size: int, field: str) -> tuple[float, ...]:
    """The diagonal of a filter: as many numbers in [0, 1] as there are levels, not all zero."""
    allowed = f"{size} numbers in [0, 1], not all zero"
    if not isinstance(entries, list) or len(entries) != size:
        raise refused(field, entries, allowed)
    numbers = tuple(plain_number(x, f"{field}[{i}]", allowed) for i, x in enumerate(entries))
    for i, x in enumerate(numbers):
        if not 0 <= x <= 1:
            raise refused(f"{field}[{i}]", x, "a number in [0, 1]")
    if not any(numbers):
        raise refused(field, entries, allowed)
    return tuple(abs(x) for x in numbers)
