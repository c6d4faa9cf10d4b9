"""The source tables of the book china-2020 as arrays, provinces and sectors in the book's order.

    National    the 2020 non-competitive 42-sector table, final use split by the 153-sector table
    Provinces   the 31 provincial 42-sector tables of 2017
    Facts       2020: value added by nine industries, products, electricity, distances, lines, GDP

Money is 10,000 CNY throughout. Axes: P provinces, K products, S buying sectors (K = S = 42).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ballast.arrays import Floats
from ballast.economy.names.china import SOURCE_NAMES
from ballast.errors import BookError, Finding, raise_findings

K = 42
CODES = [f"{i:02d}" for i in range(1, K + 1)]
VA_ROWS = ["VA001", "VA002", "VA003", "VA004"]
FINAL_COLUMNS = [
    "FU101",
    "FU102",
    "FU103",
    "FU201",
    "FU202",
]  # rural, urban, government, fixed, inventories
BLOCKS: dict[str, list[int]] = {
    "va_agri_incl_services": [0],
    "va_industry": list(range(1, 26)),
    "va_construction": [26],
    "va_wholesale_retail": [27],
    "va_transport_post": [28],
    "va_hotel_catering": [29],
    "va_finance": [31],
    "va_real_estate": [32],
    "va_other": [30, *range(33, 42)],
}
_FILES = {
    "national": "china_io_nbs/china_2020_42.csv.gz",
    "detail": "china_io_nbs/china_2020_153.csv.gz",
    "provinces": "china_provinces/prov_io_2017_42.csv.gz",
    "value_added": "china_provinces/a_value_added_2019_2023.csv",
    "products": "china_provinces/products_annual.csv.gz",
    "distance": "china_provinces/e_distance_adjacency.csv",
    "capitals": "china_provinces/e_capitals.csv",
    "electricity": "china_provinces/f_electricity_consumption_annual.csv",
    "lines": "china_power/edges_current.csv",
    "gdp": "china_power/historical_gdp.csv",
}

# the 3,000 MW line from the Three Gorges ends in Guangdong; the list names Hebei for Hubei
LINE_CORRECTIONS = {("Guangdong", "Hebei"): ("Guangdong", "Hubei")}


@dataclass(frozen=True, eq=False)
class National:
    """China 2020: `use` [K, S], `use_imports` [K, S], `final` and `final_imports` [K, 5], and totals."""

    use: Floats
    use_imports: Floats
    final: Floats
    final_imports: Floats
    exports: Floats
    value_added: Floats  # [4, S]
    output: Floats
    reexports: float  # imports sent on abroad; outside the book
    detail_va: dict[str, float]  # value added of the 153 sectors by their code
    detail_of: dict[int, list[str]]  # sector index -> codes of its detailed sectors


@dataclass(frozen=True, eq=False)
class Provinces:
    """2017: `use` [P, K, S] with imports and inflows, `final` [P, K, 5], `value_added` [P, 4, S], ..."""

    use: Floats
    final: Floats
    value_added: Floats
    output: Floats
    exports: Floats
    imports: Floats
    outflow: Floats
    inflow: Floats
    residual: Floats  # the tables' own error column


@dataclass(frozen=True, eq=False)
class Facts:
    """2020 by province: `blocks` [P, 9] value added, `products` [P] quantities by name, GWh, km, MW."""

    blocks: Floats
    products: dict[str, Floats]
    generation: Floats
    thermal_share: Floats
    consumption: Floats
    distance: Floats
    lines: Floats
    growth: Floats  # nominal GDP 2020 over 2017


def read(folder: Path) -> tuple[National, Provinces, Facts]:
    """All sources under `folder`; BookError names every file that is missing."""
    raise_findings(_missing(folder), BookError, head=f"book china-2020 cannot be built from {folder}:")
    paths = {name: folder / path for name, path in _FILES.items()}
    return _national(paths), provinces(paths["provinces"]), _facts(paths)


def _missing(folder: Path) -> Iterator[Finding]:
    for path in _FILES.values():
        if not (folder / path).is_file():
            todo = "Name the folder that holds china_io_nbs, china_provinces and china_power"
            yield Finding("error", str(folder / path), "the source table is missing", todo)


# ---- national --------------------------------------------------------------------------------


def _national(paths: dict[str, Path]) -> National:
    table = pd.read_csv(paths["national"], dtype={"Code": str})
    home, abroad, totals = (
        table[table["Origin"] == origin].set_index("Code") for origin in ("Domestic", "Imports", "TOT")
    )
    detail = pd.read_csv(paths["detail"], dtype={"Code": str}).set_index("Code")
    output = _numbers(home.loc[CODES, "GO"])
    detail_of = _concordance(detail, output)
    final, final_imports = (_split_final(t, detail, detail_of) for t in (home, abroad))
    return National(
        use=_numbers(home.loc[CODES, CODES]),
        use_imports=_numbers(abroad.loc[CODES, CODES]),
        final=final,
        final_imports=final_imports,
        exports=_numbers(home.loc[CODES, "EX"]),
        value_added=_numbers(totals.loc[VA_ROWS, CODES]),
        output=output,
        reexports=float(_numbers(abroad.loc[CODES, "EX"]).sum()),
        detail_va={c: float(detail.loc["TVA", c]) for codes in detail_of.values() for c in codes},
        detail_of=detail_of,
    )


def _numbers(frame: Any) -> Floats:
    return np.asarray(np.nan_to_num(frame.to_numpy(dtype=np.float64)))


def _concordance(detail: Any, output: Floats) -> dict[int, list[str]]:
    """Which of the 153 sectors make up each of the 42: both run in one order, so output adds up."""
    codes = [c for c in detail.index if c[:1].isdigit()]
    size = _numbers(detail.loc[codes, "GO"])
    ends = np.searchsorted(np.cumsum(size), np.cumsum(output) * (1 - 1e-9)) + 1
    starts = np.concatenate([[0], ends[:-1]])
    sums = np.array([size[a:b].sum() for a, b in zip(starts, ends, strict=True)])
    if np.abs(sums / output - 1).max() > 1e-6:
        bad = int(np.argmax(np.abs(sums / output - 1)))
        raise BookError(
            f"the 153 sectors do not add up to sector {CODES[bad]} of the 42. Check both tables."
        )
    return {k: codes[a:b] for k, (a, b) in enumerate(zip(starts, ends, strict=True))}


def _split_final(table: Any, detail: Any, detail_of: dict[int, list[str]]) -> Floats:
    """[K, 5] final use; the 42-sector table gives consumption in one column, the 153-sector in three."""
    parts = np.array(
        [_numbers(detail.loc[c, ["FU101", "FU102", "FU103"]]).sum(axis=0) for c in detail_of.values()]
    )
    totals = parts.sum(axis=1, keepdims=True)
    shares = np.divide(parts, totals, out=np.full_like(parts, 1 / 3), where=totals > 0)
    consumption = _numbers(table.loc[CODES, ["TC"]])
    return np.hstack([consumption * shares, _numbers(table.loc[CODES, ["FU201", "FU202"]])])


# ---- provinces -------------------------------------------------------------------------------


def provinces(path: Path) -> Provinces:
    """The 31 provincial tables of one year, as published by the provincial bureaus."""
    long = pd.read_csv(path, dtype={"row": str, "col": str, "province": str}).astype(
        {"value_10k_cny": float}
    )
    rows = [*CODES, *VA_ROWS]
    columns = [*CODES, *FINAL_COLUMNS, "GO", "EX", "IM", "OF", "IF", "ERR"]
    cube = np.zeros((len(SOURCE_NAMES), len(rows), len(columns)))
    index = [
        pd.Index(axis).get_indexer(long[name])
        for axis, name in ((list(SOURCE_NAMES), "province"), (rows, "row"), (columns, "col"))
    ]
    known = np.all(np.array(index) >= 0, axis=0)
    p, r, c = (i[known] for i in index)
    cube[p, r, c] = np.nan_to_num(long["value_10k_cny"].to_numpy(dtype=np.float64)[known])
    goods = cube[:, :K]
    tail = {name: goods[:, :, K + 5 + i] for i, name in enumerate(columns[K + 5 :])}
    return Provinces(
        use=goods[:, :, :K],
        final=goods[:, :, K : K + 5],
        value_added=cube[:, K:, :K],
        output=tail["GO"],
        exports=tail["EX"],
        imports=tail["IM"],
        outflow=tail["OF"],
        inflow=tail["IF"],
        residual=tail["ERR"],
    )


# The 42 sectors of tables up to 2015 and from 2017 on differ: 22 other manufacturing and 23 waste became
# 22, so what follows
# moved down by one, and 36 science was parted into 35 research and 36 technical services. 41 sectors are
# common.
COMMON = 41
_TO_COMMON = {
    "old": [*range(22), 21, *range(22, COMMON)],
    "new": [*range(35), 34, *range(35, COMMON)],
}


def common(p: Provinces, year: int) -> Provinces:
    """The tables of any year in the 41 sectors that the lists before and after 2017 have in common."""
    to = np.zeros((COMMON, K))
    to[_TO_COMMON["old" if year < 2017 else "new"], np.arange(K)] = 1.0
    return Provinces(
        use=np.einsum("ik,pks,js->pij", to, p.use, to),
        final=np.einsum("ik,pkf->pif", to, p.final),
        value_added=np.einsum("pvs,js->pvj", p.value_added, to),
        **{
            name: getattr(p, name) @ to.T
            for name in ("output", "exports", "imports", "outflow", "inflow", "residual")
        },
    )


# ---- facts -----------------------------------------------------------------------------------


def _facts(paths: dict[str, Path]) -> Facts:
    added = pd.read_csv(paths["value_added"])
    added = added[added["year"] == 2020].set_index("province")
    products = _products(paths["products"])
    kinds = ["elec_thermal", "elec_hydro", "elec_nuclear", "elec_wind", "elec_solar"]
    generation = np.sum([products[k] for k in kinds], axis=0)
    used = pd.read_csv(paths["electricity"])
    used = used[used["year"] == 2020].set_index("province")["consumption_GWh"]
    gdp = pd.read_csv(paths["gdp"], comment="#").set_index("region")
    gdp = gdp.rename(index={"Innermongolia": "InnerMongolia"}).loc[list(SOURCE_NAMES)]
    return Facts(
        blocks=_numbers(added.loc[list(SOURCE_NAMES), list(BLOCKS)]) * 1e4,  # 100 M CNY -> 10,000 CNY
        products=products,
        generation=generation,
        thermal_share=products["elec_thermal"] / generation,
        consumption=_numbers(used.loc[list(SOURCE_NAMES)]),
        distance=_distance(paths),
        lines=_lines(paths["lines"]),
        growth=_numbers(gdp["2020"]) / _numbers(gdp["2017"]),
    )


def _products(path: Path) -> dict[str, Floats]:
    table = pd.read_csv(path)
    table = table[table["year"] == 2020].pivot_table(index="province", columns="product", values="value")
    table = table.reindex(list(SOURCE_NAMES))
    return {str(name): _numbers(table[name]) for name in table.columns}


def _distance(paths: dict[str, Path]) -> Floats:
    """[P, P] km between capitals; inside a province two thirds of the radius of a disc of its area."""
    pairs = pd.read_csv(paths["distance"]).pivot_table(index="from", columns="to", values="capital_gc_km")
    pairs = pairs.reindex(index=list(SOURCE_NAMES), columns=list(SOURCE_NAMES))
    km = pairs.to_numpy(dtype=np.float64, copy=True)
    inside = pd.read_csv(paths["capitals"]).set_index("province")["intra_distance_km"]
    np.fill_diagonal(km, _numbers(inside.loc[list(SOURCE_NAMES)]))
    if np.isnan(km).any():
        raise BookError(f"{paths['distance']}: a pair of provinces has no distance. Complete the table.")
    return np.asarray(km)


def _lines(path: Path) -> Floats:
    """[P, P] MW of transmission lines between provinces, in both directions alike."""
    table = pd.read_csv(path, header=None, names=["a", "b", "mw"])
    pairs = [LINE_CORRECTIONS.get(pair, pair) for pair in zip(table["a"], table["b"], strict=True)]
    table[["a", "b"]] = pairs
    place = pd.Index(list(SOURCE_NAMES))
    a, b = place.get_indexer(table["a"]), place.get_indexer(table["b"])
    capacity = np.zeros((len(place), len(place)))
    np.add.at(capacity, (a, b), table["mw"].to_numpy(dtype=np.float64))
    return np.asarray(capacity + capacity.T)
