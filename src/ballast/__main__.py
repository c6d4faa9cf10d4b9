"""python -m ballast, and what the `ballast` script runs: Ctrl-C first, then the rest.

Importing the rest takes a moment, in which nothing is done that Ctrl-C could leave half done: it ends the
program without a word. What comes before this file is Python's own start.
"""

from __future__ import annotations

import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn


def _quietly(signum: int, frame: FrameType | None) -> None:
    os._exit(130)


def command() -> NoReturn:
    """Hear Ctrl-C from the first moment on, then run the command line."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a job in the background ignores it
        signal.signal(signal.SIGINT, _quietly)
    from ballast import cli

    cli.command()


if __name__ == "__main__":
    command()
