"""The command ``jaxent``, from its first moment: an interrupt may come while it is being loaded."""

import os
import sys
import warnings


def main() -> None:
    """Run the command line; see :mod:`jaxent.app.cli`."""
    try:
        # What libraries warn of is for those who write programs; -W and PYTHONWARNINGS show it.
        if not sys.warnoptions:
            warnings.simplefilter("ignore")
        from jaxent.app.cli import main as command_line
    except KeyboardInterrupt:
        # A library that was loaded by half would complain at a proper exit.
        os.write(2, b"error: interrupted\n")
        os._exit(130)
    command_line()


if __name__ == "__main__":
    main()
