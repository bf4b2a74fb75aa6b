"""What a result depends on, as one number: the code that makes it, its settings, the versions.

The code is what a script imports, and what that imports, as far as it is part of the checkout; the
versions stand for the rest. Imports count wherever they stand, since many are made where they are
used.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

from jaxent.app import devices
from jaxent.app.checkout import ROOT, Target, configs
from jaxent.app.origin import versions

_APP = Path(__file__).parent
_PACKAGE = _APP.parent


def computing() -> dict[str, Any]:
    """What numbers depend on beside the code: the versions of libraries, and the device."""
    return {**versions(), "xarray": version("xarray"), **devices.in_use()}


def drawing() -> dict[str, Any]:
    """What figures depend on beyond that."""
    return {"matplotlib": version("matplotlib")}


class Fingerprints:
    """The fingerprints of a checkout at one moment, at which each file is read once.

    Args:
        root: the checkout.
    """

    def __init__(self, root: Path = ROOT):
        self._root = root
        self._computing, self._drawing = computing(), drawing()
        self._read: dict[Path, str] = {}
        self._digests: dict[Path, str] = {}
        self._imported: dict[Path, list[Path]] = {}
        # Where the names of the package itself come from.
        sources = _names_in(self._text(_PACKAGE / "api.py"), (_PACKAGE.name,))
        self._public = {f"{_PACKAGE.name}.{name.rpartition('.')[2]}": name for name in sources}

    def solver(self) -> str:
        """Of what solves a study; its config comes on top."""
        return _digest(self._computing, self._contents([_APP / "work.py"]))

    def data(self, target: Target) -> str:
        """Of what a target's ``compute`` returns.

        Of its script only that counts which ``compute`` reaches: a remark may change, and how a
        figure looks, without anything being computed again.
        """
        reached = _reached(ast.parse(self._text(target.script)), "compute")
        code = [ast.dump(node) for node in reached]
        imported = self._files(_named(reached, self._package(target.script)))
        settings = configs(self._root, target.paper).glob("*.yaml")
        return _digest(
            self._computing, code, self._contents(imported), self._contents(settings, alone=True)
        )

    def result(self, target: Target, data: str) -> str:
        """Of the claims and the figure made from data of that fingerprint."""
        code = self._contents([target.script, _APP / "claims.py", _APP / "style.py"])
        return _digest(data, target.title, code, self._drawing)

    def _contents(self, files: Iterable[Path], alone: bool = False) -> dict[str, str]:
        """Files and all that they import, or they ``alone``: their digests by their places."""
        found: set[Path] = set()
        left = list(files)
        while left:
            path = left.pop()
            if path not in found:
                found.add(path)
                left += [] if alone else self._imports(path)
        return {self._place(path): self._digest_of(path) for path in sorted(found)}

    def _digest_of(self, path: Path) -> str:
        if path not in self._digests:
            self._digests[path] = _digest(self._text(path))
        return self._digests[path]

    def _imports(self, path: Path) -> list[Path]:
        if path not in self._imported:
            self._imported[path] = self._files(_names_in(self._text(path), self._package(path)))
        return self._imported[path]

    def _files(self, names: Iterable[str]) -> list[Path]:
        """The modules of those full names, and the packages around them."""
        found: dict[Path, None] = {}
        for name in set(names):
            parts = self._public.get(name, name).split(".")
            for base in dict.fromkeys((self._root, _PACKAGE.parent)):
                for length in range(1, len(parts) + 1):
                    stem = base.joinpath(*parts[:length])
                    for path in (stem.with_suffix(".py"), stem / "__init__.py"):
                        if path.is_file():
                            found[path] = None
        return list(found)

    def _package(self, path: Path) -> tuple[str, ...]:
        """The package that a module is part of."""
        return Path(self._place(path)).parent.parts

    def _place(self, path: Path) -> str:
        base = self._root if path.is_relative_to(self._root) else _PACKAGE.parent
        return path.relative_to(base).as_posix()

    def _text(self, path: Path) -> str:
        if path not in self._read:
            self._read[path] = path.read_text(encoding="utf-8")
        return self._read[path]


def of_study(solver: str, config: Path) -> str:
    """The fingerprint of a study's solution.

    Args:
        solver: that of what solves it, from :meth:`Fingerprints.solver`.
        config: its file.
    """
    return _digest(solver, config.read_text(encoding="utf-8"))


def _digest(*things: Any) -> str:
    return hashlib.sha256(json.dumps(things, sort_keys=True).encode()).hexdigest()


def _named(nodes: Iterable[ast.stmt], package: tuple[str, ...]) -> Iterator[str]:
    """The full names of what is imported; whether the last part is a module, files show.

    Also of what is asked of ``jaxent`` itself, which imports it where it is asked.
    """
    for node in chain.from_iterable(map(_executed, nodes)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            source = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{source}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute) and _is_package(node.value):
            yield f"{_PACKAGE.name}.{node.attr}"


@cache
def _names_in(text: str, package: tuple[str, ...]) -> tuple[str, ...]:
    """The same, of a whole module."""
    return tuple(_named(ast.parse(text).body, package))


def _is_package(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == _PACKAGE.name


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all within it, but for what only a type checker reads."""
    yield node
    checked = isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
    for child in ast.iter_child_nodes(node) if not checked else ():
        yield from _executed(child)


def _reached(tree: ast.Module, start: str) -> list[ast.stmt]:
    """What of a module a function of it may use, by the names that it and those use.

    What binds no name at the top of the module, such as a call, may change anything and is kept.
    """
    documented = ast.get_docstring(tree) is not None
    statements = list(_apart(tree.body[documented:]))
    kept = {number for number, node in enumerate(statements) if not _bound(node)}
    names = {start}
    while True:
        uses = (n.id for k in kept for n in ast.walk(statements[k]) if isinstance(n, ast.Name))
        names.update(uses)
        more = {number for number, node in enumerate(statements) if _bound(node) & names} - kept
        if not more:
            return [statements[number] for number in sorted(kept)]
        kept |= more


def _apart(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements, each name that is imported in one of its own."""
    for node in statements:
        if isinstance(node, ast.Import):
            yield from (ast.Import([alias]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (ast.ImportFrom(node.module, [a], node.level) for a in node.names)
        else:
            yield node


def _bound(node: ast.stmt) -> set[str]:
    """The names that a statement gives a meaning to; empty where it may do anything else."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        return names - {"*"}
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        places = node.targets if isinstance(node, ast.Assign) else [node.target]
        return {n.id for place in places for n in ast.walk(place) if isinstance(n, ast.Name)}
    return set()
