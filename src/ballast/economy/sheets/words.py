"""Words for heads that mean the same in every table; each reader adds what only its own tables call so.

FROM and TO are ends of a flow or a way, the others names, amounts and what they are measured in. Heads are
compared in simplified characters (`labels.simplified`, `stated.head_key`).
"""

from __future__ import annotations

REGION = ("region", "province", "地区", "区域", "省份", "省")
SECTOR = ("sector", "industry", "行业", "部门", "产业")
VALUE = ("value", "amount", "金额", "数值")
YEAR = ("year", "time_period", "年份", "年度", "年", "jahr", "año", "annee", "année", "ano")
UNIT = ("unit", "units", "单位", "计量单位")
FROM = ("from", "origin", "起点", "调出")
TO = ("to", "destination", "终点", "目的", "调入")


def chinese(words: tuple[str, ...]) -> tuple[str, ...]:
    """Those of them that are Chinese."""
    return tuple(w for w in words if not w.isascii())
