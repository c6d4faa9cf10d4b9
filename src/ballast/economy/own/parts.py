"""Parts of a year that a text names, and the whole years that look like them: 四季度 beside 一至四季度.

said_part   the month, quarter, day or half of a year that a text names
rather_part that, but for a text that says outright that it is about a whole year
is_source   whether a line says where figures are from, and nothing of them
years_of    the years that a text names, one of a range like 2022年4月至2023年3月
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ballast.economy.own.periods import period_of
from ballast.economy.sheets.cells import plain
from ballast.economy.sheets.files import years_in
from ballast.economy.sheets.labels import simplified
from ballast.economy.sheets.said import BRACKETS

_NUMERALS = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_NAMES = ("", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    "oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_YEAR = r"(?:19|20)\d\d"
_RI = r"(?:\s*(?:\d{1,2}|[一二三十]{1,3})\s*日)?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_TO = r"(?:\s*(?:[-–~]|截?[至到])\s*|\s+(?:to|through|until|till)\s+)"
_ZH = r"(?:0?[1-9]|1[0-2]|十[一二]?|[一二三四五六七八九])"  # a month
_NUMBER = r"(?:1[0-2]|0?[1-9])"
_Q = r"[1-4一二三四]"
_OPEN = r"(?<![a-z\d])"

# From a, of the year y, to b, of the year z or the next, and how many of them a year has. Where a has no
# 月 of its own a year does not follow: 表2-2022年1月 is no range.
_RANGES = (
    (  # 1-12月, 2022年4月至次年3月, 4月1日至6月30日
        rf"(?:(?P<y>{_YEAR})\s*年?[.\s]*)?(?<![\d十])(?P<a>{_ZH})\s*(?P<m>月份?{_RI})?{_TO}"
        rf"(?(m)(?:(?P<z>{_YEAR})\s*年|(?P<next>[次翌]年)|[当同]年)?)\s*(?P<b>{_ZH})\s*月份?{_RI}",
        12,
    ),
    (  # 2021.04-2022.03, 202104-202203, 2022.1-6
        rf"(?<!\d)(?P<y>{_YEAR})(?:[-./]?(?P<a>{_NUMBER}){_TO}(?P<z>{_YEAR})[-./]?(?P<b>{_NUMBER})|"
        rf"\.(?P<a1>{_NUMBER}){_TO}(?P<b1>{_NUMBER}))(?![-./]?\d)",
        12,
    ),
    (  # Jan-Dec, April 2021 to March 2022, April 1, 2021 through June 30, 2021
        rf"(?<![a-z])(?P<a>{_MONTHS})\.?(?:\s+{_DAY}(?!\d))?,?\s*(?P<y>{_YEAR})?{_TO}(?:{_DAY}\s+)?"
        rf"(?P<b>{_MONTHS})(?![a-z])\.?(?:\s+{_DAY}(?!\d))?(?:,?\s*(?P<z>{_YEAR}))?",
        12,
    ),
    (  # 一至四季度, 2022年1-4季度, 第一季度到第三季度
        rf"(?:(?P<y>{_YEAR})\s*年?\s*)?第?(?<!\d)(?P<a>{_Q})\s*(?P<m>季度?)?{_TO}"
        rf"(?(m)(?:(?P<z>{_YEAR})\s*年?\s*)?)第?(?P<b>{_Q})\s*季度?",
        4,
    ),
    (  # Q1-Q4 2022, 2021Q2-2022Q1
        rf"{_OPEN}(?:(?P<y>{_YEAR})\s*[-/.]?\s*)?q(?P<a>[1-4])(?:[\s,]*(?P<y1>{_YEAR}))?{_TO}"
        rf"(?:(?P<z>{_YEAR})\s*[-/.]?\s*)?q?(?P<b>[1-4])(?!\d)(?:[\s,]*(?P<z1>{_YEAR}))?",
        4,
    ),
)
_OF_RANGES = tuple((re.compile(pattern, re.IGNORECASE), steps) for pattern, steps in _RANGES)

_DATES = rf"\d{{1,2}}\s*月份?\s*\d{{1,2}}\s*日|12月[末底]|\d(?:st|nd|rd|th)? (?:{_MONTHS})\.?,? {_YEAR}"
_TO_DECEMBER = (
    rf"(?:截[止至]到?|累计[至到]?)\s*(?:{_YEAR}\s*年)?\s*(?:12|十二)\s*月份?|(?:12|十二)\s*月份?\s*累计|"
    r"(?<![a-z])(?:ytd|year[- ]to[- ]date|as (?:of|at))[\s,(]*(?:to |through |the |end of )*"
    rf"dec(?:ember)?(?![a-z])(?: {_YEAR})?"
)
_FOUR_QUARTERS = (  # the fourth is none: 第四个季度, 三、四季度累计
    r"(?<![第\d])[四4][个個]季度|一、二、三、四季度|前[四4]季度?|(?<![第、,和及\d])[四4]季度末?累计|"
    r"累计[至到]第?[四4]季度|1q ?- ?4q|quarters? (?:1|one) ?(?:-|to) ?(?:4|four)|"
    r"first (?:to|through) fourth quarters?|(?:four|4) quarters"
)
_YEAR_ENDED = (  # year ended 31 March 2022, FYE March 2022, 截至2023年3月止年度
    r"(?<![a-z])(?:f?ye|(?<!half[- ])(?:fy|year|(?:12|twelve)[- ]months?)(?: period)? "
    rf"(?:to|ended|ending|through))[\s:]+(?:the )?(?:end of )?(?:{_DAY} )?(?:{_MONTHS})(?![a-z])\.?"
    rf"(?: {_DAY}(?!\d))?(?:,? {_YEAR})?|"
    r"截[止至].{0,12}?(?:止(?:的?会计|财政)?年度|的?(?:12|十二)个月|的?[一财]年)|(?:12|十二)\s*个月"
)
_WHOLE_YEAR = re.compile(  # and dates, which are none of a part
    "|".join((_DATES, _YEAR_ENDED, _TO_DECEMBER, _FOUR_QUARTERS)), re.IGNORECASE
)
_COUNTS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven"
_PART_OF_YEAR = re.compile(
    r"(?<!\d)\d{1,2}\s*月(?:份)?|(?:十[一二]?|[一二三四五六七八九])月(?:份)?|[一二三四1-4]\s*季度|[上下]半年|"
    rf"{_OPEN}(?:q[1-4]|[1-4]q|h[12])(?![a-z\d])|(?<!\d){_YEAR}\s*[qh][1-4](?![a-z\d])|"
    rf"[月季]度|[当本]月|(?<![a-z])(?:{_MONTHS})\.?,?\s+{_YEAR}|"
    r"前\s*[\d一二三四五六七八九十]+\s*个月|(?<![\d十])(?:\d|1[01]|[一二两三四五六七八九]|十一?)\s*个月|"
    r"[日周月季]均|[每逐][日天周月季]|日耗|"
    rf"(?<!\d){_YEAR}[-./](?:0?[1-9]|1[0-2])(?![-./]?\d)|"
    r"(?<![a-z])(?:daily|weekly|monthly|quarterly|per (?:day|week|month)|half[- ]year|first half|"
    r"second half|(?:first|second|third|fourth|[1-4](?:st|nd|rd|th)) quarter|year to date|ytd|"
    rf"(?:{_COUNTS})[- ](?:month|quarter)s?)(?![a-z])|{_OPEN}(?:\d|1[01])[- ]months?(?![a-z])",
    re.IGNORECASE,
)
_MONTH = re.compile(rf"(?:{_MONTHS})\.?", re.IGNORECASE)
_OFTEN = "daily|weekly|monthly|quarterly"
_RATE = re.compile(  # of a whole year too: 全年日均用电量
    r"[日周月季]均|[每逐][日天周月季]|日耗|"
    rf"(?<![a-z])(?:per (?:day|week|month)|(?:average|mean) (?:{_OFTEN})|"
    rf"(?:{_OFTEN}) (?:average|mean))(?![a-z])",
    re.IGNORECASE,
)
_OF_ELSE = "growth|change|rate|plan|target|report|review|survey|bulletin|meeting"
_SAYS_YEAR = re.compile(  # but for 占全年25%, 全年预测, annual growth, semi-annual
    r"(?<![占非])全年(?!的|占|\d|比重|计划|目标|预[测计])|整年|"
    rf"(?<![a-z])(?<!semi-)(?<!half[- ])(?<!not )(?:annual(?! (?:{_OF_ELSE}))|yearly|"
    r"(?:full|whole|calendar)[- ]year)(?![a-z])",
    re.IGNORECASE,
)

_SOURCE = re.compile(
    r"[\s*(]*(?:(?:数据|资料|信息|本表)?(?:来源|出处|来自)(?=[\s:.为于《])|"
    r"(?:data )?sources?(?:\s*[:.]|\s-))",
    re.IGNORECASE,
)
# Digits that a 月 or 年 follows, and those with a 0 before them, are a time: 表4月, 表2022-04.
_DIGITS = r"(?!0)\d++(?:[-./](?!0)\d++)*+(?![-./]?[\da-z月季年日])"
_NUMBERING = re.compile(  # Table Q1 2022 is of a quarter; Table Q1. and Table Q1: are not
    r"^[\s(]*(?:附?[表件图]|附录|版本|table|fig(?:ure|\.)?|annex|appendix|version|v)\s*"
    rf"(?:[a-z]?(?<![hq]){_DIGITS}|[hq]{_DIGITS}(?=\s*[.:)、]))",
    re.IGNORECASE,
)
_PASSING = re.compile(  # editions, offices, and what the figures are said not to be
    rf"(?<!\d){_YEAR}[-./]\d{{1,2}}\s*(?:edition|version|版)|"
    rf"(?<![a-z])(?:version|edition|版本)\s*:?\s*{_YEAR}[-./]\d{{1,2}}(?![-./]?\d)|"
    r"[月季]度(?:调度|协调|监测|分析|运行)(?:专班|工作组|领导小组|办公室|中心|处|科)|"
    rf"(?<![a-z])not (?:an? |the )?(?:per (?:day|week|month)|(?:{_OFTEN})(?: average)?)(?![a-z])|"
    r"(?:非|不是)(?:[日周月季]均|[每逐][日天周月季]|[月季]度)",
    re.IGNORECASE,
)
_EDITION = re.compile(
    r"final|revis|provisional|preliminary|updated?|修[订正]|最终|定稿|终稿|核定|初步", re.IGNORECASE
)


def said_part(text: str) -> str:
    """The month, quarter, day or half of a year that a text names; "" where it names none, or the whole
    year.
    """
    if is_source(text):
        return ""
    rest, part = _without_ranges(_stated(text))
    if part:
        return part
    if got := _PART_OF_YEAR.search(_WHOLE_YEAR.sub(" ", rest)) or _MONTH.fullmatch(text):
        return got[0].strip()
    return text if "-" in (period_of(text) or "") else ""  # 202203


def rather_part(text: str) -> str:
    """As `said_part`, of amounts that add up: 全年, annual and full year go before a month or a quarter
    that is named in passing, and not before a rate, 日均.
    """
    stated = _stated(text)
    if not is_source(text) and (rate := _RATE.search(stated)):
        return rate[0]
    return "" if _SAYS_YEAR.search(stated) else said_part(text)


def is_source(text: str) -> bool:
    """Whether a line says where figures are from: in 来源：每日经济新闻 no day is meant."""
    return _SOURCE.match(simplified(plain(text))) is not None


def years_of(text: str) -> list[int]:
    """The years that a text names; a year that begins in one and ends in the next is of the first."""
    return years_in(_without_ranges(text)[0])


def _stated(text: str) -> str:
    """A text without what is no statement of its figures: its number, its edition, names of offices."""
    plainly = _PASSING.sub(" ", _NUMBERING.sub("", simplified(plain(text))))
    of = years_in(BRACKETS.sub(" ", plainly))
    return BRACKETS.sub(lambda got: " " if _made_final(got[0], of) else got[0], plainly)


def _made_final(bracket: str, of: Sequence[int]) -> bool:
    """Whether a bracket says when figures were made final, in a later year than those that they are of."""
    made = years_in(bracket)
    return bool(of and made) and min(made) > max(of) and _EDITION.search(bracket) is not None


def _without_ranges(text: str) -> tuple[str, str]:
    """A text with the year in which it begins for each range of a whole one (4月至次年3月, Q1-Q4), and its
    first range that is none.
    """
    for pattern, steps in _OF_RANGES:
        for got in pattern.finditer(text):
            if not _is_year(got.groupdict(), steps):
                return text, re.sub(rf"^{_YEAR}\s*年\s*", "", got[0]).strip()
        text = pattern.sub(lambda got: f" {_group(got.groupdict(), 'y') or ''} ", text)
    return text, ""


def _group(got: Mapping[str, str | None], key: str) -> str | None:
    """A group of a range, which some patterns hold in either of two places."""
    return got.get(key) or got.get(f"{key}1")


def _is_year(got: Mapping[str, str | None], steps: int) -> bool:
    """Whether a range of months or quarters is a year, of which `steps` are one."""
    first, last = (_number(_group(got, key) or "") for key in "ab")
    begin, end = (int(_group(got, key) or 0) for key in "yz")
    span = last - first + 1
    if (begin and end) or got.get("next"):
        return span + steps * (end - begin if end else 1) == steps
    named = got.get("m") or re.match("[a-z]", _group(got, "a") or "", re.IGNORECASE)
    return span == steps or (span == 0 and bool(named))  # April to March; 表4-3月 is none


def _number(word: str) -> int:
    """3 of 3, 03, 三 and March."""
    if word.isascii():
        return int(word) if word.isdigit() else _NAMES.index(word[:3].casefold())
    return _NUMERALS.index(word)
