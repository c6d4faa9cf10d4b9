"""What stands behind the shortages: plants, roads, imports, or the one slot itself.

A *piece* is one supplier's part in the shortage of one slot. A *cause* is one thing that somebody could
clear, and with it all the pieces behind which it stands:

    place     a plant that is shut or cut off: back to work, with passes for its goods and supplies
    roads     from one region to another, out of one, or into one (the open end is -1), for all goods
    imports   of one product, into one region, or both (-1: every one)
    port      of one shock of the scenario (-1: all of them): exports and imports of its hinterland
    input     one slot of one node, supplied in full from elsewhere

`find` reads the pieces off a do-nothing run and adds up, cause by cause, the industrial value added that
they held back: an estimate that says which causes are worth a re-simulation, and no more than that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from ballast.answer.chains import Shortfall, biting, shortfalls
from ballast.arrays import Floats, standing, sums
from ballast.propagate.bench import Bench
from ballast.propagate.run import Run, at_limit
from ballast.propagate.step.interventions import Intervention, Plan
from ballast.propagate.step.system import Weather

KINDS = ("input", "imports", "port", "place", "roads")
HELD = 0.95  # of the value held back: the slots that hold the rest are not looked into


@dataclass(frozen=True, slots=True)
class Piece:
    """One supplier's part in the shortage of one slot, from the decision day on."""

    slot: int
    short: Shortfall
    part: float  # of all that the slot lacked
    held: float  # industrial value added that the slot held back, this supplier's part of it, book unit

    @property
    def road(self) -> float:
        """The part of the shortfall that the corridor held up; the rest is the supplier's own."""
        own, road = 1 - self.short.able, 1 - self.short.through
        return road / (own + road) if own + road > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing to clear. What a kind does not use is -1; so is an end that stands for every region."""

    kind: str  # place, roads, imports, port, input
    slot: int = -1
    node: int = -1
    origin: int = -1
    destination: int = -1
    product: int = -1
    shock: int = -1

    def holds(self, other: Cause) -> bool:
        """Whether this clears everything `other` does and more: the same with an end left open.

        Roads out of a region, or into it, do not hold those within it.
        """
        if other.kind == "roads" and other.origin == other.destination:
            return False
        mine, theirs = astuple(self), astuple(other)
        return self != other and all(a in (b, -1) for a, b in zip(mine, theirs, strict=True))


@dataclass(frozen=True, slots=True)
class Suspect:
    """A cause with the pieces behind which it stands, and the value added they and it held back."""

    cause: Cause
    pieces: tuple[Piece, ...]
    held: float


def find(bench: Bench, most: int) -> list[Suspect]:
    """The `most` causes that held back most industrial value added from the decision day on."""
    shut = np.minimum(1.0, bench.shut + np.where(bench.goods, bench.passage, 0.0))
    behind: dict[Cause, list[tuple[Piece, float]]] = {}
    harbours = bench.ports
    for piece in pieces(bench):
        for cause, part in _causes(bench.run, piece, shut > 0, harbours):
            behind.setdefault(cause, []).append((piece, part))
    for shock in harbours:  # few, and what they hold is mostly sales: each is looked into
        behind.setdefault(Cause("port", shock=shock), [])
    if len(harbours) > 1:
        behind.setdefault(Cause("port"), [])
    own = shut * bench.weight * (bench.run.forcing.days - bench.day)
    for j in np.flatnonzero(own > 0):
        behind.setdefault(Cause("place", node=int(j)), [])
    suspects = [
        Suspect(
            cause,
            tuple(piece for piece, _ in found),
            sum(part for _, part in found) + (float(own[cause.node]) if cause.node >= 0 else 0.0),
        )
        for cause, found in behind.items()
    ]
    return _narrowest(_ranked(bench.run, suspects))[:most]


def harbour(bench: Bench, cause: Cause) -> NDArray[np.bool_]:
    """[R] the regions behind a port, or behind all of them."""
    found = [bench.ports[cause.shock]] if cause.shock >= 0 else list(bench.ports.values())
    regions: NDArray[np.bool_] = np.any(found, axis=0)
    return regions


def held_value(run: Run, slots: int, first: int = 0) -> Floats:
    """[S] industrial value added that each slot, as its node's tightest, held back from day `first` on."""
    e, r, s = run.economy, run.record, run.system
    va = e.daily_industrial_value_added
    loss = np.maximum(0.0, np.minimum(r.capacity, s.x0) - r.output) / np.maximum(s.x0, 1e-300)
    bound = (r.binding >= 0) & at_limit(r)
    bound[:first] = False
    return sums(r.binding[bound], (loss * va)[bound], slots)


def pieces(bench: Bench) -> Iterator[Piece]:
    """Who is behind the slots that hold most, and how much of the value held is each one's."""
    run = bench.run
    value = held_value(run, len(run.system.need), bench.day)
    s = run.system
    order = np.lexsort((s.slot_product, run.economy.node_rank[s.slot_node], standing(value)))
    enough = int(np.searchsorted(np.cumsum(value[order]), HELD * value.sum())) + 1
    for slot in order[:enough]:
        if value[slot] <= 0:
            return
        days = bench.day + np.flatnonzero(biting(run, int(slot))[bench.day :])
        if len(days) == 0:
            continue
        behind = shortfalls(
            run, int(slot), int(days[0]) - 1, int(days[-1]) - 1
        )  # today's kits came yesterday
        total = sum(x.value for x in behind)
        for x in behind:
            yield Piece(int(slot), x, x.value / total, float(value[slot]) * x.value / total)


def _causes(
    run: Run, piece: Piece, cut_off: NDArray[np.bool_], harbours: Mapping[int, NDArray[np.bool_]]
) -> Iterator[tuple[Cause, float]]:
    """Everything that could be cleared to fill this piece, with its part of the value held."""
    s, region = run.system, run.economy.node_region
    i, d, held = piece.short.supplier, int(region[s.slot_node[piece.slot]]), piece.held
    if run.published is None:  # no published model takes goods from elsewhere
        yield Cause("input", slot=piece.slot), held
    if i < 0:
        k = int(s.slot_product[piece.slot])
        yield Cause("imports", destination=d, product=k), held
        yield Cause("imports", product=k), held
        yield Cause("imports", destination=d), held
        for shock, regions in harbours.items():
            if regions[d]:
                yield Cause("port", shock=shock), held
        if len(harbours) > 1:
            yield Cause("port"), held
        return
    if cut_off[i]:
        yield Cause("place", node=i), held
    if piece.road > 0:
        o = int(region[i])
        yield Cause("roads", origin=o, destination=d), held * piece.road
        if o != d:
            yield Cause("roads", origin=o), held * piece.road
            yield Cause("roads", destination=d), held * piece.road


def _ranked(run: Run, suspects: list[Suspect]) -> list[Suspect]:
    """Ports, then those that held back most; of equal ones the kinds in the order of KINDS, what names
    more before what names less, and nodes by their codes.
    """
    s, rank = run.system, [*run.economy.node_rank.tolist(), -1]

    def settled(c: Cause) -> tuple[int, ...]:
        slot = (rank[s.slot_node[c.slot]], int(s.slot_product[c.slot])) if c.slot >= 0 else (-1, -1)
        ends = (-(c.product >= 0), -(c.origin >= 0), -(c.shock >= 0), c.origin, c.destination, c.product)
        return (KINDS.index(c.kind), -_named(c), *ends, rank[c.node], *slot, c.shock)

    place = standing([x.held for x in suspects]).tolist()
    keys = [(x.cause.kind != "port", p, settled(x.cause)) for x, p in zip(suspects, place, strict=True)]
    return [suspects[n] for n in sorted(range(len(suspects)), key=keys.__getitem__)]


def _narrowest(ranked: list[Suspect]) -> list[Suspect]:
    """Of causes of one kind that stand behind the very same pieces, the one that names most."""
    best: dict[object, Suspect] = {}
    for s in ranked:
        key = (
            s.cause.kind,
            s.cause.node,
            s.cause.shock,
            frozenset((p.slot, p.short.supplier) for p in s.pieces),
        )
        if key not in best or _named(s.cause) > _named(best[key].cause):
            best[key] = s
    return list(best.values())


def _named(cause: Cause) -> int:
    return sum(x >= 0 for x in (cause.origin, cause.destination, cause.product))


def cleared(bench: Bench, cause: Cause) -> tuple[Plan, Weather]:
    """The plan and the weather in which `cause` is out of the way from the decision day on."""
    run, day = bench.run, bench.day
    e, w = run.economy, run.weather
    if cause.kind == "place":
        return bench.help([cause.node]), w
    if cause.kind == "input":
        return bench.help(slots=[cause.slot]), w
    if cause.kind == "port":
        shocks = [cause.shock] if cause.shock >= 0 else list(bench.ports)
        return (), bench.without(shocks)
    regions = np.arange(e.r)
    into = regions if cause.destination < 0 else np.array([cause.destination])
    if cause.kind == "imports":
        product = np.arange(e.k) if cause.product < 0 else np.array([cause.product])
        return (Intervention.on("import", (into[:, None] * e.k + product).ravel(), day),), w
    out = regions if cause.origin < 0 else np.array([cause.origin])
    group = np.arange(w.corridors.shape[1] // (e.r * e.r))
    pair = out[:, None] != into if cause.origin < 0 or cause.destination < 0 else np.ones((1, 1), bool)
    road = (out[:, None] * e.r + into)[pair]
    return (Intervention.on("corridor", (group[:, None] * e.r * e.r + road).ravel(), day),), w
