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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ballast import machine, safe
from ballast.arrays import Floats
from ballast.economy import classes
from ballast.economy.checks import is_signed, is_stock
from ballast.economy.economy import Sector
from ballast.economy.names.countries import regions_of
from ballast.economy.readers.flows import ROLES, Flows, sums, uses
from ballast.economy.readers.long_files import flows_of
from ballast.economy.readers.repeats import repeats
from ballast.economy.readers.table import INVENTORIES, Table, as_published, nothing_made
from ballast.economy.sheets.files import year_in
from ballast.economy.sheets.stated import Stated
from ballast.errors import BookError, Finding, raise_findings
from ballast.evidence import Grade, Operation, Source
from ballast.text import Text, counted

TITLES = {"long": Text("any table, one flow a row", "任意表，每行一笔流量")}
OPTIONS = ("year", "unit", "currency", "countries")
MANY = False

_SOURCE = "long-table"
EACH = 30  # numbers that are kept for each node, and for each final use of a region
MOST_CELLS = 1 << 24  # of a table that is looked through for sums
HOLLOW, ROOM_A_ROW = 600_000_000, 2_000  # bytes for a table at least, and for each of its rows


def read(
    path: Path,
    *,
    year: int | None = None,
    unit: str | None = None,
    currency: str | None = None,
    countries: bool | None = None,
) -> Table:
    """The economy in the long table `path`."""
    flows, stated = flows_of(path, Stated(year, unit, currency))
    table = _table(flows, path, stated.year, (stated.unit, stated.currency), countries)
    raise_findings(nothing_made(table), BookError, head=f"{path} cannot be used:")
    return table


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
    special = f.meant.imports | f.meant.added
    _ask_about_va(f, path)
    regions = [name for name in f.labels["from_region"] if name not in special]
    kinds = [1 if w in f.meant.imports else 2 if w in f.meant.added else 0 for w in f.labels["from_region"]]
    kind = np.array(kinds, np.int8)[f.at["from_region"]]
    product_of, sectors = _index(f.labels["from_sector"], f.at["from_sector"][kind != 2])
    sector_of = _positions(f.labels["to_sector"], sectors)
    exported = {
        role: np.array([w in f.meant.exports for w in f.labels[role]])
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
    raise_findings(
        [*_sums(f, e, path), *_sum_uses(f, e, flows, final, exports, path)],
        BookError,
        head=f"{path} cannot be used:",
    )
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


def _sums(f: Flows, e: _Ends, path: Path) -> list[Finding]:
    """Regions and sectors that sell or buy what all others do: totals, whatever they are called."""
    home = np.flatnonzero(e.kind == 0)
    product, to_sector = e.product[home], f.at["to_sector"][home]
    region, to_region = (
        _positions(f.labels["from_region"], e.regions)[f.at["from_region"]][home],
        f.at["to_region"][home],
    )
    value, words = f.value[home], f.labels["to_sector"]

    def table(row: Any, column: Any, rows: int, columns: int) -> Floats:
        if rows * columns > MOST_CELLS:
            return np.zeros((rows, 0))
        each = np.bincount(row * columns + column, value, rows * columns)
        return np.asarray(each.reshape(rows, columns), np.float64)

    def found(
        kind: str, names: list[str], each: Floats, columns: list[str], must: Any, beside: Any = None
    ) -> list[tuple[str, str]]:
        if not each.shape[1]:
            return []
        own = _positions(names, columns)
        return [(kind, w) for w in sums(names, each, own, must, beside) if w not in f.meant.special]

    r, k, w = len(e.regions), len(e.sectors), len(words)
    buys = _positions(words, e.sectors) >= 0
    foreign = np.flatnonzero(e.kind == 1)
    abroad = np.bincount(f.at["to_sector"][foreign], f.value[foreign], w)
    places = f.labels["to_region"]
    home_places = np.isin(places, e.regions)
    by_sector, by_place = table(region, to_sector, r, w), table(region, to_region, r, len(places))
    out = found("region", e.regions, by_sector, [], buys)
    out += found("region", e.regions, table(region, product, r, k), [], np.ones(k, bool))
    out += found("region", e.regions, by_place, places, home_places)
    sold = table(product, to_sector, k, w)
    out += found("sector", e.sectors, sold, words, buys, abroad)
    if sold.shape[1]:
        bought = np.zeros((k, k))
        bought[_positions(words, e.sectors)[buys]] = sold[:, buys].T
        out += found("sector", e.sectors, bought, e.sectors, np.ones(k, bool), sold[:, ~buys].sum(axis=1))
    return [
        _refused(f, path, kind, word, f"{kind} {word!r} is the sum of all others")
        for kind, word in dict.fromkeys(out)
    ]


def _sum_uses(f: Flows, e: _Ends, flows: Any, final: Any, exports: Floats, path: Path) -> list[Finding]:
    """Final uses that are sums of what others buy."""
    coo, width = final.tocoo(), len(e.finals)
    at = coo.row.astype(np.int64) * width + coo.col % max(width, 1)
    each = np.bincount(at, coo.data, final.shape[0] * width).reshape(-1, width).astype(np.float64)
    sectors = np.asarray(flows.sum(axis=1), np.float64).ravel()
    return [
        _refused(f, path, "sector", word, f"final use {word!r} is the sum of {what}")
        for word, what in uses(e.finals, each, sectors, exports)
    ]


def _refused(f: Flows, path: Path, kind: str, word: str, what: str) -> Finding:
    where = f"{path}, row {f.lines(f.first(kind, word))}"
    return Finding("error", where, what, "Take its rows out, in which all counts twice")


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
    columns = [(f.at[role], len(f.labels[role])) for role in ROLES]
    return repeats(str(path), columns, f.value, np.flatnonzero(look), f.lines)


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
