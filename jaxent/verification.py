"""Verification: what an optimum is worth, recomputed without the code that found it.

Each optimum of a search becomes a :class:`Point` only after an independent solve of its machine,
its efficiency by explicit Kraus operators, and its value by the general definition have agreed with
it (``independent``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jaxent import independent
from jaxent.baths import temperature
from jaxent.filters import SMALLEST_RATIO, Filters
from jaxent.machines import AbstractMachine, Regime
from jaxent.measures.thermodynamics import second_law
from jaxent.precise import PreciseState
from jaxent.search.problem import Outcome
from jaxent.search.tradeoff import AGREEMENT, Optimum
from jaxent.study import Study

if TYPE_CHECKING:
    from jaxent.certify import SteeringCertificate

_ROUNDING = 1e-12
_AT_BOUND = 1e-6


@dataclass(frozen=True)
class Verification:
    """What an optimum is worth, recomputed without the code that found it.

    Attributes:
        residual: largest entry of the difference between the steady state and that of an
            independent solve.
        difference: the same of the heralded state.
        efficiency: the success probability by explicit Kraus operators; more than demanded where
            fixed filters let more through.
        value: the measure by its general definition.
        min_eigenvalue: of the heralded state.
        at_bound: free parameters and filter ratios that sit at a bound, as ``name=low`` or
            ``name=high``.
        regimes: the conditions of the model with their numbers.
        trivial: whether the value does not exceed the classical bound by more than the two
            computations differ.
        agreed: how many random starts came within ``agreement`` of the optimum.
        starts: out of how many.
        failed: how many of them never saw a finite score.
        nullity: dimension of the space of steady states; 1 where it is unique.
    """

    residual: float
    difference: float
    efficiency: float
    value: float
    min_eigenvalue: float
    at_bound: tuple[str, ...]
    regimes: tuple[Regime, ...]
    trivial: bool
    agreed: int
    starts: int
    failed: int
    nullity: int
    agreement: float = AGREEMENT


@dataclass(frozen=True)
class Point:
    """One verified point of a trade-off curve.

    Attributes:
        efficiency: the heralding efficiency.
        value: the objective.
        parameters: the free parameters, and a swept one, in their natural units.
        filters: the diagonals of both filters.
        rho: the heralded state among the levels that the filters let pass, shape ``(d, d)``.
        verified: see :class:`Verification`.
        steering: the certificate, or ``None`` where none was asked for. For the measurements that
            were found, where these are free.
        directions: these, shape ``(m, 3)``, or ``None``.
    """

    efficiency: float
    value: float
    parameters: dict[str, float]
    filters: Filters
    rho: np.ndarray
    verified: Verification
    steering: SteeringCertificate | None = None
    directions: np.ndarray | None = None


class Unverified(RuntimeError):
    """An optimum did not survive its independent recomputation."""


class NotUnique(ValueError):
    """A machine has several steady states."""


def verify(study: Study, optimum: Optimum) -> Point:
    """Recompute one optimum independently and certify it.

    Raises:
        Unverified: the recomputation disagrees.
        NotUnique: the machine has several steady states.
        OutsideModel: the model has no meaning at the optimum.
    """
    outcome = study.problem.outcome(optimum.point, optimum.level)
    efficiency = float(study.problem.efficiency_at(optimum.level))
    verified = _recompute(study, optimum, outcome)
    value = float(outcome.value)
    _demand(study, efficiency, value, verified)
    return Point(
        efficiency=efficiency,
        value=value,
        parameters=_natural(study, outcome, optimum.level),
        filters=outcome.filters,
        rho=outcome.heralded,
        verified=verified,
        steering=_certificate(study, outcome),
        directions=outcome.axes,
    )


def several_steady_states(study: Study, outcome: Outcome, level: float, nullity: int) -> NotUnique:
    """The error for a machine that has more than one steady state at a point of its search."""
    free = ", ".join(f"{name} = {x:g}" for name, x in _natural(study, outcome, level).items())
    return NotUnique(
        f"machine ({study.kind}): the steady state is not unique, {nullity} independent ones exist"
        f"{' at ' + free if free else ''}; allowed: couplings and baths that take every state to "
        "the same one"
    )


def _natural(study: Study, outcome: Outcome, level: float) -> dict[str, float]:
    """The free parameters, and a swept one, with temperatures in place of their inverses."""
    ranges = study.problem.space.ranges.items()
    found = {
        name: temperature(float(x)) if r.scale == "inverse" else float(x)
        for (name, r), x in zip(ranges, outcome.parameters, strict=True)
    }
    if study.sweep is None:
        return found
    # T = -inf and T = inf are two, of one inverse.
    alike = [x == level and np.signbit(x) == np.signbit(level) for x in study.levels]
    value = study.sweep.values[alike.index(True)]
    return {study.sweep.parameter: float(value), **found}


def _trivial(study: Study, value: float, again: float) -> bool:
    # What two computations do not agree about, or what is rounding, proves nothing.
    doubt = 10 * abs(value - again) + _ROUNDING + study.measure.accuracy
    return min(value, again) <= study.measure.classical_bound + doubt


def _recompute(study: Study, optimum: Optimum, outcome: Outcome) -> Verification:
    machine, rho = outcome.machine, outcome.rho
    nullity = machine.diagnose(rho).nullity
    if nullity > machine.steady_states:
        raise several_steady_states(study, outcome, optimum.level, nullity)
    again = independent.Solution(machine)
    heralded, log_efficiency = again.herald(*map(np.asarray, outcome.filters))
    efficiency = float(np.exp(log_efficiency))
    machine.refuse_state(efficiency)
    filters = study.problem.fixed_filters
    heralded = filters.among_kept(heralded)
    difference = float(np.abs(heralded - outcome.heralded).max())
    measurements = study.directions if outcome.axes is None else outcome.axes
    value = independent.value_of(study.objective, heralded, filters.dims, measurements)
    return Verification(
        residual=float(np.abs(again.state - rho).max()),
        difference=difference,
        efficiency=efficiency,
        value=value,
        min_eigenvalue=float(np.linalg.eigvalsh(heralded).min()),
        at_bound=_at_bound(study, optimum, outcome),
        regimes=conditions(machine, efficiency, again.precise),
        trivial=_trivial(study, float(outcome.value), value),
        agreed=optimum.agreed,
        starts=study.settings.starts,
        failed=optimum.failed,
        agreement=optimum.agreement,
        nullity=nullity,
    )


def conditions(
    machine: AbstractMachine, efficiency: float, state: PreciseState | None
) -> tuple[Regime, ...]:
    """The conditions under which a machine's model holds, with their numbers.

    Args:
        machine: without batch axes.
        efficiency: with which filters herald from its steady state.
        state: that, in many digits; solved for where it is needed and not given.
    """
    return (
        *machine.regimes(),
        *machine.truncation(efficiency),
        *second_law(machine, state),
    )


def tolerance(efficiency: float) -> float:
    """How far two solvers may differ about a state that is heralded with some efficiency.

    Where one of them resolves probabilities absolutely, dividing by a small efficiency magnifies
    its error in the heralded state, up to where nothing would be verified any more.
    """
    return min(1e-9 + 1e-14 / efficiency, 1e-6) if efficiency > 0 else 1e-6


def _demand(study: Study, demanded: float, value: float, verified: Verification) -> None:
    allowed = tolerance(demanded)
    excess = verified.efficiency / demanded - 1
    exactly = bool(study.filters) or study.problem.fixed_filters.idle
    checks = {
        "the steady state": (verified.residual, 1e-10),
        "the heralded state": (verified.difference, allowed),
        "the efficiency": (abs(excess) if exactly else -excess, allowed),
        "the value": (abs(verified.value - value), max(allowed, study.measure.accuracy)),
        "positivity": (-verified.min_eigenvalue, allowed),
    }
    for what, (error, limit) in checks.items():
        if not error <= limit:
            raise Unverified(
                f"efficiency {demanded:g}: {what} is off by {error:.1e} in the "
                f"independent recomputation; allowed: {limit:.1e}"
            )


def _at_bound(study: Study, optimum: Optimum, outcome: Outcome) -> tuple[str, ...]:
    space = study.problem.space
    found = []
    for name, place in zip(space.names, optimum.point, strict=False):
        upside_down = study.ranges[name].scale == "inverse"
        if place <= _AT_BOUND:
            found.append(f"{name}={'high' if upside_down else 'low'}")
        elif place >= 1 - _AT_BOUND:
            found.append(f"{name}={'low' if upside_down else 'high'}")
    if outcome.axes is not None:
        angles = optimum.point[-2 * len(outcome.axes) :].reshape(-1, 2)
        ends = np.any((angles <= _AT_BOUND) | (angles >= 1 - _AT_BOUND), axis=1)
        found += [f"measurements[{x}]" for x in np.flatnonzero(ends)]
    slack = space.slack(optimum.point[: space.size])
    found += [c.text for c, s in zip(study.constraints, slack, strict=True) if s <= _AT_BOUND]
    furthest = -np.log(SMALLEST_RATIO) * (1 - _AT_BOUND)
    for party, placed in outcome.placed.items():
        if np.ndim(placed):
            found += [f"filters.{party}[{k}]=low" for k, w in enumerate(placed) if w <= -furthest]
        elif abs(placed) >= furthest:
            found.append(f"filters.{party}={'low' if placed < 0 else 'high'}")
    return tuple(found)


def _certificate(study: Study, outcome: Outcome) -> SteeringCertificate | None:
    """Of the state that is reported; the recomputed one has its own, as the objective's check."""
    if study.certified is None:
        return None
    from jaxent.certify import certify_steering

    measurements = study.certified if outcome.axes is None else outcome.axes
    return certify_steering(outcome.heralded, measurements=measurements)
