"""A desk's file of regional facts, for `regional.regionalise`: who makes how much where.

One sheet or CSV of three columns (region, sector, output), or a square with sectors in the first column
and regions in the first row. Amounts may be output, value added or people: only shares within a sector
count. A second sheet with exports in the same form is taken for exports. Regions are as the file names
them; Chinese provinces get their codes.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ballast import machine, safe
from ballast.arrays import Floats
from ballast.economy.economy import Economy, Region
from ballast.economy.names.matcher import Names, key
from ballast.economy.own import sheets as desk_sheets
from ballast.economy.regions.distances import distances
from ballast.economy.regions.tables import RegionalFacts
from ballast.economy.sheets.cells import is_unknown, number, plain
from ballast.economy.sheets.files import Sheet, sheets
from ballast.economy.sheets.labels import faults, is_total, is_whole, look_alikes
from ballast.economy.sheets.wide import wider
from ballast.errors import BookError, Finding, raise_findings
from ballast.evidence import Grade, Source
from ballast.text import Text

_REGION = ("region", "province", "state", "地区", "地區", "省份", "省区市")
_SECTOR = ("sector", "industry", "行业", "行業", "部门")
_VALUE = (
    "output",
    "gross output",
    "value added",
    "value_added",
    "value",
    "employment",
    "产出",
    "总产出",
    "增加值",
    "从业人员",
    "数值",
)
_NO_REGION = re.compile(
    r"^(?:其中|of which)|占比|比重|份额|增速|增长|排名|位次|人均|%|"
    r"\b(?:share|rank|ranking|cagr|growth|per capita)\b"
)
_EXPORTS = ("exports", "export", "出口")


def read(path: Path, national: Economy, distance: Path | None) -> RegionalFacts:
    """The facts in `path`; BookError names every cell that cannot be used."""
    findings: list[Finding] = []
    cells: dict[bool, list[tuple[str, int, float, str]]] = {False: [], True: []}
    whole = {key(w) for r in national.regions for w in (r.code, r.name.en, r.name.zh, *r.aliases)}
    together: list[str] = []
    for sheet in sheets(path):
        if sheet.rows:
            findings += [*sheet.findings, *wider(sheet, _top(sheet), square=True)]
            abroad = sheet.name.strip().casefold() in _EXPORTS
            found = _cells(sheet, Names.sectors(national), whole, findings)
            cells[abroad] += found
            together += [sheet.name] if found and not abroad else []
    if len(together) > 1:
        what = f"the sheets {', '.join(together[:8])} are read together, as parts of one table"
        findings.append(
            Finding("note", str(path), what, "Take out those of another year or another figure")
        )
    findings += _sum_of_others(cells[False])
    raise_findings(findings, BookError, head=f"{path} cannot be used:")
    if not cells[False]:
        raise BookError(f"{path}: no rows of output. Give columns region, sector and output, or a square.")
    names = list(dict.fromkeys(c[0] for c in cells[False]))
    raise_findings(
        [*faults(names, lambda _: str(path)), *look_alikes("region", str(path), names)],
        BookError,
        head=f"{path} cannot be used:",
    )
    regions = _regions(names, national)
    where = {key(w): i for i, r in enumerate(regions) for w in (r.code, r.name.en, r.name.zh, *r.aliases)}
    output, exports = (_array(cells[a], where, len(regions), national.k, path) for a in (False, True))
    todo = "Merge regions first"
    machine.room_for(6.0 * 8 * len(regions) ** 2, f"{path}: {len(regions):,} regions", todo, BookError)
    ones = np.ones((len(regions),) * 2)
    km = ones if distance is None else distances(distance, regions, findings)
    named = f"regions-{safe.name(path.stem)}", safe.name(path.name)
    source = Source(*named, "as given by the user", "not stated", "", Grade.D)
    return RegionalFacts(
        regions, output, km, exports if exports.any() else None, source=source, findings=tuple(findings)
    )


class _Cell(NamedTuple):
    """An amount with the names beside it, as written, and where they stand."""

    row: int
    region: object
    sector: object
    value: object
    sector_at: int
    value_at: int


def _top(sheet: Sheet) -> int:
    """The row of the heads: the first that holds more than a title."""
    return next((r for r, row in enumerate(sheet.rows) if sum(c is not None for c in row) > 1), 0)


def _layout(sheet: Sheet, findings: list[Finding]) -> list[_Cell]:
    """The cells of a sheet in either form, below its titles."""
    top = _top(sheet)
    heads = sheet.rows[top]
    head = [plain(c).casefold() for c in heads]
    at = [
        next((i for i, h in enumerate(head) if any(h.startswith(w) for w in words)), -1)
        for words in (_REGION, _SECTOR, _VALUE)
    ]
    if min(at) >= 0:
        findings += _unclear_heads(sheet, top, head)
        return [
            _Cell(r, row[at[0]], row[at[1]], row[at[2]], at[1], at[2])
            for r, row in enumerate(sheet.rows)
            if r > top and len(row) > max(at)
        ]
    return [
        _Cell(r, heads[c], row[0], row[c], 0, c)
        for r, row in enumerate(sheet.rows)
        if r > top
        for c in range(1, min(len(row), len(heads)))
    ]


def _cells(
    sheet: Sheet, sectors: Names, whole: set[str], findings: list[Finding]
) -> list[tuple[str, int, float, str]]:
    """(region as written, sector, amount, place) of one sheet. `whole` are names of all of the country."""
    cells, out = _layout(sheet, findings), []
    merged = {c: sheet.merged_down(c) for c in {cell.value_at for cell in cells}}
    left: dict[str, str] = {}
    strange: dict[str, str] = {}
    unknown: set[str] = set()
    for cell in cells:
        place = sheet.place(cell.row, cell.value_at)
        if cell.region is None or cell.sector is None:
            if number_or_none(cell.value):
                what = f"has an amount and no {'region' if cell.region is None else 'sector'}"
                findings.append(Finding("error", place, what, "Fill it in, in every row"))
            continue
        region, sector = plain(cell.region), plain(cell.sector)
        found = sectors.find(sector)
        if word := next((w for w in (region, sector) if _is_total(w)), ""):
            left.setdefault(word, place)
        elif key(region) in whole:
            left.setdefault(region, place)
        elif _NO_REGION.search(region.casefold()):
            strange.setdefault(region, place)
        elif found is None:
            if sector not in unknown:
                unknown.add(sector)
                findings.append(_unknown(sector, sectors, sheet.place(cell.row, cell.sector_at)))
        elif (top := merged[cell.value_at].get(cell.row)) is not None:
            what = f"is merged with row {top + 1}: one amount of several rows"
            findings.append(Finding("error", place, what, "Write the amount of each row"))
        elif (amount := _amount(cell.value, place, findings)) is not None:
            out.append((region, found, amount, place))
    for word, place in strange.items():
        todo = "Take the column or the rows out, or call it otherwise if it is one"
        findings.append(Finding("error", place, f"{word!r} does not look like a region", todo))
    for word, place in left.items():
        todo = "Write the region's or sector's own name if it is none"
        findings.append(Finding("note", place, f"{word!r} is taken for a total and left out", todo))
    return out


def _unknown(sector: str, sectors: Names, place: str) -> Finding:
    like = " or ".join(f"{p.code} ({p.name})" for p in sectors.propose(sector))
    todo = f"Did you mean {like}?" if like else "See `ballast book show --codes`"
    return Finding("error", place, sectors.unknown(sector), todo)


def _amount(value: object, place: str, findings: list[Finding]) -> float | None:
    """What is made; None, with a finding, for what is no such number, and for nothing."""
    if is_unknown(value):
        todo = "Write what is known, or leave it empty where nothing is made"
        findings.append(Finding("error", place, f"says {plain(value)!r}", todo))
        return None
    try:
        amount = number(value)
    except ValueError as error:
        findings.append(Finding("error", place, str(error), "Write a number"))
        return None
    if amount is not None and amount < 0:
        findings.append(Finding("error", place, f"is negative ({amount:g})", "Write what is made"))
        return None
    return amount


def _is_total(cell: object) -> bool:
    """Whether a name is a word for a total; all of a country is one, where regions share it."""
    word = plain(cell)
    every = (*desk_sheets.EVERY["region"], *desk_sheets.EVERY["sector"])
    return is_total(word) or is_whole(word) or word.casefold().replace(" ", "") in every


def _unclear_heads(sheet: Sheet, top: int, head: list[str]) -> list[Finding]:
    """Several columns that may be the amounts, or amounts in several units."""
    found = []
    amounts = [i for i, h in enumerate(head) if any(h.startswith(w) for w in _VALUE)]
    if len(amounts) > 1:
        what = (
            f"several columns may be the amounts: {', '.join(plain(sheet.rows[top][i]) for i in amounts)}"
        )
        found.append(Finding("error", sheet.place(top), what, "Keep the one that is meant"))
    for at in [i for i, h in enumerate(head) if h in ("unit", "单位")]:
        units = list(
            dict.fromkeys(plain(row[at]) for row in sheet.rows[top + 1 :] if len(row) > at and row[at])
        )
        if len(units) > 1:
            what = f"the amounts are in several units: {', '.join(units[:4])}"
            found.append(Finding("error", sheet.place(top, at), what, "Write all of them in one unit"))
    return found


def _sum_of_others(cells: list[tuple[str, int, float, str]]) -> list[Finding]:
    """Regions that are the sum of all others in every sector: a total, whatever it is called."""
    place = {region: i for i, region in enumerate(dict.fromkeys(c[0] for c in cells))}
    used = {sector: i for i, sector in enumerate(dict.fromkeys(c[1] for c in cells))}
    table = np.zeros((len(place), len(used)))
    for region, sector, amount, _ in cells:
        table[place[region], used[sector]] += amount
    if len(place) < 3 or len(used) < 2:
        return []
    rest = table.sum(axis=0) - table
    same = (np.abs(rest - table) <= desk_sheets.TOTAL_GAP * table).all(axis=1) & table.any(axis=1)
    where = {region: at for region, _, _, at in reversed(cells)}
    return [
        Finding("error", where[region], f"{region!r} is the sum of all others", "Take the total out")
        for region, i in place.items()
        if same[i]
    ]


def number_or_none(cell: object) -> float | None:
    """The number of a cell; None for anything else."""
    try:
        return number(cell)
    except ValueError:
        return None


def _regions(names: list[str], national: Economy) -> tuple[Region, ...]:
    """The regions in order of appearance; in a book of China, provinces under their own codes when all of
    them are. SC and SD are provinces there, and states elsewhere.
    """
    from ballast.economy.names.china import REGIONS

    words = list(dict.fromkeys(names))
    china = Names("region", REGIONS)
    chinese = national.currency == "CNY" or any(r.code in ("CN", "CHN") for r in national.regions)
    known = [china.find(w) if chinese else None for w in words]
    if all(k is not None for k in known):
        return tuple(REGIONS[k] for k in dict.fromkeys(known) if k is not None)
    return tuple(Region(w, Text(w, w)) for w in words)


def _array(
    cells: list[tuple[str, int, float, str]], where: dict[str, int], r: int, k: int, path: Path
) -> Floats:
    out = np.zeros((r, k))
    seen: dict[tuple[int, int], str] = {}
    for region, sector, amount, place in cells:
        at = where.get(key(region))
        if at is None:
            raise BookError(f"{place}: region {region!r} has no output in {path.name}. Name it there too.")
        if (at, sector) in seen:
            raise BookError(f"{place}: says again what {seen[at, sector]} said. Keep one of the two.")
        seen[at, sector] = place
        out[at, sector] = amount
    return out
