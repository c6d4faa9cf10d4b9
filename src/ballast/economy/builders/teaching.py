"""The teaching book: 3 regions x 4 sectors in bn CNY a year, balanced by hand.

North (N) makes most vehicles, Coast (C) most parts, West (W) most materials.

What a unit of output takes in, and what is left as value added:

                 materials  parts  vehicles  services  value added
    materials      0.30       -       -        0.10       0.60
    parts          0.40      0.10     -        0.10       0.40
    vehicles       0.10      0.50     -        0.15       0.25
    services       0.02       -      0.04      0.20       0.74

Output (N, C, W) and so the needs of each region, summed over its four sectors:

                  output           needs: N                  C                    W
    materials    40  40  70    12+ 8+10+3 = 33    12+36+ 6+ 5 = 59    21+ 8+ 4+2 = 35
    parts        20  90  20        2+50   = 52        9+30    = 39        2+20   = 22
    vehicles    100  60  40           6   =  6          10    = 10           4   =  4
    services    150 250 100     4+2+15+30 = 51     4+9+ 9+50  = 72     7+2+ 6+20 = 35

A tenth of the parts of vehicle makers is imported (5, 3, 2), so parts bought at home are 47, 36, 20.
Final use is households + investment + government + inventories:

                   N                    C                     W          exports     home supply
    materials  3+ 0+ 0+1 =   4    5+ 0+ 0+2 =   7    2+ 0+ 0+2 =  4     0  8  0     40  32  70
    parts      4             4    6             6    2            2     0 15  0     20  75  20
    vehicles  30+18      =  48   50+30      =  80   20+12      = 32    12  8  0     88  52  40
    services  61+10+30   = 101   95+15+40   = 150   41+ 5+25   = 71     0 20  0    150 230 100

Needs at home + final use = what each region buys = the column sums of the trade tables
(from row to column), whose row sums are the home supply:

    materials  N  C  W        parts  N  C  W       vehicles  N  C  W      services   N   C   W
            N 28  8  4  40        N 16  2  2  20          N 40 36 12  88         N 142   4   4 150
            C  2 28  2  32        C 30 37  8  75          C  6 40  6  52         C   8 216   6 230
            W  7 30 33  70        W  5  3 12  20          W  8 14 18  40         W   2   2  96 100
              37 66 39              51 42 22                54 90 36              152 222 106

Value added 90 + 52 + 50 + 370 = 562 = final use 509 + exports 63 - imports 10.
Half of value added is wages, half surplus.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ballast.arrays import Floats, Ints
from ballast.economy.builders.report import BuildReport, Step
from ballast.economy.economy import Economy, Region, Sector
from ballast.evidence import Grade
from ballast.text import Text

REGIONS = (
    Region("N", Text("North", "北方"), (1, 0)),
    Region("C", Text("Coast", "沿海"), (2, 1)),
    Region("W", Text("West", "西部"), (0, 1)),
)
_FACTORY: dict[str, Any] = {"industry": True, "goods": True, "storable": True, "group": "manufacturing"}
SECTORS = (
    Sector("materials", Text("Materials", "材料"), **_FACTORY),
    Sector("parts", Text("Parts", "零部件"), **_FACTORY),
    Sector("vehicles", Text("Vehicles", "整车"), **_FACTORY),
    Sector("services", Text("Services", "服务"), group="services"),
)
CATEGORIES = (
    ("households", Text("Households", "居民消费")),
    ("investment", Text("Investment", "固定资本形成")),
    ("government", Text("Government", "政府消费")),
    ("inventories", Text("Change in inventories", "存货变动")),
)
VALUE_ADDED = (("wages", Text("Wages", "工资")), ("surplus", Text("Surplus", "盈余")))

# rows: sector that makes; columns N, C, W
_OUTPUT = np.array([[40, 40, 70], [20, 90, 20], [100, 60, 40], [150, 250, 100]], float)
_EXPORTS = np.array([[0, 8, 0], [0, 15, 0], [12, 8, 0], [0, 20, 0]], float)
# rows: product; columns: sector that uses it; hundredths of its output
_RECIPE = np.array([[30, 40, 10, 2], [0, 10, 50, 0], [0, 0, 0, 4], [10, 10, 15, 20]], float)
_IMPORTED_PARTS = np.array([5, 3, 2], float)  # of the vehicle makers
# [category, product, region]
_FINAL = np.array(
    [
        [[3, 5, 2], [4, 6, 2], [30, 50, 20], [61, 95, 41]],
        [[0, 0, 0], [0, 0, 0], [18, 30, 12], [10, 15, 5]],
        [[0, 0, 0], [0, 0, 0], [0, 0, 0], [30, 40, 25]],
        [[1, 2, 2], [0, 0, 0], [0, 0, 0], [0, 0, 0]],
    ],
    float,
)
# [product, from, to]
_TRADE = np.array(
    [
        [[28, 8, 4], [2, 28, 2], [7, 30, 33]],
        [[16, 2, 2], [30, 37, 8], [5, 3, 12]],
        [[40, 36, 12], [6, 40, 6], [8, 14, 18]],
        [[142, 4, 4], [8, 216, 6], [2, 2, 96]],
    ],
    float,
)


def build() -> tuple[Economy, BuildReport]:
    """The teaching economy; nodes run region by region, markets product by product."""
    k, r = _OUTPUT.shape
    region, sector = np.divmod(np.arange(r * k), k)
    output = _OUTPUT[sector, region]
    need = _RECIPE[:, sector] * output / 100  # [K, N]
    imports = np.zeros_like(need)
    imports[1, sector == 2] = _IMPORTED_PARTS
    economy = Economy(
        name="teaching",
        title=Text("Teaching book: three regions, four sectors", "教学账本：三地区四部门"),
        unit="bn CNY",
        currency="CNY",
        year=2020,
        regions=REGIONS,
        sectors=SECTORS,
        categories=CATEGORIES,
        value_added_labels=VALUE_ADDED,
        node_region=region.astype(np.int32),
        node_sector=sector.astype(np.int32),
        output=output,
        exports=_EXPORTS[sector, region],
        value_added=np.tile((output - need.sum(axis=0)) / 2, (2, 1)),
        **_slots(need, imports, region),
        **_final(),
        **_markets(),
        grades={"all": Grade.E},
    )
    step = Step(Text("balanced by hand", "手工平衡"), 0.0, 0.0)
    return economy, BuildReport("teaching", steps=(step,))


def _slots(need: Floats, imports: Floats, region: Ints) -> dict[str, Any]:
    node, product = np.nonzero(need.T)
    return {
        "slot_product": product,
        "slot_node": node,
        "slot_market": product * 3 + region[node],
        "slot_domestic": (need - imports)[product, node],
        "slot_imports": imports[product, node],
    }


def _final() -> dict[str, Any]:
    category, product, region = np.nonzero(_FINAL)
    return {
        "final_product": product,
        "final_region": region,
        "final_category": category,
        "final_market": product * 3 + region,
        "final_domestic": _FINAL[category, product, region],
        "final_imports": np.zeros(len(product)),
    }


def _markets() -> dict[str, Any]:
    """One market a (product, region): its suppliers are the product's makers in N, C, W."""
    share = _TRADE / _TRADE.sum(axis=1, keepdims=True)
    k, r = share.shape[:2]
    product, _, origin = np.meshgrid(np.arange(k), np.arange(r), np.arange(r), indexing="ij")
    return {
        "market_ptr": np.arange(k * r + 1) * r,
        "market_supplier": (origin * k + product).ravel(),
        "market_share": share.transpose(0, 2, 1).ravel(),
    }
