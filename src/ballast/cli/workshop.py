"""Where calls of tools are answered: each in processes of its own, which end in time.

    Call                what is asked for, and whether it is still wanted
    Workshop(seconds)   `answer(call)` gives the result, an error too; `stop` ends them all

A command of ours runs for each call, so it can be ended whatever it is doing, and nothing that it prints
gets among the messages. What it writes lies in one temporary folder, compiled functions too.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any

from ballast import machine
from ballast.cli import answers
from ballast.cli.tools import Given, Tool
from ballast.errors import InputError


class Failed(Exception):
    """A command that ended in an error: its own words, as it says them with --json."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.document = {"error": {"kind": kind, "message": message}}


@dataclass(eq=False)
class Call:
    """One call of a tool. `process` is the command that is running for it."""

    tool: Tool
    given: Given
    cancelled: bool = False
    process: subprocess.Popen[bytes] | None = None
    lock: Lock = field(default_factory=Lock)

    def cancel(self) -> None:
        """End what is running, and let nothing begin any more."""
        with self.lock:
            self.cancelled = True
            if self.process is not None:
                self.process.kill()

    def begin(self, command: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        with self.lock:
            if self.cancelled:
                raise Failed("Cancelled", "The call was cancelled.")
            self.process = subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
            )
            return self.process


class Workshop:
    """Where calls are answered: each within `seconds`, all that is written in one temporary folder.

    As a context it makes the folder and takes it away. `stop` ends every call that is running.
    """

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        self._calls: set[Call] = set()
        self._lock = Lock()
        self._stopped = False

    def __enter__(self) -> Workshop:
        self._folder = Path(tempfile.mkdtemp(prefix="ballast-mcp-"))
        kernels = self._folder / "kernels"
        kernels.mkdir(mode=0o700)
        _copy_kernels(kernels)
        self._env = {**os.environ, "NUMBA_CACHE_DIR": str(kernels), "PYTHONDONTWRITEBYTECODE": "1"}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def stop(self) -> None:
        """End every call, and take no more."""
        with self._lock:
            self._stopped = True
            running = list(self._calls)
        for call in running:
            call.cancel()

    def answer(self, call: Call) -> dict[str, Any]:
        """The result of a call as the protocol has it; what went wrong is a result that says so."""
        with self._lock:
            self._calls.add(call)
        if self._stopped:
            call.cancel()
        try:
            document, wrong = self._work(call, call.tool.taken(call.given)), False
        except Failed as failed:
            document, wrong = failed.document, True
        except InputError as error:
            document, wrong = Failed("InputError", str(error)).document, True
        finally:
            with self._lock:
                self._calls.discard(call)
        text = document["error"]["message"] if wrong else answers.text(document)
        content = [{"type": "text", "text": text}]
        return {"content": content, "structuredContent": document, "isError": wrong}

    def _work(self, call: Call, given: Given) -> dict[str, Any]:
        seconds = min(self.seconds, given.get("seconds", self.seconds))
        ask = partial(self._ask, call, seconds, time.monotonic() + seconds)
        folder = Path(tempfile.mkdtemp(prefix="call-", dir=self._folder))
        try:
            found = call.tool.work(given, ask, folder / "run")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return answers.sent(found, call.tool.parts, given)

    def _ask(
        self, call: Call, seconds: float, end: float, *words: str, of: Iterable[str] = ()
    ) -> dict[str, Any]:
        """The document of a command, `of` its arguments; Failed for its error, and for taking too long."""
        command = [sys.executable, "-P", "-m", "ballast", *words, "--json", "--", *of]
        process = call.begin(command, self._env)
        try:
            said, _ = process.communicate(timeout=max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise Failed("Timeout", _late(call.tool, seconds)) from None
        try:
            found: dict[str, Any] = json.loads(said)
        except ValueError:
            what = f"`ballast {words[0]}` ended with code {process.returncode} and said nothing."
            raise Failed("Ended", f"{what} The machine may have too little memory for it.") from None
        if "error" in found:
            raise Failed(found["error"]["kind"], found["error"]["message"])
        return found


def _late(tool: Tool, seconds: float) -> str:
    todo = "Ask for fewer draws and less relief" if tool.name == "respond" else "Take a smaller book"
    return (
        f"{tool.name} took longer than the {seconds:g} seconds that it had, and was ended. {todo}, or "
        "allow more: `seconds` of the call, or `ballast mcp --seconds`."
    )


def _copy_kernels(place: Path) -> None:
    """What other commands have compiled: doing it again takes half a minute."""
    for folder in machine.kernel_folders():
        for found in folder.glob("kernels-*"):
            with suppress(OSError):  # taken away meanwhile
                if machine.trusted(found) and not (place / found.name).exists():
                    shutil.copytree(found, place / found.name)
