"""Two-qubit states from files: state files, JSON with ``rho``, and runs."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from jaxent.app.config import load_state
from jaxent.app.errors import InputError, one_line, refused, show
from jaxent.app.folders import damaged
from jaxent.app.parameters import plain_float, plain_number
from jaxent.app.state import state_report
from jaxent.app.yaml import read_text

MAX_JSON_BYTES = 32 * 1024 * 1024
"""The largest JSON file that is read: a run of some ten thousand points."""

_ENTRIES = '{"re": 4 rows of 4 numbers, "im": 4 rows of 4 numbers}'


def two_qubit_states(path: Path) -> list[tuple[str, np.ndarray]]:
    """The two-qubit states that a file holds, each of shape ``(4, 4)``, with what tells them apart.

    Args:
        path: a state file (``.yaml``, ``.yml``); a JSON file with ``rho``, or with one such
            object on each line; the ``summary.json`` of a run, or the run's folder.

    Raises:
        InputError: it holds no two-qubit states.
    """
    if path.is_dir():
        path = path / "summary.json"
    if path.suffix.lower() in (".yaml", ".yml"):
        report = _of_machine(path)
        return [("", _matrix(report["rho"], str(path)))]
    found = []
    for place, entry in _json_objects(path):
        of_a_run = isinstance(entry, dict) and "points" in entry
        entries = entry["points"] if of_a_run else [entry]
        if not isinstance(entries, list):
            raise refused(f"{place}: points", entries, "a list of points")
        if of_a_run and damaged(entry):
            raise InputError(f"{place}: checksum: not that of its points; allowed: a run as stored")
        for i, point in enumerate(entries):
            where = place if len(entries) == 1 else f"{place}: points[{i}]"
            if not isinstance(point, dict) or "rho" not in point:
                raise InputError(f"{where}: rho: missing; allowed: {_ENTRIES}")
            name = _name(point, len(found), entry.get("sweep") if of_a_run else None)
            found.append((name, _matrix(point["rho"], where)))
    return found


def _name(point: dict[str, Any], i: int, swept: Any) -> str:
    """What tells a state from the others of its file: its place on the curve, or its number."""
    parameters = point.get("parameters")
    place, value = "p", point.get("efficiency")
    if isinstance(swept, str) and isinstance(parameters, dict) and swept in parameters:
        place, value = swept, parameters[swept]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"[{i}]"
    variant = point.get("variant")
    return one_line(f"[{f'{variant}, ' if variant else ''}{place} = {plain_float(value):g}]")


def _of_machine(path: Path) -> dict[str, Any]:
    request = load_state(path)
    try:
        return state_report(request)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _json_objects(path: Path) -> list[tuple[str, Any]]:
    text = read_text(path, MAX_JSON_BYTES)
    try:
        return [(str(path), _parsed(text))]
    except ValueError as error:
        whole = error
    lines = [(n, line) for n, line in enumerate(text.splitlines(), start=1) if line.strip()]
    try:
        if len(lines) < 2:
            raise whole
        return [(f"{path}: line {n}", _parsed(line)) for n, line in lines]
    except ValueError:
        raise InputError(f"{path}: {whole}; allowed: JSON, or a state file *.yaml") from None


def _parsed(text: str) -> Any:
    """JSON without repeated keys.

    Raises:
        ValueError: the text is something else.
    """
    try:
        return json.loads(text, object_pairs_hook=_without_repetition)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is given twice")
    return found


# Who is only slightly wrong is told by how much.
_LARGEST_ENTRY = 2.0


def _matrix(rho: Any, place: str) -> np.ndarray:
    if not isinstance(rho, dict) or set(rho) != {"re", "im"}:
        raise refused(f"{place}: rho", rho, _ENTRIES)
    entries = np.empty((4, 4), complex)
    entries.real, entries.imag = (
        _square(rho[part], f"{place}: rho.{part}") for part in ("re", "im")
    )
    return entries


def _square(rows: Any, field: str) -> np.ndarray:
    shaped = isinstance(rows, list) and all(isinstance(row, list) for row in rows)
    if not shaped or [len(row) for row in rows] != [4] * 4:
        size = f"{len(rows)} rows" if isinstance(rows, list) else show(rows)
        raise InputError(f"{field}: {size} given; allowed: 4 rows of 4 numbers, two qubits")
    return np.array(
        [[_entry(x, f"{field}[{i}][{j}]") for j, x in enumerate(row)] for i, row in enumerate(rows)]
    )


def _entry(value: Any, field: str) -> float:
    number = plain_number(value, field, "a number")
    if _LARGEST_ENTRY < abs(number) < math.inf:
        raise refused(field, value, "entries of a density matrix, at most 1 in size")
    return number


def named_states(paths: list[Path]) -> list[tuple[str, np.ndarray]]:
    """All two-qubit states in some files, see :func:`two_qubit_states`, with their names."""
    return [
        (f"{path}" if len(found) == 1 else f"{path} {name}", rho)
        for path in paths
        for found in [two_qubit_states(path)]
        for name, rho in found
    ]
