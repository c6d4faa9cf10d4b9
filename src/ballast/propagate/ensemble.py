"""Many draws of what is uncertain: parameters, trade pattern and the scenario's own ranges.

A draw is a point of a Latin hypercube over the parameters with a range and the scenario's drivers;
each coordinate is a quantile (0 low, 0.5 central, 1 high). Draws run one a thread; draw d is the same
whatever the number of threads and however many others there are beside it in the same design.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ballast import machine
from ballast.arrays import Floats
from ballast.economy import Economy
from ballast.outcomes import Ending
from ballast.propagate.parameters import load_parameters
from ballast.propagate.published.models import DEFAULT, choose
from ballast.propagate.published.reference import Model
from ballast.propagate.run import Run, judge
from ballast.propagate.simulate import BOOK, SHOCK, simulate_each
from ballast.propagate.step.interventions import Plan
from ballast.scenario import Scenario, drivers
from ballast.threads import ThreadPoolExecutor

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Summaries of D draws: everything a band needs, nothing that grows with the number of days x nodes.

    `monthly` is the mean output level by month and node, `value_added` what a node's level weighs in the
    draw; `industry` and `everything` are value added as a share of baseline by day and region.
    """

    quantiles: tuple[Mapping[str, float], ...]
    monthly: NDArray[np.float32]  # [D, P, N]
    value_added: NDArray[np.float32]  # [D, N]
    industry: NDArray[np.float32]  # [D, T, R]
    everything: NDArray[np.float32]  # [D, T, R]
    outcomes: tuple[Ending, ...]


def design(
    scenario: Scenario, draws: int, seed: int, model: str | Model = DEFAULT
) -> tuple[dict[str, float], ...]:
    """`draws` quantile assignments, a Latin hypercube over everything that has a range.

    A published model has numbers without ranges: its draws move the shocks and the trade pattern. Beside
    the hypercube, every draw has a number of its own for the book's weak cells.
    """
    ranged = [p.key for p in load_parameters().items.values() if not p.families]
    ranged = ranged if choose(model) is None else ["trade"]
    names = sorted(ranged) + [SHOCK + d for d in sorted(drivers(scenario))]
    points = hypercube(draws, len(names), np.random.default_rng(seed))
    books = np.random.default_rng([seed, 1]).random(draws)
    return tuple(
        {**dict(zip(names, map(float, p), strict=True)), BOOK: float(b)}
        for p, b in zip(points, books, strict=True)
    )


def hypercube(draws: int, names: int, rng: np.random.Generator) -> Floats:
    """[draws, names] a Latin hypercube (McKay et al. 1979): in every column one point in each of `draws`
    equal parts of 0..1. The points are those of scipy.stats.qmc, which takes a second to import.
    """
    (rng,) = rng.spawn(1)
    inside = rng.uniform(size=(draws, names))
    part = np.tile(np.arange(1, draws + 1), (names, 1))
    for column in part:
        rng.shuffle(column)
    return np.asarray((part.T - inside) / draws)


def run_ensemble(
    economy: Economy,
    scenario: Scenario,
    quantiles: Sequence[Mapping[str, float]],
    *,
    plan: Plan = (),
    model: str | Model = DEFAULT,
    progress: Progress | None = None,
    threads: int | None = None,
) -> Ensemble:
    """Run every draw; memory holds the summaries only."""
    return _run_all(economy, scenario, quantiles, (plan,), model, progress, threads)[0]


def run_pair(
    economy: Economy,
    scenario: Scenario,
    quantiles: Sequence[Mapping[str, float]],
    plan: Plan,
    *,
    model: str | Model = DEFAULT,
    progress: Progress | None = None,
) -> tuple[Ensemble, Ensemble]:
    """Every draw without and with a plan; both share the days before it begins."""
    nothing, better = _run_all(economy, scenario, quantiles, ((), plan), model, progress, None)
    return nothing, better


_Summary = tuple[Floats, Floats, Floats, Floats, Ending]


def _run_all(
    economy: Economy,
    scenario: Scenario,
    quantiles: Sequence[Mapping[str, float]],
    plans: tuple[Plan, ...],
    model: str | Model,
    progress: Progress | None,
    threads: int | None,
) -> tuple[Ensemble, ...]:
    done: dict[int, list[_Summary]] = {}
    with ThreadPoolExecutor(threads or workers()) as pool:
        jobs = {
            pool.submit(_summaries, economy, scenario, q, plans, model): d for d, q in enumerate(quantiles)
        }
        try:
            for job in as_completed(jobs):
                done[jobs[job]] = job.result()
                if progress:
                    progress(len(done), len(jobs))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return tuple(_stack(quantiles, [done[d][i] for d in range(len(quantiles))]) for i in range(len(plans)))


def _stack(quantiles: Sequence[Mapping[str, float]], rows: list[_Summary]) -> Ensemble:
    return Ensemble(
        tuple(quantiles),
        np.stack([r[0] for r in rows]).astype(np.float32),
        np.stack([r[1] for r in rows]).astype(np.float32),
        np.stack([r[2] for r in rows]).astype(np.float32),
        np.stack([r[3] for r in rows]).astype(np.float32),
        tuple(r[4] for r in rows),
    )


def workers() -> int:
    """Threads to use: the processors this process may use."""
    return machine.processors()


def _summaries(
    economy: Economy, scenario: Scenario, quantiles: Mapping[str, float], plans: tuple[Plan, ...],
    model: str | Model,
) -> list[_Summary]:  # fmt: skip
    return [_summary(run) for run in simulate_each(economy, scenario, quantiles, plans, model)]


def _summary(run: Run) -> _Summary:
    industry, everything = by_region(run)
    return monthly_level(run), run.economy.total_value_added, industry, everything, judge(run).kind


def monthly_level(run: Run) -> Floats:
    """[P, N] mean output level of every node in each calendar month of the run."""
    first = np.flatnonzero(np.diff(run.months, prepend=-1))
    size = np.diff(first, append=len(run.months))
    return np.asarray(np.add.reduceat(run.level, first, axis=0) / size[:, None])


def by_region(run: Run) -> tuple[Floats, Floats]:
    """[T, R] value added of each region as a share of its baseline: of industry, and of everything.

    1 where a region has none.
    """
    e = run.economy
    paths = []
    for added in (e.industrial_value_added, e.total_value_added):
        weight = sparse.csr_array((added, (np.arange(e.n), e.node_region)), shape=(e.n, e.r))
        base = np.asarray(weight.sum(axis=0)).ravel()
        value = (weight.T @ run.level.T).T
        paths.append(np.divide(value, base, out=np.ones_like(value), where=base != 0))
    return paths[0], paths[1]
