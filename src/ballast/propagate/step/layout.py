"""A System's arrays in the order in which the compiled step reads them: `lay_out(system) -> Layout`.

    rows     markets whose suppliers are most of a product's: a row of shares over one list of suppliers for
             each product, so that a day is sums of products along rows, which a processor does several of
             at once. A cell without a supplier has share 0.
    loose    the other markets (a firm's own suppliers): entries, each with the number of its supplier
    shelves  the slots that hold stock, packed
    strips   the flows of a node, as runs of markets that lie side by side in the order of their buyers

Markets are numbered anew: rows by product, then the loose ones. `place` leads there.
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import Floats, Ints, inverse, pointers
from ballast.propagate.step.rules import TINY
from ballast.propagate.step.system import System, entry_market, market_regions, stocked

FILL = 1 / 3  # a row is worth its empty cells while at least this part of it has suppliers
GAP = 8  # markets that a node does not buy from, between two that it does, which a strip bridges

Ids = NDArray[np.uint32]  # unsigned: compiled loops then need no test for negative ones
Pointers = NDArray[np.uint64]
Numbers = NDArray[np.int64]


class Nodes(NamedTuple):
    """Of N nodes or parts, and the numbers that are the same for all: those fields of a System."""

    whole: Annotated[Ids, "N"]
    mass: Annotated[Floats, "N"]
    x0: Annotated[Floats, "N"]
    product: Annotated[Ids, "N"]
    exports: Annotated[Floats, "N"]
    finished: Annotated[Floats, "N"]
    leave_days: Annotated[Floats, "N"]
    return_days: float
    overproduction: float
    overproduction_days: float
    order_days: float
    order_ceiling: float
    demand_memory: float


class Markets(NamedTuple):
    """Of M markets, by their new numbers unless said otherwise; L final lines."""

    place: Annotated[Ids, "M"]  # the new number of a market of the system
    product: Annotated[Ids, "M"]
    region: Annotated[Ints, "M"]  # of final users
    purchases: Annotated[Floats, "M"]
    bid: Annotated[Ids, "M"]  # its number in the order of buyers
    final: Annotated[Ids, "L"]  # the market of each final line
    final_need: Annotated[Floats, "L"]


class Rows(NamedTuple):
    """H markets that are rows of G products, with C cells."""

    row_ptr: Annotated[Pointers, "G+1"]
    list_ptr: Annotated[Pointers, "G+1"]  # the suppliers of each product
    maker: Annotated[Ids, "*"]
    cell_ptr: Annotated[Pointers, "H+1"]
    share: Annotated[Floats, "C"]
    corridor: Annotated[Ints, "C"]  # -1: never held up
    roads: Annotated[Ids, "*"]  # the rows that some corridor leads to


class Loose(NamedTuple):
    """The other markets, the first of them number H; F entries."""

    entry_ptr: Annotated[Pointers, "*"]
    supplier: Annotated[Ids, "F"]
    share: Annotated[Floats, "F"]
    corridor: Annotated[Ints, "F"]


class Slots(NamedTuple):
    """P slots that hold stock."""

    ptr: Annotated[Pointers, "N+1"]
    place: Annotated[Ids, "P"]  # in the system
    slot: Annotated[Ids, "P"]  # of its node, where it is of a part
    node: Annotated[Ids, "P"]
    product: Annotated[Ids, "P"]
    market: Annotated[Ids, "P"]
    foreign: Annotated[Ids, "P"]
    need: Annotated[Floats, "P"]
    target: Annotated[Floats, "P"]  # stock that is wanted
    import_share: Annotated[Floats, "P"]
    essential: Annotated[Floats, "P"]
    per_refill: Annotated[Floats, "P"]  # one over each of these
    per_need: Annotated[Floats, "P"]
    per_target: Annotated[Floats, "P"]
    power: Annotated[Floats, "P"]
    kin: Annotated[Ids, "P"]  # the slot here of its node: of a part another one, behind which it stands
    own: int  # how many are of nodes
    release_days: float


class Flows(NamedTuple):
    """Q slots that hold none, which only the record asks for one by one."""

    ptr: Annotated[Pointers, "N+1"]
    slot: Annotated[Ids, "Q"]
    product: Annotated[Ids, "Q"]
    market: Annotated[Ids, "Q"]
    foreign: Annotated[Ids, "Q"]
    need: Annotated[Floats, "Q"]
    import_share: Annotated[Floats, "Q"]


class Strips(NamedTuple):
    """What flows buy at home, as runs of markets in the order of buyers."""

    ptr: Annotated[Pointers, "N+1"]
    first: Annotated[Pointers, "*"]
    cell: Annotated[Pointers, "*"]
    need: Annotated[Floats, "*"]


class Layout(NamedTuple):
    """All of it. A function of the step is given only the parts that it reads: what it is given costs time
    to compile.
    """

    nodes: Nodes
    markets: Markets
    rows: Rows
    loose: Loose
    slots: Slots
    flows: Flows
    strips: Strips


def lay_out(s: System) -> Layout:
    """The Layout of `s`; takes about as long as twenty days of the step."""
    market = entry_market(s)
    made = _products(s, market)
    rank, lists = _lists(s)
    count = np.diff(s.market_ptr)
    width = np.zeros(len(made), np.int64)
    width[count > 0] = np.maximum.reduceat(rank[s.supplier] + 1, s.market_ptr[:-1][count > 0])
    row = (count >= FILL * width) & (count > 1)
    order = np.lexsort((made, ~row))
    place = inverse(order)
    rows, bids = int(row.sum()), inverse(_by_buyer(s, made))
    cells, loose = _cells(s, market, place, rank, row, width[order[:rows]]), ~row[market]
    by_place = np.argsort(place[market[loose]], kind="stable")
    held = stocked(s)
    nodes = {name: getattr(s, name) for name in Nodes._fields}
    return Layout(
        nodes=Nodes(**{**nodes, "whole": _ids(s.whole), "product": _ids(s.product)}),
        markets=Markets(
            place=_ids(place),
            product=_ids(made[order]),
            region=market_regions(s)[order],
            purchases=s.purchases[order],
            bid=_ids(bids[order]),
            final=_ids(place[s.final_market]),
            final_need=s.final_need,
        ),
        rows=Rows(
            row_ptr=_wide(pointers(np.bincount(made[order[:rows]], minlength=s.n_products))),
            list_ptr=_wide(pointers(np.bincount(s.product[: s.n_nodes], minlength=s.n_products))),
            maker=_ids(lists),
            cell_ptr=_wide(cells[0]),
            share=cells[1],
            corridor=cells[2],
            roads=_ids(_led_to(cells[0], cells[2])),
        ),
        loose=Loose(
            entry_ptr=_wide(pointers(count[order[rows:]])),
            supplier=_ids(s.supplier[loose][by_place]),
            share=s.share[loose][by_place],
            corridor=s.corridor[loose][by_place],
        ),
        slots=Slots(
            ptr=_wide(pointers(s.slot_mid - s.slot_ptr[:-1])),
            place=_ids(np.flatnonzero(held)),
            node=_ids(s.slot_node[held]),
            target=(s.days * s.need)[held],
            essential=s.essential[held],
            per_refill=1.0 / s.refill[held],
            per_need=_per(s.need[held]),
            per_target=1.0 / np.maximum((s.days * s.need)[held], TINY),
            power=s.power[held],
            kin=_ids(np.searchsorted(np.flatnonzero(held), s.slot_base[held])),
            own=int(np.count_nonzero(held[: s.slot_ptr[s.n_nodes]])),
            release_days=s.release_days,
            **_slots(s, held, place),
        ),
        flows=Flows(ptr=_wide(pointers(s.slot_ptr[1:] - s.slot_mid)), **_slots(s, ~held, place)),
        strips=_strips(s, ~held, bids),
    )


def _slots(s: System, which: NDArray[np.bool_], place: Numbers) -> dict[str, Any]:
    """What slots with and without stock have alike."""
    return {
        "slot": _ids(s.slot_base[which]),
        "product": _ids(s.slot_product[which]),
        "market": _ids(place[s.slot_market[which]]),
        "foreign": _ids(s.slot_foreign[which]),
        "need": s.need[which],
        "import_share": s.import_share[which],
    }


def _products(s: System, market: NDArray[np.intp]) -> Numbers:
    """[M] the product of each market: that of its suppliers (0 where it has none)."""
    made = np.zeros(len(s.purchases), np.int64)
    made[market] = s.product[s.supplier]
    return made


def _lists(s: System) -> tuple[Numbers, Numbers]:
    """[N] a node's place among the makers of its product, who serves most markets first; the makers."""
    served, product = np.bincount(s.supplier, minlength=s.n_nodes), s.product[: s.n_nodes]
    lists = np.lexsort((-served, product))
    first = pointers(np.bincount(product, minlength=s.n_products))
    rank = np.empty(s.n_nodes, np.int64)
    rank[lists] = np.arange(len(lists)) - first[product[lists]]
    return rank, lists


def _cells(
    s: System, market: NDArray[np.intp], place: Numbers, rank: Numbers,
    row: NDArray[np.bool_], width: Numbers,
) -> tuple[Numbers, Floats, Ints]:  # fmt: skip
    """(pointers [H+1], shares [C], corridors [C]) of the rows, each as long as its last supplier asks."""
    begins, inside = pointers(width), row[market]
    share, corridor = np.zeros(begins[-1]), np.full(begins[-1], -1, np.int32)
    cell = begins[place[market[inside]]] + rank[s.supplier[inside]]
    share[cell], corridor[cell] = s.share[inside], s.corridor[inside]
    return begins, share, corridor


def _led_to(begins: Numbers, corridor: Ints) -> NDArray[np.intp]:
    """The rows with a cell that some corridor may hold up."""
    row = np.repeat(np.arange(len(begins) - 1), np.diff(begins))
    return np.unique(row[corridor >= 0])


def _by_buyer(s: System, made: Numbers) -> NDArray[np.intp]:
    """Markets in the order of the first node that buys there, then by product."""
    first = np.full(len(made), len(s.x0), np.int64)
    first[s.slot_market[::-1]] = s.whole[
        s.slot_node[::-1]
    ]  # slots are sorted by node, and the last written stays
    return np.lexsort((made, first))


def _strips(s: System, flow: NDArray[np.bool_], bids: Numbers) -> Strips:
    """The strips of all nodes, one node after the other."""
    node, at, need = s.slot_node[flow], bids[s.slot_market[flow]], s.home_need[flow]
    order = np.lexsort((at, node))
    node, at, need = node[order], at[order], need[order]
    begins = np.ones(len(node), bool)
    begins[1:] = (np.diff(node) != 0) | (np.diff(at) > GAP)
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(node)) - 1 if len(first) else first
    cells = pointers(at[last] - at[first] + 1)
    strip = np.cumsum(begins) - 1
    needs = np.bincount(cells[strip] + at - at[first[strip]], need, int(cells[-1]))
    return Strips(
        ptr=_wide(pointers(np.bincount(node[first], minlength=len(s.x0)))),
        first=_wide(at[first]),
        cell=_wide(cells),
        need=needs.astype(np.float64),
    )


def _per(values: Floats) -> Floats:
    """One over values; infinite where there is nothing."""
    return np.where(values > 0, 1.0 / np.where(values > 0, values, 1.0), np.inf)


def _ids(numbers: NDArray[np.integer]) -> Ids:
    return numbers.astype(np.uint32)


def _wide(begins: Numbers) -> Pointers:
    return begins.view(np.uint64)
