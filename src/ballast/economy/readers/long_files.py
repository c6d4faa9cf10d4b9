"""The file of a long table, in CSV, Excel or Parquet, as its list of flows.

Parquet and CSV are read by Arrow: thirty million rows fit into 6 GB. A sheet is read whole.
"""

from __future__ import annotations

import os
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
)
from ballast.economy.sheets.labels import MOST_FINDINGS, cell_label
from ballast.economy.sheets.stated import (
    Stated,
    head_key,
    heads,
    same_unit,
    settle,
    unit_in_head,
    unlike_name,
    unread,
)
from ballast.economy.sheets.values import values_of
from ballast.errors import BookError, Finding, nearest, raise_findings
from ballast.text import counted
from ballast.units import Money

_HEADS = {
    "from_region": (
        "from_region",
        "origin_region",
        "seller_region",
        "region_from",
        "来源地区",
        "起点地区",
        "供应地区",
    ),
    "from_sector": ("from_sector", "origin_sector", "seller_sector", "sector_from", "来源部门", "供应部门"),
    "to_region": ("to_region", "destination_region", "buyer_region", "region_to", "去向地区", "使用地区"),
    "to_sector": (
        "to_sector",
        "destination_sector",
        "buyer_sector",
        "sector_to",
        "去向部门",
        "使用部门",
        "final",
    ),
    "value": ("value", "obs_value", "amount", "flow", "金额", "数值", "流量"),
}
ROOM = 3  # times its size that a text takes in memory


def flows_of(path: Path, options: Stated) -> tuple[Flows, Stated]:
    """The flows in `path`, and the year, unit and currency that columns or options state."""
    kind = kind_of(path)
    text = first_line(path, packed=kind == "csv.gz") if kind in ("csv", "csv.gz") else None
    separator, above = ("", 0) if text is None else (text.separator, text.above)
    table, told = _arrow(path, kind, text)
    names = _columns(table.column_names, path)
    table, lines, empty = _without_empty(table, names, path, above)
    if not table.num_rows:
        raise BookError(f"{path}: has no rows below its head. Give the flows.")
    table, stated, found, lines = settle(table, heads(table.column_names, path), path, options, lines)
    stated, unit = _with_unit(names["value"], path, stated)
    found += unit
    found += [replace(f, level="warning") for f in unlike_name(path, stated.year, options.year)]
    return _read_flows(table, path, names, separator, lines, [*told, *empty, *found]), stated


def _with_unit(head: str, path: Path, stated: Stated) -> tuple[Stated, list[Finding]]:
    """The unit that the head of the amounts says, which an option or a column must not deny."""
    unit, where = unit_in_head(head), f"{path}, column {head}"
    if unit is None:
        return stated, []
    if not unit:
        todo = "Say the unit of the amounts with --unit"
        return stated, [Finding("note", where, "what its head says in brackets is no known unit", todo)]
    if stated.unit is None:
        what = f"the unit is {unit!r}, as the head says"
        return replace(stated, unit=unit), [Finding("note", where, what, "Nothing to do")]
    if same_unit(stated.unit, unit, stated.currency or Money.read(unit).currency):
        return stated, []
    raise BookError(
        f"{where}: the head says {unit!r}, and --unit or another column says {stated.unit!r}. "
        "Correct one of the two."
    )


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


def _arrow(path: Path, kind: str, text: FirstLine | None) -> tuple[Any, tuple[Finding, ...]]:
    """The five columns as an Arrow table, and what was found on the way. `text` is what the first line of a
    text says.
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
    return _of_sheet(path)


def _of_sheet(path: Path) -> tuple[Any, tuple[Finding, ...]]:
    """The first sheet with rows; codes as a person sees them."""
    import pyarrow as pa

    sheet = first_with_rows(path)
    if sheet is None:
        raise BookError(f"{path}: has no rows. Check the sheet.")
    raise_findings(sheet.findings, BookError, head=f"{path} cannot be used:")
    named = {i: str(h) for i, h in enumerate(sheet.rows[0]) if h is not None}
    roles = {name: role for role, name in _wanted(list(named.values()), path).items()}
    columns, findings = {}, [*sheet.findings, *unread(named.values(), roles, path)]
    for i, name in named.items():
        if name not in roles:
            continue
        cells = [row[i] if i < len(row) else None for row in sheet.rows[1:]]
        columns[name] = [None if v is None else cell_label(v) for v in cells]
        findings += _merged(sheet, i)
        if roles[name] == "value":
            findings += [*_percent(sheet, i), *_worded(sheet, i)]
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
    if len(missing) == len(_HEADS):
        said = shown(", ".join(filter(None, names)))
        raise BookError(
            f"{path}, row 1: {said} says none of the heads of a long table ({', '.join(_HEADS)}). Put the "
            "heads into the first row; take titles and notes above them out."
        )
    if missing:
        hints = [
            f"{m} (is it {nearest(m, list(plain), most=1)[0]!r}?)" if nearest(m, list(plain), most=1) else m
            for m in missing
        ]
        raise BookError(
            f"{path}: column {', '.join(hints)} is missing. A long table has {', '.join(_HEADS)}."
        )
    return {role: str(column) for role, column in found.items()}
