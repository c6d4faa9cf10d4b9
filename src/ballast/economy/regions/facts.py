"""A desk's file of regional facts, for `regional.regionalise`: who makes how much where.

One sheet or CSV of three columns (region, sector, output), or a square of both (`layout`). Amounts may be
output, or value added, people, sales, which is told: only shares within a sector count, and may be given as
such (24%). A second sheet with exports in the same form is taken for exports. Regions are as the file names
them; Chinese provinces get their codes. A region that is the sum of others (`sums`) is refused, and what
has no amount is told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ballast import machine, safe
from ballast.arrays import Floats
from ballast.economy.economy import Economy, Region
from ballast.economy.names.matcher import Names, key
from ballast.economy.regions.distances import distances
from ballast.economy.regions.layout import cells, no_region, number_or_none, share_or_number
from ballast.economy.regions.sums import is_part_of_country, sums
from ballast.economy.regions.tables import RegionalFacts
from ballast.economy.sheets.cells import is_unknown, plain
from ballast.economy.sheets.files import Sheet, sheets
from ballast.economy.sheets.labels import faults, is_total, is_whole, look_alikes
from ballast.economy.sheets.said import EVERY
from ballast.economy.sheets.wide import head_row, wider
from ballast.economy.sums import last_digits, slack_of
from ballast.errors import BookError, Finding, raise_findings
from ballast.evidence import Grade, Source
from ballast.text import Text, counted, listed

_EXPORTS = ("exports", "export", "出口")
MOST_NAMED = 8
SHARES_OFF = 0.001, 0.03  # least and most that rounding may leave between shares and their whole


class Given(NamedTuple):
    """An amount: region as written, sector, and where it stands; None where the cell is blank. A share is
    shown in percent.
    """

    region: str
    sector: int
    amount: float | None
    place: str
    is_share: bool


def read(path: Path, national: Economy, distance: Path | None) -> RegionalFacts:
    """The facts in `path`; BookError names every cell that cannot be used."""
    findings: list[Finding] = []
    made, abroad = _given(path, national, findings)
    findings += [*_sums(made), *_shares(made, national), *_shares(abroad, national), *_structure(made)]
    raise_findings(findings, BookError, head=f"{path} cannot be used:")
    if not made:
        raise BookError(f"{path}: no rows of output. Give columns region, sector and output, or a square.")
    names = list(dict.fromkeys(c.region for c in made if c.amount is not None))
    raise_findings(
        [
            *faults(names, lambda _: str(path)),
            *look_alikes("region", str(path), names),
            *_years(names, path),
        ],
        BookError,
        head=f"{path} cannot be used:",
    )
    regions = _regions(names, national)
    where = {key(w): i for i, r in enumerate(regions) for w in (r.code, r.name.en, r.name.zh, *r.aliases)}
    findings += _without(made, where)
    output, given = _array(made, where, (len(regions), national.k), path)
    exports, _ = _array(abroad, where, output.shape, path)
    findings += _nothing(given, output, national, regions, path)
    todo = "Merge regions first"
    machine.room_for(6.0 * 8 * len(regions) ** 2, f"{path}: {len(regions):,} regions", todo, BookError)
    ones = np.ones((len(regions),) * 2)
    km = ones if distance is None else distances(distance, regions, findings)
    named = f"regions-{safe.name(path.stem)}", safe.name(path.name)
    source = Source(*named, "as given by the user", "not stated", "", Grade.D)
    return RegionalFacts(
        regions, output, km, exports if exports.any() else None, source=source, findings=tuple(findings)
    )


def _given(path: Path, national: Economy, findings: list[Finding]) -> tuple[list[Given], list[Given]]:
    """What the sheets say of output and of exports."""
    found: dict[bool, list[Given]] = {False: [], True: []}
    whole = {key(w) for r in national.regions for w in (r.code, r.name.en, r.name.zh, *r.aliases)}
    together: list[str] = []
    for sheet in sheets(path):
        if sheet.rows:
            findings += [*sheet.findings, *wider(sheet, head_row(sheet), square=True)]
            abroad = sheet.name.strip().casefold() in _EXPORTS
            more = _cells(sheet, Names.sectors(national), whole, findings, abroad=abroad)
            found[abroad] += more
            together += [sheet.name] if more and not abroad else []
    if len(together) > 1:
        what = f"the sheets {', '.join(together[:8])} are read together, as parts of one table"
        findings.append(
            Finding("note", str(path), what, "Take out those of another year or another figure")
        )
    return found[False], found[True]


def _cells(
    sheet: Sheet, sectors: Names, whole: set[str], findings: list[Finding], *, abroad: bool
) -> list[Given]:
    """What one sheet says. `whole` are names of all of the country."""
    every, out = cells(sheet, sectors, findings, abroad=abroad), list[Given]()
    merged = {c: sheet.merged_down(c) for c in {cell.value_at for cell in every}}
    left: dict[str, str] = {}
    strange: dict[str, str] = {}
    unknown: set[str] = set()
    for cell in every:
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
        elif no_region(region):
            strange.setdefault(region, place)
        elif found is None:
            if sector not in unknown:
                unknown.add(sector)
                findings.append(_unknown(sector, sectors, sheet.place(*cell.sector_place)))
        elif (top := merged[cell.value_at].get(cell.row)) is not None:
            what = f"is merged with row {top + 1}: one amount of several rows"
            findings.append(Finding("error", place, what, "Write the amount of each row"))
        else:
            amount, is_share = _amount(cell.value, place, findings)
            is_share = is_share or (cell.row, cell.value_at) in sheet.percent
            out.append(Given(region, found, amount, place, is_share))
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


def _amount(value: object, place: str, findings: list[Finding]) -> tuple[float | None, bool]:
    """What is made, None, with a finding, for what is no such number, and for nothing; whether it is
    written as a share.
    """
    if is_unknown(value):
        todo = "Write what is known, or leave it empty where nothing is made"
        findings.append(Finding("error", place, f"says {plain(value)!r}", todo))
        return None, False
    try:
        amount, is_share = share_or_number(value)
    except ValueError as error:
        findings.append(Finding("error", place, str(error), "Write a number"))
        return None, False
    if amount is not None and amount < 0:
        findings.append(Finding("error", place, f"is negative ({amount:g})", "Write what is made"))
        return None, False
    return amount, is_share


def _is_total(cell: object) -> bool:
    """Whether a name is a word for a total; all of a country is one, where regions share it."""
    word = plain(cell)
    every = (*EVERY["region"], *EVERY["sector"])
    return is_total(word) or is_whole(word) or word.casefold().replace(" ", "") in every


def _sums(cells: list[Given]) -> list[Finding]:
    """Regions that are the sum of others in every sector: totals, whatever they are called."""
    place = {region: i for i, region in enumerate(dict.fromkeys(c.region for c in cells))}
    used = {sector: i for i, sector in enumerate(dict.fromkeys(c.sector for c in cells))}
    table = np.zeros((len(place), len(used)))
    for cell in cells:
        table[place[cell.region], used[cell.sector]] += cell.amount or 0.0
    names, where = list(place), {c.region: c.place for c in reversed(cells)}
    found = []
    for whole, parts, sure in sums(table, [i for i, name in enumerate(names) if is_part_of_country(name)]):
        of, todo = (
            listed([names[i] for i in parts], MOST_NAMED),
            "Take it out, or the regions that it adds up",
        )
        if len(parts) == len(names) - 1:
            of, todo = "all others", "Take the total out"
        what = f"{names[whole]!r} is the sum of {of}"
        if not sure:
            what, todo = f"{what}: it adds up, which may be chance", f"{todo}, if it is one"
        found.append(Finding("error" if sure else "warning", where[names[whole]], what, todo))
    return found


def _shares(cells: list[Given], national: Economy) -> list[Finding]:
    """What shares leave open: amounts beside them, sectors of which they are not the whole."""
    each, given = dict[int, list[float]](), dict[int, dict[bool, Given]]()
    for cell in (c for c in cells if c.amount):
        given.setdefault(cell.sector, {}).setdefault(cell.is_share, cell)
        each.setdefault(cell.sector, []).append(cell.amount or 0.0)
    names = [s.code for s in national.sectors]
    found = []
    for sector, kinds in given.items():
        if len(kinds) > 1:
            what = f"{names[sector]} has amounts here, and shares in {kinds[True].place}"
            found.append(Finding("error", kinds[False].place, what, "Write all of a sector one way"))
    shares = {k: kinds[True] for k, kinds in given.items() if len(kinds) == 1 and True in kinds}
    first = next(iter(shares.values()), None)
    off = [k for k in shares if not _are_all(each[k], 1.0)]
    if off and first is not None:
        named = listed([f"{names[k]} {100 * sum(each[k]):.3g}%" for k in off], MOST_NAMED)
        what = f"shares of a sector do not add up to 100%: {named}; output follows them in proportion"
        todo = "Give each sector's shares by region, and all regions"
        found.append(Finding("warning", first.place, what, todo))
    elif first is not None:
        what = "the amounts are shares of each sector: its output follows them"
        found.append(Finding("note", first.place, what, "Nothing to do"))
    return found


def _are_all(shares: list[float], whole: float) -> bool:
    """Whether shares add up to a whole, but for their rounding."""
    digit = float(last_digits(np.array([shares]), 0)[0])
    least, most = (off * whole for off in SHARES_OFF)
    return bool(abs(sum(shares) - whole) <= min(max(slack_of(digit, len(shares)), least), most))


def _structure(cells: list[Given]) -> list[Finding]:
    """An error where every region's amounts add up to 100, or to 1: shares of its sectors, by which all
    regions would be equally large.
    """
    whole: dict[bool, dict[object, list[float]]] = {True: {}, False: {}}  # by region, by sector
    for cell in (c for c in cells if c.amount):
        whole[True].setdefault(cell.region, []).append(cell.amount or 0.0)
        whole[False].setdefault(cell.sector, []).append(cell.amount or 0.0)

    def add_up(to: float, by_region: bool) -> bool:
        return all(len(each) > 1 and _are_all(each, to) for each in whole[by_region].values())

    to = next((to for to in (1.0, 100.0) if add_up(to, True) and not add_up(to, False)), None)
    if to is None or len(whole[True]) < 2:
        return []
    what = f"the amounts of each region add up to {to:g}: they are shares of its sectors"
    todo = "Give amounts, or each sector's shares by region"
    return [Finding("error", cells[0].place, what, todo)]


def _years(names: list[str], path: Path) -> list[Finding]:
    """An error where all that stands in the place of regions are years."""
    if not all(re.fullmatch(r"(?:19|20)\d\d年?", name) for name in names):
        return []
    what = f"the regions would be the years {listed(names, MOST_NAMED)}"
    return [Finding("error", str(path), what, "Give the regions, and the output of one year")]


def _without(cells: list[Given], where: dict[str, int]) -> list[Finding]:
    """A warning of each region that has no amount at all."""
    empty = {c.region: c.place for c in reversed(cells) if key(c.region) not in where}
    todo = "Write what is made there, or take it out"
    what = "{0!r} has no amount in any sector and is left out"
    return [Finding("warning", empty[name], what.format(name), todo) for name in reversed(empty)]


def _nothing(
    given: Floats, output: Floats, national: Economy, regions: Sequence[Region], path: Path
) -> list[Finding]:
    """What is told of places without an amount: nothing is made there, so others make all of it."""
    made = np.bincount(national.node_sector, national.output, national.k) > 0
    lacking = np.argwhere(~given.astype(bool) & made)
    if not len(lacking):
        return []
    names = [s.code for s in national.sectors]
    said = listed([f"{regions[r].code}.{names[k]}" for r, k in lacking.tolist()], MOST_NAMED)
    has = counted(len(lacking), "place of region and sector has", "places of region and sector have")
    what = f"{has} no amount, which counts as nothing made: {said}"
    alone = [k for k in dict.fromkeys(lacking[:, 1].tolist()) if np.count_nonzero(output[:, k]) == 1]
    if alone:
        whose = [f"all of {names[k]} goes to {regions[int(np.argmax(output[:, k]))].code}" for k in alone]
        what += f"; so {listed(whose, MOST_NAMED)}"
    todo = "Write what is made there; 0 where it is nothing"
    return [Finding("warning" if alone else "note", str(path), what, todo)]


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
    cells: list[Given], where: dict[str, int], shape: tuple[int, ...], path: Path
) -> tuple[Floats, Floats]:
    """[R, K] the amounts, and 1 where there is one."""
    out, given = np.zeros(shape), np.zeros(shape)
    seen: dict[tuple[int, int], str] = {}
    for region, sector, amount, place, _ in cells:
        at = where.get(key(region))
        if amount is None:
            continue
        if at is None:
            raise BookError(f"{place}: region {region!r} has no output in {path.name}. Name it there too.")
        if (at, sector) in seen:
            raise BookError(f"{place}: says again what {seen[at, sector]} said. Keep one of the two.")
        seen[at, sector] = place
        out[at, sector], given[at, sector] = amount, 1.0
    return out, given
