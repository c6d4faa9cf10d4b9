"""Functions compiled to machine code once, and kept for the next run where there is a place for it.

    compiled(function, **options)   as numba.njit, with the options that all of ours share
    place()                         the folder where compiled functions are kept, or None
    AVAILABLE, MISSING              whether numba is there to compile; why not
    need()                          SimulationError where it is not
    threads()                       how many a compiled step takes
    versions(packages)              of packages that figures depend on, and of numba where it is there

Without numba (a browser has no compiler) everything can be imported, and nothing is run in loops that were
written to be compiled: what has a readable form in NumPy takes that one, the rest says what it needs.

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
import importlib.metadata
import os
import re
import shutil
import warnings
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ballast import clock, machine
from ballast.errors import InputError, SimulationError

machine.check_memory()
MISSING = ""  # what Python said when numba was not to be had
with warnings.catch_warnings(record=True) as _told:
    try:
        import numba

        _odd = [str(w.message) for w in _told if "NUMBA_" in str(w.message)]  # it goes on without them
    except ValueError as error:  # NUMBA_NUM_THREADS=0 and the like are refused on import
        _odd = [str(error)]
    except ImportError as error:  # not installed, or made for another NumPy
        if machine.out_of_memory(error):
            raise
        _odd, MISSING = [], str(error).splitlines()[0].rstrip(".") or "no module named numba"
AVAILABLE = not MISSING
for _other in [w for w in _told if "NUMBA_" not in str(w.message)]:
    warnings.warn_explicit(_other.message, _other.category, _other.filename, _other.lineno)
if _odd:
    raise InputError(
        f"A setting of numba cannot be used: {_odd[0].splitlines()[0].rstrip('.')}. Correct the NUMBA_ "
        "variable."
    )
if TYPE_CHECKING or not AVAILABLE:
    prange = range
else:
    from numba import prange as prange  # from here, so that nobody imports numba unchecked

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
    "propagate/step/powers.py",
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


def compiled(function: Function, *, plain: bool = False, **options: Any) -> Function:
    """Compile at first use, without holding the interpreter, dividing as NumPy does.

    Where numba is not to be had, calling it is a SimulationError; a function that is `plain` is run by
    Python instead, slowly: what is done once, when a table is read.
    """
    if not AVAILABLE:
        return function if plain else _refusing(function)
    from ballast import cached

    kernel: Any = numba.njit(nogil=True, error_model="numpy", **options)(function)
    if (folder := place()) is not None:
        before, numba.config.CACHE_DIR = numba.config.CACHE_DIR, str(folder)
        try:
            kernel._cache = cached.Kept(function)
        except (RuntimeError, OSError):  # a place that went away since
            pass
        finally:
            numba.config.CACHE_DIR = before
    return cast(Function, kernel)


def need() -> None:
    """SimulationError, with what to do, where there is no numba to compile with."""
    if not AVAILABLE:
        raise SimulationError(
            f"refused: this needs numba, which cannot be loaded here ({MISSING}). Install it (pip install "
            "numba), or use the default model by itself: simulate, respond and predict run without, slowly."
        )


def versions(*packages: str) -> dict[str, str]:
    """The versions of packages that figures depend on, and that of numba where it compiles them."""
    asked = (*packages, "numba") if AVAILABLE else packages
    return {name: importlib.metadata.version(name) for name in asked}


def threads() -> int:
    """How many threads a compiled step takes; a readable one is one."""
    return int(numba.get_num_threads()) if AVAILABLE else 1


def _refusing(function: Function) -> Function:
    @wraps(function)
    def refuse(*args: object, **named: object) -> None:
        need()

    return cast(Function, refuse)


@lru_cache(maxsize=1)
def place() -> Path | None:
    """The folder of this version's compiled functions; None when no folder will do, or nothing compiles."""
    if not AVAILABLE:
        return None
    name = f"kernels-{_digest()[:16]}"
    for folder in machine.kernel_folders():
        if machine.private(folder / name):
            _prune(folder, name)
            return folder / name
    return None


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
