"""Results as plain data: the JSON of states and of runs.

Every number is finite or an infinity, which JSON writes as Python does (``Infinity``,
``-Infinity``); not-a-number is never written.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from jaxent.app.config import StudyFile
from jaxent.app.folders import checksum
from jaxent.app.origin import origin
from jaxent.app.ranges import efficiency_scale, sweep_scale
from jaxent.certify import SteeringCertificate
from jaxent.verification import Point, Verification

_ROUNDING = 1e-6
"""More than a verified efficiency is off."""


class Failed(RuntimeError):
    """A result that must not leave the program."""


def matrix_json(rho: np.ndarray) -> dict[str, list[list[float]]]:
    """A matrix as its real and its imaginary part."""
    return {"re": np.real(rho).tolist(), "im": np.imag(rho).tolist()}


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
        "verified": verified_json(point.verified),
        "steering": None if point.steering is None else steering_json(point.steering),
        **({} if point.directions is None else {"directions": point.directions.tolist()}),
    }


def verified_json(verified: Verification) -> dict[str, Any]:
    """What a point is worth."""
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
        "difference": float(verified.difference),
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
        "nullity": int(verified.nullity),
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
    first, kinds = file.studies[0], file.kinds
    return {
        "title": file.title,
        "kinds": kinds,
        "objective": first.objective,
        "classical_bound": first.measure.classical_bound,
        "maximum": max(study.measure.maximum for study in file.studies),
        **origin(kinds),
        "efficiency_scale": efficiency_scale(file.resolved[0].get("efficiency")),
        "sweep": None if first.sweep is None else first.sweep.parameter,
        "sweep_scale": sweep_scale(file.resolved[0].get("sweep")),
        "seed": first.settings.seed,
        "config": file.config,
        "variants": [study.variant for study in file.studies if study.variant is not None],
        "checksum": checksum(points),
        "points": points,
    }


def level_of(point: Mapping[str, Any], swept: str | None) -> float:
    """What a curve runs over, at one of its points: the efficiency, or a swept parameter."""
    return point["efficiency"] if swept is None else point["parameters"][swept]


def heralding(point: Mapping[str, Any]) -> float:
    """With what efficiency a point heralds: more than demanded where fixed filters pass more."""
    demanded, found = point["efficiency"], point["verified"]["efficiency"]
    return found if found > demanded * (1 + _ROUNDING) else demanded


def place_of(point: Mapping[str, Any], swept: str | None) -> float:
    """Where a point is drawn: at what it heralds with, or at its value of a swept parameter."""
    return heralding(point) if swept is None else level_of(point, swept)


def level_words(point: Mapping[str, Any], swept: str | None = None, digits: int = 6) -> str:
    """The level of a point, and all that is to be said about its efficiency.

    >>> level_words({"efficiency": 1e-12, "verified": {"efficiency": 5.5e-7}})
    'at least 1e-12; heralds at 5.5e-07'
    """
    demanded, found = (f"{x:.{digits}g}" for x in (point["efficiency"], heralding(point)))
    efficiency = found if found == demanded else f"at least {demanded}; heralds at {found}"
    if swept is None:
        return efficiency
    level = f"{level_of(point, swept):.{digits}g}"
    return level if efficiency == "1" else f"{level}, efficiency {efficiency}"


def bound_words(bound: str) -> str:
    """What sits at a bound of the search, with what is meant of a filter.

    >>> bound_words("filters.a=high"), bound_words("g=low")
    ('filters.a=high, the ratio of its entries, upper to lower', 'g=low')
    """
    if not bound.startswith("filters."):
        return bound
    alone = "relative to its largest entry"
    return f"{bound}, {alone if '[' in bound else 'the ratio of its entries, upper to lower'}"


def remarks(point: Mapping[str, Any]) -> list[str]:
    """What is to be said about a point beside its numbers."""
    verified = point["verified"]
    found = [f"at the bound: {bound_words(bound)}" for bound in verified["at_bound"]]
    if verified["trivial"]:
        found.append("not above the classical bound")
    found += [
        f"{r['condition']} does not hold: the model is used outside its regime"
        for r in verified["regimes"]
        if not r["holds"]
    ]
    if verified["failed"]:
        found.append(f"{verified['failed']} starts failed")
    return found


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
