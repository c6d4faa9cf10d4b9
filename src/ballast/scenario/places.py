"""The words people use for places and products, turned into indices of one economy.

    region    code ("SH"), name in either language ("Shanghai", "上海", "上海市"), alias, "all"
    sector    code ("18"), name, alias; "06..09" is every sector from 06 to 09 in the book's order;
              a group of the book ("manufacturing"), or one of all, goods, industry, services, storable
    node      id or code ("SH.18"), the name of a firm, or names of region and sector ("上海.汽车") where
              they are those of one node
    carrier   code, name, or those of the product that delivers it
    category  code or name of a final user; households, government, investment gather what they can

Words are matched as everywhere (`economy.names`): in any width, case and spacing, with or without 省 and
市. Unknown words, and words that fit two things, become findings with the nearest known ones in both
languages, so that all of them are told at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache

import numpy as np

from ballast.arrays import Mask
from ballast.economy import Economy
from ballast.economy.economy import Region, Sector
from ballast.economy.names.matcher import Matcher, tight
from ballast.economy.names.nodes import NodeNames
from ballast.economy.sheets.cells import plain
from ballast.errors import Finding, nearest
from ballast.text import BETWEEN, Text, listed

Thing = tuple[str, tuple[str, ...], str]  # code, names, how it is shown

MOST_HINTS = 20  # of one list: looking for what was meant takes long in a large book
_USERS = {
    "households": ("household", "居民"),
    "government": ("government", "政府"),
    "investment": ("capital", "资本"),
}


class Vocabulary:
    """Every word for one kind of thing, and how to show each thing.

    `things` are (code, names, shown) by index, `groups` words for several of them. A word for everything
    comes before a thing of that name, other groups after it.
    """

    def __init__(
        self, what: str, things: Sequence[Thing], groups: Mapping[str, Sequence[int]] | None = None
    ) -> None:
        self.what, self.size, self.things = what, len(things), things
        self.all = {tight("all"): tuple(range(self.size))}
        self.groups = {tight(word): tuple(at) for word, at in (groups or {}).items()}
        self.matcher = Matcher(
            ((code, (i,)) for i, (code, _, _) in enumerate(things)),
            ((name, (i,)) for i, (_, names, _) in enumerate(things) for name in names),
        )

    def fits(self, word: str) -> tuple[tuple[int, ...], ...]:
        """The meanings of a word: one where all is well."""
        near = tight(word)
        if near in self.all:
            return (self.all[near],)
        found = self.matcher.fits(word)
        if not found and near in self.groups:
            return (self.groups[near],)
        return found

    def mask(self, words: Sequence[str], tell: Callable[[str, str], None]) -> Mask:
        """[size] the things named by any of `words`; `tell(what, todo)` hears of what is wrong."""
        out = np.zeros(self.size, bool)
        said: dict[int, str] = {}
        unknown = 0
        for word in words:
            fits = self.fits(word) or self._span(word)
            if len(fits) > 1:
                both = listed([self._said(at) for at in fits], MOST_HINTS, between=" and ")
                tell(f'{self.what} "{word}" may be {both}', "Write the code")
                continue
            if not fits:
                unknown += 1
                hint = self._hint(word) if unknown <= MOST_HINTS else "Use words that the book has"
                tell(f'no {self.what} "{word}" in this book', hint)
                continue
            found = fits[0]
            if len(found) == 1:
                if found[0] in said:
                    tell(
                        f'{self.what} "{word}" is named twice, before as "{said[found[0]]}"', "Name it once"
                    )
                said[found[0]] = word
            out[list(found)] = True
        return out

    def _span(self, word: str) -> tuple[tuple[int, ...], ...]:
        """ "06..09": from the one to the other."""
        ends = [self.fits(w) for w in plain(word).split("..")]
        if len(ends) != 2 or any(len(found) != 1 or len(found[0]) != 1 for found in ends):
            return ()
        first, last = ends[0][0][0], ends[1][0][0]
        return (tuple(range(first, last + 1)),) if first <= last else ()

    def _said(self, at: Sequence[int]) -> str:
        return self.things[at[0]][2]

    def _hint(self, word: str) -> str:
        shown: dict[str, str] = {}
        for code, names, said in self.things:
            for known in (code, *names):
                shown.setdefault(known, said)
        shown |= {group: group for group in (*self.all, *self.groups) if group not in shown}
        close = [shown[w] for w in nearest(plain(word), list(shown))]
        if close:
            return f"Did you mean {' or '.join(dict.fromkeys(close))}?"
        some = list(dict.fromkeys(shown.values()))[:8]
        return f"The book has: {', '.join(some)}, ..."


class Places:
    """The vocabularies of one economy."""

    def __init__(self, economy: Economy) -> None:
        self._economy = economy

    @cached_property
    def regions(self) -> Vocabulary:
        return _regions(self._economy)

    @cached_property
    def sectors(self) -> Vocabulary:
        return _sectors(self._economy)

    @cached_property
    def nodes(self) -> Vocabulary:
        return Nodes(self._economy, self.regions, self.sectors)

    @cached_property
    def carriers(self) -> Vocabulary:
        return _carriers(self._economy)

    @cached_property
    def categories(self) -> Vocabulary:
        return _categories(self._economy)

    @staticmethod
    @lru_cache(maxsize=4)
    def of(economy: Economy) -> Places:
        """The vocabularies of `economy`, built once."""
        return Places(economy)


def _regions(e: Economy) -> Vocabulary:
    return Vocabulary("region", [_thing(x) for x in e.regions])


def _sectors(e: Economy) -> Vocabulary:
    groups: dict[str, list[int]] = {}
    for i, sector in enumerate(e.sectors):
        if sector.group:
            groups.setdefault(sector.group, []).append(i)
    flags: Mapping[str, list[bool]] = {
        "goods": [s.goods for s in e.sectors],
        "industry": [s.industry for s in e.sectors],
        "storable": [s.storable for s in e.sectors],
        "services": [not s.goods and not s.industry for s in e.sectors],
        # A book without groups still has makers of goods.
        "manufacturing": [s.goods and s.industry for s in e.sectors],
    }
    own = {tight(group) for group in groups}
    groups |= {g: np.flatnonzero(flag).tolist() for g, flag in flags.items() if g not in own}
    return Vocabulary("sector", [_thing(x) for x in e.sectors], groups)


def _thing(x: Region | Sector) -> Thing:
    return x.code, (x.name.en, x.name.zh, *x.aliases), _shown(x.code, x.name)


class Nodes(Vocabulary):
    """Nodes by id, by the name of a firm, or by any names of region and sector: 沿海.零部件."""

    def __init__(self, e: Economy, regions: Vocabulary, sectors: Vocabulary) -> None:
        self._names = NodeNames(e)
        things: list[Thing] = [
            (x.code, (x.name.en, x.name.zh), _shown(x.code, x.name))
            if e.has_own_name(i)
            else (x.code, (), x.code)
            for i, x in enumerate(self._names.things)
        ]
        super().__init__("node", things)
        self.matcher = self._names.matcher
        self._regions, self._sectors = regions, sectors

    def fits(self, word: str) -> tuple[tuple[int, ...], ...]:
        return super().fits(word) or self._names.by_parts(word)

    def _span(self, word: str) -> tuple[tuple[int, ...], ...]:
        """Nodes have no order that means anything."""
        return ()

    def _hint(self, word: str) -> str:
        near = [self._near(m, plain(word)) for m in BETWEEN.finditer(plain(word))]
        return next(filter(None, near), "") or super()._hint(word)

    def _near(self, mark: re.Match[str], word: str) -> str:
        """What was meant where one of the two parts is known and the other is nearly so."""
        parts = (word[: mark.start()], word[mark.end() :])
        both = [(v, part, _single(v.fits(part))) for v, part in zip(
            (self._regions, self._sectors), parts, strict=True
        )]  # fmt: skip
        if sum(at is None for _, _, at in both) != 1:
            return ""
        return next(f"{v.what} {part!r}: {v._hint(part)}" for v, part, at in both if at is None)


def _single(fits: tuple[tuple[int, ...], ...]) -> int | None:
    """The one thing that a word means; None where it means nothing, several, or one of several."""
    return fits[0][0] if len(fits) == 1 and len(fits[0]) == 1 else None


def _carriers(e: Economy) -> Vocabulary:
    """Carriers by code and names, and by those of the product that delivers them."""
    things = []
    for c in e.carriers:
        product = e.sectors[c.product]
        code, names, _ = _thing(product)
        more = (product.makes.en, product.makes.zh)
        things.append((c.code, (c.name.en, c.name.zh, code, *names, *more), _shown(c.code, c.name)))
    return Vocabulary("carrier", things)


def _categories(e: Economy) -> Vocabulary:
    said = [f"{code} {name.en} {name.zh}".casefold() for code, name in e.categories]
    marked = {
        g: [i for i, s in enumerate(said) if any(m in s for m in marks)] for g, marks in _USERS.items()
    }
    things = [(code, (name.en, name.zh), _shown(code, name)) for code, name in e.categories]
    return Vocabulary("final user", things, {group: at for group, at in marked.items() if at})


def _shown(code: str, name: Text) -> str:
    return f"{code} ({name.en}, {name.zh})"


def teller(found: list[Finding], where: str) -> Callable[[str, str], None]:
    """A `tell` that files an error under `where`."""

    def tell(what: str, todo: str) -> None:
        found.append(Finding("error", where, what, todo))

    return tell
