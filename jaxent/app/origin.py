"""What numbers come from beside their config: versions, device, the code of one's own machines."""

from __future__ import annotations

import hashlib
import json
import platform
import secrets
import sys
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jaxent.app import devices
from jaxent.machines import MACHINES

_LIBRARIES = ("jax", "jaxlib", "equinox", "optax", "numpy", "scipy", "cvxpy", "clarabel")
_KNOWN_BY_VERSION = {"jaxent", "equinox", *sys.stdlib_module_names}


def origin(kinds: Iterable[str]) -> dict[str, Any]:
    """What results with machines of these kinds come from, beside their config.

    Returns:
        ``versions``, see :func:`versions`; ``device``, where JAX computes; and ``code``, by the
        kind of each machine that is not the package's own, a digest of the source of its module,
        or of the package around that.
    """
    used = sorted(set(kinds))
    digests = {kind: _digest(MACHINES[kind]) for kind in used}
    return {
        "versions": versions(used),
        "device": devices.in_use()["device"],
        "code": {kind: digest for kind, digest in digests.items() if digest is not None},
    }


def versions(kinds: Iterable[str] = ()) -> dict[str, str]:
    """The versions that results depend on, those of packages that offer machines included."""
    return {
        # The package itself, not its metadata, which an editable install lets grow old.
        "jaxent": import_module("jaxent").__version__,
        **{name: version(name) for name in _LIBRARIES},
        **{name: number for kind in kinds for name, number in MACHINES.versions(kind).items()},
        "python": platform.python_version(),
    }


@cache  # of what was loaded: its file may change while it is at work
def _digest(machine: type) -> str | None:
    """A digest of the source of a machine and of what it inherits from, as far as no version says.

    A class that was typed in, and has no file, is like itself alone.
    """
    modules = {cls.__module__ for cls in machine.__mro__}
    own = sorted(name for name in modules if name.partition(".")[0] not in _KNOWN_BY_VERSION)
    files = [(name, path) for name in own for path in _files(name)]
    if not all(path.is_file() for _, path in files):
        return secrets.token_hex(32)
    texts = [(name, path.name, path.read_bytes().hex()) for name, path in files]
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest() if own else None


def _files(name: str) -> list[Path]:
    """The file of a module, with the others of the package that it is part of."""
    module = sys.modules.get(name)
    file = Path(getattr(module, "__file__", None) or "")
    beside = file.parent.rglob("*.py") if getattr(module, "__package__", None) else ()
    return sorted({file, *beside})
