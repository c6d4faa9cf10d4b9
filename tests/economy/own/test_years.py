"""Figures of several years in one file, and of months where those of a year are read."""

from __future__ import annotations

import datetime as dt

import pytest

from ballast.economy.own.parts import rather_part

from .conftest import added, told

STAFF = ["地区", "行业", "从业人员（人）"]
POWER = ["地区", "行业", "用电量（万千瓦时）"]


@pytest.mark.parametrize(
    ("names", "refused"),
    [
        (("2019年", "2020年"), True),
        (("人员2019", "用电2021"), True),
        (("人员2020", "用电2020"), False),
        (("2019-2020人员", "2020用电"), False),  # 2020 may be meant by both
        (("人员", "用电2020"), False),
        (("人员 GBT4754-2017", "用电2020"), False),  # a classification's year
    ],
)
def test_sheets_of_two_years_are_refused_by_name(china, tmp_path, names, refused):
    sheets = dict(zip(names, ([STAFF, ["上海", "化学", 5]], [POWER, ["江苏", "化学", 5]]), strict=True))
    got = added(china, tmp_path, **sheets)
    assert (got.economy is None) == refused
    says = f"its sheets are of several years: {', '.join(names)}. Add one year at a time"
    assert (says in told(got)) == refused


def test_ranges_are_about_years_of_their_own(china, tmp_path):
    ranges = [["指标", "时期", "下限"], ["gdp", 2023, 3], ["gdp", 2024, 3]]
    got = added(china, tmp_path, 人员2020=[STAFF, ["上海", "化学", 5]], 目标2023=ranges)
    assert got.economy is not None, told(got)
    assert [t.period for t in got.economy.facts.targets][-2:] == ["2023", "2024"]


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ("2019年从业人员", "2020年从业人员", True),
        ("2020年从业人员", "2020年江苏从业人员", False),
        ("2020年从业人员", "填报日期：2021年3月5日", False),  # of the writing, not of the figures
    ],
)
def test_titles_of_two_years_are_refused(china, tmp_path, first, second, refused, apart):
    one, other = [[first], STAFF, ["上海", "化学", 5]], [[second], STAFF, ["江苏", "化学", 7]]
    sheets = {"a": one, "b": other} if apart else {"a": [*one, [], *other]}
    got = added(china, tmp_path, **sheets)
    assert (got.economy is None) == refused
    assert ("Add one year at a time" in told(got)) == refused


def test_titles_of_other_kinds_may_say_other_years(china, tmp_path):
    sheets = {
        "a": [["2019年人员"], STAFF, ["上海", "化学", 5]],
        "b": [["2020年用电"], POWER, ["上海", "化学", 5]],
    }
    assert added(china, tmp_path, **sheets).economy is not None


def test_columns_of_two_years_are_refused(china, tmp_path):
    heads = ["地区", "行业", "2019年用电量（万千瓦时）", "2020年用电量（万千瓦时）"]
    got = added(china, tmp_path, a=[heads, ["上海", "化学", 5, 6]])
    assert "columns of several years: 2019年用电量(万千瓦时), 2020年用电量(万千瓦时)" in told(got)
    one = [heads[:3], ["上海", "化学", 5]]
    e = added(china, tmp_path, a=one).economy  # 5 * 10,000 kWh are 0.05 GWh
    assert e.facts.use["electricity"][e.node_codes.index("SH.12")] == pytest.approx(0.05)


@pytest.mark.parametrize("head", ["年份", "year", "时期", "年度"])
def test_rows_of_two_years_are_refused(china, tmp_path, head):
    rows = [[*STAFF, head], ["上海", "化学", 5, 2019], ["江苏", "化学", 7, "2020年"]]
    got = added(china, tmp_path, a=rows)
    assert "row 3, column D: the rows are of several years: 2019, 2020" in told(got)
    rows[2][3] = 2019
    assert added(china, tmp_path, a=rows).economy is not None


@pytest.mark.parametrize(
    ("head", "said", "refused"),
    [
        ("月份", 4, True), ("月份", "4月", True), ("月份", "2022-04", True), ("month", "2022-04", True),
        ("月份", "1-12月", False), ("月份", "全年", False), ("period", "2022", False),
        ("period", "2022Q1", True), ("季度", "一季度", True), ("日期", dt.datetime(2022, 4, 30), True),
        ("日期", dt.datetime(2022, 12, 31), False), ("填报日期", dt.datetime(2022, 4, 30), False),
        ("时间", "2022年上半年", True), ("统计月份", "4月", True), ("月度", "四月", True),
        ("截止日期", dt.datetime(2022, 6, 30), True), ("投产日期", dt.datetime(2022, 6, 30), False),
    ],
)  # fmt: skip
def test_a_month_beside_amounts_of_a_year_is_refused(china, tmp_path, head, said, refused):
    got = added(china, tmp_path, a=[[*POWER, head], ["上海", "化学", 5, said]])
    assert (got.economy is None) == refused
    assert ("and the amounts are read as those of a year" in told(got)) == refused


def test_a_month_beside_people_and_stock_is_no_matter(china, tmp_path):
    for heads in (STAFF, ["地区", "行业", "库存天数"]):
        rows = [[*heads, "月份"], ["上海", "化学", 5, "2022-04"]]
        assert added(china, tmp_path, a=rows).economy is not None


def test_a_month_beside_the_power_made_in_a_year_is_refused(china, tmp_path):
    rows = [["地区", "电源类型", "装机容量（MW）", "月份"], ["上海", "风电", 5, "4月"]]
    assert added(china, tmp_path, a=rows).economy is not None
    rows = [["地区", "电源类型", "发电量（GWh）", "月份"], ["上海", "风电", 5, "4月"]]
    assert "column D: says '4月'" in told(added(china, tmp_path, a=rows))


@pytest.mark.parametrize(
    "title",
    [
        "各行业日均用电量", "每日用电", "2022年前5个月用电量", "前五个月用电", "月均用电", "2022.4用电",
        "202204", "Average daily use", "Electricity, year to date", "H1 2022", "Electricity per month",
    ],
)  # fmt: skip
def test_titles_that_say_less_than_a_year(china, tmp_path, title):
    got = added(china, tmp_path, a=[[title], POWER, ["上海", "化学", 5]])
    assert "and the amounts are read as those of a year" in told(got)


@pytest.mark.parametrize(
    "title",
    [
        "2022年1-12月用电量",
        "一月至十二月",
        "2021.01-2021.12",
        "Jan-Dec 2021",
        "January to December 2021",
        "12 months to December 2021",
        "As of 31 March 2022",
        "2019-2020",
        "截至2022年12月底",
        "Update 2022",
        "2022/12/31",
    ],
)
def test_titles_that_say_a_year_or_a_date(china, tmp_path, title):
    assert added(china, tmp_path, a=[[title], POWER, ["上海", "化学", 5]]).economy is not None


@pytest.mark.parametrize(
    "title",
    [
        # quarters: four of them are a year
        "2022年一至四季度", "2022年1-4季度", "第一季度至第四季度", "Q1-Q4 2022", "2022Q1-2022Q4",
        "四个季度", "2022年四季度累计", "2021Q2-2022Q1",  # 1 - 2 + 1 + 4 = 4
        # fiscal years: April to March are 3 - 4 + 1 + 12 = 12 months
        "FY2022 (April 2022 to March 2023)", "2022财年（4月至次年3月）", "April-March",
        "2022.04-2023.03", "202201-202212",
        "Year ended March 2022", "Year ended 31 March 2022", "Twelve months ended December 2022",
        "截至2022年12月用电量", "截至2023年3月止的12个月", "1月1日至12月31日", "2022年前12个月",
        "YTD December 2022",
        # where figures are from, numbers of tables, editions
        "来源：每日经济新闻", "资料来源：统计月报2022年4月", "Source: China Daily", "表2022-1 用电量",
        "附件2022-3", "Table H1. Electricity use 2022", "Figure 2022-2: electricity", "Version 2022.1",
        "2021-12 edition",
        # the year outright, and other words in passing
        "电力月度统计，2022年全年", "Figures for 2022 (final, October 2023)", "月度调度专班",
        "2022年用电量（2023年10月最终核定）", "Electricity 2022 (annual total, not daily)",
        "全年用电量（非日均）", "Monthly bulletin, full year 2022",
    ],
)  # fmt: skip
def test_titles_of_a_whole_year_written_otherwise(china, tmp_path, title):
    got = added(china, tmp_path, a=[[title], POWER, ["上海", "化学", 5]])
    assert got.economy is not None, told(got)


@pytest.mark.parametrize(
    ("title", "part"),
    [
        ("2022年1-3季度", "1-3季度"), ("2022年第四季度", "四季度"), ("第四个季度", "季度"),
        ("三、四季度累计", "四季度"), ("Q1-Q3 2022", "Q1-Q3 2022"), ("2021Q1-2022Q4", "2021Q1-2022Q4"),
        ("2022Q1用电量", "2022Q1"), ("First quarter 2022", "First quarter"), ("FY2022 Q1", "2022 Q1"),
        ("April 2022 to September 2022", "April 2022 to September 2022"), ("4月至次年2月", "4月至次年2月"),
        ("2022年1月至2023年12月", "1月至2023年12月"), ("202201-202206", "202201-202206"),
        ("Half-year ended March 2022", "Half-year"), ("Six months to 30 June 2022", "Six months"),
        ("截至2022年6月用电量", "6月"), ("自2022年7月截至2022年12月", "7月截至2022年12月"),
        ("1月1日至6月30日", "1月1日至6月30日"), ("2022年12月", "12月"),
        # a number before the period, a note on it
        ("表1 2022年4月用电量", "4月"), ("附件1：4月用电量", "4月"), ("表4月用电量", "4月"),
        ("表3-4月", "3-4月"), ("表2-2022年1月", "1月"), ("表4-3月", "4-3月"),
        ("表1-2022年4月", "4月"), ("Table 5 April 2022", "April 2022"),
        ("Table Q1 2022", "Q1"),
        ("Table H1 2022", "H1"), ("Version 2, April 2022", "April 2022"), ("说明：本表为4月数据", "4月"),
        # a rate of the whole year, a year in passing, an edition of the same year
        ("全年日均用电量", "日均"), ("Annual average, per day", "per day"),
        ("4月用电量（占全年9%）", "4月"),
        ("Semi-annual, H1 2022", "H1"), ("Annual report, April 2022", "April 2022"),
        ("Electricity 2022 (April 2022, preliminary)", "April 2022"), ("2021年4月（2022年修订）", "4月"),
        ("月度公司用电量", "月度"),
    ],
)  # fmt: skip
def test_titles_of_a_part_that_look_like_a_whole_year(china, tmp_path, title, part):
    got = added(china, tmp_path, a=[[title], POWER, ["上海", "化学", 5]])
    assert f"a title says {part!r}, and the amounts" in told(got)


@pytest.mark.parametrize("begin", range(1, 13))
@pytest.mark.parametrize("months", range(2, 25))
def test_a_range_of_twelve_months_is_a_year(begin, months):
    """Whatever the month in which it begins, however it is written; 2 to 11 and 13 to 24 months are not."""
    end = begin + months - 1  # counted from January of the first year
    years, last = divmod(end - 1, 12)
    last += 1
    name = [dt.date(2022, m, 1).strftime("%B") for m in (begin, last)]
    for text in (
        f"2022年{begin}月至{2022 + years}年{last}月用电量",
        f"2022.{begin:02d}-{2022 + years}.{last:02d}",
        f"{name[0]} 2022 to {name[1]} {2022 + years}",
    ):
        assert bool(rather_part(text)) == (months != 12), text


def test_what_to_do_with_a_part_above_amounts_of_a_year_helps(china, tmp_path):
    rows = [["第二季度会议材料"], POWER, ["上海", "化学", 5]]
    assert "if they are, take '二季度' out or add 全年, full year" in told(added(china, tmp_path, a=rows))
    for title in ("第会议材料", "第二季度会议材料，全年"):
        rows[0][0] = title
        assert added(china, tmp_path, a=rows).economy is not None


@pytest.mark.parametrize(
    ("said", "other", "refused"),
    [
        ("2022年4月至2023年3月", "2022年4月至2023年3月", False),
        ("April 2022 to March 2023", "FY2022", False),
        ("2022年4月至2023年3月", "2023年4月至2024年3月", True),
        ("2022年一至四季度", "2022", False),
        ("2022年一至三季度", "2022", True),
    ],
)
def test_rows_of_fiscal_years(china, tmp_path, said, other, refused):
    rows = [[*POWER, "时期"], ["上海", "化学", 5, said], ["江苏", "化学", 7, other]]
    got = added(china, tmp_path, a=rows)
    assert (got.economy is None) == refused, told(got)


STOCK = ["省份", "行业", "库存天数"]


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ("Q1", "Q2", True), ("2022年3月", "2022年4月", True), ("3月", "03月份江苏", False),
        ("上海", "4月", False), ("202203", "202204", True), ("全年盘点3月", "全年盘点4月", True),
    ],
)  # fmt: skip
def test_stock_of_two_months_is_refused(china, tmp_path, first, second, refused):
    sheets = {first: [STOCK, ["上海", "化学", 5]], second: [STOCK, ["江苏", "化学", 9]]}
    got = added(china, tmp_path, **sheets)
    assert ("is over figures of stock" in told(got)) == refused
    assert (got.economy is None) == refused


def test_a_title_and_its_sheet_are_of_one_table(china, tmp_path):
    """A month within the quarter of the sheet's name does not part the table from itself."""
    got = added(china, tmp_path, Q1=[["3月末库存"], STOCK, ["上海", "化学", 5]])
    assert got.economy is not None, told(got)


@pytest.mark.parametrize("title", ["煤炭消费量（折标准煤，万吨）", "Coal, tce", "标煤"])
def test_standard_coal_is_no_coal(china, tmp_path, title):
    rows = [[title], ["省份", "行业", "用煤量（万吨）"], ["上海", "化学", 5]]
    assert "a title says" in told(added(china, tmp_path, a=rows))
    rows[1][2] = "用电量（万千瓦时）"
    assert added(china, tmp_path, a=rows).economy is not None


@pytest.mark.parametrize(
    ("title", "word"),
    [
        ("用工缺口情况", "缺口"), ("2022年新增从业人员", "新增"), ("Planned staff", "Planned"),
        ("规划处", ""), ("发展规划与统计科", ""), ("规划和自然资源局", ""), ("规划设计院", ""),
        ("预测处", ""), ("检修公司", ""), ("Gap Inc.", ""), ("来源：缺口调查", ""),
        ("规划内部人员", "规划"), ("规划各处人员", "规划"), ("规划处新增人员", "新增"),
        ("检修部分机组", "检修"), ("预测中心城区人员", "预测"), ("Staff gap, Sales Department", "gap"),
    ],
)  # fmt: skip
def test_titles_of_gaps_and_plans_are_told(china, tmp_path, title, word):
    got = added(china, tmp_path, a=[[title], STAFF, ["上海", "化学", 5]])
    assert (f"a title says {word!r}, and the figures" in told(got, "warning")) == bool(word)


def test_a_month_of_freight_is_no_capacity_of_a_year(china, tmp_path):
    """Tonnes are those of a year, as the template says; what a power line carries is of any moment."""
    heads = ["起点", "终点", "运输方式", "运力（万吨）"]
    got = added(china, tmp_path, a=[["2022年4月货运量"], heads, ["上海", "江苏", "公路", 5]])
    assert "a title says '4月'" in told(got)
    lines = [["2022年4月"], [*heads[:3], "输电能力（万千瓦）"], ["上海", "江苏", "电网", 5]]
    assert added(china, tmp_path, a=lines).economy is not None
