r"""Checks a steering certificate exactly: whole numbers and fractions, no solver, no float.

This file needs Python's standard library alone and shares no code with what writes certificates:
``python jaxent/verify.py cert.json`` runs it by itself. It takes nothing from a certificate on
trust. The state, the axes, the inequality and the model are the evidence; every further number and
word must be exactly what follows from them, and what is not is refused with its reason. The digest
alone proves nothing: anyone can compute it anew. It detects damage, not dishonesty, of which there
is nothing to gain: another inequality or model that proves the same is another proof.
With the folder ``checker`` beside it, it checks proofs of optima as well
(:mod:`jaxent.checker.optimum`).

**What is proven.** One party of a two-qubit state ρ measures along m axes n_x and so prepares the
unnormalised states :math:`\sigma_{\pm|x}` of the other. The pair
:math:`R = \sigma_{+|x} + \sigma_{-|x}`, :math:`D_x = \sigma_{+|x} - \sigma_{-|x}` of
:math:`p\rho + (1-p)\,1/4` is, with :math:`t\,1 + r\cdot\sigma` written as (t, r),

.. math:: R = u_0 + p\,v_0,\; D_x = p\,V_x, \qquad u_0 = (\tfrac12, 0),\; v_0 = (0, \tfrac b2),\;
          V_x = \tfrac12 (a\cdot n_x, T^T n_x),

where a and b are the Bloch vectors of who measures and of who is steered, and T their
correlations. A local-hidden-state model is a set of :math:`S_\lambda \ge 0`, one for each strategy
:math:`\lambda \in \{\pm1\}^m`, with :math:`\sum S_\lambda = R` and
:math:`\sum \lambda_x S_\lambda = D_x`. Positive means :math:`t \ge |r|`. With p* the largest p that
has a model, q = 1 - p* is the white-noise robustness: q > 0 demonstrates steering by these
measurements, q < 0 excludes it. The models form a convex set that contains u_0, so that one exists
for every p between 0 and p*.

**From below.** Let :math:`Y_0 + \sum_x \lambda_x Y_x` be positive for every λ. Its product with
S_λ is never negative; summed over λ, every model has
:math:`\langle Y_0, R\rangle + \sum_x \langle Y_x, D_x\rangle \ge 0`. With
:math:`N = -\langle Y_0, v_0\rangle - \sum_x \langle Y_x, V_x\rangle > 0` this reads
:math:`p \le \tfrac12 Y_{0,t}/N`.

**From above.** Let all S_λ be positive, and let E_0 and E_x be what is missing in their sums at
the visibility p. The sign patterns are orthogonal, so that adding
:math:`2^{-m}(E_0 + \sum_x \lambda_x E_x)` to each S_λ mends the sums, and leaves S_λ positive once
:math:`2^{-m}\varepsilon` is added to t, where ε is the sum of the sizes of all entries of E. The
sums are then :math:`(1 + 2\varepsilon) u_0 + p v_0` and :math:`p V_x`: a model for
:math:`p/(1 + 2\varepsilon)`.

**For the given state.** The numbers a computer works with are not exactly those of a state, so
the certificate is about a fractional state ρ nearby. Let ω be any state within the trace distance
:math:`\delta = \tfrac12 \lVert \omega - \rho \rVert_1` of it.

- N is :math:`-\mathrm{tr}(\rho W)` with
  :math:`W = \tfrac12 (1\otimes y_0\cdot\sigma + \sum_x n_x\cdot\sigma\otimes Y_x)` and y_0 the last
  three entries of Y_0. For ω it is smaller by at most
  :math:`2\delta\lVert W\rVert \le \delta L`, where L is the sum of the sizes of all entries of Y
  but :math:`Y_{0,t}`.
- :math:`E_0 + \sum_x \lambda_x E_x` changes by p times
  :math:`\mathrm{tr}_A[(\omega - \rho)(1 + \sum_x \lambda_x n_x\cdot\sigma)\otimes 1]` (with A who
  measures), whose norm is at most :math:`2\delta(1 + m)`: ε grows by :math:`2 p\,\delta(1 + m)`.

The trace norm of a matrix with a single entry is the size of that entry. The given matrix G, if it
is a state, is therefore one of these ω for
:math:`\delta = \tfrac12 \sum_{ij} |\mathrm{Re}(G-\rho)_{ij}| + |\mathrm{Im}(G-\rho)_{ij}|`.

Reference: brask2022 Sec. III A.
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NoReturn

FORMAT = "jaxent steering certificate"
VERSION = 1

MAX_BYTES = 2**20
"""The largest certificate that is read."""

MAX_BYTES_OF_PROOF = 2**26
"""The largest proof of an optimum that is read."""

MAX_AXES = 12
"""The most axes: each of their 2^m strategies has a hidden state in the certificate."""

_MAX_DIGITS = 64
_MAX_EXPONENT = 400

_CLAIMS = (
    *("axes_distance", "state_distance", "q_lower", "q_upper"),
    *("given_q_lower", "given_q_upper", "verdict", "statement", "digest"),
)
_EVIDENCE = ("measuring", "axes", "state", "inequality", "model", "wanted_axes", "given_state")

Rows = list[list[int]]
Fractions = list[list[Fraction]]


class Refused(ValueError):
    """A certificate that proves nothing, or not what it claims; the message is its reason."""


@dataclass(frozen=True)
class Verdict:
    """What a certificate proves.

    Attributes:
        q_lower: the white-noise robustness of the fractional state is at least this,
        q_upper: and at most this.
        given_q_lower: that of the given state, and of all others as close, is at least this,
        given_q_upper: and at most this.
        verdict: ``"steerable"`` or ``"unsteerable"`` by these measurements, or ``"undetermined"``:
            the given state, and all others as close.
        statement: the same in words.
    """

    q_lower: Fraction
    q_upper: Fraction
    given_q_lower: Fraction
    given_q_upper: Fraction
    verdict: str
    statement: str


def check(certificate: str | bytes | dict[str, Any]) -> Verdict:
    """Prove what a certificate claims, from its evidence alone.

    Args:
        certificate: the JSON text, or what it stands for.

    Raises:
        Refused: it is no certificate of this version, its evidence does not hold, or a claim is not
            exactly what follows from the evidence.
    """
    content = _read(certificate)
    _demand_keys(content, ("format", "version", *_EVIDENCE, *_CLAIMS), "certificate")
    _demand_equal(content, "format", FORMAT)
    _demand_equal(content, "version", VERSION)
    measuring = content["measuring"]
    if measuring not in ("a", "b"):
        _refuse("measuring", f"{_show(measuring)}, not 'a' or 'b'")
    axes = _unit_axes(content["axes"])
    denominator, re, im = _state(content["state"])
    deviation = _deviation(denominator, re, im, measuring, axes)
    slope, bound, size = _inequality(content["inequality"], deviation)
    p, missing = _model(content["model"], deviation)

    distance = _distance_of_states(content["given_state"], denominator, re, im)
    flatter, further = slope - distance * size, missing + 2 * p * distance * (1 + len(axes))
    if flatter <= 0:
        _refuse("given_state", "so far from the state that the inequality says nothing about it")
    q_lower, q_upper = 1 - bound / slope, 1 - p / (1 + 2 * missing)
    given_lower, given_upper = 1 - bound / flatter, 1 - p / (1 + 2 * further)
    off = _distance_of_axes(content["wanted_axes"], axes)
    where = f"{len(axes)} axes, each within {_power_of_ten(off)} of the one asked for"
    verdict, statement = _in_words(measuring, where, distance, given_lower, given_upper)
    follows = (
        *(off, distance),
        *(q_lower, q_upper, given_lower, given_upper, verdict, statement),
        _digest(content["inequality"], content["model"]),
    )
    for key, value in zip(_CLAIMS, follows, strict=True):
        _demand_equal(content, key, str(value))
    return Verdict(q_lower, q_upper, given_lower, given_upper, verdict, statement)


# The evidence


def _unit_axes(value: Any) -> Rows:
    """The axes (x, y, z)/w as rows (x, y, z, w) in lowest terms, each of length one."""
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_AXES:
        _refuse("axes", f"not a list of 1 to {MAX_AXES} axes")
    axes = _array(value, (len(value), 4), int, "axes")
    for i, (x, y, z, w) in enumerate(axes):
        if w <= 0 or math.gcd(x, y, z, w) != 1:
            _refuse(f"axes[{i}]", "not in lowest terms with a positive denominator")
        if x * x + y * y + z * z != w * w:
            _refuse(f"axes[{i}]", "its length is not one")
    return axes


def _state(value: Any) -> tuple[int, Rows, Rows]:
    """The density matrix (re + i im)/denominator: Hermitian, of trace one, positive."""
    _demand_keys(value, ("denominator", "re", "im"), "state")
    denominator = _positive_integer(value["denominator"], "state.denominator")
    re = _array(value["re"], (4, 4), int, "state.re")
    im = _array(value["im"], (4, 4), int, "state.im")
    if math.gcd(denominator, *_flat(re), *_flat(im)) != 1:
        _refuse("state", "not in lowest terms")
    pairs = [(i, j) for i in range(4) for j in range(4)]
    if any(re[i][j] != re[j][i] or im[i][j] != -im[j][i] for i, j in pairs):
        _refuse("state", "not Hermitian")
    if sum(re[i][i] for i in range(4)) != denominator:
        _refuse("state", "its trace is not one")
    # re + i im is positive if and only if this real symmetric matrix is.
    upper = [[*re[i], *(-x for x in im[i])] for i in range(4)]
    lower = [[*im[i], *re[i]] for i in range(4)]
    if any(coefficient < 0 for coefficient in _elementary([*upper, *lower])):
        _refuse("state", "not positive semidefinite")
    return denominator, re, im


def _elementary(matrix: Rows) -> Iterator[int]:
    """The elementary symmetric polynomials e_1, …, e_n of the eigenvalues (Faddeev, LeVerrier).

    A symmetric matrix is positive semidefinite if and only if none is negative: det(x + A) =
    x^n + e_1 x^(n-1) + … + e_n then has no root x > 0.
    """
    n = len(matrix)
    b = [[int(i == j) for j in range(n)] for i in range(n)]
    for k in range(1, n + 1):
        columns = list(zip(*b, strict=True))
        product = [
            [sum(x * y for x, y in zip(row, column, strict=True)) for column in columns]
            for row in matrix
        ]
        e = sum(product[i][i] for i in range(n)) // k  # the division leaves no remainder
        yield e
        b = [[e * (i == j) - product[i][j] for j in range(n)] for i in range(n)]


def _correlations(re: Rows, im: Rows) -> Rows:
    """tr(ρ σ_i ⊗ σ_j) times the denominator, for σ_0 = 1, σ_1, σ_2, σ_3."""
    # σ_i |k> = i^power[k] |k + flip>
    pauli = [(0, (0, 0)), (1, (0, 0)), (1, (1, 3)), (0, (0, 2))]

    def trace(i: int, j: int) -> int:
        (flip_a, power_a), (flip_b, power_b) = pauli[i], pauli[j]
        total = 0
        for a in (0, 1):
            for b in (0, 1):
                row, column = 2 * a + b, 2 * (a ^ flip_a) + (b ^ flip_b)
                x, y = re[row][column], im[row][column]
                # the real part of i^power (x + i y)
                total += (x, -y, -x, y)[(power_a[a] + power_b[b]) % 4]
        return total

    return [[trace(i, j) for j in range(4)] for i in range(4)]


def _deviation(denominator: int, re: Rows, im: Rows, measuring: str, axes: Rows) -> Fractions:
    """The rows v_0, V_1, …, V_m, of four entries (t, r) each."""
    c = _correlations(re, im)
    if measuring == "b":
        c = [list(column) for column in zip(*c, strict=True)]
    rows = [[Fraction(0), *(Fraction(c[0][j], 2 * denominator) for j in (1, 2, 3))]]
    for *n, w in axes:
        sums = [sum(n[i] * c[i + 1][j] for i in range(3)) for j in range(4)]
        rows.append([Fraction(s, 2 * denominator * w) for s in sums])
    return rows


def _inequality(value: Any, deviation: Fractions) -> tuple[Fraction, Fraction, int]:
    """N, Y_0t/2 and L of an inequality that every local-hidden-state model satisfies."""
    y = _array(value, (len(deviation), 4), int, "inequality")
    if math.gcd(*_flat(y)) != 1:
        _refuse("inequality", "not in lowest terms")
    sums = [tuple(y[0])]
    for t, x, y_, z in y[1:]:
        sums = [
            (s[0] + sign * t, s[1] + sign * x, s[2] + sign * y_, s[3] + sign * z)
            for s in sums
            for sign in (1, -1)
        ]
    if not all(_is_positive(s) for s in sums):
        _refuse("inequality", "a deterministic strategy violates it")
    slope = -_sum(a * b for a, b in zip(_flat(y), _flat(deviation), strict=True))
    if slope <= 0:
        _refuse("inequality", "no amount of the state violates it")
    return slope, Fraction(y[0][0], 2), sum(map(abs, _flat(y))) - abs(y[0][0])


def _model(value: Any, deviation: Fractions) -> tuple[Fraction, Fraction]:
    """The visibility p of a local-hidden-state model, and the ε by which its sums miss.

    Bit x of a hidden state's place in the list is 0 where λ_x = 1. The unit of its whole numbers is
    the one that gives the sum of all the trace of u_0.
    """
    _demand_keys(value, ("visibility", "hidden_states"), "model")
    visibility = _positive_integer(value["visibility"], "model.visibility")
    m = len(deviation) - 1
    states = _array(value["hidden_states"], (2**m, 4), int, "model.hidden_states")
    if math.gcd(visibility, *_flat(states)) != 1:
        _refuse("model", "not in lowest terms")
    for i, state in enumerate(states):
        if not _is_positive(state):
            _refuse(f"model.hidden_states[{i}]", "not positive semidefinite")
    unit = 2 * sum(s[0] for s in states)
    if unit == 0:
        _refuse("model", "all hidden states are zero")
    p = Fraction(visibility, unit)
    missing = Fraction(0)
    for row, v in enumerate(deviation):
        bit = 1 << row >> 1  # none for the sum of all
        for j in range(4):
            total = sum(-s[j] if k & bit else s[j] for k, s in enumerate(states))
            u = Fraction(int(row == j == 0), 2)
            missing += abs(u + p * v[j] - Fraction(total, unit))
    return p, missing


def _is_positive(s: Sequence[int]) -> bool:
    t, x, y, z = s
    return t >= 0 and t * t >= x * x + y * y + z * z


# The claims


def _distance_of_states(value: Any, denominator: int, re: Rows, im: Rows) -> Fraction:
    _demand_keys(value, ("re", "im"), "given_state")
    given_re = _array(value["re"], (4, 4), Fraction, "given_state.re")
    given_im = _array(value["im"], (4, 4), Fraction, "given_state.im")
    pairs = zip(_flat(given_re) + _flat(given_im), _flat(re) + _flat(im), strict=True)
    return _sum(abs(g - Fraction(x, denominator)) for g, x in pairs) / 2


def _distance_of_axes(value: Any, axes: Rows) -> Fraction:
    """The sum of the distances of all entries from the wanted ones: no axis is further off."""
    wanted = _array(value, (len(axes), 3), Fraction, "wanted_axes")
    exact = [Fraction(n, w) for *xyz, w in axes for n in xyz]
    return _sum(abs(g - n) for g, n in zip(_flat(wanted), exact, strict=True))


def _in_words(
    measuring: str, axes: str, distance: Fraction, lower: Fraction, upper: Fraction
) -> tuple[str, str]:
    verdict, ending = "undetermined", "whether these measurements steer is not decided"
    if lower > 0:
        verdict, ending = "steerable", "steerable by these measurements"
    if upper <= 0:
        verdict, ending = "unsteerable", "not steerable by these measurements"
    low, high = math.floor(lower * 10**12), math.ceil(upper * 10**12)
    return verdict, (
        f"With qubit {measuring} measured along {axes}, the white-noise robustness q of every "
        f"state within {_power_of_ten(distance)} of the certified one, as the matrix given is if "
        f"it is a state, is between {_decimal(low)} and {_decimal(high)}: {ending}."
    )


def _power_of_ten(x: Fraction) -> str:
    """The least power of ten that is not smaller, as ``1e-16``; ``0`` for zero."""
    if x == 0:
        return "0"
    exponent = len(str(x.numerator)) - len(str(x.denominator)) - 1
    while Fraction(10) ** exponent < x:
        exponent += 1
    return f"1e{exponent}"


def _digest(inequality: Any, model: Any) -> str:
    """What tells this inequality and this model from others that prove the same."""
    return hashlib.sha256(json.dumps([inequality, model], sort_keys=True).encode()).hexdigest()


def _decimal(trillionths: int) -> str:
    whole, part = divmod(abs(trillionths), 10**12)
    return f"{'-' * (trillionths < 0)}{whole}.{part:012d}"


# The file


def _read(certificate: str | bytes | dict[str, Any]) -> dict[str, Any]:
    """The JSON object; numbers with a point or an exponent become fractions, with every digit."""
    try:
        text = json.dumps(certificate) if isinstance(certificate, dict) else certificate
        encoded = text.encode() if isinstance(text, str) else text
        if len(encoded) > MAX_BYTES:
            _refuse("certificate", f"more than {MAX_BYTES} bytes")
        content = json.loads(
            encoded.decode(),
            parse_int=_number,
            parse_float=_number,
            parse_constant=lambda name: _refuse("certificate", f"{name} is no number"),
            object_pairs_hook=_without_repetition,
        )
    except Refused:
        raise
    except RecursionError:
        _refuse("certificate", "nested too deeply")
    except (ValueError, TypeError) as error:
        _refuse("certificate", f"not JSON: {error}")
    if not isinstance(content, dict):
        _refuse("certificate", "not a JSON object")
    return content


def _number(literal: str) -> int | Fraction:
    """A whole number where it is written as one, otherwise a fraction."""
    exponent = literal.lower().partition("e")[2] or "0"
    if (
        len(literal) > _MAX_DIGITS
        or abs(int(exponent)) > _MAX_EXPONENT
        or (literal.startswith("-") and Fraction(literal) == 0)
    ):
        _refuse("certificate", f"the number {_show(literal)}")
    return int(literal) if literal.lstrip("-").isdigit() else Fraction(literal)


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        _refuse("certificate", "a key is given twice")
    return content


def _demand_keys(value: Any, keys: Sequence[str], place: str) -> None:
    if not isinstance(value, dict):
        _refuse(place, "not an object")
    for key in keys:
        if key not in value:
            _refuse(place, f"{key!r} is missing")
    for key in value:
        if key not in keys:
            _refuse(place, f"{_show(key)} is unknown")


def _demand_equal(content: dict[str, Any], key: str, value: str | int) -> None:
    if type(content[key]) is not type(value) or content[key] != value:
        _refuse(key, f"{_show(content[key])} is given; {_show(value)} follows")


def _array(value: Any, shape: tuple[int, int], kind: type, place: str) -> list[list[Any]]:
    rows, columns = shape
    if not isinstance(value, list) or len(value) != rows:
        _refuse(place, f"not a list of {rows} rows")
    for i, row in enumerate(value):
        if not isinstance(row, list) or len(row) != columns:
            _refuse(f"{place}[{i}]", f"not a row of {columns} numbers")
        for j, entry in enumerate(row):
            if type(entry) is not kind:  # true is an int to isinstance
                name = "whole" if kind is int else "decimal"
                _refuse(f"{place}[{i}][{j}]", f"not a {name} number")
    return value


def _positive_integer(value: Any, place: str) -> int:
    if type(value) is not int or value <= 0:
        _refuse(place, "not a positive whole number")
    return value


def _flat(rows: list[list[Any]]) -> list[Any]:
    return [entry for row in rows for entry in row]


def _sum(terms: Iterable[Fraction]) -> Fraction:
    return sum(terms, start=Fraction(0))


def _show(value: Any) -> str:
    text = ascii(value)
    return text if len(text) <= 60 else text[:60] + "..."


def _refuse(place: str, reason: str) -> NoReturn:
    raise Refused(f"{place}: {reason}")


def read_file(path: str, most: int = MAX_BYTES) -> bytes:
    """The content of a file, up to one byte more than is allowed.

    Args:
        path: a file, or a pipe that somebody writes to.
        most: how many bytes are allowed.

    Raises:
        OSError: it cannot be read, or is something else.
    """
    # A pipe without a writer would be waited for.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        kind = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(kind):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        if not stat.S_ISREG(kind) and not stat.S_ISFIFO(kind):
            raise OSError(errno.EINVAL, "neither a file nor a pipe", path)
        if stat.S_ISFIFO(kind):
            os.set_blocking(descriptor, True)
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(most + 1)
    finally:
        os.close(descriptor)


def in_words(content: bytes) -> str:
    """What a file proves, a certificate of steering or a proof of an optimum.

    The latter is for :mod:`jaxent.checker.optimum`, in the folder beside this one.

    Args:
        content: that of the file.

    Raises:
        Refused: it proves nothing, or not what it claims.
    """
    if not is_of_optimum(content):
        return check(content).statement
    if __package__:
        from jaxent.checker.optimum import check as check_optimum
        from jaxent.checker.refusal import Unproven
    else:
        sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
        from checker.optimum import check as check_optimum  # type: ignore
        from checker.refusal import Unproven  # type: ignore
    try:
        return "\n".join(proven.statement for proven in check_optimum(content))
    except Unproven as reason:
        raise Refused(str(reason)) from None


def is_of_optimum(content: bytes) -> bool:
    """Whether a file says that it is a proof of an optimum; what it is worth is not asked."""
    return re.match(rb'\s*{\s*"format"\s*:\s*"jaxent proof of optimality"', content) is not None


def main(arguments: Sequence[str]) -> int:
    """Check one file: 0 where it is proven, 1 where it is refused, 2 where it cannot be read."""
    if len(arguments) != 1:
        print("usage: verify.py FILE.json", file=sys.stderr)
        return 2
    try:
        print(in_words(read_file(arguments[0], MAX_BYTES_OF_PROOF)))
    except OSError as error:
        print(f"error: {arguments[0]}: {error.strerror}", file=sys.stderr)
        return 2
    except Refused as reason:
        print(f"refused: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
