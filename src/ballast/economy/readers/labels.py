"""Codes and names in tables: what cannot be one is an error with its place, before any work is done.

cell_label   a cell as a code; what a spreadsheet made of it is kept visible
whole        a whole number as such, not as 10.0
spaced       a text with its line ends as spaces
faults       empty, with characters nobody sees, too long, a date: errors with rows
totals       rows of totals among the data
look_alikes  names that barely differ: ask, never take them for two (or for one)
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from ballast.economy.sane import BARELY, alike, doubtful, label_fault, remade, shown
from ballast.errors import BookError, Finding

MOST_FINDINGS = 20  # of one kind, of one table
_LINES = re.compile(r"[ \t\r\n]*[\t\r\n][ \t\r\n]*")
_TOTAL = re.compile(
    r"(?<![a-z])(?:sub|grand)?totals?(?![a-z])|(?<![a-z])gross[ _-]+output(?![a-z])"
    r"|(?:合计|总计|小计|总产出|总投入|总需求|总使用|总供给)$|^(?:合计|总产出|总投入|总需求)|^总数$|^(?:insgesamt|ensemble|gesamt|总额|總計|合計|小計)$"
)  # 合计 within a word may be none: 综合计算
_ALL = {
    "world",
    "whole world",
    "all",
    "all regions",
    "全国",
    "全省",
    "全市",
    "全球",
    "世界",
    "全部",
    "全部地区",
}
_Key = TypeVar("_Key", str, tuple[str, str])


def cell_label(cell: Any) -> str:
    """A cell as a code: 10.0 is "10", line ends within are spaces, a date stays to be seen as one."""
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        cell = cell.date()
    return one_line(str(whole(cell)))


def whole(cell: Any) -> Any:
    """Whole numbers as such: a code 10 is "10", not "10.0"."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15 else cell


def spaced(text: str) -> str:
    """Line ends and tabs, with the spaces around them, as one space."""
    return _LINES.sub(" ", text)


def one_line(text: str) -> str:
    """Without line ends and tabs, which sheets put into long names."""
    return spaced(text).strip(" \u00a0\u3000\ufeff\u200b")


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
        elif what := doubtful(label):
            todo = "Nothing to do if the code was written so"
            found.append(Finding("warning", place(i), f"{label!r} {what}", todo))
        if len(found) >= MOST_FINDINGS:
            break
    return found


def once(found: Iterable[tuple[_Key, int, str]]) -> dict[_Key, int]:
    """key -> position, of (key, position, place); a row or column pasted twice is refused."""
    out: dict[_Key, int] = {}
    for key, at, place in found:
        if key in out:
            said = " ".join(filter(None, key)) if isinstance(key, tuple) else key
            raise BookError(f"{place}: {said} stands twice. Take one of the two out.")
        out[key] = at
    return out


def is_total(label: str) -> bool:
    """Whether a name says that it is a sum: "Total output", "中间使用合计", "合　计", "合计（万元）"."""
    text = unicodedata.normalize("NFKC", label).casefold()
    text = re.sub(r"\s*\([^()]*\)\s*$", "", text)  # the unit behind it
    joined = re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", "", text).strip()
    return _TOTAL.search(joined) is not None


def totals(kind: str, where: str, labels: Iterable[str], row: Callable[[str], int]) -> list[Finding]:
    """Totals among the data, which would count twice. "全国" is one beside other regions alone; where it
    is the only region, it is what the table is about.
    """
    every = sorted(set(labels))
    if kind == "region" and len(every) == 1:
        return []
    found = [w for w in every if is_total(w) or (kind == "region" and is_whole(w))]
    todo = "Take the rows of totals out; give it another name if it is none"
    return [
        Finding("error", f"{where}, row {row(w)}", f"{kind} {w!r} is a total among the data", todo)
        for w in found
    ][:MOST_FINDINGS]


def is_whole(region: str) -> bool:
    """Whether a name says all of a country or of the world."""
    return re.sub(r"[\s_]+", " ", unicodedata.normalize("NFKC", region)).strip().casefold() in _ALL


def look_alikes(
    kind: str, where: str, labels: Iterable[str], row: Callable[[str], int] | None = None
) -> list[Finding]:
    """Pairs of one kind that only case, width or spaces keep apart; `row` gives a label's first row."""
    todo = "Write them one way if they are one; give them names that differ if they are two"
    found = []
    for first, other in alike(labels)[:MOST_FINDINGS]:
        at, said = (f", row {row(other)}", f" (row {row(first)})") if row else ("", "")
        what = f"{kind} {other!r} and {first!r}{said} {BARELY}"
        found.append(Finding("error", f"{where}{at}", what, todo))
    return found
