"""Where the book china-2020 comes from and how far to trust each part of it."""

from __future__ import annotations

from ballast.economy.builders.china_make import (
    OFFICIAL,
    WEAK,
)
from ballast.economy.builders.china_read import Provinces
from ballast.economy.builders.china_trade import POWER
from ballast.evidence import Grade, Source


def grade(province: int, sector: int, provinces: Provinces) -> Grade:
    """C where official value added stands behind a node, E where little does, D for the rest."""
    if sector in WEAK or provinces.output[province, sector] <= 0:
        return Grade.E
    return Grade.C if sector in OFFICIAL or sector == POWER else Grade.D


GRADES = {
    "national totals": Grade.B,
    "value added by province and block": Grade.B,
    "output by node": Grade.D,
    "recipes": Grade.D,
    "final use": Grade.D,
    "exports": Grade.D,
    "trade between provinces": Grade.E,
    "coal, oil and gas, refining by province": Grade.E,
    "electricity in GWh": Grade.B,
}
_NBS = "National Bureau of Statistics of China"
SOURCES = (
    Source(
        "nbs-io-2020",
        "Input-output tables of China 2020, 42 and 153 sectors",
        _NBS,
        "repository of 2024-01-23",
        "https://github.com/Carol-seven/ionet",
        Grade.B,
        "read in a public R package (GPL-3); the figures are official statistics",
    ),
    Source(
        "prov-io-2017",
        "Input-output tables of 31 provinces 2017, 42 sectors",
        "Provincial bureaus of statistics",
        "reference year 2017",
        "https://github.com/common2016/CHNIO",
        Grade.B,
        "read in a public R package (GPL-3); the figures are official statistics",
    ),
    Source(
        "nbs-va-2020",
        "Value added of provinces by nine industries, 2020",
        _NBS,
        "reference year 2020",
        "https://github.com/Liushenwuzhu-Alpaca/province-economy",
        Grade.B,
        "export of data.stats.gov.cn",
    ),
    Source(
        "nbs-products-2020",
        "Output of vehicles, steel, metals, cement, glass and electricity by province, 2020",
        _NBS,
        "reference year 2020",
        "https://github.com/energyandcleanair/china_co2",
        Grade.B,
        "first downloaded from a commercial terminal; only shares, and electricity use in GWh, enter",
    ),
    Source(
        "power-lines",
        "Transmission capacity between provinces; GDP of provinces",
        "Potsdam Institute for Climate Impact Research, PyPSA-China-PIK",
        "repository of 2025-12-19",
        "https://github.com/pik-piam/PyPSA-China-PIK",
        Grade.C,
        "code MIT, data licence per file not stated; recent lines, some built after 2020",
    ),
    Source(
        "capitals",
        "Coordinates of provincial capitals; distances computed from them",
        "transportation_networks_of_china",
        "not stated",
        "https://github.com/malin84/transportation_networks_of_china",
        Grade.C,
    ),
)
