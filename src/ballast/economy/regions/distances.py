"""A desk's file of distances between regions: three columns (from, to, km), or a square with names on
both sides.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ballast import machine
from ballast.arrays import Floats
from ballast.economy.economy import Region
from ballast.economy.names.matcher import Names
from ballast.economy.sheets.cells import number, plain
from ballast.economy.sheets.files import Sheet, first_with_rows
from ballast.economy.sheets.said import BRACKETS
from ballast.errors import BookError, Finding, raise_findings
from ballast.text import counted

_FROM, _TO, _KM = (
    ("from", "起", "出发", "发出", "始发", "origin"),
    ("to", "终点", "止", "到达", "目的", "destination"),
    ("km", "distance", "距离", "公里", "里程"),
)
_UNITS = ("km", "kms", "公里", "千米", "kilometres", "kilometers")
MOST_NAMED = 8
SQUARES = 6  # tables of every pair held at a time
INSIDE = (
    0.5  # of the distance to the nearest neighbour, where a file does not say the distance within a region
)


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
    sheet = first_with_rows(path, square=True)
    if sheet is None:
        raise BookError(f"{path}: is empty. Give three columns (from, to, km) or a square of distances.")
    km = np.full((len(regions), len(regions)), np.nan)
    findings = list(sheet.findings)
    head = [plain(c).casefold() for c in sheet.rows[0]]
    at = [
        next((i for i, h in enumerate(head) if any(w in h for w in words)), -1)
        for words in (_FROM, _TO, _KM)
    ]
    if min(at) >= 0:
        cells = [
            (r, row[at[0]], row[at[1]], row[at[2]], at[2])
            for r, row in enumerate(sheet.rows)
            if r and len(row) > max(at)
        ]
    else:
        cells = [
            (r, row[0], name, row[c], c)
            for r, row in enumerate(sheet.rows)
            if r
            for c, name in enumerate(sheet.rows[0])
            if 0 < c < len(row)
        ]
    findings += _units(sheet, at[2])
    strange: dict[str, str] = {}
    for r, a, b, value, c in cells:
        ends = known.find(a), known.find(b)
        for word in (a, b):
            if known.rivals(word):
                findings.append(Finding("error", sheet.place(r), known.unknown(word), "Write the code"))
            elif known.find(word) is None and plain(word) and plain(value):
                strange.setdefault(plain(word), sheet.place(r))
        if None in ends:
            continue
        try:
            far = number(value)
        except ValueError as error:
            findings.append(Finding("error", sheet.place(r, c), str(error), "Write km"))
            continue
        if far is None:
            continue
        if far < 0:
            findings.append(Finding("error", sheet.place(r, c), f"is negative ({far:g})", "Write km"))
        elif not np.isnan(km[ends]) and km[ends] != far:
            what = f"{plain(a)} to {plain(b)} is {far:g} km here and {km[ends]:g} km before"
            findings.append(Finding("error", sheet.place(r, c), what, "Keep one of the two"))
        else:
            km[ends] = far
    findings += _strange(strange, known)
    km = np.where(np.isnan(km), km.T, km)
    raise_findings(findings, BookError, head=f"{path} cannot be used:")
    if told is not None:
        told += findings
    return _filled(km, path, regions, list(strange))


def _units(sheet: Sheet, column: int) -> list[Finding]:
    """An error where the head of the distances gives another unit than km."""
    said = BRACKETS.findall(plain(sheet.rows[0][column])) if column >= 0 else []
    if not said or said[-1].strip().casefold() in _UNITS:
        return []
    return [Finding("error", sheet.place(0, column), f"is in {said[-1]!r}", "Write km")]


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


def _filled(km: Floats, path: Path, regions: tuple[Region, ...], strange: list[str]) -> Floats:
    """The distance within a region where the file does not say it; every pair must be there. `strange` are
    names of the file that are no regions.
    """
    off = np.where(np.eye(len(km), dtype=bool), np.inf, np.where(km > 0, km, np.inf))
    inside = np.diag(km).copy()
    lacking = ~(inside > 0)
    inside[lacking] = INSIDE * off.min(axis=1)[lacking]
    np.fill_diagonal(km, inside)
    bad = sorted({(min(a, b), max(a, b)) for a, b in np.argwhere(~(km > 0)).tolist()})
    if bad:
        pairs = ", ".join(f"{regions[a].code}-{regions[b].code}" for a, b in bad[:6])
        pairs += " ..." if len(bad) > 6 else ""
        named = f" It names {', '.join(strange[:6])}, which the book has not." if strange else ""
        what = counted(len(bad), "pair has", "pairs have")
        raise BookError(f"{path}: {what} no distance ({pairs}).{named} Complete the file.")
    return km
