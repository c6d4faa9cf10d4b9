"""Regions that are sums of others (East = A + B, a whole country under any name), found by arithmetic.

What could add up: all others, some that stand one after another, or any few. A sum counts when it holds in
every sector within the rounding of its figures, and when so many figures would hardly agree by chance:
each brings as many bits as its spread is wider than what rounding allows, and the sets that were tried
take some away. Regions whose figures are multiples of each other bring next to none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import Floats

GAP = 0.005  # how far a total may be from its parts; more where the last digits of figures allow it
BITS = 7.0  # beyond the sets tried: one chance in a hundred that a sum is none
ALL_SETS = 12  # regions of which every set is tried
SOLVED = 60  # regions whose sums are looked for by equations, where there are as many sectors
MOST_RUNS = 8  # of one region, looked at closely
DIGITS = 6  # after the point that are told apart
_EXACT = 1e-9


def sums(table: Floats) -> list[tuple[int, tuple[int, ...]]]:
    """(row, the rows it adds up) of `table` [region, sector] >= 0; the fewest parts where several sets
    add up.
    """
    table = table[:, table.any(axis=0)]
    filled = np.flatnonzero(table.any(axis=1))
    if len(filled) < 3 or table.shape[1] < 2:
        return []
    digits = np.array([_last_digit(row) for row in table])
    total = table.sum(axis=1)
    found = []
    for whole in filled.tolist():
        others = filled[filled != whole]
        parts = _parts(table, total, digits, whole, others)
        if parts is not None:
            found.append((whole, parts))
    return found


def _parts(
    table: Floats, total: Floats, digits: Floats, whole: int, others: NDArray[np.intp]
) -> tuple[int, ...] | None:
    """The parts of one row; None where it is no sum."""
    rest = table[others].sum(axis=0)
    if (np.abs(rest - table[whole]) <= GAP * table[whole]).all():
        return tuple(others.tolist())
    slack = np.maximum(GAP * table[whole], digits[whole])
    within = others[(table[others] <= table[whole] + slack).all(axis=1)]  # a part is nowhere more
    if table[within].sum() < total[whole] * (1 - GAP) - slack.sum():
        return None
    sets = sorted(_sets(table, total, digits, whole, within, len(others)), key=lambda s: len(s[0]))
    for parts, tried in sets:
        if len(parts) > 1 and _adds_up(table, digits, whole, parts, np.log2(tried * len(others) + 1)):
            return tuple(sorted(parts))
    return None


def _sets(
    table: Floats, total: Floats, digits: Floats, whole: int, within: NDArray[np.intp], count: int
) -> Iterator[tuple[Sequence[int], float]]:
    """Sets of rows that may add up to `whole`, and among how many they were sought."""
    if not len(within):
        return
    yield within.tolist(), float(count)
    slack = 2 * GAP * total[whole] + table.shape[1] * float(digits[within].max())
    here = int(np.searchsorted(within, whole))
    for start, end in _runs(table[within], table[whole], slack, here):
        yield within[start:end].tolist(), 2.0 if here in (start, end) else float(count**2)
    if len(within) <= ALL_SETS:
        every = (np.arange(1 << len(within))[:, None] >> np.arange(len(within))) & 1
        near = np.abs(every @ total[within] - total[whole]) <= slack
        for members in every[near].astype(bool):
            yield within[members].tolist(), float(len(every))
    elif len(within) <= min(SOLVED, table.shape[1]):
        scale = np.where(table[whole] > 0, table[whole], 1.0)  # every sector counts alike
        solved = np.linalg.lstsq((table[within] / scale).T, table[whole] / scale, rcond=None)[0]
        yield within[solved > 0.5].tolist(), 2.0 ** len(within)


def _runs(rows: Floats, row: Floats, slack: float, here: int) -> list[tuple[int, int]]:
    """(first, end) of rows one after another that add up to about `row`, those that meet its place `here`
    first.
    """
    ends = np.vstack([np.zeros(rows.shape[1]), np.cumsum(rows, axis=0)])
    level = ends.sum(axis=1)
    low = np.searchsorted(level, level + row.sum() - slack, "left")
    high = np.searchsorted(level, level + row.sum() + slack, "right")
    count = np.minimum(high - low, MOST_RUNS)
    first = np.repeat(np.arange(len(level)), count)
    last = np.concatenate([np.arange(a, a + n) for a, n in zip(low, count, strict=True)])
    holds = (np.abs(ends[last] - ends[first] - row) <= np.maximum(GAP * row, slack / len(row))).all(axis=1)
    pairs = [(int(a), int(b)) for a, b in zip(first[holds], last[holds], strict=True) if b - a > 1]
    return sorted(pairs, key=lambda p: here not in p)[:MOST_RUNS]


def _adds_up(table: Floats, digits: Floats, whole: int, parts: Sequence[int], tried: float) -> bool:
    """Whether parts add up to a row in every sector, by more than chance; each of them is needed."""
    rows, row = table[list(parts)], table[whole]
    gap = np.abs(rows.sum(axis=0) - row)
    exact = np.maximum(0.5 * min(digits[whole], *digits[list(parts)]), _EXACT * row)
    rounded = np.maximum(0.5 * (digits[whole] + digits[list(parts)].sum()) * (1 + _EXACT), GAP * row)
    for allowed in (exact, rounded):
        if (gap <= allowed).all() and (rows > allowed).any(axis=1).all():
            return _bits(np.vstack([row, rows]), allowed) - tried >= BITS
    return False


def _bits(rows: Floats, allowed: Floats) -> float:
    """How much a sum of `rows` that holds within `allowed` says: once for their sizes, and for each sector
    as far as their figures there are not the same shares as elsewhere.
    """
    size = rows.sum(axis=0)
    shares = rows.sum(axis=1) / rows.sum()
    spread = np.sqrt(((rows - np.outer(shares, size)) ** 2).sum(axis=0))
    level = rows[0].sum() / (2 * allowed.sum())
    own = np.sort(np.log2(np.maximum(spread / (2 * allowed), 1.0)))[1:]  # shares add up to one
    return float(np.log2(max(level, 1.0)) + own.sum())


def _last_digit(row: Floats) -> float:
    """What one in the last digit of a row's figures is: 1 for whole numbers, 0.01 for two decimals."""
    for digits in range(DIGITS):
        if (np.abs(np.round(row, digits) - row) <= _EXACT * np.maximum(np.abs(row), 1.0)).all():
            return float(10.0**-digits)
    return float(10.0**-DIGITS)
