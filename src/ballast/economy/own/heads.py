"""Heads that nearly say something: a misspelt name, 行业门类 for 行业, a unit in a title.

asked       the column of names that a sheet lacks, when a head nobody could read is near to it
unit_hints  words of titles that may be units
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence

from ballast.economy.own.units import is_unit
from ballast.economy.sheets.cells import plain
from ballast.economy.sheets.files import Sheet
from ballast.economy.sheets.said import BRACKETS, words_above
from ballast.errors import LONGEST_WORD, Finding

NEAR = 0.75  # likeness of English words from which a head is taken for a misspelling
_IN_UNIT = re.compile(r"\bin ([a-z]+)\b", re.IGNORECASE)
_NEARLY = {
    "region": ("市", "县", "区县", "城市", "地级市", "地市", "city", "cities", "town", "county", "district")
}


def asked(
    sheet: Sheet,
    head: int,
    lacking: Sequence[str],
    unread: Sequence[int],
    words: Mapping[str, Sequence[str]],
) -> Iterator[Finding]:
    """An error for each column in `unread` whose head is near to the words of a role in `lacking`: without
    it every row would be taken for all regions or sectors.
    """
    for at in unread:
        text = plain(sheet.rows[head][at])
        if role := next(
            (r for r in lacking if _nearly(text, r) or any(_near(text, w) for w in words[r])), None
        ):
            what = f"the head {text!r} is not known, and the sheet has no column {role}"
            todo = f"Write {role} if it says that; take the column out if it does not"
            yield Finding("error", sheet.place(head, at), what, todo)


def _nearly(text: str, role: str) -> bool:
    """Whether a head names something like what a role holds: cities, where regions are asked for."""
    return text.casefold() in _NEARLY.get(role, ())


def _near(text: str, word: str) -> bool:
    """Whether a head holds a word, or is it with a slip of the pen."""
    folded = text.casefold()
    if len(folded) > LONGEST_WORD:
        return False
    if not word.isascii():
        return len(word) >= 2 and word in folded
    return any(
        part == word or (len(part) >= 4 and difflib.SequenceMatcher(None, part, word).ratio() >= NEAR)
        for part in re.findall(r"[a-z]+", folded)
    )


def unit_hints(sheet: Sheet, head: int) -> tuple[str, ...]:
    """Words in titles and in the sheet's name that may be its unit, or something else: 周 in （周）,
    weeks of "Stocks in weeks".
    """
    texts = [plain(sheet.name), *(cell for cells in words_above(sheet, head) for cell in cells)]
    said = [u for text in texts for u in (*BRACKETS.findall(text), *_IN_UNIT.findall(text))]
    return tuple(dict.fromkeys(u for u in said if is_unit(u)))
