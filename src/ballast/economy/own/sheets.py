"""A desk's own sheets as rows: which sheet says what, and its cells as names, numbers and units.

A sheet is known by its heads, in Chinese or English, with the unit in brackets behind
("用电量（亿千瓦时）"):

    stock       region, sector (of the holder), product (optional: all inputs), days, low, high
    staff       region, sector, staff (unit: people)
    energy      region, sector, carrier and use (unit), or one column a carrier
    corridors   from, to, mode, days, capacity (unit)
    generation  region, fuel, capacity (MW), annual (GWh)
    ranges      indicator, period, region, low, high, growth
    classes     sector, like

Titles above the heads, merged cells, totals among the rows, text numbers and full-width digits are read
for what they are. What cannot be read is a finding with file, sheet, row and column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from ballast.economy.own.heads import asked, unit_hints
from ballast.economy.own.units import CARRIERS, factor, is_unit
from ballast.economy.sane import fault
from ballast.economy.sheets.cells import is_unknown, number, plain
from ballast.economy.sheets.files import SCALED, Sheet
from ballast.economy.sheets.said import unit_lines, units_of
from ballast.economy.sheets.wide import wider
from ballast.errors import Finding

_ROLES = {
    "region": (
        "region",
        "地区",
        "地區",
        "省份",
        "省区市",
        "省（区、市）",
        "省",
        "区域",
        "province",
        "country",
    ),
    "sector": ("sector", "industry", "行业", "行業", "部门", "产业"),
    "product": ("product", "input", "产品", "原材料", "物资", "投入品"),
    "days": (
        "days",
        "stock days",
        "库存天数",
        "可用天数",
        "可支撑天数",
        "库存可支撑天数",
        "库存",
        "天数",
        "days of cover",
        "inventory days",
        "days of stock",
        "运输天数",
        "在途天数",
    ),
    "low": ("low", "low days", "下限", "低", "最低"),
    "high": ("high", "high days", "上限", "高", "最高"),
    "staff": (
        "staff",
        "employees",
        "employment",
        "从业人员",
        "从业人数",
        "职工人数",
        "人数",
        "用工人数",
        "平均用工人数",
        "从业人员期末人数",
        "headcount",
        "persons employed",
    ),
    "carrier": ("carrier", "energy", "能源品种", "能源", "品种"),
    "use": ("use", "consumption", "amount", "用量", "消费量", "使用量"),
    "electricity": ("electricity", "electricity use", "用电量", "电力消费量", "全社会用电量", "电力"),
    "coal": ("coal", "coal use", "用煤量", "耗煤量", "煤炭消费量", "煤炭"),
    "gas": ("gas", "gas use", "natural gas", "用气量", "天然气消费量", "天然气"),
    "oil": ("oil", "oil products", "成品油", "用油量", "油品消费量"),
    "from": ("from", "origin", "起点", "发出地", "起运地", "始发地"),
    "to": ("to", "destination", "终点", "到达地", "目的地"),
    "mode": ("mode", "运输方式", "方式"),
    "capacity": ("capacity", "运力", "能力", "容量", "输电能力", "装机容量", "装机"),
    "unit": ("unit", "单位"),
    "fuel": ("fuel", "燃料", "电源类型", "发电类型", "类型"),
    "annual": ("annual", "generation", "发电量", "年发电量"),
    "indicator": ("indicator", "指标"),
    "period": ("period", "时期", "期间", "月份"),
    "growth": ("growth", "baseline growth", "基准增速", "预期增速"),
    "like": ("like", "class", "同类", "同类部门", "归类"),
    "grade": ("grade", "等级"),
    "source": ("source", "来源", "出处"),
    "note": ("note", "备注", "说明"),
}
_NEEDS: dict[str, tuple[tuple[str, ...], ...]] = {  # of each group one column at least
    "corridors": (("from",), ("to",), ("days", "capacity")),
    "ranges": (("indicator",), ("period",), ("low", "high")),
    "generation": (("region",), ("fuel",), ("capacity", "annual")),
    "classes": (("sector",), ("like",)),
    "energy": (("region", "sector"), ("use", "electricity", "coal", "gas", "oil")),
    "staff": (("region", "sector"), ("staff",)),
    "stock": (("region", "sector", "product"), ("days",)),
}
_USES: dict[str, tuple[str, ...]] = {  # what is read of a sheet; of any, also source and note
    "corridors": ("from", "to", "mode", "days", "capacity", "unit", "grade"),
    "ranges": ("indicator", "period", "region", "low", "high", "growth"),
    "generation": ("region", "fuel", "capacity", "annual", "unit", "grade"),
    "classes": ("sector", "like"),
    "energy": ("region", "sector", "carrier", "use", "unit", "electricity", "coal", "gas", "oil"),
    "staff": ("region", "sector", "staff", "unit"),
    "stock": ("region", "sector", "product", "days", "low", "high", "unit"),
}
KINDS = tuple(_NEEDS)
_SIDE_BY_SIDE = ("energy", "staff", "stock")  # that one sheet may say, each in columns of its own
_NAMES = ("region", "sector", "product", "mode", "carrier", "unit")  # left out, a row would say more
TOTALS = (
    "合计", "总计", "小计", "总数", "共计", "total", "totals", "sum", "subtotal", "grandtotal",
)  # fmt: skip
EVERY = {  # words for all of them, which may also head a total
    "region": ("all", "全国", "全省", "全部", "所有", "全部地区", "所有地区", "allregions"),
    "sector": ("all", "全部", "所有", "全部行业", "所有行业", "allsectors"),
    "product": ("all", "全部", "所有", "全部产品", "所有产品", "allproducts"),
}
_AMOUNTS = ("staff", "use", "electricity", "coal", "gas", "oil", "capacity", "annual")
_TOTALLED = ("region", "sector", "from", "to", "product")
_SKIPPED = ("readme", "说明", "目录", "read me", "contents", "参数", "代码", "codes", "lists")
_FOOTNOTE = re.compile(
    r"(?:注|备注|说明|附注|数据来源|资料来源|来源|notes?|sources?)\s*\d*\s*[:.]|\*", re.IGNORECASE
)
_BRACKETS = re.compile(
    r"[(\[]([^()\[\]]*)[)\]]"
)  # no bracket within: a cell of 100,000 "(" is done at once
TOTAL_GAP = 0.005  # a total that differs from its rows by more is worth a look
MOST_HEAD = 12  # rows looked at for the heads


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

    @cached_property
    def filled(self) -> frozenset[str]:
        """The roles of columns in which any row says something."""
        below = self.sheet.rows[self.head + 1 :]
        return frozenset(
            role for role, c in self.columns.items() if any(_at(row, c.at) is not None for row in below)
        )

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
            yield Row(self, r, {**values, **said}, shared)


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
        return self.found.sheet.place(self.at, None if role is None else self.found.columns[role].at)

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
        own = [u for u in (self.found.columns[role].unit, self._shown(role)) if u]
        titles = self.found.hints if role in _AMOUNTS else ()
        around = [u for u in (self.text("unit"), *self.found.units, *titles) if u]
        fits = [u for u in around if factor(u, known) is not None]
        mine = not own and (role in _AMOUNTS or self.found.kind == "stock")
        return own + (fits or (around if mine else []))

    @property
    def total(self) -> str:
        """The cell that says that the row is a total or subtotal; "" where none does."""
        words = (self.text(r) for r in _TOTALLED if r in self.values)
        return next((w for w in words if is_total(w)), "")

    @property
    def footnote(self) -> str:
        """The one text of a row that is a note below the table; else ""."""
        return text if (text := self._alone) and _FOOTNOTE.match(text) else ""

    @property
    def units_line(self) -> str:
        """The one text of a row that says units, as a line above a second table does; else ""."""
        return (
            text
            if (text := self._alone) and _FOOTNOTE.match(text) is None and units_of(text, is_unit)
            else ""
        )

    @property
    def _alone(self) -> str:
        """The text of a row that holds no more than one; else ""."""
        cells = [cell for cell in self.found.sheet.rows[self.at] if cell is not None]
        return plain(cells[0]) if len(cells) == 1 and isinstance(cells[0], str) else ""

    def every(self, role: str) -> bool:
        """Whether a cell says all of them ("all", 全国)."""
        return _bare(self.text(role)) in EVERY.get(role, ())


def is_total(word: str) -> bool:
    """Whether a name is a word for a total: 合计, 合计（人）:, Sub-total."""
    return _bare(word) in TOTALS


def _bare(word: str) -> str:
    """A name in small letters, without brackets, spaces and signs."""
    return re.sub(r"[\s:\-]", "", _BRACKETS.sub("", plain(word).casefold()))


@dataclass(frozen=True, eq=False)
class Reading:
    """All known sheets of a file, and what was found about the others."""

    sheets: tuple[Found, ...]
    findings: tuple[Finding, ...]


def recognise(every: list[Sheet]) -> Reading:
    """Which sheet says what; sheets that say nothing known are named, with their heads."""
    known: list[Found] = []
    findings: list[Finding] = []
    for sheet in every:
        findings.extend(sheet.findings)
        words = sheet.name.strip().casefold().split() or [""]
        found = _recognised(sheet)
        if not sheet.rows or any(w in _SKIPPED for w in words):
            if found:
                what = f"left out for its name, {sheet.name!r}, though it has the heads of {found[0].kind}"
                findings.append(Finding("note", sheet.where, what, "Name it otherwise if it is to be read"))
            continue
        if not found:
            heads = [
                plain(c) for c in max(sheet.rows[:MOST_HEAD], key=lambda r: sum(c is not None for c in r))
            ]
            shown = ", ".join(h for h in heads if h)[:120]
            findings.append(
                Finding(
                    "error",
                    f"{sheet.file}" + (f", sheet {sheet.name}" if sheet.name else ""),
                    f"no known columns; its heads are: {shown or 'none'}",
                    "Use the heads of `ballast book template`, or name the sheet README to leave it out",
                )
            )
        else:
            known.extend(found)
            findings.extend(_unread(found))
    return Reading(tuple(known), tuple(findings))


def _unread(every: Sequence[Found]) -> Iterator[Finding]:
    """Columns with figures under a head that says nothing known, nothing of use here, or the same again."""
    found, kinds = every[0], [f.kind for f in every]
    uses = {role for kind in kinds for role in _USES[kind]}
    sheet, used = found.sheet, uses | {"source", "note"}
    read = {c.at: role for role, c in found.columns.items() if role in used}
    prose = frozenset(c.at for role, c in found.columns.items() if role in ("source", "note"))
    yield from wider(sheet, found.head, prose)
    strange = [
        at
        for at, cell in enumerate(sheet.rows[found.head])
        if isinstance(cell, str) and head(cell) is None and _has_values(found, at)
    ]
    lacking = [r for r in _NAMES if r in uses and r not in found.columns]
    yield from asked(sheet, found.head, lacking, strange, _ROLES)
    for at, cell in enumerate(sheet.rows[found.head]):
        if cell is None or at in read or not _has_values(found, at):
            continue
        role = (head(cell) or ("",))[0] if isinstance(cell, str) else ""
        where, todo = (
            sheet.place(found.head, at),
            "Take it out, or use the heads of `ballast book template`",
        )
        if role in used:
            what = f"the column {plain(cell)!r} says {role} once more and is not read"
            yield Finding("warning", where, what, todo)
        else:
            what = f"the column {plain(cell)!r} is not read in a sheet of {' and '.join(kinds)}"
            yield Finding("note", where, what, todo)


def _has_values(found: Found, column: int) -> bool:
    """Whether a column holds anything below its head."""
    return any(row[column] is not None for row in found.sheet.rows[found.head + 1 :] if column < len(row))


def _recognised(sheet: Sheet) -> list[Found]:
    """What a sheet says: one kind, or several about the same regions and sectors side by side."""
    best: tuple[int, int, dict[str, Column]] = (0, 0, {})
    for i, row in enumerate(sheet.rows[:MOST_HEAD]):
        columns: dict[str, Column] = {}
        for c, cell in enumerate(row):
            if isinstance(cell, str) and (got := head(cell)):
                columns.setdefault(got[0], Column(c, got[1]))
        if len(columns) > best[0]:
            best = (len(columns), i, columns)
    _, at, columns = best
    kinds = [k for k, groups in _NEEDS.items() if all(any(r in columns for r in group) for group in groups)]
    if len(kinds) > 1 and kinds[0] == "energy" and not {"carrier", *CARRIERS} & columns.keys():
        kinds.remove("energy")  # an amount of what, it does not say
    side = [k for k in kinds if k in _SIDE_BY_SIDE]
    lines, hints = unit_lines(sheet, at, is_unit), unit_hints(sheet, at)
    return [
        Found(k, sheet, at, columns, lines, hints) for k in (side if kinds[:1] == side[:1] else kinds[:1])
    ]


def head(cell: str) -> tuple[str, str] | None:
    """The role and unit of a head: "库存天数 days" -> days; "用电量（亿千瓦时）" -> electricity,
    亿千瓦时.
    """
    text = plain(cell)
    brackets = _BRACKETS.findall(text)
    unit = brackets[-1].strip() if brackets else ""
    bare = _BRACKETS.sub(" ", text).strip()
    if not brackets and "," in bare:
        bare, unit = (p.strip() for p in bare.split(",", 1))
    folded = bare.casefold()
    chinese = "".join(re.findall(r"[\u4e00-\u9fff]+", folded))
    english = " ".join(re.findall(r"[a-z]+", folded))
    for role, words in _ROLES.items():
        if (
            folded in words
            or (chinese and chinese in words)
            or (english and not chinese and english in words)
        ):
            return role, unit
    for role, words in _ROLES.items():  # a bilingual head whose Chinese half we do not know
        if english and english in words:
            return role, unit
    return None
