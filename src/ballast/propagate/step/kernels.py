"""The step of `reference`, compiled: the same names, the same arithmetic, loops instead of arrays.

`run_days` is one scenario over its whole horizon; it releases the interpreter lock, so an ensemble
runs one scenario a thread. It reads the arrays in the order of `layout`: markets that share a product's
list of suppliers as rows of one table, flows as strips, stocks packed. Sums along a row are made several
cells at a time, in an order that is the machine's: results do not depend on threads, and those of two
kinds of processor differ by rounding; rarely, where a rule asks whether an order of nothing but rounding
is there, by more. A function is given only what it reads: what it is given costs time to compile.
"""

from __future__ import annotations

import numpy as np

from ballast.arrays import Floats, Ints
from ballast.compiled import compiled
from ballast.propagate.step import rows, rules, slots
from ballast.propagate.step.layout import Ids, Layout, Markets, Nodes, Slots
from ballast.propagate.step.record import Record
from ballast.propagate.step.rules import TINY
from ballast.propagate.step.scratch import MarketWork, NodeWork, Scratch, Shelves, Today, new_scratch
from ballast.propagate.step.system import State, Weather

planned = compiled(rules.planned)
shippable = compiled(rules.shippable)
ration = compiled(rules.ration)
overtime = compiled(rules.overtime)
seen = compiled(rules.seen)
pull = compiled(rules.pull)


@compiled
def _capacity(s: Nodes, st: State, level: Floats, of: NodeWork) -> None:
    for j in range(len(s.x0)):
        base = max(s.x0[j], TINY)
        of.cap[j] = st.alpha[j] * level[j] * s.x0[j]
        of.able[j] = of.cap[j] / base
        of.planned[j] = min(st.expected[j], of.cap[j]) / base
        of.running[j] = st.output[j] / base


@compiled
def _offers(y: Markets, st: State, today: Today, of: NodeWork, final: Floats) -> None:
    """What final users want, and what each supplier brings to its markets; nothing is ordered yet."""
    final[:] = 0.0
    for line in range(len(y.final)):
        final[y.final[line]] += y.final_need[line] * today.demand[line]
    offer = of.offer
    for j in range(len(st.fulfil)):
        f = st.fulfil[j]
        offer[j, 0], offer[j, 1] = st.attract[j] * (1 - f), st.attract[j] * f
        offer[j, 2], offer[j, 3] = st.attract[j], float(today.passage[j])
    of.load[:] = 0.0
    of.booking[:] = 0.0


@compiled
def _demand(exports: Floats, today: Today, of: NodeWork) -> None:
    """Orders as suppliers see them."""
    offer, load, booking = of.offer, of.load, of.booking
    for j in range(len(exports)):
        free = offer[j, 0] * load[j, 0] + offer[j, 1] * load[j, 1]
        final = offer[j, 2] * load[j, 2]
        abroad = exports[j] * today.exports[j]
        of.wanted[j], of.ordered[j] = free + booking[j, 0], free + booking[j, 1]
        of.booked[j] = of.wanted[j] + final + booking[j, 2] + abroad
        of.demand[j] = of.ordered[j] + final + booking[j, 3] + abroad


@compiled
def _produce(s: Nodes, st: State, level: Floats, of: NodeWork) -> None:
    """Output, rationing, and finished goods."""
    x = of.output
    for j in range(len(s.x0)):
        d, first = of.demand[j], of.ordered[j]
        aim = planned(s.finished[j], st.goods[j], st.expected[j], s.order_days, d)
        of.aim[j] = aim
        x[j] = min(aim, of.cap[j] * of.limit[j])
        of.pace[j] = x[j] / max(s.x0[j], TINY)
        ship = shippable(s.finished[j], st.goods[j], x[j], s.order_ceiling * level[j] * s.x0[j])
        rho, rho_final = ration(ship, first, d)
        of.rho[j], of.rho_final[j] = rho, rho_final
        if s.finished[j] > 0:
            st.goods[j] = max(0.0, st.goods[j] + x[j] - rho * first - rho_final * (d - first))
        f, a = st.fulfil[j], st.attract[j]
        of.offer[j, 0], of.offer[j, 1] = a * rho * (1 - f), a * rho * f
        of.offer[j, 2], of.offer[j, 3] = a * rho * rho, a * rho_final


@compiled
def _adapt(s: Nodes, st: State, of: NodeWork) -> None:
    for j in range(len(s.x0)):
        aim, rho, x = of.aim[j], of.rho[j], of.output[j]
        st.alpha[j] = overtime(st.alpha[j], aim, x, s.overproduction, s.overproduction_days)
        filled = seen(rho, of.ordered[j], of.wanted[j])
        st.attract[j] = pull(st.attract[j], filled, s.leave_days[j], s.return_days)
        st.expected[j] += (of.booked[j] - st.expected[j]) / s.demand_memory
        st.fulfil[j] = rho
        st.output[j] = x


@compiled
def _note(y: Slots, of: NodeWork, share: Floats, rec: Record, row: int) -> None:
    """What each node made and why; only the output unless the record is a full one."""
    full = len(rec.limit) > 0
    for j in range(len(of.limit)):
        rec.output[row, j] = of.output[j]
        if full:
            limit, rest = of.limit[j], of.demand[j] - of.ordered[j]
            rec.limit[row, j], rec.binding[row, j] = limit, slots.binding(y.ptr, y.slot, share, limit, j)
            rec.capacity[row, j], rec.demand[row, j], rec.rho[row, j] = of.cap[j], of.demand[j], of.rho[j]
            rec.shipped[row, j] = of.rho[j] * of.ordered[j] + of.rho_final[j] * rest


@compiled
def _book(
    s: Nodes,
    y: Markets,
    goods: Floats,
    exports: Floats,
    of: NodeWork,
    at: MarketWork,
    rec: Record,
    row: int,
) -> None:
    """Where everything went today, by product, beside what slots did, and what final users missed."""
    ledger, final, met = rec.ledger[row], at.final, at.met
    for j in range(len(s.x0)):
        k = s.product[j]
        ledger[k, 0] += of.output[j]
        ledger[k, 3] += of.rho_final[j] * s.exports[j] * exports[j]
        ledger[k, 8] += goods[j]
    for m in range(len(met)):
        ledger[y.product[m], 2] += final[m] * met[m]
        if final[m] > 0:  # stocks run down are not a use
            rec.unmet[row, y.region[m]] += final[m] * (1.0 - met[m])


@compiled
def _events(product: Ids, w: Weather, t: int, event: int, stock: Floats, rec: Record, row: int) -> int:
    """Reserves released into slots or stocks lost until this morning; the event that comes next."""
    while event < len(w.stock_day) and w.stock_day[event] <= t:
        p = w.stock_slot[event]
        if p >= 0:
            new = max(0.0, stock[p] + w.stock_change[event])
            if len(rec.ledger) > 0:
                rec.ledger[row, product[p], 5] += new - stock[p]
            stock[p] = new
        event += 1
    return event


@compiled
def run_days(
    y: Layout, st: State, shelves: Shelves, w: Weather, c: Scratch, rec: Record, first: int, last: int
) -> None:
    """Run days first..last-1 of the weather; `rec` has a row for each of them."""
    s, of, at, work, full = y.nodes, c.nodes, c.markets, c.rows, len(rec.ledger) > 0
    event = 0
    while event < len(w.stock_day) and w.stock_day[event] < first:
        event += 1
    for t in range(first, last):
        row, today = t - first, _today(w, t)
        passing = today.passes > 0
        event = _events(y.slots.product, w, t, event, shelves.stock, rec, row)
        rows.roads(y.rows, y.loose, today, at.closed, work)
        _capacity(s, st, today.capacity, of)
        slots.orders(y.slots, y.strips, y.markets.bid, shelves, s.order_ceiling, today, of, at, c.slots)
        _offers(y.markets, st, today, of, at.final)
        rows.row_demand(y.rows, y.markets.purchases, of, at, work, passing)
        rows.loose_demand(y.loose, y.markets.purchases, today.corridors, of, at, work.entry_free, passing)
        _demand(s.exports, today, of)
        slots.limits(y.slots, shelves, today, of, c.slots)
        _produce(s, st, today.capacity, of)
        _note(y.slots, of, c.slots.share, rec, row)
        rows.row_arrivals(y.rows, of.offer, at, work, passing)
        rows.loose_arrivals(y.loose, of.offer, at, work.entry_free, passing)
        slots.shelve(y.slots, shelves, today, of.pace, at.got, c.slots, rec, row)
        if full or today.supplied > 0:
            slots.flows(y.flows, today, s.order_ceiling, of, at.got, rec, row)
        _adapt(s, st, of)
        if full:
            _book(s, y.markets, st.goods, today.exports, of, at, rec, row)


@compiled
def _today(w: Weather, t: int) -> Today:
    ways, passes, supplied = w.corridors_day[t], w.passage_day[t], w.supply_day[t]
    return Today(
        w.capacity[w.capacity_day[t]],
        w.demand[w.demand_day[t]],
        w.exports[w.exports_day[t]],
        w.imports[w.imports_day[t]],
        w.corridors[ways],
        w.passage[passes],
        w.supply[supplied],
        ways,
        passes,
        supplied,
    )


def run_numba(y: Layout, st: State, w: Weather, rec: Record, *, first: int, last: int) -> Record:
    """Days first..last-1 in numba, written into `rec`, which is returned. `st` is changed in place."""
    shelves = Shelves(*(getattr(st, name)[y.slots.slot] for name in Shelves._fields))
    packed = w._replace(stock_slot=_packed(y.slots.slot, w.stock_slot))
    run_days(y, st, shelves, packed, new_scratch(y), rec, first, last)
    for name, value in zip(Shelves._fields, shelves, strict=True):
        getattr(st, name)[y.slots.slot] = value
    return rec


def _packed(slots: Ids, asked: Ints) -> Ints:
    """The place among `slots` (in order) of each one asked for; -1 for one that holds no stock."""
    at = np.searchsorted(slots, asked.astype(np.uint32))
    there = at < len(slots)
    there[there] = slots[at[there]] == asked[there]
    return np.where(there, at, -1).astype(np.int32)
