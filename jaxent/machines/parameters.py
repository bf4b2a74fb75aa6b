"""The parameters of a machine, as configs name them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
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
        several: words of which any number may be given in a list, for parameters that are no
            numbers either.
        integer: whether it is a whole number, which cannot be searched.
        entries: what a list of numbers may be given for, such as ``"d"``; empty where only one
            number is allowed.
        either: the name of the parameter that may be given in place of this one.
        optional: whether it may be left out without a default.
        symbol: how a figure writes it, in mathematics; its meaning in words unless given.
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
    several: tuple[str, ...] = ()
    integer: bool = False
    entries: str = ""
    either: str | None = None
    optional: bool = False
    symbol: str = ""
    unit: str = "energy"

    @property
    def is_temperature(self) -> bool:
        """Whether it is a temperature, and so searched by its inverse."""
        return self.name.rpartition(".")[2].startswith("temperature")

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers, or lists of them."""
        return not self.choices and not self.several

    @property
    def single(self) -> Parameter:
        """The same where only one number may be given."""
        return replace(self, entries="")

    @property
    def allowed(self) -> str:
        """The allowed values in words."""
        one = self._one_allowed
        return f"{one}, or a list of {self.entries}" if self.entries else one

    @property
    def _one_allowed(self) -> str:
        if self.choices:
            return " or ".join(self.choices)
        if self.several:
            return f"all, or a list of some of {', '.join(self.several)}"
        if self.integer:
            most = f" and <= {self.high:g}" if np.isfinite(self.high) else ""
            return f"an integer >= {self.low:g}{most}"
        if self.is_temperature and self.low == 0:
            return "a number > 0, 0 (0+) or .inf"
        if self.is_temperature:
            return "any real number, .inf, -.inf, 0 (0+) or -0.0 (0-)"
        if self.low == -np.inf:
            return "any number, .inf or -.inf" if self.infinite else "any finite number"
        if self.high < np.inf:
            text = f"a number in [{self.low:g}, {self.high:g}]"
        else:
            finite = "" if self.infinite else "finite "
            text = f"a {finite}number {'>' if self.positive else '>='} {self.low:g}"
        return text + (" or .inf" if self.infinite else "")

    def read(self, value: Any) -> Any:
        """A value as a config may write it: of several words also ``all``, or ``without 12``.

        Words of digits come from YAML as numbers, without their leading zero.

        >>> Parameter("channels", "", several=("01", "02", "12")).read([1, 12])
        ['01', '12']
        """
        if not self.several:
            return value
        if isinstance(value, str):
            first, *left_out = value.split() or [""]
            without = first == "without" and left_out and {*left_out} < {*self.several}
            if value == "all" or without:
                return [word for word in self.several if word not in left_out]
        if isinstance(value, list):
            digits = len(self.several[0])
            return [f"{word:0{digits}d}" if type(word) is int else word for word in value]
        return value

    def allows(self, value: Any) -> bool:
        """Whether ``value`` is one of the allowed ones; the number of entries is not judged."""
        if self.several:
            words = isinstance(value, list) and all(isinstance(word, str) for word in value)
            return words and 0 < len(value) == len({*value}) == len({*value} & {*self.several})
        if self.entries and isinstance(value, list):
            return len(value) > 0 and all(self._allows_one(entry) for entry in value)
        return self._allows_one(value)

    def _allows_one(self, value: Any) -> bool:
        if self.choices:
            return isinstance(value, str) and value in self.choices
        if self.integer and not isinstance(value, int):
            return False
        if isinstance(value, bool) or not isinstance(value, (int, float)) or np.isnan(value):
            return False
        if np.isinf(value):
            return self.infinite and (value > 0 or self.low < 0)
        return self.low <= value <= self.high and not (self.positive and value <= self.low)


def entry_name(name: str, k: int) -> str:
    """The name of one entry of a parameter that is a list: ``g[0]``."""
    return f"{name}[{k}]"


def list_name(name: str) -> str:
    """The name of the parameter that an entry belongs to; of others their own."""
    return re.sub(r"\[\d+\]$", "", name)


def column_name(name: str, others: Collection[str]) -> str:
    """What a parameter is called in a table beside other quantities, none of which it hides.

    >>> column_name("g", {"q"}), column_name("q", {"q"})
    ('g', 'machine.q')
    """
    return f"machine.{name}" if name in others else name


def gathered(values: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters by their names, with the entries of lists put into these.

    >>> gathered({"d": 2, "g[1]": 0.2, "g[0]": 0.1})
    {'d': 2, 'g': [0.1, 0.2]}

    Raises:
        ValueError: an entry is missing, or there are a list and its entries.
    """
    found = {name: value for name, value in values.items() if list_name(name) == name}
    for name in dict.fromkeys(list_name(name) for name in values if name not in found):
        given = [entry for entry in values if list_name(entry) == name]
        wanted = [entry_name(name, k) for k in range(len(given))]
        if {*given} != {*wanted}:
            raise ValueError(f"{name}: {', '.join(given)} are given; allowed: {', '.join(wanted)}")
        found[name] = [values[entry] for entry in wanted]
    return found


def temperature_parameters(
    default_a: float | None = None, default_b: float | None = None
) -> tuple[Parameter, ...]:
    """The temperatures of two parties that are reset, ``temperature_a`` and ``temperature_b``."""
    return tuple(
        Parameter(
            f"temperature_{party}",
            f"temperature T_{party.upper()}",
            low=-np.inf,
            default=default,
            infinite=True,
            symbol=f"T_{party.upper()}",
        )
        for party, default in (("a", default_a), ("b", default_b))
    )


def bath_parameters(party: str) -> tuple[Parameter, ...]:
    """The parameters of one bath, named ``bath_<party>.*``."""
    bath, label = f"bath_{party}", party.upper()
    return (
        Parameter(f"{bath}.statistics", "kind of particles", choices=("boson", "fermion")),
        Parameter(f"{bath}.gamma", f"coupling rate gamma_{label}", symbol=rf"\gamma_{label}"),
        Parameter(
            f"{bath}.temperature",
            f"temperature T_{label}; of bosons not below 0",
            low=-np.inf,
            infinite=True,
            either=f"{bath}.occupation",
            symbol=f"T_{label}",
        ),
        Parameter(
            f"{bath}.occupation",
            f"occupation n_{label} at the gap; of fermions at most 1",
            either=f"{bath}.temperature",
            symbol=f"n_{label}",
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
