# ruff: noqa: E501  (tables of words; one row a line)
"""Words a desk writes for fuels, carriers, ways of transport and indicators, and what they are in ours."""

from __future__ import annotations

from collections.abc import Mapping

from ballast.economy.sheets.units import CUBIC, GWH, TONNES
from ballast.text import Text

FUELS: Mapping[str, tuple[str, ...]] = {  # a kind of power station, and how it is written
    "thermal": ("火电", "火力", "火力发电"),
    "coal": ("煤电", "燃煤", "煤", "煤炭", "coal-fired", "coal fired"),
    "gas": ("气电", "燃气", "天然气", "natural gas", "gas-fired"),
    "oil": ("燃油", "油"),
    "hydro": ("水电", "水力", "水力发电", "water", "hydropower", "hydroelectric"),
    "pumped": ("抽水蓄能", "pumped storage", "pumped hydro"),
    "nuclear": ("核电", "核能", "核"),
    "wind": ("风电", "风力", "风能", "风力发电"),
    "solar": ("光伏", "太阳能", "光伏发电", "太阳能发电", "pv", "photovoltaic"),
    "biomass": ("生物质", "生物质能"),
    "geothermal": ("地热",),
    "waste": ("垃圾发电", "垃圾焚烧"),
    "storage": ("储能", "电池", "battery"),
    "other": ("其他", "其它"),
}
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
MODE_WORDS = {"highway": "road", "truck": "road", "railway": "rail", "ship": "water",
               "公路": "road", "铁路": "rail", "水路": "water", "水运": "water", "海运": "water", "内河": "water", "航空": "air",
               "空运": "air", "管道": "pipeline", "电网": "power", "输电": "power", "线路": "power"}  # fmt: skip
GROUPS = ("工业", "制造业", "采矿业", "采掘业", "服务业", "第一产业", "第二产业", "第三产业", "industry", "manufacturing",
          "mining", "services")  # fmt: skip  # of sectors, of which a row is about one
INDICATORS = {"工业增加值": "industrial_value_added", "规模以上工业增加值": "industrial_value_added", "增加值": "value_added",
               "gdp": "value_added", "地区生产总值": "value_added", "industrial value added": "industrial_value_added",
               "value added": "value_added"}  # fmt: skip
