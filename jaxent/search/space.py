r"""The space that a search explores: bounded, scaled, with its constraints built in.

Each free parameter :math:`x_k` has bounds and a scale on which it is uniform: ``log``,
``linear``, or ``inverse`` for temperatures, which are searched as :math:`\beta = 1/T`. Together
they map a *box* :math:`u \in [0, 1]^n` to parameter values.

Constraints compare products of parameters, such as ``g <= bath_a.gamma``. In logarithms they
are linear, :math:`\sum_k A_{ck} \ln x_k \le b_c`, and cut a polytope out of the box. A *cube*
:math:`\theta \in [0, 1]^n` is mapped onto that polytope one parameter after the other: the
bounds of :math:`x_k`, given :math:`x_1 \dots x_{k-1}`, come from eliminating the parameters after
it (Fourier and Motzkin). Every point of the cube then meets every constraint exactly, and every
point of the polytope has its place in the cube.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from jaxtyping import Array, Float

from jaxent.arrays import Numeric, namespace

Scale = Literal["log", "linear", "inverse"]

Coordinates = Sequence[Array] | Float[Array, "k ..."] | Float[np.ndarray, "k ..."]
"""One number after the other, each of the batch's shape: a list of them, or an array."""

_TINY = 1e-300
_MOST_ROWS = 200


@dataclass(frozen=True)
class Range:
    """Bounds and scale of one free parameter.

    Attributes:
        low, high: bounds of the natural value, ``low <= high``; on the ``inverse`` scale both
            are temperatures of one sign and may be infinite or zero.
        scale: the scale on which the search is uniform.
    """

    low: float
    high: float
    scale: Scale = "linear"

    def __post_init__(self):
        if self.scale not in get_args(Scale):
            scales = ", ".join(get_args(Scale))
            raise ValueError(f"range: scale {self.scale!r} is given; allowed: {scales}")
        wrong = not self.low <= self.high
        wrong |= self.scale == "log" and not self.low > 0
        wrong |= self.scale == "inverse" and not self.low * self.high > 0
        wrong |= self.scale != "inverse" and np.isinf(self.high - self.low)
        if wrong:
            raise ValueError(
                f"range: {self.low:g} to {self.high:g} on the {self.scale} scale; allowed: "
                "low <= high, finite; on the log scale low > 0; on the inverse scale both of one "
                "sign and not zero"
            )

    def ends(self) -> tuple[float, float]:
        """The bounds on the scale, ascending: logarithms, values or inverse temperatures."""
        if self.scale == "log":
            return float(np.log(self.low)), float(np.log(self.high))
        if self.scale == "inverse":
            return 1 / self.high, 1 / self.low
        return self.low, self.high

    def log_ends(self) -> tuple[float, float]:
        """The logarithms of the bounds; minus infinity where a bound is zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            low, high = np.log(self.low), np.log(self.high)
        return float(low), float(high)


@dataclass(frozen=True)
class Monomial:
    """The product ``coefficient * parameter ** power * ...`` of positive parameters.

    Attributes:
        coefficient: a positive number.
        powers: the power of each parameter by its name, a whole number.
    """

    coefficient: float
    powers: Mapping[str, int]


@dataclass(frozen=True)
class Constraint:
    """The comparison ``lesser <= greater`` of two monomials.

    Attributes:
        lesser: the monomial that is not to exceed
        greater: this one; both in the same unit.
        text: how the comparison was written, for reports.
    """

    lesser: Monomial
    greater: Monomial
    text: str

    def row(self, free: Sequence[str], fixed: Mapping[str, float]) -> tuple[np.ndarray, float]:
        r"""The constraint as :math:`\sum_k A_k \ln x_k \le b` over the free parameters.

        Args:
            free: names of the free parameters.
            fixed: values of the others.

        Raises:
            ValueError: a fixed parameter in it, or its coefficient, is not positive and finite.
        """
        powers = dict.fromkeys(free, 0)
        log_lesser, log_greater = np.log(self.lesser.coefficient), np.log(self.greater.coefficient)
        offset = float(log_greater - log_lesser)
        for side, sign in ((self.lesser, 1), (self.greater, -1)):
            for name, power in side.powers.items():
                if name in powers:
                    powers[name] += sign * power
                    continue
                value = fixed[name]
                if not 0 < value < np.inf:
                    raise ValueError(
                        f"constraints: {self.text!r} takes {name} = {value:g}; "
                        "allowed: positive, finite values"
                    )
                offset -= sign * power * float(np.log(value))
        return np.array([powers[name] for name in free], dtype=float), offset


def searched_name(name: str, hot: bool) -> str:
    """The name under which a machine takes the value that a search has of a parameter."""
    return name.replace("temperature", "inverse_temperature") if hot else name


class Infeasible(ValueError):
    """No point of the box meets the constraints."""


class Space:
    """A bounded, scaled parameter space with constraints.

    Args:
        ranges: the free parameters with their bounds and scales.
        constraints: comparisons between parameters.
        fixed: values of the parameters that are not free.

    Raises:
        Infeasible: no point of the box meets the constraints.
        ValueError: a constrained parameter may be zero or negative.
    """

    def __init__(
        self,
        ranges: Mapping[str, Range],
        constraints: Sequence[Constraint] = (),
        fixed: Mapping[str, float] | None = None,
    ):
        self.ranges = dict(ranges)
        self.names = tuple(ranges)
        ends = np.array([r.ends() for r in ranges.values()]).reshape(-1, 2)
        self.low, self.high = ends[:, 0], ends[:, 1]
        rows = [c.row(self.names, fixed or {}) for c in constraints]
        self.rows = np.array([row for row, _ in rows]).reshape(len(rows), len(self.names))
        self.offsets = np.array([offset for _, offset in rows])
        self._check_positive(constraints)
        try:
            self._bounds = self._eliminate()
        except Infeasible:
            texts = ", ".join(repr(constraint.text) for constraint in constraints)
            bounds = ", ".join(f"{k} from {r.low:g} to {r.high:g}" for k, r in ranges.items())
            raise Infeasible(
                f"constraints: {texts} leave no point with {bounds}; allowed: bounds that meet them"
            ) from None

    @property
    def size(self) -> int:
        """The number of free parameters."""
        return len(self.names)

    def values(self, box: Coordinates) -> dict[str, Numeric]:
        """The parameters at a point of the box, as ``from_parameters`` of a machine takes them.

        Temperatures come under their name with ``inverse_temperature`` for ``temperature``.
        """
        width = self.high - self.low
        # From the end that is nearer to zero, which keeps its sign there: T = -inf is not T = inf.
        found = {}
        for k, (name, r) in enumerate(self.ranges.items()):
            place = box[k]
            if np.signbit(self.high[k]):
                x = -((1 - place) * width[k] - self.high[k])
            else:
                x = self.low[k] + place * width[k]
            value = namespace(x).exp(x) if r.scale == "log" else x
            found[searched_name(name, r.scale == "inverse")] = value
        return found

    def from_cube(self, cube: Coordinates) -> list[Numeric]:
        """The point of the box that a point of the cube stands for; it meets every constraint."""
        box = []
        for k in range(self.size):
            low, high = self._limits(k, box)
            box.append(low + cube[k] * (high - low))
        return box

    def to_cube(self, box: np.ndarray) -> np.ndarray:
        """The inverse of ``from_cube``; points outside the polytope go to its boundary."""
        inside: list[float] = []
        cube = []
        for k in range(self.size):
            low, high = (float(end) for end in self._limits(k, inside))
            place = float(np.clip((box[k] - low) / (high - low), 0, 1)) if high > low else 0.5
            cube.append(place)
            inside.append(low + place * (high - low))
        return np.array(cube)

    def slack(self, box: np.ndarray) -> np.ndarray:
        r"""How far each constraint is from being violated, :math:`b - A\ln x`, in NumPy."""
        return self.offsets - self.rows @ self._logarithms(box)[0]

    def slack_gradient(self, box: np.ndarray) -> np.ndarray:
        """The Jacobian of ``slack``, shape ``(constraints, n)``."""
        return -self.rows * self._logarithms(box)[1]

    def _logarithms(self, box: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        on_scale = self.low + box * (self.high - self.low)
        logarithms, slopes = np.empty(self.size), np.empty(self.size)
        for k, r in enumerate(self.ranges.values()):
            x, width = on_scale[k], self.high[k] - self.low[k]
            if r.scale == "log":
                logarithms[k], slopes[k] = x, width
            else:
                sign = -1 if r.scale == "inverse" else 1
                x = max(x, _TINY)
                logarithms[k], slopes[k] = sign * np.log(x), sign * width / x
        used = self.rows.any(axis=0) if len(self.rows) else np.zeros(self.size, dtype=bool)
        return np.where(used, logarithms, 0.0), np.where(used, slopes, 0.0)

    def _check_positive(self, constraints: Sequence[Constraint]) -> None:
        for k, (name, r) in enumerate(self.ranges.items()):
            if len(self.rows) and self.rows[:, k].any() and not (r.low >= 0 and r.high > 0):
                text = next(c.text for c, row in zip(constraints, self.rows, strict=True) if row[k])
                raise ValueError(
                    f"constraints: {text!r} takes {name} from {r.low:g} to {r.high:g}; "
                    "allowed: positive values"
                )

    def _eliminate(self) -> list[tuple[list, list]]:
        # For each parameter, from the last to the first: the rows that bound it from above and
        # from below by earlier ones. Each pair of those is a row for the earlier parameters.
        rows = list(zip(self.rows, self.offsets, strict=True))
        bounds: list[tuple[list, list]] = [([], [])] * self.size
        for k in reversed(range(self.size)):
            low, high = list(self.ranges.values())[k].log_ends() if rows else (0.0, 0.0)
            upper = [(row / row[k], b / row[k]) for row, b in rows if row[k] > 0]
            lower = [(row / row[k], b / row[k]) for row, b in rows if row[k] < 0]
            bounds[k] = (lower, upper)
            unit = np.eye(self.size)[k]
            rows = [(row, b) for row, b in rows if row[k] == 0]
            if upper or lower:
                above = [*upper, (unit, high)]
                below = [*lower, (unit, low)]
                pairs = [
                    (up - down, b - a)
                    for up, b in above
                    for down, a in below
                    if np.isfinite(a) and np.isfinite(b)
                ]
                rows = self._needed([*rows, *pairs])
        if any(offset < -1e-12 for _, offset in rows):
            raise Infeasible("constraints: no point within the bounds of the free parameters")
        return bounds

    def _needed(self, rows: list) -> list:
        # A row that the box implies, or that repeats another, adds nothing but work.
        log_ends = np.array([r.log_ends() for r in self.ranges.values()])
        kept: dict[tuple, tuple] = {}
        for row, b in rows:
            ends = np.where(row > 0, log_ends[:, 1], log_ends[:, 0])
            largest = float(np.sum(np.where(row == 0, 0.0, row * np.where(row == 0, 0.0, ends))))
            size = np.abs(row).max()
            if size == 0:
                if b < 0:
                    kept[()] = (row, min(b, kept.get((), (row, b))[1]))
            elif not largest <= b:
                key = tuple(np.round(row / size, 12))
                tightest = min(b / size, kept[key][1]) if key in kept else b / size
                kept[key] = (row / size, tightest)
        if len(kept) > _MOST_ROWS:
            raise ValueError(
                f"constraints: together they amount to more than {_MOST_ROWS} conditions; "
                "allowed: fewer, or with fewer parameters each"
            )
        return list(kept.values())

    def _limits(self, k: int, earlier: Sequence[Numeric]) -> tuple[Numeric, Numeric]:
        lower, upper = self._bounds[k]
        r = self.ranges[self.names[k]]
        xp = namespace(*earlier)
        low, high = 0.0, 1.0
        for rows, is_upper in ((lower, False), (upper, True)):
            for row, offset in rows:
                logarithm = offset - sum(
                    row[i] * self._log_of(i, earlier[i]) for i in range(k) if row[i]
                )
                place = self._place(k, logarithm)
                if is_upper != (r.scale == "inverse"):
                    high = xp.minimum(high, place)
                else:
                    low = xp.maximum(low, place)
        # Rounding may leave the ends crossed by an ulp where they should coincide.
        return low, xp.maximum(low, high)

    def _log_of(self, k: int, box: Numeric) -> Numeric:
        x = self.low[k] + box * (self.high[k] - self.low[k])
        scale = self.ranges[self.names[k]].scale
        if scale == "log":
            return x
        # At zero the logarithm only has to be far below any bound, with a slope that is a number.
        xp = namespace(x)
        logarithm = xp.log(xp.where(x > 0, x, _TINY))
        return logarithm if scale == "linear" else -logarithm

    def _place(self, k: int, logarithm: Numeric) -> Numeric:
        scale = self.ranges[self.names[k]].scale
        if scale == "linear":
            logarithm = namespace(logarithm).exp(logarithm)
        elif scale == "inverse":
            logarithm = namespace(logarithm).exp(-logarithm)
        width = self.high[k] - self.low[k]
        return (logarithm - self.low[k]) / (width if width > 0 else 1.0)
