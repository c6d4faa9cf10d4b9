"""What the words around a table say of its unit: lines above the heads, a title, the head of the amounts.

unit_lines   the units that lines above the heads give ("单位：周")
units_of     those of one line
words_above  the words of the rows above a row
money_above  the unit of money that they say, against the one that the source publishes in
money_of     the same for the head of a column, and for a column of units
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ballast.economy.readers.cells import plain
from ballast.economy.readers.files import Sheet
from ballast.economy.sane import shown
from ballast.errors import Finding
from ballast.text import listed
from ballast.units import Money, currency_code

MOST_NAMED = 4
LONGEST_UNIT = 60
_UNIT_LINE = re.compile(
    r"(?:^|[(\[\s:,])[\u4e00-\u9fff]{0,4}单位\s*:\s*([^()\[\]]+)|(?:^|[(\[\s:,])units?\s*:\s*([^()\[\]]+)",
    re.IGNORECASE,
)
_OFFICE = re.compile(r"(?:编制|填报|填表|报送|制表|发布|提供|调查|报告)单位")  # who made it, no unit
_UNIT_HEAD = re.compile(r"[\u4e00-\u9fff]{0,4}单位\s*:?|units?\s*:?", re.IGNORECASE)
_IN_UNIT = re.compile(r"\bin ([^()\[\]]+)", re.IGNORECASE)
BRACKETS = re.compile(r"[(\[]([^()\[\]]+)[)\]]")


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit of a table's amounts, and the currency it is money of."""

    unit: str
    currency: str


def unit_lines(sheet: Sheet, head: int) -> tuple[str, ...]:
    """The units that lines above the heads give: 吨, 天 of 单位：吨、天, of 单位 what is beside it."""
    said = (u for text in _unit_texts(words_above(sheet, head)) for u in _parted(text))
    return tuple(dict.fromkeys(said))


def words_above(sheet: Sheet, head: int) -> list[list[str]]:
    """The words of each row above the row `head`."""
    return [[plain(c) for c in row if isinstance(c, str) and plain(c)] for row in sheet.rows[:head]]


def units_of(text: str) -> list[str]:
    """The units that a line says it is in, in so many words; none for a line that says nothing of units."""
    return _parted(said) if (said := _said(text)) else []


def _unit_texts(rows: list[list[str]]) -> Iterator[str]:
    """What stands behind 单位： or "unit:", or beside a cell that is such a word."""
    for cells in rows:
        for before, cell in zip(["", *cells], cells, strict=False):
            if said := _said(cell):
                yield said
            if _UNIT_HEAD.fullmatch(before):
                yield cell


def _said(text: str) -> str:
    got = _UNIT_LINE.search(text)
    return got[1] or got[2] if got else ""


def _parted(text: str) -> list[str]:
    return [u.strip() for u in re.split(r"[,、;/]", text) if u.strip()]


def money_above(sheet: Sheet, head: int, usual: Unit) -> tuple[Unit, list[Finding]]:
    """The unit that the rows down to the heads say, `usual` where they say none; what is not understood,
    and two that differ, are errors.
    """
    above = words_above(sheet, head + 1)
    rows = [[cell for cell in cells if not _OFFICE.search(cell)] for cells in above]
    lines = list(dict.fromkeys(_unit_texts(rows)))
    titles = [u for cells in rows for c in cells for u in (*BRACKETS.findall(c), *_IN_UNIT.findall(c))]
    titles = [u for u in dict.fromkeys(titles) if _money(u, "") is not None]
    return _agreed([*lines, *titles], usual, sheet.where)


def money_of(head: str, words: Sequence[str], usual: Unit, where: str) -> tuple[Unit, list[Finding]]:
    """The unit that the head of the amounts says (`value_100m_cny`, 数值（亿元）) and the words of a column
    of units; `usual` where neither says one.
    """
    behind = re.sub(r"^(value|数值|金额)", "", plain(head).casefold()).replace("_", " ").strip(" ()[]:,")
    said = [behind] if re.search(r"[^\W\d]", behind) else []  # value_2017 says no unit
    return _agreed([*said, *words], usual, where)


def _agreed(said: Sequence[str], usual: Unit, where: str) -> tuple[Unit, list[Finding]]:
    """The one unit that is meant; a unit that the source does not publish in is told."""
    read = {text: _money(text, usual.currency) for text in said}
    if strange := [text for text, money in read.items() if money is None]:
        what = f"the unit {shown(strange[0])} is not understood"
        todo = 'Write a power of ten or a word and a currency: "10k CNY", "m EUR", "亿元"'
        return usual, [Finding("error", where, what, todo)]
    meant = {_key(m): m for m in reversed(read.values()) if m is not None}
    if len(meant) > 1:
        units = listed([repr(m.unit) for m in reversed(meant.values())], MOST_NAMED)
        return usual, [Finding("error", where, f"says several units: {units}", "Keep the one that holds")]
    money = next(iter(meant.values()), None)
    if money is None or _key(money) == _key(Money.read(usual.unit, usual.currency)):
        return usual, []
    what = f"the amounts are in {money.unit}, as the table says; the source publishes in {usual.unit}"
    found = Finding("note", where, what, "Nothing to do if the table was converted")
    return Unit(money.unit, currency_code(money.currency)), [found]


def _key(money: Money) -> tuple[float | None, str]:
    return money.scale, currency_code(money.currency)


def _money(text: str, currency: str) -> Money | None:
    """The unit with which a text begins, or a part of it that names its currency: 万元 of "万元,当年价" and
    of "当年价,万元"; None where none does.
    """
    parts = re.split(r"([,、;/])", text[:LONGEST_UNIT])
    for begin in range(0, len(parts), 2):
        if begin and parts[begin - 2][-1:].isdigit():
            continue  # the comma stands within a number
        for end in range(len(parts), begin, -2):
            span = "".join(parts[begin:end]).strip()
            money = Money.read(span, "" if begin else currency)
            if money.scale is not None and re.search(r"\w", span) and not span.isdigit():
                return money
    return None
