"""Slots that hold stock in the compiled step, packed (`layout`): what they order, allow, receive and keep.

orders    what each slot would order to plan, and at yesterday's pace
limits    the share of capacity that each slot allows, and that the tightest of each node does
shelve    receipts, use and tonight's stocks
"""

from __future__ import annotations

import numpy as np

from ballast.arrays import Flags, Floats
from ballast.compiled import compiled
from ballast.propagate.step import rules
from ballast.propagate.step.layout import Ids, Layout, Pointers
from ballast.propagate.step.record import Record
from ballast.propagate.step.rules import NOISE, TINY
from ballast.propagate.step.scratch import SOME, Scratch, Shelves
from ballast.propagate.step.system import System, Weather

order = compiled(rules.order)
allowed = compiled(rules.allowed)
with_abroad = compiled(rules.with_abroad)
complete = compiled(rules.complete)
near = compiled(rules.near)
is_near = compiled(rules.is_near)
imported = compiled(rules.imported)
shelved = compiled(rules.shelved)


@compiled
def orders(s: System, y: Layout, shelves: Shelves, w: Weather, t: int, c: Scratch) -> None:
    """What each market is asked for: by flows, then by slots that hold stock."""
    passage, half = w.passage[w.passage_day[t]], np.uint64(len(y.place))
    strips = (y.strip_ptr, y.strip_first, y.strip_cell)
    c.bids[:] = 0.0
    _strips(
        c.bids[0], c.bids[1], strips, y.strip_need, c.planned, c.running, s.order_ceiling, passage, half
    )
    for m in range(half):
        at = y.bid[m]
        c.orders[m, 0], c.orders[m, 1] = c.bids[0, at], c.bids[1, at]
        if w.passage_day[t] > 0:
            c.orders[half + m, 0], c.orders[half + m, 1] = c.bids[0, half + at], c.bids[1, half + at]
    for p in range(len(y.node)):
        j = y.node[p]
        gap = (y.target[p] - shelves.stock[p] - shelves.waiting[p]) / y.refill[p]
        c.want[p], c.use[p] = order(y.need[p], gap, c.planned[j], c.running[j], s.order_ceiling)
    if c.passes[0] != w.passage_day[t]:
        c.passes[0] = w.passage_day[t]
        for p in range(len(y.node)):
            c.where[p] = y.market[p] + half * passage[y.node[p]]
    for p in range(len(y.node)):
        m, home = c.where[p], 1.0 - y.import_share[p]
        c.orders[m, 0] += c.want[p] * home
        c.orders[m, 1] += c.use[p] * home


@compiled
def _strips(
    to_plan: Floats, at_pace: Floats, strips: tuple[Pointers, Pointers, Pointers], need: Floats,
    planned: Floats, running: Floats, ceiling: float, passage: Flags, half: np.uint64,
) -> None:  # fmt: skip
    """Orders of the flows, added up in the order of buyers."""
    ptr, begins, cells = strips
    for j in range(len(planned)):
        want = min(planned[j], ceiling)
        use = min(want, running[j])
        for k in range(ptr[j], ptr[j + 1]):
            at, first = begins[k] + half * passage[j], cells[k]
            for i in range(cells[k + 1] - first):
                to_plan[at + i] += need[first + i] * want
                at_pace[at + i] += need[first + i] * use


@compiled
def limits(y: Layout, s: System, shelves: Shelves, w: Weather, t: int, c: Scratch) -> None:
    """The share of capacity that each slot allows, and that the tightest of each node does."""
    row, rate = w.supply_day[t], c.rates
    for j in range(len(s.x0)):
        rate[j] = c.cap[j] / max(s.x0[j], TINY)
    _allow(c.share, y.node, y.need, y.target, y.essential, shelves, rate)
    if row > 0:
        for p in range(len(y.node)):
            if w.supply[row, y.slot[p]] == 1:
                use = y.need[p] * rate[y.node[p]]
                c.share[p] = allowed(
                    y.essential[p], use, y.target[p], shelves.stock[p], 1.0, shelves.usable[p]
                )
    _tightest(c.limit, c.share, y.shelf_ptr)


@compiled
def _allow(
    share: Floats, node: Ids, need: Floats, target: Floats, essential: Floats, shelves: Shelves,
    rate: Floats,
) -> None:  # fmt: skip
    stock, kits, usable = shelves.stock, shelves.kits, shelves.usable
    for p in range(len(node)):
        use = need[p] * rate[node[p]]
        free = allowed(essential[p], use, target[p], stock[p], kits[p], usable[p])
        share[p] = free if use > 0.0 else 1.0


@compiled
def _tightest(limit: Floats, share: Floats, ptr: Pointers) -> None:
    for j in range(len(limit)):
        least = 1.0
        for p in range(ptr[j], ptr[j + 1]):
            least = min(least, share[p])
        limit[j] = least


@compiled
def binding(y: Layout, c: Scratch, j: int) -> int:
    """The slot that holds node j, -1 when none does."""
    if c.limit[j] < 1.0 - NOISE:
        for p in range(y.shelf_ptr[j], y.shelf_ptr[j + 1]):
            if c.share[p] == c.limit[j]:
                return int(y.slot[p])
    return -1


@compiled
def shelve(
    s: System, y: Layout, shelves: Shelves, w: Weather, t: int, c: Scratch, rec: Record, row: int
) -> None:
    """Receipts, use and tonight's stocks of every slot that holds stock, some at a time."""
    imports, where, orders, got, pace = w.imports[w.imports_day[t]], c.where, (c.want, c.use), c.got, c.pace
    means, received, used, injected = (c.one, c.two), (c.home, c.foreign), c.used, c.injected
    stocks, kits = (shelves.stock, shelves.waiting, shelves.usable), shelves.kits
    amounts, import_share, power = (y.need, y.target), y.import_share, y.power
    supplied = w.supply_day[t]
    for first in range(0, len(y.node), SOME):
        some = (first, min(SOME, len(y.node) - first))
        _receive(received, means, got, orders, import_share, amounts[0], imports, y.foreign, where, some)
        _complete(kits, means, power, some)
        injected[:] = 0.0
        if supplied > 0:
            rec.injected[row] += _inject(y, w.supply[supplied], c, kits, some)
        arrived = (received[0], received[1], injected, used)
        _store(stocks, arrived, means[0], kits, orders[0], amounts, y.node, pace, s.release_days, some)
        if rec.stock.shape[0] > 0:
            _book_slots(s, y, shelves, c, rec, row, some)


@compiled
def _receive(
    received: tuple[Floats, Floats], means: tuple[Floats, Floats], got: Floats,
    orders: tuple[Floats, Floats], import_share: Floats, need: Floats, imports: Floats,
    abroad: Ids, where: Ids, some: tuple[int, int],
) -> None:  # fmt: skip
    """What arrives from home and abroad, with mean and mean square of fulfilment."""
    (home, foreign), (one, two), (want, use) = received, means, orders
    for i in range(some[1]):
        p = some[0] + i
        m, mu, level = where[p], import_share[p], imports[abroad[p]]
        home[i] = (1 - mu) * (got[m, 0] * want[p] + got[m, 1] * use[p])
        one[i], two[i] = with_abroad(mu, got[m, 0] + got[m, 1], got[m, 2], level)
        foreign[i] = imported(level, want[p], use[p], mu, need[p])


@compiled
def _complete(kits: Floats, means: tuple[Floats, Floats], power: Floats, some: tuple[int, int]) -> None:
    """q of each slot: by series, several at a time, and by a power where the series would not do."""
    one, two = means
    far = 0
    for i in range(some[1]):
        ratio = min(1.0, one[i] * one[i] / max(two[i], TINY))
        kits[some[0] + i] = near(ratio, power[some[0] + i])
        far += not is_near(one[i] * one[i], two[i], power[some[0] + i])
    if far == 0:
        return
    for i in range(some[1]):
        if not is_near(one[i] * one[i], two[i], power[some[0] + i]):
            kits[some[0] + i] = complete(one[i], two[i], power[some[0] + i])


@compiled
def _inject(y: Layout, supply: Flags, c: Scratch, kits: Floats, some: tuple[int, int]) -> float:
    """What a plan supplies from outside: the rest of what is wanted."""
    total = 0.0
    for i in range(some[1]):
        p = some[0] + i
        if supply[y.slot[p]] == 1:
            c.injected[i] = max(0.0, c.want[p] - c.home[i] - c.foreign[i])
            c.one[i] = kits[p] = 1.0
            total += c.injected[i]
    return total


@compiled
def _store(
    stocks: tuple[Floats, Floats, Floats], arrived: tuple[Floats, Floats, Floats, Floats], one: Floats,
    kits: Floats, want: Floats, amounts: tuple[Floats, Floats], node: Ids, pace: Floats,
    release_days: float, some: tuple[int, int],
) -> None:  # fmt: skip
    """Tonight's stocks, and what was used."""
    (stock, waiting, usable), (home, foreign, injected, used) = stocks, arrived
    need, target = amounts
    for i in range(some[1]):
        p = some[0] + i
        stock[p], waiting[p], usable[p], used[i] = shelved(
            stock[p], waiting[p], home[i] + foreign[i] + injected[i], one[i] * kits[p],
            want[p], need[p], target[p], pace[node[p]], 1.0 / release_days,
        )  # fmt: skip


@compiled
def _book_slots(
    s: System, y: Layout, shelves: Shelves, c: Scratch, rec: Record, row: int, some: tuple[int, int]
) -> None:
    """Where everything went in those slots, by product."""
    ledger = rec.ledger[row]
    for i in range(some[1]):
        p = some[0] + i
        k, held = s.slot_product[y.slot[p]], shelves.stock[p] + shelves.waiting[p]
        ledger[k, 1] += c.home[i]
        ledger[k, 4] += c.foreign[i]
        ledger[k, 5] += c.injected[i]
        ledger[k, 6] += c.used[i]
        ledger[k, 7] += held
        rec.stock[row, y.node[p]] += held
