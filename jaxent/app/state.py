"""The report on one machine's state: what ``jaxent state --json`` prints."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxent import measures
from jaxent.app.config import StateRequest
from jaxent.app.errors import InputError, as_input_errors, listed, show
from jaxent.app.results import Failed, matrix_json
from jaxent.filters import FixedFilters
from jaxent.independent import Solution
from jaxent.machines import AbstractLindbladMachine, AbstractMachine, OutsideModel
from jaxent.measures.thermodynamics import QUANTITIES, thermodynamics
from jaxent.steady_state import Diagnostics, min_eigenvalue
from jaxent.verification import conditions, tolerance

_LARGEST_RESIDUAL = 1e-10
_LARGEST_NEGATIVITY = 1e-10
_MOST_LEVELS = 36


def state_report(request: StateRequest) -> dict[str, Any]:
    """A machine's heralded state with all its measures, as ``jaxent state --json`` prints it.

    Raises:
        InputError: the steady state is not unique and nothing says which one is meant, the filters
            never pass, or the model does not hold at all.
        Failed: what came out is no state, or not the machine's.
    """
    machine = request.machine
    solution, diagnostics = _solve(request, machine)
    given = _given_filters(request, machine)
    filters, log_scale = _scaled(given)
    rho, log_passed = _heralded(solution, filters)
    log_efficiency = min(0.0, log_passed + log_scale) + 0.0
    with as_input_errors(OutsideModel):
        machine.refuse_state(math.exp(log_passed))
    return {
        "machine": nested_machine(request),
        "filters": {"a": given.a.tolist(), "b": given.b.tolist()},
        "dims": [int(d) for d in filters.dims],
        "rho": matrix_json(rho),
        "efficiency": math.exp(log_efficiency),
        "log_efficiency": log_efficiency,
        "measures": _measures(rho, filters, machine),
        "thermodynamics": _thermodynamics(machine, solution),
        "diagnostics": {
            "residual": float(diagnostics.residual),
            "nullity": int(diagnostics.nullity),
            "min_eigenvalue": min(float(diagnostics.min_eigenvalue), min_eigenvalue(rho)),
            "sector_size": int(diagnostics.sector_size),
            "spectral_gap": _spectral_gap(machine),
            "warnings": [
                *_disagreement(request, filters, rho, log_passed, solution),
                *(
                    f"{r.condition} does not hold: {r.value:.6g} > {r.limit:.6g}"
                    for r in conditions(machine, math.exp(log_passed), solution.precise)
                    if not r.holds
                ),
            ],
        },
    }


def _spectral_gap(machine: AbstractMachine) -> float | None:
    if not isinstance(machine, AbstractLindbladMachine):
        return None
    if machine.generator.dimension > _MOST_LEVELS:
        return None  # it would take all eigenvalues of the generator
    gap = machine.spectral_gap()
    # None where rates too far apart hide it from the eigenvalues; 0 where something oscillates.
    return gap if gap > 0 or machine.steady_states > 1 else None


def _solve(request: StateRequest, machine: AbstractMachine) -> tuple[Solution, Diagnostics]:
    """The steady state and what it is worth, once it is known to be the only one."""
    try:
        solution = Solution(machine)
    except np.linalg.LinAlgError:
        solution = None
    # Where there is no state, any serves to learn the dimension of the kernel.
    state = np.eye(machine.dims[0] * machine.dims[1]) if solution is None else solution.state
    diagnostics = machine.diagnose(jnp.asarray(state))
    if diagnostics.nullity > machine.steady_states:
        raise InputError(
            f"machine ({request.kind}): the steady state is not unique, {diagnostics.nullity} "
            f"independent ones exist at {_what_vanishes(request, machine)}; allowed: couplings "
            "that take every state to the same one"
        )
    if solution is None or not np.all(np.isfinite(state)):
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
    return solution, diagnostics


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


def _given_filters(request: StateRequest, machine: AbstractMachine) -> FixedFilters:
    """The filters of the file, and where it says nothing the machine's own."""
    own = FixedFilters.of(machine)
    given = (request.filter_a, request.filter_b)
    diagonals = (
        default if entries is None else np.asarray(entries, dtype=float)
        for entries, default in zip(given, (own.a, own.b), strict=True)
    )
    return FixedFilters(*diagonals)


def _scaled(given: FixedFilters) -> tuple[FixedFilters, float]:
    r"""The filters with entries of order one, and :math:`\ln` of what their scale lets through.

    The heralded state does not depend on a filter's scale, and so nothing underflows.
    """
    largest = float(given.a.max()), float(given.b.max())
    scaled = FixedFilters(given.a / largest[0], given.b / largest[1])
    return scaled, 2 * sum(math.log(most) for most in largest)


def _heralded(solution: Solution, filters: FixedFilters) -> tuple[np.ndarray, float]:
    if filters.idle:
        return solution.state, 0.0
    try:
        heralded, log_passed = solution.herald(filters.a, filters.b)
    except ZeroDivisionError:
        shown = (show(entries.tolist()) for entries in (filters.a, filters.b))
        raise InputError(
            "filters: a = {}, b = {} never let this machine's state pass; allowed: filters with "
            "an efficiency > 0".format(*shown)
        ) from None
    return filters.among_kept(heralded), log_passed


def _disagreement(
    request: StateRequest,
    filters: FixedFilters,
    rho: np.ndarray,
    log_passed: float,
    solution: Solution,
) -> list[str]:
    """A warning where the kernel that searches use does not find the same heralded state.

    Raises:
        Failed: and neither of the two is in many digits.
    """
    heralded, log_efficiency = filters.herald(request.machine)
    difference = float(np.abs(np.asarray(heralded) - rho).max())
    error = max(difference, abs(math.expm1(float(log_efficiency) - log_passed)))
    limit = tolerance(math.exp(log_passed))
    if error <= limit:
        return []
    if solution.precise is None:
        raise Failed(
            f"machine ({request.kind}): two solvers of the heralded state differ by {error:.1e}; "
            f"allowed: {limit:.0e}"
        )
    if not math.isfinite(error):
        return ["ill-conditioned: in double precision the heralded state is no number"]
    return [f"ill-conditioned: in double precision the heralded state is off by {error:.1e}"]


def _measures(
    rho: np.ndarray, filters: FixedFilters, machine: AbstractMachine
) -> dict[str, float | None]:
    found = all_measures(filters.dims)(rho)
    names = ("chsh", "singlet_fraction", "teleportation_fidelity", "concurrence")
    two_qubit = {name: float(found[name]) if name in found else None for name in names}
    both = {name: float(found[name]) + 0.0 for name in ("negativity", "purity")}
    if machine.target is None:
        return {**two_qubit, **both}
    target = np.asarray(machine.target)[filters.levels]
    fidelity = float(np.real(target.conj() @ rho @ target))
    # Without couplings the target is none.
    return {**two_qubit, **both, "fidelity_target": fidelity if math.isfinite(fidelity) else None}


@lru_cache
def all_measures(dims: tuple[int, int]) -> Callable[[Any], dict[str, Any]]:
    """What is measured of every state of these local dimensions, compiled."""

    def compute(rho):
        found = {"negativity": measures.negativity(rho, dims), "purity": measures.purity(rho)}
        if dims == (2, 2):
            found["chsh"] = measures.chsh(rho)
            found["singlet_fraction"] = measures.singlet_fraction(rho)
            found["teleportation_fidelity"] = measures.teleportation_fidelity(rho)
            found["concurrence"] = measures.concurrence(rho)
        return found

    return jax.jit(compute)


def _thermodynamics(machine: AbstractMachine, solution: Solution) -> dict[str, float | None]:
    found = thermodynamics(machine, solution.precise)
    defined = {name: float(value) for name, value in found.items() if value is not None}
    return {name: defined.get(name) for name in QUANTITIES}


def nested_machine(request: StateRequest) -> dict[str, Any]:
    """The ``machine`` block of a state file."""
    nested: dict[str, Any] = {"kind": request.kind}
    for name, value in request.parameters.items():
        *path, last = name.split(".")
        block = nested
        for part in path:
            block = block.setdefault(part, {})
        block[last] = value
    return nested
