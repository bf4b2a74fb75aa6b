"""The explorer: a study's machine by hand, with what ``jaxent state`` says of it at once.

All it knows of a machine is its table of parameters, and of what is free, what the study says.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import yaml

from jaxent.app.chart import Chart, chart_of, level_label, value_of
from jaxent.app.config import StateRequest, StudyFile
from jaxent.app.density import density
from jaxent.app.errors import InputError, as_input_errors, refused
from jaxent.app.folders import SUMMARY
from jaxent.app.knobs import Knobs, Shown
from jaxent.app.machines import meaning
from jaxent.app.pages import fragment, page
from jaxent.app.parameters import with_sign
from jaxent.app.report import Fact, title_of
from jaxent.app.results import heralding, level_of, run_summary
from jaxent.app.runs import finished_run
from jaxent.app.state import nested_machine
from jaxent.app.symbols import plain
from jaxent.measures.thermodynamics import QUANTITIES
from jaxent.study import Study

AT_ONCE = 0.08
"""A machine whose precise state takes fewer seconds is never shown in double precision alone."""

_MEASURES = (
    "chsh",
    "singlet_fraction",
    "teleportation_fidelity",
    "concurrence",
    "negativity",
    "purity",
)
_ORIGINS = ("versions", "device", "code")  # others than here may have found the curve
_MEANINGS = {
    "heat_current_a": "from bath A into the machine, per time",
    "heat_current_b": "from bath B into the machine, per time",
    "heat_current": "$J$ = $Q_A$ − $Q_B$, of the heat currents above: > 0 from A to B, and where "
    "they cancel twice the heat that passes",
    "critical_heat_current": "$J_c$: where $|J|$ is above it, the state before any filter is "
    "entangled",
}
_NOISE = 1e-15
"""Of measures, which are of order one."""

_ON_THE_CURVE = 1e-6
"""How far off a value, or in proportion an efficiency, is still that of the curve."""


class Explorer:
    """A study and its best curve, as a page shows them.

    Args:
        file: the study file.
        run: the folder of a finished run of it, ``None`` where there is none.
        remark: what to say about the run.

    Raises:
        InputError: the folder holds something else.
    """

    def __init__(self, file: StudyFile, run: Path | None = None, remark: str = ""):
        self.file, self.remark = file, remark
        self.knobs = [Knobs(study) for study in file.studies]
        points = [] if run is None else finished_run(file, run, _ORIGINS)["points"]
        self.summary = run_summary(file, points)
        self._lock = Lock()
        try:
            for point in points:
                self._demand_shown(point)
        except (LookupError, TypeError, ValueError, InputError):
            raise InputError(
                f"--run: {run} holds points that are not this study's; allowed: the folder of its "
                "run"
            ) from None
        self.chart = self._draw()
        self._start = self._first()

    @property
    def busy(self) -> bool:
        """Whether a state is being found."""
        return self._lock.locked()

    def _demand_shown(self, point: Mapping[str, Any]) -> None:
        """Read of a point of a run all that is shown of it."""
        self._at(point)
        bounds = [point["proven"]["upper"]] if "proven" in point else []
        levels = level_of(point, self.summary["sweep"]), heralding(point)
        hollow = point["verified"]["trivial"]
        shown = (*levels, value_of(point), hollow, *bounds)
        if not all(isinstance(x, (int, float)) for x in shown):
            raise TypeError("what is no number")

    def _draw(self) -> Chart:
        bound, most = self.summary["classical_bound"], self.summary["maximum"]
        levels = [level for study in self.file.studies for level in _levels(study)]
        return chart_of(self.summary, levels, [most, bound - (most - bound) / 2], steering=False)

    def page(self) -> str:
        """The whole page."""
        variant, values = self._start
        return page(
            "explorer.html",
            "explorer.js",
            connect=True,
            title=title_of(self.summary),
            chart=self.chart,
            level=level_label(self.summary),
            variant=variant,
            variants=self.summary["variants"],
            knobs=self.knobs,
            controls=self._controls(variant, values),
            starts=[self._controls(k, knobs.start()) for k, knobs in enumerate(self.knobs)],
            meaning=" ".join(dict.fromkeys(meaning(s.machine_class) for s in self.file.studies)),
            remark=self.remark,
            versions=self.summary["versions"],
            points=len(self.summary["points"]),
        )

    def answer(self, asked: Any) -> dict[str, Any]:
        """What the page is told.

        Args:
            asked: ``{"point": number}`` of the curve, from 1, or ``{"variant": number,
                "controls": {...}}``; with ``"precise": true`` never in double precision alone.

        Raises:
            InputError: it is something else, or no state can be had there.
        """
        variant, values = self._wanted(asked)
        knobs = self.knobs[variant]
        with self._lock, as_input_errors(ValueError):
            exactly = asked.get("precise") is True or knobs.seconds < AT_ONCE
            shown = knobs.precise(values) if exactly else knobs.quick(values)
        return {
            "variant": variant,
            "controls": self._controls(variant, values),
            "precise": shown.precise,
            "position": self._position(variant, values, shown),
            "words": self._compared(variant, values, shown),
            "html": self._fragment(variant, values, shown),
        }

    def warm_up(self) -> None:
        """Compile what the first page needs, and find out how long a precise state takes."""
        variant, values = self._start
        knobs = self.knobs[variant]
        # What cannot be had there is told to who asks for it.
        with suppress(InputError, ValueError, RuntimeError):
            for see in (knobs.quick, knobs.precise, knobs.precise):
                see(values)

    def _first(self) -> tuple[int, dict[str, float]]:
        """Where to begin: in the middle of the curve, as far as it beats the classical bound."""
        points = self.summary["points"]
        own = [p for p in points if p["variant"] == self.file.studies[0].variant]
        beyond = [p for p in own if not p["verified"]["trivial"]] or own
        return self._at(beyond[len(beyond) // 2]) if beyond else (0, self.knobs[0].start())

    def _at(self, point: Mapping[str, Any]) -> tuple[int, dict[str, float]]:
        """Where a point of the curve is: its variant, and its values."""
        variant = [study.variant for study in self.file.studies].index(point["variant"])
        return variant, self.knobs[variant].at_point(point)

    def _wanted(self, asked: Any) -> tuple[int, dict[str, float]]:
        if not isinstance(asked, dict):
            raise refused("request", asked, "a mapping")
        if "point" in asked:
            points = self.summary["points"]
            return self._at(points[_whole(asked["point"], "point", 1, len(points)) - 1])
        variant = _whole(asked.get("variant"), "variant", 0, len(self.knobs) - 1)
        return variant, self.knobs[variant].read(asked.get("controls"))

    def _controls(self, variant: int, values: Mapping[str, float]) -> dict[str, dict[str, Any]]:
        sliders = self.knobs[variant].sliders
        return {
            name: {"place": sliders[name].place(value), "text": sliders[name].text(value)}
            for name, value in values.items()
        }

    def _position(
        self, variant: int, values: Mapping[str, float], shown: Shown
    ) -> dict[str, Any] | None:
        """Where the state is on the chart; at its edge where it is outside of it."""
        if shown.value is None:
            return None
        x, y = self.chart.x, self.chart.panels[0].y
        level = self._level(values, shown)
        inside = x.contains(level) and y.contains(shown.value)
        return {
            "x": x.place(x.nearest(level)),
            "y": y.place(y.nearest(shown.value)),
            "inside": inside,
        }

    def _level(self, values: Mapping[str, float], shown: Shown) -> float:
        swept = self.summary["sweep"]
        return shown.efficiency if swept is None else values[swept]

    def _fragment(self, variant: int, values: Mapping[str, float], shown: Shown) -> str:
        request = self.knobs[variant].request(values)
        return fragment(
            "live.html",
            efficiency=f"{shown.efficiency:.6g}",
            measures=[
                _fact(name, shown.measures.get(name), self.summary["objective"])
                for name in dict.fromkeys((*_MEASURES, *shown.measures))
            ],
            thermodynamics=[
                _fact(name, (shown.thermodynamics or {}).get(name)) for name in QUANTITIES
            ],
            density=density(shown.rho, shown.filters),
            warnings=shown.warnings,
            precise=shown.precise,
            state_file=_state_file(request),
        )

    def _compared(self, variant: int, values: Mapping[str, float], shown: Shown) -> str:
        """The position against the best curve, in words."""
        knobs = self.knobs[variant]
        label, least = plain(knobs.study.measure.label), knobs.study.efficiencies[0]
        if shown.value is None:
            return f"{label} depends on measurements that only a search finds."
        level, swept = self._level(values, shown), self.summary["sweep"]
        words = f"{label} {shown.value:.6g} at {swept or 'efficiency'} {level:.4g}"
        best, between = self._best(variant, level)
        if best is None:
            return f"{words}."
        if swept is not None and shown.efficiency < least * (1 - _ON_THE_CURVE):
            return f"{words}; heralds at {shown.efficiency:.2g}, the curve demands {least:g}."
        gap = shown.value - best
        if abs(gap) <= _ON_THE_CURVE:
            return f"{words}, on the best curve."
        where = f"{abs(gap):.3g} {'above' if gap > 0 else 'below'} the best curve"
        if gap > 0 and knobs.broken(values):
            return f"{words}, {where}, whose constraints it breaks."
        if gap > 0 and between:
            return f"{words}, {where}, whose points are joined by straight lines."
        return f"{words}, {where}."

    def _best(self, variant: int, level: float) -> tuple[float | None, bool]:
        """The curve of a variant at a level, and whether that is strictly between its points."""
        name, swept = self.file.studies[variant].variant, self.summary["sweep"]
        own = [p for p in self.summary["points"] if p["variant"] == name]
        own = [p for p in own if math.isfinite(p["value"])]
        if swept is not None:  # which is one of its values
            values = {with_sign(level_of(p, swept)): p["value"] for p in own}
            return values.get(with_sign(level)), False
        # What heralds more often than demanded is the best at all efficiencies in between.
        curve = sorted((x, p["value"]) for p in own for x in {p["efficiency"], heralding(p)})
        for x, y in curve:
            if math.isclose(x, level, rel_tol=_ON_THE_CURVE):
                return y, False
        if not curve or not curve[0][0] < level < curve[-1][0]:
            return None, False
        x, y = (np.array(axis) for axis in zip(*curve, strict=True))
        log = self.chart.x.log
        return float(np.interp(*((np.log(level), np.log(x)) if log else (level, x)), y)), True


def explorer_of(file: StudyFile, run: Path | None, usual: Path) -> Explorer:
    """The explorer of a study.

    Args:
        file: the study file.
        run: the folder of its run, ``None`` to look at the usual place.
        usual: where ``jaxent run`` puts it.

    Raises:
        InputError: a folder is given and holds something else.
    """
    if run is not None:
        return Explorer(file, run)
    if not (usual / SUMMARY).exists():
        return Explorer(file, None, f"There is no run in {usual}: the best curve is not known yet.")
    try:
        return Explorer(file, usual)
    except InputError as error:
        return Explorer(file, None, f"{str(error).removeprefix('--run: ').partition(';')[0]}.")


def _levels(study: Study) -> tuple[float, ...]:
    return (*study.efficiencies, 1.0) if study.sweep is None else study.sweep.values


def _whole(value: Any, field: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise refused(field, value, f"an integer from {low} to {high}")
    return value


def _fact(name: str, value: float | None, objective: str = "") -> Fact:
    noise = name in _MEASURES and abs(value or 0.0) < _NOISE
    text = "–" if value is None else f"{0.0 if noise else value:.6g}"
    return Fact(name.replace("_", " "), text, _MEANINGS.get(name, ""), name == objective)


def _state_file(request: StateRequest) -> str:
    """The state file of what is shown."""
    content: dict[str, Any] = {"machine": nested_machine(request)}
    diagonals = {"a": request.filter_a, "b": request.filter_b}
    filters = {party: list(entries) for party, entries in diagonals.items() if entries is not None}
    if filters:
        content["filters"] = filters
    return yaml.safe_dump(content, sort_keys=False, default_flow_style=None, width=100)
