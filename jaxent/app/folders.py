"""Folders of runs and of unfinished proofs: held by one process at a time, and left tidy."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jaxent.app.errors import InputError
from jaxent.app.files import InUse, held, tidy

PARTIAL = "partial"
"""The folder in that of a run where finished variants wait for the others."""

SUMMARY = "summary.json"
"""The file that says that a run is complete."""

_LOCK = ".lock"
_PART = re.compile(r"[0-9]+(?:\.[0-9]+)?\.json")  # a variant of a run, or a claim of a proof
_SUFFIXES = {".json", ".nc", ".png", ".pdf", ".html"}  # of what a run writes


@contextlib.contextmanager
def run_folder(
    out: Path, resume: bool, different: Callable[[dict[str, Any]], str]
) -> Iterator[None]:
    """A folder that this process alone writes a run to.

    What was made and left empty is removed afterwards, and what a killed process has left
    unfinished before.

    Args:
        out: the folder.
        resume: whether results that are there may be used and completed.
        different: says in what a finished run, given by its summary, differs from the one that is
            to be resumed; empty where it does not.

    Raises:
        InputError: the folder is in use, holds something else, or cannot be written to.
    """
    store = out / PARTIAL
    made: list[Path] = []
    with contextlib.ExitStack() as stack:
        try:
            _refuse_foreign(out, resume, different)
            made += (folder for folder in (store, *store.parents) if not folder.exists())
            stack.callback(_remove_empty, made)
            store.mkdir(parents=True, exist_ok=True)
            stack.enter_context(held(out / _LOCK, str(os.getpid())))
            # Another process may have finished in between.
            _refuse_foreign(out, resume, different)
            for folder in (out, store):
                tidy(folder)
        except (InUse, OSError) as error:
            raise _refused(out, error) from None
        yield


@contextlib.contextmanager
def sole_folder(out: Path, option: str = "--out") -> Iterator[None]:
    """A folder, made where there is none, that this process alone writes to meanwhile.

    What a killed process has left unfinished is removed before, and a folder left empty afterwards.

    Args:
        out: the folder.
        option: what the user named it by.

    Raises:
        InputError: the folder is in use, or cannot be written to.
    """
    with contextlib.ExitStack() as stack:
        try:
            out.mkdir(parents=True, exist_ok=True)
            stack.callback(_remove_empty, [out])
            stack.enter_context(held(out / _LOCK, str(os.getpid())))
            tidy(out)
        except (InUse, OSError) as error:
            raise _refused(out, error, option) from None
        yield


def _refused(out: Path, error: InUse | OSError, option: str = "--out") -> InputError:
    """Why a folder cannot be written to."""
    if isinstance(error, InUse):
        return InputError(
            f"{option}: {_owner(out)} is writing to {out}; allowed: another place, or to wait"
        )
    place = error.filename or out
    return InputError(f"{option}: {place}: {error.strerror}; allowed: a folder to write to")


def stored(out: Path) -> bool:
    """Whether there is anything in the folder that a resumed run can use."""
    return bool(parts(out / PARTIAL)) or (out / SUMMARY).exists()


def parts(store: Path) -> list[Path]:
    """What is stored of unfinished work in a folder, and nothing that others have put there."""
    return [path for path in store.glob("*.json") if _PART.fullmatch(path.name) and path.is_file()]


def forget_parts(store: Path) -> None:
    """Remove the parts of work that is complete, and their folder if nothing else is in it."""
    for path in parts(store):
        path.unlink()
    _remove_empty([store])


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file; empty where there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # absent, or of no use
        return {}
    return content if isinstance(content, dict) else {}


def checksum(stored: list[dict[str, Any]] | dict[str, Any] | None) -> str:
    """What tells the points of a run, or a claim of a proof, from what was changed since."""
    return hashlib.sha256(json.dumps(stored).encode()).hexdigest()


def damaged(summary: Mapping[str, Any]) -> bool:
    """Whether the points of a run are others than it stored, as far as their checksum tells."""
    return "checksum" in summary and summary["checksum"] != checksum(summary.get("points"))


def _refuse_foreign(out: Path, resume: bool, different: Callable[[dict[str, Any]], str]) -> None:
    if out.exists() and not out.is_dir():
        raise InputError(f"--out: {out} is a file; allowed: a folder")
    inside = {path.name for path in out.iterdir()} if out.exists() else set()
    for name in inside:
        _refuse_obstacle(out / name)
    nothing = {_LOCK, *(() if parts(out / PARTIAL) else (PARTIAL,))}  # of a run that stored nothing
    if inside - nothing and not resume:
        raise InputError(
            f"--out: {out} is not empty; allowed: a new or empty folder, or --resume to "
            "continue the run in it"
        )
    if inside and not inside & {PARTIAL, SUMMARY, _LOCK}:
        raise InputError(
            f"--resume: {out} holds other files and no run; allowed: the folder of a run"
        )
    summary = out / SUMMARY
    if unlike := different(read_json(summary)) if summary.exists() else "":
        raise InputError(
            f"--resume: {out} holds a finished run {unlike}; allowed: the folder of this study's "
            "run, or a new one"
        )


def _refuse_obstacle(path: Path) -> None:
    """Refuse, before any work, what would be in the way of a result after it."""
    if path.name == PARTIAL:
        if path.is_symlink() or not path.is_dir():
            raise InputError(f"--out: {path} is no folder; allowed: to move it away")
        for part in path.iterdir():
            _refuse_obstacle(part)
    elif path.suffix in _SUFFIXES and path.is_dir():
        raise InputError(f"--out: {path} is a folder; allowed: to move it away")


def _owner(out: Path) -> str:
    with contextlib.suppress(OSError, ValueError):
        owner = (out / _LOCK).read_text(encoding="utf-8")[:20]
        if owner.isdecimal():
            return f"process {owner}"
    return "another process"


def _remove_empty(made: list[Path]) -> None:
    with contextlib.suppress(OSError):  # it holds something, or is gone
        for folder in made:
            folder.rmdir()
