"""A batch on a CUDA card: the functions of `columns`, a thread for each item and column.

Needs the extra `cuda` (numba-cuda) and a card, or NUMBA_ENABLE_CUDASIM=1, which runs the same kernels in
Python on the processor: slow, for tests. One launch runs all days; between phases the whole grid waits for
its slowest thread. The column is the fast axis, so threads beside each other read memory beside each other.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numba import config, cuda
from numba.core.errors import NumbaPerformanceWarning

from ballast.errors import SimulationError
from ballast.propagate.card import columns
from ballast.propagate.card.columns import Grid, Sky, Values, Work
from ballast.propagate.step import rules

BLOCK = 256  # threads of a block
REGISTERS = 64  # a thread: half as many as it would take, twice as many threads, 1.5 times faster (H100)
SIMULATED = 4  # the same in the simulator, where each is a thread of Python


def available() -> bool:
    """Whether a card, or the simulator, is there."""
    return bool(cuda.is_available())


def _device(function: Any) -> Any:
    """The same source for the card."""
    return cuda.jit(device=True)(function)


# the simulator runs Python, and the rules as they stand
_RULES = {} if config.ENABLE_CUDASIM else {f.__name__: _device(f) for f in rules.ALL}
if _RULES:
    _RULES["make"] = _device(rules.bound(columns.make, _RULES))
_arrive, _morning, _bid, _produce, _deliver, _shelve, _evening, _tally = (
    _device(rules.bound(f, _RULES)) for f in columns.PHASES
)


def _days(g: Grid, v: Values, sky: Sky, work: Work) -> None:
    """All days in one launch: item k // columns of column k % columns; the grid waits between phases.

    Evening and the next morning of a node fall to one thread, so nothing waits between them.
    """
    grid = cuda.cg.this_grid()
    first, step = cuda.grid(1), cuda.gridsize(1)
    width = work.node.shape[2]
    nodes, markets = work.whole.shape[1] * width, work.market.shape[1] * width
    slots, regions = work.slot.shape[1] * width, work.region.shape[2] * width
    for t in range(sky.month.shape[0]):
        for k in range(first, nodes, step):
            _morning(g, v, sky, work, t, k // width, k % width)
        if sky.event_ptr[t + 1] > sky.event_ptr[t]:
            grid.sync()  # last night's stocks are put away
            if first == 0:
                _arrive(sky, work, t)
        grid.sync()
        for k in range(first, markets, step):
            _bid(g, v, sky, work, t, k // width, k % width)
        grid.sync()
        for k in range(first, nodes, step):
            _produce(g, v, sky, work, t, k // width, k % width)
        grid.sync()
        for k in range(first, markets, step):
            _deliver(g, v, sky, work, t, k // width, k % width)
        for k in range(first, regions, step):
            _tally(g, work, t, k // width, k % width)
        grid.sync()
        for k in range(first, slots, step):
            _shelve(g, v, sky, work, t, k // width, k % width)
        for k in range(first, nodes, step):
            _evening(g, v, sky, work, t, k // width, k % width)


_run_days: Any = cuda.jit(**({} if config.ENABLE_CUDASIM else {"max_registers": REGISTERS}))(_days)


def run_all(grid: Grid, values: Values, sky: Sky, work: Work) -> None:
    """Every day of every column on the card; fills `work.month` and `work.region`."""
    if not available():
        raise SimulationError(
            "No CUDA card can be used here. Use the backend numba, or a machine with an NVIDIA card, its "
            "driver and the extra: pip install 'ballaststone[cuda]'."
        )
    g, v, s, w = (_to_card(group) for group in (grid, values, sky, work))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NumbaPerformanceWarning)  # a small book does not fill a card
        if config.ENABLE_CUDASIM:
            _run_days[1, SIMULATED](g, v, s, w)
        else:
            kernel = _run_days.specialize(g, v, s, w)
            (compiled,) = kernel.overloads.values()
            # as many blocks as the card holds at a time: all must be there to wait for one another
            kernel[compiled.max_cooperative_grid_blocks(BLOCK), BLOCK](g, v, s, w)
    cuda.synchronize()
    w.month.copy_to_host(work.month)
    w.region.copy_to_host(work.region)


def _to_card(group: Any) -> Any:
    """The same NamedTuple with its arrays on the card; an empty one becomes a zero that nobody reads."""
    return type(group)(*(cuda.to_device(a if a.size else np.zeros((1,) * a.ndim, a.dtype)) for a in group))
