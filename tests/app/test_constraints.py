import pytest

from jaxent.app.constraints import parse_constraint
from jaxent.app.errors import InputError
from jaxent.search.space import Monomial

NAMES = ("g", "bath_a.gamma", "bath_b.gamma")


def test_a_comparison_of_two_parameters():
    constraint = parse_constraint(" g  <= bath_a.gamma ", NAMES)
    assert constraint.lesser == Monomial(1.0, {"g": 1})
    assert constraint.greater == Monomial(1.0, {"bath_a.gamma": 1})
    assert constraint.text == "g <= bath_a.gamma"


def test_products_and_numbers_on_both_sides():
    constraint = parse_constraint("2*g*g*1.5e-1 <= 4*bath_a.gamma*bath_b.gamma", NAMES)
    assert constraint.lesser.coefficient == pytest.approx(0.3)
    assert constraint.lesser.powers == {"g": 2}
    assert constraint.greater == Monomial(4.0, {"bath_a.gamma": 1, "bath_b.gamma": 1})


@pytest.mark.parametrize("sign", [">", ">="])
def test_greater_turns_the_sides_around(sign):
    constraint = parse_constraint(f"bath_a.gamma {sign} g", NAMES)
    assert (constraint.lesser, constraint.greater) == (
        Monomial(1.0, {"g": 1}),
        Monomial(1.0, {"bath_a.gamma": 1}),
    )


def test_less_is_less_or_equal():
    strict, loose = (parse_constraint(f"g {sign} 1", NAMES) for sign in ("<", "<="))
    assert (strict.lesser, strict.greater) == (loose.lesser, loose.greater)


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("g <= gamma", "'gamma' in 'g <= gamma' is unknown; allowed: g, bath_a.gamma"),
        ("g", "0 comparisons"),
        ("g <= 1 <= bath_a.gamma", "2 comparisons"),
        ("g <=", "incomplete"),
        ("<= g", "incomplete"),
        ("g bath_a.gamma <= 1", "incomplete"),
        ("g ** 2 <= 1", "incomplete"),
        ("g + 1 <= 2", "stops making sense at '+ 1 <= 2'"),
        ("-1*g <= 2", "stops making sense"),
        ("g == 1", "stops making sense"),
        ("__import__('os') <= 1", "stops making sense at \"('os') <= 1\""),
        ("2g <= 1", "stops making sense"),
        ("0*g <= 1", "has the factor 0"),
        ("1e300*1e300*g <= 1", "has the factor inf"),
        (3, "3 is given"),
        ("", "0 comparisons"),
    ],
)
def test_anything_else_is_refused_with_a_reason(text, fragment):
    with pytest.raises(InputError) as error:
        parse_constraint(text, NAMES, "constraints[0]")
    assert str(error.value).startswith("constraints[0]: ")
    assert fragment in str(error.value)
