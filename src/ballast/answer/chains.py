"""Why a node stopped, in links: the slot that ran out, the supplier and the corridor behind it.

`shortfalls` finds who did not deliver to a slot; `chain` follows the worst of them from node to node
until it meets a shock, a closed corridor, the world abroad, or itself. Words in both languages are made
here, so that a chain reads the same in the report, in Word and on the terminal.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballast import units
from ballast.arrays import Floats, standing
from ballast.propagate.bench import TRACE
from ballast.propagate.run import Run
from ballast.propagate.step.system import Weather
from ballast.response import ChainLink
from ballast.text import Text

LONGEST = 6  # links; a chain that goes on is cut there
SHORT = 0.98  # where more than the rest is missing at the worst, days on which less is missing do not count

WORDS = {
    "shock": Text(
        "{node} was shut in part from {day}, at the worst with {level}% of its capacity left",
        "{node}自{day}起受冲击，产能最低仅剩{level}%",
    ),
    "input": Text(
        "{node} ran short of {product} on {day}, at the worst with {level}% of its capacity",
        "{node}自{day}起缺{product}，产能最低剩{level}%",
    ),
    "corridor": Text(
        "from {day} at the worst {level}% of the {product} from {origin} to {destination} could travel",
        "自{day}起，从{origin}运往{destination}的{product}最低仅能通行{level}%",
    ),
    "imports": Text(
        "imports of {product} fell to {level}% from {day}",
        "自{day}起，进口{product}最低降至{level}%",
    ),
    "port": Text(
        "{title}: from {day} at the worst {level}% of the exports and imports of {destination} got through",
        "{title}：自{day}起，{destination}进出口最低仅能通过{level}%",
    ),
    "demand": Text(
        "{node} had lost its orders by {day}",
        "{node}至{day}已失去订单",
    ),
}


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One supplier of one slot: how much of what is normally bought did not come, a day."""

    supplier: int  # node, -1 abroad
    value: float  # book unit a day
    share: float  # of the slot's normal purchases
    able: float  # mean share of its orders that the supplier filled, or of its normal output it could make
    through: float  # mean share its corridor let through

    @property
    def by_road(self) -> bool:
        """Whether the corridor held up more than the supplier did."""
        return self.through < self.able - TRACE


def shortfalls(run: Run, slot: int, first: int, last: int) -> list[Shortfall]:
    """Who did not deliver to `slot` between days first..last (inclusive), largest first."""
    s, w = run.system, run.weather
    m, mu, need = s.slot_market[slot], s.import_share[slot], s.need[slot]
    days = np.arange(max(0, first), last + 1)
    r, out = run.record, []
    for e in range(s.market_ptr[m], s.market_ptr[m + 1]):
        i = int(s.supplier[e])
        filled = r.rho[days, i]
        could = np.minimum(1.0, r.capacity[days, i] / max(s.x0[i], 1e-300)) * r.limit[days, i]
        through = np.ones(len(days))
        if s.corridor[e] >= 0:
            through = _let_through(w, int(s.corridor[e]), i)[days]
        missing = float(np.mean(1 - filled * through))
        share = float(s.share[e] * (1 - mu))
        if share * missing > 1e-6:
            able = float(min(filled.mean(), could.mean()))
            out.append(Shortfall(i, need * share * missing, share, able, float(through.mean())))
    foreign = np.minimum(1.0, w.imports[w.imports_day[days], s.slot_foreign[slot]])
    if mu * float(np.mean(1 - foreign)) > 1e-6:
        missing = float(np.mean(1 - foreign))
        out.append(Shortfall(-1, need * mu * missing, float(mu), 1.0 - missing, 1.0))
    rank = np.array([run.economy.node_rank[x.supplier] if x.supplier >= 0 else -1 for x in out])
    return [out[n] for n in np.lexsort((rank, standing([x.value for x in out])))]


def first_short(run: Run, slot: int, supplier: int, day: int) -> int:
    """The first day from `day` - 1 on at which `supplier` (-1 abroad) did not deliver to `slot` in full."""
    start = max(0, day - 1)
    days = np.flatnonzero(short(given(run, slot, supplier))[start:])
    return start + int(days[0]) if len(days) else day


def given(run: Run, slot: int, supplier: int) -> Floats:
    """[T] the share of its normal deliveries to `slot` that `supplier` (-1 abroad) made."""
    if supplier < 0:
        s, w = run.system, run.weather
        abroad: Floats = w.imports[w.imports_day, s.slot_foreign[slot]]
        return abroad
    made: Floats = run.record.rho[:, supplier] * through(run, slot, supplier)
    return made


def short(path: Floats) -> NDArray[np.bool_]:
    """[T] the days on which a path of shares is short: more than a fiftieth is missing, or more than half
    of the most that ever is where that is less. So a mild shock has days too, and noise beside a large one
    has none.
    """
    most = 1.0 - float(path.min(initial=1.0))
    if most <= TRACE:
        return np.zeros(len(path), bool)
    days: NDArray[np.bool_] = path < 1.0 - min(1.0 - SHORT, most / 2)
    return days


def biting(run: Run, slot: int) -> NDArray[np.bool_]:
    """[T] the days on which a slot is its node's tightest and leaves it short of capacity."""
    j = run.system.slot_node[slot]
    return short(np.where(run.record.binding[:, j] == slot, run.record.limit[:, j], 1.0))


def struck(path: Floats, t: int) -> tuple[int, float]:
    """First day and lowest value of the spell in which an imposed path [T] is short on day t, or last was,
    or, where it never was before, will be next.

    The spell is judged among the days around it on which anything is missing: what comes later, and is
    worse, does not make it vanish.
    """
    missing = path < 1.0 - TRACE
    if not missing[: t + 1].any() and missing.any():
        t = int(np.argmax(missing))
    begin, end = spell(missing, t)
    around = path[begin : end + 1]
    days, at = short(around), min(t, end) - begin
    if not days[: at + 1].any():  # so far only its mild beginning
        around = around[: at + 1]
        days = short(around)
    first, last = spell(days, at)
    return begin + first, float(around[first : last + 1].min())


def late(short: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """[T] days on which something is missing that was short that day or the day before."""
    missing: NDArray[np.bool_] = short | np.concatenate([[False], short[:-1]])
    return missing


def through(run: Run, slot: int, supplier: int) -> Floats:
    """[T] the share of the supplier's normal flow to `slot` that its corridor lets through."""
    s, w = run.system, run.weather
    m = s.slot_market[slot]
    entries = np.arange(s.market_ptr[m], s.market_ptr[m + 1])
    corridor = s.corridor[entries[s.supplier[entries] == supplier][0]]
    return np.ones(len(w.corridors_day)) if corridor < 0 else _let_through(w, int(corridor), supplier)


def _let_through(w: Weather, corridor: int, supplier: int) -> Floats:
    """[T] the share of a supplier's normal flow that a corridor lets through: all where it has a pass."""
    path = np.minimum(1.0, w.corridors[w.corridors_day, corridor])
    return np.where(w.passage[w.passage_day, supplier] == 1, 1.0, path)


def chain(
    run: Run, slot: int, day: int, behind: list[Shortfall], by_road: bool | None = None
) -> tuple[ChainLink, ...]:
    """From the stopped node back to the root: its slot, the worst of `behind`, and so on.

    `by_road` settles whether the first of `behind` was held up on the way; without it the larger part does.
    """
    links: list[ChainLink] = []
    seen: set[int] = set()
    t = day
    while len(links) < LONGEST:
        j = int(run.system.slot_node[slot])
        seen.add(j)
        links.append(_input(run, slot, j, t))
        suspects = behind if len(links) == 1 else shortfalls(run, slot, t - 1, t)
        worst = next((x for x in suspects if x.supplier not in seen), None)
        if worst is None:
            break
        t = max(t, first_short(run, slot, worst.supplier, t))
        if worst.supplier < 0:
            links.append(_imports(run, slot, j, t))
            break
        held_up = worst.by_road if by_road is None else by_road
        if held_up:
            links.append(_corridor(run, slot, worst.supplier, j, t))
            break
        by_road = None
        i, t = worst.supplier, _onset(run, worst.supplier, t)
        cause, binding = run.cause(i, t)
        if cause != "input":
            links.append(_root(run, i, cause, t))
            break
        slot = binding
    return tuple(links)


def origin(run: Run, i: int, day: int) -> tuple[ChainLink, Floats]:
    """What was imposed on node i from `day` on, and its path [T], the share that is left.

    Its lost capacity, the closed roads for what it sells or those for what it buys, whichever cost most; of
    the roads the dearest one. What does not travel by road has no use for them.
    """
    steps = run.forcing.capacity
    own: Floats = np.minimum(1.0, steps.table[steps.index, i])
    lost = float((1.0 - own[day:]).sum() * run.system.x0[i])
    roads = [r for r in (_roads_out(run, i, day), _roads_in(run, i, day)) if r.money > lost]
    if not roads:
        days = np.flatnonzero(short(own[day:]))
        return _root(run, i, "shock", day + int(days[0]) if len(days) else day), own
    road, w, e = max(roads, key=lambda r: r.money), run.weather, run.economy
    path: Floats = np.minimum(1.0, w.corridors[w.corridors_day, road.dearest])
    first, level = struck(path, day + int(np.argmax(short(path[day:]))))
    o, d = divmod(road.dearest % (e.r * e.r), e.r)
    return _link(run, "corridor", i, first, road.product, level, o, d), path


@dataclass(frozen=True, slots=True)
class _Roads:
    """The closed roads of a node, one way: money held up on all of them, the dearest, what goes there."""

    money: float = 0.0
    dearest: int = -1  # corridor
    product: int = -1


def _roads_out(run: Run, i: int, day: int) -> _Roads:
    s = run.system
    entries = np.flatnonzero(s.supplier == i)
    market = np.searchsorted(s.market_ptr, entries, side="right") - 1
    product = np.full(len(entries), s.product[i])
    return _held_up(run, i, day, entries, s.share[entries] * s.purchases[market], product)


def _roads_in(run: Run, i: int, day: int) -> _Roads:
    s = run.system
    slots = np.flatnonzero(s.slot_node == i)
    begin, end = s.market_ptr[s.slot_market[slots]], s.market_ptr[s.slot_market[slots] + 1]
    entries = np.concatenate(
        [np.arange(a, b) for a, b in zip(begin, end, strict=True)] or [np.zeros(0, int)]
    )
    home = np.repeat(s.need[slots] * (1.0 - s.import_share[slots]), end - begin)
    return _held_up(
        run, i, day, entries, s.share[entries] * home, np.repeat(s.slot_product[slots], end - begin)
    )


def _held_up(run: Run, i: int, day: int, entries: Any, money: Floats, product: Any) -> _Roads:
    """The roads of these market entries, over which `money` goes a day."""
    s, w, e = run.system, run.weather, run.economy
    by_road = s.corridor[entries] >= 0
    if not by_road.any() or not e.sectors[e.node_sector[i]].goods:
        return _Roads()
    entries, money, product = entries[by_road], money[by_road], product[by_road]
    missing = (1.0 - np.minimum(1.0, w.corridors[w.corridors_day[day:]])).sum(axis=0)[s.corridor[entries]]
    lost = missing * money
    if not lost.sum() > 0:
        return _Roads()
    dearest = int(np.argmin(standing(np.bincount(s.corridor[entries], lost))))
    at = np.flatnonzero(s.corridor[entries] == dearest)
    return _Roads(float(lost.sum()), dearest, int(product[at[np.argmax(lost[at])]]))


def port(run: Run, title: Text, regions: NDArray[np.bool_], day: int) -> tuple[ChainLink, Floats]:
    """The link of a port that holds up the trade of `regions`, and the least that gets through, [T]."""
    e, w = run.economy, run.weather
    into = np.flatnonzero((regions[:, None] & np.array([s.goods for s in e.sectors])).ravel())
    out = np.flatnonzero(regions[e.node_region] & (run.system.exports > 0))
    path = np.minimum(w.imports[w.imports_day][:, into].min(axis=1), 1.0)
    if len(out):
        path = np.minimum(path, w.exports[w.exports_day][:, out].min(axis=1))
    days = np.flatnonzero(short(path[day:]))
    first, level = struck(path, day + int(days[0]) if len(days) else day)
    region = int(np.argmax(regions))
    names = [e.regions[r].name for r in np.flatnonzero(regions)]
    where = Text(", ".join(n.en for n in names), "、".join(n.zh for n in names))
    date = run.dates[first].date()
    words = WORDS["port"].format(
        title=title, day=date_words(date), level=units.left(level), destination=where
    )
    return ChainLink(-1, "port", date, -1, level, -1, region, words), path


def _onset(run: Run, i: int, t: int) -> int:
    """The first day of the spell of short delivery of node i that is still on at day t."""
    return spell(short(run.record.rho[:, i]), t)[0]


def _input(run: Run, slot: int, j: int, t: int) -> ChainLink:
    product = int(run.system.slot_product[slot])
    left = np.where(run.record.binding[:, j] == slot, run.record.limit[:, j], 1.0)
    level = float(left[t:].min())
    return _link(run, "input", j, t, product, level, -1, int(run.economy.node_region[j]))


def _root(run: Run, i: int, cause: str, t: int) -> ChainLink:
    kind = "shock" if cause == "shock" else "demand"
    steps = run.forcing.capacity
    path = steps.table[steps.index, i] if kind == "shock" else run.level[:, i]
    first, level = struck(path, t)
    region = int(run.economy.node_region[i])
    return _link(run, kind, i, first if kind == "shock" else t, -1, level, region, region)


def _corridor(run: Run, slot: int, i: int, j: int, t: int) -> ChainLink:
    """The closure that holds supplier i's goods for `slot` on day t."""
    e, s = run.economy, run.system
    passing = through(run, slot, i)
    first, level = struck(passing, t)
    origin, destination = int(e.node_region[i]), int(e.node_region[j])
    return _link(run, "corridor", i, first, int(s.slot_product[slot]), level, origin, destination)


def _imports(run: Run, slot: int, j: int, t: int) -> ChainLink:
    product = int(run.system.slot_product[slot])
    region = int(run.economy.node_region[j])
    supply = run.weather.imports[run.weather.imports_day, run.system.slot_foreign[slot]]
    first, level = struck(np.minimum(1.0, supply), t)
    return _link(run, "imports", j, first, product, level, -1, region)


def spell(flags: NDArray[np.bool_], t: int) -> tuple[int, int]:
    """First and last day of the run of True on at day t, or the last one before it; t, t if none."""
    before = np.flatnonzero(flags[: t + 1])
    if len(before) == 0:
        return t, t
    last = int(before[-1])
    gaps = np.flatnonzero(~flags)
    first = int(gaps[gaps < last].max(initial=-1)) + 1
    return first, int(gaps[gaps > last].min(initial=len(flags))) - 1


def _link(
    run: Run, cause: str, node: int, t: int, product: int, level: float, origin: int, destination: int
) -> ChainLink:
    e, day = run.economy, run.dates[t].date()
    blank = Text("", "")
    words = WORDS[cause].format(
        node=e.node_name(node),
        product=e.sectors[product].makes if product >= 0 else blank,
        origin=e.regions[origin].name if origin >= 0 else blank,
        destination=e.regions[destination].name if destination >= 0 else blank,
        day=date_words(day),
        level=units.left(level),
    )
    return ChainLink(node, cause, day, product, level, origin, destination, words)


def date_words(day: dt.date) -> Text:
    """A date in both languages: 4 April, 4月4日."""
    return Text(units.day(day, "en", year=False), units.day(day, "zh", year=False))
