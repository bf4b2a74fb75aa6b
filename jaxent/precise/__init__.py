r"""The steady state of one machine in as many digits as it takes.

Rates that are far apart leave populations such as 1e-17 that the digits of a number in double
precision do not resolve, filters herald from just these, and heat currents are differences of rates
that nearly balance. Here the numbers of a machine are taken as the fractions that they are, and
:math:`\sum_k c_k \mathcal{L}_k \rho = 0` is solved in decimal arithmetic, of 50 digits at first
and of twice as many until two solutions agree. One machine takes milliseconds; for batches and
gradients there is ``steady_state``, of which this takes nothing but the terms' operators and a hint
which population is likely.

**Coordinates** are :math:`\rho_{ii}` at ``(i, i)`` and, for ``i < j``,
:math:`\mathrm{Re}\,\rho_{ij}` at ``(i, j)`` and :math:`\mathrm{Im}\,\rho_{ij}` at ``(j, i)``;
those count that the dynamics reaches from the populations. In each set of them that the dynamics
does not connect with the others, such as a parity, the likeliest population gives its equation away
and is the unit.
"""

from __future__ import annotations

from jaxent.precise.state import PreciseState
from jaxent.precise.system import NotUnique, TooLarge, refuse_too_many

__all__ = ["NotUnique", "PreciseState", "TooLarge", "refuse_too_many"]
