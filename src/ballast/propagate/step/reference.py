"""The step of the default model in NumPy: the reference, one named phase after another.

Symbols (docs/model.md): node j, slot (k, j), market m with supplier shares w; x output, d demand, cap
capacity, S stock of complete kits, B goods waiting for their complements, rho fulfilment, n parts.
One day:

    1 capacity   cap_j = alpha_j * level_j * x0_j
    2 orders     each slot: what it uses and what it would use, plus its stock gap over order_days
    3 demand     orders split over suppliers by w_i g_i; a closed corridor caps the flow
    4 produce    x = min(planned output, cap * the tightest slot); what is not shipped is kept
    5 ration     producers first, then final users and exports: two numbers a supplier
    6 deliver    receipts per slot; goods without their complements wait
    7 adapt      overproduction, buyers' shares, expected demand

Within a slot (the parameter that decides): a client node is many firms, and each buys n parts of the
product from one supplier each. With f_i the fulfilment of supplier i and f1, f2 the share-weighted
means of f and f^2, the share of what arrives that makes complete kits is

    q = (f1^2 / f2)^(n-1)

which is 1 when all suppliers ration alike or n = 1 (pooled, as in ARIO and Pichler), and leaves
f1 q = (1-w)^n when a supplier of share w delivers nothing: the chance that a firm has all its parts.
Of a node's firms the share q gets all its parts, at the common rate c = min(1, U / (q use)) with U the
complete kits that came yesterday, or would have come for a full order; the others get none. All live
off their own stocks, not their neighbours', and covers differ between firms (exponential, mean n_k days),
so the firms still running on stock are the share of it that is left; those without deliveries use theirs
first. With sigma the stock left, S / S* and at most 1,

    limit = min(sigma + c max(0, q - sigma), S / use)         S* = target stock

which is sigma + c (1 - sigma) when all deliver alike (exact), sigma when nothing comes, max(q, sigma)
when c = 1, and ends at U / use (docs/model.md has the exact answers beside it). Stops spread over about
n_k days and reach the firms that need the parts. The target is the cover of baseline use and stays put:
targets that follow demand turn a short stop into waves of destocking that grow with the stocks held,
from tier to tier. Firms that stopped order only what is missing: the orders a supplier sees are (1 -
f_i) of what clients would use and f_i of what they do use. The limit applies to capacity, not to
demand: when orders fall, the firms of a node that still run serve them first.

Makers of storable goods hold finished goods G and plan output on orders in their books, shipped or
not: x* = expected orders + (G* - G) / order_days. A blocked road so fills the yard before it stops the
line, and a plant that lacks parts ships from stock first. What a plant can load is bounded by its
capacity level, so nothing leaves a closed one.

A node of which parts are hit by themselves is run as parts (`System.whole`, `mass`): each has its own
state, and customers see the node. What its parts bring to a market, pull, fulfilment and its square, is
summed over them by mass before markets are read, and orders come back to the parts by what each brought:
so the same shares of firms deliver, and the same are missed, as if the parts were nodes.

Producers are served before final users, as in Hallegatte (2008) and Guan et al. (2020): sharing in
proportion would hold the whole chain at the level of its worst day for ever, since every plant then
gets just the inputs to repeat it.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import Floats, ratio, sums
from ballast.propagate.step.rules import LEAST_PULL, NOISE, TINY
from ballast.propagate.step.system import State, System, Weather, entry_market, market_regions, stocked


class Day(NamedTuple):
    """Everything one day computed, for the record and for tests."""

    capacity: Annotated[Floats, "N"]
    demand: Annotated[Floats, "N"]
    ordered: Annotated[Floats, "N"]  # producers' part of it
    limit: Annotated[Floats, "N"]  # share of x_opt that inputs allow
    binding: Annotated[NDArray[np.int32], "N"]  # the slot that bound, -1 none
    output: Annotated[Floats, "N"]
    rho: Annotated[Floats, "N"]
    shipped: Annotated[Floats, "N"]  # to producers, final users and abroad
    unmet: Annotated[Floats, "R"]  # final use not met
    injected: float  # supplied by the plan from outside
    ledger: Annotated[Floats, "K, 9"]  # see LEDGER


LEDGER = ("made", "to_slots", "to_final", "to_exports", "imported", "injected", "used", "stock", "goods")


def step(s: System, st: State, w: Weather, t: int) -> tuple[State, Day]:
    """One day: state of the evening before -> state of this evening, and what happened."""
    passed = (w.passage[w.passage_day[t]] == 1)[s.whole[s.slot_node]]
    clear = (w.supply[w.supply_day[t]] == 1)[s.slot_base]
    stock, event = _stock_events(s, st.stock, w, t)
    cap = capacity(s, st, w, t)
    plan = np.minimum(st.expected, cap)
    want, use = orders(s, st, stock, plan)
    flow = demand(s, st, w, t, want, use, passed)
    limit, binding = input_limit(s, stock, cap, np.where(clear, 1.0, st.kits), st.usable)
    aim = planned_output(s, st, flow.demand)
    x = np.minimum(aim, cap * limit)
    ship = shippable(s, st, w, t, x)
    rho, rho_final = ration(flow, ship)
    shipped = rho * flow.ordered + rho_final * (flow.demand - flow.ordered)
    goods = np.maximum(0.0, st.goods + x - shipped)
    got = deliver(s, st, flow, rho, rho_final, want, use, passed, clear, w.imports[w.imports_day[t]])
    receipts = got.home + got.imported + got.injected
    running = s.need * (x / np.maximum(s.x0, TINY))[s.slot_node]
    used = np.where(stocked(s), np.minimum(stock, running), receipts)
    kept, waiting, arrived = shelve(s, st, stock, got, want, used)
    seen = rho * np.where(flow.wanted > 0, flow.ordered / np.maximum(flow.wanted, TINY), 1.0)
    alpha, attract, expected = adapt(s, st, flow.booked, aim, x, seen)
    new = State(
        kept,
        waiting,
        np.where(s.finished > 0, goods, 0.0),
        attract,
        alpha,
        rho,
        expected,
        x,
        got.kits,
        arrived,
    )
    ledger = _ledger(s, w, t, rho_final, got, event, used, new)
    unmet, injected = unmet_final(s, flow, got), float(got.injected.sum())
    return new, Day(
        cap, flow.demand, flow.ordered, limit, binding, x, rho, shipped, unmet, injected, ledger
    )


def capacity(s: System, st: State, w: Weather, t: int) -> Floats:
    """[N] what each node could make today with all its inputs."""
    return np.asarray(st.alpha * w.capacity[w.capacity_day[t]] * s.x0)


def planned_output(s: System, st: State, demand: Floats) -> Floats:
    """[N] what each node sets out to make: today's demand, or for storable goods the order book."""
    to_stock = st.expected + (s.finished - st.goods) / s.order_days
    return np.where(s.finished > 0, np.maximum(0.0, to_stock), demand)


def shippable(s: System, st: State, w: Weather, t: int, x: Floats) -> Floats:
    """[N] what can leave today: output and finished goods, as far as there are hands to load them."""
    loading = np.maximum(x, s.order_ceiling * w.capacity[w.capacity_day[t]] * s.x0)
    return np.where(s.finished > 0, np.minimum(st.goods + x, loading), x)


def _stock_events(s: System, stock: Floats, w: Weather, t: int) -> tuple[Floats, Floats]:
    """Reserves released into slots or stocks lost this morning, never below zero; flows have none."""
    new, held = stock.copy(), stocked(s)
    for i in np.flatnonzero((w.stock_day == t) & held[w.stock_slot]):
        new[w.stock_slot[i]] = max(0.0, new[w.stock_slot[i]] + w.stock_change[i])
    return new, new - stock


def orders(s: System, st: State, stock: Floats, plan: Floats) -> tuple[Floats, Floats]:
    """[S] what a slot would order if it ran to plan, and what it orders at yesterday's pace."""
    planned, running = plan / np.maximum(s.x0, TINY), st.output / np.maximum(s.x0, TINY)
    gap = (s.days * s.need - stock - st.waiting) / s.refill
    ceiling = s.order_ceiling * s.need
    want = np.clip(s.need * planned[s.slot_node] + gap, 0.0, ceiling)
    use = np.minimum(want, np.clip(s.need * running[s.slot_node] + gap, 0.0, ceiling))
    paces = np.minimum(planned, s.order_ceiling), np.minimum(np.minimum(planned, s.order_ceiling), running)
    flow_want, flow_use = (s.need * by_node(s, pace)[s.whole[s.slot_node]] for pace in paces)
    held = stocked(s)
    return np.where(held, want, flow_want), np.where(held, use, flow_use)


class Flow(NamedTuple):
    """Orders as suppliers see them. Shapes [E] by market entry, [M] by market, [N] by supplier."""

    market: Annotated[NDArray[np.int64], "E"]  # the market of each entry
    weight: Annotated[Floats, "E"]  # w / G: what a unit of a supplier's pull is of the market
    open_share: Annotated[
        Floats, "E"
    ]  # the part of the orders without a pass that the corridor lets through
    final: Annotated[Floats, "M"]
    wanted: Annotated[Floats, "N"]  # producers' orders had every corridor been open
    ordered: Annotated[Floats, "N"]  # producers' orders that can travel
    booked: Annotated[Floats, "N"]  # everything ordered, whether it can travel or not
    demand: Annotated[Floats, "N"]  # producers' orders, final use and exports that can travel


def demand(
    s: System, st: State, w: Weather, t: int,
    want: Floats, use: Floats, passed: NDArray[np.bool_],
) -> Flow:  # fmt: skip
    """Split orders over suppliers; nothing N x N is kept, only shares and one number a supplier."""
    m, n = len(s.purchases), s.n_nodes
    market, i = entry_market(s), s.supplier
    home = 1.0 - s.import_share
    idle, busy = by_node(s, st.attract * (1 - st.fulfil)), by_node(s, st.attract * st.fulfil)
    pull = by_node(s, st.attract)

    def by_market(order: Floats, chosen: NDArray[np.bool_]) -> Floats:
        return sums(s.slot_market, np.where(chosen, order * home, 0.0), m)[market]

    final = sums(s.final_market, s.final_need * w.demand[w.demand_day[t]], m)
    weight = s.share / np.maximum(sums(market, s.share * pull[s.supplier], m), TINY)[market]
    to_plan, at_pace = (by_market(order, ~passed) for order in (want, use))
    pass_plan, pass_pace = (by_market(order, passed) for order in (want, use))
    load = weight * (idle[i] * to_plan + busy[i] * at_pace + pull[i] * final[market])
    through = corridor_share(s, w, t)
    cap = through * s.share * s.purchases[market]
    held = (through < 1.0) & (load > cap)
    open_share = np.where(held, cap / np.maximum(load, TINY), 1.0)

    def by_supplier(order: Floats) -> Floats:
        return sums(i, weight * order, n)[s.whole]

    part = s.mass * st.attract
    idle_, busy_ = part * (1 - st.fulfil), part * st.fulfil  # what each part brought
    wanted = idle_ * by_supplier(to_plan + pass_plan) + busy_ * by_supplier(at_pace + pass_pace)
    ordered = idle_ * by_supplier(to_plan * open_share + pass_plan)
    ordered += busy_ * by_supplier(at_pace * open_share + pass_pace)
    users = part * by_supplier(final[market] * open_share)
    abroad = s.exports * w.exports[w.exports_day[t]][s.whole]
    booked = wanted + part * by_supplier(final[market]) + abroad
    return Flow(market, weight, open_share, final, wanted, ordered, booked, ordered + users + abroad)


def by_node(s: System, value: Floats) -> Floats:
    """[*] the mean of a value over the parts of each node."""
    return sums(s.whole, s.mass * value, s.n_nodes)


def ration(flow: Flow, ship: Floats) -> tuple[Floats, Floats]:
    """[N] share of producers' orders and share of final use and exports that each supplier fills."""
    rho = np.where(flow.ordered > 0, np.minimum(1.0, ship / np.maximum(flow.ordered, TINY)), 1.0)
    rest = flow.demand - flow.ordered
    left = np.maximum(0.0, ship - flow.ordered)
    return rho, np.where(rest > 0, np.minimum(1.0, left / np.maximum(rest, TINY)), 1.0)


def corridor_share(s: System, w: Weather, t: int) -> Floats:
    """[E] the share of the baseline flow that the entry's corridor lets through today."""
    state = w.corridors[w.corridors_day[t]]
    through = np.where(s.corridor >= 0, state[np.maximum(s.corridor, 0)], 1.0)
    return np.where(w.passage[w.passage_day[t]][s.supplier] == 1, 1.0, through)


def slot_fulfilment(
    s: System, means: tuple[Floats, Floats, Floats, Floats],
    passed: NDArray[np.bool_], clear: NDArray[np.bool_], imports: Floats,
) -> tuple[Floats, Floats]:  # fmt: skip
    """[S] mean and mean square of fulfilment over a slot's suppliers, the foreign one included."""
    f1, f2, p1, p2 = (x[s.slot_market] for x in means)
    abroad = np.minimum(1.0, imports[s.slot_foreign])
    one = (1 - s.import_share) * np.where(passed, p1, f1) + s.import_share * abroad
    two = (1 - s.import_share) * np.where(passed, p2, f2) + s.import_share * abroad * abroad
    return np.where(clear, 1.0, one), np.where(clear, 1.0, two)


def matched(f1: Floats, f2: Floats, power: Floats) -> Floats:
    """q: the share of what arrives that makes complete kits; 1 where suppliers ration alike."""
    alike: Floats = np.minimum(1.0, ratio(f1 * f1, f2, 1.0))
    return alike**power


def input_limit(
    s: System, stock: Floats, cap: Floats, q: Floats, arrived: Floats
) -> tuple[Floats, NDArray[np.int32]]:
    """[N] the share of capacity that the tightest slot allows, and that slot (-1: none binds)."""
    need = s.need * (cap / np.maximum(s.x0, TINY))[s.slot_node]
    safe = np.maximum(need, TINY)
    cover = np.minimum(1.0, stock / np.maximum(s.days * s.need, TINY))
    common = np.minimum(1.0, arrived / np.maximum(q * need, TINY))
    share = np.minimum(cover + common * np.maximum(0.0, q - cover), stock / safe)
    share = np.where((need > 0) & (s.essential > 0), share, 1.0)
    allowed = 1.0 - s.essential * (1.0 - share)
    limit = np.ones(len(s.x0))
    np.minimum.at(limit, s.slot_node, allowed)
    binding = np.full(len(s.x0), -1, np.int32)
    tight = np.flatnonzero((allowed < 1.0 - NOISE) & (allowed == limit[s.slot_node]))[::-1]
    binding[s.slot_node[tight]] = tight  # reversed: the first of equals stays
    return limit, binding


class Delivery(NamedTuple):
    """What arrived, by slot [S]."""

    home: Floats
    imported: Floats
    injected: Floats  # supplied by the plan from outside
    mean: Floats  # mean fulfilment of the slot's suppliers
    kits: Floats  # q, the share of what arrives that makes complete kits
    final: Annotated[Floats, "E"]  # to final users


def deliver(
    s: System, st: State, flow: Flow, rho: Floats, rho_final: Floats, want: Floats, use: Floats,
    passed: NDArray[np.bool_], clear: NDArray[np.bool_], imports: Floats,
) -> Delivery:  # fmt: skip
    """Receipts of every slot, and how much of them makes complete kits."""
    brought, free = st.attract * rho, flow.open_share
    to_plan = by_node(s, brought * (1 - st.fulfil))[s.supplier]
    at_pace = by_node(s, brought * st.fulfil)[s.supplier]
    square = by_node(s, brought * rho)[s.supplier]

    def mean(value: Floats) -> Floats:
        return sums(flow.market, flow.weight * value, len(s.purchases))

    j = s.slot_market
    by_road, by_pass = (mean(to_plan * free), mean(at_pace * free)), (mean(to_plan), mean(at_pace))
    normal = by_road[0][j] * want + by_road[1][j] * use
    passing = by_pass[0][j] * want + by_pass[1][j] * use
    home = (1 - s.import_share) * np.where(passed, passing, normal)
    level = imports[s.slot_foreign]
    short = np.minimum(1.0, level)
    ordered = s.import_share * ((1 - short) * want + short * use)
    imported = np.where(level < 1.0, np.minimum(ordered, level * s.import_share * s.need), ordered)
    injected = np.where(clear, np.maximum(0.0, want - home - imported), 0.0)
    road, by_pass_ = by_road[0] + by_road[1], by_pass[0] + by_pass[1]
    means = (road, mean(square * free * free), by_pass_, mean(square))
    one, two = slot_fulfilment(s, means, passed, clear, imports)
    kits = matched(one, two, s.power)
    to_users = by_node(s, st.attract * rho_final)[s.supplier]
    final = flow.weight * flow.final[flow.market] * to_users * free
    return Delivery(home, imported, injected, one, kits, final)


def shelve(
    s: System, st: State, stock: Floats, got: Delivery, want: Floats, used: Floats
) -> tuple[Floats, Floats, Floats]:
    """Stocks tonight: complete kits, and goods waiting for what is missing; and the kits to be had a day.

    The two stocks together are conserved.
    """
    receipts = got.home + got.imported + got.injected
    complete = got.mean * got.kits  # of a full order
    usable = np.where(stocked(s), np.minimum(receipts, complete * want), receipts)
    release = np.maximum(0.0, st.waiting - (1 - complete) * s.days * s.need) / s.release_days
    # who ordered little because it was closed is not short of kits: suppliers would have filled more
    ready = np.maximum(usable + release, complete * s.need)
    return stock - used + usable + release, st.waiting + (receipts - usable) - release, ready


def adapt(
    s: System, st: State, booked: Floats, aim: Floats, x: Floats, seen: Floats
) -> tuple[Floats, Floats, Floats]:
    """Overproduction, suppliers' pull on orders, expected demand: what tomorrow starts from."""
    scarcity = np.where(aim > 0, np.maximum(0.0, aim - x) / np.maximum(aim, TINY), 0.0)
    rise = (s.overproduction - st.alpha) * scarcity - (st.alpha - 1.0) * (1.0 - scarcity)
    alpha = st.alpha + rise / s.overproduction_days
    days = np.where(seen < st.attract, s.leave_days, s.return_days)
    attract = np.maximum(LEAST_PULL, st.attract + (seen - st.attract) / days)
    return alpha, attract, st.expected + (booked - st.expected) / s.demand_memory


def of_nodes(s: System, day: Day) -> Day:
    """The day of nodes, from that of their parts: amounts added up, shares weighted by what they are of.
    What binds a node binds the part that it costs most.
    """
    if s.n_nodes == len(s.x0):
        return day

    def total(value: Floats) -> Floats:
        return sums(s.whole, value, s.n_nodes)

    capacity, ordered = total(day.capacity), total(day.ordered)
    costs = day.capacity * (1.0 - day.limit)
    worst = np.lexsort((-costs, s.whole))[np.searchsorted(np.sort(s.whole), np.arange(s.n_nodes))]
    slot = day.binding[worst]
    return day._replace(
        capacity=capacity,
        demand=total(day.demand),
        ordered=ordered,
        limit=ratio(total(day.capacity * day.limit), capacity, 1.0),
        binding=np.where(slot >= 0, s.slot_base[np.maximum(slot, 0)], -1).astype(np.int32),
        output=total(day.output),
        rho=ratio(total(day.rho * day.ordered), ordered, 1.0),
        shipped=total(day.shipped),
    )


def unmet_final(s: System, flow: Flow, got: Delivery) -> Floats:
    """[R] final use at home that was not met today, by region of the user."""
    delivered = sums(flow.market, got.final, len(s.purchases))
    share = np.where(flow.final > 0, delivered / np.maximum(flow.final, TINY), 1.0)
    missing = flow.final * (1.0 - share)
    region = market_regions(s)
    return sums(region, missing, s.n_regions)


def _ledger(
    s: System, w: Weather, t: int, rho_final: Floats, got: Delivery, event: Floats, used: Floats, new: State
) -> Floats:
    """[K, 9] what of each product was made, where it went, what is in stock: goods are conserved."""

    def by_slot(v: Floats) -> Floats:
        return sums(s.slot_product, v, s.n_products)

    return np.stack(
        [
            sums(s.product, new.output, s.n_products),
            by_slot(got.home),
            sums(s.product[s.supplier], got.final, s.n_products),
            sums(s.product, rho_final * s.exports * w.exports[w.exports_day[t]][s.whole], s.n_products),
            by_slot(got.imported),
            by_slot(got.injected + event),
            by_slot(used),
            by_slot(new.stock + new.waiting),
            sums(s.product, new.goods, s.n_products),
        ],
        axis=1,
    )
