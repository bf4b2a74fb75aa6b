"""What a paper says beside what was computed: the rows of the table of claims."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from jaxent.app.errors import show

Verdict = Literal["reproduced", "better", "not reproduced", "misprint", "new"]

VERDICTS: tuple[Verdict, ...] = ("reproduced", "better", "not reproduced", "misprint", "new")
"""In the order in which tables count them."""


@dataclass(frozen=True)
class Claim:
    """One claim of a paper and what became of it.

    Attributes:
        source: where the paper makes it: ``"Fig. 6"``, ``"Eq. (19)"``, ``"Sec. IV A"``.
        statement: what it is about, in words; Markdown.
        claimed: as the paper has it, or empty where it does not have it.
        computed: as computed.
        difference: relative to the claimed number, or ``None`` where that is no number.
        verdict: one of ``VERDICTS``.
        remark: why it is not reproduced, what is right in place of a misprint, how much better.
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
    remark: str = "",
    digits: int = 6,
) -> Claim:
    """A number of a paper beside the computed one.

    Args:
        source: where the paper has it.
        statement: what it is.
        claimed: the number as printed, such as ``"0.109"`` or ``"1e-3"``.
        computed: the computed number.
        within: how far that may be off the printed one, such as the width of a line it was read
            from; half a unit of the last printed digit unless given.
        maximum: whether the paper's number is the largest that a search found, so that a larger
            one is better.
        remark: needed where the number is not reproduced.
        digits: how many of the computed number are shown.

    Raises:
        ValueError: the computed number is none, or it is not reproduced and no remark says why.

    >>> number("Sec. V A", "largest F", "0.65", 0.654508).verdict
    'reproduced'
    >>> number("Fig. 6", "largest efficiency", "0.20", 0.26139, maximum=True).remark
    'better by 31 %'
    """
    value = float(claimed)
    if math.isnan(computed):
        raise ValueError(f"{source}: {statement}: no number was computed")
    allowed = _last_digit(claimed) / 2 * (1 + 1e-9) if within is None else within
    verdict: Verdict = "not reproduced"
    if abs(computed - value) <= allowed:
        verdict = "reproduced"
    elif maximum and computed > value:
        verdict = "better"
        by = f" by {100 * (computed / value - 1):.2g} %" if value > 0 else ""
        gain = f"better{by}"
        remark = f"{gain}; {remark}" if remark else gain
    elif not remark:
        raise ValueError(
            f"{source}: {statement}: {claimed} is printed and {computed:.6g} computed; "
            "a remark must say why"
        )
    difference = (computed - value) / abs(value) if value else None
    return Claim(source, statement, claimed, f"{computed:.{digits}g}", difference, verdict, remark)


def fact(
    source: str, statement: str, holds: bool, computed: str, claimed: str = "", remark: str = ""
) -> Claim:
    """A statement that is no number, such as that no filter helps.

    Args:
        source: where the paper states it.
        statement: what it states.
        holds: whether it was found to hold.
        computed: the numbers that show it.
        claimed: what the paper says in symbols, such as ``"<= 2"``.
        remark: needed where it does not hold.

    Raises:
        ValueError: it does not hold, and no remark says where.
    """
    if not holds and not remark:
        raise ValueError(f"{source}: {statement}: does not hold ({computed}); a remark must say so")
    verdict: Verdict = "reproduced" if holds else "not reproduced"
    return Claim(source, statement, claimed, computed, None, verdict, remark)


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
        allowed: how far that may be.

    Raises:
        ValueError: the correction fails as well, or the printed formula holds.
    """
    if not off_corrected <= allowed < off_as_printed:
        raise ValueError(
            f"{source}: off by {off_as_printed:.1e} as printed and {off_corrected:.1e} corrected; "
            f"only a correction within {allowed:.0e} shows a misprint"
        )
    computed = f"off by {off_as_printed:.2g} as printed, by {off_corrected:.0e} corrected"
    return Claim(source, statement, "as printed", computed, None, "misprint", correct)


def new(source: str, statement: str, computed: float, remark: str, digits: int = 6) -> Claim:
    """A number that no paper has.

    Args:
        source: the figure or section it belongs to.
        statement: what it is.
        computed: the number.
        remark: what it goes beyond, and how it is proven.
        digits: how many are shown.
    """
    if math.isnan(computed):
        raise ValueError(f"{source}: {statement}: no number was computed")
    return Claim(source, statement, "", f"{computed:.{digits}g}", None, "new", remark)


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
    """How many claims there are of each verdict."""
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


def as_json(claim: Claim) -> dict[str, Any]:
    """A claim as plain data."""
    if claim.verdict not in VERDICTS:
        raise ValueError(f"verdict: {show(claim.verdict)} is given; allowed: {VERDICTS}")
    return asdict(claim)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    # A bar would end a cell.
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in r) + " |" for r in lines
    )
