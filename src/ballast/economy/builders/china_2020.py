"""The book china-2020: 31 provinces x 42 sectors, non-competitive, 10,000 CNY at 2020 producer prices.

    china_read      the source tables as arrays
    china_make      who makes how much: value added and its components, output, exports
    china_use       who uses how much: recipes fitted to the national columns, and final use
    china_trade     what stays in its province, and electricity along its lines
    china_energy    carriers, power stations, lines and ways between provinces
    china_evidence  grades and sources
    china_account   the report
    here            the steps in order; trade and the economy are `interregional`'s, as for any country

Every national total is met exactly: output, value added, exports, each cell of the 42 x 42 tables of home
and of imported use, and final use by category, are the sums over the provinces.

`python -m ballast.economy.builders.china_2020 DIR OUT [PAGE]` builds the book in OUT from DIR.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from ballast import terminal
from ballast.economy.builders import china_energy
from ballast.economy.builders.china_account import account
from ballast.economy.builders.china_evidence import GRADES, SOURCES, grade, history
from ballast.economy.builders.china_held_out import held_out
from ballast.economy.builders.china_make import (
    components,
    exports,
    structure,
)
from ballast.economy.builders.china_read import read
from ballast.economy.builders.china_trade import EXPONENTS, POWER, electricity, stays
from ballast.economy.builders.china_use import demand
from ballast.economy.builders.report import BuildReport, fill
from ballast.economy.economy import Economy
from ballast.economy.names import china as names
from ballast.economy.regions.trade import Split, assemble, trade
from ballast.text import Text


def build(folder: Path) -> tuple[Economy, BuildReport]:
    """The economy and the account of how it was made, from the folder of source tables."""
    national, provinces, facts = read(folder)
    made = structure(national, provinces, facts)
    added = components(national, provinces, made.value_added)
    sold_abroad = exports(national, provinces, made.output)
    wanted = demand(national, provinces, facts, made, sold_abroad)
    split = Split(
        made.output, sold_abroad, added, wanted.use, wanted.use_imports, wanted.final, wanted.final_imports
    )
    kept, transit = stays(split, provinces)
    flows, _ = trade(split, facts.distance, EXPONENTS, kept, {POWER: electricity(split, facts)})
    economy = assemble(
        split,
        flows,
        names.REGIONS,
        name="china-2020",
        title=Text("China 2020: 31 provinces, 42 sectors", "中国 2020：31 省区市、42 部门"),
        unit="10k CNY",
        currency="CNY",
        year=2020,
        sectors=names.SECTORS,
        categories=names.CATEGORIES,
        value_added_labels=names.VALUE_ADDED,
        grades=GRADES,
        sources=SOURCES,
        history=history(wanted.steps[0].before),
        node_grade=tuple(grade(p, s, provinces) for p, s in np.argwhere(made.output > 0).tolist()),
        carriers=china_energy.carriers(facts, wanted),
        facts=china_energy.facts(folder, facts),
    )
    return economy, account(
        economy, made, wanted, flows, transit, national, provinces, facts, held_out(folder)
    )


def main(arguments: list[str]) -> int:
    from ballast.economy.book import book_hash, save

    economy, report = build(Path(arguments[0]))
    save(economy, arguments[1])
    if len(arguments) > 2:
        page = Path(arguments[2])
        page.write_text(fill(page.read_text(encoding="utf-8"), report), encoding="utf-8", newline="\n")
    terminal.say([*str(report).split("\n"), book_hash(economy)])
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
