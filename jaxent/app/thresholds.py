"""The largest efficiencies at which a study beats its classical bound, as plain data."""

from __future__ import annotations

from typing import Any

from jaxent import curves
from jaxent.app.errors import as_input_errors
from jaxent.app.progress import Progress, whole
from jaxent.machines import OutsideModel
from jaxent.search.tradeoff import Unreachable
from jaxent.study import Study
from jaxent.verification import NotUnique


def threshold_report(study: Study, progress: Progress) -> dict[str, Any]:
    """What ``jaxent threshold --json`` prints for one study.

    Args:
        study: the study, with at least one free filter.
        progress: told what goes on.

    Returns:
        The threshold of the strict inequality and those with a margin (0 where the objective was
        never found that far above its classical bound), and what sits at a bound there.
    """

    def tell(stage: str, fraction: float) -> None:
        progress(stage, whole("threshold", stage, fraction))

    with as_input_errors(NotUnique, OutsideModel, Unreachable):
        (strict, point), *others = curves.solve_thresholds(study, tell)
    report: dict[str, Any] = {} if study.variant is None else {"variant": study.variant}
    return report | {
        "threshold": float(strict.efficiency),
        "classical_bound": study.measure.classical_bound,
        "with_margin": {_as_written(t.margin): float(t.efficiency) for t, _ in others},
        "at_bound": list(point.verified.at_bound) if point else [],
    }


def _as_written(margin: float) -> str:
    """``1e-3`` for 0.001; Python itself would write ``1e-03``."""
    mantissa, exponent = f"{margin:e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}"
