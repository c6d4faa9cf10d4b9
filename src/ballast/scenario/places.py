"""The words people use for places and products, turned into indices of one economy.

    region    code ("SH"), name in either language ("Shanghai", "上海", "上海市"), alias, "all"
    sector    code ("18"), name, alias; "06..09" is every sector from 06 to 09 in the book's order;
              a group of the book ("manufacturing"), or one of all, goods, industry, services, storable
    node      code ("SH.18") or the name of a firm
    category  code or name of a final user; households, government, investment gather what they can

Unknown words become findings with the nearest known ones in both languages, so that all of them are
told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ballast.economy import Economy
from ballast.economy.names import SUFFIXES
from ballast.errors import Finding, nearest
from ballast.text import Text

Mask = NDArray[np.bool_]

MOST_HINTS = 20  # of one list: looking for what was meant takes long in a large book
_USERS = {
    "households": ("household", "居民"),
    "government": ("government", "政府"),
    "investment": ("capital", "资本"),
}


class Vocabulary:
    """Every word for one kind of thing: word (case folded) -> indices, and how to show each thing."""

    def __init__(self, what: str, size: int) -> None:
        self.what, self.size = what, size
        self.index: dict[str, list[int]] = {}
        self.shown: dict[str, str] = {}

    def add(self, word: str, where: Iterable[int], shown: str = "") -> None:
        """Teach a word; the first meaning of a word stays."""
        key = word.strip().casefold()
        if key and key not in self.index:
            self.index[key] = list(where)
            self.shown[key] = shown or word

    def mask(self, words: Sequence[str], tell: Callable[[str, str], None]) -> Mask:
        """[size] the things named by any of `words`; `tell(what, todo)` hears of what is wrong."""
        out = np.zeros(self.size, bool)
        said: dict[int, str] = {}
        unknown = 0
        for word in words:
            found = self.index.get(word.strip().casefold())
            if found is None:
                found = self._span(word)
            if found is None:
                unknown += 1
                hint = self._hint(word) if unknown <= MOST_HINTS else "Use words that the book has"
                tell(f'no {self.what} "{word}" in this book', hint)
                continue
            if len(found) == 1:
                if found[0] in said:
                    tell(
                        f'{self.what} "{word}" is named twice, before as "{said[found[0]]}"', "Name it once"
                    )
                said[found[0]] = word
            out[found] = True
        return out

    def _span(self, word: str) -> list[int] | None:
        """ "06..09": from the one to the other."""
        ends = [self.index.get(w.strip().casefold()) for w in word.split("..")]
        if len(ends) != 2 or ends[0] is None or ends[1] is None:
            return None
        first, last = ends[0], ends[1]
        if len(first) != 1 or len(last) != 1 or last[0] < first[0]:
            return None
        return list(range(first[0], last[0] + 1))

    def _hint(self, word: str) -> str:
        close = [self.shown[w] for w in nearest(word, list(self.index))]
        if close:
            return f"Did you mean {' or '.join(dict.fromkeys(close))}?"
        some = list(dict.fromkeys(self.shown.values()))[:8]
        return f"The book has: {', '.join(some)}, ..."


class Places:
    """The vocabularies of one economy."""

    def __init__(self, economy: Economy) -> None:
        self.regions = _regions(economy)
        self.sectors = _sectors(economy)
        self.nodes = _nodes(economy)
        self.categories = _categories(economy)

    @staticmethod
    @lru_cache(maxsize=4)
    def of(economy: Economy) -> Places:
        """The vocabularies of `economy`, built once."""
        return Places(economy)


def _regions(e: Economy) -> Vocabulary:
    out = Vocabulary("region", e.r)
    out.add("all", range(e.r))
    for i, region in enumerate(e.regions):
        shown = _shown(region.code, region.name)
        names = [region.code, region.name.en, region.name.zh, *region.aliases]
        names += [n.removesuffix(s) for n in names for s in SUFFIXES if n.endswith(s)]
        for name in names:
            out.add(name, [i], shown)
        if "\u4e00" <= region.name.zh[:1] <= "\u9fff":
            for suffix in ("省", "市"):  # people write 江苏省 where the book has 江苏
                out.add(region.name.zh + suffix, [i], shown)
    return out


def _sectors(e: Economy) -> Vocabulary:
    out = Vocabulary("sector", e.k)
    for i, sector in enumerate(e.sectors):
        for name in (sector.code, sector.name.en, sector.name.zh, *sector.aliases):
            out.add(name, [i], _shown(sector.code, sector.name))
    flags: Mapping[str, list[bool]] = {
        "all": [True for _ in e.sectors],
        "goods": [s.goods for s in e.sectors],
        "industry": [s.industry for s in e.sectors],
        "storable": [s.storable for s in e.sectors],
        "services": [not s.goods and not s.industry for s in e.sectors],
    }
    for group in dict.fromkeys(s.group for s in e.sectors if s.group):
        out.add(group, [i for i, s in enumerate(e.sectors) if s.group == group])
    for group, flag in flags.items():
        out.add(group, np.flatnonzero(flag).tolist())
    # A book without groups still has makers of goods.
    out.add("manufacturing", [i for i, s in enumerate(e.sectors) if s.goods and s.industry])
    return out


def _nodes(e: Economy) -> Vocabulary:
    out = Vocabulary("node", e.n)
    for i, code in enumerate(e.node_codes):
        out.add(code, [i], code)
        if e.node_labels is not None:
            label = e.node_labels[i]
            out.add(label.en, [i], _shown(code, label))
            out.add(label.zh, [i], _shown(code, label))
    return out


def _categories(e: Economy) -> Vocabulary:
    out = Vocabulary("final user", len(e.categories))
    out.add("all", range(len(e.categories)))
    for i, (code, name) in enumerate(e.categories):
        for word in (code, name.en, name.zh):
            out.add(word, [i], _shown(code, name))
    for group, marks in _USERS.items():
        said = [f"{code} {name.en} {name.zh}".casefold() for code, name in e.categories]
        found = [i for i, s in enumerate(said) if any(m in s for m in marks)]
        if found:
            out.add(group, found)
    return out


def _shown(code: str, name: Text) -> str:
    return f"{code} ({name.en}, {name.zh})"


def teller(found: list[Finding], where: str) -> Callable[[str, str], None]:
    """A `tell` that files an error under `where`."""

    def tell(what: str, todo: str) -> None:
        found.append(Finding("error", where, what, todo))

    return tell
