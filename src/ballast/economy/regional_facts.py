"""A desk's file of regional facts, for `regional.regionalise`: who makes how much where.

One sheet or CSV of three columns (region, sector, output), or a square with sectors in the first column
and regions in the first row. Amounts may be output, value added or people: only shares within a sector
count. A second sheet with exports in the same form is taken for exports. Regions are as the file names
them; Chinese provinces get their codes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ballast import machine, safe
from ballast.economy.desk_sheets import EVERY, is_total
from ballast.economy.economy import Economy, Floats, Region
from ballast.economy.names import Names, key
from ballast.economy.readers.cells import is_unknown, number, plain
from ballast.economy.readers.distances import distances
from ballast.economy.readers.files import Sheet, sheets
from ballast.economy.readers.labels import faults, look_alikes
from ballast.economy.readers.wide import wider
from ballast.economy.regional import RegionalFacts
from ballast.errors import BookError, Finding, raise_findings
from ballast.evidence import Grade, Source
from ballast.text import Text

_REGION = ("region", "地区", "省份", "省区市")
_SECTOR = ("sector", "industry", "行业", "部门")
_VALUE = (
    "output",
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
_EXPORTS = ("exports", "export", "出口")


def read(path: Path, national: Economy, distance: Path | None) -> RegionalFacts:
    """The facts in `path`; BookError names every cell that cannot be used."""
    findings: list[Finding] = []
    cells: dict[bool, list[tuple[str, int, float, str]]] = {False: [], True: []}
    for sheet in sheets(path):
        if sheet.rows:
            findings += [*sheet.findings, *wider(sheet, 0, square=True)]
            abroad = sheet.name.strip().casefold() in _EXPORTS
            cells[abroad] += _cells(sheet, Names.sectors(national), findings)
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


def _cells(sheet: Sheet, sectors: Names, findings: list[Finding]) -> list[tuple[str, int, float, str]]:
    """(region as written, sector, amount, place) of one sheet in either form."""
    head = [plain(c).casefold() for c in sheet.rows[0]]
    at = [
        next((i for i, h in enumerate(head) if any(h.startswith(w) for w in words)), -1)
        for words in (_REGION, _SECTOR, _VALUE)
    ]
    if min(at) >= 0:
        rows = [
            (r, row[at[0]], row[at[1]], row[at[2]], at[1], at[2])
            for r, row in enumerate(sheet.rows)
            if r and len(row) > max(at)
        ]
    else:
        rows = [
            (r, sheet.rows[0][c], row[0], row[c], 0, c)
            for r, row in enumerate(sheet.rows)
            if r
            for c in range(1, min(len(row), len(sheet.rows[0])))
        ]
    out = []
    unknown: set[str] = set()
    left: dict[str, str] = {}
    for r, region, sector, value, sector_at, value_at in rows:
        if (region is None or sector is None) and number_or_none(value):
            lacks = "region" if region is None else "sector"
            what = f"has an amount and no {lacks}"
            findings.append(Finding("error", sheet.place(r, value_at), what, "Fill it in, in every row"))
            continue
        if region is None or sector is None:
            continue
        if word := next((plain(w) for w in (region, sector) if _is_total(w)), ""):
            left.setdefault(word, sheet.place(r, value_at))
            continue
        found = sectors.find(sector)
        if found is None and plain(sector) in unknown:
            continue
        if found is None:
            unknown.add(plain(sector))
            like = " or ".join(f"{p.code} ({p.name})" for p in sectors.propose(sector))
            todo = f"Did you mean {like}?" if like else "See `ballast book show --codes`"
            findings.append(
                Finding("error", sheet.place(r, sector_at), sectors.unknown(plain(sector)), todo)
            )
            continue
        if is_unknown(value):
            todo = "Write what is known, or leave it empty where nothing is made"
            findings.append(Finding("error", sheet.place(r, value_at), f"says {plain(value)!r}", todo))
            continue
        try:
            amount = number(value)
        except ValueError as error:
            findings.append(Finding("error", sheet.place(r, value_at), str(error), "Write a number"))
            continue
        if amount is not None and amount < 0:
            findings.append(
                Finding(
                    "error", sheet.place(r, value_at), f"is negative ({amount:g})", "Write what is made"
                )
            )
        elif amount is not None:
            out.append((plain(region), found, amount, sheet.place(r, value_at)))
    for word, place in left.items():
        todo = "Write the region's or sector's own name if it is none"
        findings.append(Finding("note", place, f"{word!r} is taken for a total and left out", todo))
    return out


def _is_total(cell: object) -> bool:
    """Whether a name is a word for a total; all of a country is one, where regions share it."""
    word = plain(cell)
    return is_total(word) or word.casefold().replace(" ", "") in (*EVERY["region"], *EVERY["sector"])


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
    from ballast.economy.builders.china_names import REGIONS

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
