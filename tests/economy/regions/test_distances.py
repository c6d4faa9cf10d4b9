"""A desk's distances: kilometres only, one column of them, and whatever is not read is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest

from ballast.economy.economy import Region
from ballast.economy.regions.distances import distances
from ballast.errors import BookError
from ballast.text import Text

ABC = tuple(Region(c, Text(c, c)) for c in "ABC")
KM = [[50.0, 100, 200], [100, 50, 300], [200, 300, 100]]  # within: half the way to the nearest
PAIRS = ("A,B,100", "A,C,200", "B,C,300")


def text(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def refused(path: Path) -> str:
    with pytest.raises(BookError) as error:
        distances(path, ABC)
    return str(error.value)


@pytest.mark.parametrize(
    "heads",
    ["from,to,km", "起点,终点,距离（公里）", "发货地,收货地,运距",
     "from,to,kilometres", "fromRegion,toRegion,roadKM", "origin,destination,distance_km",
     "From,To,Distance (km)", "from,to,距离（单位：千米）", "from,to,distance (2019)"],
)  # fmt: skip
def test_heads_that_are_kilometres(tmp_path, heads):
    told = []
    np.testing.assert_allclose(distances(text(tmp_path / "a.csv", heads, *PAIRS), ABC, told), KM)
    assert told == []


@pytest.mark.parametrize(
    ("heads", "says"),
    [
        ("from,to,distance_m", "row 1, column C: is in 'm'"),
        ("from,to,distance (m)", "is in 'm'"),
        ("from,to,distance_miles", "is in 'miles'"),
        ("起点,终点,距离（里）", "is in '里'"),
        ("from,to,distance hours", "is in 'hours'"),
        ("from,to,miles", "no column of kilometres beside from and to; the others are: miles"),
        ("from,to,hours", "no column of kilometres"),
    ],
)
def test_heads_that_are_not(tmp_path, heads, says):
    assert says in refused(text(tmp_path / "a.csv", heads, *PAIRS))


def test_two_columns_of_distances_are_asked_about_and_others_told(tmp_path):
    rows = [f"{p},9" for p in PAIRS]
    said = refused(text(tmp_path / "a.csv", "from,to,road_km,rail_km", *rows))
    assert "row 1: several columns may be the distances: road_km, rail_km" in said
    told = []
    distances(text(tmp_path / "b.csv", "from,to,km,hours", *rows), ABC, told)
    assert [f.what for f in told] == ["1 column is not read: 'hours'"]


def test_a_column_of_units_says_km_or_is_refused(tmp_path):
    rows = [f"{p},{unit}" for p, unit in zip(PAIRS, ("km", "公里", ""), strict=True)]
    told = []
    np.testing.assert_allclose(
        distances(text(tmp_path / "a.csv", "from,to,distance,unit", *rows), ABC, told), KM
    )
    assert told == []
    rows[1] = "A,C,2000,m"
    said = refused(text(tmp_path / "b.csv", "from,to,distance,单位", *rows))
    assert "row 3, column D: is in 'm'. Write km in every row" in said


def test_corners_and_titles_say_units_too(tmp_path):
    square = ("A,0,100,200", "B,100,0,300", "C,200,300,0")
    assert "row 1, column A: is in 'miles'" in refused(text(tmp_path / "a.csv", "miles,A,B,C", *square))
    assert "is in '米'" in refused(text(tmp_path / "b.csv", "单位：米", ",A,B,C", *square))
    assert "is in 'm'" in refused(text(tmp_path / "c.csv", "Distances (m)", "from,to,distance", *PAIRS))
    for corner in ("", "km", "地区", "from/to"):
        path = text(tmp_path / "d.csv", "分地区距离（公里）", f"{corner},A,B,C", *square)
        np.testing.assert_allclose(distances(path, ABC), KM)


def test_a_title_above_is_read_over_and_rows_keep_their_numbers(tmp_path):
    path = text(tmp_path / "a.csv", "距离表", "from,to,km", *PAIRS)
    np.testing.assert_allclose(distances(path, ABC), KM)
    assert "row 5, column C: is negative" in refused(
        text(path, "距离表", "from,to,km", *PAIRS[:2], "B,C,-3")
    )


def test_distances_that_nothing_on_earth_has(tmp_path):
    said = refused(text(tmp_path / "a.csv", "from,to,km", "A,B,100000", "A,C,1e9", "B,C,1"))
    assert "row 2, column C: is 100,000 km, and once round the earth is 40,075" in said
    assert "row 3, column C" in said


def test_a_region_wider_than_the_way_to_its_neighbour_is_told(tmp_path):
    told = []
    got = distances(text(tmp_path / "a.csv", "from,to,km", "A,A,500", *PAIRS), ABC, told)
    assert got[0, 0] == 500
    assert "A (500, its nearest neighbour 100)" in told[0].what


def test_names_merged_down_hold_for_each_row_and_blank_ones_are_asked_about(tmp_path):
    wb = openpyxl.Workbook()
    for row in [["from", "to", "km"], ["A", "B", 100], [None, "C", 200], ["B", "C", 300]]:
        wb.active.append(row)
    wb.save(tmp_path / "a.xlsx")
    assert "row 3, column C: has a distance and no name at one end" in refused(tmp_path / "a.xlsx")
    wb.active.merge_cells("A2:A3")
    wb.save(tmp_path / "a.xlsx")
    np.testing.assert_allclose(distances(tmp_path / "a.xlsx", ABC), KM)
    wb.active.merge_cells("C2:C3")
    wb.save(tmp_path / "a.xlsx")
    assert "row 3, column C: is merged with row 2: one distance" in refused(tmp_path / "a.xlsx")


def test_a_way_back_that_is_much_longer_is_told(tmp_path):
    told = []
    got = distances(text(tmp_path / "a.csv", "from,to,km", *PAIRS, "B,A,900", "C,A,230"), ABC, told)
    assert (got[0, 1], got[1, 0], got[2, 0]) == (100, 900, 230)
    assert [f.what for f in told] == ["the way back is more than 2 times as long: A-B (100, back 900)"]
