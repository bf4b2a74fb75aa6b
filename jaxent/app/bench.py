"""The benchmarks of a checkout, found beside the package."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from jaxent.app.errors import InputError, one_of, show

_FOLDER = Path(__file__).resolve().parents[2] / "experiments" / "benchmarks"


def report_module() -> ModuleType:
    """The module ``report`` of the benchmarks, which runs and prints them.

    Raises:
        InputError: there are none beside the package.
    """
    if not (_FOLDER / "report.py").is_file():
        raise InputError(
            "bench: the benchmarks are no part of an installed package; allowed: in a clone of "
            "the repository, installed by pip install -e '.[bench]'"
        )
    # Their modules import each other by name, as they do when one of them is run by itself.
    if str(_FOLDER) not in sys.path:
        sys.path.insert(0, str(_FOLDER))
    return import_module("report")


def run_benchmarks(
    only: Sequence[str], quick: bool, out: Path | None, progress: Callable[[str, float], None]
) -> dict[str, Any]:
    """Run benchmarks and return their results with a description of the machine.

    Args:
        only: their names; all of them where there is none.
        quick: whether to see only that everything runs and agrees.
        out: a folder for the JSON and the figure of each, or ``None``.
        progress: told what goes on.

    Raises:
        InputError: there are no benchmarks, or none of that name.
    """
    report = report_module()
    for name in only:
        if name not in report.NAMES:
            raise InputError(
                f"--only: {show(name)} is given; allowed: {one_of(report.NAMES, name)}"
            )
    if out is not None and out.exists() and not out.is_dir():
        raise InputError(f"--out: {out} is a file; allowed: a folder")
    return report.run([n for n in report.NAMES if not only or n in only], quick, out, progress)


def print_benchmarks(results: dict[str, Any]) -> None:
    """Print the results of :func:`run_benchmarks` as tables."""
    report_module().show(results)
