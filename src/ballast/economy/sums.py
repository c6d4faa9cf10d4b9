"""Lines of a table that are sums of others, whatever they are called and however they were rounded.

A line is what one region, sector or use trades, cell by cell. An exact sum of all others needs no more than
two cells. Any other sum is taken for one where the chance of an accident is below `CHANCE`: a cell that
agrees counts by how much the shares of the parts vary, against the rounding that is allowed. Lines that
keep one proportion in every cell, as parts split by fixed shares do, show nothing by it. Who knows more of
a table brings a `Judge` of its own; one that knows nothing of how small the parts are has to count every
set of lines, and not only those that are small enough (`every`).

Grid        lines with their blocks of columns, and the columns that are the lines themselves
all_others  lines that are the sum of all others
parts       lines that are the sum of some others, and of which
accident    the chance that two lines agree and neither is made of the other
last_digits what the numbers of each line were rounded to
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from math import lgamma, log
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import Floats, ranges

CHANCE = 1e-6  # of an accident
LITTLE = 0.6  # odds above which cells alone say nothing, whatever was tried
EXACT = 1e-6  # of a sum: what arithmetic leaves
ROUNDED = 0.005  # of a sum: what rounding and later corrections leave
COARSEST = 3  # power of ten to which figures may be rounded, unless more is known
GLANCE, LOOKED = 8, 256  # numbers of a line from which its last digit is told
LEVELS = 4  # of tolerance
MOST_CELLS = 1 << 24  # of a grid whose lines are held against each other
FEW, MOST = 12, 80  # parts of which every choice is tried; parts that are looked for at all
ENDS = 8  # of the runs that begin with one line, looked at closely
WEAK = 16  # columns by which most lines are ruled out
GLIMPSED = 128  # columns by which lines are ruled out all at once
SAMPLED = 512  # columns among which they are looked for first
CROWD = 300  # lines among which only runs are tried
PROBES, SOLVED = 12, 400  # columns in which choices are tried, and that are solved for the parts
MOST_TRIED = 50  # choices that agree in a few columns

Mask = NDArray[np.bool_]
Index = NDArray[np.intp]
Word = TypeVar("Word")
# Of a line [m], the lines [any, m] that may add up to it, what it is rounded to, how far rounding can move
# it and the block of each column: the logarithm of the chance of an accident; inf where they do not add up.
Judge = Callable[[Floats, Floats, float, float, Index], float]


@dataclass(frozen=True, eq=False)
class Grid:
    """Lines `each` [n, m] in blocks of columns that begin at `blocks`; `own` [n, any] are the columns that
    are the line itself, or -1, in which nobody looks; `depth` is how many figures one cell is the sum of.
    """

    each: Floats
    blocks: Sequence[int]
    own: NDArray[np.int32]
    depth: float = 1.0
    coarsest: int = COARSEST

    @classmethod
    def of(
        cls, blocks: Sequence[tuple[Floats, NDArray[Any]]], figures: int, coarsest: int = COARSEST
    ) -> Grid:
        """A grid of blocks with their own columns [n] or [n, any], or -1; `figures` is how many figures its
        first block holds, 0 for one a cell. `coarsest` is the power of ten to which they may be rounded.
        """
        starts = np.cumsum([0, *(b.shape[1] for b, _ in blocks)])[:-1].tolist()
        own = [o.reshape(len(o), -1) for _, o in blocks]
        moved = [np.where(o < 0, -1, o + s) for o, s in zip(own, starts, strict=True)]
        each = np.hstack([b for b, _ in blocks])
        return cls(each, starts, np.hstack(moved).astype(np.int32), depth(blocks[0][0], figures), coarsest)

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


def last_digits(each: Floats, coarsest: int = COARSEST) -> Floats:
    """[n] the power of ten, 10**`coarsest` at most, that the first numbers of each line are whole multiples
    of; 0 for none, and for a line of nothing.
    """
    some = np.abs(each) if each.shape[1] <= LOOKED else np.zeros((len(each), LOOKED))
    for line, numbers in zip(some, each, strict=True) if each.shape[1] > LOOKED else ():
        filled = np.flatnonzero(numbers[: 8 * LOOKED])
        filled = filled if len(filled) >= LOOKED else np.flatnonzero(numbers)
        first = numbers[filled[:LOOKED]]
        line[: len(first)] = np.abs(first)
    out = np.zeros(len(each))
    left = np.flatnonzero(some.any(axis=1))
    for power in range(coarsest, -7, -1):
        may = left
        for columns in (slice(GLANCE), slice(None)):  # a few numbers rule most powers out
            steps = some[may, columns] / 10.0**power
            may = may[(np.abs(steps - np.rint(steps)) <= EXACT + 1e-12 * steps).all(axis=1)]
        out[may] = 10.0**power
        left = np.setdiff1d(left, may, assume_unique=True)
    return out


def usual(digits: Floats) -> float:
    """The last digit of most lines: a line of a few round numbers says little."""
    return float(np.median(digits[digits > 0])) if (digits > 0).any() else 0.0


def all_others(
    words: Sequence[Word],
    each: Floats,
    own: NDArray[np.int32],
    must: Mask,
    beside: Floats | None = None,
    deep: float = 1.0,
) -> list[Word]:
    """Those of at least three `words` that trade as much as all others together (or they and `beside`
    [columns]) in each column of `each` [words, columns] in which they trade: two or more, and all that
    `must` [columns] names in which others do. `own` [words] is the column that is the word itself, or -1,
    in which nobody looks.
    """
    if len(words) < 3 or not each.shape[1]:
        return []
    total, digits = each.sum(axis=0), last_digits(each)
    several = [total] if beside is None or not beside.any() else [total, total + beside]
    slacks = slack_of(np.maximum(usual(digits), digits), deep * len(words))
    may = [_near(each, own, t, slacks) for t in several]
    return [
        w
        for i, w in enumerate(words)
        if any(
            near[i] and _is_sum(each, i, int(own[i]), must, t, slacks[i], digits[i])
            for near, t in zip(may, several, strict=True)
        )
    ]


def _some(each: Floats, most: int) -> NDArray[np.int64]:
    """At most so many of the columns, spread over all."""
    return np.arange(0, each.shape[1], each.shape[1] // most + 1)


def _near(each: Floats, own: NDArray[np.int32], total: Floats, slacks: Floats) -> Mask:
    """The lines that are about half of `total` in a sample of the columns: the rest is no sum."""
    columns = _some(each, WEAK)
    ours = each[:, columns]
    far = np.abs((total[columns] - ours) - ours) > ROUNDED * np.abs(ours) + slacks[:, None]
    return np.asarray(~(far & (ours != 0) & (own[:, None] != columns)).any(axis=1), bool)


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
    return sure(ours[at], rest[at], others, digit, slack, np.log(len(each)))


def slack_of(digit: Any, figures: float) -> Any:
    """How far rounding to `digit` can move a sum of so many figures: half of it each, or what is likely."""
    return digit * min(0.5 * figures, 1.2 * figures**0.5)


def sure(ours: Floats, other: Floats, lines: Floats, digit: float, slack: float, tries: float) -> bool:
    """Whether two lines agree, and it cannot well be an accident; `tries` is the logarithm of how many sums
    were tried.
    """
    return bool(accident(ours, lines, digit, slack, other=other) + tries < np.log(CHANCE))


def accident(
    ours: Floats,
    lines: Floats,
    digit: float,
    slack: float,
    block: NDArray[Any] | None = None,
    *,
    other: Floats | None = None,
) -> float:
    """The logarithm of the chance that a line and an `other`, or the sum of `lines`, agree by accident; inf
    where they do not. `lines` [any, m] show how much shares vary from cell to cell of one `block` [m], by
    more than their rounding.
    """
    other = lines.sum(axis=0) if other is None else other
    gap, size = np.abs(ours - other), np.abs(ours)
    at, least = ours != 0, np.inf
    if np.count_nonzero(at) < 2 or (gap > ROUNDED * size + slack).any():
        return least
    of = None if block is None else block[at]
    small = min(slack, 0.5 * digit)  # parts that are exact but for their own rounding
    for share, more in ((EXACT, 0.0), (EXACT, slack), (0.2 * ROUNDED, slack), (ROUNDED, slack)):
        allowed = share * size + more
        if (gap <= allowed).all():
            vary = uneven(ours[at], lines[:, at], slack if more else small, of) * size[at]
            wide = np.maximum(2.0 * allowed[at], digit)
            with np.errstate(divide="ignore"):
                least = min(least, float(np.log(wide / (wide + vary)).sum() + np.log(LEVELS)))
    return least


def uneven(ours: Floats, lines: Floats, slack: float, block: NDArray[Any] | None) -> float:
    """By how much the share of a line in ours varies from cell to cell of a block, of the line where it
    varies most.
    """
    of = np.zeros(len(ours), np.intp) if block is None else block
    member = (of[:, None] == np.unique(of)).astype(np.float64)  # [m, blocks]
    share = (lines @ member) / (ours @ member + 1e-300)
    beyond = np.maximum(np.abs(lines - (share @ member.T) * ours) - slack, 0.0) / np.abs(ours)
    return float(np.minimum(beyond, 1.0).mean(axis=1).max(initial=0.0))


def parts(
    grid: Grid,
    of: Collection[int] | None = None,
    chance: float = CHANCE,
    judge: Judge = accident,
    *,
    every: bool = False,
) -> dict[int, Index]:
    """Line -> the lines it is the sum of, in every cell of the blocks in which it trades, of all lines or
    of some. Smaller lines come first, and none that is a sum is a part. Against `chance` count the sets of
    the lines that nowhere exceed a line or, with `every`, those of all lines.
    """
    found: dict[int, Index] = {}
    each = grid.each
    if len(each) < 3 or each.shape[1] < 2 or each.size > MOST_CELLS:
        return found
    taken = -np.minimum(each, 0.0).sum(axis=0) if (each < 0).any() else np.zeros(each.shape[1])
    whole = each.sum(axis=0) + taken
    digits = last_digits(each, grid.coarsest)
    most, free = usual(digits), np.asarray(each.any(axis=1), bool)
    may = _hold_others(grid, float(digits.max(initial=0.0)), taken)
    if not may.any():
        return found
    by_column = np.ascontiguousarray(each.T)
    for i in np.argsort(each.sum(axis=1), kind="stable").tolist():
        if not may[i] or (of is not None and i not in of):
            continue
        at = np.flatnonzero(grid.looked(i))
        if np.count_nonzero(each[i, at]) < 2:
            continue
        line = _Line(grid, i, at, by_column, max(most, float(digits[i])), chance, judge, every)
        free[i] = False
        some = line.below(whole, taken, free)
        mine = line.search(some) if len(some) > 1 else some[:0]
        free[i] = not len(mine)
        if len(mine):
            found[i] = mine
    return found


def _hold_others(grid: Grid, digit: float, taken: Floats) -> Mask:
    """The lines that can be a sum at all: two others at least trade nothing, but for rounding to `digit`,
    where they trade nothing, in a sample of the columns. It is one product of matrices for all lines,
    which rules out most where cells are few.
    """
    each, n = grid.each, len(grid.each)
    if n <= CROWD:
        return np.ones(n, bool)  # each is looked at soon enough
    columns = _some(each, GLIMPSED)
    columns = columns[taken[columns] == 0.0]
    sample = each[:, columns]
    looked = np.zeros((n, len(columns)), bool)
    for begin, end in zip(grid.blocks, [*grid.blocks[1:], each.shape[1]], strict=True):
        block = np.count_nonzero(each[:, begin:end], axis=1)
        for own in grid.own.T:
            inside = (own >= begin) & (own < end)
            block[inside] -= each[inside, own[inside]] != 0
        looked[:, (columns >= begin) & (columns < end)] = (block > 0)[:, None]
    for own in grid.own.T:
        looked &= own[:, None] != columns
    nothing = ((sample == 0.0) & looked).astype(np.float32)
    some = (sample > slack_of(digit, grid.depth * (n + 1))).astype(np.float32)
    fits = np.count_nonzero(nothing @ some.T == 0.0, axis=1)  # itself among them
    return np.asarray(fits > 2, bool)


@dataclass(frozen=True, eq=False)
class _Line:
    """Line i of a grid, whose parts are looked for in the columns `at`; `by_column` [m, n] holds all."""

    grid: Grid
    i: int
    at: Index
    by_column: Floats
    digit: float
    chance: float
    judge: Judge
    every: bool

    def below(self, whole: Floats, taken: Floats, free: Mask) -> Index:
        """The lines that nowhere exceed it by more than is `taken` away there, of those that are free: only
        they can be its parts. Columns in which it has the smallest share of the `whole`, all that is above
        0, rule most out, first those of a sample; of very many nobody is sure.
        """
        ours, slack = self.grid.each[self.i], float(slack_of(self.digit, 2.0 * self.grid.depth))
        for columns in (self.at[:: len(self.at) // SAMPLED + 1], self.at):
            columns = columns[whole[columns] > 0]
            most = ours[columns] * (1.0 + ROUNDED) + taken[columns] + slack
            order = np.arange(len(columns))
            if len(columns) > WEAK:
                order = np.argpartition(most / whole[columns], WEAK)
            weak = order[:WEAK]
            free = free & (self.by_column[columns[weak]] <= most[weak, None]).all(axis=0)
            some, begin, step = np.flatnonzero(free), WEAK, WEAK
            while len(some) > 1 and begin < len(order) and not (begin > WEAK and len(some) > CROWD):
                pick = order[begin : begin + step]
                fits = self.by_column[columns[pick][:, None], some] <= most[pick, None]
                some = some[fits.all(axis=0)]
                begin, step = begin + step, 4 * step
            if len(some) < 2:
                break
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
            mine, tries = ours[self.at], tries + np.log(len(self.grid.each))
            missed = float(np.abs(members.sum(axis=0) - mine).sum())
            if missed >= best:
                continue
            slack = float(slack_of(self.digit, self.grid.depth * (len(chosen) + 1)))
            odds = self.judge(mine, members, self.digit, slack, block)
            if odds < np.log(LITTLE) and odds + tries < np.log(self.chance):
                best, found = missed, chosen
        return found

    def _loose(self, columns: Index, count: int) -> Floats:
        """How far a sum of so many lines may be from it."""
        slack = slack_of(self.digit, self.grid.depth * (count + 1))
        return np.asarray(ROUNDED * np.abs(self.grid.each[self.i, columns]) + slack, np.float64)

    def _choices(
        self, some: Index, lines: Floats, ours: Floats, loose: Floats
    ) -> Iterator[tuple[float, Index]]:
        """(logarithm of how many there are, some of the lines) that may add up to `ours`."""
        d = len(some)
        if d <= FEW:
            bits = (np.arange(1 << d)[:, None] >> np.arange(d)) & 1 > 0
            for b in _close(bits @ lines - ours, loose):
                yield self._sets(d, int(bits[b].sum())), some[bits[b]]
            return
        if d <= CROWD:
            yield 0.0, some
        before, of = int(np.searchsorted(some, self.i)), len(self.grid.each) - 1 if self.every else d
        to = np.vstack([np.zeros(lines.shape[1]), np.cumsum(lines, axis=0)])
        first, last = _runs(to, ours, loose)
        for r in _close(to[last] - to[first] - ours, loose):
            runs = 2.0 * of if before in (first[r], last[r]) else 0.5 * of**2
            yield np.log(runs), some[first[r] : last[r]]
        if d <= MOST and len(self.at) >= d + 2:
            solved = self._solved(some)
            yield self._sets(d, len(solved)), solved

    def _sets(self, d: int, size: int) -> float:
        """The logarithm of how many sets there are: of d lines, or of `size` among all others, where each
        size more than two counts for less, so that all sizes together count as one.
        """
        if not self.every or size < 2:
            return d * float(np.log(2.0))
        others = len(self.grid.each) - 1
        return lgamma(others + 1) - lgamma(size + 1) - lgamma(others - size + 1) + log(size * (size - 1))

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


def _runs(to: Floats, ours: Floats, loose: Floats) -> tuple[Index, Index]:
    """Where runs of two lines or more begin and end that add up to about `ours` over all columns; `to`
    [lines + 1, columns] is the sum of the lines before each. Of each beginning a few.
    """
    level = to.sum(axis=1)
    order = np.argsort(level, kind="stable")
    wanted, slack = level + ours.sum(), float(loose.sum())
    low = np.searchsorted(level, wanted - slack, "left", sorter=order)
    count = np.minimum(np.searchsorted(level, wanted + slack, "right", sorter=order) - low, ENDS)
    first = np.repeat(np.arange(len(level)), count)
    last = order[ranges(low, count)]
    two = last - first > 1
    return first[two], last[two]


def _close(gap: Floats, loose: Floats) -> Index:
    """Which of the sums [any, few] are about right, the nearest first."""
    close: Index = np.flatnonzero((np.abs(gap) <= loose).all(axis=1))
    order = np.argsort(np.abs(gap[close]).sum(axis=1), kind="stable")
    return np.asarray(close[order[:MOST_TRIED]], np.intp)
