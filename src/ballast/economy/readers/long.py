"""Any inter-regional table as one long list of flows, in CSV, Excel or Parquet.

Columns (any order, English or Chinese heads):

    from_region, from_sector   the seller; "imports" as from_region for goods from abroad
    to_region, to_sector       the buyer: a sector, or a final category (any name that is no
    from_sector), "exports"
    value                      money; further columns are left alone

Rows whose from_sector is a row of value added (to a sector) are told by `from_region` "value_added" (or
增加值). Output is the sum of a row. Where the table has no row of value added at all, it is output less
inputs. Year, unit and currency are options of the reader; where columns say them too, the two must agree,
and --year takes the rows of that year alone. Codes of regions stay codes; those of three letters are
countries where all of them are, and --countries says so of two letters. --keep-sums reads what adds up like
a total and is none. Parquet and CSV are read without pandas: thirty million rows fit into 6 GB.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from ballast import machine, safe
from ballast.arrays import Floats
from ballast.economy import classes
from ballast.economy.checks import is_signed, is_stock
from ballast.economy.economy import Sector
from ballast.economy.names.countries import regions_of
from ballast.economy.readers.flows import ROLES, Flows
from ballast.economy.readers.long_ends import Ends, ends, index
from ballast.economy.readers.long_files import flows_of
from ballast.economy.readers.long_sums import summed
from ballast.economy.readers.repeats import repeats, synonyms
from ballast.economy.readers.table import INVENTORIES, Table, as_published, nothing_made
from ballast.economy.sheets.files import year_in
from ballast.economy.sheets.stated import Stated
from ballast.errors import BookError, Finding, raise_findings
from ballast.evidence import Grade, Operation, Source
from ballast.text import Text, counted

TITLES = {"long": Text("any table, one flow a row", "任意表，每行一笔流量")}
OPTIONS = ("year", "unit", "currency", "countries", "keep_sums")
MANY = False

_SOURCE = "long-table"
EACH = 30  # numbers that are kept for each node, and for each final use of a region
HOLLOW, ROOM_A_ROW = 600_000_000, 2_000  # bytes for a table at least, and for each of its rows


def read(
    path: Path,
    *,
    year: int | None = None,
    unit: str | None = None,
    currency: str | None = None,
    countries: bool | None = None,
    keep_sums: bool = False,
) -> Table:
    """The economy in the long table `path`."""
    flows, stated = flows_of(path, Stated(year, unit, currency))
    table = _table(flows, path, stated.year, (stated.unit, stated.currency), countries, keep_sums)
    raise_findings(nothing_made(table), BookError, head=f"{path} cannot be used:")
    return table


def _table(
    f: Flows,
    path: Path,
    year: int | None,
    money: tuple[str | None, str | None],
    countries: bool | None,
    keep: bool,
) -> Table:
    e = ends(f, path)
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
    doubts = summed(f, e, flows, final, exports, path, keep=keep)
    raise_findings(doubts, BookError, head=f"{path} cannot be used:")
    added, labels, step = _value_added(f, e.kind == 2, e.buyer, n, output, flows, imports)
    names, found = _sectors(sectors, path)
    places, matched = regions_of(regions, str(path), countries)
    found = [
        *f.findings,
        *doubts,
        *_repeats(f, e, (flows, final, imports, final_imports), path),
        *matched,
        *found,
    ]
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


def _refuse_hollow(path: Path, e: Ends, rows: int, kinds: int) -> None:
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


def _repeats(f: Flows, e: Ends, matrices: tuple[Any, ...], path: Path) -> list[Finding]:
    """Rows that repeat others: looked for where a matrix holds fewer cells than it was given."""
    made, foreign = (e.kind == 0) & ~e.abroad, (e.kind == 1) & ~e.abroad
    blocks = (made & ~e.to_final, made & e.to_final, foreign & ~e.to_final, foreign & e.to_final)
    look = (e.kind == 2) | e.abroad
    for block, matrix in zip(blocks, matrices, strict=True):
        if np.count_nonzero(block) != matrix.nnz:
            look = look | block
    columns = [(f.at[role], len(f.labels[role])) for role in ROLES]
    found = repeats(str(path), columns, f.value, np.flatnonzero(look), f.lines)
    meanings = (
        ("from_region", f.meant.imports),
        ("from_region", f.meant.added),
        ("to_sector", f.meant.exports),
    )
    for role, meant in meanings:
        words = [(i, w) for i, w in enumerate(f.labels[role]) if w in meant]
        if len(words) > 1:
            found += synonyms(str(path), columns, f.value, ROLES.index(role), words, f.lines)
    return found


def _codes(words: list[str]) -> list[str]:
    """A code for each word, numbered where one was given before: "gov spend" and "gov_spend" are two."""
    out: dict[str, None] = {}
    for word in words:
        code = word.casefold().replace(" ", "_")
        numbered = (f"{code}_{i}" for i in itertools.count(2))
        out[code if code not in out else next(c for c in numbered if c not in out)] = None
    return list(out)


def _matrix(value: Floats, row: Any, column: Any, mask: Any, shape: tuple[int, int]) -> Any:
    pick = np.flatnonzero(mask)
    small = np.int32 if max(shape) < 2**31 else np.int64
    where = (row[pick].astype(small), column[pick].astype(small))
    return sparse.coo_array((value[pick], where), shape=shape).tocsc()


def _value_added(
    f: Flows, mask: Any, buyer: Any, n: int, output: Floats, flows: Any, imports: Any
) -> tuple[Floats, tuple[tuple[str, Text], ...], tuple[Operation, ...]]:
    if mask.any():
        kinds, names = index(f.labels["from_sector"], f.at["from_sector"][mask])
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
