"""What a run of the compiled step works in: the state of packed slots, and arrays that a day overwrites."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np

from ballast.arrays import Flags, Floats, Ints
from ballast.propagate.step.layout import Ids, Layout

CHUNK = 64  # rows at a time, so that what was read of them is still at hand for what comes next
SOME = 512  # slots at a time, likewise


class Shelves(NamedTuple):
    """The state of the slots that hold stock, packed: those fields of a State."""

    stock: Annotated[Floats, "P"]
    waiting: Annotated[Floats, "P"]
    kits: Annotated[Floats, "P"]
    usable: Annotated[Floats, "P"]


class Scratch(NamedTuple):
    """Work arrays of one run. `bids`, `orders` and `got` have every market twice: for nodes that the roads
    concern, and for nodes with a pass.
    """

    # by node
    cap: Annotated[Floats, "N"]
    level: Annotated[Floats, "N"]
    planned: Annotated[Floats, "N"]  # rates: of baseline output
    running: Annotated[Floats, "N"]
    demand: Annotated[Floats, "N"]
    wanted: Annotated[Floats, "N"]
    ordered: Annotated[Floats, "N"]
    booked: Annotated[Floats, "N"]
    aim: Annotated[Floats, "N"]
    rates: Annotated[Floats, "N"]  # at capacity
    pace: Annotated[Floats, "N"]  # today's
    limit: Annotated[Floats, "N"]  # the share of capacity that inputs allow
    rho: Annotated[Floats, "N"]
    rho_final: Annotated[Floats, "N"]
    offer: Annotated[Floats, "N, 4"]  # what a supplier brings to every market, a unit of its share there
    load: Annotated[Floats, "N, 3"]  # orders from open markets, a unit of pull: to plan, at pace, final use
    # from closed ones: producers', those that can travel, final, that which can travel
    booking: Annotated[Floats, "N, 4"]
    # by stocked slot
    want: Annotated[Floats, "P"]
    use: Annotated[Floats, "P"]
    share: Annotated[Floats, "P"]  # of capacity that it allows
    where: Annotated[
        Ids, "P"
    ]  # its market, of the two that `orders` and `got` have, in that state of the passes
    # of some of those slots
    one: Annotated[Floats, "*"]  # mean and mean square of fulfilment
    two: Annotated[Floats, "*"]
    home: Annotated[Floats, "*"]
    foreign: Annotated[Floats, "*"]
    injected: Annotated[Floats, "*"]
    used: Annotated[Floats, "*"]
    # by market
    bids: Annotated[Floats, "2, *"]  # [want, use], in the order of buyers
    orders: Annotated[Floats, "*, 2"]  # [want, use]
    final: Annotated[Floats, "M"]
    per: Annotated[Floats, "M"]  # one over the pull of its suppliers
    got: Annotated[Floats, "*, 3"]  # a unit of want, a unit of use, mean square
    met: Annotated[Floats, "M"]
    closed: Annotated[Flags, "M"]
    # by cell and entry
    road: Annotated[Ints, "1"]  # the state of the corridors that `through` and `closed` are for
    passes: Annotated[Ints, "1"]  # that of the passes which `where` is for
    through: Annotated[Floats, "C"]
    free: Annotated[Floats, "C"]  # the part of the orders that a corridor lets through
    entry_free: Annotated[Floats, "*"]
    # of some rows: want, use, final use, and with passes want and use, a unit of pull
    rate: Annotated[Floats, "*, 5"]
    # of the longest list: suppliers' offers, their orders from open markets and from closed ones
    near: Annotated[Floats, "4, *"]
    sums: Annotated[Floats, "3, *"]
    held: Annotated[Floats, "4, *"]


def new_scratch(y: Layout) -> Scratch:
    """Work arrays for one run in `y`."""
    n, slots, m = len(y.shelf_ptr) - 1, len(y.node), len(y.place)
    longest = int(np.diff(y.list_ptr).max(initial=0))
    by_node = (
        "cap", "level", "planned", "running", "demand", "wanted", "ordered", "booked", "aim", "rho",
        "rho_final", "rates", "pace", "limit",
    )  # fmt: skip
    return Scratch(
        **{name: np.zeros(n) for name in by_node},
        **{name: np.zeros(slots) for name in ("want", "use", "share")},
        **{name: np.zeros(SOME) for name in ("one", "two", "home", "foreign", "injected", "used")},
        where=y.market.copy(),
        offer=np.zeros((n, 4)),
        load=np.zeros((n, 3)),
        booking=np.zeros((n, 4)),
        bids=np.zeros((2, 2 * m)),
        orders=np.zeros((2 * m, 2)),
        final=np.zeros(m),
        per=np.zeros(m),
        rate=np.zeros((CHUNK, 5)),
        got=np.zeros((2 * m, 3)),
        met=np.zeros(m),
        closed=np.zeros(m, np.uint8),
        road=np.full(1, -1, np.int32),
        passes=np.zeros(1, np.int32),
        through=np.ones(len(y.share)),
        free=np.ones(len(y.share)),
        entry_free=np.ones(len(y.supplier)),
        near=np.zeros((4, longest)),
        sums=np.zeros((3, longest)),
        held=np.zeros((4, longest)),
    )
