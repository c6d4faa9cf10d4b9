"""What words of a long table mean, and slips in them.

meant      the words for imports, exports and value added, in the ways offices write them
like_trade whether a final use begins like exports or imports and is none
wholes     final uses that are the whole of others, as national accounts name them
slips      words that stand in few rows and are nearly a word that stands in many
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballast.economy.sheets.labels import is_total, simplest

IMPORTS = ("imports", "import", "进口")
ADDED = ("value_added", "value added", "增加值")
EXPORTS = ("exports", "export", "出口")
NEAR = 0.8  # likeness of two words from which one may be a slip of the other
FEWER = 3  # times fewer rows than the word that was meant
MOST_RARE, MOST_WORDS, LONGEST = 20, 500, 60  # beyond them nobody compares every pair

_MORE = (
    r"(?: (?:of|and|at|the|to|from|in|total|goods?|services?|products?|abroad|world|row|c\.?i\.?f\.?"
    r"|f\.?o\.?b\.?|basic|market|current|producers?'?|purchasers?'?|prices?))*"
)
_SUM = "(?:合计|总计|总额|额|小计)?"
_IMPORTS = re.compile(
    rf"(?:total )?(?:imports?|imp|m|foreign|abroad){_MORE}|总?(?:进口|国外|境外|海外)品?{_SUM}"
)
_EXPORTS = re.compile(rf"(?:total )?(?:exports?|expo?|ex){_MORE}|总?出口{_SUM}")
_ADDED = re.compile(rf"(?:total )?(?:(?:gross )?value added|gva){_MORE}|总?增加值{_SUM}")
_TRADE = re.compile(r"(?:exports?|imports?|exp|imp)\b|出口|进口")
_NONPROFIT = r"npish|non-?profit|为住户服务|p[ .]?31 s15"
_WHOLES = tuple(  # a whole, how its parts begin, and those beside which alone it is none
    (re.compile(whole), re.compile(part), re.compile(alone))
    for whole, part, alone in (
        (
            r"最终消费(?:支出)?(?:总额)?|(?:total )?final consumption(?: expenditures?)?|p[ .]?3",
            r"(?:城乡|农村|城镇)?居民|政府消费|households?\b|private cons|government|npish|p[ .]?3[12]",
            "(?!)",
        ),
        (
            rf"居民消费(?:支出)?(?:合计|总计)?{_SUM}|p[ .]?31(?: s1m| s14 s15)?"
            r"|(?:total )?(?:private|household) (?:final )?consumption(?: expenditures?)?",
            rf"(?:农村|城镇)居民|households?\b|住户|p[ .]?31 s14|{_NONPROFIT}",
            _NONPROFIT,
        ),
        (
            r"资本形成(?:总额)?|(?:total )?gross (?:capital formation|investment)|gcf|p[ .]?5g?",
            r"固定资(?:本形成|产)|存货|gfcf|gross fixed|(?:changes? in )?(?:inventor|stocks)|p[ .]?5[12]",
            "(?!)",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Meant:
    """The words of one table, as it spells them; `guessed` are those known by a usual spelling only."""

    imports: frozenset[str]
    added: frozenset[str]
    exports: frozenset[str]
    guessed: Mapping[str, str]  # word -> what it is taken for

    @property
    def special(self) -> frozenset[str]:
        """All that are no region, sector or final use at home."""
        return self.imports | self.added | self.exports


def meant(labels: Mapping[str, Sequence[str]], at: Mapping[str, NDArray[np.int32]]) -> Meant:
    """What the words of each role mean: a usual spelling counts only where the word is nothing else, a
    region that buys more than exports, or a sector that sells. `at` holds the codes of the rows.
    """

    def buys(region: str) -> bool:
        if region not in labels["to_region"]:
            return False
        rows = at["to_region"] == labels["to_region"].index(region)
        return any(labels["to_sector"][i] not in exports for i in np.unique(at["to_sector"][rows]))

    guessed: dict[str, str] = {}
    sellers = set(labels["from_sector"])
    exports = _of(labels["to_sector"], EXPORTS, _EXPORTS, sellers.__contains__, "exports", guessed)
    imports = _of(labels["from_region"], IMPORTS, _IMPORTS, buys, "imports", guessed)
    added = _of(labels["from_region"], ADDED, _ADDED, buys, "value added", guessed)
    abroad = [w for w in labels["to_region"] if w.casefold() in EXPORTS]
    return Meant(imports, added, exports.union(abroad), guessed)


def _of(
    words: Sequence[str],
    known: Sequence[str],
    usual: re.Pattern[str],
    is_other: Callable[[str], bool],
    what: str,
    guessed: dict[str, str],
) -> frozenset[str]:
    """The words of one meaning; a total beside its parts is none."""
    sure = {w for w in words if w.casefold() in known}
    likely = {w for w in words if w not in sure and usual.fullmatch(simplest(w)) and not is_other(w)}
    parts = sure | {w for w in likely if not is_total(w)}
    likely = {w for w in likely if not (parts - {w} and is_total(w))}
    guessed |= dict.fromkeys(sorted(likely), what)
    return frozenset(sure | likely)


def like_trade(word: str) -> bool:
    """Whether a final use begins like exports or imports."""
    return _TRADE.match(simplest(word)) is not None


def slips(rows: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """(word, the word that it nearly is), of words and the rows in which each stands. Words that differ by
    their digits alone are two: 11 and 12, R1 and R2.
    """
    if len(rows) > MOST_WORDS:
        return
    most = max(rows.values(), default=0)
    words = {w: n for w, n in rows.items() if 2 < len(w) <= LONGEST}
    rare = sorted((w for w in words if FEWER * words[w] <= most), key=words.__getitem__)
    for word in rare[:MOST_RARE]:
        common = {w.casefold(): w for w, count in words.items() if FEWER * words[word] <= count}
        for near in difflib.get_close_matches(word.casefold(), list(common), n=3, cutoff=NEAR):
            if _letters(word) != _letters(near):
                yield word, common[near]
                break


def _letters(word: str) -> str:
    return re.sub(r"\d+", "0", word.casefold())


def wholes(words: Sequence[str]) -> dict[str, list[str]]:
    """Word -> the others that are its parts by the names that national accounts give them."""
    plain = {w: simplest(w) for w in words}
    found: dict[str, list[str]] = {}
    for whole, part, alone in _WHOLES:
        of = [w for w, text in plain.items() if part.match(text) and not whole.fullmatch(text)]
        if all(alone.match(plain[w]) for w in of):
            continue
        found |= {w: [p for p in of if p != w] for w, text in plain.items() if of and whole.fullmatch(text)}
    return found
