"""Batches on a CUDA card beside the processor: equal numbers, scenario-years a second, share of bandwidth.

    python benchmarks/card.py [OUT.json]

One row a size and type: the card's seconds for a batch (arrays already packed; transfers included), what
a day must move at the least, and the same scenarios on the processor's threads in the same run.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

import ballast
from ballast.economy import Economy
from ballast.forcing import Forcing, Steps
from ballast.propagate.card import batch, cuda
from ballast.propagate.parameters import load_parameters
from ballast.propagate.simulate import prepare, run_arrays
from ballast.propagate.step.layout import lay_out

sys.path.insert(0, os.path.dirname(__file__))
from economies import regional

DAYS = 365


def columns(e: Economy, width: int, seed: int = 0) -> list[batch.Column]:
    """`width` scenarios, central parameters: a tenth of the nodes loses capacity for a month."""
    rng = np.random.default_rng(seed)
    out: list[batch.Column] = []
    first: Any = None
    for _ in range(width):
        level = np.ones((DAYS, e.n))
        start = int(rng.integers(5, 60))
        level[start : start + 30, rng.random(e.n) < 0.1] = rng.uniform(0.2, 0.8)
        forcing = replace(Forcing.none(e, DAYS, dt.date(2022, 1, 1)), capacity=Steps.of(level))
        if first is None:
            first = prepare(e, forcing, load_parameters(), {})
            out.append(batch.Column.of(first))
        else:
            weather = first.weather._replace(
                capacity=forcing.capacity.table, capacity_day=forcing.capacity.index
            )
            out.append(replace(batch.Column.of(first), weather=weather))
    return out


def floor_bytes(packed: tuple[Any, ...], kind: Any) -> int:
    """The least bytes a day must move: each value read or written once a phase that needs it."""
    grid, values, _, work = packed
    size = np.dtype(kind).itemsize
    width = work.node.shape[2]
    state = 2 * (6 * work.node.shape[1] + 4 * work.slot.shape[1]) * width * size
    handed = (
        2 * (11 * work.node.shape[1] + 2 * work.slot.shape[1] + 13 * work.market.shape[1]) * width * size
    )
    network = sum(a.nbytes for a in (*grid, *values))
    return int(state + handed + network)


def bandwidth() -> float:
    """Bytes a second of a plain copy on the card, read and written."""
    from numba import cuda as card

    a = card.device_array(1 << 28, np.float64)
    b = card.device_array(1 << 28, np.float64)
    times = []
    for _ in range(5):
        card.synchronize()
        t = time.perf_counter()
        b.copy_to_device(a)
        card.synchronize()
        times.append(time.perf_counter() - t)
    return float(2 * a.nbytes / min(times))


def row(e: Economy, width: int, kind: Any, repeats: int, speed: float) -> dict[str, Any]:
    cols = columns(e, width)
    months = np.minimum(np.arange(DAYS) // 31, 11).astype(np.int32)
    packed = batch.pack(e, cols, months, kind)
    times = []
    for _ in range(repeats + 1):
        packed[3].month[:] = 0.0
        t = time.perf_counter()
        cuda.run_all(*packed)
        times.append(time.perf_counter() - t)
    card = statistics.median(times[1:])
    some = cols[: os.cpu_count() or 1]

    layout = lay_out(some[0].system)  # the columns differ in their weather only

    def one(c: batch.Column) -> None:
        run_arrays(c.system, c.weather, backend="numba", full=False, layout=layout)

    one(cols[0])
    t = time.perf_counter()
    with ThreadPoolExecutor(len(some)) as pool:
        list(pool.map(one, some))
    processor = (time.perf_counter() - t) / len(some)
    moved = floor_bytes(packed, kind) * DAYS
    return {
        "book": e.name, "columns": width, "type": np.dtype(kind).name, "card_s": card, "first_s": times[0],
        "years_a_second": width / card, "processor_years_a_second": 1 / processor,
        "times_processor": processor * width / card, "floor_bytes_a_day": floor_bytes(packed, kind),
        "share_of_bandwidth": moved / card / speed,
    }  # fmt: skip


def equal(e: Economy, kind: Any) -> float:
    """Largest difference between the card and NumPy's reference in a month's mean output level."""
    cols = columns(e, 8)
    months = np.minimum(np.arange(DAYS) // 31, 11).astype(np.int32)
    card = batch.run_batch(e, cols, months, device="cuda", kind=kind)
    worst = 0.0
    for b, c in enumerate(cols[:2]):
        record = run_arrays(c.system, c.weather, backend="numpy", full=False)
        level = np.divide(
            record.output, c.system.x0, out=np.ones_like(record.output), where=c.system.x0 > 0
        )
        mean = np.stack([level[months == p].mean(axis=0) for p in range(12)])
        worst = max(worst, float(np.abs(card.monthly[b] - mean).max()))
    return worst


def main() -> None:
    speed = bandwidth()
    china = ballast.load_book("china-2020")
    out: dict[str, Any] = {"copy_bytes_a_second": speed, "rows": []}
    for kind in (np.float64, np.float32):
        out[f"largest_difference_{np.dtype(kind).name}"] = equal(china, kind)
        print(json.dumps(out), flush=True)
    plan = [
        (china, 64, 3),
        (china, 256, 3),
        (china, 1024, 3),
        (regional(200, 50), 16, 2),
        (regional(200, 50), 64, 2),
    ]
    for e, width, repeats in plan:
        for kind in (np.float64, np.float32):
            out["rows"].append(row(e, width, kind, repeats, speed))
            print(json.dumps(out["rows"][-1]), flush=True)
            if len(sys.argv) > 1:
                with open(sys.argv[1], "w") as file:
                    json.dump(out, file, indent=1)


if __name__ == "__main__":
    main()
