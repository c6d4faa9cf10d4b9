"""The published models compiled: the rules of `pooled` on slots and markets, the network read once a day.

A day has two passes. Over nodes: capacity, demand, output, rationing. Over markets: what a unit ordered
brings, then receipts, stocks and tomorrow's orders of every slot that buys there, and at once what
these orders mean for each supplier, while the market's shares are at hand. So a dense table of N x N
shares is read once a day, not twice.

Markets are cut into `BLOCKS` parts with a demand of their own, added up in order: the result does not
depend on the number of threads.
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


def _single(function: Any) -> Any:
    return njit(cache=True, nogil=True, error_model="numpy")(function)


def _inside(function: Any) -> Any:
    """Part of the caller: handing sixty arrays to a function costs more than what these do with them."""
    return njit(cache=True, nogil=True, error_model="numpy", inline="always")(function)


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


@_inside
def _allowed(r: Any, n: Any, st: Any, j: int, wanted: float) -> Any:
    """Output that node j's stocks allow (`psi`: share of wanted output), and the slot that binds."""
    best, slot = np.inf, np.int64(-1)
    x0 = n.x0[j]
    if r.production == 0:
        best = 1.0
        for i in range(n.slot_ptr[j], n.slot_ptr[j + 1]):
            if n.need[i] <= 0.0 or n.days[i] == np.inf:
                continue
            target = n.days[i] * (n.need[i] / max(x0, TINY) * wanted) * r.psi
            if st.stock[i] < best * target:
                best, slot = st.stock[i] / target, np.int64(i)
        return best, slot
    if r.production == 5:
        stock = need = 0.0
        for i in range(n.slot_ptr[j], n.slot_ptr[j + 1]):
            stock += st.stock[i]
            need += n.need[i]
        return (stock / need * x0 if need > 0 else np.inf), -1
    for i in range(n.slot_ptr[j], n.slot_ptr[j + 1]):
        e = n.essential[i]
        if n.need[i] <= 0.0 or (r.production > 1 and (e == 0.0 or (r.production == 4 and e < 1.0))):
            continue
        each = st.stock[i] / n.need[i] * x0
        if r.production == 3 and e < 1.0:
            each = 0.5 * (each + x0)
        if each < best:
            best, slot = each, np.int64(i)
    return best, slot


@_single
def _nodes(r: Any, n: Any, w: Any, st: Any, lost: Any, rebuild: Any, t: int, rec: Any) -> None:
    """Capacity, demand, output and the share of orders filled."""
    row, abroad = w.level_day[t], w.exports_day[t]
    full = rec.limit.shape[0] > 0
    for j in range(len(n.x0)):
        users = n.exports[j] * w.exports[abroad, j] + rebuild[j]
        total = st.called[j] + users
        if r.capacity == 1 and t > 1:
            scarcity = (total - st.output[j]) / total if total != 0.0 else 0.0
            rise = (r.alpha_max - st.alpha[j]) * scarcity
            if scarcity == 0.0:
                rise += 1.0 - st.alpha[j]
            st.alpha[j] = max(1.0, st.alpha[j] + rise / r.alpha_days)
        level = w.level[row, j] * (1.0 - lost[j])
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
        if full:
            rec.capacity[t, j], rec.demand[t, j], rec.limit[t, j] = cap, total, limit
            rec.binding[t, j] = slot if limit < 1.0 else -1
            rec.rho[t, j] = st.rho[j] if r.rationing < 2 else 1.0


@_inside
def _arrives(n: Any, st: Any, m: int) -> Any:
    """What a unit ordered in market m brings; the weights are all one where trade is split as ever."""
    begin, last, first = n.market_ptr[m], n.market_ptr[m + 1], n.first[m]
    out = 0.0
    if first >= 0:
        for e in range(last - begin):
            out += n.share[begin + e] * (st.weight[first + e] * st.rho[first + e])
    else:
        for e in range(begin, last):
            i = n.supplier[e]
            out += n.share[e] * (st.weight[i] * st.rho[i])
    return out * st.per[m]


@_inside
def _store(r: Any, n: Any, w: Any, st: Any, i: int, home: float, imports: Any) -> Any:
    """Slot i's stock tonight, and its order for tomorrow; returns the part placed at home."""
    j, need = n.slot_node[i], n.need[i]
    rate = 1.0 / max(n.x0[j], TINY)
    level = imports[n.slot_abroad[i]]
    came = st.abroad[i]
    if level < 1.0:
        came = min(came, level * need * n.foreign[i])
    used = need * (st.output[j] * rate)
    days = n.days[i]
    if days == np.inf:
        days, stock = 0.0, 0.0
    else:
        stock = st.stock[i] - used + (home + came)
        if r.orders != 0:
            stock = max(0.0, stock)
        st.stock[i] = stock
    if r.orders == 0:
        order = max(0.0, days * (need * (st.wanted[j] * rate)) - stock) / r.restock + used
    elif r.orders == 1:
        order = need * (st.total[j] * rate) + (days * need - stock) / r.restock
    else:
        order = max(0.0, used + (days * used - stock) / r.restock)
    st.abroad[i] = order * n.foreign[i]
    st.order[i] = order * (1.0 - n.foreign[i])
    return st.order[i]


@_inside
def _market(r: Any, n: Any, w: Any, st: Any, blk: int, m: int, t: int, start: bool) -> None:
    """Receipts, stocks and orders of the slots that buy in market m; the orders' way to its suppliers."""
    begin, last, first = n.market_ptr[m], n.market_ptr[m + 1], n.first[m]
    imports = w.imports[w.imports_day[max(t, 0)]]
    asked = 0.0
    if start:
        for k in range(n.bid_ptr[m], n.bid_ptr[m + 1]):
            asked += st.order[n.bid_slot[k]]
    elif r.rationing < 2:
        unit = _arrives(n, st, m)
        for k in range(n.bid_ptr[m], n.bid_ptr[m + 1]):
            i = n.bid_slot[k]
            asked += _store(r, n, w, st, i, st.order[i] * unit, imports)
    else:
        for k in range(n.bid_ptr[m], n.bid_ptr[m + 1]):
            i = n.bid_slot[k]
            base = n.need[i] * (1.0 - n.foreign[i])
            home = 0.0
            for e in range(begin, last):
                home += n.share[e] * min(st.order[i], st.rho[n.supplier[e]] * base)
            asked += _store(r, n, w, st, i, home, imports)
    if t + 1 >= len(w.demand_day):
        return
    final, row = 0.0, w.demand_day[t + 1]
    for k in range(n.final_ptr[m], n.final_ptr[m + 1]):
        line = n.final_line[k]
        final += n.final_need[line] * w.demand[row, line] * st.keep[n.final_column[line]]
    if r.split == 1 and not start:
        total = 0.0
        if first >= 0:
            for e in range(last - begin):
                total += n.share[begin + e] * (st.cap[first + e] / max(n.x0[first + e], TINY))
        else:
            for e in range(begin, last):
                i = n.supplier[e]
                total += n.share[e] * (st.cap[i] / max(n.x0[i], TINY))
        st.per[m] = 1.0 / total if total > 0 else 0.0
        asked *= st.per[m]
        for e in range(begin, last):
            i = n.supplier[e] if first < 0 else first + (e - begin)
            orders = n.share[e] * (st.cap[i] / max(n.x0[i], TINY)) * asked
            st.part[blk, i] += orders + n.share[e] * final
            if r.rationing > 0:
                st.asked_part[blk, i] += orders
        return
    if first >= 0 and r.rationing == 0:
        both = asked + final
        for e in range(last - begin):
            st.part[blk, first + e] += n.share[begin + e] * both
        return
    for e in range(begin, last):
        i = n.supplier[e]
        st.part[blk, i] += n.share[e] * (asked + final)
        st.asked_part[blk, i] += n.share[e] * asked


@_single
def _block(r: Any, n: Any, w: Any, st: Any, blk: int, t: int, start: bool) -> None:
    """The markets of one block, with a demand of their own."""
    for i in range(len(n.x0)):
        st.part[blk, i] = st.asked_part[blk, i] = 0.0
    for m in range(n.block[blk], n.block[blk + 1]):
        _market(r, n, w, st, blk, m, t, start)


def _markets(r: Any, n: Any, w: Any, st: Any, t: int, start: bool) -> None:
    """All markets, block by block, and tomorrow's demand."""
    for blk in prange(len(n.block) - 1):
        _block(r, n, w, st, blk, t, start)
    for j in range(len(n.x0)):
        called = asked = 0.0
        for blk in range(len(n.block) - 1):
            called += st.part[blk, j]
            asked += st.asked_part[blk, j]
        st.called[j], st.asked[j] = called, asked
        if r.split == 1 and not start:
            st.weight[j] = st.cap[j] / max(n.x0[j], TINY)


_markets_one = njit(cache=True, nogil=True, error_model="numpy")(_markets)
_markets_many = njit(cache=True, nogil=True, error_model="numpy", parallel=True)(_markets)


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
                for c in range(n.bid_ptr[m], n.bid_ptr[m + 1]):
                    s = n.bid_slot[c]
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
    """What was rebuilt, and the output wanted once it is."""
    for j in range(len(n.x0)):
        st.wanted[j] = min(st.total[j], st.cap[j])
        if t >= b.start and b.asked[j] > 0:
            met = st.rho[j]
            if r.rationing != 0:
                users = st.total[j] - st.asked[j]
                rest = max(0.0, st.output[j] - min(1.0, st.rho[j]) * st.asked[j])
                met = min(1.0, rest / users) if users > 0 else 1.0
            b.left[j] *= 1.0 - met / b.days
            st.wanted[j] = min(st.total[j] - b.asked[j] * met, st.cap[j])


@_single
def _morning(r: Any, n: Any, w: Any, st: Any, b: Any, rec: Any, t: int) -> None:
    """Everything of day t before the markets, and what final users will want tomorrow."""
    _damage(n, b, t)
    _nodes(r, n, w, st, b.lost, b.asked, t, rec)
    if r.rationing > 1:
        _fill(r, n, w, st, b, t)
    _after(r, n, st, b, t)
    if t + 1 < len(w.level_day):
        _spending(r, n, w, st, t + 1)


@_single
def _run_one(r: Any, n: Any, w: Any, st: Any, b: Any, rec: Any) -> None:
    _spending(r, n, w, st, 0)
    _markets_one(r, n, w, st, -1, True)
    for t in range(len(w.level_day)):
        _morning(r, n, w, st, b, rec, t)
        _markets_one(r, n, w, st, t, False)


def _run_many(r: Any, n: Any, w: Any, st: Any, b: Any, rec: Any) -> None:
    """The same with the markets of a day on all threads: for networks of millions of links."""
    _spending(r, n, w, st, 0)
    _markets_many(r, n, w, st, -1, True)
    for t in range(len(w.level_day)):
        _morning(r, n, w, st, b, rec, t)
        _markets_many(r, n, w, st, t, False)


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
    """Run a published model over the horizon; the record is in the economy's numbering of nodes."""
    n, order = network(model, e, days=days, essential=essential, kind=kind)
    w, st, b = weather(forcing, order, kind), initial(n), rebuilding(n, damage, order)
    rec = new_record(forcing.days, e.n, full=full)
    (_run_many if threads else _run_one)(rules(model), n, w, st, b, rec)
    back = np.empty_like(order)
    back[order] = np.arange(e.n, dtype=np.int32)
    names = ("output", "capacity", "demand", "limit", "rho", "binding")
    return Record(*(getattr(rec, name)[:, back] for name in names))
