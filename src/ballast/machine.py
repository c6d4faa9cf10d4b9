"""What differs from system to system, in one place; the rest of Ballast asks here.

    lock, unlock    a folder that one process works in at a time
    move, link      a file to another name on the same disk, over what is there; a second name for it
    flush           what was written to a file, or into a folder, is on the disk
    cache_folders   where files that can be made again may lie, best first
    file_name       a name for a file that every system takes
    explained       what the system refused, in words: what, where, what to do
    quiet           Ctrl-C waits while something is put in place
    kind_of         what stands at a path that is no ordinary file: a folder, a pipe, a device, a socket
    ordinary        the same, refused: everything that reads a file of the user asks first
    memory          bytes that a process may have at most; `room_for` refuses what would take more
    check_memory    whether this shell lets a process have the memory that the libraries ask for
    out_of_memory   whether an error of a library is one of memory

What Windows does otherwise: a folder cannot be opened, so the lock is a file in it; a file that a program
has open can be neither replaced nor removed, and virus scanners open new ones for a moment, so `move` tries
again for a while; folders are not flushed; some names (CON, NUL, LPT1) are devices; user folders lie
elsewhere. On a disk that has no locks two processes may do the same work twice: nothing is half-written,
the later one stays.
"""

from __future__ import annotations

import errno
import os
import re
import signal
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from ballast.errors import InputError, OutputError, SimulationError

WINDOWS = os.name == "nt"
LOCK = ".ballast-lock"  # on Windows
PATIENCE = 2.0  # seconds that `move` waits for a file that another program has open

MOST_MEMORY = 16_000_000_000  # bytes, where a system does not say how many it has
LEAST_MEMORY = 1_200_000_000  # bytes of addresses, most of them never touched
_STARVED = re.compile(
    r"failed to map segment|[Cc]annot allocate|libllvmlite|error return without exception"
    r"|can't start new thread"
)
_DEVICES = re.compile(r"^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$", re.IGNORECASE)
_LONGEST = 80  # characters of a name that we make; file systems take 255 bytes

_OTHER = "choose another folder with --out"
_TODO = {
    errno.EACCES: f"You may not write there: {_OTHER}, or ask for write access",
    errno.EPERM: f"You may not write there: {_OTHER}, or ask for write access",
    errno.EROFS: f"That disk is read-only: {_OTHER}",
    errno.ENOSPC: f"The disk is full: free some space or {_OTHER}",
    errno.EDQUOT: f"Your quota is used up: free some space or {_OTHER}",
    errno.EFBIG: "Files may not grow that large here: lift the limit (ulimit -f)",
    errno.EMFILE: "Too many files are open: lift the limit (ulimit -n)",
    errno.ENOTDIR: f"A part of that path is a file: {_OTHER}",
    errno.EEXIST: f"A file of that name is in the way: {_OTHER}",
    errno.EISDIR: f"A folder of that name is in the way: move it or {_OTHER}",
    errno.ENAMETOOLONG: "The path is too long: choose a shorter one with --out",
    errno.ELOOP: f"Links lead in a circle there: {_OTHER}",
}
SAVED = "Save what it gives to a file, and name that"
UNCHANGED = "Nothing was changed."
_BUSY = "If the file is open in Word or Excel, close it and run again"


# ---- locks -------------------------------------------------------------------------------------


def lock(folder: Path) -> int | None:
    """Take the folder for this process, or raise BlockingIOError; None on a disk that has no locks.

    The system frees it when the process ends, however it ends.
    """
    if WINDOWS:
        return _lock_file(folder / LOCK)
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise
    except OSError:
        os.close(handle)
        return None
    return handle


def _lock_file(path: Path) -> int | None:
    import msvcrt
    from typing import cast

    windows = cast(Any, msvcrt)
    handle = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        windows.locking(handle, windows.LK_NBLCK, 1)
    except OSError as error:
        os.close(handle)
        if error.errno in (errno.EACCES, errno.EDEADLK):
            raise BlockingIOError(errno.EAGAIN, "in use", str(path)) from None
        return None
    return handle


def unlock(handle: int | None) -> None:
    """Give back what `lock` gave."""
    if handle is not None:
        os.close(handle)


# ---- files -------------------------------------------------------------------------------------


def move(source: Path, target: Path) -> None:
    """Rename on the same disk, over a file that is there; whole at every moment."""
    patient = time.monotonic() + (PATIENCE if WINDOWS else 0.0)
    while True:
        try:
            os.replace(source, target)
            return
        except PermissionError:
            if time.monotonic() >= patient:
                raise
            time.sleep(0.05)


def link(source: Path, target: Path) -> bool:
    """The same file under a second name; False where the disk has no such thing."""
    try:
        os.link(source, target, follow_symlinks=False)
    except (OSError, NotImplementedError):
        return False
    return True


def flush(path: Path) -> None:
    """See that what was written to a file, or the names in a folder, are on the disk."""
    if WINDOWS and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if WINDOWS else os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:  # some network disks cannot; a full one must be heard
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EBADF):
            raise
    finally:
        os.close(handle)


def file_name(word: str, default: str = "ballast") -> str:
    """`word` as the name of a file or folder on any system: no separators, controls or device names."""
    text = (
        re.sub(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\ud800-\udfff]+', "_", word)
        .strip(" ._")[:_LONGEST]
        .rstrip(" .")
    )
    return f"_{text}" if _DEVICES.match(text) else text or default


def kind_of(path: Path) -> str:
    """What stands there if it is no ordinary file, in words; "" for a file, and for nothing at all.

    A name behind a link counts as what the link leads to.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # what cannot be asked is for the reader to say
        return ""
    kinds = {
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a disk",
    }
    return "" if stat.S_ISREG(mode) else kinds.get(stat.S_IFMT(mode), "something else than a file")


def ordinary(path: Path, kind: type[InputError] = InputError, *, todo: str = SAVED) -> None:
    """`kind` is raised where `path` is no ordinary file, before anything opens it.

    A pipe waits for its writer, perhaps for ever, and a device such as /dev/zero never ends; what comes
    through one cannot be read twice, as tables are. Nothing at all may stand there: the reader says so.
    """
    if what := kind_of(path):
        said = "Name the file in it" if what == "a folder" else todo
        raise kind(f"{path}: is {what}, not an ordinary file. {said}.")


def explained(error: OSError, what: str, place: Path, closing: str = UNCHANGED) -> OutputError:
    """`what` ("The report") cannot be written: where, why, what to do, and what is left."""
    where = error.filename or place
    reason = error.strerror or str(error)
    todo = _TODO.get(error.errno or 0, _OTHER.capitalize())
    if WINDOWS and error.errno in (errno.EACCES, errno.EPERM) and Path(str(where)).is_file():
        todo = _BUSY  # elsewhere an open file stands in nobody's way
    return OutputError(f"{what} cannot be written: {where}: {reason}. {todo}. {closing}")


# ---- folders of the user -------------------------------------------------------------------------


def cache_folders() -> Iterator[Path]:
    """Where files that can be made again may lie, best first: the user's folder, then a temporary one.

    None of them need exist or be writable. The temporary one carries the user's number: see `private`.
    """
    named = os.environ.get("LOCALAPPDATA" if WINDOWS else "XDG_CACHE_HOME", "")
    home = os.path.expanduser("~")
    if os.path.isabs(named):
        yield Path(named) / "ballast"
    elif os.path.isabs(home) and home != os.sep:
        apple = Path(home) / "Library" / "Caches"
        yield (apple if sys.platform == "darwin" else Path(home) / ".cache") / "ballast"
    try:
        yield Path(tempfile.gettempdir()) / f"ballast-{_user()}"
    except OSError:  # not one temporary folder that can be written
        return


def private(folder: Path) -> bool:
    """Make the folder if need be; whether it and the one it is in are ours alone to write.

    From such a folder code may be loaded: nobody else can have put it there.
    """
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        if not WINDOWS and not (_ours(folder.parent) and _ours(folder)):
            return False
        with tempfile.TemporaryFile(dir=folder, buffering=0) as probe:
            os.write(probe.fileno(), b"0" * 4096)
    except OSError:
        return False
    return True


def _ours(folder: Path) -> bool:
    found = folder.lstat()
    safe = found.st_uid in (0, os.geteuid()) and not found.st_mode & 0o022
    return safe and stat.S_ISDIR(found.st_mode)


def _user() -> str:
    return os.environ.get("USERNAME", "user") if WINDOWS else str(os.geteuid())


# ---- memory ------------------------------------------------------------------------------------


def memory() -> int:
    """Bytes that this process may have: those of the machine, of its container, or of this shell."""
    found = [MOST_MEMORY]
    with suppress(AttributeError, ValueError, OSError):  # Windows has no sysconf
        found = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    with suppress(OSError, ValueError):  # no container, or one without a limit ("max")
        found.append(int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    try:
        import resource

        found.append(resource.getrlimit(resource.RLIMIT_AS)[0])
    except ImportError:
        pass
    return min(n for n in found if n > 0)  # no limit is -1


def room_for(size: float, what: str, todo: str, kind: type[InputError] = InputError) -> None:
    """`kind` is raised where `what`, of `size` bytes, is more than nine tenths of `memory`."""
    most = memory()
    if size > 0.9 * most:
        raise kind(
            f"{what} would take {size / 1e9:,.1f} GB of memory; there are {most / 1e9:,.1f}. {todo}."
        )


def check_memory() -> None:
    """SimulationError where a process may not have `LEAST_MEMORY`: libraries then hang, or fail oddly."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    allowed = resource.getrlimit(resource.RLIMIT_AS)[0]
    if allowed != resource.RLIM_INFINITY and allowed < LEAST_MEMORY:
        raise SimulationError(
            f"This shell lets a process have {allowed / 1e6:,.0f} MB of memory, and Ballast's libraries "
            f"need {LEAST_MEMORY / 1e6:,.0f}. Lift the limit (ulimit -v unlimited)."
        )


def out_of_memory(error: BaseException) -> bool:
    """Whether an error means that memory or threads ran out, under whatever name it comes."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    return isinstance(error, ImportError | OSError | RuntimeError | SystemError) and bool(
        _STARVED.search(str(error))
    )


# ---- signals -----------------------------------------------------------------------------------


@contextmanager
def quiet() -> Iterator[list[int]]:
    """Ctrl-C does nothing during the block but to fill the list: for steps that must not be cut in two."""
    heard: list[int] = []

    def later(signum: int, frame: FrameType | None) -> None:
        heard.append(signum)

    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before in (None, signal.SIG_IGN):
        yield heard
        return
    signal.signal(signal.SIGINT, later)
    try:
        yield heard
    finally:
        signal.signal(signal.SIGINT, before)
