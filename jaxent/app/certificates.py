"""Density matrices from files, for certification: state files, JSON with ``rho``, and runs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxent import verify
from jaxent.app.config import load_state
from jaxent.app.errors import InputError, one_line, refused, show
from jaxent.app.files import tidy, write_atomically
from jaxent.app.parameters import plain_float, plain_number
from jaxent.app.progress import Progress, silent
from jaxent.app.results import steering_json
from jaxent.app.state import state_report
from jaxent.app.yaml import read_text

if TYPE_CHECKING:
    from jaxent.certify.assemblage import Party

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
        entries = entry.get("points") if isinstance(entry, dict) and "points" in entry else [entry]
        if not isinstance(entries, list):
            raise refused(f"{place}: points", entries, "a list of points")
        for i, point in enumerate(entries):
            where = place if len(entries) == 1 else f"{place}: points[{i}]"
            if not isinstance(point, dict) or "rho" not in point:
                raise InputError(f"{where}: rho: missing; allowed: {_ENTRIES}")
            name = _name(point, len(found), entry.get("sweep") if "points" in entry else None)
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


def named_certificates(
    states: list[tuple[str, np.ndarray]],
    measurements: str | int,
    parties: Sequence[Party],
    all_projective: bool = False,
    progress: Progress = silent,
) -> list[tuple[str, dict[str, Any]]]:
    """The steering certificates of states, with the names of the states.

    Args:
        states: see :func:`named_states`.
        measurements: ``dodecahedron``, or a number of evenly spread ones.
        parties: who measures, ``a``, ``b`` or one after the other.
        all_projective: also bounds for all projective measurements.
        progress: told what goes on.

    Raises:
        InputError: one is no state.
        RuntimeError: the solver failed.
    """
    rows = []
    for name, rho in states:
        for measuring in parties:
            progress(name, len(rows) / (len(states) * len(parties)))
            with _naming(name):
                row = _certificate(rho, measurements, measuring)
                row |= _all_projective(rho, measuring) if all_projective else {}
            rows.append((name, row))
    return rows


def refuse_existing(out: Path) -> None:
    """Refuse to write a file where there is something, or where nothing can be written."""
    if out.exists():
        raise InputError(f"--out: {out} exists; allowed: a new file")
    if not out.parent.is_dir():
        raise InputError(f"--out: {out.parent} is no folder; allowed: a file in a folder")


def write_exact(
    out: Path, states: list[tuple[str, np.ndarray]], measurements: str | int, measuring: Party
) -> str:
    """Write the exact certificate of one state, for ``jaxent verify``; returns its statement.

    Args:
        out: the file.
        states: see :func:`named_states`; one.
        measurements: as in :func:`named_certificates`.
        measuring: the party that measures, ``a`` or ``b``.

    Raises:
        InputError: there are several states, or one without an exact certificate.
        RuntimeError: the solver failed.
    """
    from jaxent.certify import exact_certificate

    if len(states) != 1:
        raise InputError(f"--out: {len(states)} states are given; allowed: one")
    [(name, rho)] = states
    with _naming(name):
        certificate = exact_certificate(rho, measurements, measuring)
    lines = (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in certificate.items())
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    tidy(out.parent)
    try:
        write_atomically(out, lambda path: path.write_text(text, encoding="utf-8"), new=True)
    except FileExistsError:  # by now
        refuse_existing(out)
        raise
    return certificate["statement"]


def verified_json(path: Path) -> dict[str, Any]:
    """What the exact certificate in a file proves, or why it is refused.

    The bounds are those of the given state, rounded outwards where they need to be.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        content = verify.read_file(str(path))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; allowed: a certificate") from None
    try:
        proven = verify.check(content)
    except verify.Refused as reason:
        return {"verified": False, "reason": str(reason)}
    low, high = float(proven.given_q_lower), float(proven.given_q_upper)
    return {
        "verified": True,
        "q_lower": low if low <= proven.given_q_lower else math.nextafter(low, -math.inf),
        "q_upper": high if high >= proven.given_q_upper else math.nextafter(high, math.inf),
        "verdict": proven.verdict,
        "statement": proven.statement,
    }


@contextmanager
def _naming(state: str) -> Iterator[None]:
    """Put the name of a state before what is wrong with it."""
    try:
        yield
    except ValueError as error:
        raise InputError(f"{state}: {error}") from None


def _certificate(rho: np.ndarray, measurements: str | int, measuring: Party) -> dict[str, Any]:
    from jaxent.certify import certify_steering

    certificate = certify_steering(rho, measurements, measuring)
    return {**steering_json(certificate), "steerable": certificate.steerable}


def _all_projective(rho: np.ndarray, measuring: Party) -> dict[str, Any]:
    from jaxent.certify import critical_radius, noise_threshold

    radius = critical_radius(rho, measuring)
    noise = noise_threshold(rho, measuring)
    return {
        "radius_lower": radius.lower,
        "radius_upper": radius.upper,
        "verdict": radius.verdict,
        "noise_lower": noise.lower,
        "noise_upper": noise.upper,
    }
