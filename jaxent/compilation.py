"""What JAX compiles, kept in a folder for later processes.

Most of the time of a short search goes into compiling it, and the next search of the same form
needs the same again.
"""

from __future__ import annotations

import os
import platform
import tempfile
from pathlib import Path
from typing import Any

import jax

_LEAST_SECONDS = "jax_persistent_cache_min_compile_time_secs"


def keep_compiled(folder: str | os.PathLike[str] | None = None) -> Path | None:
    """Keep what JAX compiles, and use what was kept; call it before anything is computed.

    It switches on JAX's persistent compilation cache. The command line does this by itself,
    ``import jaxent`` does not. Where a folder is already set, by ``JAX_COMPILATION_CACHE_DIR`` or
    in ``jax.config``, that one is used. ``JAX_ENABLE_COMPILATION_CACHE=false`` switches all off.

    Args:
        folder: where; in ``jaxent`` in the user's cache folder unless given (``XDG_CACHE_HOME``, or
            ``~/.cache``), one for each version of JAX and each host. It may be deleted at any time.

    Returns:
        The folder, or ``None`` where nothing can be kept.
    """
    settings: Any = jax.config  # its attributes are made as JAX is imported
    if not settings.jax_enable_compilation_cache:
        return None
    if (chosen := settings.jax_compilation_cache_dir) is not None:
        return Path(chosen) if chosen else None
    path = _default_folder() if folder is None else Path(folder)
    if path is None or not _writable(path):
        return None
    settings.update("jax_compilation_cache_dir", str(path))
    if _LEAST_SECONDS.upper() not in os.environ:
        # Here many small functions take as long as one large one.
        settings.update(_LEAST_SECONDS, 0.0)
    return path


def _default_folder() -> Path | None:
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        # A relative path there is to be ignored, says the XDG specification.
        home = Path(base) if os.path.isabs(base) else Path("~/.cache").expanduser()
    except RuntimeError:  # users without a home, as in some containers
        return None
    # What is compiled for one processor may not run on another that shares the folder.
    return home / "jaxent" / f"jax-{jax.__version__}-{platform.node() or 'here'}"


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
