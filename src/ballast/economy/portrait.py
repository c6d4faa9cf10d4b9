"""An economy on one page, and where one node's figures come from. Facts only: cli has the words.

portrait(economy)     size, largest regions, sectors and links, concentration, imports, what is weak
provenance(economy, node)   the node's figures and, table by table, sources, grade and the steps since
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ballast.arrays import Floats, sums
from ballast.economy.checks import may_be_negative
from ballast.economy.economy import Economy
from ballast.economy.names.nodes import NodeNames
from ballast.economy.sheets.cells import plain
from ballast.errors import BookError, nearest
from ballast.evidence import Grade, Operation, Source
from ballast.text import Text

MOST = 8  # rows of each list
SINGLE = 0.8  # of what a slot buys at home: a supplier with more is its single source
DOMINANT = 0.5  # of a product's output in the table


@dataclass(frozen=True, slots=True)
class Ranked:
    """One row of a list: what, how much money, and its share of something the list names."""

    name: Text
    value: float
    share: float


@dataclass(frozen=True, slots=True)
class Portrait:
    """One page. Money is in the book's unit."""

    links: int
    output: float
    value_added: float
    exports: float
    imports: float
    industry_share: float  # of value added
    regions: tuple[Ranked, ...]  # by value added, share of the total
    sectors: tuple[Ranked, ...]
    top_links: tuple[Ranked, ...]  # share of what the buyer needs of the product
    makers: tuple[Ranked, ...]  # products one node dominates: its output, its share of the product
    regions_alike: float  # how many regions of equal size would be as concentrated (1 / Herfindahl)
    single_sourced: float  # share of home purchases of nodes in slots with a single source
    suppliers: tuple[
        Ranked, ...
    ]  # nodes that most buyers cannot do without: purchases they are the single source of
    imported: tuple[Ranked, ...]  # products by imports, share of home use
    own_region: tuple[
        float, float, float
    ]  # share of home purchases bought in the own region: low, central, high
    grades: tuple[tuple[Grade, float], ...]  # share of output
    discrepancy: float  # money booked to balance, share of output
    unclassed: tuple[str, ...]  # sectors without a class


def portrait(economy: Economy) -> Portrait:
    """The page of an economy; sums over links, so a table of thirty million takes seconds."""
    e = economy
    added, output = e.total_value_added, e.output
    imports = float(e.slot_imports.sum() + e.final_imports.sum())
    single, by_node = _single_sourced(e)
    home = float(e.slot_domestic.sum())
    return Portrait(
        links=_count_links(e),
        output=float(output.sum()),
        value_added=float(added.sum()),
        exports=float(e.exports.sum()),
        imports=imports,
        industry_share=float(e.industrial_value_added.sum() / added.sum()),
        regions=_ranked([r.name for r in e.regions], sums(e.node_region, added, e.r)),
        sectors=_ranked([s.name for s in e.sectors], sums(e.node_sector, added, e.k)),
        top_links=_top_links(e),
        makers=_dominant(e),
        regions_alike=_equal_number(sums(e.node_region, output, e.r)),
        single_sourced=single / home if home else 0.0,
        suppliers=_ranked([e.node_name(i) for i in range(e.n)], by_node, total=home, least=1e-12),
        imported=_imported(e),
        own_region=_own_region(e),
        grades=_graded(e),
        discrepancy=_discrepancy(e),
        unclassed=tuple(s.code for s in e.sectors if not s.like),
    )


def _ranked(
    names: list[Text], values: Floats, *, total: float | None = None, least: float = 0.0
) -> tuple[Ranked, ...]:
    whole = float(values.sum()) if total is None else total
    order = np.argsort(-values, kind="stable")[:MOST]
    return tuple(
        Ranked(names[i], float(values[i]), float(values[i] / whole) if whole else 0.0)
        for i in order
        if values[i] > least * whole
    )


def _count_links(e: Economy) -> int:
    """Pairs of seller and buyer, by product: suppliers of the market of each slot bought at home."""
    suppliers = np.add.reduceat(
        np.append(e.market_share > 0, False), np.minimum(e.market_ptr[:-1], len(e.market_share))
    ) * (np.diff(e.market_ptr) > 0)
    return int(suppliers[e.slot_market[e.slot_domestic > 0]].sum())


def _top_links(e: Economy) -> tuple[Ranked, ...]:
    """The largest flows between different nodes; found slot by slot from the largest slot down."""
    order = np.argsort(-e.slot_domestic, kind="stable")
    best: list[tuple[float, int, int, float]] = []
    for s in order:
        if len(best) >= MOST and e.slot_domestic[s] <= best[MOST - 1][0]:
            break
        m = e.slot_market[s]
        for at in range(int(e.market_ptr[m]), int(e.market_ptr[m + 1])):
            value = float(e.slot_domestic[s] * e.market_share[at])
            if e.market_supplier[at] != e.slot_node[s]:
                best.append(
                    (value, int(e.market_supplier[at]), int(e.slot_node[s]), value / float(e.slot_need[s]))
                )
        best = sorted(best, reverse=True)[: 4 * MOST]
    return tuple(
        Ranked(Text(*(f"{e.node_name(i)[x]} → {e.node_name(j)[x]}" for x in ("en", "zh"))), value, share)
        for value, i, j, share in best[:MOST]
    )


def _dominant(e: Economy) -> tuple[Ranked, ...]:
    """Products of which one node makes more than `DOMINANT`, when there are several makers' places."""
    if e.r == 1:
        return ()
    total = np.bincount(e.node_sector, e.output, e.k)
    share = e.output / np.maximum(total[e.node_sector], 1e-300)
    order = [i for i in np.argsort(-e.output, kind="stable") if share[i] > DOMINANT][:MOST]
    return tuple(Ranked(e.node_name(int(i)), float(e.output[i]), float(share[i])) for i in order)


def _equal_number(values: Floats) -> float:
    share = values / values.sum()
    return float(1.0 / (share**2).sum())


def _single_sourced(e: Economy) -> tuple[float, Floats]:
    """Money bought in slots with a single source, in all and by that source [N]."""
    count = len(e.market_ptr) - 1
    largest, who = np.zeros(count), np.zeros(count, np.int64)
    order = np.lexsort((e.market_share, e.entry_market))
    last = np.flatnonzero(np.append(np.diff(e.entry_market[order]) > 0, True)) if len(order) else order
    market = e.entry_market[order][last]
    largest[market], who[market] = e.market_share[order][last], e.market_supplier[order][last]
    one = (largest[e.slot_market] > SINGLE) & (who[e.slot_market] != e.slot_node)
    money = np.where(one, e.slot_domestic, 0.0)
    by_node = np.bincount(who[e.slot_market], money, e.n)
    return float(money.sum()), np.asarray(by_node, np.float64)


def _imported(e: Economy) -> tuple[Ranked, ...]:
    abroad = np.bincount(e.slot_product, e.slot_imports, e.k) + np.bincount(
        e.final_product, e.final_imports, e.k
    )
    used = (
        abroad
        + np.bincount(e.slot_product, e.slot_domestic, e.k)
        + np.bincount(e.final_product, np.maximum(e.final_domestic, 0), e.k)
    )
    order = np.argsort(-abroad, kind="stable")[:MOST]
    return tuple(
        Ranked(e.sectors[i].makes, float(abroad[i]), float(abroad[i] / used[i]))
        for i in order
        if abroad[i] > 0
    )


def _own_region(e: Economy) -> tuple[float, float, float]:
    region = np.zeros(len(e.market_ptr) - 1, np.int64)
    region[e.final_market] = e.final_region
    region[e.slot_market] = e.node_region[e.slot_node]
    own = e.node_region[e.market_supplier] == region[e.entry_market]
    bought = e.market_purchases[e.entry_market]
    total = float(e.market_purchases.sum())
    low, central, high = (
        float((bought * np.asarray(s) * own).sum() / total)
        for s in (e.share_low, e.market_share, e.share_high)
    )
    return (min(low, central, high), central, max(low, central, high))


def _graded(e: Economy) -> tuple[tuple[Grade, float], ...]:
    if e.node_grade is None:
        return ()
    total = float(e.output.sum())
    at = np.array([str(g) for g in e.node_grade])
    return tuple((g, float(e.output[at == str(g)].sum() / total)) for g in Grade if (at == str(g)).any())


def _discrepancy(e: Economy) -> float:
    """Money in categories and rows that balance the table, as a share of output."""
    mine = np.array(
        [may_be_negative(e, i) and "inventor" not in c for i, (c, _) in enumerate(e.categories)], bool
    )
    rows = np.array([c == "adjustment" for c, _ in e.value_added_labels], bool)
    booked = float(np.abs(e.final_domestic[mine[e.final_category]]).sum()) if len(mine) else 0.0
    return (booked + float(np.abs(e.value_added[rows]).sum())) / float(e.output.sum())


# ---- one node --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a node's figures are and where they come from."""

    node: str  # its code, which the order of the table has no part in
    name: Text
    output: float
    value_added: tuple[tuple[Text, float], ...]
    exports: float
    inputs: tuple[Ranked, ...]  # by product, share of output
    suppliers: tuple[Ranked, ...]  # share of what it buys at home
    buyers: tuple[Ranked, ...]  # share of output
    grade: Grade | None
    grades: tuple[tuple[str, Grade], ...]
    steps: tuple[Operation, ...]
    sources: tuple[Source, ...]


def find_node(economy: Economy, word: str) -> int:
    """The node called `word`: its code, its name in either language; BookError names the nearest."""
    names = NodeNames(economy)
    found = names.fits(word)
    if len(found) == 1:
        return found[0][0]
    if found:
        codes = " or ".join(economy.node_codes[at[0]] for at in found[:5])
        raise BookError(f"book {economy.name}: {word!r} fits {len(found)} nodes. Write the code: {codes}.")
    text = plain(word)
    called = [w for node in names.things for w in (node.name.en, node.name.zh)]
    like = nearest(text, list(economy.node_codes)) or nearest(text, called)
    hint = (
        f"Did you mean {' or '.join(like)}?"
        if like
        else f"A node is {'REGION.SECTOR' if economy.node_ids is None else 'called by its id'}, such as "
        f"{economy.node_codes[0]}."
    )
    raise BookError(f"book {economy.name}: no node {word!r}. {hint}")


def provenance(economy: Economy, node: int) -> Provenance:
    """The figures of one node, its largest links, and every step and source behind its tables."""
    e, i = economy, node
    mine = e.slot_node == i
    inputs = sums(e.slot_product[mine], e.slot_need[mine], e.k)
    names = [e.node_name(n) for n in range(e.n)]
    bought, sold = _column(e, mine), _row(e, i)
    return Provenance(
        node=e.node_codes[i],
        name=names[i],
        output=float(e.output[i]),
        value_added=tuple(
            (t, float(v)) for (_, t), v in zip(e.value_added_labels, e.value_added[:, i], strict=True)
        ),
        exports=float(e.exports[i]),
        inputs=_ranked([s.makes for s in e.sectors], inputs, total=float(e.output[i])),
        suppliers=_ranked(names, bought),
        buyers=_ranked(names, sold, total=float(e.output[i])),
        grade=None if e.node_grade is None else e.node_grade[i],
        grades=tuple(e.grades.items()),
        steps=e.history,
        sources=e.sources,
    )


def _column(e: Economy, slots: NDArray[np.bool_]) -> Floats:
    """[N] what the slots buy of each node."""
    buys = np.bincount(e.slot_market[slots], e.slot_domestic[slots], len(e.market_ptr) - 1)
    return np.asarray(np.bincount(e.market_supplier, buys[e.entry_market] * e.market_share, e.n))


def _row(e: Economy, node: int) -> Floats:
    """[N] what each node buys of `node`."""
    entries = np.flatnonzero(e.market_supplier == node)
    share: Any = sparse.csr_array(
        (e.market_share[entries], (np.zeros(len(entries), np.int64), e.entry_market[entries])),
        shape=(1, len(e.market_ptr) - 1),
    )
    to_node = sparse.csr_array(
        (e.slot_domestic, (e.slot_market, e.slot_node)), shape=(len(e.market_ptr) - 1, e.n)
    )
    return np.asarray((share @ to_node).toarray()).ravel()
