"""Units of people, time, energy and goods as offices write them, and what one of each is in ours.

factor   what one of a unit is, in whatever case, spacing and multiple
is_unit  whether a word is a unit of anything
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from ballast.economy.sheets.labels import simplified

COUNT = {
    "人": 1.0,
    "万人": 1e4,
    "千人": 1e3,
    "百人": 100.0,
    "persons": 1.0,
    "people": 1.0,
    "person": 1.0,
    "万": 1e4,
    "千": 1e3,
    "thousand": 1e3,
    "thousands": 1e3,
    "million": 1e6,
    "millions": 1e6,
    "'000": 1e3,
    "000s": 1e3,
    "pers": 1.0,
    "fte": 1.0,
}
DAYS = {  # in days; a month is taken as 30 and told
    "d": 1.0,
    "day": 1.0,
    "days": 1.0,
    "天": 1.0,
    "日": 1.0,
    "week": 7.0,
    "weeks": 7.0,
    "周": 7.0,
    "星期": 7.0,
    "旬": 10.0,
    "month": 30.0,
    "months": 30.0,
    "月": 30.0,
    "个月": 30.0,
    "h": 1 / 24,
    "hour": 1 / 24,
    "hours": 1 / 24,
    "小时": 1 / 24,
    "时": 1 / 24,
}
PERCENT = ("", "%", "percent", "per cent", "pct", "百分比", "百分点", "个百分点")
GWH = {
    "gwh": 1.0,
    "twh": 1e3,
    "mwh": 1e-3,
    "kwh": 1e-6,
    "千瓦时": 1e-6,
    "万千瓦时": 1e-2,
    "亿千瓦时": 100.0,
    "度": 1e-6,
    "万度": 1e-2,
    "亿度": 100.0,
}
TONNES = {
    "t": 1.0,
    "吨": 1.0,
    "万吨": 1e4,
    "亿吨": 1e8,
    "kt": 1e3,
    "mt": 1e6,
    "tonnes": 1.0,
    "tons": 1.0,
}
CUBIC = {
    "m3": 1.0,
    "m³": 1.0,
    "立方米": 1.0,
    "万立方米": 1e4,
    "亿立方米": 1e8,
    "bcm": 1e9,
    "方": 1.0,
    "亿方": 1e8,
}
MW = {
    "mw": 1.0,
    "mwe": 1.0,
    "gw": 1e3,
    "kw": 1e-3,
    "千瓦": 1e-3,
    "万千瓦": 10.0,
    "亿千瓦": 1e5,
    "兆瓦": 1.0,
}
_YEARLY = re.compile(r"(?:/(?:年|a|yr|year)|peryear|perannum|p\.a)$")
_TIMES = {"thousand": 1e3, "million": 1e6, "billion": 1e9,
          "百": 1e2, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6,
          "千万": 1e7, "亿": 1e8, "10k": 1e4, "100k": 1e5, "100m": 1e8}  # fmt: skip
_MULTIPLE = re.compile(
    rf"(10{{2,9}}|10{{0,3}}(?:,000)+|{'|'.join(sorted(_TIMES, key=len, reverse=True))})(.+)"
)


def factor(unit: str, units: Mapping[str, float]) -> float | None:
    """What one of a unit is in ours, in whatever case and spacing, also of a multiple ("10,000 persons",
    千吨; of days there are none); None for one that is not in `units`.
    """
    word, known = folded(unit), _folded_units(tuple(units.items()))
    if word in known or units is DAYS or (got := _MULTIPLE.fullmatch(word)) is None:
        return known.get(word)
    size, times = known.get(got[2]), _TIMES.get(got[1])
    return None if size is None else size * (times or float(got[1].replace(",", "")))


@cache
def _folded_units(units: tuple[tuple[str, float], ...]) -> Mapping[str, float]:
    return {folded(word): size for word, size in reversed(units)}


def is_unit(word: str) -> bool:
    """Whether a word is a unit of anything that a desk's sheets hold."""
    return any(factor(word, units) is not None for units in (DAYS, COUNT, GWH, TONNES, CUBIC, MW))


@cache
def folded(unit: str) -> str:
    """A unit without case, spaces and the year that a yearly amount is of."""
    return _YEARLY.sub("", simplified(unit).casefold().replace(" ", "").rstrip("."))
