"""What is wrong or doubtful in an economy, as findings with a place, a size and a way out.

    finite       NaN, infinity, more than any amount of money
    signs        negative output, exports, inputs, value added, final use, shares
    markets      shares that do not sum to 1, markets without sellers, sellers of another product
    rows         output against sales at home plus exports
    columns      output against inputs plus value added
    unit         a unit of money that is empty, not understood, or of another currency than stated
    labels       codes and names that cannot be such, or look alike
    findings     what was found when the table was read, which the book carries
    industry     no sector with value added that is one, so that no question can be answered
    alternatives `share_low` and `share_high` must sell every node's output, as `market_share` does

Tolerances: balances are relative to the node's output (`BALANCE`, with a floor of `FLOOR` of the mean
output so that rounding in a tiny node is no error); shares are absolute (`SHARES`).
A change in inventories and a discrepancy are legitimately signed, so a negative one is a note, not an
error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ballast.arrays import Floats, Ints
from ballast.economy.economy import Economy
from ballast.economy.sane import BARELY, MOST_MONEY, alike
from ballast.errors import BookError, Finding, raise_findings
from ballast.text import LANGS, listed, tight
from ballast.units import unit_fault

MOST_NAMED = 8  # codes in one finding
BALANCE = 1e-6
FLOOR = 1e-9
SHARES = 1e-9
_STOCK = re.compile(r"inventor|(?<!live)(?<!rolling )(?<!rolling_)stock|库存|存货", re.IGNORECASE)
_DISCREPANCY = re.compile(r"discrepanc|误差", re.IGNORECASE)

_MONEY = (
    "output",
    "exports",
    "slot_domestic",
    "slot_imports",
    "final_domestic",
    "final_imports",
    "market_share",
    "share_low",
    "share_high",
)


def check(economy: Economy, *, strict: bool = False, tolerance: float = BALANCE) -> list[Finding]:
    """Everything wrong or doubtful in `economy`; with `strict`, raise BookError naming all errors.

    `tolerance` is the relative imbalance of a node's row or column that still counts as rounding.
    """
    findings = list(_finite(economy))
    if not findings:  # sums over NaN would only repeat the same complaint
        findings += [
            *_signs(economy),
            *_markets(economy),
            *_rows(economy, tolerance),
            *_columns(economy, tolerance),
            *_alternatives(economy, tolerance),
            *_industry(economy),
        ]
    where = f"book {economy.name}"
    findings = [*economy.findings, *_labels(economy, where), *unit_findings(economy, where), *findings]
    if strict:
        raise_findings(findings, BookError, head=f"book {economy.name} does not hold together:")
    return findings


# ---- where -----------------------------------------------------------------------------------


def _node(e: Economy, i: int) -> str:
    name = e.node_name(i)
    return f"node {e.node_codes[i]} ({name.en} / {name.zh})"


def _slot(e: Economy, s: int) -> str:
    product = e.sectors[e.slot_product[s]]
    return f"slot {s}, {product.code} ({product.name.en}) used by {_node(e, int(e.slot_node[s]))}"


def _final(e: Economy, line: int) -> str:
    product, region = e.sectors[e.final_product[line]], e.regions[e.final_region[line]]
    category = e.categories[e.final_category[line]][0]
    return f"final line {line}, {product.code} ({product.name.en}) in {region.code} for {category}"


def _market(e: Economy, m: int) -> str:
    """A market has no name of its own: say what is bought through it, and where."""
    slots, finals = np.flatnonzero(e.slot_market == m), np.flatnonzero(e.final_market == m)
    if len(slots):
        region = e.regions[e.node_region[e.slot_node[slots[0]]]].code
        return f"market {m} ({e.sectors[e.slot_product[slots[0]]].code} bought in {region})"
    if len(finals):
        region = e.regions[e.final_region[finals[0]]].code
        return f"market {m} ({e.sectors[e.final_product[finals[0]]].code} bought in {region})"
    return f"market {m} (nobody buys through it)"


def _place(e: Economy, field: str, i: int) -> str:
    if field.startswith("slot"):
        return f"{field}, {_slot(e, i)}"
    if field.startswith("final"):
        return f"{field}, {_final(e, i)}"
    if "share" in field:
        return f"{field}, {_market(e, int(e.entry_market[i]))}, row {i}"
    return f"{field}, {_node(e, i)}"


# ---- the labels ----------------------------------------------------------------------------


def unit_findings(e: Economy, where: str) -> list[Finding]:
    """What is doubtful about the unit of money; another currency than the stated one is an error."""
    fault = unit_fault(e.unit, e.currency)
    if fault is None:
        return []
    wrong, what, todo = fault
    if e.unit == "units" and not wrong:  # what a reader writes where nobody said a unit
        what = "no unit of money was given: amounts are printed as they stand"
        return [Finding("note", where, what, 'Say it, such as --unit "m EUR" at import')]
    return [Finding("error" if wrong else "warning", where, what, todo)]


def _labels(e: Economy, where: str) -> Iterator[Finding]:
    """Codes that only case, width or spaces keep apart: a name in a scenario means the first of them."""
    for kind, codes in (
        ("region", [r.code for r in e.regions]),
        ("sector", [s.code for s in e.sectors]),
        ("category", [c for c, _ in e.categories]),
    ):
        for first, other in alike(codes):
            what = f"{kind} codes {first!r} and {other!r} {BARELY}"
            yield Finding("error", where, what, "Give them codes that differ, or merge them")
    firms = [(c, name) for c, name in zip(e.node_codes, e.node_labels or (), strict=False) if name]
    for kind, things in (
        ("region", [(r.code, r.name) for r in e.regions]),
        ("sector", [(s.code, s.name) for s in e.sectors]),
        ("node", firms),
    ):
        for lang in LANGS:
            called: dict[str, list[str]] = {}
            for code, name in things:
                called.setdefault(name[lang], []).append(code)
            for word, same in called.items():
                if len(same) < 2:
                    continue
                some = listed(same, MOST_NAMED)
                what = f"{kind}s {some} are all called {word!r}, so the name stands for none of them"
                yield Finding("note", where, what, "Use the codes, or give each a name of its own")
    owners = {tight(code): code for code in e.node_codes} if firms else {}
    for code, name in firms:
        other = next((c for lang in LANGS if (c := owners.get(tight(name[lang]), code)) != code), code)
        if other != code:
            what = f"node {code} is called what is the code of {other}, so the name stands for that one"
            yield Finding("warning", where, what, "Give it another name")


# ---- the checks ------------------------------------------------------------------------------


def _finite(e: Economy) -> Iterator[Finding]:
    todo = "Fill the cell, or delete the row if nothing is bought there"
    for field in _MONEY:
        for i in np.flatnonzero(~(np.abs(getattr(e, field)) <= MOST_MONEY)):
            value = getattr(e, field)[i]
            yield Finding("error", _place(e, field, int(i)), f"is {value:g}, not an amount", todo)
    for v, i in np.argwhere(~(np.abs(e.value_added) <= MOST_MONEY)):
        where = f"value added {e.value_added_labels[v][0]}, {_node(e, int(i))}"
        yield Finding("error", where, f"is {e.value_added[v, i]:g}, not an amount", todo)


def _signs(e: Economy) -> Iterator[Finding]:
    for i in np.flatnonzero(e.output <= 0):
        yield _bad_output(e, int(i))
    for field in ("exports", "slot_domestic", "slot_imports", "market_share", "share_low", "share_high"):
        for i in np.flatnonzero(getattr(e, field) < 0):
            value = float(getattr(e, field)[i])
            todo = "Book it with the opposite sign on the other side of the table, or set it to zero"
            yield Finding("error", _place(e, field, int(i)), "is negative", todo, value)
    for i in np.flatnonzero(e.total_value_added < 0):
        yield Finding(
            "warning",  # published tables have them: transit that lives on subsidies
            _node(e, int(i)),
            "value added is negative: inputs cost more than output",
            "Check the node's inputs, or merge it with a neighbour",
            float(e.total_value_added[i]),
        )
    yield from _final_signs(e)


def _bad_output(e: Economy, i: int) -> Finding:
    if e.output[i] < 0:
        return Finding("error", _node(e, i), "output is negative", "Correct it", float(e.output[i]))
    todo = "Leave the node out of the table: it can neither stop nor supply anything"
    return Finding("warning", _node(e, i), "output is zero", todo, 0.0)


def _final_signs(e: Economy) -> Iterator[Finding]:
    signed = np.array([may_be_negative(e, c) for c in range(len(e.categories))], bool)
    for name, values in (("final_domestic", e.final_domestic), ("final_imports", e.final_imports)):
        drawn = (values < 0) & signed[e.final_category]
        if drawn.any():
            what = f"{drawn.sum()} lines are negative: stocks drawn down, or a discrepancy"
            yield Finding("note", name, what, "Nothing to do", float(values[drawn].sum()))
        for line in np.flatnonzero((values < 0) & ~drawn):
            where = f"{name}, {_final(e, int(line))}"
            todo = "Move it to a change in inventories, or correct it"
            yield Finding("error", where, "final use is negative", todo, float(values[line]))


def may_be_negative(e: Economy, category: int) -> bool:
    """Whether a category is a change in inventories or a discrepancy, by its words."""
    code, name = e.categories[category]
    return any(map(is_signed, (code, name.en, name.zh)))


def is_signed(word: str) -> bool:
    """Whether a final use of this name may be negative: a change in inventories, or a discrepancy."""
    return is_stock(word) or _DISCREPANCY.search(word) is not None


def is_stock(word: str) -> bool:
    """Whether a final use of this name is a change in inventories; livestock and rolling stock are none."""
    return _STOCK.search(word) is not None


def _markets(e: Economy) -> Iterator[Finding]:
    count = len(e.market_ptr) - 1
    empty = np.diff(e.market_ptr) == 0
    for field in ("market_share", "share_low", "share_high"):
        totals = np.bincount(e.entry_market, getattr(e, field), count)
        for m in np.flatnonzero(~empty & (np.abs(totals - 1) > SHARES)):
            what = f"{field} sums to {totals[m]:.9g}, not 1"
            todo = "Divide the shares of the market by their sum"
            yield Finding("error", _market(e, int(m)), what, todo, float(totals[m] - 1))
    for m in np.flatnonzero(empty & (e.market_purchases != 0)):
        yield Finding(
            "error",
            _market(e, int(m)),
            "something is bought at home here but nobody sells",
            "Name a supplier, or book the purchase as imports",
            float(e.market_purchases[m]),
        )
    yield from _wrong_sellers(e, "slot", e.slot_product, e.slot_market)
    yield from _wrong_sellers(e, "final", e.final_product, e.final_market)


def _wrong_sellers(e: Economy, prefix: str, product: Ints, market: Ints) -> Iterator[Finding]:
    """A market must sell what its buyers ask for."""
    starts = np.minimum(e.market_ptr[:-1], max(len(e.market_supplier) - 1, 0))
    if not len(e.market_supplier):
        return
    sold = e.node_sector[e.market_supplier]
    mixed = np.bincount(e.entry_market, sold != sold[starts][e.entry_market], len(starts)) > 0
    filled = np.diff(e.market_ptr) > 0
    wrong = filled[market] & (mixed[market] | (sold[starts][market] != product))
    for i in np.flatnonzero(wrong):
        where = _slot(e, int(i)) if prefix == "slot" else _final(e, int(i))
        what = f"buys through market {market[i]}, whose suppliers make another product"
        yield Finding("error", where, what, "Point it to a market of its own product")


def _industry(e: Economy) -> Iterator[Finding]:
    if not e.industrial_value_added.sum() > 0:
        what = "no sector with value added is marked as industry, and answers are in industrial value added"
        todo = "Set industry = true on the industrial sectors in book.toml"
        yield Finding("error", f"book {e.name}", what, todo)


def _rows(e: Economy, tolerance: float) -> Iterator[Finding]:
    gap = e.domestic_sales() + e.exports - e.output
    for i in _beyond(e, gap, tolerance):
        what = f"sales at home plus exports differ from output by {_percent(e, gap, i)}"
        todo = "Correct output or the sales, rebalance the table, or check with a larger tolerance"
        yield Finding("error", f"row of {_node(e, i)}", what, todo, float(gap[i]))


def _columns(e: Economy, tolerance: float) -> Iterator[Finding]:
    gap = e.input_cost() + e.total_value_added - e.output
    for i in _beyond(e, gap, tolerance):
        what = f"inputs plus value added differ from output by {_percent(e, gap, i)}"
        todo = "Correct output or the inputs, rebalance the table, or check with a larger tolerance"
        yield Finding("error", f"column of {_node(e, i)}", what, todo, float(gap[i]))


def _alternatives(e: Economy, tolerance: float) -> Iterator[Finding]:
    sales = e.domestic_sales()
    for field in ("share_low", "share_high"):
        bought = e.market_purchases[e.entry_market] * getattr(e, field)
        gap = np.bincount(e.market_supplier, bought, e.n) - sales
        for i in _beyond(e, gap, tolerance):
            what = f"under {field} the node sells another amount than under market_share"
            todo = "Fit the alternative shares to the same margins"
            yield Finding("error", f"{field}, {_node(e, i)}", what, todo, float(gap[i]))


def _beyond(e: Economy, gap: Floats | NDArray[np.float64], tolerance: float) -> list[int]:
    size = np.maximum(np.abs(e.output), FLOOR / BALANCE * np.abs(e.output).mean() if e.n else 0.0)
    return [int(i) for i in np.flatnonzero(np.abs(gap) > tolerance * size)]


def _percent(e: Economy, gap: Floats | NDArray[np.float64], i: int) -> str:
    return f"{100 * abs(gap[i]) / e.output[i]:.3g}%" if e.output[i] else "all of it"
