"""One page of an economy and the origins of a node, on the teaching book by hand and on china-2020."""

from __future__ import annotations

import numpy as np
import pytest
from firms import parted

from ballast.economy.book import load
from ballast.economy.portrait import find_node, portrait, provenance
from ballast.errors import BookError


def test_the_teaching_page_by_hand():
    e = load("teaching")
    p = portrait(e)
    assert p.output == 980  # 150 + 130 + 200 + 500, the rows of the teaching table
    assert p.imports == 10  # parts for vehicles: 5 + 3 + 2
    assert p.regions_alike == pytest.approx(980**2 / (310**2 + 440**2 + 230**2))
    assert p.links == np.count_nonzero(e.links().toarray())
    assert sum(r.share for r in p.sectors) == pytest.approx(1)
    # the largest link between different nodes
    z = e.links().toarray()
    np.fill_diagonal(z, 0)
    assert p.top_links[0].value == pytest.approx(z.max())
    best = [r.value for r in p.top_links]
    assert best == pytest.approx(np.sort(z.ravel())[::-1][: len(best)])
    parts = (
        np.maximum(e.final_domestic[e.final_product == 1], 0).sum()
        + e.slot_domestic[e.slot_product == 1].sum()
    )
    assert p.imported[0].share == pytest.approx(10 / (10 + parts))


def test_links_of_china_are_those_of_the_matrix():
    e = load("china-2020")
    p = portrait(e)
    z = e.links().tocoo()
    off = z.row != z.col
    order = np.argsort(-z.data[off])[: len(p.top_links)]
    np.testing.assert_allclose([r.value for r in p.top_links], z.data[off][order])
    assert p.links == z.nnz
    low, central, high = p.own_region
    assert low < central < high
    assert sum(s for _, s in p.grades) == pytest.approx(1)


def test_the_origins_of_a_node():
    e = load("china-2020")
    i = find_node(e, "上海·交通运输设备")
    assert i == find_node(e, "sh.18") == find_node(e, "Shanghai, Vehicles")
    assert i == find_node(e, "上海.汽车") == find_node(e, "Shanghai.18") == find_node(e, "SH.交通运输设备")
    p = provenance(e, i)
    z = e.links()
    np.testing.assert_allclose(
        [r.value for r in p.suppliers], np.sort(z[:, [i]].toarray().ravel())[::-1][:8]
    )
    np.testing.assert_allclose([r.value for r in p.buyers], np.sort(z[[i]].toarray().ravel())[::-1][:8])
    assert sum(v for _, v in p.value_added) == pytest.approx(e.total_value_added[i])
    known = {s.key for s in e.sources}
    assert all(set(o.sources) <= known for o in p.steps)
    known = {"nodes", "slots", "final", "markets", "carriers", "generation", "corridors"}
    assert {o.table for o in p.steps} == known


def test_the_origins_name_a_node_by_its_id_in_any_order():
    e = parted(load("teaching"), "C.parts", {"acme": 0.5, "bolt": 0.5})
    for book in (e, e.permuted(np.arange(e.n)[::-1])):
        p = provenance(book, find_node(book, "bolt"))
        assert p.node == "bolt"
        assert p.name == e.node_name(e.node_codes.index("bolt"))


def test_a_node_that_is_not_there_is_met_with_the_nearest():
    with pytest.raises(BookError, match=r"no node 'SH\.99'.*Did you mean SH\."):
        find_node(load("china-2020"), "SH.99")
