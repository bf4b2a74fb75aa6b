"""The ``machine`` block of a config, checked against the parameters that the machine declares."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from jaxent.app.errors import InputError, listed, meant, one_of, refused, show
from jaxent.machines import MACHINES, AbstractMachine, Parameter
from jaxent.machines.parameters import entry_name

_LONGEST_PATH = 4


def nested(block: Any, field: str) -> dict[str, Any]:
    """A block with its dotted keys unfolded, so that both spellings of a config are one.

    Args:
        block: a mapping; ``bath_a.gamma: 1`` in it means ``bath_a: {gamma: 1}``.
        field: its name in error messages.

    Raises:
        InputError: it is no mapping, or gives something twice.

    >>> nested({"bath_a.gamma": 1, "bath_a": {"temperature": 2}}, "machine")
    {'bath_a': {'gamma': 1, 'temperature': 2}}
    """
    if not isinstance(block, Mapping):
        raise refused(field, block, "a mapping")
    unfolded: dict[str, Any] = {}
    for key, value in block.items():
        path = key.split(".")
        if len(path) > _LONGEST_PATH:
            raise InputError(f"{field}: {show(key)} is unknown; allowed: at most two dots in a key")
        if isinstance(value, Mapping):
            value = nested(value, f"{field}.{key}")
        for name in reversed(path[1:]):
            value = {name: value}
        _join(unfolded, {path[0]: value}, field)
    return unfolded


def _join(into: dict[str, Any], more: Mapping[str, Any], field: str) -> None:
    for key, value in more.items():
        if key not in into:
            into[key] = value
        elif isinstance(into[key], dict) and isinstance(value, dict):
            _join(into[key], value, f"{field}.{key}")
        else:
            raise InputError(f"{field}.{key}: given twice; allowed: once")


def flat(block: Mapping[str, Any], names: Collection[str], field: str) -> dict[str, Any]:
    """The entries of a nested block by their dotted names.

    Args:
        block: from :func:`nested`.
        names: the known dotted names.
        field: the block's name in error messages.

    Raises:
        InputError: an entry is unknown.
    """
    found: dict[str, Any] = {}

    def walk(prefix: str, inner: Mapping[str, Any]) -> None:
        for key, value in inner.items():
            name = f"{prefix}{key}"
            below = [
                known.removeprefix(f"{name}.") for known in names if known.startswith(f"{name}.")
            ]
            if name in names:
                found[name] = value
            elif not below:
                raise InputError(f"{field}.{name}: unknown; allowed: {one_of(names, name)}")
            elif not isinstance(value, Mapping):
                raise refused(f"{field}.{name}", value, f"a mapping of {listed(below)}")
            else:
                walk(f"{name}.", value)

    walk("", block)
    return found


def machine_class(block: Mapping[str, Any]) -> type[AbstractMachine]:
    """The machine that a nested ``machine`` block names by its ``kind``."""
    if "kind" not in block:
        raise InputError(f"machine.kind: missing; allowed: {listed(MACHINES)}")
    kind = block["kind"]
    if not isinstance(kind, str) or kind not in MACHINES:
        raise refused("machine.kind", kind, one_of(MACHINES, kind))
    return MACHINES[kind]


def machine_parameters(
    machine: type[AbstractMachine], block: Mapping[str, Any], free: Iterable[str] = ()
) -> tuple[dict[str, Any], dict[str, str]]:
    """The fixed parameters of a machine: all that are not free, defaults filled in.

    Args:
        machine: the machine's class.
        block: the nested ``machine`` block.
        free: the names of the free parameters, which need no value.

    Returns:
        The fixed parameters, and the ties: parameters given by the name of a free one.

    Raises:
        InputError: a parameter is unknown, missing, of the wrong kind or not allowed.
    """
    declared = {parameter.name: parameter for parameter in machine.parameters}
    without_kind = {key: value for key, value in block.items() if key != "kind"}
    given = flat(without_kind, declared, "machine")
    free = set(free)
    ties = {
        name: value
        for name, value in given.items()
        if name not in free and _is_tie(declared, name, value)
    }
    for name, value in given.items():
        if name not in ties and not (name in free and _is_tie(declared, name, value)):
            given[name] = checked(declared[name], value, f"machine.{name}")
    fixed = {k: value for k, value in given.items() if k not in free and k not in ties}
    for parameter in machine.parameters:
        _complete(parameter, fixed, free | {*ties})
    valued = {*fixed, *free}
    for name, source in ties.items():
        if source not in valued or not _alike(declared[name], declared[source]):
            raise InputError(
                f"machine.{name}: {show(source)} is given; allowed: {declared[name].allowed}, or "
                "the name of a like parameter that has a value or is free"
            )
        if source in fixed:
            fixed[name] = checked(declared[name], fixed[source], f"machine.{name}")
    ties = {name: source for name, source in ties.items() if source in free}
    ordered = {name: fixed[name] for name in declared if name in fixed}
    for name, value in ordered.items():
        check_statistics(declared[name], value, ordered, f"machine.{name}")
    return ordered, ties


def _is_tie(declared: Mapping[str, Parameter], name: str, value: Any) -> bool:
    numbers = [other for other, parameter in declared.items() if parameter.is_number]
    return name in numbers and isinstance(value, str) and value in numbers


def _alike(one: Parameter, other: Parameter) -> bool:
    """Whether one parameter may take the value of another one."""
    same = one.unit == other.unit and one.is_temperature == other.is_temperature
    return same and not one.integer and not other.integer


def entry_by_entry(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with the numbers of lists under names of their own, such as ``g[0]``."""
    found: dict[str, Any] = {}
    for name, value in parameters.items():
        if isinstance(value, list) and all(isinstance(x, (int, float)) for x in value):
            found.update({entry_name(name, k): entry for k, entry in enumerate(value)})
        else:
            found[name] = value
    return found


def checked(parameter: Parameter, value: Any, field: str) -> Any:
    """A value that a parameter allows; integers that no double holds exactly become doubles."""
    read = parameter.read(value)
    found = [*map(_rounded, read)] if isinstance(read, list) else _rounded(read)
    if not parameter.allows(found):
        raise refused(field, read, parameter.allowed + meant(parameter.choices, read))
    return found


def _rounded(value: Any) -> Any:
    large = isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53
    return plain_float(value) if large else value


def _complete(parameter: Parameter, fixed: dict[str, Any], free: set[str]) -> None:
    name, other = parameter.name, parameter.either
    there = name in fixed or name in free
    if other is None:
        if there or parameter.optional:
            return
        if parameter.default is None:
            raise InputError(f"machine.{name}: missing; allowed: {parameter.allowed}")
        fixed[name] = parameter.default
        return
    pair = f"exactly one of {name.split('.')[-1]} and {other.split('.')[-1]}"
    if parameter.optional:
        pair = pair.replace("exactly", "at most")
    parent = ".".join(["machine", *name.split(".")[:-1]])
    if there and (other in fixed or other in free):
        raise InputError(f"{parent}: both {name} and {other} are given; allowed: {pair}")
    if not there and other not in fixed and other not in free and not parameter.optional:
        raise InputError(f"{parent}: neither {name} nor {other} is given; allowed: {pair}")


def sibling(name: str, of: str) -> str:
    """The parameter of that name in the same bath: ``bath_a.statistics`` of ``bath_a.gamma``."""
    return ".".join([*of.split(".")[:-1], name])


def check_statistics(
    parameter: Parameter, value: Any, values: Mapping[str, Any], field: str
) -> None:
    """Demand what the kind of particles demands of a temperature or an occupation.

    Args:
        parameter: the parameter.
        value: its value, or one of its bounds.
        values: the machine's fixed parameters, for the statistics of the same bath.
        field: where the value stands, for error messages.
    """
    statistics = values.get(sibling("statistics", of=parameter.name))
    if statistics is None or not isinstance(value, (int, float)):
        return
    if statistics == "boson" and parameter.is_temperature and math.copysign(1, value) < 0:
        raise InputError(
            f"{field}: {show(value)} is given; allowed: a bosonic bath has no inverted "
            "populations: a number > 0, 0 (0+) or .inf"
        )
    if statistics != "boson" and parameter.name.endswith("occupation") and value > 1:
        raise refused(field, value, f"a number in [0, 1] ({statistics})")


def plain_number(value: Any, field: str, allowed: str) -> float:
    """A number that is neither a boolean, nor a word, nor ``nan``."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or math.isnan(found := plain_float(value)):
        raise refused(field, value, allowed)
    return found


def with_sign(value: float) -> tuple[float, float]:
    """A number to be sorted or compared where 0- and 0+ are two, as they are of temperatures.

    >>> sorted([0.0, -0.0, -1.0], key=with_sign)
    [-1.0, -0.0, 0.0]
    """
    return value, math.copysign(1.0, value)


def plain_float(value: float) -> float:
    """A number as a float, infinite where it is a whole number beyond all of them.

    >>> plain_float(-10**400)
    -inf
    """
    try:
        return float(value)
    except OverflowError:
        return math.copysign(math.inf, value > 0 or -1)
