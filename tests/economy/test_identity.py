"""Who a node is: its id or code, its name, and that both stay with it through every operation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from firms import parted
from hypothesis import given
from hypothesis import strategies as st

from ballast.economy import Economy, book
from ballast.economy.book import book_hash
from ballast.economy.checks import check
from ballast.economy.identity import derived
from ballast.economy.portrait import find_node
from ballast.economy.redraw import redraw
from ballast.economy.regroup import concord
from ballast.errors import BookError
from ballast.scenario.places import Places
from ballast.text import Text

TEACHING = book.load("teaching")
ACME = Text("Acme", "阿克米")
BOLT = Text("Bolt Works", "博尔特厂")
THREE = {"acme": 0.5, "bolt": 0.3, "c-rest": 0.2}
FIRMS = parted(TEACHING, "C.parts", THREE, {"acme": ACME, "bolt": BOLT})
BARE = parted(TEACHING, "C.parts", THREE, ids=False)


def named(e: Economy, word: str) -> str:
    return e.node_codes[find_node(e, word)]


def meant(e: Economy, word: str) -> tuple[list[str], list[str]]:
    """The codes that a scenario means by a word, and what it is told."""
    told: list[str] = []
    mask = Places(e).nodes.mask([word], lambda what, todo: told.append(f"{what}. {todo}"))
    return [e.node_codes[i] for i in np.flatnonzero(mask)], told


def test_codes_are_the_ids_else_region_and_sector_with_a_number():
    assert derived(["a", "b", "a", "a"]) == ("a", "b", "a#2", "a#3")
    assert TEACHING.node_codes[5] == "C.parts"
    assert BARE.node_codes[5] == "C.parts"
    assert BARE.node_codes[12:] == ("C.parts#2", "C.parts#3")
    assert FIRMS.node_codes[5] == "acme"
    assert FIRMS.node_codes[12:] == ("bolt", "c-rest")
    assert [f for f in check(FIRMS) if f.level != "note"] == []


@pytest.mark.parametrize(
    ("ids", "what"),
    [
        (("a", "b"), "node_ids has 2 rows, output has 12"),
        ({3: ""}, "id of node 3 is empty"),
        ({3: " "}, "id of node 3 is empty"),
        ({3: "a\u200bb"}, "id of node 3 holds a character that nobody sees"),
        ({3: "x" * 300}, "id of node 3 has 300 characters"),
        ({3: "id7"}, "id of node 7 is 'id7', as that of row 3 is"),
        ({3: "ＩＤ ７"}, "id of node 7 'id7' and 'ＩＤ ７' of row 3 differ by case, width"),
        ({3: "007", 7: "7"}, "id of node 7 '7' and '007' of row 3 differ by"),
        ({3: "c.PARTS"}, "id of node 3 is 'c.PARTS', a code of another region and sector"),
        ({3: "C.parts#2"}, "id of node 3 is 'C.parts#2', a code of another region"),
    ],
)  # fmt: skip
def test_ids_that_would_mislead_are_refused(ids, what):
    if isinstance(ids, dict):
        ids = tuple(ids.get(i, f"id{i}") for i in range(12))
    with pytest.raises(BookError) as caught:
        replace(TEACHING, node_ids=ids)
    assert what in str(caught.value)


def test_the_code_of_its_own_pair_may_be_an_id():
    ids = tuple("C.parts#7" if i == 5 else f"id{i}" for i in range(12))
    assert replace(TEACHING, node_ids=ids).node_codes == ids


orders = st.permutations(range(14))


@given(orders)
def test_a_code_and_a_name_stay_with_their_node_whatever_the_order(order):
    """Its output says which node it is: no two have the same here."""
    for e in (FIRMS, BARE, parted(TEACHING, "C.parts", THREE, {"bolt": BOLT}, ids=False)):
        mine = replace(e, output=np.arange(1.0, 15.0))
        moved = mine.permuted(order)
        for i, code in enumerate(mine.node_codes):
            there = find_node(moved, code)
            assert moved.output[there] == mine.output[i]
            assert moved.node_name(there) == mine.node_name(i)
            assert moved.seller_name(there) == mine.seller_name(i)
        assert moved.permuted(np.argsort(order)).node_codes == mine.node_codes


def test_without_namesakes_permuting_gives_no_ids():
    assert TEACHING.permuted(np.arange(12)[::-1]).node_ids is None


def test_operations_keep_ids_and_names():
    tilted = replace(FIRMS, share_low=None, share_high=None).with_trade(0.5)
    drawn = redraw(FIRMS, 0.7)
    for other in (FIRMS.scaled(2.0), tilted, drawn):
        assert other.node_ids == FIRMS.node_ids
        assert other.node_labels == FIRMS.node_labels


# ---- names -----------------------------------------------------------------------------------


def test_a_node_without_a_name_beside_firms_is_the_others_of_its_sector():
    assert [FIRMS.node_name(i).en for i in (5, 12, 13, 6)] == [
        "Acme", "Bolt Works", "Coast, other Parts", "Coast, Vehicles",
    ]  # fmt: skip
    assert FIRMS.node_name(13).zh == "沿海·其他零部件"
    assert [FIRMS.seller_name(i).en for i in (5, 13, 6)] == ["Acme", "Coast, other Parts", "Coast"]
    two = parted(TEACHING, "C.parts", THREE, {"bolt": BOLT})
    assert [two.node_name(i).en for i in (5, 12, 13)] == [
        "Coast, other Parts", "Bolt Works", "Coast, other Parts #2",
    ]  # fmt: skip
    assert two.node_name(13).zh == "沿海·其他零部件 #2"


def test_without_named_firms_names_are_what_they_were():
    assert [BARE.node_name(i).en for i in (5, 12, 13)] == [
        "Coast, Parts", "Coast, Parts #2", "Coast, Parts #3",
    ]  # fmt: skip
    assert replace(TEACHING, node_labels=(None,) * 12).node_labels is None


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("acme", "acme"),
        ("ＡＣＭＥ", "acme"),
        ("阿克米", "acme"),
        ("bolt works", "bolt"),
        ("c-rest", "c-rest"),
        ("coast, other parts", "c-rest"),
        ("沿海·其他零部件", "c-rest"),
        ("C.vehicles", "C.vehicles"),
        ("沿海.整车", "C.vehicles"),
    ],
)
def test_a_node_is_found_by_id_by_name_and_by_a_pair_that_it_has_alone(word, code):
    assert named(FIRMS, word) == code
    assert meant(FIRMS, word) == ([code], [])


@pytest.mark.parametrize("word", ["C.parts", "沿海.零部件", "Coast, Parts"])
def test_a_pair_of_several_means_none_of_them_and_the_error_has_their_ids(word):
    with pytest.raises(BookError, match=r"fits 3 nodes\. Write the code: acme or bolt or c-rest"):
        find_node(FIRMS, word)
    at, told = meant(FIRMS, word)
    assert at == []
    for shown in (
        "acme (Acme, 阿克米)",
        "bolt (Bolt Works",
        "c-rest (Coast, other Parts",
        "Write the code",
    ):
        assert shown in told[0]


def test_a_number_behind_the_pair_means_the_code_it_makes():
    assert named(BARE, "沿海.零部件#2") == "C.parts#2"
    assert meant(BARE, "Coast, Parts #3") == (["C.parts#3"], [])
    assert named(BARE, "沿海.零部件#1") == "C.parts"
    with pytest.raises(BookError, match="fits 3 nodes"):
        find_node(BARE, "沿海.零部件")
    for e in (BARE, BARE.permuted(np.arange(14)[::-1])):
        assert e.output[find_node(e, "沿海.零部件#2")] == pytest.approx(27.0)  # 0.3 of 90
    assert meant(FIRMS, "沿海.零部件#2")[0] == []  # given ids leave nothing to count


def test_nodes_have_no_order_to_name_them_by():
    """From one to another would be others after sorting; sectors and regions keep the order of the book."""
    for word in ("acme..bolt", "N.materials..C.vehicles"):
        at, told = meant(FIRMS, word)
        assert at == []
        assert "no node" in told[0]
    with pytest.raises(
        BookError, match=r"no node 'zzz'\. A node is called by its id, such as N\.materials"
    ):
        find_node(FIRMS, "zzz")


def test_names_that_stand_for_no_node_or_for_another_are_told():
    labels = {"acme": Text("Bolt", "博尔特"), "c-rest": Text("Mill", "磨坊"), "bolt": Text("Mill", "厂")}
    found = {(f.level, f.what) for f in check(parted(TEACHING, "C.parts", THREE, labels))}
    assert found == {
        ("note", "nodes bolt, c-rest are all called 'Mill', so the name stands for none of them"),
        ("warning", "node acme is called what is the code of bolt, so the name stands for that one"),
    }


# ---- in a book -------------------------------------------------------------------------------


def test_ids_and_single_names_come_back(tmp_path):
    again = book.load(book.save(FIRMS, tmp_path / "mine"))
    assert again.node_ids == FIRMS.node_ids
    assert again.node_labels == FIRMS.node_labels
    assert again.node_labels[13] is None
    assert book_hash(again) == book_hash(FIRMS)
    hashes = {
        book_hash(FIRMS),
        book_hash(replace(FIRMS, node_ids=None)),
        book_hash(replace(FIRMS, node_labels=None)),
    }
    other = replace(FIRMS, node_ids=tuple("acme2" if i == "acme" else i for i in FIRMS.node_ids))
    assert len(hashes | {book_hash(other)}) == 4


def test_books_without_ids_keep_their_hashes():
    """As they were before there were ids."""
    assert book_hash(TEACHING) == "7d9716dc70718cf810472f1a1a7e51838aa150238ef3ca1d139ff151a3d27b37"
    named_ = replace(TEACHING, node_labels=tuple(Text(f"n{i}", f"企{i}") for i in range(12)))
    assert book_hash(named_) == "948d4a52955173946913ce17888e38c2ea51d670351fabb8c22c15fc5a95f395"


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        (
            {"id": {0: None}},
            r"nodes\.parquet, column id, row 0: is empty\. Give each node an id of its own",
        ),
        ({"id": {1: "ACME"}}, r"column id, row 5: 'acme' and 'ACME' of row 1 differ by case"),
        ({"id": {0: "C.parts"}}, r"id of node 0 is 'C.parts', a code of another region and sector"),
        (
            {"id": dict(enumerate(range(14)))},
            r"column id: holds int64, not text\. Write its values as text",
        ),
        ({"label_en": {0: "Only"}}, r"column label_zh, row 0: is empty\. Name the node in both languages"),
    ],
)
def test_a_book_whose_ids_or_names_are_wrong_says_where(columns, what, tmp_path):
    path = book.save(FIRMS, tmp_path / "mine") / "nodes.parquet"
    table = pq.read_table(path).to_pydict()
    for name, cells in columns.items():
        table[name] = [cells.get(i, value) for i, value in enumerate(table[name])]
    pq.write_table(pa.table(table), path)
    with pytest.raises(BookError, match=what):
        book.inspect(path.parent)


# ---- regrouped -------------------------------------------------------------------------------


def regrouped(e: Economy, folder, rows: str) -> Economy:
    path = folder / "c.csv"
    path.write_text(rows, encoding="utf-8")
    return concord.regroup(e, *concord.read(path, e))[0]


def test_merging_keeps_the_ids_of_firms_and_makes_codes_for_the_rest(tmp_path):
    """Coast and West become one region: the firms of the coast stay what they are; c-rest and W.parts are
    one node, which has no owner's id.
    """
    out = regrouped(FIRMS, tmp_path, "kind,from,to\nregion,C,E\nregion,W,E\n")
    assert out.n == 8 + 2
    assert {"acme", "bolt", "N.parts", "E.parts", "E.vehicles"} <= set(out.node_codes)
    at = out.node_codes.index
    assert out.output[at("acme")] == pytest.approx(45.0)
    assert out.output[at("E.parts")] == pytest.approx(0.2 * 90 + 20)
    assert out.node_name(at("E.parts")).en.endswith("other Parts")


def test_a_firm_that_is_split_has_no_id_of_its_own(tmp_path):
    out = regrouped(FIRMS, tmp_path, "kind,from,to,share\nregion,C,A,0.25\nregion,C,B,0.75\n")
    assert not {"acme", "bolt", "c-rest"} & set(out.node_codes)
    assert sorted(c for c in out.node_codes if c.startswith("A.parts")) == [
        "A.parts",
        "A.parts#2",
        "A.parts#3",
    ]


def test_an_id_that_reads_like_a_new_code_is_not_kept(tmp_path):
    """acme's id is E.parts, which is nobody's code until there is a region E."""
    ids = tuple("E.parts" if i == "acme" else i for i in FIRMS.node_ids)
    out = regrouped(replace(FIRMS, node_ids=ids), tmp_path, "kind,from,to\nregion,C,E\nregion,W,E\n")
    assert out.output[out.node_codes.index("bolt")] == pytest.approx(27.0)
    assert len(set(out.node_codes)) == out.n
