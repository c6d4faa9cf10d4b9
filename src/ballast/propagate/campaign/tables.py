"""What a finished campaign says: tables and headlines from its parts, one scenario at a time.

Parts are read in their order and their columns in blocks of at most `BUDGET` bytes: quantiles are exact
and memory stays flat. Draws that diverged have no numbers: they are counted, and left out of all quantiles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ballast import placing, safe
from ballast.arrays import Floats
from ballast.outcomes import Ending
from ballast.propagate.campaign.parts import OUTCOMES, Groups, Plan, placed, points_of
from ballast.scenario import Scenario

BUDGET = 64e6  # bytes of one table's columns in memory at a time
QUANTILES = (5, 10, 25, 50, 75, 90, 95)
EXCEEDED = (0.99, 0.95, 0.9, 0.75, 0.5, 0.25, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
TABLES = ("summary.csv", "exceedance.csv", "draws.parquet", "nodes.parquet")
_STATISTICS = ("mean", "lowest", *(f"q{q:02d}" for q in QUANTILES), "highest")
_ROWS = 4096  # draws a row group of draws.parquet
_DIVERGED = OUTCOMES.index(Ending.DIVERGED)


# ---- the tables --------------------------------------------------------------------------------


def write_tables(plan: Plan, folder: Path, tell: Callable[[str, int, int], None]) -> dict[str, Any]:
    """Write every table of `TABLES`, then campaign.json, which is returned."""
    groups, parts = Groups.of(plan.economy), [folder / "parts" / job.name for job in plan.jobs]
    each = len(parts) // len(plan.scenarios)
    own = {s.name: parts[i * each : (i + 1) * each] for i, s in enumerate(plan.scenarios)}
    headlines = []
    with placed(folder / "summary.csv") as summaries, placed(folder / "exceedance.csv") as curves:
        for i, plot in enumerate(plan.scenarios):
            tell("tables", i, len(plan.scenarios))
            summary, curve, headline = _tables_of(plan, groups, plot, own[plot.name])
            headlines.append(headline)
            for path, table in ((summaries, summary), (curves, curve)):
                with path.open("a" if i else "w", encoding="utf-8", newline="") as file:
                    safe.csv_table(table, file, header=i == 0)
    _write_parquet(folder / "draws.parquet", _draw_tables(plan, own))
    _write_parquet(folder / "nodes.parquet", _node_tables(plan, own))
    document = {
        **plan.manifest,
        "unit": plan.economy.unit,
        "results": headlines,
        "files": {name: placing.checksum(folder / name) for name in TABLES},
    }
    with placed(folder / "campaign.json") as temporary:
        text = safe.json_text(document, indent=2, ascii_only=True)
        temporary.write_text(text + "\n", encoding="utf-8", newline="\n")
    tell("tables", len(plan.scenarios), len(plan.scenarios))
    return document


def _tables_of(
    plan: Plan, groups: Groups, plot: Scenario, parts: Sequence[Path]
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Quantiles, exceedance curve and headlines of one scenario."""
    name, outcome = safe.whole(plot.name), np.concatenate([_member(p, "outcome") for p in parts])
    used, months, g = outcome != _DIVERGED, _months(plot), len(groups.code)
    level = np.concatenate(
        [_statistics(100.0 * (v[used] - 1.0)) for v in _columns(parts, "level", plan.draws)]
    )
    level = level.reshape(len(months), g, -1).swapaxes(0, 1).reshape(g * len(months), -1)
    curve: list[tuple[Any, ...]] = []
    lost: list[Any] = []
    for values in _columns(parts, "lost", plan.draws):
        names = zip(groups.by[len(lost) :], groups.code[len(lost) :], values[used].T, strict=False)
        curve += [(name, by, code, *point) for by, code, v in names for point in exceedance(v)]
        lost += list(_statistics(values[used]))
    by_month, once = np.repeat(np.arange(g), len(months)), np.arange(g)
    summary = pd.DataFrame(np.concatenate([level, lost]), columns=pd.Index(_STATISTICS))
    place = np.concatenate([by_month, once])
    summary.insert(0, "scenario", name)
    summary.insert(1, "measure", ["deviation_pct"] * len(by_month) + ["lost"] * g)
    summary.insert(2, "by", np.array(groups.by)[place])
    summary.insert(3, "code", np.array(groups.code)[place])
    summary.insert(4, "month", [*np.tile(months, g), *[""] * g])
    count = {kind.value: int((outcome == k).sum()) for k, kind in enumerate(OUTCOMES)}
    headline = {
        "scenario": plot.name,
        "outcomes": count,
        "lost": _named(lost[0]),
        "months": {
            m: _named(row) for m, row in zip(months, level, strict=False)
        },  # the country comes first
    }
    columns = ["scenario", "by", "code", "exceeded_with", "draws_above", "lost"]
    return summary, pd.DataFrame(curve, columns=columns), headline


def exceedance(lost: Floats) -> list[tuple[float, int, float]]:
    """(share p, draws above, loss that p of the draws exceed), for each p of at least one draw."""
    shares = [p for p in EXCEEDED if p * len(lost) >= 1]
    losses = [float(np.percentile(lost, 100.0 * (1.0 - p))) for p in shares]
    return [(p, int((lost > x).sum()), x) for p, x in zip(shares, losses, strict=True)]


def _statistics(values: Floats) -> Floats:
    """[C, 10] mean, lowest, quantiles and highest of the columns of [d, C]; NaN without draws."""
    if not len(values):
        return np.full((values.shape[1], len(_STATISTICS)), np.nan)
    some = np.percentile(values, QUANTILES, axis=0)
    return np.stack([values.mean(axis=0), values.min(axis=0), *some, values.max(axis=0)], axis=1)


def _named(row: Floats) -> dict[str, float | None]:
    return {k: float(v) if np.isfinite(v) else None for k, v in zip(_STATISTICS, row, strict=True)}


def _member(path: Path, name: str) -> Any:
    with np.load(path) as file:
        return file[name]


def _columns(parts: Sequence[Path], name: str, draws: int) -> Iterator[Floats]:
    """The columns of a member over all draws, [draws, some], as many at a time as `BUDGET` allows."""
    total, step = _member(parts[0], name)[0].size, max(1, int(BUDGET / (8 * draws)))
    for first in range(0, total, step):
        out = np.empty((draws, min(step, total - first)))
        at = 0
        for path in parts:
            rows = _member(path, name)
            out[at : at + len(rows)] = rows.reshape(len(rows), -1)[:, first : first + step]
            at += len(rows)
        yield out


def _months(plot: Scenario) -> list[str]:
    return list(dict.fromkeys(pd.date_range(plot.start, periods=plot.days).strftime("%Y-%m")))


def _draw_tables(plan: Plan, own: Mapping[str, Sequence[Path]]) -> Iterator[pa.Table]:
    """Every draw: scenario, draw, outcome, lost, deviation of the country by month (%), coordinates."""
    months = sorted({m for plot in plan.scenarios for m in _months(plot)})
    names = sorted(
        {n for plot in plan.scenarios for n in points_of(plot, plan.draws, plan.seed, plan.model)[0]}
    )
    numbers = ["lost", *(f"deviation_pct.{m}" for m in months), *(f"quantile.{n}" for n in names)]
    fields = [("scenario", pa.string()), ("draw", pa.int32()), ("outcome", pa.string())]
    schema = pa.schema([*fields, *((n, pa.float64()) for n in numbers)])
    for plot in plan.scenarios:
        keys, points = points_of(plot, plan.draws, plan.seed, plan.model)
        step = max(1, _ROWS // plan.size)
        for chunk in range(0, len(own[plot.name]), step):
            paths = own[plot.name][chunk : chunk + step]
            level = 100.0 * (
                np.concatenate([_member(p, "level")[:, :, 0] for p in paths]).astype(float) - 1.0
            )
            first = chunk * plan.size
            draw = np.arange(first, first + len(level), dtype=np.int32)
            kind = np.concatenate([_member(p, "outcome") for p in paths])
            data: dict[str, Any] = {
                "scenario": [safe.whole(plot.name)] * len(draw),
                "draw": draw,
                "outcome": [OUTCOMES[k].value for k in kind],
                "lost": np.concatenate([_member(p, "lost")[:, 0] for p in paths]),
            }
            data |= {f"deviation_pct.{m}": level[:, i] for i, m in enumerate(_months(plot))}
            data |= {f"quantile.{n}": points[draw, i] for i, n in enumerate(keys)}
            absent = pa.nulls(len(draw), pa.float64())
            yield pa.table([data.get(n, absent) for n in schema.names], schema=schema)


def _node_tables(plan: Plan, own: Mapping[str, Sequence[Path]]) -> Iterator[pa.Table]:
    """Deviation of output of every node with output and month, %: mean, lowest and highest of the draws."""
    e = plan.economy
    nodes = np.flatnonzero(e.output > 0)
    codes = np.array(e.node_codes)[nodes]
    region = np.array([r.code for r in e.regions])[e.node_region[nodes]]
    sector = np.array([s.code for s in e.sectors])[e.node_sector[nodes]]
    for plot in plan.scenarios:
        months, draws = _months(plot), 0
        total, low, high = np.zeros((3, len(months), e.n)) + np.array([0, np.inf, -np.inf])[:, None, None]
        for path in own[plot.name]:
            with np.load(path) as part:
                draws += int((part["outcome"] != _DIVERGED).sum())
                total += part["node_sum"]
                low, high = np.minimum(low, part["node_low"]), np.maximum(high, part["node_high"])
        figures = {"mean": total / max(draws, 1), "lowest": low, "highest": high}
        figures = figures if draws else dict.fromkeys(figures, np.full_like(total, np.nan))
        p = len(months)
        columns: dict[str, Any] = {
            "scenario": [safe.whole(plot.name)] * (p * len(nodes)),
            "node": np.repeat(codes, p),
            "region": np.repeat(region, p),
            "sector": np.repeat(sector, p),
            "month": np.tile(months, len(nodes)),
        }
        for name, values in figures.items():
            columns[f"{name}_pct"] = (100.0 * (values[:, nodes] - 1.0)).T.ravel()
        yield pa.table(columns)


def _write_parquet(path: Path, tables: Iterator[pa.Table]) -> None:
    """Tables of one schema, one after the other."""
    first = next(tables)
    with (
        placed(path) as temporary,
        temporary.open("wb") as file,  # Arrow takes a path as text, and a file name need not be text
        pq.ParquetWriter(file, first.schema) as writer,
    ):
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)
