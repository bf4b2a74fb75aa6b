"""The folder of a run: made, held by one process at a time, and left tidy."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jaxent.app.errors import InputError

PARTIAL = "partial"
"""The folder in it where finished variants wait for the others."""

SUMMARY = "summary.json"
"""The file that says that a run is complete."""

_LOCK = ".lock"


@contextlib.contextmanager
def run_folder(
    out: Path, resume: bool, different: Callable[[dict[str, Any]], str]
) -> Iterator[None]:
    """A folder that this process alone writes a run to.

    What was made and left empty is removed afterwards.

    Args:
        out: the folder.
        resume: whether results that are there may be used and completed.
        different: says in what a finished run, given by its summary, differs from the one that is
            to be resumed; empty where it does not.

    Raises:
        InputError: the folder is in use, holds something else, or cannot be made.
    """
    try:
        _refuse_foreign(out, resume, different)
        store = out / PARTIAL
        made = [folder for folder in (store, *store.parents) if not folder.exists()]
        store.mkdir(parents=True, exist_ok=True)
        _lock(out)
    except OSError as error:
        raise InputError(f"--out: {out}: {error.strerror}; allowed: a folder to write to") from None
    try:
        yield
    finally:
        (out / _LOCK).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # it holds something, or is gone
            for folder in made:
                folder.rmdir()


def stored(out: Path) -> bool:
    """Whether there is anything in the folder that a resumed run can use."""
    return any((out / PARTIAL).glob("*.json")) or (out / SUMMARY).exists()


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file; empty where there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # absent, or of no use
        return {}
    return content if isinstance(content, dict) else {}


def _refuse_foreign(out: Path, resume: bool, different: Callable[[dict[str, Any]], str]) -> None:
    if out.exists() and not out.is_dir():
        raise InputError(f"--out: {out} is a file; allowed: a folder")
    inside = list(out.iterdir()) if out.exists() else []
    if inside and not resume:
        raise InputError(
            f"--out: {out} is not empty; allowed: a new or empty folder, or --resume to "
            "continue the run in it"
        )
    if inside and not any((out / name).exists() for name in (PARTIAL, SUMMARY)):
        raise InputError(
            f"--resume: {out} holds other files and no run; allowed: the folder of a run"
        )
    if unlike := different(read_json(out / SUMMARY)) if (out / SUMMARY).exists() else "":
        raise InputError(
            f"--resume: {out} holds a finished run with another {unlike}; allowed: the folder of "
            "this study's run, or a new one"
        )


def _lock(out: Path) -> None:
    path = out / _LOCK
    with contextlib.suppress(FileExistsError):
        _write_lock(path)
        return
    owner = path.read_text(encoding="utf-8")
    if owner.isdigit() and _runs(int(owner)):
        raise InputError(
            f"--out: process {owner} is writing a run to {out}; allowed: another folder, or to wait"
        )
    # Its owner was killed.
    path.unlink(missing_ok=True)
    _write_lock(path)


def _write_lock(path: Path) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(str(os.getpid()))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True
