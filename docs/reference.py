"""The pages of reference, made from the program itself."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from docstrings import as_markdown

_ORDER = (
    "machines",
    "baths",
    "terms",
    "generator",
    "steady_state",
    "filters",
    "measures",
    "study",
    "search",
    "curves",
    "verification",
    "certify",
    "files",
    "peers",
    "compilation",
)
_TITLES = {
    "machines": "Machines",
    "baths": "Baths",
    "terms": "Terms of a master equation",
    "generator": "Generators",
    "steady_state": "Steady states",
    "filters": "Filters and heralding",
    "measures": "Measures",
    "study": "Studies",
    "search": "Search",
    "curves": "Curves and thresholds",
    "verification": "Verification",
    "certify": "Certificates",
    "files": "Files and runs",
    "peers": "QuTiP and dynamiqs",
    "compilation": "Compilation",
}


def pages() -> dict[str, str]:
    """The pages by their places, as Markdown."""
    return {
        "reference/commands.md": commands(),
        "reference/configs.md": configs(),
        "reference/machines.md": machines(),
        "reference/python.md": python(),
    }


def commands() -> str:
    """The command line, from its own help."""
    import typer
    from typer.cli import get_docs_for_click

    from jaxent.app.cli import app

    command = typer.main.get_command(app)
    context = typer.Context(command, info_name="jaxent")
    text = get_docs_for_click(obj=command, ctx=context, name="jaxent", title="Commands")
    return text.replace("$ jaxent", "jaxent")


def configs() -> str:
    """The keys of studies and states, from the models that check them."""
    from jaxent.app import blocks
    from jaxent.measures import OBJECTIVES

    lines = [
        "# Configs",
        "",
        "A config is a YAML file by the rules of YAML 1.2, at most 1 MiB large, without aliases "
        "and tags. It never names code: nothing in it is imported or evaluated. Every rule is "
        "checked before any work, and what is wrong is told in one line with what is allowed.",
        "",
        "Dotted keys and nested ones are the same: `bath_a.gamma: 1` is `bath_a: {gamma: 1}`.",
    ]
    for title, block, text in (
        ("A study", blocks.StudyBlock, "`jaxent run`, `jaxent threshold`, `jaxent.read_study`."),
        ("A state", blocks.StateBlock, "`jaxent state`, `jaxent certify`."),
        ("efficiency", blocks.EfficiencyBlock, "A list, or an interval."),
        ("sweep", blocks.SweepBlock, "For one parameter: a list, or an interval."),
        ("search", blocks.SearchBlock, "How hard to search."),
        ("certify", blocks.CertifyBlock, "Which certificates to make."),
    ):
        heading = title if " " in title else f"`{title}`"
        lines += ["", f"## {heading}", "", text, "", "| key | allowed | default |", "|---|---|---|"]
        lines += [_row(info.alias or name, info) for name, info in block.model_fields.items()]
        if block is blocks.StudyBlock:
            allowed = f"a mapping of 1 to {blocks.MAX_VARIANTS} names to overrides; `null` deletes"
            lines.append(f"| `variants` | {allowed} | |")
    lines += [
        "",
        "## Objectives",
        "",
        "| name | classical bound | largest value |",
        "|---|---|---|",
    ]
    for name, measure in OBJECTIVES.items():
        lines.append(f"| `{name}` | {measure.classical_bound:g} | {measure.maximum:.6g} |")
    return "\n".join([*lines, ""])


def _row(name: str, info: Any) -> str:
    default = "needed" if info.is_required() else _default(info.default)
    return f"| `{name}` | {_cell(info.description or '')} | {default} |"


def _default(value: Any) -> str:
    return f"`{value}`" if isinstance(value, (int, float, str)) else ""


def machines() -> str:
    """The machines with their parameters, and the physics that the module of each explains."""
    from jaxent.app.machines import machines_report
    from jaxent.machines import MACHINES

    lines = [
        "# Machines",
        "",
        "As `jaxent machines` lists them; `jaxent machines --json` prints the same as data. "
        r"$\hbar = k_B = 1$, the basis is $|a, b\rangle$ with party A first, and the excited "
        r"state is $|1\rangle$. Temperatures: `0` is $T = 0^+$, `-0.0` is $T = 0^-$, and negative "
        "ones mean population inversion.",
    ]
    for entry in machines_report(MACHINES.own):
        module = inspect.getmodule(MACHINES[entry["kind"]])
        lines += ["", f"## `{entry['kind']}`", "", as_markdown(inspect.getdoc(module) or ""), ""]
        lines += ["| parameter | meaning | allowed | default |", "|---|---|---|---|"]
        for p in entry["parameters"]:
            other = f" (or `{p['instead_of']}`)" if p["instead_of"] else ""
            default = "" if p["default"] is None else f"`{p['default']}`"
            cells = (_cell(p["meaning"]), _cell(p["allowed"]) + other, default)
            lines.append(f"| `{p['name']}` | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


_IN_A_CELL = {"|": "&#124;", "<": "&lt;", ">": "&gt;", "{": "&#123;"} | {
    c: f"\\{c}" for c in "*_[]$"
}


def _cell(text: str) -> str:
    """Text in a table, none of whose characters means anything to Markdown."""
    return "".join(_IN_A_CELL.get(character, character) for character in text)


def python() -> str:
    """Every public name, in the order of the package's floors."""
    lines = [
        "# Python",
        "",
        "All names are those of `jaxent` itself: `jaxent.Bath`, `jaxent.solve`. States are arrays "
        "of shape `(..., D, D)`; machines, filters and measures work under `jit`, `vmap` and "
        "`grad`, with batch axes in front.",
    ]
    found = dict(by_floor())
    for floor in (*_ORDER, *(name for name in found if name not in _ORDER)):
        if floor not in found:
            continue
        lines += ["", f"## {_TITLES.get(floor, floor)}", ""]
        for name, place in found[floor].items():
            lines += [f"::: {place}", "    options:", f"      heading: jaxent.{name}", ""]
    return "\n".join(lines)


def by_floor() -> Iterator[tuple[str, Mapping[str, str]]]:
    """The public names with the places where they are defined, floor by floor."""
    api = import_module("jaxent.api")
    floors: dict[str, dict[str, str]] = {}
    for name in api.__all__:
        # A constant says only of its class where that is defined.
        module = _home(name) if name.isupper() else getattr(api, name).__module__
        floors.setdefault(module.split(".")[1], {})[name] = f"{module}.{name}"
    yield from floors.items()


def _home(constant: str) -> str:
    """The first floor with a constant of that name."""
    floors = (import_module(f"jaxent.{floor}") for floor in _ORDER)
    return next(floor.__name__ for floor in floors if hasattr(floor, constant))
