"""The published models compiled: the rules of `pooled` on slots and markets, the network read once a day.

A day has two passes: over nodes (capacity, demand, output, rationing; here) and over markets in blocks
(`pooled_markets`). Some reading aids for those who do not know numba: `single` compiles for one thread,
`shared` for all of them, and what is compiled both ways is written down twice.
"""

from __future__ import annotations

import numpy as np

from ballast.arrays import Kind, Reals
from ballast.compiled import prange
from ballast.economy import Economy
from ballast.forcing import Forcing
from ballast.propagate.published.markets import blocks, shared, single, some_blocks, tomorrow
from ballast.propagate.published.reference import Damage, Model
from ballast.propagate.published.system import (
    Net,
    Rebuild,
    Record,
    Rules,
    Sky,
    State,
    initial,
    inverse,
    network,
    new_record,
    rebuilding,
    rules,
    unsigned,
    weather,
)

TINY = 1e-300
CHUNK = 128  # nodes a thread takes at a time


@single
def _spending(r: Rules, n: Net, w: Sky, st: State, t: int) -> None:
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


@single
def _capacity(r: Rules, n: Net, w: Sky, st: State, b: Rebuild, t: int, begin: int, last: int) -> None:
    """Demand of the day, and what each node could make of it with all its inputs."""
    called, asked, total, output = st.called, b.asked, st.total, st.output
    alpha, cap, x0, lost = st.alpha, st.cap, n.x0, b.lost
    exports, wanted = n.exports, w.exports[w.exports_day[t]]
    level = w.level[w.level_day[t]]
    for j in range(begin, last):
        total[j] = called[j] + exports[j] * wanted[j] + asked[j]
    if r.capacity == 1 and t > 1:
        for j in range(begin, last):
            scarcity = (total[j] - output[j]) / total[j] if total[j] != 0.0 else 0.0
            rise = (r.alpha_max - alpha[j]) * scarcity
            if scarcity == 0.0:
                rise += 1.0 - alpha[j]
            alpha[j] = max(1.0, alpha[j] + rise / r.alpha_days)
    labour = r.capacity == 2
    for j in range(begin, last):
        left = 1.0 if labour else level[j] * (1.0 - lost[j])
        cap[j] = alpha[j] * left * x0[j]


@single
def _allowed(r: Rules, n: Net, st: State, begin: int, last: int) -> None:
    """`best`: output over baseline that each node's stocks allow."""
    best, ptr, mine = st.best, n.mine_ptr, n.mine
    if r.production == 5:
        held, stock, need = n.held, st.stock, n.need
        for j in range(begin, last):
            owned = used = 0.0
            for k in range(ptr[j], ptr[j + 1]):
                owned += stock[mine[k]] if held[mine[k]] else np.inf
                used += need[mine[k]]
            best[j] = owned / used if used > 0 else np.inf
        return
    allows = st.allows
    for j in range(begin, last):
        least = np.inf
        for k in range(ptr[j], ptr[j + 1]):
            least = min(least, allows[mine[k]])
        best[j] = least


@single
def _produce(r: Rules, n: Net, w: Sky, st: State, b: Rebuild, t: int, begin: int, last: int) -> None:
    """Output, labour for tomorrow, and the share of orders filled."""
    best, total, cap, output, x0 = st.best, st.total, st.cap, st.output, n.x0
    for j in range(begin, last):
        wanted, allowed = min(total[j], cap[j]), best[j] * x0[j]
        if r.production == 0:
            output[j] = wanted * (min(1.0, allowed / wanted) if wanted > 0 else 1.0)
        else:
            output[j] = min(wanted, allowed)
    if r.capacity == 2:
        alpha, lost, level = st.alpha, b.lost, w.level[w.level_day[t]]
        for j in range(begin, last):
            need = (min(best[j] * x0[j], total[j]) - cap[j]) / x0[j] if x0[j] > 0 else 0.0
            moved = alpha[j] + (need / r.hire if need > 0 else need / r.fire)
            alpha[j] = min(moved, level[j] * (1.0 - lost[j]))
    rho, asked = st.rho, st.asked
    if r.rationing == 0:
        for j in range(begin, last):
            rho[j] = output[j] / total[j] if total[j] > 0 else 0.0
    elif r.rationing == 1:
        for j in range(begin, last):
            rho[j] = min(1.0, output[j] / asked[j]) if asked[j] > 0 else 1.0


@single
def _note(r: Rules, n: Net, st: State, rec: Record, row: int, begin: int, last: int) -> None:
    """Write down the day; in full where all is recorded, with the last slot that allows least."""
    rec.output[row, begin:last] = st.output[begin:last]
    if rec.limit.shape[0] == 0:
        return
    for j in range(begin, last):
        wanted = min(st.total[j], st.cap[j])
        limit = min(1.0, st.best[j] * n.x0[j] / wanted) if wanted > 0 else 1.0
        product = -1
        if limit < 1.0 and r.production != 5:
            for k in range(n.mine_ptr[j], n.mine_ptr[j + 1]):
                if st.allows[n.mine[k]] == st.best[j]:
                    product = n.slot_product[n.mine[k]]
        filled = st.output[j] / st.total[j] if st.total[j] > 0 else 1.0
        rec.capacity[row, j], rec.demand[row, j], rec.limit[row, j] = st.cap[j], st.total[j], limit
        rec.rho[row, j] = st.rho[j] if r.rationing < 2 else filled
        rec.binding[row, j] = product


@single
def _some_nodes(
    r: Rules, n: Net, w: Sky, st: State, b: Rebuild, rec: Record, t: int, row: int, begin: int, last: int
) -> None:
    _capacity(r, n, w, st, b, t, begin, last)
    _allowed(r, n, st, begin, last)
    _produce(r, n, w, st, b, t, begin, last)
    _note(r, n, st, rec, row, begin, last)


@shared
def _nodes(r: Rules, n: Net, w: Sky, st: State, b: Rebuild, rec: Record, t: int, row: int) -> None:
    for chunk in prange((len(n.x0) + CHUNK - 1) // CHUNK):
        last = min(len(n.x0), (chunk + 1) * CHUNK)
        _some_nodes(r, n, w, st, b, rec, t, row, chunk * CHUNK, last)


@single
def _damage(n: Net, b: Rebuild, t: int) -> None:
    """What is asked for rebuilding today, and what is still lost of every node's capital."""
    if t < b.day:
        return
    b.asked[:] = 0.0
    b.lost[:] = 0.0
    for i in range(len(b.value)):
        if b.value[i] <= 0.0:
            continue
        m, j = n.slot_market[i], n.slot_node[i]
        for k in range(n.size[m]):
            e = n.at[m] + k * n.step[m]
            owed = n.share[e] * b.value[i] * b.left[n.supplier[e]]
            b.lost[j] += owed
            if t >= b.start:
                b.asked[n.supplier[e]] += owed / b.days
    for j in range(len(b.lost)):
        b.lost[j] = min(1.0, b.lost[j] / b.factor / n.capital[j]) if n.capital[j] > 0 else 0.0


@single
def _rank(n: Net, st: State) -> None:
    """The slots of each market by order over initial order, with running sums of both.

    Sorted by insertion from yesterday's ranking, which is nearly right.
    """
    rank, key, orders, bases = st.rank, st.key, st.orders, st.bases
    for m in range(len(n.size)):
        begin, end = n.bid_ptr[m], n.bid_ptr[m + 1]
        for p in range(begin, end):
            s = rank[p]
            base = n.need[s] * (1.0 - n.foreign[s])
            value = st.order[s] / base if base > 0.0 else np.inf
            q = p
            while q > begin and key[q - 1] > value:
                key[q], rank[q] = key[q - 1], rank[q - 1]
                q -= 1
            key[q], rank[q] = value, s
        order = base = 0.0
        for p in range(begin, end):
            s = rank[p]
            usual = n.need[s] * (1.0 - n.foreign[s])
            if usual > 0.0:
                order += st.order[s]
                base += usual
            orders[p], bases[p] = order, base


@single
def _shares(n: Net, st: State, i: int, theta: float) -> tuple[float, float]:
    """(orders of supplier i's clients served in full at theta, initial orders of the others)."""
    key, full, rest = st.key, 0.0, 0.0
    for k in range(n.sale_ptr[i], n.sale_ptr[i + 1]):
        m, share = n.sale_market[k], n.share[n.sale_entry[k]]
        begin, end = n.bid_ptr[m], n.bid_ptr[m + 1]
        if begin == end:
            continue
        low, high = begin, end
        while low < high:
            middle = (low + high) // 2
            if key[middle] <= theta:
                low = middle + 1
            else:
                high = middle
        rest += share * st.bases[end - 1]
        if low > begin:
            full += share * st.orders[low - 1]
            rest -= share * st.bases[low - 1]
    return full, rest


@single
def _fill(r: Rules, n: Net, w: Sky, st: State, b: Rebuild, t: int) -> None:
    """theta of every supplier that cannot serve all (water-fill); infinite where it can.

    theta rises from zero: with the clients below it served in full, what is left is shared by the others'
    initial orders, until no further client falls below.
    """
    _rank(n, st)
    for i in range(len(n.x0)):
        users = st.total[i] - st.asked[i] if r.rationing == 2 else 0.0
        made = st.output[i]
        st.rho[i] = np.inf
        if st.asked[i] + users <= made:
            continue
        theta = 0.0
        for _ in range(200):
            full, rest = _shares(n, st, i, theta)
            if users > 0:
                if theta >= 1.0:
                    full += users
                else:
                    rest += users
            new = (made - full) / rest if rest > 0 else theta
            if not new > theta * (1.0 + 1e-15):
                break
            theta = new
        st.rho[i] = theta


@single
def _after(r: Rules, n: Net, st: State, b: Rebuild, t: int) -> None:
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


# ---- a run -------------------------------------------------------------------------------------


@single
def _middle(r: Rules, n: Net, w: Sky, st: State, b: Rebuild, t: int) -> None:
    """What follows output and comes before the markets, and what final users will want tomorrow."""
    if r.rationing > 1:
        _fill(r, n, w, st, b, t)
    _after(r, n, st, b, t)
    if t + 1 < len(w.level_day):
        _spending(r, n, w, st, t + 1)


@single
def _shelves(n: Net, st: State, rec: Record, row: int) -> None:
    """The value of every node's stocks tonight, where all is recorded."""
    if rec.limit.shape[0] > 0:
        for i in range(len(n.need)):
            rec.stock[row, n.slot_node[i]] += st.stock[i]


@single
def _run_one(r: Rules, n: Net, w: Sky, st: State, b: Rebuild, rec: Record, first: int, last: int) -> None:
    if first == 0:
        _spending(r, n, w, st, 0)
        some_blocks(r, n, w, st, -1)
        tomorrow(n, st)
    for t in range(first, last):
        _damage(n, b, t)
        _some_nodes(r, n, w, st, b, rec, t, t - first, 0, len(n.x0))
        _middle(r, n, w, st, b, t)
        some_blocks(r, n, w, st, t)
        tomorrow(n, st)
        _shelves(n, st, rec, t - first)


def _run_many(r: Rules, n: Net, w: Sky, st: State, b: Rebuild, rec: Record, first: int, last: int) -> None:
    if first == 0:
        _spending(r, n, w, st, 0)
        blocks(r, n, w, st, -1)
        tomorrow(n, st)
    for t in range(first, last):
        _damage(n, b, t)
        _nodes(r, n, w, st, b, rec, t, t - first)
        _middle(r, n, w, st, b, t)
        blocks(r, n, w, st, t)
        tomorrow(n, st)
        _shelves(n, st, rec, t - first)


def run_days(
    model: Model, n: Net, w: Sky, st: State, b: Rebuild, first: int, last: int, *,
    full: bool = False, threads: bool = False,
) -> Record:  # fmt: skip
    """Days first..last-1, in the network's numbering of nodes; `st` and `b` become those of that morning.

    `first` = 0 begins a run. `threads` uses all processors (one such run at a time).
    """
    rec = new_record(last - first, len(n.x0), full=full)
    (_run_many if threads else _run_one)(rules(model), unsigned(n), w, st, b, rec, first, last)
    return rec


def run(
    model: Model,
    e: Economy,
    forcing: Forcing,
    *,
    damage: Damage | None = None,
    days: Reals | None = None,
    essential: Reals | None = None,
    kind: Kind = np.float64,
    threads: bool = False,
    full: bool = False,
) -> Record:
    """Run a published model over the horizon; the record is in the economy's numbering of nodes.

    `days` and `essential` [S] replace the model's cover and make inputs less than critical; `kind` is the
    type of every array; `threads` as in `run_days`. `binding` holds products.
    """
    n, order = network(model, e, days=days, essential=essential, kind=kind)
    w, b = weather(forcing, order, kind), rebuilding(n, damage, order.nodes)
    st = initial(n, model)
    rec = run_days(model, n, w, st, b, 0, forcing.days, full=full, threads=threads)
    return Record(*(array[:, inverse(order.nodes)] for array in rec))
