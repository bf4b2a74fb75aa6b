"""What is said of a file that proves nothing."""

from __future__ import annotations

from typing import NoReturn


class Unproven(ValueError):
    """A proof that does not prove what it claims; the message says where, and why."""


def refuse(place: str, reason: str) -> NoReturn:
    """Refuse a proof for what is wrong at a place of it."""
    raise Unproven(f"{place}: {reason}")
