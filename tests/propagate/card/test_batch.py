"""A batch gives what its columns give alone, to the bit, on any number of threads and on a card."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ballast.economy import Economy
from ballast.errors import SimulationError
from ballast.propagate.card.batch import Column, Summary, run_batch
from ballast.propagate.ensemble import by_region, monthly_level
from ballast.propagate.parameters import load_parameters
from ballast.propagate.run import Run
from ballast.propagate.simulate import prepare, simulate
from ballast.propagate.step.interventions import Intervention, under

from ..cases import harsh, random_economy, some_plan

DAYS = 90
QUANTILES = (
    {},
    {"stock_days": 0.1, "elasticity": 0.9},
    {"order_days": 0.8, "trade": 0.0},
    {"critical_cost_share": 0.0},
    {"book": 0.3, "trade": 0.7},
)


def columns(economy: Economy, width: int) -> tuple[list[Column], list[Run]]:
    """Columns that differ in weather, plan and parameters, and the same as single runs in NumPy."""
    made, single = [], []
    for b in range(width):
        forcing = harsh(economy, 10 + b, DAYS)
        plan = () if b % 3 == 0 else some_plan(economy, forcing, b, slots=False)
        blank = prepare(economy, forcing, load_parameters(), QUANTILES[b % len(QUANTILES)])
        made.append(Column.of(replace(blank, weather=under(blank.weather, plan))))
        single.append(
            simulate(
                economy,
                forcing,
                quantiles=QUANTILES[b % len(QUANTILES)],
                plan=plan,
                backend="numpy",
                full=False,
            )
        )
    return made, single


def months(run: Run) -> np.ndarray:
    return ((run.dates.year - run.dates[0].year) * 12 + run.dates.month - run.dates[0].month).to_numpy(
        np.int32
    )


def agrees(batch: Summary, single: list[Run], tolerance: float) -> None:
    for b, run in enumerate(single):
        industry, everything = by_region(run)
        np.testing.assert_allclose(batch.monthly[b], monthly_level(run), atol=tolerance, rtol=tolerance)
        np.testing.assert_allclose(batch.industry[b], industry, atol=tolerance, rtol=tolerance)
        np.testing.assert_allclose(batch.everything[b], everything, atol=tolerance, rtol=tolerance)


@pytest.mark.parametrize("seed", [3, 7])
def test_a_batch_is_its_columns(seed: int) -> None:
    economy = random_economy(seed, regions=3)
    made, single = columns(economy, 5)
    agrees(run_batch(economy, made, months(single[0])), single, 1e-10)
    agrees(run_batch(economy, made, months(single[0]), kind=np.float32), single, 2e-4)


@pytest.mark.parametrize("seed", [3, 4])
def test_a_batch_reads_slots_in_whatever_order_they_lie(seed: int) -> None:
    """A permuted economy keeps the order of its slots; and stock is released into every slot, also those
    that hold none, which takes nothing.
    """
    economy = random_economy(seed, regions=3)
    economy = economy.permuted(np.random.default_rng(seed).permutation(economy.n))
    assert (np.diff(economy.slot_node) < 0).any()
    blank = prepare(economy, harsh(economy, seed, DAYS), load_parameters(), {})
    every = np.arange(len(blank.system.need))
    plan = [Intervention("stock", every, 2.0 * blank.system.need, day) for day in (0, 9)]
    column = Column.of(replace(blank, weather=under(blank.weather, plan)))
    single = simulate(economy, blank.forcing, plan=plan, backend="numpy", full=False)
    agrees(run_batch(economy, [column], months(single)), [single], 1e-10)


def test_to_the_bit_for_any_batch_and_any_threads() -> None:
    economy = random_economy(5, regions=3)
    made, single = columns(economy, 11)
    when = months(single[0])
    together = run_batch(economy, made, when, threads=1)
    again = run_batch(economy, made, when, threads=4)
    other = run_batch(economy, made[::-1][:5], when)  # other neighbours, another chunk
    alone = run_batch(economy, made[6:7], when)
    for name in ("monthly", "industry", "everything"):
        whole = getattr(together, name)
        np.testing.assert_array_equal(getattr(again, name), whole)
        np.testing.assert_array_equal(getattr(other, name), whole[::-1][:5])
        np.testing.assert_array_equal(getattr(alone, name)[0], whole[6])


def test_a_batch_refuses_what_it_cannot_do() -> None:
    economy = random_economy(5)
    made, single = columns(economy, 2)
    with pytest.raises(SimulationError, match="equal horizons"):
        run_batch(economy, made, months(single[0])[:-1])
    supplied = under(made[0].weather, [Intervention.on("supply", [0])])
    made[0] = replace(made[0], weather=supplied)
    with pytest.raises(SimulationError, match="not inputs"):
        run_batch(economy, made, months(single[0]))


def on_card() -> float:
    """Largest difference between the card, or its simulator, and the processor; both close to NumPy."""
    economy = random_economy(2, regions=2)
    made, single = columns(economy, 3)
    card = run_batch(economy, made, months(single[0]), device="cuda")
    agrees(card, single, 1e-10)
    processor = run_batch(economy, made, months(single[0]))
    return float(np.abs(card.monthly - processor.monthly).max())


def test_the_simulated_card_gives_the_same_numbers() -> None:
    pytest.importorskip("numba_cuda", reason="needs the extra cuda")
    code = "from propagate.card.test_batch import on_card; assert on_card() == 0.0"
    folder = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=os.environ | {"NUMBA_ENABLE_CUDASIM": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


def test_a_card_gives_the_same_numbers() -> None:
    cuda = pytest.importorskip("ballast.propagate.card.cuda")
    if not cuda.available():
        pytest.skip("no CUDA card here")
    assert on_card() < 1e-10
