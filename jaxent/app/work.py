"""What a figure's script computes with: the studies of its paper, each solved once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaxent.app.checkout import ROOT, configs
from jaxent.app.errors import listed, meant, show
from jaxent.app.files import InUse, held, write_text
from jaxent.app.fingerprints import Fingerprints, of_study
from jaxent.app.folders import read_json
from jaxent.app.progress import Progress, whole
from jaxent.app.results import point_json, run_summary, to_json

if TYPE_CHECKING:
    import xarray as xr

    from jaxent.study import Study

_MADE_BY = "made_by"
_PAUSE = 0.2  # seconds between two looks at whether another process has finished

Solve = Callable[["Study", Progress], Any]


@dataclass(frozen=True)
class Work:
    """What a script is given to compute with.

    Attributes:
        paper: whose studies it solves.
        folder: where finished studies are kept, for figures that share them and for a figure
            that was interrupted.
        progress: told what goes on.
        root: the checkout.
        solver: the fingerprint of what solves; that of now unless given.
    """

    paper: str
    folder: Path
    progress: Progress
    root: Path = ROOT
    solver: str = ""

    def points(self, name: str, *variants: str) -> list[dict[str, Any]]:
        """The verified points of a study, as ``summary.json`` of a run has them.

        Args:
            name: the file ``configs/<paper>/<name>.yaml``.
            variants: which; all of them unless given.

        Raises:
            ValueError: the study has no such variant.
        """
        from jaxent import curves

        def solved(study: Study, progress: Progress) -> list[dict[str, Any]]:
            def tell(stage: str, fraction: float) -> None:
                progress(stage, whole("curve", stage, fraction))

            return [point_json(point, study.variant) for point in curves.solve(study, tell)]

        found = self._each(name, "points", variants, solved)
        return [point for points in found.values() for point in points]

    def curves(self, name: str, *variants: str) -> xr.Dataset:
        """The same as labelled arrays, as ``results.nc`` of a run has them.

        Over ``variant``, where the study has some, and over ``efficiency`` or what is swept.
        """
        from jaxent.app.config import load_study_file
        from jaxent.app.netcdf import as_dataset

        path = self._config(name)
        summary = run_summary(load_study_file(path), self.points(name, *variants))
        if variants:
            summary["variants"] = [v for v in summary["variants"] if v in variants]
        return as_dataset(summary, path.read_text(encoding="utf-8"))

    def thresholds(self, name: str, *variants: str) -> dict[str, dict[str, Any]]:
        """Those of a study's variants, by their names, as ``jaxent threshold --json`` prints them.

        Arguments and errors are those of :meth:`points`.
        """
        from jaxent.app.thresholds import threshold_report

        return self._each(name, "thresholds", variants, threshold_report)

    def proven_thresholds(
        self, name: str, *variants: str, width: float = 1e-5
    ) -> dict[str, dict[str, Any]]:
        """Two-sided, proven ones, as ``jaxent prove --threshold --json`` prints them.

        Args:
            name: the file ``configs/<paper>/<name>.yaml``.
            *variants: which; all of them unless given.
            width: how far apart the bounds may be.

        Raises:
            ValueError: the study has no such variant.
        """
        return self._proven("thresholds", True, name, variants, width)

    def proven_values(
        self, name: str, *variants: str, width: float = 1e-4
    ) -> dict[str, dict[str, Any]]:
        """Those of a study's variants at each efficiency, as ``jaxent prove --json`` prints them.

        Arguments and errors are those of :meth:`proven_thresholds`.
        """
        return self._proven("values", False, name, variants, width)

    def _proven(
        self, what: str, threshold: bool, name: str, variants: Sequence[str], width: float
    ) -> dict[str, dict[str, Any]]:
        from jaxent.app.proofs import proven_report

        def solve(study: Study, progress: Progress) -> dict[str, Any]:
            return proven_report(study, threshold, width, progress)

        # What is proven within another width is another result.
        return self._each(name, f"proven_{what}_{width:g}", variants, solve)

    def _config(self, name: str) -> Path:
        return configs(self.root, self.paper) / f"{name}.yaml"

    def _each(self, name: str, what: str, variants: Sequence[str], solve: Solve) -> dict[str, Any]:
        """What is found for each variant of a study, or was found before."""
        from jaxent.app.config import load_study_file

        path = self._config(name)
        # Before the file is read, so that a change in between is one that is seen next time.
        made_by = of_study(self.solver or Fingerprints(self.root).solver(), path)
        studies = {study.variant or "": study for study in load_study_file(path).studies}
        for variant in variants:
            if variant not in studies:
                raise ValueError(
                    f"{path.name}: variant {show(variant)} is asked for; allowed: "
                    f"{listed(map(show, filter(None, studies)))}{meant(studies, variant)}"
                )
        wanted = [variant for variant in studies if not variants or variant in variants]
        found = {}
        for done, variant in enumerate(wanted):
            where = f"{name}, {variant}" if variant else name

            def tell(stage: str, part: float, where: str = where, done: int = done) -> None:
                self.progress(f"{where}: {stage}", (done + part) / len(wanted))

            stored = self.folder / f"{name}.{list(studies).index(variant)}.{what}.json"
            found[variant] = _once(stored, what, made_by, solve, studies[variant], tell)
        return found


def _once(
    stored: Path, what: str, made_by: str, solve: Solve, study: Study, tell: Progress
) -> dict[str, Any]:
    """What is stored for a study, after one of all processes that need it has solved it."""

    def current() -> bool:
        kept = read_json(stored)
        return kept.get(_MADE_BY) == made_by and what in kept

    stored.parent.mkdir(parents=True, exist_ok=True)
    while not current():
        with ExitStack() as stack:
            try:
                # A name that is known for what it is, should this process be killed.
                stack.enter_context(held(stored.with_name(f".{stored.stem}.0.unfinished")))
            except InUse:
                tell("being solved for another figure", 0.0)
                time.sleep(_PAUSE)
                continue
            if not current():
                write_text(stored, to_json({_MADE_BY: made_by, what: solve(study, tell)}) + "\n")
    # From the file also the first time, so that a resumed figure has the same in hand.
    return read_json(stored)[what]
