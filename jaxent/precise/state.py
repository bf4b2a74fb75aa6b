"""The steady state of one machine, its populations, what it heralds, and its flows."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from jaxent.generator import Generator
from jaxent.precise.coordinates import Coordinate, Vector
from jaxent.precise.elimination import Singular, digits
from jaxent.precise.flows import flow
from jaxent.precise.system import NotUnique, System

_FEWEST_DIGITS = 50
_MOST_DIGITS = 3200
_MOST_UNITS = 16
_AGREEMENT = Decimal("1e-25")


class PreciseState:
    r"""The steady state of :math:`\sum_k c_k \mathcal{L}_k`.

    Args:
        generator: the structure.
        coefficients: ``K`` numbers.
        near: the state as another solver finds it, shape ``(D, D)``: its likeliest population is
            the unit.
        initial: where there are several sets of coordinates that nothing connects, the initial
            state, shape ``(D, D)``, which tells how much there is in each.

    Attributes:
        digits: how many were needed.

    Raises:
        NotUnique: there are more steady states, or they differ by so little that no number of
            digits tells.
        TooLarge: the dynamics reaches more than ``MOST_COORDINATES`` coordinates.
    """

    digits: int

    def __init__(
        self,
        generator: Generator,
        coefficients: np.ndarray,
        near: np.ndarray,
        initial: np.ndarray | None = None,
    ):
        self._generator, self._coefficients = generator, np.asarray(coefficients, dtype=float)
        self._near = np.real(np.diag(near)).copy()
        self._initial = None if initial is None else np.real(np.diag(initial))
        self.digits, coarse = _FEWEST_DIGITS, None
        while True:
            found = self._solved()
            if found and coarse and self._agree(coarse, found[1]):
                self._system, self._x = found
                return
            self.digits, coarse = 2 * self.digits, found and found[1]
            if self.digits > _MOST_DIGITS:
                raise NotUnique(f"{_MOST_DIGITS} digits tell no steady state from the others")

    def population(self, level: int) -> Decimal:
        """The population of a level."""
        return self._x[level, level]

    def geometric_mean(self, i: int, j: int) -> Decimal:
        r""":math:`\sqrt{p_i p_j}` of two populations."""
        with digits(self.digits):
            return (self._x[i, i] * self._x[j, j]).sqrt()

    def matrix(self) -> np.ndarray:
        """The state in double precision, shape ``(D, D)``."""
        return self._weighted(self._x)

    def herald(self, amplitudes: np.ndarray) -> tuple[np.ndarray, float]:
        r"""The state behind a diagonal filter, and :math:`\ln p` of its success probability.

        Args:
            amplitudes: the filter's diagonal, shape ``(D,)``.

        Raises:
            ZeroDivisionError: the filter never passes.
        """
        with digits(self.digits):
            filters = [Decimal(float(f)) for f in amplitudes]
            passed = {(i, j): filters[i] * filters[j] * x for (i, j), x in self._x.items()}
            p = sum((passed[i, i] for i in range(len(filters))), start=Decimal(0))
            if p == 0:
                raise ZeroDivisionError("the filters never let the state pass")
            matrix = self._weighted({place: x / p for place, x in passed.items()})
        with digits(self.digits // 2):
            return matrix, float((+p).ln())

    def flow(self, operator: np.ndarray, weights: Mapping[int, int]) -> tuple[float, float]:
        r"""What some terms add to an observable per time.

        .. math:: \sum_k w_k c_k \mathrm{tr}[O \mathcal{L}_k\rho]

        Args:
            operator: the observable O, shape ``(D, D)``.
            weights: :math:`w_k` by the numbers k of the terms.

        Returns:
            The flow, and to first order by how much it changes at most when each coefficient
            changes by its rounding error, as that is estimated: a flow that is smaller cannot be
            told from zero. Equal rates of one bath are rounded alike.
        """
        terms = self._generator.terms
        rounded_alike = [
            (bath, c) if (bath := getattr(term, "bath", None)) else k
            for k, (term, c) in enumerate(zip(terms, self._coefficients.tolist(), strict=True))
        ]
        with digits(self.digits):
            # Half the digits agreed with all of them to 25: these are right to as many more.
            lost = _AGREEMENT.scaleb(-self.digits // 2)
            value, error = flow(self._system, self._x, operator, weights, rounded_alike, lost)
            return float(value), float(error)

    def _solved(self) -> tuple[System, Vector] | None:
        """The equations and their solution, if the digits tell it from others."""
        with digits(self.digits):
            for _ in range(min(len(self._near), _MOST_UNITS)):
                system = System(self._generator, self._coefficients, self._near, self._initial)
                try:
                    return system, system.solve()
                except Singular:
                    # Something that is never populated can be no unit: the next likeliest.
                    for level, _ in system.roots:
                        self._near[level] = -1.0
            self._near = np.abs(self._near)
            return None

    def _agree(self, coarse: Vector, fine: Vector) -> bool:
        with digits(self.digits):
            size = {i: abs(x).sqrt() for (i, j), x in fine.items() if i == j}
            return all(
                abs(coarse[i, j] - x) <= _AGREEMENT * size[i] * size[j]
                for (i, j), x in fine.items()
            )

    def _weighted(self, values: Mapping[Coordinate, Decimal]) -> np.ndarray:
        found = np.zeros((self._generator.dimension,) * 2, dtype=complex)
        for (i, j), x in values.items():
            low, high = min(i, j), max(i, j)
            found[low, high] += float(x) * (1 if i <= j else 1j)
        return np.triu(found) + np.triu(found, 1).conj().T
