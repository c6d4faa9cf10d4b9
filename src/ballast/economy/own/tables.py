"""The tables of a sheet: below each other, side by side, each as a sheet with nothing around it.

    tables   the tables that one sheet holds, and what was decided or is unclear about them
    first    the row of the heads of a table

A row below the heads that is heads again begins another table, unless it repeats them (a new page).
Columns that say the same role twice, or that an empty column parts, are two tables where each part says all
that a kind of sheet needs. What cannot be told apart is an error; rows and columns keep their numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any

from ballast.economy.own.roles import SIDE_BY_SIDE, head, kinds
from ballast.economy.sheets.cells import number, plain
from ballast.economy.sheets.files import Sheet, letters
from ballast.errors import Finding

MOST_HEAD = 12  # rows looked at for the heads
LONGEST_HEAD = 80
MOST_TABLES = 50  # on a sheet
MOST_KNOWN = 60  # known heads in a row; all tables side by side have some forty
FOOTNOTE = re.compile(
    r"(?:注|备注|说明|附注|数据来源|资料来源|来源|notes?|sources?)\s*\d*\s*[:.]|\*", re.IGNORECASE
)
_CONTINUED = re.compile(r"续|continued|\(cont", re.IGNORECASE)
_NAMED = ("region", "sector", "product", "from", "to", "indicator", "period", "fuel", "carrier", "mode")
_KEYS = ("region", "sector", "from", "to", "indicator", "fuel")  # that nothing is called in their columns
_BESIDE = ("node", "unit", "grade", "source", "note")  # what any table may say, and says nothing of which
_APART = "Give each table a sheet of its own"
Named = Callable[[str], bool]
Head = Callable[[str], tuple[str, str] | None]


@dataclass(frozen=True, eq=False)
class Tables:
    """The tables of a sheet, and what is to be told about them."""

    sheets: tuple[Sheet, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Said:
    """A known head: its column, role and unit."""

    at: int
    role: str
    unit: str


class _Heads:
    """The heads of rows; each word is looked at once. `named` words are names of the book, and no heads."""

    def __init__(self, named: Named, known: Head) -> None:
        self.named = cache(named)
        self.head = cache(known)

    def of(self, row: Sequence[Any]) -> list[_Said]:
        """The known heads of a row."""
        words = ((at, c) for at, c in enumerate(row) if type(c) is str and len(c) <= LONGEST_HEAD)
        return [_Said(at, *got) for at, cell in words if (got := self.head(cell)) is not None]

    def weight(self, row: Sequence[Any]) -> tuple[int, int]:
        """How many known heads a row has, and how many of them with a unit."""
        said = self.of(row)
        return len(said), sum(s.unit != "" for s in said)

    def again(self, row: Sequence[Any], first: Sequence[_Said]) -> bool:
        """Whether a row below the heads `first` is heads: of a kind of sheet, of two columns of names,
        or of the name that stands above.
        """
        if any(map(_is_amount, row)):  # nearly every row that is none, fast
            return False
        said = [s for s in self.of(row) if not self.named(row[s.at])]
        if not said or sum(cell is not None for cell in row) < 2 or any(map(_is_number, row)):
            return False
        roles = {s.role for s in said}
        same = {(s.at, s.role) for s in said} & {(s.at, s.role) for s in first}
        return bool(kinds(roles)) or len(roles & {*_NAMED}) > 1 or any(r in _KEYS for _, r in same)


def tables(sheet: Sheet, named: Named, known: Head = head) -> Tables:
    """The tables of a sheet in the order in which they stand; the sheet itself where it is one."""
    heads = _Heads(named, known)
    findings: list[Finding] = []
    parts: list[Sheet] = []
    _parts(sheet, heads, findings, parts)
    for part in parts[1:]:
        at = _first(part, heads)
        if at is not None:
            what, todo = "another table begins here and is read by itself", "Nothing to do if it is one"
            findings.append(Finding("note", part.place(at, _left(part.rows[at])), what, todo))
    return Tables(tuple(parts), tuple(findings))


def _parts(sheet: Sheet, heads: _Heads, findings: list[Finding], out: list[Sheet]) -> None:
    """Add the tables of a sheet to `out`, from the top down, and those of a row from left to right."""
    rest: Sheet | None = sheet
    while rest is not None:
        at = _first(rest, heads)
        if at is None:
            out.append(rest)
            return
        said = heads.of(rest.rows[at])
        if len(out) >= MOST_TABLES or len(said) > MOST_KNOWN:
            what = f"the sheet has more than {MOST_TABLES} tables, or {MOST_KNOWN} known heads in a row"
            findings.append(Finding("error", rest.place(at), what, _APART))
            return
        spans = _staggered(rest, heads) or _spans(rest, at, said, findings)
        if len(spans) > 1:
            for left, right in spans:
                _parts(_columns(rest, left, right), heads, findings, out)
            return
        upper, rest = _below(rest, at, heads, findings)
        out.append(upper)


def first(sheet: Sheet, known: Head = head) -> int | None:
    """The row of the heads of a table; None where no row says enough."""
    return _first(sheet, _Heads(lambda word: False, known))


def _first(sheet: Sheet, heads: _Heads) -> int | None:
    """The row of the first heads: of those that stand directly below each other, the one that says most."""
    begin = next((i for i, row in enumerate(sheet.rows) if any(c is not None for c in row)), 0)
    best: int | None = None
    for i, row in enumerate(sheet.rows[begin : begin + MOST_HEAD], begin):
        if _kinds(heads.of(row)):
            if best is None or heads.weight(row) > heads.weight(sheet.rows[best]):
                best = i
        elif best is not None and any(c is not None for c in row):
            break
    return best


# ---- below each other ------------------------------------------------------------------------


def _below(sheet: Sheet, at: int, heads: _Heads, findings: list[Finding]) -> tuple[Sheet, Sheet | None]:
    """The table whose heads are row `at`, without the rows that repeat them, and what lies below it."""
    first, rows = heads.of(sheet.rows[at]), list(sheet.rows)
    fresh = True  # nothing but heads so far
    for r in range(at + 1, len(rows)):
        if not any(c is not None for c in rows[r]):
            continue
        if not heads.again(rows[r], first):
            fresh = False
            continue
        top = _title(rows, r)
        if not _repeats(rows[at], first, rows[r], heads.of(rows[r]), fresh) or any(
            not _CONTINUED.search(_alone(row)) for row in rows[top:r] if any(c is not None for c in row)
        ):
            upper = replace(sheet, rows=rows[:top])
            return upper, replace(sheet, rows=[[] for _ in rows[:top]] + rows[top:])
        what = "repeats the heads and is left out"
        findings.append(Finding("note", sheet.place(r), what, "Nothing to do if the table goes on there"))
        rows[top : r + 1] = [[] for _ in rows[top : r + 1]]
    return replace(sheet, rows=rows), None


def _repeats(
    heads: Sequence[Any], first: Sequence[_Said], row: Sequence[Any], said: Sequence[_Said], fresh: bool
) -> bool:
    """Whether a row is the same heads again, or directly below them the same in another language."""
    if [plain(c) for c in heads if c is not None] == [plain(c) for c in row if c is not None]:
        return True
    units = {s.at: s.unit for s in first}
    return fresh and all(
        (s.at, s.role) in {(f.at, f.role) for f in first} and s.unit in ("", units[s.at]) for s in said
    )


def _title(rows: Sequence[Sequence[Any]], r: int) -> int:
    """The first of the rows of one text, and of empty ones, that stand directly above row `r`."""
    top = r
    while top and (not any(c is not None for c in rows[top - 1]) or _is_title(rows[top - 1])):
        top -= 1
    return top


def _is_title(row: Sequence[Any]) -> bool:
    text = _alone(row)
    return bool(text) and FOOTNOTE.match(text) is None and not _is_number(text)


def _alone(row: Sequence[Any]) -> str:
    """The text of a row that holds no more than one; else ""."""
    cells = [cell for cell in row if cell is not None]
    return plain(cells[0]) if len(cells) == 1 and isinstance(cells[0], str) else ""


# ---- side by side ----------------------------------------------------------------------------


def _staggered(sheet: Sheet, heads: _Heads) -> list[tuple[int, int]]:
    """From and to of the columns of tables between empty columns whose heads stand in different rows."""
    width = max(len(row) for row in sheet.rows)
    filled: set[int] = set()
    for row in sheet.rows:
        filled.update(i for i, cell in enumerate(row) if cell is not None)
        if len(filled) == width:
            return []
    begins = [c for c in sorted(filled) if c - 1 not in filled]
    blocks = list(pairwise([*begins, width]))
    own = [_first(_columns(sheet, left, right), heads) for left, right in blocks]
    standing = [left for (left, _), at in zip(blocks, own, strict=True) if at is not None]
    rows = {at for at in own if at is not None}
    return list(pairwise([0, *standing[1:], width])) if len(rows) > 1 else []


def _spans(sheet: Sheet, at: int, said: list[_Said], findings: list[Finding]) -> list[tuple[int, int]]:
    """From and to of the columns of each table whose heads stand in row `at`; one where they are one."""
    width = max(len(row) for row in sheet.rows)
    out: list[list[_Said]] = []
    for group in _groups(_apart(sheet, at, said)):
        if out and not _says_again(out[-1], group) and _are_one(out[-1], group):
            findings.append(_unclear(sheet, at, group[0].at))
        parts = _cut(group)
        findings += [_unclear(sheet, at, column) for column in _doubts(group, parts)]
        out += parts or [group]
    return list(pairwise([0, *(part[0].at for part in out[1:]), width]))


def _apart(sheet: Sheet, at: int, said: Sequence[_Said]) -> list[list[_Said]]:
    """The heads between empty columns, without lists of names that have nothing beside them."""
    out: list[list[_Said]] = [[]]
    for one, other in zip([None, *said], said, strict=False):
        if one is not None and any(_is_empty(sheet, at, c) for c in range(one.at + 1, other.at)):
            out.append([])
        out[-1].append(other)
    ends = [*(part[0].at for part in out[1:]), max(len(row) for row in sheet.rows)]
    return [
        part
        for part, end in zip(out, ends, strict=True)
        if part is out[0] or not _is_list(sheet, at, part, end)
    ]


def _is_list(sheet: Sheet, at: int, part: Sequence[_Said], end: int) -> bool:
    """Whether the columns of a part up to column `end` hold names and nothing about them."""
    names = {s.at for s in part if s.role in _NAMED}
    return all(c in names or _is_empty(sheet, at, c) for c in range(part[0].at, end))


def _is_empty(sheet: Sheet, at: int, column: int) -> bool:
    return all(column >= len(row) or row[column] is None for row in sheet.rows[at:])


def _groups(parts: Sequence[list[_Said]]) -> list[list[_Said]]:
    """Parts put together until each says all that a kind of sheet needs."""
    out: list[list[_Said]] = []
    for part in parts:
        if out and not (_kinds(out[-1]) and _kinds(part)):
            out[-1] = [*out[-1], *part]
        else:
            out.append(part)
    return out


def _kinds(part: Sequence[_Said]) -> list[str]:
    return kinds({s.role for s in part})


def _cut(part: list[_Said]) -> list[list[_Said]] | None:
    """The tables of columns without a gap: each says what it needs, nothing twice. One where what is said
    twice are names beside each other, or amounts; None where it cannot be told which name is whose.
    """
    if _once(part):
        return [part]
    if (cuts := _clean(part)) is not None:
        return cuts
    return None if next(_twice(part), None) is not None else [part]


def _doubts(group: list[_Said], parts: list[list[_Said]] | None) -> Iterator[int]:
    """Columns without a gap before them at which another table may begin."""
    if parts is None:
        yield next(_twice(group))
        return
    for one, other in pairwise(parts):  # about regions and sectors, and about sectors of which region?
        if _are_one(one, other) and {"region", "sector"} & (
            {s.role for s in one} - {s.role for s in other}
        ):
            yield other[0].at
    may = _clean(group) if len(parts) == 1 else None
    if may is not None and not {k for p in may for k in _kinds(p)} <= {*_kinds(group)}:
        yield may[1][0].at


def _clean(part: list[_Said]) -> list[list[_Said]] | None:
    """The fewest columns to the left that stand by themselves, and so on to the right; None if none do."""
    ways: dict[int, list[list[_Said]]] = {len(part): []}  # from a column on
    for begin in reversed(range(len(part))):
        for end in range(begin + 1, len(part) + 1):
            one = part[begin:end]
            if (
                end in ways
                and (end == len(part) or part[end].role in _NAMED)
                and _kinds(one)
                and _once(one)
            ):
                ways[begin] = [one, *ways[end]]
                break
    return ways.get(0)


def _once(part: Sequence[_Said]) -> bool:
    roles = [s.role for s in part if s.role not in _BESIDE]
    return len(set(roles)) == len(roles)


def _twice(part: Sequence[_Said]) -> Iterator[int]:
    """The columns of names that are said again behind an amount."""
    seen: set[str] = set()
    before: set[str] = set()  # names before the last amount
    for s in part:
        if s.role not in _NAMED and s.role not in _BESIDE:
            before |= seen
        elif s.role in before:
            yield s.at
        seen.add(s.role)


def _says_again(one: Sequence[_Said], other: Sequence[_Said]) -> bool:
    return any(s.role in {o.role for o in one} & {*_NAMED} for s in other)


def _are_one(one: Sequence[_Said], other: Sequence[_Said]) -> bool:
    """Whether two parts may be one table: of kinds that stand side by side about the same nodes."""
    return all(k in SIDE_BY_SIDE for part in (one, other) for k in _kinds(part))


def _unclear(sheet: Sheet, at: int, column: int) -> Finding:
    what = f"a second table may begin at column {letters(column)}: whose names are those of its rows?"
    return Finding("error", sheet.place(at, column), what, _APART)


def _columns(sheet: Sheet, left: int, right: int) -> Sheet:
    rows = [[None] * left + row[left:right] if len(row) > left else [] for row in sheet.rows]
    for row in rows:
        if all(c is None for c in row):
            row.clear()
    return replace(sheet, rows=rows)


def _left(row: Sequence[Any]) -> int:
    return next(i for i, c in enumerate(row) if c is not None)


def _is_amount(cell: Any) -> bool:
    """Whether a cell is plainly a number."""
    return type(cell) is float or type(cell) is int or (type(cell) is str and cell.isdecimal())


def _is_number(cell: Any) -> bool:
    """Whether a cell is a number in whatever form, or a date."""
    try:
        return cell is not None and (not isinstance(cell, str) or number(cell) is not None)
    except ValueError:
        return False
