"""Functions compiled to machine code once, and kept for the next run where there is a place for it.

    compiled(function, **options)   as numba.njit, with the options that all of ours share
    place()                         the folder where compiled functions are kept, or None

Places, best first: NUMBA_CACHE_DIR, the user's cache folder, a private temporary folder, none: then they
are compiled anew each time, which takes half a minute and is otherwise the same. A folder from which code
is loaded has to be the user's own; one that others may write is passed over.

What is kept lies under the hash of every file that has to do with it, as numba itself looks only at the
file a function stands in, not at those it calls: an upgraded installation must not run yesterday's step.
Every file carries a checksum: one that is damaged is compiled again, and a full disk stops nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import re
import shutil
import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

from ballast import clock, machine
from ballast.errors import InputError

machine.check_memory()
with warnings.catch_warnings(record=True) as _told:
    try:
        import numba

        _odd = [str(w.message) for w in _told if "NUMBA_" in str(w.message)]  # it goes on without them
    except ValueError as error:  # NUMBA_NUM_THREADS=0 and the like are refused on import
        _odd = [str(error)]
for _other in [w for w in _told if "NUMBA_" not in str(w.message)]:
    warnings.warn_explicit(_other.message, _other.category, _other.filename, _other.lineno)
if _odd:
    raise InputError(
        f"A setting of numba cannot be used: {_odd[0].splitlines()[0].rstrip('.')}. Correct the NUMBA_ "
        "variable."
    )
from numba import prange as prange  # noqa: E402  (from here, so that nobody imports numba unchecked)
from numba.core.caching import FunctionCache, IndexDataCacheFile  # noqa: E402

# the files that compiled code is made of: where it stands, what it calls, and the layouts it was made for
SOURCES = (
    "economy/markets.py",
    "propagate/card/batch.py",
    "propagate/card/columns.py",
    "propagate/published/kernels.py",
    "propagate/published/markets.py",
    "propagate/published/reference.py",
    "propagate/published/system.py",
    "propagate/step/kernels.py",
    "propagate/step/layout.py",
    "propagate/step/record.py",
    "propagate/step/rows.py",
    "propagate/step/rules.py",
    "propagate/step/scratch.py",
    "propagate/step/slots.py",
    "propagate/step/system.py",
)
_NAME = re.compile(r"kernels-[0-9a-f]{16}")  # a folder of ours; what else somebody keeps there is his
_DAY = 86_400.0  # seconds after which nobody is still writing a file
KEPT = 4  # versions of them that stay in a folder, the last used

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function, **options: Any) -> Function:
    """Compile at first use, without holding the interpreter, dividing as NumPy does."""
    kernel: Any = numba.njit(nogil=True, error_model="numpy", **options)(function)
    if (folder := place()) is not None:
        before, numba.config.CACHE_DIR = numba.config.CACHE_DIR, str(folder)
        try:
            kernel._cache = _Kept(function)
        except (RuntimeError, OSError):  # a place that went away since
            pass
        finally:
            numba.config.CACHE_DIR = before
    return cast(Function, kernel)


@lru_cache(maxsize=1)
def place() -> Path | None:
    """The folder of this version's compiled functions; None when no folder will do."""
    name = f"kernels-{_digest()[:16]}"
    for folder in _folders():
        if machine.private(folder / name):
            _prune(folder, name)
            return folder / name
    return None


def _folders() -> list[Path]:
    named = os.environ.get("NUMBA_CACHE_DIR", "")
    return [*([Path(named).absolute()] if named else []), *machine.cache_folders()]


def _digest() -> str:
    here = Path(__file__).parent
    digest = hashlib.sha256(numba.__version__.encode())
    for name in SOURCES:
        digest.update((here / name).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def _prune(folder: Path, used: str) -> None:
    """Keep the versions used last; mark this one as used, and take out what a kill left half written."""
    for left in (folder / used).rglob("*.tmp.*"):
        with contextlib.suppress(OSError):
            if clock.seconds() - left.stat().st_mtime > _DAY:
                left.unlink()
    try:
        os.utime(folder / used)
        ours = [p for p in folder.iterdir() if _NAME.fullmatch(p.name)]
        there = sorted(ours, key=lambda p: -p.stat().st_mtime)
    except OSError:  # another process prunes at the same time
        return
    for old in there[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


class _Kept(FunctionCache):  # type: ignore[misc]
    """numba's cache of one function, for which no trouble with files is an error."""

    def __init__(self, function: Any) -> None:
        super().__init__(function)
        self._cache_file: Any = _Checked(
            cache_path=self._cache_path,
            filename_base=self._impl.filename_base,
            source_stamp=self._impl.locator.get_source_stamp(),
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # whatever a damaged file makes its reader raise: compile again
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        with contextlib.suppress(OSError):  # a full or read-only disk: not kept then
            super().save_overload(sig, data)


class _Checked(IndexDataCacheFile):  # type: ignore[misc]
    """Files with a checksum before what numba puts into them, and in each what it was compiled for.

    The index is written before the file it names: killed between the two, it would name what lay there of
    an installation before, compiled for other kinds of numbers. So would two processes that begin at once.
    """

    def save(self, key: Any, data: Any) -> None:
        super().save(key, (key, data))

    def load(self, key: Any) -> Any:
        found = super().load(key)
        return found[1] if found is not None and found[0] == key else None

    def _dump(self, obj: Any) -> bytes:
        data: bytes = super()._dump(obj)
        return hashlib.sha256(data).digest() + data

    def _load_index(self) -> Any:
        try:
            with open(self._index_path, "rb") as file:
                if pickle.load(file) != self._version:
                    return {}
                stamp, overloads = pickle.loads(_checked(file.read()))
        except Exception:  # absent or damaged
            return {}
        return overloads if stamp == self._source_stamp else {}

    def _load_data(self, name: str) -> Any:
        with open(self._data_path(name), "rb") as file:
            return pickle.loads(_checked(file.read()))


def _checked(data: bytes) -> bytes:
    """What follows a checksum, if it is that of what follows."""
    if hashlib.sha256(data[32:]).digest() != data[:32]:
        raise OSError("damaged")
    return data[32:]
