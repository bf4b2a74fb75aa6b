"""YAML, read safely and by the rules of YAML 1.2.

PyYAML alone follows YAML 1.1, where ``1e-3`` is a string, ``-0`` loses its sign, ``no`` is false
and ``1:30`` is ninety. Here numbers are what a physicist means by them, and the sign of zero,
which tells :math:`T = 0^+` from :math:`T = 0^-`, is kept. Configs never need aliases, tags of
other types, or much depth; all of these are refused, because a config may come from anyone.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import yaml

from jaxent.app.errors import InputError, show
from jaxent.verify import read_file

MAX_BYTES = 1024 * 1024
"""The largest config that is read."""

MAX_ENTRIES = 50_000
"""The most scalars, lists and mappings together in one."""

MAX_DEPTH = 20
"""The deepest nesting of mappings and lists."""

_TAG = "tag:yaml.org,2002:"
_NULL = re.compile(r"^(?:~|null|Null|NULL|)$")
_BOOL = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_INT = re.compile(r"^[-+]?[0-9]+$")
_FLOAT = re.compile(
    r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
)


def read_text(path: Path | str, most: int = MAX_BYTES) -> str:
    """The text of an input file.

    Args:
        path: a file, or a pipe that somebody writes to.
        most: how many bytes are allowed.

    Raises:
        InputError: it is missing, no file, not UTF-8, or larger than that.
    """
    try:
        content = read_file(str(path), most)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; allowed: a readable file") from None
    except ValueError:  # a zero byte in the name
        raise InputError(f"{show(str(path))}: no file has this name") from None
    if len(content) > most:
        raise InputError(
            f"{path}: the file is too large; allowed: at most {most} bytes ({most >> 20} MiB)"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: byte {error.start} is not valid UTF-8; allowed: UTF-8 text"
        ) from None


def read_yaml(path: Path | str) -> Any:
    """The content of a YAML file; see :func:`parse_yaml`."""
    return parse_yaml(read_text(path), str(path))


def parse_yaml(text: str, source: str) -> Any:
    """The content of a YAML text: dicts with string keys, lists, and scalars.

    Args:
        text: the text.
        source: its name in error messages.

    Raises:
        InputError: it is malformed, or uses what is not allowed here; with the line.

    >>> parse_yaml("{g: 1e-3, T: -0, u: .inf, on: no}", "example")
    {'g': 0.001, 'T': -0.0, 'u': inf, 'on': 'no'}
    """
    if len(text) > MAX_BYTES:
        raise InputError(f"{source}: the text is too long; allowed: at most {MAX_BYTES} characters")
    try:
        # The loader builds nothing but dicts, lists and scalars: it knows no other constructor.
        return yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f" line {mark.line + 1}:" if mark else ""
        what = ", ".join(part for part in (error.context, error.problem) if part)
        raise InputError(f"{source}:{line} {what}") from None
    except yaml.reader.ReaderError as error:
        raise InputError(
            f"{source}: character {error.position} is not allowed in YAML; allowed: printable text"
        ) from None


class _Loader(yaml.SafeLoader):
    """A loader of plain data, with none of PyYAML's own types."""

    yaml_constructors: ClassVar[dict] = {}
    yaml_implicit_resolvers: ClassVar[dict] = {}

    def __init__(self, stream: str):
        super().__init__(stream)
        self._depth = 0
        self._entries = 0

    def compose_node(self, parent, index):
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _problem("anchors and aliases (& and *) are not allowed", event)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _problem(f"nested too deeply; allowed: {MAX_DEPTH} levels", event)
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            raise _problem(f"too many entries; allowed: {MAX_ENTRIES} in a file", event)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def _problem(message: str, place: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=message, problem_mark=place.start_mark)


def _mapping(loader: _Loader, node: yaml.Node) -> dict[str, Any]:
    if not isinstance(node, yaml.MappingNode):
        raise _problem("a mapping was announced, something else follows", node)
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise _problem(
                f"key {show(key)} is not a string; allowed: words, quoted if need be", key_node
            )
        if key in found:
            raise _problem(f"key {show(key)} is given twice; allowed: once", key_node)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


def _list(loader: _Loader, node: yaml.Node) -> list[Any]:
    if not isinstance(node, yaml.SequenceNode):
        raise _problem("a list was announced, something else follows", node)
    return [loader.construct_object(entry, deep=True) for entry in node.value]


def _scalar(loader: _Loader, node: yaml.Node) -> Any:
    if not isinstance(node, yaml.ScalarNode):
        raise _problem("a scalar was announced, something else follows", node)
    text, kind = node.value, node.tag.removeprefix(_TAG)
    pattern = {"null": _NULL, "bool": _BOOL, "int": _INT, "float": _FLOAT}.get(kind)
    if pattern is None:
        return text
    if not pattern.match(text):
        raise _problem(f"{show(text)} is not of the type {kind}", node)
    if kind in ("int", "float"):
        return _number(text, node)
    return None if kind == "null" else text.lower() == "true"


def _number(text: str, node: yaml.Node) -> int | float:
    value = float(re.sub(r"\.(?=inf|nan)", "", text.lower()))
    if ("inf" not in text.lower() and abs(value) == float("inf")) or (
        value == 0 and re.search("[1-9]", re.split("[eE]", text)[0])
    ):
        raise _problem(
            f"{show(text)} does not fit a double; allowed: 0, numbers from 1e-308 to 1e308, .inf",
            node,
        )
    # Only a float has a signed zero.
    signed_zero = value == 0 and text.startswith("-")
    if signed_zero or not _INT.match(text):
        return value
    try:
        return int(text)
    except ValueError:
        raise _problem(f"{show(text)} is too long; allowed: fewer leading zeros", node) from None


def _refuse(loader: _Loader, node: yaml.Node) -> Any:
    raise _problem(f"the tag {show(node.tag)} is not allowed; allowed: plain values", node)


for _kind in ("null", "bool", "int", "float", "str"):
    _Loader.add_constructor(_TAG + _kind, _scalar)
_Loader.add_constructor(_TAG + "map", _mapping)
_Loader.add_constructor(_TAG + "seq", _list)
_Loader.yaml_constructors[None] = _refuse
for _kind, _pattern, _first in (
    ("null", _NULL, ["~", "n", "N", ""]),
    ("bool", _BOOL, list("tTfF")),
    ("int", _INT, list("-+0123456789")),
    ("float", _FLOAT, list("-+.0123456789")),
):
    _Loader.add_implicit_resolver(_TAG + _kind, _pattern, _first)
