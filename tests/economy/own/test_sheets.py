"""A desk's sheets that would give a wrong number in silence: each is refused, asked about or told."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from ballast.economy import Economy
from ballast.economy.own import add as additions
from ballast.economy.regions import facts as regional_facts
from ballast.economy.regions.distances import distances
from ballast.errors import BookError

from .conftest import told


def text(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def workbook(
    path: Path, *rows: list[object], merged: str = "", shown: dict[str, str] | None = None
) -> Path:
    wb = openpyxl.Workbook()
    for row in rows:
        wb.active.append(row)
    if merged:
        wb.active.merge_cells(merged)
    for cell, code in (shown or {}).items():
        wb.active[cell].number_format = code
    wb.save(path)
    return path


# ---- rows wider than their heads -------------------------------------------------------------


@pytest.mark.parametrize(
    "head", ["region,sector,staff (人)", "region,sector,staff (人),", "region,sector,staff (人),note"]
)
def test_a_comma_inside_a_number_is_an_error_of_its_row(teaching, tmp_path, head):
    added = additions.add(teaching, text(tmp_path / "a.csv", head, "C,parts,50", "N,parts,1,200"))
    assert added.economy is None
    assert "row 3" in told(added)
    assert "a comma inside a number?" in told(added)
    assert "row 2" not in told(added)


def test_a_comma_inside_a_number_of_regional_facts_and_distances(teaching, tmp_path):
    facts = text(tmp_path / "f.csv", "region,sector,output", "X,parts,1,200", "Y,parts,3")
    with pytest.raises(BookError, match="row 2: has more cells"):
        regional_facts.read(facts, teaching, None)
    km = text(tmp_path / "km.csv", "from,to,km", "N,C,1,200", "N,W,3", "C,W,4")
    with pytest.raises(BookError, match="row 2: has more cells"):
        distances(km, teaching.regions)


def test_a_column_of_a_workbook_without_a_head_is_told(teaching, tmp_path):
    rows = [["region", "sector", "staff (人)"], ["N", "parts", 50, 7]]
    added = additions.add(teaching, workbook(tmp_path / "a.xlsx", *rows))
    assert added.economy is not None
    assert "column D has values and no head" in told(added, "note")


def test_the_corner_of_a_square_needs_no_head(teaching, tmp_path):
    km = text(tmp_path / "km.csv", ",N,C,W", "N,1,2,3", "C,2,1,4", "W,3,4,1")
    notes = []
    distances(km, teaching.regions, notes)
    assert notes == []


# ---- heads and names -------------------------------------------------------------------------


def test_one_head_over_two_columns_is_an_error(teaching, tmp_path):
    rows = [["region", "sector", "days", None], ["N", "parts", 5, 9]]
    added = additions.add(teaching, workbook(tmp_path / "a.xlsx", *rows, merged="C1:D1"))
    assert added.economy is None
    assert "one head stands over" in told(added)


@pytest.mark.parametrize(
    ("head", "role"), [("sectr", "sector"), ("行业门类", "sector"), ("industry code", "sector")]
)
def test_a_head_near_to_a_name_that_lacks_is_asked_about(teaching, tmp_path, head, role):
    added = additions.add(teaching, text(tmp_path / "a.csv", f"region,{head},staff (人)", "N,parts,9"))
    assert added.economy is None
    assert f"has no column {role}" in told(added)


def test_a_head_that_is_near_to_nothing_stays_a_note(teaching, tmp_path):
    added = additions.add(teaching, text(tmp_path / "a.csv", "region,填报人,staff (人)", "N,Li,9"))
    assert added.economy is not None
    assert "'填报人' is not read" in told(added, "note")


@pytest.mark.parametrize(
    "head", ["region,sector,staff (人)", "region,sector,days", "region,sector,coal (t)"]
)
def test_a_row_without_a_name_is_not_every_node(teaching, tmp_path, head):
    added = additions.add(teaching, text(tmp_path / "a.csv", head, "N,parts,5", ",,3"))
    assert added.economy is None
    assert "row 3: has a figure and no name" in told(added)


# ---- units of days ---------------------------------------------------------------------------


def stock_days(e: Economy) -> float:
    return float(np.nanmax(e.facts.slot_days[e.slot_node == e.node_codes.index("N.parts")]))


@pytest.mark.parametrize(
    ("head", "days"),
    [
        ("days (weeks)", 14), ("库存天数(小时)", 2 / 24), ("库存（周）", 14), ("库存天数（天）", 2), 
        ("days [d]", 2),
        ("库存（月）", 60), ("days", 2),
    ],
)  # fmt: skip
def test_days_are_read_in_the_unit_they_are_in(teaching, tmp_path, head, days):
    added = additions.add(teaching, text(tmp_path / "a.csv", f"region,sector,{head}", "N,parts,2"))
    assert stock_days(added.economy) == pytest.approx(days)
    assert ("are read in" in told(added, "note")) == (days != 2)


@pytest.mark.parametrize("head", ["days,low (万元)", "库存（万元）", "days (万元)", "days (t)"])
def test_a_unit_that_is_none_of_time_is_an_error(teaching, tmp_path, head):
    row = "N,parts,2" + ",1" * head.count(",")
    added = additions.add(teaching, text(tmp_path / "a.csv", f"region,sector,{head}", row))
    assert added.economy is None
    assert "no unit of time" in told(added)


def test_a_unit_in_a_line_above_or_in_the_format_counts(teaching, tmp_path):
    lines = [["单位：周"], ["region", "sector", "days"], ["N", "parts", 2]]
    assert stock_days(additions.add(teaching, workbook(tmp_path / "a.xlsx", *lines)).economy) == 14
    shown = {"C2": '0"周"'}
    added = additions.add(teaching, workbook(tmp_path / "b.xlsx", *lines[1:], shown=shown))
    assert stock_days(added.economy) == 14
    lines[1][2] = "days (天)"
    added = additions.add(teaching, workbook(tmp_path / "c.xlsx", *lines))
    assert added.economy is None
    assert "is in two units at once: 天 and 周" in told(added)


def test_a_range_without_a_unit_has_that_of_its_days(teaching, tmp_path):
    path = text(tmp_path / "a.csv", "region,sector,days (周),low,high (天)", "N,parts,2,1,15")
    facts = additions.add(teaching, path).economy.facts
    assert [float(np.nanmax(a)) for a in (facts.slot_days_low, facts.slot_days_high)] == [7, 15]


def test_days_of_corridors_have_units_and_ranges_are_in_percent(teaching, tmp_path):
    path = text(tmp_path / "a.csv", "from,to,mode,运输天数（小时）", "N,C,road,36")
    assert additions.add(teaching, path).economy.facts.corridors[0].days == 1.5
    path = text(tmp_path / "b.csv", "indicator,period,low (亿元),high", "gdp,2022,3,4")
    assert "a range is in percent" in told(additions.add(teaching, path))


# ---- all of them, and totals -----------------------------------------------------------------


@pytest.mark.parametrize("word", ["all", "全国", ""])
def test_all_is_every_region_of_a_range_and_of_stock(teaching, tmp_path, word):
    path = text(tmp_path / "a.csv", "indicator,period,region,low", f"gdp,2022,{word},3")
    assert [t.region for t in additions.add(teaching, path).economy.facts.targets] == ["all"]
    path = text(tmp_path / "b.csv", "region,sector,days", f"{word},parts,9", "N,parts,5")
    e = additions.add(teaching, path).economy
    assert stock_days(e) == 5  # the narrower row wins
    assert float(np.nanmax(e.facts.slot_days)) == 9


def test_all_of_staff_is_a_total_only_where_its_regions_add_up(teaching, tmp_path):
    head = "region,sector,staff (人)"
    e = additions.add(teaching, text(tmp_path / "a.csv", head, "全国,parts,900")).economy
    assert np.nansum(e.facts.staff) == pytest.approx(900)
    added = additions.add(teaching, text(tmp_path / "b.csv", head, "N,parts,300", "全国,parts,900"))
    assert np.nansum(added.economy.facts.staff) == pytest.approx(900)
    rows = ["N,parts,300", "C,parts,100", "N,vehicles,5", "all,parts,400"]
    added = additions.add(teaching, text(tmp_path / "c.csv", head, *rows))
    assert np.nansum(added.economy.facts.staff) == pytest.approx(405)
    assert "all is a total and left out" in told(added, "note")


def test_the_note_of_a_total_quotes_the_cell_that_says_it(teaching, tmp_path):
    lines = "region,sector,staff (人)", "N,parts,9", "N,合计,9"
    added = additions.add(teaching, text(tmp_path / "a.csv", *lines))
    assert "合计 is a total" in told(added, "note")


# ---- amounts and words that cannot be meant --------------------------------------------------


@pytest.mark.parametrize("staff", ["1.200", "1200.5", "1.200.000", "2.000"])
def test_a_point_in_a_number_of_people_is_asked_about(teaching, tmp_path, staff):
    added = additions.add(
        teaching, text(tmp_path / "a.csv", "region,sector,staff (人)", f"N,parts,{staff}")
    )
    assert added.economy is None


def test_a_part_of_ten_thousand_people_is_a_number_of_people(teaching, tmp_path):
    path = text(tmp_path / "a.csv", "region,sector,staff (万人)", "N,parts,1.234")
    assert np.nansum(additions.add(teaching, path).economy.facts.staff) == pytest.approx(12340)


def test_more_people_than_there_are_and_unknown_fuels_are_refused(teaching, tmp_path):
    path = text(tmp_path / "a.csv", "region,sector,staff (万人)", "N,parts,12000000")
    assert "more than live on earth" in told(additions.add(teaching, path))
    path = text(tmp_path / "b.csv", "region,fuel,capacity (MW)", "N,hidro,5", "C,水电,7")
    added = additions.add(teaching, path)
    assert "fuel 'hidro' is not known. Is it hydro" in told(added)
    assert "水电" not in told(added).split("Write")[0]


def test_notes_stay_in_the_book_with_the_name_of_the_file(teaching, tmp_path):
    e = additions.add(teaching, text(tmp_path / "a.csv", "region,sector,库存（周）", "N,parts,2")).economy
    assert any("are read in 周" in f.what and f.where.startswith("a.csv") for f in e.findings)


def test_nothing_to_do_is_not_said_of_a_row_with_an_error(teaching, tmp_path):
    lines = "region,sector,days,low", "Atlantis,parts,5,na"
    added = additions.add(teaching, text(tmp_path / "a.csv", *lines))
    assert "Atlantis" in told(added)
    assert "Nothing to do" not in told(added, "note")


# ---- merged cells ----------------------------------------------------------------------------


def test_merged_names_and_days_say_the_same_of_each_row_and_never_what_stood_higher(teaching, tmp_path):
    rows = [["region", "sector", "days", "low", "high"], ["N", "parts", 10, 5, 20]]
    rows += [["C", "parts", 7, None, None], [None, "vehicles", 7, None, None]]
    path = workbook(tmp_path / "a.xlsx", *rows, merged="C3:E3")
    e = additions.add(teaching, workbook(path, *rows[:3], merged="C3:E3")).economy
    mine = e.slot_node == e.node_codes.index("C.parts")
    facts = e.facts  # 7 over three cells is 7 from 7 to 7, not 5 to 20 of the row above
    spans = [facts.slot_days_low[mine], facts.slot_days[mine], facts.slot_days_high[mine]]
    assert [set(a) for a in spans] == [{7}, {7}, {7}]
    e = additions.add(teaching, workbook(path, *rows[:1], *rows[2:], merged="A2:A3")).economy
    assert set(e.facts.slot_days[e.slot_node == e.node_codes.index("C.vehicles")]) == {7}


def test_one_amount_merged_over_rows_is_not_each_ones(teaching, tmp_path):
    rows = [["region", "sector", "staff (人)"], ["N", "parts", 300], ["N", "vehicles"], ["C", "parts"]]
    added = additions.add(teaching, workbook(tmp_path / "a.xlsx", *rows, merged="C2:C4"))
    assert added.economy is None
    assert "row 3, column C: is merged with row 2" in told(added)
    assert "row 4, column C: is merged with row 2" in told(added)


# ---- totals and notes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows",
    [
        ["N,parts,100", "N,小计,100", "C,parts,10", "C,vehicles,20", "C,小计,30", "合计,,130"],
        ["合计,,130", "N,parts,100", "C,parts,30"],
        ["合计,,130", "N,小计,100", "N,parts,100", "C,小计,30", "C,parts,10", "C,vehicles,20"],
        ["N,parts,100", "C,parts,30", "合计（人）：,,130"],
    ],
)
def test_totals_below_above_and_of_parts_that_add_up_are_not_doubted(teaching, tmp_path, rows):
    added = additions.add(teaching, text(tmp_path / "a.csv", "region,sector,staff (人)", *rows))
    assert np.nansum(added.economy.facts.staff) == pytest.approx(130)
    assert told(added, "warning") == ""


@pytest.mark.parametrize(
    "rows", [["N,parts,100", "合计,,140", "C,parts,30"], ["合计,,140", "N,parts,100", "C,parts,30"]]
)
def test_a_total_that_no_rows_add_up_to_is_a_warning(teaching, tmp_path, rows):
    added = additions.add(teaching, text(tmp_path / "a.csv", "region,sector,staff (人)", *rows))
    assert "the total says 140, the rows add up to 1" in told(added, "warning")


def test_a_note_below_the_table_is_no_row(teaching, tmp_path):
    lines = "from,to,mode,days", "N,C,road,2", "注：数据截至四月底", "* estimated"
    added = additions.add(teaching, text(tmp_path / "a.csv", *lines))
    assert len(added.economy.facts.corridors) == len(teaching.facts.corridors) + 1
    assert told(added, "note").count("is a note below the table") == 2


def test_equally_narrow_rows_that_differ_are_told(teaching, tmp_path):
    """All inputs of N: 10 days; materials of everybody: 20. For N's materials the lower row counts."""
    lines = "region,sector,product,days", "N,,,10", "all,,materials,20"
    added = additions.add(teaching, text(tmp_path / "a.csv", *lines))
    assert "says 20 days" in told(added, "warning")
    assert "row 2 says 10 of" in told(added, "warning")
    lines = "region,sector,product,days", "N,,,10", "C,,materials,20", "N,parts,materials,5"
    assert told(additions.add(teaching, text(tmp_path / "b.csv", *lines)), "warning") == ""


# ---- several figures side by side, units of amounts ------------------------------------------


def test_staff_and_days_side_by_side_are_both_read(teaching, tmp_path):
    lines = "region,sector,staff (人),days,use", "N,parts,50,6,3", "N,Atlantis,50,6,3"
    added = additions.add(teaching, text(tmp_path / "a.csv", *lines[:2]))
    assert dict(added.rows) == {"stock": 1, "staff": 1}
    assert added.economy.facts.staff[teaching.node_codes.index("N.parts")] == 50
    assert stock_days(added.economy) == 6
    assert "'use' is not read in a sheet of staff and stock" in told(added, "note")
    refused = additions.add(teaching, text(tmp_path / "b.csv", *lines))
    assert told(refused).count("Atlantis") == 1  # once, though both look at the row


@pytest.mark.parametrize(
    ("lines", "people"),
    [
        (["单位：万人", "region,sector,staff", "N,parts,5"], 50_000),
        (["单位：万元", "region,sector,staff (人)", "N,parts,5"], 5),  # about another column
        (["region,sector,staff,unit", "N,parts,5,千人"], 5_000),
        (["region,sector,staff (Persons)", "N,parts,5"], 5),
    ],
)
def test_the_unit_of_an_amount_is_taken_from_where_it_is_said(teaching, tmp_path, lines, people):
    added = additions.add(teaching, text(tmp_path / "a.csv", *lines))
    assert np.nansum(added.economy.facts.staff) == pytest.approx(people)


def test_units_of_amounts_that_contradict_or_are_unknown_are_errors(teaching, tmp_path):
    rows = [["region", "sector", "staff (人)"], ["N", "parts", 5]]
    added = additions.add(teaching, workbook(tmp_path / "a.xlsx", *rows, shown={"C2": '0"万人"'}))
    assert "it is in two units at once: 人 and 万人" in told(added)
    added = additions.add(teaching, workbook(tmp_path / "b.xlsx", *rows, shown={"C2": "#,##0,"}))
    assert "is shown in thousands or millions" in told(added)
    assert additions.add(teaching, workbook(tmp_path / "b.xlsx", *rows, shown={"C2": "#,##0"})).economy
    for unit, said in (("MT", "MT may be tonnes or million"), ("TEU", "unit 'TEU' is not known")):
        added = additions.add(teaching, text(tmp_path / "c.csv", f"from,to,capacity ({unit})", "N,C,5"))
        assert said in told(added)
        assert "teu" not in told(added).split("Write")[1]
    path = text(tmp_path / "d.csv", "from,to,capacity (million tonnes)", "N,C,5")
    assert additions.add(teaching, path).economy.facts.corridors[0].capacity == 5e6


def test_a_power_station_without_a_fuel_is_asked_about(teaching, tmp_path):
    lines = "region,fuel,capacity (MW)", "N,hydro,100", "C,,500"
    assert "row 3, column B: has figures and no fuel" in told(
        additions.add(teaching, text(tmp_path / "a.csv", *lines))
    )


def test_names_and_units_of_distances_are_looked_at(teaching, tmp_path):
    pairs = "N,C,2", "N,W,3", "C,W,4"
    notes = []
    distances(text(tmp_path / "a.csv", "出发地,到达地,里程", *pairs, "Norht,W,9"), teaching.regions, notes)
    assert "no regions of the book are left out: Norht (N?)" in str(notes[0])
    with pytest.raises(BookError, match="is in 'miles'"):
        distances(text(tmp_path / "b.csv", "from,to,distance (miles)", *pairs), teaching.regions)
    with pytest.raises(BookError, match=r"1 pair has no distance \(C-W\).*It names Norht"):
        distances(text(tmp_path / "c.csv", "from,to,km", *pairs[:2], "C,Norht,9"), teaching.regions)


@pytest.mark.parametrize(
    ("title", "head", "said"),
    [
        ("重点企业库存情况（周）", "库存", "may be days or '周', as a title says"),
        ("Stocks in weeks", "stock days", ""),  # the head says days
        ("重点企业库存情况（月）", "库存天数", ""),  # a monthly report of days
        ("情况表（单位：周）", "库存", "=14"),
        ("数据单位：周", "库存天数", "=14"),
        ("单位 | 周", "库存天数", "=14"),
    ],
)
def test_units_of_days_in_titles(teaching, tmp_path, title, head, said):
    rows = [title.split(" | "), ["region", "sector", head], ["N", "parts", 2]]
    added = additions.add(teaching, workbook(tmp_path / "a.xlsx", *rows))
    if said and not said.startswith("="):
        assert said in told(added)
    else:
        assert stock_days(added.economy) == (14 if said else 2)
        assert ("though a title says" in told(added, "note")) == (not said)


@pytest.mark.parametrize("code", ['General"周"', "0.0\\周", 'G/通用格式"周"'])
def test_a_unit_shown_by_any_format_counts(teaching, tmp_path, code):
    rows = [["region", "sector", "days"], ["N", "parts", 2]]
    added = additions.add(teaching, workbook(tmp_path / "a.xlsx", *rows, shown={"C2": code}))
    assert stock_days(added.economy) == 14


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["region,sector,days", "N,parts,5", "单位：周", "C,parts,2"], "among the rows says another unit"),
        (["城市,sector,staff (人)", "大连,parts,5"], "has no column region"),
        (["region,sector,staff (人)", "C,parts,5", ",vehicles,50"], "has no region, and other rows have"),
        (["from,to,mode,days", "N,C,rail,5", "N,W,,3"], "has no mode, and other rows have"),
        (["region,days,source", "C,1,5"], "has half a number where words belong"),
        (["from,to,capacity (mt)", "N,C,5"], "mt may be tonnes or million tonnes"),
        (["region,fuel,capacity (MW),annual (GWh)", "N,hydro,1,9"], "more than 1 MW give in a year"),
        (["indicator,period,low", "gdp,2022,105"], "is an index meant"),
    ],
)
def test_what_could_be_meant_in_two_ways_is_asked_about(teaching, tmp_path, lines, said):
    added = additions.add(teaching, text(tmp_path / "a.csv", *lines))
    assert added.economy is None
    assert said in told(added)


def test_thermal_power_beside_its_parts_and_sheets_left_out_are_told(teaching, tmp_path):
    lines = "region,fuel,capacity (MW)", "N,火电,9", "N,煤电,5"
    added = additions.add(teaching, text(tmp_path / "a.csv", *lines))
    assert "thermal power and coal, part of it" in told(added, "warning")
    path = workbook(tmp_path / "b.xlsx", ["region", "sector", "staff (人)"], ["N", "parts", 5])
    book_ = openpyxl.load_workbook(path)
    other = book_.create_sheet("staff 说明")
    for row in (["region", "sector", "days"], ["C", "parts", 3]):
        other.append(row)
    book_.save(path)
    added = additions.add(teaching, path)
    assert dict(added.rows) == {"staff": 1}
    assert "left out for its name, 'staff 说明'" in told(added, "note")


def test_a_cell_of_brackets_is_done_at_once(teaching, tmp_path):
    """The time of a pattern that looks for the end of each bracket grows with the square: a minute."""
    lines = "region,sector,days", "N,parts," + "(" * 100_000
    start = time.perf_counter()
    added = additions.add(teaching, text(tmp_path / "a.csv", *lines))
    assert time.perf_counter() - start < 10
    assert "row 2, column C: has 100000 characters" in told(added)


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ("单  位：周", 14), ("單位：周", 14), ("单位∶周", 14), ("单位 周", 14), ("以周为单位", 14),
        ("【单位：周】", 14), ("Unit = weeks", 14), ("时间单位：周   填表日期：2024-05-01", 14),
        ("金额单位：万元  库存单位：天", 2),
        ("主管单位：市工信局", 2), ("单位：国家统计局", 2), ("Reporting unit: Ministry of Economy", 2),
        ("Unit: Supply Security", 2),
    ],
)  # fmt: skip
def test_a_line_of_units_is_known_from_one_of_offices(teaching, tmp_path, line, days):
    rows = [[line], ["region", "sector", "库存天数"], ["N", "parts", 2]]
    added = additions.add(teaching, workbook(tmp_path / "a.xlsx", *rows))
    assert stock_days(added.economy) == days


def test_a_unit_of_a_line_that_is_none_of_time_is_an_error(teaching, tmp_path):
    rows = [["单位：箱"], ["region", "sector", "库存"], ["N", "parts", 2]]
    assert "no unit of time" in told(additions.add(teaching, workbook(tmp_path / "a.xlsx", *rows)))


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("headcount (thousand persons)", 5000),
        ("平均用工人数（万人）", 50_000),
        ("Persons employed ('000)", 5000),
    ],
)
def test_more_heads_and_units_of_offices(teaching, tmp_path, head, said):
    added = additions.add(teaching, text(tmp_path / "a.csv", f"地區,行業,{head}", "N,parts,5"))
    assert np.nansum(added.economy.facts.staff) == pytest.approx(said)


@pytest.mark.parametrize(
    "unit", ["万吨/年", "million tonnes per year", "Million t", "thousand tonnes p.a."]
)
def test_amounts_a_year_are_amounts(teaching, tmp_path, unit):
    added = additions.add(teaching, text(tmp_path / "a.csv", f"from,to,capacity ({unit})", "N,C,5"))
    assert added.economy.facts.corridors[0].capacity in (5e4, 5e6, 5e3)


@pytest.mark.parametrize(
    ("title", "head", "people"),
    [
        ("", "从业人员（单位：万人）", 2e4),
        ("", "从业人员（万）", 2e4),
        ("", "从业人员/万人", 2e4),
        ("", "从业人员（万人，2019年末）", 2e4),
        ("", "从业人员（万人）（年末）", 2e4),
        ("", "從業人員（萬人）", 2e4),
        ("", "staff (10,000 persons)", 2e4),
        ("Unit: 10,000 persons", "staff", 2e4),
        ("Staff by region, thousands", "staff", 2e3),
        ("2021年从业人员（百万人）", "从业人员", 2e6),
        ("", "从业人员（2019年末）", 0),  # says when, and no unit
        ("", "从业人员（户）", 0),
        ("", "从业人员（000人）", 0),
    ],
)
def test_units_of_people_as_offices_write_them(teaching, tmp_path, title, head, people):
    rows = [[title], ["地區", "行業", head], ["N", "parts", 2]]
    added = additions.add(teaching, workbook(tmp_path / "a.xlsx", *rows[not title :]))
    assert (added.economy is None) == (people == 0)
    if people:
        assert np.nansum(added.economy.facts.staff) == pytest.approx(people)


def test_what_is_wrong_with_a_unit_is_said_once_and_a_bad_number_beside_it(teaching, tmp_path):
    lines = "单位：人", "region,sector,staff (万人)", "N,parts,12k", "C,parts,3", "W,parts,4"
    said = told(additions.add(teaching, text(tmp_path / "a.csv", *lines)))
    assert said.count("in two units at once: 万人 and 人") == 1
    assert "row 2, column C" in said
    assert "row 3, column C: holds '12k', not a number" in said
    lines = "region,sector,库存（吨）", "N,parts,3", "C,parts,3"
    assert told(additions.add(teaching, text(tmp_path / "b.csv", *lines))).count("no unit of time") == 1
    lines = "region,sector,staff,unit", "N,parts,3,户", "C,parts,3,户"  # of each row its own
    assert told(additions.add(teaching, text(tmp_path / "c.csv", *lines))).count("is not known") == 2


# ---- what is left out, what is left over -----------------------------------------------------


@pytest.mark.parametrize("word", ["全国总计", "全省合计", "累计", "共计", "sum", "Grand total", "合計"])
def test_more_words_for_totals(teaching, tmp_path, word):
    lines = "region,sector,staff (人)", "N,parts,100", "C,parts,30", f"{word},,130"
    added = additions.add(teaching, text(tmp_path / "a.csv", *lines))
    assert np.nansum(added.economy.facts.staff) == 130
    assert f"{word} is a total and left out" in told(added, "note")


@pytest.mark.parametrize("word", ["合计", "全部", "all"])
def test_totals_of_power_stations(teaching, tmp_path, word):
    """9 and 5 are 14; a total of 17 is told. Of 15 each of the three may be half a MW off: 1.5 together."""
    for total, warned in ((14, ""), (15, "note"), (17, "warning")):
        lines = "region,fuel,capacity (MW)", f"N,{word},{total}", "N,hydro,9", "N,wind,5"
        added = additions.add(teaching, text(tmp_path / "a.csv", *lines))
        assert len(added.economy.facts.generation) == len(teaching.facts.generation) + 2
        levels = [f.level for f in added.findings if f"the total says {total}" in f.what]
        assert levels == ([warned] if warned else [])


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("rows", "known"),
    [
        (["N,,30", "N,materials,10", "N,parts,20"], 2),
        (["all,parts,90", "N,parts,60", "C,parts,30"], 2),
        (["N,,100", "N,materials,33.3", "N,parts,33.3", "N,vehicles,33.3"], 3),  # rounded
        (["N,,100", "N,materials,33.3", "N,parts,33.3", "N,vehicles,23.4"], 4),  # 10 are left
        (["N,materials,10", "N,services,0", "N,parts,20"], 3),
    ],
)
def test_a_wider_row_that_leaves_nothing_says_nothing_of_the_others(teaching, tmp_path, rows, known, order):
    """They stay unknown, not zero, and that is told."""
    lines = ["region,sector,staff (万人)", *rows[::order]]
    added = additions.add(teaching, text(tmp_path / "a.csv", *lines))
    assert np.count_nonzero(np.isfinite(added.economy.facts.staff)) == known
    total = "a total" in told(added, "note")
    assert total == (rows[0] in ("N,,30", "all,parts,90") or (known == 3 and len(rows) == 4))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["region,sector,product,days", "N,vehicles,parts,9", ",,parts,8"], "neither region nor sector"),
        (["region,sector,product,days", "N,parts,parts,9", ",parts,materials,8"], "the same again"),
        (["sector,product,days", "vehicles,parts,12", ",materials,8"], "neither region nor sector"),
        (["indicator,period,region,low", "gdp,2022Q1,N,1", "gdp,2022Q2,,1"], "the same again, or all?"),
        (["region,sector,days,low,high", "N,vehicles,12,10,14", "C,parts,,8,16"], "row 3, column C: has"),
        (["region,sector,days,high", "C,vehicles,,16"], "has a range and no days"),
        (["indicator,period,low,high,growth", "gdp,2022,5,6.1,0.061"], "growth 0.061 beside 6.1"),
    ],
)  # fmt: skip
def test_what_was_left_out_is_asked_about(teaching, tmp_path, lines, said):
    added = additions.add(teaching, text(tmp_path / "a.csv", *lines))
    assert added.economy is None
    assert said in told(added)


@pytest.mark.parametrize(
    "lines",
    [
        ["region,sector,product,days", ",vehicles,parts,12", "N,vehicles,parts,8"],  # the rule first
        ["product,days", "parts,12", "materials,8"],
        ["region,sector,product,days", "all,,materials,20", "N,vehicles,parts,12"],
        ["indicator,period,low,high,growth", 'gdp,2022,5,6.1,"0.061%"'],
        ["indicator,period,low,high,growth", "gdp,2022,-1,0.5,0.3"],
    ],
)
def test_what_was_left_out_on_purpose_is_read(teaching, tmp_path, lines):
    assert additions.add(teaching, text(tmp_path / "a.csv", *lines)).economy is not None


def test_rows_without_a_sector_below_filled_ones_are_told(teaching, tmp_path):
    lines = "region,sector,product,days", "N,vehicles,parts,12", "C,,materials,8"
    added = additions.add(teaching, text(tmp_path / "a.csv", *lines))
    assert "every sector of their region" in told(added, "note")


def test_staff_beside_days_of_several_products_counts_once(teaching, tmp_path):
    """Two products, one figure of people: 12, not 24 and not a row said twice."""
    head = "region,sector,staff (人),product,days"
    lines = head, "N,vehicles,12,parts,9", "N,vehicles,12,materials,8"
    added = additions.add(teaching, text(tmp_path / "a.csv", *lines))
    assert dict(added.rows) == {"stock": 2, "staff": 1}
    assert np.nansum(added.economy.facts.staff) == 12
    assert "counts once" in told(added, "note")
    lines = head, "N,vehicles,12,parts,9", "N,vehicles,13,materials,8"
    assert "with another figure of staff" in told(additions.add(teaching, text(tmp_path / "b.csv", *lines)))
    lines = "region,sector,staff (人)", "N,vehicles,12", "N,vehicles,12"
    assert "Keep one of the two" in told(additions.add(teaching, text(tmp_path / "c.csv", *lines)))


@pytest.mark.parametrize(
    ("title", "part"),
    [
        ("2021年3月用电量", "3月"), ("2021年1-4月用电量", "1-4月"), ("2021年一季度", "一季度"),
        ("2022年上半年", "上半年"),
        ("Electricity, March 2021", "March 2021"), ("Q1 2021", "Q1"), ("月度用电量", "月度"),
        ("2021年1-12月用电量", ""), ("2021年用电量", ""), ("填报日期：2022年3月15日", ""),
        ("制表时间：2022年3月", ""),
        ("2021年12月末", ""), ("Marketing 2021", ""),
        ("统计时间：2021年3月", "3月"),
    ],
)  # fmt: skip
def test_a_month_in_a_title_above_amounts_of_a_year_is_asked_about(teaching, tmp_path, title, part):
    rows = [[title], ["region", "sector", "coal (t)"], ["N", "parts", 2]]
    said = told(additions.add(teaching, workbook(tmp_path / "a.xlsx", *rows)))
    assert (f"a title says '{part}'" in said) == bool(part)
    rows = [[title], ["region", "sector", "staff (人)"], ["N", "parts", 2]]
    assert additions.add(teaching, workbook(tmp_path / "b.xlsx", *rows)).economy  # people at a time


def test_classes_that_a_spreadsheet_wrote_as_numbers(teaching, tmp_path):
    e = additions.add(teaching, text(tmp_path / "a.csv", "sector,class", "materials,14.0")).economy
    assert next(s.like for s in e.sectors if s.code == "materials") == "14"


@pytest.mark.parametrize(("parts", "whole"), [(("10.26", "4.33"), "15"), (("10.26", "4.17"), "14")])
def test_a_rounded_total_says_nothing_of_the_others(teaching, tmp_path, parts, whole):
    """14.59 beside 15 and 14.43 beside 14: within half of one, and of two hundredths."""
    rows = [f"北方,材料,{parts[0]}", f"北方,零部件,{parts[1]}", f"北方,,{whole}"]
    added = additions.add(teaching, text(tmp_path / "a.csv", "地区,行业,从业人员（万人）", *rows))
    assert added.economy is not None
    assert "a total, which says nothing of its 2 other nodes" in told(added, "note")
    staff = added.economy.facts.staff
    assert staff is not None
    assert np.isnan(staff[2:4]).all()
