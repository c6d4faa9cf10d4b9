"""Economies whose slots and markets are known beforehand are those that a table's search finds."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballast import load_book, load_scenario, simulate
from ballast.economy import Economy
from ballast.economy.economy import Region, Sector
from ballast.errors import BookError
from ballast.text import Text

ARRAYS = [f.name for f in fields(Economy) if f.name.startswith(("slot_", "final_", "market_"))]


def names(nodes: int, regions: int, sectors: int) -> dict[str, Any]:
    word = Text("x", "某")
    return {
        "name": "small", "title": word, "unit": "m", "currency": "CNY", "year": 2020,
        "regions": tuple(Region(f"R{i}", word) for i in range(regions)),
        "sectors": tuple(Sector(f"S{i}", word) for i in range(sectors)),
        "categories": (("c", word),), "value_added_labels": (("va", word),),
        "output": np.ones(nodes), "exports": np.zeros(nodes), "value_added": np.ones((1, nodes)),
    }  # fmt: skip


@st.composite
def tables(draw: Any) -> Economy:
    """A small table of two regions and three products; amounts are whole, so that buyers share mixes."""
    n = draw(st.integers(1, 7))
    ints = lambda most, size: st.lists(st.integers(0, most), min_size=size, max_size=size)  # noqa: E731
    region, sector = draw(ints(1, n)), draw(ints(2, n))
    money = st.sampled_from([0.0, 0.0, 1.0, 2.0, 3.0])
    z, y, abroad = (
        np.array(draw(st.lists(money, min_size=a * b, max_size=a * b))).reshape(a, b)
        for a, b in ((n, n), (n, 2), (3, n))
    )
    return Economy.from_links(
        z, final=y, final_region=[0, 1], final_category=[0, 0], imports=abroad,
        node_region=region, node_sector=sector, **names(n, 2, 3),
    )  # fmt: skip


def columns(e: Economy, *more: str) -> dict[str, Any]:
    kept = ("slot_product", "slot_node", "slot_imports", "final_product", "final_region", "final_category",
            "final_imports", "node_region", "node_sector", *more)  # fmt: skip
    return {name: getattr(e, name) for name in kept} | names(e.n, e.r, e.k)


MARKETS = ("slot_market", "slot_domestic", "final_market", "final_domestic")


@settings(max_examples=150, deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_sales_by_market_in_any_order_give_the_markets_again(e, random):
    sales = e.market_purchases[e.entry_market] * e.market_share
    order = list(range(len(sales)))
    random.shuffle(order)
    again = Economy.from_slots(
        e.entry_market[order], e.market_supplier[order], sales[order], **columns(e, *MARKETS)
    )
    for name in ARRAYS:
        np.testing.assert_allclose(getattr(again, name), getattr(e, name), rtol=1e-12, err_msg=name)


@settings(max_examples=150, deadline=None)
@given(tables())
def test_links_by_slot_give_the_flows_again(e):
    """Each line alone in its market: other markets, the same links, final sales and needs."""
    line_market = np.concatenate([e.slot_market, e.final_market])
    bought = np.concatenate([e.slot_domestic, e.final_domestic])
    rows = [
        (line, int(e.market_supplier[entry]), bought[line] * e.market_share[entry])
        for line, m in enumerate(line_market)
        for entry in range(e.market_ptr[m], e.market_ptr[m + 1])
    ]
    market, supplier, amount = (np.array(c) for c in zip(*rows, strict=True)) if rows else ([], [], [])
    again = Economy.from_slots(
        np.asarray(market, int), np.asarray(supplier, int), np.asarray(amount, float), **columns(e)
    )
    assert len(again.market_ptr) - 1 == len(line_market)
    np.testing.assert_allclose(again.links().toarray(), e.links().toarray(), rtol=1e-12)
    np.testing.assert_allclose(again.domestic_sales(), e.domestic_sales(), rtol=1e-12)
    np.testing.assert_allclose(again.slot_need, e.slot_need, rtol=1e-12)
    np.testing.assert_allclose(again.final_domestic, e.final_domestic, rtol=1e-12)


def two() -> dict[str, Any]:
    """Node 0 makes product 0, node 1 product 1. Slot 0: node 1 buys 6 of product 0, and region 0's final
    users 4 of it, in market 0; they buy 5 of product 1 in market 1.
    """
    return {
        "market": np.array([0, 1]), "supplier": np.array([0, 1]), "amount": np.array([10.0, 5.0]),
        "slot_product": np.array([0]), "slot_node": np.array([1]), "slot_market": np.array([0]),
        "slot_domestic": np.array([6.0]), "final_product": np.array([0, 1]),
        "final_region": np.array([0, 0]), "final_category": np.array([0, 0]),
        "final_market": np.array([0, 1]), "final_domestic": np.array([4.0, 5.0]),
        "node_region": np.array([0, 0]), "node_sector": np.array([0, 1]), **names(2, 2, 2),
    }  # fmt: skip


def test_rows_of_one_supplier_add_up_and_nothing_is_no_sale():
    """10 as 7 + 3, and a sale of 0 by node 0 in its own market of product 0: still one entry, share 1."""
    given_ = two() | {
        "market": np.array([1, 0, 0, 0]), "supplier": np.array([1, 0, 0, 0]),
        "amount": np.array([5.0, 7.0, 3.0, 0.0]),
    }  # fmt: skip
    e = Economy.from_slots(**given_)
    assert (e.market_ptr.tolist(), e.market_supplier.tolist()) == ([0, 1, 2], [0, 1])
    assert e.market_share.tolist() == [1.0, 1.0]
    assert e.domestic_sales().tolist() == [10.0, 5.0]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("amount", [10.0, 6.0], r"market 1: its suppliers sell 6, .* buy 5 at home .*: 1\)"),
        ("amount", [10.0, np.nan], r"amount, row 1: nan"),
        ("slot_domestic", [np.inf], r"domestic, row 0: inf"),
        ("supplier", [1, 0], r"market 0 is of product 0, but its supplier 1 makes 1"),
        ("supplier", [0, 2], r"supplier, row 1: 2 is outside 0..1. Is it counted from 1\?"),
        ("market", [-1, 1], r"market, row 0: -1 is outside 0..1"),
        ("market", [0.0, 1.0], r"market is of type float64. Give whole numbers"),
        ("supplier", [0], r"market, supplier and amount have 2, 1 and 2 rows"),
        ("slot_node", [2], r"slot_node, row 0: 2 is outside 0..1"),
        ("slot_node", [0, 1], r"The columns of slots have 1, 2, 1, 1 rows"),
        ("final_region", [1, 0], r"market 0 serves region 1 and, with line 0 .*, region 0"),
        ("final_market", [1, 1], r"market 1 serves product 1 and, with line 1 .*, product 0"),
        ("final_market", [0, 3], r"the market of a slot or final line, row 2: 3 is outside 0..2"),
        ("final_domestic", None, r"Give all four"),
        ("final_region", [0, 2], r"final_region has an index outside 0..1"),
        ("amount", ["10", "a lot"], r"amount is of type <U5. Give amounts: .*; row 0 is .*10"),
        ("amount", [10.0, None], r"amount is of type object. Give amounts: .*; row 1 is None"),
        ("amount", [[10.0, 5.0]], r"amount is no column: it has 2 dimensions"),
        ("market", [[0, 1]], r"market is no column: it has 2 dimensions"),
        ("slot_domestic", [None], r"slot_domestic is of type object"),
        ("slot_node", [1.0], r"slot_node is of type float64. Give whole numbers"),
        ("node_sector", ["a", "b"], r"node_sector is of type <U1"),
        ("final_category", [0.0, 0.5], r"final_category is of type float64"),
        ("supplier", np.array([0, 2**64 - 1], np.uint64), r"supplier, row 1: \d+ is outside 0..1"),
        ("slot_imports", [np.nan], r"slot_imports, row 0: nan"),
        ("slot_imports", [-1.0], r"slot_imports, row 0: -1.0"),
        ("slot_imports", ["1"], r"slot_imports is of type <U1"),
        ("final_imports", [0.0, np.inf], r"final_imports, row 1: inf"),
    ],
)
def test_what_contradicts_itself_is_named(name, value, said):
    with pytest.raises(BookError, match=said):
        Economy.from_slots(**(two() | {name: None if value is None else np.array(value)}))


@pytest.mark.parametrize(
    "markets", [{}, {"slot_market": [0], "slot_domestic": [6.0], "final_market": [], "final_domestic": []}]
)
def test_lists_will_do_and_nobody_need_be_a_final_user(markets):
    """Node 1 buys 6 of product 0 and nobody else buys anything; or nobody buys at all."""
    lines = {"final_product": [], "final_region": [], "final_category": [], **markets}
    e = Economy.from_slots(
        [0], [0], [6.0], slot_product=[0], slot_node=[1], node_region=[0, 0], node_sector=[0, 1],
        **lines, **names(2, 2, 2),
    )  # fmt: skip
    assert e.links().toarray().tolist() == [[0.0, 6.0], [0.0, 0.0]]
    none = Economy.from_slots(
        [], [], [], slot_product=[], slot_node=[], node_region=[0, 0], node_sector=[0, 1],
        final_product=[], final_region=[], final_category=[], **names(2, 2, 2),
    )  # fmt: skip
    assert none.domestic_sales().tolist() == [0.0, 0.0]


def test_places_may_be_of_any_whole_kind_and_stocks_run_down():
    """Unsigned places and whole amounts are the same economy; final users may buy -1 abroad."""
    kinds = {name: column.astype(np.uint64) for name, column in two().items() if is_places(column)}
    e = Economy.from_slots(**(two() | kinds | {"amount": [10, 5], "final_imports": [-1, 0]}))
    usual = Economy.from_slots(**two())
    for name in ARRAYS:
        if name != "final_imports":
            np.testing.assert_array_equal(getattr(e, name), getattr(usual, name), err_msg=name)
    assert e.final_imports.tolist() == [-1.0, 0.0]
    with pytest.raises(BookError, match="supplier is no column: its rows have several values"):
        Economy.from_slots(**(two() | {"supplier": [[0], [0, 1]]}))


def is_places(column: Any) -> bool:
    return isinstance(column, np.ndarray) and column.dtype.kind == "i"


def test_sales_that_cancel_out_are_refused():
    """Inventories run down by as much as node 1 buys: a market of product 0 that sells 6 - 6 = 0."""
    given_ = two() | {
        "final_domestic": np.array([-6.0, 5.0]), "market": np.array([0, 0, 1]),
        "amount": np.array([6.0, -6.0, 5.0]), "supplier": np.array([0, 2, 1]),
        "node_sector": np.array([0, 1, 0]), "node_region": np.array([0, 0, 0]),
    }  # fmt: skip
    with pytest.raises(BookError, match="market 0: its sales add up to 0"):
        Economy.from_slots(**(given_ | names(3, 2, 2)))


def test_an_economy_given_by_slots_runs_as_the_one_found():
    e = load_book("teaching")
    sales = e.market_purchases[e.entry_market] * e.market_share
    found = ("market_ptr", "market_supplier", "market_share", "share_low", "share_high")
    rest = {f.name: getattr(e, f.name) for f in fields(Economy) if f.name not in found}
    again = Economy.from_slots(e.entry_market, e.market_supplier, sales, **rest)
    plot = load_scenario("vehicle-parts")
    lost = [simulate(x, plot, quantiles={"trade": 0.5}, full=False).lost for x in (e, again)]
    assert lost[1] == pytest.approx(lost[0], rel=1e-9)
