"""The verdict on a claim follows from the numbers, and none goes without its reason."""

import math

import pytest

from jaxent.app import claims

REASON = "for a reason"


@pytest.mark.parametrize(
    ("claimed", "computed"),
    [
        ("0.109", 0.1094),
        ("0.109", 0.1095),
        ("0.50", 0.50499),
        ("3.5e-5", 3.549e-5),
        ("25", 25.4),
        ("-1.25", -1.2451),
    ],
)
def test_a_number_is_reproduced_to_half_of_its_last_digit(claimed, computed):
    claim = claims.number("Fig. 1", "a number", claimed, computed)
    assert claim.verdict == "reproduced"
    assert claim.difference == pytest.approx((computed - float(claimed)) / abs(float(claimed)))


@pytest.mark.parametrize(("claimed", "computed"), [("0.109", 0.1096), ("0.50", 0.4949), ("25", 26)])
def test_beyond_that_it_is_not_reproduced(claimed, computed):
    claim = claims.number("Fig. 1", "a number", claimed, computed, because=REASON, note="a note")
    assert (claim.verdict, claim.remark) == ("not reproduced", "for a reason; a note")


def test_only_a_maximum_that_is_larger_by_a_whole_digit_is_better():
    better = claims.number("Fig. 1", "a maximum", "0.20", 0.25, maximum=True)
    assert (better.verdict, better.remark) == ("better", "better by 25 %")
    worse = claims.number("Fig. 1", "a maximum", "0.20", 0.19, maximum=True, because="a reason")
    assert worse.verdict == "not reproduced"
    same = claims.number("Fig. 1", "a maximum", "0.20", 0.2049, maximum=True)
    assert same.verdict == "reproduced"
    cut = claims.number("Fig. 3", "a maximum", "0.3869", 0.386953, maximum=True)
    assert (cut.verdict, cut.remark) == ("reproduced", "rounded down in print")
    assert claims.number("Fig. 3", "a maximum", "0.20", 0.21, maximum=True).verdict == "better"


def test_a_quotient_is_what_the_rounding_of_both_prints_allows():
    assert claims.quotient("(1)", "p/g", "2.1e-6", "4.8e-7", 4.39).verdict == "reproduced"
    assert claims.quotient("(1)", "p/g", "2.1e-6", "4.8e-7", 4.23).verdict == "reproduced"
    outside = claims.quotient("(1)", "p/g", "2.1e-6", "4.8e-7", 4.20, because=REASON)
    assert outside.verdict == "not reproduced"
    assert claims.quotient("(1)", "p/g", "2.1", "4.2", 0.5).difference == pytest.approx(0.0)


def number(claimed="0.109", computed=0.2, **rest):
    return claims.number("Fig. 1", "a number", claimed, computed, **rest)


def fact(holds, claimed="<= 2", **rest):
    return claims.fact("Fig. 1", "a statement", holds, "2 > 1", claimed, **rest)


def new(computed=0.3, **rest):
    return claims.new("Fig. 1", "a number", computed, "beyond the paper", **rest)


def misprint(printed, corrected, **rest):
    return claims.misprint(
        "(1)", "it", "x", off_as_printed=printed, off_corrected=corrected, **rest
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda: number(),
        lambda: number(note="what is said anyway is no reason"),
        lambda: number(computed=0.109, because=REASON),
        lambda: number(claimed="0.20", computed=0.25, maximum=True, because=REASON),
        lambda: number(computed=math.nan, because=REASON),
        lambda: number(computed=0.109, within=6e-4),
        lambda: claims.quotient("(1)", "p/g", "2.1", "4.2", 0.4),
        lambda: claims.quotient("(1)", "p/g", "2.1", "4.2", 0.5, because=REASON),
        lambda: fact(False),
        lambda: fact(False, note="what is said anyway is no reason"),
        lambda: fact(True, because=REASON),
        lambda: fact(True, claimed=""),
        lambda: claims.check("Fig. 1", "of the program", False, "2 > 1"),
        lambda: claims.improved("Fig. 1", "a choice", 0.2, 0.3, False, "everywhere"),
        lambda: claims.improved("Fig. 1", "a choice", 0.3, 0.2, True, "everywhere"),
        lambda: new(),
        lambda: new(math.nan, holds=True),
        lambda: new(holds=False),
        lambda: new(exact=0.31, within=1e-3),
        lambda: new(exact=math.nan),
        # Neither a right formula nor a wrong correction is a misprint, nor what is nearly right.
        lambda: misprint(1e-12, 1e-15),
        lambda: misprint(2e-9, 9e-10),
        lambda: misprint(0.1, 0.01),
        lambda: misprint(0.1, math.nan),
        lambda: misprint(math.nan, 1e-15),
    ],
)
def test_no_claim_goes_without_its_reason_or_its_number(make):
    with pytest.raises(ValueError, match=r"\(1\)|Fig\. 1"):
        make()


def test_what_is_compared_is_new_and_what_is_off_is_a_misprint():
    assert new(exact=0.3).verdict == new(holds=True).verdict == "new"
    assert new(exact=0.3 + 1e-4, within=1e-3, holds=True).verdict == "new"
    assert misprint(2e-6, 9e-10).verdict == "misprint"
    assert fact(True).verdict == "reproduced"
    assert fact(False, because=REASON, note="a note").remark == "for a reason; a note"
    better = claims.improved("Fig. 1", "a choice", 0.2, 0.3, True, "everywhere")
    assert (better.verdict, better.difference) == ("better", pytest.approx(0.5))


ROWS = [
    claims.number("Fig. 1", "|q| of a state", "0.5", 0.5),
    claims.number("Fig. 2", "a maximum", "0.20", 0.25, maximum=True),
    new(holds=True),
    claims.check("Fig. 2", "of the program", True, "1 < 2"),
]


def test_tables_show_every_claim_and_count_those_of_papers():
    rows = [claims.as_json(claim) for claim in ROWS]
    assert claims.counted(rows) == {
        "reproduced": 1,
        "better": 1,
        "not reproduced": 0,
        "misprint": 0,
        "new": 1,
    }
    lines = claims.table(rows).splitlines()
    assert len(lines) == 2 + len(rows)
    # A bar within a cell does not end it.
    assert all(line.replace("\\|", "").count("|") == 7 for line in lines)
    assert claims.summary({"brask2022": rows}).splitlines()[-1] == "| all | 1 | 1 | 0 | 0 | 1 |"


def test_a_verdict_that_turned_is_named():
    page = "## someone1999\n\n### fig1: A title\n\n" + claims.table(map(claims.as_json, ROWS))
    assert claims.changed(page, page) == []
    turned = page.replace("**better**", "**not reproduced**")
    told = "someone1999 fig1 Fig. 2 a maximum: better before, not reproduced now"
    assert claims.changed(page, turned) == [told]
    # What is no longer there, or was not there, has not turned.
    assert claims.changed(page, "\n".join(page.splitlines()[:-1])) == []
