"""A run as a NetCDF file: labelled arrays that open with a plain ``xarray.open_dataset``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxent.app.files import write_atomically
from jaxent.app.parameters import with_sign
from jaxent.app.results import level_of
from jaxent.filters import passing
from jaxent.machines import MACHINES, Parameter
from jaxent.machines.parameters import column_name, list_name

if TYPE_CHECKING:
    import xarray as xr

_NOT_THERE = -1  # of integers; floats have nan


def _attrs(meaning: str, unit: str = "1") -> dict[str, str]:
    return {"long_name": meaning, "units": unit}


_EFFICIENCY = {
    **_attrs("heralding efficiency, the probability that all filters pass"),
    "symbol": "p_suc",
}

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

OTHERS = {
    *("variant", "efficiency", "entry", "row", "column", "measurement", "xyz"),
    *(*_NUMBERS, *_COUNTS, *_STEERING, "at_bound", "directions"),
    *("filter_a", "filter_b", "rho_re", "rho_im"),
}
"""The names of all that is no parameter."""


def write_netcdf(path: Path, summary: Mapping[str, Any], text: str) -> None:
    """Write ``results.nc``.

    Args:
        path: where.
        summary: the content of ``summary.json``.
        text: the config as the user wrote it.
    """
    write_dataset(path, as_dataset(summary, text))


def write_dataset(path: Path, dataset: xr.Dataset) -> None:
    """Write labelled arrays as a NetCDF file, whole or not at all.

    Args:
        path: where.
        dataset: what.
    """
    # In memory, because HDF5 neither survives a full disk nor lets others lock its files.
    content = dataset.to_netcdf(None, engine="h5netcdf")
    write_atomically(path, lambda file: file.write_bytes(content))


def as_dataset(summary: Mapping[str, Any], text: str) -> xr.Dataset:
    """A run as labelled arrays over efficiency, or over a swept parameter.

    Over variant, too, where the study has some. Variants with different efficiencies share one
    axis; where a variant has no point, there is ``nan``, and where it has fewer levels than another
    one. Integers read back as floats where there is such a gap. A parameter called like something
    else, such as ``q``, is ``machine.q``.
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
        if name == grid.swept:
            continue
        parameter = declared[list_name(name)]
        attrs = _attrs(f"{parameter.meaning} (nan where it is not free)", parameter.unit)
        values = grid.fill(lambda p, n=name: p["parameters"].get(n, np.nan))
        data[column_name(name, OTHERS)] = (grid.dims, values, attrs)
    if grid.swept is not None:
        efficiency = grid.fill(lambda p: p["efficiency"])
        data["efficiency"] = (grid.dims, efficiency, _EFFICIENCY)
    data.update(_arrays(grid))
    if any(p["steering"] for p in points):
        for name, meaning in _STEERING.items():
            read = lambda p, n=name: p["steering"][n] if p["steering"] else np.nan  # noqa: E731
            data[name] = (grid.dims, grid.fill(read), _attrs(meaning))
    if any("directions" in p for p in points):
        data["directions"] = _directions(grid)
    coordinates = grid.coordinates(declared)
    dataset = xr.Dataset(data, coordinates, _global_attrs(summary, text))
    for name in _COUNTS:
        gaps = bool((dataset[name] == _NOT_THERE).any())
        dataset[name].encoding = {"dtype": "int32"} | ({"_FillValue": _NOT_THERE} if gaps else {})
    return dataset


class _Grid:
    """The places of the points on the axes."""

    def __init__(self, summary: Mapping[str, Any]):
        self.points = summary["points"]
        self.variants = list(summary["variants"])
        self.swept = summary["sweep"]
        self.axis = "efficiency" if self.swept is None else column_name(self.swept, OTHERS)
        self.places = sorted({self._place(p) for p in self.points})
        self.levels = [level for level, _ in self.places]
        self.dims = ("variant", self.axis) if self.variants else (self.axis,)
        self.size = max(len(p["rho"]["re"]) for p in self.points)
        self.entries = max(len(p["filters"][k]) for p in self.points for k in ("a", "b"))

    def coordinates(self, declared: Mapping[str, Parameter]) -> dict[str, Any]:
        label = _EFFICIENCY
        if self.swept is not None:
            parameter = declared[list_name(self.swept)]
            label = _attrs(parameter.meaning, parameter.unit)
        axes: dict[str, Any] = {self.axis: (self.axis, self.levels, label)}
        if self.variants:
            axes["variant"] = ("variant", self.variants, {"long_name": "variant of the study"})
        for name in ("row", "column"):
            axes[name] = (name, self._basis(), {"long_name": f"basis state |a, b> of a {name}"})
        entries = np.arange(self.entries)
        axes["entry"] = ("entry", entries, _attrs("level that the entry of a filter belongs to"))
        return axes

    def _basis(self) -> list[str]:
        """The kept levels of A and B that each row belongs to, where all points have the same."""
        kept = {
            tuple(tuple(passing(p["filters"][k]).tolist()) for k in ("a", "b")) for p in self.points
        }
        if len(kept) == 1:
            ((a, b),) = kept
            if len(a) * len(b) == self.size:
                return [f"{i}{j}" if max(*a, *b) < 10 else f"{i},{j}" for i in a for j in b]
        return [f"{i}" for i in range(self.size)]

    def _place(self, point: Mapping[str, Any]) -> tuple[float, float]:
        return with_sign(level_of(point, self.swept))

    def fill(self, read: Callable[[dict], Any], gap: Any = np.nan, shape: tuple = ()) -> np.ndarray:
        """One quantity of all points on the grid, ``gap`` where there is no point."""
        lengths = [len(self.variants)] * bool(self.variants) + [len(self.levels)]
        # Objects, since an array of strings would cut them to the length of the gap.
        kind = object if isinstance(gap, str) else None
        filled = np.full((*lengths, *shape), gap, dtype=kind)
        for point in self.points:
            variant = [self.variants.index(point["variant"])] if self.variants else []
            place = (*variant, self.places.index(self._place(point)))
            value = read(point)
            filled[(*place, *(slice(n) for n in np.shape(value)))] = value
        return filled


def _arrays(grid: _Grid) -> dict[str, tuple]:
    entry, square = (*grid.dims, "entry"), (*grid.dims, "row", "column")
    data: dict[str, tuple] = {}
    for party in ("a", "b"):
        values = grid.fill(lambda p, k=party: p["filters"][k], shape=(grid.entries,))
        data[f"filter_{party}"] = (entry, values, _attrs(f"diagonal of filter F_{party.upper()}"))
    for part, word in (("re", "real"), ("im", "imaginary")):
        values = grid.fill(lambda p, k=part: p["rho"][k], shape=(grid.size,) * 2)
        data[f"rho_{part}"] = (square, values, _attrs(f"{word} part of the heralded state"))
    bounds = grid.fill(lambda p: ", ".join(p["verified"]["at_bound"]), gap="")
    data["at_bound"] = (grid.dims, bounds, {"long_name": "what sits at a bound of the search"})
    return data


def _directions(grid: _Grid) -> tuple:
    """The axes found together with the machine, where the measurements are free."""
    shape = max(np.shape(p["directions"]) for p in grid.points if "directions" in p)
    values = grid.fill(lambda p: p.get("directions", np.full(shape, np.nan)), shape=shape)
    meaning = "unit vectors along which the measuring party measures"
    return (*grid.dims, "measurement", "xyz"), values, _attrs(meaning)


def _objective_attrs(summary: Mapping[str, Any]) -> dict[str, Any]:
    name = summary["objective"].replace("_", " ")
    bounds = {key: summary[key] for key in ("classical_bound", "maximum")}
    return {**_attrs(name), **bounds}


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
