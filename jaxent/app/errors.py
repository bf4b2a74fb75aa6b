"""Errors in what a user gave: one line that names the field, the value and what is allowed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import islice
from traceback import walk_tb
from typing import Any

_LONGEST_MESSAGE = 1000
_LONGEST_VALUE = 60
_DEEPEST_VALUE = 8

_WITH_UNIT = re.compile(r"[-+]?\d[\d.]*([eE][-+]?\d+)? *([nuµμmkMGT]?(K|eV|Hz|J|s)|E)")
_UNITS = "temperatures, rates and couplings are numbers in units of E, with hbar = k_B = 1"


class InputError(Exception):
    """A bad input.

    Args:
        message: field, value, and what is allowed; see :func:`one_line`.
    """

    def __init__(self, message: str):
        super().__init__(one_line(message))


def one_line(message: str) -> str:
    r"""A message as a terminal may show it: one line, not too long, no control characters.

    >>> one_line("two\nlines, \x1b[2Jand a screen that stays")
    'two lines, \\x1b[2Jand a screen that stays'
    """
    line = " ".join(message.split())
    if not line.isprintable():
        line = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)
    return line if len(line) <= _LONGEST_MESSAGE else line[:_LONGEST_MESSAGE] + " …"


def told(error: BaseException) -> str:
    """What went wrong, in words that name the next step where there is one."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if out_of_memory(error):
        return (
            "out of memory; allowed: fewer search.starts, efficiencies or levels of the machine, "
            "or more memory"
        )
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) or type(error).__name__


def fault(error: BaseException) -> str:
    """Whose fault it is what nobody expected, and what went wrong."""
    what = f"{type(error).__name__}: {error}"
    machine = machine_of(error, at_hand=True)
    return one_line(
        f"{machine} fails ({what})" if machine else f"a fault of jaxent itself ({what})"
    )


def machine_of(error: BaseException, at_hand: bool = False) -> str:
    """The machine from elsewhere in whose own code an error arose; empty where there is none.

    Args:
        error: the error, as it was caught.
        at_hand: whether one that jaxent's code was working with counts, too: what a machine says
            may be wrong, and fail only there.
    """
    from jaxent.machines import AbstractMachine

    for frame, _ in reversed([*walk_tb(error.__traceback__)]):
        if not at_hand and _is_own(frame.f_globals.get("__name__", "")):
            continue
        for value in frame.f_locals.values():
            found = value if isinstance(value, type) else type(value)
            if issubclass(found, AbstractMachine) and not _is_own(found.__module__):
                return f"machine {found.kind} ({found.__module__}.{found.__qualname__})"
    return ""


def _is_own(module: str) -> bool:
    return module.partition(".")[0] == __name__.partition(".")[0]


def out_of_memory(error: BaseException) -> bool:
    """Whether memory was not enough: Python's own, or that of a device of JAX."""
    exhausted = isinstance(error, RuntimeError) and "RESOURCE_EXHAUSTED" in str(error)
    return isinstance(error, MemoryError) or exhausted


@contextmanager
def as_input_errors(*refusals: type[ValueError]) -> Iterator[None]:
    """Turn what the physics refuses into input errors: all it may refuse, or only some of it."""
    kinds = refusals or (ValueError,)
    try:
        yield
    except kinds as error:
        machine = machine_of(error)
        raise InputError(f"{machine}: {error}" if machine else str(error)) from None


def show(value: Any) -> str:
    """A value as a user would have written it in YAML, cut where it is long.

    >>> show(float("inf")), show(-0.0), show("a b"), show(None), show([1, True])
    ('.inf', '-0.0', "'a b'", 'null', '[1, true]')
    """
    return _cut(_as_yaml(value, _DEEPEST_VALUE))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"


def _as_yaml(value: Any, levels: int) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float) and math.isnan(value):
        return ".nan"
    if isinstance(value, float) and math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    if isinstance(value, (list, dict)) and not levels:
        return "…"
    if isinstance(value, list):
        return f"[{', '.join(_cut(_as_yaml(entry, levels - 1)) for entry in value[:20])}]"
    if isinstance(value, dict):
        entries = (
            f"{key}: {_cut(_as_yaml(entry, levels - 1))}"
            for key, entry in islice(value.items(), 20)
        )
        return f"{{{', '.join(entries)}}}"
    return repr(value)


def listed(names: Any) -> str:
    """Names in a row, ``none`` where there are none."""
    return ", ".join(str(name) for name in names) or "none"


def meant(names: Iterable[Any], given: Any) -> str:
    """Which of some names was probably meant by what is none of them; empty where none is alike."""
    known = {str(name).lower(): name for name in names}
    near = get_close_matches(str(given).lower(), known, 1)
    return f"; did you mean {known[near[0]]}?" if near else ""


def one_of(names: Iterable[Any], given: Any) -> str:
    """Names in a row, and which of them was probably meant by what is none of them.

    >>> one_of(["g", "kappa_a"], "kapa_a"), one_of(["g", "kappa_a"], "mass")
    ('g, kappa_a; did you mean kappa_a?', 'g, kappa_a')
    """
    names = [*names]
    return listed(names) + meant(names, given)


def hint(value: Any) -> str:
    """What to write in place of a word for infinity or of a number with a unit; else nothing.

    >>> hint("-inf"), hint("50 mK"), hint("hot")
    ('; infinity is written -.inf', '; no unit is accepted: temperatures, ...', '')
    """
    word = value.strip() if isinstance(value, str) else ""
    if word.lstrip("+-").lower() in ("inf", "infinity", "oo"):
        return f"; infinity is written {'-' if word.startswith('-') else ''}.inf"
    return f"; no unit is accepted: {_UNITS}" if _WITH_UNIT.fullmatch(word) else ""


def refused(field: str, value: Any, allowed: str) -> InputError:
    """The error for a value that is not allowed."""
    return InputError(f"{field}: {show(value)} is given; allowed: {allowed}{hint(value)}")
