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
from ballast.propagate.step.powers import LEAST, Twice, powers
from ballast.propagate.step.record import Record
from ballast.propagate.step.rules import MOST_POWER, NEAR, NOISE, TINY
from ballast.propagate.step.scratch import SOME, MarketWork, NodeWork, Shelves, SlotWork, Today

order = compiled(rules.order)
allowed = compiled(rules.allowed)
with_abroad = compiled(rules.with_abroad)
near = compiled(rules.near)
imported = compiled(rules.imported)
shelved = compiled(rules.shelved)


@compiled
def orders(
    y: Slots, strips: Strips, bid: Ids, shelves: Shelves, ceiling: float, whole: Ids, today: Today,
    of: NodeWork, at: MarketWork, c: SlotWork,
) -> None:  # fmt: skip
    """What each market is asked for: by flows, then by slots that hold stock."""
    passage, half, bids, orders = today.passage, np.uint64(len(bid)), at.bids, at.orders
    bids[:] = 0.0
    runs = (strips.ptr, strips.first, strips.cell)
    _strips(bids[0], bids[1], runs, strips.need, of.to_plan, of.at_pace, passage, half)
    for m in range(half):
        i = bid[m]
        orders[m, 0], orders[m, 1] = bids[0, i], bids[1, i]
        if today.passes > 0:
            orders[half + m, 0], orders[half + m, 1] = bids[0, half + i], bids[1, half + i]
    for p in range(len(y.node)):
        j = y.node[p]
        gap = (y.target[p] - shelves.stock[p] - shelves.waiting[p]) * y.per_refill[p]
        c.want[p], c.use[p] = order(y.need[p], gap, of.planned[j], of.running[j], ceiling)
    if c.passes[0] != today.passes:
        c.passes[0] = today.passes
        for p in range(len(y.node)):
            c.where[p] = y.market[p] + half * passage[whole[y.node[p]]]
    for p in range(len(y.node)):
        m, home = c.where[p], 1.0 - y.import_share[p]
        orders[m, 0] += c.want[p] * home
        orders[m, 1] += c.use[p] * home


@compiled
def _strips(
    to_plan: Floats, at_pace: Floats, strips: tuple[Pointers, Pointers, Pointers], need: Floats,
    wants: Floats, uses: Floats, passage: Flags, half: np.uint64,
) -> None:  # fmt: skip
    """Orders of the flows of every node, added up in the order of buyers."""
    ptr, begins, cells = strips
    for j in range(len(wants)):
        want, use = wants[j], uses[j]
        for k in range(ptr[j], ptr[j + 1]):
            at, first = begins[k] + half * passage[j], cells[k]
            for i in range(cells[k + 1] - first):
                to_plan[at + i] += need[first + i] * want
                at_pace[at + i] += need[first + i] * use


@compiled
def limits(y: Slots, shelves: Shelves, today: Today, of: NodeWork, c: SlotWork) -> None:
    """The share of capacity that each slot allows, and that the tightest of each node does."""
    _allow(c.share, y.node, (y.per_need, y.per_target), y.essential, shelves, of.per_able)
    if today.supplied > 0:
        for p in range(len(y.node)):
            per_use = y.per_need[p] * of.per_able[y.node[p]]
            if today.supply[y.slot[p]] == 1 and per_use < np.inf:
                stock, usable = shelves.stock[p], shelves.usable[p]
                c.share[p] = allowed(y.essential[p], per_use, y.per_target[p], stock, 1.0, usable)
    _tightest(of.limit, c.share, y.ptr)


@compiled
def _allow(
    share: Floats, node: Ids, per: tuple[Floats, Floats], essential: Floats, shelves: Shelves,
    per_rate: Floats,
) -> None:  # fmt: skip
    stock, kits, usable = shelves.stock, shelves.kits, shelves.usable
    per_need, per_target = per
    for p in range(len(node)):
        per_use = per_need[p] * per_rate[node[p]]
        free = allowed(essential[p], per_use, per_target[p], stock[p], kits[p], usable[p])
        share[p] = free if per_use < np.inf else 1.0


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
    y: Slots, shelves: Shelves, today: Today, whole: Ids, pace: Floats, got: Floats, c: SlotWork,
    rec: Record, row: int,
) -> None:  # fmt: skip
    """Receipts, use and tonight's stocks of every slot that holds stock, some at a time. What of an order
    is complete is the same for all parts of a node, and is worked out once.
    """
    imports, where, orders = today.imports, c.where, (c.want, c.use)
    received, used, injected = (c.home, c.foreign), c.used, c.injected
    stocks, kits = (shelves.stock, shelves.waiting, shelves.usable), shelves.kits
    amounts, import_share = (y.need, y.target), y.import_share
    for first in range(0, y.own, SOME):
        some = (first, min(SOME, y.own - first))
        _means(c.one, c.two, got, import_share, imports, y.foreign, where, some)
        _complete(kits, c.one, c.two, y.power, c.ratio, c.exponent, some)
    if today.supplied > 0:
        for p in range(y.own):
            if today.supply[y.slot[p]] == 1:
                c.one[p] = kits[p] = 1.0
    for p in range(y.own, len(y.node)):
        kits[p] = kits[y.kin[p]]
    for first in range(0, len(y.node), SOME):
        some = (first, min(SOME, len(y.node) - first))
        _receive(received, got, orders, import_share, amounts[0], imports, y.foreign, where, some)
        injected[:] = 0.0
        if today.supplied > 0:
            rec.injected[row] += _inject(today.supply, y.slot, received, injected, orders[0], some)
        arrived = (received[0], received[1], injected, used)
        _store(
            stocks, arrived, (c.one, kits), orders[0], amounts, (y.node, y.kin), pace, y.release_days, some
        )
        if len(rec.ledger) > 0:
            _book(rec.ledger[row], rec.stock[row], y.product, y.node, whole, stocks, arrived, some)


@compiled
def _means(
    one: Floats, two: Floats, got: Floats, import_share: Floats, imports: Floats, abroad: Ids, where: Ids,
    some: tuple[int, int],
) -> None:  # fmt: skip
    """Mean and mean square of fulfilment."""
    for i in range(some[1]):
        p = some[0] + i
        m = where[p]
        one[p], two[i] = with_abroad(import_share[p], got[m, 0] + got[m, 1], got[m, 2], imports[abroad[p]])


@compiled
def _receive(
    received: tuple[Floats, Floats], got: Floats, orders: tuple[Floats, Floats], import_share: Floats,
    need: Floats, imports: Floats, abroad: Ids, where: Ids, some: tuple[int, int],
) -> None:  # fmt: skip
    """What arrives from home and abroad."""
    (home, foreign), (want, use) = received, orders
    for i in range(some[1]):
        p = some[0] + i
        m, mu = where[p], import_share[p]
        home[i] = (1 - mu) * (got[m, 0] * want[p] + got[m, 1] * use[p])
        foreign[i] = imported(imports[abroad[p]], want[p], use[p], mu, need[p])


@compiled
def _complete(
    kits: Floats, one: Floats, two: Floats, power: Floats, ratio: Twice, exponent: Twice,
    some: tuple[int, int],
) -> None:  # fmt: skip
    """q of each slot, several at a time: `rules.complete`."""
    least, most = 1.0, 0.0
    for i in range(some[1]):
        p = some[0] + i
        square = one[p] * one[p] if two[i] > 0.0 else 1.0
        ratio.raw[i] = max(min(1.0, square / max(two[i], TINY)), LEAST)
        least, most = min(least, ratio.raw[i]), max(most, power[p])
    if least >= NEAR and most <= MOST_POWER:
        for i in range(some[1]):
            kits[some[0] + i] = near(ratio.raw[i], power[some[0] + i])
        return
    found = kits[some[0] : some[0] + some[1]]
    found[:] = power[some[0] : some[0] + some[1]]
    powers(found, ratio, exponent, some[1])


@compiled
def _inject(
    supply: Flags, slot: Ids, received: tuple[Floats, Floats], injected: Floats, want: Floats,
    some: tuple[int, int],
) -> float:  # fmt: skip
    """What a plan supplies from outside: the rest of what is wanted."""
    total = 0.0
    for i in range(some[1]):
        p = some[0] + i
        if supply[slot[p]] == 1:
            injected[i] = max(0.0, want[p] - received[0][i] - received[1][i])
            total += injected[i]
    return total


@compiled
def _store(
    stocks: tuple[Floats, Floats, Floats], arrived: tuple[Floats, Floats, Floats, Floats],
    filled: tuple[Floats, Floats], want: Floats, amounts: tuple[Floats, Floats], of: tuple[Ids, Ids],
    pace: Floats, release_days: float, some: tuple[int, int],
) -> None:  # fmt: skip
    """Tonight's stocks, and what was used."""
    (stock, waiting, usable), (home, foreign, injected, used) = stocks, arrived
    (need, target), (one, kits), (node, kin) = amounts, filled, of
    for i in range(some[1]):
        p = some[0] + i
        stock[p], waiting[p], usable[p], used[i] = shelved(
            stock[p], waiting[p], home[i] + foreign[i] + injected[i], one[kin[p]] * kits[p],
            want[p], need[p], target[p], pace[node[p]], 1.0 / release_days,
        )  # fmt: skip


@compiled
def _book(
    ledger: Floats, held: Floats, product: Ids, node: Ids, whole: Ids,
    stocks: tuple[Floats, Floats, Floats], arrived: tuple[Floats, Floats, Floats, Floats],
    some: tuple[int, int],
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
        held[whole[node[p]]] += value


@compiled
def flows(y: Flows, today: Today, of: NodeWork, got: Floats, rec: Record, row: int) -> None:
    """What the slots without stock receive and use: nothing of the step asks for it, only the record."""
    half, full = len(got) // 2, len(rec.ledger) > 0
    for j in range(len(of.to_plan)):
        for i in range(y.ptr[j], y.ptr[j + 1]):
            m, mu, need = y.market[i] + half * today.passage[j], y.import_share[i], y.need[i]
            want, use = need * of.to_plan[j], need * of.at_pace[j]
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
