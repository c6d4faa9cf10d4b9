"""National input-output tables of the OECD (2021 edition: 45 industries), total use, million USD.

One table a country and year, basic prices, home and foreign goods together; imports are a column of
negative numbers. Read are the file of a country and year ("JPN2018ttl.csv", labels "TTL_01T02") and
the flat one of public packages, all years of a country below one another (columns year, Code,
Description). Every home user is given imports in proportion (`separate_imports`). What residents buy
abroad is imported by definition, what visitors buy at home is exported; taxes on products are a row of
value added.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ballast.arrays import Floats
from ballast.economy import classes
from ballast.economy.economy import Sector
from ballast.economy.names.countries import region
from ballast.economy.readers.table import (
    INVENTORIES,
    Table,
    as_published,
    imports_parted,
    separate_imports,
)
from ballast.economy.sheets.cells import is_unknown, number, plain, unknown
from ballast.economy.sheets.files import frame, locate, year_in
from ballast.economy.sheets.labels import once
from ballast.economy.sheets.stated import heads, rows_of_year
from ballast.errors import BookError, Finding, raise_findings
from ballast.evidence import Grade, Source
from ballast.text import Text, listed

TITLES = {"oecd-iot": Text("national tables of the OECD", "经合组织各国投入产出表")}
OPTIONS = ("year",)
MANY = False

FINAL = {
    "HFCE": ("households", Text("Households", "居民消费")),
    "NPISH": ("npish", Text("Non-profit institutions serving households", "为居民服务的非营利机构消费")),
    "GGFC": ("government", Text("Government", "政府消费")),
    "GFCF": ("investment", Text("Fixed investment", "固定资本形成")),
    "INVNT": INVENTORIES,
}
ABROAD = ("purchases_abroad", Text("Residents' purchases abroad", "居民境外直接购买"))
_TAXES = ("TXS_IMP_FNL", "TXS_INT_FNL")
_ADDED = "VALU"
_INDUSTRY = re.compile(r"[A-Z]?\d{2}(T\d{2})?")
MOST_NAMED = 8
_NEEDED = (*FINAL, "EXPO", "IMPO")
_CHINESE = """
农林牧|渔业|能源采掘|非能源采掘|采掘辅助活动|食品饮料烟草|纺织服装皮革|木材加工|造纸印刷|石油炼焦|化工|医药|橡胶塑料|非金属矿物制品|基本金属
金属制品|计算机电子光学设备|电气设备|机械设备|汽车|其他运输设备|其他制造与维修|电力燃气|供水与环保|建筑|批发零售与汽车维修|陆路与管道运输|水路运输|航空运输
仓储与运输辅助|邮政快递|住宿餐饮|出版与广播影视|电信|信息技术服务|金融保险|房地产|专业与科技服务|行政与支持服务|公共管理与国防|教育|卫生与社会工作
文化体育娱乐|其他服务|家政
"""


def read(path: Path, *, year: int | None = None) -> Table:
    """The table of one country and year in `path`: a file, or a folder with one that fits."""
    span = str(year) if year else ""
    patterns = [f"*{span}*ttl*.csv*", f"*OECD*{span}*.parquet", f"*{span}*.csv*", f"*{span}*.xlsx"]
    file = locate(path, *dict.fromkeys(patterns), what="the country's table, total use")
    data, when = _year(frame(file), file, year)
    labels = [_code(v) for v in data[_label(data, file)]]
    codes = [c for c in dict.fromkeys(_code(c) for c in data.columns) if c in labels and c not in _TAXES]
    codes = [c for c in codes if c not in (_ADDED, "OUTPUT")]
    _refuse(data, labels, codes, file)
    grid, found = _numbers(data, labels, file)
    names = _names(data, labels, codes)
    table = _table(grid, codes, names, _country(file), when, file)
    return replace(table, findings=(*data.attrs.get("findings", ()), *found, *table.findings))


def _code(cell: Any) -> str:
    """A label without the mark of total use: TTL_01T02 is 01T02."""
    return plain(cell).upper().removeprefix("TTL_")


def _year(data: Any, file: Path, year: int | None) -> tuple[Any, int]:
    """The rows of one year, the last if none is said: of a column of years, else of the file's name."""
    rows, when, found = rows_of_year(data, file, year, last=True)
    rows.attrs["findings"] = (*data.attrs.get("findings", ()), *found)
    at = heads(list(rows.columns), file).get("year")
    return rows if at is None else rows.drop(columns=[at]), when or year_in(file)


def _label(data: Any, file: Path) -> Any:
    """The column of row labels: Code, or the first."""
    at = next((c for c in data.columns if str(c).casefold() == "code"), data.columns[0])
    if not any(_code(v) == _ADDED for v in data[at]):
        raise BookError(
            f"{file}: no row {_ADDED} (value added) in column {at}. Give the table of total use."
        )
    return at


def _refuse(data: Any, labels: list[str], codes: list[str], file: Path) -> None:
    columns = {_code(c) for c in data.columns}
    missing = [f"column {c}" for c in _NEEDED if c not in columns]
    missing += [f"row {c}" for c in (*_TAXES, "OUTPUT") if c not in labels]
    rows, across = set(filter(_INDUSTRY.fullmatch, labels)), set(filter(_INDUSTRY.fullmatch, columns))
    missing += [f"column {c}" for c in sorted(rows - across)] + [f"row {c}" for c in sorted(across - rows)]
    if len(codes) < 2:
        missing.append("industries that are a row and a column")
    if missing:
        raise BookError(
            f"{file}: {listed(missing, MOST_NAMED)} missing. Give the country's table of total use, whole."
        )
    once((label, i, str(file)) for i, label in enumerate(labels) if label)


def _numbers(data: Any, labels: list[str], file: Path) -> tuple[Any, list[Finding]]:
    """The numbers by label and column, blanks as nothing; cells that say NA are told."""
    import pandas as pd

    findings: list[Finding] = []
    out: dict[str, Floats] = {}
    missing: list[str] = []
    for name in data.columns:
        if _code(name) in ("CODE", "DESCRIPTION"):
            continue
        cells, column = data[name].tolist(), np.zeros(len(data))
        for i, cell in enumerate(cells):
            try:
                column[i] = number(cell) or 0.0
                if is_unknown(cell):
                    missing.append(f"row {labels[i]}, column {name}")
            except ValueError as error:
                if _code(cell) != labels[i]:
                    place = f"{file}, row {labels[i]}, column {name}"
                    findings.append(Finding("error", place, str(error), "Write a number"))
        out[_code(name)] = column
    raise_findings(findings, BookError, head=f"{file} cannot be used:")
    told = unknown(str(file), len(missing), missing[0]) if missing else []
    return pd.DataFrame(out, index=labels), told


def _names(data: Any, labels: list[str], codes: list[str]) -> list[Text]:
    at = next((c for c in data.columns if str(c).casefold() == "description"), None)
    english = dict(zip(labels, data[at], strict=True)) if at is not None else {}
    chinese = [word for line in _CHINESE.split() for word in line.split("|")]
    known = dict(zip(codes, chinese, strict=True)) if len(codes) == len(chinese) else {}
    return [Text(plain(english.get(c, c)), known.get(c, plain(english.get(c, c)))) for c in codes]


def _country(file: Path) -> str:
    """The ISO code in the file's name."""
    found = [w for w in re.findall(r"(?<![A-Z])([A-Z]{3})(?![A-Z])", file.name) if region(w).aliases]
    if not found:
        raise BookError(
            f"{file}: the name holds no country. Call it by the country's code: JPN2018ttl.csv."
        )
    return str(found[0])


def _table(grid: Any, codes: list[str], names: list[Text], country: str, year: int, file: Path) -> Table:
    def block(rows: list[str], columns: list[str]) -> Floats:
        return np.asarray(grid.loc[rows, columns].to_numpy(np.float64))

    def column(name: str) -> Floats:
        return grid.loc[codes, name].to_numpy(np.float64) if name in grid else np.zeros(len(codes))

    finals = list(FINAL)
    away = column("CONS_ABR")
    imports = -column("IMPO") - away
    output = grid.loc["OUTPUT", codes].to_numpy(np.float64)
    home, home_final, abroad, final_abroad, sold, passed = separate_imports(
        block(codes, codes), block(codes, finals), column("EXPO") + column("CONS_NONRES"),
        np.maximum(imports, 0.0), signed=[finals.index("INVNT")],
    )  # fmt: skip
    source = f"oecd-iot-{country}-{year}"
    history = as_published((source,))
    history += imports_parted(float(imports.sum()), passed, float(output.sum()), (source,))
    place, k = region(country), len(codes)
    return Table(
        file=str(file),
        name=source,
        title=Text(
            f"{place.name.en} {year}, OECD: {k} industries", f"{place.name.zh} {year}，经合组织：{k} 行业"
        ),
        scope=place.name,
        unit="m USD",
        currency="USD",
        year=year,
        regions=(place,),
        sectors=_sectors(codes, names),
        categories=(*FINAL.values(), ABROAD),
        value_added_labels=(
            ("value_added", Text("Value added", "增加值")),
            ("taxes", Text("Taxes less subsidies on products", "产品税减补贴")),
        ),
        node_region=np.zeros(k, np.int32),
        node_sector=np.arange(k, dtype=np.int32),
        flows=home,
        final=np.column_stack([home_final, np.zeros(k)]),
        final_region=np.zeros(len(finals) + 1, np.int32),
        final_category=np.arange(len(finals) + 1, dtype=np.int32),
        imports=abroad,
        final_imports=np.column_stack([final_abroad, away]),
        exports=sold,
        output=output,
        value_added=np.vstack([block([_ADDED], codes), block(list(_TAXES), codes).sum(axis=0)]),
        sources=(_source(source, country, year, file),),
        grades={"national table": Grade.C, "imports by user": Grade.D},
        history=tuple(history),
    )


def _sectors(codes: list[str], names: list[Text]) -> tuple[Sector, ...]:
    """Classes by the words of the names: public packages number the industries 01 to 45, no ISIC."""
    isic = any("T" in c for c in codes)
    return tuple(
        classes.sector(c, n, (classes.of_isic(c) if isic else "") or classes.of_name(n.en))
        for c, n in zip(codes, names, strict=True)
    )


def _source(key: str, country: str, year: int, file: Path) -> Source:
    return Source(
        key,
        f"OECD Input-Output Tables, 2021 edition: {country} {year}, total use",
        "Organisation for Economic Co-operation and Development",
        f"reference year {year}",
        "https://www.oecd.org/en/data/datasets/input-output-tables.html",
        Grade.C,
        f"read in {file.name}",
        "OECD terms and conditions: free use with attribution",
    )
