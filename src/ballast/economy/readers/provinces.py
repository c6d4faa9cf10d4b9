"""China's provincial tables: one long file (year, province, row, col, value), codes as in the national
tables; 10,000 CNY, or what the head of the values or a column `unit` says (value_100m_cny).

Every province books what it uses from anywhere, what it sends out (OF) and takes in (IF) within the
country, and its trade abroad. `read` joins them into one table of all provinces:

    1. goods that only pass through are taken out of both sides (`regionalise.net_transit`)
    2. what all send out and what all take in are brought to the smaller of the two, product by product;
    the rest
       counts as trade with somewhere else (exports or imports), so every province keeps its own totals
    3. who sends to whom is fitted by gravity to these margins, with distance where a file of it is given

Tables before 2017 have another list of 42 sectors, and are read with it. With --region one province is
read alone: its trade with the others counts as exports and imports.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ballast.arrays import Floats, ratio
from ballast.economy.economy import COUNTRY, Region
from ballast.economy.names.china import REGIONS, SECTORS, SECTORS_BEFORE_2017, SOURCE_NAMES
from ballast.economy.names.matcher import Names
from ballast.economy.readers.nbs import FINAL, PUBLISHED_IN, VALUE_ADDED
from ballast.economy.readers.repeats import repeats
from ballast.economy.readers.table import DISCREPANCY, INVENTORIES, Table, as_published
from ballast.economy.regions.distances import distances
from ballast.economy.regions.fitting import gravity, net_transit
from ballast.economy.sheets.cells import filled
from ballast.economy.sheets.encoded import lines_of
from ballast.economy.sheets.files import frame, locate, year_in
from ballast.economy.sheets.labels import cell_label
from ballast.economy.sheets.said import Unit, money_of
from ballast.economy.sheets.stated import rows_of_year, units_stated, unlike_name
from ballast.errors import BookError, Finding, raise_findings
from ballast.evidence import Grade, Operation, Source
from ballast.text import Text

TITLES = {
    "nbs-province": Text(
        "China, provincial tables (provincial bureaus)", "中国分省投入产出表（各省统计局）"
    )
}
OPTIONS = ("year", "region", "distance", "exponent")
MANY = False

_CODES = [s.code for s in SECTORS]
_COLUMNS = ("FU101", "FU102", "FU103", "FU201", "FU202")
_TAIL = ("GO", "EX", "IM", "OF", "IF", "ERR")
CEILING = 0.98  # of what can leave, or be brought in
MOST_ROUNDS = 1000


@dataclass(frozen=True, eq=False)
class Provinces:
    """Tables of R provinces: `use` [R, K, S] and `final` [R, K, 5] of goods from anywhere, totals [R,
    K].
    """

    names: list[str]
    use: Floats
    final: Floats
    added: Floats  # [R, V, S]
    output: Floats
    exports: Floats
    imports: Floats
    sent: Floats
    taken: Floats
    error: Floats
    year: int | None = None  # as a column or an option says
    money: Unit = PUBLISHED_IN
    findings: tuple[Finding, ...] = ()


def read(
    path: Path,
    *,
    year: int | None = None,
    region: str | None = None,
    distance: Path | None = None,
    exponent: float = 1.0,
) -> Table:
    """All provinces in `path`, or the one called `region`."""
    file = locate(path, f"*prov*{year or ''}*", what="the long file of provincial tables")
    p = _cubes(file, year)
    when = p.year or year_in(file)
    regions = tuple(REGIONS[SOURCE_NAMES.index(n)] for n in p.names)
    if region is not None:
        alone, place = _one(p, regions, region)
        return _joined(alone, place, when, file, np.ones((1, 1)), 0.0)
    told: list[Finding] = []
    km = np.ones((len(regions),) * 2) if distance is None else distances(distance, regions, told)
    p = replace(p, findings=(*p.findings, *told))
    return _joined(p, regions, when, file, km, exponent if distance is not None else 0.0)


def _one(p: Provinces, regions: tuple[Region, ...], name: str) -> tuple[Provinces, tuple[Region, ...]]:
    """One province; what it sends and takes in counts as trade abroad."""
    known = Names("region", regions)
    at = known.find(name)
    if at is None:
        like = [p.code for p in known.propose(name)] or [r.code for r in regions[:5]]
        raise BookError(f"no province {name!r} in these tables. Did you mean {' or '.join(like)}?")
    here = slice(at, at + 1)
    arrays = [f for f in Provinces.__dataclass_fields__ if f not in ("names", "year", "money", "findings")]
    alone = replace(p, names=[p.names[at]], **{f: getattr(p, f)[here] for f in arrays})
    nothing = np.zeros_like(alone.sent)
    return (
        replace(
            alone,
            exports=alone.exports + alone.sent,
            imports=alone.imports + alone.taken,
            sent=nothing,
            taken=nothing,
        ),
        (regions[at],),
    )


def _cubes(file: Path, year: int | None = None) -> Provinces:
    whole = frame(file)
    data, when, noted = rows_of_year(whole, file, year)
    raise_findings(unlike_name(file, when, year), BookError, head=f"{file} cannot be used:")
    value = next((c for c in data.columns if str(c).startswith("value")), None)
    missing = [c for c in ("province", "row", "col") if c not in data.columns] + (
        [] if value else ["value"]
    )
    if missing:
        raise BookError(
            f"{file}: column {', '.join(missing)} is missing. A long table has province, row, col, value."
        )
    money, told = money_of(str(value), units_stated(data, file), PUBLISHED_IN, f"{file}, column {value}")
    raise_findings(told, BookError, head=f"{file} cannot be used:")
    place, product, use = (list(map(_padded, data[c])) for c in ("province", "row", "col"))
    unknown = sorted(set(place) - set(SOURCE_NAMES))
    if unknown:
        raise BookError(
            f"{file}: no such province: {', '.join(unknown[:5])}. Write {', '.join(SOURCE_NAMES[:3])} ..."
        )
    names = [n for n in SOURCE_NAMES if n in set(place)]
    rows, columns = [*_CODES, *VALUE_ADDED], [*_CODES, *_COLUMNS, *_TAIL]
    cube = np.zeros((len(names), len(rows), len(columns)))
    grid, found = filled(data[[value]], str(file))
    raise_findings(found, BookError, head=f"{file} cannot be used:")
    amount = grid[:, 0]
    index = [
        np.array([where.get(label, -1) for label in labels])
        for labels, where in (
            (place, {n: i for i, n in enumerate(names)}),
            (product, {c: i for i, c in enumerate(rows)}),
            (use, {c: i for i, c in enumerate(columns)}),
        )
    ]
    known = np.all(np.array(index) >= 0, axis=0)
    sizes = (len(names), len(rows), len(columns))
    found += repeats(
        str(file),
        [(i.astype(np.int32), size) for i, size in zip(index, sizes, strict=True)],
        amount,
        np.flatnonzero(known),
        lines_of(data),
    )
    np.add.at(cube, tuple(i[known] for i in index), amount[known])
    k = len(_CODES)
    empty = [n for n, c in zip(names, cube, strict=True) if c[:k, k + len(_COLUMNS)].sum() <= 0]
    if empty:
        raise BookError(f"{file}: no output (column GO) for {', '.join(empty[:5])}. Give the whole tables.")
    goods = cube[:, :k]
    tail = {c: goods[:, :, k + len(_COLUMNS) + i] for i, c in enumerate(_TAIL)}
    return Provinces(
        names, goods[:, :, :k], goods[:, :, k : k + len(_COLUMNS)], cube[:, k:, :k],
        tail["GO"], tail["EX"], tail["IM"], tail["OF"], tail["IF"], tail["ERR"], when,
        money, (*whole.attrs.get("findings", ()), *noted, *told, *found),
    )  # fmt: skip


def _padded(value: Any) -> str:
    text = cell_label(value)
    return text.zfill(2) if text.isdigit() else text


@dataclass(frozen=True, eq=False)
class _Trade:
    """Who sends what to whom [K, R, R], trade with elsewhere [R, K], and the money of each step."""

    flows: Floats
    exports: Floats
    imports: Floats
    transit: float
    unmatched: float


def _trade(p: Provinces, km: Floats, exponent: float) -> _Trade:
    """Margins made consistent, and gravity between the provinces."""
    base = np.maximum(p.use, 0).sum(axis=2) + np.maximum(p.final[:, :, :4], 0).sum(axis=2)
    sold_abroad, bought = np.minimum(np.maximum(p.exports, 0), p.output), np.maximum(p.imports, 0)
    sent, taken, transit = net_transit(
        np.maximum(p.output - sold_abroad, 0), np.maximum(base - bought, 0), np.maximum(p.sent, 0),
        np.maximum(p.taken, 0), ceiling=CEILING,
    )  # fmt: skip
    r, k = p.output.shape
    flows = np.zeros((k, r, r))
    apart = 1.0 - np.eye(r)
    unmatched = 0.0
    exports, imports = sold_abroad.copy(), bought.copy()
    for product in range(k):
        out, into = sent[:, product], taken[:, product]
        total = min(out.sum(), into.sum())
        if total <= 0 or (out > 0).sum() < 2:
            exports[:, product] += out
            imports[:, product] += into
            unmatched += out.sum() + into.sum()
            continue
        both = _apart(out * (total / out.sum()), into * (total / into.sum()))
        exports[:, product] += out - both[0]
        imports[:, product] += into - both[1]
        unmatched += (out - both[0]).sum() + (into - both[1]).sum()
        what = f"trade between provinces in product {_CODES[product]}"
        flows[product] = gravity(*both, km, exponent, weight=apart, what=what).matrix
    return _Trade(flows, exports, imports, float(transit.sum()), float(unmatched))


def _apart(supply: Floats, demand: Floats) -> tuple[Floats, Floats]:
    """Margins that flows between different places can meet: nobody sends more than the others take."""
    for _ in range(MOST_ROUNDS):
        sent = np.minimum(supply, CEILING * (demand.sum() - demand))
        taken = np.minimum(demand, CEILING * (supply.sum() - supply))
        total = min(sent.sum(), taken.sum())
        sent, taken = sent * (total / sent.sum()), taken * (total / taken.sum())
        still = np.allclose(sent, supply, rtol=1e-12) and np.allclose(taken, demand, rtol=1e-12)
        supply, demand = sent, taken
        if still:
            break
    return supply, demand


def _joined(
    p: Provinces, regions: tuple[Region, ...], year: int, file: Path, km: Floats, exponent: float
) -> Table:
    r, k = p.output.shape
    t = _trade(p, km, exponent)
    taken = t.flows.sum(axis=1).T  # [R, K]
    base = np.maximum(p.use, 0).sum(axis=2) + np.maximum(p.final[:, :, :4], 0).sum(axis=2)
    passed = np.clip(t.imports + taken - base, 0, t.exports)  # foreign goods sent on abroad
    imports, exports = t.imports - passed, t.exports - passed
    safe = np.where(base > 0, base, 1.0)
    abroad, away = (imports / safe).clip(0, 1)[:, :, None], (taken / safe)[:, :, None]
    away = np.minimum(away, 1 - abroad)
    mix = ratio(t.flows, taken.T[:, None, :])
    use, final = np.maximum(p.use, 0), np.maximum(p.final, 0)
    final[:, :, 4] = 0.0
    z, y = np.zeros((r, k, r, k)), np.zeros((r, k, r, len(_COLUMNS) + 1))
    here = np.arange(r)
    z[here, :, here, :] += p.use - use * (abroad + away)
    z += np.einsum("pij,jps->ipjs", mix, use * away, optimize=True)
    y[here, :, here, : len(_COLUMNS)] += p.final - final * (abroad + away)
    y[:, :, :, : len(_COLUMNS)] += np.einsum("pij,jps->ipjs", mix, final * away, optimize=True)
    y[here, :, here, len(_COLUMNS)] += p.error
    foreign, foreign_final = (use * abroad).transpose(1, 0, 2), np.zeros((k, r, len(_COLUMNS) + 1))
    foreign_final[:, :, : len(_COLUMNS)] = (final * abroad).transpose(1, 0, 2)
    n, f = r * k, len(_COLUMNS) + 1
    only = len(regions) == 1
    return Table(
        file=str(file),
        name=f"provinces-{year}" if not only else f"{regions[0].name.en.lower().replace(' ', '-')}-{year}",
        title=_title(regions, year),
        unit=p.money.unit,
        scope=Text(f"all {regions[0].name.en}", f"{regions[0].name.zh}全境") if only else COUNTRY,
        currency=p.money.currency,
        year=year,
        regions=regions,
        sectors=SECTORS if year >= 2017 else SECTORS_BEFORE_2017,
        categories=(*(FINAL[c] for c in _COLUMNS), DISCREPANCY),
        value_added_labels=tuple(VALUE_ADDED.values()),
        node_region=np.repeat(here, k),
        node_sector=np.tile(np.arange(k), r),
        flows=z.reshape(n, n),
        final=y.reshape(n, r * f),
        final_region=np.repeat(here, f),
        final_category=np.tile(np.arange(f), r),
        imports=foreign.reshape(k, n),
        final_imports=foreign_final.reshape(k, r * f),
        exports=exports.ravel(),
        output=p.output.ravel(),
        value_added=p.added.transpose(1, 0, 2).reshape(len(VALUE_ADDED), n),
        signed=(INVENTORIES[0], DISCREPANCY[0]),
        sources=(_source(year, len(regions), file),),
        grades={"tables of the provinces": Grade.B, "trade between provinces": Grade.E},
        history=_history(p, t, year, exponent, only),
        findings=p.findings,
    )


def _title(regions: tuple[Region, ...], year: int) -> Text:
    if len(regions) == 1:
        name = regions[0].name
        return Text(f"{name.en} {year}, 42 sectors", f"{name.zh} {year}，42 部门")
    return Text(
        f"China {year}: {len(regions)} provinces, 42 sectors",
        f"中国 {year}：{len(regions)} 省区市、42 部门",
    )


def _source(year: int, count: int, file: Path) -> Source:
    return Source(
        f"prov-io-{year}",
        f"Input-output tables of provinces {year}, 42 sectors ({count} read)",
        "Provincial bureaus of statistics",
        f"reference year {year}",
        "https://github.com/common2016/CHNIO",
        Grade.B,
        f"read in {file.name}",
        "package GPL-3; none stated for the figures",
    )


def _history(p: Provinces, t: _Trade, year: int, exponent: float, only: bool) -> tuple[Operation, ...]:
    source, total = (f"prov-io-{year}",), float(p.output.sum())
    steps = as_published(source)
    parted = Text(
        "imports and inflows parted from own goods: one share a product for every user in a province",
        "区分进口、外省流入与本省产品：省内每种产品对所有用户取同一比例",
    )
    steps.append(Operation("slots", parted, float((p.imports.sum() + p.taken.sum()) / total), source))
    if only:
        text = Text(
            "trade with other provinces counts as exports and imports", "与外省的流出流入计为出口和进口"
        )
        return (*steps, Operation("nodes", text, None, source))
    transit = Text("goods that only pass through a province taken out", "剔除仅过境的货物")
    lost = Text(
        "outflow and inflow that no other province books count as trade with elsewhere",
        "无对应省份的流出流入计为与外部的贸易",
    )
    fitted = Text(
        f"who sends to whom: gravity, exponent {exponent:g}", f"省际来源去向：引力模型，指数{exponent:g}"
    )
    texts = ((transit, t.transit), (lost, t.unmatched), (fitted, float(t.flows.sum())))
    return (*steps, *(Operation("markets", text, moved / total, source) for text, moved in texts))
