"""Re-simulation at central parameters: what a given help would save, and many of them at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ballast.propagate.ensemble import workers
from ballast.propagate.run import Run, level_of
from ballast.propagate.simulate import run_arrays
from ballast.propagate.system import Help

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Bench:
    """One do-nothing run and the day from which help can act; every answer is a whole new run."""

    run: Run
    day: int

    @cached_property
    def weight(self) -> Floats:
        """[N] industrial value added a day."""
        e = self.run.economy
        return np.where(e.is_industry, e.total_value_added, 0.0) / 365.0

    @cached_property
    def lost(self) -> float:
        """Industrial value added lost when nothing is done, book unit over the horizon."""
        return self.loss(self.run.record.output)

    def loss(self, output: Floats) -> float:
        """Industrial value added lost on a path of output [T, N]."""
        return float(((1.0 - level_of(output, self.run.system.x0)) @ self.weight).sum())

    def help(
        self, nodes: Sequence[int] = (), *, share: Floats | None = None, slots: Sequence[int] = ()
    ) -> Help:
        """Give `nodes` everything back, or every node its `share`; supply `slots` in full."""
        node = np.zeros(self.run.economy.n) if share is None else share.astype(float)
        node[list(nodes)] = 1.0
        slot = np.zeros(len(self.run.system.need), np.uint8)
        slot[list(slots)] = 1
        return Help(self.day, node, slot)

    def saved(self, helped: Help) -> float:
        """Industrial value added saved by `helped`, book unit over the horizon."""
        record = run_arrays(self.run.system, self.run.weather, helped, backend="numba", full=False)
        return self.lost - self.loss(record.output)

    def saved_all(self, helps: Sequence[Help], done: Callable[[int], None] | None = None) -> list[float]:
        """`saved` of each, one a thread."""
        with ThreadPoolExecutor(workers()) as pool:
            out = []
            for value in pool.map(self.saved, helps):
                out.append(value)
                if done:
                    done(1)
        return out
