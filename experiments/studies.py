"""What the studies in ``configs/`` fix, for scripts that go on with the machine of one."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from jaxent.app.config import load_study_file
from jaxent.study import Study

_CONFIGS = Path(__file__).resolve().parents[1] / "configs"


@cache
def studies(paper: str, name: str) -> dict[str, Study]:
    """The studies of a config by their variants; ``""`` where there are none."""
    found = load_study_file(_CONFIGS / paper / f"{name}.yaml").studies
    return {study.variant or "": study for study in found}


def study(paper: str, name: str, variant: str = "") -> Study:
    """One of them; its first unless a variant is named."""
    found = studies(paper, name)
    return found[variant] if variant else next(iter(found.values()))


def fixed(paper: str, name: str, *parameters: str, variant: str = "") -> list[Any]:
    """The values that a study gives to those parameters."""
    given = study(paper, name, variant).parameters
    return [given[parameter] for parameter in parameters]


def bounds(paper: str, name: str, parameter: str, variant: str = "") -> tuple[float, float]:
    """Those between which a study searches a parameter."""
    found = study(paper, name, variant).ranges[parameter]
    return found.low, found.high


def swept(paper: str, name: str, variant: str = "") -> np.ndarray:
    """The values along which a study goes: of the parameter it sweeps, or of the efficiency."""
    found = study(paper, name, variant)
    return np.array(found.efficiencies if found.sweep is None else found.sweep.values)


def one_of(points: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    """The point of that variant, efficiency or parameter, such as ``gamma=1e-3``.

    Raises:
        LookupError: none is that one, or several are.
    """
    found = [
        point
        for point in points
        if all(_same((point | point["parameters"])[name], value) for name, value in wanted.items())
    ]
    if len(found) != 1:
        raise LookupError(f"{len(found)} points are those of {wanted}")
    return found[0]


def table(
    points: list[dict[str, Any]], variants: Sequence[str | None], along: str, quantity: Any
) -> tuple[np.ndarray, np.ndarray]:
    """A quantity of each point by its variant and by what the curve runs along.

    Args:
        points: those of a study.
        variants: the rows.
        along: a parameter, or ``"efficiency"``.
        quantity: what of a point, such as ``"value"``, or a function of it.

    Returns:
        What the curve runs along, ascending, and the quantity, ``(variants, points)``.

    Raises:
        LookupError: a place has no point, or several.
    """
    take = quantity if callable(quantity) else (lambda point: point[quantity])
    places = sorted({(point | point["parameters"])[along] for point in points})
    rows = [[take(one_of(points, variant=v, **{along: x})) for x in places] for v in variants]
    return np.array(places), np.array(rows)


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, str) or wanted is None:
        return found == wanted
    return bool(np.isclose(found, wanted, rtol=1e-9, atol=0.0))
