"""Find the markets of an ordinary input-output table: which buyers share one mix of suppliers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ballast.arrays import Floats, Ints
from ballast.compiled import Function, compiled

GRID = 1e-9  # of shares: finer than tables differ, coarser than rounding

Longs = NDArray[np.int64]


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
    with np.errstate(over="ignore"):  # a hash of 64 bits wraps: Python would warn of it
        market_of, opener = _assign(place, starts, row, mix, regions * products, tolerance)
    sizes = np.where(opener >= 0, starts[opener + 1] - starts[opener], 0)
    ptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    entry = np.repeat(starts[np.maximum(opener, 0)] - ptr[:-1], sizes) + np.arange(ptr[-1])
    return market_of, ptr, row[entry].astype(np.int32), mix[entry]


def _once(function: Function) -> Function:
    """Compiled; without numba run as it stands, since a table is read once."""
    return compiled(function, plain=True)


@_once
def _assign(
    place: Longs, starts: Longs, row: Ints, mix: Floats, places: int, tolerance: float
) -> tuple[Ints, Longs]:
    """(market of each line, the line that opened each market; -1 for one without suppliers).

    A line takes the first market of its place with its suppliers and, within the tolerance, its shares.
    Markets are found by a hash of place and suppliers and by a weighted sum of the shares: two lines that
    agree have sums in one step of its grid, or in neighbouring ones, so a line is compared with few others.
    """
    lines = len(place)
    market_of = np.full(lines, -1, np.int32)
    opener = np.empty(lines + places, np.int64)
    after = np.full(lines, -1, np.int32)  # markets of one cell of the hash, in the order they were opened
    cells = 16
    while cells < 2 * lines:
        cells *= 2
    head, tail = np.full(cells, -1, np.int32), np.full(cells, -1, np.int32)
    first_of = np.full(places, -1, np.int32)
    count = 0
    for i in range(lines):
        begin, size = starts[i], starts[i + 1] - starts[i]
        if size == 0:
            continue
        hashed, total = _mixed(np.uint64(place[i]), np.uint64(size)), 0.0
        for e in range(begin, begin + size):
            hashed = _mixed(hashed, np.uint64(row[e]))
            total += mix[e] * (1.0 + (row[e] * 0.6180339887498949) % 1.0)  # weights from 1 to 2
        step = np.int64(np.floor(total / max(4.0 * size * tolerance, GRID)))
        found = lines
        for near in range(-1, 2):
            m = head[_cell(hashed, step + near, cells)]
            while 0 <= m < found:
                if _alike(place, starts, row, mix, i, opener[m], tolerance):
                    found = m
                    break
                m = after[m]
        if found == lines:
            found = count
            opener[count] = i
            cell = _cell(hashed, step, cells)
            if head[cell] < 0:
                head[cell] = count
            else:
                after[tail[cell]] = count
            tail[cell] = count
            if first_of[place[i]] < 0:
                first_of[place[i]] = count
            count += 1
        market_of[i] = found
    for i in range(lines):
        if market_of[i] < 0:
            if first_of[place[i]] < 0:
                opener[count] = -1
                first_of[place[i]] = count
                count += 1
            market_of[i] = first_of[place[i]]
    return market_of, opener[:count]


@_once
def _alike(
    place: Longs, starts: Longs, row: Ints, mix: Floats, one: int, other: int, tolerance: float
) -> bool:
    """Whether two lines are of one place, with the same suppliers and shares."""
    begin, first, size = starts[one], starts[other], starts[one + 1] - starts[one]
    if place[one] != place[other] or starts[other + 1] - first != size:
        return False
    for e in range(size):
        if row[begin + e] != row[first + e] or abs(mix[begin + e] - mix[first + e]) > tolerance:
            return False
    return True


@_once
def _mixed(hashed: np.uint64, word: np.uint64) -> np.uint64:
    """One word more in a hash of 64 bits (the finaliser of splitmix64)."""
    x = (hashed ^ word) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@_once
def _cell(hashed: np.uint64, step: np.int64, cells: int) -> np.int64:
    return np.int64(_mixed(hashed, np.uint64(step)) & np.uint64(cells - 1))
