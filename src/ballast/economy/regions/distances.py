"""A desk's file of distances between regions: three columns (from, to, km), or a square with names on
both sides.

distances   [R, R] km, symmetric where one direction is given; the file's first sheet, below its titles
_pairs      the cells of either form, and which columns they are
_units      what heads, titles, the corner and a column of units say, which must be km
_filled     what a file may leave out: the distance within a region
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from ballast import machine
from ballast.arrays import Floats
from ballast.economy.economy import Region
from ballast.economy.names.matcher import Names
from ballast.economy.sane import NOTHING
from ballast.economy.sheets.cells import number, plain
from ballast.economy.sheets.files import Sheet, first_with_rows
from ballast.economy.sheets.said import BRACKETS, unit_lines, units_of, words_above
from ballast.economy.sheets.stated import unread
from ballast.economy.sheets.units import is_unit
from ballast.economy.sheets.wide import head_row
from ballast.economy.sheets.words import FROM, TO, UNIT
from ballast.errors import BookError, Finding, raise_findings
from ballast.text import counted, listed

_KILOMETRES = ("km", "kms", "公里", "千米", "kilometres", "kilometers", "kilometre", "kilometer")
_FROM, _TO, _KM, _UNIT = (
    (*FROM, "orig", "起", "出发", "发出", "始发", "发货"),
    (*TO, "dest", "止", "到达", "收货"),
    (*_KILOMETRES, "distance", "distances", "dist", "mileage", "距离", "里程", "路程", "运距"),
    UNIT,
)
_LENGTHS = (
    *("m", "metres", "meters", "metre", "meter", "米", "里", "华里", "市里", "英里", "海里"),
    *("mi", "mile", "miles", "nm", "nmi", "ft", "feet", "minutes", "min", "分钟"),
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")  # of road_km, fromRegion, "Distance (km)"
MOST_NAMED = 8
SQUARES = 6  # tables of every pair held at a time
INSIDE = (
    0.5  # of the distance to the nearest neighbour, where a file does not say the distance within a region
)
DETOUR = 2.0  # times as long as the way there: worth a look
FARTHEST = 40_075.0  # km: once round the earth


# row, the names of both ends as written, the distance, its column
_Pair = tuple[int, object, object, object, int]


def distances(path: Path, regions: tuple[Region, ...], told: list[Finding] | None = None) -> Floats:
    """[R, R] km between `regions`, symmetric where one direction is given; BookError names what is
    missing. What is doubtful is added to `told`.
    """
    machine.room_for(
        SQUARES * 8.0 * len(regions) ** 2,
        f"{path}: distances between {len(regions):,} regions",
        "Use a book of fewer regions (`ballast book aggregate`)",
        BookError,
    )
    known = Names("region", regions)
    sheet = first_with_rows(path, square=True, titled=True)
    if sheet is None:
        raise BookError(f"{path}: is empty. Give three columns (from, to, km) or a square of distances.")
    km = np.full((len(regions), len(regions)), np.nan)
    findings = list(sheet.findings)
    strange: dict[str, str] = {}
    for r, a, b, value, c in _pairs(sheet, head_row(sheet), findings):
        ends = known.find(a), known.find(b)
        for word in (a, b):
            if known.rivals(word):
                findings.append(Finding("error", sheet.place(r), known.unknown(word), "Write the code"))
            elif known.find(word) is None and plain(word) and plain(value):
                strange.setdefault(plain(word), sheet.place(r))
        if None in ends:
            findings += _nameless(sheet, r, c, a, b, value)
            continue
        far = _far(value, sheet, r, c, findings)
        if far is None:
            continue
        if not np.isnan(km[ends]) and km[ends] != far:
            what = f"{plain(a)} to {plain(b)} is {far:g} km here and {km[ends]:g} km before"
            findings.append(Finding("error", sheet.place(r, c), what, "Keep one of the two"))
        else:
            km[ends] = far
    findings += _strange(strange, known)
    both, km = km, np.where(np.isnan(km), km.T, km)
    raise_findings(findings, BookError, head=f"{path} cannot be used:")
    findings += [*_inside(km, path, regions), *_one_way(both, path, regions)]
    if told is not None:
        told += findings
    return _filled(km, path, regions, list(strange))


def _nameless(
    sheet: Sheet, row: int, column: int, a: object, b: object, value: object
) -> Iterator[Finding]:
    """An error for a distance beside which a name lacks."""
    if plain(value) not in NOTHING and not (plain(a) and plain(b)):
        todo = "Fill it in, in every row"
        yield Finding("error", sheet.place(row, column), "has a distance and no name at one end", todo)


def _far(value: object, sheet: Sheet, row: int, column: int, findings: list[Finding]) -> float | None:
    """The kilometres of a cell; None, with a finding, for what cannot be any, and for nothing."""
    try:
        far = number(value)
    except ValueError as error:
        findings.append(Finding("error", sheet.place(row, column), str(error), "Write km"))
        return None
    if far is None or 0 <= far <= FARTHEST:
        return far
    long = f"is {far:,.10g} km, and once round the earth is {FARTHEST:,.0f}"
    what = f"is negative ({far:g})" if far < 0 else long
    findings.append(Finding("error", sheet.place(row, column), what, "Write km"))
    return None


# ---- columns and units -----------------------------------------------------------------------


def _pairs(sheet: Sheet, top: int, findings: list[Finding]) -> list[_Pair]:
    """The cells of a sheet in either form, below its heads in row `top`."""
    head = [plain(c) for c in sheet.rows[top]]
    units = [i for i, h in enumerate(head) if _says(BRACKETS.sub("", h), _UNIT)]
    far = [i for i, h in enumerate(head) if i not in units and _says(h, _KM)]
    free = [i for i in range(len(head)) if i not in units and i not in far]
    start, end = (next((i for i in free if _says(head[i], words)), -1) for words in (_FROM, _TO))
    body = range(top + 1, len(sheet.rows))
    if min(start, end) < 0 or start == end:
        findings += _units(sheet, top, 0, corner=True)
        heads = sheet.rows[top]
        return [
            (r, sheet.rows[r][0], heads[c], sheet.rows[r][c], c)
            for r in body
            for c in range(1, min(len(heads), len(sheet.rows[r])))
        ]
    if not far:
        others = listed([head[i] for i in free if i not in (start, end)], MOST_NAMED)
        what = f"no column of kilometres beside from and to; the others are: {others or 'none'}"
        findings.append(Finding("error", sheet.place(top), what, "Write km, and call their column km"))
        return []
    if len(far) > 1:
        what = f"several columns may be the distances: {listed([head[i] for i in far], MOST_NAMED)}"
        findings.append(Finding("error", sheet.place(top), what, "Keep the one that is meant"))
    findings += _units(sheet, top, far[0], corner=False)
    findings += [f for i in units for f in _column_of_units(sheet, top, i)]
    left = unread(head, {head[i] for i in (start, end, *far, *units)}, sheet.where)
    findings += [replace(f, where=sheet.place(top)) for f in left]
    above = sheet.merged_down(far[0])
    for r in above.keys() & {*body}:
        what = f"is merged with row {above[r] + 1}: one distance of several rows"
        findings.append(Finding("error", sheet.place(r, far[0]), what, "Write the distance of each row"))
    names = [  # merged names hold for each row
        {r: first for r, first in sheet.merged_down(c).items() if first > top} for c in (start, end)
    ]
    return [
        (r, sheet.rows[names[0].get(r, r)][start], sheet.rows[names[1].get(r, r)][end], row[far[0]], far[0])
        for r in body
        if len(row := sheet.rows[r]) > max(start, end, far[0])
    ]


def _says(head: str, words: tuple[str, ...]) -> bool:
    """Whether a head holds one of the words: English ones whole, Chinese ones anywhere."""
    whole = {w.casefold() for w in _WORDS.findall(head)}
    return any(w in whole if w.isascii() else w in head for w in words)


def _is_length(word: str) -> bool:
    return word.casefold() in (*_KILOMETRES, *_LENGTHS) or is_unit(word)


def _units(sheet: Sheet, top: int, column: int, *, corner: bool) -> Iterator[Finding]:
    """An error where the head of the distances, or the corner of a square, gives another unit than km; and
    where lines above do so and it gives none.
    """
    head = plain(sheet.rows[top][column])
    said = [u for text in BRACKETS.findall(head) for u in units_of(text, _is_length) or [text.strip()]]
    said = [u for u in said if _is_length(u) or (not corner and re.search(r"[^\W\d]", u))]
    words = [head, *_WORDS.findall(BRACKETS.sub("", head))] if len(head) > 1 else []
    said += [w for w in words if _is_length(w)]
    place = sheet.place(top, column)
    if not said:
        titles = [
            text for cells in words_above(sheet, top) for cell in cells for text in BRACKETS.findall(cell)
        ]
        said = [*unit_lines(sheet, top, _is_length), *(u for u in titles if _is_length(u))]
        place = sheet.where
    if any(u.casefold() in _KILOMETRES for u in said):
        return
    for unit in dict.fromkeys(said):
        yield Finding("error", place, f"is in {unit!r}", "Write km")


def _column_of_units(sheet: Sheet, top: int, column: int) -> Iterator[Finding]:
    """An error where a column of units says another one than km, each with its first row."""
    first: dict[str, int] = {}
    for r in range(top + 1, len(sheet.rows)):
        unit = plain(sheet.rows[r][column]) if column < len(sheet.rows[r]) else ""
        if unit and unit.casefold() not in _KILOMETRES:
            first.setdefault(unit, r)
    for unit, r in list(first.items())[:MOST_NAMED]:
        yield Finding("error", sheet.place(r, column), f"is in {unit!r}", "Write km in every row")


# ---- names and gaps --------------------------------------------------------------------------


def _strange(names: dict[str, str], known: Names) -> list[Finding]:
    """A note on names that the book has not, each with what it may stand for."""
    if not names:
        return []
    shown = ", ".join(
        name + (f" ({' or '.join(p.code for p in found)}?)" if (found := known.propose(name)) else "")
        for name in list(names)[:MOST_NAMED]
    )
    more = " ..." if len(names) > MOST_NAMED else ""
    what = f"names that are no regions of the book are left out: {shown}{more}"
    return [Finding("note", next(iter(names.values())), what, "Correct those that should be some")]


def _nearest(km: Floats) -> Floats:
    """[R] the distance of each region to its nearest neighbour."""
    off = np.where(np.eye(len(km), dtype=bool), np.inf, np.where(km > 0, km, np.inf))
    return np.asarray(off.min(axis=1, initial=np.inf))


def _inside(km: Floats, path: Path, regions: tuple[Region, ...]) -> list[Finding]:
    """A note of regions that are farther across than away from their nearest neighbour, as the file has
    it: less stays in them.
    """
    inside, nearest = np.diag(km), _nearest(km)
    wide = np.flatnonzero(inside > nearest).tolist()
    if not wide:
        return []
    said = [f"{regions[i].code} ({inside[i]:g}, its nearest neighbour {nearest[i]:g})" for i in wide]
    what = f"regions have a longer way within than to their nearest neighbour: {listed(said, MOST_NAMED)}"
    return [Finding("note", str(path), what, "Leave it empty where it is not known: half is taken")]


def _one_way(km: Floats, path: Path, regions: tuple[Region, ...]) -> list[Finding]:
    """A note of pairs that are much farther one way than the other."""
    pairs = np.argwhere(np.where(km > 0, km, np.inf) * DETOUR < np.nan_to_num(km.T)).tolist()
    if not pairs:
        return []
    said = [f"{regions[a].code}-{regions[b].code} ({km[a, b]:g}, back {km[b, a]:g})" for a, b in pairs]
    what = f"the way back is more than {DETOUR:g} times as long: {listed(said, MOST_NAMED)}"
    return [Finding("note", str(path), what, "Correct the one that is a slip; both are used as they stand")]


def _filled(km: Floats, path: Path, regions: tuple[Region, ...], strange: list[str]) -> Floats:
    """The distance within a region where the file does not say it; every pair must be there. `strange` are
    names of the file that are no regions.
    """
    inside = np.diag(km).copy()
    lacking = ~(inside > 0)
    inside[lacking] = INSIDE * _nearest(km)[lacking]
    np.fill_diagonal(km, inside)
    bad = sorted({(min(a, b), max(a, b)) for a, b in np.argwhere(~(km > 0)).tolist()})
    if bad:
        pairs = ", ".join(f"{regions[a].code}-{regions[b].code}" for a, b in bad[:6])
        pairs += " ..." if len(bad) > 6 else ""
        named = f" It names {', '.join(strange[:6])}, which the book has not." if strange else ""
        what = counted(len(bad), "pair has", "pairs have")
        raise BookError(f"{path}: {what} no distance ({pairs}).{named} Complete the file.")
    return km
