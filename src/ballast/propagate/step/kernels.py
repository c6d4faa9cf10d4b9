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
    of.to_plan[:] = 0.0
    of.at_pace[:] = 0.0
    for j in range(len(s.x0)):
        base = max(s.x0[j], TINY)
        of.cap[j] = st.alpha[j] * level[j] * s.x0[j]
        of.per_able[j] = base / of.cap[j] if of.cap[j] > 0.0 else np.inf
        of.planned[j] = min(st.expected[j], of.cap[j]) / base
        of.running[j] = st.output[j] / base
        pace = min(of.planned[j], s.order_ceiling)
        of.to_plan[s.whole[j]] += s.mass[j] * pace
        of.at_pace[s.whole[j]] += s.mass[j] * min(pace, of.running[j])


@compiled
def _offers(s: Nodes, y: Markets, st: State, today: Today, of: NodeWork, final: Floats) -> None:
    """What final users want, and what each supplier brings to its markets; nothing is ordered yet."""
    final[:] = 0.0
    for line in range(len(y.final)):
        final[y.final[line]] += y.final_need[line] * today.demand[line]
    offer = of.offer
    offer[:] = 0.0
    for j in range(len(s.x0)):
        i, f, draw = s.whole[j], st.fulfil[j], s.mass[j] * st.attract[j]
        offer[i, 0] += draw * (1 - f)
        offer[i, 1] += draw * f
        offer[i, 2] += draw
    for i in range(len(offer)):
        offer[i, 3] = float(today.passage[i])
    of.load[:] = 0.0
    of.booking[:] = 0.0


@compiled
def _demand(s: Nodes, st: State, today: Today, of: NodeWork) -> None:
    """Orders as suppliers see them: each part of a node has those that it pulls."""
    load, booking = of.load, of.booking
    for j in range(len(s.x0)):
        i, draw = s.whole[j], s.mass[j] * st.attract[j]
        idle, busy = draw * (1 - st.fulfil[j]), draw * st.fulfil[j]
        free = idle * load[i, 0] + busy * load[i, 1]
        final = draw * load[i, 2]
        abroad = s.exports[j] * today.exports[i]
        of.wanted[j] = free + idle * booking[i, 0] + busy * booking[i, 1]
        of.ordered[j] = free + idle * booking[i, 2] + busy * booking[i, 3]
        of.booked[j] = of.wanted[j] + final + draw * booking[i, 4] + abroad
        of.demand[j] = of.ordered[j] + final + draw * booking[i, 5] + abroad


@compiled
def _produce(s: Nodes, st: State, level: Floats, of: NodeWork) -> None:
    """Output, rationing, and finished goods."""
    x = of.output
    of.offer[:] = 0.0
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
        i, f, a = s.whole[j], st.fulfil[j], s.mass[j] * st.attract[j]
        of.offer[i, 0] += a * rho * (1 - f)
        of.offer[i, 1] += a * rho * f
        of.offer[i, 2] += a * rho * rho
        of.offer[i, 3] += a * rho_final


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
def _note(s: Nodes, y: Slots, of: NodeWork, share: Floats, rec: Record, row: int) -> None:
    """What each node made and why; only the output unless the record is a full one."""
    if len(rec.limit) > 0:
        _note_all(s, y, of, share, rec, row)
    for j in range(len(s.x0)):
        rec.output[row, s.whole[j]] += of.output[j]


@compiled
def _note_all(s: Nodes, y: Slots, of: NodeWork, share: Floats, rec: Record, row: int) -> None:
    """Amounts of a node's parts added up; what binds it binds the part that it costs most."""
    n = len(of.offer)
    could, most, ordered = np.zeros(n), np.zeros(n), np.zeros(n)
    for j in range(len(s.x0)):
        i, limit, rest = s.whole[j], of.limit[j], of.demand[j] - of.ordered[j]
        costs = of.cap[j] * (1.0 - limit)
        if j == i or costs > most[i]:
            most[i] = costs
            rec.binding[row, i] = slots.binding(y.ptr, y.slot, share, limit, j)
        could[i] += of.cap[j] * limit
        ordered[i] += of.ordered[j]
        rec.capacity[row, i] += of.cap[j]
        rec.demand[row, i] += of.demand[j]
        rec.rho[row, i] += of.rho[j] * of.ordered[j]
        rec.shipped[row, i] += of.rho[j] * of.ordered[j] + of.rho_final[j] * rest
    for i in range(n):
        cap = rec.capacity[row, i]
        rec.limit[row, i] = could[i] / cap if cap > 0 else 1.0  # to the last digit where it is small too
        rec.rho[row, i] = rec.rho[row, i] / ordered[i] if ordered[i] > 0 else 1.0


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
        ledger[k, 3] += of.rho_final[j] * s.exports[j] * exports[s.whole[j]]
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
        slots.orders(
            y.slots, y.strips, y.markets.bid, shelves, s.order_ceiling, s.whole, today, of, at, c.slots
        )
        _offers(s, y.markets, st, today, of, at.final)
        rows.row_demand(y.rows, y.markets.purchases, of, at, work, passing)
        rows.loose_demand(y.loose, y.markets.purchases, today.corridors, of, at, work.entry_free, passing)
        _demand(s, st, today, of)
        slots.limits(y.slots, shelves, today, of, c.slots)
        _produce(s, st, today.capacity, of)
        _note(s, y.slots, of, c.slots.share, rec, row)
        rows.row_arrivals(y.rows, of.offer, at, work, passing)
        rows.loose_arrivals(y.loose, of.offer, at, work.entry_free, passing)
        slots.shelve(y.slots, shelves, today, s.whole, of.pace, at.got, c.slots, rec, row)
        if full or today.supplied > 0:
            slots.flows(y.flows, today, of, at.got, rec, row)
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
    shelves = Shelves(*(getattr(st, name)[y.slots.place] for name in Shelves._fields))
    packed = w._replace(stock_slot=_packed(y.slots.place, w.stock_slot))
    run_days(y, st, shelves, packed, new_scratch(y), rec, first, last)
    for name, value in zip(Shelves._fields, shelves, strict=True):
        getattr(st, name)[y.slots.place] = value
    return rec


def _packed(slots: Ids, asked: Ints) -> Ints:
    """The place among `slots` (in order) of each one asked for; -1 for one that holds no stock."""
    at = np.searchsorted(slots, asked.astype(np.uint32))
    there = at < len(slots)
    there[there] = slots[at[there]] == asked[there]
    return np.where(there, at, -1).astype(np.int32)
