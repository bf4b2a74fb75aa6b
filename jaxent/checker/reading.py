"""Proofs as files: JSON of one form, and what stands in it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from .refusal import Unproven, refuse

FORMAT = "jaxent proof of optimality"
VERSION = 2

MAX_BYTES = 2**26
"""The largest proof that is read."""

MANY_DIGITS = 4000
"""Of the coefficients of a state; those of an occupation at a high charge are long."""

_MAX_DIGITS = 100
_FRACTION = re.compile(r"-?[0-9]+(/[1-9][0-9]*)?")


def proofs_in(text: bytes) -> list[Any]:
    """The proofs in a file; all numbers but the version and exponents are in strings."""
    if len(text) > MAX_BYTES:
        refuse("proof", f"more than {MAX_BYTES} bytes")
    try:
        content = json.loads(
            text.decode(),
            parse_float=lambda number: refuse("proof", "a number that is not whole"),
            parse_constant=lambda number: refuse("proof", "what is no number"),
            object_pairs_hook=_without_repetition,
        )
    except Unproven:
        raise
    except RecursionError:
        refuse("proof", "nested too deeply")
    except ValueError as error:
        refuse("proof", f"not JSON: {error}")
    demand_keys(content, ("format", "version", "digest", "proofs"), "proof")
    version = content["version"]
    if content["format"] != FORMAT or type(version) is not int or version != VERSION:
        refuse("format", f"not a {FORMAT} of version {VERSION}")
    proofs = content["proofs"]
    if not isinstance(proofs, list) or not proofs:
        refuse("proofs", "not a list of proofs")
    written = json.dumps(proofs, sort_keys=True, separators=(",", ":"))
    if content["digest"] != hashlib.sha256(written.encode()).hexdigest():
        refuse("digest", "it belongs to other proofs")
    return proofs


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        refuse("proof", "a key is given twice")
    return content


def number(value: Any, place: str, digits: int = _MAX_DIGITS) -> Fraction:
    """A fraction in its one form, of so many digits at most."""
    if not isinstance(value, str) or len(value) > digits or not _FRACTION.fullmatch(value):
        refuse(place, f"not a fraction in a string of up to {digits} digits")
    found = Fraction(value)
    if str(found) != value:
        refuse(place, "not a fraction in its lowest terms")
    return found


def optional(value: Any, place: str) -> Fraction | None:
    """A fraction, or ``None`` for ``null``."""
    return None if value is None else number(value, place)


def demand_keys(value: Any, keys: Sequence[str], place: str) -> None:
    """Refuse what is no object with exactly these keys."""
    if not isinstance(value, Mapping) or set(value) != set(keys):
        refuse(place, f"not an object with the keys {', '.join(keys)}")
