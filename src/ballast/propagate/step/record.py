"""What a run of the step writes down."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import Floats
from ballast.propagate.step.system import System


class Record(NamedTuple):
    """What a run writes down, a row a day. Arrays of zero rows are not written."""

    output: Annotated[Floats, "T, N"]  # always
    injected: Annotated[Floats, "T"]  # supplied by the plan from outside, always
    capacity: Annotated[Floats, "T?, N"]
    demand: Annotated[Floats, "T?, N"]
    limit: Annotated[Floats, "T?, N"]
    rho: Annotated[Floats, "T?, N"]  # share of producers' orders filled
    shipped: Annotated[Floats, "T?, N"]  # to producers, final users and abroad
    binding: Annotated[NDArray[np.int32], "T?, N"]
    stock: Annotated[Floats, "T?, N"]  # value of input stocks in the house, waiting goods included
    unmet: Annotated[Floats, "T?, R"]
    ledger: Annotated[Floats, "T?, K, 9"]


def new_record(s: System, days: int, *, full: bool) -> Record:
    """Arrays to write a run into; only the output unless `full`."""
    n, t = s.n_nodes, days if full else 0
    return Record(
        output=np.zeros((days, n)),
        injected=np.zeros(days),
        capacity=np.zeros((t, n)),
        demand=np.zeros((t, n)),
        limit=np.zeros((t, n)),
        rho=np.zeros((t, n)),
        shipped=np.zeros((t, n)),
        binding=np.zeros((t, n), np.int32),
        stock=np.zeros((t, n)),
        unmet=np.zeros((t, s.n_regions)),
        ledger=np.zeros((t, s.n_products, 9)),
    )
