"""Many columns at once: scenarios or draws of one economy, run side by side with summaries only.

    pack       (System, slot order, Weather) of each column -> Grid, Values, Sky, Work
    run_batch  the days of all columns, on the processor (numba, a chunk of columns a thread) or a card

The network is read once a day for all columns of a chunk. Nothing here grows with days x nodes: a batch
gives the mean of each month and the value added of each region and day. Results are the same to the
last bit for any number of threads and any batch: see `columns`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ballast.arrays import Floats, Ints, Kind, matches, ranges, sizes
from ballast.compiled import Function, compiled, need
from ballast.economy import Economy
from ballast.errors import SimulationError
from ballast.forcing import beside
from ballast.propagate.card import columns
from ballast.propagate.card.columns import Grid, Sky, Values, Work
from ballast.propagate.ensemble import workers
from ballast.propagate.run import Run
from ballast.propagate.step import rules
from ballast.propagate.step.system import System, Weather, entry_market, grouped, stocked
from ballast.threads import ThreadPoolExecutor

Device = Literal["numba", "cuda"]

CHUNK = 8  # columns a thread runs together: a cache line of float64
CARD = 1024  # columns a card runs together; beyond it the card is full and only memory grows


@dataclass(frozen=True, eq=False)
class Column:
    """One scenario or draw: its system, with the economy's number of each slot, and weather."""

    system: System  # of whole nodes
    order: Ints
    weather: Weather
    value_added: Floats  # [N] what its nodes weigh: a draw of the book has its own
    part_mass: Floats  # [Q] of the parts that its shocks hit, those of the weather behind the nodes

    @classmethod
    def of(cls, run: Run) -> Column:
        """The column of a prepared run."""
        mass = run.forcing.part_mass
        return cls(run.system, run.slot_order, run.weather, run.economy.total_value_added, mass)


@dataclass(frozen=True, eq=False)
class Summary:
    """What a batch gives, the columns in the order of the batch."""

    monthly: Floats  # [B, P, N] mean output level of each month
    industry: (
        Floats  # [B, T, R] value added a day as a share of baseline, of industry (1 where there is none)
    )
    everything: Floats  # [B, T, R]
    output: Floats  # [B, T] of all nodes, as a share of baseline


def run_batch(
    economy: Economy,
    batch: Sequence[Column],
    months: Ints,
    *,
    device: Device = "numba",
    kind: Kind = np.float64,
    threads: int | None = None,
) -> Summary:
    """Run every column over the whole horizon. `months` [T] numbers the month of each day from 0.

    All columns need the same number of days, and plans that help places, not single inputs. Raises
    SimulationError when that is not so, and when `device` is "cuda" and none is there.
    """
    if any(len(c.weather.capacity_day) != len(months) or c.weather.supply_day.any() for c in batch):
        raise SimulationError(
            "refused: the columns of a batch need equal horizons and plans that help places, not inputs."
        )
    size = CARD if device == "cuda" else CHUNK
    chunks = [batch[i : i + size] for i in range(0, len(batch), size)]
    run = _run_card if device == "cuda" else _run_days
    with ThreadPoolExecutor(1 if device == "cuda" else threads or workers()) as pool:
        parts = list(pool.map(lambda chunk: _run_chunk(economy, chunk, months, kind, run), chunks))
    return Summary(
        np.concatenate([p.monthly for p in parts]),
        np.concatenate([p.industry for p in parts]),
        np.concatenate([p.everything for p in parts]),
        np.concatenate([p.output for p in parts]),
    )


def _run_chunk(
    economy: Economy, chunk: Sequence[Column], months: Ints, kind: Kind, run: Callable[..., None]
) -> Summary:
    packed = pack(economy, chunk, months, kind)
    run(*packed)
    return _summary(economy, packed[3], months)


def _run_card(grid: Grid, values: Values, sky: Sky, work: Work) -> None:
    need()
    from ballast.propagate.card import cuda

    cuda.run_all(grid, values, sky, work)


def _summary(economy: Economy, work: Work, months: Ints) -> Summary:
    days = np.bincount(months)
    region = np.moveaxis(np.asarray(work.region, np.float64), 3, 1)  # [3, B, T, R]
    member = (np.ones(economy.n), (economy.node_region, np.arange(economy.n)))
    where = sparse.csr_array(member, shape=(economy.r, economy.n))
    base = np.stack([(where @ np.asarray(w, np.float64)).T for w in work.weight])[:, :, None, :]
    share = np.divide(region, base, out=np.ones_like(region), where=base != 0)
    monthly = np.moveaxis(np.asarray(work.month, np.float64) / days[:, None, None], 2, 0)
    return Summary(monthly, share[0], share[1], region[2].sum(axis=2) / base[2].sum(axis=2))


# ---- packing -----------------------------------------------------------------------------------


def pack(
    economy: Economy, batch: Sequence[Column], months: Ints, kind: Kind
) -> tuple[Grid, Values, Sky, Work]:
    """The columns as arrays whose last axis is the column; floats are of type `kind`."""
    held = np.zeros(len(batch[0].system.need), bool)  # in the economy's numbering of slots
    for system, order in {id(c.system): (c.system, c.order) for c in batch}.values():
        held[order[stocked(system)]] = True
    slots = np.flatnonzero(held)
    slots = slots[np.argsort(economy.slot_node[slots], kind="stable")]  # they may lie in any order
    parts = _parted(economy, batch, slots)
    buyers = _buyers(economy, parts)
    values = _values(batch, parts, buyers, kind)
    grid = _grid(economy, batch, parts, buyers)
    sky, work = _sky(batch, parts, months, kind), _work(economy, batch, values, months, kind)
    found: dict[str, int] = {"B": len(batch), "T": len(months), "K": economy.k}
    for group in (grid, values, sky, work):
        found = sizes(group, found)
    return grid, values, sky, work


@dataclass(frozen=True, eq=False)
class _Parted:
    """The parts of all columns together: a node has as many as in the column where it has most."""

    whole: Ints  # [P] the node of each; node j's own number is j
    mass: Floats  # [P, B] none where a column has no such part
    column: Ints  # [P, B] of a column's weather; -1 where it has no such part
    slots: NDArray[np.intp]  # [S] the stocked slots of nodes, then those of their parts
    of: Ints  # [S] the part of each
    own: int  # how many slots are of nodes


def _parted(e: Economy, batch: Sequence[Column], slots: NDArray[np.intp]) -> _Parted:
    most, places = np.zeros(e.n, np.int64), []
    for c in batch:  # a node's own parts by number: 0, 1, ...
        node = c.weather.part[e.n :]
        count = np.bincount(node, minlength=e.n)
        by_node = np.argsort(node, kind="stable")
        number = np.empty(len(node), np.int64)
        number[by_node] = ranges(np.zeros(e.n, np.int64), count)
        places.append((node, number))
        most = np.maximum(most, count)
    whole = np.concatenate([np.arange(e.n), np.repeat(np.arange(e.n), most)]).astype(np.int32)
    first = e.n + np.cumsum(most) - most
    mass, column = np.zeros((len(whole), len(batch))), np.full((len(whole), len(batch)), -1, np.int32)
    column[: e.n] = np.arange(e.n)[:, None]
    for b, ((node, number), c) in enumerate(zip(places, batch, strict=True)):
        at = first[node] + number
        mass[at, b], column[at, b] = c.part_mass, e.n + np.arange(len(node))
        mass[: e.n, b] = beside(node, c.part_mass, e.n)
    part, more = matches(e.slot_node[slots], whole[e.n :])
    of = np.concatenate([e.slot_node[slots], e.n + part]).astype(np.int32)
    return _Parted(whole, mass, column, np.concatenate([slots, slots[more]]), of, len(slots))


def _grid(e: Economy, batch: Sequence[Column], parts: _Parted, buyers: _Buyers) -> Grid:
    column, s, slots = batch[0], batch[0].system, parts.slots
    foreign = np.empty_like(s.slot_foreign)
    foreign[column.order] = s.slot_foreign
    market_of_entry = entry_market(s)
    part_ptr, part_of = grouped(parts.whole, e.n)
    final_ptr, final_line = grouped(s.final_market, len(s.purchases))
    sale_ptr, sale_entry = grouped(s.supplier, len(s.x0))
    member_ptr, member = grouped(s.node_region, s.n_regions)
    return Grid(
        part_ptr=part_ptr,
        part=part_of,
        whole=parts.whole,
        slot_ptr=np.searchsorted(parts.of, np.arange(len(parts.whole) + 1)).astype(np.int32),
        slot_part=parts.of,
        slot_market=e.slot_market[slots].astype(np.int32),
        slot_foreign=foreign[slots],
        bid_ptr=buyers.ptr,
        bid_slot=buyers.stocked,
        bid_part=buyers.part,
        final_ptr=final_ptr,
        final_line=final_line,
        market_ptr=s.market_ptr.astype(np.int32),
        supplier=s.supplier,
        corridor=_each([c.system.corridor for c in batch]),
        sale_ptr=sale_ptr,
        sale_entry=sale_entry,
        sale_market=market_of_entry[sale_entry].astype(np.int32),
        member_ptr=member_ptr,
        member=member,
    )


@dataclass(frozen=True, eq=False)
class _Buyers:
    """Every slot of the economy and those of parts, market by market."""

    ptr: Ints  # [M+1]
    slot: NDArray[np.intp]  # [A] in the economy
    stocked: Ints  # [A] its place among the stocked ones, or -1
    part: Ints  # [A] that holds it


def _buyers(e: Economy, parts: _Parted) -> _Buyers:
    stocked_slot = np.full(len(e.slot_node), -1, np.int32)
    stocked_slot[parts.slots[: parts.own]] = np.arange(parts.own)
    more = np.arange(parts.own, len(parts.slots), dtype=np.int32)
    every = np.concatenate([np.arange(len(e.slot_node)), parts.slots[more]])
    part = np.concatenate([e.slot_node, parts.of[more]]).astype(np.int32)
    ptr, order = grouped(e.slot_market[every], len(e.market_ptr) - 1)
    return _Buyers(ptr, every[order], np.concatenate([stocked_slot, more])[order], part[order])


def _each(found: Sequence[Any]) -> Any:
    """[.., P] the arrays of all columns beside each other; one for all where they are alike."""
    alike = all(f is found[0] or np.array_equal(f, found[0]) for f in found[1:])
    return np.ascontiguousarray(np.stack(found[:1] if alike else found, axis=-1))


def _values(batch: Sequence[Column], parts: _Parted, buyers: _Buyers, kind: Kind) -> Values:
    same = all(c.system is batch[0].system for c in batch) and (parts.mass == parts.mass[:, :1]).all()
    used = dict(enumerate(batch[:1] if same else batch))
    nodes = batch[0].system.n_nodes

    def each(take: Callable[[Column, Floats], Any]) -> Any:
        found = [np.asarray(take(c, parts.mass[:, b]), np.float64) for b, c in used.items()]
        return _each(found).astype(kind)

    def node(c: Column, mass: Floats) -> Any:
        amounts = np.stack([c.system.x0, c.system.exports, c.system.finished])[:, parts.whole] * mass
        return np.vstack([amounts, c.system.leave_days[parts.whole], mass])

    def slot(c: Column, mass: Floats) -> Any:
        s = c.system
        essential = np.where(stocked(s), s.essential, -1.0)  # below zero: a flow in this column
        table = np.stack([s.need, s.import_share, s.days, essential, s.refill, s.power])
        found = _by_slot(c, table)[:, parts.slots]
        found[columns.NEED] *= mass[parts.of]
        return found

    def home(c: Column, mass: Floats) -> Any:  # of a node's flows; its parts have none
        return np.where(buyers.part < nodes, _by_slot(c, c.system.home_need)[buyers.slot], 0.0)

    def one(c: Column, mass: Floats) -> Any:
        s = c.system
        return [
            s.return_days, s.overproduction, s.overproduction_days, s.order_days, s.order_ceiling,
            s.demand_memory, s.release_days,
        ]  # fmt: skip

    return Values(
        node=each(node),
        slot=each(slot),
        home=each(home),
        final=each(lambda c, mass: c.system.final_need),
        share=each(lambda c, mass: c.system.share),
        purchases=each(lambda c, mass: c.system.purchases),
        one=each(one),
    )


def _by_slot(column: Column, values: Any) -> Any:
    """Values [.., S] in the system's numbering of slots, brought into the economy's."""
    out = np.empty_like(values)
    out[..., column.order] = values
    return out


def _sky(batch: Sequence[Column], parts: _Parted, months: Ints, kind: Kind) -> Sky:
    tables, rows = [], []
    for name in ("capacity", "demand", "exports", "imports", "corridors", "passage"):
        states = [getattr(c.weather, name) for c in batch]
        if name == "capacity":  # of a part that a column does not have nothing is asked
            states = [np.ascontiguousarray(s[:, parts.column[:, b]]) for b, s in enumerate(states)]
        table, row = _stacked(states, [getattr(c.weather, f"{name}_day") for c in batch])
        tables.append(table)
        rows.append(row)
    events = [_events(c, b, parts) for b, c in enumerate(batch)]
    day, slot, column, change = (np.concatenate(x) for x in zip(*events, strict=True))
    by_day = np.argsort(day, kind="stable")
    capacity, demand, exports, imports, corridors = (table.astype(kind) for table in tables[:-1])
    return Sky(
        capacity=capacity,
        demand=demand,
        exports=exports,
        imports=imports,
        corridors=corridors,
        passage=tables[-1].astype(np.uint8),
        row=np.stack(rows).astype(np.int32),
        month=np.asarray(months, np.int32),
        event_ptr=np.searchsorted(day[by_day], np.arange(len(months) + 1)).astype(np.int32),
        event_slot=slot[by_day].astype(np.int32),
        event_column=column[by_day].astype(np.int32),
        event_change=change[by_day].astype(kind),
    )


def _stacked(tables: Sequence[Floats], days: Sequence[Ints]) -> tuple[Floats, Ints]:
    """One table of all columns' states, each kept once, and the row of every day and column [T, B]."""
    place: dict[bytes, int] = {}
    kept: list[Floats] = []
    rows = np.empty((len(days[0]), len(days)), np.int32)
    for b, (table, day) in enumerate(zip(tables, days, strict=True)):
        where = np.empty(len(table), np.int32)
        for u, state in enumerate(table):
            where[u] = place.setdefault(state.tobytes(), len(kept))
            if where[u] == len(kept):
                kept.append(state)
        rows[:, b] = where[day]
    return np.stack(kept), rows


def _events(column: Column, b: int, parts: _Parted) -> tuple[Any, Any, Any, Any]:
    """Day, place among the stocked slots, column and change; each part has its share of what goes into a
    slot, and nothing goes into one that holds no stock here.
    """
    w = column.weather
    held = stocked(column.system)[w.stock_slot]
    event, slot = matches(parts.slots, column.order[w.stock_slot[held]])
    change = w.stock_change[held][event] * parts.mass[parts.of[slot], b]
    return w.stock_day[held][event], slot, np.full(len(slot), b), change


def _work(e: Economy, batch: Sequence[Column], values: Values, months: Ints, kind: Kind) -> Work:
    n, b, days = e.n, len(batch), len(months)
    slots = values.slot.shape[1]
    node = np.zeros((16, values.node.shape[1], b), kind)
    slot = np.zeros((6, slots, b), kind)
    node[columns.GOODS] = values.node[columns.FINISHED]
    node[columns.ATTRACT] = node[columns.ALPHA] = node[columns.FULFIL] = 1.0
    node[columns.EXPECTED] = node[columns.OUTPUT] = values.node[columns.X0]
    held = values.slot[columns.ESSENTIAL] >= 0
    need = values.slot[columns.NEED]
    slot[columns.STOCK] = np.where(held, values.slot[columns.DAYS] * need, 0.0)
    slot[columns.KITS], slot[columns.USABLE] = 1.0, need
    return Work(
        node=node,
        whole=np.zeros((9, n, b), kind),
        slot=slot,
        market=np.zeros((13, values.purchases.shape[0], b), kind),
        month=np.zeros((int(months.max()) + 1, n, b), kind),
        weight=_weights(e, batch).astype(kind),
        region=np.zeros((3, days, e.r, b), kind),
    )


def _weights(e: Economy, batch: Sequence[Column]) -> Floats:
    """[3, N, B or 1] value added of industry, of everything, and output."""
    added, made = _each([c.value_added for c in batch]), _each([c.system.x0 for c in batch])
    return np.stack(np.broadcast_arrays(added * e.is_industry[:, None], added, made))


# ---- on the processor --------------------------------------------------------------------------


def _inline(function: Function) -> Function:
    return compiled(function, inline="always")


_RULES = {f.__name__: _inline(f) for f in rules.ALL}
_RULES["make"] = _inline(rules.bound(columns.make, _RULES))
_arrive, _morning, _bid, _produce, _deliver, _shelve, _evening, _tally = (
    _inline(rules.bound(f, _RULES)) for f in columns.PHASES
)


def _days(g: Grid, v: Values, sky: Sky, work: Work) -> None:
    """All days of all columns, item by item, the columns of an item together."""
    nodes, width = work.whole.shape[1], work.whole.shape[2]
    markets, slots, regions = work.market.shape[1], work.slot.shape[1], work.region.shape[2]
    for t in range(len(sky.month)):
        _arrive(sky, work, t)
        for j in range(nodes):
            for b in range(width):
                _morning(g, v, sky, work, t, j, b)
        for m in range(markets):
            for b in range(width):
                _bid(g, v, sky, work, t, m, b)
        for j in range(nodes):
            for b in range(width):
                _produce(g, v, sky, work, t, j, b)
        for m in range(markets):
            for b in range(width):
                _deliver(g, v, sky, work, t, m, b)
        for i in range(slots):
            for b in range(width):
                _shelve(g, v, sky, work, t, i, b)
        for j in range(nodes):
            for b in range(width):
                _evening(g, v, sky, work, t, j, b)
        for r in range(regions):
            for b in range(width):
                _tally(g, work, t, r, b)


_run_days = compiled(_days)
