"""The verdict on a claim follows from the numbers, and none goes without its reason."""

import math

import pytest

from jaxent.app import claims


@pytest.mark.parametrize(
    ("claimed", "computed", "verdict"),
    [
        ("0.109", 0.1094, "reproduced"),
        ("0.109", 0.1095, "reproduced"),
        ("0.50", 0.50499, "reproduced"),
        ("3.5e-5", 3.549e-5, "reproduced"),
        ("25", 25.4, "reproduced"),
        ("-1.25", -1.2451, "reproduced"),
        ("0.109", 0.1096, "not reproduced"),
        ("0.50", 0.4949, "not reproduced"),
        ("25", 25.6, "not reproduced"),
    ],
)
def test_a_number_is_reproduced_to_half_of_its_last_digit(claimed, computed, verdict):
    claim = claims.number("Fig. 1", "a number", claimed, computed, remark="for a reason")
    assert claim.verdict == verdict
    assert claim.difference == pytest.approx((computed - float(claimed)) / abs(float(claimed)))


def test_only_a_larger_maximum_is_better():
    better = claims.number("Fig. 1", "a maximum", "0.20", 0.25, maximum=True)
    assert (better.verdict, better.remark) == ("better", "better by 25 %")
    worse = claims.number("Fig. 1", "a maximum", "0.20", 0.19, maximum=True, remark="a reason")
    assert worse.verdict == "not reproduced"
    same = claims.number("Fig. 1", "a maximum", "0.20", 0.2049, maximum=True)
    assert same.verdict == "reproduced"


@pytest.mark.parametrize(
    "make",
    [
        lambda: claims.number("Fig. 1", "a number", "0.109", 0.2),
        lambda: claims.number("Fig. 1", "a number", "0.109", math.nan, remark="a reason"),
        lambda: claims.fact("Fig. 1", "a statement", False, "2 > 1"),
        lambda: claims.new("Fig. 1", "a number", math.nan, "beyond the paper"),
        # Neither a right formula nor a wrong correction is a misprint.
        lambda: claims.misprint("(1)", "it", "x", off_as_printed=1e-12, off_corrected=1e-15),
        lambda: claims.misprint("(1)", "it", "x", off_as_printed=0.1, off_corrected=0.01),
        lambda: claims.misprint("(1)", "it", "x", off_as_printed=0.1, off_corrected=math.nan),
    ],
)
def test_no_claim_goes_without_its_reason_or_its_number(make):
    with pytest.raises(ValueError, match=r"remark|no number|only a correction"):
        make()


def test_tables_count_and_show_every_claim():
    rows = [
        claims.as_json(claim)
        for claim in (
            claims.number("Fig. 1", "|q| of a state", "0.5", 0.5),
            claims.number("Fig. 2", "a maximum", "0.20", 0.25, maximum=True),
            claims.new("Fig. 2", "another", 0.3, "beyond the paper"),
        )
    ]
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
