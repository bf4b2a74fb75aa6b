"""Errors in what a user gave: one line that names the field, the value and what is allowed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_LONGEST_MESSAGE = 1000
_LONGEST_VALUE = 60


class InputError(Exception):
    """A bad input.

    Args:
        message: field, value, and what is allowed. Line breaks in it become spaces, because the
            command line promises one line.
    """

    def __init__(self, message: str):
        line = " ".join(message.split())
        super().__init__(line if len(line) <= _LONGEST_MESSAGE else line[:_LONGEST_MESSAGE] + " …")


@contextmanager
def as_input_errors(*refusals: type[ValueError]) -> Iterator[None]:
    """Turn what the physics refuses into input errors: all it may refuse, or only some of it."""
    kinds = refusals or (ValueError,)
    try:
        yield
    except kinds as error:
        raise InputError(str(error)) from None


def show(value: Any) -> str:
    """A value as a user would have written it in YAML, cut where it is long.

    >>> show(float("inf")), show(-0.0), show("a b"), show(None), show([1, True])
    ('.inf', '-0.0', "'a b'", 'null', '[1, true]')
    """
    text = _as_yaml(value)
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"


def _as_yaml(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float) and math.isnan(value):
        return ".nan"
    if isinstance(value, float) and math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    if isinstance(value, list):
        return f"[{', '.join(show(entry) for entry in value[:20])}]"
    if isinstance(value, dict):
        entries = (f"{key}: {show(entry)}" for key, entry in list(value.items())[:20])
        return f"{{{', '.join(entries)}}}"
    return repr(value)


def listed(names: Any) -> str:
    """Names in a row, ``none`` where there are none."""
    return ", ".join(str(name) for name in names) or "none"


def infinity_hint(value: Any) -> str:
    """What to write in place of a word that means infinity; empty for anything else."""
    if isinstance(value, str) and value.strip().lstrip("+-").lower() in ("inf", "infinity", "oo"):
        sign = "-" if value.strip().startswith("-") else ""
        return f"; infinity is written {sign}.inf"
    return ""


def refused(field: str, value: Any, allowed: str) -> InputError:
    """The error for a value that is not allowed."""
    return InputError(f"{field}: {show(value)} is given; allowed: {allowed}{infinity_hint(value)}")
