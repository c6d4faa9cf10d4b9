"""Heads that nearly say something: a misspelt name, 行业门类 for 行业, a unit in a title.

asked         the column of names that a sheet lacks, when a head nobody could read is near to it
unit_hints    words of titles that may be units
part_of_year  titles that say a month or a quarter, above amounts of a year
other_measure titles that say a gap, a change, a plan, standard coal
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence

from ballast.economy.own.parts import is_source, rather_part
from ballast.economy.sheets.cells import plain
from ballast.economy.sheets.files import Sheet
from ballast.economy.sheets.labels import simplified
from ballast.economy.sheets.said import BRACKETS, titles
from ballast.economy.sheets.units import is_unit
from ballast.errors import LONGEST_WORD, Finding

NEAR = 0.75  # likeness of English words from which a head is taken for a misspelling
_IN_UNIT = re.compile(r"\bin ([a-z]+)\b", re.IGNORECASE)
_IN_TONNES = ("coal", "gas", "oil", "use")
_STANDARD_COAL = re.compile(r"标准?煤|折标|(?<![a-z])(?:tce|sce|coal equivalent)(?![a-z])", re.IGNORECASE)
_NOT_ALL = re.compile(  # of titles whose figures may be a change, a gap or a plan
    r"新增|净增|增减|缺口|短缺|紧缺|缺[员勤岗]|未[返到复][岗工]|离岗|减员|招聘|在建|退役|停机|检修|压减|"
    r"规划|预计|预测|拟建|应有|最低|安全库存|"
    r"(?<![a-z])(?:gap|shortage|shortfall|vacanc(?:y|ies)|absent|planned|forecast|projected|additions?|"
    r"change in)(?![a-z])",
    re.IGNORECASE,
)
# Names of offices in which such a word stands: 发展规划与统计科, 检修公司, Gap Inc.; 规划内部 is none.
_OFFICES = re.compile(
    r"(?:规划|预测|检修|招聘)(?:(?!用电|装机|产能|人员|员工|各)[\u4e00-\u9fff]){0,7}?"
    r"(?:局|处(?!理|于|置)|科(?!技|学|目)|司(?!法)|院|厅|委(?!托)|办(?!法|理)|(?<![全内外])部(?!分|门|署)|"
    r"公司|中心(?!城)|集团)|"
    r"(?:\b[A-Z][\w'-]*\.?,? (?:(?:&|and|of) )?){1,2}(?:Inc|Ltd|LLC|Corp|Co|PLC|Company|Bureau|Department|"
    r"Division|Office|Agency|Cent(?:re|er))\b"
)
WRITTEN_ON = re.compile(
    r"日期|填报|填表|制表|制作|发布|更新|报送|上报|印发|打印|(?<!to )date|published|reported", re.IGNORECASE
)
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
    said = [
        u.strip()
        for _, text in titles(sheet, head)
        for u in (*BRACKETS.findall(text), *_IN_UNIT.findall(text), *re.split(r",(?!\d)", text)[1:])
    ]
    return tuple(dict.fromkeys(u for u in said if is_unit(u)))


def part_of_year(sheet: Sheet, head: int) -> Iterator[Finding]:
    """An error where a title says a month or a quarter above amounts that are those of a year."""
    for where, text in titles(sheet, head):
        if not WRITTEN_ON.search(text) and (part := rather_part(text)):
            what = f"a title says {part!r}, and the amounts are read as those of a year"
            todo = f"Write the amounts of a year; if they are, take {part!r} out or add 全年, full year"
            yield Finding("error", where, what, todo)
            return


def other_measure(sheet: Sheet, head: int, kind: str, roles: Sequence[str]) -> Iterator[Finding]:
    """What titles say that the figures below are not: an error for tonnes of standard coal where tonnes are
    read, a warning for a gap, a change or a plan where all that there is is read.
    """
    tonnes = any(role in _IN_TONNES for role in roles)
    for where, text in titles(sheet, head):
        if is_source(text):
            continue
        plainly = _OFFICES.sub(" ", simplified(text))
        if tonnes and (got := _STANDARD_COAL.search(plainly)):
            what = f"a title says {got[0]!r}, and fuels are read in their own tonnes and cubic metres"
            yield Finding("error", where, what, "Write the amounts of the fuel itself")
        elif kind in ("ranges", "classes") or WRITTEN_ON.search(plainly):
            continue
        elif got := _NOT_ALL.search(plainly):
            what = f"a title says {got[0]!r}, and the figures are read as all that there is"
            yield Finding("warning", where, what, "Look whether that is meant; correct the figures if not")
