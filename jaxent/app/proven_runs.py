"""The intervals of ``jaxent prove`` in a finished run, for its figure and its report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jaxent.app.config import StudyFile
from jaxent.app.folders import checksum, sole_folder
from jaxent.app.results import Failed
from jaxent.app.runs import finished_run

# By how much a search may stay below a witness before its bounds are to blame.
_ROUNDING = 1e-7


@contextmanager
def held_run(file: StudyFile, folder: Path) -> Iterator[dict[str, Any]]:
    """The summary of a finished run of a study, which this process alone writes to meanwhile.

    Raises:
        InputError: there is none in the folder, it is of another study, or in use.
    """
    anywhere = ("device",)
    finished_run(file, folder, anywhere)  # where there is none no folder is made
    with sole_folder(folder, "--run"):
        yield finished_run(file, folder, anywhere)  # another process may have written it in between


def with_proof(summary: dict[str, Any], reports: list[dict[str, Any]]) -> dict[str, Any]:
    """The content of ``summary.json`` of a run with ``proven`` at each point that has an interval.

    The bounds are those of all machines of the domain. A search within bounds may stay below: then
    its value is the lower bound, and ``beyond`` the one that machines outside reach.

    Raises:
        Failed: a value of the run is above what is proven.
    """
    found = {
        (report.get("variant"), point["efficiency"]): point
        for report in reports
        for point in report["points"]
        if "open" not in point
    }
    points = [dict(point) for point in summary["points"]]
    for point in points:
        bounds = found.get((point["variant"], point["efficiency"]))
        if bounds is None:
            continue
        if point["value"] > bounds["upper"]:
            raise Failed(
                f"the value {point['value']!r} at efficiency {point['efficiency']:g} of the run is "
                f"above the proven bound {bounds['upper']!r}"
            )
        proven = {"lower": min(bounds["lower"], point["value"]), "upper": bounds["upper"]}
        if point["value"] < bounds["lower"] - _ROUNDING:
            proven["beyond"] = bounds["lower"]
        point["proven"] = proven
    return summary | {"points": points, "checksum": checksum(points)}
