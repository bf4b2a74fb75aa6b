"""The machines by their names: the package's own, those of a program, and those of other packages.

A config names a machine by its ``kind``. Nothing in a config makes Python import anything: a
machine of one's own is known because a program registers it, or because a package that the user
has installed declares it as an entry point of the group ``jaxent.machines``::

    [project.entry-points."jaxent.machines"]
    shared_loss = "my_machines:SharedLoss"

Such a package is imported when its kind is asked for, and not before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import TypeVar

from jaxent.machines.machine import AbstractMachine
from jaxent.machines.parameters import Parameter

GROUP = "jaxent.machines"
"""The group of entry points that other packages use."""

AnyMachine = TypeVar("AnyMachine", bound=type[AbstractMachine])


class Machines(Mapping[str, type[AbstractMachine]]):
    """Machines by their ``kind``.

    Args:
        own: the classes of the package itself, whose names nobody else can take.
    """

    def __init__(self, own: Iterable[type[AbstractMachine]]):
        self._own = {machine.kind: machine for machine in own}
        self._registered: dict[str, type[AbstractMachine]] = {}

    @property
    def own(self) -> Mapping[str, type[AbstractMachine]]:
        """Those of the package itself."""
        return MappingProxyType(self._own)

    def __getitem__(self, kind: str) -> type[AbstractMachine]:
        """The machine of that kind.

        Raises:
            KeyError: there is none.
            ImportError: a package offers it that cannot be imported, or what it offers is no
                machine of that kind.
        """
        found = self._own.get(kind) or self._registered.get(kind)
        if found is None:
            found = self._registered[kind] = self._imported(kind)
        return found

    def __contains__(self, kind: object) -> bool:
        # Without importing it.
        return kind in self._own or kind in self._registered or kind in self._offered

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._own, *self._registered, *self._offered]))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def versions(self, kind: str) -> dict[str, str]:
        """The versions of the packages that offer a machine; none of the package's own."""
        offers = [] if kind in self._own else self._offered.get(kind, [])
        return {offer.dist.name: offer.dist.version for offer in offers if offer.dist is not None}

    def register(self, machine: AnyMachine) -> AnyMachine:
        """Make a machine known by its ``kind``; see :func:`jaxent.register`."""
        kind = getattr(machine, "kind", None)
        if not isinstance(machine, type) or not issubclass(machine, AbstractMachine):
            raise ValueError(f"{machine!r} is given; allowed: a class of machines")
        if abstract := sorted(machine.__abstractmethods__):
            raise TypeError(
                f"{_place(machine)}: it does not define {', '.join(abstract)}; allowed: a class "
                "that does"
            )
        if not isinstance(kind, str) or not kind.isidentifier():
            raise ValueError(f"{machine.__name__}.kind: {kind!r} is given; allowed: an identifier")
        _demand_parameters(machine)
        _demand_class_variables(machine)
        known = self._own.get(kind) or self._registered.get(kind)
        if known is not None and _place(known) != _place(machine):
            raise ValueError(
                f"{machine.__name__}.kind: {kind!r} is given, which is {_place(known)}; allowed: "
                "a name that is not taken"
            )
        if kind not in self._own:
            self._registered[kind] = machine
        return machine

    @cached_property
    def _offered(self) -> dict[str, list[EntryPoint]]:
        """What installed packages offer, by kind."""
        found: dict[str, list[EntryPoint]] = {}
        for point in entry_points(group=GROUP):
            # One that is found twice is one: an installed package beside its own source.
            if point not in found.setdefault(point.name, []):
                found[point.name].append(point)
        return found

    def _imported(self, kind: str) -> type[AbstractMachine]:
        offers = self._offered.get(kind)
        if not offers:
            raise KeyError(kind)
        if len(offers) > 1:
            values = ", ".join(sorted(point.value for point in offers))
            raise ImportError(f"machine {kind}: {values} all offer it; allowed: one of them")
        [point] = offers
        try:
            machine = point.load()
        except (Exception, SystemExit) as error:  # a module that is a script may end itself
            raise ImportError(
                f"machine {kind}: {point.value} cannot be imported: {type(error).__name__}: {error}"
            ) from error
        try:
            self.register(machine)
        except (TypeError, ValueError) as error:
            raise ImportError(f"machine {kind}: {point.value}: {error}") from None
        if machine.kind != kind:
            raise ImportError(
                f"machine {kind}: {point.value} is of kind {machine.kind!r}; allowed: {kind!r}"
            )
        return machine


def _place(machine: type) -> str:
    """Where a class is defined; the same for one that a notebook or a reload defines again."""
    return f"{machine.__module__}.{machine.__qualname__}"


def _demand_parameters(machine: type[AbstractMachine]) -> None:
    parameters = getattr(machine, "parameters", None)
    if not isinstance(parameters, tuple) or not all(isinstance(p, Parameter) for p in parameters):
        raise ValueError(
            f"{machine.__name__}.parameters: {parameters!r} is given; allowed: a tuple of Parameter"
        )


def _demand_class_variables(machine: type[AbstractMachine]) -> None:
    # An equinox module takes what is annotated, in a class above it, too, for fields of instances.
    for name in {"kind", "parameters"} & {field.name for field in fields(machine)}:
        raise ValueError(
            f"{machine.__name__}.{name}: it is a field of instances; allowed: "
            f"'{name}: ClassVar = ...'"
        )
