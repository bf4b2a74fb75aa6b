"""The page of all claims: what the papers say beside what was computed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jaxent.app import claims
from jaxent.app.checkout import Target, scripts
from jaxent.app.files import write_atomically, write_text
from jaxent.app.results import Failed

PAGE = "CLAIMS.md"

_SUMMARY = re.compile(r"^\| paper \|.*\n(?:\|.*\n)+", re.MULTILINE)
_SHOWN = 12  # digits of a fingerprint


def page(made: Mapping[Target, Mapping[str, Any] | None], stale: Sequence[Target]) -> str:
    """The table of all claims, as a Markdown page.

    Args:
        made: the result of every target; ``None`` where there is none that holds.
        stale: those of them whose code, config or versions have changed since they were made.
    """
    papers: dict[str, list[Mapping[str, Any]]] = {}
    sections: dict[str, list[str]] = {}
    for target, result in made.items():
        if result is None:
            continue
        papers.setdefault(target.paper, []).extend(result["claims"])
        picture = next((name for name in result["files"] if name.endswith(".png")), None)
        origin = f"`jaxent reproduce {target.full_name}`, made by `{result['made_by'][:_SHOWN]}`"
        sections.setdefault(target.paper, []).extend(
            [
                f"### {target.name}: {result['title']}",
                f"[figure]({picture}), {origin}" if picture else origin,
                claims.table(result["claims"]),
            ]
        )
    lines = ["# Claims", _head(made, stale), claims.summary(papers)]
    for paper, parts in sections.items():
        lines += [f"## {paper}", *parts]
    return "\n\n".join(lines) + "\n"


def _head(made: Mapping[Target, Any], stale: Sequence[Target]) -> str:
    count = sum(result is not None for result in made.values())
    sentences = [
        "What the papers say beside what jaxent computes.",
        f"`jaxent reproduce` has made {count} of {len(made)} targets; each names the beginning of "
        "its fingerprint, of the code, configs, versions and device that it depends on.",
    ]
    missing = [target for target, result in made.items() if result is None and target not in stale]
    for state, kind in (("Out of date", stale), ("Not made", missing)):
        if kind:
            sentences.append(f"{state}: {', '.join(f'`{target.full_name}`' for target in kind)}.")
    return " ".join(sentences)


def turned(out: Path, root: Path) -> list[str]:
    """Which verdicts of a folder's page differ from those that the checkout shows, in words.

    Args:
        out: the folder.
        root: the checkout; where it shows no page, nothing differs.
    """
    shown = scripts(root) / PAGE
    if not shown.is_file():
        return []
    now = (out / PAGE).read_text(encoding="utf-8")
    return claims.changed(shown.read_text(encoding="utf-8"), now)


def publish(made: Mapping[Target, Mapping[str, Any] | None], out: Path, root: Path) -> None:
    """Put the page and the figures beside the scripts, and its summary into the README.

    Args:
        made: as in :func:`page`.
        out: where the page and the figures are.
        root: the checkout.

    Raises:
        Failed: not everything is made.
    """
    if missing := [target.full_name for target, result in made.items() if result is None]:
        raise Failed(f"--publish: not made, or out of date: {', '.join(missing)}")
    for result in filter(None, made.values()):
        for name in result["files"]:
            if name.endswith(".png"):
                content = (out / name).read_bytes()
                place = scripts(root) / name
                write_atomically(place, lambda file, c=content: file.write_bytes(c))
    written = (out / PAGE).read_text(encoding="utf-8")
    write_text(scripts(root) / PAGE, written)
    readme = root / "README.md"
    if readme.is_file() and (summary := _SUMMARY.search(written)):
        text = readme.read_text(encoding="utf-8")
        write_text(readme, _SUMMARY.sub(lambda _: summary[0], text, count=1))
