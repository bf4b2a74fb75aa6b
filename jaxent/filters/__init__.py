"""Local filters: the states they herald, and the efficiency they are made to meet."""

from jaxent.filters.heralding import Filters, FixedFilters, State, herald, heralded, passing
from jaxent.filters.placing import (
    SMALLEST_RATIO,
    Placed,
    balanced_filter,
    filters_at,
    herald_at,
    log_ratios,
    places,
    population_list,
    positions,
    ratio_interval,
    unit_filter,
)

__all__ = [
    "SMALLEST_RATIO",
    "Filters",
    "FixedFilters",
    "Placed",
    "State",
    "balanced_filter",
    "filters_at",
    "herald",
    "herald_at",
    "heralded",
    "log_ratios",
    "passing",
    "places",
    "population_list",
    "positions",
    "ratio_interval",
    "unit_filter",
]
