"""Energy and corridors of the book china-2020: what is known of power stations, lines and ways between
provinces.

    carriers      electricity in GWh as published; coal, oil products and gas by what is bought of them,
                  in money, because tonnes and cubic metres by province are not in the sources
    generation    power made in 2020 by kind (published), and the capacity of a recent list
    corridors     power lines with their capacity; roads and railways between neighbours with days by
                  distance

Nothing is published about what trucks and trains carry between two provinces: freight has days and no
capacity here. A desk that knows its shares adds them (`ballast book add`), and shocks of one mode then
act by them.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd

from ballast.economy.builders.china_read import Facts as Figures
from ballast.economy.builders.china_trade import POWER
from ballast.economy.builders.china_use import Demand
from ballast.economy.economy import Carrier
from ballast.economy.facts import Corridor, Facts, Generation
from ballast.economy.names.china import SOURCE_NAMES
from ballast.evidence import Grade
from ballast.text import Text

COAL, OIL, GAS = 1, 10, 24
# what the list of capacities calls a kind, and ours; thermal is all that burns
_KINDS = {
    "CHP coal": "thermal",
    "coal power plant": "thermal",
    "OCGT": "thermal",
    "hydroelectricity": "hydro",
    "nuclear": "nuclear",
    "onshore wind": "wind",
    "offshore wind": "wind",
    "solar PV": "solar",
}
KM_A_DAY = {"road": 600.0, "rail": 400.0, "water": 250.0}  # grade E: with loading, on the way
HANDLING = {"road": 0.5, "rail": 2.0, "water": 3.0}  # days at both ends, grade E


def carriers(figures: Figures, wanted: Demand) -> tuple[Carrier, ...]:
    """Electricity in GWh; coal, oil products and gas as money bought a year."""
    bought = (wanted.use + wanted.use_imports).sum(axis=2) + np.maximum(
        wanted.final + wanted.final_imports, 0
    ).sum(axis=2)
    return (
        Carrier("electricity", Text("Electricity", "电力"), POWER, "GWh", figures.consumption, Grade.B),
        *(
            Carrier(code, name, product, "10k CNY", np.ascontiguousarray(bought[:, product]), Grade.D)
            for code, name, product in (
                ("coal", Text("Coal", "煤炭"), COAL),
                ("oil", Text("Oil products", "成品油"), OIL),
                ("gas", Text("Gas", "燃气"), GAS),
            )
        ),
    )


def facts(folder: Path, figures: Figures) -> Facts:
    """Power stations and corridors."""
    return Facts(generation=_generation(folder, figures), corridors=(*_lines(figures), *_ways(folder)))


def _generation(folder: Path, figures: Figures) -> tuple[Generation, ...]:
    """One row a province and kind with any output or capacity."""
    listed = pd.read_csv(folder / "china_power/China_current_capacity.csv")
    listed["kind"] = listed["Type"].map(_KINDS)
    capacity = listed.dropna(subset="kind").groupby(["Province", "kind"])["Value"].sum()
    rows = []
    for p, province in enumerate(SOURCE_NAMES):
        for kind in ("thermal", "hydro", "nuclear", "wind", "solar"):
            made = float(figures.products[f"elec_{kind}"][p])
            megawatts = float(capacity.get((province, kind), 0.0))
            if made > 0 or megawatts > 0:
                rows.append(
                    Generation(
                        p, kind, megawatts or math.nan, made or math.nan, Grade.B if made > 0 else Grade.C
                    )
                )
    return tuple(rows)


def _lines(figures: Figures) -> tuple[Corridor, ...]:
    """Power lines in both directions, MW."""
    return tuple(
        Corridor(int(a), int(b), "power", 0.0, float(figures.lines[a, b]), "MW", Grade.C)
        for a, b in np.argwhere(figures.lines > 0)
    )


def _ways(folder: Path) -> tuple[Corridor, ...]:
    """Roads and railways between provinces that touch, and the sea where a strait lies between; days by
    distance.
    """
    pairs = pd.read_csv(folder / "china_provinces/e_distance_adjacency.csv")
    where = {name: i for i, name in enumerate(SOURCE_NAMES)}
    rows = []
    for row in pairs.itertuples(index=False):
        ends = where.get(str(row[0])), where.get(str(row[1]))
        if ends[0] is None or ends[1] is None or ends[0] == ends[1]:
            continue
        modes = ("road", "rail") if row.adjacent == 1 else ("water",) if row.sea_link == 1 else ()
        for mode in modes:
            days = HANDLING[mode] + float(row.capital_gc_km) / KM_A_DAY[mode]
            rows.append(Corridor(ends[0], ends[1], mode, round(days, 2), math.nan, "", Grade.E))
    return tuple(rows)
