"""A study file as a search problem on the unit cube: what is fixed, what is free, within which box.

Reads the same YAML as the program, by other means, so that a misreading shows as a disagreement.
"""

import copy
import re
from dataclasses import dataclass, replace
from pathlib import Path

import closed_form
import numpy as np
import yaml

MACHINE_KEYS = {"kind", "g", "u", "E_a", "E_b", "kappa_a", "kappa_b", "bath_a", "bath_b"}


class _Loader(yaml.SafeLoader):
    """YAML 1.1 reads 1e-3 as text; physicists do not."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"),
    list("-+.0123456789"),
)


def load(path: Path) -> dict:
    """The study file as a plain dict."""
    return yaml.load(Path(path).read_text(encoding="utf-8"), Loader=_Loader)


def merged(base: dict, overrides: dict) -> dict:
    """``base`` with ``overrides``: mappings merge, null deletes, anything else replaces."""
    result = copy.deepcopy(base)
    for key, value in overrides.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = copy.deepcopy(value)
    return result


def variants(study: dict) -> dict[str, dict]:
    """The studies a file holds, by name; a file without variants holds one, named ''."""
    base = {key: value for key, value in study.items() if key != "variants"}
    named = study.get("variants") or {"": {}}
    return {str(name): merged(base, overrides or {}) for name, overrides in named.items()}


def efficiencies(study: dict) -> np.ndarray:
    """The heralding efficiencies, listed or as ``{from, to, points, scale}``."""
    asked = study.get("efficiency", {"values": [1.0]})
    if "values" in asked:
        return np.array(asked["values"], dtype=float)
    if "scale" not in asked:
        raise ValueError("efficiency: no scale is given; allowed: scale: log or scale: linear")
    space = np.geomspace if asked["scale"] == "log" else np.linspace
    return space(float(asked["from"]), float(asked["to"]), int(asked["points"]))


@dataclass(frozen=True)
class Coordinate:
    """A free parameter on [0, 1].

    Temperatures run in β where the box is finite there and in tanh(β/2) where it reaches T = 0.
    """

    name: str
    low: float
    high: float
    scale: str

    def at(self, x, high=None):
        """The parameter at x, with β in place of a temperature; ``high`` lowers the upper end."""
        high = self.high if high is None else np.minimum(high, self.high)
        if self.scale == "log":
            return self.low * (high / self.low) ** x
        value = self.low + (high - self.low) * x
        if self.scale != "tanh":
            return value
        with np.errstate(divide="ignore"):
            # Rounding must not pass the ends, where artanh would be undefined.
            return 2 * np.arctanh(np.clip(value, -1, 1))


def _coordinate(name: str, box: dict) -> Coordinate:
    low, high, scale = float(box["low"]), float(box["high"]), box.get("scale", "linear")
    if name.endswith(".temperature"):
        low, high = sorted(map(closed_form.inverse_temperature, (low, high)))
        if np.isinf([low, high]).any():
            return Coordinate(name, float(np.tanh(low / 2)), float(np.tanh(high / 2)), "tanh")
        return Coordinate(name, low, high, "linear")
    if scale == "log" and low <= 0:
        raise ValueError(f"free.{name}: low is {low:g}; a log scale needs low > 0")
    if not low <= high:
        raise ValueError(f"free.{name}: low {low:g} exceeds high {high:g}")
    return Coordinate(name, low, high, scale)


@dataclass
class Space:
    """The machines of a study, as functions of points of the unit cube.

    Fields: fixed parameters by dotted name, free ones (one coordinate each, g last), the qubits
    with a free filter, and ceilings (factor, name), each meaning g <= factor · name.
    """

    fixed: dict
    coordinates: list[Coordinate]
    filters: tuple[str, ...]
    ceilings: list[tuple[float, str]]

    def parameters(self, x: np.ndarray) -> dict:
        """All parameters at the points x (..., dimension), with β under the temperatures' names."""
        values = dict(self.fixed)
        for coordinate, at in zip(self.coordinates, np.moveaxis(x, -1, 0), strict=False):
            ceiling = None
            if coordinate.name == "g":
                for factor, name in self.ceilings:
                    limit = factor * values[name] if name else factor
                    ceiling = limit if ceiling is None else np.minimum(ceiling, limit)
            values[coordinate.name] = coordinate.at(at, ceiling)
        return values

    def state(self, x: np.ndarray) -> closed_form.XState:
        """The steady states at the points x (..., dimension)."""
        values = self.parameters(x)
        baths = [self._rates(values, bath) for bath in ("bath_a", "bath_b")]
        return closed_form.steady_state(values["g"], *baths)

    def stated(self, x: np.ndarray) -> dict:
        """The free parameters at one point as a study states them, temperatures in place of β."""
        values = self.parameters(x)
        stated = {c.name: float(values[c.name]) for c in self.coordinates}
        for name in stated:
            if name.endswith(".temperature"):
                stated[name] = 1 / stated[name] if stated[name] else float("inf")
        return stated

    def at_bound(self, x: np.ndarray) -> tuple[str, ...]:
        """The free parameters at an end of what they may be there."""
        ends = zip(self.coordinates, x, strict=False)
        return tuple(c.name for c, at in ends if at < 1e-6 or at > 1 - 1e-6)

    def _rates(self, values: dict, bath: str) -> closed_form.Rates:
        statistics = values[f"{bath}.statistics"]
        if f"{bath}.occupation" in values:
            occupation = values[f"{bath}.occupation"]
            beta = closed_form.inverse_temperature_of_occupation(occupation, statistics)
        else:
            beta = values[f"{bath}.temperature"]
        return closed_form.rates(statistics, values[f"{bath}.gamma"], beta, values["u"])


def _fixed(machine: dict) -> dict:
    unknown = set(machine) - MACHINE_KEYS
    if machine.get("kind", "two_qubit") != "two_qubit" or unknown:
        raise ValueError(f"machine: this check knows two_qubit only, and not {sorted(unknown)}")
    if any(machine.get(f"E_{k}", 1) != 1 or machine.get(f"kappa_{k}", 0) != 0 for k in "ab"):
        raise ValueError("machine: this check needs E_a = E_b = 1 and no tunnelling")
    fixed = {"u": float(machine.get("u", 0))}
    if machine.get("g") is not None:
        fixed["g"] = float(machine["g"])
    for bath in ("bath_a", "bath_b"):
        for key, value in machine[bath].items():
            fixed[f"{bath}.{key}"] = value if key == "statistics" else float(value)
        if f"{bath}.temperature" in fixed:
            name = f"{bath}.temperature"
            fixed[name] = closed_form.inverse_temperature(fixed[name])
    return fixed


def _ceiling(constraint: str) -> tuple[float, str]:
    """``g <= bath_a.gamma``, ``g <= 0.5 * bath_a.gamma`` or ``g <= 2`` as (factor, name)."""
    match = re.fullmatch(
        r"\s*g\s*<=\s*(?:([\d.eE+-]+)\s*\*?)?\s*(bath_[ab]\.gamma)?\s*", constraint
    )
    if match is None or match.groups() == (None, None):
        raise ValueError(f"constraints: {constraint!r} is not of the form g <= number * bath.gamma")
    return float(match[1] or 1), match[2] or ""


def _boxes(free: dict, fixed: dict, ceilings: list[tuple[float, str]]) -> list[Coordinate]:
    """The free parameters in an order in which g <= factor · γ can hold by construction.

    g comes after its ceilings, and no γ is so small that the smallest g of the study exceeds it.
    """
    boxes = [
        _coordinate(name, box) for name, box in free.items() if not name.startswith("filters.")
    ]
    boxes.sort(key=lambda box: box.name == "g")
    smallest_g = boxes[-1].low if boxes and boxes[-1].name == "g" else fixed.get("g", 0.0)
    for factor, name in ceilings:
        limit = fixed.get(name) if name else 1.0
        if limit is not None and smallest_g > factor * limit:
            raise ValueError(
                f"constraints: g >= {smallest_g:g} everywhere, above {factor:g} {name}"
            )
        boxes = [
            replace(box, low=max(box.low, smallest_g / factor)) if box.name == name else box
            for box in boxes
        ]
    return boxes


def space_of(study: dict) -> Space:
    """The search space of one variant of a study."""
    free = study.get("free") or {}
    fixed = _fixed(study["machine"])
    for name in free:
        fixed.pop(name, None)
        # A bath has a temperature or an occupation; freeing one replaces the other.
        for one, other in ((".temperature", ".occupation"), (".occupation", ".temperature")):
            if name.endswith(one):
                fixed.pop(name.removesuffix(one) + other, None)
    if study.get("filters") or any(free[name] for name in free if name.startswith("filters.")):
        raise ValueError("filters: this check frees all entries of a filter or leaves it out")
    ceilings = [_ceiling(constraint) for constraint in study.get("constraints") or ()]
    filters = tuple(qubit for qubit in "ab" if f"filters.{qubit}" in free)
    return Space(fixed, _boxes(free, fixed, ceilings), filters, ceilings)
