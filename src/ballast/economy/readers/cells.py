"""Cells as numbers: what offices write for a number, and what they write for nothing.

`number` reads one cell; `matrix` a block of them, with a finding for each cell that is neither a number
nor blank. Thousands separators, full-width digits, a Chinese or typographic minus, accounting brackets
and non-breaking spaces are forms of a number; "-", "—", "...", "n/a", "无" are forms of nothing.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np

from ballast.economy.economy import Floats
from ballast.economy.readers.files import Sheet
from ballast.errors import Finding

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
    "na",
    "nan",
    "none",
    "null",
    "无",
    "/",
    "x",
}
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
        return value
    text = plain(cell).casefold()
    if text in _NOTHING:
        return None
    negative = text.startswith("(") and text.endswith(")")
    body = (text[1:-1] if negative else text).replace(" ", "").replace("'", "")
    if _GROUPED.fullmatch(body):
        body = body.replace(",", "")
    if not _NUMBER.fullmatch(body):
        raise ValueError(f"holds {str(cell)[:40]!r}, not a number")
    value = float(body)
    if math.isinf(value):
        raise ValueError("is too large for a number")
    return -value if negative else value


def matrix(sheet: Sheet, rows: Sequence[int], columns: Sequence[int]) -> tuple[Floats, list[Finding]]:
    """[rows, columns] of a sheet as numbers, blanks as 0; cells that hold something else become
    findings.
    """
    out = np.zeros((len(rows), len(columns)))
    findings: list[Finding] = []
    for i, r in enumerate(rows):
        line = sheet.rows[r]
        for j, c in enumerate(columns):
            cell = line[c] if c < len(line) else None
            if type(cell) is float and cell == cell and abs(cell) != math.inf:  # the common case, fast
                out[i, j] = cell
                continue
            try:
                out[i, j] = number(cell) or 0.0
            except ValueError as error:
                findings.append(
                    Finding("error", sheet.place(r, c), str(error), "Write a number, or leave it empty")
                )
                if len(findings) >= MOST_FINDINGS:
                    return out, findings
    return out, findings
