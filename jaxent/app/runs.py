"""A run: the studies of a file solved one after the other, stored so that it can be resumed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from jaxent import curves
from jaxent.app.config import StudyFile
from jaxent.app.errors import InputError, as_input_errors
from jaxent.app.files import write_atomically
from jaxent.app.folders import PARTIAL, SUMMARY, checksum, damaged, forget_parts, read_json
from jaxent.app.netcdf import write_netcdf
from jaxent.app.origin import origin
from jaxent.app.plots import write_figure
from jaxent.app.progress import Progress, whole
from jaxent.app.report import write_report
from jaxent.app.results import point_json, run_summary, to_json
from jaxent.imports import importing
from jaxent.machines import OutsideModel
from jaxent.search.tradeoff import Unreachable
from jaxent.study import Study
from jaxent.verification import NotUnique

_WRITERS = (
    "xarray",
    "h5netcdf",
    "matplotlib.figure",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_pdf",
    "jinja2",
)


def run_study(file: StudyFile, out: Path, progress: Progress) -> dict[str, Any]:
    """Solve every variant of a study and write its results.

    What a variant's earlier run left in the folder is used if it came from the same config and has
    the same :func:`~jaxent.app.origin.origin`.

    Args:
        file: the study file.
        out: a folder inside :func:`jaxent.app.folders.run_folder`.
        progress: told what goes on.

    Returns:
        The content of ``summary.json``.
    """
    if any(study.certified is not None for study in file.studies):
        import cvxpy  # noqa: F401 - that it is missing should show before a long search, not after

    # Before any work: code may change meanwhile.
    keys = [_fingerprint(*each) for each in zip(file.studies, file.resolved, strict=True)]
    points = []
    count = len(file.studies)
    for i, study in enumerate(file.studies):
        name = f"{study.variant}: " if study.variant else ""

        def tell(stage: str, fraction: float, name: str = name, i: int = i) -> None:
            label = f"{name}{stage} ({i + 1}/{count})" if count > 1 else stage
            progress(label, (i + whole("curve", stage, fraction)) / count)

        with importing(*_WRITERS):
            points += _variant_points(file, i, keys[i], out, tell)
    progress("writing", 1.0)
    summary = run_summary(file, points)
    write_results(out, summary, file.text)
    forget_parts(out / PARTIAL)
    return summary


def of_two_qubits(summary: dict[str, Any]) -> bool:
    """Whether the states of a run are all of two qubits, so that they can be certified."""
    return all(len(point["rho"]["re"]) == 4 for point in summary["points"])


def write_results(
    out: Path, summary: dict[str, Any], text: str, *, same_points: bool = False
) -> None:
    """Write ``summary.json``, ``results.nc``, figure and report, each whole or not at all.

    Args:
        out: the folder.
        summary: the content of ``summary.json``.
        text: the config as the user wrote it.
        same_points: whether the summary that is there has the same points, and stays until the
            other one is whole: nothing else holds them by now.
    """
    if not same_points:  # an old one would vouch for files that are being replaced
        (out / SUMMARY).unlink(missing_ok=True)
    write_netcdf(out / "results.nc", summary, text)
    write_figure(out, summary)
    write_report(out, summary, text)
    # Last, because it says that the run is complete.
    content = to_json(summary, indent=1) + "\n"
    write_atomically(out / SUMMARY, lambda path: path.write_text(content, encoding="utf-8"))


def _variant_points(
    file: StudyFile, index: int, key: str, out: Path, progress: Progress
) -> list[dict[str, Any]]:
    store = out / PARTIAL / f"{index}.json"
    study = file.studies[index]
    points = _stored(store, key)
    if points is not None:
        return points
    found = _finished(out / SUMMARY, file, study.variant)
    if found is None:
        with as_input_errors(NotUnique, OutsideModel, Unreachable):
            solved = curves.solve(study, progress)
        found = [point_json(point, study.variant) for point in solved]
    content = to_json({"fingerprint": key, "checksum": checksum(found), "points": found})
    write_atomically(store, lambda path: path.write_text(content, encoding="utf-8"))
    # Through JSON also the first time, so that a resumed run has the same in hand.
    return json.loads(content)["points"]


def _fingerprint(study: Study, config: dict[str, Any]) -> str:
    # In the order as written, and with the sign of zero.
    what = {key: value for key, value in config.items() if key != "title"}
    return hashlib.sha256(
        json.dumps([study.variant, what, origin([study.kind])]).encode()
    ).hexdigest()


def _stored(path: Path, key: str) -> list[dict[str, Any]] | None:
    content = read_json(path)
    return content["points"] if content.get("fingerprint") == key and _whole(content) else None


def _whole(content: dict[str, Any]) -> bool:
    """Whether the points are those that were written."""
    listed = isinstance(content.get("points"), list)
    return listed and "checksum" in content and not damaged(content)


def _finished(path: Path, file: StudyFile, variant: str | None) -> list[dict[str, Any]] | None:
    summary = read_json(path)
    if not summary or different(summary, file):
        return None
    return [point for point in summary["points"] if point["variant"] == variant]


def finished_run(file: StudyFile, folder: Path, may_differ: Collection[str] = ()) -> dict[str, Any]:
    """The summary of a study's finished run in the folder that ``--run`` names.

    Args:
        file: the study file.
        folder: the folder.
        may_differ: see :func:`different`.

    Raises:
        InputError: there is none, it was changed, or it is of another study.
    """
    summary = read_json(folder / SUMMARY)
    if unlike := different(summary, file, may_differ):
        found = f"a run {unlike}" if summary else "no finished run"
        raise InputError(
            f"--run: {folder} holds {found}; allowed: the folder of this study's finished run"
        )
    return summary


def different(summary: dict[str, Any], file: StudyFile, may_differ: Collection[str] = ()) -> str:
    """What keeps a finished run from being that of a study; empty where nothing does.

    Args:
        summary: that of the run.
        file: the study file.
        may_differ: what it may have come from otherwise than here, keys of
            :func:`~jaxent.app.origin.origin`.
    """
    if not _whole(summary):
        return f"whose {SUMMARY} is damaged"
    ours = {"config": file.config, **origin(file.kinds)}
    unlike = [
        key
        for key, own in ours.items()
        if key not in may_differ and json.dumps(summary.get(key)) != json.dumps(own)
    ]
    return f"with another {' and '.join(unlike)}" if unlike else ""
