"""An economy whose weak cells are drawn anew: how large each node is, where only an estimate says so.

The grade of a node says how its size was found. Grades in `ERROR` have a standard error, measured where
the answer was published later. A draw multiplies those nodes by random factors and brings them back to
what is published: value added of each region, inside industry and outside, and of each sector of the
country. What nodes buy and sell follows their size:

    inputs, value added and sales abroad of a node grow with it
    sales at home are refitted to what the markets then need, from the old pattern
    what a market still lacks its users import; what it has too much its makers export
    stocks drawn down follow what their market buys

so every row and column balances. Shares of a market are those of one trade pattern (`with_trade`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from ballast.arrays import Floats, ratio, sums
from ballast.economy.economy import Economy
from ballast.evidence import Grade

# standard deviation of the log of a node's value added, by money: 2017 as estimated from 2012 under the
# margins of 2017, for nodes placed by an old table (D) and for coal, oil, refining (E); docs/regional.md
ERROR: Mapping[Grade, float] = MappingProxyType({Grade.D: 0.28, Grade.E: 0.53})
FITTED = 1e-10  # of a total: where the fit of sizes ends
ROUNDS = 1000  # of that fit, at most
MARKET_ROUNDS = 30  # of sales to markets; what is open then goes through trade abroad


def errors(e: Economy) -> Floats:
    """[N] standard error of the log of a node's size; 0 where it is published or nobody has graded it."""
    if e.node_grade is None:
        return np.zeros(e.n)
    found = np.array([ERROR.get(g, 0.0) for g in e.node_grade])
    found[e.total_value_added <= 0] = 0.0
    found[e.market_supplier[e.market_purchases[e.entry_market] <= 0]] = 0.0  # nothing to refit there
    return found


def sizes(e: Economy, u: float) -> Floats:
    """[N] factors of one draw, numbered by `u` in [0, 1]; two draws have nothing in common."""
    error = errors(e)
    free = error > 0
    if not free.any():
        return np.ones(e.n)
    size = np.exp(error * np.random.default_rng(int(u * 2**53)).standard_normal(e.n))
    weight = np.where(free, e.total_value_added, 0.0)
    groups = [(2 * e.node_region + e.is_industry, 2 * e.r), (e.node_sector, e.k)]
    for _ in range(ROUNDS):
        gap = 0.0
        for group, count in groups:
            kept = sums(group, weight, count)
            factor = ratio(kept, sums(group, weight * size, count), 1.0)
            gap = max(gap, float(np.abs(factor - 1.0).max()))
            size = np.where(free, size * factor[group], 1.0)
        if gap < FITTED:
            break
    return size


def redraw(e: Economy, u: float, tilt: float = 0.0) -> Economy:
    """The economy of draw `u` under a trade pattern; the economy itself where it has no weak cells."""
    size = sizes(e, u)
    if (size == 1.0).all():
        return e
    e = e.with_trade(tilt)
    market = e.entry_market
    slot, bought = e.slot_domestic * size[e.slot_node], np.maximum(e.final_domestic, 0.0)
    buys = _purchases(e, slot, bought)
    drawn = ratio(buys, _purchases(e, e.slot_domestic, bought), 1.0)[e.final_market]
    final = np.where(e.final_domestic < 0, e.final_domestic * drawn, e.final_domestic)
    wanted = _purchases(e, slot, final)
    flow = _fitted(e, e.market_share * e.market_purchases[market] * size[e.market_supplier], wanted)
    received = sums(market, flow, len(wanted))
    taken = np.minimum(ratio(wanted, received, 1.0), 1.0)[market]
    met = 1.0 - ratio(np.maximum(wanted - received, 0.0), buys, 0.0)
    final_met = np.where(final > 0, met[e.final_market], 1.0)
    sold = sums(market, flow * taken, len(wanted))[market]
    share = np.where(sold > 0, flow * taken / np.where(sold > 0, sold, 1.0), e.market_share)
    return replace(
        e,
        output=e.output * size,
        exports=e.exports * size + sums(e.market_supplier, flow * (1.0 - taken), e.n),
        value_added=e.value_added * size,
        slot_domestic=slot * met[e.slot_market],
        slot_imports=e.slot_imports * size[e.slot_node] + slot * (1.0 - met[e.slot_market]),
        final_domestic=final * final_met,
        final_imports=e.final_imports + final * (1.0 - final_met),
        market_share=share,
        share_low=share,
        share_high=share,
    )


def _fitted(e: Economy, flow: Floats, wanted: Floats) -> Floats:
    """[E] flows brought to what markets want and suppliers sell, the suppliers exactly."""
    sold = sums(e.market_supplier, flow, e.n)
    for _ in range(MARKET_ROUNDS):
        received = sums(e.entry_market, flow, len(wanted))
        flow = flow * ratio(wanted, received, 1.0)[e.entry_market]
        flow = flow * ratio(sold, sums(e.market_supplier, flow, e.n), 1.0)[e.market_supplier]
    return flow


def _purchases(e: Economy, slot: Floats, final: Floats) -> Floats:
    """[M] what users buy in each market."""
    count = len(e.market_ptr) - 1
    return np.asarray(sums(e.slot_market, slot, count) + sums(e.final_market, final, count))
