"""What a desk's sheets say of when: figures of several years, and of parts of a year where a year is meant.

doubts   errors for sheets, titles, heads and columns that say so
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ballast.economy.own.heads import WRITTEN_ON
from ballast.economy.own.parts import rather_part, said_part, years_of
from ballast.economy.own.periods import period_of
from ballast.economy.own.roles import ROLES, head
from ballast.economy.own.sheets import Found
from ballast.economy.own.tables import FOOTNOTE
from ballast.economy.sheets.cells import plain
from ballast.economy.sheets.files import years_in
from ballast.economy.sheets.said import BRACKETS, titles
from ballast.errors import Finding
from ballast.text import listed

MOST_NAMED = 8
_OF_ANY = ("ranges", "classes")  # kinds whose years are what they are about, or that have none
_PART = re.compile(r"(?<![当本上每])月(?:份|度)?$|季度?$|^(?:month|quarter)$")  # heads of parts of a year
_DATED = re.compile(r"^(?:统计|截[止至]|数据|所属)?(?:日期|时间|date|as of)$")
_WHEN = (*ROLES["period"], "年", "年份", "年度", "year", "统计期", "报告期")
_ONE = "Add one year at a time; where both are meant, take the year out of "


def doubts(sheets: Sequence[Found]) -> Iterator[Finding]:
    """What is wrong with the years of a file's tables."""
    dated = [f for f in sheets if f.kind not in _OF_ANY]
    yield from _of_sheets(dated)
    yield from _of_titles(dated)
    for found in dated:
        if found.kind == found.kinds[0]:  # the same rows once
            yield from _of_heads(found)
            yield from _of_rows(found)


def _of_sheets(sheets: Iterable[Found]) -> Iterator[Finding]:
    """An error where the names of sheets say years, and none that is the same for all."""
    said = {f.sheet.name: set(years_in(f.sheet.name)) for f in sheets}
    named = [name for name, years in said.items() if years]
    if named and not set.intersection(*(said[name] for name in named)):
        file = next(f.sheet.file for f in sheets)
        what = f"its sheets are of several years: {listed(named, MOST_NAMED)}"
        yield Finding("error", str(file), what, f"{_ONE}the name of a sheet")


def _of_titles(sheets: Sequence[Found]) -> Iterator[Finding]:
    """Errors where titles over tables of one kind say years, and none that is the same for all; or they, or
    the names of sheets, say different parts of a year.
    """
    years, parts = [], []
    for found in sheets:
        *above, name = titles(found.sheet, found.head)
        dated = [(w, t) for w, t in above if not WRITTEN_ON.search(t) and not FOOTNOTE.match(t)]
        years.append((found.kind, [(w, t, {*map(str, years_in(t))}) for w, t in dated]))
        parts.append((found.kind, [(w, t, {_part(t)} - {""}) for w, t in (*dated, name)]))
    yield from _apart(years, f"{_ONE}a title")
    yield from _apart(
        parts, "Add one period at a time; where both are meant, take them out of titles and names"
    )


def _part(text: str) -> str:
    """The part of a year that a text names, written in one way: 3月 for 03月 and 3 月份."""
    return re.sub(r"\s|^0|份$", "", said_part(text).casefold())


def _apart(said: Iterable[tuple[str, list[tuple[str, str, set[str]]]]], todo: str) -> Iterator[Finding]:
    """An error for the first table of a kind whose texts say no time which those before it say; (where,
    text, times) of the texts of each.
    """
    before: dict[str, tuple[set[str], str]] = {}
    for kind, texts in said:
        timed = [(where, text) for where, text, times in texts if times]
        if not timed:
            continue
        (where, text), mine = timed[0], set.union(*(times for _, _, times in texts))
        same, words = before.get(kind, (mine, text))
        if not same & mine:
            what = f"{text[:40]!r} is over figures of {kind}, and {words[:40]!r} over others"
            yield Finding("error", where, what, todo)
            return
        before[kind] = same & mine, words


def _of_heads(found: Found) -> Iterator[Finding]:
    """An error where columns say the same of several years."""
    said: dict[str, dict[int, str]] = defaultdict(dict)
    for cell in found.sheet.rows[found.head]:
        if isinstance(cell, str) and (got := head(cell)) is not None:
            said[got[0]] |= dict.fromkeys(years_in(plain(cell)), plain(cell))
    for columns in said.values():
        if len(set(columns.values())) > 1:
            what = f"columns of several years: {listed(list(dict.fromkeys(columns.values())), MOST_NAMED)}"
            yield Finding("error", found.sheet.place(found.head), what, "Keep the column of one year")


def _of_rows(found: Found) -> Iterator[Finding]:
    """An error where a column says a part of a year beside amounts of a year, or several years."""
    rows = [row.at for row in found.rows() if not row.footnote]
    for at, cell in enumerate(found.sheet.rows[found.head]):
        word = BRACKETS.sub("", plain(cell)).strip().casefold() if isinstance(cell, str) else ""
        bare = _PART.search(word) is not None
        if not (bare or word in _WHEN or _DATED.search(word)):
            continue
        cells = {r: v for r in rows if (v := _cell(found, r, at)) is not None}
        part = next((r for r, v in cells.items() if found.yearly and _is_part(v, bare=bare)), None)
        if part is None:
            yield from _several(found, at, cells)
            continue
        what = f"says {plain(cells[part])!r}, and the amounts are read as those of a year"
        todo = f"Write the amounts of a year, or take {plain(cell)!r} out if they are"
        yield Finding("error", found.sheet.place(part, at), what, todo)


def _several(found: Found, at: int, cells: Mapping[int, Any]) -> Iterator[Finding]:
    """An error where the cells of a column are of several years."""
    first: dict[int, int] = {}
    for r, value in cells.items():
        for year in [value.year] if isinstance(value, dt.date) else years_of(plain(value)):
            first.setdefault(year, r)
    if len(first) > 1:
        what = f"the rows are of several years: {listed(sorted(first), MOST_NAMED)}"
        yield Finding("error", found.sheet.place(list(first.values())[1], at), what, f"{_ONE}the rows")


def _cell(found: Found, row: int, column: int) -> Any:
    cells = found.sheet.rows[row]
    return cells[column] if column < len(cells) else None


def _is_part(value: Any, *, bare: bool) -> bool:
    """Whether a cell says a month, a quarter or a day; `bare` numbers too, as under a head 月份."""
    if isinstance(value, dt.date):
        return (value.month, value.day) != (12, 31)
    period = period_of(value)
    if period is not None:
        return "-" in period
    return bool(rather_part(plain(value))) or (bare and plain(value).isdigit())
