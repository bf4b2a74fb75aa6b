"""Formulas as browsers show them."""

import pytest

pytest.importorskip(
    "latex2mathml", reason="the site's builder is not installed: pip install -e '.[docs]'"
)

from mathml import with_mathml


def test_formulas_become_mathml_and_the_rest_stays():
    page = '<p>a <span class="arithmatex">\\(x &lt; 1\\)</span> b</p>'
    shown = with_mathml(page)
    assert shown.startswith('<p>a <span class="formula"><math')
    assert 'display="inline"' in shown
    assert shown.endswith("</math></span> b</p>")
    assert "arithmatex" not in shown


def test_displayed_formulas_are_blocks():
    assert 'display="block"' in with_mathml('<div class="arithmatex">\\[x\\]</div>')


def test_what_is_no_formula_is_refused():
    with pytest.raises(ValueError, match="formula"):
        with_mathml('<span class="arithmatex">\\(\\frac{1}{\\)</span>')
