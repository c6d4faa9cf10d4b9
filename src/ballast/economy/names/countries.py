"""Countries as regions: ISO codes, names in both languages (Unicode CLDR), and what tables call them
otherwise.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib import resources

from ballast.economy.economy import Region
from ballast.errors import Finding
from ballast.text import Text, listed

MOST_NAMED = 8  # countries named in a finding

# what tables write for a country or a group that ISO 3166 writes otherwise or lacks
_OTHERS = {
    "ROM": Text("Romania", "罗马尼亚"),
    "ROW": Text("Rest of the world", "世界其他地区"),
    "WWA": Text("Rest of Asia and Pacific", "亚太其他地区"),
    "WWL": Text("Rest of America", "美洲其他地区"),
    "WWE": Text("Rest of Europe", "欧洲其他地区"),
    "WWF": Text("Rest of Africa", "非洲其他地区"),
    "WWM": Text("Rest of the Middle East", "中东其他地区"),
    "WA": Text("Rest of Asia and Pacific", "亚太其他地区"),
    "WL": Text("Rest of America", "美洲其他地区"),
    "WE": Text("Rest of Europe", "欧洲其他地区"),
    "WF": Text("Rest of Africa", "非洲其他地区"),
    "WM": Text("Rest of the Middle East", "中东其他地区"),
    "XKX": Text("Kosovo", "科索沃"),
    "ANT": Text("Netherlands Antilles", "荷属安的列斯"),
    "SUD": Text("Sudan", "苏丹"),
    "SDS": Text("South Sudan", "南苏丹"),
    "CN1": Text("China, without export processing", "中国（非加工贸易）"),
    "CN2": Text("China, export processing", "中国（加工贸易）"),
    "MX1": Text("Mexico, without global manufacturing", "墨西哥（非全球制造）"),
    "MX2": Text("Mexico, global manufacturing", "墨西哥（全球制造）"),
}


@lru_cache(maxsize=1)
def _countries() -> dict[str, tuple[str, str, Text]]:
    """Upper-case ISO code (two or three letters) -> (three letters, two letters, names)."""
    text = (resources.files("ballast.economy.names") / "countries.csv").read_text(encoding="utf-8")
    rows = [(r["iso3"], r["iso2"], Text(r["en"], r["zh"])) for r in csv.DictReader(text.splitlines())]
    return {row[0]: row for row in rows} | {row[1]: row for row in rows}


def region(code: str, name: str = "") -> Region:
    """The region a table calls `code`: a country of ISO 3166, a known group, or itself under its own
    name.
    """
    known = _countries().get(code.upper())
    if code.upper() in _OTHERS:
        return Region(code, _OTHERS[code.upper()])
    if known is None:
        return Region(code, Text(name or code, name or code))
    iso3, iso2, names = known
    return Region(
        code, names, aliases=tuple(a for a in (iso3, iso2) if a != code and a not in (names.en, names.zh))
    )


def regions_of(
    codes: list[str], where: str, countries: bool | None
) -> tuple[tuple[Region, ...], list[Finding]]:
    """The regions of a table that does not say what its codes are, and what they were taken for.

    Codes of three letters are countries where all of them are; AL or SH may as well be a state or a
    province, so other codes stay codes unless `countries` says what they are.
    """
    known = [c for c in codes if _is_known(c)]
    three = len(known) == len(codes) and all(len(c) == 3 for c in codes)
    if (three if countries is None else countries) and known:
        out = tuple(region(c) for c in codes)
        named = listed([f"{r.code} {r.name.en}" for r in out if _is_known(r.code)], MOST_NAMED)
        what = f"{len(known)} of {len(codes)} codes are read as countries: {named}"
        return out, [Finding("note", f"{where}, regions", what, "If they are not: --no-countries")]
    out = tuple(Region(c, Text(c, c)) for c in codes)
    if countries is not None or not known:
        return out, []
    what = f"{listed(known, MOST_NAMED)} are also codes of countries; they stay codes here"
    return out, [Finding("note", f"{where}, regions", what, "If they are countries: --countries")]


def _is_known(code: str) -> bool:
    return code.upper() in _countries() or code.upper() in _OTHERS
