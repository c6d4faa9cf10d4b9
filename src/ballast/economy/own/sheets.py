"""A desk's own sheets as rows: which sheet says what, and its cells as names, numbers and units.

A sheet is known by its heads, in Chinese or English, with the unit in brackets behind
("用电量（亿千瓦时）"):

    stock       region, sector (of the holder), product (optional: all inputs), days, low, high; of these
                and the next two a row may name a node instead of region and sector
    staff       region, sector, staff (unit: people)
    energy      region, sector, carrier and use (unit), or one column a carrier
    corridors   from, to, mode, days, capacity (unit)
    generation  region, fuel, capacity (MW), annual (GWh)
    ranges      indicator, period, region, low, high, growth
    classes     sector, like

Titles above the heads, merged cells, totals among the rows, text numbers and full-width digits are read
for what they are; a sheet may hold several tables (`tables`). What cannot be read is a finding with
file, sheet, row and column.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from ballast.arrays import last_digit
from ballast.economy.own.heads import asked, other_measure, part_of_year, unit_hints
from ballast.economy.own.roles import FIRM, NAMES, ROLES, USES, head, head_beside_nodes, is_any_id, kinds
from ballast.economy.own.tables import FOOTNOTE, MOST_HEAD, Head, Named, first, tables
from ballast.economy.sane import fault
from ballast.economy.sheets.cells import is_unknown, number, plain
from ballast.economy.sheets.files import SCALED, Sheet
from ballast.economy.sheets.labels import is_total
from ballast.economy.sheets.said import every, unit_lines, units_of
from ballast.economy.sheets.units import DAYS, MW, factor, is_unit
from ballast.economy.sheets.wide import wider
from ballast.errors import Finding

_AMOUNTS = ("staff", "use", "electricity", "coal", "gas", "oil", "capacity", "annual")
_YEARLY = defaultdict[str, tuple[str, ...]](
    tuple, energy=("use", "electricity", "coal", "gas", "oil"), generation=("annual",)
)
_TOTALLED = ("region", "sector", "node", "from", "to", "product", "fuel")
_SKIPPED = ("readme", "说明", "目录", "read me", "contents", "参数", "代码", "codes", "lists")
TOTAL_GAP = 0.005  # a total that differs from its rows by more is worth a look


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a known role and the unit in its head."""

    at: int
    unit: str


@dataclass(frozen=True, eq=False)
class Found:
    """A sheet of one kind: where its heads are and what its columns say."""

    kind: str
    sheet: Sheet
    head: int
    columns: dict[str, Column]
    units: tuple[str, ...] = ()  # of a line above the heads
    hints: tuple[str, ...] = ()  # words of titles that may be units
    kinds: tuple[str, ...] = ()  # all that the same rows say
    about: Mapping[str, str] = field(default_factory=dict)  # codes that titles say for all rows

    @property
    def yearly(self) -> bool:
        """Whether its amounts are those of a year; the capacity of power lines is of any moment."""
        tonnes = self.kind == "corridors" and "capacity" in self.columns
        return any(role in self.columns for role in _YEARLY[self.kind]) or (
            tonnes and factor(self.columns["capacity"].unit, MW) is None
        )

    @cached_property
    def filled(self) -> Mapping[str, int]:
        """The roles of columns in which any row says something, and the first row that does."""
        rows = self.sheet.rows
        below = range(self.head + 1, len(rows))
        firsts = {
            r: next((i for i in below if _at(rows[i], c.at) is not None), None)
            for r, c in self.columns.items()
        }
        return {role: i for role, i in firsts.items() if i is not None}

    def rows(self) -> Iterator[Row]:
        """The rows below the heads that hold anything. A cell merged with one above says what that says,
        but for amounts: one of several rows is none of each.
        """
        rows = self.sheet.rows
        down = {role: self.sheet.merged_down(c.at) for role, c in self.columns.items()}
        for r in range(self.head + 1, len(rows)):
            values = {role: _at(rows[r], c.at) for role, c in self.columns.items()}
            if all(v is None for v in values.values()):
                continue
            merged = {role: top for role in values if (top := down[role].get(r)) is not None}
            shared = {role: top for role, top in merged.items() if role in _AMOUNTS}
            said = {
                role: _at(rows[top], self.columns[role].at)
                for role, top in merged.items()
                if role not in shared
            }
            yield Row(self, r, {**values, **said, **self.about}, shared)


def _at(cells: Sequence[Any], column: int) -> Any:
    return cells[column] if column < len(cells) else None


@dataclass(frozen=True, eq=False)
class Row:
    """One row of a known sheet."""

    found: Found
    at: int
    values: dict[str, Any]
    shared: Mapping[str, int] = field(default_factory=dict)  # amounts merged with one above, and its row

    def place(self, role: str | None = None) -> str:
        column = self.found.columns.get(role or "")  # none where a title says it
        return self.found.sheet.place(self.at, None if column is None else column.at)

    def head_place(self, role: str) -> str:
        """Where the head of a column is."""
        return self.found.sheet.place(self.found.head, self.found.columns[role].at)

    def text(self, role: str) -> str:
        """A cell as text, "" where it is empty or the sheet has no such column."""
        return self._texts.get(role, "")

    @cached_property
    def _texts(self) -> dict[str, str]:
        return {role: plain(value) for role, value in self.values.items()}

    def number(self, role: str, findings: list[Finding]) -> float | None:
        """A cell as a number; what is neither a number nor empty becomes a finding."""
        if role not in self.values:
            return None
        if role in self.shared:
            what = f"is merged with row {self.shared[role] + 1}: one amount of several rows"
            todo = "Write the amount of each row, or keep one row for all of them"
            findings.append(Finding("error", self.place(role), what, todo))
            return None
        if self._is_percent(role):
            shown = f"{100 * float(self.values[role]):g}%"
            findings.append(
                Finding("error", self.place(role), f"is shown as {shown}", "Write it in the column's unit")
            )
            return None
        if self._shown(role) == SCALED and self.values[role] is not None:
            what, todo = (
                "is shown in thousands or millions by its format",
                "Write what is meant and show all of it",
            )
            findings.append(Finding("error", self.place(role), what, todo))
            return None
        if is_unknown(self.values[role]):
            what = f"says {plain(self.values[role])!r}: not known, and left out"
            findings.append(Finding("note", self.place(role), what, "Nothing to do"))
        try:
            return number(self.values[role])
        except ValueError as error:
            findings.append(
                Finding("error", self.place(role), str(error), "Write a number, or leave it empty")
            )
            return None

    def digit(self, role: str) -> float:
        """What one in the last digit of a cell that holds a number is, as it is written: 0.01 of 10.26."""
        decimals = self.text(role).partition(".")[2].rstrip(" )%")
        return last_digit(np.array([number(self.values[role])], np.float64), len(decimals))

    def percent(self, role: str, findings: list[Finding]) -> tuple[float | None, bool]:
        """A cell in percent, and whether it says so itself: shown as 5% (the cell holds 0.05) or
        written "5%". 0.05 alone may be meant as 5%.
        """
        value = self.values.get(role)
        if self._is_percent(role):
            return round(100 * float(str(value)), 10), True
        text = plain(value)
        if not isinstance(value, str) or not text.endswith("%"):
            return self.number(role, findings), False
        bare = replace(self, values={**self.values, role: text[:-1].strip()})
        return bare.number(role, findings), True

    def _shown(self, role: str) -> str:
        """What the format of a cell shows behind its number."""
        column = self.found.columns.get(role)
        return "" if column is None else self.found.sheet.units.get((self.at, column.at), "")

    def _is_percent(self, role: str) -> bool:
        """Whether a cell is a number that the sheet shows in percent."""
        column, value = self.found.columns.get(role), self.values.get(role)
        number_ = isinstance(value, int | float) and not isinstance(value, bool)
        return number_ and column is not None and (self.at, column.at) in self.found.sheet.percent

    def faults(self) -> Iterator[tuple[str, str]]:
        """(role, what) of texts that cannot be printed or stored."""
        for role, value in self.values.items():
            if isinstance(value, str) and (what := fault(plain(value), prose=role in ("source", "note"))):
                yield role, what

    def units(self, role: str, known: Mapping[str, float]) -> list[str]:
        """Every unit that is said of a cell: behind its head and in its format; in the row's unit column
        and in a line above, which may be about other columns, one of `known`. Where nothing else is said,
        and days are not meant, they are about this column whatever they say.
        """
        own = [u for u in (self.found.columns[role].unit, self._shown(role)) if u and u != SCALED]
        titles = self.found.hints if role in _AMOUNTS else ()
        around = [u for u in (self.text("unit"), *self.found.units, *titles) if u]
        fits = [u for u in around if factor(u, known) is not None]
        mine = not own and (role in _AMOUNTS or self.found.kind == "stock")
        return own + (fits or (around if mine else []))

    def own_unit(self, role: str) -> bool:
        """Whether a row says a unit of its own, in its format or in a column of units."""
        return bool(self._shown(role) or self.text("unit"))

    @property
    def total(self) -> str:
        """The cell that says that the row is a total or subtotal; "" where none does."""
        words = (self.text(r) for r in _TOTALLED if r in self.values)
        whole = self.text("fuel") if self.every("fuel") else ""  # no power station is of every fuel
        return next((w for w in words if is_total(w)), whole)

    @property
    def footnote(self) -> str:
        """The one text of a row that is a note below the table; else ""."""
        return text if (text := self._alone) and FOOTNOTE.match(text) else ""

    @property
    def units_line(self) -> str:
        """The one text of a row that says units, as a line above a second table does; else ""."""
        return (
            text
            if (text := self._alone) and FOOTNOTE.match(text) is None and units_of(text, is_unit)
            else ""
        )

    @property
    def _alone(self) -> str:
        """The text of a row that holds no more than one; else ""."""
        cells = [cell for cell in self.found.sheet.rows[self.at] if cell is not None]
        return plain(cells[0]) if len(cells) == 1 and isinstance(cells[0], str) else ""

    def every(self, role: str) -> bool:
        """Whether a cell says all of them ("all", 全国)."""
        return every(role, self.text(role))


@dataclass(frozen=True, eq=False)
class Reading:
    """All known sheets of a file, and what was found about the others."""

    sheets: tuple[Found, ...]
    findings: tuple[Finding, ...]


def recognise(
    every: list[Sheet], named: Named = lambda word: False, is_node: Named | None = None
) -> Reading:
    """Which sheet says what; sheets that say nothing known are named, with their heads. A word that is
    `named`, a name of the book, is no head of a second table. `is_node` knows the nodes of a book where
    they have ids or names.
    """
    read = head_beside_nodes if is_node is None else head
    known: list[Found] = []
    findings: list[Finding] = []
    for sheet in every:
        findings.extend(sheet.findings)
        words = sheet.name.strip().casefold().split() or [""]
        if not sheet.rows or any(w in _SKIPPED for w in words):
            if found := _recognised(sheet, read, is_node):
                what = f"left out for its name, {sheet.name!r}, though it has the heads of {found[0].kind}"
                findings.append(Finding("note", sheet.where, what, "Name it otherwise if it is to be read"))
            continue
        parts = tables(sheet, named, read)
        findings.extend(parts.findings)
        for part in parts.sheets:
            if found := _recognised(part, read, is_node):
                known.extend(found)
                findings.extend(_unread(found, read))
                at, roles = found[0].head, [k for f in found for k in f.columns]
                findings.extend(part_of_year(part, at) if any(f.yearly for f in found) else ())
                findings.extend(other_measure(part, at, found[0].kind, roles))
            else:
                findings.append(_unknown(part, len(parts.sheets) > 1, read))
    return Reading(tuple(known), tuple(findings))


def _unknown(sheet: Sheet, one_of_several: bool, read: Head) -> Finding:
    """The error for a table whose heads suffice for no kind of sheet: those that are not understood."""
    begin = next((i for i, row in enumerate(sheet.rows) if any(c is not None for c in row)), 0)
    top = sheet.rows[begin : begin + MOST_HEAD]
    texts = [[plain(c) for c in row if isinstance(c, str)] for row in top]
    heads = max(texts, key=lambda row: (sum(read(c) is not None for c in row), len(row)), default=[])
    known = [h for h in heads if read(h) is not None]
    strange = [h for h in heads if h not in known]
    where, todo = sheet.where, "or name the sheet README to leave it out"
    if one_of_several:
        where, todo = sheet.place(begin), "or put the table on a sheet called README to leave it out"
    what = f"no known columns; its heads are: {_shown(heads)}"
    if known and strange:
        what = f"heads that are not understood: {_shown(strange)}; {_shown(known)} alone say too little"
    elif known:
        what = f"{_shown(known)} alone say too little: no column has a known figure"
    return Finding("error", where, what, f"Use the heads of `ballast book template`, {todo}")


def _shown(heads: Sequence[str]) -> str:
    return ", ".join(h for h in heads if h)[:120] or "none"


def _unread(every: Sequence[Found], read_head: Head) -> Iterator[Finding]:
    """Columns with figures under a head that says nothing known, nothing of use here, or the same again."""
    found, kinds = every[0], [f.kind for f in every]
    uses = {role for kind in kinds for role in USES[kind]}
    sheet, used = found.sheet, uses | {"source", "note"}
    read = {c.at: role for role, c in found.columns.items() if role in used}
    prose = frozenset(c.at for role, c in found.columns.items() if role in ("source", "note"))
    yield from wider(sheet, found.head, prose)
    strange = [
        at
        for at, cell in enumerate(sheet.rows[found.head])
        if isinstance(cell, str) and read_head(cell) is None and _has_values(found, at)
    ]
    lacking = [r for r in NAMES if r in uses and r not in found.columns]
    if read_head is head_beside_nodes:
        lacking = [r for r in lacking if r != "node"]
    yield from asked(sheet, found.head, lacking, strange, {**ROLES, "node": FIRM})
    for at, cell in enumerate(sheet.rows[found.head]):
        if cell is None or at in read or not _has_values(found, at):
            continue
        role = (read_head(cell) or ("",))[0] if isinstance(cell, str) else ""
        where, todo = (
            sheet.place(found.head, at),
            "Take it out, or use the heads of `ballast book template`",
        )
        if role in used and role in found.columns:
            what = f"the column {plain(cell)!r} says {role} once more and is not read"
            yield Finding("warning", where, what, todo)
        else:
            what = f"the column {plain(cell)!r} is not read in a sheet of {' and '.join(kinds)}"
            yield Finding("note", where, what, todo)


def _has_values(found: Found, column: int) -> bool:
    """Whether a column holds anything below its head."""
    return any(row[column] is not None for row in found.sheet.rows[found.head + 1 :] if column < len(row))


def _is_time(unit: str) -> bool:
    return not unit or factor(unit, DAYS) is not None


def _recognised(sheet: Sheet, read: Head, is_node: Named | None) -> list[Found]:
    """What a table says: one kind, or several about the same regions and sectors side by side."""
    if (at := first(sheet, read)) is None:
        return []
    columns: dict[str, Column] = {}
    nodes = [] if is_node is None else _node_columns(sheet, at, is_node)
    if nodes:
        columns["node"] = Column(nodes[0], "")
    for c, cell in enumerate(sheet.rows[at]):
        if isinstance(cell, str) and (got := read(cell)) and got[0] != "node":
            role, new = got[0], Column(c, got[1])
            if role == "days" and role in columns and _is_time(new.unit) > _is_time(columns[role].unit):
                columns[role] = new  # stock in tonnes stands beside what it is in days
            columns.setdefault(role, new)
    lines, hints = unit_lines(sheet, at, is_unit), unit_hints(sheet, at)
    said = tuple(kinds(columns))
    return [Found(k, sheet, at, columns, lines, hints, said) for k in said]


def _node_columns(sheet: Sheet, top: int, is_node: Named) -> list[int]:
    """The columns that may name nodes, the one with most of them first. A head with a unit counts firms;
    codes may be those of sectors, so one cell at least must be a node.
    """
    found = []
    for at, cell in enumerate(sheet.rows[top]):
        if not isinstance(cell, str) or head(cell) != ("node", ""):
            continue
        words = [plain(row[at]) for row in sheet.rows[top + 1 :] if at < len(row) and row[at] is not None]
        count = sum(map(is_node, words))
        if count or not is_any_id(cell):
            found.append((-count, at))
    return [at for _, at in sorted(found)]
