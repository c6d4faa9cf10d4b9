"""Earlier versions of a book, kept in its folder under `undo/1`, `undo/2`, ...: the last one comes back.

keep(folder)      put the book's present tables aside
restore(folder)   bring the last ones back, whole or not at all; says which number that was
"""

from __future__ import annotations

import shutil
from pathlib import Path

from ballast.economy import book
from ballast.errors import BookError, OutputError

FOLDER = "undo"


def keep(folder: Path) -> int:
    """Put the present book.toml and tables aside; the number of the version."""
    number = max(_versions(folder), default=0) + 1
    target = folder / FOLDER / str(number)
    try:
        target.mkdir(parents=True)
        for path in _ours(folder):
            shutil.copy2(path, target / path.name)
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        raise OutputError(f"{target}: cannot be written ({error.strerror}). Nothing was changed.") from None
    return number


def restore(folder: Path) -> int:
    """Bring the last version back and forget it."""
    versions = _versions(folder)
    if not versions:
        raise BookError(f"{folder}: there is nothing to undo; no file was added to this book.")
    last = max(versions)
    before = book.load(folder / FOLDER / str(last))
    book.save(before, folder)
    shutil.rmtree(folder / FOLDER / str(last))
    if len(versions) == 1:
        (folder / FOLDER).rmdir()
    return last


def forget(folder: Path, number: int) -> None:
    """Take one version away: what it was kept for did not happen."""
    shutil.rmtree(folder / FOLDER / str(number), ignore_errors=True)


def _versions(folder: Path) -> list[int]:
    here = folder / FOLDER
    return [int(p.name) for p in here.iterdir() if p.name.isdigit()] if here.is_dir() else []


def _ours(folder: Path) -> list[Path]:
    return [p for p in sorted(folder.iterdir()) if p.name == "book.toml" or p.suffix == ".parquet"]
