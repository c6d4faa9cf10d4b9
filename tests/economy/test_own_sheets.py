"""A desk's sheets that would give a wrong number in silence: each is refused, asked about or told."""

from __future__ import annotations

from pathlib import Path

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
