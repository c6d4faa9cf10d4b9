"""Figures of several years in one file, and of months where those of a year are read."""

from __future__ import annotations

import datetime as dt

import pytest

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
        ("时间", "2022年上半年", True),
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
