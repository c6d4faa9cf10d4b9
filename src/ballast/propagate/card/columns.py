"""The step of `reference` for one item of one column: what a batch runs, on the processor or on a card.

A *column* is one scenario or draw of a batch; an *item* is a node, with the parts of it that shocks hit by
themselves, a slot of a part, or a market. Each function
below is one phase for item `i` of column `b`, reads and writes arrays whose last axis is the column,
and gathers (nothing is added to from two places), so that a column's numbers depend neither on the
columns beside it nor on the order in which items run. `batch` runs them in numba, `cuda` on a card:
the same source, compiled twice, and so is the arithmetic of an item, which is that of `step.rules`.

    arrive     all     what is put into stocks or taken from them
    morning    node    capacity and planned output; what it brings to its markets
    bid        market  what its slots and final users order, the pull of its suppliers
    produce    node    orders that reach it, output, rationing
    deliver    market  what arrives, a unit ordered
    shelve     slot    receipts, kits, use and tonight's stock
    evening    node    overproduction, pull and expected orders; adds to the month's mean
    tally      region  value added of the day

`Grid` is the network, the same for all columns; `Values` what may differ by column (one column serves
all where nothing differs); `Sky` the weather, tables of distinct states with the row of each day.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, NamedTuple

from ballast.arrays import Flags, Ints, Reals
from ballast.propagate.step.rules import (
    TINY,
    allowed,
    complete,
    imported,
    opened,
    order,
    overtime,
    planned,
    pull,
    ration,
    seen,
    shelved,
    shippable,
    with_abroad,
)


class Grid(NamedTuple):
    """The network. N nodes, P parts of them, S stocked slots of those, A slots, L final lines, M markets, E
    entries.
    """

    part_ptr: Annotated[Ints, "N+1"]  # the parts of each node, the first of them number j of node j
    part: Annotated[Ints, "P"]
    whole: Annotated[Ints, "P"]  # the node of each part
    slot_ptr: Annotated[Ints, "P+1"]  # stocked slots of each part
    slot_part: Annotated[Ints, "S"]
    slot_market: Annotated[Ints, "S"]
    slot_foreign: Annotated[Ints, "S"]
    bid_ptr: Annotated[Ints, "M+1"]  # the slots that buy in each market, in the economy's order
    bid_slot: Annotated[Ints, "A"]  # stocked slot, or -1
    bid_part: Annotated[Ints, "A"]
    final_ptr: Annotated[Ints, "M+1"]  # final lines of each market
    final_line: Annotated[Ints, "L"]
    market_ptr: Annotated[Ints, "M+1"]
    supplier: Annotated[Ints, "E"]
    corridor: Annotated[Ints, "E, B?"]  # by column where their scenarios hold up other products
    sale_ptr: Annotated[Ints, "N+1"]  # market entries of each supplier
    sale_entry: Annotated[Ints, "E"]
    sale_market: Annotated[Ints, "E"]
    member_ptr: Annotated[Ints, "R+1"]  # nodes of each region
    member: Annotated[Ints, "N"]


class Values(NamedTuple):
    """Parameters and baseline flows a day; the last axis has a column each, or one for all."""

    node: Annotated[Reals, "5, P, B?"]  # X0 .. MASS
    slot: Annotated[Reals, "6, S, B?"]  # NEED .. POWER
    home: Annotated[Reals, "A, B?"]  # bought at home, in the order of bid_slot
    final: Annotated[Reals, "L, B?"]
    share: Annotated[Reals, "E, B?"]
    purchases: Annotated[Reals, "M, B?"]
    one: Annotated[Reals, "7, B?"]  # RETURN .. RELEASE


class Sky(NamedTuple):
    """The weather and the plan of every column."""

    capacity: Annotated[Reals, "*, P"]
    demand: Annotated[Reals, "*, L"]
    exports: Annotated[Reals, "*, N"]
    imports: Annotated[Reals, "*, R*K"]
    corridors: Annotated[Reals, "*, G*R*R"]
    passage: Annotated[Flags, "*, N"]
    row: Annotated[Ints, "6, T, B"]  # the row of each of them, in that order
    month: Annotated[Ints, "T"]
    event_ptr: Annotated[Ints, "T+1"]  # stock changes of each day
    event_slot: Annotated[Ints, "V"]
    event_column: Annotated[Ints, "V"]
    event_change: Annotated[Reals, "V"]  # money


class Work(NamedTuple):
    """The state of all columns and what a day works out."""

    node: Annotated[Reals, "16, P, B"]  # GOODS .. X
    whole: Annotated[Reals, "9, N, B"]  # IDLE .. SHARE
    slot: Annotated[Reals, "6, S, B"]  # STOCK .. USE
    market: Annotated[Reals, "13, M, B"]  # M_WANT .. M_P2
    month: Annotated[Reals, "*, N, B"]  # output level summed over the days of the month
    weight: Annotated[Reals, "3, N, B?"]  # value added of industry, of everything; output
    region: Annotated[Reals, "3, T, R, B"]  # the same a day


X0, EXPORTS, FINISHED, LEAVE, MASS = range(5)
NEED, MU, DAYS, ESSENTIAL, REFILL, POWER = range(6)
RETURN, CEILING_X, RISE, ORDER, CEILING, MEMORY, RELEASE = range(7)
CAPACITY, DEMAND, ABROAD, IMPORTS, CORRIDORS, PASSAGE = range(6)
GOODS, ATTRACT, ALPHA, FULFIL, EXPECTED, OUTPUT = range(6)  # state of a node
LEVEL, CAP, RATE, RUN, WANTED, ORDERED, BOOKED, RHO, AIM, X = range(6, 16)
# of a node: what it brings to markets in the morning, and when its goods are made (pull times fulfilment,
# also squared); the pace of its flows; its output, as a share of baseline
IDLE, BUSY, PULL, R_IDLE, R_BUSY, R_TWO, TO_PLAN, AT_PACE, SHARE = range(9)
STOCK, WAITING, KITS, USABLE, WANT, USE = range(6)
# orders a unit of pull (those with passes apart where a road is closed); what arrives a unit ordered
M_WANT, M_USE, M_PWANT, M_PUSE, M_FINAL, M_PER, M_OPEN, M_AW, M_AU, M_F2, M_BW, M_BU, M_P2 = range(13)


def arrive(sky: Sky, work: Work, t: int) -> None:
    """The morning's changes of stocks, all columns, one after another."""
    for k in range(sky.event_ptr[t], sky.event_ptr[t + 1]):
        i, b = sky.event_slot[k], sky.event_column[k]
        work.slot[STOCK, i, b] = max(0.0, work.slot[STOCK, i, b] + sky.event_change[k])


def morning(g: Grid, v: Values, sky: Sky, work: Work, t: int, i: int, b: int) -> None:
    """What the parts of node i can make and plan to make today, and what it brings to its markets."""
    p = b if v.node.shape[2] > 1 else 0
    top = v.one[CEILING, b if v.one.shape[1] > 1 else 0]
    idle = busy = drawn = to_plan = at_pace = 0.0
    for k in range(g.part_ptr[i], g.part_ptr[i + 1]):
        j = g.part[k]
        level = sky.capacity[sky.row[CAPACITY, t, b], j]
        cap = work.node[ALPHA, j, b] * level * v.node[X0, j, p]
        base = max(v.node[X0, j, p], TINY)
        rate, run = min(work.node[EXPECTED, j, b], cap) / base, work.node[OUTPUT, j, b] / base
        work.node[LEVEL, j, b], work.node[CAP, j, b] = level, cap
        work.node[RATE, j, b], work.node[RUN, j, b] = rate, run
        mass = v.node[MASS, j, p]
        f, draw, pace = work.node[FULFIL, j, b], mass * work.node[ATTRACT, j, b], min(rate, top)
        idle += draw * (1 - f)
        busy += draw * f
        drawn += draw
        to_plan += mass * pace
        at_pace += mass * min(pace, run)
    work.whole[IDLE, i, b], work.whole[BUSY, i, b], work.whole[PULL, i, b] = idle, busy, drawn
    work.whole[TO_PLAN, i, b], work.whole[AT_PACE, i, b] = to_plan, at_pace


def bid(g: Grid, v: Values, sky: Sky, work: Work, t: int, m: int, b: int) -> None:
    """What the slots, flows and final users of market m order, and what pulls at its suppliers."""
    one = b if v.one.shape[1] > 1 else 0
    ps = b if v.slot.shape[2] > 1 else 0
    ph = b if v.home.shape[1] > 1 else 0
    pl = b if v.final.shape[1] > 1 else 0
    pe = b if v.share.shape[1] > 1 else 0
    pc = b if g.corridor.shape[1] > 1 else 0
    passage = sky.row[PASSAGE, t, b]
    top = v.one[CEILING, one]
    want = use = pass_want = pass_use = 0.0
    for k in range(g.bid_ptr[m], g.bid_ptr[m + 1]):
        i, j = g.bid_slot[k], g.bid_part[k]
        node = g.whole[j]
        if i < 0 or v.slot[ESSENTIAL, i, ps] < 0:  # a flow, in this column at least, is the node's
            home = v.home[k, ph]
            a, u = work.whole[TO_PLAN, node, b], work.whole[AT_PACE, node, b]
        else:
            rate, run = work.node[RATE, j, b], work.node[RUN, j, b]
            need = v.slot[NEED, i, ps]
            target = v.slot[DAYS, i, ps] * need
            gap = (target - work.slot[STOCK, i, b] - work.slot[WAITING, i, b]) / v.slot[REFILL, i, ps]
            a, u = order(need, gap, rate, run, top)
            work.slot[WANT, i, b], work.slot[USE, i, b] = a, u
            home = 1.0 - v.slot[MU, i, ps]
        if sky.passage[passage, node] == 1:
            pass_want += a * home
            pass_use += u * home
        else:
            want += a * home
            use += u * home
    final = 0.0
    row = sky.row[DEMAND, t, b]
    for k in range(g.final_ptr[m], g.final_ptr[m + 1]):
        line = g.final_line[k]
        final += v.final[line, pl] * sky.demand[row, line]
    draw, through = 0.0, 1.0
    row = sky.row[CORRIDORS, t, b]
    for e in range(g.market_ptr[m], g.market_ptr[m + 1]):
        draw += v.share[e, pe] * work.whole[PULL, g.supplier[e], b]
        if g.corridor[e, pc] >= 0:
            through = min(through, sky.corridors[row, g.corridor[e, pc]])
    per = 1.0 / max(draw, TINY)
    if through >= 1.0:  # nobody needs a pass
        want, use = want + pass_want, use + pass_use
    work.market[M_WANT, m, b], work.market[M_USE, m, b] = want * per, use * per
    work.market[M_PWANT, m, b], work.market[M_PUSE, m, b] = pass_want * per, pass_use * per
    work.market[M_FINAL, m, b], work.market[M_PER, m, b] = final * per, per
    work.market[M_OPEN, m, b] = 1.0 if through >= 1.0 else 0.0


def produce(g: Grid, v: Values, sky: Sky, work: Work, t: int, i: int, b: int) -> None:
    """The orders that reach node i, a unit of pull, and what each of its parts makes of its own."""
    pe = b if v.share.shape[1] > 1 else 0
    pc = b if g.corridor.shape[1] > 1 else 0
    pm = b if v.purchases.shape[1] > 1 else 0
    passes = sky.passage[sky.row[PASSAGE, t, b], i] == 1
    row = sky.row[CORRIDORS, t, b]
    idle, busy, draw = work.whole[IDLE, i, b], work.whole[BUSY, i, b], work.whole[PULL, i, b]
    to_plan = at_pace = to_users = sent_plan = sent_pace = sent_users = 0.0
    for k in range(g.sale_ptr[i], g.sale_ptr[i + 1]):
        e, m = g.sale_entry[k], g.sale_market[k]
        share, free = v.share[e, pe], 1.0
        want, use, final = work.market[M_WANT, m, b], work.market[M_USE, m, b], work.market[M_FINAL, m, b]
        pass_want = pass_use = 0.0
        if work.market[M_OPEN, m, b] == 0:
            pass_want, pass_use = work.market[M_PWANT, m, b], work.market[M_PUSE, m, b]
            if g.corridor[e, pc] >= 0 and not passes:
                going = share * (idle * want + busy * use) + share * draw * final
                free = opened(sky.corridors[row, g.corridor[e, pc]], share, v.purchases[m, pm], going)
        to_plan += share * (want + pass_want)
        at_pace += share * (use + pass_use)
        to_users += share * final
        sent_plan += share * (want * free + pass_want)
        sent_pace += share * (use * free + pass_use)
        sent_users += share * (final * free)
    made = base = by_plan = by_pace = by_two = 0.0
    for k in range(g.part_ptr[i], g.part_ptr[i + 1]):
        j = g.part[k]
        pulled = v.node[MASS, j, b if v.node.shape[2] > 1 else 0] * work.node[ATTRACT, j, b]
        f = work.node[FULFIL, j, b]
        wanted = pulled * ((1 - f) * to_plan + f * at_pace)
        ordered = pulled * ((1 - f) * sent_plan + f * sent_pace)
        make(g, v, sky, work, t, j, b, wanted, ordered, pulled * to_users, pulled * sent_users)
        r = work.node[RHO, j, b]
        by_plan += pulled * r * (1 - f)
        by_pace += pulled * r * f
        by_two += pulled * r * r
        made += work.node[X, j, b]
        base += v.node[X0, j, b if v.node.shape[2] > 1 else 0]
    work.whole[R_IDLE, i, b], work.whole[R_BUSY, i, b], work.whole[R_TWO, i, b] = by_plan, by_pace, by_two
    work.whole[SHARE, i, b] = made / base if base > 0 else 1.0


def make(
    g: Grid, v: Values, sky: Sky, work: Work, t: int, j: int, b: int, wanted: float, ordered: float,
    final: float, final_ordered: float,
) -> None:  # fmt: skip
    """What part j makes, and how it shares that out."""
    one = b if v.one.shape[1] > 1 else 0
    pn = b if v.node.shape[2] > 1 else 0
    ps = b if v.slot.shape[2] > 1 else 0
    abroad = v.node[EXPORTS, j, pn] * sky.exports[sky.row[ABROAD, t, b], g.whole[j]]
    demand = ordered + final_ordered + abroad

    x0, cap = v.node[X0, j, pn], work.node[CAP, j, b]
    rate, share = cap / max(x0, TINY), 1.0
    for i in range(g.slot_ptr[j], g.slot_ptr[j + 1]):
        need = v.slot[NEED, i, ps] * rate
        essential = v.slot[ESSENTIAL, i, ps]
        if essential <= 0.0 or need <= 0.0:
            continue
        target = v.slot[DAYS, i, ps] * v.slot[NEED, i, ps]
        stock, kits = work.slot[STOCK, i, b], work.slot[KITS, i, b]
        usable = work.slot[USABLE, i, b]
        share = min(share, allowed(essential, 1.0 / need, 1.0 / max(target, TINY), stock, kits, usable))

    finished, goods = v.node[FINISHED, j, pn], work.node[GOODS, j, b]
    aim = planned(finished, goods, work.node[EXPECTED, j, b], v.one[ORDER, one], demand)
    x = min(aim, cap * share)
    ship = shippable(finished, goods, x, v.one[CEILING, one] * work.node[LEVEL, j, b] * x0)
    rho, rho_final = ration(ship, ordered, demand)
    if finished > 0:
        work.node[GOODS, j, b] = max(0.0, goods + x - rho * ordered - rho_final * (demand - ordered))
    work.node[WANTED, j, b], work.node[ORDERED, j, b] = wanted, ordered
    work.node[BOOKED, j, b] = wanted + final + abroad
    work.node[AIM, j, b], work.node[X, j, b] = aim, x
    work.node[RHO, j, b] = rho


def deliver(g: Grid, v: Values, sky: Sky, work: Work, t: int, m: int, b: int) -> None:
    """Of a unit ordered in market m: what arrives, and its square, on the roads and with passes."""
    pe = b if v.share.shape[1] > 1 else 0
    pc = b if g.corridor.shape[1] > 1 else 0
    pm = b if v.purchases.shape[1] > 1 else 0
    row, passage = sky.row[CORRIDORS, t, b], sky.row[PASSAGE, t, b]
    per, closed = work.market[M_PER, m, b], work.market[M_OPEN, m, b] == 0
    want_, use_, final_ = work.market[M_WANT, m, b], work.market[M_USE, m, b], work.market[M_FINAL, m, b]
    aw = au = bw = bu = f2 = p2 = 0.0
    for e in range(g.market_ptr[m], g.market_ptr[m + 1]):
        i, share = g.supplier[e], v.share[e, pe]
        free = 1.0
        if closed and g.corridor[e, pc] >= 0 and sky.passage[passage, i] == 0:
            idle, busy, draw = work.whole[IDLE, i, b], work.whole[BUSY, i, b], work.whole[PULL, i, b]
            going = share * (idle * want_ + busy * use_) + share * draw * final_
            free = opened(sky.corridors[row, g.corridor[e, pc]], share, v.purchases[m, pm], going)
        want, use = share * work.whole[R_IDLE, i, b], share * work.whole[R_BUSY, i, b]
        square = share * work.whole[R_TWO, i, b]
        bw += want
        bu += use
        p2 += square
        aw += want * free
        au += use * free
        f2 += square * free * free
    work.market[M_AW, m, b], work.market[M_AU, m, b], work.market[M_F2, m, b] = aw * per, au * per, f2 * per
    work.market[M_BW, m, b], work.market[M_BU, m, b], work.market[M_P2, m, b] = bw * per, bu * per, p2 * per


def shelve(g: Grid, v: Values, sky: Sky, work: Work, t: int, i: int, b: int) -> None:
    """What slot i receives, what of it makes complete kits, what is used, and tonight's stock."""
    one = b if v.one.shape[1] > 1 else 0
    pn = b if v.node.shape[2] > 1 else 0
    p = b if v.slot.shape[2] > 1 else 0
    if v.slot[ESSENTIAL, i, p] < 0:  # a flow in this column: used as it comes
        return
    j, m, need, mu = g.slot_part[i], g.slot_market[i], v.slot[NEED, i, p], v.slot[MU, i, p]
    want, use = work.slot[WANT, i, b], work.slot[USE, i, b]
    if sky.passage[sky.row[PASSAGE, t, b], g.whole[j]] == 1:
        at_want, at_use, two = work.market[M_BW, m, b], work.market[M_BU, m, b], work.market[M_P2, m, b]
    else:
        at_want, at_use, two = work.market[M_AW, m, b], work.market[M_AU, m, b], work.market[M_F2, m, b]
    home = (1 - mu) * (at_want * want + at_use * use)
    level = sky.imports[sky.row[IMPORTS, t, b], g.slot_foreign[i]]
    first, second = with_abroad(mu, at_want + at_use, two, level)
    kits = complete(first, second, v.slot[POWER, i, p])
    stock, waiting, usable, _ = shelved(
        work.slot[STOCK, i, b],
        work.slot[WAITING, i, b],
        home + imported(level, want, use, mu, need),
        first * kits,
        want,
        need,
        v.slot[DAYS, i, p] * need,
        work.node[X, j, b] / max(v.node[X0, j, pn], TINY),
        1.0 / v.one[RELEASE, one],
    )
    work.slot[KITS, i, b], work.slot[USABLE, i, b] = kits, usable
    work.slot[STOCK, i, b], work.slot[WAITING, i, b] = stock, waiting


def evening(g: Grid, v: Values, sky: Sky, work: Work, t: int, i: int, b: int) -> None:
    """What the parts of node i learn of the day."""
    one = b if v.one.shape[1] > 1 else 0
    pn = b if v.node.shape[2] > 1 else 0
    for k in range(g.part_ptr[i], g.part_ptr[i + 1]):
        j = g.part[k]
        aim, x, rho = work.node[AIM, j, b], work.node[X, j, b], work.node[RHO, j, b]
        work.node[ALPHA, j, b] = overtime(
            work.node[ALPHA, j, b], aim, x, v.one[CEILING_X, one], v.one[RISE, one]
        )
        filled = seen(rho, work.node[ORDERED, j, b], work.node[WANTED, j, b])
        work.node[ATTRACT, j, b] = pull(
            work.node[ATTRACT, j, b], filled, v.node[LEAVE, j, pn], v.one[RETURN, one]
        )
        expected = work.node[EXPECTED, j, b]
        work.node[EXPECTED, j, b] = expected + (work.node[BOOKED, j, b] - expected) / v.one[MEMORY, one]
        work.node[FULFIL, j, b], work.node[OUTPUT, j, b] = rho, x
    work.month[sky.month[t], i, b] += work.whole[SHARE, i, b]


def tally(g: Grid, work: Work, t: int, r: int, b: int) -> None:
    """Value added of region r today, of industry and of everything, and its output."""
    pw = b if work.weight.shape[2] > 1 else 0
    industry = everything = output = 0.0
    for k in range(g.member_ptr[r], g.member_ptr[r + 1]):
        j = g.member[k]
        level = work.whole[SHARE, j, b]
        industry += work.weight[0, j, pw] * level
        everything += work.weight[1, j, pw] * level
        output += work.weight[2, j, pw] * level
    work.region[0, t, r, b], work.region[1, t, r, b] = industry, everything
    work.region[2, t, r, b] = output


# `make` is part of `produce`
PHASES: tuple[Callable[..., None], ...] = (arrive, morning, bid, produce, deliver, shelve, evening, tally)
