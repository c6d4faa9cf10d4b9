"""Find the markets of an ordinary input-output table: which buyers share one mix of suppliers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ballast.compiled import compiled

Ints = NDArray[np.int32]


def markets_of_table(
    links: Any,
    final: Any,
    imports: Any,
    final_imports: Any,
    *,
    node_region: Ints,
    node_sector: Ints,
    final_region: Ints,
    final_category: Ints,
    n_sectors: int,
    tolerance: float,
) -> dict[str, Any]:
    """The slot, final and market arrays of an `Economy` from Z, Y and their imports.

    Every column of [Z, Y] splits into one line a product; lines of one product whose buyers sit in
    one region are merged into a market when their supplier shares agree within `tolerance`.
    """
    n = len(node_sector)
    flows = sparse.hstack([sparse.csc_array(links), sparse.csc_array(final)], format="csc")
    flows.sort_indices()
    columns = flows.shape[1]
    foreign = _stack_imports(imports, final_imports, n_sectors, n, columns)
    column_region = np.concatenate([node_region, final_region])

    # one line a (column, product) with any flow, home or foreign
    col = np.repeat(np.arange(columns, dtype=np.int64), np.diff(flows.indptr))
    row, value = flows.indices, flows.data
    keep = value != 0
    col, row, value = col[keep], row[keep], value[keep]
    key = col * n_sectors + node_sector[row]
    foreign_coo = foreign.tocoo()
    foreign_key = foreign_coo.col.astype(np.int64) * n_sectors + foreign_coo.row
    keys = np.unique(np.concatenate([key, foreign_key[foreign_coo.data != 0]]))
    line = np.searchsorted(keys, key)
    domestic = np.bincount(line, value, len(keys)).astype(np.float64, copy=False)
    imported = np.zeros(len(keys))
    imported[np.searchsorted(keys, foreign_key[foreign_coo.data != 0])] = foreign_coo.data[
        foreign_coo.data != 0
    ]
    line_col = (keys // n_sectors).astype(np.int64)
    line_product = (keys % n_sectors).astype(np.int32)
    line_region = column_region[line_col]

    order = np.argsort(line, kind="stable")
    line, row, value = line[order], row[order], value[order]
    starts = np.searchsorted(line, np.arange(len(keys) + 1))
    market_of, ptr, supplier, share = _group(
        line_product,
        line_region,
        starts,
        row,
        value,
        domestic,
        int(column_region.max(initial=-1)) + 1,
        n_sectors,
        tolerance,
    )
    is_slot = line_col < n
    f = line_col[~is_slot] - n
    return {
        "slot_product": line_product[is_slot],
        "slot_node": line_col[is_slot].astype(np.int32),
        "slot_market": market_of[is_slot],
        "slot_domestic": domestic[is_slot],
        "slot_imports": imported[is_slot],
        "final_product": line_product[~is_slot],
        "final_region": final_region[f],
        "final_category": final_category[f],
        "final_market": market_of[~is_slot],
        "final_domestic": domestic[~is_slot],
        "final_imports": imported[~is_slot],
        "market_ptr": ptr,
        "market_supplier": supplier,
        "market_share": share,
    }


def _stack_imports(imports: Any, final_imports: Any, k: int, n: int, columns: int) -> Any:
    left = sparse.csc_array((k, n)) if imports is None else sparse.csc_array(imports)
    right = sparse.csc_array((k, columns - n)) if final_imports is None else sparse.csc_array(final_imports)
    return sparse.hstack([left, right], format="csc")


def _group(
    product: Ints,
    region: Ints,
    starts: NDArray[np.int64],
    row: Ints,
    value: NDArray[np.float64],
    domestic: NDArray[np.float64],
    regions: int,
    products: int,
    tolerance: float,
) -> tuple[Ints, NDArray[np.int64], Ints, NDArray[np.float64]]:
    """Assign each line a market; the first line of a (product, region) with new shares opens one.

    A line bought abroad only takes the first market of its place, or an empty one where there is none.
    """
    mix = value / np.repeat(domestic, np.diff(starts))
    place = region.astype(np.int64) * products + product
    market_of, opener = _assign(place, starts, row, mix, regions * products, tolerance)
    sizes = np.where(opener >= 0, starts[opener + 1] - starts[opener], 0)
    ptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    entry = np.repeat(starts[np.maximum(opener, 0)] - ptr[:-1], sizes) + np.arange(ptr[-1])
    return market_of, ptr, row[entry].astype(np.int32), mix[entry]


@compiled
def _assign(place: Any, starts: Any, row: Any, mix: Any, places: int, tolerance: float) -> Any:
    """(market of each line, the line that opened each market; -1 for one without suppliers).

    The markets of a place are a chain. A dense table opens one a line; their first shares tell them apart.
    """
    lines = len(place)
    market_of = np.full(lines, -1, np.int32)
    opener = np.empty(lines + places, np.int64)
    head, tail = np.full(places, -1, np.int32), np.full(places, -1, np.int32)
    after = np.full(lines + places, -1, np.int32)
    count = 0
    for i in range(lines):
        begin, size = starts[i], starts[i + 1] - starts[i]
        if size == 0:
            continue
        m = head[place[i]]
        while m >= 0:
            first = starts[opener[m]]
            same = starts[opener[m] + 1] - first == size
            e = 0
            while same and e < size:
                same = (
                    row[begin + e] == row[first + e] and abs(mix[begin + e] - mix[first + e]) <= tolerance
                )
                e += 1
            if same:
                break
            m = after[m]
        if m < 0:
            m = count
            opener[m] = i
            if head[place[i]] < 0:
                head[place[i]] = m
            else:
                after[tail[place[i]]] = m
            tail[place[i]] = m
            count += 1
        market_of[i] = m
    for i in range(lines):
        if market_of[i] < 0:
            if head[place[i]] < 0:
                opener[count] = -1
                head[place[i]] = count
                count += 1
            market_of[i] = head[place[i]]
    return market_of, opener[:count]
