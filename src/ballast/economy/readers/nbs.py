"""China's national input-output tables as the National Bureau of Statistics lays them out.

Both forms are read from CSV or Excel with the bureau's codes in one row and one column:

    non-competitive   a column that says Domestic, Imports or TOT for each row; imports are known by user
    competitive       one column IM; every home user is given imports in proportion (`separate_imports`)

Rows VA001 labour, VA002 net taxes, VA003 depreciation, VA004 surplus; columns FU101 rural and FU102 urban
households, FU103 government, FU201 fixed capital, FU202 inventories, EX, IM, ERR, GO. Where a table
gives all consumption in one column (TC), that is one category. Unit: 10,000 CNY at producer prices, or what
a line above the codes says (单位：亿元).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import sparse

from ballast.arrays import Floats
from ballast.economy import classes
from ballast.economy.economy import Region, Sector
from ballast.economy.readers.table import (
    DISCREPANCY,
    INVENTORIES,
    Table,
    as_published,
    imports_parted,
    separate_imports,
)
from ballast.economy.sheets.cells import matrix, plain
from ballast.economy.sheets.files import Sheet, locate, sheets, year_in
from ballast.economy.sheets.labels import once
from ballast.economy.sheets.said import Unit, money_above
from ballast.economy.sheets.wide import cut
from ballast.errors import BookError, Finding, raise_findings
from ballast.evidence import Grade, Operation, Source
from ballast.text import Text

TITLES = {"nbs": Text("China, national tables (NBS)", "中国全国投入产出表（国家统计局）")}
OPTIONS = ("year",)
MANY = False
PUBLISHED_IN = Unit("10k CNY", "CNY")

VALUE_ADDED = {
    "VA001": ("labour", Text("Compensation of employees", "劳动者报酬")),
    "VA002": ("net_taxes", Text("Net taxes on production", "生产税净额")),
    "VA003": ("depreciation", Text("Depreciation of fixed capital", "固定资产折旧")),
    "VA004": ("surplus", Text("Operating surplus", "营业盈余")),
}
FINAL = {
    "FU101": ("rural", Text("Rural households", "农村居民消费")),
    "FU102": ("urban", Text("Urban households", "城镇居民消费")),
    "FU103": ("government", Text("Government", "政府消费")),
    "TC": ("consumption", Text("Consumption of households and government", "居民和政府消费")),
    "FU201": ("investment", Text("Fixed investment", "固定资本形成")),
    "FU202": INVENTORIES,
}
_KNOWN = {
    *VALUE_ADDED,
    *FINAL,
    "TII",
    "TVA",
    "TI",
    "TIU",
    "THC",
    "GCF",
    "TFU",
    "EX",
    "IM",
    "ERR",
    "GO",
    "OF",
    "IF",
}


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the codes of a sheet are: code -> column, (origin, code) -> row, and the names of the
    sectors.
    """

    sheet: Sheet
    columns: dict[str, int]
    rows: dict[tuple[str, str], int]
    names: dict[str, Text]
    money: Unit = PUBLISHED_IN

    @property
    def codes(self) -> list[str]:
        """The sectors, in the order of the columns."""
        return [c for c in self.columns if c.isdigit()]

    def block(self, origin: str, rows: list[str], columns: list[str]) -> tuple[Floats, list[Finding]]:
        """Numbers of rows by columns; a row or column that the table lacks is zero."""
        r = [self.rows[origin, c] for c in rows if (origin, c) in self.rows]
        c = [self.columns[x] for x in columns if x in self.columns]
        values, findings = matrix(self.sheet, r, c)
        out = np.zeros((len(rows), len(columns)))
        at_r = [i for i, x in enumerate(rows) if (origin, x) in self.rows]
        at_c = [i for i, x in enumerate(columns) if x in self.columns]
        out[np.ix_(at_r, at_c)] = values
        return out, findings


def read(path: Path, *, year: int | None = None) -> Table:
    """The table in `path` (a file, or a folder with the one of `year`)."""
    file = locate(
        path, f"*{year or ''}*.csv*", f"*{year or ''}*.xlsx", what="the table's CSV or Excel file"
    )
    layout = layout_of(file)
    when = year or year_in(file)
    competitive = not any(origin for origin, _ in layout.rows)
    return (_competitive if competitive else _non_competitive)(layout, when)


def layout_of(file: Path) -> Layout:
    """The sheet with the bureau's codes; BookError says what is missing."""
    best: tuple[int, Sheet, int] | None = None
    for sheet in sheets(file):
        for i, row in enumerate(sheet.rows[:40]):
            hits = sum(plain(v) in _KNOWN for v in row)
            if hits >= 4 and (best is None or hits > best[0]):
                best = (hits, sheet, i)
    if best is None:
        raise BookError(
            f"{file}: no row with the codes of the bureau (TIU, FU201, EX, GO ...) in the first 40. "
            "Give the table with its code row and code column."
        )
    _, sheet, head = best
    columns = once(
        (code, c, sheet.place(head, c)) for c, v in enumerate(sheet.rows[head]) if (code := _code(v))
    )
    at = _code_column(sheet, head)
    labels = [c for c in range(len(sheet.rows[head])) if c not in columns.values() and c != at]
    origin_at = next((c for c in labels if _says_origin(sheet, head, c)), None)
    coded = [
        (r, row, code)
        for r, row in enumerate(sheet.rows)
        if r > head and (code := _code(row[at] if at < len(row) else None))
    ]
    rows = once(
        (("" if origin_at is None else plain(row[origin_at]), code), r, sheet.place(r, at))
        for r, row, code in coded
    )
    names: dict[str, Text] = {}
    for _, row, code in coded:
        names.setdefault(code, _name([row[c] for c in labels if c != origin_at and c < len(row)], code))
    money, told = money_above(sheet, head, PUBLISHED_IN)
    sheet = replace(sheet, findings=(*sheet.findings, *told))
    layout = Layout(sheet, columns, rows, names, money)
    found = [*sheet.findings, *cut(sheet, head, rows.values()), *_missing(layout)]
    raise_findings(found, BookError, head=f"{file} cannot be used:")
    return layout


def _code(cell: object) -> str:
    """A sector's digits, padded to a common look, or one of the bureau's codes; "" for other words."""
    text = plain(cell)
    if re.fullmatch(r"\d{1,3}", text):
        return text.zfill(2)
    return text if text in _KNOWN else ""


def _code_column(sheet: Sheet, head: int) -> int:
    width = max(map(len, sheet.rows[head:]), default=0)
    below = sheet.rows[head + 1 :]
    hits = [
        sum(
            plain(row[c]) in ("TII", "TVA", "TI", "VA001", "VA002", "VA003", "VA004")
            for row in below
            if c < len(row)
        )
        for c in range(min(width, 6))
    ]
    return int(np.argmax(hits)) if hits else 0


def _says_origin(sheet: Sheet, head: int, column: int) -> bool:
    words = {plain(row[column]) for row in sheet.rows[head + 1 :] if column < len(row)}
    return {"Domestic", "Imports"} <= words


def _name(cells: list[object], code: str) -> Text:
    words = [plain(c) for c in cells if isinstance(c, str) and plain(c)]
    zh = next((w for w in words if re.search(r"[\u4e00-\u9fff]", w)), "")
    en = next((w for w in words if not re.search(r"[\u4e00-\u9fff]", w)), "")
    return Text(en or zh or code, zh or en or code)


def _missing(layout: Layout) -> list[Finding]:
    found, file = [], str(layout.sheet.file)
    codes = layout.codes
    origins = {o for o, _ in layout.rows}
    home = "Domestic" if "Domestic" in origins else ""
    if len(codes) < 2:
        found.append(
            Finding("error", file, "has no columns with sector codes (01, 02 ...)", "Keep the code row")
        )
    for code in codes:
        if (home, code) not in layout.rows:
            found.append(
                Finding("error", file, f"sector {code} has a column but no row", "Give the whole table")
            )
    for code in [c for o, c in layout.rows if o == home and c.isdigit() and c not in layout.columns]:
        found.append(
            Finding("error", file, f"sector {code} has a row but no column", "Give the whole table")
        )
    for code in ("GO", "EX", "FU201"):
        if code not in layout.columns:
            found.append(Finding("error", file, f"column {code} is missing", "Give the whole table"))
    if not any(c in VALUE_ADDED for _, c in layout.rows):
        found.append(Finding("error", file, "rows VA001 to VA004 are missing", "Give the whole table"))
    return found


def final_columns(layout: Layout) -> list[str]:
    """Columns of final use: the three of consumption where the table has them, else their sum."""
    parts: list[str] = [c for c in ("FU101", "FU102", "FU103") if c in layout.columns]
    if not parts and "TC" in layout.columns:
        parts = ["TC"]
    return [*parts, *(c for c in ("FU201", "FU202") if c in layout.columns)]


def sectors_of(layout: Layout) -> tuple[tuple[Sector, ...], list[Finding]]:
    """The sectors; those of the 42-sector tables are their own class, others are proposed from their
    names.
    """
    names = layout.names
    if set(layout.codes) == classes.CLASSES.keys() and _is_the_list_of_2017(names):
        return tuple(classes.sector(c, names[c], c) for c in layout.codes), []
    out = [
        classes.sector(c, names[c], classes.of_name(names[c].en) or classes.of_name(names[c].zh))
        for c in layout.codes
    ]
    return tuple(out), classes.findings(out, str(layout.sheet.file))


def _is_the_list_of_2017(names: dict[str, Text]) -> bool:
    """Whether 42 sectors are those of the tables since 2017; the lists before put other sectors under
    22 to 36.
    """
    return all(classes.of_name(names[c].en) in ("", c) for c in ("23", "24", "27", "28", "32"))


def _source(layout: Layout, year: int, competitive: bool) -> Source:
    kind = "competitive" if competitive else "non-competitive"
    return Source(
        f"nbs-io-{year}",
        f"Input-output table of China {year}, {len(layout.codes)} sectors, {kind}",
        "National Bureau of Statistics of China",
        f"reference year {year}",
        "https://www.stats.gov.cn",
        Grade.B,
        f"read in {layout.sheet.file.name}",
        "none stated",
    )


def _table(layout: Layout, year: int, found: list[Finding], competitive: bool, **blocks: object) -> Table:
    count = len(layout.codes)
    sectors, findings = sectors_of(layout)
    columns = final_columns(layout)
    source = _source(layout, year, competitive)
    names = [FINAL[c] for c in columns]
    return Table(
        file=str(layout.sheet.file),
        name=f"china-{year}-{count}",
        title=Text(f"China {year}, {count} sectors", f"中国 {year}，{count} 部门"),
        unit=layout.money.unit,
        currency=layout.money.currency,
        year=year,
        regions=(Region("CN", Text("China", "中国"), aliases=("CHN",)),),
        sectors=sectors,
        value_added_labels=tuple(VALUE_ADDED.values()),
        node_region=np.zeros(count, np.int32),
        node_sector=np.arange(count, dtype=np.int32),
        signed=(INVENTORIES[0], DISCREPANCY[0]),
        sources=(source,),
        grades={"all published figures": Grade.B},
        findings=(*found, *findings),
        **_with_final(names, blocks),  # type: ignore[arg-type]
    )


def _with_final(names: list[tuple[str, Text]], blocks: dict[str, object]) -> dict[str, object]:
    f = len(names)
    return {
        "categories": tuple(names),
        "final_region": np.zeros(f, np.int32),
        "final_category": np.arange(f, dtype=np.int32),
        **blocks,
    }


def _non_competitive(layout: Layout, year: int) -> Table:
    codes, columns = layout.codes, final_columns(layout)
    parts = {
        "flows": layout.block("Domestic", codes, codes),
        "final": layout.block("Domestic", codes, columns),
        "exports": layout.block("Domestic", codes, ["EX"]),
        "output": layout.block("Domestic", codes, ["GO"]),
        "imports": layout.block("Imports", codes, codes),
        "final_imports": layout.block("Imports", codes, columns),
        "value_added": layout.block("TOT", list(VALUE_ADDED), codes),
        "passed": layout.block("Imports", codes, ["EX"]),
    }
    found = [*layout.sheet.findings, *(f for _, found in parts.values() for f in found)]
    raise_findings(found, BookError, head=f"{layout.sheet.file}:")
    values = {name: v for name, (v, _) in parts.items()}
    passed = float(values.pop("passed").sum())
    values |= {name: values[name][:, 0] for name in ("exports", "output")}
    source = f"nbs-io-{year}"
    steps = as_published((source,))
    if passed > 0:
        text = Text("imports sent on abroad are outside the book", "进口后再出口不入账")
        steps.append(Operation("final", text, passed / float(values["output"].sum()), (source,)))
    return _table(layout, year, found, False, history=tuple(steps), **values)


def _competitive(layout: Layout, year: int) -> Table:
    codes, columns = layout.codes, final_columns(layout)
    wanted = ["EX", "IM", "ERR", "GO"]
    parts = {
        "use": layout.block("", codes, codes),
        "final": layout.block("", codes, columns),
        "tail": layout.block("", codes, wanted),
        "value_added": layout.block("", list(VALUE_ADDED), codes),
    }
    found = [*layout.sheet.findings, *(f for _, found in parts.values() for f in found)]
    raise_findings(found, BookError, head=f"{layout.sheet.file}:")
    use, final, tail, added = (v for v, _ in parts.values())
    exports, imports, error, output = tail.T
    imports = -imports if imports.sum() < 0 else imports  # some years print what is subtracted with a minus
    home, home_final, abroad, final_abroad, sold, passed = separate_imports(
        use, final, exports, imports, signed=[i for i, c in enumerate(columns) if c == "FU202"]
    )
    source = (f"nbs-io-{year}",)
    steps = as_published(source)
    steps += imports_parted(float(imports.sum()), passed, float(output.sum()), source)
    table = _table(
        layout, year, found, True, history=tuple(steps), flows=home, final=home_final, imports=abroad,
        final_imports=final_abroad, exports=sold, output=output, value_added=added,
    )  # fmt: skip
    return _with_error_column(table, error)


def _with_error_column(table: Table, error: Floats) -> Table:
    """The table's own error column is a discrepancy that the bureau published: it keeps its place."""
    if not np.any(error):
        return table
    return replace(
        table,
        categories=(*table.categories, DISCREPANCY),
        final=sparse.hstack([table.final, sparse.csc_array(error[:, None])]),
        final_imports=sparse.hstack([table.final_imports, sparse.csc_array((len(table.sectors), 1))]),
        final_region=np.append(table.final_region, 0),
        final_category=np.append(table.final_category, len(table.categories)),
    )
