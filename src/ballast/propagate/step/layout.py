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

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import Floats, Ints
from ballast.propagate.step.system import System, entry_market, market_regions, stocked

FILL = 1 / 3  # a row is worth its empty cells while at least this part of it has suppliers
GAP = 8  # markets that a node does not buy from, between two that it does, which a strip bridges

Ids = NDArray[np.uint32]  # unsigned: compiled loops then need no test for negative ones
Pointers = NDArray[np.uint64]
Numbers = NDArray[np.int64]


class Layout(NamedTuple):
    """N nodes, M markets of which H are rows of G products, C cells, L final lines, P stocked slots."""

    # markets, new numbers unless said otherwise
    place: Annotated[Ids, "M"]  # the new number of a market of the system
    product: Annotated[Ids, "M"]
    region: Annotated[Ints, "M"]  # of final users
    purchases: Annotated[Floats, "M"]
    bid: Annotated[Ids, "M"]  # its number in the order of buyers
    final_market: Annotated[Ids, "L"]
    # rows
    row_ptr: Annotated[Pointers, "G+1"]
    list_ptr: Annotated[Pointers, "G+1"]  # the suppliers of each product
    maker: Annotated[Ids, "*"]
    cell_ptr: Annotated[Pointers, "H+1"]
    share: Annotated[Floats, "C"]
    corridor: Annotated[Ints, "C"]  # -1: never held up
    roads: Annotated[Ids, "*"]  # the rows that some corridor leads to
    # loose markets, the first of them number H
    entry_ptr: Annotated[Pointers, "*"]
    supplier: Annotated[Ids, "*"]
    entry_share: Annotated[Floats, "*"]
    entry_corridor: Annotated[Ints, "*"]
    # shelves
    shelf_ptr: Annotated[Pointers, "N+1"]
    slot: Annotated[Ids, "P"]  # in the system
    node: Annotated[Ids, "P"]
    market: Annotated[Ids, "P"]
    foreign: Annotated[Ids, "P"]
    need: Annotated[Floats, "P"]
    target: Annotated[Floats, "P"]  # stock that is wanted
    import_share: Annotated[Floats, "P"]
    essential: Annotated[Floats, "P"]
    refill: Annotated[Floats, "P"]
    power: Annotated[Floats, "P"]
    # strips of flows bought at home
    strip_ptr: Annotated[Pointers, "N+1"]
    strip_first: Annotated[Pointers, "*"]  # the first market, in the order of buyers
    strip_cell: Annotated[Pointers, "*"]
    strip_need: Annotated[Floats, "*"]


def lay_out(s: System) -> Layout:
    """The Layout of `s`; takes about as long as a few days of the step."""
    market = entry_market(s)
    made = _products(s, market)
    rank, lists = _lists(s)
    count = np.diff(s.market_ptr)
    width = np.zeros(len(made), np.int64)
    width[count > 0] = np.maximum.reduceat(rank[s.supplier] + 1, s.market_ptr[:-1][count > 0])
    row = (count >= FILL * width) & (count > 1)
    order = np.lexsort((made, ~row))
    place = _inverse(order)
    rows, bids = int(row.sum()), _inverse(_by_buyer(s, made))
    cells, loose = _cells(s, market, place, rank, row, width[order[:rows]]), ~row[market]
    by_place = np.argsort(place[market[loose]], kind="stable")
    held = stocked(s)
    strips = _strips(s, ~held, bids)
    return Layout(
        place=_ids(place),
        product=_ids(made[order]),
        region=market_regions(s)[order],
        purchases=s.purchases[order],
        bid=_ids(bids[order]),
        final_market=_ids(place[s.final_market]),
        row_ptr=_wide(_pointers(np.bincount(made[order[:rows]], minlength=s.n_products))),
        list_ptr=_wide(_pointers(np.bincount(s.product, minlength=s.n_products))),
        maker=_ids(lists),
        cell_ptr=_wide(cells[0]),
        share=cells[1],
        corridor=cells[2],
        roads=_ids(_led_to(cells[0], cells[2])),
        entry_ptr=_wide(_pointers(count[order[rows:]])),
        supplier=_ids(s.supplier[loose][by_place]),
        entry_share=s.share[loose][by_place],
        entry_corridor=s.corridor[loose][by_place],
        shelf_ptr=_wide(_pointers(s.slot_mid - s.slot_ptr[:-1])),
        slot=_ids(np.flatnonzero(held)),
        node=_ids(s.slot_node[held]),
        market=_ids(place[s.slot_market[held]]),
        foreign=_ids(s.slot_foreign[held]),
        need=s.need[held],
        target=(s.days * s.need)[held],
        import_share=s.import_share[held],
        essential=s.essential[held],
        refill=s.refill[held],
        power=s.power[held],
        strip_ptr=_wide(strips[0]),
        strip_first=_wide(strips[1]),
        strip_cell=_wide(strips[2]),
        strip_need=strips[3],
    )


def _products(s: System, market: NDArray[np.intp]) -> Numbers:
    """[M] the product of each market: that of its suppliers (0 where it has none)."""
    made = np.zeros(len(s.purchases), np.int64)
    made[market] = s.product[s.supplier]
    return made


def _lists(s: System) -> tuple[Numbers, Numbers]:
    """[N] a node's place among the makers of its product, who serves most markets first; the makers."""
    served = np.bincount(s.supplier, minlength=len(s.x0))
    lists = np.lexsort((-served, s.product))
    first = _pointers(np.bincount(s.product, minlength=s.n_products))
    rank = np.empty(len(s.x0), np.int64)
    rank[lists] = np.arange(len(lists)) - first[s.product[lists]]
    return rank, lists


def _cells(
    s: System, market: NDArray[np.intp], place: Numbers, rank: Numbers,
    row: NDArray[np.bool_], width: Numbers,
) -> tuple[Numbers, Floats, Ints]:  # fmt: skip
    """(pointers [H+1], shares [C], corridors [C]) of the rows, each as long as its last supplier asks."""
    pointers, inside = _pointers(width), row[market]
    share, corridor = np.zeros(pointers[-1]), np.full(pointers[-1], -1, np.int32)
    cell = pointers[place[market[inside]]] + rank[s.supplier[inside]]
    share[cell], corridor[cell] = s.share[inside], s.corridor[inside]
    return pointers, share, corridor


def _led_to(pointers: Numbers, corridor: Ints) -> NDArray[np.intp]:
    """The rows with a cell that some corridor may hold up."""
    row = np.repeat(np.arange(len(pointers) - 1), np.diff(pointers))
    return np.unique(row[corridor >= 0])


def _by_buyer(s: System, made: Numbers) -> NDArray[np.intp]:
    """Markets in the order of the first node that buys there, then by product."""
    first = np.full(len(made), len(s.x0), np.int64)
    first[s.slot_market[::-1]] = s.slot_node[::-1]  # slots are sorted by node, and the last written stays
    return np.lexsort((made, first))


def _strips(s: System, flow: NDArray[np.bool_], bids: Numbers) -> tuple[Numbers, Numbers, Numbers, Floats]:
    """The strips of all nodes, one node after the other: the last four fields of a Layout."""
    node, at, need = s.slot_node[flow], bids[s.slot_market[flow]], s.home_need[flow]
    order = np.lexsort((at, node))
    node, at, need = node[order], at[order], need[order]
    begins = np.ones(len(node), bool)
    begins[1:] = (np.diff(node) != 0) | (np.diff(at) > GAP)
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(node)) - 1 if len(first) else first
    cells = _pointers(at[last] - at[first] + 1)
    strip = np.cumsum(begins) - 1
    needs = np.bincount(cells[strip] + at - at[first[strip]], need, int(cells[-1]))
    return (
        _pointers(np.bincount(node[first], minlength=len(s.x0))),
        at[first],
        cells,
        needs.astype(np.float64),
    )


def _inverse(order: NDArray[np.intp]) -> Numbers:
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    return back


def _pointers(sizes: Numbers) -> Numbers:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _ids(numbers: NDArray[np.integer]) -> Ids:
    return numbers.astype(np.uint32)


def _wide(pointers: Numbers) -> Pointers:
    return pointers.view(np.uint64)
