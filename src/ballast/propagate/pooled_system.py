"""The published models as flat arrays: the network, the weather, the state, and a model's rules as numbers.

Nodes are numbered by product here, so that the suppliers of one product stand side by side and a full
market needs no index. `pooled_kernels` runs them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.economy import Economy
from ballast.forcing import Forcing
from ballast.propagate.pooled import STEP, Damage, Model, cover, households
from ballast.propagate.system import grouped

Floats = NDArray[Any]  # float32 or float64
Ints = NDArray[np.int32]

BLOCKS = 32

CAPACITY = {"plain": 0, "overproduction": 1, "labour": 2}
PRODUCTION = {"psi": 0, "leontief": 1, "strong": 2, "half": 3, "weak": 4, "linear": 5}
RATIONING = {"proportional": 0, "households_last": 1, "water_fill": 2, "both": 3}
ORDERS = {"gap": 0, "signed": 1, "forecast": 2}
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
    """The network, nodes numbered by product. N nodes, S slots, M markets, E entries, L final lines."""

    x0: Floats  # [N]
    exports: Floats  # [N]
    capital: Floats  # [N] productive capital over a day's output
    slot_ptr: Ints  # [N+1]
    slot_node: Ints  # [S]
    slot_market: Ints  # [S]
    slot_abroad: Ints  # [S] index in the imports channel
    slot_product: Ints  # [S]
    need: Floats  # [S] baseline use a day
    foreign: Floats  # [S]
    days: Floats  # [S]
    essential: Floats  # [S]
    market_ptr: NDArray[np.int64]  # [M+1]
    supplier: Ints  # [E]
    share: Floats  # [E]
    first: Ints  # [M] the first supplier where all stand side by side, or -1
    bid_ptr: Ints  # [M+1]
    bid_slot: Ints  # [S]
    final_ptr: Ints  # [M+1]
    final_line: Ints  # [L]
    final_need: Floats  # [L]
    final_column: Ints  # [L] region x category
    households: NDArray[np.uint8]  # [C] columns
    sale_ptr: Ints  # [N+1] entries of each supplier
    sale_entry: Ints  # [E]
    sale_market: Ints  # [E]
    block: NDArray[np.int64]  # [BLOCKS+1] the markets of each


class Sky(NamedTuple):
    """The weather, nodes in the network's numbering."""

    level: Floats  # [U, N]
    level_day: Ints
    demand: Floats  # [U, L]
    demand_day: Ints
    exports: Floats  # [U, N]
    exports_day: Ints
    imports: Floats  # [U, R*K]
    imports_day: Ints


class Record(NamedTuple):
    """A row a day; arrays of zero rows are not written."""

    output: Floats  # [T, N]
    capacity: Floats
    demand: Floats
    limit: Floats
    rho: Floats
    binding: Ints


class State(NamedTuple):
    """The state and the work arrays of a run."""

    stock: Floats  # [S]
    order: Floats  # [S] at home
    abroad: Floats  # [S]
    alpha: Floats  # [N]
    output: Floats  # [N]
    total: Floats  # [N] demand
    weight: Floats  # [N] capacity over baseline when the orders were placed
    per: Floats  # [M] 1 / sum of share x weight then
    called: Floats  # [N] orders and final use for today
    part: Floats  # [BLOCKS, N]
    cap: Floats  # [N]
    wanted: Floats  # [N]
    asked: Floats  # [N] orders of producers
    asked_part: Floats  # [BLOCKS, N]
    rho: Floats  # [N] or theta of the water-fill
    keep: Floats  # [C] spending of a column over what its shocks leave


def network(model: Model, e: Economy, *, days: Floats | None = None, essential: Floats | None = None,
            kind: Any = np.float64) -> tuple[Net, Ints]:  # fmt: skip
    """The network of an economy, and the economy's number of each node in it.

    `days` and `essential` [S] are in the economy's numbering of slots.
    """
    order = np.lexsort((e.node_region, e.node_sector)).astype(np.int32)
    place = np.empty_like(order)
    place[order] = np.arange(e.n, dtype=np.int32)
    slots = np.lexsort((e.slot_product, place[e.slot_node]))
    node = place[e.slot_node[slots]]
    need = e.slot_need[slots] * STEP
    given = np.full(len(slots), model.stock_days) if days is None else np.asarray(days, float)[slots]
    market = e.slot_market[slots]
    supplier, share = place[e.market_supplier], e.market_share
    entry = np.lexsort((supplier, e.entry_market))
    supplier, share = supplier[entry], share[entry]
    counts = np.diff(e.market_ptr)
    markets = len(counts)
    begin = supplier[np.minimum(e.market_ptr[:-1], max(len(supplier) - 1, 0))] if len(supplier) else counts
    last = supplier[np.maximum(e.market_ptr[1:] - 1, 0)] if len(supplier) else counts
    together = (counts > 0) & (last - begin == counts - 1)
    x0 = e.output[order] * STEP
    edges = np.searchsorted(e.market_ptr, np.linspace(0, len(supplier), BLOCKS + 1)[1:-1])
    bid_ptr, bid_slot = grouped(market, markets)
    final_ptr, final_line = grouped(e.final_market, markets)
    value = np.maximum(e.total_value_added[order], 0.0)
    sale_ptr, sale_entry = grouped(supplier, e.n)
    return Net(
        x0=x0.astype(kind),
        exports=(e.exports[order] * STEP).astype(kind),
        capital=(model.capital * value).astype(kind),
        slot_ptr=np.searchsorted(node, np.arange(e.n + 1)).astype(np.int32),
        slot_node=node.astype(np.int32),
        slot_market=market.astype(np.int32),
        slot_abroad=(e.node_region[e.slot_node[slots]] * e.k + e.slot_product[slots]).astype(np.int32),
        slot_product=e.slot_product[slots].astype(np.int32),
        need=need.astype(kind),
        foreign=np.divide(
            e.slot_imports[slots] * STEP, need, out=np.zeros(len(slots)), where=need > 0
        ).astype(kind),
        days=cover(model, given).astype(kind),
        essential=(np.ones(len(slots)) if essential is None else np.asarray(essential)[slots]).astype(kind),
        market_ptr=np.asarray(e.market_ptr, np.int64),
        supplier=supplier.astype(np.int32),
        share=share.astype(kind),
        first=np.where(together, begin, -1).astype(np.int32),
        bid_ptr=bid_ptr,
        bid_slot=bid_slot,
        final_ptr=final_ptr,
        final_line=final_line,
        final_need=(e.final_domestic * STEP).astype(kind),
        final_column=(e.final_region * len(e.categories) + e.final_category).astype(np.int32),
        households=np.tile(households(e), e.r).astype(np.uint8),
        sale_ptr=sale_ptr,
        sale_entry=sale_entry,
        sale_market=e.entry_market[entry][sale_entry].astype(np.int32),
        block=np.concatenate([[0], edges, [markets]]).astype(np.int64),
    ), order  # fmt: skip


def weather(forcing: Forcing, order: Ints, kind: Any = np.float64) -> Sky:
    """The forcing; corridors and stock changes are no part of these models."""
    return Sky(
        np.ascontiguousarray(forcing.capacity.table[:, order], kind), forcing.capacity.index,
        forcing.demand.table.astype(kind), forcing.demand.index,
        np.ascontiguousarray(forcing.exports.table[:, order], kind), forcing.exports.index,
        forcing.imports.table.astype(kind), forcing.imports.index,
    )  # fmt: skip


def rules(model: Model) -> Rules:
    return Rules(
        CAPACITY[model.capacity], PRODUCTION[model.production], RATIONING[model.rationing],
        ORDERS[model.orders], SPLIT[model.split], model.psi, model.restock, model.alpha_max,
        model.alpha_days, model.hire, model.fire, model.saved,
    )  # fmt: skip


def initial(n: Net) -> State:
    """Stocks at target, orders for baseline use."""
    nodes, markets = len(n.x0), len(n.market_ptr) - 1
    kind = n.x0.dtype

    def zeros(*shape: int) -> Floats:
        return np.zeros(shape, kind)

    finite = np.isfinite(n.days)
    return State(
        stock=np.where(finite, np.where(finite, n.days, 0) * n.need, np.inf).astype(kind),
        order=(n.need * (1 - n.foreign)).astype(kind),
        abroad=(n.need * n.foreign).astype(kind),
        alpha=np.ones(nodes, kind),
        output=n.x0.copy(),
        total=n.x0.copy(),
        weight=np.ones(nodes, kind),
        per=np.ones(markets, kind),
        called=zeros(nodes),
        part=zeros(BLOCKS, nodes),
        cap=zeros(nodes),
        wanted=zeros(nodes),
        asked=zeros(nodes),
        asked_part=zeros(BLOCKS, nodes),
        rho=np.ones(nodes, kind),
        keep=np.ones(len(n.households), kind),
    )


class Rebuild(NamedTuple):
    """One event's damage: what each slot has to rebuild, and what is left of it at each supplier.

    All damaged nodes wait for a supplier alike: supplier i still owes node j the share w_ij value left_i.
    """

    day: int
    start: int
    days: float
    factor: float
    value: Floats  # [S]
    left: Floats  # [N]
    asked: Floats  # [N] today
    lost: Floats  # [N] share of capital still lost


def rebuilding(n: Net, damage: Damage | None, order: Ints) -> Rebuild:
    """The event as arrays, `order` the economy's number of each node; without one nothing is ever asked."""
    nodes = len(n.x0)
    if damage is None:
        return Rebuild(
            2**30, 2**30, 1.0, 1.0, np.zeros(0), np.ones(nodes), np.zeros(nodes), np.zeros(nodes)
        )
    share = np.array([damage.sectors.get(int(k), 0.0) for k in n.slot_product])
    home = n.need * (1 - n.foreign) > 0
    value = np.where(home, share * (damage.loss[order] * n.capital)[n.slot_node] * damage.factor, 0.0)
    return Rebuild(
        damage.day, damage.day + damage.duration, damage.days, damage.factor, value,
        np.ones(nodes), np.zeros(nodes), np.zeros(nodes),
    )  # fmt: skip


def new_record(days: int, nodes: int, *, full: bool) -> Record:
    """Arrays to write a run into; only the output unless `full`."""
    rows = days if full else 0

    def zeros() -> Floats:
        return np.zeros((rows, nodes))

    return Record(
        np.zeros((days, nodes)), zeros(), zeros(), zeros(), zeros(), np.zeros((rows, nodes), np.int32)
    )
