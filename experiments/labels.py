"""What the variables of a figure's data are: their meaning and unit, stored with them."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import xarray as xr

from jaxent.app.work import Work

Compute = Callable[[Work], xr.Dataset]


def labelled(**labels: str) -> Callable[[Compute], Compute]:
    """Label what a script computes, with ``long_name`` and ``units`` as NetCDF files have them.

    Args:
        labels: of each variable what it is, such as ``"heat current, J [eps_h]"``. Those that are
            named alike up to a comma, as ``"q, charged"``, share one label. In names, other signs
            than letters and digits count as an underscore.

    Raises:
        KeyError: a variable has no label, or a label no variable.
    """

    def decorated(compute: Compute) -> Compute:
        @wraps(compute)
        def with_labels(work: Work) -> xr.Dataset:
            return described(compute(work), labels)

        return with_labels

    return decorated


def described(data: xr.Dataset, labels: Mapping[str, str]) -> xr.Dataset:
    """The same, of data at hand."""
    used = set()
    for name, variable in data.variables.items():
        key = _key(str(name).partition(",")[0])
        if key not in labels:
            raise KeyError(f"{name}: no label says what it is")
        used.add(key)
        variable.attrs.update(_attrs(labels[key], numeric=variable.dtype.kind in "fiu"))
    if unknown := labels.keys() - used:
        raise KeyError(f"{', '.join(sorted(unknown))}: the data has no such variable")
    return data


def _key(name: str) -> str:
    return "".join(sign if sign.isalnum() else "_" for sign in name)


def _attrs(label: str, numeric: bool) -> dict[str, Any]:
    meaning, _, unit = label.partition(" [")
    units = {"units": unit.removesuffix("]") or "1"} if numeric else {}
    return {"long_name": meaning, **units}
