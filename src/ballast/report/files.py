"""All files or none: write into a hidden folder beside them, then move them into place.

    with Placing(out) as folder:      a hidden folder on the same disk as `out`
        write into folder
    -> on success every file in it replaces its namesake in `out`; on any failure, Ctrl-C included,
       what was in `out` before is there again and the hidden folder is gone.

What the system refuses becomes an OutputError: what, where, what to do.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType

from ballast.errors import OutputError

_TODO = {
    errno.EACCES: "You may not write there: choose another folder with --out, or ask for write access",
    errno.EPERM: "You may not write there: choose another folder with --out, or ask for write access",
    errno.EROFS: "That disk is read-only: choose another folder with --out",
    errno.ENOSPC: "The disk is full: free some space or choose another folder with --out",
    errno.EDQUOT: "Your quota is used up: free some space or choose another folder with --out",
    errno.ENOTDIR: "A part of that path is a file: choose another folder with --out",
    errno.EEXIST: "A file of that name is in the way: choose another folder with --out",
    errno.EISDIR: "A folder of that name is in the way: move it or choose another folder with --out",
    errno.ENAMETOOLONG: "The path is too long: choose a shorter one with --out",
}
_BUSY = "If the file is open in Word or Excel, close it and run again"


class Placing:
    """A folder whose files move to `out` together when the block ends well."""

    def __init__(self, out: Path) -> None:
        self.out = Path(out)
        self.folder = Path()
        self.placed: tuple[Path, ...] = ()
        self._made: list[Path] = []

    def __enter__(self) -> Path:
        try:
            self._made = _make(self.out)
            self.folder = Path(tempfile.mkdtemp(prefix=".ballast-", dir=self.out))
        except OSError as error:
            self._unmake()
            raise _explained(error, self.out) from error
        return self.folder

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self.placed = _move(self.folder, self.out)
        except BaseException as late:
            error = late
        shutil.rmtree(self.folder, ignore_errors=True)
        if error is None:
            return
        self._unmake()
        if isinstance(error, OSError):
            raise _explained(error, self.out) from error
        if kind is None:  # raised while moving, so nobody else will raise it
            raise error

    def _unmake(self) -> None:
        """Remove the folders that this made, as far as they are empty."""
        for folder in reversed(self._made):
            try:
                folder.rmdir()
            except OSError:
                return


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
        for folder in reversed(made):
            folder.rmdir()
        raise
    return made


def _move(source: Path, out: Path) -> tuple[Path, ...]:
    """Move every file of `source` into `out`; if one cannot go, put back all that went before."""
    names = sorted(p.name for p in source.iterdir())
    old = source / ".old"
    old.mkdir()
    done: list[tuple[str, bool]] = []
    try:
        for name in names:
            target = out / name
            if target.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
            done.append((name, target.exists()))  # noted first: Ctrl-C may fall between any two lines
            if target.exists():
                os.replace(target, old / name)
            os.replace(source / name, target)
    except BaseException:
        for name, kept in reversed(done):
            if (old / name).exists():
                os.replace(old / name, out / name)
            elif not kept:
                (out / name).unlink(missing_ok=True)
        raise
    return tuple(out / name for name in names)


def _explained(error: OSError, out: Path) -> OutputError:
    """What the system refused, in words: what, where, what to do."""
    where = error.filename or out
    reason = error.strerror or str(error)
    todo = _TODO.get(error.errno or 0, "Choose another folder with --out")
    if error.errno in (errno.EACCES, errno.EPERM) and Path(str(where)).is_file():
        todo = _BUSY
    return OutputError(f"The report cannot be written: {where}: {reason}. {todo}. Nothing was changed.")
