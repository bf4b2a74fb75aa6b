"""What the site needs beyond its pages: the tutorial run, the reference made, formulas shown."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import cells
import mathml
import reference
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

TUTORIAL = "tutorial.py"
CLAIMS = "experiments/CLAIMS.md"

NO_CLAIMS = (
    "The table of claims is written by `jaxent reproduce all`, in a clone: see "
    "[Repeat a figure of a paper](how-to/reproduce.md). This copy of the site was built without it."
)

_LOCAL_LINK = re.compile(r"!?\[([^\]]*)\]\((?!https?:)[^)]*\)")


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that are made."""
    pages = Path(config.docs_dir)
    made: dict[str, str | bytes] = dict(reference.pages())
    made |= _tutorial(pages / TUTORIAL)
    claims = pages.parents[1] / CLAIMS
    made["claims.md"] = f"# Claims\n\n{NO_CLAIMS}\n"
    if claims.exists():
        # What stands beside it, figures and data, is not part of the site.
        made["claims.md"] = _LOCAL_LINK.sub(
            lambda link: "" if link[0].startswith("!") else link[1],
            claims.read_text(encoding="utf-8"),
        )
    for place, content in made.items():
        files.append(File.generated(config, place, content=content))
    return files


def _tutorial(path: Path) -> dict[str, str | bytes]:
    """The tutorial's page and figures; without outputs where JAXENT_DOCS_EXECUTE is ``false``."""
    found = cells.read_cells(path)
    if os.environ.get("JAXENT_DOCS_EXECUTE") != "false":
        cells.run_cells(found)
    figures = [figure for cell in found for figure in cell.figures]
    drawn = {f"tutorial-{n}.svg": figure for n, figure in enumerate(figures, start=1)}
    return {"tutorial.md": cells.as_markdown(found, "tutorial-{}.svg"), **drawn}


def on_page_content(html: str, page: Any, **_: Any) -> str:
    """Show formulas."""
    try:
        return mathml.with_mathml(html)
    except ValueError as error:
        raise PluginError(f"{page.file.src_path}: {error}") from None
