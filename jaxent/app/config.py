"""Configs: from a YAML file to studies and states, with every rule checked before any work."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jaxent.app.blocks import MAX_VARIANTS, StateBlock, StudyBlock, validated
from jaxent.app.constraints import parse_constraint
from jaxent.app.errors import InputError, as_input_errors, listed, one_of, refused, show
from jaxent.app.parameters import flat, machine_class, machine_parameters, nested
from jaxent.app.ranges import Freedom, efficiency_levels, filter_entries, freedom
from jaxent.app.yaml import parse_yaml, read_text
from jaxent.machines import MACHINES, AbstractMachine
from jaxent.machines.parameters import list_name
from jaxent.measures import OBJECTIVES
from jaxent.search.maximise import SearchSettings
from jaxent.search.space import Constraint, Monomial
from jaxent.study import Study

_BLOCKS_OF_PARAMETERS = ("machine", "free", "filters", "sweep")


@dataclass(frozen=True)
class StudyFile:
    """A study file.

    Attributes:
        path: where it was read.
        text: its text.
        config: its content as written.
        title: its title, or ``None``.
        studies: one for each variant, or the one study.
        resolved: for each study, the config with the variant merged in: what its numbers
            depend on.
    """

    path: Path
    text: str
    config: dict[str, Any]
    title: str | None
    studies: list[Study]
    resolved: list[dict[str, Any]]

    @property
    def kinds(self) -> list[str]:
        """The kinds of its machines, each once."""
        return sorted({study.kind for study in self.studies})


@dataclass(frozen=True)
class StateRequest:
    """What a state file asks for.

    Attributes:
        kind: the machine, a key of ``MACHINES``.
        parameters: all its parameters by their flat names.
        filter_a, filter_b: the diagonals of the filters, or ``None`` where the file says nothing
            and the machine's own apply.
    """

    kind: str
    parameters: dict[str, Any]
    filter_a: tuple[float, ...] | None
    filter_b: tuple[float, ...] | None

    @cached_property
    def machine(self) -> AbstractMachine:
        """The machine itself."""
        return MACHINES[self.kind].from_parameters(self.parameters)


def load_study(path: Path | str) -> list[Study]:
    """The studies of a file: one for each variant, or one.

    Raises:
        InputError: a rule is broken; one line says which.
    """
    return load_study_file(path).studies


def load_study_file(path: Path | str) -> StudyFile:
    """A study file with all that a run stores beside its results; see :func:`load_study`."""
    return parse_study_file(read_text(path), path)


def parse_study_file(text: str, path: Path | str) -> StudyFile:
    """The same of a text that is at hand.

    Args:
        text: the YAML.
        path: where it comes from, which error messages begin with.

    Raises:
        InputError: a rule is broken; one line says which.
    """
    config = parse_yaml(text, str(path))
    with _naming(str(path)):
        if not isinstance(config, dict):
            raise InputError(f"{show(config)} is given; allowed: a mapping that describes a study")
        variants = _variants(config)
        resolved = list(variants.values())
        studies = []
        for name, merged in variants.items():
            with _naming("" if name is None else f"variant {show(name)}"):
                studies.append(_study(merged, name))
        if len({study.objective for study in studies}) > 1:
            raise InputError(
                "variants: they differ in objective; allowed: one objective for all, since they "
                "share one figure"
            )
        if len({study.sweep and study.sweep.parameter for study in studies}) > 1:
            raise InputError(
                "variants: they differ in what is swept; allowed: one axis for all, since they "
                "share one figure"
            )
        _refuse_nan(config, "")
    return StudyFile(Path(path), text, config, resolved[0].get("title"), studies, resolved)


def load_state(path: Path | str, overrides: Sequence[str] = ()) -> StateRequest:
    """What a state file asks for.

    Args:
        path: the file.
        overrides: ``key=value`` with a YAML value, as ``--set`` takes them; ``null`` deletes.

    Raises:
        InputError: a rule is broken; one line says which.
    """
    config = parse_yaml(read_text(path), str(path))
    changes = [_override(text) for text in overrides]
    try:
        return _state(config, changes)
    except InputError as error:
        field = str(error).partition(":")[0].partition("[")[0]
        at_fault = next((place for place, _ in changes if _related(field, place)), "")
        option = at_fault and f"--set {at_fault.removeprefix('machine.')} for "
        raise InputError(f"{option}{path}: {error}") from None


def _state(config: Any, changes: Sequence[tuple[str, Any]]) -> StateRequest:
    if isinstance(config, dict):
        config = _unfolded(config)
        for place, value in changes:
            config = _merged(config, nested({place: value}, "--set"))
    block = validated(StateBlock, config)
    machine = machine_class(block.machine)
    parameters, _ = machine_parameters(machine, block.machine)
    request = StateRequest(machine.kind, parameters, None, None)
    with as_input_errors():
        dims = request.machine.dims
    return StateRequest(machine.kind, parameters, *_fixed_filters(block.filters or {}, dims))


def _related(one: str, other: str) -> bool:
    """Whether of two dotted names one is the other, or a part of it."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _refuse_nan(value: Any, field: str) -> None:
    # Also where variants overrule it: the config is stored with the results, which hold no nan.
    if isinstance(value, float) and math.isnan(value):
        raise refused(field, value, "numbers")
    entries = value.items() if isinstance(value, dict) else ()
    for key, entry in enumerate(value) if isinstance(value, list) else entries:
        _refuse_nan(entry, f"{field}.{key}".lstrip("."))


def _variants(config: dict[str, Any]) -> dict[str | None, dict[str, Any]]:
    base = _unfolded({key: value for key, value in config.items() if key != "variants"})
    variants = config.get("variants")
    if variants is None:
        return {None: base}
    if not isinstance(variants, dict) or not 1 <= len(variants) <= MAX_VARIANTS:
        number = f"{len(variants)} of them are" if isinstance(variants, dict) else show(variants)
        raise InputError(
            f"variants: {number} given; allowed: a mapping of 1 to {MAX_VARIANTS} names"
        )
    merged: dict[str | None, dict[str, Any]] = {}
    for name, overrides in variants.items():
        if not name.strip() or not name.isprintable():
            raise refused("variants", name, "names that are not empty, of printable characters")
        with _naming(f"variant {show(name)}"):
            if not isinstance(overrides, dict | None):
                raise InputError(f"{show(overrides)} is given; allowed: a mapping of overrides")
            if "title" in (overrides or {}) or "variants" in (overrides or {}):
                raise InputError("title and variants cannot vary; allowed: the keys of a study")
            merged[name] = _merged(base, _unfolded(overrides or {}))
    return merged


def _unfolded(config: dict[str, Any]) -> dict[str, Any]:
    return {
        key: nested(value, key) if key in _BLOCKS_OF_PARAMETERS and value is not None else value
        for key, value in config.items()
    }


def _merged(base: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    # Mappings are merged key by key, null deletes a key, everything else is replaced.
    merged = deepcopy(dict(base))
    for key, value in overrides.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            below = merged.get(key)
            merged[key] = _merged(below if isinstance(below, dict) else {}, value)
        else:
            merged[key] = value
    return merged


def _override(text: str) -> tuple[str, Any]:
    """Where ``--set`` puts something, and what."""
    key, equals, value = text.partition("=")
    key = key.strip()
    if not equals or not key:
        raise InputError(f"--set: {show(text)} is given; allowed: key=value, such as g=0.2")
    block = key if key.split(".")[0] in ("machine", "filters") else f"machine.{key}"
    return block, parse_yaml(value, f"--set {key}")


def _study(config: dict[str, Any], variant: str | None) -> Study:
    block = validated(StudyBlock, config)
    machine = machine_class(block.machine)
    free = freedom(machine, block.free, block.machine, block.sweep)
    efficiency = block.efficiency and block.efficiency.model_dump(by_alias=True, exclude_none=True)
    levels = efficiency_levels(efficiency)
    if free.sweep is not None and len(levels) > 1:
        raise InputError(
            f"efficiency: {len(levels)} values are given beside a sweep; allowed: a single one"
        )
    if "measurements" in block.model_fields_set and block.objective != "steering":
        raise InputError(
            f"measurements: {show(block.measurements)} is given for the objective "
            f"{show(block.objective)}; allowed: with objective steering"
        )
    projected = flat(block.filters or {}, ("a", "b"), "filters")
    constraints = tuple(_constraints(block.constraints, machine, free))
    with as_input_errors():
        # It traces the machine without solving for anything: what that refuses, it refuses here.
        study = Study(
            kind=machine.kind,
            parameters=free.fixed,
            ranges=free.ranges,
            filters=free.filters,
            objective=_objective(block.objective),
            efficiencies=levels,
            constraints=constraints,
            settings=SearchSettings(**block.search.model_dump()),
            measurements=block.certify.steering if block.certify else None,
            directions=block.measurements,
            variant=variant,
            projected={
                party: filter_entries(entries, None, f"filters.{party}")
                for party, entries in projected.items()
            },
            sweep=free.sweep,
            ties=free.ties,
        )
        _ = study.measure
    if study.measurements is not None and study.problem.dims != (2, 2):
        raise InputError(
            f"certify.steering: the heralded state has dimensions {study.problem.dims}; allowed: "
            "filters that leave two levels of each party"
        )
    return study


def _objective(name: str) -> str:
    if name not in OBJECTIVES:
        raise refused("objective", name, one_of(OBJECTIVES, name))
    return name


def _constraints(texts: list[Any], machine: type[AbstractMachine], free: Freedom) -> Iterator:
    given = {*free.ranges, *free.fixed, *free.ties}
    names = [parameter.name for parameter in machine.parameters if parameter.is_number]
    names += [name for name in given if list_name(name) != name]
    for i, text in enumerate(texts):
        constraint = parse_constraint(text, names, f"constraints[{i}]")
        for name in {**constraint.lesser.powers, **constraint.greater.powers}:
            if free.sweep is not None and free.ties.get(name, name) == free.sweep.parameter:
                raise InputError(
                    f"constraints[{i}]: {show(text)} uses {name}, which is swept; allowed: "
                    "parameters that are free or fixed"
                )
            if name not in given or isinstance(free.fixed.get(name), (str, list)):
                raise InputError(
                    f"constraints[{i}]: {show(text)} uses {name}, which has no value here; "
                    f"allowed: {listed(n for n in names if n in given)}"
                )
        lesser, greater = (
            _untied(side, free.ties) for side in (constraint.lesser, constraint.greater)
        )
        yield Constraint(lesser, greater, constraint.text)


def _untied(side: Monomial, ties: Mapping[str, str]) -> Monomial:
    """A product in terms of the parameters that others are tied to."""
    powers = Counter[str]()
    for name, power in side.powers.items():
        powers[ties.get(name, name)] += power
    return Monomial(side.coefficient, dict(powers))


def _fixed_filters(block: Mapping[str, Any], dims: Sequence[int]) -> Iterator:
    given = flat(block, ("a", "b"), "filters")
    for party, size in zip(("a", "b"), dims, strict=True):
        entries = given.get(party)
        yield None if entries is None else filter_entries(entries, size, f"filters.{party}")


@contextmanager
def _naming(place: str) -> Iterator[None]:
    """Name the place in front of every input error from inside."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{place}: {error}" if place else str(error)) from None
