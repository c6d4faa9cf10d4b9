"""What can be said of a shock without a model of time: three baselines that any dynamic model has to beat.

    direct     what the shocks themselves take, nothing passed on
    leontief   final deliveries of closed nodes fall and pull their suppliers down: x = (I - A)^-1 f'
    ghosh      primary inputs of closed nodes fall and push their buyers down: x' = v'' (I - B)^-1

Each takes an economy and one state of the shocks (`State`, the mean of some days, say) and gives output as
a share of baseline [N]; no node makes more than the shocks leave it. Roads and stocks are in none of them.
Leontief (1936); Ghosh (1958); both as in Miller and Blair (2022), chapters 2 and 12.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import Floats, ratio
from ballast.economy import Economy
from ballast.errors import SimulationError
from ballast.forcing import Forcing, Steps

EXACT = 1e-13  # of baseline output: the power series stops when a round adds less
ROUNDS = 10_000


@dataclass(frozen=True, eq=False)
class State:
    """One state of the shocks, shares or factors of baseline; see `ballast.forcing`."""

    capacity: Floats  # [N]
    demand: Floats  # [L]
    exports: Floats  # [N]
    imports: Floats  # [R*K]

    @classmethod
    def mean(cls, forcing: Forcing, days: NDArray[np.bool_]) -> State:
        """The mean over the `days` [T] that are True."""
        channels = (forcing.capacity, forcing.demand, forcing.exports, forcing.imports)
        return cls(*(_mean(c, days) for c in channels))


def _mean(steps: Steps, days: NDArray[np.bool_]) -> Floats:
    weight = np.bincount(steps.index[days], minlength=len(steps.table)) / days.sum()
    found: Floats = weight @ steps.table
    return found


def direct(e: Economy, state: State) -> Floats:
    """[N] what the shocks leave of capacity."""
    return np.minimum(1.0, state.capacity)


def leontief(e: Economy, state: State) -> Floats:
    """[N] demand pull: final use and exports as the shocks have them, less what closed nodes cannot make.

    A closed node's sales to final users fall with its capacity; sales to producers follow the recipes.
    """
    left = direct(e, state)
    wanted = left * (_final_sales(e, state.demand) + e.exports * state.exports)
    links = e.links()
    per = _inverse(e.output)
    x = _series(wanted, lambda v: links @ (v * per), e.output)
    return _capped(x, e, left)


def ghosh(e: Economy, state: State) -> Floats:
    """[N] supply push: value added in proportion to capacity, imported inputs as the shocks leave them."""
    left = direct(e, state)
    links = e.links()
    home = np.asarray(links.sum(axis=0)).ravel()
    abroad = np.bincount(e.slot_node, e.slot_imports, e.n)
    place = e.node_region[e.slot_node] * e.k + e.slot_product
    arriving = np.bincount(e.slot_node, e.slot_imports * np.minimum(1.0, state.imports[place]), e.n)
    primary = left * np.maximum(0.0, e.output - home - abroad) + arriving
    per = _inverse(e.output)
    x = _series(primary, lambda v: links.T @ (v * per), e.output)
    return _capped(x, e, left)


def _final_sales(e: Economy, factor: Floats) -> Floats:
    """[N] sales to final users at home when each line is `factor` [L] of baseline."""
    market = np.bincount(e.final_market, e.final_domestic * factor, len(e.market_ptr) - 1)
    share = e.market_share * market[e.entry_market]
    return np.asarray(np.bincount(e.market_supplier, share, e.n), np.float64)


def _series(start: Floats, spread: Callable[[Floats], Floats], output: Floats) -> Floats:
    """start + spread(start) + spread(spread(start)) + ...: the inverse without forming it."""
    total, more = start.copy(), start
    for _ in range(ROUNDS):
        more = spread(more)
        total += more
        if np.abs(more).max(initial=0.0) <= EXACT * output.max(initial=0.0):
            return total
    raise SimulationError(
        "refused: the multipliers of this table do not converge: some node, or group of nodes, uses as "
        "much as it makes. Run `ballast book check`."
    )


def _capped(x: Floats, e: Economy, left: Floats) -> Floats:
    """As a share of baseline, at most what the shocks leave; 1 where nothing is made."""
    return np.minimum(left, ratio(x, e.output, 1.0))


def _inverse(x: Floats) -> Floats:
    return ratio(1.0, x)
