# ruff: noqa: E501  (the history is a table of sentences)
"""Where the book china-2020 comes from and how far to trust each part of it."""

from __future__ import annotations

from ballast.economy.builders.china_make import (
    OFFICIAL,
    WEAK,
)
from ballast.economy.builders.china_read import Provinces
from ballast.economy.builders.china_trade import POWER
from ballast.evidence import Grade, Operation, Source
from ballast.text import Text


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
    "coal, oil and gas by node, in money": Grade.D,
    "corridors between provinces": Grade.E,
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
        "read in a public R package; the figures are official statistics",
        "package GPL-3; none stated for the figures",
    ),
    Source(
        "prov-io-2017",
        "Input-output tables of 31 provinces 2017, 42 sectors",
        "Provincial bureaus of statistics",
        "reference year 2017",
        "https://github.com/common2016/CHNIO",
        Grade.B,
        "read in a public R package; the figures are official statistics",
        "package GPL-3; none stated for the figures",
    ),
    Source(
        "nbs-va-2020",
        "Value added of provinces by nine industries, 2020",
        _NBS,
        "reference year 2020",
        "https://github.com/Liushenwuzhu-Alpaca/province-economy",
        Grade.B,
        "export of data.stats.gov.cn",
        "none stated",
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
        "recent lines, some built after 2020",
        "code MIT, none stated for the data",
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


def _step(table: str, en: str, zh: str, *sources: str, moved: float | None = None) -> Operation:
    return Operation(table, Text(en, zh), moved, sources)


def history(recipes_moved: float) -> tuple[Operation, ...]:
    """The steps from the sources to the tables; `recipes_moved` is the share of inputs the fit moved."""
    return (
        _step("nodes", "value added: each province's 2017 structure, fitted to the country's sectors and to the "
              "provinces' nine industry blocks of 2020",
              "增加值：各省2017年结构，拟合到2020年全国分部门数与分省九大行业数", "prov-io-2017", "nbs-va-2020", "nbs-io-2020"),
        _step("nodes", "vehicles, metals, cement and glass, electricity by physical output of 2020",
              "交通运输设备、金属、非金属矿物制品、电力按2020年实物产量分配", "nbs-products-2020"),
        _step("nodes", "output: value added times the province's ratio of 2017, one factor a sector to the national output",
              "总产出：增加值乘以该省2017年比率，再按部门统一系数调到全国总产出", "prov-io-2017", "nbs-io-2020"),
        _step("nodes", "exports by the provinces' shares of 2017, at most nine tenths of output",
              "出口按2017年各省份额，最多为产出的九成", "prov-io-2017", "nbs-io-2020"),
        _step("slots", "recipes: each province's input columns of 2017, trusted by half against the country's, fitted to the "
              "national cells of 2020",
              "投入结构：各省2017年投入列与全国列各取一半，拟合到2020年全国各单元", "prov-io-2017", "nbs-io-2020", moved=recipes_moved),
        _step("slots", "purchases of electricity brought to each province's use in GWh",
              "购电额调到各省用电量", "nbs-products-2020"),
        _step("slots", "imports by product and user: the country's shares in every province",
              "进口：各省均取全国分产品、分用户占比", "nbs-io-2020"),
        _step("final", "final use: shares of 2017 grown with nominal GDP; local services follow what is left at home",
              "最终使用：2017年份额按名义GDP外推；本地服务取本省剩余", "prov-io-2017", "power-lines"),
        _step("markets", "what stays at home: the provinces' tables of 2017 without transit; the rest by gravity on distance",
              "留在本省的部分：扣除过境的2017年各省表；其余按距离引力模型", "prov-io-2017", "capitals"),
        _step("markets", "electricity along the lines that exist, traced by proportional sharing",
              "电力沿现有线路流动，按比例分摊追溯", "power-lines"),
        _step("carriers", "electricity used by province in GWh, as published", "分省用电量（GWh），采用公布数",
              "nbs-products-2020"),
        _step("carriers", "coal, oil products and gas by what is bought of them, in money", "煤炭、成品油、燃气按购买金额", "nbs-io-2020"),
        _step("generation", "power made by kind, 2020; capacity of a recent list", "2020年分类型发电量；近年装机名录",
              "nbs-products-2020", "power-lines"),
        _step("corridors", "power lines as listed; roads and railways between neighbours with days assumed from distance, no capacity",
              "输电线路采用名录；相邻省份间公路、铁路天数按距离假设，无运力", "power-lines", "capitals"),
    )  # fmt: skip
