"""A process killed before each thing it does to a folder, one after the other, and what is left each time.

    for left in killed(act, prepare): ...     `left` is the folder as the kill left it
    run_until(act, folder, step)              the same once, in a process of its own

Python announces every opening, renaming, linking, making and removing of files before it happens (audit
events); the child ends itself with SIGKILL before the n-th of them that changes something in the folder.
An opening for writing is two steps: before it, and when the file is there with only some bytes in it.
Between two steps nothing on the disk changes but the length of a file that is being written, so this is
a kill at every instruction. What Arrow opens by itself is not announced: it stands in stages alone.

A child of a process with threads may wait for ever for a lock that a thread held when it was forked. Such
a child says where it stands, is ended, and another one is tried.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

EVENTS = ("os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.symlink")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
PATIENCE = 60  # seconds for an act of less than one
TRIES = 3


def concerns(place: str, args: tuple[Any, ...]) -> bool:
    """Whether an event names something in the folder, by its path or by a name in a folder that is open."""
    names = [os.fsdecode(a) for a in args if isinstance(a, str | bytes | Path)]
    open_folders = [a for a in args[1:] if isinstance(a, int) and a > 2]  # shutil.rmtree works so
    if open_folders and names and not os.path.isabs(names[0]):
        names.append(os.path.realpath(f"/proc/self/fd/{open_folders[0]}"))
    return any(place in name for name in names)


def run_until(
    act: Callable[[Path], Any], folder: Path, step: int, again: Callable[[], Any] | None = None
) -> bool:
    """Act on the folder in a child that is killed before step number `step`; whether it got to its end.
    `again` puts the folder back for another try, should the child hang.
    """
    tries = 1
    while (status := _status(act, folder, step)) is None:
        assert again is not None, f"hung at step {step}; stderr says where"
        assert tries < TRIES, f"hung {TRIES} times at step {step}; stderr says where"
        tries += 1
        again()
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.waitstatus_to_exitcode(status) == 0, "the act failed by itself"
    return True


def _status(act: Callable[[Path], Any], folder: Path, step: int) -> int | None:
    """How such a child ended; None where it hung."""
    alive, held = os.pipe()  # the child holds an end of it as long as it lives
    child = os.fork()
    if child == 0:
        seen, half = 0, False
        place = str(folder)

        def die() -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        def watch(event: str, args: tuple[Any, ...]) -> None:
            nonlocal seen, half
            if half or event not in (*EVENTS, "open"):
                return
            if event == "open":
                path, _, flags = args
                if not flags & WRITING or not concerns(place, args[:1]):
                    return
                seen += 2
                if seen - 1 == step:
                    die()
                if seen == step:
                    half = True  # the opening below is announced too
                    os.write(os.open(path, flags, 0o600), b"ha")
                    die()
            elif concerns(place, args):
                seen += 1
                if seen == step:
                    die()

        code = 1
        try:
            sys.addaudithook(watch)
            act(folder)
            code = 0
        finally:
            os._exit(code)
    os.close(held)
    hung = not select.select([alive], [], [], PATIENCE)[0]
    if hung:
        os.kill(child, signal.SIGABRT)  # pytest has it print where each thread stands
        select.select([alive], [], [], 5)
        os.kill(child, signal.SIGKILL)
    os.close(alive)
    _, status = os.waitpid(child, 0)
    return None if hung else status


def killed(act: Callable[[Path], Any], prepare: Callable[[Path], Any], folder: Path) -> Iterator[int]:
    """Prepare the folder anew and kill the act before step 1, 2, ... until it gets to its end.

    `prepare` makes `folder`, which is absent then. The steps are yielded after their kill.
    """
    step, finished = 0, False
    while not finished:
        step += 1

        def afresh() -> None:
            shutil.rmtree(folder, ignore_errors=True)
            prepare(folder)

        afresh()
        finished = run_until(act, folder, step, afresh)
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
