"""Figures with labels: pandas tables by name, and everything at once as xarray.

    frame(thing, what)   one table; the first name of its list without `what`
    dataset(thing)       coordinates day or month, node, region, sector

Money is in the book's unit, a year in an Economy and a day in a Run. Units stand in `attrs`: of a table by
column (or one for all, where they are alike), of a Dataset with each variable. In a Dataset `region` and
`sector` are lists of codes; which of them a node has stands beside it as `node_region` and `node_sector`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ballast.arrays import sums
from ballast.economy import Economy
from ballast.errors import InputError, nearest
from ballast.propagate.run import LIMITS, Run
from ballast.report import facts, record
from ballast.response import Response

SHARE = "share of baseline"
DEVIATION = "% away from the path without the shock"
ESTIMATE = ["mid", "low", "high"]
PATHS = ["nothing", "plan"]


def frame(thing: Any, what: str = "") -> pd.DataFrame:
    """One table by name; InputError for a name that is none, or for what a light run did not keep."""
    kind, tables = _tables(thing)
    name = next(iter(tables)) if what in ("", None) else what
    if not isinstance(name, str) or name not in tables:
        meant = nearest(str(name), list(tables))
        raise InputError(
            f"to_pandas: {kind} has no table {name!r}. "
            + (f"Did you mean {' or '.join(meant)}? " if meant else "")
            + f"There are: {', '.join(tables)}."
        )
    return tables[name](thing)


def dataset(thing: Any) -> xr.Dataset:
    """All figures of a thing."""
    if isinstance(thing, Economy):
        return _economy(thing)
    return _run(thing) if isinstance(thing, Run) else _response(thing)


Tables = Mapping[str, Callable[[Any], pd.DataFrame]]


def _tables(thing: Any) -> tuple[str, Tables]:
    """What the thing is called, and its tables."""
    if isinstance(thing, Economy):
        return "an economy", ECONOMY
    return ("a run", RUN) if isinstance(thing, Run) else ("a response", RESPONSE)


def _codes(e: Economy) -> tuple[pd.Index, pd.Index]:
    """Codes of regions and sectors, in the economy's order."""
    return pd.Index([r.code for r in e.regions], name="region"), pd.Index(
        [s.code for s in e.sectors], name="sector"
    )


def _told(table: pd.DataFrame, units: str | Mapping[str, str], book: str) -> pd.DataFrame:
    """The table with its units: plain values, which pandas writes into files as JSON."""
    table.attrs = {"units": units if isinstance(units, str) else dict(units), "book": book}
    return table


# ---- economy -----------------------------------------------------------------------------------


def _yearly(e: Economy) -> str:
    return f"{e.unit} a year"


def _nodes(e: Economy) -> pd.DataFrame:
    regions, sectors = _codes(e)
    money = {
        "output": e.output,
        "value_added": e.total_value_added,
        "inputs_home": sums(e.slot_node, e.slot_domestic, e.n),
        "inputs_imported": sums(e.slot_node, e.slot_imports, e.n),
        "sales_home": e.domestic_sales(),
        "exports": e.exports,
    }
    data = {"region": regions[e.node_region], "sector": sectors[e.node_sector], **money}
    table = pd.DataFrame(data, index=pd.Index(e.node_codes, name="node"))
    table["industry"] = e.is_industry
    if e.node_grade is not None:
        table["grade"] = [str(g) for g in e.node_grade]
    return _told(table, dict.fromkeys(money, _yearly(e)), e.name)


def _regions(e: Economy) -> pd.DataFrame:
    return _grouped(e, _codes(e)[0], e.node_region, [r.name for r in e.regions])


def _sectors(e: Economy) -> pd.DataFrame:
    table = _grouped(e, _codes(e)[1], e.node_sector, [s.name for s in e.sectors])
    return table.assign(
        **{k: [getattr(s, k) for s in e.sectors] for k in ("industry", "goods", "storable")}
    )


def _grouped(e: Economy, codes: pd.Index, of: Any, names: list[Any]) -> pd.DataFrame:
    money = {
        "output": e.output,
        "value_added": e.total_value_added,
        "industrial_value_added": e.industrial_value_added,
        "exports": e.exports,
    }
    columns = {k: sums(of, v, len(codes)) for k, v in money.items()}
    table = pd.DataFrame(
        {"name_en": [n.en for n in names], "name_zh": [n.zh for n in names], **columns}, index=codes
    )
    return _told(table, dict.fromkeys(money, _yearly(e)), e.name)


def _inputs(e: Economy) -> pd.DataFrame:
    money = {"home": e.slot_domestic, "imported": e.slot_imports}
    nodes, products = np.array(e.node_codes, object), _codes(e)[1]
    labels = {"node": nodes[e.slot_node], "product": products[e.slot_product]}
    return _told(pd.DataFrame({**labels, **money}), dict.fromkeys(money, _yearly(e)), e.name)


def _links(e: Economy) -> pd.DataFrame:
    flows, nodes = e.links("csr").tocoo(), np.array(e.node_codes, object)
    labels = {"seller": nodes[flows.row], "buyer": nodes[flows.col]}
    return _told(pd.DataFrame({**labels, "value": flows.data}), {"value": _yearly(e)}, e.name)


def _final(e: Economy) -> pd.DataFrame:
    regions, products = _codes(e)
    categories = pd.Index([code for code, _ in e.categories])
    labels = {
        "region": regions[e.final_region],
        "product": products[e.final_product],
        "category": categories[e.final_category],
    }
    money = {"home": e.final_domestic, "imported": e.final_imports}
    return _told(pd.DataFrame({**labels, **money}), dict.fromkeys(money, _yearly(e)), e.name)


ECONOMY: Tables = {
    "nodes": _nodes, "regions": _regions, "sectors": _sectors, "inputs": _inputs, "links": _links,
    "final": _final,
}  # fmt: skip


def _economy(e: Economy) -> xr.Dataset:
    """Nodes, their inputs by product, and final use; products carry the codes of the sectors."""
    _, sectors = _codes(e)
    node, used = ("node",), ("product", "node")
    final = ("region", "product", "category")
    data: dict[str, Any] = {
        "output": (node, e.output),
        "exports": (node, e.exports),
        "value_added": (("component", "node"), e.value_added),
    }
    for name, value in (("home", e.slot_domestic), ("imported", e.slot_imports)):
        data[f"inputs_{name}"] = (used, _summed((e.k, e.n), value, e.slot_product, e.slot_node))
    where = (e.final_region, e.final_product, e.final_category)
    for name, value in (("home", e.final_domestic), ("imported", e.final_imports)):
        data[f"final_{name}"] = (final, _summed((e.r, e.k, len(e.categories)), value, *where))
    coords = {
        **_of_nodes(e),
        "product": list(sectors),
        "component": [code for code, _ in e.value_added_labels],
        "category": [code for code, _ in e.categories],
    }
    return _labelled(data, coords, dict.fromkeys(data, _yearly(e)), e)


def _summed(shape: tuple[int, ...], values: Any, *where: Any) -> Any:
    out = np.zeros(shape)
    np.add.at(out, where, values)
    return out


def _of_nodes(e: Economy) -> dict[str, Any]:
    """Coordinates that say which node is whose."""
    regions, sectors = _codes(e)
    return {
        "node": list(e.node_codes),
        "region": list(regions),
        "sector": list(sectors),
        "node_region": ("node", list(regions[e.node_region])),
        "node_sector": ("node", list(sectors[e.node_sector])),
    }


def _labelled(
    data: Mapping[str, Any], coords: Mapping[str, Any], units: Mapping[str, str], e: Economy
) -> xr.Dataset:
    attrs = {"book": e.name, "year": e.year, "unit": e.unit, "currency": e.currency}
    out = xr.Dataset(dict(data), coords=dict(coords), attrs=attrs)
    for name, unit in units.items():
        out[name].attrs["units"] = unit
    return out


# ---- run ---------------------------------------------------------------------------------------


def _recorded(run: Run) -> dict[str, tuple[Any, str]]:
    """Every path of the nodes that was kept, [T, N], and its unit."""
    r, money = run.record, f"{run.economy.unit} a day"
    if r is None:
        raise InputError("This run was prepared and not run: there are no figures. Use ballast.simulate.")
    paths: dict[str, tuple[tuple[str, ...], Callable[[], Any], str]] = {
        "level": (("output",), lambda: run.level, SHARE),
        "output": (("output",), lambda: r.output, money),
        "capacity": (("capacity",), lambda: r.capacity, money),
        "demand": (("demand",), lambda: r.demand, money),
        "limit": (("limit",), lambda: r.limit, "share of capacity that inputs allow"),
        "stock": (("stock",), lambda: r.stock, run.economy.unit),
        "unmet_use": (("demand", "shipped"), lambda: np.maximum(0.0, r.demand - r.shipped), money),
        "limited_by": (
            LIMITS,
            lambda: run.limited_by,
            "code of the product, or capacity; empty where nothing held it back",
        ),
    }
    return {name: (made(), unit) for name, (needs, made, unit) in paths.items() if run.kept(*needs)}


def _path(name: str) -> Callable[[Run], pd.DataFrame]:
    """The table of one path: days down, nodes across under their region and sector."""

    def table(run: Run) -> pd.DataFrame:
        values, unit = _kept(run, name, _recorded(run))
        regions, sectors = _codes(run.economy)
        e = run.economy
        across = [regions[e.node_region], sectors[e.node_sector], list(e.node_codes)]
        columns = pd.MultiIndex.from_arrays(across, names=["region", "sector", "node"])
        return _told(pd.DataFrame(values, index=_days(run), columns=columns), unit, e.name)

    return table


def _kept(run: Run, name: str, there: Mapping[str, Any]) -> Any:
    if name not in there:
        how = "full=False" if [*there] == ["level", "output"] else "keep without it"
        has = ", ".join(there) or "no path by node, only value_added() and deviation()"
        raise InputError(f"to_pandas: this run has no {name}: it was simulated with {how}. It has: {has}.")
    return there[name]


def _days(of: Run | Response) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(of.dates, name="day")


def _unmet_final(run: Run) -> pd.DataFrame:
    there = {**_recorded(run), **({"unmet_final": run.record.unmet} if len(run.record.unmet) else {})}
    values = _kept(run, "unmet_final", there)
    table = pd.DataFrame(values, index=_days(run), columns=_codes(run.economy)[0])
    return _told(table, f"{run.economy.unit} a day", run.economy.name)


NODE_PATHS = ("level", "output", "capacity", "demand", "limit", "stock", "unmet_use", "limited_by")
RUN: Tables = {**{name: _path(name) for name in NODE_PATHS}, "unmet_final": _unmet_final}


def _run(run: Run) -> xr.Dataset:
    """Every recorded path by day and node, and what final users missed by day and region."""
    there, e = _recorded(run), run.economy
    data: dict[str, Any] = {name: (("day", "node"), values) for name, (values, _) in there.items()}
    units = {name: unit for name, (_, unit) in there.items()}
    if len(run.record.unmet):
        data["unmet_final"] = (("day", "region"), run.record.unmet)
        units["unmet_final"] = f"{e.unit} a day"
    return _labelled(data, {"day": _days(run), **_of_nodes(e)}, units, e)


# ---- response ----------------------------------------------------------------------------------


def _daily(r: Response) -> pd.DataFrame:
    """The path without and with the plan, each with its band, by day."""
    bands = {"nothing": r.path, "plan": r.plan_path}
    ends = {"mid": "", "low": "_low", "high": "_high"}
    columns = {f"{p}{ends[k]}": getattr(band, k) for p, band in bands.items() for k in ESTIMATE}
    table = pd.DataFrame(columns, index=_days(r))
    return _told(table, "% of the path without the shock, industrial value added", r.economy.name)


def _given(name: str, units: str | Mapping[str, str]) -> Callable[[Response], pd.DataFrame]:
    """A table that the response has."""
    return lambda r: _told(getattr(r, name).copy(), units, r.economy.name)


def _stops(r: Response) -> pd.DataFrame:
    """As the response has it, the node by its code."""
    table = r.stops.copy()
    table["node"] = [r.economy.node_codes[j] for j in table["node"]]
    return _told(table, {"worst_level": SHARE, "lost": r.economy.unit}, r.economy.name)


def _curve(r: Response) -> pd.DataFrame:
    return _told(r.relief.curve.copy(), r.economy.unit, r.economy.name)


def _listed(name: str, **units: str) -> Callable[[Response], pd.DataFrame]:
    """A list of run.json, a row an entry, under the same names; what is nested is joined by "_".

    `units` are those of its columns; {unit} in one is the book's money.
    """

    def table(r: Response) -> pd.DataFrame:
        entries = getattr(record.record(r, facts.gather(r), ()), name)
        flat = pd.json_normalize([x.model_dump() for x in entries], sep="_")
        told = {column: unit.format(unit=r.economy.unit) for column, unit in units.items()}
        return _told(flat, told, r.economy.name)

    return table


MONEY = "{unit}"
LANDINGS = {
    **dict.fromkeys(("low", "high", "baseline_growth"), "%"),
    **{f"{p}_{k}": "%" for p in PATHS for k in ESTIMATE},
    **{f"probability_{p}": "share of the draws" for p in PATHS},
}
RESPONSE: Tables = {
    "path": _daily,
    "monthly": _given("monthly", DEVIATION),
    "by_month": _given("by_month", DEVIATION),
    "by_region": _given("by_region", DEVIATION),
    "by_sector": _given("by_sector", DEVIATION),
    "stops": _stops,
    "blockages": _listed("blockages", saved=MONEY, inside=MONEY, needs=MONEY, worst_level=SHARE),
    "relief": _listed("whitelist", gain=MONEY, cumulative=MONEY),
    "curve": _curve,
    "landings": _listed("landings", **LANDINGS),
    "cases": _listed("cases", value_at_stake=MONEY, daily_shortfall=f"{MONEY} a day"),
    "evidence": _listed("parameters"),
}


def _response(r: Response) -> xr.Dataset:
    """Paths by day, deviations by month, region and sector; along `path` do nothing and the plan."""
    regions, sectors = _codes(r.economy)
    months = pd.Index(r.by_month.month, name="month")
    bands = np.array([[getattr(b, k) for k in ESTIMATE] for b in (r.path, r.plan_path)])
    six = [f"{p}{k}" for p in PATHS for k in ("", "_low", "_high")]
    data: dict[str, Any] = {"industry": (("path", "estimate", "day"), bands)}
    table = r.by_month.set_index("month").reindex(months)[six]
    data["by_month"] = (("month", "path", "estimate"), table.to_numpy().reshape(len(months), 2, 3))
    for key, codes in (("region", regions), ("sector", sectors)):
        every = pd.MultiIndex.from_product([codes, months])
        values = getattr(r, f"by_{key}").set_index([key, "month"])[six].reindex(every).to_numpy()
        data[f"by_{key}"] = (
            (key, "month", "path", "estimate"),
            values.reshape(len(codes), len(months), 2, 3),
        )
    every = pd.MultiIndex.from_product([regions, sectors, months])
    table = r.monthly.set_index(["region", "sector", "month"])[["deviation_pct", "low", "high"]]
    shape = (len(regions), len(sectors), len(months), 3)
    data["monthly"] = (
        ("region", "sector", "month", "estimate"),
        table.reindex(every).to_numpy().reshape(shape),
    )
    coords = {
        "day": _days(r), "month": list(months), "region": list(regions),
        "sector": list(sectors), "path": PATHS, "estimate": ESTIMATE,
    }  # fmt: skip
    units = {**dict.fromkeys(data, DEVIATION), "industry": "% of the path without the shock"}
    out = _labelled(data, coords, units, r.economy)
    out.attrs["scenario"] = r.scenario.name
    return out
