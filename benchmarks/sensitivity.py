"""What moves the answer, every parameter across its range: `python benchmarks/sensitivity.py`.

Writes benchmarks/results/sensitivity.json, docs/sensitivity.md and docs/img/sensitivity-*.svg. With
`--page` the page and its pictures are written again from the numbers that are there. `--draws N` (a power
of two) replaces the sample of each event, for a quick look.

    model       an event as a function: quantiles of everything that has a range (0 low, 0.5 central, 1
                high) -> outputs, in blocks, so that memory does not grow with the sample
    one_by_one  each parameter low and high with the others central
    sobol       first-order and total indices (scipy), intervals and ranks by resampling
    ladder      the elasticity from perfect substitution to nearly none, in our own engine
    rules       order rules side by side, with the verdict of `ballast.propagate.amplify`

`sensitivity_page` turns the numbers into words and pictures.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import sensitivity_page
from numpy.typing import NDArray
from scipy.stats import qmc, sobol_indices

from ballast.arrays import BAND
from ballast.economy import Economy, book
from ballast.forcing import Forcing
from ballast.propagate.amplify import Amplification, of_record, of_run
from ballast.propagate.ensemble import by_region, design, monthly_level, run_ensemble
from ballast.propagate.parameters import Parameters, load_parameters, single_sourced_parts
from ballast.propagate.published import kernels as pooled_kernels
from ballast.propagate.published import reference as pooled
from ballast.propagate.run import level_of
from ballast.propagate.simulate import BOOK, simulate
from ballast.scenario import Scenario, compile_scenario, load

Floats = NDArray[np.float64]
Function = Callable[[Floats], Floats]  # [n, d] quantiles -> [n, s] outputs

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "sensitivity.json"
SEED = 1
BLOCK = 64  # draws whose summaries are in memory together
RESAMPLES = 1000
LEVEL = 95.0  # percent, of every interval
WITHIN = 0.01  # recovered: at most this below baseline until the end


@dataclass(frozen=True)
class Event:
    """What is looked at: a scenario, a month, a sector and provinces that were not closed themselves."""

    scenario: str
    month: str
    sector: str
    places: tuple[str, ...]
    draws: int  # of the Sobol sample, a power of two

    @property
    def outputs(self) -> tuple[str, ...]:
        return ("industry", "sector", *self.places, "lost", "recovery")


EVENTS = (
    Event("shanghai-2022", "2022-04", "18", ("JS", "ZJ", "AH", "HL"), 128),
    Event("sichuan-2022", "2022-08", "18", ("CQ", "GZ", "SN"), 256),
)


# ---- outputs -----------------------------------------------------------------------------------


def measures(
    e: Economy,
    event: Event,
    dates: pd.DatetimeIndex,
    monthly: Floats,
    industry: Floats,
    value_added: Floats | None = None,
) -> Floats:
    """[s] the event's outputs of one run, from its months [P, N] and industry by day and region [T, R].

    `value_added` [N] is that of a draw of the book; regions keep theirs in every draw. Deviations in percent, the loss in bn of the book's currency, recovery in days from the first.
    """
    va = e.total_value_added
    base = np.bincount(e.node_region, va * e.is_industry, e.r)
    month = dates.to_period("M")
    days = np.asarray(month == event.month)
    nation = industry @ base / base.sum()
    picked = e.node_sector == [s.code for s in e.sectors].index(event.sector)
    level = monthly[list(month.unique()).index(pd.Period(event.month))]
    own = va if value_added is None else value_added
    sector = float(level[picked] @ own[picked] / own[picked].sum())
    codes = [r.code for r in e.regions]
    places = [float(industry[days, codes.index(p)].mean()) for p in event.places]
    shares = np.array([nation[days].mean(), sector, *places])
    low = np.flatnonzero(nation < 1.0 - WITHIN)
    back = float(low[-1] + 1) if len(low) else 0.0
    lost = float((1.0 - nation).sum() / 365.0 * base.sum()) * billions(e)
    return np.array([*(100.0 * (shares - 1.0)), lost, back])


def billions(e: Economy) -> float:
    """bn in one unit of the book."""
    return {"10k": 1e-5, "m": 1e-3, "bn": 1.0}[e.unit.split()[0]]


def names_of(plot: Scenario) -> tuple[str, ...]:
    """Everything with a range, in the order of a point's coordinates; not the draws of the book, which have no
    order: `book_alone` has them.
    """
    return tuple(n for n in design(plot, 1, SEED)[0] if n != BOOK)


def model(e: Economy, plot: Scenario, event: Event) -> Function:
    """The event as a function from quantiles to outputs."""
    names, dates = names_of(plot), pd.date_range(plot.start, plot.end)

    def evaluate(points: Floats) -> Floats:
        found = []
        for block in np.array_split(points, range(BLOCK, len(points), BLOCK)):
            ensemble = run_ensemble(e, plot, [dict(zip(names, map(float, p), strict=True)) for p in block])
            pairs = zip(ensemble.monthly, ensemble.industry, strict=True)
            found += [measures(e, event, dates, m.astype(float), i.astype(float)) for m, i in pairs]
        return np.array(found)

    return evaluate


def book_alone(e: Economy, plot: Scenario, event: Event, draws: int = 64) -> dict[str, Any]:
    """What the book's weak cells move while everything else is central: percentiles of each output."""
    points = [{BOOK: q[BOOK]} for q in design(plot, draws, SEED)]
    found, dates = run_ensemble(e, plot, points), pd.date_range(plot.start, plot.end)
    rows = zip(found.monthly, found.industry, found.value_added, strict=True)
    values = [measures(e, event, dates, *(a.astype(float) for a in row)) for row in rows]
    low, high = np.percentile(values, BAND, axis=0)
    return {"draws": draws, "low": rounded(low), "high": rounded(high)}


# ---- one at a time, and Sobol ------------------------------------------------------------------


def one_by_one(function: Function, count: int) -> tuple[Floats, Floats, Floats]:
    """(outputs at the centre [s], with each parameter low [d, s], with each high [d, s])."""
    points = np.full((2 * count + 1, count), 0.5)
    points[1 : count + 1][np.diag_indices(count)] = 0.0
    points[count + 1 :][np.diag_indices(count)] = 1.0
    found = function(points)
    return found[0], found[1 : count + 1], found[count + 1 :]


@dataclass(frozen=True, eq=False)
class Indices:
    """Sobol indices [s, d] with intervals [2, s, d] and the ranks [2, s, d] that the sample leaves open."""

    first: Floats
    total: Floats
    first_range: Floats
    total_range: Floats
    rank_range: Floats
    interaction: Floats  # [s] 1 - sum of first-order indices
    interaction_range: Floats  # [2, s]
    mean: Floats  # [s] of the outputs over the sample
    band: Floats  # [2, s] 10th and 90th percentile


def sobol(
    function: Function, count: int, draws: int, seed: int = SEED, resamples: int = RESAMPLES
) -> Indices:
    """First-order and total indices by scipy's estimators, from draws x (count + 2) evaluations.

    Rows of the sample are drawn again `resamples` times, all parameters together, so that ranks can be
    compared: the interval of a rank is where it lies in `LEVEL` percent of them. Total indices rank.
    """
    both = qmc.Sobol(2 * count, rng=np.random.default_rng(seed)).random(draws)
    a, b = both[:, :count], both[:, count:]
    values = {"f_A": function(a).T, "f_B": function(b).T, "f_AB": _mixed(function, a, b)}
    result = sobol_indices(func=values, n=draws)
    rng = np.random.default_rng(seed)
    rows = [rng.integers(draws, size=draws) for _ in range(resamples)]
    again = [sobol_indices(func={k: v[..., i] for k, v in values.items()}, n=draws) for i in rows]
    edges = [(100.0 - LEVEL) / 2, (100.0 + LEVEL) / 2]
    first, total = (x.reshape(-1, count) for x in (result.first_order, result.total_order))
    totals = np.array([r.total_order.reshape(-1, count) for r in again])
    firsts = np.array([r.first_order.reshape(-1, count) for r in again])
    ranks = 1 + (-totals).argsort(axis=2).argsort(axis=2)
    everything = np.concatenate([values["f_A"], values["f_B"]], axis=1)
    return Indices(
        first,
        total,
        np.percentile(firsts, edges, axis=0),
        np.percentile(totals, edges, axis=0),
        np.percentile(ranks, edges, axis=0, method="nearest"),
        1.0 - first.sum(axis=1),
        np.percentile(1.0 - firsts.sum(axis=2), edges, axis=0),
        everything.mean(axis=1),
        np.percentile(everything, [10, 90], axis=1),
    )


def _mixed(function: Function, a: Floats, b: Floats) -> Floats:
    """[d, s, n] outputs where one coordinate at a time comes from b and the others from a."""
    found = []
    for i in range(a.shape[1]):
        mixed = a.copy()
        mixed[:, i] = b[:, i]
        found.append(function(mixed).T)
    return np.array(found)


# ---- from perfect substitution to none ---------------------------------------------------------

SIGMAS = (0.76, 0.66, 0.55, 0.50, 0.45, 0.30, 0.20, 0.10)


def with_elasticity(p: Parameters, sigma: float | None) -> Parameters:
    """The parameters with another elasticity of specific parts; None: no part is specific."""
    if sigma is None:
        return _with_share(p, 0.0)
    return Parameters({**p.items, "elasticity": replace(p["elasticity"], central=(sigma,) * 3)})


def _with_share(p: Parameters, share: float) -> Parameters:
    """All goods with the same share that is specific to its supplier; services stay as they are."""
    old = p["specific_share"]
    table = dict.fromkeys(old.table, (share,) * 3)
    return Parameters({**p.items, "specific_share": replace(old, goods=(share,) * 3, table=table)})


def ladder(e: Economy, plot: Scenario, event: Event) -> list[dict[str, Any]]:
    """The outputs from perfect substitution to nearly none, other parameters central."""
    p = load_parameters()
    probe = p["probe_share"].scalar(0.5)
    steps: list[tuple[str, Parameters, float]] = [("pooled", with_elasticity(p, None), 1.0)]
    steps += [(f"{s:g}", with_elasticity(p, s), single_sourced_parts(s, probe)) for s in SIGMAS]
    last = SIGMAS[-1]
    steps.append(
        (f"all {last:g}", _with_share(with_elasticity(p, last), 1.0), single_sourced_parts(last, probe))
    )
    rows = []
    for label, parameters, parts in steps:
        run = simulate(e, plot, parameters=parameters, full=False)
        found = measures(e, event, run.dates, monthly_level(run), by_region(run)[0])
        rows.append({"label": label, "parts": parts, "outputs": rounded(found)})
    return rows


# ---- order rules -------------------------------------------------------------------------------

PUBLISHED = (("ario", (90.0, 30.0, 6.0)), ("pichler", (14.0, 6.0)), ("inoue-todo", (15.0, 6.0, 3.0)))


def rules(e: Economy, plot: Scenario, event: Event) -> list[dict[str, Any]]:
    """Order rules on one shock: industry in the month and the next, and whether orders amplify.

    The default at the centre and with the shortest stocks and fastest orders of the ranges; the published
    models (roads and stock changes are not part of them) with their own cover and with shorter ones.
    `rest` is the worst day of the same rule when nothing happens at all.
    """
    rows, forcing = [], compile_scenario(plot, e)
    nothing = Forcing.none(e, forcing.days)
    for label, at in (("default", {}), ("default, short stocks", {"stock_days": 0.0, "order_days": 0.0})):
        run, calm = simulate(e, plot, quantiles=at), simulate(e, nothing, quantiles=at, full=False)
        rows.append(_rule(e, plot, event, label, run.record.output, calm.record.output, of_run(run)))
    for key, covers in PUBLISHED:
        for days in covers:
            rule = replace(pooled.MODELS[key], stock_days=days)
            found = pooled_kernels.run(rule, e, forcing, full=True)
            rest = pooled_kernels.run(rule, e, nothing)
            verdict = of_record(e, forcing, found)
            rows.append(_rule(e, plot, event, f"{key}, {days:g} days", found.output, rest.output, verdict))
    return rows


def _rule(
    e: Economy, plot: Scenario, event: Event, label: str,
    output: Floats, rest: Floats, verdict: Amplification,
) -> dict[str, Any]:  # fmt: skip
    """One row: industry on the path `output` [T, N], and on `rest`, where nothing happens."""
    weight = e.total_value_added * e.is_industry
    nation, calm = (level_of(x, e.output / 365.0) @ weight / weight.sum() for x in (output, rest))
    month = pd.date_range(plot.start, plot.end).to_period("M")
    period = pd.Period(event.month)
    levels = [100.0 * (nation[month == p].mean() - 1.0) for p in (period, period + 1)]
    return {
        "label": label,
        "months": rounded(levels),
        "worst": rounded(100.0 * (nation.min() - 1.0)),
        "rest": rounded(min(0.0, round(100.0 * (float(calm.min()) - 1.0), 3))),
        "sign": verdict.sign,
        "ratio": rounded(verdict.ratio, 3),
        "growth": None if verdict.growth is None else rounded(verdict.growth, 3),
        "day": None if verdict.date is None else verdict.date.isoformat(),
    }


def imposed(e: Economy, plot: Scenario, event: Event) -> Floats:
    """[s - 2] the deviations that the shocks to capacity alone leave in the month, before any knock-on."""
    forcing = compile_scenario(plot, e)
    dates = pd.date_range(plot.start, plot.end)
    left = np.minimum(1.0, forcing.capacity.full())
    months = 12 * (dates.year - dates[0].year) + dates.month - dates[0].month
    view = SimpleNamespace(economy=e, dates=dates, level=left, months=months.to_numpy())
    return measures(e, event, dates, monthly_level(view), by_region(view)[0])[:-2]  # type: ignore[arg-type]


# ---- numbers -----------------------------------------------------------------------------------


def rounded(values: Any, digits: int = 5) -> Any:
    """Plain lists with `digits` significant digits: what the page and its test read."""
    if np.ndim(values):
        return [rounded(v, digits) for v in values]
    return float(f"{float(values):.{digits}g}")


def study(event: Event, economy: Economy | None = None) -> dict[str, Any]:
    """Everything about one event, as plain data."""
    plot = load(event.scenario)
    e = economy or book.load(plot.book)
    names, function = names_of(plot), model(e, plot, event)
    begun = time.perf_counter()
    centre, low, high = one_by_one(function, len(names))
    indices = sobol(function, len(names), event.draws)
    seconds = time.perf_counter() - begun
    return {
        "scenario": event.scenario,
        "month": event.month,
        "sector": event.sector,
        "outputs": list(event.outputs),
        "names": list(names),
        "centre": rounded(centre),
        "low": rounded(low),
        "high": rounded(high),
        "draws": event.draws,
        "seed": SEED,
        "runs": event.draws * (len(names) + 2) + 2 * len(names) + 1,
        "seconds": rounded(seconds, 3),
        **{k: rounded(getattr(indices, k), 4) for k in Indices.__dataclass_fields__},
        **fixed(e, plot, event),
    }


def fixed(e: Economy, plot: Scenario, event: Event) -> dict[str, Any]:
    """What needs no sample."""
    return {
        "imposed": rounded(imposed(e, plot, event)),
        "book": book_alone(e, plot, event),
        "ladder": ladder(e, plot, event),
        "rules": rules(e, plot, event),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--page", action="store_true", help="write the page from numbers that are there")
    parser.add_argument("--draws", type=int, help="sample size of each event, a power of two")
    given = parser.parse_args(arguments)
    if not given.page:
        events = [replace(v, draws=given.draws) if given.draws else v for v in EVENTS]
        numbers = {"level": LEVEL, "resamples": RESAMPLES, "events": [study(v) for v in events]}
        RESULTS.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    sensitivity_page.write(json.loads(RESULTS.read_text("utf-8")), ROOT / "docs")


if __name__ == "__main__":
    main()
