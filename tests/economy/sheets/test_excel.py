"""Spreadsheets are read whole, whatever they say of themselves; what a cell hides is a finding."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pytest

from ballast.economy.readers import read
from ballast.economy.sheets import excel
from ballast.economy.sheets.files import sheets
from ballast.errors import BookError

ROWS = [["region", "days"], ["N", 10], ["C", 20], ["W", 30]]


def workbook(path: Path, rows: list[list[object]] = ROWS, **formats: str) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cell, shown in formats.items():
        book.active[cell].number_format = shown
    book.save(path)
    return path


def changed(path: Path, part: str, change: Callable[[bytes], bytes | None]) -> Path:
    """The workbook with one part of its archive changed, or gone."""
    out = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            kept = change(data) if name.endswith(part) else data
            if kept is not None:
                new.writestr(name, kept)
    return out


@pytest.mark.parametrize("said", [b"A1", b"A1:B2", b"A1:XFD1048576"])
def test_every_row_is_read_whatever_the_range_says(tmp_path, said):
    path = changed(
        workbook(tmp_path / "a.xlsx"),
        "sheet1.xml",
        lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="' + said + b'"', xml),
    )
    assert sheets(path)[0].rows == ROWS


@pytest.mark.parametrize("fills", [b'<fills count="1"><fill/></fills>', b'<fills count="0"/>', b""])
def test_styles_do_not_matter(tmp_path, fills):
    path = changed(
        workbook(tmp_path / "a.xlsx"),
        "styles.xml",
        lambda xml: re.sub(rb"<fills.*?</fills>", fills, xml, flags=re.DOTALL),
    )
    assert sheets(path)[0].rows == ROWS


def test_a_cell_far_away_is_refused_before_anything_is_made(tmp_path):
    book = openpyxl.Workbook()
    book.active.cell(1048576, 16384, 1)
    book.save(tmp_path / "far.xlsx")
    with pytest.raises(BookError, match="more than 10,000,000 cells"):
        sheets(tmp_path / "far.xlsx")


@pytest.mark.parametrize("place", [b'r="ZZZZ2"', b'r="B0"', b'r="B"', b'r=""'])
def test_a_cell_without_a_place_is_refused_not_lost(tmp_path, place):
    path = changed(workbook(tmp_path / "a.xlsx"), "sheet1.xml", lambda xml: xml.replace(b'r="B2"', place))
    with pytest.raises(BookError):
        sheets(path)


@pytest.mark.parametrize("part", ["sheet1.xml", "workbook.xml", "styles.xml"])
def test_damaged_parts_are_one_message(tmp_path, part):
    path = changed(workbook(tmp_path / "a.xlsx"), part, lambda xml: xml[: len(xml) // 2])
    with pytest.raises(BookError, match="Save it again"):
        sheets(path)


def test_errors_and_formulas_without_values_are_findings(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["a", "b"], ["=1+1", 3], ["=1/0", "#REF!"], [4, "=A2"]])

    def stored(xml: bytes) -> bytes:
        """As Excel does: a value, an error and an empty text beside three formulas."""
        xml = xml.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>").replace(
            b"<f>1+1</f><v/>", b"<f>1+1</f><v>2</v>"
        )
        cell = re.search(rb'<c r="A3"[^>]*>.*?</c>', xml)
        return xml.replace(cell[0], b'<c r="A3" t="e"><f>1/0</f><v>#DIV/0!</v></c>')

    (sheet,) = sheets(changed(path, "sheet1.xml", stored))
    said = sorted(f"{f.where.rsplit(', ', 2)[-2:]} {f.what}" for f in sheet.findings)
    assert said == [
        "['row 3', 'column A'] holds #DIV/0!",
        "['row 3', 'column B'] holds #REF!",
        "['row 4', 'column B'] holds a formula without a stored value",
    ]
    assert sheet.rows[1][0] == 2


@pytest.mark.parametrize("size", [64, 257, 1000])
def test_wherever_the_xml_is_cut_into_pieces_the_same_is_found(tmp_path, monkeypatch, size):
    rows = [["a", "b"], *([i / 7, 0.5] for i in range(60)), ["=1+1", "x"]]
    path = workbook(tmp_path / "a.xlsx", rows, B7="0%", B40="0%")
    whole = sheets(path)[0]
    monkeypatch.setattr(excel, "_CHUNK", size)
    monkeypatch.setattr(excel, "_OVERLAP", 256)
    cut = sheets(path)[0]
    assert (cut.rows, cut.findings, cut.percent) == (whole.rows, whole.findings, whole.percent)
    assert whole.percent == {(6, 1), (39, 1)}
    assert [f.where.rsplit(", ", 1)[-1] for f in whole.findings] == ["column A"]


def test_an_empty_text_is_a_stored_value(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["a"], ['=""'], [1]])
    shown = b'<c r="A2" t="str"><f>""</f><v></v></c>'
    path = changed(path, "sheet1.xml", lambda xml: re.sub(rb'<c r="A2"[^>]*>.*?</c>', shown, xml))
    assert sheets(path)[0].findings == ()


def test_hidden_sheets_merged_ranges_and_percent_are_kept(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["a", "b", "c"], ["x", 0.05, 0.05]], B2="0.0%", C2='0.0"%"')
    book = openpyxl.load_workbook(path)
    book.active.merge_cells("A2:A3")
    for name, state in (("old", "hidden"), ("older", "veryHidden")):
        book.create_sheet(name).append(["z"])
        book[name].sheet_state = state
    book.save(path)
    (sheet,) = sheets(path)
    assert sheet.merged == ((1, 0, 2, 0),)
    assert sheet.percent == {(1, 1)}
    assert "hidden sheets are left out: old, older" in sheet.findings[0].what


def test_whole_numbers_are_codes_and_dates_are_seen(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["a"], [10], [1.5], [True], [dt.datetime(2020, 1, 2)]])
    assert sheets(path)[0].rows == [["a"], [10], [1.5], [True], [dt.date(2020, 1, 2)]]
    assert isinstance(sheets(path)[0].rows[1][0], int)


HEADS = ["from_region", "from_sector", "to_region", "to_sector", "value"]


def long(path: Path, code: object, value: object = 5, **formats: str) -> Path:
    rows = [["R", code, "R", code, value], ["R", code, "R", "Households", 30]]
    return workbook(path, [HEADS, *rows], **formats)


@pytest.mark.parametrize(
    ("code", "says"), [(dt.datetime(2020, 1, 2), "'2020-01-02' is a date"), (True, "true or false")]
)
def test_codes_that_a_spreadsheet_changed_are_refused(tmp_path, code, says):
    with pytest.raises(BookError, match=says):
        read("long", long(tmp_path / "t_2020.xlsx", code))


def test_codes_that_are_numbers(tmp_path):
    got = read("long", long(tmp_path / "t_2020.xlsx", 10))
    assert [s.code for s in got.economy.sectors] == ["10"]
    got = read("long", long(tmp_path / "t_2020.xlsx", 10.1))
    assert [f.level for f in got.findings if "zero at their end" in f.what] == ["warning", "warning"]


def test_amounts_in_percent_and_other_sheets_are_told(tmp_path):
    path = long(tmp_path / "t_2020.xlsx", "10", 0.05, E2="0%")
    book = openpyxl.load_workbook(path)
    book.create_sheet("2021").append(HEADS)
    book.active["G2"] = "a remark"
    book.save(path)
    said = " ".join(str(f) for f in read("long", path).findings)
    assert "row 2, column E: is shown in percent" in said
    assert "only sheet Sheet is read; these have rows too: 2021" in said
    assert "column G has values and no head" in said


@pytest.mark.parametrize("text", ['set r = "max" here', "r='ZZZ99999999'", '< r="A"'])
def test_texts_that_read_like_a_place_are_texts(tmp_path, text):
    """openpyxl keeps texts apart; other programs write them into the sheet itself."""
    path = workbook(tmp_path / "a.xlsx")
    inside = escape(text).encode()
    cell = b'<c r="Z1" t="inlineStr"><is><t xml:space="preserve">' + inside + b"</t></is></c></row>"
    path = changed(path, "sheet1.xml", lambda xml: xml.replace(b"</row>", cell, 1))
    assert sheets(path)[0].rows[0][25] == text


@pytest.mark.parametrize(
    ("formats", "level", "says"),
    [
        ({"E2": '0"万"'}, "error", "is shown as 5 万, and holds 5; other amounts are shown otherwise"),
        ({"E2": '0"万"', "E3": '0"万"'}, "warning", "is shown as 5 万, and holds 5"),
        ({"E2": '0"周"', "E3": '0"周"'}, "warning", "is shown as 5 周"),
        ({"E2": "#,##0,", "E3": "#,##0,"}, "note", "2 amounts are shown in thousands or millions"),
        ({"E2": '0 "EUR"'}, "", ""),
    ],
)
def test_what_a_format_shows_behind_an_amount_is_told(tmp_path, formats, level, says):
    path = long(tmp_path / "t_2020.xlsx", "10", **formats)
    if level == "error":
        with pytest.raises(BookError, match=f"row 2, column E: {says}"):
            read("long", path)
        return
    found = [(f.level, f.what) for f in read("long", path).findings if "shown" in f.what]
    assert [(grade, what[: len(says)]) for grade, what in found] == ([(level, says)] if level else [])


@pytest.mark.parametrize("cells", ["E2:E3", "B2:B3"])
def test_cells_of_several_rows_in_one_are_refused(tmp_path, cells):
    path = long(tmp_path / "t_2020.xlsx", "10")
    book = openpyxl.load_workbook(path)
    book.active.merge_cells(cells)
    book.save(path)
    with pytest.raises(BookError, match=f"row 3, column {cells[0]}: is merged with row 2"):
        read("long", path)


def test_hidden_rows_are_read_and_told(tmp_path):
    path = workbook(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    for row in (2, 4, 90):  # there is nothing in row 90
        book.active.row_dimensions[row].hidden = True
    book.save(path)
    (sheet,) = sheets(path)
    assert sheet.rows == ROWS
    (note,) = sheet.findings
    assert (note.level, note.where) == ("warning", f"{path}, sheet Sheet, row 2")
    assert note.what == "2 hidden or filtered rows are read too: 2 (N), 4 (W)"


def test_hidden_columns_are_read_and_told(tmp_path):
    """Columns that hold nothing are not worth a word; Excel hides all from one on up to the last."""
    path = workbook(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    book.active.column_dimensions["B"].hidden = True
    book.active.column_dimensions.group("D", "XFD", hidden=True)
    book.save(path)
    (sheet,) = sheets(path)
    assert sheet.rows == ROWS
    (note,) = sheet.findings
    assert (note.level, note.where) == ("warning", f"{path}, sheet Sheet")
    assert note.what == "1 hidden column is read too: B (days)"
