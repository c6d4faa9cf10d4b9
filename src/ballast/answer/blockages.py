"""The blockages: what to clear, ranked by what clearing each would save.

Candidates are the causes that held back most industrial value added in the do-nothing run (`causes`): a
plant, a road, a port, imports, or one slot. Each is cleared from the decision day on in a re-simulation,
first until the paths have come home, and the best once more to the end of the horizon; that gain is the
rank. A blockage is told through the customer with most at stake of those whose shortage it mostly is, link
by link, and with what is gained at the place it names and elsewhere: often a plant's own sales are most.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ballast import units
from ballast.answer.causes import Cause, Piece, Suspect, cleared, find, harbour
from ballast.answer.chains import (
    Shortfall,
    biting,
    chain,
    date_words,
    first_short,
    given,
    late,
    origin,
    port,
    short,
    shortfalls,
)
from ballast.answer.relief import passes_only, place_key
from ballast.arrays import Floats, standing
from ballast.propagate.bench import TRACE, Bench
from ballast.propagate.ensemble import workers
from ballast.propagate.run import Run
from ballast.response import Blockage, ChainLink
from ballast.text import Text
from ballast.threads import ThreadPoolExecutor

Money = Callable[[float], Text]
Done = Callable[[int], None]

CANDIDATES = 60
MOSTLY = 0.25  # of what a customer lacks: by less than this its shortage is not told
NEARLY = 0.9  # of a wider cause's gain: if a narrower one gives this much, the wider one is left out

WORDS = {
    "place": Text("{node}: back to work", "{node}：复工复产"),
    "both": Text("{node}: back to work, with passes", "{node}：复工并发放通行证"),
    "pass": Text("{node}: passes for its goods and supplies", "{node}：为其货物和原料发放通行证"),
    "road": Text("Road from {origin} to {destination}", "{origin}至{destination}运输"),
    "within": Text("Roads within {origin}", "{origin}境内运输"),
    "out": Text("Roads out of {origin}", "{origin}外运通道"),
    "into": Text("Roads into {destination}", "{destination}运入通道"),
    "imports": Text("Imports of {product}", "{product}进口"),
    "imports_into": Text("Imports of {product} into {destination}", "{destination}的{product}进口"),
    "imports_all": Text("All imports into {destination}", "{destination}全部进口"),
    "ports": Text("All ports", "全部港口"),
    "port": Text("{title}: exports and imports", "{title}：进出口"),
    "input": Text("{product} for {node}", "{node}所需{product}"),
    "saves": Text(
        "{title}: clearing it saves {saved}, {inside} there and {outside} elsewhere. {hit}",
        "{title}：疏通后可挽回{saved}，其中当地{inside}、其他{outside}。{hit}",
    ),
    "hit": Text(
        "Most at stake: {node}, short of {product} from {day}, for {days} days, at the worst with {level}% "
        "of its capacity; customers that wait: {customers}.",
        "涉及最大的客户是{node}：自{day}起缺{product}，共{days}天，产能最低剩{level}%；等料客户{customers}个。",
    ),
    "alone": Text(
        "No large shortage of a customer is behind it: what is gained is its own output and the orders "
        "that come and go with it.",
        "未发现客户因此大面积缺料：收益为其自身产出及随之恢复的订单。",
    ),
}


@dataclass(frozen=True, eq=False)
class Cleared:
    """A cause out of the way: what that saves in all, at each node, and the goods it takes."""

    suspect: Suspect
    saved: float
    gains: Floats  # [N]
    needs: float

    def inside(self, bench: Bench) -> float:
        """What is gained at the plant or slot's node, or in the regions that the cause names."""
        c, e = self.suspect.cause, bench.run.economy
        if c.kind == "place":
            return float(self.gains[c.node])
        if c.kind == "input":
            return float(self.gains[bench.run.system.slot_node[c.slot]])
        if c.kind == "port":
            regions = harbour(bench, c)
        else:
            region = c.origin if c.origin >= 0 else c.destination
            regions = np.arange(e.r) == region if region >= 0 else np.ones(e.r, bool)
        return float(self.gains[regions[e.node_region]].sum())

    def stakes(self, bench: Bench) -> list[tuple[Piece, float]]:
        """What each customer gains by each piece: its own gain, at most what the shortage held back."""
        node = bench.run.system.slot_node
        held = np.zeros(len(self.gains))
        for p in self.suspect.pieces:
            held[node[p.slot]] += p.held
        return [
            (p, min(p.held, float(self.gains[j]) * p.held / float(held[j])))
            for p in self.suspect.pieces
            if self.gains[j := node[p.slot]] > 0 and p.held > 0
        ]


def search(bench: Bench, most: int, alone: Mapping[int, float], done: Done) -> list[Cleared]:
    """The `most` causes whose clearing saves most, each simulated to the end of the horizon.

    `alone` holds the quick gains of single places that the relief search has simulated already.
    """
    suspects = find(bench, CANDIDATES)

    def quick(suspect: Suspect) -> float:
        known = alone.get(suspect.cause.node)
        value = _gain(bench, suspect, bench.home).saved if known is None else known
        done(1)
        return value

    with ThreadPoolExecutor(workers()) as pool:
        gains = list(pool.map(quick, suspects))
        best = _distinct(suspects, gains)[:most]
        last = bench.run.forcing.days
        found = list(pool.map(lambda s: _gain(bench, s, last), best))
    kinds = ("place", "port")  # their own output is reason enough
    told = [c for c in found if c.saved > 0 and (c.suspect.cause.kind in kinds or c.stakes(bench))]
    return [told[i] for i in np.argsort(standing([c.saved for c in told]), kind="stable")]


def _distinct(suspects: list[Suspect], gains: list[float]) -> list[Suspect]:
    """Best first, without those of which a narrower cause alone gives nearly all."""
    order = [i for i in np.argsort(standing(gains), kind="stable") if gains[i] > 0]
    return [
        suspects[i]
        for i in order
        if not any(
            suspects[i].cause.holds(suspects[j].cause) and gains[j] >= NEARLY * gains[i] for j in order
        )
    ]


def _gain(bench: Bench, suspect: Suspect, last: int) -> Cleared:
    plan, weather = cleared(bench, suspect.cause)
    record = bench.rerun(plan, last, weather)
    gains = bench.gains(record, last)
    return Cleared(suspect, float(gains.sum()), gains, float(record.injected.sum()))


def describe(bench: Bench, found: list[Cleared], money: Money) -> tuple[Blockage, ...]:
    """The blockages in words, each with the rank of the first that holds all of it."""
    out = []
    behind = [frozenset((p.slot, p.short.supplier) for p in c.suspect.pieces) for c in found]
    for rank, c in enumerate(found, 1):
        own, node = c.suspect.cause.node, bench.run.system.slot_node
        stakes = [(p, v) for p, v in c.stakes(bench) if node[p.slot] != own]
        told = _through(bench, c, stakes) if stakes else _itself(bench, c)
        inside = c.inside(bench)
        saves = WORDS["saves"].format(
            title=told.title, saved=money(c.saved), hit=told.words,
            inside=money(inside), outside=money(c.saved - inside),
        )  # fmt: skip
        wider = next((n for n in range(1, rank) if _within(found, behind, rank - 1, n - 1)), 0)
        out.append(replace(told, rank=rank, inside=inside, part_of=wider, words=saves))
    return tuple(out)


def _within(found: list[Cleared], behind: list[frozenset[tuple[int, int]]], one: int, other: int) -> bool:
    """Whether blockage `other` clears all that `one` does: an end left open, or all its shortages."""
    cause, wider = found[one].suspect.cause, found[other].suspect.cause
    pieces = cause.kind in ("imports", "input", "roads") and behind[one] and behind[one] <= behind[other]
    return wider.holds(cause) or bool(pieces)


def _through(bench: Bench, c: Cleared, stakes: list[tuple[Piece, float]]) -> Blockage:
    """The blockage as the customer with most at stake lived it, on days when this was behind it."""
    mostly = [x for x in stakes if x[0].part >= MOSTLY - TRACE] or stakes
    piece = mostly[int(np.argmin(standing([value for _, value in mostly])))][0]
    run, cause, slot = bench.run, c.suspect.cause, piece.slot
    e, s = run.economy, run.system
    j, k = int(s.slot_node[slot]), int(s.slot_product[slot])
    behind_hand = late(short(given(run, slot, piece.short.supplier))) if cause.kind != "input" else None
    first, days, level = bites(run, slot, _since(bench, cause, piece), behind_hand)
    date = run.dates[first].date()
    behind = shortfalls(run, slot, first - 1, first) or [piece.short]
    if cause.kind != "input":
        behind = [next((x for x in behind if x.supplier == piece.short.supplier), piece.short)]
    links = _links(bench, cause, slot, first, behind)
    customers = len({int(s.slot_node[p.slot]) for p, _ in stakes})
    hit = WORDS["hit"].format(
        node=e.node_name(j), product=e.sectors[k].makes, day=date_words(date), days=days,
        level=units.left(level), customers=customers,
    )  # fmt: skip
    supplier = behind[0].supplier
    return Blockage(
        id=identity(bench, cause), rank=0, kind=cause.kind, title=title(bench, cause),
        node=j, product=k, first_day=date, days=days, worst_level=level, supplier=supplier,
        supplier_region=int(e.node_region[supplier]) if supplier >= 0 else -1,
        through_corridor=len(links) > 1 and links[1].cause == "corridor",
        region_from=cause.origin, region_to=cause.destination, customers=customers,
        saved=c.saved, inside=0.0, part_of=0, needs=c.needs, chain=links, words=hit,
    )  # fmt: skip


def _since(bench: Bench, cause: Cause, piece: Piece) -> int:
    """The day from which the cause is behind the slot's shortage; it may have been short before."""
    if cause.kind == "input":
        return 0
    run, slot = bench.run, piece.slot
    since = first_short(run, slot, piece.short.supplier, bites(run, slot)[0])
    if cause.kind == "place" and not passes_only(bench, cause.node):
        since = max(since, (origin(run, cause.node, bench.day)[0].day - run.forcing.start).days)
    return since


def _links(
    bench: Bench, cause: Cause, slot: int, first: int, behind: list[Shortfall]
) -> tuple[ChainLink, ...]:
    """The chain from the slot back to the cause: it leads to what is cleared, whatever else was amiss."""
    run = bench.run
    if cause.kind == "place" and not (passes_only(bench, cause.node) and behind[0].through < 1 - TRACE):
        return (*chain(run, slot, first, []), origin(run, cause.node, bench.day)[0])
    return chain(run, slot, first, behind, None if cause.kind == "input" else True)


def _itself(bench: Bench, c: Cleared) -> Blockage:
    """A place or a port for which no customer waits: what was imposed on it is the whole story."""
    run, cause = bench.run, c.suspect.cause
    if cause.kind == "port":
        regions = harbour(bench, cause)
        link, path = port(run, _port(bench, cause), regions, bench.day)
        there = np.flatnonzero(regions[run.economy.node_region])
        j = int(there[np.lexsort((run.economy.node_rank[there], standing(c.gains[there])))[0]])
    else:
        j = cause.node
        link, path = origin(run, j, bench.day)
    first = (link.day - run.forcing.start).days
    return Blockage(
        id=identity(bench, cause), rank=0, kind=cause.kind, title=title(bench, cause),
        node=j, product=-1, first_day=link.day, days=int(short(path[first:]).sum()),
        worst_level=link.level, supplier=j,
        supplier_region=int(run.economy.node_region[j]), through_corridor=link.cause == "corridor",
        region_from=-1, region_to=-1, customers=0, saved=c.saved, inside=0.0, part_of=0, needs=c.needs,
        chain=(link,), words=WORDS["alone"],
    )  # fmt: skip


def bites(
    run: Run, slot: int, since: int = 0, among: NDArray[np.bool_] | None = None
) -> tuple[int, int, float]:
    """The first day from `since` on which a slot bites, on how many it does, and the least it leaves.

    `among` [T] keeps to days on which one supplier was behind it, where there are such.
    """
    r, j = run.record, int(run.system.slot_node[slot])
    held = biting(run, slot)
    if among is not None and (held & among).any():
        held = held & among
    days = np.flatnonzero(held if held.any() else r.binding[:, j] == slot)
    later = days[days >= since]
    days = later if len(later) else days
    return int(days[0]), len(days), float(r.limit[days, j].min())


def _port(bench: Bench, cause: Cause) -> Text:
    return bench.plot.shocks[cause.shock].title if cause.shock >= 0 else WORDS["ports"]


def identity(bench: Bench, cause: Cause) -> str:
    """What a cause clears, in codes of the book; `*` is every one. Draws and seed have no part in it.

    place N.parts    roads W > C    imports parts > *    port yantian    input N.vehicles: parts
    """
    e, s, c = bench.run.economy, bench.run.system, cause
    into = e.regions[c.destination].code if c.destination >= 0 else "*"
    if c.kind == "place":
        return f"place {e.node_codes[c.node]}"
    if c.kind == "input":
        product = e.sectors[s.slot_product[c.slot]].code
        return f"input {e.node_codes[s.slot_node[c.slot]]}: {product}"
    if c.kind == "port":
        return f"port {bench.plot.shocks[c.shock].name if c.shock >= 0 else '*'}"
    if c.kind == "imports":
        return f"imports {e.sectors[c.product].code if c.product >= 0 else '*'} > {into}"
    return f"roads {e.regions[c.origin].code if c.origin >= 0 else '*'} > {into}"


def title(bench: Bench, cause: Cause) -> Text:
    """A cause in a few words."""
    run = bench.run
    e, s = run.economy, run.system
    if cause.kind == "place":
        return WORDS[place_key(bench, cause.node)].format(node=e.node_name(cause.node))
    if cause.kind == "port":
        return WORDS["port"].format(title=_port(bench, cause))
    if cause.kind == "input":
        j, k = int(s.slot_node[cause.slot]), int(s.slot_product[cause.slot])
        return WORDS["input"].format(node=e.node_name(j), product=e.sectors[k].makes)
    o, d, k = cause.origin, cause.destination, cause.product
    if cause.kind == "imports":
        key = "imports" if d < 0 else "imports_all" if k < 0 else "imports_into"
    else:
        key = "into" if o < 0 else "out" if d < 0 else "within" if o == d else "road"
    blank = Text("", "")
    return WORDS[key].format(
        origin=e.regions[o].name if o >= 0 else blank,
        destination=e.regions[d].name if d >= 0 else blank,
        product=e.sectors[k].makes if k >= 0 else blank,
    )
