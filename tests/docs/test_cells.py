"""Scripts of cells, run and written as pages."""

import cells
import pytest

SCRIPT = """# %% [markdown]
# # Title
#
# Text with $x$.

# %%
x = 20 + 1

# %%
print("printed")
2 * x

# %%
None
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT, encoding="utf-8")
    return cells.read_cells(path)


def test_cells_are_text_and_code(script):
    assert [cell.is_text for cell in script] == [True, False, False, False]
    assert script[0].source == "# Title\n\nText with $x$."
    assert script[1].source == "x = 20 + 1"


def test_cells_share_names_and_show_what_they_print_and_end_with(script):
    names = cells.run_cells(script)
    assert names["x"] == 21
    assert [cell.output for cell in script] == ["", "", "printed\n42", ""]


def test_a_page_shows_code_with_its_output(script):
    page = cells.as_markdown(script, "figure-{}.svg")
    assert page.startswith("# Title\n\nText with $x$.\n\n```python\nx = 20 + 1\n```\n\n")
    assert "```text" not in page
    cells.run_cells(script)
    assert "2 * x\n```\n\n```text\nprinted\n42\n```\n" in cells.as_markdown(script, "figure-{}.svg")
