"""A run as a NetCDF file: labelled arrays that open with a plain ``xarray.open_dataset``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxent.app.results import write_atomically
from jaxent.machines import MACHINES, Parameter
from jaxent.measures import OBJECTIVES

if TYPE_CHECKING:
    import xarray as xr

_BASIS = ["00", "01", "10", "11"]
_NOT_THERE = -1  # of integers; floats have nan

_NUMBERS: dict[str, tuple[Callable[[dict], Any], str]] = {
    "value": (lambda p: p["value"], ""),
    "residual": (
        lambda p: p["verified"]["residual"],
        "largest difference to the steady state of an independent solve",
    ),
    "verified_value": (lambda p: p["verified"]["value"], "objective by its general definition"),
    "verified_efficiency": (
        lambda p: p["verified"]["efficiency"],
        "success probability by explicit Kraus operators",
    ),
    "min_eigenvalue": (
        lambda p: p["verified"]["min_eigenvalue"],
        "smallest eigenvalue of the heralded state",
    ),
}
_COUNTS: dict[str, tuple[Callable[[dict], Any], str]] = {
    "trivial": (
        lambda p: p["verified"]["trivial"],
        "1 where the value does not exceed the classical bound",
    ),
    "agreed": (lambda p: p["verified"]["agreed"], "random starts that agree with the optimum"),
    "starts": (lambda p: p["verified"]["starts"], "random starts"),
    "failed": (lambda p: p["verified"]["failed"], "random starts that never saw a number"),
}
_STEERING = {
    "q": "white-noise robustness of steering",
    "q_lower": "proven lower bound on q",
    "q_upper": "proven upper bound on q",
}


def write_netcdf(path: Path, summary: Mapping[str, Any], text: str) -> None:
    """Write ``results.nc``.

    Args:
        path: where.
        summary: the content of ``summary.json``.
        text: the config as the user wrote it.
    """
    dataset = as_dataset(summary, text)
    write_atomically(path, lambda file: dataset.to_netcdf(file, engine="h5netcdf"))


def as_dataset(summary: Mapping[str, Any], text: str) -> xr.Dataset:
    """A run as labelled arrays over efficiency, and over variant where the study has some.

    Variants with different efficiencies share one axis; where a variant has no point, there is
    ``nan``. Integers read back as floats where there is such a gap.
    """
    import xarray as xr

    grid = _Grid(summary)
    points = summary["points"]
    data: dict[str, tuple] = {}
    for name, (read, meaning) in _NUMBERS.items():
        attrs = _objective_attrs(summary) if name == "value" else _attrs(meaning)
        data[name] = (grid.dims, grid.fill(read), attrs)
    for name, (read, meaning) in _COUNTS.items():
        data[name] = (grid.dims, grid.fill(read, _NOT_THERE), _attrs(meaning))
    declared = _declared(summary)
    for name in dict.fromkeys(name for p in points for name in p["parameters"]):
        attrs = _attrs(f"{declared[name].meaning} (nan where it is not free)", declared[name].unit)
        data[name] = (grid.dims, grid.fill(lambda p, n=name: p["parameters"].get(n, np.nan)), attrs)
    data.update(_arrays(grid))
    if any(p["steering"] for p in points):
        for name, meaning in _STEERING.items():
            read = lambda p, n=name: p["steering"][n] if p["steering"] else np.nan  # noqa: E731
            data[name] = (grid.dims, grid.fill(read), _attrs(meaning))
    dataset = xr.Dataset(data, grid.coordinates(), _global_attrs(summary, text))
    for name in _COUNTS:
        gaps = bool((dataset[name] == _NOT_THERE).any())
        dataset[name].encoding = {"dtype": "int32"} | ({"_FillValue": _NOT_THERE} if gaps else {})
    return dataset


class _Grid:
    """The places of the points on the axes."""

    def __init__(self, summary: Mapping[str, Any]):
        self.points = summary["points"]
        self.variants = list(summary["variants"])
        self.efficiencies = sorted({p["efficiency"] for p in self.points})
        self.dims = ("variant", "efficiency") if self.variants else ("efficiency",)

    def coordinates(self) -> dict[str, Any]:
        label = _attrs("heralding efficiency, the probability that all filters pass")
        label["symbol"] = "p_suc"
        axes: dict[str, Any] = {"efficiency": ("efficiency", self.efficiencies, label)}
        if self.variants:
            axes["variant"] = ("variant", self.variants, {"long_name": "variant of the study"})
        for name in ("row", "column"):
            axes[name] = (name, _BASIS, {"long_name": f"basis state |a, b> of a {name}"})
        axes["entry"] = ("entry", [0, 1], _attrs("level that the entry of a filter belongs to"))
        return axes

    def fill(self, read: Callable[[dict], Any], gap: Any = np.nan, shape: tuple = ()) -> np.ndarray:
        """One quantity of all points on the grid, ``gap`` where there is no point."""
        lengths = [len(self.variants)] * bool(self.variants) + [len(self.efficiencies)]
        # Objects, since an array of strings would cut them to the length of the gap.
        kind = object if isinstance(gap, str) else None
        filled = np.full((*lengths, *shape), gap, dtype=kind)
        for point in self.points:
            variant = [self.variants.index(point["variant"])] if self.variants else []
            filled[(*variant, self.efficiencies.index(point["efficiency"]))] = read(point)
        return filled


def _arrays(grid: _Grid) -> dict[str, tuple]:
    entry, square = (*grid.dims, "entry"), (*grid.dims, "row", "column")
    data: dict[str, tuple] = {}
    for party in ("a", "b"):
        values = grid.fill(lambda p, k=party: p["filters"][k], shape=(2,))
        data[f"filter_{party}"] = (entry, values, _attrs(f"diagonal of filter F_{party.upper()}"))
    for part, word in (("re", "real"), ("im", "imaginary")):
        values = grid.fill(lambda p, k=part: p["rho"][k], shape=(4, 4))
        data[f"rho_{part}"] = (square, values, _attrs(f"{word} part of the heralded state"))
    bounds = grid.fill(lambda p: ", ".join(p["verified"]["at_bound"]), gap="")
    data["at_bound"] = (grid.dims, bounds, {"long_name": "what sits at a bound of the search"})
    return data


def _attrs(meaning: str, unit: str = "1") -> dict[str, str]:
    return {"long_name": meaning, "units": unit}


def _objective_attrs(summary: Mapping[str, Any]) -> dict[str, Any]:
    measure = OBJECTIVES[summary["objective"]]
    name = measure.name.replace("_", " ")
    return {**_attrs(name), "classical_bound": measure.classical_bound, "maximum": measure.maximum}


def _declared(summary: Mapping[str, Any]) -> dict[str, Parameter]:
    return {p.name: p for kind in summary["kinds"] for p in MACHINES[kind].parameters}


def _global_attrs(summary: Mapping[str, Any], text: str) -> dict[str, Any]:
    return {
        "title": summary["title"] or "",
        "objective": summary["objective"],
        "classical_bound": summary["classical_bound"],
        "seed": summary["seed"],
        "config": text,
        "conventions": "hbar = k_B = 1; basis |a, b>, party A first, excitation = |1>",
        **{f"{name}_version": number for name, number in summary["versions"].items()},
    }
