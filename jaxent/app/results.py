"""Results as plain data: the JSON of states and of runs, and how files are written.

Every number is finite or an infinity, which JSON writes as Python does (``Infinity``,
``-Infinity``); not-a-number is never written.
"""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
import numpy as np

import jaxent
from jaxent import measures
from jaxent.app.config import StateRequest, StudyFile
from jaxent.app.errors import InputError, listed, show
from jaxent.certify import SteeringCertificate
from jaxent.filters import Filters, herald
from jaxent.machines import MACHINES, AbstractMachine
from jaxent.steady_state import Diagnostics
from jaxent.study import Point, Verification

THERMODYNAMICS = (
    "heat_current_a",
    "heat_current_b",
    "entropy_production",
    "heat_current",
    "critical_heat_current",
)
"""The thermodynamic quantities of a state, ``None`` where the model does not define them."""

_LARGEST_RESIDUAL = 1e-10
_LARGEST_NEGATIVITY = 1e-10


class Failed(RuntimeError):
    """A result that must not leave the program."""


def versions() -> dict[str, str]:
    """The versions that results depend on."""
    return {
        "jaxent": jaxent.__version__,
        **{name: version(name) for name in ("jax", "jaxlib", "numpy", "scipy")},
        "python": platform.python_version(),
    }


def state_report(request: StateRequest) -> dict[str, Any]:
    """A machine's heralded state with all its measures, as ``jaxent state --json`` prints it.

    Raises:
        InputError: the steady state is not unique, or the filters never pass.
        Failed: the state is none.
    """
    machine = request.machine
    steady = np.asarray(machine.state())
    diagnostics = _diagnose(request, machine, steady)
    rho, efficiency, log_efficiency = _heralded(request, machine, steady)
    return {
        "machine": _nested_machine(request),
        "dims": [int(d) for d in machine.dims],
        "rho": matrix_json(rho),
        "efficiency": efficiency,
        "log_efficiency": log_efficiency,
        "measures": _measures(rho, machine.dims),
        "thermodynamics": _thermodynamics(machine, steady),
        "diagnostics": {
            "residual": float(diagnostics.residual),
            "nullity": int(diagnostics.nullity),
            "min_eigenvalue": float(diagnostics.min_eigenvalue),
            "sector_size": int(diagnostics.sector_size),
            "warnings": _warnings(machine, diagnostics),
        },
    }


def _diagnose(request: StateRequest, machine: AbstractMachine, rho: np.ndarray) -> Diagnostics:
    finite = bool(np.all(np.isfinite(rho)))
    # Where the solve broke down, any state serves to learn the dimension of the kernel.
    diagnostics = machine.diagnose(rho if finite else np.eye(len(rho), dtype=complex) / len(rho))
    if diagnostics.nullity > 1:
        rates = {
            name: value
            for name, value in request.parameters.items()
            if isinstance(value, (int, float)) and value == 0 and "temperature" not in name
        }
        named = listed(f"{name} = {show(value)}" for name, value in rates.items())
        raise InputError(
            f"machine ({request.kind}): the steady state is not unique, {diagnostics.nullity} "
            f"independent ones exist; these parameters are zero: {named}; allowed: couplings "
            "that take every state to the same one"
        )
    if not finite:
        raise Failed(f"machine ({request.kind}): the steady state came out as not a number")
    return diagnostics


def _heralded(
    request: StateRequest, machine: AbstractMachine, rho: np.ndarray
) -> tuple[np.ndarray, float, float]:
    if request.filter_a is None and request.filter_b is None:
        return rho, 1.0, 0.0
    given = (request.filter_a, request.filter_b)
    diagonals = [
        np.ones(size) if entries is None else np.asarray(entries)
        for entries, size in zip(given, machine.dims, strict=True)
    ]
    # The heralded state does not depend on a filter's scale, and with entries of order one
    # nothing underflows.
    largest = [float(entries.max()) for entries in diagonals]
    a, b = (entries / most for entries, most in zip(diagonals, largest, strict=True))
    heralded, passed = (np.asarray(x) for x in herald(rho, Filters(a, b)))
    if not float(passed) > 0:
        raise InputError(
            f"filters: a = {show(list(diagonals[0]))}, b = {show(list(diagonals[1]))} never let "
            "this machine's state pass; allowed: filters with an efficiency > 0"
        )
    logarithm = math.log(float(passed)) + 2 * sum(math.log(most) for most in largest)
    return heralded, min(1.0, float(passed) * (largest[0] * largest[1]) ** 2), min(0.0, logarithm)


def _measures(rho: np.ndarray, dims: Sequence[int]) -> dict[str, float | None]:
    qubits = tuple(dims) == (2, 2)
    found = _all_measures(tuple(dims))(rho)
    names = ("chsh", "singlet_fraction", "teleportation_fidelity", "concurrence")
    two_qubit = {name: float(found[name]) if qubits else None for name in names}
    return {**two_qubit, **{name: float(found[name]) for name in ("negativity", "purity")}}


@lru_cache
def _all_measures(dims: tuple[int, int]) -> Callable[[Any], dict[str, Any]]:
    def compute(rho):
        found = {"negativity": measures.negativity(rho, dims), "purity": measures.purity(rho)}
        if dims == (2, 2):
            found["chsh"] = measures.chsh(rho)
            found["singlet_fraction"] = measures.singlet_fraction(rho)
            found["teleportation_fidelity"] = measures.teleportation_fidelity(rho)
            found["concurrence"] = measures.concurrence(rho)
        return found

    return jax.jit(compute)


def _thermodynamics(machine: AbstractMachine, rho: np.ndarray) -> dict[str, float | None]:
    try:
        from jaxent.measures.thermodynamics import thermodynamics
    except ModuleNotFoundError:
        return dict.fromkeys(THERMODYNAMICS)
    found = thermodynamics(machine, rho)
    return {
        name: None if found.get(name) is None else float(found[name]) for name in THERMODYNAMICS
    }


def _warnings(machine: AbstractMachine, diagnostics: Diagnostics) -> list[str]:
    warnings = [
        f"{r.condition} does not hold: {r.value:.6g} > {r.limit:.6g}"
        for r in machine.regimes()
        if not r.holds
    ]
    if not diagnostics.residual <= _LARGEST_RESIDUAL:
        warnings.append(f"the residual of the steady state is {diagnostics.residual:.1e}")
    if not diagnostics.min_eigenvalue >= -_LARGEST_NEGATIVITY:
        warnings.append(f"the state has the eigenvalue {diagnostics.min_eigenvalue:.1e}")
    return warnings


def _nested_machine(request: StateRequest) -> dict[str, Any]:
    nested: dict[str, Any] = {"kind": request.kind}
    for name, value in request.parameters.items():
        *path, last = name.split(".")
        block = nested
        for part in path:
            block = block.setdefault(part, {})
        block[last] = value
    return nested


def matrix_json(rho: np.ndarray) -> dict[str, list[list[float]]]:
    """A matrix as its real and its imaginary part."""
    rho = np.asarray(rho)
    return {"re": rho.real.tolist(), "im": rho.imag.tolist()}


def point_json(point: Point, variant: str | None) -> dict[str, Any]:
    """One point of a trade-off curve."""
    return {
        "variant": variant,
        "efficiency": float(point.efficiency),
        "value": float(point.value),
        "parameters": {name: float(value) for name, value in point.parameters.items()},
        "filters": {
            "a": np.asarray(point.filters.a).tolist(),
            "b": np.asarray(point.filters.b).tolist(),
        },
        "rho": matrix_json(point.rho),
        "verified": _verified_json(point.verified),
        "steering": None if point.steering is None else steering_json(point.steering),
    }


def _verified_json(verified: Verification) -> dict[str, Any]:
    regimes = [
        {
            "condition": r.condition,
            "value": float(r.value),
            "limit": float(r.limit),
            "holds": bool(r.holds),
        }
        for r in verified.regimes
    ]
    return {
        "residual": float(verified.residual),
        "efficiency": float(verified.efficiency),
        "value": float(verified.value),
        "min_eigenvalue": float(verified.min_eigenvalue),
        "at_bound": list(verified.at_bound),
        "regimes": regimes,
        "trivial": bool(verified.trivial),
        "agreed": int(verified.agreed),
        "starts": int(verified.starts),
        "failed": int(verified.failed),
        "agreement": float(verified.agreement),
    }


def steering_json(certificate: SteeringCertificate) -> dict[str, Any]:
    """The bounds of a steering certificate and what was measured."""
    return {
        "q": float(certificate.q),
        "q_lower": float(certificate.q_lower),
        "q_upper": float(certificate.q_upper),
        "measurements": certificate.measurements,
        "measuring": certificate.measuring,
    }


def run_summary(file: StudyFile, points: list[dict[str, Any]]) -> dict[str, Any]:
    """The content of ``summary.json``.

    Args:
        file: the study file.
        points: the points of all variants, from :func:`point_json`.
    """
    first = file.studies[0]
    return {
        "title": file.title,
        "objective": first.objective,
        "classical_bound": first.measure.classical_bound,
        "versions": versions(),
        "seed": first.settings.seed,
        "config": file.config,
        "variants": [study.variant for study in file.studies if study.variant is not None],
        "points": points,
    }


def to_json(value: Any, indent: int | None = None) -> str:
    """JSON text; floats keep every digit.

    Raises:
        Failed: a number in it is not a number.
    """
    _demand_numbers(value, "result")
    return json.dumps(value, indent=indent)


def _demand_numbers(value: Any, place: str) -> None:
    if isinstance(value, float) and math.isnan(value):
        raise Failed(f"{place}: came out as not a number")
    if isinstance(value, Mapping):
        for key, entry in value.items():
            _demand_numbers(entry, f"{place}.{key}")
    elif isinstance(value, (list, tuple)):
        for i, entry in enumerate(value):
            _demand_numbers(entry, f"{place}[{i}]")


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file whole or not at all.

    Args:
        path: where it ends up.
        write: writes it to the path it is given, in the same folder.
    """
    # The same suffix, since writers choose the format by it.
    unfinished = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        write(unfinished)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def parameter_meanings(kind: str) -> dict[str, str]:
    """What each parameter of a machine is."""
    return {parameter.name: parameter.meaning for parameter in MACHINES[kind].parameters}
