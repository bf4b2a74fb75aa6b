"""Sliders: places from 0 to 1 that stand for values of parameters, as a search scales them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jaxent.app.errors import InputError, refused, show
from jaxent.app.parameters import plain_number
from jaxent.app.yaml import parse_yaml
from jaxent.baths import temperature
from jaxent.search.space import Range, Space

_DIGITS = 4
"""Of a value that a slider stands for: what is shown is what is used."""

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Slider:
    """One number that can be changed.

    Attributes:
        name: its name, such as ``bath_b.gamma`` or ``filters.b[0]``.
        meaning: what it is.
        range: its bounds and its scale; temperatures are scaled by their inverse.
        values: what it can be, where that is a list and no range.
    """

    name: str
    meaning: str
    range: Range | None
    values: tuple[float, ...] = ()

    @property
    def scale(self) -> str:
        """The scale in words."""
        if self.range is None:
            return f"{len(self.values)} values"
        return {"inverse": "by 1/T"}.get(self.range.scale, self.range.scale)

    @property
    def step(self) -> float:
        """How far apart its places are."""
        return 1e-3 if self.range is not None else 1 / max(len(self.values) - 1, 1)

    @property
    def ends(self) -> tuple[str, str]:
        """What is at places 0 and 1."""
        return self.text(self.at(0.0)), self.text(self.at(1.0))

    def at(self, place: float) -> float:
        """The value at a place in [0, 1], rounded to four digits within its bounds.

        >>> Slider("g", "", Range(1e-3, 10.0, "log")).at(0.3)
        0.01585
        """
        if self.range is None:
            return self.values[round(place * (len(self.values) - 1))]
        ends = self.range.low, self.range.high
        if place in (0.0, 1.0):
            upside_down = self.range.scale == "inverse"
            return ends[int(place) ^ upside_down]
        (value,) = Space({self.name: self.range}).values(np.array([place])).values()
        value = temperature(float(value)) if self.range.scale == "inverse" else float(value)
        return min(max(float(f"{value:.{_DIGITS}g}"), ends[0]), ends[1])

    def place(self, value: float) -> float:
        """The place of a value that is allowed."""
        if self.range is None:
            return self._nearest(value) / max(len(self.values) - 1, 1)
        low, high = self.range.ends()
        if self.range.scale == "log":
            value = math.log(value)
        elif self.range.scale == "inverse":
            value = 1 / value
        return min(max((value - low) / (high - low), 0.0), 1.0) if high > low else 0.5

    def text(self, value: float) -> str:
        """How a value of it is written; one of a list without what spacing it left in the end."""
        return written(value if self.range is not None else float(f"{value:.10g}"))

    def read(self, given: Any) -> float:
        """The value that is asked for.

        Args:
            given: ``{"place": number}`` or ``{"text": value as in YAML}``.

        Raises:
            InputError: it is neither, or outside of the bounds.
        """
        if isinstance(given, dict) and list(given) == ["place"]:
            allowed = "a number in [0, 1]"
            place = plain_number(given["place"], f"{self.name}.place", allowed)
            if not 0 <= place <= 1:
                raise refused(f"{self.name}.place", place, allowed)
            return self.at(place)
        if not isinstance(given, dict) or list(given) != ["text"]:
            raise InputError(f"{self.name}: {show(given)} is given; allowed: a place or a text")
        if not isinstance(given["text"], str):
            raise refused(self.name, given["text"], "a text")
        value = parse_yaml(given["text"], self.name)
        return self._allowed(plain_number(value, self.name, self._words))

    @property
    def _words(self) -> str:
        if self.range is None:
            return f"one of {', '.join(map(self.text, self.values))}"
        return f"a number from {written(self.range.low)} to {written(self.range.high)}"

    def _allowed(self, value: float) -> float:
        if self.range is None:
            nearest = self.values[self._nearest(value)]
            close = math.isclose(value, nearest, rel_tol=_ROUNDING)
        else:
            nearest = min(max(value, self.range.low), self.range.high)
            close = math.isclose(value, nearest, rel_tol=_ROUNDING, abs_tol=1e-300)
        if not close:
            raise refused(self.name, value, self._words)
        return nearest

    def _nearest(self, value: float) -> int:
        def away(k: int) -> tuple[float, bool]:
            other = self.values[k]
            apart = 0.0 if other == value else abs(other - value)
            # Both zeros are values of their own.
            return apart, math.copysign(1, other) != math.copysign(1, value)

        return min(range(len(self.values)), key=away)


def written(value: float) -> str:
    """A number as YAML has it, with every digit that it needs.

    >>> written(0.25), written(1.0), written(float("inf")), written(-0.0)
    ('0.25', '1', '.inf', '-0.0')
    """
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    if value == 0:
        return "-0.0" if math.copysign(1, value) < 0 else "0"
    return repr(int(value)) if value.is_integer() and abs(value) < 1e6 else repr(value)


def of_filter(party: str, levels: Sequence[int]) -> list[Slider]:
    """The entries of a filter on the levels that reach it."""
    entries = Range(0.0, 1.0, "linear")
    return [
        Slider(f"filters.{party}[{k}]", f"entry of $F_{party.upper()}$ at $|{k}\\rangle$", entries)
        for k in levels
    ]
