"""The account the builder of china-2020 gives: tables of what moved, what stays home, what is estimated."""

from __future__ import annotations

from typing import Any

import numpy as np

from ballast.arrays import Floats
from ballast.economy.builders.china_make import (
    VEHICLES,
    Structure,
    car_shares,
    seed_shares,
    share_of,
)
from ballast.economy.builders.china_read import CODES, Facts, National, Provinces
from ballast.economy.builders.china_trade import POWER
from ballast.economy.builders.china_use import Demand
from ballast.economy.builders.report import BuildReport, Step, Table
from ballast.economy.economy import Economy
from ballast.economy.names import china as names
from ballast.text import Text

MOST_CHANGES = 25


def account(
    economy: Economy,
    made: Structure,
    wanted: Demand,
    flows: Floats,
    transit: Floats,
    national: National,
    provinces: Provinces,
    facts: Facts,
    held: Table | None,
) -> BuildReport:
    changes = sorted(made.changes, key=lambda c: -abs(c.book - c.source))[:MOST_CHANGES]
    return BuildReport(
        "china-2020",
        (*made.steps, *wanted.steps, *_balance_steps(economy, national)),
        tuple(changes),
        (
            _stay_table(flows),
            _vehicles_table(made, national, provinces, facts),
            _transit_table(transit, provinces),
            _power_table(flows),
            *([held] if held else []),
        ),
        _estimated(national, provinces),
    )


def _balance_steps(e: Economy, national: National) -> tuple[Step, ...]:
    def gap(a: Any, b: Any) -> float:
        return float(np.abs(a / b - 1).max())

    by_sector = np.bincount(e.node_sector, e.output, e.k)
    rows = gap(e.domestic_sales() + e.exports, e.output)
    columns = gap(e.input_cost() + e.total_value_added, e.output)
    return (
        Step(Text("rows: sales + exports = output", "行平衡：销售＋出口＝总产出"), rows, rows),
        Step(
            Text("columns: inputs + value added = output", "列平衡：投入＋增加值＝总产出"), columns, columns
        ),
        Step(
            Text("national output by sector", "分部门全国总产出"),
            gap(by_sector, national.output),
            gap(by_sector, national.output),
        ),
    )


def _percent(value: float) -> str:
    return f"{100 * value:.1f}%"


def _stay_table(flows: Floats) -> Table:
    """Share of purchases of home goods made inside the own province."""
    own = np.trace(flows, axis1=2, axis2=3) / flows.sum(axis=(2, 3))
    everything = np.trace(flows, axis1=2, axis2=3).sum(axis=1) / flows.sum(axis=(1, 2, 3))
    goods = np.trace(flows[:, :22], axis1=2, axis2=3).sum(axis=1) / flows[:, :22].sum(axis=(1, 2, 3))
    rows: list[tuple[str | Text, ...]] = [
        (c, s.name, *map(_percent, own[:, i]))
        for i, (c, s) in enumerate(zip(CODES, names.SECTORS, strict=True))
    ]
    rows += [
        ("01-22", Text("All goods", "全部货物"), *map(_percent, goods)),
        ("01-42", Text("Everything", "全部"), *map(_percent, everything)),
    ]
    heads = (
        Text("sector", "部门"),
        Text("name", "名称"),
        Text("low", "低"),
        Text("central", "中"),
        Text("high", "高"),
    )
    title = Text("Share bought inside the own province", "本省内采购占比")
    return Table(title, heads, tuple(rows))


def _vehicles_table(made: Structure, national: National, provinces: Provinces, facts: Facts) -> Table:
    old = share_of(seed_shares(national, provinces)[:, VEHICLES])
    cars = car_shares(old, facts.products["motor_vehicles"])
    new = share_of(made.output[:, VEHICLES])
    rows = [
        (names.REGIONS[p].code, names.REGIONS[p].name, *map(_percent, (old[p], cars[p], new[p])))
        for p in np.argsort(-new, kind="stable")[:15]
    ]
    heads = (
        Text("province", "省"),
        Text("name", "名称"),
        Text("2017 share", "2017 份额"),
        Text("whole vehicles, seed", "整车（种子）"),
        Text("sector 18, output in the book", "第18部门，本账总产出"),
    )
    return Table(Text("Vehicles: shares of provinces", "交通运输设备：各省份额"), heads, tuple(rows))


def _transit_table(transit: Floats, provinces: Provinces) -> Table:
    order = np.argsort(-transit, axis=None, kind="stable")[:12]
    rows = []
    for p, k in zip(*np.unravel_index(order, transit.shape), strict=True):
        amounts = (provinces.output[p, k], provinces.outflow[p, k], provinces.inflow[p, k], transit[p, k])
        rows.append((f"{names.REGIONS[p].code}.{CODES[k]}", *(f"{a / 1e4:,.0f}" for a in amounts)))
    total = transit.sum() / provinces.outflow.sum()
    title = Text(
        f"Transit taken out of 2017 flows: {_percent(total)} of outflow; largest cells, 100 M CNY",
        f"从2017年流出中扣除的过境部分占 {_percent(total)}；最大单元，亿元",
    )
    heads = (
        Text("cell", "单元"),
        Text("output", "总产出"),
        Text("outflow", "流出"),
        Text("inflow", "流入"),
        Text("transit", "过境"),
    )
    return Table(title, heads, tuple(rows))


def _power_table(flows: Floats) -> Table:
    used = flows[1, POWER]
    rows = []
    for p in np.argsort(np.diag(used) / used.sum(axis=0), kind="stable")[:12]:
        share = used[:, p] / used[:, p].sum()
        share_other = np.where(np.arange(len(share)) == p, 0, share)
        best = np.argsort(-share_other, kind="stable")[:3]
        text = ", ".join(
            f"{names.REGIONS[q].code} {_percent(share[q])}" for q in best if share_other[q] > 0
        )
        rows.append((names.REGIONS[p].code, names.REGIONS[p].name, _percent(share[p]), text))
    heads = (
        Text("province", "省"),
        Text("name", "名称"),
        Text("own power", "本省电"),
        Text("largest others", "主要外来"),
    )
    title = Text("Electricity: provinces that lean most on others", "电力：最依赖外来电的省")
    return Table(title, heads, tuple(rows))


def _estimated(national: National, provinces: Provinces) -> tuple[Text, ...]:
    error = _percent(np.abs(provinces.residual).sum() / provinces.output.sum())
    return (
        Text(
            "Everything by province and sector inside industry: 2017 structure fitted to 2020 margins.",
            "工业内部的分省分部门数：由2017年结构拟合到2020年边际合计。",
        ),
        Text(
            "Distance exponents 0.6, 1.0, 1.5. What stays at home follows the tables of 2017; low and high "
            "are the error of the same reading of 2012 for 2017.",
            "距离指数 0.6、1.0、1.5。本省留存取2017年各省表；低、高为2012年同一读法对2017年的误差。",
        ),
        Text(
            f"The error column of the 2017 tables ({error} of output, absolute) is not carried over; "
            "the national table of 2020 has none.",
            f"2017年各省表误差列（绝对值占总产出 {error}）不沿用；2020年全国表无误差列。",
        ),
        Text(
            "Import shares by product and using sector are the country's in every province.",
            "各省进口占比按产品和使用部门取全国值。",
        ),
        Text(
            "Electricity costs the same per kWh everywhere; lines are recent, and one entry of the list "
            "(Guangdong-Hebei) is read as Guangdong-Hubei.",
            "各地每千瓦时电价相同；线路为近年数据，名单中一条（广东—河北）按广东—湖北处理。",
        ),
        Text(
            "Eight provinces do not report vehicles; what is left of the national number is shared among "
            "them by 2017 money.",
            "八个省未公布汽车产量，全国余数按2017年增加值分给它们。",
        ),
        Text(
            f"Imports sent on abroad ({national.reexports / 1e4:,.0f} x 100 M CNY) are outside the book.",
            f"进口后再出口（{national.reexports / 1e4:,.0f} 亿元）不在账内。",
        ),
    )
