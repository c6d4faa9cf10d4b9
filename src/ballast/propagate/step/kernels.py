"""The step of `reference`, compiled: the same names, the same arithmetic, loops instead of arrays.

`run_days` is one scenario over its whole horizon; it releases the interpreter lock, so an ensemble
runs one scenario a thread. Every sum runs in a fixed order: results do not depend on threads.
A day reads each slot twice and each market entry twice; at 31 x 42 that is about 55,000 slots and
40,000 entries, some 6 MB, and stays in cache.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import Floats
from ballast.compiled import compiled
from ballast.propagate.step import rules
from ballast.propagate.step.rules import NOISE, TINY
from ballast.propagate.step.system import State, System, Weather, market_regions


class Record(NamedTuple):
    """What a run writes down, a row a day. Arrays of zero rows are not written."""

    output: Annotated[Floats, "T, N"]  # always
    injected: Annotated[Floats, "T"]  # supplied by the plan from outside, always
    capacity: Annotated[Floats, "T?, N"]
    demand: Annotated[Floats, "T?, N"]
    limit: Annotated[Floats, "T?, N"]
    rho: Annotated[Floats, "T?, N"]  # share of producers' orders filled
    shipped: Annotated[Floats, "T?, N"]  # to producers, final users and abroad
    binding: Annotated[NDArray[np.int32], "T?, N"]
    stock: Annotated[Floats, "T?, N"]  # value of input stocks in the house, waiting goods included
    unmet: Annotated[Floats, "T?, R"]
    ledger: Annotated[Floats, "T?, K, 9"]


class Scratch(NamedTuple):
    """Work arrays of one run."""

    cap: Annotated[Floats, "N"]
    plan: Annotated[Floats, "N"]
    demand: Annotated[Floats, "N"]
    wanted: Annotated[Floats, "N"]
    ordered: Annotated[Floats, "N"]
    booked: Annotated[Floats, "N"]
    level: Annotated[Floats, "N"]
    aim: Annotated[Floats, "N"]
    rho: Annotated[Floats, "N"]
    rho_final: Annotated[Floats, "N"]
    want: Annotated[Floats, "S"]
    use: Annotated[Floats, "S"]
    market: Annotated[Floats, "M, 16"]  # a column each of the names below
    # orders from open markets per unit of pull: to plan, at today's pace, final use
    load: Annotated[Floats, "N, 4"]
    # from closed ones: producers', those that can travel, final, that which can travel
    booking: Annotated[Floats, "N, 4"]
    # what a supplier brings to every market it serves, per unit of its share there
    supply: Annotated[Floats, "N, 4"]
    region_of: Annotated[NDArray[np.int32], "M"]
    event: Annotated[Floats, "S"]
    open_share: Annotated[Floats, "E"]


# columns of Scratch.market
_WANT, _USE, _PWANT, _PUSE, _FINAL, _PULL, _AW, _AU, _F2, _BW, _BU, _P2 = range(12)


order = compiled(rules.order)
opened = compiled(rules.opened)
allowed = compiled(rules.allowed)
planned = compiled(rules.planned)
shippable = compiled(rules.shippable)
ration = compiled(rules.ration)
with_abroad = compiled(rules.with_abroad)
complete = compiled(rules.complete)
imported = compiled(rules.imported)
shelved = compiled(rules.shelved)
overtime = compiled(rules.overtime)
seen = compiled(rules.seen)
pull = compiled(rules.pull)


@compiled
def _capacity(s: System, st: State, w: Weather, t: int, scratch: Scratch) -> None:
    cap, plan = scratch.cap, scratch.plan
    row = w.capacity_day[t]
    for j in range(len(s.x0)):
        level = w.capacity[row, j]
        scratch.level[j] = level
        cap[j] = st.alpha[j] * level * s.x0[j]
        plan[j] = min(st.expected[j], cap[j])


@compiled
def _orders(
    s: System, st: State, w: Weather, t: int, plan: Floats, want: Floats, use: Floats, market: Floats
) -> None:
    passage = w.passage[w.passage_day[t]]
    for m in range(len(market)):
        for c in range(_FINAL + 1):
            market[m, c] = 0.0
    for j in range(len(s.x0)):
        base = max(s.x0[j], TINY)
        planned_rate, running_rate = plan[j] / base, st.output[j] / base
        first = _PWANT if passage[j] == 1 else _WANT
        flow_want = min(planned_rate, s.order_ceiling)
        flow_use = min(flow_want, running_rate)
        for i in range(s.slot_mid[j], s.slot_ptr[j + 1]):
            home, m = s.home_need[i], s.slot_market[i]
            market[m, first] += home * flow_want
            market[m, first + 1] += home * flow_use
        for i in range(s.slot_ptr[j], s.slot_mid[j]):
            need = s.need[i]
            gap = (s.days[i] * need - st.stock[i] - st.waiting[i]) / s.refill[i]
            a, b = order(need, gap, planned_rate, running_rate, s.order_ceiling)
            want[i], use[i] = a, b
            home, m = 1.0 - s.import_share[i], s.slot_market[i]
            market[m, first] += a * home
            market[m, first + 1] += b * home


@compiled
def _demand(s: System, st: State, w: Weather, t: int, scratch: Scratch) -> None:
    market, supply, booking, load = scratch.market, scratch.supply, scratch.booking, scratch.load
    row = w.demand_day[t]
    for line in range(len(s.final_need)):
        market[s.final_market[line], _FINAL] += s.final_need[line] * w.demand[row, line]
    state = w.corridors[w.corridors_day[t]]
    passage = w.passage[w.passage_day[t]]
    for j in range(len(s.x0)):
        f = st.fulfil[j]
        supply[j, 0], supply[j, 1] = st.attract[j] * (1 - f), st.attract[j] * f
        supply[j, 2], supply[j, 3] = st.attract[j], 1.0
        if passage[j] == 1:
            supply[j, 3] = 0.0  # no corridor holds it up
        for c in range(4):
            booking[j, c] = load[j, c] = 0.0
    for m in range(len(market)):
        first, last = s.market_ptr[m], s.market_ptr[m + 1]
        total, through = 0.0, 1.0
        for e in range(first, last):
            total += s.share[e] * st.attract[s.supplier[e]]
            if s.corridor[e] >= 0:
                through = min(through, state[np.uint32(s.corridor[e])])
        market[m, _PULL] = total
        per = 1.0 / max(total, TINY)
        if through < 1.0:
            _closed(s, scratch, state, m, per)
            continue
        want, use = (market[m, _WANT] + market[m, _PWANT]) * per, (market[m, _USE] + market[m, _PUSE]) * per
        final = market[m, _FINAL] * per
        for e in range(first, last):
            i, share = s.supplier[e], s.share[e]
            scratch.open_share[e] = 1.0
            load[i, 0] += share * want
            load[i, 1] += share * use
            load[i, 2] += share * final
    row = w.exports_day[t]
    for j in range(len(s.x0)):
        free = supply[j, 0] * load[j, 0] + supply[j, 1] * load[j, 1]
        final = supply[j, 2] * load[j, 2]
        abroad = s.exports[j] * w.exports[row, j]
        scratch.wanted[j], scratch.ordered[j] = free + booking[j, 0], free + booking[j, 1]
        scratch.booked[j] = scratch.wanted[j] + final + booking[j, 2] + abroad
        scratch.demand[j] = scratch.ordered[j] + final + booking[j, 3] + abroad


@compiled
def _closed(s: System, scratch: Scratch, state: Floats, m: int, per: float) -> None:
    """The bookings of a market into which some corridor is closed."""
    market, supply, booking = scratch.market, scratch.supply, scratch.booking
    want, use, final_ = market[m, _WANT] * per, market[m, _USE] * per, market[m, _FINAL] * per
    pass_want, pass_use = market[m, _PWANT] * per, market[m, _PUSE] * per
    for e in range(s.market_ptr[m], s.market_ptr[m + 1]):
        i, share = s.supplier[e], s.share[e]
        normal = share * (supply[i, 0] * want + supply[i, 1] * use)
        final = share * supply[i, 2] * final_
        passing = share * (supply[i, 0] * pass_want + supply[i, 1] * pass_use)
        free = 1.0
        if s.corridor[e] >= 0 and supply[i, 3] > 0:
            free = opened(state[np.uint32(s.corridor[e])], share, s.purchases[m], normal + final)
        scratch.open_share[e] = free
        booking[i, 0] += normal + passing
        booking[i, 1] += normal * free + passing
        booking[i, 2] += final
        booking[i, 3] += final * free


@compiled
def _limit(s: System, st: State, w: Weather, t: int, j: int, cap: float) -> tuple[float, int]:
    """The share of capacity that node j's tightest slot allows, and that slot."""
    row = w.supply_day[t]
    rate = cap / max(s.x0[j], TINY)
    best, slot = 1.0, -1
    for i in range(s.slot_ptr[j], s.slot_mid[j]):
        need = s.need[i] * rate
        if s.essential[i] == 0.0 or need <= 0.0:
            continue
        q = 1.0 if row > 0 and w.supply[row, i] == 1 else st.kits[i]
        share = allowed(s.essential[i], need, s.days[i] * s.need[i], st.stock[i], q, st.usable[i])
        if share < best:
            best, slot = share, int(i)
    return best, slot if best < 1.0 - NOISE else -1


@compiled
def _produce(
    s: System, st: State, w: Weather, t: int, scratch: Scratch, rec: Record, row: int, x: Floats
) -> None:
    for j in range(len(s.x0)):
        d, first = scratch.demand[j], scratch.ordered[j]
        share, slot = _limit(s, st, w, t, j, scratch.cap[j])
        aim = planned(s.finished[j], st.goods[j], st.expected[j], s.order_days, d)
        scratch.aim[j] = aim
        x[j] = min(aim, scratch.cap[j] * share)
        ship = shippable(s.finished[j], st.goods[j], x[j], s.order_ceiling * scratch.level[j] * s.x0[j])
        rho, rho_final = ration(ship, first, d)
        rest = d - first
        scratch.rho[j], scratch.rho_final[j] = rho, rho_final
        if s.finished[j] > 0:
            st.goods[j] = max(0.0, st.goods[j] + x[j] - rho * first - rho_final * rest)
        rec.output[row, j] = x[j]
        if rec.limit.shape[0] > 0:
            rec.limit[row, j], rec.binding[row, j] = share, slot
            rec.capacity[row, j], rec.demand[row, j] = scratch.cap[j], d
            rec.rho[row, j], rec.shipped[row, j] = rho, rho * first + rho_final * rest


@compiled
def _deliver(s: System, st: State, scratch: Scratch, rec: Record, row: int) -> None:
    """Market means of what arrives: coefficients of want and use, fulfilment and its square."""
    market, supply, full = scratch.market, scratch.supply, rec.unmet.shape[0] > 0
    for j in range(len(s.x0)):
        f, r, a = st.fulfil[j], scratch.rho[j], st.attract[j]
        supply[j, 0], supply[j, 1] = a * r * (1 - f), a * r * f
        supply[j, 2], supply[j, 3] = a * r * r, a * scratch.rho_final[j]
    for m in range(len(market)):
        per = 1.0 / max(market[m, _PULL], TINY)
        aw = au = bw = bu = f2 = p2 = met = 0.0
        for e in range(s.market_ptr[m], s.market_ptr[m + 1]):
            i, share, free = s.supplier[e], s.share[e], scratch.open_share[e]
            want, use, square = share * supply[i, 0], share * supply[i, 1], share * supply[i, 2]
            final = share * supply[i, 3] * free
            bw += want
            bu += use
            p2 += square
            aw += want * free
            au += use * free
            f2 += square * free * free
            met += final
            if full:
                rec.ledger[row, s.product[i], 2] += final * per * market[m, _FINAL]
        market[m, _AW], market[m, _AU], market[m, _BW], market[m, _BU] = (
            aw * per,
            au * per,
            bw * per,
            bu * per,
        )
        market[m, _F2], market[m, _P2] = f2 * per, p2 * per
        if full and market[m, _FINAL] > 0:  # stocks run down are not a use
            rec.unmet[row, scratch.region_of[m]] += market[m, _FINAL] * (1.0 - met * per)


@compiled
def _shelve(
    s: System, st: State, w: Weather, t: int, scratch: Scratch, rec: Record, row: int, x: Floats
) -> None:
    """Receipts, use and tonight's stocks of every slot."""
    imports = w.imports[w.imports_day[t]]
    supplied, full = w.supply_day[t], rec.stock.shape[0] > 0
    passage = w.passage[w.passage_day[t]]
    market, release_rate = scratch.market, 1.0 / s.release_days
    for j in range(len(s.x0)):
        base = max(s.x0[j], TINY)
        rate = x[j] / base
        passed = passage[j] == 1
        held = 0.0
        last = s.slot_ptr[j + 1] if full else s.slot_mid[j]
        for i in range(s.slot_ptr[j], last):
            m, mu, need = s.slot_market[i], s.import_share[i], s.need[i]
            if i < s.slot_mid[j]:
                want, use = scratch.want[i], scratch.use[i]
            else:
                want = need * min(scratch.plan[j] / base, s.order_ceiling)
                use = min(want, need * st.output[j] / base)
            if passed:
                at_want, at_use, two = market[m, _BW], market[m, _BU], market[m, _P2]
            else:
                at_want, at_use, two = market[m, _AW], market[m, _AU], market[m, _F2]
            home = (1 - mu) * (at_want * want + at_use * use)
            level = imports[s.slot_foreign[i]]
            one, two = with_abroad(mu, at_want + at_use, two, level)
            foreign = imported(level, want, use, mu, need)
            injected = 0.0
            if supplied > 0 and w.supply[supplied, i] == 1:
                injected = max(0.0, want - home - foreign)
                rec.injected[row] += injected
                one = two = 1.0
            receipts = home + foreign + injected
            used = receipts
            if i < s.slot_mid[j]:
                st.kits[i] = complete(one, two, s.power[i])
                st.stock[i], st.waiting[i], st.usable[i], used = shelved(
                    st.stock[i],
                    st.waiting[i],
                    receipts,
                    one * st.kits[i],
                    want,
                    need,
                    s.days[i] * need,
                    rate,
                    release_rate,
                )
                held += st.stock[i] + st.waiting[i]
            if full:
                k = s.slot_product[i]
                rec.ledger[row, k, 1] += home
                rec.ledger[row, k, 4] += foreign
                rec.ledger[row, k, 5] += injected + scratch.event[i]
                rec.ledger[row, k, 6] += used
                rec.ledger[row, k, 7] += st.stock[i] + st.waiting[i]
        if full:
            rec.stock[row, j] = held


@compiled
def _adapt(
    s: System, st: State, w: Weather, t: int, scratch: Scratch, rec: Record, row: int, x: Floats
) -> None:
    full = rec.stock.shape[0] > 0
    abroad = w.exports_day[t]
    for j in range(len(s.x0)):
        aim, rho = scratch.aim[j], scratch.rho[j]
        st.alpha[j] = overtime(st.alpha[j], aim, x[j], s.overproduction, s.overproduction_days)
        filled = seen(rho, scratch.ordered[j], scratch.wanted[j])
        st.attract[j] = pull(st.attract[j], filled, s.leave_days[j], s.return_days)
        st.expected[j] += (scratch.booked[j] - st.expected[j]) / s.demand_memory
        st.fulfil[j] = rho
        st.output[j] = x[j]
        if full:
            rec.ledger[row, s.product[j], 0] += x[j]
            rec.ledger[row, s.product[j], 8] += st.goods[j]
            rec.ledger[row, s.product[j], 3] += scratch.rho_final[j] * s.exports[j] * w.exports[abroad, j]


@compiled
def run_days(
    s: System, st: State, w: Weather, scratch: Scratch, rec: Record, first: int, last: int
) -> None:
    """Run days first..last-1 of the weather; `rec` has a row for each of them."""
    x = np.empty(len(s.x0))
    event = 0
    while event < len(w.stock_day) and w.stock_day[event] < first:
        event += 1
    for t in range(first, last):
        scratch.event[:] = 0.0
        while event < len(w.stock_day) and w.stock_day[event] <= t:
            i = w.stock_slot[event]
            new = max(0.0, st.stock[i] + w.stock_change[event])
            scratch.event[i] += new - st.stock[i]
            st.stock[i] = new
            event += 1
        row = t - first
        _capacity(s, st, w, t, scratch)
        _orders(s, st, w, t, scratch.plan, scratch.want, scratch.use, scratch.market)
        _demand(s, st, w, t, scratch)
        _produce(s, st, w, t, scratch, rec, row, x)
        _deliver(s, st, scratch, rec, row)
        _shelve(s, st, w, t, scratch, rec, row, x)
        _adapt(s, st, w, t, scratch, rec, row, x)


def new_scratch(s: System) -> Scratch:
    """Work arrays for one run of `s`."""
    n, slots, m = len(s.x0), len(s.need), len(s.purchases)
    return Scratch(
        cap=np.zeros(n),
        plan=np.zeros(n),
        demand=np.zeros(n),
        wanted=np.zeros(n),
        ordered=np.zeros(n),
        booked=np.zeros(n),
        level=np.zeros(n),
        aim=np.zeros(n),
        rho=np.zeros(n),
        rho_final=np.zeros(n),
        want=np.zeros(slots),
        use=np.zeros(slots),
        market=np.zeros((m, 16)),
        load=np.zeros((n, 4)),
        booking=np.zeros((n, 4)),
        supply=np.zeros((n, 4)),
        region_of=market_regions(s),
        event=np.zeros(slots),
        open_share=np.ones(len(s.supplier)),
    )


def new_record(s: System, days: int, *, full: bool) -> Record:
    """Arrays to write a run into; only the output unless `full`."""
    n, t = len(s.x0), days if full else 0
    return Record(
        output=np.zeros((days, n)),
        injected=np.zeros(days),
        capacity=np.zeros((t, n)),
        demand=np.zeros((t, n)),
        limit=np.zeros((t, n)),
        rho=np.zeros((t, n)),
        shipped=np.zeros((t, n)),
        binding=np.zeros((t, n), np.int32),
        stock=np.zeros((t, n)),
        unmet=np.zeros((t, s.n_regions)),
        ledger=np.zeros((t, s.n_products, 9)),
    )


def run_numba(
    s: System, st: State, w: Weather, *, full: bool, first: int = 0, last: int | None = None
) -> Record:
    """Run days first..last-1 in numba and return their record. `st` is changed in place."""
    end = len(w.capacity_day) if last is None else last
    record = new_record(s, end - first, full=full)
    run_days(unsigned(s), st, w, new_scratch(s), record, first, end)
    return record


def unsigned(s: System) -> System:
    """The same arrays with unsigned indices: compiled loops then need no test for negative ones."""
    narrow = ("product", "slot_market", "slot_product", "slot_foreign", "final_market", "supplier")
    wide = ("slot_ptr", "slot_mid", "market_ptr")
    views = {name: getattr(s, name).view(np.uint32) for name in narrow}
    return s._replace(**views, **{name: getattr(s, name).view(np.uint64) for name in wide})
