"""China's national tables: layouts, imports parted, totals as published."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from ballast.economy.book import load, save
from ballast.economy.readers import read
from ballast.errors import BookError

from .conftest import DATA, needs_data, whole

# A competitive table of two sectors by hand; 10,000 CNY. Row of farming: 10 + 20 to sectors, 50 rural, 25
# urban,
# 5 stocks drawn down, 10 exports, 20 imports taken off, 2 error: 10 + 20 + 50 + 25 - 5 + 10 - 20 + 2 = 92
# output.
# Its home users take 10 + 20 + 50 + 25 = 105, so a share of 20 / 105 of each is imported (stocks take no
# part).
HEAD = [
    "Code",
    "Description",
    "DescriptionInChinese",
    "01",
    "02",
    "FU101",
    "FU102",
    "FU201",
    "FU202",
    "EX",
    "IM",
    "ERR",
    "GO",
]
ROWS = [
    ["01", "Agriculture", "农业", 10, 20, 50, 25, 0, -5, 10, 20, 2, 92],
    ["02", "Smelting of steel", "钢", 30, 40, 0, 38, 0, 0, 0, 0, 0, 108],
    [
        "TII",
        "Total intermediate input",
        "中间投入合计",
        40,
        60,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
    ],
    ["VA001", "Compensation", "劳动者报酬", 50, 40, None, None, None, None, None, None, None, None],
    ["VA002", "Taxes", "生产税净额", 2, 8, None, None, None, None, None, None, None, None],
    ["TVA", "Total value added", "增加值合计", 52, 48, None, None, None, None, None, None, None, None],
]


def write_csv(path: Path, rows: list[list[object]] | None = None, encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([HEAD, *(rows or ROWS)])
    return path


def test_a_competitive_table_by_hand(tmp_path):
    got = read("nbs", write_csv(tmp_path / "io_2012.csv"))
    e = got.economy
    assert (e.year, e.unit, e.n) == (2012, "10k CNY", 2)
    np.testing.assert_allclose(e.output, [92, 108])
    np.testing.assert_allclose(e.total_value_added, [52, 48])
    share = 20 / 105
    z = e.links().toarray()
    np.testing.assert_allclose(z[0], [10 * (1 - share), 20 * (1 - share)])
    np.testing.assert_allclose(z[1], [30, 40])
    imported = {
        (int(p), int(n)): v for p, n, v in zip(e.slot_product, e.slot_node, e.slot_imports, strict=True)
    }
    assert imported[0, 1] == pytest.approx(20 * share)
    assert e.final_imports.sum() == pytest.approx(75 * share)
    np.testing.assert_allclose(e.exports, [10, 0])
    kept = {e.categories[c][0]: v for c, v in zip(e.final_category, e.final_domestic, strict=True) if v}
    assert kept["inventories"] == -5
    assert kept["discrepancy"] == 2
    whole(e)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_encodings_give_the_same_table(tmp_path, encoding):
    plain = read("nbs", write_csv(tmp_path / "a_2012.csv")).economy
    other = read("nbs", write_csv(tmp_path / "b_2012.csv", encoding=encoding)).economy
    np.testing.assert_array_equal(plain.slot_domestic, other.slot_domestic)
    assert other.sectors[0].name.zh == "农业"


def test_an_office_sheet_with_titles_full_width_digits_and_text_numbers(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["2012年投入产出表"])
    sheet.merge_cells("A1:F1")
    sheet.append(["单位：万元"])
    sheet.append(HEAD)
    for row in ROWS:
        sheet.append(row)
    sheet["D4"] = "１０"  # full-width ten
    sheet["E4"] = " 20 "
    sheet["M5"] = "108.0"
    book.create_sheet("说明").append(["注"])
    book.save(tmp_path / "表2012.xlsx")
    e = read("nbs", tmp_path / "表2012.xlsx").economy
    np.testing.assert_allclose(e.links().toarray()[0], [10 * 85 / 105, 20 * 85 / 105])


def ods(rows: list[list[object]], path: Path) -> Path:
    """The least .ods that is one: a type, a manifest, and a table of cells."""
    number = '<table:table-cell office:value-type="float" office:value="{0}"/>'
    word = '<table:table-cell office:value-type="string"><text:p>{0}</text:p></table:table-cell>'
    lines = (
        "".join((number if isinstance(v, int) else word).format("" if v is None else v) for v in row)
        for row in rows
    )
    cells = "".join(f"<table:table-row>{line}</table:table-row>" for line in lines)
    names = " ".join(
        f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text")
    )
    table = f'<table:table table:name="表">{cells}</table:table>'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{space}"/>')
        archive.writestr(
            "content.xml", f"<office:document-content {names}>{body}</office:document-content>"
        )
    return path


def test_an_open_document_sheet(tmp_path):
    """Read by calamine, as .xls and .xlsb are."""
    plain = read("nbs", write_csv(tmp_path / "a_2012.csv")).economy
    other = read("nbs", ods([HEAD, *ROWS], tmp_path / "io_2012.ods")).economy
    np.testing.assert_array_equal(plain.slot_domestic, other.slot_domestic)


def test_every_mistake_is_named_with_its_cell(tmp_path):
    rows = [list(r) for r in ROWS]
    rows[0][3], rows[1][12] = "ten", "1O8"
    with pytest.raises(BookError) as error:
        read("nbs", write_csv(tmp_path / "io_2012.csv", rows))
    text = str(error.value)
    assert "row 2, column D: holds 'ten'" in text
    assert "row 3, column M: holds '1O8'" in text


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda rows: rows[:1] + rows[2:], "sector 02 has a column but no row"),
        (lambda rows: [*rows, rows[0]], "row 8, column A: 01 stands twice"),
        (lambda rows: [[*rows[0], 5], *rows[1:]], r"row 2: has more cells \(\d+\) than heads"),
        (lambda rows: rows[:3], "rows VA001 to VA004 are missing"),
    ],
)
def test_a_table_that_is_not_whole_is_refused(tmp_path, spoil, says):
    with pytest.raises(BookError, match=says):
        read("nbs", write_csv(tmp_path / "io_2012.csv", spoil([list(r) for r in ROWS])))


def test_the_year_is_asked_for(tmp_path):
    path = write_csv(tmp_path / "table.csv")
    with pytest.raises(BookError, match="--year"):
        read("nbs", path)
    assert read("nbs", path, year=2012).economy.year == 2012


# table: output and value added as the bureau's own column and row sum, in 100 M CNY
@needs_data
@pytest.mark.parametrize(
    "name",
    [
        "2002_122",
        "2005_42",
        "2007_135",
        "2010_41",
        "2012_139",
        "2015_42",
        "2017_149",
        "2017_42",
        "2018_153",
        "2018_42",
        "2020_153",
        "2020_42",
    ],
)
def test_every_national_table_keeps_its_published_totals(name):
    import pandas as pd

    got = read("nbs", DATA / "china_io_nbs" / f"china_{name}.csv.gz")
    e = got.economy
    checks = (
        pd.read_csv(DATA / "china_io_nbs" / "balance_checks.csv").set_index("table").loc[f"china_{name}"]
    )
    assert e.output.sum() / 1e8 == pytest.approx(checks.GO_tn, rel=1e-9)
    assert e.total_value_added.sum() / 1e8 == pytest.approx(checks.VA_tn, rel=1e-8)
    # re-exported imports leave both sides; what came out of stocks joins imports: both in the history
    moved = sum(o.moved or 0 for o in e.history if "abroad" in o.text.en or "stocks" in o.text.en)
    imports = (e.slot_imports.sum() + e.final_imports.sum()) / 1e8
    assert imports == pytest.approx(checks.IM_tn, abs=moved * checks.GO_tn * 1.01 + 1e-6)
    assert not [f for f in got.findings if f.level == "error"]
    whole(e)


@needs_data
def test_a_book_comes_back_bit_for_bit(tmp_path):
    e = read("nbs", DATA / "china_io_nbs" / "china_2017_42.csv.gz").economy
    again = load(save(e, tmp_path / "b"))
    assert again.history == e.history
    assert again.sectors == e.sectors
    np.testing.assert_array_equal(again.slot_domestic, e.slot_domestic)


@needs_data
@pytest.mark.parametrize(
    ("name", "electricity"), [("2005_42", "23"), ("2015_42", "25"), ("2017_42", "24"), ("2020_42", "24")]
)
def test_lists_of_42_sectors_differ_by_year_and_are_read_by_name(name, electricity):
    e = read("nbs", DATA / "china_io_nbs" / f"china_{name}.csv.gz").economy
    assert [s.code for s in e.sectors if s.like == "24"] == [electricity]
    assert all(s.like for s in e.sectors)
    assert len({s.like for s in e.sectors}) >= 39  # nearly one class a sector, whichever list
