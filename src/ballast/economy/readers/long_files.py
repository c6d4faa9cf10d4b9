"""The file of a long table, in CSV, Excel or Parquet, as its list of flows.

Parquet and CSV are read by Arrow: thirty million rows fit into 6 GB. A sheet is read whole.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballast import machine, sizes
from ballast.economy.readers.flows import ROLES, Flows, alike, doubts
from ballast.economy.readers.meant import meant
from ballast.economy.sane import shown
from ballast.economy.sheets.encoded import EVERY, Lines, encoded
from ballast.economy.sheets.files import (
    SCALED,
    FirstLine,
    Sheet,
    empty_rows,
    first_line,
    first_with_rows,
    gb_note,
    kind_of,
    swollen,
    years_in,
)
from ballast.economy.sheets.labels import MOST_FINDINGS, cell_label
from ballast.economy.sheets.stated import (
    FLOWS,
    Stated,
    head_key,
    heads,
    said_in_head,
    same_unit,
    settle,
    unit_in_head,
    units_within,
    unlike_name,
    unread,
)
from ballast.economy.sheets.units import PERCENT, is_unit
from ballast.economy.sheets.values import values_of
from ballast.economy.sheets.words import FROM, REGION, SECTOR, TO, chinese
from ballast.errors import BookError, Finding, nearest, raise_findings
from ballast.text import counted, listed
from ballast.units import Money

_FROM = ("来源", "流出", "供应", "卖方", "输出", "源", *chinese(FROM))
_TO = ("去向", "流入", "使用", "买方", "输入", "需求", "目标", *chinese(TO))
_REGION, _SECTOR = (*chinese(REGION), "地"), (*chinese(SECTOR), "产品部门")


def _both(ends: tuple[str, ...], kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Chinese heads: 来源地区, 流出部门."""
    return tuple(end + kind for end in ends for kind in kinds)


_HEADS = {
    "from_region": (
        *("from_region", "origin_region", "seller_region", "region_from"),
        *_both(_FROM, _REGION),
    ),
    "from_sector": (
        *("from_sector", "origin_sector", "seller_sector", "sector_from"),
        *_both(_FROM, _SECTOR),
    ),
    "to_region": (
        *("to_region", "destination_region", "buyer_region", "region_to"),
        *_both(_TO, _REGION),
    ),
    "to_sector": (
        *("to_sector", "destination_sector", "buyer_sector", "sector_to", "final"),
        *_both(_TO, _SECTOR),
    ),
    "value": FLOWS,
}
_IN_CHINESE = {
    "from_region": "来源地区",
    "from_sector": "来源部门",
    "to_region": "去向地区",
    "to_sector": "去向部门",
    "value": "金额",
}
_PIVOT = "put each of its amounts into a row of its own, with its head beside it."
_SYMBOLS = {
    "$": frozenset(["USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN", "CLP", "COP", "ARS"]),
    **dict.fromkeys(("¥", "￥"), frozenset(["CNY", "JPY"])),
}
MOST_NAMED = 4  # heads of a pivot
ROOM = 3  # times its size that a text takes in memory


def flows_of(path: Path, options: Stated) -> tuple[Flows, Stated]:
    """The flows in `path`, and the year, unit and currency that columns or options state."""
    kind = kind_of(path)
    text = first_line(path, packed=kind == "csv.gz") if kind in ("csv", "csv.gz") else None
    separator, above = ("", 0) if text is None else (text.separator, text.above)
    named = [options.year] if options.year else list(dict.fromkeys(years_in(path.name)))
    table, told = _arrow(path, kind, text, named if len(named) == 1 else [])
    names = _columns(table.column_names, path)
    table, lines, empty = _without_empty(table, names, path, above)
    if not table.num_rows:
        raise BookError(f"{path}: has no rows below its head. Give the flows.")
    every = table
    table, stated, found, lines = settle(table, heads(table.column_names, path), path, options, lines)
    found += _left_behind(every, table, path, names, stated.year)
    stated, unit = _with_unit(names["value"], path, stated)
    found += unit
    found += [replace(f, level="warning") for f in unlike_name(path, stated.year, options.year)]
    return _read_flows(table, path, names, separator, lines, [*told, *empty, *found]), stated


def _left_behind(
    every: Any, table: Any, path: Path, names: dict[str, str], year: int | None
) -> list[Finding]:
    """Sectors that sell in other years alone, and buy in this one: nobody would know them for sectors."""
    if every.num_rows == table.num_rows:
        return []
    sold, sells, buys = (
        {str(w).strip() for w in t.column(names[role]).unique().to_pylist() if w is not None}
        for t, role in ((every, "from_sector"), (table, "from_sector"), (table, "to_sector"))
    )
    where = f"{path}, column {names['from_sector']}"
    return [
        Finding(
            "error",
            where,
            f"{shown(word)} sells in other years, and in {year} it only buys: it would be a final use",
            f"Give what it sells in {year}, or take out what it buys",
        )
        for word in sorted((sold - sells) & buys)[:MOST_FINDINGS]
    ]


def _with_unit(head: str, path: Path, stated: Stated) -> tuple[Stated, list[Finding]]:
    """The unit that the head of the amounts says, which an option or a column must not deny."""
    unit, where = unit_in_head(head), f"{path}, column {head}"
    if unit is None:
        return stated, []
    if not unit:
        if (said := said_in_head(head)) and _no_money(said):
            todo = "A table of flows holds money: give the amounts in money, or correct the head"
            return stated, [Finding("error", where, f"the head says {shown(said)}, no unit of money", todo)]
        if len(several := units_within(head)) > 1:
            what = f"the head says several units: {' and '.join(several)}"
            return stated, [Finding("error", where, what, "Keep the one that holds")]
        todo = "Say the unit of the amounts with --unit"
        return stated, [Finding("note", where, "what its head says in brackets is no known unit", todo)]
    if stated.unit is None:
        what = f"the unit is {unit!r}, as the head says"
        return replace(stated, unit=unit), [Finding("note", where, what, "Nothing to do")]
    if same_unit(stated.unit, unit, stated.currency or Money.read(unit).currency):
        return stated, []
    what = f"the head says {unit!r}, and --unit or another column says {stated.unit!r}"
    return stated, [Finding("error", where, what, "Correct one of the two")]


def _no_money(text: str) -> bool:
    """Whether a text is a unit of something else: 1000 t, %, 万人."""
    if Money.read(text, "CNY").scale is not None:
        return False  # thousands, of whatever money
    unit = re.sub(r"^(?:10\^\d+|\d[\d,. ]*|thousand|million)\s*", "", text.casefold())
    return bool(unit) and (unit in PERCENT or is_unit(unit))


def _read_flows(
    table: Any, path: Path, names: dict[str, str], separator: str, lines: Lines, findings: list[Finding]
) -> Flows:
    """Labels and amounts of the rows that count; BookError names all that is wrong with them."""
    labels, at = {}, {}
    for role in ROLES:
        labels[role], at[role], found = encoded(table.column(names[role]), path, names[role], lines)
        findings += found
    names_only = Flows(labels, at, np.zeros(0), lines, meant(labels, at))
    findings += alike(names_only, str(path))
    value, found = values_of(table.column(names["value"]), path, names["value"], separator, lines)
    findings += [f for f in found if f.what not in {g.what for g in findings}]
    raise_findings(findings, BookError, head=f"{path} cannot be used:")
    return replace(names_only, value=value, findings=(*findings, *doubts(names_only, str(path))))


def _without_empty(
    table: Any, names: dict[str, str], path: Path, above: int
) -> tuple[Any, Lines, list[Finding]]:
    """The table without rows that hold nothing (an export's `,,,,`), which rows of the file its rows are
    (`above` lines stand above its heads), and a note of those left out.
    """
    every = Lines(np.arange(table.num_rows) + above) if above else EVERY
    empty = np.flatnonzero(_blank(table.column(names["value"])))
    for name in names.values():
        empty = empty[_blank(table.column(name).take(empty))] if len(empty) else empty
    if not len(empty):
        return table, every, []
    keep = np.ones(table.num_rows, bool)
    keep[empty] = False
    return table.filter(keep), every.keep(keep), empty_rows(str(path), (empty + above).tolist())


def _blank(column: Any) -> NDArray[np.bool_]:
    """Which cells of an Arrow column hold nothing, or spaces."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return np.asarray(column.is_null().to_numpy(), bool)
    text = pc.fill_null(pc.cast(column, kind), "")
    return np.asarray(pc.or_(pc.equal(text, ""), pc.utf8_is_space(text)).to_numpy(), bool)


def _arrow(
    path: Path, kind: str, text: FirstLine | None, years: list[int]
) -> tuple[Any, tuple[Finding, ...]]:
    """The five columns as an Arrow table, and what was found on the way. `text` is what the first line of a
    text says, `years` which sheet is read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if kind == "parquet":
            with pa.OSFile(os.fsencode(path)) as file:  # a file name need not be text
                names = pq.ParquetFile(file).schema_arrow.names
            wanted = list(_wanted(names, path).values())
            return sizes.parquet_table(path, BookError, wanted), tuple(unread(names, wanted, path))
        if text is not None:
            return _csv(path, kind, text)
    except (pa.ArrowException, UnicodeError, OSError) as error:
        first = str(error).splitlines()[0][:200]
        wide = "Expected" in first and "columns" in first
        todo = "Give every row as many cells as the head" if wide else "Save it again as CSV UTF-8"
        raise BookError(f"{path}: cannot be read as a table ({first}). {todo}.") from None
    return _of_sheet(path, years)


def _of_sheet(path: Path, years: list[int]) -> tuple[Any, tuple[Finding, ...]]:
    """The first sheet with rows, or that of the year; codes as a person sees them."""
    import pyarrow as pa

    sheet = first_with_rows(path, years=years)
    if sheet is None:
        raise BookError(f"{path}: has no rows. Check the sheet.")
    raise_findings(sheet.findings, BookError, head=f"{path} cannot be used:")
    named = {i: str(h) for i, h in enumerate(sheet.rows[0]) if h is not None}
    roles = {name: role for role, name in _wanted(list(named.values()), path).items()}
    columns, findings = {}, [*sheet.findings, *unread(named.values(), roles, path)]
    if (said := years_in(sheet.name)) and years and not {*said} & {*years}:
        what = f"the sheet's name says {said[0]}, and the table is read as of {years[0]}"
        findings.append(Finding("warning", sheet.where, what, "Correct one of the two"))
    for i, name in named.items():
        if name not in roles:
            continue
        cells = [row[i] if i < len(row) else None for row in sheet.rows[1:]]
        columns[name] = [None if v is None else cell_label(v) for v in cells]
        findings += _merged(sheet, i)
        if roles[name] == "value":
            findings += [*_percent(sheet, i), *_worded(sheet, i), *_symbols(sheet, i, name)]
        elif roles[name] in ROLES:
            findings += [*_truths(sheet, i, cells), *_numbers(sheet, i, cells)]
    raise_findings(findings, BookError, head=f"{path} cannot be used:")
    return pa.table(columns), tuple(findings)


def _percent(sheet: Sheet, column: int) -> list[Finding]:
    """Amounts that are shown in percent."""
    shown = [r for r, c in sheet.percent if c == column and r]
    if not shown:
        return []
    what, todo = "is shown in percent, as shares are", "A table of flows holds amounts"
    return [Finding("warning", sheet.place(min(shown), column), what, todo)]


def _merged(sheet: Sheet, column: int) -> list[Finding]:
    """Cells of several rows in one, whose value only the first of them has."""
    merged = sheet.merged_down(column).items()
    todo = "Take the cells apart, and write what holds in each row"
    return [
        Finding(
            "error",
            sheet.place(row, column),
            f"is merged with row {top + 1}: one cell of several rows",
            todo,
        )
        for row, top in sorted(merged)[:MOST_FINDINGS]
        if top
    ]


def _worded(sheet: Sheet, column: int) -> list[Finding]:
    """Amounts whose format shows a unit behind them, or thousandths of them: the cell holds the number."""
    shown = {r: unit for (r, c), unit in sheet.units.items() if c == column and r}
    sizes = {unit: _factor(unit) for unit in shown.values()}
    worded = sorted(r for r, unit in shown.items() if unit != SCALED and sizes[unit] != 1.0)
    scaled = sorted(r for r, unit in shown.items() if unit == SCALED)
    found = []
    if worded:
        r = worded[0]
        filled = [
            r for r, row in enumerate(sheet.rows) if r and column < len(row) and row[column] is not None
        ]
        some = {sizes.get(shown.get(row, ""), 1.0) for row in filled} != {sizes[shown[r]]}
        what = f"is shown as {sheet.rows[r][column]} {shown[r]}, and holds {sheet.rows[r][column]}"
        if some:
            what += "; other amounts are shown otherwise"
        todo = "Write all amounts in one unit, and say it with --unit"
        found.append(Finding("error" if some else "warning", sheet.place(r, column), what, todo))
    if scaled:
        amounts = counted(len(scaled), "amount is", "amounts are")
        what = f"{amounts} shown in thousands or millions, and read whole"
        found.append(
            Finding("note", sheet.place(scaled[0], column), what, "Say the unit of what the cells hold")
        )
    return found


def _symbols(sheet: Sheet, column: int, head: str) -> list[Finding]:
    """Currencies that the format of amounts shows: they must be one, and that of the head."""
    cells = {r: s for (r, c), s in {**sheet.units, **sheet.money}.items() if c == column and r}
    first = {may: r for r, s in sorted(cells.items(), reverse=True) if (may := _currencies(s))}
    if not first:
        return []
    rows = sorted(first.values())
    place = sheet.place(rows[0], column)
    if len(rows) > 1:
        what = f"amounts are shown in {' and '.join(cells[r] for r in rows)}"
        return [Finding("error", place, what, "Write all amounts in one currency, and say it with --unit")]
    said = Money.read(unit_in_head(head) or "").currency
    if not said or said in next(iter(first)):
        return []
    what = f"is shown in {cells[rows[0]]}, and the head says {unit_in_head(head)!r}"
    return [Finding("warning", place, what, "Correct the head, or the format of the cells")]


def _currencies(symbol: str) -> frozenset[str]:
    """The currencies that a symbol may stand for; none for what is no symbol."""
    if symbol in _SYMBOLS:
        return _SYMBOLS[symbol]
    code = Money.read(symbol)
    return frozenset({code.currency} if code.scale == 1.0 else ())


def _factor(unit: str) -> float | None:
    """What a unit that a format shows multiplies an amount by; 1 for a currency, None for other words."""
    return Money.read(unit, "CNY").scale


def _numbers(sheet: Sheet, column: int, cells: list[Any]) -> list[Finding]:
    """Codes that a spreadsheet holds as numbers: 10.1 may have been 10.10."""
    at = [r for r, v in enumerate(cells) if isinstance(v, float)]
    if not at:
        return []
    what = f"codes are numbers ({cells[at[0]]:g} ...), so a zero at their end may be lost"
    todo = "Format the column as text, and write the codes again where zeros are lost"
    return [Finding("warning", sheet.place(at[0] + 1, column), what, todo)]


def _truths(sheet: Sheet, column: int, cells: list[Any]) -> list[Finding]:
    """TRUE where a code should be: a spreadsheet made it of a word."""
    at = [r for r, v in enumerate(cells) if isinstance(v, bool)]
    if not at:
        return []
    what = f"{counted(len(at), 'code is', 'codes are')} true or false, made of a word by a spreadsheet"
    todo = "Format the column as text and write the codes again"
    return [Finding("error", sheet.place(at[0] + 1, column), what, todo)]


def _csv(path: Path, kind: str, text: FirstLine) -> tuple[Any, tuple[Finding, ...]]:
    """UTF-8 first; GB18030 when a byte further on turns out not to be."""
    import pyarrow as pa
    import pyarrow.csv as pc

    encodings, comma, head, above = text
    names = _wanted(head, path)
    as_text = {n: pa.dictionary(pa.int32(), pa.string()) for n in names.values()}
    as_text[names["value"]] = pa.string()  # Arrow's own guess takes 0x5 for 5; `values` decides on the text
    told = (*_without_head(path, head), *unread(head, names.values(), path))
    for encoding in encodings:
        try:
            table = pc.read_csv(
                _stream(path, kind),
                read_options=pc.ReadOptions(encoding=encoding, block_size=1 << 24, skip_rows=above),
                parse_options=pc.ParseOptions(delimiter=comma, ignore_empty_lines=False),
                convert_options=pc.ConvertOptions(
                    include_columns=list(names.values()), column_types=as_text
                ),
            )
            if encoding == "gb18030":
                told += gb_note(path, _sample(table))
            return table, told
        except (pa.ArrowInvalid, UnicodeDecodeError):
            if encoding == encodings[-1]:
                raise
    raise AssertionError("no encoding was tried")


def _sample(table: Any) -> str:
    """Some of the words in the first rows of a table."""
    texts = [c for c in table.columns if "string" in str(c.type)]
    return "\t".join(str(v) for c in texts for v in c.slice(0, 1000).unique().to_pylist())


def _stream(path: Path, kind: str) -> Any:
    """The bytes of a text, unpacked; there are never many more of them than of a packed one."""
    import pyarrow as pa

    if kind == "csv.gz":
        if sizes.swells(path):
            raise swollen(path)
        return pa.CompressedInputStream(pa.OSFile(os.fsencode(path)), "gzip")
    todo = "Give it as Parquet, or a part of it"
    machine.room_for(ROOM * path.stat().st_size, f"{path}: the table", todo, BookError)
    return pa.OSFile(os.fsencode(path))


def _without_head(path: Path, head: list[str]) -> tuple[Finding, ...]:
    """A note on columns without a head, such as trailing commas make."""
    if not (count := sum(not h.strip() for h in head)):
        return ()
    what = f"{counted(count, 'column has no head and is', 'columns have no head and are')} left out"
    return (Finding("note", f"{path}, row 1", what, "Nothing to do if they are empty"),)


def _wanted(names: list[str], path: Path) -> dict[str, str]:
    """The columns to read: those of the flows, and those that say a year, a unit or a currency."""
    return _columns(names, path) | heads(names, path)


def _columns(names: list[str], path: Path) -> dict[str, str]:
    """role -> the file's own column name; BookError names every role without one."""
    plain: dict[str, list[str]] = {}
    for h in names:
        plain.setdefault(head_key(h), []).append(h)
    fits = {role: [h for w in words for h in plain.get(w, [])] for role, words in _HEADS.items()}
    fits["value"] = fits["value"] or [h for h in names if unit_in_head(h) is not None]
    twice = [f"{role} ({', '.join(map(repr, f))})" for role, f in fits.items() if len(f) > 1]
    if twice:
        raise BookError(f"{path}: several columns could be {'; '.join(twice)}. Keep one of each.")
    found = {role: f[0] if f else None for role, f in fits.items()}
    missing = [role for role, column in found.items() if column is None]
    if missing:
        raise BookError(
            f"{path}{_missing(missing, names, [h for h in plain if plain[h][0] not in found.values()])}"
        )
    return {role: str(column) for role, column in found.items()}


def _missing(missing: list[str], names: list[str], plain: list[str]) -> str:
    """What to say of heads that are not there."""
    every = ", ".join(f"{role} ({word})" for role, word in _IN_CHINESE.items())
    others = [n for n in names if head_key(n) in plain and n.strip()]
    if len(missing) == len(_HEADS):
        said = shown(", ".join(filter(None, names)))
        corner, todo = head_key(next(iter(names), "")), f"If it is a square, with buyers across, {_PIVOT}"
        if len(names) < 3 or (corner and not corner.startswith((*REGION, *SECTOR))):
            todo = "Put the heads into the first row; take titles and notes above them out."
        return f", row 1: {said} says none of the heads of a long table ({every}). {todo}"
    years = [n for n in names if years_in(n) and _of_a_year(n)]
    if missing == ["value"] and len(years) > 1:
        named = ", ".join(map(shown, years))
        return (
            f", row 1: columns of several years ({named}), and a long table has one column of amounts. "
            "Keep that of the year, and call it value (金额)."
        )
    if missing == ["value"] and years:
        head = shown(years[0])
        return f", row 1: column value (金额) is missing. Is it {head}? Call it value, and say --year."
    near = {m: nearest(m, plain, most=1) for m in missing}
    hints = [f"{m} (is it {near[m][0]!r}?)" if near[m] else f"{m} ({_IN_CHINESE[m]})" for m in missing]
    pivot = ""
    if "value" in missing and len(missing) > 1 and len(others) > 1 and not any(near.values()):
        across = " and ".join(m for m in missing if m != "value")
        pivot = f" The table seems a pivot, with {across} across ({listed(others, MOST_NAMED)}): {_PIVOT}"
    return f": column {', '.join(hints)} is missing. A long table has {every}.{pivot}"


def _of_a_year(name: str) -> bool:
    """Whether a head is that of amounts of one year: 2019, value 2019, 2019年金额."""
    rest = re.sub(r"(19|20)\d\d年?", "", head_key(name)).strip("_()[]年度")
    return not rest or rest in _HEADS["value"]
