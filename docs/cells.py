"""Scripts of cells (``# %%``) run as a notebook is, and written as a page with their outputs.

The percent format is that of Jupytext, Spyder, PyCharm and Visual Studio Code: cells of text begin
with ``# %% [markdown]``, and their lines are comments.
"""

from __future__ import annotations

import ast
import contextlib
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_MARKER = re.compile(r"^# %%(.*)$", re.MULTILINE)


@dataclass
class Cell:
    """One cell.

    Attributes:
        source: its text or its code.
        is_text: whether it is text, in Markdown.
        output: what running it has printed, with the value of its last expression.
        figures: what it has drawn, as SVG.
    """

    source: str
    is_text: bool
    output: str = ""
    figures: list[bytes] = field(default_factory=list)


def read_cells(path: Path) -> list[Cell]:
    """The cells of a script, not yet run."""
    _, *parts = _MARKER.split(path.read_text(encoding="utf-8"))
    cells = []
    for title, body in zip(parts[::2], parts[1::2], strict=True):
        is_text = "[markdown]" in title
        if is_text:
            body = re.sub(r"^# ?", "", body, flags=re.MULTILINE)
        cells.append(Cell(body.strip("\n"), is_text))
    return cells


def run_cells(cells: list[Cell]) -> dict[str, Any]:
    """Run the code of all cells in one namespace, which is returned, and note what they show."""
    import matplotlib.pyplot as plt

    plt.switch_backend("Agg")
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in cells:
        if cell.is_text:
            continue
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown):
            value = _run(cell.source, names)
            if value is not None:
                print(value if isinstance(value, str) else repr(value))
        cell.output = shown.getvalue().rstrip()
        for number in plt.get_fignums():
            cell.figures.append(_svg(plt.figure(number)))
        plt.close("all")
    return names


def _run(source: str, names: dict[str, Any]) -> Any:
    """Run code; the value of its last line where that is an expression."""
    tree = ast.parse(source)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        exec(compile(tree, "<cell>", "exec"), names)
        return None
    tree.body.pop()
    exec(compile(tree, "<cell>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)


def _svg(figure: Any) -> bytes:
    import matplotlib

    file = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "jaxent"}):
        figure.savefig(file, format="svg", bbox_inches="tight", metadata={"Date": None})
    return file.getvalue()


def as_markdown(cells: list[Cell], figures: str) -> str:
    """The page of some cells.

    Args:
        cells: those that have run show their outputs.
        figures: the addresses of the figures, with the place for a number (``fig-{}.svg``).
    """
    parts, number = [], 0
    for cell in cells:
        if cell.is_text:
            parts.append(cell.source)
            continue
        parts.append(f"```python\n{cell.source}\n```")
        if cell.output:
            parts.append(f"```text\n{cell.output}\n```")
        for _ in cell.figures:
            number += 1
            parts.append(f"![What the cell above draws]({figures.format(number)})")
    return "\n\n".join(parts) + "\n"
