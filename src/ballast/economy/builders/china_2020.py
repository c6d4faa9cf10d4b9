"""The book china-2020: 31 provinces x 42 sectors, non-competitive, 10,000 CNY at 2020 producer prices.

    china_read      the source tables as arrays
    china_make      who makes how much: value added and its components, output, exports
    china_use       who uses how much: recipes fitted to the national columns, and final use
    china_trade     who buys from whom
    china_energy    carriers, power stations, lines and ways between provinces
    china_evidence  grades and sources
    china_account   the report
    here            the steps in order, and the economy put together

Every national total is met exactly: output, value added, exports, each cell of the 42 x 42 tables of home
and of imported use, and final use by category, are the sums over the provinces.

`python -m ballast.economy.builders.china_2020 DIR OUT [PAGE]` builds the book in OUT from DIR.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ballast.economy.builders import china_energy
from ballast.economy.builders import china_names as names
from ballast.economy.builders.china_account import account
from ballast.economy.builders.china_evidence import GRADES, SOURCES, grade, history
from ballast.economy.builders.china_held_out import held_out
from ballast.economy.builders.china_make import (
    Structure,
    components,
    exports,
    structure,
)
from ballast.economy.builders.china_read import Provinces, read
from ballast.economy.builders.china_trade import stays_2017, trade
from ballast.economy.builders.china_use import Demand, demand
from ballast.economy.builders.report import BuildReport, fill
from ballast.economy.economy import Economy, Floats
from ballast.text import Text


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
    economy = replace(
        assemble(made, added, sold_abroad, wanted, flows, provinces),
        carriers=china_energy.carriers(facts, wanted),
        facts=china_energy.facts(folder, facts),
    )
    return economy, account(
        economy, made, wanted, flows, transit, national, provinces, facts, held_out(folder)
    )


def assemble(
    made: Structure,
    added: Floats,
    sold_abroad: Floats,
    wanted: Demand,
    flows: Floats,
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
        history=history(wanted.steps[0].before),
        node_grade=tuple(
            grade(q, s, provinces) for q, s in zip(region.tolist(), sector.tolist(), strict=True)
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
