"""The blockages: what to clear, ranked by what clearing each would save.

Candidates are the causes that held back most industrial value added in the do-nothing run (`causes`): a
plant, a road, imports, or one slot. Each is cleared from the decision day on in a re-simulation, first
until the paths have come home, and the best once more to the end of the horizon; that gain is the rank.
A blockage is told through the customer that gains most by it, link by link.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ballast.propagate.ensemble import workers
from ballast.propagate.run import Run
from ballast.respond.bench import Bench
from ballast.respond.causes import BITES, Cause, Piece, Suspect, cleared, find
from ballast.respond.chains import Shortfall, chain, date_words, first_short, origin, shortfalls
from ballast.respond.relief import passes_only
from ballast.response import Blockage, ChainLink
from ballast.text import Text

Floats = NDArray[np.float64]
Money = Callable[[float], Text]
Done = Callable[[int], None]

CANDIDATES = 60
NEARLY = 0.9  # of a wider cause's gain: if a narrower one gives this much, the wider one is left out

WORDS = {
    "place": Text("{node}: back to work, with passes", "{node}：复工并发放通行证"),
    "pass": Text("{node}: passes for its goods and supplies", "{node}：为其货物和原料发放通行证"),
    "road": Text("Road from {origin} to {destination}", "{origin}至{destination}运输"),
    "within": Text("Roads within {origin}", "{origin}境内运输"),
    "out": Text("Roads out of {origin}", "{origin}外运通道"),
    "into": Text("Roads into {destination}", "{destination}运入通道"),
    "imports": Text("Imports of {product}", "{product}进口"),
    "imports_into": Text("Imports of {product} into {destination}", "{destination}的{product}进口"),
    "imports_all": Text("All imports into {destination}", "{destination}全部进口"),
    "input": Text("{product} for {node}", "{node}所需{product}"),
    "saves": Text(
        "{title}: clearing it saves {saved}. {hit}",
        "{title}：疏通后可挽回{saved}。{hit}",
    ),
    "hit": Text(
        "Gains most: {node}, short of {product} from {day}, for {days} days, at the worst with {level}% of "
        "its capacity; customers that gain: {customers}.",
        "受益最大的是{node}：自{day}起缺{product}，共{days}天，产能最低剩{level}%；受益客户{customers}个。",
    ),
    "alone": Text("No customer waits for its goods.", "暂无客户因此等料。"),
}


@dataclass(frozen=True, eq=False)
class Cleared:
    """A cause out of the way: what that saves in all, at each node, and the goods it takes."""

    suspect: Suspect
    saved: float
    gains: Floats  # [N]
    needs: float

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
    told = [c for c in found if c.saved > 0 and (c.suspect.cause.kind == "place" or c.stakes(bench))]
    return sorted(told, key=lambda c: -c.saved)


def _distinct(suspects: list[Suspect], gains: list[float]) -> list[Suspect]:
    """Best first, without those of which a narrower cause alone gives nearly all."""
    order = [i for i in np.argsort(-np.array(gains), kind="stable") if gains[i] > 0]
    return [
        suspects[i]
        for i in order
        if not any(
            suspects[i].cause.holds(suspects[j].cause) and gains[j] >= NEARLY * gains[i] for j in order
        )
    ]


def _gain(bench: Bench, suspect: Suspect, last: int) -> Cleared:
    helped, weather = cleared(bench, suspect.cause)
    record = bench.rerun(helped, last, weather)
    gains = bench.gains(record, last)
    return Cleared(suspect, float(gains.sum()), gains, float(record.injected.sum()))


def describe(bench: Bench, found: list[Cleared], money: Money) -> tuple[Blockage, ...]:
    """The blockages in words, told through the customer that gains most."""
    out = []
    for rank, c in enumerate(found, 1):
        own, node = c.suspect.cause.node, bench.run.system.slot_node
        stakes = [(p, v) for p, v in c.stakes(bench) if node[p.slot] != own]
        told = _through(bench, c, stakes) if stakes else _itself(bench, c)
        saves = WORDS["saves"].format(title=told.title, saved=money(c.saved), hit=told.words)
        out.append(replace(told, rank=rank, words=saves))
    return tuple(out)


def _through(bench: Bench, c: Cleared, stakes: list[tuple[Piece, float]]) -> Blockage:
    """The blockage as the customer with most at stake lived it."""
    piece = max(stakes, key=lambda x: x[1])[0]
    run, cause, slot = bench.run, c.suspect.cause, piece.slot
    e, s = run.economy, run.system
    j, k = int(s.slot_node[slot]), int(s.slot_product[slot])
    first, days, level = bites(run, slot, _since(bench, cause, piece))
    date = run.dates[first].date()
    behind = shortfalls(run, slot, first - 1, first) or [piece.short]
    if cause.kind != "input":
        behind = [next((x for x in behind if x.supplier == piece.short.supplier), piece.short)]
    links = _links(bench, cause, slot, first, behind)
    customers = len({int(s.slot_node[p.slot]) for p, _ in stakes})
    hit = WORDS["hit"].format(
        node=e.node_name(j), product=e.sectors[k].name, day=date_words(date), days=days,
        level=f"{100 * level:.0f}", customers=customers,
    )  # fmt: skip
    supplier = behind[0].supplier
    return Blockage(
        rank=0, kind=cause.kind, title=title(bench, cause), node=j, product=k, first_day=date, days=days,
        worst_level=level, supplier=supplier,
        supplier_region=int(e.node_region[supplier]) if supplier >= 0 else -1,
        through_corridor=len(links) > 1 and links[1].cause == "corridor",
        region_from=cause.origin, region_to=cause.destination, customers=customers,
        saved=c.saved, needs=c.needs, chain=links, words=hit,
    )  # fmt: skip


def _since(bench: Bench, cause: Cause, piece: Piece) -> int:
    """The day from which the cause is behind the slot's shortage; it may have been short before."""
    if cause.kind == "input":
        return 0
    run, slot = bench.run, piece.slot
    since = first_short(run, slot, piece.short.supplier, bites(run, slot)[0])
    if cause.kind == "place" and not passes_only(bench, cause.node):
        since = max(since, (origin(run, cause.node, bench.day).day - run.forcing.start).days)
    return since


def _links(
    bench: Bench, cause: Cause, slot: int, first: int, behind: list[Shortfall]
) -> tuple[ChainLink, ...]:
    """The chain from the slot back to the cause: it leads to what is cleared, whatever else was amiss."""
    run = bench.run
    if cause.kind == "place" and not passes_only(bench, cause.node):
        return (*chain(run, slot, first, []), origin(run, cause.node, bench.day))
    return chain(run, slot, first, behind, None if cause.kind == "input" else True)


def _itself(bench: Bench, c: Cleared) -> Blockage:
    """A place for whose goods nobody waits: what was imposed on it is the whole story."""
    run, j = bench.run, c.suspect.cause.node
    link = origin(run, j, bench.day)
    path = run.level[:, j]
    region = int(run.economy.node_region[j])
    return Blockage(
        rank=0, kind="place", title=title(bench, c.suspect.cause), node=j, product=-1, first_day=link.day,
        days=int((path < BITES).sum()), worst_level=float(path.min()), supplier=j, supplier_region=region,
        through_corridor=link.cause == "corridor", region_from=-1, region_to=-1, customers=0,
        saved=c.saved, needs=c.needs, chain=(link,), words=WORDS["alone"],
    )  # fmt: skip


def bites(run: Run, slot: int, since: int = 0) -> tuple[int, int, float]:
    """The first day from `since` on which a slot bites, on how many it does, and the least it leaves."""
    r, j = run.record, int(run.system.slot_node[slot])
    bound = r.binding[:, j] == slot
    biting = bound & (r.limit[:, j] < BITES)
    days = np.flatnonzero(biting if biting.any() else bound)
    later = days[days >= since]
    days = later if len(later) else days
    return int(days[0]), len(days), float(r.limit[days, j].min())


def title(bench: Bench, cause: Cause) -> Text:
    """A cause in a few words."""
    run = bench.run
    e, s = run.economy, run.system
    if cause.kind == "place":
        return WORDS["pass" if passes_only(bench, cause.node) else "place"].format(
            node=e.node_name(cause.node)
        )
    if cause.kind == "input":
        j, k = int(s.slot_node[cause.slot]), int(s.slot_product[cause.slot])
        return WORDS["input"].format(node=e.node_name(j), product=e.sectors[k].name)
    o, d, k = cause.origin, cause.destination, cause.product
    if cause.kind == "imports":
        key = "imports" if d < 0 else "imports_all" if k < 0 else "imports_into"
    else:
        key = "into" if o < 0 else "out" if d < 0 else "within" if o == d else "road"
    blank = Text("", "")
    return WORDS[key].format(
        origin=e.regions[o].name if o >= 0 else blank,
        destination=e.regions[d].name if d >= 0 else blank,
        product=e.sectors[k].name if k >= 0 else blank,
    )
