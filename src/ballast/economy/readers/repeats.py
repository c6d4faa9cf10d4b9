"""Rows of a long table that say again what an earlier row said: pasted twice, or parts of one flow.

They are added up, as a list of flows asks for; a row pasted again doubles its flow, so each kind is a
warning with its rows and its money. Whether there are any is seen when the rows become a matrix, so a
table without them pays nothing.

repeats   rows whose names are those of an earlier row
synonyms  rows that say it in another word of the same meaning
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import Floats
from ballast.economy.sheets.encoded import EVERY, Lines
from ballast.errors import Finding
from ballast.text import counted, listed

MOST_NAMED = 6  # rows named in a finding; the rest are counted


def repeats(
    where: str,
    columns: Sequence[tuple[NDArray[np.int32], int]],
    value: Floats,
    rows: NDArray[np.intp],
    lines: Lines = EVERY,
) -> list[Finding]:
    """Findings for `rows` whose codes in all `columns` (codes [rows], how many codes) are those of an
    earlier one. `lines` says which rows of the file they are.
    """
    order, first, count = _grouped(columns, rows)
    if len(first) == len(rows):
        return []
    began = np.repeat(first, count)  # [rows, in order] where each group begins
    again = np.arange(len(order)) != began
    same = again & (value[rows[order]] == value[rows[order[began]]])
    found = []
    if same.any():
        whole = _times(count, same, again) if len(rows) == len(value) else 0
        again_rows, first_rows = rows[order[same]], rows[order[began[same]]]
        said = counted(same.sum(), "row says", "rows say")
        what = f"{said} again what an earlier row says, amount and all; all are added up"
        if whole:
            what = f"the whole table stands {whole} times in the file; the rows are added up"
        found.append(_finding(where, again_rows, first_rows, what, value, lines))
    if (other := again & ~same).any():
        named = counted(other.sum(), "row names", "rows name")
        what = f"{named} a flow that an earlier row names, with another amount; they are added up"
        found.append(_finding(where, rows[order[other]], rows[order[began[other]]], what, value, lines))
    return found


def synonyms(
    where: str,
    columns: Sequence[tuple[NDArray[np.int32], int]],
    value: Floats,
    at: int,
    words: Sequence[tuple[int, str]],
    lines: Lines = EVERY,
) -> list[Finding]:
    """A finding where words (code, word) of one meaning, in column number `at`, say the same: rows that but
    for the word are an earlier one, amount and all, half of those of the rarer word or more.
    """
    codes, size = columns[at]
    which = np.full(size, -1, np.int32)
    which[[code for code, _ in words]] = np.arange(len(words))
    word = which[codes]
    rows = np.flatnonzero(word >= 0)
    if len(words) < 2 or not len(rows):
        return []
    order, first, count = _grouped([*columns[:at], *columns[at + 1 :]], rows)
    began = np.repeat(first, count)
    mine, earlier = rows[order], rows[order[began]]
    same = (word[mine] != word[earlier]) & (value[mine] == value[earlier])
    fewest = np.bincount(word[rows], minlength=len(words))
    if not same.any() or 2 * int(same.sum()) < int(fewest[fewest > 0].min()):
        return []
    said = counted(int(same.sum()), "row says", "rows say")
    named = listed([repr(w) for _, w in words], MOST_NAMED)
    what = f"{said} again what earlier rows say in another word ({named}), amount and all; all are added up"
    return [_finding(where, mine[same], earlier[same], what, value, lines)]


def _grouped(
    columns: Sequence[tuple[NDArray[np.int32], int]], rows: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Rows in an order that puts equal ones together, the first of each group, and the sizes."""
    room = 1.0
    for _, size in columns:
        room *= max(size, 1)
    if room < 2**62:
        key = np.zeros(len(rows), np.int64)
        for code, size in columns:
            key = key * max(size, 1) + code[rows]
        order = np.argsort(key, kind="stable")
        new = np.diff(key[order]) != 0
    else:
        order = np.lexsort([code[rows] for code, _ in reversed(columns)])
        new = np.any([np.diff(code[rows][order]) != 0 for code, _ in columns], axis=0)
    first = np.concatenate([[0], np.flatnonzero(new) + 1]).astype(np.intp)
    return order, first, np.diff(np.append(first, len(rows)))


def _times(count: NDArray[np.intp], same: NDArray[np.bool_], again: NDArray[np.bool_]) -> int:
    """How often every row stands in the file, where that is one number and the amounts agree; else 0."""
    alike = bool((count == count[0]).all()) and int(same.sum()) == int(again.sum())
    return int(count[0]) if alike and len(count) > 1 else 0


def _finding(
    where: str,
    again: NDArray[np.intp],
    first: NDArray[np.intp],
    what: str,
    value: Floats,
    lines: Lines,
) -> Finding:
    order = np.argsort(again)[:MOST_NAMED]
    pairs = zip(lines(again[order]), lines(first[order]), strict=True)
    named = listed([f"{row} (as {earlier})" for row, earlier in pairs], MOST_NAMED, of=len(again))
    todo = "Take out what was pasted twice and import again; leave it if they are parts of one flow"
    return Finding("warning", f"{where}, rows {named}", what, todo, float(value[again].sum()))
