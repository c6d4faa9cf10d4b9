"""Periods as people write them: "2022-04", 2022年4月, 2022Q3, a cell that a spreadsheet made a date."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from ballast.economy.sane import year_fault
from ballast.economy.sheets.cells import plain

_QUARTERS = {"一": "1", "二": "2", "三": "3", "四": "4"}
_YEAR = r"(?P<y>\d{4})"
_QUARTER = (
    rf"{_YEAR}\s*年?\s*[-/.]?\s*Q(?P<q>[1-4])",
    rf"Q(?P<q>[1-4])\s*[-/.]?\s*{_YEAR}",
    rf"{_YEAR}\s*年?\s*第?\s*(?P<q>[1-4一二三四])\s*季度?",
)
_MONTH = (
    rf"{_YEAR}\s*[-/.年]\s*(?P<m>\d{{1,2}})\s*月?(份)?",
    rf"{_YEAR}(?P<m>\d{{2}})",
    rf"{_YEAR}-(?P<m>\d{{2}})-01( 00:00:00)?",
    rf"(?P<w>[a-z]{{3,9}})\.?[-\s,]*{_YEAR}",
    rf"{_YEAR}[-\s,]*(?P<w>[a-z]{{3,9}})",
)


def period_of(cell: Any) -> str | None:
    """`2022`, `2022-Q3` or `2022-04` for a cell; None when it says none of them without a doubt.

    A date is its month when it is the first of one, which is what a spreadsheet makes of "2022-04".
    2022.1 as a number may be January or October, so it is none.
    """
    if isinstance(cell, dt.date):  # a datetime is one too
        at = (cell.year, cell.month) if cell.day == 1 else None
        return None if at is None or year_fault(at[0]) else f"{at[0]}-{at[1]:02d}"
    if isinstance(cell, float) and not cell.is_integer():
        return None
    text = plain(cell).casefold()
    if found := re.fullmatch(rf"{_YEAR}\s*年?", text):
        return _sane(found["y"], "")
    for pattern in _QUARTER:
        if found := re.fullmatch(pattern, text, re.IGNORECASE):
            return _sane(found["y"], f"-Q{_QUARTERS.get(found['q'], found['q'])}")
    for pattern in _MONTH:
        if (found := re.fullmatch(pattern, text)) and (month := _month(found.groupdict())):
            return _sane(found["y"], f"-{month:02d}")
    return None


def _month(found: dict[str, str | None]) -> int:
    """1 to 12; 0 for no month."""
    if word := found.get("w"):
        full = ("january", "february", "march", "april", "may", "june", "july", "august", "september",
                "october", "november", "december")  # fmt: skip
        return next((i for i, m in enumerate(full, 1) if word in (m, m[:3]) or word == m[:4] == "sept"), 0)
    month = int(found.get("m") or 0)
    return month if 1 <= month <= 12 else 0


def _sane(year: str, rest: str) -> str | None:
    return None if year_fault(int(year)) else f"{int(year)}{rest}"
