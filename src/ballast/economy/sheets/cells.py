"""Cells as numbers: what offices write for a number, and what they write for nothing.

`number` reads one cell; `matrix` a block of them, with a finding for each cell that is neither a number
nor blank. Thousands separators, full-width digits, a Chinese or typographic minus, accounting brackets
and non-breaking spaces are forms of a number; "-", "—", "...", "无" are forms of nothing. "NA", ":" and
the like say that a number is not known: it counts as nothing too, and is told. A space or a comma parts
groups of three digits (in India of two before the last three) and nothing else: "7 14", two lines and
the mark of a footnote are no number.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ballast.arrays import Floats
from ballast.economy.sane import MOST_MONEY, NOTHING, UNKNOWN
from ballast.economy.sheets.encoded import lines_of
from ballast.economy.sheets.files import Sheet, letters
from ballast.economy.sheets.labels import MOST_FINDINGS, spaced, whole
from ballast.errors import Finding
from ballast.text import counted

_PLAINEST = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_NUMBER = re.compile(r"[+-]? *(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_GROUPED = re.compile(r"[+-]? *\d{1,3}([ ,'’])\d{3}(\1\d{3})*(\.\d*)?")
_INDIAN = re.compile(r"[+-]? *\d{1,2}(,\d{2})+,\d{3}(\.\d*)?")  # 13,10,000
_NO_DIGITS = str.maketrans("", "", " ,'’")  # what may stand in a number beside its digits
_PLAIN = {float, int, str, type(None)}


def plain(cell: Any) -> str:
    """A cell as text in its simplest form: full-width to half-width, no spaces at the ends, one kind of
    minus.
    """
    if cell is None:
        return ""
    text = unicodedata.normalize("NFKC", str(whole(cell)))
    if not text.isprintable():
        text = spaced(text)
    return text.replace("\u2212", "-").replace("\u2014", "-").replace("\u00a0", " ").strip()


def number(cell: Any) -> float | None:
    """The number a cell holds, None for a blank; ValueError for anything else."""
    if cell is None:
        return None
    if isinstance(cell, bool):
        raise ValueError("is true or false, not a number")
    if isinstance(cell, int | float | np.integer | np.floating):
        value = float(cell)
        if math.isnan(value):
            return None
        if math.isinf(value):
            raise ValueError("is infinite")
        return _possible(value)
    if isinstance(cell, str) and _PLAINEST.fullmatch(cell):
        return _possible(float(cell))  # the common case, fast
    text = plain(cell).casefold()
    if text in NOTHING:
        return None
    negative = text.startswith("(") and text.endswith(")")
    body = text[1:-1].strip() if negative else text
    why = _misread(str(cell))
    if why or not (_NUMBER.fullmatch(body) or _GROUPED.fullmatch(body) or _INDIAN.fullmatch(body)):
        raise ValueError(f"holds {str(cell).strip()[:40]!r}, not a number{why}")
    if negative and body[0] in "+-":
        raise ValueError(f"holds {str(cell)[:40]!r}, a sign inside brackets, which mean one")
    value = _possible(float(body.translate(_NO_DIGITS)))
    return -value if negative else value


def _misread(cell: str) -> str:
    """Why a text is no number although its simplest form looks like one; "" where it is one."""
    if not cell.isprintable() and any(c in cell.strip() for c in "\t\r\n"):
        return ": it has several lines"
    marked = not cell.isascii() and any(map(_is_mark, cell))
    return ": take the mark of a footnote off" if marked else ""


def _is_mark(letter: str) -> bool:
    """Whether a character is ¹, ② or the like, which the simplest form of a text makes a digit of."""
    simplest = unicodedata.normalize("NFKC", letter).strip("().")
    return unicodedata.category(letter) == "No" and simplest.isdigit()


def _possible(value: float) -> float:
    if abs(value) > MOST_MONEY:
        raise ValueError(f"is {value:g}, more than any amount can be")
    return value


def is_unknown(cell: Any) -> bool:
    """Whether a cell says that its number is not known: NA, n/a, ":"."""
    if isinstance(cell, float):
        return cell != cell
    return isinstance(cell, str) and len(cell) < 12 and plain(cell).casefold() in UNKNOWN


def unknown(where: str, count: int, first: str) -> list[Finding]:
    """The finding for `count` cells that say so; none for 0."""
    if not count:
        return []
    said = counted(count, "cell says", "cells say")
    what = f"{said} that a number is missing (the first: {first}), which counts as nothing"
    return [Finding("warning", where, what, "Fill in what is known, or leave them")]


def filled(frame: Any, where: str) -> tuple[Floats, list[Finding]]:
    """[rows, columns] of a frame as numbers with NaN and blanks as nothing, which is told; what is no
    number is an error with its row (of the file, or by its label) and column.
    """

    def place(at: Any) -> str:
        label = frame.index[at[0]]
        row = lines(at[0]) if isinstance(label, int | np.integer) else label
        return f"row {row}, column {frame.columns[at[1]]}"

    lines = lines_of(frame)
    out, found = _floats(frame.to_numpy()), list[Finding]()
    if out is None:
        out = np.zeros(frame.shape)
        for at, value in _each(frame.to_numpy(object)):
            if isinstance(value, ValueError):
                found.append(Finding("error", f"{where}, {place(at)}", str(value), "Write a number"))
                if len(found) >= MOST_FINDINGS:
                    break
            else:
                out[at] = value
    for at in np.argwhere(np.abs(out) > MOST_MONEY)[:MOST_FINDINGS]:
        what = f"is {out[tuple(at)]:g}, more than any amount can be"
        found.append(Finding("error", f"{where}, {place(at)}", what, "Write a number"))
    missing = np.isnan(out)
    if not missing.any():
        return out, found
    found += unknown(where, int(np.count_nonzero(missing)), place(np.argwhere(missing)[0]))
    return np.where(missing, 0.0, out), found


def _floats(cells: Any) -> Floats | None:
    """An array as numbers, blanks as NaN, where every cell says one plainly; None where some do not."""
    if cells.dtype.kind in "fiu":
        return np.asarray(cells, np.float64)
    if cells.dtype.kind != "O" or not set(map(type, cells.ravel("K").tolist())) <= _PLAIN:
        return None
    try:
        return np.asarray(cells.astype(np.float64))
    except ValueError:
        return None


def _each(cells: Any) -> Iterator[tuple[tuple[int, int], float | ValueError]]:
    """Place and number of each cell, NaN for a blank, or what is wrong with it."""
    for i, row in enumerate(cells.tolist()):
        for j, cell in enumerate(row):
            try:
                value = number(cell)
                yield (i, j), math.nan if value is None else value
            except ValueError as error:
                yield (i, j), error


def matrix(sheet: Sheet, rows: Sequence[int], columns: Sequence[int]) -> tuple[Floats, list[Finding]]:
    """[rows, columns] of a sheet as numbers, blanks as 0; cells that hold something else become
    findings, cells that say NA one warning.
    """
    out = np.zeros((len(rows), len(columns)))
    findings: list[Finding] = []
    missing: list[tuple[int, int]] = []
    for i, r in enumerate(rows):
        line = sheet.rows[r]
        for j, c in enumerate(columns):
            cell = line[c] if c < len(line) else None
            if cell is None:
                continue
            if (type(cell) is float or type(cell) is int) and -MOST_MONEY <= cell <= MOST_MONEY:
                out[i, j] = cell  # the common case, fast
                continue
            try:
                value = number(cell)
                out[i, j] = value or 0.0
                if value is None and is_unknown(cell):
                    missing.append((r, c))
            except ValueError as error:
                findings.append(
                    Finding("error", sheet.place(r, c), str(error), "Write a number, or leave it empty")
                )
                if len(findings) >= MOST_FINDINGS:
                    return out, findings
    if missing:
        r, c = missing[0]
        says = f"row {r + 1}, column {letters(c)}, {sheet.rows[r][c]!r}"
        findings += unknown(sheet.where, len(missing), says)
    return out, findings
