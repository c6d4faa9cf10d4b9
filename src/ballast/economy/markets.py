"""The markets of an economy: which buyers share one mix of suppliers.

markets_of_table   found in an ordinary input-output table
markets_of_lines   known beforehand, in whatever order; only put in order, and checked
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ballast.arrays import Floats, Ints, pointers, sums
from ballast.compiled import Function, compiled
from ballast.errors import BookError

CONSERVED = 1e-9  # of a market: what its suppliers sell and its buyers buy may differ by rounding only
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
    n, finals = len(node_sector), len(final_region)
    _raise(_outside("node_sector", node_sector, n_sectors))
    bought = [
        _amounts_of("links", links, (n, n), least=0.0),
        _amounts_of("final", final, (n, finals)),
    ]
    if imports is not None:
        imports = _amounts_of("imports", imports, (n_sectors, n), least=0.0)
    if final_imports is not None:
        final_imports = _amounts_of("final_imports", final_imports, (n_sectors, finals))
    flows = sparse.hstack(bought, format="csc")
    foreign = _stack_imports(imports, final_imports, n_sectors, n, flows.shape[1])
    column_region = np.concatenate([node_region, final_region])
    keys, starts, row, value = _lines(flows, node_sector, n_sectors)
    domestic = sums(np.repeat(np.arange(len(keys)), np.diff(starts)), value, len(keys))
    keys, starts, domestic, imported = _with_foreign(keys, starts, domestic, foreign)
    line_col, product = np.divmod(keys, n_sectors)
    line_product, line_region = product.astype(np.int32), column_region[line_col]
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
    slots = int(np.searchsorted(line_col, n))  # lines of nodes come before those of final users
    f = line_col[slots:] - n
    return {
        "slot_product": line_product[:slots],
        "slot_node": line_col[:slots].astype(np.int32),
        "slot_market": market_of[:slots],
        "slot_domestic": domestic[:slots],
        "slot_imports": imported[:slots],
        "final_product": line_product[slots:],
        "final_region": final_region[f],
        "final_category": final_category[f],
        "final_market": market_of[slots:],
        "final_domestic": domestic[slots:],
        "final_imports": imported[slots:],
        "market_ptr": ptr,
        "market_supplier": supplier,
        "market_share": share,
    }


def _amounts_of(what: str, table: Any, shape: tuple[int, int], *, least: float = -np.inf) -> Any:
    """A table in CSC; BookError for another shape, and for a cell that is no amount or below `least`."""
    try:
        cells = sparse.csc_array(table)
    except (TypeError, ValueError):
        raise BookError(f"{what} is no table of amounts. Give a matrix of numbers.") from None
    if cells.shape != shape:
        row = "product" if "imports" in what else "seller"
        raise BookError(f"{what} is {cells.shape}, expected {shape}: a row a {row}, a column a buyer.")
    data = cells.data
    if len(data) and not (least <= (low := data.min()) and low > -np.inf and data.max() < np.inf):
        at = int(np.argmin(np.isfinite(data) & (data >= least)))
        column = int(np.searchsorted(cells.indptr, at, side="right")) - 1
        todo = "Give what is bought in a year, 0 where nothing is"
        raise BookError(f"{what}, row {cells.indices[at]}, column {column}: {data[at]}. {todo}.")
    return cells


def _lines(
    flows: Any, node_sector: Ints, n_sectors: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], Ints, Floats]:
    """A line a (column, product) with any flow at home: its key, column x K + product, in rising order;
    where each begins among the flows; and the flows' suppliers and values, line by line.

    With the nodes numbered by sector, sorting the columns of a CSC brings the flows into that order: no
    sort, and no hash, of all flows at once. `flows` is used up.
    """
    flows.eliminate_zeros()
    by_sector = np.argsort(node_sector, kind="stable").astype(np.int32)
    rank = np.empty(len(by_sector), flows.indptr.dtype)
    rank[by_sector] = np.arange(len(rank))
    flows.indices = rank[flows.indices]
    flows.has_sorted_indices = False
    flows.sort_indices()
    row = by_sector[flows.indices]
    key = np.repeat(np.arange(flows.shape[1], dtype=np.int64) * n_sectors, np.diff(flows.indptr))
    key += node_sector[row]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    return key[first], np.append(first, len(key)), row, flows.data


def _with_foreign(
    keys: NDArray[np.int64], starts: NDArray[np.int64], domestic: Floats, foreign: Any
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, Floats]:
    """(keys, starts, domestic, imported) of all lines, those that buy abroad only put in their places."""
    foreign.sum_duplicates()
    foreign.eliminate_zeros()
    bought = np.repeat(np.arange(foreign.shape[1], dtype=np.int64), np.diff(foreign.indptr))
    bought = bought * foreign.shape[0] + foreign.indices
    at = np.searchsorted(keys, bought)
    new = np.append(keys, -1)[at] != bought
    at, abroad_only = at[new], bought[new]
    keys, domestic = np.insert(keys, at, abroad_only), np.insert(domestic, at, 0.0)
    imported = np.zeros(len(keys))
    imported[np.searchsorted(keys, bought)] = foreign.data
    return keys, np.insert(starts, at, starts[at]), domestic, imported


_Columns = tuple[Any, Any, Any, Any]


class Lines(NamedTuple):
    """Who buys what in which market: the slots of an economy, then its final lines."""

    product: NDArray[Any]
    region: NDArray[Any]
    market: NDArray[Any]
    domestic: Floats | None  # None: each line is alone in its market and buys all that is sold there


def lines_of(slots: _Columns, finals: _Columns, node_region: NDArray[Any]) -> Lines:
    """The lines of `slots` (product, node, market, domestic) and `finals` (region for node).

    Both say their markets and what they buy, or neither does.
    """
    given = [column is not None for column in (*slots[2:], *finals[2:])]
    if any(given) and not all(given):
        raise BookError(
            "slot_market, slot_domestic, final_market and final_domestic belong together. Give all four, "
            "or none where every line has a market of its own."
        )
    slots, finals = _read("slot", "node", slots), _read("final", "region", finals)
    node = slots[1]
    _raise(_uneven(slots, finals))
    _raise(_outside("slot_node", node, len(node_region)))
    count = len(slots[0]) + len(finals[0])
    return Lines(
        product=np.concatenate([slots[0], finals[0]]),
        region=np.concatenate([node_region[node], finals[1]]),
        market=np.concatenate([slots[2], finals[2]]) if any(given) else np.arange(count),
        domestic=np.concatenate([slots[3], finals[3]]) if any(given) else None,
    )


def _read(kind: str, second: str, columns: _Columns) -> _Columns:
    """The columns product, `second`, market and domestic of slots or final lines; the last two may lack."""
    product, other, market, domestic = columns
    return (
        places(f"{kind}_product", product),
        places(f"{kind}_{second}", other),
        None if market is None else places(f"{kind}_market", market),
        None if domestic is None else _amounts(f"{kind}_domestic", domestic),
    )


def places(what: str, values: Any) -> NDArray[Any]:
    """A column of places in a list; BookError for what is none. What is too large stays too large."""
    array = _column(what, values, "iu", "whole numbers: places in the list, from 0 on")
    most = np.iinfo(np.int64).max
    return np.minimum(array, most).astype(np.int64) if array.dtype.kind == "u" else array.astype(np.int64)


def imports_of(what: str, values: Any, rows: int, *, least: float) -> Floats:
    """What lines buy abroad, 0 where nobody says; BookError for what is no amount, or below `least`."""
    if values is None:
        return np.zeros(rows)
    amount = _amounts(what, values)
    _raise(_unlikely(what, amount, least))
    return amount


def _amounts(what: str, values: Any) -> Floats:
    return _column(what, values, "iuf", "amounts: numbers, 0 where there is nothing").astype(np.float64)


def _column(what: str, values: Any, kinds: str, wanted: str) -> NDArray[Any]:
    """As an array of one dimension, of one of NumPy's `kinds`; an empty one may be of any."""
    try:
        array = np.asarray(values)
    except ValueError:  # lists of unlike lengths
        raise BookError(f"{what} is no column: its rows have several values. Give {wanted}.") from None
    if array.ndim != 1:
        raise BookError(f"{what} is no column: it has {array.ndim} dimensions, not 1. Give {wanted}.")
    if len(array) and array.dtype.kind not in kinds:
        others = (i for i, v in enumerate(array.tolist()) if not isinstance(v, int | float))
        row = next(others, 0)
        raise BookError(f"{what} is of type {array.dtype}. Give {wanted}; row {row} is {array[row]!r}.")
    return array


def markets_of_lines(
    market: Any, supplier: Any, amount: Any, lines: Lines, node_sector: NDArray[Any]
) -> tuple[Floats, dict[str, Any]]:
    """(what each line buys at home, the market arrays of an `Economy`) where `supplier` sells `amount` in
    `market`, a row each, in any order; rows of one supplier in one market add up, and 0 is no sale.
    """
    n = len(node_sector)
    market, supplier, amount = (
        places("market", market),
        places("supplier", supplier),
        _amounts("amount", amount),
    )
    _raise(_misfits(market, supplier, amount, lines, n))
    count = int(lines.market.max(initial=-1)) + 1
    key, value = _added_up(market * n + supplier, amount)
    market, supplier = np.divmod(key, max(n, 1))
    sold = sums(market, value, count)
    domestic = sold[lines.market] if lines.domestic is None else lines.domestic
    _raise(_mixtures(market, supplier, lines, node_sector, count))
    _raise(_imbalances(market, value, sold, domestic, lines.market))
    share = value / sold[market]
    _raise(_against(market, supplier, value, share))
    ptr = pointers(np.bincount(market, minlength=count))
    return domestic, {
        "market_ptr": ptr,
        "market_supplier": supplier.astype(np.int32),
        "market_share": share,
    }


def _added_up(key: NDArray[np.int64], amount: NDArray[Any]) -> tuple[NDArray[np.int64], Floats]:
    """Each key once, in rising order, with the sum of its amounts; none whose sum is 0."""
    order = np.argsort(key, kind="stable")
    key = key[order]
    new = np.diff(key, prepend=-1) != 0
    value = sums(np.cumsum(new) - 1, amount[order], int(new.sum()))
    return key[new][value != 0], value[value != 0]


def _raise(problems: Iterator[str]) -> None:
    if said := list(problems):
        raise BookError("The markets are not whole.\n" + "\n".join(said))


def _uneven(slots: _Columns, finals: _Columns) -> Iterator[str]:
    for what, columns in (("slots", slots), ("final lines", finals)):
        rows = [len(column) for column in columns if column is not None]
        if len(set(rows)) > 1:
            yield f"The columns of {what} have {', '.join(map(str, rows))} rows. Give a row of each."


def _outside(what: str, values: NDArray[Any], limit: int) -> Iterator[str]:
    if (outside := (values < 0) | (values >= limit)).any():
        row = int(np.argmax(outside))
        yield f"{what}, row {row}: {values[row]} is outside 0..{limit - 1}. Is it counted from 1?"


def _misfits(
    market: NDArray[Any], supplier: NDArray[Any], amount: NDArray[Any], lines: Lines, n: int
) -> Iterator[str]:
    """Lengths, ranges, finite amounts."""
    if not len(market) == len(supplier) == len(amount):
        rows = f"{len(market)}, {len(supplier)} and {len(amount)}"
        yield f"market, supplier and amount have {rows} rows. Give a row of each for every sale."
    yield from _outside("market", market, int(lines.market.max(initial=-1)) + 1)
    yield from _outside("supplier", supplier, n)
    yield from _outside("the market of a slot or final line", lines.market, len(lines.market))
    for what, money in (("amount", amount), ("domestic", lines.domestic)):
        if money is not None:
            yield from _unlikely(what, money)


def _unlikely(what: str, money: Floats, least: float = -np.inf) -> Iterator[str]:
    """The first amount that is no number, without end, or below `least`."""
    if not (right := np.isfinite(money) & (money >= least)).all():
        row = int(np.argmin(right))
        yield f"{what}, row {row}: {money[row]}. Give what is sold in a year, 0 where nothing is."


def _mixtures(
    market: NDArray[Any], supplier: NDArray[Any], lines: Lines, node_sector: NDArray[Any], count: int
) -> Iterator[str]:
    """Markets of two products or regions, suppliers of another product: the first of each."""
    its = {"product": np.zeros(count, np.int64), "region": np.zeros(count, np.int64)}
    for what, of in (("product", lines.product), ("region", lines.region)):
        its[what][lines.market] = of
        if (other := its[what][lines.market] != of).any():
            row = int(np.argmax(other))
            m = int(lines.market[row])
            yield (
                f"market {m} serves {what} {its[what][m]} and, with line {row} (final lines are counted "
                f"after slots), {what} {of[row]}. A market is one product in one region: give each its own."
            )
    if (other := node_sector[supplier] != its["product"][market]).any():
        row = int(np.argmax(other))
        yield (
            f"market {market[row]} is of product {its['product'][market[row]]}, but its supplier "
            f"{supplier[row]} makes {node_sector[supplier[row]]}. A node makes its own sector's product."
        )


def _imbalances(
    market: NDArray[Any], value: Floats, sold: Floats, domestic: Floats, line_market: NDArray[Any]
) -> Iterator[str]:
    """Markets whose suppliers do not sell what their buyers buy, and those without anything to share."""
    count = len(sold)
    gross = sums(market, np.abs(value), count) + sums(line_market, np.abs(domestic), count)
    bought = sums(line_market, domestic, count)
    if (apart := np.abs(sold - bought) > CONSERVED * gross).any():
        m = int(np.argmax(apart))
        yield (
            f"market {m}: its suppliers sell {sold[m]:g}, its slots and final lines buy {bought[m]:g} at "
            f"home (markets where they differ: {int(apart.sum())}). Make the two agree."
        )
    if (nil := (np.abs(sold) <= CONSERVED * gross) & (gross > 0)).any():
        yield f"market {int(np.argmax(nil))}: its sales add up to 0: nobody has a share. Leave them out."


def _against(market: NDArray[Any], supplier: NDArray[Any], value: Floats, share: Floats) -> Iterator[str]:
    """The first supplier that takes back while others of its market sell: nobody buys from it."""
    if len(share) and share.min() < 0:
        i = int(np.argmax(share < 0))
        yield (
            f"market {market[i]}: its supplier {supplier[i]} sells {value[i]:g}, which is not what "
            "the others do. Give what is sold in a year, 0 where nothing is; below 0 in all of a market."
        )


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
    ptr = pointers(sizes)
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
