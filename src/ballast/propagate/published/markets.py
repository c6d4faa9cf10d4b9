"""The published models' markets, compiled: what the blocks of a network do in a day.

In blocks that fit the second-level cache: what a unit ordered brings; receipts, stocks and tomorrow's
orders of the slots that buy there; and what these orders mean for each supplier, while the block's shares
are at hand. So a dense table of N x N shares is read from memory once a day, not twice.

A block adds up the demand for its own suppliers and blocks are summed in order: the result does not depend
on the number of threads. Where all markets of a block have the same suppliers (as in a full table), it is a
small matrix in tiles of a few markets, with a row a supplier, and sums run along memory.

Arrays are named, and cut, before each loop: reading one out of a tuple counts a reference every time, and
an index that starts at zero and is unsigned needs no test for negative ones.
"""

from __future__ import annotations

import numpy as np

from ballast.arrays import Reals
from ballast.compiled import Function, compiled, prange
from ballast.propagate.published.system import TILE, Net, Rules, Sky, State

UNSIGNED = np.uint64
ZERO, ONE, TWO, THREE, FOUR = (np.uint64(i) for i in range(5))


def single(function: Function) -> Function:
    return compiled(function)


def shared(function: Function) -> Function:
    """On all threads, for networks of millions of links.

    Not the same function compiled twice: numba's cache tells functions apart, but not their options.
    """
    return compiled(function, parallel=True)


def _summing(function: Function) -> Function:
    """Sums that the compiler may reorder, always in one way, to add up several numbers at once."""
    return compiled(function, fastmath={"reassoc", "contract"})


@_summing
def _weigh_tile(one: Reals, two: Reals, rows: Reals, f: Reals, g: Reals) -> None:
    """one += f @ rows and, unless it is empty, two += g @ rows; `rows` [len(f), len(one)] flat.

    Four rows at a time, so that sums are read and written a quarter as often.
    """
    n, size, both = UNSIGNED(len(one)), UNSIGNED(len(f)), len(two) > 0
    fours = size // FOUR * FOUR
    for k in range(ZERO, fours, FOUR):
        f0, f1, f2, f3 = f[k], f[k + ONE], f[k + TWO], f[k + THREE]
        a = k * n
        b, c, d = a + n, a + TWO * n, a + THREE * n
        if both:
            g0, g1, g2, g3 = g[k], g[k + ONE], g[k + TWO], g[k + THREE]
            for m in range(n):
                r0, r1, r2, r3 = rows[a + m], rows[b + m], rows[c + m], rows[d + m]
                one[m] += (f0 * r0 + f1 * r1) + (f2 * r2 + f3 * r3)
                two[m] += (g0 * r0 + g1 * r1) + (g2 * r2 + g3 * r3)
        else:
            for m in range(n):
                r0, r1, r2, r3 = rows[a + m], rows[b + m], rows[c + m], rows[d + m]
                one[m] += (f0 * r0 + f1 * r1) + (f2 * r2 + f3 * r3)
    for k in range(fours, size):
        for m in range(n):
            one[m] += f[k] * rows[k * n + m]
        if both:
            for m in range(n):
                two[m] += g[k] * rows[k * n + m]


@_summing
def _call_tile(out: Reals, rows: Reals, bids: Reals) -> None:
    """out += rows @ bids, `rows` [len(out), len(bids)] flat; four rows at a time."""
    n, size = UNSIGNED(len(bids)), UNSIGNED(len(out))
    fours = size // FOUR * FOUR
    for k in range(ZERO, fours, FOUR):
        a = k * n
        b, c, d = a + n, a + TWO * n, a + THREE * n
        q0 = q1 = q2 = q3 = 0.0
        for m in range(n):
            q0 += rows[a + m] * bids[m]
            q1 += rows[b + m] * bids[m]
            q2 += rows[c + m] * bids[m]
            q3 += rows[d + m] * bids[m]
        out[k] += q0
        out[k + ONE] += q1
        out[k + TWO] += q2
        out[k + THREE] += q3
    for k in range(fours, size):
        q0 = 0.0
        for m in range(n):
            q0 += rows[k * n + m] * bids[m]
        out[k] += q0


@single
def _weigh(r: Rules, n: Net, st: State, blk: int) -> None:
    """In every market of a block, share-weighted over its suppliers: `unit` of reach, `other` of weight."""
    begin, last = n.block[blk], n.block[blk + 1]
    if n.panel[blk]:
        low, size = n.low[blk], np.int64(n.size[begin])
        reach, weight = st.reach[low : low + size], st.weight[low : low + size]
        for m in range(begin, last, TILE):
            end = min(last, m + TILE)
            unit, other = st.unit[m:end], st.other[m : end if r.split == 1 else m]
            unit[:] = 0.0
            other[:] = 0.0
            _weigh_tile(unit, other, n.share[n.at[m] : n.at[m] + size * (end - m)], reach, weight)
        return
    shares, supplier, reach, weight = n.share, n.supplier, st.reach, st.weight
    for m in range(begin, last):
        one = two = 0.0
        for e in range(n.at[m], n.at[m] + n.size[m]):
            one += shares[e] * reach[supplier[e]]
            two += shares[e] * weight[supplier[e]]
        st.unit[m], st.other[m] = one, two


@single
def _arrive(r: Rules, n: Net, st: State, blk: int) -> None:
    """What comes to every slot of a block from suppliers at home, and tomorrow's split of its orders."""
    begin, last = n.block[blk], n.block[blk + 1]
    one, two = n.bid_ptr[begin], n.bid_ptr[last]
    home, order, market, unit = st.home[one:two], st.order[one:two], n.slot_market[one:two], st.unit
    per, mine, other = st.per[begin:last], st.unit[begin:last], st.other[begin:last]
    _weigh(r, n, st, blk)
    if r.rationing < 2:
        for m in range(len(per)):
            mine[m] *= per[m]
        for i in range(len(home)):
            home[i] = order[i] * unit[market[i]]
    else:
        _serve(n, st, begin, last)
    if r.split == 1:
        for m in range(len(per)):
            per[m] = 1.0 / other[m] if other[m] > 0 else 0.0


@single
def _serve(n: Net, st: State, begin: int, last: int) -> None:
    """What comes to every slot where suppliers serve each client up to theta of its usual order."""
    ptr, at, step, size = n.bid_ptr, n.at, n.step, n.size
    share, supplier, rho, order, home = n.share, n.supplier, st.rho, st.order, st.home
    parts, theta = np.empty(size[begin:last].max()), np.empty(size[begin:last].max())
    for m in range(begin, last):
        short, rest = 0, 0.0
        for k in range(size[m]):
            e = at[m] + k * step[m]
            if rho[supplier[e]] == np.inf:  # serves everybody in full
                rest += share[e]
            else:
                parts[short], theta[short] = share[e], rho[supplier[e]]
                short += 1
        for i in range(ptr[m], ptr[m + 1]):
            base, got = n.need[i] * (1.0 - n.foreign[i]), rest * order[i]
            for k in range(short):
                got += parts[k] * min(order[i], theta[k] * base)
            home[i] = got


@single
def _store(r: Rules, n: Net, st: State, imports: Reals, begin: int, last: int) -> None:
    """Stocks tonight and orders for tomorrow of slots begin..last-1.

    Every rule is one form: max(floor, need pace + max(least gap, target - stock) / tau). Several short
    loops: one that touches many arrays is not turned into vector instructions.
    """
    lowest = -np.inf if r.orders == 0 else 0.0
    floor = 0.0 if r.orders == 2 else -np.inf
    least = 0.0 if r.orders == 0 else -np.inf
    hurry = 1.0 / r.restock
    home, stock, order, abroad = (
        st.home[begin:last], st.stock[begin:last], st.order[begin:last], st.abroad[begin:last],
    )  # fmt: skip
    need, node, held, target, foreign = (
        n.need[begin:last], n.slot_node[begin:last], n.held[begin:last], n.target[begin:last],
        n.foreign[begin:last],
    )  # fmt: skip
    rate, goal, pace = st.rate, st.goal, st.pace
    if n.trades:
        place = n.slot_abroad[begin:last]
        for i in range(len(home)):
            level = imports[place[i]]
            home[i] += min(abroad[i], level * need[i] * foreign[i] if level < 1.0 else np.inf)
    for i in range(len(stock)):
        stock[i] = max(lowest, stock[i] - need[i] * rate[node[i]] + home[i]) * held[i]
    for i in range(len(order)):
        gap = max(least, target[i] * goal[node[i]] - stock[i])
        order[i] = max(floor, need[i] * pace[node[i]] + gap * hurry)
    if n.trades:
        for i in range(len(order)):
            abroad[i] = order[i] * foreign[i]
            order[i] *= 1.0 - foreign[i]


@single
def _allow(r: Rules, n: Net, st: State, begin: int, last: int) -> None:
    """Output over baseline that each slot's stock allows; `half` counts what is only important by half."""
    allows, stock, divisor = st.allows[begin:last], st.stock[begin:last], n.divisor[begin:last]
    for i in range(len(allows)):
        allows[i] = stock[i] / divisor[i]
    if r.production == 3:
        half = n.half[begin:last]
        for i in range(len(allows)):
            allows[i] = allows[i] * half[i] + (1.0 - half[i])


@single
def _call(r: Rules, n: Net, w: Sky, st: State, blk: int, t: int) -> None:
    """What orders and final use in a block ask of each of its suppliers on day t."""
    _bid(n, w, st, n.block[blk], n.block[blk + 1], t)
    if n.panel[blk]:
        _call_panel(n, st, blk)
        return
    place, low, weight = n.part_ptr[blk], n.low[blk], st.weight
    part, asked, shares, supplier = st.part, st.asked_part, n.share, n.supplier
    for i in range(place, n.part_ptr[blk + 1]):
        part[i] = asked[i] = 0.0
    for m in range(n.block[blk], n.block[blk + 1]):
        bids, final = st.bids[m], st.final[m]
        for e in range(n.at[m], n.at[m] + n.size[m]):
            i = supplier[e]
            orders = shares[e] * weight[i] * bids
            part[place + i - low] += orders + shares[e] * final
            asked[place + i - low] += orders


@single
def _bid(n: Net, w: Sky, st: State, begin: int, last: int, t: int) -> None:
    """Orders and final use in each market."""
    one, two = n.bid_ptr[begin], n.bid_ptr[last]
    order, market, bids, final = st.order[one:two], n.slot_market[one:two], st.bids, st.final
    mine, per = st.bids[begin:last], st.per[begin:last]
    mine[:] = 0.0
    final[begin:last] = 0.0
    for i in range(len(order)):
        bids[market[i]] += order[i]
    for m in range(len(per)):
        mine[m] *= per[m]
    lines, need, column, place = n.final_ptr, n.final_need, n.final_column, n.final_market
    wanted, keep = w.demand[w.demand_day[t]], st.keep
    for line in range(lines[begin], lines[last]):
        final[place[line]] += need[line] * wanted[line] * keep[column[line]]


@single
def _call_panel(n: Net, st: State, blk: int) -> None:
    """The same where all markets of a block have the very same suppliers."""
    begin, last, place, low = n.block[blk], n.block[blk + 1], n.part_ptr[blk], n.low[blk]
    size, users = np.int64(n.size[begin]), n.final_ptr[last] > n.final_ptr[begin]
    part, asked = st.part[place : place + size], st.asked_part[place : place + size]
    weight = st.weight[low : low + size]
    asked[:] = 0.0
    for m in range(begin, last, TILE):
        end = min(last, m + TILE)
        _call_tile(asked, n.share[n.at[m] : n.at[m] + size * (end - m)], st.bids[m:end])
    for k in range(size):
        asked[k] *= weight[k]
        part[k] = asked[k]
    if users:
        for m in range(begin, last, TILE):
            end = min(last, m + TILE)
            _call_tile(part, n.share[n.at[m] : n.at[m] + size * (end - m)], st.final[m:end])


@single
def _block(r: Rules, n: Net, w: Sky, st: State, blk: int, t: int) -> None:
    """The markets of one block; day t < 0 is the evening before the first."""
    begin, last = n.block[blk], n.block[blk + 1]
    if t >= 0:
        _arrive(r, n, st, blk)
        _store(r, n, st, w.imports[w.imports_day[t]], n.bid_ptr[begin], n.bid_ptr[last])
    _allow(r, n, st, n.bid_ptr[begin], n.bid_ptr[last])
    if t + 1 < len(w.demand_day):
        _call(r, n, w, st, blk, t + 1)


@single
def some_blocks(r: Rules, n: Net, w: Sky, st: State, t: int) -> None:
    for blk in range(len(n.block) - 1):
        _block(r, n, w, st, blk, t)


@shared
def blocks(r: Rules, n: Net, w: Sky, st: State, t: int) -> None:
    for blk in prange(len(n.block) - 1):
        _block(r, n, w, st, blk, t)


@single
def tomorrow(n: Net, st: State) -> None:
    """Tomorrow's demand: the blocks' parts, in order."""
    st.called[:] = 0.0
    st.asked[:] = 0.0
    for blk in range(len(n.block) - 1):
        low, begin = n.low[blk], n.part_ptr[blk]
        for i in range(n.part_ptr[blk + 1] - begin):
            st.called[low + i] += st.part[begin + i]
            st.asked[low + i] += st.asked_part[begin + i]
