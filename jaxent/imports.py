"""Libraries that are imported where they are used: those that may be missing, and slow ones."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType


@contextmanager
def importing(*names: str) -> Iterator[None]:
    """Import modules beside what is done inside, and be done with it at the end.

    XLA compiles and computes without Python, which is free to import meanwhile. Where an import
    fails, whoever needs the module will see it fail again.
    """
    aside = ThreadPoolExecutor(1)
    for name in names:
        aside.submit(import_module, name)
    try:
        yield
    except BaseException:
        aside.shutdown(wait=False, cancel_futures=True)  # whoever interrupts does not want to wait
        raise
    aside.shutdown()


def optional(name: str, purpose: str) -> ModuleType:
    """A library that not everybody has.

    Args:
        name: the module's name, which is the package's.
        purpose: what needs it, for the message.

    Raises:
        ImportError: it is not installed.

    >>> optional("no_such_library", "this example")
    Traceback (most recent call last):
    ImportError: this example needs no_such_library, which is missing: pip install no_such_library
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise ImportError(
            f"{purpose} needs {name}, which is missing: pip install {name}", name=name
        ) from None
