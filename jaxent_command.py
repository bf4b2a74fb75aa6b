"""The command ``jaxent``, from its first moment: an interrupt may come while it is being loaded."""

import contextlib
import os
import re
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path


def main() -> None:
    """Run the command line; see :mod:`jaxent.app.cli`."""
    try:
        if sys.argv[1:] == ["--version"]:
            with contextlib.suppress(OSError):  # what is amiss is told below
                print(_version(), flush=True)
                return
        # What libraries warn of is for those who write programs; -W and PYTHONWARNINGS show it.
        if not sys.warnoptions:
            warnings.simplefilter("ignore")
        from jaxent.app.cli import main as command_line
    except KeyboardInterrupt:
        # A library that was loaded by half would complain at a proper exit.
        os.write(2, b"error: interrupted\n")
        os._exit(130)
    command_line()


def _version() -> str:
    """The package's version as its source says, since importing it takes as long as JAX does."""
    source = Path(find_spec("jaxent").origin).read_text(encoding="utf-8")
    return re.search(r'^__version__ = "(.+)"$', source, re.MULTILINE)[1]


if __name__ == "__main__":
    main()
