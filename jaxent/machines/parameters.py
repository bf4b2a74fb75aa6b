"""The parameters of a machine, as configs name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from jaxent.baths import Bath


@dataclass(frozen=True)
class Parameter:
    """One parameter of a machine, as a config names it.

    Attributes:
        name: the config's key, with dots for nesting (``bath_a.gamma``).
        meaning: what it is, with its symbol.
        low: smallest allowed value.
        high: largest allowed value; infinity is allowed where ``infinite`` says so.
        default: value where the config is silent; ``None`` means it must be given.
        infinite: whether an infinite value is allowed.
        positive: whether zero is excluded.
        choices: the allowed words, for parameters that are no numbers.
        either: the name of the parameter that may be given in place of this one.
        unit: ``"energy"`` (with hbar = k_B = 1 also of rates and temperatures) or ``"1"``.
    """

    name: str
    meaning: str
    low: float = 0.0
    high: float = np.inf
    default: float | str | None = None
    infinite: bool = False
    positive: bool = False
    choices: tuple[str, ...] = ()
    either: str | None = None
    unit: str = "energy"

    @property
    def is_temperature(self) -> bool:
        """Whether it is a temperature, and so searched by its inverse."""
        return self.name.rpartition(".")[2].startswith("temperature")

    @property
    def allowed(self) -> str:
        """The allowed values in words."""
        if self.choices:
            return " or ".join(self.choices)
        if self.is_temperature:
            return "any real number, .inf, -.inf, 0 (0+) or -0.0 (0-)"
        if self.low == -np.inf:
            return "any finite number"
        if self.high < np.inf:
            text = f"a number in [{self.low:g}, {self.high:g}]"
        else:
            finite = "" if self.infinite else "finite "
            text = f"a {finite}number {'>' if self.positive else '>='} {self.low:g}"
        return text + (" or .inf" if self.infinite else "")

    def allows(self, value: Any) -> bool:
        """Whether ``value`` is one of the allowed ones."""
        if self.choices:
            return value in self.choices
        if isinstance(value, bool) or not isinstance(value, (int, float)) or np.isnan(value):
            return False
        if np.isinf(value):
            return self.infinite and (value > 0 or self.low < 0)
        return self.low <= value <= self.high and not (self.positive and value <= self.low)


def bath_parameters(party: str) -> tuple[Parameter, ...]:
    """The parameters of one bath, named ``bath_<party>.*``."""
    bath, label = f"bath_{party}", party.upper()
    return (
        Parameter(f"{bath}.statistics", "kind of particles", choices=("boson", "fermion")),
        Parameter(f"{bath}.gamma", f"coupling rate gamma_{label}"),
        Parameter(
            f"{bath}.temperature",
            f"temperature T_{label}; of bosons not below 0",
            low=-np.inf,
            infinite=True,
            either=f"{bath}.occupation",
        ),
        Parameter(
            f"{bath}.occupation",
            f"occupation n_{label} at the gap; of fermions at most 1",
            either=f"{bath}.temperature",
            unit="1",
        ),
    )


def bath_from(values: Mapping[str, Any], party: str) -> Bath:
    """The bath of one party from a flat mapping of parameters."""
    prefix = f"bath_{party}."
    given = {k.removeprefix(prefix): v for k, v in values.items() if k.startswith(prefix)}
    return Bath(
        given["gamma"],
        beta=given.get("inverse_temperature"),
        temperature=given.get("temperature"),
        occupation=given.get("occupation"),
        statistics=given["statistics"],
    )
