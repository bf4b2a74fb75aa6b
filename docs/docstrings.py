"""The package's docstrings, whose formulas and tables are reStructuredText, as Markdown.

In a terminal and in an editor they are read as they are; here formulas become ``$…$``, roles code,
literal blocks fenced ones, and tables those of Markdown.
"""

from __future__ import annotations

import re
import textwrap
from itertools import pairwise

import griffe

_SECTION = re.compile(r"^(Args|Attributes):\n((?:[ \t]+.*\n?|\n)+)", re.MULTILINE)
_SEVERAL = re.compile(r"^( {4})(\w+(?:, \w+)+): ((?:.*\n?)(?:(?: {5,}.*)?\n?)*)", re.MULTILINE)
_DISPLAY = re.compile(r"^( *)\.\. math::[ ]*(.*)\n((?:\1[ ]+.*\n?|[ ]*\n)*)", re.MULTILINE)
_LITERAL = re.compile(r"^( *)(.*?)::\n[ ]*\n((?:\1[ ]+.*\n?|[ ]*\n)+)", re.MULTILINE)
_SESSION = re.compile(r"^( *)(>>> .*(?:\n *\S.*)*)", re.MULTILINE)
_TABLE = re.compile(
    r"^( *)(=+(?: +=+)+) *\n(.*?)\n\1\2 *\n(.*?)\n\1\2 *$", re.MULTILINE | re.DOTALL
)


class AsMarkdown(griffe.Extension):
    """Turns every docstring into Markdown before it is parsed."""

    def on_object(self, *, obj: griffe.Object, **_: object) -> None:
        """Called for every object that is found."""
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)


def as_markdown(text: str) -> str:
    """A docstring as Markdown."""
    text = _SECTION.sub(lambda found: f"{found[1]}:\n{_one_by_one(found[2])}", text)
    text = _TABLE.sub(_table, text)
    # While there are no fences, which are backticks, too.
    text = re.sub(r"``([^`]+)``", r"`\1`", text)
    text = _DISPLAY.sub(_display, text)
    text = _LITERAL.sub(_literal, text)
    text = _SESSION.sub(lambda found: f"{found[1]}```pycon\n{found[0]}\n{found[1]}```", text)
    text = re.sub(r":math:`([^`]+)`", lambda found: f"${_on_one_line(found[1])}$", text)
    return re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text)


def _one_by_one(section: str) -> str:
    """A section with an entry for each of several names that share one."""

    def split(found: re.Match[str]) -> str:
        indent, names, meaning = found.groups()
        return "".join(f"{indent}{name}: {meaning.rstrip()}\n" for name in names.split(", "))

    return _SEVERAL.sub(split, section)


def _display(found: re.Match[str]) -> str:
    indent, first, rest = found.groups()
    parts = [_aligned(part) for part in re.split(r"\n[ ]*\n", f"{first}\n{rest}") if part.strip()]
    shown = "".join(f"\n{indent}$$\n{indent}{part}\n{indent}$$\n" for part in parts)
    return f"{shown}\n"


def _literal(found: re.Match[str]) -> str:
    indent, before, block = found.groups()
    lines = textwrap.indent(textwrap.dedent(block).strip("\n"), indent)
    language = "python" if before == "Example" else "text"
    opening = f"{indent}{before}:\n\n" if before else ""
    return f"{opening}{indent}```{language}\n{lines}\n{indent}```\n\n"


def _table(found: re.Match[str]) -> str:
    indent, rule, head, body = found.groups()
    starts = [match.start() for match in re.finditer(r"=+", rule)]
    columns = [slice(a, b) for a, b in pairwise([*starts, None])]
    rows: list[list[str]] = []
    for line in [*head.split("\n"), *body.split("\n")]:
        cells = [line.removeprefix(indent)[column].strip() for column in columns]
        if rows and not cells[0]:
            rows[-1] = [
                f"{above} {cell}".strip() for above, cell in zip(rows[-1], cells, strict=True)
            ]
        else:
            rows.append(cells)
    rows.insert(1, ["---"] * len(columns))
    lines = (
        f"{indent}| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in rows
    )
    return "\n".join(["", *lines, ""])


def _aligned(formula: str) -> str:
    line = _on_one_line(formula)
    return rf"\begin{{align}} {line} \end{{align}}" if "&" in line else line


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
