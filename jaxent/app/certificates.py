"""Steering certificates of states: bounds for people, and proofs in files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxent import verify
from jaxent.app.errors import InputError
from jaxent.app.files import tidy, write_atomically
from jaxent.app.progress import Progress, silent
from jaxent.app.results import steering_json
from jaxent.app.symbols import down, up

if TYPE_CHECKING:
    from jaxent.certify.assemblage import Party


def named_certificates(
    states: list[tuple[str, np.ndarray]],
    measurements: str | int,
    parties: Sequence[Party],
    all_projective: bool = False,
    progress: Progress = silent,
) -> list[tuple[str, dict[str, Any]]]:
    """The steering certificates of states, with the names of the states.

    Args:
        states: see :func:`~jaxent.app.state_files.named_states`.
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


def filter_rows(
    states: list[tuple[str, np.ndarray]], efficiency: float
) -> list[tuple[str, dict[str, Any]]]:
    """What diagonal filters make of states at an efficiency, and what nothing local exceeds.

    Raises:
        InputError: one is no state.
        RuntimeError: the solver failed.
    """
    from jaxent.certify import filter_bounds

    rows = []
    for name, rho in states:
        with _naming(name):
            found = filter_bounds(rho, efficiency)
        a, b = found.filters
        row = {
            "efficiency": found.efficiency,
            "singlet_fraction": found.singlet_fraction,
            "singlet_fraction_bound": found.bound,
            "filters": {"a": list(a), "b": list(b)},
        }
        rows.append((name, row))
    return rows


def refuse_existing(out: Path) -> None:
    """Refuse to write a file where there is something, or where nothing can be written."""
    if out.exists():
        raise InputError(f"--out: {out} exists; allowed: a new file")
    if not out.parent.is_dir():
        raise InputError(f"--out: {out.parent} is no folder; allowed: a file in a folder")


def refuse_unprovable(states: list[tuple[str, np.ndarray]], measurements: str | int) -> None:
    """Refuse what has no exact certificate, before anything is computed."""
    if len(states) != 1:
        raise InputError(f"--out: {len(states)} states are given; allowed: one")
    if isinstance(measurements, int) and measurements > verify.MAX_AXES:
        raise InputError(
            f"--measurements: {measurements} is given with --out; allowed: at most "
            f"{verify.MAX_AXES} in an exact certificate"
        )


def write_exact(
    out: Path, states: list[tuple[str, np.ndarray]], measurements: str | int, measuring: Party
) -> str:
    """Write the exact certificate of one state, for ``jaxent verify``; returns its statement.

    Args:
        out: the file.
        states: see :func:`~jaxent.app.state_files.named_states`; one.
        measurements: as in :func:`named_certificates`.
        measuring: the party that measures, ``a`` or ``b``.

    Raises:
        InputError: a state without an exact certificate.
        RuntimeError: the solver failed.
    """
    from jaxent.certify import exact_certificate

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


def proven_json(path: Path) -> dict[str, Any]:
    """What the exact certificate in a file proves, or why it is refused.

    The bounds are those of the given state, rounded outwards where they need to be.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        content = verify.read_file(str(path), verify.MAX_BYTES_OF_PROOF)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; allowed: a certificate") from None
    if verify.is_of_optimum(content):
        return _proof_json(content)
    try:
        proven = verify.check(content)
    except verify.Refused as reason:
        return {"verified": False, "reason": str(reason)}
    return {
        "verified": True,
        "q_lower": down(proven.given_q_lower),
        "q_upper": up(proven.given_q_upper),
        "verdict": proven.verdict,
        "statement": proven.statement,
    }


def _proof_json(content: bytes) -> dict[str, Any]:
    """The same of a proof of optima."""
    from jaxent.checker import optimum
    from jaxent.checker.refusal import Unproven

    try:
        proven = optimum.check(content)
    except Unproven as reason:
        return {"verified": False, "reason": str(reason)}
    claims = [
        {
            "variant": one.name,
            "objective": one.objective,
            "kind": claim.kind,
            "efficiency": None if claim.efficiency is None else float(claim.efficiency),
            "upper": None if claim.upper is None else up(claim.upper),
            "lower": None if claim.lower is None else down(claim.lower),
        }
        for one in proven
        for claim in one.claims
    ]
    statement = "\n".join(one.statement for one in proven)
    return {"verified": True, "claims": claims, "statement": statement}


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
