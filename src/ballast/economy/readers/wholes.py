"""Lines of a table that are sums of others, whatever they are called and however they were rounded.

A line is what one region, sector or use trades, cell by cell. An exact sum of all others needs no more than
two cells, of uses three. Any other sum is taken for one where the chance of an accident is below `CHANCE`,
and told below `THIN`: a cell that agrees counts by how much the shares of the parts vary, against the
rounding that is allowed. Lines that keep one proportion in every cell, as parts split by fixed shares do,
show nothing by it.

Grid        lines with their blocks of columns, and the columns that are the lines themselves
sums        lines that are the sum of all others
uses        final uses that are the sum of what sectors, or all other final uses, buy
parts       lines that are the sum of some others, and of which
last_digits what the numbers of each line were rounded to
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import Floats

CHANCE = 1e-6  # of an accident
LITTLE = 0.6  # odds above which cells alone say nothing, whatever was tried
THIN = 50.0  # what is told: a bound far above the truth, random small tables come below it once in 300
DOUBT, MOSTLY, MISSED = 1e-3, 0.8, 0.1  # what is told: chance, cells that agree, money that does not
EXACT = 1e-6  # of a sum: what arithmetic leaves
ROUNDED = 0.005  # of a sum: what rounding and later corrections leave
LOOKED = 256  # numbers of a line from which its last digit is told
LEVELS = 4  # of tolerance
MOST_CELLS = 1 << 24  # of a grid whose lines are held against each other
FEW, MOST = 10, 80  # parts of which every choice is tried; parts that are looked for at all
RUNS = 60  # lines of which every run is tried
WEAK = 16  # columns by which most lines are ruled out
CROWD = 300  # lines among which only runs are tried
PROBES, SOLVED = 12, 400  # columns in which choices are tried, and that are solved for the parts
MOST_TRIED = 50  # choices that agree in a few columns

Mask = NDArray[np.bool_]
Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Grid:
    """Lines `each` [n, m] in blocks of columns that begin at `blocks`; `own` [n, any] are the columns that
    are the line itself, or -1, in which nobody looks; `depth` is how many figures one cell is the sum of.
    """

    each: Floats
    blocks: Sequence[int]
    own: NDArray[np.int32]
    depth: float = 1.0

    @classmethod
    def of(cls, blocks: Sequence[tuple[Floats, NDArray[Any]]], figures: int) -> Grid:
        """A grid of blocks with their own columns [n] or [n, any], or -1; `figures` is how many figures its
        first block holds, 0 for one a cell.
        """
        starts = np.cumsum([0, *(b.shape[1] for b, _ in blocks)])[:-1].tolist()
        own = [o.reshape(len(o), -1) for _, o in blocks]
        moved = [np.where(o < 0, -1, o + s) for o, s in zip(own, starts, strict=True)]
        each = np.hstack([b for b, _ in blocks])
        return cls(each, starts, np.hstack(moved).astype(np.int32), depth(blocks[0][0], figures))

    def looked(self, i: int) -> Mask:
        """The columns of the blocks in which line i trades, but for its own."""
        at = np.ones(self.each.shape[1], bool)
        at[self.own[i][self.own[i] >= 0]] = False
        ends = [*self.blocks[1:], len(at)]
        for begin, end in zip(self.blocks, ends, strict=True):
            if not (self.each[i, begin:end] * at[begin:end]).any():
                at[begin:end] = False
        return at


def depth(each: Floats, figures: int) -> float:
    """How many figures of a list one filled cell of a table is the sum of."""
    return max(figures / max(int(np.count_nonzero(each)), 1), 1.0)


def last_digits(each: Floats) -> Floats:
    """[n] the power of ten that the first numbers of each line are whole multiples of; 0 for none, and for
    a line of nothing.
    """
    some = np.zeros((len(each), LOOKED))
    for line, numbers in zip(some, each, strict=True):
        first = numbers[np.flatnonzero(numbers)[:LOOKED]]
        line[: len(first)] = np.abs(first)
    out = np.zeros(len(each))
    left = np.arange(len(each))
    for power in range(3, -7, -1):
        steps = some[left] / 10.0**power
        whole = (np.abs(steps - np.rint(steps)) <= EXACT + 1e-12 * steps).all(axis=1)
        out[left[whole]] = 10.0**power
        left = left[~whole]
    return np.where(each.any(axis=1), out, 0.0)


def _usual(digits: Floats) -> float:
    """The last digit of most lines: a line of a few round numbers says little."""
    return float(np.median(digits[digits > 0])) if (digits > 0).any() else 0.0


def sums(
    words: Sequence[str],
    each: Floats,
    own: NDArray[np.int32],
    must: Mask,
    beside: Floats | None = None,
    deep: float = 1.0,
) -> list[str]:
    """Those of at least three `words` that trade as much as all others together (or they and `beside`
    [columns]) in each column of `each` [words, columns] in which they trade: two or more, and all that
    `must` [columns] names in which others do. `own` [words] is the column that is the word itself, or -1,
    in which nobody looks.
    """
    if len(words) < 3 or not each.shape[1]:
        return []
    total, digits = each.sum(axis=0), last_digits(each)
    several = [total] if beside is None or not beside.any() else [total, total + beside]
    slacks = _slack(np.maximum(_usual(digits), digits), deep * len(words))
    return [
        w
        for i, w in enumerate(words)
        if any(_is_sum(each, i, int(own[i]), must, t, slacks[i], digits[i]) for t in several)
    ]


def _is_sum(each: Floats, i: int, own: int, must: Mask, total: Floats, slack: float, digit: float) -> bool:
    ours = each[i]
    rest = total - ours
    at = ours != 0
    if own >= 0:
        at[own] = False
    lacks = must & ~at & (np.abs(rest) > EXACT * np.abs(total))
    if own >= 0:
        lacks[own] = False
    gap = np.abs(rest - ours)
    if np.count_nonzero(at) < 2 or (gap > ROUNDED * np.abs(ours) + slack)[at].any():
        return False
    if int(np.count_nonzero(each[:, at].any(axis=1))) < 3:
        return False
    if not lacks.any() and (gap <= EXACT * np.abs(ours))[at].all():
        return True
    if (lacks & (np.abs(rest) > slack)).any():
        return False
    others = np.delete(each[:, at], i, axis=0)
    return _sure(ours[at], rest[at], others, digit, slack, np.log(len(each)))


def uses(
    words: Sequence[str],
    each: Floats,
    sectors: Floats,
    exports: Floats,
    deep: float = 1.0,
    *,
    near: bool = False,
) -> list[tuple[str, str]]:
    """(final use, what it is the sum of), of final uses that buy of every seller what all sectors buy, or
    all other final uses, or both: `each` [sellers, words], `sectors` and `exports` [sellers]; `near` of
    most sellers, and about as much.
    """
    found, test = [], _nearly if near else _same
    whole = each.sum(axis=1)
    lines = np.vstack([each.T, sectors, exports])
    digits = last_digits(lines)
    slacks = _slack(np.maximum(_usual(digits), digits), deep * len(lines))
    for i, word in enumerate(words):
        ours = each[:, i]
        others = whole - ours
        filled = np.count_nonzero(each.any(axis=0)) - 1
        sums_of = [("what sectors buy", sectors)]
        if filled > 1 or (filled and exports.any()):
            sums_of += [("all other final uses", others), ("all other final uses", others + exports)]
        if filled or exports.any():
            sums_of.append(("all other uses", sectors + others + exports))
        if filled:
            sums_of.append(("all other uses", sectors + others))
        varied = len(np.unique(ours[ours != 0])) > 1
        beside = np.delete(lines, i, axis=0)
        what = next(
            (what for what, other in sums_of if varied and test(ours, other, beside, digits[i], slacks[i])),
            "",
        )
        if what:
            found.append((word, what))
    return found


def _same(ours: Floats, other: Floats, lines: Floats, digit: float, slack: float) -> bool:
    gap = np.abs(ours - other)
    if np.count_nonzero(ours) > 2 and bool((gap <= EXACT * np.maximum(np.abs(ours), np.abs(other))).all()):
        return True
    return _sure(ours, other, lines, digit, slack, np.log(5 * len(lines)))


def _nearly(ours: Floats, other: Floats, lines: Floats, digit: float, slack: float) -> bool:
    """Whether most cells of two lines are alike by more than an accident, or all are."""
    gap, size, at = np.abs(ours - other), np.abs(ours), ours != 0
    if gap.sum() > MISSED * size.sum():
        return False
    if (gap <= EXACT * size).all():  # of two cells alone, which may be chance
        return True
    for share in (ROUNDED, 4.0 * ROUNDED):
        allowed = share * size + slack
        alike = at & (gap <= allowed)
        if np.count_nonzero(alike) < max(3.0, MOSTLY * np.count_nonzero(at)):
            continue
        vary = _uneven(ours[alike], lines[:, alike], slack, None) * size[alike]
        wide = np.maximum(2.0 * allowed[alike], digit)
        if np.log(wide / (wide + vary)).sum() + np.log(5 * len(lines)) < np.log(DOUBT):
            return True
    return False


def _slack(digit: Any, figures: float) -> Any:
    """How far rounding to `digit` can move a sum of so many figures: half of it each, or what is likely."""
    return digit * min(0.5 * figures, 1.2 * figures**0.5)


def _sure(ours: Floats, other: Floats, lines: Floats, digit: float, slack: float, tries: float) -> bool:
    """Whether two lines agree, and it cannot well be an accident; `tries` is the logarithm of how many sums
    were tried.
    """
    return bool(_odds(ours, other, lines, digit, slack) + tries < np.log(CHANCE))


def _odds(
    ours: Floats,
    other: Floats,
    lines: Floats,
    digit: float,
    slack: float,
    block: NDArray[Any] | None = None,
) -> float:
    """The logarithm of the chance that two lines agree by accident; inf where they do not. `lines` [any, m]
    show how much shares vary from cell to cell of one `block` [m], by more than their rounding.
    """
    gap, size = np.abs(ours - other), np.abs(ours)
    at, least = ours != 0, np.inf
    if np.count_nonzero(at) < 2 or (gap > ROUNDED * size + slack).any():
        return least
    of = None if block is None else block[at]
    small = min(slack, 0.5 * digit)  # parts that are exact but for their own rounding
    for share, more in ((EXACT, 0.0), (EXACT, slack), (0.2 * ROUNDED, slack), (ROUNDED, slack)):
        allowed = share * size + more
        if (gap <= allowed).all():
            vary = _uneven(ours[at], lines[:, at], slack if more else small, of) * size[at]
            wide = np.maximum(2.0 * allowed[at], digit)
            with np.errstate(divide="ignore"):
                least = min(least, float(np.log(wide / (wide + vary)).sum() + np.log(LEVELS)))
    return least


def _uneven(ours: Floats, lines: Floats, slack: float, block: NDArray[Any] | None) -> float:
    """By how much the share of a line in ours varies from cell to cell of a block, of the line where it
    varies most.
    """
    of = np.zeros(len(ours), np.intp) if block is None else block
    member = (of[:, None] == np.unique(of)).astype(np.float64)  # [m, blocks]
    share = (lines @ member) / (ours @ member + 1e-300)
    beyond = np.maximum(np.abs(lines - (share @ member.T) * ours) - slack, 0.0) / np.abs(ours)
    return float(np.minimum(beyond, 1.0).mean(axis=1).max(initial=0.0))


def parts(grid: Grid, of: Collection[int] | None = None, chance: float = CHANCE) -> dict[int, Index]:
    """Line -> the lines it is the sum of, in every cell of the blocks in which it trades, of all lines or
    of some. Smaller lines come first, and none that is a sum is a part.
    """
    found: dict[int, Index] = {}
    each = grid.each
    if len(each) < 3 or each.shape[1] < 2 or each.size > MOST_CELLS:
        return found
    by_column, taken = np.ascontiguousarray(each.T), -each.clip(max=0.0).sum(axis=0)
    whole = each.sum(axis=0) + taken
    digits = last_digits(each)
    usual, free = _usual(digits), np.asarray(each.any(axis=1), bool)
    for i in np.argsort(each.sum(axis=1), kind="stable").tolist():
        at = np.flatnonzero(grid.looked(i))
        if (of is not None and i not in of) or np.count_nonzero(each[i, at]) < 2:
            continue
        line = _Line(grid, i, at, by_column, max(usual, float(digits[i])), chance)
        free[i] = False
        some = line.below(whole, taken, free)
        mine = line.search(some) if len(some) > 1 else some[:0]
        free[i] = not len(mine)
        if len(mine):
            found[i] = mine
    return found


@dataclass(frozen=True, eq=False)
class _Line:
    """Line i of a grid, whose parts are looked for in the columns `at`; `by_column` [m, n] holds all."""

    grid: Grid
    i: int
    at: Index
    by_column: Floats
    digit: float
    chance: float

    def below(self, whole: Floats, taken: Floats, free: Mask) -> Index:
        """The lines that nowhere exceed it by more than is `taken` away there, of those that are free: only
        they can be its parts. Columns in which it has the smallest share of the `whole`, all that is above
        0, rule most out; of very many nobody is sure.
        """
        ours, columns = self.grid.each[self.i], self.at[whole[self.at] > 0]
        slack = float(_slack(self.digit, 2.0 * self.grid.depth))
        most = ours[columns] * (1.0 + ROUNDED) + taken[columns] + slack
        order = np.arange(len(columns))
        if len(columns) > WEAK:
            order = np.argpartition(most / whole[columns], WEAK)
        some, begin, step = np.flatnonzero(free), 0, WEAK
        while len(some) > 1 and begin < len(order) and not (begin > WEAK and len(some) > CROWD):
            pick = order[begin : begin + step]
            fits = self.by_column[np.ix_(columns[pick], some)] <= most[pick, None]
            some = some[fits.all(axis=0)]
            begin, step = begin + step, 4 * step
        return some

    def search(self, some: Index) -> Index:
        """Which of the lines `some` add up to it; none for no sum."""
        ours = self.grid.each[self.i]
        probes = self.at[np.unique(np.linspace(0, len(self.at) - 1, PROBES).astype(np.intp))]
        lines = self.by_column[np.ix_(probes, some)].T
        loose = self._loose(probes, len(some))
        if ((lines.clip(min=0).sum(axis=0) < ours[probes] - loose) & (ours[probes] > 0)).any():
            return some[:0]
        best, found = np.inf, some[:0]
        block = np.searchsorted(self.grid.blocks, self.at, side="right")
        for tries, chosen in self._choices(some, lines, ours[probes], loose):
            members = self.grid.each[np.ix_(chosen, self.at)]
            if len(chosen) < 2 or not members.any(axis=1).all():
                continue
            rest, mine = members.sum(axis=0), ours[self.at]
            slack = float(_slack(self.digit, self.grid.depth * (len(chosen) + 1)))
            missed = float(np.abs(rest - mine).sum())
            tries += np.log(len(self.grid.each))
            odds = _odds(mine, rest, members, self.digit, slack, block) if missed < best else np.inf
            if odds < np.log(LITTLE) and odds + tries < np.log(self.chance):
                best, found = missed, chosen
        return found

    def _loose(self, columns: Index, count: int) -> Floats:
        """How far a sum of so many lines may be from it."""
        slack = _slack(self.digit, self.grid.depth * (count + 1))
        return np.asarray(ROUNDED * np.abs(self.grid.each[self.i, columns]) + slack, np.float64)

    def _choices(
        self, some: Index, lines: Floats, ours: Floats, loose: Floats
    ) -> Iterator[tuple[float, Index]]:
        """(logarithm of how many there are, some of the lines) that may add up to `ours`."""
        d = len(some)
        if d <= FEW:
            bits = (np.arange(1 << d)[:, None] >> np.arange(d)) & 1 > 0
            for b in _close(bits @ lines - ours, loose):
                yield d * np.log(2.0), some[bits[b]]
            return
        if d <= CROWD:
            yield 0.0, some
        runs = _runs(d, int(np.searchsorted(some, self.i)))
        to = np.vstack([np.zeros(lines.shape[1]), np.cumsum(lines, axis=0)])
        for r in _close(to[runs[:, 1]] - to[runs[:, 0]] - ours, loose):
            yield np.log(len(runs)), some[runs[r, 0] : runs[r, 1]]
        if d <= MOST and len(self.at) >= d + 2:
            yield d * np.log(2.0), self._solved(some)

    def _solved(self, some: Index) -> Index:
        """The lines that least squares take whole: the parts, where the lines are independent."""
        from scipy.optimize import nnls

        pick = self.at[np.unique(np.linspace(0, len(self.at) - 1, SOLVED).astype(np.intp))]
        ours = self.grid.each[self.i, pick]
        weight = 1.0 / np.maximum(self._loose(pick, len(some)), 1e-12 * np.abs(ours).max() + 1e-300)
        try:
            taken, _ = nnls(self.by_column[np.ix_(pick, some)] * weight[:, None], ours * weight)
        except RuntimeError:  # it did not settle
            return some[:0]
        return np.asarray(some[taken > 0.5], np.intp)


def _runs(d: int, before: int) -> Index:
    """[any, 2] runs of two lines or more; of many lines those that end or begin beside the sum."""
    if d <= RUNS:
        return np.array([(a, b) for a in range(d) for b in range(a + 2, d + 1)], np.intp).reshape(-1, 2)
    beside = [(a, before) for a in range(before - 1)] + [(before, b) for b in range(before + 2, d + 1)]
    return np.array(beside, np.intp).reshape(-1, 2)


def _close(gap: Floats, loose: Floats) -> Index:
    """Which of the sums [any, few] are about right, the nearest first."""
    close: Index = np.flatnonzero((np.abs(gap) <= loose).all(axis=1))
    order = np.argsort(np.abs(gap[close]).sum(axis=1), kind="stable")
    return np.asarray(close[order[:MOST_TRIED]], np.intp)
