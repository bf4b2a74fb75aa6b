"""What is proven, in words."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from .comparison import CLASSICAL
from .domain import Domain


class Claim(NamedTuple):
    """What a claim proves.

    Attributes:
        kind: ``"value"`` or ``"threshold"``.
        efficiency: the least efficiency that a value is about; ``None`` where nothing filters, and
            for a threshold.
        upper: no machine has a larger value there, or one above the classical bound at this
            efficiency or a larger one; ``None`` where only a witness is.
        lower: the witness has at least this value, or one above the classical bound at this
            efficiency or a larger one; ``None`` without a witness.
    """

    kind: str
    efficiency: Fraction | None
    upper: Fraction | None
    lower: Fraction | None


def in_words(name: str | None, domain: Domain, objective: str, claims: Sequence[Claim]) -> str:
    """The claims as sentences."""
    variant = "" if name is None else f"variant {name!r}: "
    measure = {"chsh": "CHSH", "singlet_fraction": "singlet fraction"}[objective]
    bound = str(CLASSICAL[objective])
    lines = [
        _of_value(measure, claim) if claim.kind == "value" else _of_threshold(measure, bound, claim)
        for claim in claims
    ]
    return "\n".join([f"{variant}{_machines(domain)}:", *lines])


def _machines(domain: Domain) -> str:
    charge = {"none": "without charge", "infinite": "with u = ∞", "any": "with any finite u ≥ 0"}
    charged = charge.get(str(domain.charge)) or f"with u = {Fraction(domain.charge) - 1} E"
    baths = " and ".join(
        f"a {bath.statistics}ic bath {party.upper()} with "
        + (f"n in [{bath.low}, {bath.high}]" if bath.free else f"n = {bath.low}")
        for party, bath in domain.baths.items()
    )
    coupling = "g ≤ γ_A, γ_B" if domain.bounded else "any g ≥ 0"
    filters = {"": "no filter", "ab": "diagonal filters in [0, 1] on both"}
    filters |= {party: f"a diagonal filter in [0, 1] on {party.upper()}" for party in "ab"}
    return (
        f"two resonant qubits without tunnelling, {charged}, {baths} "
        "(n of the equivalent fermions), "
        f"any γ_A, γ_B > 0, {coupling}, {filters[domain.filters]}"
    )


def _of_value(measure: str, claim: Claim) -> str:
    text = f"the best {measure}"
    if claim.efficiency is not None:
        text += f" at efficiencies of {plain(claim.efficiency)} or more"
    if claim.upper is not None:
        text += f" is at most {plain(claim.upper)}"
    return text + ("." if claim.lower is None else f" and at least {plain(claim.lower)}.")


def _of_threshold(measure: str, bound: str, claim: Claim) -> str:
    reached = "" if claim.lower is None else plain(claim.lower)
    if claim.upper is None:
        return f"{measure} exceeds {bound} up to {reached} at least."
    text = f"{measure} never exceeds {bound} at efficiencies of {plain(claim.upper)} or more"
    return text + (f", and does at {reached}." if reached else ".")


def plain(x: Fraction) -> str:
    """A decimal number of up to twenty digits where that is exact, or else the fraction.

    >>> plain(Fraction(1, 40)), plain(Fraction(-2)), plain(Fraction(1, 3))
    ('0.025', '-2', '1/3')
    """
    for digits in range(21):
        scaled = x * 10**digits
        if scaled.denominator == 1:
            figures = str(abs(int(scaled))).rjust(digits + 1, "0")
            whole, rest = figures[: len(figures) - digits], figures[len(figures) - digits :]
            return ("-" if x < 0 else "") + whole + (f".{rest}" if rest else "")
    return str(x)
