"""An economy and its parameters as the flat arrays the step reads, and the state the step changes.

    System   constant during a run: sizes, baseline flows a day, shares, days, exponents
    State    what one day hands to the next; stocks per slot, the rest per node or market
    Weather  what is imposed from outside on every day: shocks (from a Forcing) and a plan's interventions

A node of which a shock hits a part is run as parts: what nothing hits of it, and each part that is hit,
with stocks, orders and output of their own. Their customers do not tell them apart: markets know the node,
of which each part has its `mass`. `in_parts` makes that System of the one of nodes; parts number on behind
the nodes, and their slots behind the nodes' slots. Flows stay with the node, at the mean pace of its parts.

All are NamedTuples of arrays so that NumPy phases and numba kernels take the same objects.
Money is per day (annual / 365). Slots are sorted by node, so the slots of node j are
slot_ptr[j] : slot_ptr[j + 1]; `slot_order` leads back to the economy's own numbering. The slots from
slot_mid[j] on are flows: products that stop nobody when they are missing (services, above all), which
are ordered at the node's pace and used as they come.
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import YEAR, Flags, Floats, Ints, inverse, matches, pointers, ranges, ratio
from ballast.economy import Economy
from ballast.forcing import Forcing, beside
from ballast.propagate.parameters import Resolved

_OF_SLOT = (
    "slot_market", "slot_product", "slot_foreign", "import_share", "days", "essential", "refill", "power",
)  # fmt: skip


class System(NamedTuple):
    """Constant during a run. N nodes or parts of them, S slots, L final lines, M markets, E entries."""

    whole: Annotated[Ints, "N"]  # the node that it is (a part of)
    mass: Annotated[Floats, "N"]  # which part of it
    slot_base: Annotated[Ints, "S"]  # the slot of the node that it is (a part of)
    x0: Annotated[Floats, "N"]  # baseline output a day
    product: Annotated[Ints, "N"]
    node_region: Annotated[Ints, "N"]
    exports: Annotated[Floats, "N"]
    finished: Annotated[Floats, "N"]  # target stock of finished goods
    leave_days: Annotated[Floats, "N"]  # e-folding days for buyers to leave a supplier
    slot_ptr: Annotated[NDArray[np.int64], "N+1"]
    slot_mid: Annotated[NDArray[np.int64], "N"]  # the first flow of each node
    slot_node: Annotated[Ints, "S"]
    slot_market: Annotated[Ints, "S"]
    slot_product: Annotated[Ints, "S"]
    slot_foreign: Annotated[Ints, "S"]  # index of (region, product) in the imports channel
    need: Annotated[Floats, "S"]  # baseline use a day, home and foreign
    import_share: Annotated[Floats, "S"]
    home_need: Annotated[Floats, "S"]  # the part of need bought at home
    days: Annotated[Floats, "S"]  # target cover
    essential: Annotated[Floats, "S"]
    refill: Annotated[Floats, "S"]  # days over which a gap in stock is ordered
    power: Annotated[Floats, "S"]  # single-sourced parts less one
    final_market: Annotated[Ints, "L"]
    final_need: Annotated[Floats, "L"]  # domestic
    final_region: Annotated[Ints, "L"]
    market_ptr: Annotated[NDArray[np.int64], "M+1"]
    supplier: Annotated[Ints, "E"]  # a node
    share: Annotated[Floats, "E"]
    corridor: Annotated[Ints, "E"]  # index in the corridors channel, -1 = never held up
    purchases: Annotated[Floats, "M"]  # baseline purchases a day
    return_days: float
    overproduction: float
    overproduction_days: float
    order_days: float
    order_ceiling: float
    demand_memory: float
    release_days: float
    n_nodes: int
    n_products: int
    n_regions: int


class State(NamedTuple):
    """What one day hands to the next."""

    stock: Annotated[Floats, "S"]  # complete kits, usable
    waiting: Annotated[Floats, "S"]  # delivered, waiting for parts that are missing
    goods: Annotated[Floats, "N"]  # finished, not yet shipped
    attract: Annotated[Floats, "N"]  # a supplier's pull on orders, 1 at baseline
    alpha: Annotated[Floats, "N"]  # overproduction factor
    fulfil: Annotated[Floats, "N"]  # share of orders delivered yesterday
    expected: Annotated[Floats, "N"]  # demand as the producer expects it
    output: Annotated[Floats, "N"]  # yesterday's output
    kits: Annotated[Floats, "S"]  # q, share of what arrived yesterday that made complete kits
    usable: Annotated[Floats, "S"]  # complete kits to be had a day, seen yesterday


class Weather(NamedTuple):
    """The Forcing as plain arrays: the distinct states of each channel, and that of each day."""

    part: Annotated[Ints, "J"]  # the node of each column of `capacity`: the nodes, then parts that are hit
    capacity: Annotated[Floats, "*, J"]
    capacity_day: Annotated[Ints, "T"]
    demand: Annotated[Floats, "*, L"]
    demand_day: Annotated[Ints, "T"]
    exports: Annotated[Floats, "*, N"]
    exports_day: Annotated[Ints, "T"]
    imports: Annotated[Floats, "*, R*K"]
    imports_day: Annotated[Ints, "T"]
    corridors: Annotated[Floats, "*, *"]
    corridors_day: Annotated[Ints, "T"]
    passage: Annotated[
        Flags, "*, N"
    ]  # 1: no corridor holds up a node's goods and supplies; of none in row 0
    passage_day: Annotated[Ints, "T"]
    supply: Annotated[Flags, "*, S"]  # 1: what is ordered comes in full, from outside; of none in row 0
    supply_day: Annotated[Ints, "T"]
    stock_day: Annotated[Ints, "V"]
    stock_slot: Annotated[Ints, "V"]  # in the system's numbering
    stock_change: Annotated[Floats, "V"]  # money


def build_system(
    economy: Economy, parameters: Resolved, corridor_group: Ints, stock_slots: Ints | None = None
) -> tuple[System, Ints]:
    """The System of `economy`, and `slot_order` [S]: system slot s is economy slot slot_order[s].

    `stock_slots` (economy numbering) hold stock even where nobody would stop for want of it, because the
    scenario draws on it or adds to it.
    """
    e = economy if parameters.trade == 0.0 else economy.with_trade(parameters.trade)
    storable = np.array([sector.storable for sector in e.sectors])
    flow = parameters.essential == 0
    if stock_slots is not None:
        flow[stock_slots] = False
    # one key, sorted once: slots mostly lie by node and product as it is, which a stable sort of them uses
    key = (2 * e.slot_node.astype(np.int64) + flow) * e.k + e.slot_product
    order = np.argsort(key, kind="stable").astype(np.int32)
    node = e.slot_node[order]
    slot_ptr = np.searchsorted(node, np.arange(e.n + 1)).astype(np.int64)
    product = e.slot_product[order]
    need = e.slot_need[order] / YEAR
    market_region = _market_region(e)
    group = corridor_group[e.node_sector[e.market_supplier]]
    origin = e.node_region[e.market_supplier]
    corridor = np.where(group < 0, -1, (group * e.r + origin) * e.r + market_region[e.entry_market])
    system = System(
        whole=np.arange(e.n, dtype=np.int32),
        mass=np.ones(e.n),
        slot_base=np.arange(len(order), dtype=np.int32),
        x0=e.output / YEAR,
        product=e.node_sector,
        node_region=e.node_region,
        exports=e.exports / YEAR,
        finished=parameters.finished_days[e.node_sector] * e.output / YEAR,
        leave_days=parameters.adaptation_days[e.node_sector],
        slot_ptr=slot_ptr,
        slot_mid=slot_ptr[:-1] + np.bincount(e.slot_node[~flow], minlength=e.n),
        slot_node=node,
        slot_market=e.slot_market[order],
        slot_product=product,
        slot_foreign=(e.node_region[node] * e.k + product).astype(np.int32),
        need=need,
        import_share=ratio(e.slot_imports[order] / YEAR, need),
        home_need=e.slot_domestic[order] / YEAR,
        days=parameters.stock_days[order],
        essential=parameters.essential[order],
        # what cannot be stored has no gap to fill slowly: tomorrow's delivery makes it good
        refill=np.where(storable[product], parameters.order_days, 1.0),
        power=parameters.parts[product] - 1.0,
        final_market=e.final_market,
        final_need=e.final_domestic / YEAR,
        final_region=e.final_region,
        market_ptr=e.market_ptr,
        supplier=e.market_supplier,
        share=e.market_share,
        corridor=corridor.astype(np.int32),
        purchases=e.market_purchases / YEAR,
        return_days=parameters.return_days,
        overproduction=parameters.overproduction,
        overproduction_days=parameters.overproduction_days,
        order_days=parameters.order_days,
        order_ceiling=parameters.order_ceiling,
        demand_memory=parameters.demand_memory,
        release_days=parameters.release_days,
        n_nodes=e.n,
        n_products=e.k,
        n_regions=e.r,
    )
    return system, order


def in_parts(s: System, node: Ints, mass: Floats) -> System:
    """The System of nodes `s` in which some parts are run for themselves: `node` and `mass` [Q] of each."""
    n, many = s.n_nodes, (s.slot_mid - s.slot_ptr[:-1])[node]
    whole = np.concatenate([s.whole, node]).astype(np.int32)
    masses = np.concatenate([beside(node, mass, n), mass])
    ptr = np.concatenate([s.slot_ptr, s.slot_ptr[-1] + np.cumsum(many)])
    more = ranges(s.slot_ptr[node], many)
    base = np.concatenate([s.slot_base, more]).astype(np.int32)
    holder = np.repeat(np.arange(n + len(node), dtype=np.int32), np.diff(ptr))
    parted: dict[str, Any] = {f: getattr(s, f)[whole] * masses for f in ("x0", "exports", "finished")}
    held = np.concatenate([stocked(s), np.ones(len(more), bool)])
    of = np.where(held, masses[holder], 1.0)
    bought = {f: getattr(s, f)[base] * of for f in ("need", "home_need")}
    alike = {f: getattr(s, f)[whole] for f in ("product", "node_region", "leave_days")}
    slots = {f: getattr(s, f)[base] for f in _OF_SLOT}
    return s._replace(
        whole=whole,
        mass=masses,
        slot_base=base,
        slot_ptr=ptr,
        slot_mid=np.concatenate([s.slot_mid, ptr[n + 1 :]]),
        slot_node=holder,
        **parted,
        **bought,
        **alike,
        **slots,
    )


def stocked(s: System) -> NDArray[np.bool_]:
    """[S] slots that hold stock (the others are flows)."""
    return np.arange(len(s.need)) < s.slot_mid[s.slot_node]


def grouped(group: NDArray[Any], size: int) -> tuple[Ints, Ints]:
    """(pointers [size+1], members): who belongs to each group, in their own order."""
    members = np.argsort(group, kind="stable").astype(np.int32)
    return pointers(np.bincount(group, minlength=size)).astype(np.int32), members


def entry_market(s: System) -> NDArray[np.intp]:
    """[E] the market of each market entry."""
    return np.repeat(np.arange(len(s.purchases)), np.diff(s.market_ptr))


def market_regions(s: System) -> NDArray[np.int32]:
    """[M] region of a market's final users (0 where it has none; nothing is missing there)."""
    region = np.zeros(len(s.purchases), np.int32)
    region[s.final_market] = s.final_region
    return region


def initial_state(s: System) -> State:
    """Every node at baseline, every slot at its target."""
    n = len(s.x0)
    return State(
        stock=np.where(stocked(s), s.days * s.need, 0.0),
        waiting=np.zeros(len(s.need)),
        goods=s.finished.copy(),
        attract=np.ones(n),
        alpha=np.ones(n),
        fulfil=np.ones(n),
        expected=s.x0.copy(),
        output=s.x0.copy(),
        kits=np.ones(len(s.need)),
        usable=s.need.copy(),
    )


def build_weather(forcing: Forcing, slot_order: Ints, system: System) -> Weather:
    """The forcing as arrays; stock changes are given in days of use and become money here."""
    slot = inverse(slot_order)[forcing.stock_slot].astype(np.int32)
    order = np.argsort(forcing.stock_day, kind="stable")
    never = _nobody(forcing.days, np.int32)[0]
    capacity = forcing.by_part()
    return Weather(
        part=np.concatenate([system.whole, forcing.part_node]).astype(np.int32),
        capacity=capacity.table,
        capacity_day=capacity.index,
        demand=forcing.demand.table,
        demand_day=forcing.demand.index,
        exports=forcing.exports.table,
        exports_day=forcing.exports.index,
        imports=forcing.imports.table,
        imports_day=forcing.imports.index,
        corridors=forcing.corridors.table,
        corridors_day=forcing.corridors.index,
        passage=_nobody(len(system.x0)),
        passage_day=never,
        supply=_nobody(len(system.need)),
        supply_day=never,
        stock_day=forcing.stock_day[order],
        stock_slot=slot[order],
        stock_change=(forcing.stock_change * system.need[slot])[order] if len(slot) else np.zeros(0),
    )


def spread(s: System, w: Weather) -> Weather:
    """The weather with what goes into the stock of a slot shared out over its parts."""
    if s.n_nodes == len(s.x0) or not len(w.stock_slot):
        return w
    event, slot = matches(s.slot_base, w.stock_slot)
    return w._replace(
        stock_day=w.stock_day[event],
        stock_slot=slot.astype(np.int32),
        stock_change=w.stock_change[event] * s.mass[s.slot_node[slot]],
    )


def _nobody(size: int, kind: type = np.uint8) -> NDArray[Any]:
    """[1, size] zeros that stay as they are."""
    none: NDArray[Any] = np.zeros((1, size), kind)
    none.flags.writeable = False
    return none


def _market_region(e: Economy) -> Ints:
    """[M] the region of a market's buyers (a market never spans two: it is one region's mix)."""
    region = np.zeros(len(e.market_ptr) - 1, np.int32)
    region[e.final_market] = e.final_region
    region[e.slot_market] = e.node_region[e.slot_node]
    return region
