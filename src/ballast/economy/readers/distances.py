"""A desk's file of distances between regions: three columns (from, to, km), or a square with names on
both sides.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ballast import machine
from ballast.economy.economy import Floats, Region
from ballast.economy.names import Names
from ballast.economy.readers.cells import number, plain
from ballast.economy.readers.files import first_with_rows
from ballast.errors import BookError, Finding, raise_findings

_FROM, _TO, _KM = (
    ("from", "起点", "起", "origin"),
    ("to", "终点", "止", "destination"),
    ("km", "distance", "距离", "公里"),
)
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
    for r, a, b, value, c in cells:
        ends = known.find(a), known.find(b)
        for word in (a, b):
            if known.rivals(word):
                findings.append(Finding("error", sheet.place(r), known.unknown(word), "Write the code"))
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
    km = np.where(np.isnan(km), km.T, km)
    raise_findings(findings, BookError, head=f"{path} cannot be used:")
    if told is not None:
        told += findings
    return _filled(km, path, regions)


def _filled(km: Floats, path: Path, regions: tuple[Region, ...]) -> Floats:
    """The distance within a region where the file does not say it; every pair must be there."""
    off = np.where(np.eye(len(km), dtype=bool), np.inf, np.where(km > 0, km, np.inf))
    inside = np.diag(km).copy()
    lacking = ~(inside > 0)
    inside[lacking] = INSIDE * off.min(axis=1)[lacking]
    np.fill_diagonal(km, inside)
    bad = np.argwhere(~(km > 0))
    if len(bad):
        pairs = ", ".join(f"{regions[a].code}-{regions[b].code}" for a, b in bad[:6])
        raise BookError(f"{path}: {len(bad)} pairs have no distance ({pairs} ...). Complete the file.")
    return km
