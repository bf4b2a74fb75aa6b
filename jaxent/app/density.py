"""A heralded state as people read it: its populations, its coherences, and the whole matrix."""

from __future__ import annotations

from cmath import phase
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import degrees
from typing import Any

import numpy as np

from jaxent.filters import passing

_MOST_POPULATIONS = 16
_MOST_COHERENCES = 12
_MOST_LEVELS = 9
"""Larger matrices are told by their entries alone."""

_VANISHES = 1e-12
_SHADES = 8
_SMALLEST_SHOWN = 5e-5


@dataclass(frozen=True)
class Share:
    """A number with a name and the length of its bar.

    Attributes:
        name: what it is, such as ``|01⟩``.
        text: the number.
        length: of its bar, in per cent.
        remark: what is to be said beside it.
    """

    name: str
    text: str
    length: float
    remark: str = ""


@dataclass(frozen=True)
class Cell:
    """One entry of the matrix: its text, and how dark it is, from 0 to 8."""

    text: str
    shade: int


@dataclass(frozen=True)
class Density:
    """A heralded state for reading.

    Attributes:
        levels: the names of the basis states.
        populations: the largest, in the order of the basis.
        coherences: the largest by their moduli, descending.
        rows: the matrix; empty where it is too large to be read.
        left_out: how many populations and coherences are not listed.
    """

    levels: list[str]
    populations: list[Share]
    coherences: list[Share]
    rows: list[list[Cell]]
    left_out: int


def density(rho: Mapping[str, Any], filters: Mapping[str, Sequence[float]]) -> Density:
    """A heralded state for reading.

    Args:
        rho: its ``re`` and ``im`` parts, among the levels that the filters let pass.
        filters: the diagonals of both filters, of all levels, by party.
    """
    matrix = np.asarray(rho["re"]) + 1j * np.asarray(rho["im"])
    names = _names(filters, len(matrix))
    populations, few = _populations(matrix, names)
    coherences, weak = _coherences(matrix, names)
    readable = len(matrix) <= _MOST_LEVELS
    return Density(names, populations, coherences, _rows(matrix) if readable else [], few + weak)


def _names(filters: Mapping[str, Sequence[float]], size: int) -> list[str]:
    kept = [[int(level) for level in passing(filters[party])] for party in ("a", "b")]
    names = [(a, b) for a in kept[0] for b in kept[1]]
    if len(names) != size:
        return [f"|{k}⟩" for k in range(size)]
    apart = "," if max(map(max, names)) > 9 else ""
    return [f"|{a}{apart}{b}⟩" for a, b in names]


def _populations(matrix: np.ndarray, names: Sequence[str]) -> tuple[list[Share], int]:
    values = np.real(np.diagonal(matrix)).tolist()
    descending = np.argsort(values, kind="stable")[::-1]
    largest = sorted(int(k) for k in descending[:_MOST_POPULATIONS])
    shares = [Share(names[k], f"{values[k]:.6g}", _per_cent(values[k])) for k in largest]
    return shares, len(values) - len(shares)


def _coherences(matrix: np.ndarray, names: Sequence[str]) -> tuple[list[Share], int]:
    places = zip(*(axis.tolist() for axis in np.triu_indices(len(matrix), 1)), strict=True)
    entries = [(complex(matrix[place]), place) for place in places]
    strongest = sorted(entries, key=lambda entry: -abs(entry[0]))
    there = [entry for entry in strongest if abs(entry[0]) > _VANISHES]
    shares = []
    for z, (row, column) in there[:_MOST_COHERENCES]:
        name = f"⟨{names[row][1:-1]}|ρ{names[column]}"
        angle = f"{degrees(phase(z)):.4g}°"
        shares.append(Share(name, f"{abs(z):.6g}", _per_cent(abs(z)), angle))
    return shares, len(there) - len(shares)


def _per_cent(share: float) -> float:
    return round(100 * min(max(share, 0.0), 1.0), 2)


def _rows(matrix: np.ndarray) -> list[list[Cell]]:
    most = np.abs(matrix).max() or 1.0
    return [
        [
            # Of coherences what is too small to be listed; populations may be as small as that.
            Cell(
                _entry(z if i == j else _without_noise(z)),
                int(np.ceil(_SHADES * abs(z) / most - _VANISHES)),
            )
            for j, z in enumerate(row)
        ]
        for i, row in enumerate(matrix)
    ]


def _without_noise(z: complex) -> complex:
    return complex(*(x if abs(x) > _VANISHES else 0.0 for x in (z.real, z.imag)))


def _entry(z: complex) -> str:
    """A complex number in few characters.

    >>> _entry(0.25), _entry(-0.5j), _entry(1e-7 + 0.1j), _entry(0)
    ('0.2500', '-0.5000i', '1e-07+0.1000i', '0')
    """
    z = complex(z)
    real = _short(z.real) if z.real else ""
    imaginary = f"{_short(z.imag)}i" if z.imag else ""
    joined = "+" if real and imaginary and z.imag > 0 else ""
    return f"{real}{joined}{imaginary}" or "0"


def _short(x: float) -> str:
    return f"{x:.4f}" if abs(x) >= _SMALLEST_SHOWN else f"{x:.0e}"
