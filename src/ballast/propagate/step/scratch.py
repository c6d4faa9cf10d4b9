"""What a run of the compiled step works in: the state of packed slots, and arrays that a day overwrites."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np

from ballast.arrays import Flags, Floats, Ints
from ballast.propagate.step.layout import Ids, Layout
from ballast.propagate.step.powers import Twice

CHUNK = 64  # rows at a time, so that what was read of them is still at hand for what comes next
SOME = 512  # slots at a time, likewise


class Shelves(NamedTuple):
    """The state of the slots that hold stock, packed: those fields of a State."""

    stock: Annotated[Floats, "P"]
    waiting: Annotated[Floats, "P"]
    kits: Annotated[Floats, "P"]
    usable: Annotated[Floats, "P"]


class Today(NamedTuple):
    """The weather of one day, and the numbers of those of its states for which something is prepared."""

    capacity: Annotated[Floats, "J"]  # by part
    demand: Annotated[Floats, "L"]
    exports: Annotated[Floats, "N"]
    imports: Annotated[Floats, "R*K"]
    corridors: Annotated[Floats, "*"]
    passage: Annotated[Flags, "N"]
    supply: Annotated[Flags, "S"]
    ways: int
    passes: int  # 0: nobody has one
    supplied: int  # 0: nothing is


class NodeWork(NamedTuple):
    """By node or part of one; offers and what comes of them by node."""

    cap: Annotated[Floats, "N"]
    planned: Annotated[Floats, "N"]  # rates: of baseline output
    running: Annotated[Floats, "N"]
    per_able: Annotated[Floats, "N"]  # one over that at capacity; infinite where there is none
    to_plan: Annotated[Floats, "*"]  # at which the flows of a node order, and did yesterday
    at_pace: Annotated[Floats, "*"]
    pace: Annotated[Floats, "N"]  # today's
    demand: Annotated[Floats, "N"]
    wanted: Annotated[Floats, "N"]
    ordered: Annotated[Floats, "N"]
    booked: Annotated[Floats, "N"]
    aim: Annotated[Floats, "N"]
    limit: Annotated[Floats, "N"]  # the share of capacity that inputs allow
    output: Annotated[Floats, "N"]
    rho: Annotated[Floats, "N"]
    rho_final: Annotated[Floats, "N"]
    offer: Annotated[Floats, "*, 4"]  # what a supplier brings to every market, a unit of its share there
    load: Annotated[Floats, "*, 3"]  # orders from open markets, a unit of pull: to plan, at pace, final use
    # from closed ones, likewise: to plan, at pace, those of both that can travel, final use, that which can
    booking: Annotated[Floats, "*, 6"]


class MarketWork(NamedTuple):
    """By market; `bids`, `orders` and `got` have every market twice: for nodes that the roads concern, and
    for nodes with a pass.
    """

    bids: Annotated[Floats, "2, *"]  # [want, use], in the order of buyers
    orders: Annotated[Floats, "*, 2"]  # [want, use]
    final: Annotated[Floats, "M"]
    per: Annotated[Floats, "M"]  # one over the pull of its suppliers
    got: Annotated[Floats, "*, 3"]  # a unit of want, a unit of use, mean square
    met: Annotated[Floats, "M"]
    closed: Annotated[Flags, "M"]  # whether some way into it is narrowed


class RowWork(NamedTuple):
    """By cell and entry, and of some rows."""

    ways: Annotated[Ints, "1"]  # the state of the corridors that `through` and `closed` are for
    through: Annotated[Floats, "C"]
    free: Annotated[Floats, "C"]  # the part of the orders that a corridor lets through
    entry_free: Annotated[Floats, "F"]
    # of some rows: want, use, final use, and with passes want and use, a unit of pull
    rate: Annotated[Floats, "*, 5"]
    # of the longest list: suppliers' offers, their orders from open markets and from closed ones
    near: Annotated[Floats, "4, *"]
    sums: Annotated[Floats, "3, *"]
    held: Annotated[Floats, "6, *"]


class SlotWork(NamedTuple):
    """By slot that holds stock, and of some of them."""

    want: Annotated[Floats, "P"]
    use: Annotated[Floats, "P"]
    share: Annotated[Floats, "P"]  # of capacity that it allows
    where: Annotated[Ids, "P"]  # its market, of the two that `orders` and `got` have
    passes: Annotated[Ints, "1"]  # the state of the passes which that is for
    one: Annotated[Floats, "*"]  # mean fulfilment, of slots that are not of parts; mean square
    two: Annotated[Floats, "*"]
    home: Annotated[Floats, "*"]
    foreign: Annotated[Floats, "*"]
    injected: Annotated[Floats, "*"]
    used: Annotated[Floats, "*"]
    ratio: Twice
    exponent: Twice


class Scratch(NamedTuple):
    """What a run works in."""

    nodes: NodeWork
    markets: MarketWork
    rows: RowWork
    slots: SlotWork


def new_scratch(y: Layout) -> Scratch:
    """Work arrays for one run in `y`."""
    n, slots, m, cells = len(y.nodes.x0), len(y.slots.node), len(y.markets.place), len(y.rows.share)
    longest = int(np.diff(y.rows.list_ptr).max(initial=0))
    nodes, wide = (
        len(y.rows.maker),
        {"offer": (4,), "load": (3,), "booking": (6,), "to_plan": (), "at_pace": ()},
    )
    return Scratch(
        NodeWork(*(np.zeros((nodes, *wide[f]) if f in wide else n) for f in NodeWork._fields)),
        MarketWork(
            bids=np.zeros((2, 2 * m)),
            orders=np.zeros((2 * m, 2)),
            final=np.zeros(m),
            per=np.zeros(m),
            got=np.zeros((2 * m, 3)),
            met=np.zeros(m),
            closed=np.zeros(m, np.uint8),
        ),
        RowWork(
            ways=np.full(1, -1, np.int32),
            through=np.ones(cells),
            free=np.ones(cells),
            entry_free=np.ones(len(y.loose.supplier)),
            rate=np.zeros((CHUNK, 5)),
            near=np.zeros((4, longest)),
            sums=np.zeros((3, longest)),
            held=np.zeros((6, longest)),
        ),
        SlotWork(
            want=np.zeros(slots), use=np.zeros(slots), share=np.zeros(slots), where=y.slots.market.copy(),
            passes=np.zeros(1, np.int32), one=np.zeros(y.slots.own), two=np.zeros(SOME),
            home=np.zeros(SOME), foreign=np.zeros(SOME), injected=np.zeros(SOME), used=np.zeros(SOME),
            ratio=Twice.of(SOME), exponent=Twice.of(SOME),
        ),
    )  # fmt: skip
