"""An input-output table as it was published, and the way from there to an economy.

A reader puts what it finds into a `Table` without touching a figure. `economy_of` then takes the steps
a table needs before days can be simulated on it; each is a pure function Table -> (Table, Step), says
what it moved, and keeps the totals (output, rows, columns) as published:

    leave_out_empty    nodes without output go; what others bought of them counts as imports
    no_negative_flows  a negative cell cannot be delivered: it goes to the discrepancy of its row, and
                       the column's value added takes the other end
    close              rows and columns that miss output: the gap becomes a discrepancy, never a scaling
    stocks_at_home     changes in inventories and discrepancies sit with their makers, where a user
                       draws down one maker's goods and stocks another's of the same product
    supply_from_stocks more drawn down than final users buy counts as supply from outside the year

What is left as it was found, but is doubtful, stands in the findings.
Shapes: N nodes, K sectors, F final columns, V rows of value added.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ballast.arrays import Floats, Ints, ratio
from ballast.economy import identity
from ballast.economy.economy import COUNTRY, Economy, Region, Sector
from ballast.economy.sane import MOST_MONEY, fault, shown
from ballast.economy.sheets.labels import faults, look_alikes
from ballast.errors import BookError, Finding, raise_findings
from ballast.evidence import Grade, Operation, Source
from ballast.text import Text, counted

DISCREPANCY = ("discrepancy", Text("Statistical discrepancy", "统计误差"))
ADJUSTMENT = ("adjustment", Text("Adjustment to the published total", "对公布总量的调整"))
PUBLISHED = Text("as published", "采用公布数")
INVENTORIES = ("inventories", Text("Change in inventories", "存货变动"))
ROUNDING = 1e-12  # of a node's output: what arithmetic leaves
TINY = 1e-100  # below it, numbers have no digits left to divide by
SOLD = 1e-6  # of all output: sales below it are the rounding of a published table
LARGE = 0.01  # of all output: a step that moves more is a warning
MOST_NAMED = 8  # findings of one kind that name their cells; the rest are counted


@dataclass(frozen=True, eq=False)
class Table:
    """A table in one unit, as published: nothing balanced, nothing left out.

    `flows` Z [N, N] home goods from row to column; `final` Y [N, F]; `imports` [K, N] and
    `final_imports` [K, F] by product; `exports` and `output` [N]; `value_added` [V, N]. `signed` are
    the categories that may be negative (inventories, discrepancies).
    """

    name: str
    title: Text
    unit: str
    currency: str
    year: int
    regions: tuple[Region, ...]
    sectors: tuple[Sector, ...]
    categories: tuple[tuple[str, Text], ...]
    value_added_labels: tuple[tuple[str, Text], ...]
    node_region: Ints
    node_sector: Ints
    flows: Any
    final: Any
    final_region: Ints
    final_category: Ints
    exports: Floats
    output: Floats
    value_added: Floats
    imports: Any = None
    final_imports: Any = None
    signed: tuple[str, ...] = ("inventories",)
    sources: tuple[Source, ...] = ()
    grades: dict[str, Grade] = field(default_factory=dict)
    history: tuple[Operation, ...] = ()
    findings: tuple[Finding, ...] = ()
    scope: Text = COUNTRY
    file: str = ""  # where it was read, for errors

    def __post_init__(self) -> None:
        n, f, k = len(self.output), len(self.final_region), len(self.sectors)
        put: Callable[[str, Any], None] = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731
        put("flows", _csc(self.flows, (n, n)))
        put("final", _csc(self.final, (n, f)))
        put("imports", _csc(self.imports, (k, n)))
        put("final_imports", _csc(self.final_imports, (k, f)))
        for name in ("exports", "output"):
            put(name, np.asarray(getattr(self, name), np.float64))
        for name in ("node_region", "node_sector", "final_region", "final_category"):
            put(name, np.asarray(getattr(self, name), np.int32))
        put("value_added", np.asarray(self.value_added, np.float64).reshape(-1, n))

    @property
    def total(self) -> float:
        """All output."""
        return float(self.output.sum())

    def code(self, i: int) -> str:
        """The code of node i."""
        return identity.pair(self.regions[self.node_region[i]].code, self.sectors[self.node_sector[i]].code)

    def category(self, code: str) -> int:
        """The index of a category, -1 when the table has none of that code."""
        return next((i for i, (c, _) in enumerate(self.categories) if c == code), -1)

    def row_gap(self) -> Floats:
        """[N] output less all sales."""
        sold = np.asarray(self.flows.sum(axis=1)).ravel() + np.asarray(self.final.sum(axis=1)).ravel()
        return np.asarray(self.output - sold - self.exports)

    def column_gap(self) -> Floats:
        """[N] output less inputs and value added."""
        used = np.asarray(self.flows.sum(axis=0)).ravel() + np.asarray(self.imports.sum(axis=0)).ravel()
        return np.asarray(self.output - used - self.value_added.sum(axis=0))


Step = tuple[Table, tuple[Operation, ...], tuple[Finding, ...]]


def economy_of(table: Table) -> tuple[Economy, tuple[Finding, ...]]:
    """The economy of a published table, with its history, and what was found on the way."""
    if not (table.output > TINY).any():
        raise BookError(f"{table.file or table.name}: no sector has any output. Give the whole table.")
    raise_findings(
        [*label_findings(table), *_impossible(table)],
        BookError,
        head=f"{table.file or table.name} cannot be used:",
    )
    findings = list(table.findings)
    for step in (leave_out_empty, no_negative_flows, close, stocks_at_home, supply_from_stocks):
        table, done, found = step(table)
        table = replace(table, history=(*table.history, *done))
        findings += found
    return _assemble(table), tuple(findings)


def label_findings(t: Table) -> list[Finding]:
    """Codes and names that cannot be such, or look alike."""
    where = t.file or t.name
    found = []
    for kind, labels in (
        ("region", [(r.code, r.name) for r in t.regions]),
        ("sector", [(s.code, s.name) for s in t.sectors]),
        ("final use", list(t.categories)),
        ("value added", list(t.value_added_labels)),
    ):
        words = [w for code, name in labels for w in dict.fromkeys((code, name.en, name.zh))]
        found += faults(words, lambda _, kind=kind: f"{where}, {kind}")  # type: ignore[misc]
        codes = [code for code, _ in labels]
        found += look_alikes(kind, where, codes)
        found += [
            Finding("error", where, f"{kind}: {times} have the code {shown(code)}", "Name each apart")
            for code, times in Counter(codes).items()
            if times > 1
        ]
    for what, text in (("name", t.name), ("unit", t.unit), ("currency", t.currency)):
        if wrong := fault(text):
            found.append(Finding("error", where, f"the {what} {shown(text)} {wrong}", "Write another"))
    return found


def _impossible(t: Table) -> list[Finding]:
    """Amounts that are infinite, no number, or more than any amount of money; inputs above all output."""
    found = []
    for name in ("flows", "final", "imports", "final_imports", "exports", "output", "value_added"):
        block = getattr(t, name)
        values = block.data if sparse.issparse(block) else block
        if len(bad := values[~(np.abs(values) <= MOST_MONEY)]):
            amounts = counted(len(bad), "amount is", "amounts are")
            what = f"{name.replace('_', ' ')}: {amounts} no money (the first: {bad[0]:g})"
            found.append(Finding("error", t.file or t.name, what, "Correct the cells"))
    used = float(t.flows.sum() + t.imports.sum())
    if not found and used > t.total:
        what = (
            f"all inputs together cost {used / t.total:,.3g} times all output: nothing is left to live on"
        )
        todo = "Give all tables of it in one unit, and check that rows sell and columns buy"
        found.append(Finding("error", t.file or t.name, what, todo))
    return found


# ---- the steps -------------------------------------------------------------------------------


def leave_out_empty(t: Table) -> Step:
    """Without nodes that make nothing; what others bought of them, rounding or stocks, counts as
    imports.
    """
    keep = t.output > 0
    if keep.all():
        return t, (), ()
    gone = np.flatnonzero(~keep)
    product = _products(t)[:, gone]
    rows = t.flows.tocsr()
    lost, lost_final = rows[gone], t.final.tocsr()[gone]
    moved = float(abs(lost[:, keep]).sum() + abs(lost_final).sum())
    new = replace(
        t,
        node_region=t.node_region[keep],
        node_sector=t.node_sector[keep],
        flows=rows[keep][:, keep],
        final=t.final.tocsr()[keep],
        imports=t.imports[:, keep] + product @ lost[:, keep],
        final_imports=t.final_imports + product @ lost_final,
        exports=t.exports[keep],
        output=t.output[keep],
        value_added=t.value_added[:, keep],
    )
    what = Text(
        f"{counted(len(gone), 'node')} without output left out; what others bought of it counts as imports",
        f"剔除无产出的节点{len(gone)}个，他人从中购买的部分计为进口",
    )
    names = ", ".join(t.code(int(i)) for i in gone[:MOST_NAMED]) + (
        " ..." if len(gone) > MOST_NAMED else ""
    )
    finding = Finding(
        "note",
        f"nodes {names}",
        f"{counted(len(gone), 'node makes nothing and is', 'nodes make nothing and are')} left out",
        "Nothing to do",
        moved,
    )
    return new, (Operation("nodes", what, moved / t.total),), (finding,)


def nothing_made(t: Table) -> list[Finding]:
    """Nodes that sell, but whose output, a sum of sales, a negative final use takes away: as errors.

    For readers that add up output themselves; a published output of nothing may be so.
    """
    parts = (t.flows, t.final)
    sold = np.sum([np.asarray(m.maximum(0).sum(axis=1)).ravel() for m in parts], axis=0) + t.exports
    gone = np.flatnonzero((t.output <= 0) & (sold > SOLD * max(t.total, 0.0)) & (sold > TINY))
    todo = "Correct the amounts below zero: something of what is sold must have been made"
    return [
        Finding(
            "error",
            f"{t.file or t.name}, node {t.code(i)}",
            f"sells {sold[i]:,.6g}, and {sold[i] - t.output[i]:,.6g} below zero leaves an output of "
            f"{t.output[i]:,.6g}",
            todo,
        )
        for i in gone[np.argsort(-sold[gone], kind="stable")][:MOST_NAMED].tolist()
    ]


def no_negative_flows(t: Table) -> Step:
    """Negative cells to the discrepancy of their row (and value added of their column)."""
    signed = np.isin(t.final_category, [t.category(c) for c in t.signed])
    flows, cut, cells = _positive(t.flows)
    final, cut_final, final_cells = _positive(t.final, ~signed)
    imports, cut_imports, import_cells = _positive(t.imports)
    final_imports, cut_abroad, abroad_cells = _positive(t.final_imports, ~signed)
    back = np.minimum(t.exports, 0.0)
    negative = np.asarray(cut.sum(axis=1)).ravel() + np.asarray(cut_final.sum(axis=1)).ravel() + back
    saved = np.asarray(cut.sum(axis=0)).ravel() + np.asarray(cut_imports.sum(axis=0)).ravel()
    count = len(cells) + len(final_cells) + len(import_cells) + len(abroad_cells) + int((back < 0).sum())
    if not count:
        return t, (), ()
    new = replace(
        t, flows=flows, final=final, imports=imports, final_imports=final_imports, exports=t.exports - back
    )
    new = _with_discrepancy(new, negative)
    new = _with_adjustment(new, saved)
    moved = float(-negative.sum() - cut_imports.sum() - cut_abroad.sum())
    names = [f"{t.code(i)} -> {t.code(j)} ({v:,.6g})" for i, j, v in cells]
    names += [f"{t.code(i)} -> {_final_name(t, j)} ({v:,.6g})" for i, j, v in final_cells]
    names += [f"imports of {t.sectors[i].code} by {t.code(j)} ({v:,.6g})" for i, j, v in import_cells]
    names += [
        f"imports of {t.sectors[i].code} by {_final_name(t, j)} ({v:,.6g})" for i, j, v in abroad_cells
    ]
    names += [f"exports of {t.code(int(i))} ({t.exports[i]:,.6g})" for i in np.flatnonzero(back < 0)]
    what = Text(
        f"{counted(count, 'negative cell')} moved to the discrepancy of its row and the adjustment of its "
        "column",
        f"{count}个负值单元移入所在行的统计误差和所在列的调整项",
    )
    finding = Finding(
        "warning" if moved > LARGE * t.total else "note",
        "flows " + "; ".join(names[:MOST_NAMED]) + (" ..." if len(names) > MOST_NAMED else ""),
        f"{counted(count, 'cell is', 'cells are')} negative: nothing negative can be delivered",
        "They are booked as a discrepancy, so rows and columns keep their totals; correct them at the "
        "source",
        -moved,
    )
    return new, (Operation("slots", what, moved / t.total),), (finding,)


def close(t: Table) -> Step:
    """Gaps of rows to the discrepancy, gaps of columns to the adjustment of value added."""
    rows, columns = t.row_gap(), t.column_gap()
    done, found = [], []
    small = ROUNDING * t.output
    for gap, side, which in ((rows, "row", "final"), (columns, "column", "nodes")):
        gap[np.abs(gap) <= small] = 0.0
        if not gap.any():
            continue
        moved = float(np.abs(gap).sum())
        worst = int(np.argmax(np.abs(gap) / np.maximum(t.output, t.output.mean())))
        where = Text("discrepancy", "统计误差") if side == "row" else Text("adjustment", "调整项")
        zh = "行" if side == "row" else "列"
        text = Text(
            f"{side}s that miss output closed by the {where.en}, output kept as published",
            f"{zh}与总产出之差记入{where.zh}，总产出保持公布数",
        )
        done.append(Operation(which, text, moved / t.total))
        found.append(
            Finding(
                "warning" if moved > LARGE * t.total else "note",
                f"{side}s, most in {t.code(worst)} ({gap[worst]:+,.6g}, "
                f"{gap[worst] / t.output[worst]:+.2%} of output)",
                f"{counted(int(np.count_nonzero(gap)), f'{side} misses', f'{side}s miss')} output by "
                f"{moved / t.total:.3g} of all output",
                f"The gap is booked as {where.en}; a reading error shows as a large one",
                moved,
            )
        )
    new = _with_adjustment(_with_discrepancy(t, rows), columns)
    return new, tuple(done), tuple(found)


def stocks_at_home(t: Table) -> Step:
    """Signed categories sit with the maker where a user's line of one would mix signs."""
    signed = np.isin(t.final_category, [t.category(c) for c in t.signed])
    if not signed.any() or not _mixed(t, signed):
        return t, (), ()
    t, done = _move_home(t, signed)
    return t, done, ()


def supply_from_stocks(t: Table) -> Step:
    """No node sells less than nothing to its final users: what came out of stocks is supply from
    outside.
    """
    final_total = np.asarray(t.final.sum(axis=1)).ravel() + t.exports
    short = np.flatnonzero(final_total < 0)
    if not len(short):
        return t, (), ()
    inside = np.asarray(t.flows.sum(axis=1)).ravel()
    scale = np.ones(len(t.output))
    part = np.minimum(-final_total[short] / inside[short], 1.0)
    scale[short] = 1.0 - part
    kept = sparse.diags_array(scale) @ t.flows
    moved = float((part * inside[short]).sum())
    give = np.zeros(len(t.output))
    give[short] = part * inside[short]
    new = replace(t, flows=kept.tocsc(), imports=t.imports + _products(t) @ (t.flows - kept))
    new = _with_discrepancy(new, give)
    names = ", ".join(t.code(int(i)) for i in short[np.argsort(final_total[short])][:MOST_NAMED])
    what = Text(
        f"{counted(len(short), 'node')} sold more than was made, out of stocks: this counts as imports",
        f"{len(short)}个节点动用库存、销售超过产出，超出部分计为外来供应",
    )
    finding = Finding(
        "note",
        f"nodes {names}" + (" ..." if len(short) > MOST_NAMED else ""),
        f"{counted(len(short), 'node')} drew down more stock than was sold to final users",
        "What came out of stocks counts as supply from outside; check these rows if the amount surprises",
        moved,
    )
    return new, (Operation("slots", what, moved / t.total),), (finding,)


def _mixed(t: Table, signed: NDArray[np.bool_]) -> bool:
    """Whether some user of a signed category draws one supplier's goods of a product down and stocks
    another's.
    """
    part = t.final[:, np.flatnonzero(signed)].tocoo()
    line = part.col.astype(np.int64) * len(t.sectors) + t.node_sector[part.row]
    up = np.bincount(line, part.data > 0, part.shape[1] * len(t.sectors))
    down = np.bincount(line, part.data < 0, part.shape[1] * len(t.sectors))
    return bool(((up > 0) & (down > 0)).any())


def _move_home(t: Table, signed: NDArray[np.bool_]) -> tuple[Table, tuple[Operation, ...]]:
    """One column a (signed category, region), holding what the region's own nodes put there."""
    kinds = [t.category(c) for c in t.signed if t.category(c) >= 0]
    n, r = len(t.output), len(t.regions)
    blocks, moved = [], 0.0
    for kind in kinds:
        columns = np.flatnonzero(t.final_category == kind)
        if not len(columns):
            continue
        part = t.final[:, columns]
        value = np.asarray(part.sum(axis=1)).ravel()
        coo = part.tocoo()
        away = t.node_region[coo.row] != t.final_region[columns][coo.col]
        moved += float(np.abs(coo.data[away]).sum())
        rows = np.flatnonzero(value)
        blocks.append(
            (kind, sparse.csc_array((value[rows], (rows, t.node_region[rows])), shape=(n, r)), columns)
        )
    keep = np.flatnonzero(~signed)
    final = sparse.hstack([t.final[:, keep], *(b for _, b, _ in blocks)], format="csc")
    abroad = [t.final_imports[:, keep]]
    for _, _, columns in blocks:
        by_region = sparse.csc_array(
            (np.ones(len(columns)), (np.arange(len(columns)), t.final_region[columns])),
            shape=(len(columns), r),
        )
        abroad.append(t.final_imports[:, columns] @ by_region)
    new = replace(
        t,
        final=final,
        final_imports=sparse.hstack(abroad, format="csc"),
        final_region=np.concatenate([t.final_region[keep], np.tile(np.arange(r), len(blocks))]),
        final_category=np.concatenate([t.final_category[keep], np.repeat([k for k, _, _ in blocks], r)]),
    )
    if moved <= 0:
        return new, ()
    text = Text(
        "changes in inventories and discrepancies booked in the region of the maker, not of the holder",
        "存货变动和统计误差记在生产地区，而非持有地区",
    )
    return new, (Operation("final", text, moved / t.total),)


def as_published(sources: tuple[str, ...], how: Text = PUBLISHED) -> list[Operation]:
    """The first line of a table's history: its nodes, slots and final use as the sources have them."""
    return [Operation(t, how, None, sources) for t in ("nodes", "slots", "final")]


def imports_parted(
    imports: float, passed: float, output: float, sources: tuple[str, ...]
) -> list[Operation]:
    """What `separate_imports` did, as shares of all output."""
    parted = Text(
        "imports parted from home goods: one share a product for every home user, none for exports",
        "区分进口与国内产品：每种产品对所有国内用户取同一进口比例，出口不含进口",
    )
    steps = [Operation("slots", parted, imports / output, sources)]
    if passed > 0:
        text = Text("imports beyond all home use count as sent on abroad", "超过国内使用的进口视为再出口")
        steps.append(Operation("final", text, passed / output, sources))
    return steps


# ---- parts -----------------------------------------------------------------------------------


def _products(t: Table) -> Any:
    """[K, N] of ones: which product each node makes."""
    n = len(t.output)
    return sparse.csc_array((np.ones(n), (t.node_sector, np.arange(n))), shape=(len(t.sectors), n))


def _csc(matrix: Any, shape: tuple[int, int]) -> Any:
    out = sparse.csc_array(shape) if matrix is None else sparse.csc_array(matrix, dtype=np.float64)
    if out.shape != shape:
        raise ValueError(f"a matrix of the table is {out.shape}, expected {shape}")
    out.sum_duplicates()
    return out


def _positive(matrix: Any, columns: Any = None) -> tuple[Any, Any, list[tuple[int, int, float]]]:
    """The matrix without its negative cells (in `columns`), those cells as a matrix, and as a list,
    worst first.
    """
    negative = matrix.data < 0
    if columns is not None and len(matrix.data):
        negative &= np.repeat(columns, np.diff(matrix.indptr))
    if not negative.any():
        return matrix, sparse.csc_array(matrix.shape), []
    kept, cut = matrix.copy(), matrix.copy()
    kept.data = np.where(negative, 0.0, matrix.data)
    cut.data = np.where(negative, matrix.data, 0.0)
    for m in (kept, cut):
        m.eliminate_zeros()
    coo = cut.tocoo()
    order = np.argsort(coo.data, kind="stable")
    cells = zip(coo.row[order].tolist(), coo.col[order].tolist(), coo.data[order].tolist(), strict=True)
    return kept, cut, list(cells)


def _with_discrepancy(t: Table, value: Floats) -> Table:
    """`value` [N] added to the discrepancy of each row, in the row's own region."""
    if not np.any(value):
        return t
    at = t.category(DISCREPANCY[0])
    if at < 0:
        n, r, at = len(t.output), len(t.regions), len(t.categories)
        t = replace(
            t,
            categories=(*t.categories, DISCREPANCY),
            signed=(*t.signed, DISCREPANCY[0]),
            final=sparse.hstack([t.final, sparse.csc_array((n, r))], format="csc"),
            final_imports=sparse.hstack(
                [t.final_imports, sparse.csc_array((len(t.sectors), r))], format="csc"
            ),
            final_region=np.concatenate([t.final_region, np.arange(r)]),
            final_category=np.concatenate([t.final_category, np.full(r, at)]),
        )
    column = np.zeros(len(t.regions), np.intp)
    mine = np.flatnonzero(t.final_category == at)
    column[t.final_region[mine]] = mine
    rows = np.flatnonzero(value)
    add = sparse.csc_array((value[rows], (rows, column[t.node_region[rows]])), shape=t.final.shape)
    return replace(t, final=t.final + add)


def _with_adjustment(t: Table, value: Floats) -> Table:
    """`value` [N] added to the adjustment row of value added."""
    if not np.any(value):
        return t
    codes = [c for c, _ in t.value_added_labels]
    if ADJUSTMENT[0] not in codes:
        return replace(
            t,
            value_added_labels=(*t.value_added_labels, ADJUSTMENT),
            value_added=np.vstack([t.value_added, value]),
        )
    rows = t.value_added.copy()
    rows[codes.index(ADJUSTMENT[0])] += value
    return replace(t, value_added=rows)


def _final_name(t: Table, j: int) -> str:
    return f"{t.categories[t.final_category[j]][0]} in {t.regions[t.final_region[j]].code}"


def _assemble(t: Table) -> Economy:
    used = sorted(set(t.final_category.tolist()))
    back = {old: new for new, old in enumerate(used)}
    return Economy.from_links(
        t.flows,
        final=t.final,
        final_region=t.final_region,
        final_category=np.array([back[c] for c in t.final_category.tolist()], np.int32),
        imports=t.imports,
        final_imports=t.final_imports,
        node_region=t.node_region,
        node_sector=t.node_sector,
        name=t.name,
        title=t.title,
        unit=t.unit,
        currency=t.currency,
        year=t.year,
        regions=t.regions,
        sectors=t.sectors,
        categories=tuple(t.categories[c] for c in used),
        value_added_labels=t.value_added_labels,
        output=t.output,
        exports=t.exports,
        value_added=t.value_added,
        grades=dict(t.grades),
        sources=t.sources,
        history=t.history,
        scope=t.scope,
    )


def separate_imports(
    use: Floats, final: Floats, exports: Floats, imports: Floats, *, signed: Sequence[int] = ()
) -> tuple[Floats, Floats, Floats, Floats, Floats, float]:
    """A competitive table parted: every home user of a product takes imports in the same proportion.

    `use` [K, N], `final` [K, F], `exports` and `imports` [K] >= 0; columns `signed` of `final`
    (inventories) take no part. Imports beyond all home use are passed on abroad and leave both imports
    and exports. Returns home use, home final, use of imports, final use of imports, exports, and the
    money passed on.
    """
    takes = np.ones(final.shape[1], bool)
    takes[list(signed)] = False
    base = np.maximum(use, 0).sum(axis=1) + np.maximum(final[:, takes], 0).sum(axis=1)
    passed = np.minimum(np.maximum(imports - base, 0), np.maximum(exports, 0))
    share = ratio(imports - passed, base).clip(0, 1)[:, None]
    use_abroad = np.maximum(use, 0) * share
    final_abroad = np.where(takes, np.maximum(final, 0) * share, 0.0)
    return (
        use - use_abroad,
        final - final_abroad,
        use_abroad,
        final_abroad,
        exports - passed,
        float(passed.sum()),
    )
