"""The step of `reference`, compiled: the same names, the same arithmetic, loops instead of arrays.

`run_days` is one scenario over its whole horizon; it releases the interpreter lock, so an ensemble
runs one scenario a thread. It reads the arrays in the order of `layout`: markets that share a product's
list of suppliers as rows of one table, flows as strips, stocks packed. Sums along a row are made several
cells at a time, in an order that is the machine's: results do not depend on threads, and those of two
kinds of processor differ by rounding.
"""

from __future__ import annotations

import numpy as np

from ballast.arrays import Floats
from ballast.compiled import compiled
from ballast.propagate.step import rows, rules, slots
from ballast.propagate.step.layout import Layout
from ballast.propagate.step.record import Record, new_record
from ballast.propagate.step.rules import TINY
from ballast.propagate.step.scratch import Scratch, Shelves, new_scratch
from ballast.propagate.step.system import State, System, Weather

imported = slots.imported
planned = compiled(rules.planned)
shippable = compiled(rules.shippable)
ration = compiled(rules.ration)
overtime = compiled(rules.overtime)
seen = compiled(rules.seen)
pull = compiled(rules.pull)


@compiled
def _capacity(s: System, st: State, w: Weather, t: int, c: Scratch) -> None:
    row = w.capacity_day[t]
    for j in range(len(s.x0)):
        level, base = w.capacity[row, j], max(s.x0[j], TINY)
        c.level[j] = level
        c.cap[j] = st.alpha[j] * level * s.x0[j]
        c.planned[j] = min(st.expected[j], c.cap[j]) / base
        c.running[j] = st.output[j] / base


@compiled
def _demand(s: System, y: Layout, st: State, w: Weather, t: int, c: Scratch) -> None:
    row = w.demand_day[t]
    c.final[:] = 0.0
    for line in range(len(s.final_need)):
        c.final[y.final_market[line]] += s.final_need[line] * w.demand[row, line]
    passage, offer = w.passage[w.passage_day[t]], c.offer
    for j in range(len(s.x0)):
        f = st.fulfil[j]
        offer[j, 0], offer[j, 1] = st.attract[j] * (1 - f), st.attract[j] * f
        offer[j, 2], offer[j, 3] = st.attract[j], float(passage[j])
    rows.demand(y, w, t, c)
    load, booking = c.load, c.booking
    row = w.exports_day[t]
    for j in range(len(s.x0)):
        free = offer[j, 0] * load[j, 0] + offer[j, 1] * load[j, 1]
        final = offer[j, 2] * load[j, 2]
        abroad = s.exports[j] * w.exports[row, j]
        c.wanted[j], c.ordered[j] = free + booking[j, 0], free + booking[j, 1]
        c.booked[j] = c.wanted[j] + final + booking[j, 2] + abroad
        c.demand[j] = c.ordered[j] + final + booking[j, 3] + abroad


@compiled
def _produce(s: System, y: Layout, st: State, c: Scratch, rec: Record, row: int, x: Floats) -> None:
    for j in range(len(s.x0)):
        d, first = c.demand[j], c.ordered[j]
        share = c.limit[j]
        aim = planned(s.finished[j], st.goods[j], st.expected[j], s.order_days, d)
        c.aim[j] = aim
        x[j] = min(aim, c.cap[j] * share)
        c.pace[j] = x[j] / max(s.x0[j], TINY)
        ship = shippable(s.finished[j], st.goods[j], x[j], s.order_ceiling * c.level[j] * s.x0[j])
        rho, rho_final = ration(ship, first, d)
        rest = d - first
        c.rho[j], c.rho_final[j] = rho, rho_final
        if s.finished[j] > 0:
            st.goods[j] = max(0.0, st.goods[j] + x[j] - rho * first - rho_final * rest)
        rec.output[row, j] = x[j]
        if rec.limit.shape[0] > 0:
            rec.limit[row, j], rec.binding[row, j] = share, slots.binding(y, c, j)
            rec.capacity[row, j], rec.demand[row, j] = c.cap[j], d
            rec.rho[row, j], rec.shipped[row, j] = rho, rho * first + rho_final * rest


@compiled
def _deliver(y: Layout, st: State, w: Weather, t: int, c: Scratch) -> None:
    offer = c.offer
    for j in range(len(st.fulfil)):
        f, r, a = st.fulfil[j], c.rho[j], st.attract[j]
        offer[j, 0], offer[j, 1] = a * r * (1 - f), a * r * f
        offer[j, 2], offer[j, 3] = a * r * r, a * c.rho_final[j]
    rows.arrivals(y, w, t, c)


@compiled
def _adapt(s: System, st: State, c: Scratch, x: Floats) -> None:
    for j in range(len(s.x0)):
        aim, rho = c.aim[j], c.rho[j]
        st.alpha[j] = overtime(st.alpha[j], aim, x[j], s.overproduction, s.overproduction_days)
        filled = seen(rho, c.ordered[j], c.wanted[j])
        st.attract[j] = pull(st.attract[j], filled, s.leave_days[j], s.return_days)
        st.expected[j] += (c.booked[j] - st.expected[j]) / s.demand_memory
        st.fulfil[j] = rho
        st.output[j] = x[j]


@compiled
def _book(s: System, y: Layout, st: State, w: Weather, t: int, c: Scratch, rec: Record, row: int) -> None:
    """Where everything went today, by product, and what final users missed; `_adapt` has acted."""
    abroad, ledger = w.exports_day[t], rec.ledger[row]
    for j in range(len(s.x0)):
        k = s.product[j]
        ledger[k, 0] += st.output[j]
        ledger[k, 3] += c.rho_final[j] * s.exports[j] * w.exports[abroad, j]
        ledger[k, 8] += st.goods[j]
    for m in range(len(y.place)):
        ledger[y.product[m], 2] += c.final[m] * c.met[m]
        if c.final[m] > 0:  # stocks run down are not a use
            rec.unmet[row, y.region[m]] += c.final[m] * (1.0 - c.met[m])


@compiled
def _flows(s: System, y: Layout, w: Weather, t: int, c: Scratch, rec: Record, row: int) -> None:
    """What the flows receive and use: nothing of the step asks for it, only the record."""
    imports, supplied, full = w.imports[w.imports_day[t]], w.supply_day[t], rec.stock.shape[0] > 0
    passage, half = w.passage[w.passage_day[t]], len(y.place)
    for j in range(len(s.x0)):
        pace = min(c.planned[j], s.order_ceiling)
        for i in range(s.slot_mid[j], s.slot_ptr[j + 1]):
            m, mu, need = y.place[s.slot_market[i]] + half * passage[j], s.import_share[i], s.need[i]
            want = need * pace
            use = min(want, need * c.running[j])
            home = (1 - mu) * (c.got[m, 0] * want + c.got[m, 1] * use)
            foreign = imported(imports[s.slot_foreign[i]], want, use, mu, need)
            injected = 0.0
            if supplied > 0 and w.supply[supplied, i] == 1:
                injected = max(0.0, want - home - foreign)
                rec.injected[row] += injected
            if full:
                k = s.slot_product[i]
                rec.ledger[row, k, 1] += home
                rec.ledger[row, k, 4] += foreign
                rec.ledger[row, k, 5] += injected
                rec.ledger[row, k, 6] += home + foreign + injected


@compiled
def _events(
    s: System, y: Layout, w: Weather, t: int, event: int, shelves: Shelves, rec: Record, row: int
) -> int:
    """Reserves released into slots or stocks lost until this morning; the event that comes next."""
    while event < len(w.stock_day) and w.stock_day[event] <= t:
        i = w.stock_slot[event]
        j = s.slot_node[i]
        p = y.shelf_ptr[j] + np.uint64(i) - s.slot_ptr[j]
        new = max(0.0, shelves.stock[p] + w.stock_change[event])
        if rec.stock.shape[0] > 0:
            rec.ledger[row, s.slot_product[i], 5] += new - shelves.stock[p]
        shelves.stock[p] = new
        event += 1
    return event


@compiled
def run_days(
    s: System,
    y: Layout,
    st: State,
    shelves: Shelves,
    w: Weather,
    c: Scratch,
    rec: Record,
    first: int,
    last: int,
) -> None:
    """Run days first..last-1 of the weather; `rec` has a row for each of them."""
    x = np.empty(len(s.x0))
    full = rec.stock.shape[0] > 0
    event = 0
    while event < len(w.stock_day) and w.stock_day[event] < first:
        event += 1
    for t in range(first, last):
        row = t - first
        event = _events(s, y, w, t, event, shelves, rec, row)
        rows.roads(y, w, t, c)
        _capacity(s, st, w, t, c)
        slots.orders(s, y, shelves, w, t, c)
        _demand(s, y, st, w, t, c)
        slots.limits(y, s, shelves, w, t, c)
        _produce(s, y, st, c, rec, row, x)
        _deliver(y, st, w, t, c)
        slots.shelve(s, y, shelves, w, t, c, rec, row)
        if full or w.supply_day[t] > 0:
            _flows(s, y, w, t, c, rec, row)
        _adapt(s, st, c, x)
        if full:
            _book(s, y, st, w, t, c, rec, row)


def run_numba(
    s: System, y: Layout, st: State, w: Weather, *, full: bool, first: int = 0, last: int | None = None
) -> Record:
    """The record of days first..last-1, run in numba. `st` is changed in place; `y` is lay_out(s)."""
    end = len(w.capacity_day) if last is None else last
    record = new_record(s, end - first, full=full)
    shelves = Shelves(*(getattr(st, name)[y.slot] for name in Shelves._fields))
    run_days(unsigned(s), y, st, shelves, w, new_scratch(y), record, first, end)
    for name, value in zip(Shelves._fields, shelves, strict=True):
        getattr(st, name)[y.slot] = value
    return record


def unsigned(s: System) -> System:
    """The same arrays with unsigned indices: compiled loops then need no test for negative ones."""
    narrow = ("product", "slot_market", "slot_product", "slot_foreign")
    wide = ("slot_ptr", "slot_mid")
    views = {name: getattr(s, name).view(np.uint32) for name in narrow}
    return s._replace(**views, **{name: getattr(s, name).view(np.uint64) for name in wide})
