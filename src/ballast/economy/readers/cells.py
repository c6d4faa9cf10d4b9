"""Cells as numbers: what offices write for a number, and what they write for nothing.

`number` reads one cell; `matrix` a block of them, with a finding for each cell that is neither a number
nor blank. Thousands separators, full-width digits, a Chinese or typographic minus, accounting brackets
and non-breaking spaces are forms of a number; "-", "—", "...", "无" are forms of nothing. "NA", ":" and
the like say that a number is not known: it counts as nothing too, and is told.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np

from ballast.economy.economy import Floats
from ballast.economy.readers.files import Sheet, letters
from ballast.economy.sane import MOST_MONEY
from ballast.errors import Finding
from ballast.text import counted

_NOTHING = {
    "",
    "-",
    "--",
    "—",
    "——",
    "–",
    "…",
    "...",
    "..",
    ":",
    "n/a",
    "#n/a",
    "na",
    "nan",
    "none",
    "null",
    "无",
    "/",
    "x",
}
_UNKNOWN = {
    "n/a",
    "#n/a",
    "na",
    "nan",
    "none",
    "null",
    "x",
    ":",
    "..",
}  # of them: not known, rather than nothing
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
MOST_FINDINGS = 20


def plain(cell: Any) -> str:
    """A cell as text in its simplest form: full-width to half-width, no spaces at the ends, one kind of
    minus.
    """
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    text = unicodedata.normalize("NFKC", str(cell))
    if not text.isprintable():
        text = re.sub(r"[ \t\r\n]*[\t\r\n][ \t\r\n]*", " ", text)  # line ends within a cell
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
    text = plain(cell).casefold()
    if text in _NOTHING:
        return None
    negative = text.startswith("(") and text.endswith(")")
    body = (text[1:-1] if negative else text).replace(" ", "").replace("'", "")
    if _GROUPED.fullmatch(body):
        body = body.replace(",", "")
    if not _NUMBER.fullmatch(body):
        raise ValueError(f"holds {str(cell)[:40]!r}, not a number")
    value = _possible(float(body))
    return -value if negative else value


def _possible(value: float) -> float:
    if abs(value) > MOST_MONEY:
        raise ValueError(f"is {value:g}, more than any amount can be")
    return value


def is_unknown(cell: Any) -> bool:
    """Whether a cell says that its number is not known: NA, n/a, ":"."""
    if isinstance(cell, float):
        return cell != cell
    return isinstance(cell, str) and len(cell) < 12 and plain(cell).casefold() in _UNKNOWN


def unknown(where: str, count: int, first: str) -> list[Finding]:
    """The finding for `count` cells that say so; none for 0."""
    if not count:
        return []
    said = counted(count, "cell says", "cells say")
    what = f"{said} that a number is missing (the first: {first}), which counts as nothing"
    return [Finding("warning", where, what, "Fill in what is known, or leave them")]


def filled(values: Any, where: str) -> tuple[Floats, list[Finding]]:
    """An array of numbers with NaN as nothing; how many there are is told, infinity is an error."""
    out = np.asarray(values, np.float64)
    missing = np.isnan(out)
    found = unknown(where, int(np.count_nonzero(missing)), "NaN") if missing.any() else []
    if (bad := np.abs(out) > MOST_MONEY).any():
        what = f"holds {out[bad][0]:g}, more than any amount can be"
        found.append(Finding("error", where, what, "Write a number"))
    return np.where(missing, 0.0, out) if missing.any() else out, found


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
