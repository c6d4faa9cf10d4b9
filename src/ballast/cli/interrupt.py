"""A Ctrl-C that cannot get lost.

Python raises KeyboardInterrupt wherever it happens to be. While numba compiles, that is often inside a
callback from C, where the exception is printed and dropped, and the job goes on. So Ctrl-C is also
remembered: `check` raises it again at the next step of the job, and whatever error followed from it
counts as the interrupt.
"""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType, TracebackType
from typing import Any

from ballast.errors import Interrupted


class Interruptible:
    """A context to run a long job in; the job calls `check` now and then."""

    def __init__(self) -> None:
        self.stopped = False
        self._handler: Any = None
        self._hook: Any = None

    def __enter__(self) -> Interruptible:
        main = threading.current_thread() is threading.main_thread()
        # a job in the background has Ctrl-C switched off, and keeps it so
        if main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._handler = signal.signal(signal.SIGINT, self._stop)
            self._hook, sys.unraisablehook = sys.unraisablehook, self._unraisable
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)
            sys.unraisablehook = self._hook
        if self.stopped and error is not None and not isinstance(error, KeyboardInterrupt | Interrupted):
            raise KeyboardInterrupt from error

    def check(self) -> None:
        """Raise the interrupt that was dropped on the way, if there was one."""
        if self.stopped:
            raise KeyboardInterrupt

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopped = True
        raise KeyboardInterrupt

    def _unraisable(self, dropped: sys.UnraisableHookArgs) -> None:
        if dropped.exc_type is not KeyboardInterrupt:
            self._hook(dropped)
