"""Regions that are sums of others (East = A + B, a whole country under any name), found by arithmetic.

`economy.sums` looks for them; here is how sure one is. A sum holds in every sector within the rounding of
its figures, and so many figures hardly agree by chance: each brings as many bits as figures of its sector
are wider apart than rounding, and the sets that there are take some away: as many regions of all others,
for every region. Sets of regions that nowhere exceed it would be too few, as they were chosen for being
near. A sector in which regions have the same shares as elsewhere brings none. A sum that may be chance is
told: of random tables up to a few in a hundred have such. Where it bears the name of a part of a country
(the South, 东部地区), an exact sum of others that bear none is taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from ballast.arrays import Floats
from ballast.economy.sheets.labels import simplest
from ballast.economy.sums import ROUNDED, Grid, Judge, all_others, last_digits, parts

SURE = 2.0**-6  # sums that are none, as the sets expect them of a table; a bound, mostly far from above
POSSIBLE = 0.5  # what is told; the sets bound what is expected from above
_EXACT = 1e-9
_NORMAL = float(np.sqrt(2 * np.pi))  # standard deviations as wide as a normal spread is high
_MIDDLE = 0.9539  # standard deviations between two of a normal spread, in the middle of all pairs
_PART = re.compile(  # of a country
    r"(?:[东西南北中](?:部|方)?|[华西东][东北南中]|沿海|内陆|长三角|珠三角|京津冀|环渤海|长江中游)"
    r"(?:省份|各省|地区|区域|经济区|片区|大区)?"
    r"|(?:the |region )?"
    r"(?:(?:mid|north|south|east|west|middle|cent(?:er|re|ral)|coast(?:al)?|inland)[ -]?){1,2}(?:ern)?"
    r"(?: (?:regions?|areas?|provinces|states|part|china))?"
)


class Sum(NamedTuple):
    """A row, the rows it adds up, and whether that can hardly be chance."""

    whole: int
    parts: tuple[int, ...]
    sure: bool = True


def is_part_of_country(name: str) -> bool:
    """Whether a name is one for several regions: 东部地区, 华东, North, Southern provinces."""
    return _PART.fullmatch(simplest(name)) is not None


def sums(table: Floats, named: Collection[int] = ()) -> list[Sum]:
    """The sums in `table` [region, sector] >= 0; rows `named` are called a part of a country."""
    filled = np.flatnonzero(table.any(axis=1)).tolist()
    if len(filled) < 3:
        return []
    judge = partial(_odds, _apart(table[filled]))
    alone, every = np.full(len(table), -1, np.int32), np.ones(table.shape[1], bool)
    whole = all_others(range(len(table)), table, alone, every)
    found = {i: Sum(i, tuple(r for r in filled if r != i)) for i in whole}
    left = [i for i in filled if i not in found]
    may_be = _found(table, left, left, POSSIBLE, judge)
    found |= _found(table, left, may_be, SURE, judge)
    for i in sorted({*named} & {*left} - found.keys()):
        rows = [r for r in left if r == i or r not in {*found, *named}]
        found |= _found(table, rows, [i], np.inf, _exact)
    found = {i: s._replace(sure=False) for i, s in may_be.items()} | found
    return [found[i] for i in sorted(found)]


def _found(
    table: Floats, rows: Sequence[int], of: Collection[int], chance: float, judge: Judge
) -> dict[int, Sum]:
    """Which of the rows `of` are sums of some `rows`."""
    if len(rows) < 3 or not of:
        return {}
    grid = Grid.of([(table[rows], np.full(len(rows), -1))], 0, 0)
    found = parts(grid, {i for i, r in enumerate(rows) if r in of}, chance, judge, every=True)
    return {rows[i]: Sum(rows[i], tuple(rows[j] for j in some)) for i, some in found.items()}


def _exact(whole: Floats, rows: Floats, *_: object) -> float:
    """No chance where rows add up to the last digit, as a name that says so makes sure."""
    return -np.inf if _add_up(whole, rows, _allowed(whole, rows)[0]) else np.inf


def _apart(table: Floats) -> Floats:
    """[sector] how far two regions are apart, in the middle of all pairs, as a standard deviation. A few
    large regions do not move it: where most lie, sums agree more often than the true one would say.
    """
    one, other = np.triu_indices(len(table), 1)
    return np.array([np.median(np.abs(c[one] - c[other])) for c in table.T]) / _MIDDLE


def _odds(spread: Floats, whole: Floats, rows: Floats, *_: object) -> float:
    """The logarithm of the chance that rows add up to a `whole` in every sector, where figures of a sector
    have a standard deviation `spread`; inf where they do not.
    """
    for allowed in _allowed(whole, rows):
        if _add_up(whole, rows, allowed):
            every = np.vstack([whole, rows])
            shares = every.sum(axis=1) / every.sum()
            tells = (np.abs(every - np.outer(shares, every.sum(axis=0))) > allowed).any(axis=0)
            wide = _NORMAL * spread * np.sqrt(len(rows)) / (2 * allowed)  # places where the sum might be
            return -float(np.log(np.maximum(wide[tells], 1.0)).sum())
    return np.inf


def _allowed(whole: Floats, rows: Floats) -> tuple[Floats, Floats]:
    """How far off a sum may be: by half the last digit, or by the rounding of every figure."""
    digits = last_digits(np.vstack([whole, rows]), 0)
    exact = np.maximum(0.5 * digits.min(), _EXACT * whole)
    return exact, np.maximum(0.5 * digits.sum() * (1 + _EXACT), ROUNDED * whole)


def _add_up(whole: Floats, rows: Floats, allowed: Floats) -> bool:
    """Whether rows add up to a whole, and each of them is needed."""
    gap = np.abs(rows.sum(axis=0) - whole)
    return bool((gap <= allowed).all() and (rows > allowed).any(axis=1).all())
