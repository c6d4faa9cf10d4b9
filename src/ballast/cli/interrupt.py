"""A Ctrl-C that cannot get lost, and that changes nothing once the work is done.

Python raises KeyboardInterrupt wherever it happens to be. While numba compiles, that is often inside a
callback from C, where the exception is printed and dropped, and the job goes on. So Ctrl-C is also
remembered: `check` raises it again at the next step of the job, and whatever error followed from it
counts as the interrupt. From the moment that the files are in place, or that an answer or an error is
about to be printed, it is ignored (`settle`), so that the exit code and the words stay true.

    hearing   the context that a command runs in; inside another it is the same one
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ballast import machine
from ballast.errors import Interrupted

DEBUG = "BALLAST_DEBUG"
SAME = 0.25  # seconds within which a second signal is the same Ctrl-C: `timeout` and shells send two

_active: ContextVar[Hearing | None] = ContextVar("active", default=None)


class Hearing:
    """What is known of Ctrl-C: whether it was pressed, and whether it still counts."""

    def __init__(self) -> None:
        self.stopped = False
        self.settled = False
        self._raised = -SAME

    def check(self) -> None:
        """Raise the interrupt that was dropped on the way, if there was one."""
        if self.stopped and not self.settled:
            raise KeyboardInterrupt

    def settle(self) -> None:
        """From here on Ctrl-C changes nothing."""
        self.settled = True

    def meant(self, error: BaseException) -> BaseException:
        """The error that a person should hear of: the interrupt where `error` followed from one."""
        if self.stopped and not self.settled and not isinstance(error, KeyboardInterrupt | Interrupted):
            return KeyboardInterrupt()
        return error

    def stop(self) -> None:
        """What is called on Ctrl-C."""
        if self.settled:
            return
        now, self.stopped = time.monotonic(), True
        if now - self._raised >= SAME:
            self._raised = now
            raise KeyboardInterrupt


@contextmanager
def hearing(*, last: bool = False) -> Iterator[Hearing]:
    """Hear Ctrl-C as long as the block lasts; then it is as before, or after the `last` one switched off.

    After the last one errors that libraries drop stay unsaid to Python's end. Inside another `hearing` it
    is that one. In the background Ctrl-C is switched off, and stays so.
    """
    if (outer := _active.get()) is not None:
        yield outer
        return
    ear, hook = Hearing(), sys.unraisablehook
    as_before = machine.hear(ear.stop)
    if as_before is None:
        yield ear
        return

    def unraisable(dropped: sys.UnraisableHookArgs) -> None:
        # a library that cleans up on a full disk fails once more: the error itself is told already
        if not issubclass(dropped.exc_type, KeyboardInterrupt | OSError) or os.environ.get(DEBUG) == "1":
            hook(dropped)

    token = _active.set(ear)
    sys.unraisablehook = unraisable
    try:
        yield ear
    finally:
        as_before(deaf=last)
        if not last:
            sys.unraisablehook = hook
        _active.reset(token)
