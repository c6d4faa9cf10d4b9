"""What differs from system to system, in one place; the rest of Ballast asks here.

    lock, unlock    a folder that one process works in at a time
    called, code    which machine this is, where a disk or a job belongs to several
    move, link      a file to another name on the same disk, over what is there; a second name for it
    flush           what was written to a file, or into a folder, is on the disk
    cache_folders   where files that can be made again may lie, best first; `kernel_folders` compiled ones
    file_name       a name for a file that every system takes
    explained       what the system refused, in words: what, where, what to do
    mode            what a new file may be
    temporary       the system's temporary folder, or None
    processors      how many of them this process may use
    quiet, hear     Ctrl-C waits while something is put in place; Ctrl-C is told to somebody
    told_to_end     being told to end closes what is open first
    last_step       whether what was put in place is all that was asked for
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
import hashlib
import os
import platform
import re
import signal
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any, cast

from ballast.errors import InputError, OutputError, SimulationError

WINDOWS = os.name == "nt"
MAC = sys.platform == "darwin"
BROWSER = sys.platform == "emscripten"  # Python in a web page: one thread, no compiler
LOCK = ".ballast-lock"  # on Windows
PATIENCE = 2.0  # seconds that `move` waits for a file that another program has open

MOST_MEMORY = 16_000_000_000  # bytes, where a system does not say how many it has
LEAST_MEMORY = 1_200_000_000  # bytes of addresses, most of them never touched
_STARVED = re.compile(
    r"failed to map segment|[Cc]annot allocate|libllvmlite|error return without exception"
    r"|can't start new thread"
)
_DEVICES = re.compile(r"^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$", re.IGNORECASE)
_LONGEST = 70  # characters of a name that we make; file systems take 255 bytes, endings included

OTHER = "choose another folder with --out"
_REMEDIES = {
    errno.EACCES: "You may not write there: {other}, or ask for write access",
    errno.EPERM: "You may not write there: {other}, or ask for write access",
    errno.EROFS: "That disk is read-only: {other}",
    errno.ENOSPC: "The disk is full: free some space or {other}",
    errno.EDQUOT: "Your quota is used up: free some space or {other}",
    errno.EFBIG: "Files may not grow that large here: lift the limit (ulimit -f)",
    errno.EMFILE: "Too many files are open: lift the limit (ulimit -n)",
    errno.ENOTDIR: "A part of that path is a file: {other}",
    errno.EEXIST: "A file of that name is in the way: {other}",
    errno.EISDIR: "A folder of that name is in the way: move it or {other}",
    errno.ENAMETOOLONG: "The path is too long: choose a shorter one",
    errno.ELOOP: "Links lead in a circle there: {other}",
}
SAVED = "Save what it gives to a file, and name that"
UNCHANGED = "Nothing was changed."
_PROTECTED = "The file is write-protected: change that in its properties or {other}"
_BUSY = "If the file is open in Word or Excel, close it and run again"


# ---- locks -------------------------------------------------------------------------------------


def lock(folder: Path) -> int | None:
    """Take the folder for this process, or raise BlockingIOError; None on a disk that has no locks.

    The system frees it when the process ends, however it ends.
    """
    if WINDOWS:
        return _lock_file(folder / LOCK)
    try:
        import fcntl
    except ImportError:  # in a browser there is one process
        return None

    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)  # a pipe of that name would wait for ever
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


def unlock(handle: int | None, folder: Path) -> None:
    """Give back what `lock` gave for the folder."""
    if handle is not None:
        os.close(handle)
    if WINDOWS:  # where it cannot be taken away from somebody who has it open
        with suppress(OSError):
            (folder / LOCK).unlink()


def called() -> str:
    """The name of this machine in its network; empty where it has none."""
    return platform.node()


@lru_cache(maxsize=1)
def code() -> str:
    """Eight letters and digits for this machine: locks are those of one machine, disks may be of many."""
    return hashlib.sha256(called().encode("utf-8", "replace")).hexdigest()[:8]


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


def check_replaceable(path: Path) -> None:
    """OSError for what no file may be put over: a folder, a pipe, a device; on Windows a protected file.

    Somebody has put it there for a purpose.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if what := kind_of(path):
        raise FileExistsError(errno.EEXIST, f"{what} of that name is there", str(path))
    if WINDOWS and path.exists() and not path.stat().st_mode & stat.S_IWRITE:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


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


def mode(path: Path) -> int:
    """What a new file may be: as the old one at `path`, or as the user's umask has it."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def file_name(word: str, default: str = "ballast") -> str:
    """`word` as the name of a file or folder on any system: no separators, controls or device names.

    One that is too long is cut, and told from others by a few letters of its hash.
    """
    text = re.sub(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\ud800-\udfff]+', "_", word).strip(" .")
    if len(text) > _LONGEST:
        rest = hashlib.sha256(word.encode("utf-8", "surrogatepass")).hexdigest()[:6]
        text = f"{text[: _LONGEST - 7].rstrip(' .')}-{rest}"
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


def _concerned(error: OSError) -> Path | None:
    """The file that an error is about; of the two of a renaming the one that a person knows."""
    given = [n for n in (error.filename2, error.filename) if isinstance(n, str | bytes | os.PathLike)]
    named = [Path(os.fsdecode(n)) for n in given]
    known = [path for path in named if not any(part.startswith(".ballast-") for part in path.parts)]
    return next(iter([*known, *named[::-1]]), None)


def explained(
    error: OSError, what: str, place: Path, closing: str = UNCHANGED, other: str = OTHER
) -> OutputError:
    """`what` ("The report") cannot be written: where, why, what to do, and what is left.

    `other` is the way round that place: where there is no --out, something else.
    """
    where = _concerned(error) or place
    reason = error.strerror or str(error)
    todo = remedy(error, other) or other.capitalize()
    if WINDOWS and error.errno in (errno.EACCES, errno.EPERM) and where.is_file():
        # elsewhere an open or protected file stands in nobody's way
        todo = _BUSY if where.stat().st_mode & stat.S_IWRITE else _PROTECTED.format(other=other)
    return OutputError(f"{what} cannot be written: {where}: {reason}. {todo}. {closing}")


def remedy(error: OSError, other: str) -> str:
    """What to do about what the system refused to write; empty where nothing is known."""
    return _REMEDIES.get(error.errno or 0, "").format(other=other)


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
        yield (apple if MAC else Path(home) / ".cache") / "ballast"
    folder = temporary()
    # what others may write is not to be seen from a Windows folder's mode: only the one in the user's own
    if folder is not None and not (WINDOWS and Path(home) not in folder.parents):
        yield folder / f"ballast-{_user()}"


def kernel_folders() -> Iterator[Path]:
    """Where compiled functions may lie, best first: what NUMBA_CACHE_DIR names, and the folders above."""
    named = os.environ.get("NUMBA_CACHE_DIR", "")
    if named:
        yield Path(named).absolute()
    yield from cache_folders()


def temporary() -> Path | None:
    """The system's temporary folder; None where there is not one that can be written."""
    try:
        return Path(tempfile.gettempdir())
    except OSError:
        return None


def private(folder: Path) -> bool:
    """Make the folder if need be; whether it and the one it is in are ours alone to write.

    From such a folder code may be loaded: nobody else can have put it there, nor another folder in its
    place later, since those further up are not for all to rename in.
    """
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        if not trusted(folder):
            return False
        with tempfile.TemporaryFile(dir=folder, buffering=0) as probe:
            os.write(probe.fileno(), b"0" * 4096)
    except OSError:
        return False
    return True


def trusted(folder: Path) -> bool:
    """Whether a folder that is there, and the one it is in, are ours alone to write: see `private`."""
    return WINDOWS or (_ours(folder.parent) and _ours(folder) and _lasting(folder.parent))


def _ours(folder: Path) -> bool:
    found = folder.lstat()
    safe = found.st_uid in (0, os.geteuid()) and not found.st_mode & 0o022
    return safe and stat.S_ISDIR(found.st_mode)


def _lasting(folder: Path) -> bool:
    """Whether no folder on the way to this one lets everybody rename what is in it (as /tmp does not)."""
    modes = [p.stat().st_mode for p in Path(os.path.realpath(folder)).parents]
    return all(mode & stat.S_ISVTX or not mode & stat.S_IWOTH for mode in modes)


def _user() -> str:
    return file_name(os.environ.get("USERNAME", ""), "user") if WINDOWS else str(os.geteuid())


# ---- processors and memory -----------------------------------------------------------------------


def processors(*, ours: bool = True) -> int:
    """How many processors this process may use, or that there are."""
    if ours and hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def memory() -> int:
    """Bytes that this process may have: those of the machine, of its container, or of this shell."""
    found = [MOST_MEMORY]
    with suppress(AttributeError, ValueError, OSError):  # Windows has no sysconf
        found = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    with suppress(OSError, ValueError):  # no container, or one without a limit ("max")
        found.append(int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    return min(n for n in (*found, _allowed()) if n and n > 0)


def _allowed() -> int | None:
    """Bytes of addresses that this shell lets a process have; None where there is no limit."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return None
    allowed = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if allowed == resource.RLIM_INFINITY else allowed


def room_for(size: float, what: str, todo: str, kind: type[InputError] = InputError) -> None:
    """`kind` is raised where `what`, of `size` bytes, is more than nine tenths of `memory`."""
    most = memory()
    if size > 0.9 * most:
        raise kind(
            f"{what} would take {size / 1e9:,.1f} GB of memory; there are {most / 1e9:,.1f}. {todo}."
        )


def check_memory() -> None:
    """SimulationError where a process may not have `LEAST_MEMORY`: libraries then hang, or fail oddly."""
    allowed = _allowed()
    if allowed and allowed < LEAST_MEMORY:
        raise SimulationError(
            f"This shell lets a process have {allowed / 1e6:,.0f} MB of memory, and Ballast's libraries "
            f"need {LEAST_MEMORY / 1e6:,.0f}. Lift the limit (ulimit -v unlimited)."
        )


def nowhere(error: BaseException) -> bool:
    """Whether a file was not found because the folder that the process runs in is no more."""
    if not any(isinstance(e, FileNotFoundError) for e in (error, error.__cause__)):
        return False
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def out_of_memory(error: BaseException) -> bool:
    """Whether an error means that memory or threads ran out, under whatever name it comes."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    return isinstance(error, ImportError | OSError | RuntimeError | SystemError) and bool(
        _STARVED.search(str(error))
    )


# ---- signals -----------------------------------------------------------------------------------


_stands: ContextVar[Callable[[], None] | None] = ContextVar("stands", default=None)


@contextmanager
def quiet() -> Iterator[None]:
    """Ctrl-C waits until the block has ended: for steps that must not be cut in two.

    Where the block fails, its error goes first and Ctrl-C is dropped.
    """
    heard: list[int] = []

    def later(signum: int, frame: FrameType | None) -> None:
        heard.append(signum)

    before = signal.getsignal(signal.SIGINT)
    if not _in_main_thread() or before in (None, signal.SIG_IGN):
        yield
        return
    signal.signal(signal.SIGINT, later)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if heard and callable(before):
        before(heard[0], None)


@contextmanager
def last_step(then: Callable[[], None]) -> Iterator[None]:
    """What the block puts in place is all it is for: `then` is called as soon as it `stands`."""
    token = _stands.set(then)
    try:
        yield
    finally:
        _stands.reset(token)


def stands() -> None:
    """Something was put in place for good; said inside `quiet`, before Ctrl-C is heard again."""
    if (then := _stands.get()) is not None:
        then()


def hear(tell: Callable[[], None]) -> Callable[..., None] | None:
    """Ctrl-C calls `tell` until the function that is returned is called; after deaf=True it does nothing.

    None in a thread, which no signal reaches; in a background job Ctrl-C is switched off, and stays so. On
    Windows it is the only signal besides Ctrl-Break; others kill at once.
    """
    if not _in_main_thread():
        return None
    before = signal.getsignal(signal.SIGINT)
    if before in (None, signal.SIG_IGN):
        return lambda *, deaf=False: None
    signal.signal(signal.SIGINT, lambda signum, frame: tell())

    def as_before(*, deaf: bool = False) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN if deaf else before)

    return as_before


@contextmanager
def told_to_end() -> Iterator[None]:
    """Within the block being told to end (SIGTERM) is a SystemExit, so that what is open is closed."""

    def leave(signum: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + signum)

    if not _in_main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
