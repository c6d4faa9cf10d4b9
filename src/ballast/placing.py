"""Files of a folder replaced together: all of them or none, whatever happens on the way.

    with Placing(folder) as stage:     a hidden folder inside `folder`
        write into stage               files, also in folders below it
    -> every file in it stands in `folder`, over its namesake; those named in `remove` are gone

    one      a single file, the same way
    alone    hold a folder, so that no other process writes in it
    settle   finish what a killed process left
    checksum what a file holds, in a word
    where    the place of a file, for a reader who may not settle
    steady   read several files of one folder as they were at one moment

How. The stage is written and flushed, with a plan of what goes where, and renamed to `COMMIT`: on that one
instruction all hangs. Killed before it, nothing has changed, and the next writer sweeps the stage away.
Killed after it, the next writer or reader moves what has not been moved. Refused on the way (an open file
on Windows, a disk that breaks), the commit is renamed to `BACK` and everything goes back; killed in that,
it is the next who carries on going back. The folder itself stays what it is: a link, somebody's working
folder, with other files in it that are never touched.

Locks are those of one machine; some network disks have none. What another machine began, or anybody on a
disk without locks, is therefore left alone until nothing has moved in it for `REST` seconds. A plan may
come in an archive from a stranger: it moves files inside the folder and nowhere else, and through no link.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

from ballast import clock, machine, safe
from ballast.errors import InputError, OutputError

T = TypeVar("T")

OURS = ".ballast-"  # whatever begins so in a folder is ours
STAGE = f"{OURS}stage-"
COMMIT = f"{OURS}commit"
BACK = f"{OURS}back"
_CODED = re.compile(rf"{re.escape(STAGE)}[0-9a-f]{{8}}-")  # with the code of the machine that writes it
_PLAN, _OLD = ".plan", ".old"

PATIENCE = 10.0  # seconds to wait for another process that is writing
REST = 60.0  # seconds after which what another machine began counts as left behind
_DAY = 86_400.0  # the same for a stage: one large file may be long in writing
_LONGEST = 4_000_000  # bytes of a plan; ours have some hundred
_TRIES = 20  # of a reader whose files keep changing

_held: set[tuple[str, int, int]] = set()  # folders that a thread of this process holds


class _Plan(NamedTuple):
    """What goes where, all names relative to the folder."""

    put: list[str]
    new: list[str]  # of these, what was not there before
    remove: list[str]
    machine: str = ""  # that began it
    was: dict[str, list[int]] | None = None  # `_stamp` of what was there; None in plans of earlier releases


class _Busy(Exception):
    """Another machine is at work in the folder, as far as can be told."""


class Placing:
    """A folder whose files move to `folder` together when the block ends well.

    `what` is named in errors ("The report cannot be written: ..."), `other` is the way round a folder that
    cannot be written. `remove` lists what goes when the files come; it may be set inside the block. Raises
    OutputError for what the system refuses, InputError when another process keeps the folder.
    """

    def __init__(
        self,
        folder: Path,
        *,
        what: str = "The report",
        remove: Sequence[str] = (),
        other: str = machine.OTHER,
    ) -> None:
        self.folder = Path(folder)
        self.what, self.other = what, other
        self.remove = remove
        self.placed: tuple[Path, ...] = ()
        self._stage = Path()
        self._lock = ExitStack()

    def __enter__(self) -> Path:
        try:
            self._lock.enter_context(alone(self.folder, what=self.what, other=self.other))
            self._stage = Path(tempfile.mkdtemp(prefix=_stage(), dir=self.folder))
        except OSError as error:
            self._lock.close()
            raise machine.explained(error, self.what, self.folder, other=self.other) from error
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
                    machine.stands()
        except BaseException as late:
            error = late
        with machine.quiet():
            shutil.rmtree(self._stage, ignore_errors=True)
            self._lock.close()
        if isinstance(error, OSError):
            raise machine.explained(error, self.what, self.folder, other=self.other) from error
        if error is not None and kind is None:  # raised while moving, so nobody else will raise it
            raise error


@contextmanager
def one(
    path: Path, what: str, closing: str = machine.UNCHANGED, other: str = machine.OTHER
) -> Iterator[Path]:
    """A place to write the file `path` in; it stands there when the block ends well, and else nothing. Of a
    link it is the file that it leads to.

    `closing` ends the message of an OutputError: what is left of the whole.
    """
    path = path.resolve() if path.is_symlink() else path
    with alone(path.parent, what=what, other=other):
        try:
            machine.check_replaceable(path)
            handle, name = tempfile.mkstemp(prefix=_stage(), suffix=path.suffix, dir=path.parent)
            os.close(handle)
            stage = Path(name)
            try:
                yield stage
                stage.chmod(machine.mode(path))
                machine.flush(stage)
                with machine.quiet():
                    machine.move(stage, path)
                    machine.flush(path.parent)
                    machine.stands()
            finally:
                stage.unlink(missing_ok=True)
        except OSError as error:
            raise machine.explained(error, what, path, closing, other) from error


def free(path: Path) -> Path:
    """`path`, or where something is there, the same with the first number that is free: name-2.xlsx."""
    number, place = 1, path
    while os.path.lexists(place):
        number += 1
        place = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return place


def check_writable(folder: Path, what: str = "The report", names: Sequence[str] = ()) -> None:
    """Raise now what `Placing` would raise later of the files `names`; leave no trace."""
    try:
        for name in names:
            machine.check_replaceable(folder / name)
        with alone(folder, what=what), tempfile.TemporaryDirectory(prefix=_stage(), dir=folder) as stage:
            (Path(stage) / "probe").write_bytes(b"0")
    except OSError as error:
        raise machine.explained(error, what, folder) from error


def strangers(folder: Path) -> list[str]:
    """The names in a folder that are not ours: what a user keeps there."""
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith(OURS))


# ---- one at a time -------------------------------------------------------------------------------


@contextmanager
def alone(
    folder: Path, *, patience: float = PATIENCE, what: str = "The report", other: str = machine.OTHER
) -> Iterator[None]:
    """Hold `folder`, made if need be, against other processes; it is whole and swept on the way in.

    A folder that was made is gone again if nothing came into it. InputError when another process keeps it
    longer than `patience` seconds, OutputError when it cannot be made. The same thread may hold it twice.
    """
    key = (os.path.realpath(folder), os.getpid(), threading.get_ident())
    if key in _held:
        yield
        return
    made: list[Path] = []
    handle = None
    try:
        try:
            until = time.monotonic() + patience
            handle, made = _take(folder, until, what)
            _held.add(key)
            _settle_in_time(folder, handle is not None, until, what)
            _sweep(folder, locked=handle is not None)
        except OSError as error:
            raise machine.explained(error, what, folder, other=other) from error
        yield
    finally:
        _held.discard(key)
        machine.unlock(handle, folder)
        _unmake(made)


def _take(folder: Path, until: float, what: str) -> tuple[int | None, list[Path]]:
    """A lock on the folder that is there now, and the folders made for it."""
    made: list[Path] = []
    while True:
        made = _make(folder) or made
        try:
            handle = machine.lock(folder)
        except BlockingIOError:
            if time.monotonic() < until:
                time.sleep(0.05)
                continue
            raise _busy(folder, what) from None
        except FileNotFoundError:  # the one before us took it away
            continue
        except BaseException:
            _unmake(made)
            raise
        if handle is None or _same(handle, folder):
            return handle, made
        machine.unlock(handle, folder)


def _busy(folder: Path, what: str) -> InputError:
    return InputError(
        f"{what} cannot be written now: another process is working in {folder}. Wait for it, or choose "
        "another folder."
    )


def _settle_in_time(folder: Path, locked: bool, until: float, what: str) -> None:
    """Settle, waiting for another machine that is at work; Ctrl-C waits until all is in place."""
    if not any(os.path.lexists(folder / name) for name in (COMMIT, BACK)):
        return
    while True:
        try:
            with machine.quiet():
                settle(folder, locked=locked)
        except _Busy:
            if time.monotonic() >= until:
                raise _busy(folder, what) from None
            time.sleep(0.05)
            continue
        return


def _same(handle: int, folder: Path) -> bool:
    """Whether the locked folder, or on Windows the file in it, is still the one of that name."""
    try:
        place = folder / machine.LOCK if machine.WINDOWS else folder
        return os.path.samestat(os.fstat(handle), place.stat())
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
            folder.rmdir()
        except OSError:
            return


def _stage() -> str:
    """How the names of our stages begin: with the machine that writes them."""
    return f"{STAGE}{machine.code()}-"


def _sweep(folder: Path, *, locked: bool) -> None:
    """Take away what processes left that were killed before their commit, or after all was done."""
    for left in folder.glob(f"{STAGE}*"):
        theirs = _CODED.match(left.name) and not left.name.startswith(_stage())
        try:
            if (theirs or not locked) and not _older(left, _DAY):
                continue  # somebody may be writing it
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)
        except OSError:  # of another user, in a folder for all: in nobody's way
            continue


def _older(path: Path, seconds: float) -> bool:
    """Whether nothing has moved in it for that long; a clock that is off counts as long."""
    try:
        return abs(clock.seconds() - path.lstat().st_mtime) > seconds
    except FileNotFoundError:
        return False


# ---- all or none ---------------------------------------------------------------------------------


def _commit(stage: Path, folder: Path, remove: Sequence[str]) -> tuple[Path, ...]:
    """Move the files of `stage` into `folder`, and what is named in `remove` away."""
    put = sorted(p.relative_to(stage).as_posix() for p in stage.rglob("*") if not p.is_dir())
    for name in put:
        machine.check_replaceable(folder / name)
    new = [name for name in put if not os.path.lexists(folder / name)]
    gone = [name for name in remove if os.path.lexists(folder / name)]
    was = {n: _stamp(folder / n) for n in (*put, *gone) if n not in new}
    plan = _Plan(put, new, gone, machine.code(), was)
    if linked := [str(link) for name in (*put, *gone) for link in _links(folder, name)]:
        raise OutputError(
            f"{linked[0]}: is a link to another place, where files cannot be put together with those in "
            f"{folder}. Put a folder in its stead. {machine.UNCHANGED}"
        )
    (stage / _PLAN).write_text(safe.json_text(plan._asdict()), encoding="utf-8", newline="\n")
    for path in (*(stage / name for name in put), stage / _PLAN, stage):
        if not path.is_symlink():
            machine.flush(path)
    machine.move(stage, folder / COMMIT)
    machine.flush(folder)
    _forward(folder)
    return tuple(folder / name for name in put)


def settle(folder: Path, *, locked: bool = True) -> None:
    """Finish what a process began that was killed after its commit; the caller holds the folder.

    Not `locked`, or begun on another machine, it may still be at work: `_Busy` until it has rested.
    """
    for name, finish in ((COMMIT, _forward), (BACK, _back)):
        here = folder / name
        if not os.path.lexists(here):
            continue
        try:
            plan = _plan(here)
        except OutputError:
            if os.path.lexists(here):
                raise
            continue  # it was finished meanwhile, where nothing locks
        if (not locked or plan.machine not in ("", machine.code())) and not _older(here, REST):
            raise _Busy
        if name == COMMIT:
            _spare(folder, plan)
        finish(folder)


def _spare(folder: Path, plan: _Plan) -> None:
    """Put beside what somebody wrote after the kill into a file that is about to be replaced or removed."""
    coming = {folder / name for name in plan.put}
    for name in (*(n for n in plan.put if os.path.lexists(folder / COMMIT / n)), *plan.remove):
        path = folder / name
        if plan.was is None or not path.is_file() or _stamp(path) == plan.was.get(name):
            continue
        numbers = ("", *(f"-{n}" for n in range(2, 999)))
        names = (path.with_name(f"{path.stem}-kept{n}{path.suffix}") for n in numbers)
        beside = next(p for p in names if p not in coming and not os.path.lexists(p))
        if not machine.link(path, beside):
            shutil.copy2(path, beside)


def _stamp(path: Path) -> list[int]:
    """What tells whether somebody has written a file since."""
    found = path.lstat()
    return [found.st_size, found.st_mtime_ns]


def _plan(here: Path) -> _Plan:
    """The plan of a commit. OutputError for one that cannot be read, or that reaches out of the folder."""
    try:
        file = here / _PLAN
        if here.is_symlink() or not file.is_file() or file.stat().st_size > _LONGEST:
            raise ValueError
        found: Any = json.loads(file.read_text(encoding="utf-8"))
        was = found.get("was")
        plan = _Plan(found["put"], found["new"], found["remove"], str(found.get("machine", "")), was)
        if not isinstance(was, dict | None):
            raise ValueError
        for name in (*plan.put, *plan.new, *plan.remove):
            places = [(here.parent, name), (here, name), (here, f"{_OLD}/{name}")]
            if not _inside(name) or any(link for place in places for link in _links(*place)):
                raise ValueError
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise OutputError(
            f"{here}: is what an interrupted writing left, and its plan cannot be read. Take the files you "
            "need out of it, then delete it."
        ) from None
    return plan


def _inside(name: str) -> bool:
    """Whether a name of a plan is one that `_commit` could have written: below the folder, and not ours."""
    parts = name.split("/")
    return (
        not any(part in ("", ".", "..") or set(part) & set("\\:\0") for part in parts)
        and not parts[0].startswith(OURS)
        and parts[0] not in (_PLAN, _OLD)
    )


def _links(folder: Path, name: str) -> list[Path]:
    """The folders on the way to `name` that are links, so that files would go to another place."""
    return [folder / p for p in PurePosixPath(name).parents if (folder / p).is_symlink() and p.parts]


def _forward(folder: Path) -> None:
    """Move what the commit holds to its places; with any trouble everything goes back."""
    here = folder / COMMIT
    plan = _plan(here)
    try:
        for name in plan.put:
            if os.path.lexists(here / name):
                _keep(folder / name, here / _OLD / name)
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                machine.move(here / name, folder / name)
        for name in plan.remove:
            if os.path.lexists(folder / name):
                (here / _OLD / name).parent.mkdir(parents=True, exist_ok=True)
                machine.move(folder / name, here / _OLD / name)
    except BaseException as error:
        _go_back(folder, error)
        raise
    machine.flush(folder)  # the files are there before what could bring them there goes
    _drop(here)


def _go_back(folder: Path, error: BaseException) -> None:
    """Undo a commit because of the error; OutputError where that is refused too."""
    try:
        machine.move(folder / COMMIT, folder / BACK)
        _back(folder)
    except OSError as second:
        raise machine.explained(
            second,
            f"{folder}: {error}. What was there before",
            folder,
            "Old and new files are mixed there until the next command puts the old ones back.",
        ) from error


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
    plan = _plan(here)
    for name in (*plan.remove, *reversed(plan.put)):
        if os.path.lexists(here / _OLD / name):
            # the same file is still there when it could not be replaced: somebody has it open
            if not _alike(here / _OLD / name, folder / name):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                machine.move(here / _OLD / name, folder / name)
        elif name in plan.new:
            (folder / name).unlink(missing_ok=True)
            _unmake([p for p in (folder / name).parents if folder in p.parents][::-1])
    machine.flush(folder)
    _drop(here)


def _alike(one: Path, other: Path) -> bool:
    """Whether two names are of one file."""
    return os.path.lexists(other) and os.path.samestat(one.lstat(), other.lstat())


def _drop(here: Path) -> None:
    """Take a finished commit away: renamed first, so that a part of it is never taken for a whole."""
    rest = here.with_name(f"{_stage()}{os.urandom(6).hex()}")
    try:
        machine.move(here, rest)
    except OSError:  # all is in place: what cannot be taken away now is no reason to say otherwise
        for old in here.iterdir():
            if old.name != _PLAN:  # which goes last: a rest without a plan would stop everybody
                shutil.rmtree(old, ignore_errors=True)
        if [p.name for p in here.iterdir()] != [_PLAN]:
            return
        rest = here
    shutil.rmtree(rest, ignore_errors=True)


# ---- reading -------------------------------------------------------------------------------------


def checksum(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def where(folder: Path, name: str) -> Path:
    """Where file `name` of `folder` is, even if a killed writer left it half moved and we may not write.

    A file that is only still there, or already, is at a place where nothing is.
    """
    commit, back = folder / COMMIT, folder / BACK / _OLD
    for place in (commit / name, back / name):
        if place.exists():
            return place
    try:
        if commit.is_dir() and name in _plan(commit).remove:
            return commit / name
        if back.is_dir() and name in _plan(back.parent).new:
            return back / name
    except OutputError:  # finished meanwhile; or it cannot be read, which the next writer says
        pass
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


def _state(folder: Path) -> tuple[tuple[str, int, int, int, int], ...]:
    """What tells whether any file of a folder was replaced."""
    out = []
    try:
        for entry in os.scandir(folder):
            if entry.name.startswith(STAGE) or entry.name == machine.LOCK:
                continue
            found = entry.stat(follow_symlinks=False)
            # an earlier version comes back with its old number and time, but its names were changed since
            out.append((entry.name, found.st_ino, found.st_mtime_ns, found.st_size, found.st_ctime_ns))
    except OSError:
        return ()
    return tuple(sorted(out))
