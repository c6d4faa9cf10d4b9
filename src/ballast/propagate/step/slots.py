"""Slots of the compiled step: what those that hold stock order, allow, receive and keep; and the others.

orders    what each slot would order to plan, and at yesterday's pace
limits    the share of capacity that each slot allows, and that the tightest of each node does
shelve    receipts, use and tonight's stocks
"""

from __future__ import annotations

import numpy as np

from ballast.arrays import Flags, Floats
from ballast.compiled import compiled
from ballast.propagate.step import rules
from ballast.propagate.step.layout import Flows, Ids, Pointers, Slots, Strips
from ballast.propagate.step.record import Record
from ballast.propagate.step.rules import NOISE, TINY
from ballast.propagate.step.scratch import SOME, MarketWork, NodeWork, Shelves, SlotWork, Today

order = compiled(rules.order)
allowed = compiled(rules.allowed)
with_abroad = compiled(rules.with_abroad)
complete = compiled(rules.complete)
near = compiled(rules.near)
is_near = compiled(rules.is_near)
imported = compiled(rules.imported)
shelved = compiled(rules.shelved)


@compiled
def orders(
    y: Slots, strips: Strips, bid: Ids, shelves: Shelves, ceiling: float, today: Today,
    of: NodeWork, at: MarketWork, c: SlotWork,
) -> None:  # fmt: skip
    """What each market is asked for: by flows, then by slots that hold stock."""
    passage, half, bids, orders = today.passage, np.uint64(len(bid)), at.bids, at.orders
    bids[:] = 0.0
    runs = (strips.ptr, strips.first, strips.cell)
    _strips(bids[0], bids[1], runs, strips.need, of.planned, of.running, ceiling, passage, half)
    for m in range(half):
        i = bid[m]
        orders[m, 0], orders[m, 1] = bids[0, i], bids[1, i]
        if today.passes > 0:
            orders[half + m, 0], orders[half + m, 1] = bids[0, half + i], bids[1, half + i]
    for p in range(len(y.node)):
        j = y.node[p]
        gap = (y.target[p] - shelves.stock[p] - shelves.waiting[p]) / y.refill[p]
        c.want[p], c.use[p] = order(y.need[p], gap, of.planned[j], of.running[j], ceiling)
    if c.passes[0] != today.passes:
        c.passes[0] = today.passes
        for p in range(len(y.node)):
            c.where[p] = y.market[p] + half * passage[y.node[p]]
    for p in range(len(y.node)):
        m, home = c.where[p], 1.0 - y.import_share[p]
        orders[m, 0] += c.want[p] * home
        orders[m, 1] += c.use[p] * home


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
def limits(y: Slots, shelves: Shelves, today: Today, of: NodeWork, c: SlotWork) -> None:
    """The share of capacity that each slot allows, and that the tightest of each node does."""
    _allow(c.share, y.node, y.need, y.target, y.essential, shelves, of.able)
    if today.supplied > 0:
        for p in range(len(y.node)):
            use = y.need[p] * of.able[y.node[p]]
            if today.supply[y.slot[p]] == 1 and use > 0.0:
                stock, usable = shelves.stock[p], shelves.usable[p]
                c.share[p] = allowed(y.essential[p], use, y.target[p], stock, 1.0, usable)
    _tightest(of.limit, c.share, y.ptr)


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
def binding(ptr: Pointers, slot: Ids, share: Floats, limit: float, j: int) -> int:
    """The slot that holds node j, -1 when none does."""
    if limit < 1.0 - NOISE:
        for p in range(ptr[j], ptr[j + 1]):
            if share[p] == limit:
                return int(slot[p])
    return -1


@compiled
def shelve(
    y: Slots, shelves: Shelves, today: Today, pace: Floats, got: Floats, c: SlotWork, rec: Record, row: int
) -> None:
    """Receipts, use and tonight's stocks of every slot that holds stock, some at a time."""
    imports, where, orders = today.imports, c.where, (c.want, c.use)
    means, received, used, injected = (c.one, c.two), (c.home, c.foreign), c.used, c.injected
    stocks, kits = (shelves.stock, shelves.waiting, shelves.usable), shelves.kits
    amounts, import_share, power = (y.need, y.target), y.import_share, y.power
    for first in range(0, len(y.node), SOME):
        some = (first, min(SOME, len(y.node) - first))
        _receive(received, means, got, orders, import_share, amounts[0], imports, y.foreign, where, some)
        _complete(kits, means, power, some)
        injected[:] = 0.0
        if today.supplied > 0:
            rec.injected[row] += _inject(
                today.supply, y.slot, received, injected, means[0], orders[0], kits, some
            )
        arrived = (received[0], received[1], injected, used)
        _store(stocks, arrived, means[0], kits, orders[0], amounts, y.node, pace, y.release_days, some)
        if len(rec.ledger) > 0:
            _book(rec.ledger[row], rec.stock[row], y.product, y.node, stocks, arrived, some)


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
def _inject(
    supply: Flags, slot: Ids, received: tuple[Floats, Floats], injected: Floats, one: Floats, want: Floats,
    kits: Floats, some: tuple[int, int],
) -> float:  # fmt: skip
    """What a plan supplies from outside: the rest of what is wanted."""
    total = 0.0
    for i in range(some[1]):
        p = some[0] + i
        if supply[slot[p]] == 1:
            injected[i] = max(0.0, want[p] - received[0][i] - received[1][i])
            one[i] = kits[p] = 1.0
            total += injected[i]
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
def _book(
    ledger: Floats, held: Floats, product: Ids, node: Ids, stocks: tuple[Floats, Floats, Floats],
    arrived: tuple[Floats, Floats, Floats, Floats], some: tuple[int, int],
) -> None:  # fmt: skip
    """Where everything went in those slots, by product, and what each node holds."""
    home, foreign, injected, used = arrived
    for i in range(some[1]):
        p = some[0] + i
        k, value = product[p], stocks[0][p] + stocks[1][p]
        ledger[k, 1] += home[i]
        ledger[k, 4] += foreign[i]
        ledger[k, 5] += injected[i]
        ledger[k, 6] += used[i]
        ledger[k, 7] += value
        held[node[p]] += value


@compiled
def flows(y: Flows, today: Today, ceiling: float, of: NodeWork, got: Floats, rec: Record, row: int) -> None:
    """What the slots without stock receive and use: nothing of the step asks for it, only the record."""
    half, full = len(got) // 2, len(rec.ledger) > 0
    for j in range(len(y.ptr) - 1):
        pace = min(of.planned[j], ceiling)
        for i in range(y.ptr[j], y.ptr[j + 1]):
            m, mu, need = y.market[i] + half * today.passage[j], y.import_share[i], y.need[i]
            want = need * pace
            use = min(want, need * of.running[j])
            home = (1 - mu) * (got[m, 0] * want + got[m, 1] * use)
            foreign = imported(today.imports[y.foreign[i]], want, use, mu, need)
            injected = 0.0
            if today.supplied > 0 and today.supply[y.slot[i]] == 1:
                injected = max(0.0, want - home - foreign)
                rec.injected[row] += injected
            if full:
                k = y.product[i]
                rec.ledger[row, k, 1] += home
                rec.ledger[row, k, 4] += foreign
                rec.ledger[row, k, 5] += injected
                rec.ledger[row, k, 6] += home + foreign + injected
