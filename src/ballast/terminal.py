"""The one way to a terminal: `say` prints lines of which none can do anything but be read.

say(lines)           cleans each line, folds it to the terminal's width, prints
tell(lines)          the same on standard error, where nothing that fails is an error
say_json(text)       one JSON document
whole()              standard streams that are closed get a place where nothing is kept
settle()             what a stream cannot take any more is dropped before Python ends
language()           "zh" for a Chinese locale, else "en"
width(stream)        columns of the terminal, None where there is none (a file, a pipe)
wrap(text, columns)  one line folded; a Chinese character takes two columns and may end a line
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from typing import Literal, TextIO

from ballast import safe

LEAST = 20  # columns; below, folding makes nothing easier to read
_CLOSING = "，。；：、）》」』”’！？,.;:)!?%"
# a wide character with what must not begin a line, spaces, or a run that stays whole (a path can be copied)
_PIECES = re.compile(rf"[\u2e80-\uffef][{_CLOSING}]*|\s+|[^\s\u2e80-\uffef]+[，。；：、）》」』！？]*")


def width(stream: TextIO) -> int | None:
    """Columns of the terminal behind a stream; COLUMNS wins. None for a file or a pipe: no folding."""
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError, AttributeError):
        columns = 0
    told = os.environ.get("COLUMNS", "")
    # Python's readline leaves 80 to every child where there is no terminal: of a pipe that says nothing
    if told.isdecimal() and int(told) and (columns or int(told) != 80):
        columns = int(told)
    return max(LEAST, columns) if columns else None


def language() -> Literal["en", "zh"]:
    """Chinese for a Chinese locale, English otherwise."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def interactive(stream: TextIO) -> bool:
    """Whether a person may be looking at a stream."""
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def whole() -> None:
    """Give the standard streams that are closed (daemons, cron) a place where nothing is kept.

    Else the next file that is opened takes the number, and what a library prints lands in it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            made = os.open(os.devnull, os.O_RDWR)
            if made != number:
                os.dup2(made, number)
                os.close(made)
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False))


def settle() -> None:
    """Drop what is left for streams that take nothing any more: Python's own end would fail at it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def say(lines: Iterable[str], stream: TextIO | None = None, *, fold: bool = True) -> None:
    """Print lines, on standard output unless told otherwise. A break inside a line is shown, not made.

    Without `fold` a line stays one line however narrow the terminal is: a program reads it.
    """
    to = sys.stdout if stream is None else stream
    columns = width(to) if fold else None
    cleaned = [safe.line(text) for text in lines]
    folded = cleaned if columns is None else [part for text in cleaned for part in wrap(text, columns)]
    print("\n".join(folded), file=to, flush=True)


def tell(lines: Iterable[str]) -> None:
    """Print lines on standard error. Whoever has closed it keeps no work from being done."""
    with suppress(OSError, ValueError):
        say(lines, sys.stderr)


def say_json(text: str) -> None:
    """Print JSON made by `safe.json_text`, on standard output."""
    print(text, flush=True)


def columns_of(text: str) -> int:
    """Columns that a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text
    )


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most `columns`; what follows the first stands two columns further in.

    A run without a space, such as a path or an address, is never broken and may stand out.
    """
    if columns_of(text) <= columns:
        return [text]
    start = len(text) - len(text.lstrip())
    indent = " " * min(start + 2, columns // 2)
    lines, used = [text[:start]], start
    for piece in _PIECES.findall(text[start:]):
        size = columns_of(piece)
        if used + size > columns and lines[-1].strip():
            lines[-1] = lines[-1].rstrip()
            lines.append(indent)
            used = len(indent)
            if piece.isspace():
                continue
        elif piece.isspace() and not lines[-1].strip():
            continue
        lines[-1] += piece
        used += size
    return [kept for kept in lines if kept.strip()] or [""]
