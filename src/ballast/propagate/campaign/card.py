"""Parts of a campaign on a CUDA card: `on_card()` is a `Spread`, as `on_threads` is.

Draws are prepared on the processor, some at a time on its threads, while the card runs the batch before.
The card computes what the processor does to rounding, not to the bit, so a campaign says in its manifest
where it runs and is continued there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, wait
from itertools import groupby, pairwise
from typing import TypeVar

import numpy as np

from ballast.arrays import Floats
from ballast.compiled import need
from ballast.errors import InputError
from ballast.outcomes import Ending
from ballast.propagate.campaign.folder import Parts, Spread, Tick
from ballast.propagate.campaign.parts import Draw, Job, Plan, part_of
from ballast.propagate.card.batch import Column, Device, run_batch
from ballast.propagate.ensemble import workers
from ballast.propagate.parameters import load_parameters
from ballast.propagate.run import Run, fallen
from ballast.propagate.simulate import prepare
from ballast.threads import ThreadPoolExecutor

T = TypeVar("T")

TOGETHER = 256  # draws a batch: beyond it a card gains little, and memory of the host grows


def on_card(device: Device = "cuda") -> Spread:
    """Parts in batches on a card. InputError, before anything runs, where none can be used."""
    need()
    if device == "cuda":
        from ballast.propagate.card import cuda

        if not cuda.available():
            raise InputError(
                "--device: no CUDA card can be used here. Leave the option out, or use a machine with an "
                "NVIDIA card, its driver and the extra: pip install 'ballaststone[cuda]'."
            )

    def spread(plan: Plan, jobs: Sequence[Job], tick: Tick) -> Parts:
        pool, card = ThreadPoolExecutor(workers()), ThreadPoolExecutor(1)
        try:
            batches = [*_batches(jobs), []]
            waiting = _prepare(plan, batches[0], pool)
            for batch, then in pairwise(batches):
                runs = _results(waiting, tick)
                found = card.submit(_draws, runs, device)
                waiting = _prepare(plan, then, pool)
                (draws,) = _results([found], tick)
                for job in batch:
                    mine, draws = draws[: job.last - job.first], draws[job.last - job.first :]
                    yield job, part_of(plan.economy, plan.scenarios[job.scenario].days, mine)
        finally:
            pool.shutdown(cancel_futures=True)
            card.shutdown(cancel_futures=True)

    return spread


def _results(futures: Sequence[Future[T]], tick: Tick) -> list[T]:
    """What they give, in their order; `tick` is called every second until the last is there."""
    left: Collection[Future[T]] = futures
    while left:
        _, left = wait(left, timeout=1.0)
        tick()
    return [f.result() for f in futures]


def _batches(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """Jobs of one scenario at a time, as many as run together."""
    for _, some in groupby(jobs, key=lambda job: job.scenario):
        batch: list[Job] = []
        for job in some:
            if batch and sum(j.last - j.first for j in batch) + job.last - job.first > TOGETHER:
                yield batch
                batch = []
            batch.append(job)
        yield batch


def _prepare(plan: Plan, jobs: Sequence[Job], pool: ThreadPoolExecutor) -> list[Future[Run]]:
    """The draws of these jobs, which are of one scenario, being prepared."""
    parameters = load_parameters()
    return [
        pool.submit(prepare, plan.economy, plan.scenarios[job.scenario], parameters, q)
        for job in jobs
        for q in plan.quantiles(job)
    ]


def _draws(runs: Sequence[Run], device: Device) -> list[Draw]:
    """What a part keeps of each run of a batch."""
    months = runs[0].months
    days = np.bincount(months)
    found = run_batch(runs[0].economy, [Column.of(run) for run in runs], months, device=device)
    return [
        Draw(
            _ended(run, found.output[b], found.monthly[b]),
            run.economy,
            found.monthly[b],
            days @ found.monthly[b],
        )
        for b, run in enumerate(runs)
    ]


def _ended(run: Run, output: Floats, monthly: Floats) -> Ending:
    """The outcome of a run: the same question that `judge` asks of a whole record."""
    if not (np.isfinite(output).all() and np.isfinite(monthly).all()):
        return Ending.DIVERGED
    return Ending.COLLAPSED if fallen(run, output).any() else Ending.COMPLETED
