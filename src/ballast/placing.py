"""Files of a folder replaced together: all of them or none, whatever happens on the way.

    with Placing(folder) as stage:     a hidden folder inside `folder`
        write into stage               files, also in folders below it
    -> every file in it stands in `folder`, over its namesake; those named in `remove` are gone

    one      a single file, the same way
    alone    hold a folder, so that no other process writes in it
    settle   finish what a killed process left
    where    the place of a file, for a reader who may not settle
    steady   read several files of one folder as they were at one moment

How. The stage is written and flushed, with a plan of what goes where, and renamed to `COMMIT`: on that one
instruction all hangs. Killed before it, nothing has changed, and the next writer sweeps the stage away.
Killed after it, the next writer or reader moves what has not been moved. Refused on the way (an open file
on Windows, a disk that breaks), the commit is renamed to `BACK` and everything goes back; killed in that,
it is the next who carries on going back. The folder itself stays what it is: a link, somebody's working
folder, with other files in it that are never touched.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from ballast import machine, safe
from ballast.errors import InputError, OutputError

T = TypeVar("T")

OURS = ".ballast-"  # whatever begins so in a folder is ours
STAGE = f"{OURS}stage-"
COMMIT = f"{OURS}commit"
BACK = f"{OURS}back"
_PLAN, _OLD = ".plan", ".old"
_MOST_PLAN = 1 << 26  # bytes

PATIENCE = 10.0  # seconds to wait for another process that is writing
_TRIES = 20  # of a reader whose files keep changing

_held: set[tuple[str, int]] = set()  # folders that a thread of this process holds


class Placing:
    """A folder whose files move to `folder` together when the block ends well.

    `what` is named in errors ("The report cannot be written: ..."). `remove` lists what goes when the files
    come; it may be set inside the block. Raises OutputError for what the system refuses, InputError when
    another process keeps the folder.
    """

    def __init__(self, folder: Path, *, what: str = "The report", remove: Sequence[str] = ()) -> None:
        self.folder = Path(folder)
        self.what = what
        self.remove = remove
        self.placed: tuple[Path, ...] = ()
        self._stage = Path()
        self._lock = ExitStack()

    def __enter__(self) -> Path:
        try:
            self._lock.enter_context(alone(self.folder, what=self.what))
            self._stage = Path(tempfile.mkdtemp(prefix=STAGE, dir=self.folder))
        except OSError as error:
            self._lock.close()
            raise machine.explained(error, self.what, self.folder) from error
        except BaseException:
            self._lock.close()
            raise
        return self._stage

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                with machine.quiet():
                    self.placed = _commit(self._stage, self.folder, self.remove)
        except BaseException as late:
            error = late
        with machine.quiet():
            shutil.rmtree(self._stage, ignore_errors=True)
            self._lock.close()
        if isinstance(error, OSError):
            raise machine.explained(error, self.what, self.folder) from error
        if error is not None and kind is None:  # raised while moving, so nobody else will raise it
            raise error


@contextmanager
def one(path: Path, what: str, closing: str = machine.UNCHANGED) -> Iterator[Path]:
    """A place to write the file `path` in; it stands there when the block ends well, and else nothing.

    `closing` ends the message of an OutputError: what is left of the whole.
    """
    with alone(path.parent, what=what):
        try:
            _refuse_in_the_way(path)
            handle, name = tempfile.mkstemp(prefix=STAGE, suffix=path.suffix, dir=path.parent)
            os.close(handle)
            stage = Path(name)
            try:
                yield stage
                stage.chmod(_mode(path))
                machine.flush(stage)
                machine.move(stage, path)
                machine.flush(path.parent)
            finally:
                stage.unlink(missing_ok=True)
        except OSError as error:
            raise machine.explained(error, what, path, closing) from error


def _refuse_in_the_way(target: Path) -> None:
    """A folder, a pipe or a device is not replaced by a file: somebody has put it there for a purpose."""
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    if what := machine.kind_of(target):
        raise FileExistsError(errno.EEXIST, f"{what} of that name is there", str(target))


def free(path: Path) -> Path:
    """`path`, or where something is there, the same with the first number that is free: name-2.xlsx."""
    number, place = 1, path
    while os.path.lexists(place):
        number += 1
        place = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return place


def _mode(path: Path) -> int:
    """What a new file may be: as the old one, or as the user's umask has it."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def check_writable(folder: Path, what: str = "The report") -> None:
    """Raise now what `Placing` would raise later; leave no trace."""
    try:
        with alone(folder, what=what), tempfile.TemporaryDirectory(prefix=STAGE, dir=folder) as stage:
            (Path(stage) / "probe").write_bytes(b"0")
    except OSError as error:
        raise machine.explained(error, what, folder) from error


def strangers(folder: Path) -> list[str]:
    """The names in a folder that are not ours: what a user keeps there."""
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith(OURS))


# ---- one at a time -------------------------------------------------------------------------------


@contextmanager
def alone(folder: Path, *, patience: float = PATIENCE, what: str = "The report") -> Iterator[None]:
    """Hold `folder`, made if need be, against other processes; it is whole and swept on the way in.

    A folder that was made is gone again if nothing came into it. InputError when another process keeps it
    longer than `patience` seconds, OutputError when it cannot be made. The same thread may hold it twice.
    """
    key = (os.path.realpath(folder), threading.get_ident())
    if key in _held:
        yield
        return
    made: list[Path] = []
    handle = None
    try:
        try:
            handle, made = _take(folder, patience, what)
            _held.add(key)
            settle(folder)
            if handle is not None:  # without locks it may be somebody's who is at work
                _sweep(folder)
        except OSError as error:
            raise machine.explained(error, what, folder) from error
        yield
    finally:
        _held.discard(key)
        machine.unlock(handle)
        _unmake(made)


def _take(folder: Path, patience: float, what: str) -> tuple[int | None, list[Path]]:
    """A lock on the folder that is there now, and the folders made for it."""
    until = time.monotonic() + patience
    made: list[Path] = []
    while True:
        made = _make(folder) or made
        try:
            handle = machine.lock(folder)
        except BlockingIOError:
            if time.monotonic() < until:
                time.sleep(0.05)
                continue
            raise InputError(
                f"{what} cannot be written now: another process is working in {folder}. Wait for it, or "
                "choose another folder."
            ) from None
        except FileNotFoundError:  # the one before us took it away
            continue
        except BaseException:
            _unmake(made)
            raise
        if handle is None or machine.WINDOWS or _same(handle, folder):
            return handle, made
        machine.unlock(handle)


def _same(handle: int, folder: Path) -> bool:
    """Whether the locked folder is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(handle), folder.stat())
    except FileNotFoundError:
        return False


def _make(out: Path) -> list[Path]:
    """Create `out` and its missing parents; return those created, outermost first."""
    missing = []
    place = out
    while not place.exists() and place != place.parent:
        missing.append(place)
        place = place.parent
    made: list[Path] = []
    try:
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            made.append(folder)
    except BaseException:
        _unmake(made)
        raise
    return made


def _unmake(made: Sequence[Path]) -> None:
    """Remove the folders that were made, as far as nothing came into them."""
    for folder in reversed(made):
        try:
            (folder / machine.LOCK).unlink(missing_ok=True)
            folder.rmdir()
        except OSError:
            return


def _sweep(folder: Path) -> None:
    """Take away what processes left that were killed before their commit, or after all was done."""
    for left in folder.glob(f"{STAGE}*"):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


# ---- all or none ---------------------------------------------------------------------------------


def _commit(stage: Path, folder: Path, remove: Sequence[str]) -> tuple[Path, ...]:
    """Move the files of `stage` into `folder`, and what is named in `remove` away."""
    put = sorted(p.relative_to(stage).as_posix() for p in stage.rglob("*") if not p.is_dir())
    for name in put:
        _refuse_in_the_way(folder / name)
    new = [name for name in put if not os.path.lexists(folder / name)]
    plan = {"put": put, "new": new, "remove": [r for r in remove if os.path.lexists(folder / r)]}
    (stage / _PLAN).write_text(safe.json_text(plan), encoding="utf-8")
    for path in (*(stage / name for name in put), stage / _PLAN, stage):
        if not path.is_symlink():
            machine.flush(path)
    machine.move(stage, folder / COMMIT)
    machine.flush(folder)
    _forward(folder)
    return tuple(folder / name for name in put)


def settle(folder: Path) -> None:
    """Finish what a process began that was killed after its commit; the caller holds the folder."""
    if (folder / COMMIT).is_dir():
        _forward(folder)
    if (folder / BACK).is_dir():
        _back(folder)


def _plan(here: Path) -> tuple[list[str], list[str], list[str]]:
    try:
        machine.ordinary(here / _PLAN)
        with (here / _PLAN).open("rb") as file:
            plan = json.loads(file.read(_MOST_PLAN))
        return plan["put"], plan["new"], plan["remove"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError, InputError):
        raise OutputError(
            f"{here}: is what an interrupted writing left, and its plan cannot be read. Take the files you "
            "need out of it, then delete it."
        ) from None


def _forward(folder: Path) -> None:
    """Move what the commit holds to its places; with any trouble everything goes back."""
    here = folder / COMMIT
    put, _, remove = _plan(here)
    try:
        for name in put:
            if os.path.lexists(here / name):
                _keep(folder / name, here / _OLD / name)
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                machine.move(here / name, folder / name)
        for name in remove:
            if os.path.lexists(folder / name):
                (here / _OLD / name).parent.mkdir(parents=True, exist_ok=True)
                machine.move(folder / name, here / _OLD / name)
    except BaseException:
        machine.move(here, folder / BACK)
        _back(folder)
        raise
    _drop(here)


def _keep(target: Path, old: Path) -> None:
    """Put what is at `target` aside; with a second name, so that a reader finds it at every moment."""
    if not os.path.lexists(target) or os.path.lexists(old):
        return
    old.parent.mkdir(parents=True, exist_ok=True)
    if not machine.link(target, old):
        machine.move(target, old)


def _back(folder: Path) -> None:
    """Undo what `_forward` has done so far."""
    here = folder / BACK
    put, new, remove = _plan(here)
    for name in (*remove, *reversed(put)):
        if os.path.lexists(here / _OLD / name):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            machine.move(here / _OLD / name, folder / name)
        elif name in new:
            (folder / name).unlink(missing_ok=True)
            _unmake([p for p in (folder / name).parents if folder in p.parents][::-1])
    _drop(here)


def _drop(here: Path) -> None:
    """Take a finished commit away: renamed first, so that a part of it is never taken for a whole."""
    rest = here.with_name(f"{STAGE}{os.urandom(6).hex()}")
    try:
        machine.move(here, rest)
    except OSError:  # all is in place: what cannot be taken away now is no reason to say otherwise
        rest = here
    shutil.rmtree(rest, ignore_errors=True)


# ---- reading -------------------------------------------------------------------------------------


def where(folder: Path, name: str) -> Path:
    """Where file `name` of `folder` is, even if a killed writer left it half moved and we may not write."""
    for place in (folder / COMMIT / name, folder / BACK / _OLD / name):
        if place.exists():
            return place
    return folder / name


def steady(folder: Path, read: Callable[[], T]) -> T:
    """What `read` gives of the files of `folder` as they were at one moment.

    First what a killed writer left is settled, where we may. Then it reads until nothing has changed
    meanwhile; an error counts only if nothing has.
    """
    if folder.is_dir() and any((folder / name).is_dir() for name in (COMMIT, BACK)):
        try:
            with alone(folder, what="What was interrupted"):
                pass
        except (OutputError, InputError):
            pass  # not ours to write: `where` finds the files
    for _ in range(_TRIES):
        before = _state(folder)
        try:
            found = read()
        except Exception:
            if _state(folder) == before:
                raise
        else:
            if _state(folder) == before:
                return found
        time.sleep(0.05)
    return read()


def _state(folder: Path) -> tuple[tuple[str, int, int, int], ...]:
    """What tells whether any file of a folder was replaced."""
    out = []
    try:
        for entry in os.scandir(folder):
            if entry.name.startswith(STAGE) or entry.name == machine.LOCK:
                continue
            found = entry.stat(follow_symlinks=False)
            out.append((entry.name, found.st_ino, found.st_mtime_ns, found.st_size))
    except OSError:
        return ()
    return tuple(sorted(out))
