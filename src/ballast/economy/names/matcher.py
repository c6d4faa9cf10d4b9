"""Names as people write them, matched to a book's regions and sectors: exactly, or as a proposal to be
reviewed.

Exact are codes, names in both languages, aliases, Chinese names with or without their 省, 市 and the like,
in any width, case and spacing; 吉林市 is not 吉林省. Codes win over names, what is written exactly so over
what is nearly so; a word that fits two things fits none. Everything else is a proposal with a likeness
from 0 to 1; nobody's figures are moved on one until a person has said yes.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from ballast.economy.economy import Economy
from ballast.economy.sheets.cells import plain
from ballast.errors import LONGEST_WORD
from ballast.text import BETWEEN, Text, listed
from ballast.text import tight as tightened

SUFFIXES = ("特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市")
LIKELY = 0.5  # below this likeness nothing is proposed
MOST = 3  # proposals a name
MOST_RIVALS = 20  # between which a word cannot tell, named in a message
MOST_LOOKS = 2_000_000  # names compared for proposals in one reading: some ten seconds


def tight(word: object) -> str:
    """A name, or a cell of a sheet, without width, case and spaces."""
    return tightened(word if isinstance(word, str) else plain(word))


def key(word: object) -> str:
    """A name without what does not matter: width, case, spaces, a 省 or 市 at the end of a longer name."""
    text = tight(word)
    return text[: len(text) - len(_ending(text))]


def _ending(text: str) -> str:
    """The 省 or 市 at the end of a longer name; "" where there is none."""
    return next((s for s in SUFFIXES if text.endswith(s) and len(text) - len(s) >= 2), "")


def by_parts(
    word: str, region: Callable[[str], int | None], sector: Callable[[str], int | None]
) -> tuple[int, int] | None:
    """Region and sector of 上海.汽车 or "Shanghai, Vehicles", each as its function finds it; else None."""
    for mark in BETWEEN.finditer(word):
        both = region(word[: mark.start()]), sector(word[mark.end() :])
        if both[0] is not None and both[1] is not None:
            return both[0], both[1]
    return None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A name that is not in the book, and what it may stand for."""

    word: str
    kind: str  # region, sector or node
    code: str
    name: str
    likeness: float


class Matcher:
    """Words and what they stand for, one thing or several: the one place where names are matched.

    A form of the words is indexed only when a word was not found by the forms before it: whoever writes
    codes exactly pays for nothing else.
    """

    def __init__(
        self, codes: Iterable[tuple[str, Sequence[int]]], names: Iterable[tuple[str, Sequence[int]]]
    ):
        self.codes = [(w, tuple(at)) for w, at in codes if w.strip()]
        self.names = [(w, tuple(at)) for w, at in names if w.strip()]

    def fits(self, word: object) -> tuple[tuple[int, ...], ...]:
        """What `word` may stand for: nothing, one meaning, or the several between which it cannot tell."""
        text = word.strip() if isinstance(word, str) else plain(word)
        near = tight(text)
        if not near:
            return ()
        if found := self._codes.get(text):
            return found
        if found := self._near_codes.get(near):
            return found
        for index, form in ((self._names, text), (self._near_names, near)):
            if found := index.get(form):
                return found
        if found := tuple(at for at in self.loose.get(key(text), ()) if self._of_its_kind(near, at)):
            return found
        return self._numbers.get(int(near), ()) if near.isdecimal() and len(near) < 20 else ()

    def _of_its_kind(self, word: str, at: tuple[int, ...]) -> bool:
        """Whether a name ends as the thing's own names do: 吉林市 is a city in 吉林省."""
        ending, known = _ending(word), self._endings.get(at)
        return not ending or not known or ending in known

    @cached_property
    def _endings(self) -> dict[tuple[int, ...], set[str]]:
        """What the names of each thing end in, of `SUFFIXES`."""
        out: dict[tuple[int, ...], set[str]] = {}
        for word, at in self.names:
            if ending := _ending(tight(word)):
                out.setdefault(at, set()).add(ending)
        return out

    @cached_property
    def _codes(self) -> Meanings:
        return _index(self.codes, str.strip)

    @cached_property
    def _near_codes(self) -> Meanings:
        return _index(self.codes, tight)

    @cached_property
    def _names(self) -> Meanings:
        return _index(self.names, str.strip)

    @cached_property
    def _near_names(self) -> Meanings:
        return _index(self.names, tight)

    @cached_property
    def loose(self) -> Meanings:
        return _index([*self.codes, *self.names], key)

    @cached_property
    def _numbers(self) -> dict[int, tuple[tuple[int, ...], ...]]:
        """Codes and names that are bare numbers; a spreadsheet takes their leading zeros."""
        out: dict[int, tuple[tuple[int, ...], ...]] = {}
        for text, found in self.loose.items():
            if text.isdecimal():
                out[int(text)] = tuple(dict.fromkeys((*out.get(int(text), ()), *found)))
        return out


Meanings = dict[str, tuple[tuple[int, ...], ...]]


def _index(words: Iterable[tuple[str, tuple[int, ...]]], form: Callable[[str], str]) -> Meanings:
    """Each word in this form, and the different things it stands for."""
    out: Meanings = {}
    for word, at in words:
        text = form(word)
        found = out.get(text)
        if found is None:
            out[text] = (at,)
        elif at not in found:
            out[text] = (*found, at)
    return out


class Thing(Protocol):
    """What has a code and names: a region, a sector, a node."""

    @property
    def code(self) -> str: ...

    @property
    def name(self) -> Text: ...

    @property
    def aliases(self) -> tuple[str, ...]: ...


class Names:
    """The regions or sectors of one book by every way to write them; names of those that are not `named`
    say nothing.
    """

    def __init__(
        self, kind: str, things: Sequence[Thing], named: Callable[[int], bool] | None = None
    ) -> None:
        self.kind = kind
        self.things = things
        self.told: dict[str, int] = {}
        self._looks = 0  # names compared for proposals so far
        self.matcher = Matcher(
            ((t.code, (i,)) for i, t in enumerate(self.things)),
            (
                (word, (i,))
                for i, t in enumerate(self.things)
                if named is None or named(i)
                for word in (t.name.en, t.name.zh, *t.aliases)
            ),
        )

    @classmethod
    def regions(cls, e: Economy) -> Names:
        return cls("region", e.regions)

    @classmethod
    def sectors(cls, e: Economy) -> Names:
        return cls("sector", e.sectors)

    def learn(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Names a person has confirmed: (as written, code)."""
        for word, code in pairs:
            if (at := self.find(code)) is not None:
                self.told[tight(word)] = at

    def find(self, word: object) -> int | None:
        """The index of what is called `word`; a bare number may have lost its leading zeros in Excel.

        None where nothing is called so, and where `rivals` are.
        """
        if (told := self.told.get(tight(word))) is not None:
            return told
        found = self.fits(word)
        return found[0][0] if len(found) == 1 else None

    def fits(self, word: object) -> tuple[tuple[int, ...], ...]:
        """All that `word` may stand for in the book."""
        return self.matcher.fits(word)

    def rivals(self, word: object) -> list[str]:
        """The codes of the things between which `word` cannot tell; empty where it can."""
        found = self.fits(word)
        return [self.things[at[0]].code for at in found] if len(found) > 1 else []

    def unknown(self, word: object) -> str:
        """Why `find` gave None, for a message."""
        if rivals := self.rivals(word):
            return f"{word!r} fits more than one {self.kind}: {listed(rivals, MOST_RIVALS)}"
        return f"no {self.kind} called {word!r} in this book"

    def propose(self, word: object) -> list[Proposal]:
        """What an unknown name may stand for, likeliest first; nothing once `MOST_LOOKS` are spent."""
        text = key(word)
        best: dict[int, float] = {}
        self._looks += len(self.matcher.loose)
        if self._looks > MOST_LOOKS or len(text) > LONGEST_WORD:
            return []
        for known, i in ((k, at[0]) for k, found in self.matcher.loose.items() for at in found):
            if len(known) < 2 or not text or known.isdecimal() > text.isdecimal():
                continue  # a code 36 says nothing of C36
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
