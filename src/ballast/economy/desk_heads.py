"""Heads that nearly say something: a misspelt name, 行业门类 for 行业, a unit in a line above.

asked       the column of names that a sheet lacks, when a head nobody could read is near to it
unit_lines  the units that lines above the heads give ("单位：周")
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence

from ballast.economy.readers.cells import plain
from ballast.economy.readers.files import Sheet
from ballast.errors import LONGEST_WORD, Finding

NEAR = 0.75  # likeness of English words from which a head is taken for a misspelling
_UNIT_LINE = re.compile(r"(?:计量)?单位\s*:\s*(.+)|units?\s*:\s*(.+)", re.IGNORECASE)


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
        if role := next((r for r in lacking if any(_near(text, w) for w in words[r])), None):
            what = f"the head {text!r} is not known, and the sheet has no column {role}"
            todo = f"Write {role} if it says that; take the column out if it does not"
            yield Finding("error", sheet.place(head, at), what, todo)


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


def unit_lines(sheet: Sheet, head: int) -> tuple[str, ...]:
    """The units that the lines above the heads give; ("吨", "天") of "单位：吨、天"."""
    out: list[str] = []
    for row in sheet.rows[:head]:
        for cell in row:
            if isinstance(cell, str) and (got := _UNIT_LINE.fullmatch(plain(cell).strip("()[] "))):
                out += [u.strip() for u in re.split(r"[,、;/]", got[1] or got[2]) if u.strip()]
    return tuple(dict.fromkeys(out))
