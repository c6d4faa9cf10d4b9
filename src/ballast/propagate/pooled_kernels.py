"""The published models compiled: the rules of `pooled` on slots and markets, the network read once a day.

A day has two passes. Over nodes: capacity, demand, output, rationing. Over markets, in blocks that fit the
second-level cache: what a unit ordered brings; receipts, stocks and tomorrow's orders of the slots that buy
there; and what these orders mean for each supplier, while the block's shares are at hand. So a dense table
of N x N shares is read from memory once a day, not twice.

A block adds up the demand for its own suppliers and blocks are summed in order: the result does not depend
on the number of threads. Where all markets of a block have the same suppliers (as in a full table), it is a
small matrix with a row a supplier, and sums run over all its markets at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from ballast.economy import Economy
from ballast.forcing import Forcing
from ballast.propagate.pooled import Damage, Model
from ballast.propagate.pooled_system import (
    Net,
    Rebuild,
    Record,
    Sky,
    State,
    initial,
    inverse,
    network,
    new_record,
    rebuilding,
    rules,
    weather,
)

Floats = NDArray[Any]  # float32 or float64
TINY = 1e-300
CHUNK = 128  # nodes a thread takes at a time


def _single(function: Any) -> Any:
    return njit(cache=True, nogil=True, error_model="numpy")(function)


def _shared(function: Any) -> Any:
    """On all threads, for networks of millions of links.

    Not the same function compiled twice: numba's cache tells functions apart, but not their options.
    """
    return njit(cache=True, nogil=True, error_model="numpy", parallel=True)(function)


def _inside(function: Any) -> Any:
    """Part of its caller: handing the network to a function costs more than what is done for one node."""
    return njit(cache=True, nogil=True, error_model="numpy", inline="always")(function)


def _summing(function: Any) -> Any:
    """Sums that the compiler may reorder, always in one way, to add up several numbers at once."""
    options: dict[str, Any] = {"fastmath": {"reassoc", "contract"}}
    return njit(cache=True, nogil=True, error_model="numpy", **options)(function)


@_single
def _spending(r: Any, n: Any, w: Any, st: Any, t: int) -> None:
    """What households' columns spend over what their shocks leave (Pichler's consumption rule)."""
    if r.orders != 1:
        return
    row = w.demand_day[t]
    base, left = np.zeros(len(st.keep)), np.zeros(len(st.keep))
    for line in range(len(n.final_need)):
        c = n.final_column[line]
        base[c] += n.final_need[line]
        left[c] += n.final_need[line] * w.demand[row, line]
    for c in range(len(base)):
        st.keep[c] = 1.0
        if n.households[c] and base[c] > 0 and left[c] > 0:
            share = left[c] / base[c]
            st.keep[c] = (1.0 - r.saved * (1.0 - share)) / share


# ---- nodes -------------------------------------------------------------------------------------


@_inside
def _allowed(r: Any, n: Any, st: Any, j: int, full: bool) -> Any:
    """(output over baseline that node j's stocks allow, the slot that binds; `full` looks for it)."""
    best, slot = np.inf, np.int64(-1)
    begin, last = n.mine_ptr[j], n.mine_ptr[j + 1]
    if r.production == 5:
        stock = need = 0.0
        for k in range(begin, last):
            i = n.mine[k]
            stock += st.stock[i] if n.held[i] else np.inf
            need += n.need[i]
        return (stock / need if need > 0 else np.inf), slot
    for k in range(begin, last):
        best = min(best, st.allows[n.mine[k]])
    if full:
        for k in range(last - 1, begin - 1, -1):
            if st.allows[n.mine[k]] == best < np.inf:
                slot = np.int64(n.mine[k])
    return best, slot


@_inside
def _node(r: Any, n: Any, w: Any, st: Any, b: Any, rec: Any, t: int, row: int, j: int) -> None:
    """Capacity, demand, output and the share of orders filled."""
    total = st.called[j] + n.exports[j] * w.exports[w.exports_day[t], j] + b.asked[j]
    if r.capacity == 1 and t > 1:
        scarcity = (total - st.output[j]) / total if total != 0.0 else 0.0
        rise = (r.alpha_max - st.alpha[j]) * scarcity
        if scarcity == 0.0:
            rise += 1.0 - st.alpha[j]
        st.alpha[j] = max(1.0, st.alpha[j] + rise / r.alpha_days)
    level = w.level[w.level_day[t], j] * (1.0 - b.lost[j])
    cap = st.alpha[j] * n.x0[j] if r.capacity == 2 else st.alpha[j] * level * n.x0[j]
    wanted = min(total, cap)
    allows, slot = _allowed(r, n, st, j, rec.limit.shape[0] > 0)
    allowed = allows * n.x0[j]
    if r.production == 0:
        limit = min(1.0, allowed / wanted) if wanted > 0 else 1.0
        x = wanted * limit
    else:
        x = min(wanted, allowed)
        limit = min(1.0, allowed / wanted) if wanted > 0 else 1.0
    st.cap[j], st.output[j], st.total[j] = cap, x, total
    if r.capacity == 2:
        need = (min(allowed, total) - cap) / n.x0[j] if n.x0[j] > 0 else 0.0
        moved = st.alpha[j] + (need / r.hire if need > 0 else need / r.fire)
        st.alpha[j] = min(moved, level)
    if r.rationing == 0:
        st.rho[j] = x / total if total > 0 else 0.0
    elif r.rationing == 1:
        st.rho[j] = min(1.0, x / st.asked[j]) if st.asked[j] > 0 else 1.0
    rec.output[row, j] = x
    if rec.limit.shape[0] > 0:
        rec.capacity[row, j], rec.demand[row, j], rec.limit[row, j] = cap, total, limit
        rec.binding[row, j] = n.slot_product[slot] if limit < 1.0 and slot >= 0 else -1
        rec.rho[row, j] = st.rho[j] if r.rationing < 2 else x / total if total > 0 else 1.0


@_single
def _some_nodes(r: Any, n: Any, w: Any, st: Any, b: Any, rec: Any, t: int, row: int, nodes: Any) -> None:
    for j in nodes:
        _node(r, n, w, st, b, rec, t, row, j)


@_shared
def _nodes(r: Any, n: Any, w: Any, st: Any, b: Any, rec: Any, t: int, row: int) -> None:
    for chunk in prange((len(n.x0) + CHUNK - 1) // CHUNK):
        nodes = range(chunk * CHUNK, min(len(n.x0), (chunk + 1) * CHUNK))
        _some_nodes(r, n, w, st, b, rec, t, row, nodes)


@_single
def _damage(n: Any, b: Any, t: int) -> None:
    """What is asked for rebuilding today, and what is still lost of every node's capital."""
    if t < b.day:
        return
    b.asked[:] = 0.0
    b.lost[:] = 0.0
    for i in range(len(b.value)):
        if b.value[i] <= 0.0:
            continue
        m, j = n.slot_market[i], n.slot_node[i]
        for k in range(n.size[m]):
            e = n.at[m] + k * n.step[m]
            owed = n.share[e] * b.value[i] * b.left[n.supplier[e]]
            b.lost[j] += owed
            if t >= b.start:
                b.asked[n.supplier[e]] += owed / b.days
    for j in range(len(b.lost)):
        b.lost[j] = min(1.0, b.lost[j] / b.factor / n.capital[j]) if n.capital[j] > 0 else 0.0


@_single
def _fill(r: Any, n: Any, w: Any, st: Any, b: Any, t: int) -> None:
    """theta of every supplier that cannot serve all (water-fill); infinite where it can.

    theta rises from zero: with the clients below it served in full, what is left is shared by the others'
    initial orders, until no further client falls below.
    """
    for i in range(len(n.x0)):
        users = st.total[i] - st.asked[i] if r.rationing == 2 else 0.0
        made = st.output[i]
        st.rho[i] = np.inf
        if st.asked[i] + users <= made:
            continue
        theta = 0.0
        for _ in range(200):
            full, rest = 0.0, 0.0
            if users > 0:
                if theta >= 1.0:
                    full += users
                else:
                    rest += users
            for k in range(n.sale_ptr[i], n.sale_ptr[i + 1]):
                m, share = n.sale_market[k], n.share[n.sale_entry[k]]
                for s in range(n.bid_ptr[m], n.bid_ptr[m + 1]):
                    base = n.need[s] * (1.0 - n.foreign[s])
                    if base <= 0.0:
                        continue
                    if st.order[s] <= theta * base:
                        full += share * st.order[s]
                    else:
                        rest += share * base
            new = (made - full) / rest if rest > 0 else theta
            if not new > theta * (1.0 + 1e-15):
                break
            theta = new
        st.rho[i] = theta


@_single
def _after(r: Any, n: Any, st: Any, b: Any, t: int) -> None:
    """What was rebuilt, the output wanted once it is, and what the markets need to know of each node."""
    for j in range(len(n.x0)):
        wanted = min(st.total[j], st.cap[j])
        if t >= b.start and b.asked[j] > 0:
            met = st.rho[j]
            if r.rationing != 0:
                users = st.total[j] - st.asked[j]
                rest = max(0.0, st.output[j] - min(1.0, st.rho[j]) * st.asked[j])
                met = min(1.0, rest / users) if users > 0 else 1.0
            b.left[j] *= 1.0 - met / b.days
            wanted = min(st.total[j] - b.asked[j] * met, st.cap[j])
        per = 1.0 / max(n.x0[j], TINY)
        st.rate[j] = st.output[j] * per
        st.pace[j] = st.total[j] * per if r.orders == 1 else st.rate[j]
        st.goal[j] = 1.0 if r.orders == 1 else st.rate[j] if r.orders == 2 else wanted * per
        st.reach[j] = st.weight[j] * st.rho[j]
        if r.split == 1:
            st.weight[j] = st.cap[j] * per


# ---- markets -----------------------------------------------------------------------------------


@_summing
def _dot(a: Any, b: Any) -> Any:
    total = 0.0
    for e in range(len(a)):
        total += a[e] * b[e]
    return total


@_summing
def _add_rows(out: Any, rows: Any, factor: Any) -> None:
    """out += factor @ rows, `rows` [len(factor), len(out)] flat: read straight through."""
    count = len(out)
    for e in range(len(factor)):
        row, f = rows[e * count : (e + 1) * count], factor[e]
        for m in range(count):
            out[m] += f * row[m]


@_summing
def _add_rows_twice(out: Any, other: Any, rows: Any, factor: Any, weight: Any) -> None:
    """The same for two factors, the rows read once."""
    count = len(out)
    for e in range(len(factor)):
        row, f, g = rows[e * count : (e + 1) * count], factor[e], weight[e]
        for m in range(count):
            out[m] += f * row[m]
            other[m] += g * row[m]


@_single
def _weigh(r: Any, n: Any, st: Any, blk: int) -> None:
    """In every market of a block, share-weighted over its suppliers: `unit` of reach, `other` of weight."""
    begin, last = n.block[blk], n.block[blk + 1]
    if n.panel[blk]:
        at, low, size = n.at[begin], n.low[blk], np.int64(n.size[begin])
        unit, other, rows = (
            st.unit[begin:last],
            st.other[begin:last],
            n.share[at : at + size * (last - begin)],
        )
        reach, weight = st.reach[low : low + size], st.weight[low : low + size]
        unit[:] = 0.0
        if r.split == 1:
            other[:] = 0.0
            _add_rows_twice(unit, other, rows, reach, weight)
        else:
            _add_rows(unit, rows, reach)
        return
    for m in range(begin, last):
        unit = other = 0.0
        for e in range(n.at[m], n.at[m] + n.size[m]):
            unit += n.share[e] * st.reach[n.supplier[e]]
            other += n.share[e] * st.weight[n.supplier[e]]
        st.unit[m], st.other[m] = unit, other


@_single
def _arrive(r: Any, n: Any, st: Any, blk: int) -> None:
    """What comes to every slot of a block from suppliers at home, and tomorrow's split of its orders."""
    markets = range(n.block[blk], n.block[blk + 1])
    _weigh(r, n, st, blk)
    if r.rationing < 2:
        for m in markets:
            unit = st.unit[m] * st.per[m]
            for i in range(n.bid_ptr[m], n.bid_ptr[m + 1]):
                st.home[i] = st.order[i] * unit
    else:
        for m in markets:
            for i in range(n.bid_ptr[m], n.bid_ptr[m + 1]):
                base, home = n.need[i] * (1.0 - n.foreign[i]), 0.0
                for k in range(n.size[m]):
                    e = n.at[m] + k * n.step[m]
                    home += n.share[e] * min(st.order[i], st.rho[n.supplier[e]] * base)
                st.home[i] = home
    if r.split == 1:
        for m in markets:
            st.per[m] = 1.0 / st.other[m] if st.other[m] > 0 else 0.0


@_single
def _store(r: Any, n: Any, st: Any, imports: Any, begin: int, last: int) -> None:
    """Stocks tonight and orders for tomorrow of slots begin..last-1.

    Every rule is one form: max(floor, need pace + max(least gap, target - stock) / tau). Several short
    loops: one that touches many arrays is not turned into vector instructions.
    """
    lowest = -np.inf if r.orders == 0 else 0.0
    floor = 0.0 if r.orders == 2 else -np.inf
    least = 0.0 if r.orders == 0 else -np.inf
    hurry = 1.0 / r.restock
    if n.trades:
        for i in range(begin, last):
            level = imports[n.slot_abroad[i]]
            st.home[i] += min(st.abroad[i], level * n.need[i] * n.foreign[i] if level < 1.0 else np.inf)
    for i in range(begin, last):
        tonight = max(lowest, st.stock[i] - n.need[i] * st.rate[n.slot_node[i]] + st.home[i])
        st.stock[i] = tonight * n.held[i]
    for i in range(begin, last):
        j = n.slot_node[i]
        gap = max(least, n.target[i] * st.goal[j] - st.stock[i])
        st.order[i] = max(floor, n.need[i] * st.pace[j] + gap * hurry)
    if n.trades:
        for i in range(begin, last):
            st.abroad[i] = st.order[i] * n.foreign[i]
            st.order[i] *= 1.0 - n.foreign[i]


@_single
def _allow(r: Any, n: Any, st: Any, begin: int, last: int) -> None:
    """Output over baseline that each slot's stock allows; `half` counts what is only important by half."""
    for i in range(begin, last):
        st.allows[i] = st.stock[i] / n.divisor[i]
    if r.production == 3:
        for i in range(begin, last):
            st.allows[i] = st.allows[i] * n.half[i] + (1.0 - n.half[i])


@_single
def _call(r: Any, n: Any, w: Any, st: Any, blk: int, t: int) -> None:
    """What orders and final use in a block ask of each of its suppliers on day t."""
    begin, last, row = n.block[blk], n.block[blk + 1], w.demand_day[t]
    for m in range(begin, last):
        bids = final = 0.0
        for i in range(n.bid_ptr[m], n.bid_ptr[m + 1]):
            bids += st.order[i]
        for line in range(n.final_ptr[m], n.final_ptr[m + 1]):
            final += n.final_need[line] * w.demand[row, line] * st.keep[n.final_column[line]]
        st.bids[m], st.final[m] = bids * st.per[m], final
    place, low = n.part_ptr[blk], n.low[blk]
    if n.panel[blk]:
        users = n.final_ptr[last] > n.final_ptr[begin]
        at, count = n.at[begin], last - begin
        for k in range(n.size[begin]):
            share = n.share[at + k * count : at + (k + 1) * count]
            orders = _dot(share, st.bids[begin:last]) * st.weight[low + k]
            st.asked_part[place + k] = st.part[place + k] = orders
            if users:
                st.part[place + k] += _dot(share, st.final[begin:last])
        return
    for i in range(place, n.part_ptr[blk + 1]):
        st.part[i] = st.asked_part[i] = 0.0
    for m in range(begin, last):
        for e in range(n.at[m], n.at[m] + n.size[m]):
            i = n.supplier[e]
            orders = n.share[e] * st.weight[i] * st.bids[m]
            st.part[place + i - low] += orders + n.share[e] * st.final[m]
            st.asked_part[place + i - low] += orders


@_single
def _block(r: Any, n: Any, w: Any, st: Any, blk: int, t: int) -> None:
    """The markets of one block; day t < 0 is the evening before the first."""
    begin, last = n.block[blk], n.block[blk + 1]
    if t >= 0:
        _arrive(r, n, st, blk)
        _store(r, n, st, w.imports[w.imports_day[t]], n.bid_ptr[begin], n.bid_ptr[last])
    _allow(r, n, st, n.bid_ptr[begin], n.bid_ptr[last])
    if t + 1 < len(w.demand_day):
        _call(r, n, w, st, blk, t + 1)


@_single
def _some_blocks(r: Any, n: Any, w: Any, st: Any, t: int) -> None:
    for blk in range(len(n.block) - 1):
        _block(r, n, w, st, blk, t)


@_shared
def _blocks(r: Any, n: Any, w: Any, st: Any, t: int) -> None:
    for blk in prange(len(n.block) - 1):
        _block(r, n, w, st, blk, t)


@_single
def _tomorrow(n: Any, st: Any) -> None:
    """Tomorrow's demand: the blocks' parts, in order."""
    st.called[:] = 0.0
    st.asked[:] = 0.0
    for blk in range(len(n.block) - 1):
        low, begin = n.low[blk], n.part_ptr[blk]
        for i in range(n.part_ptr[blk + 1] - begin):
            st.called[low + i] += st.part[begin + i]
            st.asked[low + i] += st.asked_part[begin + i]


# ---- a run -------------------------------------------------------------------------------------


@_single
def _middle(r: Any, n: Any, w: Any, st: Any, b: Any, t: int) -> None:
    """What follows output and comes before the markets, and what final users will want tomorrow."""
    if r.rationing > 1:
        _fill(r, n, w, st, b, t)
    _after(r, n, st, b, t)
    if t + 1 < len(w.level_day):
        _spending(r, n, w, st, t + 1)


@_single
def _shelves(n: Any, st: Any, rec: Any, row: int) -> None:
    """The value of every node's stocks tonight, where all is recorded."""
    if rec.limit.shape[0] > 0:
        for i in range(len(n.need)):
            rec.stock[row, n.slot_node[i]] += st.stock[i]


@_single
def _run_one(r: Any, n: Any, w: Any, st: Any, b: Any, rec: Any, first: int, last: int) -> None:
    if first == 0:
        _spending(r, n, w, st, 0)
        _some_blocks(r, n, w, st, -1)
        _tomorrow(n, st)
    for t in range(first, last):
        _damage(n, b, t)
        _some_nodes(r, n, w, st, b, rec, t, t - first, range(len(n.x0)))
        _middle(r, n, w, st, b, t)
        _some_blocks(r, n, w, st, t)
        _tomorrow(n, st)
        _shelves(n, st, rec, t - first)


def _run_many(r: Any, n: Any, w: Any, st: Any, b: Any, rec: Any, first: int, last: int) -> None:
    if first == 0:
        _spending(r, n, w, st, 0)
        _blocks(r, n, w, st, -1)
        _tomorrow(n, st)
    for t in range(first, last):
        _damage(n, b, t)
        _nodes(r, n, w, st, b, rec, t, t - first)
        _middle(r, n, w, st, b, t)
        _blocks(r, n, w, st, t)
        _tomorrow(n, st)
        _shelves(n, st, rec, t - first)


def run_days(
    model: Model, n: Net, w: Sky, st: State, b: Rebuild, first: int, last: int, *,
    full: bool = False, threads: bool = False,
) -> Record:  # fmt: skip
    """Days first..last-1, in the network's numbering of nodes; `st` and `b` become those of that morning.

    `first` = 0 begins a run. `threads` uses all processors (one such run at a time).
    """
    rec = new_record(last - first, len(n.x0), full=full)
    (_run_many if threads else _run_one)(rules(model), n, w, st, b, rec, first, last)
    return rec


def run(
    model: Model,
    e: Economy,
    forcing: Forcing,
    *,
    damage: Damage | None = None,
    days: Floats | None = None,
    essential: Floats | None = None,
    kind: Any = np.float64,
    threads: bool = False,
    full: bool = False,
) -> Record:
    """Run a published model over the horizon; the record is in the economy's numbering of nodes.

    `days` and `essential` [S] replace the model's cover and make inputs less than critical; `kind` is the
    type of every array; `threads` as in `run_days`. `binding` holds products.
    """
    n, order = network(model, e, days=days, essential=essential, kind=kind)
    w, st, b = weather(forcing, order, kind), initial(n), rebuilding(n, damage, order.nodes)
    rec = run_days(model, n, w, st, b, 0, forcing.days, full=full, threads=threads)
    return Record(*(array[:, inverse(order.nodes)] for array in rec))
