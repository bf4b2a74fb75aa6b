"""What a checkout can reproduce: the scripts of the papers' figures and numbers.

A figure is a module ``experiments/<paper>/<figure>.py`` with

- a docstring, whose first line is its title;
- ``compute(work)``: the data, an ``xarray.Dataset``; :class:`~jaxent.app.work.Work` solves the
  paper's studies;
- ``claims(data)``: a list of :class:`~jaxent.app.claims.Claim`, from the data alone;
- ``draw(data)``: the figure, from the data alone; left out where there is nothing to draw.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

from jaxent.app.errors import InputError, listed, meant, show

ROOT = Path(__file__).resolve().parents[2]
"""The checkout that this package is part of."""


@dataclass(frozen=True)
class Target:
    """One figure, table or set of numbers of a paper.

    Attributes:
        paper: such as ``"brask2022"``, the name of the folder.
        name: such as ``"fig6"``, the name of the module.
        title: the first line of its docstring.
        root: the checkout.
    """

    paper: str
    name: str
    title: str
    root: Path = ROOT

    @property
    def full_name(self) -> str:
        """As the command line names it: ``"brask2022.fig6"``."""
        return f"{self.paper}.{self.name}"

    @property
    def script(self) -> Path:
        """The file of its script."""
        return scripts(self.root) / self.paper / f"{self.name}.py"

    def module(self) -> ModuleType:
        """Its script, imported."""
        if str(self.root) not in sys.path:
            sys.path.insert(0, str(self.root))
        return import_module(f"experiments.{self.full_name}")


def scripts(root: Path) -> Path:
    """The folder of the scripts, one folder in it for each paper."""
    return root / "experiments"


def configs(root: Path, paper: str) -> Path:
    """The folder of a paper's studies."""
    return root / "configs" / paper


def targets(root: Path | None = None) -> list[Target]:
    """Everything that can be reproduced, paper by paper.

    Args:
        root: the checkout; the one that this package is part of unless given.

    Raises:
        InputError: there are no scripts beside the package.
    """
    root = root or ROOT
    found = [
        Target(path.parent.name, path.stem, title, root)
        for path in sorted(scripts(root).glob("*/*.py"))
        if (title := _title(path))
    ]
    if not found:
        raise InputError(
            "reproduce: the papers' figures are no part of an installed package; allowed: in a "
            "clone of the repository, installed by pip install -e ."
        )
    return found


def chosen(names: Sequence[str], root: Path | None = None) -> list[Target]:
    """The targets of those names: ``all``, a paper, or ``paper.figure``.

    Raises:
        InputError: one is the name of nothing.
    """
    everything = targets(root)
    known = {"all", *(t.paper for t in everything), *(t.full_name for t in everything)}
    for name in names:
        if name not in known:
            papers = sorted({target.paper for target in everything})
            raise InputError(
                f"reproduce: {show(name)} is given; allowed: all, {listed(papers)}, or one of what "
                f"jaxent reproduce lists{meant(known, name)}"
            )
    return [t for t in everything if {"all", t.paper, t.full_name} & set(names)]


def _title(path: Path) -> str | None:
    """The first line of the docstring of a script that makes claims; ``None`` of others."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    if not {"compute", "claims"} <= defined:
        return None
    return (ast.get_docstring(tree) or "").partition("\n")[0].rstrip(".")
