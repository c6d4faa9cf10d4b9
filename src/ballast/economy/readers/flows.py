"""The rows of a long table as codes of names, and what is doubtful about the names.

Flows    the list: names, the code of each row, amounts
alike    names that barely differ, and totals: errors
doubts   usual spellings, slips, regions that only sell, final uses that sound like trade: told
sums     a region or a sector that is the sum of all others, whatever it is called
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ballast.economy.economy import Floats
from ballast.economy.readers.encoded import Lines
from ballast.economy.readers.labels import look_alikes, totals
from ballast.economy.readers.meant import MOST_WORDS, Meant, like_trade, slips
from ballast.errors import Finding
from ballast.text import counted

ROLES = ("from_region", "from_sector", "to_region", "to_sector")
MOST_NAMED = 8  # words of one kind
EXACT = 1e-6  # of a sum: what rounding leaves


@dataclass(frozen=True, eq=False)
class Flows:
    """The list as dictionaries of labels and codes into them: `at[name]` [rows] int32, `labels[name]`,
    `value` [rows]. `lines` says which rows of the file they are, `findings` what is doubtful so far.
    """

    labels: dict[str, list[str]]
    at: dict[str, NDArray[np.int32]]
    value: Floats
    lines: Lines
    meant: Meant
    findings: tuple[Finding, ...] = ()

    @cached_property
    def buyers(self) -> list[str]:
        """Regions that buy something else than exports."""
        out = np.array([w in self.meant.exports for w in self.labels["to_sector"]])
        rows = self.at["to_region"][~out[self.at["to_sector"]]] if out.any() else self.at["to_region"]
        bought = np.bincount(rows, minlength=len(self.labels["to_region"])) > 0
        return [w for w, b in zip(self.labels["to_region"], bought, strict=True) if b]

    def first(self, kind: str, word: str) -> int:
        """The row, from 0, in which a region's or a sector's name stands first."""
        roles = (role for role in (f"from_{kind}", f"to_{kind}") if word in self.labels[role])
        return min(int(np.argmax(self._is(role, word))) for role in roles)

    def rows(self, kind: str, word: str) -> int:
        """In how many rows it stands."""
        roles = (role for role in (f"from_{kind}", f"to_{kind}") if word in self.labels[role])
        return int(np.count_nonzero(np.any([self._is(role, word) for role in roles], axis=0)))

    def _is(self, role: str, word: str) -> NDArray[np.bool_]:
        return np.asarray(self.at[role] == self.labels[role].index(word))


def alike(f: Flows, where: str) -> list[Finding]:
    """Regions, and sectors or final categories, whose names look alike or are totals, with their rows."""

    def row(kind: str, word: str) -> int:
        return int(f.lines(f.first(kind, word)))

    found = []
    for kind in ("region", "sector"):
        every = [*f.labels[f"from_{kind}"], *f.labels[f"to_{kind}"]]
        found += look_alikes(kind, where, every, partial(row, kind))
        summed = [w for w in (_inside(f) if kind == "region" else every) if w not in f.meant.exports]
        found += totals(kind, where, summed, partial(row, kind))
    sold = {*f.labels["from_sector"], *f.meant.exports}
    finals = [w for w in f.labels["to_sector"] if w not in sold]
    named = {x.where for x in found}
    more = totals("final use", where, finals, partial(row, "sector"))
    return found + [x for x in more if x.where not in named]


def _inside(f: Flows) -> list[str]:
    """Regions that sell or buy at home; "world" may stand for those who buy exports."""
    return [w for w in (*f.labels["from_region"], *f.buyers) if w not in f.meant.special]


def doubts(f: Flows, where: str) -> list[Finding]:
    """What the words of a table may mean instead."""

    def told(level: Literal["warning", "note"], kind: str, word: str, what: str, todo: str) -> Finding:
        return Finding(level, f"{where}, row {f.lines(f.first(kind, word))}", what, todo)

    found = []
    for word, what in list(f.meant.guessed.items())[:MOST_NAMED]:
        kind, other = ("sector", "final use") if what == "exports" else ("region", "region")
        todo = f"Give it another name if it is a {other}"
        found.append(told("note", kind, word, f"{word!r} is taken for {what}", todo))
    sellers, buyers = set(f.labels["from_sector"]), set(f.buyers)
    alone = [w for w in f.labels["from_region"] if w not in buyers and w not in f.meant.special]
    for word in alone[:MOST_NAMED]:
        what = f"region {word!r} sells and buys nothing; it may be imports, or value added"
        todo = "Write imports or value_added if it is one of them, else give what the region buys"
        found.append(told("warning", "region", word, what, todo))
    finals = [w for w in f.labels["to_sector"] if w not in sellers and w not in f.meant.special]
    for word in list(filter(like_trade, finals))[:MOST_NAMED]:
        what = f"{word!r} is taken for a final use at home, and begins like trade with abroad"
        found.append(told("warning", "sector", word, what, "Write exports, or imports as from_region"))
    for kind, word, near in _slips(f):
        is_final = kind == "sector" and word not in sellers
        stands = (
            f"{'final use' if is_final else kind} {word!r} stands in {counted(f.rows(kind, word), 'row')}"
        )
        todo = f"Write {near} if that is meant"
        found.append(told("warning", kind, word, f"{stands}, and is nearly {near!r}", todo))
    return found


def _slips(f: Flows) -> Iterator[tuple[str, str, str]]:
    """(region or sector, a word, what it nearly is)."""
    for kind in ("region", "sector"):
        ends: dict[str, int] = {}
        for role in (f"from_{kind}", f"to_{kind}"):
            if len(f.labels[role]) > MOST_WORDS:
                return
            counts = np.bincount(f.at[role], minlength=len(f.labels[role])).tolist()
            for word, count in zip(f.labels[role], counts, strict=True):
                ends[word] = ends.get(word, 0) + count
        words = {w: n for w, n in ends.items() if w not in f.meant.special}
        yield from ((kind, word, near) for word, near in slips(words))


def sums(words: Sequence[str], made: Floats, detail: Callable[[], Floats]) -> list[str]:
    """Those of at least three `words` that make as much as all others together: by `made` [words], and then
    in each column of `detail` [words, columns], two of them or more.
    """
    total = made.sum()
    half = np.flatnonzero(np.abs(2 * made - total) <= EXACT * abs(total))
    if len(words) < 3 or not len(half):
        return []
    each = detail()
    rest = each.sum(axis=0) - each[half]
    same = (np.abs(rest - each[half]) <= EXACT * np.abs(each[half])).all(axis=1)
    several = np.count_nonzero(each[half], axis=1) > 1
    return [words[i] for i in half[same & several].tolist()]
