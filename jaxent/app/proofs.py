"""What ``jaxent prove`` does: intervals for all points of a study, kept, written and shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

from jaxent.app.config import StudyFile
from jaxent.app.domains import domain_of
from jaxent.app.errors import InputError
from jaxent.app.files import write_atomically
from jaxent.app.folders import checksum, forget_parts, parts, read_json, sole_folder
from jaxent.app.origin import origin
from jaxent.app.progress import Progress
from jaxent.app.results import Failed, to_json
from jaxent.app.symbols import down, outwards, up
from jaxent.checker import optimum
from jaxent.checker.refusal import Unproven
from jaxent.prove.bracket import NotProven, threshold_interval, value_interval
from jaxent.prove.claims import Problem
from jaxent.prove.proof import claim_json, proof, proof_file
from jaxent.study import Study

WIDTH = 1e-5
"""How wide intervals may be unless something else is asked for."""

_KEY = "fingerprint"


def demand_provable(file: StudyFile, threshold: bool) -> None:
    """Refuse a study that nothing can be proven about, before any work.

    Raises:
        InputError: one line says why.
    """
    for study in file.studies:
        domain_of(study)
        if threshold and not study.filters:
            raise InputError(
                f"{file.path}: filters: nothing filters; allowed: free: {{filters.a: {{}}}}"
            )


def prove_study(
    file: StudyFile,
    threshold: bool,
    width: Fraction,
    store: Path | None,
    progress: Progress,
) -> tuple[list[dict[str, Any]], str]:
    """Prove every point, or every threshold, of a study, each proof checked.

    Args:
        file: the study file.
        threshold: whether the largest efficiency of each variant is wanted, not the values.
        width: how wide each interval may be.
        store: a folder where finished claims are kept, and found again; ``None`` for none.
        progress: told what goes on.

    Returns:
        What ``--json`` prints for each variant, and the text of the proof.
    """
    reports, proofs = [], []
    for i, study in enumerate(file.studies):
        name = f"{study.variant}: " if study.variant else ""

        def tell(stage: str, part: float, name: str = name, done: int = i) -> None:
            progress(f"{name}{stage}", (done + part) / len(file.studies))

        def keep(k: int, level: float | None, solve: _Solve, i: int = i) -> _Entry:
            if store is None:
                return solve()
            key = _fingerprint(file.studies[i], file.resolved[i], level, width, threshold)
            return _kept(store / f"{i}.{k}.json", key, solve)

        report, own = _proven(study, threshold, width, tell, keep)
        reports.append(report)
        proofs += own
    return reports, proof_file(proofs) if proofs else ""


def proven_report(
    study: Study, threshold: bool, width: float, progress: Progress
) -> dict[str, Any]:
    """What ``jaxent prove --json`` prints for one study, its proofs checked.

    Raises:
        InputError: nothing can be proven about it.
    """
    report, _ = _proven(study, threshold, Fraction(str(width)), progress)
    return report


_Entry = dict[str, Any]
"""One claim with what is to be said about it; or the reason why there is none."""

_Solve = Callable[[], _Entry]


def _proven(
    study: Study,
    threshold: bool,
    width: Fraction,
    progress: Progress,
    keep: Callable[[int, float | None, _Solve], _Entry] = lambda k, level, solve: solve(),
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What is said of a study, and its proof, if there is one."""
    problem = Problem(domain_of(study), study.objective)
    levels: list[float | None] = [None] if threshold else list(study.efficiencies)
    entries = []
    for k, level in enumerate(levels):

        def tell(stage: str, part: float, k: int = k) -> None:
            progress(f"{stage} ({k + 1}/{len(levels)})", (k + part) / len(levels))

        def solve(level: float | None = level, tell: Progress = tell) -> _Entry:
            return _entry(problem, level, width, threshold, tell)

        entries.append(keep(k, level, solve))
    claims = [entry["claim"] for entry in entries if entry["claim"] is not None]
    own = [proof(problem, claims, study.variant)] if claims else []
    return _report(study, entries, threshold), own


def _entry(
    problem: Problem, level: float | None, width: Fraction, threshold: bool, tell: Progress
) -> _Entry:
    nothing = {"level": level, "claim": None, "closed": False}
    efficiency = None
    if level is not None and problem.domain.filters:
        efficiency = Fraction(str(level))
    try:
        if threshold:
            found = threshold_interval(problem, width, tell)
        else:
            found = value_interval(problem, efficiency, width, tell)
        tell("verifying", 1.0)
        claim = claim_json(found)
        demand_verified(proof_file([proof(problem, [claim])]))
    except NotProven as reason:
        return nothing | {"open": str(reason)}
    except Failed as reason:
        return nothing | {"open": f"what floats took for a proof is none: {reason}"}
    return nothing | {"claim": claim, "closed": found.closed, "open": None}


def _kept(path: Path, key: str, solve: _Solve) -> _Entry:
    """What was found and stored before, by the same code of the same study; or is now."""
    stored = read_json(path)
    if stored.get(_KEY) == key and stored.get("checksum") == checksum(stored.get("entry")):
        return stored["entry"]
    entry = solve()
    content = to_json({_KEY: key, "checksum": checksum(entry), "entry": entry})
    write_atomically(path, lambda unfinished: unfinished.write_text(content, encoding="utf-8"))
    return entry


def demand_verified(text: str) -> str:
    """The statement of a proof.

    Raises:
        Failed: it is refused.
    """
    try:
        proven = optimum.check(text.encode())
    except Unproven as reason:
        raise Failed(str(reason)) from None
    return "\n".join(one.statement for one in proven)


def _fingerprint(
    study: Study, config: dict[str, Any], level: float | None, width: Fraction, threshold: bool
) -> str:
    what = {key: value for key, value in config.items() if key not in ("title", "efficiency")}
    everything = [what, level, str(width), threshold, origin([study.kind])]
    return hashlib.sha256(json.dumps(everything).encode()).hexdigest()


def _report(study: Study, entries: list[dict[str, Any]], threshold: bool) -> dict[str, Any]:
    report: dict[str, Any] = {} if study.variant is None else {"variant": study.variant}
    report |= {"objective": study.objective, "classical_bound": study.measure.classical_bound}
    if threshold:
        return report | {"threshold": _bounds(entries[0], 0.0, 1.0)}
    points = [
        {"efficiency": entry["level"]} | _bounds(entry, 0.0, study.measure.maximum)
        for entry in entries
    ]
    return report | {"points": points}


def _bounds(entry: dict[str, Any], least: float, most: float) -> dict[str, Any]:
    """Both bounds in floats, rounded outwards."""
    claim = entry["claim"]
    if claim is None:
        return {"lower": least, "upper": most, "closed": False, "open": entry["open"]}
    lower = least if claim["lower"] is None else down(Fraction(claim["lower"]))
    upper = most if claim["upper"] is None else up(Fraction(claim["upper"]))
    found = {"lower": lower, "upper": upper, "closed": entry["closed"]}
    return found | {"witness": claim["witness"]}


@contextmanager
def held_parts(out: Path, resume: bool) -> Iterator[Path]:
    """The folder for what is finished of a proof, which this process alone writes to meanwhile.

    It stands beside the file that the proof will be, and is removed where it is left empty.

    Args:
        out: the file.
        resume: whether parts that are there may be used and completed.

    Raises:
        InputError: the file is there, its folder is not, an unfinished proof is, or is in use.
    """
    store = out.with_name(f"{out.name}.partial")
    _refuse_to_overwrite(out, store, resume)
    with sole_folder(store):
        # Another process may have finished in between.
        _refuse_to_overwrite(out, store, resume)
        yield store


def _refuse_to_overwrite(out: Path, store: Path, resume: bool) -> None:
    if out.exists():
        raise InputError(f"--out: {out} exists; allowed: a new file")
    if not out.parent.is_dir():
        raise InputError(f"--out: {out.parent} is no folder; allowed: a file in a folder")
    if parts(store) and not resume:
        raise InputError(
            f"--out: {store} is there, of a proof that was interrupted; allowed: --resume to "
            "continue it, or another file"
        )


def write_proof(out: Path, text: str, store: Path) -> None:
    """Write the file, and forget its parts."""
    try:
        write_atomically(out, lambda path: path.write_text(text, encoding="utf-8"), new=True)
    except FileExistsError:
        raise InputError(f"--out: {out} exists; allowed: a new file") from None
    forget_parts(store)


def rows(reports: list[dict[str, Any]]) -> Iterator[tuple[str, str, str, str, str]]:
    """For a table: variant, efficiency, both bounds, and whether something is open."""
    for report in reports:
        name = report.get("variant", "")
        for point in report.get("points", ()):
            beaten = point["lower"] > report["classical_bound"]
            yield name, f"{point['efficiency']:.6g}", *_written(point, beaten)
        if "threshold" in report:
            beaten = report["threshold"].get("witness") is not None
            yield name, "threshold", *_written(report["threshold"], beaten)


def _written(bounds: dict[str, Any], beaten: bool) -> tuple[str, str, str]:
    """Both bounds, and what is to be said of them, such as that nothing beats the classical one."""
    note = "" if bounds["closed"] else bounds.get("open") or "wider than asked for"
    if not note and not beaten:
        note = "no machine was found above the classical bound"
    return *outwards(bounds["lower"], bounds["upper"]), note
