"""The main job: what happens, who first, what it buys, where the economy lands.

respond(scenario, book=..., draws=64, relief=20) -> Response
predict(scenario, book=..., draws=64)            -> table region x sector x month

bench      re-simulation at central parameters
chains     why a node stopped, link by link, in words
causes     what stands behind the shortages: plants, roads, imports, single inputs
blockages  what to clear, ranked by what clearing it saves
cases      who to bring together: supplier, customer, product, day
relief     whom to put back to work first, beside five simple rules
landing    ranges
parts      what each kind of shock does
tables     by month, region, sector
told       what must be known before the numbers
evidence   what the answer leans on
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import ballast
from ballast.answer import blockages, cases, evidence, landing, parts, tables, told
from ballast.answer import relief as relief_module  # `respond` has an argument of that name
from ballast.arrays import Floats, band, sums
from ballast.compiled import versions
from ballast.economy import Economy, book, check
from ballast.errors import InputError
from ballast.evidence import worst
from ballast.outcomes import Ending
from ballast.propagate.amplify import Amplification, of_run
from ballast.propagate.bench import Bench
from ballast.propagate.ensemble import Ensemble, design, run_ensemble, run_pair
from ballast.propagate.published import DEFAULT, NAMES, choose, refuse
from ballast.propagate.run import Run
from ballast.propagate.simulate import best, simulate
from ballast.propagate.step.interventions import Plan
from ballast.response import Band, Estimate, Headlines, Orders, Response
from ballast.scenario import Scenario, compile_scenario, with_targets
from ballast.scenario import load as load_scenario
from ballast.text import Text
from ballast.units import Money

Progress = Callable[[str, int, int], None]

BLOCKAGES = 20
MOST_DRAWS = 10_000
MOST_PLACES = 1_000
CENTRAL: tuple[Mapping[str, float], ...] = ({},)


def respond(
    scenario: Scenario | str | Path,
    *,
    book: Economy | str | Path | None = None,
    draws: int = 64,
    relief: int = 20,
    seed: int = 1,
    model: str = DEFAULT,
    progress: Progress | None = None,
) -> Response:
    """The answer to a scenario on a book.

    `scenario` and `book` are names of built-in ones, paths, or the objects; without a book the one the
    scenario was written for is used. `draws` (at least 2) make the bands, `relief` is the number of places
    in the plan, `model` a name of `ballast.propagate.published.models.NAMES`. Raises InputError (BookError,
    ScenarioError) for what does not fit, SimulationError for what the model cannot do.

    >>> import ballast
    >>> answer = ballast.respond("vehicle-parts", draws=4, relief=1)
    >>> answer.by_month[["month", "nothing", "plan"]].round(1).values.tolist()[0]
    ['2022-01', -20.6, -3.9]
    """
    economy, plot = _inputs(scenario, book, draws, relief, model)
    clock = _Clock(progress or (lambda stage, done, total: None))
    with clock("path", 1) as tick:
        run = simulate(economy, plot, model=model)
        tick(1)
    bench = Bench(run, max(0, (plot.decision - plot.start).days), plot)
    money = _money_words(economy)
    with clock("relief", 8 * relief + 60) as tick:
        chosen, acts, alone = relief_module.choose(bench, relief, tick)
    with clock("draws", draws) as tick:
        quantiles = design(plot, draws, seed, model)
        spread = run_pair(economy, plot, quantiles, acts, model=model, progress=lambda done, total: tick(1))
    with clock("blockages", blockages.CANDIDATES) as tick:
        found = blockages.search(bench, BLOCKAGES, alone, tick)
        blocks = blockages.describe(bench, found, money)
        drafts = cases.draft(bench, found, money)
    with clock("tables", 1) as tick:
        answer = _assemble(
            economy,
            plot,
            run,
            acts,
            spread,
            chosen,
            blocks,
            drafts,
            draws,
            relief,
            seed,
            model,
            clock,
        )
        tick(1)
    return answer


def predict(
    scenario: Scenario | str | Path,
    *,
    book: Economy | str | Path | None = None,
    draws: int = 64,
    seed: int = 1,
    model: str = DEFAULT,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Monthly deviation of output from baseline for every region x sector, with its 10-90% band.

    Columns region, sector, month, deviation_pct, low, high. Its `attrs` hold what a reader must know before
    the numbers, as plain values: `outcome` (completed, collapsed, diverged), `notes` (of `respond`, each
    {en, zh}), `amplifies` (kind, sign, ratio, day) and `outcomes` (how many draws ended how).

    >>> import ballast
    >>> table = ballast.predict("vehicle-parts", draws=4)
    >>> table.loc[table.deviation_pct.idxmin(), ["region", "sector", "month"]].tolist()
    ['C', 'parts', '2022-01']
    """
    economy, plot = _inputs(scenario, book, draws, 0, model)
    report = progress or (lambda stage, done, total: None)
    run = simulate(economy, plot, model=model)
    spread = run_ensemble(
        economy, plot, design(plot, draws, seed, model), model=model,
        progress=lambda done, total: report("draws", done, total),
    )  # fmt: skip
    central = run_ensemble(economy, plot, CENTRAL, model=model)
    table = tables.monthly(economy, run.dates, central, spread)
    verdict = _verdict(run)
    orders = _orders(verdict)
    table.attrs = {  # plain values: pandas writes them into files as JSON
        "outcome": run.outcome.kind.value,
        "notes": [{"en": n.en, "zh": n.zh} for n in told.notes(economy, plot, run, verdict)],
        "amplifies": {} if orders is None else _plain(orders),
        "outcomes": {kind.value: n for kind, n in _outcomes(spread).items()},
    }
    return table


def _inputs(
    scenario: Scenario | str | Path, book_: Economy | str | Path | None, draws: int, places: int, model: str
) -> tuple[Economy, Scenario]:
    wrong = []
    if draws < 2:
        wrong.append(f"draws: a band needs at least 2 draws, got {draws}. Use --draws 64.")
    if draws > MOST_DRAWS:
        wrong.append(f"draws: {draws} is more than this machine should hold. Use at most {MOST_DRAWS}.")
    if places < 0:
        wrong.append(f"relief: the number of places cannot be negative, got {places}. Use --relief 20.")
    if places > MOST_PLACES:
        wrong.append(f"relief: {places} places are more than anybody calls. Use at most {MOST_PLACES}.")
    if model not in NAMES:
        wrong.append(f"model {model}: there is no such model. Use one of: {', '.join(NAMES)}.")
    if wrong:
        raise InputError("\n".join(wrong))
    plot = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    economy = book_ if isinstance(book_, Economy) else book.load(book_ or plot.book)
    check(economy, strict=True)
    plot = with_targets(plot, economy.facts.targets)
    compile_scenario(plot, economy)  # what does not fit is said before any work begins
    if (chosen := choose(model)) is not None:
        refuse(chosen, economy)
    return economy, plot


class _Clock:
    """Times each stage and reports its progress."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str, total: int) -> Iterator[Callable[[int], None]]:
        begun, done = time.perf_counter(), 0

        def tick(steps: int) -> None:
            nonlocal done
            done = min(total, done + steps)
            self.progress(stage, done, total)

        self.progress(stage, 0, total)
        yield tick
        self.progress(stage, total, total)
        self.seconds[stage] = time.perf_counter() - begun


def _money_words(economy: Economy) -> Callable[[float], Text]:
    money = Money.read(economy.unit, economy.currency)
    return lambda value: Text(money.text(value, "en"), money.text(value, "zh"))


def _assemble(
    economy: Economy, plot: Scenario, run: Run, acts: Plan, draws: tuple[Ensemble, Ensemble],
    chosen: Any, blocks: Any, drafts: Any, n_draws: int, places: int, seed: int, model: str, clock: _Clock,
) -> Response:  # fmt: skip
    mids = run_pair(economy, plot, CENTRAL, acts, model=model)
    facts = evidence.gather(economy, plot, choose(model))
    verdict = _verdict(run)
    path, plan_path = (_band(economy, m, d) for m, d in zip(mids, draws, strict=True))
    by_month = tables.by_group(economy, run.dates, "country", mids, draws).drop(columns="country")
    return Response(
        economy=economy,
        scenario=plot,
        dates=run.dates,
        path=path,
        plan_path=plan_path,
        monthly=tables.monthly(economy, run.dates, mids[0], draws[0]),
        by_month=by_month,
        by_region=tables.by_group(economy, run.dates, "region", mids, draws),
        by_sector=tables.by_group(economy, run.dates, "sector", mids, draws),
        stops=run.stops(),
        blockages=blocks,
        relief=chosen,
        landings=landing.land(economy, plot, run.dates, mids, draws),
        cases=drafts,
        evidence=facts,
        headlines=_headlines(
            economy,
            tables.worst(by_month, run.dates),
            mids,
            draws,
            n_draws,
            parts.without(economy, plot, run.lost, model),
            _orders(verdict),
        ),
        outcome=run.outcome.kind,
        notes=told.notes(economy, plot, run, verdict),
        grade=worst(f.grade for f in facts),
        settings=_settings(economy, plot, n_draws, places, seed, model),
        seconds=clock.seconds,
    )


def _national(economy: Economy, e: Ensemble) -> Floats:
    """[D, T] industrial value added as % of baseline."""
    weight = sums(economy.node_region, economy.industrial_value_added, economy.r)
    share: Floats = e.industry.astype(np.float64) @ (weight / weight.sum())
    return 100.0 * share


def _band(economy: Economy, mid: Ensemble, draws: Ensemble) -> Band:
    central = _national(economy, mid)[0]
    return Band(central, *band(_national(economy, draws), central))


def _headlines(
    economy: Economy,
    worst_month: pd.Series,
    mids: tuple[Ensemble, Ensemble],
    draws: tuple[Ensemble, Ensemble],
    n_draws: int,
    without: Mapping[str, float],
    orders: Orders | None,
) -> Headlines:
    """The numbers a reader quotes: worst month and value lost, do nothing and with the plan."""
    daily = float(economy.daily_industrial_value_added.sum())
    out: dict[str, Estimate] = {}
    for name, mid, spread in zip(("nothing", "plan"), mids, draws, strict=True):
        central, paths = _national(economy, mid)[0], _national(economy, spread)
        out[f"worst_{name}"] = Estimate(*(float(worst_month[name + end]) for end in ("", "_low", "_high")))
        out[f"lost_{name}"] = _estimate(
            (100.0 - central).sum() / 100.0 * daily, (100.0 - paths).sum(axis=1) / 100.0 * daily
        )
        out[f"horizon_{name}"] = _estimate(central.mean() - 100.0, paths.mean(axis=1) - 100.0)
    return Headlines(
        worst_month=str(worst_month.month), draws=n_draws, outcomes=_outcomes(draws[0]), without=without,
        amplifies=orders, **out,
    )  # fmt: skip


def _estimate(mid: float, spread: Floats) -> Estimate:
    low, high = band(spread, np.asarray(mid))
    return Estimate(float(mid), float(low), float(high))


def _outcomes(draws: Ensemble) -> dict[Ending, int]:
    """How many draws ended how."""
    return {k: draws.outcomes.count(k) for k in sorted(set(draws.outcomes))}


def _verdict(run: Run) -> Amplification | None:
    """Whether orders amplify the shock; nothing can be said of a run that diverged."""
    return of_run(run) if run.outcome.kind is not Ending.DIVERGED else None


def _orders(verdict: Amplification | None) -> Orders | None:
    """The verdict on orders as a headline; none of a run that diverged."""
    return None if verdict is None else Orders(verdict.kind, verdict.sign, verdict.ratio, verdict.date)


def _plain(orders: Orders) -> dict[str, Any]:
    """The verdict on orders in plain values."""
    return {**asdict(orders), "day": orders.day.isoformat() if orders.day else None}


def _settings(
    economy: Economy, plot: Scenario, draws: int, places: int, seed: int, model: str
) -> dict[str, Any]:
    return {
        "draws": draws,
        "relief": places,
        "seed": seed,
        "model": model,
        "backend": best() if choose(model) is None else "numba",
        "book": economy.name,
        "book_hash": book.book_hash(economy),
        "scenario": plot.name,
        "scenario_hash": scenario_hash(plot),
        "ballast": ballast.__version__,
        "versions": versions("numpy", "scipy", "pandas"),
    }


def scenario_hash(plot: Scenario) -> str:
    """sha256 of what a scenario says, wherever its file lies."""
    return hashlib.sha256(plot.exact.encode()).hexdigest()
