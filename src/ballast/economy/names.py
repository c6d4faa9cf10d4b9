"""Names as people write them, matched to a book's regions and sectors: exactly, or as a proposal to be
reviewed.

Exact are codes, names in both languages, aliases, Chinese names with or without 省, 市 and the like, in
any width, case and spacing. Everything else is a proposal with a likeness from 0 to 1; nobody's figures
are moved on one until a person has said yes.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ballast.economy.economy import Economy, Region, Sector
from ballast.economy.readers.cells import plain
from ballast.errors import LONGEST_WORD

SUFFIXES = ("特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市")
LIKELY = 0.5  # below this likeness nothing is proposed
MOST = 3  # proposals a name
MOST_LOOKS = 2_000_000  # names compared for proposals in one reading: some ten seconds


def key(word: object) -> str:
    """A name without what does not matter: width, case, spaces, a 省 or 市 at the end of a longer name."""
    text = re.sub(r"\s+", "", plain(word)).casefold()
    for suffix in SUFFIXES:
        if text.endswith(suffix) and len(text) - len(suffix) >= 2:
            return text[: -len(suffix)]
    return text


@dataclass(frozen=True, slots=True)
class Proposal:
    """A name that is not in the book, and what it may stand for."""

    word: str
    kind: str  # region or sector
    code: str
    name: str
    likeness: float


class Names:
    """The regions or sectors of one book by every way to write them."""

    def __init__(self, kind: str, things: Sequence[Region] | Sequence[Sector]) -> None:
        self.kind, self.things = kind, things
        self.index: dict[str, int] = {}
        self._looks = 0  # names compared for proposals so far
        for words in (
            lambda t: (t.code,),
            lambda t: (t.name.en, t.name.zh),
            lambda t: t.aliases,
        ):  # codes win
            for i, thing in enumerate(things):
                for word in words(thing):
                    self.index.setdefault(key(word), i)

    @classmethod
    def regions(cls, e: Economy) -> Names:
        return cls("region", e.regions)

    @classmethod
    def sectors(cls, e: Economy) -> Names:
        return cls("sector", e.sectors)

    def learn(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Names a person has confirmed: (as written, code)."""
        for word, code in pairs:
            if (at := self.index.get(key(code))) is not None:
                self.index[key(word)] = at
        self.__dict__.pop("_numbers", None)

    def find(self, word: object) -> int | None:
        """The index of what is called `word`; a bare number may have lost its leading zeros in Excel."""
        text = key(word)
        if text in self.index:
            return self.index[text]
        if text.isdecimal():
            fits = self._numbers.get(int(text), set())
            return next(iter(fits)) if len(fits) == 1 else None
        return None

    @cached_property
    def _numbers(self) -> dict[int, set[int]]:
        """The things that a number may mean, by its value."""
        out: dict[int, set[int]] = {}
        for word, i in self.index.items():
            if word.isdecimal():
                out.setdefault(int(word), set()).add(i)
        return out

    def propose(self, word: object) -> list[Proposal]:
        """What an unknown name may stand for, likeliest first; nothing once `MOST_LOOKS` are spent."""
        text = key(word)
        best: dict[int, float] = {}
        self._looks += len(self.index)
        if self._looks > MOST_LOOKS or len(text) > LONGEST_WORD:
            return []
        for known, i in self.index.items():
            if len(known) < 2 or not text:
                continue
            within = known in text or text in known
            match = difflib.SequenceMatcher(None, text, known)
            if not within and (match.real_quick_ratio() < LIKELY or match.quick_ratio() < LIKELY):
                continue  # both are never below the ratio itself
            likeness = match.ratio()
            if within:
                likeness = max(
                    likeness, 0.6 + 0.4 * min(len(known), len(text)) / max(len(known), len(text))
                )
            best[i] = max(best.get(i, 0.0), likeness)
        order = sorted((i for i in best if best[i] >= LIKELY), key=lambda i: -best[i])[:MOST]
        return [
            Proposal(
                str(word),
                self.kind,
                self.things[i].code,
                f"{self.things[i].name.en} {self.things[i].name.zh}",
                best[i],
            )
            for i in order
        ]
