"""Rows that are wider than their heads: a comma inside a number, or a column that nobody named.

`1,200` without quotes is two cells of a CSV, and what is read is 1. In a workbook a number cannot fall
apart so; there the column has no head, and that is told. A title where the heads should be is named once,
not row by row; `head_row` finds the heads below it for readers that allow one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from ballast.economy.sheets.files import Sheet, letters
from ballast.errors import Finding

MOST_ROWS = 20  # rows named one by one; the rest are counted
_CUT = re.compile(r"\d{1,3}(\.\d*)?")
_UNIT = re.compile(r"\W*[^\W\d]{0,2}(?:单位|單位|units?)\s*[:：]", re.IGNORECASE)
_LEFT = re.compile(r"[+-]?\d{1,3}")


def head_row(sheet: Sheet) -> int:
    """The row of the heads: the first that holds more than a title and the unit beside it (单位：亿元)."""
    filled = [(r, [c for c in row if c is not None]) for r, row in enumerate(sheet.rows[:MOST_ROWS])]
    rows = [(r, cells) for r, cells in filled if len(cells) > 1]
    for (r, cells), (_, below) in pairwise([*rows, (0, [])]):
        if len(below) <= len(cells) or not any(_UNIT.match(str(c)) for c in cells):
            return r
    return 0


def wider(
    sheet: Sheet, head: int, prose: frozenset[int] = frozenset(), *, square: bool = False
) -> Iterator[Finding]:
    """Findings for cells without a head, below row `head`. `prose` are columns of words, in which the
    second half of a cut number would go unseen; in a square the first column needs no head.
    """
    heads = sheet.rows[head] if head < len(sheet.rows) else []
    width = _width(heads)
    bare = {i for i, h in enumerate(heads[:width]) if h is None}
    below = range(head + 1, len(sheet.rows))
    if sheet.name:  # a workbook
        widest = max((len(sheet.rows[r]) for r in below), default=0)
        bare |= set(range(width, widest))
    elif width < 2 and head < (heads_at := head_row(sheet)):
        what = f"holds one cell, as a title does; the heads seem to stand in row {heads_at + 1}"
        yield Finding("error", sheet.place(head), what, "Take the rows above the heads out")
        return
    else:
        yield from _cut(sheet, [r for r in below if _is_wider(sheet.rows[r], width, prose)], width)
    for column in sorted(bare - {0} if square else bare):
        first = next((r for r in below if _cell(sheet, r, column) is not None), None)
        if first is None:
            continue
        if sheet.is_merged(head, column):
            what = f"one head stands over column {letters(column)} and another, and both hold values"
            yield Finding("error", sheet.place(first, column), what, "Give each column a head of its own")
        else:
            what = f"column {letters(column)} has values and no head, and is not read"
            yield Finding("note", sheet.place(first, column), what, "Give it a head if it is to be read")


def cut(sheet: Sheet, head: int, rows: Iterable[int]) -> list[Finding]:
    """Findings for those `rows` of a text that go on beyond the heads; other rows may be remarks."""
    width = _width(sheet.rows[head])
    beyond = [] if sheet.name else [r for r in rows if _width(sheet.rows[r]) > width]
    return list(_cut(sheet, beyond, width))


def _width(cells: Sequence[object]) -> int:
    return max((i + 1 for i, v in enumerate(cells) if v is not None), default=0)


def _cell(sheet: Sheet, row: int, column: int) -> object:
    cells = sheet.rows[row]
    return cells[column] if column < len(cells) else None


def _is_wider(cells: list[object], width: int, prose: frozenset[int]) -> bool:
    """Whether a row goes on beyond the heads, or half a number stands where words belong."""
    if any(v is not None for v in cells[width:]):
        return True
    return any(
        0 < c < len(cells)
        and isinstance(cells[c], str)
        and _CUT.fullmatch(str(cells[c])) is not None
        and _LEFT.fullmatch(str(cells[c - 1])) is not None
        for c in prose
    )


def _cut(sheet: Sheet, rows: list[int], width: int) -> Iterator[Finding]:
    todo = 'Is it a comma inside a number? Put it in quotes ("1,200") or write it without the comma'
    for r in rows[:MOST_ROWS]:
        cells = sheet.rows[r]
        beyond = sum(v is not None for v in cells[width:])
        what = (
            f"has more cells ({width + beyond}) than heads ({width})"
            if beyond
            else "has half a number where words belong"
        )
        yield Finding("error", sheet.place(r), what, todo)
    if len(rows) > MOST_ROWS:
        what = f"{len(rows) - MOST_ROWS:,} more rows have more cells than heads"
        yield Finding("error", sheet.where, what, todo)
