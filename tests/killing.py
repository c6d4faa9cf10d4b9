"""A process killed before each thing it does to a folder, one after the other, and what is left each time.

    for left in killed(act, prepare): ...     `left` is the folder as the kill left it
    steps_of(act, folder)                     run to the end in a process of its own

Python announces every opening, renaming, linking, making and removing of files before it happens (audit
events); the child ends itself with SIGKILL before the n-th of them that concerns the folder. Between two of
them nothing on the disk changes, so this is a kill at every instruction.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

EVENTS = ("open", "os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.symlink")


def run_until(act: Callable[[Path], Any], folder: Path, step: int) -> bool:
    """Act on the folder in a child that is killed before step number `step`; whether it got to its end."""
    child = os.fork()
    if child == 0:
        seen = 0
        place = str(folder)

        def watch(event: str, args: tuple[Any, ...]) -> None:
            nonlocal seen
            if event in EVENTS and any(place in os.fspath(a) for a in args if isinstance(a, str | Path)):
                seen += 1
                if seen == step:
                    os.kill(os.getpid(), signal.SIGKILL)

        code = 1
        try:
            sys.addaudithook(watch)
            act(folder)
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.waitstatus_to_exitcode(status) == 0, "the act failed by itself"
    return True


def killed(act: Callable[[Path], Any], prepare: Callable[[Path], Any], folder: Path) -> Iterator[int]:
    """Prepare the folder anew and kill the act before step 1, 2, ... until it gets to its end.

    `prepare` makes `folder`, which is absent then. The steps are yielded after their kill.
    """
    step, finished = 0, False
    while not finished:
        step += 1
        shutil.rmtree(folder, ignore_errors=True)
        prepare(folder)
        finished = run_until(act, folder, step)
        yield step
    assert step > 3, "hardly anything was done to the folder: the kills missed it"


def hidden(folder: Path) -> list[str]:
    """What is left lying about: hidden names anywhere in a folder."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob(".*"))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder that is not hidden."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and not any(part.startswith(".") for part in p.relative_to(folder).parts)
    }
