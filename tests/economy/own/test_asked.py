"""Heads, units and names of a desk that may mean several things: each is asked about."""

from __future__ import annotations

import numpy as np
import pytest

from ballast.economy.names.matcher import Names
from ballast.economy.own.amounts import Amount, shared_out
from ballast.economy.own.roles import head
from ballast.economy.own.rows import Desk
from ballast.economy.own.sheets import recognise
from ballast.economy.sheets.files import sheets

from .conftest import added, told, workbook

# ---- stock without a unit --------------------------------------------------------------------


@pytest.mark.parametrize("word", ["库存", "Stock", "库存 inventory"])
def test_stock_without_a_unit_is_asked_about_once(teaching, tmp_path, word):
    rows = [["region", "sector", word], ["N", "parts", 12], ["C", "parts", 9]]
    got = added(teaching, tmp_path, Sheet1=rows)
    assert told(got).count("says no unit, and may be days of use, tonnes or yuan") == 1
    assert "Sheet1, row 1, column C" in told(got)
    assert "Write 库存天数 or days (天)" in told(got)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("重点企业库存天数", "a"), ("库存情况", "库存天数"), ("库存（天）", "a"), ("单位：天", "a"),
        ("Stock in days", "a"), ("Days of cover", "a"), ("库存", "days"), ("按天计算的库存，单位: 天", "a"),
    ],
)  # fmt: skip
def test_a_title_or_a_sheet_that_says_days_is_enough(teaching, tmp_path, title, name):
    rows = [[title], ["region", "sector", "库存"], ["N", "parts", 12]]
    got = added(teaching, tmp_path, **{name: rows})
    assert got.economy is not None, told(got)
    assert np.nanmax(got.economy.facts.slot_days) == 12


@pytest.mark.parametrize("title", ["天津市企业库存表", "天然气库存", "Sunday stock", "2022年3月31日库存"])
def test_other_words_with_a_tian_or_a_day_say_no_days(china, tmp_path, title):
    rows = [[title], ["省份", "行业", "库存"], ["江苏", "化学", 12]]
    assert "says no unit" in told(added(china, tmp_path, Sheet1=rows))


def test_ranges_of_stock_without_a_unit_are_asked_about_with_it(teaching, tmp_path):
    rows = [["region", "sector", "库存", "low", "high"], ["N", "parts", 12, 9, 15]]
    got = added(teaching, tmp_path, Sheet1=rows)
    assert told(got).count("says no unit") == 1


@pytest.mark.parametrize("heads", [["库存（吨）", "库存天数"], ["库存天数", "库存（吨）"]])
def test_stock_in_tonnes_beside_its_days_is_not_read(teaching, tmp_path, heads):
    """12 days, whichever column comes first."""
    tonnes = heads.index("库存（吨）")
    figures = [300, 12] if tonnes == 0 else [12, 300]
    rows = [["region", "sector", *heads], ["N", "parts", *figures]]
    got = added(teaching, tmp_path, Sheet1=rows)
    assert np.nanmax(got.economy.facts.slot_days) == 12
    assert "the column '库存(吨)' says days once more and is not read" in told(got, "warning")


# ---- words for heads -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "role", "unit"),
    [
        ("年末从业人员", "staff", ""), ("2020年末从业人员（人）", "staff", "人"),
        ("从业人员数", "staff", ""),
        ("就业人员（万人）", "staff", "万人"), ("期末用工人数", "staff", ""), ("FTE", "staff", ""),
        ("Average employees (persons)", "staff", "persons"), ("Year-end staff", "staff", ""),
        ("库存周转天数", "days", ""), ("保障天数", "days", ""), ("可用天数", "days", ""),
        ("始发", "from", ""), ("到达", "to", ""), ("在途时间（小时）", "transit", "小时"),
        ("全年用电量（亿千瓦时）", "electricity", "亿千瓦时"), ("2020年用电量", "electricity", ""),
    ],
)  # fmt: skip
def test_heads_as_offices_write_them(text, role, unit):
    assert head(text) == (role, unit)


@pytest.mark.parametrize(
    "text", ["4月用电量", "平均用电量", "上年用电量", "上半年用电量", "年末", "平均", "2020年", "年"]
)
def test_parts_of_a_year_and_bare_times_are_no_heads(text):
    assert head(text) is None


def test_ways_with_the_heads_of_a_timetable(teaching, tmp_path):
    rows = [["始发", "到达", "运输方式", "在途时间（小时）"], ["N", "C", "公路", 36]]
    got = added(teaching, tmp_path, Sheet1=rows)
    assert [c.days for c in got.economy.facts.corridors] == [1.5]  # 36 of 24 hours
    rows[0][3] = "在途时间"
    got = added(teaching, tmp_path, Sheet1=rows)
    assert "'在途时间' says no unit, and may be days or hours" in told(got)


def test_days_on_the_way_are_no_days_of_stock(teaching, tmp_path):
    rows = [["地区", "产品", "运输天数"], ["N", "parts", 3]]
    got = added(teaching, tmp_path, Sheet1=rows)
    assert got.economy is None
    assert "地区, 产品, 运输天数 alone say too little" in told(got)


def test_only_the_head_that_is_not_understood_is_named(teaching, tmp_path):
    rows = [["省份", "行业", "在册职工情况"], ["N", "parts", 3]]
    got = added(teaching, tmp_path, Sheet1=rows)
    assert "heads that are not understood: 在册职工情况; 省份, 行业 alone say too little" in told(got)


# ---- names -----------------------------------------------------------------------------------


def test_a_power_station_without_a_region_is_named_with_its_row(teaching, tmp_path):
    rows = [["地区", "电源类型", "装机容量（MW）"], ["N", "风电", 5], [None, "水电", 7]]
    got = added(teaching, tmp_path, Sheet1=rows)
    assert (
        f"{tmp_path / 'own.xlsx'}, sheet Sheet1, row 3, column A: has no region. Write the region"
        in told(got)
    )
    assert "''" not in told(got)


@pytest.mark.parametrize(
    ("region", "sector", "todo"),
    [
        ("江苏", "上海,工业", "It names a region: write that under region, and the sector under sector"),
        ("江苏", "上海 汽车", "It names a region: write that under region"),
        ("上海·化学", None, "It names a sector: write that under sector, and the region under region"),
        ("江苏", "工业", "It is a group of sectors: write a row for each of them"),
        ("上海、江苏", "化学", "It names several regions: write a row for each of them"),
        ("江苏", "C36", "Correct the cell"),  # a class of the standard; sector 36 is another thing
        ("江苏", "化学/煤炭", "It names several sectors: write a row for each of them"),
    ],
)
def test_what_names_more_than_one_thing_is_not_taken_for_another(china, tmp_path, region, sector, todo):
    rows = [["省份", "行业", "从业人员（人）"], ["上海", "化学", 9], [region, sector, 5]]
    got = added(china, tmp_path, Sheet1=rows)
    wrong = "A" if "、" in region or sector is None else "B"
    assert f"row 3, column {wrong}: " in told(got)
    assert todo in told(got)
    assert got.proposals == ()


# ---- sums ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "level"),
    [
        (3, ""),
        (4, "note"),  # 1.4 three times are 4.2: each 1 may be 1.5, and 4 be 3.5
        (6, "warning"),  # the four figures give 2 at most, and three standard deviations of them 1.7
    ],
)
def test_a_rounded_total_lacks_no_row(teaching, tmp_path, total, level):
    heads = ["region", "sector", "staff (万人)"]
    rows = [heads, *([r, "parts", 1] for r in "NCW"), ["合计", None, total]]
    got = added(teaching, tmp_path, Sheet1=rows)
    found = [f for f in got.findings if f.what.startswith("the total says")]
    assert [f.level for f in found] == ([level] if level else [])
    assert ["rounding" in f.what for f in found] == ([level == "note"] if level else [])
    assert got.economy is not None


def test_the_last_digit_of_each_narrower_row_counts_once(teaching, tmp_path):
    """What rounding may leave to a wider row counts each narrower row within it once: 33.3 three times and
    100 leave 0.1, which the last digits (0.05 three times and 0.5) explain.
    """
    rows = [["region", "sector", "staff (万人)"], ["N", "", 100]]
    rows += [["N", sector, 33.3] for sector in ("materials", "parts", "vehicles")]
    path = workbook(tmp_path / "a.xlsx", Sheet1=rows)
    desk = Desk(teaching, Names.regions(teaching), Names.sectors(teaching))
    every = list(recognise(sheets(path)).sheets[0].rows())
    nodes = [np.array([c.startswith("N.") for c in teaching.node_codes])]
    nodes += [np.array([c == f"N.{r.text('sector')}" for c in teaching.node_codes]) for r in every[1:]]
    amounts = [
        Amount(row, "staff", mask, float(row.values["staff"]), teaching.output)
        for row, mask in zip(every, nodes, strict=True)
    ]
    out = np.full(teaching.n, np.nan)
    shared_out(desk, amounts, out)
    assert np.nansum(out) == pytest.approx(99.9)
    assert [f.what for f in desk.findings] == [
        "says what the narrower rows add up to: a total, which says nothing of its 1 other node"
    ]
