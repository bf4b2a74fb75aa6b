"""What a paper says beside what was computed: the rows of the table of claims.

A verdict follows from numbers. A row that fails must say ``because`` of what, and one that holds
must not, so that whatever turns a verdict stops the run until somebody has looked at it. What a
row wants to add in either case is its ``note``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from jaxent.app.errors import show

Verdict = Literal["reproduced", "better", "not reproduced", "misprint", "new", "check"]

VERDICTS: tuple[Verdict, ...] = ("reproduced", "better", "not reproduced", "misprint", "new")
"""In the order in which tables count them. A ``check`` is of the program itself: it is shown, and
counts nowhere."""

CLEARLY = 1e3
"""How many times what is allowed a formula must be off before it is called a misprint."""

_ROUNDING = 1 + 1e-9


@dataclass(frozen=True)
class Claim:
    """One claim of a paper and what became of it; made by the functions of this module alone.

    Attributes:
        source: where the paper makes it: ``"Fig. 6"``, ``"Eq. (19)"``, ``"Sec. IV A"``.
        statement: what it is about, in words; Markdown.
        claimed: as the paper has it, or empty where it does not have it.
        computed: as computed.
        difference: relative to the claimed number, or ``None`` where that is no number.
        verdict: one of ``VERDICTS``, or ``"check"``.
        remark: why it is not reproduced, what is right in place of a misprint, how much better,
            or what else is to be said.
    """

    source: str
    statement: str
    claimed: str
    computed: str
    difference: float | None
    verdict: Verdict
    remark: str = ""


def number(
    source: str,
    statement: str,
    claimed: str,
    computed: float,
    *,
    within: float | None = None,
    maximum: bool = False,
    note: str = "",
    because: str = "",
    digits: int = 6,
) -> Claim:
    """A number of a paper beside the computed one.

    Args:
        source: where the paper has it.
        statement: what it is.
        claimed: the number as printed, such as ``"0.109"`` or ``"1e-3"``.
        computed: the computed number.
        within: how far that may be off the printed one; half a unit of the last printed digit
            unless given, and never more.
        maximum: whether the paper's number is the largest that a search found. A larger one is
            then better, by one unit of the last printed digit or more; less than that is a print
            that was rounded down.
        note: what else is to be said.
        because: why it is not reproduced; needed there, and refused elsewhere.
        digits: how many of the computed number are shown.

    Raises:
        ValueError: the computed number is none, it is not reproduced and nothing says why, or it
            is and something does.

    >>> number("Sec. V A", "largest F", "0.65", 0.654508).verdict
    'reproduced'
    >>> number("Fig. 6", "largest efficiency", "0.20", 0.26139, maximum=True).remark
    'better by 31 %'
    """
    value, unit = float(claimed), _last_digit(claimed)
    _refuse_none(source, statement, computed)
    if within is not None and within > unit / 2:
        raise ValueError(
            f"{source}: {statement}: within {within:g} is given; allowed: half a unit of the last "
            f"digit of {claimed} at most"
        )
    allowed = (unit / 2 if within is None else within) * _ROUNDING
    verdict: Verdict = "not reproduced"
    if abs(computed - value) <= allowed:
        verdict = "reproduced"
    elif maximum and value < computed < value + unit / _ROUNDING:
        verdict = "reproduced"
        note = _joined("rounded down in print", note)
    elif maximum and computed > value:
        verdict = "better"
        gain = f"better by {100 * (computed / value - 1):.2g} %" if value > 0 else "better"
        note = _joined(gain, note)
    found = f"{claimed} is printed and {computed:.{digits}g} computed"
    remark = _reason(source, statement, verdict != "not reproduced", found, note, because)
    difference = (computed - value) / abs(value) if value else None
    return Claim(source, statement, claimed, f"{computed:.{digits}g}", difference, verdict, remark)


def quotient(
    source: str,
    statement: str,
    over: str,
    under: str,
    computed: float,
    *,
    note: str = "",
    because: str = "",
    digits: int = 6,
) -> Claim:
    """A quotient of two printed numbers, each rounded, beside the computed one.

    Args:
        source: where the paper has them.
        statement: what their quotient is.
        over: the numerator as printed, above zero.
        under: the denominator as printed, above zero.
        computed: the computed quotient.
        note: what else is to be said.
        because: why it is not among the quotients that both prints allow; needed there alone.
        digits: how many of the computed number are shown.

    Raises:
        ValueError: as of :func:`number`.

    >>> quotient("Eq. (1)", "p/g", "2.1e-6", "4.8e-7", 4.39).verdict
    'reproduced'
    """
    _refuse_none(source, statement, computed)
    ends = [(float(text), _last_digit(text) / 2 * _ROUNDING) for text in (over, under)]
    (a, da), (b, db) = ends
    low, high = (a - da) / (b + db), (a + da) / (b - db)
    holds = low <= computed <= high
    note = _joined(f"both prints allow {low:.4g} to {high:.4g}", note)
    found = f"{over}/{under} is printed and {computed:.{digits}g} computed"
    remark = _reason(source, statement, holds, found, note, because)
    verdict: Verdict = "reproduced" if holds else "not reproduced"
    difference = computed * b / a - 1
    shown = f"{computed:.{digits}g}"
    return Claim(source, statement, f"{over}/{under}", shown, difference, verdict, remark)


def fact(
    source: str,
    statement: str,
    holds: bool,
    computed: str,
    claimed: str,
    *,
    note: str = "",
    because: str = "",
) -> Claim:
    """A statement of a paper that is no number, such as that no filter helps.

    Args:
        source: where the paper states it.
        statement: what it states.
        holds: whether it was found to hold.
        computed: the numbers that show it.
        claimed: what the paper has, in symbols or in its own words, such as ``"<= 2"``.
        note: what else is to be said.
        because: why it does not hold; needed there, and refused elsewhere.

    Raises:
        ValueError: nothing is claimed, it does not hold and nothing says why, or it does and
            something does.
    """
    if not claimed:
        raise ValueError(f"{source}: {statement}: a row of a paper says what the paper claims")
    remark = _reason(source, statement, holds, computed, note, because)
    verdict: Verdict = "reproduced" if holds else "not reproduced"
    return Claim(source, statement, claimed, computed, None, verdict, remark)


def check(source: str, statement: str, holds: bool, computed: str, *, note: str = "") -> Claim:
    """A statement of the program about itself, which no paper makes; it counts nowhere.

    Args:
        source: the figure or section it belongs to.
        statement: what must hold.
        holds: whether it does.
        computed: the numbers that show it.
        note: what else is to be said.

    Raises:
        ValueError: it does not hold.
    """
    if not holds:
        raise ValueError(f"{source}: {statement}: does not hold ({computed})")
    return Claim(source, statement, "", computed, None, "check", note)


def improved(
    source: str, statement: str, known: float, found: float, holds: bool, note: str, digits: int = 6
) -> Claim:
    """Something better than what a paper's own choice gives, computed both ways.

    Args:
        source: where the paper makes its choice.
        statement: what it chooses.
        known: what comes of that choice.
        found: what comes of the better one.
        holds: whether that is better everywhere it is compared.
        note: in what, and how it is proven.
        digits: how many are shown.

    Raises:
        ValueError: it is not better.
    """
    _refuse_none(source, statement, known, found)
    if not (holds and found > known):
        raise ValueError(f"{source}: {statement}: {found:.6g} is not better than {known:.6g}")
    before, after = (f"{value:.{digits}g}" for value in (known, found))
    return Claim(source, statement, before, after, found / known - 1, "better", note)


def misprint(
    source: str,
    statement: str,
    correct: str,
    *,
    off_as_printed: float,
    off_corrected: float,
    allowed: float = 1e-9,
) -> Claim:
    """A formula that fails as printed, and one that holds in its place.

    Args:
        source: the equation.
        statement: what it is for.
        correct: what it should be.
        off_as_printed: how far the printed formula is from the solved master equation.
        off_corrected: how far the corrected one is.
        allowed: how far that may be; the printed one must be off by ``CLEARLY`` times as much.

    Raises:
        ValueError: the correction fails as well, or the printed formula holds, or nearly does.
    """
    if not (off_corrected <= allowed and off_as_printed >= CLEARLY * allowed):
        raise ValueError(
            f"{source}: off by {off_as_printed:.1e} as printed and {off_corrected:.1e} corrected; "
            f"only a correction within {allowed:.0e} of what is off by {CLEARLY * allowed:.0e} or "
            "more shows a misprint"
        )
    computed = f"off by {off_as_printed:.2g} as printed, by {off_corrected:.0e} corrected"
    return Claim(source, statement, "as printed", computed, None, "misprint", correct)


def new(
    source: str,
    statement: str,
    computed: float,
    note: str,
    *,
    exact: float | None = None,
    within: float = 1e-9,
    holds: bool | None = None,
    digits: int = 6,
) -> Claim:
    """A number that no paper has, and what it was compared with.

    Args:
        source: the figure or section it belongs to.
        statement: what it is.
        computed: the number.
        note: what it goes beyond, and how it is proven.
        exact: what it must be: a closed form, or the result of an independent method.
        within: how far it may be off that.
        holds: whether what the row says was found to hold, in place of ``exact`` or beside it.
        digits: how many are shown.

    Raises:
        ValueError: no number was computed, it is compared with nothing, or the comparison fails.
    """
    _refuse_none(source, statement, computed)
    if exact is None and holds is None:
        raise ValueError(f"{source}: {statement}: a new number must be compared with something")
    if exact is not None and not abs(computed - exact) <= within:
        raise ValueError(
            f"{source}: {statement}: {computed:.9g} is computed; allowed: {exact:.9g} to {within:g}"
        )
    if holds is not None and not holds:
        raise ValueError(f"{source}: {statement}: {computed:.6g} is not what the row says: {note}")
    return Claim(source, statement, "", f"{computed:.{digits}g}", None, "new", note)


def _refuse_none(source: str, statement: str, *computed: float) -> None:
    if any(math.isnan(value) for value in computed):
        raise ValueError(f"{source}: {statement}: no number was computed")


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def _reason(source: str, statement: str, holds: bool, found: str, note: str, because: str) -> str:
    """What stands beside the verdict."""
    if not holds and not because:
        raise ValueError(
            f"{source}: {statement}: does not hold ({found}); a remark must say why: `because`"
        )
    if holds and because:
        raise ValueError(
            f"{source}: {statement}: holds ({found}); `because` is for a failure alone: {because}"
        )
    return _joined(because, note)


def _last_digit(text: str) -> float:
    """One unit of the last digit of a printed number.

    >>> _last_digit("0.109"), _last_digit("25"), _last_digit("3.5e-5")
    (0.001, 1.0, 1e-06)
    """
    mantissa, _, exponent = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return float(f"1e{int(exponent or 0) - decimals}")


# tables


def counted(claims: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many claims there are of each verdict; checks are none of a paper's claims."""
    found = [claim["verdict"] for claim in claims]
    return {verdict: found.count(verdict) for verdict in VERDICTS}


def summary(papers: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """A Markdown table with one line for each paper: how many claims came to which verdict."""
    rows = [[f"`{paper}`", *map(str, counted(claims).values())] for paper, claims in papers.items()]
    everything = [claim for claims in papers.values() for claim in claims]
    rows.append(["all", *map(str, counted(everything).values())])
    return _table(["paper", *VERDICTS], rows)


def table(claims: Iterable[Mapping[str, Any]]) -> str:
    """A Markdown table of claims, given as :func:`as_json` has them."""
    rows = [
        [
            claim["source"],
            claim["statement"],
            claim["claimed"],
            claim["computed"],
            "" if claim["difference"] is None else f"{claim['difference']:+.1e}",
            f"**{claim['verdict']}**" + (f": {claim['remark']}" if claim["remark"] else ""),
        ]
        for claim in claims
    ]
    return _table(["where", "what", "claimed", "computed", "relative difference", "verdict"], rows)


def changed(before: str, after: str) -> list[str]:
    """Which verdicts differ between two pages of claims, one line for each.

    Rows are told apart by the target above them, by where and by what; rows that only one of the
    pages has are no difference.
    """
    old, new_ = _verdicts(before), _verdicts(after)
    return [
        f"{' '.join(row)}: {old[row]} before, {verdict} now"
        for row, verdict in new_.items()
        if row in old and old[row] != verdict
    ]


def _verdicts(page: str) -> dict[tuple[str, ...], str]:
    found, target = {}, ("", "")
    for line in page.splitlines():
        if line.startswith("## "):
            target = (line[3:].strip(), "")
        elif line.startswith("### "):
            target = (target[0], line[4:].partition(":")[0])
        cells = re.split(r"(?<!\\)\|", line)
        if len(cells) == 8 and (verdict := re.match(r" \*\*(.+?)\*\*", cells[6])):
            found[(*target, cells[1].strip(), cells[2].strip())] = verdict[1]
    return found


def as_json(claim: Claim) -> dict[str, Any]:
    """A claim as plain data."""
    if claim.verdict not in (*VERDICTS, "check"):
        raise ValueError(f"verdict: {show(claim.verdict)} is given; allowed: {VERDICTS} or check")
    return asdict(claim)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    # A bar would end a cell.
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in r) + " |" for r in lines
    )
