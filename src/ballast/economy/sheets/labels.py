"""Codes and names in tables: what cannot be one is an error with its place, before any work is done.

cell_label   a cell as a code; what a spreadsheet made of it is kept visible
whole        a whole number as such, not as 10.0
spaced       a text with its line ends as spaces
faults       empty, with characters nobody sees, too long, a date: errors with rows
totals       rows of totals, and parts of other rows, among the data
simplest     a word as words are compared: without brackets behind it, in simplified characters
simplified   the characters of heads, units and totals as the mainland writes them
look_alikes  names that barely differ: ask, never take them for two (or for one)
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from ballast.economy.sane import BARELY, MOST_NAME, alike, doubtful, label_fault, remade, shown
from ballast.errors import BookError, Finding

MOST_FINDINGS = 20  # of one kind, of one table
_LINES = re.compile(r"[ \t\r\n]*[\t\r\n][ \t\r\n]*")
_TOTAL = re.compile(
    r"(?<![a-z])(?:sub|grand)?totals?(?![a-z])|(?<![a-z])gross[ _-]+output(?![a-z])"
    r"|(?:合计|总计|小计|共计|累计|总产出|总投入|总需求|总使用|总供给)$|^(?:合计|总产出|总投入|总需求)|^总数$"
    r"|^(?:sum|insgesamt|ensemble|gesamt|总额)$"
)  # 合计 within a word may be none: 综合计算
_SIMPLIFIED = str.maketrans(
    "進國總計價額產業間統區島單億萬幣週臺數據貨為從員職電氣運輸終點發達備註說標時類別裝機庫門種費資撐準預歸級來處噸",
    "进国总计价额产业间统区岛单亿万币周台数据货为从员职电气运输终点发达备注说标时类别装机库门种费资撑准预归级来处吨",
)
_PART = re.compile(r"(?:of which|o/w|thereof|davon|darunter|dont)(?![a-z])|其中")
_ALL_SECTORS = {
    *("all industries", "all sectors", "all products", "all commodities", "whole economy", "output", "out"),
    *("全部行业", "所有行业", "全行业", "全部部门", "所有部门", "全部产业"),
}
_ALL_FINAL = re.compile(r"(?:final (?:demand|uses?)|最终(?:使用|需求))(?: (?:at|in) .*)?")
_ALL = {
    "world",
    "whole world",
    "all",
    "all regions",
    "全国",
    "全省",
    "全市",
    "全球",
    "世界",
    "全部",
    "全部地区",
}
_CODES = {"region": "ALL", "sector": "OUT"}  # that sound like all of a kind
_FINAL_USE = re.compile("final|consumption|最终|消费")
_Key = TypeVar("_Key", str, tuple[str, str])


def cell_label(cell: Any) -> str:
    """A cell as a code: 10.0 is "10", line ends within are spaces, a date stays to be seen as one."""
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        cell = cell.date()
    return one_line(str(whole(cell)))


def whole(cell: Any) -> Any:
    """Whole numbers as such: a code 10 is "10", not "10.0"."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15 else cell


def spaced(text: str) -> str:
    """Line ends and tabs, with the spaces around them, as one space."""
    return _LINES.sub(" ", text)


def one_line(text: str) -> str:
    """Without line ends and tabs, which sheets put into long names."""
    return spaced(text).strip(" \u00a0\u3000\ufeff\u200b")


def faults(labels: Sequence[str], place: Callable[[int], str], *, empty: str = "") -> list[Finding]:
    """What is wrong with each of `labels`; `place(i)` says where label i stands first."""
    found = []
    for i, label in enumerate(labels):
        what = label_fault(label)
        if what and not label.strip():
            found.append(Finding("error", place(i), what, empty or "Fill it, or delete the row"))
        elif what:
            found.append(Finding("error", place(i), f"the name {shown(label)} {what}", "Correct the name"))
        elif what := remade(label):
            todo = "Format the column as text and write the code again"
            found.append(Finding("error", place(i), f"{label!r} {what}", todo))
        elif what := doubtful(label):
            todo = "Nothing to do if the code was written so"
            found.append(Finding("warning", place(i), f"{label!r} {what}", todo))
        if len(found) >= MOST_FINDINGS:
            break
    return found


def once(found: Iterable[tuple[_Key, int, str]]) -> dict[_Key, int]:
    """key -> position, of (key, position, place); a row or column pasted twice is refused."""
    out: dict[_Key, int] = {}
    for key, at, place in found:
        if key in out:
            said = " ".join(filter(None, key)) if isinstance(key, tuple) else key
            raise BookError(f"{place}: {said} stands twice. Take one of the two out.")
        out[key] = at
    return out


def simplest(label: str) -> str:
    """A word as words are compared: small, half-width, simplified, without the unit behind it; "" for what
    is too long to be one.
    """
    if len(label) > MOST_NAME:
        return ""
    text = simplified(unicodedata.normalize("NFKC", label).casefold()).strip(" :")
    text = re.sub(r"\s*\([^()]*\)\s*$", "", text)
    return re.sub(r"[\s_]+", " ", text).strip(" :")


def simplified(text: str) -> str:
    """A text with the characters of heads, units and totals as the mainland writes them: 地區, 萬人."""
    return text if text.isascii() else text.translate(_SIMPLIFIED)


def is_total(label: str) -> bool:
    """Whether a name says that it is a sum: "Total output", "中间使用合计", "合　计", "合计（万元）："."""
    joined = re.sub(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])", "", simplest(label))
    return _TOTAL.search(joined) is not None


def totals(kind: str, where: str, labels: Iterable[str], row: Callable[[str], int]) -> list[Finding]:
    """Totals among the data, and parts of other rows ("of which"), which would count twice. "全国", "all
    industries", "final demand" are one beside others alone; by itself each is what the table is about.
    """
    every = sorted(set(labels))
    if kind == "region" and len(every) == 1:
        return []
    found = []
    for word in every:
        if _PART.match(simplest(word)):
            what, todo = "is a part of another row, which holds it", "Take the rows of parts out"
        elif is_total(word) or (len(every) > 1 and _is_all(kind, word)):
            what = "is a total among the data"
            todo = "Take the rows of totals out; give it another name if it is none"
        else:
            continue
        found.append(Finding("error", f"{where}, row {row(word)}", f"{kind} {word!r} {what}", todo))
        if len(found) >= MOST_FINDINGS:
            break
    return found


def _is_all(kind: str, word: str) -> bool:
    """Whether a name says all of its kind, beside others of it."""
    if kind == "region":
        return is_whole(word)
    text = simplest(word)
    return _ALL_FINAL.fullmatch(text) is not None if kind == "final use" else text in _ALL_SECTORS


def is_coded(kind: str, word: str, words: Iterable[str]) -> bool:
    """Whether a word that sounds like all of its kind may be a code, as two others at least are."""
    if word != _CODES[kind]:
        return False
    others = {*words} - {word}
    codes = sum(len(w) <= 6 and w == w.upper() for w in others)
    return codes > 1 and 2 * codes > len(others)


def is_final(label: str) -> bool:
    """Whether the name of a total says that it is one of final uses."""
    return _FINAL_USE.search(simplest(label)) is not None and "intermediate" not in simplest(label)


def is_whole(region: str) -> bool:
    """Whether a name says all of a country or of the world."""
    return re.sub(r"[\s_]+", " ", unicodedata.normalize("NFKC", region)).strip().casefold() in _ALL


def look_alikes(
    kind: str, where: str, labels: Iterable[str], row: Callable[[str], int] | None = None
) -> list[Finding]:
    """Pairs of one kind that only case, width or spaces keep apart; `row` gives a label's first row."""
    todo = "Write them one way if they are one; give them names that differ if they are two"
    found = []
    for first, other in alike(labels)[:MOST_FINDINGS]:
        at, said = (f", row {row(other)}", f" (row {row(first)})") if row else ("", "")
        what = f"{kind} {other!r} and {first!r}{said} {BARELY}"
        found.append(Finding("error", f"{where}{at}", what, todo))
    return found
