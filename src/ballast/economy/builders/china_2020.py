"""The book china-2020: 31 provinces x 42 sectors, non-competitive, 10,000 CNY at 2020 producer prices.

    structure   who makes how much: value added by province and sector, then output
    components  labour, net taxes, depreciation, surplus
    exports     2017 shares of the provinces in the exports of each sector
    demand      recipes of each province fitted to the national columns, and final use
    trade       who buys from whom (china_trade)
    assemble    the economy, its grades and sources

Every national total is met exactly: output, value added, exports, each cell of the 42 x 42 tables of home
and of imported use, and final use by category, are the sums over the provinces.

`python -m ballast.economy.builders.china_2020 DIR OUT [PAGE]` builds the book in OUT from DIR.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ballast.economy.builders import china_names as names
from ballast.economy.builders.china_held_out import held_out
from ballast.economy.builders.china_read import (
    BLOCKS,
    CODES,
    Facts,
    National,
    Provinces,
    read,
)
from ballast.economy.builders.china_trade import POWER, stays_2017, trade
from ballast.economy.builders.report import BuildReport, Change, Step, Table, fill
from ballast.economy.economy import Carrier, Economy, Floats
from ballast.economy.regionalise import allocate, ipf, recipes
from ballast.evidence import Grade, Source
from ballast.text import Text

COAL, CEMENT, METALS, VEHICLES = 1, 12, 13, 17
WEAK = (1, 2, 10)  # coal, oil and gas, refining: no fact supports their place
OFFICIAL = (0, 26, 27, 28, 29, 31, 32)  # value added by province is itself published
LOCAL_FINAL = (25, 26, 32, 36, 37, 38, 39, 41)  # used where made: final use follows what is left at home
VEHICLES_2020 = 24_625_000.0  # national output of motor vehicles, units; eight provinces are not listed
EXPORT_CEILING = 0.9  # of a node's output
FACT_CEILING = 0.6  # of a province's industrial value added, for the sectors placed by physical output
INPUT_RANGE = (0.5, 2.0)  # inputs per value added of a province, relative to the country
SMALLEST = 1e-6  # of a national sector; a smaller node is left out
POWER_ROUNDS = 40
MOST_CHANGES = 25


@dataclass(frozen=True, eq=False)
class Structure:
    """[P, S] value added and output, with the steps and changes that led there."""

    value_added: Floats
    output: Floats
    steps: tuple[Step, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, eq=False)
class Demand:
    """Use of home and imported goods: `use` [P, K, S], `final` [P, K, 5], and the same from abroad."""

    use: Floats
    use_imports: Floats
    final: Floats
    final_imports: Floats
    steps: tuple[Step, ...]

    @property
    def home(self) -> Floats:
        """[P, K] all purchases of home goods."""
        return np.asarray(self.use.sum(axis=2) + self.final.sum(axis=2))


def build(folder: Path) -> tuple[Economy, BuildReport]:
    """The economy and the account of how it was made, from the folder of source tables."""
    national, provinces, facts = read(folder)
    made = structure(national, provinces, facts)
    added = components(national, provinces, made.value_added)
    sold_abroad = exports(national, provinces, made.output)
    wanted = demand(national, provinces, facts, made, sold_abroad)
    keep_out, keep_in, transit = stays_2017(provinces)
    supply = made.output - sold_abroad
    flows = trade(supply, wanted.home, (keep_out, keep_in), facts)
    economy = assemble(made, added, sold_abroad, wanted, flows, facts, provinces)
    return economy, _report(
        economy, made, wanted, flows, transit, national, provinces, facts, held_out(folder)
    )


# ---- who makes how much ----------------------------------------------------------------------


def structure(national: National, provinces: Provinces, facts: Facts) -> Structure:
    """Value added [P, S]: 2017 structure fitted to national sectors and province blocks; then output."""
    seed = _seed(national, provinces)
    va_sector = national.value_added.sum(axis=0)
    inputs_per_va = _inputs_per_va(national, provinces)
    fixed = {k: share * national.output[k] for k, share in fact_shares(national, provinces, facts).items()}
    added, steps, changes = np.zeros_like(seed), [], []
    for b, (block, sectors) in enumerate(BLOCKS.items()):
        total = facts.blocks[:, b] * (va_sector[sectors].sum() / facts.blocks[:, b].sum())
        known = {
            k: _value_added_of_output(fixed[k], inputs_per_va[:, k], va_sector[k])
            for k in fixed
            if k in sectors
        }
        if known:
            known = _under_ceiling(known, total)
        rest = [k for k in sectors if k not in known]
        left = total - sum(known.values(), start=np.zeros_like(total))
        fit = ipf(seed[:, rest].T, va_sector[rest], left, what=f"value added, {block}")
        added[:, rest] = fit.matrix.T
        for k, values in known.items():
            added[:, k] = values
        steps.append(
            _block_step(block, fit.before, fit.after, facts.blocks[:, b].sum(), va_sector[sectors].sum())
        )
    output = _output(national, added, inputs_per_va)
    for k in range(len(CODES)):
        changes += _moves(
            Text("value added", "增加值"), k, seed[:, k] * va_sector[k] / seed[:, k].sum(), added[:, k]
        )
    return Structure(added, output, tuple(steps), tuple(changes))


def _seed(national: National, provinces: Provinces) -> Floats:
    """[P, S] where value added was made in 2017: the mean of a province's shares in value added and output.

    Two noisy readings of one thing; together they predicted 2017 from 2012 better than either alone.
    Scaled to the country's value added of 2020.
    """
    readings = [np.maximum(a, 0) for a in (provinces.value_added.sum(axis=1), provinces.output)]
    seed = np.mean([r / r.sum(axis=0) for r in readings], axis=0)
    return np.asarray(np.where(seed > SMALLEST, seed, 0.0) * national.value_added.sum(axis=0))


def _inputs_per_va(national: National, provinces: Provinces) -> Floats:
    """[P, S] intermediate inputs per unit of value added in 2017, kept near the country's."""
    added = provinces.value_added.sum(axis=1)
    inputs = provinces.output - added
    country = inputs.sum(axis=0) / added.sum(axis=0)
    own = np.divide(inputs, added, out=np.tile(country, (len(added), 1)), where=added > 0)
    return np.asarray(country * np.clip(own / country, *INPUT_RANGE))


def _share(values: Floats) -> Floats:
    return np.asarray(values / values.sum())


def fact_shares(national: National, provinces: Provinces, facts: Facts) -> dict[int, Floats]:
    """[P] shares of the provinces in output, by sector, where physical output says more than 2017 money."""
    old = {k: _share(_seed(national, provinces)[:, k]) for k in (CEMENT, METALS, VEHICLES)}
    q = facts.products
    cars = _cars(old[VEHICLES], q["motor_vehicles"])
    parts = (cars + old[VEHICLES]) / 2
    sheet = (_share(q["aluminium_products"]) + _share(q["copper_products"])) / 2
    by_detail = {
        CEMENT: [_share(q["cement"])] * 2 + [old[CEMENT], _share(q["flat_glass"]), *[old[CEMENT]] * 3],
        METALS: [_share(q[n]) for n in ("crude_steel", "steel_products", "pig_iron", "nonferrous10")]
        + [sheet],
        VEHICLES: [cars, parts, old[VEHICLES], old[VEHICLES], old[VEHICLES]],
    }
    shares = {k: _mixed(national, k, parts_) for k, parts_ in by_detail.items()}
    return {**shares, POWER: _share(facts.generation)}


def _cars(old: Floats, units: Floats) -> Floats:
    """Shares in whole vehicles: units say where, 2017 says what a unit is worth; geometric mean.

    The eight provinces that do not report share the rest of the national number by their 2017 share.
    """
    silent = units <= 0
    units = np.where(silent, (VEHICLES_2020 - units.sum()) * old / old[silent].sum(), units)
    return _share(np.sqrt(_share(units) * old))


def _mixed(national: National, k: int, parts: list[Floats]) -> Floats:
    weights = np.array([national.detail_va[c] for c in national.detail_of[k]])
    return np.asarray(_share(weights) @ np.array(parts))


def _value_added_of_output(output: Floats, inputs_per_va: Floats, total: float) -> Floats:
    """Value added output / (1 + c m) with one c for the country, so that the sum is `total`."""
    low, high = 1e-6, 1e6
    for _ in range(200):
        c = np.sqrt(low * high)
        low, high = (c, high) if (output / (1 + c * inputs_per_va)).sum() > total else (low, c)
    return np.asarray(
        output / (1 + low * inputs_per_va) * (total / (output / (1 + low * inputs_per_va)).sum())
    )


def _under_ceiling(known: dict[int, Floats], block: Floats) -> dict[int, Floats]:
    """No province gets more than FACT_CEILING of its industry from the sectors placed by fact."""
    over = np.maximum(sum(known.values(), start=np.zeros_like(block)) / (FACT_CEILING * block), 1.0)
    return {k: allocate(v.sum(), v, np.where(over > 1, v / over, np.inf)) for k, v in known.items()}


def _output(national: National, added: Floats, inputs_per_va: Floats) -> Floats:
    """Output = value added x (1 + c m) with one c a sector, so that the country's output is met."""
    raw = added * inputs_per_va
    inputs = national.output - national.value_added.sum(axis=0)
    return np.asarray(added + raw * (inputs / raw.sum(axis=0)))


def _block_step(block: str, before: float, after: float, provinces: float, country: float) -> Step:
    zh = {"va_industry": "工业", "va_other": "其他服务业"}.get(block, block.removeprefix("va_"))
    name = Text(f"value added, {block.removeprefix('va_').replace('_', ' ')}", f"增加值：{zh}")
    gap = f"{100 * (provinces / country - 1):+.1f}%"
    return Step(name, before, after, Text(f"provinces {gap} of national", f"各省合计较全国 {gap}"))


def _moves(step: Text, k: int, source: Floats, book: Floats) -> list[Change]:
    """The cells of one sector that moved, in money, largest first (compared at the national total)."""
    order = np.argsort(-np.abs(book - source), kind="stable")[:3]
    return [
        Change(step, f"{names.REGIONS[p].code}.{CODES[k]}", float(source[p]), float(book[p])) for p in order
    ]


def components(national: National, provinces: Provinces, added: Floats) -> Floats:
    """[P, 4, S] labour, net taxes, depreciation, surplus.

    Net taxes at the national rate, because the law is national (and negative for farming); the other
    three from 2017 shares of the province, fitted to national sums and the province's value added.
    """
    out = np.zeros((len(added), 4, added.shape[1]))
    for s in range(added.shape[1]):
        rate = national.value_added[:, s] / national.value_added[:, s].sum()
        out[:, 1, s] = rate[1] * added[:, s]
        rest = [0, 2, 3]
        old = np.maximum(provinces.value_added[:, rest, s], 0)
        mix = np.divide(old, old.sum(axis=1, keepdims=True), out=np.zeros_like(old), where=old > 0)
        seed = (0.9 * mix + 0.1 * rate[rest]) * added[:, [s]]
        left = added[:, s] - out[:, 1, s]
        fit = ipf(seed.T, national.value_added[rest, s], left, what=f"value added components, {CODES[s]}")
        out[:, rest, s] = fit.matrix.T
    return out


def exports(national: National, provinces: Provinces, output: Floats) -> Floats:
    """[P, K] exports: 2017 shares of the provinces, at most EXPORT_CEILING of output."""
    out = np.zeros_like(output)
    for k in range(output.shape[1]):
        weights = np.maximum(provinces.exports[:, k], 0)
        weights = _share(weights + 1e-3 * weights.sum() * _share(output[:, k]) + 1e-9 * output[:, k])
        weights = np.where(output[:, k] > 0, weights, 0.0)
        out[:, k] = allocate(
            national.exports[k], weights, EXPORT_CEILING * output[:, k], what=f"exports {CODES[k]}"
        )
    return out


# ---- who uses how much -----------------------------------------------------------------------


def demand(
    national: National, provinces: Provinces, facts: Facts, made: Structure, sold_abroad: Floats
) -> Demand:
    """Recipes and final use; electricity is brought to each province's consumption in GWh."""
    total = national.use + national.use_imports
    home = np.divide(national.use, total, out=np.zeros_like(total), where=total > 0)
    own = _own_recipes(provinces, facts)
    between = _between_grids(national, facts)
    use, moved = _recipes(own, total, made, between)
    final, final_abroad = final_use(national, provinces, facts, made, sold_abroad, use * home)
    target = _share(facts.consumption)
    first = gap = _power_gap(use * home, final, target)
    for _ in range(POWER_ROUNDS):
        factor = target / _share((use * home)[:, POWER].sum(axis=1) + final[:, POWER].sum(axis=1))
        own[:, POWER] *= factor[:, None]
        final[:, POWER] = _refit_final(final[:, POWER] * factor[:, None], national.final[POWER])
        use, _ = _recipes(own, total, made, between)
        gap = _power_gap(use * home, final, target)
    steps = (
        Step(
            Text("recipes", "投入结构"),
            moved,
            _recipe_gap(use, total, made),
            Text("before: share of inputs the fit moved", "之前：拟合移动的投入占比"),
        ),
        Step(
            Text("electricity use by province", "分省用电量"),
            first,
            gap,
            Text("purchases of 24 against GWh used", "第24部门购买额与用电量之比"),
        ),
    )
    return Demand(use * home, use * (1 - home), final, final_abroad, steps)


def _own_recipes(provinces: Provinces, facts: Facts) -> Floats:
    """[P, K, S] 2017 input columns; the coal that power stations burn follows thermal generation."""
    own = np.maximum(provinces.use, 0)
    column = own[:, :, POWER].sum(axis=1)
    coal = own[:, COAL, POWER].sum() / column.sum()
    own[:, COAL, POWER] = (
        coal * column * facts.thermal_share / np.average(facts.thermal_share, weights=column)
    )
    return np.asarray(own)


def _power_recipes(own: Floats, total: Floats, inputs: Floats, between: Floats) -> tuple[Floats, float]:
    """[P, K] inputs of electricity: `between` [P] is what grids buy of power stations, the rest fitted."""
    rest = np.where(np.arange(len(total)) == POWER, 0.0, total)
    fitted, moved = recipes(own.T, rest, inputs - between, what="recipes of electricity")
    fitted[POWER] = between
    return np.asarray(fitted.T), moved


def _between_grids(national: National, facts: Facts) -> Floats:
    """[P] electricity bought by electricity: half way between where it is made and where it is used.

    The national table books power stations' sales to the grid here, a third of all; placed by output alone
    it would eat most of what provinces that send power away use themselves.
    """
    middle = _share(np.sqrt(_share(facts.generation) * _share(facts.consumption)))
    return np.asarray(middle * (national.use + national.use_imports)[POWER, POWER])


def _recipes(own: Floats, total: Floats, made: Structure, between: Floats) -> tuple[Floats, float]:
    """[P, K, S] fitted to the national cells and each node's inputs; the share of inputs moved."""
    use, moved = np.zeros_like(own), 0.0
    for s in range(own.shape[2]):
        inputs = made.output[:, s] - made.value_added[:, s]
        if s == POWER:
            use[:, :, s], shifted = _power_recipes(own[:, :, s], total[:, s], inputs, between)
            moved += shifted
            continue
        fitted, shifted = recipes(own[:, :, s].T, total[:, s], inputs, what=f"recipes of {CODES[s]}")
        use[:, :, s], moved = fitted.T, moved + shifted
    return use, moved / total.sum()


def _recipe_gap(use: Floats, total: Floats, made: Structure) -> float:
    inputs = made.output - made.value_added
    safe = np.where(inputs > 0, inputs, 1.0)
    cells = np.where(total > 0, total, 1.0)
    return float(
        max(
            (np.abs(use.sum(axis=1) - inputs) / safe).max(),
            (np.abs(use.sum(axis=0) - total) / cells).max(),
        )
    )


def _power_gap(use: Floats, final: Floats, target: Floats) -> float:
    return float(np.abs(_share(use[:, POWER].sum(axis=1) + final[:, POWER].sum(axis=1)) / target - 1).max())


def _refit_final(lines: Floats, national: Floats) -> Floats:
    """[P, 5] rescaled so that each category sums to the country's."""
    sums = lines.sum(axis=0)
    return np.asarray(lines * np.divide(national, sums, out=np.zeros_like(sums), where=sums != 0))


def final_use(
    national: National,
    provinces: Provinces,
    facts: Facts,
    made: Structure,
    sold_abroad: Floats,
    use_home: Floats,
) -> tuple[Floats, Floats]:
    """[P, K, 5] final use of home and of imported goods.

    2017 shares of the provinces grown with nominal GDP; products used where they are made follow what is
    left at home after intermediate use; the change in inventories follows output.
    """
    final, abroad = np.zeros_like(provinces.final), np.zeros_like(provinces.final)
    gdp = _share(facts.blocks.sum(axis=1))
    for k in range(final.shape[1]):
        weights = np.maximum(provinces.final[:, k, :4], 0) * facts.growth[:, None]
        weights = np.where(weights.sum(axis=0) > 0, weights, gdp[:, None])
        shares = weights / weights.sum(axis=0)
        shares = 0.98 * shares + 0.02 * gdp[:, None]
        lines = shares * national.final[k, :4]
        if k in LOCAL_FINAL:
            left = made.output[:, k] - sold_abroad[:, k] - use_home[:, k].sum(axis=1)
            lines = _local(lines, left)
        final[:, k, :4] = lines
        final[:, k, 4] = _share(made.output[:, k]) * national.final[k, 4]
        abroad[:, k, :4] = shares * national.final_imports[k, :4]
        abroad[:, k, 4] = gdp * national.final_imports[k, 4]
    return final, abroad


def _local(lines: Floats, left: Floats) -> Floats:
    """Final lines [P, 4] moved to where the product is left over, each category's sum kept."""
    if lines.sum() <= 0:
        return lines
    now = lines.sum(axis=1)
    target = np.maximum(left, 0.25 * now)
    target *= lines.sum() / target.sum()
    seed = lines + 1e-6 * target[:, None] * (lines.sum(axis=0) > 0)
    return ipf(seed, target, lines.sum(axis=0), what="final use of local products").matrix


# ---- the economy -----------------------------------------------------------------------------


def assemble(
    made: Structure,
    added: Floats,
    sold_abroad: Floats,
    wanted: Demand,
    flows: Floats,
    facts: Facts,
    provinces: Provinces,
) -> Economy:
    """Nodes province by province, those that make nothing left out; one market a (product, province)."""
    p, k = made.output.shape
    region, sector = np.nonzero(made.output > 0)
    number = np.full((p, k), -1)
    number[region, sector] = np.arange(len(region))
    return Economy(
        name="china-2020",
        title=Text("China 2020: 31 provinces, 42 sectors", "中国 2020：31 省区市、42 部门"),
        unit="10k CNY",
        currency="CNY",
        year=2020,
        regions=names.REGIONS,
        sectors=names.SECTORS,
        categories=names.CATEGORIES,
        value_added_labels=names.VALUE_ADDED,
        node_region=region.astype(np.int32),
        node_sector=sector.astype(np.int32),
        output=made.output[region, sector],
        exports=sold_abroad[region, sector],
        value_added=added[region, :, sector].T,
        **_slots(wanted, number),
        **_final_lines(wanted),
        **_markets(flows, number),
        grades=GRADES,
        sources=SOURCES,
        node_grade=tuple(
            _grade(q, s, provinces) for q, s in zip(region.tolist(), sector.tolist(), strict=True)
        ),
        carriers=(
            Carrier("electricity", Text("Electricity", "电力"), POWER, "GWh", facts.consumption, Grade.B),
        ),
    )


def _slots(wanted: Demand, number: Any) -> dict[str, Any]:
    """Slots node by node, product by product."""
    region, sector, product = np.nonzero((wanted.use + wanted.use_imports).transpose(0, 2, 1) > 0)
    return {
        "slot_product": product,
        "slot_node": number[region, sector],
        "slot_market": product * number.shape[0] + region,
        "slot_domestic": wanted.use[region, product, sector],
        "slot_imports": wanted.use_imports[region, product, sector],
    }


def _final_lines(wanted: Demand) -> dict[str, Any]:
    region, product, category = np.nonzero((wanted.final != 0) | (wanted.final_imports != 0))
    return {
        "final_product": product,
        "final_region": region,
        "final_category": category,
        "final_market": product * wanted.final.shape[0] + region,
        "final_domestic": wanted.final[region, product, category],
        "final_imports": wanted.final_imports[region, product, category],
    }


def _markets(flows: Floats, number: Any) -> dict[str, Any]:
    """Market product x 31 + province; `flows` [3, K, from, to] give its low, central and high shares."""
    share = flows / flows.sum(axis=2, keepdims=True)
    low, central, high = share.transpose(0, 1, 3, 2)  # [product, to, from]
    product, to, origin = np.nonzero((low > 0) | (central > 0) | (high > 0))
    markets = number.shape[1] * number.shape[0]
    counts = np.bincount(product * number.shape[0] + to, minlength=markets)
    return {
        "market_ptr": np.concatenate([[0], np.cumsum(counts)]),
        "market_supplier": number[origin, product],
        "market_share": central[product, to, origin],
        "share_low": low[product, to, origin],
        "share_high": high[product, to, origin],
    }


# ---- evidence --------------------------------------------------------------------------------


def _grade(province: int, sector: int, provinces: Provinces) -> Grade:
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
        "2022",
        "https://github.com/Carol-seven/ionet",
        Grade.B,
        "read in a public R package; original at stats.gov.cn",
    ),
    Source(
        "prov-io-2017",
        "Input-output tables of 31 provinces 2017, 42 sectors",
        "Provincial bureaus of statistics",
        "2020",
        "https://github.com/common2016/CHNIO",
        Grade.B,
        "read in a public R package",
    ),
    Source(
        "nbs-va-2020",
        "Value added of provinces by nine industries, 2020",
        _NBS,
        "2023",
        "https://github.com/Liushenwuzhu-Alpaca/province-economy",
        Grade.B,
        "export of data.stats.gov.cn",
    ),
    Source(
        "nbs-products-2020",
        "Output of vehicles, steel, metals, cement, glass and electricity by province, 2020",
        _NBS,
        "2021",
        "https://github.com/energyandcleanair/china_co2",
        Grade.B,
        "only shares are used",
    ),
    Source(
        "power-lines",
        "Transmission capacity between provinces; GDP of provinces",
        "Potsdam Institute for Climate Impact Research, PyPSA-China-PIK",
        "2025",
        "https://github.com/pik-piam/PyPSA-China-PIK",
        Grade.C,
        "recent lines, some built after 2020",
    ),
    Source(
        "capitals",
        "Coordinates of provincial capitals; distances computed from them",
        "transportation_networks_of_china",
        "2020",
        "https://github.com/malin84/transportation_networks_of_china",
        Grade.C,
    ),
)


# ---- the account -----------------------------------------------------------------------------


def _report(
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
    rows = [
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
        Text("low exponent", "低指数"),
        Text("central", "中"),
        Text("high exponent", "高指数"),
    )
    title = Text("Share bought inside the own province", "本省内采购占比")
    return Table(title, heads, tuple(rows))


def _vehicles_table(made: Structure, national: National, provinces: Provinces, facts: Facts) -> Table:
    old = _share(_seed(national, provinces)[:, VEHICLES])
    cars = _cars(old, facts.products["motor_vehicles"])
    new = _share(made.output[:, VEHICLES])
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
            "Distance exponents 0.6, 1.0, 1.5 and the weight of gravity in what stays at home.",
            "距离指数 0.6、1.0、1.5，以及引力模型在本省留存中的权重。",
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


def main(arguments: list[str]) -> int:
    from ballast.economy.book import book_hash, save

    economy, report = build(Path(arguments[0]))
    save(economy, arguments[1])
    if len(arguments) > 2:
        page = Path(arguments[2])
        page.write_text(fill(page.read_text(encoding="utf-8"), report), encoding="utf-8")
    print(report)
    print(book_hash(economy))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
