# ruff: noqa: E501  (tables of names)
"""A made-up response that looks like a real one: the numbers hang together, none of them is true.

`response(large=False)` has 6 regions x 8 sectors, `response(large=True)` 31 x 42 and long names.
A lockdown of two regions travels to the others; the plan takes back part of it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from ballast import response as parts
from ballast.economy import Economy, Region, Sector
from ballast.evidence import Grade
from ballast.outcomes import Ending
from ballast.scenario import Point, Range, RangeTarget, Scenario, Shock
from ballast.text import Text

START, DAYS, DECISION = dt.date(2022, 3, 1), 153, dt.date(2022, 4, 5)

_REGIONS = """
BJ Beijing 北京 6 2|TJ Tianjin 天津 7 2|HE Hebei 河北 6 3|SX Shanxi 山西 5 3|NM Inner_Mongolia 内蒙古 5 1
LN Liaoning 辽宁 8 1|JL Jilin 吉林 7 1|HL Heilongjiang 黑龙江 8 0|SH Shanghai 上海 8 5|JS Jiangsu 江苏 7 4
ZJ Zhejiang 浙江 8 6|AH Anhui 安徽 6 5|FJ Fujian 福建 8 7|JX Jiangxi 江西 7 6|SD Shandong 山东 7 3
HA Henan 河南 6 4|HB Hubei 湖北 5 5|HN Hunan 湖南 6 6|GD Guangdong 广东 7 8|GX Guangxi 广西 6 7
HI Hainan 海南 7 9|CQ Chongqing 重庆 5 6|SC Sichuan 四川 4 6|GZ Guizhou 贵州 5 7|YN Yunnan 云南 4 7
XZ Tibet 西藏 2 5|SN Shaanxi 陕西 5 4|GS Gansu 甘肃 4 4|QH Qinghai 青海 3 4|NX Ningxia 宁夏 4 3|XJ Xinjiang 新疆 2 3
""".strip().replace("\n", "|")

_SECTORS = """
Agriculture 农林牧渔产品和服务|*Coal_mining 煤炭采选产品|*Oil_and_gas_extraction 石油和天然气开采产品|*Metal_ores 金属矿采选产品
*Non-metal_ores 非金属矿和其他矿采选产品|*Food_and_tobacco 食品和烟草|*Textiles 纺织品|*Clothing,_leather_and_footwear 纺织服装鞋帽皮革羽绒及其制品
*Wood_products_and_furniture 木材加工品和家具|*Paper,_printing_and_stationery 造纸印刷和文教体育用品|*Petroleum_and_coking 石油、炼焦产品和核燃料加工品
*Chemicals 化学产品|*Non-metallic_mineral_products 非金属矿物制品|*Smelting_and_pressing_of_metals 金属冶炼和压延加工品|*Metal_products 金属制品
*General_machinery 通用设备|*Special_machinery 专用设备|*Transport_equipment 交通运输设备|*Electrical_machinery 电气机械和器材
*Communication_equipment,_computers_and_electronics 通信设备、计算机和其他电子设备|*Instruments 仪器仪表|*Other_manufacturing 其他制造产品和废品废料
*Repair_of_machinery_and_equipment 金属制品、机械和设备修理服务|*Electricity_and_heat 电力、热力的生产和供应|*Gas 燃气生产和供应|*Water 水的生产和供应
Construction 建筑|Wholesale_and_retail 批发和零售|Transport_and_post 交通运输、仓储和邮政|Hotels_and_catering 住宿和餐饮
Software_and_information 信息传输、软件和信息技术服务|Finance 金融|Real_estate 房地产|Leasing_and_business_services 租赁和商务服务
Research 研究和试验发展|Technical_services 综合技术服务|Water_and_environment 水利、环境和公共设施管理|Household_services 居民服务、修理和其他服务
Education 教育|Health_and_social_work 卫生和社会工作|Culture_and_sport 文化、体育和娱乐|Public_administration 公共管理、社会保障和社会组织
""".strip().replace("\n", "|")

_SMALL_REGIONS = ("SH", "JS", "JL", "HB", "GD", "SC")
_SMALL_SECTORS = (0, 11, 13, 15, 17, 19, 23, 28)
_CLOSED = {"SH": 0.62, "JL": 0.55}


def economy(large: bool = False) -> Economy:
    """Labels, tiles and output; no links, which the report does not read."""
    rng = np.random.default_rng(7)
    regions = [r for r in _all_regions() if large or r.code in _SMALL_REGIONS]
    sectors = [s for i, s in enumerate(_all_sectors()) if large or i in _SMALL_SECTORS]
    r, k = len(regions), len(sectors)
    size = rng.lognormal(0, 0.8, r)[:, None] * rng.lognormal(0, 1.0, (r, k)) * 3e6
    none_f, none_i = np.zeros(0), np.zeros(0, np.int32)
    return Economy(
        name="made-up",
        title=Text("Made-up economy", "虚构经济"),
        unit="10k CNY",
        currency="CNY",
        year=2017,
        regions=tuple(regions),
        sectors=tuple(sectors),
        categories=(("household", Text("households", "居民")),),
        value_added_labels=(("all", Text("value added", "增加值")),),
        node_region=np.repeat(np.arange(r), k),
        node_sector=np.tile(np.arange(k), r),
        output=size.ravel() * 3.5,
        exports=np.zeros(r * k),
        value_added=size.ravel()[None, :],
        slot_product=none_i,
        slot_node=none_i,
        slot_market=none_i,
        slot_domestic=none_f,
        slot_imports=none_f,
        final_product=none_i,
        final_region=none_i,
        final_category=none_i,
        final_market=none_i,
        final_domestic=none_f,
        final_imports=none_f,
        market_ptr=np.zeros(1, np.int64),
        market_supplier=none_i,
        market_share=none_f,
    )


def response(large: bool = False, **changes: Any) -> Any:
    """The made-up response; `changes` replace whole fields."""
    e = economy(large)
    monthly, by_region, by_sector = _tables(e)
    path, plan = _paths(by_region, e)
    fields: dict[str, Any] = {
        "economy": e,
        "scenario": _scenario(),
        "dates": pd.date_range(START, periods=DAYS),
        "path": path,
        "plan_path": plan,
        "monthly": monthly,
        "by_month": _by_month(path, plan),
        "by_region": by_region,
        "by_sector": by_sector,
        "stops": _stops(e, large),
        "blockages": _blockages(e, 30 if large else 6),
        "relief": _relief(e, 40 if large else 8),
        "landings": _landings(),
        "cases": _cases(e, 60 if large else 7),
        "evidence": _evidence(),
        "headlines": _headlines(_by_month(path, plan)),
        "outcome": Ending.COMPLETED,
        "notes": (),
        "grade": Grade.E,
        "settings": {
            "draws": 200,
            "relief": 40,
            "seed": 1,
            "model": "default",
            "backend": "numba",
            "book_hash": "4f0c9a1d7be2",
            "scenario_hash": "91b0aa37c5d4",
            "versions": {"ballast": "0.1.0"},
        },
        "seconds": {"run": 3.2, "ensemble": 48.0, "relief": 21.5},
    }
    return parts.Response(**{**fields, **changes})


def _headlines(by_month: pd.DataFrame, **changes: Any) -> Any:
    row = by_month.loc[by_month.nothing.idxmin()]
    fields: dict[str, Any] = {"worst_month": row.month, "draws": 200, "without": {}}
    for name, lost in (("nothing", 9.1e6), ("plan", 5.7e6)):
        fields[f"worst_{name}"] = parts.Estimate(*(float(row[name + end]) for end in ("", "_low", "_high")))
        fields[f"lost_{name}"] = parts.Estimate(lost, 0.8 * lost, 1.3 * lost)
        fields[f"horizon_{name}"] = parts.Estimate(
            *(float(by_month[name + end].mean()) for end in ("", "_low", "_high"))
        )
    fields["outcomes"] = {Ending.COMPLETED: 200}
    fields["amplifies"] = parts.Orders("none", "", 0.1, None)
    return parts.Headlines(**{**fields, **changes})


def _part(name: str, /, **fields: Any) -> Any:
    return getattr(parts, name)(**fields)


def _all_regions() -> list[Region]:
    out = []
    for line in _REGIONS.split("|"):
        code, en, zh, x, y = line.split()
        out.append(Region(code, Text(en.replace("_", " "), zh), (int(x), int(y))))
    return out


def _all_sectors() -> list[Sector]:
    out = []
    for i, line in enumerate(_SECTORS.split("|")):
        en, zh = line.split()
        industry, goods = en.startswith("*"), i < 26
        name = Text(en.lstrip("*").replace("_", " "), zh)
        out.append(
            Sector(f"{i + 1:02d}", name, industry, goods, goods, "industry" if industry else "services")
        )
    return out


def _tables(e: Economy) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Node deviations by month, and their value-added means by region and by sector."""
    rng = np.random.default_rng(3)
    strength = {"2022-03": 0.35, "2022-04": 1.0, "2022-05": 0.7, "2022-06": 0.1, "2022-07": -0.08}
    closed = np.array([_CLOSED.get(r.code, 0.0) for r in e.regions])
    near = 0.05 + 0.12 * rng.random(e.r)
    touch = (0.4 + 1.2 * rng.random(e.k)) * np.array([1.0 if s.industry else 0.5 for s in e.sectors])
    node = 100 * np.minimum(0.92, np.maximum(closed[:, None], near[:, None]) * touch[None, :])
    rows = []
    for month, s in strength.items():
        down = -node * s * (0.8 + 0.4 * rng.random(node.shape))
        for r in range(e.r):
            for k in range(e.k):
                rows.append((e.regions[r].code, e.sectors[k].code, month, down[r, k], r, k))
    table = pd.DataFrame(rows, columns=["region", "sector", "month", "deviation_pct", "r", "k"])
    table["low"] = table.deviation_pct - 1 - 0.25 * table.deviation_pct.abs()
    table["high"] = table.deviation_pct + 1 + 0.20 * table.deviation_pct.abs()
    weight = e.total_value_added.reshape(e.r, e.k)
    table["w"] = weight[table.r, table.k] * np.array([s.industry for s in e.sectors])[table.k]
    means = [_means(table, key) for key in ("region", "sector")]
    return table[["region", "sector", "month", "deviation_pct", "low", "high"]], means[0], means[1]


def _means(table: pd.DataFrame, key: str) -> pd.DataFrame:
    used = table[table.w > 0]
    parts_ = {}
    for new, old in (("nothing", "deviation_pct"), ("nothing_low", "low"), ("nothing_high", "high")):
        parts_[new] = (used[old] * used.w).groupby([used[key], used.month]).sum() / used.w.groupby(
            [used[key], used.month]
        ).sum()
    out = pd.DataFrame(parts_).reset_index()
    for name in ("nothing", "nothing_low", "nothing_high"):
        out[name.replace("nothing", "plan")] = out[name] * 0.62
    return out


def _by_month(path: Any, plan: Any) -> pd.DataFrame:
    dates = pd.date_range(START, periods=DAYS)
    daily = {
        name + end: getattr(band, side) - 100
        for name, band in (("nothing", path), ("plan", plan))
        for end, side in (("", "mid"), ("_low", "low"), ("_high", "high"))
    }
    return pd.DataFrame(daily).groupby(dates.strftime("%Y-%m")).mean().rename_axis("month").reset_index()


def _paths(by_region: pd.DataFrame, e: Economy) -> tuple[Any, Any]:
    """A daily path through the national monthly means, smoothed."""
    industry = e.total_value_added * e.is_industry
    weight = pd.Series({r.code: industry[e.node_region == i].sum() for i, r in enumerate(e.regions)})
    weight /= weight.sum()
    national = (by_region.nothing * by_region.region.map(weight)).groupby(by_region.month).sum()
    dates = pd.date_range(START, periods=DAYS)
    raw = np.array([national[f"{d:%Y-%m}"] for d in dates])
    smooth = np.convolve(np.pad(raw, 10, "edge"), np.ones(21) / 21, "valid")
    smooth = smooth * np.clip(np.arange(DAYS) / 12, 0, 1)
    after = np.clip((np.arange(DAYS) - 35) / 20, 0, 1) * 0.42
    plan = smooth * (1 - after)
    return tuple(
        _part("Band", mid=100 + p, low=100 + p - 0.25 * abs(p), high=100 + p + 0.22 * abs(p))
        for p in (smooth, plan)
    )  # type: ignore[return-value]


def _scenario() -> Scenario:
    def shock(kind: Any, name: str, title: Text, start: dt.date, end: dt.date | None) -> Shock:
        return Shock(name, kind, title, (Point(start, Range(40.0, 30.0, 50.0)),), until=end)

    shocks = (
        shock(
            "staff", "jilin", Text("Jilin closed", "吉林封控"), dt.date(2022, 3, 11), dt.date(2022, 4, 28)
        ),
        shock(
            "staff",
            "shanghai",
            Text("Shanghai closed", "上海封控"),
            dt.date(2022, 3, 28),
            dt.date(2022, 5, 31),
        ),
        shock("corridor", "trucks", Text("Trucks slowed", "公路货运受阻"), dt.date(2022, 4, 1), None),
    )
    return Scenario(
        "spring-2022",
        Text("Shanghai and Jilin, spring 2022", "2022年春季上海、吉林疫情封控"),
        Text(
            "Two provinces close for two months, freight slows across the country.",
            "两省市封控约两个月，全国货运放缓。",
        ),
        "made-up",
        START,
        DAYS,
        DECISION,
        shocks,
    )


def _stops(e: Economy, large: bool) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    industrial = np.flatnonzero(e.is_industry)
    nodes = rng.choice(industrial, 220 if large else 12, replace=False)
    rows = []
    for i in nodes:
        r, k = int(e.node_region[i]), int(e.node_sector[i])
        closed = e.regions[r].code in _CLOSED
        cause = "shock" if closed else str(rng.choice(["input", "corridor", "input", "demand", "imports"]))
        product = "" if cause in ("shock", "demand") else e.sectors[int(rng.integers(e.k))].code
        rows.append(
            (
                int(i),
                e.regions[r].code,
                e.sectors[k].code,
                START + dt.timedelta(int(rng.integers(12, 70))),
                int(rng.integers(5, 60)),
                float(rng.uniform(0.04, 0.75)),
                cause,
                product,
                float(e.total_value_added[i] * rng.uniform(0.01, 0.06)),
            )
        )
    columns = ["node", "region", "sector", "first_day", "days", "worst_level", "cause", "product", "lost"]
    return pd.DataFrame(rows, columns=columns).sort_values("lost", ascending=False, ignore_index=True)


def _blockages(e: Economy, count: int) -> tuple[Any, ...]:
    rng = np.random.default_rng(9)
    industrial = np.flatnonzero(e.is_industry)
    shanghai = next(i for i, r in enumerate(e.regions) if r.code == "SH")
    out = []
    for rank in range(1, count + 1):
        node, supplier = (int(i) for i in rng.choice(industrial, 2, replace=False))
        if rank == 2:
            supplier = -1
        origin = -1 if supplier < 0 else shanghai if rank % 2 else int(e.node_region[supplier])
        first = START + dt.timedelta(int(rng.integers(15, 60)))
        out.append(_blockage(e, rank, node, supplier, origin, first, 4e6 / rank**0.8))
    return tuple(out)


def _blockage(
    e: Economy, rank: int, node: int, supplier: int, origin: int, first: dt.date, saved: float
) -> Any:
    home = int(e.node_region[node])
    corridor = rank % 3 == 1 and origin >= 0
    product = int(e.node_sector[supplier]) if supplier >= 0 else 3
    # As the engine tells it: backwards from what stopped, to a shock, a closed road or the world abroad.
    links = [_link(e, node, "input", first, product, 0.52, -1, home)]
    if supplier < 0:
        links.append(_link(e, node, "imports", first - dt.timedelta(9), product, 0.0, -1, home))
    elif corridor:
        links.append(_link(e, supplier, "corridor", first - dt.timedelta(4), product, 0.0, origin, home))
    elif rank % 2 == 0:
        deeper = int(np.flatnonzero(e.is_industry)[rank])
        links.append(
            _link(e, supplier, "input", first - dt.timedelta(6), int(e.node_sector[deeper]), 0.38, -1, 0)
        )
        links.append(_link(e, deeper, "shock", first - dt.timedelta(15), -1, 0.2, 0, 0))
    else:
        links.append(_link(e, supplier, "shock", first - dt.timedelta(6), -1, 0.38, origin, origin))
    name, product_name = e.node_name(node), e.sectors[product].name
    words = Text("{node} waits for {product}", "{node}缺{product}").format(node=name, product=product_name)
    return _part(
        "Blockage",
        id=f"input {e.node_codes[node]}: {e.sectors[product].code}",
        rank=rank,
        kind="roads" if corridor else "imports" if supplier < 0 else "input",
        title=Text("{product} for {node}", "{node}所需{product}").format(node=name, product=product_name),
        node=node,
        product=product,
        first_day=first,
        days=int(6 + 40 / rank),
        worst_level=1 - 0.12 * (rank % 7),
        supplier=supplier,
        supplier_region=origin,
        through_corridor=corridor,
        region_from=origin if corridor else -1,
        region_to=home if corridor else -1,
        customers=rank % 4,
        saved=saved,
        inside=saved * 0.7,
        part_of=1 if rank == 3 else 0,
        needs=saved * 0.22,
        chain=tuple(links),
        words=words,
    )


def _link(
    e: Economy, node: int, cause: str, day: dt.date, product: int, level: float, a: int, b: int
) -> Any:
    words = Text("{node} stands at {level:.0%}", "{node}降至{level:.0%}").format(
        node=e.node_name(node), level=level
    )
    return _part(
        "ChainLink",
        node=node,
        cause=cause,
        day=day,
        product=product,
        level=level,
        region_from=a,
        region_to=b,
        words=words,
    )


def _relief(e: Economy, places: int) -> Any:
    rng = np.random.default_rng(11)
    hit = [i for i in range(e.n) if e.regions[e.node_region[i]].code in _CLOSED and e.is_industry[i]]
    chosen = rng.permutation(hit)[: min(places, len(hit))]
    gains = 6e6 / np.arange(1, len(chosen) + 1) ** 0.9
    total = gains.cumsum()
    picks = tuple(
        _part(
            "Pick",
            rank=p + 1,
            node=int(i),
            gain=float(gains[p]),
            cumulative=float(total[p]),
            words=Text("its parts stop plants in {n} provinces", "其产品断供波及{n}个省份").format(
                n=3 + p % 9
            ),
        )
        for p, i in enumerate(chosen)
    )
    n = np.arange(0, len(chosen) + 1)
    plan = np.concatenate([[0], total])
    full = float(plan[-1] * 1.25)
    share = n / len(hit)
    curve = pd.DataFrame(
        {
            "places": n,
            "plan": plan,
            "pro_rata": full * share * 0.8,
            "largest_loss_first": plan * 0.7,
            "biggest_first": plan * 0.62 + full * 0.03 * share,
            "most_upstream": plan * 0.35,
            "nobody": 0.0 * n,
        }
    )
    return _part("Relief", picks=picks, curve=curve, full=full)


def _landings() -> tuple[Any, ...]:
    def one(
        indicator: Any, region: str, period: str, low: float, high: float, mid: float, plan: float
    ) -> Any:
        target = RangeTarget(
            indicator=indicator, region=region, period=period, low=low, high=high, baseline_growth=5.0
        )

        def estimate(x: float) -> Any:
            return _part("Estimate", mid=x, low=x - 1.6, high=x + 1.2)

        words = Text(
            "Without the plan it ends below the range; with it, at its lower edge.",
            "不采取措施将低于目标区间；按方案可回到区间下沿。",
        )
        return _part(
            "Landing",
            target=target,
            nothing=estimate(mid),
            plan=estimate(plan),
            probability_nothing=0.07,
            probability_plan=0.58,
            words=words,
        )

    return (
        one("industrial_value_added", "all", "2022-Q2", 3.0, 6.0, -1.4, 2.9),
        one("industrial_value_added", "SH", "2022-Q2", -5.0, 3.0, -22.0, -9.5),
    )


def _cases(e: Economy, count: int) -> tuple[Any, ...]:
    rng = np.random.default_rng(13)
    industrial = np.flatnonzero(e.is_industry)
    out = []
    for rank in range(1, count + 1):
        supplier, customer = (int(i) for i in rng.choice(industrial, 2, replace=False))
        abroad = rank == 4
        product = int(e.node_sector[supplier])
        value = 3e6 / rank**0.9
        reason = Text("{c} stops for want of {p}", "{c}因缺{p}停产").format(
            c=e.node_name(customer), p=e.sectors[product].name
        )
        out.append(
            _part(
                "Case",
                id=f"{'abroad' if abroad else e.node_codes[supplier]} > {e.node_codes[customer]}: "
                f"{e.sectors[product].code}",
                rank=rank,
                supplier=-1 if abroad else supplier,
                supplier_region=-1 if abroad else int(e.node_region[supplier]),
                customer=customer,
                product=product,
                day=DECISION + dt.timedelta(1 + rank // 8),
                value_at_stake=value,
                daily_shortfall=value / 400,
                through_corridor=rank % 3 == 0,
                reason=reason,
            )
        )
    return tuple(out)


def _evidence() -> tuple[Any, ...]:
    def row(
        group: Text, en: str, zh: str, value: str, low: str, high: str, unit: Text, grade: Grade
    ) -> Any:
        return _part(
            "Evidence",
            group=group,
            name=Text(en, zh),
            value=value,
            low=low,
            high=high,
            unit=unit,
            grade=grade,
            source="A Paper (2022), Journal 1:1",
            address="https://example.org/paper",
        )

    engine, facts, days = Text("Engine", "模型参数"), Text("Scenario", "情景事实"), Text("days", "天")
    none = Text("", "")
    return (
        row(engine, "Stock of parts", "零部件库存", "12", "6", "20", days, Grade.C),
        row(
            engine,
            "Single-sourced parts, vehicles",
            "汽车单一来源零部件数",
            "1.4",
            "1.0",
            "2.0",
            none,
            Grade.E,
        ),
        row(engine, "Days to change supplier", "更换供应商所需时间", "45", "20", "90", days, Grade.D),
        row(
            facts,
            "Staff at work, Shanghai, April",
            "上海4月到岗率",
            "38",
            "30",
            "50",
            Text("%", "%"),
            Grade.B,
        ),
        row(facts, "Trucks moving, April", "4月公路货运量", "73", "68", "78", Text("%", "%"), Grade.A),
    )
