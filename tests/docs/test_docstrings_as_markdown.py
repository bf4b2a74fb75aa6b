"""What the site makes of a docstring."""

import pytest

pytest.importorskip(
    "griffe", reason="the site's builder is not installed: pip install -e '.[docs]'"
)

from docstrings import as_markdown


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("``a`` and :class:`Point` and :math:`x\n    + y`", "`a` and `Point` and $x + y$"),
        (".. math:: x = y\n    + z\n\nText.", "$$\nx = y + z\n$$\n\nText."),
        (".. math::\n    x\n\n    y\n", "$$\nx\n$$\n\n$$\ny\n$$"),
        (
            ".. math::\n    x &= 1 \\\\\n    y &= 2\n",
            "\\begin{align} x &= 1 \\\\ y &= 2 \\end{align}",
        ),
        ("Levels::\n\n    |0>\n\nText.", "Levels:\n\n```text\n|0>\n```\n\nText."),
        ("Example:\n    >>> 1 + 1\n    2\n", "    ```pycon\n    >>> 1 + 1\n    2\n    ```"),
        ("=== ====\na   b\n=== ====\n``x`` one\n    two\n=== ====", "| a | b |"),
    ],
    ids=["roles", "formula", "formulas", "aligned", "literal", "session", "table"],
)
def test_restructured_text_becomes_markdown(text, markdown):
    assert markdown in as_markdown(text)


def test_a_table_keeps_its_cells_whole():
    rule = "====== ====="
    text = f"{rule}\nkey    what\n{rule}\n``a``  one\n       two\nb      three\n{rule}"
    lines = as_markdown(text).strip().splitlines()
    assert lines == ["| key | what |", "| --- | --- |", "| `a` | one two |", "| b | three |"]


def test_names_that_share_a_meaning_are_listed_one_by_one():
    text = "Line.\n\nArgs:\n    p_a, p_b: the rates,\n        both >= 0.\n    g: the coupling.\n"
    wanted = "    p_a: the rates,\n        both >= 0.\n    p_b: the rates,\n        both >= 0.\n"
    assert wanted + "    g: the coupling.\n" in as_markdown(text)
