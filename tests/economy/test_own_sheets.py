"""A desk's sheets that would give a wrong number in silence: each is refused, asked about or told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest

from ballast.economy import Economy, additions, book, regional_facts
from ballast.economy.readers.distances import distances
from ballast.errors import BookError


@pytest.fixture(scope="module")
def teaching() -> Economy:
    return book.load("teaching")


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


def told(added: additions.Added, level: str = "error") -> str:
    return "\n".join(str(f) for f in added.findings if f.level == level)


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
