"""Any inter-regional table as one long list of flows, in CSV, Excel or Parquet.

Columns (any order, English or Chinese heads):

    from_region, from_sector   the seller; "imports" as from_region for goods from abroad
    to_region, to_sector       the buyer: a sector, or a final category (any name that is no
    from_sector), "exports"
    value                      money; further columns are left alone

Rows whose from_sector is a row of value added (to a sector) are told by `from_region` "value_added" (or
增加值). Output is the sum of a row. Where the table has no row of value added at all, it is output less
inputs. Year, unit and currency are options of the reader; where columns say them too, the two must agree,
and --year takes the rows of that year alone. Codes of regions stay codes; those
of three letters are countries where all of them are, and --countries says so of two letters. Parquet and
CSV are read without pandas, so thirty million rows fit into 6 GB.
"""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ballast import machine, safe, sizes
from ballast.economy import classes
from ballast.economy.checks import is_signed, is_stock
from ballast.economy.economy import Floats, Sector
from ballast.economy.readers.encoded import EVERY, Lines, encoded
from ballast.economy.readers.files import (
    Sheet,
    empty_rows,
    first_line,
    first_with_rows,
    gb_note,
    kind_of,
    swollen,
    year_in,
)
from ballast.economy.readers.labels import cell_label, look_alikes, totals
from ballast.economy.readers.places import regions_of
from ballast.economy.readers.repeats import repeats
from ballast.economy.readers.stated import Stated, head_key, heads, settle
from ballast.economy.readers.table import INVENTORIES, Table, as_published, nothing_made
from ballast.economy.readers.values import values_of
from ballast.errors import BookError, Finding, nearest, raise_findings
from ballast.evidence import Grade, Operation, Source
from ballast.text import Text, counted

TITLES = {"long": Text("any table, one flow a row", "任意表，每行一笔流量")}
OPTIONS = ("year", "unit", "currency", "countries")
MANY = False

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
    "value": ("value", "amount", "flow", "金额", "数值", "流量"),
}
_IMPORTS = ("imports", "import", "进口")
_ADDED = ("value_added", "value added", "增加值")
_EXPORTS = ("exports", "export", "出口")
_SOURCE = "long-table"
EACH = 30  # numbers that are kept for each node, and for each final use of a region
HOLLOW, ROOM_A_ROW = 600_000_000, 2_000  # bytes for a table at least, and for each of its rows
ROOM = 3  # times its size that a text takes in memory
_ROLES = ("from_region", "from_sector", "to_region", "to_sector")


@dataclass(frozen=True, eq=False)
class Flows:
    """The list as dictionaries of labels and codes into them: `at[name]` [rows] int32, `labels[name]`,
    `value` [rows]. `lines` says which rows of the file they are, `findings` what is doubtful so far.
    """

    labels: dict[str, list[str]]
    at: dict[str, NDArray[np.int32]]
    value: Floats
    lines: Lines
    findings: tuple[Finding, ...] = ()


def read(
    path: Path,
    *,
    year: int | None = None,
    unit: str | None = None,
    currency: str | None = None,
    countries: bool | None = None,
) -> Table:
    """The economy in the long table `path`."""
    flows, stated = _flows(path, Stated(year, unit, currency))
    table = _table(flows, path, stated.year, (stated.unit, stated.currency), countries)
    raise_findings(nothing_made(table), BookError, head=f"{path} cannot be used:")
    return table


# ---- reading ---------------------------------------------------------------------------------


def _flows(path: Path, options: Stated) -> tuple[Flows, Stated]:
    kind = kind_of(path)
    table, told = _arrow(path, kind)
    names = _columns(table.column_names, path)
    table, lines, empty = _without_empty(table, names, path)
    if not table.num_rows:
        raise BookError(f"{path}: has no rows below its head. Give the flows.")
    table, stated, found, lines = settle(table, heads(table.column_names, path), path, options, lines)
    return _read_flows(table, path, names, _separator(path, kind), lines, [*told, *empty, *found]), stated


def _read_flows(
    table: Any, path: Path, names: dict[str, str], separator: str, lines: Lines, findings: list[Finding]
) -> Flows:
    """Labels and amounts of the rows that count; BookError names all that is wrong with them."""
    labels, at = {}, {}
    for role in _ROLES:
        labels[role], at[role], found = encoded(table.column(names[role]), path, names[role], lines)
        findings += found
    findings += _alike(labels, at, path, lines)
    value, found = values_of(table.column(names["value"]), path, names["value"], separator, lines)
    findings += [f for f in found if f.what not in {g.what for g in findings}]
    raise_findings(findings, BookError, head=f"{path} cannot be used:")
    return Flows(labels, at, value, lines, tuple(findings))


def _alike(
    labels: dict[str, list[str]], at: dict[str, NDArray[np.int32]], path: Path, lines: Lines
) -> list[Finding]:
    """Regions, and sectors or final categories, whose names look alike, with their first rows."""

    def row(kind: str, word: str) -> int:
        found = (
            int(np.argmax(at[role] == labels[role].index(word)))
            for role in (f"from_{kind}", f"to_{kind}")
            if word in labels[role]
        )
        return int(lines(min(found)))

    found = []
    for kind in ("region", "sector"):
        words = [*labels[f"from_{kind}"], *labels[f"to_{kind}"]]
        first = partial(row, kind)
        found += look_alikes(kind, str(path), words, first)
        summed = _inside(labels, at) if kind == "region" else words
        found += totals(kind, str(path), summed, first)
    return found


def _inside(labels: dict[str, list[str]], at: dict[str, NDArray[np.int32]]) -> list[str]:
    """Regions that sell or buy at home; "world" may stand for those who buy exports."""
    out = np.array([w.casefold() in _EXPORTS for w in labels["to_sector"]])[at["to_sector"]]
    bought = np.bincount(at["to_region"][~out], minlength=len(labels["to_region"])) > 0
    words = [*labels["from_region"], *(w for w, b in zip(labels["to_region"], bought, strict=True) if b)]
    return [w for w in words if w.casefold() not in {*_IMPORTS, *_ADDED, *_EXPORTS}]


def _without_empty(table: Any, names: dict[str, str], path: Path) -> tuple[Any, Lines, list[Finding]]:
    """The table without rows that hold nothing (an export's `,,,,`), which rows of the file its rows are,
    and a note of those left out.
    """
    empty = np.flatnonzero(_blank(table.column(names["value"])))
    for name in names.values():
        empty = empty[_blank(table.column(name).take(empty))] if len(empty) else empty
    if not len(empty):
        return table, EVERY, []
    keep = np.ones(table.num_rows, bool)
    keep[empty] = False
    return table.filter(keep), EVERY.keep(keep), empty_rows(str(path), empty.tolist())


def _blank(column: Any) -> NDArray[np.bool_]:
    """Which cells of an Arrow column hold nothing, or spaces."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return np.asarray(column.is_null().to_numpy(), bool)
    text = pc.fill_null(pc.cast(column, kind), "")
    return np.asarray(pc.or_(pc.equal(text, ""), pc.utf8_is_space(text)).to_numpy(), bool)


def _separator(path: Path, kind: str) -> str:
    """What separates the columns of a text; "" in other files."""
    return first_line(path, packed=kind == "csv.gz")[1] if kind in ("csv", "csv.gz") else ""


def _arrow(path: Path, kind: str) -> tuple[Any, tuple[Finding, ...]]:
    """The five columns as an Arrow table, and what was found on the way."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if kind == "parquet":
            with pa.OSFile(os.fsencode(path)) as file:  # a file name need not be text
                names = pq.ParquetFile(file).schema_arrow.names
            return sizes.parquet_table(path, BookError, list(_wanted(names, path).values())), ()
        if kind in ("csv", "csv.gz"):
            return _csv(path, kind)
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
    columns, findings = {}, list(sheet.findings)
    for i, name in named.items():
        if name not in roles:
            continue
        cells = [row[i] if i < len(row) else None for row in sheet.rows[1:]]
        columns[name] = [None if v is None else cell_label(v) for v in cells]
        if roles[name] == "value":
            findings += _percent(sheet, i)
        elif roles[name] in _ROLES:
            findings += [*_truths(sheet, i, cells), *_numbers(sheet, i, cells)]
    return pa.table(columns), tuple(findings)


def _percent(sheet: Sheet, column: int) -> list[Finding]:
    """Amounts that are shown in percent."""
    shown = [r for r, c in sheet.percent if c == column and r]
    if not shown:
        return []
    what, todo = "is shown in percent: amounts, or shares?", "A table of flows holds amounts"
    return [Finding("warning", sheet.place(min(shown), column), what, todo)]


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


def _csv(path: Path, kind: str) -> tuple[Any, tuple[Finding, ...]]:
    """UTF-8 first; GB18030 when a byte further on turns out not to be."""
    import pyarrow as pa
    import pyarrow.csv as pc

    encodings, comma, head = first_line(path, packed=kind == "csv.gz")
    names = _wanted(head, path)
    as_text = {n: pa.dictionary(pa.int32(), pa.string()) for n in names.values()}
    as_text[names["value"]] = pa.string()  # Arrow's own guess takes 0x5 for 5; `values` decides on the text
    told = _without_head(path, head)
    for encoding in encodings:
        try:
            table = pc.read_csv(
                _stream(path, kind),
                read_options=pc.ReadOptions(encoding=encoding, block_size=1 << 24),
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
    twice = [f"{role} ({', '.join(map(repr, f))})" for role, f in fits.items() if len(f) > 1]
    if twice:
        raise BookError(f"{path}: several columns could be {'; '.join(twice)}. Keep one of each.")
    found = {role: f[0] if f else None for role, f in fits.items()}
    missing = [role for role, column in found.items() if column is None]
    if missing:
        hints = [
            f"{m} (is it {nearest(m, list(plain), most=1)[0]!r}?)" if nearest(m, list(plain), most=1) else m
            for m in missing
        ]
        raise BookError(
            f"{path}: column {', '.join(hints)} is missing. A long table has {', '.join(_HEADS)}."
        )
    return {role: str(column) for role, column in found.items()}


# ---- the table -------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Ends:
    """Where every row of the list comes from and goes to: regions R, sectors K, final categories F."""

    regions: list[str]
    sectors: list[str]
    finals: list[str]
    kind: NDArray[np.int8]  # [rows] 0 made here, 1 imports, 2 value added
    abroad: NDArray[np.bool_]  # [rows] goes to exports
    to_final: NDArray[np.bool_]  # [rows] goes to a final category
    product: NDArray[np.int32]  # [rows]
    seller: NDArray[np.int64]  # [rows] of R K
    buyer: NDArray[np.int64]  # [rows] of R K, where it goes to a sector
    column: NDArray[np.int64]  # [rows] of R F, where it goes to a final category


def _ends(f: Flows, path: Path) -> _Ends:
    special = {*_IMPORTS, *_ADDED}
    _ask_about_va(f, path)
    regions = [name for name in f.labels["from_region"] if name.casefold() not in special]
    kind = np.array([_kind(name) for name in f.labels["from_region"]], np.int8)[f.at["from_region"]]
    product_of, sectors = _index(f.labels["from_sector"], f.at["from_sector"][kind != 2])
    sector_of = _positions(f.labels["to_sector"], sectors)
    exported = {
        role: np.array([w.casefold() in _EXPORTS for w in f.labels[role]])
        for role in ("to_sector", "to_region")
    }
    abroad = exported["to_sector"][f.at["to_sector"]] | exported["to_region"][f.at["to_region"]]
    to_region = _positions(f.labels["to_region"], regions)[f.at["to_region"]].astype(np.int64)
    to_sector = sector_of[f.at["to_sector"]]
    nowhere = np.flatnonzero((kind == 2) & (abroad | (to_sector < 0)))
    if len(nowhere):
        word = f.labels["to_sector"][f.at["to_sector"][nowhere[0]]]
        raise BookError(
            f"{path}, row {f.lines(nowhere[0])}: value added goes to {word!r}, which is no sector "
            f"({counted(len(nowhere), 'row')}). Name the sector that pays it."
        )
    lost = np.flatnonzero((to_region < 0) & ~abroad)
    if len(lost):
        name = f.labels["to_region"][f.at["to_region"][lost[0]]]
        raise BookError(
            f"{path}, row {f.lines(lost[0])}: buyer region {name!r} sells nothing anywhere in the table "
            f"({counted(len(lost), 'row')}). Give its rows, or call it exports."
        )
    words = zip(f.labels["to_sector"], sector_of.tolist(), exported["to_sector"].tolist(), strict=True)
    finals = [w for w, sector, out in words if sector < 0 and not out]
    product = product_of[f.at["from_sector"]]
    from_region = _positions(f.labels["from_region"], regions)[f.at["from_region"]].astype(np.int64)
    return _Ends(
        regions,
        sectors,
        finals,
        kind,
        abroad,
        to_sector < 0,
        product,
        seller=from_region * len(sectors) + product,
        buyer=to_region * len(sectors) + to_sector,
        column=to_region * len(finals) + _positions(f.labels["to_sector"], finals)[f.at["to_sector"]],
    )


def _ask_about_va(f: Flows, path: Path) -> None:
    """VA is a state where it buys; where it only pays, it may be value added."""
    at = next((i for i, w in enumerate(f.labels["from_region"]) if w.casefold() == "va"), -1)
    word = f.labels["from_region"][at] if at >= 0 else ""
    if word and word not in f.labels["to_region"]:
        row = f.lines(int(np.argmax(f.at["from_region"] == at)))
        raise BookError(
            f"{path}, row {row}: {word!r} sells and buys nothing: a region, or value added? "
            "Write value_added, or give the region's purchases."
        )


def _table(
    f: Flows,
    path: Path,
    year: int | None,
    money: tuple[str | None, str | None],
    countries: bool | None,
) -> Table:
    e = _ends(f, path)
    regions, sectors, finals = e.regions, e.sectors, e.finals
    r, k = len(regions), len(sectors)
    n, nf = r * k, r * len(finals)
    kinds = len(np.unique(f.at["from_sector"][e.kind == 2]))
    _refuse_hollow(path, e, len(f.value), kinds)
    made, foreign = e.kind == 0, e.kind == 1
    home, home_final = made & ~e.abroad & ~e.to_final, made & ~e.abroad & e.to_final
    flows = _matrix(f.value, e.seller, e.buyer, home, (n, n))
    final = _matrix(f.value, e.seller, e.column, home_final, (n, nf))
    sold = made & e.abroad
    exports = np.bincount(e.seller[sold], f.value[sold], n).astype(np.float64)
    imports = _matrix(f.value, e.product, e.buyer, foreign & ~e.to_final & ~e.abroad, (k, n))
    final_imports = _matrix(f.value, e.product, e.column, foreign & e.to_final & ~e.abroad, (k, nf))
    output = np.asarray(flows.sum(axis=1)).ravel() + np.asarray(final.sum(axis=1)).ravel() + exports
    added, labels, step = _value_added(f, e.kind == 2, e.buyer, n, output, flows, imports)
    names, found = _sectors(sectors, path)
    places, matched = regions_of(regions, str(path), countries)
    found = [*f.findings, *_repeats(f, e, (flows, final, imports, final_imports), path), *matched, *found]
    if passed := float(f.value[foreign & e.abroad].sum()):
        what = "imports are sent on abroad: they pass no node of the table"
        found.append(Finding("note", str(path), what, "They are left out of the book", passed))
    when = year or year_in(path)
    codes = _codes([INVENTORIES[0] if is_stock(w) else w for w in finals])
    history = as_published((_SOURCE,), Text("as given", "采用所给数据"))
    return Table(
        file=str(path),
        name=safe.name(path.stem),
        title=Text(
            f"{safe.name(path.stem)}: {counted(r, 'region')}, {counted(k, 'sector')}",
            f"{safe.name(path.stem)}：{r} 地区、{k} 部门",
        ),
        unit="units" if money[0] is None else money[0],
        currency=money[1] or "",
        year=when,
        regions=places,
        sectors=names,
        categories=tuple((code, Text(w, w)) for code, w in zip(codes, finals, strict=True)),
        value_added_labels=labels,
        node_region=np.repeat(np.arange(r), k),
        node_sector=np.tile(np.arange(k), r),
        flows=flows,
        final=final,
        final_region=np.repeat(np.arange(r), len(finals)),
        final_category=np.tile(np.arange(len(finals)), r),
        imports=imports,
        final_imports=final_imports,
        exports=exports,
        output=output,
        value_added=added,
        signed=tuple(code for code, w in zip(codes, finals, strict=True) if is_signed(w)),
        sources=(
            Source(_SOURCE, path.name, "as given by the user", str(when), "", Grade.D, "no source stated"),
        ),
        grades={"the whole table": Grade.D},
        history=(*history, *step),
        findings=tuple(found),
    )


def _refuse_hollow(path: Path, e: _Ends, rows: int, kinds: int) -> None:
    """Every region has every sector, which a few rows can make more of than the machine holds."""
    n, nf = len(e.regions) * len(e.sectors), len(e.regions) * len(e.finals)
    need = 8.0 * ((EACH + kinds) * n + EACH * nf)
    size = f"{path}: {len(e.regions):,} regions x {len(e.sectors):,} sectors"
    if need > max(HOLLOW, ROOM_A_ROW * rows):
        raise BookError(
            f"{size} x {kinds:,} rows of value added and {len(e.finals):,} final uses would take "
            f"{need / 1e9:,.1f} GB, and the table has {rows:,} rows. Check that codes and names stand in "
            "their own columns."
        )
    machine.room_for(need, size, "Merge regions or sectors first", BookError)


def _repeats(f: Flows, e: _Ends, matrices: tuple[Any, ...], path: Path) -> list[Finding]:
    """Rows that repeat others: looked for where a matrix holds fewer cells than it was given."""
    made, foreign = (e.kind == 0) & ~e.abroad, (e.kind == 1) & ~e.abroad
    blocks = (made & ~e.to_final, made & e.to_final, foreign & ~e.to_final, foreign & e.to_final)
    look = (e.kind == 2) | e.abroad
    for block, matrix in zip(blocks, matrices, strict=True):
        if np.count_nonzero(block) != matrix.nnz:
            look = look | block
    columns = [(f.at[role], len(f.labels[role])) for role in _ROLES]
    return repeats(str(path), columns, f.value, np.flatnonzero(look), f.lines)


def _kind(name: str) -> int:
    """0 a region, 1 imports, 2 value added."""
    word = name.casefold()
    return 1 if word in _IMPORTS else 2 if word in _ADDED else 0


def _codes(words: list[str]) -> list[str]:
    """A code for each word, numbered where one was given before: "gov spend" and "gov_spend" are two."""
    out: dict[str, None] = {}
    for word in words:
        code = word.casefold().replace(" ", "_")
        numbered = (f"{code}_{i}" for i in itertools.count(2))
        out[code if code not in out else next(c for c in numbered if c not in out)] = None
    return list(out)


def _index(labels: list[str], used: NDArray[np.int32]) -> tuple[NDArray[np.int32], list[str]]:
    """Codes of the labels that are used, -1 for the others."""
    seen = np.bincount(used, minlength=len(labels)) > 0
    kept = [w for w, s in zip(labels, seen, strict=True) if s]
    return _positions(labels, kept), kept


def _positions(labels: list[str], wanted: list[str]) -> NDArray[np.int32]:
    where = {w: i for i, w in enumerate(wanted)}
    return np.array([where.get(w, -1) for w in labels], np.int32)


def _matrix(value: Floats, row: Any, column: Any, mask: Any, shape: tuple[int, int]) -> Any:
    pick = np.flatnonzero(mask)
    small = np.int32 if max(shape) < 2**31 else np.int64
    where = (row[pick].astype(small), column[pick].astype(small))
    return sparse.coo_array((value[pick], where), shape=shape).tocsc()


def _value_added(
    f: Flows, mask: Any, buyer: Any, n: int, output: Floats, flows: Any, imports: Any
) -> tuple[Floats, tuple[tuple[str, Text], ...], tuple[Operation, ...]]:
    if mask.any():
        kinds, names = _index(f.labels["from_sector"], f.at["from_sector"][mask])
        rows = np.zeros((len(names), n))
        np.add.at(rows, (kinds[f.at["from_sector"][mask]], buyer[mask]), f.value[mask])
        return rows, tuple((c, Text(w, w)) for c, w in zip(_codes(names), names, strict=True)), ()
    used = np.asarray(flows.sum(axis=0)).ravel() + np.asarray(imports.sum(axis=0)).ravel()
    text = Text(
        "value added is output less all inputs: the table has none", "增加值为总产出减全部投入（表中未给）"
    )
    return (
        (output - used)[None],
        (("value_added", Text("Value added", "增加值")),),
        (Operation("nodes", text, None, (_SOURCE,)),),
    )


def _sectors(codes: list[str], path: Path) -> tuple[tuple[Sector, ...], list[Finding]]:
    the_42 = set(codes) == classes.CLASSES.keys()  # a few codes like "01" say nothing: every list has them
    out = [
        classes.sector(c, Text(c, c), c if the_42 else classes.of_name(c) or classes.of_isic(c))
        for c in codes
    ]
    return tuple(out), classes.findings(out, str(path))
