"""What titles and names of sheets say of the region and the sector of rows without a column for them."""

from __future__ import annotations

import numpy as np
import pytest

from ballast.economy.names.matcher import Names
from ballast.economy.own import add as additions
from ballast.economy.own.about import mentioned

from .conftest import added, told

HEADS = ["行业", "从业人员（万人）"]


def staff(got: additions.Added, *regions: str) -> dict[str, float]:
    """People by node, of those that have any."""
    assert got.economy is not None, told(got, "error")
    people = got.economy.facts.staff
    codes = got.economy.node_codes
    return {codes[i]: round(float(people[i])) for i in np.flatnonzero(np.nan_to_num(people))}


def test_sheets_named_after_regions(teaching, tmp_path):
    got = added(teaching, tmp_path, 北方=[HEADS, ["材料", 11]], 沿海=[HEADS, ["材料", 4]])
    assert staff(got) == {"N.materials": 110_000, "C.materials": 40_000}
    assert "all rows are read as C, as '沿海' says" in told(got, "note")


def test_tables_of_one_sheet_with_titles(teaching, tmp_path):
    rows = [["北方"], HEADS, ["材料", 11], [], ["沿海地区人员情况表"], HEADS, ["材料", 4]]
    assert staff(added(teaching, tmp_path, Sheet1=rows)) == {"N.materials": 110_000, "C.materials": 40_000}


def test_a_table_below_one_with_a_title_is_asked_about(teaching, tmp_path):
    rows = [["北方"], HEADS, ["材料", 11], [], ["行业", "用电量（亿千瓦时）"], ["材料", 4]]
    assert "a table before it is about '北方': is this one too?" in told(
        added(teaching, tmp_path, Sheet1=rows), "error"
    )


@pytest.mark.parametrize(
    "title", ["北方", "地区：北方", "2021年北方分行业从业人员", "North: staff by sector"]
)
def test_a_title_that_names_the_region(teaching, tmp_path, title):
    assert staff(added(teaching, tmp_path, Sheet1=[[title], HEADS, ["材料", 11]])) == {
        "N.materials": 110_000
    }


def test_a_title_of_energy_and_of_stocks(china, teaching, tmp_path):
    rows = [["上海市分行业用电量"], ["行业", "用电量（亿千瓦时）"], ["汽车整车", 20]]
    got = added(china, tmp_path, Sheet1=[*rows[:2], [china.sectors[0].name.zh, 20]])
    assert got.economy is not None, told(got, "error")
    use = got.economy.facts.use["electricity"]
    at = got.economy.node_codes.index(f"SH.{china.sectors[0].code}")
    assert use[at] == pytest.approx(2000)
    assert np.nansum(use) == pytest.approx(2000)
    got = added(teaching, tmp_path, 沿海=[["行业", "产品", "库存天数"], ["整车", "零部件", 14]])
    assert got.economy is not None
    days = got.economy.facts.slot_days
    held = got.economy.node_region[got.economy.slot_node[np.flatnonzero(days == 14)]]
    assert {got.economy.regions[r].code for r in held} == {"C"}


@pytest.mark.parametrize("title", ["零部件从业人员", "零部件行业人员", "Staff of Parts"])
def test_a_title_that_names_the_sector(teaching, tmp_path, title):
    got = added(teaching, tmp_path, Sheet1=[[title], ["地区", "从业人员（万人）"], ["北方", 14]])
    assert staff(got) == {"N.parts": 140_000}


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([["北方和沿海从业人员"], HEADS, ["材料", 11]], "titles name several (N, C)"),
        ([["填报单位：北方统计局"], HEADS, ["材料", 11]], "of N or all?"),
        ([["北方材料公司"], HEADS, ["材料", 11]], "of N or all?"),
        ([["零部件库存"], ["地区", "库存天数"], ["北方", 11]], "of the holder or the product?"),
    ],
)
def test_what_a_title_leaves_open_is_asked(teaching, tmp_path, rows, says):
    got = added(teaching, tmp_path, Sheet1=rows)
    assert got.economy is None
    assert says in told(got, "error")


def test_a_title_against_the_name_of_its_sheet(teaching, tmp_path):
    got = added(teaching, tmp_path, 沿海=[["北方从业人员"], HEADS, ["材料", 11]])
    assert got.economy is None
    assert "titles name several" in told(got, "error")


def test_a_column_goes_before_titles(teaching, tmp_path):
    got = added(teaching, tmp_path, 沿海=[["北方"], ["地区", *HEADS], ["西部", "材料", 11]])
    assert staff(got) == {"W.materials": 110_000}
    assert "read as" not in told(got, "note")


def test_figures_that_are_spread_are_told(teaching, tmp_path):
    got = added(teaching, tmp_path, Sheet1=[["从业人员"], HEADS, ["材料", 9]])
    assert len(staff(got)) == 3
    assert "the figures of staff are spread over all 3 regions" in told(got, "note")


def test_a_row_without_a_name_is_none_of_its_titles_region(teaching, tmp_path):
    got = added(teaching, tmp_path, 北方=[HEADS, ["材料", 11], [None, 40]])
    assert got.economy is None
    assert "no name of a region or sector" in told(got, "error")


def test_the_same_again_in_another_table(teaching, tmp_path):
    got = added(teaching, tmp_path, 甲=[HEADS, ["材料", 11]], 乙=[HEADS, ["材料", 4]])
    assert "write in a column region whose figures each table holds" in told(got, "error")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("吉林市从业人员", []), ("吉林省从业人员", ["JL"]), ("吉林从业人员", ["JL"]),
        ("内蒙古自治区", ["NM"]),
        ("北京市场情况", ["BJ"]), ("江苏、浙江", ["JS", "ZJ"]), ("全国分行业用电量", []), ("staff", []),
        ("Inner Mongolia, 2020", ["NM"]), ("SH", ["SH"]), ("Sheet1", []), ("Shanghainese", []),
    ],
)  # fmt: skip
def test_regions_that_a_text_names(china, text, codes):
    at, _ = mentioned(Names.regions(china), text)
    assert [china.regions[i].code for i in at] == codes


@pytest.mark.parametrize("text", ["各省煤炭消费量", "分地区电力", "1", "2021年从业人员"])
def test_words_of_heads_are_no_sectors(china, text):
    assert mentioned(Names.sectors(china), text)[0] == ()
