"""A desk's figures of single firms: rows that name a node, beside rows about its region and sector."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import openpyxl
import pytest
from firms import parted

from ballast.economy import book
from ballast.economy.own import add as additions
from ballast.economy.own import template
from ballast.text import Text

from .conftest import added, told, workbook

TEACHING = book.load("teaching")
LABELS = {"acme": Text("Acme", "阿克米"), "bolt": Text("Bolt Works", "博尔特厂")}
FIRMS = parted(TEACHING, "C.parts", {"acme": 0.5, "bolt": 0.3, "c-rest": 0.2}, LABELS)
ACME, BOLT, REST = 5, 12, 13
PAIR = [ACME, BOLT, REST]


@pytest.mark.parametrize(
    "head", ["企业", "企业名称", "节点", "代码", "firm", "Company", "node", "plant", "id", "企业 node"]
)
def test_a_row_that_names_a_node_needs_no_region_and_sector(head, tmp_path):
    rows = [[head, "从业人员（人）"], ["阿克米", 100], ["ＢＯＬＴ", 60], ["沿海·其他零部件", 50]]
    got = added(FIRMS, tmp_path, s=rows)
    assert told(got) == ""
    np.testing.assert_array_equal(got.economy.facts.staff[PAIR], [100, 60, 50])
    assert np.isnan(np.delete(got.economy.facts.staff, PAIR)).all()


def test_rows_of_a_region_and_sector_go_to_what_their_firms_leave(tmp_path):
    """300 of the pair, 100 of them of acme: 200 by size 27 and 18 of bolt and the rest, 120 and 80."""
    rows = [
        ["地区", "行业", "企业", "从业人员（人）"],
        ["沿海", "零部件", "Acme", 100],
        ["沿海", "零部件", "", 300],
    ]
    got = added(FIRMS, tmp_path, s=rows)
    assert told(got) == ""
    np.testing.assert_allclose(got.economy.facts.staff[PAIR], [100, 120, 80])


def test_days_of_one_firm_go_before_those_of_its_sector(tmp_path):
    """Materials: 10 days of everybody in the pair, 3 of acme, 1 of what acme has of services."""
    rows = [
        ["地区", "行业", "企业", "产品", "库存天数"],
        ["沿海", "零部件", "", "", 10],
        ["", "", "acme", "", 3],
        ["", "", "acme", "服务", 1],
    ]
    got = added(FIRMS, tmp_path, s=rows)
    assert told(got) == told(got, "warning") == ""
    e = got.economy
    days = {
        (int(j), int(k)): d for j, k, d in zip(e.slot_node, e.slot_product, e.facts.slot_days, strict=True)
    }
    assert [days[ACME, k] for k in (0, 1, 3)] == [3, 3, 1]
    assert [days[BOLT, k] for k in (0, 1, 3)] == [10, 10, 10]


def test_energy_of_one_firm(tmp_path):
    e = replace(FIRMS, sectors=(*FIRMS.sectors[:3], replace(FIRMS.sectors[3], like="24")))
    rows = [["企业", "用电量（亿千瓦时）"], ["acme", 2], ["bolt", 1]]
    got = added(e, tmp_path, s=rows)
    assert told(got) == ""
    np.testing.assert_array_equal(got.economy.facts.use["electricity"][[ACME, BOLT]], [200, 100])  # GWh


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (["北方", "零部件", "acme", 5], "'北方' is not the region of 'acme': acme is of C"),
        (["沿海", "整车", "阿克米", 5], "'整车' is not the sector of '阿克米': acme is of parts"),
        (["沿海", "零部件", "Acne", 5], "no node called 'Acne' in this book. Is it acme (Acme 阿克米)?"),
        (["", "", "C.parts", 5], "'C.parts' fits more than one node: acme, bolt, c-rest"),
        (["", "零部件", "", 5], "has neither a node nor a region, and other rows name nodes"),
    ],
)
def test_a_row_that_may_not_be_meant_says_why(row, what, tmp_path):
    rows = [["地区", "行业", "企业", "人数（人）"], row, ["", "", "bolt", 7]]
    got = added(FIRMS, tmp_path, s=rows)
    assert got.economy is None
    assert what in told(got)
    assert "row 2" in told(got)


def test_a_firm_said_twice_by_id_and_by_name_is_once_too_often(tmp_path):
    rows = [["企业", "地区", "人数（人）"], ["acme", "", 5], ["阿克米", "C", 6]]
    assert "says again what" in told(added(FIRMS, tmp_path, s=rows))


def test_a_name_confirmed_in_the_review_sheet_is_taken(tmp_path):
    path = workbook(tmp_path / "a.xlsx", s=[["企业", "人数（人）"], ["Acne", 5]])
    first = additions.add(FIRMS, path)
    assert next((p.kind, p.code) for _, p in first.proposals) == ("node", "acme")
    again = additions.add(FIRMS, path, (("node", "Acne", "acme"),))
    assert again.economy.facts.staff[ACME] == 5


def test_a_total_below_firms_is_left_out_and_a_firm_of_that_name_is_not(tmp_path):
    rows = [["企业", "人数（人）"], ["acme", 5], ["合计", 5]]
    got = added(FIRMS, tmp_path, s=rows)
    assert told(got) == ""
    assert np.nansum(got.economy.facts.staff) == 5
    total = parted(TEACHING, "C.parts", {"total": 0.5, "bolt": 0.5})
    got = added(total, tmp_path, s=[["企业", "人数（人）"], ["Total", 5], ["bolt", 5]])
    assert np.nansum(got.economy.facts.staff) == 10


def test_codes_of_sectors_are_no_nodes_and_counts_of_firms_are_none(tmp_path):
    """A column 代码 without one node in it, and 企业（个）, are not read, as before."""
    rows = [["地区", "行业", "代码", "企业（个）", "人数（人）"], ["C", "parts", "C36", 12, 300]]
    got = added(FIRMS, tmp_path, s=rows)
    assert told(got) == ""
    np.testing.assert_allclose(got.economy.facts.staff[PAIR], [150, 90, 60])
    assert "'代码' is not read" in told(got, "note")


def test_in_a_book_without_firms_their_names_are_remarks(tmp_path):
    rows = [["地区", "行业", "企业", "人数（人）"], ["C", "parts", "阿克米", 300]]
    got = added(TEACHING, tmp_path, s=rows)
    assert got.economy.facts.staff[5] == 300
    assert "'企业' is not read" in told(got, "note")
    alone = added(TEACHING, tmp_path, s=[["企业", "人数（人）"], ["阿克米", 300]])
    assert "heads that are not understood: 企业" in told(alone)


def test_a_head_that_nearly_says_firm_is_asked_about_where_there_are_firms(tmp_path):
    rows = [["地区", "行业", "重点企业", "人数（人）"], ["C", "parts", "acme", 300]]
    assert "the sheet has no column node" in told(added(FIRMS, tmp_path, s=rows))
    assert told(added(TEACHING, tmp_path, s=rows)) == ""


def test_the_template_has_a_column_for_firms_and_comes_back(tmp_path):
    path = template.write(FIRMS, tmp_path / "t.xlsx")
    filled = openpyxl.load_workbook(path)
    sheet = filled["staff 人员"]
    assert [c.value for c in sheet[2]][:4] == [
        "地区 region",
        "行业 sector",
        "企业 node",
        "从业人员 staff（人）",
    ]
    nodes = [sheet.cell(3 + i, 3).value for i in range(FIRMS.n)]
    assert [nodes[i] for i in (*PAIR, 6)] == ["阿克米", "博尔特厂", "沿海·其他零部件", None]
    for i in range(FIRMS.n):
        sheet.cell(3 + i, 4).value = 10 + i
    filled.save(path)
    got = additions.add(FIRMS, path)
    assert told(got) == ""
    np.testing.assert_array_equal(got.economy.facts.staff, 10.0 + np.arange(FIRMS.n))
    plain = openpyxl.load_workbook(template.write(TEACHING, tmp_path / "p.xlsx"))
    assert all("node" not in str(c.value) for name in plain.sheetnames for c in plain[name][2])
