"""Find the markets of an ordinary input-output table: which buyers share one mix of suppliers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

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
        line_product, line_region, starts, row, value, domestic, node_sector, tolerance
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
    node_sector: Ints,
    tolerance: float,
) -> tuple[Ints, NDArray[np.int64], Ints, NDArray[np.float64]]:
    """Assign each line a market; the first line of a (product, region) with new shares opens one."""
    opened: dict[tuple[int, int], list[int]] = {}
    market_of = np.zeros(len(product), np.int32)
    suppliers: list[NDArray[Any]] = []
    shares: list[NDArray[np.float64]] = []
    empty: dict[tuple[int, int], int] = {}
    for i in range(len(product)):
        a, b = starts[i], starts[i + 1]
        place = (int(product[i]), int(region[i]))
        if a == b:  # bought abroad only: any market of the place will do, or an empty one
            empty[place] = i
            market_of[i] = -1
            continue
        mine, mix = row[a:b], value[a:b] / domestic[i]
        for m in opened.get(place, ()):
            if np.array_equal(suppliers[m], mine) and np.max(np.abs(shares[m] - mix)) <= tolerance:
                market_of[i] = m
                break
        else:
            market_of[i] = len(suppliers)
            opened.setdefault(place, []).append(len(suppliers))
            suppliers.append(mine)
            shares.append(mix)
    for place in empty:
        if place not in opened:
            opened[place] = [len(suppliers)]
            suppliers.append(np.zeros(0, np.int32))
            shares.append(np.zeros(0))
    for j in np.flatnonzero(market_of < 0):
        market_of[j] = opened[(int(product[j]), int(region[j]))][0]
    ptr = np.concatenate([[0], np.cumsum([len(s) for s in suppliers])]).astype(np.int64)
    flat = np.concatenate(suppliers) if suppliers else np.zeros(0, np.int32)
    mix = np.concatenate(shares) if shares else np.zeros(0)
    return market_of, ptr, flat.astype(np.int32), mix
