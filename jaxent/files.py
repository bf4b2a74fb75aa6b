"""Studies from files or plain data, and runs from their folders: what Python programs read.

What ``jaxent run`` reads and writes, without the command line. The libraries that this takes are
imported by the functions that need them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxent.app.folders import SUMMARY, damaged, read_json
from jaxent.imports import optional
from jaxent.machines.parameters import column_name
from jaxent.study import Study

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes

_DATASET = "results.nc"
_STEERING = ("q", "q_lower", "q_upper")
_RUN = f"the folder of a finished run, with {SUMMARY} and {_DATASET}"


def read_study(
    source: str | os.PathLike[str] | Mapping[str, Any], variant: str | None = None
) -> Study:
    """A study from its YAML file, or from the same content as plain data.

    Args:
        source: the path of a study file, or a mapping with its keys: ``machine``, ``free``,
            ``objective``, ``efficiency`` and further ones, as the page on configs lists them.
        variant: the name of the variant that is meant, where the study has some.

    Returns:
        The study, every rule of it checked; :func:`solve` finds its points.

    Raises:
        ValueError: a rule is broken, or ``variant`` names none; one line says what is allowed.

    Example:
        >>> import jaxent
        >>> hot, cold = ({"statistics": "boson", "gamma": 1, "temperature": T} for T in (5, 0))
        >>> config = {
        ...     "machine": {"kind": "two_qubit", "bath_a": hot, "bath_b": cold},
        ...     "free": {"g": {"low": 1e-3, "high": 1}},
        ...     "objective": "concurrence",
        ... }
        >>> jaxent.read_study(config).ranges
        {'g': Range(low=0.001, high=1.0, scale='log')}
        >>> jaxent.read_study(config | {"objective": "beauty"})
        Traceback (most recent call last):
        ValueError: study: objective: 'beauty' is given; allowed: chsh, singlet_fraction, ...
    """
    from jaxent.app.config import load_study_file, parse_study_file
    from jaxent.app.errors import InputError, listed, meant, show

    try:
        if isinstance(source, Mapping):
            file = parse_study_file(_as_yaml(source), "study")
        else:
            file = load_study_file(Path(source))
    except InputError as error:
        raise ValueError(str(error)) from None
    by_name = {study.variant: study for study in file.studies}
    if variant not in by_name:
        given = "no variant" if variant is None else show(variant)
        allowed = listed(map(show, by_name)) + meant(by_name, variant)
        raise ValueError(f"variant: {given} is given; allowed: {allowed}")
    return by_name[variant]


def _as_yaml(config: Mapping[str, Any]) -> str:
    """Plain data as the text that would say the same, so that the same rules hold for both."""
    import yaml

    try:
        return yaml.safe_dump(_plain(config), sort_keys=False, allow_unicode=True)
    except yaml.representer.RepresenterError as error:
        raise ValueError(
            f"study: {error.args[-1]!r} is given; allowed: mappings, lists, numbers and words"
        ) from None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    return value


@dataclass(frozen=True)
class Run:
    """A finished run: its points, as they were verified and stored.

    Attributes:
        folder: where it is.
        summary: the content of ``summary.json``.
    """

    folder: Path
    summary: Mapping[str, Any] = field(repr=False)

    @property
    def points(self) -> list[dict[str, Any]]:
        """The points of all variants, each a mapping of plain data.

        ``variant``, ``efficiency``, ``value``, ``parameters``, ``filters``, ``rho``, ``verified``
        and ``steering``, as ``summary.json`` has them.
        """
        return self.summary["points"]

    @property
    def variants(self) -> list[str]:
        """The names of the variants; none where the study has no variants."""
        return list(self.summary["variants"])

    @cached_property
    def states(self) -> list[np.ndarray]:
        """The heralded state of each point, complex, shape ``(d, d)``, in the order of points."""
        return [np.array(p["rho"]["re"]) + 1j * np.array(p["rho"]["im"]) for p in self.points]

    def dataset(self) -> xr.Dataset:
        """The run as labelled arrays over efficiency (or a swept parameter) and variant.

        Every variable carries its meaning and its unit in ``attrs``.

        Raises:
            ImportError: xarray or h5netcdf is missing.
        """
        xarray = optional("xarray", "a run as a dataset")
        optional("h5netcdf", "a run as a dataset")
        return xarray.load_dataset(self.folder / _DATASET, engine="h5netcdf")

    def table(self) -> pd.DataFrame:
        """The run as a table with one row for each point.

        Columns: ``variant`` where there are some, ``efficiency``, the objective under its name, the
        free parameters, the entries of the filters (``filters.a[0]``, …), ``q``, ``q_lower`` and
        ``q_upper`` where steering was certified, and what the verification says:
        ``classical_bound``, ``trivial``, ``at_bound``, ``in_regime``, ``residual``, ``agreed`` and
        ``starts``. A parameter called like one of the others, such as ``q``, is ``machine.q``.
        ``run.table().to_csv("curve.csv", index=False)`` writes them.

        Raises:
            ImportError: pandas is missing.
        """
        pandas = optional("pandas", "a run as a table")
        return pandas.DataFrame([self._row(point) for point in self.points])

    def _row(self, point: Mapping[str, Any]) -> dict[str, Any]:
        verified, objective = point["verified"], self.summary["objective"]
        checks = {
            "classical_bound": self.summary["classical_bound"],
            "trivial": verified["trivial"],
            "at_bound": ", ".join(verified["at_bound"]),
            "in_regime": all(regime["holds"] for regime in verified["regimes"]),
            **{name: verified[name] for name in ("residual", "agreed", "starts")},
        }
        others = {"variant", "efficiency", objective, *_STEERING, *checks}
        row = {"variant": point["variant"]} if self.variants else {}
        row |= {"efficiency": point["efficiency"], objective: point["value"]}
        row |= {column_name(name, others): value for name, value in point["parameters"].items()}
        for party, diagonal in point["filters"].items():
            row |= {f"filters.{party}[{k}]": entry for k, entry in enumerate(diagonal)}
        if point["steering"]:
            row |= {name: point["steering"][name] for name in _STEERING}
        return row | checks

    def draw(
        self,
        axes: Axes,
        quantity: str | Callable[[Mapping[str, Any]], float] = "value",
        variants: Collection[str] | None = None,
        **style: Any,
    ) -> list[Any]:
        """Draw the curve of each variant on axes of one's own, with labels and scale.

        Points that do not exceed the classical bound are hollow, and no line leads to them.

        Args:
            axes: those of any matplotlib figure, which keeps its own style.
            quantity: what is drawn: ``"value"`` of the objective, ``"q"`` of steering, or a
                function of a point, as ``lambda point: point["parameters"]["g"]``.
            variants: the names of those that are drawn; all unless given.
            style: of the lines, as ``Axes.plot`` takes it (``color``, ``lw``, ``marker``, …).

        Returns:
            The lines, one for each variant.

        Raises:
            ValueError: the run has no such quantity, or no variant of that name.

        Example::

            figure, axes = plt.subplots()
            jaxent.read_run("runs/quickstart").draw(axes, color="black", marker="")
            axes.legend()
        """
        from jaxent.app.plots import draw_curves

        return draw_curves(axes, self.summary, quantity, variants, style)


def read_run(folder: str | os.PathLike[str]) -> Run:
    """A finished run from the folder that ``jaxent run`` wrote.

    Args:
        folder: the folder, such as ``runs/quickstart``.

    Returns:
        The run, its summary read; datasets and tables are made when asked for.

    Raises:
        ValueError: it holds no finished run, or one whose points were changed since.

    Example:
        >>> import jaxent
        >>> jaxent.read_run("no/such/folder")
        Traceback (most recent call last):
        ValueError: no/such/folder: it holds no run; allowed: the folder of a finished run, ...
    """
    path = Path(folder)
    summary = read_json(path / SUMMARY)
    if "points" not in summary:
        raise ValueError(f"{folder}: it holds no run; allowed: {_RUN}")
    if damaged(summary):
        raise ValueError(f"{folder}: {SUMMARY} is damaged; allowed: {_RUN}, as they were stored")
    return Run(path, summary)
