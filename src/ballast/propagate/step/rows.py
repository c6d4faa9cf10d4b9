"""Markets of the compiled step: orders on their way to suppliers, and what comes back.

Markets that share a product's list of suppliers are rows (`layout`): `near` holds what those suppliers
bring, side by side, and a day is sums along rows. The others go entry by entry.

    roads          what passes on the way of every cell, and the markets into which some way is narrowed
    *_demand       what each supplier is asked for: by open markets, and by those with a narrowed way
    *_arrivals     what comes of a unit ordered in each market

Loops over rows are functions of the arrays they need rather than of the tuples these stand in, and read
numbers of cells, unsigned, rather than slices: else they are not made several cells at a time.
"""

from __future__ import annotations

import numpy as np

from ballast.arrays import Flags, Floats, Ints
from ballast.compiled import compiled
from ballast.propagate.step import rules
from ballast.propagate.step.layout import Ids, Loose, Pointers, Rows
from ballast.propagate.step.rules import TINY
from ballast.propagate.step.scratch import CHUNK, MarketWork, NodeWork, RowWork, Today

_SUMS = {"reassoc", "nsz"}  # a sum may be made of partial sums

opened = compiled(rules.opened)


@compiled
def roads(y: Rows, loose: Loose, today: Today, closed: Flags, c: RowWork) -> None:
    """What passes on the way of every cell, and the markets into which some way is narrowed."""
    if c.ways[0] == today.ways:
        return
    c.ways[0] = today.ways
    state, rows = today.corridors, len(y.cell_ptr) - 1
    _ways(c.through, closed, y.roads, y.cell_ptr, y.corridor, state)
    for q in range(len(loose.entry_ptr) - 1):
        least = 1.0
        for e in range(loose.entry_ptr[q], loose.entry_ptr[q + 1]):
            if loose.corridor[e] >= 0:
                least = min(least, state[np.uint32(loose.corridor[e])])
        closed[rows + q] = least < 1.0


@compiled
def _ways(through: Floats, closed: Flags, roads: Ids, ptr: Pointers, corridor: Ints, state: Floats) -> None:
    """What passes to each cell of the rows that some corridor leads to."""
    for m in roads:
        least, first = 1.0, ptr[m]
        for i in range(ptr[m + 1] - first):
            part = 1.0
            if corridor[first + i] >= 0:
                part = state[np.uint32(corridor[first + i])]
            through[first + i] = part
            least = min(least, part)
        closed[m] = least < 1.0


def _pulls(per: Floats, ptr: Pointers, share: Floats, near: Floats, rows: tuple[int, int]) -> None:
    """One over the pull of each row's suppliers."""
    for m in range(rows[0], rows[1]):
        first, total = ptr[m], 0.0
        for i in range(ptr[m + 1] - first):
            total += share[first + i] * near[2, i]
        per[m] = 1.0 / max(total, TINY)


def _dots(
    got: Floats, met: Floats, per: Floats, ptr: Pointers, share: Floats, near: Floats,
    rows: tuple[int, int], half: np.uint64, passing: bool,
) -> None:  # fmt: skip
    """What arrives in each row where nothing is held up, for whoever has a pass too."""
    for m in range(rows[0], rows[1]):
        first, a, b, c, d = ptr[m], 0.0, 0.0, 0.0, 0.0
        for i in range(ptr[m + 1] - first):
            cell = share[first + i]
            a += cell * near[0, i]
            b += cell * near[1, i]
            c += cell * near[2, i]
            d += cell * near[3, i]
        got[m, 0], got[m, 1], got[m, 2], met[m] = a * per[m], b * per[m], c * per[m], d * per[m]
        if passing:
            got[half + m, 0], got[half + m, 1], got[half + m, 2] = got[m, 0], got[m, 1], got[m, 2]


def _held_dots(
    got: Floats, met: Floats, per: Floats, ptr: Pointers, share: Floats, near: Floats,
    rows: tuple[int, int], free: Floats, closed: Flags,
) -> None:  # fmt: skip
    """What arrives by road in those rows into which some way is narrowed."""
    for m in range(rows[0], rows[1]):
        if closed[m] == 0:
            continue
        first, a, b, c, d = ptr[m], 0.0, 0.0, 0.0, 0.0
        for i in range(ptr[m + 1] - first):
            part = free[first + i]
            cell = share[first + i] * part
            a += cell * near[0, i]
            b += cell * near[1, i]
            c += cell * part * near[2, i]
            d += cell * near[3, i]
        got[m, 0], got[m, 1], got[m, 2], met[m] = a * per[m], b * per[m], c * per[m], d * per[m]


pulls = compiled(_pulls, fastmath=_SUMS)
dots = compiled(_dots, fastmath=_SUMS)
held_dots = compiled(_held_dots, fastmath=_SUMS)


@compiled
def _gather(near: Floats, offer: Floats, maker: Ids, makers: tuple[int, int]) -> None:
    """The offers of a product's suppliers, side by side."""
    for i in range(makers[1] - makers[0]):
        for r in range(len(near)):
            near[r, i] = offer[maker[makers[0] + i], r]


@compiled
def _scatter(out: Floats, sums: Floats, maker: Ids, makers: tuple[int, int]) -> None:
    """Add what was found for a product's suppliers to them."""
    for i in range(makers[1] - makers[0]):
        for r in range(len(sums)):
            out[maker[makers[0] + i], r] += sums[r, i]


@compiled
def _rates(
    rate: Floats, orders: Floats, final: Floats, per: Floats, closed: Flags, rows: tuple[int, int],
    half: np.uint64, passing: bool,
) -> None:  # fmt: skip
    """Orders of each row, a unit of its suppliers' pull. Where it is open, passes make no difference."""
    for m in range(rows[0], rows[1]):
        i, part = m - rows[0], per[m]
        rate[i, 0], rate[i, 1], rate[i, 2] = orders[m, 0] * part, orders[m, 1] * part, final[m] * part
        rate[i, 3] = rate[i, 4] = 0.0
        if passing:
            rate[i, 3], rate[i, 4] = orders[half + m, 0] * part, orders[half + m, 1] * part
            if closed[m] == 0:
                rate[i, 0] += rate[i, 3]
                rate[i, 1] += rate[i, 4]


@compiled
def _spread(
    out: Floats, ptr: Pointers, share: Floats, rate: Floats, closed: Flags, rows: tuple[int, int]
) -> None:
    """The orders of open rows, a unit of their suppliers' pull."""
    for m in range(rows[0], rows[1]):
        if closed[m] == 1:
            continue
        first, n, r = ptr[m], ptr[m + 1] - ptr[m], m - rows[0]
        want, use, final = rate[r, 0], rate[r, 1], rate[r, 2]
        for i in range(n):
            out[0, i] += share[first + i] * want
            out[1, i] += share[first + i] * use
        if final != 0.0:
            for i in range(n):
                out[2, i] += share[first + i] * final


@compiled
def _hold(
    free: Floats, ptr: Pointers, share: Floats, through: Floats, near: Floats, rate: Floats,
    purchases: Floats, closed: Flags, rows: tuple[int, int],
) -> None:  # fmt: skip
    """The part of each cell's orders that the way to it lets through."""
    for m in range(rows[0], rows[1]):
        if closed[m] == 0:
            continue
        first, r = ptr[m], m - rows[0]
        want, use, final = rate[r, 0], rate[r, 1], rate[r, 2]
        for i in range(ptr[m + 1] - first):
            pulled = near[0, i] * want + near[1, i] * use + near[2, i] * final
            way = max(through[first + i], near[3, i])
            free[first + i] = opened(way, share[first + i], purchases[m], share[first + i] * pulled)


@compiled
def _send(
    out: Floats, ptr: Pointers, share: Floats, free: Floats, rate: Floats, closed: Flags,
    rows: tuple[int, int],
) -> None:  # fmt: skip
    """The bookings of rows into which some way is narrowed, and what can travel of them, a unit of pull."""
    for m in range(rows[0], rows[1]):
        if closed[m] == 0:
            continue
        first, n, r = ptr[m], ptr[m + 1] - ptr[m], m - rows[0]
        want, use, final, pass_want, pass_use = rate[r, 0], rate[r, 1], rate[r, 2], rate[r, 3], rate[r, 4]
        for i in range(n):
            out[0, i] += share[first + i] * (want + pass_want)
            out[1, i] += share[first + i] * (use + pass_use)
        for i in range(n):
            cell, part = share[first + i], free[first + i]
            out[2, i] += cell * (part * want + pass_want)
            out[3, i] += cell * (part * use + pass_use)
        for i in range(n):
            users = share[first + i] * final
            out[4, i] += users
            out[5, i] += users * free[first + i]


@compiled
def row_demand(y: Rows, purchases: Floats, of: NodeWork, at: MarketWork, c: RowWork, passing: bool) -> None:
    """What suppliers are asked for in the markets that are rows: each product's suppliers are read once."""
    half, ptr, share, maker, through = np.uint64(len(at.per)), y.cell_ptr, y.share, y.maker, c.through
    near, per, rate, free, closed = c.near, at.per, c.rate, c.free, at.closed
    opens, held, orders, final = c.sums, c.held, at.orders, at.final
    for g in range(len(y.row_ptr) - 1):
        makers, last = (y.list_ptr[g], y.list_ptr[g + 1]), y.row_ptr[g + 1]
        if y.row_ptr[g] == last:
            continue
        opens[:] = 0.0
        held[:] = 0.0
        _gather(near, of.offer, maker, makers)
        for first in range(y.row_ptr[g], last, CHUNK):
            rows = (first, min(first + np.uint64(CHUNK), last))
            pulls(per, ptr, share, near, rows)
            _rates(rate, orders, final, per, closed, rows, half, passing)
            _spread(opens, ptr, share, rate, closed, rows)
            _hold(free, ptr, share, through, near, rate, purchases, closed, rows)
            _send(held, ptr, share, free, rate, closed, rows)
        _scatter(of.load, opens, maker, makers)
        _scatter(of.booking, held, maker, makers)


@compiled
def loose_demand(
    y: Loose, purchases: Floats, state: Floats, of: NodeWork, at: MarketWork, entry_free: Floats,
    passing: bool,
) -> None:  # fmt: skip
    """What suppliers are asked for in the other markets, entry by entry."""
    half = len(at.per)
    rows, offer, orders, load, booking = (
        half - (len(y.entry_ptr) - 1),
        of.offer,
        at.orders,
        of.load,
        of.booking,
    )
    for q in range(half - rows):
        m, first, last = rows + q, y.entry_ptr[q], y.entry_ptr[q + 1]
        total = 0.0
        for e in range(first, last):
            total += y.share[e] * offer[y.supplier[e], 2]
        per = 1.0 / max(total, TINY)
        at.per[m] = per
        want, use, final = orders[m, 0] * per, orders[m, 1] * per, at.final[m] * per
        pass_want = pass_use = 0.0
        if passing:
            pass_want, pass_use = orders[half + m, 0] * per, orders[half + m, 1] * per
        if at.closed[m] == 0:
            for e in range(first, last):
                j, share = y.supplier[e], y.share[e]
                load[j, 0] += share * (want + pass_want)
                load[j, 1] += share * (use + pass_use)
                load[j, 2] += share * final
            continue
        for e in range(first, last):
            j, share = y.supplier[e], y.share[e]
            normal = share * (offer[j, 0] * want + offer[j, 1] * use)
            users = share * offer[j, 2] * final
            free = 1.0
            if y.corridor[e] >= 0 and offer[j, 3] == 0:
                free = opened(state[np.uint32(y.corridor[e])], share, purchases[m], normal + users)
            entry_free[e] = free
            booking[j, 0] += share * (want + pass_want)
            booking[j, 1] += share * (use + pass_use)
            booking[j, 2] += share * (want * free + pass_want)
            booking[j, 3] += share * (use * free + pass_use)
            booking[j, 4] += share * final
            booking[j, 5] += share * final * free


@compiled
def row_arrivals(y: Rows, offer: Floats, at: MarketWork, c: RowWork, passing: bool) -> None:
    """Market means of what arrives: coefficients of want and use, and the mean square of fulfilment."""
    half, ptr, share, near, free = np.uint64(len(at.per)), y.cell_ptr, y.share, c.near, c.free
    got, met, per, closed = at.got, at.met, at.per, at.closed
    for g in range(len(y.row_ptr) - 1):
        rows = (y.row_ptr[g], y.row_ptr[g + 1])
        if rows[0] == rows[1]:
            continue
        _gather(near, offer, y.maker, (y.list_ptr[g], y.list_ptr[g + 1]))
        dots(got, met, per, ptr, share, near, rows, half, passing)
        held_dots(got, met, per, ptr, share, near, rows, free, closed)


@compiled
def loose_arrivals(y: Loose, offer: Floats, at: MarketWork, entry_free: Floats, passing: bool) -> None:
    """The same of the other markets."""
    got, half = at.got, len(at.per)
    rows = half - (len(y.entry_ptr) - 1)
    for q in range(half - rows):
        m = rows + q
        per, closed = at.per[m], at.closed[m] == 1
        want = use = two = met = pass_want = pass_use = pass_two = 0.0
        for e in range(y.entry_ptr[q], y.entry_ptr[q + 1]):
            j, share = y.supplier[e], y.share[e]
            free = entry_free[e] if closed else 1.0
            a, b, d = share * offer[j, 0], share * offer[j, 1], share * offer[j, 2]
            pass_want += a
            pass_use += b
            pass_two += d
            want += a * free
            use += b * free
            two += d * free * free
            met += share * offer[j, 3] * free
        if passing:
            with_pass = half + m
            got[with_pass, 0], got[with_pass, 1] = pass_want * per, pass_use * per
            got[with_pass, 2] = pass_two * per
        got[m, 0], got[m, 1], got[m, 2], at.met[m] = want * per, use * per, two * per, met * per
