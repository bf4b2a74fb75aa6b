"""Libraries that take long to import, brought in while something else goes on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module


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
