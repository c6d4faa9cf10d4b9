"""The published models as flat arrays: the network, the weather, the state, and a model's rules as numbers.

Nodes and markets are numbered by product here, so that the suppliers of one product stand side by side, a
full market needs no index, and a block of markets has few suppliers; slots are numbered by market.
`pooled_kernels` runs them.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import Ints, Kind, Reals, pointers, ratio
from ballast.economy import Economy
from ballast.forcing import Forcing
from ballast.propagate.published.reference import STEP, Damage, Model, cover, households
from ballast.propagate.step.system import grouped

TILE = 24  # markets whose sums are kept at hand while their suppliers pass by; tried from 8 to 408
BLOCK = 32_768  # entries: what stays in the second-level cache between reading and reading again

CAPACITY = {"plain": 0, "overproduction": 1, "labour": 2}
PRODUCTION = {"psi": 0, "leontief": 1, "strong": 2, "half": 3, "weak": 4, "linear": 5}
RATIONING = {"proportional": 0, "households_last": 1, "water_fill": 2, "both": 3}
ORDERS = {"gap": 0, "signed": 1, "forecast": 2}
FILLS = ("water_fill", "both")
SPLIT = {"baseline": 0, "capacity": 1}


class Rules(NamedTuple):
    """A Model as numbers."""

    capacity: int
    production: int
    rationing: int
    orders: int
    split: int
    psi: float
    restock: float
    alpha_max: float
    alpha_days: float
    hire: float
    fire: float
    saved: float


class Net(NamedTuple):
    """The network: N nodes and M markets by product, S slots and L final lines by market, E entries."""

    x0: Annotated[Reals, "N"]
    exports: Annotated[Reals, "N"]
    capital: Annotated[Reals, "N"]  # productive capital over a day's output
    mine_ptr: Annotated[Ints, "N+1"]
    mine: Annotated[Ints, "S"]  # the slots of each node
    slot_node: Annotated[Ints, "S"]
    slot_market: Annotated[Ints, "S"]
    slot_abroad: Annotated[Ints, "S"]  # index in the imports channel
    slot_product: Annotated[Ints, "S"]
    need: Annotated[Reals, "S"]  # baseline use a day
    foreign: Annotated[Reals, "S"]
    target: Annotated[Reals, "S"]  # stock aimed at; 0 where nothing is held
    held: Annotated[Reals, "S"]  # 1, or 0 for what is never short (infinite cover)
    divisor: Annotated[Reals, "S"]  # stock with which a slot allows baseline output; 0: any output
    half: Annotated[Reals, "S"]  # the part of output that a slot without stock stops
    trades: bool  # whether anything is bought abroad
    size: Annotated[Ints, "M"]  # suppliers of each market
    at: Annotated[NDArray[np.int64], "M"]  # where its first entry stands, and how far apart its entries are
    step: Annotated[NDArray[np.int64], "M"]
    supplier: Annotated[Ints, "E"]
    share: Annotated[Reals, "E"]
    bid_ptr: Annotated[Ints, "M+1"]  # the slots that buy in each market
    final_ptr: Annotated[Ints, "M+1"]  # and the final lines
    final_market: Annotated[Ints, "L"]
    final_need: Annotated[Reals, "L"]
    final_column: Annotated[Ints, "L"]  # region x category
    households: Annotated[NDArray[np.uint8], "C"]  # columns
    sale_ptr: Annotated[Ints, "N+1"]  # entries of each supplier
    sale_entry: Annotated[Ints, "E"]
    sale_market: Annotated[Ints, "E"]
    block: Annotated[NDArray[np.int64], "B+1"]  # the markets of each block
    panel: Annotated[
        NDArray[np.uint8], "B"
    ]  # whether its markets have the very same suppliers, side by side
    low: Annotated[NDArray[np.int64], "B"]  # the first supplier in it
    part_ptr: Annotated[NDArray[np.int64], "B+1"]  # room for the demand on the suppliers from `low` on


class Order(NamedTuple):
    """The economy's number of each node, slot and final line of a Net."""

    nodes: Ints
    slots: Ints
    lines: Ints


class Sky(NamedTuple):
    """The weather, nodes and final lines in the network's numbering."""

    level: Annotated[Reals, "*, N"]
    level_day: Ints
    demand: Annotated[Reals, "*, L"]
    demand_day: Ints
    exports: Annotated[Reals, "*, N"]
    exports_day: Ints
    imports: Annotated[Reals, "*, R*K"]
    imports_day: Ints


class Record(NamedTuple):
    """A row a day; arrays of zero rows are not written."""

    output: Annotated[Reals, "T, N"]
    capacity: Reals
    demand: Reals
    limit: Reals
    rho: Reals
    stock: Reals  # value of all stocks tonight
    binding: Ints  # product that binds, or -1


class State(NamedTuple):
    """The state and the work arrays of a run."""

    stock: Annotated[Reals, "S"]
    order: Annotated[Reals, "S"]  # at home
    abroad: Annotated[Reals, "S"]
    home: Annotated[Reals, "S"]  # what came from home today
    allows: Annotated[Reals, "S"]  # output over baseline that a slot's stock allows
    best: Annotated[Reals, "N"]  # the least of `allows` over a node's slots
    alpha: Annotated[Reals, "N"]
    output: Annotated[Reals, "N"]
    total: Annotated[Reals, "N"]  # demand
    cap: Annotated[Reals, "N"]
    rho: Annotated[Reals, "N"]  # or theta of the water-fill
    weight: Annotated[Reals, "N"]  # capacity over baseline when the orders were placed
    reach: Annotated[Reals, "N"]  # weight x rho
    rate: Annotated[Reals, "N"]  # output over baseline
    pace: Annotated[Reals, "N"]  # that orders follow
    goal: Annotated[Reals, "N"]  # that target stocks follow
    called: Annotated[Reals, "N"]  # orders and final use for today
    asked: Annotated[Reals, "N"]  # orders of producers
    per: Annotated[Reals, "M"]  # 1 / sum of share x weight when the orders were placed
    unit: Annotated[Reals, "M"]  # what a unit ordered brings
    other: Annotated[Reals, "M"]  # share x weight
    bids: Annotated[Reals, "M"]  # orders
    final: Annotated[Reals, "M"]  # final use
    part: Annotated[Reals, "*"]  # `called` of each block
    asked_part: Reals
    keep: Annotated[Reals, "C"]  # spending of a column over what its shocks leave
    rank: Annotated[Ints, "S"]  # for the water-fill: the slots of each market by order over initial order
    key: Annotated[Reals, "S"]  # that ratio
    orders: Annotated[Reals, "S"]  # running sums within each market: orders
    bases: Annotated[Reals, "S"]  # and initial orders


def network(model: Model, e: Economy, *, days: Reals | None = None, essential: Reals | None = None,
            kind: Kind = np.float64) -> tuple[Net, Order]:  # fmt: skip
    """The network of an economy under a model; `days` and `essential` [S] as the economy numbers them."""
    nodes = np.lexsort((e.node_region, e.node_sector)).astype(np.int32)
    place = inverse(nodes)
    markets = _by_product(e, place)
    market_place = inverse(markets)
    slots = np.lexsort((place[e.slot_node], market_place[e.slot_market])).astype(np.int32)
    lines = np.argsort(market_place[e.final_market], kind="stable").astype(np.int32)
    market_ptr, supplier, share = _entries(e, place, markets, market_place)
    block, panel = _blocks(market_ptr, supplier)
    at, step, where = _panels(market_ptr, block, panel)
    supplier, share = supplier[where], share[where]
    low, part_ptr = _parts(market_ptr, supplier, block)
    market, node = market_place[e.slot_market[slots]], place[e.slot_node[slots]]
    mine_ptr, mine = grouped(node, e.n)
    sale_ptr, sale_entry = grouped(supplier, e.n)
    count = np.arange(len(markets) + 1)
    entry_market = np.repeat(count[:-1], np.diff(market_ptr))[where]
    need = e.slot_need[slots] * STEP
    given = np.full(len(slots), model.stock_days) if days is None else np.asarray(days, float)[slots]
    held = np.isfinite(given)
    abroad = ratio(e.slot_imports[slots] * STEP, need)
    value = np.maximum(e.total_value_added[nodes], 0.0)
    target = np.where(held, cover(model, np.where(held, given, 0.0)) * need, 0.0)
    level = np.ones(len(slots)) if essential is None else np.asarray(essential)[slots]
    enough = (
        target * model.psi
        if model.production == "psi"
        else np.where(held & _counts(model, level), need, 0.0)
    )
    return Net(
        x0=(e.output[nodes] * STEP).astype(kind),
        exports=(e.exports[nodes] * STEP).astype(kind),
        capital=(model.capital * value).astype(kind),
        mine_ptr=mine_ptr,
        mine=mine,
        slot_node=node,
        slot_market=market,
        slot_abroad=(e.node_region[e.slot_node[slots]] * e.k + e.slot_product[slots]).astype(np.int32),
        slot_product=e.slot_product[slots].astype(np.int32),
        need=need.astype(kind),
        foreign=abroad.astype(kind),
        target=target.astype(kind),
        held=held.astype(kind),
        divisor=enough.astype(kind),
        half=np.where(level < 1.0, 0.5, 1.0).astype(kind),
        trades=bool((abroad > 0).any()),
        size=np.diff(market_ptr).astype(np.int32),
        at=at,
        step=step,
        supplier=supplier,
        share=share.astype(kind),
        bid_ptr=np.searchsorted(market, count).astype(np.int32),
        final_ptr=np.searchsorted(market_place[e.final_market[lines]], count).astype(np.int32),
        final_market=market_place[e.final_market[lines]],
        final_need=(e.final_domestic[lines] * STEP).astype(kind),
        final_column=(e.final_region * len(e.categories) + e.final_category)[lines].astype(np.int32),
        households=np.tile(households(e), e.r).astype(np.uint8),
        sale_ptr=sale_ptr,
        sale_entry=sale_entry,
        sale_market=entry_market[sale_entry].astype(np.int32),
        block=block,
        panel=panel,
        low=low,
        part_ptr=part_ptr,
    ), Order(nodes, slots, lines)  # fmt: skip


def unsigned(n: Net) -> Net:
    """The same arrays with unsigned indices: compiled loops then need no test for negative ones."""
    names = ("mine", "slot_node", "slot_market", "slot_abroad", "supplier", "final_market")
    return n._replace(**{name: getattr(n, name).view(np.uint32) for name in names})


def _counts(model: Model, essential: Reals) -> NDArray[np.bool_]:
    """[S] whether a slot without stock holds its node back at all."""
    least = {"strong": 0.25, "half": 0.25, "weak": 1.0}.get(model.production, 0.0)
    return np.asarray(essential >= least)


def inverse(order: Ints) -> Ints:
    """Where each number stands in `order`."""
    place = np.empty_like(order)
    place[order] = np.arange(len(order), dtype=np.int32)
    return place


def _by_product(e: Economy, place: Ints) -> Ints:
    """The markets by product and first buyer: those of one product have the same suppliers."""
    count = len(e.market_ptr) - 1
    product, buyer = np.zeros(count, np.int32), np.full(count, e.n)
    product[e.final_market] = e.final_product
    product[e.slot_market] = e.slot_product
    np.minimum.at(buyer, e.slot_market, place[e.slot_node])
    return np.lexsort((buyer, product)).astype(np.int32)


def _entries(
    e: Economy, place: Ints, markets: Ints, market_place: Ints
) -> tuple[NDArray[np.int64], Ints, Reals]:
    """(pointers, suppliers, shares) of the markets in their new order, suppliers ascending."""
    supplier = place[e.market_supplier]
    entry = np.lexsort((supplier, market_place[e.entry_market]))
    return pointers(np.diff(e.market_ptr)[markets]), supplier[entry], e.market_share[entry]


def _blocks(market_ptr: NDArray[np.int64], supplier: Ints) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """(the markets of each block [B+1], whether all of a block have the same suppliers, side by side).

    A run of like markets is cut where a block would hold more than `BLOCK` entries.
    """
    size = np.diff(market_ptr)
    if len(size) == 0:
        return np.zeros(1, np.int64), np.zeros(0, np.uint8)
    full = size > 0
    first, last = np.full(len(size), -1, np.int64), np.full(len(size), -1, np.int64)
    first[full], last[full] = supplier[market_ptr[:-1][full]], supplier[market_ptr[1:][full] - 1]
    first[last - first != size - 1] = -1
    size = np.where(first < 0, -1, size)
    new = np.flatnonzero((np.diff(first) != 0) | (np.diff(size) != 0)) + 1
    runs = np.concatenate([[0], new, [len(size)]])
    cuts: list[NDArray[np.int64]] = []
    for begin, end in itertools.pairwise(runs):
        entries = market_ptr[end] - market_ptr[begin]
        pieces = max(1, -(-int(entries) // BLOCK))
        goals = market_ptr[begin] + entries * np.arange(pieces) // pieces
        cuts.append(np.searchsorted(market_ptr[begin : end + 1], goals) + begin)
    block = np.unique(np.concatenate([*cuts, [len(size)]])).astype(np.int64)
    return block, (first[block[:-1]] >= 0).astype(np.uint8)


def _panels(
    market_ptr: NDArray[np.int64], block: NDArray[np.int64], panel: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """(first entry of each market, distance of its entries, where each entry was before).

    A panel is cut into tiles of `TILE` markets, in which the entries of one supplier stand side by side.
    """
    at, step = market_ptr[:-1].copy(), np.ones(len(market_ptr) - 1, np.int64)
    where = np.arange(market_ptr[-1])
    for b in np.flatnonzero(panel):
        for begin in range(block[b], block[b + 1], TILE):
            end = min(begin + TILE, int(block[b + 1]))
            entries = slice(market_ptr[begin], market_ptr[end])
            where[entries] = where[entries].reshape(end - begin, -1).T.ravel()
            at[begin:end] = market_ptr[begin] + np.arange(end - begin)
            step[begin:end] = end - begin
    return at, step, where


def _parts(
    market_ptr: NDArray[np.int64], supplier: Ints, block: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(the lowest supplier of each block, pointers [B+1] to room for all from it to the highest)."""
    low, room = np.zeros(len(block) - 1, np.int64), np.zeros(len(block), np.int64)
    for b in range(len(block) - 1):
        mine = supplier[market_ptr[block[b]] : market_ptr[block[b + 1]]]
        if len(mine):
            low[b] = mine.min()
            room[b + 1] = int(mine.max()) - low[b] + 1
    return low, np.cumsum(room)


def weather(forcing: Forcing, order: Order, kind: Kind = np.float64) -> Sky:
    """The forcing; corridors and stock changes are no part of these models."""
    pairs = (getattr(forcing, name) for name in ("capacity", "demand", "exports", "imports"))
    return sky([(steps.table, steps.index) for steps in pairs], order, kind)


def sky(channels: Sequence[tuple[Reals, Ints]], order: Order, kind: Kind = np.float64) -> Sky:
    """Capacity, demand, exports and imports (states, state of each day) in the network's numbering."""
    columns: tuple[Any, ...] = (order.nodes, order.lines, order.nodes, slice(None))
    tables: list[Reals] = [
        np.array(c[0][:, mine], kind, order="C") for c, mine in zip(channels, columns, strict=True)
    ]
    return Sky(*(x for table, (_, index) in zip(tables, channels, strict=True) for x in (table, index)))


def rules(model: Model) -> Rules:
    return Rules(
        CAPACITY[model.capacity], PRODUCTION[model.production], RATIONING[model.rationing],
        ORDERS[model.orders], SPLIT[model.split], model.psi, model.restock, model.alpha_max,
        model.alpha_days, model.hire, model.fire, model.saved,
    )  # fmt: skip


def initial(n: Net, model: Model) -> State:
    """Stocks at target, orders for baseline use; room for a ranking only where the model needs one."""
    nodes, kind = len(n.x0), n.x0.dtype
    ranked = len(n.need) if model.rationing in FILLS else 0

    def zeros(size: int) -> Reals:
        return np.zeros(size, kind)

    def ones(size: int) -> Reals:
        return np.ones(size, kind)

    return State(
        stock=n.target.copy(),
        order=n.need * (1 - n.foreign),
        abroad=n.need * n.foreign,
        home=zeros(len(n.need)),
        allows=zeros(len(n.need)),
        best=ones(nodes),
        alpha=ones(nodes),
        output=n.x0.copy(),
        total=n.x0.copy(),
        cap=zeros(nodes),
        rho=ones(nodes),
        weight=ones(nodes),
        reach=ones(nodes),
        rate=ones(nodes),
        pace=ones(nodes),
        goal=ones(nodes),
        called=zeros(nodes),
        asked=zeros(nodes),
        per=ones(len(n.size)),
        unit=zeros(len(n.size)),
        other=zeros(len(n.size)),
        bids=zeros(len(n.size)),
        final=zeros(len(n.size)),
        part=zeros(int(n.part_ptr[-1])),
        asked_part=zeros(int(n.part_ptr[-1])),
        keep=ones(len(n.households)),
        rank=np.arange(ranked, dtype=np.int32),
        key=zeros(ranked),
        orders=zeros(ranked),
        bases=zeros(ranked),
    )


class Rebuild(NamedTuple):
    """One event's damage: what each slot has to rebuild, and what is left of it at each supplier.

    All damaged nodes wait for a supplier alike: supplier i still owes node j the share w_ij value left_i.
    """

    day: int
    start: int
    days: float
    factor: float
    value: Annotated[Reals, "S"]
    left: Annotated[Reals, "N"]
    asked: Annotated[Reals, "N"]  # today
    lost: Annotated[Reals, "N"]  # share of capital still lost


def rebuilding(n: Net, damage: Damage | None, nodes: Ints) -> Rebuild:
    """The event as arrays, `nodes` the economy's number of each; without one nothing is ever asked."""
    size = len(n.x0)
    if damage is None:
        return Rebuild(2**30, 2**30, 1.0, 1.0, np.zeros(0), np.ones(size), np.zeros(size), np.zeros(size))
    share = np.array([damage.sectors.get(int(k), 0.0) for k in n.slot_product])
    home = n.need * (1 - n.foreign) > 0
    value = np.where(home, share * (damage.loss[nodes] * n.capital)[n.slot_node] * damage.factor, 0.0)
    return Rebuild(
        damage.day, damage.day + damage.duration, damage.days, damage.factor, value,
        np.ones(size), np.zeros(size), np.zeros(size),
    )  # fmt: skip


def new_record(days: int, nodes: int, *, full: bool) -> Record:
    """Arrays to write a run into; only the output unless `full`."""
    rows = days if full else 0

    def zeros() -> Reals:
        return np.zeros((rows, nodes))

    return Record(
        np.zeros((days, nodes)), zeros(), zeros(), zeros(), zeros(), zeros(),
        np.full((rows, nodes), -1, np.int32),
    )  # fmt: skip
