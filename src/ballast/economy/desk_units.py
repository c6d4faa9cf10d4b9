# ruff: noqa: E501  (tables of units and words; one row a line)
"""Units and words a desk writes, and what they are in ours: tables only."""

from __future__ import annotations

from collections.abc import Mapping

from ballast.text import Text

COUNT = {
    "": None,
    "人": 1.0,
    "万人": 1e4,
    "千人": 1e3,
    "百人": 100.0,
    "persons": 1.0,
    "people": 1.0,
    "person": 1.0,
    "thousand": 1e3,
}
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
    "million tonnes": 1e6,
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
MW = {"mw": 1.0, "gw": 1e3, "kw": 1e-3, "千瓦": 1e-3, "万千瓦": 10.0, "亿千瓦": 1e5, "兆瓦": 1.0}
CARRIERS: Mapping[
    str, tuple[Text, str, str, Mapping[str, float]]
] = {  # name, class of product, unit, units
    "electricity": (Text("Electricity", "电力"), "24", "GWh", GWH),
    "coal": (Text("Coal", "煤炭"), "02", "t", TONNES),
    "gas": (Text("Natural gas", "天然气"), "25", "m3", CUBIC),
    "oil": (Text("Oil products", "成品油"), "11", "t", TONNES),
}
CARRIER_WORDS = {"电": "electricity", "电力": "electricity", "electricity": "electricity", "power": "electricity", "煤": "coal",
                  "煤炭": "coal", "coal": "coal", "天然气": "gas", "燃气": "gas", "gas": "gas", "natural gas": "gas", "成品油": "oil",
                  "油": "oil", "oil": "oil", "oil products": "oil"}  # fmt: skip
MODE_WORDS = {"公路": "road", "铁路": "rail", "水路": "water", "水运": "water", "海运": "water", "内河": "water", "航空": "air",
               "空运": "air", "管道": "pipeline", "电网": "power", "输电": "power", "线路": "power"}  # fmt: skip
INDICATORS = {"工业增加值": "industrial_value_added", "规模以上工业增加值": "industrial_value_added", "增加值": "value_added",
               "gdp": "value_added", "地区生产总值": "value_added", "industrial value added": "industrial_value_added",
               "value added": "value_added"}  # fmt: skip
