"""Codes and names in tables: what cannot be one is an error with its place, before any work is done.

cell_label   a cell as a code; what a spreadsheet made of it is kept visible
faults       empty, with characters nobody sees, too long, a date: errors with rows
totals       rows of totals among the data
look_alikes  names that barely differ: ask, never take them for two (or for one)
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from ballast.economy.sane import BARELY, alike, label_fault, remade, shown
from ballast.errors import BookError, Finding

MOST = 20
TOTALS = ("合计", "总计", "小计", "全国", "全省", "总数", "total", "totals", "subtotal", "grandtotal")
_Key = TypeVar("_Key", str, tuple[str, str])


def cell_label(cell: Any) -> str:
    """A cell as a code: 10.0 is "10", line ends within are spaces, a date stays to be seen as one."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        cell = cell.date()
    return one_line(str(cell))


def one_line(text: str) -> str:
    """Without line ends and tabs, which sheets put into long names."""
    return re.sub(r"[ \t\r\n]*[\t\r\n][ \t\r\n]*", " ", text).strip(" \u00a0\u3000\ufeff\u200b")


def faults(labels: Sequence[str], place: Callable[[int], str], *, empty: str = "") -> list[Finding]:
    """What is wrong with each of `labels`; `place(i)` says where label i stands first."""
    found = []
    for i, label in enumerate(labels):
        what = label_fault(label)
        if what and not label.strip():
            found.append(Finding("error", place(i), what, empty or "Fill it, or delete the row"))
        elif what:
            found.append(Finding("error", place(i), f"the name {shown(label)} {what}", "Correct the name"))
        elif what := remade(label):
            todo = "Format the column as text and write the code again"
            found.append(Finding("error", place(i), f"{label!r} {what}", todo))
        if len(found) >= MOST:
            break
    return found


def once(found: Iterable[tuple[_Key, int, str]]) -> dict[_Key, int]:
    """key -> position, of (key, position, place); a row or column pasted twice is refused."""
    out: dict[_Key, int] = {}
    for key, at, place in found:
        if key in out:
            said = " ".join(key) if isinstance(key, tuple) else key
            raise BookError(f"{place}: {said} stands twice. Take one of the two out.")
        out[key] = at
    return out


def totals(kind: str, where: str, labels: Iterable[str], row: Callable[[str], int]) -> list[Finding]:
    """Totals among the data, which would count twice; alone, "全国" is what the table is about."""
    every = set(labels)
    todo = "Take the rows of totals out"
    return [
        Finding("error", f"{where}, row {row(w)}", f"{kind} {w!r} is a total among the data", todo)
        for w in sorted(every)
        if w.casefold().replace(" ", "") in TOTALS and len(every) > 2
    ][:MOST]


def look_alikes(
    kind: str, where: str, labels: Iterable[str], row: Callable[[str], int] | None = None
) -> list[Finding]:
    """Pairs of one kind that only case, width or spaces keep apart; `row` gives a label's first row."""
    todo = "Write them one way if they are one; give them names that differ if they are two"
    found = []
    for first, other in alike(labels)[:MOST]:
        at, said = (f", row {row(other)}", f" (row {row(first)})") if row else ("", "")
        what = f"{kind} {other!r} and {first!r}{said} {BARELY}"
        found.append(Finding("error", f"{where}{at}", what, todo))
    return found
