"""How far a long job is, on standard error.

A bar on a terminal once the job has run for two seconds; one line a stage when standard error is a
file or a pipe; nothing with --json. `Progress` is what the library calls: (stage, done, total).
Each call is also where a Ctrl-C that was dropped on the way takes effect.
"""

from __future__ import annotations

import sys
import threading
from contextlib import ExitStack
from types import TracebackType
from typing import Any

from ballast import safe, terminal
from ballast.cli.console import terminal_lang
from ballast.cli.interrupt import Hearing, hearing
from ballast.text import Text

STAGES = {
    "path": Text("The path if nothing is done", "不采取措施的路径"),
    "draws": Text("The ensemble", "情景集合"),
    "relief": Text("Whom to put back to work first", "先让谁复工"),
    "blockages": Text("What blocks whom", "谁被什么卡住"),
    "tables": Text("Tables", "表格"),
    "report": Text("The report", "报告"),
}
PATIENCE = 2.0  # seconds before a bar is worth its flicker


class Progress:
    """A context to run a long job in; call it with (stage, done, total)."""

    def __init__(self, *, silent: bool) -> None:
        self.silent = silent
        self.tty = not silent and terminal.interactive(sys.stderr)
        self._stage = ""
        self._at = (0, 0)
        self._bar: Any = None
        self._task: Any = None
        self._lock = threading.Lock()
        # a timer and not the next call: the first stage may be the long one
        self._timer = threading.Timer(PATIENCE, self._begin)
        self._timer.daemon = True
        self._stack = ExitStack()
        self._ear = Hearing()

    def __enter__(self) -> Progress:
        self._ear = self._stack.enter_context(hearing())
        if self.tty:
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self.tty = False
            if self._bar is not None:
                self._bar.stop()
        self._stack.close()
        if error is not None and (meant := self._ear.meant(error)) is not error:
            raise meant from error

    def settle(self) -> None:
        """All that was asked for stands: Ctrl-C changes nothing any more."""
        self._ear.settle()

    def __call__(self, stage: str, done: int, total: int) -> None:
        self._ear.check()
        if self.silent:
            return
        new = stage != self._stage
        self._stage, self._at = stage, (done, total)
        if self._bar is not None:
            self._draw()
        elif new and not self.tty:
            terminal.tell([f"{self._words()} ..."])

    def _words(self) -> str:
        return safe.line(STAGES.get(self._stage, Text(self._stage, self._stage))[terminal_lang()])

    def _begin(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        with self._lock:
            if not self.tty:
                return
            stage = TextColumn("{task.description}", markup=False)
            columns = (stage, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self._task = bar.add_task(self._words(), total=None)
            bar.start()
            self._bar = bar
        self._draw()

    def _draw(self) -> None:
        done, total = self._at
        self._bar.update(self._task, description=self._words(), completed=done, total=total or None)
