"""A Ctrl-C that cannot get lost.

Python raises KeyboardInterrupt wherever it happens to be. While numba compiles, that is often inside a
callback from C, where the exception is printed and dropped, and the job goes on. So Ctrl-C is also
remembered: `check` raises it again at the next step of the job, and whatever error followed from it
counts as the interrupt.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any

from ballast import machine
from ballast.errors import Interrupted


class Interruptible:
    """A context to run a long job in; the job calls `check` now and then."""

    def __init__(self) -> None:
        self.stopped = False
        self._as_before: Callable[[], None] | None = None
        self._hook: Any = None

    def __enter__(self) -> Interruptible:
        # a job in the background has Ctrl-C switched off, and keeps it so
        self._as_before = machine.hear(self._stop)
        if self._as_before is not None:
            self._hook, sys.unraisablehook = sys.unraisablehook, self._unraisable
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._as_before is not None:
            self._as_before()
            sys.unraisablehook = self._hook
        if self.stopped and error is not None and not isinstance(error, KeyboardInterrupt | Interrupted):
            raise KeyboardInterrupt from error

    def check(self) -> None:
        """Raise the interrupt that was dropped on the way, if there was one."""
        if self.stopped:
            raise KeyboardInterrupt

    def _stop(self) -> None:
        self.stopped = True
        raise KeyboardInterrupt

    def _unraisable(self, dropped: sys.UnraisableHookArgs) -> None:
        if dropped.exc_type is not KeyboardInterrupt:
            self._hook(dropped)
