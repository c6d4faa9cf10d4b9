"""What in a long table is the sum of the rest, or of some of it: counted with its parts it counts twice.

summed   errors for regions, sectors, final uses, imported products, kinds of exports and of value added
         that are sums, and doubts about words that name a whole beside its parts
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import Floats
from ballast.economy.readers.flows import Flows
from ballast.economy.readers.long_ends import Ends, index, positions
from ballast.economy.readers.meant import wholes
from ballast.economy.readers.wholes import uses
from ballast.economy.sums import CHANCE, Grid, Index, all_others, depth, parts
from ballast.errors import Finding
from ballast.text import listed

THIN = 50.0  # what is told: a bound far above the truth, random small tables come below it once in 300
MOST_CELLS = 1 << 24  # of a table that is looked through for sums
MOST_FINE = 1 << 20  # of one that is looked through flow by flow
ABOUT = 0.02  # of a use that calls itself a whole: how far its parts may be off
MOST_PARTS = 4  # named in a finding
ALL = "all others"

Sum = tuple[str, str, str]  # region or sector, its word, what it is the sum of


@dataclass(frozen=True, eq=False)
class _Rows:
    """Codes of the rows of one kind, such as goods made here, and their amounts."""

    region: NDArray[Any]
    product: NDArray[Any]
    to_region: NDArray[Any]
    to_sector: NDArray[Any]
    value: Floats

    def of(self, keep: NDArray[np.bool_]) -> _Rows:
        """Some of the rows."""
        columns = (self.region, self.product, self.to_region, self.to_sector, self.value)
        return _Rows(*(c[keep] for c in columns))

    def table(self, row: NDArray[Any], column: NDArray[Any], rows: int, columns: int) -> Floats:
        """[rows, columns] what the rows add up to; without columns where that would be too large."""
        if rows * columns > MOST_CELLS:
            return np.zeros((rows, 0))
        each = np.bincount(row.astype(np.int64) * columns + column, self.value, rows * columns)
        return np.asarray(each.reshape(rows, columns), np.float64)


def _rows(f: Flows, e: Ends, kind: int) -> _Rows:
    pick = np.flatnonzero(e.kind == kind)
    region = positions(f.labels["from_region"], e.regions)[f.at["from_region"][pick]]
    return _Rows(region, e.product[pick], f.at["to_region"][pick], f.at["to_sector"][pick], f.value[pick])


def summed(
    f: Flows, e: Ends, flows: Any, final: Any, exports: Floats, path: Path, *, keep: bool = False
) -> list[Finding]:
    """Findings of sums; a word is named once, for the first reason found. `keep` says that none is one."""
    home, foreign = _rows(f, e, 0), _rows(f, e, 1)
    uses_of, doubts = _uses(f, e, flows, final, exports, path)
    every = [*_regions(f, e, home), *_sectors(f, e, home, foreign), *_imported(f, e, foreign), *uses_of]
    every += [*_exported(f, e), *_added(f, e)]
    named: dict[tuple[str, str], str] = {}
    for kind, word, what in every:
        named.setdefault((kind, word), what)
    found = []
    for (kind, word), what in named.items():
        said = "final use" if kind == "sector" and word in e.finals else kind
        where = f"{path}, row {f.lines(f.first(kind, word))}"
        told = f"{said} {word!r} is the sum of {what}"
        todo = "Take its rows out, in which all counts twice; if it is no total, --keep-sums reads it"
        if keep:
            todo = "It is kept, as --keep-sums says"
        found.append(Finding("note" if keep else "error", where, told, todo))
    return [*found, *(d for d in doubts if not any(d.where == x.where for x in found))]


def _regions(f: Flows, e: Ends, home: _Rows) -> list[Sum]:
    r, k, words, places = len(e.regions), len(e.sectors), f.labels["to_sector"], f.labels["to_region"]
    buys, n = positions(words, e.sectors) >= 0, len(home.value)
    at = positions(e.regions, places)
    by_sector = home.table(home.region, home.to_sector, r, len(words))
    by_product = home.table(home.region, home.product, r, k)
    by_place = home.table(home.region, home.to_region, r, len(places))
    nowhere = np.full(r, -1, np.int32)
    out: list[str] = []
    for each, own, must in (
        (by_sector, nowhere, buys),
        (by_product, nowhere, np.ones(k, bool)),
        (by_place, at, np.isin(places, e.regions)),
    ):
        out += all_others(e.regions, each, own, must if each.shape[1] else must[:0], deep=depth(each, n))
    whole: list[Sum] = [("region", w, ALL) for w in out if w not in f.meant.special]
    # from the rows again: turning the wide table (`_bought`) takes longer where regions are many
    to = positions(places, e.regions)[home.to_region]
    known = home if (to >= 0).all() else home.of(to >= 0)
    bought = known.table(to[to >= 0], known.region, r, r if by_place.shape[1] else 0)
    across = _fine(f, e, home, "region") or Grid.of(
        [(by_place, at), (bought, np.arange(r) if bought.shape[1] else nowhere)], n
    )
    some = parts(across)
    within = [i for i in range(r) if np.count_nonzero(across.each[i] * across.looked(i)) < 2]
    if within:
        grid = Grid.of([(by_sector, nowhere), (by_product, nowhere)], n)
        some |= {i: of for i, of in parts(grid).items() if i in within}
    return whole + [("region", w, of) for w, of in _named(e.regions, some)]


def _fine(f: Flows, e: Ends, home: _Rows, kind: str) -> Grid | None:
    """Regions or sectors flow by flow, sold and bought; None where that is too much, and sums of flows will
    do. What sectors sell to final uses is a block by itself.
    """
    sides = [
        (home.region, home.to_region, e.regions, f.labels["to_region"]),
        (home.product, home.to_sector, e.sectors, f.labels["to_sector"]),
    ]
    (seller, buyer, names, words), (what, use, others, uses_of) = sides if kind == "region" else sides[::-1]
    n, m, p, w = len(names), len(others), len(words), len(uses_of)
    if n * m * p * w > MOST_FINE:
        return None
    at, to = positions(names, words), positions(words, names)
    sold = home.table(seller, (what * p + buyer) * w + use, n, m * p * w)
    pick = to[buyer] >= 0
    bought = home.of(pick).table(to[buyer[pick]], ((seller * m + what) * w + use)[pick], n, n * m * w)
    own = _middle(1, np.arange(n), n, m * w)
    if kind == "region":
        return Grid.of([(sold, _middle(m, at, p, w)), (bought, own)], 0)
    final = np.tile(np.repeat(to < 0, w), m)
    home_uses = (np.where(final, 0.0, sold), _middle(m, at, p, w))
    return Grid.of([home_uses, (np.where(final, sold, 0.0), np.full((n, 1), -1)), (bought, own)], 0)


def _middle(outer: int, at: NDArray[Any], count: int, inner: int) -> NDArray[Any]:
    """[n, outer inner] the columns in whose place (outer, count, inner) the middle one is `at` [n]; -1 for
    none.
    """
    first = (np.arange(outer) * count * inner)[:, None] + np.arange(inner)
    return np.where(at[:, None] < 0, -1, first.ravel() + at[:, None] * inner)


def _bought(sold: Floats, at: NDArray[np.int32], n: int) -> Floats:
    """[n, n] what each of n buys of each, from what each sells [n, words]; `at` are its columns, or -1."""
    out = np.zeros((n, n if sold.shape[1] else 0))
    if sold.shape[1]:
        out[at >= 0] = sold[:, at[at >= 0]].T
    return out


def _sectors(f: Flows, e: Ends, home: _Rows, foreign: _Rows) -> list[Sum]:
    k, words = len(e.sectors), f.labels["to_sector"]
    w, at, n = len(words), positions(e.sectors, words), len(home.value)
    sold = home.table(home.product, home.to_sector, k, w)
    if not sold.shape[1]:
        return []
    buys = positions(words, e.sectors) >= 0
    abroad = np.bincount(foreign.to_sector, foreign.value, w).astype(np.float64)
    bought, every, deep = _bought(sold, at, k), np.arange(k, dtype=np.int32), depth(sold, n)
    out = all_others(e.sectors, sold, at, buys, abroad, deep)
    out += all_others(e.sectors, bought, every, np.ones(k, bool), sold[:, ~buys].sum(axis=1), deep)
    grid = _fine(f, e, home, "sector") or Grid.of(
        [(sold[:, buys], _kept(at, buys)), (sold[:, ~buys], np.full(k, -1)), (bought, every)], n
    )
    some = _named(e.sectors, parts(grid))
    return [("sector", x, ALL) for x in out if x not in f.meant.special] + [
        ("sector", x, of) for x, of in some
    ]


def _kept(at: NDArray[np.int32], kept: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Positions of columns among those that are kept; -1 for none."""
    where = np.where(kept, np.cumsum(kept) - 1, -1)
    return np.asarray(np.where(at < 0, -1, where[at]), np.int32)


def _imported(f: Flows, e: Ends, foreign: _Rows) -> list[Sum]:
    """Products that are bought abroad as much as others together."""
    if not len(foreign.value):
        return []
    k, w, p = len(e.sectors), len(f.labels["to_sector"]), len(f.labels["to_region"])
    by_sector = foreign.table(foreign.product, foreign.to_sector, k, w)
    by_place = foreign.table(foreign.product, foreign.to_region, k, p)
    nowhere, n = np.full(k, -1, np.int32), len(foreign.value)
    alone = np.bincount(e.product[e.kind == 0], minlength=k) == 0  # a sum has no maker of its own
    all_of = all_others(
        e.sectors, by_sector, nowhere, np.ones(by_sector.shape[1], bool), deep=depth(by_sector, n)
    )
    some = parts(Grid.of([(by_sector, nowhere), (by_place, nowhere)], n))
    found = [(w, f"{ALL} that are imported") for w in all_of] + _named(e.sectors, some)
    return [("sector", w, of) for w, of in found if alone[e.sectors.index(w)]]


def _exported(f: Flows, e: Ends) -> list[Sum]:
    """Kinds of exports that are the sum of the others."""
    found = _kinds(f, e, "to_sector", (e.kind == 0) & e.abroad, e.seller)
    return [("sector", w, "all other exports") for w in found]


def _added(f: Flows, e: Ends) -> list[Sum]:
    """Rows of value added that are the sum of the others."""
    found = _kinds(f, e, "from_sector", e.kind == 2, e.buyer)
    return [("sector", w, "all other rows of value added") for w in found]


def _kinds(f: Flows, e: Ends, role: str, mask: NDArray[np.bool_], node: NDArray[np.int64]) -> list[str]:
    """The words of a role, in some rows, that are node by node the sum of the others."""
    pick = np.flatnonzero(mask)
    word, words = index(f.labels[role], f.at[role][pick])
    n = len(e.regions) * len(e.sectors)
    if len(words) < 3 or n * len(words) > MOST_CELLS:
        return []
    at = word[f.at[role][pick]].astype(np.int64) * n + node[pick]
    each = np.bincount(at, f.value[pick], n * len(words)).reshape(-1, n).astype(np.float64)
    return all_others(words, each, np.full(len(words), -1, np.int32), np.ones(n, bool))


def _uses(
    f: Flows, e: Ends, flows: Any, final: Any, exports: Floats, path: Path
) -> tuple[list[Sum], list[Finding]]:
    """Final uses that are sums of what others buy, and doubts about words that name a whole."""
    coo, width = final.tocoo(), len(e.finals)
    at = coo.row.astype(np.int64) * width + coo.col % max(width, 1)
    each = np.bincount(at, coo.data, final.shape[0] * width).reshape(-1, width).astype(np.float64)
    sectors = np.asarray(flows.sum(axis=1), np.float64).ravel()
    deep = depth(each, coo.nnz)
    found = [("sector", w, of) for w, of in uses(e.finals, each, sectors, exports, deep)]
    lines = np.vstack([each.T, sectors, exports])
    names = [*e.finals, "what sectors buy", "exports"]
    nowhere = np.full(len(lines), -1)
    some = parts(Grid.of([(lines, nowhere)], int(deep * np.count_nonzero(lines))))
    found += [("sector", w, of) for w, of in _named(names, some) if w in e.finals]
    buyers = ([*e.finals, *e.sectors, "exports"], _buyers(e, each, flows, exports))
    found += _parts_of_uses(e, [buyers], deep, found, CHANCE)
    found, doubts = _by_words(f, e, each, found, path)
    for word, of in uses(e.finals, each, sectors, exports, deep, near=True):
        two = np.count_nonzero(each[:, e.finals.index(word)]) == 2
        what = f"final use {word!r} is {'in its two cells' if two else 'nearly'} the sum of {of}"
        doubts.append(_doubt(f, path, word, what))
    for _, word, of in _parts_of_uses(e, [(names, lines), buyers], deep, found, THIN):
        doubts.append(_doubt(f, path, word, f"final use {word!r} may be the sum of {of}: it adds up"))
    return found, doubts


def _buyers(e: Ends, each: Floats, flows: Any, exports: Floats) -> Floats:
    """[final uses, sectors as buyers, exports] what each buys of every seller; none where too much."""
    n, k = flows.shape[0], len(e.sectors)
    if n * (k + each.shape[1] + 1) > MOST_CELLS:
        return np.zeros((0, 0))
    coo = flows.tocoo()
    at = coo.row.astype(np.int64) * k + coo.col % k
    return np.vstack([each.T, np.bincount(at, coo.data, n * k).reshape(n, k).T, exports])


def _parts_of_uses(
    e: Ends, grids: Sequence[tuple[list[str], Floats]], deep: float, found: Sequence[Sum], chance: float
) -> list[Sum]:
    """Final uses, but those already found, that are the sum of some lines of a grid with their names."""
    out: dict[str, str] = {}
    for names, lines in grids:
        known = {w for _, w, _ in found} | out.keys()
        left = {i for i, w in enumerate(e.finals) if w not in known}
        grid = Grid.of([(lines, np.full(len(lines), -1))], int(deep * np.count_nonzero(lines)))
        out |= dict(_named(names, parts(grid, left, chance)))
    return [("sector", w, of) for w, of in out.items()]


def _doubt(f: Flows, path: Path, word: str, what: str) -> Finding:
    where = f"{path}, row {f.lines(f.first('sector', word))}"
    todo = "Take its rows out if it is a total, in which all counts twice"
    return Finding("warning", where, what, todo)


def _by_words(
    f: Flows, e: Ends, each: Floats, found: list[Sum], path: Path
) -> tuple[list[Sum], list[Finding]]:
    """Final uses that say they are the whole of others: sums where they are about as much, else doubts."""
    doubts, total = [], each.sum(axis=0)
    for word, of in wholes(e.finals).items():
        i, members = e.finals.index(word), [e.finals.index(w) for w in of]
        gap = np.abs(each[:, members].sum(axis=1) - each[:, i]).sum()
        if gap <= ABOUT * np.abs(each[:, i]).sum() and total[i]:
            found.append(("sector", word, _list(of)))
        elif total[i]:
            what = f"final use {word!r} may be the whole of {_list(of)}, and is counted beside them"
            doubts.append(_doubt(f, path, word, what))
    return found, doubts


def _named(names: Sequence[str], found: dict[int, Index]) -> list[tuple[str, str]]:
    """(a word, the words it is the sum of), of positions."""
    most = len(names) - len(found)
    return [
        (names[i], ALL if len(of) == most > 2 else _list(names[j] for j in of)) for i, of in found.items()
    ]


def _list(words: Iterable[str]) -> str:
    every = [w if w in ("what sectors buy", "exports") else repr(w) for w in words]
    if len(every) <= MOST_PARTS and every:
        return " and ".join(filter(None, [", ".join(every[:-1]), every[-1]]))
    return listed(every, MOST_PARTS)
