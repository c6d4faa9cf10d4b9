"""The world input-output tables of WIOD, releases 2013 (35 industries) and 2016 (56), million USD.

Two layouts: the official sheet (a row of countries over a row of column numbers, the same in two
columns, then the totals and value added below), in .xlsx or .xlsb; and the flat one of public packages,
one column a pair ("AUS.c1"), final use f1..f5, output GO. Without rows of value added, value added is
output less all inputs, taxes and transport margins included.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ballast.arrays import Floats
from ballast.economy import classes
from ballast.economy.economy import Sector
from ballast.economy.names.countries import region
from ballast.economy.readers.table import INVENTORIES, Table, as_published
from ballast.economy.sheets.cells import filled, matrix, plain
from ballast.economy.sheets.files import Sheet, frame, kind_of, locate, sheets, year_in
from ballast.economy.sheets.labels import once
from ballast.errors import BookError, Finding, raise_findings
from ballast.evidence import Grade, Operation, Source
from ballast.text import Text, barred, listed

TITLES = {
    "wiod-2013": Text("World tables, WIOD release 2013", "世界投入产出表，WIOD 2013版"),
    "wiod-2016": Text("World tables, WIOD release 2016", "世界投入产出表，WIOD 2016版"),
}
OPTIONS = ("year",)
MANY = True
MOST_NAMED = 5

CATEGORIES = (
    ("households", Text("Households", "居民消费")),
    ("npish", Text("Non-profit institutions serving households", "为居民服务的非营利机构消费")),
    ("government", Text("Government", "政府消费")),
    ("investment", Text("Fixed investment", "固定资本形成")),
    INVENTORIES,
)
_VALUE_ADDED = ("value_added", Text("Value added", "增加值"))
_MARGINS = ("taxes_and_margins", Text("Taxes on products and transport margins", "产品税与运输费用"))
_MARGIN_ROWS = re.compile(
    r"taxes less subsidies|\btxsp\b|international transport|\bint+m\b|\bexp_adj\b|cif/ ?fob"
    r"|purchases .* (abroad|territory)|\bpurr\b|\bpurnr\b"
)
_NAMES_2013 = """
Agriculture, hunting, forestry and fishing|农林牧渔
Mining and quarrying|采矿
Food, beverages and tobacco|食品饮料烟草
Textiles|纺织服装
Leather and footwear|皮革鞋类
Wood and products of wood and cork|木材加工
Pulp, paper, printing and publishing|造纸印刷出版
Coke, refined petroleum and nuclear fuel|石油炼焦与核燃料
Chemicals|化工
Rubber and plastics|橡胶塑料
Other non-metallic mineral|非金属矿物制品
Basic metals and fabricated metal|金属及金属制品
Machinery, n.e.c.|机械设备
Electrical and optical equipment|电气电子与光学设备
Transport equipment|交通运输设备
Manufacturing, n.e.c.; recycling|其他制造与回收
Electricity, gas and water supply|电力燃气供水
Construction|建筑
Sale and repair of motor vehicles; retail sale of fuel|汽车销售维修与燃料零售
Wholesale trade|批发
Retail trade; repair of household goods|零售与家用品维修
Hotels and restaurants|住宿餐饮
Inland transport|陆路运输
Water transport|水路运输
Air transport|航空运输
Other transport activities; travel agencies|其他运输活动与旅行社
Post and telecommunications|邮政电信
Financial intermediation|金融
Real estate activities|房地产
Renting and other business activities|租赁与商务
Public administration and defence|公共管理与国防
Education|教育
Health and social work|卫生与社会工作
Other community, social and personal services|其他社会与居民服务
Private households with employed persons|家政
"""
_INDUSTRIES = {"wiod-2013": 35, "wiod-2016": 56}


def read(path: Path, *, source: str, year: int | None = None) -> Table:
    """The world table in `path`: a file, or a folder with the one of `year`."""
    span = str(year) if year else ""
    short = span[2:] if span else ""
    patterns = [f"*{span}*.parquet", f"*{span}*.csv*", f"*{span}*.xls[xb]", f"wiot{short}*.xlsx"]
    file = locate(path, *dict.fromkeys(patterns), what="the table's Parquet, CSV or Excel file")
    parts = (
        _flat(file, source) if kind_of(file) in ("parquet", "csv", "csv.gz") else _official(file, source)
    )
    return _table(parts, source, year or year_in(file), file)


@dataclass(frozen=True, eq=False)
class _Parts:
    """What either layout holds: countries, industries by code, and the blocks in their order."""

    countries: list[str]
    industries: list[tuple[str, str]]  # code, name
    flows: Floats  # [N, N]
    final: Floats  # [N, 5 R]
    output: Floats
    added: Floats | None = None
    margins: Floats | None = None
    findings: tuple[Finding, ...] = ()


# ---- the flat layout -------------------------------------------------------------------------


def _flat(file: Path, source: str) -> _Parts:
    data = frame(file)
    count = _INDUSTRIES[source]
    labels = [str(v) for v in data.iloc[:, 0]]
    bad = [v for v in labels if not re.fullmatch(r"[A-Za-z0-9]+\.[cr]\d+", v)]
    if bad or "GO" not in data.columns:
        what = f"row {bad[0]!r} is no pair like AUS.c1" if bad else "column GO (output) is missing"
        raise BookError(f"{file}: {what}. Give the flat table, or the official Excel file of {source}.")
    countries = list(dict.fromkeys(v.split(".")[0] for v in labels))
    wanted = [f"{r}.c{i}" for r in countries for i in range(1, count + 1)]
    finals = [f"{r}.f{i}" for r in countries for i in range(1, 6)]
    missing = [c for c in (*wanted, *finals) if c not in data.columns]
    if sorted(v.replace(".r", ".c") for v in labels) != sorted(wanted) or missing:
        rows = Counter(v.replace(".r", ".c") for v in labels)
        wrong = {
            "missing rows": [w for w in wanted if w not in rows],
            "rows that stand twice": [v for v, times in rows.items() if times > 1],
            "rows of no such industry": sorted(rows.keys() - set(wanted)),
            "missing columns": missing,
        }
        said = "; ".join(f"{what}: {listed(words, MOST_NAMED)}" for what, words in wrong.items() if words)
        raise BookError(
            f"{file}: {len(labels)} rows and {len(data.columns) - 1} columns do not fit {len(countries)} "
            f"countries of {count} industries ({source}); {said}. Give the whole table."
        )
    data = data.set_index(data.columns[0])
    data.index = [v.replace(".r", ".c") for v in labels]
    data = data.loc[wanted]
    values, found = filled(data[[*wanted, *finals, "GO"]], str(file))
    raise_findings(found, BookError, head=f"{file} cannot be used:")
    n = len(wanted)
    names = barred(_NAMES_2013)
    industries = [
        (f"c{i + 1}", names[i][0] if source == "wiod-2013" else f"c{i + 1}") for i in range(count)
    ]
    return _Parts(
        countries, industries, values[:, :n], values[:, n:-1], values[:, -1], findings=tuple(found)
    )


# ---- the official sheet ----------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Places:
    """Where the official sheet has what: (country, "c1") -> column, (country, "r1") -> row."""

    head: int  # the row of column numbers
    columns: dict[tuple[str, str], int]
    rows: dict[tuple[str, str], int]
    countries: list[str]
    total: int  # the column of output


def _official(file: Path, source: str) -> _Parts:
    sheet = max(sheets(file), key=lambda s: len(s.rows))
    count = _INDUSTRIES[source]
    finals = _final_numbers(source, count)
    at = _places(sheet, count, finals)
    numbers = range(1, count + 1)
    rows = [at.rows[r, f"r{i}"] for r in at.countries for i in numbers]
    columns = [at.columns[r, f"c{i}"] for r in at.countries for i in numbers]
    flows, bad = matrix(sheet, rows, columns)
    final, bad_final = matrix(sheet, rows, [at.columns[r, f"c{i}"] for r in at.countries for i in finals])
    output, bad_output = matrix(sheet, rows, [at.total])
    found = [*sheet.findings, *bad, *bad_final, *bad_output]
    raise_findings(found, BookError, head=f"{file} cannot be used:")
    added, margins, below = _below(sheet, columns, at.head)
    raise_findings(below, BookError, head=f"{file} cannot be used:")
    industries = _industries(sheet, at, count, source)
    return _Parts(at.countries, industries, flows, final, output[:, 0], added, margins, (*found, *below))


def _places(sheet: Sheet, count: int, finals: tuple[int, ...]) -> _Places:
    """The rows and columns of an official sheet; BookError names every one that is missing."""
    file = sheet.file
    head = next((i for i, row in enumerate(sheet.rows[:12]) if _counts(row) >= 20), None)
    if head is None or head == 0:
        raise BookError(
            f"{file}: no row of column numbers (c1, c2 ...) in the first 12. Give the official sheet."
        )
    over = sheet.rows[head - 1]
    columns = once(
        ((plain(over[c]), plain(v)), c, sheet.place(head, c))
        for c, v in enumerate(sheet.rows[head])
        if c < len(over) and re.fullmatch(r"c\d+", plain(v))
    )
    labelled = (
        c
        for c in range(1, 8)
        if sum(bool(re.fullmatch(r"r\d+", plain(r[c]))) for r in sheet.rows[head:] if c < len(r)) > 20
    )
    at = next(labelled, None)
    if at is None:
        raise BookError(
            f"{file}: no column of row numbers (r1, r2 ...) in B to H. Give the official sheet."
        )
    rows = once(
        ((plain(row[at - 1]), plain(row[at])), i, sheet.place(i, at))
        for i, row in enumerate(sheet.rows)
        if i > head and at < len(row) and re.fullmatch(r"r\d+", plain(row[at]))
    )
    countries = list(dict.fromkeys(r for r, c in columns if _index(c) <= count))
    numbers = range(1, count + 1)
    lacking = [f"{r} r{i}" for r in countries for i in numbers if (r, f"r{i}") not in rows]
    lacking += [f"{r} c{i}" for r in countries for i in (*numbers, *finals) if (r, f"c{i}") not in columns]
    total = next((c for (r, _), c in columns.items() if r.upper() in ("TOT", "TOTAL")), None)
    if total is None:
        lacking.append("the column TOT (output)")
    if lacking or total is None:
        raise BookError(
            f"{file}: {len(lacking)} labels are missing ({', '.join(lacking[:6])}). Give the whole sheet."
        )
    return _Places(head, columns, rows, countries, total)


def _industries(sheet: Sheet, at: _Places, count: int, source: str) -> list[tuple[str, str]]:
    """Code and name of each industry, from the rows above the countries."""
    names = sheet.rows[at.head - 2]
    codes = sheet.rows[at.head - 3] if at.head >= 3 else names
    columns = [at.columns[at.countries[0], f"c{i}"] for i in range(1, count + 1)]
    if source == "wiod-2013":
        return [(f"c{i}", plain(names[c])) for i, c in enumerate(columns, 1)]
    return [(plain(codes[c]) or f"c{i}", plain(names[c])) for i, c in enumerate(columns, 1)]


def _counts(row: list[Any]) -> int:
    return sum(bool(re.fullmatch(r"c\d+", plain(v))) for v in row)


def _index(column: str) -> int:
    return int(column[1:])


def _final_numbers(source: str, count: int) -> tuple[int, ...]:
    """Numbers of the five final columns: 37, 38, 39, 41, 42 in 2013; 57 to 61 in 2016."""
    return (37, 38, 39, 41, 42) if source == "wiod-2013" else tuple(range(count + 1, count + 6))


def _below(
    sheet: Sheet, columns: list[int], head: int
) -> tuple[Floats | None, Floats | None, list[Finding]]:
    """Value added, and taxes and margins, from the rows below the table, and what was found there."""
    named = {
        i: " ".join(plain(v) for v in row[:4]).casefold() for i, row in enumerate(sheet.rows) if i > head
    }
    added = [i for i, text in named.items() if re.search(r"\bva\b|value added at basic", text)]
    margins = [i for i, text in named.items() if _MARGIN_ROWS.search(text)]
    if len(added) != 1:
        return None, None, []
    (value, bad), (margin, bad_margin) = (matrix(sheet, rows, columns) for rows in (added, margins))
    return value[0], margin.sum(axis=0), [*bad, *bad_margin]


# ---- the table -------------------------------------------------------------------------------


def _table(p: _Parts, source: str, year: int, file: Path) -> Table:
    r, k = len(p.countries), len(p.industries)
    key = f"{source}-{year}"
    release = source[-4:]
    history = as_published((key,))
    if p.added is None:
        rows = (p.output - p.flows.sum(axis=0))[None]
        labels: tuple[tuple[str, Text], ...] = (_VALUE_ADDED,)
        text = Text(
            "value added is output less all inputs, taxes and margins included: the file has no rows of it",
            "增加值为总产出减全部投入，含税与运输费用（文件无增加值行）",
        )
        history.append(Operation("nodes", text, None, (key,)))
    else:
        assert p.margins is not None
        rows = np.array([p.added, p.margins])
        labels = (_VALUE_ADDED, _MARGINS)
    return Table(
        file=str(file),
        name=key,
        title=Text(
            f"World {year}, WIOD {release}: {r} countries, {k} industries",
            f"世界 {year}，WIOD {release}：{r} 国、{k} 行业",
        ),
        scope=Text("the world", "全世界"),
        unit="m USD",
        currency="USD",
        year=year,
        regions=tuple(region(c) for c in p.countries),
        sectors=_sectors(p.industries, source),
        categories=CATEGORIES,
        value_added_labels=labels,
        node_region=np.repeat(np.arange(r), k),
        node_sector=np.tile(np.arange(k), r),
        flows=p.flows,
        final=p.final,
        final_region=np.repeat(np.arange(r), len(CATEGORIES)),
        final_category=np.tile(np.arange(len(CATEGORIES)), r),
        exports=np.zeros(r * k),
        output=p.output,
        value_added=rows,
        sources=(_source(key, year, release, file),),
        grades={"world table": Grade.C},
        history=tuple(history),
        findings=(*p.findings, *_rounding(p, file)),
    )


def _sectors(industries: list[tuple[str, str]], source: str) -> tuple[Sector, ...]:
    if source == "wiod-2013":
        names = [Text(*row) for row in barred(_NAMES_2013)]
        codes = [f"c{i + 1}" for i in range(len(names))]
        return tuple(
            classes.sector(code, name, classes.of_wiod13(code))
            for code, name in zip(codes, names, strict=True)
        )
    return tuple(classes.sector(code, Text(name, name), classes.of_isic(code)) for code, name in industries)


def _rounding(p: _Parts, file: Path) -> tuple[Finding, ...]:
    cells = p.flows[p.flows != 0]
    if not len(cells) or np.any(cells != np.round(cells)):
        return ()
    what = "every cell is a whole number: the copy is rounded, and rows miss output by the rounding"
    return (Finding("note", str(file), what, "Nothing to do; the original has decimals"),)


def _source(key: str, year: int, release: str, file: Path) -> Source:
    return Source(
        key,
        f"World Input-Output Table {year}, release {release} (Timmer et al. 2015)",
        "World Input-Output Database, University of Groningen",
        f"reference year {year}",
        "https://www.rug.nl/ggdc/valuechain/wiod/",
        Grade.C,
        f"read in {file.name}",
        "free with citation of Timmer, Dietzenbacher, Los, Stehrer and de Vries (2015)",
    )
