"""The report on one machine's state: what ``jaxent state --json`` prints."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxent import independent, measures
from jaxent.app.config import StateRequest
from jaxent.app.errors import InputError, listed, show
from jaxent.app.results import Failed, matrix_json
from jaxent.filters import Filters, herald
from jaxent.machines import AbstractLindbladMachine, AbstractMachine
from jaxent.measures.thermodynamics import QUANTITIES, second_law, thermodynamics
from jaxent.steady_state import Diagnostics

_LARGEST_RESIDUAL = 1e-10
_LARGEST_NEGATIVITY = 1e-10
_LARGEST_DIFFERENCE = 1e-9


def state_report(request: StateRequest) -> dict[str, Any]:
    """A machine's heralded state with all its measures, as ``jaxent state --json`` prints it.

    Raises:
        InputError: the steady state is not unique, or the filters never pass.
        Failed: what came out is no state, or not the machine's.
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
            "spectral_gap": _spectral_gap(machine),
            "warnings": _warnings(machine, steady),
        },
    }


def _spectral_gap(machine: AbstractMachine) -> float | None:
    return machine.spectral_gap() if isinstance(machine, AbstractLindbladMachine) else None


def _diagnose(request: StateRequest, machine: AbstractMachine, rho: np.ndarray) -> Diagnostics:
    finite = bool(np.all(np.isfinite(rho)))
    # Where the solve broke down, any state serves to learn the dimension of the kernel.
    diagnostics = machine.diagnose(jnp.asarray(rho) if finite else jnp.eye(len(rho)) / len(rho))
    if diagnostics.nullity > 1:
        raise InputError(
            f"machine ({request.kind}): the steady state is not unique, {diagnostics.nullity} "
            f"independent ones exist at {_what_vanishes(request, machine)}; allowed: couplings "
            "that take every state to the same one"
        )
    if not finite:
        raise Failed(f"machine ({request.kind}): the steady state came out as not a number")
    wrong = {
        "residual": (diagnostics.residual, _LARGEST_RESIDUAL),
        "smallest eigenvalue": (-diagnostics.min_eigenvalue, _LARGEST_NEGATIVITY),
    }
    for name, (error, limit) in wrong.items():
        if not error <= limit:
            raise Failed(
                f"machine ({request.kind}): the {name} of the steady state is off by {error:.1e}; "
                f"allowed: {limit:.0e}"
            )
    return diagnostics


def _what_vanishes(request: StateRequest, machine: AbstractMachine) -> str:
    numbers = {
        parameter: request.parameters[parameter.name]
        for parameter in machine.parameters
        if isinstance(request.parameters.get(parameter.name), (int, float))
    }
    zero = {
        parameter: value
        for parameter, value in numbers.items()
        if value == 0 and parameter.default != 0 and not parameter.is_temperature
    }
    return listed(f"{p.name} = {show(value)}" for p, value in (zero or numbers).items())


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
    heralded, passed = (
        np.asarray(x) for x in herald(jnp.asarray(rho), Filters(jnp.asarray(a), jnp.asarray(b)))
    )
    if not float(passed) > 0:
        shown = (show(entries.tolist()) for entries in diagonals)
        raise InputError(
            "filters: a = {}, b = {} never let this machine's state pass; allowed: filters with "
            "an efficiency > 0".format(*shown)
        )
    logarithm = math.log(float(passed)) + 2 * sum(math.log(most) for most in largest)
    return heralded, min(1.0, float(passed) * (largest[0] * largest[1]) ** 2), min(0.0, logarithm)


def _measures(rho: np.ndarray, dims: Sequence[int]) -> dict[str, float | None]:
    qubits = tuple(dims) == (2, 2)
    found = _all_measures(tuple(dims))(rho)
    names = ("chsh", "singlet_fraction", "teleportation_fidelity", "concurrence")
    two_qubit = {name: float(found[name]) if qubits else None for name in names}
    return {**two_qubit, **{name: float(found[name]) + 0.0 for name in ("negativity", "purity")}}


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
    found = thermodynamics(machine, rho)
    defined = {name: float(value) for name, value in found.items() if value is not None}
    return {name: defined.get(name) for name in QUANTITIES}


def _warnings(machine: AbstractMachine, rho: np.ndarray) -> list[str]:
    ill_conditioned = []
    if isinstance(machine, AbstractLindbladMachine) and machine.generator.exchange is None:
        # Where there is more than an exchange, slow populations can drown in fast coherences.
        error = float(np.abs(independent.steady_state(machine) - rho).max())
        if not error <= _LARGEST_DIFFERENCE:
            ill_conditioned.append(f"ill-conditioned: another solver differs by {error:.1e}")
    return ill_conditioned + [
        f"{r.condition} does not hold: {r.value:.6g} > {r.limit:.6g}"
        for r in (*machine.regimes(), *second_law(machine, rho))
        if not r.holds
    ]


def _nested_machine(request: StateRequest) -> dict[str, Any]:
    nested: dict[str, Any] = {"kind": request.kind}
    for name, value in request.parameters.items():
        *path, last = name.split(".")
        block = nested
        for part in path:
            block = block.setdefault(part, {})
        block[last] = value
    return nested
