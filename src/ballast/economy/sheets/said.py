"""What the words around a table say of its unit: lines above the heads, a title, the head of the amounts.

unit_lines   the units that lines above the heads give ("单位：周")
units_of     those of one line
words_above  the words of the rows above a row
titles       those, and the name of the sheet
money_above  the unit of money that they say, against the one that the source publishes in
money_of     the same for the head of a column, and for a column of units
every        whether a word says all regions, sectors, products, fuels
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ballast.economy.sane import shown
from ballast.economy.sheets.cells import plain
from ballast.economy.sheets.files import Sheet
from ballast.economy.sheets.labels import simplified
from ballast.errors import Finding
from ballast.text import listed
from ballast.units import Money, currency_code

MOST_NAMED = 4
LONGEST_UNIT = 60
LONGEST_TITLE = 12
_LINE = re.compile(  # what is before the word and behind it: 单位：亿元, unit: t, 以亿元计
    r"([\u4e00-\u9fff]*?)单位(?:\s*(?:[:;=]|\.\.)\s*|\s+|(?=\())(\(?[^()]+)|"
    r"((?:[a-z]+ )?)\bunits?\s*[:;=]\s*([^()]+)|(以)([^()以]{1,8})(?:为单位|计)(?![\u4e00-\u9fff])",
    re.IGNORECASE,
)
_HEAD = re.compile(r"([\u4e00-\u9fff]{0,4})单位\s*:?|units?\s*:?", re.IGNORECASE)
_MEASURE = ("", "计量", "金额", "货币", "数据", "数值")  # words before 单位 that are about units
OFFICE = re.compile(r"(?:[局司处部厅委厂院办]|公司|中心|委员会|集团)$")
_NO_UNIT = re.compile(rf"{OFFICE.pattern}|^[a-z]+ [a-z ]+$", re.IGNORECASE)
_NEXT = re.compile(r"\s{2,}|\s(?=[\u4e00-\u9fff]+\s*:)")  # where the next statement of a line begins
_FORMS = str.maketrans("∶【】〔〕[]", ":()()()")
_IN_UNIT = re.compile(r"\bin ([^()\[\]]+)", re.IGNORECASE)
BRACKETS = re.compile(r"[(\[]([^()\[\]]+)[)\]]")

EVERY = {  # words for all of them, which may also head a total
    "region": ("all", "全国", "全省", "全部", "所有", "全部地区", "所有地区", "allregions"),
    "sector": ("all", "全部", "所有", "全部行业", "所有行业", "allsectors"),
    "product": ("all", "全部", "所有", "全部产品", "所有产品", "allproducts"),
    "fuel": ("all", "全部", "所有", "全部类型", "所有类型", "allfuels"),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit of a table's amounts, and the currency it is money of."""

    unit: str
    currency: str


def every(role: str, word: str) -> bool:
    """Whether a word says all of them ("all", 全国)."""
    return re.sub(r"[\s:\-()]", "", BRACKETS.sub("", plain(word).casefold())) in EVERY.get(role, ())


def unit_lines(sheet: Sheet, head: int, known: Callable[[str], bool]) -> tuple[str, ...]:
    """The units that lines above the heads give: 吨, 天 of 单位：吨、天, of 单位 what is beside it. A word
    that is not `known` is one only where it cannot be an office.
    """
    return tuple(dict.fromkeys(_above(sheet, head, known)))


def titles(sheet: Sheet, head: int) -> list[tuple[str, str]]:
    """Each text above the heads and the name of the sheet, behind where it stands."""
    above = [(sheet.place(r), t) for r, cells in enumerate(words_above(sheet, head)) for t in cells]
    return [*above, (sheet.where, plain(sheet.name))]


def words_above(sheet: Sheet, head: int) -> list[list[str]]:
    """The words of each row above the row `head`."""
    return [[plain(c) for c in row if isinstance(c, str) and plain(c)] for row in sheet.rows[:head]]


def units_of(text: str, known: Callable[[str], bool]) -> list[str]:
    """The units that a line says it is in, in so many words; none for a line that says nothing of units."""
    return [u for before, said in _statements(text) for u in _units(before, said, known)]


def _above(sheet: Sheet, head: int, known: Callable[[str], bool]) -> Iterator[str]:
    for cells in words_above(sheet, head):
        for before, cell in zip(["", *cells], cells, strict=False):
            yield from units_of(cell, known)
            if beside := _HEAD.fullmatch(_form(before)):
                yield from _units(beside[1] or "", _form(cell), known)


def _form(text: str) -> str:
    """A line as lines are compared: simplified, one kind of colon and of bracket, 单位 without a space."""
    return re.sub(r"单\s+位", "单位", simplified(unicodedata.normalize("NFKC", text)).translate(_FORMS))


def _statements(text: str) -> Iterator[tuple[str, str]]:
    """(word before 单位, what follows it) of each statement of a line."""
    for part in _NEXT.split(_form(text)):
        for got in _LINE.finditer(part):
            before, said = next(
                (b, s) for b, s in ((got[1], got[2]), (got[3], got[4]), (got[5], got[6])) if s
            )
            yield before.strip(), said.strip(" (),;")


def _units(before: str, said: str, known: Callable[[str], bool]) -> list[str]:
    measure = before in _MEASURE
    units = (
        [said]
        if known(said)
        else [u.strip() for u in re.split(r"[、;/]|,(?!\d{3}(?!\d))", said) if u.strip()]
    )
    return [u for u in units if known(u) or (measure and not _NO_UNIT.search(u))]


def money_above(sheet: Sheet, head: int, usual: Unit) -> tuple[Unit, list[Finding]]:
    """The unit that the rows down to the heads say, `usual` where they say none; what is not understood,
    and two that differ, are errors.
    """
    above = [_form(cell) for cells in words_above(sheet, head + 1) for cell in cells]
    lines = unit_lines(sheet, head + 1, lambda text: _money(text, usual.currency) is not None)
    titles = [u for cell in above for u in (*BRACKETS.findall(cell), *_IN_UNIT.findall(cell))]
    alone = [
        _form(cell) for cells in words_above(sheet, head) for cell in cells if len(cell) <= LONGEST_TITLE
    ]
    titles = [u for u in titles if _money(u, "") is not None]
    titles += [
        u for u in alone if (money := _money(u, "")) is not None and money.currency
    ]  # 亿元 by itself
    return _agreed(list(dict.fromkeys([*lines, *titles])), usual, sheet.where)


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
