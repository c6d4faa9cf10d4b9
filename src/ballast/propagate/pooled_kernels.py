"""The published models compiled: the rules of `pooled` on slots and markets, the network read once a day.

A day has two passes. Over nodes: capacity, demand, output, rationing. Over markets, in blocks that fit the
second-level cache: what a unit ordered brings; receipts, stocks and tomorrow's orders of the slots that buy
there; and what these orders mean for each supplier, while the block's shares are at hand. So a dense table
of N x N shares is read from memory once a day, not twice.

A block adds up the demand for its own suppliers and blocks are summed in order: the result does not depend
on the number of threads. Loops over a market's suppliers and over slots are plain runs over arrays that the
compiler turns into vector instructions; sums within a market may be reordered by it, always in one way.
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
    Record,
    initial,
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


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})  # type: ignore[untyped-decorator]
def _dot(a: Any, b: Any) -> Any:
    total = 0.0
    for e in range(len(a)):
        total += a[e] * b[e]
    return total


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
def _allowed(r: Any, n: Any, st: Any, j: int, wanted: float) -> Any:
    """Output that node j's stocks allow (`psi`: share of wanted output), and the slot that binds."""
    best, slot = np.inf, np.int64(-1)
    x0 = n.x0[j]
    mine = n.mine[n.mine_ptr[j] : n.mine_ptr[j + 1]]
    if r.production == 0:
        best = 1.0
        share = wanted / max(x0, TINY) * r.psi
        for i in mine:
            target = n.target[i] * share
            if st.stock[i] < best * target:
                best, slot = st.stock[i] / target, np.int64(i)
        return best, slot
    if r.production == 5:
        stock = need = 0.0
        for i in mine:
            stock += st.stock[i] if n.held[i] else np.inf
            need += n.need[i]
        return (stock / need * x0 if need > 0 else np.inf), slot
    for i in mine:
        e = n.essential[i]
        if not n.held[i] or (r.production > 1 and (e == 0.0 or (r.production == 4 and e < 1.0))):
            continue
        each = st.stock[i] / n.need[i] * x0
        if r.production == 3 and e < 1.0:
            each = 0.5 * (each + x0)
        if each < best:
            best, slot = each, np.int64(i)
    return best, slot


@_inside
def _node(r: Any, n: Any, w: Any, st: Any, b: Any, rec: Any, t: int, j: int) -> None:
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
    allowed, slot = _allowed(r, n, st, j, wanted)
    if r.production == 0:
        x, limit = wanted * allowed, allowed
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
    rec.output[t, j] = x
    if rec.limit.shape[0] > 0:
        rec.capacity[t, j], rec.demand[t, j], rec.limit[t, j] = cap, total, limit
        rec.binding[t, j] = n.slot_product[slot] if limit < 1.0 and slot >= 0 else -1
        rec.rho[t, j] = st.rho[j] if r.rationing < 2 else 1.0


@_single
def _some_nodes(r: Any, n: Any, w: Any, st: Any, b: Any, rec: Any, t: int, nodes: Any) -> None:
    for j in nodes:
        _node(r, n, w, st, b, rec, t, j)


@_shared
def _nodes(r: Any, n: Any, w: Any, st: Any, b: Any, rec: Any, t: int) -> None:
    for chunk in prange((len(n.x0) + CHUNK - 1) // CHUNK):
        _some_nodes(r, n, w, st, b, rec, t, range(chunk * CHUNK, min(len(n.x0), (chunk + 1) * CHUNK)))


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
        for e in range(n.market_ptr[m], n.market_ptr[m + 1]):
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


@_single
def _arrive(r: Any, n: Any, st: Any, markets: Any) -> None:
    """What comes to every slot of these markets from suppliers at home, and tomorrow's split of orders."""
    for m in markets:
        begin, last, first = n.market_ptr[m], n.market_ptr[m + 1], n.first[m]
        bids = range(n.bid_ptr[m], n.bid_ptr[m + 1])
        if r.rationing < 2:
            if first >= 0:
                unit = _dot(n.share[begin:last], st.reach[first : first + last - begin])
            else:
                unit = 0.0
                for e in range(begin, last):
                    unit += n.share[e] * st.reach[n.supplier[e]]
            unit *= st.per[m]
            for i in bids:
                st.home[i] = st.order[i] * unit
        else:
            for i in bids:
                base, home = n.need[i] * (1.0 - n.foreign[i]), 0.0
                for e in range(begin, last):
                    home += n.share[e] * min(st.order[i], st.rho[n.supplier[e]] * base)
                st.home[i] = home
        if r.split == 1:
            if first >= 0:
                total = _dot(n.share[begin:last], st.weight[first : first + last - begin])
            else:
                total = 0.0
                for e in range(begin, last):
                    total += n.share[e] * st.weight[n.supplier[e]]
            st.per[m] = 1.0 / total if total > 0 else 0.0


@_single
def _store(r: Any, n: Any, st: Any, imports: Any, slots: Any) -> None:
    """Stocks tonight and orders for tomorrow.

    Every rule is one form: max(floor, need pace + max(least gap, target - stock) / tau).
    """
    lowest = -np.inf if r.orders == 0 else 0.0
    floor = 0.0 if r.orders == 2 else -np.inf
    least = 0.0 if r.orders == 0 else -np.inf
    hurry = 1.0 / r.restock
    for i in slots:
        j, need, foreign = n.slot_node[i], n.need[i], n.foreign[i]
        level = imports[n.slot_abroad[i]]
        came = min(st.abroad[i], level * need * foreign if level < 1.0 else np.inf)
        stock = max(lowest, st.stock[i] - need * st.rate[j] + (st.home[i] + came)) * n.held[i]
        gap = max(least, n.target[i] * st.goal[j] - stock)
        order = max(floor, need * st.pace[j] + gap * hurry)
        st.stock[i], st.abroad[i], st.order[i] = stock, order * foreign, order * (1.0 - foreign)


@_single
def _call(r: Any, n: Any, w: Any, st: Any, shift: int, markets: Any, t: int) -> None:
    """What orders and final use in these markets ask of each supplier i on day t, at place i + shift."""
    row = w.demand_day[t]
    for m in markets:
        begin, last, first = n.market_ptr[m], n.market_ptr[m + 1], n.first[m]
        asked = final = 0.0
        for i in range(n.bid_ptr[m], n.bid_ptr[m + 1]):
            asked += st.order[i]
        for line in range(n.final_ptr[m], n.final_ptr[m + 1]):
            final += n.final_need[line] * w.demand[row, line] * st.keep[n.final_column[line]]
        asked *= st.per[m]
        if first >= 0 and r.rationing == 0:
            size = last - begin
            share, weight = n.share[begin:last], st.weight[first : first + size]
            part = st.part[first + shift : first + shift + size]
            if r.split == 1:
                for e in range(size):
                    part[e] += share[e] * (weight[e] * asked + final)
            else:
                for e in range(size):
                    part[e] += share[e] * (asked + final)
        else:
            for e in range(begin, last):
                i = n.supplier[e]
                orders = n.share[e] * st.weight[i] * asked
                st.part[i + shift] += orders + n.share[e] * final
                st.asked_part[i + shift] += orders


@_single
def _block(r: Any, n: Any, w: Any, st: Any, blk: int, t: int) -> None:
    """The markets of one block; day t < 0 is the evening before the first."""
    begin, last = n.block[blk], n.block[blk + 1]
    for i in range(n.part_ptr[blk], n.part_ptr[blk + 1]):
        st.part[i] = st.asked_part[i] = 0.0
    if t >= 0:
        _arrive(r, n, st, range(begin, last))
        _store(r, n, st, w.imports[w.imports_day[t]], range(n.bid_ptr[begin], n.bid_ptr[last]))
    if t + 1 < len(w.demand_day):
        _call(r, n, w, st, n.part_ptr[blk] - n.low[blk], range(begin, last), t + 1)


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
def _run_one(r: Any, n: Any, w: Any, st: Any, b: Any, rec: Any) -> None:
    _spending(r, n, w, st, 0)
    _some_blocks(r, n, w, st, -1)
    _tomorrow(n, st)
    for t in range(len(w.level_day)):
        _damage(n, b, t)
        _some_nodes(r, n, w, st, b, rec, t, range(len(n.x0)))
        _middle(r, n, w, st, b, t)
        _some_blocks(r, n, w, st, t)
        _tomorrow(n, st)


def _run_many(r: Any, n: Any, w: Any, st: Any, b: Any, rec: Any) -> None:
    _spending(r, n, w, st, 0)
    _blocks(r, n, w, st, -1)
    _tomorrow(n, st)
    for t in range(len(w.level_day)):
        _damage(n, b, t)
        _nodes(r, n, w, st, b, rec, t)
        _middle(r, n, w, st, b, t)
        _blocks(r, n, w, st, t)
        _tomorrow(n, st)


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
    type of every array; `threads` uses all processors (one such run at a time). `binding` holds products.
    """
    n, order = network(model, e, days=days, essential=essential, kind=kind)
    w, st, b = weather(forcing, order, kind), initial(n), rebuilding(n, damage, order.nodes)
    rec = new_record(forcing.days, e.n, full=full)
    (_run_many if threads else _run_one)(rules(model), n, w, st, b, rec)
    back = np.empty_like(order.nodes)
    back[order.nodes] = np.arange(e.n, dtype=np.int32)
    names = ("output", "capacity", "demand", "limit", "rho", "binding")
    return Record(*(getattr(rec, name)[:, back] for name in names))
