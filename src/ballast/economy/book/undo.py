"""Earlier versions of a book, kept in its folder under `undo/1`, `undo/2`, ...: the last one comes back.

save(economy, folder)      write the book as `book.save` does, and keep what it replaces
replace(economy, folder)   the same, where somebody has worked on what is there or the new one is made of it
restore(folder)            bring the last version back, whole or not at all; says which number that was

A version comes and goes in the same placing as the book's files, so neither is ever without the other.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from ballast import machine, placing
from ballast.economy import book
from ballast.economy.economy import Economy
from ballast.economy.facts import OWN
from ballast.errors import BookError

FOLDER = "undo"
_OTHER = "copy the folder to a place where you may write, and undo there"
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")  # not what a person may call a folder: 007, ², 2022-03


def save(economy: Economy, folder: Path, *, beside: Callable[[Path], None] | None = None) -> Path:
    """Write the book into `folder`; `restore` brings back what is there now.

    `beside`: see `book.save`; without it the findings of the import stay, of which the book still is.
    """

    def both(stage: Path) -> None:
        _keep(folder, stage)
        if beside is not None:
            beside(stage)
        elif (folder / book.FINDINGS).is_file():
            _again(folder / book.FINDINGS, stage / book.FINDINGS)

    return book.save(economy, folder, beside=both)


def replace(
    economy: Economy, folder: Path, *, of: str = "", beside: Callable[[Path], None] = lambda stage: None
) -> bool:
    """Write a book that was made anew, `of` another one or of tables; whether what it replaces was kept, as
    somebody had worked on it or as it is the one it was made of.
    """
    with placing.alone(folder, what="The book"):
        kept = (of != "" and book.is_in(of, folder)) or _has_own(folder)
        (save if kept else book.save)(economy, folder, beside=beside)
    return kept


def _has_own(folder: Path) -> bool:
    """Whether the book in `folder` has earlier versions or figures of a desk, or cannot be read to tell."""
    if not (folder / "book.toml").is_file():
        return False
    if (folder / FOLDER).is_dir():
        return True
    try:
        sources = book.load(folder).sources
    except BookError:
        return True
    return any(s.key.startswith(OWN) for s in sources)


def _keep(folder: Path, stage: Path) -> None:
    """The present files of the book in `folder`, if there is one, as a new version in `stage`."""
    if not (files := book.tables_in(folder)):
        return
    target = stage / FOLDER / str(max(_versions(folder), default=0) + 1)
    target.mkdir(parents=True)
    for path in files:
        _again(path, target / path.name)


def restore(folder: Path) -> int:
    """Bring the last version back and forget it."""
    place = placing.Placing(folder, what="The book", other=_OTHER)
    with place as stage:
        versions = [n for n in _versions(folder) if (folder / FOLDER / str(n) / "book.toml").is_file()]
        if not versions:
            raise BookError(f"{folder}: there is nothing to undo; no file was added to this book.")
        last = max(versions)
        old = folder / FOLDER / str(last)
        book.load(old)  # a damaged version is named and stays where it is
        for path in book.tables_in(old):
            _again(path, stage / path.name)
        gone = [p.name for p in book.tables_in(folder) if not (stage / p.name).exists()]
        alone = [p.name for p in (folder / FOLDER).iterdir()] == [str(last)]
        place.remove = [*gone, FOLDER if alone else f"{FOLDER}/{last}"]
    return last


def _again(source: Path, target: Path) -> None:
    """The same file under a second name, so that many earlier versions cost nothing to carry along.

    Of a link what it leads to: the link itself would lead elsewhere from there, or change later.
    """
    if source.is_symlink() or not machine.link(source, target):
        shutil.copy2(source, target)


def _versions(folder: Path) -> list[int]:
    """All numbers that are taken, also by what is no whole version."""
    here = folder / FOLDER
    names = [p.name for p in here.iterdir()] if here.is_dir() else []
    return [int(name) for name in names if _NUMBER.fullmatch(name)]
