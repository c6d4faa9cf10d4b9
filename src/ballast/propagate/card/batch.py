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

from ballast.arrays import Floats, Ints, Kind, sizes
from ballast.compiled import Function, compiled, need
from ballast.economy import Economy
from ballast.errors import SimulationError
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

    system: System
    order: Ints
    weather: Weather
    value_added: Floats  # [N] what its nodes weigh: a draw of the book has its own

    @classmethod
    def of(cls, run: Run) -> Column:
        """The column of a prepared run."""
        return cls(run.system, run.slot_order, run.weather, run.economy.total_value_added)


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
    slots = slots[
        np.argsort(economy.slot_node[slots], kind="stable")
    ]  # an economy's slots may lie in any order
    values = _values(batch, slots, kind)
    grid = _grid(economy, batch, slots)
    sky, work = _sky(batch, slots, months, kind), _work(economy, batch, values, months, kind)
    found: dict[str, int] = {"B": len(batch), "T": len(months), "K": economy.k}
    for group in (grid, values, sky, work):
        found = sizes(group, found)
    return grid, values, sky, work


def _grid(e: Economy, batch: Sequence[Column], slots: NDArray[np.intp]) -> Grid:
    column, s = batch[0], batch[0].system
    foreign = np.empty_like(s.slot_foreign)
    foreign[column.order] = s.slot_foreign
    markets, market_of_entry = len(s.purchases), entry_market(s)
    bid_ptr, buyer = grouped(e.slot_market, markets)
    stocked_slot = np.full(len(e.slot_node), -1, np.int32)
    stocked_slot[slots] = np.arange(len(slots))
    final_ptr, final_line = grouped(s.final_market, markets)
    sale_ptr, sale_entry = grouped(s.supplier, len(s.x0))
    member_ptr, member = grouped(s.node_region, s.n_regions)
    return Grid(
        slot_ptr=np.searchsorted(e.slot_node[slots], np.arange(len(s.x0) + 1)).astype(np.int32),
        slot_node=e.slot_node[slots].astype(np.int32),
        slot_market=e.slot_market[slots].astype(np.int32),
        slot_foreign=foreign[slots],
        bid_ptr=bid_ptr,
        bid_slot=stocked_slot[buyer],
        bid_node=e.slot_node[buyer].astype(np.int32),
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


def _each(found: Sequence[Any]) -> Any:
    """[.., P] the arrays of all columns beside each other; one for all where they are alike."""
    alike = all(f is found[0] or np.array_equal(f, found[0]) for f in found[1:])
    return np.ascontiguousarray(np.stack(found[:1] if alike else found, axis=-1))


def _values(batch: Sequence[Column], slots: NDArray[np.intp], kind: Kind) -> Values:
    same = all(c.system is batch[0].system for c in batch)
    used = batch[:1] if same else batch
    buyer = np.argsort(_by_slot(batch[0], batch[0].system.slot_market), kind="stable")

    def each(take: Callable[[Column], Any]) -> Any:
        return _each([np.asarray(take(c), np.float64) for c in used]).astype(kind)

    def slot(c: Column) -> Any:
        s = c.system
        essential = np.where(stocked(s), s.essential, -1.0)  # below zero: a flow in this column
        table = np.stack([s.need, s.import_share, s.days, essential, s.refill, s.power])
        return _by_slot(c, table)[:, slots]

    def one(c: Column) -> Any:
        s = c.system
        return [
            s.return_days, s.overproduction, s.overproduction_days, s.order_days, s.order_ceiling,
            s.demand_memory, s.release_days,
        ]  # fmt: skip

    return Values(
        node=each(
            lambda c: np.stack([c.system.x0, c.system.exports, c.system.finished, c.system.leave_days])
        ),
        slot=each(slot),
        home=each(lambda c: _by_slot(c, c.system.home_need)[buyer]),
        final=each(lambda c: c.system.final_need),
        share=each(lambda c: c.system.share),
        purchases=each(lambda c: c.system.purchases),
        one=each(one),
    )


def _by_slot(column: Column, values: Any) -> Any:
    """Values [.., S] in the system's numbering of slots, brought into the economy's."""
    out = np.empty_like(values)
    out[..., column.order] = values
    return out


def _sky(batch: Sequence[Column], slots: NDArray[np.intp], months: Ints, kind: Kind) -> Sky:
    tables, rows = [], []
    for name in ("capacity", "demand", "exports", "imports", "corridors", "passage"):
        table, row = _stacked([getattr(c.weather, name) for c in batch], [
            getattr(c.weather, f"{name}_day") for c in batch
        ])  # fmt: skip
        tables.append(table)
        rows.append(row)
    events = [_events(c, b, slots) for b, c in enumerate(batch)]
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


def _events(column: Column, b: int, slots: NDArray[np.intp]) -> tuple[Any, Any, Any, Any]:
    """Day, place among `slots`, column and change; nothing goes into a slot that holds no stock here."""
    w = column.weather
    held = stocked(column.system)[w.stock_slot]
    place = np.empty(len(column.order), np.int64)
    place[slots] = np.arange(len(slots))
    slot = place[column.order[w.stock_slot[held]]]
    return w.stock_day[held], slot, np.full(len(slot), b), w.stock_change[held]


def _work(e: Economy, batch: Sequence[Column], values: Values, months: Ints, kind: Kind) -> Work:
    n, b, days = e.n, len(batch), len(months)
    slots = values.slot.shape[1]
    node = np.zeros((17, n, b), kind)
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
_arrive, _morning, _bid, _produce, _deliver, _shelve, _evening, _tally = (
    _inline(rules.bound(f, _RULES)) for f in columns.PHASES
)


def _days(g: Grid, v: Values, sky: Sky, work: Work) -> None:
    """All days of all columns, item by item, the columns of an item together."""
    nodes, width = work.node.shape[1], work.node.shape[2]
    markets, slots, regions = work.market.shape[1], work.slot.shape[1], work.region.shape[2]
    for t in range(len(sky.month)):
        _arrive(sky, work, t)
        for j in range(nodes):
            for b in range(width):
                _morning(v, sky, work, t, j, b)
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
                _evening(v, sky, work, t, j, b)
        for r in range(regions):
            for b in range(width):
                _tally(g, v, work, t, r, b)


_run_days = compiled(_days)
