"""Finland's regional input-output tables of 2014: 19 regions, 30 industries, million EUR (Honkatukia et
al. 2019).

Four long tables (REG, COM, IND, value): `io` what each region uses of its own industries, `io_reg` of
products of other regions together, `io_imp` of foreign products, `supp` which industry makes which
product. Who in particular supplies another region was never published: origins are fitted to what every
industry sends out and every region takes in (`regionalise.ipf`), without distance unless a file of
distances is given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ballast.arrays import Floats, ratio
from ballast.economy import classes
from ballast.economy.economy import Region, Sector
from ballast.economy.readers.repeats import repeats
from ballast.economy.readers.table import INVENTORIES, Table, as_published
from ballast.economy.regions.distances import distances
from ballast.economy.regions.fitting import Fit, ipf
from ballast.economy.sheets.cells import filled
from ballast.economy.sheets.encoded import lines_of
from ballast.economy.sheets.files import frame, locate
from ballast.economy.sheets.labels import cell_label
from ballast.errors import BookError, Finding, raise_findings
from ballast.evidence import Grade, Operation, Source
from ballast.text import Text, barred

TITLES = {"finland": Text("Finland, 19 regions (2014)", "芬兰19地区投入产出表（2014）")}
OPTIONS = ("year", "distance", "exponent")
MANY = False

_REGIONS = """
Uusimaa|Uusimaa|新地|1
VarsinSuomi|Southwest Finland|西南芬兰|2
Satakunta|Satakunta|萨塔昆塔|4
KantaHame|Kanta-Häme|坎塔海梅|5
Pirkanmaa|Pirkanmaa|皮尔卡区|6
PaijatHame|Päijät-Häme|派亚特海梅|7
Kymenlaakso|Kymenlaakso|屈米区|8
EtelaKarjala|South Karelia|南卡累利阿|9
EtelaSavo|South Savo|南萨沃|10
PohjSavo|North Savo|北萨沃|11
PohjKarjala|North Karelia|北卡累利阿|12
KeskiSuomi|Central Finland|中芬兰|13
EtelaPohjanm|South Ostrobothnia|南博滕|14
Pohjanmaa|Ostrobothnia|博滕|15
KeskiPohjanm|Central Ostrobothnia|中博滕|16
PohjPohjanm|North Ostrobothnia|北博滕|17
Kainuu|Kainuu|凯努|18
Lappi|Lapland|拉普兰|19
Ahvenanmaa|Åland|奥兰|21
"""
# the number the industry's Finnish name begins with; English; Chinese
_SECTORS = """
01|Agriculture and hunting|农业与狩猎
02_03|Forestry and fishing|林业与渔业
05_09|Mining and quarrying|采矿
10_12|Food, beverages and tobacco|食品饮料烟草
13_15|Textiles, clothing and leather|纺织服装皮革
16|Wood products|木材加工
17_18|Paper and printing|造纸印刷
19_22|Oil, chemicals, rubber and plastics|石油化工橡塑
23|Building materials|建筑材料
24_25|Metals and metal products|金属及制品
26_27|Electronics and electrical equipment|电子电气
28|Machinery|机械设备
29_30|Transport equipment|交通运输设备
31_33|Furniture, other manufacturing and repair|家具、其他制造与修理
35_39|Energy, water and waste|能源、供水与废物处理
41_43|Construction|建筑
45_47|Trade and repair of vehicles|批发零售与汽车维修
49_53|Transport and storage|运输仓储
55_56|Hotels and restaurants|住宿餐饮
58_63|Information and communication|信息与通信
64_66|Finance and insurance|金融保险
681+68209+683|Other real estate|其他房地产
68201_68202|Letting of dwellings|住房租赁
69_75|Professional, scientific and technical|专业科技服务
77_82|Administrative and support services|行政与支持服务
84|Public administration|公共管理
85|Education|教育
86_88|Health and social work|卫生与社会工作
90_96|Arts, recreation and other services|文体及其他服务
97_98|Household services|家政服务
"""
_FINAL = (
    ("P3/S14", "households", Text("Households", "居民消费")),
    ("P5 ", "investment", Text("Gross capital formation", "资本形成")),
    ("P3/S13", "government", Text("Government", "政府消费")),
    ("P52", *INVENTORIES),
)
_ABROAD, _AWAY = "P6K", "Tavaroiden ja palvelujen vienti kotimaahan"
_VALUE_ADDED = (
    ("Palkansaajakorvaukset", "labour", Text("Compensation of employees", "劳动者报酬")),
    ("Pääomakorvaukset", "capital", Text("Returns to capital", "资本报酬")),
    ("Maankäytön korvaukset", "land", Text("Returns to land", "土地报酬")),
    ("Muut tuotantoverot", "net_taxes", Text("Other net taxes on production", "其他生产税净额")),
    ("Tuoteverot", "product_taxes", Text("Net taxes on products", "产品税净额")),
)
_BESIDES = 0.01  # of a node's output that may be of any product
_OUTPUT = "Tuotos perushintaan"
_SOURCE = "finland-2014"


@dataclass(frozen=True, eq=False)
class Cubes:
    """[R, K, K + final] use of own products, of other regions', of foreign ones; sales away and abroad;
    the rest.
    """

    own: Floats  # [R, K, S]
    away: Floats  # [R, K, S] from other regions
    foreign: Floats  # [R, K, S]
    own_final: Floats  # [R, K, 4]
    away_final: Floats
    foreign_final: Floats
    sent: Floats  # [R, K] to other regions
    exports: Floats  # [R, K] own products abroad
    passed: Floats  # [R, K] products of other regions sent abroad from here
    value_added: Floats  # [R, V, S]
    output: Floats  # [R, K]
    supply: Floats  # [R, product, industry]
    findings: tuple[Finding, ...] = ()


def read(
    path: Path, *, year: int | None = None, distance: Path | None = None, exponent: float = 1.0
) -> Table:
    """The table in the folder `path`; `distance` is a file of distances between its regions, in km."""
    cubes = read_cubes(path, year)
    regions = tuple(Region(c, Text(en, zh), aliases=(f"FI{n}",)) for c, en, zh, n in barred(_REGIONS))
    sectors = sectors_of()
    told: list[Finding] = []
    km = None if distance is None else distances(distance, regions, told)
    cubes = replace(cubes, findings=(*cubes.findings, *told))
    return _table(cubes, origins(cubes, km, exponent), regions, sectors, km is not None)


def read_cubes(path: Path, year: int | None = None) -> Cubes:
    """The three tables as arrays, regions and industries in the order of `_REGIONS` and `_SECTORS`."""
    when = str(year or "")
    files = [
        locate(
            path,
            f"{name}{when or '[0-9]*'}.*",
            what=f"the folder with io, io_reg, io_imp and supp ({name} is missing)",
        )
        for name in ("io", "io_reg", "io_imp", "supp")
    ]
    (own, away, foreign, supply), told = zip(*(_cube(f) for f in files), strict=True)
    final = [w for w, _, _ in _FINAL]
    industries = [c for c, _, _ in barred(_SECTORS)]
    s = len(industries)
    return Cubes(
        own=own(industries, industries),
        away=away(industries, industries),
        foreign=foreign(industries, industries),
        own_final=own(industries, final),
        away_final=away(industries, final),
        foreign_final=foreign(industries, final),
        sent=own(industries, [_AWAY])[:, :, 0],
        exports=own(industries, [_ABROAD])[:, :, 0],
        passed=away(industries, [_ABROAD])[:, :, 0],
        value_added=own([w for w, _, _ in _VALUE_ADDED], industries),
        output=own([_OUTPUT], industries).reshape(-1, s),
        supply=supply(industries, industries),
        findings=tuple(f for found in told for f in found),
    )


def _cube(file: Path) -> tuple[Any, list[Finding]]:
    """A function (rows, columns) -> [R, rows, columns] of a long table (labels by how they begin), and
    what was found.
    """
    data = frame(file)
    missing = [c for c in ("REG", "COM", "IND", "value") if c not in data.columns]
    if missing:
        raise BookError(
            f"{file}: column {', '.join(missing)} is missing. Give the long table as published."
        )
    regions = [c for c, *_ in barred(_REGIONS)]
    place, product, use = (list(map(cell_label, data[c])) for c in ("REG", "COM", "IND"))
    unknown = sorted(set(place) - set(regions))
    lost = sorted(set(regions) - set(place))
    if unknown or lost:
        raise BookError(
            f"{file}: regions unknown: {unknown or 'none'}; missing: {lost or 'none'}. Give all 19."
        )
    grid, found = filled(data[["value"]], str(file))
    raise_findings(found, BookError, head=f"{file} cannot be used:")
    values = grid[:, 0]
    where = np.array([regions.index(r) for r in place])
    coded = [np.unique(np.asarray(c, str), return_inverse=True) for c in (place, product, use)]
    columns = [(codes.astype(np.int32), len(names)) for names, codes in coded]
    found += repeats(str(file), columns, values, np.arange(len(values)), lines_of(data))

    def take(rows: list[str], columns: list[str]) -> Floats:
        row_of, column_of = _starts(product, rows), _starts(use, columns)
        i, j = np.array([row_of[c] for c in product]), np.array([column_of[c] for c in use])
        out = np.zeros((len(regions), len(rows), len(columns)))
        hit = (i >= 0) & (j >= 0)
        np.add.at(out, (where[hit], i[hit], j[hit]), values[hit])
        return out

    return take, [*data.attrs.get("findings", ()), *found]


def _starts(labels: list[str], wanted: list[str]) -> dict[str, int]:
    """label -> index of the wanted word it begins with, -1 for none; a number must end there."""
    out = {}
    for label in set(labels):
        fits = [
            i
            for i, w in enumerate(wanted)
            if label == w.strip() or label.startswith(w if w[-1] == " " else f"{w} ")
        ]
        fits += [i for i, w in enumerate(wanted) if not fits and not w[0].isdigit() and label.startswith(w)]
        out[label] = fits[0] if fits else -1
    return out


def sectors_of() -> tuple[Sector, ...]:
    """The 30 industries; their codes are divisions of NACE Rev. 2."""
    return tuple(
        classes.sector(code, Text(en, zh), "33" if code.startswith("68") else classes.of_isic(code))
        for code, en, zh in barred(_SECTORS)
    )


def origins(c: Cubes, km: Floats | None, exponent: float) -> Fit:
    """[R K, R K] what each node sends to each (region, product): rows are nodes, columns what a region
    takes in.

    Regions take in products, nodes are industries, and most industries make several products: the seed
    is what each node makes of each product (the supply table), so both published margins are met at
    once; a hundredth of every node's output may be of any product, without which the margins contradict
    the table.
    """
    r, k = c.sent.shape
    taken = c.away.sum(axis=2) + c.away_final.sum(axis=2) + c.passed
    far = np.ones((r, r)) if km is None else (km / np.median(km)) ** -exponent
    np.fill_diagonal(far, 0.0)
    wide = c.supply.sum(axis=1)[:, None, :] * (taken.sum(axis=0) / taken.sum())[None, :, None]
    makes = (1 - _BESIDES) * c.supply + _BESIDES * wide
    seed = np.einsum("rki,rj->rijk", makes, far).reshape(r * k, r * k)
    rows, columns = c.sent.ravel(), taken.ravel()
    seed = seed * np.outer(rows > 0, columns > 0)
    return ipf(
        seed,
        rows * columns.sum() / rows.sum(),
        columns,
        tolerance=1e-9,
        what="trade between Finland's regions",
    )


def _table(
    c: Cubes, fit: Fit, regions: tuple[Region, ...], sectors: tuple[Sector, ...], far: bool
) -> Table:
    r, k = c.output.shape
    n, f = r * k, len(_FINAL)
    total = fit.matrix.sum(axis=0)
    mix = ratio(fit.matrix, total).reshape(r, k, r, k)
    z, y = np.zeros((r, k, r, k)), np.zeros((r, k, r, f))
    here = np.arange(r)
    z[here, :, here, :] += c.own
    y[here, :, here, :] += c.own_final
    z += np.einsum("rijp,jps->rijs", mix, c.away, optimize=True)
    y += np.einsum("rijp,jps->rijs", mix, c.away_final, optimize=True)
    exports = c.exports + np.einsum("rijp,jp->ri", mix, c.passed)
    imports, final_imports = np.zeros((k, r, k)), np.zeros((k, r, f))
    imports += c.foreign.transpose(1, 0, 2)
    final_imports += c.foreign_final.transpose(1, 0, 2)
    how = (
        Text("by distance", "按距离")
        if far
        else Text("in proportion to both, without distance", "与两端成比例，不计距离")
    )
    text = Text(
        f"origins of goods from other regions fitted to what nodes send and regions take, {how.en}",
        f"外地货物的来源按各地区调出、调入总额拟合（{how.zh}）",
    )
    moved = float(fit.matrix.sum() / c.output.sum())
    published = as_published((_SOURCE,))
    return Table(
        file="the tables of Finland",
        name=_SOURCE,
        title=Text("Finland 2014: 19 regions, 30 industries", "芬兰 2014：19 地区、30 行业"),
        unit="m EUR",
        currency="EUR",
        year=2014,
        regions=regions,
        sectors=sectors,
        categories=tuple((code, name) for _, code, name in _FINAL),
        value_added_labels=tuple((code, name) for _, code, name in _VALUE_ADDED),
        node_region=np.repeat(here, k),
        node_sector=np.tile(np.arange(k), r),
        flows=z.reshape(n, n),
        final=y.reshape(n, r * f),
        final_region=np.repeat(here, f),
        final_category=np.tile(np.arange(f), r),
        imports=imports.reshape(k, n),
        final_imports=final_imports.reshape(k, r * f),
        exports=exports.ravel(),
        output=c.output.ravel(),
        value_added=c.value_added.transpose(1, 0, 2).reshape(len(_VALUE_ADDED), n),
        sources=(
            Source(
                _SOURCE,
                "Regional input-output tables of Finland 2014 (Honkatukia et al. 2019)",
                "Statistics Finland; data of the model FINAGE-Regional",
                "reference year 2014",
                "https://github.com/pttry/alta",
                Grade.C,
                "balanced by its authors",
                "open, with reference to Honkatukia et al. (2019)",
            ),
        ),
        grades={
            "use by region": Grade.C,
            "origins of goods from other regions": Grade.D if far else Grade.E,
        },
        history=(*published, Operation("markets", text, moved, (_SOURCE,))),
        findings=c.findings,
    )
