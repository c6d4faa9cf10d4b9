"""The rows of a long table as codes of names, and what is doubtful about the names.

Flows    the list: names, the code of each row, amounts
alike    names that barely differ, and totals: errors
doubts   usual spellings, slips, regions that only sell, final uses that sound like trade: told
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import Floats
from ballast.economy.readers.meant import MOST_WORDS, Meant, like_trade, slips
from ballast.economy.sheets.encoded import Lines
from ballast.economy.sheets.labels import is_coded, is_final, is_total, look_alikes, totals
from ballast.errors import Finding
from ballast.text import counted

ROLES = ("from_region", "from_sector", "to_region", "to_sector")
MOST_NAMED = 8  # words of one kind


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

    def trades(self, kind: str, word: str) -> bool:
        """Whether it sells and buys."""
        buyers = self.buyers if kind == "region" else self.labels["to_sector"]
        return word in self.labels[f"from_{kind}"] and word in buyers

    def _is(self, role: str, word: str) -> NDArray[np.bool_]:
        return np.asarray(self.at[role] == self.labels[role].index(word))


def alike(f: Flows, where: str) -> list[Finding]:
    """Regions, and sectors or final categories, whose names look alike or are totals, with their rows."""

    def row(kind: str, word: str) -> int:
        return int(f.lines(f.first(kind, word)))

    sold = {*f.labels["from_sector"], *f.meant.exports}
    finals = [w for w in f.labels["to_sector"] if w not in sold]
    found = _only_final(f, where, finals)
    taken = {finals[0]} if found else set()
    for kind in ("region", "sector"):
        every = [*f.labels[f"from_{kind}"], *f.labels[f"to_{kind}"]]
        found += look_alikes(kind, where, every, partial(row, kind))
        summed = [
            w for w in (_inside(f) if kind == "region" else every) if w not in f.meant.exports | taken
        ]
        codes = [
            w
            for w in sorted({*summed})
            if is_coded(kind, w, f.labels[f"from_{kind}"]) and f.trades(kind, w)
        ]
        for word in codes:
            what = f"{kind} {word!r} is taken for a code: it sells and buys, and is no sum of others"
            todo = f"Take its rows out if it is all {kind}s"
            found.append(Finding("note", f"{where}, row {row(kind, word)}", what, todo))
        summed = [w for w in summed if w not in codes]
        found += totals(kind, where, summed, partial(row, kind))
    named = {x.where for x in found}
    more = totals("final use", where, [w for w in finals if w not in taken], partial(row, "sector"))
    return found + [x for x in more if x.where not in named]


def _only_final(f: Flows, where: str, finals: list[str]) -> list[Finding]:
    """A note that the only final use is taken for what it says it is: all of it."""
    if len(finals) != 1 or not (is_total(finals[0]) and is_final(finals[0])):
        return []
    what = f"{finals[0]!r} is the only final use, and taken for all that is bought at home"
    if any(w in f.meant.exports for w in f.labels["to_sector"]):
        what += "; exports stand beside it"
    place = f"{where}, row {f.lines(f.first('sector', finals[0]))}"
    return [Finding("note", place, what, "Take out of it what counts twice, such as exports")]


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
