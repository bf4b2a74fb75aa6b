"""What the machines say about themselves: what they are, their parameters, where they hold."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Any

from jaxent.app.errors import one_line
from jaxent.app.symbols import spelled
from jaxent.machines import MACHINES, AbstractMachine, Parameter
from jaxent.machines.parameters import list_name


def meaning(machine: type[AbstractMachine]) -> str:
    """What a machine is, in one line."""
    return (inspect.getdoc(machine) or "").partition("\n")[0]


def validity(machine: type[AbstractMachine]) -> str:
    """The paragraph of the machine's module that says where its model is valid."""
    paragraphs = (inspect.getmodule(machine).__doc__ or "").split("\n\n")
    valid = next((p for p in paragraphs if p.startswith("Valid ")), "")
    text = re.sub(r":math:`([^`]*)`|``([^`]*)``", lambda m: m.group(1) or m.group(2), valid)
    return " ".join(spelled(text).split())


def declared(kinds: Iterable[str], name: str) -> Parameter | None:
    """The parameter of that name of the first of some machines that has it.

    Args:
        kinds: keys of ``MACHINES``; others have no parameters.
        name: its name, or that of an entry such as ``g[0]``.
    """
    machines = (MACHINES[kind] for kind in kinds if kind in MACHINES)
    parameters = (parameter for machine in machines for parameter in machine.parameters)
    return next((p for p in parameters if p.name == list_name(name)), None)


def machines_report(
    machines: Mapping[str, type[AbstractMachine]] = MACHINES,
) -> list[dict[str, Any]]:
    """The machines with their parameters, as ``jaxent machines --json`` prints them.

    Args:
        machines: by their kinds. What keeps one from being imported stands under ``broken``.
    """
    return [_described(machines, kind) for kind in machines]


def _described(machines: Mapping[str, type[AbstractMachine]], kind: str) -> dict[str, Any]:
    try:
        machine = machines[kind]
    except ImportError as error:
        return {"kind": kind, "broken": one_line(str(error))}
    return {
        "kind": kind,
        "meaning": meaning(machine),
        "valid": validity(machine),
        "dims": list(machine.dims) if isinstance(machine.dims, tuple) else None,
        "parameters": [
            {
                "name": p.name,
                "meaning": p.meaning,
                "allowed": p.allowed,
                "default": p.default,
                "low": p.low if p.is_number else None,
                "high": p.high if p.is_number else None,
                "integer": p.integer,
                "choices": list(p.choices),
                "several": list(p.several),
                "entries": p.entries,
                "instead_of": p.either,
            }
            for p in machine.parameters
        ],
    }
