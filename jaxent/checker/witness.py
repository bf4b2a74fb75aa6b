r"""A witness: one machine in fractions, its master equation solved exactly.

The master equation is that of :mod:`jaxent.checker.machine`, here as sixteen linear equations
between the real and imaginary parts of the entries of ρ, solved by elimination in fractions. That
there is a pivot for every unknown proves that the steady state is unique. Nothing here uses the
solution in symbols: the two bounds of a claim stand on two derivations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import NamedTuple

LEVELS = ((0, 0), (0, 1), (1, 0), (1, 1))

Complex = tuple[Fraction, Fraction]
Matrix = list[list[Complex]]
Jump = tuple[Fraction, list[tuple[int, int]]]
"""A rate, and the pairs (from, to) of levels of which the jump operator is the sum."""

_NOTHING = Fraction(0)


class Heralded(NamedTuple):
    """What the filters let through.

    Attributes:
        efficiency: the probability.
        d, e: the populations of {01, 10} and of {00, 11}, together one.
        square: the squared modulus of the coherence between 01 and 10, the only one.
    """

    efficiency: Fraction
    d: Fraction
    e: Fraction
    square: Fraction


def heralded(
    g: Fraction,
    energies: Sequence[Fraction],
    jumps: Sequence[Jump],
    filters: Mapping[str, Sequence[Fraction]],
) -> Heralded | None:
    """The state behind the filters, or ``None`` where there is none or it is not unique.

    Args:
        g: the flip-flop coupling.
        energies: those of ``LEVELS``.
        jumps: the dissipators.
        filters: the diagonals of F_A and F_B, in [0, 1].
    """
    rho = steady_state(g, energies, jumps)
    if rho is None:
        return None
    passed = [filters["a"][a] * filters["b"][b] for a, b in LEVELS]
    through = [
        [(re * f * h, im * f * h) for (re, im), h in zip(row, passed, strict=True)]
        for row, f in zip(rho, passed, strict=True)
    ]
    p = sum((through[i][i][0] for i in range(4)), start=_NOTHING)
    if p == 0:
        return None
    for i in range(4):
        for j in range(4):
            if i != j and {i, j} != {1, 2} and any(through[i][j]):
                return None
    d = (through[1][1][0] + through[2][2][0]) / p
    re, im = through[1][2]
    return Heralded(p, d, 1 - d, (re * re + im * im) / p**2)


def steady_state(g: Fraction, energies: Sequence[Fraction], jumps: Sequence[Jump]) -> Matrix | None:
    """The state ρ of trace one with L(ρ) = 0; ``None`` where it is not unique."""
    hermitian = [(i, i, 0) for i in range(4)]
    hermitian += [(i, j, part) for i in range(4) for j in range(i) for part in (0, 1)]
    columns = []
    for i, j, part in hermitian:
        change = _generator(_unit(i, j, part), g, energies, jumps)
        columns.append([change[k][l][q] for k, l, q in hermitian])
    rows = [[column[r] for column in columns] + [_NOTHING] for r in range(16)]
    trace = [Fraction(int(i == j)) for i, j, _ in hermitian] + [Fraction(1)]
    solved = _solved([trace, *rows[1:]])  # the equations are dependent: the trace stays
    if solved is None:
        return None
    rho: Matrix = [[(_NOTHING, _NOTHING)] * 4 for _ in range(4)]
    for (i, j, part), x in zip(hermitian, solved, strict=True):
        for k, row in enumerate(_unit(i, j, part)):
            rho[k] = [
                (re + x * ur, im + x * ui) for (re, im), (ur, ui) in zip(rho[k], row, strict=True)
            ]
    change = _generator(rho, g, energies, jumps)
    return None if any(part for row in change for entry in row for part in entry) else rho


def _unit(i: int, j: int, part: int) -> Matrix:
    """The Hermitian matrix with 1 or i at (i, j)."""
    found: Matrix = [[(_NOTHING, _NOTHING)] * 4 for _ in range(4)]
    one = Fraction(1)
    found[i][j] = (one, _NOTHING) if part == 0 else (_NOTHING, one)
    found[j][i] = (one, _NOTHING) if part == 0 else (_NOTHING, -one if i != j else one)
    return found


def _generator(
    rho: Matrix, g: Fraction, energies: Sequence[Fraction], jumps: Sequence[Jump]
) -> Matrix:
    """-i[H, ρ] and all dissipators."""
    found = [[[_NOTHING, _NOTHING] for _ in range(4)] for _ in range(4)]
    partner = {1: 2, 2: 1}
    for i in range(4):
        for j in range(4):
            re, im = rho[i][j]
            if not re and not im:
                continue
            gap = energies[i] - energies[j]  # -i gap (re + i im)
            found[i][j][0] += gap * im
            found[i][j][1] -= gap * re
            if i in partner:
                found[partner[i]][j][0] += g * im
                found[partner[i]][j][1] -= g * re
            if j in partner:
                found[i][partner[j]][0] -= g * im
                found[i][partner[j]][1] += g * re
            for rate, pairs in jumps:
                to = dict(pairs)
                if i in to and j in to:
                    found[to[i]][to[j]][0] += rate * re
                    found[to[i]][to[j]][1] += rate * im
                halves = (i in to) + (j in to)
                found[i][j][0] -= rate * re * halves / 2
                found[i][j][1] -= rate * im * halves / 2
    return [[(entry[0], entry[1]) for entry in row] for row in found]


def _solved(rows: list[list[Fraction]]) -> list[Fraction] | None:
    """The solution of linear equations, without fractions on the way (Bareiss)."""
    matrix = []
    for row in rows:
        multiple = lcm(*(x.denominator for x in row))
        matrix.append([int(x * multiple) for x in row])
    n, before = len(matrix), 1
    for k in range(n):
        pivot = next((r for r in range(k, n) if matrix[r][k]), None)
        if pivot is None:
            return None
        matrix[k], matrix[pivot] = matrix[pivot], matrix[k]
        top = matrix[k]
        for r in range(n):
            if r == k:
                continue
            factor = matrix[r][k]
            matrix[r] = [
                (top[k] * x - factor * y) // before for x, y in zip(matrix[r], top, strict=True)
            ]
        before = top[k]
    return [Fraction(matrix[k][n], matrix[k][k]) for k in range(n)]
