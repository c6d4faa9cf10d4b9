"""Texts as programs write them: separators, marks of encodings, lines above the heads, quotes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ballast.economy import book
from ballast.economy.readers import read
from ballast.economy.regroup import concord
from ballast.economy.sheets.decimals import only_thousands
from ballast.economy.sheets.files import MOST_LINES, frame, sheets
from ballast.economy.sheets.wide import head_row
from ballast.errors import BookError

HEADS = "from_region,from_sector,to_region,to_sector,value"
ROWS = ["A,Food,A,Steel,50", "A,Food,A,households,300", "A,Steel,A,households,200"]


def text(folder: Path, *lines: str, encoding: str = "utf-8", name: str = "t_2019.csv") -> Path:
    path = folder / name
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path


def bars(line: str, mark: str) -> str:
    return line.replace(",", mark)


@pytest.mark.parametrize("mark", ["|", ";", "\t"])
@pytest.mark.parametrize("above", [(), ("sep={}",), ('"SEP={}"',)])
def test_separators_that_are_seen_or_said(tmp_path, mark, above):
    lines = [*(line.format(mark) for line in above), *(bars(line, mark) for line in (HEADS, *ROWS))]
    path = text(tmp_path, *lines)
    assert read("long", path).economy.output.tolist() == [350, 200]
    with pytest.raises(BookError, match=rf"row {len(lines) + 1}, column value: holds 'many'"):
        read("long", text(tmp_path, *lines, bars("A,Food,A,households,many", mark)))


def test_heads_below_the_line_for_excel_are_heads_for_every_reader(tmp_path):
    path = text(tmp_path, "sep=;", "region;sector;staff", "C;parts;50", "N;parts;60")
    assert sheets(path)[0].rows == [
        ["region", "sector", "staff"],
        [],
        ["C", "parts", "50"],
        ["N", "parts", "60"],
    ]
    data = frame(path)
    assert data.staff.to_dict() == {1: "50", 2: "60"}  # rows 3 and 4 of the file
    economy = book.load("teaching")
    regions, _ = concord.read(text(tmp_path, "sep=;", "from;to", "N;NW", "W;NW"), economy)
    assert [(row.old, row.line) for row in regions.rows if row.new == "NW"] == [(0, 3), (2, 4)]


def test_a_bar_in_names_is_no_separator(tmp_path):
    path = text(tmp_path, HEADS, *(row.replace("Food", "Food|drinks") for row in ROWS))
    assert [s.code for s in read("long", path).economy.sectors] == ["Food|drinks", "Steel"]


@pytest.mark.parametrize(
    ("lines", "encoding", "says"),
    [
        (("Table 1, all flows", HEADS), "utf-8", "row 1: 'Table 1,  all flows' says none of the heads"),
        (("\ufeff\ufeff" + HEADS,), "utf-8", "begins with two marks of its encoding"),
        ((HEADS,), "utf-32", "is text in UTF-32"),
        ((HEADS, f"A,Food,A,Steel,{' ' * 200}1x"), "utf-8", "holds '1x', not a number"),
    ],
)
def test_what_is_wrong_with_a_text_is_said(tmp_path, lines, encoding, says):
    with pytest.raises(BookError, match=says):
        read("long", text(tmp_path, *lines, *ROWS, encoding=encoding))


@pytest.mark.parametrize(
    ("lines", "at"),
    [
        (('C,parts,50,"a', "N,parts,60,b", "W,parts,70,c"), 2),
        (("C,parts,50,a", 'N,parts,60,"b', 'W,parts,70,c"', "E,parts,80,d"), 3),
        (("C,parts,50,a", 'N,parts,60,"b'), 3),
        (("C,parts,50,a", 'N,parts,60,"b', *["words"] * (MOST_LINES + 1), '"'), 3),
    ],
)
def test_a_quote_that_swallows_rows_is_refused_where_it_begins(tmp_path, lines, at):
    with pytest.raises(BookError, match=f"line {at}: a quote begins a cell that takes in the lines below"):
        sheets(text(tmp_path, "region,sector,staff,note", *lines))


def test_remarks_of_several_lines_and_quotes_within_are_cells(tmp_path):
    lines = ('C,parts,50,"two, or three', 'lines of ""words"""', 'N,parts,60,"b"', 'W,5" pipes,70,c')
    (sheet,) = sheets(text(tmp_path, "region,sector,staff,note", *lines))
    assert [row[3] for row in sheet.rows[1:]] == ['two, or three\nlines of "words"', "b", "c"]
    assert sheet.rows[3][1] == '5" pipes'


@pytest.mark.parametrize(
    ("values", "told"), [(("1.234", "500", "20"), True), (("1.234", "0.5", "20"), False)]
)
@pytest.mark.parametrize("mark", [",", "\t"])
def test_three_digits_behind_a_single_point_are_told(tmp_path, values, told, mark):
    rows = [row.rsplit(",", 1)[0] + f",{v}" for row, v in zip(ROWS, values, strict=True)]
    path = text(tmp_path, *(bars(line, mark) for line in (HEADS, *rows)))
    found = [f for f in read("long", path).findings if "the point parts decimals" in f.what]
    assert len(found) == told
    assert len([f for f in sheets(path)[0].findings if "the point parts decimals" in f.what]) == told
    assert only_thousands(values) == told


def test_a_title_where_the_heads_should_be_is_named_once(tmp_path):
    """Not once for each row, as if a comma had cut a number in each of them."""
    with pytest.raises(BookError) as refused:
        frame(text(tmp_path, "Table 1", "code,2019,2020", "a,1,2", "b,3,4"))
    assert "row 1: holds one cell, as a title does; the heads seem to stand in row 2" in str(refused.value)
    assert "more cells" not in str(refused.value)


def test_the_heads_stand_below_titles(tmp_path):
    def heads_at(*lines: str) -> int:
        return head_row(sheets(text(tmp_path, *lines))[0])

    assert heads_at("地区,行业,产值", "北京,汽车,1") == 0
    assert heads_at("各地区产值", ",,单位：亿元", "地区,行业,产值", "北京,汽车,1") == 2
    assert heads_at("各地区产值,,单位：亿元", "地区,行业,产值", "北京,汽车,1") == 1
    assert heads_at("单位：公里,A", "A,0", "B,5") == 0  # as many cells as below: the corner of a square
    assert heads_at("one") == 0
